//! `hsmirror export instance:NAME --copy-hssys`: the primary's HSSYS, copied by us.
//!
//! Owns the flags, what is told and asked before HSSYS is dismounted, and what is told afterwards. The
//! order is: what an earlier run left, the look, the question, then the configuration is gathered while
//! HSSYS is still there, then the copy, then both are sealed.
//! Invariant: nothing is dismounted that somebody did not agree to, and the copy, which is as secret as a
//! password file, is removed once it is sealed, unless it was said to stay.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use super::agreement::{Agreement, told};
use super::complaint::Complaint;
use super::local::Product;
use super::watchdog::{Guard, stopwatch};
use super::{keys, progress, terminal};
use crate::error::{Error, Kind, Result, quoted};
use crate::hssys::NAME;
use crate::hssys::away::{Away, Clock, Copied, Prospect, Terms};
use crate::instance::database::Database;
use crate::instance::{Instance, Limits, Program};
use crate::model::objectscript::ascii_literal;
use crate::report::visible;
use crate::restore::STATE_FOLDER;

/// What everybody should know before HSSYS is dismounted: whom it interrupts is H6.5. One that was
/// dismounted by a call is not mounted by its next use, so that use fails; so an administrator knows it.
const MEANWHILE: &[&str] = &[
    "What uses it meanwhile does not wait but fails until it is back: the registry",
    "of HealthShare and the Installer Wizard too. Tasks with Suspend On Error stay",
    "suspended, and productions write errors to the Event Log. Before you agree:",
    "  suspend Mirror Monitor Launch Task, and look at it when HSSYS is back;",
    "  see that no backup, external freeze or integrity check runs, and no wizard;",
    "  know that a failover meanwhile brings up the HSSYS of the other member.",
];

/// The flags.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Copying HSSYS on the primary")]
pub(super) struct Copying {
    /// Dismount HSSYS of the instance, copy it, mount it again, and seal the copy too; a watchdog mounts
    /// it if this program cannot
    #[arg(long, conflicts_with = "hssys")]
    pub(super) copy_hssys: bool,
    /// Put the copy into this folder instead of that of HSSYS
    #[arg(long, value_name = "FOLDER", requires = "copy_hssys")]
    copy_dir: Option<PathBuf>,
    /// Leave the copy, which holds credentials, where it is
    #[arg(long, requires = "copy_hssys")]
    pub(super) keep_copy: bool,
    /// Mount HSSYS again and keep no copy if it is away for so many seconds. Ten minutes copy 30 GB to a
    /// slow disk, and HSSYS is much smaller: whoever comes to the limit has a fault to look for
    #[arg(long, value_name = "SECONDS", default_value_t = 600, requires = "copy_hssys",
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    away_limit: u64,
    /// Look at everything and show what would be done
    #[arg(long, requires = "copy_hssys")]
    pub(super) dry_run: bool,
    /// Agree beforehand to what is shown
    #[arg(long, requires = "copy_hssys")]
    yes: bool,
    /// Where it is written down that HSSYS is dismounted
    #[arg(long, value_name = "FOLDER", default_value = STATE_FOLDER, requires = "copy_hssys")]
    state_dir: PathBuf,
}

/// The instance whose HSSYS is copied, with limits of its own.
pub(super) struct Primary {
    program: Program,
    instance: Instance,
}

impl Copying {
    fn limit(&self) -> Duration {
        Duration::from_secs(self.away_limit)
    }

    /// Finds the instance.
    pub(super) fn primary(&self, name: &str, product: &Product) -> Result<Primary> {
        // A session that dismounts or mounts is told to end no earlier than it has to be.
        let usual = Limits::default();
        let limits =
            Limits { question: usual.question.min(self.limit()), work: self.limit(), ..usual };
        let program = product.program_within(limits)?;
        let instance = program.instance(name)?;
        Ok(Primary { program, instance })
    }

    /// Locks HSSYS, and tells and puts right what an earlier run left.
    pub(super) fn begin<'p>(
        &self,
        primary: &'p Primary,
        complaint: &Complaint,
    ) -> Result<Away<'p>> {
        let database = Database::named(&primary.instance, NAME)?;
        let terms =
            Terms { target: self.copy_dir.as_deref(), state: &self.state_dir, limit: self.limit() };
        let away = Away::open(database, terms)?;
        away.settle(&mut |note| complaint.note(note))?;
        Ok(away)
    }

    /// Looks, shows, and asks.
    pub(super) fn agree(&self, away: &Away<'_>, complaint: &Complaint) -> Result<()> {
        let prospect = away.look()?;
        for note in &prospect.notes {
            complaint.note(note);
        }
        terminal::print(|to| self.show(away, &prospect, to))?;
        Agreement { yes: self.yes, dry_run: self.dry_run }.asked()
    }

    fn show(&self, away: &Away<'_>, prospect: &Prospect, to: &mut dyn Write) -> io::Result<()> {
        let folder = prospect.folder.display().to_string();
        let target = prospect.target.display().to_string();
        writeln!(
            to,
            "HSSYS in {} will be dismounted, copied and mounted again:",
            visible(&folder)
        )?;
        told(prospect.files.iter().map(|(name, size)| (name.as_str(), *size)), to)?;
        if let Some(name) = &prospect.mirror_name {
            writeln!(to, "  in the mirror as {}", visible(name))?;
        }
        let free = prospect.free;
        writeln!(to, "The copy comes to {} ({free} bytes are free).", visible(&target))?;
        for line in MEANWHILE {
            writeln!(to, "{line}")?;
        }
        writeln!(
            to,
            "A watchdog mounts it if this program cannot, after {} seconds at the latest.",
            self.away_limit
        )?;
        let name = quoted(away.instance());
        writeln!(to, "By hand: iris session {} -U %SYS, then:", visible(&name))?;
        let directory = ascii_literal(&away.directory().to_string_lossy());
        writeln!(to, "  write ##class(SYS.Database).MountDatabase({directory})")
    }

    /// Copies it.
    pub(super) fn copy<'a>(
        &self,
        primary: &Primary,
        away: &'a Away<'_>,
        quiet: bool,
    ) -> Result<Copied<'a>> {
        // Hours may have passed at the question and with gathering.
        let prospect = away.look()?;
        let run = run_id()?;
        let instance = &primary.instance.listed.name;
        let mut guard = Guard::start(&primary.program, away, instance, &run, self.limit())?;
        let bar = progress::bar("Copying", prospect.bytes(), quiet);
        let elapsed = stopwatch();
        let clock = Clock { elapsed: &elapsed, now: &keys::now };
        let copied = away.copy(run, &mut guard, &clock, &mut |bytes| bar.inc(bytes));
        bar.finish_and_clear();
        copied
    }

    /// Removes the copy, or lets it stay; what to tell of it.
    pub(super) fn end(&self, copied: Copied<'_>) -> Result<String> {
        let away = format!("HSSYS was away for {:.1} s.", copied.away_for.as_secs_f64());
        if self.keep_copy {
            let path = copied.path().display().to_string();
            copied.keep()?;
            return Ok(format!(
                "{away} The copy stays as {}; it holds credentials: delete\n\
                 it when it is not needed any more, and the bundle once it is restored.",
                visible(&path)
            ));
        }
        copied.discard()?;
        Ok(format!(
            "{away} The copy was removed once it was sealed; the bundle\n\
             holds credentials: delete it once it is restored."
        ))
    }
}

/// A name that no other run has.
fn run_id() -> Result<String> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|cause| {
        let message = format!("The system gives no random numbers: {cause}.");
        Error::new(Kind::Output, message, "Run the command on another machine.")
    })?;
    Ok(id.iter().map(|byte| format!("{byte:02x}")).collect())
}
