//! The one-line answer.
//!
//! Owns [`Verdict`], its word and its exit code, and how it follows from findings and coverage.
//! Invariant: what blocks beats a hole in the coverage, a hole beats the rest, and "ready" means that
//! nothing is left but what was waived (design 3, 6).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Finding;
use crate::compare::SectionCoverage;
use crate::model::Between;

/// The one-line answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing to report.
    Ready,
    /// Non-blocking findings only.
    Differences,
    /// At least one blocking finding.
    Blocked,
    /// Something could not be compared.
    Incomplete,
    /// Of one member: nothing changed.
    Unchanged,
    /// Of one member: something changed.
    Changed,
}

impl Verdict {
    /// The word for it in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Ready => "ready",
            Verdict::Differences => "differences",
            Verdict::Blocked => "blocked",
            Verdict::Incomplete => "incomplete",
            Verdict::Unchanged => "unchanged",
            Verdict::Changed => "changed",
        }
    }

    /// Its exit code, as [`crate::error::EXIT_CODES`] lists it.
    pub const fn exit_code(self) -> u8 {
        match self {
            Verdict::Ready | Verdict::Unchanged => 0,
            Verdict::Differences | Verdict::Changed => 1,
            Verdict::Blocked => 2,
            Verdict::Incomplete => 3,
        }
    }

    /// What findings and coverage come to.
    pub(super) fn of(findings: &[Finding], coverage: &[SectionCoverage], between: Between) -> Self {
        let open = || findings.iter().filter(|finding| finding.waived.is_none());
        match between {
            Between::Times if open().next().is_none() => Verdict::Unchanged,
            Between::Times => Verdict::Changed,
            Between::Members if findings.iter().any(|finding| finding.rule.blocking) => {
                Verdict::Blocked
            }
            Between::Members if coverage.iter().any(SectionCoverage::is_gap) => Verdict::Incomplete,
            Between::Members if open().next().is_none() => Verdict::Ready,
            Between::Members => Verdict::Differences,
        }
    }
}
