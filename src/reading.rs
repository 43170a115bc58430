//! A document that is being read, piece by piece.
//!
//! Owns [`Reading`]: it walks a JSON document of any size, validates each piece against the schema of
//! its type as it comes, makes it typed, and words what is wrong with it. What the pieces mean is for
//! those who read one kind of document: configurations (`source`), comparisons (`record`).
//! Invariant: nothing typed is handed out that does not satisfy its schema; a complaint names file,
//! line and place and never quotes a value, which might be a secret.

use std::io::Read;
use std::path::Path;

use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Kind, Result};
use crate::json::pieces::{Fault, Pieces, Shape};
use crate::json::strict::{self, Refusal};
use crate::schema;

/// A document that is being read.
pub struct Reading<'a, R> {
    /// What the document is called in complaints.
    pub path: &'a Path,
    pieces: Pieces<R>,
    /// The piece that was read last.
    pub value: Value,
    /// The name of its published schema.
    schema: &'static str,
}

const JSON_HINT: &str = "Look at the line, or make the document again.";

impl<'a, R: Read> Reading<'a, R> {
    /// Begins to read a document of the kind that has that published schema.
    ///
    /// # Errors
    /// A document that is no JSON object.
    pub fn begin(path: &'a Path, from: R, schema: &'static str) -> Result<Self> {
        let mut reading = Self { path, pieces: Pieces::new(from), value: Value::Null, schema };
        reading.step(Pieces::open)?;
        Ok(reading)
    }

    /// Ends the document; nothing may follow.
    ///
    /// # Errors
    /// Something that follows.
    pub fn end(&mut self) -> Result<()> {
        self.step(Pieces::close)
    }

    /// The next key of the object that is open, or none at its end.
    ///
    /// # Errors
    /// Bad JSON; a document that ends too early.
    pub fn key(&mut self) -> Result<Option<String>> {
        self.step(Pieces::key)
    }

    /// Goes into the object that comes next.
    ///
    /// # Errors
    /// Something else than an object.
    pub fn enter_object(&mut self) -> Result<()> {
        self.step(Pieces::open_value)
    }

    /// Reads the value that comes next; `place` is its place in the document.
    ///
    /// # Errors
    /// Bad JSON; a value that states something twice.
    pub fn piece(&mut self, place: &str) -> Result<()> {
        let read = match self.pieces.value() {
            Ok(text) => strict::read(text, &mut self.value),
            Err(fault) => return Err(self.fault(&fault)),
        };
        read.map_err(|refusal| self.refused(place, &refusal))
    }

    /// Reads every element of the array that comes next, one after the other; `each` gets its number.
    ///
    /// # Errors
    /// Something else than an array; bad JSON; what `each` says.
    pub fn elements(
        &mut self,
        place: &str,
        mut each: impl FnMut(&mut Self, usize) -> Result<()>,
    ) -> Result<()> {
        if self.step(Pieces::shape)? != Shape::Array {
            self.piece(place)?;
            return Err(self.wrong(format!("{place} has not the type it should")));
        }
        self.step(Pieces::enter)?;
        for index in 0.. {
            let read = match self.pieces.element() {
                Ok(Some(text)) => strict::read(text, &mut self.value),
                Ok(None) => break,
                Err(fault) => return Err(self.fault(&fault)),
            };
            read.map_err(|refusal| self.refused(&format!("{place}/{index}"), &refusal))?;
            each(self, index)?;
        }
        Ok(())
    }

    /// Goes past a value of which nothing is kept, however long; it must be JSON.
    ///
    /// # Errors
    /// Bad JSON.
    pub fn skip(&mut self, place: &str) -> Result<()> {
        match self.step(Pieces::shape)? {
            Shape::Array => self.elements(place, |_, _| Ok(())),
            Shape::Other => self.piece(place),
        }
    }

    /// The typed form of the piece that was read last.
    ///
    /// # Errors
    /// A piece that does not satisfy the schema.
    pub fn typed<T: DeserializeOwned>(
        &self,
        place: impl std::fmt::Display,
        validator: &Validator,
    ) -> Result<T> {
        // The messages of the libraries may quote the value; these never do.
        if !validator.is_valid(&self.value) {
            let first = validator.iter_errors(&self.value).next();
            let what = first.map_or_else(
                || " does not satisfy the schema".to_owned(),
                |first| format!("{} {}", first.instance_path(), schema::complaint(first.kind())),
            );
            return Err(self.wrong(format!("{place}{what}")));
        }
        T::deserialize(&self.value)
            .map_err(|_| self.wrong(format!("{place} does not have the form the schema describes")))
    }

    /// Checks the piece as the version of the form: a newer major one than `ours` cannot be read.
    ///
    /// # Errors
    /// No version, or one that is too new.
    pub fn format_version(&self, ours: &str) -> Result<()> {
        let text = self.value.as_str().unwrap_or_default();
        let (Some(theirs), Some(known)) = (schema::version(text), schema::version(ours)) else {
            let what = format!("/formatVersion is not a version such as \"{ours}\"");
            return Err(self.wrong(what));
        };
        if theirs.0 > known.0 {
            let what = format!("format {}.{} is newer than this program reads", theirs.0, theirs.1);
            let hint = "Use the version of hsmirror that wrote it, or a newer one.";
            return Err(self.complaint(Kind::TooNew, what, hint));
        }
        Ok(())
    }

    /// Line of the piece that was read last.
    pub fn line(&self) -> usize {
        self.pieces.piece_line()
    }

    /// The error for something that does not satisfy the schema.
    pub fn wrong(&self, what: String) -> Error {
        self.complaint(Kind::Schema, what, &self.schema_hint())
    }

    /// What to do where the schema is not satisfied.
    pub fn schema_hint(&self) -> String {
        let name = self.schema;
        format!("Print the schema with `hsmirror schema {name}` and correct the document.")
    }

    /// A complaint about the piece that was read last.
    pub fn complaint(&self, kind: Kind, what: String, hint: &str) -> Error {
        Error { kind, ..Error::malformed(self.path, self.line(), what, hint) }
    }

    fn step<T>(
        &mut self,
        step: impl FnOnce(&mut Pieces<R>) -> std::result::Result<T, Fault>,
    ) -> Result<T> {
        step(&mut self.pieces).map_err(|fault| self.fault(&fault))
    }

    fn fault(&self, fault: &Fault) -> Error {
        let what = match fault {
            Fault::Read(cause) => return Error::unreadable(self.path, cause),
            Fault::CutShort => "the document ends too early, so it is cut short",
            Fault::NotJson => "this is not JSON",
            Fault::TooDeep => "the document is nested deeper than any real one",
            Fault::TooLong => "a value is longer than in any real document",
        };
        self.complaint(Kind::Malformed, what.to_owned(), JSON_HINT)
    }

    fn refused(&self, place: &str, refusal: &Refusal) -> Error {
        match refusal {
            Refusal::Twice(_) => self.wrong(format!("{place} states one thing twice")),
            Refusal::NotJson(cause) => {
                let line = self.line() + cause.line().max(1) - 1;
                Error::malformed(self.path, line, "this is not JSON", JSON_HINT)
            }
        }
    }
}

/// A name from a document, safe to print.
pub fn printable(name: &str) -> String {
    name.chars().take(60).flat_map(char::escape_debug).collect()
}
