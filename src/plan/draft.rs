//! From a judgement to a plan.
//!
//! Owns the way through the making of a plan: the open findings by object, a proposal for each (`proposal`),
//! its risks (`gate`), all of them behind each other (`order`); and the list of findings that are left to
//! a person.
//! Invariant: every open finding is the reason of a step, follows from one that is, or is left with a
//! sentence; an object has one step at most; what only the member has stays unless asked for by name.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::gate::risks;
use super::order;
use super::powers::Powers;
use super::proposal::Proposing;
use super::repair::Site;
use super::step::Step;
use super::{FORMAT_VERSION, Left, Plan, SectionDigest, Side};
use crate::compare::{self, State};
use crate::error::quoted;
use crate::finding::{Finding, Judgement};
use crate::model::{
    Application, Database, Digest, Mapping, Namespace, Resource, Role, Section, Service, Task,
    TlsConfiguration, User, for_each_section,
};

/// What is wanted beyond what the findings ask for.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Findings about what only the member has and that are to go, by id.
    pub delete: Vec<String>,
    /// Whether personal data was asked for.
    pub personal_data: bool,
    /// Whether the values of all task settings were asked for.
    pub task_settings: bool,
}

/// The findings that say that these two are not a primary and its member: no plan is made of them.
const WRONG_PAIR: &[&str] = &[
    "execute-on-backup",
    "not-intended-member",
    "other-mirror",
    "same-export",
    "same-member",
    "two-primaries",
];

/// The finding that says that these two are not a primary and its member, if any.
pub fn wrong_pair(judgement: &Judgement) -> Option<&Finding> {
    judgement.findings.iter().find(|finding| WRONG_PAIR.contains(&finding.rule.id))
}

/// Makes a plan; `digests` are those of both configurations with those of their sections, the primary's
/// first.
pub fn draft(
    judgement: &Judgement,
    digests: [(Digest, Vec<SectionDigest>); 2],
    wishes: &Wishes,
) -> Plan {
    let site = Site::of(&judgement.primary, &judgement.member);
    let mut by_object: BTreeMap<Section, HashMap<String, Vec<&Finding>>> = BTreeMap::new();
    for finding in judgement.open().filter(|one| one.is_difference() && one.access.is_none()) {
        let objects = by_object.entry(finding.section).or_default();
        objects.entry(finding.subject.key()).or_default().push(finding);
    }
    let mut proposing = Proposing { site: &site, wishes, by_object, steps: Vec::new() };
    macro_rules! propose {
        ($($field:ident: $Object:ident = $Section:ident;)+) => {
            $(proposing.propose::<$Object>(&judgement.primary.$field, &judgement.member.$field);)+
        };
    }
    for_each_section!(propose);
    let mut steps = proposing.steps;
    let powers = Powers::of([&judgement.primary, &judgement.member]);
    for proposed in &mut steps {
        let found = risks(&proposed.step, &powers);
        proposed.step.risks.extend(found);
    }
    let steps = order::settled(steps, &site);
    let left = left(judgement, &steps);
    let [primary, member] = digests;
    let side = |side: compare::Side, (digest, sections)| Side {
        name: judgement.names.side(side).to_owned(),
        system_name: site.side(side).member.as_ref().and_then(|member| {
            let name = member.system_name.as_ref().filter(|name| !name.is_empty());
            name.map(ToString::to_string)
        }),
        configuration_sha256: digest,
        sections,
    };
    Plan {
        format_version: FORMAT_VERSION.to_owned(),
        primary: side(compare::Side::Primary, primary),
        member: side(compare::Side::Member, member),
        personal_data: wishes.personal_data,
        task_settings: wishes.task_settings,
        gaps: judgement
            .coverage
            .iter()
            .filter(|row| matches!(row.state, State::Partial | State::NotGathered))
            .map(|row| row.section)
            .collect(),
        steps,
        left,
    }
}

/// The open findings that no step puts right: they are neither the reason of one nor follow from one.
fn left(judgement: &Judgement, steps: &[Step]) -> Vec<Left> {
    let reasons: HashSet<&str> =
        steps.iter().flat_map(|step| &step.reasons).map(String::as_str).collect();
    // A cause stands before what follows from it.
    let mut answered: Vec<bool> = Vec::with_capacity(judgement.findings.len());
    let mut left = Vec::new();
    for finding in &judgement.findings {
        let id = finding.id();
        let follows = finding.cause.and_then(|cause| answered.get(cause).copied());
        let is_answered = reasons.contains(id.as_str()) || follows.unwrap_or(false);
        answered.push(is_answered);
        if !is_answered && finding.waived.is_none() {
            let extra = finding.absent_from == Some(compare::Side::Primary);
            let text = match extra {
                true => format!("{} To take it away: --delete {}", finding.advice(), quoted(&id)),
                false => finding.advice(),
            };
            left.push(Left { finding: id, text, blocking: finding.rule.blocking });
        }
    }
    left
}
