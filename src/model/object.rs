//! What every object of a configuration can do beyond its declaration.
//!
//! Owns the trait [`Object`]: how objects of one kind are paired and ordered, how they are called
//! in messages, and whether they are the product's own. Declarations implement it beside their
//! properties; `compare` needs nothing else to treat all sections alike.
//! Invariant: `pair` is the identity of design 6 and `order` refines it, so a section sorted by
//! `order` can be paired in one pass.

use std::cmp::Ordering;
use std::fmt::Debug;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::declare::Declared;
use super::mapping_kind::MappingKind;
use super::owner::Owner;
use super::text::{fold_order, folded};

/// Whether an object can be missing or different at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// Compared; its absence is a finding.
    Compared,
    /// Compared where both sides have it, never missing: a user made by LDAP at login (H4.2).
    MadeAtLogin,
    /// Not compared: the product makes it and exports leave it out (`%All`, `%DB_*`; formats 3.2).
    Ignored,
}

/// What a finding is about: the name of an object, and what else tells it from others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// Name of the object, exactly as configured.
    pub name: String,
    /// Namespace of a mapping or a task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Kind of a mapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MappingKind>,
    /// Routine type of a mapping; empty for all types.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routine_type: Option<String>,
    /// Database a mapping leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Class of a task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_class: Option<String>,
}

impl Subject {
    /// How an id names it: namespace, kind, name and so on, those that there are.
    pub fn path(&self) -> String {
        let Self { name, namespace, kind, routine_type, database: _, task_class } = self;
        let kind = kind.map(MappingKind::word);
        let parts = [namespace.as_deref(), kind, Some(name), routine_type.as_deref()];
        let parts = parts.into_iter().flatten().chain(task_class.as_deref());
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
    }

    /// What makes it the same object in one section: names fold their case (H4.9), those of mappings
    /// and tasks do not.
    pub fn key(&self) -> String {
        let Self { name, namespace, kind, routine_type, database: _, task_class } = self;
        if kind.is_none() && namespace.is_none() {
            return folded(name);
        }
        let namespace = namespace.as_deref().map(folded).unwrap_or_default();
        let kind = kind.map_or("", |kind| kind.word());
        let of_type = routine_type.as_deref().unwrap_or_default();
        let class = task_class.as_deref().unwrap_or_default();
        format!("{namespace}\u{1}{kind}\u{1}{name}\u{1}{of_type}\u{1}{class}")
    }
}

/// An object of a configuration.
pub trait Object:
    Declared + Clone + PartialEq + Debug + Serialize + DeserializeOwned + JsonSchema + Send + 'static
{
    /// Its name, exactly as configured.
    fn name(&self) -> &str;

    /// What a finding about it says it is about.
    fn subject(&self) -> Subject {
        Subject { name: self.name().to_owned(), ..Subject::default() }
    }

    /// Order by identity alone; equal objects are the same one on the two sides. Unless the kind
    /// says otherwise, the identity is the name without its case (H4.9).
    fn pair(&self, other: &Self) -> Ordering {
        fold_order(self.name(), other.name())
    }

    /// Place in a sorted section: by identity, then by bytes.
    fn order(&self, other: &Self) -> Ordering {
        self.pair(other).then_with(|| self.name().cmp(other.name()))
    }

    /// Who made it.
    fn owner(&self) -> Owner {
        Owner::Site
    }

    /// Whether it can be missing or different at all.
    fn pairing(&self) -> Pairing {
        Pairing::Compared
    }

    /// Objects of the product's own that every installation has and nobody can delete, all of
    /// which a section must hold to be no mere selection (design 4). Empty where there are none.
    const MARKERS: &'static [&'static str] = &[];

    /// What [`Object::MARKERS`] are compared with.
    fn marker(&self) -> &str {
        self.name()
    }

    /// Brings what can be stated in several ways into one form, whoever read it.
    fn normalise(&mut self) {}

    /// Takes out the values of settings that may be secrets (design 4).
    fn forget_settings(&mut self) {}

    /// Is told that its section holds everything there is.
    fn settle(&mut self) {}

    /// Whether two of the same identity may stand side by side (tasks, H5.2).
    const REPEATS: bool = false;
}
