//! A plan does what it says, and its undoing puts back what was there.
//!
//! Makes many pairs of members (`world`), lets a stand-in of the member (`instance`, which shares no code
//! with what writes the files) run the files of the hand-off as a person would, and compares again: what
//! is still different is what the plan left to a person. The scripts prove it, a second run changes
//! nothing, and the undoing gives the start state, exactly.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

#[path = "commands/line.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod line;

#[path = "instance/mod.rs"]
mod instance;
#[path = "world/mod.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use hsmirror::bundle;
use hsmirror::compare::Selection;
use hsmirror::finding::{self, Judgement};
use hsmirror::handoff::{self, Place};
use hsmirror::model::{Configuration, Section};
use hsmirror::plan::{self, Choice, Means, Plan, SectionDigest, Standing, State, Wishes};
use instance::Instance;
use world::pair;

fn judged(primary: &Configuration, member: &Configuration) -> Judgement {
    finding::judge(primary.clone(), member.clone(), &Selection::default())
}

fn planned(judgement: &Judgement, delete: bool) -> Plan {
    let digests = [&judgement.primary, &judgement.member].map(|side| {
        let sections = bundle::section_digests(side).unwrap().into_iter();
        let sections = sections.map(|(section, sha256)| SectionDigest { section, sha256 });
        (bundle::digest_of(side).unwrap(), sections.collect())
    });
    let extra = judgement.findings.iter().filter(|one| one.rule.id.contains("extra"));
    let delete = extra.filter(|_| delete).map(|one| one.id()).collect();
    let mut plan = plan::draft(judgement, digests, &Wishes { delete, ..Wishes::default() });
    plan.choose(&Choice { signed: true, ..Choice::default() }).unwrap();
    plan
}

fn files(plan: &Plan) -> BTreeMap<&'static str, String> {
    let place = Place { folder: "/handoff".to_owned(), ..Place::default() };
    handoff::files(plan, &place).into_iter().map(|file| (file.name, file.text)).collect()
}

/// What the plan leaves: objects whose step is not taken, and properties that a person sets.
fn left_to_a_person(plan: &Plan) -> (BTreeSet<(Section, String)>, BTreeSet<String>) {
    let not_taken = plan.steps.iter().filter(|step| step.standing != Standing::Ready);
    let mut objects: BTreeSet<_> =
        not_taken.map(|step| (step.section, step.object.path())).collect();
    // A user is made disabled.
    let made = plan
        .steps
        .iter()
        .filter(|step| step.section == Section::Users && step.verb == plan::Verb::Create);
    objects.extend(made.map(|step| (step.section, step.object.path())));
    let noted = plan
        .steps
        .iter()
        .filter(|step| step.notes.iter().any(|note| note.contains(" is left to a person")));
    objects.extend(noted.map(|step| (step.section, step.object.path())));
    (objects, plan.left.iter().map(|left| left.finding.clone()).collect())
}

fn round(seed: u64, delete: bool) -> usize {
    let [primary, member] = pair(seed);
    let judgement = judged(&primary, &member);
    let plan = planned(&judgement, delete);
    let files = files(&plan);
    let start = Instance::of(&member);
    let mut instance = start.clone();
    let told = |name: &str| format!("{seed}, {name}:\n{}", files[name]);
    // Nothing moved since the plan was made.
    if let Some(script) = files.get(handoff::BEFORE) {
        let session = instance.session(script);
        assert_eq!(session.status, 0, "{}\n{}", session.output, told(handoff::BEFORE));
        assert!(start == instance, "{seed}: before.script changed something");
    }
    if let Some(merge) = files.get(handoff::MERGE) {
        instance
            .merge(merge, seed)
            .unwrap_or_else(|fault| panic!("{fault}: {}", told(handoff::MERGE)));
    }
    if let Some(script) = files.get(handoff::APPLY) {
        let session = instance.session(script);
        assert_eq!(session.status, 0, "{}\n{}", session.output, told(handoff::APPLY));
    }
    if let Some(script) = files.get(handoff::VERIFY) {
        let before = instance.clone();
        let session = instance.session(script);
        assert_eq!(session.status, 0, "{}\n{}", session.output, told(handoff::VERIFY));
        assert!(before == instance, "{seed}: verify.script changed something");
    }

    // Each step is done, and what is still different was left to a person.
    let now = instance.configuration();
    let states = plan::state(&plan.steps, &now);
    for (step, state) in plan.steps.iter().zip(&states) {
        let done = *state == State::Done;
        assert!(done || step.standing != Standing::Ready, "{seed}: {} {state:?}", step.id);
    }
    let (objects, findings) = left_to_a_person(&plan);
    let again = judged(&primary, &now);
    for finding in again.findings.iter().filter(|one| one.is_difference() && one.access.is_none()) {
        let object = (finding.section, finding.subject.path());
        let left = objects.contains(&object) || findings.contains(&finding.id());
        assert!(left, "{seed}: {} {:?}", finding.id(), finding.changes);
    }

    // A second run of everything does no harm.
    let once = instance.clone();
    for (name, text) in &files {
        match *name {
            handoff::MERGE => instance.merge(text, seed + 1).unwrap(),
            handoff::APPLY => assert_eq!(instance.session(text).status, 0),
            _ => {}
        }
    }
    assert!(once == instance, "{seed}: a second run changed something");

    if let Some(merge) = files.get(handoff::UNDO_MERGE) {
        instance
            .merge(merge, seed)
            .unwrap_or_else(|fault| panic!("{fault}: {}", told(handoff::UNDO_MERGE)));
    }
    if let Some(script) = files.get(handoff::UNDO_SCRIPT) {
        let session = instance.session(script);
        assert_eq!(session.status, 0, "{}\n{}", session.output, told(handoff::UNDO_SCRIPT));
    }
    // The start state, exactly, but for what the plan says that nothing but a person can put back.
    let by_hand = plan.ready().filter(|step| step.reversal.means == Means::Hand);
    let by_hand: BTreeSet<_> = by_hand.map(|step| (step.section, step.object.path())).collect();
    let back = instance.configuration();
    let start_again = start.configuration();
    let apart = judged(&start_again, &back);
    let differs = apart.findings.iter().any(|one| {
        let object = (one.section, one.subject.path());
        one.section != Section::Member
            && one.is_difference()
            && one.access.is_none()
            && !by_hand.contains(&object)
    });
    if differs || by_hand.is_empty() && start != instance {
        let apart = judged(&start_again, &back);
        let ids: Vec<String> =
            apart.findings.iter().map(|one| format!("{} {:?}", one.id(), one.changes)).collect();
        panic!("{seed}: not the start state: {ids:#?}");
    }
    if let Some(script) = files.get(handoff::BEFORE).filter(|_| by_hand.is_empty()) {
        let session = instance.session(script);
        assert_eq!(session.status, 0, "{}\n{}", session.output, told(handoff::BEFORE));
    }
    plan.ready().count()
}

#[test]
fn what_is_planned_is_done_proved_and_undone() {
    let mut steps = 0;
    for seed in 0..150 {
        steps += round(seed, false);
    }
    assert!(steps > 1000, "{steps}");
}

#[test]
fn what_is_taken_away_comes_back() {
    for seed in 1000..1060 {
        round(seed, true);
    }
}

/// A script stops on the primary, on another member, and where a mapping would hide something.
#[test]
fn a_script_stops_where_it_must() {
    let mut stopped = 0;
    for seed in 0..40 {
        let [primary, member] = pair(seed);
        let plan = planned(&judged(&primary, &member), false);
        let files = files(&plan);
        let Some(script) = files.get(handoff::APPLY) else { continue };
        let start = Instance::of(&member);
        let mut instance = start.clone();
        instance.set_primary(true);
        let session = instance.session(script);
        assert!(session.status == 1 && session.output.contains("STOPPED"), "{}", session.output);
        assert!(start == instance, "{seed}: something was done on the primary");

        let mut other = member.clone();
        other.member.as_mut().unwrap().system_name = Some("C/IRIS".into());
        let mut instance = Instance::of(&other);
        assert_eq!(instance.session(script).status, 1);
        assert!(Instance::of(&other) == instance, "{seed}: something was done on another member");

        // Data of that name in the namespace's own database: the mapping is not made.
        let hiding = plan.ready().find(|step| {
            let plain = step.object.name.chars().all(|letter| letter.is_ascii_alphanumeric());
            let global = step.object.kind.is_some_and(|kind| kind.word() == "Global");
            plain
                && global
                && step.verb == plan::Verb::Create
                && !step.risks.is_empty()
                && step.needs.is_empty()
        });
        let Some(step) = hiding.filter(|step| step.means == Means::Script) else { continue };
        let namespace = step.object.namespace.as_deref().unwrap();
        let default = member.namespaces.named(namespace).and_then(|one| one.globals.clone());
        let mut instance = Instance::of(&member);
        instance.set_data(&default.unwrap(), &step.object.name);
        if let Some(merge) = files.get(handoff::MERGE) {
            instance.merge(merge, seed).unwrap();
        }
        let session = instance.session(script);
        let line = format!("STOPPED {}: ", step.id);
        assert!(session.output.contains(&line), "{line}{}", session.output);
        assert_eq!(session.status, 1);
        let state = plan::state(std::slice::from_ref(step), &instance.configuration());
        assert_eq!(state, [State::Before], "{}", step.id);
        stopped += 1;
    }
    assert!(stopped > 5, "{stopped}");
}
