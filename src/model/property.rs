//! What a property is, as declared.
//!
//! Owns the types that a declaration is made of: [`Property`] with its comparison [`Rule`] and the
//! meaning of its [`Absence`], the reasons for which an element is [`Never`] read, and what reading
//! and comparing a property can bring: [`Unreadable`] and [`Change`].
//! `declare` makes them from the declarations; readers, comparison, schema and reference use them.
//! Invariant: the name in JSON follows from the name in the declaration and stands nowhere else.

use super::form::Form;
use super::value::{Likeness, Shown};

/// How a property is compared (design 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Part of what the object is paired by.
    Identity,
    /// Equal on both members, or a finding.
    MustEqual,
    /// Belongs to the member; a difference is meant (H2.4).
    MayDiffer,
    /// Different on both members; equal means a clone. Empty is unknown, never equal.
    MustDiffer,
    /// Looked at by the rules of section member rather than side by side.
    Judged,
    /// Grows or shrinks by itself, so that a difference says nothing, not even between two times.
    Volatile,
}

impl Rule {
    /// The words for it in schema and reference.
    pub const fn words(self) -> &'static str {
        match self {
            Rule::Identity => "identity",
            Rule::MustEqual => "must equal",
            Rule::MayDiffer => "may differ",
            Rule::MustDiffer => "must differ",
            Rule::Judged => "judged",
            Rule::Volatile => "not compared",
        }
    }
}

/// What it means that a source does not state a property.
#[derive(Clone, Copy, Debug)]
pub enum Absence {
    /// Never absent.
    Required,
    /// It is empty.
    Empty,
    /// It has the product's default; this gives it as it stands in JSON.
    Default(fn() -> serde_json::Value),
    /// Nothing is known, so nothing is compared.
    Unknown,
}

/// Why an element of an export is dropped where it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {
    /// A password, hash, salt, key or passphrase (H4.8).
    Secret,
    /// A time stamp, a counter, a last change: differs all the time.
    Volatile,
    /// Made from other properties, or internal to the product.
    Derived,
}

/// What two objects of one identity are two states of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Between {
    /// Two members of a mirror: a property is judged as its rule says.
    #[default]
    Members,
    /// Two times of one member: whatever is not the same has changed.
    Times,
}

/// One property, as declared.
#[derive(Debug)]
pub struct Property {
    /// Field name in the declaration.
    pub field: &'static str,
    /// Element, CPF field or API property it is read from.
    pub source: &'static str,
    /// How it is compared.
    pub rule: Rule,
    /// What its absence means.
    pub absence: Absence,
    /// Record version of the export that first had it, where it is a newer one.
    pub since: Option<&'static str>,
    /// Whether it counts only in some states of the object (a schedule field in its mode).
    pub conditional: bool,
    /// Whether it is personal data, read only where that was asked for.
    pub personal: bool,
    /// Shows a value of it that stands in JSON; none where it is no such value.
    pub shown: fn(&serde_json::Value) -> Option<Shown>,
    /// A value of it that stands in JSON, as the product's API takes it; none where no text holds it.
    pub written: fn(&serde_json::Value) -> Option<String>,
    /// How the product's API states it.
    pub form: Form,
    /// When two such texts stand for the same value.
    pub likeness: Likeness,
    /// What it means on the member.
    pub about: &'static str,
}

impl Property {
    /// Whether it has that name in JSON; without making the name, since documents are long.
    pub fn is_named(&self, name: &str) -> bool {
        let mut letters = name.chars();
        let mut raise = false;
        for letter in self.field.chars() {
            if letter == '_' {
                raise = true;
                continue;
            }
            let wanted = if raise { letter.to_ascii_uppercase() } else { letter };
            raise = false;
            if letters.next() != Some(wanted) {
                return false;
            }
        }
        letters.next().is_none()
    }

    /// Its name in JSON: `auto_compile` is `autoCompile`.
    pub fn name(&self) -> String {
        let mut name = String::with_capacity(self.field.len());
        let mut raise = false;
        for letter in self.field.chars() {
            match letter {
                '_' => raise = true,
                _ if raise => {
                    name.extend(letter.to_uppercase());
                    raise = false;
                }
                _ => name.push(letter),
            }
        }
        name
    }
}

/// One property that is not as it should be on the two sides.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which property.
    pub property: &'static Property,
    /// Its value on the primary; `None` is unknown.
    pub primary: Option<Shown>,
    /// Its value on the member; `None` is unknown.
    pub member: Option<Shown>,
}

/// A field that cannot be taken for what its declaration says it is. Never quotes the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Line in the file, counted from 1.
    pub line: usize,
    /// Source name of the field.
    pub field: String,
    /// What was expected, as in "is not {expected}".
    pub expected: String,
}
