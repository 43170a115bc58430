//! HSSYS catches up, and is waited for.
//!
//! Owns the last act of a restore on the instance: the catch-up, which the product does while it is
//! waited for (H6.2), the looks at the state after it, and what is told where the database does not follow
//! the primary: at once where waiting cannot help, else when the time is up. `database` comes before it.
//! Invariant: the act is done only once the instance says that the database follows; a catch-up that is at
//! work is not begun again.

use super::act::Act;
use super::database::Wait;
use super::ground::Held;
use super::{Rollout, Work};
use crate::error::{Error, Kind, Result};
use crate::instance::database::{State, Stuck};

impl Rollout {
    /// Lets it catch up, and waits until it follows the primary or `wait` ends that.
    pub(super) fn caught_up(
        &mut self,
        held: &dyn Held,
        mut state: State,
        wait: &mut Wait<'_>,
    ) -> Result<State> {
        self.begins(Act::CatchUp)?;
        if !state.follows() && !state.is_catching_up() {
            state = match held.catch_up() {
                Ok(state) => state,
                Err(error) => return Err(self.not_caught_up(held, error)),
            };
        }
        while !state.follows() {
            if let Some(stuck) = state.stuck() {
                let error = self.stuck(stuck);
                return Err(self.stops(Act::CatchUp, error));
            }
            if !wait(&state) {
                return Err(self.not_followed(&state));
            }
            state = held.state().map_err(|error| self.stops(Act::CatchUp, error))?;
        }
        self.done(Act::CatchUp)?;
        Ok(state)
    }

    /// The catch-up failed, or its time was up.
    fn not_caught_up(&mut self, held: &dyn Held, error: Error) -> Error {
        let stuck = held.state().ok().and_then(|state| state.stuck());
        let error = match stuck {
            Some(stuck) => self.stuck(stuck),
            None => {
                let hint = format!("{} {} --resume waits for it again.", error.hint, self.look());
                Error { hint, ..error }
            }
        };
        self.stops(Act::CatchUp, error)
    }

    /// Its time is up.
    fn not_followed(&mut self, state: &State) -> Error {
        let message = format!(
            "HSSYS does not follow the primary yet; its status in the mirror is {}{}.",
            state.status(),
            read_only(state)
        );
        let hint = format!(
            "{} If none tells of work going on, journals since the copy may be missing, and HSSYS must be \
             copied and exported again. --resume waits for it again.",
            self.look()
        );
        self.stops(Act::CatchUp, Error::new(Kind::Unfinished, message, hint))
    }

    /// What to look for.
    fn look(&self) -> String {
        format!(
            "Look in messages.log for lines with Catchup or Mirror and {}; HSSYS can be read meanwhile.",
            self.of_the_database()
        )
    }

    /// Waiting does not help.
    fn stuck(&self, stuck: Stuck) -> Error {
        let back = self.command("--revert");
        let (what, hint) = match stuck {
            Stuck::Obsolete => (
                "the mirror has no use for this copy (Obsolete)",
                format!(
                    "Go back with `{back}`; then copy and export HSSYS again on the primary, and restore that."
                ),
            ),
            Stuck::Orphaned => (
                "the mirror does not know this copy (Orphaned)",
                format!(
                    "Look on the primary whether HSSYS is in the mirror (System Operation > Mirror Monitor) and \
                     add it there if it is not; go back here with `{back}`, copy, export and restore it again."
                ),
            ),
            Stuck::Stopped => (
                "its dejournaling stopped (Dejournaling Stopped)",
                format!(
                    "Look in messages.log for lines with Dejournal or Mirror and {} why it did; start it again, \
                     with `do ^MIRROR` in %SYS under Mirror Management; then --resume.",
                    self.of_the_database()
                ),
            ),
            Stuck::Paused => (
                "its dejournaling is paused",
                "Let it go on, with `do ^MIRROR` in %SYS under Mirror Management; then --resume."
                    .to_owned(),
            ),
        };
        let message = format!("HSSYS will not follow the primary by waiting: {what}.");
        Error::new(Kind::Unfinished, message, hint)
    }

    /// The folder of the database that this is about.
    fn of_the_database(&self) -> String {
        match &self.journal.intent.work {
            Work::Database(database) => database.directory.clone(),
            Work::Plan(_) => "its folder".to_owned(),
        }
    }
}

/// Why it is mounted read-only, where the product says it; of one that is followed it always is.
fn read_only(state: &State) -> String {
    let why = state.read_only_why.as_deref().filter(|_| state.mirror_status.is_none());
    why.map_or_else(String::new, |why| format!(", and it is read-only: {}", why.trim()))
}
