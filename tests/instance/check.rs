//! What the product refuses.
//!
//! Owns the rules of names, of what an object refers to, and of what must stay (H2.3, H4.2 to 4.6,
//! H5.2). Of a section that is not complete anything may exist, so a reference into it is let pass.
//! Invariant: looks only; a fault is told and nothing is changed.

use hsmirror::model::{Section, folded};

use super::class::{Class, routine};
use super::store::{Held, Store, Values, items};

/// Roles that every installation has (H4.3).
const PREDEFINED_ROLES: &[&str] = &[
    "%All",
    "%Developer",
    "%Manager",
    "%Operator",
    "%SQL",
    "%SecureBreak",
    "%SecurityAdministrator",
];
/// Databases that every installation has (H7.4).
const PREDEFINED_DATABASES: &[&str] =
    &["IRISSYS", "IRISLIB", "IRISTEMP", "IRISLOCALDATA", "IRISAUDIT", "USER"];

fn begins(name: &str, with: &str) -> bool {
    folded(name).starts_with(&folded(with))
}

/// The name of an object that is created.
pub(crate) fn name(store: &Store, class: Class, namespace: &str, name: &str) -> Result<(), String> {
    let bad = |why: &str| Err(format!("'{name}' is no name for {}: {why}", class.name()));
    let longest = match class {
        Class::Users => 160,
        Class::Globals | Class::Routines | Class::Packages => 128,
        _ => 64,
    };
    if name.is_empty() || name.chars().count() > longest {
        return bad("its length");
    }
    match class {
        Class::Resources | Class::Roles => {
            if name.contains([',', ':']) {
                return bad("a comma or colon");
            }
            // The product makes its own; the site makes those of databases alone (H4.3, H4.4).
            let database = class == Class::Resources && begins(name, "%DB_");
            if name.starts_with('%') && !database {
                return bad("names with % are the product's");
            }
            if class == Class::Roles && store.get(Class::Users, "", name).is_some() {
                return bad("a user has it");
            }
        }
        Class::Users => {
            if name.contains('*') {
                return bad("a star");
            }
            if store.get(Class::Roles, "", name).is_some() {
                return bad("a role has it");
            }
        }
        Class::Tls if name.contains('|') => return bad("a bar"),
        Class::Namespaces => {
            let mut letters = name.chars();
            let first = letters.next().unwrap();
            let rest = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
            if !(first.is_ascii_alphabetic() || first == '%') || !letters.all(rest) {
                return bad("its letters");
            }
        }
        Class::Globals | Class::Routines | Class::Packages => {
            if !namespace.eq_ignore_ascii_case("%ALL") && !has_namespace(store, namespace) {
                return bad(&format!("namespace '{namespace}' does not exist"));
            }
            // The type of a routine follows the star (H2.3).
            let (bare, subscripts) = match class {
                Class::Routines => (routine(name).0, None),
                Class::Globals => match name.split_once('(') {
                    Some((bare, subscripts)) => (bare, Some(subscripts)),
                    None => (name, None),
                },
                _ => (name, None),
            };
            let star = bare.find('*');
            if star.is_some_and(|at| at + 1 != bare.len() || subscripts.is_some()) {
                return bad("a star that does not end it");
            }
            if subscripts.is_some_and(|of| !of.ends_with(')')) || bare.contains('=') {
                return bad("its subscripts, or an equals sign");
            }
            if bare.is_empty() || bare.starts_with('^') {
                return bad("its first letter");
            }
        }
        _ => {}
    }
    Ok(())
}

/// Whether a namespace exists.
pub(crate) fn has_namespace(store: &Store, name: &str) -> bool {
    let always = ["%SYS", "USER"].iter().any(|known| folded(known) == folded(name));
    always || store.has(Class::Namespaces, Section::Namespaces, name)
}

/// Whether a database of that name is configured.
pub(crate) fn has_database(store: &Store, name: &str) -> bool {
    let known = PREDEFINED_DATABASES.iter().any(|known| folded(known) == folded(name));
    known || !store.is_complete(Section::Databases) || store.frame.databases.named(name).is_some()
}

fn has_resource(store: &Store, name: &str) -> bool {
    let predefined = name.starts_with('%') && !begins(name, "%DB_");
    predefined || store.has(Class::Resources, Section::Resources, name)
}

/// A role is there, or the product's, or that of a database whose resource is there (H4.3).
fn has_role(store: &Store, name: &str) -> bool {
    let predefined = PREDEFINED_ROLES.iter().any(|known| folded(known) == folded(name))
        || begins(name, "%HS_")
        || begins(name, "%EnsRole_");
    predefined
        || store.has(Class::Roles, Section::Roles, name)
        || begins(name, "%DB_") && has_resource(store, name)
}

/// What the values name must be there.
pub(crate) fn references(store: &Store, class: Class, values: &Values) -> Result<(), String> {
    for (source, text) in values {
        let names: Vec<String> = match (class, source.as_str()) {
            (Class::Applications, "MatchRoles") => {
                items(text).iter().flat_map(|row| row.split(':')).map(str::to_owned).collect()
            }
            (Class::Roles, "Resources") => {
                let grants = items(text);
                let names = grants.iter().map(|grant| grant.rsplit_once(':').map(|(of, _)| of));
                let names: Option<Vec<&str>> = names.collect();
                let names = names.ok_or_else(|| format!("'{text}' grants nothing"))?;
                names.into_iter().map(str::to_owned).collect()
            }
            (Class::Users, "Roles" | "EscalationRoles") | (Class::Roles, "GrantedRoles") => {
                let names = items(text);
                let mut folds: Vec<String> = names.iter().map(|name| folded(name)).collect();
                folds.sort();
                folds.dedup();
                if folds.len() != names.len() {
                    return Err(format!("'{text}' names a role twice"));
                }
                names
            }
            _ => vec![text.clone()],
        };
        for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            let there = match (class, source.as_str()) {
                (Class::Roles, "Resources") | (Class::Applications, "Resource") => {
                    has_resource(store, name)
                }
                (Class::Roles, "GrantedRoles")
                | (Class::Users, "Roles" | "EscalationRoles")
                | (Class::Applications, "MatchRoles") => has_role(store, name),
                (Class::Applications | Class::Users, "NameSpace") => has_namespace(store, name),
                (Class::Namespaces, "Globals" | "Routines" | "TempGlobals") => {
                    has_database(store, name)
                }
                (Class::Globals | Class::Routines | Class::Packages, "Database")
                | (Class::Globals, "LockDatabase") => {
                    name == "%DEFAULTDB" || has_database(store, name)
                }
                _ => true,
            };
            if !there {
                return Err(format!("{source} '{name}' of {} does not exist", class.name()));
            }
        }
    }
    Ok(())
}

/// What an object must be as a whole.
pub(crate) fn whole(class: Class, held: &Held) -> Result<(), String> {
    let kind: u64 = held.text("Type").parse().unwrap_or_default();
    let name = held.text("Name");
    if class == Class::Applications && kind & 2 != 0 && !name.starts_with('/') {
        return Err(format!("web application '{name}' does not begin with /"));
    }
    Ok(())
}

/// A new user's password fits the pattern `3.128ANP`, or comes as a hash with its salt (H4.2). Whether
/// an empty one has to is not known, so the test says.
pub(crate) fn password(values: &Values, needed: bool) -> Result<(), String> {
    if let Some(hash) = values.get("PasswordHash") {
        let parts: Vec<&str> = hash.split(',').collect();
        let hex = |part: &str| !part.is_empty() && part.chars().all(|at| at.is_ascii_hexdigit());
        let fits = matches!(parts.len(), 2 | 4) && hex(parts[0]) && hex(parts[1]);
        return fits.then_some(()).ok_or_else(|| "the password hash is none".to_owned());
    }
    let password = values.get("Password").or_else(|| values.get("PasswordExternal"));
    let length = password.map_or(0, |password| password.chars().count());
    match length {
        3..=128 => Ok(()),
        0 if !needed => Ok(()),
        _ => Err("the password does not match the pattern".to_owned()),
    }
}

/// At least one user must hold %All (H4.2); `old` is a user that was changed or taken away.
pub(crate) fn somebody_may_do_all(store: &Store, old: &Held) -> Result<(), String> {
    let holds = |user: &Held| user.items("Roles").iter().any(|role| folded(role) == "%all");
    let was_one = old.texts.contains_key("AccountNeverExpires") && holds(old);
    let any = store.all(Class::Users).any(|(_, user)| holds(user));
    if was_one && !any && store.is_complete(Section::Users) {
        return Err("no user would hold %All".to_owned());
    }
    Ok(())
}

/// A task that is saved (H5.2).
pub(crate) fn task(store: &Store, task: &Held) -> Result<(), String> {
    let (name, user) = (task.text("Name"), task.text("RunAsUser"));
    if name.chars().count() > 50 || !name.starts_with(char::is_alphabetic) {
        return Err(format!("'{name}' is no name of a task"));
    }
    if !has_namespace(store, task.text("NameSpace")) {
        return Err(format!("namespace '{}' does not exist", task.text("NameSpace")));
    }
    if task.text("TaskClass").is_empty() {
        return Err("property TaskClass is required".to_owned());
    }
    if !user.is_empty() && !store.has(Class::Users, Section::Users, user) {
        return Err(format!("user '{user}' does not exist"));
    }
    Ok(())
}
