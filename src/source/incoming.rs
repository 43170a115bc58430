//! One file as it comes in.
//!
//! Owns [`Incoming`]: a file that is opened once, whose beginning is looked at to tell what it is and
//! then read again with the rest, and whose bytes are counted and hashed on the way, so that the
//! record of it ([`SourceFile`]) speaks of the very bytes that were read.
//! Invariant: the digest is that of the whole file, or there is no record.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::kind::{self, Kind};
use crate::error::{Error, Result};
use crate::model::{Moment, SourceFile, SourceKind};

/// A file that is being read.
pub(super) struct Incoming {
    /// What it is called.
    pub(super) path: PathBuf,
    from: Box<dyn Read + Send>,
    /// How it starts; exports hold secrets, so it is wiped.
    start: Zeroizing<Vec<u8>>,
    /// How much of the start was handed out.
    at: usize,
    modified: Option<Moment>,
    size: u64,
    hash: Sha256,
}

impl Incoming {
    /// Opens a file.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let unreadable = |cause| Error::unreadable(path, &cause);
        let file = File::open(path).map_err(unreadable)?;
        let modified = file.metadata().and_then(|about| about.modified()).ok().map(Moment::from);
        Self::from(path, Box::new(file), modified)
    }

    /// Takes a stream.
    pub(super) fn from(
        path: &Path,
        mut from: Box<dyn Read + Send>,
        modified: Option<Moment>,
    ) -> Result<Self> {
        let mut start = Zeroizing::new(Vec::new());
        let read = from.by_ref().take(kind::LOOK).read_to_end(&mut start);
        read.map_err(|cause| Error::unreadable(path, &cause))?;
        let path = path.to_owned();
        Ok(Self { path, from, start, at: 0, modified, size: 0, hash: Sha256::new() })
    }

    /// What it is, by its beginning.
    pub(super) fn kind(&mut self) -> Result<Kind> {
        kind::of(&self.path, &self.start)
    }

    /// The record of it, once it was read to its end.
    pub(super) fn record(self, kind: SourceKind, unmistakable: bool) -> SourceFile {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        SourceFile {
            name: name.to_string_lossy().into_owned(),
            kind,
            size: self.size,
            sha256: self.hash.into(),
            modified: self.modified,
            unmistakable,
        }
    }
}

impl Read for Incoming {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut left = self.start.get(self.at..).unwrap_or_default();
        let count = if left.is_empty() { self.from.read(into)? } else { left.read(into)? };
        self.at = (self.at + count).min(self.start.len());
        self.size += count as u64;
        self.hash.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}
