//! A scene: a folder in which a stand-in instance plays (`tests/stand_in`).
//!
//! Owns [`Scene`], which tests make of a configuration, of a folder of `samples` or of a recorded behaviour in
//! `tests/scenes`. The folder holds `bin/iris`, which is the test itself by another name, `scene.json`
//! with the behaviour, `state.json`, `configuration.json`, `log.jsonl`, and under the paths that the
//! configuration states the instance's own folders with real database files.
//! Invariant: every file a stand-in reads or writes lies in its scene, and goes with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hsmirror::model::Configuration;
use hsmirror::source::{self, Options};

use super::behaviour::Behaviour;
use super::instance::disk::{Act, Disks, Entry, FILE, LOCK, Label, Noted, State};
use super::instance::state_of;

/// The name of the instance.
pub(crate) const NAME: &str = "IRIS";

const EVERYTHING: Options = Options { personal_data: true, task_settings: true, now: None };

/// A folder in which a stand-in plays; gone at the end.
#[derive(Debug)]
pub(crate) struct Scene {
    folder: tempfile::TempDir,
}

/// The folder in which the instance of a scene is installed.
pub(crate) fn install(folder: &Path) -> PathBuf {
    folder.join("usr/irissys")
}

/// The configuration that the instance of a scene has now.
pub(crate) fn configuration(folder: &Path) -> Configuration {
    source::gather(&folder.join("configuration.json"), &EVERYTHING).unwrap().configuration
}

/// Writes the configuration of a scene, whole or not at all.
pub(crate) fn keep(folder: &Path, configuration: &Configuration) {
    let draft = folder.join("configuration.draft");
    fs::write(&draft, serde_json::to_vec(configuration).unwrap()).unwrap();
    fs::rename(&draft, folder.join("configuration.json")).unwrap();
}

impl Scene {
    /// A healthy instance with that configuration. Its folders are moved under that of the scene; HSSYS is
    /// in the mirror if the configuration's facts say so.
    pub(crate) fn new(configuration: &Configuration) -> Self {
        Self::with(configuration, Behaviour::default())
    }

    /// A healthy instance with the configuration of a folder of `samples`.
    pub(crate) fn of_samples(name: &str) -> Self {
        Self::new(&samples(name))
    }

    /// A recorded behaviour: `tests/scenes/NAME.json`.
    pub(crate) fn of(name: &str) -> Self {
        let behaviour = recorded(name);
        Self::with(&samples(behaviour.samples.as_deref().unwrap_or("ready-backup")), behaviour)
    }

    /// An instance with that configuration and behaviour.
    pub(crate) fn with(configuration: &Configuration, behaviour: Behaviour) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        // No link on the way to a database.
        let root = fs::canonicalize(folder.path()).unwrap();
        let configuration = moved(&root, configuration);
        fs::create_dir_all(root.join("bin")).unwrap();
        fs::create_dir_all(install(&root).join("mgr")).unwrap();
        fs::write(install(&root).join("iris.cpf"), "[ConfigFile]\nProduct=IRIS\n").unwrap();
        // A name of its own rather than a link that leads to the test: who looks where a link leads
        // would start the test.
        let own = std::env::current_exe().unwrap();
        let program = root.join("bin/iris");
        if fs::hard_link(&own, &program).is_err() {
            fs::copy(&own, &program).unwrap();
        }
        let scene = Self { folder };
        let mut state = state_of(&configuration);
        for (folder, disk) in &mut state.databases {
            if !Path::new(folder).starts_with(&root) {
                continue;
            }
            fs::create_dir_all(folder).unwrap();
            fs::write(Path::new(folder).join(FILE), disk.label.file(b'.')).unwrap();
            disk.mounted = false;
        }
        let folders: Vec<String> = state.databases.keys().cloned().collect();
        for folder in folders {
            let before = state.databases[&folder].clone();
            state.mount(&folder, false, true).unwrap();
            let disk = state.databases.get_mut(&folder).unwrap();
            (disk.current, disk.catching_up) = (before.current, None);
        }
        state.manners = behaviour.databases.clone();
        keep(&root, &configuration);
        scene.write_state(&state);
        fs::write(root.join("scene.json"), serde_json::to_vec(&behaviour).unwrap()).unwrap();
        let known = configuration.databases.named("HSSYS").map(|of| of.in_mirror.is_some());
        let attested = configuration.facts.hssys_mirrored.as_ref().is_some_and(|fact| fact.value);
        if attested && known == Some(false) {
            scene.put_in_mirror("HSSYS");
        }
        scene
    }

    pub(crate) fn folder(&self) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap()
    }

    /// The folder to put into a search path.
    pub(crate) fn bin(&self) -> PathBuf {
        self.folder().join("bin")
    }

    /// The stand-in itself.
    pub(crate) fn program(&self) -> PathBuf {
        self.bin().join("iris")
    }

    /// The folder in which the instance is installed.
    pub(crate) fn install(&self) -> PathBuf {
        install(&self.folder())
    }

    /// Changes how the instance behaves from now on.
    pub(crate) fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        let path = self.folder().join("scene.json");
        let mut behaviour: Behaviour = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let manners = behaviour.databases.clone();
        change(&mut behaviour);
        if behaviour.databases != manners {
            self.change_state(|state| state.manners = behaviour.databases.clone());
        }
        let draft = self.folder().join("scene.draft");
        fs::write(&draft, serde_json::to_vec(&behaviour).unwrap()).unwrap();
        fs::rename(draft, path).unwrap();
    }

    /// The configuration that the instance has now.
    pub(crate) fn configuration(&self) -> Configuration {
        configuration(&self.folder())
    }

    /// Changes the configuration behind the back of whoever is tested.
    pub(crate) fn configure(&self, change: impl FnOnce(&mut Configuration)) {
        let mut configuration = self.configuration();
        change(&mut configuration);
        self.change_state(|state| {
            keep(&self.folder(), &configuration);
            state.generation += 1;
        });
    }

    fn write_state(&self, state: &State) {
        fs::write(self.folder().join("state.json"), serde_json::to_vec(state).unwrap()).unwrap();
    }

    /// The state that the instance has now.
    pub(crate) fn state(&self) -> State {
        self.change_state(|state| state.clone())
    }

    /// Changes the state behind the back of whoever is tested.
    pub(crate) fn change_state<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        Disks::in_file(&self.folder().join("state.json")).with(change)
    }

    /// The folder of a database, with the separator at its end.
    pub(crate) fn directory(&self, database: &str) -> String {
        let configuration = self.configuration();
        let database = configuration.databases.named(database).unwrap();
        super::instance::normalised(database.directory.as_ref().unwrap())
    }

    /// The file of a database.
    pub(crate) fn file(&self, database: &str) -> PathBuf {
        Path::new(&self.directory(database)).join(FILE)
    }

    /// Whether a database is mounted, by state and by the lock beside it.
    pub(crate) fn is_mounted(&self, database: &str) -> bool {
        let folder = self.directory(database);
        let mounted = self.change_state(|state| state.disk(&folder).unwrap().1.mounted);
        assert_eq!(mounted, Path::new(&folder).join(LOCK).exists(), "{folder}: {LOCK}");
        mounted
    }

    /// The state of a database in the mirror, as the product would say it.
    pub(crate) fn mirror_status(&self, database: &str) -> Option<&'static str> {
        let folder = self.directory(database);
        self.change_state(|state| state.mirror_status(&folder))
    }

    /// What the file of a database says of itself.
    pub(crate) fn label(&self, database: &str) -> Label {
        Label::read(&self.directory(database)).unwrap().unwrap()
    }

    /// A database has been in the mirror for long, and is up to date.
    pub(crate) fn put_in_mirror(&self, database: &str) {
        let folder = self.directory(database);
        self.change_state(|state| {
            let primary = std::mem::replace(&mut state.primary, true);
            state.add(&folder, database).unwrap();
            state.primary = primary;
            let (_, disk) = state.disk(&folder).unwrap();
            disk.current = true;
            disk.read_only = !primary;
        });
    }

    /// A database file as another member of the same mirror would hand it over: in the mirror, activated
    /// there, with that content.
    pub(crate) fn file_of_another_member(&self, database: &str, content: u8) -> Vec<u8> {
        let folder = self.directory(database);
        let state = self.state();
        let mut label = state.databases[&folder].label.clone();
        label.mirror.clone_from(&state.mirror);
        label.mirror_name = database.to_owned();
        label.member = "ANOTHER".to_owned();
        label.file(content)
    }

    /// The log so far.
    pub(crate) fn log(&self) -> Vec<Entry> {
        let text = fs::read_to_string(self.folder().join("log.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The arguments of all starts of the program.
    pub(crate) fn started(&self) -> Vec<Vec<String>> {
        let log = self.log().into_iter().filter_map(|entry| match entry.noted {
            Noted::Started { arguments, .. } => Some(arguments),
            _ => None,
        });
        log.collect()
    }

    /// What was done with a database, in order, without what failed.
    pub(crate) fn acts(&self, database: &str) -> Vec<Act> {
        let folder = self.directory(database);
        self.done(&folder).into_iter().map(|(_, act)| act).collect()
    }

    fn done(&self, folder: &str) -> Vec<(u64, Act)> {
        let plain = |folder: &str| folder.trim_end_matches('/').to_owned();
        let acts = self.log().into_iter().filter_map(|entry| match entry.noted {
            Noted::Database { act, directory, fault: None }
                if plain(&directory) == plain(folder) =>
            {
                Some((entry.at, act))
            }
            _ => None,
        });
        acts.collect()
    }

    /// How long a database was away each time it was dismounted; the last is none if it is away still.
    pub(crate) fn away(&self, database: &str) -> Vec<Option<Duration>> {
        let mut away = Vec::new();
        let mut since = None;
        for (at, act) in self.done(&self.directory(database)) {
            match (act, since) {
                (Act::Dismounted, None) => since = Some(at),
                (Act::Mounted, Some(begin)) => {
                    away.push(Some(Duration::from_millis(at - begin)));
                    since = None;
                }
                _ => {}
            }
        }
        away.extend(since.map(|_| None));
        away
    }
}

/// The configuration of a folder of `samples`.
pub(crate) fn samples(name: &str) -> Configuration {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name);
    source::gather(&folder, &EVERYTHING).unwrap().configuration
}

/// A behaviour of `tests/scenes`.
pub(crate) fn recorded(name: &str) -> Behaviour {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenes").join(format!("{name}.json"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

/// A configuration whose folders lie under another root.
fn moved(root: &Path, configuration: &Configuration) -> Configuration {
    let root = root.display().to_string();
    let mut moved = configuration.clone();
    let under = |path: &str| match path.starts_with('/') {
        true => format!("{root}{path}"),
        false => path.to_owned(),
    };
    for database in &mut moved.databases.objects {
        database.directory = database.directory.as_ref().map(|of| under(of).into());
        database.stream_directory = database.stream_directory.as_ref().map(|of| under(of).into());
    }
    if let Some(member) = &mut moved.member {
        let file = install(Path::new(&root)).join("iris.cpf");
        member.instance = Some(NAME.into());
        member.configuration_file = Some(file.display().to_string().into());
    }
    moved
}
