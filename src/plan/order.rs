//! The order of steps, and what rests on what.
//!
//! Owns the way from proposals in any order to the steps of a plan: what each one needs is looked for on
//! the member and among the other steps, what others need comes first, and by which means each is done
//! is settled. `draft` brings the proposals.
//! Invariant: a step stands after every step that it needs; sections follow each other as design 7 has
//! them as far as that allows; nobody rests on what neither side has.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use super::repair::{Need, Presence, Site};
use super::step::{Means, Step};
use crate::model::{Section, folded};
use crate::operation::Verb;

/// A step, and what must be on the member before it.
#[derive(Debug)]
pub(super) struct Proposed {
    pub(super) step: Step,
    pub(super) needs: Vec<Need>,
}

impl Proposed {
    /// A step that needs nothing.
    pub(super) fn of(step: Step) -> Self {
        Self { step, needs: Vec::new() }
    }
}

/// The sections in the order in which they are put right (design 7, H8.4).
const STAGES: [Section; 11] = [
    Section::Member,
    Section::Resources,
    Section::Databases,
    Section::Roles,
    Section::Namespaces,
    Section::Mappings,
    Section::Services,
    Section::Tls,
    Section::Applications,
    Section::Users,
    Section::Tasks,
];

/// Deletions come last, in the reverse order.
fn stage(step: &Step) -> usize {
    let at = STAGES.iter().position(|known| *known == step.section).unwrap_or(STAGES.len());
    if step.verb == Verb::Delete { 2 * STAGES.len() - at } else { at }
}

/// The steps in order, each with what it needs and by which means it is done.
pub(super) fn settled(mut proposals: Vec<Proposed>, site: &Site<'_>) -> Vec<Step> {
    proposals.sort_by_cached_key(|one| (stage(&one.step), one.step.id.clone()));
    tell_apart(&mut proposals);
    let made: HashMap<(Section, String), usize> = proposals
        .iter()
        .enumerate()
        .filter(|(_, one)| one.step.verb == Verb::Create)
        .map(|(at, one)| ((one.step.section, one.step.object.key()), at))
        .collect();
    let mut needs: Vec<Vec<usize>> = Vec::with_capacity(proposals.len());
    for proposed in &mut proposals {
        let mut rests = Vec::new();
        for need in &proposed.needs {
            let key = match need.section {
                Section::Mappings => need.name.clone(),
                _ => folded(&need.name),
            };
            match made.get(&(need.section, key)) {
                Some(step) => rests.push(*step),
                None => without_step(&mut proposed.step, need, site),
            }
        }
        rests.sort_unstable();
        rests.dedup();
        needs.push(rests);
    }
    let order = after_needs(&needs);
    let sections: Vec<Section> = proposals.iter().map(|one| one.step.section).collect();
    let ids: Vec<String> = proposals.iter().map(|one| one.step.id.clone()).collect();
    let mut scripted = vec![false; proposals.len()];
    let mut steps: Vec<Option<Step>> = proposals.into_iter().map(|one| Some(one.step)).collect();
    let mut settled = Vec::with_capacity(steps.len());
    for (at, in_circle) in order {
        let Some(mut step) = steps.get_mut(at).and_then(Option::take) else { continue };
        let rests = needs.get(at).map(Vec::as_slice).unwrap_or_default();
        step.needs = rests.iter().filter_map(|need| ids.get(*need).cloned()).collect();
        if in_circle && step.means != Means::Hand {
            step.leave_to_a_person("it and what it names name each other");
        }
        // A merge file has no order of its own among actions of one kind, and runs before the script.
        let by_script = |need: &usize| {
            let same = sections.get(*need) == Some(&step.section);
            same || scripted.get(*need).copied().unwrap_or(false)
        };
        step.settle(step.may_hide() || rests.iter().any(by_script));
        if let Some(place) = scripted.get_mut(at) {
            *place = step.means == Means::Script;
        }
        settled.push(step);
    }
    settled
}

/// Two objects can be called alike where names hold a slash; a name that is approved means one step.
fn tell_apart(proposals: &mut [Proposed]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for proposed in proposals {
        let id = &mut proposed.step.id;
        let count = seen.entry(id.clone()).or_default();
        *count += 1;
        if *count > 1 {
            id.push_str(&format!("#{count}"));
        }
    }
}

/// What is needed and no step makes must be there, or a person looks.
fn without_step(step: &mut Step, need: &Need, site: &Site<'_>) {
    match site.presence(need) {
        Presence::There => {}
        // What rests on the bare global was looked for by the mapping itself.
        Presence::Unknown if need.section == Section::Mappings => {}
        // Whether the database has a resource of its own is not known.
        _ if step.section == Section::Databases => {}
        Presence::Unknown => {
            step.notes.push(format!("Whether the member has {need} is not known."));
        }
        Presence::Absent => {
            let why = format!("it names {need}, which the member lacks and no step makes");
            step.leave_to_a_person(&why);
        }
    }
}

/// The places in an order in which each comes after what it needs, lowest first, with whether it is in a
/// circle; circles come at the end, and after them what only rests on one.
fn after_needs(needs: &[Vec<usize>]) -> Vec<(usize, bool)> {
    let mut waiting: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (at, rests) in needs.iter().enumerate() {
        for need in rests {
            if let Some(list) = needed_by.get_mut(*need) {
                list.push(at);
            }
        }
    }
    let free = waiting.iter().enumerate().filter(|(_, count)| **count == 0);
    let mut free: BinaryHeap<Reverse<usize>> = free.map(|(at, _)| Reverse(at)).collect();
    let mut order = Vec::with_capacity(needs.len());
    while let Some(Reverse(at)) = free.pop() {
        order.push((at, false));
        for next in needed_by.get(at).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(*next) {
                *count -= 1;
                if *count == 0 {
                    free.push(Reverse(*next));
                }
            }
        }
    }
    // Of the rest, whoever nobody in it needs only rests on a circle: it is taken off, and so on.
    let mut rest: BTreeSet<usize> =
        waiting.iter().enumerate().filter(|(_, count)| **count > 0).map(|(at, _)| at).collect();
    let mut resting = Vec::new();
    loop {
        let needed = |at: &usize| {
            needed_by.get(*at).is_some_and(|by| by.iter().any(|one| rest.contains(one)))
        };
        let off: Vec<usize> = rest.iter().copied().filter(|at| !needed(at)).collect();
        if off.is_empty() {
            break;
        }
        rest.retain(|at| !off.contains(at));
        resting.push(off);
    }
    order.extend(rest.into_iter().map(|at| (at, true)));
    order.extend(resting.into_iter().rev().flatten().map(|at| (at, false)));
    order
}
