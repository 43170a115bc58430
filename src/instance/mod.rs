//! The local instance of the product, spoken to through the operating system's login.
//!
//! Owns [`Program`], the product's own command that lists instances and opens sessions, and [`Instance`],
//! one of them: it runs a script in a session or merges a file, and gives what came of it. No password
//! is known to it, no shell is used, and the environment is an allow-list.
//! Invariant: every child ends: by itself, or because its time or what it may say is used up; and what a
//! session says counts only after its first line was answered, so that a login prompt is never taken for
//! an answer.

pub mod database;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Kind, Result};

/// How long a child may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A question that is answered at once: a list of instances, the state of a database.
    pub question: Duration,
    /// Long work: gathering, a merge, a script of a plan.
    pub work: Duration,
}

/// What the product's programs are told of the surroundings. `cli` fills it from an allow-list.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Names and values that a child gets; it gets no others.
    pub environment: Vec<(OsString, OsString)>,
    /// Folders in which the program is looked for.
    pub path: Vec<PathBuf>,
}

/// The product's command: `iris` on Unix, `iris.exe` and `irisdb.exe` beside it on Windows (H7.1, H7.2).
#[derive(Clone, Debug)]
pub struct Program {
    _path: PathBuf,
}

/// One line of `iris qlist` (H7.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Name of the instance, as printed.
    pub name: String,
    /// Folder in which it is installed.
    pub directory: PathBuf,
    /// Version with build.
    pub version: String,
    /// `running, since ...`, `down, last used ...` and others.
    pub state: String,
    /// The CPF with its folder.
    pub configuration_file: PathBuf,
    /// `ok`, `warn`, `alert`, `hung`; none where it is not printed.
    pub health: Option<String>,
    /// Product.
    pub product: Option<String>,
    /// Mirror member type; empty is no member.
    pub member_type: Option<String>,
    /// Mirror state.
    pub mirror_state: Option<String>,
}

/// One running instance.
#[derive(Clone, Debug)]
pub struct Instance {
    _program: Program,
    /// As `iris qlist` lists it.
    pub listed: Listed,
    _limits: Limits,
}

/// What a session or a merge came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The exit status; it is not to be trusted alone (H3.1, H7.2).
    pub status: i32,
    /// What was printed by the script, a line each, without banner, prompts and blank lines; made safe
    /// to show.
    pub lines: Vec<String>,
}

fn missing() -> Error {
    Error::new(Kind::Missing, "Not written yet.", "")
}

impl Program {
    /// Finds the program: where `given` says, or in the folders of the path.
    ///
    /// # Errors
    /// None is there, or it is not one that this account may run.
    pub fn find(given: Option<&Path>, surroundings: &Surroundings, limits: Limits) -> Result<Self> {
        let _ = (given, surroundings, limits);
        Err(missing())
    }

    /// All instances of this host.
    ///
    /// # Errors
    /// The program cannot be run, takes too long, or prints what is no list.
    pub fn instances(&self) -> Result<Vec<Listed>> {
        Err(missing())
    }

    /// The instance of that name, whatever its case, which must be running.
    ///
    /// # Errors
    /// As [`Program::instances`]; there is none of that name; it is down, hung or lets nobody sign on.
    pub fn instance(&self, name: &str) -> Result<Instance> {
        let _ = name;
        Err(missing())
    }
}

impl Instance {
    /// Runs a script in a session in `%SYS` (H7.2). Before the first one a session with one line looks
    /// whether the login needs no password.
    ///
    /// # Errors
    /// The session asks for a login, does not begin, hangs, says too much, or ends without an answer.
    /// What the script itself says, refusals and errors of the product too, is in what is given back.
    pub fn session(&self, script: &str) -> Result<Spoken> {
        let _ = script;
        Err(missing())
    }

    /// Merges a file into the instance's CPF, both by absolute path (H3.1).
    ///
    /// # Errors
    /// As [`Instance::session`]. That a merge says it failed is in what is given back.
    pub fn merge(&self, file: &Path) -> Result<Spoken> {
        let _ = file;
        Err(missing())
    }
}
