//! Findings, rendered.
//!
//! Owns the formats of a result and the one choice between them. Takes a judgement and writes to
//! any writer; `table` for a person at a terminal, `text` for logs and scripts that know the
//! vendor's lines, `json` for programs.
//! Invariant: a format only lays out; it neither judges nor leaves a finding out, and the same
//! judgement and view give the same bytes.

mod excerpt;
mod explanation;
mod fold;
mod inventory;
mod json;
mod left;
mod meaning;
mod plan;
mod table;
mod text;
mod verdict;
mod visible;

use std::io::{self, Write};

use crate::finding::Judgement;

pub use explanation::{explanation, rules};
pub use inventory::{Inventory, inventory};
pub use json::FORMAT_VERSION;
pub use left::{boxes, left};
pub use plan::{plan, states};

pub use visible::{visible, visible_json};

/// The formats of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table for the terminal.
    Table,
    /// The vendor's lines.
    Text,
    /// JSON in the vendor's shape.
    Json,
}

/// How things look on the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns.
    pub width: u16,
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether long values are shown whole.
    pub whole_values: bool,
}

/// What of a judgement is shown, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The format.
    pub format: Format,
    /// Every finding by itself, and messages.
    pub verbose: bool,
    /// The verdict alone.
    pub quiet: bool,
    /// How it looks.
    pub look: Look,
}

/// Writes a judgement as the document that a bundle holds: what `--format json` prints, in its one
/// spelling.
///
/// # Errors
/// Whatever the writer says.
pub fn write_canonical(judgement: &Judgement, verbose: bool, to: &mut dyn Write) -> io::Result<()> {
    json::write_canonical(judgement, verbose, to)
}

/// Writes a judgement.
///
/// # Errors
/// Whatever the writer says.
pub fn render(judgement: &Judgement, view: &View, to: &mut dyn Write) -> io::Result<()> {
    if view.quiet && view.format != Format::Json {
        return writeln!(to, "{}", table::heading(judgement, &view.look));
    }
    match view.format {
        Format::Table => table::write(judgement, view, to),
        Format::Text => text::write(judgement, view.verbose, to),
        Format::Json => json::write(judgement, view.verbose, to),
    }
}
