//! Files on a member, read into the model.
//!
//! Owns [`gather`]: which files of an operand are read, in which order, and what their parts add up
//! to. Data comes from a folder or a single file; the configuration goes to `compare`, the notes to
//! the person in front of the terminal. Each reader has its file: `cpf` and `instance`, `security`,
//! `task`, `qlist`, `document`.
//! Invariant: what a file is, is told by its content; what is absent is said to be absent; two files
//! that contradict each other are refused; a secret is dropped where it is read.

mod admission;
mod collected;
mod counted;
mod cpf;
mod document;
mod incoming;
mod instance;
mod kind;
mod list;
mod member;
mod membership;
mod password;
pub(crate) mod qlist;
mod sections;
mod security;
mod task;
mod xml;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use cpf::Cpf;
use incoming::Incoming;
use kind::Kind;
use sections::Sections;
use serde_json::Value;

use crate::error::{Error, Kind as Failure, Result};
use crate::model::{Configuration, Moment, SourceKind};
use crate::reading::Reading;

pub use kind::{claims_to_be_sealed, is_comparison};

/// What is read beyond the usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// E-mail addresses and telephone numbers too.
    pub personal_data: bool,
    /// Values of all task settings, which may be secrets.
    pub task_settings: bool,
    /// What the clock says, where it is to be asked how old the files are.
    pub now: Option<Moment>,
}

/// What an operand gave.
#[derive(Debug)]
pub struct Gathered {
    /// The configuration.
    pub configuration: Configuration,
    /// What a person should be told; each note names its file.
    pub notes: Vec<String>,
}

/// Bytes that a text file may have; a CPF of a large site has a few megabytes.
const TEXT_LIMIT: u64 = 256 << 20;

/// Reads a folder of files, or one file.
///
/// # Errors
/// A file that is missing, unreadable, malformed or something else than a source; two files that
/// disagree; a folder without any source.
pub fn gather(operand: &Path, options: &Options) -> Result<Gathered> {
    let about = fs::metadata(operand).map_err(|cause| Error::unreadable(operand, &cause))?;
    if about.is_dir() {
        return folder(operand, options);
    }
    if !about.is_file() {
        let message = format!("{} is neither a folder nor a file.", operand.display());
        let hint = "Write what comes out of the pipe to a file first, and give that file.";
        return Err(Error::new(Failure::Missing, message, hint));
    }
    let mut file = Incoming::open(operand)?;
    let kind = file.kind()?;
    alone(file, kind, options)
}

/// Reads one file that comes as a stream; `name` is what it is called in complaints.
///
/// # Errors
/// As [`gather`].
pub fn gather_from(
    name: &Path,
    from: impl Read + Send + 'static,
    options: &Options,
) -> Result<Gathered> {
    let mut file = Incoming::from(name, Box::new(from), None)?;
    let kind = file.kind()?;
    alone(file, kind, options)
}

/// Reads the configuration document that an instance just wrote; `name` is what it is called in complaints
/// and in the record of where the configuration comes from.
///
/// # Errors
/// As [`document()`]; something else than a configuration document.
pub fn told_by_instance(name: &Path, from: File, options: &Options) -> Result<Gathered> {
    let written = from.metadata().and_then(|about| about.modified()).ok().map(Moment::from);
    let mut file = Incoming::from(name, Box::new(from), written)?;
    if file.kind()? != Kind::Document {
        let message = format!("What {} told is no configuration document.", name.display());
        return Err(Error::new(Failure::Malformed, message, "Ask the instance again."));
    }
    let mut sections = Sections::default();
    document::read(name, &mut file, options, &mut sections)?;
    sections.sources.push(file.record(SourceKind::Instance, sections.unmistakable));
    together(sections, name, options)
}

/// Reads a configuration document whose files are known from elsewhere, such as a bundle.
///
/// # Errors
/// A document that is malformed or does not satisfy its schema.
pub fn document(name: &Path, from: impl Read, options: &Options) -> Result<Gathered> {
    let mut sections = Sections::default();
    document::read(name, from, options, &mut sections)?;
    together(sections, name, options)
}

/// Reads a configuration that stands inside another document, in an object that is open; what
/// `beside` names stands beside its fields and is handed back.
///
/// # Errors
/// As [`document()`].
pub fn embedded<R: Read>(
    reading: &mut Reading<'_, R>,
    options: &Options,
    beside: &[&str],
) -> Result<(Configuration, BTreeMap<String, Value>)> {
    let path = reading.path.to_owned();
    let mut sections = Sections::default();
    let found = document::read_fields(reading, options, &mut sections, beside)?;
    Ok((together(sections, &path, options)?.configuration, found))
}

fn alone(file: Incoming, kind: Kind, options: &Options) -> Result<Gathered> {
    let path = file.path.clone();
    let sections = one(file, kind, options)?;
    together(sections, &path, options)
}

/// What the sections of a single file come to.
fn together(sections: Sections, path: &Path, options: &Options) -> Result<Gathered> {
    let mut all = Sections::default();
    all.absorb(sections, &[path.to_owned()])?;
    Ok(all.gathered(options))
}

fn folder(operand: &Path, options: &Options) -> Result<Gathered> {
    let mut all = Sections::default();
    let mut read: Vec<PathBuf> = Vec::new();
    for path in files(operand, &mut all)? {
        let (file, kind) = match Incoming::open(&path).and_then(|mut file| Ok((file.kind()?, file)))
        {
            Ok((kind, file)) => (file, kind),
            // A file that claims to be nothing may be anything, a dangling link even.
            Err(_) if !claims_to_be_a_source(&path) => {
                all.note(passed_over(&path));
                continue;
            }
            Err(error) => return Err(error),
        };
        if kind == Kind::Sealed {
            let path = path.display();
            all.note(format!("{path}: sealed, so it was passed over; give it by itself"));
            continue;
        }
        if matches!(kind, Kind::Other | Kind::Database) && !claims_to_be_a_source(&path) {
            all.note(passed_over(&path));
            continue;
        }
        let sections = one(file, kind, options)?;
        read.push(path);
        all.absorb(sections, &read)?;
    }
    if read.is_empty() {
        let message = format!("The folder {} holds none of the sources.", operand.display());
        let hint = "Put iris.cpf, the security export and the task export into the folder \
                    itself; folders in it are not looked into.";
        return Err(Error::new(Failure::Missing, message, hint));
    }
    Ok(all.gathered(options))
}

fn passed_over(path: &Path) -> String {
    format!("{}: none of the sources, so it was passed over", path.display())
}

/// The files of a folder in the order of their names; hidden ones and folders are passed over.
fn files(folder: &Path, sections: &mut Sections) -> Result<Vec<PathBuf>> {
    let unreadable = |cause| Error::unreadable(folder, &cause);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        // What cannot be looked at is told apart when it is opened.
        if fs::metadata(&path).is_ok_and(|about| !about.is_file()) {
            sections.note(format!(
                "{}: a folder, so it was passed over; files count one level up",
                path.display()
            ));
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Whether the name says it should be a source, so that passing it over would hide something.
fn claims_to_be_a_source(path: &Path) -> bool {
    let name =
        path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let ending = |ending: &str| name.ends_with(ending);
    ending(".cpf")
        || ending(".xml")
        || ending(".json")
        || name.contains(".cpf_")
        || name.contains("qlist")
}

fn one(mut file: Incoming, kind: Kind, options: &Options) -> Result<Sections> {
    let mut sections = Sections::default();
    let path = file.path.clone();
    let path = path.as_path();
    let kind = match kind {
        Kind::Cpf => {
            let text = text(&mut file)?;
            let cpf = Cpf::parse(path, &text)?;
            instance::read(path, &cpf, &mut sections)?;
            sections.member = Some(membership::read(path, &cpf)?);
            SourceKind::Cpf
        }
        Kind::Security => {
            security::read(path, &mut file, options, &mut sections)?;
            SourceKind::SecurityExport
        }
        Kind::Task => {
            task::read(path, &mut file, options, &mut sections)?;
            SourceKind::TaskExport
        }
        Kind::Qlist => {
            member::read(path, &text(&mut file)?, &mut sections)?;
            SourceKind::Qlist
        }
        Kind::Document => {
            document::read(path, &mut file, options, &mut sections)?;
            SourceKind::Document
        }
        Kind::Comparison => {
            let path = path.display();
            let message = format!("{path} is the result of a comparison, not the files of a side.");
            let hint = format!("Show it with `hsmirror report {path}`.");
            return Err(Error::new(Failure::Malformed, message, hint));
        }
        Kind::Sealed | Kind::Database | Kind::Other => {
            let message = format!(
                "{} is none of the sources: no CPF, security export, task export, qlist output or \
                 configuration document.",
                path.display()
            );
            let hint = "The README says which files to give and how to make them.";
            return Err(Error::new(Failure::Malformed, message, hint));
        }
    };
    sections.sources.push(file.record(kind, sections.unmistakable));
    Ok(sections)
}

/// The whole text of a file, which must be UTF-8.
fn text(file: &mut Incoming) -> Result<String> {
    let path = file.path.clone();
    let path = path.as_path();
    let mut bytes = Vec::new();
    let read = file.take(TEXT_LIMIT + 1).read_to_end(&mut bytes);
    read.map_err(|cause| Error::unreadable(path, &cause))?;
    if bytes.len() as u64 > TEXT_LIMIT {
        let what = "the file is larger than 256 MiB, which none of the sources is";
        return Err(Error::malformed(path, 1, what, "Look whether it is the right file."));
    }
    let line = |before: usize| {
        let before = bytes.get(..before).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    };
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        let hint = "Copy the original file from the instance.";
        return Err(Error::malformed(path, line(at), "a NUL byte, so it is no text", hint));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(cause) => {
            let hint =
                "Copy the original file, or convert it: `iconv -f ISO-8859-1 -t UTF-8 FILE`.";
            let line = line(cause.valid_up_to());
            Err(Error::malformed(path, line, "the text is not UTF-8", hint))
        }
    }
}
