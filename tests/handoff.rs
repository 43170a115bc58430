//! A plan, as it is made, approved, handed off and checked.
//!
//! Runs the program as the administrator of the member does: a plan is shown, sealed and signed, taken up
//! again, turned into files, and asked whether it took effect. Proves that a plan holds only for the two
//! states that it was made from, that what is a gate is in no file unless somebody who may said so, and
//! that a hand-off is whole or not there and harms nothing that was there before. The files of the sample
//! pair stand in `handoff/golden`, of the plan as it is and of one with every gate approved;
//! `HSMIRROR_UPDATE=1 cargo test --test handoff` writes them anew.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

#[path = "handoff/folder.rs"]
mod folder;
#[path = "handoff/hostile.rs"]
mod hostile;
#[path = "handoff/saved.rs"]
mod saved;
#[path = "handoff/shown.rs"]
mod shown;
#[path = "handoff/words.rs"]
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use hsmirror::model::Digest;
use serde_json::Value;
use ssh_key::LineEnding;
use ssh_key::private::{Ed25519Keypair, PrivateKey};

const PROGRAM: &str = env!("CARGO_BIN_EXE_hsmirror");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A step of the sample pair that is a gate.
const GATED: &str = "applications//elm/api/referrals";

/// All of them, and what a file names that does one.
const GATES: [(&str, &str); 3] = [
    ("services/%Service_Bindings", "%Service_Bindings"),
    (GATED, "/elm/api/referrals"),
    ("tasks/ELMHUB/Elm Journal Offload/Elm.Task.JournalOffload", "Elm Journal Offload"),
];

/// A finding about what only the member has.
const EXTRA: &str = "role-extra/ELM_LoadTest";

/// Every file of the sample pair's hand-off.
const FILES: [&str; 9] = [
    "CHECKLIST.md",
    "apply.script",
    "before.script",
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
    /// What plans are made of.
    sides: [&'static str; 2],
}

/// The identity and, sealed for it, the sample pair.
struct Sealed {
    recipient: String,
    files: [(&'static str, Vec<u8>); 3],
}

/// What every place begins with, made once.
static SEALED: LazyLock<Sealed> = LazyLock::new(|| {
    let mut place = Place::empty();
    place.recipient = text(&place.ends(&["keygen", "-o", "id"], 0).stdout).trim().to_owned();
    for (side, bundle) in [("primary", "P.age"), ("backup", "M.age")] {
        place.ends(&["export", side, "-o", bundle, "-r", &place.recipient], 0);
    }
    let files = ["id", "P.age", "M.age"].map(|name| (name, fs::read(place.path(name)).unwrap()));
    Sealed { recipient: place.recipient.clone(), files }
});

impl Place {
    /// Plans are made of bundles, which are read more quickly than files.
    fn new() -> Self {
        let mut place = Self::empty();
        place.recipient.clone_from(&SEALED.recipient);
        for (name, bytes) in &SEALED.files {
            fs::write(place.path(name), bytes).unwrap();
            fs::set_permissions(place.path(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        place
    }

    /// Plans are made of the files as an administrator gathers them.
    fn of_files() -> Self {
        Self { sides: ["primary", "backup"], ..Self::new() }
    }

    fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for side in ["primary", "backup", "ready-primary", "ready-backup"] {
            copied(&Path::new(ROOT).join("samples").join(side), &folder.path().join(side));
        }
        Self { folder, recipient: String::new(), sides: ["P.age", "M.age"] }
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
        let [primary, member] = self.sides;
        self.ends(&[&["apply", primary, member, "-i", "id"], more].concat(), code)
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
        text(&self.apply(&[&["--plan", bundle], more].concat(), code).stderr)
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

    /// The folders that lie here under a temporary name.
    fn parts(&self) -> Vec<PathBuf> {
        let names = self.names(".").into_iter();
        let parts = names.filter(|name| name.starts_with(".hsmirror-") && name.ends_with(".part"));
        parts.map(|name| self.path(&name)).collect()
    }

    /// The files of a hand-off, but for what is sealed, with the folder's place under another name; the
    /// checklist's digests, which hold for the files as they are, become those of these texts.
    fn files(&self, folder: &str) -> BTreeMap<String, String> {
        let at = fs::canonicalize(self.path(folder)).unwrap();
        let at = at.to_str().unwrap();
        let names = self.names(folder).into_iter().filter(|name| !name.ends_with(".age"));
        let mut digests = Vec::new();
        let file = |name: String| {
            let text = fs::read_to_string(self.path(folder).join(&name)).unwrap();
            let moved = text.replace(at, "/HANDOFF");
            let line = |text: &str| format!("    {}  {name}\n", Digest::of(text.as_bytes()));
            digests.push((name.clone(), line(&text), line(&moved)));
            (name, moved)
        };
        let mut files: BTreeMap<String, String> = names.map(file).collect();
        let list = files.get_mut("CHECKLIST.md").unwrap();
        for (name, line, moved) in digests {
            let run = name.ends_with(".script") || name.ends_with(".cpf");
            assert_eq!(list.matches(&line).count(), usize::from(run), "the digest of {name}");
            *list = list.replace(&line, &moved);
        }
        files
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
