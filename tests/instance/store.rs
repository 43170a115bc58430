//! The objects that the stand-in holds, and how a configuration becomes them and is made of them.
//!
//! Owns [`Held`], one object as texts of the product's API, and [`Store`], all of them with the
//! sections that are only carried through.
//! Invariant: what the product has a default for is always stated; what no text holds stays the JSON
//! value that it was.

use std::collections::BTreeMap;

use hsmirror::model::{
    Absence, Configuration, Extent, Gathered, Likeness, MappingKind, Object, Property, Record,
    Section, folded,
};
use serde_json::{Value, json};

use super::class::{Class, SECRETS, typed};

/// Texts by the product's names of properties.
pub(crate) type Values = BTreeMap<String, String>;

/// One object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Its properties as the API takes them.
    pub(crate) texts: Values,
    /// Values that no text holds, by their names in JSON.
    pub(crate) kept: BTreeMap<String, Value>,
}

impl Held {
    pub(crate) fn text(&self, source: &str) -> &str {
        self.texts.get(source).map(String::as_str).unwrap_or_default()
    }

    /// The items of a list.
    pub(crate) fn items(&self, source: &str) -> Vec<String> {
        items(self.text(source))
    }
}

/// The items of a list between commas.
pub(crate) fn items(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// The objects of an instance.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) objects: BTreeMap<(Class, String), Held>,
    /// The configuration without what `objects` hold.
    pub(crate) frame: Configuration,
    /// Whether a user is made only with a password.
    pub(crate) needs_passwords: bool,
    /// Whether anything was changed since somebody asked.
    pub(crate) changed: bool,
}

/// What absence means, as a value in JSON.
fn absent(property: &Property) -> Option<Value> {
    match property.absence {
        Absence::Default(value) => Some(value()),
        Absence::Required => Some(json!("")),
        Absence::Unknown => None,
        Absence::Empty => {
            let candidates = [json!(""), json!([]), json!(0), json!(false)];
            candidates.into_iter().find(|value| (property.written)(value).is_some())
        }
    }
}

/// An object with every default stated. A text that is not read back as the value it stands for holds
/// it as little as none does.
fn held<T: Object>(object: &T) -> Held {
    let json = serde_json::to_value(object).unwrap();
    let mut held = Held::default();
    for property in T::PROPERTIES {
        let name = property.name();
        let Some(value) = json.get(&name).cloned().or_else(|| absent(property)) else { continue };
        let text = (property.written)(&value);
        let text = text.filter(|text| read_back::<T>(property, text).as_ref() == Some(&value));
        match text {
            Some(text) => drop(held.texts.insert(property.source.to_owned(), text)),
            None => drop(held.kept.insert(name, value)),
        }
    }
    held
}

/// The value that a text of a property is.
fn read_back<T: Object>(property: &Property, text: &str) -> Option<Value> {
    let mut record = Record::new(1);
    record.state_even_empty(property.source, text);
    let object = serde_json::to_value(T::from_record(&record).ok()?).unwrap();
    object.get(property.name()).cloned()
}

/// The object that these texts and values are.
fn object<T: Object>(held: &Held) -> Result<T, String> {
    let mut record = Record::new(1);
    for (source, text) in &held.texts {
        record.state_even_empty(source, text);
    }
    let object = T::from_record(&record)
        .map_err(|fault| format!("property {} is not {}", fault.field, fault.expected))?;
    if held.kept.is_empty() {
        return Ok(object);
    }
    let mut json = serde_json::to_value(&object).unwrap();
    for (name, value) in &held.kept {
        json[name] = value.clone();
    }
    Ok(serde_json::from_value(json).unwrap())
}

/// An object after some of its properties were set; each must be a value as the API takes it.
fn set<T: Object>(old: &Held, values: &Values) -> Result<Held, String> {
    let mut new = old.clone();
    for (source, text) in values.iter().filter(|(source, _)| !SECRETS.contains(&source.as_str())) {
        let property = T::PROPERTIES.iter().find(|property| property.source == source).unwrap();
        new.kept.remove(&property.name());
        new.texts.insert(source.clone(), text.clone());
    }
    let new = held(&object::<T>(&new)?);
    for (source, given) in values {
        let property = T::PROPERTIES.iter().find(|property| property.source == source);
        let strict = property.is_some_and(|property| property.likeness == Likeness::Exact);
        // Permissions come as letters, words or a number (H4.4); of all else there is one form.
        if strict && source != "PublicPermission" && new.text(source) != given {
            return Err(format!("'{given}' is no value of property {source}"));
        }
    }
    Ok(new)
}

/// The product writes lists in an order of its own, so nobody may count on one.
pub(crate) fn given_back(class: Class, held: &Held, source: &str) -> String {
    let property = class.property(source).unwrap();
    let kept = held.kept.iter().find(|(name, _)| property.is_named(name));
    let text = match kept {
        Some((_, value)) => (property.shown)(value).map(|shown| shown.spelled).unwrap_or_default(),
        None => held.text(source).to_owned(),
    };
    match property.likeness {
        Likeness::List | Likeness::Names => text.split(',').rev().collect::<Vec<&str>>().join(","),
        Likeness::Exact | Likeness::Name => text,
    }
}

impl Store {
    pub(crate) fn of(configuration: &Configuration) -> Self {
        let (objects, frame) = (BTreeMap::new(), configuration.clone());
        let mut store = Store { objects, frame, needs_passwords: false, changed: false };
        store.take(&configuration.resources, |_| Class::Resources);
        store.take(&configuration.roles, |_| Class::Roles);
        store.take(&configuration.namespaces, |_| Class::Namespaces);
        store.take(&configuration.mappings, |mapping| match mapping.kind {
            MappingKind::Global => Class::Globals,
            MappingKind::Routine => Class::Routines,
            MappingKind::Package => Class::Packages,
        });
        store.take(&configuration.applications, |_| Class::Applications);
        store.take(&configuration.users, |_| Class::Users);
        store.take(&configuration.services, |_| Class::Services);
        store.take(&configuration.tls, |_| Class::Tls);
        let tasks = configuration.tasks.objects.iter().map(held);
        for task in sorted(tasks) {
            let id = store.next_task(task.text("Type") != "2" && task.texts.contains_key("Type"));
            store.objects.insert((Class::Tasks, id.to_string()), task);
        }
        let frame = &mut store.frame;
        frame.resources.objects.clear();
        frame.roles.objects.clear();
        frame.namespaces.objects.clear();
        frame.mappings.objects.clear();
        frame.applications.objects.clear();
        frame.users.objects.clear();
        frame.services.objects.clear();
        frame.tls.objects.clear();
        frame.tasks.objects.clear();
        store
    }

    fn take<T: Object>(&mut self, section: &Gathered<T>, class: impl Fn(&T) -> Class) {
        for object in &section.objects {
            let (class, held) = (class(object), held(object));
            self.objects.insert((class, self.key_of(class, &held)), held);
        }
    }

    fn key_of(&self, class: Class, held: &Held) -> String {
        class.key(held.text("Namespace"), &product_name(class, held))
    }

    /// The number of the next task: the product's own are below 1000 (H5.2).
    pub(crate) fn next_task(&self, of_the_system: bool) -> u32 {
        let taken = self.all(Class::Tasks).map(|(key, _)| key.parse::<u32>().unwrap());
        match of_the_system {
            true => taken.filter(|id| *id < 1000).max().map_or(1, |id| id + 1),
            false => taken.filter(|id| *id >= 1000).max().map_or(1000, |id| id + 1),
        }
    }

    /// The objects of a class with their keys.
    pub(crate) fn all(&self, class: Class) -> impl Iterator<Item = (&str, &Held)> {
        let of_class = self.objects.range((class, String::new())..);
        let of_class = of_class.take_while(move |((of, _), _)| *of == class);
        of_class.map(|((_, key), held)| (key.as_str(), held))
    }

    /// The mappings of a namespace.
    pub(crate) fn mappings(&self, class: Class, namespace: &str) -> impl Iterator<Item = &Held> {
        let begin = class.key(namespace, "");
        let of_it = self.objects.range((class, begin.clone())..);
        let of_it = of_it.take_while(move |((of, key), _)| *of == class && key.starts_with(&begin));
        of_it.map(|(_, held)| held)
    }

    pub(crate) fn get(&self, class: Class, namespace: &str, name: &str) -> Option<&Held> {
        self.objects.get(&(class, class.key(namespace, name)))
    }

    pub(crate) fn configuration(&self) -> Configuration {
        let mut whole = self.frame.clone();
        self.give(&[Class::Resources], &mut whole.resources);
        self.give(&[Class::Roles], &mut whole.roles);
        self.give(&[Class::Namespaces], &mut whole.namespaces);
        let maps = [Class::Globals, Class::Routines, Class::Packages];
        self.give(&maps, &mut whole.mappings);
        self.give(&[Class::Applications], &mut whole.applications);
        self.give(&[Class::Users], &mut whole.users);
        self.give(&[Class::Services], &mut whole.services);
        self.give(&[Class::Tls], &mut whole.tls);
        self.give(&[Class::Tasks], &mut whole.tasks);
        whole
    }

    fn give<T: Object>(&self, classes: &[Class], section: &mut Gathered<T>) {
        for class in classes {
            section.objects.extend(self.all(*class).map(|(_, held)| object::<T>(held).unwrap()));
        }
        section.objects.iter_mut().for_each(T::normalise);
        section.arrange();
    }

    /// How much is known of the objects of a class; what is not complete may hold anything.
    pub(crate) fn is_complete(&self, section: Section) -> bool {
        let mut coverage = self.frame.coverage().into_iter();
        coverage.any(|of| of.section == section && of.extent == Extent::Complete)
    }

    /// An object of a class with these properties set; a new one where there was none.
    pub(crate) fn with(class: Class, old: &Held, values: &Values) -> Result<Held, String> {
        typed!(class, set(old, values))
    }

    /// Everything that counts for equality: tasks without their numbers.
    pub(crate) fn content(&self) -> (BTreeMap<&(Class, String), &Held>, Vec<Held>) {
        let rest = self.objects.iter().filter(|((class, _), _)| *class != Class::Tasks);
        (rest.collect(), sorted(self.all(Class::Tasks).map(|(_, held)| held.clone())))
    }
}

fn sorted(tasks: impl Iterator<Item = Held>) -> Vec<Held> {
    let mut tasks: Vec<Held> = tasks.collect();
    tasks.sort_by_cached_key(|task| {
        let namespace = folded(task.text("NameSpace"));
        (task.text("Name").to_owned(), namespace, format!("{task:?}"))
    });
    tasks
}

/// The name that the methods take: that of a routine mapping carries its type (H2.2).
pub(crate) fn product_name(class: Class, held: &Held) -> String {
    match (class, held.text("RoutineType")) {
        (Class::Routines, of_type) if !of_type.is_empty() => {
            format!("{}_{of_type}", held.text("Name"))
        }
        _ => held.text("Name").to_owned(),
    }
}
