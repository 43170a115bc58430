//! Dynamic objects and arrays (H8.2).
//!
//! Owns [`Dynamic`], its methods `%Set`, `%Push`, `%Get`, `%Size`, `%ToJSON`, `%GetIterator`, and what JSON
//! becomes of it. A text is put in with the type "string"; without a type only objects are known, since
//! what the product makes of a text of digits then is a number.
//! Invariant: a type that is not known panics.

use serde_json::{Value as Json, json};

use super::expression::Argument;
use super::script::{Process, Thing};
use super::syntax::Node;
use super::value::{Outcome, Value};

/// A dynamic object, or an array, whose keys are places from 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dynamic {
    pub(crate) is_array: bool,
    pub(crate) entries: Vec<(String, Entry)>,
}

/// What stands in one.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Plain(Json),
    /// Another one, by its number.
    Thing(usize),
}

impl Process<'_> {
    /// A method of a dynamic object; none where it is not one of its own.
    pub(crate) fn dynamic_method(
        &mut self,
        at: usize,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Option<Outcome<Value>> {
        let Thing::Dynamic(dynamic) = &self.things[at] else { return None };
        let answer = match (method, given.len()) {
            ("%Set", 2 | 3) if !dynamic.is_array => {
                let key = self.text(given, 0);
                let entry = self.entry(given, 1, node);
                let Thing::Dynamic(dynamic) = &mut self.things[at] else { return None };
                match dynamic.entries.iter_mut().find(|(of, _)| *of == key) {
                    Some((_, old)) => *old = entry,
                    None => dynamic.entries.push((key, entry)),
                }
                Value::Object(at)
            }
            ("%Push", 1 | 2) if dynamic.is_array => {
                let entry = self.entry(given, 0, node);
                let Thing::Dynamic(dynamic) = &mut self.things[at] else { return None };
                dynamic.entries.push((dynamic.entries.len().to_string(), entry));
                Value::Object(at)
            }
            ("%Get", 1) => {
                let key = self.text(given, 0);
                let found = dynamic.entries.iter().find(|(of, _)| *of == key);
                found.map_or_else(Value::empty, |(_, entry)| inside(entry))
            }
            ("%Size", 0) => Value::count(dynamic.entries.len()),
            ("%ToJSON", 0) => Value::Text(self.json(at).to_string()),
            ("%GetIterator", 0) => self.thing(Thing::Iterator(at, 0)),
            _ => return None,
        };
        Some(Ok(answer))
    }

    /// `%GetNext(.key,.value)`.
    pub(crate) fn next(&mut self, at: usize, given: &[Argument], node: Node<'_>) -> Value {
        let [Argument::Reference(key), Argument::Reference(value)] = given else {
            self.unknown(node)
        };
        let Thing::Iterator(of, place) = &mut self.things[at] else { self.unknown(node) };
        let (of, place) = (*of, {
            *place += 1;
            *place - 1
        });
        let Thing::Dynamic(dynamic) = &self.things[of] else { self.unknown(node) };
        let Some((name, entry)) = dynamic.entries.get(place) else { return Value::flag(false) };
        let (name, entry) = (Value::of(name), inside(entry));
        self.locals.insert(key.clone(), [(Vec::new(), name)].into());
        self.locals.insert(value.clone(), [(Vec::new(), entry)].into());
        Value::flag(true)
    }

    fn entry(&self, given: &[Argument], at: usize, node: Node<'_>) -> Entry {
        let Some(Argument::Value(value)) = given.get(at) else { self.unknown(node) };
        match (value, self.text(given, at + 1).as_str()) {
            (Value::Object(thing), "") => Entry::Thing(*thing),
            (Value::Text(text), "string") => Entry::Plain(json!(text)),
            (Value::Text(_), "boolean") => Entry::Plain(json!(value.truth())),
            (Value::Text(text), "null") if text.is_empty() => Entry::Plain(Json::Null),
            (Value::Text(text), "number") => {
                Entry::Plain(serde_json::from_str(text).unwrap_or_else(|_| self.unknown(node)))
            }
            _ => self.unknown(node),
        }
    }

    fn json(&self, at: usize) -> Json {
        let Thing::Dynamic(dynamic) = &self.things[at] else { panic!("no dynamic object") };
        let entries = dynamic.entries.iter().map(|(key, entry)| {
            let value = match entry {
                Entry::Plain(value) => value.clone(),
                Entry::Thing(at) => self.json(*at),
            };
            (key.clone(), value)
        });
        match dynamic.is_array {
            true => entries.map(|(_, value)| value).collect(),
            false => Json::Object(entries.collect()),
        }
    }
}

/// An entry as a value of the language: null and nothing are the empty text.
fn inside(entry: &Entry) -> Value {
    match entry {
        Entry::Thing(at) => Value::Object(*at),
        Entry::Plain(Json::String(text)) => Value::of(text),
        Entry::Plain(Json::Bool(yes)) => Value::flag(*yes),
        Entry::Plain(Json::Number(number)) => Value::Text(number.to_string()),
        Entry::Plain(_) => Value::empty(),
    }
}
