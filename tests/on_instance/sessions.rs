//! Speaking to an instance: finding it, sessions, merges, gathering (H7.1, H7.2, H3.1).
//!
//! Through the library where an answer is looked at, through the command line where its words, the
//! environment and what stays behind are.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hsmirror::error::{Error, Kind};
use hsmirror::instance::{Asking, Instance, Limits, Program, Surroundings};
use hsmirror::model::{Extent, Section, SourceKind};
use hsmirror::source::{self, Options};

use super::instance::disk::Noted;
use super::stand_in::Scene;

super::tests! {
    every_list_is_read,
    only_what_runs_is_spoken_to,
    what_is_no_list_is_told,
    a_script_says_its_lines,
    noise_and_code_pages_change_nothing,
    a_script_that_ends_itself_is_told_from_one_that_came_to_its_end,
    errors_of_the_product_are_told,
    nothing_is_typed_into_a_login,
    a_session_that_hangs_is_ended,
    a_session_that_does_not_end_is_never_killed,
    a_session_that_ends_is_told,
    a_session_that_says_too_much_is_ended,
    a_merge_is_run_with_absolute_paths,
    an_instance_tells_all_of_itself,
    nothing_stays_where_gathering_fails,
    half_a_document_is_none,
    a_killed_run_leaves_nothing_for_long,
    the_environment_is_an_allow_list,
    the_command_line_lists_instances,
    an_instance_is_an_operand,
    complaints_tell_the_next_command,
}

const LONG: Duration = Duration::from_secs(120);
const SHORT: Duration = Duration::from_secs(3);
const PATIENT: Limits = limits(LONG, LONG);

const fn limits(question: Duration, work: Duration) -> Limits {
    Limits { question, work, grace: SHORT }
}

fn program(scene: &Scene, limits: Limits) -> Program {
    let environment = vec![("LANG".into(), "C".into())];
    let surroundings = Surroundings { environment, path: vec!["bin".into(), scene.bin()] };
    Program::find(None, &surroundings, limits).unwrap()
}

fn instance(scene: &Scene, limits: Limits) -> Instance {
    program(scene, limits).instance("iris").unwrap()
}

/// A place for plain text.
fn asking(place: &Path) -> Asking {
    Asking { place: place.to_owned(), attested: None }
}

/// Whether a child of a scene still runs.
fn runs(scene: &Scene) -> bool {
    let program = scene.program().display().to_string();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok()).any(|line| {
        line.split(|byte| *byte == 0).next().is_some_and(|first| first == program.as_bytes())
    })
}

fn within(limit: Duration, what: impl Fn() -> bool) -> bool {
    let until = Instant::now() + limit;
    while !what() {
        if Instant::now() > until {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
    true
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn sessions(scene: &Scene) -> usize {
    scene.started().iter().filter(|arguments| arguments[0] == "session").count()
}

fn every_list_is_read() {
    for (name, health, member) in [
        ("qlist-8-fields", None, None),
        ("qlist-9-fields", Some("ok"), None),
        ("qlist-10-fields", Some("ok"), None),
        ("qlist-12-fields", Some("ok"), Some("Failover")),
        ("qlist-13-fields", Some("ok"), Some("Failover")),
        ("qlist-more-fields", Some("ok"), Some("Failover")),
        ("qlist-windows-line-ends", Some("ok"), Some("Failover")),
        ("qlist-alert", Some("alert"), Some("Failover")),
    ] {
        let scene = Scene::of(name);
        let [listed] = &program(&scene, PATIENT).instances().unwrap()[..] else { panic!("{name}") };
        assert_eq!(listed.name, "IRIS");
        assert_eq!(listed.directory, scene.install());
        assert_eq!(listed.configuration_file, scene.install().join("iris.cpf"));
        assert_eq!(listed.health.as_deref(), health, "{name}");
        assert_eq!(listed.member_type.as_deref(), member, "{name}");
        assert_eq!(instance(&scene, PATIENT).listed, *listed);
    }
    assert!(program(&Scene::of("qlist-empty"), PATIENT).instances().unwrap().is_empty());
    let several = Scene::of("qlist-several");
    assert_eq!(program(&several, PATIENT).instances().unwrap().len(), 3);
}

fn only_what_runs_is_spoken_to() {
    for (name, word) in [
        ("qlist-down", "`iris start IRIS`"),
        ("qlist-hung", "`iris qlist IRIS`"),
        ("qlist-sign-on-inhibited", "`iris qlist IRIS`"),
        ("qlist-primary-transition", "`iris qlist IRIS`"),
    ] {
        let scene = Scene::of(name);
        let error = program(&scene, PATIENT).instance("Iris").unwrap_err();
        assert_eq!(error.kind, Kind::Down, "{name}");
        assert!(error.hint.contains(word), "{name}: {error}");
        assert_eq!(sessions(&scene), 0);
    }
    let error = program(&Scene::of("qlist-several"), PATIENT).instance("NONE").unwrap_err();
    assert_eq!(error.kind, Kind::Missing);
    assert!(error.hint.contains("IRIS, ") || error.hint.contains(", IRIS"), "{error}");
}

fn what_is_no_list_is_told() {
    let limits = limits(SHORT, SHORT);
    for (name, kind) in [
        ("qlist-garbage", Kind::Malformed),
        ("qlist-fails", Kind::Malformed),
        ("qlist-hangs", Kind::Down),
    ] {
        let scene = Scene::of(name);
        let error = program(&scene, limits).instances().unwrap_err();
        assert_eq!(error.kind, kind, "{name}: {error}");
        assert!(!runs(&scene));
    }
    let nowhere = Surroundings { environment: Vec::new(), path: vec!["/none".into()] };
    let error = Program::find(None, &nowhere, limits).unwrap_err();
    assert!(error.kind == Kind::Missing && error.hint.contains("--iris FILE"), "{error}");
}

const SCRIPT: &str = "write !,\"one\",!\nset a=\"two\" write a_\" >x\",!\n";

fn a_script_says_its_lines() {
    let scene = Scene::of("primary");
    let instance = instance(&scene, PATIENT);
    for _ in 0..2 {
        let spoken = instance.clone().session(SCRIPT).unwrap();
        assert_eq!(spoken.lines, ["one", "two >x"]);
        assert_eq!((spoken.status, spoken.came_to_end), (0, true));
        assert_eq!(spoken.errors, [""; 0]);
    }
    assert_eq!(sessions(&scene), 3, "a login that answered is not asked again");
    for arguments in scene.started() {
        assert!(arguments == ["qlist"] || arguments == ["session", "IRIS", "-U", "%SYS"]);
    }
}

fn noise_and_code_pages_change_nothing() {
    for name in ["latin1", "chatty", "no-banner", "session-windows-line-ends", "slow"] {
        let scene = Scene::of(name);
        let spoken = instance(&scene, PATIENT).session(SCRIPT).unwrap();
        assert_eq!(spoken.lines, ["one", "two >x"], "{name}");
        assert!(spoken.came_to_end, "{name}");
    }
}

fn a_script_that_ends_itself_is_told_from_one_that_came_to_its_end() {
    let scene = Scene::of("primary");
    let script = "write !,\"one\",!\ndo $SYSTEM.Process.Terminate(,9)\nwrite \"two\",!\n";
    let spoken = instance(&scene, PATIENT).session(script).unwrap();
    assert_eq!(spoken.lines, ["one"]);
    assert_eq!((spoken.status, spoken.came_to_end), (9, false));
}

fn errors_of_the_product_are_told() {
    let scene = Scene::of("primary");
    // The fourth line of a session is the first of the script.
    scene.behave(|behaviour| {
        behaviour.session.after = 1;
        behaviour.session.protects_at = Some(4);
    });
    let spoken = instance(&scene, PATIENT).session(SCRIPT).unwrap();
    assert_eq!(spoken.lines, ["<PROTECT>", "two >x"]);
    assert_eq!(spoken.errors, ["<PROTECT>"]);
    assert!(spoken.came_to_end);
    let scene = Scene::of("primary");
    scene.behave(|behaviour| behaviour.session.protects_at = Some(1));
    let error = instance(&scene, PATIENT).session(SCRIPT).unwrap_err();
    assert!(error.kind == Kind::Denied && error.message.contains("<PROTECT>"), "{error}");
    assert_eq!(sessions(&scene), 1);
}

fn nothing_is_typed_into_a_login() {
    let scene = Scene::of("login-prompt");
    let error = instance(&scene, PATIENT).session(SCRIPT).unwrap_err();
    assert_eq!(error.kind, Kind::Down);
    assert!(error.message.contains("none was typed"), "{error}");
    assert!(error.hint.contains("%Service_Terminal"), "{error}");
    assert_eq!(sessions(&scene), 1, "the script was not given to it");
}

fn a_session_that_hangs_is_ended() {
    for (name, limits) in [
        ("hangs-before-first-line", limits(SHORT, LONG)),
        ("hangs-at-first-line", limits(SHORT, LONG)),
        ("hangs-in-work", limits(LONG, SHORT)),
    ] {
        let scene = Scene::of(name);
        let begun = Instant::now();
        let error = instance(&scene, limits).session(SCRIPT).unwrap_err();
        assert_eq!(error.kind, Kind::Down, "{name}: {error}");
        assert!(error.message.contains("within 3 seconds"), "{name}: {error}");
        assert!(begun.elapsed() < LONG && !runs(&scene), "{name}");
    }
}

fn a_session_that_does_not_end_is_never_killed() {
    let scene = Scene::of("hangs-in-work");
    // What it ignores the command that it becomes ignores too.
    let deaf = scene.folder().join("deaf");
    let script =
        format!("#!/bin/sh\ntrap '' TERM HUP INT\nexec '{}' \"$@\"\n", scene.program().display());
    fs::write(&deaf, script).unwrap();
    fs::set_permissions(&deaf, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let limits = Limits { grace: Duration::from_millis(300), ..limits(LONG, SHORT) };
    let surroundings = Surroundings::default();
    let program = Program::find(Some(&deaf), &surroundings, limits).unwrap();
    let error = program.instance("iris").unwrap().session(SCRIPT).unwrap_err();
    assert_eq!(error.kind, Kind::Down, "{error}");
    let number = error.message.split("; process ").nth(1).unwrap().split(' ').next().unwrap();
    let by_hand = format!("`do $SYSTEM.Process.Terminate({number})`");
    assert!(error.message.contains("still runs") && error.message.contains(&by_hand), "{error}");
    assert!(error.message.contains("not with kill -9"), "{error}");
    assert!(runs(&scene), "it was killed");
    let number = rustix::process::Pid::from_raw(number.parse().unwrap()).unwrap();
    rustix::process::kill_process(number, rustix::process::Signal::KILL).unwrap();
    assert!(within(LONG, || !runs(&scene)));
}

fn a_session_that_ends_is_told() {
    for (name, words) in [
        ("ends-at-once", "ended before it answered"),
        ("ends-in-work", "ended before it answered"),
        ("dies-at-first-line", "ended by somebody else"),
        ("dies-in-work", "ended by somebody else"),
    ] {
        let error = instance(&Scene::of(name), PATIENT).session(SCRIPT).unwrap_err();
        assert_eq!(error.kind, Kind::Down, "{name}");
        assert!(error.message.contains(words), "{name}: {error}");
        assert!(!error.message.contains("one"), "{name}: {error}");
    }
}

fn a_session_that_says_too_much_is_ended() {
    let scene = Scene::of("primary");
    scene.behave(|behaviour| behaviour.session.noise_before = 20 << 20);
    let error = instance(&scene, PATIENT).session(SCRIPT).unwrap_err();
    assert!(error.kind == Kind::Malformed && error.message.contains("16 MiB"), "{error}");
    assert!(!runs(&scene));
}

fn a_merge_is_run_with_absolute_paths() {
    let merge = |scene: &Scene, limits: Limits| {
        let file = scene.folder().join("a.cpf");
        let text = "[Actions]\nCreateResource:Name=W1,PublicPermission=U\n";
        fs::write(&file, text).unwrap();
        instance(scene, limits).merge(&file)
    };
    let scene = Scene::of("primary");
    let spoken = merge(&scene, PATIENT).unwrap();
    assert_eq!((spoken.status, spoken.lines.len()), (0, 2), "{spoken:?}");
    assert!(scene.configuration().resources.named("W1").is_some());
    assert!(instance(&scene, PATIENT).merge(Path::new("a.cpf")).is_err());
    // It asks, and there is nothing to read.
    let spoken = merge(&Scene::of("merge-login"), PATIENT).unwrap();
    assert!(spoken.status == 1 && spoken.lines.iter().any(|line| line.contains("Denied")));
    let scene = Scene::of("merge-hangs");
    let error = merge(&scene, limits(LONG, SHORT)).unwrap_err();
    assert!(error.kind == Kind::Down && !runs(&scene), "{error}");
}

fn gathered(scene: &Scene, limits: Limits) -> Result<source::Gathered, Error> {
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let options = Options { personal_data: true, task_settings: true, now: None };
    let gathered = instance(scene, limits).gather(&options, &asking(place.path()));
    assert_eq!(names(place.path()), [""; 0], "nothing stays");
    gathered
}

fn an_instance_tells_all_of_itself() {
    let scene = Scene::of("primary");
    // Where files may be made.
    let place = scene.folder().join("place");
    fs::create_dir(&place).unwrap();
    let options = Options { personal_data: true, task_settings: true, now: None };
    let told = instance(&scene, PATIENT).gather(&options, &asking(&place)).unwrap().configuration;
    assert_eq!(names(&place), [""; 0]);
    let had = scene.configuration();
    for section in [Section::Users, Section::Roles, Section::Namespaces, Section::Databases] {
        assert_eq!(told.count(section), had.count(section), "{section}");
        assert!(told.count(section) > 0);
    }
    let [file] = &told.sources[..] else { panic!("{:?}", told.sources) };
    assert_eq!((file.name.as_str(), file.kind), ("instance:IRIS", SourceKind::Instance));
    assert!(file.size > 0 && file.modified.is_some());
    // What may not be asked for is said to be missing, and the rest is there.
    let scene = Scene::of("no-rights");
    let place = scene.folder().join("place");
    fs::create_dir(&place).unwrap();
    let told = instance(&scene, PATIENT).gather(&options, &asking(&place)).unwrap().configuration;
    let coverage = told.coverage();
    let users = coverage.iter().find(|row| row.section == Section::Users).unwrap();
    assert_ne!(users.extent, Extent::Complete);
    assert!(told.count(Section::Roles) > 0);
}

fn nothing_stays_where_gathering_fails() {
    // A folder that the instance cannot write to, as one that it does not know.
    let error = gathered(&Scene::of("no-files"), PATIENT).unwrap_err();
    assert!(error.kind == Kind::Output && error.hint.contains("--gather-dir FOLDER"), "{error}");
    for (line, ends) in [(30, true), (60, true), (60, false)] {
        let scene = Scene::of("primary");
        scene.behave(|behaviour| {
            behaviour.session.after = 1;
            behaviour.session.ends_at = ends.then_some(line);
            behaviour.session.dies_at = (!ends).then_some(line);
            behaviour.session.ends_with = 0;
        });
        let place = scene.folder().join("place");
        fs::create_dir(&place).unwrap();
        let error =
            instance(&scene, PATIENT).gather(&Options::default(), &asking(&place)).unwrap_err();
        assert_eq!(error.kind, Kind::Down, "{error}");
        assert_eq!(names(&place), [""; 0]);
    }
}

fn half_a_document_is_none() {
    let scene = Scene::of("primary");
    let whole = fs::read(scene.folder().join("configuration.json")).unwrap();
    let file = scene.folder().join("half.json");
    for part in [0, 1, whole.len() / 2, whole.len() - 1, whole.len()] {
        fs::write(&file, &whole[..part]).unwrap();
        let from = fs::File::open(&file).unwrap();
        let name = Path::new("instance:IRIS");
        let told = source::told_by_instance(name, from, &Options::default());
        assert_eq!(told.is_ok(), part == whole.len(), "{part}");
    }
    fs::write(&file, "[ConfigFile]\nProduct=IRIS\n").unwrap();
    let from = fs::File::open(&file).unwrap();
    assert!(source::told_by_instance(Path::new("x"), from, &Options::default()).is_err());
}

fn hsmirror(scene: &Scene, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hsmirror"));
    command.args(arguments).current_dir(scene.folder()).stdin(Stdio::null());
    command.env("PATH", scene.bin());
    command
}

fn run(scene: &Scene, arguments: &[&str]) -> Output {
    hsmirror(scene, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn a_killed_run_leaves_nothing_for_long() {
    let scene = Scene::of("primary");
    scene.behave(|behaviour| {
        behaviour.session.after = 1;
        behaviour.session.slow = 50;
    });
    let place = scene.folder().join("place");
    fs::create_dir(&place).unwrap();
    let arguments = ["report", "instance:IRIS", "--gather-dir", place.to_str().unwrap()];
    let mut killed: Child =
        hsmirror(&scene, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let file = || Some(place.join(names(&place).pop()?).join("configuration.json"));
    assert!(within(LONG, || file().is_some_and(|file| file.exists())), "{:?}", scene.log().last());
    let file = file().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(names(&place).len(), 1, "what a kill leaves");
    assert!(within(LONG, || !runs(&scene)), "its input has ended");
    scene.behave(|behaviour| behaviour.session.slow = 0);
    let output = run(&scene, &arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(names(&place), [""; 0]);
}

fn the_environment_is_an_allow_list() {
    let scene = Scene::of("primary");
    let mut command = hsmirror(&scene, &["report", "instance:IRIS", "--gather-dir", "."]);
    for name in ["ISC_CPF_MERGE_FILE", "SECRET", "IRIS_PASSWORD", "LD_LIBRARY_PATH_X", "TZ", "HOME"]
    {
        command.env(name, "/x");
    }
    assert!(command.status().unwrap().success());
    let allowed: BTreeSet<&str> = [
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "IRISSYS",
        "ISC_DATA_DIRECTORY",
        "PATH",
        "TERM",
    ]
    .into();
    let mut seen = 0;
    for entry in scene.log() {
        let Noted::Started { environment, folder, .. } = entry.noted else { continue };
        seen += 1;
        assert_eq!(folder, "/");
        assert!(environment.iter().all(|name| allowed.contains(name.as_str())), "{environment:?}");
        assert!(["TZ", "HOME", "PATH"].iter().all(|name| environment.iter().any(|of| of == name)));
    }
    assert_eq!(seen, 3);
}

fn the_command_line_lists_instances() {
    let scene = Scene::of("qlist-several");
    let output = run(&scene, &["instances"]);
    let shown = text(&output.stdout);
    assert!(output.status.success() && shown.contains("IRIS2"), "{shown}");
    assert!(shown.contains("Failover") && shown.contains("Next: hsmirror report instance:"));
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let output = run(&scene, &["instances", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["instances"].as_array().unwrap().len(), 3);
    assert!(json["instances"][0]["directory"].is_string());
    let none = run(&Scene::of("qlist-empty"), &["instances"]);
    assert!(none.status.success() && text(&none.stdout).contains("no instance"));
    assert_eq!(sessions(&scene), 0);
}

fn an_instance_is_an_operand() {
    let scene = Scene::of("primary");
    let place = ["--gather-dir", "."];
    let args = |arguments: &[&'static str]| -> Vec<&'static str> { [arguments, &place].concat() };
    // With itself: the same configuration twice, so nothing but that it is one member.
    let compare = run(&scene, &args(&["compare", "instance:iris", "instance:IRIS", "--drift"]));
    assert_eq!(compare.status.code(), Some(0), "{}", text(&compare.stderr));
    let key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let export = run(&scene, &args(&["export", "instance:IRIS", "-o", "side.age", "-r", key]));
    assert!(export.status.success(), "{}", text(&export.stderr));
    assert!(scene.folder().join("side.age").is_file());
    // A file that has such a name.
    let file = scene.folder().join("instance:IRIS");
    fs::copy(scene.folder().join("configuration.json"), file).unwrap();
    let before = sessions(&scene);
    let report = run(&scene, &["report", "./instance:IRIS"]);
    assert!(report.status.success(), "{}", text(&report.stderr));
    assert_eq!(sessions(&scene), before);
}

fn complaints_tell_the_next_command() {
    for (name, arguments, code, words) in [
        ("primary", ["report", "instance:NONE"], 66, "Give one of these: IRIS."),
        ("primary", ["report", "instance:"], 64, "`hsmirror instances`"),
        ("qlist-down", ["report", "instance:IRIS"], 69, "`iris start IRIS`"),
        ("login-prompt", ["report", "instance:IRIS"], 69, "%Service_Terminal"),
    ] {
        let output = run(&Scene::of(name), &arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{name}: {said}");
        assert!(said.contains(words), "{name}: {said}");
        assert_eq!(said.lines().count(), 2, "{said}");
    }
}
