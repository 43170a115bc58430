//! A case: a few edits to a healthy pair, and what they come to.
//!
//! Owns the form of the files, the making of the two documents from the base and the edits, and their
//! way through the public reader to a judgement. A file may hold:
//!
//! - `about`: one sentence; `raises`: the ids of all rules found, waived ones included.
//! - `both`, `primary`, `member`: edits, in this order. `set` adds objects to sections, or merges them
//!   into the one of the same identity, where `null` takes a property away; `remove` takes objects
//!   out; `member` and `facts` are merged likewise; `coverage` replaces rows of sections, and one that
//!   is not gathered is not there. `sources`, `intended` and `readAt` are what no document holds: the
//!   records of the files, whom a bundle was made for, and the clock.
//! - `drift`: two times of one member; the edits are `then` and `now`.
//! - `waivers`, the lines of a TOML file, with `today`; `waived`: the ids of the rules they waive.
//! - `skip`: sections that are left out by name; `verdict`; `causes`: for rules the rule under which
//!   their findings stand, empty for none.
//!
//! Invariant: an edit that edits nothing, and a name that nobody knows, is a complaint.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::Path;

use hsmirror::compare::Selection;
use hsmirror::finding::{self, Judgement, Verdict};
use hsmirror::model::{Between, Configuration, Day, Moment, Section, SourceFile, Text};
use hsmirror::source::{self, Options};
use hsmirror::waiver::Waivers;
use serde::Deserialize;
use serde_json::{Map, Value, json};

type Object = Map<String, Value>;
type Complaint<T> = Result<T, String>;

/// The healthy pair: what both have, and what is each side's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Base {
    both: Object,
    primary: Edits,
    member: Edits,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) about: String,
    #[serde(default)]
    both: Edits,
    #[serde(default)]
    primary: Edits,
    #[serde(default)]
    member: Edits,
    #[serde(default)]
    then: Edits,
    #[serde(default)]
    now: Edits,
    pub(crate) raises: BTreeSet<String>,
    #[serde(default)]
    pub(crate) waived: BTreeSet<String>,
    #[serde(default)]
    pub(crate) causes: BTreeMap<String, String>,
    pub(crate) verdict: Option<Verdict>,
    #[serde(default)]
    pub(crate) drift: bool,
    waivers: Option<Vec<String>>,
    today: Option<Day>,
    #[serde(default)]
    skip: Vec<Section>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Edits {
    #[serde(default)]
    set: BTreeMap<Section, Vec<Object>>,
    #[serde(default)]
    remove: BTreeMap<Section, Vec<Object>>,
    #[serde(default)]
    member: Object,
    #[serde(default)]
    facts: Object,
    #[serde(default)]
    coverage: Vec<Object>,
    sources: Option<Vec<SourceFile>>,
    intended: Option<String>,
    read_at: Option<Moment>,
}

impl Case {
    /// Reads and judges both sides; with `reversed` every array of the documents the other way round.
    pub(crate) fn judged(&self, base: &Base, reversed: bool) -> Complaint<Judgement> {
        let Self { both, primary, member, then, now, .. } = self;
        let own = [&base.primary, &base.member];
        let of = |own: &Edits, edits: [&Edits; 3]| side(base, own, edits, reversed);
        let (a, b, between) = if self.drift {
            let none = &Edits::default();
            (of(own[1], [both, then, none])?, of(own[1], [both, now, none])?, Between::Times)
        } else {
            (of(own[0], [both, primary, then])?, of(own[1], [both, member, now])?, Between::Members)
        };
        let selection = Selection { only: Vec::new(), skip: self.skip.clone() };
        let mut judgement = finding::judge_between(a, b, &selection, between);
        if let Some(lines) = &self.waivers {
            let waivers = Waivers::parse(Path::new("waivers.toml"), &lines.join("\n"));
            let today = self.today.as_ref().ok_or("waivers without today")?;
            judgement.waive(&waivers.map_err(|cause| format!("{cause:?}"))?, today);
        }
        Ok(judgement)
    }
}

/// One side, as the reader understands its document.
fn side(base: &Base, own: &Edits, more: [&Edits; 3], reversed: bool) -> Complaint<Configuration> {
    let mut document = base.both.clone();
    let [both, ours, theirs] = more;
    let all = [own, both, ours, theirs];
    for edits in all {
        edits.apply(&mut document)?;
    }
    for row in document["coverage"].as_array().into_iter().flatten().cloned().collect::<Vec<_>>() {
        if row["extent"] == "not-gathered" {
            document.remove(row["section"].as_str().unwrap_or_default());
        }
    }
    let mut document = Value::Object(document);
    if reversed {
        reverse(&mut document);
    }
    let bytes = Cursor::new(serde_json::to_vec_pretty(&document).unwrap());
    let gathered = source::gather_from(Path::new("side.json"), bytes, &Options::default());
    let gathered = gathered.map_err(|cause| format!("{cause:?}"))?;
    let mut configuration = gathered.configuration;
    if !gathered.notes.is_empty() || !configuration.unread.is_empty() {
        return Err(format!("the reader notes {:?}", gathered.notes));
    }
    for edits in all {
        if let Some(sources) = &edits.sources {
            configuration.sources.clone_from(sources);
            if reversed {
                configuration.sources.reverse();
            }
        }
        if let Some(intended) = &edits.intended {
            configuration.intended = Some(Text::from(intended.as_str()));
        }
        configuration.read_at = edits.read_at.or(configuration.read_at);
    }
    Ok(configuration)
}

/// Turns every array round, however deep; order means nothing in a configuration.
fn reverse(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.reverse();
            items.iter_mut().for_each(reverse);
        }
        Value::Object(fields) => fields.values_mut().for_each(reverse),
        _ => {}
    }
}

impl Edits {
    fn apply(&self, document: &mut Object) -> Complaint<()> {
        for (name, with) in [("member", &self.member), ("facts", &self.facts)] {
            let object = document.entry(name).or_insert_with(|| json!({}));
            merge(object.as_object_mut().unwrap(), with)?;
        }
        for row in &self.coverage {
            let rows = array(document, "coverage");
            let known = rows.iter_mut().find(|known| known["section"] == row["section"]);
            *known.ok_or("coverage of no section")? = Value::Object(row.clone());
        }
        for (section, identities) in &self.remove {
            let objects = array(document, section.name());
            for identity in identities {
                let at = find(*section, objects, identity)
                    .ok_or_else(|| format!("removes no {section}: {identity:?}"))?;
                objects.remove(at);
            }
        }
        for (section, given) in &self.set {
            let objects = array(document, section.name());
            for object in given {
                let mut object = object.clone();
                if *section == Section::Mappings {
                    object.entry("routineType").or_insert_with(|| json!(""));
                }
                match find(*section, objects, &object) {
                    Some(at) => merge(objects[at].as_object_mut().unwrap(), &object)?,
                    None => objects.push(Value::Object(object)),
                }
            }
        }
        Ok(())
    }
}

fn array<'a>(document: &'a mut Object, name: &str) -> &'a mut Vec<Value> {
    document.entry(name).or_insert_with(|| json!([])).as_array_mut().unwrap()
}

/// What tells an object from others of its section, to the letter.
fn find(section: Section, objects: &[Value], object: &Object) -> Option<usize> {
    let identity: &[&str] = match section {
        Section::Mappings => &["namespace", "kind", "name", "routineType"],
        Section::Tasks => &["name", "namespace", "taskClass"],
        _ => &["name"],
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
    objects.iter().position(|known| {
        identity.iter().all(|name| text(known.get(name)) == text(object.get(*name)))
    })
}

fn merge(object: &mut Object, with: &Object) -> Complaint<()> {
    for (name, value) in with {
        if value.is_null() {
            object.remove(name).ok_or_else(|| format!("takes away no {name}"))?;
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    Ok(())
}
