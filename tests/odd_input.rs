//! Inputs that are odd but can be read, and what a terminal gets to see of them.
//!
//! Runs the binary on copies of `samples/`: files of one folder that agree or contradict each other,
//! documents of a later version, things in a folder that are no source, files and objects whose
//! names would act on a terminal, and outputs that are closed, full, or a terminal. What comes out
//! holds no control character but the line feed, and for a person none that turns the direction of
//! a line. The odd strings are those of `../shared/vectors`; where that folder is absent their test
//! says so and proves nothing.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use hsmirror::report::visible;
use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_hsmirror");
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
const STRINGS: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/vectors/naughty-strings.json");

/// A copy of a sample, to add odd files to.
fn copy(side: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in fs::read_dir(Path::new(SAMPLES).join(side)).unwrap().map(Result::unwrap) {
        let text = fs::read_to_string(file.path()).unwrap();
        // Without hashes to try, a run takes milliseconds in a debug build too.
        let lines = text.split_inclusive('\n').filter(|line| !line.contains("<Password>"));
        fs::write(folder.path().join(file.file_name()), lines.collect::<String>()).unwrap();
    }
    folder
}

fn program(primary: &Path, member: &Path, flags: &[&str]) -> Command {
    let mut program = Command::new(PROGRAM);
    program.arg("compare").args([primary, member]).args(flags);
    program
}

fn compare(primary: &Path, member: &Path, flags: &[&str]) -> Output {
    program(primary, member, flags).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

/// The first character that moves a cursor or, before a person, turns the direction of a line.
fn acting(text: &str, person: bool) -> Option<char> {
    let turns = |letter: char| {
        matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}')
            || ('\u{202a}'..='\u{202e}').contains(&letter)
            || ('\u{2066}'..='\u{2069}').contains(&letter)
    };
    text.chars().find(|it| *it != '\n' && (it.is_control() || person && turns(*it)))
}

#[test]
fn files_of_one_folder_agree_or_are_refused() {
    let (primary, backup) = (copy("primary"), copy("backup"));
    let read = |name: &str| fs::read_to_string(primary.path().join(name)).unwrap();
    let (cpf, qlist, facts) = (read("iris.cpf"), read("qlist.txt"), read("configuration.json"));
    let all = read("SecurityExport.xml");
    let at = ["<UsersExport>", "</UsersExport>"].map(|tag| all.find(tag).unwrap());
    let users = format!("{}</UsersExport>", &all[at[0]..at[1]]);
    let alone = compare(primary.path(), backup.path(), &[]);
    for (name, content, says) in [
        ("old.cpf", cpf.replace('\n', "\r\n\r\n"), ""),
        ("old.cpf", cpf.replace("ELMLAB=ELMLAB\n", "ELMLAB=USER\n"), "'ELMLAB'"),
        ("old.cpf", cpf.replace("ELMLAB=ELMLAB\n", ""), "'ELMLAB'"),
        ("UsersExport.xml", users.clone(), ""),
        ("UsersExport.xml", users.replacen("<Flags>1", "<Flags>2", 1), "'CSPSystem'"),
        ("qlist2.txt", qlist.clone(), ""),
        ("qlist2.txt", qlist.replace("^2024.1.2", "^2024.1.3"), "version"),
        ("facts.json", facts.clone(), ""),
        ("facts.json", facts.replace("true", "false"), "fhirSqlData"),
    ] {
        let file = primary.path().join(name);
        fs::write(&file, content).unwrap();
        let ran = compare(primary.path(), backup.path(), &[]);
        if says.is_empty() {
            assert_eq!(ran, alone, "{name}");
        } else {
            let error = text(&ran.stderr);
            assert!(ran.status.code() == Some(65) && ran.stdout.is_empty(), "{says}: {error}");
            let said = [name, "disagree", says].iter().all(|word| error.contains(word));
            assert!(said && error.lines().count() == 2, "{says}: {error}");
        }
        fs::remove_file(&file).unwrap();
    }
}

#[test]
fn what_is_not_known_is_passed_over_aloud() {
    let (primary, backup) = (copy("ready-primary"), copy("ready-backup"));
    let file = backup.path().join("configuration.json");
    let document = fs::read_to_string(&file).unwrap();
    for (version, more, code) in [
        ("1.0", "", 0),
        ("1.99", "", 0),
        ("1.0", "\"tomorrow\": 1,", 3),
        ("1.99", "\"tomorrow\": {\"a\": [1]},", 3),
        ("1.99", "\"roles\": [{\"name\": \"%All\", \"tomorrow\": 1}],", 3),
        ("1.99", "\"member\": {\"tomorrow\": 1},", 3),
    ] {
        let more_of_it = document.replacen("\"1.0\",", &format!("\"{version}\",{more}"), 1);
        fs::write(&file, more_of_it).unwrap();
        let ran = compare(primary.path(), backup.path(), &[]);
        assert_eq!(ran.status.code(), Some(code), "{version} {more}: {ran:?}");
        let said = [ran.stdout, ran.stderr].concat();
        assert_eq!(text(&said).contains("tomorrow"), !more.is_empty(), "{version} {more}");
    }
    fs::write(&file, document).unwrap();
    fs::create_dir(backup.path().join("old")).unwrap();
    for name in ["old/iris.cpf", ".iris.cpf", "README.txt"] {
        fs::write(backup.path().join(name), "broken").unwrap();
    }
    for flags in [&[][..], &["--format", "json"]] {
        let ran = compare(primary.path(), backup.path(), flags);
        assert_eq!(ran.status.code(), Some(0), "{ran:?}");
        let notes = text(&ran.stderr);
        let json = |line| serde_json::from_str(line).is_ok_and(|it: Value| it["note"].is_string());
        assert!(notes.lines().all(|line| flags.is_empty() || json(line)), "{notes}");
        assert!(["README.txt", "old:"].iter().all(|name| notes.contains(name)), "{notes}");
        assert_eq!(notes.lines().count(), 2, "{notes}");
    }
}

#[cfg(unix)]
#[test]
fn the_name_of_a_file_is_shown_and_does_not_act() {
    use std::os::unix::ffi::OsStrExt;
    let (folder, healthy) = (TempDir::new().unwrap(), Path::new(SAMPLES).join("backup/qlist.txt"));
    let mut wrong = Vec::new();
    for (name, shown) in [
        (&b"a b 'c' \"d\".cpf"[..], "a b 'c' \"d\".cpf"),
        ("zür 東京.xml".as_bytes(), "zür 東京.xml"),
        (b"new\nline\ttab\r.json", "new\\nline\\ttab\\r.json"),
        (b"red\x1b[31m\x07\x7f.cpf", "red\\u{1b}[31m\\u{7}\\u{7f}.cpf"),
        ("c1\u{9b}31m turn\u{202e}fdp.xml".as_bytes(), "c1\\u{9b}31m turn\\u{202e}fdp.xml"),
        (b"latin\xe9.json", "latin\u{fffd}.json"),
    ] {
        let bad = folder.path().join(OsStr::from_bytes(name));
        for code in [66, 65] {
            let person = compare(&bad, &healthy, &[]);
            let (error, lines) = (text(&person.stderr), text(&person.stderr).lines().count());
            if person.status.code() != Some(code) || !error.contains(shown) || lines != 2 {
                wrong.push(format!("{shown}: not {code} with the name in two lines: {error}"));
            }
            let machine = compare(&healthy, &bad, &["--format", "json"]);
            let json: Value = serde_json::from_slice(&machine.stderr).unwrap();
            let message = json["error"]["message"].as_str().unwrap();
            assert!(message.contains(&*String::from_utf8_lossy(name)), "{message}");
            for (error, person) in [(error, true), (text(&machine.stderr), false)] {
                if let Some(letter) = acting(error, person) {
                    wrong.push(format!("{shown}: {letter:?} acts (person: {person}): {error}"));
                }
            }
            fs::write(&bad, "words\n").unwrap();
        }
        // Among the files of a folder: named in the note or the error.
        let within = compare(folder.path(), &healthy, &[]);
        wrong.extend(acting(text(&within.stderr), true).map(|it| format!("{shown}: {it:?} acts")));
        fs::remove_file(&bad).unwrap();
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[cfg(unix)]
#[test]
fn an_output_that_nobody_reads_or_that_is_full_is_no_fault_of_the_program() {
    let (primary, backup) = (copy("primary"), copy("backup"));
    let closed = || {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        Stdio::from(writer)
    };
    for format in ["table", "text", "json"] {
        let mut run = program(primary.path(), backup.path(), &["--format", format]);
        let ran = run.stdout(closed()).output().unwrap();
        assert_eq!((ran.status.code(), text(&ran.stderr)), (Some(2), ""), "{format}");
        let mut run = program(Path::new("nowhere"), backup.path(), &["--format", format]);
        let ran = run.stderr(closed()).output().unwrap();
        assert_eq!((ran.status.code(), ran.stdout), (Some(66), vec![]), "{format}");
    }
    for line in ["--help", "compare --help", "schema configuration", "--version"] {
        let mut run = Command::new(PROGRAM);
        let ran = run.args(line.split(' ')).stdout(closed()).output().unwrap();
        assert_eq!((ran.status.code(), text(&ran.stderr)), (Some(0), ""), "{line}");
    }
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let mut run = program(primary.path(), backup.path(), &[]);
        let ran = run.stdout(full).output().unwrap();
        assert_eq!(ran.status.code(), Some(74), "{ran:?}");
        assert_eq!(text(&ran.stderr).lines().count(), 2, "{ran:?}");
    }
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let (primary, backup) = (copy("primary"), copy("backup"));
    let escape = |ran: &Output| ran.stdout.contains(&0x1b);
    for (flags, coloured) in [
        (&[][..], false),
        (&["--color", "auto"], false),
        (&["--color", "always"], true),
        (&["--color", "never"], false),
        (&["--color", "always", "--format", "json"], false),
    ] {
        let ran = compare(primary.path(), backup.path(), flags);
        assert_eq!(escape(&ran), coloured, "{flags:?}");
    }
    // A terminal of its own, where `script` of util-linux can make one.
    let known = Command::new("script").arg("--version").output();
    if !known.is_ok_and(|ran| text(&ran.stdout).contains("util-linux")) {
        return drop(writeln!(std::io::stderr(), "skipped: no script of util-linux"));
    }
    for (name, value, flags, coloured) in [
        ("TERM", "xterm", "", true),
        ("NO_COLOR", "1", "", false),
        ("NO_COLOR", "", "", true),
        ("NO_COLOR", "1", "--color always", true),
        ("TERM", "xterm", "--color never", false),
        ("TERM", "dumb", "", false),
    ] {
        let [program, primary, backup] = [Path::new(PROGRAM), primary.path(), backup.path()]
            .map(|path| format!("'{}'", path.display()));
        let line = format!("{program} compare {primary} {backup} -q {flags}");
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).stdin(Stdio::null());
        let script = script.env_remove("NO_COLOR").env("TERM", "xterm").env(name, value);
        let ran = script.output().unwrap();
        assert!(text(&ran.stdout).contains("BLOCKED"), "{ran:?}");
        assert_eq!(escape(&ran), coloured, "{name}={value} {flags}");
    }
}

/// A text as an XML export can hold it: what is markup, and what a reader would fold, by number.
fn escaped(text: &str) -> String {
    let escape = |letter: char| match letter {
        '<' | '>' | '&' => format!("&#{};", letter as u32),
        _ if letter.is_control() => format!("&#x{:x};", letter as u32),
        _ => letter.to_string(),
    };
    text.chars().map(escape).collect()
}

/// The roles of the sample, which show that these are all, and roles of these names and texts.
fn roles(folder: &Path, roles: impl Iterator<Item = (String, String)>) -> PathBuf {
    let sample = fs::read_to_string(Path::new(SAMPLES).join("primary/SecurityExport.xml")).unwrap();
    let at = ["<RolesExport>", "</RolesExport>"].map(|tag| sample.find(tag).unwrap());
    let record = |(name, about): (String, String)| {
        let (name, about) = (escaped(&name), escaped(&about));
        format!("<Roles><Name>{name}</Name><Description>{about}</Description></Roles>\n")
    };
    let records: String = roles.map(record).collect();
    let file = tempfile::tempdir_in(folder).unwrap().keep().join("roles.xml");
    fs::write(&file, format!("{}{records}</RolesExport>\n", &sample[at[0]..at[1]])).unwrap();
    file
}

#[test]
fn odd_names_and_texts_are_shown_and_do_not_act() {
    let Ok(strings) = fs::read_to_string(STRINGS) else {
        return drop(writeln!(std::io::stderr(), "skipped: no ../shared"));
    };
    let strings: Vec<String> = serde_json::from_str(&strings).unwrap();
    assert!(strings.len() > 500);
    let folder = TempDir::new().unwrap();
    // A number tells names apart that are the same but for their case; blanks at the end are cut.
    let name = |at: usize| format!("{at}:{}.", strings[at]);
    let all = 0..strings.len();
    let primary = roles(folder.path(), all.clone().map(|at| (name(at), strings[at].clone())));
    // Each second one is missing, the others have another description.
    let some = all.clone().filter(|at| at % 2 == 0);
    let member = roles(folder.path(), some.map(|at| (name(at), format!("{}!", strings[at]))));
    let run = |format| compare(&primary, &member, &["-v", "--only", "roles", "--format", format]);
    let mut wrong = Vec::new();
    for format in ["table", "text", "json"] {
        let ran = run(format);
        assert_eq!(ran.status.code(), Some(1), "{format}: {}", text(&ran.stderr));
        let letter = acting(text(&ran.stdout), format != "json");
        wrong.extend(letter.map(|letter| format!("{letter:?} acts in {format}")));
    }
    let lines = run("text").stdout;
    let json: Value = serde_json::from_slice(&run("json").stdout).unwrap();
    let held = json["remoteSystem"]["roles"].as_array().unwrap();
    for at in all {
        if !text(&lines).contains(&*visible(&name(at))) {
            wrong.push(format!("the text does not show {:?}", name(at)));
        }
        let role = held.iter().find(|role| role["name"] == name(at).as_str());
        let about = role.map(|role| role["description"].as_str().unwrap_or_default());
        // A blank element is how the product writes an empty one.
        if about != Some(if strings[at].trim().is_empty() { "" } else { &strings[at] }) {
            wrong.push(format!("the JSON does not hold {:?}", strings[at]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
