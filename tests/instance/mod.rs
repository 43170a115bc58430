//! A stand-in for an instance of the product.
//!
//! Owns [`Instance`]: the configuration of a mirror member as the product holds it, which executes
//! merge files ([`merge`]) and direct-mode ObjectScript ([`script`]) of a known subset. It shares no
//! code with what writes these. `class`, `store`, `check` and `change` are the objects and their
//! methods, `place` is where names lead, `script`, `expression`, `value`, `function`, `method`,
//! `object`, `task`, `query` are the language; facts are from the handbook (H2 to H5, H7.2, H8).
//! Invariant: what it does not know it panics at, so that nothing passes silently.

#![allow(dead_code, reason = "each test uses a part of it")]

mod change;
mod check;
mod class;
mod database;
pub(crate) mod disk;
mod expression;
mod function;
mod merge;
mod method;
mod object;
mod place;
mod query;
mod script;
mod store;
mod task;
mod value;

use std::collections::BTreeMap;
use std::path::PathBuf;

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
    /// Folder under which files may be made; none lets nobody make any.
    pub(crate) root: Option<PathBuf>,
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
            root: None,
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
    for database in &configuration.databases.objects {
        if let Some(folder) = database.directory.as_ref().filter(|folder| !folder.is_empty()) {
            let mut disk = disk::fresh(&database.name);
            disk.sfn = state.databases.len() + 1;
            state.databases.entry(place::normalised(folder)).or_insert(disk);
        }
    }
    state
}
