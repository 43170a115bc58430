//! Mappings: "in namespace N, things called X live in database D".
//!
//! Owns the mapping object and the splitting of a mapping's name into bare name, subscripts and
//! routine type. Mappings come from the `[Map.NS]` sections of a CPF (H2.2, formats 1.5) and are
//! paired by kind, namespace, exact name and routine type.
//! Invariant: a name keeps its subscripts to the letter; `(2.1)` and `("2.1")` are two subscripts
//! (H2.3). Global, routine and package names count with their case, the namespace without.

use std::cmp::Ordering;

use super::mapping_kind::MappingKind;
use super::object::{Object, Subject};
use super::owner::{self, Owner};
use super::text::{Name, Text, fold_order};

/// The types of routine that a mapping can be limited to (H2.2).
pub const ROUTINE_TYPES: [&str; 4] = ["MAC", "INT", "INC", "OBJ"];

/// The collation of a global where none is stated (H2.2).
pub(crate) const DEFAULT_COLLATION: &str = "5";

crate::object! {
    /// A mapping (`Config.MapGlobals`, `MapRoutines`, `MapPackages`; H2.2).
    pub struct Mapping in Mappings from "[Map.NAMESPACE]" {
        identity {
            /// Namespace in which it holds; `%ALL` for every one.
            namespace: Name = "Namespace";
            /// What is mapped.
            kind: MappingKind = "Kind";
            /// Exact name with subscripts or a trailing `*`.
            name: Text = "Name";
            /// Type of routine (MAC, INT, INC, OBJ); empty for all of them and for other kinds.
            routine_type: Text = "RoutineType";
        }
        properties {
            /// Database in which the mapped thing lives.
            database: Name = "Database", must_equal, empty;
            /// Collation of the global; without subscripts it is ignored (H2.3).
            collation: Text = "Collation", must_equal,
                default(Text::from(DEFAULT_COLLATION)), when Mapping::has_subscripts;
            /// Database that takes the locks where it is another one.
            lock_database: Name = "LockDatabase", must_equal, empty;
        }
        never {}
    }
}

impl Mapping {
    /// Whether the name has subscripts.
    pub fn has_subscripts(&self) -> bool {
        self.bare_name().len() < self.name.len()
    }

    /// The name without its subscripts.
    pub fn bare_name(&self) -> &str {
        match self.kind {
            MappingKind::Global => self.name.split('(').next().unwrap_or_default(),
            MappingKind::Routine | MappingKind::Package => &self.name,
        }
    }
}

impl Object for Mapping {
    fn name(&self) -> &str {
        &self.name
    }
    /// Locks are taken in the same database unless another one is stated (H2.2); a collation is a
    /// number.
    fn normalise(&mut self) {
        if let Some(number) = self.collation.as_ref().and_then(|text| text.parse::<u32>().ok()) {
            self.collation = Some(Text::from(number.to_string()));
        }
        let same = |lock: &Name| self.database.as_ref().is_some_and(|database| lock.is(database));
        if self.lock_database.as_ref().is_some_and(same) {
            self.lock_database = None;
        }
    }
    fn subject(&self) -> Subject {
        Subject {
            name: self.name.to_string(),
            namespace: Some(self.namespace.to_string()),
            kind: Some(self.kind),
            routine_type: Some(self.routine_type.to_string()),
            database: self.database.as_ref().map(ToString::to_string),
            task_class: None,
        }
    }
    fn order(&self, other: &Self) -> Ordering {
        self.pair(other).then_with(|| self.namespace.cmp(&other.namespace))
    }
    fn pair(&self, other: &Self) -> Ordering {
        fold_order(&self.namespace, &other.namespace)
            .then(self.kind.cmp(&other.kind))
            .then_with(|| self.name.cmp(&other.name))
            .then_with(|| self.routine_type.cmp(&other.routine_type))
    }
    fn owner(&self) -> Owner {
        let database = self.database.clone().unwrap_or_default();
        owner::mapping(self.kind.word(), self.bare_name(), self.has_subscripts(), &database)
    }
}
