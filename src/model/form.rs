//! How the product's API states a value, and what becomes of it in a configuration document.
//!
//! Owns [`Form`]: each kind of value declares one beside its reading and spelling ([`super::Value`]), and
//! the gatherer writes from it the ObjectScript that turns the one into the other on the instance. So a
//! property that is declared is gathered, without a second list.
//! Invariant: numbers and words stand only in the tables of their types (`code`, `bits`); a form refers to
//! them.

/// How the API states a value (H8.3), and what it is in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text, as it is.
    Text,
    /// `0` or `1`, or a word that begins with Y or N: true or false.
    Flag,
    /// A whole number.
    Number,
    /// Texts between commas: an array.
    Items,
    /// Names between commas, blanks around them not being part: an array.
    Names,
    /// A day, as `YYYY-MM-DD` or as the number of days since 1840-12-31.
    Day,
    /// A number of which each bit has a name: an array of names.
    Mask(&'static [(u32, &'static str)]),
    /// A number that stands for a word.
    Code(&'static [(u32, &'static str)]),
    /// Letters of RWU, their words, or the number of their bits.
    Permission,
    /// `Resource:RW,...`: an array of objects.
    Grants,
    /// `Match:Target:Target,...`: an array of objects.
    MatchRoles,
    /// Gathered in a way of its own.
    Own,
}
