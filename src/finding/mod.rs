//! Findings: what a comparison means.
//!
//! Owns [`Finding`] and the [`Judgement`] over a comparison: it names every difference by its rule,
//! adds what only section member can tell (`pair`), words each as the vendor does (`text`), and
//! gives the verdict. Takes two configurations and their comparison, gives everything a report
//! needs.
//! Invariant: it cannot fail; findings stand in the order of sections and identities; the verdict
//! is never "ready" while a required section has a hole (design 6).

mod age;
pub mod drift;
mod pair;
pub mod rule;
mod text;

use rule::Rule;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::compare::{self, Comparison, Difference, SectionCoverage, Selection, Side};
use crate::model::{
    Between, Change, Configuration, MappingKind, Moment, Name, Owner, Provenance, Section, Signer,
    Subject,
};

/// One entry of the result.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that it comes from.
    pub rule: &'static Rule,
    /// What it is about.
    pub subject: Subject,
    /// The side that lacks it, where one does.
    pub absent_from: Option<Side>,
    /// The side that it is about by itself, where it is no matter of both.
    pub about: Option<Side>,
    /// The properties that are not as they should be.
    pub changes: Vec<Change>,
    /// Whether it is about something of the product's own.
    pub owner: Owner,
    /// The vendor's sentence for it, without code and mark.
    pub sentence: String,
    /// The words it was recorded with, where this version has other ones for its rule.
    pub recorded: Option<Box<Words>>,
}

/// Words that a finding was recorded with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What it means.
    pub impact: String,
    /// What to do next.
    pub advice: String,
}

impl Finding {
    /// The vendor's line for it.
    pub fn line(&self) -> String {
        text::line(self.rule, &self.sentence)
    }

    /// What it means after a failover.
    pub fn impact(&self) -> String {
        self.impact_of(1)
    }

    /// What to do next.
    pub fn advice(&self) -> String {
        if let Some(words) = &self.recorded {
            return words.advice.clone();
        }
        text::fill(self.rule.advice, &self.subject, 1)
    }

    /// What it means, said of this one and others of its kind, `count` together.
    pub fn impact_of(&self, count: usize) -> String {
        if let Some(words) = &self.recorded {
            return words.impact.clone();
        }
        let only_words = !self.changes.is_empty()
            && self.changes.iter().all(|change| DESCRIPTIVE.contains(&change.property.field));
        if only_words && count == 1 {
            return "Only words differ; nothing behaves differently after a failover.".to_owned();
        }
        text::fill(self.rule.impact, &self.subject, count)
    }
}

/// Properties that tell a person something and the product nothing.
const DESCRIPTIVE: &[&str] = &["description", "full_name", "comment"];

/// The one-line answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing to report.
    Ready,
    /// Non-blocking findings only.
    Differences,
    /// At least one blocking finding.
    Blocked,
    /// Something could not be compared.
    Incomplete,
    /// Of one member: nothing changed.
    Unchanged,
    /// Of one member: something changed.
    Changed,
}

impl Verdict {
    /// The word for it in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Ready => "ready",
            Verdict::Differences => "differences",
            Verdict::Blocked => "blocked",
            Verdict::Incomplete => "incomplete",
            Verdict::Unchanged => "unchanged",
            Verdict::Changed => "changed",
        }
    }

    /// Its exit code, as [`crate::error::EXIT_CODES`] lists it.
    pub const fn exit_code(self) -> u8 {
        match self {
            Verdict::Ready | Verdict::Unchanged => 0,
            Verdict::Differences | Verdict::Changed => 1,
            Verdict::Blocked => 2,
            Verdict::Incomplete => 3,
        }
    }
}

/// How the two sides are called in messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The primary.
    pub primary: String,
    /// The member.
    pub member: String,
}

impl Names {
    /// By system name, else by instance, else `primary` and `member`; never by a file name.
    pub(crate) fn of(primary: &Configuration, member: &Configuration, between: Between) -> Self {
        let name = |side: &Configuration, word: Side| {
            let known = side.member.as_ref().and_then(|known| {
                let system = known.system_name.as_ref().filter(|name| !name.is_empty());
                system.or(known.instance.as_ref()).filter(|name| !name.is_empty())
            });
            known.map_or_else(|| word.word().to_owned(), ToString::to_string)
        };
        let (a, b) = (name(primary, Side::Primary), name(member, Side::Member));
        if between == Between::Times {
            let (a, b) = if a == Side::Primary.word() && b == Side::Member.word() {
                ("the member".to_owned(), "the member".to_owned())
            } else {
                (a, b)
            };
            return Self { primary: format!("{a} then"), member: format!("{b} now") };
        }
        if Name::from(a.as_str()).is(&b) {
            // One name for two sides would tell nothing.
            return Self { primary: format!("{a} (primary)"), member: format!("{b} (member)") };
        }
        Self { primary: a, member: b }
    }

    /// The name of a side.
    pub fn side(&self, side: Side) -> &str {
        match side {
            Side::Primary => &self.primary,
            Side::Member => &self.member,
        }
    }
}

/// Two configurations, compared and judged.
#[derive(Debug)]
pub struct Judgement {
    /// The primary's configuration.
    pub primary: Configuration,
    /// The member's configuration.
    pub member: Configuration,
    /// Whether they are two members, or two times of one: the older one stands for the primary then.
    pub between: Between,
    /// How the sides are called.
    pub names: Names,
    /// How much of each section was compared.
    pub coverage: Vec<SectionCoverage>,
    /// Every finding, in order.
    pub findings: Vec<Finding>,
    /// What went well or was left out, for the record.
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
    /// The blocking findings, in order.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.rule.blocking)
    }

    /// Whether the members run different product or configuration versions, so that what the
    /// product brings along differs for that reason (formats 1.5).
    pub fn versions_differ(&self) -> bool {
        let (Some(a), Some(b)) = (&self.primary.member, &self.member.member) else {
            return false;
        };
        let differ = |a: &Option<crate::model::Text>, b: &Option<crate::model::Text>| {
            a.is_some() && b.is_some() && a != b
        };
        differ(&a.version, &b.version)
            || differ(&a.configuration_version, &b.configuration_version)
            || differ(&a.configuration_product, &b.configuration_product)
    }
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
    let Comparison { differences, coverage } =
        compare::compare(&primary, &member, selection, between);
    let names = Names::of(&primary, &member, between);
    let mut findings = Vec::new();
    if selection.includes(Section::Member) {
        match between {
            Between::Members => pair::judge(&primary, &member, &names, &mut findings),
            Between::Times => drift::judge(&primary, &member, &names, &mut findings),
        }
    }
    findings
        .extend(differences.into_iter().filter_map(|difference| of(difference, &names, between)));
    if between == Between::Times {
        drift::judge_coverage(&primary, &member, selection, &mut findings);
    }
    let verdict = match between {
        Between::Members => verdict(&findings, &coverage),
        Between::Times if findings.is_empty() => Verdict::Unchanged,
        Between::Times => Verdict::Changed,
    };
    let messages = messages(&coverage, between);
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

/// The finding for a difference. Every section has the rules it needs; a test holds the table to it.
fn of(difference: Difference, names: &Names, between: Between) -> Option<Finding> {
    let Difference { section, subject, kind, owner } = difference;
    let (code, absent_from, changes) = match (between, kind) {
        (Between::Members, compare::Kind::Missing) => {
            (missing(&subject), Some(Side::Member), Vec::new())
        }
        (Between::Members, compare::Kind::Extra) => (rule::EXTRA, Some(Side::Primary), Vec::new()),
        (Between::Members, compare::Kind::Changed(changes)) => (rule::DIFFERENCE, None, changes),
        (Between::Times, compare::Kind::Missing) => {
            (drift::REMOVED, Some(Side::Member), Vec::new())
        }
        (Between::Times, compare::Kind::Extra) => (drift::ADDED, Some(Side::Primary), Vec::new()),
        (Between::Times, compare::Kind::Changed(changes)) => (drift::CHANGED, None, changes),
    };
    let rule = rule::rule(section, code)?;
    let sentence = text::sentence(section, code, &subject, &changes, names);
    Some(Finding {
        rule,
        subject,
        absent_from,
        about: None,
        changes,
        owner,
        sentence,
        recorded: None,
    })
}

fn missing(subject: &Subject) -> &'static str {
    match subject.kind {
        Some(MappingKind::Global) => "GlobalMapMissing",
        Some(MappingKind::Routine) => "RoutineMapMissing",
        Some(MappingKind::Package) => "PackageMapMissing",
        None => rule::MISSING,
    }
}

/// Blocked beats incomplete beats differences.
fn verdict(findings: &[Finding], coverage: &[SectionCoverage]) -> Verdict {
    if findings.iter().any(|finding| finding.rule.blocking) {
        Verdict::Blocked
    } else if coverage.iter().any(SectionCoverage::is_gap) {
        Verdict::Incomplete
    } else if findings.is_empty() {
        Verdict::Ready
    } else {
        Verdict::Differences
    }
}

fn messages(coverage: &[SectionCoverage], between: Between) -> Vec<String> {
    let sides = match between {
        Between::Members => ["on the primary", "on the member"],
        Between::Times => ["then", "now"],
    };
    coverage
        .iter()
        .filter(|row| row.state == compare::State::Compared)
        .map(|row| {
            format!(
                "{}: compared, {} {} and {} {}.",
                row.section, row.primary, sides[0], row.member, sides[1]
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Declared, Role, User};

    /// They name fields of declarations; a field that is renamed must be renamed here.
    #[test]
    fn properties_that_only_describe_are_declared() {
        let declared: Vec<&str> = Role::PROPERTIES
            .iter()
            .chain(User::PROPERTIES)
            .map(|property| property.field)
            .collect();
        assert!(DESCRIPTIVE.iter().all(|name| declared.contains(name)));
    }
}
