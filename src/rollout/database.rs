//! HSSYS on the instance: down, restored, up again, and back.
//!
//! Owns the acts around a restore of the database: it is dismounted, mounted and activated again, each
//! written down before and after; and the way back, which takes it out of the mirror on this member first
//! (H6.2). `restore` replaces the files in between, `waiting` lets it catch up.
//! Invariant: each act is done only where the instance does not say already that it is so, so all of them
//! can be done again; a database whose files are half replaced is never mounted.

use super::act::Act;
use super::ground::Held;
use super::journal::End;
use super::{Rollout, Work};
use crate::error::{Error, Kind, Result};
use crate::instance::database::State;
use crate::restore::Restore;

/// Is told the state after each look while HSSYS catches up; false ends the waiting.
pub type Wait<'a> = dyn FnMut(&State) -> bool + 'a;

/// On the primary nothing is done with HSSYS.
fn not_on_the_primary(held: &dyn Held) -> Result<State> {
    let state = held.state()?;
    if state.on_primary == Some(true) {
        let message = "The instance is the primary of the mirror now, so HSSYS is left alone.";
        let hint = "Go on when it is not the primary any more.";
        return Err(Error::new(Kind::Refused, message, hint));
    }
    Ok(state)
}

impl Rollout {
    /// Writes an act down, does it, and writes down that it is done.
    pub(super) fn act<T>(&mut self, act: Act, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.begins(act)?;
        let done = work().map_err(|error| self.stops(act, error))?;
        self.done(act)?;
        Ok(done)
    }

    /// Dismounts HSSYS, where it is mounted.
    ///
    /// # Errors
    /// The instance is the primary; the database stays mounted; whatever the session says.
    pub fn down(&mut self, held: &dyn Held) -> Result<()> {
        self.begins(Act::Dismount)?;
        if not_on_the_primary(held)?.mounted != Some(false) {
            held.dismount()?;
        }
        self.done(Act::Dismount)
    }

    /// After a restore that changed nothing and gave up: HSSYS is mounted again, as it was.
    pub fn up_again(&mut self, held: &dyn Held, error: Error) -> Error {
        let mounted = self.begins(Act::MountAgain).and_then(|()| held.mount());
        match mounted.and_then(|_| self.ended(End::Nothing)) {
            Ok(()) => {
                let hint = format!("{} The old HSSYS is mounted again.", error.hint);
                Error { hint, ..error }
            }
            Err(second) => {
                let message = format!(
                    "{} And the old HSSYS could not be mounted again: {}",
                    error.message, second.message
                );
                self.stops(Act::MountAgain, Error { message, ..error })
            }
        }
    }

    /// Whether the new database is in its place; the restore is ended where only that is left.
    ///
    /// # Errors
    /// A restore that needs its bundle again, or is going back; whatever stops it.
    pub fn restored(&mut self, restore: &mut Restore, passed: &mut dyn FnMut(u64)) -> Result<()> {
        if self.journal.is_done(Act::Restore) {
            return Ok(());
        }
        if restore.unfinished().is_some_and(|journal| !journal.received.is_empty()) {
            self.begins(Act::Restore)?;
            restore.resume(passed).map_err(|error| self.stops(Act::Restore, error))?;
        } else if !self.was_restored(restore)? {
            let message = "The new database has not come in as a whole.";
            let hint = format!(
                "Run the same command again, with the bundle; or go back with `{}`, which mounts the old one.",
                self.command("--revert")
            );
            return Err(Error::new(Kind::Unfinished, message, hint));
        }
        self.done(Act::Restore)
    }

    /// Whether the restore of this bundle is what was done last in the folder.
    fn was_restored(&self, restore: &Restore) -> Result<bool> {
        let Work::Database(database) = &self.journal.intent.work else { return Ok(false) };
        let done = restore.standing()?.done;
        Ok(done.is_some_and(|journal| journal.intent.header_sha256 == database.header_sha256))
    }

    /// Mounts, activates and catches up; waits until the database follows the primary or `wait` ends that.
    /// Gives its state.
    ///
    /// # Errors
    /// Whatever stops it half-way ([`Kind::Unfinished`]); it does not follow the primary in time.
    pub fn up(
        &mut self,
        held: &dyn Held,
        tell: &mut dyn FnMut(&str),
        wait: &mut Wait<'_>,
    ) -> Result<State> {
        let first = not_on_the_primary(held).map_err(|error| self.stops(Act::Mount, error))?;
        if first.mounted != Some(true) || !self.journal.is_done(Act::Mount) {
            tell(Act::Mount.doing());
            self.act(Act::Mount, || {
                // The catch-up is an act of its own; the mount would begin another (H6.3).
                if first.mounted == Some(true) { Ok(first) } else { held.mount_alone() }
            })?;
        }
        let mut state = held.state().map_err(|error| self.stops(Act::Activate, error))?;
        if !self.journal.is_done(Act::Activate) || state.needs_activation == Some(true) {
            tell(Act::Activate.doing());
            state = self.act(Act::Activate, || {
                if state.needs_activation == Some(false) { Ok(state) } else { held.activate() }
            })?;
        }
        if !self.journal.is_done(Act::CatchUp) || !state.follows() {
            tell(Act::CatchUp.doing());
            state = self.caught_up(held, state, wait)?;
        }
        self.ended(End::Done)?;
        Ok(state)
    }

    /// Takes the restore back: out of the mirror on this member if it is in it, dismounted, the old files
    /// under their names, mounted. Gives its state then.
    ///
    /// # Errors
    /// The instance is the primary; whatever stops it half-way.
    pub fn database_back(
        &mut self,
        restore: &mut Restore,
        held: &dyn Held,
        tell: &mut dyn FnMut(&str),
    ) -> Result<State> {
        let state = not_on_the_primary(held)?;
        let files = self.files_changed(restore)?;
        if files {
            still_kept(restore)?;
        }
        // Whoever activated it, the mirror holds what is in it and lets nobody dismount that (H6.3).
        let activated = files && self.journal.has_begun(Act::Activate);
        let ours = activated || self.was_restored(restore)?;
        if ours && state.mirrored.unwrap_or(activated) {
            tell(Act::TakeOut.doing());
            self.act(Act::TakeOut, || held.take_out())?;
        }
        if files {
            tell(Act::DismountAgain.doing());
            self.act(Act::DismountAgain, || {
                let state = held.state()?;
                if state.mounted == Some(false) { Ok(state) } else { held.dismount() }
            })?;
            tell(Act::PutBack.doing());
            self.act(Act::PutBack, || restore.revert())?;
        }
        tell(Act::MountAgain.doing());
        let state = self.act(Act::MountAgain, || {
            let state = held.state()?;
            if state.mounted == Some(true) { Ok(state) } else { held.mount() }
        })?;
        self.ended(End::Reverted)?;
        Ok(state)
    }

    /// Whether the restore left anything that has to be taken back.
    fn files_changed(&self, restore: &Restore) -> Result<bool> {
        Ok(restore.unfinished().is_some() || self.was_restored(restore)?)
    }
}

/// Before anything is taken back of a restore that ended: every old file is still kept.
fn still_kept(restore: &Restore) -> Result<()> {
    let journal = restore.revertible()?;
    let kept = restore.kept(&journal)?;
    if restore.unfinished().is_some() || kept.len() == journal.intent.old.len() {
        return Ok(());
    }
    let message = format!("The old HSSYS in {} is not kept any more as a whole.", restore.name());
    let hint = "Nothing was changed; a file that was moved away comes back with `mv`.";
    Err(Error::new(Kind::Refused, message, hint))
}
