//! A run was killed, and somebody did something to the folder before going on: whatever it was, no
//! database loses its last name, and there is a way out that the program names.

use std::fs;
use std::process::Command;

use super::place::{OLD, Place, Ran, files, has, run, seen};

const NEW: &[&[u8]] = &[b"the new database", b"its first volume", b"its second volume"];

/// A place in which a restore of these files was killed at a call of the system.
fn killed(new: &[&[u8]], call: &str, when: usize) -> Option<Place> {
    if !has("strace") {
        println!("skipped: no strace");
        return None;
    }
    let place = Place::new();
    place.seals(new);
    place.killed_at(place.apply(&["--yes"]), call, when).then_some(place)
}

/// A mounted database may grow a volume; the run was killed while it received, so nothing has a second
/// name yet.
#[test]
fn going_back_after_the_old_database_grew_a_volume_keeps_all_of_it() {
    let Some(place) = killed(NEW, "fallocate", 2) else { return };
    place.old(&[("IRIS-0001.VOL", b"a volume that the old database got meanwhile")]);
    let ran = run(&mut place.on(&["--revert", "--yes"]));
    let now = files(&place.db);
    assert_eq!(now.get("IRIS.DAT").map(Vec::as_slice), Some(OLD), "{}", ran.stderr);
    assert!(now.contains_key("IRIS-0001.VOL"), "{now:?}");
}

/// Somebody moved the old files back by hand, and one of the new volumes stayed.
#[test]
fn going_back_after_the_old_files_were_moved_back_by_hand_keeps_them() {
    let place = Place::new();
    place.old(&[("IRIS-0001.VOL", b"the volume of the old database")]);
    place.seals(NEW);
    place.restores();
    for name in ["IRIS.DAT", "IRIS-0001.VOL"] {
        fs::rename(place.db.join(format!("OLD_{name}")), place.db.join(name)).unwrap();
    }
    let ran = run(&mut place.on(&["--revert", "--yes"]));
    let now = files(&place.db);
    assert_eq!(now.get("IRIS.DAT").map(Vec::as_slice), Some(OLD), "{}", ran.stderr);
    assert!(now.contains_key("IRIS-0001.VOL"), "{now:?}");
}

/// Second names that went, by somebody who needed room, are given again before the first ones go.
#[test]
fn going_on_after_the_second_names_went_gives_them_again() {
    for new in [NEW, &NEW[..1]] {
        let call = if new.len() > 1 { "fsync" } else { "renameat" };
        let Some(place) = kept(new, call) else { return };
        let inode = seen(&place.db)[&place.db.join("IRIS.DAT")].inode;
        fs::remove_file(place.db.join("OLD_IRIS.DAT")).unwrap();
        run(&mut place.on(&["--resume"])).must(21).tells("Keep OLD_IRIS.DAT until");
        let held = files(&place.db);
        assert_eq!((&held["OLD_IRIS.DAT"][..], &held["IRIS.DAT"][..]), (OLD, new[0]));
        assert_eq!(seen(&place.db)[&place.db.join("OLD_IRIS.DAT")].inode, inode, "not a copy");
    }
}

/// A place in which a restore was killed after the step that keeps the old database.
fn kept(new: &[&[u8]], call: &str) -> Option<Place> {
    (1..60).find_map(|when| {
        if !has("strace") {
            println!("skipped: no strace");
            return None;
        }
        let place = Place::new();
        place.seals(new);
        place.killed_at(place.apply(&["--yes"]), call, when);
        let journal = fs::read_to_string(place.db.join(".hsmirror-restore.jsonl"));
        journal.is_ok_and(|text| text.contains(r#"{"done":"keep"}"#)).then_some(place)
    })
}

/// Whoever gives the command that restores does not want the way back; which of both it is to be is asked.
#[test]
fn the_same_command_over_a_way_back_is_refused_and_names_resume() {
    // Before the old database got its name again, and after that.
    for (call, back) in [("linkat", false), ("unlinkat", true)] {
        if !has("strace") {
            return println!("skipped: no strace");
        }
        let place = Place::new();
        place.seals(&NEW[..1]);
        place.restores();
        let when = if back { 3 } else { 1 };
        place.killed_at(place.on(&["--revert", "--yes"]), call, when);
        assert_eq!(files(&place.db)["IRIS.DAT"] == OLD, back);
        let before = place.all();
        for flags in [&["--yes"][..], &["--dry-run"]] {
            let ran = run(&mut place.apply(flags)).must(20);
            ran.complains("hsmirror apply --resume --hssys-dir ");
            assert_eq!(place.all(), before);
        }
        run(&mut place.on(&["--resume"])).must(21).tells("The old HSSYS is back");
        assert_eq!(files(&place.db), [("IRIS.DAT".to_owned(), OLD.to_vec())].into());
    }
}

/// A backup of the database was put back by hand after the run was killed: it is another file then.
#[test]
fn a_database_that_was_replaced_meanwhile_blocks_neither_way() {
    for again in [false, true] {
        let Some(place) = killed(&NEW[..1], "fallocate", 1) else { return };
        let other = b"the old database from a backup";
        fs::write(place.path("other"), other).unwrap();
        fs::rename(place.path("other"), place.db.join("IRIS.DAT")).unwrap();
        if again {
            let ran = run(&mut place.apply(&["--yes"]));
            assert_eq!(ran.code, Some(21), "the same command: {}", ran.stderr);
            assert_eq!(files(&place.db)["OLD_IRIS.DAT"], other);
            continue;
        }
        let ran = run(&mut place.on(&["--revert", "--yes"]));
        let ran = ran.must(0).tells("The folder ").tells(" is as it was.");
        assert!(!ran.stdout.contains("Mount it"), "{}", ran.stdout);
        assert_eq!(files(&place.db), [("IRIS.DAT".to_owned(), other.to_vec())].into());
    }
}

/// Everything had come in, and no name had changed: the way back is to take temporary files away, whether
/// the database is mounted again or not.
#[test]
fn going_back_before_any_name_changed_is_no_way_back() {
    for (call, when) in [("fallocate", 1), ("linkat", 2)] {
        let Some(place) = killed(NEW, call, when) else { return };
        let inode = seen(&place.db)[&place.db.join("IRIS.DAT")].inode;
        place.old(&[("iris.lck", b"")]);
        let ran = run(&mut place.on(&["--revert", "--yes"])).must(0).tells(" is as it was.");
        assert!(!ran.stdout.contains("will be put back"), "{call}: {}", ran.stdout);
        assert_eq!(files(&place.db).into_keys().collect::<Vec<_>>(), ["IRIS.DAT", "iris.lck"]);
        assert_eq!(seen(&place.db)[&place.db.join("IRIS.DAT")].inode, inode);
    }
}

/// The old database was mounted and written to after the run was killed; it is the same file.
#[test]
fn a_database_that_was_used_meanwhile_is_kept_as_it_is_now() {
    let Some(place) = killed(&NEW[..1], "fallocate", 1) else { return };
    let later = b"the old database, in use for another day";
    fs::write(place.db.join("IRIS.DAT"), later).unwrap();
    run(&mut place.apply(&["--yes"])).must(21);
    let now = files(&place.db);
    assert_eq!((&now["IRIS.DAT"][..], &now["OLD_IRIS.DAT"][..]), (NEW[0], &later[..]));
}

/// Trying out what an interrupted run would do does not ask to remove what that run left.
#[test]
fn trying_out_over_an_unfinished_run_blames_no_run_without_a_journal() {
    let Some(place) = killed(&NEW[..1], "fallocate", 1) else { return };
    let before = seen(&place.db);
    let ran = run(&mut place.apply(&["--dry-run"]));
    assert_eq!(seen(&place.db), before);
    assert!(!ran.stderr.contains("without its journal"), "{}", ran.stderr);
}

/// Runs a command with one call failing.
fn failing(command: &Command, call: &str, error: &str, when: usize) -> Ran {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e"]);
    strace.arg(format!("inject={call}:error={error}:when={when}"));
    run(strace.arg(command.get_program()).args(command.get_args()))
}

/// What is told to be going on with is what was begun: the way back, and not the way there.
#[test]
fn a_way_back_that_stopped_at_once_goes_on_back() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    let mut stopped = 0;
    // What is printed, the journal that lies in the folder again, that the way back begins, and so on.
    for when in 1..=6 {
        let place = Place::new();
        place.seals(&NEW[..1]);
        place.restores();
        let ran = failing(&place.on(&["--revert", "--yes"]), "write", "ENOSPC", when);
        if ran.stderr.contains("Go on with `") {
            stopped += 1;
            let ran = run(&mut place.on(&["--resume"]));
            let end = format!("write {when}: {:?} {:?}", ran.code, ran.stdout.lines().next());
            assert_eq!(files(&place.db)["IRIS.DAT"], OLD, "{end}");
        }
    }
    assert!(stopped > 0, "no write was hit");
}

/// A log on a full disk takes the checklist; that HSSYS was restored must be known even so.
#[test]
fn where_the_end_cannot_be_printed_it_is_told_that_it_was_reached() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    let place = Place::new();
    place.seals(&NEW[..1]);
    let told = (5..60).find_map(|when| {
        let ran = failing(&place.apply(&["--yes"]), "write", "ENOSPC", when);
        if files(&place.db)["IRIS.DAT"] == NEW[0] && ran.code == Some(74) {
            return Some(ran.stderr);
        }
        run(&mut place.on(&["--revert", "--yes"]));
        None
    });
    let told = told.unwrap();
    // The same command again would be refused, and the checklist is nowhere else.
    assert!(!told.contains("run the command again"), "{told}");
}

/// A state folder is a folder among others: what is no journal of ours is told, not taken for one.
#[test]
fn what_is_no_journal_in_the_state_folder_is_told() {
    let place = Place::new();
    place.seals(NEW);
    for (text, folder) in [("", false), ("{}\n", false), ("\0\u{1b}[31m\n", false), ("", true)] {
        let path = place.path("state/restore-20260101T000000Z-12345678.jsonl");
        fs::create_dir_all(if folder { &path } else { path.parent().unwrap() }).unwrap();
        if !folder {
            fs::write(&path, text).unwrap();
        }
        let before = place.all();
        let ran = run(&mut place.apply(&["--yes"])).must(15).complains("Move that file away");
        assert!(folder || ran.stderr.contains("restore-20260101T000000Z-"), "{}", ran.stderr);
        run(&mut place.on(&["--revert", "--yes"])).must(15);
        run(&mut place.on(&["--status"])).must(0).tells("State folder");
        assert!(place.all() == before);
        if !folder {
            fs::remove_file(&path).unwrap();
        }
    }
}

/// The instance started by itself after the crash, and used the old database: that is not replaced
/// without a word, and the way back takes it as it is now.
#[test]
fn a_database_that_was_used_after_it_got_its_second_name_is_gone_back_to() {
    let Some(place) = kept(&NEW[..1], "renameat") else { return };
    let later = b"the old database, in use for another day";
    fs::write(place.db.join("IRIS.DAT"), later).unwrap();
    let ran = run(&mut place.on(&["--resume"])).must(20);
    ran.complains("was used or replaced").complains("--revert");
    assert_eq!(files(&place.db)["IRIS.DAT"], later);
    run(&mut place.on(&["--revert", "--yes"])).must(21);
    assert_eq!(files(&place.db), [("IRIS.DAT".to_owned(), later.to_vec())].into());
}

/// A file of neither database loses no name, on no way.
#[test]
fn a_file_of_neither_database_is_never_replaced() {
    let other = b"somebody put this here";
    let put = |place: &Place| {
        fs::write(place.path("other"), other).unwrap();
        fs::rename(place.path("other"), place.db.join("IRIS.DAT")).unwrap();
    };
    for new in [&NEW[..1], NEW] {
        let Some(place) = kept(new, "renameat") else { return };
        put(&place);
        for flags in [&["--resume"][..], &["--revert", "--yes"]] {
            run(&mut place.on(flags)).must(20);
            assert_eq!(files(&place.db)["IRIS.DAT"], other, "{flags:?}");
        }
    }
    let place = Place::new();
    place.seals(&NEW[..1]);
    place.restores();
    put(&place);
    run(&mut place.on(&["--revert", "--yes"])).must(20).complains("move it away first");
    assert_eq!(files(&place.db)["IRIS.DAT"], other);
    fs::remove_file(place.db.join("IRIS.DAT")).unwrap();
    run(&mut place.on(&["--resume"])).must(21);
    assert_eq!(files(&place.db), [("IRIS.DAT".to_owned(), OLD.to_vec())].into());
}
