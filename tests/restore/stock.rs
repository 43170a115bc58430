//! What stock tools make of the bundle of a database, and what the program makes of theirs.
//!
//! Owns the promise that a database can be had without this program: `age`, `tar`, `zstd` and `sha256sum`
//! open and verify what was sealed, and a bundle that they packed from its parts is restored like one of
//! ours. Where one of them is missing it says so and does nothing.

use std::fs;
use std::process::Command;

use super::bundles::noise;
use super::packs::BUNDLE;
use super::place::{OLD, Place, files, has, run};

fn lacks_tools() -> bool {
    let missing = ["bash", "age", "tar", "zstd", "sha256sum"].into_iter().find(|tool| !has(tool));
    if let Some(tool) = missing {
        println!("skipped: no {tool}");
    }
    missing.is_some()
}

fn does(place: &Place, script: &str) {
    let mut bash = Command::new("bash");
    bash.current_dir(place.path("")).env("RECIPIENT", &place.recipient).env("BUNDLE", BUNDLE);
    run(bash.args(["-euo", "pipefail", "-c", script])).must(0);
}

const OPEN: &str = "mkdir in && cd in && age -d -i ../identity ../$BUNDLE | tar --zstd -x";

#[test]
fn stock_tools_open_and_verify_a_database() {
    if lacks_tools() {
        return;
    }
    let place = Place::new();
    let large = noise(2_000_000);
    // Holes, as databases have them, and a size that fills no block.
    let files = [&large[..], &[0; 300_001], &large[..12_345]];
    place.seals(&files);
    does(&place, &format!("{OPEN} && sha256sum --strict -c SHA256SUMS"));
    for (name, bytes) in ["IRIS.DAT", "IRIS-0001.VOL", "IRIS-0002.VOL"].into_iter().zip(files) {
        assert!(fs::read(place.path("in").join(name)).unwrap() == bytes, "{name}");
    }
    // A file that was altered is told by them, too.
    fs::write(place.path("in/IRIS.DAT"), "another database").unwrap();
    does(&place, "cd in && ! sha256sum --quiet -c SHA256SUMS");
}

#[test]
fn a_database_that_stock_tools_packed_is_restored() {
    if lacks_tools() {
        return;
    }
    for (tar, zstd) in [
        (
            "tar --format=ustar --owner=0 --group=0 --numeric-owner --mode=0600 --mtime=@0 -c",
            "zstd -q -3",
        ),
        ("tar --format=gnu -c", "zstd -q -1 -T0"),
        ("tar --zstd -c", "cat"),
    ] {
        let place = Place::new();
        let large = noise(500_000);
        place.seals(&[&large, b"a volume"]);
        let names = "manifest.json IRIS.DAT IRIS-0001.VOL SHA256SUMS";
        let pack = format!("{tar} {names} | {zstd} | age -r $RECIPIENT > ../$BUNDLE");
        does(&place, &format!("{OPEN} && rm ../$BUNDLE && {pack}"));
        place.restores();
        let now = files(&place.db);
        assert!(now["IRIS.DAT"] == large && now["IRIS-0001.VOL"] == b"a volume", "{tar}");
        assert_eq!(now["OLD_IRIS.DAT"], OLD);
    }
}
