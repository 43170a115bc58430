//! A stand-in for the product's command `iris`, as a program of its own (H3.1, H7.1, H7.2).
//!
//! Owns [`act`], what the program does for its arguments: `list` prints the instances, `session` runs a
//! script on the interpreter in `tests/instance`, `merge` merges a file. The program is the test itself under the
//! name `iris`; it knows its scene from where it lies, `SCENE/bin/iris`, since those who are tested
//! give it no environment. [`Scene`] makes such folders for tests.
//! Invariant: an argument, a line or a call that is not known ends it with status 70 and words on the
//! error stream; nothing passes silently.

#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod behaviour;
mod list;
mod merge;
pub(crate) mod scene;
mod session;

use std::fs;
use std::io::{Read, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use super::instance;
use behaviour::Behaviour;
use instance::disk::{Disks, Noted, State, note};
use instance::{Instance, state_of};

pub(crate) use scene::Scene;

/// Status of a stand-in that was asked for something it does not know.
pub(crate) const UNKNOWN: u8 = 70;

/// The files of a scene, and the instance in it.
#[derive(Debug)]
struct Stage {
    folder: PathBuf,
    behaviour: Behaviour,
    disks: Disks,
}

/// What the program does: argument 0 is where it lies.
pub(crate) fn act(arguments: &[String]) -> ExitCode {
    std::panic::set_hook(Box::new(|about| {
        let words = about.payload().downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| about.payload().downcast_ref::<&str>().copied());
        let place = about.location().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(std::io::stderr(), "stand-in: {} ({place})", words.unwrap_or_default());
    }));
    let outcome = std::panic::catch_unwind(|| begin(arguments));
    let status = outcome.unwrap_or(UNKNOWN.into());
    if let Some(folder) = folder_of(arguments) {
        note(&folder.join("log.jsonl"), &Noted::Ended { status });
    }
    ExitCode::from(u8::try_from(status).unwrap_or(1))
}

/// `SCENE` of `SCENE/bin/iris`.
fn folder_of(arguments: &[String]) -> Option<PathBuf> {
    let given = PathBuf::from(arguments.first()?);
    let program = if given.is_absolute() { given } else { std::env::current_exe().ok()? };
    program.parent()?.parent().map(Path::to_owned)
}

fn begin(arguments: &[String]) -> i32 {
    let folder = folder_of(arguments).unwrap();
    let environment = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let started = Noted::Started {
        arguments: arguments[1..].to_vec(),
        environment: environment.collect(),
        folder: std::env::current_dir().unwrap().display().to_string(),
    };
    note(&folder.join("log.jsonl"), &started);
    let behaviour = fs::read(folder.join("scene.json")).unwrap();
    let behaviour: Behaviour = serde_json::from_slice(&behaviour).unwrap();
    let disks = Disks::in_file(&folder.join("state.json"));
    let mut stage = Stage { folder, behaviour, disks };
    let words: Vec<&str> = arguments[1..].iter().map(String::as_str).collect();
    let count = stage.count(words.first().copied().unwrap_or_default());
    match words[..] {
        ["qlist"] => stage.list(None),
        ["qlist", name] => stage.list(Some(name)),
        ["session" | "terminal", name, "-U", "%SYS"] => stage.session(name, count),
        ["merge", name, file, target] => stage.merge(name, file, target, count),
        _ => panic!("it does not know the arguments {words:?}"),
    }
}

impl Stage {
    /// Counts this start, does what happens before it, and says the how manieth of its kind it is.
    fn count(&mut self, word: &str) -> usize {
        let changes = self.behaviour.changes.clone();
        self.disks.with(|state| {
            for change in changes {
                let counted = match &change.of {
                    Some(of) => state.invocations.get(of).copied().unwrap_or_default(),
                    None => state.invocations.values().sum(),
                };
                if counted != change.after {
                    continue;
                }
                state.down = change.down.unwrap_or(state.down);
                if let Some(primary) = change.primary {
                    state.primary = primary;
                    state.mirror_state = if primary { "Primary" } else { "Backup" }.to_owned();
                }
            }
            let count = state.invocations.entry(word.to_owned()).or_default();
            *count += 1;
            *count
        })
    }

    fn state(&mut self) -> State {
        self.disks.with(|state| state.clone())
    }

    /// The name that instances of scenes have.
    fn is_named(name: &str) -> bool {
        name.eq_ignore_ascii_case(scene::NAME)
    }

    /// The instance with its configuration of now.
    fn instance(&mut self) -> (Instance, u64) {
        let generation = self.state().generation;
        let mut instance = Instance::of(&scene::configuration(&self.folder));
        instance.disks = self.disks.clone();
        instance.refused.clone_from(&self.behaviour.classes);
        instance.makes_files = !self.behaviour.no_files;
        instance.install = scene::install(&self.folder).display().to_string();
        (instance, generation)
    }

    /// Keeps a changed configuration; its generation from now on.
    fn keep(&mut self, instance: &mut Instance, generation: u64) -> u64 {
        if !instance.take_changed() {
            return generation;
        }
        let configuration = instance.configuration();
        let folder = self.folder.clone();
        self.disks.with(|state| {
            scene::keep(&folder, &configuration);
            // New databases are the configuration's to name; their files are not made here.
            for (folder, disk) in state_of(&configuration).databases {
                state.databases.entry(folder).or_insert(disk);
            }
            state.generation += 1;
            state.generation
        })
    }
}

/// Prints at once.
fn print(bytes: &[u8]) {
    let mut out = stdout().lock();
    // Nobody may listen any more.
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Does not end, and reads nothing.
fn hang() -> ! {
    loop {
        thread::sleep(Duration::from_secs(3600));
    }
}

/// Ends by a signal.
fn die() -> ! {
    let own = rustix::process::getpid();
    rustix::process::kill_process(own, rustix::process::Signal::KILL).unwrap();
    hang()
}

/// Asks for user and password, and denies access. What it is told for them it takes without a word.
fn login() -> i32 {
    print(b"\nUsername: ");
    let mut input = std::io::stdin().lock();
    let mut lines = 0;
    let mut byte = [0];
    while lines < 2 && input.read(&mut byte).is_ok_and(|read| read == 1) {
        if byte == *b"\n" {
            lines += 1;
            print(if lines == 1 { b"\nPassword: " } else { b"\n" });
        }
    }
    print(b"\nAccess Denied\n");
    1
}
