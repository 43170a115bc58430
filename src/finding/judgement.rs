//! Two configurations, compared and judged.
//!
//! Owns [`Judgement`], everything that a report needs, and the order in which it comes to be: compare,
//! name the differences, judge the pair, look at each side by itself, put each finding under its cause.
//! Invariant: the findings of sections that were left out by name are not there, every other one is
//! there once, each below the one that explains it.

use super::waive::Waived;
use super::{Finding, Names, Verdict, cause, difference, drift, look, order, pair};
use crate::compare::{self, Comparison, SectionCoverage, Selection, Side, State};
use crate::model::{Between, Configuration, Moment, Provenance, Signer, Text};

/// Two configurations, compared and judged.
#[derive(Debug)]
pub struct Judgement {
    /// The primary's configuration.
    pub primary: Configuration,
    /// The member's configuration.
    pub member: Configuration,
    /// Whether they are two members, or two times of one: the older one stands for the primary then.
    pub between: Between,
    /// What they are called.
    pub names: Names,
    /// How much of each section was compared.
    pub coverage: Vec<SectionCoverage>,
    /// All findings in the order in which putting them right makes sense, each with its consequences
    /// after it.
    pub findings: Vec<Finding>,
    /// What went well or was left out, for whoever wants to know more.
    pub messages: Vec<String>,
    /// The answer.
    pub verdict: Verdict,
    /// Who answers for each side, the primary's first.
    pub signers: [Signer; 2],
    /// When it was recorded and who answers for the record, where it was read from one.
    pub record: Option<(Moment, Signer)>,
    /// Where the two sides come from, the primary's first, where that was asked for.
    pub provenance: Option<(Provenance, Provenance)>,
}

impl Judgement {
    /// The findings that count: those that nobody waived.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.waived.is_none())
    }

    /// The blocking findings, in order.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.rule.blocking)
    }

    /// The findings that were waived, in order, with the waiver of each.
    pub fn waived(&self) -> impl Iterator<Item = (&Finding, &Waived)> {
        self.findings.iter().filter_map(|finding| Some((finding, finding.waived.as_deref()?)))
    }

    /// Whether the members run different product or configuration versions, so that what the
    /// product brings along differs for that reason (formats 1.5).
    pub fn versions_differ(&self) -> bool {
        versions_differ(&self.primary, &self.member)
    }
}

pub(super) fn versions_differ(primary: &Configuration, member: &Configuration) -> bool {
    let (Some(a), Some(b)) = (&primary.member, &member.member) else {
        return false;
    };
    let differ = |a: &Option<Text>, b: &Option<Text>| a.is_some() && b.is_some() && a != b;
    differ(&a.version, &b.version)
        || differ(&a.configuration_version, &b.configuration_version)
        || differ(&a.configuration_product, &b.configuration_product)
}

/// Compares two members and judges what comes out.
pub fn judge(primary: Configuration, member: Configuration, selection: &Selection) -> Judgement {
    judge_between(primary, member, selection, Between::Members)
}

/// Compares two members, or two times of one member (the older one first), and judges what comes out.
pub fn judge_between(
    primary: Configuration,
    member: Configuration,
    selection: &Selection,
    between: Between,
) -> Judgement {
    let names = Names::of(&primary, &member, between);
    let sides = [&primary, &member];
    let (Comparison { differences, coverage }, seen) = std::thread::scope(|scope| {
        // Looking at each side takes as long as comparing them, and waits for nothing of it.
        let looking = scope.spawn(|| match between {
            Between::Members => look::at(sides, &names),
            Between::Times => drift::coverage(sides),
        });
        let comparison = compare::compare(&primary, &member, selection, between);
        (comparison, looking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let mut findings = Vec::new();
    match between {
        Between::Members => pair::judge(&primary, &member, &names, &mut findings),
        Between::Times => drift::judge(&primary, &member, &names, &mut findings),
    }
    findings.extend(
        differences
            .into_iter()
            .filter_map(|difference| difference::finding(difference, sides, &names, between)),
    );
    findings.extend(seen);
    findings.retain(|finding| selection.includes(finding.section));
    if between == Between::Members {
        cause::explain(&mut findings, sides);
    }
    let findings = order::arranged(findings);
    let verdict = Verdict::of(&findings, &coverage, between);
    let mut messages = messages(&coverage, between);
    if between == Between::Members {
        messages.extend(look::unknown(sides, selection));
    }
    let (signers, provenance) = Default::default();
    Judgement {
        primary,
        member,
        between,
        names,
        coverage,
        findings,
        messages,
        verdict,
        signers,
        record: None,
        provenance,
    }
}

fn messages(coverage: &[SectionCoverage], between: Between) -> Vec<String> {
    let sides = match between {
        Between::Members => ["on the primary", "on the member"],
        Between::Times => ["then", "now"],
    };
    coverage
        .iter()
        .filter(|row| row.state == State::Compared)
        .map(|row| {
            format!(
                "{}: compared, {} {} and {} {}.",
                row.section, row.primary, sides[0], row.member, sides[1]
            )
        })
        .collect()
}

/// The side with that configuration.
pub(super) const SIDES: [Side; 2] = [Side::Primary, Side::Member];
