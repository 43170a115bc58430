//! Keys: whom a bundle is sealed for, who can open it, who signed it.
//!
//! Owns everything that has to do with keys and nothing that has to do with bundles: recipients and
//! identities in all forms that age users have, passphrases, the OpenSSH key that signs, and ssh's
//! list of allowed signers. Keys come from files and arguments; `bundle` uses them.
//! Invariant: a secret stands in a type that is not printed and is wiped when it is dropped; no error
//! quotes a line of a key file; no key file is read beyond its limit.

mod allowed;
mod identity;
mod passphrase;
mod recipient;
mod signature;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::{Error, Kind, Result};

pub use allowed::{AllowedSigners, MEMBER_PREFIX, Verdict};
pub use identity::{Identities, WORK_FACTOR_LIMIT, generate, seal_text};
pub(crate) use identity::{opens_with_passphrase, too_much_work};
pub use passphrase::{Ask, Passphrase};
pub use recipient::{RECIPIENTS_LIMIT, Recipient, RecipientKind};
pub use signature::{NAMESPACE, SIGNATURE_LIMIT, Signature, SigningKey};

/// Bytes that a file of keys may have; the largest real one has a few kilobytes.
pub const KEY_FILE_LIMIT: u64 = 1 << 20;

/// The content of a file of keys.
fn read_key_file(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let unreadable = |cause: std::io::Error| Error::unreadable(path, &cause);
    let file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if about.is_dir() {
        let message = format!("{} is a folder, not a file of keys.", path.display());
        return Err(Error::new(Kind::Missing, message, "Give the file itself."));
    }
    let size = usize::try_from(about.len().min(KEY_FILE_LIMIT)).unwrap_or_default();
    // Room for all of it at once: growing would leave copies of a secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    file.take(KEY_FILE_LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > KEY_FILE_LIMIT {
        let message = format!("{} is larger than any file of keys.", path.display());
        return Err(Error::new(Kind::Malformed, message, "Look whether it is the right file."));
    }
    Ok(bytes)
}

/// The text of a file of keys.
fn read_key_text(path: &Path) -> Result<Zeroizing<String>> {
    let bytes = read_key_file(path)?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        let message = format!("{} is no text, so it is no file of keys.", path.display());
        return Err(Error::new(Kind::Malformed, message, "Look whether it is the right file."));
    };
    Ok(Zeroizing::new(text.to_owned()))
}
