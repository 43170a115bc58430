//! The rule for every difference.
//!
//! Owns the step from a difference between the sides to a finding: its rule, the vendor's name for it
//! and its sentence. Where a difference is worse than others of its kind (an application open on one
//! side only, the resource of HSSYS), a rule of its own takes the place of the general one.
//! Invariant: one difference is one finding, and the vendor's name stays what it would be.

use super::rule::{self, DIFFERENCE, EXTRA, MISSING, Rule};
use super::{Finding, Names, drift, look, text};
use crate::compare::{Difference, Kind, Side};
use crate::model::{
    Between, Change, Configuration, HSSYS_RESOURCE, MappingKind, Name, Object as _, Section, Shown,
    Subject,
};

/// The finding for a difference. Every section has the rules it needs; a test holds the table to it.
pub(super) fn finding(
    difference: Difference,
    sides: [&Configuration; 2],
    names: &Names,
    between: Between,
) -> Option<Finding> {
    let Difference { section, subject, kind, owner } = difference;
    let (code, absent_from, changes) = match kind {
        Kind::Missing => (MISSING, Some(Side::Member), Vec::new()),
        Kind::Extra => (EXTRA, Some(Side::Primary), Vec::new()),
        Kind::Changed(changes) => (DIFFERENCE, None, changes),
    };
    let (rule, code) = match between {
        Between::Times => {
            let rule = rule::named(match code {
                MISSING => drift::REMOVED,
                EXTRA => drift::ADDED,
                _ => drift::CHANGED,
            })?;
            (rule, rule.id)
        }
        Between::Members => {
            let general = rule::of_difference(section, code, subject.kind)?;
            let worse = worse(section, code, &subject, &changes, sides);
            (worse.unwrap_or(general), vendors(code, &subject))
        }
    };
    let sentence = text::sentence(section, code, &subject, &changes, names, between);
    let mut finding = Finding::new(rule, section, subject, sentence);
    finding.code = code.into();
    (finding.absent_from, finding.changes, finding.owner) = (absent_from, changes, owner);
    Some(finding)
}

/// The vendor's name (H1.4).
fn vendors(code: &'static str, subject: &Subject) -> &'static str {
    match (code, subject.kind) {
        (MISSING, Some(MappingKind::Global)) => "GlobalMapMissing",
        (MISSING, Some(MappingKind::Routine)) => "RoutineMapMissing",
        (MISSING, Some(MappingKind::Package)) => "PackageMapMissing",
        _ => code,
    }
}

/// The rule for what is worse than others of its kind.
fn worse(
    section: Section,
    code: &str,
    subject: &Subject,
    changes: &[Change],
    sides: [&Configuration; 2],
) -> Option<&'static Rule> {
    let id = match (section, code) {
        (Section::Resources, MISSING) if Name::from(&*subject.name).is(HSSYS_RESOURCE) => {
            "hssys-resource-missing"
        }
        (Section::Applications, DIFFERENCE) if on_one_side(changes, is_open) => "application-open",
        (Section::Services, DIFFERENCE) if on_one_side(changes, is_open) => "service-open",
        (Section::Applications, DIFFERENCE) if on_one_side(changes, grants_all) => {
            "application-grants-all"
        }
        (Section::Applications, EXTRA) if is_extra_open(&subject.name, sides[1]) => {
            "application-extra-open"
        }
        (Section::Tasks, DIFFERENCE) if look::runs_nowhere(subject, sides) => "task-runs-nowhere",
        _ => return None,
    };
    rule::named(id)
}

/// Whether a changed property has something on one side only.
fn on_one_side(changes: &[Change], has: fn(&str, &Shown) -> bool) -> bool {
    changes.iter().any(|change| {
        let has = |side: &Option<Shown>| {
            side.as_ref().is_some_and(|shown| has(change.property.field, shown))
        };
        has(&change.primary) != has(&change.member)
    })
}

/// Lets anybody in without a login (H4.6).
fn is_open(field: &str, shown: &Shown) -> bool {
    field == "authentication_methods"
        && shown.spelled.split(',').any(|method| method == "Unauthenticated")
}

/// Gives `%All` to somebody (H4.5).
fn grants_all(field: &str, shown: &Shown) -> bool {
    let targets = |row: &str| row.split(':').skip(1).any(|role| role.eq_ignore_ascii_case("%All"));
    field == "match_roles" && shown.spelled.split(',').any(targets)
}

fn is_extra_open(name: &str, member: &Configuration) -> bool {
    let objects = &member.applications.objects;
    let at = objects.binary_search_by(|other| crate::model::fold_order(other.name(), name));
    let Some(application) = at.ok().and_then(|at| objects.get(at)) else { return false };
    if application.enabled == Some(false) {
        return false;
    }
    // What states no way to log in has the product's default, which is none at all (H4.5).
    let methods = application.authentication_methods.as_ref().map(Shown::of);
    let roles = application.match_roles.as_ref().map(Shown::of);
    methods.is_none_or(|shown| is_open("authentication_methods", &shown))
        || roles.is_some_and(|shown| grants_all("match_roles", &shown))
}

#[cfg(test)]
mod tests {
    use crate::model::{Application, Declared};

    /// They name fields of the declaration; a field that is renamed must be renamed here.
    #[test]
    fn properties_that_are_named_are_declared() {
        for name in ["authentication_methods", "match_roles"] {
            assert!(
                Application::PROPERTIES.iter().any(|property| property.field == name),
                "{name}"
            );
        }
    }
}
