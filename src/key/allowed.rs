//! Who may sign: ssh's list of allowed signers.
//!
//! Owns the reading of an allowed-signers file (`ssh-keygen(1)`, ALLOWED SIGNERS) and the question
//! whether a key may speak for a member at a time. Principals that begin with `member:` say for which
//! members a key may speak, by the name of the member in its mirror; `ssh-keygen -Y verify -I
//! member:NAME` asks the same question.
//! Invariant: what ssh-keygen refuses is refused; a date without `Z`, which ssh reads in the time zone
//! of the machine, must hold in every time zone, so that the answer is the same everywhere.

use std::path::Path;

use ssh_key::PublicKey;
use ssh_key::public::KeyData;

use super::read_key_text;
use super::signature::NAMESPACE;
use crate::error::{Error, Result};
use crate::model::Moment;

/// What principals begin with that say for which member a key may speak.
pub const MEMBER_PREFIX: &str = "member:";

/// Hours by which local time can be behind UTC, and ahead of it.
const BEHIND: i64 = 12 * 3600;
const AHEAD: i64 = 14 * 3600;

/// Who may sign.
#[derive(Debug, Default)]
pub struct AllowedSigners {
    entries: Vec<Entry>,
}

/// The answer to whether a key may sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may; this is who it is.
    Allowed(String),
    /// It may not: completes the sentence "the key ...".
    Refused(String),
}

#[derive(Debug)]
struct Entry {
    principals: Patterns,
    namespaces: Option<Patterns>,
    after: Option<Moment>,
    before: Option<Moment>,
    /// Keys that only certify others are none of ours.
    certifies: bool,
    key: KeyData,
}

impl AllowedSigners {
    /// Reads a list.
    ///
    /// # Errors
    /// A file that cannot be read, or a line that ssh-keygen would not take either.
    pub fn read(path: &Path) -> Result<Self> {
        let text = read_key_text(path)?;
        let mut entries = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let entry = Entry::parse(line).map_err(|what| {
                let hint =
                    "See ALLOWED SIGNERS in `man ssh-keygen`: PRINCIPALS [OPTIONS] KEYTYPE KEY.";
                Error::malformed(path, number + 1, what, hint)
            })?;
            entries.push(entry);
        }
        Ok(Self { entries })
    }

    /// Whether a key may speak for a member, both when it signed and now.
    pub fn judge(
        &self,
        key: &KeyData,
        member: Option<&str>,
        signed: Moment,
        now: Moment,
    ) -> Verdict {
        let mut refused = "is not in the list of allowed signers".to_owned();
        for entry in self.entries.iter().filter(|entry| entry.key == *key && !entry.certifies) {
            match entry.refuses(member, signed, now) {
                None => return Verdict::Allowed(entry.principals.name()),
                Some(why) => refused = why,
            }
        }
        Verdict::Refused(refused)
    }
}

impl Entry {
    fn parse(line: &str) -> std::result::Result<Self, &'static str> {
        let (principals, rest) = word(line);
        let (options, key) = match PublicKey::from_openssh(rest) {
            Ok(key) => (Options::default(), key),
            Err(_) => {
                let (options, rest) = split(rest);
                let key = PublicKey::from_openssh(rest);
                (Options::parse(options)?, key.map_err(|_| "there is no public key in it")?)
            }
        };
        let Options { namespaces, after, before, certifies } = options;
        if before.zip(after).is_some_and(|(before, after)| before <= after) {
            return Err("it is never valid");
        }
        let principals = Patterns::parse(principals);
        Ok(Self { principals, namespaces, after, before, certifies, key: key.key_data().clone() })
    }

    /// Why the key may not speak for the member; none where it may.
    fn refuses(&self, member: Option<&str>, signed: Moment, now: Moment) -> Option<String> {
        if self.namespaces.as_ref().is_some_and(|namespaces| !namespaces.take_in(NAMESPACE)) {
            return Some(format!("is not allowed to sign for the namespace {NAMESPACE}"));
        }
        for (moment, when) in [(signed, "was, when the bundle was signed,"), (now, "is")] {
            if self.after.is_some_and(|after| moment < after) {
                return Some(format!("{when} not valid yet"));
            }
            if self.before.is_some_and(|before| moment >= before) {
                return Some(format!("{when} no longer valid"));
            }
        }
        if self.principals.name_members() {
            let Some(member) = member else {
                return Some(
                    "may speak for named members only, and the bundle names none".to_owned(),
                );
            };
            if !self.principals.take_in(&format!("{MEMBER_PREFIX}{member}")) {
                return Some("may not speak for this member".to_owned());
            }
        }
        None
    }
}

/// What may stand between the principals and the key.
#[derive(Default)]
struct Options {
    namespaces: Option<Patterns>,
    after: Option<Moment>,
    before: Option<Moment>,
    certifies: bool,
}

impl Options {
    fn parse(text: &str) -> std::result::Result<Self, &'static str> {
        let mut options = Self::default();
        for option in items(text) {
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => {
                    (name, value.strip_prefix('"').and_then(|value| value.strip_suffix('"')))
                }
                None => (option, None),
            };
            match (name.to_ascii_lowercase().as_str(), value) {
                ("cert-authority", None) => options.certifies = true,
                ("namespaces", Some(value)) if options.namespaces.is_none() => {
                    options.namespaces = Some(Patterns::parse(value));
                }
                ("valid-after", Some(value)) if options.after.is_none() => {
                    options.after = Some(date(value, BEHIND).ok_or("valid-after is no date")?);
                }
                ("valid-before", Some(value)) if options.before.is_none() => {
                    options.before = Some(date(value, -AHEAD).ok_or("valid-before is no date")?);
                }
                _ => return Err("it has an option that ssh-keygen does not know"),
            }
        }
        Ok(options)
    }
}

/// `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with a `Z` for UTC; without one, `local` seconds
/// later, so that the date is past, or not yet past, wherever the machine stands.
fn date(text: &str, local: i64) -> Option<Moment> {
    let (digits, shift) = match text.strip_suffix(['Z', 'z']) {
        Some(digits) => (digits, 0),
        None => (text, local),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || ![8, 12, 14].contains(&digits.len()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("00");
    let (hours, minutes) = (part(8, 10), part(10, 12));
    let seconds = if digits.len() == 14 { part(12, 14) } else { "00" };
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    let moment = format!("{year}-{month}-{day}T{hours}:{minutes}:{seconds}Z");
    Moment::new(Moment::try_from(moment).ok()?.seconds() + shift)
}

/// The first word, which may stand in double quotes, and what follows it.
fn word(line: &str) -> (&str, &str) {
    let quoted = line.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let (word, rest) = quoted.or_else(|| line.split_once([' ', '\t'])).unwrap_or((line, ""));
    (word, rest.trim_start())
}

/// The text up to the first white space outside double quotes, and what follows it.
fn split(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = text.find(|letter: char| {
        quoted ^= letter == '"';
        !quoted && (letter == ' ' || letter == '\t')
    });
    let (first, rest) = text.split_at(end.unwrap_or(text.len()));
    (first, rest.trim_start())
}

/// What commas outside double quotes separate.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |letter: char| {
        quoted ^= letter == '"';
        !quoted && letter == ','
    })
}

/// ssh's pattern list: commas between, `*` and `?` stand for anything, `!` forbids (`ssh_config(5)`).
#[derive(Debug)]
struct Patterns(Vec<(bool, String)>);

impl Patterns {
    fn parse(text: &str) -> Self {
        let pattern = |item: &str| match item.strip_prefix('!') {
            Some(pattern) => (false, pattern.to_owned()),
            None => (true, item.to_owned()),
        };
        Self(text.split(',').map(pattern).collect())
    }

    /// Whether a name is in the list: one pattern takes it in, and none forbids it.
    fn take_in(&self, name: &str) -> bool {
        let Self(patterns) = self;
        let hits =
            || patterns.iter().filter(|(_, pattern)| matches(pattern.as_bytes(), name.as_bytes()));
        hits().any(|(allows, _)| *allows) && hits().all(|(allows, _)| *allows)
    }

    /// Whether any of them says for which member a key may speak.
    fn name_members(&self) -> bool {
        self.0.iter().any(|(_, pattern)| pattern.starts_with(MEMBER_PREFIX))
    }

    /// Who it is in a report: the first that is no member, as it is written.
    fn name(&self) -> String {
        let person =
            |(allows, pattern): &&(bool, String)| *allows && !pattern.starts_with(MEMBER_PREFIX);
        let first = self.0.iter().find(person).or_else(|| self.0.first());
        first.map(|(_, pattern)| pattern.clone()).unwrap_or_default()
    }
}

/// Whether a name fits a pattern with `*` and `?`; takes no more than the product of both lengths.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(letter) if *letter == b'?' || *letter == name[from] => {
                at += 1;
                from += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    at = place + 1;
                    from = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJbXqkGhTZqrgfUiw5Gqvm3HFGDGM+WqWGBBIT0XE0xJ";

    fn at(text: &str) -> Moment {
        Moment::try_from(text.to_owned()).unwrap()
    }

    /// The verdict of a list of one line, for a member that signed in March and is read in May.
    fn verdict(before_key: &str, member: &str) -> Verdict {
        let entry = Entry::parse(&format!("{before_key} {KEY} a comment")).unwrap();
        let key = entry.key.clone();
        let signers = AllowedSigners { entries: vec![entry] };
        signers.judge(&key, Some(member), at("2026-03-01T00:00:00Z"), at("2026-05-01T00:00:00Z"))
    }

    fn allows(before_key: &str, member: &str) -> bool {
        matches!(verdict(before_key, member), Verdict::Allowed(_))
    }

    #[test]
    fn options_are_honoured() {
        assert_eq!(verdict("meg@h", "A"), Verdict::Allowed("meg@h".to_owned()));
        assert!(allows("meg@h namespaces=\"git,hs*\"", "A"));
        assert!(!allows("meg@h namespaces=\"git\"", "A"));
        assert!(!allows("meg@h namespaces=\"*,!hsmirror\"", "A"));
        assert!(!allows("meg@h cert-authority", "A"));
        assert!(allows("meg@h valid-after=\"20260301Z\",valid-before=\"20260502Z\"", "A"));
        assert!(!allows("meg@h valid-after=\"20260302Z\"", "A"));
        assert!(!allows("meg@h valid-before=\"20260501Z\"", "A"));
        assert!(!allows("meg@h valid-before=\"202604010000Z\"", "A"));
        // In some time zone these are not so.
        assert!(!allows("meg@h valid-after=\"20260301\"", "A"));
        assert!(allows("meg@h valid-after=\"202602281159\"", "A"));
        assert!(!allows("meg@h valid-before=\"20260501120000\"", "A"));
        assert!(allows("meg@h valid-before=\"20260501140001\"", "A"));
    }

    #[test]
    fn a_key_may_be_tied_to_members() {
        assert!(allows("meg@h,member:HOSP?/*", "HOSPA/IRIS"));
        assert!(!allows("meg@h,member:HOSPB/*", "HOSPA/IRIS"));
        assert!(!allows("meg@h,member:*,!member:HOSPA/*", "HOSPA/IRIS"));
        assert_eq!(
            verdict("member:HOSPA/IRIS,meg@h", "HOSPA/IRIS"),
            Verdict::Allowed("meg@h".to_owned())
        );
        assert!(allows("\"member:NAME WITH SPACES\"", "NAME WITH SPACES"));
    }

    #[test]
    fn what_ssh_keygen_refuses_is_refused() {
        for line in [
            "meg",
            "meg x",
            "meg later=\"1\" K",
            "meg valid-after=\"2026\" K",
            "meg namespaces K",
            "meg valid-before=\"20260101Z\",valid-after=\"20260101Z\" K",
            "meg valid-before=\"20261301Z\" K",
        ] {
            assert!(Entry::parse(&line.replace('K', KEY)).is_err(), "{line}");
        }
    }

    #[test]
    fn patterns_take_in_what_ssh_takes_in() {
        for (pattern, name, fits) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abb", false),
            ("?", "", false),
            ("*a*a*", "aXa", true),
            ("a?c", "abc", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), fits, "{pattern} {name}");
        }
    }
}
