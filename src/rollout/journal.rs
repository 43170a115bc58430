//! The journal of a rollout.
//!
//! Owns what is written down before and after every act, one JSON object a line, in the folder of the
//! rollout. What a run finds after a crash it learns from here and from the instance itself.
//! Invariant: a line counts once its line end is there, and it is synced before the act that it
//! announces; the names of steps and the product's words about what failed stand in it, and no value.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::act::Act;
use crate::durable::Folder;
use crate::model::{Digest, Moment, Section};

/// The name of the journal in the folder of a rollout.
pub(super) const NAME: &str = "journal.jsonl";
/// Bytes that a journal may have.
const LIMIT: u64 = 64 << 20;
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
    /// Grows from rollout to rollout of an instance; clocks may go back.
    pub number: u64,
    /// When the rollout began.
    pub begun: Moment,
    /// Name of the instance.
    pub instance: String,
    /// Name of the member in its mirror, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_name: Option<String>,
    /// The primary's operand as it was given, for the comparison at the end.
    pub primary: String,
    /// What is rolled out.
    pub work: Work,
}

/// What is rolled out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// A plan: the digest of `plan.json`, which lies beside the journal.
    Plan(Digest),
    /// The HSSYS database.
    Database(Database),
}

/// The database that is restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Database {
    /// Its folder, as the instance says it.
    pub directory: String,
    /// Tells the sealed bundle from every other one: the digest of its header.
    pub header_sha256: Digest,
}

/// What is decided before anything is done.
#[derive(Clone, Debug)]
pub struct Decision {
    /// When it was.
    pub begun: Moment,
    /// Name of the member in its mirror, where it is known.
    pub system_name: Option<String>,
    /// The primary's operand as it was given.
    pub primary: String,
    /// What is rolled out.
    pub work: Work,
}

/// What the instance was found to be after an act, as far as it is not as wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Steps that are not as they should be, and what was said of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Missed>,
    /// Sections that could not be gathered as a whole, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_gathered: Vec<(Section, String)>,
}

/// A step that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// Its name.
    pub step: String,
    /// What the product, or a look at it, says.
    pub words: String,
}

/// How a rollout ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It was done.
    Done,
    /// It was taken back.
    Reverted,
    /// It was given up before it changed anything.
    Nothing,
}

/// A line after the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    /// An act begins.
    Begins(Act),
    /// What was found after it.
    Found(Found),
    /// An act is done.
    Done(Act),
    /// It stopped, and why.
    Stopped(String),
    /// It ended.
    Ended(End),
}

/// A journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// What was decided.
    pub intent: Intent,
    /// The last act that began.
    pub begun: Option<Act>,
    begins: BTreeSet<Act>,
    done: BTreeSet<Act>,
    /// What was found last.
    pub found: Found,
    /// Why it stopped, where that was written down.
    pub stopped: Option<String>,
    /// How it ended, if it did.
    pub ended: Option<End>,
    text: Vec<u8>,
}

/// A line of a journal.
fn text_of(line: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    Ok(text)
}

impl Journal {
    fn of(intent: Intent, text: Vec<u8>) -> Self {
        let (begins, done, found) = Default::default();
        Self { intent, begun: None, begins, done, found, stopped: None, ended: None, text }
    }

    /// Begins a journal; it is there as a whole, or not.
    pub(super) fn begin(
        folder: &Folder,
        number: u64,
        instance: &str,
        decision: Decision,
    ) -> io::Result<Self> {
        let Decision { begun, system_name, primary, work } = decision;
        let tool = format!("hsmirror {}", env!("CARGO_PKG_VERSION"));
        let instance = instance.to_owned();
        let format = FORMAT;
        let intent = Intent { format, tool, number, begun, instance, system_name, primary, work };
        let text = text_of(&intent)?;
        folder.put(NAME, &text)?;
        Ok(Self::of(intent, text))
    }

    /// Reads the journal of a folder; none where the folder has none, since it was never begun.
    pub(super) fn read(folder: &Folder) -> io::Result<Option<Self>> {
        if folder.look(NAME)?.is_none() {
            return Ok(None);
        }
        let journal = Self::parse(folder.read(NAME, LIMIT)?);
        let unknown = "it is no journal that this version knows";
        journal.map(Some).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, unknown))
    }

    /// Takes a journal apart. A last line without its end was being written when the program stopped, and
    /// what it announces had not begun.
    fn parse(mut text: Vec<u8>) -> Option<Self> {
        let whole = text.iter().rposition(|byte| *byte == b'\n')? + 1;
        text.truncate(whole);
        let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let intent: Intent = serde_json::from_slice(lines.next()?).ok()?;
        let lines: Option<Vec<Line>> =
            lines.map(|line| serde_json::from_slice(line).ok()).collect();
        let lines = lines.filter(|_| intent.format == FORMAT)?;
        let mut journal = Self::of(intent, text);
        lines.into_iter().for_each(|line| journal.take(line));
        Some(journal)
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Begins(act) => {
                self.begun = Some(act);
                self.begins.insert(act);
                self.done.remove(&act);
                self.stopped = None;
                // An ended rollout that is taken back has not ended any more.
                self.ended = None;
            }
            Line::Found(found) => self.found = found,
            Line::Done(act) => {
                self.done.insert(act);
            }
            Line::Stopped(why) => self.stopped = Some(why),
            Line::Ended(end) => {
                self.ended = Some(end);
                self.stopped = None;
            }
        }
    }

    fn write(&mut self, folder: &Folder, line: Line) -> io::Result<()> {
        let bytes = text_of(&line)?;
        let there = folder.look(NAME)?.map_or(0, |entry| entry.size);
        if there == self.text.len() as u64 {
            let mut file = folder.append(NAME)?;
            file.write_all(&bytes)?;
            file.sync()?;
        } else {
            // What a crash left of a line would spoil this one.
            let whole = [self.text.as_slice(), bytes.as_slice()].concat();
            folder.put(NAME, &whole)?;
        }
        self.text.extend_from_slice(&bytes);
        self.take(line);
        Ok(())
    }

    pub(super) fn begins(&mut self, folder: &Folder, act: Act) -> io::Result<()> {
        self.write(folder, Line::Begins(act))
    }

    pub(super) fn found(&mut self, folder: &Folder, found: Found) -> io::Result<()> {
        if found == self.found {
            return Ok(());
        }
        self.write(folder, Line::Found(found))
    }

    pub(super) fn done(&mut self, folder: &Folder, act: Act) -> io::Result<()> {
        self.write(folder, Line::Done(act))
    }

    pub(super) fn stopped(&mut self, folder: &Folder, why: &str) -> io::Result<()> {
        self.write(folder, Line::Stopped(why.to_owned()))
    }

    pub(super) fn ended(&mut self, folder: &Folder, end: End) -> io::Result<()> {
        self.write(folder, Line::Ended(end))
    }

    /// Whether an act began, whatever became of it.
    pub fn has_begun(&self, act: Act) -> bool {
        self.begins.contains(&act)
    }

    /// Whether an act is done.
    pub fn is_done(&self, act: Act) -> bool {
        self.done.contains(&act)
    }

    /// Whether it is being taken back, or was.
    pub fn is_reverting(&self) -> bool {
        self.begins.iter().any(|act| act.is_back())
    }
}
