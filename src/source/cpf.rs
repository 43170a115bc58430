//! The configuration parameter file: its lines and sections.
//!
//! Owns the lexical reading of a CPF (formats 1.1): sections, `key=value` lines with their line
//! numbers, comments, and the difference between a whole CPF, a merge fragment and a file that is
//! cut short. What the lines mean is the business of `instance` and `membership`.
//! Invariant: a value is never cut at `#`, `;` or `//`, since real values hold them; a comment is a
//! whole line, or what follows a section heading. A key ends at the first `=` outside quotes and
//! parentheses.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, Result};
use crate::model::folded;

/// Bytes that one line may have; the longest real one has a few hundred.
const LINE_LIMIT: usize = 1 << 20;

/// One `key=value` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Line in the file, counted from 1.
    pub(super) number: usize,
    /// The key, without blanks around it.
    pub(super) key: &'a str,
    /// The value, without blanks around it.
    pub(super) value: &'a str,
}

impl<'a> Line<'a> {
    /// One of the comma-separated fields of the value, counted from 0; empty where there is none.
    pub(super) fn field(&self, at: usize) -> &'a str {
        self.value.split(',').nth(at).unwrap_or_default().trim()
    }
}

/// One section.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// The name between the brackets.
    pub(super) name: &'a str,
    /// Line of the heading.
    pub(super) number: usize,
    /// Its lines in file order.
    pub(super) lines: Vec<Line<'a>>,
    /// Lines that are neither `key=value` nor comment.
    pub(super) broken: Vec<usize>,
}

impl<'a> Section<'a> {
    /// The lines of a section that counts: each must be readable, and no key may say two things.
    pub(super) fn checked(&self, path: &Path, fold: bool) -> Result<Vec<&Line<'a>>> {
        if let Some(number) = self.broken.first() {
            let what = format!("the line in [{}] is not NAME=VALUE", self.name);
            return Err(Error::malformed(path, *number, what, CHECK_LINE));
        }
        let mut seen: BTreeMap<String, &Line<'_>> = BTreeMap::new();
        let mut lines = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let key = if fold { folded(line.key) } else { line.key.to_owned() };
            match seen.insert(key, line) {
                Some(first) if first.value != line.value => {
                    let what = format!(
                        "'{}' in [{}] was given another value in line {}",
                        line.key, self.name, first.number
                    );
                    return Err(Error::malformed(path, line.number, what, CHECK_LINE));
                }
                Some(_) => {}
                None => lines.push(line),
            }
        }
        Ok(lines)
    }

    /// What follows a beginning of the name, such as the namespace in `Map.USER`.
    pub(super) fn suffix(&self, start: &str) -> Option<&'a str> {
        let head = self.name.get(..start.len())?;
        head.eq_ignore_ascii_case(start).then(|| self.name.get(start.len()..).unwrap_or_default())
    }
}

/// A whole CPF.
#[derive(Debug)]
pub(super) struct Cpf<'a> {
    /// Its sections in file order.
    pub(super) sections: Vec<Section<'a>>,
}

/// What to do about one line that is wrong.
pub(super) const CHECK_LINE: &str = "Look at the line on the instance, or copy iris.cpf again.";

const COPY_AGAIN: &str = "Copy the whole iris.cpf again from the install folder.";

impl<'a> Cpf<'a> {
    /// Takes the text of a file apart and makes sure it is a whole CPF.
    pub(super) fn parse(path: &Path, text: &'a str) -> Result<Self> {
        let mut sections: Vec<Section<'a>> = Vec::new();
        let mut current = None;
        let mut in_comment = false;
        let mut last = 0;
        for (index, raw) in text.lines().enumerate() {
            let number = index + 1;
            last = number;
            if raw.len() > LINE_LIMIT {
                let what = "the line is longer than 1 MiB, which no CPF has";
                return Err(Error::malformed(path, number, what, COPY_AGAIN));
            }
            let mut line = raw.trim_matches(['\u{feff}', ' ', '\t', '\r']);
            // A comment may span lines, and something may follow its end.
            while in_comment || line.starts_with("/*") {
                let begin = if in_comment { 0 } else { 2 };
                let rest = line.get(begin..).unwrap_or_default();
                in_comment = true;
                let Some((_, after)) = rest.split_once("*/") else {
                    line = "";
                    break;
                };
                in_comment = false;
                line = after.trim_start();
            }
            if line.is_empty() || is_comment(line) {
                continue;
            }
            if line.starts_with('[') {
                let Some(name) = heading(line) else {
                    let what = "the line begins like a section and is none";
                    return Err(Error::malformed(path, number, what, COPY_AGAIN));
                };
                // A section that comes again goes on where it was, so that nothing in it is lost.
                current = sections.iter().position(|known| known.name.eq_ignore_ascii_case(name));
                if current.is_none() {
                    current = Some(sections.len());
                    sections.push(Section { name, number, lines: Vec::new(), broken: Vec::new() });
                }
                continue;
            }
            let Some(section) = current.and_then(|at| sections.get_mut(at)) else {
                let what = "text stands before the first section";
                return Err(Error::malformed(path, number, what, COPY_AGAIN));
            };
            match split(line) {
                Some((key, value)) => section.lines.push(Line { number, key, value }),
                None => section.broken.push(number),
            }
        }
        let cpf = Self { sections };
        cpf.is_whole(path, last)?;
        Ok(cpf)
    }

    /// The sections of that name; upper and lower case are the same (formats 1.1).
    pub(super) fn named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Section<'a>> {
        self.sections.iter().filter(move |section| section.name.eq_ignore_ascii_case(name))
    }

    /// The last line with that key.
    pub(super) fn line<'s>(&'s self, section: &'s str, key: &str) -> Option<&'s Line<'a>> {
        let lines = self.named(section).flat_map(|section| &section.lines);
        lines.filter(|line| line.key.eq_ignore_ascii_case(key)).last()
    }

    fn is_whole(&self, path: &Path, last: usize) -> Result<()> {
        let has = |name: &str| self.named(name).next().is_some();
        if has("Actions") || !has("ConfigFile") {
            let line = self.named("Actions").next().map_or(1, |section| section.number);
            let what = "this is a configuration merge file, a list of changes, not the whole \
                        configuration of an instance";
            let hint = "Give iris.cpf from the install folder; `iris qlist` tells where that is.";
            return Err(Error::malformed(path, line, what, hint));
        }
        let last = last.max(1);
        if let Some(missing) = ALWAYS.iter().find(|name| !has(name)) {
            let what = format!("the file ends without section [{missing}], so it is cut short");
            return Err(Error::malformed(path, last, what, COPY_AGAIN));
        }
        if !AFTER.iter().any(|name| has(name)) {
            let what = "the file ends before the sections that follow [config], so it is cut short";
            return Err(Error::malformed(path, last, what, COPY_AGAIN));
        }
        Ok(())
    }
}

/// Sections that every whole CPF has, in this order; what counts stands before the end of the last of
/// them, and others follow it (formats 1.2).
const ALWAYS: &[&str] =
    &["ConfigFile", "Databases", "Namespaces", "MirrorMember", "Startup", "config"];

/// Sections of which a whole CPF has some behind those (formats 1.2); which, the version decides.
const AFTER: &[&str] =
    &["Miscellaneous", "ECP", "Cluster", "LicenseServers", "IO", "SQL", "Telnet", "Conversions"];

/// Sections by which a file is known to be a CPF or a merge file.
const KNOWN: &[&str] = &["Actions", "Journal", "Map", "MapMirrors", "Mirrors", "SQL", "ECPServers"];

/// Whether the beginning of a file holds the heading of a section that CPFs and merge files have.
pub(super) fn looks_like(start: &str) -> bool {
    start.lines().any(|line| {
        let line = line.trim_matches(['\u{feff}', ' ', '\t', '\r']);
        let name = heading(line).map(|name| name.split('.').next().unwrap_or_default());
        name.is_some_and(|name| {
            ALWAYS.iter().chain(KNOWN).any(|known| known.eq_ignore_ascii_case(name))
        })
    })
}

/// Whether the whole rest of a line is a comment (formats 1.1).
fn is_comment(line: &str) -> bool {
    [";", "#", "//", "/*"].iter().any(|mark| line.starts_with(mark))
}

/// The name of a section heading; a comment may follow it.
fn heading(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix('[')?.split_once(']')?;
    let rest = rest.trim_start();
    (rest.is_empty() || is_comment(rest)).then_some(name.trim())
}

/// Splits at the first `=` outside quotes and parentheses. A subscript may hold one (formats 1.1).
fn split(line: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut depth) = (false, 0usize);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth = depth.saturating_sub(1),
            b'=' if !quoted && depth == 0 => {
                return Some((line[..at].trim_end(), line[at + 1..].trim_start()));
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_at_the_first_equals_sign_outside_quotes_and_parentheses() {
        assert_eq!(split(r#"Global_A("x=y",1)=DB,5"#), Some((r#"Global_A("x=y",1)"#, "DB,5")));
        assert_eq!(
            split(r#"IdTrxFrom=~ `!@#$%^&*()_+-=[]\{}|;':",./<>?`"#).map(|p| p.0),
            Some("IdTrxFrom")
        );
        assert_eq!(split("C-ANSI=80^#,$C(27,91,72)").map(|pair| pair.1), Some("80^#,$C(27,91,72)"));
        assert_eq!(split("no value"), None);
    }

    #[test]
    fn comments_are_whole_lines_and_values_are_never_cut() {
        let text = "\u{feff}\r\n# c\r\n[ConfigFile]\r\nVersion=2024.1 ; x # y // z\r\n/* a\r\nb=1 */\r\n\
                    [Databases]\r\n[Namespaces]\r\n[MirrorMember]\r\n[Startup]\r\n[config]\r\n[SQL]\r\n";
        let cpf = Cpf::parse(Path::new("x"), text).unwrap();
        let version = cpf.line("configfile", "version").map(|line| line.value);
        assert_eq!(version, Some("2024.1 ; x # y // z"));
        assert_eq!(cpf.sections.iter().map(|section| section.lines.len()).sum::<usize>(), 1);
    }
}
