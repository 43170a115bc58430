//! What is no difference is no finding, and what is one is found: pairs of near misses.
//!
//! Each case is two small configuration documents (or exports) that the product takes for the same,
//! beside one that it does not (design 6, H2.3, H4.2 to H4.9, H5.2). The property test in `drift`
//! covers every property; these are the rules that reach beyond one property.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;

use hsmirror::compare::Selection;
use hsmirror::finding::{self, Judgement, Verdict};
use hsmirror::model::Section;
use hsmirror::source::{self, Gathered, Options};
use serde_json::{Value, json};

fn gather(folder: &Path, files: &[(&str, &str)]) -> Gathered {
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    source::gather(folder, &Options::default()).unwrap()
}

fn judged(primary: &[(&str, &str)], member: &[(&str, &str)]) -> Judgement {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (a, b) = (gather(a.path(), primary), gather(b.path(), member));
    finding::judge(a.configuration, b.configuration, &Selection::default())
}

/// Findings outside section member, as `section code name properties`.
fn found(judgement: &Judgement) -> Vec<String> {
    let outside = judgement.findings.iter();
    let outside = outside.filter(|f| f.section != Section::Member && f.is_difference());
    outside
        .map(|f| {
            let changed: Vec<String> = f.changes.iter().map(|c| c.property.name()).collect();
            format!("{} {} {} {}", f.section, f.code, f.subject.name, changed.join(","))
                .trim_end()
                .to_owned()
        })
        .collect()
}

/// One object a side in one complete section.
fn pair(section: &str, primary: Value, member: Value) -> Vec<String> {
    let document = |object: Value| {
        let objects = if object.is_array() { object } else { json!([object]) };
        json!({
            "formatVersion": "1.0",
            "coverage": [{ "section": section, "extent": "complete" }],
            section: objects
        })
        .to_string()
    };
    found(&judged(&[("c.json", &document(primary))], &[("c.json", &document(member))]))
}

fn cpf(databases: &str, namespaces: &str, rest: &str) -> String {
    format!(
        "[ConfigFile]\nProduct=IRIS\nVersion=2024.1\n[Databases]\nIRISSYS=/a/\n{databases}\n[Namespaces]\n\
         %SYS=IRISSYS\n{namespaces}\n{rest}\n[MirrorMember]\nJoinMirror=1\nSystemName=\n\
         [Startup]\n[config]\n[SQL]\n"
    )
}

fn cpfs(primary: &str, member: &str) -> Vec<String> {
    found(&judged(&[("iris.cpf", primary)], &[("iris.cpf", member)]))
}

#[test]
fn defaults_are_filled_in_before_comparing() {
    let short = cpf("DB=/b/", "NS=DB", "[Map.NS]\nGlobal_A=DB\nGlobal_A(1)=DB");
    let long = cpf(
        "DB=/elsewhere/,,0",
        "NS=DB,db,IRISTEMP",
        "[Map.ns]\nGlobal_A=db,5,DB\nGlobal_A(1)=DB,5,db",
    );
    assert_eq!(cpfs(&short, &long), [""; 0]);
    let other = cpf("DB=/b/,,1", "NS=DB,DB2", "[Map.NS]\nGlobal_A=DB,5,DB2\nGlobal_A(1)=DB,7");
    assert_eq!(
        cpfs(&short, &other),
        [
            "namespaces Difference NS routines",
            "mappings Difference A lockDatabase",
            "mappings Difference A(1) collation",
            "databases Difference DB mountRequired",
        ]
    );
}

/// Without subscripts the collation is ignored by the product (H2.3).
#[test]
fn collation_counts_with_subscripts_only() {
    let a = cpf("", "", "[Map.%SYS]\nGlobal_A=IRISSYS,5");
    let b = cpf("", "", "[Map.%SYS]\nGlobal_A=IRISSYS,7");
    assert_eq!(cpfs(&a, &b), [""; 0]);
}

#[test]
fn a_number_and_a_string_are_two_subscripts_and_mapped_names_count_with_their_case() {
    let a = cpf("", "", "[Map.%SYS]\nGlobal_A(2.1)=IRISSYS\nPackage_Elm=IRISSYS");
    let b = cpf("", "", "[Map.%SYS]\nGlobal_A(\"2.1\")=IRISSYS\nPackage_ELM=IRISSYS");
    assert_eq!(
        cpfs(&a, &b),
        [
            "mappings GlobalMapMissing A(2.1)",
            "mappings PackageMapMissing Elm",
            "mappings Extra A(\"2.1\")",
            "mappings Extra ELM",
        ]
    );
}

#[test]
fn a_routine_mapping_for_one_type_is_another_mapping() {
    let a = cpf("", "", "[Map.%SYS]\nRoutine_A*_INC=IRISSYS");
    let b = cpf("", "", "[Map.%SYS]\nRoutine_A*=IRISSYS");
    assert_eq!(cpfs(&a, &b), ["mappings RoutineMapMissing A*", "mappings Extra A*"]);
}

#[test]
fn a_document_and_a_cpf_of_the_same_state_are_the_same() {
    let text = cpf("DB=/b/\nR=:mirror:ELM:DB,ECP", "NS=DB", "[Map.NS]\nRoutine_A_MAC=DB");
    let document = json!({
        "formatVersion": "1.0",
        "coverage": [
            { "section": "namespaces", "extent": "complete" },
            { "section": "databases", "extent": "complete" },
            { "section": "mappings", "extent": "complete" }
        ],
        "namespaces": [{ "name": "ns", "globals": "db" }, { "name": "%sys", "globals": "IRISSYS" }],
        "databases": [
            { "name": "r", "remote": ":mirror:ELM:DB", "server": "ECP" },
            { "name": "DB", "directory": "/other/" },
            { "name": "IRISSYS" }
        ],
        "mappings": [
            { "namespace": "ns", "kind": "Routine", "name": "A", "routineType": "MAC", "database": "DB" }
        ]
    });
    let judgement = judged(&[("iris.cpf", &text)], &[("c.json", &document.to_string())]);
    assert_eq!(found(&judgement), [""; 0]);
}

#[test]
fn roles_of_the_system_are_neither_compared_nor_missing() {
    let mine = json!([{ "name": "%All", "description": "a" }, { "name": "%db_LAB", "description": "x" }, { "name": "X" }]);
    assert_eq!(pair("roles", mine.clone(), json!([{ "name": "x" }])), [""; 0]);
    assert_eq!(pair("roles", json!([{ "name": "x" }]), mine), [""; 0]);
    assert_eq!(pair("roles", json!([{ "name": "%DBX" }]), json!([])), ["roles Missing %DBX"]);
}

#[test]
fn permission_of_nothing_is_no_grant_and_letters_know_no_order() {
    let a = json!({ "name": "R", "resources": [
        { "resource": "A", "permission": "RW" }, { "resource": "B", "permission": "" }] });
    let b = json!({ "name": "r", "resources": [{ "resource": "a", "permission": "RW" }] });
    assert_eq!(pair("roles", a, b), [""; 0]);
}

#[test]
fn accounts_made_at_login_are_not_missing_and_their_roles_are_not_compared() {
    let ldap = |roles: &[&str]| json!({ "name": "U", "kind": ["LDAP"], "roles": roles });
    assert_eq!(pair("users", json!([ldap(&["A"])]), json!([])), [""; 0]);
    assert_eq!(pair("users", json!([]), json!([ldap(&["A"])])), [""; 0]);
    assert_eq!(pair("users", ldap(&["A"]), ldap(&["B"])), [""; 0]);
    let both =
        |roles: &[&str]| json!({ "name": "U", "kind": ["LDAP", "Password"], "roles": roles });
    assert_eq!(pair("users", both(&["A"]), both(&["B"])), ["users Difference U roles"]);
    assert_eq!(pair("users", json!([both(&[])]), json!([])), ["users Missing U"]);
}

#[test]
fn what_an_older_record_cannot_have_is_no_difference() {
    let old = json!({ "name": "/a", "recordVersion": "2" });
    let new = json!({ "name": "/a", "recordVersion": "3", "corsAllowlist": ["http://x"] });
    assert_eq!(pair("applications", old.clone(), new.clone()), [""; 0]);
    assert_eq!(pair("applications", new.clone(), old), [""; 0]);
    let same_age = json!({ "name": "/a", "recordVersion": "3" });
    assert_eq!(pair("applications", same_age, new), ["applications Difference /a corsAllowlist"]);
}

#[test]
fn schedule_fields_without_meaning_in_their_mode_are_not_compared() {
    let task = |more: Value| {
        let mut task = json!({ "name": "T", "namespace": "%SYS", "taskClass": "C" });
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        task
    };
    let on_demand = |time: &str| task(json!({ "timePeriod": "on demand", "dailyStartTime": time }));
    assert_eq!(pair("tasks", on_demand("01:00:00"), on_demand("02:00:00")), [""; 0]);
    let once = |unit: &str| task(json!({ "dailyFrequency": "once", "dailyFrequencyTime": unit }));
    assert_eq!(pair("tasks", once("minutes"), once("hours")), [""; 0]);
    let daily = |time: &str| task(json!({ "timePeriod": "daily", "dailyStartTime": time }));
    assert_eq!(
        pair("tasks", daily("01:00:00"), daily("02:00:00")),
        ["tasks Difference T dailyStartTime"]
    );
}

/// Names carry no uniqueness (H5.2): the same set of tasks pairs whatever the order of the file.
#[test]
fn tasks_of_one_name_pair_by_content() {
    let task = |description: &str| json!({ "name": "T", "namespace": "%SYS", "taskClass": "C", "description": description });
    let (one, two) = (task("one"), task("two"));
    let forth = json!([one.clone(), two.clone()]);
    let back = json!([two, one.clone()]);
    assert_eq!(pair("tasks", forth.clone(), back), [""; 0]);
    assert_eq!(pair("tasks", forth, json!([one])), ["tasks Missing T"]);
}

#[test]
fn values_of_settings_that_are_not_carried_are_not_compared_but_names_are() {
    let task = |settings: Value| json!({ "name": "T", "namespace": "%SYS", "taskClass": "C", "settings": settings });
    let unknown = task(json!({ "Password": null }));
    assert_eq!(pair("tasks", unknown.clone(), task(json!({ "Password": "x" }))), [""; 0]);
    assert_eq!(pair("tasks", unknown, task(json!({}))), ["tasks Difference T settings"]);
}

/// Descriptions of the product's own objects are in the installer's language (formats 3.1).
#[test]
fn localised_descriptions_are_no_difference() {
    let resource =
        |kind: &str, text: &str| json!({ "name": "%X", "kind": [kind], "description": text });
    assert_eq!(
        pair("resources", resource("System", "Verwaltung"), resource("System", "admin")),
        [""; 0]
    );
    assert_eq!(
        pair("resources", resource("User", "a"), resource("User", "b")),
        ["resources Difference %X description"]
    );
}

/// A role with granted roles stands twice in a full export, first without them (formats 3.2).
#[test]
fn a_role_exported_twice_is_one_role_and_the_later_statement_wins() {
    let export = |roles: &str| format!("<RolesExport>{roles}</RolesExport>");
    let bare = "<Roles><Name>R</Name><Description>d</Description></Roles>";
    let full = "<Roles><Name>R</Name><Description>d</Description><GrantedRoles>\
                <GrantedRolesItem>G</GrantedRolesItem></GrantedRoles></Roles>";
    let later = full.replace(">d<", ">e<");
    let roles = |primary: &str, member: &str| {
        let (a, b) = (export(primary), export(member));
        found(&judged(&[("r.xml", &a)], &[("r.xml", &b)]))
    };
    assert_eq!(roles(&format!("{bare}{full}"), full), [""; 0]);
    assert_eq!(roles(&format!("{full}{bare}"), full), [""; 0]);
    assert_eq!(roles(&format!("{full}{later}"), &later), [""; 0]);
    assert_eq!(roles(bare, full), ["roles Difference R grantedRoles"]);
}

/// A section that only one side has gives a coverage gap and no finding.
#[test]
fn what_one_side_did_not_gather_is_no_finding() {
    let with = json!({
        "formatVersion": "1.0",
        "coverage": [{ "section": "users", "extent": "complete" }],
        "users": [{ "name": "U" }]
    });
    let without = json!({ "formatVersion": "1.0" });
    let judgement = judged(&[("c.json", &with.to_string())], &[("c.json", &without.to_string())]);
    assert_eq!(found(&judgement), [""; 0]);
    assert_eq!(judgement.verdict, Verdict::Incomplete);
}

/// Days of the week are digits in any order (H5.2); in another mode their order counts.
#[test]
fn days_of_the_week_know_no_order() {
    let task = |period: &str, days: &str| json!({ "name": "T", "namespace": "%SYS", "taskClass": "C", "timePeriod": period, "timePeriodDay": days });
    assert_eq!(pair("tasks", task("weekly", "246"), task("weekly", "642")), [""; 0]);
    let months = pair("tasks", task("monthly", "12"), task("monthly", "21"));
    assert_eq!(months, ["tasks Difference T timePeriodDay"]);
}

/// A pair of documents with a database and section member each, of which one side may tell more.
fn told(ours: &Value, theirs: &Value) -> Judgement {
    let document = |more: &Value| {
        let mut database = json!({ "name": "LAB", "directory": "/lab/" });
        let mut member = json!({ "instance": "IRIS" });
        for (to, from) in [(&mut database, &more["database"]), (&mut member, &more["member"])] {
            to.as_object_mut().unwrap().extend(from.as_object().cloned().unwrap_or_default());
        }
        json!({
            "formatVersion": "1.2",
            "member": member,
            "coverage": [{ "section": "databases", "extent": "complete" }],
            "databases": [database]
        })
        .to_string()
    };
    judged(&[("c.json", &document(ours))], &[("c.json", &document(theirs))])
}

/// What an instance tells and a file does not is known on one side only, where the other side was gathered
/// from files: that is no difference. The same told of both, with other values, is one.
#[test]
fn what_only_one_side_tells_is_no_difference() {
    let [ours, theirs] = [
        json!({
            "database": { "inMirror": true, "mirrorName": "LAB", "mirrorSet": "ELM",
                "mirrorStatus": "Dejournaling", "resource": "%DB_LAB", "blockSize": 8192, "size": 100,
                "encrypted": true, "encryptionKey": "KEY", "volumes": 1 },
            "member": { "bigEndian": false, "unicode": true, "locale": "enuw",
                "configurationPending": false, "journalDays": 3, "journalBackups": 0 },
        }),
        json!({
            "database": { "inMirror": true, "mirrorName": "OTHER", "mirrorSet": "OAK",
                "mirrorStatus": "Normal", "resource": "%DB_X", "blockSize": 16384, "size": 200,
                "encrypted": false, "encryptionKey": "", "volumes": 0 },
            "member": { "bigEndian": true, "unicode": false, "locale": "deu8",
                "configurationPending": false, "journalDays": 2, "journalBackups": 9 },
        }),
    ];
    let ids = |judgement: &Judgement| -> Vec<&str> {
        judgement.findings.iter().map(|finding| finding.rule.id).collect()
    };
    let nothing = json!({});
    let silent = ids(&told(&nothing, &nothing));
    for part in ["database", "member"] {
        for (name, value) in ours[part].as_object().unwrap() {
            let one = json!({ part: { name: value } });
            for [a, b] in [[&one, &nothing], [&nothing, &one], [&one, &one]] {
                assert_eq!(ids(&told(a, b)), silent, "{name}");
            }
        }
    }
    for [a, b] in [[&ours, &nothing], [&nothing, &ours], [&ours, &ours], [&theirs, &theirs]] {
        assert_eq!(ids(&told(a, b)), silent);
    }
    let judgement = told(&ours, &theirs);
    let mut found = ids(&judgement);
    found.retain(|id| !silent.contains(id));
    found.sort_unstable();
    assert_eq!(found, ["byte-order-differs", "character-set-differs", "database-different"]);
    assert_eq!(
        self::found(&judgement),
        ["databases Difference LAB mirrorName,mirrorSet,resource,blockSize"]
    );
}
