//! Passphrases from the terminal or a file descriptor.
//!
//! Owns the answering of the question for a passphrase ([`Ask`]): typed at the terminal, without echo,
//! or read line by line from a file descriptor that the shell opened.
//! Invariant: a passphrase is never an argument and never in the environment; a prompt goes to the
//! terminal and never into a result, and where there is no terminal the answer is an error, not a wait.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;

use age::secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::error::{Error, Kind, Result};
use crate::key::{Ask, Passphrase};

/// Answers the question for a passphrase.
#[derive(Debug)]
pub(super) enum Prompt {
    /// At the terminal.
    Terminal,
    /// From a file descriptor, line by line.
    Lines { from: Box<BufReader<File>>, last: Option<Passphrase> },
}

/// Bytes that a passphrase may have.
const PASSPHRASE_LIMIT: u64 = 4096;

impl Prompt {
    /// From a file descriptor.
    pub(super) fn lines(number: u32) -> Result<Self> {
        let path = PathBuf::from(format!("/dev/fd/{number}"));
        let from = File::open(&path).map_err(|cause| {
            let message =
                format!("Cannot read passphrases from file descriptor {number}: {cause}.");
            let hint = "Open it in the shell, for example `hsmirror ... --passphrase-fd 3 3<FILE`.";
            Error::new(Kind::Missing, message, hint)
        })?;
        Ok(Self::Lines { from: Box::new(BufReader::new(from)), last: None })
    }
}

impl Ask for Prompt {
    fn passphrase(&mut self, what: &str) -> Result<Passphrase> {
        match self {
            Prompt::Terminal => typed(&format!("Passphrase of {what}: ")),
            Prompt::Lines { from, last } => next_line(from, last, what),
        }
    }

    fn new_passphrase(&mut self, what: &str) -> Result<Passphrase> {
        let Prompt::Terminal = self else { return self.passphrase(what) };
        let first = typed(&format!("New passphrase for {what}: "))?;
        let empty = first.expose_secret().is_empty();
        if empty || typed("The same again: ")?.expose_secret() != first.expose_secret() {
            let message = if empty {
                "An empty passphrase protects nothing."
            } else {
                "The two passphrases are not the same."
            };
            return Err(Error::new(Kind::Usage, message, "Run the command again."));
        }
        Ok(first)
    }
}

fn typed(prompt: &str) -> Result<Passphrase> {
    rpassword::prompt_password(prompt).map(Passphrase::from).map_err(|_| {
        let message = "A passphrase is needed, and there is no terminal to type it at.";
        let hint = "Give --passphrase-fd NUMBER with a file descriptor that it can be read from.";
        Error::new(Kind::Usage, message, hint)
    })
}

fn next_line(
    from: &mut BufReader<File>,
    last: &mut Option<Passphrase>,
    what: &str,
) -> Result<Passphrase> {
    let mut line = Zeroizing::new(String::with_capacity(256));
    let read = from.by_ref().take(PASSPHRASE_LIMIT).read_line(&mut line);
    let line = line.trim_end_matches(['\r', '\n']);
    if read.is_ok() && !line.is_empty() {
        *last = Some(line.into());
    }
    last.clone().ok_or_else(|| {
        let message = format!("The file descriptor given has no passphrase for {what}.");
        Error::new(Kind::Usage, message, "It must hold one passphrase on each line.")
    })
}
