//! The vendor's line for a finding.
//!
//! Owns the wording of findings in the form the vendor's utility prints (H1.4), so that whoever
//! knows its output, by eye or by script, knows ours, and the filling of the words of a rule with
//! the names of its subject.
//! Invariant: a line names the sides by system name, instance or role, never by a file.

use super::rule::{EXTRA, MISSING};
use super::{Finding, Names};
use crate::compare::Side;
use crate::model::{Between, Change, MappingKind, Section, Subject, objectscript};

/// `[*** Blocking *** ]ERROR <HSSYSToolsLoc>CODE: sentence`.
pub(super) fn line(finding: &Finding) -> String {
    let mark = if finding.rule.blocking { "*** Blocking *** " } else { "" };
    format!("{mark}ERROR <HSSYSToolsLoc>{}: {}", finding.code, finding.sentence)
}

/// The sentence for something missing, extra or different.
pub(super) fn sentence(
    section: Section,
    code: &str,
    subject: &Subject,
    changes: &[Change],
    names: &Names,
    between: Between,
) -> String {
    let Names { primary, member } = names;
    let what = what(section, subject);
    match (between, code) {
        (Between::Times, EXTRA) => return format!("{what} was added."),
        (Between::Times, MISSING) => return format!("{what} was removed."),
        _ => {}
    }
    if !changes.is_empty() {
        let (a, b) =
            (object(changes, |change| &change.primary), object(changes, |change| &change.member));
        if between == Between::Times {
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

/// The sentence for what is so on one side, or on both alike: `roles 'X' on 'A' names ...`.
pub(super) fn of_side(
    section: Section,
    subject: &Subject,
    about: Option<Side>,
    what_it_does: &str,
    names: &Names,
) -> String {
    let what = what(section, subject);
    format!("{what} {}on {} {what_it_does}.", within(subject), names.quoted(about))
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
/// first is named and the others are counted. A name with `!` is a string literal of ObjectScript.
pub(super) fn fill(words: &str, finding: &Finding, count: usize) -> String {
    let mut filled = String::with_capacity(words.len() + 32);
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((field, after)) = after.split_once('}') else {
            break;
        };
        filled.push_str(before);
        match field.strip_suffix('!') {
            Some(field) => filled.push_str(&objectscript::literal(&of_field(field, finding, true))),
            None => filled.push_str(&of_field(field, finding, false)),
        }
        if field == "name" && count > 1 {
            filled.push_str(&format!(" (and {} more)", count - 1));
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn of_field(field: &str, finding: &Finding, in_command: bool) -> String {
    let subject = &finding.subject;
    match field {
        "name" => match (subject.kind, subject.routine_type.as_deref()) {
            // The product's class takes the type behind the name, as the CPF writes it (H3.3).
            (Some(MappingKind::Routine), Some(kind)) if in_command && !kind.is_empty() => {
                format!("{}_{kind}", subject.name)
            }
            _ => subject.name.clone(),
        },
        "namespace" => subject.namespace.clone().unwrap_or_default(),
        "database" => subject.database.clone().unwrap_or_default(),
        "kind" => subject.kind.map_or("", |kind| kind.word()).to_owned(),
        "what" => subject.kind.map_or("", |kind| kind.word()).to_lowercase(),
        "class" => subject.kind.map_or("", |kind| kind.class()).to_owned(),
        "target" => finding.target.as_ref().map(|target| target.name.clone()).unwrap_or_default(),
        "because" => match &finding.target {
            Some(target) if target.section == Section::Roles => format!("role {}", target.name),
            _ => "the user's own list of roles".to_owned(),
        },
        "side" => finding.side.as_deref().unwrap_or("that side").to_owned(),
        other => other.to_owned(),
    }
}
