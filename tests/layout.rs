//! The table fits whatever it is shown on, and shows whatever it is given.
//!
//! Renders the samples and a made-up drift with long, wide and combining names at many widths: no line
//! is wider than the terminal, no finding is lost between folded and unfolded, the counts of the rows
//! add up, and large values do not take time.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;
use std::time::Instant;

use hsmirror::compare::Selection;
use hsmirror::finding::{self, Judgement};
use hsmirror::model::Configuration;
use hsmirror::report::{self, Format, Look, View};
use hsmirror::source::{self, Options};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

fn table(judgement: &Judgement, width: u16, verbose: bool) -> String {
    let look = Look { width, colour: false, whole_values: verbose };
    let view = View { format: Format::Table, verbose, quiet: false, look };
    let mut text = Vec::new();
    report::render(judgement, &view, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn gather(path: &Path) -> Configuration {
    source::gather(path, &Options::default()).unwrap().configuration
}

fn samples() -> Judgement {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    finding::judge(
        gather(&root.join("primary")),
        gather(&root.join("backup")),
        &Selection::default(),
    )
}

/// Roles of the primary and of the member.
fn roles(primary: Value, member: Value) -> Judgement {
    let folder = tempfile::tempdir().unwrap();
    let side = |name: &str, roles: Value| {
        let document = json!({
            "formatVersion": "1.0",
            "coverage": [{ "section": "roles", "extent": "complete" }],
            "roles": roles
        });
        let path = folder.path().join(name);
        fs::write(&path, document.to_string()).unwrap();
        gather(&path)
    };
    finding::judge(side("a.json", primary), side("b.json", member), &Selection::default())
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let names =
        ["東京都立病院の検査室", "e\u{301}te\u{301}", "a\u{1b}[31mb", "ÄÖÜ", &"long-".repeat(40)];
    let mine: Vec<Value> =
        names.iter().map(|name| json!({ "name": name, "description": names.join(" ") })).collect();
    let theirs: Vec<Value> =
        names.iter().skip(2).map(|name| json!({ "name": name, "description": "x" })).collect();
    for judgement in [samples(), roles(json!(mine), json!(theirs))] {
        for width in [40, 60, 80, 120, 200] {
            for verbose in [false, true] {
                let text = table(&judgement, width, verbose);
                // A command is never broken: it is there to be copied.
                let broken = text.lines().filter(|line| !line.starts_with("     "));
                let widest = broken.map(UnicodeWidthStr::width).max().unwrap();
                assert!(widest <= usize::from(width), "{widest} columns of {width}:\n{text}");
                assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'));
            }
        }
    }
}

#[test]
fn the_rows_of_a_section_add_up_to_its_findings() {
    let many: Vec<Value> = (0..500).map(|at| json!({ "name": format!("R{at}") })).collect();
    let judgement = roles(json!(many), json!([]));
    let text = table(&judgement, 80, false);
    // The row of the rest begins with the rule too.
    let rows = text.lines().filter(|line| line.starts_with("role-missing  ")).count();
    let more = text.lines().find_map(|line| line.split_once(" more; -v shows all"));
    let more: usize = more.unwrap().0.split_whitespace().last().unwrap().parse().unwrap();
    assert_eq!(rows + more, 500 + 1, "{text}");
    let whole = table(&judgement, 80, true);
    assert_eq!(whole.lines().filter(|line| line.starts_with("role-missing  ")).count(), 500);
}

/// What a person would wait minutes for is not laid out whole.
#[test]
fn values_without_end_take_no_time() {
    let grants = |last: &str| {
        let grant = |at: usize| {
            let permission = if at == 0 { last } else { "RW" };
            json!({ "resource": format!("R{at}"), "permission": permission })
        };
        let all: Vec<Value> = (0..20_000).map(grant).collect();
        json!([{ "name": "R", "resources": all, "description": "word ".repeat(100_000) + last }])
    };
    let judgement = roles(grants("R"), grants("W"));
    let start = Instant::now();
    for verbose in [false, true] {
        let text = table(&judgement, 80, verbose);
        assert!(text.contains("R0:R ") && text.contains("R0:W "), "{text}");
    }
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}
