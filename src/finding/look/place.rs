//! Databases and mappings that are not what they seem.
//!
//! Owns the looks at the CPF of one side: two databases in one directory, mappings that `%ALL`
//! overrides, subscript mappings without their global (H2.3).
//! Invariant: a mapping that leads to the same database either way is no finding.

use std::collections::{HashMap, HashSet};

use super::Seen;
use super::census::Census;
use crate::model::{Extent, Mapping, MappingKind, Name, Object as _, Owner, Section, folded};

/// The pseudo-namespace whose mappings hold everywhere (H2.3).
const EVERYWHERE: &str = "%ALL";

/// Looks at databases and mappings.
pub(super) fn look(side: Census<'_>, seen: &mut Vec<Seen>) {
    directories(side, seen);
    // In a selection, what overrides or is needed beside may be what was left out.
    if side.0.mappings.extent == Extent::Complete {
        mappings(&side.0.mappings.objects, seen);
    }
}

fn directories(side: Census<'_>, seen: &mut Vec<Seen>) {
    let mut first: HashMap<String, &Name> = HashMap::new();
    for database in &side.0.databases.objects {
        let remote = [&database.server, &database.remote].into_iter().flatten();
        if remote.into_iter().any(|name| !name.is_empty()) {
            continue;
        }
        let Some(directory) = database.directory.as_deref().filter(|text| !text.is_empty()) else {
            continue;
        };
        match first.entry(one_spelling(directory)) {
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(&database.name);
            }
            std::collections::hash_map::Entry::Occupied(place) => {
                let other = place.get();
                let does = format!("lies in the same directory as '{other}'");
                let id = "databases-share-directory";
                let found = Seen::new(id, Section::Databases, database.subject(), does);
                seen.push(found.of(Section::Databases, other));
            }
        }
    }
}

/// Separators at the end mean nothing, nor does case on Windows (formats 6.3).
fn one_spelling(directory: &str) -> String {
    let trimmed = directory.trim_end_matches(['/', '\\']);
    let windows = trimmed.contains('\\') || trimmed.get(1..2) == Some(":");
    if windows { folded(&trimmed.replace('\\', "/")) } else { trimmed.to_owned() }
}

fn mappings(all: &[Mapping], seen: &mut Vec<Seen>) {
    let everywhere: Vec<&Mapping> =
        all.iter().filter(|mapping| mapping.namespace.is(EVERYWHERE)).collect();
    let overriding: HashMap<_, &Mapping> =
        everywhere.iter().map(|mapping| (what(mapping), *mapping)).collect();
    let everywhere = Globals::of(everywhere.into_iter());
    for of_namespace in all.chunk_by(|a, b| a.namespace.is(&b.namespace)) {
        let is_everywhere = of_namespace.first().is_some_and(|map| map.namespace.is(EVERYWHERE));
        if !is_everywhere {
            for mapping in of_namespace {
                if let Some(wins) = overriding.get(&what(mapping))
                    && !leads_alike(wins, mapping)
                {
                    let database = wins.database.as_deref().unwrap_or_default();
                    let does = format!("is overridden: {EVERYWHERE} maps it to '{database}'");
                    let section = Section::Mappings;
                    let found = Seen::new("mapping-shadowed", section, mapping.subject(), does);
                    seen.push(found.made_by(mapping.owner()));
                }
            }
        }
        without_global(of_namespace, &everywhere, seen);
    }
}

fn what(mapping: &Mapping) -> (&'static str, &str, &str) {
    (mapping.kind.word(), &mapping.name, &mapping.routine_type)
}

fn leads_alike(one: &Mapping, other: &Mapping) -> bool {
    match (&one.database, &other.database) {
        (Some(one), Some(other)) => one.is(other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// A subscript mapping needs one for the bare global; the product makes it where it makes the
/// subscript mapping, and its own ones may do without (H2.3).
fn without_global(of_namespace: &[Mapping], everywhere: &Globals<'_>, seen: &mut Vec<Seen>) {
    let subscripted = |mapping: &&Mapping| {
        mapping.kind == MappingKind::Global
            && mapping.has_subscripts()
            && mapping.owner() == Owner::Site
    };
    if !of_namespace.iter().any(|mapping| subscripted(&mapping)) {
        return;
    }
    let own = Globals::of(of_namespace.iter());
    let mut told = HashSet::new();
    for mapping in of_namespace.iter().filter(subscripted) {
        let global = mapping.bare_name();
        let mapped = own.have(global) || everywhere.have(global);
        if !mapped && told.insert(global) {
            let does = format!("has no mapping of the bare global '{global}' beside it");
            let section = Section::Mappings;
            let found = Seen::new("mapping-without-global", section, mapping.subject(), does);
            seen.push(found.of(section, global));
        }
    }
}

/// The bare globals that a namespace maps, by name and by the beginnings of names.
struct Globals<'a> {
    names: HashSet<&'a str>,
    beginnings: HashSet<&'a str>,
}

impl<'a> Globals<'a> {
    fn of(mappings: impl Iterator<Item = &'a Mapping>) -> Self {
        let bare = mappings
            .filter(|mapping| mapping.kind == MappingKind::Global && !mapping.has_subscripts());
        let names: HashSet<&str> = bare.map(|mapping| &*mapping.name).collect();
        let beginnings = names.iter().filter_map(|name| name.strip_suffix('*')).collect();
        Self { names, beginnings }
    }

    fn have(&self, global: &str) -> bool {
        let ends = global.char_indices().map(|(at, _)| at).chain([global.len()]);
        let mut beginnings = ends.filter_map(|end| global.get(..end));
        self.names.contains(global) || beginnings.any(|start| self.beginnings.contains(start))
    }
}

#[cfg(test)]
mod tests {
    use super::one_spelling;

    #[test]
    fn a_directory_has_one_spelling() {
        assert_eq!(one_spelling("C:\\IRIS\\Mgr\\lab\\"), one_spelling("c:\\iris\\mgr\\LAB"));
        assert_eq!(one_spelling("/iris/mgr/lab/"), one_spelling("/iris/mgr/lab"));
        assert_ne!(one_spelling("/iris/mgr/lab/"), one_spelling("/iris/mgr/LAB"));
    }
}
