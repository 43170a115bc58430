//! Databases as the product's classes show them (H6.2, H6.3).
//!
//! Owns the methods of `SYS.Database` and `SYS.Mirror` and the properties of an opened database: an object
//! shows what was so when it was opened. What they do is in `disk`.
//! Invariant: a method or a property that is not known panics.

use tree_sitter::Node;

use super::disk::{Act, Disk};
use super::expression::Argument;
use super::place;
use super::query::Rows;
use super::script::{Process, Thing};
use super::value::{Outcome, Value};

/// A database that was opened.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    disk: Disk,
    activation: bool,
}

impl Process<'_> {
    /// A method of `SYS.Database`.
    pub(crate) fn database_class(
        &mut self,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        let folder = place::normalised(&self.text(given, 0));
        let disks = &mut self.instance.disks;
        let outcome = match (method, given.len()) {
            ("%OpenId", 1) => {
                let open = disks.with(|state| {
                    let status = state.mirror_status(&folder);
                    let (_, disk) = state.disk(&folder)?;
                    Some(Open {
                        disk: disk.clone(),
                        activation: status == Some("Needs Activation"),
                    })
                });
                return Ok(open.map_or_else(Value::empty, |open| self.thing(Thing::Database(open))));
            }
            ("DismountDatabase", 1) => {
                disks.act(Act::Dismounted, &folder, |state| state.dismount(&folder))
            }
            ("MountDatabase", 1) => {
                disks.act(Act::Mounted, &folder, |state| state.mount(&folder, false))
            }
            _ => self.unknown(node),
        };
        Ok(Value::status(outcome))
    }

    /// A method of `SYS.Mirror`.
    pub(crate) fn mirror_class(
        &mut self,
        method: &str,
        given: &[Argument],
        node: Node<'_>,
    ) -> Outcome<Value> {
        let folder = place::normalised(&self.text(given, 0));
        let disks = &mut self.instance.disks;
        let outcome = match (method, given.len()) {
            ("ActivateMirroredDatabase", 1) => {
                disks.act(Act::Activated, &folder, |state| state.activate(&folder))
            }
            ("RemoveMirroredDatabase", 1) => {
                disks.act(Act::TakenOut, &folder, |state| state.take_out(&folder))
            }
            _ => self.unknown(node),
        };
        Ok(Value::status(outcome))
    }

    /// `SYS.Mirror:MirroredDatabaseList`.
    pub(crate) fn mirrored_databases(&mut self) -> Rows {
        let rows = self.instance.disks.with(|state| {
            let folders: Vec<String> = state.databases.keys().cloned().collect();
            let row = |folder: String| {
                let status = state.mirror_status(&folder)?.to_owned();
                let (_, disk) = state.disk(&folder)?;
                let (name, mirror_name) = (disk.name.clone(), disk.label.mirror_name.clone());
                Some(vec![name, folder, mirror_name, status])
            };
            folders.into_iter().filter_map(row).collect()
        });
        let columns = vec!["Name", "Directory", "MirrorName", "MirrorStatus"];
        Rows { columns, rows, taken: 0 }
    }

    /// A property of an opened database.
    pub(crate) fn database_property(&self, open: &Open, name: &str, node: Node<'_>) -> Value {
        let Open { disk, activation } = open;
        match name {
            "Mounted" => Value::flag(disk.mounted),
            "ReadOnlyMounted" => Value::flag(disk.mounted && disk.read_only),
            "Mirrored" => Value::flag(!disk.label.mirror.is_empty()),
            "MirrorDBName" => Value::of(&disk.label.mirror_name),
            "MirrorActivationRequired" => Value::flag(*activation),
            "SFN" => Value::count(disk.sfn),
            "MultiVolume" => Value::flag(false),
            "VolumeDirectoryList" => Value::List(Vec::new()),
            _ => self.unknown(node),
        }
    }
}
