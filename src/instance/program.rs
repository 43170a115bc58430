//! The product's command, and the instances that it lists.
//!
//! Owns [`Program`]: where the command is, with what surroundings and limits it is run, and the choice of
//! an instance by its name. Sessions and merges are run through it.
//! Invariant: no name that a user gives reaches a command line unless the product listed it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::child::{self, End, Ended, Run, Stop};
use super::kept::Kept;
use super::listed::Listed;
use super::{Instance, Limits, Surroundings, arguments, transcript, trusted};
use crate::error::{Error, Kind, Result, quoted};
use crate::model::visible;
use crate::source::qlist;

/// What the command is called.
const NAME: &str = if cfg!(windows) { "iris.exe" } else { "iris" };

/// A name that no child gets: with it a merge would take another file than the one named (H3.1).
const NEVER: &str = "ISC_CPF_MERGE_FILE";

/// The product's command: `iris` on Unix, `iris.exe` and `irisdb.exe` beside it on Windows (H7.1, H7.2).
#[derive(Clone, Debug)]
pub struct Program {
    /// Absolute.
    path: PathBuf,
    environment: Vec<(OsString, OsString)>,
    limits: Limits,
    pub(super) kept: Kept,
}

impl Program {
    /// Finds the program: where `given` says, or in the folders of the path.
    ///
    /// # Errors
    /// None is there, or it is not one that this account may run, or strangers may write to it.
    pub fn find(given: Option<&Path>, surroundings: &Surroundings, limits: Limits) -> Result<Self> {
        let in_path = || {
            let folders = surroundings.path.iter().filter(|folder| folder.is_absolute());
            folders.map(|folder| folder.join(NAME)).find(|file| file.is_file())
        };
        let found = given.map(Path::to_owned).or_else(in_path).ok_or_else(|| {
            let message = format!("The product's command `{NAME}` is in no folder of the path.");
            let hint = "Name it with --iris FILE; it is in the folder bin of the installation.";
            Error::new(Kind::Missing, message, hint)
        })?;
        let mut environment = surroundings.environment.clone();
        environment.retain(|(name, _)| !name.eq_ignore_ascii_case(NEVER));
        Ok(Self { path: trusted::program(&found)?, environment, limits, kept: Kept::default() })
    }

    /// Where it is, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How long its children may take.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// All instances of this host.
    ///
    /// # Errors
    /// The program cannot be run, takes too long, or prints what is no list.
    pub fn instances(&self) -> Result<Vec<Listed>> {
        let program = self.path.display();
        let within = self.limits.question;
        let arguments = arguments::list(&self.path);
        let environment = &self.environment;
        // It is no process of an instance.
        let stop = Stop::Kill;
        let run = Run {
            arguments: &arguments,
            environment,
            input: None,
            within,
            stop,
            kept: Kept::default(),
        };
        let ended = child::run(run)?;
        let status = finished(&ended, "The list of instances", within)?;
        // What has no separator is no line of the list (H7.1).
        let text = transcript::decoded(&ended.said);
        let list: String = text
            .lines()
            .filter(|line| line.contains('^'))
            .fold(String::new(), |list, line| list + line + "\n");
        let first = text.lines().map(str::trim).find(|line| !line.is_empty());
        let hint = format!(
            "Look what it prints: `{} qlist`; another command is named with --iris FILE.",
            quoted(&program.to_string())
        );
        if let Some(first) = first.filter(|_| list.is_empty()) {
            let first = transcript::safe(first);
            let message = format!("`{program} qlist` printed no list of instances but: {first}");
            return Err(Error::new(Kind::Malformed, message, hint));
        }
        if list.is_empty() && status != 0 {
            let message = format!("`{program} qlist` printed nothing and ended with {status}.");
            return Err(Error::new(Kind::Malformed, message, hint));
        }
        let lines = qlist::parse(&list).map_err(|cause| {
            let line = cause.line;
            let message = format!("`{program} qlist`, line {line}: {}.", cause.reason);
            Error::new(Kind::Malformed, message, hint)
        })?;
        Ok(lines.into_iter().map(Listed::from).collect())
    }

    /// The instance of that name, whatever its case, which must be running.
    ///
    /// # Errors
    /// As [`Program::instances`]; there is none of that name; it is down, hung or lets nobody sign on.
    pub fn instance(&self, name: &str) -> Result<Instance> {
        let mut listed = self.instances()?;
        let at = listed.iter().position(|one| one.name.eq_ignore_ascii_case(name));
        let Some(at) = at else {
            let names: Vec<&str> = listed.iter().map(|one| one.name.as_str()).collect();
            let message = format!("There is no instance {} on this host.", visible(name));
            let hint = match names.as_slice() {
                [] => format!("`{} qlist` lists none at all.", self.path.display()),
                names => format!("Give one of these: {}.", visible(&names.join(", "))),
            };
            return Err(Error::new(Kind::Missing, message, hint));
        };
        let listed = listed.swap_remove(at);
        listed.unfit().map_or(Ok(()), Err)?;
        Ok(Instance { program: self.clone(), listed, lets_in: Default::default() })
    }

    /// Runs a session or a merge with the surroundings of this program.
    pub(super) fn run(
        &self,
        arguments: &[OsString],
        input: Option<String>,
        within: Duration,
    ) -> Result<Ended> {
        let stop = Stop::Ask(self.limits.grace);
        let (environment, kept) = (&self.environment, self.kept.clone());
        child::run(Run { arguments, environment, input, within, stop, kept })
    }
}

/// The status of what ended by itself.
///
/// # Errors
/// It did not, which is told of `what`.
pub(super) fn finished(ended: &Ended, what: &str, within: Duration) -> Result<i32> {
    let (kind, how, hint) = match ended.end {
        End::Exited(status) => return Ok(status),
        End::Killed => (
            Kind::Down,
            "was ended by somebody else".to_owned(),
            "Look at messages.log of the instance, and run the command again.",
        ),
        End::TimeUp(lives) => (
            Kind::Down,
            format!("did not end within {} seconds, {}", within.as_secs_f32(), ending(lives)),
            "Look whether the instance hangs: `iris list`; --time-limit SECONDS gives long work more \
             time.",
        ),
        End::TooMuch(lives) => (
            Kind::Malformed,
            format!("printed more than {} MiB, {}", child::MOST >> 20, ending(lives)),
            "Look whether --iris FILE names the product's command, and at messages.log of the \
             instance.",
        ),
    };
    Err(Error::new(kind, format!("{what} {how}."), hint))
}

/// What came of ending a child, with its number where it lives on.
fn ending(lives: Option<u32>) -> String {
    lives.map_or_else(
        || "so it was ended".to_owned(),
        |number| {
            format!(
                "nor when it was told to; process {number} still runs: end it with `do \
                 $SYSTEM.Process.Terminate({number})` in another session or ^RESJOB, not with kill -9"
            )
        },
    )
}
