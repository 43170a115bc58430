//! The configuration as a document: `configuration.json`.
//!
//! Owns its one spelling and its digest. `export` seals it, a comparison names the digest of both
//! sides, wherever they came from.
//! Invariant: the same configuration always gives the same bytes; the times, names and digests of the
//! files it was read from are not in them.

use std::io::{self, Write};

use super::sums::Hashing;
use crate::json::canonical::Object;
use crate::model::{Configuration, Digest, Section};

/// Writes a configuration in its one spelling.
///
/// # Errors
/// Whatever the writer says.
pub fn write_configuration(configuration: &Configuration, to: &mut dyn Write) -> io::Result<()> {
    let mut names: Vec<&str> = Configuration::FIELDS.to_vec();
    names.sort_unstable();
    let mut object = Object::begin(to)?;
    names.iter().try_for_each(|name| configuration.write_field(name, &mut object))?;
    object.end()
}

/// The digest of each section that was gathered: of an object with that field alone, in its one spelling.
///
/// # Errors
/// A number in it that JSON does not keep.
pub fn section_digests(configuration: &Configuration) -> io::Result<Vec<(Section, Digest)>> {
    let digest = |section: &Section| {
        let mut to = Hashing::new(io::BufWriter::with_capacity(1 << 16, io::sink()));
        let mut object = Object::begin(&mut to)?;
        configuration.write_field(section.name(), &mut object)?;
        object.end()?;
        Ok((*section, to.digest()))
    };
    Section::ALL.iter().map(digest).collect()
}

/// The digest of a configuration in its one spelling.
///
/// # Errors
/// A number in it that JSON does not keep.
pub fn digest_of(configuration: &Configuration) -> io::Result<Digest> {
    let mut to = Hashing::new(io::BufWriter::with_capacity(1 << 16, io::sink()));
    write_configuration(configuration, &mut to)?;
    Ok(to.digest())
}
