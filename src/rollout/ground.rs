//! The instance that something is rolled out on, as far as a rollout needs it.
//!
//! Owns [`Ground`] and [`Held`], the few things that are asked of an instance and of its HSSYS database,
//! and their answer by the real one ([`OnInstance`], [`Database`]). Tests answer them with a stand-in
//! that they stop wherever they like.
//! Invariant: whatever is answered, no success is believed: a rollout looks at the instance again.

use std::path::Path;

use crate::error::Result;
use crate::instance::database::{Database, State};
use crate::instance::{Asking, Instance, Spoken};
use crate::model::Configuration;
use crate::source::Options;

/// An instance.
pub trait Ground {
    /// Everything that a comparison needs of it, as it is now.
    ///
    /// # Errors
    /// The instance is down or lets nobody in; what the session says.
    fn gather(&self) -> Result<Configuration>;

    /// Merges a file, given by its absolute path.
    ///
    /// # Errors
    /// As [`Instance::merge`].
    fn merge(&self, file: &Path) -> Result<Spoken>;

    /// Runs a script.
    ///
    /// # Errors
    /// As [`Instance::session`].
    fn session(&self, script: &str) -> Result<Spoken>;
}

/// The HSSYS database of an instance. Every act gives the state after it.
pub trait Held {
    /// Its state.
    ///
    /// # Errors
    /// As [`Database::state`].
    fn state(&self) -> Result<State>;
    /// Dismounts it.
    ///
    /// # Errors
    /// As [`Database::dismount`].
    fn dismount(&self) -> Result<State>;
    /// Mounts it.
    ///
    /// # Errors
    /// As [`Database::mount`].
    fn mount(&self) -> Result<State>;
    /// Mounts it without a catch-up.
    ///
    /// # Errors
    /// As [`Database::mount_alone`].
    fn mount_alone(&self) -> Result<State>;
    /// Activates it.
    ///
    /// # Errors
    /// As [`Database::activate`].
    fn activate(&self) -> Result<State>;
    /// Lets it catch up; that takes as long as it takes.
    ///
    /// # Errors
    /// As [`Database::catch_up`].
    fn catch_up(&self) -> Result<State>;
    /// Takes it out of the mirror on this member.
    ///
    /// # Errors
    /// As [`Database::take_out`].
    fn take_out(&self) -> Result<State>;
}

/// The real instance.
#[derive(Debug)]
pub struct OnInstance<'i> {
    /// The instance.
    pub instance: &'i Instance,
    /// What is gathered beyond the usual.
    pub options: Options,
    /// What goes with asking it.
    pub asking: Asking,
}

impl Ground for OnInstance<'_> {
    fn gather(&self) -> Result<Configuration> {
        Ok(self.instance.gather(&self.options, &self.asking)?.configuration)
    }
    fn merge(&self, file: &Path) -> Result<Spoken> {
        self.instance.merge(file)
    }
    fn session(&self, script: &str) -> Result<Spoken> {
        self.instance.session(script)
    }
}

impl Held for Database<'_> {
    fn state(&self) -> Result<State> {
        Self::state(self)
    }
    fn dismount(&self) -> Result<State> {
        Self::dismount(self)
    }
    fn mount(&self) -> Result<State> {
        Self::mount(self)
    }
    fn mount_alone(&self) -> Result<State> {
        Self::mount_alone(self)
    }
    fn activate(&self) -> Result<State> {
        Self::activate(self)
    }
    fn catch_up(&self) -> Result<State> {
        Self::catch_up(self)
    }
    fn take_out(&self) -> Result<State> {
        Self::take_out(self)
    }
}
