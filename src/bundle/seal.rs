//! The sealing of a bundle.
//!
//! Owns the order in which a bundle is made. A document is written twice, once to measure and digest it
//! and once into the archive, so that no document stands in memory; the files of a database are of
//! known sizes and read once, and the digests follow them. Then the list of digests, and the signature
//! over it. `open` takes it apart in the same order.
//! Invariant: what was measured is what is sealed, or sealing fails; the same content, manifest and key
//! give the same archive (the age layer is never the same twice).

use std::io::{self, Read, Write};
use std::thread;

use age::armor::{ArmoredWriter, Format};
use age::stream::StreamWriter;
use zstd::zstd_safe::CParameter;

use super::manifest::{Entry, Manifest, SealedFor};
use super::payload::{Stopped, pass};
use super::sums::{self, Hashing, Sums};
use super::{MANIFEST, SIGNATURE, SUMS, archive, database_file};
use crate::json::canonical;
use crate::key::{Recipient, SigningKey};
use crate::model::Digest;

/// zstd's own default: beyond it time grows faster than what it saves.
const LEVEL: i32 = 3;
/// Threads that compress a database, at most.
const WORKERS: usize = 4;
/// Bytes that each of them takes at once; what they hold grows with it.
const JOB: u32 = 4 << 20;

/// What is sealed.
pub struct Content<'a> {
    /// The manifest but for its recipients and entries, which follow from the rest.
    pub manifest: Manifest,
    /// Writes the document; is called twice and must write the same both times.
    pub document: &'a dyn Fn(&mut dyn Write) -> io::Result<()>,
}

/// A file of a database.
pub struct Part<'a> {
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes.
    pub from: &'a mut dyn Read,
}

/// For whom, by whom and in which form.
#[derive(Clone, Copy)]
pub struct Seal<'a> {
    /// Whom it is sealed for.
    pub recipients: &'a [Recipient],
    /// Who signs it, if anybody.
    pub signing: Option<&'a SigningKey>,
    /// Whether it becomes text.
    pub armor: bool,
}

/// Seals a document; gives its digest.
///
/// # Errors
/// Whatever the writers say; recipients that age does not take together.
pub fn seal(content: Content<'_>, seal: Seal<'_>, to: impl Write) -> io::Result<Digest> {
    let Content { manifest, document } = content;
    let mut measure = Hashing::new(io::sink());
    document(&mut measure)?;
    let (size, digest) = (measure.count, measure.digest());
    let name = manifest.kind.document();

    let mut sealing = Sealing::begin(manifest, &[(name.to_owned(), size)], seal, 0, to)?;
    archive::write_header(name, size, &mut sealing.zstd)?;
    let mut again = Hashing::new(&mut sealing.zstd);
    document(&mut again)?;
    if (again.count, again.digest()) != (size, digest) {
        return Err(io::Error::other("the document changed while it was being sealed"));
    }
    archive::pad(size, &mut sealing.zstd)?;
    sealing.sums.add(name, digest);
    sealing.end(seal.signing)?;
    Ok(digest)
}

/// Seals the files of a database, each of which is read once; gives their digests. `passed` is told how
/// many bytes were read. What it seals is for `finish` to accept: it is asked before the last byte.
///
/// # Errors
/// Whatever readers and writers say; a file that is not of its size; what `finish` says.
pub fn seal_database(
    manifest: Manifest,
    parts: &mut [Part<'_>],
    seal: Seal<'_>,
    to: impl Write,
    passed: &mut dyn FnMut(u64),
    finish: impl FnOnce() -> io::Result<()>,
) -> io::Result<Vec<Digest>> {
    let sizes = parts.iter().enumerate().map(|(number, part)| (database_file(number), part.size));
    let entries: Vec<(String, u64)> = sizes.collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut sealing = Sealing::begin(manifest, &entries, seal, cores.min(WORKERS), to)?;
    let mut digests = Vec::new();
    for ((name, size), part) in entries.iter().zip(parts) {
        archive::write_header(name, *size, &mut sealing.zstd)?;
        let (digest, count) = pass(part.from, *size, |bytes| {
            sealing.zstd.write_all(bytes)?;
            passed(bytes.len() as u64);
            Ok(())
        })
        .map_err(|stopped| match stopped {
            Stopped::Read(cause) | Stopped::Taken(cause) => cause,
        })?;
        if count != *size {
            return Err(io::Error::other("the file became shorter while it was being sealed"));
        }
        archive::pad(*size, &mut sealing.zstd)?;
        sealing.sums.add(name, digest);
        digests.push(digest);
    }
    finish()?;
    sealing.end(seal.signing)?;
    Ok(digests)
}

/// A bundle that is being sealed: its layers, and the digests so far.
struct Sealing<W: Write> {
    zstd: zstd::Encoder<'static, StreamWriter<ArmoredWriter<W>>>,
    sums: Sums,
}

impl<W: Write> Sealing<W> {
    /// Puts the layers up and writes the manifest.
    fn begin(
        mut manifest: Manifest,
        contents: &[(String, u64)],
        seal: Seal<'_>,
        workers: usize,
        to: W,
    ) -> io::Result<Self> {
        let sealed_for = |recipient: &Recipient| SealedFor {
            kind: recipient.kind,
            fingerprint: recipient.fingerprint.clone(),
        };
        manifest.recipients = seal.recipients.iter().map(sealed_for).collect();
        let entry = |name: &str, size| Entry { name: name.to_owned(), size };
        let names = contents.iter().map(|(name, _)| name.as_str());
        let listed = sums::size_of([MANIFEST].into_iter().chain(names));
        manifest.entries = contents.iter().map(|(name, size)| entry(name, Some(*size))).collect();
        manifest.entries.push(entry(SUMS, Some(listed)));
        if seal.signing.is_some() {
            manifest.entries.push(entry(SIGNATURE, None));
        }
        let manifest = canonical::text(&manifest)?;

        let format = if seal.armor { Format::AsciiArmor } else { Format::Binary };
        let seals = seal.recipients.iter();
        let seals = seals.map(|recipient| recipient.seal.as_ref() as &dyn age::Recipient);
        let age = age::Encryptor::with_recipients(seals).map_err(io::Error::other)?;
        let age = age.wrap_output(ArmoredWriter::wrap_output(to, format)?)?;
        let mut zstd = zstd::Encoder::new(age, LEVEL)?;
        zstd.include_checksum(true)?;
        if workers > 0 {
            zstd.multithread(u32::try_from(workers).unwrap_or(1))?;
            zstd.set_parameter(CParameter::JobSize(JOB))?;
        }
        archive::write_entry(MANIFEST, &manifest, &mut zstd)?;
        let mut sums = Sums::default();
        sums.add(MANIFEST, Digest::of(&manifest));
        Ok(Self { zstd, sums })
    }

    /// Writes the digests and the signature over them, and ends every layer.
    fn end(mut self, signing: Option<&SigningKey>) -> io::Result<()> {
        let sums = self.sums.text();
        archive::write_entry(SUMS, sums.as_bytes(), &mut self.zstd)?;
        if let Some(key) = signing {
            let signature = key.sign(sums.as_bytes()).map_err(io::Error::other)?;
            archive::write_entry(SIGNATURE, signature.as_bytes(), &mut self.zstd)?;
        }
        archive::write_end(&mut self.zstd)?;
        self.zstd.finish()?.finish()?.finish()?.flush()
    }
}
