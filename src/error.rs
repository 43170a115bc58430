//! What can go wrong, and the exit codes.
//!
//! Owns [`Error`]: one sentence that names the act and the thing, one that says what to do next,
//! and a kind that decides the exit code; and the one table of exit codes, from which help, man page
//! and README come. Every module that can fail returns it; the command line prints it.
//! Invariant: an error never quotes a value from an input (it might be a secret) and never stands
//! for a finding: differences are results.

use std::fmt;
use std::path::Path;

/// Every exit code this version gives, with its meaning.
pub const EXIT_CODES: &[(u8, &str)] = &[
    (0, "ready: nothing to report; or done, with nothing left to do"),
    (1, "non-blocking findings only"),
    (2, "at least one blocking finding"),
    (3, "coverage incomplete: something could not be compared, and was not excluded by name"),
    (10, "no identity opens the bundle"),
    (
        11,
        "bundle cut short: empty, or the end of its header or its last part is damaged or missing",
    ),
    (
        12,
        "bundle altered: a part does not authenticate, a digest or signature is wrong or not allowed",
    ),
    (13, "format of a bundle or document too new for this version"),
    (14, "bundle or document does not satisfy its schema, layout or limits"),
    (
        15,
        "refused: wrong pair, wrong folder, stale copy or plan, or something else that stands against it",
    ),
    (20, "apply stopped half-way: --status tells what the folder holds, and the next command"),
    (21, "apply is done, and steps remain: by hand, or of the plan that it made"),
    (64, "usage: the command line is wrong"),
    (65, "input malformed"),
    (66, "input missing or unreadable"),
    (69, "the instance is down or hung, or lets this account in only with a password"),
    (73, "output exists already or cannot be made"),
    (74, "output could not be written"),
    (75, "locked: a database is in use, or another run is at work"),
    (77, "this account may not do it"),
];

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No identity at hand opens a bundle.
    NoIdentity,
    /// A bundle ends too early.
    CutShort,
    /// A bundle is not what was sealed.
    Altered,
    /// Nobody who may speaks for a bundle.
    Unverifiable,
    /// The format is newer than this version reads.
    TooNew,
    /// A document does not satisfy its schema.
    Schema,
    /// A bundle is not laid out as its format says, or exceeds a limit.
    Layout,
    /// A fact stands against what was asked for.
    Refused,
    /// A restore stopped half-way.
    Unfinished,
    /// The command line is wrong.
    Usage,
    /// An input is not what it should be.
    Malformed,
    /// An input is missing or cannot be read.
    Missing,
    /// The instance is down, hung, or asks for a password.
    Down,
    /// The output exists, or cannot be made.
    Exists,
    /// The output cannot be written.
    Output,
    /// A database is in use, or another run is at work.
    Locked,
    /// The account lacks the right.
    Denied,
}

impl Kind {
    /// Exit code and name in JSON.
    const fn row(self) -> (u8, &'static str) {
        match self {
            Kind::NoIdentity => (10, "no-identity"),
            Kind::CutShort => (11, "cut-short"),
            Kind::Altered => (12, "altered"),
            Kind::Unverifiable => (12, "unverifiable"),
            Kind::TooNew => (13, "too-new"),
            Kind::Schema => (14, "schema"),
            Kind::Layout => (14, "layout"),
            Kind::Refused => (15, "refused"),
            Kind::Unfinished => (20, "unfinished"),
            Kind::Usage => (64, "usage"),
            Kind::Malformed => (65, "malformed"),
            Kind::Missing => (66, "missing"),
            Kind::Down => (69, "down"),
            Kind::Exists => (73, "exists"),
            Kind::Output => (74, "output"),
            Kind::Locked => (75, "locked"),
            Kind::Denied => (77, "denied"),
        }
    }

    /// Its exit code; every one stands in [`EXIT_CODES`].
    pub const fn exit_code(self) -> u8 {
        self.row().0
    }

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        self.row().1
    }
}

/// A failure: what happened, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of failure it is.
    pub kind: Kind,
    /// One sentence: the act and the thing.
    pub message: String,
    /// One sentence: the next thing to do.
    pub hint: String,
}

impl Error {
    /// A failure of this kind.
    pub fn new(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: hint.into() }
    }

    /// An input that is not what it should be, at a line of a file.
    pub fn malformed(file: &Path, line: usize, what: impl fmt::Display, hint: &str) -> Self {
        Self::new(Kind::Malformed, format!("{}, line {line}: {what}.", file.display()), hint)
    }

    /// An input that cannot be opened or read.
    pub fn unreadable(file: &Path, cause: &std::io::Error) -> Self {
        let (what, hint) = match cause.kind() {
            std::io::ErrorKind::NotFound => (
                "there is no such file or folder",
                "Look at the spelling, or list the folder above it.",
            ),
            std::io::ErrorKind::PermissionDenied => (
                "this account may not read it",
                "Run the command as an account that may, or copy the file to a folder of yours.",
            ),
            _ => ("reading it failed", "Copy it again from the instance, and look at the medium."),
        };
        let detail = match cause.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied => String::new(),
            _ => format!(" ({cause})"),
        };
        Self::new(Kind::Missing, format!("Cannot read {}: {what}{detail}.", file.display()), hint)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.message, self.hint)
    }
}

impl std::error::Error for Error {}

/// A path as a shell takes it, for commands that are told to be typed.
pub fn quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@%,:".contains(c);
    if !path.is_empty() && path.chars().all(plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}

/// The result of what can fail.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_exit_code_in_the_table() {
        let kinds = [
            Kind::NoIdentity,
            Kind::CutShort,
            Kind::Altered,
            Kind::Unverifiable,
            Kind::TooNew,
            Kind::Schema,
            Kind::Layout,
            Kind::Refused,
            Kind::Unfinished,
            Kind::Usage,
            Kind::Malformed,
            Kind::Missing,
            Kind::Exists,
            Kind::Output,
            Kind::Locked,
            Kind::Denied,
        ];
        for kind in kinds {
            assert!(EXIT_CODES.iter().any(|(code, _)| *code == kind.exit_code()), "{kind:?}");
        }
        assert!(EXIT_CODES.is_sorted_by_key(|(code, _)| *code));
    }
}
