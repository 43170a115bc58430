//! `hsmirror apply --instance`: a plan is rolled out on a running instance.
//!
//! Owns the choice between the stories on an instance, and those about a plan: compare afresh, plan, show,
//! ask, roll out, and compare again; or tell where a rollout stands, end it, take it back. `rollout` does
//! the work, `apply_hssys` has the story of the database.
//! Invariant: nothing is done before the plan was shown and somebody agreed, and a step that needs approval
//! only where its name was said or the plan was signed; the end is what a fresh comparison says.

use std::path::{Path, PathBuf};

use super::agreement::Agreement;
use super::apply::{Args, BY_HAND};
use super::apply_hssys::where_it_stands;
use super::apply_plan::Drafted;
use super::complaint::Complaint;
use super::keys;
use super::terminal;
use super::waivers;
use crate::compare::Selection;
use crate::error::{Error, Kind, Result, quoted};
use crate::finding;
use crate::handoff::{self, Place};
use crate::instance::database::Database;
use crate::instance::{Asking, Instance};
use crate::model::{Configuration, Digest, HSSYS};
use crate::operand::{Beyond, Ready};
use crate::plan::Plan;
use crate::report::{self, View, visible};
use crate::restore::Restore;
use crate::rollout::{Decision, Ground, Missed, OnInstance, Rollout, Rollouts, Work};
use crate::source::Options;

impl Args {
    /// The stories on an instance.
    pub(super) fn on_instance(&self, name: &str, complaint: &Complaint) -> Result<u8> {
        if self.hssys_dir.is_some() {
            let message = "With --instance the instance itself tells where HSSYS lies.";
            return Err(Error::new(Kind::Usage, message, "Leave --hssys-dir out."));
        }
        if self.sealing.is_given() {
            let message = "On an instance nothing is sealed.";
            return Err(Error::new(Kind::Usage, message, "Leave the flags for sealing out."));
        }
        let plans_not = self.hssys.is_some() || self.status || self.resume || self.revert;
        if plans_not && self.planning.is_given() {
            let message = "The command line has flags of a plan, and makes none.";
            let hint = "Roll the plan out with a command of its own, or leave them out.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        if self.status {
            return self.tell_rollout(name);
        }
        let (instance, asking) = self.local.instance(name)?;
        let site = Site { args: self, instance: &instance, asking };
        match () {
            () if self.resume => site.resume(complaint),
            () if self.revert => site.revert(complaint),
            () if self.hssys.is_some() => site.restore(complaint),
            () => site.roll_out(complaint),
        }
    }

    fn tell_rollout(&self, name: &str) -> Result<u8> {
        let rollouts = Rollouts::look(&self.state_dir, name, &self.again())?;
        let standing = rollouts.standing()?;
        terminal::rows(&standing.rows)?;
        Ok(if standing.interrupted { Kind::Unfinished.exit_code() } else { 0 })
    }

    /// The flags about the instance, as they are typed again.
    fn again(&self) -> String {
        let mut flags = String::new();
        if let Some(iris) = &self.local.product.iris {
            flags.push_str(&format!(" --iris {}", quoted(&iris.display().to_string())));
        }
        if let Some(folder) = &self.local.gather_dir {
            flags.push_str(&format!(" --gather-dir {}", quoted(&folder.display().to_string())));
        }
        if let Some(file) = &self.local.attested {
            flags.push_str(&format!(" --attested {}", quoted(&file.display().to_string())));
        }
        flags
    }
}

/// The instance that the command is about.
pub(super) struct Site<'a> {
    pub(super) args: &'a Args,
    pub(super) instance: &'a Instance,
    asking: Asking,
}

impl<'a> Site<'a> {
    /// Its name, as it is listed.
    pub(super) fn name(&self) -> &'a str {
        &self.instance.listed.name
    }

    pub(super) fn ground(&self, options: Options) -> OnInstance<'a> {
        OnInstance { instance: self.instance, options, asking: self.asking.clone() }
    }

    /// Its rollouts, locked; where nothing is to be written they are only looked at.
    pub(super) fn rollouts(&self) -> Result<Rollouts> {
        let (state, again) = (&self.args.state_dir, self.args.again());
        if self.args.dry_run {
            return Rollouts::look(state, self.name(), &again);
        }
        let rollouts = Rollouts::open(state, self.name(), &again, None)?;
        // Were this run killed, a merge or a script that it had started would go on for a while.
        if let Some(lock) = rollouts.lock()? {
            self.instance.keep(lock);
        }
        Ok(rollouts)
    }

    /// Both operands; the member is the instance where none is given.
    pub(super) fn sides(&self) -> Result<[PathBuf; 2]> {
        let Some(primary) = &self.args.primary else {
            let message = "The command line does not name the primary.";
            return Err(Error::new(Kind::Usage, message, "Give PRIMARY."));
        };
        let own = || PathBuf::from(format!("instance:{}", self.name()));
        Ok([primary.clone(), self.args.member.clone().unwrap_or_else(own)])
    }

    fn roll_out(&self, complaint: &Complaint) -> Result<u8> {
        let Args { planning, dry_run, .. } = self.args;
        let rollouts = self.rollouts()?;
        rollouts.may_begin()?;
        let [primary, member] = self.sides()?;
        let drafted = self.args.drafted([&primary, &member], complaint)?;
        is_a_member(&drafted.judgement.member, self.name())?;
        let Drafted { plan, judgement, options, .. } = drafted;
        // As JSON the end is told and nothing else.
        if !planning.is_json() || *dry_run {
            terminal::print(|to| report::plan(&plan, &planning.view(), to))?;
        }
        if *dry_run {
            complaint.note("nothing was done: the same command without --dry-run does it");
            let nothing = plan.steps.is_empty() && plan.left.is_empty();
            return Ok(if nothing && !plan.is_incomplete() { 0 } else { BY_HAND });
        }
        if plan.ready().next().is_none() {
            complaint.note("no step is ready, so nothing was done on the instance");
            // What a MEMBER says may be older than what the instance is; without one it was just asked.
            let now = match &self.args.member {
                Some(_) => self.ground(options).gather()?,
                None => judgement.member,
            };
            return self.ends(&plan, &judgement.primary, now, None);
        }
        Agreement { yes: self.args.yes, dry_run: false }.asked()?;
        let mut rollout = begin(&rollouts, &plan, &primary, self.instance)?;
        complaint.note(&format!("if this is interrupted: {}", rollout.command("--status")));
        let mut tell = |what: &str| complaint.note(what);
        let now = rollout.forth(&plan, &self.ground(options), &mut tell)?;
        self.ends(&plan, &judgement.primary, now, Some(&rollout))
    }

    fn resume(&self, complaint: &Complaint) -> Result<u8> {
        let mut rollout = self.rollouts()?.to_resume()?;
        if rollout.journal().is_reverting() {
            let message = "What was rolled out is being taken back, which was interrupted.";
            let hint = format!("End that first: {}", rollout.command("--revert"));
            return Err(Error::new(Kind::Unfinished, message, hint));
        }
        let Some(plan) = rollout.plan()? else { return self.database_on(&mut rollout, complaint) };
        let mut tell = |what: &str| complaint.note(what);
        let options = of(&plan);
        let now = rollout.forth(&plan, &self.ground(options), &mut tell)?;
        if let Some(primary) = self.primary(&options)? {
            return self.ends(&plan, &primary, now, Some(&rollout));
        }
        terminal::print(|to| writeln!(to, "The plan is rolled out on {}.", visible(self.name())))?;
        self.left(&plan, Some(&rollout))?;
        self.tell_to_compare(&rollout, complaint);
        Ok(BY_HAND)
    }

    /// Says how a verdict is come by where the primary was not given.
    pub(super) fn tell_to_compare(&self, rollout: &Rollout, complaint: &Complaint) {
        let primary = quoted(&rollout.journal().intent.primary);
        let operand = quoted(&format!("instance:{}", self.name()));
        complaint.note(&format!("next: hsmirror compare {primary} {operand}{}", self.args.again()));
    }

    /// The primary, where it was given.
    pub(super) fn primary(&self, options: &Options) -> Result<Option<Configuration>> {
        let Some(primary) = &self.args.primary else { return Ok(None) };
        let mut ask = self.args.keys.prompt()?;
        let trust = self.args.signers.trust()?;
        let identities = self.args.keys.identities(&mut ask)?;
        let ready = Ready::new(primary, &self.args.local, &identities, &mut ask)?;
        Ok(Some(ready.read(options, &trust)?.configuration))
    }

    fn revert(&self, complaint: &Complaint) -> Result<u8> {
        let mut rollout = self.rollouts()?.to_revert()?;
        let agreement = Agreement { yes: self.args.yes, dry_run: false };
        let begun = rollout.journal().intent.begun;
        let mut tell = |what: &str| complaint.note(what);
        let Some(plan) = rollout.plan()? else {
            let (held, folder) = self.hssys()?;
            rollout.is_here(&folder, &held, &self.ground(Options::default()))?;
            let mut restore = Restore::open(&folder, &self.args.state_dir, None)?;
            terminal::print(|to| {
                writeln!(
                    to,
                    "The restore of HSSYS that was begun at {begun} will be taken back on"
                )?;
                writeln!(
                    to,
                    "{}: out of the mirror on this member if it is in it,",
                    visible(self.name())
                )?;
                writeln!(to, "dismounted, the old database put back, mounted.")
            })?;
            agreement.asked()?;
            let state = rollout.database_back(&mut restore, &held, &mut tell)?;
            terminal::print(|to| {
                writeln!(to, "The old HSSYS is back and mounted.")?;
                writeln!(to, "{}", where_it_stands(&state))
            })?;
            return Ok(0);
        };
        let ground = self.ground(of(&plan));
        let way = rollout.way_back(&plan, &ground)?;
        terminal::print(|to| {
            let count = way.undone.len();
            let noun = if count == 1 { "step" } else { "steps" };
            writeln!(
                to,
                "The rollout that was begun at {begun} will be taken back, {count} {noun}:"
            )?;
            way.undone.iter().try_for_each(|step| writeln!(to, "  {}", visible(step)))?;
            let changed = way.overwritten.iter();
            self.told("Changed since, and overwritten:", changed, to)?;
            self.told("Only a person can undo:", way.by_hand.iter(), to)
        })?;
        agreement.asked()?;
        let by_hand = rollout.back(&plan, &ground, &mut tell)?;
        terminal::print(|to| {
            writeln!(to, "Everything that was undone is as it was, looked at on the instance.")?;
            self.told("Left to do by hand:", by_hand.iter(), to)
        })?;
        Ok(if by_hand.is_empty() { 0 } else { BY_HAND })
    }

    /// The HSSYS database of the instance, and its folder.
    pub(super) fn hssys(&self) -> Result<(Database<'a>, PathBuf)> {
        let held = Database::named(self.instance, HSSYS)?;
        // The product's folders end with a slash.
        let folder = held.directory.components().collect();
        Ok((held, folder))
    }

    /// The fresh verdict, and what is left.
    fn ends(
        &self,
        plan: &Plan,
        primary: &Configuration,
        member: Configuration,
        rollout: Option<&Rollout>,
    ) -> Result<u8> {
        let code = self.verdict(primary, member)?;
        let left = self.left(plan, rollout)?;
        Ok(if left { BY_HAND } else { code })
    }

    /// Compares and shows; gives the exit code of the verdict.
    pub(super) fn verdict(&self, primary: &Configuration, member: Configuration) -> Result<u8> {
        let waivers = self.args.waiving.read()?;
        let mut judgement = finding::judge(primary.clone(), member, &Selection::default());
        waivers::waive(&mut judgement, waivers.as_ref());
        let view = self.args.planning.view();
        let quiet = view.quiet || view.format == report::Format::Table && !view.verbose;
        terminal::print(|to| report::render(&judgement, &View { quiet, ..view }, to))?;
        Ok(judgement.verdict.exit_code())
    }

    /// Tells what is left to a person; whether anything is.
    fn left(&self, plan: &Plan, rollout: Option<&Rollout>) -> Result<bool> {
        let left = report::left(plan);
        if self.args.planning.is_json() {
            return Ok(!left.is_empty());
        }
        let rows = left.iter().map(|(name, words)| (name.as_str(), words.as_str()));
        let look = self.args.planning.view().look;
        terminal::print(|to| {
            report::boxes("Left to do by hand:", rows, &look, to)?;
            let Some(rollout) = rollout.filter(|_| !left.is_empty()) else { return Ok(()) };
            let list = rollout.path().join(handoff::CHECKLIST).display().to_string();
            writeln!(to, "All of it, with what to do: {}", visible(&list))
        })?;
        Ok(!left.is_empty())
    }

    /// Tells of steps, under a line.
    fn told<'m>(
        &self,
        line: &str,
        steps: impl Iterator<Item = &'m Missed>,
        to: &mut dyn std::io::Write,
    ) -> std::io::Result<()> {
        let rows = steps.map(|one| (one.step.as_str(), one.words.as_str()));
        report::boxes(line, rows, &self.args.planning.view().look, to)
    }
}

/// What is gathered for a plan: what it was made of.
fn of(plan: &Plan) -> Options {
    Options {
        personal_data: plan.personal_data,
        task_settings: plan.task_settings,
        now: Some(keys::now()),
    }
}

/// What is the primary, or no member, takes nothing over.
pub(super) fn is_a_member(configuration: &Configuration, name: &str) -> Result<()> {
    let Some(member) = &configuration.member else { return Ok(()) };
    let refused = |what: &str, hint: &str| {
        let message = format!("The instance {name} {what}, so nothing was done there.");
        Err(Error::new(Kind::Refused, message, hint))
    };
    if member.is_primary() == Some(true) {
        let hint = "Run this on the backup or DR member; PRIMARY is the primary's export.";
        return refused("is the primary of the mirror", hint);
    }
    if member.is_no_member() {
        return refused("is no mirror member", "Add it to the mirror first, or name another one.");
    }
    Ok(())
}

/// Begins the rollout of a plan: its folder has all that a person needs to go on by hand.
fn begin(rollouts: &Rollouts, plan: &Plan, primary: &Path, instance: &Instance) -> Result<Rollout> {
    let mut text = Vec::new();
    plan.write(&mut text).map_err(|cause| {
        let message = format!("The plan cannot be written as JSON: {cause}.");
        Error::new(Kind::Output, message, "This is a fault of hsmirror; please report it.")
    })?;
    let decision = Decision {
        begun: keys::now(),
        system_name: plan.member.system_name.clone(),
        primary: primary.display().to_string(),
        work: Work::Plan(Digest::of(&text)),
    };
    rollouts.begin(decision, |folder| {
        let place = Place {
            folder: folder.display().to_string(),
            instance: Some(instance.listed.name.clone()),
            configuration_file: Some(instance.listed.configuration_file.display().to_string()),
            without_restore_point: true,
        };
        let files = handoff::files(plan, &place).into_iter();
        let files = files.map(|file| (file.name.to_owned(), file.text.into_bytes()));
        files.chain([(handoff::PLAN.to_owned(), text)]).collect()
    })
}
