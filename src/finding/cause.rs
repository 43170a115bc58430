//! Causes and consequences.
//!
//! Owns which finding explains which: an absent database its namespace, that its mappings, an absent
//! role what names it, other versions what the product brings along. Takes the findings in the order of
//! sections and both sides, tells each finding its cause; `order` puts them below each other.
//! Invariant: a finding is explained only by one that would take it away with it; what blocks is
//! nobody's consequence.

use std::collections::HashMap;

use serde_json::Value;

use super::Finding;
use super::judgement::versions_differ;
use crate::compare::Side;
use crate::model::{
    Configuration, Name, Owner, Section, Shown, Subject, Task, folded, starts_with_folded,
};

/// Where the findings stand that can explain others.
struct Known<'a> {
    sides: [&'a Configuration; 2],
    /// By section and folded name: what one side lacks.
    absent: HashMap<(Section, Side, String), usize>,
    /// By section and folded name: what differs.
    different: HashMap<(Section, String), usize>,
    /// By section, namespace and name: tasks and mappings that one side lacks.
    alike: HashMap<(Section, Side, String), usize>,
    /// By what was changed: the findings themselves.
    fields: HashMap<usize, Vec<&'static str>>,
    /// By a task of either side: what it runs after.
    waits: [HashMap<String, &'a str>; 2],
    /// Versions that differ.
    versions: Option<usize>,
}

/// What a task or a mapping is called, whatever its class or kind.
fn subject_name(subject: &Subject) -> String {
    let namespace = subject.namespace.as_deref().unwrap_or_default();
    format!("{}\u{1}{}", folded(namespace), subject.name)
}

/// Tells every finding its cause.
pub(super) fn explain(findings: &mut [Finding], sides: [&Configuration; 2]) {
    let known = Known::of(findings, sides);
    let versions = versions_differ(sides[0], sides[1]);
    let causes: Vec<Option<usize>> = findings
        .iter()
        .enumerate()
        .map(|(at, finding)| {
            let cause = known.cause(finding, versions).filter(|cause| *cause != at);
            cause.filter(|_| !finding.rule.blocking)
        })
        .collect();
    for (finding, cause) in findings.iter_mut().zip(&causes) {
        finding.cause = *cause;
    }
    // The rule that knows more leads, and the difference that shows the same stands below it.
    for (at, cause) in causes.into_iter().enumerate() {
        let leads = findings.get(at).is_some_and(|finding| LEADING.contains(&finding.rule.id));
        let Some(general) = cause.filter(|_| leads) else { continue };
        let above = findings.get(general).and_then(|general| general.cause);
        if above.is_none()
            && let [Some(general), Some(special)] =
                findings.get_disjoint_mut([general, at]).map_or([None, None], |pair| pair.map(Some))
        {
            (general.cause, special.cause) = (Some(at), None);
        }
    }
}

/// Rules about one object that the healthcare product needs; they know more about it than that it is not
/// the same on both sides.
const LEADING: &[&str] = &[
    "hs-services-disabled",
    "hssys-not-mapped",
    "mirror-monitor-confined",
    "mirror-monitor-missing",
    "mirror-monitor-suspended",
];

impl<'a> Known<'a> {
    fn of(findings: &[Finding], sides: [&'a Configuration; 2]) -> Self {
        let mut known = Known {
            sides,
            absent: HashMap::new(),
            different: HashMap::new(),
            alike: HashMap::new(),
            fields: HashMap::new(),
            waits: sides.map(|side| {
                let waiting = side.tasks.objects.iter();
                let waiting =
                    waiting.filter_map(|task| Some((task.own_reference(), task.predecessor()?)));
                waiting.map(|(task, after)| (folded(&task), after.reference())).collect()
            }),
            versions: None,
        };
        for (at, finding) in findings.iter().enumerate() {
            if finding.rule.id == "versions-differ" {
                known.versions = Some(at);
            } else if let Some(side) = finding.absent_from {
                known.add_absent(at, finding, side);
            } else if !finding.changes.is_empty() {
                known.add_different(at, finding);
            }
        }
        known
    }

    fn add_absent(&mut self, at: usize, finding: &Finding, side: Side) {
        let Finding { section, subject, .. } = finding;
        let name = match section {
            Section::Namespaces
            | Section::Databases
            | Section::Resources
            | Section::Roles
            | Section::Users => folded(&subject.name),
            Section::Tasks => folded(&reference(subject)),
            _ => String::new(),
        };
        if !name.is_empty() {
            self.absent.entry((*section, side, name)).or_insert(at);
        }
        if matches!(section, Section::Tasks | Section::Mappings) {
            let key = (*section, side, subject_name(subject));
            self.alike.entry(key).or_insert(at);
        }
    }

    fn add_different(&mut self, at: usize, finding: &Finding) {
        let Finding { section, subject, changes, .. } = finding;
        let name = match section {
            Section::Tasks => subject_name(subject),
            Section::Roles | Section::Users => folded(&subject.name),
            _ => return,
        };
        self.fields.insert(at, changes.iter().map(|change| change.property.field).collect());
        self.different.entry((*section, name)).or_insert(at);
    }
}

impl Known<'_> {
    fn absent(&self, section: Section, side: Side, name: &str) -> Option<usize> {
        self.absent.get(&(section, side, folded(name))).copied()
    }

    /// Where something differs in a property.
    fn changed(&self, key: (Section, String), field: &str) -> Option<usize> {
        let at = self.different.get(&key).copied()?;
        self.fields.get(&at)?.contains(&field).then_some(at)
    }

    fn cause(&self, finding: &Finding, versions: bool) -> Option<usize> {
        let by_name = if finding.access.is_some() {
            // Who may do everything is never explained away.
            finding.access.as_ref().filter(|access| !access.everything)?;
            self.of_access(finding)
        } else if let Some(side) = finding.absent_from {
            self.of_absence(finding, side)
        } else if !finding.changes.is_empty() {
            self.of_difference(finding)
        } else {
            self.of_one_side(finding)
        };
        let of_product =
            finding.owner == Owner::Product && finding.is_difference() && !tells_who_may(finding);
        let of_versions = of_product || is_renamed(finding);
        by_name.or_else(|| self.versions.filter(|_| versions && of_versions))
    }

    /// What a side names and lacks is explained where the other side has it; what both lack, neither
    /// lacks beside the other.
    fn of_one_side(&self, finding: &Finding) -> Option<usize> {
        let side = finding.about?;
        let Finding { section, subject, .. } = finding;
        if let Some(target) = &finding.target {
            let different = || {
                let disabled = finding.rule.id == "task-user-disabled";
                let key = (target.section, folded(&target.name));
                disabled.then(|| self.changed(key, "enabled")).flatten()
            };
            return self.absent(target.section, side, &target.name).or_else(different);
        }
        let task = || (Section::Tasks, subject_name(subject));
        match finding.rule.id {
            "hs-services-disabled" => self.changed((*section, folded(&subject.name)), "enabled"),
            "mirror-monitor-suspended" => self.changed(task(), "suspended"),
            "mirror-monitor-confined" => self.changed(task(), "mirror_status"),
            "mirror-monitor-missing" | "hssys-not-mapped" => {
                let key = (*section, side, subject_name(subject));
                self.alike.get(&key).copied()
            }
            "task-predecessor-absent" => {
                // The other side still tells what the task runs after.
                let [primary, member] = &self.waits;
                let other = if side == Side::Member { primary } else { member };
                self.absent(Section::Tasks, side, other.get(&folded(&reference(subject)))?)
            }
            _ => None,
        }
    }

    /// A right that a user has on one side comes from the user's roles, or from a role.
    fn of_access(&self, finding: &Finding) -> Option<usize> {
        let target = finding.target.as_ref()?;
        let name = folded(&target.name);
        let lacking = [Side::Member, Side::Primary];
        self.different.get(&(target.section, name)).copied().or_else(|| {
            lacking.iter().find_map(|side| self.absent(target.section, *side, &target.name))
        })
    }

    /// What lacks its place lacks for that reason.
    fn of_absence(&self, finding: &Finding, side: Side) -> Option<usize> {
        let Finding { section, subject, .. } = finding;
        // The side that has it tells where it belongs.
        let [primary, member] = self.sides;
        let has = if side == Side::Member { primary } else { member };
        let within = |name: &str| self.absent(Section::Namespaces, side, name);
        let on = |name: &str| self.absent(Section::Databases, side, name);
        match section {
            Section::Mappings => {
                let namespace = subject.namespace.as_deref().and_then(within);
                // That a database is extra does not explain who maps something to it.
                let missing = side == Side::Member;
                let database = subject.database.as_deref().filter(|_| missing);
                namespace.or_else(|| database.and_then(on))
            }
            Section::Tasks => subject.namespace.as_deref().and_then(within),
            Section::Applications => {
                let application = has.applications.named(&subject.name)?;
                application.namespace.as_deref().and_then(within)
            }
            Section::Namespaces => {
                let namespace = has.namespaces.named(&subject.name)?;
                let databases = [&namespace.globals, &namespace.routines].into_iter().flatten();
                databases.into_iter().find_map(|database| on(database))
            }
            Section::Resources if starts_with_folded(&subject.name, "%DB_") => {
                subject.name.get("%DB_".len()..).and_then(on)
            }
            _ => None,
        }
    }

    /// A role or user that is not the same only because it names what the other side lacks.
    fn of_difference(&self, finding: &Finding) -> Option<usize> {
        let mut cause = None;
        for change in &finding.changes {
            let section = match (finding.section, change.property.field) {
                (Section::Roles, "resources") => Section::Resources,
                (Section::Roles, "granted_roles") | (Section::Users, "roles") => Section::Roles,
                _ => return None,
            };
            let [ours, theirs] = [&change.primary, &change.member]
                .map(|shown| shown.as_ref().and_then(|shown| shown.json.as_array()));
            let (ours, theirs) = ours.zip(theirs)?;
            let mut explain = |has: &[Value], other: &[Value], lacks: Side| {
                for name in has.iter().filter_map(named) {
                    let alike =
                        |one: &Value| named(one).is_some_and(|one| Name::from(one).is(name));
                    if !other.iter().any(alike) {
                        let at = self.absent(section, lacks, name)?;
                        cause = cause.or(Some(at));
                    } else if section == Section::Resources {
                        // Both name it, so the permissions must be the same.
                        let grants = |list: &[Value]| {
                            let one = list.iter().find(|one| alike(one));
                            one.and_then(|one| one.get("permission").cloned())
                        };
                        if grants(has) != grants(other) {
                            return None;
                        }
                    }
                }
                Some(())
            };
            explain(ours, theirs, Side::Member)?;
            explain(theirs, ours, Side::Primary)?;
        }
        cause
    }
}

/// Whether it tells who may log in or do something: no version explains that, whoever made the object.
fn tells_who_may(finding: &Finding) -> bool {
    let of_roles = finding.changes.iter().any(|change| change.property.field == "granted_roles");
    match finding.section {
        Section::Member | Section::Users => true,
        Section::Roles => of_roles,
        Section::Resources => !finding.changes.is_empty(),
        _ => {
            finding.rule.id.ends_with("-open")
                || matches!(finding.rule.id, "application-grants-all" | "task-runs-nowhere")
        }
    }
}

/// Whether all that differs is that a database of the product is called as Caché or as IRIS calls it
/// (formats 1.3).
fn is_renamed(finding: &Finding) -> bool {
    let bare = |shown: &Option<Shown>| -> Option<String> {
        let name = folded(&shown.as_ref()?.spelled);
        let rest = name.strip_prefix("cache").or_else(|| name.strip_prefix("iris"))?;
        matches!(rest, "temp" | "sys" | "lib" | "audit").then(|| rest.to_owned())
    };
    !finding.changes.is_empty()
        && finding.changes.iter().all(|change| {
            let (ours, theirs) = (bare(&change.primary), bare(&change.member));
            ours.is_some() && ours == theirs
        })
}

/// How other tasks refer to a task (formats 4).
fn reference(subject: &Subject) -> String {
    let namespace = subject.namespace.as_deref().unwrap_or_default();
    Task::reference(&subject.name, namespace, subject.task_class.as_deref().unwrap_or_default())
}

/// The name in an item of a list: a role, or a grant on a resource.
fn named(item: &Value) -> Option<&str> {
    item.as_str().or_else(|| item.get("resource").and_then(Value::as_str))
}
