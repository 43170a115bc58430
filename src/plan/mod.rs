//! The plan: what has to be done on the member, as data.
//!
//! Owns [`Plan`] and its steps. `draft` makes one of a judgement: a step for each object that is not as
//! on the primary, what it needs and what stands against it; `choice` says which steps are to be taken,
//! `state` whether a step took effect on a configuration, `document` writes and reads the plan as JSON,
//! `moved` names what changed since it was made. `handoff` turns it into files.
//! Invariant: a step holds everything that is needed to do it, to prove it and to undo it; nothing is
//! deleted unless asked by name, and a step never rests on one that is not taken (design 7).

mod choice;
mod document;
mod draft;
mod gate;
mod guard;
mod moved;
mod order;
mod person;
mod place;
mod powers;
mod program;
mod proposal;
mod reading;
mod repair;
mod state;
mod step;
mod transition;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Digest, Section};

pub use choice::{Choice, UnknownWord};
pub use document::{FORMAT_VERSION, Fault};
pub use draft::{Wishes, draft, wrong_pair};
pub use gate::{Risk, RiskKind};
pub use moved::moved;
pub use reading::{is_plan, read};
pub use state::{State, state};
pub use step::{Means, Reversal, Standing, Step};
pub use transition::Transition;

pub use crate::operation::Verb;

/// What has to be done on the member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Version of this form: MAJOR.MINOR.
    #[schemars(regex(pattern = "^[0-9]{1,4}\\.[0-9]{1,4}$"))]
    pub format_version: String,
    /// The primary as it was.
    pub primary: Side,
    /// The member as it was.
    pub member: Side,
    /// Whether personal data was planned too.
    pub personal_data: bool,
    /// Whether the values of all task settings were planned too.
    pub task_settings: bool,
    /// Sections that were not compared as a whole, so that nothing is known to be missing there.
    pub gaps: Vec<Section>,
    /// The steps in the order in which they are done.
    pub steps: Vec<Step>,
    /// What no step puts right.
    pub left: Vec<Left>,
}

/// A side that a plan was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// What it is called.
    pub name: String,
    /// Its name in the mirror, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_name: Option<String>,
    /// SHA-256 of its configuration in its one spelling.
    pub configuration_sha256: Digest,
    /// The same of each section, so that it can be told which one moved.
    pub sections: Vec<SectionDigest>,
}

/// A section of a side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SectionDigest {
    /// Which section.
    pub section: Section,
    /// SHA-256 of its field in the configuration.
    pub sha256: Digest,
}

/// A finding that no step puts right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// Its id.
    pub finding: String,
    /// What a person does about it, or why nothing is done.
    pub text: String,
    /// Whether it blocks the mirroring.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blocking: bool,
}

impl Plan {
    /// Whether a section is missing without which a comparison is incomplete.
    pub fn is_incomplete(&self) -> bool {
        self.gaps.iter().any(|section| section.required())
    }

    /// The steps that are taken, in order.
    pub fn ready(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.standing == Standing::Ready)
    }

    /// The steps that stand so, in order.
    pub fn standing(&self, standing: Standing) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.standing == standing)
    }
}
