//! Causes and consequences.
//!
//! Owns which finding explains which (an absent database its namespace, that its mappings, an absent
//! role what names it, other versions what the product brings along), and the order of all findings.
//! Takes the findings in the order of sections, gives them in the order in which putting them right
//! makes sense.
//! Invariant: every finding is there once, below the one that explains it; what blocks is nobody's
//! consequence; a circle of explanations cannot hide one.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Finding;
use super::judgement::versions_differ;
use crate::compare::Side;
use crate::model::{
    Configuration, Name, Object, Owner, Section, Shown, Subject, Task, fold_order, folded,
    starts_with_folded,
};

/// The sections in the order in which putting them right makes sense: what others name comes first
/// (H8.4, design 7).
const STAGES: [Section; 11] = [
    Section::Member,
    Section::Databases,
    Section::Namespaces,
    Section::Resources,
    Section::Roles,
    Section::Mappings,
    Section::Applications,
    Section::Users,
    Section::Tasks,
    Section::Services,
    Section::Tls,
];

fn stage(section: Section) -> usize {
    STAGES.iter().position(|known| *known == section).unwrap_or(STAGES.len())
}

/// Where the findings stand that can explain others.
struct Known<'a> {
    sides: [&'a Configuration; 2],
    /// By section and folded name: what one side lacks.
    absent: HashMap<(Section, Side, String), usize>,
    /// By section and folded name: what differs.
    different: HashMap<(Section, String), usize>,
    /// Versions that differ.
    versions: Option<usize>,
}

/// Tells every finding its cause.
pub(super) fn explain(findings: &mut [Finding], sides: [&Configuration; 2]) {
    let mut known =
        Known { sides, absent: HashMap::new(), different: HashMap::new(), versions: None };
    for (at, finding) in findings.iter().enumerate() {
        let explains = matches!(
            finding.section,
            Section::Namespaces | Section::Databases | Section::Resources | Section::Roles
        );
        if finding.rule.id == "versions-differ" {
            known.versions = Some(at);
        } else if let Some(side) = finding.absent_from {
            let name = match finding.section {
                Section::Users => Some(folded(&finding.subject.name)),
                Section::Tasks => Some(folded(&reference(&finding.subject))),
                _ => explains.then(|| folded(&finding.subject.name)),
            };
            if let Some(name) = name {
                known.absent.entry((finding.section, side, name)).or_insert(at);
            }
        } else if !finding.changes.is_empty()
            && matches!(finding.section, Section::Roles | Section::Users | Section::Resources)
        {
            let name = folded(&finding.subject.name);
            known.different.entry((finding.section, name)).or_insert(at);
        }
    }
    let versions = versions_differ(sides[0], sides[1]);
    let causes: Vec<Option<usize>> = findings
        .iter()
        .enumerate()
        .map(|(at, finding)| {
            let cause = known.cause(finding, versions).filter(|cause| *cause != at);
            cause.filter(|_| !finding.rule.blocking)
        })
        .collect();
    for (finding, cause) in findings.iter_mut().zip(causes) {
        finding.cause = cause;
    }
}

impl Known<'_> {
    fn absent(&self, section: Section, side: Side, name: &str) -> Option<usize> {
        self.absent.get(&(section, side, folded(name))).copied()
    }

    fn cause(&self, finding: &Finding, versions: bool) -> Option<usize> {
        let by_name = if finding.access.is_some() {
            self.of_access(finding)
        } else if let Some(side) = finding.absent_from {
            self.of_absence(finding, side)
        } else if !finding.changes.is_empty() {
            self.of_difference(finding)
        } else {
            self.of_one_side(finding)
        };
        // Who can log in and what they may do is never explained away, whoever made the account.
        let of_product = finding.owner == Owner::Product
            && finding.is_difference()
            && (finding.section != Section::Users || finding.changes.is_empty())
            && finding.section != Section::Member;
        let of_versions = of_product || is_renamed(finding);
        by_name.or_else(|| self.versions.filter(|_| versions && of_versions))
    }

    /// What a side names and lacks is explained where the other side has it; what both lack, neither
    /// lacks beside the other.
    fn of_one_side(&self, finding: &Finding) -> Option<usize> {
        let side = finding.about?;
        if let Some(target) = &finding.target {
            return self.absent(target.section, side, &target.name);
        }
        if finding.section != Section::Tasks {
            return None;
        }
        // The other side still tells what the task runs after.
        let [primary, member] = self.sides;
        let other = if side == Side::Member { primary } else { member };
        let mut tasks = other.tasks.objects.iter();
        let task = tasks.find(|task| task.own_reference() == reference(&finding.subject))?;
        self.absent(Section::Tasks, side, task.predecessor()?.reference())
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
                namespace.or_else(|| subject.database.as_deref().and_then(on))
            }
            Section::Tasks => subject.namespace.as_deref().and_then(within),
            Section::Applications => {
                let application = object(&has.applications.objects, subject)?;
                application.namespace.as_deref().and_then(within)
            }
            Section::Namespaces => {
                let namespace = object(&has.namespaces.objects, subject)?;
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
                            let one = list.iter().find(|one| named(one) == Some(name));
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

fn object<'a, T: Object>(objects: &'a [T], subject: &Subject) -> Option<&'a T> {
    let at = objects.binary_search_by(|object| fold_order(object.name(), &subject.name));
    objects.get(at.ok()?)
}

/// The findings in the order of putting right: what blocks, then what is worst, each with its
/// consequences after it; causes are told anew by place.
pub(super) fn arranged(findings: Vec<Finding>) -> Vec<Finding> {
    let count = findings.len();
    let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut roots = Vec::new();
    for (at, finding) in findings.iter().enumerate() {
        match finding.cause {
            Some(cause) if cause < count => children.entry(cause).or_default().push(at),
            _ => roots.push(at),
        }
    }
    // A finding is as bad as the worst that follows from it.
    let mut worst: Vec<_> = findings.iter().map(Finding::severity).collect();
    for _ in 0..DEPTH {
        let mut changed = false;
        for (cause, consequences) in &children {
            let of = consequences.iter().filter_map(|at| worst.get(*at).copied()).min();
            if let (Some(of), Some(own)) = (of, worst.get_mut(*cause))
                && of < *own
            {
                *own = of;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let counts = counted(&findings);
    let key = |at: &usize| {
        let finding = findings.get(*at);
        let blocking = finding.is_some_and(|finding| finding.rule.blocking);
        let section = finding.map_or(STAGES.len(), |finding| stage(finding.section));
        let waived = finding.is_some_and(|finding| finding.waived.is_some());
        // Of several alike the one that explains most comes first; of the pair, who the two are.
        let of_pair = finding.is_some_and(|finding| finding.section == Section::Member);
        let explains = Reverse(counts.get(*at).copied().filter(|_| !of_pair));
        (waived, !blocking, worst.get(*at).copied(), section, explains, *at)
    };
    roots.sort_by_key(key);
    children.values_mut().for_each(|consequences| consequences.sort_by_key(key));
    let mut order = Vec::with_capacity(count);
    let mut seen = vec![false; count];
    let mut open: Vec<usize> = roots.into_iter().rev().collect();
    let mut rest = 0..count;
    loop {
        let Some(at) = open.pop().or_else(|| rest.find(|at| !seen.get(*at).is_some_and(|s| *s)))
        else {
            break;
        };
        match seen.get_mut(at) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        order.push(at);
        open.extend(children.get(&at).into_iter().flatten().rev());
    }
    reordered(findings, &order)
}

/// How many findings each explains, directly or through others. A cause may stand after what it
/// explains, so the chains are walked up; they are short.
fn counted(findings: &[Finding]) -> Vec<usize> {
    let mut counts = vec![0; findings.len()];
    for finding in findings {
        let mut cause = finding.cause;
        for _ in 0..DEPTH {
            let Some(at) = cause else { break };
            if let Some(count) = counts.get_mut(at) {
                *count += 1;
            }
            cause = findings.get(at).and_then(|above| above.cause);
        }
    }
    counts
}

/// How long a chain of causes can be: access, user, role, resource, database, and one to spare.
const DEPTH: usize = 6;

fn reordered(findings: Vec<Finding>, order: &[usize]) -> Vec<Finding> {
    let mut place = vec![0; findings.len()];
    for (now, before) in order.iter().enumerate() {
        if let Some(place) = place.get_mut(*before) {
            *place = now;
        }
    }
    let mut before: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
    let taken = order.iter().enumerate().filter_map(|(now, at)| {
        let mut finding = before.get_mut(*at)?.take()?;
        // A cause stands before what it explains; in a circle one of them has none.
        let cause = finding.cause.and_then(|cause| place.get(cause).copied());
        finding.cause = cause.filter(|cause| *cause < now);
        Some(finding)
    });
    taken.collect()
}
