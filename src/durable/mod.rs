//! The only writer of files.
//!
//! Owns every write of this program: [`Draft`] makes a new file that is whole or not there, and
//! [`Folder`] works within one opened folder, name by name, where several files must change as one
//! (`restore`). In a [`PrivateFolder`] plain text lies that must not stay. Nothing else in the program
//! makes, renames, links or removes anything.
//! Invariant: what the first two say is done is on the disk, as far as the disk keeps its word; what they
//! fail at is told in words, never by a temporary name.

mod draft;
#[cfg(unix)]
mod folder;
#[cfg(unix)]
mod new_folder;
#[cfg(unix)]
mod open_file;
mod private_folder;

pub use draft::Draft;
#[cfg(unix)]
pub use folder::{Entry, Folder, Operation, Watch};
#[cfg(unix)]
pub use new_folder::NewFolder;
#[cfg(unix)]
pub use open_file::OpenFile;
pub use private_folder::PrivateFolder;

use std::io;
#[cfg(unix)]
use std::path::Path;

/// Why the system refused, in words; the temporary name means nothing to a person.
pub(crate) fn why(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::NotFound => "it is not there".to_owned(),
        io::ErrorKind::NotADirectory => "it is no folder".to_owned(),
        // EPERM: not for want of a right to the file, but of its kind, its flags or its file system.
        io::ErrorKind::PermissionDenied if cause.raw_os_error() == Some(1) => {
            "the system does not permit it".to_owned()
        }
        io::ErrorKind::PermissionDenied => "this account may not write there".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the disk is read-only".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "the quota of this account is used up".to_owned(),
        io::ErrorKind::FileTooLarge => "the disk does not take files as large".to_owned(),
        _ => cause.to_string(),
    }
}

/// Makes a folder for this account alone, and those above it, for good; one that is there already will do.
#[cfg(unix)]
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let made: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    for above in made.into_iter().filter_map(Path::parent) {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        std::fs::File::open(above)?.sync_all()?;
    }
    Ok(())
}

/// Whether this account may make files in a folder.
#[cfg(unix)]
pub(crate) fn may_write(folder: &Path) -> bool {
    Folder::open(folder).map_or(true, |folder| folder.is_writable())
}

/// Whether this account may give files to that owner and group: root may, others only themselves and
/// their groups.
#[cfg(unix)]
pub(crate) fn may_give(uid: u32, gid: u32) -> bool {
    use rustix::process::{getegid, geteuid, getgroups};
    let me = geteuid();
    let member = || {
        let groups = getgroups().unwrap_or_default();
        getegid().as_raw() == gid || groups.iter().any(|group| group.as_raw() == gid)
    };
    me.is_root() || (me.as_raw() == uid && member())
}
