//! Drift: what changed on one member between then and now.
//!
//! Owns the rules for two states of one member and what only section member and the coverage can tell
//! about them: another member, a section that was gathered otherwise. `mod` names the differences of
//! all other sections by these rules.
//! Invariant: whatever is not the same has changed, on the member's own terms: what may differ between
//! two members counts here; an audit blocks nothing.

use super::pair::Found;
use super::rule::Rule;
use super::{Finding, Names, text};
use crate::compare::Selection;
use crate::model::{
    Between, Configuration, Declared, Extent, Member, Name, Owner, Section, Subject,
};

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

macro_rules! drift {
    ($($Section:ident)+) => {
        /// The rules for two states of one member.
        pub const DRIFT: &[Rule] = &[
            $(
                drift!($Section ADDED,
                    "{name} is there now and was not then.",
                    "Ask who made it, or look it up: System Administration > Security > Auditing > View Audit Database."),
                drift!($Section REMOVED,
                    "{name} was there then and is not there now.",
                    "Ask who removed it, or look it up: System Administration > Security > Auditing > View Audit Database."),
                drift!($Section CHANGED,
                    "{name} is not what it was.",
                    "Ask who changed it, or look it up: System Administration > Security > Auditing > View Audit Database."),
                drift!($Section GATHERED_OTHERWISE,
                    "What was added to {name} or removed from it in between may not show.",
                    "Gather the section the same way both times to know."),
            )+
            drift!(Member OTHER_MEMBER,
                "The two are states of two members, so this is no history of either.",
                "Give two bundles of one member; to compare two members leave --drift out."),
        ];
    };
    ($Section:ident $code:ident, $impact:literal, $advice:literal) => {
        Rule {
            code: $code,
            section: Section::$Section,
            blocking: false,
            impact: $impact,
            advice: $advice,
        }
    };
}

drift! {
    Member Namespaces Databases Mappings Roles Resources Applications Tasks Users Services Tls
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
        let sentence = text::sentence(Section::Member, CHANGED, &subject, &changes, names);
        found.add(CHANGED, &name, &sentence, changes);
    }
}

/// Tells sections that were not gathered to the same extent both times.
pub(super) fn judge_coverage(
    old: &Configuration,
    new: &Configuration,
    selection: &Selection,
    findings: &mut Vec<Finding>,
) {
    let word = |extent: Extent| match extent {
        Extent::Complete => "whole",
        Extent::Partial => "in part",
        Extent::NotGathered => "not at all",
    };
    for (then, now) in old.coverage().into_iter().zip(new.coverage()) {
        let section = then.section;
        if then.extent == now.extent || !selection.includes(section) {
            continue;
        }
        let Some(rule) = super::rule::rule(section, GATHERED_OTHERWISE) else { continue };
        let (then, now) = (word(then.extent), word(now.extent));
        findings.push(Finding {
            rule,
            subject: Subject { name: section.name().to_owned(), ..Subject::default() },
            absent_from: None,
            about: None,
            changes: Vec::new(),
            owner: Owner::Site,
            sentence: format!("section {section} was gathered {then} then and {now} now."),
            recorded: None,
        });
    }
    findings.sort_by_key(|finding| finding.rule.section);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_its_rules() {
        for section in Section::ALL {
            let codes = DRIFT.iter().filter(|rule| rule.section == *section).map(|rule| rule.code);
            let codes: Vec<&str> = codes.collect();
            assert!(codes.starts_with(&[ADDED, REMOVED, CHANGED, GATHERED_OTHERWISE]), "{section}");
        }
    }
}
