//! A JSON value in which no key is given twice.
//!
//! Owns [`read`], which reads into a value that is there already: the objects of a section have one
//! shape, and what they are read into keeps its allocations from one to the next. An object that
//! states one thing twice is refused; the usual reader keeps the last statement and says nothing.
//! Invariant: what was read holds all that the text said, and nothing of what was there before.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text is not read.
#[derive(Debug)]
pub enum Refusal {
    /// It is no JSON.
    NotJson(serde_json::Error),
    /// An object states one thing twice.
    Twice(serde_json::Error),
}

/// What the error of a repeated key begins with, to tell it from others.
const TWICE: &str = "key given twice";

/// Reads one value, whole, into the place of another one.
pub fn read(text: &[u8], into: &mut Value) -> Result<(), Refusal> {
    // Once for all of it is quicker than for each text in it.
    let read = match std::str::from_utf8(text) {
        Ok(text) => {
            let mut from = serde_json::Deserializer::from_str(text);
            Place(into).deserialize(&mut from).and_then(|()| from.end())
        }
        Err(_) => {
            let mut from = serde_json::Deserializer::from_slice(text);
            Place(into).deserialize(&mut from).and_then(|()| from.end())
        }
    };
    read.map_err(|cause| {
        let twice = cause.is_data() && cause.to_string().starts_with(TWICE);
        if twice { Refusal::Twice(cause) } else { Refusal::NotJson(cause) }
    })
}

struct Place<'v>(&'v mut Value);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        *self.0 = value.into();
        Ok(())
    }
    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        *self.0 = value.into();
        Ok(())
    }
    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        *self.0 = value.into();
        Ok(())
    }
    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        *self.0 = value.into();
        Ok(())
    }
    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        match self.0 {
            Value::String(text) => {
                text.clear();
                text.push_str(value);
            }
            other => *other = value.into(),
        }
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        *self.0 = Value::Null;
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut items = match self.0.take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        };
        let mut count = 0;
        loop {
            match items.get_mut(count) {
                Some(item) => {
                    if seq.next_element_seed(Place(item))?.is_none() {
                        break;
                    }
                }
                None => {
                    let mut item = Value::Null;
                    if seq.next_element_seed(Place(&mut item))?.is_none() {
                        break;
                    }
                    items.push(item);
                }
            }
            count += 1;
        }
        items.truncate(count);
        *self.0 = Value::Array(items);
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut fields = match self.0.take() {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        // Mostly the keys are those of the object before, in the same order, and then nothing has to be
        // looked up, and nothing can stand twice or be left over.
        let mut same = 0;
        let mut other = None;
        let mut slots = fields.iter_mut();
        loop {
            let Some(key) = map.next_key_seed(Key)? else { break };
            match slots.next() {
                Some((name, value)) if *name == key => map.next_value_seed(Place(value))?,
                _ => {
                    other = Some(key);
                    break;
                }
            }
            same += 1;
        }
        if other.is_some() || same < fields.len() {
            let mut seen: Vec<Cow<'de, str>> =
                fields.keys().take(same).map(|name| Cow::Owned(name.clone())).collect();
            let mut next = other;
            while let Some(key) = next {
                if seen.contains(&key) {
                    return Err(A::Error::custom(TWICE));
                }
                match fields.get_mut(key.as_ref()) {
                    Some(value) => map.next_value_seed(Place(value))?,
                    None => {
                        let mut value = Value::Null;
                        map.next_value_seed(Place(&mut value))?;
                        fields.insert(key.clone().into_owned(), value);
                    }
                }
                seen.push(key);
                next = map.next_key_seed(Key)?;
            }
            fields.retain(|key, _| seen.iter().any(|known| known == key));
        }
        *self.0 = Value::Object(fields);
        Ok(())
    }
}

/// A key, borrowed where it holds no escape.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }
    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn without_repeated_keys_it_reads_what_the_usual_value_reads(
            before in r#"[\[\]{}:,"a0-9.truefalsn -]{0,24}|\{"a":\[1,\{"b":[0-9]\}\],"c":"x"\}"#,
            text in r#"[\[\]{}:,"a0-9.truefalsn -]{0,24}|\{"a":\[2,\{"b":[0-9]\}\],"c":"y"\}"#
        ) {
            // Whatever was there before.
            let mut value = serde_json::from_str::<Value>(&before).unwrap_or_default();
            let usual = serde_json::from_str::<Value>(&text).ok();
            match read(text.as_bytes(), &mut value) {
                Ok(()) => prop_assert_eq!(Some(value), usual),
                Err(Refusal::Twice(_)) => {}
                Err(Refusal::NotJson(_)) => prop_assert!(usual.is_none()),
            }
        }
    }

    #[test]
    fn a_key_given_twice_is_refused_at_any_depth() {
        let mut value = Value::Null;
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"a":3}}]"#] {
            for _ in 0..2 {
                assert!(matches!(read(text.as_bytes(), &mut value), Err(Refusal::Twice(_))));
            }
        }
        assert!(read(br#"[{"b":{"a":1,"c":2}},{"b":{"a":3}}]"#, &mut value).is_ok());
        assert_eq!(value, serde_json::json!([{"b":{"a":1,"c":2}},{"b":{"a":3}}]));
    }
}
