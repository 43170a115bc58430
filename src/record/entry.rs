//! A recorded finding.
//!
//! Owns the form of an entry of `comparison.json`, from which its part of the published schema is made,
//! and the step back from entries to findings: their rules, their words as they were recorded, and who
//! explains whom. `mod` reads the entries one by one; `report` writes them.
//! Invariant: the words, the severity and whether it blocks are those of the record, whatever this
//! version would say today; a rule that this version does not know is shown like any other.

use std::collections::HashMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SideName;
use crate::compare::Side;
use crate::finding::rule::{self, Place, Rule, Severity};
use crate::finding::{Access, Finding, Names, Target, Waived, Words};
use crate::model::{
    Change, Day, Grant, MappingKind, Owner, Property, Section, Shown, Subject, property_named,
};

/// Codes this version does not know that one record may name; more are no record of a comparison.
const UNKNOWN_CODES: usize = 200;

/// A finding.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
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

/// The findings of a record, as far as they were read.
#[derive(Default)]
pub(super) struct Recorded {
    /// In the order of the record.
    pub(super) findings: Vec<Finding>,
    /// What a person should be told.
    pub(super) notes: Vec<String>,
    /// Where the findings stand, by what they are called.
    called: HashMap<String, usize>,
    /// Rules this version does not know, by name; made once each.
    unknown: Vec<&'static Rule>,
}

impl Recorded {
    /// Adds the finding of an entry; none where the record names more codes than any.
    pub(super) fn add(&mut self, mut entry: Entry) -> Option<()> {
        let (id, cause) = (entry.id.take(), entry.cause.take());
        let mut finding = self.finding(entry)?;
        finding.cause = cause.and_then(|cause| self.called.get(&cause).copied());
        if let Some(id) = id {
            self.called.entry(id).or_insert(self.findings.len());
        }
        self.findings.push(finding);
        Some(())
    }

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
                None => self.notes.push(format!(
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
        finding.recorded = Some(Box::new(words));
        Some(finding)
    }

    /// Once the sides have their names, words that are those of this version need not be kept: several
    /// findings can be told together then.
    pub(super) fn settle(&mut self, names: &Names) {
        for finding in &mut self.findings {
            let Some(words) = finding.recorded.take() else { continue };
            finding.set_side(names);
            let ours = Words {
                impact: finding.impact(),
                advice: finding.advice(),
                commands: finding.commands(),
                severity: Some(finding.severity()),
            };
            if *words != ours {
                finding.recorded = Some(words);
            }
        }
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

/// A value as a finding shows it; none where it is unknown.
fn shown(property: &Property, json: &Value) -> Option<Shown> {
    if json.is_null() {
        return None;
    }
    // A later version may know values that this one does not.
    (property.shown)(json).or_else(|| Some(Shown { json: json.clone(), spelled: json.to_string() }))
}
