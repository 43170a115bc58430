//! What the product does when it is asked to create, modify or delete an object.
//!
//! Owns the three methods and what they take along: parents of mappings, mappings of a namespace,
//! grants of a resource that goes (H2.3, H4.2 to 4.5).
//! Invariant: an error changes nothing.

use hsmirror::model::{Section, folded};

use super::check;
use super::class::{Class, INTEROP, SECRETS, routine};
use super::store::{Held, Store, Values, items};

/// Users that cannot be deleted (H4.2).
const KEPT_USERS: &[&str] = &["_Ensemble", "_PUBLIC", "_SYSTEM", "UnknownUser"];

impl Store {
    pub(crate) fn create(
        &mut self,
        class: Class,
        namespace: &str,
        name: &str,
        values: &Values,
    ) -> Result<(), String> {
        let key = (class, class.key(namespace, name));
        let what = class.name();
        assert!(class != Class::Services, "the stand-in does not know {what}.Create (H4.6)");
        if self.objects.contains_key(&key) {
            return Err(format!("{what} '{name}' exists already"));
        }
        check::name(self, class, namespace, name)?;
        let mut all = self.taken(class, values)?;
        identity(class, namespace, name, &mut all);
        if class == Class::Users {
            check::password(&all, self.needs_passwords)?;
        }
        if class == Class::Namespaces {
            let globals = all.get("Globals").filter(|globals| !globals.is_empty());
            let globals = globals.ok_or("property Globals is required")?.clone();
            all.entry("Routines".to_owned()).or_insert(globals);
            all.entry("TempGlobals".to_owned()).or_insert_with(|| "IRISTEMP".to_owned());
        }
        if class.is_mapping() && all.get("Database").is_none_or(String::is_empty) {
            return Err("property Database is required".to_owned());
        }
        if class == Class::Resources {
            // The system sets it: bit 1 for a database, bit 31 for the site's own (H4.4).
            let database = folded(name).starts_with("%db_");
            let kind = if database { "2" } else { "2147483648" };
            all.entry("Type".to_owned()).or_insert_with(|| kind.to_owned());
        }
        check::references(self, class, &all)?;
        let held = Self::with(class, &Held::default(), &all)?;
        check::whole(class, &held)?;
        if class == Class::Globals && name.contains('(') {
            self.create_parent(namespace, name)?;
        }
        self.objects.insert(key, held);
        self.changed = true;
        Ok(())
    }

    /// The mapping of the bare global that one with subscripts needs (H2.3).
    fn create_parent(&mut self, namespace: &str, name: &str) -> Result<(), String> {
        let bare = name.split('(').next().unwrap_or_default();
        if self.get(Class::Globals, namespace, bare).is_some() {
            return Ok(());
        }
        let database = match self.get(Class::Namespaces, "", namespace) {
            Some(of) => of.text("Globals").to_owned(),
            None => "%DEFAULTDB".to_owned(),
        };
        let values = Values::from([("Database".to_owned(), database)]);
        self.create(Class::Globals, namespace, bare, &values)
    }

    pub(crate) fn modify(
        &mut self,
        class: Class,
        namespace: &str,
        name: &str,
        values: &Values,
    ) -> Result<(), String> {
        let key = (class, class.key(namespace, name));
        let Some(old) = self.objects.get(&key) else {
            return Err(format!("{} '{name}' does not exist", class.name()));
        };
        if class == Class::Roles && folded(name).starts_with("%db_") {
            return Err(format!("role {name} is the system's (H4.3)"));
        }
        let values = self.taken(class, values)?;
        check::references(self, class, &values)?;
        let held = Self::with(class, old, &values)?;
        check::whole(class, &held)?;
        let old = self.objects.insert(key.clone(), held).unwrap();
        if let Err(fault) = check::somebody_may_do_all(self, &old) {
            self.objects.insert(key, old);
            return Err(fault);
        }
        self.changed = true;
        Ok(())
    }

    pub(crate) fn delete(
        &mut self,
        class: Class,
        namespace: &str,
        name: &str,
    ) -> Result<(), String> {
        let key = (class, class.key(namespace, name));
        let what = class.name();
        assert!(class != Class::Services, "the stand-in does not know {what}.Delete (H4.6)");
        if class == Class::Users && KEPT_USERS.iter().any(|kept| folded(kept) == folded(name)) {
            return Err(format!("user {name} cannot be deleted"));
        }
        let Some(old) = self.objects.remove(&key) else {
            return Err(format!("{what} '{name}' does not exist"));
        };
        if let Err(fault) = check::somebody_may_do_all(self, &old) {
            self.objects.insert(key, old);
            return Err(fault);
        }
        self.changed = true;
        match class {
            Class::Resources => self.strip_resource(name),
            Class::Namespaces => {
                let of_it = |class: Class, held: &Held| {
                    class.is_mapping() && folded(held.text("Namespace")) == folded(name)
                };
                self.objects.retain(|(class, _), held| !of_it(*class, held));
            }
            _ => {}
        }
        Ok(())
    }

    /// A resource that goes is taken from all roles (H4.4).
    fn strip_resource(&mut self, name: &str) {
        let roles = self.objects.iter_mut().filter(|((class, _), _)| *class == Class::Roles);
        for (_, role) in roles {
            let mut grants = items(role.text("Resources"));
            let of_it = |grant: &String| {
                grant.rsplit_once(':').is_some_and(|(of, _)| folded(of) == folded(name))
            };
            grants.retain(|grant| !of_it(grant));
            if role.texts.contains_key("Resources") {
                role.texts.insert("Resources".to_owned(), grants.join(","));
            }
        }
    }

    /// The values, if the class takes all of them.
    fn taken(&self, class: Class, values: &Values) -> Result<Values, String> {
        let mut taken = Values::new();
        for (source, text) in values {
            if !class.takes(source) {
                return Err(format!("{} has no property {source}", class.name()));
            }
            // Names of namespaces and databases are stored in upper case (H2.3, H4.5).
            if class == Class::Namespaces && source == INTEROP {
                // It would add mappings, nodes and an application (H2.3).
                assert!(text == "0", "the stand-in does not know Interop={text}");
                continue;
            }
            let upper = matches!(
                (class, source.as_str()),
                (Class::Namespaces, _)
                    | (Class::Globals | Class::Routines | Class::Packages, "Database")
                    | (Class::Globals, "LockDatabase")
                    | (Class::Applications | Class::Users, "NameSpace")
            );
            let text = if upper { text.to_uppercase() } else { text.clone() };
            taken.insert(source.clone(), text);
        }
        Ok(taken)
    }

    /// Whether a user, a role or a resource of that name is there, or may be.
    pub(crate) fn has(&self, class: Class, section: Section, name: &str) -> bool {
        !self.is_complete(section) || self.get(class, "", name).is_some()
    }

    /// A task that is saved; its number.
    pub(crate) fn save_task(&mut self, id: Option<u32>, task: Held) -> Result<u32, String> {
        check::task(self, &task)?;
        let id = id.unwrap_or_else(|| self.next_task(false));
        self.objects.insert((Class::Tasks, id.to_string()), task);
        self.changed = true;
        Ok(id)
    }
}

/// The properties that name the object.
fn identity(class: Class, namespace: &str, name: &str, values: &mut Values) {
    values.retain(|source, _| !SECRETS.contains(&source.as_str()) || class == Class::Users);
    let mut state = |source: &str, text: &str| {
        values.insert(source.to_owned(), text.to_owned());
    };
    if !class.is_mapping() {
        let name = if class == Class::Namespaces { name.to_uppercase() } else { name.to_owned() };
        return state("Name", &name);
    }
    let kind = match class {
        Class::Globals => "Global",
        Class::Routines => "Routine",
        _ => "Package",
    };
    state("Kind", kind);
    state("Namespace", &namespace.to_uppercase());
    let (bare, of_type) = match class {
        Class::Routines => routine(name),
        _ => (name, None),
    };
    state("Name", bare);
    state("RoutineType", &of_type.unwrap_or_default());
}
