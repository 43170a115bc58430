//! A plan is taken back.
//!
//! Owns the way back from wherever a rollout of a plan stands: only steps whose group began and that are
//! not as before are undone, by the same two files as in a hand-off, the merge file first; then the
//! instance is gathered and each must be as before. What only a person can put back is told.
//! Invariant: on the primary nothing is undone; the way back can be interrupted and begun again, since it
//! looks each time at what is left to undo.

use super::Rollout;
use super::act::Act;
use super::forth::files;
use super::ground::Ground;
use super::journal::{End, Missed};
use super::proof::{self, Proof, named, words};
use crate::error::{Error, Kind, Result};
use crate::handoff::{self, File};
use crate::plan::{Means, Plan, Standing, State, Step};
use crate::script::Answers;

/// The merge file of what is left to undo.
const UNDO_NOW: &str = "undo-now.cpf";

/// What taking a plan back comes to.
#[derive(Clone, Debug, Default)]
pub struct WayBack {
    /// The steps that are undone, by their names.
    pub undone: Vec<String>,
    /// Those among them that are neither as before nor as the plan wanted them: what was changed there
    /// since is overwritten.
    pub overwritten: Vec<Missed>,
    /// Steps that only a person can undo, with what to do.
    pub by_hand: Vec<Missed>,
}

impl Rollout {
    /// What taking the plan back would do.
    ///
    /// # Errors
    /// The instance is the primary or another member; whatever the session says.
    pub fn way_back(&self, plan: &Plan, ground: &dyn Ground) -> Result<WayBack> {
        proof::same_member(ground, plan.member.system_name.as_deref())?;
        Ok(self.left_to_undo(plan, &Proof::of(plan, ground)?))
    }

    fn left_to_undo(&self, plan: &Plan, seen: &Proof) -> WayBack {
        let mut way = WayBack::default();
        for (step, state) in seen.steps(plan).filter(|(step, _)| self.was_begun(step)) {
            let missed = |words| Missed { step: step.id.clone(), words };
            match state {
                State::Before => continue,
                _ if step.reversal.means == Means::Hand => {
                    way.by_hand.push(missed(step.reversal.note.clone()));
                    continue;
                }
                State::Other(_) => way.overwritten.push(missed(words(state, step))),
                State::Done | State::Unknown => {}
            }
            way.undone.push(step.id.clone());
        }
        way
    }

    /// Whether the group of a step began.
    fn was_begun(&self, step: &Step) -> bool {
        Act::of(step.means).is_some_and(|act| self.journal.has_begun(act))
    }

    /// Takes the plan back; gives what is left to a person.
    ///
    /// # Errors
    /// As [`Rollout::way_back`]; a step that is not as before afterwards; whatever stops it half-way.
    pub fn back(
        &mut self,
        plan: &Plan,
        ground: &dyn Ground,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Vec<Missed>> {
        let way = self.way_back(plan, ground)?;
        let files = files(&only(plan, &way.undone), self.path());
        let file = |name: &str| files.iter().find(|file| file.name == name);
        let mut answers = Answers::default();
        if let Some(File { text, .. }) = file(handoff::UNDO_MERGE) {
            let put = self.folder.put(UNDO_NOW, text.as_bytes());
            put.map_err(|cause| self.unwritten(&cause))?;
            tell(Act::UndoMerge.doing());
            self.begins(Act::UndoMerge)?;
            let merged = ground.merge(&self.path().join(UNDO_NOW));
            merged.map_err(|error| self.stops(Act::UndoMerge, error))?;
            self.done(Act::UndoMerge)?;
        }
        if let Some(File { text, .. }) = file(handoff::UNDO_SCRIPT) {
            tell(Act::UndoScript.doing());
            self.begins(Act::UndoScript)?;
            let said = ground.session(text);
            let said = said.map_err(|error| self.stops(Act::UndoScript, error))?;
            answers = Answers::read(&said.lines, way.undone.iter().map(String::as_str));
            proof::stopped(&answers).map_err(|error| self.stops(Act::UndoScript, error))?;
            self.done(Act::UndoScript)?;
        }
        let last = self.journal.begun.filter(|act| act.is_back()).unwrap_or(Act::UndoScript);
        let seen = Proof::of(plan, ground).map_err(|error| self.stops(last, error))?;
        let begun = seen
            .steps(plan)
            .filter(|(step, _)| self.was_begun(step) && step.reversal.means != Means::Hand);
        let missed = seen.missed(begun, &State::Before, &answers);
        self.found(seen.found(missed.clone()))?;
        if !missed.is_empty() {
            let message = format!("Not everything is as it was: {}.", named(&missed));
            let hint =
                "Put right what stands against it; messages.log of the instance may say more.";
            return Err(self.stops(last, Error::new(Kind::Unfinished, message, hint)));
        }
        self.ended(End::Reverted)?;
        Ok(way.by_hand)
    }
}

/// The plan with these steps alone.
fn only(plan: &Plan, ids: &[String]) -> Plan {
    let ids: std::collections::HashSet<&String> = ids.iter().collect();
    let mut plan = plan.clone();
    for step in plan.steps.iter_mut().filter(|step| !ids.contains(&step.id)) {
        step.standing = Standing::LeftOut;
    }
    plan
}
