//! The list of digests, `SHA256SUMS`.
//!
//! Owns its text, which is that of `sha256sum`, and a reader and a writer that hash on the way. It is
//! made when sealing and made again when opening; the two must be the same bytes.
//! Invariant: every entry before the list stands in it, once, in order, and nothing else does.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};

use crate::model::Digest;

/// Digests of entries, in order.
#[derive(Debug, Default)]
pub(super) struct Sums(Vec<(String, Digest)>);

impl Sums {
    pub(super) fn add(&mut self, name: &str, digest: Digest) {
        self.0.push((name.to_owned(), digest));
    }

    /// The text, as `sha256sum` writes it for these files.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect()
    }
}

/// The size in bytes of the list for these names.
pub(super) fn size_of<'n>(names: impl Iterator<Item = &'n str>) -> u64 {
    // A digest, two blanks, a name and a line end.
    names.map(|name| 64 + 2 + name.len() as u64 + 1).sum()
}

/// Hashes and counts what passes through.
#[derive(Debug)]
pub(super) struct Hashing<T> {
    pub(super) inner: T,
    hash: Sha256,
    pub(super) count: u64,
}

impl<T> Hashing<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), count: 0 }
    }

    /// The digest of all that passed.
    pub(super) fn digest(self) -> Digest {
        self.hash.into()
    }

    fn pass(&mut self, bytes: &[u8], count: usize) {
        self.hash.update(bytes.get(..count).unwrap_or_default());
        self.count += count as u64;
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.pass(into, count);
        Ok(count)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.pass(bytes, count);
        Ok(count)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
