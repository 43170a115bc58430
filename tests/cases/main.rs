//! Every rule has a case that raises it and a near miss that does not.
//!
//! Each folder here is named by a rule and holds small edits to one healthy pair, `base.json`: in
//! `raises*.json` with the rule among what is found, in `near*.json` without it, since the one thing
//! that it is about is not quite so. The rules found must be exactly those that the file lists; every
//! finding must have its words; reports, the record and the published schema must hold for it.
//! `case` reads the files, `check` looks at what comes out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

mod case;
mod check;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use case::{Base, Case};
use hsmirror::finding::{Verdict, rule};

/// Cases that do not come out as the words of their rule promise, and what is wrong. One that comes out
/// right is to be taken off the list, which a test says.
const KNOWN: &[(&str, &str)] = &[];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// The case files as `RULE/FILE`, in order.
fn files() -> Vec<String> {
    let mut files = Vec::new();
    for id in folders() {
        for entry in fs::read_dir(folder().join(&id)).unwrap() {
            files.push(format!("{id}/{}", entry.unwrap().file_name().into_string().unwrap()));
        }
    }
    files.sort();
    files
}

fn folders() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn read(file: &str) -> Case {
    let text = fs::read_to_string(folder().join(file)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|cause| panic!("{file}: {cause}"))
}

fn base() -> Base {
    let text = fs::read_to_string(folder().join("base.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_rule_has_its_folder_and_every_folder_its_rule() {
    let rules: BTreeSet<String> = rule::all().iter().map(|rule| rule.id.to_owned()).collect();
    let folders: BTreeSet<String> = folders().into_iter().collect();
    let without: Vec<_> = rules.difference(&folders).collect();
    let unknown: Vec<_> = folders.difference(&rules).collect();
    assert!(without.is_empty() && unknown.is_empty(), "without: {without:?}, not: {unknown:?}");
}

#[test]
fn every_folder_has_a_case_that_raises_its_rule_and_a_near_miss() {
    let files = files();
    for id in folders() {
        for name in ["raises.json", "near.json"] {
            assert!(files.contains(&format!("{id}/{name}")), "{id} lacks {name}");
        }
    }
    for file in files {
        let (id, name) = file.split_once('/').unwrap();
        let case = read(&file);
        match name {
            name if name.starts_with("raises") => assert!(case.raises.contains(id), "{file}"),
            name if name.starts_with("near") => assert!(!case.raises.contains(id), "{file}"),
            _ => panic!("{file} is neither"),
        }
        let about = case.about.trim();
        assert!(!about.is_empty() && about.ends_with('.'), "{file} does not say what it is about");
    }
}

/// What is found in the cases is due to their edits alone.
#[test]
fn the_base_is_a_healthy_pair() {
    let mut untouched = Case::default();
    let judgement = untouched.judged(&base(), false).unwrap();
    assert_eq!(judgement.verdict, Verdict::Ready, "{:?}", judgement.findings);
    assert!(judgement.findings.is_empty());
    assert!(judgement.coverage.iter().all(|row| row.reason.is_empty()), "{:?}", judgement.coverage);
    untouched.drift = true;
    assert_eq!(untouched.judged(&base(), false).unwrap().verdict, Verdict::Unchanged);
}

#[test]
fn every_case_comes_out_as_it_says() {
    let base = base();
    let mut wrong = Vec::new();
    for file in files() {
        let complaints = check::complaints(&read(&file), &base);
        let known = KNOWN.iter().any(|(known, _)| *known == file);
        match (complaints.is_empty(), known) {
            (true, true) => wrong.push(format!("{file}: comes out right; take it off KNOWN")),
            (false, false) => wrong.push(format!("{file}:\n    {}", complaints.join("\n    "))),
            _ => {}
        }
    }
    for (known, why) in KNOWN {
        assert!(folder().join(known).is_file() && !why.is_empty(), "{known} is no case");
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
