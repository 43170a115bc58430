//! `hsmirror schema`: the published schemas.
//!
//! Owns the flags of the command and the choice among the schemas that [`crate::published`] makes from
//! the types; the text goes to standard output.
//! Invariant: what is printed is byte for byte what `schema/` holds.

use std::process::ExitCode;

use clap::builder::{PossibleValue, PossibleValuesParser};

use super::complaint::Complaint;
use super::terminal;
use crate::error::{Error, Kind, Result};
use crate::published::{PUBLISHED, Published};

/// Print a published JSON Schema
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which schema
    #[arg(value_parser = names())]
    name: String,
}

fn names() -> PossibleValuesParser {
    let value = |schema: &Published| PossibleValue::new(schema.name).help(schema.about);
    PossibleValuesParser::new(PUBLISHED.iter().map(value))
}

impl Args {
    pub(super) fn run(self) -> ExitCode {
        match self.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => Complaint { json: false }.fail(&error),
        }
    }

    fn print(&self) -> Result<()> {
        let schema = PUBLISHED.iter().find(|schema| schema.name == self.name).ok_or_else(|| {
            let message = format!("There is no schema '{}'.", self.name);
            Error::new(Kind::Usage, message, "`hsmirror schema --help` lists them.")
        })?;
        let text = schema.text();
        terminal::print(|to| to.write_all(text.as_bytes()))
    }
}
