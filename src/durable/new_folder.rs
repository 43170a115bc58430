//! A folder that is new, or empty.
//!
//! Owns [`NewFolder`]: a folder that is made for this account alone, to be filled with files that belong
//! together. The hand-off of a plan comes through here.
//! Invariant: what a folder held before stays as it was: one that is not empty is refused; one that was
//! made and not kept is removed again, with what was written into it and nothing else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{make_folder, why};
use crate::error::{Error, Kind, Result};

/// A folder that is being filled.
#[derive(Debug)]
pub struct NewFolder {
    path: PathBuf,
    made: bool,
    kept: bool,
}

impl NewFolder {
    /// Makes a folder, or takes one that is empty.
    ///
    /// # Errors
    /// A folder that holds something; something else of that name; a place where none can be made.
    pub fn begin(path: &Path) -> Result<Self> {
        let refused = |what: String| {
            let message = format!("Cannot use the folder {}: {what}.", path.display());
            Error::new(Kind::Exists, message, "Give the name of a folder that does not exist yet.")
        };
        let made = match fs::symlink_metadata(path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                make_folder(path).map_err(|cause| refused(why(&cause)))?;
                true
            }
            Err(cause) => return Err(refused(why(&cause))),
            Ok(about) if !about.is_dir() => return Err(refused("it is no folder".to_owned())),
            Ok(_) => {
                let mut names = fs::read_dir(path).map_err(|cause| refused(why(&cause)))?;
                if names.next().is_some() {
                    return Err(refused("it is not empty".to_owned()));
                }
                false
            }
        };
        let path = fs::canonicalize(path).map_err(|cause| refused(why(&cause)))?;
        Ok(Self { path, made, kept: false })
    }

    /// Its path, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps it: it is whole.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        // It was empty, so everything in it was written since; half a hand-off is worse than none.
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let _ = fs::remove_file(entry.path());
        }
        if self.made {
            let _ = fs::remove_dir(&self.path);
        }
    }
}
