//! The files of HSSYS, copied while it is dismounted.
//!
//! Owns the finding of `IRIS.DAT` and its volumes in the folder of HSSYS, and the copying of each to a
//! temporary file: sharing its bytes where the file system can, byte by byte where it cannot. Durable and
//! named they are made afterwards, when HSSYS is mounted again, so that it is away no longer than needed.
//! Invariant: a copy has its name only when all of them are whole, have the size of what they are copies
//! of, and nothing touched the database meanwhile.

use std::fs::File;
use std::io::{self, Read, Write};

use super::trace::{Left, copied, part};
use crate::bundle::limit;
use crate::durable::{Entry, Folder, OpenFile};
use crate::error::{Error, Kind, Result};
use crate::hssys;

/// Bytes that are read at once; after each it is looked at the clock.
const PIECE: usize = 1 << 20;

/// A file of the database, open.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) entry: Entry,
    bytes: File,
}

/// Opens the files of the database in order, `IRIS.DAT` first.
///
/// # Errors
/// One that is missing, is no regular file, or that this account may not read.
pub(super) fn sources(folder: &Folder) -> Result<Vec<Source>> {
    let place = folder.path();
    let unreadable = |cause: io::Error| Error::unreadable(place, &cause);
    let names = folder.names().map_err(unreadable)?;
    let mut numbers: Vec<usize> = names.iter().filter_map(|name| hssys::number(name)).collect();
    numbers.sort_unstable();
    if let Some(missing) = (0..numbers.len().max(1)).find(|at| numbers.get(*at) != Some(at)) {
        let message = format!("{} is missing in {}.", hssys::file(missing), place.display());
        let hint = "Look where HSSYS lies: System Configuration > Local Databases.";
        return Err(Error::new(Kind::Missing, message, hint));
    }
    if numbers.len() > limit::VOLUMES {
        let message = format!("A database can have {} volumes at most here.", limit::VOLUMES);
        return Err(Error::new(Kind::Refused, message, "Ask for a version that takes more."));
    }
    numbers.into_iter().map(|number| Source::open(folder, hssys::file(number))).collect()
}

impl Source {
    fn open(folder: &Folder, name: String) -> Result<Self> {
        let path = folder.path().join(&name);
        let unreadable = |cause: io::Error| Error::unreadable(&path, &cause);
        let entry = folder.look(&name).map_err(unreadable)?;
        let Some(entry) = entry.filter(|entry| entry.is_file && entry.size > 0) else {
            let message = format!("{} is no regular file with content.", path.display());
            let hint = "Look where HSSYS lies: System Configuration > Local Databases.";
            return Err(Error::new(Kind::Refused, message, hint));
        };
        let bytes = folder.open_to_read(&name).map_err(unreadable)?;
        Ok(Self { name, entry, bytes })
    }

    /// Whether it is still what it was when it was opened.
    fn is_unchanged(&self, folder: &Folder) -> io::Result<bool> {
        Ok(folder.look(&self.name)?.is_some_and(|now| now == self.entry))
    }
}

/// Whether nothing happened to the files since they were opened.
pub(super) fn are_unchanged(sources: &[Source], folder: &Folder) -> io::Result<bool> {
    let lock = folder.look(hssys::LOCK)?;
    let mut unchanged = lock.is_none();
    for source in sources {
        unchanged &= source.is_unchanged(folder)?;
    }
    Ok(unchanged)
}

/// A copy that is being made, under its temporary name.
#[derive(Debug)]
pub(super) struct Copying {
    name: String,
    file: OpenFile,
    size: u64,
}

/// Copies all of them. `go_on` is asked after each piece with its bytes.
pub(super) fn copy(
    sources: &mut [Source],
    target: &Folder,
    go_on: &mut dyn FnMut(u64) -> io::Result<()>,
) -> io::Result<Vec<Copying>> {
    let mut copies = Vec::new();
    let mut piece = vec![0; PIECE];
    for source in sources {
        let mut file = target.create(&part(&source.name))?;
        let size = source.entry.size;
        if file.share(&source.bytes)? {
            go_on(size)?;
        } else {
            file.reserve(size)?;
            loop {
                let count = match source.bytes.read(&mut piece) {
                    Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                    count => count?,
                };
                let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else {
                    break;
                };
                file.write_all(bytes)?;
                go_on(count as u64)?;
            }
        }
        copies.push(Copying { name: source.name.clone(), file, size });
    }
    Ok(copies)
}

/// Makes the copies durable; gives what they are.
pub(super) fn settle(copies: Vec<Copying>) -> io::Result<Vec<Left>> {
    let mut left = Vec::new();
    for mut copy in copies {
        copy.file.sync()?;
        let entry = copy.file.about()?;
        if entry.size != copy.size {
            let what =
                format!("the copy of {} has {} bytes and not {}", copy.name, entry.size, copy.size);
            return Err(io::Error::other(what));
        }
        left.push(Left::of(&copy.name, &entry));
    }
    Ok(left)
}

/// Gives the copies their names, the first one last: where it is, the set is whole.
pub(super) fn name(copies: &[Left], target: &Folder) -> io::Result<()> {
    for copy in copies.iter().rev() {
        // A link never replaces anything, as a rename would.
        target.link(&part(&copy.name), &copied(&copy.name))?;
        target.remove(&part(&copy.name))?;
    }
    target.sync()
}
