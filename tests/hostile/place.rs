//! A folder with an identity and a sound bundle for it, and the two ways of opening a bundle there:
//! the program itself, and the library in this process, which is quicker.

use std::fs;
use std::io::{Cursor, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use hsmirror::bundle::{Manifest, Payload, Sealed, Trust};
use hsmirror::error::{Error, Kind};
use hsmirror::key::{self, Ask, Identities, Passphrase};
use hsmirror::model::Moment;
use serde_json::Value;
use tempfile::TempDir;

use super::pack::{Sound, seal};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_hsmirror");
pub const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");

/// The kinds of failure that each exit code stands for.
const KINDS: [(i32, &[&str]); 5] = [
    (10, &["no-identity"]),
    (11, &["cut-short"]),
    (12, &["altered", "unverifiable"]),
    (13, &["too-new"]),
    (14, &["schema", "layout"]),
];

pub struct Place {
    folder: TempDir,
    pub recipient: String,
    identity: age::x25519::Identity,
    identities: Identities,
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

/// The files of a database, one after the other.
struct Files(Vec<u8>);

impl Payload for Files {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl Place {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let (text, recipient) = key::generate();
        let secret = text.lines().find(|line| !line.starts_with('#')).unwrap();
        let identity = secret.parse().unwrap();
        let file = folder.path().join("identity");
        fs::write(&file, text.as_bytes()).unwrap();
        let identities = Identities::read(&[file], &mut Nobody).unwrap();
        Self { folder, recipient, identity, identities }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names in the folder.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// What the program seals, of a side as small as can be.
    pub fn export(&self, flags: &[&str]) -> Vec<u8> {
        let bundle = self.path("sound");
        let mut run = Command::new(PROGRAM);
        run.args(["export", &format!("{SAMPLES}/primary/configuration.json"), "-q", "-o"]);
        run.arg(&bundle).args(["-r", &self.recipient]).args(flags);
        let ran = run.output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        let bytes = fs::read(&bundle).unwrap();
        fs::remove_file(bundle).unwrap();
        bytes
    }

    /// What the program seals of a database with one volume.
    pub fn export_database(&self, files: [&[u8]; 2]) -> Vec<u8> {
        let copy = self.path("copy");
        fs::create_dir(&copy).unwrap();
        for (name, bytes) in ["COPY_IRIS.DAT", "COPY_IRIS-0001.VOL"].iter().zip(files) {
            fs::write(copy.join(name), bytes).unwrap();
        }
        self.export(&["--hssys", copy.to_str().unwrap()]);
        let bundle = self.path("sound.hssys");
        let bytes = fs::read(&bundle).unwrap();
        fs::remove_file(bundle).unwrap();
        fs::remove_dir_all(copy).unwrap();
        bytes
    }

    /// The entries of what the program seals.
    pub fn sound(&self) -> Sound {
        Sound::of(&self.export(&[]), &self.identity)
    }

    /// Seals bytes for the identity of the place.
    pub fn seal(&self, bytes: &[u8]) -> Vec<u8> {
        seal(&[&self.identity.to_public()], bytes)
    }

    /// Writes a bundle.
    pub fn write(&self, bytes: &[u8]) -> PathBuf {
        let path = self.path("hostile.tar.zst.age");
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The command that compares a bundle with a small side.
    pub fn command(&self, bundle: &Path, flags: &[&str]) -> Command {
        let mut run = Command::new(PROGRAM);
        run.arg("compare").arg(bundle).arg(format!("{SAMPLES}/backup/qlist.txt"));
        run.arg("-i").arg(self.path("identity")).args(flags);
        run
    }

    pub fn compare(&self, bundle: &Path, flags: &[&str]) -> Output {
        self.command(bundle, flags).output().unwrap()
    }

    /// Compares a bundle that a passphrase opens.
    pub fn open_with_passphrase(&self, bundle: &Path, passphrase: &str) -> Output {
        let mut run = self.command(bundle, &["-q", "--passphrase-fd", "0"]);
        run.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = run.spawn().unwrap();
        writeln!(running.stdin.take().unwrap(), "{passphrase}").unwrap();
        running.wait_with_output().unwrap()
    }

    /// Runs the program on a bundle, for a person and for a program, and says what is wrong with how
    /// it refuses.
    pub fn refused(&self, file: &[u8], code: i32) -> Option<String> {
        let bundle = self.write(file);
        let [plain, json] = [&["-q"][..], &["--format", "json"]].map(|flags| {
            let mut run = self.command(&bundle, flags);
            run.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        });
        let [plain, json] = [plain, json].map(|run| run.wait_with_output().unwrap());
        complains(&plain, &bundle, code, false).or_else(|| complains(&json, &bundle, code, true))
    }

    /// Opens a bundle in this process: its document or the files of its database, or the exit code.
    pub fn open(&self, file: &[u8]) -> Result<Vec<u8>, i32> {
        let name = Path::new("hostile");
        let trust = Trust { allowed: None, accept_unsigned: false, now: Moment::new(0).unwrap() };
        let sealed = Sealed::read(name, Box::new(Cursor::new(file.to_vec())));
        let unlocked = sealed.and_then(|sealed| sealed.unlock(&self.identities, &mut Nobody));
        let mut files = Files(Vec::new());
        let opened = unlocked.and_then(|unlocked| {
            let read = |_: &Manifest, document: &mut dyn Read| {
                let mut bytes = Vec::new();
                let read = document.read_to_end(&mut bytes);
                read.map_err(|cause| Error::unreadable(name, &cause))?;
                Ok(bytes)
            };
            unlocked.open(&trust, read, &mut files)
        });
        let refused = |error: Error| {
            assert!(error.message.contains("hostile"), "{error}");
            i32::from(error.kind.exit_code())
        };
        opened.map(|opened| opened.content.unwrap_or(files.0)).map_err(refused)
    }
}

/// What is wrong with how a run refused a bundle.
pub fn complains(ran: &Output, bundle: &Path, code: i32, json: bool) -> Option<String> {
    let form = if json { "as JSON" } else { "as text" };
    let text = str::from_utf8(&ran.stderr).unwrap();
    let said = |what: &str| Some(format!("{form}: {what}; {} and {text:?}", ran.status));
    if ran.status.code() != Some(code) {
        return said(&format!("{code} is right"));
    }
    if !ran.stdout.is_empty() {
        return said("something on standard output");
    }
    let lines: Vec<&str> = text.lines().collect();
    let [what, hint] = if json {
        let [line] = lines[..] else { return said("not one line") };
        let error: Value = serde_json::from_str(line).unwrap_or_default();
        let error = &error["error"];
        let kind = error["kind"].as_str().unwrap_or_default();
        let kinds = KINDS.iter().find(|(known, _)| *known == code);
        if !kinds.is_some_and(|(_, kinds)| kinds.contains(&kind)) || error["exitCode"] != code {
            return said("not that kind of error");
        }
        ["message", "hint"].map(|part| error[part].as_str().unwrap_or_default().to_owned())
    } else {
        let [what, hint] = lines[..] else { return said("not two lines") };
        let Some(what) = what.strip_prefix("hsmirror: ") else { return said("not from hsmirror") };
        [what.to_owned(), hint.to_owned()]
    };
    if !what.contains(bundle.to_str().unwrap()) {
        return said("the file is not named");
    }
    if !what.ends_with('.') || !hint.ends_with('.') {
        return said("no sentences");
    }
    let bare = ["panicked", "fault of hsmirror", "ended unexpectedly"];
    if bare.iter().any(|bare| text.contains(bare)) {
        return said("a fault of its own");
    }
    None
}
