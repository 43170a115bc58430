//! A child process that is run to its end.
//!
//! Owns the running of one of the product's programs: its environment is the one given and no other, its
//! working folder is the root, it has a process group of its own, and its standard input is a text or
//! nothing. One thread writes, two read, and this one looks at the clock.
//! Invariant: [`run`] returns: the child has ended, or it and its group were told to end and did not, which
//! is said with its number; only what holds nothing of an instance is killed ([`Stop`]); and of what it
//! says no more than [`MOST`] is kept.
//!
//! Where this program itself is ended, the child's standard input closes. That a session ends with it is
//! inferred from how a script is fed to one (H7.2), not documented; and what was put in before is still
//! done, so whoever must know of that gives it a lock to keep.

use std::ffi::OsString;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::kept::Kept;
use super::streams::{Piece, listen, put_in};
use crate::error::{Error, Kind, Result};

/// Bytes that a child may say: of a gathering, a list or a merge, a thousandth would do.
pub(super) const MOST: usize = 16 << 20;
/// Pieces that are read ahead.
const AHEAD: usize = 4;
/// Between two looks whether a child has ended.
pub(super) const LOOK: Duration = Duration::from_millis(10);
/// How long what a child leaves behind may keep its output open.
const AFTERWARDS: Duration = Duration::from_millis(500);
/// How long a child that was killed is waited for; the system may hold it in a call.
const DEATH: Duration = Duration::from_secs(5);

/// How a child whose time is up, or who says too much, is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It is killed: it holds nothing of an instance.
    Kill,
    /// It reads an end, is told to end (SIGTERM), and is left alone if it lives after so long. A process
    /// of the instance that is killed while it is in the database kernel may hang the instance, or force it
    /// down.
    Ask(Duration),
}

/// What is run, and how.
pub(super) struct Run<'a> {
    /// The program by absolute path, and its arguments.
    pub(super) arguments: &'a [OsString],
    /// All of its environment.
    pub(super) environment: &'a [(OsString, OsString)],
    /// What it reads; none is an end at once.
    pub(super) input: Option<String>,
    /// How long it may take.
    pub(super) within: Duration,
    /// What happens after that.
    pub(super) stop: Stop,
    /// A lock that it keeps.
    pub(super) kept: Kept,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// By itself, with this status.
    Exited(i32),
    /// By a signal that was not ours.
    Killed,
    /// Its time was over, and it was ended; where it did not end, its number.
    TimeUp(Option<u32>),
    /// It said too much, and was ended; where it did not end, its number.
    TooMuch(Option<u32>),
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) end: End,
    /// What it said: its standard output, then its standard error.
    pub(super) said: Vec<u8>,
}

/// A child, what it reads, and how it is ended.
struct Running {
    child: Child,
    stop: Stop,
    /// Whether it is to read an end, whatever was not written yet.
    closed: Arc<AtomicBool>,
}

impl Running {
    /// Ends it and all of its group; its number where it lives on.
    fn end(&mut self) -> Option<u32> {
        self.closed.store(true, Ordering::Relaxed);
        self.end_group();
        let wait = match self.stop {
            Stop::Kill => {
                let _ = self.child.kill();
                DEATH
            }
            Stop::Ask(grace) => grace,
        };
        let until = Instant::now() + wait;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() >= until {
                return Some(self.child.id());
            }
            thread::sleep(LOOK);
        }
        None
    }

    /// Ends its group, which it leads.
    fn end_group(&self) {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process_group};
            let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else {
                return;
            };
            let _ = match self.stop {
                Stop::Kill => kill_process_group(group, Signal::KILL),
                // One that was stopped for touching the terminal takes a signal when it goes on.
                Stop::Ask(_) => kill_process_group(group, Signal::TERM)
                    .and_then(|()| kill_process_group(group, Signal::CONT)),
            };
        }
    }
}

/// Runs a child to its end.
///
/// # Errors
/// It cannot be started.
pub(super) fn run(run: Run<'_>) -> Result<Ended> {
    let Run { arguments, environment, input, within, stop, kept } = run;
    let (program, rest) = arguments.split_first().ok_or_else(|| cannot("nothing", "no program"))?;
    let name = program.to_string_lossy();
    let mut command = Command::new(program);
    command.args(rest).env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    #[cfg(unix)]
    {
        // A session of its own would also part it from the terminal, which it may open; without `unsafe`
        // the standard library gives a child a group and no more.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.current_dir("/");
    }
    #[cfg(not(unix))]
    if let Some(folder) = std::path::Path::new(program).parent() {
        command.current_dir(folder);
    }
    let until = Instant::now() + within;
    let start = || command.spawn().map_err(|cause| cannot(&name, &crate::durable::why(&cause)));
    let child = kept.passed(start)?;
    let mut child = Running { child, stop, closed: Arc::default() };
    if let Some((to, text)) = child.child.stdin.take().zip(input) {
        let closed = Arc::clone(&child.closed);
        thread::spawn(move || put_in(to, &text, &closed));
    }
    let (send, pieces) = mpsc::sync_channel(AHEAD);
    if let Some(out) = child.child.stdout.take() {
        listen(0, out, send.clone());
    }
    if let Some(err) = child.child.stderr.take() {
        listen(1, err, send.clone());
    }
    drop(send);
    let mut said = [Vec::new(), Vec::new()];
    let end = watch(&mut child, pieces, &mut said, until);
    Ok(Ended { end, said: said.concat() })
}

/// Takes in what a child says until it has ended.
fn watch(
    child: &mut Running,
    pieces: Receiver<Piece>,
    said: &mut [Vec<u8>; 2],
    until: Instant,
) -> End {
    let mut ended: Option<(ExitStatus, Instant)> = None;
    let mut open = true;
    loop {
        if open {
            match pieces.recv_timeout(LOOK) {
                Ok((stream, piece)) => {
                    let room = MOST.saturating_sub(said.iter().map(Vec::len).sum());
                    if let Some(kept) = said.get_mut(stream) {
                        kept.extend_from_slice(piece.get(..room).unwrap_or(&piece));
                    }
                    if let Some((_, over)) = &mut ended {
                        *over = Instant::now() + AFTERWARDS;
                    }
                    if piece.len() > room {
                        drop(pieces);
                        return End::TooMuch(child.end());
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                // It closed its output, and may live on.
                Err(RecvTimeoutError::Disconnected) => open = false,
            }
        } else if ended.is_none() {
            thread::sleep(LOOK);
        }
        let now = Instant::now();
        if ended.is_none()
            && let Ok(Some(status)) = child.child.try_wait()
        {
            ended = Some((status, now + AFTERWARDS));
        }
        match ended {
            Some((status, _)) if !open => return end(status),
            // What it left behind keeps its output open.
            Some((status, over)) if now >= over.min(until) => {
                child.end_group();
                return end(status);
            }
            None if now >= until => {
                drop(pieces);
                return End::TimeUp(child.end());
            }
            _ => {}
        }
    }
}

fn end(status: ExitStatus) -> End {
    status.code().map_or(End::Killed, End::Exited)
}

fn cannot(program: &str, why: &str) -> Error {
    let message = format!("Cannot run {program}: {why}.");
    let hint = "Name the product's command with --iris FILE, or run this as an account that may.";
    Error::new(Kind::Missing, message, hint)
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn shell(script: &str, input: Option<&str>, within: u64) -> Ended {
        shell_within(script, input, within, Stop::Ask(Duration::from_secs(20)))
    }

    fn shell_within(script: &str, input: Option<&str>, within: u64, stop: Stop) -> Ended {
        let arguments = ["/bin/sh", "-c", script].map(OsString::from);
        let environment = [("KNOWN".into(), "yes".into())];
        let input = input.map(str::to_owned);
        let within = Duration::from_millis(within);
        run(Run {
            arguments: &arguments,
            environment: &environment,
            input,
            within,
            stop,
            kept: Kept::default(),
        })
        .unwrap()
    }

    fn lives(pid: &str) -> bool {
        let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        !state.is_empty() && !state.contains(") Z ")
    }

    /// Whether it lives no more, or soon does not.
    fn dies(pid: &str) -> bool {
        (0..1000).any(|_| !lives(pid) || (thread::sleep(LOOK), false).1)
    }

    #[test]
    fn what_it_says_and_its_status_come_back() {
        let ended = shell("cat; echo no >&2; exit 3", Some("one\ntwo\n"), 20_000);
        assert_eq!(ended.end, End::Exited(3));
        assert_eq!(ended.said, b"one\ntwo\nno\n");
        assert_eq!(shell("cat", None, 20_000).said, b"");
    }

    #[test]
    fn it_has_the_environment_given_and_the_root() {
        let ended = shell("pwd; env", None, 20_000);
        let said = String::from_utf8(ended.said).unwrap();
        let mut lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.remove(0), "/");
        // What the shell itself adds.
        lines.retain(|line| {
            !["PWD=", "SHLVL=", "_=", "OLDPWD="].iter().any(|own| line.starts_with(own))
        });
        assert_eq!(lines, ["KNOWN=yes"]);
    }

    /// The first line that it said, as a number.
    fn number(ended: &Ended) -> u32 {
        let said = String::from_utf8_lossy(&ended.said).into_owned();
        said.lines().next().unwrap().parse().unwrap()
    }

    #[test]
    fn time_is_kept_with_everybody_in_the_group() {
        let asked = Stop::Ask(Duration::from_secs(20));
        for (script, stop) in [
            ("echo $$; sleep 60 & echo $!; wait", asked),
            ("echo $$; exec >&- 2>&-; sleep 60", asked),
            ("echo $$; kill -STOP $$", asked),
            ("echo $$; trap '' TERM HUP INT; while :; do sleep 60; done", Stop::Kill),
        ] {
            let ended = shell_within(script, Some("ignored\n"), 500, stop);
            assert_eq!(ended.end, End::TimeUp(None), "{script}");
            let said = String::from_utf8(ended.said).unwrap();
            assert!(said.lines().count() > 0 && said.lines().all(dies), "{script}: {said}");
        }
    }

    #[test]
    fn one_that_does_not_end_is_left_alone_and_told() {
        let grace = Stop::Ask(Duration::from_millis(300));
        // It says a thing after it was given up, and must not die of it.
        let deaf = "trap '' TERM HUP INT; echo $$; cat >/dev/null; sleep 2; echo more; echo more; sleep 60";
        // All of its input can never be taken, and it reads an end all the same.
        let input = "x".repeat(4 << 20);
        let slow = "trap '' TERM; echo $$; sleep 2; cat >/dev/null";
        for (script, input, ends) in [(deaf, "", false), (slow, &*input, true)] {
            let ended = shell_within(script, Some(input), 1000, grace);
            let number = number(&ended);
            assert_eq!(ended.end, End::TimeUp(Some(number)), "{script}");
            let pid = number.to_string();
            assert!(lives(&pid), "{script}");
            thread::sleep(Duration::from_secs(2));
            assert!(if ends { dies(&pid) } else { lives(&pid) }, "{script}");
            let group = rustix::process::Pid::from_raw(number.try_into().unwrap()).unwrap();
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }

    #[test]
    fn one_that_does_not_read_does_not_block() {
        let input = "x".repeat(4 << 20);
        assert_eq!(shell("exit 0", Some(&input), 20_000).end, End::Exited(0));
        assert_eq!(shell("sleep 60", Some(&input), 300).end, End::TimeUp(None));
    }

    #[test]
    fn one_that_says_too_much_is_ended() {
        let ended = shell(
            "echo $$; while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done",
            None,
            60_000,
        );
        assert_eq!((ended.end, ended.said.len()), (End::TooMuch(None), MOST));
        let text = String::from_utf8(ended.said).unwrap();
        assert!(!lives(text.lines().next().unwrap()));
    }

    #[test]
    fn what_it_leaves_behind_does_not_keep_us() {
        let begun = Instant::now();
        let ended = shell("sleep 60 & echo $!; exit 4", None, 30_000);
        assert_eq!(ended.end, End::Exited(4));
        assert!(begun.elapsed() < Duration::from_secs(20));
        let said = String::from_utf8(ended.said).unwrap();
        assert!(dies(said.trim()));
    }

    #[test]
    fn a_signal_is_told() {
        assert_eq!(shell("kill -9 $$", None, 20_000).end, End::Killed);
    }
}
