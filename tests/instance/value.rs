//! The values of the language.
//!
//! Owns [`Value`] with its readings as text, number and truth, and what ends a command early.
//! Invariant: a number has one text, the canonical one.

use super::place::Subscript;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    /// `$LISTBUILD`; an item may be missing.
    List(Vec<Option<String>>),
    /// An object by its number.
    Object(usize),
}

/// What ends a command before its end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Signal {
    /// An error with its text; one of the system sets `$ZERROR`.
    Error { text: String, system: bool },
    /// The process ends with that status.
    Exit(i32),
    /// `quit`: out of a loop, or of the line.
    Quit,
}

pub(crate) type Outcome<T> = Result<T, Signal>;

/// An error of the system.
pub(crate) fn error<T>(text: impl Into<String>) -> Outcome<T> {
    Err(Signal::Error { text: text.into(), system: true })
}

impl Value {
    pub(crate) fn empty() -> Self {
        Value::Text(String::new())
    }

    pub(crate) fn of(text: &str) -> Self {
        Value::Text(text.to_owned())
    }

    pub(crate) fn flag(yes: bool) -> Self {
        Value::of(if yes { "1" } else { "0" })
    }

    pub(crate) fn count(number: usize) -> Self {
        Value::Text(number.to_string())
    }

    pub(crate) fn number_of(number: f64) -> Self {
        Value::Text(canonical(number))
    }

    /// A status: 1, or what went wrong.
    pub(crate) fn status(outcome: Result<(), String>) -> Self {
        match outcome {
            Ok(()) => Value::of("1"),
            Err(fault) => Value::Text(format!("0 ERROR #5001: {fault}")),
        }
    }

    pub(crate) fn text(&self) -> String {
        match self {
            Value::Text(text) => text.clone(),
            Value::Object(number) => format!("{}@Object", number + 1),
            Value::List(items) => items
                .iter()
                .map(|item| match item {
                    Some(text) => format!("\u{2}\u{1}{text}"),
                    None => "\u{1}\u{1}".to_owned(),
                })
                .collect(),
        }
    }

    pub(crate) fn number(&self) -> f64 {
        leading_number(&self.text())
    }

    pub(crate) fn truth(&self) -> bool {
        self.number() != 0.0
    }

    pub(crate) fn subscript(&self) -> Subscript {
        let text = self.text();
        let number = leading_number(&text);
        match !text.is_empty() && canonical(number) == text {
            true => Subscript::Number(number),
            false => Subscript::Text(text),
        }
    }

    /// The items of a list; of the empty text none.
    pub(crate) fn items(&self) -> Outcome<Vec<Option<String>>> {
        match self {
            Value::List(items) => Ok(items.clone()),
            Value::Text(text) if text.is_empty() => Ok(Vec::new()),
            _ => error("<LIST>"),
        }
    }
}

impl From<&Subscript> for Value {
    fn from(subscript: &Subscript) -> Self {
        match subscript {
            Subscript::Number(number) => Value::number_of(*number),
            Subscript::Text(text) => Value::of(text),
        }
    }
}

/// The number at the beginning of a text; 0 where there is none.
fn leading_number(text: &str) -> f64 {
    let signs = text.len() - text.trim_start_matches(['+', '-']).len();
    let minus = text[..signs].matches('-').count() % 2 == 1;
    let mut end = signs;
    let mut dots = 0;
    for letter in text[signs..].chars() {
        dots += usize::from(letter == '.');
        if !(letter.is_ascii_digit() || letter == '.' && dots == 1) {
            break;
        }
        end += 1;
    }
    let number: f64 = text[signs..end].parse().unwrap_or(0.0);
    if minus { -number } else { number }
}

/// The one text of a number: no zero before the point, none at the end.
pub(crate) fn canonical(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let text = number.to_string();
    match text.strip_prefix("0.") {
        Some(fraction) => format!(".{fraction}"),
        None => match text.strip_prefix("-0.") {
            Some(fraction) => format!("-.{fraction}"),
            None => text,
        },
    }
}
