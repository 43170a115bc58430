//! Drift: what changed on one member between then and now.
//!
//! Owns the rules for two states of one member and what only section member and the coverage can tell
//! about them: another member, a section that was gathered otherwise. `mod` names the differences of
//! all other sections by these rules.
//! Invariant: whatever is not the same has changed, on the member's own terms: what may differ between
//! two members counts here; an audit blocks nothing.

use super::pair::Found;
use super::rule::{self, DIFFERENCE};
use super::{Finding, Names, text};
use crate::model::{Between, Configuration, Declared, Extent, Member, Name, Section, Subject};

/// Something is there now that was not.
pub const ADDED: &str = "added";
/// Something was there that is not any more.
pub const REMOVED: &str = "removed";
/// Something is not what it was.
pub const CHANGED: &str = "changed";
/// The two states are of two members.
pub const OTHER_MEMBER: &str = "other-member";
/// A section was not gathered to the same extent.
pub const GATHERED_OTHERWISE: &str = "gathered-otherwise";

super::rule::rules! { DRIFT:
    "added" Every Medium passes, "Something is there now that was not",
        looks at "objects that the newer state has and the older one lacks.",
        impact "{name} is there now and was not then.",
        advice "Ask who made it, or look it up: System Administration > Security > Auditing > View Audit Database.",
        from "design 3";
    "changed" Every Medium passes, "Something is not what it was",
        looks at "every property of objects that both states have, on the member's own terms.",
        impact "{name} is not what it was.",
        advice "Ask who changed it, or look it up: System Administration > Security > Auditing > View Audit Database.",
        from "design 3";
    "gathered-otherwise" Every Medium passes, "A section was not gathered to the same extent",
        looks at "how much of each section both states hold.",
        impact "What was added to {name} or removed from it in between may not show.",
        advice "Gather the section the same way both times to know.",
        from "design 4";
    "other-member" Every Medium passes, "The two states are of two members",
        looks at "system name and GUID of the member in both states.",
        impact "The two are states of two members, so this is no history of either.",
        advice "Give two bundles of one member; to compare two members leave --drift out.",
        type super::rule::here("hsmirror compare PRIMARY MEMBER"),
        from "design 3";
    "removed" Every Medium passes, "Something was there that is not any more",
        looks at "objects that the older state has and the newer one lacks.",
        impact "{name} was there then and is not there now.",
        advice "Ask who removed it, or look it up: System Administration > Security > Auditing > View Audit Database.",
        from "design 3";
}

/// Judges who the two are.
pub(super) fn judge(
    old: &Configuration,
    new: &Configuration,
    names: &Names,
    findings: &mut Vec<Finding>,
) {
    let (Some(a), Some(b)) = (&old.member, &new.member) else { return };
    let mut found = Found { names, findings };
    let name = [&b.system_name, &b.instance].into_iter().flatten().find(|name| !name.is_empty());
    let name = name.map_or_else(|| "the member".to_owned(), ToString::to_string);
    let others = |a: &Option<Name>, b: &Option<Name>| match (a, b) {
        (Some(a), Some(b)) => !a.is_empty() && !b.is_empty() && !a.is(b),
        _ => false,
    };
    if others(&a.system_name, &b.system_name) || others(&a.guid, &b.guid) {
        let sentence = format!("'{}' and '{}' are two members.", names.primary, names.member);
        found.add(OTHER_MEMBER, &name, &sentence, Vec::new());
    }
    let changes = Member::changes(a, b, Between::Times);
    if !changes.is_empty() {
        let subject = Subject { name: name.clone(), ..Subject::default() };
        let sentence =
            text::sentence(Section::Member, DIFFERENCE, &subject, &changes, names, Between::Times);
        found.add(CHANGED, &name, &sentence, changes);
    }
}

/// Tells sections that were not gathered to the same extent both times.
pub(super) fn coverage([old, new]: [&Configuration; 2]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let word = |extent: Extent| match extent {
        Extent::Complete => "whole",
        Extent::Partial => "in part",
        Extent::NotGathered => "not at all",
    };
    let Some(rule) = rule::named(GATHERED_OTHERWISE) else { return findings };
    for (then, now) in old.coverage().into_iter().zip(new.coverage()) {
        if then.extent == now.extent {
            continue;
        }
        let (section, then, now) = (then.section, word(then.extent), word(now.extent));
        let subject = Subject { name: section.name().to_owned(), ..Subject::default() };
        let sentence = format!("section {section} was gathered {then} then and {now} now.");
        findings.push(Finding::new(rule, section, subject, sentence));
    }
    findings
}
