//! An operand of the command line, turned into a configuration.
//!
//! Owns the choice between a folder of files, one file, a stream, a bundle and an instance that is asked
//! itself, and what a bundle adds to its document: the record of the files it was made of, for whom, and who answers for it. First
//! every operand is made ready, one after the other, since a passphrase may be asked for; then they
//! can be read at the same time.
//! Invariant: a folder and the unsigned bundle that was sealed from it give the same configuration
//! and the same provenance.

mod content;

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use crate::bundle::{self, Kind as BundleKind, Manifest, Opened, Payload, Sealed, Trust, Unlocked};
use crate::error::{Error, Kind, Result};
use crate::instance::{Asking, Instance};
use crate::key::{Ask, Identities};
use crate::model::{Configuration, Provenance, Signer, Text};
use crate::plan;
use crate::record;
use crate::source::{self, Gathered, Options};

pub use content::{Content, Copied, Planned, Recorded};

/// What stands for standard input.
pub const STREAM: &str = "-";

/// What standard input is called in complaints.
pub const STREAM_NAME: &str = "standard input";

/// What the name of an instance stands behind. A file that is called so is given as `./instance:NAME`.
pub const INSTANCE: &str = "instance:";

/// What an operand may name that is no file.
pub trait Beyond {
    /// What `-` stands for.
    fn stream(&self) -> Box<dyn Read + Send>;
    /// The running instance of that name, and what goes with asking it.
    ///
    /// # Errors
    /// The product's command is not found; there is no such instance, or it is not running.
    fn instance(&self, name: &str) -> Result<(Instance, Asking)>;
}

/// Bytes looked at to tell a bundle.
const LOOK: u64 = 64;

/// An operand that can be read without asking anybody anything.
pub enum Ready {
    /// A folder, or one file.
    Files(PathBuf),
    /// A file that comes as a stream.
    Stream(Box<dyn Read + Send>),
    /// A bundle whose key was found.
    Bundle(Box<Unlocked>),
    /// An instance that lets this account in, and what goes with asking it.
    Instance(Box<Instance>, Asking),
}

/// A side, with what is known about where it comes from.
#[derive(Debug)]
pub struct Side {
    /// The configuration.
    pub configuration: Configuration,
    /// What a person should be told.
    pub notes: Vec<String>,
    /// The manifest, where it came in a bundle.
    pub manifest: Option<Manifest>,
    /// Digest and signer as the bundle has them; of files they are worked out where they are needed.
    sealed: Option<Provenance>,
}

impl Ready {
    /// Finds out what an operand is; a bundle is unlocked, an instance is spoken to.
    ///
    /// # Errors
    /// A file that is missing or unreadable; a bundle that cannot be unlocked; an instance that is not
    /// there or does not let this account in.
    pub fn new(
        operand: &Path,
        beyond: &dyn Beyond,
        identities: &Identities,
        ask: &mut dyn Ask,
    ) -> Result<Self> {
        if operand == Path::new(STREAM) {
            let name = Path::new(STREAM_NAME);
            let (start, from) = look(name, beyond.stream())?;
            if source::claims_to_be_sealed(name, &start) {
                return unlock(name, Box::new(Cursor::new(start).chain(from)), identities, ask);
            }
            return Ok(Self::Stream(Box::new(Cursor::new(start).chain(from))));
        }
        if let Some(name) = operand.to_str().and_then(|operand| operand.strip_prefix(INSTANCE)) {
            let (instance, place) = beyond.instance(name)?;
            instance.let_in()?;
            return Ok(Self::Instance(Box::new(instance), place));
        }
        // A folder cannot be opened as a file everywhere, and a file may be unreadable: both are told
        // by whoever reads the files.
        let Ok(true) = std::fs::metadata(operand).map(|about| about.is_file()) else {
            return Ok(Self::Files(operand.to_owned()));
        };
        let file = File::open(operand).map_err(|cause| Error::unreadable(operand, &cause))?;
        let (start, from) = look(operand, Box::new(file))?;
        if source::claims_to_be_sealed(operand, &start) {
            return unlock(operand, Box::new(Cursor::new(start).chain(from)), identities, ask);
        }
        Ok(Self::Files(operand.to_owned()))
    }

    /// Reads a side.
    ///
    /// # Errors
    /// Whatever is wrong with the files or the bundle; an operand that is a comparison.
    pub fn read(self, options: &Options, trust: &Trust) -> Result<Side> {
        match self.read_any(options, trust)? {
            Content::Side(mut side) => {
                side.miss(options);
                Ok(*side)
            }
            Content::Database(copied) => Err(unwanted(&copied.name)),
            Content::Plan(planned) => {
                let name = planned.name.display();
                let message = format!("{name} holds a plan, not the configuration of a side.");
                let hint = format!("Show it with `hsmirror report {name}`.");
                Err(Error::new(Kind::Usage, message, hint))
            }
            Content::Comparison(recorded) => {
                let name = recorded.name.display();
                let message =
                    format!("{name} holds a comparison, not the configuration of a side.");
                let hint = format!("Show it with `hsmirror report {name}`.");
                Err(Error::new(Kind::Usage, message, hint))
            }
        }
    }

    /// Reads a side or a comparison.
    ///
    /// # Errors
    /// Whatever is wrong with the files or the bundle; a bundle that holds a database.
    pub fn read_any(self, options: &Options, trust: &Trust) -> Result<Content> {
        let name = match &self {
            Self::Bundle(unlocked) => unlocked.path().to_owned(),
            Self::Files(path) => path.clone(),
            Self::Stream(_) => PathBuf::from(STREAM_NAME),
            Self::Instance(instance, _) => {
                PathBuf::from(format!("{INSTANCE}{}", instance.listed.name))
            }
        };
        self.read_with(options, trust, &mut Unwanted(name))
    }

    /// Reads whatever it is; the files of a database go to `payload`.
    ///
    /// # Errors
    /// Whatever is wrong with the files or the bundle; what `payload` says.
    pub fn read_with(
        self,
        options: &Options,
        trust: &Trust,
        payload: &mut dyn Payload,
    ) -> Result<Content> {
        let gathered = match self {
            Self::Files(path) if starts_as(&path, source::is_comparison) => {
                let file = File::open(&path).map_err(|cause| Error::unreadable(&path, &cause))?;
                return comparison(&path, file, options);
            }
            Self::Files(path) if starts_as(&path, plan::is_plan) => {
                let file = File::open(&path).map_err(|cause| Error::unreadable(&path, &cause))?;
                return planned(&path, file);
            }
            Self::Files(path) => source::gather(&path, options)?,
            Self::Stream(from) => source::gather_from(Path::new(STREAM_NAME), from, options)?,
            Self::Instance(instance, asking) => instance.gather(options, &asking)?,
            Self::Bundle(unlocked) => return read_bundle(*unlocked, options, trust, payload),
        };
        Ok(Content::Side(Box::new(Side::of(gathered))))
    }
}

/// The payload where a configuration is wanted.
struct Unwanted(PathBuf);

impl Payload for Unwanted {
    fn begin(&mut self, _: &Manifest) -> Result<()> {
        Err(unwanted(&self.0))
    }
    fn bytes(&mut self, _: &[u8]) -> Result<()> {
        Ok(())
    }
}

/// The error for a database where something to read is wanted.
pub(crate) fn unwanted(name: &Path) -> Error {
    let message =
        format!("{} holds the HSSYS database, not the configuration of a side.", name.display());
    let hint =
        "Give the bundle that was exported with it; this one goes after `hsmirror apply --hssys`.";
    Error::new(Kind::Usage, message, hint)
}

impl Side {
    /// Who answers for it.
    pub fn signer(&self) -> Signer {
        self.sealed.as_ref().map(|sealed| sealed.signer.clone()).unwrap_or_default()
    }

    /// Where the side comes from; the digest of files is worked out now.
    ///
    /// # Errors
    /// A configuration that cannot be written as JSON.
    pub fn provenance(&self) -> Result<Provenance> {
        if let Some(sealed) = &self.sealed {
            return Ok(sealed.clone());
        }
        let digest = bundle::digest_of(&self.configuration).map_err(|cause| {
            let message = format!("The configuration cannot be written as JSON: {cause}.");
            let hint = "This is a fault of hsmirror; please report it.";
            Error::new(Kind::Output, message, hint)
        })?;
        Ok(Provenance { configuration_sha256: digest, signer: Signer::Unsigned })
    }
}

/// Looks at how a stream starts.
fn look(name: &Path, mut from: Box<dyn Read + Send>) -> Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let mut start = Vec::new();
    let read = from.by_ref().take(LOOK).read_to_end(&mut start);
    read.map_err(|cause| Error::unreadable(name, &cause))?;
    Ok((start, from))
}

fn unlock(
    name: &Path,
    from: Box<dyn Read + Send>,
    identities: &Identities,
    ask: &mut dyn Ask,
) -> Result<Ready> {
    let unlocked = Sealed::read(name, from)?.unlock(identities, ask)?;
    Ok(Ready::Bundle(Box::new(unlocked)))
}

/// Whether a file starts as a document of a kind does.
fn starts_as(path: &Path, is_one: fn(&[u8]) -> bool) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(512).read_to_end(&mut start));
    read.is_ok() && is_one(&start)
}

fn planned(name: &Path, from: impl Read) -> Result<Content> {
    let plan = plan::read(name, from, bundle::limit::DOCUMENT)?;
    let (notes, sealed, signer) = Default::default();
    let name = name.to_owned();
    Ok(Content::Plan(Box::new(Planned { name, plan, notes, sealed, signer })))
}

fn comparison(name: &Path, from: impl Read, options: &Options) -> Result<Content> {
    let (judgement, notes) = record::read(name, from, options)?;
    let (manifest, document, signer) = Default::default();
    let name = name.to_owned();
    let recorded = Recorded { name, judgement, notes, manifest, document, signer };
    Ok(Content::Comparison(Box::new(recorded)))
}

/// The error for a document that is wrong inside a bundle: it was sealed like that, and nobody can correct
/// it there.
fn made_wrong(error: Error) -> Error {
    match error.kind {
        Kind::Malformed | Kind::Schema | Kind::Missing => Error::new(
            Kind::Schema,
            error.message,
            "It was sealed like that; have it exported again with hsmirror.",
        ),
        _ => error,
    }
}

fn read_bundle(
    unlocked: Unlocked,
    options: &Options,
    trust: &Trust,
    payload: &mut dyn Payload,
) -> Result<Content> {
    let name = unlocked.path().to_owned();
    let read = |manifest: &Manifest, document: &mut dyn Read| {
        let inside = name.join(manifest.kind.document());
        let read = match manifest.kind {
            BundleKind::Comparison => comparison(&inside, document, options),
            BundleKind::Plan => planned(&inside, document),
            _ => source::document(&inside, document, options)
                .map(|gathered| Content::Side(Box::new(Side::of(gathered)))),
        };
        read.map_err(made_wrong)
    };
    let Opened { content, manifest, unknown, signer, files } =
        unlocked.open(trust, read, payload)?;
    let told = |name: &String| format!("the manifest has {name}, which this version does not know");
    let document = files.first().map(|file| file.sha256);
    let (Some(mut content), Some(document)) = (content, document) else {
        let notes = unknown.iter().map(told).collect();
        let copied = Copied { name, notes, manifest, files, signer };
        return Ok(Content::Database(Box::new(copied)));
    };
    match &mut content {
        Content::Side(side) => {
            side.carry(&manifest, unknown, options);
            side.sealed = Some(Provenance { configuration_sha256: document, signer });
            side.manifest = Some(manifest);
        }
        Content::Comparison(recorded) => {
            recorded.notes.extend(unknown.iter().map(told));
            recorded.name = name;
            recorded.judgement.record = Some((manifest.sealed_at, signer.clone()));
            recorded.manifest = Some(manifest);
            recorded.document = Some(document);
            recorded.signer = signer;
        }
        Content::Plan(planned) => {
            planned.notes.extend(unknown.iter().map(told));
            planned.name = name;
            planned.sealed = Some((manifest, document));
            planned.signer = signer;
        }
        Content::Database(_) => {}
    }
    Ok(content)
}

impl Side {
    fn of(gathered: Gathered) -> Self {
        let Gathered { configuration, notes } = gathered;
        Self { configuration, notes, manifest: None, sealed: None }
    }

    /// Adds to the configuration what the manifest says of it and the document does not.
    fn carry(&mut self, manifest: &Manifest, unknown: Vec<String>, options: &Options) {
        let Self { configuration, notes, .. } = self;
        configuration.sources.clone_from(&manifest.sources);
        configuration.intended = manifest.intended_member.as_deref().map(Text::from);
        configuration.read_at = options.now;
        configuration.unread.extend(manifest.unread.iter().cloned());
        for name in unknown {
            notes.push(format!("the manifest has {name}, which this version does not know"));
            configuration.unread.push(name);
        }
    }

    /// Tells what was asked for and is not in the bundle.
    fn miss(&mut self, options: &Options) {
        let Some(manifest) = &self.manifest else { return };
        let asked = [
            (options.personal_data, manifest.parameters.personal_data, "--personal-data"),
            (options.task_settings, manifest.parameters.task_settings, "--task-settings"),
        ];
        for (wanted, there, flag) in asked {
            if wanted && !there {
                self.notes.push(format!(
                    "a bundle was exported without {flag}, so it does not have what that asks for"
                ));
            }
        }
    }
}
