//! The calls that do one act.
//!
//! Owns, for every section but tasks, which method of the product's class is called with what (H4.2 to
//! H4.6, H8.4), and which acts no script can do. Names and values come from the variables that
//! `script` and [`prepare`] have set: `n` the name, `a` the namespace, `p` the properties.
//! An object that is to be made and is there already gets the same properties, so that a script can be
//! run again; one that is to be changed and is not there is a failure.
//! Invariant: a new user is disabled, has no password and stays disabled when the script runs again; an
//! application is never made without the ways to log in that it allows, since the product's default lets
//! anybody in (H4.5).

use super::lines::{Lines, TELL, attempt};
use super::{Act, place, tasks};
use crate::model::Section;
use crate::operation::{Assignment, Operation, Verb};

/// Properties of a user that `Create` takes in the places of its arguments.
const OF_CREATE: [&str; 7] =
    ["Roles", "FullName", "NameSpace", "Routine", "ExpirationDate", "ChangePassword", "Comment"];

/// Why no script does it.
pub(super) fn impossible(act: &Act<'_>) -> Option<String> {
    let operation = act.operation;
    let verb = operation.verb;
    let because = |reason: &str| Some(reason.to_owned());
    if operation.class().is_none() {
        return Some(format!("no script does that with {}", operation.section));
    }
    if verb == Verb::Modify && super::sent(operation).is_empty() && act.settings.is_empty() {
        return because("nothing of it can be set");
    }
    match (operation.section, verb) {
        (Section::Services, Verb::Create | Verb::Delete) => {
            because("services come with the product")
        }
        (Section::Tls, Verb::Create) => {
            because("it needs files and a passphrase of this member; make it by hand")
        }
        (Section::Applications, Verb::Create)
            if operation.text("authentication_methods").is_none() =>
        {
            because("the ways to log in are not known, and without them it would let anybody in")
        }
        (Section::Tasks, _) => tasks::impossible(act),
        _ => None,
    }
}

/// Sets `p` to the properties that are sent.
pub(super) fn prepare(lines: &mut Lines, act: &Act<'_>, sent: &[&Assignment]) {
    for value in sent {
        let source = value.property.source;
        match act.operation.section {
            Section::Tasks => lines.text(&format!("p(\"{source}\")"), &tasks::inside(value)),
            _ => lines.text(&format!("p(\"{source}\")"), &value.text),
        }
    }
    if act.operation.section == Section::Tasks {
        tasks::prepare(lines, act);
    }
}

/// Does it.
pub(super) fn run(lines: &mut Lines, act: &Act<'_>) {
    let operation = act.operation;
    let Some(class) = operation.class() else {
        return;
    };
    if operation.section == Section::Tasks {
        return tasks::run(lines, act);
    }
    let name = name(operation);
    let there = format!("##class({class}).Exists({name})");
    let modify = format!("set s=##class({class}).Modify({name},.p) {TELL}");
    lines.line(&attempt(&match operation.verb {
        Verb::Create => {
            let create = create(operation, class);
            // A mapping of one subscript and the like may come with no property to modify.
            let again = if super::sent(operation).is_empty() { "" } else { &modify };
            format!("if '{there} {{ {create} }} else {{ {again} }}")
        }
        Verb::Modify => format!("if '{there} {{ set f=\"it is not there\" }} else {{ {modify} }}"),
        Verb::Delete => {
            let delete = format!("set s=##class({class}).Delete({name}) {TELL}");
            match operation.section {
                Section::Resources => format!("if {there} {{ {IN_USE} if f=\"\" {{ {delete} }} }}"),
                _ => format!("if {there} {{ {delete} }}"),
            }
        }
    }));
}

/// Whether anything rests on the resource: deleting it would take it out of every role (H4.4). The role
/// that the system makes of a database's resource goes with it.
const IN_USE: &str = "set s=##class(Security.Resources).InUse(n,.q,.u,.d,.g) if $SYSTEM.Status.IsError(s) \
    { set f=\"the product says: \"_$SYSTEM.Status.GetErrorText(s) } else { set y=$listlength($get(d))+\
    $listlength($get(g)) for k=1:1:$listlength($get(u)) { if $listget(u,k,\"\")'=n { set y=y+1 } } if y>0 { set \
    f=\"it is in use\" } }";

/// How the methods are told which object it is.
pub(super) fn name(operation: &Operation) -> &'static str {
    match operation.section {
        Section::Mappings => "a,n",
        _ => "n",
    }
}

fn create(operation: &Operation, class: &str) -> String {
    match operation.section {
        Section::Resources => format!(
            "set s=##class({class}).Create(n,$get(p(\"Description\")),$get(p(\"PublicPermission\"))) {TELL}"
        ),
        Section::Roles => format!(
            "set s=##class({class}).Create(n,$get(p(\"Description\")),$get(p(\"Resources\")),\
             $get(p(\"GrantedRoles\")),+$get(p(\"EscalationOnly\"))) {TELL}"
        ),
        Section::Users => user(operation, class),
        // The reference declares no type for what `Create` of a mapping gives back; it is a status
        // (H8.4), and were it nothing, the call would fail within `try` and be told.
        _ => format!("set s=##class({class}).Create({},.p) {TELL}", name(operation)),
    }
}

/// No password, not enabled, a password user (`Flags`, H4.2); the rest of the properties afterwards.
fn user(operation: &Operation, class: &str) -> String {
    let create = format!(
        "set s=##class({class}).Create(n,$get(p(\"Roles\")),\"\",$get(p(\"FullName\")),\
         $get(p(\"NameSpace\")),$get(p(\"Routine\")),$get(p(\"ExpirationDate\")),\
         +$get(p(\"ChangePassword\")),0,$get(p(\"Comment\")),1) {TELL}"
    );
    let sent = super::sent(operation);
    if sent.iter().all(|value| OF_CREATE.contains(&value.property.source)) {
        return create;
    }
    format!("{create} if f=\"\" {{ set s=##class({class}).Modify(n,.p) {TELL} }}")
}

/// Whether a setting has a name that a property can have.
pub(super) fn settings_are_named(act: &Act<'_>) -> bool {
    act.settings.iter().all(|(name, _)| place::plain_property(name))
}
