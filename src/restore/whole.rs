//! Whether a database is all there, by the number of its files.
//!
//! Owns the two counts before a restore: the files of the copy against the volumes that the primary's
//! instance names, and the files in the folder against those that the member's does (H6.3, H6.5). The files
//! themselves tell only a hole in the middle; a last volume that is missing, or lies in another folder, shows
//! here.
//! Invariant: a number that no instance states is checked by nobody and taken for none.

use super::checks::{Circumstances, Findings};
use super::refusal::{COPY_NOT_WHOLE, NOT_WHOLE, Refusal};
use crate::bundle::Manifest;
use crate::hssys;
use crate::model::Configuration;

/// How many files the database of a side has, its first one counted, as its instance says.
fn files_of(side: &Configuration) -> Option<u64> {
    side.databases.named(hssys::NAME)?.volumes?.checked_add(1)
}

/// So many files.
fn counted(files: u64) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

impl Circumstances<'_> {
    /// The copy has as many files as the primary's database.
    pub(super) fn copied_whole(&self, manifest: &Manifest, found: &mut Findings) {
        let copied = manifest.content().filter(|entry| hssys::number(&entry.name).is_some());
        let copied = u64::try_from(copied.count()).unwrap_or(u64::MAX);
        if let Some(all) = files_of(self.primary).filter(|all| *all != copied) {
            let what = format!(
                "The copy has {}, and HSSYS of the primary {}, as its instance says.",
                counted(copied),
                counted(all)
            );
            found.refuse(Refusal::new(&COPY_NOT_WHOLE, what));
        }
    }

    /// The folder has as many files as the member's database; without any, that is told already.
    pub(super) fn lies_whole(&self, files: usize, found: &mut Findings) {
        let there = u64::try_from(files).unwrap_or(u64::MAX);
        if let Some(all) = files_of(self.member).filter(|all| there > 0 && *all != there) {
            let what = format!(
                "The folder has {} of a database, and HSSYS of the member {}, as its instance says.",
                counted(there),
                counted(all)
            );
            found.refuse(Refusal::new(&NOT_WHOLE, what));
        }
    }
}
