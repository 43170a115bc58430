//! The watchdog's process: this program once more, beside a run that has HSSYS dismounted.
//!
//! Owns its start, what is said between the two, and what it is told on its command line, which is no
//! command for people and so stands in no help. They talk through a pair of sockets, its standard input:
//! when the run ends, however it ends, that closes. Its standard output is the lock of the folder, which
//! holds until both have ended, so that no later run begins while it is at work. It has a session of its
//! own: neither the end of a terminal nor of a group of processes ends it.
//! Invariant: it says that it is ready only after a session of its own was answered and its instance,
//! its database and its desk are known.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;

use super::keys;
use crate::error::{Error, Kind, Result};
use crate::hssys::away::{Away, Clock, Desk, Vigil, Watchdog, Word};
use crate::instance::database::Database;
use crate::instance::{Limits, Program};

/// What it is called on its command line.
pub(super) const NAME: &str = "hssys-watchdog";
/// What it says when it is ready.
const READY: &str = "ready";
/// Seconds that it may take beyond what its sessions may.
const START: u64 = 10;

/// What it is told.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Args {
    #[arg(long)]
    iris: PathBuf,
    #[arg(long)]
    instance: String,
    #[arg(long)]
    directory: PathBuf,
    #[arg(long)]
    desk: PathBuf,
    #[arg(long)]
    run: String,
    #[arg(long)]
    limit: u64,
    #[arg(long)]
    session: u64,
}

/// Time since this was made.
pub(super) fn stopwatch() -> impl Fn() -> Duration {
    let begun = Instant::now();
    move || begun.elapsed()
}

/// Runs it; its first argument is the name of the program.
pub(super) fn run(args: &[OsString]) -> ExitCode {
    // It leads no group, so this cannot fail.
    let _ = rustix::process::setsid();
    let Ok(args) = Args::try_parse_from(args) else {
        return ExitCode::from(Kind::Usage.exit_code());
    };
    let Ok(mut stream) = io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from) else {
        return ExitCode::from(Kind::Missing.exit_code());
    };
    match watch(&args, &mut stream) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(Kind::Down.exit_code()),
        Err(error) => {
            let message = error.message.replace(['\r', '\n'], " ");
            let _ = writeln!(stream, "{message}");
            ExitCode::from(error.kind.exit_code())
        }
    }
}

fn watch(args: &Args, stream: &mut UnixStream) -> Result<bool> {
    let session = Duration::from_secs(args.session);
    let usual = Limits::default();
    let limits = Limits { question: usual.question.min(session), work: session, ..usual };
    let program = Program::find(Some(&args.iris), &super::local::surroundings(), limits)?;
    let instance = program.instance(&args.instance)?;
    let database = Database { instance: &instance, directory: args.directory.clone() };
    database.state()?;
    let desk = Desk::at(&args.desk, &instance.listed.name)?;
    let gone = |cause: io::Error| {
        Error::new(Kind::Missing, format!("The run is gone: {cause}."), "Run it again.")
    };
    let from = stream.try_clone().map_err(gone)?;
    let (to, words) = mpsc::channel();
    thread::spawn(move || {
        let lines = BufReader::new(from).lines();
        // It ends with the run; then nobody holds the other end of the channel.
        let mut words = lines.map_while(io::Result::ok).filter_map(|line| Word::of(&line));
        words.try_for_each(|word| to.send(word))
    });
    writeln!(stream, "{READY}").map_err(gone)?;
    let elapsed = stopwatch();
    let clock = Clock { elapsed: &elapsed, now: &keys::now };
    let limit = Duration::from_secs(args.limit);
    let vigil = Vigil { database: &database, desk: &desk, run: &args.run, limit };
    Ok(vigil.keep(&words, &clock))
}

/// A watchdog that watches, as the run that started it has it.
pub(super) struct Guard {
    child: Child,
    stream: UnixStream,
    patience: Duration,
}

impl Guard {
    /// Starts it and waits until it is ready.
    pub(super) fn start(
        program: &Program,
        away: &Away<'_>,
        instance: &str,
        run: &str,
        limit: Duration,
    ) -> Result<Self> {
        let failed = |why: &str| {
            let message = format!("The watchdog that would mount HSSYS again did not start: {why}");
            let hint = "HSSYS was not touched; cure that, and run the command again.";
            Error::new(Kind::Refused, message, hint)
        };
        let system = |cause: io::Error| failed(&format!("{cause}."));
        let session = program.limits().work;
        let myself = std::env::current_exe().map_err(system)?;
        let (ours, its) = UnixStream::pair().map_err(system)?;
        let mut command = Command::new(myself);
        command.arg(NAME).arg("--iris").arg(program.path()).arg("--instance").arg(instance);
        command.arg("--directory").arg(away.directory()).arg("--desk").arg(away.desk().path());
        command.args(["--run", run, "--limit", &limit.as_secs().to_string()]);
        command.args(["--session", &session.as_secs().max(1).to_string()]);
        command.env_clear().envs(super::local::surroundings().environment);
        command.current_dir(Path::new("/"));
        command.stdin(Stdio::from(OwnedFd::from(its)));
        command.stdout(Stdio::from(away.lock()?)).stderr(Stdio::null());
        let child = command.spawn().map_err(system)?;
        // Our ends of what it has are gone with this: only it holds them now.
        drop(command);
        let patience = session * 3 + Duration::from_secs(START);
        ours.set_read_timeout(Some(patience)).map_err(system)?;
        let mut line = String::new();
        let read = BufReader::new(&ours).read_line(&mut line);
        let mut guard = Self { child, stream: ours, patience };
        match read {
            Ok(_) if line.trim() == READY => Ok(guard),
            Ok(0) => Err(failed("it ended.")),
            Ok(_) => Err(failed(line.trim())),
            Err(_) => {
                let _ = guard.child.kill();
                let seconds = guard.patience.as_secs();
                Err(failed(&format!("it was not ready within {seconds} seconds.")))
            }
        }
    }
}

impl Watchdog for Guard {
    fn tell(&mut self, word: Word) -> Result<()> {
        writeln!(self.stream, "{}", word.text()).map_err(|_| {
            let message = "The watchdog ended, so HSSYS is not kept dismounted.";
            let hint = "Look who ended it, and run the command again.";
            Error::new(Kind::Refused, message, hint)
        })?;
        if word == Word::Mounted {
            // It may be in a session; what it writes down must not come after our end.
            let elapsed = stopwatch();
            while matches!(self.child.try_wait(), Ok(None)) && elapsed() < self.patience {
                thread::sleep(Duration::from_millis(5));
            }
        }
        Ok(())
    }
}
