//! A plan is rolled out.
//!
//! Owns the groups of a plan in the order of its hand-off: the script that proves that nothing moved, the
//! merge file, the script; before each it is looked who the instance is, after each what it holds. The
//! way on after an interruption is the same way: what is done is not done again.
//! Invariant: where nothing was changed yet a refusal ends the rollout; afterwards every stop leaves one
//! that can be gone on with or taken back, and names the steps that did not take effect.

use super::Rollout;
use super::act::Act;
use super::ground::Ground;
use super::journal::{End, Missed};
use super::proof::{self, Proof, named};
use crate::error::{Error, Kind, Result};
use crate::handoff::{self, File, Place};
use crate::instance::Spoken;
use crate::model::Configuration;
use crate::plan::{Means, Plan, State, Step};
use crate::script::Answers;

/// What nothing was said of.
fn nothing_said() -> Answers {
    Answers::default()
}

/// The files of a plan, as the folder of its rollout has them.
pub(super) fn files(plan: &Plan, folder: &std::path::Path) -> Vec<File> {
    let place = Place { folder: folder.display().to_string(), ..Place::default() };
    handoff::files(plan, &place)
}

fn text<'a>(files: &'a [File], name: &str) -> Option<&'a str> {
    files.iter().find(|file| file.name == name).map(|file| file.text.as_str())
}

impl Rollout {
    /// Rolls the plan out, from wherever it stands; gives what the instance holds at the end. `tell` hears
    /// what is being done.
    ///
    /// # Errors
    /// Something moved ([`Kind::Refused`]); whatever stops it half-way ([`Kind::Unfinished`]).
    pub fn forth(
        &mut self,
        plan: &Plan,
        ground: &dyn Ground,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Configuration> {
        let files = files(plan, self.path());
        let mut seen = None;
        if !self.changes_something() {
            self.nothing_moved(plan, &files, ground, tell).map_err(|error| self.gives_up(error))?;
        } else {
            seen = self.still_holds(plan, ground)?;
        }
        for (act, means) in [(Act::Merge, Means::Merge), (Act::Script, Means::Script)] {
            let steps = plan.ready().filter(|step| step.means == means).count();
            if steps == 0 || self.journal.is_done(act) {
                continue;
            }
            // A script looks by itself.
            if act == Act::Merge {
                let there = proof::same_member(ground, plan.member.system_name.as_deref());
                there.map_err(|error| self.stops(act, error))?;
            }
            let noun = if steps == 1 { "step" } else { "steps" };
            tell(&format!("{}, {steps} {noun}", act.doing()));
            self.begins(act)?;
            let said = match act {
                Act::Merge => ground.merge(&self.path().join(handoff::MERGE)),
                _ => ground.session(text(&files, handoff::APPLY).unwrap_or_default()),
            };
            let said = said.map_err(|error| self.stops(act, error))?;
            seen = Some(self.proved(plan, act, means, &said, ground)?);
            self.done(act)?;
        }
        let configuration = match seen {
            Some(proof) => proof.configuration,
            None => ground.gather().map_err(|error| self.stops(Act::Script, error))?,
        };
        self.ended(End::Done)?;
        Ok(configuration)
    }

    /// Whether an act began that changes something.
    fn changes_something(&self) -> bool {
        [Act::Merge, Act::Script].into_iter().any(|act| self.journal.has_begun(act))
    }

    /// The instance itself says that everything is as the plan found it.
    fn nothing_moved(
        &mut self,
        plan: &Plan,
        files: &[File],
        ground: &dyn Ground,
        tell: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let Some(script) = text(files, handoff::BEFORE) else { return Ok(()) };
        tell(Act::Before.doing());
        self.begins(Act::Before)?;
        let said = ground.session(script)?;
        let answers = Answers::read(&said.lines, plan.ready().map(|step| step.id.as_str()));
        proof::stopped(&answers)?;
        let not_so = plan.ready().filter_map(|step| {
            let words = match answers.of(&step.id) {
                Some(answer) if answer.well => return None,
                Some(answer) => answer.words.clone(),
                None => "the instance said nothing of it".to_owned(),
            };
            Some(Missed { step: step.id.clone(), words })
        });
        let not_so: Vec<Missed> = not_so.collect();
        if !not_so.is_empty() {
            let message = format!(
                "The member is not as the plan found it, and nothing was changed: {}.",
                named(&not_so)
            );
            return Err(Error::new(Kind::Refused, message, "Make the plan again, and look at it."));
        }
        self.done(Act::Before)
    }

    /// After an interruption: what was done still stands, and what was not begun has not moved. What was
    /// going on may be anything.
    fn still_holds(&mut self, plan: &Plan, ground: &dyn Ground) -> Result<Option<Proof>> {
        let at = self.journal.begun.unwrap_or(Act::Merge);
        let there = proof::same_member(ground, plan.member.system_name.as_deref());
        there.map_err(|error| self.stops(at, error))?;
        let seen = Proof::of(plan, ground).map_err(|error| self.stops(at, error))?;
        let moved: Vec<Missed> = seen
            .steps(plan)
            .filter(|(step, state)| {
                let Some(act) = Act::of(step.means) else { return false };
                match state {
                    State::Done => false,
                    State::Unknown => true,
                    _ if self.journal.is_done(act) => true,
                    State::Before => false,
                    State::Other(_) => !self.journal.has_begun(act),
                }
            })
            .map(|(step, state)| Missed { step: step.id.clone(), words: proof::words(state, step) })
            .collect();
        if !moved.is_empty() {
            let message = format!(
                "The member moved since the rollout was interrupted, so nothing more is done: {}.",
                named(&moved)
            );
            let hint = format!(
                "Put that as it was and go on with `{}`, or go back with --revert in its place.",
                self.command("--resume")
            );
            return Err(Error::new(Kind::Refused, message, hint));
        }
        // What was going on may have come to its end.
        for means in [Means::Merge, Means::Script] {
            let Some(act) = Act::of(means) else { continue };
            let mut ours = seen.steps(plan).filter(|(step, _)| step.means == means).peekable();
            let any = ours.peek().is_some();
            if any && !self.journal.is_done(act) && ours.all(|(_, state)| *state == State::Done) {
                self.done(act)?;
            }
        }
        Ok(Some(seen))
    }

    /// Looks at the instance after a group: every step of it, and of those before, took effect.
    fn proved(
        &mut self,
        plan: &Plan,
        act: Act,
        means: Means,
        said: &Spoken,
        ground: &dyn Ground,
    ) -> Result<Proof> {
        let answers = match means {
            Means::Script => Answers::read(&said.lines, plan.ready().map(|step| step.id.as_str())),
            _ => nothing_said(),
        };
        let stopped = proof::stopped(&answers);
        let seen = match Proof::of(plan, ground) {
            Ok(seen) => seen,
            Err(error) => return Err(self.stops(act, stopped.err().unwrap_or(error))),
        };
        let ours = |step: &Step| {
            step.means == means || Act::of(step.means).is_some_and(|act| self.journal.is_done(act))
        };
        let of_group = seen.steps(plan).filter(|(step, _)| ours(step));
        let missed = seen.missed(of_group, &State::Done, &answers);
        self.found(seen.found(missed.clone()))?;
        if missed.is_empty() {
            return Ok(seen);
        }
        if let Err(error) = stopped {
            return Err(self.stops(act, error));
        }
        let claim = match (means, said.status) {
            (Means::Merge, 0) => "The merge said success, and ".to_owned(),
            (Means::Merge, _) => format!("The merge failed{}, and ", why(said)),
            _ if !answers.complete => "The script did not come to its end, and ".to_owned(),
            _ => String::new(),
        };
        let count = missed.len();
        let noun = if count == 1 { "step" } else { "steps" };
        let message = format!("{claim}{count} {noun} did not take effect: {}.", named(&missed));
        let hint = "Put right what stands against it (messages.log may say more), or go back and make the plan \
                    again without it (--skip).";
        Err(self.stops(act, Error::new(Kind::Unfinished, message, hint)))
    }
}

/// What a merge says about its failing.
fn why(said: &Spoken) -> String {
    let line = said.lines.iter().find(|line| line.contains("ERROR") || line.contains("rror "));
    line.map_or_else(String::new, |line| format!(" ({})", line.trim().trim_end_matches('.')))
}
