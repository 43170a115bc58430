//! Steps, as they are proposed for objects.
//!
//! Owns the making of a step from an object of the primary, of the member, or of both: which properties
//! are set, what is left to a person and why, what it names and could hide. `draft` asks section by
//! section, `repair` knows the kinds of objects, `order` takes the proposals.
//! Invariant: an object has one step at most, with every finding about it as a reason; a property that no
//! text holds leaves its step to a person.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::draft::Wishes;
use super::order::Proposed;
use super::repair::{Repair, Site, refused_name};
use super::step::{Means, Reversal, SETTINGS, Standing, Step};
use super::transition::Transition;
use crate::finding::Finding;
use crate::model::{Absence, Between, Change, Gathered, Rule, Section, Shown, properties_of};
use crate::operation::Verb;

/// The proposals so far, and what they are made of.
pub(super) struct Proposing<'a> {
    pub(super) site: &'a Site<'a>,
    pub(super) wishes: &'a Wishes,
    /// The findings about each object, by section and key.
    pub(super) by_object: BTreeMap<Section, HashMap<String, Vec<&'a Finding>>>,
    pub(super) steps: Vec<Proposed>,
}

impl<'a> Proposing<'a> {
    /// Proposes a step for each object of a section that a finding is about.
    pub(super) fn propose<T: Repair>(&mut self, primary: &'a Gathered<T>, member: &'a Gathered<T>) {
        let Some(mut findings) = self.by_object.remove(&T::SECTION) else { return };
        let pick = |side: &'a Gathered<T>| {
            let mut picked: HashMap<String, Vec<&'a T>> = HashMap::new();
            for object in &side.objects {
                let key = object.subject().key();
                if findings.contains_key(&key) {
                    picked.entry(key).or_default().push(object);
                }
            }
            picked
        };
        let (ours, theirs) = (pick(primary), pick(member));
        let mut keys: Vec<String> = findings.keys().cloned().collect();
        keys.sort_unstable();
        for key in keys {
            let Some(reasons) = findings.remove(&key) else { continue };
            let Some(first) = reasons.first() else { continue };
            let none = Vec::new();
            let a = ours.get(&key).unwrap_or(&none).as_slice();
            let b = theirs.get(&key).unwrap_or(&none).as_slice();
            let proposed = match (a, b) {
                ([a], []) => Some(self.creating(*a, first, &reasons)),
                ([], [b]) => self.deleting(*b, &reasons),
                ([a], [b]) => Some(self.modifying([*a, *b], first, &reasons)),
                ([], []) => None,
                _ => {
                    let verb = if b.is_empty() { Verb::Create } else { Verb::Modify };
                    let mut step = blank(first, verb, &reasons);
                    by_hand(&mut step, "several objects have this name and class", first);
                    Some(Proposed::of(step))
                }
            };
            self.steps.extend(proposed);
        }
    }

    fn creating<T: Repair>(&self, object: &T, first: &Finding, reasons: &[&Finding]) -> Proposed {
        let mut step = blank(first, Verb::Create, reasons);
        step.object = object.subject();
        let stated = properties(object);
        for property in T::PROPERTIES {
            if property.rule != Rule::MustEqual {
                continue;
            }
            let Some(value) = stated.get(&property.name()) else { continue };
            let why = object.left_to_a_person(property.field);
            let newer = property.since.filter(|_| !self.site.same_version);
            if why.is_some() || newer.is_some() {
                let usual =
                    matches!(property.absence, Absence::Default(usual) if usual() == *value);
                let empty = matches!(value, Value::Array(items) if items.is_empty())
                    || value.as_str() == Some("");
                if !usual && !empty {
                    let why = why.unwrap_or(NEWER);
                    step.notes.push(format!("{} is left to a person: {why}.", property.name()));
                }
                continue;
            }
            let after = match (T::SECTION, property.field) {
                // Nobody carries its password, so nobody lets it in (H4.8).
                (Section::Users, "enabled") => continue,
                _ => value.clone(),
            };
            let property = property.name();
            step.properties.push(Transition {
                property,
                before: None,
                after: Some(after),
                unstated: false,
            });
        }
        if T::SECTION == Section::Users {
            let (property, after) = ("enabled".to_owned(), Some(Value::Bool(false)));
            step.properties
                .insert(0, Transition { property, before: None, after, unstated: false });
        }
        if T::SECTION == Section::Applications {
            always_with_methods(&mut step);
        }
        step.notes.extend(object.once_made());
        if let Some(by) = object.missed_by(self.site) {
            step.reversal.note =
                format!("By hand: {by} on the member names it, and would miss it.");
        }
        let why = object.made_by_hand(self.site);
        let why = why.or_else(|| refused_name(T::SECTION, object.name()));
        if let Some(why) = why.or_else(|| unwritable(&step)) {
            by_hand(&mut step, &why, first);
        }
        let set = |field: &str| {
            let named = T::PROPERTIES.iter().find(|property| property.field == field);
            named.is_some_and(|property| stated.contains_key(&property.name()))
        };
        let needs = object.needs(&set);
        step.risks.extend(object.may_hide(self.site));
        Proposed { step, needs }
    }

    fn modifying<T: Repair>(
        &self,
        [a, b]: [&T; 2],
        first: &Finding,
        reasons: &[&Finding],
    ) -> Proposed {
        let mut step = blank(first, Verb::Modify, reasons);
        step.object = b.subject();
        let stated = properties(b);
        let mut fields = Vec::new();
        let told = reasons.iter().flat_map(|finding| finding.changes.iter().cloned());
        for change in with_following(a, &stated, told.collect()) {
            let property = change.property;
            if let Some(why) = a.left_to_a_person(property.field) {
                step.notes.push(format!("{} is left to a person: {why}.", property.name()));
                continue;
            }
            if property.since.is_some() && !self.site.same_version {
                step.notes.push(format!("{} is left to a person: {NEWER}.", property.name()));
                continue;
            }
            let name = property.name();
            let unstated = !stated.contains_key(&name);
            fields.push(property.field);
            let value = |shown: &Option<Shown>| shown.as_ref().map(|shown| shown.json.clone());
            let (before, after) = (value(&change.member), value(&change.primary));
            step.properties.push(Transition { property: name, before, after, unstated });
        }
        let why = a
            .changed_by_hand(b, &fields, self.site)
            .or_else(|| step.properties.is_empty().then(|| "nothing of it can be set".to_owned()))
            .or_else(|| unwritable(&step));
        if let Some(why) = why {
            by_hand(&mut step, &why, first);
        }
        let before = b.needs(&|field| fields.contains(&field));
        if let Some(absent) = before.iter().find(|need| self.site.lacks(need)) {
            step.reversal.note =
                format!("By hand: before, it named {absent}, which the member lacks.");
        }
        let needs = a.needs(&|field| fields.contains(&field));
        if fields.contains(&"database") {
            step.risks.extend(a.may_hide(self.site));
        }
        Proposed { step, needs }
    }

    fn deleting<T: Repair>(&self, object: &T, reasons: &[&Finding]) -> Option<Proposed> {
        let asked = |finding: &&&Finding| self.wishes.delete.contains(&finding.id());
        let first = reasons.iter().find(asked).copied()?;
        let mut step = blank(first, Verb::Delete, reasons);
        step.object = object.subject();
        let stated = properties(object);
        for property in T::PROPERTIES.iter().filter(|property| property.field != "record_version") {
            if matches!(property.rule, Rule::MustEqual | Rule::MayDiffer)
                && let Some(value) = stated.get(&property.name())
            {
                let property = property.name();
                let before = Some(value.clone());
                step.properties.push(Transition { property, before, after: None, unstated: false });
            }
        }
        if T::SECTION == Section::Applications {
            always_with_methods(&mut step);
        }
        let absent = object.needs(&|_| true).into_iter().find(|need| self.site.lacks(need));
        let no_way_back =
            || absent.map(|need| format!("it names {need}, so nothing could put it back"));
        let why = object.deleted_by_hand(self.site).or_else(no_way_back);
        if let Some(why) = why.or_else(|| unwritable(&step)) {
            by_hand(&mut step, &why, first);
        }
        Some(Proposed::of(step))
    }
}

/// Why a property of a newer record is not set.
const NEWER: &str = "the member may be of a version that does not know it";

/// What is stated of an object, by the names of its JSON form.
fn properties<T: Repair>(object: &T) -> Map<String, Value> {
    match serde_json::to_value(object) {
        Ok(Value::Object(stated)) => stated,
        // An object's own JSON form is an object.
        _ => Map::new(),
    }
}

/// The changes of a finding, and those that only count once they are made: on which day a weekly task
/// runs says nothing of one that is still daily.
fn with_following<T: Repair>(
    primary: &T,
    member: &Map<String, Value>,
    mut changes: Vec<Change>,
) -> Vec<Change> {
    let place =
        |change: &Change| T::PROPERTIES.iter().position(|one| one.field == change.property.field);
    loop {
        changes.sort_by_key(place);
        changes.dedup_by_key(|change| change.property.field);
        let mut changed = member.clone();
        for change in &changes {
            if let Some(value) = &change.primary {
                changed.insert(change.property.name(), value.json.clone());
            }
        }
        let Ok(mut changed) = T::deserialize(Value::Object(changed)) else { return changes };
        changed.normalise();
        let mut following = T::changes(primary, &changed, Between::Members);
        following
            .retain(|one| changes.iter().all(|known| known.property.field != one.property.field));
        if following.is_empty() {
            return changes;
        }
        changes.append(&mut following);
    }
}

/// A step about the subject of a finding that nothing is known of yet.
fn blank(finding: &Finding, verb: Verb, reasons: &[&Finding]) -> Step {
    let mut reasons: Vec<String> = reasons.iter().map(|finding| finding.id()).collect();
    reasons.dedup();
    Step {
        id: format!("{}/{}", finding.section, finding.subject.path()),
        section: finding.section,
        object: finding.subject.clone(),
        verb,
        means: Means::Script,
        standing: Standing::Ready,
        reasons,
        properties: Vec::new(),
        needs: Vec::new(),
        risks: Vec::new(),
        notes: Vec::new(),
        lines: Vec::new(),
        reversal: Reversal::default(),
    }
}

/// Leaves a step to a person, with the reason and where to click.
fn by_hand(step: &mut Step, why: &str, finding: &Finding) {
    step.leave_to_a_person(why);
    step.notes.push(finding.advice());
}

/// An application always says how one logs in: where nothing is stated, the product takes no login at
/// all (H4.5).
fn always_with_methods(step: &mut Step) {
    const METHODS: &str = "authentication_methods";
    let declared = properties_of(Section::Applications).iter().find(|one| one.field == METHODS);
    let Some(property) = declared else { return };
    let name = property.name();
    if step.properties.iter().any(|change| change.property == name) {
        return;
    }
    let Absence::Default(usual) = property.absence else { return };
    let value = Some(usual());
    let (before, after) = match step.verb {
        Verb::Delete => (value, None),
        Verb::Create | Verb::Modify => (None, value),
    };
    step.properties.push(Transition { property: name, before, after, unstated: false });
}

/// Why the product's methods cannot be told what is to be set, if so.
fn unwritable(step: &Step) -> Option<String> {
    let name = &step.object.name;
    if name.trim() != name {
        return Some("its name begins or ends with a blank, which no export keeps".to_owned());
    }
    let declared = properties_of(step.section);
    step.properties.iter().find_map(|change| {
        let property = declared.iter().find(|one| one.is_named(&change.property))?;
        let mut values = [&change.before, &change.after].into_iter().flatten();
        let told = |value: &Value| match change.property == SETTINGS {
            true => value.as_object().is_some_and(|all| all.values().all(Value::is_string)),
            false => (property.written)(value).is_some(),
        };
        let all_told = values.all(told);
        (!all_told).then(|| format!("no text holds the value of {}", change.property))
    })
}
