//! Which steps of a plan are taken.
//!
//! Owns [`Choice`]: the words after `--only`, `--skip` and `--approve`, what a word can name (a section,
//! an object, a finding, a rule, a step), and where each step stands once they are heard.
//! Invariant: a step that rests on one that is not taken waits; what is a gate is taken only where its
//! own name was said or the plan was signed; a word that names nothing is told, never passed over.

use std::collections::HashMap;

use super::Plan;
use super::step::{Means, Standing, Step};
use crate::model::{Section, folded};

/// What was said about which steps to take.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Only what these name.
    pub only: Vec<String>,
    /// Not what these name.
    pub skip: Vec<String>,
    /// Steps with a gate that are taken even so, by id.
    pub approve: Vec<String>,
    /// Whether every gate is open, because somebody who may has signed the plan.
    pub signed: bool,
}

/// A word that names nothing in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    /// The flag that it stands after.
    pub flag: &'static str,
    /// The word.
    pub word: String,
}

/// Words as they are looked up.
struct Words<'a> {
    flag: &'static str,
    said: &'a [String],
    /// Whether each of them named something.
    named: Vec<bool>,
    /// Under each word its place; under each folded one those that are alike.
    exact: HashMap<&'a str, usize>,
    folded: HashMap<String, Vec<usize>>,
}

impl<'a> Words<'a> {
    fn new(flag: &'static str, said: &'a [String]) -> Self {
        let exact = said.iter().enumerate().map(|(at, word)| (word.as_str(), at)).collect();
        let mut alike: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, word) in said.iter().enumerate() {
            alike.entry(folded(word)).or_default().push(at);
        }
        Self { flag, said, named: vec![false; said.len()], exact, folded: alike }
    }

    /// The name of a section always means something, also where no step is about it.
    fn with_sections(mut self) -> Self {
        for section in Section::ALL {
            self.hear(section.name());
        }
        self
    }

    /// Whether it was said, to the letter.
    fn hear(&mut self, name: &str) -> bool {
        let at = self.exact.get(name).copied();
        at.and_then(|at| self.named.get_mut(at)).map(|named| *named = true).is_some()
    }

    /// Whether it was said, in whatever case.
    fn hear_name(&mut self, name: &str) -> bool {
        let places = self.folded.get(&folded(name)).cloned().unwrap_or_default();
        for at in &places {
            if let Some(named) = self.named.get_mut(*at) {
                *named = true;
            }
        }
        !places.is_empty()
    }

    /// Whether one of the words names the step. Where the product folds the case of a name (H4.9), so
    /// does a word for it.
    fn name(&mut self, step: &Step) -> bool {
        let exact = matches!(step.section, Section::Mappings | Section::Tasks | Section::Tls);
        let mut named = self.hear(step.section.name());
        for name in [&step.id, &step.object.name] {
            named |= if exact { self.hear(name) } else { self.hear_name(name) };
        }
        for reason in &step.reasons {
            named |= self.hear(reason);
            named |= reason.split('/').next().is_some_and(|rule| self.hear(rule));
        }
        named
    }

    fn unknown(self) -> Option<UnknownWord> {
        let at = self.named.iter().position(|named| !named)?;
        // The last of two that are the same was heard for both.
        let word = self.said.get(at)?;
        let again = self.exact.get(word.as_str()).and_then(|at| self.named.get(*at));
        (again != Some(&true)).then(|| UnknownWord { flag: self.flag, word: word.clone() })
    }
}

impl Plan {
    /// Settles where each step stands.
    ///
    /// # Errors
    /// A word that names nothing.
    pub fn choose(&mut self, choice: &Choice) -> Result<(), UnknownWord> {
        let mut only = Words::new("--only", &choice.only).with_sections();
        let mut skip = Words::new("--skip", &choice.skip).with_sections();
        let mut approve = Words::new("--approve", &choice.approve);
        for step in &mut self.steps {
            let named = only.name(step);
            let skipped = skip.name(step);
            let approved = approve.hear(&step.id);
            step.standing = match () {
                () if skipped || !named && !choice.only.is_empty() => Standing::LeftOut,
                () if step.means == Means::Hand => Standing::ByHand,
                () if step.is_gated() && !approved && !choice.signed => Standing::Approval,
                () => Standing::Ready,
            };
        }
        for finding in &self.left {
            for words in [&mut only, &mut skip] {
                words.hear(&finding.finding);
                finding.finding.split('/').next().map(|rule| words.hear(rule));
            }
        }
        self.wait();
        let unknown = only.unknown().or_else(|| skip.unknown()).or_else(|| approve.unknown());
        unknown.map_or(Ok(()), Err)
    }

    /// Lets wait what rests on a step that is not taken; every step stands after those it needs.
    fn wait(&mut self) {
        let mut taken: HashMap<&str, bool> = HashMap::new();
        for step in &mut self.steps {
            let rests =
                step.needs.iter().all(|need| taken.get(need.as_str()).copied() == Some(true));
            if step.standing == Standing::Ready && !rests {
                step.standing = Standing::Waits;
            }
            taken.insert(&step.id, step.standing == Standing::Ready);
        }
    }
}
