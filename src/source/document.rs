//! Configuration documents: `configuration.json`, whole or in part.
//!
//! Owns the streaming reader of the published JSON form. Every object is validated against its
//! schema as it comes in and turned into a typed one, so a document of any size never stands in
//! memory twice; nothing is fetched, no reference leaves the schema.
//! Invariant: nothing enters the model that does not satisfy the schema; an error names the place
//! by its path and line and never quotes a value, which might be a secret.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use jsonschema::Validator;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::Options;
use super::collected::Collected;
use super::sections::Sections;
use super::strict::{Strict, TWICE};
use crate::error::{Error, Kind, Result};
use crate::model::{
    Application, Coverage, Database, Declared, FORMAT_VERSION, Facts, Mapping, Member, Namespace,
    Object, Resource, Role, Section, Service, Task, TlsConfiguration, User, for_each_section,
};
use crate::schema;

/// Reads one configuration document.
pub(super) fn read(path: &Path, options: &Options, sections: &mut Sections) -> Result<()> {
    let file = File::open(path).map_err(|cause| Error::unreadable(path, &cause))?;
    let failure = RefCell::new(None);
    let place = RefCell::new(String::new());
    let reading = Reading { path, options, place: &place, failure: &failure };
    let mut file = BufReader::new(file);
    let start = file.fill_buf().map_err(|cause| Error::unreadable(path, &cause))?;
    let mark = if start.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    file.consume(mark);
    let mut from = serde_json::Deserializer::from_reader(file);
    let outcome = Document { reading, sections }.deserialize(&mut from).and_then(|()| from.end());
    match outcome {
        Ok(()) => Ok(()),
        Err(cause) => Err(reading.error(&cause, failure.take())),
    }
}

/// What went wrong inside a document, before its line is known.
struct Failure {
    kind: Kind,
    what: String,
    hint: String,
}

#[derive(Clone, Copy)]
struct Reading<'a> {
    path: &'a Path,
    options: &'a Options,
    /// The part of the document that is being read.
    place: &'a RefCell<String>,
    failure: &'a RefCell<Option<Failure>>,
}

const SCHEMA_HINT: &str =
    "Print the schema with `hsmirror schema configuration` and correct the document.";

impl Reading<'_> {
    /// Keeps the failure and stops the parser, which then adds the line.
    fn stop<E: serde::de::Error>(self, kind: Kind, what: String, hint: &str) -> E {
        let hint = hint.to_owned();
        *self.failure.borrow_mut() = Some(Failure { kind, what, hint });
        E::custom("stopped")
    }

    fn error(self, cause: &serde_json::Error, failure: Option<Failure>) -> Error {
        let line = cause.line().max(1);
        if let Some(Failure { kind, what, hint }) = failure {
            return Error { kind, ..Error::malformed(self.path, line, what, &hint) };
        }
        if let Some(kind) = cause.io_error_kind() {
            return Error::unreadable(self.path, &kind.into());
        }
        let what = match cause.classify() {
            serde_json::error::Category::Eof => "the document ends too early, so it is cut short",
            serde_json::error::Category::Data => {
                // The message of the library may quote the value; this one never does.
                let twice = cause.to_string().contains(TWICE);
                let why =
                    if twice { "states one thing twice" } else { "has not the type it should" };
                let what = format!("/{} {why}", self.place.borrow());
                let schema = Error::malformed(self.path, line, what, SCHEMA_HINT);
                return Error { kind: Kind::Schema, ..schema };
            }
            _ if cause.to_string().contains("recursion limit") => {
                "the document is nested deeper than any configuration"
            }
            _ => "this is not JSON",
        };
        let hint = "Look at the line, or make the document again.";
        Error::malformed(self.path, line, what, hint)
    }

    /// Validates a value against the schema of its kind and makes it typed.
    fn typed<T: DeserializeOwned, E: serde::de::Error>(
        self,
        place: &str,
        value: Value,
        validator: &Validator,
    ) -> std::result::Result<T, E> {
        if let Some(first) = validator.iter_errors(&value).next() {
            let path = first.instance_path().to_string();
            // The message of the library may quote the value; this one never does.
            let what = format!("{place}{path} {}", schema::complaint(first.kind()));
            return Err(self.stop(Kind::Schema, what, SCHEMA_HINT));
        }
        serde_json::from_value(value).map_err(|_| {
            let what = format!("{place} does not have the form the schema describes");
            self.stop(Kind::Schema, what, SCHEMA_HINT)
        })
    }
}

struct Document<'a, 's> {
    reading: Reading<'a>,
    sections: &'s mut Sections,
}

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

/// Blocks of the vendor's own file (H1.4): it has them and no format version.
const VENDOR_BLOCKS: &[&str] = &["thisSystem", "remoteSystem", "verbose", "errors", "messages"];

macro_rules! sections {
    ($($field:ident: $Object:ident = $Section:ident;)+) => {
        impl<'de> Visitor<'de> for Document<'_, '_> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a configuration document")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
                let Self { reading, sections } = self;
                let mut seen: Vec<String> = Vec::new();
                let mut version = None;
                let mut foreign = false;
                let mut unknown = Unknown::new();
                while let Some(key) = map.next_key::<String>()? {
                    if seen.contains(&key) {
                        let what = format!("'{}' is given twice", printable(&key));
                        return Err(reading.stop(Kind::Schema, what, SCHEMA_HINT));
                    }
                    *reading.place.borrow_mut() = printable(&key);
                    match key.as_str() {
                        "formatVersion" => version = Some(format_version(reading, map.next_value::<Strict>()?.0)?),
                        "member" => {
                            let Strict(value) = map.next_value()?;
                            unknown_names::<Member>(&value, &mut unknown);
                            sections.member =
                                Some(reading.typed("/member", value, &schema::validator::<Member>())?);
                        }
                        "facts" => {
                            let Strict(value) = map.next_value()?;
                            let known = |name: &str| Facts::NAMES.contains(&name);
                            names_but(&value, "facts", known, &mut unknown);
                            sections.facts =
                                reading.typed("/facts", value, &schema::validator::<Facts>())?;
                        }
                        "coverage" => {
                            let validator = schema::validator::<Vec<Coverage>>();
                            let stated: Vec<Coverage> =
                                reading.typed("/coverage", map.next_value::<Strict>()?.0, &validator)?;
                            for coverage in &stated {
                                sections.cover(coverage);
                            }
                        }
                        $(
                            name if name == Section::$Section.name() => {
                                map.next_value_seed(Objects::<$Object> {
                                    reading, name, to: &mut sections.$field, unknown: &mut unknown,
                                })?;
                            }
                        )+
                        other => {
                            foreign |= VENDOR_BLOCKS.contains(&other);
                            // Not to be kept, but to be gone through: it may be nested too deep.
                            map.next_value::<Strict>()?;
                            unknown.insert(other.to_owned());
                        }
                    }
                    seen.push(key);
                }
                if version.is_none() {
                    return Err(without_version(reading, foreign, &seen));
                }
                // In a newer form an unknown name is something this version cannot judge; in a known
                // one it is a slip of the pen, and what was meant is missing.
                sections.unread.extend(unknown.iter().map(|name| printable(name)));
                let names = unknown.iter().map(|name| printable(name));
                sections.note_unknown(reading.path, names);
                Ok(())
            }
        }
    };
}
for_each_section!(sections);

/// Names that this version does not know, each once.
type Unknown = BTreeSet<String>;

/// A name from a document, safe to print.
fn printable(name: &str) -> String {
    name.chars().take(60).flat_map(char::escape_debug).collect()
}

fn without_version<E: serde::de::Error>(reading: Reading<'_>, foreign: bool, seen: &[String]) -> E {
    let vendor =
        foreign || Section::ALL.iter().any(|section| seen.iter().any(|key| key == section.name()));
    if vendor {
        let what =
            "this looks like the file of the vendor's own Configuration() method, whose form is \
                    not published"
                .to_owned();
        let hint =
            "Give iris.cpf, the security export and the task export of the instance instead.";
        reading.stop(Kind::Malformed, what, hint)
    } else {
        let what = "this JSON has no formatVersion, so it is no configuration document".to_owned();
        reading.stop(Kind::Malformed, what, SCHEMA_HINT)
    }
}

/// Checks the version of the form: a newer major one cannot be read.
fn format_version<E: serde::de::Error>(
    reading: Reading<'_>,
    value: Value,
) -> std::result::Result<String, E> {
    let parts = |text: &str| -> Option<(u16, u16)> {
        let (major, minor) = text.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    let text = value.as_str().unwrap_or_default();
    let (Some(theirs), Some(ours)) = (parts(text), parts(FORMAT_VERSION)) else {
        let what = format!("/formatVersion is not a version such as \"{FORMAT_VERSION}\"");
        return Err(reading.stop(Kind::Schema, what, SCHEMA_HINT));
    };
    if theirs.0 > ours.0 {
        let what = format!("format {}.{} is newer than this program reads", theirs.0, theirs.1);
        let hint = "Use the version of hsmirror that wrote it, or a newer one.";
        return Err(reading.stop(Kind::TooNew, what, hint));
    }
    Ok(text.to_owned())
}

/// The array of one section.
struct Objects<'a, 's, T> {
    reading: Reading<'a>,
    name: &'a str,
    to: &'s mut Collected<T>,
    unknown: &'s mut Unknown,
}

impl<'de, T: Object> DeserializeSeed<'de> for Objects<'_, '_, T> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, T: Object> Visitor<'de> for Objects<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the array of section {}", self.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<(), A::Error> {
        let validator = schema::validator::<T>();
        self.to.give();
        let mut index = 0usize;
        while let Some(Strict(value)) = seq.next_element()? {
            unknown_names::<T>(&value, self.unknown);
            let place = format!("/{}/{index}", self.name);
            let mut object: T = self.reading.typed(&place, value, &validator)?;
            if !self.reading.options.personal_data {
                object.forget_persons();
            }
            if !self.reading.options.task_settings {
                object.forget_settings();
            }
            if object.name().is_empty() {
                let what = format!("{place}/name is empty");
                return Err(self.reading.stop(Kind::Schema, what, SCHEMA_HINT));
            }
            // The parser tells lines to errors only.
            self.to.take(object, 0);
            index += 1;
        }
        if let Some(object) = self.to.repeated() {
            let what = format!("/{} holds '{}' twice", self.name, printable(object.name()));
            return Err(self.reading.stop(Kind::Schema, what, SCHEMA_HINT));
        }
        Ok(())
    }
}

fn unknown_names<T: Declared>(value: &Value, unknown: &mut Unknown) {
    let known = |name: &str| T::PROPERTIES.iter().any(|property| property.is_named(name));
    names_but(value, T::SECTION.name(), known, unknown);
}

/// Adds the names in an object that are not known.
fn names_but(value: &Value, place: &str, known: impl Fn(&str) -> bool, unknown: &mut Unknown) {
    let Value::Object(fields) = value else { return };
    let names = fields.keys().filter(|key| !known(key)).map(|key| format!("{place}.{key}"));
    unknown.extend(names);
}
