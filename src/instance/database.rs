//! One database of the instance, by its folder: its state, and what is done with it as a whole.
//!
//! Owns what is asked about a database and done with it: dismount, mount, activate, catch up or take it
//! out of the mirror (H6.2, H6.3, H6.5), and what the answers mean. `script` has the lines that a session
//! reads, `answer` the form in which it answers, `state` what an answer means for the mirror.
//! Invariant: no call is believed: after each act the state is asked for again, and what is given back
//! is that state; an answer that is missing is a failure and never taken for one.

mod answer;
mod script;
mod state;

use std::path::PathBuf;

use answer::Answers;
pub use state::{FOLLOWED, State, Stuck};

use super::Instance;
use crate::error::{Error, Kind, Result};
use crate::model::visible;

/// A database of the instance.
#[derive(Clone, Debug)]
pub struct Database<'i> {
    /// The instance that has it.
    pub instance: &'i Instance,
    /// Its folder, as the instance says it.
    pub directory: PathBuf,
}

/// What is done with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Dismount,
    Mount,
    MountAlone,
    Activate,
    CatchUp,
    TakeOut,
}

impl Act {
    const ALL: [Self; 6] = [
        Self::Dismount,
        Self::Mount,
        Self::MountAlone,
        Self::Activate,
        Self::CatchUp,
        Self::TakeOut,
    ];

    /// Completes "could not be".
    const fn done(self) -> &'static str {
        match self {
            Self::Dismount => "dismounted",
            Self::Mount | Self::MountAlone => "mounted",
            Self::Activate => "activated",
            Self::CatchUp => "caught up",
            Self::TakeOut => "taken out of the mirror",
        }
    }

    /// Whether the state is what the act is for; none where the state does not say.
    fn is_done(self, state: &State) -> Option<bool> {
        match self {
            Self::Dismount => state.mounted.map(|mounted| !mounted),
            Self::Mount | Self::MountAlone => state.mounted,
            Self::Activate if state.status_is("Needs Activation") => Some(false),
            Self::Activate => state.needs_activation.map(|needed| !needed),
            // One that somebody else began may be at work, and an older version says nothing of it.
            Self::CatchUp => (state.follows() || state.is_catching_up()).then_some(true),
            Self::TakeOut => state.mirrored.map(|mirrored| !mirrored),
        }
    }
}

impl Database<'_> {
    /// The database that the configuration calls by that name (H1.6, H7.3).
    ///
    /// # Errors
    /// The session fails; there is none of that name.
    pub fn named<'i>(instance: &'i Instance, name: &str) -> Result<Database<'i>> {
        let whose = &instance.listed.name;
        let answers = ask(instance, &script::find(name), name)?;
        let missing = |what: &str| {
            let message = format!("The database {} of {whose} {what}.", visible(name));
            let hint = "Look at System Configuration > Local Databases in the Management Portal.";
            Error::new(Kind::Missing, message, hint)
        };
        if answers.whether("absent") == Some(true) {
            return Err(missing("is not there: its configuration has no database of that name"));
        }
        if let Some(fault) = answers.text("fault") {
            return Err(refused(format!("Cannot find the database {name} of {whose}"), fault));
        }
        if answers.text("server").is_some_and(|server| !server.is_empty()) {
            return Err(missing("lies on another server"));
        }
        match answers.text("directory") {
            Some(directory) if !directory.is_empty() => {
                Ok(Database { instance, directory: directory.into() })
            }
            _ => Err(missing("has no folder in the configuration")),
        }
    }

    /// Its state now.
    ///
    /// # Errors
    /// The session fails or does not answer.
    pub fn state(&self) -> Result<State> {
        let answers = ask(self.instance, &self.script(None), &self.name())?;
        self.read(&answers)
    }

    /// Dismounts it. One that is dismounted stays so.
    ///
    /// # Errors
    /// As [`Database::state`]; it is still mounted afterwards, with the product's own words.
    pub fn dismount(&self) -> Result<State> {
        self.act(Act::Dismount)
    }

    /// Mounts it for reading and writing. One that is mounted stays so. On a member that follows, a
    /// database of the mirror begins to catch up by that (H6.3).
    ///
    /// # Errors
    /// As [`Database::state`]; it is not mounted afterwards.
    pub fn mount(&self) -> Result<State> {
        self.act(Act::Mount)
    }

    /// Mounts it as [`Database::mount`] does, and lets no catch-up begin by that: the caller does, once the
    /// database is activated.
    ///
    /// # Errors
    /// As [`Database::mount`].
    pub fn mount_alone(&self) -> Result<State> {
        self.act(Act::MountAlone)
    }

    /// Activates a copied database (H6.2).
    ///
    /// # Errors
    /// As [`Database::state`]; it still needs activation afterwards.
    pub fn activate(&self) -> Result<State> {
        self.act(Act::Activate)
    }

    /// Lets it catch up (H6.2). The product comes back when it has, so this takes as long as the journals
    /// since the copy do, within the time of long work.
    ///
    /// # Errors
    /// As [`Database::state`]; its time is up; the product says that it failed.
    pub fn catch_up(&self) -> Result<State> {
        self.act(Act::CatchUp)
    }

    /// Takes it out of the mirror on this member (H6.2).
    ///
    /// # Errors
    /// As [`Database::state`]; it is still in the mirror afterwards.
    pub fn take_out(&self) -> Result<State> {
        self.act(Act::TakeOut)
    }

    fn act(&self, act: Act) -> Result<State> {
        let answers = ask(self.instance, &self.script(Some(act)), &self.name())?;
        let message = || format!("{} could not be {}", self.name(), act.done());
        let state = match (self.read(&answers), answers.text("failed")) {
            (Err(_), Some(why)) => return Err(refused(message(), why)),
            (state, _) => state?,
        };
        let held = act == Act::Dismount && state.is_held_by_the_mirror();
        let failed = |why: &str| match held && why.contains("<PROTECT>") {
            true => Error { hint: HELD.to_owned(), kind: Kind::Refused, ..refused(message(), why) },
            false => refused(message(), why),
        };
        match (act.is_done(&state), answers.text("failed")) {
            (Some(true), _) => Ok(state),
            (None, None) if act == Act::CatchUp => Ok(state),
            (_, Some(why)) => Err(failed(why)),
            (Some(false), None) => Err(failed("the product says no reason, and it is as it was")),
            (None, None) => Err(failed("the product does not say what its state is now")),
        }
    }

    fn script(&self, act: Option<Act>) -> String {
        script::state(&self.directory.to_string_lossy(), act)
    }

    fn read(&self, answers: &Answers) -> Result<State> {
        if let Some(fault) = answers.text("fault") {
            return Err(refused(format!("The state of {} is not known", self.name()), fault));
        }
        let said = |key: &str| answers.text(key).filter(|text| !text.is_empty()).map(str::to_owned);
        let volumes = answers.number("volumes");
        Ok(State {
            on_primary: answers.whether("primary"),
            mounted: answers.whether("mounted"),
            read_only: answers.whether("read-only"),
            read_only_why: said("read-only-why"),
            mirrored: answers.whether("mirrored"),
            mirror_name: said("mirror-name"),
            mirror_status: said("mirror-status"),
            needs_activation: answers.whether("needs-activation"),
            in_active_mirror: answers.whether("active"),
            catches_up: answers.whether("catches-up"),
            obsolete: answers.whether("obsolete"),
            paused: answers.whether("paused"),
            volumes,
            volume_folders: said("volume-folders"),
        })
    }

    /// What it is called in an error.
    fn name(&self) -> String {
        let directory = self.directory.display().to_string();
        let instance = &self.instance.listed.name;
        format!("The database in {} of {instance}", visible(&directory))
    }
}

/// Every script there is, for a database of that name in that folder.
pub fn scripts(name: &str, directory: &str) -> Vec<String> {
    let acts = Act::ALL.map(Some).into_iter().chain([None]);
    let states = acts.map(|act| script::state(directory, act));
    [script::find(name)].into_iter().chain(states).collect()
}

/// Runs a script and reads what it answers.
fn ask(instance: &Instance, script: &str, about: &str) -> Result<Answers> {
    let spoken = instance.session(script)?;
    Answers::read(&spoken.lines).ok_or_else(|| {
        // What a session says besides answers is an error of the product, as a rule.
        let last = spoken.lines.iter().rev().find(|line| line.contains('<'));
        let said = last.map(|line| format!(" It said: {}", visible(line)));
        let message = format!(
            "A session of {} ended before it answered about {}.{}",
            instance.listed.name,
            visible(about),
            said.unwrap_or_default()
        );
        let hint = "Look at messages.log of the instance, and run the command again.";
        Error::new(Kind::Down, message, hint)
    })
}

/// What to do where the mirror keeps a copy from being dismounted. The product says `<PROTECT>` then, as
/// where a right is missing (H6.3).
const HELD: &str = "The mirror holds this copy: take it out of the mirror on this member, or stop mirroring \
                    here (System Operation > Mirror Monitor > Stop Mirror On This Member), then again.";

/// What to do where a right is missing. Which ones it takes is inferred from what they are for.
const RIGHTS: &str = "Run the command as an account with the rights: usually %Admin_Operate:USE to mount and \
                      dismount, %Admin_Manage:USE for the mirror, %Development:USE for the terminal prompt.";

/// The error for what the product refuses, in its own words.
fn refused(act: String, why: &str) -> Error {
    let rights = ["<PROTECT>", "Access Denied", "privilege"];
    let (kind, hint) = match rights.iter().any(|word| why.contains(word)) {
        true => (Kind::Denied, RIGHTS),
        false => {
            (Kind::Refused, "Look at messages.log of the instance, and run the command again.")
        }
    };
    let why = visible(why.trim()).into_owned();
    Error::new(kind, format!("{act}: {}.", why.trim_end_matches('.')), hint)
}
