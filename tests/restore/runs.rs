//! Runs as people make them: twice, at the same time, to try out, back and forth.
//!
//! Owns what is promised around a restore: findings that stop it and flags that let it go on, another run
//! that is at work, `--dry-run`, the ways on and back where there is nothing to go to, and that what is
//! printed to be typed can be typed: in folders whose names a shell takes apart, from another folder than
//! the one in which it was printed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::place::{OLD, PROGRAM, Place, change, copy, files, has, run};

const NEW: &[&[u8]] = &[b"the new database"];

fn place() -> Place {
    let place = Place::new();
    place.seals(NEW);
    place
}

/// Another run that is at work on a folder, as far as locks tell.
struct AtWork(Child);

impl AtWork {
    fn on(folder: &Path) -> Option<Self> {
        if !has("flock") {
            println!("skipped: no flock");
            return None;
        }
        let mut flock = Command::new("flock");
        flock.args(["-n".as_ref(), folder.as_os_str()]).args(["sh", "-c", "echo locked; exec cat"]);
        let mut child = flock.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "locked\n");
        Some(Self(child))
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        // Its input ends, and so does it.
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

#[test]
fn while_a_run_is_at_work_another_one_does_nothing() {
    let place = place();
    let Some(at_work) = AtWork::on(&place.db) else { return };
    let before = place.all();
    for flags in [&["--yes"][..], &["--dry-run"]] {
        let ran = run(&mut place.apply(flags)).must(75);
        ran.complains("Another run of hsmirror is at work").complains("--status");
    }
    for flags in [&["--resume"][..], &["--revert", "--yes"]] {
        run(&mut place.on(flags)).must(75);
    }
    run(&mut place.on(&["--status"])).must(0);
    assert!(place.all() == before);
    drop(at_work);
    place.restores();
}

#[test]
fn a_run_that_is_at_work_is_told_by_status() {
    let place = place();
    if !place.killed_at(place.apply(&["--yes"]), "fallocate", 1) {
        return println!("skipped: no strace");
    }
    run(&mut place.on(&["--status"])).must(20).tells("interrupted while receiving");
    let Some(at_work) = AtWork::on(&place.db) else { return };
    let ran = run(&mut place.on(&["--status"])).must(0);
    ran.tells("a run is at work, receiving the new database").tells("wait for its end");
    drop(at_work);
    run(&mut place.on(&["--status"])).must(20);
}

/// Before it writes its journal it compares, looks and asks, which may take as long as a person thinks.
#[test]
fn a_run_that_has_not_begun_to_write_is_at_work_too() {
    let place = place();
    let Some(_at_work) = AtWork::on(&place.db) else { return };
    let ran = run(&mut place.on(&["--status"])).must(0);
    assert!(!ran.stdout.contains("nothing was begun"), "{}", ran.stdout);
    ran.tells("a run is at work");
}

#[test]
fn trying_out_leaves_everything_as_it_is() {
    let place = place();
    let before = place.all();
    let ran = run(&mut place.apply(&["--dry-run"])).must(0);
    ran.tells("will be replaced").tells("sound to its end").tells("Nothing was written");
    assert!(place.all() == before);
    assert!(!place.path("state").exists());
}

/// At a terminal it is asked, and only the whole word is a yes.
#[test]
fn at_a_terminal_only_yes_is_yes() {
    // The one of other systems takes other flags.
    if !has("script") || cfg!(not(target_os = "linux")) {
        return println!("skipped: no script");
    }
    let place = place();
    let answer = |answer: &str| {
        let apply = place.apply(&[]);
        let words: Vec<_> = std::iter::once(apply.get_program()).chain(apply.get_args()).collect();
        let words: Vec<_> = words.into_iter().map(|word| word.to_str().unwrap()).collect();
        let mut script = Command::new("script");
        script.args(["-qec", &words.join(" "), "/dev/null"]).stdin(Stdio::piped());
        let mut child = script.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(answer.as_bytes()).unwrap();
        super::place::Ran::of(child.wait_with_output().unwrap())
    };
    let before = place.all();
    for no in ["no\n", "y\n", "YES\n", "\n", "yes, please\n"] {
        let ran = answer(no).must(64).tells("Type yes to do it");
        ran.tells("The answer was not yes, so nothing was done.");
        assert!(place.all() == before, "{no:?}");
    }
    answer("yes\n").must(21).tells("The new HSSYS is in its place");
}

/// Runs what a shell takes, in a folder from which nothing relative leads anywhere.
fn typed(line: &str) -> super::place::Ran {
    let path = std::env::var("PATH").unwrap();
    let programs = Path::new(PROGRAM).parent().unwrap();
    let mut shell = Command::new("sh");
    shell.current_dir("/").env("PATH", format!("{}:{path}", programs.display()));
    run(shell.args(["-c", line]))
}

/// The command that is printed on a line of its own.
fn printed(text: &str) -> &str {
    text.lines().find_map(|line| line.trim().strip_prefix("hsmirror apply --revert")).unwrap()
}

#[test]
fn what_is_printed_can_be_pasted_whatever_the_folder_is_called() {
    for name in ["HS SYS", "it's", "a\"b\"", "größe 北京", "$HOME`id`", "-db;&|", "a\\b*?", "é'ü x"]
    {
        let place = Place::with_database_in(name);
        place.seals(NEW);
        let ran = run(&mut place.apply(&["--yes"])).must(21);
        let now = files(&place.db);
        assert_eq!((&now["IRIS.DAT"][..], &now["OLD_IRIS.DAT"][..]), (NEW[0], OLD), "{name}");
        let back = format!("hsmirror apply --revert{}", printed(&ran.stdout));
        // Without --yes nobody agrees; the folder was found even so.
        typed(&back).must(64).tells("The old HSSYS in ");
        typed(&format!("{back} --yes")).must(21).tells("The old HSSYS is back");
        assert_eq!(files(&place.db), [("IRIS.DAT".to_owned(), OLD.to_vec())].into(), "{name}");
        // What is not done says where to look.
        let ran = run(&mut place.on(&["--resume"])).must(15);
        let (_, status) = ran.stderr.split_once("`hsmirror").unwrap();
        let (status, _) = status.rsplit_once("` tells").unwrap();
        typed(&format!("hsmirror{status}")).must(0);
    }
}

/// A week later nobody knows in which folder the command was given.
#[test]
fn what_is_printed_can_be_pasted_in_another_folder() {
    let place = place();
    let mut apply = Command::new(PROGRAM);
    apply.current_dir(place.path("")).args(["apply", "p.tar.zst.age", "member", "-i", "identity"]);
    apply.args([
        "--hssys",
        "p.hssys.tar.zst.age",
        "--hssys-dir",
        "db",
        "--state-dir",
        "state",
        "--yes",
    ]);
    let ran = run(&mut apply).must(21);
    let ran = typed(&format!("hsmirror apply --revert{}", printed(&ran.stdout)));
    assert_eq!(ran.code, Some(64), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn there_and_back_and_back_once_more() {
    let place = place();
    let before = place.all();
    run(&mut place.on(&["--revert", "--yes"])).must(15).complains("Nothing was restored in ");
    run(&mut place.on(&["--resume"])).must(15).complains("No restore was interrupted in ");
    assert!(place.all() == before);
    let old = place.all().1;
    place.restores();
    run(&mut place.on(&["--status"])).must(0).tells("done, but for what is left");
    run(&mut place.on(&["--resume"])).must(15).complains("No restore was interrupted in ");
    run(&mut place.on(&["--revert", "--yes"])).must(21).tells("The old HSSYS is back");
    assert_eq!(place.all().1, old, "the old file is the old file");
    let before = place.all();
    run(&mut place.on(&["--revert", "--yes"])).must(15).complains("Nothing was restored in ");
    assert!(place.all() == before);
    place.restores();
}

#[test]
fn what_was_reverted_is_told_by_status() {
    let place = place();
    place.restores();
    run(&mut place.on(&["--revert", "--yes"])).must(21);
    let ran = run(&mut place.on(&["--status"])).must(0);
    assert!(!ran.stdout.contains("nothing was begun here"), "it was: {}", ran.stdout);
}

/// A mounted database must not go, nor one that somebody wrote to and may want.
#[test]
fn the_way_back_leaves_a_database_in_use_and_asks_first() {
    let place = place();
    place.restores();
    let before = place.all();
    run(&mut place.on(&["--revert"])).must(64).complains("give --yes");
    assert!(place.all() == before);
    place.old(&[("iris.lck", b"")]);
    let before = place.all();
    let ran = run(&mut place.on(&["--revert", "--yes"])).must(15);
    ran.complains("iris.lck is in the folder").complains("must be dismounted");
    assert!(place.all() == before);
}

const EVERY_FLAG: [&str; 5] = [
    "--yes",
    "--ignore-nonblocking",
    "--accept-incomplete",
    "--accept-unknown-mirroring",
    "--accept-old-copy",
];

#[test]
fn findings_that_block_stop_it_whatever_the_flags_say() {
    let place = place();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    for (sample, side) in [("primary", "primary"), ("backup", "member")] {
        copy(&samples.join(sample), &place.path(side));
    }
    place.seals_again(&[]);
    let before = place.all();
    let ran = run(&mut place.apply(&EVERY_FLAG)).must(2).complains("Blocking findings stand");
    ran.complains("Nothing overrules them.").complains("hsmirror compare ");
    assert!(place.all() == before);
}

/// A finding that does not block: a resource is called differently.
fn differs(place: &Place) {
    change(&place.path("member/SecurityExport.xml"), |text| {
        text.replace("<Name>%DB_IRISSYS<", "<Name>%DB_IRISSYS2<")
    });
}

#[test]
fn findings_that_do_not_block_stop_it_until_somebody_says_otherwise() {
    let place = place();
    differs(&place);
    let before = place.all();
    let ran = run(&mut place.apply(&["--yes", "--accept-incomplete"])).must(1);
    ran.complains("Findings stand that do not block").complains("--ignore-nonblocking.");
    assert!(place.all() == before);
    run(&mut place.apply(&["--yes", "--ignore-nonblocking"])).must(21);
}

#[test]
fn what_could_not_be_compared_stops_it_until_somebody_says_otherwise() {
    let place = place();
    std::fs::remove_file(place.path("member/TaskExport.xml")).unwrap();
    let before = place.all();
    let ran = run(&mut place.apply(&["--yes", "--ignore-nonblocking"])).must(3);
    ran.complains("Something could not be compared").complains("--accept-incomplete.");
    assert!(place.all() == before);
    run(&mut place.apply(&["--yes", "--accept-incomplete"])).must(21);
}

/// Each flag is for its own, and one of both is not enough.
#[test]
fn findings_and_gaps_together_take_both_flags() {
    let place = place();
    std::fs::remove_file(place.path("member/TaskExport.xml")).unwrap();
    differs(&place);
    let before = place.all();
    run(&mut place.apply(&["--yes", "--ignore-nonblocking"])).must(3);
    run(&mut place.apply(&["--yes", "--accept-incomplete"])).must(1);
    assert!(place.all() == before);
    run(&mut place.apply(&["--yes", "--accept-incomplete", "--ignore-nonblocking"])).must(21);
}
