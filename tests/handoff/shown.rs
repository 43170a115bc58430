//! A plan as it is shown, and what a check says of it.
//!
//! Proves that what was not compared is told, that what opens a door or runs code is a gate, and that a
//! check tells of each step whether it took effect.

use std::fs;

use serde_json::Value;

use crate::{EXTRA, GATED, Place, copied, made_up, made_up_plan, text};

#[test]
fn a_plan_is_shown_and_nothing_is_written() {
    let place = Place::new();
    let before = place.names(".");
    let shown = place.apply(&[], 21);
    let shown = [text(&shown.stdout), text(&shown.stderr)].concat();
    for words in [
        "PLAN for ELM-B/IRIS from ELM-A/IRIS: 33 steps",
        GATED,
        "NEEDS APPROVAL",
        "nothing was done",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    for target in [["--handoff", "D"], ["--save-plan", "B.age"]] {
        let dry = |more: &[&str], code: i32| {
            text(&place.apply(&[&["--dry-run"], &target[..], more].concat(), code).stderr)
        };
        let said = dry(&["-r", &place.recipient], 21);
        assert!(said.contains("nothing was written"), "{said}");
        assert!(!said.contains("nothing was done") && !said.contains("next:"), "{said}");
        // What would be wrong with it is told without doing it, too.
        assert!(dry(&[], 64).contains("-r RECIPIENT"));
    }
    place.hand("primary", &["--dry-run"], 73);
    assert_eq!(place.names("."), before);
    let done = place.ends(&["apply", "ready-primary", "ready-backup"], 0);
    assert!(text(&done.stdout).contains("there is nothing to do"), "{}", text(&done.stdout));
    assert!(done.stderr.is_empty(), "{}", text(&done.stderr));
}

#[test]
fn the_table_keeps_its_width() {
    let place = Place::new();
    for more in [&[][..], &["-v"], &["-q"], &["--delete", EXTRA, "-v"]] {
        let shown = text(&place.apply(more, 21).stdout);
        for line in shown.lines() {
            assert!(line.chars().count() <= 80, "{more:?}: {line}");
            assert_eq!(line.trim_end(), line, "{more:?}: blanks at the end of '{line}'");
        }
    }
}

/// A member on which everything was done, and nothing else: an account that was made is disabled.
fn done(place: &Place) {
    copied(&place.path("ready-backup"), &place.path("done"));
    let file = place.path("done/SecurityExport.xml");
    let export = fs::read_to_string(&file).unwrap();
    let at = export.find("<Name>svc_elmlab</Name>").unwrap();
    let start = export[..at].rfind("<Enabled>true</Enabled>").unwrap();
    let (before, after) = export.split_at(start);
    let export = format!("{before}{}", after.replacen("true", "false", 1));
    fs::write(file, export).unwrap();
}

#[test]
fn a_check_tells_what_took_effect() {
    let place = Place::new();
    place.signs("meg", 1);
    place.save("B.age", &[]);
    place.hand("D", &[], 21);
    done(&place);
    for plan in ["B.age", "D/plan.json"] {
        let check = |member: &str, code: i32| {
            text(&place.ends(&["apply", "--check", plan, member, "-i", "id"], code).stdout)
        };
        assert!(check("backup", 21).contains("0 of 33 steps have taken effect"));
        let seen = check("done", 0);
        assert!(seen.contains("33 of 33 steps have taken effect"), "{seen}");
    }
    let args = ["apply", "--check", "D/plan.json", "done", "--format", "json"];
    let seen: Value = serde_json::from_slice(&place.ends(&args, 0).stdout).unwrap();
    assert_eq!(seen["done"], 33);
    // What was not gathered is not known, and a step that is not known is not done.
    fs::remove_file(place.path("done/TaskExport.xml")).unwrap();
    let seen = place.ends(&["apply", "--check", "D/plan.json", "done"], 21);
    assert!(text(&seen.stdout).contains("unknown"), "{}", text(&seen.stdout));
    place.ends(&["apply", "--check", "D/plan.json"], 64);
    place.ends(&["apply", "--check", "D/plan.json", "primary", "backup"], 64);
    place.ends(&["apply", "--check", "D/plan.json", "backup", "--dry-run"], 64);
    place.ends(&["apply", "--check", "primary", "backup"], 64);
}

#[test]
fn a_check_is_content_once_the_checklist_was_followed() {
    let place = Place::new();
    place.hand("D", &[], 21);
    assert!(place.files("D")["CHECKLIST.md"].contains("Give it one, then enable it"));
    place.ends(&["apply", "--check", "D/plan.json", "ready-backup"], 0);
}

#[test]
fn json_is_the_plan_and_complaints_are_json() {
    let place = Place::new();
    let ran = place.hand("D", &["--format", "json"], 21);
    let plan: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(plan, place.plan("D/plan.json"));
    for line in text(&ran.stderr).lines() {
        let note: Value = serde_json::from_str(line).unwrap();
        assert!(note["note"].is_string(), "{line}");
    }
    for (args, code, kind) in [
        (&["apply", "primary", "backup", "--only", "nothing"][..], 64, "usage"),
        (&["apply", "backup", "primary"], 15, "refused"),
        (&["apply", "backup", "primary", "--plan", "D/plan.json"], 15, "refused"),
        (&["apply", "--check", "D/plan.json", "primary"], 15, "refused"),
        (&["apply", "primary", "backup", "--handoff", "D", "-r", &place.recipient], 73, "exists"),
    ] {
        let ran = place.ends(&[args, &["--format", "json"]].concat(), code);
        assert!(ran.stdout.is_empty(), "{}", text(&ran.stdout));
        let error: Value = serde_json::from_slice(&ran.stderr).unwrap();
        assert_eq!(
            (&error["error"]["kind"], &error["error"]["exitCode"]),
            (&kind.into(), &code.into())
        );
    }
}

#[test]
fn what_was_not_compared_is_not_nothing_to_do() {
    let place = Place::of_files();
    fs::remove_file(place.path("ready-backup/SecurityExport.xml")).unwrap();
    place.ends(&["compare", "ready-primary", "ready-backup"], 3);
    let seen = text(&place.ends(&["apply", "ready-primary", "ready-backup"], 3).stdout);
    assert!(
        !seen.contains("there is nothing to do") && seen.contains("not everything was compared"),
        "{seen}"
    );
    // Where there is something to do, the checklist says so.
    fs::remove_file(place.path("backup/TaskExport.xml")).unwrap();
    place.hand("D", &[], 21);
    let list = &place.files("D")["CHECKLIST.md"];
    assert!(list.contains("- **Not compared**, so not planned: tasks\n"), "{list}");
}

#[test]
fn a_plan_that_goes_to_standard_output_is_whole() {
    let place = Place::new();
    for more in [&[][..], &["-q"], &["--format", "json"]] {
        let flags = ["--save-plan", "-", "-r", &place.recipient];
        let ran = place.apply(&[&flags[..], more].concat(), 21);
        fs::write(place.path("B.age"), ran.stdout).unwrap();
        place.ends(&["inspect", "B.age", "-i", "id"], 0);
    }
}

#[test]
fn what_opens_a_door_or_runs_code_is_a_gate() {
    let place = Place::new();
    let with = |section: &str, common: Value, more: Value| {
        let mut object = common;
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::json!({ section: [object], "resources": [{ "name": "Desk" }] })
    };
    let application = serde_json::json!({ "name": "/a", "authenticationMethods": ["Password"],
        "namespace": "NS" });
    let task = serde_json::json!({ "name": "T", "namespace": "NS", "taskClass": "My.Task" });
    let user = serde_json::json!({ "name": "ann", "enabled": true });
    let mut taken = Vec::new();
    for (what, section, common, primary, member) in [
        ("no resource any more", "applications", &application, "{}", r#"{"resource":"Desk"}"#),
        (
            "other code",
            "applications",
            &application,
            r#"{"dispatchClass":"New"}"#,
            r#"{"dispatchClass":"Old"}"#,
        ),
        ("a task that was held", "tasks", &task, r#"{"suspended":0}"#, r#"{"suspended":1}"#),
        ("an account that had expired", "users", &user, "{}", r#"{"expirationDate":"2020-01-01"}"#),
        (
            "a routine at login",
            "users",
            &user,
            r#"{"startRoutine":"X","startNamespace":"NS"}"#,
            r#"{"startNamespace":"NS"}"#,
        ),
    ] {
        let [primary, member] = [primary, member]
            .map(|more| with(section, common.clone(), serde_json::from_str(more).unwrap()));
        made_up(&place, &primary, &member);
        let plan = made_up_plan(&place, &["--task-settings"]);
        if plan["steps"][0]["standing"] == "ready" {
            taken.push(what);
        }
    }
    assert_eq!(taken, [""; 0]);
}

#[test]
fn what_rests_on_a_circle_is_not_in_it() {
    let place = Place::new();
    let role =
        |name: &str, grants: &str| serde_json::json!({ "name": name, "grantedRoles": [grants] });
    let primary = serde_json::json!({ "roles": [role("A", "B"), role("B", "A"), role("C", "A")],
        "users": [{ "name": "ann", "roles": ["C"] }] });
    made_up(&place, &primary, &serde_json::json!({}));
    let plan = made_up_plan(&place, &[]);
    for step in plan["steps"].as_array().unwrap() {
        let circle = step["notes"].to_string().contains("name each other");
        let is_in = ["roles/A", "roles/B"].contains(&step["id"].as_str().unwrap());
        assert_eq!(circle, is_in, "{}", step["id"]);
    }
}
