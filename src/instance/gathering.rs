//! A side, asked of the instance itself.
//!
//! Owns [`Instance::gather`]: the gatherer's script is run in a session, writes one document into a private
//! folder, and says on a line of its own that it did; the document is read as any other, and is gone
//! afterwards. What the instance could not tell stands in the document as not gathered.
//! Invariant: nothing is taken in unless the script said that it came to its end, and no plain text stays:
//! not after an error either, and after a kill only until the next run.

use std::path::{Path, PathBuf};

use super::session::OWNER;
use super::{Instance, Spoken, transcript};
use crate::durable::PrivateFolder;
use crate::error::{Error, Kind, Result};
use crate::gatherer::{self, FILE, GATHERED, STOPPED, Wishes};
use crate::model::{Configuration, Extent, Facts, Section, Text, visible};
use crate::source::{self, Gathered, Options};

/// Bytes below which a disk is taken for full.
const FULL: u64 = 1 << 20;

/// What goes with asking an instance.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// The folder in which plain text lies meanwhile, in a private one of its own.
    pub place: PathBuf,
    /// A configuration document with facts that a person attests, which no instance tells.
    pub attested: Option<PathBuf>,
}

impl Instance {
    /// What the instance tells of itself, what its list says besides, and what a person attests.
    ///
    /// # Errors
    /// As [`Instance::session`]; the script stopped, for want of rights, of a folder it may write to, or of
    /// space; what it wrote is not whole; what is attested cannot be read.
    pub fn gather(&self, options: &Options, asking: &Asking) -> Result<Gathered> {
        let attested =
            asking.attested.as_deref().map(|file| attested(file, options)).transpose()?;
        let mut gathered = self.told(options, &asking.place)?;
        self.complete(&mut gathered.configuration);
        if let Some(attested) = attested {
            gathered.configuration.facts = attested.facts;
            gathered.configuration.sources.extend(attested.sources);
        }
        Ok(gathered)
    }

    /// Adds what only the list of instances says (H7.1): the product, its version with the build, the CPF.
    fn complete(&self, configuration: &mut Configuration) {
        let Some(member) = &mut configuration.member else { return };
        let listed = &self.listed;
        let cpf = listed.configuration_file.display().to_string();
        member.product = member.product.take().or(listed.product.as_deref().map(Text::from));
        let version = Some(listed.version.as_str()).filter(|version| !version.is_empty());
        member.version = member.version.take().or(version.map(Text::from));
        member.configuration_file = member.configuration_file.take().or(Some(Text::from(cpf)));
    }

    fn told(&self, options: &Options, place: &Path) -> Result<Gathered> {
        self.let_in()?;
        let private = PrivateFolder::make(place)?;
        let file = private.path().join(FILE);
        let Some(file) = file.to_str() else {
            let message = format!("The name of the folder {} is no text.", place.display());
            let hint = "Name another place with --gather-dir FOLDER.";
            return Err(Error::new(Kind::Usage, message, hint));
        };
        let wishes = Wishes {
            personal_data: options.personal_data,
            task_settings: options.task_settings,
            file: Some(file.to_owned()),
            folder: None,
        };
        let spoken = self.session(&gatherer::script(&wishes))?;
        let written = private.open(FILE);
        let told = spoken
            .lines
            .iter()
            .rev()
            .find(|line| line.starts_with(GATHERED) || line.starts_with(STOPPED));
        let is_full = private.space().is_some_and(|space| space < FULL);
        if !told.is_some_and(|line| line.starts_with(GATHERED)) {
            return Err(self.stopped(&spoken, told, written.is_ok(), is_full));
        }
        let name = visible(&self.listed.name);
        let Ok(written) = written else {
            let message = format!("{name} says that it gathered, and there is no file of it here.");
            return Err(Error::new(Kind::Missing, message, ELSEWHERE));
        };
        let name = format!("instance:{name}");
        source::told_by_instance(Path::new(&name), written, options).map_err(|error| {
            let hint = if is_full {
                "The disk is full, so not all was written: name another place with --gather-dir FOLDER."
            } else {
                "It may have been cut short; run the command again."
            };
            Error::new(error.kind, error.message, hint)
        })
    }

    /// Why nothing was gathered.
    fn stopped(
        &self,
        spoken: &Spoken,
        told: Option<&String>,
        has_written: bool,
        is_full: bool,
    ) -> Error {
        let name = visible(&self.listed.name);
        let reason = told.and_then(|line| line.strip_prefix(STOPPED));
        let reason = reason.or(spoken.errors.first().map(String::as_str)).map(transcript::safe);
        let (kind, hint) = match &reason {
            _ if is_full => {
                (Kind::Output, "The disk is full: name another place with --gather-dir FOLDER.")
            }
            Some(reason) if reason.contains("<PROTECT>") => (Kind::Denied, OWNER),
            Some(_) if !has_written => (Kind::Output, ELSEWHERE),
            _ => (Kind::Down, "Look at messages.log of the instance, and run the command again."),
        };
        let message = match reason {
            Some(reason) => {
                let reason = reason.trim_end_matches('.');
                format!("{name} gathered nothing: {reason}.")
            }
            None => {
                let status = spoken.status;
                let last = spoken
                    .lines
                    .last()
                    .map(|line| format!("; it last said: {}", transcript::safe(line)));
                let last = last.as_deref().unwrap_or(".");
                format!("The session with {name} ended with {status} before it had gathered{last}")
            }
        };
        Error::new(kind, message, hint)
    }
}

/// What a person attests, and nothing else.
fn attested(file: &Path, options: &Options) -> Result<Configuration> {
    let configuration = source::gather(file, options)?.configuration;
    let given = |section: &Section| {
        configuration
            .coverage()
            .iter()
            .any(|row| row.section == *section && row.extent != Extent::NotGathered)
    };
    let refused = |what: String| {
        let hint = "Give a configuration document with facts alone; README shows one.";
        Err(Error::new(Kind::Usage, format!("{} {what}.", file.display()), hint))
    };
    if let Some(section) = Section::ALL.iter().find(|section| given(section)) {
        return refused(format!("has section {section}, which the instance itself tells"));
    }
    if configuration.facts == Facts::default() {
        return refused("attests nothing".to_owned());
    }
    Ok(configuration)
}

/// What to do where the instance cannot write into the private folder.
const ELSEWHERE: &str = "Run this as the account whose sessions the instance runs, or give --gather-dir \
                         FOLDER, a folder that both know by the same name.";
