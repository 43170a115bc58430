//! Roles: named sets of permissions.
//!
//! Owns the role object (`Security.Roles`, H4.3), from security exports. `%All` and the roles
//! `%DB_*` are made by the system and left out of every export (formats 3.2), so they are never
//! compared and never missing.
//! Invariant: resources and granted roles are sets; their order in a file means nothing.

use super::grant::Grants;
use super::object::{Object, Pairing};
use super::owner::{self, Owner};
use super::text::{Name, Text, starts_with_folded};
use super::value::Set;

crate::object! {
    /// A role (`Security.Roles`, H4.3).
    pub struct Role in Roles from "Security.Roles" {
        identity {
            /// Name of the role.
            name: Name = "Name";
        }
        properties {
            /// What it is for.
            description: Text = "Description", must_equal, empty, when Role::is_the_sites;
            /// Permissions on resources.
            resources: Grants = "Resources", must_equal, empty;
            /// Roles that come with it.
            granted_roles: Set<Name> = "GrantedRoles", must_equal, empty;
            /// Whether it can only be taken on for a while.
            escalation_only: bool = "EscalationOnly", must_equal, default(false);
            /// Version of the export record.
            record_version: Text = "Version", may_differ, empty;
        }
        never {
            Derived { "NameLowerCase" "ForceSave" }
        }
    }
}

impl Role {
    fn is_the_sites(&self) -> bool {
        self.owner() == Owner::Site
    }
}

impl Object for Role {
    fn name(&self) -> &str {
        &self.name
    }
    fn owner(&self) -> Owner {
        owner::by_percent(&self.name)
    }
    fn pairing(&self) -> Pairing {
        if self.name.is("%All") || starts_with_folded(&self.name, "%DB_") {
            Pairing::Ignored
        } else {
            Pairing::Compared
        }
    }
    const MARKERS: &'static [&'static str] = &["%Developer", "%Manager", "%Operator"];
}
