//! Access in the cases that the handbook names or that hurt a careless walk.
//!
//! Owns what random configurations do not hit: nesting as deep as there are roles, circles of all of
//! them, blocks of many resources, lists that are cut, users who are left out, spelling; and the time
//! it takes on a large site, which is measured only when asked for.
//! Invariant: every case states what must come out, not what came out.

use std::time::{Duration, Instant};

use super::oracle::{Row, side};
use super::*;
use crate::compare::{Selection, compare};
use crate::model::{AccountKind, Between};

fn row(name: &str, grants: &[(&str, u8)], granted: &[&str]) -> Row {
    let grants = grants.iter().map(|(resource, bits)| ((*resource).to_owned(), *bits));
    let granted = granted.iter().map(|name| (*name).to_owned());
    (name.to_owned(), grants.collect(), granted.collect())
}

fn user(name: &str, roles: &[&str]) -> (String, Vec<String>) {
    (name.to_owned(), roles.iter().map(|role| (*role).to_owned()).collect())
}

fn words(drifted: &[Drifted<'_>]) -> Vec<String> {
    let word = |one: &Drifted<'_>| {
        let grants = one.permissions.iter();
        let grants = grants.map(|one| format!("{}:{}", one.resource, one.permission.letters()));
        let grants: Vec<String> = grants.collect();
        let through = match one.through {
            Through::Roles => "own roles",
            Through::Role(name) => name,
        };
        let all = if one.everything { "everything" } else { "" };
        format!("{} {} {all}{} {through}", one.user.name, one.allowed_on.word(), grants.join(","))
    };
    drifted.iter().map(word).collect()
}

/// A chain of roles; the last one grants `bits`, and comes with the first one if it is a circle.
fn chain(length: usize, bits: u8, circle: bool) -> Configuration {
    let name = |at: usize| format!("Role{at:05}");
    let row = |at: usize| {
        let last = at + 1 == length;
        let next = if last { name(0) } else { name(at + 1) };
        let granted = if last && !circle { Vec::new() } else { vec![next] };
        (name(at), if last { vec![("R".to_owned(), bits)] } else { Vec::new() }, granted)
    };
    side([user("first", &["Role00000"]), user("mid", &["Role00500"])], (0..length).map(row), [])
}

#[test]
fn ten_thousand_roles_may_be_nested_in_each_other() {
    for circle in [false, true] {
        let (a, b) = (chain(10_000, 3, circle), chain(10_000, 5, circle));
        let expected = [
            "first primary R:W Role09999",
            "first member R:U Role09999",
            "mid primary R:W Role09999",
            "mid member R:U Role09999",
        ];
        assert_eq!(words(&drifted(&a, &b)), expected);
        assert!(drifted(&a, &a).is_empty());
        let lengths: Vec<usize> = circles(&a).iter().map(Vec::len).collect();
        assert_eq!(lengths, if circle { vec![10_000] } else { vec![] });
    }
}

#[test]
fn a_role_that_grants_itself_is_a_circle_and_changes_nothing() {
    let itself = side([user("u", &["a"])], [row("A", &[("r", 1)], &["a"])], []);
    let plain = side([user("u", &["a"])], [row("A", &[("r", 1)], &[])], []);
    assert_eq!(circles(&itself), [[&Name::from("A")]]);
    assert!(circles(&plain).is_empty());
    assert!(drifted(&itself, &plain).is_empty());
}

#[test]
fn names_are_spelled_as_the_side_that_allows_it_does() {
    let ours = side(
        [user("Ann", &["nurse", "%DB_new"])],
        [row("Nurse", &[("WARD", 7), ("Own", 1)], &[])],
        [("Ward".to_owned(), 1)],
    );
    let theirs =
        side([user("ANN", &["NURSE", "%db_OLD"])], [row("NURSE", &[("ward", 1)], &[])], []);
    let expected =
        ["ANN primary %DB_new:RW,Own:R,Ward:WU own roles", "ANN member %db_OLD:RW own roles"];
    assert_eq!(words(&drifted(&ours, &theirs)), expected);
    let (mut a, mut b) = (ours, theirs);
    a.users.objects[0].roles = None;
    b.users.objects[0].roles = None;
    assert!(drifted(&a, &b).is_empty());
}

#[test]
fn everything_is_one_entry_whatever_else_differs() {
    let ours = side([user("u", &["Boss"])], [row("Boss", &[("r", 1)], &["%aLL"])], []);
    let theirs = side([user("u", &["Boss"])], [row("Boss", &[("s", 1)], &[])], []);
    assert_eq!(words(&drifted(&ours, &theirs)), ["u primary everything Boss"]);
    assert_eq!(words(&drifted(&theirs, &ours)), ["u member everything Boss"]);
    assert!(drifted(&ours, &ours).is_empty());
}

#[test]
fn who_cannot_log_in_or_is_given_roles_at_login_is_left_out() {
    let make = || {
        let users = ["off", "ldap", "on"].map(|name| user(name, &["a"]));
        let made = side(users, [row("a", &[("r", 1)], &[])], []);
        (made, side([user("on", &[]), user("off", &[]), user("ldap", &[])], [], []))
    };
    let (mut a, mut b) = make();
    a.users.objects[1].enabled = Some(false);
    b.users.objects[0].kind = Some(AccountKind(2));
    assert_eq!(words(&drifted(&a, &b)), ["on primary r:R own roles"]);
    for part in 0..6 {
        let (mut a, mut b) = make();
        let side = if part < 3 { &mut a } else { &mut b };
        match part % 3 {
            0 => side.users.extent = Extent::Partial,
            1 => side.roles.extent = Extent::NotGathered,
            _ => side.resources.extent = Extent::Partial,
        }
        assert!(!is_known(&a, &b) && drifted(&a, &b).is_empty());
    }
}

/// More resources than a block has, and all of them differ, some in one letter only.
#[test]
fn resources_fill_many_blocks() {
    let name = |at: usize| format!("Res{at:05}");
    let grants =
        |bits: u8| (0..10_000).map(move |at| (name(at), if at % 3 == 0 { 7 } else { bits }));
    let ours = ("a".to_owned(), grants(6).collect(), Vec::new());
    let theirs = ("a".to_owned(), grants(2).collect(), Vec::new());
    let held = || [user("u", &["a"]), user("v", &["a"])];
    let (a, b) = (side(held(), [ours], []), side(held(), [theirs], []));
    let found = drifted(&a, &b);
    assert_eq!(found.iter().map(|one| one.count).collect::<Vec<_>>(), [6666; 2]);
    let expected = (0..10_000).filter(|at| at % 3 != 0).map(name);
    assert!(found[0].permissions.iter().map(|one| one.resource.to_string()).eq(expected));
    assert!(found[0].permissions.iter().all(|one| one.permission.bits() == 4));
    assert!(Arc::ptr_eq(&found[0].permissions, &found[1].permissions));
}

/// How a site is made.
#[derive(Clone, Copy)]
struct Site {
    users: usize,
    roles: usize,
    resources: usize,
    /// Own grants of each role.
    grants: usize,
}

/// Half of the roles are chains of 50, half a tree of eight branches; each user holds another three.
fn site(site: Site, differs: impl Fn(usize) -> bool) -> Configuration {
    let name = |at: usize| format!("WardRole{at:05}");
    let half = site.roles / 2;
    let roles = (0..site.roles).map(|at| {
        let granted: Vec<String> = if at < half {
            Some(at + 1)
                .filter(|next| next % 50 != 0 && *next < half)
                .map(name)
                .into_iter()
                .collect()
        } else {
            let child = |nth: usize| half + (at - half) * 8 + nth;
            (1..=8).map(child).filter(|next| *next < site.roles).map(name).collect()
        };
        let grant = |nth: usize| {
            let resource = (at * 7 + nth * 131) % site.resources;
            (
                format!("WardResource{resource:05}"),
                if differs(at) { 4 } else { 1 + (nth % 3) as u8 },
            )
        };
        (name(at), (0..site.grants).map(grant).collect(), granted)
    });
    let users = (0..site.users).map(|at| {
        let held = [at % half, at * 31 % site.roles, (at * 17 + at / site.roles) % site.roles];
        (format!("user{at:06}"), held.map(name).to_vec())
    });
    let resources = (0..site.resources).map(|at| (format!("WardResource{at:05}"), 0));
    side(users, roles, resources)
}

/// Compared alone and with access, in turns. Run it with `cargo test --release -- --ignored`.
// Said again for `tests/layers.rs`, which lets nothing but tests look at a clock.
#[cfg(test)]
#[test]
#[ignore = "measures time, which only a release build and a quiet machine can"]
fn time_on_a_large_site() {
    let usual = Site { users: 250_000, roles: 10_000, resources: 10_000, grants: 3 };
    let dense = Site { grants: 200, ..usual };
    let none = |_: usize| false;
    let time = |what: &str, a: &Configuration, b: &Configuration| {
        let mut times: [Vec<Duration>; 2] = Default::default();
        let mut found = (0, 0);
        for _ in 0..5 {
            let start = Instant::now();
            let comparison = compare(a, b, &Selection::default(), Between::Members);
            times[0].push(start.elapsed());
            drop(comparison);
            let start = Instant::now();
            let drifted = drifted(a, b);
            times[1].push(start.elapsed());
            found = (drifted.len(), drifted.iter().map(|one| one.count).sum());
        }
        for times in &mut times {
            times.sort();
        }
        println!(
            "{what:<44} compare {:>8.1?}  access {:>8.1?}  {} entries, {} resources",
            times[0][2], times[1][2], found.0, found.1
        );
    };
    let a = site(usual, none);
    time("nothing differs", &a, &a.clone());
    time("a role at the end of a chain", &a, &site(usual, |at| at == 49));
    time("a role at the end of the tree", &a, &site(usual, |at| at == 9_999));
    time("every role", &a, &site(usual, |_| true));
    let mut others = a.clone();
    let roles: Vec<_> = a.users.objects.iter().map(|user| user.roles.clone()).collect();
    for (user, roles) in others.users.objects.iter_mut().zip(roles.iter().skip(1)) {
        user.roles.clone_from(roles);
    }
    time("every user's own roles", &a, &others);
    drop(others);
    let deep = |bits| {
        let mut deep = chain(10_000, bits, false);
        deep.users.clone_from(&a.users);
        for (at, user) in deep.users.objects.iter_mut().enumerate() {
            let held = [at % 9_999, at * 31 % 9_999, (at * 17 + at / 9_999) % 9_999];
            let names = held.map(|role| Name::from(format!("Role{role:05}")));
            user.roles = Some(crate::model::Set::new(names.to_vec()));
        }
        deep
    };
    time("the end of a chain of 10,000", &deep(1), &deep(2));
    drop(a);
    time("every role, 200 grants each", &site(dense, none), &site(dense, |_| true));
}
