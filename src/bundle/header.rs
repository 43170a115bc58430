//! What can be seen of a bundle without a key: the age header.
//!
//! Owns the look at the header: armored or binary, which kinds of recipients, how many. It is done
//! before the age crate sees the file, so the crate never reads a header beyond the limits, and it
//! tells a header that is cut short from one that was altered. What unlocks it is for `open`.
//! Invariant: no more than the limit is read, and nothing here is authenticated, so nothing of it is
//! used but to tell a person.

use std::io::Read;

use super::limit;
use crate::error::{Error, Kind};
use crate::key::{RECIPIENTS_LIMIT, RecipientKind};
use crate::model::Digest;

/// The first line of every age file of the version that bundles have.
pub const LAYER_AGE: &str = "age-encryption.org/v1";

/// Letters of a full line of a stanza's body.
const FULL_LINE: usize = 64;

/// How the last line of an age header begins.
const END: &[u8] = b"---";

/// What a header shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whether the file is armored, that is, text.
    pub armored: bool,
    /// The kinds of its recipients, in the order of the file.
    pub recipients: Vec<RecipientKind>,
    /// Bytes of the header, its last line included.
    pub size: usize,
    /// Digest of the header without its armor. Every sealing has a header of its own, so this tells a
    /// bundle from every other one before it is opened.
    pub sha256: Digest,
}

impl Header {
    /// Whether a passphrase opens it.
    pub fn wants_passphrase(&self) -> bool {
        self.recipients.contains(&RecipientKind::Passphrase)
    }

    /// Bytes of what is sealed, of a binary file of that size: without the header, the nonce and the tag
    /// of each part of 64 KiB. None for an armored file, or one that is too short.
    pub fn content_size(&self, file: u64) -> Option<u64> {
        const NONCE: u64 = 16;
        const TAG: u64 = 16;
        const PART: u64 = 64 << 10;
        let payload = file.checked_sub(self.size as u64 + NONCE).filter(|_| !self.armored)?;
        payload.checked_sub(payload.div_ceil(PART + TAG) * TAG)
    }

    /// Reads a header from a file whose armor was taken off; gives its bytes too, for the age crate.
    /// `name` is what the file is called in complaints.
    pub(super) fn read(
        mut from: impl Read,
        armored: bool,
        name: &str,
    ) -> Result<(Self, Vec<u8>), Error> {
        let mut text = Vec::new();
        let mut recipients = Vec::new();
        // Byte by byte: nothing of the payload may be taken away from the age crate.
        let mut line = 0;
        // Whether the stanza that was begun has not got its last line yet, which is the one that is not
        // full; the age crate takes a stanza without it, the specification does not.
        let mut open = false;
        loop {
            let mut byte = [0];
            match from.read(&mut byte) {
                Ok(0) if text.is_empty() => {
                    return Err(cut_short(name, "is empty"));
                }
                Ok(0) => return Err(cut_short(name, "ends within its header")),
                Ok(_) => text.push(byte[0]),
                Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(unread(name, &cause)),
            }
            if text.len() > limit::HEADER {
                return Err(layout(name, "has a header that is larger than any bundle's"));
            }
            if byte != *b"\n" {
                continue;
            }
            let (before, this) = text.split_at(line);
            let this = this.strip_suffix(b"\n").unwrap_or(this);
            if before.is_empty() {
                first_line(this, name)?;
            } else if open && this.starts_with(b"-") {
                return Err(altered(name, "has a damaged header"));
            } else if this.starts_with(END) {
                let size = text.len();
                // The line ends with 43 letters of base64; less of it is not to be told from a header
                // that was cut.
                let mac = this.strip_prefix(b"--- ").unwrap_or_default();
                if mac.len() != 43 {
                    return Err(cut_short(name, "has a damaged end of its header"));
                }
                let sha256 = Digest::of(&text);
                return Ok((Self { armored, recipients, size, sha256 }, text));
            } else if open {
                open = this.len() == FULL_LINE;
            } else if let Some(stanza) = this.strip_prefix(b"-> ") {
                open = true;
                let tag = stanza.split(|byte| *byte == b' ').next().unwrap_or_default();
                recipients.extend(RecipientKind::of_stanza(&String::from_utf8_lossy(tag)));
                if recipients.len() > RECIPIENTS_LIMIT {
                    return Err(layout(name, "has more recipients than a bundle can have"));
                }
            }
            line = text.len();
        }
    }
}

fn first_line(line: &[u8], name: &str) -> Result<(), Error> {
    if line == LAYER_AGE.as_bytes() {
        return Ok(());
    }
    let version = line.strip_prefix(b"age-encryption.org/v").unwrap_or_default();
    if version != b"1" && !version.is_empty() && version.iter().all(u8::is_ascii_digit) {
        let message = format!("{name} is sealed with a newer age than this version opens.");
        let hint = "Use a newer version of hsmirror.";
        return Err(Error::new(Kind::TooNew, message, hint));
    }
    Err(altered(name, "does not begin as a sealed file does"))
}

/// The error for a file that ends too early.
pub(super) fn cut_short(name: &str, what: &str) -> Error {
    let message = format!("{name} {what}, so it is cut short.");
    Error::new(Kind::CutShort, message, "Copy the whole file again from where it was sealed.")
}

/// The error for a file that is not what was sealed.
pub(super) fn altered(name: &str, what: &str) -> Error {
    let message = format!("{name} {what}: it was damaged or altered after it was sealed.");
    let hint =
        "Do not use it; copy it again from where it was sealed, and ask there if it stays so.";
    Error::new(Kind::Altered, message, hint)
}

/// The error for a file that is sound as far as age is concerned, and no bundle of this format.
pub(super) fn layout(name: &str, what: &str) -> Error {
    let message = format!("{name} {what}, so it is no bundle as hsmirror seals it.");
    let hint =
        "Look whether it is the right file, and who made it; `hsmirror export` makes bundles.";
    Error::new(Kind::Layout, message, hint)
}

fn unread(name: &str, cause: &std::io::Error) -> Error {
    if cause.kind() == std::io::ErrorKind::InvalidData {
        return altered(name, "is not the text that it claims to be");
    }
    if cause.kind() == std::io::ErrorKind::UnexpectedEof {
        return cut_short(name, "ends within its text form");
    }
    Error::unreadable(std::path::Path::new(name), cause)
}
