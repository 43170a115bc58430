//! Texts and names: the two kinds of strings the model holds.
//!
//! Owns [`Text`] (compared to the letter) and [`Name`] (compared without case, H4.9), and the one
//! folding rule both sides of the program use for identities, inside values and for sorting.
//! Texts come from the readers; they go into every object of the model.
//! Invariant: the order of names is by folded name first, then by bytes, so the same set of names
//! always stands in the same order whatever the order of the file was.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

use lean_string::LeanString;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A text that counts to the letter. Two words in memory, since a large site has millions of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(LeanString);

/// The name of a namespace, database, user, role, resource, application or service: the product
/// folds its case (H4.9), so `_Ensemble` and `_ENSEMBLE` are one name. Keeps the case it was given.
///
/// `==` compares to the letter (it decides whether two objects are the same bytes); use
/// [`Name::is`] or [`Name::order`] to compare as the product does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(Text);

macro_rules! stringlike {
    ($Type:ident, $make:expr, $about:literal) => {
        impl Deref for $Type {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $Type {
            fn from(text: &str) -> Self {
                $make(LeanString::from(text))
            }
        }
        impl From<String> for $Type {
            fn from(text: String) -> Self {
                $make(LeanString::from(text))
            }
        }
        impl fmt::Display for $Type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self)
            }
        }
        impl JsonSchema for $Type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($Type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "description": $about })
            }
        }
    };
}
stringlike!(Text, Text, "A text, compared to the letter.");
stringlike!(Name, |text| Name(Text(text)), "A name; upper and lower case are the same name.");

impl Name {
    /// Whether the product takes both for the same name.
    pub fn is(&self, other: &str) -> bool {
        fold_order(self, other) == Ordering::Equal
    }

    /// By folded name, then by bytes.
    pub fn order(&self, other: &Name) -> Ordering {
        fold_order(self, other).then_with(|| self.as_bytes().cmp(other.as_bytes()))
    }
}

/// The order of two names when case does not count. Pure ASCII, nearly every name, costs nothing.
pub fn fold_order(a: &str, b: &str) -> Ordering {
    // Up to the first letter that is not plain ASCII, letters are bytes.
    for (x, y) in a.bytes().zip(b.bytes()) {
        if !x.is_ascii() || !y.is_ascii() {
            return letters(a).cmp(letters(b));
        }
        if x != y {
            let (x, y) = (x.to_ascii_lowercase(), y.to_ascii_lowercase());
            if x != y {
                // What follows may begin with a letter that folds to several; the order of these two
                // stands all the same.
                return x.cmp(&y);
            }
        }
    }
    a.len().cmp(&b.len())
}

/// The one spelling that all cases of a name have.
pub fn folded(name: &str) -> String {
    letters(name).collect()
}

/// Whether `text` starts with `prefix` when case does not count; `prefix` is plain ASCII.
pub fn starts_with_folded(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn order_is_a_total_order_that_agrees_with_folding(a in "\\PC{0,6}", b in "\\PC{0,6}") {
            let (x, y) = (Name::from(a.as_str()), Name::from(b.as_str()));
            prop_assert_eq!(x.order(&y), y.order(&x).reverse());
            prop_assert_eq!(x.is(&y), folded(&a) == folded(&b));
            prop_assert!(Name::from(a.to_ascii_uppercase()).is(&a.to_ascii_lowercase()));
        }
    }
}
