//! Where a configuration comes from: the files it was read from, and who answers for it.
//!
//! Owns [`SourceFile`], the record of one file of the instance, and [`Provenance`], which every
//! report shows: the digest of the configuration and the signer of its bundle. `source` makes the
//! records, the manifest of a bundle carries them, `finding` judges their age.
//! Invariant: nothing here is part of the configuration itself, so two exports of one state are the
//! same document; a signer is "allowed" only where a list of signers said so.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::moment::Moment;

/// What kind of file it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// The configuration parameter file. It is as old as the last change of the configuration.
    Cpf,
    /// A security export.
    SecurityExport,
    /// A task export.
    TaskExport,
    /// Output of `iris qlist`.
    Qlist,
    /// A configuration document, by hand or by a gatherer.
    Document,
    /// What an instance told when it was asked.
    Instance,
}

impl SourceKind {
    /// Whether the file was made in order to be compared, so that its time tells how old what it
    /// says is.
    pub const fn is_made_for_it(self) -> bool {
        matches!(self, Self::SecurityExport | Self::TaskExport | Self::Qlist | Self::Instance)
    }
}

/// One file that a configuration was read from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceFile {
    /// Its name, without the folder.
    pub name: String,
    /// What kind of file it is.
    pub kind: SourceKind,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// When it was last written, where the file system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Moment>,
    /// Whether no other member can have the very same file: it holds salts, stamps or ids of its
    /// instance.
    pub unmistakable: bool,
}

/// Who answers for a configuration or a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Signer {
    /// Nobody: files, or a bundle without a signature.
    #[default]
    Unsigned,
    /// The holder of a key that no list of signers was asked about.
    Unchecked {
        /// Fingerprint of the key.
        key: String,
    },
    /// Somebody whom the list of signers allows.
    Allowed {
        /// Who it is, as the list says.
        principal: String,
        /// Fingerprint of the key.
        key: String,
    },
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Signer::Unsigned => f.write_str("unsigned"),
            Signer::Unchecked { key } => write!(f, "signed with {key}, not checked whose it is"),
            Signer::Allowed { principal, key } => write!(f, "signed by {principal} ({key})"),
        }
    }
}

/// What a report says about where a side comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// SHA-256 of the side's `configuration.json`.
    pub configuration_sha256: Digest,
    /// Who answers for it.
    pub signer: Signer,
}
