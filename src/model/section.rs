//! The sections of a configuration, in one table.
//!
//! Owns the list of sections: their names, their order, whether a comparison without them is
//! incomplete, and which file of a member gives them. Command line, coverage, JSON keys, schema,
//! README and man page take the names from here.
//! Invariant: the order here is the order in every output.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! sections {
    ($($(#[doc = $about:literal])+ $Name:ident $name:literal $required:literal $made:literal;)+) => {
        /// A section of a configuration.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(rename_all = "lowercase")]
        pub enum Section {
            $($(#[doc = $about])+ $Name,)+
        }

        impl Section {
            /// Every section, in order.
            pub const ALL: &'static [Section] = &[$(Section::$Name),+];

            /// The name on the command line and in JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Section::$Name => $name,)+ }
            }

            /// Whether a comparison without it is incomplete; the others are extra.
            pub const fn required(self) -> bool {
                match self { $(Section::$Name => $required,)+ }
            }

            /// The file that gives it and how to make it on the instance.
            pub const fn made_by(self) -> &'static str {
                match self { $(Section::$Name => $made,)+ }
            }
        }
    };
}

sections! {
    /// Who the side is: instance, versions, mirror membership.
    Member "member" true "iris.cpf from the install folder, and `iris qlist INSTANCE > qlist.txt`";
    /// Namespaces.
    Namespaces "namespaces" true "iris.cpf from the install folder";
    /// Databases.
    Databases "databases" true "iris.cpf from the install folder";
    /// Global, routine and package mappings.
    Mappings "mappings" true "iris.cpf from the install folder";
    /// Roles.
    Roles "roles" true "a security export: `do ^SECURITY` in %SYS, option 12, then 5";
    /// Resources.
    Resources "resources" true "a security export: `do ^SECURITY` in %SYS, option 12, then 5";
    /// Web and other applications.
    Applications "applications" true "a security export: `do ^SECURITY` in %SYS, option 12, then 5";
    /// Tasks of the Task Manager.
    Tasks "tasks" true
        "a task export with the system tasks: `do ##class(%SYS.Task).ExportTasks(list,file)`";
    /// Users.
    Users "users" true "a security export: `do ^SECURITY` in %SYS, option 12, then 5";
    /// Services.
    Services "services" false "a security export: `do ^SECURITY` in %SYS, option 12, then 5";
    /// TLS configurations.
    Tls "tls" false "a security export: `do ^SECURITY` in %SYS, option 12, then 5";
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_command_line_use_the_same_name() {
        for section in Section::ALL {
            assert_eq!(serde_json::to_value(section).unwrap(), section.name());
        }
    }
}
