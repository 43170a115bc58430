//! Text made safe to look at.
//!
//! Owns the question which characters act instead of being seen, and [`visible`], through which every
//! text from an input goes on its way to a person: into a report, a complaint, or a file that a person
//! edits. Control characters and invisible direction marks are shown, not let act.
//! Invariant: what comes out is one line and moves no cursor, whatever a name or description holds.

use std::borrow::Cow;

/// The text with everything that could act on a terminal made visible: `\n`, `\u{1b}`, `\u{202e}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        if acts(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character acts instead of being seen.
pub fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{061c}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_acts_afterwards(text in ".{0,40}") {
            prop_assert!(!visible(&text).chars().any(acts));
        }
    }

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(visible("a\u{1b}[31m\r\nb\u{202e}"), "a\\u{1b}[31m\\r\\nb\\u{202e}");
        assert_eq!(visible("Münster 東京"), "Münster 東京");
    }
}
