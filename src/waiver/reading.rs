//! The reading of a file of waivers.
//!
//! Owns the way from TOML to waivers: the text is parsed with the place of every key, each entry is
//! turned into JSON and validated with the published schema, and then made typed. What is wrong with an
//! entry is worded here, from the schema's complaint, with the line of the key.
//! Invariant: what the whole file needs (TOML, the version of its form) is an error; what one entry
//! lacks makes that entry [`Broken`] and no other. Complaints quote keys, never values.

use std::collections::{BTreeSet, HashMap, hash_map};
use std::ops::Range;
use std::path::Path;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Complaint;
use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::{Document, Entry, FORMAT_VERSION};
use super::pattern::Pattern;
use super::{Broken, ENTRIES_LIMIT, HINT, Waiver};
use crate::error::{Error, Kind, Result};
use crate::model::{Day, visible};
use crate::schema;

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) waivers: Vec<Waiver>,
    pub(super) broken: Vec<Broken>,
}

/// Complaints about one entry that are worded; a person mends those and comes again.
const TOLD: usize = 8;
/// Letters of a name that are told.
const LONGEST: usize = 120;
/// How deep an entry is looked into: its values, their list, a name in it.
const DEEPEST: usize = 3;

const NO_DAY: &str = "is not a day such as 2027-01-31";

/// Reads the text of a file.
pub(super) fn read(path: &Path, text: &str) -> Result<Found> {
    let file = File { path, lines: Lines::of(text) };
    let (table, faults) = DeTable::parse_recoverable(text);
    let table = table.into_inner();
    let entries = match table.get("waiver").map(Spanned::get_ref) {
        Some(DeValue::Array(entries)) => entries.as_ref(),
        _ => &[],
    };
    let no_days = file.forgive(&faults, entries)?;
    if table.len() + entries.len() > ENTRIES_LIMIT {
        let keys = table.iter().map(|(key, _)| key.span());
        let mut starts: Vec<usize> =
            keys.chain(entries.iter().map(Spanned::span)).map(|span| span.start).collect();
        starts.sort_unstable();
        let line = file.lines.at(starts.get(ENTRIES_LIMIT).copied().unwrap_or_default());
        let what = format!("from here on it holds more than {ENTRIES_LIMIT} entries");
        return Err(Error::malformed(path, line, what, HINT));
    }
    let mut found = Found { broken: file.head(&table)?, ..Found::default() };
    let mut seen = HashMap::new();
    for (entry, position) in entries.iter().zip(1..) {
        match file.entry(entry, position, &no_days, &mut seen) {
            Ok(waiver) => found.waivers.push(waiver),
            Err(broken) => found.broken.push(broken),
        }
    }
    found.broken.sort_by_key(|broken| broken.line);
    Ok(found)
}

/// A file that is being read.
struct File<'a> {
    path: &'a Path,
    lines: Lines,
}

impl File<'_> {
    /// Refuses what is no TOML, but for days that are none, such as 2027-02-30: the parser knows the
    /// calendar, and one of them must not take the other entries down. Gives the places of those.
    fn forgive(
        &self,
        faults: &[toml::de::Error],
        entries: &[Spanned<DeValue<'_>>],
    ) -> Result<BTreeSet<usize>> {
        let mut no_days = BTreeSet::new();
        if faults.is_empty() {
            return Ok(no_days);
        }
        let days: Vec<Range<usize>> = entries.iter().filter_map(bare_day).collect();
        let mut refused: Option<(usize, &toml::de::Error)> = None;
        for fault in faults {
            let Some(span) = fault.span() else {
                let path = self.path.display();
                let message = format!("{path} is nested deeper than any file of waivers.");
                return Err(Error::new(Kind::Malformed, message, HINT));
            };
            let before = days.partition_point(|day| day.start <= span.start);
            let day = before.checked_sub(1).and_then(|last| days.get(last));
            match day.filter(|day| span.end <= day.end) {
                Some(day) => {
                    no_days.insert(day.start);
                }
                None if refused.is_none_or(|(start, _)| span.start < start) => {
                    refused = Some((span.start, fault));
                }
                None => {}
            }
        }
        let Some((start, fault)) = refused else { return Ok(no_days) };
        let what = format!("this is not TOML: {}", visible(fault.message()));
        let hint = "Mend the line; https://toml.io says how texts, dates and tables are written.";
        Err(Error::malformed(self.path, self.lines.at(start), what, hint))
    }

    /// Looks at what stands beside the entries: the version must be there, and nothing else may.
    fn head(&self, table: &DeTable<'_>) -> Result<Vec<Broken>> {
        let mut head = Map::new();
        for (key, value) in table {
            let value = match value.get_ref() {
                DeValue::Array(_) => Value::Array(Vec::new()),
                value => json(value, DEEPEST),
            };
            head.insert(key.get_ref().to_string(), value);
        }
        let head = Value::Object(head);
        let line = |key: &str| key_line(&self.lines, table, key);
        let mut broken = Vec::new();
        let mut tell = |key: &str, why: String| {
            let line = line(key).unwrap_or(1);
            broken.push(Broken { line, position: 0, about: told(key), why });
        };
        for error in schema::validator::<Document>().iter_errors(&head) {
            match (error.instance_path().as_str(), error.kind()) {
                ("/waiver", kind) => {
                    let why =
                        format!("{}; begin each entry with [[waiver]]", schema::complaint(kind));
                    tell("waiver", why);
                }
                ("", Complaint::AdditionalProperties { unexpected }) => {
                    for key in unexpected {
                        let alone =
                            Complaint::AdditionalProperties { unexpected: vec![key.clone()] };
                        tell(key, schema::complaint(&alone));
                    }
                }
                (place, kind) => {
                    let what = format!("{}{}", spaced(place), schema::complaint(kind));
                    return Err(self.other_form(Kind::Schema, line("formatVersion"), what));
                }
            }
        }
        let theirs = head.get("formatVersion").and_then(Value::as_str).and_then(schema::version);
        match (theirs, schema::version(FORMAT_VERSION)) {
            (Some((major, _)), Some((known, _))) if major == known => Ok(broken),
            (Some((major, minor)), _) => {
                let what = format!(
                    "format {major}.{minor} is not one that this program reads, {FORMAT_VERSION}"
                );
                Err(self.other_form(Kind::TooNew, line("formatVersion"), what))
            }
            (None, _) => {
                let what = "formatVersion is not a version".to_owned();
                Err(self.other_form(Kind::Schema, line("formatVersion"), what))
            }
        }
    }

    fn other_form(&self, kind: Kind, line: Option<usize>, what: String) -> Error {
        let hint = match kind {
            Kind::TooNew => "Use the version of hsmirror that the file was written for.".to_owned(),
            _ => format!("Begin the file with `formatVersion = \"{FORMAT_VERSION}\"`."),
        };
        Error { kind, ..Error::malformed(self.path, line.unwrap_or(1), what, &hint) }
    }

    /// Reads an entry; `seen` are those before it, by what they say.
    fn entry(
        &self,
        entry: &Spanned<DeValue<'_>>,
        position: usize,
        no_days: &BTreeSet<usize>,
        seen: &mut HashMap<String, usize>,
    ) -> std::result::Result<Waiver, Broken> {
        let mut value = json(entry.get_ref(), 0);
        let no_day = bare_day(entry).is_some_and(|day| no_days.contains(&day.start));
        if let Some(last) = value.get_mut("expires").filter(|_| no_day) {
            // What the parser puts in the place of a day that is none, means nothing.
            *last = Value::from("");
        }
        let line = self.lines.at(entry.span().start);
        let broken = |line, why| Broken { line, position, about: about(&value), why };

        let validator = schema::validator::<Entry>();
        let errors: Vec<ValidationError<'_>> = validator.iter_errors(&value).take(TOLD).collect();
        if !errors.is_empty() {
            let at = errors.iter().map(|error| self.line_of(error, entry).unwrap_or(line)).min();
            let mut words: Vec<String> = errors.iter().map(words).collect();
            words.dedup();
            return Err(broken(at.unwrap_or(line), words.join("; ")));
        }
        let typed = Entry::deserialize(&value).ok().filter(|entry| entry.expires != Day::default());
        let Some(Entry { rule, name, namespace, owner, reason, expires, values }) = typed else {
            // All else the schema says as well as the types do; the calendar it does not know.
            let at = entry.get_ref().as_table().and_then(|t| key_line(&self.lines, t, "expires"));
            return Err(broken(at.unwrap_or(line), format!("expires {NO_DAY}")));
        };
        match seen.entry(value.to_string()) {
            hash_map::Entry::Occupied(first) => {
                return Err(broken(line, format!("says the same as entry {}", first.get())));
            }
            hash_map::Entry::Vacant(place) => place.insert(position),
        };
        let (name, namespace) = (Pattern::new(name), namespace.map(Pattern::new));
        Ok(Waiver { line, position, rule, name, namespace, owner, reason, expires, values })
    }

    /// The line of the key that a complaint is about; none where it is about one that is not there.
    fn line_of(&self, error: &ValidationError<'_>, entry: &Spanned<DeValue<'_>>) -> Option<usize> {
        let table = entry.get_ref().as_table()?;
        let place = error.instance_path().as_str();
        let key = match error.kind() {
            Complaint::AdditionalProperties { unexpected } if place.is_empty() => {
                let lines = unexpected.iter().take(TOLD);
                return lines.filter_map(|key| key_line(&self.lines, table, key)).min();
            }
            _ => place.split('/').nth(1)?,
        };
        key_line(&self.lines, table, key)
    }
}

/// What is wrong, in words; the schema's own where they tell enough.
fn words(error: &ValidationError<'_>) -> String {
    let path = error.instance_path();
    match (path.as_str(), error.kind()) {
        ("/expires", _) => format!("expires {NO_DAY}"),
        (place @ ("/owner" | "/reason"), Complaint::Pattern { .. }) => {
            format!("{}is blank", spaced(place))
        }
        (place, kind) => format!("{}{}", spaced(place), schema::complaint(kind)),
    }
}

/// A place in a document as TOML names it, before what is said of it; every key in it is the schema's.
fn spaced(place: &str) -> String {
    match place.strip_prefix('/') {
        Some(place) => format!("{} ", place.replace('/', ".")),
        None => String::new(),
    }
}

/// What an entry names, as far as it says so.
fn about(value: &Value) -> String {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(told);
    let namespace = text("namespace").map(|namespace| format!("in {namespace}"));
    let parts: Vec<String> =
        [text("rule"), text("name"), namespace].into_iter().flatten().collect();
    parts.join(" ")
}

/// A text from the file, safe to print.
fn told(text: &str) -> String {
    let start: String = text.chars().take(LONGEST).collect();
    let more = if start.len() < text.len() { "..." } else { "" };
    format!("{}{more}", visible(&start))
}

/// The place of the last day of an entry, where it is neither a text nor holds others.
fn bare_day(entry: &Spanned<DeValue<'_>>) -> Option<Range<usize>> {
    let day = entry.get_ref().as_table()?.get("expires")?;
    match day.get_ref() {
        DeValue::String(_) | DeValue::Array(_) | DeValue::Table(_) => None,
        _ => Some(day.span()),
    }
}

fn key_line(lines: &Lines, table: &DeTable<'_>, key: &str) -> Option<usize> {
    let (key, _) = table.get_key_value(key)?;
    Some(lines.at(key.span().start))
}

/// A value as JSON has it: dates as text, numbers as some number, since no number is right anywhere. What
/// stands deeper than anything does in an entry is left out.
fn json(value: &DeValue<'_>, depth: usize) -> Value {
    match value {
        DeValue::String(text) => Value::from(&**text),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Integer(_) | DeValue::Float(_) => Value::from(0),
        DeValue::Array(items) if depth < DEEPEST => {
            items.iter().map(|item| json(item.get_ref(), depth + 1)).collect()
        }
        DeValue::Table(table) if depth < DEEPEST => {
            let parts = table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref(), depth + 1)));
            Value::Object(parts.collect())
        }
        DeValue::Array(_) => Value::Array(Vec::new()),
        DeValue::Table(_) => Value::Object(Map::new()),
    }
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
        Self(std::iter::once(0).chain(ends).collect())
    }

    /// The line, from 1, of a place in the text.
    fn at(&self, place: usize) -> usize {
        self.0.partition_point(|start| *start <= place)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Waivers;
    use super::*;
    use std::time::Instant;

    #[test]
    fn hostile_files_end_soon() {
        let head = "formatVersion = \"1.0\"\n";
        let dots = "k.".repeat(78) + "k";
        let nested = format!("{dots} = {{ ").repeat(79) + "a = 1" + &" }".repeat(79);
        let start = Instant::now();
        for text in [
            format!("{head}waiver = [{}]", "{},".repeat(1 << 20)),
            (0..400_000).fold(head.to_owned(), |text, at| text + &format!("a{at}=1\n")),
            format!(
                "{head}waiver = [{{{}}}]",
                (0..300_000).fold(String::new(), |t, at| t + &format!("a{at}=1,"))
            ),
            format!("{head}waiver = [{{rule=[{}]}}]", "1,".repeat(1 << 20)),
            format!("{head}waiver = [{{values={{of=[{}]}}}}]", "1,".repeat(1 << 20)),
            format!("{head}waiver = {}", "[".repeat(1 << 20)),
            format!("{head}waiver = {}", "{a=".repeat(1 << 20)),
            format!("{head}[[waiver]]\n{}a = 1", "a.".repeat(1 << 20)),
            format!("{head}[[waiver]]\n[waiver.{}k]\n{nested}\n", "k.".repeat(77)),
            format!("{head}[[waiver.{dots}.{dots}]]\n"),
            format!("{head}{}", "\"".repeat(1 << 21)),
            format!("{head}{}", "]\n".repeat(1 << 20)),
            format!("{head}waiver = [{}]", "{expires=2027-02-30},".repeat(90_000)),
        ] {
            let _ = Waivers::parse(Path::new("w.toml"), &text);
        }
        assert!(start.elapsed().as_secs() < 120, "{:?}", start.elapsed());
    }
}
