//! What a power failure leaves.
//!
//! Owns the model of a disk that keeps no more than it must. Names: those of the last sync of their folder,
//! and of the operations since then any beginning or, while they are few, any choice that can be (a file
//! is renamed only where it has the name). Files: what they were at their last sync, or, where they were
//! written to since, nothing of it, half of it or all of it; one that was never synced may also have the
//! owner and mode that it was made with. That a file is synced says nothing of its name.
//! The model listens to runs (`Recorder`), across kills, for what a killed process did is in memory still;
//! the images it gives are put on the disk by linking the very files again (`disk`), so the inodes that a
//! journal names are right.
//! Not in it: the making of the state folder itself, which no watch sees; blocks that a file gets out of
//! order; a disk that loses what it said it synced.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::disk::{Content, DATABASE, Disk, Image, Names, STATE};
use super::ends::Stands;
use super::place::{Act, Place};
use super::watch::{After, Fault, Seen};

/// Operations up to which every choice of them is tried: two to this power of images.
const FEW: usize = 5;
/// Made and removed at once to see whether that can be done; whether it is left means nothing.
const PROBE: &str = ".hsmirror-probe.part";

/// A change of a name that may be lost.
#[derive(Clone, Debug)]
enum Change {
    Add(String, u64),
    Move(String, String, u64),
    Remove(String),
}

impl Change {
    /// Does it, where it can be done.
    fn apply(&self, names: &mut Names) -> bool {
        match self {
            Change::Add(name, inode) => names.insert(name.clone(), *inode).is_none(),
            Change::Move(from, to, inode) => {
                let there = names.get(from) == Some(inode);
                if there {
                    names.remove(from);
                    names.insert(to.clone(), *inode);
                }
                there
            }
            Change::Remove(name) => names.remove(name).is_some(),
        }
    }
}

struct Model {
    disk: Disk,
    /// Names that are on the disk.
    sure: [Names; 2],
    pending: [Vec<Change>; 2],
    /// Every file that has or had a name, as far as it is on the disk.
    files: BTreeMap<u64, Arc<Content>>,
    /// Those that were written to since: as they were synced last, or made.
    unsynced: BTreeMap<u64, Arc<Content>>,
    /// Whether the operation before this one put a journal into the state folder, for the sync after it
    /// is that folder's.
    kept: bool,
    seen: BTreeSet<u64>,
    images: Vec<(String, Image)>,
}

/// Listens to runs, and gives the images that a power failure leaves.
#[derive(Clone)]
pub struct Recorder(Arc<Mutex<Model>>);

impl Recorder {
    /// Begins where everything is on the disk.
    pub fn new(place: &Place, from: &Image) -> Self {
        let model = Model {
            disk: place.disk.clone(),
            sure: from.names.clone(),
            pending: [Vec::new(), Vec::new()],
            files: from.files.clone(),
            unsynced: BTreeMap::new(),
            kept: false,
            seen: BTreeSet::new(),
            images: Vec::new(),
        };
        Self(Arc::new(Mutex::new(model)))
    }

    pub fn listen(&self) -> After {
        let model = Arc::clone(&self.0);
        Box::new(move |seen| model.lock().unwrap().hears(seen))
    }

    /// The images so far, each with the operation after which it can be.
    pub fn images(self) -> Vec<(String, Image)> {
        std::mem::take(&mut self.0.lock().unwrap().images)
    }
}

fn folder_of(name: &str) -> usize {
    let state = name.starts_with("restore-") || name.starts_with(".hsmirror-restore-");
    if state { STATE } else { DATABASE }
}

impl Model {
    fn hears(&mut self, seen: &Seen) {
        if seen.name == PROBE {
            return;
        }
        let folder = folder_of(&seen.name);
        let kept = std::mem::replace(&mut self.kept, seen.kind == "Rename" && folder == STATE);
        match seen.kind {
            "List" | "Look" | "Read" | "Append" => return,
            "Create" => {
                let inode = self.disk.keep(folder, &seen.name);
                let sure = Arc::new(self.disk.content(inode));
                self.files.insert(inode, Arc::clone(&sure));
                self.unsynced.insert(inode, sure);
                self.pending[folder].push(Change::Add(seen.name.clone(), inode));
            }
            "Link" => {
                let inode = self.disk.keep(folder, &seen.to);
                self.pending[folder].push(Change::Add(seen.to.clone(), inode));
            }
            "Rename" => {
                let inode = self.disk.keep(folder, &seen.to);
                self.pending[folder].push(Change::Move(seen.name.clone(), seen.to.clone(), inode));
            }
            "Remove" => self.pending[folder].push(Change::Remove(seen.name.clone())),
            "Reserve" | "Write" | "Own" | "Mode" => {
                let inode = self.disk.keep(folder, &seen.name);
                let sure = Arc::clone(&self.files[&inode]);
                self.unsynced.entry(inode).or_insert(sure);
            }
            "SyncFile" => {
                let inode = self.disk.keep(folder, &seen.name);
                self.files.insert(inode, Arc::new(self.disk.content(inode)));
                self.unsynced.remove(&inode);
            }
            "Sync" => {
                let folder = if kept { STATE } else { DATABASE };
                for change in self.pending[folder].drain(..) {
                    change.apply(&mut self.sure[folder]);
                }
                self.agrees(folder);
            }
            other => panic!("{other} is unknown"),
        }
        self.fail(&seen.to_string());
    }

    /// What the model says is on the disk is what the folder holds just after a sync.
    fn agrees(&self, folder: usize) {
        let there = self.disk.names(folder).into_iter().filter(|name| name != PROBE);
        let there: BTreeSet<String> = there.collect();
        assert!(there.iter().eq(self.sure[folder].keys()), "{there:?}, {:?}", self.sure[folder]);
    }

    /// The power fails now.
    fn fail(&mut self, after: &str) {
        let disks: Vec<_> = [0, 1, 2].map(|arrived| self.files_when(arrived)).into();
        let [database, state] =
            [DATABASE, STATE].map(|at| choices(&self.sure[at], &self.pending[at]));
        // Both folders at once would be every choice of one with every choice of the other.
        let (all_database, all_state) = (&database.all, &state.all);
        let mut names: Vec<(bool, [&Names; 2])> = Vec::new();
        for (names_of, in_order) in &database.tried {
            names.push((*in_order, [names_of, &self.sure[STATE]]));
            names.push((*in_order, [names_of, all_state]));
        }
        for (names_of, in_order) in &state.tried {
            names.push((*in_order, [all_database, names_of]));
        }
        for (in_order, names) in names {
            for files in &disks {
                let inodes = names.iter().flat_map(|names| names.values());
                let files = inodes.map(|inode| (*inode, Arc::clone(&files[inode])));
                let image = Image { files: files.collect(), names: names.map(Names::clone) };
                if self.seen.insert(image.rough_key()) {
                    let how = if in_order { "in order" } else { "in any order" };
                    self.images.push((format!("{after} ({how})"), image));
                }
            }
        }
    }

    /// The files, where nothing, half or all arrived of what was written to each since it was synced.
    fn files_when(&self, arrived: u64) -> BTreeMap<u64, Arc<Content>> {
        let mut files = self.files.clone();
        for (inode, sure) in &self.unsynced {
            let mut content = self.disk.content(*inode);
            let length = sure.bytes.len().min(content.bytes.len());
            match arrived {
                0 => content = Content::clone(sure),
                1 => content.bytes.truncate(length + (content.bytes.len() - length) / 2),
                _ => {}
            }
            files.insert(*inode, Arc::new(content));
        }
        files
    }
}

/// The names that may be on the disk, each with whether the changes that are were the first ones; and
/// the names where all are.
struct Choices {
    tried: BTreeMap<Names, bool>,
    all: Names,
}

fn choices(sure: &Names, pending: &[Change]) -> Choices {
    let mut all = sure.clone();
    let mut in_order = vec![sure.clone()];
    for change in pending {
        change.apply(&mut all);
        in_order.push(all.clone());
    }
    let mut tried = BTreeMap::new();
    for chosen in 0..1_u32 << if pending.len() > FEW { 0 } else { pending.len() } {
        let mut names = sure.clone();
        let mut changes = pending.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0);
        if changes.all(|(_, change)| change.apply(&mut names)) {
            tried.insert(names, false);
        }
    }
    tried.extend(in_order.into_iter().map(|names| (names, true)));
    Choices { tried, all }
}

/// How a story goes on after its faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Nothing,
    GoOn,
    GoBack,
}

/// The images that the power leaves when it fails at any instant of a story: runs with a fault each, and
/// what somebody does after them.
pub fn images(
    place: &Place,
    from: &Image,
    faults: &[(Act, usize, Fault)],
    then: Then,
) -> Result<Vec<(String, Image)>, String> {
    place.disk.put(from);
    let recorder = Recorder::new(place, from);
    for (act, at, fault) in faults {
        place.run_and(*act, Some((*at, *fault)), recorder.listen());
    }
    let act = match (then, place.stands()?) {
        (Then::GoBack, Stands::Nothing) | (Then::Nothing, _) => None,
        (Then::GoBack, _) => Some(Act::Revert),
        (Then::GoOn, Stands::Done) => None,
        (Then::GoOn, Stands::Again | Stands::Nothing) => Some(Act::Apply),
        (Then::GoOn, Stands::Forth | Stands::Back) => Some(Act::Resume),
    };
    if let Some(act) = act {
        let ran = place.run_and(act, None, recorder.listen());
        ran.well().map_err(|wrong| format!("{act:?}: {wrong}"))?;
    }
    Ok(recorder.images())
}
