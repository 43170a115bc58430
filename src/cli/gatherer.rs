//! `hsmirror gatherer`: the script that gathers on an instance where no foreign program may run.
//!
//! Owns the flags of the command; the script is made by [`crate::gatherer`] and goes to standard output,
//! from where a person carries it to the instance.
//! Invariant: it speaks to no instance, so the script can be made on any machine and read before it runs.

use std::process::ExitCode;

use super::complaint::Complaint;
use super::terminal;
use crate::error::{Error, Kind, Result};
use crate::gatherer::{self, Wishes};

/// Print the script that gathers one side in a terminal session of its instance
///
/// On the instance's host: `iris session INSTANCE -U %SYS < gather.script`. The script changes nothing and
/// leaves nothing behind but one file, whose name it prints at the end; only the account that ran it can
/// read that file. Take the file as the side of a comparison or an export, alone or in a folder with the
/// output of `iris qlist INSTANCE`, and delete it afterwards.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Make the file's folder in this folder of the instance's host, which must exist, instead of the
    /// instance's manager folder
    #[arg(long, value_name = "FOLDER")]
    folder: Option<String>,
    /// Gather e-mail addresses and telephone numbers too
    #[arg(long)]
    personal_data: bool,
    /// Gather the values of all task settings too, which may be secrets
    #[arg(long)]
    task_settings: bool,
}

impl Args {
    pub(super) fn run(self) -> ExitCode {
        match self.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => Complaint { json: false }.fail(&error),
        }
    }

    fn print(self) -> Result<()> {
        // It is a folder of another machine, perhaps of another system: either way of being absolute.
        let absolute = |folder: &String| {
            let mut letters = folder.chars();
            let (first, second) = (letters.next(), letters.next());
            matches!(first, Some('/' | '\\'))
                || first.is_some_and(|letter| letter.is_ascii_alphabetic()) && second == Some(':')
        };
        if self.folder.as_ref().is_some_and(|folder| !absolute(folder)) {
            let message = "The folder after --folder is not a whole path.";
            let hint = "Give it from the root on, as the instance's host names it.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        let wishes = Wishes {
            personal_data: self.personal_data,
            task_settings: self.task_settings,
            file: None,
            folder: self.folder,
        };
        let script = gatherer::script(&wishes);
        terminal::print(|to| to.write_all(script.as_bytes()))
    }
}
