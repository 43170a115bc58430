//! The one-line answer, in words.
//!
//! Owns the sentence that every report for people begins or ends with, and the list of coverage
//! gaps in words.
//! Invariant: the sentence alone is enough to act on: what it is, how much, and for which member.

use crate::compare::{SectionCoverage, Side, State};
use crate::finding::{Judgement, Names, Verdict};
use crate::model::Section;

/// The verdict as one sentence, beginning with its word in capitals.
pub(super) fn sentence(judgement: &Judgement) -> String {
    let Names { primary, member } = &judgement.names;
    let total = judgement.open().count();
    let findings = counted(judgement, total);
    match judgement.verdict {
        Verdict::Ready => {
            let left_out = in_part(judgement);
            let waived = match judgement.waived().count() {
                0 => String::new(),
                1 => " but 1 that is waived".to_owned(),
                waived => format!(" but {waived} that are waived"),
            };
            format!(
                "READY: no findings{waived}; {member} has what {primary} has in all that was compared{left_out}."
            )
        }
        Verdict::Differences => {
            format!("DIFFERENCES: {findings}, none blocking, between {primary} and {member}.")
        }
        Verdict::Blocked => {
            let mut codes: Vec<&str> =
                judgement.blocking().map(|finding| finding.rule.id).collect();
            codes.dedup();
            let codes = codes.join(", ");
            format!("BLOCKED by {codes}: {findings} between {primary} and {member}.")
        }
        Verdict::Unchanged => {
            let left_out = in_part(judgement);
            format!(
                "UNCHANGED: nothing changed between {primary} and {member} in all that was compared{left_out}."
            )
        }
        Verdict::Changed => {
            let changes =
                if total == 1 { "1 change".to_owned() } else { format!("{total} changes") };
            format!("CHANGED: {changes} between {primary} and {member}.")
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

/// How many findings, and how many of them nothing explains.
fn counted(judgement: &Judgement, total: usize) -> String {
    let causes = judgement.open().filter(|finding| finding.cause.is_none()).count();
    let findings = if total == 1 { "1 finding".to_owned() } else { format!("{total} findings") };
    match causes {
        causes if causes == total => findings,
        1 => format!("{findings} from 1 cause"),
        causes => format!("{findings} from {causes} causes"),
    }
}

/// Of which sections something was left out although they were compared.
fn in_part(judgement: &Judgement) -> String {
    let rows = judgement.coverage.iter().filter(|row| row.is_worth_telling());
    let names: Vec<&str> = rows.map(|row| row.section.name()).collect();
    if names.is_empty() { String::new() } else { format!(" (in part: {})", names.join(", ")) }
}

/// Who answers for each side.
pub(super) fn signed(judgement: &Judgement) -> String {
    let [first, second] = &judgement.signers;
    let word = |side: Side| side.word_between(judgement.between);
    let sides = if first == second {
        format!("both sides {first}")
    } else {
        format!("{} {first}; {} {second}", word(Side::Primary), word(Side::Member))
    };
    match &judgement.record {
        Some((at, signer)) => format!("{sides}; the record of {at} {signer}"),
        None => sides,
    }
}

/// How many findings each section has, in order: those that count, or those that are waived.
pub(super) fn counts(judgement: &Judgement, waived: bool) -> String {
    let count = |section: Section| {
        let of = judgement.findings.iter().filter(|finding| finding.section == section);
        of.filter(|finding| finding.waived.is_some() == waived).count()
    };
    let counts = Section::ALL.iter().map(|section| (section, count(*section)));
    let words: Vec<String> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(section, count)| format!("{section} {count}"))
        .collect();
    words.join(", ")
}

/// What no comparison looks at, since no file of those it reads tells it or it holds secrets.
pub(super) const NEVER: &str = "SQL privileges, LDAP configurations, audit events, system-wide \
    security settings, credentials, OAuth";

/// The sections that were not compared in full, by name.
pub(super) fn open_sections(judgement: &Judgement) -> String {
    let gap = |row: &&SectionCoverage| row.is_worth_telling() && row.state != State::Compared;
    let rows = judgement.coverage.iter().filter(gap);
    let names: Vec<String> = rows.map(named).collect();
    names.join(", ")
}

fn named(row: &SectionCoverage) -> String {
    match row.state {
        State::Partial | State::Compared => format!("{} (in part)", row.section),
        State::NotGathered | State::Excluded => row.section.to_string(),
    }
}

/// Why sections were not compared in full, one entry for each reason, in the order of sections, and what
/// it is called: a hole, or what is left out of a section by design.
pub(super) fn gaps(judgement: &Judgement) -> Vec<(&'static str, String)> {
    let mut reasons: Vec<(&str, Vec<&SectionCoverage>)> = Vec::new();
    for row in judgement.coverage.iter().filter(|row| row.is_worth_telling()) {
        match reasons.iter_mut().find(|(reason, _)| *reason == row.reason) {
            Some((_, rows)) => rows.push(row),
            None => reasons.push((&row.reason, vec![row])),
        }
    }
    let words = |(reason, rows): (&str, Vec<&SectionCoverage>)| {
        let by_design = rows.iter().all(|row| row.state == State::Compared);
        let names: Vec<String> = rows.iter().map(|row| named(row)).collect();
        let label = if by_design { "Left out" } else { "Not compared" };
        (label, format!("{}: {reason}.", names.join(", ")))
    };
    reasons.into_iter().map(words).collect()
}
