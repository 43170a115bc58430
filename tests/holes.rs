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

use hsmirror::compare::{Selection, Side, State};
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
    let outside = judgement.findings.iter();
    let outside = outside.filter(|f| f.section != Section::Member && f.is_difference());
    outside.map(|f| format!("{} {}", f.code, f.subject.name)).collect()
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
    let users = |initial: bool| {
        document("users", json!([{ "name": "_SYSTEM", "initialPassword": initial }]))
    };
    let [bad, good] = [users(true), users(false)];
    for (primary, member, about) in [
        (&bad, &bad, Some(None)),
        (&bad, &good, Some(Some(Side::Primary))),
        (&good, &bad, Some(Some(Side::Member))),
        (&good, &good, None),
    ] {
        let judgement = judged_for(&[("c.json", primary)], &[("c.json", member)], &[]);
        let mut told = judgement.findings.iter().filter(|f| f.rule.id == "initial-password");
        assert_eq!(told.next().map(|f| f.about), about);
        assert!(told.next().is_none());
    }
}

/// An old export beside a new one must not fill what the new one lacks.
#[test]
fn what_only_the_smaller_file_has_is_not_simply_added() {
    let all = "<UsersExport><Users><Name>_SYSTEM</Name></Users><Users><Name>_PUBLIC</Name></Users>\
               <Users><Name>UnknownUser</Name></Users><Users><Name>a</Name></Users></UsersExport>";
    let old = "<UsersExport><Users><Name>gone</Name></Users></UsersExport>";
    let roles = "<UsersExport><Users><Name>a</Name><Roles><RolesItem>X</RolesItem></Roles></Users></UsersExport>";
    for (first, second) in [(all, old), (old, all), (all, roles), (roles, all)] {
        let error = gather(&[("1.xml", first), ("2.xml", second)]).unwrap_err();
        assert!(error.message.contains("disagree"), "{}", error.message);
    }
    let part = "<UsersExport><Users><Name>a</Name></Users></UsersExport>";
    assert!(gather(&[("1.xml", all), ("2.xml", part)]).is_ok());
    let cpf_text = cpf("[Map.%SYS]\nGlobal_A=IRISSYS");
    let more = document(
        "mappings",
        json!([{ "namespace": "%SYS", "kind": "Global", "name": "B", "routineType": "", "database": "IRISSYS" }]),
    );
    assert!(gather(&[("iris.cpf", &cpf_text), ("more.json", &more)]).is_err());
}

/// Salts and ids are never the same on two members.
#[test]
fn one_export_on_both_sides_is_found_out() {
    let users = "<UsersExport><Users><Name>a</Name><Salt>AAAA</Salt></Users></UsersExport>";
    let tasks = "<Tasks><Task><Name>T</Name><NameSpace>%SYS</NameSpace><TaskClass>C</TaskClass>\
                 <JobGUID>1</JobGUID></Task></Tasks>";
    let resources = "<ResourcesExport><Resources><Name>R</Name></Resources></ResourcesExport>";
    let member =
        json!({ "formatVersion": "1.0", "member": { "mirrorState": "Primary" } }).to_string();
    for (text, found) in [(users, true), (tasks, true), (resources, false)] {
        let files: Files<'_> = &[("export.xml", text), ("m.json", &member)];
        let judgement = judged_for(files, files, &[]);
        let codes: Vec<_> = judgement.findings.iter().map(|f| f.code.to_string()).collect();
        assert_eq!(codes.iter().any(|code| code == "same-export"), found, "{codes:?}");
    }
}

#[test]
fn a_chain_of_tasks_may_stand_in_two_files() {
    let task = |name: &str, more: &str| {
        format!(
            "<Tasks><Task><Name>{name}</Name><NameSpace>%SYS</NameSpace><TaskClass>C</TaskClass>{more}\
             </Task></Tasks>"
        )
    };
    let first = task("A", "<JobGUID>1</JobGUID>");
    let second = task("B", "<TimePeriod>4</TimePeriod><RunAfterGUID>1</RunAfterGUID>");
    let gathered = gather(&[("1.xml", &second), ("2.xml", &first)]).unwrap();
    let after = gathered.configuration.tasks.objects.iter().find_map(|task| task.run_after.clone());
    assert_eq!(serde_json::to_value(after).unwrap(), "A in %sys (C)");
}

#[test]
fn what_a_mirror_states_as_empty_is_stated() {
    let mirror = |arbiter: &str| {
        cpf("").replace("JoinMirror=1\n", "JoinMirror=1\nSystemName=\n")
            + &format!("[Mirrors]\nELM=G,2,1,,8000,0,1,10.0.0.1,0,{arbiter},0\n[MapMirrors.ELM]\n")
    };
    let (with, without) = (mirror("arbiter|2188"), mirror(""));
    let judgement = judged_for(&[("iris.cpf", &with)], &[("iris.cpf", &without)], &[]);
    let changed: Vec<_> =
        judgement.findings.iter().flat_map(|f| &f.changes).map(|c| c.property.field).collect();
    assert_eq!(changed, ["mirrors"]);
}

#[test]
fn a_slip_of_the_pen_in_a_document_is_never_ready() {
    let slip = json!({
        "formatVersion": "1.0",
        "coverage": [{ "section": "roles", "extent": "complete" }],
        "roles": [{ "name": "R", "granted_roles": ["X"] }]
    })
    .to_string();
    let roles = document("roles", json!([{ "name": "R" }]));
    let judgement = judged_for(&[("c.json", &slip)], &[("c.json", &roles)], &[Section::Roles]);
    assert_eq!(judgement.verdict, Verdict::Incomplete);
    let twice = document("roles", json!([{ "name": "R" }, { "name": "r", "description": "x" }]));
    assert_eq!(gather(&[("c.json", &twice)]).unwrap_err().kind.exit_code(), 14);
    for fact in [
        json!({ "value": false, "by": " ", "at": "2026-11-20" }),
        json!({ "value": false, "by": "M. Okafor", "at": "2026-99-99" }),
    ] {
        let text = json!({ "formatVersion": "1.0", "facts": { "fhirSqlData": fact } }).to_string();
        assert_eq!(gather(&[("c.json", &text)]).unwrap_err().kind.exit_code(), 14, "{text}");
    }
}

#[test]
fn a_byte_order_mark_is_no_fault_in_any_format() {
    let mark = |text: &str| format!("\u{feff}{text}");
    let files = [
        ("iris.cpf", mark(&cpf(""))),
        ("u.xml", mark("<?xml version=\"1.0\"?><UsersExport/>")),
        ("c.json", mark("{\"formatVersion\":\"1.0\"}")),
        ("q.txt", mark("IRIS^/a^2024.1.0^running^iris.cpf^1^2^3\n")),
    ];
    for (name, text) in &files {
        assert!(gather(&[(name, text)]).is_ok(), "{name}");
    }
}
