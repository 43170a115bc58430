//! The rollout of a plan, and of HSSYS, on an instance.
//!
//! Owns [`Rollout`]: a folder of its own in the state folder, with the plan, the files of its hand-off and
//! a journal (`journal`); `rollouts` finds and begins those of an instance. `forth` runs the groups
//! of a plan and looks at the instance after each, `back` undoes them, `database` does the same with the
//! HSSYS database, `waiting` waits until that follows, `standing` tells where a rollout stands; `ground` is the instance as they see it,
//! `act` the list of what is done.
//! Invariant: nothing is done before the line that announces it is on the disk; an act counts as done
//! only once the instance itself was seen to be as wanted; a rollout that has not ended keeps every other
//! one of its instance from beginning.

mod act;
mod back;
mod database;
mod forth;
mod ground;
mod journal;
mod proof;
mod rollouts;
mod standing;
mod waiting;

pub use act::Act;
pub use back::WayBack;
pub use database::Wait;
pub use ground::{Ground, Held, OnInstance};
pub use journal::{Database, Decision, End, Found, Intent, Journal, Missed, Work};
pub use rollouts::Rollouts;
pub use standing::Standing;

use std::io;
use std::path::Path;

use crate::durable::{Folder, why};
use crate::error::{Error, Kind, Result, quoted};
use crate::model::Digest;
use crate::plan::Plan;

/// A rollout.
#[derive(Debug)]
pub struct Rollout {
    folder: Folder,
    journal: Journal,
    commands: Commands,
}

/// How the command is typed again.
#[derive(Clone, Debug)]
struct Commands {
    instance: String,
    more: String,
}

impl Commands {
    fn command(&self, flag: &str) -> String {
        format!("hsmirror apply {flag} --instance {}{}", quoted(&self.instance), self.more)
    }

    /// What to do about a rollout that has not ended.
    fn hint(&self) -> String {
        format!(
            "`{}` tells where it stands; --resume in its place goes on, --revert goes back.",
            self.command("--status")
        )
    }
}

impl Rollout {
    /// Its journal.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The command that tells, ends or undoes it.
    pub fn command(&self, flag: &str) -> String {
        self.commands.command(flag)
    }

    /// What to do about it while it has not ended.
    pub fn hint(&self) -> String {
        self.commands.hint()
    }

    /// The plan that it rolls out; none where it rolls out the database.
    ///
    /// # Errors
    /// A plan that is gone, or is not the one that was begun.
    pub fn plan(&self) -> Result<Option<Plan>> {
        let Work::Plan(digest) = &self.journal.intent.work else { return Ok(None) };
        let name = crate::handoff::PLAN;
        let path = self.folder.path().join(name);
        let bytes = self.folder.read(name, PLAN_LIMIT);
        let bytes = bytes.map_err(|cause| Error::unreadable(&path, &cause))?;
        if Digest::of(&bytes) != *digest {
            let message = format!("{} is not the plan that was begun.", path.display());
            let hint = "Nothing was done with it; put the file back as it was.";
            return Err(Error::new(Kind::Refused, message, hint));
        }
        crate::plan::read(&path, bytes.as_slice(), PLAN_LIMIT).map(Some)
    }

    /// Makes durable what a run that was killed had written, before anything is built on it.
    fn settle(&self) -> Result<()> {
        let settled = self.folder.append(journal::NAME).and_then(|mut file| file.sync());
        let settled = settled.and_then(|()| self.folder.sync());
        settled.map_err(|cause| self.unwritten(&cause))
    }

    /// The error for a journal that could not be written.
    fn unwritten(&self, cause: &io::Error) -> Error {
        let path = self.folder.path().display();
        let message = format!("The journal in {path} could not be written: {}.", why(cause));
        let hint = format!("Make room on that disk, then: {}", self.hint());
        Error::new(Kind::Unfinished, message, hint)
    }

    fn write(&mut self, line: impl FnOnce(&mut Journal, &Folder) -> io::Result<()>) -> Result<()> {
        let written = line(&mut self.journal, &self.folder);
        written.map_err(|cause| self.unwritten(&cause))
    }

    /// Writes down that an act begins.
    ///
    /// # Errors
    /// A journal that cannot be written.
    pub fn begins(&mut self, act: Act) -> Result<()> {
        self.write(|journal, folder| journal.begins(folder, act))
    }

    /// Writes down that an act is done.
    ///
    /// # Errors
    /// A journal that cannot be written.
    pub fn done(&mut self, act: Act) -> Result<()> {
        self.write(|journal, folder| journal.done(folder, act))
    }

    /// Writes down that it ended.
    ///
    /// # Errors
    /// A journal that cannot be written.
    pub fn ended(&mut self, end: End) -> Result<()> {
        self.write(|journal, folder| journal.ended(folder, end))
    }

    fn found(&mut self, found: Found) -> Result<()> {
        self.write(|journal, folder| journal.found(folder, found))
    }

    /// Writes down why it stopped, as far as it can, and gives the error for that.
    pub fn stops(&mut self, act: Act, error: Error) -> Error {
        let _ = self.journal.stopped(&self.folder, &error.message);
        let message = format!("The rollout stopped while {}: {}", act.doing(), error.message);
        let known = error.hint.is_empty() || error.hint.contains(&self.command("--status"));
        let hint =
            if known { self.hint() } else { format!("{} Then: {}", error.hint, self.hint()) };
        Error::new(Kind::Unfinished, message, hint)
    }

    /// Writes down that it changed nothing and ended, as far as it can, and gives the error.
    fn gives_up(&mut self, error: Error) -> Error {
        match self.journal.ended(&self.folder, End::Nothing) {
            Ok(()) => error,
            Err(cause) => self.unwritten(&cause),
        }
    }
}

/// Bytes that a plan may have.
const PLAN_LIMIT: u64 = 1 << 30;
