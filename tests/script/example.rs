//! Small scripts, word for word: one written by hand, and two that were read line by line.

use hsmirror::model::{MappingKind, Section};
use hsmirror::operation::Verb;

use super::acts::{Owned, act, mapping, named, scripts, task};

fn acts() -> Vec<Owned> {
    let role =
        [("Description", "Lab"), ("Resources", "%DB_ELMLAB:RW"), ("GrantedRoles", "%HS_User")];
    let role = named_act("roles/ELM_Lab", Section::Roles, "ELM_Lab", &role);
    let subject = mapping(MappingKind::Global, "ELMHUB", "Elm.Lab", "");
    let mut global = act(
        "mappings/ELMHUB: Global Elm.Lab",
        Verb::Create,
        Section::Mappings,
        subject,
        &[("Database", "ELMLAB")],
    );
    global.may_hide = true;
    let user = [("Enabled", "1"), ("Roles", "ELM_Lab"), ("AccountNeverExpires", "1")];
    let mut user = named_act("users/svc_elmlab", Section::Users, "svc_elmlab", &user);
    user.after = vec![0];
    let schedule =
        [("MirrorStatus", "3"), ("DailyStartTime", "02:00:00"), ("EndDate", "2027-12-31")];
    let mut purge = act(
        "tasks/Purge",
        Verb::Create,
        Section::Tasks,
        task("Purge", "ELMHUB", "Ens.Util.Tasks.Purge"),
        &schedule,
    );
    purge.settings = vec![("NumberOfDaysToKeep".to_owned(), "30".to_owned())];
    vec![role, global, user, purge]
}

fn named_act(id: &str, section: Section, name: &str, of: &[(&str, &str)]) -> Owned {
    act(id, Verb::Create, section, named(name), of)
}

/// Written by hand, not by the program.
const DELETED: [&str; 2] = [
    r#"if (w_f_x)="" { try { if ##class(Security.Roles).Exists(n) { set s=##class(Security.Roles).Delete(n) if $SYSTEM.Status.IsError(s) { set f="the product says: "_$SYSTEM.Status.GetErrorText(s) } } } catch e { set f="error: "_e.DisplayString() } }"#,
    r#"if (w_f_x)="" { try { if ##class(Security.Roles).Exists(n) { set f="it is still there" } } catch e { set f="error: "_e.DisplayString() } }"#,
];

const FRAME: &str = r#"set $namespace="%SYS"
kill p,o set c=0,y="",n=""
if $namespace'="%SYS" { set y="this session cannot go to %SYS" }
try { if $SYSTEM.Mirror.IsPrimary() { set y="this is the primary of the mirror" } } catch e { set y="whether this is the primary is not known: "_e.DisplayString() }
if y'="" { write !,"STOPPED: ",$translate(y,$CHAR(13,10),"  "),! do $SYSTEM.Process.Terminate(,1) }
kill a,b,d,e,f,g,h,i,j,k,l,m,n,p,q,r,s,t,u,v,w,x,y set (f,v,w,x)="",y=0
set i="roles/Elm\u{e4}"
set n="Elm"_$CHAR(228)
{what}
{told}
write !,c," of 1 {well}",!
do $SYSTEM.Process.Terminate(,$select(c=1:0,1:1))
"#;

const TOLD: [&str; 2] = [
    r#"set h=$select(w'="":"WAITS",f'="":"FAILED",x'="":"STOPPED",1:"DONE"),o(1)=(h="DONE"),c=c+o(1) write !,h," ",i,$select(h="DONE":"",1:": "_$translate($select(w'="":w,f'="":f,1:x),$CHAR(13,10),"  ")),!"#,
    r#"set h=((f_v)=""),c=c+h write !,$select(h:"OK ",1:"NOT "),i,$select(h:"",1:": "_$translate($select(f'="":f,1:$extract(v,3,$length(v))),$CHAR(13,10),"  ")),!"#,
];

#[test]
fn a_script_written_by_hand() {
    let name = "Elm\u{e4}";
    let id = format!("roles/{name}");
    let gone = act(&id, Verb::Delete, Section::Roles, named(name), &[]);
    for (at, script) in scripts(&[gone], None).iter().enumerate() {
        let well = if at == 0 { "done" } else { "as wanted" };
        let expected = FRAME.replace("{what}", DELETED[at]).replace("{told}", TOLD[at]);
        assert_eq!(*script, expected.replace("{well}", well));
    }
}

#[test]
fn two_small_scripts_word_for_word() {
    let [apply, verify] = scripts(&acts(), Some("ELM-B/IRIS"));
    for (name, script) in [("apply", apply), ("verify", verify)] {
        let path = format!("{}/tests/script/{name}.script", env!("CARGO_MANIFEST_DIR"));
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if std::env::var_os("HSMIRROR_UPDATE").is_some() {
            #[allow(clippy::disallowed_methods, reason = "a person asked for it and reads it")]
            std::fs::write(&path, &script).unwrap();
            continue;
        }
        assert_eq!(script, expected, "{path}");
    }
}
