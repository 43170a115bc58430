//! The primary's copy of the HSSYS database.
//!
//! Owns the finding of its files, `COPY_IRIS.DAT` or `IRIS.DAT` and the volumes that belong to it, and
//! the watch over them while they are read: a database in use, a set with a hole, or a file that changes
//! meanwhile is no copy that a member may be given.
//! Invariant: what was opened is what is read; [`Copy::unchanged`] says so at the end, or why not.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{COPIED, LOCK, file, number};
use crate::bundle::limit;
use crate::error::{Error, Kind, Result};
use crate::model::Moment;

/// A copy whose files are open.
#[derive(Debug)]
pub struct Copy {
    folder: PathBuf,
    /// What comes before the names of its files.
    prefix: &'static str,
    /// Whether the mounted database may lie beside it.
    ours: bool,
    /// The files in order, `IRIS.DAT` first.
    pub files: Vec<CopiedFile>,
}

/// A file of a copy.
#[derive(Debug)]
pub struct CopiedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its size in bytes, when it was opened.
    pub size: u64,
    /// Its bytes.
    pub bytes: File,
    seen: Seen,
}

/// What tells a file and its state from any other.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    size: u64,
    modified: Option<Moment>,
    /// Device, number, and the nanoseconds of its last write and its last change of any kind.
    #[cfg(unix)]
    identity: (u64, u64, i64, i64, i64),
}

impl Seen {
    fn of(about: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (about.dev(), about.ino(), about.mtime_nsec(), about.ctime(), about.ctime_nsec())
        };
        Self {
            size: about.len(),
            modified: about.modified().ok().map(Moment::from),
            #[cfg(unix)]
            identity,
        }
    }
}

impl Copy {
    /// Opens the copy that a file or a folder names.
    ///
    /// # Errors
    /// No copy there, or more than one; a database in use; a set of volumes with a hole.
    pub fn open(operand: &Path) -> Result<Self> {
        Self::read(operand, false)
    }

    /// Opens the copy that this run made beside the database, which is mounted again: the lock there is
    /// not about the copy.
    ///
    /// # Errors
    /// As [`Copy::open`].
    pub fn open_ours(operand: &Path) -> Result<Self> {
        Self::read(operand, true)
    }

    fn read(operand: &Path, ours: bool) -> Result<Self> {
        let unreadable = |cause| Error::unreadable(operand, &cause);
        // A lock lies beside the file itself, not beside a link to it.
        let real = fs::canonicalize(operand).map_err(unreadable)?;
        if fs::symlink_metadata(operand).map_err(unreadable)?.is_symlink() {
            return Err(a_link(operand, &real));
        }
        let first = if real.is_dir() { first_in(operand)? } else { operand.to_owned() };
        let name = first.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let (prefix, plain) = match name.strip_prefix(COPIED) {
            Some(plain) => (COPIED, plain),
            None => ("", name),
        };
        if number(plain) != Some(0) {
            let message = format!("{} is not named like a database file.", first.display());
            let hint = format!("Give {COPIED}{0} or {0}, or the folder that holds it.", file(0));
            return Err(Error::new(Kind::Malformed, message, hint));
        }
        let folder = match first.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        if !ours {
            not_in_use(&folder, prefix)?;
        }
        let names = names_in(&folder)?;
        let foreign = if prefix.is_empty() { COPIED } else { "" };
        let numbers = |prefix: &str| -> BTreeSet<usize> {
            let plain = names.iter().filter_map(|name| name.strip_prefix(prefix));
            plain.filter_map(number).filter(|number| *number > 0).collect()
        };
        let volumes = numbers(prefix);
        if volumes.is_empty() && !numbers(foreign).is_empty() {
            let message = format!(
                "Volumes lie beside {}, and their names do not say whether they belong to it.",
                first.display()
            );
            let hint = format!(
                "Put the whole set into a folder of its own, as {} and {} and so on.",
                file(0),
                file(1)
            );
            return Err(Error::new(Kind::Malformed, message, hint));
        }
        let last = volumes.last().copied().unwrap_or_default();
        if let Some(missing) = (1..=last).find(|number| !volumes.contains(number)) {
            let message = format!(
                "{}{} is missing in {}: the volumes of a database are one set.",
                prefix,
                file(missing),
                folder.display()
            );
            return Err(Error::new(Kind::Missing, message, "Copy all of them together again."));
        }
        if last > limit::VOLUMES {
            let message = format!("A database can have {} volumes at most here.", limit::VOLUMES);
            return Err(Error::new(Kind::Malformed, message, "Ask for a version that takes more."));
        }
        let paths = [first]
            .into_iter()
            .chain(volumes.iter().map(|number| folder.join(format!("{prefix}{}", file(*number)))));
        let files = paths.map(CopiedFile::open).collect::<Result<_>>()?;
        Ok(Self { folder, prefix, ours, files })
    }

    /// Bytes of all files together.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Handles of its files to read from, in order.
    ///
    /// # Errors
    /// A system that gives no more handles.
    pub fn handles(&self) -> Result<Vec<impl Read>> {
        let handle = |file: &CopiedFile| {
            let unreadable = |cause| Error::unreadable(&file.path, &cause);
            let bytes = file.bytes.try_clone().map_err(unreadable)?;
            Ok(Handle { path: file.path.clone(), bytes })
        };
        self.files.iter().map(handle).collect()
    }

    /// When its files were last written to: the state of the database is not older.
    pub fn copied_at(&self) -> Option<Moment> {
        self.files.iter().map(|file| file.seen.modified).max().flatten()
    }

    /// Whether every account of the machine can read it.
    pub fn is_open_to_all(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |file: &CopiedFile| file.bytes.metadata().map(|about| about.permissions());
            self.files
                .iter()
                .any(|file| mode(file).is_ok_and(|permissions| permissions.mode() & 0o004 != 0))
        }
        #[cfg(not(unix))]
        false
    }

    /// Makes sure that nothing happened to the files since they were opened.
    ///
    /// # Errors
    /// A file that was changed or replaced; a database that came into use.
    pub fn unchanged(&self) -> Result<()> {
        if !self.ours {
            not_in_use(&self.folder, self.prefix)?;
        }
        for file in &self.files {
            let open = file.bytes.metadata().map(|about| Seen::of(&about));
            let named = fs::metadata(&file.path).map(|about| Seen::of(&about));
            if !matches!((open, named), (Ok(open), Ok(named)) if open == file.seen && named == file.seen)
            {
                return Err(changed(&file.path));
            }
        }
        Ok(())
    }
}

/// A file that is read; what goes wrong names it.
struct Handle {
    path: PathBuf,
    bytes: File,
}

impl Read for Handle {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(into).map_err(|cause| match cause.kind() {
            io::ErrorKind::Interrupted => cause,
            _ => io::Error::other(Error::unreadable(&self.path, &cause)),
        })
    }
}

impl CopiedFile {
    fn open(path: PathBuf) -> Result<Self> {
        let unreadable = |cause: io::Error| Error::unreadable(&path, &cause);
        // A pipe would be waited for.
        let about = fs::symlink_metadata(&path).map_err(unreadable)?;
        if about.is_symlink() {
            let real = fs::canonicalize(&path).map_err(unreadable)?;
            return Err(a_link(&path, &real));
        }
        if !about.is_file() || about.len() == 0 {
            let what = if about.is_file() { "is empty" } else { "is no regular file" };
            let message = format!("{} {what}, so it is no copy of a database.", path.display());
            let hint = "Copy the database again, dismounted, with the operating system.";
            return Err(Error::new(Kind::Malformed, message, hint));
        }
        let bytes = File::open(&path).map_err(unreadable)?;
        let seen = Seen::of(&bytes.metadata().map_err(unreadable)?);
        let size = seen.size;
        Ok(Self { path, size, bytes, seen })
    }
}

/// The error for a link.
fn a_link(path: &Path, real: &Path) -> Error {
    let message = format!("{} is a link.", path.display());
    Error::new(Kind::Malformed, message, format!("Give the file itself: {}.", real.display()))
}

/// The error for a file that changed while it was read.
fn changed(path: &Path) -> Error {
    let message = format!("{} changed while it was being sealed.", path.display());
    let hint =
        "Dismount HSSYS, copy it again, and seal the copy when nothing writes to it any more.";
    Error::new(Kind::Malformed, message, hint)
}

/// The first file of the one copy in a folder.
fn first_in(folder: &Path) -> Result<PathBuf> {
    let plain = folder.join(file(0));
    let copied = folder.join(format!("{COPIED}{}", file(0)));
    match (plain.exists(), copied.exists()) {
        (true, false) => Ok(plain),
        (false, true) => Ok(copied),
        (true, true) => {
            let message = format!("{} holds both {} and its copy.", folder.display(), file(0));
            let hint = format!("Give the copy itself: --hssys {}.", copied.display());
            Err(Error::new(Kind::Malformed, message, hint))
        }
        (false, false) => {
            let message = format!("{} holds no {COPIED}{1} and no {1}.", folder.display(), file(0));
            let hint = "Give the copy of the HSSYS database, or the folder that holds it.";
            Err(Error::new(Kind::Missing, message, hint))
        }
    }
}

fn names_in(folder: &Path) -> Result<Vec<String>> {
    let unreadable = |cause: io::Error| Error::unreadable(folder, &cause);
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name().into_string()));
    let names: Vec<_> = names.collect::<io::Result<_>>().map_err(unreadable)?;
    Ok(names.into_iter().flatten().collect())
}

/// A database in use is torn when it is copied, and one that was not closed cleanly is not whole (H6.5).
fn not_in_use(folder: &Path, prefix: &str) -> Result<()> {
    let lock = folder.join(LOCK);
    if fs::symlink_metadata(&lock).is_err() {
        return Ok(());
    }
    let message = format!("{} is there, so a database in that folder is in use.", lock.display());
    let hint = if prefix.is_empty() {
        "Dismount HSSYS, copy IRIS.DAT to COPY_IRIS.DAT, mount it again, and seal the copy."
    } else {
        "Move the copy into a folder of its own, where the lock of the mounted database is not beside it."
    };
    Err(Error::new(Kind::Locked, message, hint))
}
