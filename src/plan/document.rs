//! A plan as JSON: `plan.json`.
//!
//! Owns the reading and writing of the plan's one spelling, and the holding of a plan that was read
//! against one that was made afresh of the same two states. The bundle carries it;
//! `schema/plan.schema.json` describes it.
//! Invariant: nothing of a plan that was read is done as it stands there: it is made afresh, and refused
//! where it departs from that, so a plan cannot bring in a step or lose a risk.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use serde::Deserialize;
use serde_json::Value;

use super::Plan;
use super::step::{Standing, Step};
use crate::json::{canonical, strict};
use crate::operation::Verb;
use crate::schema;

/// Version of the plan's JSON form. A newer minor version adds, a newer major one changes.
pub const FORMAT_VERSION: &str = "1.0";

/// Why a plan cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no JSON object, or states something twice.
    Json,
    /// Its form is newer: this version.
    TooNew(String),
    /// It does not satisfy the schema: where and how.
    Schema(String),
}

impl Plan {
    /// Writes it in its one spelling.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        canonical::write(self, to)
    }

    /// Reads it.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn read(text: &[u8]) -> Result<Self, Fault> {
        let mut value = Value::Null;
        strict::read(text, &mut value).map_err(|_| Fault::Json)?;
        let stated = value.get("formatVersion").and_then(Value::as_str).unwrap_or_default();
        let ours = schema::version(FORMAT_VERSION).unwrap_or_default();
        if let Some(theirs) = schema::version(stated)
            && theirs > ours
        {
            return Err(Fault::TooNew(stated.to_owned()));
        }
        let validator = schema::validator::<Self>();
        if let Some(first) = validator.iter_errors(&value).next() {
            let what = format!("{} {}", first.instance_path(), schema::complaint(first.kind()));
            return Err(Fault::Schema(what));
        }
        Self::deserialize(&value)
            .map_err(|_| Fault::Schema(" does not have the form the schema describes".to_owned()))
    }

    /// The first step in which another plan, made of the same two states, is not this one; where a step
    /// stands is a matter of choice and does not count.
    pub fn departs(&self, other: &Self) -> Option<String> {
        let ours: HashMap<&str, &Step> =
            self.steps.iter().map(|step| (step.id.as_str(), step)).collect();
        let theirs: HashSet<&str> = other.steps.iter().map(|step| step.id.as_str()).collect();
        let alike = |theirs: &&Step| {
            let ours = ours.get(theirs.id.as_str());
            ours.is_some_and(|ours| {
                Step { standing: theirs.standing, ..(*ours).clone() } == **theirs
            })
        };
        let other_one = other.steps.iter().find(|step| !alike(step));
        let missing = || self.steps.iter().find(|step| !theirs.contains(step.id.as_str()));
        other_one.or_else(missing).map(|step| step.id.clone())
    }

    /// The findings whose objects its steps take away, by id.
    pub fn deletions(&self) -> Vec<String> {
        let deleting = self.steps.iter().filter(|step| step.verb == Verb::Delete);
        deleting.flat_map(|step| step.reasons.iter().cloned()).collect()
    }

    /// Whether a step takes away the object of a finding.
    pub fn takes_away(&self, finding: &str) -> bool {
        let mut deleting = self.steps.iter().filter(|step| step.verb == Verb::Delete);
        deleting.any(|step| step.reasons.iter().any(|reason| reason == finding))
    }

    /// The steps that were left out when it was saved, by id.
    pub fn left_out(&self) -> Vec<String> {
        self.standing(Standing::LeftOut).map(|step| step.id.clone()).collect()
    }
}
