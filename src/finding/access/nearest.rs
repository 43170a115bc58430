//! How far it is from a role to one that is not the same on both sides.
//!
//! Owns [`Nearest`]: for each role the nearest one that comes with it, or is it, and that by itself
//! differs. Made from `roles` and `nesting` in one walk back from all roles that differ; `holders`
//! asks it whose access can differ at all, and why it does.
//! Invariant: of several at the same distance it is the first by folded name; a role without one
//! gives the same on both sides, with all that comes with it.

use super::lists::narrow;
use super::nesting::Nesting;
use super::roles::Roles;

/// No role that differs is anywhere near.
const NONE: u32 = u32::MAX;

/// The nearest differing role of each role.
#[derive(Debug)]
pub(super) struct Nearest {
    /// The distance to it and its number.
    of: Vec<(u32, u32)>,
    any: bool,
}

impl Nearest {
    /// Up to the first role that differs the two sides nest alike, so that either one's nesting does.
    pub(super) fn of(roles: &Roles<'_>, nesting: &Nesting) -> Self {
        let differing = (0..roles.count()).filter(|role| roles.differs(*role)).map(narrow);
        let mut edge: Vec<u32> = differing.collect();
        let any = !edge.is_empty();
        let mut of = vec![(NONE, NONE); roles.count()];
        for role in &edge {
            of[*role as usize] = (0, *role);
        }
        let holders = if any { Some(nesting.granted.turned()) } else { None };
        let mut distance = 0;
        while let (Some(holders), false) = (&holders, edge.is_empty()) {
            distance += 1;
            let mut reached = Vec::new();
            for role in edge {
                let (_, nearest) = of[role as usize];
                for holder in holders.list(role as usize) {
                    let known = &mut of[*holder as usize];
                    if known.0 == NONE {
                        reached.push(*holder);
                    }
                    *known = (*known).min((distance, nearest));
                }
            }
            edge = reached;
        }
        Self { of, any }
    }

    /// Whether any role differs.
    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// Whether a role, or one that comes with it, differs.
    pub(super) fn touches(&self, role: u32) -> bool {
        self.of.get(role as usize).is_some_and(|(distance, _)| *distance != NONE)
    }

    /// The nearest of all that these roles come to.
    pub(super) fn to(&self, roles: &[u32]) -> Option<usize> {
        let known = roles.iter().filter_map(|role| self.of.get(*role as usize));
        let (distance, nearest) = known.min()?;
        (*distance != NONE).then_some(*nearest as usize)
    }
}
