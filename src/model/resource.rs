//! Resources: what permissions are granted on.
//!
//! Owns the resource object (`Security.Resources`, H4.4), from security exports. Names fold case,
//! as the class text says; the guide says otherwise but forbids two names that differ by case only.
//! Invariant: the descriptions of the product's own resources are in the installer's language
//! (formats 3.1) and therefore never compared.

use super::bits::{Permission, ResourceKind};
use super::configuration::Configuration;
use super::namespace::HSSYS;
use super::object::Object;
use super::owner::Owner;
use super::text::{Name, Text};

crate::object! {
    /// A resource (`Security.Resources`, H4.4).
    pub struct Resource in Resources from "Security.Resources" {
        identity {
            /// Name of the resource.
            name: Name = "Name";
        }
        properties {
            /// What it is for.
            description: Text = "Description", must_equal, empty, when Resource::is_the_sites;
            /// What everybody may do with it.
            public_permission: Permission = "PublicPermission", must_equal, empty;
            /// What it guards; set by the system.
            kind: ResourceKind = "Type", may_differ, empty;
            /// Version of the export record.
            record_version: Text = "Version", may_differ, empty;
        }
        never {
            Derived { "NameLowerCase" }
        }
    }
}

/// The resource that guards the HSSYS database, as the product names it (H4.4). Which one it really is
/// stands in the database.
pub const HSSYS_RESOURCE: &str = "%DB_HSSYS";

impl Configuration {
    /// The resource that guards HSSYS, as the instance says; else the usual one (H4.4, H6.3).
    pub fn hssys_resource(&self) -> &str {
        let stated = self.databases.named(HSSYS).and_then(|database| database.resource.as_deref());
        stated.filter(|name| !name.is_empty()).unwrap_or(HSSYS_RESOURCE)
    }
}

impl Resource {
    fn is_the_sites(&self) -> bool {
        self.owner() == Owner::Site
    }
}

impl Object for Resource {
    fn name(&self) -> &str {
        &self.name
    }
    /// Bit 0 of the type says so (H4.9); without a type, the `%` of the name does. Database
    /// resources of the site carry `%DB_` and no bit 0.
    fn owner(&self) -> Owner {
        match self.kind {
            Some(kind) => Owner::product_if(kind.has(0)),
            None => super::owner::by_percent(&self.name),
        }
    }
    const MARKERS: &'static [&'static str] = &["%Admin_Manage", "%Admin_Secure"];
}
