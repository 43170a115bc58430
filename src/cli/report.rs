//! `hsmirror report`: a saved comparison, or what one configuration holds.
//!
//! Owns the flags of the command and its story: find out what the input is, read it to its end, render
//! it. A comparison ends with the exit code that it had; an inventory with 0.
//! Invariant: nothing is compared or judged anew; what was recorded is shown.

use std::path::PathBuf;
use std::process::ExitCode;

use super::compare::As;
use super::complaint::Complaint;
use super::keys::{self, Keys, Signers};
use super::local::Local;
use super::terminal::{self, Colour};
use crate::error::Result;
use crate::operand::{Content, Ready};
use crate::report::{self, Inventory, View};
use crate::source::Options;

/// Show a saved comparison or plan, or list what one configuration holds
///
/// INPUT is a bundle that `hsmirror compare --save`, `hsmirror apply --save-plan` or `hsmirror export`
/// sealed, the result that `--format json` printed, the files of one side, or instance:NAME. A comparison ends with the
/// exit code that it had when it was made; a plan and a list end with 0.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Bundle, result or files of one side, or instance:NAME
    input: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t = As::Table)]
    format: As,
    /// The first line alone
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Every finding by itself, or every object, and long values whole
    #[arg(short, long)]
    verbose: bool,
    /// Whether to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    signers: Signers,
    #[command(flatten)]
    local: Local,
}

impl Args {
    pub(super) fn run(self) -> ExitCode {
        let complaint = Complaint { json: self.format == As::Json };
        match self.report(&complaint) {
            Ok(code) => ExitCode::from(code),
            Err(error) => complaint.fail(&error),
        }
    }

    fn report(&self, complaint: &Complaint) -> Result<u8> {
        let look = terminal::look(self.color, self.verbose);
        let view =
            View { format: self.format.into(), verbose: self.verbose, quiet: self.quiet, look };
        match self.read()? {
            Content::Comparison(recorded) => {
                recorded.notes.iter().for_each(|note| complaint.note(note));
                terminal::print(|to| report::render(&recorded.judgement, &view, to))?;
                Ok(recorded.judgement.verdict.exit_code())
            }
            Content::Side(side) => {
                side.notes.iter().for_each(|note| complaint.note(note));
                let provenance = side.provenance()?;
                let inventory = Inventory {
                    configuration: &side.configuration,
                    provenance: &provenance,
                    sealed_at: side.manifest.as_ref().map(|manifest| manifest.sealed_at),
                };
                terminal::print(|to| report::inventory(&inventory, &view, to))?;
                Ok(0)
            }
            Content::Plan(planned) => {
                planned.notes.iter().for_each(|note| complaint.note(note));
                terminal::print(|to| report::plan(&planned.plan, &view, to))?;
                Ok(0)
            }
            Content::Database(copied) => Err(crate::operand::unwanted(&copied.name)),
        }
    }

    fn read(&self) -> Result<Content> {
        // What was left out when it was made is not there; what is there is shown.
        let options = Options { personal_data: true, task_settings: true, now: Some(keys::now()) };
        let mut ask = self.keys.prompt()?;
        let trust = self.signers.trust()?;
        let identities = self.keys.identities(&mut ask)?;
        let ready = Ready::new(&self.input, &self.local, &identities, &mut ask)?;
        ready.read_any(&options, &trust)
    }
}
