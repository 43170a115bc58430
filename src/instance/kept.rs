//! A lock that the children of an instance keep.
//!
//! Owns [`Kept`]: the handle of a lock that every session and merge gets besides its streams. The lock comes
//! from whoever must not be disturbed meanwhile, such as a rollout; where this program is killed, what it
//! had started goes on for a while, and the lock holds until that has ended too.
//! Invariant: no child gets the handle but those that are run through here, and this program's own handle is
//! closed on its next start of something else.

#[cfg(unix)]
use std::os::fd::OwnedFd;
use std::sync::{Arc, OnceLock};

use crate::error::Result;

/// A lock that children keep; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept {
    #[cfg(unix)]
    handle: Arc<OnceLock<OwnedFd>>,
    #[cfg(not(unix))]
    handle: Arc<OnceLock<()>>,
}

impl Kept {
    /// Gives it to all children from now on; the first one that is given stays.
    #[cfg(unix)]
    pub(super) fn keep(&self, handle: OwnedFd) {
        let _ = self.handle.set(handle);
    }

    /// Starts a child that gets it.
    ///
    /// # Errors
    /// What starting it says.
    pub(super) fn passed<T>(&self, start: impl FnOnce() -> Result<T>) -> Result<T> {
        #[cfg(unix)]
        if let Some(handle) = self.handle.get() {
            use rustix::io::{FdFlags, fcntl_setfd};
            // A lock that cannot be passed on is no reason not to do what was asked for.
            let _ = fcntl_setfd(handle, FdFlags::empty());
            let started = start();
            let _ = fcntl_setfd(handle, FdFlags::CLOEXEC);
            return started;
        }
        let _ = &self.handle;
        start()
    }
}
