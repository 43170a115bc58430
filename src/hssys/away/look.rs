//! What stands against a copy of HSSYS.
//!
//! Owns [`Prospect`], what a copy would come to, and the look at everything that stands against it: the
//! instance is asked about the mirror and the database (H6.1, H6.3, H6.4), the folders are looked at as they
//! are now.
//! Invariant: it looks and changes nothing; what the instance does not say is never taken as good.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::Away;
use super::files;
use super::trace::copied;
use crate::durable::{Folder, why};
use crate::error::{Error, Kind, Result};
use crate::instance::database::State;

/// Bytes that are left free: the journals and databases of a primary grow meanwhile.
const ROOM: u64 = 256 << 20;

/// What a copy would come to.
#[derive(Debug)]
pub struct Prospect {
    /// The folder of HSSYS.
    pub folder: PathBuf,
    /// Where the copies come.
    pub target: PathBuf,
    /// Its files with their sizes in bytes.
    pub files: Vec<(String, u64)>,
    /// Bytes that are free there.
    pub free: u64,
    /// Its name in the mirror.
    pub mirror_name: Option<String>,
    /// What should be known: completes "Note: ...".
    pub notes: Vec<String>,
}

impl Prospect {
    pub(super) fn of(away: &Away<'_>) -> Result<Self> {
        let state = away.database.state()?;
        fits(&state, away)?;
        let target = &away.target;
        let place = target.path();
        let sources = files::sources(&away.folder)?;
        if state.is_whole(sources.len()) == Some(false) {
            let message =
                "Beside IRIS.DAT of HSSYS lie more or fewer volumes than the instance says it has.";
            return Err(Error::new(Kind::Refused, message, BY_HAND));
        }
        for source in &sources {
            let name = copied(&source.name);
            if away.look_for(&name)? {
                let path = place.join(&name);
                let message = format!("{} exists already.", path.display());
                let hint = format!(
                    "Seal that copy with --hssys {}, or remove it: it holds credentials.",
                    crate::error::quoted(&path.display().to_string())
                );
                return Err(Error::new(Kind::Exists, message, hint));
            }
        }
        if !target.is_writable() {
            let message = format!("This account may not write to {}.", place.display());
            let hint = "Run the command as the owner of the instance, or give a folder for the copy with \
                        --copy-dir FOLDER.";
            return Err(Error::new(Kind::Denied, message, hint));
        }
        let bytes: u64 = sources.iter().map(|source| source.entry.size).sum();
        let free = target.space().map_err(|cause| Error::unreadable(place, &cause))?;
        if free < bytes.saturating_add(ROOM) {
            let message = format!(
                "The copy of HSSYS needs {bytes} bytes and {ROOM} to spare, and only {free} are free in {}.",
                place.display()
            );
            let hint = "Make room there, or give a folder on another disk with --copy-dir FOLDER.";
            return Err(Error::new(Kind::Exists, message, hint));
        }
        let mut notes = Vec::new();
        let stream = away.folder.look("stream").ok().flatten();
        if stream.is_some() {
            notes.push(
                "the folder stream beside IRIS.DAT is not in the copy, nor does the mirror carry it; copy \
                 it by hand if HSSYS uses file streams"
                    .to_owned(),
            );
        }
        if state.read_only.is_none() {
            notes.push("this version does not say whether HSSYS is mounted read-only".to_owned());
        }
        Ok(Self {
            folder: away.folder.path().to_owned(),
            target: place.to_owned(),
            files: sources.into_iter().map(|source| (source.name, source.entry.size)).collect(),
            free,
            mirror_name: state.mirror_name,
            notes,
        })
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, size)| size).sum()
    }
}

impl Away<'_> {
    fn look_for(&self, name: &str) -> Result<bool> {
        let there = self.target.look(name);
        Ok(there.map_err(|cause| Error::unreadable(self.target.path(), &cause))?.is_some())
    }
}

/// The next thing to do where a copy by this program is not supported.
const BY_HAND: &str =
    "Dismount HSSYS, copy the whole set by hand, mount it, and seal the copy with --hssys.";

/// Whether the instance and the database are what they should be.
fn fits(state: &State, away: &Away<'_>) -> Result<()> {
    let name = &away.database.instance.listed.name;
    let refused = |message: String, hint: &str| Err(Error::new(Kind::Refused, message, hint));
    match state.on_primary {
        Some(true) => {}
        Some(false) => {
            let message = format!("{name} is not the primary of its mirror now.");
            return refused(
                message,
                "Run the command on the primary: its HSSYS is the one to copy.",
            );
        }
        None => {
            let message = format!("{name} does not say whether it is the primary of its mirror.");
            return refused(message, "Look at the Mirror Monitor, and at messages.log.");
        }
    }
    if state.mirrored != Some(true) {
        let message = match state.mirrored {
            Some(_) => format!(
                "HSSYS of {name} is not in the mirror, so a copy of it is a plain database."
            ),
            None => format!("{name} does not say whether HSSYS is in the mirror."),
        };
        let hint = "Add it on this primary (System Configuration > Local Databases > HSSYS > Add to Mirror), \
                    and run the command after that.";
        return refused(message, hint);
    }
    match (state.mounted, state.read_only) {
        (Some(true), Some(true)) => {
            let message = format!("HSSYS of {name} is mounted read-only already.");
            return refused(
                message,
                "Look why, and mount it for writing: System Operation > Databases.",
            );
        }
        (Some(true), _) => {}
        (Some(false), _) => {
            let message =
                format!("HSSYS of {name} is dismounted already, and not by this program.");
            return refused(
                message,
                "Look who did it and why; mount it: System Operation > Databases.",
            );
        }
        (None, _) => {
            let message = format!("{name} does not say whether HSSYS is mounted.");
            return refused(message, BY_HAND);
        }
    }
    let here = |folder: &&str| {
        let folder = folder.trim();
        !folder.is_empty() && fs::canonicalize(folder).ok().as_deref() != Some(away.folder.path())
    };
    let folders = state.volume_folders.as_deref().unwrap_or_default();
    if let Some(other) = folders.lines().find(here) {
        let message = format!("HSSYS of {name} has volumes in another folder, {}.", other.trim());
        return refused(message, BY_HAND);
    }
    Ok(())
}

/// Opens a folder, which no link may lead to (H6.5).
pub(super) fn folder(path: &Path) -> Result<Folder> {
    let unreadable = |cause: &io::Error| Error::unreadable(path, cause);
    let absolute = std::path::absolute(path).map_err(|cause| unreadable(&cause))?;
    let mut so_far = PathBuf::new();
    for component in absolute.components() {
        so_far.push(component);
        let named = matches!(component, Component::Normal(_));
        if named && fs::symlink_metadata(&so_far).is_ok_and(|about| about.is_symlink()) {
            let message =
                format!("{} is reached through a link, {}.", path.display(), so_far.display());
            let hint = "The product wants real folders; set the real one in System Configuration > Local \
                        Databases, or give it after --copy-dir.";
            return Err(Error::new(Kind::Refused, message, hint));
        }
    }
    Folder::open(&absolute).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotADirectory => {
            let message = format!("{} is no folder.", path.display());
            Error::new(Kind::Usage, message, "Give a folder that exists.")
        }
        io::ErrorKind::PermissionDenied => {
            let message = format!("Cannot open {}: {}.", path.display(), why(&cause));
            let hint = "Run the command as the owner of the instance.";
            Error::new(Kind::Denied, message, hint)
        }
        _ => unreadable(&cause),
    })
}
