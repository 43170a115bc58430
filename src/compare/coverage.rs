//! How much of each section was compared.
//!
//! Owns the coverage of a comparison: for every section whether it was compared, only in part, not
//! gathered, or excluded by name, with the reason and the numbers on both sides.
//! Invariant: every section has exactly one row, in order, and only a row that says `compared` or
//! `excluded` leaves the verdict alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Selection;
use crate::model::{Configuration, Coverage, Extent, Section};

/// What became of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// All of it was compared.
    Compared,
    /// What both sides hold was compared; what only one side holds was not called missing.
    Partial,
    /// At least one side does not have it.
    NotGathered,
    /// Left out by `--only` or `--skip`.
    Excluded,
}

/// One row of the coverage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SectionCoverage {
    /// The section.
    pub section: Section,
    /// What became of it.
    pub state: State,
    /// Objects on the primary.
    pub primary: usize,
    /// Objects on the member.
    pub member: usize,
    /// Whether the verdict is incomplete without it.
    pub required: bool,
    /// Why it was not compared in full; empty where it was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl SectionCoverage {
    /// Whether it makes the verdict incomplete.
    pub fn is_gap(&self) -> bool {
        self.required && matches!(self.state, State::Partial | State::NotGathered)
    }
}

/// The coverage of a comparison, one row for each section.
pub(super) fn of(
    primary: &Configuration,
    member: &Configuration,
    selection: &Selection,
) -> Vec<SectionCoverage> {
    let rows = primary.coverage().into_iter().zip(member.coverage());
    rows.map(|(ours, theirs)| {
        let section = ours.section;
        let (state, reason) = if !selection.includes(section) {
            (State::Excluded, "excluded by name".to_owned())
        } else if section == Section::Member {
            of_member(primary, member)
        } else {
            of_section(&ours, &theirs)
        };
        SectionCoverage {
            section,
            state,
            primary: primary.count(section),
            member: member.count(section),
            required: selection.requires(section),
            reason,
        }
    })
    .collect()
}

fn of_section(primary: &Coverage, member: &Coverage) -> (State, String) {
    let sides = [("primary", primary), ("member", member)];
    let lacking = |extent: Extent| {
        let lacking: Vec<(&str, &str)> = sides
            .iter()
            .filter(|(_, coverage)| coverage.extent == extent)
            .map(|(side, coverage)| (*side, coverage.reason.as_str()))
            .collect();
        match lacking.as_slice() {
            [] => None,
            [(side, reason)] => Some(format!("{side}: {reason}")),
            [(_, first), (_, second), ..] if first == second => {
                Some(format!("both sides: {first}"))
            }
            more => {
                let parts: Vec<String> =
                    more.iter().map(|(side, reason)| format!("{side}: {reason}")).collect();
                Some(parts.join("; "))
            }
        }
    };
    if let Some(reason) = lacking(Extent::NotGathered) {
        return (State::NotGathered, reason);
    }
    match lacking(Extent::Partial) {
        Some(reason) => (State::Partial, reason),
        None => (State::Compared, String::new()),
    }
}

/// Section member is compared in full only if both sides say who they are and no fact is open that
/// could block.
fn of_member(primary: &Configuration, member: &Configuration) -> (State, String) {
    let mut nobody = Vec::new();
    let mut open = Vec::new();
    for (side, word) in [(primary, "primary"), (member, "member")] {
        if side.member.is_none() {
            nobody.push(word);
        }
        if !side.unread.is_empty() {
            open.push(format!(
                "{word}: the document is in a newer form and holds {}, which this version does not \
                 know",
                side.unread.join(", ")
            ));
        }
    }
    if !nobody.is_empty() {
        let made = Section::Member.made_by();
        return (
            State::NotGathered,
            format!("{}: no file tells who it is; give {made}", nobody.join(" and ")),
        );
    }
    // Only a member with the healthcare library can hold FHIR data (H7.4).
    let healthcare = member.databases.objects.iter().any(|database| database.name.is("HSLIB"));
    if healthcare && member.facts.fhir_sql_data.is_none() {
        open.push(
            "member: no export tells whether it holds FHIR SQL data; attest fhirSqlData in a \
             configuration.json"
                .to_owned(),
        );
    }
    if open.is_empty() {
        (State::Compared, String::new())
    } else {
        (State::Partial, open.join("; "))
    }
}
