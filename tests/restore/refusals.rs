//! Everything that stands against a restore, made to stand against one.
//!
//! Owns a table ([`ROWS`]) with a way to make each reason of `hsmirror::restore::RULES`, and runs it: the
//! reason is told with what was found, with its cure, and with the flag that overrules it where one
//! does; the exit code is that of its kind; and nothing of the folder or of the state folder changed, not
//! even the time of a folder, which a file that was made and removed again would have changed. Where a
//! flag overrules a reason, it does. A reason that no row raises fails it, as does one row in two parts.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, SystemTime};

use hsmirror::restore::{RULES, Rule};
use serde_json::json;

use super::account::{self, Account};
use super::packs::BUNDLE;
use super::place::{OLD, Place, change, files, mode, run};

const NEW: &[&[u8]] = &[b"the new database"];
const CPF: &str = "member/iris.cpf";

/// A way in which something stands against a restore.
struct Row {
    /// The reason.
    code: &'static str,
    /// What was found, as it is told.
    told: &'static str,
    /// Makes it so, after both bundles were sealed.
    make: fn(&Place),
    /// The command that meets it.
    command: fn(&Place) -> Command,
}

const fn row(code: &'static str, told: &'static str, make: fn(&Place)) -> Row {
    Row { code, told, make, command: |place| place.apply(&["--yes"]) }
}

const ROWS: &[Row] = &[
    row("other-export", "are not of one export", |place| {
        place.moves_bundle(BUNDLE, "first.age");
        change(&place.path("primary/configuration.json"), |text| text.replace("Okafor", "Meier"));
        place.seals_again(&[]);
        place.moves_bundle("first.age", BUNDLE);
    }),
    row("other-member", "exported for ELM-X/IRIS, not for ELM-B/IRIS", |place| {
        // The configuration must be for this member, or comparing with it would block already.
        place.seals_again(&["--for", "ELM-X/IRIS"]);
        place.moves_bundle(BUNDLE, "first.age");
        place.seals_again(&[]);
        place.moves_bundle("first.age", BUNDLE);
    }),
    row("not-mirrored", "HSSYS was not in the mirror when it was copied", |place| {
        place.repacks(|manifest| manifest["hssys"]["mirrored"] = json!(false));
    }),
    row("mirroring-unknown", "Nobody attests that HSSYS was in the mirror", |place| {
        place.attests("primary", None);
        place.seals_again(&[]);
    }),
    row("copy-old", " 15 days ago", |place| copied(place, SystemTime::now() - days(15))),
    row("copy-old", "in the future here", |place| copied(place, SystemTime::now() + days(1))),
    row("copy-old", "Nothing tells when HSSYS was copied", |place| {
        place.repacks(|manifest| {
            drop(manifest["hssys"].as_object_mut().unwrap().remove("copiedAt"))
        });
    }),
    row("already-mirrored", "HSSYS of the member was in the mirror on 2026-11-23", |place| {
        place.attests("member", Some(true));
    }),
    row(
        "already-mirrored",
        "HSSYS of the member is in the mirror, as its instance says",
        |place| {
            place.attests("member", None);
            place.instance_says("member", json!({ "inMirror": true }), json!({}));
        },
    ),
    row("mirrored-inactive", "its status there is Needs Activation", |place| {
        stands(place, "needs activation");
    }),
    row("mirrored-behind", "its status there is Needs Catchup", |place| {
        stands(place, "Needs Catchup");
    }),
    row("mirrored-obsolete", "its status there is Orphaned", |place| stands(place, " Orphaned ")),
    row("already-mirrored", "as its instance says", |place| stands(place, "Dejournaling")),
    row("already-mirrored", "as its instance says", |place| stands(place, "In anderer Sprache")),
    row("copy-not-whole", "The copy has 2 files, and HSSYS of the primary 3 files", |place| {
        let hssys = json!({ "inMirror": true, "volumes": 2 });
        place.instance_says("primary", hssys, json!({}));
        for volume in ["COPY_IRIS-0001.VOL", "COPY_IRIS-0002.VOL"] {
            fs::write(place.path("copy").join(volume), b"a volume").unwrap();
        }
        place.seals_again(&[]);
        place.repacks(|manifest| {
            let entries = manifest["entries"].as_array_mut().unwrap();
            entries.retain(|entry| entry["name"] != "IRIS-0002.VOL");
        });
    }),
    row(
        "not-whole",
        "The folder has 1 file of a database, and HSSYS of the member 2 files",
        |place| {
            place.attests("member", None);
            place.instance_says("member", json!({ "inMirror": false, "volumes": 1 }), json!({}));
        },
    ),
    Row {
        command: |place| place.apply(&["--yes", "--ignore-nonblocking"]),
        ..row("unknown-database", "do not tell the folder of its HSSYS", |place| {
            change(&place.path(CPF), |text| text.replace("\nHSSYS=/", "\nHSOTHER=/"));
        })
    },
    row("other-folder", "is another folder", |place| {
        change(&place.path(CPF), |text| text.replace("/db/", "/mgr/hssys/"));
    }),
    Row {
        command: |place| place.apply_to(&place.path("elsewhere"), &["--yes"]),
        ..row("other-folder", "is another folder", |place| {
            fs::create_dir(place.path("elsewhere")).unwrap();
            fs::write(place.path("elsewhere/IRIS.DAT"), OLD).unwrap();
        })
    },
    Row {
        command: |place| place.apply_to(&place.path("link"), &["--yes"]),
        ..row("a-link", "is reached through a link", |place| {
            symlink(&place.db, place.path("link")).unwrap();
        })
    },
    row("a-link", "IRIS.DAT is no regular file", |place| {
        fs::rename(place.db.join("IRIS.DAT"), place.path("IRIS.DAT")).unwrap();
        symlink(place.path("IRIS.DAT"), place.db.join("IRIS.DAT")).unwrap();
    }),
    row("open-to-strangers", "Every account may write to ", |place| mode(&place.db, 0o757)),
    row("no-database", "holds no IRIS.DAT", |place| {
        fs::remove_file(place.db.join("IRIS.DAT")).unwrap();
    }),
    row("no-database", "holds no IRIS.DAT", |place| {
        fs::rename(place.db.join("IRIS.DAT"), place.db.join("IRIS-0001.VOL")).unwrap();
    }),
    row("not-whole", "IRIS-0001.VOL is missing in ", |place| place.old(&[("IRIS-0002.VOL", b"2")])),
    row("in-use", "iris.lck is in the folder", |place| place.old(&[("iris.lck", b"")])),
    row("in-use", "iris.lck is in the folder", |place| {
        symlink("nowhere", place.db.join("iris.lck")).unwrap();
    }),
    row("old-exists", "OLD_IRIS.DAT is there already", |place| {
        place.old(&[("OLD_IRIS.DAT", b"kept last year")]);
    }),
    row("old-exists", "OLD_IRIS-0007.VOL is there already", |place| {
        place.old(&[("OLD_IRIS-0007.VOL", b"kept last year")]);
    }),
    row("leftover", ".hsmirror-IRIS.DAT.part is there, left by an earlier run", |place| {
        place.old(&[(".hsmirror-IRIS.DAT.part", b"half a database")]);
    }),
    row("no-space", "The new database has 11258999068", |place| {
        place.repacks(|manifest| manifest["entries"][0]["size"] = json!(1_u64 << 50));
    }),
    Row {
        command: |place| account::as_nobody(&place.apply(&["--yes"])),
        ..row("not-owner", "This account may not give files to user 0 and group 0", |place| {
            account::may_use(place);
        })
    },
    Row {
        command: |place| account::as_nobody(&place.apply(&["--yes"])),
        ..row("not-writable", "This account may not write to ", |place| {
            account::may_use(place);
            account::give(&place.db.join("IRIS.DAT"));
            std::os::unix::fs::chown(&place.db, Some(0), Some(0)).unwrap();
        })
    },
    row("already-restored", "This very bundle was restored here", |place| {
        place.restores();
        fs::remove_file(place.db.join("OLD_IRIS.DAT")).unwrap();
    }),
    row("older-bundle", " was restored here before", |place| {
        place.moves_bundle(BUNDLE, "first.age");
        place.seals_again(&[]);
        place.restores();
        fs::remove_file(place.db.join("OLD_IRIS.DAT")).unwrap();
        place.moves_bundle("first.age", BUNDLE);
    }),
];

fn days(count: u64) -> Duration {
    Duration::from_secs(count * 24 * 3600)
}

/// The copy of the database was made at that time.
fn copied(place: &Place, at: SystemTime) {
    let copy = File::options().write(true).open(place.path("copy/COPY_IRIS.DAT")).unwrap();
    copy.set_modified(at).unwrap();
    place.seals_again(&[]);
}

/// The member's HSSYS is in the mirror, with that status.
fn stands(place: &Place, status: &str) {
    place.attests("member", None);
    let hssys = json!({ "inMirror": true, "mirrorStatus": status });
    place.instance_says("member", hssys, json!({}));
}

impl Row {
    fn rule(&self) -> &'static Rule {
        RULES.iter().find(|rule| rule.code == self.code).unwrap()
    }

    fn runs(&self) {
        let rule = self.rule();
        let place = Place::new();
        place.seals(NEW);
        (self.make)(&place);
        let before = place.all();
        let ran = run(&mut (self.command)(&place)).must(rule.kind.exit_code().into());
        let ran = ran.complains(self.told).complains(rule.fact).complains(rule.cure);
        assert!(place.all() == before, "{}: something changed", self.code);
        // What would be done is shown, and trying out is refused alike.
        run((self.command)(&place).arg("--dry-run")).must(rule.kind.exit_code().into());
        assert!(place.all() == before, "{}: trying out changed something", self.code);
        let Some(flag) = rule.overrule else {
            ran.complains("Nothing overrules it.");
            return;
        };
        ran.complains(&format!("Overruled by {flag}."));
        let ran = run((self.command)(&place).arg(flag)).must(21);
        ran.complains(self.told).complains(&format!("{flag} overrules it"));
        let now = files(&place.db);
        assert_eq!((&now["IRIS.DAT"][..], &now["OLD_IRIS.DAT"][..]), (NEW[0], OLD));
    }
}

/// Runs every second row, so that two tests share them.
fn every_second(from: usize) {
    for row in ROWS.iter().skip(from).step_by(2) {
        let other = ["not-owner", "not-writable"].contains(&row.code);
        if other && Account::missing() {
            continue;
        }
        println!("{}: {}", row.code, row.told);
        row.runs();
    }
}

#[test]
fn what_stands_against_it_is_told_with_its_cure_and_nothing_changes_first_half() {
    every_second(0);
}

#[test]
fn what_stands_against_it_is_told_with_its_cure_and_nothing_changes_second_half() {
    every_second(1);
}

/// The resource that guards HSSYS is looked for by the comparison, and its absence blocks.
#[test]
fn a_restore_without_the_resource_of_hssys_is_blocked() {
    let place = Place::new();
    place.seals(NEW);
    change(&place.path("member/SecurityExport.xml"), |text| {
        text.replace("%DB_HSSYS<", "%DB_HSSYS2<")
    });
    let ran = run(&mut place.apply(&["--yes", "--ignore-nonblocking"])).must(2);
    ran.complains("Blocking findings stand, so HSSYS is not restored.");
}

#[test]
fn every_reason_of_the_table_has_a_row() {
    let codes: BTreeSet<&str> = ROWS.iter().map(|row| row.code).collect();
    assert_eq!(codes, RULES.iter().map(|rule| rule.code).collect());
}

/// What takes it out of the mirror is told as it is typed, where that is the cure.
#[test]
fn the_command_that_takes_it_out_names_the_folder() {
    for (status, typed) in [("Obsolete", true), ("Dejournaling", true), ("Needs Activation", false)]
    {
        let place = Place::new();
        place.seals(NEW);
        stands(&place, status);
        let db = place.db.display();
        let command = format!("do ##class(SYS.Mirror).RemoveMirroredDatabase(\"{db}/\")");
        let ran = run(&mut place.apply(&["--yes"])).must(15);
        assert_eq!(ran.stderr.contains(&command), typed, "{status}: {}", ran.stderr);
    }
}

/// Whoever cures one and runs it again for each is kept up all night.
#[test]
fn all_that_stands_against_it_is_told_at_once() {
    let place = Place::new();
    place.seals(NEW);
    place.old(&[("iris.lck", b""), ("OLD_IRIS.DAT", b"kept"), (".hsmirror-IRIS.DAT.part", b"")]);
    let before = place.all();
    // The exit code is that of the first one.
    let ran = run(&mut place.apply(&["--yes"])).must(75);
    let ran = ran.complains("3 facts stand against the restore, and nothing was written.");
    for code in ["in-use", "old-exists", "leftover"] {
        let rule = RULES.iter().find(|rule| rule.code == code).unwrap();
        assert!(ran.stderr.contains(rule.cure), "{code}: {}", ran.stderr);
    }
    assert!(place.all() == before);
}

/// A flag overrules what it names, and nothing beside it.
#[test]
fn a_flag_does_not_overrule_what_it_does_not_name() {
    let place = Place::new();
    place.seals(NEW);
    copied(&place, SystemTime::now() - days(30));
    place.old(&[("iris.lck", b"")]);
    let before = place.all();
    let flags = ["--yes", "--accept-old-copy", "--accept-unknown-mirroring"];
    run(&mut place.apply(&flags)).must(75).complains("iris.lck is in the folder");
    run(&mut place.apply(&["--yes", "--accept-unknown-mirroring"])).must(15);
    assert!(place.all() == before);
}

/// Without a terminal there is nobody to ask, and the answer is no.
#[test]
fn nothing_is_done_unless_somebody_agrees() {
    let place = Place::new();
    place.seals(NEW);
    let before = place.all();
    run(&mut place.apply(&[])).must(64).complains("give --yes").tells("will be replaced");
    assert!(place.all() == before);
}
