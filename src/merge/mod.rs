//! The grammar of configuration merge files, the vendor's declarative way to change an instance (H3).
//!
//! Owns both directions: [`lines`] writes an operation as lines of the section `[Actions]`, [`read`]
//! takes a whole merge file apart. Operations come from `operation`; what becomes of the lines is the
//! business of whoever asks for them.
//! `spelling` decides which values the grammar carries at all, `properties` reads one action,
//! `comment` knows where a comment begins.
//!
//! Invariant: a line is written only where every reader of this grammar must find one action in it,
//! with these properties and no others. Where that is not sure there is no line, and the operation
//! goes through the product's API, for the report of a merge cannot be trusted (H3.1).

mod action;
mod comment;
mod properties;
mod reading;
mod spelling;

pub use action::{Action, lines};
pub use reading::{Entry, Fault, MergeFile, Section, read};
