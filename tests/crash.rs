//! A restore of HSSYS that is stopped anywhere.
//!
//! Stops it at every operation on files: by an error (EIO, ENOSPC, EACCES) at exactly that one, by a kill
//! before it, and by a kill that leaves half a write; in the first run, in a run that goes on, and on the
//! way back. Then it looks, goes on in one branch and back in another, and holds both ends against what
//! was promised, file by file (`crash/ends.rs`); what must hold at every instant is looked at after every
//! operation that changes something (`crash/truth.rs`). What a power failure leaves is `crash/power.rs`.
//! A run whose faults do not hit anything fails: they are counted by kind of operation.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and looks at the disk itself"
)]
#![cfg(unix)]

#[path = "crash/disk.rs"]
mod disk;
#[path = "crash/ends.rs"]
mod ends;
#[path = "crash/place.rs"]
mod place;
#[path = "crash/power.rs"]
mod power;
#[path = "crash/truth.rs"]
mod truth;
#[path = "crash/watch.rs"]
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::thread;

use disk::{Image, STATE};
use ends::Stands;
use hsmirror::error::Kind;
use place::{Act, Place, SHAPES};
use power::Then;
use watch::{EACCES, EIO, ENOSPC, Fault, KINDS, Seen};

const ERRORS: [Fault; 3] = [Fault::Error(EIO), Fault::Error(ENOSPC), Fault::Error(EACCES)];
/// A part of the last write arrives: nothing of it, half of it, all but the end of the line.
const TORN: [Fault; 3] = [Fault::Torn(0), Fault::Torn(4), Fault::Torn(7)];

/// What was tried.
#[derive(Default)]
struct Tally {
    /// Faults by kind of operation.
    hit: BTreeMap<&'static str, usize>,
    /// Instants that both branches were tried from.
    branched: BTreeSet<u64>,
    /// Disks that a power failure left.
    images: usize,
    /// What went wrong, and how it came to it.
    wrong: BTreeMap<String, Vec<String>>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        for (kind, count) in other.hit {
            *self.hit.entry(kind).or_default() += count;
        }
        self.images += other.images;
        self.branched.extend(other.branched);
        for (what, how) in other.wrong {
            self.wrong.entry(what).or_default().extend(how);
        }
    }

    fn hits(&mut self, seen: &Seen) {
        *self.hit.entry(seen.kind).or_default() += 1;
    }

    /// One thing may go wrong in many ways: what is common to them is how it is told.
    fn goes_wrong(&mut self, how: String, what: String) {
        let first = what.lines().next().unwrap_or_default();
        let common = first.split(['[', '/']).next().unwrap_or_default().to_owned();
        self.wrong.entry(common).or_default().push(format!("{how}: {what}"));
    }

    /// Fails where something went wrong, where fewer instants were tried than there must be, or where a
    /// kind of operation was never hit.
    fn ends(self, what: &str, least: usize, kinds: &[&str]) {
        let faults: usize = self.hit.values().sum();
        let (images, instants) = (self.images, self.branched.len());
        println!("{what}: {faults} faults, {images} images, {instants} branched, {:?}", self.hit);
        let row = |(what, how): (&String, &Vec<String>)| {
            format!("{what}\n  {} times, first: {}", how.len(), how[0])
        };
        let rows: Vec<String> = self.wrong.iter().map(row).collect();
        assert!(rows.is_empty(), "{} things go wrong:\n{}", rows.len(), rows.join("\n"));
        let never: Vec<_> = kinds.iter().filter(|kind| !self.hit.contains_key(**kind)).collect();
        assert!(never.is_empty(), "no fault hit {never:?}");
        assert!(faults + images >= least, "{faults} faults and {images} images are too few");
    }
}

/// What can happen at an operation. Where a run is one of many, each operation meets one error of the
/// three, the next one another.
fn faults(at: usize, seen: &Seen, every: bool) -> Vec<Fault> {
    let mut faults = if every { ERRORS.to_vec() } else { vec![ERRORS[at % ERRORS.len()]] };
    faults.push(Fault::Kill);
    if seen.kind == "Write" {
        faults.extend(TORN);
    }
    faults
}

/// From one instant something is done, and stopped at every operation.
fn stop_everywhere(
    place: &Place,
    (from, act): (&Image, Act),
    every: bool,
    what: &str,
    tally: &mut Tally,
) {
    place.disk.put(from);
    let log = match place.run(act, None).well() {
        Ok(log) => log,
        Err(wrong) => return tally.goes_wrong(format!("{what}, undisturbed"), wrong),
    };
    for (at, seen) in log.iter().enumerate() {
        for fault in faults(at, seen, every) {
            place.disk.put(from);
            let stopped = stop_at(place, from, act, (at, fault), tally);
            tally.hits(seen);
            if let Err(wrong) = stopped {
                tally.goes_wrong(format!("{what}, {fault:?} at {at} ({seen})"), wrong);
            }
        }
    }
}

fn stop_at(
    place: &Place,
    from: &Image,
    act: Act,
    fault: (usize, Fault),
    tally: &mut Tally,
) -> Result<(), String> {
    let ran = place.run(act, Some(fault));
    if let Some(wrong) = ran.wrong.first() {
        return Err(wrong.clone());
    }
    let Err(error) = ran.ended else { return Err("it ended as if nothing had been".to_owned()) };
    Place::told(&error)?;
    if matches!(fault.1, Fault::Error(_)) && error.kind != Kind::Unfinished {
        // Where a run was interrupted before, taking away what it left is as good.
        if place.is_as_in(&place.home).is_err() {
            place.is_as_in(from).map_err(|what| format!("{:?}, but {what}", error.kind))?;
        }
    }
    let image = place.disk.take();
    match tally.branched.insert(image.key()) {
        true => place.both_ways(&image),
        false => Ok(()),
    }
}

/// The instants at which a run is killed before and after each line of its journal.
fn steps(place: &Place, from: &Image, act: Act, tally: &mut Tally) -> Vec<(usize, Image)> {
    place.disk.put(from);
    let log = place.run(act, None).log;
    let mut steps = Vec::new();
    for (at, seen) in log.iter().enumerate() {
        if matches!(seen.kind, "Append" | "SyncFile") && seen.name == ".hsmirror-restore.jsonl" {
            place.disk.put(from);
            if let Some(wrong) = place.run(act, Some((at, Fault::Kill))).wrong.pop() {
                tally.goes_wrong(format!("{act:?} killed at {at}"), wrong);
            }
            tally.hits(seen);
            steps.push((at, place.disk.take()));
        }
    }
    steps
}

/// Tries all shapes at once.
fn all_shapes(what: &str, least: usize, kinds: &[&str], tried: impl Fn(&Place, &mut Tally) + Sync) {
    let mut all = Tally::default();
    thread::scope(|scope| {
        let tried = &tried;
        let work = |shape| {
            scope.spawn(move || {
                let mut tally = Tally::default();
                tried(&Place::new(shape), &mut tally);
                let how = tally.wrong.values_mut().flatten();
                how.for_each(|how| how.insert_str(0, &format!("{shape:?} ")));
                tally
            })
        };
        let working: Vec<_> = SHAPES.into_iter().map(work).collect();
        working.into_iter().for_each(|done| all.add(done.join().unwrap()));
    });
    all.ends(what, least, kinds);
}

#[test]
fn the_first_run_can_stop_anywhere() {
    let kinds: Vec<&str> = KINDS.into_iter().filter(|kind| *kind != "Read").collect();
    all_shapes("first run", 1500, &kinds, |place, tally| {
        stop_everywhere(place, (&place.home, Act::Apply), true, "restoring", tally);
    });
}

#[test]
fn a_run_that_goes_on_can_stop_anywhere() {
    let kinds: Vec<&str> = KINDS.into_iter().collect();
    all_shapes("going on", 5000, &kinds, |place, tally| {
        let mut again = None;
        for (number, from) in steps(place, &place.home, Act::Apply, tally) {
            place.disk.put(&from);
            match place.stands() {
                Ok(Stands::Forth) => {
                    let what = format!("going on after {number}");
                    stop_everywhere(place, (&from, Act::Resume), false, &what, tally);
                }
                // The bundle comes in again; most is there already just before it has come in.
                Ok(Stands::Again) => again = Some(from),
                other => tally.goes_wrong(format!("after {number}"), format!("{other:?}")),
            }
        }
        let from = again.unwrap();
        stop_everywhere(place, (&from, Act::Apply), false, "restoring again", tally);
    });
}

#[test]
fn the_way_back_can_stop_anywhere() {
    let kinds =
        ["List", "Look", "Read", "Create", "Append", "Write", "Link", "Rename", "Remove", "Sync"];
    all_shapes("going back", 6000, &kinds, |place, tally| {
        place.disk.put(&place.home);
        place.run(Act::Apply, None).well().unwrap();
        let end = place.disk.take();
        stop_everywhere(place, (&end, Act::Revert), true, "going back from the end", tally);
        for (number, from) in steps(place, &place.home, Act::Apply, tally) {
            let what = format!("going back after {number}");
            stop_everywhere(place, (&from, Act::Revert), false, &what, tally);
        }
        // And on the way back again, from each of its own steps.
        for (number, from) in steps(place, &end, Act::Revert, tally) {
            let what = format!("going back again after {number}");
            stop_everywhere(place, (&from, Act::Revert), false, &what, tally);
        }
    });
}

/// Somebody who is killed again and again, and does what comes to mind in between.
#[test]
fn whatever_somebody_does_between_three_kills_both_ways_end_well() {
    all_shapes("three kills", 1200, &["Append", "SyncFile"], |place, tally| {
        let mut reached = vec![(String::new(), place.home.clone())];
        for _ in 0..3 {
            for (how, from) in std::mem::take(&mut reached) {
                for act in [Act::Apply, Act::Resume, Act::Revert] {
                    for (at, image) in steps(place, &from, act, tally) {
                        if tally.branched.insert(image.key()) {
                            let how = format!("{how}{act:?} killed at {at}, ");
                            if let Err(wrong) = place.both_ways(&image) {
                                tally.goes_wrong(how.clone(), wrong);
                            }
                            reached.push((how, image));
                        }
                    }
                }
            }
        }
    });
}

/// The power fails at any instant of a story; whatever is on the disk then, both ways end well.
fn fail_everywhere(
    place: &Place,
    from: &Image,
    faults: &[(Act, usize, Fault)],
    then: Then,
    tally: &mut Tally,
) -> Vec<Image> {
    let images = match power::images(place, from, faults, then) {
        Ok(images) => images,
        Err(wrong) => {
            tally.goes_wrong(format!("{faults:?} {then:?}"), wrong);
            return Vec::new();
        }
    };
    let mut fresh = Vec::new();
    for (after, image) in images {
        tally.images += 1;
        if !tally.branched.insert(image.key()) {
            continue;
        }
        if let Err(wrong) = place.both_ways(&image) {
            let names = image.names.each_ref().map(|names| names.keys().collect::<Vec<_>>());
            let how = format!("{faults:?}, {then:?}, power fails after {after}, leaves {names:?}");
            tally.goes_wrong(how, wrong);
        }
        fresh.push(image);
    }
    fresh
}

#[test]
fn the_power_can_fail_at_any_instant() {
    all_shapes("power", 20_000, &[], |place, tally| {
        place.disk.put(&place.home);
        let forth = place.run(Act::Apply, None).well().unwrap();
        let end = place.disk.take();
        let back = place.run(Act::Revert, None).well().unwrap();
        let first = [
            fail_everywhere(place, &place.home, &[], Then::GoOn, tally),
            fail_everywhere(place, &end, &[], Then::GoBack, tally),
        ];
        // And again while somebody goes on or back from there; one shape of each kind will do.
        let sizes = (place.truth.old.len(), place.truth.new.len());
        let twice = matches!(sizes, (1, 1) | (3, 2));
        for image in first.iter().flatten().filter(|_| twice) {
            for then in [Then::GoOn, Then::GoBack] {
                fail_everywhere(place, image, &[], then, tally);
            }
        }
        // What a process did before it was killed is not on the disk for that; it is killed before each
        // sync, since just before it there is most that is not.
        for (from, act, log) in [(&place.home, Act::Apply, &forth), (&end, Act::Revert, &back)] {
            for (at, seen) in log.iter().enumerate() {
                if !matches!(seen.kind, "Sync" | "SyncFile") {
                    continue;
                }
                for then in [Then::GoOn, Then::GoBack] {
                    fail_everywhere(place, from, &[(act, at, Fault::Kill)], then, tally);
                }
                // And an error, after which what was done so far is taken away.
                fail_everywhere(place, from, &[(act, at, Fault::Error(EIO))], Then::Nothing, tally);
            }
        }
    });
}

#[test]
fn a_state_folder_that_is_no_folder_at_the_end_stops_it_half_way() {
    for shape in SHAPES {
        let place = Place::new(shape);
        let state = place.disk.folders[STATE].clone();
        let aside = state.with_extension("aside");
        let (from, to) = (state.clone(), aside.clone());
        let swap = move |seen: &Seen| {
            if seen.kind == "Rename" && seen.to == "IRIS.DAT" {
                fs::rename(&from, &to).unwrap();
                fs::write(&from, "").unwrap();
            }
        };
        let error = place.run_and(Act::Apply, None, Box::new(swap)).ended.unwrap_err();
        fs::remove_file(&state).unwrap();
        fs::rename(aside, state).unwrap();
        place.go_on().unwrap();
        // The names have changed by then, so whoever reads the kind must hear that it is half done.
        assert_eq!(error.kind, Kind::Unfinished, "{error}");
    }
}
