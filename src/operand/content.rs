//! What an operand holds, once it was read.
//!
//! Owns [`Content`]: a side, a comparison, a plan or a copy of the HSSYS database, each with what is known
//! about where it comes from. `operand` makes it of files and bundles; the command line asks for the kind
//! it wants.
//! Invariant: a signer stands here only where the bundle was read to its end.

use std::path::PathBuf;

use super::Side;
use crate::bundle::{ContentFile, Manifest};
use crate::finding::Judgement;
use crate::model::{Digest, Signer};
use crate::plan::Plan;

/// What an operand holds.
#[derive(Debug)]
pub enum Content {
    /// The configuration of a side.
    Side(Box<Side>),
    /// A comparison that was recorded.
    Comparison(Box<Recorded>),
    /// A plan.
    Plan(Box<Planned>),
    /// A copy of the HSSYS database.
    Database(Box<Copied>),
}

/// A plan that was read.
#[derive(Debug)]
pub struct Planned {
    /// What it is called.
    pub name: PathBuf,
    /// The plan.
    pub plan: Plan,
    /// What a person should be told.
    pub notes: Vec<String>,
    /// The manifest and the digest of its document, where it came in a bundle.
    pub sealed: Option<(Manifest, Digest)>,
    /// Who answers for it.
    pub signer: Signer,
}

/// A copy of the HSSYS database that was read to its end.
#[derive(Debug)]
pub struct Copied {
    /// What it is called.
    pub name: PathBuf,
    /// What a person should be told.
    pub notes: Vec<String>,
    /// The manifest.
    pub manifest: Manifest,
    /// Its files, in order.
    pub files: Vec<ContentFile>,
    /// Who answers for it.
    pub signer: Signer,
}

/// A comparison that was recorded.
#[derive(Debug)]
pub struct Recorded {
    /// What it is called.
    pub name: PathBuf,
    /// The judgement.
    pub judgement: Judgement,
    /// What a person should be told.
    pub notes: Vec<String>,
    /// The manifest, where it came in a bundle.
    pub manifest: Option<Manifest>,
    /// The digest of its document, where it came in a bundle.
    pub document: Option<Digest>,
    /// Who answers for it.
    pub signer: Signer,
}
