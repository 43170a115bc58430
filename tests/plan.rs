//! A plan holds everything that was found, in an order in which it can be done, and risks nothing unsaid.
//!
//! Makes many pairs of members (`world`) and holds the plan of each to what this file works out by
//! itself: each open finding is the reason of one step, follows from one that is, or is left; what a step
//! needs stands before it; what is a gate is not taken; nothing is deleted that nobody named. Then the
//! gates of design 7 one by one, the words that choose steps, and the plan's document.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

#[path = "world/mod.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use hsmirror::bundle;
use hsmirror::compare::{Selection, Side};
use hsmirror::finding::{self, Judgement};
use hsmirror::model::Configuration;
use hsmirror::plan::{
    self, Choice, Means, Plan, RiskKind, SectionDigest, Standing, State, Verb, Wishes,
};
use serde_json::{Value, json};
use world::{Chance, World, configuration, edited, hospital, pair};

fn judged([primary, member]: [Configuration; 2]) -> Judgement {
    finding::judge(primary, member, &Selection::default())
}

fn digests(side: &Configuration) -> (hsmirror::model::Digest, Vec<SectionDigest>) {
    let sections = bundle::section_digests(side).unwrap().into_iter();
    let sections = sections.map(|(section, sha256)| SectionDigest { section, sha256 }).collect();
    (bundle::digest_of(side).unwrap(), sections)
}

fn planned(judgement: &Judgement, wishes: &Wishes, choice: &Choice) -> Plan {
    let digests = [digests(&judgement.primary), digests(&judgement.member)];
    let mut plan = plan::draft(judgement, digests, wishes);
    plan.choose(choice).unwrap();
    plan
}

fn plain(judgement: &Judgement) -> Plan {
    planned(judgement, &Wishes::default(), &Choice::default())
}

#[test]
fn every_finding_is_answered_once_and_nothing_is_taken_unsaid() {
    let (mut steps, mut gates, mut left) = (0, 0, 0);
    let mut kinds: BTreeMap<(String, &str, &str), usize> = BTreeMap::new();
    for seed in 0..400 {
        let judgement = judged(pair(seed));
        let plan = plain(&judgement);
        let mut answered: BTreeSet<String> = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for step in &plan.steps {
            assert!(ids.insert(&step.id), "{seed}: {} twice", step.id);
            answered.extend(step.reasons.iter().cloned());
            for need in &step.needs {
                assert!(ids.contains(need), "{seed}: {} stands before {need}", step.id);
            }
            assert_ne!(step.verb, Verb::Delete, "{seed}: nobody asked for {}", step.id);
            let gated = step.risks.iter().any(|risk| risk.kind.is_gate());
            assert!(!gated || step.standing != Standing::Ready, "{seed}: {}", step.id);
            let hand = step.means == Means::Hand;
            assert_eq!(hand, step.standing == Standing::ByHand, "{seed}: {}", step.id);
            assert_eq!(step.operation().is_some(), !hand);
            assert_eq!(step.lines.is_empty(), step.means != Means::Merge, "{seed}: {}", step.id);
            let kind = (step.section.to_string(), step.verb.word(), step.means.word());
            *kinds.entry(kind).or_default() += 1;
            gates += usize::from(step.standing == Standing::Approval);
        }
        let listed: BTreeSet<&String> = plan.left.iter().map(|left| &left.finding).collect();
        let mut done: Vec<bool> = Vec::new();
        for finding in &judgement.findings {
            let id = finding.id();
            let follows = finding.cause.is_some_and(|cause| done[cause]);
            let is_reason = answered.contains(&id);
            done.push(is_reason || follows);
            assert_eq!(!is_reason && !follows, listed.contains(&id), "{seed}: {id}");
            if finding.absent_from == Some(Side::Primary) {
                assert!(!is_reason, "{seed}: {id} is extra and has a step");
            }
        }
        steps += plan.steps.len();
        left += plan.left.len();
    }
    // The test would hold for a plan of nothing.
    assert!(steps > 4000 && gates > 400 && left > 200, "{steps} {gates} {left}");
    for section in ["resources", "roles", "applications", "users", "tasks", "mappings"] {
        for verb in ["create", "modify"] {
            let by = |means| kinds.get(&(section.to_owned(), verb, means)).copied().unwrap_or(0);
            assert!(by("merge") + by("script") > 20, "{section} {verb}: {kinds:?}");
        }
    }
    assert!(kinds.contains_key(&("namespaces".to_owned(), "create", "merge")), "{kinds:?}");
    assert!(kinds.contains_key(&("services".to_owned(), "modify", "merge")), "{kinds:?}");
}

#[test]
fn the_same_two_states_give_the_same_plan_and_a_plan_is_read_as_it_was_written() {
    for seed in 0..60 {
        let plan = plain(&judged(pair(seed)));
        assert_eq!(plan, plain(&judged(pair(seed))));
        let mut text = Vec::new();
        plan.write(&mut text).unwrap();
        assert!(plan::is_plan(&text));
        let again = Plan::read(&text).unwrap();
        assert_eq!(again, plan);
        assert_eq!(again.departs(&plan), None);
        // Whatever else stands in it is another plan.
        let mut other = plan.clone();
        if let Some(step) = other.steps.iter_mut().find(|step| !step.risks.is_empty()) {
            step.risks.clear();
            let id = step.id.clone();
            assert_eq!(plan.departs(&other), Some(id));
        }
    }
}

#[test]
fn a_plan_that_is_no_plan_is_refused_and_never_panics() {
    let mut text = Vec::new();
    plain(&judged(pair(1))).write(&mut text).unwrap();
    for end in (0..text.len()).step_by(97) {
        assert!(Plan::read(&text[..end]).is_err());
    }
    let newer = String::from_utf8(text.clone()).unwrap();
    let newer = newer.replacen("\"formatVersion\":\"1.0\"", "\"formatVersion\":\"1.1\"", 1);
    assert_eq!(Plan::read(newer.as_bytes()), Err(plan::Fault::TooNew("1.1".to_owned())));
    for wrong in ["[]", "{}", "{\"formatVersion\":\"1.0\"}", "{\"a\":1,\"a\":2}", "", "nul"] {
        assert!(Plan::read(wrong.as_bytes()).is_err(), "{wrong}");
    }
}

/// A pair of sides with what is given in each section.
fn sides(primary: Value, member: Value) -> Judgement {
    let side = |given: &Value, name: &str| {
        let mut world: World =
            hospital(&mut Chance(0)).into_keys().map(|name| (name, vec![])).collect();
        for (section, objects) in &mut world {
            *objects = given[*section].as_array().cloned().unwrap_or_default();
        }
        configuration(&world, name)
    };
    judged([side(&primary, "A/IRIS"), side(&member, "B/IRIS")])
}

fn step<'p>(plan: &'p Plan, id: &str) -> &'p plan::Step {
    let step = plan.steps.iter().find(|step| step.id == id);
    let ids: Vec<&String> = plan.steps.iter().map(|step| &step.id).collect();
    step.unwrap_or_else(|| panic!("no step {id} in {ids:?}"))
}

fn kinds(step: &plan::Step) -> Vec<RiskKind> {
    step.risks.iter().map(|risk| risk.kind).collect()
}

#[test]
fn rights_of_an_administrator_are_a_gate_however_they_are_come_by() {
    let roles = json!([
        { "name": "Boss", "resources": [{ "resource": "%Admin_Manage", "permission": "U" }] },
        { "name": "Deputy", "grantedRoles": ["Boss"] },
        { "name": "Clerk", "resources": [{ "resource": "Desk", "permission": "U" }] },
    ]);
    let resources = json!([{ "name": "Desk" }, { "name": "%Admin_Manage", "kind": ["System"] }]);
    let judgement = sides(
        json!({ "resources": resources, "roles": roles, "users": [
            { "name": "ann", "roles": ["%All"] },
            { "name": "bob", "roles": ["Deputy"] },
            { "name": "cy", "roles": ["Clerk"] } ],
            "applications": [{ "name": "/a", "authenticationMethods": ["Password"],
                "matchRoles": [{ "match": "", "targets": ["Boss"] }] }] }),
        json!({ "resources": resources, "roles": [roles[1], { "name": "Clerk" }], "users": [
            { "name": "ann", "roles": [] }, { "name": "bob", "roles": [] } ], "applications": [] }),
    );
    let plan = plain(&judgement);
    for id in ["roles/Boss", "users/ann", "users/bob", "applications//a"] {
        assert_eq!(kinds(step(&plan, id)), [RiskKind::GrantsAdministration], "{id}");
        let stands = step(&plan, id).standing;
        assert!(matches!(stands, Standing::Approval | Standing::Waits), "{id}: {stands:?}");
    }
    assert_eq!(step(&plan, "users/cy").standing, Standing::Ready);
    // Each by its own name, and what rests on one that is not taken waits.
    let approve = vec!["applications//a".to_owned(), "users/ann".to_owned()];
    let choice = Choice { approve, ..Choice::default() };
    let plan = planned(&judgement, &Wishes::default(), &choice);
    assert_eq!(step(&plan, "users/ann").standing, Standing::Ready);
    assert_eq!(step(&plan, "applications//a").standing, Standing::Waits);
    assert_eq!(step(&plan, "users/bob").standing, Standing::Approval);
    let signed = Choice { signed: true, ..Choice::default() };
    let plan = planned(&judgement, &Wishes::default(), &signed);
    assert!(plan.steps.iter().all(|step| step.standing == Standing::Ready));
}

#[test]
fn doors_accounts_and_code_are_gates() {
    let judgement = sides(
        json!({
            "resources": [{ "name": "Desk", "publicPermission": "RU" }],
            "applications": [
                { "name": "/new", "enabled": true },
                { "name": "/old", "authenticationMethods": ["Password", "Unauthenticated"] },
                { "name": "/shut", "enabled": true, "authenticationMethods": ["Password"] } ],
            "services": [{ "name": "%Service_X", "enabled": true }],
            "users": [{ "name": "ann", "enabled": true }],
            "namespaces": [{ "name": "NS", "globals": "DB" }], "databases": [{ "name": "DB" }],
            "tasks": [{ "name": "T", "namespace": "NS", "taskClass": "%SYS.Task.RunLegacyTask",
                "settings": { "ExecuteCode": "kill ^X" } }],
        }),
        json!({
            "resources": [{ "name": "Desk", "publicPermission": "R" }],
            "applications": [
                { "name": "/old", "authenticationMethods": ["Password"] },
                { "name": "/shut", "enabled": false, "authenticationMethods": ["Password"] } ],
            "services": [{ "name": "%Service_X", "enabled": false }],
            "users": [{ "name": "ann", "enabled": false }],
            "namespaces": [{ "name": "NS", "globals": "DB" }], "databases": [{ "name": "DB" }],
        }),
    );
    let plan = plain(&judgement);
    for (id, kind) in [
        ("resources/Desk", RiskKind::OpensToAnybody),
        ("applications//new", RiskKind::OpensToAnybody),
        ("applications//old", RiskKind::OpensToAnybody),
        ("applications//shut", RiskKind::OpensToAnybody),
        ("services/%Service_X", RiskKind::OpensToAnybody),
        ("users/ann", RiskKind::WakesAccount),
        ("tasks/NS/T/%SYS.Task.RunLegacyTask", RiskKind::RunsCode),
    ] {
        assert_eq!(kinds(step(&plan, id)), [kind], "{id}");
        assert_eq!(step(&plan, id).standing, Standing::Approval, "{id}");
    }
    // The code stands there in full.
    let task = step(&plan, "tasks/NS/T/%SYS.Task.RunLegacyTask");
    assert!(task.risks[0].text.contains("ExecuteCode=kill ^X"), "{}", task.risks[0].text);
    // An application always says how one logs in, also where the primary does not (H4.5).
    let new = step(&plan, "applications//new");
    assert!(new.properties.iter().any(|change| change.property == "authenticationMethods"));
}

#[test]
fn a_protection_that_falls_and_a_door_that_shuts_are_gates() {
    let common = json!({
        "databases": [{ "name": "DB" }], "namespaces": [{ "name": "NS", "globals": "DB" }],
        "resources": [{ "name": "Desk" }], "roles": [{ "name": "Clerk" }],
    });
    let with = |more: Value| {
        let mut side = common.clone();
        for (section, objects) in more.as_object().unwrap() {
            side[section] = objects.clone();
        }
        side
    };
    let application = |more: Value| {
        let mut one = json!({ "name": "/a", "authenticationMethods": ["Password"],
            "recordVersion": "3" });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "applications": [one] })
    };
    let user = |name: &str, more: Value| {
        let mut one = json!({ "name": name });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "users": [one] })
    };
    let task = |more: Value| {
        let mut one = json!({ "name": "T", "namespace": "NS", "taskClass": "X.Y" });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "tasks": [one] })
    };
    let service = |more: Value| {
        let mut one = json!({ "name": "%Service_X", "enabled": true,
            "authenticationMethods": ["Password", "OS"] });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "services": [one] })
    };
    for (primary, member, kind) in [
        (application(json!({})), application(json!({ "resource": "Desk" })), RiskKind::Weakens),
        (application(json!({ "csrfToken": false })), application(json!({})), RiskKind::Weakens),
        (application(json!({ "corsAllowlist": ["*"] })), application(json!({})), RiskKind::Weakens),
        (
            application(json!({ "authenticationMethods": ["Password", "Delegated"] })),
            application(json!({})),
            RiskKind::Weakens,
        ),
        (application(json!({ "dispatchClass": "X" })), application(json!({})), RiskKind::RunsCode),
        (
            user("UnknownUser", json!({ "roles": ["Clerk"] })),
            user("UnknownUser", json!({})),
            RiskKind::OpensToAnybody,
        ),
        (
            user("ann", json!({})),
            user("ann", json!({ "expirationDate": "2024-01-01" })),
            RiskKind::WakesAccount,
        ),
        (user("ann", json!({ "startRoutine": "^X" })), user("ann", json!({})), RiskKind::RunsCode),
        (user("ann", json!({ "enabled": false })), user("ann", json!({})), RiskKind::LocksOut),
        (
            user("ann", json!({ "roles": [] })),
            user("ann", json!({ "roles": ["%All"] })),
            RiskKind::LocksOut,
        ),
        (task(json!({ "mirrorStatus": "any" })), task(json!({})), RiskKind::RunsCode),
        (task(json!({})), task(json!({ "suspended": 1 })), RiskKind::RunsCode),
        (
            service(json!({ "authenticationMethods": ["OS"] })),
            service(json!({})),
            RiskKind::LocksOut,
        ),
        (service(json!({ "enabled": false })), service(json!({})), RiskKind::LocksOut),
        (service(json!({})), service(json!({ "twoFactorEnabled": true })), RiskKind::Weakens),
    ] {
        let plan = plain(&sides(with(primary), with(member)));
        assert_eq!(plan.steps.len(), 1, "{:?}", plan.steps);
        assert_eq!(kinds(&plan.steps[0]), [kind], "{:?}", plan.steps[0].properties);
        assert_eq!(plan.steps[0].standing, Standing::Approval);
    }
    // What the mirror or the repair itself comes in through is no step at all.
    let mirror =
        |on: bool| with(json!({ "services": [{ "name": "%Service_Mirror", "enabled": on }] }));
    let plan = plain(&sides(mirror(false), mirror(true)));
    assert_eq!(plan.steps[0].standing, Standing::ByHand);
    let system = |to: &str| {
        with(json!({ "mappings": [{ "namespace": "%SYS", "kind": "Routine",
        "name": "ZSTART", "routineType": "", "database": to }] }))
    };
    assert!(
        plain(&sides(system("DB"), with(json!({}))))
            .steps
            .iter()
            .all(|one| one.standing != Standing::Ready)
    );
}

#[test]
fn a_task_that_cannot_be_set_whole_is_by_hand() {
    let task = |more: Value| {
        let mut one = json!({ "name": "T", "namespace": "NS", "taskClass": "X.Y" });
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "tasks": [one], "databases": [{ "name": "DB" }],
            "namespaces": [{ "name": "NS", "globals": "DB" }] })
    };
    for (primary, member) in [
        (json!({ "settings": { "A": "1" } }), json!({ "settings": { "A": "2", "B": "1" } })),
        (json!({ "settings": { "A": null } }), json!({ "settings": { "A": "2", "B": "1" } })),
        (json!({ "timePeriod": "run after", "runAfter": "?" }), json!({ "runAfter": "?" })),
        (json!({ "priority": "high" }), json!({})),
        (json!({ "suspended": 2 }), json!({})),
    ] {
        let plan = plain(&sides(task(primary), task(member)));
        assert_eq!(plan.steps[0].standing, Standing::ByHand, "{:?}", plan.steps[0]);
    }
    for more in [
        json!({ "settings": { "A": null } }),
        json!({ "priority": "low" }),
        json!({ "timePeriod": "run after", "runAfter": "?" }),
    ] {
        let mut nothing = task(json!({}));
        nothing["tasks"] = json!([]);
        let plan = plain(&sides(task(more), nothing));
        assert_eq!(plan.steps[0].standing, Standing::ByHand);
    }
}

#[test]
fn a_circle_is_by_hand_and_what_rests_on_it_waits() {
    let judgement = sides(
        json!({ "roles": [{ "name": "A", "grantedRoles": ["B"] }, { "name": "B", "grantedRoles": ["A"] },
            { "name": "C", "grantedRoles": ["A"] }], "users": [{ "name": "ann", "roles": ["C"] }] }),
        json!({}),
    );
    let plan = plain(&judgement);
    let standings: Vec<(&str, Standing)> =
        plan.steps.iter().map(|step| (step.id.as_str(), step.standing)).collect();
    assert_eq!(
        standings,
        [
            ("roles/A", Standing::ByHand),
            ("roles/B", Standing::ByHand),
            ("roles/C", Standing::Waits),
            ("users/ann", Standing::Waits)
        ]
    );
}

#[test]
fn what_a_person_must_do_is_left_to_a_person_and_what_rests_on_it_waits() {
    let judgement = sides(
        json!({
            "databases": [{ "name": "LAB" }, { "name": "PLAIN" }, { "name": "ENSLIB" }],
            "namespaces": [
                { "name": "LAB", "globals": "LAB" }, { "name": "TOOL", "globals": "PLAIN" },
                { "name": "FHIR", "globals": "PLAIN" } ],
            "mappings": [
                { "namespace": "FHIR", "kind": "Package", "name": "EnsLib", "routineType": "", "database": "ENSLIB" },
                { "namespace": "TOOL", "kind": "Global", "name": "G", "routineType": "", "database": "LAB" },
                { "namespace": "TOOL", "kind": "Global", "name": "H", "routineType": "", "database": "PLAIN" } ],
            "users": [{ "name": "ldap", "kind": ["LDAP", "Password"] }, { "name": "HS_Services" },
                { "name": "ann", "enabled": true }],
            "roles": [{ "name": "%Shipped" }], "tls": [{ "name": "Peer" }],
        }),
        json!({ "databases": [{ "name": "PLAIN" }, { "name": "ENSLIB" }] }),
    );
    let plan = plain(&judgement);
    for id in [
        "databases/LAB",
        "namespaces/FHIR",
        "users/ldap",
        "users/HS_Services",
        "roles/%Shipped",
        "tls/Peer",
    ] {
        assert_eq!(step(&plan, id).standing, Standing::ByHand, "{id}");
        assert!(step(&plan, id).notes[0].starts_with("By hand: "), "{id}");
    }
    for id in ["namespaces/LAB", "mappings/TOOL/Global/G", "mappings/FHIR/Package/EnsLib"] {
        assert_eq!(step(&plan, id).standing, Standing::Waits, "{id}");
    }
    assert_eq!(step(&plan, "namespaces/TOOL").standing, Standing::Ready);
    assert!(step(&plan, "namespaces/TOOL").lines[0].ends_with(",Interop=0"));
    // To the namespace's own database: nothing can be hidden, and a merge file does it.
    assert_eq!(step(&plan, "mappings/TOOL/Global/H").risks, []);
    assert_eq!(kinds(step(&plan, "mappings/TOOL/Global/G")), [RiskKind::MayHide]);
    // A user is made so that nobody gets in.
    let ann = step(&plan, "users/ann");
    let enabled = ann.properties.iter().find(|change| change.property == "enabled").unwrap();
    assert_eq!(enabled.after, Some(json!(false)));
    assert_eq!(ann.means, Means::Script);
}

#[test]
fn the_products_own_is_not_pushed_between_versions() {
    let service = |on: bool| json!([{ "name": "%Service_X", "enabled": on }]);
    let mut judgement =
        sides(json!({ "services": service(false) }), json!({ "services": service(true) }));
    assert_eq!(step(&plain(&judgement), "services/%Service_X").standing, Standing::Approval);
    // An unknown version is not the same one.
    for version in [None, Some("2023.1.0.1.0")] {
        judgement.member.member.as_mut().unwrap().version = version.map(Into::into);
        assert_eq!(step(&plain(&judgement), "services/%Service_X").standing, Standing::ByHand);
    }
}

#[test]
fn nothing_is_deleted_unless_its_finding_is_named() {
    let judgement = sides(
        json!({ "databases": [{ "name": "DB" }], "namespaces": [{ "name": "NS", "globals": "DB" }] }),
        json!({ "databases": [{ "name": "DB" }], "namespaces": [{ "name": "NS", "globals": "DB" }],
            "roles": [{ "name": "Extra" }, { "name": "Held" }],
            "users": [{ "name": "ann", "roles": ["Held"] }],
            "applications": [{ "name": "/x", "path": "/y" }],
            "mappings": [{ "namespace": "NS", "kind": "Global", "name": "G", "routineType": "", "database": "DB" }] }),
    );
    assert_eq!(plain(&judgement).steps, []);
    let ids =
        ["role-extra/Extra", "role-extra/Held", "user-extra/ann", "mapping-extra/NS/Global/G"];
    let open = judgement.findings.iter().find(|one| one.subject.name == "/x").unwrap().id();
    let delete: Vec<String> = ids.iter().map(|id| (*id).to_owned()).chain([open]).collect();
    let plan = planned(
        &judgement,
        &Wishes { delete: delete.clone(), ..Wishes::default() },
        &Choice::default(),
    );
    assert!(plan.steps.iter().all(|step| step.verb == Verb::Delete));
    assert_eq!(plan.deletions().into_iter().collect::<BTreeSet<_>>(), delete.into_iter().collect());
    for id in ["roles/Extra", "applications//x", "mappings/NS/Global/G"] {
        assert_eq!(step(&plan, id).standing, Standing::Ready, "{id}");
    }
    // What would take more with it than is known stays with a person.
    for id in ["roles/Held", "users/ann"] {
        assert_eq!(step(&plan, id).standing, Standing::ByHand, "{id}");
    }
    // What goes can be put back with all that is known of it, the member's own folder too.
    let application = step(&plan, "applications//x");
    assert!(application.properties.iter().any(|change| change.property == "path"));
}

#[test]
fn words_choose_by_section_object_finding_rule_and_step() {
    let roles = json!([{ "name": "A" }, { "name": "B", "grantedRoles": ["A"] }]);
    let judgement = sides(json!({ "roles": roles, "resources": [{ "name": "R" }] }), json!({}));
    let taken = |only: &[&str], skip: &[&str]| -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let choice = Choice { only: words(only), skip: words(skip), ..Choice::default() };
        let plan = planned(&judgement, &Wishes::default(), &choice);
        plan.ready().map(|step| step.id.clone()).collect()
    };
    assert_eq!(taken(&[], &[]), ["resources/R", "roles/A", "roles/B"]);
    assert_eq!(taken(&["resources"], &[]), ["resources/R"]);
    assert_eq!(taken(&["roles/a"], &[]), ["roles/A"]);
    assert_eq!(taken(&["role-missing/A"], &[]), ["roles/A"]);
    assert_eq!(taken(&["resource-missing"], &[]), ["resources/R"]);
    assert_eq!(taken(&["r"], &[]), ["resources/R"]);
    assert_eq!(taken(&[], &["resources", "tasks"]), ["roles/A", "roles/B"]);
    // B grants A, so without A it waits.
    assert_eq!(taken(&["B"], &[]), Vec::<String>::new());
    assert_eq!(taken(&[], &["A"]), ["resources/R"]);
    let mut plan = plain(&judgement);
    for (flag, choice) in [
        ("--only", Choice { only: vec!["nobody".to_owned()], ..Choice::default() }),
        ("--skip", Choice { skip: vec!["roles/C".to_owned()], ..Choice::default() }),
        ("--approve", Choice { approve: vec!["roles".to_owned()], ..Choice::default() }),
    ] {
        assert_eq!(plan.choose(&choice).unwrap_err().flag, flag);
    }
}

#[test]
fn what_moved_since_is_named() {
    let roles = |name: &str| json!({ "roles": [{ "name": name }], "resources": [{ "name": "R" }] });
    let then = sides(roles("A"), json!({ "resources": [{ "name": "R" }] }));
    let plan = plain(&then);
    let now = |judgement: &Judgement| {
        let (primary, member) = (digests(&judgement.primary), digests(&judgement.member));
        plan::moved(&plan, [&primary, &member], &judgement.member)
    };
    assert_eq!(now(&then), Vec::<String>::new());
    let member =
        sides(roles("A"), json!({ "resources": [{ "name": "R", "publicPermission": "R" }] }));
    assert_eq!(now(&member), ["resources of B/IRIS"]);
    let done = sides(roles("A"), roles("A"));
    assert_eq!(now(&done), ["roles of B/IRIS", "what step roles/A found before it"]);
    let primary = sides(roles("B"), json!({ "resources": [{ "name": "R" }] }));
    assert_eq!(now(&primary), ["roles of A/IRIS"]);
}

#[test]
fn a_check_tells_done_from_not_done_from_otherwise() {
    let user = |roles: &[&str]| {
        json!({ "roles": [{ "name": "A" }, { "name": "B" }],
        "users": [{ "name": "ann", "roles": roles }] })
    };
    let plan = plain(&sides(user(&["A"]), user(&["B"])));
    let state = |roles: &[&str]| {
        let judgement = sides(user(roles), user(roles));
        plan::state(&plan.steps, &judgement.member)
    };
    assert_eq!(state(&["a"]), [State::Done]);
    assert_eq!(state(&["B"]), [State::Before]);
    assert_eq!(state(&["A", "B"]), [State::Other(vec!["roles".to_owned()])]);
    let gone = sides(json!({}), json!({}));
    assert!(matches!(plan::state(&plan.steps, &gone.member)[..], [State::Other(_)]));
    let mut unknown = gone.member;
    unknown.users.extent = hsmirror::model::Extent::NotGathered;
    assert_eq!(plan::state(&plan.steps, &unknown), [State::Unknown]);
}

#[test]
fn a_wrong_pair_has_no_plan() {
    let [primary, _] = pair(3);
    let judgement = judged([primary.clone(), primary]);
    assert_eq!(plan::wrong_pair(&judgement).unwrap().rule.id, "same-member");
    assert!(plan::wrong_pair(&judged(pair(3))).is_none());
    let mut chance = Chance(5);
    let _ = edited(&hospital(&mut chance), &mut chance);
}

/// The page names what the schema names, word by word.
#[test]
fn the_page_has_every_risk() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/plan.md")).unwrap();
    let schema = std::fs::read_to_string(root.join("schema/plan.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let kinds = schema["$defs"]["RiskKind"]["oneOf"].as_array().unwrap();
    assert!(kinds.len() > 5);
    for kind in kinds {
        let word = kind["const"].as_str().unwrap();
        assert!(
            page.contains(&format!("| {word} |")) || page.contains(&format!("`{word}`")),
            "{word}"
        );
    }
}
