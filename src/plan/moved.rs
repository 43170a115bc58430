//! What moved since a plan was made.
//!
//! Owns the holding of a plan against two configurations of today: whether they are those that it was
//! made from, and if not, which sections of which side are not, and which of its objects.
//! Invariant: a plan holds only for the two states that it was made from (design 7).

use super::state::{State, state};
use super::{Plan, SectionDigest, Side};
use crate::model::{Configuration, Digest};

/// What moved, a sentence part each; nothing where both sides are as they were. The digests are those
/// of today with those of their sections, the primary's first.
pub fn moved(
    plan: &Plan,
    digests: [&(Digest, Vec<SectionDigest>); 2],
    member: &Configuration,
) -> Vec<String> {
    let mut moved = Vec::new();
    for (side, (digest, sections)) in [&plan.primary, &plan.member].into_iter().zip(digests) {
        if side.configuration_sha256 == *digest {
            continue;
        }
        let names = changed(side, sections);
        moved.push(match names.is_empty() {
            // What stands in no section: who the side is, what is attested, how much was gathered.
            true => format!("what is known of {}", side.name),
            false => format!("{} of {}", names.join(", "), side.name),
        });
    }
    if !moved.is_empty() {
        let states = state(&plan.steps, member);
        let steps = plan.steps.iter().zip(states);
        let gone: Vec<&str> = steps
            .filter(|(step, state)| {
                let known = !matches!(state, State::Before | State::Unknown);
                known && step.standing == super::Standing::Ready
            })
            .map(|(step, _)| step.id.as_str())
            .collect();
        if let [first, rest @ ..] = gone.as_slice() {
            let more =
                if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            moved.push(format!("what step {first}{more} found before it"));
        }
    }
    moved
}

fn changed(side: &Side, now: &[SectionDigest]) -> Vec<String> {
    let then = |section: &SectionDigest| {
        side.sections.iter().find(|one| one.section == section.section).map(|one| one.sha256)
    };
    let changed = now.iter().filter(|section| then(section) != Some(section.sha256));
    changed.map(|section| section.section.to_string()).collect()
}
