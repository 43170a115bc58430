//! One step of a plan.
//!
//! Owns [`Step`]: which object, why, its properties before and after, by which means, what it risks,
//! and where it stands; and the two operations that it comes to, there and back. `draft` makes steps,
//! `choice` sets where they stand.
//! Invariant: what is before and after is JSON as the configuration holds it, so a step can be judged
//! against any later configuration; a step by hand comes to no operation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::gate::{Risk, RiskKind};
use super::transition::Transition;
use crate::merge;
use crate::model::{Section, Subject, property_named};
use crate::operation::{Assignment, Operation, Verb};
use crate::script::{self, Act};

/// How a step is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Means {
    /// By lines of a merge file.
    Merge,
    /// By lines of ObjectScript.
    Script,
    /// By a person.
    #[default]
    Hand,
}

impl Means {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Script => "script",
            Self::Hand => "hand",
        }
    }
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is taken.
    Ready,
    /// It is taken once somebody says so by name, or signs the plan.
    Approval,
    /// It rests on a step that is not taken.
    Waits,
    /// A person does it.
    ByHand,
    /// It was not chosen.
    LeftOut,
}

impl Standing {
    /// Every one, in the order in which they are told.
    pub const ALL: [Self; 5] =
        [Self::Ready, Self::Approval, Self::Waits, Self::ByHand, Self::LeftOut];

    /// The words for it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Approval => "to approve",
            Self::Waits => "waiting",
            Self::ByHand => "by hand",
            Self::LeftOut => "left out",
        }
    }
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What it is called: section and object.
    pub id: String,
    /// The section the object stands in.
    pub section: Section,
    /// The object.
    pub object: Subject,
    /// What is done with it.
    pub verb: Verb,
    /// How it is done.
    pub means: Means,
    /// Where it stands.
    pub standing: Standing,
    /// The findings that it puts right, by id.
    pub reasons: Vec<String>,
    /// The properties that change, in the order of their declaration.
    pub properties: Vec<Transition>,
    /// The steps that must be done before, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// What somebody should know who approves it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<Risk>,
    /// Why a person does it, and what is left to a person besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The lines of the merge file that do it; empty where other means do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// How it is undone.
    pub reversal: Reversal,
}

/// How a step is undone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reversal {
    /// By which means.
    pub means: Means,
    /// The lines of the merge file that do it; empty where other means do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Why a person does it; empty where none does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Step {
    /// What the product is asked to do; none where a person does it.
    pub fn operation(&self) -> Option<Operation> {
        (self.means != Means::Hand)
            .then(|| self.operation_of(self.verb, |change| change.after.as_ref()))
    }

    /// What the product is asked to do to take it back; none where a person does it.
    pub fn reversal(&self) -> Option<Operation> {
        (self.means != Means::Hand)
            .then(|| self.operation_of(self.verb.reverse(), |change| change.before.as_ref()))
    }

    /// What the product must have before the step is done: that operation would find it so. What no source
    /// states is left out, since the product may state it in its own way.
    pub fn before(&self) -> Option<Operation> {
        (self.means != Means::Hand).then(|| {
            self.operation_of(self.verb.reverse(), |change| {
                change.before.as_ref().filter(|_| !change.unstated)
            })
        })
    }

    fn operation_of(&self, verb: Verb, value: impl Fn(&Transition) -> Option<&Value>) -> Operation {
        let values = self.properties.iter().filter_map(|change| {
            let property = property_named(self.section, &change.property)?;
            let text = (property.written)(value(change)?)?;
            Some(Assignment { property, text })
        });
        let values = match verb {
            Verb::Delete => Vec::new(),
            _ => values.collect(),
        };
        Operation { verb, section: self.section, subject: self.object.clone(), values }
    }

    /// The settings of a task, name and value, after it or before it.
    pub fn settings(&self, after: bool) -> Vec<(String, String)> {
        let change = self.properties.iter().find(|change| change.property == SETTINGS);
        let value = change
            .and_then(|change| if after { change.after.as_ref() } else { change.before.as_ref() });
        let settings = value.and_then(Value::as_object).into_iter().flatten();
        settings
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect()
    }

    /// Whether it could hide something, so that a script looks first.
    pub fn may_hide(&self) -> bool {
        self.risks.iter().any(|risk| risk.kind == RiskKind::MayHide)
    }

    /// Whether it cannot be done unless somebody says so by name.
    pub fn is_gated(&self) -> bool {
        self.risks.iter().any(|risk| risk.kind.is_gate())
    }

    /// Settles by which means it is done and undone; `scripted` says that it must be a script.
    pub(super) fn settle(&mut self, scripted: bool) {
        if self.means == Means::Hand {
            self.lines.clear();
            self.reversal = Reversal::default();
            return;
        }
        let (Some(forth), Some(back)) = (self.operation(), self.reversal()) else { return };
        // Only a script takes away in its own order, and looks before it does.
        let by_merge = |one: &Operation| {
            if one.verb == Verb::Delete { None } else { merge::lines(one) }
        };
        let lines = Some(&forth).filter(|_| !scripted).and_then(by_merge);
        let hides = self.may_hide();
        let refused = match &lines {
            Some(_) => None,
            None => self.refusal(&forth, true, hides),
        };
        self.lines = lines.unwrap_or_default();
        self.means = if self.lines.is_empty() { Means::Script } else { Means::Merge };
        if let Some(why) = refused {
            self.leave_to_a_person(&why);
            return self.settle(scripted);
        }
        if !self.reversal.note.is_empty() {
            return;
        }
        let lines = by_merge(&back);
        let refused = match &lines {
            Some(_) => None,
            None => self.refusal(&back, false, false),
        };
        let lines = lines.unwrap_or_default();
        self.reversal = match refused {
            Some(why) => Reversal { means: Means::Hand, lines, note: format!("By hand: {why}.") },
            None if lines.is_empty() => Reversal { means: Means::Script, ..Reversal::default() },
            None => Reversal { means: Means::Merge, lines, note: String::new() },
        };
    }

    /// Why no script does it, if so.
    fn refusal(&self, operation: &Operation, forth: bool, may_hide: bool) -> Option<String> {
        let settings = self.settings(forth);
        let act = Act { id: &self.id, operation, after: &[], settings: &settings, may_hide };
        script::refusal(&act)
    }

    /// Leaves it to a person, with the reason; what else was noted of its being done falls away.
    pub(super) fn leave_to_a_person(&mut self, why: &str) {
        if self.means != Means::Hand {
            self.notes.clear();
        }
        self.means = Means::Hand;
        self.standing = Standing::ByHand;
        self.notes.push(format!("By hand: {why}."));
    }
}

/// The property whose value is a map that no text holds.
pub(super) const SETTINGS: &str = "settings";
