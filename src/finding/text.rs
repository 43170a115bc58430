//! The vendor's line for a finding.
//!
//! Owns the wording of findings in the form the vendor's utility prints (H1.4), so that whoever
//! knows its output, by eye or by script, knows ours, and the filling of the words of a rule with
//! the names of its subject.
//! Invariant: a line names the sides by system name, instance or role, never by a file.

use super::Names;
use super::drift::{ADDED, CHANGED, REMOVED};
use super::rule::{EXTRA, Rule};
use crate::model::{Change, Section, Subject};

/// `[*** Blocking *** ]ERROR <HSSYSToolsLoc>CODE: sentence`.
pub(super) fn line(rule: &Rule, sentence: &str) -> String {
    let mark = if rule.blocking { "*** Blocking *** " } else { "" };
    format!("{mark}ERROR <HSSYSToolsLoc>{}: {sentence}", rule.code)
}

/// The sentence for something missing, extra or different.
pub(super) fn sentence(
    section: Section,
    code: &str,
    subject: &Subject,
    changes: &[Change],
    names: &Names,
) -> String {
    let Names { primary, member } = names;
    let what = what(section, subject);
    match code {
        ADDED => return format!("{what} was added."),
        REMOVED => return format!("{what} was removed."),
        _ => {}
    }
    if !changes.is_empty() {
        let (a, b) =
            (object(changes, |change| &change.primary), object(changes, |change| &change.member));
        if code == CHANGED {
            return format!("{what} was ({a}) and is ({b}).");
        }
        return format!("{what} is different between '{primary}' ({a}) and '{member}' with ({b}).");
    }
    if code == EXTRA {
        return format!("{what} exists on '{member}' but not on '{primary}'.");
    }
    format!("{what} does not exist {}on '{member}'.", within(subject))
}

/// The object as the vendor's sentences begin: `roles 'X'`, or for a mapping
/// `Routine mapping 'HS.*' of type '' to 'HSLIB'`.
fn what(section: Section, subject: &Subject) -> String {
    let name = &subject.name;
    match (subject.kind, &subject.namespace) {
        (Some(kind), _) => {
            let of_type = match &subject.routine_type {
                Some(routine_type) if kind.word() == "Routine" => {
                    format!(" of type '{routine_type}'")
                }
                _ => String::new(),
            };
            let database = subject.database.as_deref().unwrap_or_default();
            format!("{} mapping '{name}'{of_type} to '{database}'", kind.word())
        }
        (None, Some(namespace)) => format!("{section} '{name}' in {namespace}"),
        (None, None) => format!("{section} '{name}'"),
    }
}

fn within(subject: &Subject) -> String {
    match (subject.kind, &subject.namespace) {
        (Some(_), Some(namespace)) => format!("in {namespace} "),
        _ => String::new(),
    }
}

/// `{"authenticationMethods":"Password,Unauthenticated"}`.
fn object(changes: &[Change], side: impl Fn(&Change) -> &Option<crate::model::Shown>) -> String {
    let fields: Vec<String> = changes
        .iter()
        .map(|change| {
            let spelled = side(change).as_ref().map_or("", |shown| shown.spelled.as_str());
            let quoted = serde_json::Value::from(spelled);
            format!("\"{}\":{quoted}", change.property.name())
        })
        .collect();
    format!("{{{}}}", fields.join(","))
}

/// The words of a rule with the names of its subject in place; of several, `count` together, the
/// first is named and the others are counted.
pub(super) fn fill(words: &str, subject: &Subject, count: usize) -> String {
    let mut filled = String::with_capacity(words.len() + 32);
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((field, after)) = after.split_once('}') else {
            break;
        };
        filled.push_str(before);
        match field {
            "name" if count > 1 => {
                filled.push_str(&format!("{} (and {} more)", subject.name, count - 1))
            }
            "name" => filled.push_str(&subject.name),
            "namespace" => filled.push_str(subject.namespace.as_deref().unwrap_or_default()),
            "database" => filled.push_str(subject.database.as_deref().unwrap_or_default()),
            "kind" => filled.push_str(subject.kind.map_or("", |kind| kind.word())),
            other => filled.push_str(other),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}
