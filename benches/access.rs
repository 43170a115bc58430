//! Two members of a large site with nested roles, judged.
//!
//! Makes two configurations of 250,000 users with three roles each, 10,000 roles (half in chains of 50,
//! half a tree of eight branches) and 10,000 resources, and measures what judging them takes: once where
//! no role differs, so that nobody's access can, and once where one differs that many others come to. The
//! two take turns and the medians are printed. A number as argument makes the site smaller
//! (`cargo bench --bench access -- 10000` users).
//!
//! What the second takes longer than the first is the price of access, save one finding about the role.

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

use hsmirror::compare::Selection;
use hsmirror::finding;
use hsmirror::model::Configuration;
use hsmirror::source::{self, Options};

const ROLES: usize = 10_000;
const RESOURCES: usize = 10_000;
const RUNS: usize = 7;

/// The last role of the first chain, 49 levels below the first one.
const DEEP: usize = 49;

fn main() {
    let users = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(250_000);
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, other: Option<usize>| -> Configuration {
        let path = folder.path().join(name);
        write_site(&path, users, other);
        source::gather(&path, &Options::default()).unwrap().configuration
    };
    let primary = make("primary.json", None);
    let members = [make("same.json", None), make("other.json", Some(DEEP))];
    println!("two members of {users} users, {ROLES} roles and {RESOURCES} resources");

    // Judging takes the configurations apart, so it gets copies, made outside the clock.
    let mut times: [Vec<Duration>; 2] = Default::default();
    let mut findings = [0; 2];
    for _ in 0..RUNS {
        for (at, member) in members.iter().enumerate() {
            let (a, b) = (primary.clone(), member.clone());
            let start = Instant::now();
            let judgement = finding::judge(a, b, &Selection::default());
            times[at].push(start.elapsed());
            findings[at] = judgement.findings.len();
        }
    }
    for (at, what) in ["all roles are the same", "one deep role differs"].into_iter().enumerate() {
        times[at].sort();
        let median = times[at][RUNS / 2].as_secs_f64();
        println!("{what:<28} {median:>9.3} s {:>9} findings", findings[at]);
    }
}

/// A configuration in its JSON form; the role of that number grants something else.
fn write_site(path: &Path, users: usize, other: Option<usize>) {
    let mut to = BufWriter::new(fs::File::create(path).unwrap());
    let complete = |section: &str| format!(r#"{{"section":"{section}","extent":"complete"}}"#);
    let coverage = ["roles", "resources", "users"].map(complete).join(",");
    write!(to, r#"{{"formatVersion":"1.0","coverage":[{coverage}],"roles":["#).unwrap();
    let quoted = |at: usize| format!(r#""WardRole{at:05}""#);
    for at in 0..ROLES {
        let granted: Vec<String> = nested(at).into_iter().map(quoted).collect();
        let grant = |nth: usize| {
            let resource = (at * 7 + nth * 131) % RESOURCES;
            let permission = if other == Some(at) { "U" } else { ["R", "W", "RW"][nth] };
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
