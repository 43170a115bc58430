//! Sessions and merges.
//!
//! Owns the running of a script in a session of the instance, and of a merge. Before the first script a
//! session that is given one line shows whether this account is let in without a password, so that no
//! script is ever typed into a login prompt; and whether it comes into `%SYS`, where all scripts belong.
//! Invariant: a script is given only to a login that was seen to answer, and what came of it is told apart
//! from a session that did not begin, was cut short, or was ended.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::arguments::{self, System};
use super::child::{End, Ended};
use super::program::finished;
use super::transcript::{self, Frame, Transcript};
use super::{Instance, Spoken};
use crate::error::{Error, Kind, Result, quoted};
use crate::model::visible;

impl Instance {
    /// Runs a script in a session in `%SYS` (H7.2). Before the first one a session with one line looks
    /// whether the login needs no password.
    ///
    /// # Errors
    /// The session asks for a login, does not begin, hangs, says too much, or ends without an answer.
    /// What the script itself says, refusals and errors of the product too, is in what is given back.
    pub fn session(&self, script: &str) -> Result<Spoken> {
        self.script(script, self.program.limits().work)
    }

    /// Runs a script that is answered at once, as [`Instance::session`] does, within the time of a question.
    ///
    /// # Errors
    /// As [`Instance::session`].
    pub fn question(&self, script: &str) -> Result<Spoken> {
        self.script(script, self.program.limits().question)
    }

    /// Looks whether a session begins without a password and comes into `%SYS`. Once it did it is not asked
    /// again.
    ///
    /// # Errors
    /// It does not.
    pub fn let_in(&self) -> Result<()> {
        if self.lets_in.load(Ordering::Relaxed) {
            return Ok(());
        }
        let name = visible(&self.listed.name);
        let frame = Frame::new()?;
        let within = self.program.limits().question;
        let (ended, found) = self.speak(&frame, frame.question(), within)?;
        match found.began_in.as_deref() {
            Some("%SYS") => {
                self.lets_in.store(true, Ordering::Relaxed);
                Ok(())
            }
            Some(namespace) => {
                let message =
                    format!("A session with {name} came into {namespace}, not into %SYS.");
                Err(Error::new(Kind::Denied, message, OWNER))
            }
            None => Err(self.unanswered(&ended, &found, within)),
        }
    }

    /// Merges a file into the instance's CPF, both by absolute path (H3.1).
    ///
    /// # Errors
    /// A path that is not absolute; the merge hangs, says too much or is ended by somebody else. That a
    /// merge says it failed is in what is given back.
    pub fn merge(&self, file: &Path) -> Result<Spoken> {
        for path in [file, &self.listed.configuration_file] {
            if !path.is_absolute() {
                let message =
                    format!("A merge takes absolute paths, and {} is none.", path.display());
                let name = quoted(&visible(&self.listed.name));
                let hint = format!("Look what `iris qlist {name}` says of the CPF.");
                return Err(Error::new(Kind::Usage, message, hint));
            }
        }
        let within = self.program.limits().work;
        let arguments = arguments::merge(self.program.path(), &self.listed, file);
        let ended = self.program.run(&arguments, None, within)?;
        let what = format!("The merge on {}", visible(&self.listed.name));
        let status = finished(&ended, &what, within)?;
        let text = transcript::decoded(&ended.said);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<String> = lines.map(|line| visible(line).into_owned()).collect();
        let errors = transcript::errors(&lines);
        Ok(Spoken { status, lines, errors, came_to_end: true })
    }

    fn script(&self, script: &str, within: Duration) -> Result<Spoken> {
        self.let_in()?;
        let frame = Frame::new()?;
        let (ended, found) = self.speak(&frame, frame.around(script), within)?;
        if found.began_in.is_none() {
            return Err(self.unanswered(&ended, &found, within));
        }
        let what = format!("The session with {}", visible(&self.listed.name));
        let status = finished(&ended, &what, within)?;
        let errors = transcript::errors(&found.lines);
        let Transcript { lines, came_to_end, .. } = found;
        Ok(Spoken { status, lines, errors, came_to_end })
    }

    fn speak(
        &self,
        frame: &Frame,
        put_in: String,
        within: Duration,
    ) -> Result<(Ended, Transcript)> {
        let arguments = arguments::session(System::HERE, self.program.path(), &self.listed);
        let ended = self.program.run(&arguments, Some(put_in.clone()), within)?;
        let found = frame.read(&ended.said, &put_in);
        Ok((ended, found))
    }

    /// Why a session did not begin.
    fn unanswered(&self, ended: &Ended, found: &Transcript, within: Duration) -> Error {
        let name = visible(&self.listed.name);
        if found.asks_for_login() {
            let message = format!(
                "The instance {name} lets this account in only with a name and a password, and none was \
                 typed."
            );
            let hint = "Run this as an account that the instance knows, with Operating-system \
                        authentication on for %Service_Terminal (System Administration > Security > \
                        Services).";
            return Error::new(Kind::Down, message, hint);
        }
        if let Some(error) = transcript::errors(&found.before).first() {
            let error = transcript::safe(error);
            let denied = error.starts_with("<PROTECT>");
            let kind = if denied { Kind::Denied } else { Kind::Down };
            let message = format!("A session with {name} does not come into %SYS: {error}.");
            return Error::new(kind, message, OWNER);
        }
        let what = format!("The session with {name}");
        let status = match finished(ended, &what, within) {
            Ok(status) => status,
            Err(error) if matches!(ended.end, End::TimeUp(_)) => {
                let message = error.message.replace(" did not end ", " did not answer ");
                return Error { message, ..error };
            }
            Err(error) => return error,
        };
        let said = match found.before.first() {
            Some(line) => format!("said: {}", transcript::safe(line)),
            None => format!("said nothing, and its status was {status}."),
        };
        let message = format!("{what} ended before it answered; it {said}");
        let hint = format!("Type `iris session {} -U %SYS` and look what it says.", quoted(&name));
        Error::new(Kind::Down, message, hint)
    }
}

/// What to do about a right that is missing.
pub(super) const OWNER: &str =
    "Run this as the owner of the instance, or as an account with the role %All.";
