//! A stand-in for an instance of the product.
//!
//! Owns [`Instance`]: the configuration of a mirror member as the product holds it, which executes
//! merge files ([`merge`]) and direct-mode ObjectScript ([`script`]) of a known subset. It shares no
//! code with what writes these. `class`, `store`, `check` and `change` are the objects and their
//! methods, `place` is where names lead, `script`, `expression`, `value`, `function`, `method`,
//! `object`, `task`, `query` are the language; facts are from the handbook (H2 to H5, H7.2, H8).
//! Invariant: what it does not know it panics at, so that nothing passes silently.

#![allow(
    dead_code,
    unused_imports,
    clippy::disallowed_methods,
    reason = "each test uses a part of it, and an instance writes its own files"
)]

mod about;
mod change;
mod check;
mod class;
mod database;
pub(crate) mod disk;
mod dynamic;
mod expression;
mod file;
mod function;
mod merge;
mod method;
mod object;
mod place;
mod query;
mod script;
mod store;
mod syntax;
mod task;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use hsmirror::model::{Configuration, Member, folded};
use serde::{Deserialize, Serialize};

use disk::{Disks, State};
use place::{Contents, Subscript};
use store::Store;

pub(crate) use place::normalised;
pub(crate) use script::{BANNER, Terminal};

/// What `iris session < script` gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// What was printed: banner, prompts, output, errors.
    pub(crate) output: String,
    /// The exit status.
    pub(crate) status: i32,
}

/// An instance.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    store: Store,
    contents: Contents,
    /// Its databases, and whether it is the primary.
    pub(crate) disks: Disks,
    /// Classes that are refused, by name.
    pub(crate) refused: BTreeMap<String, Refusal>,
    /// Whether its account may make files.
    pub(crate) makes_files: bool,
    /// Folder in which it is installed.
    pub(crate) install: String,
}

/// How a class is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Refusal {
    /// `<PROTECT>`.
    Protect,
    /// `ERROR #822: Access Denied` as a status.
    AccessDenied,
    /// `<CLASS DOES NOT EXIST>`.
    DoesNotExist,
}

/// The same configuration; numbers of tasks and contents of databases do not count.
impl PartialEq for Instance {
    fn eq(&self, other: &Self) -> bool {
        self.store.content() == other.store.content() && self.store.frame == other.store.frame
    }
}

impl Instance {
    /// The instance of a member: what its configuration states, and the product's default where it
    /// states nothing.
    pub(crate) fn of(configuration: &Configuration) -> Self {
        Self {
            store: Store::of(configuration),
            contents: Contents::default(),
            disks: Disks::of(state_of(configuration)),
            refused: BTreeMap::new(),
            makes_files: false,
            install: "/usr/irissys".to_owned(),
        }
    }

    /// What `iris merge` does; a fault changes nothing.
    pub(crate) fn merge(&mut self, text: &str, seed: u64) -> Result<(), String> {
        self.store.merge(text, seed)
    }

    /// Does so many actions of a file and stops there.
    pub(crate) fn merge_begun(&mut self, text: &str, seed: u64, done: usize) -> Result<(), String> {
        self.store.merge_begun(text, seed, done)
    }

    /// A session that is spoken to line by line.
    pub(crate) fn terminal(&mut self) -> Terminal<'_> {
        Terminal::of(self)
    }

    /// Whether the configuration was changed since it was last asked for that.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.store.changed)
    }

    /// Has another configuration from now on.
    pub(crate) fn become_as(&mut self, configuration: &Configuration) {
        self.store = Store::of(configuration);
    }

    /// What `iris session < script` does.
    pub(crate) fn session(&mut self, script: &str) -> Session {
        script::session(self, script)
    }

    /// What an export of it would be read as now.
    pub(crate) fn configuration(&self) -> Configuration {
        self.store.configuration()
    }

    /// A database holds data of a global: `Name`, or one node as `Name("a",1)`.
    pub(crate) fn set_data(&mut self, database: &str, global: &str) {
        let global = global.trim_start_matches('^');
        let (name, subscripts) = global.split_once('(').unwrap_or((global, ""));
        let subscripts = subscripts.trim_end_matches(')').split(',').filter(|of| !of.is_empty());
        let subscripts = subscripts.map(|of| match of.parse() {
            Ok(number) => Subscript::Number(number),
            Err(_) => Subscript::Text(of.trim_matches('"').to_owned()),
        });
        let node = (folded(database), name.to_owned(), subscripts.collect());
        self.contents.globals.insert(node);
    }

    /// A database holds a routine: `Name.MAC`.
    pub(crate) fn set_routine(&mut self, database: &str, routine: &str) {
        self.contents.routines.insert((folded(database), routine.to_owned()));
    }

    /// A database holds a class: `Package.Name`.
    pub(crate) fn set_class(&mut self, database: &str, class: &str) {
        self.contents.classes.insert((folded(database), class.to_owned()));
    }

    /// Whether a user is made only with a password; nothing public says whether an empty one will do.
    pub(crate) fn set_needs_passwords(&mut self, yes: bool) {
        self.store.needs_passwords = yes;
    }

    /// Whether it is the primary now.
    pub(crate) fn set_primary(&mut self, yes: bool) {
        self.disks.with(|state| state.primary = yes);
    }

    /// The objects that another instance does not have, or has otherwise. What no class of the product gives
    /// back does not count (H4.2), nor do settings of a task that has none.
    pub(crate) fn unlike(&self, other: &Self) -> Vec<String> {
        let plain = |of: &Self| {
            let mut store = of.store.clone();
            for held in store.objects.values_mut() {
                held.texts.remove("InitialPassword");
                // An export without the element does not say that there are none.
                held.texts.retain(|name, text| name != "Attributes" || !text.is_empty());
                held.kept.retain(|_, value| *value != serde_json::json!({}));
            }
            store
        };
        let (own, others) = (plain(self), plain(other));
        let ((own, own_tasks), (others, others_tasks)) = (own.content(), others.content());
        let keys: BTreeSet<_> = own.keys().chain(others.keys()).collect();
        let unlike = keys.into_iter().filter(|key| own.get(**key) != others.get(**key));
        let mut unlike: Vec<String> = unlike
            .map(|key| format!("{key:?}: {:?}\n  is not {:?}", own.get(*key), others.get(*key)))
            .collect();
        for (own, others) in [(&own_tasks, &others_tasks), (&others_tasks, &own_tasks)] {
            unlike.extend(own.iter().filter(|of| !others.contains(of)).map(|of| format!("{of:?}")));
        }
        unlike
    }

    /// Whether it is the primary now.
    pub(crate) fn is_primary(&mut self) -> bool {
        self.disks.with(|state| state.primary)
    }
}

/// What a running instance with this configuration begins with: every local database mounted, HSSYS in
/// the mirror where that is attested.
pub(crate) fn state_of(configuration: &Configuration) -> State {
    let member = configuration.member.as_ref();
    let of = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let mirrors = member.and_then(|member| member.mirrors.as_ref());
    let mut state = State {
        primary: member.and_then(Member::is_primary) == Some(true),
        member_type: of(member.and_then(|member| member.member_type.as_deref())),
        mirror_state: of(member.and_then(|member| member.mirror_state.as_deref())),
        mirror: of(mirrors.and_then(|all| all.iter().next()).map(|mirror| &*mirror.name)),
        member: of(member.and_then(|member| member.system_name.as_deref())),
        ..State::default()
    };
    if state.mirror.is_empty() {
        state.mirror = "MIRROR".to_owned();
    }
    for database in &configuration.databases.objects {
        if let Some(folder) = database.directory.as_ref().filter(|folder| !folder.is_empty()) {
            let mut disk = disk::fresh(&database.name);
            if let Some(size) = database.block_size.filter(|size| *size >= 2048) {
                disk.label.block_size = size;
            }
            if let Some(resource) = &database.resource {
                disk.label.resource = resource.to_string();
            }
            disk.label.encryption_key = of(database.encryption_key.as_deref());
            if database.in_mirror == Some(true) {
                disk.label.mirror = of(database.mirror_set.as_deref());
                if disk.label.mirror.is_empty() {
                    disk.label.mirror.clone_from(&state.mirror);
                }
                disk.label.mirror_name = of(database.mirror_name.as_deref());
                let followed = database.mirror_status.as_deref() != Some("Needs Activation");
                disk.label.member = if followed { state.member.clone() } else { String::new() };
                disk.current =
                    followed && database.mirror_status.as_deref() != Some("Needs Catchup");
                disk.read_only = !state.primary;
            }
            disk.sfn = state.databases.len() + 1;
            state.databases.entry(place::normalised(folder)).or_insert(disk);
        }
    }
    state
}
