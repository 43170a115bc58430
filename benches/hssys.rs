//! A copy of the HSSYS database, sealed and restored.
//!
//! Makes a file of 1 GiB that looks like a database (8 KiB blocks: a quarter empty, a tenth random, the
//! rest sorted keys with records, text and code), and runs in turn, seven times each:
//!
//! - sealing: the program; `tar | tee >(sha256sum) | zstd -3 -T0 | age`, which guarantees the same; and
//!   that pipeline without `tee`;
//! - restoring: the program, with everything else that `apply` does; `age -d | zstd -d | tee | sha256sum`,
//!   which guarantees the same; and the floor, `age -d | zstd -d`.
//!
//! Whatever is written is synced inside of the time, and removed and synced again outside of it. Prints
//! the medians, their ratios, the sizes and the peak memory of the program, with the goal beside each.
//! `cargo bench --bench hssys` runs it; `-- seal` or `-- restore` runs only that half, and a number makes
//! the file that many MiB. Everything lies in `TMPDIR`, which should be a disk with 4 GiB to spare.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    reason = "a bench stops at the first thing that goes wrong, and prints"
)]

#[path = "hssys/database.rs"]
mod database;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use database::{BLOCK, Database};

const RUNS: usize = 7;
const PROGRAM: &str = env!("CARGO_BIN_EXE_hsmirror");
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
/// What `apply` ends with when it is done and steps by hand remain.
const BY_HAND: i32 = 21;

/// In the folder: the copy, the identity, the two files of a bundle, and what the stock tools make.
const COPY: &str = "copy/COPY_IRIS.DAT";
const IDENTITY: &str = "id";
const BUNDLE: &str = "P.tar.zst.age";
const HSSYS: &str = "P.hssys.tar.zst.age";
const STOCK: &str = "B";
const RESTORED: &str = "F";
const SUM: &str = "S";
/// The member that is repaired, the folder of its HSSYS database, and the state of the program.
const MEMBER: &str = "member";
const DATABASE: &str = "hssys";
const STATE: &str = "state";

fn main() {
    let given = |what: &str| std::env::args().skip(1).any(|arg| arg == what);
    let number = |arg: String| arg.parse().ok();
    let mib: usize = std::env::args().skip(1).find_map(number).unwrap_or(1024);
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench { folder: folder.path().to_owned(), recipient: String::new(), met: true };
    bench.make(mib);
    if given("seal") || !given("restore") {
        bench.seal();
    }
    if given("restore") || !given("seal") {
        bench.restore();
    }
    println!("{}", if bench.met { "all goals met" } else { "NOT all goals met" });
}

struct Bench {
    folder: PathBuf,
    recipient: String,
    /// Whether all goals were met so far.
    met: bool,
}

impl Bench {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn size(&self, name: &str) -> u64 {
        fs::metadata(self.at(name)).unwrap().len()
    }

    fn remove(&self, names: &[&str]) {
        for name in names {
            let path = self.at(name);
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else if path.exists() {
                fs::remove_file(path).unwrap();
            }
        }
    }

    /// Makes the identity and the copy.
    fn make(&mut self, mib: usize) {
        self.shell(&format!("age-keygen -o {IDENTITY} 2>/dev/null"));
        self.recipient = self.shell(&format!("age-keygen -y {IDENTITY}")).trim().to_owned();
        fs::create_dir(self.at("copy")).unwrap();
        let mut to = BufWriter::with_capacity(1 << 20, File::create(self.at(COPY)).unwrap());
        let mut database = Database::new();
        for _ in 0..(mib << 20) / BLOCK {
            to.write_all(database.block()).unwrap();
        }
        to.into_inner().unwrap().sync_all().unwrap();
    }

    fn seal(&mut self) {
        let stock = |tee: &str| {
            let recipient = &self.recipient;
            format!(
                "tar -cf - -C copy COPY_IRIS.DAT {tee} | zstd -3 -T0 -q | age -r {recipient} >{STOCK}; \
                 sync {STOCK}"
            )
        };
        let (with_tee, without) = (stock(&format!("| tee >(sha256sum >{SUM})")), stock(""));

        // The first of each is not timed: it shows that they do what they should.
        let mut peak = self.export();
        let opened = self.shell(&format!("age -d -i {IDENTITY} {HSSYS} | zstd -d -q | wc -c"));
        let opened: u64 = opened.trim().parse().unwrap();
        assert!(opened > self.size(COPY), "{HSSYS} holds {opened} bytes: too few for the copy");
        self.shell(&with_tee);
        let (ours_size, stock_size) = (self.size(HSSYS) + self.size(BUNDLE), self.size(STOCK));
        let clean = || self.remove(&[BUNDLE, HSSYS, STOCK, SUM]);
        clean();

        let mut times = [const { Vec::new() }; 3];
        for _ in 0..RUNS {
            times[0].push(self.time(|| peak = peak.max(self.export())));
            clean();
            times[1].push(self.time(|| self.shell(&with_tee)));
            clean();
            times[2].push(self.time(|| self.shell(&without)));
            clean();
        }
        println!("sealing {} MiB", self.size(COPY) >> 20);
        let [ours, with_tee, without] = times.map(Spread::of);
        row("program, export --hssys", ours);
        row("tar | tee >(sha256sum) | zstd -3 -T0 | age", with_tee);
        row("tar | zstd -3 -T0 | age", without);
        let percent = stock_size as f64 / self.size(COPY) as f64 * 100.0;
        println!("  {:<46} {percent:8.1} % of the copy", "size of the stock bundle");
        self.goal("time, program / with tee", ours.over(with_tee), 0.65);
        self.goal("time, program / without tee", ours.over(without), 1.1);
        self.goal("size, program / stock", ours_size as f64 / stock_size as f64, 1.02);
        self.goal("peak memory of the program, MiB", peak as f64 / 1024.0, 100.0);
    }

    fn restore(&mut self) {
        let recipient = &self.recipient;
        self.shell(&format!("zstd -3 -q -c {COPY} | age -r {recipient} >{STOCK}"));
        self.export();
        let stock =
            |end: &str| format!("age -d -i {IDENTITY} {STOCK} | zstd -d -q {end}; sync {RESTORED}");
        let with_tee = stock(&format!("| tee {RESTORED} | sha256sum >{SUM}"));
        let floor = stock(&format!(">{RESTORED}"));

        // The first of each is not timed: it shows that they do what they should.
        self.fresh_member();
        let mut peak = self.apply();
        self.shell(&format!("cmp {COPY} {DATABASE}/IRIS.DAT"));
        self.shell(&with_tee);
        self.shell(&format!("cmp {COPY} {RESTORED}"));
        let clean = || self.remove(&[RESTORED, SUM, MEMBER, DATABASE, STATE]);
        clean();

        let mut times = [const { Vec::new() }; 3];
        for _ in 0..RUNS {
            self.fresh_member();
            times[0].push(self.time(|| peak = peak.max(self.apply())));
            assert_eq!(self.size(&format!("{DATABASE}/IRIS.DAT")), self.size(COPY));
            clean();
            times[1].push(self.time(|| self.shell(&with_tee)));
            clean();
            times[2].push(self.time(|| self.shell(&floor)));
            clean();
        }
        println!("restoring {} MiB", self.size(COPY) >> 20);
        let [ours, with_tee, floor] = times.map(Spread::of);
        row("program, apply --hssys", ours);
        row("age -d | zstd -d | tee | sha256sum", with_tee);
        row("floor, age -d | zstd -d", floor);
        self.goal("time, program / with tee", ours.over(with_tee), 0.35);
        self.goal("time, program / floor", ours.over(floor), 1.0);
        self.goal("peak memory of the program, MiB", peak as f64 / 1024.0, 100.0);
    }

    /// Seals the copy with the program; gives its peak memory in KiB.
    fn export(&self) -> u64 {
        let side = format!("{SAMPLES}/ready-primary");
        let recipient = self.recipient.as_str();
        self.program(&["export", &side, "-o", BUNDLE, "-r", recipient, "--hssys", COPY], 0)
    }

    /// Restores the copy with the program; gives its peak memory in KiB.
    fn apply(&self) -> u64 {
        let database = self.at(DATABASE);
        let args = [
            "apply",
            BUNDLE,
            MEMBER,
            "--hssys",
            HSSYS,
            "--hssys-dir",
            database.to_str().unwrap(),
            "--state-dir",
            STATE,
            "-i",
            IDENTITY,
            "--yes",
            "--ignore-nonblocking",
            "--accept-unknown-mirroring",
        ];
        self.program(&args, BY_HAND)
    }

    /// Makes the member as it is before a repair: its files, an old small database, and no state.
    fn fresh_member(&self) {
        for name in [MEMBER, DATABASE, STATE] {
            fs::create_dir(self.at(name)).unwrap();
        }
        let place = format!("HSSYS={}/", self.at(DATABASE).display());
        for entry in fs::read_dir(format!("{SAMPLES}/ready-backup")).unwrap() {
            let entry = entry.unwrap();
            let mut bytes = fs::read(entry.path()).unwrap();
            if entry.file_name() == "iris.cpf" {
                let text = String::from_utf8(bytes).unwrap();
                let changed = text.replace("HSSYS=/usr/irissys/mgr/hssys/", &place);
                assert_ne!(changed, text, "no line of the HSSYS database in {:?}", entry.path());
                bytes = changed.into_bytes();
            }
            fs::write(self.at(MEMBER).join(entry.file_name()), bytes).unwrap();
        }
        let mut old = File::create(self.at(DATABASE).join("IRIS.DAT")).unwrap();
        let mut database = Database::new();
        for _ in 0..128 {
            old.write_all(database.block()).unwrap();
        }
    }

    /// Runs the program; gives its peak memory in KiB.
    fn program(&self, args: &[&str], expected: i32) -> u64 {
        let child = Command::new(PROGRAM)
            .args(args)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let status = PathBuf::from(format!("/proc/{}/status", child.id()));
        let watching = thread::spawn(move || peak_memory(&status));
        let out = child.wait_with_output().unwrap();
        assert!(
            out.status.code() == Some(expected),
            "hsmirror {} ended with {}, not with code {expected}\n{}{}",
            args[0],
            out.status,
            String::from_utf8_lossy(&out.stdout),
            String::from_utf8_lossy(&out.stderr),
        );
        watching.join().unwrap()
    }

    /// Runs a script of stock tools; gives what it prints.
    fn shell(&self, script: &str) -> String {
        let script = format!("set -eo pipefail; {script}");
        let mut command = Command::new("bash");
        let out = command.args(["-c", &script]).current_dir(&self.folder).output().unwrap();
        let told = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{script}: {}\n{told}", out.status);
        String::from_utf8(out.stdout).unwrap()
    }

    /// The time of a run, which starts with nothing left to be written.
    fn time<T>(&self, run: impl FnOnce() -> T) -> Duration {
        self.shell("sync");
        let start = Instant::now();
        run();
        start.elapsed()
    }

    fn goal(&mut self, what: &str, value: f64, goal: f64) {
        let met = value <= goal;
        self.met &= met;
        let verdict = if met { "met" } else { "NOT met" };
        println!("  {what:<46} {value:8.3}    goal <= {goal}: {verdict}");
    }
}

fn peak_memory(status: &Path) -> u64 {
    let mut peak = 0;
    // The last look before the end is the one that counts.
    while let Ok(text) = fs::read_to_string(status) {
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        match line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()) {
            Some(now) => peak = now,
            None => break,
        }
        thread::sleep(Duration::from_millis(5));
    }
    peak
}

/// The median of some times, with the shortest and the longest.
#[derive(Clone, Copy)]
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        let at = |index: usize| times[index].as_secs_f64();
        Self { median: at(times.len() / 2), least: at(0), most: at(times.len() - 1) }
    }

    fn over(self, other: Self) -> f64 {
        self.median / other.median
    }
}

fn row(what: &str, Spread { median, least, most }: Spread) {
    println!("  {what:<46} {median:8.3} s  ({least:.3} to {most:.3})");
}
