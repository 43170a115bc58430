//! The sealed way, as it is used.
//!
//! Runs the program as two administrators and an auditor do: keys, export, compare, save, report, drift.
//! Proves that a folder and the unsigned bundle sealed from it give the same bytes, that the failures of
//! keys and signers are told apart, that a wrong pair and a stale one are findings, and that what was
//! saved is shown as it was. Stock tools have a test of their own.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use ssh_key::LineEnding;
use ssh_key::private::{Ed25519Keypair, PrivateKey};

/// A folder with copies of the samples, an identity and its recipient.
struct Place {
    folder: tempfile::TempDir,
    recipient: String,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
        for side in ["primary", "backup", "ready-primary", "ready-backup"] {
            fs::create_dir(folder.path().join(side)).unwrap();
            for entry in fs::read_dir(root.join(side)).unwrap() {
                let path = entry.unwrap().path();
                fs::copy(&path, folder.path().join(side).join(path.file_name().unwrap())).unwrap();
            }
        }
        let mut place = Self { folder, recipient: String::new() };
        place.recipient = text(&place.ok(&["keygen", "-o", "id"]).stdout).trim().to_owned();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hsmirror"));
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command.output().unwrap()
    }

    /// Runs what must succeed.
    fn ok(&self, args: &[&str]) -> Output {
        self.ends(args, 0)
    }

    /// Runs what must end with that code.
    fn ends(&self, args: &[&str], code: i32) -> Output {
        let ran = self.run(args);
        assert_eq!(
            ran.status.code(),
            Some(code),
            "{args:?}: {}{}",
            text(&ran.stdout),
            text(&ran.stderr)
        );
        ran
    }

    fn export(&self, side: &str, bundle: &str, more: &[&str]) -> Output {
        let mut args = vec!["export", side, "-o", bundle, "-r", &self.recipient];
        args.extend(more);
        self.ok(&args)
    }

    /// Makes an SSH key `name` and gives its public half.
    fn ssh_key(&self, name: &str, seed: u8) -> String {
        let pair = Ed25519Keypair::from_seed(&[seed; 32]);
        let key = PrivateKey::from(pair);
        fs::write(self.path(name), key.to_openssh(LineEnding::LF).unwrap().as_bytes()).unwrap();
        key.public_key().to_openssh().unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The codes of the findings in a result.
fn codes(result: &Output) -> Vec<String> {
    let result: Value = serde_json::from_slice(&result.stdout).unwrap();
    let errors = result["errors"].as_array().unwrap();
    errors.iter().map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn folders_and_bundles_give_the_same_bytes() {
    let place = Place::new();
    for (primary, member, code) in [("primary", "backup", 2), ("ready-primary", "ready-backup", 0)]
    {
        let (p, b) = (format!("{primary}.age"), format!("{member}.age"));
        place.export(primary, &p, &[]);
        place.export(member, &b, &["--armor"]);
        for format in ["table", "text", "json"] {
            for verbose in [None, Some("-v")] {
                let more: Vec<&str> = ["--format", format].into_iter().chain(verbose).collect();
                let of = |sides: [&str; 2]| {
                    let mut args = vec!["compare", sides[0], sides[1], "-i", "id"];
                    args.extend(&more);
                    place.ends(&args, code).stdout
                };
                let files = of([primary, member]);
                assert!(files == of([&p, &b]), "{format} {verbose:?}");
                assert!(files == of([&p, member]) && files == of([primary, &b]), "{format} mixed");
            }
        }
    }
}

#[test]
fn what_differs_between_two_exports_stands_in_the_manifest_alone() {
    let place = Place::new();
    let mut documents = Vec::new();
    let mut ids = Vec::new();
    for bundle in ["a.age", "b.age"] {
        place.export("primary", bundle, &[]);
        let shown = place.ok(&["inspect", bundle, "-i", "id", "--format", "json"]);
        let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
        assert_eq!(shown["verified"], true);
        documents.push(shown["documentSha256"].clone());
        ids.push(shown["manifest"]["exportId"].clone());
    }
    assert_eq!(documents[0], documents[1]);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn a_saved_comparison_is_shown_as_it_was() {
    let place = Place::new();
    let save = ["--save", "C.age", "-r", &place.recipient];
    for (primary, member, code) in [("primary", "backup", 2), ("ready-primary", "ready-backup", 0)]
    {
        let args = [&["compare", primary, member, "--format", "json", "-v", "--force"][..], &save]
            .concat();
        let made = place.ends(&args, code).stdout;
        let shown =
            place.ends(&["report", "C.age", "-i", "id", "--format", "json", "-v"], code).stdout;
        // The record does not know whether messages were asked for; the result does.
        assert!(made == shown, "{}", text(&shown));
        fs::write(place.path("result.json"), &made).unwrap();
        for format in ["table", "text"] {
            let made = place.ends(&["compare", primary, member, "--format", format], code).stdout;
            let from_result =
                place.ends(&["report", "result.json", "--format", format], code).stdout;
            assert!(made == from_result, "{format}: {}", text(&from_result));
            let from_bundle =
                place.ends(&["report", "C.age", "-i", "id", "--format", format], code).stdout;
            assert!(text(&from_bundle).contains("the record of"), "{}", text(&from_bundle));
        }
        // A record is no side of a comparison, sealed or not.
        place.ends(&["compare", "C.age", member, "-i", "id"], 64);
        place.ends(&["compare", "result.json", member], 64);
    }
}

#[test]
fn the_record_is_what_is_shown_whatever_this_version_would_say() {
    let place = Place::new();
    let made = place.ends(&["compare", "primary", "backup", "--format", "json"], 2).stdout;
    let mut result: Value = serde_json::from_slice(&made).unwrap();
    result["formatVersion"] = "1.9".into();
    result["later"] = "unknown to this version".into();
    let errors = result["errors"].as_array_mut().unwrap();
    errors[0]["code"] = "rule-of-tomorrow".into();
    errors[0]["rule"] = "rule-of-tomorrow".into();
    errors[0]["id"] = "rule-of-tomorrow/ELM-B/IRIS".into();
    errors[0]["impact"] = "It means something else.".into();
    errors[0]["text"] =
        "*** Blocking *** ERROR <HSSYSToolsLoc>rule-of-tomorrow: of tomorrow.".into();
    fs::write(place.path("later.json"), result.to_string()).unwrap();
    let shown = place.ends(&["report", "later.json"], 2);
    for words in ["rule-of-tomorrow", "It means something else.", "BLOCKED by rule-of-tomorrow"] {
        assert!(text(&shown.stdout).contains(words), "{words}: {}", text(&shown.stdout));
    }
    assert!(text(&shown.stderr).contains("later"), "{}", text(&shown.stderr));
    let again = place.ends(&["report", "later.json", "--format", "json"], 2).stdout;
    let again: Value = serde_json::from_slice(&again).unwrap();
    assert_eq!(again["errors"], result["errors"]);
    result["formatVersion"] = "2.0".into();
    fs::write(place.path("later.json"), result.to_string()).unwrap();
    place.ends(&["report", "later.json"], 13);
}

#[test]
fn keys_that_do_not_fit_are_told_apart() {
    let place = Place::new();
    place.export("primary", "P.age", &[]);
    place.ok(&["keygen", "-o", "other"]);
    let none = place.ends(&["compare", "P.age", "backup"], 10);
    assert!(text(&none.stderr).contains("-i FILE"), "{}", text(&none.stderr));
    let other = place.ends(&["compare", "P.age", "backup", "-i", "other"], 10);
    assert!(text(&other.stderr).contains("hsmirror inspect P.age"), "{}", text(&other.stderr));
    // Two keys of which one fits.
    place.ends(&["compare", "P.age", "backup", "-i", "other", "-i", "id"], 2);
    // What is no identity, and no recipient, is not quoted.
    let secret = fs::read_to_string(place.path("id")).unwrap();
    let secret = secret.lines().last().unwrap();
    let leaked = place.ends(&["export", "primary", "-o", "X.age", "-r", secret], 65);
    assert!(!text(&leaked.stderr).contains("AGE-SECRET-KEY-1"), "{}", text(&leaked.stderr));
    fs::write(place.path("R"), format!("# a comment\n\n{}\n{secret}\n", place.recipient)).unwrap();
    let leaked = place.ends(&["export", "primary", "-o", "X.age", "-R", "R"], 65);
    assert!(text(&leaked.stderr).contains("R, line 4"), "{}", text(&leaked.stderr));
    assert!(!text(&leaked.stderr).contains("AGE-SECRET-KEY-1"), "{}", text(&leaked.stderr));
    place.ends(&["export", "primary", "-o", "X.age"], 64);
    place.ends(&["export", "primary", "-o", "P.age", "-r", &place.recipient], 73);
    place.ends(&["keygen", "-o", "id"], 73);
    assert!(place.names().iter().all(|name| name != "X.age" && !name.ends_with(".part")));
}

#[test]
fn passphrases_come_from_a_file_descriptor() {
    let place = Place::new();
    let shell = |script: &str, code: i32| {
        let out = Command::new("bash")
            .args(["-c", script])
            .env("H", env!("CARGO_BIN_EXE_hsmirror"))
            .env("R", &place.recipient)
            .current_dir(place.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(out.status.code(), Some(code), "{script}: {}", text(&out.stderr));
        out
    };
    shell("$H export primary -o P.age --passphrase --passphrase-fd 3 3<<<'correct horse'", 0);
    shell("$H compare P.age backup -q --passphrase-fd 3 3<<<'correct horse'", 2);
    let wrong = shell("$H compare P.age backup --passphrase-fd 3 3<<<'wrong horse'", 10);
    assert!(text(&wrong.stderr).contains("passphrase does not open"), "{}", text(&wrong.stderr));
    // Nobody to ask: an error, not a wait.
    shell("setsid $H compare P.age backup", 64);
    shell("$H keygen -o sealed --passphrase --passphrase-fd 3 3<<<'key horse' >recipient", 0);
    assert!(fs::read_to_string(place.path("sealed")).unwrap().starts_with("-----BEGIN AGE"));
    shell("$H export backup -o B.age -R recipient -q", 0);
    // Two passphrases, in the order in which they are needed: the key file's, then the bundle's.
    shell(
        "$H compare P.age B.age -q -i sealed --passphrase-fd 3 3<<<$'key horse\\ncorrect horse'",
        2,
    );
}

#[test]
fn signers_are_judged() {
    let place = Place::new();
    let (meg, other) = (place.ssh_key("meg", 1), place.ssh_key("other", 2));
    place.export("primary", "P.age", &["--sign", "meg"]);
    place.export("primary", "U.age", &[]);
    let list = |line: &str| fs::write(place.path("signers"), line).unwrap();
    let args = ["compare", "P.age", "backup", "-i", "id", "--allowed-signers", "signers"];
    let unsigned = ["compare", "U.age", "backup", "-i", "id", "--allowed-signers", "signers"];

    list(&format!("meg@hospital namespaces=\"hsmirror\" {meg}\n"));
    let seen = place.ends(&args, 2);
    assert!(text(&seen.stdout).contains("signed by meg@hospital"), "{}", text(&seen.stdout));
    let result = place.ends(&[&args[..], &["--format", "json"]].concat(), 2);
    let result: Value = serde_json::from_slice(&result.stdout).unwrap();
    let signer = &result["remoteSystem"]["provenance"]["signer"];
    assert_eq!(
        (&signer["state"], &signer["principal"]),
        (&"allowed".into(), &"meg@hospital".into())
    );
    assert_eq!(result["thisSystem"]["provenance"]["signer"]["state"], "unsigned");

    let refused = place.ends(&unsigned, 12);
    assert!(text(&refused.stderr).contains("is not signed"), "{}", text(&refused.stderr));
    place.ends(&[&unsigned[..], &["--accept-unsigned"]].concat(), 2);

    for (line, says) in [
        (format!("meg@hospital {other}\n"), "is not in the list"),
        (format!("meg@hospital namespaces=\"file\" {meg}\n"), "namespace"),
        (format!("meg@hospital valid-before=\"20200101Z\" {meg}\n"), "no longer valid"),
        (format!("meg@hospital valid-after=\"20990101Z\" {meg}\n"), "not valid yet"),
        (format!("meg@hospital,member:ELM-B/IRIS {meg}\n"), "may not speak for this member"),
    ] {
        list(&line);
        let refused = place.ends(&[&args[..], &["--format", "json"]].concat(), 12);
        let error: Value = serde_json::from_slice(&refused.stderr).unwrap();
        assert_eq!(error["error"]["kind"], "unverifiable", "{line}");
        assert!(text(&refused.stderr).contains(says), "{says}: {}", text(&refused.stderr));
    }
    list(&format!("meg@hospital,member:ELM-A/* {meg}\n"));
    place.ends(&args, 2);
    // Without a list the signer is told, and said to be unchecked.
    let seen = place.ends(&["compare", "P.age", "backup", "-i", "id"], 2);
    let said = text(&seen.stdout);
    let squeezed: Vec<&str> = said.split_whitespace().collect();
    assert!(squeezed.join(" ").contains("not checked whose"), "{said}");
}

#[test]
fn a_wrong_pair_and_a_stale_one_are_findings() {
    let place = Place::new();
    let has = |args: &[&str], code: &str, ends: i32| {
        let args = [&["compare"], args, &["-i", "id", "--format", "json"]].concat();
        let result = place.ends(&args, ends);
        assert!(codes(&result).iter().any(|found| found == code), "{args:?}: {:?}", codes(&result));
    };
    place.export("ready-primary", "P.age", &["--for", "ELM-C/IRIS"]);
    place.export("ready-backup", "B.age", &[]);
    has(&["P.age", "B.age"], "not-intended-member", 2);
    has(&["P.age", "P.age"], "same-member", 2);
    has(&["P.age", "P.age"], "two-primaries", 2);
    has(&["P.age", "P.age"], "same-export", 2);
    has(&["B.age", "P.age"], "ExecuteOnBackup", 2);
    place.ok(&[
        "export",
        "ready-primary",
        "-o",
        "Q.age",
        "-r",
        &place.recipient,
        "--for",
        "elm-b/iris",
    ]);
    place.ends(&["compare", "Q.age", "B.age", "-i", "id"], 0);

    let dated = |side: &str, name: &str, days: i64| {
        let file = File::options().write(true).open(place.path(side).join(name)).unwrap();
        let span = Duration::from_secs(days.unsigned_abs() * 86_400 + 3600);
        let now = SystemTime::now();
        file.set_modified(if days < 0 { now - span } else { now + span }).unwrap();
    };
    // A CPF is as old as the last change of the configuration.
    dated("ready-primary", "iris.cpf", -400);
    place.ends(&["compare", "ready-primary", "ready-backup"], 0);
    dated("ready-primary", "SecurityExport.xml", -3);
    has(&["ready-primary", "ready-backup"], "sources-apart", 1);
    place.export("ready-primary", "S.age", &[]);
    has(&["S.age", "B.age"], "sources-apart", 1);
    for name in ["SecurityExport.xml", "TaskExport.xml", "qlist.txt"] {
        dated("ready-primary", name, -30);
    }
    has(&["ready-primary", "ready-backup"], "sides-apart", 1);
    dated("ready-backup", "qlist.txt", 3);
    has(&["ready-primary", "ready-backup"], "clock-ahead", 1);
}

#[test]
fn drift_tells_what_changed_on_one_member() {
    let place = Place::new();
    place.export("backup", "old.age", &[]);
    let same = place.ends(&["compare", "--drift", "old.age", "backup", "-i", "id"], 0);
    assert!(text(&same.stdout).starts_with("UNCHANGED"), "{}", text(&same.stdout));
    // What may differ between two members counts on one.
    let path = place.path("backup").join("iris.cpf");
    let cpf = fs::read_to_string(&path).unwrap();
    let moved = cpf.replacen("/srv/irisdb/elmarchive/", "/mnt/elmarchive/", 1);
    assert_ne!(cpf, moved);
    fs::write(&path, moved).unwrap();
    let changed =
        place.ends(&["compare", "--drift", "old.age", "backup", "-i", "id", "--format", "json"], 1);
    assert_eq!(codes(&changed), ["changed"]);
    let result: Value = serde_json::from_slice(&changed.stdout).unwrap();
    assert_eq!(result["verdict"], "changed");
    assert_eq!(
        (&result["remoteSystem"]["side"], &result["thisSystem"]["side"]),
        (&"old".into(), &"new".into())
    );
    let difference = &result["errors"][0]["differences"][0];
    assert_eq!(
        (&difference["old"], &difference["new"]),
        (&"/srv/irisdb/elmarchive/".into(), &"/mnt/elmarchive/".into())
    );
    fs::write(place.path("result.json"), &changed.stdout).unwrap();
    let again = place.ends(&["report", "result.json", "--format", "json"], 1).stdout;
    assert!(again == changed.stdout, "{}", text(&again));
    // A section that was not gathered again is a change of what is known.
    fs::remove_file(place.path("backup").join("TaskExport.xml")).unwrap();
    let less =
        place.ends(&["compare", "--drift", "old.age", "backup", "-i", "id", "--format", "json"], 1);
    assert_eq!(codes(&less), ["changed", "gathered-otherwise"]);
    let other = place
        .ends(&["compare", "--drift", "old.age", "primary", "-i", "id", "--format", "json"], 1);
    assert!(codes(&other).contains(&"other-member".to_owned()));
}

#[test]
fn bundles_pass_through_pipes() {
    let place = Place::new();
    let run = |args: &[&str], input: &[u8]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hsmirror"))
            .args(args)
            .current_dir(place.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that fails early closes its end.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    };
    let sealed = run(&["export", "primary", "-o", "-", "-r", &place.recipient], b"").stdout;
    assert!(sealed.starts_with(b"age-encryption.org/v1\n"));
    let compared = run(&["compare", "-", "backup", "-i", "id", "-q"], &sealed);
    assert_eq!(compared.status.code(), Some(2), "{}", text(&compared.stderr));
    assert_eq!(run(&["inspect", "-", "-i", "id"], &sealed).status.code(), Some(0));
    assert_eq!(run(&["report", "-", "-i", "id"], &sealed).status.code(), Some(0));
    assert_eq!(run(&["compare", "-", "-", "-i", "id"], &sealed).status.code(), Some(64));
    let cpf = fs::read(place.path("primary").join("iris.cpf")).unwrap();
    assert_eq!(
        run(&["compare", "-", "backup", "--only", "databases"], &cpf).status.code(),
        Some(1)
    );
}
