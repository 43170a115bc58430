//! A plan that is read from a file or a bundle.
//!
//! Owns the words for a document that is no plan this version can use.
//! `document` owns its form; operands of the command line come through here.
//! Invariant: a complaint names the file and never quotes a value.

use std::io::Read;
use std::path::Path;

use super::Plan;
use super::document::Fault;
use crate::error::{Error, Kind, Result};

/// How every plan begins in its one spelling, in which it is saved.
const START: &[u8] = b"{\"formatVersion\":\"";
const NEXT: &[u8] = b"\",\"gaps\":";

/// Whether a document that starts so is a plan.
pub fn is_plan(start: &[u8]) -> bool {
    let version = start.strip_prefix(START).unwrap_or_default();
    let end = version.iter().position(|byte| *byte == b'"').unwrap_or_default();
    end > 0 && version.get(end..).is_some_and(|rest| rest.starts_with(NEXT))
}

/// Reads a plan of at most `limit` bytes; `name` is what it is called in complaints.
///
/// # Errors
/// A document that is no plan, or one of a newer form.
pub fn read(name: &Path, from: impl Read, limit: u64) -> Result<Plan> {
    const MAKE: &str = "Make the plan again: `hsmirror apply PRIMARY MEMBER --save-plan BUNDLE`.";
    let mut text = Vec::new();
    let read = from.take(limit.saturating_add(1)).read_to_end(&mut text);
    read.map_err(|cause| match cause.get_ref().and_then(|one| one.downcast_ref::<Error>()) {
        Some(error) => error.clone(),
        None => Error::unreadable(name, &cause),
    })?;
    let name = name.display();
    if text.len() as u64 > limit {
        let message = format!("{name} is larger than any plan.");
        return Err(Error::new(Kind::Schema, message, MAKE));
    }
    Plan::read(&text).map_err(|fault| match fault {
        Fault::Json => Error::new(Kind::Malformed, format!("{name} is no plan."), MAKE),
        Fault::TooNew(version) => {
            let message =
                format!("{name} is a plan of form {version}, which is newer than this program.");
            Error::new(Kind::TooNew, message, "Use the version of hsmirror that made it.")
        }
        Fault::Schema(what) => Error::new(
            Kind::Schema,
            format!("{name} does not satisfy the schema of plans: {}.", what.trim()),
            MAKE,
        ),
    })
}
