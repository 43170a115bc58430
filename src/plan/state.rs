//! Whether a step took effect.
//!
//! Owns [`State`]: what a configuration of the member, made after the plan, says of each step: done, as
//! before, or something else. `apply --check` asks; tests ask it of a model of the member.
//! Invariant: two values are the same where comparing takes them for the same; what was not gathered is
//! unknown, never done.

use std::collections::HashMap;

use serde_json::Value;

use super::step::Step;
use super::transition::Transition;
use crate::model::{
    Application, Between, Configuration, Database, Extent, Gathered, Mapping, Namespace, Object,
    Resource, Role, Section, Service, Task, TlsConfiguration, User, for_each_section,
};
use crate::operation::Verb;

/// What a configuration says of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It took effect.
    Done,
    /// Everything is as before it.
    Before,
    /// Neither; these properties are not as they should be, or the object is not there.
    Other(Vec<String>),
    /// The section was not gathered, or only a selection without the object.
    Unknown,
}

/// What a step is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// The member after it.
    After,
    /// The member before it.
    Before,
}

/// What a configuration says of each of these steps, in order.
pub fn state(steps: &[Step], member: &Configuration) -> Vec<State> {
    let mut states = vec![State::Unknown; steps.len()];
    macro_rules! look {
        ($($field:ident: $Object:ident = $Section:ident;)+) => {
            $(of_section::<$Object>(steps, &member.$field, &mut states);)+
        };
    }
    for_each_section!(look);
    states
}

fn of_section<T: Object>(steps: &[Step], gathered: &Gathered<T>, states: &mut [State]) {
    let ours = || steps.iter().enumerate().filter(|(_, step)| step.section == T::SECTION);
    let mut objects: HashMap<String, Vec<&T>> =
        ours().map(|(_, step)| (step.object.key(), Vec::new())).collect();
    if objects.is_empty() {
        return;
    }
    for object in &gathered.objects {
        if let Some(list) = objects.get_mut(&object.subject().key()) {
            list.push(object);
        }
    }
    for (at, step) in ours() {
        let found = objects.get(&step.object.key()).map(Vec::as_slice).unwrap_or_default();
        if let Some(state) = states.get_mut(at) {
            *state = of_step(step, found, gathered.extent);
        }
    }
}

fn of_step<T: Object>(step: &Step, found: &[&T], extent: Extent) -> State {
    match (step.verb, found) {
        (_, []) if extent != Extent::Complete => State::Unknown,
        (Verb::Create, []) => State::Before,
        (Verb::Delete, []) => State::Done,
        (Verb::Modify, []) => State::Other(vec!["it is not there".to_owned()]),
        (Verb::Delete, [one]) => match wrong(step, *one, Target::Before) {
            wrong if wrong.is_empty() => State::Before,
            wrong => State::Other(wrong),
        },
        (_, [one]) => {
            let wrong = wrong(step, *one, Target::After);
            if wrong.is_empty() {
                State::Done
            } else if step.verb == Verb::Modify
                && self::wrong(step, *one, Target::Before).is_empty()
            {
                State::Before
            } else {
                State::Other(wrong)
            }
        }
        _ => State::Other(vec!["several objects have this name".to_owned()]),
    }
}

/// The properties that are not as the step has them.
fn wrong<T: Object>(step: &Step, actual: &T, target: Target) -> Vec<String> {
    let value = |change: &Transition| -> Option<Value> {
        match target {
            Target::After => change.after.clone(),
            Target::Before => change.before.clone(),
        }
    };
    let Ok(Value::Object(mut json)) = serde_json::to_value(actual) else { return Vec::new() };
    // A person enables a user once it has a password.
    let made = step.verb == Verb::Create && step.section == Section::Users;
    for change in step.properties.iter().filter(|change| !(made && change.property == "enabled")) {
        if let Some(value) = value(change) {
            json.insert(change.property.clone(), value);
        }
    }
    let Ok(mut expected) = T::deserialize(Value::Object(json)) else {
        return vec!["its values are no longer what they were".to_owned()];
    };
    expected.normalise();
    let changes = T::changes(&expected, actual, Between::Times);
    let names = changes.iter().map(|change| change.property.name());
    names.filter(|name| step.properties.iter().any(|change| change.property == *name)).collect()
}
