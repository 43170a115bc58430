//! Real files are read whole and compared sensibly.
//!
//! Proves on the files of `../shared/corpus`, published by administrators in open repositories,
//! that each is read and holds as many objects as `SOURCES.md` counted; that order, line ends, a
//! byte order mark and the case of folded names are no difference; and that two days of one
//! instance, two product versions, selections, old record versions and a chain of tasks come to
//! what an expert would say. Altered copies are made by plain text work and kept nowhere. Without
//! the folder every test says `skipped: no ../shared` and passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::io::Write;
use std::path::Path;

use hsmirror::compare::{Selection, Side, State};
use hsmirror::finding::{self, Judgement, Verdict};
use hsmirror::model::{Configuration, Extent, Owner, Section, Value};
use hsmirror::report::{Format, Look, View, render};
use hsmirror::source::{self, Options};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus");

/// Every real file that can be compared: name and text.
fn corpus() -> Option<BTreeMap<String, String>> {
    if !Path::new(CORPUS).is_dir() {
        // Not println!, which a passing test keeps to itself.
        let _ = writeln!(std::io::stderr(), "skipped: no ../shared");
        return None;
    }
    let folders = ["cpf", "security-xml", "task-xml"].map(|folder| format!("{CORPUS}/{folder}"));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    Some(paths.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect())
}

/// Text of the file whose name ends so.
fn ending<'a>(files: &'a BTreeMap<String, String>, end: &str) -> &'a str {
    files.iter().find(|(name, _)| name.ends_with(end)).expect(end).1
}

/// Everything that can be read is, so that nothing differs unseen.
const ALL: Options = Options { personal_data: true, task_settings: true, now: None };

fn gathered(text: &str, options: &Options) -> source::Gathered {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    source::gather(file.path(), options).unwrap_or_else(|cause| panic!("{cause}"))
}

fn configuration(text: &str) -> Configuration {
    gathered(text, &ALL).configuration
}

fn judge(primary: &str, member: &str) -> Judgement {
    finding::judge(configuration(primary), configuration(member), &Selection::default())
}

/// What is missing (`-`), extra (`+`) or different (`~`), in order: section and name, of a mapping
/// its namespace; a `*` if it is the product's own; properties. Of section member only those.
fn told(judgement: &Judgement) -> Vec<String> {
    let told = judgement.findings.iter().filter(|one| one.is_difference()).map(|one| {
        let sign = one.absent_from.map_or('~', |side| if side == Side::Member { '-' } else { '+' });
        let mapped = one.subject.kind.and(one.subject.namespace.as_ref());
        let name = mapped.unwrap_or(&one.subject.name).to_uppercase();
        let mark = if one.owner == Owner::Product { "*" } else { "" };
        let changes = one.changes.iter().map(|change| format!(" {}", change.property.name()));
        format!("{sign}{} {name}{mark}{}", one.section, changes.collect::<String>())
    });
    told.filter(|line| !line.starts_with("~member") || line.split(' ').count() > 2).collect()
}

/// Whichever is the primary, there is nothing to tell.
fn assert_alike(one: &str, other: &str, what: &str) {
    let [one, other] = [one, other].map(|text| {
        let mut side = configuration(text);
        // As if every export were one of all: in a selection nothing counts as missing.
        let all = Extent::Complete;
        (side.users.extent, side.roles.extent, side.resources.extent) = (all, all, all);
        (side.applications.extent, side.tasks.extent, side.tls.extent) = (all, all, all);
        side
    });
    for (primary, member) in [(&one, &other), (&other, &one)] {
        let judgement = finding::judge(primary.clone(), member.clone(), &Selection::default());
        assert_eq!(told(&judgement), [""; 0], "{what}");
    }
}

/// The table up to the meanings, without the blank line in between.
fn table(judgement: &Judgement, verbose: bool) -> String {
    let look = Look { width: 80, colour: false, whole_values: false };
    let mut text = Vec::new();
    let view = View { format: Format::Table, verbose, quiet: false, look };
    render(judgement, &view, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    text.split_once("\nWhat it means and what to do").unwrap().0.to_owned()
}

/// Another order, the same in every run.
fn shuffle<T: Hash>(items: &mut [T], seed: u64) {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    items.sort_by_cached_key(|item| hasher.hash_one((seed, item)));
}

fn swapped(text: &str) -> String {
    let other = |byte: u8| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { byte };
    String::from_utf8(text.bytes().map(other).collect()).unwrap()
}

/// Plain text work on a CPF.
mod cpf {
    use super::{shuffle, swapped};

    /// Sections in another order, and the lines within them.
    pub(super) fn shuffled(text: &str, seed: u64) -> String {
        let section = |text: &str| {
            let mut lines: Vec<&str> = text.lines().collect();
            shuffle(&mut lines[1..], seed);
            format!("[{}\n", lines.join("\n"))
        };
        let mut sections: Vec<_> = text.trim_start()[1..].split("\n[").map(section).collect();
        shuffle(&mut sections, seed);
        sections.concat()
    }

    /// Namespaces and databases in the other case, wherever the file names them.
    pub(super) fn other_case(text: &str) -> String {
        let mut heading = "";
        let other = |line| {
            heading = if str::starts_with(line, "[") { line } else { heading };
            let of_map = heading.starts_with("[Map.");
            let other = match (heading, line.rsplit_once('=')) {
                ("[Databases]", Some((name, folder))) => swapped(name) + "=" + folder,
                ("[Namespaces]", Some(_)) => swapped(line),
                (_, Some((name, database))) if of_map => format!("{name}={}", swapped(database)),
                (_, None) if of_map => swapped(line).replace("[mAP.", "[Map."),
                _ => line.to_owned(),
            };
            other + "\n"
        };
        text.lines().map(other).collect()
    }
}

/// Plain text work on an export, whose elements have no attributes and none holds its own kind.
mod xml {
    use super::{shuffle, swapped};

    /// Names and contents of the elements directly inside a text.
    fn elements(text: &str) -> Vec<(&str, &str)> {
        let mut rest = text.split_once("?>").map_or(text, |(_, root)| root);
        let mut elements = Vec::new();
        while let Some((_, element)) = rest.split_once('<') {
            let (name, after) = element.split_once('>').unwrap();
            let (inside, after) = after.split_once(&format!("</{name}>")).unwrap();
            elements.push((name, inside));
            rest = after;
        }
        elements
    }

    /// Records, their fields, the items of lists and the roles an application adds in another order.
    pub(super) fn shuffled(text: &str, seed: u64) -> String {
        let mut elements = elements(text);
        if elements.is_empty() {
            // `match:%target:%target`; no other value holds a `:%`.
            let mut targets: Vec<&str> = text.split(":%").collect();
            shuffle(&mut targets[1..], seed);
            return targets.join(":%");
        }
        shuffle(&mut elements, seed);
        let mix = |(tag, text): &(&str, &str)| format!("\n<{tag}>{}</{tag}>", shuffled(text, seed));
        elements.iter().map(mix).collect()
    }

    /// Users, roles, resources, applications and namespaces in the other case, wherever named.
    pub(super) fn other_case(text: &str) -> String {
        let other = |line: &str| {
            let (tag, rest) = line.split_once('>')?;
            let (value, end) = rest.split_once("</")?;
            let folded = match tag.trim_start() {
                // A task's counts to the letter; for a TLS configuration no rule is published.
                "<Name" => !text.contains("<Tasks>") && !text.contains("<SSLConfigs>"),
                "<NameSpace" | "<Resource" | "<RunAsUser" => true,
                other => other.ends_with("RolesItem"),
            };
            folded.then(|| format!("{tag}>{}</{end}", swapped(value)))
        };
        text.lines().map(|line| other(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
    }
}

/// The number beside a word: `2 Applications`, `Users 1`; 0 where there is none.
fn beside(text: &str, word: &str) -> usize {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let number = |at: usize| words.get(at)?.parse().ok();
    let mut places = (0..words.len()).filter(|at| words[*at] == word);
    places.find_map(|at| number(at.wrapping_sub(1)).or(number(at + 1))).unwrap_or(0)
}

#[test]
fn every_file_is_read_and_holds_what_its_description_counts() {
    let Some(files) = corpus() else { return };
    let sources = fs::read_to_string(format!("{CORPUS}/SOURCES.md")).unwrap();
    // In the order of sections; of tasks the description tells name → class, not their number.
    let words = "namespaces databases mappings Roles Resources Applications → Users Services \
                 SSLConfigs";
    for (file, text) in &files {
        let read = gathered(text, &ALL);
        assert_eq!(read.notes, [""; 0], "{file}: all of it is known");
        let mut rows = sources.lines().filter(|line| line.starts_with(&format!("| `{file}` |")));
        let row = rows.next().and_then(|row| row.rsplit("bytes; ").next()).expect(file);
        let row = row.split_once("Export>`").map_or(row, |(_, counts)| counts);
        for (section, word) in Section::ALL[1..].iter().zip(words.split(' ')) {
            let stated = if word == "→" { row.matches(word).count() } else { beside(row, word) };
            assert_eq!(read.configuration.count(*section), stated, "{section} of {file}");
        }
    }
}

#[test]
fn a_file_is_equal_to_itself_however_it_is_written() {
    let Some(files) = corpus() else { return };
    for (file, text) in &files {
        let is_xml = file.ends_with(".xml");
        let shuffled = if is_xml { xml::shuffled } else { cpf::shuffled };
        let other_case = if is_xml { xml::other_case } else { cpf::other_case };
        let all = other_case(&shuffled(text, 2)).replace('\n', "\r\n");
        for (how, copy) in [
            ("itself", text.clone()),
            ("shuffled", shuffled(text, 1)),
            ("with CRLF", text.replace('\n', "\r\n")),
            ("with a byte order mark", format!("\u{feff}{text}")),
            ("in the other case", other_case(text)),
            ("all of it", format!("\u{feff}{all}")),
        ] {
            assert!(copy != *text || how == "itself" || text.contains("<SSLConfigs>"), "{how}");
            assert_alike(text, &copy, &format!("{file} {how}"));
        }
    }
}

#[test]
fn two_days_of_one_instance_differ_by_the_namespace_that_was_added() {
    let Some(files) = corpus() else { return };
    let (old, new) = (ending(&files, "cpf_20240119"), ending(&files, "cpf_20240124"));
    let only = vec![Section::Databases, Section::Namespaces, Section::Mappings];
    let selection = Selection { only, skip: Vec::new() };
    for (primary, member, sign, code) in [(new, old, '-', "Missing"), (old, new, '+', "Extra")] {
        let judgement = finding::judge(configuration(primary), configuration(member), &selection);
        let told = told(&judgement).join(" ");
        let count = |start| told.matches(&format!("{sign}{start}")).count();
        let counts = ["databases", "namespaces", "mappings FHIRSERVER", ""].map(count);
        assert_eq!(counts, [3, 1, 166, 170]);
        let differences = judgement.findings.iter().filter(|finding| finding.is_difference());
        assert!(differences.clone().all(|finding| finding.code.ends_with(code)));
        assert_eq!(differences.count(), 170);
        // Each finding has a row that begins with its rule, however far it is set in.
        let ids: Vec<&str> = judgement.findings.iter().map(|finding| finding.rule.id).collect();
        let row = |line: &&str| line.split_whitespace().next().is_some_and(|id| ids.contains(&id));
        assert_eq!(table(&judgement, true).lines().filter(row).count(), judgement.findings.len());
        let short = table(&judgement, false);
        assert!(short.lines().count() <= 12, "{} lines:\n{short}", short.lines().count());
    }
}

/// Primary and member; what is told but for mappings; these missing, extra and different in number.
const PAIRS: &[&str] = &[
    // IRIS for Health against IRIS: of the site is only the application of the latter.
    "cpf_20231205 cpf_20241022: ~MEMBER configurationVersion \
     -HSLIB* -HSLIB* -HSSYS* -HSSYS* -HSCUSTOM* -HSCUSTOM* +%ALL* +IRISAPP_DATA +IRISAPP \
     +IRISAPP_CODE +IRISAPP_DATAENSTEMP +IRISAPP_DATASECONDARY; [503, 96, 0]",
    // A fresh installation against a newer one with an application.
    "Good_.cpf vista__iris.cpf: ~MEMBER configurationVersion +IRISMETRICS* +ZZZZ +ZZZZ; [0, 17, 0]",
    // One application on Caché and IRIS, which call the system and temporary databases differently.
    "cache.cpf vista__iris.cpf: ~MEMBER configurationProduct configurationVersion \
     -DOCBOOK* -DOCBOOK* -SAMPLES* -SAMPLES* -CACHE* -CACHEAUDIT* -CACHELIB* -CACHESYS* \
     -CACHETEMP* ~%SYS* globals routines +IRISAUDIT* +IRISLIB* +IRISLOCALDATA* +IRISMETRICS* \
     +IRISSYS* +IRISTEMP*; [0, 0, 5]",
    // Two fresh installations, the second made without interoperability.
    "2020.4__iris.cpf Good_.cpf: ~MEMBER configurationVersion -ENSLIB*; [0, 0, 0]",
];

#[test]
fn product_versions_differ_by_what_the_products_bring_along() {
    let Some(files) = corpus() else { return };
    let mut long = Vec::new();
    for pair in PAIRS {
        let (who, expected) = pair.split_once(": ").unwrap();
        let (primary, member) = who.split_once(' ').unwrap();
        let (primary, member) = (ending(&files, primary), ending(&files, member));
        let judgement = judge(primary, member);
        let told = told(&judgement);
        let objects = told.iter().filter(|line| !line[1..].starts_with("mappings "));
        let objects = objects.map(|line| line[..1].to_owned() + line.split_once(' ').unwrap().1);
        let count = |sign| told.iter().filter(|line| line.starts_with(sign)).count();
        let mappings = ["-mappings", "+mappings", "~mappings"].map(count);
        let found = format!("{}; {mappings:?}", objects.collect::<Vec<_>>().join(" "));
        assert_eq!(found, expected, "{who}");
        let again = judge(primary, &cpf::other_case(&cpf::shuffled(member, 3)));
        assert_eq!(self::told(&again), told, "{who} in another order and case");
        long.extend(Some(table(&judgement, false)).filter(|table| table.lines().count() > 40));
    }
    assert!(long.is_empty(), "more than 40 lines:\n{}", long.join("\n\n"));
}

#[test]
fn a_selection_is_compared_as_far_as_it_goes() {
    let Some(files) = corpus() else { return };
    let full = include_str!("../samples/primary/SecurityExport.xml");
    let of = |end| ending(&files, end);
    let [dpadmin, tech, roles] =
        ["users.redacted.xml", "Export.redacted.xml", "_roles.xml"].map(of);
    for (section, primary, member, side) in [
        (Section::Users, dpadmin, tech, "both sides"),
        (Section::Users, dpadmin, full, "primary"),
        (Section::Users, full, tech, "member"),
        (Section::Roles, roles, full, "primary"),
        (Section::Roles, full, roles, "member"),
    ] {
        let judgement = judge(primary, member);
        assert!(judgement.findings.is_empty(), "{side} {:?}", told(&judgement));
        assert_eq!(judgement.verdict, Verdict::Incomplete);
        let row = judgement.coverage.iter().find(|row| row.section == section).unwrap();
        let why = row.reason.starts_with(side) && row.reason.contains("it is a selection");
        assert!(row.state == State::Partial && why, "{side} {}", row.reason);
    }
    // What both selections hold is compared all the same.
    let disabled = dpadmin.replace("<Enabled>true<", "<Enabled>false<");
    assert_eq!(told(&judge(dpadmin, &disabled)), ["~users DPADMIN enabled"]);
}

#[test]
fn an_application_of_an_older_record_lacks_nothing() {
    let Some(files) = corpus() else { return };
    // What newer records add, as the newest one here states it (but for its debug mode).
    let newest = ending(&files, "graphql-demo__webapp.xml");
    let added = "RedirectEmptyPath=false SessionScope=2 UserCookieScope=2 JWTAuthEnabled=false \
                 JWTAccessTokenTimeout=60 JWTRefreshTokenTimeout=900 WSGIDebug=false WSGIType=1 \
                 CorsCredentialsAllowed=false WSGICallable=app Version=3";
    let mut versions = BTreeSet::new();
    for (file, older) in files.iter().filter(|(_, text)| text.contains("<Applications>")) {
        let version = beside(older, "Version");
        versions.insert(version);
        let mut newer = older.replace(&format!("<Version>{version}<"), "<Version>3<");
        for (name, value) in added.split(' ').filter_map(|pair| pair.split_once('=')) {
            let field = format!("<{name}>{value}</{name}>");
            assert!(newest.contains(&field) || name == "WSGIDebug", "{field}");
            if !newer.contains(&format!("<{name}>")) {
                newer = newer.replace("</Applications>", &(field + "</Applications>"));
            }
        }
        assert_alike(older, &newer, file);
    }
    assert_eq!(versions, BTreeSet::from([0, 1, 2, 3]));
    // Within one record version such a property does count.
    let tokens = newest.replace("<JWTAuthEnabled>false<", "<JWTAuthEnabled>true<");
    assert_eq!(told(&judge(newest, &tokens)), ["~applications /GRAPHQLSERVER jwtAuthEnabled"]);
}

#[test]
fn a_chain_of_tasks_is_compared_by_name() {
    let Some(files) = corpus() else { return };
    let text = ending(&files, "tasks.xml");
    let settings = |options: &Options| {
        let tasks = gathered(text, options).configuration.tasks.objects;
        [0, 1].map(|at| tasks[at].settings.as_ref().unwrap().spelled())
    };
    let [backup, purge] = settings(&ALL);
    let formats = fs::read_to_string(format!("{CORPUS}/../formats.md")).unwrap();
    assert!(formats.contains(&format!("`{backup}`")), "{backup}");
    let names: Vec<&str> = purge.split(',').filter_map(|pair| pair.split('=').next()).collect();
    assert_eq!(names.join(" "), "FreeSpace FullBackupsToKeep HistoryLifeSpan LogFile LogLevel");
    // Neither a folder of the member nor a value of a class of the site is carried unasked.
    let [backup, purge] = settings(&Options::default());
    assert!(!backup.contains("/usr/") && backup.contains("TapeDevice=47"), "{backup}");
    assert!(!purge.contains('=') && names.iter().all(|name| purge.contains(name)), "{purge}");
    let predecessor = |text: &str| {
        let tasks = configuration(text).tasks.objects;
        tasks.iter().find_map(|task| Some(task.run_after.as_ref()?.spelled())).unwrap()
    };
    assert_eq!(predecessor(text).split(' ').next(), Some("FullDBList"));
    // Each instance has ids of its own.
    let elsewhere = text.replace("7565886C", "0A0A0A0A").replace("B09C639C", "0B0B0B0B");
    assert_alike(text, &elsewhere, "other ids");
    let alone = format!("<Tasks>{}", text.split_once("</Task>").unwrap().1);
    assert_eq!(predecessor(&alone), "?");
    assert_eq!([told(&judge(text, &alone)), told(&judge(&alone, text))].concat(), [""; 0]);
    // Another task under the id of the first one is another predecessor.
    let other = text.replace("<Name>FullDBList<", "<Name>Other<");
    assert_eq!(told(&judge(text, &other)), ["~tasks CMPURGEBACKUP runAfter"]);
}
