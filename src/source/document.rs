//! Configuration documents: `configuration.json`, whole or in part.
//!
//! Owns the streaming reader of the published JSON form, from a file or from within a bundle. Every
//! object is validated against its schema as it comes in and turned into a typed one, so a document
//! of any size never stands in memory twice; nothing is fetched, no reference leaves the schema.
//! Invariant: nothing enters the model that does not satisfy the schema; an error names the place
//! by its path and line and never quotes a value, which might be a secret.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::Options;
use super::collected::Collected;
use super::sections::Sections;
use crate::error::{Error, Kind, Result};
use crate::model::{
    Application, Coverage, Database, Declared, FORMAT_VERSION, Facts, Mapping, Member, Namespace,
    Object, Property, Resource, Role, Section, Service, Task, TlsConfiguration, User,
    for_each_section,
};
use crate::reading::{Reading, printable};
use crate::schema;

/// The published schema of a configuration document.
const SCHEMA: &str = "configuration";

/// Reads one configuration document; `path` is what it is called in complaints.
pub(super) fn read<R: Read>(
    path: &Path,
    from: R,
    options: &Options,
    sections: &mut Sections,
) -> Result<()> {
    let mut reading = Reading::begin(path, from, SCHEMA)?;
    read_fields(&mut reading, options, sections, &[])?;
    reading.end()
}

/// Reads the fields of a configuration in an object that is open, to its end. What `beside` names
/// stands beside them and is handed back.
pub(super) fn read_fields<R: Read>(
    reading: &mut Reading<'_, R>,
    options: &Options,
    sections: &mut Sections,
    beside: &[&str],
) -> Result<BTreeMap<String, Value>> {
    let mut fields =
        Document { reading, options, unknown: Unknown::new(), beside, found: BTreeMap::new() };
    fields.read(sections)?;
    let Document { unknown, found, .. } = fields;
    // In a newer form an unknown name is something this version cannot judge; in a known one it is
    // a slip of the pen, and what was meant is missing.
    let names: Vec<String> = unknown.iter().map(|name| printable(name)).collect();
    sections.unread.extend(names.iter().cloned());
    sections.note_unknown(reading.path, names.into_iter());
    Ok(found)
}

/// Names that are kept of those this version does not know; one is enough to make a verdict incomplete.
const UNKNOWN: usize = 100;

/// Names that this version does not know, each once.
type Unknown = BTreeSet<String>;

struct Document<'r, 'p, R> {
    reading: &'r mut Reading<'p, R>,
    options: &'r Options,
    unknown: Unknown,
    beside: &'r [&'r str],
    found: BTreeMap<String, Value>,
}

/// Blocks of the vendor's own file (H1.4): it has them and no format version.
const VENDOR_BLOCKS: &[&str] = &["thisSystem", "remoteSystem", "verbose", "errors", "messages"];

macro_rules! sections {
    ($($field:ident: $Object:ident = $Section:ident;)+) => {
        impl<R: Read> Document<'_, '_, R> {
            fn read(&mut self, sections: &mut Sections) -> Result<()> {
                let mut seen: BTreeSet<String> = BTreeSet::new();
                let mut versioned = false;
                while let Some(key) = self.reading.key()? {
                    if seen.contains(&key) {
                        let what = format!("'{}' is given twice", printable(&key));
                        return Err(self.reading.wrong(what));
                    }
                    match key.as_str() {
                        "formatVersion" => {
                            self.reading.piece("/formatVersion")?;
                            self.reading.format_version(FORMAT_VERSION)?;
                            versioned = true;
                        }
                        "member" => {
                            self.reading.piece("/member")?;
                            let value = &self.reading.value;
                            names_but(value, "member", &names::<Member>(), &mut self.unknown);
                            let validator = schema::validator::<Member>();
                            sections.member = Some(self.reading.typed("/member", &validator)?);
                        }
                        "facts" => {
                            self.reading.piece("/facts")?;
                            let mut names: Vec<String> =
                                Facts::NAMES.iter().map(|name| (*name).to_owned()).collect();
                            names.sort_unstable();
                            names_but(&self.reading.value, "facts", &names, &mut self.unknown);
                            let validator = schema::validator::<Facts>();
                            sections.facts = self.reading.typed("/facts", &validator)?;
                        }
                        "coverage" => {
                            self.reading.piece("/coverage")?;
                            let validator = schema::validator::<Vec<Coverage>>();
                            let stated: Vec<Coverage> = self.reading.typed("/coverage", &validator)?;
                            for coverage in &stated {
                                sections.cover(coverage);
                            }
                        }
                        $(
                            name if name == Section::$Section.name() => {
                                self.objects::<$Object>(name, &mut sections.$field)?;
                            }
                        )+
                        other if self.beside.contains(&other) => {
                            self.reading.piece(&format!("/{other}"))?;
                            self.found.insert(other.to_owned(), self.reading.value.take());
                        }
                        other => {
                            // Not to be kept, but to be JSON.
                            self.reading.skip(&format!("/{}", printable(other)))?;
                            if self.unknown.len() < UNKNOWN {
                                self.unknown.insert(other.to_owned());
                            }
                        }
                    }
                    seen.insert(key);
                }
                if versioned { Ok(()) } else { Err(self.without_version(&seen)) }
            }
        }
    };
}
for_each_section!(sections);

impl<R: Read> Document<'_, '_, R> {
    /// The array of one section.
    fn objects<T: Object>(&mut self, name: &str, to: &mut Collected<T>) -> Result<()> {
        let validator = schema::validator::<T>();
        to.give();
        let names = names::<T>();
        let Self { reading, options, unknown, .. } = self;
        reading.elements(&format!("/{name}"), |reading, index| {
            let place = Place { name, index };
            let mut object: T = reading.typed(&place, &validator)?;
            // As many properties as there are keys: then every key is the name of one.
            let keys = reading.value.as_object().map_or(0, serde_json::Map::len);
            if keys != object.stated_count() {
                names_but(&reading.value, name, &names, unknown);
            }
            if !options.personal_data {
                object.forget_persons();
            }
            if !options.task_settings {
                object.forget_settings();
            }
            if object.name().is_empty() {
                return Err(reading.wrong(format!("{place}/name is empty")));
            }
            to.take(object, reading.line());
            Ok(())
        })?;
        if let Some(object) = to.repeated() {
            let what = format!("/{name} holds '{}' twice", printable(object.name()));
            return Err(self.reading.wrong(what));
        }
        Ok(())
    }

    fn without_version(&self, seen: &BTreeSet<String>) -> Error {
        let vendors = |key: &String| {
            VENDOR_BLOCKS.contains(&key.as_str())
                || Section::ALL.iter().any(|section| section.name() == key)
        };
        let (what, hint) = if seen.iter().any(vendors) {
            (
                "this looks like the file of the vendor's own Configuration() method, whose form is \
                 not published",
                "Give iris.cpf, the security export and the task export of the instance instead."
                    .to_owned(),
            )
        } else {
            (
                "this JSON has no formatVersion, so it is no configuration document",
                self.reading.schema_hint(),
            )
        };
        self.reading.complaint(Kind::Malformed, what.to_owned(), &hint)
    }
}

/// Place of an object in a document; spelled only where something is wrong.
struct Place<'a> {
    name: &'a str,
    index: usize,
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "/{}/{}", self.name, self.index)
    }
}

/// The names that properties of that kind of object have in JSON, in order.
fn names<T: Declared>() -> Vec<String> {
    let mut names: Vec<String> = T::PROPERTIES.iter().map(Property::name).collect();
    names.sort_unstable();
    names
}

/// Adds the names in an object that are not among the known ones. Both are in order, so one walk does.
fn names_but(value: &Value, place: &str, known: &[String], unknown: &mut Unknown) {
    let Value::Object(fields) = value else { return };
    let mut known = known.iter();
    let mut next = known.next();
    for key in fields.keys() {
        while next.is_some_and(|name| name < key) {
            next = known.next();
        }
        if next == Some(key) {
            next = known.next();
        } else if unknown.len() < UNKNOWN {
            unknown.insert(format!("{place}.{key}"));
        }
    }
}
