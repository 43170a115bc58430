//! The hand-off: a plan as files that a person carries to the member and runs there.
//!
//! Owns the list of those files and what stands in them: a script that proves that nothing moved, a merge
//! file and a script that do the steps, a script that proves them, the same two that undo them, and a
//! checklist in the order in which it all
//! is done. Plans come from `plan`; the command line writes the files.
//! Invariant: a file is there only where it has something to do; what is not taken (a step that waits,
//! that needs approval, that a person does) stands in the checklist and in no other file; the same plan
//! and place give the same bytes.

mod checklist;
mod commands;
mod merging;
mod written;

use std::collections::HashMap;

use crate::operation::Operation;
use crate::plan::{Means, Plan, Step};
use crate::script::{self, Act, For};

pub use commands::Place;

/// A file of the hand-off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// What stands in it.
    pub text: String,
}

/// What a person goes through from top to bottom.
pub const CHECKLIST: &str = "CHECKLIST.md";
/// The script that proves that everything is as the plan found it, and after undoing it again.
pub const BEFORE: &str = "before.script";
/// The merge file.
pub const MERGE: &str = "merge.cpf";
/// The script that does what no merge file can.
pub const APPLY: &str = "apply.script";
/// The script that proves that each step took effect.
pub const VERIFY: &str = "verify.script";
/// The script that undoes what no merge file can.
pub const UNDO_SCRIPT: &str = "undo.script";
/// The merge file that undoes the rest.
pub const UNDO_MERGE: &str = "undo.cpf";
/// The plan.
pub const PLAN: &str = "plan.json";
/// The member's configuration before anything changed, sealed.
pub const RESTORE_POINT: &str = "restore-point.tar.zst.age";

/// The files of a plan; the checklist is the last one, so that where it is, all are.
pub fn files(plan: &Plan, place: &Place) -> Vec<File> {
    let ready: Vec<&Step> = plan.ready().collect();
    let by = |means: Means, of: fn(&Step) -> Means| -> Vec<&Step> {
        ready.iter().copied().filter(|step| of(step) == means).collect()
    };
    let of = For { system_name: plan.member.system_name.as_deref() };
    let member = &plan.member.name;
    let mut files: Vec<File> = Vec::new();
    let mut add = |name, text: String| files.push(File { name, text });
    if !ready.is_empty() {
        add(BEFORE, script::verify(&Scripted::of(&ready, Way::Before).acts(), &of));
    }
    let merged = by(Means::Merge, |step| step.means);
    if !merged.is_empty() {
        let lines = |step: &Step| step.lines.clone();
        add(MERGE, merging::text("does", &merged, lines, &place.merge(MERGE), member));
    }
    let scripted = by(Means::Script, |step| step.means);
    if !scripted.is_empty() {
        add(APPLY, script::apply(&Scripted::of(&scripted, Way::Forth).acts(), &of));
    }
    if !ready.is_empty() {
        add(VERIFY, script::verify(&Scripted::of(&ready, Way::Forth).acts(), &of));
    }
    // What was done last is undone first.
    let back =
        |means| -> Vec<&Step> { by(means, |step| step.reversal.means).into_iter().rev().collect() };
    let merged = back(Means::Merge);
    if !merged.is_empty() {
        let lines = |step: &Step| step.reversal.lines.clone();
        add(UNDO_MERGE, merging::text("undoes", &merged, lines, &place.merge(UNDO_MERGE), member));
    }
    let scripted = back(Means::Script);
    if !scripted.is_empty() {
        add(UNDO_SCRIPT, script::apply(&Scripted::of(&scripted, Way::Back).acts(), &of));
    }
    let checklist = checklist::text(plan, place, &files);
    files.push(File { name: CHECKLIST, text: checklist });
    files
}

/// Which way steps go in a script.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// They are done.
    Forth,
    /// They are undone.
    Back,
    /// They are not done yet.
    Before,
}

/// Steps as a script takes them.
struct Scripted<'a> {
    steps: Vec<(&'a Step, Operation)>,
    after: Vec<Vec<usize>>,
    settings: Vec<Vec<(String, String)>>,
    way: Way,
}

impl<'a> Scripted<'a> {
    /// What one step needs is looked for among those of the same script; undone, what needed a step comes
    /// before it anyway.
    fn of(steps: &[&'a Step], way: Way) -> Self {
        let operation = |step: &Step| match way {
            Way::Forth => step.operation(),
            Way::Back => step.reversal(),
            Way::Before => step.before(),
        };
        let steps: Vec<(&Step, Operation)> =
            steps.iter().filter_map(|step| Some((*step, operation(step)?))).collect();
        let places: HashMap<&str, usize> =
            steps.iter().enumerate().map(|(at, (step, _))| (step.id.as_str(), at)).collect();
        let needs = |step: &Step| -> Vec<usize> {
            let needs = step.needs.iter().filter(|_| way == Way::Forth);
            needs.filter_map(|need| places.get(need.as_str()).copied()).collect()
        };
        let after = steps.iter().map(|(step, _)| needs(step)).collect();
        let settings = steps.iter().map(|(step, _)| step.settings(way == Way::Forth)).collect();
        Self { steps, after, settings, way }
    }

    fn acts(&self) -> Vec<Act<'_>> {
        let parts = self.steps.iter().zip(&self.after).zip(&self.settings);
        parts
            .map(|(((step, operation), after), settings)| Act {
                id: &step.id,
                operation,
                after,
                settings,
                // Undone, a mapping leads where it led before, whatever came in meanwhile.
                may_hide: self.way == Way::Forth && step.may_hide(),
            })
            .collect()
    }
}
