//! The resources that roles grant something on, under numbers.
//!
//! Owns [`Resources`]: which resources there are at all for this comparison, what everybody may do
//! with them, how each side spells them, and what each role grants by itself, in numbers. Takes the
//! roles and the resources of both sides; `block` adds up what stands here, `difference` names it.
//! Invariant: numbers up to `columns` are in the order of folded names; behind them stand resources
//! that no listed role grants, only roles `%DB_*` that users hold: nothing needs to be added up there.

use std::collections::HashMap;

use super::lists::{Lists, narrow};
use super::roles::Roles;
use crate::model::{Configuration, Gathered, Name, Resource, fold_order};

/// All resources that are granted.
#[derive(Debug)]
pub(super) struct Resources<'a> {
    /// How many of them listed roles grant.
    pub(super) columns: usize,
    /// The permission bits that everybody has on neither side.
    pub(super) free: Vec<u8>,
    /// How each side spells them.
    pub(super) spelled: Vec<[&'a Name; 2]>,
    /// What each role grants by itself, for each side: [`packed`], in order.
    pub(super) granted: [Lists; 2],
    /// For each role `%DB_*` that nobody lists the number of the resource of its name.
    pub(super) databases: Vec<u32>,
}

/// A resource and permission bits in one number that sorts by the resource.
pub(super) fn packed(resource: usize, bits: u8) -> u32 {
    narrow(resource) << 3 | u32::from(bits)
}

/// The resource and the permission bits of a number.
pub(super) fn unpacked(packed: u32) -> (usize, u8) {
    ((packed >> 3) as usize, (packed & 7) as u8)
}

impl<'a> Resources<'a> {
    pub(super) fn of(
        sides: [&'a Configuration; 2],
        roles: &Roles<'a>,
        databases: &[&'a Name],
    ) -> Self {
        let mut spellings = Spellings::default();
        let mut granted = [0, 1].map(|side| {
            Lists::of((0..roles.count()).map(|role| {
                let grants = roles.grants(role, side);
                let add = |(name, bits)| packed(spellings.add(name, side), bits);
                grants.map(add).collect::<Vec<u32>>()
            }))
        });
        let (columns, mut spelled) = spellings.settle();
        for lists in &mut granted {
            lists.renumber(|item| {
                let (spelling, bits) = unpacked(item);
                packed(columns[spelling] as usize, bits)
            });
        }
        let columns = spelled.len();
        let find =
            |name: &Name| spelled[..columns].binary_search_by(|[known, _]| fold_order(known, name));
        let found: Vec<Result<usize, &'a Name>> =
            databases.iter().map(|name| find(name).map_err(|_| *name)).collect();
        let mut place = |found: Result<usize, &'a Name>| {
            narrow(found.unwrap_or_else(|name| {
                spelled.push([name; 2]);
                spelled.len() - 1
            }))
        };
        let databases = found.into_iter().map(&mut place).collect();
        let mut free = vec![7; spelled.len()];
        for (names, free) in spelled.iter_mut().zip(&mut free) {
            for (name, side) in names.iter_mut().zip(sides) {
                if let Some(resource) = listed(&side.resources, name) {
                    *name = &resource.name;
                    *free &= !resource.public_permission.map_or(0, |everybody| everybody.bits());
                }
            }
        }
        Self { columns, free, spelled, granted, databases }
    }
}

fn listed<'a>(resources: &'a Gathered<Resource>, name: &Name) -> Option<&'a Resource> {
    let found = resources.objects.binary_search_by(|resource| fold_order(&resource.name, name));
    found.ok().map(|at| &resources.objects[at])
}

/// Names of resources, each spelling once: sorting these is less work than sorting all grants.
#[derive(Default)]
struct Spellings<'a> {
    numbers: HashMap<&'a str, u32>,
    /// The spellings in the order in which they were met, and the sides that use them.
    names: Vec<(&'a Name, [bool; 2])>,
}

impl<'a> Spellings<'a> {
    fn add(&mut self, name: &'a Name, side: usize) -> usize {
        let number = *self.numbers.entry(name).or_insert_with(|| {
            self.names.push((name, [false; 2]));
            narrow(self.names.len() - 1)
        }) as usize;
        self.names[number].1[side] = true;
        number
    }

    /// The column of each spelling, and for each column how the sides spell it.
    fn settle(self) -> (Vec<u32>, Vec<[&'a Name; 2]>) {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        // A stable sort, so that of several spellings the first one met counts.
        order.sort_by(|a, b| fold_order(self.names[*a].0, self.names[*b].0));
        let mut columns = vec![0; self.names.len()];
        let mut spelled: Vec<[&'a Name; 2]> = Vec::new();
        let mut settled = [false; 2];
        for at in order {
            let (name, used) = self.names[at];
            if spelled.last().is_none_or(|[first, _]| !first.is(name)) {
                spelled.push([name; 2]);
                settled = [false; 2];
            }
            columns[at] = narrow(spelled.len() - 1);
            if let Some(names) = spelled.last_mut() {
                for side in [0, 1] {
                    if used[side] && !settled[side] {
                        (names[side], settled[side]) = (name, true);
                    }
                }
            }
        }
        (columns, spelled)
    }
}
