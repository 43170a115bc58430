//! The program is stopped by the system, at every call that a restore makes.
//!
//! Owns the list of calls and the running of a real process under `strace`, which lets one call fail or
//! kills the process at it: every call of a first run, of a run that goes on, and of the way back, for a
//! single file and for a set of volumes. After each the folder is looked at, `--status` too, and then one
//! branch goes on and another one back; what each must come to is `strace/ends.rs`. `tests/crash.rs` does
//! the same within one process, where an instant is an operation; here nothing of ours lies between the
//! program and the system. Calls that the loader and the reading of inputs make, too, are told apart by
//! the paths that they go to.
//! Where there is no `strace` it is skipped, which fails where `HSMIRROR_CI` is set; and so does a kind
//! of call at which nothing was stopped.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test fails by panicking"
)]

#[path = "strace/ends.rs"]
mod ends;
#[path = "restore/place.rs"]
mod place;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use ends::{Act, Member, SHAPES};
use place::{has, run};

/// A kind of call.
struct Call {
    /// As strace selects it.
    select: &'static str,
    /// Whether only those count that go to the folder of the database.
    by_path: bool,
    /// Of how many one is stopped; the first and the last always are.
    every: usize,
    /// Whether one must have been hit.
    needed: bool,
}

const fn call(select: &'static str) -> Call {
    Call { select, by_path: false, every: 1, needed: true }
}

const CALLS: &[Call] = &[
    call("/^link"),
    call("/^rename"),
    call("/^f(data)?sync$"),
    call("write"),
    call("/^unlink"),
    call("/^fchown"),
    call("/^fchmod$"),
    Call { needed: false, ..call("?fallocate") },
    Call { needed: false, ..call("?flock") },
    Call { needed: false, ..call("/^mkdir") },
    Call { by_path: true, ..call("/^open") },
    Call { by_path: true, needed: false, ..call("?getdents64") },
    // These change nothing, and there are many.
    Call { by_path: true, every: 7, needed: false, ..call("/^statx$") },
    Call { by_path: true, every: 4, ..call("/^newfstatat$|^fstatat") },
];

/// What happens at a call.
const ERROR: &str = "error=EIO";
const KILL: &str = "signal=KILL";

/// One process that is stopped, and which way is gone then.
#[derive(Clone, Copy, Debug)]
struct Job {
    shape: usize,
    act: Act,
    call: usize,
    when: usize,
    effect: &'static str,
    /// On, or back.
    on: bool,
}

/// A command under strace, with what it logs in a file.
fn traced(command: &Command, call: usize, paths: &[&Path], log: &Path, inject: &str) -> Command {
    let Call { select, by_path, .. } = CALLS[call];
    let mut strace = Command::new("strace");
    // Not with --seccomp-bpf, which is quicker and kills nothing.
    strace.args(["-f", "-qq", "-o"]).arg(log);
    for path in paths.iter().filter(|_| by_path) {
        strace.arg("-P").arg(path);
    }
    strace.args(["-e", &format!("trace={select}")]);
    if !inject.is_empty() {
        strace.args(["-e", &format!("inject={select}:{inject}")]);
    }
    strace.arg(command.get_program()).args(command.get_args());
    strace
}

/// How often a run makes a call; strace counts for each thread, so it is that of the busiest one.
fn count(member: &Member, act: Act, call: usize) -> usize {
    member.prepare(act);
    let log = member.place.path("log");
    let ran = run(&mut traced(&member.command(act), call, &member.paths(), &log, ""));
    assert_eq!(ran.code, Some(21), "{act:?}: {}", ran.stderr);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in fs::read_to_string(log).unwrap().lines().filter(|line| line.contains('(')) {
        let thread = line.split_whitespace().next().unwrap_or_default();
        *counts.entry(thread.to_owned()).or_default() += 1;
    }
    counts.into_values().max().unwrap_or_default()
}

/// Does a job; whether the call was hit, or what is wrong.
fn does(member: &Member, job: Job) -> Result<bool, String> {
    member.prepare(job.act);
    let log = member.place.path("log");
    let inject = format!("{}:when={}", job.effect, job.when);
    let command = member.command(job.act);
    let ran = run(&mut traced(&command, job.call, &member.paths(), &log, &inject));
    let logged = fs::read_to_string(log).unwrap();
    let killed = logged.contains("killed by SIGKILL");
    let hit = killed || logged.contains("(INJECTED)");
    let told = match ran.code {
        None => killed,
        Some(code) => {
            let known =
                hsmirror::error::EXIT_CODES.iter().any(|(known, _)| i32::from(*known) == code);
            known && !killed && !ran.stderr.contains("panicked")
        }
    };
    // A standard output that fails takes nothing from the restore but the telling of it.
    if !told {
        return Err(format!("it ended with {:?}: {}", ran.code, ran.stderr));
    }
    member.holds().map_err(|what| format!("just then: {what}"))?;
    let way = if job.on { member.go_on(job.act, job.when) } else { member.go_back() };
    way.map_err(|what| format!("{what}; it had ended with {:?}: {}", ran.code, ran.stderr))?;
    Ok(hit)
}

/// Every job, of what the counts say.
fn jobs(members: &[Member]) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (shape, member) in members.iter().enumerate() {
        for act in Act::ALL {
            for (call, Call { every, .. }) in CALLS.iter().enumerate() {
                let count = count(member, act, call);
                for when in (1..=count).filter(|when| when % every == 1 % every || *when == count) {
                    let job = |effect, on| Job { shape, act, call, when, effect, on };
                    // Where an error leaves it is where a kill leaves it, or back at the beginning.
                    jobs.push(job(ERROR, (when / every).is_multiple_of(2)));
                    jobs.extend([true, false].map(|on| job(KILL, on)));
                }
            }
        }
    }
    jobs
}

#[test]
fn a_process_that_is_stopped_at_any_call_leaves_a_complete_database_and_both_ways_out() {
    let strict = std::env::var_os("HSMIRROR_CI").is_some();
    let works = has("strace")
        && run(Command::new("strace").args(["-qq", "-o", "/dev/null", "true"])).code == Some(0);
    if !works {
        assert!(!strict, "no strace, or none that may trace");
        return println!("skipped: no strace");
    }
    let begun = Instant::now();
    let all = jobs(&SHAPES.map(Member::new));
    let next = AtomicUsize::new(0);
    let hits = Mutex::new(BTreeMap::<(usize, &str), usize>::new());
    let wrong = Mutex::new(BTreeMap::<String, Vec<Job>>::new());
    let work = || {
        let members = SHAPES.map(Member::new);
        while let Some(job) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            match does(&members[job.shape], *job) {
                Ok(hit) => {
                    let mut hits = hits.lock().unwrap();
                    *hits.entry((job.call, job.effect)).or_default() += usize::from(hit);
                }
                Err(what) => {
                    let what =
                        what.replace(&*members[job.shape].place.path("").to_string_lossy(), "");
                    wrong.lock().unwrap().entry(what).or_default().push(*job);
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let (hits, wrong) = (hits.into_inner().unwrap(), wrong.into_inner().unwrap());
    println!("{} runs in {:?}", all.len(), begun.elapsed());
    for (call, Call { select, needed, .. }) in CALLS.iter().enumerate() {
        let count = |effect| hits.get(&(call, effect)).copied().unwrap_or_default();
        let [errors, kills] = [ERROR, KILL].map(count);
        println!("{select}: {errors} failed, {kills} killed");
        assert!(!needed || (errors > 0 && kills > 0), "nothing was stopped at {select}");
    }
    let row = |(what, jobs): (&String, &Vec<Job>)| {
        format!(
            "{} times, first {:?}, {}:\n{what}",
            jobs.len(),
            jobs[0],
            CALLS[jobs[0].call].select
        )
    };
    let rows: Vec<String> = wrong.iter().map(row).collect();
    assert!(rows.is_empty(), "{} things go wrong:\n{}", rows.len(), rows.join("\n\n"));
}
