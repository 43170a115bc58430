//! Bundles that are small and become large: refused at once, and in little memory.

use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use super::pack::{
    DOCUMENT, MANIFEST, Part, SIGNATURE, SUMS, Sound, WINDOW, entry_of, frame, header, squeeze,
};
use super::place::{PROGRAM, Place, complains};

/// Bytes that a bomb becomes.
const LARGE: usize = 800 << 20;

/// What a run took.
struct Took {
    time: Duration,
    /// Peak of memory in KiB, where there is something to measure it with.
    peak: Option<u64>,
    /// What was wrong with how it ended.
    end: Option<String>,
}

/// Opens a bundle with the program, which must refuse it with a code, or accept it.
fn run(place: &Place, file: &[u8], code: i32) -> Took {
    let bundle = place.write(file);
    let note = place.path("peak");
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-q", "-f", "%M", "-o"]).arg(&note).arg(PROGRAM);
    timed.args(place.command(&bundle, &["-q"]).get_args());
    let start = Instant::now();
    let ran = timed.output().unwrap_or_else(|_| place.compare(&bundle, &["-q"]));
    let time = start.elapsed();
    let end = match code {
        3 if ran.status.code() == Some(3) => None,
        3 => Some(format!("{ran:?}")),
        code => complains(&ran, &bundle, code, false),
    };
    let peak = fs::read_to_string(&note).ok();
    Took { time, peak: peak.map(|text| text.lines().last().unwrap().parse().unwrap()), end }
}

/// The bombs: what they are, and what the frame holds.
fn bombs(sound: &Sound) -> Vec<(&'static str, Vec<Part>)> {
    let entry = |name: &str, bytes: &[u8]| entry_of(b'0', name, bytes);
    let large = |name: &str| header(name, b'0', LARGE as u64).to_vec();
    let manifest = entry(MANIFEST, &sound.manifest);
    let document = entry(DOCUMENT, &sound.document);
    let sums = entry(SUMS, &sound.sums);
    let odd = {
        let mut manifest = sound.manifest();
        manifest["kind"] = "later".into();
        entry(MANIFEST, &serde_json::to_vec(&manifest).unwrap())
    };
    let before = [&manifest[..], &document, &sums].concat();
    let with = |bytes: Vec<u8>, byte: u8| vec![Part::Bytes(bytes), Part::Many(byte, LARGE)];
    vec![
        ("a manifest", with(large(MANIFEST), 0)),
        ("a manifest of brackets", with(large(MANIFEST), b'[')),
        ("a document", with([&manifest[..], &large(DOCUMENT)].concat(), b' ')),
        ("a list of digests", with([&manifest[..], &document, &large(SUMS)].concat(), b'0')),
        ("a signature", with([&before[..], &large(SIGNATURE)].concat(), b'A')),
        ("zeros after the end", with(sound.tar(), 0)),
        ("zeros instead of an end", with(before.clone(), 0)),
        ("zeros after a manifest", with(manifest, 0)),
        ("zeros after a manifest of another kind", with(odd.clone(), 0)),
        ("words after a manifest of another kind", with(odd, b'x')),
        ("zeros alone", vec![Part::Many(0, LARGE)]),
        ("words alone", vec![Part::Many(b'x', LARGE)]),
    ]
}

/// Documents no larger than they may be, whose list of digests is missing: they are read to their end.
fn long_documents(sound: &Sound) -> Vec<(&'static str, Vec<Part>)> {
    const MOST: usize = 200 << 20;
    let document = |begin: &str, byte: u8, size: usize| {
        let size = size.max(begin.len());
        let mut before = entry_of(b'0', MANIFEST, &sound.manifest);
        before.extend(header(DOCUMENT, b'0', size as u64));
        before.extend(begin.as_bytes());
        vec![Part::Bytes(before), Part::Many(byte, size - begin.len())]
    };
    let within = |more: &str| format!("{}{more}", r#"{"formatVersion":"1.0","#);
    let role = within(r#""roles":[{"name":"a","description":"#);
    vec![
        ("a document of zeros", document("", 0, MOST)),
        ("a document of one text", document(&within(r#""roles":""#), b'x', MOST)),
        ("a document of one name", document(&within("\""), b'x', MOST)),
        ("a document of one number", document(&within(r#""roles":"#), b'1', MOST)),
        ("a document of one number in an array", document(&within(r#""later":["#), b'1', MOST)),
        ("a document of one word", document(&within(r#""member":"#), b't', MOST)),
        ("a document of one role's text", document(&format!("{role}\""), b'x', MOST)),
        ("a document of one role's number", document(&role, b'1', MOST)),
        ("a document of commas", document(&within(r#""later":["#), b',', MOST)),
        ("a document of brackets", document(&within(r#""later":["#), b'[', MOST)),
        ("a document of quotes", document("{", b'"', MOST)),
        ("a document of escapes", document("{\"", b'\\', MOST)),
        ("a document of blanks", document(&within(r#""roles":["#), b' ', MOST)),
        ("a document of line ends", document(&within(r#""roles":["#), b'\n', MOST)),
    ]
}

/// What took too long or too much memory, or ended otherwise.
fn too_much(name: &str, took: &Took, usual: &Took, seconds: u64) -> Vec<String> {
    let mut wrong: Vec<String> = took.end.iter().map(|end| format!("{name}: {end}")).collect();
    if took.time > Duration::from_secs(seconds) {
        wrong.push(format!("{name} took {:?}", took.time));
    }
    match took.peak.zip(usual.peak) {
        None => drop(writeln!(std::io::stderr(), "skipped: no GNU time to measure memory with")),
        Some((peak, usual)) if peak > usual + (64 << 10) => {
            wrong.push(format!("{name} took {peak} KiB, {usual} KiB are usual"));
        }
        Some(_) => {}
    }
    wrong
}

#[test]
fn a_bomb_is_refused_at_once_and_in_little_memory() {
    let place = Place::new();
    let sound = place.sound();
    let usual = run(&place, &place.export(&[]), 3);
    let mut wrong = Vec::new();
    // What is larger than it may be is not read; of what may be that large there is a lot to read.
    let rows = bombs(&sound).into_iter().map(|row| (row, 1));
    for ((name, parts), seconds) in
        rows.chain(long_documents(&sound).into_iter().map(|row| (row, 4)))
    {
        let file = place.seal(&frame(WINDOW, &parts));
        assert!(file.len() < 35_000, "{name} has {} bytes", file.len());
        let took = run(&place, &file, 14);
        wrong.extend(too_much(name, &took, &usual, seconds));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A file that is large itself may not fill the memory either: it may come from a pipe without an end.
#[test]
fn a_line_of_armor_without_an_end_is_refused_in_little_memory() {
    let place = Place::new();
    let usual = run(&place, &place.export(&[]), 3);
    let sound = place.export(&["--armor"]);
    let mut wrong = Vec::new();
    for (name, lines, code) in
        [("the first line", 0, 12), ("the second", 1, 12), ("a later", 9, 12)]
    {
        let before: Vec<u8> =
            sound.split_inclusive(|byte| *byte == b'\n').take(lines).flatten().copied().collect();
        let mut file = if lines == 0 { b"-----BEGIN AGE".to_vec() } else { before };
        file.resize(file.len() + (100 << 20), b'A');
        let took = run(&place, &file, code);
        wrong.extend(too_much(name, &took, &usual, 4));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Names that nobody knows are kept to be told; telling and finding them may not take forever.
#[test]
fn a_document_of_many_names_is_read_soon() {
    let place = Place::new();
    let sound = place.sound();
    let usual = run(&place, &place.export(&[]), 3);
    let names: String = (0..40_000).map(|number| format!("\"{number}\":0,")).collect();
    let document = format!("{{{names}\"formatVersion\":\"1.0\"}}");
    let named = Sound::with(sound.manifest(), document.as_bytes(), |sums| sums);
    let took = run(&place, &place.seal(&squeeze(&named.tar())), 3);
    assert_eq!(too_much("names", &took, &usual, 2), [""; 0]);
}
