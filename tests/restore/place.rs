//! A member in a temporary folder: its files, the folder of its HSSYS, the primary's two bundles, and the
//! program that is run on them.
//!
//! What a folder holds is taken down as a whole ([`seen`]): names, bytes, and what tells a file from its
//! copy, so that "untouched" means untouched.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_hsmirror");
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
/// The old database that a place begins with.
pub const OLD: &[u8] = b"the old database, which must not be lost";

pub struct Place {
    folder: TempDir,
    pub recipient: String,
    /// The folder of HSSYS on the member.
    pub db: PathBuf,
}

/// What a name in a folder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    pub inode: u64,
    pub mode: u32,
    pub owner: (u32, u32),
    pub modified: (i64, i64),
    /// Its bytes, where a link leads, or nothing.
    pub holds: Vec<u8>,
}

/// All that a folder holds, by name; what is in folders in it too.
pub type Seen = BTreeMap<PathBuf, Thing>;

/// A run that ended.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let Output { status, stdout, stderr } = output;
        Self { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// It must have ended with this exit code.
    #[track_caller]
    pub fn must(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        let both = format!("{}{}", self.stdout, self.stderr);
        for bare in ["panicked", "ended unexpectedly"] {
            assert!(!both.contains(bare), "{both}");
        }
        self
    }

    /// It must have said this on standard error.
    #[track_caller]
    pub fn complains(self, what: &str) -> Self {
        assert!(self.stderr.contains(what), "{what:?} is not in:\n{}", self.stderr);
        self
    }

    /// It must have said this on standard output.
    #[track_caller]
    pub fn tells(self, what: &str) -> Self {
        assert!(self.stdout.contains(what), "{what:?} is not in:\n{}", self.stdout);
        self
    }
}

/// Runs a command to its end, with nobody to ask.
pub fn run(command: &mut Command) -> Ran {
    Ran::of(command.stdin(Stdio::null()).output().unwrap())
}

/// What a name stands for; none where there is nothing.
pub fn thing(path: &Path) -> Option<Thing> {
    let about = fs::symlink_metadata(path).ok()?;
    let holds = match about.file_type() {
        kind if kind.is_file() => fs::read(path).unwrap(),
        kind if kind.is_symlink() => {
            fs::read_link(path).unwrap().into_os_string().into_encoded_bytes()
        }
        _ => Vec::new(),
    };
    Some(Thing {
        inode: about.ino(),
        mode: about.mode(),
        owner: (about.uid(), about.gid()),
        modified: (about.mtime(), about.mtime_nsec()),
        holds,
    })
}

/// Takes down all that a folder holds; nothing where there is none.
pub fn seen(folder: &Path) -> Seen {
    let mut found = Seen::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if !path.is_symlink() && path.is_dir() {
            found.extend(seen(&path));
        }
        found.insert(path.clone(), thing(&path).unwrap());
    }
    found
}

/// Names and bytes alone.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    seen(folder).into_iter().map(|(path, thing)| (name(&path), thing.holds)).collect()
}

pub fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Copies the files of a sample, but for its hashes of passwords: trying the product's own passwords on
/// them is most of what a comparison does, and nothing of what is tested here.
fn side(sample: &str, to: &Path) {
    copy(&Path::new(SAMPLES).join(sample), to);
    change(&to.join("SecurityExport.xml"), |text| {
        let lines = text.split_inclusive('\n').filter(|line| !line.contains("<Password>"));
        lines.collect()
    });
}

/// Changes a file of text, which must make a difference.
pub fn change(path: &Path, with: impl FnOnce(&str) -> String) {
    let before = fs::read_to_string(path).unwrap();
    let after = with(&before);
    assert_ne!(before, after, "{}", path.display());
    fs::write(path, after).unwrap();
}

/// Copies the files of a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

impl Place {
    /// A member whose HSSYS is in the folder `db`.
    pub fn new() -> Self {
        Self::with_database_in("db")
    }

    /// A member whose HSSYS is in a folder of this name, and the files of its primary.
    pub fn with_database_in(name: &str) -> Self {
        Self::at(&std::env::temp_dir(), name)
    }

    /// The same on a disk that is none, where there is one: whoever restores a thousand times need not
    /// wait for a real one to sync.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        if tempfile::tempfile_in(memory).is_ok() { Self::at(memory, "db") } else { Self::new() }
    }

    fn at(disk: &Path, name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("hsmirror-restore-").tempdir_in(disk).unwrap();
        // Accounts that are not root must get to the files, too.
        mode(folder.path(), 0o755);
        let root = folder.path().canonicalize().unwrap();
        let identity = root.join("identity");
        let made = run(Command::new(PROGRAM).args(["keygen", "-o"]).arg(&identity)).must(0);
        let words = made.stdout.split_whitespace().chain(made.stderr.split_whitespace());
        let mut words = words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        let recipient = words.rfind(|word| word.starts_with("age1")).unwrap().to_owned();
        let place = Self { folder, recipient, db: root.join(name) };
        fs::create_dir_all(&place.db).unwrap();
        mode(&place.db, 0o755);
        side("ready-primary", &place.path("primary"));
        side("ready-backup", &place.path("member"));
        change(&place.path("member/iris.cpf"), |text| {
            let line = "HSSYS=/usr/irissys/mgr/hssys/";
            text.replace(line, &format!("HSSYS={}/", place.db.display()))
        });
        place.old(&[("IRIS.DAT", OLD)]);
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// Somebody attests that HSSYS of a side is in the mirror or not; or nobody does.
    pub fn attests(&self, side: &str, mirrored: Option<bool>) {
        change(&self.path(side).join("configuration.json"), |text| {
            let mut document: serde_json::Value = serde_json::from_str(text).unwrap();
            match mirrored {
                Some(value) => document["facts"]["hssysMirrored"]["value"] = value.into(),
                None => drop(document["facts"].as_object_mut().unwrap().remove("hssysMirrored")),
            }
            document.to_string()
        });
    }

    /// The instance of a side says something of its HSSYS and of itself.
    pub fn instance_says(&self, side: &str, hssys: serde_json::Value, member: serde_json::Value) {
        change(&self.path(side).join("configuration.json"), |text| {
            let mut document: serde_json::Value = serde_json::from_str(text).unwrap();
            let mut database = hssys.clone();
            database["name"] = "HSSYS".into();
            document["databases"] = vec![database].into();
            document["member"] = member.clone();
            document.to_string()
        });
    }

    /// Puts files of the old database into its folder.
    pub fn old(&self, files: &[(&str, &[u8])]) {
        for (name, bytes) in files {
            fs::write(self.db.join(name), bytes).unwrap();
            mode(&self.db.join(name), 0o640);
        }
    }

    /// Makes the primary's copy of a database, of files with these contents, and seals both bundles.
    pub fn seals(&self, files: &[&[u8]]) {
        let copies = self.path("copy");
        fs::create_dir_all(&copies).unwrap();
        for (number, bytes) in files.iter().enumerate() {
            let name = match number {
                0 => "COPY_IRIS.DAT".to_owned(),
                _ => format!("COPY_IRIS-{number:04}.VOL"),
            };
            fs::write(copies.join(&name), bytes).unwrap();
            mode(&copies.join(name), 0o600);
        }
        run(&mut self.export(&["-q"])).must(0);
    }

    /// The command that seals both bundles.
    pub fn export(&self, flags: &[&str]) -> Command {
        let mut export = Command::new(PROGRAM);
        export.arg("export").arg(self.path("primary")).arg("-o").arg(self.path("p.tar.zst.age"));
        export.args(["-r", &self.recipient, "--hssys"]).arg(self.path("copy")).args(flags);
        export
    }

    /// Seals both bundles again over those that are there.
    pub fn seals_again(&self, flags: &[&str]) {
        run(&mut self.export(&[&["-q", "--force"], flags].concat())).must(0);
    }

    /// Another name for the bundle of the database, so that it can be given with another configuration.
    pub fn moves_bundle(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// The flags that every command of `apply` has.
    fn whereabouts(&self) -> [PathBuf; 4] {
        ["--hssys-dir".into(), self.db.clone(), "--state-dir".into(), self.path("state")]
    }

    /// The command that restores the database.
    pub fn apply(&self, flags: &[&str]) -> Command {
        self.apply_of("p.tar.zst.age", "p.hssys.tar.zst.age", flags)
    }

    /// The command that restores the database, with these files as primary and as its database.
    pub fn apply_of(&self, primary: &str, hssys: &str, flags: &[&str]) -> Command {
        let mut apply = self.apply_without_folder(primary, hssys);
        apply.args(self.whereabouts()).args(flags);
        apply
    }

    /// The command that restores the database in a folder that is called differently.
    pub fn apply_to(&self, folder: &Path, flags: &[&str]) -> Command {
        let mut apply = self.apply_without_folder("p.tar.zst.age", "p.hssys.tar.zst.age");
        apply.arg("--hssys-dir").arg(folder).arg("--state-dir").arg(self.path("state")).args(flags);
        apply
    }

    fn apply_without_folder(&self, primary: &str, hssys: &str) -> Command {
        let mut apply = Command::new(PROGRAM);
        apply.arg("apply").arg(self.path(primary)).arg(self.path("member"));
        apply.arg("-i").arg(self.path("identity")).arg("--hssys").arg(self.path(hssys));
        apply
    }

    /// A command on what was restored: `--status`, `--resume` or `--revert`.
    pub fn on(&self, flags: &[&str]) -> Command {
        let mut on = Command::new(PROGRAM);
        on.arg("apply").args(self.whereabouts()).args(flags);
        on
    }

    /// All that must not change where something is refused: the folder of the database and the state
    /// folder, with what they hold; a folder in which a file was made and removed has another time.
    pub fn all(&self) -> (Option<Thing>, Seen, Option<Thing>, Seen) {
        let state = self.path("state");
        (thing(&self.db), seen(&self.db), thing(&state), seen(&state))
    }

    /// Restores the database, where nothing stands against it.
    pub fn restores(&self) {
        run(&mut self.apply(&["--yes"])).must(21);
    }

    /// The same command, killed at one call of the system; false where there is no strace.
    pub fn killed_at(&self, mut command: Command, call: &str, when: usize) -> bool {
        if !has("strace") {
            return false;
        }
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e"]);
        strace.arg(format!("inject={call}:signal=KILL:when={when}"));
        strace.arg(command.get_program()).args(command.get_args());
        command = strace;
        let ran = run(&mut command);
        assert_eq!(ran.code, None, "it was not killed: {}\n{}", ran.stdout, ran.stderr);
        true
    }
}

/// Whether a program is there.
pub fn has(program: impl AsRef<OsStr>) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program.as_ref()).is_file())
}
