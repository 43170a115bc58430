//! The entries of a bundle, read to its end.
//!
//! Owns the reading of everything below the header, in the order in which `seal` wrote it: the manifest,
//! the content, the digests, the signature. A document is read as it streams through, by whoever knows
//! what it is, and handed out only at the end; the files of a database go to a [`Payload`].
//! Invariant: whatever goes wrong further down is told before what it leads to further up: a damaged
//! age layer before a broken archive, a wrong digest before bad JSON.

use std::io::{self, BufRead, BufReader, Read};

use super::archive::{AfterFrame, Archive, Fault};
use super::header::{altered, layout};
use super::layer::{Authentic, Failure};
use super::manifest::{Fault as Unfit, Manifest};
use super::payload::{Layer, Payload, Stopped, pass};
use super::sums::{Hashing, Sums};
use super::trust::Trust;
use super::{FORMAT_VERSION, Kind as BundleKind, MANIFEST, SIGNATURE, SUMS, database_file, limit};
use crate::error::{Error, Kind, Result};
use crate::key::SIGNATURE_LIMIT;
use crate::model::{Digest, Signer};

/// What a bundle held, all of it verified.
#[derive(Debug)]
pub struct Opened<T> {
    /// What was read from the document; none where it holds a database.
    pub content: Option<T>,
    /// The manifest.
    pub manifest: Manifest,
    /// Names in the manifest that this version does not know.
    pub unknown: Vec<String>,
    /// Who answers for it.
    pub signer: Signer,
    /// The files of its content: the document, or the files of the database in order.
    pub files: Vec<ContentFile>,
}

/// A file of the content of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentFile {
    /// Its name in the bundle.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Digest,
}

/// The frame in the age layer; nothing may follow it.
struct Frame(Option<zstd::Decoder<'static, BufReader<Layer>>>);

impl Frame {
    fn new(age: Layer) -> io::Result<Self> {
        let buffered = BufReader::with_capacity(1 << 17, age);
        let mut zstd = zstd::Decoder::with_buffer(buffered)?.single_frame();
        zstd.window_log_max(limit::WINDOW_LOG)?;
        Ok(Self(Some(zstd)))
    }
}

impl Read for Frame {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(zstd) = &mut self.0 else { return Ok(0) };
        let count = zstd.read(into)?;
        if count == 0
            && !into.is_empty()
            && let Some(zstd) = self.0.take()
            && !zstd.finish().fill_buf()?.is_empty()
        {
            return Err(io::Error::other(AfterFrame));
        }
        Ok(count)
    }
}

/// What was read of the content, and the files that it was in.
struct Passed<T> {
    outcome: Result<Option<T>>,
    files: Vec<ContentFile>,
}

/// A bundle that is being read, with what is needed to say what went wrong.
pub(super) struct Reading<'a> {
    /// What it is called.
    pub(super) name: &'a str,
    /// What went wrong in the age layer.
    pub(super) failure: &'a Failure,
}

impl Reading<'_> {
    pub(super) fn open<T>(
        &self,
        age: Authentic,
        trust: &Trust,
        read: impl FnOnce(&Manifest, &mut dyn Read) -> Result<T>,
        payload: &mut dyn Payload,
    ) -> Result<Opened<T>> {
        let age = Layer::new(age);
        let frame = Frame::new(age.clone()).map_err(|cause| self.unsound(&Fault::from(cause)))?;
        let mut archive = Archive::new(Layer::new(frame));

        let (text, _) = self.whole(&mut archive, MANIFEST, limit::MANIFEST)?;
        let mut sums = Sums::default();
        sums.add(MANIFEST, Digest::of(&text));
        // A manifest that cannot be used may still stand in a bundle that was altered.
        let (manifest, unknown) = match Manifest::read(&text) {
            Ok(read) => read,
            Err(fault) => {
                // What is wrong further down is told first; how much follows is not the point.
                let _ = self.drain(archive);
                return Err(self.failure.take().unwrap_or_else(|| self.unfit(&fault)));
            }
        };
        let Passed { outcome, files } = match manifest.kind {
            BundleKind::Hssys => self.database(&age, &mut archive, &manifest, payload)?,
            _ => self.document(&mut archive, &manifest, read)?,
        };
        for file in &files {
            sums.add(&file.name, file.sha256);
        }

        let (listed, _) = self.whole(&mut archive, SUMS, limit::SUMS)?;
        let signature = match self.next(&mut archive, SIGNATURE, SIGNATURE_LIMIT)? {
            Some(size) => Some(self.content(&mut archive, size)?),
            None => None,
        };
        if signature.is_some() && self.next(&mut archive, SIGNATURE, 0)?.is_some() {
            return Err(layout(self.name, &format!("holds an entry after {SIGNATURE}")));
        }
        self.drain(archive)?;
        if listed != sums.text().as_bytes() {
            return Err(altered(self.name, &format!("has a {SUMS} that does not fit its entries")));
        }
        self.entries_as_stated(&manifest, &files, listed.len() as u64, signature.is_some())?;
        let signer = trust.judge(self.name, &manifest, &listed, signature.as_deref())?;
        let content = outcome?;
        Ok(Opened { content, manifest, unknown, signer, files })
    }

    /// The document; what is wrong with it is told after what is wrong with the bundle.
    fn document<T>(
        &self,
        archive: &mut Archive<Layer>,
        manifest: &Manifest,
        read: impl FnOnce(&Manifest, &mut dyn Read) -> Result<T>,
    ) -> Result<Passed<T>> {
        let name = manifest.kind.document();
        let size = self.entry(archive, name, manifest.kind.limit())?;
        let mut document = Hashing::new(archive.from.by_ref().take(size));
        let outcome = read(manifest, &mut document).map(Some);
        io::copy(&mut document, &mut io::sink())
            .map_err(|cause| self.unsound(&Fault::from(cause)))?;
        if document.count != size {
            return Err(self.unsound(&Fault::Layout("ends in the middle")));
        }
        let sha256 = document.digest();
        archive.pass(size).map_err(|fault| self.unsound(&fault))?;
        Ok(Passed { outcome, files: vec![ContentFile { name: name.to_owned(), size, sha256 }] })
    }

    /// The files of a database; whoever takes them can stop, for they may be large.
    fn database<T>(
        &self,
        age: &Layer,
        archive: &mut Archive<Layer>,
        manifest: &Manifest,
        payload: &mut dyn Payload,
    ) -> Result<Passed<T>> {
        let count = manifest.content().count();
        if !(1..=limit::VOLUMES + 1).contains(&count) {
            let what = format!("lists {count} files of a database in its {MANIFEST}");
            return Err(layout(self.name, &what));
        }
        payload.begin(manifest)?;
        // Decryption, decompression, hashing and whatever is done with the bytes run side by side.
        let ahead = age.run_ahead().and_then(|()| archive.from.run_ahead());
        ahead.map_err(|cause| self.unsound(&Fault::from(cause)))?;
        let mut files = Vec::new();
        let mut left = manifest.kind.limit();
        for number in 0..count {
            let name = database_file(number);
            let size = self.entry(archive, &name, left)?;
            left -= size;
            payload.file(number, size)?;
            let passed = pass(&mut archive.from, size, |bytes| payload.bytes(bytes));
            let (sha256, count) = passed.map_err(|stopped| match stopped {
                Stopped::Read(cause) => self.unsound(&Fault::from(cause)),
                Stopped::Taken(error) => error,
            })?;
            if count != size {
                return Err(self.unsound(&Fault::Layout("ends in the middle")));
            }
            archive.pass(size).map_err(|fault| self.unsound(&fault))?;
            files.push(ContentFile { name, size, sha256 });
        }
        Ok(Passed { outcome: Ok(None), files })
    }

    /// The size of the entry that must come next.
    fn entry(&self, archive: &mut Archive<impl Read>, name: &str, most: u64) -> Result<u64> {
        let next = self.next(archive, name, most)?;
        next.ok_or_else(|| layout(self.name, &format!("ends before its entry {name}")))
    }

    /// The size of the entry that may come next.
    fn next(&self, archive: &mut Archive<impl Read>, name: &str, most: u64) -> Result<Option<u64>> {
        archive.next(name, most).map_err(|fault| self.unsound(&fault))
    }

    /// The content of an entry that must come next and is small.
    fn whole(
        &self,
        archive: &mut Archive<impl Read>,
        name: &str,
        most: u64,
    ) -> Result<(Vec<u8>, u64)> {
        let size = self.entry(archive, name, most)?;
        Ok((self.content(archive, size)?, size))
    }

    fn content(&self, archive: &mut Archive<impl Read>, size: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = archive.from.by_ref().take(size).read_to_end(&mut bytes);
        read.map_err(|cause| self.unsound(&Fault::from(cause)))?;
        if bytes.len() as u64 != size {
            return Err(self.unsound(&Fault::Layout("ends in the middle")));
        }
        archive.pass(size).map_err(|fault| self.unsound(&fault))?;
        Ok(bytes)
    }

    /// Reads to the end of every layer; nothing may follow in any of them. Where the archive was not
    /// read to its end, the rest of it is passed over.
    fn drain(&self, archive: Archive<Layer>) -> Result<()> {
        let most = limit::DOCUMENT;
        let rest = io::copy(&mut archive.from.take(most), &mut io::sink());
        rest.map(drop).map_err(|cause| self.unsound(&Fault::from(cause)))
    }

    /// The manifest says which entries follow it, and how large they are.
    fn entries_as_stated(
        &self,
        manifest: &Manifest,
        files: &[ContentFile],
        sums: u64,
        signed: bool,
    ) -> Result<()> {
        let content = files.iter().map(|file| (file.name.as_str(), Some(file.size)));
        let mut wanted: Vec<_> = content.collect();
        wanted.push((SUMS, Some(sums)));
        if signed {
            wanted.push((SIGNATURE, None));
        }
        let stated = manifest.entries.iter().map(|entry| (entry.name.as_str(), entry.size));
        if stated.eq(wanted) {
            return Ok(());
        }
        Err(layout(self.name, &format!("holds other entries than its {MANIFEST} says")))
    }

    /// The error for an archive that is not sound: what went wrong further down comes first.
    fn unsound(&self, fault: &Fault) -> Error {
        if let Some(error) = self.failure.take() {
            return error;
        }
        match fault {
            Fault::Read => layout(self.name, "holds no sound zstd frame"),
            Fault::AfterFrame => layout(self.name, "has something after its zstd frame"),
            Fault::Layout(what) => {
                layout(self.name, &format!("is not laid out right: the archive in it {what}"))
            }
        }
    }

    fn unfit(&self, fault: &Unfit) -> Error {
        let name = self.name;
        match fault {
            Unfit::TooNew(version) => {
                let message = format!(
                    "{name} is in format {version}, which is newer than this program reads ({FORMAT_VERSION})."
                );
                let hint = "Use the version of hsmirror that sealed it, or a newer one.";
                Error::new(Kind::TooNew, message, hint)
            }
            Unfit::Json => Error::new(
                Kind::Schema,
                format!(
                    "{name} has a {MANIFEST} that is no JSON object, or states something twice."
                ),
                "Have it exported again with hsmirror.",
            ),
            Unfit::Schema(what) => Error::new(
                Kind::Schema,
                format!("{name}: in {MANIFEST}, {what}."),
                "Print the schema with `hsmirror schema manifest`, and have it exported again.",
            ),
        }
    }
}
