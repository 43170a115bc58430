//! Namespaces and databases.
//!
//! Owns the two sections that say where code and data of an instance live. Both come from the CPF
//! (H2.2) or from a configuration document, and are compared by folded name.
//! Invariant: what the product fills in makes no difference: `X=DB`, `X=DB,DB` and `X=DB,,IRISTEMP`
//! are the same namespace (design 6).

use super::object::Object;
use super::owner::{self, Owner};
use super::text::{Name, Text};
crate::object! {
    /// A namespace: a named view on databases (`Config.Namespaces`, H2.2).
    pub struct Namespace in Namespaces from "[Namespaces]" {
        identity {
            /// Name of the namespace.
            name: Name = "Name";
        }
        properties {
            /// Default database for globals.
            globals: Name = "Globals", must_equal, empty;
            /// Default database for routines; the globals database where not stated.
            routines: Name = "Routines", must_equal, empty;
            /// Database for temporary globals where it is not the product's.
            temporary: Name = "TempGlobals", must_equal, empty;
        }
        never {}
    }
}

crate::object! {
    /// A database as the configuration names it (`Config.Databases`, H2.2).
    pub struct Database in Databases from "[Databases]" {
        identity {
            /// Name of the database in the configuration.
            name: Name = "Name";
        }
        properties {
            /// Folder of the database on this member; empty for a remote database.
            directory: Text = "Directory", may_differ, empty;
            /// ECP server of a remote database; empty means local.
            server: Name = "Server", must_equal, empty;
            /// What a remote database refers to: `:mirror:MIRROR:DATABASE` or `:ds:DATABASE`.
            remote: Name = "Remote", must_equal, empty;
            /// Folder of a remote database on its server.
            remote_directory: Text = "RemoteDirectory", must_equal, empty;
            /// Whether the instance does not start without it.
            mount_required: bool = "MountRequired", must_equal, default(false);
            /// Folder of the file streams on this member.
            stream_directory: Text = "StreamLocation", may_differ, empty;
        }
        never {}
    }
}

/// The product's temporary databases, in IRIS and in Caché (formats 1.3): where a namespace states
/// none of its own, it has the product's.
const TEMPORARY: &[&str] = &["IRISTEMP", "CACHETEMP"];

/// The database with the healthcare product's system data, and the namespace on it (H1.1).
pub const HSSYS: &str = "HSSYS";

impl Object for Namespace {
    fn name(&self) -> &str {
        &self.name
    }
    fn owner(&self) -> Owner {
        owner::listed(&self.name, owner::NAMESPACES)
    }
    /// Routines live with the globals unless stated, temporary globals in the product's database
    /// (H2.2).
    fn normalise(&mut self) {
        if self.routines.as_ref().is_none_or(|routines| routines.is_empty()) {
            self.routines = self.globals.clone();
        }
        let is_default = |database: &Name| TEMPORARY.iter().any(|known| database.is(known));
        if self.temporary.as_ref().is_some_and(is_default) {
            self.temporary = None;
        }
    }
}

impl Object for Database {
    fn name(&self) -> &str {
        &self.name
    }
    fn owner(&self) -> Owner {
        owner::listed(&self.name, owner::DATABASES)
    }
    /// A folder is the same with and without a separator at its end (formats 6.3).
    fn normalise(&mut self) {
        if let Some(folder) = &self.remote_directory {
            self.remote_directory = Some(Text::from(folder.trim_end_matches(['/', '\\'])));
        }
    }
}
