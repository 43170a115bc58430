//! The scripts about one database.
//!
//! Owns the lines that a session reads to find a database, to ask for its state and to act on it (H1.6,
//! H6.2, H6.3). Names and folders stand in them as literals. What a script found out is in the array
//! `a` until its last lines print it in the form that `answer` reads.
//! Variables: `n` the name, `d` the folder, `f` what failed, `o` the object, `r` a result, `s` a status.
//! Invariant: a line is printable ASCII, a whole command and at most [`LONGEST`] letters; every call that
//! can fail is within `try`; an act that is done already is not done again.

use super::Act;
use crate::model::objectscript::ascii_literal;

/// The longest line: what direct mode takes is finite and not published (H7.2).
pub(super) const LONGEST: usize = 2000;

/// Letters of a text that stand in one line: each may need a `$CHAR` of its own.
const PIECE: usize = 60;

/// What tells a status that is none.
const TELL: &str =
    "if $SYSTEM.Status.IsError(s) { set f=\"the product says: \"_$SYSTEM.Status.GetErrorText(s) }";

/// The properties that are asked for, by the key of their answer. Older versions lack some of them, so
/// each is asked for alone (H6.3).
const PROPERTIES: &[(&str, &str)] = &[
    ("mounted", "o.Mounted"),
    ("read-only", "o.ReadOnlyMounted"),
    ("read-only-why", "o.ROReasonText"),
    ("mirrored", "o.Mirrored"),
    ("mirror-name", "o.MirrorDBName"),
    ("needs-activation", "o.MirrorActivationRequired"),
    ("active", "o.InActiveMirror"),
    ("catches-up", "o.MirrorDBCatchup"),
    ("obsolete", "o.MirrorObsolete"),
    ("paused", "o.MirrorDBPaused"),
    ("volumes", "o.MultiVolume"),
    ("volume-folders", "$listtostring(o.VolumeDirectoryList,$CHAR(10))"),
];

/// Where the database of that name lies.
pub(super) fn find(name: &str) -> String {
    let mut lines = head();
    text(&mut lines, "n", name);
    lines.push(attempt(&format!(
        "if '##class(Config.Databases).Exists(n) {{ set a(\"absent\")=1 }} else {{ set \
         s=##class(Config.Databases).Get(n,.p) {TELL} if f=\"\" {{ set a(\"directory\")=$get(p(\"Directory\")),\
         a(\"server\")=$get(p(\"Server\")) }} }}"
    )));
    end(lines)
}

/// Its state, after an act on it where one is given.
pub(super) fn state(directory: &str, act: Option<Act>) -> String {
    let mut lines = head();
    text(&mut lines, "d", directory);
    if let Some(act) = act {
        lines.push(attempt(act_on(act)));
        // An object shows what was so when it was opened.
        lines.push("kill o".to_owned());
    }
    // What failed is an answer, and must not keep the state from being asked for.
    lines.push("if f'=\"\" { set a(\"failed\")=f,f=\"\" }".to_owned());
    lines.push(known("primary", "$SYSTEM.Mirror.IsPrimary()"));
    lines.push(attempt(
        "set o=##class(SYS.Database).%OpenId(d) if '$isobject(o) { set f=\"the product knows no such \
         database\" }",
    ));
    for (key, value) in PROPERTIES {
        lines.push(known(key, value));
    }
    lines.extend(listed());
    // A list that cannot be read leaves the status unknown, no more.
    lines.push("if $data(a(\"mounted\")) { set f=\"\" }".to_owned());
    end(lines)
}

/// The status in the mirror, from the list of its databases. A statement takes a class query that is
/// published as a procedure of SQL, and nothing says that this one is; where it does not take it, the older
/// class takes any. Two rows of one folder are none: which of them is meant is not known.
fn listed() -> [String; 4] {
    let plain = |folder: &str| {
        format!("$zconvert(##class(%Library.File).NormalizeDirectory({folder}),\"L\")")
    };
    let row = |get: &str| {
        format!(
            "if {}={} {{ set k=k+1,a(\"mirror-status\")=r.{get}(\"MirrorStatus\") }}",
            plain(&format!("r.{get}(\"Directory\")")),
            plain("d")
        )
    };
    let tried = |what: String| {
        format!("if f=\"\" {{ try {{ {what} }} catch e {{ set k=-1 kill a(\"mirror-status\") }} }}")
    };
    // None is a list that was not read.
    let first = format!(
        "set k=-1,r=##class(%SQL.Statement).%New(),s=r.%PrepareClassQuery(\"SYS.Mirror\",\
         \"MirroredDatabaseList\",0) if '$SYSTEM.Status.IsError(s) {{ set r=r.%Execute(\"*\",\"*\"),k=0 while \
         r.%Next() {{ {} }} if r.%SQLCODE<0 {{ set k=-1 }} }}",
        row("%Get")
    );
    let second = format!(
        "if k<0 {{ kill a(\"mirror-status\") set r=##class(%Library.ResultSet).%New(\
         \"SYS.Mirror:MirroredDatabaseList\"),s=r.Execute(\"*\",\"*\") if '$SYSTEM.Status.IsError(s) {{ set k=0 \
         while r.Next() {{ {} }} }} }}",
        row("Get")
    );
    let one = "if k>1 { kill a(\"mirror-status\") }".to_owned();
    ["set k=-1".to_owned(), tried(first), tried(second), one]
}

/// The command of an act. One that is done already is left alone: two of us may be at it.
fn act_on(act: Act) -> &'static str {
    match act {
        Act::Dismount => {
            "set o=##class(SYS.Database).%OpenId(d),k=1 if $isobject(o) { set k=o.Mounted } kill o if k { set \
             s=##class(SYS.Database).DismountDatabase(d) if $SYSTEM.Status.IsError(s) { set f=\"the product \
             says: \"_$SYSTEM.Status.GetErrorText(s) } }"
        }
        Act::Mount => {
            "set o=##class(SYS.Database).%OpenId(d),k=0 if $isobject(o) { set k=o.Mounted } kill o if 'k { set \
             s=##class(SYS.Database).MountDatabase(d) if $SYSTEM.Status.IsError(s) { set f=\"the product \
             says: \"_$SYSTEM.Status.GetErrorText(s) } }"
        }
        // On a member the mount would begin a catch-up of its own (H6.3); the primary has none to begin.
        Act::MountAlone => {
            "set o=##class(SYS.Database).%OpenId(d),k=0 if $isobject(o) { set k=o.Mounted } kill o if 'k { set \
             s=##class(SYS.Database).MountDatabase(d,0,0,0) if $SYSTEM.Status.IsError(s) { set f=\"the product \
             says: \"_$SYSTEM.Status.GetErrorText(s) } }"
        }
        Act::Activate => {
            "set s=##class(SYS.Mirror).ActivateMirroredDatabase(d) if $SYSTEM.Status.IsError(s) { set f=\"the \
             product says: \"_$SYSTEM.Status.GetErrorText(s) }"
        }
        // It is told which one by a number that changes with every start (H6.3).
        Act::CatchUp => {
            "set o=##class(SYS.Database).%OpenId(d) if '$isobject(o) { set f=\"the product knows no such \
             database\" } else { set k=##class(SYS.Mirror).CatchupDB($listbuild(o.SFN),\"\",.b) if \
             $listlength($get(b)) { set f=\"the product says that its catch-up failed; messages.log tells \
             why\" } elseif 'k { set f=\"the product says that no catch-up began\" } }"
        }
        Act::TakeOut => {
            "set s=##class(SYS.Mirror).RemoveMirroredDatabase(d) if $SYSTEM.Status.IsError(s) { set f=\"the \
             product says: \"_$SYSTEM.Status.GetErrorText(s) }"
        }
    }
}

/// `-U` has no effect on a login with a namespace of its own (H7.2).
fn head() -> Vec<String> {
    let lines = [
        "set $namespace=\"%SYS\"",
        "kill a,b,c,d,e,f,i,k,n,o,p,r,s,v,x,y set f=\"\",c=0",
        "if $namespace'=\"%SYS\" { set f=\"this session cannot go to %SYS\" }",
    ];
    lines.map(str::to_owned).into()
}

/// What is tried where nothing failed so far.
fn attempt(what: &str) -> String {
    format!("if f=\"\" {{ try {{ {what} }} catch e {{ set f=\"error: \"_e.DisplayString() }} }}")
}

/// An answer that may be missing.
fn known(key: &str, value: &str) -> String {
    format!("if f=\"\" {{ try {{ set a(\"{key}\")={value} }} catch e {{ kill a(\"{key}\") }} }}")
}

/// A variable gets a text, over as many lines as it needs.
fn text(lines: &mut Vec<String>, variable: &str, text: &str) {
    lines.push(format!("set {variable}=\"\""));
    let letters: Vec<char> = text.chars().collect();
    for piece in letters.chunks(PIECE) {
        let piece: String = piece.iter().collect();
        lines.push(format!("set {variable}={variable}_({})", ascii_literal(&piece)));
    }
}

/// Prints the answers and how many lines they are, and ends the session. What the session's code page or
/// its right margin could change stands as a number (`~` and the number and `;`), in short pieces.
fn end(mut lines: Vec<String>) -> String {
    lines.push("if f'=\"\" { set a(\"fault\")=f }".to_owned());
    lines.push(
        "set k=$order(a(\"\")) while k'=\"\" { set v=$extract(a(k),1,4000),x=\"\" for i=1:1:$length(v) { set \
         y=$ascii($extract(v,i)),x=x_$select((y<32)!(y>125):\"~\"_y_\";\",1:$char(y)) } for i=1:60:$select(x=\"\":1,\
         1:$length(x)) { write !,\"hsmirror \",k,\" [\",$extract(x,i,i+59),\"]\",! set c=c+1 } set k=$order(a(k)) }"
            .to_owned(),
    );
    lines.push("write !,\"hsmirror end [\",c,\"]\",!".to_owned());
    lines.push("do $SYSTEM.Process.Terminate(,0)".to_owned());
    debug_assert!(lines.iter().all(|line| line.len() <= LONGEST), "{lines:?}");
    lines.iter().fold(String::new(), |all, line| all + line + "\n")
}
