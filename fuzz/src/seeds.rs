//! Inputs to begin with that no sample file is.
//!
//! Owns the documents, bundles and keys that the targets start from; they are made of the samples when
//! a target starts. Files of the samples themselves are put into the corpus by `fuzz/run`.
//! Invariant: every seed of `bundle` and `json` is sound, so the fuzzer starts behind every check.

use std::fs;
use std::path::Path;

use hsmirror::compare::Selection;
use hsmirror::finding;
use hsmirror::model::{Day, Text};
use hsmirror::report;
use hsmirror::source::{self, Options};
use serde_json::Value;
use ssh_key::LineEnding;

use crate::bodies::{self, LAYERS, Layer};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples");

/// Writes the seeds of a target into the folder that `HSMIRROR_FUZZ_SEEDS` names, if it names one.
pub fn plant(target: &str) {
    let Some(folder) = std::env::var_os("HSMIRROR_FUZZ_SEEDS") else { return };
    for (name, bytes) in of(target) {
        let path = Path::new(&folder).join(format!("made-{name}"));
        fs::write(path, bytes).expect("the folder of the seeds takes files");
    }
}

/// The seeds of a target, with their names.
pub fn of(target: &str) -> Vec<(String, Vec<u8>)> {
    match target {
        "json" => documents(),
        "bundle" => bundles(),
        "keys" => keys(),
        "waivers" => vec![("draft".to_owned(), draft())],
        "xml" => vec![("users".to_owned(), USER.as_bytes().to_owned())],
        _ => Vec::new(),
    }
}

/// A predefined account whose hash costs one round; the samples' hashes cost thousands.
const USER: &str = "<UsersExport><Users><Name>Admin</Name>\
    <Password>sIi3CKt7k3p0cHSnBxDtAuV7QSs=</Password><Salt>c2FsdA==</Salt>\
    <PasswordHashAlgorithm>SHA1</PasswordHashAlgorithm>\
    <PasswordHashWorkFactor>1</PasswordHashWorkFactor></Users></UsersExport>";

/// A draft for what the samples differ in, filled in.
fn draft() -> Vec<u8> {
    let side = |name: &str| {
        let gathered = source::gather(&Path::new(SAMPLES).join(name), &OPTIONS);
        gathered.expect("the samples can be read").configuration
    };
    let judgement = finding::judge(side("primary"), side("backup"), &Selection::default());
    let day = Day::try_from(Text::from("2999-12-31")).expect("a day");
    judgement.drafted_waivers(&day).replace("\"\"\n", "\"x\"\n").into_bytes()
}

/// What [`bodies::DOCUMENT`] is compared with.
const OTHER_DOCUMENT: &[u8] = br#"{"coverage":[{"extent":"complete","section":"roles"}],"formatVersion":"1.0","roles":[{"name":"R","description":"x"},{"name":"S"}]}"#;

const OPTIONS: Options = Options { personal_data: true, task_settings: true, now: None };

/// A sample's document with a few objects of each section, since a small one mutates better.
fn sample(side: &str) -> Vec<u8> {
    let gathered = source::gather(&Path::new(SAMPLES).join(side), &OPTIONS);
    let document = bodies::document(&gathered.expect("the samples can be read").configuration);
    let mut document: Value = serde_json::from_slice(&document).expect("a document is JSON");
    let sections = document.as_object_mut().expect("a document is an object");
    for (_, objects) in sections.iter_mut().filter(|(name, _)| *name != "coverage") {
        if let Value::Array(objects) = objects {
            objects.truncate(3);
        }
    }
    serde_json::to_vec(&document).expect("a document is JSON")
}

fn documents() -> Vec<(String, Vec<u8>)> {
    let mut documents =
        Vec::from(["primary", "backup"].map(|side| (side.to_owned(), sample(side))));
    documents.push(("small".to_owned(), bodies::DOCUMENT.to_owned()));
    documents
}

fn comparison(sides: [&[u8]; 2]) -> Vec<u8> {
    let [primary, member] = sides.map(|document| {
        let gathered = source::document(Path::new("seed"), document, &OPTIONS);
        gathered.expect("the documents can be read").configuration
    });
    let judgement = finding::judge(primary, member, &Selection::default());
    let mut text = Vec::new();
    report::write_canonical(&judgement, true, &mut text).expect("a judgement is JSON");
    text
}

fn bundles() -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    let mut add = |layer: Layer, name: &str, bytes: &[u8]| {
        let choice = LAYERS.iter().position(|known| *known == layer).unwrap_or_default();
        let bytes = [&[choice as u8], bytes].concat();
        seeds.push((format!("{layer:?}-{name}").to_lowercase(), bytes));
    };
    for (name, signed) in [("plain", false), ("signed", true)] {
        let manifest = bodies::sound_manifest(signed);
        let archive = bodies::archive(&manifest);
        add(Layer::Manifest, name, &manifest);
        add(Layer::Tar, name, &archive);
        add(Layer::SummedTar, name, &archive);
        add(Layer::Zstd, name, &bodies::compress(&archive));
        let sealed = bodies::sealed(Layer::Manifest, &manifest);
        add(Layer::Age, name, &sealed);
        let mut armored = Vec::new();
        let format = age::armor::Format::AsciiArmor;
        let armor = age::armor::ArmoredWriter::wrap_output(&mut armored, format);
        let written = armor.and_then(|mut armor| {
            std::io::Write::write_all(&mut armor, &sealed)?;
            armor.finish()
        });
        written.expect("a vector takes anything");
        add(Layer::Age, &format!("{name}-armored"), &armored);
    }
    for (name, document) in documents() {
        add(Layer::Configuration, &name, &document);
    }
    let samples = ["primary", "backup"].map(sample);
    let samples = samples.each_ref().map(Vec::as_slice);
    add(Layer::Comparison, "samples", &comparison(samples));
    add(Layer::Comparison, "small", &comparison([bodies::DOCUMENT, OTHER_DOCUMENT]));
    seeds
}

fn keys() -> Vec<(String, Vec<u8>)> {
    let key = bodies::signing_key();
    let public = key.public_key().to_openssh().expect("a public key is one line");
    let private = key.to_openssh(LineEnding::LF).expect("a private key is text");
    let (identity, recipient) = hsmirror::key::generate();
    let options =
        "namespaces=\"git,hsmirror\",valid-after=\"20260101\",valid-before=\"20991231235959Z\"";
    [
        ("signature", bodies::signature(bodies::SIGNED)),
        ("recipient", format!("# one\n{recipient}\n{public}\n{RSA}\n")),
        ("rsa", RSA.to_owned()),
        ("ed25519", public.clone()),
        ("identity", identity.to_string()),
        ("private", private.to_string()),
        (
            "allowed",
            format!("meg@h,member:M*,!member:X {options} {public}\n\"member:*\" {public}\n"),
        ),
        ("authority", format!("# list\n* cert-authority,valid-before=\"203001011200\" {public}\n")),
    ]
    .map(|(name, text)| (name.to_owned(), text.into_bytes()))
    .into()
}

/// A public key of the other kind; its private half was thrown away.
const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDNxqn1KpfbI9ShDVWBHfREdhMgTh5b+e+38qRDXrXr1mclh3\
RvUU48YkHn/Kf8dfryuFmclVBgRFdbKdp4V09TiEXkyuXFcFzwxVusNMKrsLaz60fnP++02hyqhTn9r65TylpzWMl+k1DW6FFSQf\
CPx7QuwK3wd86it1Z1CwMTYGq7BBzcEd1bX+5Ntm8JiZCZNBN4ERqyMI2FSf8/b0uEnQu63USf7WVyukpywrmGIHxIsGpl7Nsgcm\
vqldoBXogCvu0oTSCJ2BbM1mwBMI8+aBsFn7ioq/vna1uhLcI66GsW5LbCmzb982hH/Q88ANb4E2Tu3erh4jgjLurT4PbH";
