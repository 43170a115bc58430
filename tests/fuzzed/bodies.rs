//! What each fuzz target does with its bytes.
//!
//! Owns one function a target. Bytes come from libFuzzer, or from the table of `tests/fuzzed.rs`, which
//! includes this file; they go through the same doors of the program as a file of an administrator.
//! Invariant: whatever the bytes are, the program gives a result or an error that names the file and
//! says what to do. A configuration compared with itself differs in nothing but what section member
//! judges, nothing in it has changed since itself, and its document is read back as the same one; so is
//! that of a comparison.

use std::fmt::Write as _;
use std::io::{self, Cursor, Write};
use std::iter;
use std::path::Path;
use std::str::FromStr as _;

use age::x25519;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hsmirror::bundle::{
    self, Content, Kind as BundleKind, MANIFEST, Manifest, SIGNATURE, SUMS, Sealed, Trust,
};
use hsmirror::compare::Selection;
use hsmirror::error::{Error, Kind, Result};
use hsmirror::finding::{self, Judgement, Verdict};
use hsmirror::handoff::{self, Place};
use hsmirror::json::strict;
use hsmirror::key::{
    AllowedSigners, Ask, Identities, NAMESPACE, Passphrase, Recipient, Signature, SigningKey,
};
use hsmirror::merge;
use hsmirror::model::{Between, Configuration, Day, Moment, Section, Text};
use hsmirror::operand::{Content as Operand, Ready};
use hsmirror::plan;
use hsmirror::record;
use hsmirror::report::{self, Format, Look, View};
use hsmirror::source::{self, Options};
use hsmirror::waiver::Waivers;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};
use tempfile::NamedTempFile;

/// What everything is called in complaints.
const NAME: &str = "fuzz";

/// A key that seals nothing of anybody, and whom it opens for.
const IDENTITY: &str = "AGE-SECRET-KEY-1QFZ38CDVH0ZKP767TLC2H9DV0XLRA0FMLTMJ6MMELG06N53NYJCS2K94Y0";
const RECIPIENT: &str = "age10dgtypwn64ev45sp6nakxfdzncuuj4l9zhvws2hr0sjfqx690qeqvyh0gp";

/// A configuration document that is sound.
pub const DOCUMENT: &[u8] = br#"{"coverage":[{"extent":"complete","section":"roles"}],"formatVersion":"1.0","roles":[{"name":"R"}]}"#;

/// A CPF.
pub fn cpf(bytes: &[u8]) {
    let start: &[u8] = if holds(bytes, b"[ConfigFile]") { b"" } else { b"[ConfigFile]\n" };
    gather(&[start, bytes]);
}

/// The root elements of exports, for bytes that have none.
const ROOTS: &[&str] = &[
    "Tasks",
    "UsersExport",
    "RolesExport",
    "ResourcesExport",
    "ApplicationsExport",
    "ServicesExport",
    "SSLConfigsExport",
    "SecurityExport",
];

/// A security or task export; of bytes without a root element the first chooses one.
pub fn xml(bytes: &[u8]) {
    match bytes {
        [] | [b'<' | b' ' | b'\r' | b'\n' | 0xef, ..] => gather(&[bytes]),
        [choice, rest @ ..] => {
            let root = ROOTS[usize::from(*choice) % ROOTS.len()];
            let (start, end) = (format!("<{root}>"), format!("</{root}>"));
            gather(&[start.as_bytes(), rest, end.as_bytes()]);
        }
    }
}

/// The output of `iris qlist`, as it is and after the fields by which it is known.
pub fn qlist(bytes: &[u8]) {
    gather(&[bytes]);
    gather(&[b"IRIS^/iris^2024.1.2.398.0^", bytes]);
}

/// A configuration document, as it is and after its beginning.
pub fn json(bytes: &[u8]) {
    let mut value = Value::Null;
    let strict = strict::read(bytes, &mut value);
    let usual = serde_json::from_slice::<Value>(bytes);
    if strict.is_ok() {
        assert_eq!(usual.ok(), Some(value), "strict reading reads what the usual one does");
    }
    let start: &[u8] = if bytes.starts_with(b"{") { b"" } else { br#"{"formatVersion":"1.0","# };
    gather(&[start, bytes]);
}

/// The settings of a task.
pub fn list(bytes: &[u8]) {
    let text = BASE64_STANDARD.encode(bytes);
    let start =
        "<Tasks><Task><Name>T</Name><NameSpace>%SYS</NameSpace><TaskClass>C</TaskClass><Settings>";
    gather(&[start.as_bytes(), text.as_bytes(), b"</Settings></Task></Tasks>"]);
}

/// What the bytes of target `bundle` after the first one are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The whole file.
    Age,
    /// What is compressed and then sealed.
    Tar,
    /// What is sealed.
    Zstd,
    /// The manifest of an archive that is sound otherwise.
    Manifest,
    /// The document of a configuration's bundle.
    Configuration,
    /// As [`Layer::Tar`], but the sum in each header is made right.
    SummedTar,
    /// The document of a comparison's bundle.
    Comparison,
}

/// The layers, in the order of the first byte.
pub const LAYERS: &[Layer] = &[
    Layer::Age,
    Layer::Tar,
    Layer::Zstd,
    Layer::Manifest,
    Layer::Configuration,
    Layer::SummedTar,
    Layer::Comparison,
];

/// A bundle; the first byte says which layer of it the others are.
pub fn bundle(bytes: &[u8]) {
    let [choice, bytes @ ..] = bytes else { return };
    let layer = LAYERS[usize::from(*choice) % LAYERS.len()];
    match layer {
        Layer::Age => {
            let none = Identities::default();
            let unlock = |sealed: Sealed| sealed.unlock(&none, &mut Nobody).map(|_| ());
            // Without a key nothing opens, and nobody answers for a passphrase.
            let refused = read_header(bytes).and_then(unlock);
            assert!(refused.is_err_and(|error| named(&error)), "opened without a key");
            drop(open(bytes));
        }
        _ => drop(open(&sealed(layer, bytes))),
    }
}

/// The file that a layer makes.
pub fn sealed(layer: Layer, bytes: &[u8]) -> Vec<u8> {
    match layer {
        Layer::Age => bytes.to_owned(),
        Layer::Tar => seal(&compress(bytes)),
        Layer::Zstd => seal(bytes),
        Layer::Manifest => seal(&compress(&archive(bytes))),
        Layer::Configuration => seal_document(BundleKind::Configuration, bytes),
        Layer::SummedTar => seal(&compress(&summed(bytes))),
        Layer::Comparison => seal_document(BundleKind::Comparison, bytes),
    }
}

/// Opens a bundle with the key that all of them are sealed for.
pub fn open(bytes: &[u8]) -> Option<Operand> {
    let key = file(IDENTITY.as_bytes());
    let keys =
        Identities::read(&[key.path().to_owned()], &mut Nobody).expect("the identity is one");
    let list = file(
        format!("meg {}\n", signing_key().public_key().to_openssh().expect("one line")).as_bytes(),
    );
    let allowed = AllowedSigners::read(list.path()).expect("the list is one");
    let trust = Trust { allowed: Some(allowed), accept_unsigned: true, now: now() };
    let opened = read_header(bytes)
        .and_then(|sealed| {
            sealed.header.content_size(bytes.len() as u64);
            sealed.unlock(&keys, &mut Nobody)
        })
        .and_then(|unlocked| {
            Ready::Bundle(Box::new(unlocked)).read_with(&options(), &trust, &mut Passing)
        });
    match opened {
        Ok(opened) => {
            match &opened {
                Operand::Side(side) => settled(&side.configuration),
                Operand::Comparison(recorded) => shown(&recorded.judgement),
                Operand::Plan(planned) => {
                    let mut text = Vec::new();
                    planned.plan.write(&mut text).expect("a plan that was read can be written");
                }
                Operand::Database(copied) => assert!(!copied.files.is_empty()),
            }
            Some(opened)
        }
        Err(error) => {
            assert!(named(&error), "{error:?}");
            None
        }
    }
}

/// Takes the files of a database, and nothing of them.
struct Passing;

impl bundle::Payload for Passing {
    fn bytes(&mut self, _: &[u8]) -> Result<()> {
        Ok(())
    }
}

fn read_header(bytes: &[u8]) -> Result<Sealed> {
    Sealed::read(Path::new(NAME), Box::new(Cursor::new(bytes.to_owned())))
}

/// Seals a zstd layer.
fn seal(bytes: &[u8]) -> Vec<u8> {
    let recipient = x25519::Recipient::from_str(RECIPIENT).expect("the recipient is one");
    age::encrypt(&recipient, bytes).expect("anything can be sealed")
}

/// The zstd layer of a tar layer.
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 1).expect("anything can be compressed")
}

/// Seals a document as the program does.
fn seal_document(kind: BundleKind, bytes: &[u8]) -> Vec<u8> {
    let recipient = Recipient::parse(RECIPIENT, NAME).expect("the recipient is one");
    let document = |to: &mut dyn Write| to.write_all(bytes);
    let content = Content { manifest: manifest(kind), document: &document };
    let mut sealed = Vec::new();
    let seal = bundle::Seal { recipients: &[recipient], signing: None, armor: false };
    bundle::seal(content, seal, &mut sealed).expect("anything can be sealed");
    sealed
}

fn manifest(kind: BundleKind) -> Manifest {
    Manifest::new(kind, [7; 16], 1, now())
}

/// The archive around a manifest, with digests that fit and a signature over them.
pub fn archive(manifest: &[u8]) -> Vec<u8> {
    let kind = if holds(manifest, br#""comparison""#) {
        BundleKind::Comparison
    } else if holds(manifest, br#""hssys""#) {
        BundleKind::Hssys
    } else {
        BundleKind::Configuration
    };
    let name = kind.document();
    let mut sums = String::new();
    for (name, bytes) in [(MANIFEST, manifest), (name, DOCUMENT)] {
        for byte in Sha256::digest(bytes) {
            let _ = write!(sums, "{byte:02x}");
        }
        let _ = writeln!(sums, "  {name}");
    }
    let mut entries = vec![(MANIFEST, manifest), (name, DOCUMENT), (SUMS, sums.as_bytes())];
    let signature = signature(sums.as_bytes());
    if holds(manifest, SIGNATURE.as_bytes()) {
        entries.push((SIGNATURE, signature.as_bytes()));
    }
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        archive.append_data(&mut header, name, bytes).expect("a vector takes anything");
    }
    archive.into_inner().expect("a vector takes anything")
}

/// A manifest that fits [`archive`].
pub fn sound_manifest(signed: bool) -> Vec<u8> {
    let mut manifest = manifest(BundleKind::Configuration);
    let name = manifest.kind.document();
    let sums = 2 * (64 + 2 + 1) + MANIFEST.len() + name.len();
    let entry = |name: &str, size: Option<usize>| bundle::Entry {
        name: name.to_owned(),
        size: size.map(|size| size as u64),
    };
    manifest.entries = vec![entry(name, Some(DOCUMENT.len())), entry(SUMS, Some(sums))];
    if signed {
        manifest.entries.push(entry(SIGNATURE, None));
    }
    serde_json::to_vec(&manifest).expect("a manifest is JSON")
}

/// An archive with the right sum in each block that stands where a header is expected.
fn summed(bytes: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 512;
    let mut bytes = bytes.to_owned();
    let mut at = 0;
    while let Some(block) = bytes.get_mut(at..at + BLOCK) {
        let mut size = 0;
        if block.iter().any(|byte| *byte != 0) {
            let mut header = tar::Header::new_old();
            header.as_mut_bytes().copy_from_slice(block);
            header.set_cksum();
            block.copy_from_slice(header.as_bytes());
            size = header.entry_size().unwrap_or_default();
        }
        let blocks = usize::try_from(size.div_ceil(BLOCK as u64)).unwrap_or(usize::MAX);
        at = at.saturating_add(blocks.saturating_add(1).saturating_mul(BLOCK)).min(bytes.len());
    }
    bytes
}

/// A key that signs nothing of anybody.
pub fn signing_key() -> PrivateKey {
    let pair = KeypairData::from(Ed25519Keypair::from_seed(&[7; 32]));
    PrivateKey::new(pair, "fuzz").expect("the key is one")
}

/// A signature as the program makes it.
pub fn signature(text: &[u8]) -> String {
    let signature = signing_key().sign(NAMESPACE, HashAlg::Sha512, text).expect("the key signs");
    signature.to_pem(LineEnding::LF).expect("a signature is text")
}

/// What the signature among the seeds of target `keys` is over.
pub const SIGNED: &[u8] = b"signed";

/// Keys of all kinds, one file of them, and a signature.
pub fn keys(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        let first = text.lines().next().unwrap_or_default();
        let _ = Recipient::parse(first, NAME).is_err_and(|error| checked(&error));
        for (_, line) in iter::zip(0..3, text.lines()) {
            if let Ok(recipient) = Recipient::parse(line, NAME) {
                let _ = (recipient.kind.word(), recipient.fingerprint.len());
            }
        }
    }
    if let Some(signature) = Signature::parse(bytes) {
        let ours = *signature.key() == *signing_key().public_key().key_data();
        let fits = signature.is_over(SIGNED);
        assert!(!signature.is_over(b"something else"), "a signature over something else fits");
        assert!(!fits || !signature.fingerprint().is_empty() || ours);
    }
    let file = file(bytes);
    let path = file.path();
    let named = |error: Error| error.message.contains(&*path.to_string_lossy());
    let _ = Recipient::read_file(path).map_err(|error| assert!(named(error)));
    let _ = Identities::read(&[path.to_owned()], &mut Nobody);
    let _ = SigningKey::read(path, &mut Nobody);
    match AllowedSigners::read(path) {
        Ok(allowed) => {
            let key = signing_key();
            for member in [None, Some("MEMBER"), Some("")] {
                allowed.judge(key.public_key().key_data(), member, now(), now());
            }
        }
        Err(error) => assert!(named(error)),
    }
}

/// Reads a file and looks at what came out of it.
fn gather(parts: &[&[u8]]) {
    match source::gather_from(Path::new(NAME), Cursor::new(parts.concat()), &options()) {
        Ok(gathered) => settled(&gathered.configuration),
        Err(error) => assert!(named(&error), "{error:?}"),
    }
}

/// A plan: what is read can be written, shown and handed off. And a merge file.
pub fn plan(bytes: &[u8]) {
    let _ = merge::read(bytes);
    let plan = match plan::read(Path::new(NAME), bytes, u64::MAX) {
        Ok(plan) => plan,
        Err(error) => return assert!(named(&error), "{error:?}"),
    };
    let mut text = Vec::new();
    plan.write(&mut text).expect("a plan that was read can be written");
    let again =
        plan::read(Path::new(NAME), text.as_slice(), u64::MAX).expect("what was written is read");
    assert_eq!(again, plan);
    for format in [Format::Table, Format::Json] {
        let look = Look { width: 80, colour: false, whole_values: false };
        let view = View { format, verbose: true, quiet: false, look };
        report::plan(&plan, &view, &mut io::sink()).expect("a sink takes all");
    }
    for file in handoff::files(&plan, &Place::default()) {
        assert!(!file.text.is_empty());
    }
}

/// A file of waivers, and what it does to a judgement of which one finding blocks.
pub fn waivers(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let waivers = match Waivers::parse(Path::new(NAME), text) {
        Ok(waivers) => waivers,
        Err(error) => return assert!(named(&error), "{error:?}"),
    };
    let side = |document: &[u8]| {
        let gathered =
            source::gather_from(Path::new(NAME), Cursor::new(document.to_vec()), &options());
        gathered.expect("the documents are sound").configuration
    };
    let (primary, member) = (side(PRIMARY), side(MEMBER));
    let mut judgement = finding::judge(primary, member, &Selection::default());
    let before = judgement.findings.len();
    let today = Day::try_from(Text::from("2026-11-24")).expect("a day");
    judgement.waive(&waivers, &today);
    assert_eq!(judgement.verdict, Verdict::Blocked, "what blocks was waived");
    assert!(judgement.blocking().all(|finding| finding.waived.is_none()));
    let told = judgement.findings.iter().filter(|f| f.rule.id.starts_with("waiver-")).count();
    assert_eq!(judgement.findings.len(), before + told, "a finding was lost or doubled");
    for format in [Format::Table, Format::Text, Format::Json] {
        let look = Look { width: 80, colour: false, whole_values: false };
        let view = View { format, verbose: true, quiet: false, look };
        report::render(&judgement, &view, &mut io::sink()).expect("a sink takes all");
    }
}

/// Two sides with findings of several kinds, one of which blocks.
const PRIMARY: &[u8] = br#"{"coverage":[{"extent":"complete","section":"resources"},{"extent":"complete","section":"roles"}],"formatVersion":"1.0","resources":[{"name":"%DB_HSSYS"}],"roles":[{"name":"LAB_A","resources":[{"resource":"%DB_HSSYS","permission":"R"}]},{"name":"LAB_B"}]}"#;
const MEMBER: &[u8] = br#"{"coverage":[{"extent":"complete","section":"resources"},{"extent":"complete","section":"roles"}],"formatVersion":"1.0","resources":[],"roles":[{"name":"LAB_A","resources":[]},{"name":"Extra","grantedRoles":["LAB_B"]}]}"#;

/// What must hold of every configuration.
fn settled(configuration: &Configuration) {
    let pair = || (configuration.clone(), configuration.clone());
    let (primary, member) = pair();
    let judgement = finding::judge(primary, member, &Selection::default());
    for (at, finding) in judgement.findings.iter().enumerate() {
        let differs = finding.is_difference() && finding.section != Section::Member;
        assert!(!differs, "compared with itself: {finding:?}");
        assert!(finding.cause.is_none_or(|cause| cause < at), "above its cause: {finding:?}");
        assert!(!finding.impact().is_empty() && !finding.advice().is_empty());
    }
    let (old, new) = pair();
    let drift = finding::judge_between(old, new, &Selection::default(), Between::Times);
    assert_eq!(drift.verdict, Verdict::Unchanged, "since itself: {:?}", drift.findings);

    let first = document(configuration);
    let again = source::document(Path::new(NAME), first.as_slice(), &options());
    let again = again.unwrap_or_else(|error| panic!("its own document is refused: {error:?}"));
    same(&first, &document(&again.configuration));
}

/// What must hold of every comparison that was read: it can be shown, and its document is read back as
/// the same one.
fn shown(judgement: &Judgement) {
    let look = Look { width: 60, colour: false, whole_values: false };
    for (format, verbose) in [(Format::Table, false), (Format::Table, true), (Format::Text, true)] {
        let view = View { format, verbose, quiet: false, look };
        report::render(judgement, &view, &mut io::sink()).expect("nothing fails to be written");
    }
    let write = |judgement: &Judgement| {
        let mut text = Vec::new();
        report::write_canonical(judgement, true, &mut text).expect("a comparison is JSON");
        text
    };
    let first = write(judgement);
    let again = record::read(Path::new(NAME), first.as_slice(), &options());
    let (again, _) = again.unwrap_or_else(|error| panic!("its own record is refused: {error:?}"));
    same(&first, &write(&again));
}

/// Holds two documents to be the same bytes.
fn same(first: &[u8], second: &[u8]) {
    if first != second {
        let [first, second] = [first, second].map(String::from_utf8_lossy);
        panic!("its own document is read as another one:\n{first}\n{second}");
    }
}

/// The document of a configuration.
pub fn document(configuration: &Configuration) -> Vec<u8> {
    let mut text = Vec::new();
    bundle::write_configuration(configuration, &mut text).expect("a configuration is JSON");
    text
}

/// Whether an error says what it is about and what to do.
fn named(error: &Error) -> bool {
    error.message.contains(NAME) && checked(error)
}

fn checked(error: &Error) -> bool {
    !error.message.is_empty() && !error.hint.is_empty()
}

fn holds(bytes: &[u8], piece: &[u8]) -> bool {
    bytes.windows(piece.len()).any(|window| window == piece)
}

/// Everything that can be read is.
fn options() -> Options {
    Options { personal_data: true, task_settings: true, now: Some(now()) }
}

/// The same moment always.
fn now() -> Moment {
    Moment::new(1_790_000_000).expect("a moment of this century")
}

/// A file that is gone when it is dropped, in memory where there is such a place.
fn file(bytes: &[u8]) -> NamedTempFile {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { NamedTempFile::new_in(memory) } else { NamedTempFile::new() };
    let mut file = made.expect("a temporary file");
    file.write_all(bytes).expect("a temporary file takes bytes");
    file
}

/// Nobody answers for a passphrase.
struct Nobody;

impl Ask for Nobody {
    fn passphrase(&mut self, what: &str) -> Result<Passphrase> {
        Err(Error::new(
            Kind::NoIdentity,
            format!("Nobody knows the passphrase of {what}."),
            "None.",
        ))
    }
    fn new_passphrase(&mut self, what: &str) -> Result<Passphrase> {
        self.passphrase(what)
    }
}
