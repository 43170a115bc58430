//! Scripts for a terminal session of the instance.
//!
//! Owns [`apply`] and [`verify`]: the lines that a person hands to `iris session INST -U %SYS < apply.script`
//! (H7.2). Each act is an [`Operation`]; what comes out is text, and nothing here runs it.
//! `lines` holds how a line may look, `calls` what does one act, `hiding` what looks first whether a
//! mapping would hide something, `tasks` what is different with tasks, `proof` what holds the instance
//! against what is wanted afterwards, `place` how mapped things are named, `answer` what is printed.
//!
//! A session reads one command line after the other and goes on after an error (H7.2), so every line
//! looks at what the lines before it left in the variables: `w` what the act waits for, `f` why it
//! failed, `x` why it was stopped, `o` which acts are done, `c` how many.
//! Invariant: every line is a whole command of printable ASCII and at most [`LONGEST`] letters; a name or
//! value stands in it only as a string, except where `place` has read a subscript strictly; and an act
//! of which anything is unclear is not done.

mod answer;
mod calls;
mod hiding;
pub(crate) mod lines;
mod place;
mod proof;
mod tasks;

use crate::model::{MappingKind, Section};
use crate::operation::{Assignment, Operation, Verb};
pub use answer::{Answer, Answers};
pub use lines::LONGEST;
use lines::Lines;
pub(crate) use tasks::TIMES;

/// One step of a script.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// Name of the step for people, such as `roles/ELM_LabInterface`.
    pub id: &'a str,
    /// What is done.
    pub operation: &'a Operation,
    /// The acts that must be done before, by their position in the script, counted from 0.
    pub after: &'a [usize],
    /// Whether the instance is first to look whether a mapping would hide data or code (H2.3, H8.4);
    /// where it would, the act is stopped.
    pub may_hide: bool,
    /// Settings of a task by name, since no text of an operation holds them. A setting that is not
    /// among them stays as it is on the instance: its value may be one that is never carried (H5.3).
    pub settings: &'a [(String, String)],
}

/// Who a script is for.
#[derive(Clone, Copy, Debug, Default)]
pub struct For<'a> {
    /// Name in the mirror of the member that it was made for, where it is known.
    pub system_name: Option<&'a str>,
}

/// Why no script does it, if so: what it would only say FAILED or STOPPED to, wherever it runs.
pub fn refusal(act: &Act<'_>) -> Option<String> {
    let looks = act.may_hide && act.operation.verb != Verb::Delete;
    calls::impossible(act)
        .or_else(|| hiding::refusal(act.operation).filter(|_| looks).map(str::to_owned))
}

/// The script that does the acts in their order. It can be run again: what is done already is done once
/// more with the same values, and what failed is tried again.
pub fn apply(acts: &[Act<'_>], of: &For<'_>) -> String {
    let mut lines = Lines::default();
    head(&mut lines, of);
    for (at, act) in acts.iter().enumerate() {
        begin(&mut lines, act);
        wait(&mut lines, act.after);
        match calls::impossible(act) {
            Some(reason) => lines.text("f", &reason),
            None => {
                calls::prepare(&mut lines, act, &sent(act.operation));
                if act.may_hide {
                    hiding::look(&mut lines, act.operation);
                }
                calls::run(&mut lines, act);
            }
        }
        let number = at + 1;
        lines.line(&format!(
            "set h=$select(w'=\"\":\"WAITS\",f'=\"\":\"FAILED\",x'=\"\":\"STOPPED\",1:\"DONE\"),\
             o({number})=(h=\"DONE\"),c=c+o({number}) write !,h,\" \",i,$select(h=\"DONE\":\"\",1:\": \"\
             _$translate($select(w'=\"\":w,f'=\"\":f,1:x),$CHAR(13,10),\"  \")),!"
        ));
    }
    end(&mut lines, acts.len(), "done");
    lines.finished()
}

/// The script that only looks who is there: it stops on the primary, and on another member.
pub fn look(of: &For<'_>) -> String {
    verify(&[], of)
}

/// The script that tells of each act whether the instance is as it was to make it. It changes nothing.
pub fn verify(acts: &[Act<'_>], of: &For<'_>) -> String {
    let mut lines = Lines::default();
    head(&mut lines, of);
    for act in acts {
        begin(&mut lines, act);
        proof::prove(&mut lines, act);
        lines.line(
            "set h=((f_v)=\"\"),c=c+h write !,$select(h:\"OK \",1:\"NOT \"),i,$select(h:\"\",1:\": \"\
             _$translate($select(f'=\"\":f,1:$extract(v,3,$length(v))),$CHAR(13,10),\"  \")),!",
        );
    }
    end(&mut lines, acts.len(), "as wanted");
    lines.finished()
}

/// What must be true of the instance before anything else, or the session ends: it must not be the
/// primary, whose configuration is the one that is wanted, and it must be the member that was compared.
fn head(lines: &mut Lines, of: &For<'_>) {
    lines.line("set $namespace=\"%SYS\"");
    lines.line("kill p,o set c=0,y=\"\",n=\"\"");
    lines.line("if $namespace'=\"%SYS\" { set y=\"this session cannot go to %SYS\" }");
    lines.line(
        "try { if $SYSTEM.Mirror.IsPrimary() { set y=\"this is the primary of the mirror\" } } \
         catch e { set y=\"whether this is the primary is not known: \"_e.DisplayString() }",
    );
    if let Some(name) = of.system_name {
        lines.text("n", name);
        lines.line(
            "try { set s=##class(Config.MirrorMember).Get(.p) if $SYSTEM.Status.IsError(s) { kill p } } \
             catch e { kill p }",
        );
        lines.line(
            "if (y=\"\")&&($get(p(\"SystemName\"))=\"\") { set y=\"the name of this member in its mirror \
             is not known\" }",
        );
        lines.line(
            "if (y=\"\")&&($zconvert($get(p(\"SystemName\")),\"L\")'=$zconvert(n,\"L\")) { set y=\"this is \
             member \"_p(\"SystemName\")_\", and the script is for another one\" }",
        );
    }
    lines.line(
        "if y'=\"\" { write !,\"STOPPED: \",$translate(y,$CHAR(13,10),\"  \"),! \
         do $SYSTEM.Process.Terminate(,1) }",
    );
}

/// How many acts came out well; that is the exit status too.
fn end(lines: &mut Lines, all: usize, well: &str) {
    lines.line(&format!("write !,c,\" of {all} {well}\",!"));
    lines.line(&format!("do $SYSTEM.Process.Terminate(,$select(c={all}:0,1:1))"));
}

/// Nothing of the act before is left, and the names of this one are at hand.
fn begin(lines: &mut Lines, act: &Act<'_>) {
    lines.line("kill a,b,d,e,f,g,h,i,j,k,l,m,n,p,q,r,s,t,u,v,w,x,y set (f,v,w,x)=\"\",y=0");
    lines.text("i", &lines::shown(act.id));
    lines.text("n", &act.operation.product_name());
    if let Some(namespace) = &act.operation.subject.namespace {
        lines.text("a", namespace);
    }
}

/// An act waits for those that are not done. One that is not known is not done either.
fn wait(lines: &mut Lines, after: &[usize]) {
    if after.is_empty() {
        return;
    }
    let missing = |at: &usize| {
        let number = at.saturating_add(1);
        format!("set w=w_$select($get(o({number})):\"\",1:\" {number}\")")
    };
    lines.several("", after.iter().map(missing), "");
    lines.line("if w'=\"\" { set w=\"not done before it:\"_w }");
}

/// The properties that are sent. Left out is what the product does not let anybody set, and what a new
/// user is never given (H4.8).
fn sent(operation: &Operation) -> Vec<&Assignment> {
    let create = operation.verb == Verb::Create;
    let never = |source: &str| match operation.section {
        // Made known by the reader of exports; no property of the product.
        Section::Users => {
            source == "InitialPassword" || create && matches!(source, "Enabled" | "Flags")
        }
        Section::Resources => source == "Type",
        Section::Tasks => matches!(source, "RunAfter" | "Settings"),
        // Only globals have a collation and locks (H2.2).
        Section::Mappings => {
            let global = operation.subject.kind == Some(MappingKind::Global);
            !global && matches!(source, "Collation" | "LockDatabase")
        }
        _ => false,
    };
    let kept = |value: &&Assignment| {
        let source = value.property.source;
        source != "Version" && !never(source)
    };
    operation.values.iter().filter(kept).collect()
}
