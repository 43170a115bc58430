//! What can be done about namespaces, databases and mappings.
//!
//! Owns what these kinds say of themselves while a plan is made (H2.3, H3.4). `repair` owns the
//! question, `draft` asks it.
//! Invariant: no namespace with interoperability or healthcare is ever made, the Installer Wizard does
//! that (H2.3); no database is, since a merge would download it or block the mirror's own (H3.4); a
//! mapping that could hide something says so.

use super::gate::{Risk, RiskKind};
use super::repair::{Need, Presence, Repair, Site, of_product};
use crate::model::{
    Database, Extent, Mapping, MappingKind, Name, Namespace, Object, Owner, Section, fold_order,
};

/// The namespace of the instance itself (H7.4).
const SYSTEM: &str = "%SYS";

/// The pseudo-namespace whose mappings hold everywhere (H2.3).
const EVERYWHERE: &str = "%ALL";

impl Repair for Namespace {
    fn made_by_hand(&self, site: &Site<'_>) -> Option<String> {
        if self.owner() == Owner::Product {
            return Some("it belongs to the product".to_owned());
        }
        if site.primary.mappings.extent != Extent::Complete {
            return Some(
                "the primary's mappings are not known, so it may have interoperability".to_owned(),
            );
        }
        is_foundation(self, site).then(|| {
            "it has interoperability or healthcare, and only the Installer Wizard makes such a \
             namespace: HealthShare > Installer Wizard"
                .to_owned()
        })
    }
    fn changed_by_hand(&self, _: &Self, _: &[&str], _: &Site<'_>) -> Option<String> {
        Some("another default database hides what the namespace has now".to_owned())
    }
    fn needs(&self, sets: &dyn Fn(&str) -> bool) -> Vec<Need> {
        let places = [
            ("globals", &self.globals),
            ("routines", &self.routines),
            ("temporary", &self.temporary),
        ];
        let set = places.into_iter().filter(|(field, _)| sets(field));
        set.filter_map(|(_, name)| name.as_ref())
            .filter(|name| !name.is_empty())
            .map(|name| Need::new(Section::Databases, name))
            .collect()
    }
}

/// Whether the primary's namespace has what only interoperability or healthcare brings: mappings that
/// the product generates, or that lead to its libraries (H2.3).
fn is_foundation(namespace: &Namespace, site: &Site<'_>) -> bool {
    const LIBRARIES: [&str; 3] = ["ENSLIB", "HSLIB", "HSSYS"];
    of_namespace(&site.primary.mappings.objects, &namespace.name).iter().any(|mapping| {
        let to_library = |database: &Name| LIBRARIES.iter().any(|one| database.is(one));
        mapping.owner() == Owner::Product || mapping.database.as_ref().is_some_and(to_library)
    })
}

/// The mappings of a namespace, which stand together.
fn of_namespace<'a>(mappings: &'a [Mapping], namespace: &str) -> &'a [Mapping] {
    let start = mappings.partition_point(|one| fold_order(&one.namespace, namespace).is_lt());
    let end = mappings.partition_point(|one| fold_order(&one.namespace, namespace).is_le());
    mappings.get(start..end).unwrap_or_default()
}

impl Repair for Database {
    fn made_by_hand(&self, _: &Site<'_>) -> Option<String> {
        Some(
            "if it is mirrored, a merge would download it over the network or block the mirror's own: \
             restore a backup of the primary, then activate and catch up; if not, make it in the Portal"
                .to_owned(),
        )
    }
    fn needs(&self, _: &dyn Fn(&str) -> bool) -> Vec<Need> {
        // Which one it really is stands in the database (H4.4), and only the instance tells it; else the
        // usual one is made first where a step makes it.
        let stated = self.resource.as_deref().filter(|resource| !resource.is_empty());
        let usual = || format!("%DB_{}", self.name);
        vec![Need::new(Section::Resources, &stated.map_or_else(usual, str::to_owned))]
    }
    fn changed_by_hand(&self, _: &Self, _: &[&str], _: &Site<'_>) -> Option<String> {
        Some("where a database lies is the member's own, and what guards it in a mirror the mirror's".to_owned())
    }
    fn deleted_by_hand(&self, _: &Site<'_>) -> Option<String> {
        Some("data would go with it".to_owned())
    }
}

impl Repair for Mapping {
    fn made_by_hand(&self, site: &Site<'_>) -> Option<String> {
        if self.namespace.is(SYSTEM) && self.owner() == Owner::Site {
            return Some("it changes what the instance itself runs on".to_owned());
        }
        let everywhere = self.namespace.is(EVERYWHERE);
        let listed = Need::new(Section::Namespaces, EVERYWHERE);
        if everywhere && site.presence(&listed) != Presence::There {
            return Some("the member has no %ALL, which holds for every namespace".to_owned());
        }
        if !is_a_name(self.bare_name()) {
            let kind = self.kind.word().to_lowercase();
            return Some(format!("no {kind} has such a name, so the product would refuse it"));
        }
        of_product(self, site).or_else(|| {
            let orphan = self.has_subscripts()
                && parent(self, &site.primary.mappings.objects).is_none()
                && parent(self, &site.member.mappings.objects).is_none();
            orphan.then(|| {
                "neither side maps the bare global, and the product would add that by itself"
                    .to_owned()
            })
        })
    }
    fn changed_by_hand(&self, _: &Self, fields: &[&str], site: &Site<'_>) -> Option<String> {
        if self.namespace.is(SYSTEM) {
            return Some("it changes what the instance itself runs on".to_owned());
        }
        let collation = fields.contains(&"collation");
        collation
            .then(|| {
                "its collation must be that of the global itself, which no export tells".to_owned()
            })
            .or_else(|| of_product(self, site))
    }
    fn deleted_by_hand(&self, site: &Site<'_>) -> Option<String> {
        let children = |one: &&Mapping| {
            one.kind == self.kind && one.has_subscripts() && one.bare_name() == &*self.name
        };
        let rests = of_namespace(&site.member.mappings.objects, &self.namespace);
        let child = rests.iter().find(children).filter(|_| !self.has_subscripts());
        (self.owner() == Owner::Product)
            .then(|| "the product generates it".to_owned())
            .or_else(|| child.map(|_| "mappings of its subscripts rest on it".to_owned()))
    }
    /// What a namespace has in its default database, or sees through a wider mapping, is not seen any
    /// more (H2.3).
    fn may_hide(&self, site: &Site<'_>) -> Option<Risk> {
        let Self { namespace, kind, name, database, .. } = self;
        let own = site.member.namespaces.named(namespace);
        let own = own.or_else(|| site.primary.namespaces.named(namespace));
        let default = own.and_then(|own| match kind {
            MappingKind::Global => own.globals.as_ref(),
            MappingKind::Routine | MappingKind::Package => own.routines.as_ref(),
        });
        let stays = database.as_ref().zip(default).is_some_and(|(to, from)| to.is(from));
        let bare = self.bare_name();
        let wider = |mappings: &str| {
            of_namespace(&site.member.mappings.objects, mappings).iter().any(|one| {
                one.kind == *kind && *one.name != **name && covers(*kind, one.bare_name(), bare)
            })
        };
        if stays && !wider(namespace) && !wider(EVERYWHERE) && !name.starts_with('%') {
            return None;
        }
        let what = match kind {
            MappingKind::Global => "Data",
            MappingKind::Routine => "Routines",
            MappingKind::Package => "Classes",
        };
        let text =
            format!("{what} of that name in {namespace} would be hidden; the script looks first.");
        Some(Risk::new(RiskKind::MayHide, text))
    }
    fn needs(&self, sets: &dyn Fn(&str) -> bool) -> Vec<Need> {
        let mut needs = vec![Need::new(Section::Namespaces, &self.namespace)];
        let places = [("database", &self.database), ("lock_database", &self.lock_database)];
        let set = places.into_iter().filter(|(field, _)| sets(field));
        let set = set.filter_map(|(_, name)| name.as_ref()).filter(|name| !name.is_empty());
        // %DEFAULTDB stands for each namespace's own (H2.3).
        let set = set.filter(|name| !name.starts_with('%'));
        needs.extend(set.map(|name| Need::new(Section::Databases, name)));
        if self.has_subscripts() {
            needs.push(Need::new(Section::Mappings, &parent_key(self)));
        }
        needs
    }
}

/// Whether a global, routine or package can have that name, with or without a `*` at its end (H2.3): a
/// letter or `%`, then letters, digits and dots.
fn is_a_name(name: &str) -> bool {
    let stem = name.strip_suffix('*').unwrap_or(name);
    let rest = stem.strip_prefix('%').unwrap_or(stem);
    let follows = |letter: char| letter.is_alphanumeric() || letter == '.';
    !name.is_empty()
        && rest.chars().all(follows)
        && !rest.starts_with(|first: char| first.is_numeric())
}

/// The mapping of the bare global, where there is one.
fn parent<'a>(mapping: &Mapping, mappings: &'a [Mapping]) -> Option<&'a Mapping> {
    let key = parent_key(mapping);
    of_namespace(mappings, &mapping.namespace).iter().find(|one| one.subject().key() == key)
}

/// The key of the mapping of the bare global.
fn parent_key(mapping: &Mapping) -> String {
    let mut subject = mapping.subject();
    mapping.bare_name().clone_into(&mut subject.name);
    subject.key()
}

/// Whether a mapping of that kind and name holds for a name.
fn covers(kind: MappingKind, pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        // A package holds those below it.
        None if kind == MappingKind::Package => {
            name.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        }
        None => pattern == name,
    }
}
