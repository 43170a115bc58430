//! The words and flags of the command line about plans.
//!
//! Proves that each word names what it means or is told, and that flags of two stories are told.

use serde_json::Value;

use crate::{EXTRA, GATED, GATES, Place, made_up, made_up_plan, standing, text};

#[test]
fn words_name_steps_or_are_told() {
    let place = Place::new();
    let plan = |more: &[&str], code: i32| -> Value {
        let ran = place.apply(&[&["--format", "json"], more].concat(), code);
        serde_json::from_slice(&ran.stdout).unwrap()
    };
    let stands = |more: &[&str], standing: &str| -> Vec<String> {
        let plan = plan(more, 21);
        let steps = plan["steps"].as_array().unwrap().iter();
        let steps = steps.filter(|step| step["standing"] == standing);
        steps.map(|step| step["id"].as_str().unwrap().to_owned()).collect()
    };
    for word in [
        "services",
        "%service_bindings",
        "service-open",
        "service-open/%Service_Bindings",
        "services/%Service_Bindings",
    ] {
        let service = "services/%Service_Bindings";
        assert_eq!(stands(&["--only", word, "--approve", service], "ready"), [service], "{word}");
        assert_eq!(stands(&["--skip", word], "left-out"), [service], "{word}");
    }
    assert_eq!(stands(&["--only", "services"], "approval"), ["services/%Service_Bindings"]);
    // A section that nothing is to be done about is a word, too.
    assert_eq!(stands(&["--skip", "tls"], "left-out"), [""; 0]);
    assert_eq!(stands(&["--only", "users"], "waits"), ["users/mokafor", "users/svc_elmlab"]);
    assert_eq!(stands(&["--approve", GATED], "approval"), [GATES[0].0, GATES[2].0]);
    let with = plan(&["--delete", EXTRA], 21);
    assert_eq!(standing(&with, "roles/ELM_LoadTest"), "ready");
    for (flag, word) in [
        ("--only", "no'thing"),
        ("--skip", "nothing"),
        ("--approve", "applications"),
        ("--approve", "nothing"),
        ("--approve", "services/%service_bindings"),
        ("--delete", "nothing"),
        ("--delete", "roles/ELM_LoadTest"),
        ("--delete", "role-missing/ELM_LabInterface"),
        ("--only", ""),
    ] {
        let said = text(&place.hand("D", &[flag, word], 64).stderr);
        assert!(said.contains(&format!("{flag} {word}")), "{said}");
        assert!(!place.path("D").exists());
    }
}

#[test]
fn flags_of_two_stories_are_told() {
    let place = Place::new();
    place.hand("D", &[], 21);
    let r = place.recipient.as_str();
    for args in [
        &["--status", "--hssys-dir", "x", "--handoff", "E"][..],
        &["--status", "--hssys-dir", "x", "--format", "json"],
        &["--resume", "--hssys-dir", "x", "--only", "roles"],
        &["--revert", "--hssys-dir", "x", "-r", r],
        &["--status", "--hssys-dir", "x", "--check", "D/plan.json"],
        &["--hssys", "H.age", "--hssys-dir", "x", "primary", "backup", "--save-plan", "S.age"],
        &["--hssys", "H.age", "--hssys-dir", "x", "primary", "backup", "--plan", "D/plan.json"],
        &["primary", "backup", "--yes"],
        &["primary", "backup", "--hssys-dir", "x"],
        &["primary", "backup", "-r", r],
        &["primary", "backup", "--armor"],
        &["primary", "backup", "--plan", "D/plan.json", "--only", "roles"],
        &["primary", "backup", "--plan", "D/plan.json", "--delete", "role-missing/nobody"],
        &["primary", "backup", "--plan", "D/plan.json", "--save-plan", "S.age", "-r", r],
        &["primary", "backup", "--handoff", "E", "--save-plan", "S.age", "-r", r],
        &["--check", "D/plan.json", "backup", "--approve", GATED],
        &["--check", "D/plan.json", "backup", "--delete", EXTRA],
        &["--check", "D/plan.json", "backup", "-r", r],
        &["primary"],
        &[],
    ] {
        place.ends(&[&["apply"], args].concat(), 64);
    }
    assert!(!place.path("E").exists() && !place.path("S.age").exists());
}

#[test]
fn waivers_for_a_check_are_told() {
    let place = Place::new();
    place.hand("D", &[], 21);
    place.ends(&["apply", "--check", "D/plan.json", "backup", "--waivers", "nowhere.toml"], 64);
}

#[test]
fn standard_input_is_read_once() {
    let place = Place::new();
    for args in [
        &["apply", "-", "-"][..],
        &["apply", "--check", "-", "-"],
        &["apply", "--plan", "-", "primary", "-"],
        &["apply", "--plan", "-", "-", "backup"],
    ] {
        place.ends(args, 64);
    }
}

#[test]
fn a_name_that_is_said_opens_one_gate() {
    let place = Place::new();
    let task = |name: &str, class: &str| {
        serde_json::json!({ "name": name, "namespace": "NS", "taskClass": class,
            "settings": { "ExecuteCode": "do ^X" } })
    };
    for (tasks, approve) in [
        ([task("Purge", "My.Task"), task("PURGE", "My.Task")], "tasks/NS/Purge/My.Task"),
        ([task("a/b", "c"), task("a", "b/c")], "tasks/NS/a/b/c"),
    ] {
        made_up(&place, &serde_json::json!({ "tasks": tasks }), &serde_json::json!({}));
        let plan = made_up_plan(&place, &["--task-settings", "--approve", approve]);
        let steps = plan["steps"].as_array().unwrap().iter();
        let ready = steps.filter(|step| step["standing"] == "ready").count();
        assert!(ready < 2, "{approve} opens {ready}");
    }
}
