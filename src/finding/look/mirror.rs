//! Databases in the mirror.
//!
//! Owns the looks at what an instance says of its mirrored databases (H6.2, H6.3): one that is not kept
//! up to date, one that only the primary has in the mirror, and a person's word that says otherwise than
//! the instance. What a CPF alone tells leaves all of it unknown.
//! Invariant: only what an instance says raises anything, and a state that is not documented nothing.

use super::Seen;
use super::census::Census;
use crate::model::{Configuration, Database, HSLIB, HSSYS, Member, Object as _, Section};

/// States in which a mirrored database does not follow the primary, and their rules (H6.2).
const NOT_KEPT: &[(&str, &str)] = &[
    ("Database Dismounted", "mirrored-database-dismounted"),
    ("Dejournaling Stopped", "mirrored-database-behind"),
    ("Needs Activation", "mirrored-database-inactive"),
    ("Needs Catchup", "mirrored-database-behind"),
    ("Obsolete", "mirrored-database-obsolete"),
    ("Orphaned", "mirrored-database-obsolete"),
];

/// Looks at the databases of a side.
pub(super) fn look(side: Census<'_>, seen: &mut Vec<Seen>) {
    for database in &side.0.databases.objects {
        let Some(status) = database.mirror_status.as_deref() else { continue };
        let known = NOT_KEPT.iter().find(|(state, _)| status.trim().eq_ignore_ascii_case(state));
        if let Some((state, id)) = known.filter(|_| database.in_mirror != Some(false)) {
            let does = format!("does not follow the primary: its state in the mirror is {state}");
            let found = Seen::new(id, Section::Databases, database.subject(), does);
            seen.push(found.made_by(database.owner()));
        }
    }
    for name in [HSLIB, HSSYS] {
        let Some(database) = side.0.databases.named(name) else { continue };
        let Some(fact) = side.0.in_mirror(name).contradicted() else { continue };
        let (is, was) = if fact.value { ("is not", "is") } else { ("is", "is not") };
        let does = format!(
            "{is} in the mirror, as the instance says, while {} attested on {} that it {was}",
            fact.by, fact.at
        );
        let id = "mirrored-attested-otherwise";
        let found = Seen::new(id, Section::Databases, database.subject(), does);
        seen.push(found.made_by(database.owner()));
    }
}

/// Looks for databases that the primary has in the mirror and the member has not. A reporting member
/// follows what it is meant to, and a side that is no member nothing (H2.4).
pub(super) fn on_both(sides: [&Configuration; 2], seen: &mut [Vec<Seen>; 2]) {
    let [primary, member] = sides;
    let follows = |who: &Member| !who.is_reporting() && !who.is_no_member();
    if !member.member.as_ref().is_none_or(follows) {
        return;
    }
    let [_, seen] = seen;
    for ours in primary.databases.objects.iter().filter(|one| one.in_mirror == Some(true)) {
        let Some(theirs) = member.databases.named(&ours.name) else { continue };
        // The member may call it otherwise, as long as the mirror calls it the same (H2.4).
        let same = |one: &Database| {
            let name = ours.mirror_name.as_ref().filter(|name| !name.is_empty());
            let named = name.zip(one.mirror_name.as_ref()).is_some_and(|(a, b)| a.is(b));
            named && one.in_mirror == Some(true)
        };
        if theirs.in_mirror == Some(false) && !member.databases.objects.iter().any(same) {
            let does = "is not in the mirror, as it is on the primary";
            let found =
                Seen::new("database-not-mirrored", Section::Databases, ours.subject(), does);
            seen.push(found.made_by(ours.owner()));
        }
    }
}
