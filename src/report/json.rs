//! The result as JSON.
//!
//! Owns the versioned JSON form of a result (design 6): the vendor's shape, with both sides, all
//! findings one by one, coverage and messages. Inner types stay free to change; this file says what
//! the outside sees.
//! Invariant: the same two configurations give the same bytes; no path, no time and no file name
//! is in them; nothing is folded.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq};
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::visible::{acts, json_escape};

use crate::compare::Side;
use crate::finding::{Finding, Judgement};
use crate::model::{Change, Configuration, Owner};

/// Version of the result's form.
const FORMAT_VERSION: &str = "1.0";

/// Writes a judgement as pretty JSON with a line end.
pub(super) fn write(judgement: &Judgement, verbose: bool, to: &mut dyn Write) -> io::Result<()> {
    let layout = Layout(PrettyFormatter::new());
    let outcome = Outcome { judgement, verbose };
    outcome.serialize(&mut Serializer::with_formatter(&mut *to, layout))?;
    to.write_all(b"\n")
}

/// The usual pretty layout, but what could act on a terminal is written as `\u` escapes: JSON is
/// looked at there too.
struct Layout(PrettyFormatter<'static>);

impl Formatter for Layout {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        to: &mut W,
        part: &str,
    ) -> io::Result<()> {
        let mut rest = part;
        while let Some((at, letter)) = rest.char_indices().find(|(_, letter)| acts(*letter)) {
            let (before, after) = rest.split_at(at);
            to.write_all(before.as_bytes())?;
            to.write_all(json_escape(letter).as_bytes())?;
            rest = after.get(letter.len_utf8()..).unwrap_or_default();
        }
        to.write_all(rest.as_bytes())
    }
    fn begin_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.begin_array(to)
    }
    fn end_array<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_array(to)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(to, first)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_array_value(to)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.begin_object(to)
    }
    fn end_object<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_object(to)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, to: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(to, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.begin_object_value(to)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.0.end_object_value(to)
    }
}

struct Outcome<'a> {
    judgement: &'a Judgement,
    verbose: bool,
}

impl Serialize for Outcome<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Judgement { primary, member, coverage, findings, messages, verdict, .. } =
            self.judgement;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("formatVersion", FORMAT_VERSION)?;
        map.serialize_entry("verbose", &self.verbose)?;
        map.serialize_entry("verdict", verdict.word())?;
        map.serialize_entry("thisSystem", &System { side: Side::Member, configuration: member })?;
        map.serialize_entry(
            "remoteSystem",
            &System { side: Side::Primary, configuration: primary },
        )?;
        map.serialize_entry("coverage", coverage)?;
        map.serialize_entry("errors", &Errors(findings))?;
        map.serialize_entry("messages", messages)?;
        map.end()
    }
}

struct System<'a> {
    side: Side,
    configuration: &'a Configuration,
}

impl Serialize for System<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("side", self.side.word())?;
        self.configuration.serialize_into(&mut map)?;
        map.end()
    }
}

struct Errors<'a>(&'a [Finding]);

impl Serialize for Errors<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut seq = to.serialize_seq(Some(self.0.len()))?;
        for finding in self.0 {
            seq.serialize_element(&Entry(finding))?;
        }
        seq.end()
    }
}

struct Entry<'a>(&'a Finding);

impl Serialize for Entry<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Finding { rule, subject, absent_from, about, changes, owner, sentence: _ } = self.0;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("code", rule.code)?;
        map.serialize_entry("blocking", &u8::from(rule.blocking))?;
        map.serialize_entry("section", rule.section.name())?;
        if let Some(kind) = subject.kind {
            map.serialize_entry("kind", kind.word())?;
        }
        if let Some(namespace) = &subject.namespace {
            map.serialize_entry("namespace", namespace)?;
        }
        map.serialize_entry("name", &subject.name)?;
        if let Some(routine_type) = &subject.routine_type {
            map.serialize_entry("routineType", routine_type)?;
        }
        if let Some(database) = &subject.database {
            map.serialize_entry("database", database)?;
        }
        if let Some(task_class) = &subject.task_class {
            map.serialize_entry("taskClass", task_class)?;
        }
        if let Some(side) = absent_from {
            map.serialize_entry("absentFrom", side.word())?;
        }
        if let Some(side) = about {
            map.serialize_entry("side", side.word())?;
        }
        if !changes.is_empty() {
            map.serialize_entry("differences", &Changes(changes))?;
        }
        if *owner == Owner::Product {
            map.serialize_entry("productOwned", &true)?;
        }
        map.serialize_entry("text", &self.0.line())?;
        map.serialize_entry("impact", &self.0.impact())?;
        map.serialize_entry("advice", &self.0.advice())?;
        map.end()
    }
}

struct Changes<'a>(&'a [Change]);

impl Serialize for Changes<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut seq = to.serialize_seq(Some(self.0.len()))?;
        for change in self.0 {
            let json = |shown: &Option<crate::model::Shown>| {
                shown.as_ref().map(|shown| shown.json.clone())
            };
            seq.serialize_element(&Difference {
                property: change.property.name(),
                primary: json(&change.primary),
                member: json(&change.member),
            })?;
        }
        seq.end()
    }
}

#[derive(Serialize)]
struct Difference {
    property: String,
    primary: Option<serde_json::Value>,
    member: Option<serde_json::Value>,
}
