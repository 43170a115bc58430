//! Names that stand for several.
//!
//! Owns [`Pattern`]: a name from a file of waivers in which `*` stands for any run of characters, an
//! empty one too. `\*` stands for the letter and `\\` for a backslash; before anything else a backslash
//! is itself, so that a name with one need not be known to be special. Findings' names are held against
//! it as the product compares names, without case.
//! Invariant: a pattern is folded once, when it is read; matching takes time in proportion to the name
//! and the pattern together, whatever either holds.

use std::fmt;

use crate::model::folded;

/// A name with `*` in it, or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    written: String,
    pub(super) shape: Shape,
}

/// What is between the stars, folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// There is no star: one name.
    Exact(String),
    /// What a name begins with, holds in this order, and ends with.
    Open { start: String, middle: Vec<String>, end: String },
}

impl Pattern {
    /// Reads a pattern; every text is one.
    pub fn new(written: impl Into<String>) -> Self {
        let written = written.into();
        let shape = Shape::of(&written);
        Self { written, shape }
    }

    /// The pattern as it was written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// Whether a name fits it; case does not count.
    pub fn matches(&self, name: &str) -> bool {
        self.fits(&folded(name))
    }

    /// Whether a name fits it that is folded already.
    pub(super) fn fits(&self, folded: &str) -> bool {
        match &self.shape {
            Shape::Exact(name) => name == folded,
            Shape::Open { start, middle, end } => {
                let rest = folded.strip_prefix(start.as_str());
                let Some(mut rest) = rest.and_then(|rest| rest.strip_suffix(end.as_str())) else {
                    return false;
                };
                // The first place where a piece fits leaves the most for those after it.
                for piece in middle {
                    let Some(at) = rest.find(piece.as_str()) else { return false };
                    rest = rest.get(at + piece.len()..).unwrap_or_default();
                }
                true
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl Shape {
    fn of(written: &str) -> Self {
        let mut pieces = Vec::new();
        let mut piece = String::new();
        let mut letters = written.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '*' => pieces.push(std::mem::take(&mut piece)),
                '\\' => piece.push(letters.next_if(|next| "\\*".contains(*next)).unwrap_or('\\')),
                _ => piece.push(letter),
            }
        }
        let end = folded(&piece);
        let mut before = pieces.into_iter().map(|piece| folded(&piece));
        match before.next() {
            None => Shape::Exact(end),
            Some(start) => {
                // Between two stars that stand together there is nothing to look for.
                let middle = before.filter(|piece| !piece.is_empty()).collect();
                Shape::Open { start, middle, end }
            }
        }
    }
}

/// The pattern that only this name fits.
pub(super) fn escaped(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter == '*' || letter == '\\' {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Instant;

    /// What matching means, without regard to time.
    fn slowly(pattern: &[char], name: &[char]) -> bool {
        match pattern {
            [] => name.is_empty(),
            ['*', rest @ ..] => (0..=name.len()).any(|taken| slowly(rest, &name[taken..])),
            [first, rest @ ..] => name.first() == Some(first) && slowly(rest, &name[1..]),
        }
    }

    proptest! {
        #[test]
        fn matches_as_the_meaning_says(pattern in "[ab*]{0,8}", name in "[ab]{0,10}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            let expected = slowly(&letters(&pattern), &letters(&name));
            prop_assert_eq!(Pattern::new(&*pattern).matches(&name), expected);
            prop_assert_eq!(Pattern::new(pattern.to_uppercase()).matches(&name), expected);
        }

        #[test]
        fn an_escaped_name_is_fitted_by_itself_alone(name: String, other in "[aA*\\\\İß]{0,4}") {
            let pattern = Pattern::new(escaped(&name));
            prop_assert!(pattern.matches(&name));
            prop_assert!(matches!(pattern.shape, Shape::Exact(_)));
            prop_assert_eq!(pattern.matches(&other), folded(&name) == folded(&other));
        }
    }

    #[test]
    fn stars_and_backslashes() {
        let fits = |pattern: &str, name: &str| Pattern::new(pattern).matches(name);
        assert!(fits("LAB_*", "lab_blood") && fits("LAB_*", "LAB_") && !fits("LAB_*", "LAB"));
        assert!(fits("*", "") && fits("**", "x") && fits("", "") && !fits("", "x"));
        assert!(fits("a*a", "aa") && !fits("a*a", "a"));
        assert!(fits(r"a\*", "a*") && !fits(r"a\*", "ab"));
        assert!(fits(r"a\\*", r"a\b") && !fits(r"a\\*", "a*"));
        assert!(fits(r"DOMAIN\user", r"domain\USER") && fits("a\\", "a\\"));
    }

    #[test]
    fn long_names_take_no_time() {
        let name = "a".repeat(1 << 20);
        let start = Instant::now();
        for pattern in ["a*".repeat(1 << 16) + "b", "*".repeat(1 << 20), "*aaab*".repeat(1 << 10)] {
            Pattern::new(pattern).matches(&name);
        }
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }
}
