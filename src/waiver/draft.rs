//! A file of waivers to be filled in.
//!
//! Owns [`draft`]: the file that names every finding it is given, each with an owner and a reason that
//! are still to be written. The names come from the configurations, so they hold whatever a name can;
//! a person edits what comes out, and `reading` reads it again.
//! Invariant: an entry covers the finding it was drafted for and nothing else; nothing that a finding
//! holds becomes more than a text or a comment; unedited, no entry is valid, so a draft waives nothing.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::document::FORMAT_VERSION;
use super::pattern::escaped;
use crate::model::{Day, Digest, acts, visible};

/// A finding that a waiver is drafted for.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// Id of the rule.
    pub rule: &'a str,
    /// The finding's sentence, for a comment.
    pub about: &'a str,
    /// Name of what it is about.
    pub name: &'a str,
    /// Namespace of a mapping or a task.
    pub namespace: Option<&'a str>,
    /// Names of the properties that differ, and the digest of their values on both sides.
    pub values: Option<(&'a [String], &'a Digest)>,
}

const HEAD: &str = r"# Waivers: findings that are known and meant. Drafted by hsmirror, one entry for each finding.
#
# Delete the entries of what is to be put right. In each entry that stays, fill in
#   owner    who answers for it
#   reason   why it is meant
#   expires  the last day on which it holds (UTC)
# An entry without an owner or a reason is told as broken and waives nothing.
#
# In name and namespace `*` stands for any run of characters, `\*` for itself and `\\` for a backslash;
# within double quotes TOML wants every backslash twice. Upper and lower case are the same.
# An entry with values holds until one of these values changes on either side.
";

/// A file with an entry for each finding, to be filled in by a person. Two findings of one rule and name
/// share an entry. A file of more than [`LIMIT`](super::LIMIT) bytes must be shortened before it is read.
pub fn draft<'a>(entries: impl Iterator<Item = Draft<'a>>, expires: &Day) -> String {
    let mut text = format!("{HEAD}\nformatVersion = {}\n", quoted(FORMAT_VERSION));
    let expires = day(expires);
    let mut written = HashSet::new();
    for entry in entries {
        let body = entry.body(&expires);
        if !written.contains(&body) {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n# {}\n{body}", visible(entry.about));
            written.insert(body);
        }
    }
    text
}

impl Draft<'_> {
    fn body(&self, expires: &str) -> String {
        let mut body = String::from("[[waiver]]\n");
        let mut line = |key: &str, value: &str| {
            let _ = writeln!(body, "{key} = {value}");
        };
        line("rule", &quoted(self.rule));
        line("name", &quoted(&escaped(self.name)));
        if let Some(namespace) = self.namespace {
            line("namespace", &quoted(&escaped(namespace)));
        }
        line("owner", "\"\"");
        line("reason", "\"\"");
        line("expires", expires);
        if let Some((of, sha256)) = self.values {
            let of: Vec<String> = of.iter().map(|name| quoted(name)).collect();
            let value = format!("{{ of = [{}], sha256 = \"{sha256}\" }}", of.join(", "));
            line("values", &value);
        }
        body
    }
}

/// A day as TOML writes it; what is no day of a calendar there is left to be filled in.
fn day(day: &Day) -> String {
    let text = day.to_string();
    let is_date = text.len() == 10 && text.starts_with(|first: char| first.is_ascii_digit());
    if is_date { text } else { quoted("") }
}

/// A text as TOML writes it, on one line, with what acts on a terminal or an editor as escapes.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            _ if acts(letter) => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
