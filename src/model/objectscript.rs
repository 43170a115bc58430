//! A text within a line of ObjectScript.
//!
//! Owns the string literal: the form in which a name or a folder stands in a command that a person
//! copies into a terminal session (H8.1). The words around it come from the rules and the checklists.
//! Invariant: a literal is one line, ends where it should whatever the text holds, and stands for that
//! very text.

use super::visible::acts;

/// A text as a string literal: quotes are doubled, and what a line cannot hold or nobody can see stands
/// as its number.
pub fn literal(text: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut plain = String::new();
    for letter in text.chars() {
        if acts(letter) {
            if !plain.is_empty() {
                parts.push(format!("\"{plain}\""));
                plain.clear();
            }
            parts.push(format!("$CHAR({})", u32::from(letter)));
        } else {
            if letter == '"' {
                plain.push('"');
            }
            plain.push(letter);
        }
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(format!("\"{plain}\""));
    }
    parts.join("_")
}

/// A text as a string literal of printable ASCII alone. The code page of a session that reads its lines
/// from a pipe is not known, so what is not ASCII stands as its numbers: those of UTF-16, since
/// `$CHAR` makes characters of 16 bits and one beyond them is a pair.
pub fn ascii_literal(text: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let plain = letter == ' ' || letter.is_ascii_graphic();
        let same = |c: char| (c == ' ' || c.is_ascii_graphic()) == plain;
        let (part, after) = rest.split_at(rest.find(|c| !same(c)).unwrap_or(rest.len()));
        parts.push(if plain {
            format!("\"{}\"", part.replace('"', "\"\""))
        } else {
            let units: Vec<String> = part.encode_utf16().map(|unit| unit.to_string()).collect();
            format!("$CHAR({})", units.join(","))
        });
        rest = after;
    }
    if parts.is_empty() { "\"\"".to_owned() } else { parts.join("_") }
}

#[cfg(test)]
mod tests {
    use super::{ascii_literal, literal};

    #[test]
    fn a_session_of_any_code_page_reads_the_same_text() {
        assert_eq!(ascii_literal("a\"b"), "\"a\"\"b\"");
        assert_eq!(ascii_literal("n\u{e4}me\r\n"), "\"n\"_$CHAR(228)_\"me\"_$CHAR(13,10)");
        assert_eq!(ascii_literal("\u{1f600}"), "$CHAR(55357,56832)");
        assert_eq!(ascii_literal(""), "\"\"");
    }

    #[test]
    fn a_name_cannot_break_out_of_a_command() {
        assert_eq!(literal("a\"_b"), "\"a\"\"_b\"");
        assert_eq!(literal("a\nb"), "\"a\"_$CHAR(10)_\"b\"");
        assert_eq!(literal("\u{202e}"), "$CHAR(8238)");
        assert_eq!(literal(""), "\"\"");
    }
}
