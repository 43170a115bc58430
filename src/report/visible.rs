//! Data made safe to look at.
//!
//! Owns the functions through which every text from an input goes on its way to a terminal, as plain
//! text (the model's own [`visible`]) or within JSON: control characters and invisible direction marks
//! are shown, not let act.
//! Invariant: what comes out is one line and moves no cursor, whatever a name or description holds.

pub(super) use crate::model::acts;
pub use crate::model::visible;

/// A JSON value on one line, with everything that could act on a terminal as `\u` escapes.
pub fn visible_json(value: &serde_json::Value) -> String {
    let mut shown = String::new();
    for letter in value.to_string().chars() {
        if acts(letter) {
            shown.push_str(&json_escape(letter));
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// A character as JSON writes it with escapes.
pub(super) fn json_escape(letter: char) -> String {
    letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}
