//! A folder for plain text that must not stay.
//!
//! Owns [`PrivateFolder`]: a folder for this account alone, in which what an instance gathers, or what was
//! decrypted, lies while it is read. It is removed when it is let go of; one that a killed run left behind
//! is removed by the next run that makes one in the same place, which tells by a lock whether its owner
//! still lives. On Windows nothing is locked, and what a killed run leaves stays until somebody removes it.
//! Invariant: only a real folder with a name of ours that belongs to this account is ever removed, and no
//! link is followed; a place where strangers may rename our folder is refused.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

#[cfg(unix)]
use super::Folder;
use super::why;
use crate::error::{Error, Kind, Result};

/// How the names begin.
const PREFIX: &str = ".hsmirror-private-";
/// How often one is made anew because another run took it away.
const ATTEMPTS: usize = 50;

/// A folder that goes when it is let go of.
#[derive(Debug)]
pub struct PrivateFolder {
    temporary: TempDir,
    #[cfg(unix)]
    folder: Folder,
}

impl PrivateFolder {
    /// Makes one in a place, and removes what killed runs left there.
    ///
    /// # Errors
    /// There is no such place; this account may not make a folder there; strangers may rename it.
    pub fn make(place: &Path) -> Result<Self> {
        let refused = |cause: &io::Error| refused(place, &why(cause));
        let place = fs::canonicalize(place).map_err(|cause| refused(&cause))?;
        safe(&place)?;
        sweep(&place);
        for _ in 0..ATTEMPTS {
            let mut builder = tempfile::Builder::new();
            builder.prefix(PREFIX);
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
            let temporary = builder.tempdir_in(&place).map_err(|cause| refused(&cause))?;
            #[cfg(unix)]
            {
                // Before it is locked another run may take it for one that was left: then another one.
                let folder = match Folder::open(temporary.path()) {
                    Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
                    opened => opened.map_err(|cause| refused(&cause))?,
                };
                // A file system that knows no locks keeps nobody away, and nothing is swept there.
                let swept = matches!(folder.lock(), Ok(false));
                if !swept && temporary.path().is_dir() {
                    return Ok(Self { temporary, folder });
                }
            }
            #[cfg(not(unix))]
            return Ok(Self { temporary });
        }
        Err(self::refused(&place, "other runs take it away"))
    }

    /// Where it is, absolute.
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// Opens a file in it, which must be a regular one; from now on it is for this account alone.
    ///
    /// # Errors
    /// What the system says; a link.
    pub fn open(&self, name: &str) -> io::Result<File> {
        #[cfg(unix)]
        let file = {
            let file = self.folder.open_to_read(name)?;
            let _ = rustix::fs::fchmod(&file, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR);
            file
        };
        #[cfg(not(unix))]
        let file = File::open(self.path().join(name))?;
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::other("it is no regular file")),
        }
    }

    /// Bytes that are free on its disk, where the system tells.
    pub fn space(&self) -> Option<u64> {
        #[cfg(unix)]
        return self.folder.space().ok();
        #[cfg(not(unix))]
        None
    }
}

/// Whether nobody else can rename a folder that is made there.
#[cfg(unix)]
fn safe(place: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let about = fs::metadata(place).map_err(|cause| refused(place, &why(&cause)))?;
    if !about.is_dir() {
        return Err(refused(place, "it is no folder"));
    }
    let (everybody, owners_only) = (about.mode() & 0o002 != 0, about.mode() & 0o1000 != 0);
    if everybody && !owners_only {
        let message = format!("Everybody may rename what is in {}.", place.display());
        let hint = "Give a folder of this account's own.";
        return Err(Error::new(Kind::Refused, message, hint));
    }
    Ok(())
}

#[cfg(not(unix))]
fn safe(_: &Path) -> Result<()> {
    Ok(())
}

/// Removes what killed runs left. What cannot be removed stays: it is for this account alone.
#[cfg(unix)]
fn sweep(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            let _ = remove(&entry.path());
        }
    }
}

#[cfg(not(unix))]
fn sweep(_: &Path) {}

/// Removes one folder of ours whose owner is gone.
#[cfg(unix)]
fn remove(path: &Path) -> io::Result<()> {
    let folder = Folder::open(path)?;
    let ours = folder.about()?.uid == rustix::process::geteuid().as_raw();
    if ours && folder.lock()? {
        for name in folder.names()? {
            folder.remove(&name)?;
        }
        fs::remove_dir(path)?;
    }
    Ok(())
}

fn refused(place: &Path, what: &str) -> Error {
    let place: PathBuf = place.to_owned();
    let message = format!("Cannot make a private folder in {}: {what}.", place.display());
    Error::new(Kind::Exists, message, "Name another place with --gather-dir FOLDER.")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    fn names(place: &Path) -> usize {
        fs::read_dir(place).map_or(0, Iterator::count)
    }

    #[test]
    fn it_is_private_and_goes() {
        let place = tempfile::tempdir().unwrap();
        let private = PrivateFolder::make(place.path()).unwrap();
        assert_eq!(fs::metadata(private.path()).unwrap().mode() & 0o7777, 0o700);
        fs::copy("/bin/true", private.path().join("x")).unwrap();
        assert!(private.open("x").is_ok() && private.open("y").is_err());
        assert_eq!(fs::metadata(private.path().join("x")).unwrap().mode() & 0o777, 0o600);
        symlink("/etc/passwd", private.path().join("link")).unwrap();
        assert!(private.open("link").is_err());
        let other = PrivateFolder::make(place.path()).unwrap();
        assert_eq!(names(place.path()), 2, "one that is in use is not swept");
        drop((private, other));
        assert_eq!(names(place.path()), 0);
    }

    #[test]
    fn only_what_a_dead_run_of_ours_left_is_swept() {
        let place = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::copy("/bin/true", elsewhere.path().join("kept")).unwrap();
        let left = place.path().join(format!("{PREFIX}left"));
        fs::create_dir(&left).unwrap();
        fs::copy("/bin/true", left.join("configuration.json")).unwrap();
        symlink(elsewhere.path().join("kept"), left.join("link")).unwrap();
        symlink(elsewhere.path(), place.path().join(format!("{PREFIX}link"))).unwrap();
        fs::copy("/bin/true", place.path().join(format!("{PREFIX}file"))).unwrap();
        fs::create_dir(place.path().join("other")).unwrap();
        drop(PrivateFolder::make(place.path()).unwrap());
        assert!(!left.exists());
        assert_eq!(names(place.path()), 3);
        assert_eq!(names(elsewhere.path()), 1);
    }

    #[test]
    fn runs_at_the_same_time_leave_each_other_alone() {
        let place = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let private = PrivateFolder::make(place.path()).unwrap();
                        fs::copy("/bin/true", private.path().join("x")).unwrap();
                        std::thread::yield_now();
                        assert!(private.open("x").is_ok());
                    }
                });
            }
        });
        assert_eq!(names(place.path()), 0);
    }

    #[test]
    fn a_place_where_strangers_rename_is_refused() {
        let place = tempfile::tempdir().unwrap();
        for (mode, kind) in [(0o777, Some(Kind::Refused)), (0o1777, None), (0o700, None)] {
            fs::set_permissions(place.path(), Permissions::from_mode(mode)).unwrap();
            assert_eq!(PrivateFolder::make(place.path()).err().map(|error| error.kind), kind);
        }
        let none = PrivateFolder::make(&place.path().join("none"));
        assert_eq!(none.unwrap_err().kind, Kind::Exists);
    }
}
