//! Recipients: whom a bundle is sealed for.
//!
//! Owns the reading of recipients from arguments and files as age does it: native X25519 ones, SSH
//! public keys of the kinds `ssh-ed25519` and `ssh-rsa`, files of them with comments, or a passphrase
//! alone. `bundle` seals with them and names them in the manifest.
//! Invariant: what is no recipient is refused with its place and never quoted, since it may be a
//! secret key that was given by mistake.

use std::path::Path;

use age::secrecy::ExposeSecret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ssh_key::{HashAlg, PublicKey};

use super::passphrase::Passphrase;
use super::{identity, read_key_text};
use crate::error::{Error, Kind, Result};
use crate::model::Digest;

/// Recipients that one bundle may have.
pub const RECIPIENTS_LIMIT: usize = 64;

/// What kind of recipient it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum RecipientKind {
    /// age's own.
    #[serde(rename = "x25519")]
    X25519,
    /// An SSH key.
    SshEd25519,
    /// An SSH key.
    SshRsa,
    /// A passphrase.
    Passphrase,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

impl RecipientKind {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::X25519 => "X25519",
            Self::SshEd25519 => "ssh-ed25519",
            Self::SshRsa => "ssh-rsa",
            Self::Passphrase => "passphrase",
            Self::Unknown => "of a kind this version does not know",
        }
    }

    /// The kind that a stanza of an age header has; none for one that age adds for nobody, so that
    /// readers get used to kinds they do not know.
    pub fn of_stanza(tag: &str) -> Option<Self> {
        Some(match tag {
            _ if tag.ends_with("-grease") => return None,
            "X25519" => Self::X25519,
            "ssh-ed25519" => Self::SshEd25519,
            "ssh-rsa" => Self::SshRsa,
            "scrypt" => Self::Passphrase,
            _ => Self::Unknown,
        })
    }
}

/// Somebody a bundle is sealed for.
pub struct Recipient {
    /// What kind it is.
    pub kind: RecipientKind,
    /// What tells it from others without being of use to anybody: for SSH keys the fingerprint that
    /// `ssh-keygen -l` prints, for age's own the SHA-256 of its text; empty for a passphrase.
    pub fingerprint: String,
    pub(crate) seal: Box<dyn age::Recipient + Send>,
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recipient({} {})", self.kind.word(), self.fingerprint)
    }
}

impl Recipient {
    /// Reads one recipient; `place` says where it was given.
    ///
    /// # Errors
    /// Something that is no recipient.
    pub fn parse(text: &str, place: &str) -> Result<Self> {
        let text = text.trim();
        if text.starts_with("age1")
            && let Ok(key) = text.parse::<age::x25519::Recipient>()
        {
            let fingerprint = Digest::of(key.to_string());
            let fingerprint = format!("sha256:{fingerprint}");
            return Ok(Self { kind: RecipientKind::X25519, fingerprint, seal: Box::new(key) });
        }
        // age reads a number that is zero past its end, so it gets only what another reader wrote anew.
        let public = PublicKey::from_openssh(text).map_err(|_| refused(text, place))?;
        let canonical = public.to_openssh().map_err(|_| refused(text, place))?;
        if let Ok(key) = canonical.parse::<age::ssh::Recipient>() {
            let kind = match key {
                age::ssh::Recipient::SshRsa(..) => RecipientKind::SshRsa,
                age::ssh::Recipient::SshEd25519(..) => RecipientKind::SshEd25519,
            };
            let fingerprint = public.fingerprint(HashAlg::Sha256).to_string();
            return Ok(Self { kind, fingerprint, seal: Box::new(key) });
        }
        Err(refused(text, place))
    }

    /// Reads a file of recipients, one a line; lines that are empty or begin with `#` are comments.
    ///
    /// # Errors
    /// A file that cannot be read, holds none, or a line that is none.
    pub fn read_file(path: &Path) -> Result<Vec<Self>> {
        let text = read_key_text(path)?;
        let mut recipients = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                let place = format!("{}, line {}", path.display(), number + 1);
                recipients.push(Self::parse(line, &place)?);
            }
        }
        if recipients.is_empty() {
            let message = format!("{} holds no recipient.", path.display());
            let hint = "Put one recipient on each line, as `hsmirror keygen` prints it.";
            return Err(Error::new(Kind::Malformed, message, hint));
        }
        Ok(recipients)
    }

    /// Whoever knows a passphrase. age lets nobody else be a recipient beside it.
    pub fn passphrase(passphrase: &Passphrase) -> Self {
        let mut seal = age::scrypt::Recipient::new(passphrase.expose_secret().into());
        seal.set_work_factor(identity::WORK_FACTOR);
        let kind = RecipientKind::Passphrase;
        Self { kind, fingerprint: String::new(), seal: Box::new(seal) }
    }
}

/// The error for something that is no recipient: by what it looks like, never by what it says.
fn refused(text: &str, place: &str) -> Error {
    let (what, hint) = if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-")
        || text.starts_with("-----BEGIN")
    {
        (
            "a secret key, not a recipient; whoever saw this command line may have seen it",
            "Make a new key with `hsmirror keygen -o FILE` and give the recipient that it prints.",
        )
    } else if text.starts_with("age1pq1") || text.starts_with("age1tag") {
        (
            "a recipient of a kind that this version does not seal for",
            "Give an X25519 recipient (age1... as `hsmirror keygen` prints it) or an SSH key.",
        )
    } else if text.starts_with("age1") {
        ("a damaged recipient: it is not spelled right", "Copy the whole recipient again.")
    } else if text.starts_with("ssh-ed25519 ") {
        ("a damaged ssh-ed25519 key", "Copy the whole line of the .pub file again.")
    } else if text.starts_with("ssh-rsa ") {
        (
            "an ssh-rsa key that is damaged, shorter than 2048 or longer than 4096 bits",
            "Give an ssh-ed25519 key or a recipient that `hsmirror keygen` prints.",
        )
    } else if text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.starts_with("sk-") {
        (
            "an SSH key that nothing can be sealed for",
            "Give an ssh-ed25519 or ssh-rsa public key, or a recipient that `hsmirror keygen` prints.",
        )
    } else {
        (
            "no recipient",
            "Give age1..., ssh-ed25519 ... or ssh-rsa ...; a file of them goes after -R.",
        )
    };
    Error::new(Kind::Malformed, format!("{place}: this is {what}."), hint)
}
