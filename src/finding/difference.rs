//! The rule for every difference.
//!
//! Owns the step from a difference between the sides to a finding: its rule, the vendor's name for it
//! and its sentence. Where a difference is worse than others of its kind (an application open on one
//! side only, the resource of HSSYS), a rule of its own takes the place of the general one.
//! Invariant: one difference is one finding, and the vendor's name stays what it would be.

use super::rule::{self, DIFFERENCE, EXTRA, MISSING, Rule};
use super::{Finding, Names, drift, look, text};
use crate::compare::{Difference, Kind, Side};
use crate::model::{Between, Change, Configuration, Name, Owner, Section, Subject};

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
            let worse = match (section, code, owner) {
                (Section::Databases, MISSING, Owner::Product) => {
                    rule::named("product-database-missing")
                }
                (Section::Namespaces, MISSING, Owner::Product) => {
                    rule::named("product-namespace-missing")
                }
                _ => worse(section, code, &subject, &changes, sides),
            };
            (worse.unwrap_or(general), rule::vendors(code, subject.kind))
        }
    };
    let sentence = text::sentence(section, code, &subject, &changes, names, between);
    let mut finding = Finding::new(rule, section, subject, sentence);
    finding.code = code.into();
    (finding.absent_from, finding.changes, finding.owner) = (absent_from, changes, owner);
    Some(finding)
}

/// The rule for what is worse than others of its kind.
fn worse(
    section: Section,
    code: &str,
    subject: &Subject,
    changes: &[Change],
    sides: [&Configuration; 2],
) -> Option<&'static Rule> {
    let name = subject.name.as_str();
    let changed = |field: &str| changes.iter().any(|change| change.property.field == field);
    let applications = || sides.map(|side| side.applications.named(name));
    let id = match (section, code) {
        (Section::Resources, MISSING) if Name::from(name).is(sides[0].hssys_resource()) => {
            "hssys-resource-missing"
        }
        (Section::Applications, DIFFERENCE) => {
            let [ours, theirs] = applications();
            let (ours, theirs) = ours.zip(theirs)?;
            if ours.lets_anybody_in() != theirs.lets_anybody_in() {
                "application-open"
            } else if ours.grants_everything() != theirs.grants_everything() {
                "application-grants-all"
            } else {
                return None;
            }
        }
        (Section::Applications, EXTRA) => {
            let extra = applications()[1]?;
            let open = extra.lets_anybody_in() || extra.grants_everything();
            open.then_some("application-extra-open")?
        }
        (Section::Services, DIFFERENCE) => {
            let [ours, theirs] = sides.map(|side| side.services.named(name));
            let open = ours?.lets_anybody_in() != theirs?.lets_anybody_in();
            open.then_some("service-open")?
        }
        (Section::Tasks, DIFFERENCE) if look::runs_nowhere(subject, sides) => "task-runs-nowhere",
        (Section::Users, DIFFERENCE) if changed("enabled") => {
            let user = sides[1].users.named(name)?;
            (user.enabled == Some(false)).then_some("user-disabled")?
        }
        _ => return None,
    };
    rule::named(id)
}

#[cfg(test)]
mod tests {
    use crate::model::{Declared, User};

    /// It names a field of the declaration; a field that is renamed must be renamed here.
    #[test]
    fn the_property_that_is_named_is_declared() {
        assert!(User::PROPERTIES.iter().any(|property| property.field == "enabled"));
    }
}
