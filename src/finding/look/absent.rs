//! Names of things that are not there.
//!
//! Owns the references from one object to another: which property names an object of which section, and
//! which rule it breaks where that is absent (H2.2, H4.2 to 4.5, H5.2). Takes one side, and the other
//! one for a second opinion on what the product made.
//! Invariant: only what is known to be absent is reported; what the product made may name what this
//! platform does not have or what was taken out (SAMPLES), so but for mappings that counts only where
//! the other side has it.

use std::collections::HashMap;

use super::Seen;
use super::census::Census;
use crate::model::{Name, Object, Owner, Section};

/// Looks for names of what the side does not have.
pub(super) fn look<'a>(side: Census<'a>, other: Census<'a>, seen: &mut Vec<Seen>) {
    let mut asked = Asked { side, other, known: HashMap::new(), seen };
    for namespace in &side.0.namespaces.objects {
        let named = [&namespace.globals, &namespace.routines, &namespace.temporary];
        for database in named.into_iter().flatten() {
            asked.database("namespace-database-absent", namespace, database);
        }
    }
    for mapping in &side.0.mappings.objects {
        for database in [&mapping.database, &mapping.lock_database].into_iter().flatten() {
            asked.database("mapping-database-absent", mapping, database);
        }
    }
    for role in &side.0.roles.objects {
        for grant in role.resources.iter().flat_map(|grants| grants.iter()) {
            asked.about("role-resource-absent", role, Section::Resources, &grant.resource);
        }
        for granted in role.granted_roles.iter().flat_map(|roles| roles.iter()) {
            asked.about("role-role-absent", role, Section::Roles, granted);
        }
    }
    for application in &side.0.applications.objects {
        if let Some(namespace) = &application.namespace {
            let id = "application-namespace-absent";
            asked.about(id, application, Section::Namespaces, namespace);
        }
        if let Some(resource) = &application.resource {
            asked.about("application-resource-absent", application, Section::Resources, resource);
        }
        for row in application.match_roles.iter().flat_map(|rows| rows.iter()) {
            for role in row.targets.iter().chain([&row.matching]) {
                asked.about("application-role-absent", application, Section::Roles, role);
            }
        }
    }
    for task in &side.0.tasks.objects {
        asked.about("task-namespace-absent", task, Section::Namespaces, &task.namespace);
        // The product hides its own account (H4.2).
        if let Some(user) = task.run_as_user.as_ref().filter(|user| !user.starts_with('%')) {
            asked.about("task-user-absent", task, Section::Users, user);
        }
    }
    for user in &side.0.users.objects {
        if !user.keeps_its_roles() {
            continue;
        }
        for role in user.roles.iter().flat_map(|roles| roles.iter()) {
            asked.about("user-role-absent", user, Section::Roles, role);
        }
        if let Some(namespace) = &user.start_namespace {
            asked.about("user-namespace-absent", user, Section::Namespaces, namespace);
        }
    }
}

struct Asked<'a, 's> {
    side: Census<'a>,
    other: Census<'a>,
    /// What was asked before, as it was spelled: a large site names few roles very often.
    known: HashMap<(Section, &'a str), bool>,
    seen: &'s mut Vec<Seen>,
}

impl<'a> Asked<'a, '_> {
    fn database<T: Object>(&mut self, id: &'static str, object: &T, database: &'a Name) {
        // `%DEFAULTDB` is whatever the namespace has; `^...` names a folder, not a database (H2.3).
        if !database.starts_with(['%', '^', ':']) {
            self.about(id, object, Section::Databases, database);
        }
    }

    fn about<T: Object>(&mut self, id: &'static str, object: &T, section: Section, name: &'a Name) {
        if name.is_empty() || name.starts_with('^') {
            return;
        }
        let side = self.side;
        let asked = self.known.entry((section, name)).or_insert_with(|| side.lacks(section, name));
        if !*asked {
            return;
        }
        let owner = object.owner();
        let of_product = owner == Owner::Product && T::SECTION != Section::Mappings;
        if of_product && self.other.has(section, name) != Some(true) {
            return;
        }
        let what = match section {
            Section::Namespaces => "namespace",
            Section::Databases => "database",
            Section::Resources => "resource",
            Section::Roles => "role",
            _ => "user",
        };
        let does = format!("names {what} '{name}', which does not exist there");
        let seen = Seen::new(id, T::SECTION, object.subject(), does);
        self.seen.push(seen.of(section, name).made_by(owner));
    }
}
