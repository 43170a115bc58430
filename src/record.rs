//! A comparison as it was recorded.
//!
//! Owns the reading of `comparison.json` (design 6) back into a judgement, so that every format can show
//! it years later, and the types of its parts, from which the published schema is made. Writing it is
//! for `report`; a bundle's manifest says who sealed it.
//! Invariant: what was recorded is shown as it was recorded: verdict, findings, their words and whether
//! they block come from the record, whatever this version would say today.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::compare::{SectionCoverage, Side, State};
use crate::error::Result;
use crate::finding::rule::{self, Place, Rule, Severity};
use crate::finding::{Access, Finding, Judgement, Names, Target, Verdict, Waived, Words};
use crate::model::{
    Between, Change, Configuration, Day, Document, Grant, MappingKind, Owner, Property, Provenance,
    Section, Shown, Subject, property_named,
};
use crate::reading::Reading;
use crate::report::FORMAT_VERSION;
use crate::schema;
use crate::source::{self, Options};

/// Codes this version does not know that one record may name; more are no record of a comparison.
const UNKNOWN_CODES: usize = 200;
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

/// A finding.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// What the finding is called; no two of a result are called alike.
    #[serde(default)]
    id: Option<String>,
    /// Id of the rule that it comes from.
    #[serde(default)]
    rule: Option<String>,
    /// The vendor's name for it, or a kebab-case one.
    code: String,
    /// 1 where the mirroring must not go on.
    #[schemars(range(min = 0, max = 1))]
    blocking: u8,
    /// How bad it is after a failover.
    #[serde(default)]
    severity: Option<Severity>,
    section: Section,
    #[serde(default)]
    kind: Option<MappingKind>,
    #[serde(default)]
    namespace: Option<String>,
    name: String,
    #[serde(default)]
    routine_type: Option<String>,
    #[serde(default)]
    database: Option<String>,
    #[serde(default)]
    task_class: Option<String>,
    #[serde(default)]
    absent_from: Option<SideName>,
    #[serde(default)]
    side: Option<SideName>,
    #[serde(default)]
    differences: Vec<Difference>,
    /// What the object names and the side does not have, or what else it goes together with.
    #[serde(default)]
    target: Option<Named>,
    /// What a user may do on one side only.
    #[serde(default)]
    access: Option<Allowed>,
    #[serde(default)]
    product_owned: bool,
    /// Id of the finding that explains this one; it stands before it.
    #[serde(default)]
    cause: Option<String>,
    /// How many findings this one explains, directly or through others.
    #[serde(default)]
    consequences: Option<usize>,
    /// Who waived it, and why.
    #[serde(default)]
    waived: Option<Waiver>,
    /// The vendor's line for it.
    text: String,
    /// What it means after a failover.
    impact: String,
    /// What to do next.
    advice: String,
    /// What to type, and where.
    #[serde(default)]
    commands: Vec<Typed>,
}

/// Something that an object names.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Named {
    section: Section,
    name: String,
}

/// What a user may do on one side only.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Allowed {
    /// Whether it is everything (`%All`).
    everything: bool,
    /// On how many resources.
    count: usize,
    /// What it is; the first of them where there are very many.
    permissions: Vec<Grant>,
}

/// Who waived a finding, and why.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Waiver {
    owner: String,
    reason: String,
    /// Last day on which the waiver holds, in UTC.
    expires: Day,
}

/// A command.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Typed {
    place: Place,
    text: String,
}

/// A property that is not as it should be.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Difference {
    property: String,
    /// On the primary, or in the older state; `null` is unknown.
    #[serde(default, alias = "old")]
    primary: Value,
    /// On the member, or in the newer state; `null` is unknown.
    #[serde(default, alias = "new")]
    member: Value,
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
    findings: Option<Vec<Finding>>,
    messages: Vec<String>,
    seen: BTreeSet<String>,
    notes: Vec<String>,
    /// Where the findings stand, by what they are called.
    called: HashMap<String, usize>,
    /// Rules this version does not know, by code; made once each.
    unknown: Vec<&'static Rule>,
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
                let mut findings = Vec::new();
                reading.elements(&place, |reading, index| {
                    let mut entry: Entry = reading.typed(format!("{place}/{index}"), &validator)?;
                    let (id, cause) = (entry.id.take(), entry.cause.take());
                    let Some(mut finding) = self.finding(entry) else {
                        return Err(reading.wrong(format!("{place} names too many codes")));
                    };
                    finding.cause = cause.and_then(|cause| self.called.get(&cause).copied());
                    if let Some(id) = id {
                        self.called.entry(id).or_insert(findings.len());
                    }
                    findings.push(finding);
                    Ok(())
                })?;
                self.findings = Some(findings);
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
        let judgement = Judgement {
            names: Names::of(&primary, &member, between),
            between,
            coverage: self.coverage.ok_or_else(|| lacks("coverage"))?,
            findings: self.findings.ok_or_else(|| lacks("errors"))?,
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

    /// The finding of an entry; none where the record names more codes than any.
    fn finding(&mut self, entry: Entry) -> Option<Finding> {
        let Entry { code, section, .. } = &entry;
        let known = match &entry.rule {
            Some(id) => rule::named(id),
            None => rule::of_code(*section, code, entry.kind),
        };
        let known = known.filter(|rule| u8::from(rule.blocking) == entry.blocking);
        let rule = match known {
            Some(rule) => rule,
            None => self.unknown_rule(&entry)?,
        };
        let mut changes = Vec::new();
        for difference in &entry.differences {
            match property_named(*section, &difference.property) {
                Some(property) => changes.push(Change {
                    property,
                    primary: shown(property, &difference.primary),
                    member: shown(property, &difference.member),
                }),
                None => self.note(format!(
                    "a finding is about {section}.{}, which this version does not know",
                    crate::reading::printable(&difference.property)
                )),
            }
        }
        let sentence = entry
            .text
            .split_once(&format!("{code}: "))
            .map_or(entry.text.as_str(), |(_, rest)| rest);
        let subject = Subject {
            name: entry.name,
            namespace: entry.namespace,
            kind: entry.kind,
            routine_type: entry.routine_type,
            database: entry.database,
            task_class: entry.task_class,
        };
        let mut finding = Finding::new(rule, entry.section, subject, sentence.to_owned());
        finding.code = entry.code.into();
        finding.absent_from = entry.absent_from.map(Side::from);
        finding.about = entry.side.map(Side::from);
        finding.target = entry.target.map(|Named { section, name }| Target { section, name });
        finding.access = entry.access.map(|Allowed { everything, count, permissions }| Access {
            everything,
            count,
            permissions: permissions.into(),
        });
        finding.changes = changes;
        finding.owner = if entry.product_owned { Owner::Product } else { Owner::Site };
        finding.waived = entry
            .waived
            .map(|Waiver { owner, reason, expires }| Arc::new(Waived { owner, reason, expires }));
        let commands = entry.commands.into_iter().map(|Typed { place, text }| (place, text));
        let words = Words {
            impact: entry.impact,
            advice: entry.advice,
            commands: commands.collect(),
            severity: entry.severity,
        };
        let ours = Words {
            impact: finding.impact(),
            advice: finding.advice(),
            commands: finding.commands(),
            severity: Some(finding.severity()),
        };
        if words != ours {
            finding.recorded = Some(Box::new(words));
        }
        Some(finding)
    }

    /// A rule that this version does not know, or that blocks where it did not. There are few of them,
    /// and they live as long as the program.
    fn unknown_rule(&mut self, entry: &Entry) -> Option<&'static Rule> {
        let blocking = entry.blocking == 1;
        let id = entry.rule.as_ref().unwrap_or(&entry.code);
        let section = Some(entry.section);
        let same = |rule: &&&'static Rule| {
            rule.id == id && rule.section == section && rule.blocking == blocking
        };
        if let Some(rule) = self.unknown.iter().find(same) {
            return Some(rule);
        }
        if self.unknown.len() >= UNKNOWN_CODES {
            return None;
        }
        let severity = entry.severity.unwrap_or(Severity::Medium);
        let rule =
            Rule::recorded(Box::leak(id.clone().into_boxed_str()), section, severity, blocking);
        let rule: &'static Rule = Box::leak(Box::new(rule));
        self.unknown.push(rule);
        Some(rule)
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

/// A value as a finding shows it; none where it is unknown.
fn shown(property: &Property, json: &Value) -> Option<Shown> {
    if json.is_null() {
        return None;
    }
    // A later version may know values that this one does not.
    (property.shown)(json).or_else(|| Some(Shown { json: json.clone(), spelled: json.to_string() }))
}
