//! `hsmirror export --hssys`: the copy of the HSSYS database, sealed beside the configuration.
//!
//! Owns what is asked and told about the database: whom it is for, where its bundle goes, what its
//! manifest says, and that nothing happened to the copy while it was read.
//! Invariant: a database that is said not to be in the mirror, is in use or changed is not sealed; both
//! bundles carry one export id, and this one names the digest of the other's document.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::complaint::Complaint;
use super::export::counted;
use super::keys::{Output, Unnamed};
use super::progress;
use crate::bundle::{self, DatabaseCopy, Kind as BundleKind, Manifest, Part, Seal};
use crate::error::{Error, Kind, Result};
use crate::hssys::{self, Copy};
use crate::key::Recipient;
use crate::model::{Configuration, Digest, Moment};
use crate::report::visible;

/// What to do with a copy that somebody made.
pub(super) const DELETE_IT: &str =
    "It holds credentials: delete the copy now, and the bundle once it is restored.";

/// The ending of a bundle's name.
const ENDING: &str = ".tar.zst.age";

/// Where the bundle of the database goes: beside the other one.
pub(super) fn beside(output: &Path) -> PathBuf {
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    let name = match name.strip_suffix(ENDING) {
        Some(stem) => format!("{stem}.hssys{ENDING}"),
        None => match name.strip_suffix(".age") {
            Some(stem) => format!("{stem}.hssys.age"),
            None => format!("{name}.hssys"),
        },
    };
    output.with_file_name(name)
}

/// Whether HSSYS is in the mirror, as the instance says or somebody attests; unknown where nobody does.
pub(super) fn mirrored(configuration: &Configuration) -> Result<Option<bool>> {
    let answer = configuration.in_mirror(hssys::NAME);
    let hint = match (answer.known(), answer.instance) {
        (Some(false), Some(_)) => {
            "Add it to the mirror on the primary (System Configuration > Local Databases > Add to Mirror), \
             copy it after that, and gather its configuration again."
        }
        (Some(false), None) => {
            "Add it to the mirror on the primary (System Configuration > Local Databases > Add to Mirror), \
             copy it after that, and attest hssysMirrored true."
        }
        (known, _) => return Ok(known),
    };
    let message = match answer.attested.filter(|_| answer.instance.is_none()) {
        Some(fact) => format!(
            "HSSYS was not in the mirror on {}, as the fact hssysMirrored says, so its copy is a plain \
             database.",
            fact.at
        ),
        None => {
            "HSSYS is not in the mirror, as the instance says, so its copy is a plain database."
                .to_owned()
        }
    };
    Err(Error::new(Kind::Refused, message, hint))
}

/// The manifest of the database's bundle: that of its configuration, but for what it holds.
pub(super) fn manifest(of: &Manifest, mirrored: Option<bool>, configuration: Digest) -> Manifest {
    let hssys = DatabaseCopy { copied_at: None, mirrored, configuration_sha256: configuration };
    Manifest {
        kind: BundleKind::Hssys,
        sources: Vec::new(),
        sections: Vec::new(),
        unread: Vec::new(),
        parameters: bundle::Parameters::default(),
        hssys: Some(hssys),
        holds_secrets: true,
        ..of.clone()
    }
}

/// A copy of the database that will be sealed.
pub(super) struct Database {
    copy: Copy,
    /// When this run dismounted it, where it was this run that copied it.
    dismounted: Option<Moment>,
    recipients: Vec<Recipient>,
    path: PathBuf,
    output: Output,
}

/// Whom the bundle of a database is for, and where it goes.
pub(super) struct Place {
    /// Its own recipients, or none where it has those of the configuration.
    pub(super) recipients: Vec<Recipient>,
    pub(super) path: PathBuf,
    pub(super) output: Output,
}

/// A database that was sealed, and has no name yet.
pub(super) struct Sealed {
    /// Where it goes.
    pub(super) path: PathBuf,
    recipients: usize,
    files: Vec<(String, u64, Digest)>,
    copied_at: Option<Moment>,
    unnamed: Option<Unnamed>,
}

impl Database {
    /// A copy that somebody made.
    pub(super) fn open(copy: &Path, place: Place) -> Result<Self> {
        Ok(Self::of(Copy::open(copy)?, None, place))
    }

    /// The copy that this run made on the primary, and when its state was that of the primary.
    #[cfg(unix)]
    pub(super) fn open_ours(copy: &Path, dismounted: Moment, place: Place) -> Result<Self> {
        Ok(Self::of(Copy::open_ours(copy)?, Some(dismounted), place))
    }

    fn of(copy: Copy, dismounted: Option<Moment>, place: Place) -> Self {
        let Place { recipients, path, output } = place;
        Self { copy, dismounted, recipients, path, output }
    }

    /// Whether it has as many files as the primary's instance says, where that does (H6.3).
    pub(super) fn is_whole(&self, configuration: &Configuration) -> Result<()> {
        let known = configuration.databases.named(hssys::NAME).and_then(|one| one.volumes);
        let (Some(volumes), files) = (known, self.copy.files.len()) else { return Ok(()) };
        if u64::try_from(files).ok() == volumes.checked_add(1) {
            return Ok(());
        }
        let message = format!(
            "The copy of HSSYS has {} beside its first file, and the instance says {volumes}.",
            files.saturating_sub(1)
        );
        let hint = "Copy the whole set again, IRIS.DAT and every volume of it and nothing else; gather the \
                    configuration again if volumes were added since.";
        Err(Error::new(Kind::Refused, message, hint))
    }

    /// Seals it.
    pub(super) fn seal(
        self,
        mut manifest: Manifest,
        seal: Seal<'_>,
        quiet: bool,
        complaint: &Complaint,
    ) -> Result<Sealed> {
        let Self { copy, dismounted, recipients: own, path, output } = self;
        let seal = if own.is_empty() { seal } else { Seal { recipients: &own, ..seal } };
        if copy.is_open_to_all() {
            complaint
                .note("every account of this machine can read the copy, which holds credentials");
        }
        let copied_at = dismounted.or_else(|| copy.copied_at());
        if let Some(about) = &mut manifest.hssys {
            about.copied_at = copied_at;
        }
        let bar = progress::bar("Sealing", copy.size(), quiet);
        let sizes: Vec<u64> = copy.files.iter().map(|file| file.size).collect();
        let mut handles = copy.handles()?;
        let mut parts: Vec<Part<'_>> =
            sizes.iter().zip(&mut handles).map(|(size, from)| Part { size: *size, from }).collect();
        let mut passed = |bytes| bar.inc(bytes);
        let unchanged = || copy.unchanged().map_err(io::Error::other);
        let written = output.fill(|to| {
            bundle::seal_database(manifest, &mut parts, seal, to, &mut passed, unchanged)
        });
        bar.finish_and_clear();
        // Whatever it led to, a copy that changed is what went wrong.
        let (digests, unnamed) =
            written.map_err(|error| copy.unchanged().err().unwrap_or(error))?;
        let names = (0..).map(hssys::file);
        let files = names.zip(sizes).zip(digests);
        let files = files.map(|((name, size), digest)| (name, size, digest)).collect();
        Ok(Sealed {
            path,
            recipients: seal.recipients.len(),
            files,
            copied_at,
            unnamed: Some(unnamed),
        })
    }
}

impl Sealed {
    /// Gives this bundle and that of the configuration their names, both or none.
    pub(super) fn name_with(mut self, configuration: Unnamed) -> Result<Self> {
        match self.unnamed.take() {
            Some(unnamed) => configuration.name_both(unnamed).map(|()| self),
            None => configuration.name().map(|()| self),
        }
    }

    /// Tells what was sealed, and what becomes of the copy.
    pub(super) fn write(&self, signed: &str, copy: &str, to: &mut dyn Write) -> io::Result<()> {
        let path = self.path.display().to_string();
        let bytes: u64 = self.files.iter().map(|(_, size, _)| size).sum();
        let copied = self.copied_at.map(|at| format!(", last written to {at}")).unwrap_or_default();
        writeln!(
            to,
            "Sealed {} of HSSYS: {bytes} bytes{copied}, for {}, {signed}.",
            visible(&path),
            counted(self.recipients)
        )?;
        for (name, _, digest) in &self.files {
            writeln!(to, "{name} has the SHA-256 {digest}.")?;
        }
        writeln!(to, "{copy}")
    }
}
