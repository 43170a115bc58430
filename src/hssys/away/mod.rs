//! HSSYS, away for the time of a copy.
//!
//! Owns the story of `export --copy-hssys` on the primary: what an earlier run left is put right, it is
//! looked at everything that stands against a copy (`look`), HSSYS is dismounted, its files are copied
//! (`files`) and it is mounted again (`back`); then the copy is made durable and gets its names (H6.5). `vigil` is
//! the watchdog that mounts it when this process cannot, `trace` what tells the next run.
//! Invariant: HSSYS is dismounted only while a watchdog watches and a trace is written; nothing is
//! compressed or made durable meanwhile; a copy counts only if it was whole before the limit, for not
//! earlier than that may the watchdog mount.

mod back;
mod files;
mod look;
mod trace;
mod vigil;

pub use look::Prospect;
pub use trace::{Desk, Trace};
pub use vigil::{Vigil, Word};

use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::durable::{Folder, why};
use crate::error::{Error, Kind, Result};
use crate::hssys;
use crate::instance::database::Database;
use crate::model::Moment;
use back::{bring_back, is_an_answer, not_primary};
use trace::{Left, copied, sweep};

/// How often, and after how many milliseconds, the lock is tried: somebody may just be looking.
const TRIES: (u32, u64) = (15, 100);
/// The clocks, which belong to the command line.
pub struct Clock<'a> {
    /// Time since some instant; it only grows.
    pub elapsed: &'a dyn Fn() -> Duration,
    /// What the clock on the wall says.
    pub now: &'a dyn Fn() -> Moment,
}

/// The watchdog, as the run sees it.
pub trait Watchdog {
    /// Tells it something.
    ///
    /// # Errors
    /// It is gone.
    fn tell(&mut self, word: Word) -> Result<()>;
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The folder for the copies; none is that of HSSYS.
    pub target: Option<&'a Path>,
    /// The state folder.
    pub state: &'a Path,
    /// How long HSSYS may be away.
    pub limit: Duration,
}

/// HSSYS of an instance, locked against other runs.
#[derive(Debug)]
pub struct Away<'i> {
    database: Database<'i>,
    folder: Folder,
    target: Folder,
    desk: Desk,
    limit: Duration,
}

/// A whole copy.
#[derive(Debug)]
pub struct Copied<'a> {
    away: &'a Away<'a>,
    trace: Trace,
    /// How long HSSYS was dismounted.
    pub away_for: Duration,
    /// When it was about to be dismounted: its state is not older.
    pub copied_at: Moment,
}

impl<'i> Away<'i> {
    /// Opens the folders of HSSYS and of its copies, and locks the first.
    ///
    /// # Errors
    /// A folder that is none or is reached through a link; another run that is at work.
    pub fn open(database: Database<'i>, terms: Terms<'_>) -> Result<Self> {
        let folder = look::folder(&database.directory)?;
        let target = match terms.target {
            None => folder.clone(),
            Some(target) => look::folder(target)?,
        };
        let desk = Desk::new(terms.state, &folder, &database.instance.listed.name);
        let away = Self { database, folder, target, desk, limit: terms.limit };
        let (tries, pause) = TRIES;
        for _ in 0..tries {
            if away.folder.lock().map_err(|cause| away.system("lock the folder", &cause))? {
                return Ok(away);
            }
            thread::sleep(Duration::from_millis(pause));
        }
        let since = match away.desk.read() {
            Ok(Some(trace)) => format!(" since {}", trace.begun),
            _ => String::new(),
        };
        let place = away.folder.path().display();
        let message =
            format!("Another run of hsmirror, or its watchdog, is at work on {place}{since}.");
        let hint = "Wait for its end: where a run died, its watchdog mounts HSSYS again.";
        Err(Error::new(Kind::Locked, message, hint))
    }

    /// The lock, for the watchdog: it holds until both have ended.
    ///
    /// # Errors
    /// A system that gives no more handles.
    pub fn lock(&self) -> Result<std::os::fd::OwnedFd> {
        self.folder.handle().map_err(|cause| self.system("hold the lock", &cause))
    }

    /// Where traces are left.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// What the instance is called.
    pub fn instance(&self) -> &str {
        &self.database.instance.listed.name
    }

    /// The folder of HSSYS, as the instance says it.
    pub fn directory(&self) -> &Path {
        &self.database.directory
    }

    /// Puts right what a run that died has left, and tells of it first: completes "Note: ...".
    ///
    /// # Errors
    /// A trace that cannot be read; HSSYS is dismounted and cannot be mounted.
    pub fn settle(&self, tell: &mut dyn FnMut(&str)) -> Result<()> {
        let failed = |cause: io::Error| self.system("remove what an earlier run left", &cause);
        let Some(trace) = self.desk.read()? else {
            if sweep(&self.target).map_err(failed)? > 0 {
                tell("temporary files of a copy that was interrupted were removed");
            }
            return Ok(());
        };
        let begun = trace.begun;
        if trace.back {
            tell(&format!("a run of {begun} ended before its copy of HSSYS was sealed"));
        } else {
            let died = format!("a run of {begun} died while it copied HSSYS");
            match self.database.state()?.mounted {
                Some(true) => tell(&match trace.mounted {
                    Some(at) => format!("{died}; its watchdog mounted HSSYS again at {at}"),
                    None => format!("{died}; HSSYS is mounted"),
                }),
                Some(false) => {
                    let why = trace
                        .gave_up
                        .as_ref()
                        .map(|(at, _)| format!(", its watchdog gave up at {at}"));
                    let why = why.unwrap_or_default();
                    tell(&format!("{died}{why}, and it is still dismounted: mounting it now"));
                    let state = bring_back(&self.database)?;
                    tell("HSSYS is mounted again");
                    if let Some(what) = not_primary(&state) {
                        tell(what);
                    }
                }
                None => {
                    let message = format!(
                        "A run of {begun} died while HSSYS was dismounted, and the instance does not say \
                         whether it is mounted."
                    );
                    let hint = "Look at System Operation > Databases, and mount HSSYS there.";
                    return Err(Error::new(Kind::Refused, message, hint));
                }
            }
        }
        if trace.tidy().map_err(failed)? > 0 {
            tell("what that run had copied was removed");
        }
        self.desk.clear().map_err(failed)
    }

    /// Looks at everything that stands against a copy; changes nothing.
    ///
    /// # Errors
    /// The first thing that does.
    pub fn look(&self) -> Result<Prospect> {
        Prospect::of(self)
    }

    /// Dismounts HSSYS, copies its files, mounts it again, and names the copies. `run` tells this run from
    /// every other; `passed` gets the bytes copied.
    ///
    /// # Errors
    /// Whatever stops it: HSSYS is mounted again where the error does not say otherwise, and no copy is
    /// left.
    pub fn copy(
        &self,
        run: String,
        watchdog: &mut dyn Watchdog,
        clock: &Clock<'_>,
        passed: &mut dyn FnMut(u64),
    ) -> Result<Copied<'_>> {
        let begun = (clock.now)();
        let path = |folder: &Path| folder.to_string_lossy().into_owned();
        let mut trace = Trace {
            run,
            begun,
            directory: path(self.folder.path()),
            target: path(self.target.path()),
            back: false,
            copies: Vec::new(),
            mounted: None,
            gave_up: None,
        };
        self.desk.put(&trace)?;
        // Counted from before the watchdog counts, so that its time is never over earlier than ours.
        let since = (clock.elapsed)();
        let passed_by = || (clock.elapsed)().saturating_sub(since);
        if let Err(error) = watchdog.tell(Word::Going) {
            let _ = self.desk.clear();
            return Err(error);
        }
        let gone = self.database.dismount().map(drop);
        let answered = gone.as_ref().err().is_none_or(is_an_answer);
        let done = gone.and_then(|()| self.dismounted(watchdog, &passed_by, passed));
        let back = self.mounted_again();
        let away_for = passed_by();
        // Where it is not, the watchdog goes on, and the trace tells the next run.
        let state = back?;
        if let Err(error) = &done
            && !answered
        {
            return Err(self.still_on_its_way(error));
        }
        let _ = watchdog.tell(Word::Mounted);
        let done = done.and_then(|copies| self.still_primary(&state).map(|()| copies));
        let named = done.and_then(|copies| self.name(copies, &mut trace));
        if let Err(error) = named {
            let failed = |cause: io::Error| self.system("remove what was copied", &cause);
            trace.tidy().map_err(failed)?;
            self.desk.clear().map_err(failed)?;
            return Err(error);
        }
        Ok(Copied { away: self, trace, away_for, copied_at: begun })
    }

    /// All that is done while HSSYS is away.
    fn dismounted(
        &self,
        watchdog: &mut dyn Watchdog,
        passed_by: &dyn Fn() -> Duration,
        passed: &mut dyn FnMut(u64),
    ) -> Result<Vec<files::Copying>> {
        watchdog.tell(Word::Dismounted)?;
        if self.folder.look(hssys::LOCK).map_err(|cause| self.system("look", &cause))?.is_some() {
            let message = format!(
                "HSSYS was dismounted, and {} is still in {}: its files may be in use.",
                hssys::LOCK,
                self.folder.path().display()
            );
            let hint = "Look at messages.log, and who has the database open, before you try again.";
            return Err(Error::new(Kind::Locked, message, hint));
        }
        let mut sources = files::sources(&self.folder)?;
        let late = || passed_by() >= self.limit;
        let mut go_on = |bytes| {
            passed(bytes);
            if late() { Err(io::Error::from(io::ErrorKind::TimedOut)) } else { Ok(()) }
        };
        let copies = files::copy(&mut sources, &self.target, &mut go_on);
        // Before the limit nobody of ours mounts it; somebody else may have.
        let unchanged = files::are_unchanged(&sources, &self.folder);
        if late() {
            return Err(self.too_slow());
        }
        let copies = copies.map_err(|cause| self.system("copy HSSYS", &cause))?;
        if !unchanged.map_err(|cause| self.system("look", &cause))? {
            let message = "Somebody used HSSYS while it was being copied, so the copy is none.";
            let hint = "Look at messages.log who mounted it, and run the command again.";
            return Err(Error::new(Kind::Locked, message, hint));
        }
        Ok(copies)
    }

    /// Makes the copies durable and gives them their names; the trace knows them before.
    fn name(&self, copies: Vec<files::Copying>, trace: &mut Trace) -> Result<()> {
        let left = files::settle(copies);
        let left: Vec<Left> = left.map_err(|cause| self.system("copy HSSYS", &cause))?;
        (trace.back, trace.copies) = (true, left);
        self.desk.put(trace)?;
        let named = files::name(&trace.copies, &self.target);
        named.map_err(|cause| self.system("name the copy of HSSYS", &cause))
    }

    fn too_slow(&self) -> Error {
        let limit = self.limit.as_secs();
        let message = format!(
            "HSSYS could not be copied within {limit} seconds, so it was mounted again and nothing was kept."
        );
        let hint =
            "Copy to a faster disk with --copy-dir, or give more time with --away-limit SECONDS.";
        Error::new(Kind::Refused, message, hint)
    }

    /// The error for an operation that failed.
    fn system(&self, act: &str, cause: &io::Error) -> Error {
        let kind = match cause.kind() {
            io::ErrorKind::PermissionDenied => Kind::Denied,
            _ => Kind::Output,
        };
        let place = self.target.path().display();
        let message = format!("Cannot {act} in {place}: {}.", why(cause));
        Error::new(
            kind,
            message,
            "Look at that disk, or copy to another one with --copy-dir FOLDER.",
        )
    }
}

impl Copied<'_> {
    /// The first file of the copy; its volumes lie beside it.
    pub fn path(&self) -> PathBuf {
        self.away.target.path().join(copied(&hssys::file(0)))
    }

    /// Leaves the copy where it is.
    ///
    /// # Errors
    /// What the system says.
    pub fn keep(self) -> Result<()> {
        let cleared = self.away.desk.clear();
        cleared.map_err(|cause| self.away.system("end the run", &cause))
    }

    /// Removes it, since it is sealed now.
    ///
    /// # Errors
    /// What the system says.
    pub fn discard(self) -> Result<()> {
        let removed = self.trace.tidy().and_then(|_| self.away.desk.clear());
        removed.map_err(|cause| self.away.system("remove the copy of HSSYS", &cause))
    }
}
