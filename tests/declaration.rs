//! One declaration is all a property needs.
//!
//! Declares the same object twice, the second time with one line more, and looks for that property
//! in everything that is made of a declaration: reader, JSON form, schema, comparison, reference.
//! (That a property without a comparison rule does not compile is shown in the documentation of
//! `object!`, which is compiled as a test too.)

#![allow(clippy::unwrap_used, missing_docs, reason = "a test fails by panicking")]

use hsmirror::model::{Between, Declared, Record, Text};
use serde_json::json;

mod before {
    use hsmirror::model::Text;
    hsmirror::object! {
        /// A thing.
        pub(crate) struct Thing in Users from "Test.Things" {
            identity {
                /// Its name.
                name: Text = "Name";
            }
            properties {
                /// Whether it is on.
                enabled: bool = "Enabled", must_equal, default(true);
            }
            never {
                Secret { "Password" }
            }
        }
    }
}

mod after {
    use hsmirror::model::Text;
    hsmirror::object! {
        /// A thing.
        pub(crate) struct Thing in Users from "Test.Things" {
            identity {
                /// Its name.
                name: Text = "Name";
            }
            properties {
                /// Whether it is on.
                enabled: bool = "Enabled", must_equal, default(true);
                /// Its colour.
                main_colour: Text = "Colour", must_equal, empty;
            }
            never {
                Secret { "Password" }
            }
        }
    }
}

fn record(colour: &str) -> Record {
    let mut record = Record::new(1);
    record.state("Name", "x");
    record.state("Colour", colour);
    record
}

#[test]
fn one_line_more_reaches_reader_json_schema_comparison_and_reference() {
    let (red, blue) = (record("red"), record("blue"));

    // Reader and JSON form.
    let old = before::Thing::from_record(&red).unwrap();
    let new = after::Thing::from_record(&red).unwrap();
    assert_eq!(serde_json::to_value(old).unwrap(), json!({ "name": "x" }));
    let form = json!({ "name": "x", "mainColour": "red" });
    assert_eq!(serde_json::to_value(&new).unwrap(), form);
    assert_eq!(serde_json::from_value::<after::Thing>(form).unwrap(), new);

    // Schema, with the rule in it.
    let schema = hsmirror::schema::of::<after::Thing>();
    let colour = schema.as_value().pointer("/properties/mainColour").unwrap();
    assert_eq!(colour["description"], "Its colour.");
    assert_eq!(colour["x-compared"], "must equal");
    let schema = hsmirror::schema::of::<before::Thing>();
    assert!(schema.as_value().pointer("/properties/mainColour").is_none());

    // Comparison.
    let differ = |a: &Record, b: &Record| {
        let (a, b) = (after::Thing::from_record(a).unwrap(), after::Thing::from_record(b).unwrap());
        after::Thing::changes(&a, &b, Between::Members)
            .iter()
            .map(|change| change.property.name())
            .collect::<Vec<_>>()
    };
    assert_eq!(differ(&red, &blue), ["mainColour"]);
    assert!(differ(&red, &red).is_empty());
    let (a, b) =
        (before::Thing::from_record(&red).unwrap(), before::Thing::from_record(&blue).unwrap());
    assert!(before::Thing::changes(&a, &b, Between::Members).is_empty());

    // Reference.
    assert_eq!(before::Thing::PROPERTIES.len() + 1, after::Thing::PROPERTIES.len());
    let property = after::Thing::PROPERTIES.last().unwrap();
    assert_eq!((property.source, property.about.trim()), ("Colour", "Its colour."));
    assert_eq!(Text::from("x"), new.name);
}
