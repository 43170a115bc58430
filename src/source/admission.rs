//! What of a file is let into the model.
//!
//! Owns the two gates between a reader and the model: which elements of a record are kept, as the
//! declaration of the object says (allow-list, H4.8), and the making of the typed object, with the
//! complaint where a field is not what its declaration says. Every reader of records goes through
//! here.
//! Invariant: what no declaration names does not pass, and a complaint names file, line, object and
//! field and never the value.

use std::path::Path;

use super::Options;
use super::collected::Collected;
use super::xml::{EXPORT_AGAIN, Fate};
use crate::error::{Error, Result};
use crate::model::{Declared, Never, Object, Record, Unreadable};

/// What becomes of a child element, as the object's declaration says.
pub(super) fn declared<T: Declared>(child: &str, options: &Options) -> Fate {
    if let Some(property) = T::PROPERTIES.iter().find(|property| property.source == child) {
        let wanted = !property.personal || options.personal_data;
        return if wanted { Fate::Keep(property.source) } else { Fate::Drop };
    }
    let never = T::NEVER.iter().any(|(_, names): &(Never, _)| names.contains(&child));
    if never { Fate::Drop } else { Fate::Unknown }
}

/// Makes an object of a record and adds it to its section.
pub(super) fn add<T: Object>(path: &Path, record: &Record, to: &mut Collected<T>) -> Result<()> {
    let object = T::from_record(record).map_err(|cause| unreadable::<T>(path, record, &cause))?;
    if object.name().is_empty() {
        let what = format!("one of the {} has no name", T::SECTION);
        return Err(Error::malformed(path, record.line, what, EXPORT_AGAIN));
    }
    to.take(object, record.line);
    Ok(())
}

fn unreadable<T: Declared>(path: &Path, record: &Record, cause: &Unreadable) -> Error {
    let name = record.text("Name").unwrap_or("without a name");
    let what = format!("in {} '{name}', {} is not {}", T::SECTION, cause.field, cause.expected);
    Error::malformed(path, cause.line, what, EXPORT_AGAIN)
}
