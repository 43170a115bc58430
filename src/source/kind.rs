//! What a file is, told by its content.
//!
//! Owns the recognition of every kind of source from the beginning of a file, whatever its name
//! (design 4), and the sentences for files that are something else an administrator may well have
//! at hand.
//! Invariant: a file that is not recognised is never read as something it is not.

use std::path::Path;

use super::{cpf, qlist, security, task};
use crate::error::{Error, Kind as Failure, Result};

/// Bytes looked at to tell what a file is.
pub(super) const LOOK: u64 = 64 << 10;

/// How a file begins that age sealed, in its binary and its text form.
const MAGIC: &[&[u8]] = &[b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE"];

/// Armor may have white space before it.
fn is_sealed(start: &[u8]) -> bool {
    let start = start.trim_ascii_start();
    MAGIC.iter().any(|magic| start.starts_with(magic))
}

/// Whether JSON that starts like this is the result of a comparison, in either of the two layouts that
/// this program writes.
pub fn is_comparison(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let early = text.get(..200).unwrap_or(text);
    let canonical = ["member", "new"].iter().any(|side| {
        text.strip_prefix("{\"coverage\":[{\"").is_some_and(|rest| rest.starts_with(side))
    });
    canonical || early.contains("\"formatVersion\"") && early.contains("\"verdict\"")
}

/// Whether a file claims to be a bundle: by its name, or by how it starts (design 3).
pub fn claims_to_be_sealed(path: &Path, start: &[u8]) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("age")) || is_sealed(start)
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A configuration parameter file, or something that looks like one.
    Cpf,
    /// A security export.
    Security,
    /// A task export.
    Task,
    /// Output of `iris qlist`.
    Qlist,
    /// A JSON document.
    Document,
    /// The result of a comparison.
    Comparison,
    /// A bundle, or something else that age sealed.
    Sealed,
    /// The copy of a database.
    Database,
    /// None of the sources.
    Other,
}

/// Tells what a file is by how it starts.
pub(super) fn of(path: &Path, start: &[u8]) -> Result<Kind> {
    if start.is_empty() {
        let message = format!("{} is empty.", path.display());
        let hint = "Export it again on the instance and copy the whole file.";
        return Err(Error::new(Failure::Malformed, message, hint));
    }
    if is_sealed(start) {
        return Ok(Kind::Sealed);
    }
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        return Err(Error::malformed(
            path,
            1,
            "the text is UTF-16, but every export of the product is UTF-8",
            "Copy the original file instead of one that an editor saved.",
        ));
    }
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    Ok(match text.chars().next() {
        None => Kind::Other,
        Some('<') => xml(path, text)?,
        Some('{') if is_comparison(text.as_bytes()) => Kind::Comparison,
        Some('{') => Kind::Document,
        _ if qlist::looks_like(text) => Kind::Qlist,
        _ if cpf::looks_like(text) => Kind::Cpf,
        _ if text.contains('\0') => Kind::Database,
        _ => Kind::Other,
    })
}

/// Tells XML files apart by their root element.
fn xml(path: &Path, text: &str) -> Result<Kind> {
    let line = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text.len() - rest.len();
        let skipped = if rest.starts_with("<?") {
            rest.split_once("?>")
        } else if rest.starts_with("<!--") {
            rest.split_once("-->")
        } else if rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) {
            let html = rest.get(9..).unwrap_or_default().trim_start();
            if html.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("html")) {
                return Err(report(path));
            }
            return Err(Error::malformed(
                path,
                line(at),
                "a document type, which no export of the product has",
                super::xml::EXPORT_AGAIN,
            ));
        } else {
            None
        };
        match skipped {
            Some((_, after)) => rest = after,
            None => break,
        }
    }
    let at = text.len() - rest.len();
    let name: String = rest
        .chars()
        .skip(1)
        .take_while(|letter| letter.is_alphanumeric() || "_-.".contains(*letter))
        .take(60)
        .collect();
    if security::is_root(&name) {
        return Ok(Kind::Security);
    }
    if name == task::ROOT {
        return Ok(Kind::Task);
    }
    if name.eq_ignore_ascii_case("html") {
        return Err(report(path));
    }
    let what = if name.is_empty() {
        "the file is XML without a root element, so it is cut short".to_owned()
    } else {
        format!("<{name}> is neither a security export nor a task export of the product")
    };
    let hint = "Give SecurityExport.xml, one of the single exports, or the task export.";
    Err(Error::malformed(path, line(at), what, hint))
}

/// A diagnostic report holds a CPF, but is none (formats 5).
fn report(path: &Path) -> Error {
    let what = "this is a web page, perhaps a diagnostic report, and no export of the product";
    let hint = "Give iris.cpf itself from the install folder.";
    Error::malformed(path, 1, what, hint)
}
