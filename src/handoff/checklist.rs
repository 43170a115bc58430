//! The checklist: everything that is done, in order, for a person.
//!
//! Owns the words of `CHECKLIST.md`: what the plan was made of, what a person does first, which file is
//! run when and how, what a person does afterwards, what was not taken and why, and the way back.
//! Invariant: every step of the plan and every finding it leaves stands in it once; a text from an input
//! cannot make a heading, a link or a line of its own.

use std::collections::HashSet;

use super::commands::Place;
use super::{APPLY, MERGE, PLAN, RESTORE_POINT, UNDO_MERGE, UNDO_SCRIPT, VERIFY};
use crate::error::quoted;
use crate::model::{Section, visible};
use crate::plan::{Means, Plan, Standing, Step, Transition, spelled};

/// A text under construction whose sections are numbered.
struct Checklist<'a> {
    plan: &'a Plan,
    place: &'a Place,
    text: String,
    number: usize,
}

/// The checklist of a plan.
pub(super) fn text(plan: &Plan, place: &Place) -> String {
    let mut list = Checklist { plan, place, text: String::new(), number: 0 };
    list.about();
    list.before();
    list.run();
    list.afterwards();
    list.prove();
    list.hssys();
    list.not_taken();
    list.undo();
    list.text
}

/// A text from an input within a line of Markdown.
fn code(text: &str) -> String {
    let text = visible(text);
    // A fence longer than any run of backticks in the text keeps them inside (CommonMark 6.1).
    let mut longest = 0;
    let mut run = 0;
    for letter in text.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A sentence within a line of Markdown: what would be markup there is not. It never begins a line, and
/// an underscore within a word marks nothing up.
fn prose(text: &str) -> String {
    let mut escaped = String::new();
    let mut within_word = false;
    for letter in visible(text).chars() {
        let marks = match letter {
            '\\' | '`' | '*' | '[' | '<' | '&' => true,
            '_' => !within_word,
            _ => false,
        };
        if marks {
            escaped.push('\\');
        }
        escaped.push(letter);
        within_word = letter.is_alphanumeric();
    }
    escaped
}

impl<'a> Checklist<'a> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, words: &str) {
        self.number += 1;
        self.text.push_str(&format!("\n## {}. {words}\n\n", self.number));
    }

    fn command(&mut self, command: &str) {
        self.line("");
        // A block that is indented ends with its lines, whatever they hold.
        self.line(&format!("    {}", visible(command)));
        self.line("");
    }

    fn about(&mut self) {
        let (primary, member) = (&self.plan.primary, &self.plan.member);
        let counted = |standing| self.plan.standing(standing).count();
        let counts: Vec<String> = Standing::ALL
            .into_iter()
            .map(|standing| (standing, counted(standing)))
            .filter(|(_, count)| *count > 0)
            .map(|(standing, count)| format!("{count} {}", standing.words()))
            .collect();
        let counts = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
        let lines = [
            format!("# To bring {} to the state of {}", prose(&member.name), prose(&primary.name)),
            String::new(),
            format!("- Primary: configuration.json {}", primary.configuration_sha256),
            format!("- Member: configuration.json {}", member.configuration_sha256),
            format!("- Steps: {counts}"),
            String::new(),
            "Go through it from top to bottom, on the member, in one sitting, and tick off each box. \
             While it runs, nobody makes a namespace or a database. Stop where something says FAILED \
             or NOT."
                .to_owned(),
        ];
        lines.iter().for_each(|line| self.line(line));
        if self.place.is_open() {
            self.line("");
            self.line(
                "What stands in capitals in a command is not known from the files: `iris qlist` names \
                 the instance, its folder and its configuration file.",
            );
        }
    }

    /// What a person does before anything runs: what other steps rest on.
    fn before(&mut self) {
        let steps = self.by_hand(true);
        if steps.is_empty() {
            return;
        }
        self.heading("By hand, before");
        self.line("What rests on one of these waits for it: make the plan again once it is done.");
        self.line("");
        for step in steps {
            self.step(step);
        }
    }

    fn run(&mut self) {
        let steps =
            |means| -> Vec<&Step> { self.plan.ready().filter(|one| one.means == means).collect() };
        let (merged, scripted) = (steps(Means::Merge), steps(Means::Script));
        if !merged.is_empty() {
            self.heading("Merge");
            self.line("- [ ] Run this on the member, in the shell of its operating system:");
            self.command(&self.place.merge(MERGE));
            self.line("It is to end with `IRIS Merge completed successfully`. It does:");
            self.line("");
            merged.iter().for_each(|step| self.step(step));
        }
        if !scripted.is_empty() {
            self.heading("Script");
            self.line(
                "- [ ] Run this on the member, as an account that logs in through the operating \
                 system:",
            );
            self.command(&self.place.session(APPLY));
            self.line(
                "Every line is to say DONE. STOPPED means that something would have been hidden, and \
                 was not done: move what is there, or do without the mapping. It does:",
            );
            self.line("");
            scripted.iter().for_each(|step| self.step(step));
        }
    }

    fn afterwards(&mut self) {
        let notes: Vec<(&Step, &String)> = self
            .plan
            .ready()
            .flat_map(|step| step.notes.iter().map(move |note| (step, note)))
            .collect();
        let steps = self.by_hand(false);
        if notes.is_empty() && steps.is_empty() {
            return;
        }
        self.heading("By hand, afterwards");
        for (step, note) in notes {
            self.line(&format!("- [ ] {}: {}", code(&step.id), prose(note)));
        }
        steps.iter().for_each(|step| self.step(step));
    }

    /// The steps by hand that others rest on, or those that none does.
    fn by_hand(&self, needed: bool) -> Vec<&'a Step> {
        let needs: HashSet<&String> = self.plan.steps.iter().flat_map(|step| &step.needs).collect();
        let steps = self.plan.standing(Standing::ByHand);
        steps.filter(|step| needs.contains(&step.id) == needed).collect()
    }

    fn prove(&mut self) {
        self.heading("Prove it");
        if self.plan.ready().next().is_some() {
            self.line("- [ ] Run this on the member; every line is to say OK:");
            self.command(&self.place.session(VERIFY));
        }
        self.line(
            "- [ ] Make the member's files again (CPF, security export, task export, `iris qlist`) and \
             compare:",
        );
        let plan = quoted(&format!("{}/{PLAN}", self.place.folder.trim_end_matches('/')));
        self.command(&format!("hsmirror apply --check {plan} MEMBER-FILES"));
        self.command("hsmirror compare PRIMARY MEMBER-FILES");
    }

    fn hssys(&mut self) {
        self.heading("HSSYS");
        self.line(
            "- [ ] Once nothing blocks, add HSSYS to the mirror on the primary, copy it, and restore it \
             here:",
        );
        self.command(
            "hsmirror apply --hssys BUNDLE --hssys-dir FOLDER PRIMARY MEMBER-FILES --dry-run",
        );
    }

    /// Steps that are not taken, and findings that no step puts right.
    fn not_taken(&mut self) {
        let groups = [
            (
                Standing::Approval,
                "Needs approval",
                "They were not done. Make the hand-off again with `--approve` and the step's name, or from a plan that somebody signed who may.",
            ),
            (
                Standing::Waits,
                "Waits",
                "They rest on steps that are not taken; make the plan again once those are done.",
            ),
            (Standing::LeftOut, "Left out", "They were not chosen."),
        ];
        for (standing, title, words) in groups {
            let steps: Vec<&Step> = self.plan.standing(standing).collect();
            if steps.is_empty() {
                continue;
            }
            self.heading(title);
            self.line(words);
            self.line("");
            steps.iter().for_each(|step| self.step(step));
        }
        if self.plan.left.is_empty() {
            return;
        }
        self.heading("No step puts these right");
        for left in &self.plan.left {
            let line = format!("- [ ] {}: {}", code(&left.finding), prose(&left.text));
            self.line(&line);
        }
    }

    fn undo(&mut self) {
        if self.plan.ready().next().is_none() {
            return;
        }
        self.heading("The way back");
        self.line(
            "Only if it has to be undone. It puts back what the member had, as far as its files told.",
        );
        let undone = |means| self.plan.ready().any(|step| step.reversal.means == means);
        if undone(Means::Script) {
            self.command(&self.place.session(UNDO_SCRIPT));
        }
        if undone(Means::Merge) {
            self.command(&self.place.merge(UNDO_MERGE));
        }
        self.line(&format!(
            "The member's configuration before anything changed lies sealed in {}; this compares the \
             member with it:",
            code(RESTORE_POINT)
        ));
        let point = quoted(&format!("{}/{RESTORE_POINT}", self.place.folder.trim_end_matches('/')));
        self.command(&format!("hsmirror compare --drift {point} MEMBER-FILES -i IDENTITY"));
    }

    /// One step: what, why, what changes, what it risks.
    fn step(&mut self, step: &Step) {
        let verb = step.verb.word();
        self.line(&format!("- [ ] {verb} {}", code(&step.id)));
        let reasons: Vec<String> = step.reasons.iter().map(|reason| code(reason)).collect();
        self.line(&format!("  - why: {}", reasons.join(", ")));
        for change in &step.properties {
            self.line(&format!("  - {}", transition(step.section, change)));
        }
        for need in &step.needs {
            self.line(&format!("  - needs {}", code(need)));
        }
        for risk in &step.risks {
            self.line(&format!("  - **risk**: {}", prose(&risk.text)));
        }
        if step.standing != Standing::Ready {
            for note in &step.notes {
                self.line(&format!("  - {}", prose(note)));
            }
        }
    }
}

/// One property before and after.
fn transition(section: Section, change: &Transition) -> String {
    let shown = |value: &serde_json::Value| match spelled(section, &change.property, value) {
        text if text.is_empty() => "(empty)".to_owned(),
        text => code(&text),
    };
    let name = &change.property;
    match (&change.before, &change.after) {
        (None, Some(after)) => format!("{name}: {}", shown(after)),
        (Some(before), Some(after)) => format!("{name}: {} -> {}", shown(before), shown(after)),
        (Some(before), None) => format!("{name} was {}", shown(before)),
        (None, None) => name.clone(),
    }
}
