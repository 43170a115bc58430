//! What holds the instance against what is wanted.
//!
//! Owns the lines that read one object back after its act and compare it (H8.3): whether it is there,
//! each property by its likeness, and of a mapping where its name resolves now. They leave in `v` the
//! names of the properties that are not as wanted, each after a comma, and in `f` what keeps it from
//! being told; `script` prints one of the two.
//! Variables: `p` what is wanted, `q` what is there.
//! Invariant: they change nothing, and what they print of an object is the names of properties, never a
//! value of either side.

use super::calls;
use super::hiding::{NO_ANSWER, TARGET, names};
use super::lines::{Lines, TELL, attempt};
use super::place::{EVERYWHERE, Place};
use super::{Act, sent, tasks};
use crate::model::{Likeness, Section};
use crate::operation::{Operation, Verb};

/// Holds one act's object against what it was to become.
pub(super) fn prove(lines: &mut Lines, act: &Act<'_>) {
    let operation = act.operation;
    let Some(class) = operation.class() else {
        return lines.text("f", &format!("no script looks at {}", operation.section));
    };
    let is_task = operation.section == Section::Tasks;
    if is_task
        && operation.verb != Verb::Delete
        && let Some(reason) = tasks::impossible(act)
    {
        return lines.text("f", &reason);
    }
    let sent = sent(operation);
    calls::prepare(lines, act, &sent);
    let new_user = operation.section == Section::Users && operation.verb == Verb::Create;
    if new_user {
        lines.line("set p(\"Enabled\")=\"0\",p(\"Flags\")=\"1\"");
    }
    let name = calls::name(operation);
    let there = format!("##class({class}).Exists({name})");
    match (operation.verb, is_task) {
        (Verb::Delete, true) => {
            lines.line(&attempt(&format!(
                "{} if (f=\"\")&&(k>0) {{ set f=\"it is still there\" }}",
                tasks::FIND
            )));
            return;
        }
        (Verb::Delete, false) => {
            lines.line(&attempt(&format!("if {there} {{ set f=\"it is still there\" }}")));
            return;
        }
        (_, true) => {
            lines.line(&attempt(&format!("{} {}", tasks::FIND, tasks::SEVERAL)));
            lines.line(&attempt(
                "if k=0 { set f=\"it is not there\" } else { set t=##class(%SYS.Task).%OpenId(j) if \
                 '$isobject(t) { set f=\"it cannot be opened\" } }",
            ));
            lines.attempts(sent.iter().map(|value| tasks::get(value.property)));
        }
        (_, false) => lines.line(&attempt(&format!(
            "if '{there} {{ set f=\"it is not there\" }} else {{ set s=##class({class}).Get({name},.q) \
             {TELL} }}"
        ))),
    }
    let properties = sent.iter().map(|value| (value.property.source, value.property.likeness));
    let own = [("Enabled", Likeness::Exact), ("Flags", Likeness::Exact)];
    let own = own.into_iter().filter(|_| new_user);
    lines.attempts(properties.chain(own).map(|(source, likeness)| compared(source, likeness)));
    if is_task && !act.settings.is_empty() {
        lines.line(&attempt(tasks::SETTINGS));
    }
    destination(lines, operation);
}

/// Adds the name of a property that is not as wanted to `v`.
fn compared(source: &str, likeness: Likeness) -> String {
    let wanted = format!("$get(p(\"{source}\"))");
    let found = format!("$get(q(\"{source}\"))");
    match likeness {
        // Whether the product gives letters or their bits is documented nowhere; either will do (H4.4).
        Likeness::Exact if source == "PublicPermission" => format!(
            "if ({found}'={wanted})&&({found}'=((({wanted}[\"R\")+(({wanted}[\"W\")*2))+(({wanted}[\"U\")*4))) \
             {{ set v=v_\", {source}\" }}"
        ),
        Likeness::Exact => {
            format!("if {found}'={wanted} {{ set v=v_\", {source}\" }}")
        }
        Likeness::Name => format!(
            "if $zconvert({found},\"L\")'=$zconvert({wanted},\"L\") {{ set v=v_\", {source}\" }}"
        ),
        Likeness::List => items(source, &wanted, &found),
        Likeness::Names => {
            let fold = |text: String| format!("$zconvert({text},\"L\")");
            items(source, &fold(wanted), &fold(found))
        }
    }
}

/// Two lists of items between commas: every item of the one is in the other, and the other way round.
/// A blank after a comma is not part of an item.
fn items(source: &str, wanted: &str, found: &str) -> String {
    let within = |one: &str, other: &str| {
        format!(
            "for k=1:1:$length({one},\",\") {{ if '((\",\"_{other}_\",\")[(\",\"_$piece({one},\",\",k)_\",\")) \
             {{ set y=1 }} }}"
        )
    };
    format!(
        "set d=$replace({wanted},\", \",\",\"),h=$replace({found},\", \",\",\"),y=0 {} {} \
         if y {{ set v=v_\", {source}\" }}",
        within("d", "h"),
        within("h", "d")
    )
}

/// Whether a mapping leads where it says, as the product resolves the name (H8.3). A name with `*` is
/// none that resolves, and `%ALL` is no namespace in which one could.
fn destination(lines: &mut Lines, operation: &Operation) {
    let namespace = operation.subject.namespace.as_deref().unwrap_or_default();
    let Some(place) = Place::of(operation) else {
        return;
    };
    // Of a range or an odd name it is not known at which subscript to ask.
    let askable = place.is_plain() && (!place.subscripted || place.subscripts.is_some());
    if place.wildcard
        || !askable
        || namespace.eq_ignore_ascii_case(EVERYWHERE)
        || operation.text("database").is_none()
    {
        return;
    }
    names(lines, &place);
    lines.line(&attempt(&format!("kill q {TARGET}")));
    lines.line(&attempt(&format!(
        "set d={} if ({NO_ANSWER})!($zconvert(d,\"L\")'=g) {{ set v=v_\", where it resolves\" }}",
        place.asked()
    )));
}
