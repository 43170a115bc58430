//! What combinations of roles allow on one side and not on the other.
//!
//! Owns the working out of every combination of `holders`, block by block, and the lists of grants
//! that come of it. Takes all the rest of this folder; `drifted` hands the lists to the users.
//! Invariant: combinations that differ in the same grants share one list of them, in the order of
//! folded names; all lists together hold no more than [`WHOLE`] grants, save one for each: where they
//! would, each holds only its first ones, and how many there are is known all the same.

use std::collections::HashMap;
use std::sync::Arc;

use super::block::{Blocks, Word, bits};
use super::holders::{Held, Holders};
use super::nearest::Nearest;
use super::nesting::Nesting;
use super::resources::{Resources, packed, unpacked};
use super::roles::{DATABASE, Roles};
use crate::model::{Configuration, Grant, Permission, fold_order};

/// Grants that all lists together may hold: some 50 MB.
const WHOLE: usize = 2_000_000;

/// Grants that each list may hold where all would be more than [`WHOLE`].
const FEW: usize = 100;

/// What one side allows and the other does not.
#[derive(Clone, Debug)]
pub(super) struct Allowed {
    pub(super) everything: bool,
    pub(super) permissions: Arc<[Grant]>,
    /// How many resources there are in truth.
    pub(super) count: usize,
}

/// For each combination what each side allows and the other does not.
pub(super) fn of(
    sides: [&Configuration; 2],
    roles: &Roles<'_>,
    nesting: &[Nesting; 2],
    nearest: &Nearest,
    holders: &Holders<'_>,
) -> Vec<[Option<Allowed>; 2]> {
    let combinations = holders.combinations();
    let all = nesting.each_ref().map(|side| side.comes_to(roles.everything()));
    let has_all = |held: &Held<'_>, side: usize| {
        let mut roles = held.both.iter().chain(held.only[side]);
        let circles = &nesting[side].circle;
        roles.any(|role| circles.get(*role as usize).is_some_and(|at| all[side][*at as usize]))
    };
    let everything: Vec<[bool; 2]> =
        combinations.iter().map(|held| [has_all(held, 0), has_all(held, 1)]).collect();
    let resources = Resources::of(sides, roles, &holders.databases);
    let mut blocks = Blocks::of(roles, nesting, nearest, &resources);
    let mut found = Found::new(combinations.len(), WHOLE);
    while blocks.next() {
        for (at, held) in combinations.iter().enumerate() {
            if everything[at] == [false; 2] {
                for word in bits(blocks.marked(*held)) {
                    found.add(at, blocks.resource(word), blocks.drifted(*held, word));
                }
            }
        }
    }
    let mut lists = Shared::default();
    let mut answers = Vec::with_capacity(combinations.len());
    for (at, held) in combinations.iter().enumerate() {
        answers.push([0, 1].map(|side: usize| {
            if everything[at] != [false; 2] {
                let more = everything[at][side] && !everything[at][1 - side];
                let permissions = lists.of(side, Vec::new(), &resources);
                return more.then_some(Allowed { everything: true, permissions, count: 0 });
            }
            let (mut grants, mut count) = found.take(at, side);
            let loose = loose(held.only[side], roles.count(), &resources);
            if !loose.is_empty() {
                count += loose.len();
                grants.extend(loose);
                let name = |grant: &u32| resources.spelled[unpacked(*grant).0][side];
                grants.sort_by(|a, b| fold_order(name(a), name(b)));
                grants.truncate(found.most);
            }
            let permissions = lists.of(side, grants, &resources);
            (count > 0).then_some(Allowed { everything: false, permissions, count })
        }));
    }
    answers
}

/// What roles `%DB_*` of one side only give on resources that no listed role grants.
fn loose(only: &[u32], roles: usize, resources: &Resources<'_>) -> Vec<u32> {
    let databases = only.iter().filter_map(|role| (*role as usize).checked_sub(roles));
    let known = databases.filter_map(|at| resources.databases.get(at));
    known
        .map(|resource| *resource as usize)
        .filter(|resource| *resource >= resources.columns)
        .map(|resource| (resource, resources.free[resource] & DATABASE))
        .filter(|(_, permission)| *permission != 0)
        .map(|(resource, permission)| packed(resource, permission))
        .collect()
}

/// Lists of grants, each once.
#[derive(Default)]
struct Shared {
    lists: [HashMap<Vec<u32>, Arc<[Grant]>>; 2],
}

impl Shared {
    fn of(&mut self, side: usize, grants: Vec<u32>, resources: &Resources<'_>) -> Arc<[Grant]> {
        let list = self.lists[side].entry(grants).or_insert_with_key(|grants| {
            let grant = |packed: &u32| {
                let (resource, permission) = unpacked(*packed);
                let resource = resources.spelled[resource][side].clone();
                Grant { resource, permission: Permission::of_bits(permission) }
            };
            grants.iter().map(grant).collect()
        });
        Arc::clone(list)
    }
}

/// What was found so far, for each combination and side.
struct Found {
    /// Resources and permissions, [`packed`].
    lists: Vec<[Vec<u32>; 2]>,
    counts: Vec<[usize; 2]>,
    /// How many all lists may hold and do hold, and how many each may.
    whole: usize,
    held: usize,
    most: usize,
}

impl Found {
    fn new(combinations: usize, whole: usize) -> Self {
        let lists = vec![Default::default(); combinations];
        Self { lists, counts: vec![[0; 2]; combinations], whole, held: 0, most: usize::MAX }
    }

    fn add(&mut self, combination: usize, resource: usize, words: [Word; 2]) {
        for (side, word) in words.into_iter().enumerate() {
            let any = word[0] | word[1] | word[2];
            self.counts[combination][side] += any.count_ones() as usize;
            let list = &mut self.lists[combination][side];
            let room = self.most.saturating_sub(list.len());
            let before = list.len();
            list.extend(bits(any).take(room).map(|bit| {
                let letter = |at: usize| u8::from(word[at] >> bit & 1 == 1) << at;
                packed(resource + bit, letter(0) | letter(1) | letter(2))
            }));
            self.held += list.len() - before;
        }
        if self.held > self.whole && self.most == usize::MAX {
            self.most = (self.whole / (2 * self.lists.len())).clamp(1, FEW);
            for list in self.lists.iter_mut().flatten() {
                list.truncate(self.most);
                list.shrink_to_fit();
            }
        }
    }

    fn take(&mut self, combination: usize, side: usize) -> (Vec<u32>, usize) {
        let list = std::mem::take(&mut self.lists[combination][side]);
        (list, self.counts[combination][side])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three combinations of 130 resources each, two words and two resources, in order.
    fn found(whole: usize) -> Found {
        let mut found = Found::new(3, whole);
        for resource in [0, 64, 128] {
            for combination in 0..3 {
                let word = if resource < 128 { u64::MAX } else { 3 };
                found.add(combination, resource, [[0; 3], [word, 0, word]]);
            }
        }
        found
    }

    #[test]
    fn lists_are_cut_where_all_would_be_too_many_and_counts_are_not() {
        for (whole, most) in [(390, 130), (389, 64), (100, 16), (0, 1)] {
            let mut found = found(whole);
            for combination in 0..3 {
                let (list, count) = found.take(combination, 1);
                let expected: Vec<u32> = (0..most).map(|resource| packed(resource, 5)).collect();
                assert_eq!((list, count), (expected, 130));
                assert_eq!(found.take(combination, 0), (Vec::new(), 0));
            }
        }
    }
}
