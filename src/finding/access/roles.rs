//! The roles of both sides under numbers.
//!
//! Owns [`Roles`]: every role that either side lists has one number for both, whatever the case of
//! its name, and from here come what it grants, what comes with it and whether it is the same on
//! both sides. Takes the section roles of two configurations; everything else in this folder works
//! with the numbers.
//! Invariant: numbers are in the order of folded names, `%All` last; a role that nobody lists has no
//! number, since it gives nothing, save the `%DB_*`, which exports leave out (formats 3.2) and which
//! give R and W on the resource of their name.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::lists::narrow;
use crate::model::{
    Configuration, Grants, Name, Object, Role, Set, Value, folded, starts_with_folded,
};

/// What a role `%DB_X` gives on resource `%DB_X`: reading and writing.
pub(super) const DATABASE: u8 = 3;

/// The role that gives everything.
const EVERYTHING: &str = "%All";

/// All roles of the two sides.
#[derive(Debug)]
pub(super) struct Roles<'a> {
    listed: Vec<[Option<&'a Role>; 2]>,
    /// Names as they are spelled in the lists: nearly every other place spells them the same way.
    spelled: HashMap<&'a str, u32>,
    folded: HashMap<String, u32>,
}

impl<'a> Roles<'a> {
    pub(super) fn of(primary: &'a Configuration, member: &'a Configuration) -> Self {
        let mut listed = Vec::new();
        let (mut spelled, mut others) = (HashMap::new(), HashMap::new());
        for sides in paired(&primary.roles.objects, &member.roles.objects) {
            for role in sides.into_iter().flatten().filter(|role| !role.name.is(EVERYTHING)) {
                spelled.insert(&*role.name, narrow(listed.len()));
                others.insert(folded(&role.name), narrow(listed.len()));
            }
            if sides.into_iter().flatten().all(|role| !role.name.is(EVERYTHING)) {
                listed.push(sides);
            }
        }
        // What its list states adds nothing to everything.
        spelled.insert(EVERYTHING, narrow(listed.len()));
        others.insert(folded(EVERYTHING), narrow(listed.len()));
        listed.push([None; 2]);
        Self { listed, spelled, folded: others }
    }

    /// How many numbers there are.
    pub(super) fn count(&self) -> usize {
        self.listed.len()
    }

    /// The number of the role that gives everything.
    pub(super) fn everything(&self) -> usize {
        self.listed.len() - 1
    }

    /// The number of a role, if either side lists it.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.spelled.get(name).or_else(|| self.folded.get(&folded(name))).copied()
    }

    /// The role as a list spells it, the primary's first.
    pub(super) fn name(&self, role: usize) -> Option<&'a Name> {
        let [primary, member] = self.listed.get(role)?;
        primary.or(*member).map(|role| &role.name)
    }

    /// What a role grants by itself on one side: resources with permission bits. The roles `%DB_*`
    /// that come with it and that nobody lists are as good as such grants.
    pub(super) fn grants(&self, role: usize, side: usize) -> impl Iterator<Item = (&'a Name, u8)> {
        let stated = self.listed[role][side].and_then(|role| role.resources.as_ref());
        let stated = stated.into_iter().flat_map(Grants::iter);
        let stated = stated.map(|grant| (&grant.resource, grant.permission.bits()));
        let own = self.name(role).filter(|name| is_database(name));
        let unlisted = self.granted(role, side);
        let unlisted = unlisted.filter(|name| is_database(name) && self.find(name).is_none());
        stated.chain(own.into_iter().chain(unlisted).map(|name| (name, DATABASE)))
    }

    /// The roles that come with a role on one side, as far as they have numbers.
    pub(super) fn nested(&self, role: usize, side: usize) -> impl Iterator<Item = u32> {
        self.granted(role, side).filter_map(|name| self.find(name))
    }

    fn granted(&self, role: usize, side: usize) -> impl Iterator<Item = &'a Name> {
        let granted = self.listed[role][side].and_then(|role| role.granted_roles.as_ref());
        granted.into_iter().flat_map(Set::iter)
    }

    /// Whether a role by itself does not give the same on both sides.
    pub(super) fn differs(&self, role: usize) -> bool {
        if let [Some(a), Some(b)] = self.listed[role]
            && same(a.resources.as_ref(), b.resources.as_ref())
            && same(a.granted_roles.as_ref(), b.granted_roles.as_ref())
        {
            return false;
        }
        self.content(role, 0) != self.content(role, 1)
    }

    fn content(&self, role: usize, side: usize) -> (BTreeMap<String, u8>, BTreeSet<u32>) {
        let mut grants = BTreeMap::new();
        for (resource, bits) in self.grants(role, side) {
            *grants.entry(folded(resource)).or_default() |= bits;
        }
        (grants, self.nested(role, side).collect())
    }
}

/// Whether the system makes that role for a database, whoever lists it.
pub(super) fn is_database(role: &str) -> bool {
    starts_with_folded(role, "%DB_")
}

/// Whether two values are the same, where nothing stands for an empty one.
pub(super) fn same<T: Value + Default>(a: Option<&T>, b: Option<&T>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.same(b),
        (Some(one), None) | (None, Some(one)) => one.same(&T::default()),
        (None, None) => true,
    }
}

/// The objects of two sides by identity; both are sorted by it.
pub(super) fn paired<'a, T: Object>(
    ours: &'a [T],
    theirs: &'a [T],
) -> impl Iterator<Item = [Option<&'a T>; 2]> {
    let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (ours.peek(), theirs.peek()) {
            (Some(a), Some(b)) => a.pair(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        Some([ours.next_if(|_| order.is_le()), theirs.next_if(|_| order.is_ge())])
    })
}
