//! Effective access against an oracle that works it out naively.
//!
//! Owns the making of small configurations for tests, the oracle (for each user a walk over all roles
//! with a set of those visited, and a map of resources) and the comparison of both on random
//! configurations, beside the cases that are named in the handbook or hurt a careless walk.
//! Invariant: the oracle shares no code with what it judges, save the folding of names.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{Gathered, Object, Permission, folded};

/// Roles: name, grants, roles that come with it.
pub(super) type Row = (String, Vec<(String, u8)>, Vec<String>);

fn gathered<T: Object>(rows: Vec<Value>) -> Gathered<T> {
    let objects = rows.into_iter().map(|row| serde_json::from_value(row).unwrap()).collect();
    let mut gathered = Gathered { objects, extent: Extent::Complete, reason: String::new() };
    gathered.arrange();
    gathered
}

fn letters(bits: u8) -> String {
    Permission::of_bits(bits).letters()
}

pub(super) fn side(
    users: impl IntoIterator<Item = (String, Vec<String>)>,
    roles: impl IntoIterator<Item = Row>,
    resources: impl IntoIterator<Item = (String, u8)>,
) -> Configuration {
    let user = |(name, roles)| json!({ "name": name, "roles": roles });
    let role = |(name, grants, granted): Row| {
        let grant = |(resource, bits): (String, u8)| json!({ "resource": resource, "permission": letters(bits) });
        let grants: Vec<Value> = grants.into_iter().map(grant).collect();
        json!({ "name": name, "resources": grants, "grantedRoles": granted })
    };
    let resource =
        |(name, bits): (String, u8)| json!({ "name": name, "publicPermission": letters(bits) });
    Configuration {
        users: gathered(users.into_iter().map(user).collect()),
        roles: gathered(roles.into_iter().map(role).collect()),
        resources: gathered(resources.into_iter().map(resource).collect()),
        ..Configuration::default()
    }
}

/// What one user may do on one side, naively.
#[derive(Debug, PartialEq)]
struct Access {
    everything: bool,
    permissions: BTreeMap<String, u8>,
}

struct Oracle<'a> {
    side: &'a Configuration,
}

impl<'a> Oracle<'a> {
    fn role(&self, name: &str) -> Option<&'a crate::model::Role> {
        self.side.roles.objects.iter().find(|role| role.name.is(name))
    }

    fn public(&self) -> BTreeMap<String, u8> {
        let all = self.side.resources.objects.iter();
        all.map(|one| (folded(&one.name), one.public_permission.unwrap_or_default().bits()))
            .collect()
    }

    /// What a role states: resources and roles.
    fn own(&self, name: &str) -> (BTreeMap<String, u8>, BTreeSet<String>) {
        let (mut grants, mut nested) = (BTreeMap::new(), BTreeSet::new());
        if Name::from(name).is("%all") {
            return (grants, nested);
        }
        if let Some(role) = self.role(name) {
            for grant in role.resources.iter().flat_map(|all| all.iter()) {
                grants.insert(folded(&grant.resource), grant.permission.bits());
            }
            nested.extend(
                role.granted_roles.iter().flat_map(|all| all.iter()).map(|one| folded(one)),
            );
        }
        if folded(name).starts_with("%db_") {
            *grants.entry(folded(name)).or_insert(0) |= 3;
        }
        (grants, nested)
    }

    fn access(&self, user: &User) -> Access {
        let mut access = Access { everything: false, permissions: BTreeMap::new() };
        let mut visited = BTreeSet::new();
        let mut left: Vec<String> = names(user).into_iter().collect();
        while let Some(role) = left.pop() {
            if !visited.insert(role.clone()) {
                continue;
            }
            access.everything |= role == "%all";
            let (grants, nested) = self.own(&role);
            for (resource, bits) in grants {
                *access.permissions.entry(resource).or_insert(0) |= bits;
            }
            left.extend(nested);
        }
        access
    }
}

fn names(user: &User) -> BTreeSet<String> {
    user.roles.iter().flat_map(|all| all.iter()).map(|name| folded(name)).collect()
}

/// Folded name of a user, the side with more, whether it is everything, what it is, and through what.
type Answer = (String, Side, bool, BTreeMap<String, u8>, Option<String>);

fn expected(primary: &Configuration, member: &Configuration) -> Vec<Answer> {
    let oracles = [Oracle { side: primary }, Oracle { side: member }];
    let public = oracles.each_ref().map(Oracle::public);
    let mut answers = Vec::new();
    for theirs in &member.users.objects {
        let Some(ours) = primary.users.objects.iter().find(|user| user.name.is(&theirs.name))
        else {
            continue;
        };
        let out = |user: &User| user.enabled == Some(false) || !user.keeps_its_roles();
        if out(ours) || out(theirs) {
            continue;
        }
        let access = [oracles[0].access(ours), oracles[1].access(theirs)];
        for (at, allowed_on) in [Side::Primary, Side::Member].into_iter().enumerate() {
            let through = || (names(ours) == names(theirs)).then(|| nearest(&oracles, names(ours)));
            let name = folded(&theirs.name);
            if access[0].everything || access[1].everything {
                if access[at].everything && !access[1 - at].everything {
                    answers.push((name, allowed_on, true, BTreeMap::new(), through()));
                }
                continue;
            }
            let mut more = BTreeMap::new();
            for (resource, bits) in &access[at].permissions {
                let of = |map: &BTreeMap<String, u8>| map.get(resource).copied().unwrap_or(0);
                let other = of(&access[1 - at].permissions) | of(&public[1 - at]);
                let bits = bits & !other & !of(&public[at]);
                if bits != 0 {
                    more.insert(resource.clone(), bits);
                }
            }
            if !more.is_empty() {
                answers.push((name, allowed_on, false, more, through()));
            }
        }
    }
    answers
}

/// The nearest role that differs, by going away from the user's own roles step by step.
fn nearest(oracles: &[Oracle<'_>; 2], mut edge: BTreeSet<String>) -> String {
    let listed = |name: &String| {
        oracles.iter().any(|side| side.role(name).is_some())
            || name == "%all"
            || name.starts_with("%db_")
    };
    loop {
        let own = |name: &String| {
            oracles.each_ref().map(|side| {
                let (mut grants, mut nested) = side.own(name);
                // A role that nobody lists gives nothing; a database's is as good as its grant.
                nested.retain(listed);
                for database in nested.iter().filter(|name| name.starts_with("%db_")) {
                    if oracles.iter().all(|side| side.role(database).is_none()) {
                        *grants.entry(database.clone()).or_insert(0) |= 3;
                    }
                }
                nested.retain(|name| {
                    name == "%all" || oracles.iter().any(|side| side.role(name).is_some())
                });
                (grants, nested)
            })
        };
        let differs = |name: &&String| {
            let [a, b] = own(name);
            a != b
        };
        if let Some(found) = edge.iter().find(differs) {
            return found.clone();
        }
        edge = edge.iter().flat_map(|name| own(name)[0].1.clone()).collect();
    }
}

fn actual(primary: &Configuration, member: &Configuration) -> Vec<Answer> {
    let answer = |one: Drifted<'_>| {
        let sorted = one.permissions.is_sorted_by(|a, b| folded(&a.resource) < folded(&b.resource));
        assert!(sorted && one.count == one.permissions.len());
        let grants = one.permissions.iter();
        let map = grants.map(|grant| (folded(&grant.resource), grant.permission.bits())).collect();
        let through = match one.through {
            Through::Roles => None,
            Through::Role(name) => Some(folded(name)),
        };
        (folded(&one.user.name), one.allowed_on, one.everything, map, through)
    };
    drifted(primary, member).into_iter().map(answer).collect()
}

fn cased(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let letter =
        |(name, upper): (&str, bool)| if upper { name.to_uppercase() } else { name.to_owned() };
    (proptest::sample::select(names), any::<bool>()).prop_map(letter)
}

fn role_name() -> impl Strategy<Value = String> {
    cased(&[
        "a", "b", "c", "d", "e", "f", "é", "ghost", "%db_x", "%db_y", "%db_z", "g", "h", "%all",
    ])
}

fn resource_name() -> impl Strategy<Value = String> {
    cased(&["r", "s", "t", "ü", "%db_x", "%db_y"])
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    vec((role_name(), vec((resource_name(), 0u8..8), 0..3), vec(role_name(), 0..3)), 0..9)
}

fn users() -> impl Strategy<Value = Vec<(String, Vec<String>)>> {
    vec((cased(&["u", "v", "w", "x"]), vec(role_name(), 0..4)), 0..5)
}

fn publics() -> impl Strategy<Value = Vec<(String, u8)>> {
    vec((resource_name(), prop_oneof![Just(0u8), 0u8..8]), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn access_is_what_the_oracle_says(
        users in [users(), users()], roles in [rows(), rows()], publics in [publics(), publics()],
        alike in any::<[bool; 3]>(), other in proptest::option::of((any::<prop::sample::Index>(), rows())),
    ) {
        let [mut a, mut b] = [0, 1].map(|at: usize| {
            let of = |part: usize| if alike[part] { 0 } else { at };
            (users[of(0)].clone(), roles[of(1)].clone(), publics[of(2)].clone())
        });
        // One row of otherwise equal roles is another.
        if let (Some((at, rows)), false) = (other, b.1.is_empty())
            && let Some(row) = rows.into_iter().next()
        {
            let at = at.index(b.1.len());
            b.1[at] = (b.1[at].0.clone(), row.1, row.2);
        }
        a.0.reverse();
        b.1.reverse();
        let (a, b) = (side(a.0, a.1, a.2), side(b.0, b.1, b.2));
        prop_assert_eq!(actual(&a, &b), expected(&a, &b));
    }

    #[test]
    fn circles_are_roles_that_come_back_to_themselves(rows in rows()) {
        let side = side([], rows, []);
        let oracle = Oracle { side: &side };
        let reach = |name: &str| {
            let (mut seen, mut left) = (BTreeSet::new(), vec![folded(name)]);
            while let Some(role) = left.pop() {
                left.extend(oracle.own(&role).1.into_iter().filter(|next| seen.insert(next.clone())));
            }
            seen
        };
        let listed = side.roles.objects.iter().map(|role| folded(&role.name));
        let mut expected: Vec<Vec<String>> = listed
            .filter(|name| reach(name).contains(name))
            .map(|name| reach(&name).into_iter().filter(|other| reach(other).contains(&name)).collect())
            .collect();
        expected.sort();
        expected.dedup();
        let fold = |circle: Vec<&Name>| circle.into_iter().map(|name| folded(name)).collect();
        let found: Vec<Vec<String>> = circles(&side).into_iter().map(fold).collect();
        prop_assert_eq!(found, expected);
    }
}
