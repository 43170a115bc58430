//! A plan that was saved, taken up again.
//!
//! Owns the reading of one, from a bundle, from a file, or from the folder of a hand-off, and what is asked
//! of it before it is acted on: the flags it was made with, that neither side moved, that the plan made
//! afresh is the same, and who answers for it.
//! Invariant: what stands in a saved plan is never done by itself; it only chooses among the steps of the
//! plan that is made afresh, and it approves only where somebody signed it who may (design 7).

use std::path::Path;

use super::local::Local;
use super::planning::Planning;
use crate::bundle::Trust;
use crate::error::{Error, Kind, Result};
use crate::handoff::PLAN;
use crate::key::{Ask, Identities};
use crate::model::{Configuration, Digest, Signer};
use crate::operand::{Content, Planned, Ready, STREAM};
use crate::plan::{self, Choice, Plan, SectionDigest};
use crate::source::Options;

/// A side's digest, and those of its sections.
pub(super) type Digests = (Digest, Vec<SectionDigest>);

/// A plan that was saved.
pub(super) struct SavedPlan(Planned);

impl SavedPlan {
    /// Reads it.
    pub(super) fn read(
        path: &Path,
        identities: &Identities,
        trust: &Trust,
        options: &Options,
        ask: &mut dyn Ask,
    ) -> Result<Self> {
        // A hand-off holds its plan.
        let within = path.join(PLAN);
        let path = if within.is_file() { within.as_path() } else { path };
        let ready = Ready::new(path, &Local::default(), identities, ask)?;
        match ready.read_any(options, trust)? {
            Content::Plan(planned) => Ok(Self(*planned)),
            Content::Side(_) | Content::Comparison(_) | Content::Database(_) => {
                let message = format!("{} holds no plan.", path.display());
                let hint =
                    "Give what `hsmirror apply --save-plan` wrote, or the folder of a hand-off.";
                Err(Error::new(Kind::Usage, message, hint))
            }
        }
    }

    /// The plan as it was saved.
    pub(super) fn plan(&self) -> &Plan {
        &self.0.plan
    }

    /// What a person should be told.
    pub(super) fn notes(&self) -> &[String] {
        &self.0.notes
    }

    /// Whether somebody answers for it who may; a signature that no list was asked about proves nothing.
    fn is_signed(&self) -> bool {
        matches!(self.0.signer, Signer::Allowed { .. })
    }

    /// What it takes away, where it may say so.
    pub(super) fn deletions(&self) -> Vec<String> {
        if self.is_signed() { self.0.plan.deletions() } else { Vec::new() }
    }

    /// Which steps are taken: all but those that were left out when it was saved.
    pub(super) fn choice(&self, approve: &[String]) -> Choice {
        Choice {
            only: Vec::new(),
            skip: self.0.plan.left_out(),
            approve: approve.to_vec(),
            signed: self.is_signed(),
        }
    }

    /// It is only for the two states that it was made from, with the flags that it was made with.
    pub(super) fn holds_for(
        &self,
        planning: &Planning,
        [primary, of_member]: &[Digests; 2],
        member: &Configuration,
    ) -> Result<()> {
        let name = self.0.name.display();
        if let Some((flag, was)) = planning.unlike(&self.0.plan) {
            let (with, hint) = match was {
                true => ("with", format!("Give {flag} here too.")),
                false => ("without", format!("Leave {flag} out here too.")),
            };
            let message = format!("The plan {name} was made {with} {flag}.");
            return Err(Error::new(Kind::Refused, message, hint));
        }
        let moved = plan::moved(&self.0.plan, [primary, of_member], member);
        if moved.is_empty() {
            return Ok(());
        }
        let message = format!(
            "The plan {name} does not hold any more: {} moved since it was made.",
            moved.join("; ")
        );
        Err(Error::new(Kind::Refused, message, "Make the plan again and have it approved again."))
    }

    /// It is what is made of the two states afresh.
    pub(super) fn is_of(&self, afresh: &Plan) -> Result<()> {
        let Some(step) = afresh.departs(&self.0.plan) else { return Ok(()) };
        let message = format!(
            "{} is not the plan that these two give: step {step} is another one.",
            self.0.name.display()
        );
        let hint = "Give the waivers that it was made with, name again what it takes away (--delete) unless \
                    it is signed, or make it again.";
        Err(Error::new(Kind::Refused, message, hint))
    }
}

/// Standard input can be read once.
pub(super) fn once(paths: &[Option<&Path>]) -> Result<()> {
    let streams = paths.iter().flatten().filter(|path| **path == Path::new(STREAM));
    if streams.count() < 2 {
        return Ok(());
    }
    let message = "Several operands are standard input, which can be read only once.";
    Err(Error::new(Kind::Usage, message, "Give the name of a file for all but one of them."))
}
