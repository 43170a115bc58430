//! Schemas made from types.
//!
//! Owns the making of JSON Schemas (2020-12) from the types, the validators that documents are read
//! with, and the wording of a complaint. `published` gives them names; the readers of documents
//! validate with the same ones.
//! Invariant: the types are the only source of a schema; schemas refer to nothing outside themselves and
//! are open (unknown properties are allowed, so that a newer document can be read), but for what people
//! write by hand, where a typo must be told.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// Major and minor number of the version of a form, such as `1.0`.
pub fn version(text: &str) -> Option<(u16, u16)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The schema of a type.
pub fn of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(without_null))
        .with_transform(RecursiveTransform(within_json));
    settings.into_generator().into_root_schema_for::<T>()
}

/// A property that is not stated is left out; it is never `null`. The generator lists `null` last
/// where a field is optional; a type that lists it first means it (settings of a task).
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get("type")
        && let [kept, Value::String(last)] = types.as_slice()
        && last == "null"
    {
        let kept = kept.clone();
        schema.insert("type".to_owned(), kept);
    }
    let null = serde_json::json!({ "type": "null" });
    let only = match schema.get_mut("anyOf") {
        Some(Value::Array(choices)) if choices.contains(&null) => {
            choices.retain(|choice| *choice != null);
            match choices.as_slice() {
                [Value::Object(only)] => Some(only.clone()),
                _ => None,
            }
        }
        _ => None,
    };
    if let Some(only) = only {
        schema.remove("anyOf");
        for (key, value) in only {
            schema.insert(key, value);
        }
    }
}

/// A whole number is within what every JSON reader keeps, 2^53.
fn within_json(schema: &mut Schema) {
    let whole = schema.get("type").is_some_and(|kind| kind == "integer");
    if whole && schema.get("maximum").is_none() {
        schema.insert("maximum".to_owned(), Value::from(1_u64 << 53));
    }
}

/// The validator of a type; made once, since making it takes longer than most documents.
#[expect(clippy::expect_used, reason = "the schemas are our own; a test compiles every one")]
pub fn validator<T: JsonSchema + 'static>() -> Arc<Validator> {
    static MADE: Mutex<BTreeMap<TypeId, Arc<Validator>>> = Mutex::new(BTreeMap::new());
    // A thread that panicked while it held the lock left a whole map behind.
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let validator = jsonschema::draft202012::new(of::<T>().as_value());
        Arc::new(validator.expect("a schema made from a type is valid"))
    };
    Arc::clone(made.entry(TypeId::of::<T>()).or_insert_with(make))
}

/// What is wrong with a value, without quoting it: it might be a secret.
pub fn complaint(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Required { property } => {
            format!("lacks '{}'", property.as_str().unwrap_or_default())
        }
        ValidationErrorKind::Type { kind: TypeKind::Single(kind) } => {
            format!("is not of type {kind}")
        }
        ValidationErrorKind::Pattern { pattern } => format!("does not match {pattern}"),
        ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::Enum { .. } => {
            "is none of the values the schema lists".to_owned()
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => unknown(unexpected),
        ValidationErrorKind::UniqueItems => "holds something twice".to_owned(),
        other => format!("does not satisfy '{}'", other.keyword()),
    }
}

/// Keys that a closed schema does not know, as many as a person reads; keys are no values.
fn unknown(keys: &[String]) -> String {
    const TOLD: usize = 5;
    let told = keys.iter().take(TOLD).map(|key| {
        let key: String = key.chars().take(60).flat_map(char::escape_debug).collect();
        format!("'{key}'")
    });
    let told: Vec<String> = told.collect();
    let more = if keys.len() > TOLD { " and others" } else { "" };
    format!("has a key that is not known: {}{more}", told.join(", "))
}
