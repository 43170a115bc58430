//! The one spelling of a value: RFC 8785.
//!
//! Owns the canonical writing of documents. Single values go through the crate for it; the outer
//! object and long arrays are written as they come ([`Object`]), since a whole configuration must
//! not stand in memory twice.
//! Invariant: keys ascend by UTF-16 units, no white space, and numbers are whole and within 2^53, so
//! that every JSON reader keeps them.

use std::io::{self, Write};

use serde::Serialize;

use crate::model::Fields;

/// Writes one value.
///
/// # Errors
/// Whatever the writer says; a number that not every reader keeps.
pub fn write<T: Serialize + ?Sized>(value: &T, to: &mut dyn Write) -> io::Result<()> {
    to.write_all(&text(value)?)
}

/// The canonical text of one value.
///
/// # Errors
/// A number that not every reader keeps.
pub fn text<T: Serialize + ?Sized>(value: &T) -> io::Result<Vec<u8>> {
    Ok(serde_json_canonicalizer::to_vec(&value)?)
}

/// An object that is written field by field; the fields must come in canonical order.
pub struct Object<'w> {
    to: &'w mut dyn Write,
    last: Option<String>,
}

impl<'w> Object<'w> {
    /// Begins an object.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn begin(to: &'w mut dyn Write) -> io::Result<Self> {
        to.write_all(b"{")?;
        Ok(Self { to, last: None })
    }

    /// Writes a field that is an object, field by field.
    ///
    /// # Errors
    /// Whatever the writer says; a field out of order.
    pub fn object(
        &mut self,
        key: &str,
        fields: impl FnOnce(&mut Object<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.key(key)?;
        let mut inner = Object::begin(self.to)?;
        fields(&mut inner)?;
        inner.end()
    }

    fn key(&mut self, key: &str) -> io::Result<()> {
        let ascends =
            self.last.as_ref().is_none_or(|last| last.encode_utf16().lt(key.encode_utf16()));
        if !ascends {
            return Err(io::Error::other(format!("field {key} is out of order")));
        }
        if self.last.replace(key.to_owned()).is_some() {
            self.to.write_all(b",")?;
        }
        write(key, self.to)?;
        self.to.write_all(b":")
    }

    /// Ends the object.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn end(self) -> io::Result<()> {
        self.to.write_all(b"}")
    }
}

impl Fields for Object<'_> {
    type Error = io::Error;

    fn value<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> io::Result<()> {
        self.key(key)?;
        write(value, self.to)
    }

    fn array<T: Serialize>(&mut self, key: &str, items: &[T]) -> io::Result<()> {
        self.key(key)?;
        let mut between: &[u8] = b"[";
        for item in items {
            self.to.write_all(between)?;
            write(item, self.to)?;
            between = b",";
        }
        self.to.write_all(if items.is_empty() { b"[]" } else { b"]" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    #[test]
    fn the_example_of_the_standard() {
        // RFC 8785, 3.2.2 and 3.2.3: literals, escapes, and the order of keys.
        let value = json!({
            "literals": [null, true, false],
            "string": "\u{20ac}$\u{f}\nA'B\"\\\\\"/",
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew",
            "1": "One", "\u{1f600}": "Emoji", "\u{80}": "Control", "\u{f6}": "o umlaut"
        });
        let text = String::from_utf8(text(&value).unwrap()).unwrap();
        let order = ["\\r", "1", "literals", "string", "\u{80}", "\u{f6}", "\u{20ac}", "\u{1f600}"];
        let places: Vec<usize> =
            order.iter().map(|key| text.find(&format!("\"{key}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "{text}");
        assert!(text.contains(r#""string":"€$\u000f\nA'B\"\\\\\"/""#), "{text}");
        assert!(text.ends_with("\"\u{fb33}\":\"Hebrew\"}"), "{text}");
    }

    proptest! {
        #[test]
        fn field_by_field_it_is_the_same(
            fields in proptest::collection::btree_map(
                ".{0,6}", proptest::collection::vec(".{0,6}", 0..4), 0..6)
        ) {
            let fields: BTreeMap<String, Vec<String>> = fields;
            let mut sorted: Vec<(&String, &Vec<String>)> = fields.iter().collect();
            sorted.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            let mut ours = Vec::new();
            let mut object = Object::begin(&mut ours).unwrap();
            for (at, (key, items)) in sorted.into_iter().enumerate() {
                if at % 2 == 0 { object.array(key, items) } else { object.value(key, items) }.unwrap();
            }
            object.end().unwrap();
            prop_assert_eq!(&ours, &text(&fields).unwrap());
            let back: Value = serde_json::from_slice(&ours).unwrap();
            prop_assert_eq!(back, json!(fields));
        }
    }
}
