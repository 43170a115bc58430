//! What a file of waivers holds, as a document.
//!
//! Owns the form of the file, [`Document`] with its entries, from which the published schema is made:
//! the TOML read as JSON, with dates as text. `reading` validates every entry with that schema and then
//! reads it into [`Entry`], so that schema and program cannot differ.
//! Invariant: the schema is closed, unlike those of what programs write: a key that is not known is a
//! typo, and a waiver with a typo must not waive more than was meant.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::model::{Day, Digest};

/// The version of the form.
pub const FORMAT_VERSION: &str = "1.0";

/// A file of waivers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Document {
    /// Version of the form: MAJOR.MINOR.
    #[schemars(regex(pattern = "^[0-9]{1,4}\\.[0-9]{1,4}$"))]
    pub format_version: String,
    /// The waivers; the order means nothing.
    #[serde(default)]
    #[schemars(length(max = 100_000))]
    pub waiver: Vec<Entry>,
}

/// A finding that is known and meant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Id of the rule that finds it, exactly.
    pub rule: String,
    /// Name of what the finding is about; upper and lower case are the same name. `*` stands for any
    /// run of characters, `\*` for itself and `\\` for a backslash.
    pub name: String,
    /// Namespace of a mapping or a task, a pattern too; without it, any namespace and none.
    pub namespace: Option<String>,
    /// Who answers for it.
    #[schemars(schema_with = "something_to_see")]
    pub owner: String,
    /// Why it is meant.
    #[schemars(schema_with = "something_to_see")]
    pub reason: String,
    /// Last day on which it holds, in UTC, `YYYY-MM-DD`.
    #[schemars(schema_with = "last_day")]
    pub expires: Day,
    /// The values for which it holds; without them, any.
    pub values: Option<Values>,
}

/// Values for which a waiver holds: it dies when one of them changes on either side.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Values {
    /// Names of the properties.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub of: Vec<String>,
    /// Digest of their values on both sides, as the draft of a waiver gives it.
    pub sha256: Digest,
}

/// A text in which there is something to see: not white space, control characters, direction marks and
/// letters without a shape alone. Written so that every dialect of regular expressions takes it.
fn something_to_see(_: &mut SchemaGenerator) -> Schema {
    let pattern = r"[^\s\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u115f\u1160\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]";
    json_schema!({ "type": "string", "pattern": pattern })
}

fn last_day(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use serde_json::json;

    #[test]
    fn an_owner_is_something_to_see() {
        let validator = schema::validator::<Entry>();
        let valid = |owner: &str| {
            validator.is_valid(&json!({
                "rule": "r", "name": "n", "owner": owner, "reason": "x", "expires": "2027-01-31"
            }))
        };
        for seen in ["M. Okafor", " x", "\u{200b}x", "東", "é", "ß", "~", "🙂", "\n-"] {
            assert!(valid(seen), "{seen:?}");
        }
        for blank in [
            "",
            " ",
            "\t\r\n",
            "\u{a0}",
            "\u{200b}\u{feff}",
            "\u{3000}",
            "\u{85}",
            "\u{3164}\u{202e}",
        ] {
            assert!(!valid(blank), "{blank:?}");
        }
    }
}
