//! Users.
//!
//! Owns the user object (`Security.Users`, H4.2), from security exports. Accounts that LDAP or a
//! delegated login makes are created at login, so they are not missing where nobody logged in yet,
//! and their roles are worked out anew at each login, so they are not compared.
//! Invariant: of a password only "is still the vendor's initial one" is kept, and of the personal
//! data nothing unless it was asked for (design 4).

use super::bits::{AccountKind, AuthenticationMethods};
use super::object::{Object, Pairing};
use super::owner::{self, Owner};
use super::text::{Name, Text};
use super::value::{Day, Set};

crate::object! {
    /// A user (`Security.Users`, H4.2).
    pub struct User in Users from "Security.Users" {
        identity {
            /// Name of the account.
            name: Name = "Name";
        }
        properties {
            /// Whether the account can log in.
            enabled: bool = "Enabled", must_equal, default(true);
            /// Name of the person.
            full_name: Text = "FullName", must_equal, empty, when User::is_kept_by_hand;
            /// Remark.
            comment: Text = "Comment", must_equal, empty, when User::is_kept_by_hand;
            /// Roles held from login.
            roles: Set<Name> = "Roles", must_equal, empty, when User::keeps_its_roles;
            /// Roles that can be taken on for a while.
            escalation_roles: Set<Name> = "EscalationRoles", must_equal, empty,
                since "2", when User::keeps_its_roles;
            /// Namespace in which a terminal login starts.
            start_namespace: Name = "NameSpace", must_equal, empty, when User::keeps_its_roles;
            /// Routine that a terminal login starts.
            start_routine: Text = "Routine", must_equal, empty, when User::keeps_its_roles;
            /// Two-factor methods the account must use.
            two_factor: AuthenticationMethods = "AutheEnabled", must_equal, empty;
            /// Whether the password must be changed at the next login.
            change_password: bool = "ChangePassword", must_equal, default(false);
            /// Whether the password never expires.
            password_never_expires: bool = "PasswordNeverExpires", must_equal, default(false);
            /// Whether the account never expires.
            account_never_expires: bool = "AccountNeverExpires", must_equal, default(false);
            /// Day on which the account expires.
            expiration_date: Day = "ExpirationDate", must_equal, empty;
            /// How the account came to be.
            kind: AccountKind = "Flags", must_equal, default(AccountKind(1));
            /// Whether the password is still the one the vendor documents; known only where the
            /// export held the hash of a predefined account.
            initial_password: bool = "InitialPassword", judged, unknown;
            /// Attributes a delegated login sets, as exported.
            attributes: Set<Text> = "Attributes", must_equal, unknown, when User::keeps_its_roles;
            /// E-mail address; only where personal data was asked for.
            email_address: Text = "EmailAddress", must_equal, unknown, personal data;
            /// Telephone number; only where personal data was asked for.
            phone_number: Text = "PhoneNumber", must_equal, unknown, personal data;
            /// Telephone provider; only where personal data was asked for.
            phone_provider: Text = "PhoneProvider", must_equal, unknown, personal data;
            /// Version of the export record.
            record_version: Text = "Version", may_differ, empty;
        }
        never {
            Secret {
                "Password" "Salt" "HOTPKey" "LegacyPassword" "PasswordExternal" "PasswordHash"
                "TOTPLastValidPasswords"
            }
            Volatile {
                "CreateDateTime" "CreateUsername" "LastModifiedDateTime" "LastModifiedInfo"
                "LastModifiedUsername" "PasswordChangedDateTime" "PasswordReset" "RolesAreAdmin"
                "HOTPKeyGenerate" "HOTPKeyDisplay" "PasswordHashAlgorithm" "PasswordHashWorkFactor"
            }
            Derived { "NameLowerCase" "SuperUser" "EMSGroupEnabled" "PasswordUpdated" }
        }
    }
}

impl User {
    /// A person of the site keeps name and comment, not the product and not a directory.
    fn is_kept_by_hand(&self) -> bool {
        self.owner() == Owner::Site && !self.made_at_login()
    }

    /// False where roles and start of a session are worked out at each login (H4.2).
    pub fn keeps_its_roles(&self) -> bool {
        !self.made_at_login()
    }

    /// Whether it can log in with the password that the vendor documents (formats 2.3).
    pub fn has_initial_password(&self) -> bool {
        self.initial_password == Some(true) && self.enabled != Some(false)
    }

    fn made_at_login(&self) -> bool {
        self.kind.is_some_and(|kind| !kind.has(0) && (kind.has(1) || kind.has(2)))
    }
}

impl Object for User {
    fn name(&self) -> &str {
        &self.name
    }
    fn owner(&self) -> Owner {
        owner::listed(&self.name, owner::USERS)
    }
    fn pairing(&self) -> Pairing {
        if self.made_at_login() { Pairing::MadeAtLogin } else { Pairing::Compared }
    }
    const MARKERS: &'static [&'static str] = &["_PUBLIC", "_SYSTEM", "UnknownUser"];
}
