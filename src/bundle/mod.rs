//! Bundles: what crosses the air gap and is kept for years.
//!
//! Owns format 1, `age(zstd(tar))`: its entries, its limits, the sealing (`seal`) and the opening
//! (`open`, `entries`), which read as one another's mirror image; `manifest` says what a bundle is, `header`
//! what can be seen of it without a key, `archive` how entries stand in it. It knows keys and
//! documents and neither flags nor folders of files.
//! A document is small and read as it streams; a database is of any size and passes on (`payload`).
//! Invariant: what a bundle holds is used only after it was read to the end of the age stream, every
//! digest matched and the signature was judged. `docs/bundle-format.md` is the promise in writing.

mod archive;
mod document;
mod entries;
mod header;
mod layer;
mod manifest;
mod open;
mod payload;
mod seal;
mod sums;
mod trust;

pub use document::{digest_of, section_digests, write_configuration};
pub use entries::{ContentFile, Opened};
pub use header::{Header, LAYER_AGE};
pub use manifest::{DatabaseCopy, Entry, Manifest, Parameters, SealedFor, SectionCount, Side, Who};
pub use open::{Sealed, Unlocked};
pub use payload::{Payload, digest};
pub use seal::{Content, Part, Seal, seal, seal_database};
pub use trust::Trust;

/// Version of the format: a newer minor one adds, a newer major one changes.
pub const FORMAT_VERSION: &str = "1.0";

/// The entries of a bundle beside its document, by their names.
pub const MANIFEST: &str = "manifest.json";
/// The digests.
pub const SUMS: &str = "SHA256SUMS";
/// The signature over the digests.
pub const SIGNATURE: &str = "SHA256SUMS.sig";

/// Every limit of the format: what a reader takes at most before it gives up.
pub mod limit {
    /// Bytes of an age header.
    pub const HEADER: usize = 64 << 10;
    /// Bytes of a manifest.
    pub const MANIFEST: u64 = 1 << 20;
    /// Bytes of a document.
    pub const DOCUMENT: u64 = 512 << 20;
    /// Bytes of all files of a database together: 32 TiB.
    pub const DATABASE: u64 = 32 << 40;
    /// Volumes that a database may have beside its first file.
    pub const VOLUMES: usize = 999;
    /// Bytes of the list of digests.
    pub const SUMS: u64 = 128 << 10;
    /// Base-two logarithm of the window of the zstd frame: 8 MiB, what RFC 8878 asks of every reader.
    pub const WINDOW_LOG: u32 = 23;
    /// Bytes of zero that may follow the two blocks that end a tar archive, as stock tar writes them.
    pub const PADDING: u64 = 10 << 10;
}

/// What a bundle holds.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The configuration of one side.
    Configuration,
    /// A comparison.
    Comparison,
    /// A plan of what to do on the member.
    Plan,
    /// A copy of the HSSYS database.
    Hssys,
}

impl Kind {
    /// The name of the document in the bundle; of a database it is its first file.
    pub const fn document(self) -> &'static str {
        match self {
            Kind::Configuration => "configuration.json",
            Kind::Comparison => "comparison.json",
            Kind::Plan => "plan.json",
            Kind::Hssys => "IRIS.DAT",
        }
    }

    /// The most bytes that its content may have.
    const fn limit(self) -> u64 {
        match self {
            Kind::Configuration | Kind::Comparison | Kind::Plan => limit::DOCUMENT,
            Kind::Hssys => limit::DATABASE,
        }
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Configuration => "configuration",
            Kind::Comparison => "comparison",
            Kind::Plan => "plan",
            Kind::Hssys => "HSSYS database",
        }
    }
}

/// The name of a file of a database in a bundle: `IRIS.DAT`, then `IRIS-0001.VOL` and so on (H6.5).
pub fn database_file(number: usize) -> String {
    match number {
        0 => Kind::Hssys.document().to_owned(),
        number => format!("IRIS-{number:04}.VOL"),
    }
}
