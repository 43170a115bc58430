//! How a line of a script may look.
//!
//! Owns [`Lines`]: the text that grows, the splitting of a text over several `set` lines, and the
//! frame around what can fail. The other files of `script` say what stands in the lines.
//! Every class method that can fail is called within [`attempt`], so an error of the product becomes
//! the reason of one act and not the end of a session's order (H7.2).
//! Invariant: a line is printable ASCII and has at most [`LONGEST`] letters, whatever text is in it, and
//! what a variable gets over several lines is that very text.

use std::fmt::Write as _;

use crate::model::objectscript::ascii_literal;

/// The longest line: what direct mode takes is finite and not published (H7.2).
pub const LONGEST: usize = 2000;

/// What a literal may cost within a line; the rest is for the words around it.
const ROOM: usize = 1600;

/// What tells a status that is none: the text is never empty, so a reason never looks like none.
pub(super) const TELL: &str =
    "if $SYSTEM.Status.IsError(s) { set f=\"the product says: \"_$SYSTEM.Status.GetErrorText(s) }";

/// What is tried where nothing speaks against the act so far. `$zerror` would be about an older error
/// where an exception object is thrown, so the exception itself tells what it is.
pub(crate) fn attempt(what: &str) -> String {
    format!(
        "if (w_f_x)=\"\" {{ try {{ {what} }} catch e {{ set f=\"error: \"_e.DisplayString() }} }}"
    )
}

/// A text for people: one line of ASCII, since the session's code page is unknown and a name must not
/// move a cursor.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == ' ' || letter.is_ascii_graphic() {
            shown.push(letter);
        } else {
            shown.extend(letter.escape_default());
        }
    }
    shown
}

/// The lines of a script.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    text: String,
}

impl Lines {
    /// One line.
    pub(crate) fn line(&mut self, line: &str) {
        debug_assert!(line.len() <= LONGEST, "{line}");
        debug_assert!(
            !line.chars().any(|letter| letter.is_control() || !letter.is_ascii()),
            "{line}"
        );
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A variable gets a text, over as many lines as it needs.
    pub(crate) fn text(&mut self, variable: &str, text: &str) {
        let mut pieces = pieces(text).into_iter();
        let first = pieces.next().unwrap_or_default();
        self.line(&format!("set {variable}={}", ascii_literal(first)));
        for piece in pieces {
            self.line(&format!("set {variable}={variable}_({})", ascii_literal(piece)));
        }
    }

    /// Commands in as few lines as hold them, each line between the same words.
    pub(super) fn several(
        &mut self,
        before: &str,
        commands: impl Iterator<Item = String>,
        after: &str,
    ) {
        let mut within = String::new();
        for command in commands {
            if !within.is_empty() && within.len() + command.len() > ROOM {
                self.line(&format!("{before}{within}{after}"));
                within.clear();
            }
            let gap = if within.is_empty() { "" } else { " " };
            let _ = write!(within, "{gap}{command}");
        }
        if !within.is_empty() {
            self.line(&format!("{before}{within}{after}"));
        }
    }

    /// The same, where each command can fail.
    pub(super) fn attempts(&mut self, commands: impl Iterator<Item = String>) {
        let frame = attempt("\n");
        let (before, after) = frame.split_once('\n').unwrap_or_default();
        self.several(before, commands, after);
    }

    /// All of it.
    pub(crate) fn finished(self) -> String {
        self.text
    }
}

/// A text in pieces whose literals fit into a line.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut spent = 0;
        let end = rest.char_indices().find(|(_, letter)| {
            spent += cost(*letter);
            spent > ROOM
        });
        let (piece, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// The most letters that one costs in a literal: a number may need a `$CHAR` and a pair of quotes of
/// its own.
fn cost(letter: char) -> usize {
    match letter {
        '"' => 2,
        _ if letter == ' ' || letter.is_ascii_graphic() => 1,
        _ => "\"_$CHAR()_\"".len() + letter.len_utf16() * "65535,".len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_fits_and_none_of_it_is_lost(
            text in prop_oneof![".{0,900}", "[\"a\n😀]{0,900}", "(\"|ä){900,1800}"],
        ) {
            prop_assert_eq!(pieces(&text).concat(), text.clone());
            let mut lines = Lines::default();
            lines.text("p(\"Description\")", &text);
            let written = lines.finished();
            for line in written.lines() {
                prop_assert!(line.len() <= LONGEST && line.is_ascii());
            }
        }
    }

    #[test]
    fn what_people_read_moves_no_cursor() {
        assert_eq!(shown("a\u{1b}[2J\n\u{e4}"), "a\\u{1b}[2J\\n\\u{e4}");
    }
}
