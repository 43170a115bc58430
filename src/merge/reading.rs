//! Merge files, read whole.
//!
//! Owns [`MergeFile`] and its reading: sections in brackets, parameters in all of them but `[Actions]`,
//! actions in that one (H3.2). The bytes come from whoever opened the file; `comment` takes the comments
//! away, `properties` takes an action apart. Line ends may be LF or CRLF, a byte order mark may stand in
//! front, the last line needs no end (H2.1).
//! Invariant: what is read is all there is, in the order of the file, sections that come again
//! included; what cannot be read is a [`Fault`] with its line. No bytes bring it down, and neither a fault
//! nor a debug form holds a value, which may be a secret (H4.8).

use std::fmt;

use super::action::Action;
use super::comment::{BLANKS, Comments};
use super::properties;

/// Bytes of the largest file that is read; real ones have a few thousand.
const SIZE_LIMIT: usize = 16 << 20;

/// The section that holds actions; its case counts (H3.1).
const ACTIONS: &str = "Actions";

/// A whole merge file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeFile {
    /// Its sections in the order of the file; one that comes again stands again.
    pub sections: Vec<Section>,
}

/// One section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The name between the brackets.
    pub name: String,
    /// Line of the heading, counted from 1.
    pub line: usize,
    /// What stands in it, in the order of the file.
    pub entries: Vec<Entry>,
}

/// One line of a section.
#[derive(Clone, PartialEq, Eq)]
pub enum Entry {
    /// A parameter of the CPF that is set.
    Parameter {
        /// Line in the file, counted from 1.
        line: usize,
        /// The parameter.
        keyword: String,
        /// Its value as it stands, with its quotes: what `""` means depends on the version (H2.1).
        value: String,
    },
    /// An action.
    Action {
        /// Line in the file, counted from 1.
        line: usize,
        /// What is asked for.
        action: Action,
    },
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter { line, keyword, value: _ } => write!(f, "{line}: {keyword}"),
            Self::Action { line, action } => write!(f, "{line}: {action:?}"),
        }
    }
}

/// Why a merge file cannot be read. Never quotes anything of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line in the file, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for Fault {}

/// Reads a merge file.
///
/// # Errors
///
/// A [`Fault`] where the file is larger than 16 MiB or not UTF-8, or where a line cannot be read: text
/// before the first section, a heading or a line that is not as the grammar has it, a control character,
/// a comment without end.
pub fn read(text: &[u8]) -> Result<MergeFile, Fault> {
    let fault = |line: usize, what: &str| Fault { line, what: what.to_owned() };
    if text.len() > SIZE_LIMIT {
        return Err(fault(1, "the file is larger than 16 MiB, which no merge file is"));
    }
    let text = str::from_utf8(text).map_err(|error| {
        let good = text.iter().take(error.valid_up_to());
        fault(good.filter(|byte| **byte == b'\n').count() + 1, "the line is not UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sections: Vec<Section> = Vec::new();
    let mut comments = Comments::default();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        // The end of a file that was cut within CRLF.
        let line = line.strip_suffix('\r').unwrap_or(line);
        // Another reader may end the line or the file at one.
        if line.chars().any(|letter| letter.is_control() && letter != '\t') {
            return Err(fault(number, "the line holds a control character"));
        }
        let content = comments.content(number, line);
        if content.is_empty() {
            continue;
        }
        if content.starts_with('[') {
            let name = heading(&content)
                .ok_or_else(|| fault(number, "the line begins like a section and is none"))?;
            sections.push(Section { name: name.to_owned(), line: number, entries: Vec::new() });
            continue;
        }
        let section = sections
            .last_mut()
            .ok_or_else(|| fault(number, "text stands before the first section"))?;
        section.entries.push(if section.name == ACTIONS {
            let action = properties::action(&content).map_err(|what| fault(number, what))?;
            Entry::Action { line: number, action }
        } else {
            let (keyword, value) = parameter(&content)
                .ok_or_else(|| fault(number, "the line is not PARAMETER=VALUE"))?;
            Entry::Parameter { line: number, keyword: keyword.to_owned(), value: value.to_owned() }
        });
    }
    match comments.open() {
        Some(line) => Err(fault(line, "the comment that begins here has no end")),
        None => Ok(MergeFile { sections }),
    }
}

/// The name of a section heading.
fn heading(content: &str) -> Option<&str> {
    let name = content.strip_prefix('[')?.strip_suffix(']')?.trim_matches(BLANKS);
    (!name.is_empty() && !name.contains(['[', ']'])).then_some(name)
}

/// Keyword and value, parted at the first `=` outside quotes and parentheses: the name of a mapped
/// global may hold one in its subscripts (H2.3).
fn parameter(content: &str) -> Option<(&str, &str)> {
    let (mut quoted, mut depth) = (false, 0_usize);
    let mut halves = content.splitn(2, |letter| {
        match letter {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == '=' && !quoted && depth == 0
    });
    let keyword = halves.next()?.trim_matches(BLANKS);
    let value = halves.next()?.trim_matches(BLANKS);
    (!keyword.is_empty()).then_some((keyword, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_ends_at_the_first_equals_sign_outside_quotes_and_parentheses() {
        let line = "Global_A(\"x=y\",1)=DB,5";
        assert_eq!(parameter(line), Some(("Global_A(\"x=y\",1)", "DB,5")));
        assert_eq!(parameter("a = b=c"), Some(("a", "b=c")));
        assert_eq!(parameter("AgentAddress="), Some(("AgentAddress", "")));
        assert_eq!(parameter("=b"), None);
        assert_eq!(parameter("b"), None);
    }

    #[test]
    fn a_fault_has_its_line_and_quotes_nothing() {
        for (text, line) in [
            (&b"x=secret"[..], 1),
            (b"[A]\n[B", 2),
            (b"[A]\n[B]secret", 2),
            (b"[A]\n[]", 2),
            (b"[A]\na=1\n/* x\ny", 3),
            (b"[A]\nsecret", 2),
            (b"[A]\na=b\x00secret\n", 2),
            (b"[A]\na=b\rsecret=c\n", 2),
            (b"[A]\n\nx=\xff", 3),
            (b"[Actions]\r\nModifyUser:Name=x,Name=secret\r\n", 2),
        ] {
            let fault = read(text).unwrap_err();
            assert_eq!(fault.line, line, "{fault}");
            assert!(!fault.what.contains("secret"), "{fault}");
        }
        assert_eq!(read(&vec![b'\n'; SIZE_LIMIT + 1]).unwrap_err().line, 1);
    }

    #[test]
    fn a_debug_form_shows_no_value() {
        let text =
            "[Startup]\nPasswordHash=secret\n[Actions]\nModifyUser:Name=u,PasswordHash=secret";
        let shown = format!("{:?}", read(text.as_bytes()));
        assert!(shown.contains("PasswordHash") && !shown.contains("secret"), "{shown}");
    }
}
