//! The opening of a bundle.
//!
//! Owns the way from a file to its entries: [`Sealed`] has looked at the header, [`Unlocked`] has found
//! the key; then `entries` reads everything. What goes wrong with the header and the key is told here.
//! Invariant: nothing below the header is looked at before the header authenticates; a passphrase is
//! asked for only where one opens the bundle.

use std::io::{self, Cursor, Read, Write};
use std::iter;
use std::path::{Path, PathBuf};

use age::{DecryptError, Decryptor};

use super::entries::{Opened, Reading};
use super::header::{Header, altered, cut_short};
use super::layer::{Authentic, Form, Plain, Shared};
use super::manifest::Manifest;
use super::payload::Payload;
use super::trust::Trust;
use crate::error::{Error, Kind, Result};
use crate::key::{Ask, Identities, opens_with_passphrase};
use crate::model::Digest;

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
    header_sha256: Digest,
    age: Authentic,
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
        Ok(Unlocked { path, header_sha256: header.sha256, age })
    }
}

impl Unlocked {
    /// What it is called.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Digest of its header, which tells it from every other bundle.
    pub fn header_sha256(&self) -> Digest {
        self.header_sha256
    }

    /// Writes what the age layer holds, whatever it is. Every byte of it is authentic, but only at the end
    /// is it known that none is missing.
    ///
    /// # Errors
    /// A file that is cut short or altered; whatever the writer says.
    pub fn age_layer(self, to: &mut dyn Write) -> Result<()> {
        let Self { path, mut age, .. } = self;
        let failure = age.failure();
        io::copy(&mut age, to)
            .map(drop)
            .map_err(|cause| failure.take().unwrap_or_else(|| Error::unreadable(&path, &cause)))
    }

    /// Reads the bundle to its end; on the way `read` reads the document, or `payload` takes the files of
    /// the database, by what the bundle holds.
    ///
    /// # Errors
    /// A bundle that is cut short, altered, not signed as was asked for, too new or not laid out as
    /// the format says; what `read` or `payload` says.
    pub fn open<T>(
        self,
        trust: &Trust,
        read: impl FnOnce(&Manifest, &mut dyn Read) -> Result<T>,
        payload: &mut dyn Payload,
    ) -> Result<Opened<T>> {
        let Self { path, age, .. } = self;
        let name = path.display().to_string();
        let failure = age.failure();
        Reading { name: &name, failure: &failure }.open(age, trust, read, payload)
    }
}
