//! Each side, looked at by itself.
//!
//! Owns what is no difference between the sides and yet is not as it should be on one of them or on
//! both: names of things that are not there (`absent`), databases and mappings (`place`), databases in the
//! mirror (`mirror`), tasks (`schedule`), accounts and roles (`account`), what the healthcare product needs (`healthcare`).
//! Each takes one side and gives what it has seen; here what both sides have alike becomes one finding.
//! Invariant: nothing is called absent where its section is only a selection, and what the product made
//! and has alike on both sides raises nothing.

mod absent;
mod account;
mod census;
mod healthcare;
mod mirror;
mod place;
mod schedule;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::judgement::SIDES;
use super::rule;
use super::{Access, Finding, Names, Target, access, text};
use crate::compare::{Selection, Side};
use crate::model::{Configuration, Object as _, Owner, Section, Subject, folded};
use census::Census;

pub(super) use schedule::runs_nowhere;

/// Something that is so on one side.
#[derive(Debug)]
struct Seen {
    /// The id of its rule.
    id: &'static str,
    section: Section,
    subject: Subject,
    target: Option<Target>,
    owner: Owner,
    /// The end of its sentence: `names resource 'R', which does not exist there`.
    does: String,
}

impl Seen {
    fn new(id: &'static str, section: Section, subject: Subject, does: impl Into<String>) -> Self {
        let (target, owner) = (None, Owner::Site);
        Self { id, section, subject, target, owner, does: does.into() }
    }

    fn of(mut self, section: Section, name: &str) -> Self {
        self.target = Some(Target { section, name: name.to_owned() });
        self
    }

    fn made_by(mut self, owner: Owner) -> Self {
        self.owner = owner;
        self
    }

    /// What makes it the same on the other side.
    fn key(&self) -> (Section, &'static str, String, String) {
        let target = self.target.as_ref().map(|target| folded(&target.name)).unwrap_or_default();
        (self.section, self.id, self.subject.key(), target)
    }
}

/// What is seen on both sides.
pub(super) fn at(sides: [&Configuration; 2], names: &Names) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: [Vec<Seen>; 2] = Default::default();
    let [ours, theirs] = &mut seen;
    std::thread::scope(|scope| {
        scope.spawn(|| *ours = on(Census(sides[0]), Census(sides[1])));
        *theirs = on(Census(sides[1]), Census(sides[0]));
    });
    schedule::on_both(sides, &mut seen);
    mirror::on_both(sides, &mut seen);
    let mut merged: BTreeMap<_, (Seen, Option<Side>)> = BTreeMap::new();
    for (side, seen) in SIDES.into_iter().zip(seen) {
        for one in seen {
            let key = one.key();
            match merged.get_mut(&key) {
                Some((_, about)) if *about == Some(side) => {}
                Some((_, about)) => *about = None,
                None => {
                    merged.insert(key, (one, Some(side)));
                }
            }
        }
    }
    let called = |about| Arc::<str>::from(names.plain(about));
    let places = [called(Some(Side::Primary)), called(Some(Side::Member)), called(None)];
    for (one, about) in merged.into_values() {
        let Some(rule) = rule::named(one.id) else { continue };
        let sentence = text::of_side(one.section, &one.subject, about, &one.does, names);
        let mut finding = Finding::new(rule, one.section, one.subject, sentence);
        let [primary, member, both] = &places;
        finding.side = Some(Arc::clone(match about {
            Some(Side::Primary) => primary,
            Some(Side::Member) => member,
            None => both,
        }));
        (finding.about, finding.target, finding.owner) = (about, one.target, one.owner);
        findings.push(finding);
    }
    accesses(sides, names, &mut findings);
    findings
}

/// What nothing tells about the sides, and how to tell it: facts that can be attested, and what users may
/// really do.
pub(super) fn unknown(sides: [&Configuration; 2], selection: &Selection) -> Vec<String> {
    let mut unknown = Vec::new();
    if selection.includes(Section::Databases) {
        for (side, configuration) in SIDES.into_iter().zip(sides) {
            unknown.extend(healthcare::unknown(Census(configuration), side.word()));
        }
    }
    if selection.includes(Section::Users) && !access::is_known(sides[0], sides[1]) {
        let why = "it takes all users, roles and resources of both sides";
        unknown.push(format!("users: what they may really do was not worked out; {why}."));
    }
    unknown
}

fn on(side: Census<'_>, other: Census<'_>) -> Vec<Seen> {
    let mut seen = Vec::new();
    absent::look(side, other, &mut seen);
    place::look(side, &mut seen);
    schedule::look(side, &mut seen);
    account::look(side, &mut seen);
    healthcare::look(side, &mut seen);
    mirror::look(side, &mut seen);
    seen
}

/// How many permissions a sentence names.
const NAMED: usize = 4;

/// Adds what users may do on one side only.
fn accesses(sides: [&Configuration; 2], names: &Names, findings: &mut Vec<Finding>) {
    let rules = (rule::named("access-gained"), rule::named("access-lost"));
    let (Some(gained), Some(lost)) = rules else { return };
    for drifted in access::drifted(sides[0], sides[1]) {
        let (rule, other) = match drifted.allowed_on {
            Side::Member => (gained, Side::Primary),
            Side::Primary => (lost, Side::Member),
        };
        let what = if drifted.everything {
            "do everything (%All)".to_owned()
        } else {
            let named = drifted.permissions.iter().take(NAMED);
            let words: Vec<String> = named
                .map(|grant| format!("{} {}", grant.permission.verbs(), grant.resource))
                .collect();
            match drifted.count.saturating_sub(NAMED) {
                0 => words.join(", "),
                more => format!("{} and use {more} more resources", words.join(", ")),
            }
        };
        // Spelled as the primary spells it, as in every other finding.
        let user = Census(sides[0]).user(&drifted.user.name).unwrap_or(drifted.user);
        let subject = user.subject();
        let there = names.side(drifted.allowed_on);
        let not_there = names.side(other);
        let sentence =
            format!("users '{}' can {what} on '{there}' and not on '{not_there}'.", subject.name);
        let mut finding = Finding::new(rule, Section::Users, subject, sentence);
        finding.owner = drifted.user.owner();
        finding.about = Some(drifted.allowed_on);
        finding.access = Some(Access {
            everything: drifted.everything,
            permissions: drifted.permissions,
            count: drifted.count,
        });
        finding.target = match drifted.through {
            access::Through::Roles => {
                Some(Target { section: Section::Users, name: drifted.user.name.to_string() })
            }
            access::Through::Role(role) => {
                Some(Target { section: Section::Roles, name: role.to_string() })
            }
        };
        findings.push(finding);
    }
}
