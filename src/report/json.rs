//! The result as JSON.
//!
//! Owns the versioned JSON form of a result (design 6): the vendor's shape, with both sides, all
//! findings one by one, coverage and messages. Inner types stay free to change; this file says what
//! the outside sees.
//! Invariant: the same two configurations give the same bytes; no path, no time and no file name
//! is in them; nothing is folded.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq};
use serde_json::ser::{Formatter, PrettyFormatter};
use serde_json::{Serializer, json};

use super::fold;
use super::inventory::Inventory;
use super::visible::{acts, json_escape};

use crate::compare::{SectionCoverage, Side};
use crate::finding::{Access, Finding, Judgement, Target, Waived};
use crate::json::canonical::Object;
use crate::model::{Between, Change, Configuration, Fields, MapFields, Owner, Provenance};

/// Version of the result's form.
pub const FORMAT_VERSION: &str = "1.2";

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

/// Writes a judgement in its one spelling (RFC 8785).
pub(super) fn write_canonical(
    judgement: &Judgement,
    verbose: bool,
    to: &mut dyn Write,
) -> io::Result<()> {
    let outcome = Outcome { judgement, verbose };
    let mut names = Outcome::FIELDS.to_vec();
    names.sort_unstable();
    let mut object = Object::begin(to)?;
    for name in names {
        match outcome.system(name) {
            Some(system) => object.object(name, |inner| {
                let mut names = Vec::from(System::FIELDS);
                names.extend(Configuration::FIELDS);
                names.sort_unstable();
                names.iter().try_for_each(|name| system.write_field(name, inner))
            })?,
            None => outcome.write_field(name, &mut object)?,
        }
    }
    object.end()
}

/// Writes the content of one configuration.
pub(super) fn write_inventory(inventory: &Inventory<'_>, to: &mut dyn Write) -> io::Result<()> {
    let layout = Layout(PrettyFormatter::new());
    Listed(inventory).serialize(&mut Serializer::with_formatter(&mut *to, layout))?;
    to.write_all(b"\n")
}

struct Listed<'a>(&'a Inventory<'a>);

impl Serialize for Listed<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Inventory { configuration, provenance, sealed_at } = self.0;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("provenance", provenance)?;
        if let Some(sealed_at) = sealed_at {
            map.serialize_entry("sealedAt", sealed_at)?;
        }
        map.serialize_entry("sources", &configuration.sources)?;
        map.serialize_entry("configuration", configuration)?;
        map.end()
    }
}

struct Outcome<'a> {
    judgement: &'a Judgement,
    verbose: bool,
}

impl<'a> Outcome<'a> {
    const FIELDS: &'static [&'static str] = &[
        "formatVersion",
        "verbose",
        "verdict",
        "thisSystem",
        "remoteSystem",
        "coverage",
        "errors",
        "messages",
    ];

    /// The side that a field is, if it is one.
    fn system(&self, name: &str) -> Option<System<'a>> {
        let Judgement { primary, member, provenance, between, .. } = self.judgement;
        let of = provenance.as_ref();
        let (side, configuration, provenance) = match name {
            "thisSystem" => (Side::Member, member, of.map(|(_, member)| member)),
            "remoteSystem" => (Side::Primary, primary, of.map(|(primary, _)| primary)),
            _ => return None,
        };
        Some(System { side: side.word_between(*between), configuration, provenance })
    }

    fn write_field<F: Fields>(&self, name: &str, to: &mut F) -> Result<(), F::Error> {
        let Judgement { between, coverage, findings, messages, verdict, .. } = self.judgement;
        match name {
            "formatVersion" => to.value(name, FORMAT_VERSION),
            "verbose" => to.value(name, &self.verbose),
            "verdict" => to.value(name, verdict.word()),
            "coverage" => {
                let rows: Vec<Row<'_>> = coverage.iter().map(|row| Row(row, *between)).collect();
                to.array(name, &rows)
            }
            "errors" => {
                let called = Called::of(findings);
                let entries: Vec<Entry<'_>> = findings
                    .iter()
                    .enumerate()
                    .map(|(at, finding)| Entry { at, finding, between: *between, called: &called })
                    .collect();
                to.array(name, &entries)
            }
            "messages" => to.array(name, messages),
            _ => Ok(()),
        }
    }
}

impl Serialize for Outcome<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for name in Self::FIELDS {
            match self.system(name) {
                Some(system) => map.serialize_entry(name, &system)?,
                None => self.write_field(name, &mut MapFields(&mut map))?,
            }
        }
        map.end()
    }
}

struct System<'a> {
    side: &'static str,
    configuration: &'a Configuration,
    provenance: Option<&'a Provenance>,
}

impl System<'_> {
    /// The fields beside those of the configuration.
    const FIELDS: &'static [&'static str] = &["side", "provenance"];

    fn write_field<F: Fields>(&self, name: &str, to: &mut F) -> Result<(), F::Error> {
        match name {
            "side" => to.value(name, self.side),
            "provenance" => self.provenance.iter().try_for_each(|from| to.value(name, from)),
            _ => self.configuration.write_field(name, to),
        }
    }
}

impl Serialize for System<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        let names = Self::FIELDS.iter().chain(Configuration::FIELDS);
        let mut fields = MapFields(&mut map);
        names.into_iter().try_for_each(|name| self.write_field(name, &mut fields))?;
        map.end()
    }
}

/// A row of the coverage, with the numbers under the names of the sides.
struct Row<'a>(&'a SectionCoverage, Between);

impl Serialize for Row<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(row, between) = self;
        let SectionCoverage { section, state, primary, member, required, reason } = row;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("section", section)?;
        map.serialize_entry("state", state)?;
        map.serialize_entry(Side::Primary.word_between(*between), primary)?;
        map.serialize_entry(Side::Member.word_between(*between), member)?;
        map.serialize_entry("required", required)?;
        if !reason.is_empty() {
            map.serialize_entry("reason", reason)?;
        }
        map.end()
    }
}

/// What findings are called, and how many each explains.
struct Called {
    ids: Vec<String>,
    consequences: Vec<usize>,
}

impl Called {
    fn of(findings: &[Finding]) -> Self {
        let mut seen: HashMap<String, usize> = HashMap::with_capacity(findings.len());
        let ids = findings.iter().map(|finding| {
            let id = finding.id();
            let mut called = id.clone();
            // A name may look like one that was made so.
            while let Some(count) = seen.get_mut(&called) {
                *count += 1;
                called = format!("{id} #{count}");
            }
            seen.insert(called.clone(), 1);
            called
        });
        Self { ids: ids.collect(), consequences: fold::consequences(findings) }
    }
}

struct Entry<'a> {
    at: usize,
    finding: &'a Finding,
    between: Between,
    called: &'a Called,
}

impl Serialize for Entry<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { at, finding, between, called } = self;
        let Finding { rule, code, section, subject, absent_from, about, target, .. } = finding;
        let Finding { changes, access, owner, cause, waived, .. } = finding;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("id", &called.ids.get(*at))?;
        map.serialize_entry("rule", rule.id)?;
        map.serialize_entry("code", code)?;
        map.serialize_entry("blocking", &u8::from(rule.blocking))?;
        map.serialize_entry("severity", &finding.severity())?;
        map.serialize_entry("section", section.name())?;
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
            map.serialize_entry("absentFrom", side.word_between(*between))?;
        }
        if let Some(side) = about {
            map.serialize_entry("side", side.word_between(*between))?;
        }
        if !changes.is_empty() {
            map.serialize_entry("differences", &Changes(changes, *between))?;
        }
        if let Some(Target { section, name }) = target {
            map.serialize_entry("target", &json!({ "section": section, "name": name }))?;
        }
        if let Some(access) = access {
            map.serialize_entry("access", &Allowed(access))?;
        }
        if *owner == Owner::Product {
            map.serialize_entry("productOwned", &true)?;
        }
        if let Some(cause) = cause.and_then(|cause| called.ids.get(cause)) {
            map.serialize_entry("cause", cause)?;
        }
        if let Some(count) = called.consequences.get(*at).filter(|count| **count > 0) {
            map.serialize_entry("consequences", count)?;
        }
        if let Some(waived) = waived {
            let Waived { owner, reason, expires } = &**waived;
            let waiver = json!({ "owner": owner, "reason": reason, "expires": expires });
            map.serialize_entry("waived", &waiver)?;
        }
        map.serialize_entry("text", &finding.line())?;
        map.serialize_entry("impact", &finding.impact())?;
        map.serialize_entry("advice", &finding.advice())?;
        let commands = finding.commands();
        if !commands.is_empty() {
            let typed =
                commands.iter().map(|(place, text)| json!({ "place": place, "text": text }));
            map.serialize_entry("commands", &typed.collect::<Vec<_>>())?;
        }
        map.end()
    }
}

struct Allowed<'a>(&'a Access);

impl Serialize for Allowed<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Access { everything, permissions, count } = self.0;
        let mut map = to.serialize_map(Some(3))?;
        map.serialize_entry("everything", everything)?;
        map.serialize_entry("count", count)?;
        map.serialize_entry("permissions", &permissions[..])?;
        map.end()
    }
}

struct Changes<'a>(&'a [Change], Between);

impl Serialize for Changes<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(changes, between) = self;
        let mut seq = to.serialize_seq(Some(changes.len()))?;
        for change in *changes {
            seq.serialize_element(&Difference(change, *between))?;
        }
        seq.end()
    }
}

struct Difference<'a>(&'a Change, Between);

impl Serialize for Difference<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(change, between) = self;
        let mut map = to.serialize_map(Some(3))?;
        map.serialize_entry("property", &change.property.name())?;
        for (side, shown) in [(Side::Primary, &change.primary), (Side::Member, &change.member)] {
            let json = shown.as_ref().map(|shown| &shown.json);
            map.serialize_entry(side.word_between(*between), &json)?;
        }
        map.end()
    }
}
