//! What is looked at before and after each act.
//!
//! Owns the two looks at the instance: who it is, asked by a script that stops on the primary and on
//! another member, and what it holds, gathered afresh and held against the steps of the plan; and the
//! words for steps that are not as they should be.
//! Invariant: nothing that a merge or a script says makes a step done; what was not gathered is not known,
//! and not known is never done.

use super::ground::Ground;
use super::journal::{Found, Missed};
use crate::error::{Error, Kind, Result};
use crate::model::{Configuration, Extent};
use crate::plan::{Plan, State, Step, state};
use crate::script::{self, Answers, For};

/// What the instance holds now.
pub(super) struct Proof {
    /// All of it.
    pub(super) configuration: Configuration,
    /// Of each step of the plan, in order.
    states: Vec<State>,
}

/// Steps that an error names at most.
const NAMED: usize = 3;

/// Whether the instance is still the member that it was, and not the primary.
pub(super) fn same_member(ground: &dyn Ground, system_name: Option<&str>) -> Result<()> {
    let spoken = ground.session(&script::look(&For { system_name }))?;
    let answers = Answers::read(&spoken.lines, std::iter::empty());
    stopped(&answers)?;
    if !answers.complete {
        let message = "The instance did not say whether it is the primary.";
        let hint = "Look into its messages.log, and whether this account has the role %All there.";
        return Err(Error::new(Kind::Refused, message, hint));
    }
    Ok(())
}

/// Whether a script stopped as a whole.
pub(super) fn stopped(answers: &Answers) -> Result<()> {
    let Some(why) = &answers.stopped else { return Ok(()) };
    let message = format!("Nothing is done on this instance now: {why}.");
    let hint =
        "A plan is for the member that it was made for, and only while that is not the primary.";
    Err(Error::new(Kind::Refused, message, hint))
}

impl Proof {
    /// Gathers the instance and holds it against a plan.
    pub(super) fn of(plan: &Plan, ground: &dyn Ground) -> Result<Self> {
        let configuration = ground.gather()?;
        let states = state(&plan.steps, &configuration);
        Ok(Self { configuration, states })
    }

    /// The steps that are taken, each with its state.
    pub(super) fn steps<'a>(
        &'a self,
        plan: &'a Plan,
    ) -> impl Iterator<Item = (&'a Step, &'a State)> {
        let taken = |(step, _): &(&Step, &State)| step.standing == crate::plan::Standing::Ready;
        plan.steps.iter().zip(&self.states).filter(taken)
    }

    /// What the journal keeps of it.
    pub(super) fn found(&self, steps: Vec<Missed>) -> Found {
        let gaps = self.configuration.coverage().into_iter();
        let gaps = gaps.filter(|row| row.extent != Extent::Complete);
        Found { steps, not_gathered: gaps.map(|row| (row.section, row.reason)).collect() }
    }

    /// Steps that are not in the state wanted, with the words for that; those of the product first.
    pub(super) fn missed<'a>(
        &self,
        steps: impl Iterator<Item = (&'a Step, &'a State)>,
        wanted: &State,
        answers: &Answers,
    ) -> Vec<Missed> {
        let missed = steps.filter(|(_, state)| *state != wanted).map(|(step, state)| {
            let said = answers.of(&step.id).filter(|answer| !answer.well);
            let words = match said {
                Some(answer) => answer.words.clone(),
                None => words(state, step),
            };
            Missed { step: step.id.clone(), words }
        });
        missed.collect()
    }
}

/// The words for a state that is not the one wanted.
pub(super) fn words(state: &State, step: &Step) -> String {
    match state {
        State::Done => "it is as the plan wants it".to_owned(),
        State::Before => "it is as before".to_owned(),
        State::Other(names) => format!("not as it should be: {}", names.join(", ")),
        State::Unknown => {
            format!("not known, for section {} was not gathered as a whole", step.section)
        }
    }
}

/// The first of these steps, with their words.
pub(super) fn named(missed: &[Missed]) -> String {
    let names = missed.iter().take(NAMED);
    let mut text: Vec<String> =
        names.map(|one| format!("{} ({})", one.step, one.words.trim_end_matches('.'))).collect();
    if missed.len() > NAMED {
        text.push(format!("and {} more", missed.len() - NAMED));
    }
    text.join("; ")
}
