//! `docs/bundle-format.md` says what the program does.
//!
//! Holds the page to the code: every property of the manifest's schema is on it, every limit has the number
//! that the code has, every exit code of bundles is there, and its commands run, as they stand, on a bundle
//! that the program sealed; what they seal again the program opens. Without the stock tools the last part
//! says that it was skipped.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use hsmirror::bundle::limit;
use hsmirror::key;
use serde_json::Value;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/bundle-format.md");
    fs::read_to_string(path).unwrap()
}

/// The names of all properties in a schema.
fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields {
                if let (true, Value::Object(own)) = (key == "properties", value) {
                    names.extend(own.keys().cloned());
                }
                properties(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, names)),
        _ => {}
    }
}

#[test]
fn every_property_of_the_manifest_is_on_the_page() {
    let page = page();
    let mut published = hsmirror::published::PUBLISHED.iter();
    let schema = published.find(|schema| schema.name == "manifest").unwrap().text();
    let mut names = BTreeSet::new();
    properties(&serde_json::from_str(&schema).unwrap(), &mut names);
    assert!(names.len() > 30, "{names:?}");
    let missing: Vec<&String> =
        names.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_limit_has_the_number_that_the_code_has() {
    let page = page();
    let limits: [(&str, u64); 10] = [
        ("age header", limit::HEADER as u64),
        ("recipients", key::RECIPIENTS_LIMIT as u64),
        ("work for a passphrase", key::WORK_FACTOR_LIMIT.into()),
        ("zstd window", limit::WINDOW_LOG.into()),
        ("manifest", limit::MANIFEST),
        ("document", limit::DOCUMENT),
        ("SHA256SUMS", limit::SUMS),
        ("SHA256SUMS.sig", key::SIGNATURE_LIMIT),
        ("zeros after the archive", limit::PADDING),
        ("file of keys", key::KEY_FILE_LIMIT),
    ];
    for (name, number) in limits {
        assert!(page.contains(&format!("| {name} | {number} |")), "{name} is {number}");
    }
    let pieces = [
        ("one object of a document", hsmirror::json::pieces::PIECE_LIMIT),
        ("depth of a document", hsmirror::json::pieces::DEPTH_LIMIT),
        ("number or word in a document", hsmirror::json::pieces::WORD_LIMIT),
    ];
    for (name, number) in pieces {
        assert!(page.contains(&format!("| {name} | {number} |")), "{name} is {number}");
    }
    for code in 10..=14 {
        assert!(page.contains(&format!("\n| {code} | ")), "{code}");
    }
}

#[test]
fn its_commands_run_as_they_stand() {
    for tool in ["age", "zstd", "ssh-keygen", "jq"] {
        let there =
            Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().unwrap();
        if !there.status.success() {
            eprintln!("skipped: no {tool}");
            return;
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let sh = |script: &str| {
        let out = Command::new("bash")
            .args(["-euo", "pipefail", "-c", script])
            .env("H", env!("CARGO_BIN_EXE_hsmirror"))
            .env("S", Path::new(env!("CARGO_MANIFEST_DIR")).join("samples"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        let (told, error) = (String::from_utf8(out.stdout), String::from_utf8(out.stderr));
        assert!(out.status.success(), "{script}\n{}", error.unwrap());
        told.unwrap()
    };
    sh("$H keygen -o id > recipient && ssh-keygen -q -t ed25519 -N '' -f key
        $H export $S/primary -o P.tar.zst.age -R recipient --sign key
        echo \"okafor@hospital,member:ELM-A/* $(cut -d' ' -f1,2 key.pub)\" > signers");
    let page = page();
    let commands = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let commands: Vec<&str> = commands.collect();
    assert_eq!(commands.len(), 3);
    let told: String = commands.iter().map(|script| sh(script)).collect();
    for words in ["manifest.json: OK", "configuration.json: OK", "Good \"hsmirror\" signature"] {
        assert!(told.contains(words), "{told}");
    }
    sh(
        "ssh-keygen -Y verify -f signers -I member:ELM-A/IRIS -n hsmirror -s SHA256SUMS.sig < SHA256SUMS",
    );
    let again = sh("$H inspect Q.tar.zst.age -i id --allowed-signers signers");
    assert!(again.contains("signed by okafor@hospital"), "{again}");
}
