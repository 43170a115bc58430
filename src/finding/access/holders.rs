//! Who holds which roles.
//!
//! Owns [`Holders`]: the users of both sides whose access can differ at all, and the combinations of
//! roles that they hold, each once however many users hold it. Takes the users of two configurations,
//! with `roles` and `nearest`; `difference` works out the combinations.
//! Invariant: users stand in the order of their section; a user who is disabled, on one side only or
//! given roles at each login is none of them.

use std::collections::HashMap;

use super::Through;
use super::lists::narrow;
use super::nearest::Nearest;
use super::roles::{Roles, is_database, paired, same};
use crate::model::{Configuration, Name, Set, User, folded};

/// A user whose access may differ.
#[derive(Debug)]
pub(super) struct Holder<'a> {
    /// The user, as the member has it.
    pub(super) user: &'a User,
    /// Number of the combination of roles.
    pub(super) held: u32,
    /// Why the access differs, if it does.
    pub(super) through: Through<'a>,
}

/// All users whose access may differ.
#[derive(Debug)]
pub(super) struct Holders<'a> {
    /// In order.
    pub(super) holders: Vec<Holder<'a>>,
    /// The roles `%DB_*` that nobody lists and that they hold. Their numbers follow those of roles.
    pub(super) databases: Vec<&'a Name>,
    /// Combinations: how many roles both sides give, how many the primary alone, then these roles,
    /// then those, then the member's own.
    combinations: HashMap<Box<[u32]>, u32>,
}

/// Numbers of the roles that a user holds on the two sides.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held<'k> {
    /// On both.
    pub(super) both: &'k [u32],
    /// On one side only.
    pub(super) only: [&'k [u32]; 2],
}

impl<'a> Holders<'a> {
    pub(super) fn of(
        primary: &'a Configuration,
        member: &'a Configuration,
        roles: &Roles<'a>,
        nearest: &Nearest,
    ) -> Self {
        let (holders, databases, combinations) = Default::default();
        let mut found = Self { holders, databases, combinations };
        let mut known = HashMap::new();
        let (mut ours, mut theirs, mut key) = (Vec::new(), Vec::new(), Vec::new());
        for sides in paired(&primary.users.objects, &member.users.objects) {
            let [Some(a), Some(b)] = sides else { continue };
            if is_left_out(a) || is_left_out(b) {
                continue;
            }
            let same = same(a.roles.as_ref(), b.roles.as_ref());
            if same && !nearest.any() {
                continue;
            }
            numbers(a, roles, &mut ours);
            if same && !ours.iter().any(|role| nearest.touches(*role)) {
                continue;
            }
            let through = nearest.to(&ours).and_then(|role| roles.name(role));
            let through = through.filter(|_| same).map_or(Through::Roles, Through::Role);
            found.add_databases(a, roles, &mut known, &mut ours);
            if same {
                theirs.clone_from(&ours);
            } else {
                numbers(b, roles, &mut theirs);
                found.add_databases(b, roles, &mut known, &mut theirs);
            }
            if ours == theirs && !ours.iter().any(|role| nearest.touches(*role)) {
                continue;
            }
            combine(&ours, &theirs, &mut key);
            let held = match found.combinations.get(key.as_slice()) {
                Some(held) => *held,
                None => {
                    let held = narrow(found.combinations.len());
                    found.combinations.insert(key.as_slice().into(), held);
                    held
                }
            };
            found.holders.push(Holder { user: b, held, through });
        }
        found
    }

    /// The combinations in the order of their numbers.
    pub(super) fn combinations(&self) -> Vec<Held<'_>> {
        let mut all = vec![Held::default(); self.combinations.len()];
        for (key, held) in &self.combinations {
            if let [both, primary, roles @ ..] = &**key {
                let (both, alone) = roles.split_at(*both as usize);
                let (primary, member) = alone.split_at(*primary as usize);
                all[*held as usize] = Held { both, only: [primary, member] };
            }
        }
        all
    }

    /// Adds the roles `%DB_*` that nobody lists.
    fn add_databases(
        &mut self,
        user: &'a User,
        roles: &Roles<'a>,
        known: &mut HashMap<String, u32>,
        numbers: &mut Vec<u32>,
    ) {
        let held = user.roles.iter().flat_map(Set::iter);
        for name in held.filter(|name| is_database(name) && roles.find(name).is_none()) {
            let number = *known.entry(folded(name)).or_insert_with(|| {
                self.databases.push(name);
                narrow(roles.count() + self.databases.len() - 1)
            });
            numbers.push(number);
        }
        numbers.sort_unstable();
    }
}

/// Nobody logs in with such an account, or nobody knows what it will be given.
fn is_left_out(user: &User) -> bool {
    user.enabled == Some(false) || !user.keeps_its_roles()
}

fn numbers(user: &User, roles: &Roles<'_>, into: &mut Vec<u32>) {
    into.clear();
    into.extend(user.roles.iter().flat_map(Set::iter).filter_map(|name| roles.find(name)));
}

/// The key of a combination; both lists are sorted.
fn combine(ours: &[u32], theirs: &[u32], key: &mut Vec<u32>) {
    let outside = |all: &[u32], role: &u32| all.binary_search(role).is_err();
    key.clear();
    key.extend([0, 0]);
    key.extend(ours.iter().filter(|role| !outside(theirs, role)));
    let both = key.len() - 2;
    key.extend(ours.iter().filter(|role| outside(theirs, role)));
    let primary = key.len() - 2 - both;
    key.extend(theirs.iter().filter(|role| outside(ours, role)));
    if let [first, second, ..] = key.as_mut_slice() {
        (*first, *second) = (narrow(both), narrow(primary));
    }
}
