//! Output of `iris qlist`: who the instance is.
//!
//! Owns what the fields of a `qlist` line mean for section member (H7.1). The line itself is taken
//! apart in `qlist`.
//! Invariant: an output that lists several instances is refused, since nothing says which one the
//! other files belong to.

use std::path::Path;

use super::qlist;
use super::sections::Sections;
use crate::error::{Error, Result};
use crate::model::{Content, Declared, Member, Record};

const LIST_AGAIN: &str = "Make it again for one instance: `iris qlist INSTANCE > qlist.txt`.";

/// Reads the output of `iris qlist` for one instance.
pub(super) fn read(path: &Path, text: &str, sections: &mut Sections) -> Result<()> {
    let instances = qlist::parse(text)
        .map_err(|cause| Error::malformed(path, cause.line, cause.reason, LIST_AGAIN))?;
    let instance = match instances.as_slice() {
        [instance] => instance,
        [] => {
            return Err(Error::malformed(path, 1, "no instance is listed", LIST_AGAIN));
        }
        [_, second, ..] => {
            let what = "more than one instance is listed";
            return Err(Error::malformed(path, second.line, what, LIST_AGAIN));
        }
    };
    let mut record = Record::new(instance.line);
    record.state("qlist 1", &instance.name);
    record.state("qlist 3", &instance.version);
    record.state("qlist 5", &instance.configuration_file);
    record.state("qlist 10", instance.product.as_deref().unwrap_or_default());
    let up = !instance.state.starts_with("down");
    for (field, value) in
        [("qlist 11", &instance.member_type), ("qlist 12", &instance.mirror_state)]
    {
        // Empty says "no mirror member", but not of an instance that is down.
        if let Some(value) = value.as_ref().filter(|value| up || !value.is_empty()) {
            record.state_as(field, Content::Text(value.clone()));
        }
    }
    let member = Member::from_record(&record).map_err(|cause| {
        let what = format!("{} is not {}", cause.field, cause.expected);
        Error::malformed(path, cause.line, what, LIST_AGAIN)
    })?;
    sections.member = Some(member);
    Ok(())
}
