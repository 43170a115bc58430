//! Settings of a task's class.
//!
//! Owns [`Settings`]: the names of all settings of a task and the values of those that may be
//! carried, and the list of which those are. Exports hold all values, passwords included (H5.3), so
//! the list is an allow-list (H4.8).
//! Invariant: a value that is not on the list, and was not asked for, is `null` and is compared
//! with nothing.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::form::Form;
use super::record::Content;
use super::text::Text;
use super::value::Value;

/// Settings whose value is carried: class and names, as the class reference documents them (the
/// backup list as a real export shows it). A folder of the member is left out: a difference there
/// means nothing.
const CARRIED: &[(&str, &[&str])] = &[
    ("%SYS.Task.BackupFullDatabaseList", &["SaveToTape", "TapeDevice"]),
    ("%SYS.Task.CleanSourceJournal", &["KeepDays"]),
    ("%SYS.Task.PurgeAudit", &["KeepDays"]),
    ("%SYS.Task.PurgeTaskHistory", &["KeepDays"]),
    ("Ens.Util.Tasks.Purge", &["BodiesToo", "KeepIntegrity", "NumberOfDaysToKeep", "TypesToPurge"]),
    ("Ens.Util.Tasks.PurgeActivityData", &["LengthOfPeriodToKeep", "PeriodToKeep", "TableToPurge"]),
];

/// The settings whose value may be carried although it was not asked for: class and name.
pub fn all_carried() -> impl Iterator<Item = (&'static str, &'static str)> {
    CARRIED.iter().flat_map(|(class, names)| names.iter().map(move |name| (*class, *name)))
}

/// Whether the value of a setting may be carried although it was not asked for.
pub fn carried(class: &str, setting: &str) -> bool {
    CARRIED.iter().any(|(known, names)| *known == class && names.contains(&setting))
}

/// The settings of a task by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<Text, Option<Text>>);

impl Settings {
    /// From names and the values that are carried.
    pub fn new(settings: impl IntoIterator<Item = (Text, Option<Text>)>) -> Self {
        Self(settings.into_iter().collect())
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, Option<&Text>)> {
        self.0.iter().map(|(name, value)| (name, value.as_ref()))
    }

    /// Takes out the values that may not be carried for a task of that class.
    pub fn withhold(&mut self, class: &str) {
        for (name, value) in &mut self.0 {
            if !carried(class, name) {
                *value = None;
            }
        }
    }

    /// Whether a value stays uncompared because it is not carried.
    pub fn has_uncarried(&self) -> bool {
        self.0.values().any(Option::is_none)
    }
}

impl Value for Settings {
    const FORM: Form = Form::Own;
    fn same(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.iter().zip(other.iter()).all(|((name, a), (other, b))| {
                name == other && (a.is_none() || b.is_none() || a == b)
            })
    }

    fn written(&self) -> Option<String> {
        None
    }
    fn spelled(&self) -> String {
        let words: Vec<String> = self
            .iter()
            .map(|(name, value)| match value {
                Some(value) => format!("{name}={value}"),
                None => format!("{name} (value not carried)"),
            })
            .collect();
        words.join(",")
    }

    /// Fields `NAME` with the value as text, or with no items where the value is not carried.
    fn from_content(content: &Content) -> Result<Self, String> {
        let Content::Records(records) = content else {
            return Err("a list of settings".to_owned());
        };
        let fields = records.iter().flat_map(|record| &record.fields).map(|field| {
            let value = match &field.content {
                Content::Text(value) => Some(Text::from(value.as_str())),
                Content::Items(_) | Content::Records(_) => None,
            };
            (Text::from(&*field.name), value)
        });
        Ok(Self::new(fields))
    }
}

impl JsonSchema for Settings {
    fn schema_name() -> Cow<'static, str> {
        "Settings".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Settings by name; null where the value is not carried.",
            "additionalProperties": { "type": ["null", "string"] }
        })
    }
}
