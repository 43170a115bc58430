//! A member with an old database, a bundle with a new one, and what people do there.
//!
//! Owns [`Place`]: the folders, the bundle, and the three commands, which call the library as
//! `src/cli/apply.rs` does; the bytes of the bundle come in two pieces a file, so that a run can stop
//! within one. Every run is looked at after each operation that changes anything (`truth`).
//! It lies in memory where the machine has a file system there: syncing costs nothing then, and what a
//! power failure loses is worked out (`power`), not waited for.

use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};

use hsmirror::bundle::{
    DatabaseCopy, Kind as BundleKind, Manifest, Part, Payload, Seal, Sealed, Trust, seal_database,
};
use hsmirror::error::{Error, Kind};
use hsmirror::hssys;
use hsmirror::key::{self, Ask, Identities, Passphrase, Recipient};
use hsmirror::model::{Configuration, Digest, Moment};
use hsmirror::restore::{Circumstances, Receiving, Restore, Terms};
use tempfile::TempDir;

use super::disk::{DATABASE, Disk, Image, STATE};
use super::truth::Truth;
use super::watch::{After, Fault, Observer, Seen};

/// What the file of the old database has beside its bytes; the other owner needs root.
pub const MODE: u32 = 0o640;
const OWNER: (u32, u32) = (4711, 4712);

/// How many files the old and the new database have.
pub const SHAPES: [(usize, usize); 4] = [(1, 1), (1, 3), (3, 1), (3, 2)];

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Apply,
    Resume,
    Revert,
}

/// A run that is over.
pub struct Ran {
    pub ended: Result<(), Error>,
    pub log: Vec<Seen>,
    /// What was not as it must be, and after which operation.
    pub wrong: Vec<String>,
}

impl Ran {
    /// What was done, where all of it went well.
    pub fn well(self) -> Result<Vec<Seen>, String> {
        match (self.ended, self.wrong.into_iter().next()) {
            (_, Some(wrong)) => Err(wrong),
            (Err(error), None) => Err(format!("{:?}: {error}", error.kind)),
            (Ok(()), None) => Ok(self.log),
        }
    }
}

pub struct Place {
    _root: TempDir,
    sealed: Arc<[u8]>,
    identities: Identities,
    primary: Configuration,
    member: Configuration,
    pub disk: Disk,
    pub truth: Truth,
    /// Before anything was done.
    pub home: Image,
}

/// Nobody to ask.
struct Nobody;

impl Ask for Nobody {
    fn passphrase(&mut self, what: &str) -> Result<Passphrase, Error> {
        Err(Error::new(Kind::Usage, format!("{what} wants a passphrase."), "There is none."))
    }
    fn new_passphrase(&mut self, what: &str) -> Result<Passphrase, Error> {
        self.passphrase(what)
    }
}

/// Hands the bytes on in two pieces.
struct InPieces<'a>(Receiving<'a>);

impl Payload for InPieces<'_> {
    fn begin(&mut self, manifest: &Manifest) -> Result<(), Error> {
        self.0.begin(manifest)
    }
    fn file(&mut self, number: usize, size: u64) -> Result<(), Error> {
        self.0.file(number, size)
    }
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let (first, second) = bytes.split_at(bytes.len() / 3);
        self.0.bytes(first).and_then(|()| self.0.bytes(second))
    }
}

fn now() -> Moment {
    Moment::new(1_800_000_000).unwrap()
}

/// Files that are like no other: none is the beginning of another one.
fn files(count: usize, seed: u8) -> Vec<Vec<u8>> {
    let file = |number: usize| {
        let size = 1500 + 700 * number + usize::from(seed);
        (0..size).map(|at| (at * 7 + number * 31) as u8 ^ seed).collect()
    };
    (0..count).map(file).collect()
}

impl Place {
    pub fn new((old, new): (usize, usize)) -> Self {
        let memory = Path::new("/dev/shm");
        let root = match memory.is_dir() {
            true => TempDir::new_in(memory).unwrap(),
            false => TempDir::new_in(fs::canonicalize(std::env::temp_dir()).unwrap()).unwrap(),
        };
        let disk = Disk::new(root.path());
        let truth = Truth::new(disk.clone(), files(old, 0x11), files(new, 0xa7));
        for (number, bytes) in truth.old.iter().enumerate() {
            let path = disk.folders[DATABASE].join(hssys::file(number));
            fs::write(&path, bytes).unwrap();
            if rustix::process::geteuid().is_root() {
                std::os::unix::fs::chown(&path, Some(OWNER.0), Some(OWNER.1)).unwrap();
            }
            let mode = std::os::unix::fs::PermissionsExt::from_mode(MODE);
            fs::set_permissions(&path, mode).unwrap();
        }

        let (text, recipient) = key::generate();
        let identity = root.path().join("identity");
        fs::write(&identity, text.as_bytes()).unwrap();
        let identities = Identities::read(&[identity], &mut Nobody).unwrap();
        let recipients = [Recipient::parse(&recipient, "here").unwrap()];
        let mut manifest = Manifest::new(BundleKind::Hssys, [7; 16], 42, now());
        manifest.holds_secrets = true;
        manifest.hssys = Some(DatabaseCopy {
            copied_at: Some(now()),
            mirrored: Some(true),
            configuration_sha256: Digest::from([9; 32]),
        });
        let mut readers: Vec<Cursor<&[u8]>> =
            truth.new.iter().map(|bytes| Cursor::new(bytes.as_slice())).collect();
        let mut parts: Vec<Part<'_>> = readers
            .iter_mut()
            .map(|from| Part { size: from.get_ref().len() as u64, from })
            .collect();
        let seal = Seal { recipients: &recipients, signing: None, armor: false };
        let mut sealed = Vec::new();
        seal_database(manifest, &mut parts, seal, &mut sealed, &mut |_| {}, || Ok(())).unwrap();

        let folder = disk.folders[DATABASE].to_str().unwrap();
        let database = serde_json::json!({ "name": "HSSYS", "directory": folder });
        let mut member = Configuration::default();
        member.databases.objects.push(serde_json::from_value(database).unwrap());
        let home = disk.take();
        let primary = Configuration::default();
        let sealed = sealed.into();
        Self { _root: root, sealed, identities, primary, member, disk, truth, home }
    }

    /// Does something, and looks at the folder all the while.
    pub fn run(&self, act: Act, fault: Option<(usize, Fault)>) -> Ran {
        self.run_and(act, fault, Box::new(|_| {}))
    }

    /// The same, and somebody else is told of every operation, too.
    pub fn run_and(&self, act: Act, fault: Option<(usize, Fault)>, mut also: After) -> Ran {
        let wrong = Arc::new(Mutex::new(Vec::new()));
        let (truth, found) = (self.truth.clone(), Arc::clone(&wrong));
        let after = move |seen: &Seen| {
            if !seen.only_looks()
                && let Err(what) = truth.holds()
            {
                found.lock().unwrap().push(format!("after {seen}: {what}"));
            }
            also(seen);
        };
        let observer = Observer::new(fault, Box::new(after));
        let ended = self.act(act, &observer);
        let log = observer.end();
        if let Some((at, Fault::Torn(eighths))) = fault
            && let Some(seen) = log.get(at)
        {
            self.tear(&seen.name, eighths);
        }
        let wrong = std::mem::take(&mut *wrong.lock().unwrap());
        Ran { ended, log, wrong }
    }

    /// Takes away what did not arrive of the last write to a file: of a journal, of its last line; of
    /// another file, of the whole.
    fn tear(&self, name: &str, eighths: u64) {
        let paths = [DATABASE, STATE].map(|folder| self.disk.folders[folder].join(name));
        let path = paths.iter().find(|path| path.exists()).unwrap();
        let bytes = fs::read(path).unwrap();
        let line = bytes.strip_suffix(b"\n").unwrap_or_default();
        let from = line.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1) as u64;
        let left = from + (bytes.len() as u64 - from) * eighths / 8;
        // Seven eighths of a line stand for all of it but its end.
        let left = if eighths == 7 { bytes.len() as u64 - 1 } else { left };
        File::options().write(true).open(path).unwrap().set_len(left).unwrap();
    }

    fn act(&self, act: Act, observer: &Observer) -> Result<(), Error> {
        let [folder, state] = &self.disk.folders;
        let mut restore = Restore::open(folder, state, Some(observer.watch()))?;
        match act {
            Act::Apply => self.apply(&mut restore),
            Act::Resume => restore.resume(&mut |_| {}),
            Act::Revert => restore.revertible().and_then(|_| restore.revert()).map(drop),
        }
    }

    fn apply(&self, restore: &mut Restore) -> Result<(), Error> {
        let trust = Trust { allowed: None, accept_unsigned: false, now: now() };
        let name = Path::new("bundle");
        let sealed = Sealed::read(name, Box::new(Cursor::new(Arc::clone(&self.sealed))))?;
        let header_sha256 = sealed.header.sha256;
        restore.is_of(header_sha256)?;
        let unlocked = sealed.unlock(&self.identities, &mut Nobody)?;
        if let Some(journal) = restore.unfinished().filter(|journal| !journal.received.is_empty()) {
            if journal.is_reverting() {
                let message = "The old database is being put back here, which was interrupted.";
                return Err(Error::new(Kind::Unfinished, message, "End that first."));
            }
            return restore.resume(&mut |_| {});
        }
        let circumstances = Circumstances {
            primary: &self.primary,
            primary_export: None,
            primary_sha256: Some(Digest::from([9; 32])),
            member: &self.member,
            now: now(),
        };
        let terms = Terms {
            header_sha256,
            circumstances: &circumstances,
            accept: &[],
            dry_run: false,
            dismounts: false,
            agree: &mut |_| Ok(()),
            passed: &mut |_| {},
        };
        let mut receiving = InPieces(Receiving::new(restore, terms));
        let not_it = |_: &Manifest, _: &mut dyn Read| -> Result<(), Error> {
            Err(Error::new(Kind::Usage, "It holds no database.", "Give another one."))
        };
        let opened = unlocked.open(&trust, not_it, &mut receiving);
        let opened = opened.map_err(|error| receiving.0.gives_up(error))?;
        receiving.0.complete(&opened.files, &opened.signer)?;
        restore.finish()
    }
}
