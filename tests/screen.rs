//! The first screen says what to put right first.
//!
//! Compares six pairs of real files from the corpus: two versions, a Caché and an IRIS, two days of one
//! instance in both directions, a fresh installation and one with an application, and sides of which
//! only selections were exported. What stands in the first 24 lines of the table was chosen by what an
//! expert would put right first, and how many findings have no row of their own is stated too, so that
//! neither an order nor a folding changes unseen. Skipped where the corpus is not at hand.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    missing_docs,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use hsmirror::compare::Selection;
use hsmirror::finding::{self, Judgement, rule};
use hsmirror::report::{Format, Look, View, render};
use hsmirror::source::{self, Options};

/// Lines of a terminal.
const SCREEN: usize = 24;

struct Pair {
    about: &'static str,
    /// Ends of the names of the files of each side.
    primary: &'static [&'static str],
    member: &'static [&'static str],
    /// The ids that stand in the first 24 lines, in order.
    first: &'static [&'static str],
    /// Findings, and how many of them have no row of their own.
    findings: usize,
    folded: usize,
}

const PAIRS: &[Pair] = &[
    Pair {
        about: "IRIS for Health 2023.3 against IRIS 2024.2: the version explains nearly all",
        primary: &["iris.cpf_20231205"],
        member: &["iris.cpf_20241022"],
        first: &[
            "not-a-mirror-member",
            "not-a-mirror-member",
            "versions-differ",
            "database-extra",
            "database-extra",
            "database-extra",
            "database-extra",
        ],
        findings: 614,
        folded: 607,
    },
    Pair {
        about: "Caché 2013 against IRIS 2025, one application",
        primary: &["docker-vista__cache.cpf"],
        member: &["WorldVistA__docker-vista__iris.cpf"],
        first: &["not-a-mirror-member", "not-a-mirror-member", "versions-differ"],
        findings: 24,
        folded: 21,
    },
    Pair {
        about: "a FHIR server was added on the primary five days later",
        primary: &["iris.cpf_20240124"],
        member: &["iris.cpf_20240119"],
        first: &[
            "not-a-mirror-member",
            "not-a-mirror-member",
            "database-missing",
            "database-missing",
            "database-missing",
            "databases-share-directory",
        ],
        findings: 173,
        folded: 167,
    },
    Pair {
        about: "the same the other way round: the member has more",
        primary: &["iris.cpf_20240119"],
        member: &["iris.cpf_20240124"],
        first: &[
            "not-a-mirror-member",
            "not-a-mirror-member",
            "database-extra",
            "database-extra",
            "database-extra",
            "databases-share-directory",
        ],
        findings: 173,
        folded: 167,
    },
    Pair {
        about: "a fresh installation against a newer one with an application",
        primary: &["LastGood_.cpf"],
        member: &["WorldVistA__docker-vista__iris.cpf"],
        first: &["not-a-mirror-member", "not-a-mirror-member", "versions-differ", "database-extra"],
        findings: 23,
        folded: 19,
    },
    Pair {
        about: "of roles, users and applications only selections were exported",
        primary: &["iris.cpf_20240124", "_roles.xml", "_resources.xml", "_users.redacted.xml"],
        member: &["iris.cpf_20231205", "_webapps.xml", "Course__UsersExport.redacted.xml"],
        first: &[
            "not-a-mirror-member",
            "not-a-mirror-member",
            "database-missing",
            "database-missing",
            "database-missing",
            "database-missing",
            "database-missing",
            "database-missing",
            "application-namespace-absent",
            "databases-share-directory",
            "user-namespace-absent",
        ],
        findings: 518,
        folded: 507,
    },
];

fn corpus() -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folders = ["cpf", "security-xml"].map(|name| root.join(name));
    if folders.iter().any(|folder| !folder.is_dir()) {
        eprintln!("skipped: no ../shared");
        return None;
    }
    let entries = folders.into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    Some(entries.map(|entry| entry.unwrap().path()).collect())
}

fn judge(pair: &Pair, files: &[PathBuf]) -> Judgement {
    let side = |ends: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        for end in ends {
            let file = files.iter().find(|path| path.to_str().unwrap().ends_with(end)).unwrap();
            fs::copy(file, folder.path().join(end)).unwrap();
        }
        let options = Options { personal_data: false, task_settings: false, now: None };
        source::gather(folder.path(), &options).unwrap().configuration
    };
    finding::judge(side(pair.primary), side(pair.member), &Selection::default())
}

fn table(judgement: &Judgement) -> String {
    let look = Look { width: 80, colour: false, whole_values: false };
    let view = View { format: Format::Table, verbose: false, quiet: false, look };
    let mut text = Vec::new();
    render(judgement, &view, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The rule that a row begins with, unless it stands for the rest of its kind.
fn rule_of(line: &str) -> Option<&'static str> {
    let first = line.split(' ').next()?;
    let rule = rule::all().into_iter().find(|rule| rule.id == first)?;
    let many = line.contains(" more; -v") || line.contains(" generated in ");
    (!many).then_some(rule.id)
}

#[test]
fn the_first_screen_of_six_real_pairs() {
    let Some(files) = corpus() else { return };
    for pair in PAIRS {
        let judgement = judge(pair, &files);
        let text = table(&judgement);
        let body = text.split_once("\nWhat it means").unwrap().0;
        let first: Vec<&str> = body.lines().take(SCREEN).filter_map(rule_of).collect();
        let rows = body.lines().filter_map(rule_of).count();
        let total = judgement.findings.len();
        let found = (first, total, total - rows);
        assert_eq!(
            found,
            (pair.first.to_vec(), pair.findings, pair.folded),
            "{}:\n{text}",
            pair.about
        );
    }
}
