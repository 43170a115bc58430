//! One property before and after a step.
//!
//! Owns [`Transition`]: both values as the configuration holds them, how they are spelled for a person,
//! and what of a list comes and goes. Steps are made of them; `gate` looks at what they change.
//! Invariant: what is before and after is JSON as the configuration has it, never a text that was made of
//! it.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Section, folded, property_named};

/// One property before and after a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// Its name in the configuration.
    pub property: String,
    /// What the member has; not there where the step creates the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What it has afterwards; not there where the step deletes the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// Whether no source states what is before, so that it is what the product has by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unstated: bool,
}

impl Transition {
    /// What is before and after, as a person reads it.
    pub fn words(&self, section: Section) -> [Option<String>; 2] {
        [&self.before, &self.after]
            .map(|value| value.as_ref().map(|value| spelled(section, &self.property, value)))
    }

    /// What of a list comes and goes, where both are lists: `+NEW -OLD`; none where only the case differs.
    pub fn gist(&self, section: Section) -> Option<String> {
        let lists = [&self.before, &self.after];
        if !lists.iter().all(|value| value.as_ref().is_some_and(Value::is_array)) {
            return None;
        }
        let one = |sign: char, items: Vec<Value>| {
            let spelled = move |item: Value| {
                format!("{sign}{}", spelled(section, &self.property, &Value::Array(vec![item])))
            };
            items.into_iter().map(spelled).collect::<Vec<String>>()
        };
        let gist = [one('+', self.added()), one('-', self.removed())].concat();
        (!gist.is_empty()).then(|| gist.join(" "))
    }

    /// Whether it becomes that flag.
    pub(super) fn becomes(&self, flag: bool) -> bool {
        self.after == Some(Value::Bool(flag))
    }

    /// What a list has afterwards that it had not before.
    pub(super) fn added(&self) -> Vec<Value> {
        without(self.after.as_ref(), self.before.as_ref())
    }

    /// What a list had that it has no more.
    pub(super) fn removed(&self) -> Vec<Value> {
        without(self.before.as_ref(), self.after.as_ref())
    }
}

/// The items of one list that another has not; they are the same by their folded text.
fn without(list: Option<&Value>, other: Option<&Value>) -> Vec<Value> {
    let items = |value: Option<&Value>| {
        value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().to_vec()
    };
    let key = |item: &Value| folded(&item.to_string());
    let others: HashSet<String> = items(other).iter().map(key).collect();
    items(list).into_iter().filter(|item| !others.contains(&key(item))).collect()
}

/// A value as a person reads it.
fn spelled(section: Section, property: &str, value: &Value) -> String {
    if let Value::Bool(yes) = value {
        return if *yes { "yes" } else { "no" }.to_owned();
    }
    let shown = property_named(section, property).and_then(|one| (one.shown)(value));
    shown.map_or_else(|| value.to_string(), |shown| shown.spelled)
}
