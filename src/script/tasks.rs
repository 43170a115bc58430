//! Tasks in a script.
//!
//! Owns what is different with tasks: a name is not unique, so they are found by name, namespace and
//! class (H5.2); they are objects and not arrays of properties; times and days are numbers inside; and
//! the settings of their class are one list (H5.1). `calls` does all other sections, `proof` asks here
//! how a task is read.
//! Variables: `n` name, `a` namespace, `b` class, `p` the properties as the object has them, `g` the
//! settings by name, `t` the object.
//! Invariant: a setting that is not in the act keeps its value on the instance, since values that may be
//! secrets are never carried (H5.3); a task goes only where it is the only one of its name.

use super::lines::{Lines, TELL, attempt};
use super::{Act, calls};
use crate::model::{Form as Stated, Property, Section};
use crate::operation::{Assignment, Verb};

/// Finds the task: its number in `j`, how many there are in `k`. The names of the columns are those of
/// the properties (H5.1, observed); names and classes count with their case (H4.9), which SQL may not.
pub(super) const FIND: &str = "set r=##class(%SQL.Statement).%ExecDirect(,\"SELECT ID FROM %SYS.Task WHERE \
    %EXACT(Name) = ? AND NameSpace = ? AND %EXACT(TaskClass) = ?\",n,a,b),k=0,j=\"\" if r.%SQLCODE<0 { set f=\"tasks cannot \
    be listed: \"_r.%Message } else { while r.%Next() { set k=k+1,j=r.%Get(\"ID\") } }";

/// Several of one name, namespace and class.
pub(super) const SEVERAL: &str =
    "if (f=\"\")&&(k>1) { set f=\"there are several tasks of that name, namespace and class\" }";

/// How a property stands within the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As it is written.
    Plain,
    /// Seconds after midnight.
    Time,
    /// A day as a number.
    Day,
    /// A list of addresses; whether it is a collection depends on the version, so the object is asked.
    Addresses,
}

/// Properties that are seconds after midnight inside (H5.2); a declaration calls them texts.
pub(crate) const TIMES: [&str; 2] = ["DailyStartTime", "DailyEndTime"];

fn form(property: &Property) -> Form {
    match property.form {
        Stated::Day => Form::Day,
        Stated::Items | Stated::Names => Form::Addresses,
        _ if TIMES.contains(&property.source) => Form::Time,
        _ => Form::Plain,
    }
}

/// Why a script does not do it.
pub(super) fn impossible(act: &Act<'_>) -> Option<String> {
    let operation = act.operation;
    let reason = if operation.text("time_period") == Some("4") && operation.verb == Verb::Create {
        "it runs after another task, which has another number here; make it by hand"
    } else if !calls::settings_are_named(act) {
        "a setting of it has a name that no property can have"
    } else if operation.values.iter().any(|value| !is_readable(value)) {
        "a day or a time of it is none"
    } else {
        return None;
    };
    Some(reason.to_owned())
}

/// Whether a day or a time is one; `$zdateh` would take more than is meant.
fn is_readable(value: &Assignment) -> bool {
    let text = value.text.as_str();
    match form(value.property) {
        Form::Time => text.is_empty() || seconds(text).is_some(),
        Form::Day => text.is_empty() || is_day(text),
        Form::Plain | Form::Addresses => true,
    }
}

fn is_day(text: &str) -> bool {
    let digits =
        |part: &str, many: usize| part.len() == many && part.chars().all(|c| c.is_ascii_digit());
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    year.is_some_and(|part| digits(part, 4))
        && month.is_some_and(|part| digits(part, 2))
        && day.is_some_and(|part| digits(part, 2))
        && parts.next().is_none()
}

/// `HH:MM:SS` as seconds after midnight (H5.2).
fn seconds(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let mut part = |below: u32| -> Option<u32> {
        let digits = parts.next()?;
        let two = digits.len() == 2 && digits.chars().all(|c| c.is_ascii_digit());
        digits.parse().ok().filter(|number| two && *number < below)
    };
    let all = part(24)? * 3600 + part(60)? * 60 + part(60)?;
    parts.next().is_none().then_some(all)
}

/// The text of a property as the lines have it: a time already in seconds, a day still as a day, since
/// only the instance counts days.
pub(super) fn inside(value: &Assignment) -> String {
    match form(value.property) {
        Form::Time => seconds(&value.text).map(|all| all.to_string()).unwrap_or_default(),
        _ => value.text.clone(),
    }
}

/// The class that is run, and the settings by name.
pub(super) fn prepare(lines: &mut Lines, act: &Act<'_>) {
    lines.text("b", act.operation.subject.task_class.as_deref().unwrap_or_default());
    if act.operation.section == Section::Tasks && calls::settings_are_named(act) {
        for (name, value) in act.settings {
            lines.text(&format!("g(\"{name}\")"), value);
        }
    }
}

/// Finds or makes it, sets its properties and saves it.
pub(super) fn run(lines: &mut Lines, act: &Act<'_>) {
    let make = match act.operation.verb {
        Verb::Create => {
            "set t=##class(%SYS.Task).%New(),t.Name=n,t.NameSpace=a,t.TaskClass=b".to_owned()
        }
        _ => "set f=\"it is not there\"".to_owned(),
    };
    lines.line(&attempt(&format!("{FIND} {SEVERAL}")));
    if act.operation.verb == Verb::Delete {
        let delete = "set s=##class(%SYS.Task).%DeleteId(j)";
        return lines.line(&attempt(&format!("if k=1 {{ {delete} {TELL} }}")));
    }
    lines.line(&attempt(&format!(
        "if k=0 {{ {make} }} else {{ set t=##class(%SYS.Task).%OpenId(j) if '$isobject(t) {{ set f=\"it \
         cannot be opened\" }} }}"
    )));
    lines.attempts(super::sent(act.operation).iter().map(|value| set(value.property)));
    if !act.settings.is_empty() {
        // Those that are there are gone through in their order, those that are new come after them.
        lines.line(&attempt(
            "set l=\"\" for k=1:2:$listlength(t.Settings) { set v=$listget(t.Settings,k,\"\"),l=l_\
             $listbuild(v,$select(v=\"\":$listget(t.Settings,k+1,\"\"),1:$get(g(v),$listget(t.Settings,k+1,\
             \"\")))) if v'=\"\" { kill g(v) } } set v=$order(g(\"\")) while v'=\"\" { set l=l_$listbuild(v,\
             g(v)),v=$order(g(v)) } set t.Settings=l",
        ));
    }
    lines.line(&attempt(&format!("set s=t.%Save() {TELL}")));
}

fn set(property: &Property) -> String {
    let source = property.source;
    let from = format!("p(\"{source}\")");
    match form(property) {
        Form::Plain | Form::Time => format!("set t.{source}={from}"),
        Form::Day => format!("set t.{source}=$select({from}=\"\":\"\",1:$zdateh({from},3))"),
        Form::Addresses => format!(
            "if $isobject(t.{source}) {{ do t.{source}.Clear() for k=1:1:$length({from},\",\") {{ set \
             v=$piece({from},\",\",k) if v'=\"\" {{ do t.{source}.Insert(v) }} }} }} else {{ set \
             t.{source}={from} }}"
        ),
    }
}

/// Reads a property of the object into `q`, in the form that `p` has.
pub(super) fn get(property: &Property) -> String {
    let source = property.source;
    let to = format!("q(\"{source}\")");
    match form(property) {
        Form::Plain | Form::Time => format!("set {to}=t.{source}"),
        Form::Day => format!("set {to}=$select(t.{source}=\"\":\"\",1:$zdate(t.{source},3))"),
        Form::Addresses => format!(
            "if $isobject(t.{source}) {{ set {to}=\"\" for k=1:1:t.{source}.Count() {{ set {to}={to}_\
             $select(k=1:\"\",1:\",\")_t.{source}.GetAt(k) }} }} else {{ set {to}=t.{source} }}"
        ),
    }
}

/// Whether the settings are as they are wanted; those that the act does not know are not looked at.
pub(super) const SETTINGS: &str = "for k=1:2:$listlength(t.Settings) { set m=$listget(t.Settings,k,\"\") if \
    m'=\"\" { if $data(g(m)) { if g(m)=$listget(t.Settings,k+1,\"\") { kill g(m) } } } } if $order(g(\"\"))'=\"\" \
    { set v=v_\", Settings\" }";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_after_midnight() {
        assert_eq!(seconds("02:00:30"), Some(7230));
        for text in ["", "2:00:00", "24:00:00", "02:00", "02:00:00:00", "ab:00:00", "+2:00:00"] {
            assert_eq!(seconds(text), None, "{text}");
        }
        assert!(is_day("2027-01-31") && !is_day("2027-1-31") && !is_day("2027-01-31-"));
    }
}
