//! The rules: what can be found, in one table.
//!
//! Owns every kind of finding: its id, the section it is about, how bad it is, whether it blocks, what
//! it looks at, what it means after a failover, what to do with the place to click and the commands to
//! type, and where the fact behind it comes from. The rows stand in the files of this folder, those
//! for two times of one member in `drift`. `finding` raises them; reports, `hsmirror explain` and the
//! reference print their words.
//! Invariant: an id names one rule, and the words of a rule stand here only.
//!
//! Words and commands may hold `{name}`, `{namespace}`, `{kind}`, `{what}` (the kind
//! within a sentence), `{database}`, `{target}` (what is
//! named and is not there) and `{side}` (where it is so); in a command, `{name!}` and the like are
//! string literals of ObjectScript.

mod pair;
mod permission;
mod place;
mod program;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::drift::DRIFT;
use crate::model::{MappingKind, Section};

/// How bad it is after a failover, apart from whether it blocks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something does not work, or somebody may do what nobody meant.
    High,
    /// Something works in another way than before.
    Medium,
    /// Something is not tidy.
    Low,
}

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The word for it in JSON and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// Where a command is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// On the primary, in a terminal session in namespace `%SYS`.
    Primary,
    /// On the member, in a terminal session in namespace `%SYS`.
    Member,
    /// On both, in a terminal session in namespace `%SYS`.
    Both,
    /// Where it is so, in a terminal session in namespace `%SYS`.
    There,
    /// In the shell of the machine that compares.
    Here,
}

impl Place {
    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Primary => "On the primary, in %SYS",
            Self::Member => "On the member, in %SYS",
            Self::Both => "On both, in %SYS",
            Self::There => "There, in %SYS",
            Self::Here => "Here",
        }
    }
}

/// A command to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// Where.
    pub place: Place,
    /// One line, with placeholders.
    pub text: &'static str,
}

pub(super) const fn primary(text: &'static str) -> Command {
    Command { place: Place::Primary, text }
}
pub(super) const fn member(text: &'static str) -> Command {
    Command { place: Place::Member, text }
}
pub(super) const fn both(text: &'static str) -> Command {
    Command { place: Place::Both, text }
}
pub(super) const fn there(text: &'static str) -> Command {
    Command { place: Place::There, text }
}
pub(super) const fn here(text: &'static str) -> Command {
    Command { place: Place::Here, text }
}

/// One rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its kebab-case name: in JSON, in waivers, on the command line, in the reference.
    pub id: &'static str,
    /// The section it is about; `None` for the rules that hold for every one.
    pub section: Option<Section>,
    /// How bad it is.
    pub severity: Severity,
    /// Whether the mirroring must not go on.
    pub blocking: bool,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What is looked at.
    pub looks_at: &'static str,
    /// What it means after a failover.
    pub impact: &'static str,
    /// What to do next, with the place to click.
    pub advice: &'static str,
    /// What to type.
    pub commands: &'static [Command],
    /// Where the facts behind it come from.
    pub source: &'static str,
}

impl Rule {
    /// A rule of another version of this program, which knows its words.
    pub fn recorded(
        id: &'static str,
        section: Option<Section>,
        severity: Severity,
        blocking: bool,
    ) -> Self {
        Self {
            id,
            section,
            severity,
            blocking,
            title: "",
            looks_at: "",
            impact: "",
            advice: "",
            commands: &[],
            source: "",
        }
    }
}

/// The vendor's name for something the member lacks.
pub const MISSING: &str = "Missing";
/// The vendor's name for something that is not the same on both.
pub const DIFFERENCE: &str = "Difference";
/// The name for something only the member has.
pub const EXTRA: &str = "Extra";

macro_rules! rules {
    ($table:ident: $($id:literal $section:ident $severity:ident $blocking:ident, $title:literal,
        looks at $looks:literal, impact $impact:literal, advice $advice:literal,
        $(type $command:expr,)* from $source:literal;)+) => {
        pub(super) const $table: &[$crate::finding::rule::Rule] = &[$($crate::finding::rule::Rule {
            id: $id,
            section: $crate::finding::rule::rules!(@section $section),
            severity: $crate::finding::rule::Severity::$severity,
            blocking: $crate::finding::rule::rules!(@$blocking),
            title: $title,
            looks_at: $looks,
            impact: $impact,
            advice: $advice,
            commands: &[$($command),*],
            source: $source,
        },)+];
    };
    (@section Every) => { None };
    (@section $section:ident) => { Some($crate::model::Section::$section) };
    (@blocks) => { true };
    (@passes) => { false };
}
pub(in crate::finding) use rules;

const TABLES: &[&[Rule]] = &[pair::RULES, place::RULES, permission::RULES, program::RULES, DRIFT];

/// Every rule, in the order of their ids.
pub fn all() -> Vec<&'static Rule> {
    let mut rules: Vec<&Rule> = TABLES.iter().copied().flatten().collect();
    rules.sort_by_key(|rule| rule.id);
    rules
}

/// The rule of that id.
pub fn named(id: &str) -> Option<&'static Rule> {
    TABLES.iter().copied().flatten().find(|rule| rule.id == id)
}

/// What the vendor calls a mapping that the member lacks (H1.4), and the rule.
const MAPPING_MISSING: [(MappingKind, &str, &str); 3] = [
    (MappingKind::Global, "GlobalMapMissing", "global-mapping-missing"),
    (MappingKind::Routine, "RoutineMapMissing", "routine-mapping-missing"),
    (MappingKind::Package, "PackageMapMissing", "package-mapping-missing"),
];

/// The vendor's name for something missing, extra or different.
pub(super) fn vendors(code: &'static str, kind: Option<MappingKind>) -> &'static str {
    let mut mappings = MAPPING_MISSING.iter().filter(|_| code == MISSING);
    mappings.find(|(known, ..)| Some(*known) == kind).map_or(code, |(_, name, _)| name)
}

/// The rule that alone has that name of the vendor's, such as `FHIRSQLDataExists`.
pub fn of_vendor(code: &str) -> Option<&'static Rule> {
    let mappings = MAPPING_MISSING.iter().map(|(_, name, id)| (*id, *name));
    let pair = super::pair::VENDORS.iter().copied().filter(|(_, name)| *name != DIFFERENCE);
    let mut all = mappings.chain(pair);
    all.find(|(_, name)| *name == code).and_then(|(id, _)| named(id))
}

/// The rule of a finding that names none, as those of older versions of this program: by the vendor's
/// name, or by a name of our own.
pub fn of_code(section: Section, code: &str, kind: Option<MappingKind>) -> Option<&'static Rule> {
    match code {
        MISSING | EXTRA | DIFFERENCE => of_difference(section, code, kind),
        _ => of_vendor(code).or_else(|| named(code)),
    }
}

/// The rule by which something of a section is missing, extra or different.
pub fn of_difference(
    section: Section,
    code: &str,
    kind: Option<MappingKind>,
) -> Option<&'static Rule> {
    let noun = match (section, code, kind) {
        (Section::Mappings, MISSING, Some(kind)) => {
            let mut mappings = MAPPING_MISSING.iter();
            return mappings.find(|(known, ..)| *known == kind).and_then(|(.., id)| named(id));
        }
        (Section::Mappings, ..) => "mapping",
        (Section::Member, ..) => "member",
        (Section::Namespaces, ..) => "namespace",
        (Section::Databases, ..) => "database",
        (Section::Roles, ..) => "role",
        (Section::Resources, ..) => "resource",
        (Section::Applications, ..) => "application",
        (Section::Tasks, ..) => "task",
        (Section::Users, ..) => "user",
        (Section::Services, ..) => "service",
        (Section::Tls, ..) => "tls",
    };
    let what = match code {
        MISSING => "missing",
        EXTRA => "extra",
        _ => "different",
    };
    let of = |id: &str| id.strip_prefix(noun).and_then(|id| id.strip_prefix('-')) == Some(what);
    TABLES.iter().copied().flatten().find(|rule| of(rule.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_kebab_case_unique_and_sorted_and_every_rule_has_its_words() {
        let ids: BTreeSet<&str> = all().iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), all().len());
        for table in TABLES {
            assert!(table.is_sorted_by_key(|rule| rule.id), "{:?}", table.first());
        }
        for rule in all() {
            let letters =
                rule.id.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
            assert!(letters, "{}", rule.id);
            for words in [rule.looks_at, rule.impact, rule.advice] {
                assert!(words.ends_with('.'), "{}: {words}", rule.id);
            }
            assert!(!rule.title.ends_with('.') && !rule.source.is_empty(), "{}", rule.id);
            assert!(!rule.blocking || rule.severity == Severity::High, "{}", rule.id);
        }
    }

    #[test]
    fn every_section_has_the_rules_that_comparing_raises() {
        for section in Section::ALL.iter().filter(|section| **section != Section::Member) {
            for code in [MISSING, EXTRA, DIFFERENCE] {
                let kinds = match (section, code) {
                    (Section::Mappings, MISSING) => MappingKind::ALL.map(Some).to_vec(),
                    _ => vec![None],
                };
                for kind in kinds {
                    let rule = of_difference(*section, code, kind);
                    assert_eq!(
                        rule.and_then(|rule| rule.section),
                        Some(*section),
                        "{section} {code}"
                    );
                }
            }
        }
    }
}
