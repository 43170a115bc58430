//! The arrows of the house go one way.
//!
//! Reads the `use crate::` lines and paths of every source file and holds them to the table of
//! design 8: the model on the ground, no circles, streams and environment in `cli` alone, and no
//! file longer than its noun can bear.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each part may use of the others.
const ARROWS: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    (
        "cli",
        &[
            "bundle",
            "compare",
            "durable",
            "error",
            "finding",
            "gatherer",
            "handoff",
            "hssys",
            "instance",
            "key",
            "model",
            "operand",
            "plan",
            "published",
            "report",
            "restore",
            "rollout",
            "source",
            "waiver",
        ],
    ),
    (
        "rollout",
        &[
            "durable", "error", "handoff", "instance", "model", "plan", "restore", "script",
            "source",
        ],
    ),
    ("restore", &["bundle", "durable", "error", "finding", "hssys", "model"]),
    ("hssys", &["bundle", "durable", "error", "instance", "model"]),
    (
        "operand",
        &["bundle", "error", "finding", "instance", "key", "model", "plan", "record", "source"],
    ),
    ("instance", &["durable", "error", "gatherer", "model", "source"]),
    ("gatherer", &["model", "script"]),
    ("published", &["bundle", "model", "plan", "record", "schema", "waiver"]),
    ("record", &["compare", "error", "finding", "model", "reading", "report", "schema", "source"]),
    ("handoff", &["error", "model", "operation", "plan", "script"]),
    ("report", &["compare", "finding", "json", "model", "plan"]),
    ("reference", &["finding", "model"]),
    (
        "plan",
        &["compare", "error", "finding", "json", "merge", "model", "operation", "schema", "script"],
    ),
    ("finding", &["compare", "model", "waiver"]),
    ("compare", &["model"]),
    ("source", &["error", "model", "reading", "schema"]),
    ("merge", &["model", "operation"]),
    ("script", &["model", "operation"]),
    ("operation", &["model"]),
    ("reading", &["error", "json", "schema"]),
    ("bundle", &["error", "json", "key", "model", "schema"]),
    ("waiver", &["error", "model", "schema"]),
    ("schema", &[]),
    ("json", &["model"]),
    ("key", &["error", "model"]),
    ("durable", &["error"]),
    ("model", &[]),
    ("error", &[]),
];

fn sources() -> Vec<(String, PathBuf, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&root).unwrap();
            let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
            let part = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            (part, path, text)
        })
        .collect()
}

/// The parts a source names: `crate::part` in code, also within `use crate::{...}`.
fn used(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut parts = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let name = |text: &str| -> String {
            text.trim_start()
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect()
        };
        match after.strip_prefix('{') {
            Some(group) => {
                let group = group.split('}').next().unwrap_or_default();
                parts.extend(group.split(',').map(name));
            }
            None => {
                parts.insert(name(after));
            }
        }
    }
    parts
}

#[test]
fn arrows_go_one_way() {
    let mut seen = BTreeSet::new();
    for (part, path, text) in sources() {
        if part == "lib" {
            continue;
        }
        let allowed = ARROWS.iter().find(|(from, _)| *from == part);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{part} has no place in the table"));
        for target in used(&text) {
            let is_part = ARROWS.iter().any(|(name, _)| *name == target);
            if is_part && target != part {
                assert!(
                    allowed.contains(&target.as_str()),
                    "{} uses {target}, which {part} may not",
                    path.display()
                );
                seen.insert((part.clone(), target));
            }
        }
    }
    // The test would pass on nothing if it read nothing.
    assert!(seen.len() > 12, "only {} arrows seen", seen.len());
}

#[test]
fn the_table_of_arrows_has_no_circle() {
    let place = |name: &str| ARROWS.iter().position(|(from, _)| *from == name);
    for (from, targets) in ARROWS {
        for target in *targets {
            assert!(place(from) < place(target), "{from} -> {target} points upward");
        }
    }
}

#[test]
fn streams_environment_and_clock_belong_to_the_command_line() {
    let banned =
        ["std::env", "io::stdout", "io::stderr", "io::stdin", "SystemTime::now", "Instant::now"];
    for (part, path, text) in sources() {
        if part == "cli" || part == "main" {
            continue;
        }
        // A test at the end of a file may say that it was skipped.
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in banned {
            // Who waits for another process looks at the clock.
            if (part.as_str(), word) == ("instance", "Instant::now") {
                continue;
            }
            assert!(!code.contains(word), "{} holds {word}", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_owns_and_stays_readable() {
    for (_, path, text) in sources() {
        let header = text.lines().take_while(|line| line.starts_with("//!")).count();
        let lines = text.lines().count();
        let name = path.display();
        assert!(header >= 1, "{name} has no header");
        assert!(lines <= 400, "{name} has {lines} lines");
        if !path.ends_with("main.rs") {
            assert!(header >= 5, "{name} has a header of {header} lines");
            assert!(path.ends_with("lib.rs") || text.contains("//! Invariant:"), "{name}");
        }
    }
}
