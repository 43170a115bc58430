//! Disks and accounts that do not let a restore through.
//!
//! Owns what the system says no to: a disk without room, one that fills up in the middle, one that is
//! read-only, one without hard links; a folder, a database, a state folder of another account. Whatever
//! says no, before names change, leaves the folder as it was, and no temporary file in it; what is told
//! names the cause and not what happened to be tried first. Small disks are made by mounting, other
//! accounts by `setpriv`, failing calls by `strace`; what cannot be had here is skipped, with the reason.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use hsmirror::restore::RULES;

use super::account::{Account, NOBODY, as_nobody, give, may_use};
use super::bundles::noise;
use super::place::{OLD, Place, files, has, mode, run, seen};

const NEW: &[&[u8]] = &[b"the new database", b"its volume"];

/// A disk of its own under a folder; gone with it.
struct Disk(PathBuf);

impl Disk {
    /// None where nothing can be mounted.
    fn mounted(at: &Path, size: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &format!("size={size},mode=755"), "hsmirror-test"])
            .arg(at);
        if !has("mount") || run(&mut mount).code != Some(0) {
            println!("skipped: nothing can be mounted here");
            return None;
        }
        Some(Self(at.to_owned()))
    }

    fn is_read_only(&self) {
        run(Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0)).must(0);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        run(Command::new("umount").arg("-l").arg(&self.0));
    }
}

/// A member whose database lies on a small disk.
fn on_a_disk(size: &str, new: &[&[u8]]) -> Option<(Place, Disk)> {
    let place = Place::new();
    let disk = Disk::mounted(&place.db, size)?;
    place.old(&[("IRIS.DAT", OLD)]);
    place.seals(new);
    Some((place, disk))
}

#[test]
fn a_disk_without_room_for_both_is_refused_before_anything_is_written() {
    let Some((place, _disk)) = on_a_disk("2m", &[&noise(1_500_000)]) else { return };
    let before = place.all();
    let ran = run(&mut place.apply(&["--yes"])).must(15);
    ran.complains("The new database has 15").complains("Make room on the disk of the folder");
    assert!(place.all() == before);
}

#[test]
fn the_size_that_is_told_is_that_of_the_database() {
    let Some((place, _disk)) = on_a_disk("2m", &[&noise(1_500_000)]) else { return };
    let ran = run(&mut place.apply(&["--yes"])).must(15);
    ran.tells("1500000 bytes").complains("The new database has 1500000 bytes, and only ");
}

/// Applies with calls on one file failing; the folder must be as it was.
fn fails_at(select: &str, error: &str, file: &str, code: i32, told: &[&str]) {
    let place = Place::new();
    place.seals(NEW);
    let before = seen(&place.db);
    let apply = place.apply(&["--yes"]);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null"]).arg("-P");
    // What gives names goes to the folder, as far as strace tells.
    strace.arg(if file.is_empty() { place.db.clone() } else { place.db.join(file) });
    strace.args([
        "-e",
        &format!("trace={select}"),
        "-e",
        &format!("inject={select}:error={error}"),
    ]);
    strace.arg(apply.get_program()).args(apply.get_args());
    let ran = run(&mut strace);
    assert_eq!(ran.code, Some(code), "{select} {error} {file}: {}", ran.stderr);
    for what in told {
        assert!(ran.stderr.contains(what), "{select} {error} {file}: {}", ran.stderr);
    }
    assert!(seen(&place.db) == before, "{select} {error} {file}: {:?}", files(&place.db).keys());
    run(&mut place.on(&["--status"])).must(0);
    place.restores();
}

#[test]
fn a_disk_that_fills_up_or_fails_in_the_middle_leaves_nothing_behind() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    let full = &["the disk is full", "The database there is as it was"];
    for file in [".hsmirror-IRIS.DAT.part", ".hsmirror-IRIS-0001.VOL.part"] {
        fails_at("write", "ENOSPC", file, 74, full);
        fails_at("fallocate", "ENOSPC", file, 74, full);
        fails_at("fsync", "ENOSPC", file, 74, full);
        fails_at("write", "EDQUOT", file, 74, &["the quota of this account is used up"]);
        fails_at("write", "EFBIG", file, 74, &["the disk does not take files as large"]);
        fails_at("fsync", "EIO", file, 74, &["The database there is as it was"]);
        fails_at("fchmod", "EPERM", file, 77, &["The database there is as it was"]);
    }
    fails_at("write", "ENOSPC", ".hsmirror-restore.part", 74, full);
    fails_at("write", "ENOSPC", ".hsmirror-restore.jsonl", 74, full);
}

/// What a file system says that cannot reserve is no reason to stop.
#[test]
fn a_disk_that_cannot_reserve_room_is_written_to_all_the_same() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    let place = Place::new();
    place.seals(NEW);
    let apply = place.apply(&["--yes"]);
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fallocate"]);
    strace.args(["-e", "inject=fallocate:error=EOPNOTSUPP"]);
    strace.arg(apply.get_program()).args(apply.get_args());
    run(&mut strace).must(21);
    assert_eq!(files(&place.db)["IRIS.DAT"], NEW[0]);
}

#[test]
fn a_disk_without_hard_links_is_refused() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    for error in ["EPERM", "EOPNOTSUPP", "EMLINK", "ENOSYS"] {
        let told = ["cannot have a second name", "must know hard links", "is as it was"];
        fails_at("linkat", error, "", 15, &told);
    }
}

#[test]
fn a_disk_that_is_read_only_is_told_as_such() {
    let Some((place, disk)) = on_a_disk("8m", NEW) else { return };
    disk.is_read_only();
    let before = (seen(&place.db), files(&place.path("state")));
    let ran = run(&mut place.apply(&["--yes"])).must(73).complains("the disk is read-only");
    assert!((seen(&place.db), files(&place.path("state"))) == before);
    run(&mut place.apply(&["--dry-run"])).must(0);
    run(&mut place.on(&["--status"])).must(0);
    assert!(!ran.stderr.contains("remove"), "there is nothing to remove: {}", ran.stderr);
}

#[test]
fn a_state_folder_that_takes_nothing_is_told_before_anything_is_written() {
    let place = Place::new();
    place.seals(NEW);
    // A file in its place, and in the place of one above it.
    for state in ["identity", "identity/state"] {
        let before = place.all();
        let mut apply = place.apply_of("p.tar.zst.age", super::packs::BUNDLE, &["--yes"]);
        let args: Vec<_> = apply.get_args().map(std::ffi::OsStr::to_owned).collect();
        let there = place.path("state");
        let args =
            args.into_iter().map(|arg| if arg == *there { place.path(state).into() } else { arg });
        apply = Command::new(apply.get_program());
        let ran = run(apply.args(args)).must(73);
        ran.complains("The state folder ").complains("--state-dir");
        assert!(place.all() == before, "{state}");
    }
    let Some(disk) = Disk::mounted(&made(&place, "state"), "1m") else { return };
    disk.is_read_only();
    let before = place.all();
    run(&mut place.apply(&["--yes"])).must(73).complains("the disk is read-only");
    assert!(place.all() == before);
}

fn made(place: &Place, name: &str) -> PathBuf {
    fs::create_dir(place.path(name)).unwrap();
    place.path(name)
}

#[test]
fn the_account_that_owns_the_database_needs_no_root() {
    if Account::missing() {
        return;
    }
    let place = Place::new();
    place.seals(NEW);
    may_use(&place);
    give(&place.db.join("IRIS.DAT"));
    mode(&place.db.join("IRIS.DAT"), 0o664);
    run(&mut as_nobody(&place.apply(&["--yes"]))).must(21);
    let about = |name: &str| fs::metadata(place.db.join(name)).unwrap();
    for name in ["IRIS.DAT", "IRIS-0001.VOL", "OLD_IRIS.DAT"] {
        let about = about(name);
        assert_eq!(
            (about.uid(), about.gid(), about.mode() & 0o7777),
            (NOBODY, NOBODY, 0o664),
            "{name}"
        );
    }
    run(&mut as_nobody(&place.on(&["--revert", "--yes"]))).must(21);
    assert_eq!(files(&place.db), [("IRIS.DAT".to_owned(), OLD.to_vec())].into());
}

/// Root gives the new files to whoever owns the old ones.
#[test]
fn root_gives_the_new_files_to_the_owner_of_the_old_ones() {
    if Account::missing() {
        return;
    }
    let place = Place::new();
    place.seals(NEW);
    chown(place.db.join("IRIS.DAT"), Some(NOBODY), Some(NOBODY + 1)).unwrap();
    mode(&place.db.join("IRIS.DAT"), 0o2664);
    place.restores();
    for name in ["IRIS.DAT", "IRIS-0001.VOL"] {
        let about = fs::metadata(place.db.join(name)).unwrap();
        let is = (about.uid(), about.gid(), about.mode() & 0o7777);
        assert_eq!(is, (NOBODY, NOBODY + 1, 0o2664), "{name}");
    }
}

#[test]
fn a_folder_or_a_state_folder_of_another_account_is_told() {
    if Account::missing() {
        return;
    }
    let place = Place::new();
    place.seals(NEW);
    may_use(&place);
    give(&place.db.join("IRIS.DAT"));
    // The state folder is another account's.
    mode(&made(&place, "state"), 0o755);
    let before = place.all();
    let ran = run(&mut as_nobody(&place.apply(&["--yes"]))).must(77);
    ran.complains("may not write to the state folder");
    assert!(place.all() == before);
    fs::remove_dir(place.path("state")).unwrap();
    // So is the folder of the database.
    chown(&place.db, Some(0), Some(0)).unwrap();
    let before = seen(&place.db);
    run(&mut as_nobody(&place.apply(&["--yes"])))
        .must(77)
        .complains("This account may not write to");
    assert!(seen(&place.db) == before);
    // And it cannot even be read.
    mode(&place.db, 0o700);
    for mut command in [place.apply(&["--yes"]), place.on(&["--status"])] {
        command = as_nobody(&command);
        run(&mut command).must(66).complains("this account may not read it");
    }
    let rule = RULES.iter().find(|rule| rule.code == "not-owner").unwrap();
    assert_eq!(rule.kind.exit_code(), 77);
}
