//! A file that gets its name only once it is whole.
//!
//! Owns [`Draft`]: bytes go to a temporary file in the same folder, readable by its owner alone; then
//! the file is synced, renamed, and the folder is synced. Bundles and keys come through here.
//! Invariant: under its name a file is whole or not there; nothing that exists is replaced unless it
//! was said, and then only a regular file; a draft that is dropped leaves nothing behind.
//!
//! A process that is killed outright leaves its temporary file, whose name begins with `.hsmirror-`
//! and ends with `.part`; it holds sealed bytes at most, and nothing ever reads it.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::why;
use crate::error::{Error, Kind, Result};

/// A file that is being written.
pub struct Draft {
    to: BufWriter<NamedTempFile>,
    target: PathBuf,
    folder: PathBuf,
    replace: bool,
}

impl Draft {
    /// Begins a file; `replace` says that one of that name may be replaced.
    ///
    /// # Errors
    /// A file of that name, or a folder that takes none.
    pub fn begin(target: &Path, replace: bool) -> Result<Self> {
        if let Ok(about) = fs::symlink_metadata(target) {
            if !about.is_file() {
                let message = format!("{} exists and is no regular file.", target.display());
                let hint = "Give the name of a file that does not exist yet.";
                return Err(Error::new(Kind::Exists, message, hint));
            }
            if !replace {
                return Err(exists(target));
            }
        }
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let temporary =
            tempfile::Builder::new().prefix(".hsmirror-").suffix(".part").tempfile_in(&folder);
        let temporary = temporary.map_err(|cause| {
            let why = match cause.kind() {
                io::ErrorKind::NotFound => "there is no such folder".to_owned(),
                _ => why(&cause),
            };
            let message = format!("Cannot make a file in {}: {why}.", folder.display());
            let hint = "Give the name of a file in a folder that exists and that you may write to.";
            Error::new(Kind::Exists, message, hint)
        })?;
        let to = BufWriter::with_capacity(1 << 16, temporary);
        Ok(Self { to, target: target.to_owned(), folder, replace })
    }

    /// Gives two files their names, both or none as far as no power fails in between.
    ///
    /// # Errors
    /// As [`Draft::commit`] has them.
    pub fn commit_both(self, other: Self) -> Result<()> {
        let (target, replaces) = (self.target.clone(), self.replace);
        self.commit()?;
        other.commit().inspect_err(|_| {
            // What was replaced cannot be brought back, and is whole.
            if !replaces {
                let _ = fs::remove_file(&target);
            }
        })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// A disk that is full or fails; a file of that name that came into being meanwhile.
    pub fn commit(self) -> Result<()> {
        let Self { to, target, folder, replace } = self;
        let failed = |cause: &io::Error| unwritten(&target, cause);
        let temporary = to.into_inner().map_err(|cause| failed(cause.error()))?;
        temporary.as_file().sync_all().map_err(|cause| failed(&cause))?;
        let named =
            if replace { temporary.persist(&target) } else { temporary.persist_noclobber(&target) };
        named.map_err(|cause| match cause.error.kind() {
            io::ErrorKind::AlreadyExists => exists(&target),
            _ => failed(&cause.error),
        })?;
        sync_folder(&folder).map_err(|cause| {
            // A name that may be gone tomorrow is none; what was replaced cannot be brought back.
            if !replace {
                let _ = fs::remove_file(&target);
            }
            failed(&cause)
        })
    }

    /// The error for a write that failed.
    pub fn unwritten(&self, cause: &io::Error) -> Error {
        unwritten(&self.target, cause)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn exists(target: &Path) -> Error {
    let message = format!("{} exists already.", target.display());
    Error::new(Kind::Exists, message, "Give another name, or --force to replace it.")
}

fn unwritten(target: &Path, cause: &io::Error) -> Error {
    let message = format!("Writing {} failed: {}.", target.display(), why(cause));
    let hint = "Look for space on that disk, and run the command again; no file was left there.";
    Error::new(Kind::Output, message, hint)
}

/// A name is durable once its folder is; where a folder cannot be opened (Windows) the file system
/// sees to that itself.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("B");
        let mut draft = Draft::begin(&target, false).unwrap();
        draft.write_all(b"one").unwrap();
        drop(draft);
        assert_eq!(names(folder.path()), [""; 0]);
        let mut draft = Draft::begin(&target, false).unwrap();
        draft.write_all(b"one").unwrap();
        draft.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(Draft::begin(&target, false).err().unwrap().kind, Kind::Exists);
        let mut draft = Draft::begin(&target, true).unwrap();
        draft.write_all(b"two").unwrap();
        draft.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["B"]);
    }

    #[test]
    fn what_came_into_being_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("B");
        let (first, second) =
            (Draft::begin(&target, false).unwrap(), Draft::begin(&target, false).unwrap());
        first.commit().unwrap();
        assert_eq!(second.commit().err().unwrap().kind, Kind::Exists);
        assert_eq!(names(folder.path()), ["B"]);
    }

    #[test]
    fn a_folder_a_link_and_a_device_are_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Draft::begin(folder.path(), true).err().unwrap().kind, Kind::Exists);
        assert_eq!(Draft::begin(Path::new("/dev/null"), true).err().unwrap().kind, Kind::Exists);
        let nowhere = folder.path().join("none").join("B");
        assert_eq!(Draft::begin(&nowhere, false).err().unwrap().kind, Kind::Exists);
    }
}
