//! Bundles that must not be restored, and bundles in the wrong order.
//!
//! Owns what can be wrong with the two files that were carried over: cut, altered, sealed for somebody
//! else, unsigned where a signature is asked for, one in the place of the other, none at all; and what
//! was restored before them. The database is as it was after each, nothing lies beside it, and no journal
//! was kept; trying out finds the same.

use std::fs;
use std::process::Command;

use super::packs::BUNDLE;
use super::place::{OLD, PROGRAM, Place, change, files, has, run, seen};

/// Bytes that do not get smaller, so that a bundle has many parts.
pub fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

/// A place whose bundle has several parts, and more than one file.
fn place() -> Place {
    let place = Place::new();
    let large = noise(300_000);
    place.seals(&[&large, &large[7..200_000]]);
    place
}

/// It is refused with this code, whatever it had begun by then is gone, and no journal was kept.
#[track_caller]
fn refused(place: &Place, mut command: Command, code: i32) -> String {
    let before = seen(&place.db);
    let journals = files(&place.path("state"));
    let ran = run(&mut command).must(code);
    assert!(seen(&place.db) == before, "the folder changed: {:?}", files(&place.db).keys());
    assert_eq!(files(&place.path("state")), journals);
    ran.stderr
}

#[track_caller]
fn bundle_is(what: &str, code: i32, damage: impl FnOnce(&mut Vec<u8>)) {
    let place = place();
    place.damages(damage);
    for flags in [&["--yes"][..], &["--dry-run"]] {
        let told = refused(&place, place.apply(flags), code);
        assert!(told.contains(BUNDLE), "{what}: {told}");
    }
    // A sound one is restored after it as if nothing had been.
    place.seals_again(&[]);
    place.restores();
}

#[test]
fn a_bundle_that_was_cut_is_told_and_nothing_of_it_stays() {
    bundle_is("nothing", 11, |bytes| bytes.clear());
    bundle_is("half a header", 11, |bytes| bytes.truncate(100));
    bundle_is("half of it", 11, |bytes| bytes.truncate(bytes.len() / 2));
    // At the end of a part, where only the missing last one tells.
    bundle_is("whole parts", 11, |bytes| {
        // The header's last line and the nonce after it; then parts of 64 KiB and a tag.
        let end = bytes.windows(5).position(|window| window == b"\n--- ").unwrap();
        let body = end + 5 + 43 + 1 + 16;
        bytes.truncate(bytes.len() - (bytes.len() - body) % (65_536 + 16));
    });
    bundle_is("all but a byte", 11, |bytes| bytes.truncate(bytes.len() - 1));
}

#[test]
fn a_bundle_that_was_altered_is_told_and_nothing_of_it_stays() {
    bundle_is("in the middle", 12, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    bundle_is("with another part after it", 12, |bytes| bytes.extend_from_slice(&[0; 70_000]));
}

/// Every digest fits but that of one file: only the list in the bundle tells.
#[test]
fn a_bundle_whose_list_of_digests_does_not_fit_is_altered() {
    let place = place();
    place.repacks_after(|entries| entries[1].1[5] ^= 1);
    refused(&place, place.apply(&["--yes"]), 12);
}

#[test]
fn a_bundle_for_somebody_else_is_not_opened() {
    let place = place();
    fs::rename(place.path("identity"), place.path("mine")).unwrap();
    run(Command::new(PROGRAM).args(["keygen", "-o"]).arg(place.path("identity"))).must(0);
    refused(&place, place.apply(&["--yes"]), 10);
}

/// Who is allowed may have signed the configuration; the database is asked for the same.
#[test]
fn a_database_without_a_signature_is_not_taken_where_one_is_asked_for() {
    if !has("ssh-keygen") {
        return println!("skipped: no ssh-keygen");
    }
    let place = place();
    let key = place.path("key");
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).output();
    if !made.unwrap().status.success() {
        return println!("skipped: ssh-keygen makes no key for this account");
    }
    let public = fs::read_to_string(place.path("key.pub")).unwrap();
    fs::write(place.path("signers"), format!("admin@elm {public}")).unwrap();
    let [signers, key] = [place.path("signers"), key].map(|path| path.display().to_string());
    let asked = ["--yes", "--allowed-signers", &signers];
    refused(&place, place.apply(&asked), 12);
    // The configuration is signed, the database is that of before.
    place.moves_bundle(BUNDLE, "unsigned.age");
    place.seals_again(&["--sign", &key]);
    place.moves_bundle(BUNDLE, "signed.age");
    let told = refused(&place, place.apply_of("p.tar.zst.age", "unsigned.age", &asked), 15);
    assert!(told.contains("not of one export"), "{told}");
    let ran = run(&mut place.apply_of("p.tar.zst.age", "signed.age", &asked)).must(21);
    ran.tells("admin@elm");
}

#[test]
fn one_bundle_in_the_place_of_the_other_is_told() {
    let place = place();
    let ran = refused(&place, place.apply_of("p.tar.zst.age", "p.tar.zst.age", &["--yes"]), 64);
    assert!(ran.contains("holds no HSSYS database") && ran.contains(".hssys.tar.zst.age"), "{ran}");
    let ran = refused(&place, place.apply_of(BUNDLE, BUNDLE, &["--yes"]), 64);
    assert!(ran.contains(BUNDLE), "{ran}");
    refused(&place, place.apply_of("p.tar.zst.age", "none.age", &["--yes"]), 66);
    fs::write(place.path("text.tar.zst.age"), "no bundle at all").unwrap();
    refused(&place, place.apply_of("p.tar.zst.age", "text.tar.zst.age", &["--yes"]), 11);
}

/// Whoever still has the files themselves needs no bundle of them, as long as they are what was sealed.
#[test]
fn the_files_of_the_primary_are_as_good_as_their_bundle_until_they_change() {
    let place = place();
    let mut on_files = place.apply_of("primary", BUNDLE, &["--yes", "--dry-run"]);
    run(&mut on_files).must(0);
    change(&place.path("primary/configuration.json"), |text| text.replace("Okafor", "Meier"));
    let told = refused(&place, on_files, 15);
    assert!(told.contains("Give the configuration bundle that"), "{told}");
}

#[test]
fn the_same_bundle_again_is_refused_until_it_was_reverted() {
    let place = Place::new();
    place.seals(&[b"the new database"]);
    place.restores();
    let told = refused(&place, place.apply(&["--yes"]), 15);
    // Whoever took the first fact alone for the reason would throw the old database away for nothing.
    assert!(told.contains("OLD_IRIS.DAT is there already"), "{told}");
    assert!(told.contains("This very bundle was restored here"), "{told}");
    run(&mut place.on(&["--revert", "--yes"])).must(21);
    place.restores();
    fs::remove_file(place.db.join("OLD_IRIS.DAT")).unwrap();
    let told = refused(&place, place.apply(&["--yes"]), 15);
    assert!(told.contains("This very bundle was restored here"), "{told}");
}

/// After a way back an older one may come: what was newer is gone.
#[test]
fn an_older_bundle_may_come_after_a_newer_one_was_reverted() {
    let place = Place::new();
    place.seals(&[b"the older database"]);
    place.moves_bundle(BUNDLE, "older.age");
    place.moves_bundle("p.tar.zst.age", "older-p.age");
    place.seals_again(&[]);
    place.restores();
    run(&mut place.on(&["--revert", "--yes"])).must(21);
    run(&mut place.apply_of("older-p.age", "older.age", &["--yes"])).must(21);
}

/// Of an unfinished restore nothing is thrown away for another bundle, however new.
#[test]
fn another_bundle_over_an_unfinished_run_is_refused() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    for (call, when) in [("fallocate", 1), ("linkat", 2), ("renameat", 2)] {
        let place = Place::new();
        place.seals(&[b"the new database"]);
        place.killed_at(place.apply(&["--yes"]), call, when);
        place.seals_again(&[]);
        let before = place.all();
        for flags in [&["--yes"][..], &["--dry-run"]] {
            let ran = run(&mut place.apply(flags)).must(15);
            let ran = ran.complains("A restore of another bundle, sealed at ");
            ran.complains("--resume").complains("--revert");
            assert!(place.all() == before, "{call}");
        }
        run(&mut place.on(&["--status"])).must(20);
        // Back, and the other one may come.
        run(&mut place.on(&["--revert", "--yes"]));
        assert_eq!(files(&place.db), [("IRIS.DAT".to_owned(), OLD.to_vec())].into());
        place.restores();
    }
}
