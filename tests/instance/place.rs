//! Where things live: which database a name leads to, and what the databases hold.
//!
//! Owns the way from a namespace over its mappings to a database (H2.3), and the data, routines and
//! classes that a test puts into databases.
//! Invariant: of several mappings the most exact one holds, and at the same exactness `%ALL`.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use hsmirror::model::folded;

use super::class::Class;
use super::store::Store;

/// A subscript: numbers come before texts, and by their value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Subscript {
    Number(f64),
    Text(String),
}

impl Eq for Subscript {}
impl PartialOrd for Subscript {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Subscript {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
        }
    }
}

/// What the databases hold, by folded name of the database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents {
    pub(crate) globals: BTreeSet<(String, String, Vec<Subscript>)>,
    /// Routines with their type: `Name.MAC`.
    pub(crate) routines: BTreeSet<(String, String)>,
    pub(crate) classes: BTreeSet<(String, String)>,
}

/// The database at the end of a directory as extended references write it: `^^/folder/`.
pub(crate) fn at(store: &Store, reference: &str) -> Option<String> {
    let folder = reference.strip_prefix("^^")?;
    let plain = |folder: &str| folder.trim_end_matches(['/', '\\']).to_owned();
    let databases = &store.frame.databases.objects;
    let found = databases
        .iter()
        .find(|database| database.directory.as_ref().is_some_and(|of| plain(of) == plain(folder)));
    found.map(|database| folded(&database.name))
}

/// `system^directory` of a database; the system of a local one is empty.
pub(crate) fn destination(store: &Store, database: &str) -> String {
    let database = store.frame.databases.named(database);
    let folder = database.and_then(|database| database.directory.clone()).unwrap_or_default();
    format!("^{}", normalised(&folder))
}

/// A folder with the separator at its end, as the product gives it back.
pub(crate) fn normalised(folder: &str) -> String {
    let separator = if folder.contains('\\') { '\\' } else { '/' };
    format!("{}{separator}", folder.trim_end_matches(['/', '\\']))
}

/// How exactly a mapping's name fits; none where it does not.
fn exactness(pattern: &str, name: &str) -> Option<usize> {
    match pattern.strip_suffix('*') {
        Some(begin) => name.starts_with(begin).then_some(2 * begin.len()),
        None => (pattern == name).then_some(2 * name.len() + 1),
    }
}

/// The database that the best of these mappings leads to.
fn mapped(
    store: &Store,
    class: Class,
    namespace: &str,
    fits: impl Fn(&super::store::Held) -> Option<usize>,
) -> Option<String> {
    let mut best: Option<((usize, bool), String)> = None;
    for (_, held) in store.all(class) {
        let everywhere = folded(held.text("Namespace")) == "%all";
        if !everywhere && folded(held.text("Namespace")) != folded(namespace) {
            continue;
        }
        let Some(exact) = fits(held) else { continue };
        if best.as_ref().is_none_or(|(so_far, _)| *so_far < (exact, everywhere)) {
            best = Some(((exact, everywhere), held.text("Database").to_owned()));
        }
    }
    best.map(|(_, database)| database).filter(|database| database != "%DEFAULTDB")
}

fn of_namespace(store: &Store, namespace: &str, source: &str) -> String {
    let held = store.get(Class::Namespaces, "", namespace);
    let stated = held.map(|held| held.text(source).to_owned()).filter(|name| !name.is_empty());
    stated.unwrap_or_else(|| match source {
        "TempGlobals" => "IRISTEMP".to_owned(),
        "Routines" => of_namespace(store, namespace, "Globals"),
        _ if folded(namespace) == "%sys" => "IRISSYS".to_owned(),
        _ => namespace.to_owned(),
    })
}

/// The database of a global, of one node where subscripts are given as `("a",1)`.
pub(crate) fn of_global(store: &Store, namespace: &str, name: &str, subscripts: &str) -> String {
    if name.is_empty() {
        return of_namespace(store, namespace, "Globals");
    }
    let fits = |held: &super::store::Held| {
        let pattern = held.text("Name");
        match pattern.split_once('(') {
            None => exactness(pattern, name),
            // The low end of a range is in it; what lies further in, the stand-in does not tell.
            Some((bare, of)) => {
                let low = of.split(":(").next().unwrap_or_default();
                let given = subscripts.trim_start_matches('(').trim_end_matches(')');
                let fits = !given.is_empty() && low.trim_end_matches(')') == given;
                (bare == name && fits).then(|| 2 * pattern.len() + 1000)
            }
        }
    };
    let found = mapped(store, Class::Globals, namespace, fits);
    found.unwrap_or_else(|| match name {
        _ if name.starts_with("IRIS.Temp") => of_namespace(store, namespace, "TempGlobals"),
        _ if name.starts_with('%') => "IRISSYS".to_owned(),
        _ => of_namespace(store, namespace, "Globals"),
    })
}

/// Product code by its name: some of it lives in the system's database (H2.3).
fn of_product(name: &str) -> Option<String> {
    let system = ["%SYS.", "%Z", "%z"].iter().any(|begin| name.starts_with(begin));
    name.starts_with('%').then(|| if system { "IRISSYS" } else { "IRISLIB" }.to_owned())
}

/// The database of a routine of that type.
pub(crate) fn of_routine(store: &Store, namespace: &str, name: &str, of_type: &str) -> String {
    if name.is_empty() {
        return of_namespace(store, namespace, "Routines");
    }
    let fits = |held: &super::store::Held| {
        let limit = held.text("RoutineType");
        let typed = usize::from(!limit.is_empty());
        let of_that = limit.is_empty() || limit.eq_ignore_ascii_case(of_type);
        exactness(held.text("Name"), name).filter(|_| of_that).map(|exact| 2 * exact + typed)
    };
    let found = mapped(store, Class::Routines, namespace, fits);
    found.or_else(|| of_product(name)).unwrap_or_else(|| of_namespace(store, namespace, "Routines"))
}

/// The database of a package; one that is mapped takes those inside it along.
pub(crate) fn of_package(store: &Store, namespace: &str, name: &str) -> String {
    if name.is_empty() {
        return of_namespace(store, namespace, "Routines");
    }
    let fits = |held: &super::store::Held| {
        let pattern = held.text("Name").trim_end_matches('*').trim_end_matches('.');
        let inside = name.strip_prefix(pattern)?;
        (inside.is_empty() || inside.starts_with('.')).then_some(pattern.len())
    };
    let found = mapped(store, Class::Packages, namespace, fits);
    found.or_else(|| of_product(name)).unwrap_or_else(|| of_namespace(store, namespace, "Routines"))
}
