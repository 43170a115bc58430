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
mod instance;
mod kind;
mod list;
mod member;
mod membership;
mod password;
mod qlist;
mod sections;
mod security;
mod strict;
mod task;
mod xml;

use std::fs;
use std::path::{Path, PathBuf};

use cpf::Cpf;
use kind::Kind;
use sections::Sections;

use crate::error::{Error, Kind as Failure, Result};
use crate::model::Configuration;

/// What is read beyond the usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// E-mail addresses and telephone numbers too.
    pub personal_data: bool,
    /// Values of all task settings, which may be secrets.
    pub task_settings: bool,
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
    let mut all = Sections::default();
    let mut read: Vec<PathBuf> = Vec::new();
    if about.is_dir() {
        for path in files(operand, &mut all)? {
            let kind = match kind::of(&path) {
                Ok(kind) => kind,
                // A file that claims to be nothing may be anything, a dangling link even.
                Err(_) if !claims_to_be_a_source(&path) => Kind::Other,
                Err(error) => return Err(error),
            };
            if matches!(kind, Kind::Other | Kind::Database) && !claims_to_be_a_source(&path) {
                all.note(format!("{}: none of the sources, so it was passed over", path.display()));
                continue;
            }
            let sections = one(&path, kind, options)?;
            read.push(path);
            all.absorb(sections, &read)?;
        }
        if read.is_empty() {
            let message = format!("The folder {} holds none of the sources.", operand.display());
            let hint = "Put iris.cpf, the security export and the task export into the folder \
                        itself; folders in it are not looked into.";
            return Err(Error::new(Failure::Missing, message, hint));
        }
    } else if !about.is_file() {
        let message = format!("{} is neither a folder nor a file.", operand.display());
        let hint = "Write what comes out of the pipe to a file first, and give that file.";
        return Err(Error::new(Failure::Missing, message, hint));
    } else {
        let sections = one(operand, kind::of(operand)?, options)?;
        read.push(operand.to_owned());
        all.absorb(sections, &read)?;
    }
    let (configuration, notes) = all.configuration();
    Ok(Gathered { configuration, notes })
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

fn one(path: &Path, kind: Kind, options: &Options) -> Result<Sections> {
    let mut sections = Sections::default();
    match kind {
        Kind::Cpf => {
            let text = text(path)?;
            let cpf = Cpf::parse(path, &text)?;
            instance::read(path, &cpf, &mut sections)?;
            sections.member = Some(membership::read(path, &cpf)?);
        }
        Kind::Security => security::read(path, options, &mut sections)?,
        Kind::Task => task::read(path, options, &mut sections)?,
        Kind::Qlist => member::read(path, &text(path)?, &mut sections)?,
        Kind::Document => document::read(path, options, &mut sections)?,
        Kind::Database | Kind::Other => {
            let message = format!(
                "{} is none of the sources: no CPF, security export, task export, qlist output or \
                 configuration document.",
                path.display()
            );
            let hint = "The README says which files to give and how to make them.";
            return Err(Error::new(Failure::Malformed, message, hint));
        }
    }
    Ok(sections)
}

/// The whole text of a file, which must be UTF-8.
fn text(path: &Path) -> Result<String> {
    let about = fs::metadata(path).map_err(|cause| Error::unreadable(path, &cause))?;
    if about.len() > TEXT_LIMIT {
        let what = "the file is larger than 256 MiB, which none of the sources is";
        return Err(Error::malformed(path, 1, what, "Look whether it is the right file."));
    }
    let bytes = fs::read(path).map_err(|cause| Error::unreadable(path, &cause))?;
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
