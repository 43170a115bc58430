//! The new database comes in.
//!
//! Owns what happens while the bundle is read: before its first byte everything is looked at, shown and
//! agreed to; then its files are written under temporary names, with the owner of the old ones, and
//! synced; at the end, when the bundle was read to its end and verified, that is written down.
//! Invariant: the old database is not touched; whatever goes wrong here leaves the folder as it was, or,
//! where even that fails, with temporary files and a journal that says so.

use std::io::{self, Write};

use super::checks::{self, Circumstances, Findings, There};
use super::journal::{self, Intent, Journal, Place, Placed, Received, Step};
use super::refusal::{IN_USE, Refusal};
use super::{Restore, history, part};
use crate::bundle::{ContentFile, Manifest, Payload};
use crate::durable::{Folder, OpenFile};
use crate::error::{Error, Kind, Result};
use crate::hssys;
use crate::model::{Digest, Signer};

/// What will be done, for a person to agree to.
#[derive(Debug)]
pub struct Proposal<'a> {
    /// The manifest of the database.
    pub manifest: &'a Manifest,
    /// The folder.
    pub folder: &'a str,
    /// The files of the old database, in order.
    pub old: &'a [Placed],
    /// The files of the new database, in order, with their sizes.
    pub new: Vec<(&'a str, u64)>,
    /// Why it is refused, but for what was overruled.
    pub refusals: &'a [Refusal],
    /// What was overruled.
    pub overruled: &'a [Refusal],
    /// What could not be looked at, or should be known.
    pub notes: &'a [String],
}

/// On what terms a database may come in.
pub struct Terms<'a> {
    /// Tells the sealed bundle from every other one.
    pub header_sha256: Digest,
    /// What the copy is held against.
    pub circumstances: &'a Circumstances<'a>,
    /// The flags that overrule refusals.
    pub accept: &'a [&'static str],
    /// Whether nothing is to be written.
    pub dry_run: bool,
    /// Whether whoever agrees dismounts the database then: until that it may be in use.
    pub dismounts: bool,
    /// Shows the proposal and asks; an error ends it.
    pub agree: &'a mut dyn FnMut(&Proposal<'_>) -> Result<()>,
    /// Is told how many bytes passed.
    pub passed: &'a mut dyn FnMut(u64),
}

/// A database that is coming in.
pub struct Receiving<'a> {
    restore: &'a mut Restore,
    terms: Terms<'a>,
    /// The file that is being written.
    open: Option<(String, OpenFile)>,
}

impl Restore {
    /// Whether an unfinished restore is of another bundle than the one with this header.
    ///
    /// # Errors
    /// It is.
    pub fn is_of(&self, header_sha256: Digest) -> Result<()> {
        match self.unfinished() {
            Some(journal) if journal.intent.header_sha256 != header_sha256 => {
                let message = format!(
                    "A restore of another bundle, sealed at {}, was begun in {} and has not ended.",
                    journal.intent.sealed_at, self.name
                );
                let hint = "End it with the same bundle or --resume, or go back with --revert.";
                Err(Error::new(Kind::Refused, message, hint))
            }
            _ => Ok(()),
        }
    }

    /// Takes everything away that came in; the folder is as it was.
    pub(super) fn abandon(&mut self) -> io::Result<()> {
        sweep(&self.folder)?;
        // The journal accounts for them, so it goes last.
        self.folder.sync()?;
        self.folder.remove(journal::NAME)?;
        self.folder.sync()?;
        self.journal = None;
        Ok(())
    }
}

/// Removes the temporary files.
pub(super) fn sweep(folder: &Folder) -> io::Result<()> {
    for name in folder.names()? {
        if super::part_of(&name).is_some() || name == journal::DRAFT || name == LINK_PROBE {
            folder.remove(&name)?;
        }
    }
    Ok(())
}

/// A second name that is made for a moment, to see whether files can have one.
const LINK_PROBE: &str = ".hsmirror-link.part";

impl<'a> Receiving<'a> {
    /// Nothing has come in yet.
    pub fn new(restore: &'a mut Restore, terms: Terms<'a>) -> Self {
        Self { restore, terms, open: None }
    }

    fn look(&self, manifest: &Manifest, found: &mut Findings) -> Result<Option<There>> {
        let restore = &self.restore;
        let failed = |cause: io::Error| restore.system("look at the database", &cause);
        let size = manifest.content().filter_map(|entry| entry.size).sum();
        let there = checks::of_the_folder(&restore.folder, size, restore.journal.is_some(), found);
        let there = there.map_err(failed)?;
        let files = there.as_ref().map_or(0, |there| there.files.len());
        self.terms.circumstances.lies_whole(files, found);
        checks::of_the_state(&restore.state, found);
        checks::of_the_past(&restore.past()?, manifest, self.terms.header_sha256, found);
        Ok(there)
    }

    fn changed(&self) -> Error {
        let message = format!("The database in {} changed meanwhile.", self.restore.name);
        let hint = "Nothing was written. Run the command again when nothing uses HSSYS any more.";
        Error::new(Kind::Refused, message, hint)
    }

    fn prepare(&mut self, manifest: &Manifest, there: There) -> Result<()> {
        let header = self.terms.header_sha256;
        let restore = &mut *self.restore;
        if let Some(state) = restore.state(true)? {
            history::probe(&state).map_err(|cause| restore.no_state("written to", &cause))?;
        }
        let There { files, owner } = there;
        let now = self.terms.circumstances.now;
        let number = restore.past()?.last().map_or(1, |last| last.intent.number + 1);
        let state = restore.state.display().to_string();
        let place = Place { folder: restore.name.clone(), state };
        let intent = Intent::new(manifest, header, place, (number, now), files, owner);
        let begun = Journal::begin(&restore.folder, intent);
        let begun = begun.map_err(|cause| restore.system("begin a journal", &cause));
        let mut journal = begun.inspect_err(|_| {
            // What was made of it so far means nothing.
            let _ = restore.folder.remove(journal::NAME);
        })?;
        let began = journal.begins(&restore.folder, Step::Receive);
        restore.journal = Some(journal);
        began.map_err(|cause| restore.system("write to the journal", &cause))?;
        let name = part(&hssys::file(0));
        let made = restore.folder.create(&name);
        let made = made.map_err(|cause| restore.system("make a file", &cause))?;
        made.own(owner.uid, owner.gid).map_err(|cause| match cause.kind() {
            io::ErrorKind::PermissionDenied => checks::not_owner(owner).error(),
            _ => restore.system("give a file its owner", &cause),
        })?;
        // The old file itself, for it may have a flag against it.
        let linked = restore.folder.link(&hssys::file(0), LINK_PROBE);
        linked.and_then(|()| restore.folder.remove(LINK_PROBE)).map_err(|cause| {
            let message = format!(
                "{} in {} cannot have a second name, which keeping it needs: {}.",
                hssys::file(0),
                restore.name,
                crate::durable::why(&cause)
            );
            let hint = "The database there is as it was. Its file system must know hard links, and the file must \
                        not be immutable (`lsattr` tells, `chattr -i` cures).";
            Error::new(Kind::Refused, message, hint)
        })?;
        self.open = Some((hssys::file(0), made));
        Ok(())
    }

    /// Ends the file that is open.
    fn close(&mut self) -> Result<()> {
        let Some((name, mut file)) = self.open.take() else { return Ok(()) };
        let Some(journal) = &self.restore.journal else { return Ok(()) };
        let done = file.permit(journal.intent.owner.mode).and_then(|()| file.sync());
        done.map_err(|cause| self.restore.system(&format!("write {name}"), &cause))
    }

    /// Writes down that everything came in; the bundle was read to its end and verified.
    ///
    /// # Errors
    /// What the system says; the folder is as it was then.
    pub fn complete(mut self, files: &[ContentFile], signer: &Signer) -> Result<()> {
        if self.terms.dry_run {
            return Ok(());
        }
        let done = self.close().and_then(|()| self.written_down(files, signer));
        done.map_err(|error| self.gives_up(error))
    }

    fn written_down(&mut self, files: &[ContentFile], signer: &Signer) -> Result<()> {
        let restore = &mut *self.restore;
        let mut received = Vec::new();
        let looked = files.iter().try_for_each(|file| {
            let entry = restore.folder.look(&part(&file.name))?;
            let entry = entry.filter(|entry| entry.is_file && entry.size == file.size);
            let entry =
                entry.ok_or_else(|| io::Error::other("a file that came in is not there"))?;
            received.push(Received { file: Placed::of(&file.name, &entry), sha256: file.sha256 });
            Ok(())
        });
        let Restore { folder, journal: Some(journal), .. } = restore else { return Ok(()) };
        let synced = looked.and_then(|()| folder.sync());
        let done = synced.and_then(|()| journal.received(folder, received, signer.clone()));
        done.map_err(|cause| restore.system("write to the journal", &cause))
    }

    /// Leaves the folder as it was, after something went wrong.
    pub fn gives_up(&mut self, error: Error) -> Error {
        self.open = None;
        if self.terms.dry_run || self.restore.journal.is_none() {
            return error;
        }
        match self.restore.abandon() {
            Ok(()) => error,
            Err(_) => {
                let hint = format!(
                    "{} Temporary files are left in {}; the database there is as it was.",
                    error.hint, self.restore.name
                );
                Error { hint, ..error }
            }
        }
    }
}

impl Payload for Receiving<'_> {
    fn begin(&mut self, manifest: &Manifest) -> Result<()> {
        let path = self.restore.folder.path().to_owned();
        let mut found = self.terms.circumstances.of_the_copy(manifest);
        found.refusals.extend(self.terms.circumstances.of_the_path(&path).refusals);
        let there = self.look(manifest, &mut found)?;
        if self.terms.dismounts {
            found.refusals.retain(|refusal| refusal.rule != &IN_USE);
        }
        let (overruled, refusals): (Vec<Refusal>, Vec<Refusal>) =
            found.refusals.into_iter().partition(|refusal| {
                refusal.rule.overrule.is_some_and(|flag| self.terms.accept.contains(&flag))
            });
        let new = manifest.content();
        let new = new.map(|entry| (entry.name.as_str(), entry.size.unwrap_or_default())).collect();
        let proposal = Proposal {
            manifest,
            folder: &self.restore.name,
            old: there.as_ref().map(|there| there.files.as_slice()).unwrap_or_default(),
            new,
            refusals: &refusals,
            overruled: &overruled,
            notes: &found.notes,
        };
        (self.terms.agree)(&proposal)?;
        // Whoever agrees to a refusal is not heard.
        if let Some(refusal) = refusals.first() {
            return Err(refusal.error());
        }
        let Some(there) = there.filter(|_| !self.terms.dry_run) else { return Ok(()) };
        // What an earlier run left of itself means nothing: everything comes in anew, for the database may
        // have been in use meanwhile.
        let folder = &self.restore.folder;
        let swept = match self.restore.journal {
            Some(_) => self.restore.abandon(),
            None => match folder.look(journal::DRAFT) {
                Ok(None) => Ok(()),
                left => left.and_then(|_| folder.remove(journal::DRAFT)),
            },
        };
        swept.map_err(|cause| self.restore.system("remove a temporary file", &cause))?;
        // Agreeing takes a while.
        let mut found = Findings::default();
        let again = self.look(manifest, &mut found)?;
        if let Some(refusal) = found.refusals.first() {
            return Err(refusal.error());
        }
        // Dismounting writes to it.
        let there = match again {
            Some(again) if self.terms.dismounts => again,
            again => {
                let same = again.is_some_and(|again| again.files == there.files);
                if same { there } else { return Err(self.changed()) }
            }
        };
        self.prepare(manifest, there)
    }

    fn file(&mut self, number: usize, size: u64) -> Result<()> {
        if self.terms.dry_run {
            return Ok(());
        }
        let name = hssys::file(number);
        // The first file was made to see what can be done.
        if number > 0 {
            self.close()?;
            let file = self.restore.folder.create(&part(&name));
            let owned = file.and_then(|file| {
                let Some(journal) = &self.restore.journal else { return Ok(file) };
                file.own(journal.intent.owner.uid, journal.intent.owner.gid).map(|()| file)
            });
            let owned = owned.map_err(|cause| self.restore.system("make a file", &cause))?;
            self.open = Some((name.clone(), owned));
        }
        let Some((_, file)) = &self.open else { return Ok(()) };
        file.reserve(size).map_err(|cause| {
            self.restore.system(&format!("reserve {size} bytes for {name}"), &cause)
        })
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        (self.terms.passed)(bytes.len() as u64);
        let Some((name, file)) = &mut self.open else { return Ok(()) };
        let written = file.write_all(bytes);
        written.map_err(|cause| self.restore.system(&format!("write {name}"), &cause))
    }
}
