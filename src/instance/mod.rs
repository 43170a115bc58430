//! The local instance of the product, spoken to through the operating system's login.
//!
//! Owns [`Program`], the product's own command that lists instances and opens sessions, and [`Instance`],
//! one of them: it runs a script in a session or merges a file, and gives what came of it. No password
//! is known to it, no shell is used, and the environment is an allow-list. Each step has its file:
//! `program` and `trusted` find the command, `listed` reads its list, `arguments` says what is run, `child`
//! runs it, `session` and `transcript` frame a script and read what came back, `gathering` takes in a side.
//! Invariant: every child is waited for so long and no longer; when its time or what it may say is used up
//! it is told to end, and no session or merge is ever killed; and what a session says counts only after its
//! first line was answered, so that a login prompt is never taken for an answer.

mod arguments;
mod child;
pub mod database;
mod gathering;
mod kept;
mod listed;
mod program;
mod session;
mod streams;
mod transcript;
mod trusted;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

pub use gathering::Asking;
pub use listed::Listed;
pub use program::Program;

/// How long a child may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A question that is answered at once: a list of instances, the state of a database.
    pub question: Duration,
    /// Long work: gathering, a merge, a script of a plan.
    pub work: Duration,
    /// How long a session or a merge that was told to end is waited for.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            question: Duration::from_secs(30),
            work: Duration::from_secs(1800),
            grace: Duration::from_secs(30),
        }
    }
}

/// What the product's programs are told of the surroundings. `cli` fills it from an allow-list.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Names and values that a child gets; it gets no others.
    pub environment: Vec<(OsString, OsString)>,
    /// Folders in which the program is looked for.
    pub path: Vec<PathBuf>,
}

/// One running instance.
#[derive(Clone, Debug)]
pub struct Instance {
    program: Program,
    /// As `iris qlist` lists it.
    pub listed: Listed,
    /// Whether a session was seen to begin without a password; clones share it.
    lets_in: Arc<AtomicBool>,
}

impl Instance {
    /// From now on what is run on the instance keeps this lock until it has ended, even where this
    /// program has not lived so long.
    #[cfg(unix)]
    pub fn keep(&self, lock: std::os::fd::OwnedFd) {
        self.program.kept.keep(lock);
    }
}

/// What a session or a merge came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The exit status; it is not to be trusted alone (H3.1, H7.2).
    pub status: i32,
    /// What was printed by the script, a line each, without banner, prompts and blank lines; made safe
    /// to show.
    pub lines: Vec<String>,
    /// Those of the lines that are errors of the product which the script did not catch, such as
    /// `<PROTECT>` or `<CLASS DOES NOT EXIST>`; the session goes on after them (H7.2).
    pub errors: Vec<String>,
    /// Whether the session came to the end of the script; false where the script ended the process
    /// itself, as `$SYSTEM.Process.Terminate(,n)` does, or something else did. A merge has no such end.
    pub came_to_end: bool,
}
