//! The result as the vendor's lines.
//!
//! Owns the plain form: one line a finding, as the vendor's utility prints them (H1.4), one for all that
//! follows from it, one a coverage gap, and the verdict last. For logs, mail and scripts that know
//! those lines.
//! Invariant: one finding is one line, whatever its names hold; only what follows from another one is
//! folded, and that only unless every finding was asked for.

use std::io::{self, Write};

use super::fold::consequences;
use super::verdict::{gaps, sentence, signed};
use super::visible::visible;
use crate::finding::Judgement;

/// Writes a judgement as lines.
pub(super) fn write(judgement: &Judgement, verbose: bool, to: &mut dyn Write) -> io::Result<()> {
    let follow = consequences(&judgement.findings);
    for (finding, follow) in judgement.findings.iter().zip(follow) {
        if finding.cause.is_some() && !verbose {
            continue;
        }
        if let Some(waived) = &finding.waived {
            let (owner, reason) = (visible(&waived.owner), visible(&waived.reason));
            write!(to, "Waived by {owner} until {} ({reason}): ", waived.expires)?;
        }
        writeln!(to, "{}", visible(&finding.line()))?;
        if follow > 0 && !verbose {
            let findings = if follow == 1 { "1 finding follows" } else { "findings follow" };
            let count = if follow == 1 { String::new() } else { format!("{follow} ") };
            writeln!(to, "  {count}{findings} from it; -v lists all.")?;
        }
    }
    for (label, gap) in gaps(judgement) {
        writeln!(to, "{label}: {}", visible(&gap))?;
    }
    writeln!(to, "Signed: {}", visible(&signed(judgement)))?;
    if verbose {
        for message in &judgement.messages {
            writeln!(to, "{}", visible(message))?;
        }
    }
    writeln!(to, "{}", visible(&sentence(judgement)))
}
