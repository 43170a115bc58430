//! What can be done about an object of each kind.
//!
//! Owns [`Repair`], what a kind of object says about its making and changing, and [`Site`], what is
//! known about both sides while a plan is made. The files beside it say it for each kind: `guard`
//! resources, roles, services and TLS, `person` users, `place` namespaces, databases and mappings,
//! `program` applications and tasks. `draft` asks.
//! Invariant: what no public source answers is left to a person, with the reason; nothing is taken for
//! there that is not known to be there.

use std::collections::HashSet;

use super::gate::Risk;
use crate::compare::Side;
use crate::model::{Configuration, Extent, Object, Owner, Section, folded, starts_with_folded};

/// What is known about both sides.
pub(super) struct Site<'a> {
    pub(super) primary: &'a Configuration,
    pub(super) member: &'a Configuration,
    /// Whether both run the same version; unknown is not the same.
    pub(super) same_version: bool,
    /// Folded names of what the member has, by section.
    has: Vec<(Section, HashSet<String>, Extent)>,
}

/// Whether the member has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    There,
    Absent,
    Unknown,
}

/// Something that must be on the member before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) section: Section,
    pub(super) name: String,
}

impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.section.name().trim_end_matches('s'), self.name)
    }
}

impl Need {
    pub(super) fn new(section: Section, name: &str) -> Self {
        Self { section, name: name.to_owned() }
    }

    /// A role: what the system makes with its resource needs that resource.
    pub(super) fn role(name: &str) -> Option<Self> {
        match () {
            () if folded(name) == folded("%All") => None,
            () if starts_with_folded(name, "%DB_") => Some(Self::new(Section::Resources, name)),
            () => Some(Self::new(Section::Roles, name)),
        }
    }
}

impl<'a> Site<'a> {
    pub(super) fn of(primary: &'a Configuration, member: &'a Configuration) -> Self {
        let same_version =
            primary.member.as_ref().zip(member.member.as_ref()).is_some_and(|(a, b)| {
                a.version.is_some() && a.version == b.version && a.product == b.product
            });
        fn names<T: Object>(objects: &[T]) -> HashSet<String> {
            objects.iter().map(|object| folded(object.name())).collect()
        }
        let has = vec![
            (Section::Namespaces, names(&member.namespaces.objects), member.namespaces.extent),
            (Section::Databases, names(&member.databases.objects), member.databases.extent),
            (Section::Resources, names(&member.resources.objects), member.resources.extent),
            (Section::Roles, names(&member.roles.objects), member.roles.extent),
            (Section::Users, names(&member.users.objects), member.users.extent),
        ];
        Self { primary, member, same_version, has }
    }

    pub(super) fn presence(&self, need: &Need) -> Presence {
        let Some((_, names, extent)) = self.has.iter().find(|(of, ..)| *of == need.section) else {
            return Presence::Unknown;
        };
        match extent {
            _ if names.contains(&folded(&need.name)) => Presence::There,
            Extent::Complete => Presence::Absent,
            Extent::Partial | Extent::NotGathered => Presence::Unknown,
        }
    }

    /// Whether the member is known to lack it.
    pub(super) fn lacks(&self, need: &Need) -> bool {
        self.presence(need) == Presence::Absent
    }

    pub(super) fn side(&self, side: Side) -> &'a Configuration {
        match side {
            Side::Primary => self.primary,
            Side::Member => self.member,
        }
    }
}

/// What a kind of object says about its making and changing.
pub(super) trait Repair: Object {
    /// Why a person makes it on the member, if so.
    fn made_by_hand(&self, site: &Site<'_>) -> Option<String>;

    /// Why a person changes it on the member, if so; `member` is what the member has, `fields` are the
    /// properties that are to change.
    fn changed_by_hand(&self, member: &Self, fields: &[&str], site: &Site<'_>) -> Option<String>;

    /// Why a person takes it away, if so.
    fn deleted_by_hand(&self, _: &Site<'_>) -> Option<String> {
        Some("what else goes with it is not documented".to_owned())
    }

    /// What on the member names it although it is not there, so that once it is made nothing takes it away.
    fn missed_by(&self, _: &Site<'_>) -> Option<String> {
        None
    }

    /// Why a property is left to a person, if so, although the rest is done.
    fn left_to_a_person(&self, _field: &str) -> Option<&'static str> {
        None
    }

    /// What setting it could hide on the member.
    fn may_hide(&self, _: &Site<'_>) -> Option<Risk> {
        None
    }

    /// What it names and must be on the member before; only for the properties that are set.
    fn needs(&self, _fields: &dyn Fn(&str) -> bool) -> Vec<Need> {
        Vec::new()
    }

    /// What a person should know or do once it is made.
    fn once_made(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Why the product would not take an object of that name, if so (H2.3, H4.2 to 4.5, H5.2).
pub(super) fn refused_name(section: Section, name: &str) -> Option<String> {
    let (longest, banned): (usize, &[char]) = match section {
        Section::Resources => (64, &[',', ':']),
        Section::Roles => (64, &[',', ':', '/']),
        Section::Users => (160, &['*', ',']),
        Section::Applications => (64, &[]),
        Section::Tasks => (50, &[]),
        Section::Tls => (64, &['|']),
        _ => (128, &[]),
    };
    let first = |fits: fn(char) -> bool| name.starts_with(fits);
    let begins = match section {
        Section::Tasks => first(char::is_alphabetic),
        Section::Applications => name.starts_with('/'),
        Section::Namespaces => first(|letter| letter.is_ascii_alphabetic() || letter == '%'),
        _ => !name.is_empty(),
    };
    let within = |letter: char| letter.is_ascii_alphanumeric() || "%-_".contains(letter);
    let of_namespace = section != Section::Namespaces || name.chars().all(within);
    let takes = name.chars().count() <= longest && !name.contains(banned) && begins && of_namespace;
    (!takes).then(|| "the product takes no such name".to_owned())
}

/// Why something of the product is not pushed from one member to the other, if so (H4.9).
pub(super) fn of_product<T: Object>(object: &T, site: &Site<'_>) -> Option<String> {
    (object.owner() == Owner::Product && !site.same_version).then(|| {
        "it belongs to the product, and the members are not known to run the same version"
            .to_owned()
    })
}
