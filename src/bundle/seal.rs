//! The sealing of a bundle.
//!
//! Owns the order in which a bundle is made: the document is written twice, once to measure and digest
//! it and once into the archive, so that manifest and header can precede it and no document stands in
//! memory; then the digests, and the signature over them. `open` takes it apart in the same order.
//! Invariant: what was measured is what is sealed, or sealing fails; the same content, manifest and key
//! give the same archive (the age layer is never the same twice).

use std::io::{self, Write};

use age::armor::{ArmoredWriter, Format};
use sha2::{Digest as _, Sha256};

use super::manifest::{Entry, Manifest, SealedFor};
use super::sums::{Hashing, Sums};
use super::{MANIFEST, SIGNATURE, SUMS, archive};
use crate::json::canonical;
use crate::key::{Recipient, SigningKey};
use crate::model::Digest;

/// zstd's own default: beyond it time grows faster than what it saves.
const LEVEL: i32 = 3;

/// What is sealed.
pub struct Content<'a> {
    /// The manifest but for its recipients and entries, which follow from the rest.
    pub manifest: Manifest,
    /// Writes the document; is called twice and must write the same both times.
    pub document: &'a dyn Fn(&mut dyn Write) -> io::Result<()>,
}

/// Seals a bundle for recipients; gives the digest of its document.
///
/// # Errors
/// Whatever the writers say; recipients that age does not take together.
pub fn seal(
    content: Content<'_>,
    recipients: &[Recipient],
    signing: Option<&SigningKey>,
    armor: bool,
    to: impl Write,
) -> io::Result<Digest> {
    let Content { mut manifest, document } = content;
    let mut measure = Hashing::new(io::sink());
    document(&mut measure)?;
    let (size, digest) = (measure.count, measure.digest());

    let name = manifest.kind.document();
    let sealed_for = |recipient: &Recipient| SealedFor {
        kind: recipient.kind,
        fingerprint: recipient.fingerprint.clone(),
    };
    manifest.recipients = recipients.iter().map(sealed_for).collect();
    // Two lines of a digest, two spaces, a name and a line end.
    let sums_size = (2 * (64 + 2 + 1) + MANIFEST.len() + name.len()) as u64;
    let entry = |name: &str, size| Entry { name: name.to_owned(), size };
    manifest.entries = vec![entry(name, Some(size)), entry(SUMS, Some(sums_size))];
    if signing.is_some() {
        manifest.entries.push(entry(SIGNATURE, None));
    }
    let manifest = canonical::text(&manifest)?;

    let mut sums = Sums::default();
    sums.add(MANIFEST, <[u8; 32]>::from(Sha256::digest(&manifest)).into());
    sums.add(name, digest);
    let sums = sums.text();
    let signature = match signing {
        Some(key) => Some(key.sign(sums.as_bytes()).map_err(io::Error::other)?),
        None => None,
    };

    let format = if armor { Format::AsciiArmor } else { Format::Binary };
    let seals = recipients.iter().map(|recipient| recipient.seal.as_ref() as &dyn age::Recipient);
    let age = age::Encryptor::with_recipients(seals).map_err(io::Error::other)?;
    let age = age.wrap_output(ArmoredWriter::wrap_output(to, format)?)?;
    let mut zstd = zstd::Encoder::new(age, LEVEL)?;
    zstd.include_checksum(true)?;

    archive::write_entry(MANIFEST, &manifest, &mut zstd)?;
    archive::write_header(name, size, &mut zstd)?;
    let mut again = Hashing::new(&mut zstd);
    document(&mut again)?;
    if (again.count, again.digest()) != (size, digest) {
        return Err(io::Error::other("the document changed while it was being sealed"));
    }
    archive::pad(size, &mut zstd)?;
    archive::write_entry(SUMS, sums.as_bytes(), &mut zstd)?;
    if let Some(signature) = signature {
        archive::write_entry(SIGNATURE, signature.as_bytes(), &mut zstd)?;
    }
    archive::write_end(&mut zstd)?;
    zstd.finish()?.finish()?.finish()?.flush()?;
    Ok(digest)
}
