//! A folder with the two sides, in which scripts run: the program and the stock tools are on the path.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_hsmirror");
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");

/// Every stock tool of the format.
pub const TOOLS: [&str; 6] = ["bash", "age", "tar", "zstd", "sha256sum", "ssh-keygen"];

/// Runs a command at a terminal of its own and answers every question with the same words.
const TYPIST: &str = r#"
import os, pty, sys, time
words, command = sys.argv[1].encode(), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
shown, last = b"", b""
while True:
    try:
        read = os.read(terminal, 4096)
    except OSError:
        break
    if not read:
        break
    shown, last = shown + read, last + read
    if last.rstrip().endswith(b":"):
        # Some print the question first and turn the echo off then; nobody types as fast as this.
        time.sleep(0.1)
        os.write(terminal, words + b"\n")
        last = b""
sys.stdout.buffer.write(shown)
sys.exit(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
"#;

/// The folder; `primary` and `backup` lie in it.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        let place = Self(TempDir::new().unwrap());
        for side in ["primary", "backup"] {
            fs::create_dir(place.path(side)).unwrap();
            for file in fs::read_dir(Path::new(SAMPLES).join(side)).unwrap().map(Result::unwrap) {
                let text = fs::read_to_string(file.path()).unwrap();
                // Without hashes to try, a run takes milliseconds in a debug build too.
                let lines = text.split_inclusive('\n').filter(|line| !line.contains("<Password>"));
                let to = place.path(side).join(file.file_name());
                fs::write(to, lines.collect::<String>()).unwrap();
            }
        }
        place
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.0.path().join(inside)
    }

    fn command(&self, program: &str) -> Command {
        let programs = Path::new(PROGRAM).parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(programs).chain(std::env::split_paths(&path));
        let mut command = Command::new(program);
        command.current_dir(self.0.path()).stdin(Stdio::null()).env("LC_ALL", "C");
        command.env("PATH", std::env::join_paths(path).unwrap());
        command
    }

    /// Runs a script.
    pub fn run(&self, script: &str) -> Output {
        self.command("bash").args(["-euo", "pipefail", "-c", script]).output().unwrap()
    }

    /// Runs a script that must succeed, and gives what it prints.
    pub fn does(&self, script: &str) -> String {
        said(script, &self.run(script))
    }

    /// Runs a script at a terminal, where it must succeed; every question is answered alike.
    pub fn types(&self, words: &str, script: &str) -> String {
        let mut typist = self.command("python3");
        typist.args(["-c", TYPIST, words, "bash", "-euo", "pipefail", "-c", script]);
        said(script, &typist.output().unwrap())
    }

    /// Runs a script that must end with that code, and gives what it says on standard error.
    pub fn ends(&self, code: i32, script: &str) -> String {
        let ran = self.run(script);
        assert_eq!(ran.status.code(), Some(code), "{script}\n{ran:?}");
        String::from_utf8(ran.stderr).unwrap()
    }
}

fn said(script: &str, ran: &Output) -> String {
    let [out, err] = [&ran.stdout, &ran.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(ran.status.success(), "{script}\n{}\n{out}\n{err}", ran.status);
    out.into_owned()
}

/// Whether one of these tools is missing; says which.
pub fn lacks(tools: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |tool: &&str| std::env::split_paths(&path).any(|at| at.join(tool).is_file());
    let missing = tools.iter().find(|tool| !there(tool));
    if let Some(tool) = missing {
        drop(writeln!(std::io::stderr(), "skipped: no {tool}"));
    }
    missing.is_some()
}
