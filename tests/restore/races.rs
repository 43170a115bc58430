//! Two people who do something about one restore at the same time.
//!
//! Owns what happens between the moment at which a run reads where a restore stands and the one at which
//! it has the lock: `strace` holds a run up just there, and another one comes in between and ends. What
//! the first one does then must rest on what is there now: the end it tells is the end that is, and the
//! state folder says the same. And looking is no work: `--status` keeps nobody from working.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::place::{OLD, Place, Ran, files, has, run};

const NEW: &[&[u8]] = &[b"the new database"];

/// Starts a command that is held up at its lock for a while, before it takes it or after.
fn held_up(command: &Command, place: &Place, side: &str) -> Child {
    // It opened the folder, and is on its way to the lock or has it.
    held_up_at(command, place, "flock", 1, side, &format!("{}\", O_", place.db.display()))
}

/// Starts a command that is held up for a while at a call, once this was logged.
fn held_up_at(
    command: &Command,
    place: &Place,
    call: &str,
    when: usize,
    side: &str,
    logged: &str,
) -> Child {
    let log = place.path("log");
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-qq", "-o"])
        .arg(&log)
        .args(["-e", &format!("trace={call},newfstatat,?open,openat")]);
    strace.args(["-e", &format!("inject={call}:delay_{side}=600000:when={when}")]);
    strace.arg(command.get_program()).args(command.get_args());
    strace.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = strace.spawn().unwrap();
    let begun = Instant::now();
    while !fs::read_to_string(&log).is_ok_and(|text| text.contains(logged)) {
        assert!(begun.elapsed() < Duration::from_secs(9), "it does not get there");
        sleep(Duration::from_millis(5));
    }
    sleep(Duration::from_millis(150));
    child
}

/// What the folder and the state folder say must be one, and what was told last must be true.
fn is_true(place: &Place, ran: &Ran) -> Result<(), String> {
    let now = files(&place.db);
    let new = now["IRIS.DAT"] == NEW[0];
    let mut wanted = vec![("IRIS.DAT", if new { NEW[0] } else { OLD })];
    wanted.extend(new.then_some(("OLD_IRIS.DAT", OLD)));
    let is = now.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let status = run(&mut place.on(&["--status"]));
    let told = [("The new HSSYS is in its place", !new), ("The old HSSYS is back", new)];
    let lie = told.into_iter().find(|(told, lie)| *lie && ran.stdout.contains(told));
    if !is.eq(wanted) {
        Err(format!("the folder holds {:?}", now.keys()))
    } else if let Some((lie, _)) = lie {
        Err(format!("it ends with {:?} and says: {lie}; it is not", ran.code))
    } else if status.code != Some(0) || status.stdout.contains(" done, but") != new {
        Err(format!("--status is wrong: {}", status.stdout))
    } else {
        Ok(())
    }
}

#[test]
fn whoever_waited_for_the_lock_looks_again() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    let mut wrong = Vec::new();
    // Before any name changes, and before the journal goes.
    for (call, when) in [("linkat", 2), ("renameat", 3)] {
        for meanwhile in [&["--resume"][..], &["--revert", "--yes"]] {
            for then in [&["--resume"][..], &["--revert", "--yes"], &[]] {
                let place = Place::new();
                place.seals(NEW);
                place.killed_at(place.apply(&["--yes"]), call, when);
                let command =
                    if then.is_empty() { place.apply(&["--yes"]) } else { place.on(then) };
                let child = held_up(&command, &place, "enter");
                let ran = run(&mut place.on(meanwhile));
                assert!(matches!(ran.code, Some(0 | 21)), "{meanwhile:?}: {}", ran.stderr);
                let ran = Ran::of(child.wait_with_output().unwrap());
                if let Err(what) = is_true(&place, &ran) {
                    wrong.push(format!("{call} {when}, {meanwhile:?} before {then:?}: {what}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn looking_keeps_nobody_from_working() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    let place = Place::new();
    place.seals(NEW);
    let child = held_up(&place.on(&["--status"]), &place, "exit");
    let ran = run(&mut place.apply(&["--yes"]));
    drop(child.wait_with_output().unwrap());
    ran.must(21);
}

/// Somebody mounts the database while the new one comes in: it is looked for the lock once more before
/// the new one gets the name.
#[test]
fn a_database_that_is_mounted_meanwhile_keeps_its_name() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    let place = Place::new();
    place.seals(NEW);
    let apply = place.apply(&["--yes"]);
    let child = held_up_at(&apply, &place, "linkat", 2, "exit", "\"OLD_IRIS.DAT\"");
    place.old(&[("iris.lck", b"")]);
    let ran = Ran::of(child.wait_with_output().unwrap()).must(20);
    ran.complains("HSSYS is in use, for iris.lck is in the folder").complains("--status");
    assert_eq!(files(&place.db)["IRIS.DAT"], OLD);
    for flags in [&["--resume"][..], &["--revert", "--yes"]] {
        run(&mut place.on(flags)).must(20).complains("iris.lck");
        assert_eq!(files(&place.db)["IRIS.DAT"], OLD);
    }
    fs::remove_file(place.db.join("iris.lck")).unwrap();
    run(&mut place.on(&["--resume"])).must(21);
    assert_eq!(files(&place.db)["IRIS.DAT"], NEW[0]);
}

/// Somebody writes to the old database while the new one comes in: neither what was written nor the rest
/// may go, and it is told which way is open.
#[test]
fn a_database_that_is_written_to_meanwhile_is_left_alone() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    let place = Place::new();
    place.seals(NEW);
    let child = held_up_at(&place.apply(&["--yes"]), &place, "fchmod", 1, "exit", "fchmod(");
    let later = b"the old database, in use for another minute";
    fs::write(place.db.join("IRIS.DAT"), later).unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap()).must(15);
    ran.complains("was used or replaced since the restore began");
    assert_eq!(files(&place.db), [("IRIS.DAT".to_owned(), later.to_vec())].into());
}
