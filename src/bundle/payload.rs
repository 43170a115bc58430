//! Content of any size, on its way through.
//!
//! Owns the passing on of a database's files, at sealing and at opening alike: hashing runs beside
//! whatever is done with the bytes, and at opening the layers below run ahead of both. Nothing of it is
//! kept, so memory does not grow with the size.
//! Invariant: the digest is that of exactly the bytes that were passed on, in their order; a stop on
//! either side ends every thread.

use std::io::{self, Read};
use std::mem;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use sha2::{Digest as _, Sha256};

use super::Manifest;
use crate::error::Result;
use crate::model::Digest;

/// Bytes that are passed on at once.
const CHUNK: usize = 1 << 20;
/// Chunks that are under way between two threads.
const AHEAD: usize = 3;

/// Takes the files of a database while they are read. What it takes is authentic, but only after the
/// bundle was opened to its end is it known that none is missing.
pub trait Payload {
    /// The manifest, before anything else.
    ///
    /// # Errors
    /// Whatever stands against it; the bundle is not read further.
    fn begin(&mut self, manifest: &Manifest) -> Result<()> {
        let _ = manifest;
        Ok(())
    }

    /// A file begins: its number (0 is `IRIS.DAT`) and its size in bytes.
    ///
    /// # Errors
    /// Whatever stands against it.
    fn file(&mut self, number: usize, size: u64) -> Result<()> {
        let _ = (number, size);
        Ok(())
    }

    /// The next bytes of the file.
    ///
    /// # Errors
    /// Bytes that cannot be taken.
    fn bytes(&mut self, bytes: &[u8]) -> Result<()>;
}

/// Why passing on stopped.
pub(super) enum Stopped<E> {
    /// Reading failed.
    Read(io::Error),
    /// What was read could not be taken.
    Taken(E),
}

/// Passes up to `size` bytes on; gives their digest and how many they were.
pub(super) fn pass<E>(
    from: &mut dyn Read,
    size: u64,
    mut to: impl FnMut(&[u8]) -> std::result::Result<(), E>,
) -> std::result::Result<(Digest, u64), Stopped<E>> {
    thread::scope(|scope| {
        let (hash, hashing) = mpsc::sync_channel::<Arc<Vec<u8>>>(AHEAD);
        let (done, hashed) = mpsc::sync_channel(AHEAD);
        let work = move || {
            let mut digest = Sha256::new();
            for chunk in hashing {
                digest.update(&*chunk);
                // Nobody waits for the last ones.
                let _ = done.send(chunk);
            }
            Digest::from(digest)
        };
        let hasher = thread::Builder::new().spawn_scoped(scope, work).map_err(Stopped::Read)?;
        let gone = || Stopped::Read(io::Error::other("a thread ended"));

        let mut count = 0;
        let mut made = 0;
        while count < size {
            let mut chunk = if made < AHEAD {
                made += 1;
                Vec::with_capacity(CHUNK)
            } else {
                Arc::try_unwrap(hashed.recv().map_err(|_| gone())?).unwrap_or_default()
            };
            let wanted = usize::try_from(size - count).map_or(CHUNK, |left| left.min(CHUNK));
            fill(&mut *from, &mut chunk, wanted).map_err(Stopped::Read)?;
            if chunk.is_empty() {
                break;
            }
            count += chunk.len() as u64;
            let chunk = Arc::new(chunk);
            hash.send(Arc::clone(&chunk)).map_err(|_| gone())?;
            to(&chunk).map_err(Stopped::Taken)?;
        }
        drop(hash);
        Ok((hasher.join().map_err(|_| gone())?, count))
    })
}

/// The digest of a file that is read to its end; `passed` is told how many bytes were read.
///
/// # Errors
/// What reading says.
pub fn digest(from: &mut dyn Read, passed: &mut dyn FnMut(u64)) -> io::Result<Digest> {
    let counted = |bytes: &[u8]| {
        passed(bytes.len() as u64);
        Ok(())
    };
    match pass(from, u64::MAX, counted) {
        Ok((digest, _)) => Ok(digest),
        Err(Stopped::Read(cause) | Stopped::Taken(cause)) => Err(cause),
    }
}

/// Fills a buffer with the next bytes: as many as are wanted, or as there are.
fn fill(mut from: impl Read, buffer: &mut Vec<u8>, wanted: usize) -> io::Result<()> {
    // One that was full before is full of bytes to overwrite.
    buffer.resize(wanted, 0);
    let mut count = 0;
    while let Some(rest) = buffer.get_mut(count..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    buffer.truncate(count);
    Ok(())
}

/// A layer that can be told to run ahead of whoever reads it, on a thread of its own.
#[derive(Clone)]
pub(super) struct Layer(Arc<Mutex<Box<dyn Read + Send>>>);

impl Layer {
    pub(super) fn new(from: impl Read + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(from))))
    }

    fn reader(&self) -> MutexGuard<'_, Box<dyn Read + Send>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on it runs ahead.
    pub(super) fn run_ahead(&self) -> io::Result<()> {
        let mut reader = self.reader();
        let behind = mem::replace(&mut *reader, Box::new(io::empty()));
        *reader = Box::new(Ahead::new(behind)?);
        Ok(())
    }
}

impl Read for Layer {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.reader().read(into)
    }
}

/// A reader whose source is read ahead by a thread of its own.
struct Ahead {
    chunks: Receiver<io::Result<Vec<u8>>>,
    empty: SyncSender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
}

impl Ahead {
    fn new(mut from: Box<dyn Read + Send>) -> io::Result<Self> {
        let (full, chunks) = mpsc::sync_channel(AHEAD);
        let (empty, emptied) = mpsc::sync_channel::<Vec<u8>>(AHEAD + 1);
        let work = move || {
            loop {
                let mut chunk = emptied.try_recv().unwrap_or_default();
                let read = fill(&mut from, &mut chunk, CHUNK);
                let ended = read.is_err() || chunk.is_empty();
                // A reader that is gone wants no more.
                if full.send(read.map(|()| chunk)).is_err() || ended {
                    break;
                }
            }
        };
        thread::Builder::new().spawn(work)?;
        Ok(Self { chunks, empty, chunk: Vec::new(), at: 0 })
    }
}

impl Read for Ahead {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            // After its end or an error the thread is gone, and nothing follows.
            let Ok(next) = self.chunks.recv() else { return Ok(0) };
            let spent = std::mem::replace(&mut self.chunk, next?);
            let _ = self.empty.try_send(spent);
            self.at = 0;
        }
        let left = self.chunk.get(self.at..).unwrap_or_default();
        let count = left.len().min(into.len());
        let (Some(into), Some(left)) = (into.get_mut(..count), left.get(..count)) else {
            return Ok(0);
        };
        into.copy_from_slice(left);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_what_is_hashed() {
        for size in [0, 1, CHUNK - 1, CHUNK, 5 * CHUNK + 7] {
            let bytes: Vec<u8> = (0..size).map(|at| (at * 31 % 251) as u8).collect();
            let mut passed = Vec::new();
            let mut from = Ahead::new(Box::new(io::Cursor::new(bytes.clone()))).unwrap();
            let to = |chunk: &[u8]| {
                passed.extend_from_slice(chunk);
                Ok::<(), ()>(())
            };
            let Ok((digest, count)) = pass(&mut from, u64::MAX, to) else { panic!("{size}") };
            assert_eq!((count, &passed), (size as u64, &bytes));
            assert_eq!(digest, Digest::of(&bytes));
        }
    }

    #[test]
    fn an_error_and_a_refusal_end_it() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        let start = Box::new(io::repeat(1).take(3 * CHUNK as u64).chain(Broken));
        let mut from = Ahead::new(start).unwrap();
        assert!(matches!(pass(&mut from, u64::MAX, |_| Ok::<(), ()>(())), Err(Stopped::Read(_))));
        let mut endless = Ahead::new(Box::new(io::repeat(1))).unwrap();
        assert!(matches!(pass(&mut endless, u64::MAX, |_| Err(7)), Err(Stopped::Taken(7))));
    }
}
