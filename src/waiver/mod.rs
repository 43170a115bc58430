//! Waivers: findings that are known and meant.
//!
//! Owns the file of waivers: its form (`document`, from which the published schema is made), its reading
//! (`reading`), the patterns in it (`pattern`), the question which waivers cover a finding (`index`), and
//! the draft of such a file (`draft`). The file is written by people, in TOML; what a waiver does to a
//! finding, and whether there is such a rule at all, is for those who know the rules.
//! Invariant: an entry that is not exactly as it must be waives nothing and is told; it takes no other
//! entry down with it. The clock is none of ours: the day is given.

mod document;
mod draft;
mod index;
mod pattern;
mod reading;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub use document::{Document, Entry, FORMAT_VERSION, Values};
pub use draft::{Draft, draft};
pub use pattern::Pattern;

use crate::error::{Error, Kind, Result};
use crate::model::{Day, Text};
use index::Index;

/// Bytes that a file of waivers may have.
pub const LIMIT: usize = 4 << 20;
/// Entries that a file of waivers may have, keys beside them counted.
pub const ENTRIES_LIMIT: usize = 100_000;

/// What to do about a file that is no file of waivers.
const HINT: &str =
    "Look whether it is the right file; `hsmirror schema waivers` tells what one holds.";

/// The waivers of a file.
#[derive(Clone, Debug, Default)]
pub struct Waivers {
    waivers: Vec<Waiver>,
    broken: Vec<Broken>,
    index: Index,
}

/// A finding, or several, that somebody knows and means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Line of the file on which the entry begins.
    pub line: usize,
    /// Which entry of the file it is, from 1.
    pub position: usize,
    /// Id of the rule, exactly.
    pub rule: String,
    /// Name of what the finding is about.
    pub name: Pattern,
    /// Namespace of what the finding is about; none stands for any.
    pub namespace: Option<Pattern>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is meant.
    pub reason: String,
    /// Last day on which it holds, in UTC.
    pub expires: Day,
    /// The values for which it holds; none stands for any.
    pub values: Option<Values>,
}

/// An entry that is not as it must be, and so waives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Line of the file: of the key that is wrong, or on which the entry begins.
    pub line: usize,
    /// Which entry of the file it is, from 1; 0 for something that is no entry.
    pub position: usize,
    /// What it names, as far as that is known; safe to print.
    pub about: String,
    /// What is wrong with it; safe to print: "lacks 'owner'", "owner is blank".
    pub why: String,
}

impl Waivers {
    /// Reads a file of waivers.
    ///
    /// # Errors
    /// A file that cannot be read, is too large or no text, and what [`Waivers::parse`] refuses.
    pub fn read(path: &Path) -> Result<Self> {
        let unreadable = |cause: std::io::Error| Error::unreadable(path, &cause);
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            let message = format!("{} is a folder, not a file of waivers.", path.display());
            return Err(Error::new(Kind::Missing, message, "Give the file itself."));
        }
        let mut bytes = Vec::new();
        file.take(LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        fits(path, &bytes)?;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Self::parse(path, text),
            Err(cause) => {
                let line = line_at(&bytes, cause.valid_up_to());
                let hint = "Save the file as UTF-8.";
                Err(Error::malformed(path, line, "this is not text in UTF-8", hint))
            }
        }
    }

    /// Reads the text of a file of waivers; `path` is what it is called in complaints.
    ///
    /// # Errors
    /// A text that is too large or no TOML, has more entries than any real one, or whose format is
    /// missing, malformed or of another major version.
    pub fn parse(path: &Path, text: &str) -> Result<Self> {
        fits(path, text.as_bytes())?;
        let reading::Found { waivers, broken } = reading::read(path, text)?;
        let index = Index::of(&waivers);
        Ok(Self { waivers, broken, index })
    }

    /// The waivers, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Waiver> {
        self.waivers.iter()
    }

    /// What waives nothing, since it is not as it must be, in the order of the file.
    pub fn broken(&self) -> &[Broken] {
        &self.broken
    }

    /// The waivers of a rule, in the order of the file.
    pub fn for_rule(&self, rule: &str) -> impl Iterator<Item = &Waiver> {
        self.at(self.index.of_rule(rule))
    }

    /// The waivers of a rule whose name a name fits: first those that name it exactly, then the patterns,
    /// each in the order of the file. Their namespaces are still to be looked at.
    pub fn candidates(&self, rule: &str, name: &str) -> Vec<&Waiver> {
        self.at(&self.index.candidates(&self.waivers, rule, name)).collect()
    }

    fn at(&self, places: &[usize]) -> impl Iterator<Item = &Waiver> {
        places.iter().filter_map(|place| self.waivers.get(*place))
    }
}

impl Waiver {
    /// Whether it is about that finding, on any day and whatever the values are.
    pub fn covers(&self, rule: &str, name: &str, namespace: Option<&str>) -> bool {
        self.rule == rule && self.name.matches(name) && self.takes_in(namespace)
    }

    /// Whether it is about findings in that namespace, or in none.
    pub fn takes_in(&self, namespace: Option<&str>) -> bool {
        self.namespace
            .as_ref()
            .is_none_or(|pattern| namespace.is_some_and(|namespace| pattern.matches(namespace)))
    }

    /// Whether it no longer holds; on its last day it does.
    pub fn has_expired(&self, today: &Day) -> bool {
        // Years of four digits, so the order of texts is that of days.
        Text::from(self.expires.clone()) < Text::from(today.clone())
    }
}

/// Refuses what is too large to be a file of waivers.
fn fits(path: &Path, bytes: &[u8]) -> Result<()> {
    if bytes.len() <= LIMIT {
        return Ok(());
    }
    let what = "from here on it is larger than a file of waivers may be, 4 MiB";
    Err(Error::malformed(path, line_at(bytes, LIMIT), what, HINT))
}

/// The line of a place in a file.
fn line_at(bytes: &[u8], place: usize) -> usize {
    let before = bytes.get(..place).unwrap_or(bytes);
    memchr::memchr_iter(b'\n', before).count() + 1
}
