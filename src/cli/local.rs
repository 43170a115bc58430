//! The flags about the instance on this host.
//!
//! Owns [`Product`], how the product's command is found and how long it may take, and [`Local`], which adds
//! where plain text lies while an instance is asked; and the allow-list of the environment that the
//! product's programs get. Every command that speaks to an instance takes them in from here.
//! Invariant: of our environment a child gets the names of [`KNOWN`] and no other, and a path of folders of
//! the system alone.

use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::error::{Error, Kind, Result};
use crate::instance::{Asking, Instance, Limits, Program, Surroundings};
use crate::operand::Beyond;

/// Names that the product's programs may need: who and where we are, in which language and time zone, and
/// where the product keeps its list of instances (`IRISSYS`) and its data in a container.
const KNOWN: &[&str] = if cfg!(windows) {
    &[
        "SystemRoot",
        "SystemDrive",
        "windir",
        "TEMP",
        "TMP",
        "USERNAME",
        "USERDOMAIN",
        "USERPROFILE",
        "ProgramData",
        "ProgramFiles",
    ]
} else {
    &[
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "IRISSYS",
        "ISC_DATA_DIRECTORY",
    ]
};

/// What a child gets instead of our values: nothing that a profile put before the system's own programs, and
/// a terminal without escape sequences.
const FIXED: &[(&str, &str)] =
    if cfg!(windows) { &[] } else { &[("PATH", "/usr/bin:/bin"), ("TERM", "dumb")] };

/// The product's command.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Instance")]
pub(super) struct Product {
    /// The product's command `iris` (`iris.exe` on Windows), where the path does not lead to it
    #[arg(long, value_name = "FILE")]
    pub(super) iris: Option<PathBuf>,
    /// How long gathering, a merge or a script may take on the instance before it is ended; 1800 if not
    /// given
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=604_800))]
    pub(super) time_limit: Option<u64>,
}

/// The instance on this host, as an operand.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Instance")]
pub(super) struct Local {
    #[command(flatten)]
    pub(super) product: Product,
    /// Where an instance writes what it tells, in a private folder that goes afterwards; the system's
    /// folder for temporary files if not given
    #[arg(long, value_name = "FOLDER", help_heading = "Instance")]
    pub(super) gather_dir: Option<PathBuf>,
    /// Facts that a person attests about the instance, since it cannot be asked for them: a configuration
    /// document that holds nothing else
    #[arg(long, value_name = "FILE", help_heading = "Instance")]
    pub(super) attested: Option<PathBuf>,
}

impl Product {
    /// Finds it.
    pub(super) fn program(&self) -> Result<Program> {
        let usual = Limits::default();
        let work = self.time_limit.map_or(usual.work, Duration::from_secs);
        let limits = Limits { question: usual.question.min(work), work, ..usual };
        self.program_within(limits)
    }

    /// The same, with limits of its own.
    pub(super) fn program_within(&self, limits: Limits) -> Result<Program> {
        Program::find(self.iris.as_deref(), &surroundings(), limits)
    }
}

impl Local {
    /// What goes with asking an instance.
    fn asking(&self) -> Asking {
        let place = self.gather_dir.clone().unwrap_or_else(std::env::temp_dir);
        Asking { place, attested: self.attested.clone() }
    }
}

impl Beyond for Local {
    fn stream(&self) -> Box<dyn Read + Send> {
        Box::new(std::io::stdin())
    }

    fn instance(&self, name: &str) -> Result<(Instance, Asking)> {
        if name.is_empty() {
            let message = "No instance is named after `instance:`.";
            let hint = "`hsmirror instances` lists those of this host.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        Ok((self.product.program()?.instance(name)?, self.asking()))
    }
}

/// What the product's programs are told of our surroundings.
pub(super) fn surroundings() -> Surroundings {
    let known =
        KNOWN.iter().filter_map(|name| Some((OsString::from(name), std::env::var_os(name)?)));
    let fixed = FIXED.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let path = std::env::var_os("PATH").unwrap_or_default();
    Surroundings {
        environment: known.chain(fixed).collect(),
        path: std::env::split_paths(&path).collect(),
    }
}
