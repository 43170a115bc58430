//! Who looks at every operation, and makes one fail.
//!
//! Owns [`Fault`], what happens at one operation of a run, and [`Observer`], which counts the operations,
//! lets one fail and tells somebody what was done, as soon as it was: the watch hears of an operation
//! before it happens, so the one before is done by then. A killed process does nothing any more, not
//! even clean up: every later operation fails too, and what was opened is dropped.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

use hsmirror::durable::{Operation, Watch};

/// What the system answers.
pub const EIO: i32 = 5;
pub const EACCES: i32 = 13;
pub const ENOSPC: i32 = 28;

/// What happens at an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It fails with this error, and everything after it works.
    Error(i32),
    /// The process is gone before it.
    Kill,
    /// The process is gone after it, and it was a write of which only a part arrived: this many eighths.
    Torn(u64),
}

/// An operation that was announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub kind: &'static str,
    pub name: String,
    /// The other name, where there is one.
    pub to: String,
}

/// Every kind of operation.
pub const KINDS: [&str; 14] = [
    "List", "Look", "Read", "Create", "Append", "Reserve", "Write", "Own", "Mode", "SyncFile",
    "Link", "Rename", "Remove", "Sync",
];

impl Seen {
    fn of(operation: Operation<'_>) -> Self {
        let (kind, name, to) = match operation {
            Operation::List => ("List", "", ""),
            Operation::Look(name) => ("Look", name, ""),
            Operation::Read(name) => ("Read", name, ""),
            Operation::Create(name) => ("Create", name, ""),
            Operation::Append(name) => ("Append", name, ""),
            Operation::Reserve(name) => ("Reserve", name, ""),
            Operation::Write(name) => ("Write", name, ""),
            Operation::Own(name) => ("Own", name, ""),
            Operation::Mode(name) => ("Mode", name, ""),
            Operation::SyncFile(name) => ("SyncFile", name, ""),
            Operation::Link(name, to) => ("Link", name, to),
            Operation::Rename(name, to) => ("Rename", name, to),
            Operation::Remove(name) => ("Remove", name, ""),
            Operation::Sync => ("Sync", "", ""),
        };
        Self { kind, name: name.to_owned(), to: to.to_owned() }
    }

    /// Whether it changes nothing that can be seen.
    pub fn only_looks(&self) -> bool {
        matches!(self.kind, "List" | "Look" | "Read" | "Append" | "SyncFile" | "Sync")
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.kind, self.name, self.to)
    }
}

/// Is told what was done.
pub type After = Box<dyn FnMut(&Seen) + Send>;

struct Inner {
    fault: Option<(usize, Fault)>,
    log: Vec<Seen>,
    done: bool,
    after: After,
}

impl Inner {
    /// The last operation was not made to fail, and it is over.
    fn settle(&mut self) {
        if std::mem::take(&mut self.done)
            && let Some(last) = self.log.last()
        {
            (self.after)(last);
        }
    }

    fn announced(&mut self, operation: Operation<'_>) -> io::Result<()> {
        self.settle();
        let at = self.log.len();
        self.log.push(Seen::of(operation));
        let gone = || Err(io::Error::other("the process is gone"));
        match self.fault {
            Some((when, Fault::Error(code))) if at == when => {
                return Err(io::Error::from_raw_os_error(code));
            }
            Some((when, Fault::Kill)) if at >= when => return gone(),
            Some((when, Fault::Torn(_))) if at > when => return gone(),
            _ => {}
        }
        self.done = true;
        Ok(())
    }
}

/// Sees one run.
#[derive(Clone)]
pub struct Observer(Arc<Mutex<Inner>>);

impl Observer {
    pub fn new(fault: Option<(usize, Fault)>, after: After) -> Self {
        Self(Arc::new(Mutex::new(Inner { fault, log: Vec::new(), done: false, after })))
    }

    pub fn watch(&self) -> Watch {
        let inner = Arc::clone(&self.0);
        Watch::new(move |operation| inner.lock().unwrap().announced(operation))
    }

    /// What was announced, once the run is over.
    pub fn end(self) -> Vec<Seen> {
        let mut inner = self.0.lock().unwrap();
        inner.settle();
        std::mem::take(&mut inner.log)
    }
}
