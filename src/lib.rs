//! `hsmirror` compares the configuration of two mirror members by files.
//!
//! The path of one datum: a mapping line of `iris.cpf` is read by [`source`] into the [`model`],
//! where its properties are declared once; [`mod@compare`] pairs it by identity with its counterpart
//! on the other member; [`finding`] names the difference by a rule and gives the verdict; [`report`]
//! lays it out; [`cli`] prints it and ends with the exit code from [`error`].
//!
//! Arrows go one way only: `cli` uses everything, `report` uses `finding`, `finding` uses `compare`,
//! `compare` uses `model`, `source` and `schema` use `model`, and the model uses nothing of ours.
//! `tests/layers.rs` holds the arrows.

pub mod bundle;
pub mod cli;
pub mod compare;
pub mod durable;
pub mod error;
pub mod finding;
pub mod json;
pub mod key;
pub mod model;
pub mod operand;
pub mod published;
pub mod reading;
pub mod record;
pub mod reference;
pub mod report;
pub mod schema;
pub mod source;
