//! Where a restore stands.
//!
//! Owns the answer to `--status`: what the journal says was begun and done, and what the folder holds,
//! name by name, in plain words. Takes both as they are, even while a run is at work.
//! Invariant: it changes nothing; which database bears a name is told from the file itself, not from
//! what a step should have done.

use std::io;

use super::journal::{Journal, Placed, Step};
use super::{Restore, part, second_name};
use crate::error::Result;
use crate::hssys;

/// Where a restore stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Labels and texts, in order.
    pub rows: Vec<(String, String)>,
    /// Whether it was interrupted: something must be done.
    pub interrupted: bool,
    /// The restore that was done here last, where it stands.
    pub done: Option<Journal>,
}

impl Restore {
    /// Where the restore in this folder stands; nothing is changed.
    ///
    /// # Errors
    /// What the system says.
    pub fn standing(&self) -> Result<Standing> {
        let failed = |cause: io::Error| self.system("look at the database", &cause);
        let (last, fault) = match self.past() {
            Ok(mut past) => (past.pop(), None),
            Err(error) => (None, Some(error)),
        };
        let mut rows = vec![("Folder".to_owned(), self.name.clone())];
        let mut row = |label: &str, text: String| rows.push((label.to_owned(), text));
        let journal = self.journal.as_ref().or(last.as_ref());
        if let Some(Journal { intent, .. }) = journal {
            row("Restore", format!("begun {}, of export {}", intent.begun, intent.export_id));
            let primary = if intent.primary.is_empty() { "unnamed" } else { &intent.primary };
            row("Bundle", format!("of {primary}, sealed {}", intent.sealed_at));
        }
        let interrupted = (self.journal.is_some() || self.unreadable.is_some()) && !self.at_work;
        row("Stands", self.words(last.as_ref()));
        self.names(journal, &mut rows).map_err(failed)?;
        for (label, text) in self.next().map_err(failed)? {
            rows.push((label.to_owned(), text));
        }
        if let Some(error) = fault {
            rows.push(("State folder".to_owned(), format!("{} {}", error.message, error.hint)));
        }
        let stands = self.journal.is_none() && !interrupted;
        let done = last.filter(|last| stands && !last.is_reverting());
        Ok(Standing { rows, interrupted, done })
    }

    /// What to do next.
    fn next(&self) -> io::Result<Vec<(&'static str, String)>> {
        let Some(journal) = &self.journal else { return Ok(Vec::new()) };
        if self.at_work {
            return Ok(vec![("Next", "wait for its end".to_owned())]);
        }
        let mut next = Vec::new();
        if self.folder.look(hssys::LOCK)?.is_some() {
            let dismount = "dismount HSSYS: System Operation > Databases > HSSYS > Dismount";
            next.push(("First", dismount.to_owned()));
        }
        let on = match journal.is_past(Step::Receive) {
            true => self.command("--resume"),
            false => "the same command again, with the bundle".to_owned(),
        };
        next.push(("Next", on));
        if !journal.is_reverting() {
            next.push(("Or back", self.command("--revert")));
        }
        Ok(next)
    }

    fn words(&self, last: Option<&Journal>) -> String {
        if let Some(error) = &self.unreadable {
            return format!("{} {}", error.message, error.hint);
        }
        match (&self.journal, last) {
            (Some(journal), _) => {
                let step = journal.begun.unwrap_or(Step::Receive).doing();
                match self.at_work {
                    true => format!("a run is at work, {step}"),
                    false if journal.is_past(Step::Receive) => format!("interrupted while {step}"),
                    false => format!("interrupted while {step}; the old one is untouched"),
                }
            }
            (None, _) if self.at_work => "a run is at work, and has changed nothing yet".to_owned(),
            (None, Some(last)) if last.is_reverting() => "reverted".to_owned(),
            (None, Some(_)) => "done, but for what is left to do by hand".to_owned(),
            (None, None) => "nothing was begun here, as far as the state folder tells".to_owned(),
        }
    }

    /// What the folder holds, name by name.
    fn names(&self, journal: Option<&Journal>, rows: &mut Vec<(String, String)>) -> io::Result<()> {
        let mut files: Vec<String> = self.folder.names()?;
        let first = hssys::file(0);
        files.retain(|name| {
            let plain = name.strip_prefix(hssys::OLD).unwrap_or(name);
            hssys::number(plain).is_some() || super::part_of(name).is_some() || name == hssys::LOCK
        });
        if !files.contains(&first) {
            files.insert(0, first);
        }
        for name in files {
            let entry = self.folder.look(&name)?;
            let is =
                |file: &Placed, named: &str| named == name && entry.is_some_and(|e| file.is(&e));
            let text = match (entry, journal) {
                (None, _) => "not there".to_owned(),
                (Some(entry), _) if !entry.is_file => "no regular file".to_owned(),
                (Some(_), _) if name == hssys::LOCK => "a database here is in use".to_owned(),
                (Some(_), Some(journal)) => {
                    let old = || journal.intent.old.iter();
                    let new = || journal.received.iter().map(|received| &received.file);
                    if new().any(|file| is(file, &file.name)) {
                        "of the new database, verified".to_owned()
                    } else if old().any(|file| is(file, &file.name)) {
                        "of the old database".to_owned()
                    } else if old().any(|file| is(file, &second_name(&file.name))) {
                        "of the old database, kept".to_owned()
                    } else if new().any(|file| is(file, &part(&file.name))) {
                        "of the new database, verified, not in its place yet".to_owned()
                    } else if super::part_of(&name).is_some() {
                        "temporary, not verified".to_owned()
                    } else {
                        "neither of the old nor of the new database".to_owned()
                    }
                }
                (Some(entry), None) => format!("{} bytes", entry.size),
            };
            rows.push((name, text));
        }
        Ok(())
    }
}
