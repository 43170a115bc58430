//! What the healthcare product needs around HSSYS on every member.
//!
//! Owns the checks of H1.1 and H1.2 that files can answer: HSLIB not mirrored, HSSYS mapped into
//! `%SYS`, HS_Services enabled, the Mirror Monitor task there and at work.
//! Invariant: only a side that has the product's library is asked.

use super::Seen;
use super::census::Census;
use crate::model::{
    Extent, HSLIB, HSSYS, MappingKind, MirrorStatus, Object as _, Section, Subject,
};

/// The account of its connections between members (H1.2).
const SERVICES: &str = "HS_Services";
/// The task that starts the agent (H1.2).
const MONITOR: &str = "Mirror Monitor Launch Task";
/// The global by which `%SYS` sees HSSYS (H1.1).
const SEEN_BY: &str = "%SYS(\"HealthShare\")";

fn subject(name: &str) -> Subject {
    Subject { name: name.to_owned(), ..Subject::default() }
}

/// Looks at a side with the healthcare product.
pub(super) fn look(side: Census<'_>, seen: &mut Vec<Seen>) {
    if !side.is_healthcare() {
        return;
    }
    if side.0.in_mirror(HSLIB).known() == Some(true) {
        let does = "is in the mirror, which it must not be";
        seen.push(Seen::new("hslib-mirrored", Section::Databases, subject(HSLIB), does));
    }
    if side.has(Section::Databases, HSSYS) == Some(true) && !is_mapped(side) {
        let what = Subject {
            name: SEEN_BY.to_owned(),
            namespace: Some("%SYS".to_owned()),
            kind: Some(MappingKind::Global),
            database: Some(HSSYS.to_owned()),
            ..Subject::default()
        };
        let does = "does not exist there, so %SYS does not see HSSYS";
        seen.push(Seen::new("hssys-not-mapped", Section::Mappings, what, does));
    }
    if let Some(user) = side.user(SERVICES).filter(|user| user.enabled == Some(false)) {
        let does = "is disabled; the healthcare product logs in with it";
        seen.push(Seen::new("hs-services-disabled", Section::Users, user.subject(), does));
    }
    if side.has(Section::Namespaces, HSSYS) == Some(true) {
        monitor(side, seen);
    }
}

/// What neither the instance tells about a side with the healthcare product nor anybody attests.
pub(super) fn unknown(side: Census<'_>, word: &str) -> Option<String> {
    let unknown = side.is_healthcare() && side.0.in_mirror(HSLIB).known().is_none();
    unknown.then(|| {
        format!("{word}: unknown whether HSLIB is in the mirror; attest hslibMirrored to tell.")
    })
}

fn is_mapped(side: Census<'_>) -> bool {
    let mappings = &side.0.mappings;
    // A mapping of the whole global does as well.
    let global = SEEN_BY.split('(').next().unwrap_or_default();
    mappings.extent != Extent::Complete
        || mappings.objects.iter().any(|mapping| {
            (mapping.namespace.is("%SYS") || mapping.namespace.is("%ALL"))
                && mapping.kind == MappingKind::Global
                && (&*mapping.name == SEEN_BY || &*mapping.name == global)
                && mapping.database.as_ref().is_some_and(|database| database.is(HSSYS))
        })
}

fn monitor(side: Census<'_>, seen: &mut Vec<Seen>) {
    let mut tasks = side.0.tasks.objects.iter();
    let found = tasks.find(|task| task.namespace.is(HSSYS) && &*task.name == MONITOR);
    let Some(task) = found else {
        if side.all_tasks().is_some() {
            let what = Subject { namespace: Some(HSSYS.to_owned()), ..subject(MONITOR) };
            let does = "does not exist";
            seen.push(Seen::new("mirror-monitor-missing", Section::Tasks, what, does));
        }
        return;
    };
    if task.suspended.unwrap_or_default() != 0 {
        let does = "is suspended";
        seen.push(Seen::new("mirror-monitor-suspended", Section::Tasks, task.subject(), does));
    }
    if task.mirror_status != Some(MirrorStatus::Any) {
        let does = "does not run on every mirror member";
        seen.push(Seen::new("mirror-monitor-confined", Section::Tasks, task.subject(), does));
    }
}
