//! The opening of a bundle.
//!
//! Owns the way from a file to a document that may be used, in three steps: [`Sealed`] has looked at
//! the header, [`Unlocked`] has found the key, [`Opened`] has read everything. The document is read as
//! it streams through, by whoever knows what it is, and handed out only at the end.
//! Invariant: whatever goes wrong further down is told before what it leads to further up: a damaged
//! age layer before a broken archive, a wrong digest before bad JSON.

use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::iter;
use std::path::{Path, PathBuf};

use age::{DecryptError, Decryptor};

use super::archive::{Archive, Fault};
use super::header::{Header, altered, cut_short, layout};
use super::layer::{Authentic, Failure, Form, Plain, Shared};
use super::manifest::{Fault as Unfit, Manifest};
use super::sums::{Hashing, Sums};
use super::trust::Trust;
use super::{FORMAT_VERSION, MANIFEST, SIGNATURE, SUMS, limit};
use crate::error::{Error, Kind, Result};
use crate::key::{Ask, Identities, SIGNATURE_LIMIT, opens_with_passphrase};
use crate::model::{Digest, Signer};

/// A bundle whose header was looked at.
pub struct Sealed {
    /// What the header shows.
    pub header: Header,
    path: PathBuf,
    age: Decryptor<Plain>,
    file: Shared,
}

/// A bundle whose key was found.
pub struct Unlocked {
    path: PathBuf,
    age: Authentic,
}

/// What a bundle held, all of it verified.
#[derive(Debug)]
pub struct Opened<T> {
    /// What was read from the document.
    pub content: T,
    /// The manifest.
    pub manifest: Manifest,
    /// Names in the manifest that this version does not know.
    pub unknown: Vec<String>,
    /// Who answers for it.
    pub signer: Signer,
    /// The digest of the document.
    pub document: Digest,
}

impl Sealed {
    /// Looks at the header of a bundle; `path` is what it is called.
    ///
    /// # Errors
    /// A file that is no bundle, is cut short, altered, too new, or exceeds a limit.
    pub fn read(path: &Path, from: Box<dyn Read + Send>) -> Result<Self> {
        let name = path.display().to_string();
        let (file, armored) = Shared::new(from).map_err(|cause| Error::unreadable(path, &cause))?;
        let mut form = Form::of(file.clone(), armored);
        // Text that ends too early is broken text to whoever takes the armor off.
        let cut =
            || file.is_text_cut_short().then(|| cut_short(&name, "ends within its text form"));
        let (header, text) = Header::read(&mut form, armored, &name).map_err(|error| {
            if error.kind == Kind::Altered { cut().unwrap_or(error) } else { error }
        })?;
        let age = Decryptor::new(Cursor::new(text).chain(form)).map_err(|cause| match cause {
            DecryptError::Io(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                cut_short(&name, "ends right after its header")
            }
            DecryptError::Io(cause) if cause.kind() != io::ErrorKind::InvalidData => {
                Error::unreadable(path, &cause)
            }
            _ => cut().unwrap_or_else(|| altered(&name, "has a damaged header")),
        })?;
        Ok(Self { header, path: path.to_owned(), age, file })
    }

    /// Finds the key that opens it; a passphrase is asked for where one is wanted.
    ///
    /// # Errors
    /// No key that opens it; a header that was altered.
    pub fn unlock(self, identities: &Identities, ask: &mut dyn Ask) -> Result<Unlocked> {
        let Self { header, path, age, file } = self;
        let name = path.display().to_string();
        let no_identity = |what: String, hint: &str| Error::new(Kind::NoIdentity, what, hint);
        let found = if header.wants_passphrase() {
            let passphrase = ask.passphrase(&format!("the bundle {name}"))?;
            let identity = opens_with_passphrase(passphrase);
            age.decrypt(iter::once(&identity as &dyn age::Identity))
        } else if identities.is_empty() {
            let what = format!("{name} is sealed, and no identity was given to open it.");
            return Err(no_identity(what, "Give the file with your identity: -i FILE."));
        } else {
            age.decrypt(identities.iter())
        };
        let stream = found.map_err(|cause| match cause {
            DecryptError::NoMatchingKeys => {
                let what = format!("None of the identities given opens {name}.");
                let hint = format!(
                    "`hsmirror inspect {name}` shows for which kinds of recipients it is sealed; have it \
                     exported again for yours if it is not among them."
                );
                no_identity(what, &hint)
            }
            DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed
                if header.wants_passphrase() =>
            {
                let what = format!("The passphrase does not open {name}.");
                no_identity(what, "Run the command again and type it anew.")
            }
            DecryptError::ExcessiveWork { required, .. } => {
                crate::key::too_much_work(&path, required)
            }
            DecryptError::Io(cause) => Error::unreadable(&path, &cause),
            _ => altered(&name, "has a header that does not authenticate"),
        })?;
        let age = Authentic::new(stream, file, path.clone());
        Ok(Unlocked { path, age })
    }
}

impl Unlocked {
    /// What it is called.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what the age layer holds, whatever it is. Every byte of it is authentic, but only at the end
    /// is it known that none is missing.
    ///
    /// # Errors
    /// A file that is cut short or altered; whatever the writer says.
    pub fn age_layer(self, to: &mut dyn Write) -> Result<()> {
        let Self { path, mut age } = self;
        let failure = age.failure();
        io::copy(&mut age, to)
            .map(drop)
            .map_err(|cause| failure.take().unwrap_or_else(|| Error::unreadable(&path, &cause)))
    }

    /// Reads the bundle to its end; `read` reads the document on the way.
    ///
    /// # Errors
    /// A bundle that is cut short, altered, not signed as was asked for, too new or not laid out as
    /// the format says; what `read` says.
    pub fn open<T>(
        self,
        trust: &Trust,
        read: impl FnOnce(&Manifest, &mut dyn Read) -> Result<T>,
    ) -> Result<Opened<T>> {
        let Self { path, age } = self;
        let name = path.display().to_string();
        let failure = age.failure();
        Reading { name: &name, failure: &failure }.open(age, trust, read)
    }
}

/// A bundle that is being read, with what is needed to say what went wrong.
struct Reading<'a> {
    name: &'a str,
    failure: &'a Failure,
}

impl Reading<'_> {
    fn open<T>(
        &self,
        age: Authentic,
        trust: &Trust,
        read: impl FnOnce(&Manifest, &mut dyn Read) -> Result<T>,
    ) -> Result<Opened<T>> {
        let unsound = |cause: io::Error| self.unsound(&Fault::from(cause));
        let buffered = BufReader::with_capacity(1 << 17, age);
        let mut zstd = zstd::Decoder::with_buffer(buffered).map_err(unsound)?.single_frame();
        zstd.window_log_max(limit::WINDOW_LOG).map_err(unsound)?;
        let mut archive = Archive::new(zstd);

        let (text, _) = self.whole(&mut archive, MANIFEST, limit::MANIFEST)?;
        let mut sums = Sums::default();
        sums.add(MANIFEST, <[u8; 32]>::from(<sha2::Sha256 as sha2::Digest>::digest(&text)).into());
        let manifest = Manifest::read(&text);

        // A manifest that cannot be used may still stand in a bundle that was altered.
        let (outcome, document) = match &manifest {
            Ok((manifest, _)) => {
                let size = self.entry(&mut archive, manifest.kind.document(), limit::DOCUMENT)?;
                let mut document = Hashing::new(archive.from.by_ref().take(size));
                let outcome = read(manifest, &mut document);
                io::copy(&mut document, &mut io::sink()).map_err(unsound)?;
                if document.count != size {
                    return Err(self.unsound(&Fault::Layout("ends in the middle")));
                }
                let digest = document.digest();
                archive.pass(size).map_err(|fault| self.unsound(&fault))?;
                sums.add(manifest.kind.document(), digest);
                (outcome, (digest, size))
            }
            Err(fault) => {
                // What is wrong further down is told first; how much follows is not the point.
                let _ = self.drain(archive);
                return Err(self.failure.take().unwrap_or_else(|| self.unfit(fault)));
            }
        };
        let (manifest, unknown) = manifest.map_err(|fault| self.unfit(&fault))?;

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
        let (digest, size) = document;
        self.entries_as_stated(&manifest, size, listed.len() as u64, signature.is_some())?;
        let signer = trust.judge(self.name, &manifest, &listed, signature.as_deref())?;
        let content = outcome?;
        Ok(Opened { content, manifest, unknown, signer, document: digest })
    }

    /// The size of the entry that must come next.
    fn entry(
        &self,
        archive: &mut Archive<impl Read>,
        name: &'static str,
        most: u64,
    ) -> Result<u64> {
        let next = self.next(archive, name, most)?;
        next.ok_or_else(|| layout(self.name, &format!("ends before its entry {name}")))
    }

    /// The size of the entry that may come next.
    fn next(
        &self,
        archive: &mut Archive<impl Read>,
        name: &'static str,
        most: u64,
    ) -> Result<Option<u64>> {
        let next = archive.next(&[(name, most)]).map_err(|fault| self.unsound(&fault))?;
        Ok(next.map(|(_, size)| size))
    }

    /// The content of an entry that must come next and is small.
    fn whole(
        &self,
        archive: &mut Archive<impl Read>,
        name: &'static str,
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
    fn drain(&self, archive: Archive<zstd::Decoder<'static, BufReader<Authentic>>>) -> Result<()> {
        let unsound = |cause: io::Error| self.unsound(&Fault::from(cause));
        let mut zstd = archive.from;
        let most = limit::DOCUMENT;
        io::copy(&mut zstd.by_ref().take(most), &mut io::sink()).map_err(unsound)?;
        let mut age = zstd.finish();
        if !age.fill_buf().map_err(unsound)?.is_empty() {
            return Err(layout(self.name, "has something after its zstd frame"));
        }
        Ok(())
    }

    /// The manifest says which entries follow it, and how large they are.
    fn entries_as_stated(
        &self,
        manifest: &Manifest,
        size: u64,
        sums: u64,
        signed: bool,
    ) -> Result<()> {
        let mut wanted = vec![(manifest.kind.document(), Some(size)), (SUMS, Some(sums))];
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
