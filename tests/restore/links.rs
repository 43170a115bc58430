//! Links, pipes and folders in the place of what a restore looks for.
//!
//! Owns every name that a restore opens, makes, or removes, with something else under it: the folder and
//! what leads to it, the files of the database, their second and temporary names, the journal. Whatever
//! lies there, it is not followed, and where it leads nothing changes; a pipe is not waited for. Who can
//! put a link into the folder of a database must not come to write where root can.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use super::place::{OLD, Place, files, run, thing};

const NEW: &[&[u8]] = &[b"the new database"];
/// Where links lead.
const PRECIOUS: &[u8] = b"what must not be written to";

fn place() -> (Place, PathBuf) {
    let place = Place::new();
    place.seals(NEW);
    let precious = place.path("precious");
    fs::write(&precious, PRECIOUS).unwrap();
    (place, precious)
}

/// Puts something under a name.
type Put = Box<dyn Fn()>;

/// What can lie under a name, but for a regular file.
fn things(place: &Place, name: &str) -> Vec<(&'static str, Put)> {
    let (path, precious) = (place.db.join(name), place.path("precious"));
    let at = move || path.clone();
    let (to_file, to_nothing, pipe, folder) = (at.clone(), at.clone(), at.clone(), at);
    let nothing = place.path("nothing");
    vec![
        ("a link", Box::new(move || symlink(&precious, to_file()).unwrap())),
        ("a link to nothing", Box::new(move || symlink(&nothing, to_nothing()).unwrap())),
        ("a pipe", Box::new(move || drop(run(Command::new("mkfifo").arg(pipe())).must(0)))),
        ("a folder", Box::new(move || fs::create_dir(folder()).unwrap())),
    ]
}

/// Puts each thing under a name, and applies; with which exit code that must end, and what is told.
fn under(name: &str, code: i32, told: &str) {
    let (place, precious) = place();
    for (what, put) in things(&place, name) {
        let path = place.db.join(name);
        let aside = place.path("aside");
        let there = path.exists();
        if there {
            fs::rename(&path, &aside).unwrap();
        }
        put();
        let (before, led) = (place.all(), thing(&precious));
        for flags in [&["--yes"][..], &["--dry-run"]] {
            let ran = run(&mut place.apply(flags));
            assert_eq!(ran.code, Some(code), "{name} is {what}: {}", ran.stderr);
            assert!(ran.stderr.contains(told), "{name} is {what}: {}", ran.stderr);
        }
        assert!(place.all() == before && thing(&precious) == led, "{name} is {what}");
        assert!(!place.path("nothing").exists(), "{name} is {what}");
        // Looking is always possible.
        let status = run(&mut place.on(&["--status"]));
        assert!(matches!(status.code, Some(0 | 20)), "{name} is {what}: {}", status.stderr);
        if path.is_dir() && !path.is_symlink() {
            fs::remove_dir(&path).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        if there {
            fs::rename(&aside, &path).unwrap();
        }
    }
    // Once it is gone nothing stands against it.
    place.restores();
}

#[test]
fn a_database_file_that_is_none_is_refused() {
    under("IRIS.DAT", 15, "IRIS.DAT is no regular file");
    under("IRIS-0001.VOL", 15, "IRIS-0001.VOL is no regular file");
}

#[test]
fn whatever_has_the_name_of_the_kept_database_is_refused() {
    under("OLD_IRIS.DAT", 15, "OLD_IRIS.DAT is there already");
}

#[test]
fn whatever_has_the_temporary_name_is_refused() {
    under(".hsmirror-IRIS.DAT.part", 15, "left by an earlier run");
}

#[test]
fn a_journal_that_is_no_file_is_told_and_left() {
    under(".hsmirror-restore.jsonl", 20, "cannot be read");
}

/// It is removed, as that of a run that was killed while it made it; where it led nothing changes.
#[test]
fn a_link_under_the_name_of_the_draft_is_not_followed() {
    let (place, precious) = place();
    let led = thing(&precious);
    for name in [".hsmirror-restore.part", ".hsmirror-link.part"] {
        symlink(&precious, place.db.join(name)).unwrap();
    }
    let ran = run(&mut place.apply(&["--yes"]));
    assert_eq!(thing(&precious), led, "{:?}", ran.code);
    let now = files(&place.db);
    match ran.code {
        Some(21) => assert_eq!((&now["IRIS.DAT"][..], &now["OLD_IRIS.DAT"][..]), (NEW[0], OLD)),
        code => assert_eq!((code, &now["IRIS.DAT"][..]), (Some(15), OLD), "{}", ran.stderr),
    }
}

/// The folder itself, one above it, and what only looks as if it led nowhere else.
#[test]
fn a_folder_that_is_reached_through_a_link_is_refused() {
    let (place, _) = place();
    fs::create_dir(place.path("mgr")).unwrap();
    symlink(place.path(""), place.path("mgr/up")).unwrap();
    symlink(&place.db, place.path("mgr/db")).unwrap();
    let (before, there) = (place.all(), thing(&place.path("mgr")));
    for way in ["mgr/db", "mgr/db/", "mgr/db/.", "mgr/up/db", "mgr/up/mgr/../db", "mgr/db/../db"] {
        // Not by `join`, which does nothing to them, nor as a path, which would be cleaned up.
        let way = PathBuf::from(format!("{}/{way}", place.path("").display()));
        for flags in [&["--yes"][..], &["--dry-run"]] {
            let ran = run(&mut place.apply_to(&way, flags));
            assert_eq!(ran.code, Some(15), "{}: {}", way.display(), ran.stderr);
            drop(
                ran.complains("is reached through a link; it is ").complains("Give the real path"),
            );
        }
        for flag in ["--status", "--resume", "--revert"] {
            let mut on = place.on(&[flag]);
            let args: Vec<_> = on.get_args().map(std::ffi::OsStr::to_owned).collect();
            let args =
                args.into_iter().map(|arg| if arg == *place.db { way.clone().into() } else { arg });
            on = Command::new(super::place::PROGRAM);
            run(on.args(args)).must(15);
        }
    }
    assert!(place.all() == before && thing(&place.path("mgr")) == there);
}

/// Dots that lead through no link are only another spelling.
#[test]
fn a_folder_with_dots_in_its_path_is_the_same_folder() {
    let (place, _) = place();
    let way = PathBuf::from(format!("{}/./db/../db/", place.path("").display()));
    run(&mut place.apply_to(&way, &["--yes"])).must(21);
    assert_eq!(files(&place.db)["IRIS.DAT"], NEW[0]);
}

#[test]
fn what_is_no_folder_is_told() {
    let (place, precious) = place();
    let before = place.all();
    run(&mut place.apply_to(&precious, &["--yes"])).must(64).complains("is no folder");
    run(&mut place.apply_to(&place.path("none"), &["--yes"])).must(66);
    assert!(place.all() == before);
}

/// A state folder may be a link: it is this account's own, and holds no database.
#[test]
fn a_journal_in_the_state_folder_is_not_written_through_a_link() {
    let (place, precious) = place();
    fs::create_dir(place.path("state")).unwrap();
    symlink(&precious, place.path("state/.hsmirror-probe.part")).unwrap();
    let led = thing(&precious);
    run(&mut place.apply(&["--yes"])).must(21);
    assert_eq!(thing(&precious), led);
}
