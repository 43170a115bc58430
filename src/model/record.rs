//! A record: what a reader hands to a declaration.
//!
//! Owns the neutral shape between a file format and the model: named fields with the line they stand
//! on, each a text, a list of items or a list of records. Readers in `source` fill it, and only with
//! the fields that the object's declaration names (allow-list, H4.8), so a secret element never gets
//! this far. `declare` takes it apart into typed properties.
//! Invariant: a field is stated at most once; what a file leaves out is not in the record.

use std::borrow::Cow;

/// The content of one field as the file states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Plain text, entities resolved, line ends as `\n`.
    Text(String),
    /// `<Roles><RolesItem>a</RolesItem>...</Roles>`: the texts in file order.
    Items(Vec<String>),
    /// `<Resources><Resource>...</Resource>...</Resources>`: the records in file order.
    Records(Vec<Record>),
}

/// One stated field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name in the file, which is the property's source name in its declaration.
    pub name: Cow<'static, str>,
    /// Line in the file, counted from 1.
    pub line: usize,
    /// What it states.
    pub content: Content,
}

/// One object as a file states it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Line on which the object starts, counted from 1.
    pub line: usize,
    /// The stated fields in file order.
    pub fields: Vec<Field>,
}

impl Record {
    /// An empty record that starts on `line`.
    pub fn new(line: usize) -> Self {
        Self { line, fields: Vec::new() }
    }

    /// Adds a field on the record's own line.
    pub fn state_as(&mut self, name: &str, content: Content) {
        self.fields.push(Field { name: name.to_owned().into(), line: self.line, content });
    }

    /// Adds a text field on the record's own line, an empty one too: its being empty says something.
    pub fn state_even_empty(&mut self, name: &str, text: &str) {
        self.state_as(name, Content::Text(text.to_owned()));
    }

    /// Adds a text field on the record's own line. An empty text is not stated (formats 3.1).
    pub fn state(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.state_as(name, Content::Text(text.to_owned()));
        }
    }

    /// The text of a field, if it is stated and is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.field(name)?.content {
            Content::Text(ref text) => Some(text),
            Content::Items(_) | Content::Records(_) => None,
        }
    }

    /// The field of that name, if stated.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}
