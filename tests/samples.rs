//! The samples show what the README says.
//!
//! Runs the program on `samples/`: every finding of the vendor's utility is there, swapping the
//! operands gives `ExecuteOnBackup`, the ready pair is ready, and all formats agree on every
//! finding. The JSON is held to the shape that design 6 fixes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::process::{Command, Output};

use serde_json::Value;

fn hsmirror(args: &[&str]) -> Output {
    let root = env!("CARGO_MANIFEST_DIR");
    Command::new(env!("CARGO_BIN_EXE_hsmirror")).current_dir(root).args(args).output().unwrap()
}

fn compare(primary: &str, member: &str, more: &[&str]) -> Output {
    let (primary, member) = (format!("samples/{primary}"), format!("samples/{member}"));
    hsmirror(&[&["compare", &primary, &member], more].concat())
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(primary: &str, member: &str) -> Value {
    serde_json::from_slice(&compare(primary, member, &["--format", "json"]).stdout).unwrap()
}

fn codes(result: &Value) -> BTreeSet<String> {
    let errors = result["errors"].as_array().unwrap();
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_finding_of_the_vendor_is_there_and_one_blocks() {
    let output = compare("primary", "backup", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let result = json("primary", "backup");
    let wanted = [
        "Missing",
        "Difference",
        "Extra",
        "GlobalMapMissing",
        "RoutineMapMissing",
        "PackageMapMissing",
        "FHIRSQLDataExists",
    ];
    let found = codes(&result);
    for code in wanted {
        assert!(found.contains(code), "{code} is not shown by the samples");
    }
    assert_eq!(result["verdict"], "blocked");
}

/// What was planted in the samples by hand, and nothing else.
#[test]
fn exactly_the_planted_drift_is_found() {
    let result = json("primary", "backup");
    let key = |error: &Value| {
        let word = |field: &str| error[field].as_str().unwrap_or_default().to_owned();
        let changes: Vec<String> = error["differences"]
            .as_array()
            .map(|list| list.iter().map(|c| c["property"].as_str().unwrap().to_owned()).collect())
            .unwrap_or_default();
        let (section, code, name) = (word("section"), word("code"), word("name"));
        format!("{section} {code} {} {name} {}", word("namespace"), changes.join(","))
    };
    let found: BTreeSet<String> = result["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(key)
        .filter(|key| !key.contains(" ELMLAB "))
        .collect();
    let planted: BTreeSet<String> = [
        "member FHIRSQLDataExists  ELM-B/IRIS ",
        "databases Missing  ELMLAB ",
        "namespaces Missing  ELMLAB ",
        "mappings GlobalMapMissing ELMHUB Elm.LabOrder* ",
        "mappings RoutineMapMissing ELMFHIR HS.Elm* ",
        "mappings RoutineMapMissing ELMFHIR ElmTools.* ",
        "mappings PackageMapMissing ELMFHIR Elm.Tools ",
        "mappings Difference ELMHUB Elm.CodeTable(\"LOINC\") database",
        "mappings Extra USER ElmLoadTest ",
        "roles Missing  ELM_LabInterface ",
        "roles Difference  ELM_Interface resources",
        "roles Extra  ELM_LoadTest ",
        "resources Missing  %DB_ELMLAB ",
        "applications Missing  /elm/api/lab ",
        "applications Difference  /elm/api/referrals authenticationMethods",
        "applications Difference  /csp/healthshare/elmhub description",
        "tasks Difference %SYS Elm Full Backup timePeriod",
        "tasks Difference ELMHUB Elm Journal Offload mirrorStatus",
        "users Missing  svc_elmlab ",
        "users Difference  mokafor roles",
        "users access-lost  mokafor ",
        "services Difference  %Service_Bindings authenticationMethods",
    ]
    .into_iter()
    .filter(|key| !key.contains(" ELMLAB "))
    .map(str::to_owned)
    .collect();
    assert_eq!(found, planted);
    // The namespace ELMLAB is missing with its database, its 14 mappings and the task in it.
    let of_lab =
        result["errors"].as_array().unwrap().iter().map(key).filter(|key| key.contains(" ELMLAB "));
    assert_eq!(of_lab.count(), 1 + 1 + 14 + 1);
}

#[test]
fn swapped_operands_are_found_out() {
    let output = compare("backup", "primary", &["--format", "text"]);
    assert_eq!(output.status.code(), Some(2));
    let text = stdout(&output);
    let line = text.lines().next().unwrap();
    assert!(line.starts_with("*** Blocking *** ERROR <HSSYSToolsLoc>ExecuteOnBackup: "), "{line}");
}

#[test]
fn the_ready_pair_is_ready() {
    let output = compare("ready-primary", "ready-backup", &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).starts_with("READY: "));
    let result = json("ready-primary", "ready-backup");
    assert_eq!(result["errors"], serde_json::json!([]));
    let coverage = result["coverage"].as_array().unwrap();
    assert!(coverage.iter().all(|row| row["state"] == "compared"), "{coverage:?}");
    // A configuration against itself: the same member twice, and nothing else.
    let same = json("ready-primary", "ready-primary");
    assert!(same["errors"].as_array().unwrap().iter().all(|error| error["section"] == "member"));
    assert!(codes(&same).contains("same-member"));
}

#[test]
fn formats_agree_on_every_finding() {
    let result = json("primary", "backup");
    let errors = result["errors"].as_array().unwrap();
    let text = stdout(&compare("primary", "backup", &["--format", "text", "-v"]));
    let lines: Vec<&str> =
        text.lines().filter(|line| line.contains("ERROR <HSSYSToolsLoc>")).collect();
    let texts: Vec<&str> = errors.iter().map(|error| error["text"].as_str().unwrap()).collect();
    assert_eq!(lines, texts);
    let table = stdout(&compare("primary", "backup", &["-v"]));
    let squeezed: String = table.split_whitespace().collect();
    for error in errors {
        let name: String = error["name"].as_str().unwrap().split_whitespace().collect();
        assert!(squeezed.contains(&name), "{name} is not in the table");
        assert!(!error["impact"].as_str().unwrap().is_empty());
        assert!(!error["advice"].as_str().unwrap().contains('{'), "{error}");
    }
    let broken = |line: &&str| !line.starts_with("     ");
    assert!(
        table.lines().filter(broken).all(|line| line.chars().count() <= 80),
        "wider than 80 columns"
    );
}

/// The shape that design 6 fixes, field by field.
#[test]
fn the_json_has_the_vendors_shape() {
    let result = json("primary", "backup");
    let keys: Vec<&String> = result.as_object().unwrap().keys().collect();
    let wanted = [
        "coverage",
        "errors",
        "formatVersion",
        "messages",
        "remoteSystem",
        "thisSystem",
        "verbose",
        "verdict",
    ];
    assert_eq!(keys, wanted);
    assert_eq!(result["thisSystem"]["side"], "member");
    assert_eq!(result["remoteSystem"]["side"], "primary");
    assert_eq!(result["thisSystem"]["member"]["systemName"], "ELM-B/IRIS");
    let error = |code: &str, name: &str| {
        let mut all = result["errors"].as_array().unwrap().iter();
        all.find(|error| error["code"] == code && error["name"] == name).unwrap().clone()
    };
    let map = error("RoutineMapMissing", "HS.Elm*");
    assert_eq!(map["kind"], "Routine");
    assert_eq!(map["routineType"], "");
    assert_eq!(map["absentFrom"], "member");
    assert_eq!(
        map["text"],
        "ERROR <HSSYSToolsLoc>RoutineMapMissing: Routine mapping 'HS.Elm*' of type '' to 'ELMHUBCODE' \
         does not exist in ELMFHIR on 'ELM-B/IRIS'."
    );
    let role = error("Missing", "ELM_LabInterface");
    assert_eq!(
        role["text"],
        "ERROR <HSSYSToolsLoc>Missing: roles 'ELM_LabInterface' does not exist on 'ELM-B/IRIS'."
    );
    let application = error("Difference", "/elm/api/referrals");
    let change = &application["differences"][0];
    assert_eq!(change["property"], "authenticationMethods");
    assert_eq!(change["primary"], serde_json::json!(["Password", "Unauthenticated"]));
    assert_eq!(change["member"], serde_json::json!(["Delegated", "Password"]));
    assert!(application["text"].as_str().unwrap().contains("\"Password,Unauthenticated\""));
    assert!(result["errors"].as_array().unwrap().iter().all(|error| error["blocking"].is_u64()));
}

#[test]
fn quiet_is_the_verdict_alone_and_sections_can_be_chosen() {
    let quiet = compare("primary", "backup", &["-q"]);
    assert_eq!(stdout(&quiet).lines().count(), 1);
    let only = compare("primary", "backup", &["--only", "roles,users", "--format", "text"]);
    assert_eq!(only.status.code(), Some(1));
    let text = stdout(&only);
    assert!(text.lines().all(|line| !line.contains("applications")), "{text}");
    let skipped = compare("primary", "backup", &["--skip", "member", "-q"]);
    assert_eq!(skipped.status.code(), Some(1));
    let wrong = compare("primary", "backup", &["--only", "rolls"]);
    assert_eq!(wrong.status.code(), Some(64));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ["table", "text", "json"] {
        let run = || compare("primary", "backup", &["--format", format]).stdout;
        assert!(!run().is_empty());
        assert_eq!(run(), run(), "{format}");
    }
}
