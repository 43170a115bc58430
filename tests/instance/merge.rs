//! What `iris merge` does with the `[Actions]` of a file (H3).
//!
//! Owns the reading of the lines, what each action takes, and the order in which they are done.
//! The vendor publishes no grammar of quotes and comments, so a line that could be read in two ways
//! is a fault here (H3.2), and the order within one kind of object is a shuffled one.
//! Invariant: a merge that fails has changed nothing.

use std::collections::BTreeMap;

use super::class::Class;
use super::store::{Store, Values};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Create,
    Modify,
    Delete,
}

#[derive(Debug)]
struct Action {
    line: usize,
    verb: Verb,
    class: Class,
    values: Values,
}

/// The objects of the actions, in the order in which the product does them.
const KINDS: [(&str, Class); 10] = [
    ("Resource", Class::Resources),
    ("Role", Class::Roles),
    ("Namespace", Class::Namespaces),
    ("MapGlobal", Class::Globals),
    ("MapRoutine", Class::Routines),
    ("MapPackage", Class::Packages),
    ("SSLConfig", Class::Tls),
    ("Application", Class::Applications),
    ("User", Class::Users),
    ("Service", Class::Services),
];

/// What an action must state (H3.3).
fn required(verb: Verb, class: Class) -> &'static [&'static str] {
    match (class, verb) {
        (Class::Resources, Verb::Create) => &["Name", "PublicPermission"],
        (Class::Roles, Verb::Create) => &["Name", "Resources"],
        (Class::Users, Verb::Create) => &["Name", "PasswordHash", "Roles"],
        (Class::Namespaces, Verb::Create) => &["Name", "Globals"],
        (Class::Packages, Verb::Delete) => &["Namespace", "Name"],
        (Class::Globals | Class::Routines | Class::Packages, _) => {
            &["Namespace", "Name", "Database"]
        }
        _ => &["Name"],
    }
}

impl Store {
    /// Does the actions of a file; all of them or none.
    pub(crate) fn merge(&mut self, text: &str, seed: u64) -> Result<(), String> {
        let mut store = self.clone();
        store.merge_begun(text, seed, usize::MAX)?;
        *self = store;
        Ok(())
    }

    /// Does so many actions of a file, and keeps what they did even where a later one fails.
    pub(crate) fn merge_begun(&mut self, text: &str, seed: u64, done: usize) -> Result<(), String> {
        let mut actions = read(text)?;
        shuffle(&mut actions, seed);
        // The sort keeps the order within one kind and verb.
        actions.sort_by_key(|action| {
            let kind = KINDS.iter().position(|(_, class)| *class == action.class);
            (kind, action.verb)
        });
        for (at, action) in actions.iter().enumerate() {
            let outcome = match at < done {
                true => self.act(action),
                false => Err("the action failed".to_owned()),
            };
            outcome.map_err(|fault| format!("line {}: {fault}", action.line))?;
        }
        Ok(())
    }

    fn act(&mut self, action: &Action) -> Result<(), String> {
        let Action { verb, class, .. } = *action;
        let mut values = action.values.clone();
        let name = values.remove("Name").unwrap();
        let namespace = match class.is_mapping() {
            true => values.remove("Namespace").unwrap(),
            false => String::new(),
        };
        let exists = self.get(class, &namespace, &name).is_some();
        match verb {
            Verb::Create if exists => Ok(()),
            Verb::Create => self.create(class, &namespace, &name, &values),
            Verb::Modify | Verb::Delete if !exists => Ok(()),
            Verb::Modify => self.modify(class, &namespace, &name, &values),
            Verb::Delete => self.delete(class, &namespace, &name),
        }
    }
}

fn shuffle(actions: &mut [Action], mut seed: u64) {
    for at in (1..actions.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        actions.swap(at, (seed >> 33) as usize % (at + 1));
    }
}

fn read(text: &str) -> Result<Vec<Action>, String> {
    let (mut actions, mut section) = (Vec::new(), String::new());
    for (at, line) in text.split('\n').enumerate() {
        let number = at + 1;
        let line = line.trim_end_matches('\r').trim_matches(' ');
        let comment = [";", "#", "//"].iter().any(|begin| line.starts_with(begin));
        if line.is_empty() || comment {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            assert!(name == "Actions", "the stand-in does not know section [{name}]");
            section = name.to_owned();
            continue;
        }
        if section.is_empty() {
            return Err(format!("line {number}: it stands in no section"));
        }
        actions.push(action(number, line).map_err(|fault| format!("line {number}: {fault}"))?);
    }
    Ok(actions)
}

fn action(line: usize, text: &str) -> Result<Action, String> {
    let (word, rest) = text.split_once(':').ok_or("it names no action")?;
    let verbs = [("Create", Verb::Create), ("Modify", Verb::Modify), ("Delete", Verb::Delete)];
    let verb = verbs.iter().find_map(|(name, verb)| Some((word.strip_prefix(name)?, *verb)));
    let (object, verb) = verb.ok_or_else(|| format!("unknown action {word}"))?;
    let kind = KINDS.iter().find(|(name, _)| *name == object);
    let class = kind.ok_or_else(|| format!("unknown action {word}"))?.1;
    if class == Class::Services && verb != Verb::Modify {
        return Err(format!("unknown action {word}"));
    }
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (property, value) in assignments(rest)? {
        let identity = property == "Name" || property == "Namespace" && class.is_mapping();
        let known = identity || class.takes(&property);
        // No action takes a password in clear (H3.3); the system sets the type of a resource.
        let other = class == Class::Users && ["Password", "PasswordExternal"].contains(&&*property)
            || class == Class::Resources && property == "Type";
        if !known || other {
            return Err(format!("{word} has no property {property}"));
        }
        if values.insert(property.clone(), value).is_some() {
            return Err(format!("{property} stands twice"));
        }
    }
    let missing = required(verb, class).iter().find(|property| !values.contains_key(**property));
    if let Some(missing) = missing {
        return Err(format!("{word} needs {missing}"));
    }
    Ok(Action { line, verb, class, values })
}

/// `Property=value,Property="value, with comma"`.
fn assignments(text: &str) -> Result<Vec<(String, String)>, String> {
    if text.chars().any(char::is_control) {
        return Err("a control character".to_owned());
    }
    let mut rest = text;
    let mut all = Vec::new();
    loop {
        let (property, after) = rest.split_once('=').ok_or_else(|| format!("no value: {rest}"))?;
        if property.is_empty() || !property.chars().all(|letter| letter.is_ascii_alphanumeric()) {
            return Err(format!("'{property}' is no property"));
        }
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => {
                let (value, next) = quoted.split_once('"').ok_or("a quote is not closed")?;
                if !(next.is_empty() || next.starts_with(',')) {
                    return Err(format!("'{next}' follows a quote"));
                }
                (value, next)
            }
            None => {
                let end = after.find(',').unwrap_or(after.len());
                let value = &after[..end];
                if value.contains(['=', '"']) || value.trim() != value {
                    return Err(format!("'{value}' can be read in two ways"));
                }
                (value, &after[end..])
            }
        };
        if [";", "#", "//", "/*", "$$$"].iter().any(|mark| value.contains(mark)) {
            return Err(format!("'{value}' can be read in two ways"));
        }
        all.push((property.to_owned(), value.to_owned()));
        match next.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(all),
        }
    }
}
