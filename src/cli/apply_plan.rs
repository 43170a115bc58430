//! `hsmirror apply`: a plan of what has to be done on this member.
//!
//! Owns the flags about plans and their stories: compare afresh, make a plan or hold a saved one against
//! what is there, show it, save it, hand it off as files; or say of a plan whether it took effect.
//! `plan` makes the steps, `handoff` the files.
//! Invariant: a saved plan is acted on only where both sides are as they were and the plan made afresh is
//! the same one; whom and where to is settled before the long work.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::apply::{Args, BY_HAND};
use super::complaint::Complaint;
use super::handing_off::{HandingOff, SavingPlan};
use super::keys;
use super::operands::{self, Opening};
use super::terminal::{self, Colour};
use super::waivers;
use crate::bundle;
use crate::compare::Selection;
use crate::error::{Error, Kind, Result, quoted};
use crate::finding;
use crate::model::{Configuration, Digest, Provenance, Signer};
use crate::operand::{Content, Planned, Ready};
use crate::plan::{self, Choice, Plan, SectionDigest, State, Wishes};
use crate::report::{self, Format, View, visible};
use crate::source::Options;

/// What is done about a plan.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Plan")]
pub(super) struct Planning {
    /// Take only the steps that this names: a section, an object, a finding, a rule or a step; may be
    /// given several times
    #[arg(long, value_name = "WORD", conflicts_with_all = ["plan", "check"])]
    only: Vec<String>,
    /// Leave out the steps that this names; may be given several times
    #[arg(long, value_name = "WORD", conflicts_with_all = ["plan", "check"])]
    skip: Vec<String>,
    /// Take a step that needs approval, by its own name; may be given several times
    #[arg(long, value_name = "STEP", conflicts_with = "check")]
    approve: Vec<String>,
    /// Plan to take away what only the member has, by the id of its finding; may be given several times
    #[arg(long, value_name = "FINDING", conflicts_with_all = ["plan", "check"])]
    delete: Vec<String>,
    /// Write the plan as files to be run on the member into this folder, which must not exist or be
    /// empty; the member's configuration goes there sealed, for the recipients given
    #[arg(long, value_name = "FOLDER", conflicts_with = "check")]
    handoff: Option<PathBuf>,
    /// Seal the plan for the recipients given; signed with --sign it is an approval of its steps
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["plan", "check"])]
    save_plan: Option<PathBuf>,
    /// Act on this plan and no other; refused where either side is not as it was
    #[arg(long, value_name = "PLAN", conflicts_with = "check")]
    plan: Option<PathBuf>,
    /// Tell of each step of this plan whether it has taken effect on the member
    #[arg(long, value_name = "PLAN")]
    pub(super) check: Option<PathBuf>,
    /// Plan e-mail addresses, telephone numbers and whom tasks write to, too
    #[arg(long)]
    personal_data: bool,
    /// Plan the values of all task settings too, which may be secrets
    #[arg(long)]
    task_settings: bool,
    /// How it is written
    #[arg(long, value_enum, default_value_t = As::Table)]
    format: As,
    /// The first line alone
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Every property of every step, and why
    #[arg(short, long)]
    verbose: bool,
    /// Whether to use colours
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto)]
    color: Colour,
}

/// The formats by the names they have on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum As {
    /// A table for the terminal
    Table,
    /// JSON, the plan as it is saved
    Json,
}

impl Planning {
    /// Whether errors are JSON too.
    pub(super) fn is_json(&self) -> bool {
        self.format == As::Json
    }

    /// Whether any of it was given.
    pub(super) fn is_given(&self) -> bool {
        let words = [&self.only, &self.skip, &self.approve, &self.delete];
        let paths = [&self.handoff, &self.save_plan, &self.plan, &self.check];
        words.iter().any(|words| !words.is_empty())
            || paths.iter().any(|path| path.is_some())
            || [self.personal_data, self.task_settings, self.is_json(), self.quiet, self.verbose]
                .contains(&true)
    }

    fn view(&self) -> View {
        let format = if self.is_json() { Format::Json } else { Format::Table };
        let look = terminal::look(self.color, self.verbose);
        View { format, verbose: self.verbose, quiet: self.quiet, look }
    }

    fn options(&self) -> Options {
        Options {
            personal_data: self.personal_data,
            task_settings: self.task_settings,
            now: Some(keys::now()),
        }
    }
}

/// A side with the digests that a plan is held to.
type Digests = (Digest, Vec<SectionDigest>);

impl Args {
    /// Makes a plan, or takes up a saved one, and does with it what was asked for.
    pub(super) fn plan(&self, complaint: &Complaint) -> Result<u8> {
        let planning = &self.planning;
        let (Some(primary), Some(member)) = (&self.primary, &self.member) else {
            let message = "The command line does not name both sides.";
            return Err(Error::new(Kind::Usage, message, "Give PRIMARY and MEMBER."));
        };
        if self.sealing.is_given() && planning.handoff.is_none() && planning.save_plan.is_none() {
            let message = "The command line says how to seal, and not what.";
            let hint = "Give --save-plan BUNDLE or --handoff FOLDER too, or leave those flags out.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        let mut ask = self.keys.prompt()?;
        let write = !self.dry_run;
        let target = [&planning.save_plan, &planning.handoff].into_iter().flatten().next();
        let recipients = match target.filter(|_| write) {
            Some(path) => self.sealing.recipients(path, &mut ask)?,
            None => Vec::new(),
        };
        let signing = if write { self.sealing.signing_key(&mut ask)? } else { None };
        let saving = planning.save_plan.as_deref().filter(|_| write);
        let saving = saving.map(|path| SavingPlan::prepare(path, &self.sealing)).transpose()?;
        let handing = planning.handoff.as_deref().filter(|_| write);
        let handing = handing.map(HandingOff::prepare).transpose()?;

        let trust = self.signers.trust()?;
        let identities = self.keys.identities(&mut ask)?;
        let saved = match &planning.plan {
            Some(path) => {
                let ready = Ready::new(path, operands::stream, &identities, &mut ask)?;
                Some(wanted(path, ready.read_any(&planning.options(), &trust)?)?)
            }
            None => None,
        };
        let opening = Opening { identities: &identities, trust: &trust };
        let waivers = self.waiving.read()?;
        let paths = [primary.as_path(), member.as_path()];
        let options = planning.options();
        let [(primary, first), (member, second)] =
            opening.read_both(paths, &mut ask, &options, true)?;
        for note in primary.notes.iter().chain(&member.notes) {
            complaint.note(note);
        }
        let digests = [
            digests(&primary.configuration, first.as_ref())?,
            digests(&member.configuration, second.as_ref())?,
        ];
        if let Some(saved) = &saved {
            self.as_it_was(saved, &digests, &member.configuration)?;
        }
        let manifests = [primary.manifest, member.manifest];
        let mut judgement =
            finding::judge(primary.configuration, member.configuration, &Selection::default());
        waivers::waive(&mut judgement, waivers.as_ref());
        judgement.provenance = first.zip(second);
        if let Some(finding) = plan::wrong_pair(&judgement) {
            let message = format!("No plan is made of these two: {}", finding.sentence);
            return Err(Error::new(Kind::Refused, message, finding.advice()));
        }
        let wishes = Wishes { delete: self.deletions(saved.as_ref()) };
        let mut plan = plan::draft(&judgement, digests, &wishes);
        self.choose(&mut plan, saved.as_ref(), paths)?;
        if let Some(word) = wishes.delete.iter().find(|word| !plan.takes_away(word)) {
            return Err(unknown_word("--delete", word, paths));
        }

        let outcome = [
            saving.map(|saving| {
                saving.save(&plan, &judgement, &manifests, &recipients, signing.as_ref(), &options)
            }),
            handing.map(|handing| {
                let seal = bundle::Seal {
                    recipients: &recipients,
                    signing: signing.as_ref(),
                    armor: self.sealing.armor,
                };
                handing.write(&plan, &judgement.member, seal, &options)
            }),
        ];
        terminal::print(|to| report::plan(&plan, &planning.view(), to))?;
        for written in outcome.into_iter().flatten() {
            for line in written? {
                complaint.note(&visible(&line));
            }
        }
        let nothing_left = plan.steps.is_empty() && plan.left.is_empty();
        if !nothing_left && planning.handoff.is_none() && planning.save_plan.is_none() {
            complaint.note(
                "nothing was done: --handoff FOLDER -r RECIPIENT writes the files that do it, \
                 --save-plan BUNDLE keeps the plan",
            );
        }
        Ok(if nothing_left { 0 } else { BY_HAND })
    }

    /// Tells of each step of a plan whether it took effect.
    pub(super) fn check(&self, complaint: &Complaint) -> Result<u8> {
        let (Some(path), Some(member), None) = (&self.planning.check, &self.primary, &self.member)
        else {
            let message = "A check takes a plan and the member, and no primary.";
            return Err(Error::new(
                Kind::Usage,
                message,
                "Type: hsmirror apply --check PLAN MEMBER",
            ));
        };
        if self.sealing.is_given() {
            let message = "A check writes nothing, so there is nothing to seal.";
            return Err(Error::new(Kind::Usage, message, "Leave the flags for sealing out."));
        }
        let mut ask = self.keys.prompt()?;
        let trust = self.signers.trust()?;
        let identities = self.keys.identities(&mut ask)?;
        let options = self.planning.options();
        let ready = Ready::new(path, operands::stream, &identities, &mut ask)?;
        let planned = wanted(path, ready.read_any(&options, &trust)?)?;
        let ready = Ready::new(member, operands::stream, &identities, &mut ask)?;
        let side = ready.read(&options, &trust)?;
        for note in planned.notes.iter().chain(&side.notes) {
            complaint.note(note);
        }
        let name = side.configuration.member.as_ref().and_then(|one| one.system_name.as_ref());
        if let Some((planned, found)) = planned.plan.member.system_name.as_ref().zip(name)
            && !found.is(planned)
        {
            let message = format!("The plan was made for {planned}, and this member is {found}.");
            return Err(Error::new(
                Kind::Refused,
                message,
                "Give the files of the member it was made for.",
            ));
        }
        let states = plan::state(&planned.plan.steps, &side.configuration);
        let view = self.planning.view();
        terminal::print(|to| report::states(&planned.plan, &states, &view, to))?;
        let all = planned.plan.steps.iter().zip(&states);
        let mut open = all.filter(|(step, _)| step.standing != plan::Standing::LeftOut);
        Ok(if open.all(|(_, state)| *state == State::Done) { 0 } else { BY_HAND })
    }

    /// What is to go: what was asked for now, or when the plan was saved.
    fn deletions(&self, saved: Option<&Planned>) -> Vec<String> {
        saved.map_or_else(|| self.planning.delete.clone(), |saved| saved.plan.deletions())
    }

    /// Settles where each step stands: by what was said, or as it was when the plan was saved.
    fn choose(&self, plan: &mut Plan, saved: Option<&Planned>, paths: [&Path; 2]) -> Result<()> {
        let planning = &self.planning;
        let choice = match saved {
            None => Choice {
                only: planning.only.clone(),
                skip: planning.skip.clone(),
                approve: planning.approve.clone(),
                signed: false,
            },
            Some(saved) => {
                if let Some(step) = plan.departs(&saved.plan) {
                    let message = format!(
                        "{} is not the plan that these two give: step {step} is another one.",
                        saved.name.display()
                    );
                    let hint =
                        "Give the waivers and flags that it was made with, or make it again.";
                    return Err(Error::new(Kind::Refused, message, hint));
                }
                // A signature that no list was asked about proves nothing.
                let signed = matches!(saved.signer, Signer::Allowed { .. });
                let approve = planning.approve.clone();
                Choice { only: Vec::new(), skip: saved.plan.left_out(), approve, signed }
            }
        };
        plan.choose(&choice).map_err(|unknown| unknown_word(unknown.flag, &unknown.word, paths))
    }

    /// A saved plan is only for the two states that it was made from.
    fn as_it_was(
        &self,
        saved: &Planned,
        digests: &[Digests; 2],
        member: &Configuration,
    ) -> Result<()> {
        let [primary, of_member] = digests;
        let moved = plan::moved(&saved.plan, [primary, of_member], member);
        if moved.is_empty() {
            return Ok(());
        }
        let message = format!(
            "The plan {} does not hold any more: {} moved since it was made.",
            saved.name.display(),
            moved.join("; ")
        );
        let hint = "Make the plan again and have it approved again.";
        Err(Error::new(Kind::Refused, message, hint))
    }
}

fn digests(configuration: &Configuration, from: Option<&Provenance>) -> Result<Digests> {
    let sections = bundle::section_digests(configuration).map_err(|cause| {
        let message = format!("The configuration cannot be written as JSON: {cause}.");
        Error::new(Kind::Output, message, "This is a fault of hsmirror; please report it.")
    })?;
    let digest = from.map(|from| from.configuration_sha256).unwrap_or_else(|| Digest::of(&[]));
    let section = |(section, sha256)| SectionDigest { section, sha256 };
    Ok((digest, sections.into_iter().map(section).collect()))
}

/// The plan in an operand.
fn wanted(path: &Path, content: Content) -> Result<Planned> {
    match content {
        Content::Plan(planned) => Ok(*planned),
        Content::Side(_) | Content::Comparison(_) | Content::Database(_) => {
            let message = format!("{} holds no plan.", path.display());
            let hint =
                "Give what `hsmirror apply --save-plan` wrote, or the plan.json of a hand-off.";
            Err(Error::new(Kind::Usage, message, hint))
        }
    }
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
