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
    reason = "a bench stops at the first thing that goes wrong, and prints"
)]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

const RUNS: usize = 7;
const BLOCK: usize = 8 << 10;
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

/// What records are made of.
type Words = LazyLock<Vec<&'static str>>;

fn split(words: &'static str) -> Vec<&'static str> {
    words.split(',').collect()
}

static LAST: Words = Words::new(|| {
    split(
        "SMITH,JOHNSON,WILLIAMS,BROWN,JONES,GARCIA,MILLER,DAVIS,RODRIGUEZ,WILSON,MARTINEZ,\
         ANDERSON,TAYLOR,THOMAS,HERNANDEZ,MOORE,MARTIN,JACKSON,THOMPSON,WHITE,LOPEZ,LEE,GONZALEZ,\
         HARRIS,CLARK,LEWIS,ROBINSON,WALKER,PEREZ,HALL",
    )
});
static FIRST: Words = Words::new(|| {
    split(
        "JAMES,MARY,JOHN,PATRICIA,ROBERT,JENNIFER,MICHAEL,LINDA,WILLIAM,ELIZABETH,DAVID,BARBARA,\
         RICHARD,SUSAN,JOSEPH,JESSICA,THOMAS,SARAH,CHARLES,KAREN",
    )
});
static CITIES: Words = Words::new(|| {
    split(
        "BOSTON,CAMBRIDGE,SOMERVILLE,QUINCY,WORCESTER,SPRINGFIELD,LOWELL,BROCKTON,NEW BEDFORD,\
         LYNN,NEWTON,LAWRENCE,FALL RIVER,FRAMINGHAM,HAVERHILL,WALTHAM",
    )
});
static STREETS: Words = Words::new(|| {
    split(
        "MAIN ST,OAK AVE,PARK RD,ELM ST,MAPLE DR,CEDAR LN,WASHINGTON ST,LAKE VIEW RD,HILL CREST,\
         PINE ST,RIVER RD,CHURCH ST,MEADOW WAY,SPRING ST,BEACON ST,HIGH ST",
    )
});
static EVENTS: Words = Words::new(|| {
    split(
        "%System/%Login/Login,%System/%Login/LoginFailure,HealthShare/Clinical/View Document,\
         HealthShare/Patient/Search,HealthShare/Consent/Change,%System/%Security/UserChange,\
         HealthShare/Registry/Add Update,HealthShare/Patient/Fetch,%System/%SQL/XDBCStatement",
    )
});
static TESTS: Words = Words::new(|| {
    split(
        "718-7^Hemoglobin^LN|g/dL|13.5-17.5,2345-7^Glucose^LN|mg/dL|70-105,\
         2951-2^Sodium^LN|mmol/L|136-145,2823-3^Potassium^LN|mmol/L|3.5-5.1,\
         2160-0^Creatinine^LN|mg/dL|0.6-1.3,6690-2^Leukocytes^LN|10*3/uL|4-11,\
         777-3^Platelets^LN|10*3/uL|150-400,17861-6^Calcium^LN|mg/dL|8.6-10.3,\
         1975-2^Bilirubin^LN|mg/dL|0.1-1.2",
    )
});
static SYLLABLES: Words = Words::new(|| {
    split(
        "a,re,ti,on,pa,ment,ca,di,er,in,lo,al,no,ta,si,the,o,ver,com,ni,ry,su,ble,an,mo,pre,gi,\
         ure,hy,path,neu,ph",
    )
});

/// A small generator that is the same everywhere (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        ((self.next() >> 32) * limit) >> 32
    }

    /// One of the words, the first ones more often.
    fn word<'words>(&mut self, words: &[&'words str]) -> &'words str {
        let limit = words.len() as u64;
        let at = self.below(limit).min(self.below(limit));
        words[usize::try_from(at).unwrap()]
    }
}

/// Makes block after block of something that looks like a database.
struct Database {
    random: Random,
    block: Vec<u8>,
    /// The next row of each kind, so that the keys of a global go on from block to block.
    rows: [u64; 7],
    /// The key written last and the one being written, in the block at hand.
    last: Vec<u8>,
    key: Vec<u8>,
    record: Vec<u8>,
    /// The words of notes.
    words: Vec<String>,
}

impl Database {
    fn new() -> Self {
        let empty = Vec::new;
        let mut random = Random(1);
        let syllables = |random: &mut Random| -> String {
            (0..1 + random.below(4)).map(|_| random.word(&SYLLABLES)).collect()
        };
        let words = (0..3_000).map(|_| syllables(&mut random)).collect();
        Self {
            random,
            block: empty(),
            rows: [1_000, 200_000, 70_000_000, 500, 9_000, 40_000, 30],
            last: empty(),
            key: empty(),
            record: empty(),
            words,
        }
    }

    fn block(&mut self) -> &[u8] {
        self.block.clear();
        match self.random.below(20) {
            0..5 => {}
            5..7 => {
                while self.block.len() < BLOCK {
                    self.block.extend(self.random.next().to_le_bytes());
                }
            }
            _ => self.used(),
        }
        self.block.resize(BLOCK, 0);
        &self.block
    }

    /// A block in use, which is filled more or less.
    fn used(&mut self) {
        let kind = match self.random.below(100) {
            0..32 => 0,
            32..42 => 1,
            42..58 => 2,
            58..75 => 3,
            75..86 => 4,
            86..97 => 5,
            _ => 6,
        };
        let percent = match self.random.below(8) {
            0 => 5 + self.random.below(40),
            _ => 70 + self.random.below(29),
        };
        let full = BLOCK * usize::try_from(percent).unwrap() / 100;
        let number = u32::try_from(self.rows[kind]).unwrap();
        self.block.extend([8 + u8::try_from(kind).unwrap(), 0, 0, 0]);
        self.block.extend(u32::try_from(full).unwrap().to_le_bytes());
        self.block.extend(number.wrapping_mul(7).to_le_bytes());
        self.block.extend((self.random.next() >> 24).to_le_bytes());
        self.block.resize(28, 0);
        self.last.clear();
        while self.block.len() < full {
            self.key.clear();
            self.record.clear();
            self.rows[kind] += 1 + self.random.below(3);
            let row = self.rows[kind];
            match kind {
                0 => self.person(row),
                1 => self.index(row),
                2 => self.audit(row),
                3 => self.message(row),
                4 => self.code(row),
                5 => self.token(row),
                _ => self.pointer(row),
            }
            self.put(full);
        }
    }

    /// A node as a B-tree holds it: how much of the key is that of the one before, the rest, the value.
    fn put(&mut self, full: usize) {
        let same = self.key.iter().zip(&self.last).take_while(|(this, last)| this == last).count();
        let rest = &self.key[same..];
        self.block.push(u8::try_from(same).unwrap());
        self.block.push(u8::try_from(rest.len()).unwrap());
        self.block.extend(rest);
        self.block.extend(u16::try_from(self.record.len()).unwrap().to_le_bytes());
        self.block.extend(&self.record);
        self.block.truncate(full);
        std::mem::swap(&mut self.key, &mut self.last);
    }

    /// A subscript that sorts as its number does.
    fn subscript(&mut self, global: &str, row: u64) {
        self.key.extend(global.as_bytes());
        let bytes = row.to_be_bytes();
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        self.key.push(0x80 + u8::try_from(8 - zeros).unwrap());
        self.key.extend(&bytes[zeros..]);
    }

    /// An element of a `$LIST`: its length, its type, its bytes.
    fn text(&mut self, text: std::fmt::Arguments<'_>) {
        let at = self.record.len();
        self.record.extend([0, 1]);
        self.record.write_fmt(text).unwrap();
        self.record[at] = u8::try_from(self.record.len() - at).unwrap();
    }

    fn number(&mut self, number: u64) {
        let bytes = number.to_le_bytes();
        let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count();
        self.record.extend([u8::try_from(10 - zeros).unwrap(), 4]);
        self.record.extend(&bytes[..8 - zeros]);
    }

    fn person(&mut self, row: u64) {
        self.subscript("HSPI.Data.Person", row);
        let random = &mut self.random;
        let (last, first) = (random.word(&LAST), random.word(&FIRST));
        let (street, city) = (random.word(&STREETS), random.word(&CITIES));
        let (house, zip) = (1 + random.below(999), 1_000 + random.below(1_800));
        let (born, phone, mrn) =
            (36_000 + random.below(29_000), random.below(10_000_000), random.next());
        let sex = ["F", "M", "F", "M", "U"][usize::try_from(random.below(5)).unwrap()];
        self.text(format_args!(""));
        self.text(format_args!("{last}"));
        self.text(format_args!("{first}"));
        self.number(born);
        self.text(format_args!("{sex}"));
        self.text(format_args!("{house} {street}"));
        self.text(format_args!("{city}"));
        self.text(format_args!("MA"));
        self.text(format_args!("{zip:05}"));
        self.text(format_args!("617-{:03}-{:04}", phone / 10_000, phone % 10_000));
        self.number(mrn >> 36);
        self.text(format_args!(
            "{first}.{last}{}@{}.example.org",
            mrn & 0xFFF,
            EVENTS.len() + last.len()
        ));
        self.text(format_args!("{:016X}", mrn.rotate_left(20)));
        self.note(4);
    }

    fn index(&mut self, row: u64) {
        // Sorted: the rows go through the names slowly.
        let random = &mut self.random;
        let last = LAST[usize::try_from(row / 40_000).unwrap() % LAST.len()];
        let first = FIRST[usize::try_from(row / 2_000).unwrap() % FIRST.len()];
        let person = random.below(2_000_000);
        self.key.extend(b"HSPI.Data.PersonI");
        write!(self.key, "NameIdx\u{1} {last},{first}\u{1}{row:09}").unwrap();
        self.subscript("", person);
        self.record.push(2);
    }

    fn audit(&mut self, row: u64) {
        self.subscript("HSAUDIT.Event", row);
        let random = &mut self.random;
        let (event, user) = (random.word(&EVENTS), random.word(&LAST));
        let (host, second, milli) = (random.below(65_536), row / 3, random.below(1_000));
        let (first, second_half) = (random.next(), random.next());
        let (hour, minute) = (second / 3_600 % 24, second / 60 % 60);
        self.text(format_args!(
            "2024-{:02}-{:02} {hour:02}:{minute:02}:{:02}.{milli:03}",
            1 + second / 2_678_400 % 12,
            1 + second / 86_400 % 28,
            second % 60
        ));
        self.text(format_args!("{event}"));
        self.text(format_args!("{user}{}", host % 10));
        self.text(format_args!("10.20.{}.{}", host >> 8, host & 255));
        self.text(format_args!(
            "{:08X}-{:04X}-4{:03X}-{:012X}",
            first >> 32,
            first >> 16 & 0xFFFF,
            first & 0xFFF,
            second_half >> 16
        ));
        self.number(first >> 44);
        self.note(5);
    }

    fn message(&mut self, row: u64) {
        self.subscript("EnsLib.H.MessageD", row);
        let (last, first) = (self.random.word(&LAST), self.random.word(&FIRST));
        write!(
            self.record,
            "MSH|^~\\&|LAB|GENERAL|HSHUB|HS|2024{:04}||ORU^R01|{row}|P|2.5\rPID|1||\
            {}^^^MRN||{last}^{first}\r",
            row % 1_200,
            self.random.below(9_000_000)
        )
        .unwrap();
        for at in 1..=2 + self.random.below(6) {
            let test = self.random.word(&TESTS);
            let (whole, tenth) = (self.random.below(180), self.random.below(10));
            let flag = if self.random.below(5) == 0 { "H" } else { "N" };
            write!(self.record, "OBX|{at}|NM|{test}|{whole}.{tenth}|{flag}|||F\r").unwrap();
        }
        self.record.extend(b"NTE|1||");
        let words = 20 + self.random.below(120);
        self.note(words);
    }

    fn note(&mut self, words: u64) {
        let limit = self.words.len() as u64;
        for _ in 0..words {
            let at = self.random.below(limit).min(self.random.below(limit));
            self.record.extend(self.words[usize::try_from(at).unwrap()].as_bytes());
            self.record.push(b' ');
        }
    }

    /// Object code: few bytes often, many bytes seldom.
    fn code(&mut self, row: u64) {
        self.subscript("rOBJHS.Routine", row);
        for _ in 0..300 + self.random.below(900) {
            let drawn = self.random.next();
            let byte = drawn.to_le_bytes();
            self.record.push(match byte[0] {
                0..110 => byte[1] & 7,
                110..200 => 0x40 + (byte[1] & 31),
                _ => byte[1],
            });
        }
    }

    /// A token: base64, which only its alphabet makes smaller.
    fn token(&mut self, row: u64) {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        self.subscript("OAuth2.Server.AccessTokenD", row);
        self.text(format_args!("%OAuth2.Server.AccessToken"));
        self.record.extend(b"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.");
        for _ in 0..300 + self.random.below(300) {
            self.record.push(DIGITS[usize::try_from(self.random.below(64)).unwrap()]);
        }
    }

    fn pointer(&mut self, row: u64) {
        self.subscript("HSPI.Data.Person", row * 57);
        let block = u32::try_from(row * 3 + self.random.below(4_000)).unwrap();
        self.record.extend(block.to_le_bytes());
    }
}
