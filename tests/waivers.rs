//! A waiver holds for what it was given for, and for nothing that came later.
//!
//! Drafts waivers for a pair, fills in owner and reason, changes the pair in one place and judges it again:
//! the draft waives all that does not block, and every change to what somebody took on (a right, a kind of
//! mapping, another name that is not there, another user) brings its finding back, with the waiver told.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::io::Cursor;
use std::path::Path;

use hsmirror::compare::Selection;
use hsmirror::finding::{self, Judgement, Verdict};
use hsmirror::model::{Configuration, Day, Text};
use hsmirror::source::{self, Options};
use hsmirror::waiver::Waivers;
use serde_json::{Value, json};

fn side(mut document: Value) -> Configuration {
    let sections: Vec<String> = document.as_object().unwrap().keys().cloned().collect();
    let whole = |section: &String| json!({ "section": section, "extent": "complete" });
    document["coverage"] = sections.iter().map(whole).collect();
    document["formatVersion"] = json!("1.0");
    let bytes = Cursor::new(serde_json::to_vec(&document).unwrap());
    source::gather_from(Path::new("c.json"), bytes, &Options::default()).unwrap().configuration
}

/// Section member is left out: the sides are made up.
fn judge(primary: &Value, member: &Value) -> Judgement {
    let skip = vec![hsmirror::model::Section::Member];
    let selection = Selection { only: Vec::new(), skip };
    finding::judge(side(primary.clone()), side(member.clone()), &selection)
}

fn day(text: &str) -> Day {
    Day::try_from(Text::from(text)).unwrap()
}

/// The draft for a pair, filled in.
fn filled(primary: &Value, member: &Value) -> Waivers {
    let draft = judge(primary, member).drafted_waivers(&day("2027-01-31"));
    let draft =
        draft.replace("owner = \"\"", "owner = \"o\"").replace("reason = \"\"", "reason = \"r\"");
    Waivers::parse(Path::new("w.toml"), &draft).unwrap()
}

/// What is found and not waived, by rule.
fn open(primary: &Value, member: &Value, waivers: &Waivers) -> Vec<&'static str> {
    let mut judgement = judge(primary, member);
    judgement.waive(waivers, &day("2026-11-24"));
    let mut rules: Vec<&str> = judgement.open().map(|finding| finding.rule.id).collect();
    rules.sort_unstable();
    rules
}

/// Both sides of a small hospital, and what is changed in the member's later.
fn holds(primary: Value, member: Value, change: impl Fn(&mut Value), found: &[&str]) {
    let waivers = filled(&primary, &member);
    let before = open(&primary, &member, &waivers);
    assert!(before.is_empty(), "a draft waives all there is: {before:?}");
    let mut later = member;
    change(&mut later);
    assert_eq!(open(&primary, &later, &waivers), found, "{later}");
}

#[test]
fn what_a_role_grants_later_was_not_taken_on() {
    holds(
        json!({ "roles": [] }),
        json!({ "roles": [{ "name": "LoadTest" }] }),
        |member| member["roles"][0]["grantedRoles"] = json!(["%All"]),
        &["role-extra", "waiver-changed"],
    );
}

#[test]
fn a_package_is_no_global() {
    let mapping = |kind: &str| json!({ "namespace": "LAB", "kind": kind, "name": "X", "routineType": "", "database": "LAB" });
    holds(
        json!({ "mappings": [] }),
        json!({ "mappings": [mapping("Package")] }),
        |member| member["mappings"] = json!([mapping("Package"), mapping("Global")]),
        &["mapping-extra"],
    );
}

#[test]
fn another_name_that_is_not_there_is_another_matter() {
    let user = |roles: &[&str]| json!({ "users": [{ "name": "u", "roles": roles }], "roles": [] });
    holds(
        user(&["Gone"]),
        user(&["Gone"]),
        |member| member["users"][0]["roles"] = json!(["Gone", "Gone2"]),
        &["user-different", "user-role-absent"],
    );
}

#[test]
fn who_gets_a_right_later_was_not_taken_on() {
    let site = |granted: &[&str], users: Value| json!({ "roles": [{ "name": "R", "grantedRoles": granted }], "resources": [], "users": users });
    let one = json!([{ "name": "a", "roles": ["R"] }, { "name": "b", "roles": [] }]);
    let both = json!([{ "name": "a", "roles": ["R"] }, { "name": "b", "roles": ["R"] }]);
    holds(
        site(&[], one.clone()),
        site(&["%All"], one),
        |member| member["users"] = both.clone(),
        &["access-gained", "user-different"],
    );
}

#[test]
fn a_task_of_one_name_that_changes_further_is_open_again() {
    let task = |name: &str, priority: &str| json!({ "name": name, "namespace": "LAB", "taskClass": "C", "priority": priority });
    holds(
        json!({ "tasks": [task("T", "normal"), task("T", "high")] }),
        json!({ "tasks": [task("T", "normal"), task("T", "low")] }),
        |member| member["tasks"][1]["description"] = json!("other"),
        &["task-different", "waiver-changed"],
    );
}

#[test]
fn what_blocks_is_not_even_drafted() {
    let (primary, member) =
        (json!({ "resources": [{ "name": "%DB_HSSYS" }] }), json!({ "resources": [] }));
    let waivers = filled(&primary, &member);
    assert_eq!(waivers.iter().count() + waivers.broken().len(), 0);
    let mut judgement = judge(&primary, &member);
    judgement.waive(&waivers, &day("2026-11-24"));
    assert_eq!(judgement.verdict, Verdict::Blocked);
}
