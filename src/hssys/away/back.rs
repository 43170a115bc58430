//! HSSYS, mounted again.
//!
//! Owns the mount after a copy: how often this process tries, what counts as back, and what is told where it
//! is not, where a dismount may still come, or where another member is the primary meanwhile. What the
//! state means is `instance::database`'s.
//! Invariant: HSSYS counts as back only when it was seen mounted, and on a primary for writing too; a copy
//! counts only where the instance was seen as the primary after it.

use std::thread;
use std::time::Duration;

use super::Away;
use crate::error::{Error, Kind, Result};
use crate::instance::database::{Database, State};

/// How often this process tries to mount HSSYS again before it leaves that to the watchdog.
const MOUNTS: u32 = 3;

impl Away<'_> {
    /// Mounts HSSYS, and tries again where that fails.
    pub(super) fn mounted_again(&self) -> Result<State> {
        let mut tried = 1;
        loop {
            match bring_back(&self.database) {
                Err(_) if tried < MOUNTS => thread::sleep(Duration::from_secs(1)),
                Err(error) => {
                    let message = format!(
                        "HSSYS was to be away for a copy, and was not seen mounted again: {} The watchdog goes on \
                         trying.",
                        error.message
                    );
                    let hint = "Mount it by hand: System Operation > Databases, or run this command again, \
                                which begins with that.";
                    return Err(Error::new(Kind::Refused, message, hint));
                }
                Ok(state) => return Ok(state),
            }
            tried += 1;
        }
    }

    /// A copy is that of the primary's HSSYS only where the instance is the primary before and after it.
    pub(super) fn still_primary(&self, state: &State) -> Result<()> {
        let name = &self.database.instance.listed.name;
        let Some(what) = not_primary(state) else { return Ok(()) };
        let message =
            format!("HSSYS of {name} is mounted again, but {what}, so the copy was not kept.");
        let hint = "Look at the Mirror Monitor, and run the command on the primary.";
        Err(Error::new(Kind::Refused, message, hint))
    }

    /// A session that did not answer may live on, and dismount HSSYS late. So the watchdog is not told that
    /// HSSYS is mounted, and looks after it as if this process had died.
    pub(super) fn still_on_its_way(&self, error: &Error) -> Error {
        let limit = self.limit.as_secs();
        let message = format!(
            "{} HSSYS is mounted, but the dismount may come late: a watchdog looks for {limit} seconds more, \
             and mounts it again.",
            error.message
        );
        Error::new(error.kind, message, error.hint.clone())
    }
}

/// Whether an error of a dismount is the instance's answer, and not one of the session that was to bring it.
pub(super) fn is_an_answer(error: &Error) -> bool {
    matches!(error.kind, Kind::Refused | Kind::Denied)
}

/// What there is to tell where the instance is not known to be the primary any more.
pub(super) fn not_primary(state: &State) -> Option<&'static str> {
    match state.on_primary {
        Some(true) => None,
        Some(false) => Some("the instance is no longer the primary of its mirror"),
        None => Some("the instance does not say any more whether it is the primary of its mirror"),
    }
}

/// Mounts HSSYS, and sees that it is: on a primary for reading and writing. On one that is none any more a
/// mirrored database is read-only, as it should be.
pub(super) fn bring_back(database: &Database<'_>) -> Result<State> {
    let state = database.mount()?;
    if state.read_only == Some(true) && state.on_primary == Some(true) {
        let message = "HSSYS is mounted again, but read-only.";
        let hint = "Mount it for writing by hand: System Operation > Databases.";
        return Err(Error::new(Kind::Refused, message, hint));
    }
    Ok(state)
}
