//! `docs/bundle-format.md` says what the program does.
//!
//! Holds the page to the code: every object of the manifest's schema has its table there, with the same
//! properties, the same ones required and the same words; every field of a comparison is named; every limit
//! has the number that the code has; every exit code of bundles is there. Its commands run, as they stand,
//! on bundles that the program sealed, and what they make the program opens. Where a tool is missing the last
//! part says that it was skipped.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

#[cfg(unix)]
#[path = "stock_tools/place.rs"]
#[allow(dead_code, reason = "shared with the test of the stock tools")]
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use hsmirror::bundle::limit;
use hsmirror::{json, key};
use serde_json::Value;

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn page() -> String {
    file("docs/bundle-format.md")
}

fn schema(name: &str) -> Value {
    let mut published = hsmirror::published::PUBLISHED.iter();
    serde_json::from_str(&published.find(|schema| schema.name == name).unwrap().text()).unwrap()
}

/// The rows of the tables under a heading, cell by cell.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, section) = page.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| {
        panic!("the page has no {heading}");
    });
    let section = section.split("\n#").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").map(str::to_owned).collect()).skip(1).collect()
}

fn code(word: &str) -> String {
    format!("`{word}`")
}

/// The properties of an object in a schema, and whether each is required; of a choice of objects those of all.
fn properties(object: &Value) -> BTreeMap<String, bool> {
    let choices = object["oneOf"].as_array().cloned().unwrap_or_else(|| vec![object.clone()]);
    let mut all = BTreeMap::new();
    for choice in &choices {
        for name in choice["properties"].as_object().into_iter().flat_map(|own| own.keys()) {
            let required = |choice: &Value| {
                choice["required"]
                    .as_array()
                    .is_some_and(|names| names.iter().any(|own| own == name))
            };
            all.insert(code(name), choices.iter().all(required));
        }
    }
    all
}

/// The words that a schema lists.
fn words(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            found.extend(fields.get("const").and_then(Value::as_str).map(code));
            fields.values().for_each(|value| words(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| words(item, found)),
        _ => {}
    }
}

#[test]
fn every_object_of_the_manifest_has_its_table() {
    let (page, schema) = (page(), schema("manifest"));
    let mut objects = vec![("Manifest".to_owned(), schema.clone())];
    objects.extend(schema["$defs"].as_object().unwrap().clone());
    let mut count = 0;
    for (name, object) in objects {
        let wanted = properties(&object);
        if wanted.is_empty() {
            continue;
        }
        count += 1;
        let rows = rows(&page, &format!("### `{name}`"));
        let told: BTreeMap<String, bool> =
            rows.iter().map(|row| (row[0].clone(), row[1] == "yes")).collect();
        assert_eq!(told, wanted, "{name}");
        assert_eq!(told.len(), rows.len(), "{name}");
    }
    assert!(count > 8, "{count}");
    let mut listed = BTreeSet::new();
    words(&schema, &mut listed);
    assert!(listed.len() > 20, "{listed:?}");
    let missing: Vec<&String> = listed.iter().filter(|word| !page.contains(*word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_field_of_a_comparison_is_on_the_page() {
    let (page, schema) = (page(), schema("comparison"));
    let of = |name: &str| schema["$defs"][name].clone();
    for (heading, object) in
        [("### comparison.json", schema.clone()), ("### A finding", of("Entry"))]
    {
        let told: BTreeSet<String> =
            rows(&page, heading).into_iter().map(|mut row| row.swap_remove(0)).collect();
        assert_eq!(told, properties(&object).into_keys().collect(), "{heading}");
    }
    let mut more: BTreeSet<String> =
        ["Row", "Difference", "Provenance", "Named", "Allowed", "Waiver", "Typed"]
            .iter()
            .flat_map(|name| properties(&of(name)).into_keys())
            .collect();
    ["Verdict", "State", "SideName", "MappingKind", "Severity", "Place"]
        .iter()
        .for_each(|name| words(&of(name), &mut more));
    assert!(more.len() > 20, "{more:?}");
    let missing: Vec<&String> = more.iter().filter(|word| !page.contains(*word)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// A private number, as its file has it: `16 << 20`, `200`.
fn constant(path: &str, name: &str) -> u64 {
    let text = file(path);
    let (_, rest) = text.split_once(&format!("const {name}: usize = ")).unwrap();
    let number = rest.split(';').next().unwrap().replace('_', "");
    let (base, shift) = number.split_once(" << ").unwrap_or((&number, "0"));
    base.parse::<u64>().unwrap() << shift.parse::<u32>().unwrap()
}

#[test]
fn every_limit_has_the_number_that_the_code_has() {
    let limits: [(&str, u64); 17] = [
        ("age header", limit::HEADER as u64),
        ("line of armor", constant("src/bundle/layer.rs", "ARMOR_LINE")),
        ("recipients", key::RECIPIENTS_LIMIT as u64),
        ("work for a passphrase", key::WORK_FACTOR_LIMIT.into()),
        ("zstd window", limit::WINDOW_LOG.into()),
        ("manifest", limit::MANIFEST),
        ("document", limit::DOCUMENT),
        ("database", limit::DATABASE),
        ("volumes", limit::VOLUMES as u64),
        ("SHA256SUMS", limit::SUMS),
        ("SHA256SUMS.sig", key::SIGNATURE_LIMIT),
        ("zeros after the archive", limit::PADDING),
        ("file of keys", key::KEY_FILE_LIMIT),
        ("one object of a document", json::pieces::PIECE_LIMIT as u64),
        ("depth of a document", json::pieces::DEPTH_LIMIT as u64),
        ("number or word in a document", json::pieces::WORD_LIMIT as u64),
        (
            "codes of findings that a reader does not know",
            constant("src/record/entry.rs", "UNKNOWN_CODES"),
        ),
    ];
    let told: Vec<(String, u64)> = rows(&page(), "## Limits")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].parse().unwrap()))
        .collect();
    assert_eq!(told, limits.map(|(name, number)| (name.to_owned(), number)));
}

#[test]
fn every_exit_code_of_bundles_is_on_the_page() {
    let told = rows(&page(), "## What a reader must refuse, and how hsmirror calls it");
    let told: Vec<&str> = told.iter().map(|row| row[0].as_str()).collect();
    let known = hsmirror::error::EXIT_CODES.iter().filter(|(code, _)| (10..=14).contains(code));
    assert_eq!(told, known.map(|(code, _)| code.to_string()).collect::<Vec<_>>());
}

/// The files that the commands speak of.
#[cfg(unix)]
const MADE: &str = r#"
hsmirror keygen -o id > recipient
ssh-keygen -q -t ed25519 -N '' -C reader -f ssh.key
ssh-keygen -q -t ed25519 -N '' -C signer -f signing
echo "okafor@hospital,member:ELM-A/* namespaces=\"hsmirror\" $(cat signing.pub)" > signers
hsmirror export primary -q -o P.tar.zst.age -R recipient --sign signing
hsmirror export primary -q -o S.tar.zst.age -R ssh.key.pub
hsmirror export primary -q -o Q.tar.zst.age --passphrase --passphrase-fd 3 3<<< 'two words'
hsmirror compare P.tar.zst.age backup -q -i id --save C.tar.zst.age -R recipient || test $? -eq 2
echo '{ "formatVersion": "1.0", "coverage": [ { "section": "roles", "extent": "complete" } ], "roles": [] }' > configuration.json
"#;

#[cfg(unix)]
#[test]
fn its_commands_run_as_they_stand() {
    use place::{Place, TOOLS, lacks};
    if lacks(&TOOLS) || lacks(&["age-keygen", "python3"]) {
        return;
    }
    let place = Place::new();
    place.does(MADE);
    let page = page();
    let commands = page.split("\n```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    // At a terminal, since age asks there for a passphrase.
    let told: Vec<String> = commands.map(|script| place.types("two words", script)).collect();
    assert_eq!(told.len(), 8);
    let told = told.concat();
    for words in [
        "manifest.json: OK",
        "configuration.json: OK",
        "Good \"hsmirror\" signature for okafor@hospital",
        "Good \"hsmirror\" signature for member:ELM-A/IRIS",
        "signed by okafor@hospital",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    // The fingerprints are those that the manifest has.
    let shown = place.does(
        "hsmirror inspect P.tar.zst.age -i id | sed -n 's/^Recipient .*sha256://p'
         hsmirror inspect S.tar.zst.age -i ssh.key | sed -n 's/^Recipient .*\\(SHA256:.*\\)/\\1/p'",
    );
    assert_eq!(shown.lines().count(), 2, "{shown}");
    assert!(shown.lines().all(|print| told.contains(print.trim())), "{shown}{told}");
    // What was sealed again says the same, and who signed.
    let json = |bundle: &str| {
        let flags = "-i id --allowed-signers signers --format json";
        place.does(&format!("hsmirror report {bundle} {flags}"))
    };
    assert_eq!(json("P.tar.zst.age"), json("again.tar.zst.age"));
    assert!(json("made.tar.zst.age").contains("okafor@hospital"));
}
