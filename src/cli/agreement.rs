//! What a person agrees to before HSSYS is restored.
//!
//! Owns the showing of the proposal, of everything that stands against it, and the question. Where there
//! is nobody to ask and --yes was not given, the answer is no.
//! Invariant: what is shown is what was looked at, and it is shown before anything is written.

use std::io::{self, BufRead, IsTerminal, Write};

use super::complaint::Complaint;
use super::terminal;
use crate::error::{Error, Kind, Result};
use crate::report::visible;
use crate::restore::Proposal;

/// How agreement is come by.
#[derive(Clone, Copy)]
pub(super) struct Agreement {
    /// It was given beforehand.
    pub(super) yes: bool,
    /// None is needed, since nothing will be written.
    pub(super) dry_run: bool,
}

impl Agreement {
    /// Shows a proposal; an error where something stands against it or nobody agrees.
    pub(super) fn agree(self, proposal: &Proposal<'_>, complaint: &Complaint) -> Result<()> {
        terminal::print(|to| show(proposal, to))?;
        for note in proposal.notes {
            complaint.note(note);
        }
        for refusal in proposal.overruled {
            let flag = refusal.rule.overrule.unwrap_or_default();
            complaint.note(&format!(
                "{} {flag} overrules it",
                refusal.what.trim_end_matches('.').to_owned() + ";"
            ));
        }
        if let [first, .., _] = proposal.refusals {
            for refusal in proposal.refusals {
                let error = refusal.error();
                complaint.stop(&error.message, &error.hint);
            }
            let message = format!(
                "{} facts stand against the restore, and nothing was written.",
                proposal.refusals.len()
            );
            let hint = "Cure them as each one says, and run the command again.";
            return Err(Error::new(first.rule.kind, message, hint));
        }
        match proposal.refusals.first() {
            Some(refusal) => Err(refusal.error()),
            None => self.asked(),
        }
    }

    /// Asks whether it is to be done.
    pub(super) fn asked(self) -> Result<()> {
        if self.yes || self.dry_run {
            return Ok(());
        }
        let nobody = |what: &str| {
            let hint = "Run it again and type yes, or give --yes once you have read what it shows.";
            Error::new(Kind::Usage, format!("{what}, so nothing was done."), hint)
        };
        if !io::stdin().is_terminal() {
            return Err(nobody("There is no terminal to ask at"));
        }
        let _ = write!(io::stderr(), "Type yes to do it: ");
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        match read {
            Ok(_) if answer.trim() == "yes" => Ok(()),
            _ => Err(nobody("The answer was not yes")),
        }
    }
}

/// Files with their sizes, a line each.
pub(super) fn told<'a>(
    files: impl Iterator<Item = (&'a str, u64)>,
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut files = files;
    files.try_for_each(|(name, size)| writeln!(to, "  {:<14} {size:>16} bytes", visible(name)))
}

fn show(proposal: &Proposal<'_>, to: &mut dyn Write) -> io::Result<()> {
    let Proposal { manifest, folder, old, new, .. } = proposal;
    let refused = !proposal.refusals.is_empty();
    let will = if refused { "cannot be replaced now" } else { "will be replaced" };
    writeln!(to, "HSSYS in {} {will}. The new database:", visible(folder))?;
    told(new.iter().copied(), to)?;
    let who = manifest.member.as_ref().and_then(|who| who.name()).unwrap_or("an unnamed side");
    let copied = manifest.hssys.as_ref().and_then(|copy| copy.copied_at);
    let copied = copied.map_or("at an unknown time".to_owned(), |at| format!("at {at}"));
    writeln!(
        to,
        "  of {}, last written to {copied}, sealed at {}",
        visible(who),
        manifest.sealed_at
    )?;
    if refused {
        return Ok(());
    }
    writeln!(to, "The old database, which is kept under names that begin with OLD_:")?;
    told(old.iter().map(|file| (file.name.as_str(), file.size)), to)?;
    writeln!(
        to,
        "Steps: receive the new one beside the old one and verify it to its end; give the"
    )?;
    writeln!(to, "old files their second names; give the new ones their names; write it down.")
}
