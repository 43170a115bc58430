//! Passphrases.
//!
//! Owns the type they travel in and the question for one, which only the command line can answer: it
//! types, or reads from a file descriptor. Whoever needs one says what it opens.
//! Invariant: a passphrase is never printed, never an argument and never in the environment, and is
//! wiped when it is dropped.

use age::secrecy::SecretString;

use crate::error::Result;

/// A passphrase; its `Debug` shows nothing of it, and it is wiped when it is dropped.
pub type Passphrase = SecretString;

/// Somebody who can be asked for a passphrase.
pub trait Ask {
    /// The passphrase that opens `what`.
    ///
    /// # Errors
    /// Nobody answers.
    fn passphrase(&mut self, what: &str) -> Result<Passphrase>;

    /// A new passphrase, with which `what` will be sealed.
    ///
    /// # Errors
    /// Nobody answers, or the two answers differ.
    fn new_passphrase(&mut self, what: &str) -> Result<Passphrase>;
}
