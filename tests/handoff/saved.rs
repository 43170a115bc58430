//! A plan that was saved, and is taken up again.
//!
//! Proves that it holds only for the two states and the flags that it was made from, and that it opens a
//! gate or takes something away only where somebody who may said so.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::{EXTRA, GATED, GATES, Place, lacks, standing, text};

#[test]
fn a_sealed_plan_is_looked_at() {
    let place = Place::new();
    place.signs("meg", 1);
    place.save("B.age", &[]);
    let seen = text(&place.ends(&["inspect", "B.age", "-i", "id"], 0).stdout);
    for words in ["plan, format 1.0", "of plan.json", "every digest matches", "ELM-B/IRIS"] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    let report = |more: &[&str]| {
        text(&place.ends(&[&["report", "B.age", "-i", "id"], more].concat(), 0).stdout)
    };
    let made = text(&place.apply(&[], 21).stdout);
    assert_eq!(report(&[]), made);
    let made: Value =
        serde_json::from_slice(&place.apply(&["--format", "json"], 21).stdout).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&report(&["--format", "json"])).unwrap(), made);
    // A plan is no side, and a side is no plan.
    place.says(&["compare", "B.age", "backup", "-i", "id"], 64);
    place.says(&["apply", "primary", "B.age", "-i", "id"], 64);
    assert!(place.take_up("primary", &[], 64).contains("holds no plan"));
    place.ends(&["apply", "primary", "backup", "--plan", "B.age"], 10);
    place.ends(&["apply", "primary", "backup", "--plan", "nowhere"], 66);
    // No file is replaced unless it was said.
    let flags = ["--save-plan", "B.age", "-r", &place.recipient];
    place.apply(&flags, 73);
    place.apply(&[&flags[..], &["--force"]].concat(), 21);
}

#[test]
fn stock_tools_open_a_sealed_plan_and_it_satisfies_its_schema() {
    let place = Place::new();
    place.signs("meg", 1);
    place.save("B.age", &[]);
    let schema = place.ends(&["schema", "plan"], 0).stdout;
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let shown: Value =
        serde_json::from_slice(&place.apply(&["--format", "json"], 21).stdout).unwrap();
    let fits = |plan: &Value| {
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(plan).map(|one| one.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    };
    fits(&shown);
    if lacks(&["bash", "age", "tar", "zstd", "sha256sum", "ssh-keygen"]) {
        return;
    }
    let script = "mkdir in && age -d -i id B.age | zstd -d | tar -x -C in && cd in \
                  && sha256sum -c SHA256SUMS \
                  && ssh-keygen -Y verify -f ../meg.list -I meg -n hsmirror -s SHA256SUMS.sig \
                  < SHA256SUMS";
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", script]).current_dir(place.path("."));
    let ran = shell.output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    assert_eq!(place.names("in"), ["SHA256SUMS", "SHA256SUMS.sig", "manifest.json", "plan.json"]);
    let plan = place.plan("in/plan.json");
    fits(&plan);
    assert_eq!(plan, shown);
    // The plan of the hand-off is the same file.
    place.hand("D", &[], 21);
    let [one, other] =
        ["D/plan.json", "in/plan.json"].map(|path| fs::read(place.path(path)).unwrap());
    assert!(one == other);
}

#[test]
fn a_signature_of_one_who_may_opens_the_gates_and_nothing_else_does() {
    let place = Place::of_files();
    place.signs("meg", 1);
    place.signs("other", 2);
    place.save("B.age", &[]);
    let held = |folder: &str| {
        for (gate, object) in GATES {
            assert_eq!(standing(&place.plan(&format!("{folder}/plan.json")), gate), "approval");
            for (name, text) in place.files(folder) {
                let told = name == "CHECKLIST.md" || name == "plan.json";
                assert!(told || !text.contains(object), "{folder}/{name} names {object}");
            }
        }
    };
    let to = |folder: &'static str| ["--handoff", folder, "-r", place.recipient.as_str()];
    let with = |more: &[&'static str], folder: &'static str| -> Vec<String> {
        more.iter().copied().chain(to(folder)).map(str::to_owned).collect()
    };
    let take = |bundle: &str, flags: Vec<String>, code: i32| {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        place.take_up(bundle, &flags, code)
    };
    take("B.age", with(&[], "unasked"), 21);
    held("unasked");
    take("B.age", with(&["--allowed-signers", "meg.list"], "allowed"), 21);
    let allowed = place.files("allowed");
    for (gate, object) in GATES {
        assert_eq!(standing(&place.plan("allowed/plan.json"), gate), "ready");
        let does = ["merge.cpf", "apply.script"].map(|name| allowed[name].contains(object));
        assert!(does.contains(&true), "{object}");
    }
    let said = take("B.age", with(&["--allowed-signers", "other.list"], "refused"), 12);
    assert!(said.contains("not in the list"), "{said}");
    assert!(!place.path("refused").exists());
    // Who may speak for the primary may not approve what is done on the member.
    let line = fs::read_to_string(place.path("meg.list")).unwrap();
    fs::write(place.path("a.list"), line.replacen("meg", "meg,member:ELM-A/IRIS", 1)).unwrap();
    take("B.age", with(&["--allowed-signers", "a.list"], "refused"), 12);
    // An unsigned plan approves nothing, whatever it says of itself.
    place.apply(&["--save-plan", "U.age", "-r", &place.recipient, "--approve", GATED], 21);
    take("U.age", with(&["--allowed-signers", "meg.list"], "refused"), 12);
    take("U.age", with(&["--allowed-signers", "meg.list", "--accept-unsigned"], "unsigned"), 21);
    held("unsigned");
    take("allowed/plan.json", with(&["--allowed-signers", "meg.list"], "plain"), 21);
    held("plain");
    // Its own name does, for itself.
    take("U.age", with(&["--approve", GATED], "one"), 21);
    let stands = GATES.map(|(gate, _)| standing(&place.plan("one/plan.json"), gate).to_owned());
    assert_eq!(stands, ["approval", "ready", "approval"]);
    let approve: Vec<&str> = GATES.iter().flat_map(|(gate, _)| ["--approve", *gate]).collect();
    take("U.age", with(&approve, "named"), 21);
    assert_eq!(place.files("named"), allowed);
    place.hand("fresh", &approve, 21);
    assert_eq!(place.files("fresh"), allowed);
}

#[test]
fn a_plan_holds_only_for_what_it_was_made_from() {
    let place = Place::of_files();
    place.signs("meg", 1);
    place.save("B.age", &[]);
    let refused = |words: &[&str], more: &[&str]| {
        let said = place.take_up(
            "B.age",
            &[&["--handoff", "D", "-r", &place.recipient], more].concat(),
            15,
        );
        for words in words {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert!(!place.path("D").exists());
    };
    // When a file was made counts for nothing, its content does.
    let file = fs::File::options().append(true).open(place.path("backup/iris.cpf")).unwrap();
    file.set_modified(std::time::SystemTime::now() - Duration::from_secs(9000)).unwrap();
    place.take_up("B.age", &[], 21);
    for (file, words) in [
        ("backup/SecurityExport.xml", "users of ELM-B/IRIS"),
        ("primary/SecurityExport.xml", "users of ELM-A/IRIS"),
    ] {
        let kept = fs::read(place.path(file)).unwrap();
        place.edit(file, "Miriam Okafor", "Miriam Okafor-Li");
        refused(&["does not hold any more", words], &[]);
        fs::write(place.path(file), kept).unwrap();
    }
    let kept = fs::read(place.path("backup/TaskExport.xml")).unwrap();
    fs::remove_file(place.path("backup/TaskExport.xml")).unwrap();
    refused(&["tasks of ELM-B/IRIS"], &[]);
    fs::write(place.path("backup/TaskExport.xml"), kept).unwrap();
    place.take_up("B.age", &[], 21);

    let waivers = "formatVersion = \"1.0\"\n[[waiver]]\nrule = \"role-different\"\n\
                   name = \"ELM_Interface\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2099-01-31\n";
    fs::write(place.path("waivers.toml"), waivers).unwrap();
    refused(&["is not the plan that these two give", "waivers"], &["--waivers", "waivers.toml"]);
    place.save("W.age", &["--waivers", "waivers.toml"]);
    place.take_up("W.age", &[], 15);
    place.take_up("W.age", &["--waivers", "waivers.toml"], 21);

    for sides in [["backup", "primary"], ["ready-primary", "ready-backup"], ["primary", "primary"]]
    {
        let args = ["apply", sides[0], sides[1], "-i", "id", "--plan", "B.age"];
        place.ends(&args, 15);
    }
    let said = place.says(&["apply", "--check", "B.age", "ready-primary", "-i", "id"], 15);
    assert!(said.contains("for ELM-B/IRIS") && said.contains("is ELM-A/IRIS"), "{said}");
}

#[test]
fn the_step_that_departs_is_the_one_that_is_named() {
    let place = Place::new();
    place.signs("meg", 1);
    place.save("B.age", &[]);
    let waivers = "formatVersion = \"1.0\"\n[[waiver]]\nrule = \"role-different\"\n\
                   name = \"ELM_Interface\"\nowner = \"o\"\nreason = \"r\"\nexpires = 2099-01-31\n";
    fs::write(place.path("waivers.toml"), waivers).unwrap();
    let said = place.take_up("B.age", &["--waivers", "waivers.toml"], 15);
    assert!(said.contains("roles/ELM_Interface"), "{said}");
}

#[test]
fn what_was_left_out_stays_left_out() {
    let place = Place::of_files();
    place.signs("meg", 1);
    place.save("B.age", &["--skip", "tasks", "--skip", "users/svc_elmlab"]);
    let flags = ["--handoff", "D", "-r", &place.recipient, "--allowed-signers", "meg.list"];
    place.take_up("B.age", &flags, 21);
    let plan = place.plan("D/plan.json");
    assert_eq!(standing(&plan, "users/svc_elmlab"), "left-out");
    assert_eq!(
        standing(&plan, "tasks/ELMHUB/Elm Journal Offload/Elm.Task.JournalOffload"),
        "left-out"
    );
    assert!(!place.files("D")["apply.script"].contains("svc_elmlab"));
}

#[test]
fn a_saved_plan_takes_away_what_somebody_who_may_said() {
    let place = Place::of_files();
    place.signs("meg", 1);
    place.signs("other", 2);
    place.save("B.age", &[]);
    place.save("X.age", &["--delete", EXTRA]);
    let flags = ["--save-plan", "U.age", "-r", &place.recipient, "--delete", EXTRA];
    place.apply(&flags, 21);
    let take = |bundle: &str, folder: &str, more: &[&str], code: i32| {
        let to = ["--handoff", folder, "-r", &place.recipient];
        let said = place.take_up(bundle, &[&to, more].concat(), code);
        assert_eq!(place.path(folder).exists(), code == 21);
        if code == 21 {
            assert_eq!(standing(&place.plan(&format!("{folder}/plan.json")), ROLE), "ready");
            assert!(place.files(folder)["apply.script"].contains("\"ELM_LoadTest\""));
        }
        said
    };
    const ROLE: &str = "roles/ELM_LoadTest";
    let by = |list: &'static str| ["--allowed-signers", list];
    take("X.age", "signed", &by("meg.list"), 21);
    take("X.age", "named", &["--delete", EXTRA], 21);
    take("U.age", "unsigned", &["--delete", EXTRA], 21);
    // Signed by one whom no list was asked about, by one who is in none, or not at all.
    assert!(take("X.age", "no", &[], 15).contains(ROLE));
    take("X.age", "no", &by("other.list"), 12);
    let unsigned = [&by("meg.list")[..], &["--accept-unsigned"]].concat();
    assert!(take("U.age", "no", &unsigned, 15).contains("--delete"));
    assert!(take("signed/plan.json", "no", &by("meg.list"), 15).contains(ROLE));
    // What it does not take away makes another plan of it.
    for more in [&[][..], &by("meg.list")] {
        let more = [&["--delete", EXTRA], more].concat();
        assert!(take("B.age", "no", &more, 15).contains(ROLE));
    }
}

#[test]
fn an_edited_plan_takes_nothing_away() {
    let place = Place::new();
    place.hand("plain", &[], 21);
    place.hand("deleting", &["--delete", EXTRA], 21);
    // Steps as an editor who knows the program puts them.
    let (mut plan, more) = (place.plan("plain/plan.json"), place.plan("deleting/plan.json"));
    plan["steps"] = more["steps"].clone();
    fs::write(place.path("edited.json"), plan.to_string()).unwrap();
    place.take_up("edited.json", &["--handoff", "D", "-r", &place.recipient], 15);
}

#[test]
fn an_edited_plan_gains_no_step_and_loses_no_risk() {
    let place = Place::new();
    place.hand("D", &[], 21);
    let plan = place.plan("D/plan.json");
    let at = |id: &str| {
        plan["steps"].as_array().unwrap().iter().position(|step| step["id"] == id).unwrap()
    };
    let (gated, role) = (at(GATED), at("roles/ELM_Interface"));
    type Edit<'a> = &'a dyn Fn(&mut Value);
    let edits: [(&str, Edit<'_>); 5] = [
        (GATED, &|plan| plan["steps"][gated]["risks"] = serde_json::json!([])),
        ("roles/ELM_Interface", &|plan| {
            plan["steps"][role]["lines"] = serde_json::json!(["CreateUser:Name=eve,Roles=%All"]);
        }),
        ("roles/ELM_Interface", &|plan| {
            plan["steps"][role]["properties"][0]["after"] =
                serde_json::json!([{ "resource": "%Admin_Manage", "permission": "U" }]);
        }),
        ("", &|plan| {
            let mut step = plan["steps"][role].clone();
            step["id"] = "roles/Extra".into();
            plan["steps"].as_array_mut().unwrap().push(step);
        }),
        ("", &|plan| drop(plan["steps"].as_array_mut().unwrap().remove(role))),
    ];
    for (named, edit) in edits {
        let mut edited = plan.clone();
        edit(&mut edited);
        fs::write(place.path("edited.json"), edited.to_string()).unwrap();
        let said = place.take_up("edited.json", &[], 15);
        assert!(said.contains(named), "{named}: {said}");
    }
    // Where a step stands is nobody's word but the command line's.
    let mut edited = plan;
    edited["steps"][gated]["standing"] = "ready".into();
    fs::write(place.path("edited.json"), edited.to_string()).unwrap();
    place.take_up("edited.json", &["--handoff", "E", "-r", &place.recipient], 21);
    assert_eq!(standing(&place.plan("E/plan.json"), GATED), "approval");
    // What is cut short is no plan.
    let whole = fs::read(place.path("D/plan.json")).unwrap();
    for end in [0, 1, 30, whole.len() / 2, whole.len() - 2] {
        fs::write(place.path("cut.json"), &whole[..end]).unwrap();
        let ran = place.command(&["apply", "P.age", "M.age", "--plan", "cut.json"]).output();
        let code = ran.unwrap().status.code();
        assert!(matches!(code, Some(64 | 65)), "{end}: {code:?}");
    }
}

#[test]
fn flags_that_a_plan_was_made_with_are_told() {
    let place = Place::of_files();
    for flag in ["--task-settings", "--personal-data"] {
        let to = ["--save-plan", "B.age", "-r", &place.recipient, "--force", flag];
        let said = text(&place.apply(&to, 21).stderr);
        assert!(said.lines().any(|line| line.contains("next:") && line.contains(flag)), "{said}");
        let said = place.take_up("B.age", &[], 15);
        assert!(said.contains("was made with") && said.contains(flag), "{said}");
        place.take_up("B.age", &[flag], 21);
    }
    place.apply(&["--save-plan", "C.age", "-r", &place.recipient], 21);
    let said = place.take_up("C.age", &["--task-settings"], 15);
    assert!(said.contains("was made without --task-settings"), "{said}");
}
