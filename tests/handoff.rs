//! A plan, as it is made, approved, handed off and checked.
//!
//! Runs the program as the administrator of the member does: a plan is shown, sealed and signed, taken up
//! again, turned into files, and asked whether it took effect. Proves that a plan holds only for the two
//! states that it was made from, that what is a gate is in no file unless somebody who may said so, and
//! that a hand-off is whole or not there and harms nothing that was there before. The files of the sample
//! pair stand in `handoff/golden`; `HSMIRROR_UPDATE=1 cargo test --test handoff` writes them anew.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use ssh_key::LineEnding;
use ssh_key::private::{Ed25519Keypair, PrivateKey};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hsmirror");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The step of the sample pair that is a gate.
const GATED: &str = "applications//elm/api/referrals";

/// Every file of the sample pair's hand-off.
const FILES: [&str; 8] = [
    "CHECKLIST.md",
    "apply.script",
    "merge.cpf",
    "plan.json",
    "restore-point.tar.zst.age",
    "undo.cpf",
    "undo.script",
    "verify.script",
];

/// A folder with copies of the samples, an identity and its recipient.
struct Place {
    folder: tempfile::TempDir,
    recipient: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for side in ["primary", "backup", "ready-primary", "ready-backup"] {
            copied(&Path::new(ROOT).join("samples").join(side), &folder.path().join(side));
        }
        let mut place = Self { folder, recipient: String::new() };
        place.recipient = text(&place.ends(&["keygen", "-o", "id"], 0).stdout).trim().to_owned();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs what must end with that code.
    fn ends(&self, args: &[&str], code: i32) -> Output {
        let ran = self.command(args).output().unwrap();
        let told = [&ran.stdout, &ran.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat();
        assert_eq!(ran.status.code(), Some(code), "{args:?}: {told}");
        ran
    }

    /// What it says on standard error where it must end with that code.
    fn says(&self, args: &[&str], code: i32) -> String {
        text(&self.ends(args, code).stderr)
    }

    /// Plans of the sample pair, with these flags.
    fn apply(&self, more: &[&str], code: i32) -> Output {
        self.ends(&[&["apply", "primary", "backup"], more].concat(), code)
    }

    /// A hand-off of the sample pair into a folder, with these flags.
    fn hand(&self, folder: &str, more: &[&str], code: i32) -> Output {
        let flags = ["--handoff", folder, "-r", &self.recipient];
        self.apply(&[&flags[..], more].concat(), code)
    }

    /// Seals and signs a plan of the sample pair.
    fn save(&self, bundle: &str, more: &[&str]) {
        let flags = ["--save-plan", bundle, "-r", &self.recipient, "--sign", "meg"];
        self.apply(&[&flags[..], more].concat(), 21);
    }

    /// Takes up a plan, with these flags.
    fn take_up(&self, bundle: &str, more: &[&str], code: i32) -> String {
        self.says(
            &[&["apply", "primary", "backup", "-i", "id", "--plan", bundle], more].concat(),
            code,
        )
    }

    /// Makes an SSH key and a list that allows it.
    fn signs(&self, name: &str, seed: u8) {
        let key = PrivateKey::from(Ed25519Keypair::from_seed(&[seed; 32]));
        fs::write(self.path(name), key.to_openssh(LineEnding::LF).unwrap().as_bytes()).unwrap();
        let line = key.public_key().to_openssh().unwrap();
        let line = format!("{name} namespaces=\"hsmirror\" {line}\n");
        fs::write(self.path(&format!("{name}.list")), line).unwrap();
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let before = fs::read_to_string(self.path(file)).unwrap();
        let after = before.replacen(from, to, 1);
        assert!(before != after, "{file} holds no {from}");
        fs::write(self.path(file), after).unwrap();
    }

    /// What lies in a folder, hidden files too.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The files of a hand-off, but for what is sealed, with the folder's place under another name.
    fn files(&self, folder: &str) -> BTreeMap<String, String> {
        let at = fs::canonicalize(self.path(folder)).unwrap();
        let at = at.to_str().unwrap();
        let names = self.names(folder).into_iter().filter(|name| !name.ends_with(".age"));
        let file = |name: String| {
            let text = fs::read_to_string(self.path(folder).join(&name)).unwrap();
            (name, text.replace(at, "/HANDOFF"))
        };
        names.map(file).collect()
    }

    fn plan(&self, file: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(file)).unwrap()).unwrap()
    }
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn lacks(tools: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |tool: &&str| std::env::split_paths(&path).any(|at| at.join(tool).is_file());
    let missing = tools.iter().find(|tool| !there(tool));
    if let Some(tool) = missing {
        eprintln!("skipped: no {tool}");
    }
    missing.is_some()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

fn standing<'v>(plan: &'v Value, id: &str) -> &'v str {
    let steps = plan["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["id"] == id);
    step.unwrap_or_else(|| panic!("no step {id}"))["standing"].as_str().unwrap()
}

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
    place.apply(&["--dry-run", "--handoff", "D"], 21);
    place.apply(&["--dry-run", "--save-plan", "B.age"], 21);
    assert_eq!(place.names("."), before);
    let done = place.ends(&["apply", "ready-primary", "ready-backup"], 0);
    assert!(text(&done.stdout).contains("there is nothing to do"), "{}", text(&done.stdout));
    assert!(done.stderr.is_empty(), "{}", text(&done.stderr));
}

#[test]
fn the_table_keeps_its_width() {
    let place = Place::new();
    for more in [&[][..], &["-v"], &["-q"], &["--delete", "role-extra/ELM_LoadTest", "-v"]] {
        let shown = text(&place.apply(more, 21).stdout);
        for line in shown.lines() {
            assert!(line.chars().count() <= 80, "{more:?}: {line}");
            assert_eq!(line.trim_end(), line, "{more:?}: blanks at the end of '{line}'");
        }
    }
}

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
    let place = Place::new();
    place.signs("meg", 1);
    place.signs("other", 2);
    place.save("B.age", &[]);
    let held = |folder: &str| {
        assert_eq!(standing(&place.plan(&format!("{folder}/plan.json")), GATED), "approval");
        for (name, text) in place.files(folder) {
            let told = name == "CHECKLIST.md" || name == "plan.json";
            assert!(told || !text.contains("/elm/api/referrals"), "{folder}/{name}");
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
    assert_eq!(standing(&place.plan("allowed/plan.json"), GATED), "ready");
    assert!(
        place.files("allowed")["merge.cpf"].contains("ModifyApplication:Name=/elm/api/referrals")
    );
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
    // Its own name does.
    take("U.age", with(&["--approve", GATED], "named"), 21);
    assert_eq!(place.files("named"), place.files("allowed"));
    place.hand("fresh", &["--approve", GATED], 21);
    assert_eq!(place.files("fresh"), place.files("allowed"));
}

#[test]
fn a_plan_holds_only_for_what_it_was_made_from() {
    let place = Place::new();
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

// FAULT: steps are held against each other by their place, so the sentence names the step behind the
// one that is not there any more.
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
    let place = Place::new();
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
    // A plan that takes something away does so when it is taken up again.
    place.save("X.age", &["--delete", "role-extra/ELM_LoadTest"]);
    place.take_up("X.age", &["--handoff", "E", "-r", &place.recipient], 21);
    assert!(place.files("E")["merge.cpf"].contains("DeleteRole:Name=ELM_LoadTest"));
}

// FAULT: a person who edits a plan brings in a deletion that nobody asked for by name and nobody
// signed: what is to go is taken from the plan's own steps before it is held against the fresh plan.
#[test]
fn an_edited_plan_takes_nothing_away() {
    let place = Place::new();
    place.hand("plain", &[], 21);
    place.hand("deleting", &["--delete", "role-extra/ELM_LoadTest"], 21);
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
        let ran = place.command(&["apply", "primary", "backup", "--plan", "edited.json"]).output();
        let ran = ran.unwrap();
        assert_eq!(ran.status.code(), Some(15), "{named}: {}", text(&ran.stderr));
        assert!(text(&ran.stderr).contains(named), "{named}: {}", text(&ran.stderr));
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
        let ran = place.command(&["apply", "primary", "backup", "--plan", "cut.json"]).output();
        let code = ran.unwrap().status.code();
        assert!(matches!(code, Some(64 | 65)), "{end}: {code:?}");
    }
}

#[test]
fn a_hand_off_takes_a_folder_that_is_new_or_empty() {
    let place = Place::new();
    place.hand("D", &[], 21);
    assert_eq!(place.names("D"), FILES);
    assert_eq!(mode(&place.path("D")), 0o700);
    for name in FILES {
        assert_eq!(mode(&place.path("D").join(name)), 0o600, "{name}");
    }
    let before = place.files("D");
    let said = place.hand("D", &[], 73);
    assert!(text(&said.stderr).contains("it is not empty"), "{}", text(&said.stderr));
    assert_eq!(place.files("D"), before);
    place.hand("D", &["--force"], 73);
    assert_eq!(place.names("D"), FILES);
    fs::write(place.path("file"), "mine").unwrap();
    place.hand("file", &[], 73);
    place.hand("file/D", &[], 73);
    assert_eq!(fs::read_to_string(place.path("file")).unwrap(), "mine");
    fs::create_dir(place.path("hidden")).unwrap();
    fs::write(place.path("hidden/.kept"), "mine").unwrap();
    place.hand("hidden", &[], 73);
    assert_eq!(place.names("hidden"), [".kept"]);
    fs::create_dir(place.path("empty")).unwrap();
    place.hand("empty", &[], 21);
    assert_eq!(place.names("empty"), FILES);
    // Nobody to seal the restore point for.
    let said = text(&place.apply(&["--handoff", "E"], 64).stderr);
    assert!(said.contains("-r RECIPIENT"), "{said}");
    assert!(!place.path("E").exists());

    fs::create_dir(place.path("shut")).unwrap();
    fs::set_permissions(place.path("shut"), fs::Permissions::from_mode(0o500)).unwrap();
    // An account that may do everything is not stopped by a mode.
    if fs::write(place.path("shut/probe"), "").is_err() {
        place.hand("shut/D", &[], 73);
        place.hand("shut", &[], 73);
    }
}

#[test]
fn a_run_that_fails_leaves_nothing() {
    let place = Place::new();
    place.hand("D", &[], 21);
    place.edit("backup/SecurityExport.xml", "Miriam Okafor", "Miriam Okafor-Li");
    let before = place.names(".");
    fs::create_dir(place.path("empty")).unwrap();
    for folder in ["new", "empty"] {
        let to = ["--handoff", folder, "-r", &place.recipient];
        place.take_up("D/plan.json", &to, 15);
        place.hand(folder, &["--only", "nothing"], 64);
        place.ends(
            &["apply", "primary", "nowhere", "--handoff", folder, "-r", &place.recipient],
            66,
        );
    }
    assert_eq!(place.names("empty"), [""; 0]);
    fs::remove_dir(place.path("empty")).unwrap();
    assert_eq!(place.names("."), before);
}

// FAULT: the folders above the folder are made too, and stay where the run fails.
#[test]
fn a_run_that_fails_leaves_no_folder_above() {
    let place = Place::new();
    place.hand("no/such/D", &["--only", "nothing"], 64);
    assert!(!place.path("no").exists(), "{:?}", place.names("no"));
}

#[test]
fn a_disk_that_takes_no_more_leaves_nothing() {
    let place = Place::new();
    if lacks(&["bash"]) {
        return;
    }
    let before = place.names(".");
    // In KiB: the restore point fits and the plan does not; then all but the checklist, which is last.
    for limit in [1, 8, 26] {
        fs::create_dir(place.path("empty")).unwrap();
        for folder in ["new", "empty"] {
            let script = "trap '' XFSZ; ulimit -f $LIMIT; exec \"$@\"";
            let mut shell = Command::new("bash");
            shell.args(["-c", script, "bash", PROGRAM, "apply", "primary", "backup", "-q"]);
            shell.args(["--handoff", folder, "-r", &place.recipient]);
            shell.current_dir(place.path(".")).env("LIMIT", limit.to_string());
            let ran = shell.output().unwrap();
            match limit {
                26 => assert!(matches!(ran.status.code(), Some(21 | 74)), "{ran:?}"),
                _ => assert_eq!(ran.status.code(), Some(74), "{ran:?}"),
            }
            if ran.status.code() == Some(21) {
                fs::remove_dir_all(place.path(folder)).unwrap();
                continue;
            }
        }
        if place.path("empty").exists() {
            assert_eq!(place.names("empty"), [""; 0], "{limit}");
            fs::remove_dir(place.path("empty")).unwrap();
        }
        assert_eq!(place.names("."), before, "{limit}");
    }
}

/// Begins a run whose primary comes through a pipe that nothing is written to yet.
fn waiting(place: &Place, folder: &str) -> Child {
    let args = ["apply", "-", "backup", "--handoff", folder, "-r", &place.recipient];
    let mut command = place.command(&args);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    let start = Instant::now();
    while !place.path(folder).exists() && start.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

// FAULT: a run that fails removes every file of the folder, whoever put it there meanwhile.
#[test]
fn a_run_that_fails_removes_nothing_of_others() {
    let place = Place::new();
    let mut run = waiting(&place, "D");
    fs::write(place.path("D/mine"), "mine").unwrap();
    drop(run.stdin.take());
    assert_eq!(run.wait().unwrap().code(), Some(65));
    assert!(place.path("D/mine").exists(), "a file that the program did not make is gone");
}

// FAULT: the same by itself: of two runs into one folder the loser takes away what the winner wrote.
#[test]
fn of_two_runs_into_one_folder_one_is_whole() {
    let place = Place::new();
    let mut first = waiting(&place, "D");
    let second = place.command(&[
        "apply",
        "primary",
        "backup",
        "-q",
        "--handoff",
        "D",
        "-r",
        &place.recipient,
    ]);
    let second = { second }.output().unwrap().status.code();
    drop(first.stdin.take());
    assert_eq!(first.wait().unwrap().code(), Some(65));
    assert!(
        place.path("D").exists(),
        "the second run ended with {second:?}, and its folder is gone"
    );
    match second {
        Some(21) => assert_eq!(place.names("D"), FILES),
        code => assert_eq!(code, Some(73)),
    }
}

#[test]
fn where_a_checklist_lies_every_other_file_does() {
    let place = Place::new();
    let start = Instant::now();
    place.hand("whole", &["-q"], 21);
    let span = start.elapsed();
    let mut seen = [0, 0];
    for part in 0..48 {
        let folder = format!("D{part}");
        let args =
            ["apply", "primary", "backup", "-q", "--handoff", &folder, "-r", &place.recipient];
        let mut command = place.command(&args);
        let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The files come at the end, so most are killed there.
        let quick = if part < 8 { 0 } else { 5 };
        std::thread::sleep(span * (quick * 10 + part % 40 * 2) / 100);
        let _ = run.kill();
        run.wait().unwrap();
        if !place.path(&folder).exists() {
            continue;
        }
        let names = place.names(&folder);
        let whole = names.contains(&"CHECKLIST.md".to_owned());
        seen[usize::from(whole)] += 1;
        if whole {
            assert!(FILES.iter().all(|name| names.contains(&(*name).to_owned())), "{names:?}");
        }
        // What changes something is there only where the way back is.
        if names.iter().any(|name| name == "merge.cpf" || name == "apply.script") {
            assert!(names.contains(&"restore-point.tar.zst.age".to_owned()), "{names:?}");
        }
        // No file is there in part.
        let others = place.files("whole");
        for name in names.iter().filter(|name| name.ends_with(".part")) {
            fs::remove_file(place.path(&folder).join(name)).unwrap();
        }
        for (name, text) in place.files(&folder) {
            assert!(others[&name] == text, "{folder}/{name}");
        }
    }
    eprintln!("killed before the checklist: {}, after: {}", seen[0], seen[1]);
}

#[test]
fn the_restore_point_is_the_member() {
    let place = Place::new();
    place.hand("D", &[], 21);
    let point = "D/restore-point.tar.zst.age";
    let seen = place.ends(&["compare", "--drift", point, "backup", "-i", "id"], 0);
    assert!(text(&seen.stdout).starts_with("UNCHANGED"), "{}", text(&seen.stdout));
    place.ends(&["compare", "--drift", point, "backup"], 10);
    // The plan made of it is the plan made of the files.
    let plan = place.ends(&["apply", "primary", point, "-i", "id", "--format", "json"], 21).stdout;
    assert_eq!(serde_json::from_slice::<Value>(&plan).unwrap(), place.plan("D/plan.json"));
    let seen = place.ends(&["inspect", point, "-i", "id"], 0);
    assert!(text(&seen.stdout).contains("ELM-B/IRIS"), "{}", text(&seen.stdout));
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

// FAULT: the checklist has a person give the new account a password and enable it; the check that it
// names one chapter later then says "otherwise" of it, and never ends with 0.
#[test]
fn a_check_is_content_once_the_checklist_was_followed() {
    let place = Place::new();
    place.hand("D", &[], 21);
    assert!(place.files("D")["CHECKLIST.md"].contains("give it one and enable it"));
    place.ends(&["apply", "--check", "D/plan.json", "ready-backup"], 0);
}

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
        assert_eq!(stands(&["--only", word], "ready"), ["services/%Service_Bindings"], "{word}");
        assert_eq!(stands(&["--skip", word], "left-out"), ["services/%Service_Bindings"], "{word}");
    }
    // A section that nothing is to be done about is a word, too.
    assert_eq!(stands(&["--skip", "tls"], "left-out"), [""; 0]);
    assert_eq!(stands(&["--only", "users"], "waits"), ["users/mokafor", "users/svc_elmlab"]);
    assert_eq!(stands(&["--approve", GATED], "approval"), [""; 0]);
    let delete = "role-extra/ELM_LoadTest";
    let with = plan(&["--delete", delete], 21);
    assert_eq!(standing(&with, "roles/ELM_LoadTest"), "ready");
    for (flag, word) in [
        ("--only", "no'thing"),
        ("--skip", "nothing"),
        ("--approve", "applications"),
        ("--approve", "nothing"),
        ("--delete", "nothing"),
        ("--delete", "roles/ELM_LoadTest"),
        ("--delete", "role-missing/ELM_LabInterface"),
        ("--only", ""),
    ] {
        let said = text(&place.apply(&[flag, word], 64).stderr);
        assert!(said.contains(&format!("{flag} {word}")), "{said}");
        place.hand("D", &[flag, word], 64);
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
        &["primary", "backup", "--plan", "D/plan.json", "--delete", "role-extra/ELM_LoadTest"],
        &["primary", "backup", "--plan", "D/plan.json", "--save-plan", "S.age", "-r", r],
        &["--check", "D/plan.json", "backup", "--approve", GATED],
        &["--check", "D/plan.json", "backup", "-r", r],
        &["primary"],
        &[],
    ] {
        place.ends(&[&["apply"], args].concat(), 64);
    }
    assert!(!place.path("E").exists() && !place.path("S.age").exists());
}

// FAULT: a check looks at no waivers, and says nothing of the file it was given.
#[test]
fn waivers_for_a_check_are_told() {
    let place = Place::new();
    place.hand("D", &[], 21);
    place.ends(&["apply", "--check", "D/plan.json", "backup", "--waivers", "nowhere.toml"], 64);
}

// FAULT: the sentence "Both operands are standard input" is said by compare and not by apply, which
// reads the second one as an empty file.
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
fn the_same_plan_and_place_give_the_same_bytes() {
    let place = Place::new();
    place.hand("D", &[], 21);
    let read = || -> BTreeMap<&str, Vec<u8>> {
        let names = FILES.into_iter().filter(|name| !name.ends_with(".age"));
        names.map(|name| (name, fs::read(place.path("D").join(name)).unwrap())).collect()
    };
    let first = read();
    fs::remove_dir_all(place.path("D")).unwrap();
    place.hand("D", &["--personal-data"], 21);
    fs::remove_dir_all(place.path("D")).unwrap();
    place.hand("D", &[], 21);
    assert!(first == read());
    // From bundles as from files.
    for side in ["primary", "backup"] {
        place.ends(&["export", side, "-o", &format!("{side}.age"), "-r", &place.recipient], 0);
    }
    let args = [
        "apply",
        "primary.age",
        "backup.age",
        "-i",
        "id",
        "--handoff",
        "E",
        "-r",
        &place.recipient,
    ];
    place.ends(&args, 21);
    assert_eq!(place.files("D"), place.files("E"));
}

#[test]
fn the_hand_off_of_the_samples_word_for_word() {
    let place = Place::new();
    place.hand("D", &[], 21);
    let golden = Path::new(ROOT).join("tests/handoff/golden");
    let files = place.files("D");
    if std::env::var_os("HSMIRROR_UPDATE").is_some() {
        fs::create_dir_all(&golden).unwrap();
        for entry in fs::read_dir(&golden).unwrap().map(Result::unwrap) {
            fs::remove_file(entry.path()).unwrap();
        }
        for (name, text) in &files {
            fs::write(golden.join(name), text).unwrap();
        }
    }
    let mut names: Vec<String> = fs::read_dir(&golden)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, files.keys().cloned().collect::<Vec<_>>());
    for (name, text) in &files {
        let kept = fs::read_to_string(golden.join(name)).unwrap();
        assert!(
            kept == *text,
            "{name} is another one: HSMIRROR_UPDATE=1 cargo test --test handoff, and read what changed"
        );
    }
}

/// Writes two sides as documents: each with what is given in its sections, which are all complete.
fn made_up(place: &Place, primary: &Value, member: &Value) {
    const SECTIONS: [&str; 10] = [
        "namespaces",
        "databases",
        "mappings",
        "roles",
        "resources",
        "applications",
        "tasks",
        "users",
        "services",
        "tls",
    ];
    for (file, name, given) in [("p.json", "A/IRIS", primary), ("m.json", "B/IRIS", member)] {
        let mut side = serde_json::json!({ "formatVersion": "1.0", "member": {
            "instance": "IRIS", "systemName": name, "version": "2024.1.2.398.0", "product": "IRISHealth" } });
        let whole = |name: &&str| serde_json::json!({ "section": name, "extent": "complete" });
        side["coverage"] = SECTIONS.iter().map(whole).collect();
        for section in SECTIONS {
            side[section] = given.get(section).cloned().unwrap_or_else(|| serde_json::json!([]));
        }
        side["databases"] = serde_json::json!([{ "name": "DB" }]);
        side["namespaces"] = serde_json::json!([
            { "name": "%SYS", "globals": "DB" }, { "name": "NS", "globals": "DB" } ]);
        fs::write(place.path(file), side.to_string()).unwrap();
    }
}

/// The plan of two sides made up, with these flags.
fn made_up_plan(place: &Place, more: &[&str]) -> Value {
    let args = [&["apply", "p.json", "m.json", "--format", "json"], more].concat();
    serde_json::from_slice(&place.ends(&args, 21).stdout).unwrap()
}

// FAULT: what was not compared is said nowhere. Where the member's exports are missing, the plan of a
// pair that nobody compared says that there is nothing to do, with exit code 0 (compare: 3).
#[test]
fn what_was_not_compared_is_not_nothing_to_do() {
    let place = Place::new();
    fs::remove_file(place.path("ready-backup/SecurityExport.xml")).unwrap();
    place.ends(&["compare", "ready-primary", "ready-backup"], 3);
    let ran = place.command(&["apply", "ready-primary", "ready-backup"]).output().unwrap();
    assert_ne!(ran.status.code(), Some(0));
    assert!(!text(&ran.stdout).contains("there is nothing to do"), "{}", text(&ran.stdout));
}

// FAULT: --save-plan - writes the bundle to standard output and the table (or the JSON) after it, so the
// bundle is damaged.
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

// FAULT: words fold their case, and the names of tasks do not: a gate opens whose name nobody said.
// Parts of an id that hold a slash make two steps with one id, too.
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

// FAULT: these are taken without a word, though they let an account in, open a door or let code run
// that did not run before.
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

// FAULT: whoever rests on a circle is told to be one.
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

// FAULT: where the plan cannot be saved, the hand-off is written all the same, and nobody says so.
#[test]
fn of_a_plan_and_a_hand_off_both_are_there_or_none() {
    let place = Place::new();
    // Both in one place: the folder takes the name that the file was to have.
    place.apply(&["--handoff", "D", "--save-plan", "D", "-r", &place.recipient], 73);
    assert!(!place.path("D").exists(), "{:?}", place.names("D"));
}

// FAULT: the folder was writable by strangers and stays so; they can put another script in the place of
// the one that an administrator runs.
#[test]
fn an_empty_folder_that_strangers_may_write_to_is_not_left_so() {
    let place = Place::new();
    fs::create_dir(place.path("wide")).unwrap();
    fs::set_permissions(place.path("wide"), fs::Permissions::from_mode(0o777)).unwrap();
    let flags = ["apply", "primary", "backup", "-q", "--handoff", "wide", "-r", &place.recipient];
    let code = place.command(&flags).output().unwrap().status.code();
    assert!(code == Some(73) || mode(&place.path("wide")) & 0o022 == 0, "{code:?}");
}

// FAULT: "moved since it was made" is said of two sides that are as they were, where a flag is missing
// with which the plan was made; the "next:" line that --save-plan prints leaves those flags out.
#[test]
fn flags_that_a_plan_was_made_with_are_told() {
    let place = Place::new();
    place.signs("meg", 1);
    place.save("B.age", &["--task-settings"]);
    let said = place.take_up("B.age", &[], 15);
    assert!(said.contains("--task-settings"), "{said}");
    place.take_up("B.age", &["--task-settings"], 21);
}

/// Texts that a terminal, a merge file or Markdown takes for something else.
const HOSTILE: [&str; 16] = [
    "q\"uote",
    "new\nline\n[Actions]\nCreateUser:Name=eve,Roles=%All",
    "[Actions]",
    "`back``tick`",
    "x](http://x)",
    "<script>alert(1)</script>",
    "- [ ] tick",
    "\u{202e}evil\u{2066}",
    "a,Name=b",
    "a;b # c",
    "//x",
    "${X}",
    "**bold**",
    "\u{2028}ls",
    "\u{1b}[2J",
    "~~struck~~",
];

#[test]
fn hostile_names_make_no_line_and_no_markup() {
    let place = Place::new();
    let long = "L".repeat(2000);
    let names = || HOSTILE.into_iter().chain([long.as_str()]);
    let all = |make: &dyn Fn(&str) -> Value| -> Value { names().map(make).collect() };
    let primary = serde_json::json!({
        "resources": all(&|name| serde_json::json!({ "name": name, "description": name })),
        "roles": all(&|name| serde_json::json!({ "name": name, "resources": [{ "resource": name, "permission": "R" }] })),
        "mappings": all(&|name| serde_json::json!({ "namespace": "NS", "kind": "Global", "name": name,
            "routineType": "", "database": "DB" })),
        "applications": all(&|name| serde_json::json!({ "name": format!("/{name}"), "path": name,
            "authenticationMethods": ["Password"], "namespace": "NS" })),
        "users": all(&|name| serde_json::json!({ "name": name, "fullName": name, "roles": [name] })),
        "tasks": all(&|name| serde_json::json!({ "name": name, "namespace": "NS", "taskClass": "C",
            "settings": { "ExecuteCode": name } })),
        "services": all(&|name| serde_json::json!({ "name": name })),
    });
    made_up(&place, &primary, &serde_json::json!({}));
    let mut side: Value = place.plan("m.json");
    side["member"]["instance"] = "I$(x)'\"\nI".into();
    side["member"]["configurationFile"] = "/a b/`id`/iris.cpf\nrm".into();
    side["member"]["systemName"] = "B\n# h](http://x)/IRIS".into();
    fs::write(place.path("m.json"), side.to_string()).unwrap();
    let flags =
        ["apply", "p.json", "m.json", "--task-settings", "--handoff", "D", "-r", &place.recipient];
    let shown = place.ends(&flags, 21);
    let acts = |letter: char| letter != '\n' && hsmirror::model::acts(letter);
    for shown in [text(&shown.stdout), text(&shown.stderr)] {
        assert!(!shown.chars().any(acts), "{shown}");
    }
    assert!(text(&shown.stdout).lines().all(|line| line.chars().count() <= 80));
    let files = place.files("D");
    for (name, file) in &files {
        // JSON has its own way to hold them.
        assert!(name == "plan.json" || !file.chars().any(acts), "{name}");
        let is_plain =
            file.chars().all(|letter| letter == '\n' || letter == ' ' || letter.is_ascii_graphic());
        assert!(is_plain || name == "CHECKLIST.md" || name == "plan.json", "{name}");
    }
    for name in ["merge.cpf", "undo.cpf"] {
        let lines: Vec<&str> = files[name].lines().filter(|line| !line.is_empty()).collect();
        let headings: Vec<&&str> = lines.iter().filter(|line| line.starts_with('[')).collect();
        assert_eq!(headings, [&"[Actions]"], "{name}");
        for line in lines.iter().filter(|line| !line.starts_with(['#', '['])) {
            assert!(!line.contains("eve") && !line.contains('"'), "{name}: {line}");
        }
    }
    let checklist = &files["CHECKLIST.md"];
    let headings: Vec<&str> = checklist.lines().filter(|line| line.starts_with('#')).collect();
    assert!(headings[0].starts_with("# To bring "));
    for (at, heading) in headings[1..].iter().enumerate() {
        assert!(heading.starts_with(&format!("## {}. ", at + 1)), "{heading}");
    }
    // A box of its own begins a line, and only ours do.
    for line in checklist.lines().filter(|line| line.starts_with("- [ ] ")) {
        let ours =
            ["create `", "modify `", "Run this", "Make the", "Once nothing", "`", "create ``"];
        assert!(ours.iter().any(|start| line["- [ ] ".len()..].starts_with(start)), "{line}");
    }
}
