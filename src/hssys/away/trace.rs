//! What a run leaves behind while HSSYS is away.
//!
//! Owns [`Trace`], a small file that says which run dismounted HSSYS and where its copies are, and [`Desk`],
//! where it lies: the state folder, or the folder of HSSYS where there is no state folder to write to. The
//! run writes it before it dismounts and removes it at its end; the watchdog adds what it did; the next
//! run reads it first.
//! Invariant: it is written whole or not at all, and before what it tells of; one that cannot be read is
//! told, since HSSYS may be dismounted.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::durable::{Entry, Folder, make_folder, why};
use crate::error::{Error, Kind, Result};
use crate::hssys;
use crate::model::Moment;

/// Bytes that a trace may have.
const LIMIT: u64 = 1 << 20;

/// What a run has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// Tells this run from every other.
    pub run: String,
    /// When it began.
    pub begun: Moment,
    /// The folder of HSSYS.
    pub directory: String,
    /// The folder of its copies.
    pub target: String,
    /// Whether it saw HSSYS mounted again.
    pub back: bool,
    /// Its copies, once they are whole.
    pub copies: Vec<Left>,
    /// When its watchdog saw HSSYS mounted again.
    pub mounted: Option<Moment>,
    /// When its watchdog gave up, and why.
    pub gave_up: Option<(Moment, String)>,
}

/// A file that a run made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The name of the file of the database.
    pub name: String,
    /// Tells it from every other file of the file system.
    pub inode: u64,
    /// Its size in bytes.
    pub size: u64,
}

impl Left {
    /// A file as it is now.
    pub(super) fn of(name: &str, entry: &Entry) -> Self {
        Self { name: name.to_owned(), inode: entry.inode, size: entry.size }
    }

    fn is(&self, entry: &Entry) -> bool {
        entry.is_file && entry.inode == self.inode && entry.size == self.size
    }
}

/// The name of a copy.
pub(super) fn copied(name: &str) -> String {
    format!("{}{name}", hssys::COPIED)
}

/// The temporary name of a copy.
pub(super) fn part(name: &str) -> String {
    format!(".hsmirror-{}.part", copied(name))
}

/// Removes what an interrupted copy left in a folder; gives how many files there were.
pub(super) fn sweep(folder: &Folder) -> io::Result<usize> {
    let begins = format!(".hsmirror-{}", hssys::COPIED);
    let mut count = 0;
    for name in folder.names()? {
        let file = name.strip_prefix(&begins).and_then(|rest| rest.strip_suffix(".part"));
        if file.is_some_and(|file| hssys::number(file).is_some()) {
            folder.remove(&name)?;
            count += 1;
        }
    }
    if count > 0 {
        folder.sync()?;
    }
    Ok(count)
}

impl Trace {
    /// Removes what the run left: temporary files, and copies that are still those which it made.
    pub(super) fn tidy(&self) -> io::Result<usize> {
        let folder = match Folder::open(Path::new(&self.target)) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(0),
            folder => folder?,
        };
        let mut count = sweep(&folder)?;
        for left in self.copies.iter().filter(|left| hssys::number(&left.name).is_some()) {
            let name = copied(&left.name);
            if folder.look(&name)?.is_some_and(|entry| left.is(&entry)) {
                folder.remove(&name)?;
                count += 1;
            }
        }
        folder.sync()?;
        Ok(count)
    }
}

/// Where traces of one instance lie.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The folders in which one may lie; new ones come into the first.
    places: Vec<Folder>,
    name: String,
}

impl Desk {
    /// That of an instance: in the state folder, which is made where it can be, or else in that of HSSYS.
    pub(super) fn new(state: &Path, hssys: &Folder, instance: &str) -> Self {
        let made = make_folder(state).and_then(|()| std::fs::canonicalize(state));
        let state = made.and_then(|state| Folder::open(&state));
        let mut places: Vec<Folder> = state.into_iter().chain([hssys.clone()]).collect();
        // One that cannot be written to may still be read.
        places.sort_by_key(|place| !place.is_writable());
        Self { places, name: name_of(instance) }
    }

    /// The one in a folder that is known.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn at(folder: &Path, instance: &str) -> Result<Self> {
        let opened = Folder::open(folder).map_err(|cause| Error::unreadable(folder, &cause))?;
        Ok(Self { places: vec![opened], name: name_of(instance) })
    }

    /// The folder into which new ones come.
    pub fn path(&self) -> &Path {
        self.places.first().map_or(Path::new("/"), Folder::path)
    }

    /// The trace that is there.
    ///
    /// # Errors
    /// One that cannot be read.
    pub fn read(&self) -> Result<Option<Trace>> {
        for place in &self.places {
            let failed = |what: &str| {
                let path = place.path().join(&self.name);
                let message = format!(
                    "Cannot read {}, in which an earlier run says whether HSSYS is dismounted: {what}.",
                    path.display()
                );
                let hint = "Look whether HSSYS is mounted (System Operation > Databases), then remove \
                            that file.";
                Error::new(Kind::Refused, message, hint)
            };
            let there = place.look(&self.name).map_err(|cause| failed(&why(&cause)))?;
            if there.is_none() {
                continue;
            }
            let bytes = place.read(&self.name, LIMIT).map_err(|cause| failed(&why(&cause)))?;
            let trace = serde_json::from_slice(&bytes);
            return trace.map(Some).map_err(|_| failed("it is no trace of a run"));
        }
        Ok(None)
    }

    /// Writes it.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn put(&self, trace: &Trace) -> Result<()> {
        let text = serde_json::to_vec(trace).unwrap_or_default();
        let Some(place) = self.places.first() else { return Ok(()) };
        place.put(&self.name, &text).map_err(|cause| {
            let message = format!(
                "Cannot write down in {} that HSSYS will be dismounted: {}.",
                place.path().display(),
                why(&cause)
            );
            let hint = "Give a folder of this account that stays, after --state-dir.";
            Error::new(Kind::Exists, message, hint)
        })
    }

    /// Removes it, wherever it is.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn clear(&self) -> io::Result<()> {
        for place in &self.places {
            if place.look(&self.name)?.is_some() {
                place.remove(&self.name)?;
                place.sync()?;
            }
        }
        Ok(())
    }
}

/// The name of the file: an instance has one HSSYS.
fn name_of(instance: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let instance: String = instance.chars().map(plain).collect();
    format!("hssys-away-{}.json", instance.to_ascii_uppercase())
}
