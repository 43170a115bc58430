//! How mapped things and namespaces are named.
//!
//! Owns the reading of a mapping's name where its parts are needed: which global with which subscripts,
//! which routines, which package, and the expression that asks the product where it resolves
//! (`%SYS.Namespace`, H8.3). `hiding` and `proof` ask.
//! The product answers `system^directory`, with an empty system for its own (class text of
//! `%SYS.Namespace`, 2024.1); with a `^` before it that is an implied namespace (RCOS_cznspace_implied).
//! Invariant: [`Place::node`] holds a name and subscripts only as the strict grammar here reads them;
//! everything else of a name stays a string.

use crate::model::MappingKind;
use crate::operation::Operation;

/// The pseudo-namespace whose mappings hold everywhere (H2.3).
pub(super) const EVERYWHERE: &str = "%ALL";

/// What a mapping is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// What is mapped.
    pub(super) kind: MappingKind,
    /// The name without subscripts and without the `*` at its end.
    pub(super) bare: &'a str,
    /// Whether it stands for all names that begin so.
    pub(super) wildcard: bool,
    /// The type of routine that it is limited to.
    pub(super) of_type: Option<&'a str>,
    /// The subscripts, where they are one list of plain values.
    pub(super) subscripts: Option<&'a str>,
    /// Whether there are subscripts of any kind.
    pub(super) subscripted: bool,
}

impl<'a> Place<'a> {
    /// That of an operation on a mapping.
    pub(super) fn of(operation: &'a Operation) -> Option<Self> {
        let subject = &operation.subject;
        let kind = subject.kind?;
        let name = subject.name.as_str();
        let (head, subscripts) = match (kind, name.split_once('(')) {
            (MappingKind::Global, Some((head, rest))) => (head, Some(rest)),
            _ => (name, None),
        };
        let bare = head.strip_suffix('*').unwrap_or(head);
        let list = subscripts.and_then(|rest| rest.strip_suffix(')'));
        Some(Self {
            kind,
            bare,
            wildcard: bare.len() < head.len(),
            of_type: subject.routine_type.as_deref().filter(|of_type| !of_type.is_empty()),
            subscripts: list.filter(|list| plain_global(head) && plain_values(list)),
            subscripted: subscripts.is_some(),
        })
    }

    /// The global with its subscripts as code, where the strict grammar reads both.
    pub(super) fn node(&self) -> Option<String> {
        self.subscripts.map(|list| format!("{}({list})", self.bare))
    }

    /// Where it resolves, asked with the variables `a` (namespace), `b` (bare name) and `l` (subscripts).
    pub(super) fn asked(&self) -> String {
        match self.kind {
            MappingKind::Global => {
                let subscripts = if self.subscripts.is_some() { ",l" } else { "" };
                format!("##class(%SYS.Namespace).GetGlobalDest(a,\"^\"_b{subscripts})")
            }
            MappingKind::Routine => "##class(%SYS.Namespace).GetRoutineDest(a,b,m)".to_owned(),
            MappingKind::Package => "##class(%SYS.Namespace).GetPackageDest(a,b)".to_owned(),
        }
    }

    /// Where the namespace has everything that is not mapped.
    pub(super) const fn asked_by_default(&self) -> &'static str {
        match self.kind {
            MappingKind::Global => "##class(%SYS.Namespace).GetGlobalDest(a)",
            MappingKind::Routine => "##class(%SYS.Namespace).GetRoutineDest(a)",
            MappingKind::Package => "##class(%SYS.Namespace).GetPackageDest(a)",
        }
    }

    /// Whether the bare name is one that a query can be about without meaning something else.
    pub(super) fn is_plain(&self) -> bool {
        dotted(self.bare)
    }
}

/// A namespace as the product takes one (H2.3); an implied one (`^^folder`) is none.
pub(super) fn plain_namespace(name: &str) -> bool {
    let rest = name.strip_prefix('%').unwrap_or(name);
    let follows = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    name.len() <= 64
        && rest.starts_with(|c: char| c.is_ascii_alphabetic())
        && rest.chars().all(follows)
}

/// The name of a setting: that of a property of the task's class (H5.1).
pub(super) fn plain_property(name: &str) -> bool {
    let rest = name.strip_prefix('%').unwrap_or(name);
    name.len() <= 128
        && rest.starts_with(|c: char| c.is_ascii_alphabetic())
        && rest.chars().all(|c| c.is_ascii_alphanumeric())
}

/// `%?[A-Za-z][A-Za-z0-9.]*`: a global; and with more than it, routines and packages.
fn plain_global(name: &str) -> bool {
    name.len() <= 128 && dotted(name) && !name.ends_with('.')
}

fn dotted(name: &str) -> bool {
    let rest = name.strip_prefix('%').unwrap_or(name);
    rest.starts_with(|c: char| c.is_ascii_alphabetic())
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

/// One list of strings of harmless letters and of plain numbers.
fn plain_values(list: &str) -> bool {
    list.len() <= 400 && list.split(',').all(plain_value)
}

fn plain_value(value: &str) -> bool {
    let text = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let harmless = |c: char| c.is_ascii_alphanumeric() || " .-_/%".contains(c);
    if let Some(text) = text {
        // No subscript is empty.
        return !text.is_empty() && text.chars().all(harmless);
    }
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let number = value.strip_prefix('-').unwrap_or(value);
    match number.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_subscripts_become_code() {
        for list in ["1", "\"a\"", "\"HealthShare\",23,-1.5", "\"a b.c-d/%\""] {
            assert!(plain_values(list), "{list}");
        }
        for list in [
            "",
            "a",
            "\"a\"\"b\"",
            "\"\"",
            "\"a\"):(\"b\"",
            "$zf(-1)",
            "1,",
            "1.",
            "\"\u{e4}\"",
            "--1",
        ] {
            assert!(!plain_values(list), "{list}");
        }
        assert!(plain_global("%SYS") && plain_global("IRIS.Msg") && !plain_global("a^b"));
    }

    #[test]
    fn a_namespace_is_no_folder() {
        assert!(plain_namespace("%SYS") && plain_namespace("ELM-HUB_1"));
        assert!(!plain_namespace("^^/tmp/") && !plain_namespace("") && !plain_namespace("a\"b"));
    }
}
