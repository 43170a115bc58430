//! The merge files of `../shared/corpus`, published by administrators in open repositories, are read.
//!
//! Holds what is read to a count that needs no grammar, and to facts of single files. Without the folder
//! the test says `skipped: no ../shared` and passes. Nothing of the files stands here but names and
//! endings.
//! Invariant: no value of a file is in a complaint, since some are password hashes.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use hsmirror::merge::{Action, Entry, read};

use super::actions;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus/merge-cpf");

#[test]
fn real_merge_files_are_read() {
    if !Path::new(CORPUS).is_dir() {
        // Not println!, which a passing test keeps to itself.
        let _ = writeln!(std::io::stderr(), "skipped: no ../shared");
        return;
    }
    let files: BTreeMap<String, String> = fs::read_dir(CORPUS)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    assert!(files.len() >= 24, "only {} files", files.len());
    let mut total = 0;
    for (name, text) in &files {
        let file = read(text.as_bytes()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let lines = || text.lines().map(str::trim);
        let found = actions(&file);
        assert_eq!(found.len(), lines().filter(|line| looks_like_action(line)).count(), "{name}");
        let headings = lines().filter(|line| line.starts_with('[')).count();
        assert_eq!(file.sections.len(), headings, "{name}");
        // Neither a comment nor a property is lost: what is not a comment stands in some entry.
        let plain = |line: &&str| !line.is_empty() && !line.starts_with(['#', ';', '[']);
        let entries: usize = file.sections.iter().map(|section| section.entries.len()).sum();
        assert_eq!(entries, lines().filter(plain).count(), "{name}");
        for action in &found {
            let (name, value) = action.properties.first().unwrap();
            assert!(["Name", "Directory", "Namespace"].contains(&name.as_str()), "{action:?}");
            assert!(!value.is_empty() && !value.contains('"'), "{action:?}");
        }
        total += found.len();
        // Line ends, a byte order mark and the end of the last line make no difference.
        let unix = text.replace("\r\n", "\n");
        let unix = unix.trim_end();
        for other in [unix.replace('\n', "\r\n"), format!("\u{feff}{unix}\n"), unix.to_owned()] {
            assert!(read(other.as_bytes()) == Ok(file.clone()), "{name}");
        }
    }
    assert!(total > 80, "only {total} actions");

    let file = |end: &str| {
        let (_, text) = files.iter().find(|(name, _)| name.ends_with(end)).expect(end);
        read(text.as_bytes()).unwrap()
    };
    let value = |action: &Action, wanted: &str| {
        let found = action.properties.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    // A list without quotes is one value, not four properties.
    let demo = file("fhir-demo__merge.cpf");
    let user = *actions(&demo).iter().find(|action| action.name == "ModifyUser").unwrap();
    assert_eq!(user.properties.len(), 2);
    assert_eq!(value(user, "PasswordHash").split(',').count(), 4);
    assert!(value(user, "PasswordHash").ends_with(",10000,SHA512"));
    let quoted = value(actions(&demo)[3], "Description");
    assert!(quoted.ends_with(" database") && !quoted.contains('"'));
    // An address is not cut at its slashes.
    let mirror = file("mirrorBackup.conf");
    let url = mirror.sections[0].entries.iter().find_map(|entry| match entry {
        Entry::Parameter { keyword, value, line: 5 } if keyword == "ShardClusterURL" => Some(value),
        _ => None,
    });
    assert!(url.is_some_and(|url| url.starts_with("IRIS://") && url.ends_with("/IRISCLUSTER")));
    // A blank at the end of the file is not part of the last value.
    let django = file("django-template__merge.cpf");
    assert_eq!(value(actions(&django).last().unwrap(), "ServeFiles"), "1");
    // A section that comes again stands again, and each knows its line.
    let twice = file("iris-prod__merge.cpf");
    let startups = twice.sections.iter().filter(|section| section.name == "Startup");
    assert_eq!(startups.map(|section| section.line).collect::<Vec<_>>(), [1, 9]);
    let macros = file("system-expressions.cpf");
    assert_eq!(value(actions(&macros)[1], "AutheEnabled"), "$$$AutheUnauthenticated");
}

/// Whether a line begins with Create, Modify or Delete, a word and a colon.
fn looks_like_action(line: &str) -> bool {
    let rest = ["Create", "Modify", "Delete"].iter().find_map(|verb| line.strip_prefix(verb));
    let word = rest.and_then(|rest| rest.split_once(':')).map(|(word, _)| word);
    word.is_some_and(|word| !word.is_empty() && word.chars().all(char::is_alphanumeric))
}
