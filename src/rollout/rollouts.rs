//! The rollouts of an instance.
//!
//! Owns [`Rollouts`]: the folders of all rollouts of one instance in the state folder, the lock that keeps
//! two runs apart, and the answers which one has not ended and which one could be taken back.
//! Invariant: a folder without a journal was never a rollout; while one has not ended none begins.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::journal::{self, Decision, End, Journal};
use super::{Commands, Rollout};
use crate::durable::{Folder, Watch, make_folder, why};
use crate::error::{Error, Kind, Result, quoted};
use crate::model::Digest;
use crate::restore::STATE_FOLDER;

/// The rollouts of an instance, in the state folder.
#[derive(Debug)]
pub struct Rollouts {
    state: PathBuf,
    pub(super) instance: String,
    more: String,
    watch: Option<Watch>,
    /// The folder whose lock is held, where it is.
    lock: Option<Folder>,
    /// Whether another run holds the lock.
    pub(super) at_work: bool,
}

/// How often, and after how many milliseconds, the lock is tried: somebody may just be looking.
const TRIES: (u32, u64) = (15, 100);

impl Rollouts {
    /// Those of an instance, locked against other runs. `more` are flags that a command has to have
    /// again, each with a blank before it.
    ///
    /// # Errors
    /// A state folder that cannot be used; another run that is at work.
    pub fn open(state: &Path, instance: &str, more: &str, watch: Option<Watch>) -> Result<Self> {
        let mut rollouts = Self::at(state, instance, more, watch);
        let place = rollouts.state.join(format!("lock-{}", rollouts.word()));
        let locked = make_folder(&place).and_then(|()| Folder::open(&place)).and_then(|folder| {
            let (tries, pause) = TRIES;
            for _ in 0..tries {
                if folder.lock()? {
                    return Ok(Some(folder));
                }
                thread::sleep(Duration::from_millis(pause));
            }
            Ok(None)
        });
        match locked.map_err(|cause| rollouts.unusable("used", &cause))? {
            Some(folder) => rollouts.lock = Some(folder),
            None => {
                let message = format!(
                    "Another run of hsmirror, or what it started, is at work on {instance}."
                );
                let status = rollouts.commands().command("--status");
                let hint = format!("Wait for its end; `{status}` tells where it is.");
                return Err(Error::new(Kind::Locked, message, hint));
            }
        }
        if let Some(rollout) = rollouts.unfinished()? {
            rollout.settle()?;
        }
        Ok(rollouts)
    }

    /// Another handle of the lock, where it is held: what keeps it keeps every other run out.
    ///
    /// # Errors
    /// What the system says.
    pub fn lock(&self) -> Result<Option<OwnedFd>> {
        let handle = self.lock.as_ref().map(Folder::handle).transpose();
        handle.map_err(|cause| self.unusable("used", &cause))
    }

    /// Those of an instance, to look at, even while another run is at work.
    ///
    /// # Errors
    /// A state folder that cannot be used.
    pub fn look(state: &Path, instance: &str, more: &str) -> Result<Self> {
        let mut rollouts = Self::at(state, instance, more, None);
        let place = rollouts.state.join(format!("lock-{}", rollouts.word()));
        if let Ok(folder) = Folder::open(&place) {
            rollouts.at_work = !folder.lock().unwrap_or(true);
            rollouts.lock = Some(folder);
        }
        Ok(rollouts)
    }

    fn at(state: &Path, instance: &str, more: &str, watch: Option<Watch>) -> Self {
        let state = std::path::absolute(state).unwrap_or_else(|_| state.to_owned());
        let mut more = more.to_owned();
        if state != Path::new(STATE_FOLDER) {
            more.push_str(&format!(" --state-dir {}", quoted(&state.display().to_string())));
        }
        let instance = instance.to_owned();
        Self { state, instance, more, watch, lock: None, at_work: false }
    }

    fn commands(&self) -> Commands {
        Commands { instance: self.instance.clone(), more: self.more.clone() }
    }

    /// The instance as part of a name: names of instances have no case.
    fn word(&self) -> String {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        if self.instance.chars().all(plain) && !self.instance.is_empty() {
            return self.instance.to_ascii_uppercase();
        }
        Digest::of(self.instance.to_uppercase()).to_string().chars().take(16).collect()
    }

    fn path(&self, number: u64) -> PathBuf {
        self.state.join(format!("rollout-{}-{number:04}", self.word()))
    }

    fn unusable(&self, what: &str, cause: &io::Error) -> Error {
        let state = self.state.display();
        let message = format!("The state folder {state} cannot be {what}: {}.", why(cause));
        let hint = match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "Nothing was changed on the instance; make room there, or give another folder after \
                 --state-dir."
            }
            _ => "Give a folder of this account that stays, after --state-dir.",
        };
        Error::new(Kind::Exists, message, hint)
    }

    /// All rollouts, in their order.
    fn all(&self) -> Result<Vec<Rollout>> {
        let entries = match std::fs::read_dir(&self.state) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|cause| self.unusable("read", &cause))?,
        };
        let prefix = format!("rollout-{}-", self.word());
        let mut numbers = Vec::new();
        for entry in entries {
            let name = entry.map_err(|cause| self.unusable("read", &cause))?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(&prefix)?.parse().ok());
            numbers.extend(number.filter(|number: &u64| self.path(*number).ends_with(&name)));
        }
        numbers.sort_unstable();
        let mut all = Vec::new();
        for number in numbers {
            all.extend(self.read(number)?);
        }
        Ok(all)
    }

    fn read(&self, number: u64) -> Result<Option<Rollout>> {
        let path = self.path(number);
        let read = || {
            let folder = Folder::open(&path)?.watched(self.watch.clone());
            Ok(Journal::read(&folder)?.map(|journal| (folder, journal)))
        };
        let read = read().map_err(|cause: io::Error| {
            let journal = path.join(journal::NAME).display().to_string();
            let message = format!("The journal {journal} cannot be read: {}.", why(&cause));
            let hint = "Use the version of hsmirror that began it, or look with more rights; what that \
                        folder holds can be run by hand.";
            Error::new(Kind::Unfinished, message, hint)
        })?;
        let commands = self.commands();
        Ok(read.map(|(folder, journal)| Rollout { folder, journal, commands }))
    }

    /// The rollout that was begun and has not ended.
    ///
    /// # Errors
    /// A state folder or a journal that cannot be read.
    pub fn unfinished(&self) -> Result<Option<Rollout>> {
        Ok(self.all()?.into_iter().rfind(|rollout| rollout.journal.ended.is_none()))
    }

    /// The rollout that was begun last, whatever became of it.
    ///
    /// # Errors
    /// As [`Rollouts::unfinished`].
    pub fn last(&self) -> Result<Option<Rollout>> {
        Ok(self.all()?.pop())
    }

    /// The rollout that has not ended, which must be there.
    ///
    /// # Errors
    /// There is none.
    pub fn to_resume(&self) -> Result<Rollout> {
        self.unfinished()?.ok_or_else(|| {
            let message = format!("No rollout on the instance {} was interrupted.", self.instance);
            let hint = format!("`{}` tells what was done.", self.commands().command("--status"));
            Error::new(Kind::Refused, message, hint)
        })
    }

    /// The rollout that would be taken back: the one that has not ended, else the last that was done.
    ///
    /// # Errors
    /// There is none.
    pub fn to_revert(&self) -> Result<Rollout> {
        let mut all = self.all()?;
        let at = all.iter().rposition(|one| one.journal.ended.is_none());
        let at = at.or_else(|| all.iter().rposition(|one| one.journal.ended == Some(End::Done)));
        at.map(|at| all.swap_remove(at)).ok_or_else(|| {
            let message =
                format!("Nothing was rolled out on {} that could be reverted.", self.instance);
            let hint = format!(
                "The state folder was {}; if another one was used, give it after --state-dir.",
                self.state.display()
            );
            Error::new(Kind::Refused, message, hint)
        })
    }

    /// Refuses where a rollout has not ended.
    ///
    /// # Errors
    /// There is one.
    pub fn may_begin(&self) -> Result<()> {
        let Some(rollout) = self.unfinished()? else { return Ok(()) };
        let message = format!(
            "A rollout on the instance {} was begun {} and has not ended.",
            self.instance, rollout.journal.intent.begun
        );
        let commands = self.commands();
        let hint = format!(
            "End it with `{}`, or go back with --revert in its place; --status tells where it stands.",
            commands.command("--resume")
        );
        Err(Error::new(Kind::Unfinished, message, hint))
    }

    /// Begins a rollout: its folder with these files, and its journal, which makes it one. `files` is told
    /// the path of the folder.
    ///
    /// # Errors
    /// A rollout that has not ended; a folder or a disk that takes no more.
    pub fn begin(
        &self,
        decision: Decision,
        files: impl FnOnce(&Path) -> Vec<(String, Vec<u8>)>,
    ) -> Result<Rollout> {
        self.may_begin()?;
        let number = self.all()?.last().map_or(1, |last| last.journal.intent.number + 1);
        let path = self.path(number);
        let made = || {
            make_folder(&path)?;
            let folder = Folder::open(&path)?.watched(self.watch.clone());
            // What a run left that was killed just here was never a rollout.
            for name in folder.names()? {
                folder.remove(&name)?;
            }
            for (name, bytes) in files(&path) {
                folder.put(&name, &bytes)?;
            }
            let journal = Journal::begin(&folder, number, &self.instance, decision)?;
            Ok((folder, journal))
        };
        let made = made().map_err(|cause: io::Error| self.unusable("written to", &cause))?;
        let (folder, journal) = made;
        Ok(Rollout { folder, journal, commands: self.commands() })
    }
}
