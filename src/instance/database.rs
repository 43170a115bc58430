//! One database of the instance, by its folder: its state, and what is done with it as a whole.
//!
//! Owns what is asked about a database and done with it: dismount, mount, activate, catch up or take it
//! out of the mirror (H6.2, H6.3, H6.5), and what the answers mean. `script` has the lines that a session
//! reads, `answer` the form in which it answers.
//! Invariant: no call is believed: after each act the state is asked for again, and what is given back
//! is that state; an answer that is missing is a failure and never taken for one.

mod answer;
mod script;

use std::path::PathBuf;

use answer::Answers;

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

/// The state of a database, as the instance says (H6.3). What it does not say is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Whether the instance is the primary now.
    pub on_primary: Option<bool>,
    /// Whether the database is mounted.
    pub mounted: Option<bool>,
    /// Whether it is mounted read-only.
    pub read_only: Option<bool>,
    /// Whether it is in a mirror.
    pub mirrored: Option<bool>,
    /// Its name in the mirror.
    pub mirror_name: Option<String>,
    /// Its state in the mirror, as `MirroredDatabaseList` says: Normal, Dejournaling, Needs Catchup, ...
    pub mirror_status: Option<String>,
    /// Whether it has to be activated before it is followed.
    pub needs_activation: Option<bool>,
    /// Whether it has volumes beside its first file.
    pub has_volumes: Option<bool>,
    /// The folders of its volumes, a line each, as `VolumeDirectoryList` says.
    pub volume_folders: Option<String>,
}

/// What is done with a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Dismount,
    Mount,
    Activate,
    CatchUp,
    TakeOut,
}

impl Act {
    const ALL: [Self; 5] =
        [Self::Dismount, Self::Mount, Self::Activate, Self::CatchUp, Self::TakeOut];

    /// Completes "could not be".
    const fn done(self) -> &'static str {
        match self {
            Self::Dismount => "dismounted",
            Self::Mount => "mounted",
            Self::Activate => "activated",
            Self::CatchUp => "caught up",
            Self::TakeOut => "taken out of the mirror",
        }
    }

    /// Whether the state is what the act is for; none where the state does not say.
    fn is_done(self, state: &State) -> Option<bool> {
        let status = state.mirror_status.as_deref();
        match self {
            Self::Dismount => state.mounted.map(|mounted| !mounted),
            Self::Mount => state.mounted,
            Self::Activate if status == Some("Needs Activation") => Some(false),
            Self::Activate => state.needs_activation.map(|needed| !needed),
            // It may go on for long, and an older version says nothing of it.
            Self::CatchUp => match status {
                Some("Catchup Running" | "Dejournaling" | "Normal") => Some(true),
                _ => None,
            },
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

    /// Mounts it for reading and writing. One that is mounted stays so.
    ///
    /// # Errors
    /// As [`Database::state`]; it is not mounted afterwards.
    pub fn mount(&self) -> Result<State> {
        self.act(Act::Mount)
    }

    /// Activates a copied database (H6.2).
    ///
    /// # Errors
    /// As [`Database::state`]; it still needs activation afterwards.
    pub fn activate(&self) -> Result<State> {
        self.act(Act::Activate)
    }

    /// Starts its catch-up (H6.2). It may go on after this returns.
    ///
    /// # Errors
    /// As [`Database::state`]; the product says that it failed.
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
        let failed =
            |why: &str| refused(format!("{} could not be {}", self.name(), act.done()), why);
        let state = match (self.read(&answers), answers.text("failed")) {
            (Err(_), Some(why)) => return Err(failed(why)),
            (state, _) => state?,
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
        Ok(State {
            on_primary: answers.whether("primary"),
            mounted: answers.whether("mounted"),
            read_only: answers.whether("read-only"),
            mirrored: answers.whether("mirrored"),
            mirror_name: said("mirror-name"),
            mirror_status: said("mirror-status"),
            needs_activation: answers.whether("needs-activation"),
            has_volumes: answers.whether("volumes"),
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

/// The error for what the product refuses, in its own words.
fn refused(act: String, why: &str) -> Error {
    let rights = ["<PROTECT>", "Access Denied", "privilege"];
    let (kind, hint) = match rights.iter().any(|word| why.contains(word)) {
        true => (
            Kind::Denied,
            "Run the command as an account whose login to the instance may mount and dismount databases.",
        ),
        false => {
            (Kind::Refused, "Look at messages.log of the instance, and run the command again.")
        }
    };
    let why = visible(why.trim()).into_owned();
    Error::new(kind, format!("{act}: {}.", why.trim_end_matches('.')), hint)
}
