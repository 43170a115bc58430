//! A plan that is rolled out can be stopped anywhere, ended later, and taken back.
//!
//! Makes many pairs of members (`world`), rolls the plan out on a stand-in of the member (`instance`),
//! and kills the run before any one of its acts on files and on the instance; then another run goes on or
//! goes back, which may be killed too. Merges lie: they say success and do nothing. In the end the member
//! is as the plan wants it, or as it was.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
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

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hsmirror::bundle;
use hsmirror::compare::Selection;
use hsmirror::durable::{Operation, Watch};
use hsmirror::error::{Error, Kind, Result};
use hsmirror::finding::{self, Judgement};
use hsmirror::handoff::{self, Place};
use hsmirror::instance::Spoken;
use hsmirror::model::{Configuration, Digest, Moment, Section};
use hsmirror::plan::{self, Choice, Means, Plan, SectionDigest, State, Wishes};
use hsmirror::rollout::{Decision, End, Ground, Rollout, Rollouts, Work};
use instance::Instance;
use world::{Chance, pair};

/// The life of one run: it is dead after so many operations, and does nothing more then.
#[derive(Clone, Default)]
struct Life(Arc<AtomicUsize>);

impl Life {
    fn of(operations: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(operations)))
    }
    fn long() -> Self {
        Self::of(usize::MAX)
    }
    /// Whether it still lives, and one operation less.
    fn spend(&self) -> bool {
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
    fn is_over(&self) -> bool {
        self.0.load(Ordering::SeqCst) == 0
    }
    fn watch(&self) -> Watch {
        let life = self.clone();
        Watch::new(move |operation| match operation {
            Operation::Look(_) | Operation::List | Operation::Read(_) => Ok(()),
            _ if life.spend() => Ok(()),
            _ => Err(io::Error::other("killed")),
        })
    }
}

/// The stand-in as a ground.
struct Stand<'a> {
    instance: &'a RefCell<Instance>,
    life: Life,
    /// How many merges lie before one does what it says.
    lies: &'a Cell<usize>,
    seed: u64,
}

fn spoken(status: i32, lines: Vec<String>) -> Spoken {
    Spoken { status, lines, errors: Vec::new(), came_to_end: false }
}

fn killed() -> Error {
    Error::new(Kind::Down, "The instance went down.", "Start it.")
}

impl Stand<'_> {
    /// Does something, unless the run is over before it; the run may be over after it too, when it does
    /// not hear the answer.
    fn act<T>(&self, work: impl FnOnce() -> T) -> Result<T> {
        if !self.life.spend() {
            return Err(killed());
        }
        let done = work();
        if self.life.spend() { Ok(done) } else { Err(killed()) }
    }
}

impl Ground for Stand<'_> {
    fn gather(&self) -> Result<Configuration> {
        self.act(|| self.instance.borrow().configuration())
    }
    fn merge(&self, file: &Path) -> Result<Spoken> {
        assert!(file.is_absolute());
        self.act(|| {
            let success = vec!["IRIS Merge completed successfully".to_owned()];
            let lies = self.lies.get();
            if lies > 0 {
                self.lies.set(lies - 1);
                return spoken(0, success);
            }
            let text = fs::read_to_string(file).unwrap();
            match self.instance.borrow_mut().merge(&text, self.seed) {
                Ok(()) => spoken(0, success),
                Err(fault) => panic!("{}: {fault}\n{text}", self.seed),
            }
        })
    }
    fn session(&self, script: &str) -> Result<Spoken> {
        self.act(|| {
            let session = self.instance.borrow_mut().session(script);
            let lines = session.output.lines().map(str::to_owned).collect();
            spoken(session.status, lines)
        })
    }
}

fn judged(primary: &Configuration, member: &Configuration) -> Judgement {
    finding::judge(primary.clone(), member.clone(), &Selection::default())
}

fn planned(primary: &Configuration, member: &Configuration) -> Plan {
    let judgement = judged(primary, member);
    let digests = [&judgement.primary, &judgement.member].map(|side| {
        let sections = bundle::section_digests(side).unwrap().into_iter();
        let sections = sections.map(|(section, sha256)| SectionDigest { section, sha256 });
        (bundle::digest_of(side).unwrap(), sections.collect())
    });
    let mut plan = plan::draft(&judgement, digests, &Wishes::default());
    plan.choose(&Choice { signed: true, ..Choice::default() }).unwrap();
    plan
}

/// A member, the plan for it, and the state folder.
struct Case {
    seed: u64,
    plan: Plan,
    start: Instance,
    instance: RefCell<Instance>,
    lies: Cell<usize>,
    state: tempfile::TempDir,
}

impl Case {
    fn new(seed: u64) -> Self {
        let [primary, member] = pair(seed);
        let plan = planned(&primary, &member);
        let start = Instance::of(&member);
        let instance = RefCell::new(start.clone());
        let state = tempfile::tempdir().unwrap();
        Self { seed, plan, start, instance, lies: Cell::new(0), state }
    }

    fn stand(&self, life: &Life) -> Stand<'_> {
        Stand { instance: &self.instance, life: life.clone(), lies: &self.lies, seed: self.seed }
    }

    fn rollouts(&self, life: &Life) -> Result<Rollouts> {
        Rollouts::open(self.state.path(), "IRIS", "", Some(life.watch()))
    }

    fn begin(&self, life: &Life) -> Result<Rollout> {
        let mut text = Vec::new();
        self.plan.write(&mut text).unwrap();
        let decision = Decision {
            begun: Moment::new(1_700_000_000).unwrap(),
            system_name: self.plan.member.system_name.clone(),
            primary: "P.age".to_owned(),
            work: Work::Plan(Digest::of(&text)),
        };
        self.rollouts(life)?.begin(decision, |folder| {
            let place = Place { folder: folder.display().to_string(), ..Place::default() };
            let files = handoff::files(&self.plan, &place).into_iter();
            let files = files.map(|file| (file.name.to_owned(), file.text.into_bytes()));
            files.chain([(handoff::PLAN.to_owned(), text)]).collect()
        })
    }

    /// The first run, and every later one that goes on.
    fn forth(&self, life: &Life) -> Result<()> {
        let rollouts = self.rollouts(life)?;
        let last = rollouts.last()?;
        // Killed after the last line was written: a new plan would find nothing to do.
        if last.as_ref().is_some_and(|last| last.journal().ended == Some(End::Done)) {
            return Ok(());
        }
        let unfinished = rollouts.unfinished()?;
        drop(rollouts);
        let mut rollout = match unfinished {
            Some(rollout) => rollout,
            None => self.begin(life)?,
        };
        let plan = rollout.plan()?.unwrap();
        assert_eq!(plan, self.plan);
        let configuration = rollout.forth(&plan, &self.stand(life), &mut |_| {})?;
        assert_eq!(rollout.journal().ended, Some(End::Done));
        // What is given at the end is what the instance holds.
        assert!(configuration == self.instance.borrow().configuration(), "{}", self.seed);
        Ok(())
    }

    fn back(&self, life: &Life) -> Result<usize> {
        let mut rollout = self.rollouts(life)?.to_revert()?;
        let plan = rollout.plan()?.unwrap();
        let by_hand = rollout.back(&plan, &self.stand(life), &mut |_| {})?;
        assert_eq!(rollout.journal().ended, Some(End::Reverted));
        Ok(by_hand.len())
    }

    fn is_done(&self) {
        let states = plan::state(&self.plan.steps, &self.instance.borrow().configuration());
        for (step, state) in self.plan.steps.iter().zip(states) {
            let taken = step.standing == plan::Standing::Ready;
            assert!(!taken || state == State::Done, "{}: {} {state:?}", self.seed, step.id);
        }
    }

    /// The member is as it was, but for what only a person can put back.
    fn is_as_before(&self) {
        let by_hand = self.plan.ready().filter(|step| step.reversal.means == Means::Hand);
        let by_hand: BTreeSet<_> = by_hand.map(|step| (step.section, step.object.path())).collect();
        let instance = self.instance.borrow();
        let apart = judged(&self.start.configuration(), &instance.configuration());
        let differs: Vec<String> = apart
            .findings
            .iter()
            .filter(|one| {
                let object = (one.section, one.subject.path());
                one.section != Section::Member
                    && one.is_difference()
                    && one.access.is_none()
                    && !by_hand.contains(&object)
            })
            .map(|one| format!("{} {:?}", one.id(), one.changes))
            .collect();
        assert!(differs.is_empty(), "{}: {differs:#?}", self.seed);
        assert!(!by_hand.is_empty() || *instance == self.start, "{}", self.seed);
    }

    /// What `--status` says of it is so.
    fn stands(&self) -> bool {
        let standing = Rollouts::look(self.state.path(), "iris", "").unwrap().standing().unwrap();
        let row = |label: &str| standing.rows.iter().find(|(named, _)| named == label);
        assert_eq!(standing.interrupted, row("Next").is_some(), "{standing:?}");
        standing.interrupted
    }
}

/// How many operations a run has.
fn operations(run: impl FnOnce(&Life)) -> usize {
    let life = Life::long();
    run(&life);
    usize::MAX - life.0.load(Ordering::SeqCst)
}

#[test]
fn what_is_rolled_out_is_done_and_comes_back() {
    let (mut steps, mut again) = (0, 0);
    for seed in 0..30 {
        let case = Case::new(seed);
        steps += case.plan.ready().count();
        case.forth(&Life::long()).unwrap();
        case.is_done();
        assert!(!case.stands());
        let by_hand = case.back(&Life::long()).unwrap();
        case.is_as_before();
        assert!(!case.stands());
        if by_hand > 0 {
            continue;
        }
        again += 1;
        // And again, under the next number.
        case.forth(&Life::long()).unwrap();
        case.is_done();
        assert!(case.state.path().join("rollout-IRIS-0002/journal.jsonl").is_file());
    }
    assert!(steps > 200 && again > 5, "{steps} {again}");
}

/// One member, killed before each operation in turn, then ended or taken back.
#[test]
fn killed_anywhere_it_is_ended_or_taken_back() {
    let seed = (0..).find(|seed| {
        let plan = planned(&pair(*seed)[0], &pair(*seed)[1]);
        [Means::Merge, Means::Script]
            .into_iter()
            .all(|means| plan.ready().filter(|step| step.means == means).count() > 2)
    });
    let seed = seed.unwrap();
    let all = operations(|life| Case::new(seed).forth(life).unwrap());
    assert!(all > 40, "{all}");
    let mut interrupted = 0;
    for at in 0..all {
        for back in [false, true] {
            let case = Case::new(seed);
            let life = Life::of(at);
            let error = case.forth(&life).unwrap_err();
            assert!(life.is_over(), "{at}: {error}");
            interrupted += usize::from(case.stands());
            if !back {
                case.forth(&Life::long()).unwrap();
                case.is_done();
                continue;
            }
            match case.back(&Life::long()) {
                Ok(_) => {}
                // Killed before the journal was there, or after nothing had been changed.
                Err(error) => assert_eq!(error.kind, Kind::Refused, "{at}: {error}"),
            }
            case.is_as_before();
            assert!(!case.stands(), "{at}");
        }
    }
    assert!(interrupted > 40, "{interrupted} of {all}");
}

/// Many members, killed here and there on every way, with merges that lie.
#[test]
fn whatever_happens_the_end_is_one_of_two() {
    let mut lies = 0;
    for seed in 0..60 {
        let case = Case::new(seed);
        let mut chance = Chance(seed);
        if case.plan.ready().next().is_none() {
            continue;
        }
        let mut back = false;
        let mut ended = false;
        for turn in 0..12 {
            case.lies.set(usize::from(chance.one_in(3)));
            let lied = case.lies.get();
            let life = Life::of(4 + chance.below(70));
            let result = match back {
                false => case.forth(&life),
                true => case.back(&life).map(drop),
            };
            lies += lied - case.lies.get();
            match result {
                Ok(()) => {
                    ended = true;
                    break;
                }
                Err(error) if !life.is_over() => {
                    let lied = error.kind == Kind::Unfinished && lied > 0;
                    assert!(lied, "{seed}, {turn}: {error:?}");
                }
                Err(_) => {}
            }
            // Once it goes back it stays at that.
            let begun = case.rollouts(&Life::long()).unwrap().unfinished().unwrap();
            back = begun.is_some_and(|one| one.journal().is_reverting() || chance.one_in(4));
        }
        case.lies.set(0);
        if !ended {
            match back {
                false => case.forth(&Life::long()).unwrap(),
                true => case.back(&Life::long()).map(drop).unwrap(),
            }
        }
        match back {
            false => case.is_done(),
            true => case.is_as_before(),
        }
        assert!(!case.stands());
    }
    assert!(lies > 10, "{lies}");
}

fn with_merges() -> Case {
    let case = (0..).map(Case::new).find(|case| {
        [Means::Merge, Means::Script]
            .into_iter()
            .all(|means| case.plan.ready().filter(|step| step.means == means).count() > 1)
    });
    case.unwrap()
}

#[test]
fn a_merge_that_lies_is_stopped_at_with_the_steps() {
    let case = with_merges();
    case.lies.set(1);
    let error = case.forth(&Life::long()).unwrap_err();
    assert_eq!(error.kind, Kind::Unfinished);
    let step = case.plan.ready().find(|step| step.means == Means::Merge).unwrap();
    assert!(error.message.contains("The merge said success, and "), "{error}");
    assert!(error.message.contains(&step.id), "{error}");
    assert!(error.hint.contains("hsmirror apply --status --instance IRIS"), "{error}");
    // Nothing of the script was done.
    let now = case.instance.borrow().configuration();
    for (step, state) in case.plan.steps.iter().zip(plan::state(&case.plan.steps, &now)) {
        assert!(step.means != Means::Script || state == State::Before, "{}", step.id);
    }
    assert!(case.stands());
    case.forth(&Life::long()).unwrap();
    case.is_done();
}

#[test]
fn another_rollout_does_not_begin_before_one_ended() {
    let case = with_merges();
    case.lies.set(1);
    case.forth(&Life::long()).unwrap_err();
    let error = case.begin(&Life::long()).unwrap_err();
    assert_eq!(error.kind, Kind::Unfinished);
    assert!(error.hint.contains("--resume") && error.hint.contains("--revert"), "{error}");
    let held = case.rollouts(&Life::long()).unwrap();
    assert_eq!(case.rollouts(&Life::long()).unwrap_err().kind, Kind::Locked);
    drop(held);
}

#[test]
fn what_moved_before_the_first_act_ends_it() {
    let case = with_merges();
    // Somebody did the whole plan by hand meanwhile.
    let mut other = case.instance.borrow().clone();
    let files = handoff::files(&case.plan, &Place::default());
    let text = |name| &files.iter().find(|file| file.name == name).unwrap().text;
    other.merge(text(handoff::MERGE), case.seed).unwrap();
    assert_eq!(other.session(text(handoff::APPLY)).status, 0);
    *case.instance.borrow_mut() = other.clone();
    let error = case.forth(&Life::long()).unwrap_err();
    assert_eq!(error.kind, Kind::Refused, "{error}");
    assert!(*case.instance.borrow() == other);
    assert!(!case.stands());
    assert_eq!(case.back(&Life::long()).unwrap_err().kind, Kind::Refused);
}

/// A member that became the primary in between is left alone, and gone on with once it is none.
#[test]
fn on_the_primary_it_stops() {
    let case = with_merges();
    case.instance.borrow_mut().set_primary(true);
    let error = case.forth(&Life::long()).unwrap_err();
    assert_eq!(error.kind, Kind::Refused, "{error}");
    assert!(error.message.contains("primary"), "{error}");
    assert!(!case.stands() && *case.instance.borrow() == case.start);

    case.instance.borrow_mut().set_primary(false);
    case.lies.set(1);
    case.forth(&Life::long()).unwrap_err();
    case.instance.borrow_mut().set_primary(true);
    for result in [case.forth(&Life::long()), case.back(&Life::long()).map(drop)] {
        let error = result.unwrap_err();
        assert!(error.message.contains("primary"), "{error}");
    }
    assert!(*case.instance.borrow() == case.start);
    assert!(case.stands());
    case.instance.borrow_mut().set_primary(false);
    case.forth(&Life::long()).unwrap();
    case.is_done();
}

/// What somebody else changed after the interruption is not overrun.
#[test]
fn what_moved_while_it_was_interrupted_stops_it() {
    // A user that the script is to make is there, and is another one.
    let made = |case: &Case| {
        let step = case.plan.ready().find(|step| {
            let made = step.section == Section::Users && step.verb == plan::Verb::Create;
            let plain = step.object.name.chars().all(|letter| letter.is_ascii_alphanumeric());
            step.means == Means::Script && made && plain
        });
        step.cloned()
    };
    let merged = |case: &Case| case.plan.ready().any(|step| step.means == Means::Merge);
    let case = (0..).map(Case::new).find(|case| merged(case) && made(case).is_some()).unwrap();
    let step = made(&case).unwrap();
    case.lies.set(1);
    case.forth(&Life::long()).unwrap_err();
    let mut moved = case.instance.borrow().configuration();
    let mut user = moved.users.objects[0].clone();
    user.name = step.object.name.as_str().into();
    moved.users.objects.push(user);
    moved.users.arrange();
    case.instance.borrow_mut().become_as(&moved);
    let now = case.instance.borrow().clone();
    assert!(now != case.start);
    let error = case.forth(&Life::long()).unwrap_err();
    assert_eq!(error.kind, Kind::Refused, "{error}");
    assert!(error.message.contains(&step.id), "{error}");
    assert!(*case.instance.borrow() == now);
    assert!(case.stands());
}
