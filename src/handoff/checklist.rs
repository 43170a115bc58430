//! The checklist: everything that is done, in order, for a person.
//!
//! Owns the words of `CHECKLIST.md`: what the plan was made of, what blocks, what is not in the hand-off and
//! why, which file is run when and how, what a person does, and the way back. How a step is written
//! stands in `written`.
//! Invariant: every step of the plan and every finding it leaves stands in it once, and a box only where
//! somebody does something; a text from an input cannot make a heading, a link or a line of its own.

use std::collections::HashSet;

use super::commands::Place;
use super::written::{code, note, prose, step};
use super::{APPLY, BEFORE, File, MERGE, PLAN, RESTORE_POINT, UNDO_MERGE, UNDO_SCRIPT, VERIFY};
use crate::error::quoted;
use crate::model::{Digest, visible};
use crate::plan::{Left, Means, Plan, Standing, Step};

/// The checklist of a plan whose other files are these.
pub(super) fn text(plan: &Plan, place: &Place, files: &[File]) -> String {
    let mut list = Checklist { plan, place, files, text: String::new(), number: 0 };
    list.about();
    list.blocks();
    list.not_in_it();
    list.first();
    list.run();
    list.prove();
    list.afterwards();
    list.by_hand();
    list.compare();
    list.hssys();
    list.undo();
    list.text
}

/// A text under construction whose sections are numbered.
struct Checklist<'a> {
    plan: &'a Plan,
    place: &'a Place,
    files: &'a [File],
    text: String,
    number: usize,
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
        // A block that is indented ends with its lines, whatever they hold.
        self.text.truncate(self.text.trim_end().len());
        self.line(&format!("\n\n    {}\n", visible(command)));
    }

    fn steps(&mut self, steps: &[&Step], boxed: bool) {
        for one in steps {
            self.text.push_str(&step(one, boxed));
        }
    }

    fn is_there(&self, name: &str) -> bool {
        self.files.iter().any(|file| file.name == name)
    }

    fn about(&mut self) {
        let Plan { primary, member, .. } = self.plan;
        let counts: Vec<String> = Standing::ALL
            .into_iter()
            .map(|standing| (standing, self.plan.standing(standing).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(standing, count)| format!("{count} {}", standing.words()))
            .collect();
        let counts = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
        self.line(&format!(
            "# To bring {} to the state of {}\n",
            prose(&member.name),
            prose(&primary.name)
        ));
        self.line(&format!("- Made by hsmirror {}", env!("CARGO_PKG_VERSION")));
        self.line(&format!("- Primary: configuration.json {}", primary.configuration_sha256));
        self.line(&format!("- Member: configuration.json {}", member.configuration_sha256));
        self.line(&format!("- Steps: {counts}"));
        if !self.plan.gaps.is_empty() {
            let gaps: Vec<&str> = self.plan.gaps.iter().map(|section| section.name()).collect();
            self.line(&format!("- **Not compared**, so not planned: {}", gaps.join(", ")));
        }
        self.line("- Approved by ____________________ on ____________");
        self.line("- Run by ____________________ on ____________");
        self.line("\nWhat is run (`sha256sum` gives the same):\n");
        for file in self.files {
            self.line(&format!("    {}  {}", Digest::of(file.text.as_bytes()), file.name));
        }
        self.line(
            "\nGo through it from top to bottom, on the member, in one sitting, and tick off each box. \
             Meanwhile nobody makes a namespace or a database or runs the Installer Wizard, and the task \
             Mirror Monitor Launch Task is suspended, since its agent changes roles and applications too. \
             What stands in capitals is to be filled in: PRIMARY is the primary's bundle or files, \
             MEMBER-FILES are the member's, made again after everything was run, IDENTITY is your key \
             file; `iris qlist` names instance, folder and configuration file. If this folder was carried, \
             its path in the commands is another one.",
        );
    }

    fn blocks(&mut self) {
        let blocking: Vec<&Left> = self.plan.left.iter().filter(|left| left.blocking).collect();
        if blocking.is_empty() {
            return;
        }
        self.heading("This blocks the mirroring of HSSYS");
        self.line("The steps below can be done; HSSYS waits until this is cured.\n");
        for left in blocking {
            self.line(&format!("- [ ] {}: {}", code(&left.finding), prose(&left.text)));
        }
    }

    /// Steps that are not taken, and findings that no step puts right: nobody does them from here.
    fn not_in_it(&mut self) {
        let groups = [
            (
                Standing::Approval,
                "needs approval: make the hand-off again with `--approve` and the step's name, or from a \
                 plan that was signed by somebody who may",
            ),
            (
                Standing::Waits,
                "waits for a step that is not taken: make the plan again once that is done",
            ),
            (Standing::LeftOut, "was not chosen"),
        ];
        let groups: Vec<(&str, Vec<&Step>)> = groups
            .into_iter()
            .map(|(standing, words)| (words, self.plan.standing(standing).collect()))
            .filter(|(_, steps): &(_, Vec<&Step>)| !steps.is_empty())
            .collect();
        let left: Vec<&Left> = self.plan.left.iter().filter(|left| !left.blocking).collect();
        if groups.is_empty() && left.is_empty() {
            return;
        }
        self.heading("Not in this hand-off");
        for (words, steps) in groups {
            self.line(&format!("What {words}:\n"));
            // What waits will be planned again, with all that can be said of it then.
            let (waiting, others): (Vec<&Step>, Vec<&Step>) =
                steps.into_iter().partition(|step| step.standing == Standing::Waits);
            self.steps(&others, false);
            for step in waiting {
                let needs: Vec<String> = step.needs.iter().map(|need| code(need)).collect();
                let verb = step.verb.word();
                self.line(&format!(
                    "- {verb} {}, which needs {}",
                    code(&step.id),
                    needs.join(", ")
                ));
            }
            self.line("");
        }
        if !left.is_empty() {
            self.line("What no step puts right:\n");
            for left in left {
                self.line(&format!("- {}: {}", code(&left.finding), prose(&left.text)));
            }
        }
    }

    /// What must be so before anything is changed.
    fn first(&mut self) {
        if !self.is_there(BEFORE) {
            return;
        }
        self.heading("First");
        self.line(
            "- [ ] `iris session INSTANCE -U %SYS` shows `%SYS>` without asking for a name. If it asks, \
             leave it: lines of a script would be taken for a name and a password. The account needs \
             %All, and this folder must be readable for it and for the owner of the instance: a merge \
             that cannot read its file may do nothing and say success.\n\
             - [ ] System Administration > Security > System Security > System-wide Security Parameters: \
             if Configuration Security is on, the next start may stop and ask for an administrator; have \
             somebody at the console then.\n\
             - [ ] Nothing has moved since the plan was made. Every line of this is to say OK; if one says \
             NOT or STOPPED, run nothing else and make the plan again:",
        );
        self.command(&self.place.session(BEFORE));
    }

    fn run(&mut self) {
        let by = |means| -> Vec<&'a Step> {
            self.plan.ready().filter(|step| step.means == means).collect()
        };
        let (merged, scripted) = (by(Means::Merge), by(Means::Script));
        if !merged.is_empty() {
            self.heading("Merge");
            self.line("- [ ] Run this in the shell of the member's operating system:");
            self.command(&self.place.merge(MERGE));
            self.line(
                "It is to end with `IRIS Merge completed successfully`. If it fails, what stands above \
                 the line that it names may be done: look into messages.log, go on with no other file, and \
                 run verify.script to see.\n",
            );
            self.steps(&merged, false);
        }
        if !scripted.is_empty() {
            self.heading("Script");
            self.line("- [ ] Run this:");
            self.command(&self.place.session(APPLY));
            self.line(&format!(
                "The last line is to read `{0} of {0} done`; prompts between the lines are normal. \
                 FAILED or WAITS: the others were done; keep the output, put right what it says, run the \
                 same file again; stop where it says the same twice. STOPPED in the first line: this is \
                 another member, or the primary. STOPPED at a mapping: it was not made, since something of \
                 that name would have been hidden. In a mirrored database nothing can be moved here: \
                 look at the same name on the primary. Hidden there too: make the mapping in the Portal; \
                 seen there: the plan is wrong. In a database of this member alone: move it first.\n",
                scripted.len()
            ));
            self.steps(&scripted, false);
        }
    }

    fn prove(&mut self) {
        if self.is_there(VERIFY) {
            self.heading("Prove it");
            self.line("- [ ] Run this; every line is to say OK:");
            self.command(&self.place.session(VERIFY));
        }
    }

    /// What a person does about steps that were done.
    fn afterwards(&mut self) {
        let notes: Vec<String> = self
            .plan
            .ready()
            .flat_map(|step| step.notes.iter().map(|text| note(step, text)))
            .collect();
        if !notes.is_empty() {
            self.heading("By hand, afterwards");
            notes.iter().for_each(|note| self.line(note));
        }
    }

    /// Steps that a person does; those that others rest on first.
    fn by_hand(&mut self) {
        let steps: Vec<&Step> = self.plan.standing(Standing::ByHand).collect();
        if steps.is_empty() {
            return;
        }
        let needs: HashSet<&String> = self.plan.steps.iter().flat_map(|step| &step.needs).collect();
        let (needed, others): (Vec<&Step>, Vec<&Step>) =
            steps.into_iter().partition(|step| needs.contains(&step.id));
        self.heading("By hand");
        self.line("Nothing above rests on these; some take hours.\n");
        self.steps(&needed, true);
        self.steps(&others, true);
        if self.plan.standing(Standing::Waits).next().is_some() {
            self.line("\nThen make the plan again, for what waits for them.");
        }
    }

    fn compare(&mut self) {
        self.heading("Compare");
        self.line(
            "- [ ] Make the member's files again (CPF, security export, task export, `iris qlist`) and see \
             what each step came to, and what is left:",
        );
        let plan = quoted(&self.place.path(PLAN));
        self.command(&format!("hsmirror apply --check {plan} MEMBER-FILES"));
        self.command("hsmirror compare PRIMARY MEMBER-FILES");
    }

    fn hssys(&mut self) {
        self.heading("HSSYS");
        self.line(
            "- [ ] Once nothing blocks: add HSSYS to the mirror on the primary, copy it there, export it, \
             dismount HSSYS here, and restore it; first with `--dry-run`:",
        );
        self.command(
            "hsmirror apply --hssys BUNDLE --hssys-dir FOLDER PRIMARY MEMBER-FILES -i IDENTITY --dry-run",
        );
        self.line("It ends with what is left: mount, activate, catch up.");
    }

    fn undo(&mut self) {
        if self.plan.ready().next().is_none() {
            return;
        }
        self.heading("The way back");
        self.line(
            "Only if it has to be undone, and not after a failover: the scripts refuse on the primary, \
             the merge file does not. It puts back what the member had, as far as its files told. What \
             was changed after the plan is overwritten, and a user that was made is deleted with the \
             password that it got since.\n",
        );
        for step in self.plan.ready().filter(|step| !step.reversal.note.is_empty()) {
            self.line(&note(step, &step.reversal.note));
        }
        if self.is_there(UNDO_MERGE) {
            self.line("- [ ] Merge:");
            self.command(&self.place.merge(UNDO_MERGE));
        }
        if self.is_there(UNDO_SCRIPT) {
            self.line("- [ ] Script:");
            self.command(&self.place.session(UNDO_SCRIPT));
        }
        self.line("- [ ] Everything is as it was; every line of this is to say OK:");
        self.command(&self.place.session(BEFORE));
        if self.place.without_restore_point {
            return;
        }
        self.line(&format!(
            "The member's configuration before anything changed lies sealed in {}. This compares the \
             member with it:",
            code(RESTORE_POINT)
        ));
        let point = quoted(&self.place.path(RESTORE_POINT));
        self.command(&format!("hsmirror compare --drift {point} MEMBER-FILES -i IDENTITY"));
    }
}
