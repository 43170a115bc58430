//! The age layer of a bundle that is being opened.
//!
//! Owns the readers below the archive: the file, which age reads and of which we ask whether anything is
//! left; its armor; and the plain text that age hands out, whose failures are told apart and kept, since
//! the layers above only learn that reading failed.
//! Invariant: plain text is handed out only after it was authenticated; a damaged or missing last part is
//! called cut short, a damaged earlier one altered.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use age::armor::ArmoredReader;
use age::stream::StreamReader;

use super::header::{altered, cut_short};
use crate::error::Error;

/// The file, which two look at: age reads it, and we whether anything is left of it.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Watched>>);

impl Shared {
    /// Takes a file; tells whether it is armored, too.
    pub(super) fn new(from: Box<dyn Read + Send>) -> io::Result<(Self, bool)> {
        let mut file = BufReader::with_capacity(1 << 16, from);
        let start = file.fill_buf()?;
        let blanks = start.len() - start.trim_ascii_start().len();
        let armored = start.trim_ascii_start().starts_with(b"-----BEGIN");
        if armored {
            // The specification allows blanks before the armor, the age crate does not.
            file.consume(blanks);
        }
        let watched = Watched { file, armored, line: Vec::new(), ended: false };
        Ok((Self(Arc::new(Mutex::new(watched))), armored))
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing is left of it.
    pub(super) fn is_at_end(&self) -> bool {
        self.watched().file.fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    /// Whether it is text that stopped before its last line.
    pub(super) fn is_text_cut_short(&self) -> bool {
        let at_end = self.is_at_end();
        let watched = self.watched();
        watched.armored && at_end && !watched.ended && watched.line.trim_ascii_end() != ARMOR_END
    }
}

impl Read for Shared {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.watched().read(into)
    }
}

/// The last line of armor.
const ARMOR_END: &[u8] = b"-----END AGE ENCRYPTED FILE-----";
/// Bytes that a line of armor may have; the longest real one has 65, and mail may add blanks. The age
/// crate reads whole lines.
const ARMOR_LINE: usize = 64 << 10;

/// The file, and what of its text passed.
struct Watched {
    file: BufReader<Box<dyn Read + Send>>,
    armored: bool,
    /// The line that is being read.
    line: Vec<u8>,
    /// Whether the last line of the armor passed.
    ended: bool,
}

impl Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(into)?;
        if self.armored {
            for byte in into.get(..count).unwrap_or_default() {
                if *byte == b'\n' {
                    self.ended |= self.line.trim_ascii_end() == ARMOR_END;
                    self.line.clear();
                } else if self.line.len() == ARMOR_LINE {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "a line too long"));
                } else {
                    self.line.push(*byte);
                }
            }
        }
        Ok(count)
    }
}

/// The file without its armor, if it has one.
pub(super) enum Form {
    Binary(Shared),
    Armored(ArmoredReader<BufReader<Shared>>),
}

/// The header that was looked at, and the rest.
pub(super) type Plain = io::Chain<Cursor<Vec<u8>>, Form>;

impl Form {
    /// Takes the armor off, if there is one.
    pub(super) fn of(file: Shared, armored: bool) -> Self {
        if armored { Form::Armored(ArmoredReader::new(file)) } else { Form::Binary(file) }
    }
}

impl Read for Form {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Form::Binary(file) => file.read(into),
            Form::Armored(file) => file.read(into),
        }
    }
}

/// What went wrong in the age layer; kept apart, since the layers above only know that reading failed.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<Error>>>);

impl Failure {
    pub(super) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Authentic plain text: what age hands out.
pub(super) struct Authentic {
    stream: StreamReader<Plain>,
    file: Shared,
    path: PathBuf,
    failure: Failure,
}

impl Authentic {
    pub(super) fn new(stream: StreamReader<Plain>, file: Shared, path: PathBuf) -> Self {
        Self { stream, file, path, failure: Failure::default() }
    }

    /// Where it keeps what went wrong.
    pub(super) fn failure(&self) -> Failure {
        self.failure.clone()
    }
}

impl Read for Authentic {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let cause = match self.stream.read(into) {
            Ok(count) => return Ok(count),
            Err(cause) => cause,
        };
        let name = self.path.display().to_string();
        let error = match cause.kind() {
            // A damaged last part and a missing one look alike.
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof if self.file.is_at_end() => {
                cut_short(&name, "has a last part that is damaged or missing")
            }
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                altered(&name, "has a part that does not authenticate")
            }
            _ => Error::unreadable(&self.path, &cause),
        };
        let mut failure = self.failure.0.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert(error);
        Err(io::Error::other("the bundle is not sound"))
    }
}
