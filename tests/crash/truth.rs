//! What must hold at every instant.
//!
//! Owns [`Truth`], the bytes of both databases, and what the folder must hold whatever happens: a file
//! under a name of the database is whole and of one database with all others beside it; where no
//! `IRIS.DAT` is, the old database is complete under its second names; and no file of the old database
//! is ever without a name. A reader who opens the folder at that instant could say no more.

use std::collections::BTreeMap;
use std::fs;

use hsmirror::hssys;

use super::disk::{DATABASE, Disk};

/// Both databases.
#[derive(Clone)]
pub struct Truth {
    disk: Disk,
    pub old: Vec<Vec<u8>>,
    pub new: Vec<Vec<u8>>,
}

/// The names that a database has.
pub fn named<'a>(prefix: &str, files: &'a [Vec<u8>]) -> BTreeMap<String, &'a [u8]> {
    let name = |number| format!("{prefix}{}", hssys::file(number));
    files.iter().enumerate().map(|(number, bytes)| (name(number), bytes.as_slice())).collect()
}

impl Truth {
    pub fn new(disk: Disk, old: Vec<Vec<u8>>, new: Vec<Vec<u8>>) -> Self {
        Self { disk, old, new }
    }

    /// Whether the folder holds what it must, now.
    pub fn holds(&self) -> Result<(), String> {
        let mut own = BTreeMap::new();
        let mut kept = BTreeMap::new();
        for name in self.disk.names(DATABASE) {
            let plain = name.strip_prefix(hssys::OLD).unwrap_or(&name);
            if hssys::number(plain).is_some() {
                let to = if plain == name { &mut own } else { &mut kept };
                to.insert(name.clone(), fs::read(self.disk.folders[DATABASE].join(name)).unwrap());
            }
        }
        let is = |held: &BTreeMap<String, Vec<u8>>, wanted: &BTreeMap<String, &[u8]>| {
            held.iter()
                .map(|(name, bytes)| (name, bytes.as_slice()))
                .eq(wanted.iter().map(|(name, bytes)| (name, *bytes)))
        };
        let names = || own.keys().chain(kept.keys()).cloned().collect::<Vec<_>>().join(" ");
        let old_names = named(hssys::OLD, &self.old);
        if own.contains_key(&hssys::file(0)) {
            if !is(&own, &named("", &self.old)) && !is(&own, &named("", &self.new)) {
                return Err(format!("no complete database under its names: {}", names()));
            }
        } else if self.old.len() == 1 && self.new.len() == 1 {
            return Err(format!("no database under its name: {}", names()));
        } else if !is(&kept, &old_names) {
            return Err(format!("no complete database under either name: {}", names()));
        }
        if let Some((name, _)) =
            kept.iter().find(|(name, bytes)| old_names.get(*name) != Some(&bytes.as_slice()))
        {
            return Err(format!("{name} is not what it was"));
        }
        for (number, bytes) in self.old.iter().enumerate() {
            let name = hssys::file(number);
            let second = kept.contains_key(&format!("{}{name}", hssys::OLD));
            if !second && own.get(&name) != Some(bytes) {
                return Err(format!("the old {name} has no name any more: {}", names()));
            }
        }
        Ok(())
    }
}
