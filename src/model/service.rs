//! Services: the doors through which an instance is reached.
//!
//! Owns the service object (`Security.Services`, H4.6), from security exports. An optional section:
//! the vendor's utility does not look at it, but administrators lose it (H4.6, H9).
//! Invariant: which systems may connect belongs to the member and is not compared.

use super::bits::AuthenticationMethods;
use super::object::Object;
use super::owner::{self, Owner};
use super::text::{Name, Text};
use super::value::Set;

crate::object! {
    /// A service (`Security.Services`, H4.6).
    pub struct Service in Services from "Security.Services" {
        identity {
            /// Name of the service.
            name: Name = "Name";
        }
        properties {
            /// Whether it can be used.
            enabled: bool = "Enabled", must_equal, default(false);
            /// Ways to log in that it allows.
            authentication_methods: AuthenticationMethods = "AutheEnabled", must_equal, empty;
            /// Systems that may connect, with the roles they get.
            client_systems: Set<Text> = "ClientSystems", may_differ, empty;
            /// Whether two-factor login is on.
            two_factor_enabled: bool = "TwoFactorEnabled", must_equal, default(false);
            /// Whether cookies are kept from scripts.
            http_only_cookies: bool = "HttpOnlyCookies", must_equal, default(false);
            /// Version of the export record.
            record_version: Text = "Version", may_differ, empty;
        }
        never {
            Derived { "NameLowerCase" "Description" "AutheEnabledCapabilities" "Capabilities" }
        }
    }
}

impl Service {
    /// Whether it can be used without a login (H4.6).
    pub fn lets_anybody_in(&self) -> bool {
        self.enabled == Some(true)
            && self.authentication_methods.is_some_and(AuthenticationMethods::lets_anybody_in)
    }
}

impl Object for Service {
    fn name(&self) -> &str {
        &self.name
    }
    fn owner(&self) -> Owner {
        owner::by_percent(&self.name)
    }
    const MARKERS: &'static [&'static str] = &["%Service_Bindings"];
}
