//! `%Library.File`: real files and folders.
//!
//! Owns its class methods, and a file that is open for writing. Where the account of the instance may make no
//! files, nothing is made.
//! Invariant: a mode or a method that is not known panics.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use super::expression::Argument;
use super::place;
use super::script::{Process, Thing};
use super::syntax::Node;
use super::value::{Outcome, Value};

/// A file as an object; nothing stands behind it until it is opened.
#[derive(Clone, Debug)]
pub(crate) struct OpenFile {
    path: String,
    file: Option<Arc<fs::File>>,
}

impl Process<'_> {
    /// `##class(%Library.File).Method(...)`.
    pub(crate) fn file_class(
        &mut self,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        let name = self.text(given, 0);
        let path = Path::new(&name);
        let may = self.instance.makes_files;
        Ok(match (method, given.len()) {
            ("NormalizeDirectory", 1) => Value::Text(place::normalised(&name)),
            ("NormalizeFilename", 2) => {
                Value::Text(format!("{}{name}", place::normalised(&self.text(given, 1))))
            }
            ("Exists", 1) => Value::flag(path.exists()),
            ("DirectoryExists", 1) => Value::flag(path.is_dir()),
            ("CreateDirectory", 1) => Value::flag(may && fs::create_dir(path).is_ok()),
            ("RemoveDirectory", 1) => Value::flag(may && fs::remove_dir(path).is_ok()),
            ("Delete", 1) => Value::flag(may && fs::remove_file(path).is_ok()),
            ("SetAttributes", 2) => {
                let mode = self.text(given, 1).parse().unwrap_or_else(|_| self.unknown(node));
                Value::flag(fs::set_permissions(path, Permissions::from_mode(mode)).is_ok())
            }
            ("Attributes", 1) => {
                Value::Text(fs::metadata(path).map_or(0, |about| about.mode()).to_string())
            }
            ("%New", 1) => self.thing(Thing::File(OpenFile { path: name, file: None })),
            _ => self.unknown(node),
        })
    }

    /// `file.Method(...)`; none where the object is no file.
    pub(crate) fn file_method(
        &mut self,
        at: usize,
        method: &str,
        values: &[String],
        node: Node<'_>,
    ) -> Option<Value> {
        let may = self.instance.makes_files;
        let Thing::File(of) = &mut self.things[at] else { return None };
        let failed = |cause: std::io::Error, of: &OpenFile| {
            Value::Text(format!("0 ERROR #5005: Cannot open file '{}' ({cause})", of.path))
        };
        Some(match (method, values) {
            ("Open", [mode, ..]) if mode.eq_ignore_ascii_case("WNSK\\UTF8\\") => {
                let opened = match may {
                    true => {
                        OpenOptions::new().write(true).create(true).truncate(true).open(&of.path)
                    }
                    false => Err(std::io::ErrorKind::PermissionDenied.into()),
                };
                match opened {
                    Ok(file) => {
                        of.file = Some(Arc::new(file));
                        Value::of("1")
                    }
                    Err(cause) => failed(cause, of),
                }
            }
            ("Write" | "WriteLine", [text]) => {
                let end = if method == "WriteLine" { "\n" } else { "" };
                let Some(file) = &of.file else { self.unknown(node) };
                match (&**file).write_all(format!("{text}{end}").as_bytes()) {
                    Ok(()) => Value::of("1"),
                    Err(cause) => failed(cause, of),
                }
            }
            ("Close", []) => {
                of.file = None;
                Value::empty()
            }
            _ => self.unknown(node),
        })
    }
}
