//! What the product is asked to do with one object.
//!
//! Owns [`Operation`]: create, modify or delete, which object, and its properties as the product names
//! and writes them. `plan` makes one of each step and one of its reversal; `merge` writes it as lines
//! of a merge file, `script` as lines of ObjectScript.
//! Invariant: it knows neither a grammar nor the reason; a value is a text that the product's own
//! methods take (H8.3), and never a secret, since no model holds one (H4.8).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{MappingKind, Property, Section, Subject};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// The object is made where it is not there.
    Create,
    /// Some of its properties are set.
    Modify,
    /// It is taken away.
    Delete,
}

impl Verb {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Modify => "modify",
            Self::Delete => "delete",
        }
    }

    /// What takes it back.
    pub const fn reverse(self) -> Self {
        match self {
            Self::Create => Self::Delete,
            Self::Modify => Self::Modify,
            Self::Delete => Self::Create,
        }
    }
}

/// One property with the text it gets.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Which property; its source is the product's name for it.
    pub property: &'static Property,
    /// The text, as the product's API takes it.
    pub text: String,
}

/// What the product is asked to do with one object.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What is done.
    pub verb: Verb,
    /// The section the object stands in.
    pub section: Section,
    /// Which object.
    pub subject: Subject,
    /// The properties that are set, in the order of their declaration; all that are sent where it is
    /// created, those that change where it is modified, none where it is deleted.
    pub values: Vec<Assignment>,
}

impl Operation {
    /// The text that a property gets, by its field in the declaration.
    pub fn text(&self, field: &str) -> Option<&str> {
        let mut values = self.values.iter();
        values.find(|value| value.property.field == field).map(|value| value.text.as_str())
    }

    /// The name of the object as the product's methods and actions take it: that of a routine mapping
    /// carries its type (H2.2, H3.3).
    pub fn product_name(&self) -> String {
        let Subject { name, kind, routine_type, .. } = &self.subject;
        match (kind, routine_type.as_deref()) {
            (Some(MappingKind::Routine), Some(of_type)) if !of_type.is_empty() => {
                format!("{name}_{of_type}")
            }
            _ => name.clone(),
        }
    }

    /// The product's class whose methods do it (H8.3, H8.4); none where none does.
    pub fn class(&self) -> Option<&'static str> {
        Some(match (self.section, self.subject.kind) {
            (Section::Resources, _) => "Security.Resources",
            (Section::Roles, _) => "Security.Roles",
            (Section::Users, _) => "Security.Users",
            (Section::Applications, _) => "Security.Applications",
            (Section::Services, _) => "Security.Services",
            (Section::Tls, _) => "Security.SSLConfigs",
            (Section::Namespaces, _) => "Config.Namespaces",
            (Section::Mappings, Some(kind)) => kind.class(),
            (Section::Tasks, _) => "%SYS.Task",
            _ => return None,
        })
    }
}
