//! The restores that ended.
//!
//! Owns the state folder: one file a restore, its journal, under a name made of its number, when it began
//! and its export. From here a later run learns what was restored last in a folder, and what could be reverted.
//! Invariant: a journal gets there whole or not at all; one that cannot be read is told, since what it
//! says might forbid something.

use std::io;

use super::journal::{self, Intent, Journal};
use crate::durable::Folder;
use crate::model::Digest;

/// The name of the file for a journal: its number, when it began, its export and its folder.
fn name_of(journal: &Journal) -> String {
    let Intent { number, begun, export_id, folder, .. } = &journal.intent;
    let begun: String = begun.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
    let export: String = export_id.chars().take(8).collect();
    let folder = Digest::of(folder).to_string();
    let folder: String = folder.chars().take(8).collect();
    format!("restore-{number:04}-{begun}-{export}-{folder}.jsonl")
}

/// Keeps a journal.
pub(super) fn keep(state: &Folder, journal: &Journal) -> io::Result<()> {
    state.put(&name_of(journal), journal.text())
}

/// Makes sure that journals can be kept.
pub(super) fn probe(state: &Folder) -> io::Result<()> {
    const PROBE: &str = ".hsmirror-probe.part";
    state.remove(PROBE)?;
    state.create(PROBE)?;
    state.remove(PROBE)
}

/// The restores of a folder that ended or were reverted, in their order.
pub(super) fn all(state: &Folder, folder: &str) -> io::Result<Vec<Journal>> {
    let mut all = Vec::new();
    for name in state.names()? {
        if !name.starts_with("restore-") || !name.ends_with(".jsonl") {
            continue;
        }
        let journal = Journal::read(state.read(&name, journal::LIMIT)?).ok_or_else(|| {
            let what = format!("{name} is no journal that this version knows");
            io::Error::new(io::ErrorKind::InvalidData, what)
        })?;
        if journal.intent.folder == folder {
            all.push(journal);
        }
    }
    all.sort_by_key(|journal| (journal.intent.number, journal.intent.begun));
    Ok(all)
}
