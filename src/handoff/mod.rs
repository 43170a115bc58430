//! The hand-off: a plan as files that a person carries to the member and runs there.
//!
//! Owns the list of those files and what stands in them: a merge file and a script that do the steps, a
//! script that proves them, the same two that undo them, and a checklist in the order in which it all
//! is done. Plans come from `plan`; the command line writes the files.
//! Invariant: a file is there only where it has something to do; what is not taken (a step that waits,
//! that needs approval, that a person does) stands in the checklist and in no other file; the same plan
//! and place give the same bytes.

mod checklist;
mod commands;
mod merging;

use crate::plan::{Means, Plan, RiskKind, Step, Verb};
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

/// The names of the files, in the order in which they are used.
pub const CHECKLIST: &str = "CHECKLIST.md";
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
    let done_by =
        |means: Means| -> Vec<&Step> { plan.ready().filter(|step| step.means == means).collect() };
    let undone_by = |means: Means| -> Vec<&Step> {
        let mut steps: Vec<&Step> =
            plan.ready().filter(|step| step.reversal.means == means).collect();
        steps.reverse();
        steps
    };
    let of = For { system_name: plan.member.system_name.as_deref() };
    let mut files = Vec::new();
    let mut add = |name, there: bool, text: &dyn Fn() -> String| {
        if there {
            files.push(File { name, text: text() });
        }
    };
    let (merged, scripted) = (done_by(Means::Merge), done_by(Means::Script));
    add(MERGE, !merged.is_empty(), &|| {
        let command = place.merge(MERGE);
        merging::text("does", &merged, |step| &step.lines, &command, &plan.member.name)
    });
    add(APPLY, !scripted.is_empty(), &|| {
        let scripted = Scripted::of(&scripted, true);
        script::apply(&scripted.acts(), &of)
    });
    let all: Vec<&Step> = plan.ready().collect();
    add(VERIFY, !all.is_empty(), &|| script::verify(&Scripted::of(&all, true).acts(), &of));
    let (merged, scripted) = (undone_by(Means::Merge), undone_by(Means::Script));
    add(UNDO_SCRIPT, !scripted.is_empty(), &|| {
        let scripted = Scripted::of(&scripted, false);
        script::apply(&scripted.acts(), &of)
    });
    add(UNDO_MERGE, !merged.is_empty(), &|| {
        let command = place.merge(UNDO_MERGE);
        merging::text("undoes", &merged, |step| &step.reversal.lines, &command, &plan.member.name)
    });
    files.push(File { name: CHECKLIST, text: checklist::text(plan, place) });
    files
}

/// Steps as a script takes them.
struct Scripted<'a> {
    steps: Vec<(&'a Step, crate::operation::Operation)>,
    after: Vec<Vec<usize>>,
    settings: Vec<Vec<(String, String)>>,
    forward: bool,
}

impl<'a> Scripted<'a> {
    /// `forward` says whether they are done or undone. What one step needs is looked for among those of
    /// the same script; undone, what needed a step comes before it anyway.
    fn of(steps: &[&'a Step], forward: bool) -> Self {
        let operation = |step: &Step| if forward { step.operation() } else { step.reversal() };
        let steps: Vec<_> =
            steps.iter().filter_map(|step| Some((*step, operation(step)?))).collect();
        let places: std::collections::HashMap<&str, usize> =
            steps.iter().enumerate().map(|(at, (step, _))| (step.id.as_str(), at)).collect();
        let needs = |step: &Step| -> Vec<usize> {
            let needs = step.needs.iter().filter(|_| forward);
            needs.filter_map(|need| places.get(need.as_str()).copied()).collect()
        };
        let after = steps.iter().map(|(step, _)| needs(step)).collect();
        let settings = steps.iter().map(|(step, _)| step.settings(forward)).collect();
        Self { steps, after, settings, forward }
    }

    fn acts(&self) -> Vec<Act<'_>> {
        let parts = self.steps.iter().zip(&self.after).zip(&self.settings);
        parts
            .map(|(((step, operation), after), settings)| {
                let hides = step.risks.iter().any(|risk| risk.kind == RiskKind::MayHide);
                Act {
                    id: &step.id,
                    operation,
                    after,
                    settings,
                    may_hide: self.forward && hides && step.verb != Verb::Delete,
                }
            })
            .collect()
    }
}
