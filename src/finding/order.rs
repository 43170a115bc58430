//! The order in which putting right makes sense.
//!
//! Owns the order of all findings: what blocks, then by how bad it is together with what follows from
//! it, then what others name before what names them, each with its consequences after it. Takes findings
//! whose causes are told by place, in any order.
//! Invariant: every finding is there once, below the one that explains it; a circle of explanations
//! cannot hide one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Finding;
use crate::model::Section;

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
    roots.sort_by_cached_key(key);
    children.values_mut().for_each(|consequences| consequences.sort_by_cached_key(key));
    let mut order = Vec::with_capacity(count);
    let mut seen = vec![false; count];
    let mut open: Vec<usize> = roots.into_iter().rev().collect();
    let mut rest = 0..count;
    // What a circle keeps away from every root comes at the end.
    while let Some(at) = open.pop().or_else(|| rest.find(|at| seen.get(*at) == Some(&false))) {
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
