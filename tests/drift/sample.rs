//! Random objects, made from the published schema.
//!
//! Owns the walk over a JSON Schema that turns a seed into values, and the choice of another value
//! for a property. Names come from a pool without two that differ in case only, and none of them is
//! one of the product's.
//! Invariant: every value satisfies the schema, and `other` never gives what the product takes for
//! the same value.

use std::sync::LazyLock;

use hsmirror::model::Section;
use serde_json::{Map, Value, json};

/// A source of random values.
pub(crate) struct Sample {
    state: u64,
    schema: &'static Value,
}

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    let published = hsmirror::published::PUBLISHED.iter();
    let mut named = published.filter(|schema| schema.name == "configuration");
    serde_json::from_str(&named.next().unwrap().text()).unwrap()
});

/// Texts of every unpleasant kind; no two fold to the same name.
const WORDS: &[&str] = &[
    "",
    "ALPHA",
    "beta",
    "Gamma Delta",
    "épsilon",
    "ζήτα",
    "quo\"te",
    "com,ma=x",
    "#hash;//",
    "東京",
    "line\nbreak",
    "back\\slash",
    "%Z",
    "_under",
    "a.b.c",
    "'",
    "{}",
    "\u{1b}[31m",
];

impl Sample {
    /// From a seed; the same seed gives the same values.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed ^ 0x9e37_79b9_7f4a_7c15, schema: &SCHEMA }
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // splitmix64
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }

    /// Puts items in another order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            let with = self.below(at + 1);
            items.swap(at, with);
        }
    }

    /// A random object of a section with every property stated; `at` makes its identity its own.
    pub(crate) fn object(&mut self, section: Section, at: usize) -> Map<String, Value> {
        let item = self.schema["properties"][section.name()]["items"].clone();
        let Value::Object(mut object) = self.value(&item) else { panic!("{section} is no object") };
        object.insert("name".to_owned(), json!(name(section, at)));
        if section == Section::Mappings {
            // Only routines have a type, and only globals subscripts and locks.
            let kind = object["kind"].as_str().unwrap().to_owned();
            let routine_type = ["", "MAC", "INC"][self.below(3)];
            // Locks in the same database are what the product fills in.
            lock_elsewhere(&mut object["lockDatabase"]);
            object.insert(
                "routineType".to_owned(),
                json!(if kind == "Routine" { routine_type } else { "" }),
            );
        }
        if section == Section::Namespaces {
            routines_somewhere(&mut object["routines"]);
        }
        if let Some(after) = object.get_mut("runAfter")
            && after == "?"
        {
            *after = json!("");
        }
        object
    }

    /// Another value for a property than `value`.
    pub(crate) fn other(&mut self, section: Section, property: &str, value: &Value) -> Value {
        let definition = self.resolve(&self.schema["properties"][section.name()]["items"].clone());
        let schema = definition["properties"][property].clone();
        for _ in 0..200 {
            let mut other = self.value(&schema);
            if property == "lockDatabase" {
                lock_elsewhere(&mut other);
            }
            if (section, property) == (Section::Namespaces, "routines") {
                routines_somewhere(&mut other);
            }
            if !alike(&other, value) {
                return other;
            }
        }
        panic!("no other value for {section}/{property} than {value}");
    }

    fn resolve(&self, schema: &Value) -> Value {
        match schema["$ref"].as_str() {
            Some(place) => self.resolve(self.schema.pointer(&place[1..]).unwrap()),
            None => schema.clone(),
        }
    }

    fn value(&mut self, schema: &Value) -> Value {
        let schema = self.resolve(schema);
        if let Some(words) = schema["enum"].as_array() {
            return words[self.below(words.len())].clone();
        }
        if let Some(choices) = schema.get("anyOf").or(schema.get("oneOf")).and_then(Value::as_array)
        {
            // Codes and bits: the first choice lists the names, another gives the form of numbers.
            return self.value(&choices[0].clone());
        }
        if let Some(word) = schema.get("const") {
            return word.clone();
        }
        match schema["type"].as_str() {
            Some("boolean") => json!(self.below(2) == 0),
            Some("integer") => json!(self.below(1000)),
            Some("string") => self.string(&schema),
            Some("array") => {
                let count = self.below(4);
                let items = schema["items"].clone();
                let list: Vec<Value> = (0..count).map(|_| self.value(&items)).collect();
                Value::Array(distinct(list))
            }
            Some("object") => match schema["properties"].as_object() {
                Some(properties) => {
                    let made =
                        properties.iter().map(|(name, schema)| (name.clone(), self.value(schema)));
                    Value::Object(made.collect())
                }
                None => {
                    let names = ["Device", "KeepDays", "Password"];
                    let count = self.below(names.len() + 1);
                    let named = names.iter().take(count);
                    Value::Object(
                        named.map(|n| ((*n).to_owned(), json!(WORDS[1 + self.below(9)]))).collect(),
                    )
                }
            },
            other => panic!("no sample for type {other:?} in {schema}"),
        }
    }

    fn string(&mut self, schema: &Value) -> Value {
        match schema["pattern"].as_str() {
            Some("^R?W?U?$") => json!(["", "R", "RW", "U", "RWU"][self.below(5)]),
            Some(day) if day.contains("{4}-") => {
                json!(["", "2027-01-31", "2030-12-24"][self.below(3)])
            }
            Some(other) => panic!("no sample for the pattern {other}"),
            None => json!(WORDS[self.below(WORDS.len())]),
        }
    }
}

/// A lock database that is none of the databases mappings lead to.
fn lock_elsewhere(database: &mut Value) {
    *database = json!(format!("LOCK{}", database.as_str().unwrap()));
}

/// A database for routines: an empty one would be the globals database, which changes by itself.
fn routines_somewhere(database: &mut Value) {
    *database = json!(format!("CODE{}", database.as_str().unwrap_or_default()));
}

/// A name that is its object's own; some mappings have subscripts.
fn name(section: Section, at: usize) -> String {
    let word = WORDS[1 + at % (WORDS.len() - 1)];
    match section {
        Section::Mappings if at.is_multiple_of(2) => format!("Elm.{at}(\"{at}\",2.1)"),
        Section::Applications => format!("/elm/{at}{word}"),
        _ => format!("Elm{at}{word}"),
    }
}

/// What the product takes for the same value: sets know no order, case or repetition; a permission
/// of nothing is no grant; several rows for one matching role are one.
pub(crate) fn alike(a: &Value, b: &Value) -> bool {
    fold(a) == fold(b)
}

fn fold(value: &Value) -> Value {
    match value {
        Value::String(text) => json!(text.to_lowercase()),
        Value::Array(items) => {
            let granted = |item: &&Value| {
                item.get("permission")
                    .and_then(Value::as_str)
                    .is_none_or(|letters| !letters.is_empty())
            };
            let mut folded: Vec<String> =
                items.iter().filter(granted).map(|item| fold(item).to_string()).collect();
            folded.sort();
            folded.dedup();
            json!(folded)
        }
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(key, value)| (key.clone(), fold(value))).collect())
        }
        other => other.clone(),
    }
}

/// Without two elements for one name.
fn distinct(list: Vec<Value>) -> Vec<Value> {
    let key = |value: &Value| {
        let named =
            value.get("resource").or(value.get("match")).or(value.get("name")).unwrap_or(value);
        fold(named).to_string()
    };
    let mut seen = std::collections::BTreeSet::new();
    list.into_iter().filter(|value| seen.insert(key(value))).collect()
}
