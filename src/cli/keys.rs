//! Keys and signers on the command line.
//!
//! Owns the flags that mean the same in every command: identities, recipients, the key that signs, who
//! may sign, and where bundles go.
//! Invariant: no secret is an argument or stands in the environment, and what is given twice is meant
//! once.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;

use super::prompt::Prompt;
use crate::bundle::Trust;
use crate::durable::Draft;
use crate::error::{Error, Kind, Result};
use crate::key::{AllowedSigners, Ask, Identities, RECIPIENTS_LIMIT, Recipient, SigningKey};
use crate::model::Moment;

/// What opens bundles.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys")]
pub(super) struct Keys {
    /// Identity that opens bundles: a file of age identities, plain or sealed with a passphrase, or an
    /// OpenSSH private key; may be given several times
    #[arg(short, long, value_name = "FILE")]
    pub(super) identity: Vec<PathBuf>,
    /// Read passphrases from this file descriptor instead of the terminal: one a line, in the order in
    /// which they are needed; the last one goes on being used
    #[arg(long, value_name = "NUMBER")]
    pub(super) passphrase_fd: Option<u32>,
}

/// Who may have made a bundle.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signers")]
pub(super) struct Signers {
    /// Accept only bundles signed by a key in this list, which has the form of ssh's allowed signers
    #[arg(long, value_name = "FILE")]
    pub(super) allowed_signers: Option<PathBuf>,
    /// Accept bundles without a signature even so
    #[arg(long, requires = "allowed_signers")]
    pub(super) accept_unsigned: bool,
}

/// Whom a bundle is sealed for, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sealing")]
pub(super) struct Sealing {
    /// Seal for this recipient: age1..., ssh-ed25519 ... or ssh-rsa ...; may be given several times
    #[arg(short, long, value_name = "RECIPIENT")]
    pub(super) recipient: Vec<String>,
    /// Seal for the recipients in this file, one a line; may be given several times
    #[arg(short = 'R', long, value_name = "FILE")]
    pub(super) recipients_file: Vec<PathBuf>,
    /// Seal with a passphrase, which is asked for; then there can be no other recipient
    #[arg(long, conflicts_with_all = ["recipient", "recipients_file"])]
    pub(super) passphrase: bool,
    /// Sign with this OpenSSH private key
    #[arg(long, value_name = "KEY")]
    pub(super) sign: Option<PathBuf>,
    /// Write text that can be mailed instead of bytes
    #[arg(long)]
    pub(super) armor: bool,
    /// Replace the output if it exists
    #[arg(long)]
    pub(super) force: bool,
}

impl Signers {
    /// What is asked of signers.
    pub(super) fn trust(&self) -> Result<Trust> {
        let allowed = self.allowed_signers.as_deref().map(AllowedSigners::read).transpose()?;
        Ok(Trust { allowed, accept_unsigned: self.accept_unsigned, now: now() })
    }
}

impl Sealing {
    /// Whether any of it was given.
    pub(super) fn is_given(&self) -> bool {
        let Self { recipient, recipients_file, passphrase, sign, armor, force } = self;
        let lists = !recipient.is_empty() || !recipients_file.is_empty();
        lists || *passphrase || sign.is_some() || *armor || *force
    }

    /// Whom to seal for.
    pub(super) fn recipients(&self, what: &Path, ask: &mut dyn Ask) -> Result<Vec<Recipient>> {
        if self.passphrase {
            let passphrase = ask.new_passphrase(&format!("the bundle {}", what.display()))?;
            return Ok(vec![Recipient::passphrase(&passphrase)]);
        }
        let recipients = parsed(&self.recipient, &self.recipients_file, "Recipient after -r")?;
        if recipients.is_empty() {
            let message = "Nobody is named to seal the bundle for.";
            let hint = "Give -r RECIPIENT, -R FILE or --passphrase; the one who opens it makes a key with \
                        `hsmirror keygen -o FILE` and tells the recipient that it prints.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        Ok(recipients)
    }

    /// The key to sign with.
    pub(super) fn signing_key(&self, ask: &mut dyn Ask) -> Result<Option<SigningKey>> {
        self.sign.as_deref().map(|path| SigningKey::read(path, ask)).transpose()
    }

    /// Where a bundle goes: to a new file, or to standard output.
    pub(super) fn output(&self, path: &Path) -> Result<Output> {
        if path != Path::new(crate::operand::STREAM) {
            return Draft::begin(path, self.force).map(|draft| Output::File(Box::new(draft)));
        }
        if !self.armor && super::terminal::is_terminal() {
            let message = "A bundle is no text, and standard output is a terminal.";
            let hint = "Give the name of a file after -o, or --armor.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        Ok(Output::Stream)
    }
}

/// Reads recipients; said twice is meant once.
pub(super) fn parsed(texts: &[String], files: &[PathBuf], place: &str) -> Result<Vec<Recipient>> {
    let mut recipients = Vec::new();
    for text in texts {
        recipients.push(Recipient::parse(text, place)?);
    }
    for path in files {
        recipients.extend(Recipient::read_file(path)?);
    }
    recipients.sort_by(|a, b| (a.kind, &a.fingerprint).cmp(&(b.kind, &b.fingerprint)));
    recipients.dedup_by(|a, b| (a.kind, &a.fingerprint) == (b.kind, &b.fingerprint));
    if recipients.len() > RECIPIENTS_LIMIT {
        let message = format!("A bundle can have {RECIPIENTS_LIMIT} recipients at most.");
        return Err(Error::new(Kind::Usage, message, "Seal several bundles."));
    }
    Ok(recipients)
}

/// Where a bundle goes.
pub(super) enum Output {
    File(Box<Draft>),
    Stream,
}

impl Output {
    /// Writes all of it, or leaves nothing.
    pub(super) fn write<T>(
        self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<T>,
    ) -> Result<T> {
        let (written, unnamed) = self.fill(write)?;
        unnamed.name()?;
        Ok(written)
    }

    /// Writes all of it; a file still lacks its name, and is gone if it gets none.
    pub(super) fn fill<T>(
        self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<T>,
    ) -> Result<(T, Unnamed)> {
        match self {
            Output::File(mut draft) => {
                let written = write(&mut draft).map_err(|cause| {
                    // What went wrong on the way to the writer is told as it is.
                    let told = cause.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
                    told.cloned().unwrap_or_else(|| draft.unwritten(&cause))
                })?;
                Ok((written, Unnamed(Some(draft))))
            }
            Output::Stream => {
                let mut written = None;
                super::terminal::print(|to| {
                    written = Some(write(to)?);
                    Ok(())
                })?;
                let written = written.ok_or_else(|| {
                    let message = "Standard output was closed before the bundle was written.";
                    Error::new(Kind::Output, message, "Give the name of a file after -o.")
                })?;
                Ok((written, Unnamed(None)))
            }
        }
    }
}

/// A bundle that is written, and has no name yet where it is a file.
pub(super) struct Unnamed(Option<Box<Draft>>);

impl Unnamed {
    /// Gives it its name.
    pub(super) fn name(self) -> Result<()> {
        self.0.map_or(Ok(()), |draft| draft.commit())
    }

    /// Gives both their names, or none.
    pub(super) fn name_both(self, other: Self) -> Result<()> {
        match (self.0, other.0) {
            (Some(one), Some(other)) => one.commit_both(*other),
            (Some(one), None) | (None, Some(one)) => one.commit(),
            (None, None) => Ok(()),
        }
    }
}

/// What the clock says.
pub(super) fn now() -> Moment {
    SystemTime::now().into()
}

impl Keys {
    /// Who answers the question for a passphrase.
    pub(super) fn prompt(&self) -> Result<Prompt> {
        self.passphrase_fd.map_or(Ok(Prompt::Terminal), Prompt::lines)
    }

    /// The identities.
    pub(super) fn identities(&self, ask: &mut dyn Ask) -> Result<Identities> {
        Identities::read(&self.identity, ask)
    }
}
