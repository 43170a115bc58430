//! The parts of two long values that differ.
//!
//! Owns the shortening of long texts and lists for the table: of a text the changed words with some
//! words around them, of a list what the other side does not have. Short values stay whole.
//! Invariant: values that differ never look the same: what is shown begins with what differs, and what
//! is left out is what both have, or is counted.

use std::collections::HashSet;

use similar::{ChangeTag, TextDiff};

/// Characters from which on a value is shortened.
const LONG: usize = 60;
/// Items of a list that are shown of what the other side does not have.
const SHOWN: usize = 12;
/// Characters up to which values are shown whole on request; laying out more takes minutes.
const WHOLE: usize = 8 << 10;
/// Words kept on both sides of a change.
const AROUND: usize = 3;
/// Bytes above which looking for the changed words would take noticeable time.
const DIFF_LIMIT: usize = 64 << 10;

/// Both values as a table shows them: whole where that was asked for and is possible.
pub(super) fn shown(primary: &str, member: &str, whole: bool) -> (String, String) {
    if whole && primary.len() + member.len() <= WHOLE {
        return (primary.to_owned(), member.to_owned());
    }
    excerpts(primary, member)
}

/// Both values, shortened where they are long.
fn excerpts(primary: &str, member: &str) -> (String, String) {
    let long = |text: &str| text.chars().count() > LONG || text.contains('\n');
    let items = |text: &str| text.split(',').count();
    if is_list(primary) && is_list(member) && items(primary) + items(member) > 4 {
        return (rest(primary, member), rest(member, primary));
    }
    if !long(primary) && !long(member) {
        return (primary.to_owned(), member.to_owned());
    }
    if primary.len() + member.len() > DIFF_LIMIT {
        return from_first_difference(primary, member);
    }
    let diff = TextDiff::from_words(primary, member);
    let side = |other: ChangeTag| {
        let words: Vec<(bool, &str)> = diff
            .iter_all_changes()
            .filter(|change| change.tag() != other)
            .map(|change| (change.tag() != ChangeTag::Equal, change.value()))
            .collect();
        around(&words)
    };
    (side(ChangeTag::Insert), side(ChangeTag::Delete))
}

/// Names joined by commas without blanks, as sets are spelled.
fn is_list(text: &str) -> bool {
    text.is_empty() || (!text.contains(' ') && !text.contains('\n'))
}

/// What a list has and the other does not, with the number of those both have.
fn rest(list: &str, other: &str) -> String {
    let others: HashSet<String> = other.split(',').map(str::to_lowercase).collect();
    let (shared, own): (Vec<&str>, Vec<&str>) = list
        .split(',')
        .filter(|item| !item.is_empty())
        .partition(|item| others.contains(&item.to_lowercase()));
    let shared = shared.len();
    let more = own.len().saturating_sub(SHOWN);
    let mut names = own.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if more > 0 {
        names = format!("{names} and {more} more");
    }
    match (own.as_slice(), shared) {
        (_, 0) => names,
        ([], _) => format!("(only the {shared} on both)"),
        _ => format!("{names} (and {shared} on both)"),
    }
}

/// Of very long texts, some characters from the first one that differs.
fn from_first_difference(primary: &str, member: &str) -> (String, String) {
    let same = primary.chars().zip(member.chars()).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(LONG / 4);
    let part = |text: &str| {
        let part: String = text.chars().skip(from).take(LONG).collect();
        let (before, count) = (if from > 0 { "…" } else { "" }, text.chars().count());
        let after = if count > from + LONG { "…" } else { "" };
        format!("{before}{part}{after} ({count} characters)")
    };
    (part(primary), part(member))
}

/// Changed words in brackets, with some words around each, the rest as an ellipsis.
fn around(words: &[(bool, &str)]) -> String {
    let near = |at: usize| {
        let from = at.saturating_sub(2 * AROUND);
        words.iter().skip(from).take(4 * AROUND + 1).any(|(changed, _)| *changed)
    };
    let mut text = String::new();
    let mut skipped = false;
    let mut open = false;
    for (at, (changed, word)) in words.iter().enumerate() {
        if open && !*changed {
            text.push(']');
            open = false;
        }
        if !near(at) {
            skipped = true;
            continue;
        }
        if skipped {
            text.push('…');
            skipped = false;
        }
        if *changed && !open {
            text.push('[');
            open = true;
        }
        text.push_str(word);
    }
    if open {
        text.push(']');
    }
    if skipped {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn different_values_never_look_the_same(a in "[a-d ,\n]{0,90}", b in "[a-d ,\n]{0,90}") {
            let list = |text: &str| {
                let mut items: Vec<String> = text.split(',').map(str::to_owned).collect();
                items.sort();
                items.dedup();
                items
            };
            prop_assume!(a != b && list(&a) != list(&b));
            let (x, y) = excerpts(&a, &b);
            prop_assert_ne!(x, y);
        }
    }

    #[test]
    fn of_a_long_text_the_changed_words_are_shown() {
        let text = |number: u32| {
            format!(
                "Lists the orders of the laboratory; on trouble call extension {number} at any \
                     time of the day or the night, or write to the desk."
            )
        };
        let (a, b) = excerpts(&text(4410), &text(4400));
        assert_eq!(a, "…trouble call extension [4410] at any time…");
        assert_eq!(b, "…trouble call extension [4400] at any time…");
    }

    #[test]
    fn of_a_very_long_text_the_first_difference_is_shown() {
        let long = "word ".repeat(20_000);
        let (a, b) = excerpts(&format!("{long}one"), &format!("{long}two"));
        assert_ne!(a, b);
        assert!(a.len() < 120, "{a}");
    }

    #[test]
    fn of_a_long_list_what_the_other_lacks_is_shown() {
        let many: Vec<String> = (0..30).map(|number| format!("%DB_{number}:RW")).collect();
        let (a, b) = excerpts(&many.join(","), &many[1..].join(","));
        assert_eq!(a, "%DB_0:RW (and 29 on both)");
        assert_eq!(b, "(only the 29 on both)");
    }
}
