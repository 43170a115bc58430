//! The result as the vendor's lines.
//!
//! Owns the plain form: one line a finding, as the vendor's utility prints them (H1.4), one a
//! coverage gap, and the verdict last. For logs, mail and scripts that know those lines.
//! Invariant: one finding is one line, whatever its names hold; nothing is folded.

use std::io::{self, Write};

use super::verdict::{gaps, sentence, signed};
use super::visible::visible;
use crate::finding::Judgement;

/// Writes a judgement as lines.
pub(super) fn write(judgement: &Judgement, verbose: bool, to: &mut dyn Write) -> io::Result<()> {
    for finding in &judgement.findings {
        writeln!(to, "{}", visible(&finding.line()))?;
    }
    for gap in gaps(judgement) {
        writeln!(to, "Not compared: {}", visible(&gap))?;
    }
    writeln!(to, "Signed: {}", visible(&signed(judgement)))?;
    if verbose {
        for message in &judgement.messages {
            writeln!(to, "{}", visible(message))?;
        }
    }
    writeln!(to, "{}", visible(&sentence(judgement)))
}
