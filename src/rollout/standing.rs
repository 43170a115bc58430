//! Where a rollout stands.
//!
//! Owns the answer to `--status --instance`: what the journal says was begun, done and found, and which
//! command is next, in plain words. The instance is not asked: it may be down.
//! Invariant: it changes nothing.

use super::journal::{End, Work};
use super::{Act, Rollout, Rollouts};
use crate::error::Result;

/// Where a rollout stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Labels and texts, in order.
    pub rows: Vec<(String, String)>,
    /// Whether it was interrupted: something must be done.
    pub interrupted: bool,
}

impl Rollouts {
    /// Where the last rollout stands.
    ///
    /// # Errors
    /// A state folder or a journal that cannot be read.
    pub fn standing(&self) -> Result<Standing> {
        let mut rows = vec![("Instance".to_owned(), self.instance.clone())];
        let rollout = match self.unfinished()? {
            Some(rollout) => Some(rollout),
            None => self.last()?,
        };
        let Some(rollout) = rollout else {
            let words = match self.at_work {
                true => "a run is at work, and has changed nothing yet",
                false => "nothing was begun here, as far as the state folder tells",
            };
            rows.push(("Stands".to_owned(), words.to_owned()));
            return Ok(Standing { rows, interrupted: false });
        };
        let interrupted = rollout.journal.ended.is_none() && !self.at_work;
        rollout.rows(self.at_work, &mut rows);
        Ok(Standing { rows, interrupted })
    }
}

impl Rollout {
    fn rows(&self, at_work: bool, rows: &mut Vec<(String, String)>) {
        let journal = &self.journal;
        let mut row = |label: &str, text: String| rows.push((label.to_owned(), text));
        let intent = &journal.intent;
        let what = match &intent.work {
            Work::Plan(_) => "a plan".to_owned(),
            Work::Database(database) => format!("HSSYS in {}", database.directory),
        };
        row("Rollout", format!("of {what}, begun {}", intent.begun));
        row("Folder", self.path().display().to_string());
        row("Stands", self.words(at_work));
        for act in Act::ALL.iter().filter(|act| journal.has_begun(**act)) {
            let words = if journal.is_done(*act) { "done" } else { "begun, not known to be done" };
            row("Act", format!("{}: {words}", act.doing()));
        }
        if let Some(why) = &journal.stopped {
            row("Why", why.clone());
        }
        for missed in &journal.found.steps {
            row("Step", format!("{}: {}", missed.step, missed.words));
        }
        for (section, why) in &journal.found.not_gathered {
            row("Not gathered", format!("{section}: {why}"));
        }
        if journal.ended == Some(End::Done) {
            row("Back", self.command("--revert"));
        }
        if journal.ended.is_some() {
            return;
        }
        if at_work {
            row("Next", "wait for its end".to_owned());
        } else if journal.is_reverting() {
            row("Next", self.command("--revert"));
        } else {
            row("Next", self.command("--resume"));
            if matches!(intent.work, Work::Database(_)) && !journal.is_done(Act::Restore) {
                let again = "HSSYS may be dismounted until then; if the new database has not come in as a \
                             whole: the command that began it, with its bundle";
                row("Mind", again.to_owned());
            }
            row("Or back", self.command("--revert"));
        }
    }

    fn words(&self, at_work: bool) -> String {
        let doing = self.journal.begun.map_or("beginning", Act::doing);
        match self.journal.ended {
            Some(End::Done) => "done, but for what is left to do by hand".to_owned(),
            Some(End::Reverted) => "reverted".to_owned(),
            Some(End::Nothing) => "given up before anything was changed".to_owned(),
            None if at_work => format!("a run is at work, {doing}"),
            None => format!("interrupted while {doing}"),
        }
    }
}
