//! `hsmirror apply`: what has to be done on this member, as a plan, and the restore of HSSYS.
//!
//! Owns the flags of the command and the choice between its stories: make a plan, show it, save it, turn
//! it into files (`apply_plan`), or say whether it took effect; restore HSSYS, or tell, end or undo a
//! restore (`apply_restore`); or do either on a running instance (`apply_instance`, `apply_hssys`).
//! Invariant: flags of one story given with another are told, never passed over.

use std::path::PathBuf;
use std::process::ExitCode;

use super::complaint::Complaint;
use super::keys::{Keys, Sealing, Signers};
use super::local::Local;
use super::planning::Planning;
use super::waivers::Waiving;
use crate::error::{Error, Kind, Result};
use crate::restore::STATE_FOLDER;

/// The ways to call it.
const USAGE: &str = "\
hsmirror apply [OPTIONS] PRIMARY MEMBER
       hsmirror apply [OPTIONS] --handoff FOLDER PRIMARY MEMBER
       hsmirror apply [OPTIONS] --plan PLAN PRIMARY MEMBER
       hsmirror apply [OPTIONS] --check PLAN MEMBER
       hsmirror apply [OPTIONS] --hssys BUNDLE --hssys-dir FOLDER PRIMARY MEMBER
       hsmirror apply --status --hssys-dir FOLDER
       hsmirror apply --resume --hssys-dir FOLDER
       hsmirror apply --revert --hssys-dir FOLDER
       hsmirror apply [OPTIONS] --instance NAME PRIMARY [MEMBER]
       hsmirror apply [OPTIONS] --instance NAME --hssys BUNDLE PRIMARY [MEMBER]
       hsmirror apply --status --instance NAME
       hsmirror apply --resume --instance NAME [PRIMARY]
       hsmirror apply --revert --instance NAME";

/// Exit code where steps by hand remain.
pub(super) const BY_HAND: u8 = 21;

/// Plan what has to be done on this member, hand it off as files, and restore HSSYS
///
/// It compares both sides afresh and makes a plan: a step for each object that is not as on the primary,
/// with what it needs, what it risks and how it is undone. The plan is shown, sealed with --save-plan, or
/// turned with --handoff into a merge file, scripts and a checklist; nothing is changed on the instance.
/// Nothing is deleted unless --delete names it, and what gives rights, opens doors or runs code needs
/// --approve or a plan that was signed.
///
/// With --hssys it restores HSSYS from the primary's copy: it looks at everything that stands against
/// it, shows what it will do and asks. Then the new database comes in beside the old one, is verified to
/// its end, and takes its place; the old one is kept as OLD_IRIS.DAT. What is left to do by hand is told
/// at the end. HSSYS must be dismounted. Whatever interrupts it, the folder holds a complete database, and
/// --status, --resume and --revert tell, end or undo it.
///
/// With --instance it does all of that on a running instance of this host: the member is gathered from it,
/// the plan is shown, and once somebody agrees its merge file and its script are run, and after each the
/// instance is gathered again, since no success is believed. With --hssys it dismounts, restores, mounts,
/// activates and catches up too. A journal is kept; --status, --resume and --revert take it up.
#[derive(Debug, clap::Args)]
#[command(override_usage = USAGE)]
pub(super) struct Args {
    /// Bundle or files of the primary, or instance:NAME; for a restore of the same export as the database
    #[arg(required_unless_present_any = ["status", "resume", "revert"])]
    pub(super) primary: Option<PathBuf>,
    /// Bundle or files of this member, or instance:NAME
    #[arg(required_unless_present_any = ["status", "resume", "revert", "check", "instance"])]
    pub(super) member: Option<PathBuf>,
    /// Do it on this running instance of this host, which is the member
    #[arg(long, value_name = "NAME", help_heading = "Instance", conflicts_with_all = ["handoff", "save_plan", "check"])]
    pub(super) instance: Option<String>,
    #[command(flatten)]
    pub(super) planning: Planning,
    /// Restore HSSYS from this bundle, which `hsmirror export --hssys` made
    #[arg(long, value_name = "BUNDLE", help_heading = RESTORE)]
    pub(super) hssys: Option<PathBuf>,
    /// The folder of HSSYS on this member; with --instance the instance tells it
    #[arg(long, value_name = "FOLDER", help_heading = RESTORE)]
    pub(super) hssys_dir: Option<PathBuf>,
    /// Where the journals of restores that ended, and the folders of rollouts, are kept
    #[arg(long, value_name = "FOLDER", default_value = STATE_FOLDER, help_heading = RESTORE)]
    pub(super) state_dir: PathBuf,
    /// Do everything but write
    #[arg(long, conflicts_with_all = ["status", "resume", "revert", "check"])]
    pub(super) dry_run: bool,
    /// Agree beforehand to what is shown; steps that need --approve still do
    #[arg(long, help_heading = RESTORE)]
    pub(super) yes: bool,
    /// Tell where a restore or a rollout stands, and what is next
    #[arg(long, conflicts_with_all = ["primary", "resume", "revert", "hssys"], help_heading = RESTORE)]
    pub(super) status: bool,
    /// End a rollout, or a restore that was interrupted after the new database had come in
    #[arg(long, conflicts_with_all = ["member", "revert", "hssys"], help_heading = RESTORE)]
    pub(super) resume: bool,
    /// Put the old database back, or undo the steps of a rollout
    #[arg(long, conflicts_with_all = ["primary", "hssys"], help_heading = RESTORE)]
    pub(super) revert: bool,
    #[command(flatten)]
    pub(super) waiving: Waiving,
    /// Go on over findings that do not block
    #[arg(long, requires = "hssys", help_heading = OVERRULING)]
    pub(super) ignore_nonblocking: bool,
    /// Go on although something could not be compared
    #[arg(long, requires = "hssys", help_heading = OVERRULING)]
    pub(super) accept_incomplete: bool,
    /// Go on although nobody attests that HSSYS was in the mirror when it was copied
    #[arg(long, requires = "hssys", help_heading = OVERRULING)]
    pub(super) accept_unknown_mirroring: bool,
    /// Go on although the copy is older than the primary keeps journals, or of unknown age
    #[arg(long, requires = "hssys", help_heading = OVERRULING)]
    pub(super) accept_old_copy: bool,
    #[command(flatten)]
    pub(super) keys: Keys,
    #[command(flatten)]
    pub(super) signers: Signers,
    #[command(flatten)]
    pub(super) sealing: Sealing,
    #[command(flatten)]
    pub(super) local: Local,
}

const RESTORE: &str = "Restoring HSSYS";
const OVERRULING: &str = "Overruling, for a restore";

impl Args {
    pub(super) fn run(self) -> ExitCode {
        let complaint = Complaint { json: self.planning.is_json() };
        match self.story(&complaint) {
            Ok(code) => ExitCode::from(code),
            Err(error) => complaint.fail(&error),
        }
    }

    fn story(&self, complaint: &Complaint) -> Result<u8> {
        let restores = self.hssys.is_some() || self.status || self.resume || self.revert;
        if let Some(name) = &self.instance {
            return self.on_instance(name, complaint);
        }
        if self.resume && self.primary.is_some() {
            let message = "A restore is ended without the primary.";
            return Err(Error::new(Kind::Usage, message, "Leave PRIMARY out."));
        }
        if restores && (self.planning.is_given() || self.sealing.is_given()) {
            let message = "The command line asks for a plan and for a restore at once.";
            let hint = "Make the plan first; restore HSSYS with a command of its own.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        if !restores && (self.hssys_dir.is_some() || self.yes) {
            let message = "The command line has flags of a restore, and no bundle of HSSYS.";
            let hint = "Give --hssys BUNDLE too, or leave them out to make a plan.";
            return Err(Error::new(Kind::Usage, message, hint));
        }
        match (self.status, self.resume, self.revert) {
            (true, ..) => self.tell_status(),
            (_, true, _) => self.resume(),
            (.., true) => self.revert(),
            _ if self.hssys.is_some() => self.restore(complaint),
            _ if self.planning.check.is_some() => self.check(complaint),
            _ => self.plan(complaint),
        }
    }
}
