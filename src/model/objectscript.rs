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

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn a_name_cannot_break_out_of_a_command() {
        assert_eq!(literal("a\"_b"), "\"a\"\"_b\"");
        assert_eq!(literal("a\nb"), "\"a\"_$CHAR(10)_\"b\"");
        assert_eq!(literal("\u{202e}"), "$CHAR(8238)");
        assert_eq!(literal(""), "\"\"");
    }
}
