//! Random drift is found, and nothing else.
//!
//! Makes a random configuration from the published schema, applies random edits of every kind of
//! property to a copy, shuffles it, and expects exactly those edits back as findings. The values come
//! from the schema, so a property added to a declaration is edited here without a change to this
//! file. What a property's rule and absence mean is taken from its declaration; when a conditional
//! property counts is stated once more here, independently, in `counts`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

mod sample;

use std::collections::BTreeMap;
use std::fs;

use hsmirror::compare::Selection;
use hsmirror::finding;
use hsmirror::model::{
    Absence, Application, Database, Declared, Mapping, Namespace, Property, Resource, Role, Rule,
    Section, Service, Task, TlsConfiguration, User,
};
use hsmirror::source::{self, Options};
use proptest::prelude::*;
use sample::Sample;
use serde_json::{Map, Value, json};

type Object = Map<String, Value>;

/// What is withheld by default is edited here too.
const EVERYTHING: Options = Options { personal_data: true, task_settings: true, now: None };

/// What a section of the test's configurations is made of.
struct Kind {
    section: Section,
    properties: &'static [Property],
}

fn kinds() -> Vec<Kind> {
    fn kind<T: Declared>() -> Kind {
        Kind { section: T::SECTION, properties: T::PROPERTIES }
    }
    vec![
        kind::<Namespace>(),
        kind::<Database>(),
        kind::<Mapping>(),
        kind::<Role>(),
        kind::<Resource>(),
        kind::<Application>(),
        kind::<Task>(),
        kind::<User>(),
        kind::<Service>(),
        kind::<TlsConfiguration>(),
    ]
}

/// Whether a conditional property counts in this object (H4.2, H4.4, H4.5, H5.2).
fn counts(section: Section, property: &str, object: &Object) -> bool {
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    let holds = |name: &str, word: &str| {
        object.get(name).and_then(Value::as_array).is_some_and(|list| list.contains(&json!(word)))
    };
    match (section, property) {
        (Section::Resources, "description") => !holds("kind", "System"),
        (Section::Mappings, "collation") => text("kind") == "Global" && text("name").contains('('),
        (Section::Applications, "wsgiCallable" | "wsgiType") => !text("wsgiAppName").is_empty(),
        (
            Section::Users,
            "roles" | "escalationRoles" | "attributes" | "fullName" | "comment" | "startNamespace"
            | "startRoutine",
        ) => made_by_hand(object),
        (Section::Databases, "mirrorName" | "mirrorSet" | "resource" | "blockSize") => {
            object.get("inMirror") == Some(&json!(true))
        }
        (Section::Tasks, "outputFileIsBinary") => {
            object.get("openOutputFile") == Some(&json!(true))
        }
        (Section::Tasks, "runAfter") => text("timePeriod") == "run after",
        (Section::Tasks, "timePeriodDay") => on_days(object) && text("timePeriod") != "daily",
        (Section::Tasks, "timePeriodEvery" | "dailyFrequency" | "dailyStartTime") => {
            on_days(object)
        }
        (Section::Tasks, "dailyFrequencyTime" | "dailyIncrement" | "dailyEndTime") => {
            on_days(object) && text("dailyFrequency") == "several"
        }
        (Section::Tasks, "expiresDays" | "expiresHours" | "expiresMinutes") => {
            object.get("expires") != Some(&json!(false))
        }
        // Descriptions and the like of objects that are not the product's; the test makes only such.
        (_, "description") => true,
        other => panic!("say in counts() when {other:?} counts"),
    }
}

fn on_days(task: &Object) -> bool {
    !matches!(task.get("timePeriod").and_then(Value::as_str), Some("run after" | "on demand"))
}

/// Neither LDAP nor a delegated login makes the account.
fn made_by_hand(user: &Object) -> bool {
    let kind =
        user.get("kind").and_then(Value::as_array).cloned().unwrap_or(vec![json!("Password")]);
    let is = |word: &str| kind.contains(&json!(word));
    is("Password") || !(is("LDAP") || is("Delegated"))
}

/// A finding as far as this test foretells it.
type Foretold = BTreeMap<(Section, String, String), Vec<String>>;

fn identity(kind: &Kind, object: &Object) -> String {
    let parts = kind.properties.iter().filter(|property| property.rule == Rule::Identity);
    let words: Vec<String> = parts
        .map(|property| object.get(&property.name()).and_then(Value::as_str).unwrap_or_default())
        .map(str::to_lowercase)
        .collect();
    words.join("\u{1}")
}

fn missing(kind: &Kind, object: &Object) -> String {
    match kind.section {
        Section::Mappings => format!("{}MapMissing", object["kind"].as_str().unwrap()),
        _ => "Missing".to_owned(),
    }
}

/// Applies one random edit to the member's objects and says what it should be found as.
fn edit(
    kind: &Kind,
    at: usize,
    objects: &mut [Option<Object>],
    sample: &mut Sample,
) -> Option<Edit> {
    let object = objects[at].as_mut()?;
    let identity = identity(kind, object);
    match sample.below(12) {
        0 => {
            let lost = objects[at].take()?;
            let counts = kind.section != Section::Users || made_by_hand(&lost);
            Some(Edit { identity, code: missing(kind, &lost), property: None, found: counts })
        }
        1 => {
            // A name in another case is the same name.
            let folds = !matches!(kind.section, Section::Mappings | Section::Tasks | Section::Tls);
            if folds {
                let name = object["name"].as_str().unwrap().to_uppercase();
                object.insert("name".to_owned(), json!(name));
            }
            Some(Edit { identity, code: "Difference".to_owned(), property: None, found: false })
        }
        _ => {
            let own: Vec<&Property> =
                kind.properties.iter().filter(|property| property.rule != Rule::Identity).collect();
            let property = own[sample.below(own.len())];
            let name = property.name();
            let before = object.clone();
            // Namespaces state what the product fills in; leaving it out is another test's matter.
            let may_leave_out = property.since.is_none() && kind.section != Section::Namespaces;
            let removed = may_leave_out
                && matches!(property.absence, Absence::Empty | Absence::Unknown)
                && sample.below(4) == 0;
            if removed {
                object.remove(&name);
            } else {
                let value = sample.other(kind.section, &name, &before[&name]);
                object.insert(name.clone(), value);
            }
            let nothing = [json!(""), json!([]), json!({})];
            let empty = nothing.iter().any(|nothing| sample::alike(nothing, &before[&name]));
            let is_change = match property.absence {
                Absence::Unknown => !removed,
                _ => !removed || !empty,
            };
            let in_force = !property.conditional
                || (counts(kind.section, &name, &before) && counts(kind.section, &name, object));
            let found = property.rule == Rule::MustEqual && is_change && in_force;
            Some(Edit { identity, code: "Difference".to_owned(), property: Some(name), found })
        }
    }
}

struct Edit {
    identity: String,
    code: String,
    property: Option<String>,
    found: bool,
}

/// Both sides, and what must be found between them.
fn drifted(seed: u64) -> (Value, Value, Foretold) {
    let mut sample = Sample::new(seed);
    let (mut primary, mut member) = (json!({}), json!({}));
    let mut foretold = Foretold::new();
    let mut coverage = Vec::new();
    for kind in kinds() {
        let count = 1 + sample.below(4);
        let ours: Vec<Object> = (0..count).map(|at| sample.object(kind.section, at)).collect();
        let mut theirs: Vec<Option<Object>> = ours.iter().cloned().map(Some).collect();
        for at in 0..count {
            // One edit an object: two could undo each other.
            if sample.below(3) == 0 {
                continue;
            }
            let Some(edit) = edit(&kind, at, &mut theirs, &mut sample) else { continue };
            if edit.found {
                let properties =
                    foretold.entry((kind.section, edit.code, edit.identity)).or_default();
                properties.extend(edit.property);
            }
        }
        let mut theirs: Vec<Object> = theirs.into_iter().flatten().collect();
        if sample.below(3) == 0 {
            let extra = sample.object(kind.section, count);
            if kind.section != Section::Users || made_by_hand(&extra) {
                let key = (kind.section, "Extra".to_owned(), identity(&kind, &extra));
                foretold.insert(key, Vec::new());
            }
            theirs.push(extra);
        }
        sample.shuffle(&mut theirs);
        primary[kind.section.name()] = json!(ours);
        member[kind.section.name()] = json!(theirs);
        coverage.push(json!({ "section": kind.section.name(), "extent": "complete" }));
    }
    for side in [&mut primary, &mut member] {
        side["formatVersion"] = json!("1.0");
        side["coverage"] = json!(coverage);
    }
    (primary, member, foretold)
}

fn found(primary: &Value, member: &Value) -> Foretold {
    let folder = tempfile::tempdir().unwrap();
    let side = |name: &str, value: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, serde_json::to_vec_pretty(value).unwrap()).unwrap();
        source::gather(&path, &EVERYTHING).unwrap().configuration
    };
    let judgement =
        finding::judge(side("a.json", primary), side("b.json", member), &Selection::default());
    let mut found = Foretold::new();
    // What is so on one side by itself, and what users may do, follow from names that are random here.
    let differences =
        judgement.findings.into_iter().filter(|f| f.is_difference() && f.access.is_none());
    for finding in differences {
        let subject = &finding.subject;
        let mut parts = Vec::new();
        match finding.section {
            Section::Member => continue,
            Section::Mappings => {
                parts.push(subject.namespace.clone().unwrap());
                parts.push(subject.kind.unwrap().word().to_owned());
                parts.push(subject.name.clone());
                parts.push(subject.routine_type.clone().unwrap());
            }
            Section::Tasks => {
                parts.push(subject.name.clone());
                parts.push(subject.namespace.clone().unwrap());
                parts.push(subject.task_class.clone().unwrap());
            }
            _ => parts.push(subject.name.clone()),
        }
        let key = (finding.section, finding.code.to_string(), parts.join("\u{1}").to_lowercase());
        let properties = finding.changes.iter().map(|change| change.property.name()).collect();
        let twice = found.insert(key, properties);
        assert!(twice.is_none(), "one object, two findings");
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("HSMIRROR_LONG").is_some() { 5000 } else { 96 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exactly_the_edits_are_found(seed in any::<u64>()) {
        let (primary, member, foretold) = drifted(seed);
        let found = found(&primary, &member);
        let lost: Vec<_> = foretold.iter().filter(|(key, value)| found.get(key) != Some(value)).collect();
        let more: Vec<_> = found.iter().filter(|(key, value)| foretold.get(key) != Some(value)).collect();
        prop_assert!(lost.is_empty() && more.is_empty(), "not found: {lost:?}; found: {more:?}");
    }

    #[test]
    fn a_configuration_against_itself_is_silent(seed in any::<u64>()) {
        let (primary, _, _) = drifted(seed);
        prop_assert_eq!(found(&primary, &primary), Foretold::new());
    }
}

/// The property test would prove little if some property were never edited.
#[test]
fn every_property_is_edited() {
    let mut edited: BTreeMap<(Section, String), usize> = BTreeMap::new();
    for seed in 0..3000 {
        for ((section, _, _), properties) in drifted(seed).2 {
            for property in properties {
                *edited.entry((section, property)).or_default() += 1;
            }
        }
    }
    for kind in kinds() {
        for property in kind.properties.iter().filter(|p| p.rule == Rule::MustEqual) {
            let key = (kind.section, property.name());
            assert!(edited.contains_key(&key), "{key:?} was never edited");
        }
    }
}
