//! Which role comes with which.
//!
//! Owns [`Nesting`], the roles of one side as a graph, taken apart into circles: roles that come with
//! each other all give the same. Made from `roles`; `block` adds up along it, `nearest` walks it back.
//! Invariant: a circle is numbered after all that comes with it, so that one pass in the order of
//! numbers adds up everything; no walk is a recursion, since nesting may be as deep as there are roles.

use super::lists::{Lists, narrow};
use super::roles::Roles;
use crate::model::{Configuration, Name};

/// The roles of one side as a graph.
#[derive(Debug)]
pub(super) struct Nesting {
    /// Under each role those that come with it.
    pub(super) granted: Lists,
    /// The circle that each role is in; most are alone in theirs.
    pub(super) circle: Vec<u32>,
    /// The roles of each circle, in order.
    pub(super) circles: Lists,
}

impl Nesting {
    pub(super) fn of(roles: &Roles<'_>, side: usize) -> Self {
        let granted = Lists::of((0..roles.count()).map(|role| roles.nested(role, side)));
        let (circle, count) = circles_of(&granted);
        let pairs = circle.iter().enumerate().map(|(role, circle)| (*circle, narrow(role)));
        let circles = Lists::grouped(count, pairs);
        Self { granted, circle, circles }
    }

    /// For each circle, whether one of the roles that it comes to is that one.
    pub(super) fn comes_to(&self, role: usize) -> Vec<bool> {
        let mut comes = vec![false; self.circles.count()];
        for circle in 0..comes.len() {
            comes[circle] = self.circles.list(circle).iter().any(|one| {
                let granted = self.granted.list(*one as usize);
                *one as usize == role
                    || granted.iter().any(|next| comes[self.circle[*next as usize] as usize])
            });
        }
        comes
    }
}

/// The circles of roles that come back to themselves, in order.
pub(super) fn circles(side: &Configuration) -> Vec<Vec<&Name>> {
    let roles = Roles::of(side, side);
    let nesting = Nesting::of(&roles, 0);
    let all = (0..nesting.circles.count()).map(|at| nesting.circles.list(at));
    let mut circles: Vec<&[u32]> = all
        .filter(|circle| match circle {
            [alone] => nesting.granted.list(*alone as usize).contains(alone),
            several => several.len() > 1,
        })
        .collect();
    circles.sort_unstable();
    let names =
        |circle: &[u32]| circle.iter().filter_map(|role| roles.name(*role as usize)).collect();
    circles.into_iter().map(names).collect()
}

/// Not yet numbered.
const NEW: u32 = u32::MAX;

/// The circle of each role and how many circles there are: Tarjan's algorithm with the stack of
/// calls as a list.
fn circles_of(granted: &Lists) -> (Vec<u32>, usize) {
    let mut circle = vec![NEW; granted.count()];
    let mut count = 0;
    // When each role was first met, and the first met one that it is known to come to.
    let (mut met, mut first) = (vec![NEW; granted.count()], vec![NEW; granted.count()]);
    let mut meetings = 0;
    // Roles whose circle is not closed, and the way to the role at hand with the next one to look at.
    let mut open = Vec::new();
    let mut way: Vec<(usize, usize)> = Vec::new();
    for start in 0..granted.count() {
        let mut next = Some(start).filter(|start| met[*start] == NEW);
        loop {
            if let Some(role) = next.take() {
                (met[role], first[role]) = (meetings, meetings);
                meetings += 1;
                open.push(role);
                way.push((role, 0));
            }
            let Some((role, at)) = way.last_mut() else { break };
            let role = *role;
            if let Some(other) = granted.list(role).get(*at) {
                *at += 1;
                let other = *other as usize;
                if met[other] == NEW {
                    next = Some(other);
                } else if circle[other] == NEW {
                    first[role] = first[role].min(met[other]);
                }
                continue;
            }
            way.pop();
            if let Some((from, _)) = way.last() {
                first[*from] = first[*from].min(first[role]);
            }
            if first[role] == met[role] {
                while let Some(closed) = open.pop() {
                    circle[closed] = narrow(count);
                    if closed == role {
                        break;
                    }
                }
                count += 1;
            }
        }
    }
    (circle, count)
}
