//! A comparison as it was recorded.
//!
//! Owns the reading of `comparison.json` (design 6) back into a judgement, so that every format can show
//! it years later, and the types of its parts, from which the published schema is made. Writing it is
//! for `report`; a bundle's manifest says who sealed it.
//! Invariant: what was recorded is shown as it was recorded: verdict, findings, their words and whether
//! they block come from the record, whatever this version would say today.

mod entry;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::compare::{SectionCoverage, Side, State};
use crate::error::Result;
use crate::finding::{Judgement, Names, Verdict};
use crate::model::{Between, Configuration, Document, Provenance, Section};
use crate::reading::Reading;
use crate::report::FORMAT_VERSION;
use crate::schema;
use crate::source::{self, Options};
use entry::{Entry, Recorded};

/// Notes that a person is told at most.
const NOTES: usize = 20;

/// The result of a comparison.
// Only its schema is used: reading goes part by part.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[allow(dead_code, reason = "only its schema is used")]
pub struct Comparison {
    /// Version of this form: MAJOR.MINOR.
    #[schemars(regex(pattern = "^[0-9]{1,4}\\.[0-9]{1,4}$"))]
    format_version: String,
    /// Whether messages were asked for.
    verbose: bool,
    /// The answer.
    verdict: Verdict,
    /// The backup or DR member; for a drift the newer state.
    this_system: System,
    /// The primary; for a drift the older state.
    remote_system: System,
    /// How much of each section was compared.
    coverage: Vec<Row>,
    /// Every finding by itself.
    errors: Vec<Entry>,
    /// What went well or was left out.
    messages: Vec<String>,
}

/// One side of a comparison: its configuration, and beside it which side it is and where it comes from.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct System {
    side: SideName,
    provenance: Option<Provenance>,
    #[schemars(flatten)]
    configuration: Document,
}

/// How a side is called: `primary` and `member`, for a drift `old` and `new`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum SideName {
    Primary,
    Member,
    Old,
    New,
}

impl From<SideName> for Side {
    fn from(name: SideName) -> Self {
        match name {
            SideName::Primary | SideName::Old => Side::Primary,
            SideName::Member | SideName::New => Side::Member,
        }
    }
}

/// A row of the coverage.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Row {
    section: Section,
    state: State,
    /// Objects on the primary, or in the older state.
    #[serde(alias = "old")]
    primary: Option<usize>,
    /// Objects on the member, or in the newer state.
    #[serde(alias = "new")]
    member: Option<usize>,
    required: bool,
    #[serde(default)]
    reason: String,
}

/// Reads the record of a comparison; `path` is what it is called in complaints. Gives the judgement and
/// what a person should be told.
///
/// # Errors
/// A document that is malformed, too new, or does not satisfy its schema.
pub fn read(path: &Path, from: impl Read, options: &Options) -> Result<(Judgement, Vec<String>)> {
    let mut reading = Reading::begin(path, from, "comparison")?;
    let mut parts = Parts::default();
    while let Some(key) = reading.key()? {
        parts.read(&key, &mut reading, options)?;
    }
    reading.end()?;
    parts.judgement(&reading)
}

/// The parts of a record, as far as they were read.
#[derive(Default)]
struct Parts {
    versioned: bool,
    verdict: Option<Verdict>,
    systems: [Option<(Configuration, SideName, Option<Provenance>)>; 2],
    coverage: Option<Vec<SectionCoverage>>,
    recorded: Option<Recorded>,
    messages: Vec<String>,
    seen: BTreeSet<String>,
    notes: Vec<String>,
}

impl Parts {
    fn read<R: Read>(
        &mut self,
        key: &str,
        reading: &mut Reading<'_, R>,
        options: &Options,
    ) -> Result<()> {
        if !self.seen.insert(key.to_owned()) {
            return Err(
                reading.wrong(format!("'{}' is given twice", crate::reading::printable(key)))
            );
        }
        let place = format!("/{}", crate::reading::printable(key));
        match key {
            "formatVersion" => {
                reading.piece(&place)?;
                reading.format_version(FORMAT_VERSION)?;
                self.versioned = true;
            }
            "verbose" => {
                reading.piece(&place)?;
                reading.typed::<bool>(&place, &schema::validator::<bool>())?;
            }
            "verdict" => {
                reading.piece(&place)?;
                self.verdict = Some(reading.typed(&place, &schema::validator::<Verdict>())?);
            }
            "thisSystem" => self.systems[1] = Some(system(reading, &place, options)?),
            "remoteSystem" => self.systems[0] = Some(system(reading, &place, options)?),
            "coverage" => {
                let validator = schema::validator::<Row>();
                let mut rows = Vec::new();
                reading.elements(&place, |reading, index| {
                    let row: Row = reading.typed(format!("{place}/{index}"), &validator)?;
                    rows.push(SectionCoverage {
                        section: row.section,
                        state: row.state,
                        primary: row.primary.unwrap_or_default(),
                        member: row.member.unwrap_or_default(),
                        required: row.required,
                        reason: row.reason,
                    });
                    Ok(())
                })?;
                self.coverage = Some(rows);
            }
            "errors" => {
                let validator = schema::validator::<Entry>();
                let mut recorded = Recorded::default();
                reading.elements(&place, |reading, index| {
                    let entry: Entry = reading.typed(format!("{place}/{index}"), &validator)?;
                    recorded
                        .add(entry)
                        .ok_or_else(|| reading.wrong(format!("{place} names too many codes")))?;
                    Ok(())
                })?;
                recorded.notes.drain(..).for_each(|note| self.note(note));
                self.recorded = Some(recorded);
            }
            "messages" => {
                reading.piece(&place)?;
                self.messages = reading.typed(&place, &schema::validator::<Vec<String>>())?;
            }
            _ => {
                reading.skip(&place)?;
                self.note(format!("the record has {place}, which this version does not know"));
            }
        }
        Ok(())
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < NOTES && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn judgement<R: Read>(self, reading: &Reading<'_, R>) -> Result<(Judgement, Vec<String>)> {
        let lacks = |what: &str| reading.wrong(format!("the record lacks '{what}'"));
        if !self.versioned {
            return Err(lacks("formatVersion"));
        }
        let [primary, member] = self.systems;
        let (primary, first, of_primary) = primary.ok_or_else(|| lacks("remoteSystem"))?;
        let (member, second, of_member) = member.ok_or_else(|| lacks("thisSystem"))?;
        let between = match (first, second) {
            (SideName::Primary, SideName::Member) => Between::Members,
            (SideName::Old, SideName::New) => Between::Times,
            _ => return Err(reading.wrong("the sides are not the two of a comparison".to_owned())),
        };
        let signer = |from: &Option<Provenance>| {
            from.as_ref().map(|from| from.signer.clone()).unwrap_or_default()
        };
        let names = Names::of(&primary, &member, between);
        let mut recorded = self.recorded.ok_or_else(|| lacks("errors"))?;
        recorded.settle(&names);
        let judgement = Judgement {
            names,
            between,
            coverage: self.coverage.ok_or_else(|| lacks("coverage"))?,
            findings: recorded.findings,
            messages: self.messages,
            verdict: self.verdict.ok_or_else(|| lacks("verdict"))?,
            signers: [signer(&of_primary), signer(&of_member)],
            record: None,
            provenance: of_primary.zip(of_member),
            primary,
            member,
        };
        Ok((judgement, self.notes))
    }
}

/// A side, which side it is, and where it comes from.
fn system<R: Read>(
    reading: &mut Reading<'_, R>,
    place: &str,
    options: &Options,
) -> Result<(Configuration, SideName, Option<Provenance>)> {
    reading.enter_object()?;
    let (configuration, mut beside) = source::embedded(reading, options, &["side", "provenance"])?;
    let mut part = |name: &str| -> Option<Value> { beside.remove(name) };
    reading.value = part("side").unwrap_or_default();
    let side = reading.typed(format!("{place}/side"), &schema::validator::<SideName>())?;
    let provenance = match part("provenance") {
        Some(value) => {
            reading.value = value;
            Some(reading.typed(format!("{place}/provenance"), &schema::validator::<Provenance>())?)
        }
        None => None,
    };
    Ok((configuration, side, provenance))
}
