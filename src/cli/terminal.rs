//! Standard output and the terminal behind it.
//!
//! Owns the questions to the terminal (how wide, colours or not) and the writing of results.
//! Invariant: where the output is no terminal nothing depends on the environment; a pipe that is
//! closed early ends the output silently.

use std::io::{self, BufWriter, IsTerminal, Write};

use clap::ValueEnum;
use terminal_size::{Width, terminal_size};

use crate::error::{Error, Kind, Result};
use crate::report::{Look, visible};

/// Columns where the output is no terminal, and of a terminal that does not tell.
const WIDTH: u16 = 80;
/// Columns below which a table cannot be read.
const NARROWEST: u16 = 40;

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How results look on this standard output.
pub(super) fn look(colour: Colour, whole_values: bool) -> Look {
    let terminal = io::stdout().is_terminal();
    let width = match terminal_size() {
        Some((Width(columns), _)) if terminal => columns.max(NARROWEST),
        _ => WIDTH,
    };
    let wanted = || std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let colour = match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            terminal && wanted() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    };
    Look { width, colour, whole_values }
}

/// Whether standard output is a terminal.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Writes labels and texts to standard output, a line each, the texts below each other.
pub(super) fn rows(rows: &[(String, String)]) -> Result<()> {
    let labels = rows.iter().map(|(label, _)| label.chars().count());
    let wide = labels.max().unwrap_or_default();
    print(|to| {
        rows.iter().try_for_each(|(label, text)| {
            writeln!(to, "{:<wide$}  {}", visible(label), visible(text))
        })
    })
}

/// Writes a result to standard output.
pub(super) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut to = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(&mut to).and_then(|()| to.flush()) {
        Ok(()) => Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(cause) => {
            let message = format!("Writing the result to standard output failed: {cause}.");
            let hint = "Look for space on the disk the output goes to, and run the command again.";
            Err(Error::new(Kind::Output, message, hint))
        }
    }
}
