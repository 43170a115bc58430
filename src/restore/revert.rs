//! The old database comes back.
//!
//! Owns the way back, from whatever point a restore was interrupted at, and from its end: the old files
//! get their names again, what came in goes, and that is written down. It can be interrupted and done
//! again like any step.
//! Invariant: until the old database bears its names again, every file of it keeps its second name; an
//! old file that is not what it was, or a database in use, is left alone.

use std::io;

use super::journal::{self, Journal, Placed, Step};
use super::place::{fact, is_foreign, is_kept, keep_again, not_in_use};
use super::{Restore, part, second_name};
use crate::durable::Folder;
use crate::error::{Error, Kind, Result};
use crate::hssys;

impl Restore {
    /// The restore that [`Restore::revert`] would undo: the one that was interrupted, else the last one
    /// that ended here.
    ///
    /// # Errors
    /// Nothing to undo; a state folder that cannot be read.
    pub fn revertible(&self) -> Result<Journal> {
        if let Some(journal) = &self.journal {
            return Ok(journal.clone());
        }
        let last = self.past()?.into_iter().rfind(|journal| !journal.is_reverting());
        last.ok_or_else(|| {
            let message = format!("Nothing was restored in {} that could be reverted.", self.name);
            let hint = format!(
                "The state folder was {}; if another one was used, give it after --state-dir.",
                self.state.display()
            );
            Error::new(Kind::Refused, message, hint)
        })
    }

    /// What [`Restore::revert`] would do for that restore.
    ///
    /// # Errors
    /// A database in use; an old file that is gone; what the system says.
    pub fn way_back(&self, journal: &Journal) -> Result<WayBack> {
        let nothing = match &self.journal {
            Some(_) => nothing_changed(&self.folder, journal),
            None => Ok(false),
        };
        if nothing.map_err(|cause| self.stopped(Step::Revert, &cause))? {
            return Ok(WayBack::Sweep);
        }
        let ready = not_in_use(&self.folder).and_then(|()| all_there(&self.folder, journal));
        ready.map(|()| WayBack::PutBack).map_err(|cause| {
            let message = format!("The old database in {} cannot be put back: {cause}.", self.name);
            let kind = if self.journal.is_some() { Kind::Unfinished } else { Kind::Refused };
            let hint = format!(
                "Nothing was changed. HSSYS must be dismounted, and out of the mirror on this member if it \
                 was activated; a file that was moved away comes back with `mv`, for a copy is another one. \
                 `{}` tells what the folder holds.",
                self.command("--status")
            );
            Error::new(kind, message, hint)
        })
    }

    /// Puts the old database back.
    ///
    /// # Errors
    /// Nothing to undo; a database in use; an old file that is gone or changed; whatever stops it.
    pub fn revert(&mut self) -> Result<WayBack> {
        let mut journal = self.revertible()?;
        if self.way_back(&journal)? == WayBack::Sweep {
            // Whatever the database is now, this restore did nothing to it.
            let swept = self.abandon().map(|()| WayBack::Sweep);
            return swept.map_err(|cause| self.stopped(Step::Revert, &cause));
        }
        if !journal.is_reverting() {
            // The journal of a restore that ended comes to lie beside the database again.
            let ended = self.journal.is_none();
            journal.begins_way_back(&self.folder).map_err(|cause| {
                if ended {
                    let _ = self.folder.remove(journal::NAME);
                    let _ = self.folder.sync();
                    return self.system("write to the journal", &cause);
                }
                self.stopped(Step::Revert, &cause)
            })?;
        }
        let back = back(&self.folder, &journal);
        let done = back.and_then(|()| journal.done(&self.folder, Step::Revert));
        self.journal = Some(journal);
        done.map_err(|cause| self.stopped(Step::Revert, &cause))?;
        self.end().map(|()| WayBack::PutBack)
    }
}

/// What going back comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayBack {
    /// No name changed yet: only temporary files go.
    Sweep,
    /// The old database gets its names again.
    PutBack,
}

/// Whether an old file bears its name; if so, whatever happened to it since happened to the old database.
fn bears_its_name(folder: &Folder, old: &Placed) -> io::Result<bool> {
    Ok(folder.look(&old.name)?.is_some_and(|there| old.is(&there)))
}

/// Whether nothing but temporary files came into being, so that the database is none of our business.
fn nothing_changed(folder: &Folder, journal: &Journal) -> io::Result<bool> {
    if journal.is_past(Step::Keep) || folder.look(&hssys::file(0))?.is_none() {
        return Ok(false);
    }
    for old in &journal.intent.old {
        if is_kept(folder, old)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Every old file must be there, under one of its names.
fn all_there(folder: &Folder, journal: &Journal) -> io::Result<()> {
    for old in &journal.intent.old {
        let second = second_name(&old.name);
        if !is_kept(folder, old)? && !bears_its_name(folder, old)? {
            return Err(fact(format!("{second} is gone, or is another file")));
        }
    }
    Ok(())
}

/// What is about to lose a name must be of one of the two databases.
fn only_ours(folder: &Folder, name: &str, journal: &Journal) -> io::Result<()> {
    match folder.look(name)? {
        Some(there) if is_foreign(&there, journal) => Err(fact(format!(
            "{name} is neither of the old nor of the new database; move it away first"
        ))),
        _ => Ok(()),
    }
}

/// The names change hands.
fn back(folder: &Folder, journal: &Journal) -> io::Result<()> {
    not_in_use(folder)?;
    let old = &journal.intent.old;
    let first = hssys::file(0);
    if journal.intent.has_volumes() {
        // The first file leaves first and comes last, so that it never stands beside foreign volumes.
        let mut foreign = Vec::new();
        for name in folder.names()?.into_iter().filter(|name| hssys::number(name).is_some()) {
            let known = old.iter().find(|file| file.name == name);
            if !known.map_or(Ok(false), |file| bears_its_name(folder, file))? {
                foreign.push(name);
            }
        }
        for name in &foreign {
            only_ours(folder, name, journal)?;
        }
        keep_again(folder, old)?;
        if !foreign.is_empty() {
            folder.remove(&first)?;
            folder.sync()?;
        }
        for name in &foreign {
            folder.remove(name)?;
        }
        folder.sync()?;
        for file in old.iter().rev() {
            if file.name == first {
                folder.sync()?;
            }
            if folder.look(&file.name)?.is_none() {
                folder.link(&second_name(&file.name), &file.name)?;
            }
        }
    } else if let [file] = old.as_slice()
        && !bears_its_name(folder, file)?
    {
        only_ours(folder, &file.name, journal)?;
        let temporary = part(&file.name);
        folder.remove(&temporary)?;
        folder.link(&second_name(&file.name), &temporary)?;
        folder.rename(&temporary, &file.name)?;
    }
    folder.sync()?;
    for file in old {
        folder.remove(&second_name(&file.name))?;
    }
    super::receive::sweep(folder)?;
    folder.sync()
}
