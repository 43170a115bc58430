//! Whether a mapping would hide something.
//!
//! Owns the lines that look for it before the mapping is made: data and code that a namespace has now
//! stay where they are and vanish from its sight (H2.3, H8.4). They leave in `x` why the act is stopped,
//! and in `f` why it could not be looked; then nothing is done.
//! Looked at is the database in which the name resolves now, not the namespace: what the target already
//! holds is not hidden. For a name with `*` the namespace's default database is looked at too.
//! Sources: `%SYS.Namespace` and `%Library.Routine` (class texts 2024.1), `^$GLOBAL` (RCOS_sglobal),
//! extended references (GGBL_extended: `^` alone would be the process's own globals, so an answer
//! without a directory is refused).
//! Invariant: they change nothing, leave the session in `%SYS`, and any error keeps the act from being done.

use super::lines::{Lines, TELL, attempt};
use super::place::{EVERYWHERE, Place, plain_namespace};
use crate::model::MappingKind;
use crate::operation::{Operation, Verb};

/// Puts the database that a mapping leads to into `g`, as `%SYS.Namespace` would tell it, in lower case.
pub(super) const TARGET: &str = "set s=##class(Config.Databases).Get($get(p(\"Database\")),.q) \
    if $SYSTEM.Status.IsError(s) { set f=\"the database: \"_$SYSTEM.Status.GetErrorText(s) } \
    else { set g=$zconvert($get(q(\"Server\"))_\"^\"_##class(%Library.File).\
    NormalizeDirectory($get(q(\"Directory\"))),\"L\") }";

/// Whether `d` is no answer of `%SYS.Namespace`.
pub(super) const NO_ANSWER: &str = "($length(d,\"^\")'=2)!($piece(d,\"^\",2)=\"\")";

/// Looks, for an operation on a mapping that says where it leads.
pub(super) fn look(lines: &mut Lines, operation: &Operation) {
    let Some(place) = Place::of(operation).filter(|_| operation.verb != Verb::Delete) else {
        return;
    };
    let unchanged = operation.verb == Verb::Modify && operation.text("database").is_none();
    if unchanged {
        return;
    }
    if let Some(reason) = not_looked(operation, &place) {
        return lines.line(&format!("set x=\"{reason}\""));
    }
    names(lines, &place);
    let class = place.kind.class();
    lines.line(&attempt(&format!(
        "if '##class(%SYS.Namespace).Exists(a) {{ set f=\"there is no such namespace\" }} \
         else {{ {TARGET} }}"
    )));
    // Where this very mapping is there already, the act changes nothing about who sees what.
    lines.line(&attempt(&format!(
        "if ##class({class}).Exists(a,n) {{ set s=##class({class}).Get(a,n,.u) {TELL} \
         set y=($zconvert($get(u(\"Database\")),\"L\")=$zconvert($get(p(\"Database\")),\"L\")) }}"
    )));
    let found = match place.kind {
        MappingKind::Global => global(&place),
        MappingKind::Routine => ROUTINES.to_owned(),
        MappingKind::Package => PACKAGES.to_owned(),
    };
    let asked = match place.wildcard {
        true => format!("{},{}", place.asked(), place.asked_by_default()),
        false => place.asked(),
    };
    let look = attempt(&format!(
        "if 'y {{ for d={asked} {{ if (f_x)=\"\" {{ if {NO_ANSWER} {{ set f=\"where it resolves now is \
         not known\" }} elseif $zconvert(d,\"L\")'=g {{ {found} }} }} }} }}"
    ));
    match place.kind {
        MappingKind::Package => lines.line(&format!("{look} set $namespace=\"%SYS\"")),
        _ => lines.line(&look),
    }
}

/// The names that the lines use: `b` the bare name, `l` the subscripts, `m` the type, `k` the mask of a
/// list of routines.
pub(super) fn names(lines: &mut Lines, place: &Place<'_>) {
    lines.text("b", place.bare);
    if let Some(list) = place.subscripts {
        lines.text("l", list);
    }
    if place.kind == MappingKind::Routine {
        // The types that a destination can be asked for (class text of `%SYS.Namespace`).
        lines.text("m", place.of_type.unwrap_or("INT"));
        let star = if place.wildcard { "*" } else { "" };
        let of_type = place.of_type.unwrap_or("*");
        lines.text("k", &format!("{}{star}.{of_type}", place.bare));
    }
}

/// Why it is not even looked.
pub(super) fn refusal(operation: &Operation) -> Option<&'static str> {
    not_looked(operation, &Place::of(operation)?)
}

fn not_looked(operation: &Operation, place: &Place<'_>) -> Option<&'static str> {
    let namespace = operation.subject.namespace.as_deref().unwrap_or_default();
    if namespace.eq_ignore_ascii_case(EVERYWHERE) {
        return Some("what it would hide in every namespace is not looked for; make it by hand");
    }
    if !plain_namespace(namespace) {
        return Some("the name of its namespace is odd, so nothing is looked for in it");
    }
    // A mask of routines or a prefix of classes would mean other names.
    let odd_type = place.of_type.is_some_and(|of| !crate::model::ROUTINE_TYPES.contains(&of));
    let named = match place.kind {
        MappingKind::Package => place.is_plain() && !place.wildcard,
        _ => place.is_plain() || place.wildcard && place.bare.is_empty(),
    };
    (place.kind != MappingKind::Global && (odd_type || !named))
        .then_some("its name is odd, so what it would hide is not looked for")
}

/// Data of a global in the database `d`.
fn global(place: &Place<'_>) -> String {
    let reason = "data of that name is in another database and would be hidden";
    let there = match (place.node(), place.wildcard) {
        (Some(node), _) => format!("$data(^|\"^\"_d|{node})"),
        (None, false) => "$data(^$|\"^\"_d|GLOBAL(\"^\"_b))".to_owned(),
        (None, true) => {
            "($data(^$|\"^\"_d|GLOBAL(\"^\"_b)))!($extract($order(^$|\"^\"_d|GLOBAL(\"^\"_b)),1,\
                         $length(b)+1)=(\"^\"_b))"
                .to_owned()
        }
    };
    format!("if {there} {{ set x=\"{reason}\" }}")
}

/// Routines of any kind in the database `d`, those without source too (third argument); the query takes
/// an implied namespace (class text of `%Library.Routine`).
const ROUTINES: &str = "set r=##class(%SQL.Statement).%New(),\
    s=r.%PrepareClassQuery(\"%Library.Routine\",\"RoutineList\",0) \
    if $SYSTEM.Status.IsError(s) { set f=\"routines cannot be listed: \"_$SYSTEM.Status.GetErrorText(s) } \
    else { set r=r.%Execute(k,1,1,\"^\"_d) if r.%Next() { set x=\"routines of that name are in another \
    database and would be hidden\" } elseif r.%SQLCODE<0 { set f=\"routines cannot be listed: \"_r.%Message } }";

/// Classes of the package in the namespace `a`; the line goes back to `%SYS` at its end.
const PACKAGES: &str = "set $namespace=a set r=##class(%SQL.Statement).%ExecDirect(,\
    \"SELECT TOP 1 Name FROM %Dictionary.ClassDefinition WHERE Name %STARTSWITH ?\",b_\".\") \
    if r.%Next() { set x=\"classes of that package are in another database and would be hidden\" } \
    elseif r.%SQLCODE<0 { set f=\"classes cannot be listed: \"_r.%Message }";
