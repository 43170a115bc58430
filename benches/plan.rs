//! Ten thousand findings, planned and handed off.
//!
//! Makes two members of a site where the second one lacks or has otherwise 10,000 objects of all kinds that a
//! plan can put right, and measures making the plan of a judgement that is there, and writing all files of
//! its hand-off, beside what a person waits for anyway: judging the two, which is comparing them and finding
//! what it means. All take turns and medians are printed, with what they are of judging. A number as
//! argument makes the site smaller (`cargo bench --bench plan -- 1000`).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench stops at the first thing that goes wrong, and prints"
)]

use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use hsmirror::bundle;
use hsmirror::compare::Selection;
use hsmirror::finding::{self, Judgement};
use hsmirror::handoff::{self, Place};
use hsmirror::model::Configuration;
use hsmirror::plan::{self, Choice, Plan, SectionDigest, Wishes};
use hsmirror::source::{self, Options};
use serde_json::{Value, json};

const FINDINGS: usize = 10_000;
const RUNS: usize = 7;

/// One side: the primary has everything, the member lacks half of it and has the other half otherwise.
fn side(count: usize, primary: bool) -> Configuration {
    let each = count / 5;
    let there = |at: usize| primary || at % 2 == 1;
    let text = if primary { "as it is" } else { "as it was" };
    let all = |make: &dyn Fn(usize) -> Value| -> Vec<Value> {
        (0..each).filter(|at| there(*at)).map(make).collect()
    };
    let namespaces = each.div_ceil(200);
    let sections = [
        "namespaces",
        "databases",
        "mappings",
        "roles",
        "resources",
        "applications",
        "tasks",
        "users",
        "services",
        "tls",
    ];
    let coverage = sections.map(|name| json!({ "section": name, "extent": "complete" }));
    let spaces: Vec<Value> =
        (0..namespaces).map(|at| json!({ "name": format!("NS{at}"), "globals": "DB" })).collect();
    let document = json!({
        "formatVersion": "1.0",
        "member": { "systemName": if primary { "A" } else { "B" }, "version": "2024.1.2.398.0" },
        "coverage": coverage,
        "databases": [{ "name": "DB", "directory": "/d/" }, { "name": "OLD", "directory": "/o/" }],
        "namespaces": spaces,
        "mappings": all(&|at| json!({ "namespace": format!("NS{}", at / 200), "kind": "Global",
            "name": format!("G{at}"), "routineType": "", "database": if primary { "DB" } else { "OLD" } })),
        "resources": all(&|at| json!({ "name": format!("Res{at}"), "description": text })),
        "roles": all(&|at| json!({ "name": format!("Role{at}"), "description": text,
            "grantedRoles": if at >= 2 { json!([format!("Role{}", at - 2)]) } else { json!([]) },
            "resources": [{ "resource": format!("Res{at}"), "permission": "RW" }] })),
        "applications": all(&|at| json!({ "name": format!("/app/{at}"), "namespace": "NS0",
            "description": text, "authenticationMethods": ["Password"] })),
        "users": all(&|at| json!({ "name": format!("user{at}"), "comment": text,
            "roles": [format!("Role{at}")] })),
    });
    let options = Options { personal_data: false, task_settings: false, now: None };
    let bytes = Cursor::new(serde_json::to_vec(&document).unwrap());
    source::gather_from(Path::new("c.json"), bytes, &options).unwrap().configuration
}

fn planned(judgement: &Judgement) -> Plan {
    let digests = [&judgement.primary, &judgement.member].map(|side| {
        let sections = bundle::section_digests(side).unwrap().into_iter();
        let sections = sections.map(|(section, sha256)| SectionDigest { section, sha256 });
        (bundle::digest_of(side).unwrap(), sections.collect())
    });
    let mut plan = plan::draft(judgement, digests, &Wishes::default());
    plan.choose(&Choice { signed: true, ..Choice::default() }).unwrap();
    plan
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times.get(times.len() / 2).unwrap().as_secs_f64()
}

fn main() {
    let count = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(FINDINGS);
    let (primary, member) = (side(count, true), side(count, false));
    let place = Place { folder: "/handoff".to_owned(), ..Place::default() };
    let (mut judging, mut planning, mut writing) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        let sides = (primary.clone(), member.clone());
        let start = Instant::now();
        let judgement = finding::judge(sides.0, sides.1, &Selection::default());
        judging.push(start.elapsed());
        let start = Instant::now();
        let plan = planned(&judgement);
        planning.push(start.elapsed());
        let start = Instant::now();
        let files = handoff::files(&plan, &place);
        writing.push(start.elapsed());
        if run == 0 {
            let bytes: usize = files.iter().map(|file| file.text.len()).sum();
            println!(
                "{} findings, {} steps of which {} are ready; {bytes} bytes of files",
                judgement.findings.len(),
                plan.steps.len(),
                plan.ready().count()
            );
        }
    }
    let base = median(judging);
    println!("{:<28} {base:.3} s", "comparing and judging");
    for (what, times) in [("making the plan", planning), ("writing the files", writing)] {
        let time = median(times);
        println!("{what:<28} {time:.3} s, {:.2} of judging", time / base);
    }
}
