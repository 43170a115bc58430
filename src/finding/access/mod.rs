//! What each user may really do, and where that is not the same on both sides.
//!
//! Owns the answer to the question that roles alone do not answer: a user holds roles, those come
//! with other roles, all of them grant permissions on resources, and everybody has the public ones.
//! Takes two configurations; `judge` makes findings of what comes out.
//! `roles` and `resources` number what there is, `nesting` is the graph of roles, `nearest` tells
//! whom a difference can reach and why, `holders` which combinations of roles there are, `block` adds
//! up permissions, and `difference` works out each combination once.
//! Invariant: the order is that of the users; it takes about as long as comparing them, however deep
//! roles are nested, and says nothing where one side does not tell all it takes.

mod block;
#[cfg(test)]
mod cases;
mod difference;
mod holders;
mod lists;
mod nearest;
mod nesting;
#[cfg(test)]
mod oracle;
mod resources;
mod roles;

use std::sync::Arc;

use crate::compare::Side;
use crate::model::{Configuration, Extent, Grant, Name, User};

/// What one user may do on one side and not on the other.
#[derive(Clone, Debug)]
pub(super) struct Drifted<'a> {
    /// The user, as the member has it.
    pub(super) user: &'a User,
    /// The side on which more is allowed.
    pub(super) allowed_on: Side,
    /// Whether it is everything (`%All`).
    pub(super) everything: bool,
    /// What is allowed there and not on the other, by folded name, as that side spells it; empty with
    /// `everything`. Where all users together would have too many of them, these are the first ones.
    pub(super) permissions: Arc<[Grant]>,
    /// On how many resources more is allowed; 0 with `everything`.
    pub(super) count: usize,
    /// Why.
    pub(super) through: Through<'a>,
}

/// Why a user may do more on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Through<'a> {
    /// The user's own roles are not the same on the two sides.
    Roles,
    /// This role, which both sides give the user, directly or through others, does not by itself give
    /// the same; it is the nearest such one, and the first by folded name of several. The name is as
    /// the primary lists it, or the member where the primary does not.
    Role(&'a Name),
}

/// Whether both sides tell all that it takes: who holds what, what comes with it, what is public.
pub(super) fn is_known(primary: &Configuration, member: &Configuration) -> bool {
    [primary, member].into_iter().all(|side| {
        let extents = [side.users.extent, side.roles.extent, side.resources.extent];
        extents == [Extent::Complete; 3]
    })
}

/// The circles of roles that grant each other, or of one that grants itself: each in the order of
/// folded names, and all in the order of their first ones.
pub(super) fn circles(side: &Configuration) -> Vec<Vec<&Name>> {
    nesting::circles(side)
}

/// All users whose access is not the same, in order; each at most once for each side.
pub(super) fn drifted<'a>(
    primary: &'a Configuration,
    member: &'a Configuration,
) -> Vec<Drifted<'a>> {
    if !is_known(primary, member) {
        return Vec::new();
    }
    let roles = roles::Roles::of(primary, member);
    let nesting = [0, 1].map(|side| nesting::Nesting::of(&roles, side));
    let nearest = nearest::Nearest::of(&roles, &nesting[0]);
    let found = holders::Holders::of(primary, member, &roles, &nearest);
    if found.holders.is_empty() {
        return Vec::new();
    }
    let answers = difference::of([primary, member], &roles, &nesting, &nearest, &found);
    let mut drifted = Vec::new();
    for holder in &found.holders {
        let sides = [Side::Primary, Side::Member].into_iter().zip(&answers[holder.held as usize]);
        drifted.extend(sides.filter_map(|(allowed_on, allowed)| {
            let difference::Allowed { everything, permissions, count } = allowed.clone()?;
            let (user, through) = (holder.user, holder.through);
            Some(Drifted { user, allowed_on, everything, permissions, count, through })
        }));
    }
    drifted
}
