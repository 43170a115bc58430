//! A program that may be run.
//!
//! Owns the question whether a file is one that this account may run and nobody else can have changed: on
//! Unix neither the file nor a folder above it may be writable by everybody, also behind links.
//! A folder of temporary files, where everybody may write and only owners rename, is none to run from.
//! Invariant: what is given back is an absolute path to an executable regular file.

use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};

/// Looks at a program.
///
/// # Errors
/// None is there; it is no file that this account may run; strangers may write to it.
pub(super) fn program(path: &Path) -> Result<PathBuf> {
    let unreadable = |cause| Error::unreadable(path, &cause);
    let absolute = std::path::absolute(path).map_err(unreadable)?;
    let behind = std::fs::canonicalize(&absolute).map_err(unreadable)?;
    let about = std::fs::metadata(&behind).map_err(unreadable)?;
    if !about.is_file() || !is_executable(&behind) {
        let message = format!("{} is no program that this account may run.", path.display());
        let hint = "Give the product's command `iris` after --iris, or run this as an account that \
                    may run it.";
        return Err(Error::new(Kind::Denied, message, hint));
    }
    if let Some(open) = open_to_all(&absolute).or_else(|| open_to_all(&behind)) {
        let message = format!(
            "{} is not run, since everybody may write to {}.",
            path.display(),
            open.display()
        );
        let hint = format!(
            "Find out who changed it last, then take the right away: `chmod o-w {}`.",
            crate::error::quoted(&open.display().to_string())
        );
        return Err(Error::new(Kind::Refused, message, hint));
    }
    Ok(absolute)
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}

/// What of a path everybody may write to. A folder further up where only owners may rename will do.
#[cfg(unix)]
fn open_to_all(path: &Path) -> Option<&Path> {
    use std::os::unix::fs::MetadataExt;
    const OTHERS: u32 = 0o002;
    const OWNERS_ONLY: u32 = 0o1000;
    path.ancestors().enumerate().find_map(|(above, part)| {
        let mode = std::fs::metadata(part).ok()?.mode();
        let kept = above > 1 && mode & OWNERS_ONLY != 0;
        (mode & OTHERS != 0 && !kept).then_some(part)
    })
}

#[cfg(not(unix))]
fn open_to_all(_: &Path) -> Option<&Path> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    #[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    fn mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn strangers_have_no_hand_in_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("bin");
        fs::create_dir(&folder).unwrap();
        let iris = folder.join("iris");
        fs::copy("/bin/true", &iris).unwrap();
        let link = place.path().join("link");
        std::os::unix::fs::symlink(&iris, &link).unwrap();
        for (of_file, of_folder, refused) in [
            (0o755, 0o755, None),
            (0o757, 0o755, Some(Kind::Refused)),
            (0o755, 0o757, Some(Kind::Refused)),
            (0o755, 0o1777, Some(Kind::Refused)),
            (0o644, 0o755, Some(Kind::Denied)),
        ] {
            mode(&iris, of_file);
            mode(&folder, of_folder);
            for path in [&iris, &link] {
                let kind = program(path).err().map(|error| error.kind);
                assert_eq!(kind, refused, "{of_file:o} {of_folder:o}");
            }
        }
        mode(&iris, 0o755);
        mode(&folder, 0o755);
        // Behind the link as well as before it.
        mode(place.path(), 0o777);
        assert_eq!(program(&link).unwrap_err().kind, Kind::Refused);
        assert_eq!(program(&folder.join("none")).unwrap_err().kind, Kind::Missing);
        mode(place.path(), 0o700);
        assert_eq!(program(&folder).unwrap_err().kind, Kind::Denied);
        assert!(program(&link).unwrap().is_absolute());
    }
}
