//! Whatever is wrong with an input, the program says so: with the right exit code, nothing on
//! standard output, and two lines on standard error, what is wrong where and what to do next.
//!
//! Runs the binary itself, a bad operand now on the primary's side and now on the member's, now for
//! a person and now with `--format json`. The bad files are those of `samples/`: spoiled in one
//! place, cut short, grown, or replaced by something else.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use hsmirror::source::{Options, gather};
use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_hsmirror");
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");

/// Exit codes by the name of the failure.
const CODES: [(&str, i32); 6] = [
    ("cut-short", 11),
    ("too-new", 13),
    ("schema", 14),
    ("usage", 64),
    ("malformed", 65),
    ("missing", 66),
];

/// A file of each kind of source.
const NAMES: [&str; 6] = [
    "iris.cpf",
    "SecurityExport.xml",
    "RolesExport.xml",
    "TaskExport.xml",
    "qlist.txt",
    "configuration.json",
];

/// Healthy sides, and folders for bad files beside them.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        for side in ["primary", "backup"] {
            fs::create_dir(place.path(side)).unwrap();
            for file in fs::read_dir(Path::new(SAMPLES).join(side)).unwrap().map(Result::unwrap) {
                let text = fs::read_to_string(file.path()).unwrap();
                // Without hashes to try, a run takes milliseconds in a debug build too.
                let lines = text.split_inclusive('\n').filter(|line| !line.contains("<Password>"));
                let to = place.path(side).join(file.file_name());
                fs::write(to, lines.collect::<String>()).unwrap();
            }
        }
        place
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.0.path().join(inside)
    }

    /// A file in a new folder of its own, there or still missing.
    fn put<'a>(&self, name: &str, content: impl Into<Option<&'a [u8]>>) -> PathBuf {
        let folder = tempfile::tempdir_in(&self.0).unwrap().keep();
        if let Some(content) = content.into() {
            fs::write(folder.join(name), content).unwrap();
        }
        folder.join(name)
    }

    /// A whole file of a kind, from the sample of the primary.
    fn whole(&self, name: &str) -> String {
        let read = |name: &str| fs::read_to_string(self.path("primary").join(name)).unwrap();
        match name {
            "RolesExport.xml" => {
                let all = read("SecurityExport.xml");
                let at = ["<RolesExport>", "</RolesExport>"].map(|tag| all.find(tag).unwrap());
                format!("<?xml version='1.0'?>\n{}</RolesExport>\n", &all[at[0]..at[1]])
            }
            "configuration.json" => {
                let side = gather(&self.path("primary"), &Options::default()).unwrap();
                serde_json::to_string_pretty(&side.configuration).unwrap()
            }
            _ => read(name),
        }
    }

    /// What is not as it should be when `bad` is an operand: on either side, in either format.
    fn refused(&self, bad: &Path, kind: &str, says: &[&str]) -> Vec<String> {
        // Which side gets which format changes from case to case.
        let turn = says.concat().len() % 2 == 0;
        let sides = [(bad, &*self.path("backup"), turn), (&*self.path("primary"), bad, !turn)];
        let complaint = |(primary, member, json)| {
            let ran = compare(primary, member, if json { &["--format", "json"] } else { &[] });
            let what = complains(&ran, json, kind, says).err()?;
            Some(format!("{what}; {} gave {}", bad.display(), String::from_utf8_lossy(&ran.stderr)))
        };
        sides.into_iter().filter_map(complaint).collect()
    }
}

fn compare(primary: &Path, member: &Path, flags: &[&str]) -> Output {
    Command::new(PROGRAM).arg("compare").args([primary, member]).args(flags).output().unwrap()
}

/// Whether a run failed as every failure should, and says these words.
fn complains(ran: &Output, json: bool, kind: &str, says: &[&str]) -> Result<(), String> {
    let code = CODES.iter().find(|(name, _)| *name == kind).map(|(_, code)| *code);
    let text = str::from_utf8(&ran.stderr).map_err(|_| "not UTF-8")?;
    let lines: Vec<&str> = text.lines().collect();
    let sentences = if json {
        // Notes, one a line, may stand before the error.
        let parse = |line: &&str| serde_json::from_str::<Value>(line).unwrap_or_default();
        let (error, notes) = lines.split_last().ok_or("silence")?;
        let error = &parse(error)["error"];
        let notes = notes.iter().all(|note| parse(note)["note"].is_string());
        if !notes || error["kind"] != kind || error["exitCode"] != Value::from(code) {
            return Err(format!("no JSON of kind {kind}"));
        }
        ["message", "hint"].map(|part| error[part].as_str().unwrap_or_default().to_owned())
    } else {
        let [what, hint] = lines[..] else { return Err("not two lines".to_owned()) };
        [what.strip_prefix("hsmirror: ").ok_or("not from hsmirror")?.to_owned(), hint.to_owned()]
    };
    let bare = ["panicked", "No such file", "fault of hsmirror"];
    let unsaid = says.iter().find(|word| !sentences[0].contains(**word));
    match () {
        () if ran.status.code() != code => Err(format!("ended with {}", ran.status)),
        () if !ran.stdout.is_empty() => Err("something on standard output".to_owned()),
        () if sentences.iter().any(|text| !text.ends_with('.')) => Err("no sentences".to_owned()),
        () if bare.iter().any(|bare| text.contains(bare)) => Err("bare words".to_owned()),
        () => unsaid.map_or(Ok(()), |word| Err(format!("does not say '{word}'"))),
    }
}

#[cfg(unix)]
#[test]
fn a_missing_or_unreadable_operand_is_66() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = Place::new();
    let mut wrong = Vec::new();
    for name in NAMES {
        let missing = place.put(name, None);
        let folder = missing.parent().unwrap();
        wrong.extend(place.refused(&missing, "missing", &["Cannot read", name]));
        wrong.extend(place.refused(folder, "missing", &["none of the sources"]));
        fs::create_dir(&missing).unwrap();
        wrong.extend(place.refused(folder, "missing", &["none of the sources"]));
        let link = place.put(name, None);
        symlink("nowhere", &link).unwrap();
        wrong.extend(place.refused(&link, "missing", &[name]));
        wrong.extend(place.refused(link.parent().unwrap(), "missing", &[name]));
        let closed = place.put(name, place.whole(name).as_bytes());
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser reads it all the same.
        if fs::File::open(&closed).is_err() {
            wrong.extend(place.refused(&closed, "missing", &[name, "may not read"]));
        }
    }
    let both = compare(&place.path("a.cpf"), &place.path("b.cpf"), &[]);
    wrong.extend(complains(&both, false, "missing", &["a.cpf"]).err());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_wrong_command_line_is_64() {
    let lines = "|nonsense|compare|compare a|compare a b c|compare a b --format yaml|schema x\
                 |compare a b --only x|compare a b -q -v|compare a b --color";
    for line in lines.split('|') {
        let ran = Command::new(PROGRAM).args(line.split_whitespace()).output().unwrap();
        assert_eq!(ran.status.code(), Some(64), "{line}");
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{line}");
    }
    // Design 3: with `--format json`, errors are JSON too.
    let ran = compare(Path::new("a"), Path::new("b"), &["--format", "json", "--only", "x"]);
    assert_eq!(complains(&ran, true, "usage", &["--only"]), Ok(()));
}

#[test]
fn something_else_in_place_of_a_source_is_refused() {
    let place = Place::new();
    let others: [(&[u8], &str); 16] = [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "none of the sources"),
        (b"PK\x03\x04\x14\0\0\0\x08\0iris.cpf", "none of the sources"),
        (b"<!DOCTYPE html>\n<html><body><pre>[ConfigFile]</pre></body></html>", "web page"),
        (b"<html>\n<head><title>Buttons</title></head></html>", "web page"),
        (b"<?xml version='1.0'?>\n<Export generator='IRIS'><Class/></Export>", "line 2: <Export>"),
        (b"kind: ConfigMap\ndata:\n  merge.cpf: |-\n    [Startup]\n    ZSTU=1\n", "line 1: text"),
        (b"[Startup]\nPasswordHash=x\n[Actions]\nCreateRole:Name=A\n", "line 3: this is a conf"),
        (b"[Startup]\nSystemMode=TEST\n", "merge file"),
        (b"{ \"Databases\": { \"APP\": {} } }", "no formatVersion"),
        (b"[ { \"name\": \"A\" } ]", "none of the sources"),
        (b"{ \"verbose\": 1, \"thisSystem\": {}, \"remoteSystem\": {} }", "vendor's own"),
        (b"{ \"namespaces\": [], \"roles\": [ { \"name\": \"A\" } ] }", "vendor's own"),
        (b"\xff\xfe[\0C\0o\0n\0f\0i\0g\0]\0\n\0", "UTF-16"),
        (b"\xfe\xff\0<\0U\0s\0e\0r\0s\0E\0x\0p\0o\0r\0t\0>", "UTF-16"),
        (b"just words\nin lines\n", "none of the sources"),
        (b"{ \"formatVersion\": \"1.0\" }\n{}", "line 2: this is not JSON"),
    ];
    let mut wrong = Vec::new();
    for ((content, says), name) in others.into_iter().zip(NAMES.into_iter().cycle()) {
        let bad = place.put(name, content);
        wrong.extend(place.refused(&bad, "malformed", &[name, says]));
        // In a folder it is the name that says that it should be a source.
        wrong.extend(place.refused(bad.parent().unwrap(), "malformed", &[name, says]));
    }
    // What is sealed is judged as a bundle, whatever its name (design 3).
    for (start, kind) in [
        ("age-encryption.org/v1\n-> X25519 abc\n", "cut-short"),
        ("-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "cut-short"),
        ("age-encryption.org/v1\n-> X25519 abc\nAAAA\n--- AAAA\n", "cut-short"),
        ("age-encryption.org/v2\n", "too-new"),
    ] {
        wrong.extend(place.refused(&place.put("iris.cpf", start.as_bytes()), kind, &["iris.cpf"]));
    }
    let blanks = ["", "\n", " \r\n\t\n\n", "\u{feff}"];
    for (blank, name) in blanks.iter().flat_map(|blank| NAMES.map(|name| (blank, name))) {
        wrong.extend(place.refused(&place.put(name, blank.as_bytes()), "malformed", &[name]));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Under the name of a file and the kind of its failure: what is replaced, by what, and a word of
/// the message. `…` is what is replaced, `⏎` a line feed, `␀` a NUL, `¿` a byte that is Latin-1 and
/// no UTF-8; `§` stands before the place whose line the message has to name.
const SPOILED: &str = r#"
iris.cpf malformed
  [Databases]⏎ => …§=/x/⏎ => no name
  [Databases]⏎ => …X=/x/⏎§x=/y/⏎ => another value
  [Databases]⏎ => …§X=/x/,,maybe⏎ => MountRequired
  [Databases]⏎ => …§X=/¿/⏎ => UTF-8
  [Databases]⏎ => …X=/␀/⏎ => .
  [Databases]⏎ => §[Databases⏎ => section
  [Namespaces]⏎ => …§broken⏎ => [Namespaces]
  [Map.ELMHUB]⏎ => …§Klass_A=USER⏎ => no mapping
  [MapMirrors.ELMIRROR]⏎ => …§broken⏎ => [MapMirrors.ELMIRROR]
  [Map.ELMHUB]⏎ => …§Global_A("b=USER⏎ => [Map.ELMHUB]
  [Map.ELMHUB]⏎ => §[Map.]⏎Package_A=USER⏎ => [Map.]
  [MirrorMember]⏎ => …§broken⏎ => [MirrorMember]
  [Mirrors]⏎ => …§broken⏎ => [Mirrors]
  JoinMirror= => §…maybe => JoinMirror
  SystemName= => …X/IRIS⏎§… => SystemName
  [ConfigFile]⏎ => …§broken⏎ => [ConfigFile]
  [ConfigFile]⏎ => §words⏎… => before the first section
  [Conversions]⏎ => §[Actions]⏎ => merge file
SecurityExport.xml malformed
  <Enabled> => §…maybe => Enabled is not true
  <Type> => §…- => Type
  <PublicPermission>0 => §<PublicPermission>9 => PublicPermission
  <ExpirationDate>1840-12-31 => §<ExpirationDate>soon => a day
  <ExpirationDate>1840-12-31 => §<ExpirationDate>2027-02-30 => a day
  <Name>CSPSystem => <Name> => no name
  <UsersExport> => …⏎§words => text stands
  <UsersExport> => …⏎§<!DOCTYPE x [<!ENTITY a 'b'>]> => document type
  </Users> =>  => .
  </UsersExport> => §</RolesExport> => tags do not match
  </SecurityExport> => …⏎§words => text stands
  </SecurityExport> => …⏎§<RolesExport></RolesExport> => second
  </SecurityExport> => …⏎§<RolesExport/> => second
RolesExport.xml malformed
  <Description> => §…&a; => entity
  <Description> => §…&#0; => entity
  <Description> => §…␀ => .
  <Description> => §…¿⏎b⏎ => UTF-8
  <Permission>4 => <Permission>8 => permissions
  <RolesExport> => …⏎<Roles><X a='1> => .
TaskExport.xml malformed
  <TimePeriod>0 => §<TimePeriod>hourly => TimePeriod
  <Settings> => §…* => base64
  <Settings> => §…//// => reaches past the end
  <Settings> => §…AwFB => no value
  </Task>⏎ => …§words => text stands
  </Task>⏎ => …§<Job></Job> => no task export
  <Description> => §…¿ => UTF-8
qlist.txt malformed
  ok^ => §ok¿^ => UTF-8
  ⏎ => …§IRIS2^/m^2024.1^down^iris.cpf^1^2^3⏎ => more than one
  ok^ => §ok␀^ => .
configuration.json schema
  "name": "CSPSystem" => "nam": "x" => lacks 'name'
  "name": "CSPSystem" => "name": "" => name is empty
  "name": "CSPSystem" => "name": "x", "name": "y" => twice
  "enabled": true => "enabled": "yes" => enabled is not of type
  "System" => "Systems" => none of the values
  "publicPermission": " => …X => does not match
  "at": " => …on  => does not match
  "timeout": 900 => "timeout": -1 => timeout
  "roles": [ => "roles": [], … => 'roles' is given twice
  "roles": [ => "roles": {}, "x": [ => roles
  "formatVersion": "1.2" => §"formatVersion": 1.0 => formatVersion
configuration.json too-new
  "formatVersion": "1.2" => §"formatVersion": "2.0" => newer
configuration.json malformed
  "formatVersion": "1.2", =>  => vendor's own
  "roles": [ => §…{"name": "¿"}, => .
  "roles": [ => §…{"name": "␀"}, => JSON
  "roles": [ => §…{"name": "\ud800"}, => JSON
"#;

#[test]
fn a_file_spoiled_in_one_place_is_refused_at_its_line() {
    let place = Place::new();
    let (mut name, mut kind, mut whole, mut wrong) = ("", "", String::new(), Vec::new());
    for row in SPOILED.lines().filter(|row| !row.is_empty()) {
        let Some(row) = row.strip_prefix("  ") else {
            (name, kind) = row.split_once(' ').unwrap();
            whole = place.whole(name);
            continue;
        };
        let plain = row.replace('⏎', "\n").replace('␀', "\0");
        let [from, to, says] = plain.split(" => ").collect::<Vec<_>>().try_into().unwrap();
        assert!(whole.contains(from), "{name} has no {from}");
        let text = whole.replacen(from, &to.replace('…', from), 1);
        let before = text.split_once('§').map(|(before, _)| before.matches('\n').count());
        let at = before.map_or_else(String::new, |lines| format!("{name}, line {}:", lines + 1));
        let text = text.replace('§', "");
        let bytes = text.split('¿').map(str::as_bytes).collect::<Vec<_>>().join(&0xe9);
        let found = place.refused(&place.put(name, &*bytes), kind, &[name, &at, says]);
        wrong.extend(found.into_iter().map(|what| format!("{row}: {what}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every beginning of a file is refused, or nothing was lost with the rest.
fn cut_short(name: &str) -> Vec<String> {
    let place = Place::new();
    let text = place.whole(name);
    let path = place.put(name, text.as_bytes());
    // The record of the file itself is another one, of course.
    let read = || {
        let mut side = gather(&path, &Options::default()).ok()?.configuration;
        side.sources.clear();
        Some(side)
    };
    let (whole, step) = (read(), text.len() / 80 + 1);
    let mut wrong = Vec::new();
    // Steps, and every byte at the end; read in this process, which is quicker, now and then not.
    for at in (0..text.len()).filter(|at| at % step == 0 || at + 20 > text.len()) {
        let (part, rest) = text.split_at(at);
        fs::write(&path, part).unwrap();
        let found = read();
        // Nothing but blanks may be missing where a last bracket closes the whole.
        let closed = name.ends_with("xml") || name.ends_with("json");
        let lost = found.is_some() && found != whole;
        if lost || closed && found.is_some() != rest.trim().is_empty() {
            wrong.push(format!("read: {}, cut after {:?}", found.is_some(), part.lines().last()));
        } else if found.is_none() && at / step % 8 == 0 {
            wrong.extend(place.refused(&path, "malformed", &[name]));
        }
    }
    wrong
}

#[test]
fn an_export_or_document_cut_short_anywhere_is_refused() {
    for name in NAMES.iter().filter(|name| name.contains("Export") || name.ends_with(".json")) {
        assert_eq!(cut_short(name), [""; 0]);
    }
}

#[test]
fn a_cpf_cut_short_where_it_counts_is_refused() {
    assert_eq!(cut_short("iris.cpf"), [""; 0]);
}

#[test]
fn the_line_of_an_instance_cut_short_is_refused() {
    assert_eq!(cut_short("qlist.txt"), [""; 0]);
}

#[test]
fn an_input_that_grows_or_nests_is_refused_soon_and_in_little_memory() {
    let place = Place::new();
    let entity = |at| format!("<!ENTITY e{at} '{}'>", format!("&e{};", at - 1).repeat(10));
    let bomb: String = (1..10).map(entity).collect();
    let (long, deep) = ("x".repeat(40 << 20), 10_000);
    for (name, from, to, says) in [
        ("RolesExport.xml", "<RolesExport>", format!("<!DOCTYPE x [{bomb}]>"), "document type"),
        ("RolesExport.xml", "<RolesExport>", "<!DOCTYPE x SYSTEM '/etc/passwd'>".into(), "type"),
        ("RolesExport.xml", "<Description>", format!("<Description>{long}"), "16 MiB"),
        ("RolesExport.xml", "<Description>", format!("<Tomorrow a='{long}"), "16 MiB"),
        ("RolesExport.xml", "<Resources>", "<Resources>".repeat(deep), "nested deeper"),
        ("RolesExport.xml", "<Resources>", "<Tomorrow>".repeat(deep), "line"),
        ("iris.cpf", "HSLIB=", format!("HSLIB={}", &long[..2 << 20]), "longer than 1 MiB"),
        ("iris.cpf", "Global_%SYS", format!("Global_A{}", "(".repeat(deep)), "not NAME=VALUE"),
        ("configuration.json", "\"roles\": ", format!("\"roles\": {}", "[".repeat(deep)), "line"),
        ("configuration.json", "\"roles\": ", format!("\"later\": {}", "[".repeat(deep)), "line"),
    ] {
        let bad = place.put(name, place.whole(name).replacen(from, &to, 1).as_bytes());
        let note = place.path("peak");
        let time = if cfg!(target_os = "linux") { "/usr/bin/time" } else { "no such program" };
        let mut run = Command::new(time);
        run.args(["-f", "%M", "-o"]).arg(&note).args([PROGRAM, "compare"]);
        run.arg(&bad).arg(place.path("primary/qlist.txt"));
        let start = Instant::now();
        let ran = run.output().unwrap_or_else(|_| compare(&bad, &bad, &[]));
        let took = start.elapsed();
        assert_eq!(complains(&ran, false, "malformed", &[name, says]), Ok(()), "{ran:?}");
        let most = if to.len() > 4 << 20 { 8 } else { 1 };
        assert!(took < Duration::from_secs(most), "{says} took {took:?}");
        let Ok(peak) = fs::read_to_string(&note) else {
            drop(writeln!(std::io::stderr(), "skipped: no GNU time to measure memory with"));
            continue;
        };
        let peak: u64 = peak.lines().last().unwrap().parse().unwrap();
        assert!(peak < 72 << 10, "{says} took {peak} KiB");
    }
}
