//! Accounts and roles that are a danger by themselves.
//!
//! Owns the looks at who may log in and at roles: the vendor's initial password, roles that grant each
//! other in a circle (H4.2, H4.3).
//! Invariant: no password and no hash is at hand here; the reader has judged them.

use super::super::access;
use super::Seen;
use super::census::Census;
use crate::model::{Object as _, Section, Subject};

/// Looks at users and roles.
pub(super) fn look(side: Census<'_>, seen: &mut Vec<Seen>) {
    for user in side.0.users.objects.iter().filter(|user| user.has_initial_password()) {
        let does = "still has the password that the vendor documents";
        let found = Seen::new("initial-password", Section::Users, user.subject(), does);
        seen.push(found.made_by(user.owner()));
    }
    for circle in access::circles(side.0) {
        let Some(first) = circle.first() else { continue };
        let subject = Subject { name: first.to_string(), ..Subject::default() };
        let (does, last) = match circle.last().filter(|last| *last != first) {
            None => ("grants itself".to_owned(), first),
            Some(last) => {
                let others = circle.len() - 1;
                (format!("and {others} more grant each other in a circle, such as '{last}'"), last)
            }
        };
        let found = Seen::new("role-circle", Section::Roles, subject, does);
        seen.push(found.of(Section::Roles, last));
    }
}
