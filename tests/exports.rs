//! A configuration written in the product's own forms is read back as it was.
//!
//! Makes random objects from the published schema, writes them once as a configuration document and
//! once as a security export and a CPF (formats 1 and 3: elements in the product's names, masks as
//! numbers, empty values left out, lists and grants as the exports have them), reads both and expects
//! no difference. So every property of a declaration goes through the reader it is declared with.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

#[path = "drift/sample.rs"]
#[allow(dead_code, reason = "shared with the test that edits")]
mod sample;

use std::fs;

use hsmirror::compare::Selection;
use hsmirror::finding;
use hsmirror::model::{
    AccountKind, Application, ApplicationKind, AuthenticationMethods, Declared, Property, Resource,
    ResourceKind, Role, Rule, Section, Service, TlsConfiguration, User,
};
use hsmirror::source::{self, Options};
use proptest::prelude::*;
use sample::Sample;
use serde_json::{Map, Value, json};

const EVERYTHING: Options = Options { personal_data: true, task_settings: true, now: None };

/// Section, element around the records, element of a record, and the properties.
type Kind = (Section, &'static str, &'static str, &'static [Property]);

const KINDS: &[Kind] = &[
    (Section::Services, "ServicesExport", "Services", Service::PROPERTIES),
    (Section::Resources, "ResourcesExport", "Resources", Resource::PROPERTIES),
    (Section::Roles, "RolesExport", "Roles", Role::PROPERTIES),
    (Section::Users, "UsersExport", "Users", User::PROPERTIES),
    (Section::Applications, "ApplicationsExport", "Applications", Application::PROPERTIES),
    (Section::Tls, "SSLConfigsExport", "SSLConfigs", TlsConfiguration::PROPERTIES),
];

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn element(name: &str, content: &str) -> String {
    if content.is_empty() { String::new() } else { format!("<{name}>{content}</{name}>") }
}

/// The number of a mask by the name of the property that has it.
fn mask(section: Section, property: &str, names: &Value) -> Option<u64> {
    let names = || names.clone();
    Some(match (section, property) {
        (_, "authenticationMethods" | "twoFactor") => {
            serde_json::from_value::<AuthenticationMethods>(names()).unwrap().0
        }
        (Section::Users, "kind") => serde_json::from_value::<AccountKind>(names()).unwrap().0,
        (Section::Resources, "kind") => serde_json::from_value::<ResourceKind>(names()).unwrap().0,
        (Section::Applications, "kind") => {
            serde_json::from_value::<ApplicationKind>(names()).unwrap().0
        }
        _ => return None,
    })
}

fn content(section: Section, property: &Property, value: &Value) -> String {
    let text = |value: &Value| escaped(value.as_str().unwrap());
    if let Some(number) = mask(section, &property.name(), value) {
        return number.to_string();
    }
    match (value, property.field) {
        (Value::Bool(yes), _) => yes.to_string(),
        (Value::Number(number), _) => number.to_string(),
        (Value::String(_), _) => text(value),
        (Value::Array(grants), "resources") => {
            let grant = |grant: &Value| {
                let name = element("Name", &text(&grant["resource"]));
                let letters = grant["permission"].as_str().unwrap();
                let bit = |letter: char| u8::from(letters.contains(letter));
                let number = bit('R') + 2 * bit('W') + 4 * bit('U');
                element("Resource", &format!("{name}<Permission>{number}</Permission>"))
            };
            grants.iter().map(grant).collect()
        }
        (Value::Array(rows), "match_roles") => {
            let row = |row: &Value| {
                let names =
                    std::iter::once(&row["match"]).chain(row["targets"].as_array().unwrap());
                let names: Vec<String> = names.map(text).collect();
                element("MatchRolesItem", &names.join(":"))
            };
            rows.iter().map(row).collect()
        }
        (Value::Array(items), _) => {
            let name = format!("{}Item", property.source);
            items.iter().map(|item| element(&name, &text(item))).collect()
        }
        other => panic!("no export form for {other:?}"),
    }
}

/// What an export cannot state: an empty name in a list, a row for nobody that adds nothing.
fn without_empty_items(value: &mut Value) {
    let Value::Array(items) = value else { return };
    for item in items.iter_mut() {
        if let Some(targets) = item.get_mut("targets") {
            without_empty_items(targets);
        }
    }
    let is_empty = |item: &Value| match item {
        Value::String(text) => text.is_empty(),
        Value::Object(row) => {
            row.get("resource") == Some(&json!(""))
                || (row.get("match") == Some(&json!("")) && row["targets"] == json!([]))
        }
        _ => false,
    };
    items.retain(|item| !is_empty(item));
}

/// Names as a CPF can hold them: its grammar has no escapes (H3.2).
fn plain(text: &str) -> String {
    let keep = |letter: char| letter.is_alphanumeric() || "%._".contains(letter);
    text.chars().filter(|letter| keep(*letter)).collect()
}

fn cpf(databases: &[Value], namespaces: &[Value], mappings: &[Value]) -> String {
    let mut text = String::from("[ConfigFile]\nProduct=IRIS\nVersion=2024.1\n[Databases]\n");
    let part = |object: &Value, name: &str| object[name].as_str().unwrap_or_default().to_owned();
    for database in databases {
        let required = u8::from(database["mountRequired"] == json!(true));
        let (directory, server) = match part(database, "server").as_str() {
            "" => (part(database, "directory"), String::new()),
            server => (part(database, "remoteDirectory"), server.to_owned()),
        };
        let streams = part(database, "streamDirectory");
        let name = part(database, "name");
        text.push_str(&format!("{name}={directory},{server},{required},,,{streams}\n"));
    }
    text.push_str("[Namespaces]\n");
    for namespace in namespaces {
        let of = |name: &str| part(namespace, name);
        let (globals, routines, temporary) = (of("globals"), of("routines"), of("temporary"));
        text.push_str(&format!("{}={globals},{routines},{temporary}\n", of("name")));
    }
    for mapping in mappings {
        let of = |name: &str| part(mapping, name);
        let routine_type = match of("routineType").as_str() {
            "" => String::new(),
            routine_type => format!("_{routine_type}"),
        };
        let key = format!("{}_{}{routine_type}", of("kind"), of("name"));
        let (database, collation) = (of("database"), of("collation"));
        let line = format!("{key}={database},{collation},{}", of("lockDatabase"));
        text.push_str(&format!("[Map.{}]\n{line}\n", of("namespace")));
    }
    text + "[MirrorMember]\nJoinMirror=1\nSystemName=\n[Startup]\n[config]\n[SQL]\n"
}

fn round_trip(seed: u64) -> Vec<String> {
    let mut sample = Sample::new(seed);
    let mut objects = |section: Section| -> Vec<Map<String, Value>> {
        let count = 1 + sample.below(4);
        (0..count).map(|at| sample.object(section, at)).collect()
    };
    let mut document = Map::new();
    let mut coverage = Vec::new();
    let mut export = String::from("<SecurityExport>");
    for (section, around, record, properties) in KINDS {
        let mut records = objects(*section);
        export.push_str(&format!("<{around}>"));
        for object in &mut records {
            object.values_mut().for_each(without_empty_items);
            // No element states it: it is worked out from the hash.
            object.remove("initialPassword");
            let fields: String = properties
                .iter()
                .filter_map(|property| {
                    let value = object.get(&property.name())?;
                    Some(element(property.source, &content(*section, property, value)))
                })
                .collect();
            export.push_str(&element(record, &fields));
        }
        export.push_str(&format!("</{around}>"));
        coverage.push(json!({ "section": section.name(), "extent": "complete" }));
        document.insert(section.name().to_owned(), json!(records));
    }
    export.push_str("</SecurityExport>");

    let mut of_cpf = |section: Section| -> Vec<Value> {
        let mut made = objects(section);
        for object in &mut made {
            for (name, value) in object.iter_mut() {
                if let Some(text) =
                    value.as_str().filter(|_| name != "kind" && !is_name(section, name))
                {
                    *value = json!(plain(text));
                }
            }
            if section == Section::Databases {
                // A database is local, or on a server.
                let local = object["server"] == json!("");
                object.remove("remote");
                object.remove(if local { "remoteDirectory" } else { "directory" });
                object.insert("name".to_owned(), json!(plain(object["name"].as_str().unwrap())));
            }
            if section == Section::Namespaces {
                object.insert("name".to_owned(), json!(plain(object["name"].as_str().unwrap())));
            }
            if section == Section::Mappings {
                let global = object["kind"] == json!("Global");
                object.insert(
                    "name".to_owned(),
                    json!(mapped(object["name"].as_str().unwrap(), global)),
                );
                object.insert(
                    "namespace".to_owned(),
                    json!(format!("N{}", object["namespace"].as_str().unwrap())),
                );
                object.insert(
                    "database".to_owned(),
                    json!(format!("D{}", object["database"].as_str().unwrap())),
                );
                object.insert("collation".to_owned(), json!("7"));
            }
        }
        coverage.push(json!({ "section": section.name(), "extent": "complete" }));
        document.insert(section.name().to_owned(), json!(made));
        made.into_iter().map(Value::Object).collect()
    };
    let (databases, namespaces) = (of_cpf(Section::Databases), of_cpf(Section::Namespaces));
    let mappings = of_cpf(Section::Mappings);
    let cpf = cpf(&databases, &namespaces, &mappings);

    let folder = tempfile::tempdir().unwrap();
    let [written, exported] = ["written", "exported"].map(|name| folder.path().join(name));
    fs::create_dir(&written).unwrap();
    fs::create_dir(&exported).unwrap();
    let attested = json!({ "formatVersion": "1.0", "coverage": coverage });
    document.insert("formatVersion".to_owned(), json!("1.0"));
    document.insert("coverage".to_owned(), json!(coverage));
    fs::write(written.join("c.json"), json!(document).to_string()).unwrap();
    fs::write(exported.join("c.json"), attested.to_string()).unwrap();
    fs::write(exported.join("SecurityExport.xml"), export).unwrap();
    fs::write(exported.join("iris.cpf"), cpf).unwrap();
    let gather = |path| source::gather(path, &EVERYTHING).unwrap().configuration;
    let judgement = finding::judge(gather(&written), gather(&exported), &Selection::default());
    for row in judgement.coverage.iter().filter(|row| row.section != Section::Member) {
        assert_eq!(row.primary, row.member, "{}", row.section);
    }
    // Names are random, so some are of nothing that is there; that is so on both sides alike.
    let outside = judgement.findings.iter();
    let outside = outside.filter(|found| found.section != Section::Member && found.is_difference());
    outside.map(|found| found.line()).collect()
}

fn is_name(section: Section, name: &str) -> bool {
    name == "name" && section == Section::Mappings
}

/// The name of a mapping without what a key cannot hold; only globals have subscripts.
fn mapped(name: &str, global: bool) -> String {
    match name.split_once('(') {
        Some((bare, rest)) if global => format!("{}({rest}", plain(bare)),
        Some((bare, _)) => plain(bare),
        None => plain(name),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_in_the_products_forms_is_read_as_it_was(seed in any::<u64>()) {
        prop_assert_eq!(round_trip(seed), Vec::<String>::new());
    }
}

/// The round trip would prove little if a property had no element of its own to be written as.
#[test]
fn every_property_is_read_from_an_element_of_its_own() {
    for (section, _, _, properties) in KINDS {
        let sources: std::collections::BTreeSet<&str> =
            properties.iter().map(|property| property.source).collect();
        assert_eq!(sources.len(), properties.len(), "{section}");
        assert!(properties.iter().any(|property| property.rule == Rule::MustEqual));
    }
}
