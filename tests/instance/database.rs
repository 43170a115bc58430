//! Databases and the mirror through the product's classes (H6.1 to 6.3).
//!
//! Owns `SYS.Database`, `SYS.Mirror`, `$SYSTEM.Mirror`, and what a database object shows, which is what was so
//! when it was opened. What they do is in `disk`.
//! Invariant: a property or method that is not known panics.

use super::disk::{Act, Disk, State};
use super::expression::Argument;
use super::query::Rows;
use super::script::{Process, Thing};
use super::syntax::Node;
use super::value::{Outcome, Signal, Value};

/// A database as it was when it was opened.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    disk: Disk,
    activated: bool,
    primary: bool,
    /// What its catch-up ended in, where that is not as it should.
    ended: Option<String>,
    /// How many volumes lie beside its first file.
    volumes: usize,
}

/// An error of the system is thrown; any other is a status.
fn outcome(done: Result<(), String>) -> Outcome<Value> {
    match done {
        Ok(()) => Ok(Value::of("1")),
        Err(text) if text.starts_with('<') => Err(Signal::Error { text, system: true }),
        Err(text) => Ok(Value::Text(format!("0 {text}"))),
    }
}

/// How many volumes lie in a folder.
fn volumes_in(folder: &str) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.starts_with("IRIS-") && name.ends_with(".VOL")).count()
}

impl Process<'_> {
    /// `##class(SYS.Database).Method(...)`.
    pub(crate) fn database_class(
        &mut self,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        let folder = self.text(given, 0);
        let disks = &mut self.instance.disks;
        match (method, given.len()) {
            ("%OpenId", 1) => {
                let shown = disks.with(|state| {
                    let (member, primary) = (state.member.clone(), state.primary);
                    let ended = state.manners.catch_up_ends.clone();
                    let (real, disk) = state.disk(&folder)?;
                    let volumes = volumes_in(real);
                    let (activated, disk) = (disk.label.member == member, disk.clone());
                    let ended = ended.filter(|_| disk.current);
                    Some(Shown { disk, activated, primary, ended, volumes })
                });
                Ok(shown.map_or_else(Value::empty, |shown| self.thing(Thing::Database(shown))))
            }
            ("DismountDatabase", 1) => {
                outcome(disks.act(Act::Dismounted, &folder, |state| state.dismount(&folder)))
            }
            ("MountDatabase", 1 | 4) => {
                let flag = |at: usize| match given.get(at) {
                    Some(Argument::Value(value)) => Some(value.truth()),
                    _ => None,
                };
                let (read_only, catches_up) = (flag(1) == Some(true), flag(3) != Some(false));
                outcome(disks.act(Act::Mounted, &folder, |state| {
                    state.mount(&folder, read_only, catches_up)
                }))
            }
            _ => self.unknown(node),
        }
    }

    /// `##class(SYS.Mirror).Method(...)`.
    pub(crate) fn mirror_class(
        &mut self,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        let folder = self.text(given, 0);
        let name = self.text(given, 1);
        let disks = &mut self.instance.disks;
        match (method, given.len()) {
            ("ActivateMirroredDatabase", 1) => {
                outcome(disks.act(Act::Activated, &folder, |state| state.activate(&folder)))
            }
            ("RemoveMirroredDatabase", 1) => {
                outcome(disks.act(Act::TakenOut, &folder, |state| state.take_out(&folder)))
            }
            ("AddDatabase", 1 | 2) => {
                outcome(disks.act(Act::Added, &folder, |state| state.add(&folder, &name)))
            }
            ("CatchupDB", 1..=3) => self.catch_up(given, node),
            _ => self.unknown(node),
        }
    }

    /// `CatchupDB`: numbers of databases, and a list of those that failed.
    fn catch_up(&mut self, given: &[Argument], node: Node<'_>) -> Outcome<Value> {
        let Some(Argument::Value(list)) = given.first() else { self.unknown(node) };
        let (mut begun, mut failed) = (false, Vec::new());
        for item in list.items()?.into_iter().flatten() {
            let sfn: usize = item.parse().unwrap_or_else(|_| self.unknown(node));
            let disks = &mut self.instance.disks;
            let folder = disks.with(|state| {
                let found =
                    state.databases.iter().find(|(_, disk)| disk.mounted && disk.sfn == sfn);
                found.map(|(folder, _)| folder.clone())
            });
            let folder = folder.unwrap_or_default();
            match disks.act(Act::CatchUp, &folder, |state| state.catch_up(sfn)) {
                Ok(()) => begun = true,
                Err(_) => failed.push(Some(item)),
            }
        }
        if let Some(Argument::Reference(name)) = given.get(2) {
            self.locals.insert(name.clone(), [(Vec::new(), Value::List(failed))].into());
        }
        Ok(Value::flag(begun))
    }

    /// `$SYSTEM.Mirror.Method(...)`.
    pub(crate) fn role(&mut self, method: &str, given: &[Argument], node: Node<'_>) -> Value {
        let state = self.instance.disks.with(|state| state.clone());
        let State { primary, member_type, mirror_state, mirror, .. } = state;
        let failover = member_type == "Failover";
        match (method, given.len()) {
            ("IsPrimary", 0) => Value::flag(primary),
            ("IsBackup", 0) => Value::flag(failover && mirror_state == "Backup"),
            ("IsMember", 0) => match member_type.as_str() {
                "" => Value::of("0"),
                "Failover" => Value::of("1"),
                _ => Value::of("2"),
            },
            ("MirrorName", 0) => Value::Text(if failover { mirror } else { String::new() }),
            ("GetMemberType", 0) if member_type.is_empty() => Value::of("Not Member"),
            ("GetMemberType", 0) => Value::Text(member_type),
            ("GetMemberStatus", 0) if member_type.is_empty() => {
                Value::List(vec![Some("Not Member".to_owned())])
            }
            ("GetMemberStatus", 0) => Value::List(vec![Some(mirror_state)]),
            ("GetStatus", 0 | 1) if member_type.is_empty() => Value::of("NOTINIT"),
            ("GetStatus", 0 | 1) => Value::Text(mirror_state.to_uppercase()),
            _ => self.unknown(node),
        }
    }

    /// The class query `SYS.Mirror:MirroredDatabaseList`. Each row is a question for the state.
    pub(crate) fn mirrored_databases(&mut self) -> Rows {
        let rows = self.instance.disks.with(|state| {
            let folders: Vec<String> = state.databases.keys().cloned().collect();
            let rows = folders.into_iter().filter_map(|folder| {
                let mut status = state.mirror_status(&folder)?.to_owned();
                if state.manners.foreign_words {
                    status = format!("In anderer Sprache: {}", status.len());
                }
                let (_, disk) = state.disk(&folder)?;
                Some(vec![
                    disk.name.clone(),
                    folder.clone(),
                    disk.label.mirror_name.clone(),
                    status,
                ])
            });
            rows.collect()
        });
        let columns = vec!["Name", "Directory", "MirrorName", "MirrorStatus"];
        Rows { columns, rows, ..Rows::default() }
    }
}

impl Shown {
    /// A property (H6.3).
    pub(crate) fn property(&self, name: &str) -> Option<Value> {
        let Disk { label, mounted, read_only, sfn, current, .. } = &self.disk;
        let ended = |word: &str| self.ended.as_deref() == Some(word);
        let mirrored = !label.mirror.is_empty();
        Some(match name {
            "Mounted" => Value::flag(*mounted),
            "ReadOnlyMounted" => Value::flag(*mounted && *read_only),
            "Mirrored" => Value::flag(mirrored),
            "MirrorSetName" => Value::of(&label.mirror),
            "MirrorDBName" => Value::of(&label.mirror_name),
            "MirrorActivationRequired" => Value::flag(mirrored && !self.activated),
            "InActiveMirror" => Value::flag(mirrored && self.activated && *mounted),
            "MirrorDBCatchup" => Value::flag(mirrored && !self.primary && !current),
            "MirrorObsolete" => Value::flag(mirrored && ended("Obsolete")),
            "MirrorDBPaused" => Value::flag(mirrored && ended("Paused")),
            "ROReasonText" if *mounted && *read_only => Value::of("Mirrored database"),
            "ROReasonText" => Value::empty(),
            "ResourceName" => Value::of(&label.resource),
            "BlockSize" => Value::Text(label.block_size.to_string()),
            "Size" => Value::Text((label.block_size * label.blocks).div_ceil(1 << 20).to_string()),
            "EncryptedDB" => Value::flag(!label.encryption_key.is_empty()),
            "EncryptionKeyID" => Value::of(&label.encryption_key),
            // Of one that is not mounted nobody looked (H6.3).
            "MultiVolume" => Value::count(if *mounted { self.volumes } else { 0 }),
            "VolumeDirectoryList" => Value::List(Vec::new()),
            "SFN" => Value::count(*sfn),
            _ => return None,
        })
    }
}
