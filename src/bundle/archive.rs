//! Entries one after the other: the tar layer.
//!
//! Owns the writing and reading of ustar headers, and nothing of what entries mean. Written are plain
//! ustar entries without owner, group or time, so that the same content gives the same bytes. Read are
//! regular files alone, in ustar or GNU spelling, so that what stock tar packs is read too.
//! Invariant: no name with a folder in it, no link, no device, no extension header, no sparse file, no
//! byte after the end but the zeros that fill the last record; mode and owner are not looked at.

use std::io::{self, Read, Write};

use tar::{EntryType, Header};

use super::limit;

const BLOCK: usize = 512;
/// Blocks that stock tar fills up to: twenty, 10 KiB.
const RECORD: u64 = 20;

/// What is wrong with an archive.
#[derive(Debug)]
pub(super) enum Fault {
    /// Reading failed, or a lower layer is not sound.
    Read,
    /// Something follows the frame.
    AfterFrame,
    /// It is not as the format wants it: completes "the archive in it ...".
    Layout(&'static str),
}

impl From<io::Error> for Fault {
    fn from(cause: io::Error) -> Self {
        match cause.kind() {
            _ if cause.get_ref().is_some_and(|inner| inner.is::<AfterFrame>()) => Fault::AfterFrame,
            io::ErrorKind::UnexpectedEof => Fault::Layout("ends in the middle"),
            _ => Fault::Read,
        }
    }
}

/// The error of a frame that something follows.
#[derive(Debug)]
pub(super) struct AfterFrame;

impl std::fmt::Display for AfterFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("something follows the frame")
    }
}

impl std::error::Error for AfterFrame {}

/// Writes the header of an entry; its bytes follow, then [`pad`].
pub(super) fn write_header(name: &str, size: u64, to: &mut impl Write) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_cksum();
    to.write_all(header.as_bytes())
}

/// Writes an entry that is at hand.
pub(super) fn write_entry(name: &str, bytes: &[u8], to: &mut impl Write) -> io::Result<()> {
    let size = bytes.len() as u64;
    write_header(name, size, to)?;
    to.write_all(bytes)?;
    pad(size, to)
}

/// Fills the last block of an entry of that size.
pub(super) fn pad(size: u64, to: &mut impl Write) -> io::Result<()> {
    to.write_all(&[0; BLOCK][..padding(size)])
}

/// Ends an archive.
pub(super) fn write_end(to: &mut impl Write) -> io::Result<()> {
    to.write_all(&[0; 2 * BLOCK])
}

/// Bytes that fill the last block after an entry of that size.
fn padding(size: u64) -> usize {
    let over = (size % BLOCK as u64) as usize;
    if over == 0 { 0 } else { BLOCK - over }
}

/// The size field of a header: octal digits that a zero or a blank ends, or eight bytes behind the mark of
/// GNU tar. Other spellings mean other sizes to other programs.
fn size(field: &[u8]) -> Option<u64> {
    if let Some(number) = field.strip_prefix(&[0x80, 0, 0, 0]) {
        return Some(u64::from_be_bytes(number.try_into().ok()?));
    }
    let text = std::str::from_utf8(field).ok()?.trim_end_matches(['\0', ' ']);
    let octal = !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    if octal { u64::from_str_radix(text, 8).ok() } else { None }
}

/// An archive that is being read.
pub(super) struct Archive<R> {
    pub(super) from: R,
    blocks: u64,
}

impl<R: Read> Archive<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, blocks: 0 }
    }

    /// The size of the next entry, which must be of this name and no larger than the limit; none at the
    /// end. Its bytes are read from [`Archive::from`], and [`Archive::pass`] goes past them.
    pub(super) fn next(&mut self, name: &str, limit: u64) -> Result<Option<u64>, Fault> {
        let mut block = [0; BLOCK];
        self.from.read_exact(&mut block)?;
        self.blocks += 1;
        if block == [0; BLOCK] {
            self.end()?;
            return Ok(None);
        }
        let header = Header::from_byte_slice(&block);
        if header.as_ustar().is_none() && header.as_gnu().is_none() {
            return Err(Fault::Layout("is no tar archive"));
        }
        let sum: u32 = block[..148].iter().chain(&block[156..]).map(|byte| u32::from(*byte)).sum();
        if header.cksum().ok() != Some(sum + 8 * u32::from(b' ')) {
            return Err(Fault::Layout("has a damaged header"));
        }
        // Type `7` is a regular file too for old tars, and none of them wrote one of these.
        if !matches!(block[156], b'0' | 0) {
            return Err(Fault::Layout("holds something that is no regular file"));
        }
        let size = size(&block[124..136]).ok_or(Fault::Layout("has a damaged header"))?;
        if header.path_bytes().as_ref() != name.as_bytes() {
            return Err(Fault::Layout("holds an entry that has no place there"));
        }
        if size > limit {
            return Err(Fault::Layout("holds an entry that is larger than the limit"));
        }
        Ok(Some(size))
    }

    /// Goes past what fills the last block of an entry of that size.
    pub(super) fn pass(&mut self, size: u64) -> Result<(), Fault> {
        let mut block = [0; BLOCK];
        let fill = &mut block[..padding(size)];
        self.from.read_exact(fill)?;
        if fill.iter().any(|byte| *byte != 0) {
            return Err(Fault::Layout("holds bytes between its entries"));
        }
        self.blocks += size.div_ceil(BLOCK as u64);
        Ok(())
    }

    /// One block of zeros was read: another one ends the archive, and zeros may fill the record.
    fn end(&mut self) -> Result<(), Fault> {
        let mut rest = Vec::new();
        let most = BLOCK as u64 + limit::PADDING;
        self.from.by_ref().take(most + 1).read_to_end(&mut rest)?;
        let blocks = self.blocks + (rest.len() / BLOCK) as u64;
        let record = (self.blocks + 1).next_multiple_of(RECORD);
        let exact = rest.len() == BLOCK || blocks == record;
        if rest.len() < BLOCK {
            return Err(Fault::Layout("ends in the middle"));
        }
        if rest.iter().any(|byte| *byte != 0)
            || rest.len() % BLOCK != 0
            || !exact
            || rest.len() as u64 > most
        {
            return Err(Fault::Layout("has something after its end"));
        }
        Ok(())
    }
}
