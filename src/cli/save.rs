//! `--save`: a comparison, sealed for the archive.
//!
//! Owns the sealing of a comparison: whom for, what its manifest says about both sides, and the file it
//! goes to. The document is what `--format json` prints, in its one spelling.
//! Invariant: keys and output are settled before the comparison is made, so that nobody waits for it in
//! vain; the manifest names the digests of both configurations and who answered for them.

use std::io::Write;
use std::path::Path;

use super::keys::{Output, Sealing};
use super::manifest;
use crate::bundle::{self, Content, Kind as BundleKind, Manifest, Seal, SectionCount, Side, Who};
use crate::error::Result;
use crate::finding::Judgement;
use crate::key::{Ask, Recipient, SigningKey};
use crate::model::{Configuration, Moment, Provenance};
use crate::report;
use crate::source::Options;

/// Where a comparison is saved, and for whom.
pub(super) struct Saving {
    recipients: Vec<Recipient>,
    signing: Option<SigningKey>,
    armor: bool,
    output: Output,
}

impl Saving {
    /// Settles everything that can fail before there is a comparison.
    pub(super) fn prepare(path: &Path, sealing: &Sealing, ask: &mut dyn Ask) -> Result<Self> {
        Ok(Self {
            recipients: sealing.recipients(path, ask)?,
            signing: sealing.signing_key(ask)?,
            armor: sealing.armor,
            output: sealing.output(path)?,
        })
    }

    /// Seals the comparison; `manifests` are those of the bundles that the sides came in.
    pub(super) fn save(
        self,
        judgement: &Judgement,
        verbose: bool,
        manifests: &[Option<Manifest>; 2],
        options: &Options,
        now: Moment,
    ) -> Result<()> {
        let mut manifest = manifest::begin(BundleKind::Comparison, options, now)?;
        manifest.member = Who::of(&judgement.member);
        manifest.sections = SectionCount::of(&judgement.member);
        manifest.sides = sides(judgement, manifests);
        let write = |to: &mut dyn Write| report::write_canonical(judgement, verbose, to);
        let content = Content { manifest, document: &write };
        let Self { recipients, signing, armor, output } = self;
        let seal = Seal { recipients: &recipients, signing: signing.as_ref(), armor };
        output.write(|to| bundle::seal(content, seal, to))?;
        Ok(())
    }
}

/// Both sides of a comparison as the manifest has them; `manifests` are those of the bundles that they
/// came in.
pub(super) fn sides(judgement: &Judgement, manifests: &[Option<Manifest>; 2]) -> Vec<Side> {
    let Some((first, second)) = &judgement.provenance else { return Vec::new() };
    let [of_first, of_second] = manifests;
    vec![
        side(&judgement.primary, first, of_first.as_ref()),
        side(&judgement.member, second, of_second.as_ref()),
    ]
}

fn side(configuration: &Configuration, from: &Provenance, manifest: Option<&Manifest>) -> Side {
    Side {
        configuration_sha256: from.configuration_sha256,
        signer: from.signer.clone(),
        export_id: manifest.map(|manifest| manifest.export_id.clone()),
        sealed_at: manifest.map(|manifest| manifest.sealed_at),
        sources: configuration.sources.clone(),
    }
}
