//! The primary's copy of the database, and what is no copy to be sealed.
//!
//! Owns the refusals of `export --hssys`: a database in use, links, files that are none, a set with a
//! hole, a copy that changes while it is read, too many who could open it, a database that is said not to
//! be in the mirror, an output that is there. After each neither bundle is there, nor anything half made,
//! and what was there before is as it was; and whom a bundle is for who then opens it.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use super::packs::BUNDLE;
use super::place::{OLD, PROGRAM, Place, Ran, files, has, mode, run, seen};

const COPY: &[u8] = b"the copy of the database";

/// A place with a copy that was not sealed yet.
fn place(files: &[(&str, &[u8])]) -> Place {
    let place = Place::new();
    fs::create_dir(place.path("copy")).unwrap();
    for (name, bytes) in files {
        fs::write(place.path("copy").join(name), bytes).unwrap();
        mode(&place.path("copy").join(name), 0o600);
    }
    place
}

/// All that lies beside the bundles.
fn beside(place: &Place) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.path("")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Exporting ends with this code and leaves nothing.
#[track_caller]
fn refused(place: &Place, mut export: Command, code: i32, told: &str) {
    let (before, copy) = (beside(place), seen(&place.path("copy")));
    let ran = run(&mut export).must(code).complains(told);
    assert_eq!(beside(place), before, "{}", ran.stderr);
    assert!(seen(&place.path("copy")) == copy, "the copy changed");
    assert_eq!(ran.stdout, "");
}

/// The command with another copy.
fn export_of(place: &Place, copy: &Path, flags: &[&str]) -> Command {
    let mut export = Command::new(PROGRAM);
    export.arg("export").arg(place.path("primary")).arg("-o").arg(place.path("p.tar.zst.age"));
    export.args(["-r", &place.recipient, "--hssys"]).arg(copy).args(flags);
    export
}

#[test]
fn a_database_in_use_is_not_sealed() {
    for name in ["COPY_IRIS.DAT", "IRIS.DAT"] {
        let place = place(&[(name, COPY), ("iris.lck", b"")]);
        refused(&place, place.export(&[]), 75, "a database in that folder is in use");
        refused(&place, export_of(&place, &place.path("copy").join(name), &[]), 75, "iris.lck");
    }
}

#[test]
fn a_copy_that_is_a_link_is_not_sealed() {
    let whole = place(&[("COPY_IRIS.DAT", COPY)]);
    symlink(whole.path("copy"), whole.path("link")).unwrap();
    refused(&whole, export_of(&whole, &whole.path("link"), &[]), 65, "is a link");
    symlink(whole.path("copy/COPY_IRIS.DAT"), whole.path("COPY_IRIS.DAT")).unwrap();
    refused(&whole, export_of(&whole, &whole.path("COPY_IRIS.DAT"), &[]), 65, "is a link");
    for name in ["COPY_IRIS.DAT", "COPY_IRIS-0001.VOL"] {
        let linked = place(&[("COPY_IRIS.DAT", COPY)]);
        let path = linked.path("copy").join(name);
        let _ = fs::remove_file(&path);
        fs::write(linked.path("elsewhere"), COPY).unwrap();
        symlink(linked.path("elsewhere"), &path).unwrap();
        refused(&linked, linked.export(&[]), 65, "is a link");
    }
}

#[test]
fn a_file_that_is_none_or_empty_is_not_sealed() {
    for (name, first) in [("COPY_IRIS.DAT", false), ("COPY_IRIS-0001.VOL", true)] {
        let kept: &[(&str, &[u8])] = if first { &[("COPY_IRIS.DAT", COPY)] } else { &[] };
        let empty = place(kept);
        fs::write(empty.path("copy").join(name), "").unwrap();
        refused(&empty, empty.export(&[]), 65, "is empty, so it is no copy of a database");
        let pipe = place(kept);
        run(Command::new("mkfifo").arg(pipe.path("copy").join(name))).must(0);
        refused(&pipe, pipe.export(&[]), 65, "is no regular file");
        let folder = place(kept);
        fs::create_dir(folder.path("copy").join(name)).unwrap();
        refused(&folder, folder.export(&[]), 65, "is no regular file");
    }
}

#[test]
fn a_folder_that_does_not_say_which_copy_is_meant_is_not_sealed() {
    let both = place(&[("IRIS.DAT", OLD), ("COPY_IRIS.DAT", COPY)]);
    refused(&both, both.export(&[]), 65, "holds both IRIS.DAT and its copy");
    let none = place(&[]);
    refused(&none, none.export(&[]), 66, "holds no COPY_IRIS.DAT and no IRIS.DAT");
    let other = place(&[("IRIS.DAT", COPY), ("COPY_IRIS-0001.VOL", COPY)]);
    refused(&other, other.export(&[]), 65, "do not say whether they belong to it");
    refused(&none, export_of(&none, &none.path("none"), &[]), 66, "no such file or folder");
    let named = place(&[("HSSYS.BAK", COPY)]);
    refused(&named, export_of(&named, &named.path("copy/HSSYS.BAK"), &[]), 65, "is not named like");
}

#[test]
fn a_set_of_volumes_with_a_hole_is_not_sealed() {
    let set = [("COPY_IRIS.DAT", COPY), ("COPY_IRIS-0001.VOL", COPY), ("COPY_IRIS-0003.VOL", COPY)];
    let hole = place(&set);
    refused(&hole, hole.export(&[]), 66, "COPY_IRIS-0002.VOL is missing");
    let first = place(&[("COPY_IRIS.DAT", COPY), ("COPY_IRIS-0002.VOL", COPY)]);
    refused(&first, first.export(&[]), 66, "COPY_IRIS-0001.VOL is missing");
}

/// Starts an export of a copy that takes long, and stops it while the copy is being read.
fn reading(place: &Place) -> Child {
    let mut child =
        place.export(&[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let copy = fs::metadata(place.path("copy/COPY_IRIS.DAT")).unwrap();
    let process = PathBuf::from(format!("/proc/{}", child.id()));
    let begun = Instant::now();
    let position = || {
        let open = fs::read_dir(process.join("fd")).ok()?.filter_map(Result::ok);
        let is = |path: PathBuf| fs::metadata(path).is_ok_and(|about| about.ino() == copy.ino());
        let fd = open.map(|entry| entry.path()).find(|path| is(path.clone()))?;
        let about = fs::read_to_string(process.join("fdinfo").join(fd.file_name()?)).ok()?;
        about.lines().next()?.strip_prefix("pos:")?.trim().parse::<u64>().ok()
    };
    while position().unwrap_or_default() == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be stopped");
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not read");
    }
    signal(&child, "STOP");
    assert!(position().is_some_and(|at| at < copy.len()), "it is through already");
    child
}

fn signal(child: &Child, signal: &str) {
    run(Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())])).must(0);
}

/// What happens to a copy, the exit code, what is told, and the doing of it.
type Way<'a> = (&'a str, i32, &'a str, &'a dyn Fn(&Path));

#[test]
fn a_copy_that_changes_while_it_is_sealed_is_not_sealed() {
    if !Path::new("/proc/self/fdinfo").exists() {
        return println!("skipped: no /proc");
    }
    const SIZE: u64 = 192 << 20;
    let open = |path: &Path| File::options().write(true).open(path).unwrap();
    let ways: [Way<'_>; 7] = [
        ("grows", 65, "changed while", &|path| {
            File::options().append(true).open(path).unwrap().write_all(b"more").unwrap();
        }),
        ("shrinks", 65, "changed while", &|path| open(path).set_len(SIZE / 2).unwrap()),
        ("is emptied", 65, "changed while", &|path| open(path).set_len(0).unwrap()),
        ("is replaced", 65, "changed while", &|path| {
            let other = path.with_file_name("other");
            fs::copy(path, &other).unwrap();
            fs::rename(other, path).unwrap();
        }),
        ("is touched", 65, "changed while", &|path| {
            open(path).set_modified(SystemTime::now()).unwrap()
        }),
        ("is written to, and its time set back", 65, "changed while", &|path| {
            let modified = fs::metadata(path).unwrap().modified().unwrap();
            open(path).write_all_at(b"other", SIZE - 9).unwrap();
            open(path).set_modified(modified).unwrap();
        }),
        ("is mounted", 75, "in use", &|path| {
            fs::write(path.with_file_name("iris.lck"), "").unwrap();
        }),
    ];
    for (what, code, told, change) in ways {
        let place = place(&[("COPY_IRIS.DAT", COPY)]);
        let copy = place.path("copy/COPY_IRIS.DAT");
        open(&copy).set_len(SIZE).unwrap();
        let before = beside(&place);
        let child = reading(&place);
        change(&copy);
        signal(&child, "CONT");
        let ran = Ran::of(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(code), "it {what}: {}", ran.stderr);
        assert!(ran.stderr.contains(told), "it {what}: {}", ran.stderr);
        assert_eq!(beside(&place), before, "it {what}");
    }
}

/// A key of its own, by its recipient.
fn key(place: &Place, name: &str) -> String {
    let made = run(Command::new(PROGRAM).args(["keygen", "-o"]).arg(place.path(name))).must(0);
    let both = made.stdout + &made.stderr;
    let mut words = both.split(|c: char| !c.is_alphanumeric());
    words.rfind(|word| word.starts_with("age1")).unwrap().to_owned()
}

#[test]
fn more_than_one_recipient_takes_a_word_of_its_own() {
    let place = place(&[("COPY_IRIS.DAT", COPY)]);
    let other = key(&place, "other");
    let two = ["-q", "-r", other.as_str()];
    refused(&place, place.export(&two), 64, "holds credentials and keys, and 2 recipients");
    // The same one twice is one.
    run(&mut place.export(&["-q", "-r", &place.recipient])).must(0);
    run(&mut place.export(&[&two[..], &["--force", "--share-secrets"]].concat())).must(0);
    fs::rename(place.path("other"), place.path("identity")).unwrap();
    place.restores();
    assert_eq!(files(&place.db)["IRIS.DAT"], COPY);
}

#[test]
fn who_may_read_the_configuration_need_not_open_the_database() {
    let place = place(&[("COPY_IRIS.DAT", COPY)]);
    let member = key(&place, "member-key");
    let auditor = key(&place, "auditor-key");
    let flags = ["-q", "-r", auditor.as_str(), "--hssys-recipient", member.as_str()];
    run(&mut place.export(&flags)).must(0);
    // Neither who sealed it nor the auditor opens it; each opens the configuration.
    for identity in ["identity", "auditor-key"] {
        let inspect = |bundle: &str| {
            let mut inspect = Command::new(PROGRAM);
            inspect.args(["inspect", "--verify"]).arg(place.path(bundle));
            run(inspect.arg("-i").arg(place.path(identity)))
        };
        inspect("p.tar.zst.age").must(0);
        inspect(BUNDLE).must(10);
    }
    let before = place.all();
    run(&mut place.apply(&["--yes"])).must(10);
    assert!(place.all() == before);
    let member = place.path("member-key");
    run(place.apply(&["--yes", "-i"]).arg(member)).must(21);
    assert_eq!(files(&place.db)["IRIS.DAT"], COPY);
}

#[test]
fn a_database_that_is_said_not_to_be_in_the_mirror_is_not_sealed() {
    let place = place(&[("COPY_IRIS.DAT", COPY)]);
    place.attests("primary", Some(false));
    refused(&place, place.export(&[]), 15, "HSSYS was not in the mirror on 2026-11-23");
}

#[test]
fn an_output_that_is_there_keeps_both_from_being_made() {
    for name in ["p.tar.zst.age", BUNDLE] {
        let place = place(&[("COPY_IRIS.DAT", COPY)]);
        fs::write(place.path(name), "what was there").unwrap();
        refused(&place, place.export(&[]), 73, "exists already");
        assert_eq!(fs::read(place.path(name)).unwrap(), b"what was there");
    }
    let place = place(&[("COPY_IRIS.DAT", COPY)]);
    fs::create_dir(place.path(BUNDLE)).unwrap();
    refused(&place, place.export(&["--force"]), 73, "is no regular file");
}

/// The disk fails when one of the bundles gets its name, or when that is to last.
#[test]
fn where_one_bundle_cannot_be_made_the_other_is_not_made_either() {
    if !has("strace") {
        return println!("skipped: no strace");
    }
    let mut left = Vec::new();
    for (select, error) in [("/^fsync$", "ENOSPC"), ("/^(rename|link)", "EIO"), ("write", "ENOSPC")]
    {
        for when in 1..=4 {
            let place = place(&[("COPY_IRIS.DAT", COPY)]);
            let before = beside(&place);
            let export = place.export(&["-q"]);
            let mut strace = Command::new("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={select}"), "-e"]);
            strace.arg(format!("inject={select}:error={error}:when={when}"));
            strace.arg(export.get_program()).args(export.get_args());
            let ran = run(&mut strace);
            if ran.code == Some(0) {
                continue;
            }
            let ran = ran.must(74);
            let mut now = beside(&place);
            now.retain(|path| !before.contains(path));
            if !now.is_empty() {
                left.push(format!("{select} {when}: {now:?}\n{}", ran.stderr));
            }
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
}

/// What to type next is printed as a shell takes it, but for what only the reader knows.
#[test]
fn what_is_printed_to_be_typed_next_is_quoted() {
    let place = place(&[("COPY_IRIS.DAT", COPY)]);
    let mut export = Command::new(PROGRAM);
    export.arg("export").arg(place.path("primary")).args(["-r", &place.recipient, "--hssys"]);
    export.arg(place.path("copy")).arg("-o").arg(place.path("it's p.tar.zst.age"));
    let ran = run(&mut export).must(0);
    let at = place.path("").display().to_string();
    for name in ["it'\\''s p.tar.zst.age", "it'\\''s p.hssys.tar.zst.age"] {
        assert!(ran.stdout.contains(&format!("'{at}{name}'")), "{name}: {}", ran.stdout);
    }
}
