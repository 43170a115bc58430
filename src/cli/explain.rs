//! `hsmirror explain`: what a finding means.
//!
//! Owns the flags of the command and the answer to a name that no rule has. The words come from the
//! table of rules, laid out by `report`.
//! Invariant: it reads no file, so it works wherever the program does.

use std::process::ExitCode;

use super::complaint::Complaint;
use super::terminal::{self, Colour};
use crate::error::{Error, Kind, Result};
use crate::finding::rule;
use crate::report;

/// Explain one finding: what it looks at, what it means, what to do
///
/// A finding is named by its rule, as the first column of the table and `rule` in the JSON tell it.
/// Without a name it lists all rules.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which finding, such as role-missing
    rule: Option<String>,
}

impl Args {
    pub(super) fn run(self) -> ExitCode {
        match self.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => Complaint { json: false }.fail(&error),
        }
    }

    fn print(&self) -> Result<()> {
        let look = terminal::look(Colour::Never, false);
        let Some(id) = &self.rule else {
            return terminal::print(|to| report::rules(&look, to));
        };
        let rule = rule::named(id).or_else(|| rule::of_vendor(id)).ok_or_else(|| unknown(id))?;
        terminal::print(|to| report::explanation(rule, &look, to))
    }
}

/// A name that no rule has; what it may have meant is said.
fn unknown(id: &str) -> Error {
    let letters = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let wanted = letters(id);
    let meant = rule::all().into_iter().filter(|rule| {
        let name = letters(rule.id);
        !wanted.is_empty() && (name.contains(&wanted) || wanted.contains(&name))
    });
    let meant: Vec<&str> = meant.map(|rule| rule.id).take(4).collect();
    let hint = if meant.is_empty() {
        "`hsmirror explain` lists all of them.".to_owned()
    } else {
        format!("Perhaps {}; `hsmirror explain` lists all of them.", meant.join(" or "))
    };
    let message = format!("There is no finding '{}'.", report::visible(id));
    Error::new(Kind::Usage, message, hint)
}
