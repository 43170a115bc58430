//! A JSON value in which no key is given twice.
//!
//! Owns [`Strict`], which reads like `serde_json::Value` and refuses an object that states one thing
//! twice; the usual value keeps the last statement and says nothing. `document` reads every object
//! through it.
//! Invariant: what was read holds all that the document said.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A value without repeated keys.
pub(super) struct Strict(pub(super) Value);

/// What the error of a repeated key begins with, to tell it from others.
pub(super) const TWICE: &str = "key given twice";

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Any).map(Self)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some((key, Strict(value))) = map.next_entry::<String, Strict>()? {
            if fields.insert(key, value).is_some() {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn without_repeated_keys_it_reads_what_the_usual_value_reads(
            text in r#"[\[\]{}:,"a0-9.truefalsn -]{0,24}"#
        ) {
            let usual = serde_json::from_str::<Value>(&text).ok();
            let strict = serde_json::from_str::<Strict>(&text);
            match strict {
                Ok(Strict(value)) => prop_assert_eq!(Some(value), usual),
                Err(cause) => prop_assert!(usual.is_none() || cause.to_string().contains(TWICE)),
            }
        }
    }

    #[test]
    fn a_key_given_twice_is_refused_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"a":3}}]"#] {
            let refused = serde_json::from_str::<Strict>(text).err();
            assert!(refused.is_some_and(|cause| cause.to_string().contains(TWICE)));
        }
    }
}
