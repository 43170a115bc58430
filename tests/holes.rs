//! A verdict is never cleaner than the files.
//!
//! Each case was once called ready, or blamed the wrong thing, and is not: what a file does not tell,
//! what it tells twice, what it claims without showing. Every fault found later becomes a case here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs;

use hsmirror::compare::{Selection, State};
use hsmirror::error::Result;
use hsmirror::finding::{self, Judgement, Verdict};
use hsmirror::model::Section;
use hsmirror::source::{self, Gathered, Options};
use serde_json::{Value, json};

type Files<'a> = &'a [(&'a str, &'a str)];

fn gather(files: Files<'_>) -> Result<Gathered> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    source::gather(folder.path(), &Options::default())
}

fn judged_for(primary: Files<'_>, member: Files<'_>, only: &[Section]) -> Judgement {
    let (a, b) = (gather(primary).unwrap(), gather(member).unwrap());
    let selection = Selection { only: only.to_vec(), skip: Vec::new() };
    finding::judge(a.configuration, b.configuration, &selection)
}

fn codes(judgement: &Judgement) -> Vec<String> {
    let outside = judgement.findings.iter().filter(|f| f.rule.section != Section::Member);
    outside.map(|f| format!("{} {}", f.rule.code, f.subject.name)).collect()
}

fn cpf(sections: &str) -> String {
    format!(
        "[ConfigFile]\nProduct=IRIS\nVersion=2024.1\n[Databases]\nIRISSYS=/a/\n[Namespaces]\n%SYS=IRISSYS\n\
         {sections}\n[MirrorMember]\nJoinMirror=1\n[Startup]\n[config]\n[SQL]\n"
    )
}

fn document(section: &str, objects: Value) -> String {
    json!({
        "formatVersion": "1.0",
        "coverage": [{ "section": section, "extent": "complete" }],
        section: objects
    })
    .to_string()
}

fn state(judgement: &Judgement, section: Section) -> State {
    judgement.coverage.iter().find(|row| row.section == section).unwrap().state
}

#[test]
fn a_cpf_that_is_cut_short_is_refused_wherever_it_is_cut() {
    let whole = cpf("[Map.%SYS]\nGlobal_A=IRISSYS");
    for end in ["[MirrorMember]", "JoinMirror=1", "[Startup]"] {
        let cut = whole.split_once(end).unwrap().0;
        let error = gather(&[("iris.cpf", cut)]).unwrap_err();
        assert_eq!(error.kind.exit_code(), 65, "{end}");
        assert!(error.message.contains("cut short"), "{}", error.message);
    }
}

#[test]
fn a_heading_may_carry_a_comment_and_a_comment_may_end_before_one() {
    let plain = cpf("[Map.%SYS]\nGlobal_A=IRISSYS");
    let comments =
        ["[Map.%SYS] ; changed by clone", "/* a */ [Map.%SYS]", "/* a\nb */ [Map.%SYS] // c"];
    for heading in comments {
        let text = cpf(&format!("{heading}\nGlobal_A=IRISSYS"));
        let judgement = judged_for(&[("iris.cpf", &plain)], &[("iris.cpf", &text)], &[]);
        assert_eq!(judgement.member.count(Section::Mappings), 1, "{heading}");
        assert!(codes(&judgement).is_empty(), "{heading}");
    }
    assert!(gather(&[("iris.cpf", &cpf("[Map.%SYS\nGlobal_A=IRISSYS"))]).is_err());
}

#[test]
fn a_section_that_comes_twice_is_one_and_may_not_contradict_itself() {
    let once = cpf("[Map.%SYS]\nGlobal_A=IRISSYS\nGlobal_B=IRISSYS");
    let twice = cpf("[Map.%SYS]\nGlobal_A=IRISSYS\n[Map.%sys]\nGlobal_B=IRISSYS");
    let judgement = judged_for(&[("iris.cpf", &once)], &[("iris.cpf", &twice)], &[]);
    assert!(codes(&judgement).is_empty());
    let contradicts = cpf("[Map.%SYS]\nGlobal_A=IRISSYS\n[Map.%sys]\nGlobal_A=OTHER");
    let error = gather(&[("iris.cpf", &contradicts)]).unwrap_err();
    assert!(error.message.contains("line 11"), "{}", error.message);
}

#[test]
fn completeness_that_is_claimed_without_the_section_is_none() {
    let claim = json!({
        "formatVersion": "1.0", "coverage": [{ "section": "users", "extent": "complete" }]
    })
    .to_string();
    let judgement = judged_for(&[("c.json", &claim)], &[("c.json", &claim)], &[Section::Users]);
    assert_eq!(state(&judgement, Section::Users), State::NotGathered);
    assert_eq!(judgement.verdict, Verdict::Incomplete);
    // Beside an export of all tasks it is what makes the export count as whole.
    let export = "<UsersExport><Users><Name>a</Name></Users></UsersExport>";
    let files: Files<'_> = &[("c.json", &claim), ("u.xml", export)];
    let judgement = judged_for(files, files, &[Section::Users]);
    assert_eq!(judgement.verdict, Verdict::Ready);
}

#[test]
fn one_product_object_does_not_make_a_selection_whole() {
    let all = "<UsersExport><Users><Name>_SYSTEM</Name></Users><Users><Name>_PUBLIC</Name></Users>\
               <Users><Name>UnknownUser</Name></Users><Users><Name>a</Name></Users></UsersExport>";
    let one = "<UsersExport><Users><Name>_SYSTEM</Name></Users></UsersExport>";
    let judgement = judged_for(&[("u.xml", all)], &[("u.xml", one)], &[Section::Users]);
    assert_eq!(state(&judgement, Section::Users), State::Partial);
    assert!(codes(&judgement).is_empty());
}

#[test]
fn what_a_newer_form_holds_is_never_ready_whatever_is_selected() {
    let newer = json!({
        "formatVersion": "1.7",
        "coverage": [{ "section": "roles", "extent": "complete" }],
        "roles": [{ "name": "R", "somethingNew": 1 }]
    })
    .to_string();
    let roles = document("roles", json!([{ "name": "R" }]));
    let judgement = judged_for(&[("c.json", &newer)], &[("c.json", &roles)], &[Section::Roles]);
    assert_eq!(judgement.verdict, Verdict::Incomplete);
}

#[test]
fn settings_and_personal_data_of_a_document_are_withheld_unless_asked_for() {
    let tasks = document(
        "tasks",
        json!([{ "name": "T", "namespace": "%SYS", "taskClass": "C", "settings": { "Password": "s3cret" },
                 "emailOnError": ["a@example.org"] }]),
    );
    let users = document("users", json!([{ "name": "U", "emailAddress": "u@example.org" }]));
    for text in [tasks, users] {
        let gathered = gather(&[("c.json", &text)]).unwrap();
        let shown = serde_json::to_string(&gathered.configuration).unwrap();
        assert!(!shown.contains("s3cret") && !shown.contains("example.org"), "{shown}");
    }
}

/// The values are not compared, and everybody who reads the result is told.
#[test]
fn settings_that_are_not_compared_are_told() {
    let tasks = |value: &str| {
        let task = json!({ "name": "T", "namespace": "%SYS", "taskClass": "C", "settings": { "Code": value } });
        document("tasks", json!([task]))
    };
    let (a, b) = (tasks("do ^NIGHT"), tasks("kill ^PATIENT"));
    let judgement = judged_for(&[("c.json", &a)], &[("c.json", &b)], &[Section::Tasks]);
    let row = judgement.coverage.iter().find(|row| row.section == Section::Tasks).unwrap();
    assert!(row.is_worth_telling() && row.reason.contains("--task-settings"));
}

#[test]
fn a_task_without_the_one_it_runs_after_is_not_the_same() {
    let task = |after: Value| {
        let mut task = json!({ "name": "T", "namespace": "%SYS", "taskClass": "C", "timePeriod": "run after" });
        if !after.is_null() {
            task["runAfter"] = after;
        }
        document("tasks", json!([task]))
    };
    let (chained, alone) = (task(json!("A in %SYS (C)")), task(Value::Null));
    // With all tasks at hand, a predecessor that is none of them is not there.
    let lost = task(json!("?"));
    for other in [alone, lost] {
        let judgement =
            judged_for(&[("c.json", &chained)], &[("c.json", &other)], &[Section::Tasks]);
        assert_eq!(codes(&judgement), ["Difference T"]);
    }
}

#[test]
fn of_tasks_with_one_name_the_missing_one_is_missing() {
    let task = |text: &str| json!({ "name": "T", "namespace": "%SYS", "taskClass": "C", "description": text });
    let both = document("tasks", json!([task("a"), task("b")]));
    let second = document("tasks", json!([task("b")]));
    let judgement = judged_for(&[("c.json", &both)], &[("c.json", &second)], &[Section::Tasks]);
    assert_eq!(codes(&judgement), ["Missing T"]);
}

#[test]
fn a_remote_database_on_another_folder_is_another_database() {
    let text = |folder: &str| {
        cpf("").replace("IRISSYS=/a/\n", &format!("IRISSYS=/a/\nR={folder},SERVER\n"))
    };
    let (a, b) = (text("/radiology/a/"), text("/radiology/b/"));
    let judgement = judged_for(&[("iris.cpf", &a)], &[("iris.cpf", &b)], &[]);
    assert_eq!(codes(&judgement), ["Difference R"]);
}

#[test]
fn an_optional_section_that_only_one_side_has_is_told() {
    let with = document("services", json!([{ "name": "%Service_X" }]));
    let without = document("roles", json!([{ "name": "R" }]));
    let judgement = judged_for(&[("c.json", &with)], &[("c.json", &without)], &[]);
    let row = judgement.coverage.iter().find(|row| row.section == Section::Services).unwrap();
    assert!(row.is_worth_telling() && !row.is_gap());
}

#[test]
fn two_files_that_contradict_each_other_are_told_with_their_lines() {
    let one = "<UsersExport>\n<Users><Name>a</Name><Enabled>1</Enabled></Users>\n</UsersExport>";
    let two = "<UsersExport>\n\n<Users><Name>A</Name><Enabled>0</Enabled></Users>\n</UsersExport>";
    let three = "<RolesExport></RolesExport>";
    let error = gather(&[("1.xml", one), ("2.xml", three), ("3.xml", two)]).unwrap_err();
    let message = error.message;
    assert!(message.contains("3.xml, line 3") && message.contains("1.xml, line 2"), "{message}");
    assert!(message.contains("enabled") && !message.contains("2.xml"), "{message}");
}

#[test]
fn files_that_claim_to_be_nothing_stop_nothing() {
    let gathered = gather(&[
        ("iris.cpf", &cpf("")),
        ("notes.txt", "[TODO]\ncall the vendor\n"),
        ("README.txt", ""),
    ])
    .unwrap();
    assert_eq!(gathered.notes.len(), 2, "{:?}", gathered.notes);
    assert!(gather(&[("iris.cpf", &cpf("")), ("UsersExport.xml", "")]).is_err());
}

#[test]
fn the_vendors_password_is_told_of_each_side_by_itself() {
    let users = document("users", json!([{ "name": "_SYSTEM", "initialPassword": true }]));
    let judgement = judged_for(&[("c.json", &users)], &[("c.json", &users)], &[]);
    let told = judgement.findings.iter().filter(|f| f.rule.code == "initial-password").count();
    assert_eq!(told, 2);
}
