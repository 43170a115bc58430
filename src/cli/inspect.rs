//! `hsmirror inspect`: what a sealed file is, and whether it is sound.
//!
//! Owns the flags of the command and its story: without a key it tells what the header shows; with one
//! it reads the bundle to its end, checks everything, and tells what the manifest says.
//! Invariant: nothing of a manifest is shown that was not verified to the end of the bundle.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::complaint::Complaint;
use super::keys::{self, Keys, Signers};
use super::operands;
use super::progress::Counting;
use super::terminal;
use crate::bundle::{Header, Kind as BundleKind, Manifest, Sealed};
use crate::error::{Error, Kind, Result};
use crate::model::{Digest, Signer};
use crate::operand::{Content, Copied, Planned, Ready, Recorded, STREAM, Side};
use crate::report::{visible, visible_json};
use crate::source::Options;

/// Tell what a bundle is and whether it is sound
///
/// Without a key it tells what can be seen from outside: for how many recipients of which kinds it is
/// sealed, and its size. With an identity, or with --verify, it reads the bundle to its end, checks
/// every part, digest and signature, and tells what is in it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bundle; `-` is standard input
    bundle: PathBuf,
    /// Open it and check all of it; a passphrase is asked for where one is needed
    #[arg(long)]
    verify: bool,
    /// How it is written
    #[arg(long, value_enum, default_value_t = As::Text)]
    format: As,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    signers: Signers,
}

/// The formats by the names they have on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum As {
    /// Lines for a person
    Text,
    /// JSON
    Json,
}

/// What was found out with a key.
struct Verified {
    manifest: Manifest,
    signer: Signer,
    /// The files of the content with their digests.
    digests: Vec<(String, Digest)>,
    notes: Vec<String>,
}

impl Verified {
    /// What holds a document.
    fn of(manifest: Manifest, signer: Signer, document: Digest, notes: Vec<String>) -> Self {
        let digests = vec![(manifest.kind.document().to_owned(), document)];
        Self { manifest, signer, digests, notes }
    }
}

impl Args {
    pub(super) fn run(self) -> ExitCode {
        let complaint = Complaint { json: self.format == As::Json };
        match self.inspect(&complaint) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complaint.fail(&error),
        }
    }

    fn inspect(&self, complaint: &Complaint) -> Result<()> {
        let from: Box<dyn io::Read + Send> = if self.bundle == Path::new(STREAM) {
            operands::stream()
        } else {
            let unreadable = |cause| Error::unreadable(&self.bundle, &cause);
            Box::new(File::open(&self.bundle).map_err(unreadable)?)
        };
        let mut from = io::BufReader::new(from);
        let start = io::BufRead::fill_buf(&mut from);
        let start = start.map_err(|cause| Error::unreadable(&self.bundle, &cause))?;
        if !crate::source::claims_to_be_sealed(&self.bundle, start) {
            let message = format!("{} is not sealed, so it is no bundle.", self.bundle.display());
            let hint = "`hsmirror report` lists what the files of a side hold.";
            return Err(Error::new(Kind::Malformed, message, hint));
        }
        let from = Box::new(from);
        let size = std::fs::metadata(&self.bundle).ok().map(|about| about.len());
        let sealed = Sealed::read(&self.bundle, from)?;
        let header = sealed.header.clone();
        let verified = if self.verify || !self.keys.identity.is_empty() {
            Some(self.open(sealed)?)
        } else {
            None
        };
        for note in verified.iter().flat_map(|verified| &verified.notes) {
            complaint.note(note);
        }
        terminal::print(|to| match self.format {
            As::Json => self.write_json(&header, size, verified.as_ref(), to),
            As::Text => self.write_text(&header, size, verified.as_ref(), to),
        })
    }

    fn open(&self, sealed: Sealed) -> Result<Verified> {
        let mut ask = self.keys.prompt()?;
        let trust = self.signers.trust()?;
        let identities = self.keys.identities(&mut ask)?;
        let options = Options { personal_data: true, task_settings: true, now: Some(keys::now()) };
        let unlocked = sealed.unlock(&identities, &mut ask)?;
        let mut counting = Counting::new("Checking");
        let read = Ready::Bundle(Box::new(unlocked)).read_with(&options, &trust, &mut counting);
        drop(counting);
        let verified = match read? {
            Content::Database(copied) => {
                let Copied { notes, manifest, files, signer, .. } = *copied;
                let digests = files.into_iter().map(|file| (file.name, file.sha256)).collect();
                Some(Verified { manifest, signer, digests, notes })
            }
            Content::Side(side) => {
                let provenance = side.provenance()?;
                let Side { manifest, notes, .. } = *side;
                let (signer, document) = (provenance.signer, provenance.configuration_sha256);
                manifest.map(|manifest| Verified::of(manifest, signer, document, notes))
            }
            Content::Plan(planned) => {
                let Planned { notes, sealed, signer, .. } = *planned;
                sealed.map(|(manifest, document)| Verified::of(manifest, signer, document, notes))
            }
            Content::Comparison(recorded) => {
                let Recorded { manifest, document, signer, notes, .. } = *recorded;
                manifest
                    .zip(document)
                    .map(|(manifest, document)| Verified::of(manifest, signer, document, notes))
            }
        };
        verified.ok_or_else(|| {
            let message = format!("{} has no manifest.", self.bundle.display());
            Error::new(Kind::Layout, message, "Have it exported again.")
        })
    }

    fn write_json(
        &self,
        header: &Header,
        size: Option<u64>,
        verified: Option<&Verified>,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        let mut shown = json!({
            "sealing": {
                "version": crate::bundle::LAYER_AGE,
                "armored": header.armored,
                "recipients": header.recipients,
                "size": size,
                "contentSize": size.and_then(|size| header.content_size(size)),
            },
            "verified": verified.is_some(),
        });
        if let (Value::Object(fields), Some(verified)) = (&mut shown, verified) {
            fields.insert("signer".to_owned(), json!(verified.signer));
            if let Some((_, digest)) = verified.digests.first() {
                fields.insert("documentSha256".to_owned(), json!(digest));
            }
            let files = verified.digests.iter().map(|(name, digest)| (name.clone(), json!(digest)));
            fields.insert("sha256".to_owned(), Value::Object(files.collect()));
            fields.insert("manifest".to_owned(), json!(verified.manifest));
        }
        writeln!(to, "{}", visible_json(&shown))
    }

    fn write_text(
        &self,
        header: &Header,
        size: Option<u64>,
        verified: Option<&Verified>,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        let mut line = |what: &str, text: &str| {
            if text.is_empty() { Ok(()) } else { writeln!(to, "{what:<14}{}", visible(text)) }
        };
        let path = self.bundle.display().to_string();
        line("File", &path)?;
        let form = if header.armored { "text (armored)" } else { "binary" };
        line("Sealed with", &format!("{}, {form}", crate::bundle::LAYER_AGE))?;
        line("Sealed for", &recipients(header))?;
        let content = size.and_then(|size| header.content_size(size));
        if let (Some(size), Some(content)) = (size, content) {
            line("Size", &format!("{size} bytes, {content} of them compressed content"))?;
        } else if let Some(size) = size {
            line("Size", &format!("{size} bytes"))?;
        }
        let Some(Verified { manifest, signer, digests, .. }) = verified else {
            let how = if header.wants_passphrase() { "--verify" } else { "-i IDENTITY" };
            line("Not verified", "what it holds, and who signed it, shows only with a key")?;
            return line("Next", &format!("hsmirror inspect {path} {how}"));
        };
        line("Verified", "to its end: every part authenticates, every digest matches")?;
        line(
            "Signer",
            &match signer {
                Signer::Unsigned => "unsigned".to_owned(),
                signer => signer.to_string(),
            },
        )?;
        line("Holds", &format!("{}, format {}", manifest.kind.word(), manifest.format_version))?;
        let who = manifest.member.clone().unwrap_or_default();
        line("Member", who.name().unwrap_or_default())?;
        line("Role", &who.role)?;
        for mirror in &who.mirrors {
            line("Mirror", format!("{} {}", mirror.name, mirror.guid).trim())?;
        }
        line("Made for", manifest.intended_member.as_deref().unwrap_or_default())?;
        line("Sealed at", &manifest.sealed_at.to_string())?;
        line("Sealed by", &manifest.tool)?;
        line("Export", &manifest.export_id)?;
        for recipient in &manifest.recipients {
            line(
                "Recipient",
                format!("{} {}", recipient.kind.word(), recipient.fingerprint).trim(),
            )?;
        }
        for (name, digest) in digests {
            line("SHA-256", &format!("{digest} of {name}"))?;
        }
        if let Some(copy) = &manifest.hssys {
            let copied = copy.copied_at.map(|at| at.to_string());
            line("Last written", copied.as_deref().unwrap_or("unknown"))?;
            let mirrored = match copy.mirrored {
                Some(true) => "yes, as the instance said or somebody attested",
                Some(false) => "no, as the instance said or somebody attested",
                None => "unknown: neither the instance said so, nor anybody attested hssysMirrored",
            };
            line("In the mirror", mirrored)?;
            line("Goes with", &format!("configuration.json {}", copy.configuration_sha256))?;
        }
        for file in &manifest.sources {
            let when = file.modified.map(|at| format!(", written {at}")).unwrap_or_default();
            line("Made of", &format!("{}: {} bytes{when}", file.name, file.size))?;
        }
        for side in &manifest.sides {
            let sealed = side.sealed_at.map(|at| format!(", sealed {at}")).unwrap_or_default();
            line("Side", &format!("{}, {}{sealed}", side.configuration_sha256, side.signer))?;
        }
        let sections: Vec<String> =
            manifest.sections.iter().map(|row| format!("{} {}", row.section, row.count)).collect();
        line("Sections", &sections.join(", "))?;
        let secrets = match manifest.kind {
            BundleKind::Hssys => "it holds credentials and keys",
            _ if manifest.holds_secrets => "it may hold secrets",
            _ => "none",
        };
        line("Secrets", secrets)
    }
}

/// How many recipients of which kinds.
fn recipients(header: &Header) -> String {
    let mut kinds = header.recipients.clone();
    kinds.sort();
    kinds.dedup();
    let count = |kind| header.recipients.iter().filter(|known| **known == kind).count();
    let words: Vec<String> =
        kinds.into_iter().map(|kind| format!("{} x {}", count(kind), kind.word())).collect();
    words.join(", ")
}
