//! What a mapping maps.
//!
//! Owns [`MappingKind`]: global, routine or package, with the vendor's word for each, which begins
//! the keys in the CPF and the names of the vendor's findings (H1.4, H2.2). `mapping` and the
//! subject of a finding use it.
//! Invariant: the word is the same in CPF, JSON and messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::form::Form;
use super::record::Content;
use super::value::{Value, plain};

/// What is mapped.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum MappingKind {
    /// A global, whole or by subscripts.
    #[default]
    Global,
    /// A routine.
    Routine,
    /// A class package.
    Package,
}

impl MappingKind {
    /// Every kind with the beginning of its keys in the CPF.
    pub const ALL: [MappingKind; 3] = [Self::Global, Self::Routine, Self::Package];

    /// The vendor's word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Global => "Global",
            Self::Routine => "Routine",
            Self::Package => "Package",
        }
    }

    /// The product's class for mappings of this kind (H8.3).
    pub const fn class(self) -> &'static str {
        match self {
            Self::Global => "Config.MapGlobals",
            Self::Routine => "Config.MapRoutines",
            Self::Package => "Config.MapPackages",
        }
    }
}

impl Value for MappingKind {
    const FORM: Form = Form::Own;
    fn spelled(&self) -> String {
        self.word().to_owned()
    }
    fn from_content(content: &Content) -> Result<Self, String> {
        let word = plain(content)?;
        let kind = Self::ALL.into_iter().find(|kind| kind.word() == word);
        kind.ok_or_else(|| "Global, Routine or Package".to_owned())
    }
}
