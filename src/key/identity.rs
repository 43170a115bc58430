//! Identities: who can open a bundle.
//!
//! Owns the reading of identity files in all forms that age users have: plain ones as `age-keygen`
//! writes them, ones sealed with a passphrase, OpenSSH private keys with and without a passphrase; and
//! the making of a new identity. `bundle` opens with them.
//! Invariant: passphrases are asked for here and at once, so nothing asks while bundles are being
//! read, and no more work is done for a passphrase than the limit.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use age::secrecy::ExposeSecret;
use age::{DecryptError, Decryptor};
use ssh_key::{LineEnding, PrivateKey};
use zeroize::Zeroizing;

use super::passphrase::{Ask, Passphrase};
use super::recipient::Recipient;
use super::{KEY_FILE_LIMIT, read_key_file};
use crate::error::{Error, Kind, Result};

/// Work that is put into a passphrase when sealing: 2^18 rounds of scrypt, as stock age does.
pub(super) const WORK_FACTOR: u8 = 18;
/// The most work that is done for a passphrase: 2^20 rounds take 1 GiB and some seconds.
pub const WORK_FACTOR_LIMIT: u8 = 20;

/// Keys that may open a bundle.
#[derive(Default)]
pub struct Identities {
    keys: Vec<Box<dyn age::Identity>>,
}

impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identities({})", self.keys.len())
    }
}

/// The identity that a passphrase is.
pub(crate) fn opens_with_passphrase(passphrase: Passphrase) -> impl age::Identity {
    let mut identity = age::scrypt::Identity::new(passphrase);
    identity.set_max_work_factor(WORK_FACTOR_LIMIT);
    identity
}

/// A new identity: its file as `age-keygen` lays it out but for the date, and its recipient.
pub fn generate() -> (Zeroizing<String>, String) {
    let identity = age::x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let secret = identity.to_string();
    let file = Zeroizing::new(format!("# public key: {recipient}\n{}\n", secret.expose_secret()));
    (file, recipient)
}

/// Seals the text of an identity file as `age -p -a` does.
///
/// # Errors
/// Whatever the writer says.
pub fn seal_text(text: &[u8], recipient: &Recipient, to: &mut dyn Write) -> io::Result<()> {
    let seal = std::iter::once(recipient.seal.as_ref() as &dyn age::Recipient);
    let age = age::Encryptor::with_recipients(seal).map_err(io::Error::other)?;
    let armor = age::armor::ArmoredWriter::wrap_output(to, age::armor::Format::AsciiArmor)?;
    let mut age = age.wrap_output(armor)?;
    age.write_all(text)?;
    age.finish()?.finish()?.flush()
}

impl Identities {
    /// Reads identity files; passphrases are asked for on the way.
    ///
    /// # Errors
    /// A file that cannot be read or holds no identity; a passphrase that does not open it.
    pub fn read(files: &[PathBuf], ask: &mut dyn Ask) -> Result<Self> {
        let mut identities = Self::default();
        for path in files {
            let bytes = read_key_file(path)?;
            if bytes.starts_with(b"age-encryption.org/") || bytes.starts_with(b"-----BEGIN AGE") {
                let opened = unseal(path, &bytes, ask)?;
                identities.add_lines(path, &opened)?;
            } else if bytes.starts_with(b"-----BEGIN") {
                identities.add_ssh(path, &bytes, ask)?;
            } else {
                identities.add_lines(path, &bytes)?;
            }
        }
        Ok(identities)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.keys.iter().map(|key| key.as_ref() as &dyn age::Identity)
    }

    /// age's own identities, one a line.
    fn add_lines(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        let before = self.keys.len();
        let file = age::IdentityFile::from_buffer(bytes).map_err(|_| no_identity(path, bytes))?;
        let keys = file.into_identities().map_err(|_| no_identity(path, bytes))?;
        self.keys.extend(keys.into_iter().map(|key| key as Box<dyn age::Identity>));
        if self.keys.len() == before { Err(no_identity(path, bytes)) } else { Ok(()) }
    }

    /// An SSH private key. One in OpenSSH's form is opened, and written anew in memory, by the crate for
    /// ssh keys: age (0.12.1) reads a number that is zero past its end.
    fn add_ssh(&mut self, path: &Path, bytes: &[u8], ask: &mut dyn Ask) -> Result<()> {
        let key = if bytes.starts_with(b"-----BEGIN OPENSSH PRIVATE KEY-----") {
            let mut key = PrivateKey::from_openssh(bytes).map_err(|_| no_identity(path, bytes))?;
            if key.is_encrypted() {
                let passphrase = ask.passphrase(&format!("the SSH key {}", path.display()))?;
                key =
                    key.decrypt(passphrase.expose_secret()).map_err(|_| wrong_passphrase(path))?;
            }
            let plain = key.to_openssh(LineEnding::LF).map_err(|_| no_identity(path, bytes))?;
            age::ssh::Identity::from_buffer(plain.as_bytes(), None)
        } else {
            age::ssh::Identity::from_buffer(bytes, None)
        };
        match key.map_err(|_| no_identity(path, bytes))? {
            key @ age::ssh::Identity::Unencrypted(_) => self.keys.push(Box::new(key)),
            age::ssh::Identity::Encrypted(_) | age::ssh::Identity::Unsupported(_) => {
                let message =
                    format!("{} is an SSH key of a kind that opens nothing.", path.display());
                let hint = "Bundles are opened with ssh-ed25519 and ssh-rsa keys; a key in an old PEM form \
                            becomes a usable one with `ssh-keygen -p -f FILE`.";
                return Err(Error::new(Kind::Malformed, message, hint));
            }
        }
        Ok(())
    }
}

/// Opens an identity file that is sealed with a passphrase.
fn unseal(path: &Path, bytes: &[u8], ask: &mut dyn Ask) -> Result<Zeroizing<Vec<u8>>> {
    let damaged = || {
        let message = format!("{} is damaged, so no identity can be read from it.", path.display());
        Error::new(Kind::Malformed, message, "Take it from a copy that was kept.")
    };
    let sealed = age::armor::ArmoredReader::new(bytes);
    let sealed = Decryptor::new_buffered(sealed).map_err(|_| damaged())?;
    if !sealed.is_scrypt() {
        let path = path.display();
        let message =
            format!("{path} is sealed, but not with a passphrase, so it is no identity file.");
        let hint = "Open it first with `age -d`, or give the identity file itself.";
        return Err(Error::new(Kind::Malformed, message, hint));
    }
    let passphrase = ask.passphrase(&format!("the identity file {}", path.display()))?;
    let identity = opens_with_passphrase(passphrase);
    let opened = sealed.decrypt(std::iter::once(&identity as &dyn age::Identity));
    let opened = opened.map_err(|cause| match cause {
        DecryptError::ExcessiveWork { required, .. } => too_much_work(path, required),
        _ => wrong_passphrase(path),
    })?;
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
    opened.take(KEY_FILE_LIMIT).read_to_end(&mut plain).map_err(|_| damaged())?;
    Ok(plain)
}

/// The error for a passphrase whose file asks for more work than any honest one.
pub(crate) fn too_much_work(path: &Path, required: u8) -> Error {
    let path = path.display();
    let message = format!(
        "{path} asks for 2^{required} rounds of work before its passphrase can be tried; the limit is \
         2^{WORK_FACTOR_LIMIT}."
    );
    let hint = "Have it sealed again with the usual work factor, 18.";
    Error::new(Kind::Layout, message, hint)
}

fn wrong_passphrase(path: &Path) -> Error {
    let message = format!("The passphrase does not open {}.", path.display());
    Error::new(Kind::NoIdentity, message, "Run the command again and type it anew.")
}

fn no_identity(path: &Path, bytes: &[u8]) -> Error {
    let path = path.display();
    let (message, hint) = if bytes.starts_with(b"ssh-") || bytes.starts_with(b"age1") {
        (
            format!("{path} holds a public key, which opens nothing."),
            "Give the file with the secret key: AGE-SECRET-KEY-..., or an OpenSSH private key.",
        )
    } else {
        (
            format!("{path} holds no identity that this version can use."),
            "Give a file that `hsmirror keygen` or `age-keygen` made, or an OpenSSH private key.",
        )
    };
    Error::new(Kind::Malformed, message, hint)
}
