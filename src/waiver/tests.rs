//! What a file of waivers is read as, from the outside.
//!
//! Proves that every kind of bad entry is told with its line and takes no other down, what is refused as
//! a whole, what a waiver covers and until when, that the index finds what holding every waiver against
//! a finding would find, and that a draft comes back as what it was made for. The texts are made here.
//! Invariant: whatever the text is, reading it ends, with waivers, complaints or an error.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::model::{Digest, folded};
use crate::schema;

fn parse(text: &str) -> Result<Waivers> {
    Waivers::parse(Path::new("w.toml"), text)
}

fn day(text: &str) -> Day {
    Day::try_from(Text::from(text)).unwrap()
}

/// A file of these entries.
pub(super) fn file(entries: &[&str]) -> String {
    let mut text = String::from("formatVersion = \"1.0\"\n");
    for entry in entries {
        text.push_str("\n[[waiver]]\n");
        text.push_str(entry);
    }
    text
}

/// An entry as it must be.
pub(super) const GOOD: &str = "rule = \"role-missing\"\nname = \"LAB_*\"\nowner = \"M. Okafor\"\nreason = \"Ticket 4711.\"\nexpires = 2027-01-31\n";

/// Line and complaint of the second of three entries; the two others must stand.
fn complaint(entry: &str) -> (usize, String) {
    let last = GOOD.replace("4711", "4712");
    let waivers = parse(&file(&[GOOD, entry, &last])).unwrap();
    let positions: Vec<usize> = waivers.iter().map(|waiver| waiver.position).collect();
    assert_eq!(positions, [1, 3], "{entry}");
    let [broken] = waivers.broken() else { panic!("{entry}: {:?}", waivers.broken()) };
    assert_eq!(broken.position, 2);
    (broken.line, broken.why.clone())
}

#[test]
fn an_entry_is_read_as_it_is_written() {
    let digest = "ab".repeat(32);
    let more = format!(
        "namespace = 'lab'\nvalues = {{ of = [\"resources\", \"grantedRoles\"], sha256 = \"{digest}\" }}\n"
    );
    for ends in ["\n", "\r\n"] {
        let text =
            format!("\u{feff}{}", file(&[GOOD, &(GOOD.to_owned() + &more)])).replace('\n', ends);
        let waivers = parse(&text).unwrap();
        assert_eq!(waivers.broken(), []);
        let all: Vec<&Waiver> = waivers.iter().collect();
        let [plain, full] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((plain.line, plain.position, full.line, full.position), (3, 1, 10, 2));
        assert_eq!((&*full.rule, full.name.written()), ("role-missing", "LAB_*"));
        assert_eq!((&*full.owner, &*full.reason), ("M. Okafor", "Ticket 4711."));
        assert_eq!(full.expires, day("2027-01-31"));
        let values = full.values.as_ref().unwrap();
        assert_eq!(values.of, ["resources", "grantedRoles"]);
        assert_eq!(values.sha256.to_string(), digest);

        assert!(plain.covers("role-missing", "lab_x", None));
        assert!(plain.covers("role-missing", "LAB_", Some("USER")));
        assert!(
            !plain.covers("Role-missing", "LAB_x", None)
                && !plain.covers("role-missing", "XLAB_", None)
        );
        assert!(full.covers("role-missing", "LAB_x", Some("Lab")));
        assert!(!full.covers("role-missing", "LAB_x", None));
        assert!(!full.covers("role-missing", "LAB_x", Some("LAB2")));
        assert!(!full.has_expired(&day("2026-12-31")) && !full.has_expired(&day("2027-01-31")));
        assert!(full.has_expired(&day("2027-02-01")));
    }
}

#[test]
fn a_bad_entry_is_told_and_takes_no_other_down() {
    // The second entry begins on line 10.
    for (from, to, line, why) in [
        ("rule = \"role-missing\"\n", "", 10, "lacks 'rule'"),
        ("name = \"LAB_*\"\n", "", 10, "lacks 'name'"),
        ("owner = \"M. Okafor\"\n", "", 10, "lacks 'owner'"),
        ("reason = \"Ticket 4711.\"\n", "", 10, "lacks 'reason'"),
        ("expires = 2027-01-31\n", "", 10, "lacks 'expires'"),
        ("M. Okafor", " \\t\\u200b", 13, "owner is blank"),
        ("Ticket 4711.", "", 14, "reason is blank"),
        ("expires", "expire", 10, "lacks 'expires'; has a key that is not known: 'expire'"),
        ("expires", "note = 1\nexpires", 15, "has a key that is not known: 'note'"),
        ("expires", "\"\\u001b\" = 1\nexpires", 15, "has a key that is not known: '\\u{1b}'"),
        ("\"role-missing\"", "4", 11, "rule is not of type string"),
        ("\"LAB_*\"", "[\"LAB\"]", 12, "name is not of type string"),
        ("2027-01-31", "2027-01-31T08:00:00Z", 15, "expires is not a day such as 2027-01-31"),
        ("2027-01-31", "08:00:00", 15, "expires is not a day such as 2027-01-31"),
        ("2027-01-31", "20270131", 15, "expires is not a day such as 2027-01-31"),
        ("2027-01-31", "2027-02-30", 15, "expires is not a day such as 2027-01-31"),
        ("2027-01-31", "2027-1-31", 15, "expires is not a day such as 2027-01-31"),
        ("2027-01-31", "\"2027-02-30\"", 15, "expires is not a day such as 2027-01-31"),
        ("2027-01-31", "\"1840-12-31\"", 15, "expires is not a day such as 2027-01-31"),
        ("2027-01-31", "\"65451\"", 15, "expires is not a day such as 2027-01-31"),
        ("2027-01-31", "\"\"", 15, "expires is not a day such as 2027-01-31"),
        ("2027-01-31", "[]", 15, "expires is not a day such as 2027-01-31"),
        ("expires", "values = 1\nexpires", 15, "values is not of type object"),
        ("expires", "values = {}\nexpires", 15, "values lacks 'of'; values lacks 'sha256'"),
    ] {
        assert_eq!(complaint(&GOOD.replace(from, to)), (line, why.to_owned()), "{from} {to}");
    }
    let values = |of: &str, digest: &str, more: &str| {
        complaint(&format!("{GOOD}values = {{ of = {of}, sha256 = \"{digest}\"{more} }}\n"))
    };
    let digest = "0".repeat(64);
    for (of, digest, more, why) in [
        ("[]", &*digest, "", "values.of does not satisfy 'minItems'"),
        ("[\"a\", \"a\"]", &digest, "", "values.of holds something twice"),
        ("[\"a\", 1]", &digest, "", "values.of.1 is not of type string"),
        ("\"a\"", &digest, "", "values.of is not of type array"),
        ("[\"a\"]", "0A", "", "values.sha256 does not match ^[0-9a-f]{64}$"),
        ("[\"a\"]", &digest, ", x = 1", "values has a key that is not known: 'x'"),
    ] {
        assert_eq!(values(of, digest, more), (16, why.to_owned()));
    }
    assert_eq!(complaint(GOOD), (10, "says the same as entry 1".to_owned()));
    let as_text = GOOD.replace("2027-01-31", "\"2027-01-31\"");
    assert_eq!(complaint(&as_text), (10, "says the same as entry 1".to_owned()));
}

#[test]
fn what_is_broken_is_named_and_safe_to_print() {
    let text = file(&["rule = \"a\\u001b\"\nname = \"b\"\nnamespace = \"c\"\n", "name = 1\n", ""]);
    let waivers = parse(&text).unwrap();
    let about: Vec<&str> = waivers.broken().iter().map(|broken| &*broken.about).collect();
    assert_eq!(about, ["a\\u{1b} b in c", "", ""]);
}

#[test]
fn what_is_no_entry_is_told_too() {
    let waivers = parse(&format!("colour = 1\n{}\n[zeal]\na = 1\n", file(&[GOOD]))).unwrap();
    assert_eq!(waivers.iter().count(), 1);
    let told: Vec<(usize, usize, &str)> = (waivers.broken().iter())
        .map(|broken| (broken.line, broken.position, &*broken.about))
        .collect();
    assert_eq!(told, [(1, 0, "colour"), (11, 0, "zeal")]);
    assert_eq!(waivers.broken()[0].why, "has a key that is not known: 'colour'");

    let waivers = parse(&file(&[GOOD]).replace("[[waiver]]", "[waiver]")).unwrap();
    let why = "is not of type array; begin each entry with [[waiver]]".to_owned();
    let about = "waiver".to_owned();
    assert_eq!(waivers.broken(), [Broken { line: 3, position: 0, about, why }]);

    let waivers = parse("formatVersion = \"1.0\"\nwaiver = [\n 1,\n {},\n]\n").unwrap();
    let told: Vec<(usize, usize)> =
        waivers.broken().iter().map(|broken| (broken.line, broken.position)).collect();
    assert_eq!(told, [(3, 1), (4, 2)]);
    assert_eq!(waivers.broken()[0].why, "is not of type object");
}

#[test]
fn what_is_no_file_of_waivers_is_refused_as_a_whole() {
    for (text, kind, told) in [
        ("", Kind::Schema, "line 1: lacks 'formatVersion'"),
        ("\n\nformatVersion = 1", Kind::Schema, "line 3: formatVersion is not of type string"),
        ("formatVersion = \"one\"", Kind::Schema, "line 1: formatVersion does not match"),
        ("formatVersion = \"+1.0\"", Kind::Schema, "line 1: formatVersion does not match"),
        ("\nformatVersion = \"2.0\"", Kind::TooNew, "line 2: format 2.0 is not one"),
        ("formatVersion = \"0.9\"", Kind::TooNew, "line 1: format 0.9 is not one"),
        ("a = 1\r\nb = \r\n", Kind::Malformed, "line 2: this is not TOML"),
        ("a = 1\n\na = 1\n", Kind::Malformed, "line 3: this is not TOML: duplicate key"),
        ("\u{feff}a = 1\n\na = 2027-02-30", Kind::Malformed, "line 3: this is not TOML"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.kind, kind, "{text}");
        assert!(error.message.starts_with(&format!("w.toml, {told}")), "{}", error.message);
        assert!(!error.hint.is_empty());
    }
    // A day that is none forgives nothing else.
    let error = parse(&file(&[&GOOD.replace("01-31", "02-30"), "rule = x"])).unwrap_err();
    assert!(error.message.starts_with("w.toml, line 11: this is not TOML"), "{}", error.message);
    // A minor version more is read.
    assert_eq!(parse(&file(&[GOOD]).replace("1.0", "1.7")).unwrap().iter().count(), 1);
}

#[test]
fn a_file_is_read_from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waivers.toml");
    let read = |bytes: &[u8]| {
        fs::File::create_new(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
            .unwrap();
        let read = Waivers::read(&path);
        fs::remove_file(&path).unwrap();
        read
    };
    assert_eq!(read(file(&[GOOD]).as_bytes()).unwrap().iter().count(), 1);
    let error = read(b"a = 1\nb = \"\xff\"").unwrap_err();
    assert_eq!(error.kind, Kind::Malformed);
    assert!(error.message.contains("line 2"), "{}", error.message);
    let error = read("#\n".repeat(LIMIT / 2 + 1).as_bytes()).unwrap_err();
    assert_eq!(error.kind, Kind::Malformed);
    assert!(error.message.contains("line 2097153: from here on"), "{}", error.message);
    for missing in [&path, folder.path()] {
        assert_eq!(Waivers::read(missing).unwrap_err().kind, Kind::Missing);
    }
}

/// Names with everything in them that means something somewhere.
fn name() -> impl Strategy<Value = String> {
    let odd = "[aAbßİK\\\\*\"'\n\r\t\u{0}\u{7f}\u{85}\u{202e}\u{feff}é東🙂 #\\[\\]{}=.]{0,12}";
    prop_oneof![odd, any::<String>()]
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text: String, entry in "(rule|name|owner|expires|values|waiver|[\"'\\[\\]{}=,.\n \\\\0-9a:-]){0,40}") {
        let _ = parse(&text);
        for text in [file(&[&entry]), format!("{}{entry}", file(&[GOOD])), format!("waiver = [{{{entry}}}]")] {
            if let Ok(waivers) = parse(&text) {
                let lines = text.lines().count();
                prop_assert!(waivers.broken().iter().all(|broken| (1..=lines).contains(&broken.line)));
            }
        }
    }

    #[test]
    fn a_draft_covers_what_it_was_made_for(
        rule in name(),
        about in name(),
        subject in name(),
        namespace in proptest::option::of(name()),
        of in proptest::option::of(proptest::collection::btree_set(name(), 1..4)),
        other in name(),
    ) {
        let of: Option<Vec<String>> = of.map(|of| of.into_iter().collect());
        let digest = Digest::of("values");
        let entry = Draft {
            rule: &rule,
            about: &about,
            name: &subject,
            namespace: namespace.as_deref(),
            values: of.as_ref().map(|of| (of.as_slice(), &digest)),
        };
        let text = draft([entry, entry].into_iter(), &day("2027-01-31"));
        let unedited = parse(&text).unwrap();
        prop_assert_eq!(unedited.iter().count(), 0);
        prop_assert_eq!(&unedited.broken()[0].why, "owner is blank; reason is blank");

        let filled = text.replace("\nowner = \"\"", "\nowner = \"x\"").replace("\nreason = \"\"", "\nreason = \"x\"");
        let waivers = parse(&filled).unwrap();
        prop_assert_eq!(waivers.broken(), []);
        let all: Vec<&Waiver> = waivers.iter().collect();
        prop_assert_eq!(all.len(), 1);
        let waiver = all[0];
        let place = namespace.as_deref();
        prop_assert!(waiver.covers(&rule, &subject, place));
        prop_assert_eq!(waivers.candidates(&rule, &subject), vec![waiver]);
        prop_assert_eq!(waiver.covers(&rule, &other, place), folded(&other) == folded(&subject));
        prop_assert_eq!(waiver.covers(&other, &subject, place), other == rule);
        if let Some(namespace) = place {
            prop_assert!(!waiver.covers(&rule, &subject, None));
            let same = folded(&other) == folded(namespace);
            prop_assert_eq!(waiver.covers(&rule, &subject, Some(&other)), same);
        }
        let values = of.map(|of| Values { of, sha256: digest });
        prop_assert_eq!(&waiver.values, &values);
    }

    #[test]
    fn the_index_finds_what_a_search_would(
        names in proptest::collection::vec("[abA*İ\\\\]{0,6}", 0..20),
        rules in proptest::collection::vec("[rs]", 20),
        asked in "[abA*İi\u{307}]{0,8}",
    ) {
        let entry = |(at, (name, rule)): (usize, (&String, &String))| {
            GOOD.replace("role-missing", rule).replace("\"LAB_*\"", &format!("'{name}'")).replace("4711", &at.to_string())
        };
        let entries: Vec<String> = names.iter().zip(&rules).enumerate().map(entry).collect();
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        let waivers = parse(&file(&entries)).unwrap();
        prop_assert_eq!(waivers.broken(), []);
        for rule in ["r", "s", "t"] {
            let mut all: Vec<&Waiver> = waivers.for_rule(rule).collect();
            prop_assert_eq!(&all, &waivers.iter().filter(|waiver| waiver.rule == rule).collect::<Vec<_>>());
            all.retain(|waiver| waiver.covers(rule, &asked, None));
            all.sort_by_key(|waiver| !matches!(waiver.name.shape, pattern::Shape::Exact(_)));
            prop_assert_eq!(waivers.candidates(rule, &asked), all);
        }
    }
}

#[test]
fn the_schema_takes_the_document_that_the_program_takes() {
    let document = serde_json::json!({
        "formatVersion": "1.0",
        "waiver": [{
            "rule": "r", "name": "*", "namespace": "N", "owner": "x", "reason": "x", "expires": "2027-01-31",
            "values": { "of": ["a"], "sha256": "0".repeat(64) }
        }]
    });
    assert!(schema::validator::<Document>().is_valid(&document));
    assert!(serde_json::from_value::<Document>(document).is_ok());
}
