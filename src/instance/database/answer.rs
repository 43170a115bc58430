//! What a script about a database answers.
//!
//! Owns the form of an answer, `hsmirror KEY [TEXT]`, a line each: a text that is long comes in pieces,
//! and in it `~` and a number and `;` stand for a letter of UTF-16. The last line says how many there
//! were. Takes the lines of a session, gives texts by key. `script` prints them.
//! Invariant: a session that did not say how many answers it gave, or gave others, gave none; lines of
//! another form are the session's own and mean nothing.

use std::collections::BTreeMap;

/// What begins the line of an answer.
const BEGINS: &str = "hsmirror ";
/// The key of the last one.
const END: &str = "end";

/// Answers by key.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answers(BTreeMap<String, String>);

impl Answers {
    /// Reads what a session said; none where it is not whole.
    pub(super) fn read(lines: &[String]) -> Option<Self> {
        let mut coded: BTreeMap<&str, String> = BTreeMap::new();
        let mut count = 0_usize;
        for line in lines {
            let Some((key, text)) = line.trim().strip_prefix(BEGINS).and_then(split) else {
                continue;
            };
            if key == END {
                let read = |(key, text): (&str, String)| Some((key.to_owned(), plain(&text)?));
                let answers: Option<BTreeMap<_, _>> = coded.into_iter().map(read).collect();
                return answers.filter(|_| text.parse() == Ok(count)).map(Self);
            }
            coded.entry(key).or_default().push_str(text);
            count += 1;
        }
        None
    }

    /// The text of a key.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// A number; anything else is not known.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        let text = self.text(key)?;
        // A sign is none of a count.
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
    }

    /// Yes or no; anything else is not known.
    pub(super) fn whether(&self, key: &str) -> Option<bool> {
        match self.text(key)? {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }
}

fn split(rest: &str) -> Option<(&str, &str)> {
    let (key, text) = rest.split_once(' ')?;
    Some((key, text.strip_prefix('[')?.strip_suffix(']')?))
}

/// The text that was coded.
fn plain(coded: &str) -> Option<String> {
    let mut units: Vec<u16> = Vec::new();
    let mut rest = coded;
    while let Some((before, after)) = rest.split_once('~') {
        let (number, after) = after.split_once(';')?;
        units.extend(before.encode_utf16());
        units.push(number.parse().ok()?);
        rest = after;
    }
    units.extend(rest.encode_utf16());
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the script prints of a text.
    fn printed(key: &str, text: &str) -> Vec<String> {
        let coded: String = text
            .encode_utf16()
            .map(|unit| match u8::try_from(unit) {
                Ok(byte @ 32..=125) => char::from(byte).to_string(),
                _ => format!("~{unit};"),
            })
            .collect();
        let pieces: Vec<&[u8]> = match coded.as_bytes() {
            [] => vec![&[]],
            bytes => bytes.chunks(60).collect(),
        };
        let piece = |piece: &[u8]| format!("hsmirror {key} [{}]", String::from_utf8_lossy(piece));
        pieces.into_iter().map(piece).collect()
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_and_nothing_less_is(
            text in ".{0,200}",
            chatter in "[a-z<>^ ]{0,12}",
        ) {
            let mut lines = vec![chatter.clone()];
            lines.extend(printed("directory", &text));
            let count = lines.len() - 1;
            prop_assert_eq!(Answers::read(&lines), None);
            lines.push(chatter);
            lines.push(format!("hsmirror end [{count}]"));
            let answers = Answers::read(&lines).unwrap();
            prop_assert_eq!(answers.text("directory"), Some(&*text));
            for lost in 1..=count {
                let mut less = lines.clone();
                less.remove(lost);
                prop_assert_eq!(Answers::read(&less), None);
            }
        }

        #[test]
        fn no_line_at_all_makes_it_fail(lines in proptest::collection::vec("hsmirror [a-z]{0,3} \\[[~0-9;]{0,9}\\]|.*", 0..6)) {
            let _ = Answers::read(&lines);
        }
    }

    #[test]
    fn only_one_and_nought_are_known_and_only_digits_are_a_number() {
        let lines = [
            "hsmirror a [1]",
            "hsmirror b [0]",
            "hsmirror c []",
            "hsmirror d [2]",
            "hsmirror e [+2]",
            "hsmirror f [99999999999999999999]",
            "hsmirror end [6]",
        ];
        let answers = Answers::read(&lines.map(str::to_owned)).unwrap();
        let said = ["a", "b", "c", "d", "e", "f", "g"].map(|key| answers.whether(key));
        assert_eq!(said, [Some(true), Some(false), None, None, None, None, None]);
        let counts = ["a", "b", "c", "d", "e", "f", "g"].map(|key| answers.number(key));
        assert_eq!(counts, [Some(1), Some(0), None, Some(2), None, None, None]);
    }
}
