//! Tasks that do not run although they look as if they did.
//!
//! Owns the looks at the Task Manager: predecessors that are absent or suspended, users who are
//! disabled, two tasks of one name, and mirror settings with which a task runs on neither member
//! (H5.2, formats 4).
//! Invariant: what a setting of unknown meaning does is not guessed.

use std::collections::HashMap;

use super::Seen;
use super::census::Census;
use crate::model::{
    Configuration, MirrorStatus, Object as _, Owner, Section, Subject, Task, fold_order,
};

/// Looks at the tasks of one side.
pub(super) fn look(side: Census<'_>, seen: &mut Vec<Seen>) {
    let tasks = &side.0.tasks.objects;
    let at_work = |task: &&Task| task.suspended.unwrap_or_default() == 0;
    for task in tasks.iter().filter(at_work).filter(|task| task.owner() == Owner::Site) {
        // A disabled user suspends the task, unless it is a system task (H5.2).
        let user = task.run_as_user.as_deref().and_then(|name| side.user(name));
        if let Some(user) = user.filter(|user| user.enabled == Some(false)) {
            let does = format!("runs as user '{}', who is disabled there", user.name);
            let found = Seen::new("task-user-disabled", Section::Tasks, task.subject(), does);
            seen.push(found.of(Section::Users, &user.name));
        }
    }
    chains(tasks, side.all_tasks().is_some(), seen);
    twins(tasks, seen);
}

fn chains(tasks: &[Task], all: bool, seen: &mut Vec<Seen>) {
    let waiting = || tasks.iter().filter_map(|task| Some((task, task.predecessor()?)));
    if waiting().next().is_none() {
        return;
    }
    let by_reference: HashMap<String, &Task> =
        tasks.iter().map(|task| (task.own_reference(), task)).collect();
    for (task, after) in waiting() {
        if after.is_not_there() {
            let does = "runs after a task that does not exist there".to_owned();
            seen.push(Seen::new("task-predecessor-absent", Section::Tasks, task.subject(), does));
            continue;
        }
        let Some(first) = by_reference.get(after.reference()) else {
            if all {
                let after = after.reference();
                let does = format!("runs after '{after}', which does not exist there");
                let id = "task-predecessor-absent";
                let found = Seen::new(id, Section::Tasks, task.subject(), does);
                seen.push(found.of(Section::Tasks, after));
            }
            continue;
        };
        let is_suspended = |task: &Task| task.suspended.unwrap_or_default() != 0;
        if is_suspended(first) && !is_suspended(task) {
            let does = format!("runs after task '{}', which is suspended there", first.name);
            let id = "task-predecessor-suspended";
            let found = Seen::new(id, Section::Tasks, task.subject(), does);
            seen.push(found.of(Section::Tasks, &first.name));
        }
    }
}

/// Tasks of one name in one namespace, whatever their class; they are sorted by both.
fn twins(tasks: &[Task], seen: &mut Vec<Seen>) {
    let alike = |a: &Task, b: &Task| a.name == b.name && a.namespace.is(&b.namespace);
    for run in tasks.chunk_by(alike) {
        if let [first, _, ..] = run {
            let does = format!("is there {} times", run.len());
            seen.push(Seen::new("task-twice", Section::Tasks, first.subject(), does));
        }
    }
}

/// Whether a task runs on a member in that role; none where the meaning of the setting is not known.
/// A task without a setting does not run on a mirror member (formats 4).
fn runs(task: &Task, on_primary: bool) -> Option<bool> {
    match task.mirror_status.unwrap_or(MirrorStatus::Primary) {
        MirrorStatus::Any => Some(true),
        MirrorStatus::Primary => Some(on_primary),
        MirrorStatus::NotPrimary => Some(!on_primary),
        status if status == MirrorStatus::default() => Some(false),
        _ => None,
    }
}

fn on_neither(primary: &Task, member: &Task) -> bool {
    let neither =
        |first: bool| runs(primary, first) == Some(false) && runs(member, !first) == Some(false);
    neither(true) || neither(false)
}

fn find<'a>(side: &'a Configuration, subject: &Subject) -> Option<&'a Task> {
    let namespace = subject.namespace.as_deref().unwrap_or_default();
    let class = subject.task_class.as_deref().unwrap_or_default();
    let tasks = &side.tasks.objects;
    let at = tasks.binary_search_by(|task| {
        let order = (*task.name).cmp(&*subject.name);
        order
            .then_with(|| fold_order(&task.namespace, namespace))
            .then_with(|| (*task.task_class).cmp(class))
    });
    tasks.get(at.ok()?)
}

/// Whether a task that differs runs on neither member, now or once the other one is the primary.
pub(in crate::finding) fn runs_nowhere(subject: &Subject, sides: [&Configuration; 2]) -> bool {
    let [primary, member] = sides.map(|side| find(side, subject));
    primary.zip(member).is_some_and(|(primary, member)| on_neither(primary, member))
}

/// Adds tasks that run on neither member although the sides do not differ.
pub(super) fn on_both(sides: [&Configuration; 2], seen: &mut [Vec<Seen>; 2]) {
    for task in &sides[0].tasks.objects {
        let Some(other) = find(sides[1], &task.subject()) else { continue };
        if task.mirror_status == other.mirror_status && on_neither(task, other) {
            for seen in seen.iter_mut() {
                let does = "has no setting on which mirror members it runs, so it runs on none";
                let found = Seen::new("task-runs-nowhere", Section::Tasks, task.subject(), does);
                seen.push(found.made_by(task.owner()));
            }
        }
    }
}
