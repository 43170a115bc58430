//! The folder of a hand-off.
//!
//! Proves that under its name it is whole or not there, whatever becomes of the run, that nothing that was
//! there before or came meanwhile is lost, and what stands in its files.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{FILES, GATES, PROGRAM, Place, ROOT, lacks, mode, text};

#[test]
fn a_hand_off_takes_a_folder_that_is_new_or_empty() {
    let place = Place::new();
    place.hand("D", &[], 21);
    assert_eq!(place.names("D"), FILES);
    assert_eq!(mode(&place.path("D")), 0o700);
    for name in FILES {
        assert_eq!(mode(&place.path("D").join(name)), 0o600, "{name}");
    }
    let before = place.files("D");
    fs::write(place.path("file"), "mine").unwrap();
    fs::create_dir(place.path("hidden")).unwrap();
    fs::write(place.path("hidden/.kept"), "mine").unwrap();
    fs::create_dir(place.path("empty")).unwrap();
    std::os::unix::fs::symlink("empty", place.path("link")).unwrap();
    std::os::unix::fs::symlink("nowhere", place.path("dangling")).unwrap();
    let names = place.names(".");
    for (folder, words) in [
        ("D", "it is not empty"),
        ("file", "it is no folder"),
        ("file/D", ""),
        ("hidden", "it is not empty"),
        ("link", "it is no folder"),
        ("dangling", "it is no folder"),
        ("no/such/D", "there is no folder to make it in"),
        (".", ""),
        ("/", ""),
    ] {
        let said = text(&place.hand(folder, &[], 73).stderr);
        assert!(said.contains("Cannot use the folder") && said.contains(words), "{said}");
    }
    place.hand("D", &["--force"], 73);
    place.hand("-", &[], 64);
    assert_eq!(place.files("D"), before);
    assert_eq!(fs::read_to_string(place.path("file")).unwrap(), "mine");
    assert_eq!(place.names("hidden"), [".kept"]);
    assert_eq!(place.names("empty"), [""; 0]);
    assert_eq!(place.names("."), names);
    // What strangers could write to, they cannot any more.
    fs::set_permissions(place.path("empty"), fs::Permissions::from_mode(0o777)).unwrap();
    place.hand("empty/", &[], 21);
    assert_eq!(place.names("empty"), FILES);
    assert_eq!(mode(&place.path("empty")), 0o700);
    fs::create_dir(place.path("above")).unwrap();
    place.hand("above/new/", &[], 21);
    assert_eq!(place.names("above"), ["new"]);
    // Nobody to seal the restore point for.
    let said = text(&place.apply(&["--handoff", "E"], 64).stderr);
    assert!(said.contains("-r RECIPIENT"), "{said}");
    assert!(!place.path("E").exists());

    fs::create_dir(place.path("shut")).unwrap();
    fs::set_permissions(place.path("shut"), fs::Permissions::from_mode(0o500)).unwrap();
    // An account that may do everything is not stopped by a mode.
    if fs::write(place.path("shut/probe"), "").is_err() {
        place.hand("shut/D", &[], 73);
        place.hand("shut", &[], 73);
    }
}

#[test]
fn a_run_that_fails_leaves_nothing() {
    let place = Place::of_files();
    place.hand("D", &[], 21);
    place.edit("backup/SecurityExport.xml", "Miriam Okafor", "Miriam Okafor-Li");
    let before = place.names(".");
    fs::create_dir(place.path("empty")).unwrap();
    for folder in ["new", "empty"] {
        let to = ["--handoff", folder, "-r", &place.recipient];
        place.take_up("D/plan.json", &to, 15);
        place.hand(folder, &["--only", "nothing"], 64);
        place.ends(
            &["apply", "primary", "nowhere", "--handoff", folder, "-r", &place.recipient],
            66,
        );
    }
    assert_eq!(place.names("empty"), [""; 0]);
    fs::remove_dir(place.path("empty")).unwrap();
    assert_eq!(place.names("."), before);
}

#[test]
fn a_disk_that_takes_no_more_leaves_nothing() {
    let place = Place::new();
    if lacks(&["bash"]) {
        return;
    }
    fs::create_dir(place.path("empty")).unwrap();
    let before = place.names(".");
    // In KiB: not even the restore point fits; it does and the plan does not.
    for limit in [1, 8] {
        for folder in ["new", "empty"] {
            let script = "trap '' XFSZ; ulimit -f $LIMIT; exec \"$@\"";
            let mut shell = Command::new("bash");
            shell.args(["-c", script, "bash", PROGRAM, "apply", "P.age", "M.age", "-q"]);
            shell.args(["-i", "id", "--handoff", folder, "-r", &place.recipient]);
            shell.current_dir(place.path(".")).env("LIMIT", limit.to_string());
            let ran = shell.output().unwrap();
            assert_eq!(ran.status.code(), Some(74), "{limit}: {ran:?}");
        }
        assert_eq!(place.names("empty"), [""; 0], "{limit}");
        assert_eq!(place.names("."), before, "{limit}");
    }
}

/// Begins a run whose primary comes through a pipe that nothing is written to yet; its folder is there
/// under its temporary name.
fn waiting(place: &Place, folder: &str) -> Child {
    let args = ["apply", "-", "backup", "-i", "id", "--handoff", folder, "-r", &place.recipient];
    let mut command = place.command(&args);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let before = place.parts().len();
    let child = command.spawn().unwrap();
    let start = Instant::now();
    while place.parts().len() == before {
        assert!(start.elapsed() < Duration::from_secs(20), "no folder was begun");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// Lets it go on with the primary, or with nothing.
fn goes_on(mut run: Child, primary: &[u8]) -> Option<i32> {
    run.stdin.take().unwrap().write_all(primary).unwrap();
    run.wait().unwrap().code()
}

#[test]
fn of_what_came_meanwhile_nothing_is_lost() {
    let place = Place::new();
    let primary = fs::read(place.path("P.age")).unwrap();
    let before = place.names(".");
    for (given, code) in [(&primary[..], 73), (&[][..], 65)] {
        let run = waiting(&place, "D");
        assert!(!place.path("D").exists());
        assert_eq!(place.parts().iter().map(|part| mode(part)).collect::<Vec<_>>(), [0o700]);
        fs::create_dir(place.path("D")).unwrap();
        fs::write(place.path("D/mine"), "mine").unwrap();
        assert_eq!(goes_on(run, given), Some(code));
        assert_eq!(fs::read_to_string(place.path("D/mine")).unwrap(), "mine");
        fs::remove_dir_all(place.path("D")).unwrap();
        assert_eq!(place.names("."), before);
    }
    // Of two runs into one folder the quicker one has it, whole.
    let run = waiting(&place, "D");
    place.hand("D", &["-q"], 21);
    let files = place.files("D");
    assert_eq!(goes_on(run, &primary), Some(73));
    assert_eq!(place.names("D"), FILES);
    assert_eq!(place.files("D"), files);
    assert_eq!(place.parts(), [""; 0].map(PathBuf::from));
    // Left to itself, the run that waited has it.
    let run = waiting(&place, "E");
    assert_eq!(goes_on(run, &primary), Some(21));
    assert_eq!(place.files("E"), files);
}

#[test]
fn a_killed_run_leaves_no_hand_off_or_a_whole_one() {
    let place = Place::new();
    place.hand("whole", &["-q"], 21);
    let whole = place.files("whole");
    let mut seen = [0, 0];
    for count in [0, 1, 2, 5, 8, FILES.len()] {
        let folder = format!("D{count}");
        let args =
            ["apply", "primary", "backup", "-q", "--handoff", &folder, "-r", &place.recipient];
        let mut command = place.command(&args);
        let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Once that many files are there, or it is done.
        let there = |part: &PathBuf| {
            let names = fs::read_dir(part).into_iter().flatten().flatten();
            let names =
                names.filter(|name| name.path().extension().is_none_or(|ext| ext != "part"));
            names.count() >= count
        };
        while run.try_wait().unwrap().is_none() && !place.parts().iter().any(there) {
            std::thread::sleep(Duration::from_micros(100));
        }
        let _ = run.kill();
        run.wait().unwrap();
        let is_whole = place.path(&folder).exists();
        seen[usize::from(is_whole)] += 1;
        if is_whole {
            assert_eq!(place.names(&folder), FILES);
            assert_eq!(place.files(&folder), whole);
        }
        assert_eq!(place.parts().len(), usize::from(!is_whole), "{:?}", place.names("."));
        // What it left is in nobody's way.
        if count == 0 && !is_whole {
            place.hand(&folder, &["-q"], 21);
            assert_eq!(place.files(&folder), whole);
        }
        place.parts().iter().for_each(|part| fs::remove_dir_all(part).unwrap());
    }
    eprintln!("killed before it had its name: {}, after: {}", seen[0], seen[1]);
    assert!(seen[0] > 0, "no run was killed in time");
}

#[test]
fn the_restore_point_is_the_member() {
    let place = Place::new();
    place.hand("D", &[], 21);
    let point = "D/restore-point.tar.zst.age";
    let seen = place.ends(&["compare", "--drift", point, "backup", "-i", "id"], 0);
    assert!(text(&seen.stdout).starts_with("UNCHANGED"), "{}", text(&seen.stdout));
    place.ends(&["compare", "--drift", point, "backup"], 10);
    // The plan made of it is the plan made of the files.
    let plan = place.ends(&["apply", "primary", point, "-i", "id", "--format", "json"], 21).stdout;
    assert_eq!(serde_json::from_slice::<Value>(&plan).unwrap(), place.plan("D/plan.json"));
    let seen = place.ends(&["inspect", point, "-i", "id"], 0);
    assert!(text(&seen.stdout).contains("ELM-B/IRIS"), "{}", text(&seen.stdout));
}

#[test]
fn the_same_plan_and_place_give_the_same_bytes() {
    let place = Place::of_files();
    place.hand("D", &[], 21);
    let read = || -> BTreeMap<&str, Vec<u8>> {
        let names = FILES.into_iter().filter(|name| !name.ends_with(".age"));
        names.map(|name| (name, fs::read(place.path("D").join(name)).unwrap())).collect()
    };
    let first = read();
    fs::remove_dir_all(place.path("D")).unwrap();
    place.hand("D", &["--personal-data"], 21);
    fs::remove_dir_all(place.path("D")).unwrap();
    place.hand("D", &[], 21);
    assert!(first == read());
    // From bundles as from files.
    let place = Place { sides: ["P.age", "M.age"], ..place };
    place.hand("E", &[], 21);
    assert_eq!(place.files("D"), place.files("E"));
}

#[test]
fn the_hand_off_of_the_samples_word_for_word() {
    let place = Place::of_files();
    let golden = Path::new(ROOT).join("tests/handoff/golden");
    let mut more = vec!["--task-settings"];
    more.extend(GATES.iter().flat_map(|(gate, _)| ["--approve", *gate]));
    more.extend(["--approve", "tasks/ELMLAB/Elm Lab Result Resend/Elm.Lab.Task.ResendResults"]);
    for (name, more) in [("plain", &[][..]), ("approved", &more)] {
        place.hand(name, more, 21);
        let files = place.files(name);
        let golden = golden.join(name);
        if std::env::var_os("HSMIRROR_UPDATE").is_some() {
            let _ = fs::remove_dir_all(&golden);
            fs::create_dir_all(&golden).unwrap();
            for (name, text) in &files {
                fs::write(golden.join(name), text).unwrap();
            }
        }
        let mut names: Vec<String> = fs::read_dir(&golden)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, files.keys().cloned().collect::<Vec<_>>());
        for (file, text) in &files {
            let kept = fs::read_to_string(golden.join(file)).unwrap();
            assert!(
                kept == *text,
                "{name}/{file} is another one: HSMIRROR_UPDATE=1 cargo test --test handoff, and read \
                 what changed"
            );
        }
    }
}
