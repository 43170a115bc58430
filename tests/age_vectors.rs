//! The age layer does what the published vectors say.
//!
//! Opens every vector of `../shared/vectors/age` (from C2SP/CCTV) that our identities cover, and holds
//! the class of the outcome and every byte that is handed out to what the vector names: where it must
//! fail, nothing beyond the plain text it allows comes out. Vectors for post-quantum keys are not covered
//! and are counted. Elsewhere it says that it was skipped.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hsmirror::bundle::Sealed;
use hsmirror::error::{Error, Kind, Result};
use hsmirror::key::{Ask, Identities, Passphrase};
use sha2::{Digest, Sha256};

/// Gives the vector's passphrase.
struct Answer(Option<String>);

impl Ask for Answer {
    fn passphrase(&mut self, what: &str) -> Result<Passphrase> {
        let none = || Error::new(Kind::Usage, format!("no passphrase for {what}"), "");
        self.0.as_deref().map(Passphrase::from).ok_or_else(none)
    }
    fn new_passphrase(&mut self, what: &str) -> Result<Passphrase> {
        self.passphrase(what)
    }
}

/// A vector: its fields, and the age file.
struct Vector {
    fields: BTreeMap<String, Vec<String>>,
    file: Vec<u8>,
}

impl Vector {
    fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap();
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in std::str::from_utf8(&bytes[..end]).unwrap().lines() {
            let (key, value) = line.split_once(": ").unwrap();
            fields.entry(key.to_owned()).or_default().push(value.to_owned());
        }
        let mut file = bytes[end + 2..].to_vec();
        if fields.get("compressed").is_some_and(|kind| kind[0] == "zlib") {
            file = inflated(&file);
        }
        Self { fields, file }
    }

    fn first(&self, key: &str) -> Option<&str> {
        self.fields.get(key).map(|values| values[0].as_str())
    }
}

/// Python is at hand wherever the vectors are; a crate for one file would be one more.
fn inflated(bytes: &[u8]) -> Vec<u8> {
    let code = "import sys,zlib; sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read()))";
    let mut child = Command::new("python3")
        .args(["-c", code])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writing = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, &bytes));
    let mut out = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut out).unwrap();
    writing.join().unwrap().unwrap();
    assert!(child.wait().unwrap().success());
    out
}

/// What came out: the kind of failure, if any, and all that was handed out before it.
fn outcome(vector: &Vector, identity: Option<&Path>) -> (Option<Kind>, Vec<u8>) {
    let mut ask = Answer(vector.first("passphrase").map(str::to_owned));
    let files: Vec<PathBuf> = identity.into_iter().map(Path::to_owned).collect();
    let identities = Identities::read(&files, &mut ask).unwrap();
    let mut out = Vec::new();
    let opened = Sealed::read(Path::new("vector"), Box::new(Cursor::new(vector.file.clone())))
        .and_then(|sealed| sealed.unlock(&identities, &mut ask))
        .and_then(|unlocked| unlocked.age_layer(&mut out));
    (opened.err().map(|error| error.kind), out)
}

#[test]
fn every_vector_that_our_identities_cover() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/age");
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("skipped: no ../shared");
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let place = tempfile::tempdir().unwrap();
    let (mut covered, mut wrong) = (0, Vec::new());
    for path in &paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let vector = Vector::read(path);
        let identities = vector.fields.get("identity").cloned().unwrap_or_default();
        if identities.iter().any(|identity| identity.starts_with("AGE-SECRET-KEY-PQ-")) {
            continue;
        }
        covered += 1;
        let identity = (!identities.is_empty()).then(|| {
            let file = place.path().join(&name);
            fs::write(&file, identities.join("\n")).unwrap();
            file
        });
        let (kind, out) = outcome(&vector, identity.as_deref());
        let allowed: &[Option<Kind>] = match vector.first("expect").unwrap() {
            "success" => &[None],
            "no match" => &[Some(Kind::NoIdentity)],
            "HMAC failure" => &[Some(Kind::Altered)],
            // Whether a header was damaged, cut or exceeds a limit is told apart. A damaged wrapped key
            // cannot be told from one for somebody else, nor from a mistyped passphrase.
            "header failure" => &[
                Some(Kind::Altered),
                Some(Kind::CutShort),
                Some(Kind::Layout),
                Some(Kind::TooNew),
                Some(Kind::NoIdentity),
            ],
            "armor failure" => &[Some(Kind::Altered), Some(Kind::CutShort)],
            "payload failure" => &[Some(Kind::Altered), Some(Kind::CutShort)],
            other => panic!("{name} expects {other}"),
        };
        if !allowed.contains(&kind) {
            wrong.push(format!("{name}: {kind:?}, not {:?}", vector.first("expect")));
        }
        let digest: String =
            Sha256::digest(&out).iter().map(|byte| format!("{byte:02x}")).collect();
        match vector.first("payload") {
            Some(payload) if payload == digest => {}
            Some(_) => wrong.push(format!("{name}: other plain text, {} bytes", out.len())),
            None if out.is_empty() => {}
            None => wrong.push(format!("{name}: {} bytes came out", out.len())),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(covered > 100, "only {covered} of {} vectors", paths.len());
    eprintln!("{covered} of {} vectors", paths.len());
}
