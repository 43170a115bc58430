//! Bundles that the program would not make: sealed ones, taken apart, changed, and sealed again.
//!
//! Owns [`Place::repacks`], with which a manifest says something else (a database that was not in the
//! mirror, one that is larger than any disk), and the ways in which a file is damaged on its way.
//! Whatever follows from a change is set right, so that a bundle is wrong in one way only.

use std::fs;
use std::io::Read as _;
use std::str::FromStr as _;

use serde_json::Value;

use super::pack;
use super::place::Place;

/// The bundle of the database.
pub const BUNDLE: &str = "p.hssys.tar.zst.age";

impl Place {
    /// The entries of a bundle, by name.
    pub fn entries(&self, bundle: &str) -> Vec<(String, Vec<u8>)> {
        let key = fs::read_to_string(self.path("identity")).unwrap();
        let key = key.lines().find(|line| line.starts_with("AGE-SECRET-KEY")).unwrap();
        let identity = age::x25519::Identity::from_str(key).unwrap();
        let file = fs::read(self.path(bundle)).unwrap();
        let age = age::Decryptor::new(&file[..]).unwrap();
        let stream = age.decrypt(std::iter::once(&identity as &dyn age::Identity)).unwrap();
        let mut tar = Vec::new();
        zstd::Decoder::new(stream).unwrap().read_to_end(&mut tar).unwrap();
        pack::entries(&tar)
    }

    /// Changes the manifest of the database's bundle and what its file holds; digests and seal fit.
    pub fn repacks(&self, change: impl FnOnce(&mut Value)) {
        let mut entries = self.entries(BUNDLE);
        assert_eq!((&*entries[0].0, &*entries.last().unwrap().0), (pack::MANIFEST, pack::SUMS));
        let mut manifest: Value = serde_json::from_slice(&entries[0].1).unwrap();
        change(&mut manifest);
        entries[0].1 = serde_json::to_vec(&manifest).unwrap();
        let (sums, before) = entries.split_last_mut().unwrap();
        sums.1 = pack::sums_of(before.iter().map(|(name, bytes)| (&**name, &**bytes))).into_bytes();
        self.packs(&entries);
    }

    /// Changes entries of the database's bundle, without setting anything right but the seal.
    pub fn repacks_after(&self, change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) {
        let mut entries = self.entries(BUNDLE);
        change(&mut entries);
        self.packs(&entries);
    }

    fn packs(&self, entries: &[(String, Vec<u8>)]) {
        let tar = pack::tar(entries.iter().map(|(name, bytes)| (&**name, &**bytes)));
        let recipient = age::x25519::Recipient::from_str(&self.recipient).unwrap();
        fs::write(self.path(BUNDLE), pack::seal(&[&recipient], &pack::squeeze(&tar))).unwrap();
    }

    /// Changes the bytes of the database's bundle.
    pub fn damages(&self, with: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = fs::read(self.path(BUNDLE)).unwrap();
        with(&mut bytes);
        fs::write(self.path(BUNDLE), bytes).unwrap();
    }
}
