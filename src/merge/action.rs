//! Actions: what a merge file asks the product to do with one object.
//!
//! Owns [`Action`] and the table of the product's actions (H3.3): which noun an object has in them,
//! which of create, modify and delete it has, and what must stand in a creation. Operations come from
//! `operation`; `spelling` decides whether a value can stand in a line; `reading` makes actions from
//! files.
//! Invariant: an operation becomes whole or not at all. A property that cannot be written is never
//! left out, since an action without it would do something else.

use std::fmt;

use crate::model::{MappingKind, ROUTINE_TYPES, Rule, Section};
use crate::operation::{Operation, Verb};

use super::spelling;

/// Characters of the longest line that is written. No limit is documented; the longest line seen in
/// the wild has some 400, and longer operations go through the API.
const LINE_LIMIT: usize = 2_000;

/// An action: `CreateRole` with its properties in order.
///
/// Its debug form names the properties without their values, which may be secrets (H4.8).
#[derive(Clone, PartialEq, Eq)]
pub struct Action {
    /// What is done, in one word.
    pub name: String,
    /// Properties and values in the order of the line, without the quotes around a value.
    pub properties: Vec<(String, String)>,
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.properties.iter().map(|(name, _)| name.as_str()).collect();
        write!(f, "{}:{}", self.name, names.join(","))
    }
}

impl Action {
    /// The one line of it; `None` where a value cannot be carried or the line would be too long.
    fn line(&self) -> Option<String> {
        let pairs: Option<Vec<String>> = self
            .properties
            .iter()
            .map(|(name, value)| Some(format!("{name}={}", spelling::spelled(name, value)?)))
            .collect();
        let line = format!("{}:{}", self.name, pairs?.join(","));
        (line.chars().count() <= LINE_LIMIT).then_some(line)
    }
}

/// What the product's actions call one kind of object, and what they can do with it (H3.3).
struct Noun {
    word: &'static str,
    verbs: &'static [Verb],
    /// Properties without which it is not created.
    required: &'static [&'static str],
    /// Whether they are required where it is modified too.
    always: bool,
    /// Whether a deletion names the database.
    deleted_with_database: bool,
}

const ALL: &[Verb] = &[Verb::Create, Verb::Modify, Verb::Delete];

impl Noun {
    const fn new(
        word: &'static str,
        verbs: &'static [Verb],
        required: &'static [&'static str],
    ) -> Self {
        Self { word, verbs, required, always: false, deleted_with_database: false }
    }

    /// A mapping: in contrast to the other objects its required properties are not marked as those of
    /// a creation alone, so a modification states them too.
    const fn mapping(word: &'static str, deleted_with_database: bool) -> Self {
        Self { word, verbs: ALL, required: &["Database"], always: true, deleted_with_database }
    }

    fn of(operation: &Operation) -> Option<Self> {
        Some(match (operation.section, operation.subject.kind) {
            (Section::Resources, _) => Self::new("Resource", ALL, &["PublicPermission"]),
            (Section::Roles, _) => Self::new("Role", ALL, &["Resources"]),
            // The product does not require AutheEnabled, but its default is unauthenticated: an
            // application made without it would be open to anybody (H4.5).
            (Section::Applications, _) => Self::new("Application", ALL, &["AutheEnabled"]),
            // Never modified: other databases put what is in the old ones out of sight, and Interop=0
            // must not be said of a namespace that may have interoperability (H2.3).
            (Section::Namespaces, _) => {
                Self::new("Namespace", &[Verb::Create, Verb::Delete], &["Globals"])
            }
            // CreateUser demands a PasswordHash, and no model holds one (H3.3, H4.8).
            (Section::Users, _) => Self::new("User", &[Verb::Modify, Verb::Delete], &[]),
            // Services come with the product (H4.6).
            (Section::Services, _) => Self::new("Service", &[Verb::Modify], &[]),
            // A new one would lack the passphrase of its private key, which no model holds (H4.8).
            (Section::Tls, _) => Self::new("SSLConfig", &[Verb::Modify, Verb::Delete], &[]),
            (Section::Mappings, Some(kind)) => match kind {
                MappingKind::Global => Self::mapping("MapGlobal", true),
                MappingKind::Routine => Self::mapping("MapRoutine", true),
                MappingKind::Package => Self::mapping("MapPackage", false),
            },
            // Tasks have no action (H3.3). Databases have, but on a member that is not the primary
            // CreateDatabase loads the whole database over the network (H3.4).
            _ => return None,
        })
    }
}

/// The lines of a merge file for an operation, `None` where merge has no such action or its grammar
/// cannot carry it.
///
/// A creation is skipped where the object is there and a modification where it is not (H3.2), so what
/// is created is then modified too, in a second line with the same properties.
pub fn lines(operation: &Operation) -> Option<Vec<String>> {
    let noun = Noun::of(operation)?;
    if !noun.verbs.contains(&operation.verb) {
        return None;
    }
    let properties = match operation.verb {
        Verb::Create | Verb::Modify => sent(operation, &noun)?,
        Verb::Delete => deleted(operation, &noun)?,
    };
    let words: &[&str] = match operation.verb {
        Verb::Create if noun.verbs.contains(&Verb::Modify) => &["Create", "Modify"],
        Verb::Create => &["Create"],
        Verb::Modify => &["Modify"],
        Verb::Delete => &["Delete"],
    };
    let action = |word: &&str| Action {
        name: format!("{word}{}", noun.word),
        properties: properties.clone(),
    };
    words.iter().map(action).map(|action| action.line()).collect()
}

/// What names the object in its actions.
fn identity(operation: &Operation) -> Option<Vec<(String, String)>> {
    let subject = &operation.subject;
    let mut properties = Vec::new();
    if operation.section == Section::Mappings {
        properties.push(("Namespace".to_owned(), subject.namespace.clone()?));
    }
    if subject.kind == Some(MappingKind::Routine) {
        // The type is what follows the last `_`: one that is none, or a name that has a `_` of its
        // own, would be taken apart elsewhere (H2.3, H3.3).
        let of_type = subject.routine_type.as_deref().unwrap_or_default();
        if subject.name.contains('_') || !(of_type.is_empty() || ROUTINE_TYPES.contains(&of_type)) {
            return None;
        }
    }
    properties.push(("Name".to_owned(), operation.product_name()));
    Some(properties)
}

/// The properties of a creation or modification.
fn sent(operation: &Operation, noun: &Noun) -> Option<Vec<(String, String)>> {
    let created = operation.verb == Verb::Create;
    let mut properties = identity(operation)?;
    let named = properties.len();
    for value in &operation.values {
        let name = value.property.source;
        // The identity stands in front, and what is judged is our own word, no property of the
        // product; an unknown property makes the whole merge fail (H3.2).
        let sendable =
            !matches!(value.property.rule, Rule::Identity | Rule::Judged | Rule::Volatile);
        // Nothing says which of two values of one property would count.
        let again = properties.iter().any(|(known, _)| known == name);
        if !sendable || again {
            return None;
        }
        match (value.text.is_empty(), created) {
            (false, _) => properties.push((name.to_owned(), value.text.clone())),
            // What is new is empty by itself.
            (true, true) => {}
            // `name=""` meant "use the default" before 2022.1.1 (H2.1).
            (true, false) => return None,
        }
    }
    let given = |wanted: &&str| properties.iter().any(|(name, _)| name == wanted);
    if (created || noun.always) && !noun.required.iter().all(given) {
        return None;
    }
    // A modification that sets nothing is a mistake of whoever asked for it.
    if !created && properties.len() == named {
        return None;
    }
    if operation.section == Section::Namespaces {
        // Interoperability adds mappings, nodes and an application, which is the wizard's (H2.3).
        properties.push(("Interop".to_owned(), "0".to_owned()));
    }
    Some(properties)
}

/// The properties of a deletion: what names the object and nothing more.
fn deleted(operation: &Operation, noun: &Noun) -> Option<Vec<(String, String)>> {
    let mut properties = identity(operation)?;
    if noun.deleted_with_database {
        properties.push(("Database".to_owned(), operation.subject.database.clone()?));
    }
    Some(properties)
}
