//! The one-line answer, in words.
//!
//! Owns the sentence that every report for people begins or ends with, and the list of coverage
//! gaps in words.
//! Invariant: the sentence alone is enough to act on: what it is, how much, and for which member.

use crate::compare::{SectionCoverage, State};
use crate::finding::{Judgement, Verdict};

/// The verdict as one sentence, beginning with its word in capitals.
pub(super) fn sentence(judgement: &Judgement) -> String {
    let total = judgement.findings.len();
    let blocking = judgement.blocking();
    let primary = &judgement.names.primary;
    let member = &judgement.names.member;
    let findings = match total {
        1 => "1 finding".to_owned(),
        _ => format!("{total} findings"),
    };
    match judgement.verdict {
        Verdict::Ready => {
            format!("READY: no findings; {member} has what {primary} has in all that was compared.")
        }
        Verdict::Differences => {
            format!("DIFFERENCES: {findings}, none blocking, between {primary} and {member}.")
        }
        Verdict::Blocked => {
            format!("BLOCKED: {findings}, {blocking} blocking, between {primary} and {member}.")
        }
        Verdict::Incomplete => {
            let open = judgement.coverage.iter().filter(|row| row.is_gap()).count();
            let sections = if open == 1 { "section" } else { "sections" };
            format!(
                "INCOMPLETE: {open} {sections} not fully compared; {findings} so far, none blocking."
            )
        }
    }
}

/// Why sections were not compared in full, one entry for each reason, in the order of sections.
pub(super) fn gaps(judgement: &Judgement) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&SectionCoverage>)> = Vec::new();
    for row in judgement.coverage.iter().filter(|row| row.is_worth_telling()) {
        match reasons.iter_mut().find(|(reason, _)| *reason == row.reason) {
            Some((_, rows)) => rows.push(row),
            None => reasons.push((&row.reason, vec![row])),
        }
    }
    let words = |(reason, rows): (&str, Vec<&SectionCoverage>)| {
        let names: Vec<String> = rows
            .iter()
            .map(|row| match row.state {
                State::Partial | State::Compared => format!("{} (in part)", row.section),
                State::NotGathered | State::Excluded => row.section.to_string(),
            })
            .collect();
        format!("{}: {reason}.", names.join(", "))
    };
    reasons.into_iter().map(words).collect()
}
