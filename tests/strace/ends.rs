//! A member whose restore is stopped, and what must be there then and in the end.
//!
//! Owns [`Member`]: the folder put back to where an act begins, its command, what the folder must hold at
//! any instant ([`Member::holds`]), and both ways out: on, by the same command or `--resume`, and back by
//! `--revert`. Each must come to exactly the promised files: bytes, owner and mode, the old files still
//! the same files, one journal in the state folder and nothing else lying about. What is known of a state
//! is known from the folder and from what `--status` says, as for somebody who comes later.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use hsmirror::hssys;

use super::place::{Place, Ran, Seen, files, run, seen};

/// How many files the old and the new database have.
pub const SHAPES: [(usize, usize); 2] = [(1, 1), (2, 3)];

/// What a process that is stopped does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Apply,
    Resume,
    Revert,
}

impl Act {
    pub const ALL: [Self; 3] = [Self::Apply, Self::Resume, Self::Revert];
}

/// What a journal is made as, before it counts: a process that is killed just then leaves it, and the
/// next run begins with removing it.
const DRAFT: &str = ".hsmirror-restore.part";
const JOURNAL: &str = ".hsmirror-restore.jsonl";

type Files = BTreeMap<String, Vec<u8>>;

pub struct Member {
    pub place: Place,
    old: Files,
    new: Files,
}

/// A database of so many files, none like another.
fn database(what: &str, count: usize) -> Files {
    let bytes = |number| format!("file {number} of the {what} database\n").repeat(99).into_bytes();
    (0..count).map(|number| (hssys::file(number), bytes(number))).collect()
}

/// Gives the files of a folder names in another one; a journal is copied, for it is written to.
fn links(from: &Path, to: &Path) {
    let Ok(entries) = fs::read_dir(from) else { return };
    fs::create_dir_all(to).unwrap();
    for entry in entries.map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.file_name() == JOURNAL {
            fs::copy(entry.path(), &to).unwrap();
        } else if !to.exists() {
            fs::hard_link(entry.path(), &to).unwrap();
        }
    }
}

impl Member {
    pub fn new((old, new): (usize, usize)) -> Self {
        let place = Place::in_memory();
        let (old, new) = (database("old", old), database("new", new));
        let in_order = (0..new.len()).map(|number| &new[&hssys::file(number)][..]);
        place.seals(&in_order.collect::<Vec<_>>());
        Self { place, old, new }
    }

    /// The paths to which the calls of a restore go.
    pub fn paths(&self) -> Vec<&Path> {
        vec![&self.place.db]
    }

    /// Everything is as it is before an act. How it came to that is done once; later the same files get
    /// their names again, for a journal knows them from copies.
    pub fn prepare(&self, act: Act) {
        let image = self.place.path(&format!("{act:?}"));
        let folders = ["db", "state"].map(|name| (self.place.path(name), image.join(name)));
        for (folder, _) in &folders {
            let _ = fs::remove_dir_all(folder);
        }
        if !image.exists() {
            self.makes(act);
            folders.iter().for_each(|(folder, image)| links(folder, image));
        }
        folders.iter().for_each(|(folder, image)| links(image, folder));
    }

    fn makes(&self, act: Act) {
        fs::create_dir(&self.place.db).unwrap();
        for (name, bytes) in &self.old {
            self.place.old(&[(name, bytes)]);
        }
        match act {
            Act::Apply => {}
            // Everything came in, and nothing has a second name yet.
            Act::Resume => {
                assert!(self.place.killed_at(self.place.apply(&["--yes"]), "linkat", 2));
            }
            Act::Revert => self.place.restores(),
        }
    }

    pub fn command(&self, act: Act) -> Command {
        match act {
            Act::Apply => self.place.apply(&["--yes"]),
            Act::Resume => self.place.on(&["--resume"]),
            Act::Revert => self.place.on(&["--revert", "--yes"]),
        }
    }

    /// The files of the folder: under names of a database, under second names, and all others.
    fn held(&self) -> [Files; 3] {
        let mut held = [Files::new(), Files::new(), Files::new()];
        for (name, bytes) in files(&self.place.db) {
            let kept = name.strip_prefix(hssys::OLD);
            let at = match (hssys::number(&name), kept.and_then(hssys::number)) {
                (Some(_), _) => 0,
                (_, Some(_)) => 1,
                _ => 2,
            };
            held[at].insert(if at == 1 { kept.unwrap().to_owned() } else { name }, bytes);
        }
        held
    }

    /// What must be true at any instant.
    pub fn holds(&self) -> Result<(), String> {
        let [own, kept, _] = self.held();
        let names = || format!("{:?} and kept {:?}", own.keys(), kept.keys());
        if own.contains_key(&hssys::file(0)) {
            if own != self.old && own != self.new {
                return Err(format!("no complete database under its names: {}", names()));
            }
        } else if self.old.len().max(self.new.len()) == 1 || kept != self.old {
            return Err(format!("no complete database: {}", names()));
        }
        let whole = kept.iter().all(|(name, bytes)| self.old.get(name) == Some(bytes));
        let named = self
            .old
            .iter()
            .all(|(name, bytes)| kept.contains_key(name) || own.get(name) == Some(bytes));
        if whole && named { Ok(()) } else { Err(format!("an old file is lost: {}", names())) }
    }

    /// What `--status` says.
    fn status(&self) -> Result<Ran, String> {
        let ran = run(&mut self.place.on(&["--status"]));
        let unfinished = self.place.db.join(JOURNAL).exists();
        let wanted = if unfinished { 20 } else { 0 };
        let next = ran.stdout.contains("\nNext ");
        if ran.code != Some(wanted) || next != unfinished {
            return Err(format!("--status ends with {:?}: {}{}", ran.code, ran.stdout, ran.stderr));
        }
        Ok(ran)
    }

    fn does(&self, mut command: Command, codes: &[i32]) -> Result<Ran, String> {
        let ran = run(&mut command);
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        match ran.code.is_some_and(|code| codes.contains(&code)) {
            true => Ok(ran),
            false => Err(format!("{args:?} ends with {:?}: {}", ran.code, ran.stderr)),
        }
    }

    /// Goes on: by what `--status` names, or every second time by the same command.
    pub fn go_on(&self, act: Act, when: usize) -> Result<(), String> {
        let status = self.status()?;
        let again = status.stdout.contains("the same command again");
        let restored = self.held()[0] == self.new;
        if act == Act::Revert {
            return match status.code {
                // The journal of what ended lies in the folder again, and the way back has not begun.
                Some(20) if status.stdout.contains(", or --revert") => match when % 2 {
                    0 => self.go_back(),
                    _ => {
                        self.does(self.command(Act::Resume), &[21]).and_then(|_| self.is_new(false))
                    }
                },
                Some(20) => {
                    // Nobody who gives the first command wants the way back.
                    self.does(self.command(Act::Apply), &[20])?;
                    self.does(self.command(Act::Resume), &[21]).and_then(|_| self.is_old(false))
                }
                _ if restored => self.is_new(true).and_then(|()| self.go_back()),
                _ => self.is_old(false),
            };
        }
        match status.code {
            Some(20) if again || when.is_multiple_of(2) => {
                drop(self.does(self.command(Act::Apply), &[21])?)
            }
            Some(20) => drop(self.does(self.command(Act::Resume), &[21])?),
            _ if restored => return self.is_new(false),
            _ => {
                self.is_old(true)?;
                self.does(self.command(Act::Apply), &[21])?;
            }
        }
        self.is_new(false)?;
        self.status().map(drop)
    }

    /// Goes back.
    pub fn go_back(&self) -> Result<(), String> {
        let status = self.status()?;
        let ended = fs::read_dir(self.place.path("state")).is_ok_and(|mut names| {
            names.any(|name| name.unwrap().file_name().to_string_lossy().starts_with("restore-"))
        });
        if status.code == Some(0) && !(ended && self.held()[0] == self.new) {
            let before = seen(&self.place.db);
            self.does(self.command(Act::Revert), &[15])?;
            return match seen(&self.place.db) == before {
                true => self.is_old(true),
                false => Err("nothing to go back from, and something changed".to_owned()),
            };
        }
        self.does(self.command(Act::Revert), &[0, 21])?;
        self.is_old(false)?;
        self.status().map(drop)
    }

    /// The new database under its names, the old one under its second ones, and nothing else; where the
    /// way back had not begun the draft of a journal may be there.
    fn is_new(&self, draft: bool) -> Result<(), String> {
        let [own, kept, mut others] = self.held();
        others.retain(|name, _| !draft || name != DRAFT);
        if own != self.new || kept != self.old || !others.is_empty() {
            let names = [own.keys(), kept.keys(), others.keys()];
            return Err(format!("it is done, and the folder holds {names:?}"));
        }
        self.looks_as_before(&self.new)?;
        self.state(&["restore"])
    }

    /// The old database as it was, and nothing else; where nothing was begun the draft of a journal may
    /// be there.
    fn is_old(&self, draft: bool) -> Result<(), String> {
        let [own, kept, mut others] = self.held();
        others.retain(|name, _| !draft || name != DRAFT);
        if own != self.old || !kept.is_empty() || !others.is_empty() {
            let names = [own.keys(), kept.keys(), others.keys()];
            return Err(format!("it is back, and the folder holds {names:?}"));
        }
        self.looks_as_before(&self.old)?;
        self.state(&[])
    }

    /// Owner and mode of a database.
    fn looks_as_before(&self, database: &Files) -> Result<(), String> {
        let me = fs::metadata(self.place.path("identity")).unwrap();
        for name in database.keys() {
            let about = fs::metadata(self.place.db.join(name)).unwrap();
            let mode = about.permissions().mode() & 0o7777;
            if (mode, about.uid(), about.gid()) != (0o640, me.uid(), me.gid()) {
                return Err(format!("{name} has mode {mode:o}, owner {}", about.uid()));
            }
        }
        Ok(())
    }

    /// The state folder holds these journals, or one that says that it went back, and no other file.
    fn state(&self, wanted: &[&str]) -> Result<(), String> {
        let all: Seen = seen(&self.place.path("state"));
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let journals = all.iter().filter(|(path, _)| name(path).starts_with("restore-"));
        let forth = journals.filter(|(_, thing)| {
            !String::from_utf8_lossy(&thing.holds).contains(r#"{"begins":"revert"}"#)
        });
        let count = forth.count();
        let strange = all
            .keys()
            .map(name)
            .find(|name| !name.starts_with("restore-") && !name.starts_with(".hsmirror-"));
        if count != wanted.len() || strange.is_some() {
            return Err(format!("the state folder holds {:?}", all.keys().map(name)));
        }
        Ok(())
    }
}
