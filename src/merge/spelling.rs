//! Values as they stand in a line of a merge file.
//!
//! Owns the list of what the grammar carries and the quotes around it. Values come from `action`; what
//! is `None` here goes through the product's API. Quoting is documented by example only and the
//! tokenizer is not published (H2.1, H3.2), so the list says what may stand in a value, not what may
//! not: a character is on it where the product's own names and values need it and no reader is known
//! to give it a meaning.
//! Invariant: a reader that knows nothing of quotes, of one kind of comment or of parentheses finds the
//! same properties in the line as one that does.

/// Characters besides ASCII letters, digits and blanks that a value may hold, and what needs them.
///
/// Not on it: `"`, since how it is written within a value is not documented (H3.2); `#` and `;`, which
/// begin comments (H2.1); `$`, which begins macros (H3.2), and `{` `}`, which deployment tools replace;
/// `[` and `]`, which make sections (H2.1); `~` and `|`, which part the values of parameters (H2.1,
/// H2.2); the backslash, `<`, `>`, `^` and the backtick, which nothing of ours needs; whatever is not
/// ASCII, since the CPF is UTF-8 (H2.1) but no merge file has been seen that shows it; and everything
/// that ends a line or cannot be seen.
const CARRIED: &[char] = &[
    '_',  // names of databases and users, types of routines (H2.3)
    '-',  // names of namespaces, days (H2.3)
    '.',  // classes, routines, addresses (H2.3)
    '%',  // names of the product's own (H2.3, H4.9)
    '/',  // web applications and folders (H4.5); not twice, see `begins_comment`
    ':',  // `Resource:RW`, `:Role`, ranges of subscripts (H4.3, H4.5, H2.3)
    '*',  // wildcards of mappings (H2.3); not after `/`
    '(',  // subscripts (H2.3); only in pairs, see `is_balanced`
    ')',  // the same
    '@',  // accounts of a domain (H4.2)
    '+',  // telephone numbers, cipher lists (H4.2, H4.6)
    ',',  // lists (H4.3); makes quotes necessary
    '=',  // attributes (H4.2); makes quotes necessary
    '&',  // descriptions
    '\'', // names of persons (H4.2)
    '?',  // pages of applications (H4.5)
    '!',  // cipher lists: ALL:!aNULL (H4.6)
];

/// The value as it stands behind `property=`; `None` where the grammar cannot carry it, or where it
/// might be taken for something else.
pub(super) fn spelled(property: &str, value: &str) -> Option<String> {
    let carried =
        |letter: char| letter.is_ascii_alphanumeric() || letter == ' ' || CARRIED.contains(&letter);
    let refused = value.is_empty()
        || !value.chars().all(carried)
        || loses_blanks(value)
        || begins_comment(value)
        || !is_balanced(value)
        || holds_another_property(value)
        || might_be_worked_out(property, value);
    if refused {
        return None;
    }
    // Documented by examples: quotes around what holds a comma or an equals sign, and only there, for
    // quotes are the part of the grammar of which least is known (H3.2).
    let needs_quotes = value.contains([',', '=']);
    Some(if needs_quotes { format!("\"{value}\"") } else { value.to_owned() })
}

/// Blanks around a value have no effect (H2.1), so they would be lost. Inner blanks count, but two in a
/// row nobody can see, and what a reader makes of them nothing says.
fn loses_blanks(value: &str) -> bool {
    value.starts_with(' ') || value.ends_with(' ') || value.contains("  ")
}

/// Comments may follow content on a line, and whether quotes shield from them is not documented (H2.1,
/// H3.2). The end of a comment is refused with its beginning.
fn begins_comment(value: &str) -> bool {
    ["//", "/*", "*/"].iter().any(|mark| value.contains(mark))
}

/// Keys of the same grammar are read with regard to parentheses (H2.3); one that stays open could hide
/// the comma before the next property.
fn is_balanced(value: &str) -> bool {
    let depth = value.chars().try_fold(0_usize, |depth, letter| match letter {
        '(' => depth.checked_add(1),
        ')' => depth.checked_sub(1),
        _ => Some(depth),
    });
    depth == Some(0)
}

/// A reader that does not know the quotes splits at every comma, as the unquoted lists of the wild need
/// it (H3.2): an equals sign behind a comma would make it see another property.
fn holds_another_property(value: &str) -> bool {
    value.split_once(',').is_some_and(|(_, after)| after.contains('='))
}

/// In `AutheEnabled` words joined by `+` are macros and are worked out (H3.2); only a plain number stands
/// for itself.
fn might_be_worked_out(property: &str, value: &str) -> bool {
    property == "AutheEnabled" && !value.chars().all(|letter| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn quotes_stand_only_where_they_are_documented() {
        assert_eq!(spelled("Name", "g(1):(101)").as_deref(), Some("g(1):(101)"));
        assert_eq!(spelled("Roles", "%SQL,%DB_USER").as_deref(), Some("\"%SQL,%DB_USER\""));
        assert_eq!(spelled("Description", "a = b").as_deref(), Some("\"a = b\""));
    }

    #[test]
    fn what_might_mean_something_else_is_not_carried() {
        for value in ["", " a", "a ", "a  b", "a//b", "a/*", "a(", ")a(", "a,b=c", "a\"b", "é"] {
            assert_eq!(spelled("Name", value), None, "{value}");
        }
        assert_eq!(spelled("AutheEnabled", "32+64"), None);
    }
}
