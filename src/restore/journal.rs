//! The journal of a restore.
//!
//! Owns what is written down before and after every step, one JSON object a line, in a file beside the
//! database while it runs (`.hsmirror-restore.jsonl`) and in the state folder at the end (`history`).
//! What a run finds after a crash it learns from here and from the folder itself.
//! Invariant: a line counts once its line end is there, and it is synced before the step that it
//! announces; digests, names, sizes and numbers stand in it, and nothing of what the files hold.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use crate::bundle::{Entry, Manifest};
use crate::durable::{self, Folder};
use crate::model::{Digest, Moment, Signer};

/// The name of the journal beside the database.
pub(super) const NAME: &str = ".hsmirror-restore.jsonl";
/// The name under which a journal is made before it counts.
pub(super) const DRAFT: &str = ".hsmirror-restore.part";
/// Bytes that a journal may have; one of 999 volumes has some 400 kilobytes.
pub(super) const LIMIT: u64 = 16 << 20;
/// Version of the form of a journal.
const FORMAT: u32 = 1;

/// What was decided before anything was done: the first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// Version of the form of the journal.
    format: u32,
    /// The program that wrote it.
    tool: String,
    /// Grows from restore to restore, as the state folder knows them; clocks may go back.
    pub number: u64,
    /// When the restore began.
    pub begun: Moment,
    /// The state folder that was to be used.
    pub state: String,
    /// The folder of the database.
    pub folder: String,
    /// Tells the sealed bundle from every other one: the digest of its header.
    pub header_sha256: Digest,
    /// The export that the database belongs to.
    pub export_id: String,
    /// Grows from export to export.
    pub serial: u64,
    /// When the bundle was sealed.
    pub sealed_at: Moment,
    /// The primary, by its name.
    pub primary: String,
    /// The files of the new database, in order.
    pub new: Vec<Planned>,
    /// The files of the old database, in order.
    pub old: Vec<Placed>,
    /// Owner, group and permissions that the files get.
    pub owner: Owner,
}

/// Where a restore takes place.
pub(super) struct Place {
    /// The folder of the database.
    pub(super) folder: String,
    /// The state folder.
    pub(super) state: String,
}

/// A file of the new database, before it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// A file that is there: what tells it from any other, and from itself changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Placed {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its number in the file system.
    pub inode: u64,
    /// Seconds and nanoseconds of its last write.
    pub modified: (i64, i64),
    /// Seconds and nanoseconds of its making, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<(i64, i64)>,
}

impl Placed {
    pub(super) fn of(name: &str, entry: &durable::Entry) -> Self {
        let durable::Entry { size, inode, modified, born, .. } = *entry;
        Self { name: name.to_owned(), size, inode, modified, born }
    }

    /// Whether it is this file, changed or not.
    pub(super) fn is(&self, entry: &durable::Entry) -> bool {
        let same_making = self.born.zip(entry.born).is_none_or(|(then, now)| then == now);
        entry.is_file && entry.inode == self.inode && same_making
    }

    /// Whether it is this file, and nobody wrote to it.
    pub(super) fn is_unchanged(&self, entry: &durable::Entry) -> bool {
        self.is(entry) && entry.size == self.size && entry.modified == self.modified
    }
}

/// Owner, group and permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Permissions.
    pub mode: u32,
}

/// A file that was received and verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    /// The file under its temporary name, and later under its own.
    #[serde(flatten)]
    pub file: Placed,
    /// Its digest.
    pub sha256: Digest,
}

/// The steps of a restore, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The new files come in, under temporary names.
    Receive,
    /// The old files get their second names.
    Keep,
    /// Of a set of volumes: the old files leave their first names.
    Clear,
    /// The new files get their names.
    Place,
    /// The journal moves to the state folder.
    Finish,
    /// The old files come back.
    Revert,
}

impl Step {
    /// What it does, after "while ..."
    pub const fn doing(self) -> &'static str {
        match self {
            Step::Receive => "receiving the new database",
            Step::Keep => "giving the old database its second name",
            Step::Clear => "taking the old volumes out of the way",
            Step::Place => "putting the new database into its place",
            Step::Finish => "writing down that it was done",
            Step::Revert => "putting the old database back",
        }
    }
}

/// A line after the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    /// A step begins.
    Begins(Step),
    /// All new files are there and verified: digests, and who answers for them.
    Received(Vec<Received>, Signer),
    /// A step is done.
    Done(Step),
}

/// A journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// What was decided.
    pub intent: Intent,
    /// The new files, once all are verified.
    pub received: Vec<Received>,
    /// Who answers for them.
    pub signer: Signer,
    /// The last step that began.
    pub begun: Option<Step>,
    /// The last step that was done.
    pub done: Option<Step>,
    text: Vec<u8>,
}

impl Intent {
    /// What was decided for the bundle with this manifest and this header.
    pub(super) fn new(
        manifest: &Manifest,
        header_sha256: Digest,
        place: Place,
        (number, begun): (u64, Moment),
        old: Vec<Placed>,
        owner: Owner,
    ) -> Self {
        let Place { folder, state } = place;
        let primary = manifest.member.as_ref().and_then(|who| who.name()).unwrap_or_default();
        let planned = |entry: &Entry| Planned {
            name: entry.name.clone(),
            size: entry.size.unwrap_or_default(),
        };
        Self {
            format: FORMAT,
            tool: format!("hsmirror {}", env!("CARGO_PKG_VERSION")),
            number,
            begun,
            state,
            folder,
            header_sha256,
            export_id: manifest.export_id.clone(),
            serial: manifest.serial,
            sealed_at: manifest.sealed_at,
            primary: primary.to_owned(),
            new: manifest.content().map(planned).collect(),
            old,
            owner,
        }
    }

    /// Whether the old or the new database has volumes.
    pub(super) fn has_volumes(&self) -> bool {
        self.new.len() > 1 || self.old.len() > 1
    }
}

/// A line of a journal.
fn text_of(line: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

impl Journal {
    /// Begins a journal; it is there as a whole, or not.
    pub(super) fn begin(folder: &Folder, intent: Intent) -> io::Result<Self> {
        let text = text_of(&intent)?;
        let (received, signer) = Default::default();
        let journal = Self { intent, received, signer, begun: None, done: None, text };
        journal.write_whole(folder)?;
        Ok(journal)
    }

    /// Writes all of it beside the database: it is there as a whole, or as it was.
    fn write_whole(&self, folder: &Folder) -> io::Result<()> {
        folder.remove(DRAFT)?;
        let mut file = folder.create(DRAFT)?;
        let made = file.write_all(&self.text).and_then(|()| file.sync());
        made.and_then(|()| folder.rename(DRAFT, NAME)).inspect_err(|_| {
            let _ = folder.remove(DRAFT);
        })?;
        folder.sync()
    }

    /// Reads the journal of a folder.
    pub(super) fn of(folder: &Folder) -> io::Result<Self> {
        let text = folder.read(NAME, LIMIT)?;
        Self::read(text).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "it is no journal that this version knows")
        })
    }

    /// Reads a journal. A last line without its end was being written when the program stopped, and
    /// what it announces had not begun.
    pub(super) fn read(mut text: Vec<u8>) -> Option<Self> {
        let whole = text.iter().rposition(|byte| *byte == b'\n')? + 1;
        text.truncate(whole);
        let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let intent: Intent = serde_json::from_slice(lines.next()?).ok()?;
        if intent.format != FORMAT {
            return None;
        }
        let lines: Option<Vec<Line>> =
            lines.map(|line| serde_json::from_slice(line).ok()).collect();
        let lines = lines?;
        let (received, signer) = Default::default();
        let mut journal = Self { intent, received, signer, begun: None, done: None, text };
        lines.into_iter().for_each(|line| journal.take(line));
        Some(journal)
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Begins(step) => self.begun = Some(step),
            Line::Received(files, signer) => {
                self.received = files;
                self.signer = signer;
                self.done = Some(Step::Receive);
            }
            Line::Done(step) => self.done = Some(step),
        }
    }

    fn write(&mut self, folder: &Folder, line: Line) -> io::Result<()> {
        let there = folder.look(NAME)?.map_or(0, |entry| entry.size);
        if there != self.text.len() as u64 {
            // What a crash left of a line would spoil this one.
            return self.write_anew(folder, line);
        }
        let bytes = text_of(&line)?;
        let mut file = folder.append(NAME)?;
        file.write_all(&bytes)?;
        file.sync()?;
        self.text.extend_from_slice(&bytes);
        self.take(line);
        Ok(())
    }

    /// The whole journal at once, with that line or as it was.
    fn write_anew(&mut self, folder: &Folder, line: Line) -> io::Result<()> {
        self.text.extend(text_of(&line)?);
        self.write_whole(folder)?;
        self.take(line);
        Ok(())
    }

    /// Writes down that the way back begins: the whole journal at once, with that line or without it.
    pub(super) fn begins_way_back(&mut self, folder: &Folder) -> io::Result<()> {
        self.write_anew(folder, Line::Begins(Step::Revert))
    }

    /// Writes down that a step begins.
    pub(super) fn begins(&mut self, folder: &Folder, step: Step) -> io::Result<()> {
        self.write(folder, Line::Begins(step))
    }

    /// Writes down that the new files are there.
    pub(super) fn received(
        &mut self,
        folder: &Folder,
        files: Vec<Received>,
        signer: Signer,
    ) -> io::Result<()> {
        self.write(folder, Line::Received(files, signer))
    }

    /// Writes down that a step is done.
    pub(super) fn done(&mut self, folder: &Folder, step: Step) -> io::Result<()> {
        self.write(folder, Line::Done(step))
    }

    /// What came in is not there any more.
    pub(super) fn nothing_came_in(&mut self) {
        self.received.clear();
        self.done = None;
    }

    /// Whether a step is behind it.
    pub(super) fn is_past(&self, step: Step) -> bool {
        self.done >= Some(step)
    }

    /// Whether the old database is being put back, or is back.
    pub fn is_reverting(&self) -> bool {
        self.begun == Some(Step::Revert)
    }

    /// The whole of it.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }
}
