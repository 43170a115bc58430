//! A SHA-256 digest.
//!
//! Owns [`Digest`]: the fingerprint of a file, a document or an entry of a bundle, as `sha256sum`
//! writes it. Who has all bytes at hand asks for it here; who reads or writes them as they pass hands
//! over the hash.
//! Invariant: 64 lower-case hex digits, written and read.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of bytes that are at hand.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Sha256::new_with_prefix(bytes).into()
    }
}

impl From<Sha256> for Digest {
    fn from(hash: Sha256) -> Self {
        Self(hash.finalize().into())
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let malformed = "64 lower-case hex digits";
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(malformed),
        };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(malformed) };
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() {
            return Err(malformed);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(bytes))
    }
}

impl JsonSchema for Digest {
    fn schema_name() -> Cow<'static, str> {
        "Digest".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "A SHA-256 digest in hex."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes: [u8; 32]) {
            let digest = Digest::from(bytes);
            prop_assert_eq!(Digest::try_from(digest.to_string()), Ok(digest));
        }
        #[test]
        fn nothing_else_is_a_digest(text in "[0-9a-fA-Fg]{0,66}|é{32}") {
            let read = Digest::try_from(text.clone());
            prop_assert_eq!(read.ok().map(|digest| digest.to_string() == text).unwrap_or(true), true);
        }
    }
}
