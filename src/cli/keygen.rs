//! `hsmirror keygen`: a key of one's own.
//!
//! Owns the flags of the command and its story: make an identity, write it where nobody else can read
//! it, print the recipient that belongs to it.
//! Invariant: the secret goes into the file alone, and the file is never replaced unless it was said.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use zeroize::Zeroizing;

use super::complaint::Complaint;
use super::keys::{self, Keys};
use super::terminal;
use crate::durable::Draft;
use crate::error::Result;
use crate::key::{self, Ask, Recipient};

/// Make an identity that opens bundles, and print its recipient
///
/// The file has the form that `age-keygen` gives it and is readable by its owner alone. The recipient,
/// age1..., is no secret: send it to whoever seals bundles for you.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file for the identity
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Seal the file with a passphrase, which is asked for whenever it is used
    #[arg(long)]
    passphrase: bool,
    /// Read the passphrase from this file descriptor instead of the terminal
    #[arg(long, value_name = "NUMBER", requires = "passphrase")]
    passphrase_fd: Option<u32>,
    /// Replace the file if it exists; what it opened is lost then
    #[arg(long)]
    force: bool,
}

impl Args {
    pub(super) fn run(self) -> ExitCode {
        match self.make() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => Complaint { json: false }.fail(&error),
        }
    }

    fn make(&self) -> Result<()> {
        let mut draft = Draft::begin(&self.output, self.force)?;
        let (secret, recipient) = key::generate();
        let file = Zeroizing::new(format!("# created: {}\n{}", keys::now(), *secret));
        let written = if self.passphrase {
            let what = format!("the identity file {}", self.output.display());
            let mut ask =
                Keys { identity: Vec::new(), passphrase_fd: self.passphrase_fd }.prompt()?;
            let passphrase = ask.new_passphrase(&what)?;
            key::seal_text(file.as_bytes(), &Recipient::passphrase(&passphrase), &mut draft)
        } else {
            draft.write_all(file.as_bytes())
        };
        written.map_err(|cause| draft.unwritten(&cause))?;
        draft.commit()?;
        terminal::print(|to| writeln!(to, "{recipient}"))
    }
}
