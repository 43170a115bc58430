//! How much of each section was compared.
//!
//! Owns the coverage of a comparison: for every section whether it was compared, only in part, not
//! gathered, or excluded by name, with the reason and the numbers on both sides.
//! Invariant: every section has exactly one row, in order, and a required section that was not
//! compared in full makes the verdict incomplete unless it was excluded by name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Selection, Side};
use crate::model::{Between, Configuration, Coverage, Extent, Member, RunAfter, Section, Settings};

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
    /// Why it was not compared in full, or what of it was left out; empty where nothing was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl SectionCoverage {
    /// Whether it makes the verdict incomplete.
    pub fn is_gap(&self) -> bool {
        self.required && matches!(self.state, State::Partial | State::NotGathered)
    }

    /// Whether a person should read the reason: a gap, something left out of a section that was
    /// compared, or an optional section that only one side has.
    pub fn is_worth_telling(&self) -> bool {
        match self.state {
            State::Excluded => false,
            State::Compared | State::Partial => !self.reason.is_empty(),
            State::NotGathered => self.required || self.primary + self.member > 0,
        }
    }
}

/// The coverage of a comparison, one row for each section.
pub(super) fn of(
    primary: &Configuration,
    member: &Configuration,
    selection: &Selection,
    between: Between,
) -> Vec<SectionCoverage> {
    let rows = primary.coverage().into_iter().zip(member.coverage());
    let unread = unread(primary, member);
    rows.map(|(ours, theirs)| {
        let section = ours.section;
        let mut required = selection.requires(section);
        let (mut state, mut reason) = if !selection.includes(section) {
            (State::Excluded, "excluded by name".to_owned())
        } else if section == Section::Member && between == Between::Members {
            of_member(primary, member)
        } else {
            of_section(&ours, &theirs, between)
        };
        if let (Section::Member, Some(unread)) = (section, &unread) {
            (state, required) = (State::Partial, true);
            reason = if reason.is_empty() { unread.clone() } else { format!("{reason}; {unread}") };
        }
        if section == Section::Tasks && state == State::Compared {
            reason = of_tasks(primary, member);
        }
        SectionCoverage {
            section,
            state,
            primary: primary.count(section),
            member: member.count(section),
            required,
            reason,
        }
    })
    .collect()
}

fn of_section(primary: &Coverage, member: &Coverage, between: Between) -> (State, String) {
    let sides = [
        (Side::Primary.word_between(between), primary),
        (Side::Member.word_between(between), member),
    ];
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

/// Section member is compared in full only if both sides say who they are, which one is the primary,
/// and no fact is open that could block.
fn of_member(primary: &Configuration, member: &Configuration) -> (State, String) {
    let sides = [(primary, Side::Primary), (member, Side::Member)];
    let nobody = sides.iter().filter(|(side, _)| side.member.is_none());
    let nobody: Vec<&str> = nobody.map(|(_, which)| which.word()).collect();
    if !nobody.is_empty() {
        let made = Section::Member.made_by();
        let reason = format!("{}: no file tells who it is; give {made}", nobody.join(" and "));
        return (State::NotGathered, reason);
    }
    let mut open = Vec::new();
    for (side, which) in sides {
        open.extend(side.member.as_ref().and_then(|known| open_question(known, which)));
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

/// What a side leaves open about its place in the mirror.
fn open_question(side: &Member, which: Side) -> Option<String> {
    let word = which.word();
    // That it is none is a finding, and answers the question.
    if side.is_no_member() {
        return None;
    }
    let mirrored = side.mirrors.as_ref().is_some_and(|mirrors| mirrors.iter().next().is_some());
    if !mirrored {
        return Some(format!("{word}: nothing tells which mirror it is in; give its iris.cpf"));
    }
    match side.is_primary() {
        None => {
            Some(format!("{word}: nothing tells its role in the mirror; give `iris qlist` of it"))
        }
        Some(false) if which == Side::Primary => {
            let state = side.mirror_state.as_deref().unwrap_or_default();
            Some(format!("{word}: `iris qlist` calls it {state}, so it may not be the primary"))
        }
        // The other cases are as they should be, or are findings.
        Some(_) => None,
    }
}

/// What a document holds and this version does not know: never ready, whatever was selected
/// (design 5).
fn unread(primary: &Configuration, member: &Configuration) -> Option<String> {
    let words: Vec<String> = [(primary, "primary"), (member, "member")]
        .iter()
        .filter(|(side, _)| !side.unread.is_empty())
        .map(|(side, word)| {
            let names = side.unread.join(", ");
            format!("{word}: a document holds {names}, which this version does not know")
        })
        .collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// What of the tasks was compared by name only, and which predecessors are not known.
fn of_tasks(primary: &Configuration, member: &Configuration) -> String {
    let tasks = || primary.tasks.objects.iter().chain(&member.tasks.objects);
    let uncarried =
        tasks().filter(|task| task.settings.as_ref().is_some_and(Settings::has_uncarried)).count();
    let mut words = Vec::new();
    if uncarried > 0 {
        words.push(format!(
            "values of settings of {uncarried} tasks on both sides together, since they may be \
             secrets; --task-settings compares them"
        ));
    }
    let unresolved =
        tasks().filter(|task| task.run_after.as_ref().is_some_and(RunAfter::is_unresolved)).count();
    if unresolved > 0 {
        words.push(format!(
            "what {unresolved} tasks run after, since the export is a selection without those tasks"
        ));
    }
    words.join("; ")
}
