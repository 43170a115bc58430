//! The restore of HSSYS on a member: the new database replaces the old one.
//!
//! Owns the story from an opened folder to a database that bears the name, in steps that are written
//! down before and after (`journal`): it is looked at everything that stands against it (`checks`,
//! `refusal`), the new files come in beside the old ones (`receive`), then names change (`place`), and
//! the journal goes to the state folder (`history`). `revert` goes the way back, `standing` tells where
//! a run stands, `afterwards` what is left to do by hand. `docs/restore.md` argues each instant.
//! Invariant: at every instant the folder holds a complete old or new database: under its own names, or,
//! of a set of volumes, under its second names while the first ones change hands.

mod afterwards;
mod checks;
mod history;
mod in_mirror;
mod journal;
mod place;
mod receive;
mod refusal;
mod revert;
mod standing;
mod whole;

pub use afterwards::{afterwards, before_removing};
pub use checks::{Circumstances, Findings};
pub use journal::{Intent, Journal, Placed, Planned, Received, Step};
pub use receive::{Proposal, Receiving, Terms};
pub use refusal::{ACCEPT_OLD_COPY, ACCEPT_UNKNOWN_MIRRORING, RULES, Refusal, Rule};
pub use revert::WayBack;
pub use standing::Standing;

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::durable::{Folder, Watch, why};
use crate::error::{Error, Kind, Result, quoted};
use crate::hssys;

/// The state folder where none is named.
pub const STATE_FOLDER: &str = "/var/lib/hsmirror";

/// The temporary name of a file.
fn part(name: &str) -> String {
    format!(".hsmirror-{name}.part")
}

/// The file whose temporary name it is.
fn part_of(name: &str) -> Option<&str> {
    let file = name.strip_prefix(".hsmirror-")?.strip_suffix(".part")?;
    hssys::number(file).map(|_| file)
}

/// The second name of a file of the old database.
fn second_name(name: &str) -> String {
    format!("{}{name}", hssys::OLD)
}

/// A folder whose database is restored, locked against other runs.
#[derive(Debug)]
pub struct Restore {
    folder: Folder,
    /// The folder as text, as journals name it.
    name: String,
    /// The state folder: the one that the journal names, where there is one.
    state: PathBuf,
    /// The state folder that was given.
    given: PathBuf,
    watch: Option<Watch>,
    journal: Option<Journal>,
    /// Whether another run holds the lock.
    at_work: bool,
    /// Why the journal that is there cannot be read.
    unreadable: Option<Error>,
}

/// How often, and after how many milliseconds, the lock is tried: somebody may just be looking.
const TRIES: (u32, u64) = (15, 100);

impl Restore {
    /// Opens the folder of a database and locks it. `state` is the folder that keeps the journals of
    /// restores that ended; `watch` sees every operation on files.
    ///
    /// # Errors
    /// No folder, or one that is reached through a link; another run that is at work; a journal that
    /// cannot be read.
    pub fn open(folder: &Path, state: &Path, watch: Option<Watch>) -> Result<Self> {
        let mut restore = Self::at(folder, state, watch)?;
        let (tries, pause) = TRIES;
        for _ in 0..tries {
            let locked = restore.folder.lock();
            if locked.map_err(|cause| restore.system("lock the folder", &cause))? {
                // Only now nobody else writes to the journal.
                restore.read_journal()?;
                restore.settle()?;
                return Ok(restore);
            }
            thread::sleep(Duration::from_millis(pause));
        }
        let message = format!("Another run of hsmirror is at work on {}.", restore.name);
        let status = restore.command("--status");
        let hint = format!("Wait for its end; `{status}` tells where it is.");
        Err(Error::new(Kind::Locked, message, hint))
    }

    /// Opens the folder of a database to look at, even while another run is at work, and even if its
    /// journal cannot be read.
    ///
    /// # Errors
    /// No folder, or one that is reached through a link.
    pub fn look(folder: &Path, state: &Path, watch: Option<Watch>) -> Result<Self> {
        let mut restore = Self::at(folder, state, watch)?;
        // Held while it is looked, so that what is told fits together.
        restore.at_work = !restore.folder.lock().unwrap_or(true);
        restore.unreadable = restore.read_journal().err();
        Ok(restore)
    }

    fn at(given: &Path, state: &Path, watch: Option<Watch>) -> Result<Self> {
        let real = fs::canonicalize(given).map_err(|cause| Error::unreadable(given, &cause))?;
        let absolute = std::path::absolute(given).unwrap_or_else(|_| given.to_owned());
        // Part by part, for what `..` leads to depends on links before it.
        let mut so_far = PathBuf::new();
        for component in absolute.components() {
            so_far.push(component);
            let named = matches!(component, Component::Normal(_));
            if named && fs::symlink_metadata(&so_far).is_ok_and(|about| about.is_symlink()) {
                return Err(checks::a_link(given, &real).error());
            }
        }
        let Some(name) = real.to_str().map(str::to_owned) else {
            let message = format!("The path {} is no text.", real.display());
            return Err(Error::new(Kind::Usage, message, "Give a folder with a path in UTF-8."));
        };
        let folder = Folder::open(&real).map_err(|cause| match cause.kind() {
            io::ErrorKind::NotADirectory => {
                let message = format!("{name} is no folder.");
                Error::new(Kind::Usage, message, "Give the folder that holds IRIS.DAT of HSSYS.")
            }
            _ => Error::unreadable(&real, &cause),
        })?;
        let folder = folder.watched(watch.clone());
        let state = std::path::absolute(state).unwrap_or_else(|_| state.to_owned());
        let (journal, unreadable) = (None, None);
        let given = state.clone();
        Ok(Self { folder, name, state, given, watch, journal, at_work: false, unreadable })
    }

    fn read_journal(&mut self) -> Result<()> {
        let failed = |cause: &io::Error| self.system("look at the database", cause);
        if self.folder.look(journal::NAME).map_err(|cause| failed(&cause))?.is_none() {
            return Ok(());
        }
        let mut journal = Journal::of(&self.folder).map_err(|cause| {
            let message = format!(
                "The journal {}/{} cannot be read: {}.",
                self.name,
                journal::NAME,
                why(&cause)
            );
            let hint =
                "Use the version of hsmirror that began it; change nothing in that folder by hand.";
            Error::new(Kind::Unfinished, message, hint)
        })?;
        if journal.begun <= Some(Step::Keep) {
            for received in journal.received.clone() {
                let there = self.folder.look(&part(&received.file.name));
                if there.map_err(|cause| failed(&cause))?.is_none() {
                    // It was being taken away again when that stopped.
                    journal.nothing_came_in();
                }
            }
        }
        // Both halves of its story belong into one folder.
        self.state = PathBuf::from(&journal.intent.state);
        self.journal = Some(journal);
        Ok(())
    }

    /// Makes durable what a run that was killed had written, before anything is built on it.
    fn settle(&self) -> Result<()> {
        if self.journal.is_none() {
            return Ok(());
        }
        let settled = self.folder.append(journal::NAME).and_then(|mut file| file.sync());
        let settled = settled.and_then(|()| self.folder.sync());
        settled.map_err(|cause| self.stopped(Step::Receive, &cause))
    }

    /// The restore that was begun here and has not ended.
    pub fn unfinished(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// The folder as text.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The command that tells, ends or undoes a restore here.
    pub fn command(&self, flag: &str) -> String {
        let mut command = format!("hsmirror apply {flag} --hssys-dir {}", quoted(&self.name));
        if self.state != Path::new(STATE_FOLDER) {
            let state = self.state.display().to_string();
            command.push_str(&format!(" --state-dir {}", quoted(&state)));
        }
        command
    }

    /// The state folder; none where there is none yet and none is to be made.
    fn state(&self, make: bool) -> Result<Option<Folder>> {
        let failed = |cause: io::Error| self.no_state("used", &cause);
        if make {
            crate::durable::make_folder(&self.state).map_err(failed)?;
        }
        let real = match fs::canonicalize(&self.state) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound && !make => return Ok(None),
            real => real.map_err(failed)?,
        };
        let folder = Folder::open(&real).map_err(failed)?;
        Ok(Some(folder.watched(self.watch.clone())))
    }

    /// The error for a state folder that cannot be used, or written to.
    fn no_state(&self, what: &str, cause: &io::Error) -> Error {
        let state = self.state.display();
        let message = format!("The state folder {state} cannot be {what}: {}.", why(cause));
        let hint = "Give a folder of this account that stays, after --state-dir.";
        Error::new(Kind::Exists, message, hint)
    }

    /// The restores of this folder that ended or were reverted, in their order.
    fn past(&self) -> Result<Vec<Journal>> {
        let Some(state) = self.state(false)? else { return Ok(Vec::new()) };
        history::all(&state, &self.name).map_err(|cause| {
            let message = format!("Cannot read {}: {cause}.", self.state.display());
            let hint = "Move that file away if you know that it is none of ours.";
            Error::new(Kind::Refused, message, hint)
        })
    }

    /// The error for an operation that failed before anything was changed.
    fn system(&self, act: &str, cause: &io::Error) -> Error {
        let kind = match cause.kind() {
            io::ErrorKind::PermissionDenied => Kind::Denied,
            io::ErrorKind::ReadOnlyFilesystem => Kind::Exists,
            _ => Kind::Output,
        };
        let message = format!("Cannot {act} in {}: {}.", self.name, why(cause));
        let hint = "The database there is as it was; look at the disk, and run the command again.";
        Error::new(kind, message, hint)
    }

    /// The error for a step that failed after names had begun to change.
    fn stopped(&self, step: Step, cause: &io::Error) -> Error {
        let message =
            format!("The restore in {} stopped while {}: {}.", self.name, step.doing(), why(cause));
        let hint = format!(
            "Go on with `{}`, or back with --revert in its place; --status tells what the folder holds.",
            self.command("--resume")
        );
        Error::new(Kind::Unfinished, message, hint)
    }

    /// Writes down that a step begins, does it, and writes down that it is done.
    fn step(
        &mut self,
        step: Step,
        work: impl FnOnce(&Folder, &Journal) -> io::Result<()>,
    ) -> Result<()> {
        let Self { folder, journal: Some(journal), .. } = self else { return Ok(()) };
        if journal.is_past(step) {
            return Ok(());
        }
        let begun = journal.begins(folder, step).and_then(|()| work(folder, journal));
        let done = begun.and_then(|()| journal.done(folder, step));
        done.map_err(|cause| self.stopped(step, &cause))
    }
}
