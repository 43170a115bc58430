//! The `$LIST` byte format of IRIS, read only.
//!
//! A task export holds a task's settings as base64 of a `$LIST` of name,value,name,value (formats
//! 4). This module gets the bytes without their base64 and gives items, and items as pairs; which
//! settings are kept and which are secrets is for the caller to say.
//!
//! An element is `length, type, data`: the length counts itself and the type; 1 is an undefined
//! element. Longer ones begin `0, lo, hi` or `0, 0, 0` and four bytes, uncounted.
//!
//! Invariant: every byte is accounted for. What does not add up, or has a type whose layout is not
//! public, is an error that names the place and never the data; nothing is guessed or skipped.

use std::fmt;

/// One element of a list. Its `Debug` form shows no content: settings may hold passwords (H4.8).
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// An element without a value; not the same as an empty text.
    Undefined,
    /// A string. Eight-bit strings are Latin-1, so a nested list has one character per byte.
    Text(String),
    /// A number in the canonical form `ObjectScript` prints: `-.5`, `100`, never an exponent.
    Number(String),
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Item(..)")
    }
}

/// Why bytes are not a list that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed {
    /// Where the element begins, in bytes from 0.
    pub(super) offset: usize,
    /// Fixed text, so never data.
    pub(super) reason: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {} of the list, {}", self.offset, self.reason)
    }
}

impl std::error::Error for Malformed {}

/// Decodes a whole `$LIST`; no bytes are the empty list.
///
/// Types read, as in the vendor's Python driver (`_DBList`) and caretdev/go-irisnative: 1 text, 2
/// UTF-16 text, 4 and 5 integers, 6 and 7 decimals, 8 and 9 IEEE numbers. A vendor engineer names
/// 13 to 15 (compressed Unicode) and 16 (vectors) on the community site, but not their layout.
///
/// # Errors
/// [`Malformed`] when an element reaches past the end, has no type or an unknown one, or has data
/// its type does not allow (unpaired UTF-16, a number of more than 64 bits).
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Item>, Malformed> {
    let mut items = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let offset = bytes.len() - rest.len();
        let (item, after) = element(rest).map_err(|reason| Malformed { offset, reason })?;
        items.push(item);
        rest = after;
    }
    Ok(items)
}

/// Reads items as name,value,name,value (formats 4); an undefined value is `None`.
///
/// Gives `None` when that is not what they are: an odd count, or a name that is not text.
#[must_use]
pub(super) fn pairs(items: Vec<Item>) -> Option<Vec<(String, Option<String>)>> {
    let mut found = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let Some(name) = items.next() {
        let Item::Text(name) = name else { return None };
        let value = match items.next()? {
            Item::Undefined => None,
            Item::Text(value) | Item::Number(value) => Some(value),
        };
        found.push((name, value));
    }
    Some(found)
}

/// Takes the first element off; also gives what follows it.
fn element(bytes: &[u8]) -> Result<(Item, &[u8]), &'static str> {
    const CUT: &str = "an element reaches past the end";
    let (length, body) = match bytes {
        [1, rest @ ..] => return Ok((Item::Undefined, rest)),
        [0, 0, 0, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]), rest),
        [0, 0, 0, ..] => return Err(CUT),
        [0, low, high, rest @ ..] => (u16::from_le_bytes([*low, *high]).into(), rest),
        [0, ..] | [] => return Err(CUT),
        [length, rest @ ..] => (u32::from(length.saturating_sub(1)), rest),
    };
    let length = usize::try_from(length).map_err(|_| CUT)?;
    let (content, rest) = body.split_at_checked(length).ok_or(CUT)?;
    let item = match content {
        [] | [6 | 7] => return Err("an element is incomplete"),
        [1, data @ ..] => Item::Text(data.iter().copied().map(char::from).collect()),
        [2, data @ ..] => Item::Text(wide_text(data)?),
        [4, data @ ..] => scaled(0, data, 0x00)?,
        [5, data @ ..] => scaled(0, data, 0xFF)?,
        [6, power, data @ ..] => scaled(*power, data, 0x00)?,
        [7, power, data @ ..] => scaled(*power, data, 0xFF)?,
        // Short of eight bytes, type 8 is a float; 9 is a double that no float can stand for.
        [8, data @ ..] if data.len() != 8 => binary(f32::from_le_bytes(restored(data)?).into())?,
        [8 | 9, data @ ..] => binary(f64::from_le_bytes(restored(data)?))?,
        _ => return Err("item type not known"),
    };
    Ok((item, rest))
}

fn wide_text(data: &[u8]) -> Result<String, &'static str> {
    let (units, odd) = data.as_chunks::<2>();
    match char::decode_utf16(units.iter().copied().map(u16::from_le_bytes)).collect() {
        Ok(text) if odd.is_empty() => Ok(text),
        _ => Err("a text is not valid UTF-16"),
    }
}

/// A little-endian two's complement integer, stored without its high bytes, which were all `fill`,
/// times ten to the (signed) `power`. By the vendor's manual it has 64 bits, sign included.
fn scaled(power: u8, data: &[u8], fill: u8) -> Result<Item, &'static str> {
    let mut bytes = [fill; 16];
    for (slot, byte) in bytes.iter_mut().zip(data) {
        *slot = *byte;
    }
    match i64::try_from(i128::from_le_bytes(bytes)) {
        Ok(n) if data.len() <= 8 => Ok(canonical(&n.to_string(), power.cast_signed().into())),
        _ => Err("a number is out of range"),
    }
}

/// Puts back the low zero bytes that an IEEE number is stored without.
fn restored<const N: usize>(data: &[u8]) -> Result<[u8; N], &'static str> {
    let mut bytes = [0; N];
    for (slot, byte) in bytes.iter_mut().rev().zip(data.iter().rev()) {
        *slot = *byte;
    }
    if data.len() > N { Err("an IEEE number has an impossible length") } else { Ok(bytes) }
}

/// Up to 20 digits, as the vendor's page on `$DOUBLE` says. Not verified: the 20th digit, and that
/// minus zero prints as `0`.
fn binary(value: f64) -> Result<Item, &'static str> {
    if !value.is_finite() {
        return Ok(Item::Number(value.to_string().to_uppercase())); // NAN, INF, -INF (same page)
    }
    let text = format!("{value:.19e}").replace('.', "");
    let (digits, power) = text.split_once('e').ok_or("a number cannot be printed")?;
    let power: i32 = power.parse().map_err(|_| "a number cannot be printed")?;
    Ok(canonical(digits, power - 19))
}

/// An integer times ten to the `power`, written without a power or a needless zero.
fn canonical(integer: &str, power: i32) -> Item {
    let digits = integer.trim_start_matches(['-', '0']);
    let sign = if integer.starts_with('-') { "-" } else { "" };
    let places = power.unsigned_abs() as usize;
    Item::Number(if digits.is_empty() {
        "0".to_owned()
    } else if power >= 0 {
        format!("{sign}{digits}{}", "0".repeat(places))
    } else {
        let padded = format!("{digits:0>places$}");
        let (whole, fraction) = padded.split_at(padded.len() - places);
        let number = format!("{sign}{whole}.{}", fraction.trim_end_matches('0'));
        number.trim_end_matches('.').to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::{BASE64_STANDARD, Engine};
    use proptest::{collection::vec, prelude::*};
    use std::io::Write as _;

    /// Type (0 when undefined), data, and the value in some notation.
    type Element = (u8, Vec<u8>, String);

    fn element() -> impl Strategy<Value = Element> {
        let wide = |s: String| (2, s.encode_utf16().flat_map(u16::to_le_bytes).collect(), s);
        prop_oneof![
            Just((0, vec![], String::new())),
            "[\u{0}-\u{ff}]{0,300}".prop_map(|s| (1, s.chars().map(|c| c as u8).collect(), s)),
            any::<String>().prop_map(wide),
            (4u8..8, vec(any::<u8>(), 0..8), any::<i8>()).prop_map(number),
            any::<f32>().prop_map(|n| (8, no_low_zeros(&n.to_le_bytes()), format!("{n:.19e}"))),
            any::<f64>().prop_map(|n| (8, n.to_le_bytes().to_vec(), format!("{n:.19e}"))),
            any::<f64>().prop_map(|n| (9, no_low_zeros(&n.to_le_bytes()), format!("{n:.19e}"))),
        ]
    }

    /// By the arithmetic of the drivers: unsigned, less one more power of 256 if negative.
    fn number((kind, data, power): (u8, Vec<u8>, i8)) -> Element {
        let n = data.iter().rev().fold(0, |n, byte| n * 256 + i64::from(*byte));
        let n = n - i64::from(kind % 2) * 256i64.pow(data.len() as u32);
        match kind {
            4 | 5 => (kind, data, n.to_string()),
            _ => (kind, [vec![power as u8], data].concat(), format!("{n}e{power}")),
        }
    }

    fn no_low_zeros(data: &[u8]) -> Vec<u8> {
        data.iter().copied().skip_while(|byte| *byte == 0).collect()
    }

    fn encode((kind, data, _): &Element, form: u8) -> Vec<u8> {
        let counted = data.len() as u32 + 1;
        let head = match (kind, form, counted) {
            (0, ..) => return vec![1],
            (_, 0, ..255) => vec![counted as u8 + 1],
            (_, 0 | 1, ..65536) => [&[0], &counted.to_le_bytes()[..2]].concat(),
            _ => [&[0; 3], &counted.to_le_bytes()[..]].concat(),
        };
        [&head, &[*kind][..], data].concat()
    }

    /// Judges numbers by other means than the decoder's: parsed again, and digit by digit.
    fn same((kind, _, value): &Element, item: &Item) -> bool {
        let plain = |n: &str| n.replace(['-', '.'], "").trim_matches('0').to_owned();
        let digits = |n: &str| n.split('e').next().map(plain);
        match item {
            Item::Undefined => *kind == 0,
            Item::Text(text) => *kind < 3 && text == value,
            Item::Number(n) => n.parse::<f64>() == value.parse() && digits(n) == digits(value),
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(elements in vec(element(), 0..5), form in 0u8..3) {
            let bytes: Vec<u8> = elements.iter().flat_map(|one| encode(one, form)).collect();
            let items = decode(&bytes).unwrap();
            prop_assert_eq!(items.len(), elements.len());
            prop_assert!(elements.iter().zip(&items).all(|(one, item)| same(one, item)));
        }

        #[test]
        fn no_bytes_panic(bytes in vec(prop_oneof![0u8..20, any::<u8>()], 0..40)) {
            match decode(&bytes) {
                Ok(items) => drop(pairs(items)),
                Err(error) => prop_assert!(error.offset < bytes.len()),
            }
        }
    }

    #[test]
    fn examples_from_the_drivers_and_the_vendors_manual() {
        let examples: [(&[u8], &str); 7] = [
            (&[3, 6, 0xFB], "0"),
            (&[4, 4, 0xFF, 0], "255"),
            (&[4, 5, 0xFF, 0xFE], "-257"),
            (&[4, 7, 0xFF, 0xFB], "-.5"),
            (&[4, 8, 0x2A, 0x42], "42.5"),
            (&[10, 8, 0, 0, 0, 0, 0, 0, 0xF0, 0xFF], "-INF"),
            (&[10, 2, 0xDB, 3, 0x41, 0, 0x42, 0, 0x43, 0], "\u{3DB}ABC"),
        ];
        for (bytes, shown) in examples {
            let found = decode(&[b"\x03\x01N", bytes].concat()).map(pairs);
            let expected = vec![("N".to_owned(), Some(shown.to_owned()))];
            assert_eq!(found, Ok(Some(expected)));
        }
        let undefined = decode(b"\x03\x01N\x01").map(pairs);
        assert_eq!(undefined, Ok(Some(vec![("N".to_owned(), None)])));
    }

    #[test]
    fn what_cannot_be_read_is_told_by_place() {
        let unknown: [&[u8]; 3] = [&[2, 0], &[3, 13, 65], &[2, 16]];
        let short: [&[u8]; 4] = [&[5, 1], &[2, 6], &[0, 1], &[0, 0, 0]];
        let utf16: [&[u8]; 2] = [&[4, 2, 0, 0xD8], &[3, 2, 65]];
        let long = [4, 8, 9].map(|kind| [11, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let long = long.iter().map(|bytes| &bytes[..]);
        for bytes in unknown.into_iter().chain(short).chain(utf16).chain(long) {
            let found = decode(&[&[1], bytes].concat());
            assert_eq!(found.map_err(|error| error.offset), Err(1), "{bytes:?}");
        }
    }

    #[test]
    fn settings_of_published_tasks_are_as_formats_4_tells_them() {
        let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");
        let Ok(formats) = std::fs::read_to_string(format!("{shared}/formats.md")) else {
            return drop(writeln!(std::io::stderr(), "skipped: no ../shared"));
        };
        let mut told = 0;
        for file in std::fs::read_dir(format!("{shared}/corpus/task-xml")).unwrap() {
            let tasks = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for part in tasks.split("<Settings>").skip(1) {
                let bytes = BASE64_STANDARD.decode(part.split('<').next().unwrap()).unwrap();
                let items = decode(&bytes).unwrap();
                let show = |(name, value): (String, Option<String>)| name + "=" + &value.unwrap();
                let shown: Vec<String> = pairs(items).unwrap().into_iter().map(show).collect();
                told += usize::from(formats.contains(&shown.join(",")));
            }
        }
        assert!(told > 0);
    }
}
