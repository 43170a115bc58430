//! Two members of a large site with nested roles, judged.
//!
//! Makes two configurations of 250,000 users with three roles each, 10,000 roles (half in chains of 50,
//! half a tree of eight branches) and 10,000 resources, and measures what a person waits for: reading the
//! files, comparing them object by object, and judging them, which is all of it: the comparison, the look
//! at each side, what every user may really do, the causes. Once no role differs, once one deep role that
//! many others come to, once every role. All take turns and medians are printed, with what they are of
//! reading and comparing. A number as argument makes the site smaller (`cargo bench --bench access -- 10000`).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench stops at the first thing that goes wrong, and prints"
)]

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use hsmirror::compare::{self, Selection};
use hsmirror::finding;
use hsmirror::model::{Between, Configuration};
use hsmirror::source::{self, Options};

const ROLES: usize = 10_000;
const RESOURCES: usize = 10_000;
const RUNS: usize = 7;

/// Which roles differ.
#[derive(Clone, Copy)]
enum Other {
    None,
    /// The last role of the first chain, 49 levels below the first one.
    Deep,
    Every,
}

impl Other {
    fn is(self, role: usize) -> bool {
        match self {
            Self::None => false,
            Self::Deep => role == 49,
            Self::Every => true,
        }
    }
}

fn main() {
    let users = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(250_000);
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, other: Other| {
        let path = folder.path().join(name);
        write_site(&path, users, other);
        path
    };
    let primary = make("primary.json", Other::None);
    let members = [
        ("no role differs", make("same.json", Other::None)),
        ("one deep role differs", make("deep.json", Other::Deep)),
        ("every role differs", make("every.json", Other::Every)),
    ];
    println!(
        "two members of {users} users, {ROLES} roles and {RESOURCES} resources; medians of {RUNS}"
    );
    for (what, member) in members {
        let read = |path: &Path| -> Configuration {
            source::gather(path, &Options::default()).unwrap().configuration
        };
        let mut times: [Vec<Duration>; 3] = Default::default();
        let mut findings = 0;
        for _ in 0..RUNS {
            let start = Instant::now();
            let (a, b) = std::thread::scope(|scope| {
                let first = scope.spawn(|| read(&primary));
                let second = read(&member);
                (first.join().unwrap(), second)
            });
            times[0].push(start.elapsed());
            let start = Instant::now();
            let compared = compare::compare(&a, &b, &Selection::default(), Between::Members);
            times[1].push(start.elapsed());
            drop(compared);
            let start = Instant::now();
            let judgement = finding::judge(a, b, &Selection::default());
            times[2].push(start.elapsed());
            findings = judgement.findings.len();
        }
        let [reading, comparing, judging] = times.map(|mut times| {
            times.sort();
            times[RUNS / 2].as_secs_f64()
        });
        println!("{what}: {findings} findings");
        println!("  reading both   {reading:>8.3} s");
        println!("  comparing      {comparing:>8.3} s");
        println!(
            "  judging all    {judging:>8.3} s, {:.2} of reading and comparing",
            judging / (reading + comparing)
        );
    }
}

/// A configuration in its JSON form; some roles grant something else.
fn write_site(path: &Path, users: usize, other: Other) {
    let mut to = BufWriter::new(fs::File::create(path).unwrap());
    let complete = |section: &str| format!(r#"{{"section":"{section}","extent":"complete"}}"#);
    let coverage = ["roles", "resources", "users"].map(complete).join(",");
    write!(to, r#"{{"formatVersion":"1.0","coverage":[{coverage}],"roles":["#).unwrap();
    let quoted = |at: usize| format!(r#""WardRole{at:05}""#);
    for at in 0..ROLES {
        let granted: Vec<String> = nested(at).into_iter().map(quoted).collect();
        let grant = |nth: usize| {
            let resource = (at * 7 + nth * 131) % RESOURCES;
            let permission = if other.is(at) { "U" } else { ["R", "W", "RW"][nth] };
            format!(r#"{{"resource":"WardResource{resource:05}","permission":"{permission}"}}"#)
        };
        let grants = [0, 1, 2].map(grant).join(",");
        write!(
            to,
            r#"{}{{"name":{},"resources":[{grants}],"grantedRoles":[{}]}}"#,
            comma(at),
            quoted(at),
            granted.join(",")
        )
        .unwrap();
    }
    write!(to, r#"],"resources":["#).unwrap();
    for at in 0..RESOURCES {
        let name = format!("WardResource{at:05}");
        write!(to, r#"{}{{"name":"{name}","publicPermission":""}}"#, comma(at)).unwrap();
    }
    write!(to, r#"],"users":["#).unwrap();
    for at in 0..users {
        let held = [at % (ROLES / 2), at * 31 % ROLES, (at * 17 + at / ROLES) % ROLES];
        let held = held.map(quoted).join(",");
        write!(to, r#"{}{{"name":"user{at:06}","roles":[{held}]}}"#, comma(at)).unwrap();
    }
    write!(to, "]}}").unwrap();
    to.flush().unwrap();
}

/// The roles that come with a role.
fn nested(at: usize) -> Vec<usize> {
    let half = ROLES / 2;
    if at < half {
        return Some(at + 1).filter(|next| next % 50 != 0).into_iter().collect();
    }
    let children = (1..=8).map(|nth| half + (at - half) * 8 + nth);
    children.filter(|child| *child < ROLES).collect()
}

fn comma(at: usize) -> &'static str {
    if at == 0 { "" } else { "," }
}
