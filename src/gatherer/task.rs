//! The tasks of the Task Manager.
//!
//! Owns the script of section tasks. Tasks are objects and not arrays of properties; a predecessor is
//! named by an id of the instance, which is resolved to that task's name, namespace and class; and the
//! settings are a `$list` of names and values (H5.1, H5.2).
//! Invariant: the value of a setting is written only where it is on the list of those that may be carried,
//! or was asked for (H4.8, H5.3); its name always.

use super::Wishes;
use super::form;
use super::section;
use crate::model::objectscript::ascii_literal;
use crate::model::{Form, Property, Section, UNRESOLVED, carried_settings};
use crate::script::TIMES;
use crate::script::lines::Lines;

/// What separates class and setting in the list of those that are carried; no name holds it.
const BETWEEN: &str = "|";

/// Asks for the tasks.
pub(super) fn gather(lines: &mut Lines, wishes: &Wishes) {
    let properties = section::named(Section::Tasks, wishes);
    let plain = properties.filter(|property| property.form != Form::Own);
    form::properties(lines, "c", plain.map(read));
    let carried: Vec<String> =
        carried_settings().map(|(class, name)| format!("{class}:{name}")).collect();
    let carried = format!("{BETWEEN}{}{BETWEEN}", carried.join(BETWEEN));
    lines.text("carried", &carried);
    lines.line(&format!("set every={}", u8::from(wishes.task_settings)));
    lines.text(
        "x(\"settings\")",
        "set a={},l=t.Settings if $listvalid(l) { for i=1:2:$listlength(l) { set w=$listget(l,i,\"\") if w'=\"\" \
         { if every!(carried[(\"|\"_t.TaskClass_\":\"_w_\"|\")) { do a.%Set(w,$listget(l,i+1,\"\"),\"string\") } else \
         { do a.%Set(w,\"\",\"null\") } } } do o.%Set(\"settings\",a) } else { set odd=odd+1 }",
    );
    lines.text(
        "x(\"after\")",
        &format!(
            "try {{ set y=(t.TimePeriod=4),w=t.RunAfterGUID,v=$select(w=\"\":\"\",1:$get(guid(w),{unresolved})) }} \
             catch e {{ set y=1,v={unresolved} }} if y {{ do o.%Set(\"runAfter\",v,\"string\") }}",
            unresolved = ascii_literal(UNRESOLVED)
        ),
    );
    lines.text(
        "x(\"one\")",
        "set t=##class(%SYS.Task).%OpenId(name,0) if '$isobject(t) { set bad=bad+1,why=\"a task cannot be opened\" } \
         elseif t.Name'=\"\" { set o={} do o.%Set(\"name\",t.Name,\"string\"),o.%Set(\"namespace\",t.NameSpace,\
         \"string\"),o.%Set(\"taskClass\",t.TaskClass,\"string\") for g=1:1:c { xecute c(g) } xecute x(\"after\") \
         xecute x(\"settings\") xecute x(\"put\") } set t=\"\"",
    );
    section::begin(lines, Section::Tasks);
    lines.line("kill guid set column=\"ID\"");
    // Rights on the table are not asked for where the version can leave them out: who may open tasks may
    // list them.
    let list = "set old=0,st=##class(%SQL.Statement).%New() try { set s=st.%Prepare(\"SELECT ID FROM %SYS.Task\",0) } \
        catch e { set s=st.%Prepare(\"SELECT ID FROM %SYS.Task\") } if $SYSTEM.Status.IsError(s) { set \
        h=$SYSTEM.Status.GetErrorText(s) } else { set r=st.%Execute() if r.%SQLCODE<0 { set h=r.%Message } }";
    // As the model refers to a task (`Task::reference`).
    lines.line(&section::attempt(&format!(
        "{list} if h=\"\" {{ while r.%Next() {{ set t=##class(%SYS.Task).%OpenId(r.%Get(column),0) if $isobject(t) {{ set w=t.JobGUID if w'=\"\" {{ set \
         guid(w)=t.Name_\" in \"_$zconvert(t.NameSpace,\"L\")_\" (\"_t.TaskClass_\")\" }} }} }} }}"
    )));
    lines.line(&section::attempt(&format!("{list} xecute x(\"walk\")")));
    section::close(lines);
}

/// The command that reads a property of the task in `t` and puts it into `o`. An older version may not
/// have it; then it is unknown.
fn read(property: &Property) -> String {
    let source = property.source;
    let read = match property.form {
        Form::Items | Form::Names => format!(
            "if $isobject(t.{source}) {{ set v=\"\" for i=1:1:t.{source}.Count() {{ set v=v_$select(i=1:\"\",1:\
             \",\")_t.{source}.GetAt(i) }} }} else {{ set v=t.{source} }}"
        ),
        _ if TIMES.contains(&source) => {
            // By hand: `$ztime` writes as the locale does.
            format!(
                "set v=t.{source} if v=+v {{ set v=$translate($justify(v\\3600,2)_\":\"_$justify(v\\60#60,2)_\":\"_\
                 $justify(v#60,2),\" \",0) }}"
            )
        }
        _ => format!("set v=t.{source}"),
    };
    // What is empty says nothing: a time of day or a list that is not there has its default.
    format!(
        "try {{ {read} set y=(v'=\"\") }} catch e {{ set y=0 }} if y {{ {} }}",
        form::put(property)
    )
}
