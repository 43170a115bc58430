//! Security exports: users, roles, resources, applications, services, TLS configurations.
//!
//! Owns the reading of `SecurityExport.xml` and of every single-kind export (formats 3). Elements
//! are kept only if the declaration of the object names them; passwords are looked at once, to see
//! whether a predefined account still has the vendor's initial one (formats 2.3), and wiped.
//! Invariant: what is not declared is never stored; what is not known is counted, so that a newer
//! product version shows in a note rather than in silence.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::admission::{add, declared};
use super::password::{self, Hash};
use super::xml::{self, Apart, EXPORT_AGAIN, Element, Fate, Taker};
use super::{Options, sections::Sections};
use crate::error::{Error, Result};
use crate::model::{
    Application, Name, PREDEFINED_USERS, Record, Resource, Role, Service, TlsConfiguration, User,
};

/// An export of the product: the element around the records, the element of one record, and what
/// becomes of them (formats 3.1).
struct Export {
    around: &'static str,
    record: &'static str,
    /// What becomes of a child element; records that are not compared are dropped child by child.
    fate: fn(&str, &Options) -> Fate,
    /// Marks the section as given.
    give: fn(&mut Sections),
    /// Makes an object of a record.
    add: fn(&Path, &Record, &mut Sections) -> Result<()>,
}

macro_rules! exports {
    (
        compared { $($around:literal $record:literal $Object:ident $field:ident;)+ }
        passed_over { $($other:literal $other_record:literal;)+ }
    ) => {
        const EXPORTS: &[Export] = &[
            $(Export {
                around: $around,
                record: $record,
                fate: declared::<$Object>,
                give: |sections| sections.$field.give(),
                add: |path, record, sections| add(path, record, &mut sections.$field),
            },)+
            $(Export {
                around: $other,
                record: $other_record,
                fate: |_, _| Fate::Drop,
                give: |_| {},
                add: |_, _, _| Ok(()),
            },)+
        ];
    };
}

exports! {
    compared {
        "ServicesExport" "Services" Service services;
        "ResourcesExport" "Resources" Resource resources;
        "RolesExport" "Roles" Role roles;
        "UsersExport" "Users" User users;
        "ApplicationsExport" "Applications" Application applications;
        "SSLConfigsExport" "SSLConfigs" TlsConfiguration tls;
    }
    passed_over {
        "LDAPConfigsExport" "LDAPConfigs";
        "SystemExport" "System";
        "DocDBsExport" "DocDBs";
        "EventsExport" "Events";
        "PhoneProvidersExport" "PhoneProviders";
        "X509UsersExport" "X509Users";
        "SQLPrivilegesExport" "SQLPrivileges";
        "SQLAdminPrivilegeSetExport" "SQLAdminPrivilegeSet";
        "X509CredentialsExport" "X509Credentials";
        "OpenAMIdentityServicesExport" "OpenAMIdentityServices";
        "KMIPServerExport" "KMIPServer";
        "ServersExport" "Servers";
        "SQLRoleGrantOptionExport" "SQLRoleGrantOption";
    }
}

/// The records of users and the export of TLS configurations need a second look.
const USERS: &str = "Users";
const TLS: &str = "SSLConfigsExport";

fn export_of(record: &str) -> Option<&'static Export> {
    EXPORTS.iter().find(|export| export.record == record)
}

fn export_around(name: &str) -> Option<&'static Export> {
    EXPORTS.iter().find(|export| export.around == name)
}

/// The export of everything.
const ALL: &str = "SecurityExport";

/// Whether an element is the root of a security export.
pub(super) fn is_root(name: &str) -> bool {
    name == ALL || export_around(name).is_some()
}

/// Elements of a user that are looked at once and wiped.
const CHECKED: &[&str] = &["Password", "Salt", "PasswordHashAlgorithm", "PasswordHashWorkFactor"];

/// Reads one security export.
pub(super) fn read(
    path: &Path,
    file: impl Read,
    options: &Options,
    sections: &mut Sections,
) -> Result<()> {
    let mut reader =
        Reader { path, options, sections, unknown: BTreeMap::new(), all: false, dated: false };
    xml::read(path, file, &mut reader)?;
    reader.sections.unmistakable |= reader.dated;
    let unknown = reader.unknown;
    let told = unknown.iter().map(|((record, child), count)| format!("{record}/{child} ({count})"));
    sections.note_unknown(path, told);
    Ok(())
}

struct Reader<'a> {
    path: &'a Path,
    options: &'a Options,
    sections: &'a mut Sections,
    unknown: BTreeMap<(String, String), usize>,
    /// Whether the file is an export of everything.
    all: bool,
    /// Whether it holds a salt, so that it is never the same on two members.
    dated: bool,
}

impl Taker for Reader<'_> {
    fn is_container(&self, name: &str, inside: &[String]) -> bool {
        match inside {
            [] => is_root(name),
            // A newer product may export more kinds; they are told and passed over.
            [root] => root == ALL && name.ends_with("Export"),
            _ => false,
        }
    }

    fn container(&mut self, name: &str, inside: &[String]) {
        self.all |= inside.is_empty() && name == ALL;
        match export_around(name) {
            Some(export) => (export.give)(self.sections),
            None if name != ALL => self.unknown(ALL, name),
            None => {}
        }
        // TLS configurations have no object that every installation has; within an export of
        // everything they are all there.
        if name == TLS && self.all {
            self.sections.tls.give_all();
        }
    }

    fn fate(&self, record: &str, child: &str) -> Fate {
        if record == USERS
            && let Some(checked) = CHECKED.iter().find(|name| **name == child)
        {
            return Fate::Apart(checked);
        }
        export_of(record).map_or(Fate::Drop, |export| (export.fate)(child, self.options))
    }

    fn take(&mut self, element: Element) -> Result<()> {
        let Element { name, inside, mut record, apart } = element;
        if inside.is_empty() {
            let what = "this is no security export: its root element is none of the product's";
            return Err(Error::malformed(self.path, record.line, what, EXPORT_AGAIN));
        }
        let Some(export) = export_of(&name) else {
            let around = inside.last().map_or(ALL, String::as_str);
            if export_around(around).is_some() {
                self.unknown(around, &name);
            }
            return Ok(());
        };
        self.dated |= apart.contains_key("Salt");
        if name == USERS
            && let Some(initial) = initial_password(&record, &apart)
        {
            record.state("InitialPassword", if initial { "1" } else { "0" });
        }
        (export.add)(self.path, &record, self.sections)
    }

    fn unknown(&mut self, record: &str, child: &str) {
        *self.unknown.entry((record.to_owned(), child.to_owned())).or_default() += 1;
    }
}

/// Whether a predefined account still has the password the vendor documents; only yes or no leaves
/// this function. `None` where the account is the site's own, or it cannot be told.
fn initial_password(record: &Record, apart: &Apart) -> Option<bool> {
    let name = Name::from(record.text("Name")?);
    if !PREDEFINED_USERS.iter().any(|known| name.is(known)) {
        return None;
    }
    let text = |name: &str| apart.get(name).map(|(_, text)| text.as_str());
    let bytes = |name: &str| STANDARD.decode(text(name)?).ok().map(Zeroizing::new);
    let (hash, salt) = (bytes("Password")?, bytes("Salt")?);
    password::is_initial(&Hash {
        hash: &hash,
        salt: &salt,
        algorithm: text("PasswordHashAlgorithm").unwrap_or_default(),
        work_factor: text("PasswordHashWorkFactor").and_then(|number| number.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Declared;

    #[test]
    fn no_declared_property_is_a_secret_of_its_object() {
        fn check<T: Declared>() {
            for (_, never) in T::NEVER {
                for name in *never {
                    assert!(
                        T::PROPERTIES.iter().all(|property| property.source != *name),
                        "{name}"
                    );
                }
            }
        }
        check::<User>();
        check::<Role>();
        check::<Resource>();
        check::<Application>();
        check::<Service>();
        check::<TlsConfiguration>();
    }
}
