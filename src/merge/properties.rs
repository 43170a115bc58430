//! One line of `[Actions]`, taken apart.
//!
//! Owns the reading of `Action:Property=Value,Property="a,b"` (H3.2). The content of the line comes from
//! `reading`, without comments; the [`Action`] goes back to it. Values in the wild are often not quoted
//! although they are lists (`Roles=%All,%Developer`, a password hash with its salt): a piece between
//! commas that has no `=` continues the value before it.
//! Invariant: every letter of the line is in the action or the line is refused; a complaint never quotes
//! the line, which may hold a secret (H4.8).

use std::collections::BTreeSet;

use super::action::Action;
use super::comment::BLANKS;

/// The action that a line states.
///
/// # Errors
///
/// What is wrong with the line, in words that quote nothing of it.
pub(super) fn action(content: &str) -> Result<Action, &'static str> {
    let (name, rest) =
        content.split_once(':').ok_or("a line of [Actions] is not ACTION:PROPERTY=VALUE,...")?;
    let name = name.trim_matches(BLANKS);
    if !is_word(name) {
        return Err("what stands before the colon is not the name of an action");
    }
    let mut seen = BTreeSet::new();
    let mut properties = Vec::new();
    for (name, raw) in pairs(rest)? {
        // Which of the two would count is not documented (H3.2).
        if !seen.insert(name) {
            return Err("a property stands twice in one action");
        }
        properties.push((name.to_owned(), unquoted(&raw)?.to_owned()));
    }
    Ok(Action { name: name.to_owned(), properties })
}

/// The names of the properties with their values as they stand.
fn pairs(rest: &str) -> Result<Vec<(&str, String)>, &'static str> {
    let mut quoted = false;
    let pieces: Vec<&str> = rest
        .split(|letter| {
            quoted ^= letter == '"';
            letter == ',' && !quoted
        })
        .collect();
    if quoted {
        return Err("a quote is not closed");
    }
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for piece in pieces {
        // An equals sign behind a quote belongs to what is quoted.
        let begins = piece.split_once('=').filter(|(name, _)| !name.contains('"'));
        match (begins, pairs.last_mut()) {
            (Some((name, value)), _) => {
                let name = name.trim_matches(BLANKS);
                if !is_word(name) {
                    return Err("what stands before an equals sign is not the name of a property");
                }
                pairs.push((name, value.to_owned()));
            }
            (None, Some((_, value))) => {
                value.push(',');
                value.push_str(piece);
            }
            (None, None) => return Err("the action has no PROPERTY=VALUE"),
        }
    }
    Ok(pairs)
}

/// A value without blanks around it and without the quotes that enclose it. Quotes inside a value that
/// does not begin with one are part of it, as in the name of a global with subscripts.
fn unquoted(raw: &str) -> Result<&str, &'static str> {
    let raw = raw.trim_matches(BLANKS);
    let Some(inside) = raw.strip_prefix('"') else {
        return Ok(raw);
    };
    match inside.split_once('"') {
        Some((value, "")) => Ok(value),
        // How a quote is written within quotes is not documented (H3.2), so nothing is guessed.
        _ => Err("something follows the quote that closes a value"),
    }
}

/// Whether it can be the name of an action or a property: they are names of classes' properties (H3.2).
fn is_word(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::action;

    fn properties(line: &str) -> Vec<(String, String)> {
        action(line).unwrap().properties
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_piece_without_an_equals_sign_continues_the_value_before_it() {
        let expected = [pair("Name", "x"), pair("Roles", "%All,%Developer"), pair("Enabled", "1")];
        assert_eq!(properties("ModifyUser:Name=x,Roles=%All,%Developer, Enabled = 1 "), expected);
        assert_eq!(properties("ModifyUser:Name=x,Roles=\"%All,%Developer\",Enabled=1"), expected);
        let expected = [pair("Name", "A(\"x=y\",1)"), pair("Database", "D")];
        assert_eq!(properties("CreateMapGlobal:Name=A(\"x=y\",1),Database=D"), expected);
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for line in [
            "CreateRole",
            "CreateRole:",
            "CreateRole:x",
            "Create Role:Name=x",
            "CreateRole:=x",
            "CreateRole:Name=x,a b=c",
            "CreateRole:Name=x,Name=y",
            "CreateRole:Name=\"x",
            "CreateRole:Name=\"x\"y",
            "CreateRole:Name=\"x\",y",
            "CreateRole:Name=\"g(\"\"A\"\")\"",
        ] {
            assert!(action(line).is_err(), "{line}");
        }
    }
}
