//! A folder that gets its name only once it is whole.
//!
//! Owns [`NewFolder`]: a folder for this account alone that is filled under a temporary name in the folder
//! where it will lie, and then gets its name. The hand-off of a plan comes through here.
//! Invariant: under its name it is whole or not there; what a folder of that name held stays as it was,
//! since only an empty one is taken; one that is dropped leaves nothing behind.
//!
//! A process that is killed outright leaves its temporary folder, whose name begins with `.hsmirror-` and
//! ends with `.part`; nothing ever reads it.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::why;
use crate::error::{Error, Kind, Result};

/// A folder that is being filled.
#[derive(Debug)]
pub struct NewFolder {
    temporary: TempDir,
    /// Where it will lie, absolute.
    target: PathBuf,
}

impl NewFolder {
    /// Whether a folder could get that name now.
    ///
    /// # Errors
    /// A folder that holds something; something else of that name; a place where none can be made.
    pub fn look(target: &Path) -> Result<PathBuf> {
        let refused = |what: &str| refused(target, what);
        match fs::symlink_metadata(target) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(refused(&why(&cause))),
            Ok(about) if !about.is_dir() => return Err(refused("it is no folder")),
            Ok(_) => {
                let mut names = fs::read_dir(target).map_err(|cause| refused(&why(&cause)))?;
                if names.next().is_some() {
                    return Err(refused("it is not empty"));
                }
            }
        }
        let name = target.file_name().ok_or_else(|| refused("it has no name of its own"))?;
        let above = target.parent().filter(|above| !above.as_os_str().is_empty());
        let above = fs::canonicalize(above.unwrap_or(Path::new(".")));
        let above = above.map_err(|cause| match cause.kind() {
            io::ErrorKind::NotFound => refused("there is no folder to make it in"),
            _ => refused(&why(&cause)),
        })?;
        Ok(above.join(name))
    }

    /// Begins a folder.
    ///
    /// # Errors
    /// As [`NewFolder::look`] has them.
    pub fn begin(target: &Path) -> Result<Self> {
        let absolute = Self::look(target)?;
        let above = absolute.parent().unwrap_or(Path::new("/"));
        let temporary = tempfile::Builder::new()
            .prefix(".hsmirror-")
            .suffix(".part")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(above)
            .map_err(|cause| refused(target, &why(&cause)))?;
        Ok(Self { temporary, target: absolute })
    }

    /// Where its files are written.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Where it will lie, absolute.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives it its name.
    ///
    /// # Errors
    /// A folder of that name that came into being meanwhile, or is not empty any more.
    pub fn commit(self) -> Result<()> {
        let Self { temporary, target } = self;
        // An empty folder of that name goes; the system refuses any other.
        let renamed = rustix::fs::rename(temporary.path(), &target).map_err(io::Error::from);
        renamed.map_err(|cause| match cause.kind() {
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                refused(&target, "it is not empty any more")
            }
            _ => refused(&target, &why(&cause)),
        })?;
        // It has another name now, so there is nothing to be removed.
        let _ = temporary.keep();
        let above = target.parent().unwrap_or(Path::new("/"));
        fs::File::open(above)
            .and_then(|above| above.sync_all())
            .map_err(|cause| refused(&target, &why(&cause)))
    }
}

fn refused(target: &Path, what: &str) -> Error {
    let message = format!("Cannot use the folder {}: {what}.", target.display());
    Error::new(Kind::Exists, message, "Give the name of a folder that does not exist yet.")
}
