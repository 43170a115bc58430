//! The schemas the program publishes.
//!
//! Owns the list of them: their names, what they describe, and the type each is made from. `hsmirror
//! schema` prints them and `schema/` keeps them; documents are read with the same types.
//! Invariant: what is printed is made from the types and nothing else, and has the same identifier as
//! long as its form is compatible.

use schemars::Schema;
use serde_json::Value;

use crate::bundle::Manifest;
use crate::model;
use crate::plan::Plan;
use crate::record::Comparison;
use crate::schema::of;
use crate::waiver;

/// A schema the program publishes.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// Its name on the command line; the file is `schema/NAME.schema.json`.
    pub name: &'static str,
    /// What it describes.
    pub about: &'static str,
    make: fn() -> Schema,
}

/// Every published schema.
pub const PUBLISHED: &[Published] = &[
    Published { name: "comparison", about: "the result of a comparison", make: of::<Comparison> },
    Published {
        name: "configuration",
        about: "the configuration of one side, whole or in part",
        make: of::<model::Document>,
    },
    Published { name: "manifest", about: "what a bundle is", make: of::<Manifest> },
    Published { name: "plan", about: "a plan of what to do on the member", make: of::<Plan> },
    Published {
        name: "waivers",
        about: "a file of waivers, its TOML read as JSON",
        make: of::<waiver::Document>,
    },
];

impl Published {
    /// The schema as it is printed: pretty, with a line end.
    pub fn text(&self) -> String {
        let mut schema = (self.make)();
        schema
            .insert("$id".to_owned(), Value::from(format!("urn:hsmirror:schema:{}:1", self.name)));
        let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        text.push('\n');
        text
    }
}
