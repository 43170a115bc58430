//! Archives that are laid out right, whose entries do not say what they should: digests, signature,
//! manifest, document. Whatever is not the point of a row is right in it.

use serde_json::{Value, json};

use super::Row;
use super::pack::{DOCUMENT, MANIFEST, SIGNATURE, SUMS, Sound, sums_of, tar};

/// What is done to a list of digests.
type Spoil = fn(String) -> String;

/// The wrong archives.
pub fn rows(sound: &Sound) -> Vec<Row> {
    let mut rows = Vec::new();
    digests(sound, &mut rows);
    signatures(sound, &mut rows);
    manifests(sound, &mut rows);
    manifest_texts(sound, &mut rows);
    documents(sound, &mut rows);
    rows
}

fn digests(sound: &Sound, rows: &mut Vec<Row>) {
    let spoils: [(&str, Spoil); 15] = [
        ("without the document", |sums| first(&sums)),
        ("without the manifest", |sums| sums.replacen(&first(&sums), "", 1)),
        ("with nothing", |_| String::new()),
        ("with an entry that is not there", |sums| sums + &sums_of([("plan.json", &b"{}"[..])])),
        ("with a line twice", |sums| sums.clone() + &first(&sums)),
        ("in another order", |sums| sums.replacen(&first(&sums), "", 1) + &first(&sums)),
        ("with a wrong digest of the manifest", |sums| turned(&sums, 0)),
        ("with a wrong digest of the document", |sums| turned(&sums, first(&sums).len())),
        ("with digests in upper case", |sums| {
            sums.to_uppercase()
                .replace("MANIFEST.JSON", MANIFEST)
                .replace("CONFIGURATION.JSON", DOCUMENT)
        }),
        ("with other names", |sums| sums.replace(DOCUMENT, "../configuration.json")),
        ("in binary mode", |sums| sums.replace("  ", " *")),
        ("with carriage returns", |sums| sums.replace('\n', "\r\n")),
        ("without its last line end", |sums| sums.trim_end().to_owned()),
        ("with a blank line", |sums| sums + "\n"),
        ("with the digests of another tool", |sums| sums.replace("  ", "\t")),
    ];
    for (what, spoil) in spoils {
        let spoiled = Sound::with(sound.manifest(), &sound.document, spoil);
        rows.push((format!("a list of digests {what}"), 12, spoiled.tar()));
    }
    let long = Sound::with(sound.manifest(), &sound.document, |sums| sums.repeat(1000));
    rows.push(("a list of digests beyond the limit".into(), 14, long.tar()));
    // A document that was changed, with nothing else.
    let mut changed = sound.clone();
    changed.document[0] = b' ';
    rows.push(("a document that was changed".into(), 12, changed.tar()));
    // Altered comes before malformed: who reads the first message must not look for a bad export.
    changed.document.fill(b'x');
    rows.push(("a document that was overwritten".into(), 12, changed.tar()));
    changed = sound.clone();
    let serial = br#""serial":1"#;
    let place = changed.manifest.windows(serial.len()).position(|part| part == serial).unwrap();
    changed.manifest[place + serial.len() - 1] = b'2';
    rows.push(("a manifest that was changed".into(), 12, changed.tar()));
}

/// The first line.
fn first(sums: &str) -> String {
    sums.split_inclusive('\n').next().unwrap_or_default().to_owned()
}

/// With another digit at a place.
fn turned(sums: &str, at: usize) -> String {
    let digit = if &sums[at..=at] == "0" { "1" } else { "0" };
    format!("{}{digit}{}", &sums[..at], &sums[at + 1..])
}

fn signatures(sound: &Sound, rows: &mut Vec<Row>) {
    let mut manifest = sound.manifest();
    let signed = |manifest: &Value, signature: &[u8]| {
        let sound = sound.with_manifest(&serde_json::to_vec(manifest).unwrap());
        tar(sound.entries().into_iter().chain([(SIGNATURE, signature)]))
    };
    let text = b"-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n";
    rows.push(("a signature that was not stated".into(), 14, signed(&manifest, text)));
    manifest["entries"].as_array_mut().unwrap().push(json!({ "name": SIGNATURE }));
    let absent = sound.with_manifest(&serde_json::to_vec(&manifest).unwrap());
    rows.push(("a signature that is not there".into(), 14, absent.tar()));
    rows.push(("a signature that is cut".into(), 12, signed(&manifest, text)));
    rows.push(("an empty signature".into(), 12, signed(&manifest, b"")));
    rows.push(("no signature".into(), 12, signed(&manifest, b"yes")));
    rows.push(("a signature beyond the limit".into(), 14, signed(&manifest, &[b'x'; 1 << 20])));
}

fn manifests(sound: &Sound, rows: &mut Vec<Row>) {
    let size = sound.document.len();
    let sums = sound.sums.len();
    let entries = |entries: Value| ("entries", entries);
    let changes: Vec<(i32, (&str, Value))> = vec![
        (13, ("formatVersion", json!("2.0"))),
        (13, ("formatVersion", json!("9999.9"))),
        (14, ("formatVersion", json!("0"))),
        (14, ("formatVersion", json!("1.0.0"))),
        (14, ("formatVersion", json!(" 1.0"))),
        (14, ("formatVersion", json!("+1.0"))),
        (14, ("formatVersion", json!(1.0))),
        (14, ("formatVersion", json!(null))),
        (13, ("minimumReaderVersion", json!("1.1"))),
        (13, ("minimumReaderVersion", json!("2.0"))),
        (14, ("minimumReaderVersion", json!("later"))),
        (14, ("kind", json!("database"))),
        (14, ("kind", json!("Configuration"))),
        (14, ("kind", json!("../configuration"))),
        // Its document has another name, so the one that is there has no place.
        (14, ("kind", json!("comparison"))),
        (14, ("kind", json!(["configuration"]))),
        (14, ("exportId", json!("0"))),
        (14, ("exportId", json!("0".repeat(1 << 19)))),
        (14, ("serial", json!(-1))),
        (14, ("serial", json!(1e300))),
        (14, ("serial", json!(u64::MAX))),
        (14, ("sealedAt", json!("2027-02-30T00:00:00Z"))),
        (14, ("sealedAt", json!("yesterday"))),
        (14, ("holdsSecrets", json!("no"))),
        (14, ("recipients", json!({}))),
        (14, ("sections", json!([{ "section": "secrets" }]))),
        (14, entries(json!([]))),
        (14, entries(json!([{ "name": DOCUMENT, "size": size }]))),
        (14, entries(json!([{ "name": DOCUMENT }, { "name": SUMS }]))),
        (14, entries(json!([{ "name": DOCUMENT, "size": size }, { "name": SUMS }]))),
        (
            14,
            entries(
                json!([{ "name": DOCUMENT, "size": size }, { "name": SUMS, "size": sums - 1 }]),
            ),
        ),
        (
            14,
            entries(
                json!([{ "name": DOCUMENT, "size": size + 1 }, { "name": SUMS, "size": sums }]),
            ),
        ),
        (14, entries(json!([{ "name": "x.json", "size": size }, { "name": SUMS, "size": sums }]))),
        (14, entries(json!([{ "name": SUMS, "size": sums }, { "name": DOCUMENT, "size": size }]))),
        (14, entries(json!([{ "name": DOCUMENT, "size": -1 }]))),
        (14, entries(json!([[], [], []]))),
    ];
    for (code, (name, value)) in changes {
        let mut manifest = sound.manifest();
        let shown: String = value.to_string().chars().take(90).collect();
        manifest[name] = value;
        let changed = sound.with_manifest(&serde_json::to_vec(&manifest).unwrap());
        rows.push((format!("a manifest with {name} {shown}"), code, changed.tar()));
    }
    for name in ["formatVersion", "minimumReaderVersion", "kind", "recipients", "entries"] {
        let mut manifest = sound.manifest();
        manifest.as_object_mut().unwrap().remove(name);
        let changed = sound.with_manifest(&serde_json::to_vec(&manifest).unwrap());
        rows.push((format!("a manifest without {name}"), 14, changed.tar()));
    }
}

fn manifest_texts(sound: &Sound, rows: &mut Vec<Row>) {
    let right = str::from_utf8(&sound.manifest).unwrap();
    let twice = |what: &str, again: &str| {
        let (begin, _) = right.split_once(what).unwrap();
        format!("{begin}{again},{}", &right[begin.len()..])
    };
    let texts: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("a space", b" ".to_vec()),
        ("words", b"just words".to_vec()),
        ("an array", format!("[{right}]").into()),
        ("null", b"null".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("something after it", format!("{right}{{}}").into()),
        ("its end missing", right[..right.len() - 1].into()),
        ("a comma too many", right.replacen('{', "{,", 1).into()),
        ("the kind twice", twice(r#""kind""#, r#""kind":"comparison""#).into()),
        ("the same kind twice", twice(r#""kind""#, r#""kind":"configuration""#).into()),
        ("the kind twice, once escaped", twice(r#""kind""#, r#""\u006bind":"comparison""#).into()),
        ("a name twice within", right.replacen(r#""size":"#, r#""size":1,"size":"#, 1).into()),
        (
            "bytes that are no text",
            [&right.as_bytes()[..right.len() - 1], b",\"x\":\"\xff\"}"].concat(),
        ),
        ("UTF-16", right.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a byte order mark", format!("\u{feff}{right}").into()),
        ("half a surrogate", twice(r#""kind""#, r#""x":"\ud800""#).into()),
        (
            "brackets within brackets",
            twice(r#""kind""#, &format!(r#""x":{}"#, "[".repeat(100_000))).into(),
        ),
        ("brackets that close", {
            let deep = format!(r#""x":{}{}"#, "[".repeat(9_000), "]".repeat(9_000));
            twice(r#""kind""#, &deep).into()
        }),
        ("more than the limit", format!("{right}{}", " ".repeat(1 << 20)).into()),
    ];
    for (what, text) in texts {
        rows.push((format!("a manifest that is {what}"), 14, sound.with_manifest(&text).tar()));
    }
}

fn documents(sound: &Sound, rows: &mut Vec<Row>) {
    let right = str::from_utf8(&sound.document).unwrap();
    let version = r#""formatVersion":"1.2""#;
    assert!(right.contains(version) && right.ends_with('}'), "{right}");
    let more = |more: &str| format!("{},{more}}}", &right[..right.len() - 1]);
    let instead = |other: &str| right.replace(version, other);
    let documents: Vec<(&str, i32, Vec<u8>)> = vec![
        ("nothing", 14, Vec::new()),
        ("a space", 14, b" ".to_vec()),
        ("words", 14, b"just words".to_vec()),
        ("a page", 14, b"<!DOCTYPE html>".to_vec()),
        ("an array", 14, b"[]".to_vec()),
        ("null", 14, b"null".to_vec()),
        ("an empty object", 14, b"{}".to_vec()),
        ("its end missing", 14, right[..right.len() - 1].into()),
        ("cut in the middle", 14, right[..right.len() / 2].into()),
        ("something after it", 14, format!("{right}x").into()),
        ("a second object", 14, format!("{right}\n{{}}").into()),
        ("zeros", 14, vec![0; 1000]),
        ("zeros after it", 14, format!("{right}\0\0\0").into()),
        ("UTF-16", 14, right.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        (
            "bytes that are no text",
            14,
            [&right.as_bytes()[..right.len() - 1], b",\"x\":\"\xff\"}"].concat(),
        ),
        (
            "without a version",
            14,
            right.replace(&format!("{version},"), "").replace(version, r#""x":1"#).into(),
        ),
        ("with no version for one", 14, instead(r#""formatVersion":"later""#).into()),
        ("with a number for a version", 14, instead(r#""formatVersion":1.0"#).into()),
        ("newer", 13, instead(r#""formatVersion":"2.0""#).into()),
        ("much newer", 13, instead(r#""formatVersion":"9999.0""#).into()),
        ("with its version twice", 14, more(version).into()),
        ("with a role without a name", 14, more(r#""roles":[{}]"#).into()),
        ("with a role of no name", 14, more(r#""roles":[{"name":""}]"#).into()),
        ("with a role twice", 14, more(r#""roles":[{"name":"a"},{"name":"A"}]"#).into()),
        ("with a role's name twice", 14, more(r#""roles":[{"name":"a","name":"b"}]"#).into()),
        ("with roles twice", 14, more(r#""roles":[],"roles":[]"#).into()),
        ("with no array of roles", 14, more(r#""roles":{}"#).into()),
        ("with no objects for roles", 14, more(r#""roles":[1,2]"#).into()),
        ("with a comma too many", 14, more(r#""roles":[],"#).into()),
        ("with no JSON in a role", 14, more(r#""roles":[{"name":x}]"#).into()),
        ("with half a surrogate", 14, more(r#""roles":[{"name":"\ud800"}]"#).into()),
        ("brackets within brackets", 14, more(&format!(r#""x":{}"#, "[".repeat(100_000))).into()),
        ("a long text", 14, more(&format!(r#""x":"{}""#, "x".repeat(17 << 20))).into()),
        ("the vendor's own file", 14, b"{\"verbose\":1,\"thisSystem\":{}}".to_vec()),
    ];
    for (what, code, document) in documents {
        let changed = Sound::with(sound.manifest(), &document, |sums| sums);
        rows.push((format!("a document that is {what}"), code, changed.tar()));
    }
}
