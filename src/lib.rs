//! `hsmirror` compares the configuration of two mirror members by files.
//!
//! The path of one datum: a mapping line of `iris.cpf` is read by [`source`] into the [`model`],
//! where its properties are declared once; [`mod@compare`] pairs it by identity with its counterpart
//! on the other member; [`finding`] names the difference by a rule and gives the verdict; [`report`]
//! lays it out; [`cli`] prints it and ends with the exit code from [`error`].
//!
//! What a finding names may be known and meant; [`waiver`] reads the file in which people say so.
//!
//! On its way between two machines it is sealed: [`bundle`] writes the model as a document into a file
//! that only the holders of a [`key`] can open, and opens it again; [`operand`] makes no difference
//! between the two ways; [`record`] reads a comparison that was sealed. [`durable`] writes the file.
//!
//! What is found can be put right: [`plan`] makes ordered steps of a judgement, each of which comes to an
//! [`operation`]; [`merge`] and [`script`] write those as the product's own merge lines and ObjectScript, and
//! [`handoff`] puts them into files that a person runs.
//!
//! The HSSYS database goes the same way in a bundle of its own: [`hssys`] finds the primary's copy, and
//! `restore` (on Unix) puts it into its place on the member, step by step, so that it can be stopped
//! anywhere.
//!
//! Where the instance is at hand, `rollout` (on Unix) does all of it there: it runs a plan's groups and the
//! acts around a restore, and looks at the instance after each.
//!
//! Arrows go one way only: `cli` uses everything, `operand` uses `bundle`, `record` and `source`, `report`
//! uses `finding`, `finding` uses `compare`, and all of them use `model`, which uses nothing of ours.
//! `tests/layers.rs` holds the arrows.

pub mod bundle;
pub mod cli;
pub mod compare;
pub mod durable;
pub mod error;
pub mod finding;
pub mod gatherer;
pub mod handoff;
pub mod hssys;
pub mod instance;
pub mod json;
pub mod key;
pub mod merge;
pub mod model;
pub mod operand;
pub mod operation;
pub mod plan;
pub mod published;
pub mod reading;
pub mod record;
pub mod reference;
pub mod report;
#[cfg(unix)]
pub mod restore;
#[cfg(unix)]
pub mod rollout;
pub mod schema;
pub mod script;
pub mod source;
pub mod waiver;
