//! `hsmirror apply --hssys --instance`: HSSYS is restored on a running instance.
//!
//! Owns the acts on the instance around a restore, and what is told at the end: the database is dismounted
//! once somebody agreed, `apply_restore` lets the new one come in, then it is mounted, activated and caught
//! up until it follows the primary; and the way on after an interruption. `rollout` writes it all down.
//! Invariant: a restore that gave up before anything changed leaves HSSYS mounted as it was; a database
//! that is half replaced stays dismounted.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::apply::BY_HAND;
use super::apply_instance::{Site, is_a_member};
use super::complaint::Complaint;
use super::{keys, progress, terminal};
use crate::error::{Error, Result};
use crate::instance::Limits;
use crate::instance::database::{Database, State};
use crate::model::{Configuration, Digest, Extent, Task};
use crate::report::visible;
use crate::restore::{Journal, Restore};
use crate::rollout::{Act, Database as Restored, Decision, Ground, Rollout, Rollouts, Work};
use crate::source::Options;

/// How long after a look at the state the next one comes.
const PAUSE: Duration = Duration::from_secs(2);

/// What a restore came to.
pub(super) enum Came {
    /// Something stands against it, or it was only tried: the exit code.
    Stopped(u8),
    /// The new database is in its place.
    In(Box<CameIn>),
}

/// A database that came in.
pub(super) struct CameIn {
    pub(super) restore: Restore,
    pub(super) journal: Option<Journal>,
    pub(super) primary: Configuration,
}

/// A restore gave up: the instance is as before, where one is spoken to.
pub(super) fn gave_up(around: Option<&mut Around<'_>>, restore: &Restore, error: Error) -> Error {
    match around {
        Some(around) => around.gave_up(restore, error),
        None => error,
    }
}

/// The acts on the instance around a restore.
pub(super) struct Around<'a> {
    name: &'a str,
    rollouts: &'a Rollouts,
    held: &'a Database<'a>,
    rollout: Option<Rollout>,
}

impl Around<'_> {
    /// Takes up what was interrupted, where it is the restore of this bundle and its files are not in
    /// their place yet.
    pub(super) fn takes_up(&mut self, header_sha256: Digest) -> Result<()> {
        let unfinished = self.rollouts.unfinished()?;
        self.rollout = unfinished.filter(|rollout| {
            let journal = rollout.journal();
            let ours = matches!(
                &journal.intent.work,
                Work::Database(database) if database.header_sha256 == header_sha256
            );
            ours && !journal.is_done(Act::Restore) && !journal.is_reverting()
        });
        if self.rollout.is_some() { Ok(()) } else { self.rollouts.may_begin() }
    }

    /// Whether the member is one.
    pub(super) fn is_a_member(&self, member: &Configuration) -> Result<()> {
        is_a_member(member, self.name)
    }

    /// Somebody agreed: HSSYS is dismounted.
    pub(super) fn agreed(
        &mut self,
        primary: &Path,
        member: &Configuration,
        header_sha256: Digest,
    ) -> Result<()> {
        let mut rollout = match self.rollout.take() {
            Some(rollout) => rollout,
            None => {
                let name = member.member.as_ref().and_then(|member| member.system_name.as_ref());
                let directory = self.held.directory.display().to_string();
                let decision = Decision {
                    begun: keys::now(),
                    system_name: name.map(ToString::to_string),
                    primary: primary.display().to_string(),
                    work: Work::Database(Restored { directory, header_sha256 }),
                };
                self.rollouts.begin(decision, |_| Vec::new())?
            }
        };
        let down = rollout.down(self.held).and_then(|()| rollout.begins(Act::Restore));
        self.rollout = Some(rollout);
        down
    }

    /// The restore gave up, or stopped half-way.
    pub(super) fn gave_up(&mut self, restore: &Restore, error: Error) -> Error {
        match &mut self.rollout {
            None => error,
            Some(rollout) if restore.unfinished().is_some() => rollout.stops(Act::Restore, error),
            Some(rollout) => rollout.up_again(self.held, error),
        }
    }

    /// What somebody should know who agrees: what is interrupted, and which tasks of the member need HSSYS
    /// (H1.2, H6.5).
    pub(super) fn notices(&self, member: &Configuration) -> Vec<String> {
        let none = format!(
            "until the new HSSYS is mounted there is none on {}; it is dismounted first",
            self.name
        );
        let tasks = tasks_that_need_it(member).join(", ");
        let first = "first suspend on both members what needs HSSYS, and look at it afterwards";
        vec![none, first.to_owned(), format!("that is {tasks}")]
    }

    /// The command that tells where it stands.
    pub(super) fn status(&self) -> Option<String> {
        self.rollout.as_ref().map(|rollout| rollout.command("--status"))
    }
}

impl Site<'_> {
    /// Restores HSSYS on the instance.
    pub(super) fn restore(&self, complaint: &Complaint) -> Result<u8> {
        let rollouts = self.rollouts()?;
        let (held, folder) = self.hssys()?;
        let [primary, member] = self.sides()?;
        let mut around =
            Around { name: self.name(), rollouts: &rollouts, held: &held, rollout: None };
        let came = self.args.came(&folder, [&primary, &member], Some(&mut around), complaint)?;
        let CameIn { restore, journal, primary } = match came {
            Came::Stopped(code) => return Ok(code),
            Came::In(came) => *came,
        };
        let Some(mut rollout) = around.rollout else { return Ok(BY_HAND) };
        rollout.done(Act::Restore)?;
        let kept = journal.map_or(Ok(Vec::new()), |journal| restore.kept(&journal))?;
        self.follow(&mut rollout, &held, &kept, Some(&primary), complaint)
    }

    /// Goes on with an interrupted restore.
    pub(super) fn database_on(&self, rollout: &mut Rollout, complaint: &Complaint) -> Result<u8> {
        let (held, folder) = self.hssys()?;
        let mut restore = Restore::open(&folder, &self.args.state_dir, None)?;
        if !rollout.journal().is_done(Act::Restore) {
            if restore.unfinished().is_some() {
                rollout.down(&held).map_err(|error| rollout.stops(Act::Dismount, error))?;
            }
            let sizes = restore.unfinished().map(|journal| &journal.received);
            let bytes = sizes.into_iter().flatten().map(|received| received.file.size).sum();
            let bar = progress::bar("Verifying", bytes, false);
            let restored = rollout.restored(&mut restore, &mut |bytes| bar.inc(bytes));
            bar.finish_and_clear();
            restored?;
        }
        let journal = restore.standing()?.done;
        let kept = journal.map_or(Ok(Vec::new()), |journal| restore.kept(&journal))?;
        let primary = self.primary(&ordinary())?;
        self.follow(rollout, &held, &kept, primary.as_ref(), complaint)
    }

    /// Mounts, activates, catches up, waits, and tells what the member and a comparison say then.
    fn follow(
        &self,
        rollout: &mut Rollout,
        held: &Database<'_>,
        kept: &[String],
        primary: Option<&Configuration>,
        complaint: &Complaint,
    ) -> Result<u8> {
        let limit = self.args.local.product.time_limit.map(Duration::from_secs);
        let until = Instant::now().checked_add(limit.unwrap_or(Limits::default().work));
        let mut last = None;
        let mut wait = |state: &State| {
            if last != state.mirror_status {
                last.clone_from(&state.mirror_status);
                let status = state.status();
                complaint
                    .note(&format!("HSSYS is catching up; its status in the mirror is {status}"));
            }
            let now = Instant::now();
            let left = until.map_or(PAUSE, |until| until.saturating_duration_since(now));
            thread::sleep(left.min(PAUSE));
            !left.is_zero()
        };
        let state = rollout.up(held, &mut |what| complaint.note(what), &mut wait)?;
        let name = visible(self.name()).into_owned();
        terminal::print(|to| {
            writeln!(to, "HSSYS follows the primary on {name}: {}.", visible(state.status()))
        })?;
        match primary {
            None => self.tell_to_compare(rollout, complaint),
            Some(primary) => {
                let member = self.ground(ordinary()).gather()?;
                self.verdict(primary, member)?;
            }
        }
        let back = rollout.command("--revert");
        terminal::print(|to| {
            writeln!(to, "Left to do by hand:")?;
            writeln!(to, "  [ ] Resume the tasks that were suspended for this, and look at them.")?;
            writeln!(
                to,
                "  [ ] Delete the bundle of HSSYS and every copy of it: it holds credentials."
            )?;
            if !kept.is_empty() {
                let kept = kept.join(", ");
                writeln!(
                    to,
                    "  [ ] Remove {} once all is well; until then this goes back:",
                    visible(&kept)
                )?;
                writeln!(to, "      {}", visible(&back))?;
            }
            Ok(())
        })?;
        Ok(BY_HAND)
    }
}

/// The task that needs HSSYS everywhere (H1.2).
const MONITOR: &str = "Mirror Monitor Launch Task";

/// The tasks to suspend while HSSYS is away: the agent, and the one that carries OAuth over where the
/// member has it. What is not known of its tasks is asked for.
fn tasks_that_need_it(member: &Configuration) -> Vec<String> {
    let mut names = vec![MONITOR.to_owned()];
    let about = |text: &str| text.to_ascii_lowercase().contains("oauth");
    let of_oauth = |task: &&Task| about(&task.name) || about(&task.task_class);
    names.extend(member.tasks.objects.iter().filter(of_oauth).map(|task| task.name.to_string()));
    if member.tasks.extent != Extent::Complete && names.len() == 1 {
        names.push("the OAuth task if there is one".to_owned());
    }
    names
}

/// Where a member stands that got its old HSSYS back.
pub(super) fn where_it_stands(state: &State) -> String {
    let status = visible(state.status());
    match state.mirrored {
        Some(false) => {
            "HSSYS of this member is not in the mirror now; after a failover it is not\n\
                        what the primary had. Still to do: restore it again."
                .to_owned()
        }
        Some(true) => {
            format!("HSSYS of this member is in the mirror; its status there is {status}.")
        }
        None => "Whether HSSYS of this member is in the mirror is not known now. Look at\n\
                 System Operation > Mirror Monitor; after a failover one that is not in it is\n\
                 not what the primary had."
            .to_owned(),
    }
}

/// What is gathered to compare.
fn ordinary() -> Options {
    Options { personal_data: false, task_settings: false, now: Some(keys::now()) }
}
