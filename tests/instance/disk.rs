//! Databases as files: mounted or not, in the mirror or not (H6.2, H6.3).
//!
//! Owns [`State`], what of an instance changes while it runs, and [`Disks`], which keeps it in memory or, for
//! several processes at once, in a file under a lock. What a database is travels with it: [`Label`] stands
//! at the beginning of its `IRIS.DAT`, as the product's label block does, so a file that was copied over
//! brings its mirror mark along and needs activation.
//! Invariant: a database is mounted exactly while `iris.lck` lies beside it, and its file is the one that
//! was mounted.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use hsmirror::model::folded;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

/// What of an instance changes while it runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct State {
    /// Whether it is the primary.
    pub(crate) primary: bool,
    /// Whether it was shut down.
    pub(crate) down: bool,
    /// Kind of mirror member, as `iris qlist` prints it; empty is no member.
    pub(crate) member_type: String,
    /// State in the mirror, as `iris qlist` prints it.
    pub(crate) mirror_state: String,
    /// The mirror.
    pub(crate) mirror: String,
    /// The member's name in it.
    pub(crate) member: String,
    /// How often the program was started, by its first argument.
    pub(crate) invocations: BTreeMap<String, usize>,
    /// Counts the changes of the configuration.
    pub(crate) generation: u64,
    /// Databases by their folder.
    pub(crate) databases: BTreeMap<String, Disk>,
    /// How they behave.
    pub(crate) manners: Manners,
}

/// How the databases behave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Manners {
    /// So many mounts fail before one works.
    pub(crate) mount_refuses: usize,
    /// So many dismounts fail with `<PROTECT>` before one works.
    pub(crate) dismount_refuses: usize,
    /// The mirror of a member holds what it follows, and lets nobody dismount it.
    pub(crate) mirror_holds: bool,
    /// A dismount says that it worked, and nothing was done.
    pub(crate) dismount_claims: bool,
    /// Activation fails.
    pub(crate) activation_fails: bool,
    /// The journals that a catch-up needs are gone.
    pub(crate) catch_up_fails: bool,
    /// So many questions for its state are answered with `Catchup Running`.
    pub(crate) catch_up_questions: usize,
    /// What a catch-up ends in instead of `Dejournaling`: one of [`STUCK`], or `Paused`, which no status
    /// tells.
    pub(crate) catch_up_ends: Option<String>,
    /// The words for the states in the mirror are those of another language.
    pub(crate) foreign_words: bool,
}

/// States in which a database stays.
const STUCK: &[&str] = &["Obsolete", "Orphaned", "Dejournaling Stopped"];

impl Default for Manners {
    fn default() -> Self {
        Self {
            mount_refuses: 0,
            dismount_refuses: 0,
            mirror_holds: false,
            dismount_claims: false,
            activation_fails: false,
            catch_up_fails: false,
            catch_up_questions: 2,
            catch_up_ends: None,
            foreign_words: false,
        }
    }
}

/// One database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Disk {
    /// Its name in the configuration.
    pub(crate) name: String,
    pub(crate) mounted: bool,
    pub(crate) read_only: bool,
    /// Its number in the table of mounted databases.
    pub(crate) sfn: usize,
    /// Device and number of the file that was mounted.
    pub(crate) file: Option<(u64, u64)>,
    /// Whether it is up to date with the mirror.
    pub(crate) current: bool,
    /// A catch-up that runs: so many questions until it is done.
    pub(crate) catching_up: Option<usize>,
    /// What stands in its file; where there is no file, what would.
    pub(crate) label: Label,
}

/// What a database file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Label {
    /// The mirror it is in; empty is none.
    pub(crate) mirror: String,
    /// Its name in the mirror.
    pub(crate) mirror_name: String,
    /// The member on which it was activated or added.
    pub(crate) member: String,
    pub(crate) resource: String,
    pub(crate) block_size: u64,
    pub(crate) blocks: u64,
    /// The key it is encrypted with; empty is none.
    pub(crate) encryption_key: String,
}

/// What is done with a database, as the log of a scene tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Act {
    Dismounted,
    Mounted,
    Activated,
    CatchUp,
    TakenOut,
    Added,
}

/// Name of a database's file and of the lock beside it while it is mounted.
pub(crate) const FILE: &str = "IRIS.DAT";
pub(crate) const LOCK: &str = "iris.lck";

impl Label {
    /// The bytes of a database with this label: the label block, then blocks full of `content`.
    pub(crate) fn file(&self, content: u8) -> Vec<u8> {
        let size = usize::try_from(self.block_size * self.blocks).unwrap();
        let mut bytes = self.block();
        bytes.resize(size.max(bytes.len()), content);
        bytes
    }

    fn block(&self) -> Vec<u8> {
        let mut block = serde_json::to_vec(self).unwrap();
        block.push(b'\n');
        block.resize(usize::try_from(self.block_size).unwrap().max(block.len()), b' ');
        block
    }

    /// Reads it from a folder; none where no database lies there.
    pub(crate) fn read(folder: &str) -> Option<Result<Self, String>> {
        let path = Path::new(folder).join(FILE);
        let mut file = File::open(&path).ok()?;
        let mut block = vec![0; 2048];
        let length = file.read(&mut block).ok()?;
        let line = block[..length].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let label: Result<Self, _> = serde_json::from_slice(line);
        Some(match label {
            Ok(label) if label.block_size * label.blocks == file.metadata().unwrap().len() => {
                Ok(label)
            }
            _ => Err(format!("ERROR #5001: {folder} holds no whole database")),
        })
    }

    fn write(&self, folder: &str) {
        let path = Path::new(folder).join(FILE);
        if let Ok(mut file) = OpenOptions::new().write(true).open(path) {
            file.rewind().unwrap();
            file.write_all(&self.block()).unwrap();
        }
    }
}

impl State {
    /// The database in a folder, with or without the separator at its end.
    pub(crate) fn disk(&mut self, folder: &str) -> Option<(&str, &mut Disk)> {
        let plain = |folder: &str| folder.trim_end_matches(['/', '\\']).to_owned();
        let wanted = plain(folder);
        let found = self.databases.iter_mut().find(|(of, _)| plain(of) == wanted);
        found.map(|(folder, disk)| (folder.as_str(), disk))
    }

    /// The state of a database in the mirror, in the words of `MirroredDatabaseList`; none where it is
    /// in no mirror. A catch-up goes on by being asked for.
    pub(crate) fn mirror_status(&mut self, folder: &str) -> Option<&'static str> {
        let (primary, member) = (self.primary, self.member.clone());
        let ends = self.manners.catch_up_ends.clone();
        let (_, disk) = self.disk(folder)?;
        if disk.label.mirror.is_empty() {
            return None;
        }
        let ended = || match ends.as_deref() {
            None => "Dejournaling",
            Some("Paused") => "Nobody knows",
            Some(word) => STUCK.iter().find(|known| **known == word).unwrap(),
        };
        Some(match disk.catching_up {
            _ if !disk.mounted => "Database Dismounted",
            _ if primary => "Normal",
            _ if disk.label.member != member => "Needs Activation",
            Some(0) => {
                (disk.catching_up, disk.current) = (None, true);
                ended()
            }
            Some(left) => {
                disk.catching_up = Some(left - 1);
                "Catchup Running"
            }
            None if disk.current => ended(),
            None => "Needs Catchup",
        })
    }

    /// `DismountDatabase`.
    pub(crate) fn dismount(&mut self, folder: &str) -> Result<(), String> {
        let manners = &mut self.manners;
        if manners.dismount_refuses > 0 {
            manners.dismount_refuses -= 1;
            return Err("<PROTECT>Dismount+6^SYS.Database.1".to_owned());
        }
        let claims = manners.dismount_claims;
        let holds = manners.mirror_holds && !self.primary;
        let (folder, disk) = self.disk(folder).ok_or("ERROR #5001: no such database")?;
        if holds && disk.mounted && disk.read_only && !disk.label.mirror.is_empty() {
            return Err(
                "ERROR #5002: ObjectScript error: <PROTECT>Dismount+6^SYS.Database.1".into()
            );
        }
        if !claims && disk.mounted {
            disk.mounted = false;
            (disk.current, disk.catching_up, disk.file) = (false, None, None);
            // It may have been taken away by hand; the product does not mind.
            let _ = fs::remove_file(Path::new(folder).join(LOCK));
        }
        Ok(())
    }

    /// `MountDatabase`.
    pub(crate) fn mount(
        &mut self,
        folder: &str,
        read_only: bool,
        catches_up: bool,
    ) -> Result<(), String> {
        let primary = self.primary;
        let member = self.member.clone();
        let questions = self.manners.catch_up_questions;
        if self.manners.mount_refuses > 0 {
            self.manners.mount_refuses -= 1;
            return Err("ERROR #5001: the database could not be mounted".to_owned());
        }
        let next = self.databases.values().map(|disk| disk.sfn).max().unwrap_or_default() + 1;
        let (folder, disk) = self.disk(folder).ok_or("ERROR #5001: no such database")?;
        if disk.mounted {
            return Ok(());
        }
        if Path::new(folder).is_dir() {
            let lock = Path::new(folder).join(LOCK);
            if lock.exists() {
                return Err(format!("ERROR #5001: Database {folder} is locked from OTHER"));
            }
            disk.label = Label::read(folder).ok_or("ERROR #5001: no database file")??;
            let about = fs::metadata(Path::new(folder).join(FILE)).unwrap();
            disk.file = Some((about.dev(), about.ino()));
            fs::write(lock, "stand-in\n").unwrap();
        }
        disk.mounted = true;
        disk.sfn = next;
        let followed = !disk.label.mirror.is_empty() && !primary;
        disk.read_only = read_only || followed;
        if followed && catches_up && disk.label.member == member {
            disk.catching_up = Some(questions);
        }
        Ok(())
    }

    /// `ActivateMirroredDatabase`.
    pub(crate) fn activate(&mut self, folder: &str) -> Result<(), String> {
        if self.manners.activation_fails {
            return Err("ERROR #2072: Database cannot be activated".to_owned());
        }
        let (member, mirror) = (self.member.clone(), self.mirror.clone());
        let (folder, disk) = self.disk(folder).ok_or("ERROR #5001: no such database")?;
        if !disk.mounted || disk.label.mirror.is_empty() || disk.label.mirror != mirror {
            return Err(format!("ERROR #5001: {folder} is no mounted database of this mirror"));
        }
        disk.label.member = member;
        disk.label.write(folder);
        Ok(())
    }

    /// `CatchupDB`.
    pub(crate) fn catch_up(&mut self, sfn: usize) -> Result<(), String> {
        let (fails, member) = (self.manners.catch_up_fails, self.member.clone());
        let questions = self.manners.catch_up_questions;
        let found = self.databases.values_mut().find(|disk| disk.mounted && disk.sfn == sfn);
        match found {
            Some(disk) if !fails && disk.label.member == member => {
                disk.catching_up = Some(questions);
                Ok(())
            }
            _ => Err("cannot catch up".to_owned()),
        }
    }

    /// `RemoveMirroredDatabase`.
    pub(crate) fn take_out(&mut self, folder: &str) -> Result<(), String> {
        let (folder, disk) = self.disk(folder).ok_or("ERROR #5001: no such database")?;
        if disk.label.mirror.is_empty() {
            return Err("ERROR #5001: the database is not mirrored".to_owned());
        }
        let Label { mirror, mirror_name, member, .. } = &mut disk.label;
        (*mirror, *mirror_name, *member) = (String::new(), String::new(), String::new());
        (disk.current, disk.catching_up, disk.read_only) = (false, None, false);
        disk.label.write(folder);
        Ok(())
    }

    /// `AddDatabase`.
    pub(crate) fn add(&mut self, folder: &str, name: &str) -> Result<(), String> {
        let (primary, member, own) = (self.primary, self.member.clone(), self.mirror.clone());
        let (folder, disk) = self.disk(folder).ok_or("ERROR #5001: no such database")?;
        if !primary || !disk.mounted || !disk.label.mirror.is_empty() {
            return Err("ERROR #5001: only a plain mounted database of the primary".to_owned());
        }
        disk.label.mirror = own;
        disk.label.mirror_name = if name.is_empty() { disk.name.clone() } else { name.to_owned() };
        disk.label.member = member;
        disk.label.write(folder);
        Ok(())
    }

    /// The invariant, which a program that replaces the file of a mounted database breaks.
    fn check(&self) {
        for (folder, disk) in &self.databases {
            let path = Path::new(folder).join(FILE);
            if let (true, Some(file)) = (disk.mounted, disk.file) {
                let about = fs::metadata(&path).ok().map(|of| (of.dev(), of.ino()));
                assert!(
                    about == Some(file),
                    "{folder}: the file of a mounted database was replaced"
                );
            }
        }
    }
}

/// Where the state is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disks {
    memory: State,
    /// `state.json` of a scene; none keeps it in memory.
    file: Option<PathBuf>,
}

impl Disks {
    pub(crate) fn of(state: State) -> Self {
        Self { memory: state, file: None }
    }

    pub(crate) fn in_file(file: &Path) -> Self {
        Self { memory: State::default(), file: Some(file.to_owned()) }
    }

    /// Looks at the state, changes it, and keeps it; nobody else does meanwhile.
    pub(crate) fn with<R>(&mut self, act: impl FnOnce(&mut State) -> R) -> R {
        let Some(file) = &self.file else { return act(&mut self.memory) };
        let lock = File::options().create(true).append(true).open(file.with_extension("lock"));
        let lock = lock.unwrap();
        flock(&lock, FlockOperation::LockExclusive).unwrap();
        let old = fs::read(file).unwrap();
        let mut state: State = serde_json::from_slice(&old).unwrap();
        state.check();
        let answer = act(&mut state);
        let new = serde_json::to_vec_pretty(&state).unwrap();
        if new != old {
            let draft = file.with_extension("draft");
            fs::write(&draft, new).unwrap();
            fs::rename(&draft, file).unwrap();
        }
        answer
    }

    /// Does something with a database and writes it down where a scene keeps a log.
    pub(crate) fn act(
        &mut self,
        act: Act,
        folder: &str,
        of: impl FnOnce(&mut State) -> Result<(), String>,
    ) -> Result<(), String> {
        let log = self.file.as_ref().map(|file| file.with_file_name("log.jsonl"));
        self.with(|state| {
            let before = state.clone();
            let outcome = of(state);
            if let Some(log) = log.filter(|_| *state != before || outcome.is_err()) {
                let fault = outcome.as_ref().err();
                note(
                    &log,
                    &Noted::Database { act, directory: folder.to_owned(), fault: fault.cloned() },
                );
            }
            outcome
        })
    }
}

/// One line of a scene's log, without its time and process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "camelCase")]
pub(crate) enum Noted {
    /// The program was started.
    Started { arguments: Vec<String>, environment: Vec<String>, folder: String },
    /// It read a line of a script.
    Line { number: usize, text: String },
    /// It ended with that status.
    Ended { status: i32 },
    /// Something was done with a database; with a fault it was not.
    Database { act: Act, directory: String, fault: Option<String> },
    /// A file was merged; so many actions were done.
    Merged { file: String, text: String },
}

/// A line of a scene's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Milliseconds since 1970.
    pub(crate) at: u64,
    /// The process that wrote it.
    pub(crate) process: u32,
    #[serde(flatten)]
    pub(crate) noted: Noted,
}

/// Adds a line to a log; whole, however many write at once.
pub(crate) fn note(log: &Path, noted: &Noted) {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let at = u64::try_from(since.as_millis()).unwrap();
    let entry = Entry { at, process: std::process::id(), noted: noted.clone() };
    let mut line = serde_json::to_vec(&entry).unwrap();
    line.push(b'\n');
    let mut file = OpenOptions::new().create(true).append(true).open(log).unwrap();
    file.write_all(&line).unwrap();
}

/// A fresh database: mounted, plain.
pub(crate) fn fresh(name: &str) -> Disk {
    let resource = format!("%DB_{}", name.to_uppercase());
    let label = Label { block_size: 8192, blocks: 4, resource, ..Label::default() };
    let sfn = usize::from(folded(name).bytes().map(u16::from).sum::<u16>());
    Disk { name: name.to_owned(), mounted: true, sfn, label, ..Disk::default() }
}
