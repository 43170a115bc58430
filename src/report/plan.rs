//! A plan, rendered.
//!
//! Owns the layout of a plan for a person: one line that says how many steps stand where, then the steps
//! in the order in which they are done, grouped by where they stand, and what no step puts right; and the
//! list of what each step came to. As JSON it is the plan's own document.
//! Invariant: every step and every finding that is left stands in it; every text from an input goes
//! through `visible`; it fits the width it is given.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::excerpt;
use super::table::{FACT, constrain, frame, print, show, whole};
use super::{Format, View, visible_json};
use crate::model::Section;
use crate::plan::{Means, Plan, Standing, State, Step, Transition, Verb};

/// Writes a plan.
///
/// # Errors
/// Whatever the writer says.
pub fn plan(plan: &Plan, view: &View, to: &mut dyn Write) -> io::Result<()> {
    if view.format == Format::Json {
        let json = serde_json::to_value(plan).map_err(io::Error::other)?;
        return writeln!(to, "{}", visible_json(&json));
    }
    print(&whole(&[&show(&sentence(plan))], &view.look), to)?;
    if view.quiet {
        return Ok(());
    }
    if !plan.gaps.is_empty() {
        let gaps: Vec<&str> = plan.gaps.iter().map(|section| section.name()).collect();
        let words = format!(
            "Not compared as a whole, so not planned: {}; `hsmirror compare` says why.",
            gaps.join(", ")
        );
        print(&whole(&[&words], &view.look), to)?;
    }
    for standing in Standing::ALL {
        let steps: Vec<&Step> = plan.standing(standing).collect();
        if steps.is_empty() {
            continue;
        }
        writeln!(to)?;
        print(&whole(&[title(standing)], &view.look), to)?;
        let mut table = frame(view.look.width);
        let (alone, together) = folded(steps, standing == Standing::Waits && !view.verbose);
        for ((need, section), count) in together {
            let what = format!("{count} {section} that need {need}");
            table.add_row(["create".to_owned(), show(&what)]);
        }
        for step in alone {
            let how = match step.means {
                Means::Hand => step.verb.word().to_owned(),
                means => format!("{} by {}", step.verb.word(), means.word()),
            };
            table.add_row([how, show(&step.id)]);
            for text in details(step, view.verbose) {
                table.add_row([String::new(), show(&text)]);
            }
        }
        constrain(&mut table, &view.look, FACT);
        print(&table, to)?;
    }
    if !plan.left.is_empty() {
        writeln!(to)?;
        print(&whole(&["NO STEP PUTS THESE RIGHT"], &view.look), to)?;
        let mut table = frame(view.look.width);
        for left in &plan.left {
            let blocks = if left.blocking { " (blocks)" } else { "" };
            table.add_row([format!("{}{blocks}", show(&left.finding))]);
            if view.verbose {
                table.add_row([format!("  {}", show(&left.text))]);
            }
        }
        print(&table, to)?;
    }
    Ok(())
}

/// The plan in one sentence.
fn sentence(plan: &Plan) -> String {
    let of = format!("{} from {}", plan.member.name, plan.primary.name);
    if plan.steps.is_empty() {
        return match plan.left.len() {
            0 if !plan.is_incomplete() => format!("PLAN for {of}: there is nothing to do."),
            0 => format!("PLAN for {of}: no steps, and not everything was compared."),
            1 => format!("PLAN for {of}: no steps; 1 finding is left to a person."),
            count => format!("PLAN for {of}: no steps; {count} findings are left to a person."),
        };
    }
    let counts = Standing::ALL.into_iter().filter_map(|standing| {
        let count = plan.standing(standing).count();
        (count > 0).then(|| format!("{count} {}", standing.words()))
    });
    let counts: Vec<String> = counts.collect();
    let left = match plan.left.len() {
        0 => String::new(),
        1 => "; 1 finding has no step".to_owned(),
        count => format!("; {count} findings have no step"),
    };
    let noun = if plan.steps.len() == 1 { "step" } else { "steps" };
    format!("PLAN for {of}: {} {noun}, {}{left}.", plan.steps.len(), counts.join(", "))
}

/// How many steps of a section rest on one step.
pub(super) type Together<'a> = BTreeMap<(&'a str, Section), usize>;

/// The steps that stand by themselves, and those of which many wait for the same: the mappings of a
/// namespace that a person makes come with it, and nobody reads hundreds of lines about them.
pub(super) fn folded<'a>(steps: Vec<&'a Step>, fold: bool) -> (Vec<&'a Step>, Together<'a>) {
    const FEW: usize = 3;
    let key = |step: &'a Step| {
        let of_namespace = |need: &&String| need.starts_with(Section::Namespaces.name());
        let need = step.needs.iter().find(of_namespace).or_else(|| step.needs.first());
        let need = need.filter(|_| step.verb == Verb::Create)?;
        Some((need.as_str(), step.section))
    };
    let mut together = Together::new();
    for key in steps.iter().filter(|_| fold).filter_map(|step| key(step)) {
        *together.entry(key).or_default() += 1;
    }
    together.retain(|_, count| *count > FEW);
    let alone = |step: &&'a Step| key(step).is_none_or(|key| !together.contains_key(&key));
    (steps.into_iter().filter(alone).collect(), together)
}

const fn title(standing: Standing) -> &'static str {
    match standing {
        Standing::Ready => "READY",
        Standing::Approval => "NEEDS APPROVAL (--approve STEP, or a plan that was signed)",
        Standing::Waits => "WAITS for a step that is not taken",
        Standing::ByHand => "BY HAND",
        Standing::LeftOut => "LEFT OUT",
    }
}

/// What else is said of a step: what changes, what it risks, what it needs, what a person does.
fn details(step: &Step, verbose: bool) -> Vec<String> {
    let mut details = Vec::new();
    let changes = step.properties.iter().filter(|change| verbose || change.before.is_some());
    let deleted = step.properties.iter().any(|change| change.after.is_none());
    if verbose || !deleted {
        details.extend(changes.map(|change| transition(step, change, verbose)));
    }
    details.extend(step.risks.iter().map(|risk| format!("risk: {}", risk.text)));
    if verbose || step.standing == Standing::Waits {
        details.extend(step.needs.iter().map(|need| format!("needs {need}")));
    }
    if verbose || step.standing == Standing::ByHand {
        // Without -v the reason alone; the place to click stands in the checklist.
        let notes = step.notes.iter().take(if verbose { usize::MAX } else { 1 });
        details.extend(notes.cloned());
    }
    if verbose {
        details.push(format!("because of {}", step.reasons.join(", ")));
        details.extend(step.lines.iter().map(|line| format!("merge: {line}")));
    }
    details
}

fn transition(step: &Step, change: &Transition, whole: bool) -> String {
    let name = &change.property;
    if let Some(gist) = change.gist(step.section) {
        return format!("{name}: {gist}");
    }
    let [before, after] = change
        .words(step.section)
        .map(|side| side.map(|text| if text.is_empty() { "(empty)".to_owned() } else { text }));
    match (before, after) {
        (Some(before), Some(after)) => {
            let (before, after) = excerpt::shown(&before, &after, whole);
            format!("{name}: {before} -> {after}")
        }
        (Some(before), None) => format!("{name} was {before}"),
        (None, after) => format!("{name}: {}", after.unwrap_or_default()),
    }
}

/// Writes what each step came to, those that were left out apart.
///
/// # Errors
/// Whatever the writer says.
pub fn states(plan: &Plan, states: &[State], view: &View, to: &mut dyn Write) -> io::Result<()> {
    let chosen = || plan.steps.iter().zip(states).filter(|(step, _)| counts(step));
    let done = chosen().filter(|(_, state)| **state == State::Done).count();
    let all = chosen().count();
    if view.format == Format::Json {
        let rows = chosen().map(|(step, state)| {
            let wrong: &[String] = if let State::Other(wrong) = state { wrong } else { &[] };
            serde_json::json!({ "id": step.id, "state": word(state), "wrong": wrong })
        });
        let json = serde_json::json!({ "done": done, "steps": rows.collect::<Vec<_>>() });
        return writeln!(to, "{}", visible_json(&json));
    }
    let noun = if all == 1 { "step has" } else { "steps have" };
    let line = format!("CHECK of {}: {done} of {all} {noun} taken effect.", plan.member.name);
    print(&whole(&[&show(&line)], &view.look), to)?;
    if view.quiet {
        return Ok(());
    }
    let mut table = frame(view.look.width);
    for (step, state) in chosen() {
        table.add_row([word(state).to_owned(), show(&step.id)]);
        if let State::Other(wrong) = state {
            table.add_row([String::new(), show(&wrong.join(", "))]);
        }
    }
    constrain(&mut table, &view.look, FACT);
    print(&table, to)
}

/// Whether a check asks for a step at all.
fn counts(step: &Step) -> bool {
    step.standing != Standing::LeftOut
}

const fn word(state: &State) -> &'static str {
    match state {
        State::Done => "done",
        State::Before => "not done",
        State::Other(_) => "otherwise",
        State::Unknown => "unknown",
    }
}
