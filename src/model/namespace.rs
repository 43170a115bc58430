//! Namespaces and databases.
//!
//! Owns the two sections that say where code and data of an instance live. Both come from the CPF
//! (H2.2) or from a configuration document, and are compared by folded name. What is known of a
//! database's file and of its place in a mirror, the instance alone can tell (H6.3), in a document.
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
    /// A database as the configuration names it (`Config.Databases`, H2.2), and what the instance
    /// says of it (`SYS.Database`, H6.3; `SYS.Mirror`, H6.2).
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
            /// Whether it is in a mirror, which no file of the configuration tells (H2.2, H6.3).
            in_mirror: bool = "Mirrored", judged, unknown;
            /// Its name in the mirror; empty where it is in none (H6.3).
            mirror_name: Name = "MirrorDBName", must_equal, unknown, when Database::is_mirrored;
            /// The mirror it is in; empty where it is in none (H6.3).
            mirror_set: Name = "MirrorSetName", must_equal, unknown, when Database::is_mirrored;
            /// Its state in the mirror on this member, such as Dejournaling or Needs Activation (H6.2).
            mirror_status: Text = "MirrorStatus", judged, unknown;
            /// The resource that guards it; the mirror keeps that in step (H2.4, H6.3).
            resource: Name = "ResourceName", must_equal, unknown, when Database::is_mirrored;
            /// Bytes of a block: 2048 to 65536 (H6.3).
            block_size: u64 = "BlockSize", must_equal, unknown, when Database::is_mirrored;
            /// Megabytes of its files (H6.3).
            size: u64 = "Size", volatile, unknown;
            /// Whether it is encrypted (H6.3).
            encrypted: bool = "EncryptedDB", may_differ, unknown;
            /// Id of the key it is encrypted with; never the key (H6.3, H6.5).
            encryption_key: Text = "EncryptionKeyID", may_differ, unknown;
            /// Not 0 where it has more files than `IRIS.DAT` (H6.3, H6.5).
            volumes: u64 = "MultiVolume", may_differ, unknown;
        }
        never {}
    }
}

/// The product's temporary databases, in IRIS and in Caché (formats 1.3): where a namespace states
/// none of its own, it has the product's.
const TEMPORARY: &[&str] = &["IRISTEMP", "CACHETEMP"];

/// The database with the healthcare product's system data, and the namespace on it (H1.1).
pub const HSSYS: &str = "HSSYS";

/// The database with the healthcare product's code, and the namespace on it; never mirrored (H1.1).
pub const HSLIB: &str = "HSLIB";

impl Database {
    /// Whether the instance says that it is in a mirror. What follows from that counts only there.
    fn is_mirrored(&self) -> bool {
        self.in_mirror == Some(true)
    }
}

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
