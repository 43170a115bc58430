//! Two members of a large site, from files to findings.
//!
//! Makes two members of 250,000 users (a security export) and 100,000 mappings (a CPF), one in 700
//! different, and measures what a person waits for: reading both sides, comparing and judging,
//! rendering. Prints medians, objects per second and the peak memory of the process. `cargo bench`
//! runs it; a number as argument makes the site smaller (`cargo bench -- 10000` users).
//!
//! The files have the elements and the size of real ones; the times are those of this machine and
//! only worth something beside each other.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench stops at the first thing that goes wrong, and prints"
)]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use hsmirror::compare::Selection;
use hsmirror::finding::{self, Judgement};
use hsmirror::model::Configuration;
use hsmirror::report::{self, Format, Look, View};
use hsmirror::source::{self, Options};

/// Every how many objects one differs: about 500 of 350,000.
const DIFFERS: usize = 700;
const RUNS: usize = 7;

fn main() {
    let users = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(250_000);
    let mappings = users * 2 / 5;
    let objects = 2 * (users + mappings);
    let folder = tempfile::tempdir().unwrap();
    let sides = [folder.path().join("primary"), folder.path().join("member")];
    let mut bytes = 0;
    for (member, side) in sides.iter().enumerate() {
        fs::create_dir(side).unwrap();
        bytes += write_users(&side.join("SecurityExport.xml"), users, member == 1);
        bytes += write_cpf(&side.join("iris.cpf"), mappings, member == 1);
    }
    println!("two members of {users} users and {mappings} mappings, {} MB of files", bytes >> 20);

    let read = |side: &Path| source::gather(side, &Options::default()).unwrap().configuration;
    let both = || -> (Configuration, Configuration) {
        thread::scope(|scope| {
            let primary = scope.spawn(|| read(&sides[0]));
            let member = read(&sides[1]);
            (primary.join().unwrap(), member)
        })
    };
    // The floor of any reader: every byte of the files through one loop, on two threads.
    let floor = measure(RUNS, || {
        thread::scope(|scope| {
            let lines = scope.spawn(|| count_lines(&sides[0]));
            count_lines(&sides[1]) + lines.join().unwrap()
        })
    });
    let reading = measure(3, both);
    let (primary, member) = both();
    let after_reading = peak();

    // Comparing takes the configurations apart, so it gets copies, made outside the clock.
    let mut times = Vec::new();
    let mut judgement = None;
    for _ in 0..RUNS {
        let (a, b) = (primary.clone(), member.clone());
        let start = Instant::now();
        let made = finding::judge(a, b, &Selection::default());
        times.push(start.elapsed());
        judgement = Some(made);
    }
    let judging = median(times);
    let judgement = judgement.unwrap();
    let table = measure(RUNS, || render(&judgement, Format::Table));
    let json = measure(3, || render(&judgement, Format::Json));

    let rate = |time: Duration| objects as f64 / time.as_secs_f64();
    let row = |what: &str, time: Duration| {
        println!("{what:<28} {:>9.3} s {:>12.0} objects/s", time.as_secs_f64(), rate(time));
    };
    row("reading the bytes (floor)", floor);
    row("reading both sides", reading);
    row("comparing and judging", judging);
    row("table", table);
    row("JSON, both sides whole", json);
    row("from files to table", reading + judging + table);
    println!("{} findings", judgement.findings.len());
    println!("peak memory after reading    {:>6} MB", after_reading >> 10);
    println!("peak memory of the bench     {:>6} MB (it holds copies)", peak() >> 10);
}

fn render(judgement: &Judgement, format: Format) -> usize {
    let look = Look { width: 80, colour: false, whole_values: false };
    let view = View { format, verbose: false, quiet: false, look };
    let mut out = Vec::new();
    report::render(judgement, &view, &mut out).unwrap();
    out.len()
}

fn measure<T>(runs: usize, mut work: impl FnMut() -> T) -> Duration {
    let times = (0..runs).map(|_| {
        let start = Instant::now();
        std::hint::black_box(work());
        start.elapsed()
    });
    median(times.collect())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Largest resident memory of this process so far, in KiB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn count_lines(side: &Path) -> usize {
    let count = |name: &str| {
        let mut file = File::open(side.join(name)).unwrap();
        let mut buffer = vec![0; 1 << 16];
        let mut lines = 0;
        loop {
            let read = file.read(&mut buffer).unwrap();
            if read == 0 {
                return lines;
            }
            lines += buffer[..read].iter().filter(|byte| **byte == b'\n').count();
        }
    };
    count("SecurityExport.xml") + count("iris.cpf")
}

fn write_users(path: &Path, users: usize, member: bool) -> usize {
    let mut to = BufWriter::new(File::create(path).unwrap());
    let mut bytes = 0;
    let mut put = |text: &str| {
        bytes += text.len();
        to.write_all(text.as_bytes()).unwrap();
    };
    put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SecurityExport>\n<UsersExport>\n");
    let hash =
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODkrLw==";
    for at in 0..users {
        let name = if at < 3 {
            ["_PUBLIC", "_SYSTEM", "UnknownUser"][at].to_owned()
        } else {
            format!("user{at:06}")
        };
        let enabled = !(member && at % DIFFERS == 1);
        let mut user = String::new();
        write!(
            user,
            "  <Users>\n    <AccountNeverExpires>true</AccountNeverExpires>\n    \
             <AutheEnabled>0</AutheEnabled>\n    <ChangePassword>false</ChangePassword>\n    \
             <CreateDateTime>67015,54952.66250835</CreateDateTime>\n    \
             <CreateUsername>SuperUser</CreateUsername>\n    <Enabled>{enabled}</Enabled>\n    \
             <ExpirationDate>1840-12-31</ExpirationDate>\n    <Flags>1</Flags>\n    \
             <FullName>Person Number {at} of the Hospital</FullName>\n    \
             <HOTPKey>QUJDREVGR0hJSktMTU5PUFFSU1Q=</HOTPKey>\n    \
             <HOTPKeyGenerate>false</HOTPKeyGenerate>\n    <HOTPKeyDisplay>false</HOTPKeyDisplay>\n    \
             <LastModifiedDateTime>67015,54964.995354514</LastModifiedDateTime>\n    \
             <LastModifiedUsername>SuperUser</LastModifiedUsername>\n    <Name>{name}</Name>\n    \
             <NameSpace>WARD{}</NameSpace>\n    <Password>{hash}</Password>\n    \
             <PasswordNeverExpires>false</PasswordNeverExpires>\n    \
             <PasswordChangedDateTime>67015,54952.662522735</PasswordChangedDateTime>\n    \
             <PasswordReset>false</PasswordReset>\n    <Roles>\n      <RolesItem>WARD{}</RolesItem>\n      \
             <RolesItem>CLINICAL</RolesItem>\n      <RolesItem>%SQL</RolesItem>\n    </Roles>\n    \
             <RolesAreAdmin>false</RolesAreAdmin>\n    <Salt>{hash}</Salt>\n    \
             <PasswordHashAlgorithm>SHA512</PasswordHashAlgorithm>\n    \
             <PasswordHashWorkFactor>10000</PasswordHashWorkFactor>\n    <Version>2</Version>\n  \
             </Users>\n",
            at % 500,
            at % 97,
        )
        .unwrap();
        put(&user);
    }
    put("</UsersExport>\n</SecurityExport>");
    to.flush().unwrap();
    bytes
}

fn write_cpf(path: &Path, mappings: usize, member: bool) -> usize {
    let mut text = String::from(
        "[ConfigFile]\nProduct=IRIS\nVersion=2024.1\n\n[Databases]\nIRISSYS=/iris/mgr/\n\
         IRISTEMP=/iris/mgr/iristemp/\nWARD=/iris/ward/\nOTHER=/iris/other/\n",
    );
    let namespaces = mappings.div_ceil(200);
    for at in 0..namespaces {
        writeln!(text, "WARD{at}=/iris/ward{at}/").unwrap();
    }
    text.push_str("\n[Namespaces]\n%SYS=IRISSYS\n");
    for at in 0..namespaces {
        writeln!(text, "WARD{at}=WARD{at}").unwrap();
    }
    for namespace in 0..namespaces {
        writeln!(text, "\n[Map.WARD{namespace}]").unwrap();
        for at in 0..200.min(mappings - namespace * 200) {
            let database =
                if member && (namespace * 200 + at) % DIFFERS == 1 { "OTHER" } else { "WARD" };
            match at % 3 {
                0 if at == 0 => writeln!(text, "Global_Ward.Order={database}"),
                0 => writeln!(text, "Global_Ward.Order(\"{at}\",2.1)={database}"),
                1 => writeln!(text, "Package_Ward.Unit{at}={database}"),
                _ => writeln!(text, "Routine_Ward{at}*_INC={database}"),
            }
            .unwrap();
        }
    }
    text.push_str("\n[MirrorMember]\nJoinMirror=1\nSystemName=");
    text.push_str(if member { "B/IRIS\n" } else { "A/IRIS\n" });
    text.push_str(
        "\n[Startup]\nDBSizesAllowed=8192\n\n[config]\noverview=Linux/x86-64~UNIX\n[SQL]\n",
    );
    fs::write(path, &text).unwrap();
    text.len()
}
