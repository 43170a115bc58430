//! One database of the instance, by its folder: its state, and what is done with it as a whole.
//!
//! Owns the scripts that ask for the state of a database and dismount, mount, activate, catch up or take
//! it out of the mirror (H6.2, H6.3, H6.5), and what their answers mean.
//! Invariant: no call is believed: after each act the state is asked for again, and what is given back
//! is that state.

use std::path::PathBuf;

use super::Instance;
use crate::error::{Error, Kind, Result};

/// A database of the instance.
#[derive(Clone, Debug)]
pub struct Database<'i> {
    /// The instance that has it.
    pub instance: &'i Instance,
    /// Its folder, as the instance says it.
    pub directory: PathBuf,
}

/// The state of a database, as the instance says (H6.3). What it does not say is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Whether the instance is the primary now.
    pub on_primary: Option<bool>,
    /// Whether the database is mounted.
    pub mounted: Option<bool>,
    /// Whether it is mounted read-only.
    pub read_only: Option<bool>,
    /// Whether it is in a mirror.
    pub mirrored: Option<bool>,
    /// Its name in the mirror.
    pub mirror_name: Option<String>,
    /// Its state in the mirror, as `MirroredDatabaseList` says: Normal, Dejournaling, Needs Catchup, ...
    pub mirror_status: Option<String>,
    /// Whether it has to be activated before it is followed.
    pub needs_activation: Option<bool>,
}

impl Database<'_> {
    /// The database that the configuration calls by that name (H1.6, H7.3).
    ///
    /// # Errors
    /// The session fails; there is none of that name.
    pub fn named<'i>(instance: &'i Instance, name: &str) -> Result<Database<'i>> {
        let _ = (instance, name);
        Err(Error::new(Kind::Missing, "Not written yet.", ""))
    }
    /// Its state now.
    ///
    /// # Errors
    /// The session fails or does not answer.
    pub fn state(&self) -> Result<State> {
        Err(Error::new(Kind::Missing, "Not written yet.", ""))
    }
    /// Dismounts it.
    ///
    /// # Errors
    /// As [`Database::state`]; it is still mounted afterwards, with the product's own words.
    pub fn dismount(&self) -> Result<State> {
        self.state()
    }
    /// Mounts it for reading and writing.
    ///
    /// # Errors
    /// As [`Database::state`]; it is not mounted afterwards.
    pub fn mount(&self) -> Result<State> {
        self.state()
    }
    /// Activates a copied database (H6.2).
    ///
    /// # Errors
    /// As [`Database::state`]; it still needs activation afterwards.
    pub fn activate(&self) -> Result<State> {
        self.state()
    }
    /// Starts its catch-up (H6.2). It may go on after this returns.
    ///
    /// # Errors
    /// As [`Database::state`]; the product says that it failed.
    pub fn catch_up(&self) -> Result<State> {
        self.state()
    }
    /// Takes it out of the mirror on this member (H6.2).
    ///
    /// # Errors
    /// As [`Database::state`]; it is still in the mirror afterwards.
    pub fn take_out(&self) -> Result<State> {
        self.state()
    }
}
