//! How a stand-in behaves: the content of `scene.json`, and of the recorded scenes in `tests/scenes`.
//!
//! Owns [`Behaviour`] with its parts for listing, sessions, merges and changes of state. What is not stated is
//! the product as it should be (H7.1, H7.2, H3.1); each field turns one thing into what somebody has met.
//! Invariant: a field that is not known is an error, so a misspelt scene is not taken for a healthy one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::instance::Refusal;
use super::instance::disk::Manners;

/// How a stand-in behaves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Behaviour {
    /// What the scene shows, in a sentence.
    pub(crate) about: String,
    /// The folder of `samples` whose configuration the instance has; by default `ready-backup`.
    pub(crate) samples: Option<String>,
    /// `iris qlist`.
    pub(crate) list: Listing,
    /// `iris session`.
    pub(crate) session: Sessions,
    /// `iris merge`.
    pub(crate) merge: Merging,
    /// What happens to the instance meanwhile.
    pub(crate) changes: Vec<Change>,
    /// Classes whose calls are refused, by name.
    pub(crate) classes: BTreeMap<String, Refusal>,
    /// How the databases behave; taken into the state when the scene is made.
    pub(crate) databases: Manners,
    /// The account of the instance may make no files.
    pub(crate) no_files: bool,
}

/// What `iris qlist` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Listing {
    /// How many fields: 8 to 10 of older versions, 12 to 14 of newer ones.
    pub(crate) fields: usize,
    /// Fields that a version to come would add.
    pub(crate) more: Vec<String>,
    /// The fourth field; else running or down as the instance is.
    pub(crate) state: Option<String>,
    /// The ninth field; by default `ok`.
    pub(crate) health: Option<String>,
    /// Lines before and after that of the instance.
    pub(crate) before: Vec<String>,
    pub(crate) after: Vec<String>,
    /// What is printed instead of a list.
    pub(crate) instead: Option<String>,
    /// Lines end as on Windows.
    pub(crate) windows_line_ends: bool,
    pub(crate) status: i32,
    /// Nothing comes, and it does not end.
    pub(crate) hangs: bool,
}

impl Default for Listing {
    fn default() -> Self {
        Self {
            fields: 14,
            more: Vec::new(),
            state: None,
            health: None,
            before: Vec::new(),
            after: Vec::new(),
            instead: None,
            windows_line_ends: false,
            status: 0,
            hangs: false,
        }
    }
}

/// How a session goes. Lines are counted from 1; 0 is before the first is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Sessions {
    /// So many sessions go well before the rest of this holds.
    pub(crate) after: usize,
    /// So many sessions go like this, and those after them well; none is all.
    pub(crate) sessions: Option<usize>,
    /// Asks for user and password, takes lines for them, and denies access.
    pub(crate) login: bool,
    /// Does not go on at that line.
    pub(crate) hangs_at: Option<usize>,
    /// Is killed by a signal at that line.
    pub(crate) dies_at: Option<usize>,
    /// Ends at that line, with `ends_with`.
    pub(crate) ends_at: Option<usize>,
    pub(crate) ends_with: i32,
    /// That line gives `<PROTECT>` and is not done.
    pub(crate) protects_at: Option<usize>,
    /// Does that line and says nothing of what it printed.
    pub(crate) silent_at: Option<usize>,
    /// Milliseconds for each line.
    pub(crate) slow: u64,
    /// Bytes of noise before the banner and after the last line.
    pub(crate) noise_before: usize,
    pub(crate) noise_after: usize,
    /// The output is in Latin-1, with a line of letters beyond ASCII in the banner.
    pub(crate) latin1: bool,
    /// No banner.
    pub(crate) no_banner: bool,
    /// Lines end as on Windows.
    pub(crate) windows_line_ends: bool,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            after: 0,
            sessions: None,
            login: false,
            hangs_at: None,
            dies_at: None,
            ends_at: None,
            ends_with: 1,
            protects_at: None,
            silent_at: None,
            slow: 0,
            noise_before: 0,
            noise_after: 0,
            latin1: false,
            no_banner: false,
            windows_line_ends: false,
        }
    }
}

/// How a merge goes (H3.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Merging {
    /// So many merges go well before the rest of this holds.
    pub(crate) after: usize,
    /// Says that it worked, and did nothing.
    pub(crate) claims: bool,
    /// Fails after that many actions, which stay done.
    pub(crate) fails_after: Option<usize>,
    /// Says that it worked and ends with this status.
    pub(crate) status: Option<i32>,
    /// Asks for user and password, as where the operating system's login is not enabled.
    pub(crate) login: bool,
    /// Does not end.
    pub(crate) hangs: bool,
    /// Milliseconds that it takes.
    pub(crate) slow: u64,
}

/// Something that happens to the instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Change {
    /// After so many starts of the program...
    pub(crate) after: usize,
    /// ... with this first argument; none counts all.
    pub(crate) of: Option<String>,
    /// It goes down, or up.
    pub(crate) down: Option<bool>,
    /// It becomes the primary, or is it no more.
    pub(crate) primary: Option<bool>,
}
