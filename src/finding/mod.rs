//! Findings: what a comparison means.
//!
//! Owns [`Finding`]. On the way from two configurations to a [`Judgement`], every difference gets its
//! rule (`difference`), the pair is judged (`pair`, `machine`, `age`, for two times of one member `drift`), each
//! side is looked at by itself (`look`), what users may really do is worked out (`access`), every
//! finding is put under the one that explains it (`cause`, `order`), and what is meant is waived (`waive`).
//! Invariant: it cannot fail; no finding is lost or doubled on the way; the verdict is never "ready"
//! while a required section has a hole (design 6).

mod access;
mod age;
mod cause;
mod difference;
pub mod drift;
mod judgement;
mod look;
mod machine;
mod names;
mod order;
mod pair;
pub mod rule;
mod text;
mod verdict;
mod waive;

use std::borrow::Cow;
use std::sync::Arc;

use rule::{Place, Rule, Severity};

use crate::compare::Side;
use crate::model::{Change, Grant, Owner, Section, Subject};

pub use judgement::{Judgement, judge, judge_between};
pub use names::Names;
pub use verdict::Verdict;
pub use waive::Waived;

/// One entry of the result.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that it comes from.
    pub rule: &'static Rule,
    /// The vendor's name for it where there is one, else the rule's id.
    pub code: Cow<'static, str>,
    /// The section it is about.
    pub section: Section,
    /// What it is about.
    pub subject: Subject,
    /// The side that lacks it, where one does.
    pub absent_from: Option<Side>,
    /// The side that it is about by itself, where it is no matter of both.
    pub about: Option<Side>,
    /// What the subject names and the side does not have, or what else it goes together with.
    pub target: Option<Target>,
    /// The properties that are not as they should be.
    pub changes: Vec<Change>,
    /// What a user may do on one side only.
    pub access: Option<Access>,
    /// Whether it is about something of the product's own.
    pub owner: Owner,
    /// The vendor's sentence for it, without code and mark.
    pub sentence: String,
    /// What its sides are called, for the words of the rule.
    side: Option<Arc<str>>,
    /// The place in the list of the finding that explains it; that one stands before it.
    pub cause: Option<usize>,
    /// Who waived it, and why.
    pub waived: Option<Arc<Waived>>,
    /// The words it was recorded with, where this version has other ones for its rule.
    pub recorded: Option<Box<Words>>,
}

/// Something that an object names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The section it stands in, or would.
    pub section: Section,
    /// Its name, as the object spells it.
    pub name: String,
}

/// What a user may do on one side only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whether it is everything (`%All`).
    pub everything: bool,
    /// What it is, sorted by resource; the first of them where there are too many.
    pub permissions: Arc<[Grant]>,
    /// On how many resources.
    pub count: usize,
}

/// Words that a finding was recorded with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// What it means.
    pub impact: String,
    /// What to do next.
    pub advice: String,
    /// What to type, and where.
    pub commands: Vec<(Place, String)>,
    /// How bad it is.
    pub severity: Option<Severity>,
}

impl Finding {
    /// A finding by a rule; what else it has is set afterwards.
    pub(crate) fn new(
        rule: &'static Rule,
        section: Section,
        subject: Subject,
        sentence: String,
    ) -> Self {
        Self {
            rule,
            code: rule.id.into(),
            section,
            subject,
            absent_from: None,
            about: None,
            target: None,
            changes: Vec::new(),
            access: None,
            owner: Owner::Site,
            sentence,
            side: None,
            cause: None,
            waived: None,
            recorded: None,
        }
    }

    /// Takes up what its side is called, or both are, for the words of the rule.
    pub(crate) fn set_side(&mut self, names: &Names) {
        self.side = Some(Arc::from(names.plain(self.about)));
    }

    /// What it is called in JSON: its rule and what it is about. Two findings of one judgement can only
    /// be called alike where tasks of one name are.
    pub fn id(&self) -> String {
        let mut id = self.rule.id.to_owned();
        let path = self.subject.path();
        if !path.is_empty() {
            id = format!("{id}/{path}");
        }
        if self.rule.section.is_none() {
            // The rules of a history hold for every section.
            id = format!("{}/{id}", self.section);
        }
        if let Some(target) = self.target.as_ref().filter(|_| self.access.is_none()) {
            id = format!("{id} -> {}", target.name);
        }
        id
    }

    /// The vendor's line for it.
    pub fn line(&self) -> String {
        text::line(self)
    }

    /// Whether it says that something is not the same on the two sides; the others say what is not as
    /// it should be on one of them, or on both alike.
    pub fn is_difference(&self) -> bool {
        self.absent_from.is_some() || !self.changes.is_empty() || self.access.is_some()
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match &self.recorded {
            Some(words) => words.severity.unwrap_or(self.rule.severity),
            None if self.only_words_differ() || self.differs_in_nothing_but(PASSING) => {
                Severity::Low
            }
            None => self.rule.severity,
        }
    }

    /// What it means after a failover.
    pub fn impact(&self) -> String {
        self.impact_of(1)
    }

    /// What to do next.
    pub fn advice(&self) -> String {
        match &self.recorded {
            Some(words) => words.advice.clone(),
            None if self.is_extra_of_product() => OF_THE_PRODUCT.to_owned(),
            None => text::fill(self.rule.advice, self, 1),
        }
    }

    /// What only one side has and the product made is not to be deleted by hand.
    fn is_extra_of_product(&self) -> bool {
        self.owner == Owner::Product && self.absent_from == Some(Side::Primary)
    }

    /// What to type, and where.
    pub fn commands(&self) -> Vec<(Place, String)> {
        match &self.recorded {
            Some(words) => words.commands.clone(),
            None => {
                let commands = self.rule.commands.iter();
                // Where the user's own roles are the reason, there is no one role to look at.
                let own = self.access.is_some() && self.role().is_none();
                let commands =
                    commands.filter(|command| !(own && command.text.contains("{target!}")));
                commands.map(|command| (command.place, text::fill(command.text, self, 1))).collect()
            }
        }
    }

    /// The role it names, if it does.
    fn role(&self) -> Option<&str> {
        let target = self.target.as_ref().filter(|target| target.section == Section::Roles);
        target.map(|target| target.name.as_str())
    }

    /// What it means, said of this one and others of its kind, `count` together.
    pub fn impact_of(&self, count: usize) -> String {
        if let Some(words) = &self.recorded {
            return words.impact.clone();
        }
        if self.only_words_differ() && count == 1 {
            return "Only words differ; nothing behaves differently after a failover.".to_owned();
        }
        text::fill(self.rule.impact, self, count)
    }

    fn only_words_differ(&self) -> bool {
        self.differs_in_nothing_but(DESCRIPTIVE)
    }

    fn differs_in_nothing_but(&self, fields: &[&str]) -> bool {
        !self.changes.is_empty()
            && self.changes.iter().all(|change| fields.contains(&change.property.field))
    }
}

/// What to do about something of the product that only the member has.
const OF_THE_PRODUCT: &str = "It belongs to the product: bring both members to the same version and \
    look again, rather than delete it by hand.";

/// Properties that tell a person something and the product nothing.
const DESCRIPTIVE: &[&str] = &["description", "full_name", "comment"];

/// Properties that pass by themselves: a password that is to be changed is changed on the primary, and
/// nobody logs in on a backup.
const PASSING: &[&str] = &["change_password"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Declared, Role, User};

    /// They name fields of declarations; a field that is renamed must be renamed here.
    #[test]
    fn properties_that_only_describe_are_declared() {
        let declared: Vec<&str> = Role::PROPERTIES
            .iter()
            .chain(User::PROPERTIES)
            .map(|property| property.field)
            .collect();
        assert!(DESCRIPTIVE.iter().chain(PASSING).all(|name| declared.contains(name)));
    }
}
