//! The restores that ended.
//!
//! Owns the state folder: one file a restore, its journal, under a name made of when it began and of its
//! export. From here a later run learns what was restored last in a folder, and what could be reverted.
//! Invariant: a journal gets there whole or not at all; one that cannot be read is told, since what it
//! says might forbid something.

use std::io;

use super::journal::{self, Journal};
use crate::durable::Folder;

/// The name of the file for a journal.
fn name_of(journal: &Journal) -> String {
    let begun: String =
        journal.intent.begun.to_string().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let export: String = journal.intent.export_id.chars().take(8).collect();
    format!("restore-{begun}-{export}.jsonl")
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

/// The restores of a folder that ended or were reverted, by when they began.
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
    all.sort_by_key(|journal| journal.intent.begun);
    Ok(all)
}
