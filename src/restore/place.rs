//! The new database gets its names.
//!
//! Owns the steps after everything came in: the old files get second names, of a set of volumes the old
//! ones leave, the new ones get their names, and the journal goes to the state folder. Each step can be
//! done again after a crash: it looks at what is there and does what is left.
//! Invariant: nothing loses its last name but what was copied; the names of a step are synced before the
//! next one begins; a database in use is never touched.

use std::io;

use super::journal::{self, Journal, Placed, Step};
use super::receive::sweep;
use super::{Restore, history, part, second_name};
use crate::bundle;
use crate::durable::{Entry, Folder};
use crate::error::{Error, Kind, Result};
use crate::hssys;

/// A fact that stands against a step.
pub(super) fn fact(what: impl Into<String>) -> io::Error {
    io::Error::other(what.into())
}

pub(super) fn not_in_use(folder: &Folder) -> io::Result<()> {
    match folder.look(hssys::LOCK)? {
        None => Ok(()),
        Some(_) => Err(fact(format!("HSSYS is in use, for {} is in the folder", hssys::LOCK))),
    }
}

impl Restore {
    /// Puts the new database into its place; everything came in before.
    ///
    /// # Errors
    /// Whatever stops it half-way ([`Kind::Unfinished`]).
    pub fn finish(&mut self) -> Result<()> {
        self.still_the_same()?;
        self.step(Step::Keep, keep)?;
        self.step(Step::Clear, clear)?;
        self.step(Step::Place, place)?;
        self.end()
    }

    /// An old database that was used while the new one came in, or before a run that was killed is gone
    /// on with, is not what was agreed to be replaced.
    fn still_the_same(&mut self) -> Result<()> {
        let Some(journal) = self.journal.as_ref().filter(|journal| !journal.is_past(Step::Place))
        else {
            return Ok(());
        };
        let changed = changed(&self.folder, &journal.intent.old);
        let Some((name, kept)) = changed.map_err(|cause| self.stopped(Step::Keep, &cause))? else {
            return Ok(());
        };
        let message =
            format!("{name} in {} was used or replaced since the restore began.", self.name);
        if kept {
            let hint = format!("Go back, and begin again: {}", self.command("--revert"));
            return Err(Error::new(Kind::Unfinished, message, hint));
        }
        self.abandon().map_err(|cause| self.stopped(Step::Keep, &cause))?;
        let hint = "It was left alone, and what had come in was removed. See that nothing uses HSSYS, and run \
                    the same command again.";
        Err(Error::new(Kind::Refused, message, hint))
    }

    /// Moves the journal to the state folder.
    pub(super) fn end(&mut self) -> Result<()> {
        let mut state = self.state(true);
        if state.is_err() && self.given != self.state {
            self.state = self.given.clone();
            state = self.state(true);
        }
        let state = state.map_err(|error| Error { kind: Kind::Unfinished, ..error })?;
        let Self { folder, journal: Some(journal), .. } = self else { return Ok(()) };
        let mut work = || {
            if !journal.is_reverting() && !journal.is_past(Step::Finish) {
                journal.done(folder, Step::Finish)?;
            }
            if let Some(state) = &state {
                history::keep(state, journal)?;
            }
            sweep(folder)?;
            folder.remove(journal::NAME)?;
            folder.sync()
        };
        work().map_err(|cause| self.stopped(Step::Finish, &cause))?;
        self.journal = None;
        Ok(())
    }

    /// The files of the old database that are kept, by their second names.
    ///
    /// # Errors
    /// What the system says.
    pub fn kept(&self, journal: &Journal) -> Result<Vec<String>> {
        let mut kept = Vec::new();
        for old in &journal.intent.old {
            match is_kept(&self.folder, old) {
                Ok(true) => kept.push(second_name(&old.name)),
                Ok(false) => {}
                Err(cause) => return Err(self.stopped(Step::Finish, &cause)),
            }
        }
        Ok(kept)
    }

    /// Ends a restore that was interrupted after everything had come in, or a way back; `passed` is
    /// told how many bytes were read again, since a disk may have lost what it said it kept.
    ///
    /// # Errors
    /// Nothing that could be ended; a bundle that has not come in as a whole; whatever stops it.
    pub fn resume(&mut self, passed: &mut dyn FnMut(u64)) -> Result<()> {
        let Some(journal) = &self.journal else {
            let message = format!("No restore was interrupted in {}.", self.name);
            let hint = format!("`{}` tells what was done there.", self.command("--status"));
            return Err(Error::new(Kind::Refused, message, hint));
        };
        if journal.is_reverting() {
            return self.revert().map(drop);
        }
        if !journal.is_past(Step::Receive) {
            let message = format!(
                "The restore in {} was interrupted before everything had come in.",
                self.name
            );
            let hint = "Run the same command again, with the bundle: apply PRIMARY MEMBER --hssys BUNDLE ...; \
                        or take away what is left of it with --revert.";
            return Err(Error::new(Kind::Unfinished, message, hint));
        }
        if !journal.is_past(Step::Place) {
            let verified = verify(&self.folder, journal, passed);
            verified.map_err(|cause| self.stopped(Step::Place, &cause))?;
        }
        self.finish()
    }
}

/// Reads again what came in.
fn verify(folder: &Folder, journal: &Journal, passed: &mut dyn FnMut(u64)) -> io::Result<()> {
    for received in &journal.received {
        let file = &received.file;
        let temporary = part(&file.name);
        let name = match folder.look(&temporary)? {
            Some(entry) if file.is(&entry) => temporary,
            _ => file.name.clone(),
        };
        if bundle::digest(&mut folder.open_to_read(&name)?, passed)? != received.sha256 {
            return Err(fact(format!("{name} is not what came in; go back with --revert")));
        }
    }
    Ok(())
}

/// The old files get their second names.
fn keep(folder: &Folder, journal: &Journal) -> io::Result<()> {
    not_in_use(folder)?;
    for old in &journal.intent.old {
        let there = folder.look(&old.name)?;
        if !there.is_some_and(|there| old.is_unchanged(&there)) && !is_kept(folder, old)? {
            let what = format!("{} is not what it was when the restore began", old.name);
            return Err(fact(what));
        }
    }
    keep_again(folder, &journal.intent.old)
}

/// Whether a file is neither of the old nor of the new database.
pub(super) fn is_foreign(entry: &Entry, journal: &Journal) -> bool {
    let old = journal.intent.old.iter().any(|old| old.is(entry));
    !old && !journal.received.iter().any(|received| received.file.is(entry))
}

/// The first old file that bears its name and is not what it was, and whether any has a second name
/// already. A name that another file has is none that the old one bears once there is a second one.
fn changed(folder: &Folder, old: &[Placed]) -> io::Result<Option<(String, bool)>> {
    let mut kept = false;
    for old in old {
        kept |= is_kept(folder, old)?;
    }
    for old in old {
        if let Some(there) = folder.look(&old.name)?
            && !old.is_unchanged(&there)
            && (old.is(&there) || !kept)
        {
            return Ok(Some((old.name.clone(), kept)));
        }
    }
    Ok(None)
}

pub(super) fn is_kept(folder: &Folder, old: &Placed) -> io::Result<bool> {
    Ok(folder.look(&second_name(&old.name))?.is_some_and(|kept| old.is(&kept)))
}

/// Whatever bears an old file's first name gets its second one, if it lacks it: nothing that is about to
/// lose its first name loses its last one, whoever took the second one away meanwhile.
pub(super) fn keep_again(folder: &Folder, old: &[Placed]) -> io::Result<()> {
    for old in old {
        let second = second_name(&old.name);
        match (folder.look(&second)?, folder.look(&old.name)?) {
            (Some(kept), _) if old.is(&kept) => {}
            (None, Some(there)) if old.is(&there) => folder.link(&old.name, &second)?,
            (Some(_), _) => return Err(fact(format!("{second} is there, and is something else"))),
            // It has no name any more, so none can be lost.
            (None, _) => {}
        }
    }
    folder.sync()
}

/// Of a set of volumes the old files leave, the first one first, so that it never stands beside volumes
/// that are not its own.
fn clear(folder: &Folder, journal: &Journal) -> io::Result<()> {
    if !journal.intent.has_volumes() {
        return Ok(());
    }
    not_in_use(folder)?;
    keep_again(folder, &journal.intent.old)?;
    for old in &journal.intent.old {
        if folder.look(&old.name)?.is_some_and(|there| old.is(&there)) {
            folder.remove(&old.name)?;
        }
        if old.name == hssys::file(0) {
            folder.sync()?;
        }
    }
    folder.sync()
}

/// The new files get their names, the first one last.
fn place(folder: &Folder, journal: &Journal) -> io::Result<()> {
    keep_again(folder, &journal.intent.old)?;
    for received in journal.received.iter().rev() {
        let file = &received.file;
        let first = file.name == hssys::file(0);
        if first {
            // The volumes are on the disk before anything says that they belong to it.
            if journal.intent.has_volumes() {
                folder.sync()?;
            }
            not_in_use(folder)?;
        }
        let temporary = part(&file.name);
        match (folder.look(&temporary)?, folder.look(&file.name)?) {
            (Some(there), target) if file.is_unchanged(&there) => {
                if target.is_some_and(|target| is_foreign(&target, journal)) {
                    return Err(fact(format!(
                        "{} is neither of the old nor of the new database; move it away first",
                        file.name
                    )));
                }
                folder.rename(&temporary, &file.name)?;
            }
            (None, Some(there)) if file.is(&there) => {}
            _ => return Err(fact(format!("{} that came in is not there any more", file.name))),
        }
    }
    folder.sync()
}
