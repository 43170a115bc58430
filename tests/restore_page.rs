//! The page about restoring is held to the program.
//!
//! Runs the rehearsal of `docs/restore.md` as it stands there, word by word, in a shell that has the
//! program on its path, and compares the table of what stands against a restore with the one in the
//! code. What the page says about names of files is looked for in the sources.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use hsmirror::restore::{RULES, STATE_FOLDER};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hsmirror");
const PROJECT: &str = env!("CARGO_MANIFEST_DIR");

fn page() -> String {
    fs::read_to_string(Path::new(PROJECT).join("docs/restore.md")).unwrap()
}

#[test]
fn the_rehearsal_works_word_by_word() {
    let page = page();
    let (_, part) = page.split_once("\n## A rehearsal\n").unwrap();
    let (part, _) = part.split_once("\n## ").unwrap();
    let blocks = part.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let script = blocks.collect::<String>();
    assert!(script.lines().count() > 15, "{script}");
    let folder = Path::new(PROGRAM).parent().unwrap();
    let path = env::join_paths(
        [folder.to_owned()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())),
    );
    let ran = Command::new("sh")
        .args(["-e", "-c", &script])
        .current_dir(PROJECT)
        .env("PATH", path.unwrap())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}\n{err}");
    for told in ["Verified", "Nothing was written", "is in its place", "is back in"] {
        assert!(out.contains(told), "{told}: {out}\n{err}");
    }
}

#[test]
fn every_reason_against_a_restore_stands_in_the_table() {
    let page = page();
    let (_, part) = page.split_once("| Reason | Exit code |").unwrap();
    let rows: Vec<&str> = part.lines().skip(2).take_while(|line| line.starts_with("| `")).collect();
    let wanted: Vec<String> = RULES
        .iter()
        .map(|rule| {
            let overrule = rule.overrule.map_or("nothing".to_owned(), |flag| format!("`{flag}`"));
            let code = rule.kind.exit_code();
            format!("| `{}` | {code} | {overrule} | {} |", rule.code, rule.fact)
        })
        .collect();
    assert_eq!(rows, wanted);
    assert!(page.contains(STATE_FOLDER));
}
