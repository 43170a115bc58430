//! A file that knows its line and its patience.
//!
//! Owns the buffer between a stream and the XML parser: it counts lines, for the parser does not, and
//! it ends with an error where one record takes more than any real one does.
//! Invariant: no more than the limit is handed out between two calls of `refill`, and the buffer is
//! wiped when it is dropped, since exports hold secrets.

use std::io::{self, BufRead, Read};

use zeroize::Zeroizing;

/// Bytes that one record may take; the largest real one is a few kilobytes.
const RECORD_LIMIT: usize = 16 << 20;

/// A file that counts its lines and ends with an error where one record grows too large.
pub(super) struct Counted<R> {
    file: R,
    buffer: Zeroizing<Vec<u8>>,
    from: usize,
    to: usize,
    line: usize,
    left: usize,
    exhausted: bool,
}

impl<R: Read> Counted<R> {
    pub(super) fn new(file: R) -> Self {
        let buffer = Zeroizing::new(vec![0; 1 << 16]);
        Self { file, buffer, from: 0, to: 0, line: 1, left: RECORD_LIMIT, exhausted: false }
    }

    /// Line that the next byte stands on, counted from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Whether reading ended because one record is too large.
    pub(super) fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// Between two records: the next one may be large again.
    pub(super) fn refill(&mut self) {
        self.left = RECORD_LIMIT;
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(into.len());
        into[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            self.exhausted = true;
            return Err(io::Error::other("record limit"));
        }
        if self.from == self.to {
            self.from = 0;
            self.to = self.file.read(&mut self.buffer)?;
        }
        Ok(&self.buffer[self.from..self.to])
    }

    fn consume(&mut self, count: usize) {
        let end = (self.from + count).min(self.to);
        let lines = self.buffer[self.from..end].iter().filter(|byte| **byte == b'\n').count();
        self.line += lines;
        self.left = self.left.saturating_sub(end - self.from);
        self.from = end;
    }
}
