//! `hsmirror apply`: a plan of what has to be done on this member.
//!
//! Owns the two stories about plans: compare afresh, make a plan or hold a saved one against what is there,
//! show it, save it or hand it off as files; and say of a plan whether it took effect. `plan` makes the
//! steps, `handoff` the files, `planning` owns the flags.
//! Invariant: nothing is written before both sides were compared and every word of the command line was
//! understood; whom and where to is settled before the long work.

use std::path::Path;

use super::apply::{Args, BY_HAND};
use super::complaint::Complaint;
use super::handing_off::{HandingOff, SavingPlan};
use super::operands::Opening;
use super::saved_plan::{Digests, SavedPlan, once};
use super::terminal;
use super::waivers;
use crate::bundle::{self, Manifest};
use crate::compare::Selection;
use crate::error::{Error, Kind, Result, quoted};
use crate::finding::{self, Judgement, Verdict};
use crate::key::{Recipient, SigningKey};
use crate::model::{Configuration, Provenance};
use crate::operand::{Ready, STREAM};
use crate::plan::{self, Choice, Plan, SectionDigest, Standing, State, Wishes};
use crate::report::{self, visible};
use crate::source::Options;

/// Where a plan goes, and for whom it is sealed.
struct Targets {
    recipients: Vec<Recipient>,
    signing: Option<SigningKey>,
    saving: Option<SavingPlan>,
    handing: Option<HandingOff>,
}

/// A plan, and what it was made of.
pub(super) struct Drafted {
    pub(super) plan: Plan,
    pub(super) judgement: Judgement,
    pub(super) manifests: [Option<Manifest>; 2],
    pub(super) options: Options,
}

impl Args {
    /// Makes a plan, or takes up a saved one, and does with it what was asked for.
    pub(super) fn plan(&self, complaint: &Complaint) -> Result<u8> {
        let (Some(primary), Some(member)) = (&self.primary, &self.member) else {
            let message = "The command line does not name both sides.";
            return Err(Error::new(Kind::Usage, message, "Give PRIMARY and MEMBER."));
        };
        let targets = self.targets()?;
        let drafted = self.drafted([primary, member], complaint)?;
        let Drafted { plan, judgement, manifests, options } = &drafted;
        let Targets { recipients, signing, saving, handing } = targets;
        let (signing, armor) = (signing.as_ref(), self.sealing.armor);
        let seal = bundle::Seal { recipients: &recipients, signing, armor };
        let written = match (saving, handing) {
            (Some(saving), _) => {
                let again = self.flags_again();
                saving.save(plan, judgement, manifests, seal, options, &again)?
            }
            (_, Some(handing)) => handing.write(plan, &judgement.member, seal, options)?,
            _ => Vec::new(),
        };
        self.tell(plan, &written, complaint)
    }

    /// Reads both sides and makes the plan, or holds a saved one against them.
    pub(super) fn drafted(&self, paths: [&Path; 2], complaint: &Complaint) -> Result<Drafted> {
        let planning = &self.planning;
        let [primary, member] = paths;
        once(&[planning.plan.as_deref(), Some(primary), Some(member)])?;
        let mut ask = self.keys.prompt()?;
        let trust = self.signers.trust()?;
        let identities = self.keys.identities(&mut ask)?;
        let options = planning.options();
        let saved = planning.plan.as_deref();
        let saved =
            saved.map(|path| SavedPlan::read(path, &identities, &trust, &options, &mut ask));
        let saved = saved.transpose()?;
        let opening = Opening { identities: &identities, trust: &trust, local: &self.local };
        let waivers = self.waiving.read()?;
        let [(primary, first), (member, second)] =
            opening.read_both(paths, &mut ask, &options, true)?;
        let notes = saved.iter().flat_map(SavedPlan::notes);
        for note in notes.chain(&primary.notes).chain(&member.notes) {
            complaint.note(note);
        }
        let digests = [
            digests(&primary.configuration, first.as_ref())?,
            digests(&member.configuration, second.as_ref())?,
        ];
        let manifests = [primary.manifest, member.manifest];
        let mut judgement =
            finding::judge(primary.configuration, member.configuration, &Selection::default());
        waivers::waive(&mut judgement, waivers.as_ref());
        judgement.provenance = first.zip(second);
        if let Some(finding) = plan::wrong_pair(&judgement) {
            let message = format!("No plan is made of these two: {}", finding.sentence);
            return Err(Error::new(Kind::Refused, message, finding.advice()));
        }
        if let Some(saved) = &saved {
            saved.holds_for(planning, &digests, &judgement.member)?;
        }
        let mut delete = planning.delete.clone();
        delete.extend(saved.iter().flat_map(SavedPlan::deletions));
        let wishes = Wishes {
            delete,
            personal_data: options.personal_data,
            task_settings: options.task_settings,
        };
        let mut plan = plan::draft(&judgement, digests, &wishes);
        if let Some(saved) = &saved {
            saved.is_of(&plan)?;
        }
        self.choose(&mut plan, saved.as_ref(), paths)?;
        Ok(Drafted { plan, judgement, manifests, options })
    }

    /// Shows the plan and says what became of it.
    fn tell(&self, plan: &Plan, written: &[String], complaint: &Complaint) -> Result<u8> {
        let planning = &self.planning;
        // A bundle that went to standard output is alone there.
        if planning.save_plan.as_deref() != Some(Path::new(STREAM)) {
            terminal::print(|to| report::plan(plan, &planning.view(), to))?;
        }
        for line in written {
            complaint.note(&visible(line));
        }
        let target = planning.save_plan.is_some() || planning.handoff.is_some();
        if target && self.dry_run {
            complaint.note("nothing was written: the same command without --dry-run does it");
        }
        let nothing = plan.steps.is_empty() && plan.left.is_empty();
        if !nothing && !target {
            complaint.note(
                "nothing was done: --handoff FOLDER -r RECIPIENT writes the files that do it, \
                 --save-plan BUNDLE keeps the plan",
            );
        }
        Ok(match nothing {
            true if !plan.is_incomplete() => 0,
            true => Verdict::Incomplete.exit_code(),
            false => BY_HAND,
        })
    }

    /// Where it all goes; whatever can be wrong with that is told before the long work.
    fn targets(&self) -> Result<Targets> {
        let planning = &self.planning;
        let target = planning.save_plan.as_deref().or(planning.handoff.as_deref());
        if self.sealing.is_given() && target.is_none() {
            let message = "The command line says how to seal, and not what.";
            let hint = "Give --save-plan BUNDLE or --handoff FOLDER too, or leave those flags out.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        let mut ask = self.keys.prompt()?;
        let recipients = match target {
            Some(path) => self.sealing.recipients(path, &mut ask)?,
            None => Vec::new(),
        };
        let signing = self.sealing.signing_key(&mut ask)?;
        let write = !self.dry_run;
        let saving = planning.save_plan.as_deref().filter(|_| write);
        let saving = saving.map(|path| SavingPlan::prepare(path, &self.sealing)).transpose()?;
        let handing = planning.handoff.as_deref();
        let handing = handing.map(|path| HandingOff::prepare(path, write)).transpose()?.flatten();
        Ok(Targets { recipients, signing, saving, handing })
    }

    /// Settles where each step stands: by what was said, or as it was when the plan was saved.
    fn choose(&self, plan: &mut Plan, saved: Option<&SavedPlan>, paths: [&Path; 2]) -> Result<()> {
        let planning = &self.planning;
        let choice = match saved {
            Some(saved) => saved.choice(&planning.approve),
            None => Choice {
                only: planning.only.clone(),
                skip: planning.skip.clone(),
                approve: planning.approve.clone(),
                signed: false,
            },
        };
        plan.choose(&choice).map_err(|unknown| unknown_word(unknown.flag, &unknown.word, paths))?;
        let unknown = planning.delete.iter().find(|finding| !plan.takes_away(finding));
        unknown.map_or(Ok(()), |finding| Err(unknown_word("--delete", finding, paths)))
    }

    /// The flags that decide what a plan is made of, as they are typed again.
    fn flags_again(&self) -> String {
        let mut flags = self.planning.of_a_plan();
        if let Some(waivers) = &self.waiving.waivers {
            flags.push_str(&format!(" --waivers {}", quoted(&waivers.display().to_string())));
        }
        flags
    }

    /// Tells of each step of a plan whether it took effect.
    pub(super) fn check(&self, complaint: &Complaint) -> Result<u8> {
        let usage = |message: &str, hint: &str| Err(Error::new(Kind::Usage, message, hint));
        let (Some(path), Some(member), None) = (&self.planning.check, &self.primary, &self.member)
        else {
            let message = "A check takes a plan and the member, and no primary.";
            return usage(message, "Type: hsmirror apply --check PLAN MEMBER");
        };
        if self.sealing.is_given() || self.waiving.waivers.is_some() {
            let message =
                "A check writes nothing and judges nothing, so it seals and waives nothing.";
            return usage(message, "Leave the flags for sealing and --waivers out.");
        }
        once(&[Some(path.as_path()), Some(member.as_path())])?;
        let mut ask = self.keys.prompt()?;
        let trust = self.signers.trust()?;
        let identities = self.keys.identities(&mut ask)?;
        let options = self.planning.options();
        let saved = SavedPlan::read(path, &identities, &trust, &options, &mut ask)?;
        let ready = Ready::new(member, &self.local, &identities, &mut ask)?;
        let side = ready.read(&options, &trust)?;
        for note in saved.notes().iter().chain(&side.notes) {
            complaint.note(note);
        }
        let plan = saved.plan();
        let name = side.configuration.member.as_ref().and_then(|one| one.system_name.as_ref());
        match (name.filter(|name| !name.is_empty()), &plan.member.system_name) {
            (None, _) => complaint.note("the files do not tell which member they are of"),
            (Some(found), Some(planned)) if !found.is(planned) => {
                let message =
                    format!("The plan was made for {planned}, and this member is {found}.");
                let hint = "Give the files of the member it was made for.";
                return Err(Error::new(Kind::Refused, message, hint));
            }
            _ => {}
        }
        let states = plan::state(&plan.steps, &side.configuration);
        terminal::print(|to| report::states(plan, &states, &self.planning.view(), to))?;
        let counts = plan.steps.iter().zip(&states);
        let mut counts = counts.filter(|(step, _)| step.standing != Standing::LeftOut);
        Ok(if counts.all(|(_, state)| *state == State::Done) { 0 } else { BY_HAND })
    }
}

fn digests(configuration: &Configuration, from: Option<&Provenance>) -> Result<Digests> {
    let unwritable = |cause: std::io::Error| {
        let message = format!("The configuration cannot be written as JSON: {cause}.");
        Error::new(Kind::Output, message, "This is a fault of hsmirror; please report it.")
    };
    let sections = bundle::section_digests(configuration).map_err(unwritable)?;
    let digest = match from {
        Some(from) => from.configuration_sha256,
        None => bundle::digest_of(configuration).map_err(unwritable)?,
    };
    let section = |(section, sha256)| SectionDigest { section, sha256 };
    Ok((digest, sections.into_iter().map(section).collect()))
}

fn unknown_word(flag: &str, word: &str, [primary, member]: [&Path; 2]) -> Error {
    let message = format!("{flag} {word} names nothing in this plan.");
    let quoted = |path: &Path| quoted(&path.display().to_string());
    let hint = format!(
        "`hsmirror apply {} {} -v` lists steps and findings.",
        quoted(primary),
        quoted(member)
    );
    Error::new(Kind::Usage, message, hint)
}
