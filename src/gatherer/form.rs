//! How a value as the API states it becomes JSON, in ObjectScript.
//!
//! Owns [`conversions`], the variables `x(...)` with one conversion each, and [`properties`], the commands
//! that put the properties of an object from the array `p` into the dynamic object `o`. A conversion takes
//! the value in `v`, the name in JSON in `k` and, where it has one, the table in `m`; a value that has not
//! the form it should is left out and counted in `odd`.
//! Invariant: what is put into `o` satisfies the schema of its property; text is put as text, so that a
//! name of digits stays one (H8.2).

use crate::model::objectscript::ascii_literal;
use crate::model::{Form, Property};
use crate::script::lines::Lines;

/// Attributes of a user, which the API states by name, each with a list (CLS:Security.Users).
const ATTRIBUTES: &str = "Attributes";

/// Systems that may connect, which stand between semicolons; the roles that each brings stand between
/// commas (H4.6).
const SYSTEMS: &str = "ClientSystems";

/// Letters that the commands of one variable may have; each quote in them counts twice in a literal.
const ROOM: usize = 1300;

/// A whole number that JSON carries exactly.
const WHOLE: &str = "((v=+v)&&(v'<0)&&(v=(v\\1))&&($length(v)<16))";

/// The permission in `u` as letters, in `w`.
const LETTERS: &str = "set u=$replace($replace($replace($zconvert(u,\"U\"),\"WRITE\",\"W\"),\"READ\",\"R\"),\
    \"USE\",\"U\"),w=$select(u=+u:$select(u#2:\"R\",1:\"\")_$select(u\\2#2:\"W\",1:\"\")_$select(u\\4#2:\"U\",\
    1:\"\"),1:$select(u[\"R\":\"R\",1:\"\")_$select(u[\"W\":\"W\",1:\"\")_$select(u[\"U\":\"U\",1:\"\"))";

/// A conversion by its name.
fn conversion(form: Form) -> &'static str {
    match form {
        Form::Text | Form::Own => "text",
        Form::Flag => "flag",
        Form::Number => "number",
        Form::Items => "items",
        Form::Names => "names",
        Form::Day => "day",
        Form::Mask(_) => "mask",
        Form::Code(_) => "code",
        Form::Permission => "permission",
        Form::Grants => "grants",
        Form::MatchRoles => "matches",
    }
}

/// Sets the conversions.
pub(super) fn conversions(lines: &mut Lines) {
    let all: [(&str, String); 12] = [
        ("text", "do o.%Set(k,v,\"string\")".to_owned()),
        (
            "flag",
            "if v'=\"\" { set u=$zconvert($extract(v),\"U\") do o.%Set(k,$select(u=\"Y\":1,u=\"T\":1,1:(+v)'=\
             0),\"boolean\") }"
                .to_owned(),
        ),
        (
            "number",
            format!("if {WHOLE} {{ do o.%Set(k,+v,\"number\") }} elseif v'=\"\" {{ set odd=odd+1 }}"),
        ),
        (
            "items",
            "set a=[] for i=1:1:$length(v,\",\") { set w=$piece(v,\",\",i) if $zstrip(w,\"<>W\")'=\"\" { do \
             a.%Push(w,\"string\") } } do o.%Set(k,a)"
                .to_owned(),
        ),
        (
            "names",
            "set a=[] for i=1:1:$length(v,\",\") { set w=$zstrip($piece(v,\",\",i),\"<>W\") if w'=\"\" { do \
             a.%Push(w,\"string\") } } do o.%Set(k,a)"
                .to_owned(),
        ),
        (
            "day",
            "set w=$extract(v,1,10) if (v=+v)&&(v'=\"\") { set w=$select((v>0)&&(v<2980014):$zdate(v,3),v>0:v,1:\"\") } set \
             w=$select(w=\"1840-12-31\":\"\",1:w) if (w=\"\")||($translate(w,\"0123456789\",\"9999999999\")=\
             \"9999-99-99\") { do o.%Set(k,w,\"string\") } else { set odd=odd+1 }"
                .to_owned(),
        ),
        (
            "mask",
            format!(
                "if v=\"\" {{ set v=0 }} if {WHOLE} {{ set a=[],w=+v,i=1 while w>0 {{ if w#2 {{ set u=$piece(m,\",\",i) \
                 do a.%Push($select(u=\"\":\"bit\"_(i-1),1:u),\"string\") }} set w=w\\2,i=i+1 }} do \
                 o.%Set(k,a) }} else {{ set odd=odd+1 }}"
            ),
        ),
        (
            "code",
            format!(
                "set w=$piece($piece(\";\"_m,\";\"_v_\"=\",2),\";\") if v'=\"\" {{ if (w=\"\")&&{WHOLE} {{ set \
                 w=\"code\"_v }} if w=\"\" {{ for i=1:1:$length(m,\";\") {{ set u=$piece($piece(m,\";\",i),\
                 \"=\",2) if $zconvert(u,\"L\")=$zconvert(v,\"L\") {{ set w=u }} }} }} if w=\"\" {{ set \
                 odd=odd+1 }} else {{ do o.%Set(k,w,\"string\") }} }}"
            ),
        ),
        ("letters", LETTERS.to_owned()),
        ("permission", "set u=v xecute x(\"letters\") do o.%Set(k,w,\"string\")".to_owned()),
        (
            "grants",
            "set a=[] for i=1:1:$length(v,\",\") { set t=$zstrip($piece(v,\",\",i),\"<>W\"),j=$length(t,\
             \":\") if (t'=\"\")&&(j>1) { set u=$piece(t,\":\",j),t=$piece(t,\":\",1,j-1) xecute x(\"letters\") \
             set b={} do b.%Set(\"resource\",t,\"string\"),b.%Set(\"permission\",w,\"string\"),a.%Push(b) } \
             elseif t'=\"\" { set odd=odd+1 } } do o.%Set(k,a)"
                .to_owned(),
        ),
        (
            "matches",
            "set a=[] for i=1:1:$length(v,\",\") { set t=$zstrip($piece(v,\",\",i),\"<>W\") if t'=\"\" { set \
             b={},d=[] for j=2:1:$length(t,\":\") { set w=$zstrip($piece(t,\":\",j),\"<>W\") if w'=\"\" { do \
             d.%Push(w,\"string\") } } do b.%Set(\"match\",$zstrip($piece(t,\":\"),\"<>W\"),\"string\"),\
             b.%Set(\"targets\",d),a.%Push(b) } } do o.%Set(k,a)"
                .to_owned(),
        ),
    ];
    for (name, code) in all {
        lines.text(&format!("x(\"{name}\")"), &code);
    }
}

/// The table of a form, as a conversion takes it in `m`.
fn table(form: Form) -> Option<String> {
    match form {
        Form::Mask(names) => {
            let last = names.iter().map(|(bit, _)| *bit).max().unwrap_or_default();
            let name =
                |bit| names.iter().find(|(number, _)| *number == bit).map_or("", |(_, name)| *name);
            Some((0..=last).map(name).collect::<Vec<_>>().join(","))
        }
        Form::Code(names) => {
            let row = |(number, name): &(u32, &str)| format!("{number}={name}");
            Some(names.iter().map(row).collect::<Vec<_>>().join(";"))
        }
        _ => None,
    }
}

/// The command that puts the value in `v` into `o`.
pub(super) fn put(property: &Property) -> String {
    let table = table(property.form).map(|table| format!(",m={}", ascii_literal(&table)));
    format!(
        "set k=\"{}\"{} xecute x(\"{}\")",
        property.name(),
        table.unwrap_or_default(),
        conversion(property.form)
    )
}

/// The command that puts a property from `p`, where it is there, into `o`.
pub(super) fn from_array(property: &Property) -> String {
    let source = property.source;
    if source == ATTRIBUTES {
        return format!(
            "set a=[],t=$order(p(\"{source}\",\"\")) while t'=\"\" {{ set w=p(\"{source}\",t) do a.%Push(t_\"=\"_\
             $select($listvalid(w):$listtostring(w),1:w),\"string\") set t=$order(p(\"{source}\",t)) }} do \
             o.%Set(\"{}\",a)",
            property.name()
        );
    }
    if source == SYSTEMS {
        return format!(
            "if $data(p(\"{source}\"))#2 {{ set a=[],v=p(\"{source}\") for i=1:1:$length(v,\";\") {{ set \
             w=$piece(v,\";\",i) if w'=\"\" {{ do a.%Push(w,\"string\") }} }} do o.%Set(\"{}\",a) }}",
            property.name()
        );
    }
    format!("if $data(p(\"{source}\"))#2 {{ set v=p(\"{source}\") {} }}", put(property))
}

/// Sets an array to these commands, in as few elements as hold them; its top is how many there are.
pub(super) fn properties(lines: &mut Lines, array: &str, commands: impl Iterator<Item = String>) {
    lines.line(&format!("kill {array} set {array}=0"));
    let mut code = String::new();
    let mut flush = |code: &mut String| {
        if !code.is_empty() {
            lines.text("code", code);
            lines.line(&format!("set {array}={array}+1,{array}({array})=code"));
            code.clear();
        }
    };
    for command in commands {
        if code.len() + command.len() > ROOM {
            flush(&mut code);
        }
        if !code.is_empty() {
            code.push(' ');
        }
        code.push_str(&command);
    }
    flush(&mut code);
}
