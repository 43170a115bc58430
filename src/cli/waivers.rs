//! The flags about waivers.
//!
//! Owns `--waivers` and `--write-waivers`: reading the file, applying it as it holds today in UTC, and
//! writing a draft of one. `compare` and `apply` share them.
//! Invariant: the clock is read here and nowhere further in; a draft never replaces a file that exists.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::complaint::Complaint;
use super::keys;
use crate::durable::Draft;
use crate::error::{Error, Kind, Result};
use crate::finding::Judgement;
use crate::model::{DAY, Day, Moment, Text};
use crate::waiver::Waivers;

/// Days for which a drafted waiver holds, unless its owner sets another one.
const DRAFTED_DAYS: i64 = 90;

/// Findings that are known and meant.
#[derive(Debug, clap::Args)]
pub(super) struct Waiving {
    /// Waive what this file says is known and meant; never what blocks
    #[arg(long, value_name = "FILE")]
    pub(super) waivers: Option<PathBuf>,
}

impl Waiving {
    /// Reads the file, before any long work.
    pub(super) fn read(&self) -> Result<Option<Waivers>> {
        self.waivers.as_deref().map(Waivers::read).transpose()
    }
}

/// Applies waivers as they hold today.
pub(super) fn waive(judgement: &mut Judgement, waivers: Option<&Waivers>) {
    if let Some(waivers) = waivers {
        judgement.waive(waivers, &day(keys::now()));
    }
}

/// The file for a draft, begun before any long work; it is never one that exists.
pub(super) fn begin(path: Option<&Path>) -> Result<Option<Draft>> {
    let begin = |path: &Path| {
        Draft::begin(path, false).map_err(|error| match error.kind {
            Kind::Exists => {
                let hint =
                    "A draft never replaces a file: give the name of one that does not exist.";
                Error::new(error.kind, error.message, hint)
            }
            _ => error,
        })
    };
    path.map(begin).transpose()
}

/// Writes waivers to be filled in for what is found and not waived.
pub(super) fn write(
    judgement: &Judgement,
    mut draft: Draft,
    path: &Path,
    complaint: &Complaint,
) -> Result<()> {
    let last = keys::now().seconds().saturating_add(DRAFTED_DAYS * DAY);
    let expires = day(Moment::new(last).unwrap_or_else(keys::now));
    let text = judgement.drafted_waivers(&expires);
    draft.write_all(text.as_bytes()).map_err(|cause| draft.unwritten(&cause))?;
    draft.commit()?;
    let count = text.lines().filter(|line| *line == "[[waiver]]").count();
    let name = path.display();
    complaint.note(&format!(
        "{name} has {count} entries, none of what blocks: keep those that are meant, fill in owner and \
         reason, and compare with --waivers {name}."
    ));
    Ok(())
}

/// The day in UTC of a moment.
fn day(moment: Moment) -> Day {
    let text = moment.to_string();
    let date = text.split('T').next().unwrap_or_default();
    Day::try_from(Text::from(date)).unwrap_or_default()
}
