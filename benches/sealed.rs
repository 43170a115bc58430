//! Two sealed members of a large site, from bundles to findings.
//!
//! Makes two members of 250,000 users and 100,000 mappings, 500 objects different, seals them, and runs in
//! turn: the program, from bundle to table; what a user would do otherwise (`age -d | tar --zstd -xO | jq
//! -S .` for both and `diff`); and the floor (both decrypted, decompressed and parsed into the types on two
//! threads, nothing else; once from a stream, once from memory). Prints the medians of seven alternating
//! runs, their ratios, and the peak memory of the program. `cargo bench --bench sealed` runs it; a number
//! as argument makes the site smaller.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench stops at the first thing that goes wrong, and prints"
)]

use std::fs::{self, File};
use std::io::{BufReader, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hsmirror::bundle::Sealed;
use hsmirror::error::{Error, Kind, Result};
use hsmirror::key::{Ask, Identities, Passphrase};
use hsmirror::model::{Mapping, User};
use serde::Deserialize;
use serde_json::json;

/// Every how many objects one differs: about 500 of 350,000.
const DIFFERS: usize = 700;
const RUNS: usize = 7;
const PROGRAM: &str = env!("CARGO_BIN_EXE_hsmirror");

fn main() {
    let argument = |arg: String| arg.parse().ok();
    let users: usize = std::env::args().find_map(argument).unwrap_or(250_000);
    // A worker measures one run of the floor in a process of its own.
    if let Some(kind) = std::env::var_os("HSMIRROR_FLOOR") {
        let folder = PathBuf::from(std::env::var_os("HSMIRROR_FOLDER").unwrap());
        return floor(&folder, kind == "memory");
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let documents = make(folder, users);
    let size = |name: &str| fs::metadata(folder.join(name)).unwrap().len() >> 10;
    println!(
        "two members of {users} users and {} mappings: documents of {} MB together, bundles of {} and {} KB",
        users * 2 / 5,
        documents >> 20,
        size("P.age"),
        size("B.age"),
    );

    let mut times = [const { Vec::new() }; 4];
    let mut peak = 0;
    for _ in 0..RUNS {
        let mut take = |at: usize, run: &dyn Fn() -> u64| {
            let start = Instant::now();
            let told = run();
            times[at].push(start.elapsed());
            told
        };
        peak = peak.max(take(0, &|| ours(folder)));
        take(1, &|| stock(folder));
        take(2, &|| floor_in_process(folder, "stream"));
        take(3, &|| floor_in_process(folder, "memory"));
    }
    let [ours, stock, stream, memory] = times.map(median);
    let row = |what: &str, time: Duration| {
        let ratio = ours.as_secs_f64() / time.as_secs_f64();
        println!("{what:<44} {:>8.3} s   program / this: {ratio:.3}", time.as_secs_f64());
    };
    row("program, from bundles to table", ours);
    row("age | tar | jq -S for both, diff", stock);
    row("floor, parsed from a stream", stream);
    row("floor, parsed from memory", memory);
    let share = peak as f64 * 1024.0 / documents as f64;
    println!("peak memory of the program: {} MB, {share:.2} of the two documents", peak >> 10);
}

/// Runs the program; gives its peak memory in KiB.
fn ours(folder: &Path) -> u64 {
    let mut child = Command::new(PROGRAM)
        .args(["compare", "P.age", "B.age", "-i", "id", "--only", "users,mappings"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut out = child.stdout.take().unwrap();
    let watching = thread::spawn(move || {
        let mut peak = 0;
        // The last look before the end is the one that counts.
        while let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            match line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()) {
                Some(now) => peak = now,
                None => break,
            }
            thread::sleep(Duration::from_millis(2));
        }
        peak
    });
    let mut text = String::new();
    out.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{text}");
    watching.join().unwrap()
}

/// What a user would do otherwise.
fn stock(folder: &Path) -> u64 {
    let side = |name: &str| {
        format!(
            "age -d -i id {name}.age | tar --zstd -xO configuration.json | jq -S . > {name}.txt"
        )
    };
    let script = format!("{} & {} & wait; diff P.txt B.txt > D.txt", side("P"), side("B"));
    let status = Command::new("bash").args(["-c", &script]).current_dir(folder).status().unwrap();
    assert_eq!(status.code(), Some(1), "age, tar, zstd, jq and diff must be there");
    0
}

fn floor_in_process(folder: &Path, kind: &str) -> u64 {
    let status = Command::new(std::env::current_exe().unwrap())
        .env("HSMIRROR_FLOOR", kind)
        .env("HSMIRROR_FOLDER", folder)
        .status()
        .unwrap();
    assert!(status.success());
    0
}

/// The part of the document that counts here, in the types of the program.
#[derive(Deserialize)]
struct Document {
    users: Vec<User>,
    mappings: Vec<Mapping>,
}

fn floor(folder: &Path, from_memory: bool) {
    let read = |name: &str| {
        let file = File::open(folder.join(name)).unwrap();
        let identity = folder.join("id");
        let keys = Identities::read(&[identity], &mut Nobody).unwrap();
        let sealed = Sealed::read(Path::new(name), Box::new(file)).unwrap();
        let mut pipe = Plain::default();
        sealed.unlock(&keys, &mut Nobody).unwrap().age_layer(&mut pipe.0).unwrap();
        // The sealed bytes are a few megabytes; what they become is streamed.
        let zstd = zstd::Decoder::new(Cursor::new(pipe.0)).unwrap();
        let mut archive = tar::Archive::new(BufReader::with_capacity(1 << 17, zstd));
        let mut entries = archive.entries().unwrap();
        let mut entry = entries.nth(1).unwrap().unwrap();
        let document: Document = if from_memory {
            let mut bytes = Vec::with_capacity(usize::try_from(entry.size()).unwrap());
            entry.read_to_end(&mut bytes).unwrap();
            serde_json::from_slice(&bytes).unwrap()
        } else {
            serde_json::from_reader(BufReader::with_capacity(1 << 17, entry)).unwrap()
        };
        assert!(!document.users.is_empty() && !document.mappings.is_empty());
        std::mem::forget(document);
    };
    thread::scope(|scope| {
        scope.spawn(|| read("P.age"));
        read("B.age");
    });
}

#[derive(Default)]
struct Plain(Vec<u8>);

/// Nobody is asked for a passphrase.
struct Nobody;

impl Ask for Nobody {
    fn passphrase(&mut self, what: &str) -> Result<Passphrase> {
        Err(Error::new(Kind::Usage, what, ""))
    }
    fn new_passphrase(&mut self, what: &str) -> Result<Passphrase> {
        self.passphrase(what)
    }
}

/// Makes keys, documents and bundles; gives the bytes of both documents together.
fn make(folder: &Path, users: usize) -> u64 {
    let run = |args: &[&str]| {
        let out = Command::new(PROGRAM).args(args).current_dir(folder).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let recipient = run(&["keygen", "-o", "id"]);
    for (name, member) in [("P", false), ("B", true)] {
        let file = format!("{name}.json");
        write_document(&folder.join(&file), users, member);
        run(&["export", &file, "-o", &format!("{name}.age"), "-r", recipient.trim()]);
    }
    let plain = |name: &str| {
        let script = format!("age -d -i id {name} | tar --zstd -xO configuration.json | wc -c");
        let out = Command::new("bash").args(["-c", &script]).current_dir(folder).output().unwrap();
        String::from_utf8(out.stdout).unwrap().trim().parse::<u64>().unwrap()
    };
    plain("P.age") + plain("B.age")
}

fn write_document(path: &Path, users: usize, member: bool) {
    let mut to = std::io::BufWriter::new(File::create(path).unwrap());
    let extent = |section: &str| json!({ "section": section, "extent": "complete" });
    let coverage = json!([extent("users"), extent("mappings")]);
    write!(to, "{{\"formatVersion\":\"1.0\",\"coverage\":{coverage},\"users\":[").unwrap();
    for at in 0..users {
        let changed = member && at % DIFFERS == 1;
        let user = json!({
            "name": format!("user{at:06}"), "enabled": !changed,
            "fullName": format!("Person Number {at} of the Hospital"),
            "roles": ["%SQL", "CLINICAL", format!("WARD{}", at % 97)],
            "startNamespace": format!("WARD{}", at % 500), "twoFactor": [], "changePassword": false,
            "passwordNeverExpires": false, "accountNeverExpires": true, "expirationDate": "",
            "kind": ["Password"], "recordVersion": "2"
        });
        write!(to, "{}{user}", if at == 0 { "" } else { "," }).unwrap();
    }
    write!(to, "],\"mappings\":[").unwrap();
    for at in 0..users * 2 / 5 {
        let database = if member && at % DIFFERS == 1 { "OTHER" } else { "WARD" };
        let mapping = json!({
            "namespace": format!("WARD{}", at / 200), "kind": "Global",
            "name": format!("Ward.Order(\"{at}\",2.1)"), "routineType": "", "database": database
        });
        write!(to, "{}{mapping}", if at == 0 { "" } else { "," }).unwrap();
    }
    write!(to, "]}}").unwrap();
    to.flush().unwrap();
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
