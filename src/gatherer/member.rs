//! Who the instance is, and its place in a mirror.
//!
//! Owns the script of section member: one question for each fact, each of which may fail without the
//! others (H6.1, H7.1, H7.3). What public material does not answer is not asked: the product's name, the
//! version and the CPF as `iris qlist` prints them, and what FHIR data there is.
//! Invariant: a fact that cannot be asked for is not stated, so it is unknown; none is made up.

use super::Wishes;
use super::form;
use super::section;
use crate::model::{Property, Section};
use crate::script::lines::Lines;

/// The arrays of configuration that are asked for first, each into a variable of its own.
const CONFIGURATION: &[(&str, &str)] =
    &[("mm", "Config.MirrorMember"), ("su", "Config.Startup"), ("jr", "Config.Journal")];

/// Facts by their field: the expression that gives each. One that comes out empty says nothing, unless
/// emptiness says something: see [`EMPTY_TELLS`].
const FACTS: &[(&str, &str)] = &[
    // The special variable is host and instance.
    ("instance", "$piece($SYSTEM,\":\",2)"),
    ("system_name", "$get(mm(\"SystemName\"))"),
    ("block_sizes", "$get(su(\"DBSizesAllowed\"))"),
    ("in_mirror", "$get(mm(\"JoinMirror\"))"),
    ("member_type", "$select(type=\"Not Member\":\"\",1:type)"),
    (
        "mirror_state",
        "$select(type=\"Not Member\":\"\",$SYSTEM.Mirror.IsPrimary():\"Primary\",1:\
         $listget($SYSTEM.Mirror.GetMemberStatus(),1,\"\"))",
    ),
    ("big_endian", "$SYSTEM.Version.IsBigEndian()"),
    ("unicode", "$SYSTEM.Version.IsUnicode()"),
    ("configuration_pending", "##class(Config.CPF).CPFFileNeedsActivation()"),
    ("journal_days", "$get(jr(\"DaysBeforePurge\"))"),
    ("journal_backups", "$get(jr(\"BackupsBeforePurge\"))"),
];

/// Facts that say something by being empty where the kind of member is known: that it is none.
const EMPTY_TELLS: &[&str] = &["member_type", "mirror_state"];

/// Asks who the instance is.
pub(super) fn gather(lines: &mut Lines, wishes: &Wishes) {
    lines.line("kill o,mm,su,jr set o={},(type,guid)=\"\" set odd=0");
    for (variable, class) in CONFIGURATION {
        lines.line(&attempt(&format!("set s=##class({class}).Get(.{variable})")));
    }
    lines.line(&attempt("set type=$SYSTEM.Mirror.GetMemberType()"));
    lines.line("if type=\"Indeterminate\" { set type=\"\" }");
    let asked = |field: &str| FACTS.iter().find(|(known, _)| *known == field);
    for property in section::named(Section::Member, wishes) {
        if let Some((field, expression)) = asked(property.field) {
            fact(lines, property, expression, EMPTY_TELLS.contains(field));
        } else if property.field == "locale" {
            // An object of the current locale (the vendor's NLS class reference shows it).
            lines.line(&attempt(&format!(
                "set t=##class(%SYS.NLS.Locale).%New(),v=t.Name if v'=\"\" {{ {} }}",
                form::put(property)
            )));
        }
    }
    mirrors(lines);
    lines.line(
        "if z=\"\" { try { set s=f.WriteLine(\",\"\"member\"\":\"_o.%ToJSON()) xecute x(\"wrote\") } catch e { \
         set z=e.DisplayString() } }",
    );
}

/// The mirrors of the instance, their members, and its own GUID among those (formats 1.6).
fn mirrors(lines: &mut Lines) {
    lines.line("set mirrors=[],peers=[],whole=1");
    lines.text(
        "x(\"mirror\")",
        "kill p set s=##class(Config.Mirrors).Get(name,.p),t={} if $SYSTEM.Status.IsError(s) { set whole=0 } else { \
         do t.%Set(\"name\",name,\"string\") set w=\"guid,GUID,qualityOfService,QOSTimeout,usesTls,UseSSL,\
         virtualAddress,VirtualAddress,arbiter,ArbiterNode\" for i=1:2:10 { if $data(p($piece(w,\",\",i+1)))#2 { do \
         t.%Set($piece(w,\",\",i),p($piece(w,\",\",i+1)),\"string\") } } do mirrors.%Push(t) }",
    );
    lines.text(
        "x(\"peer\")",
        "set t={},n=q.%Get(\"Name\") do t.%Set(\"mirror\",name,\"string\"),t.%Set(\"name\",n,\"string\") try { set \
         v=q.%Get(\"GUID\") if v'=\"\" { do t.%Set(\"guid\",v,\"string\") if $zconvert(n,\"U\")=\
         $zconvert($get(mm(\"SystemName\")),\"U\") { set guid=v } } } catch e { } try { set v=q.%Get(\"MemberType\") \
         if v'=\"\" { do t.%Set(\"kind\",v,\"string\") } } catch e { } do peers.%Push(t)",
    );
    let list = "set st=##class(%SQL.Statement).%New(),s=st.%PrepareClassQuery";
    lines.line(&format!(
        "try {{ {list}(\"Config.Mirrors\",\"List\",0) if $SYSTEM.Status.IsError(s) {{ set whole=0 }} else {{ set \
         r=st.%Execute(\"*\") while r.%Next() {{ set name=r.%Get(\"Name\") xecute x(\"mirror\") }} }} }} catch e {{ \
         set whole=0 }} if whole {{ do o.%Set(\"mirrors\",mirrors) }}"
    ));
    lines.line(&format!(
        "if whole {{ try {{ {list}(\"Config.MapMirrors\",\"List\",0),i=mirrors.%GetIterator() if \
         $SYSTEM.Status.IsError(s) {{ set whole=0 }} else {{ while i.%GetNext(.k,.v) {{ set name=v.%Get(\"name\"),\
         q=st.%Execute(name,\"*\") while q.%Next() {{ xecute x(\"peer\") }} }} }} }} catch e {{ set whole=0 }} }} if \
         whole {{ do o.%Set(\"mirrorMembers\",peers) }}"
    ));
    lines.line("if guid=\"\" { set guid=$get(mm(\"AsyncMemberGUID\")) } if guid'=\"\" { do o.%Set(\"guid\",guid,\"string\") }");
}

/// Puts one fact into `o`.
fn fact(lines: &mut Lines, property: &Property, expression: &str, empty_tells: bool) {
    let put = form::put(property);
    let tells = if empty_tells { "type'=\"\"" } else { "v'=\"\"" };
    lines.line(&attempt(&format!("set v={expression} if {tells} {{ {put} }}")));
}

/// Commands whose failing tells nothing but that the fact is unknown.
fn attempt(what: &str) -> String {
    format!("if z=\"\" {{ try {{ {what} }} catch e {{ }} }}")
}
