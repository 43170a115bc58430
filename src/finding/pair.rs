//! The rules of section member: are these the right two?
//!
//! Owns the judgement over the pair itself: swapped operands, one member twice, two primaries,
//! another mirror, no mirror member, FHIR SQL data on the member (design 6, H6.1). Takes the two
//! member objects and the attested facts.
//! Invariant: only what a source states raises a finding; unknown is neither equal nor different,
//! and an offline backup that reports neither primary nor backup is no fault (H6.1).

use std::collections::BTreeSet;

use super::rule::{self, DIFFERENCE};
use super::{Finding, Names, age, machine, text};
use crate::compare::Side;
use crate::model::{
    Between, Change, Configuration, Declared, Digest, Member, Mirror, Rule as Compared, Section,
    Set, Subject,
};

/// Judges the pair and adds what it finds.
pub(super) fn judge(
    primary: &Configuration,
    member: &Configuration,
    names: &Names,
    findings: &mut Vec<Finding>,
) {
    let mut found = Found { names, findings };
    if let (Some(a), Some(b)) = (&primary.member, &member.member) {
        roles(a, b, &mut found);
        let (clones, mut changes): (Vec<Change>, Vec<Change>) =
            Member::changes(a, b, Between::Members)
                .into_iter()
                .partition(|change| change.property.rule == Compared::MustDiffer);
        if !clones.is_empty() {
            let shared: Vec<String> = clones.iter().map(|change| change.property.name()).collect();
            let sentence = format!(
                "'{}' and '{}' are one member, or one is a clone of the other: {} is the same.",
                names.primary,
                names.member,
                shared.join(", ")
            );
            found.add("same-member", &names.member, &sentence, clones);
        }
        if b.is_reporting() {
            let sentence = format!("'{}' is a reporting member.", names.member);
            found.add_of(Side::Member, "reporting-member", &names.member, &sentence);
        }
        if let Some(sentence) = journals(a, b, names) {
            found.add_of(Side::Member, "journal-format", &names.member, &sentence);
        }
        if let Some(sentence) = other_mirror(a, b, names) {
            found.add("other-mirror", &names.member, &sentence, Vec::new());
            changes.retain(|change| !OF_THE_MIRROR.contains(&change.property.field));
        }
        for (side, known) in [(Side::Primary, a), (Side::Member, b)] {
            if known.is_no_member() {
                let name = names.side(side);
                let sentence = format!("'{name}' is no mirror member.");
                found.add_of(side, "not-a-mirror-member", name, &sentence);
            }
        }
        if a.is_async() || b.is_async() {
            // An async member must know the primary's block sizes, and may know more (H2.4).
            let knows_all = a
                .block_sizes
                .as_ref()
                .zip(b.block_sizes.as_ref())
                .is_some_and(|(a, b)| a.iter().all(|size| b.iter().any(|other| size == other)));
            changes.retain(|change| match change.property.field {
                "block_sizes" => !knows_all,
                field => !MAY_DIFFER_ON_ASYNC.contains(&field),
            });
        }
        let (versions, others): (Vec<Change>, Vec<Change>) =
            changes.into_iter().partition(|change| OF_THE_VERSION.contains(&change.property.field));
        for (id, changes) in [("versions-differ", versions), ("member-different", others)] {
            if !changes.is_empty() {
                let subject = Subject { name: names.member.clone(), ..Subject::default() };
                let sentence = text::sentence(
                    Section::Member,
                    DIFFERENCE,
                    &subject,
                    &changes,
                    names,
                    Between::Members,
                );
                found.add(id, &names.member, &sentence, changes);
            }
        }
    }
    machine::judge(primary, member, &mut found);
    age::judge(primary, member, &mut found);
    if same_export(primary, member) {
        let sentence = format!(
            "both sides hold one and the same export of users or tasks, so one side's is not its own ('{}', '{}').",
            names.primary, names.member
        );
        found.add("same-export", &names.member, &sentence, Vec::new());
    }
    if member.facts.fhir_sql_data.as_ref().is_some_and(|fact| fact.value) {
        let sentence =
            format!("FHIR SQL data exists on '{}'; only the primary may hold it.", names.member);
        found.add_of(Side::Member, "fhir-sql-data-exists", &names.member, &sentence);
    }
}

/// Whether both sides were read from one file that no two members can have.
fn same_export(primary: &Configuration, member: &Configuration) -> bool {
    let own = |side: &Configuration| -> BTreeSet<Digest> {
        let own = side.sources.iter().filter(|file| file.unmistakable);
        own.map(|file| file.sha256).collect()
    };
    !own(primary).is_disjoint(&own(member))
}

/// Properties that say nothing more once the mirrors are known to be two.
const OF_THE_MIRROR: &[&str] = &["mirrors", "mirror_members"];

/// Properties that tell which version of which product an instance runs.
const OF_THE_VERSION: &[&str] =
    &["product", "version", "configuration_product", "configuration_version"];

/// DR and reporting members may run another version (H2.4); the configuration file goes with it.
const MAY_DIFFER_ON_ASYNC: &[&str] = &["product", "version", "configuration_version"];

pub(super) struct Found<'a> {
    pub(super) names: &'a Names,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl Found<'_> {
    /// Something that is so on one side, whatever the other one is like.
    pub(super) fn add_of(&mut self, side: Side, id: &str, name: &str, sentence: &str) {
        self.add(id, name, sentence, Vec::new());
        if let Some(finding) = self.findings.last_mut() {
            finding.about = Some(side);
        }
    }

    pub(super) fn add(&mut self, id: &str, name: &str, sentence: &str, changes: Vec<Change>) {
        let Some(rule) = rule::named(id) else {
            return;
        };
        let subject = Subject { name: name.to_owned(), ..Subject::default() };
        let mut finding = Finding::new(rule, Section::Member, subject, sentence.to_owned());
        let vendors = VENDORS.iter().find(|(known, _)| *known == id);
        if let Some((_, code)) = vendors {
            finding.code = (*code).into();
        }
        finding.changes = changes;
        self.findings.push(finding);
    }
}

/// The vendor's names for findings about the pair (H1.4).
pub(super) const VENDORS: &[(&str, &str)] = &[
    ("execute-on-backup", "ExecuteOnBackup"),
    ("fhir-sql-data-exists", "FHIRSQLDataExists"),
    ("member-different", DIFFERENCE),
    ("versions-differ", DIFFERENCE),
];

fn roles(primary: &Member, member: &Member, found: &mut Found<'_>) {
    let Names { primary: first, member: second } = found.names.clone();
    match (primary.is_primary(), member.is_primary()) {
        (Some(true), Some(true)) => {
            let sentence = format!("'{first}' and '{second}' both say they are the primary.");
            found.add("two-primaries", &second, &sentence, Vec::new());
        }
        (_, Some(true)) => {
            let sentence = format!(
                "run it on the backup member: '{second}', given as the member, is the primary."
            );
            found.add_of(Side::Member, "execute-on-backup", &second, &sentence);
        }
        (Some(false), _) if follows(primary) => {
            let sentence = format!(
                "run it with the primary's files first: '{first}', given as the primary, is not \
                 the primary."
            );
            found.add_of(Side::Primary, "execute-on-backup", &first, &sentence);
        }
        _ => {}
    }
}

/// The version with which the form of journals changed (H2.4).
const NEW_JOURNALS: (u32, u32) = (2025, 1);

/// Why the member cannot apply the primary's journals, if so.
fn journals(primary: &Member, member: &Member, names: &Names) -> Option<String> {
    let year = |side: &Member| -> Option<(u32, u32)> {
        let mut parts = side.version.as_deref()?.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    };
    let (ours, theirs) = (year(primary)?, year(member)?);
    (ours >= NEW_JOURNALS && theirs < NEW_JOURNALS).then(|| {
        format!(
            "'{}' runs {}.{} and cannot apply the journals of '{}', which runs {}.{}.",
            names.member, theirs.0, theirs.1, names.primary, ours.0, ours.1
        )
    })
}

/// Whether a side says that it follows a primary, so that it cannot be one. What is waiting, stopped
/// or in transition may have been one before (H6.1); coverage tells that it says nothing.
fn follows(member: &Member) -> bool {
    let backup = ["Backup", "Connected"];
    let state = member.mirror_state.as_deref().unwrap_or_default();
    member.is_async() || backup.iter().any(|known| state.eq_ignore_ascii_case(known))
}

/// Why the two cannot belong to one mirror, if so.
fn other_mirror(primary: &Member, member: &Member, names: &Names) -> Option<String> {
    if let Some((who, whom)) = unlisted(primary, member, names) {
        return Some(format!("'{who}' does not list '{whom}' among the members of its mirror."));
    }
    let (ours, theirs) = (primary.mirrors.as_ref()?, member.mirrors.as_ref()?);
    if ours.iter().next().is_none() || theirs.iter().next().is_none() {
        return None;
    }
    let words = |mirrors: &Set<Mirror>| {
        mirrors.iter().map(|mirror| mirror.name.to_string()).collect::<Vec<_>>().join(",")
    };
    let shared = ours.iter().find(|mirror| theirs.iter().any(|other| mirror.name.is(&other.name)));
    let Some(shared) = shared else {
        let (ours, theirs) = (words(ours), words(theirs));
        let Names { primary, member } = names;
        return Some(format!("'{primary}' is in mirror {ours} and '{member}' in mirror {theirs}."));
    };
    let namesake = theirs.iter().any(|other| shared.is_namesake(other));
    namesake.then(|| {
        format!("both mirrors are called {}, but they are two: their GUIDs differ.", shared.name)
    })
}

/// A side that lists the members of its mirror, and the other one that is not among them.
fn unlisted(primary: &Member, member: &Member, names: &Names) -> Option<(String, String)> {
    let lacks = |lists: &Member, other: &Member| {
        let name = other.system_name.as_ref().filter(|name| !name.is_empty())?;
        let peers = lists.mirror_members.as_ref()?;
        let known = peers.iter().next().is_none() || peers.iter().any(|peer| peer.name.is(name));
        (!known).then(|| name.to_string())
    };
    match (lacks(primary, member), lacks(member, primary)) {
        (Some(name), _) => Some((names.primary.clone(), name)),
        (None, Some(name)) => Some((names.member.clone(), name)),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// They name fields of the declaration; a field that is renamed must be renamed here.
    #[test]
    fn properties_that_are_named_are_declared() {
        let named = [OF_THE_MIRROR, OF_THE_VERSION, MAY_DIFFER_ON_ASYNC, &["block_sizes"]].concat();
        for name in named {
            assert!(Member::PROPERTIES.iter().any(|property| property.field == name), "{name}");
        }
    }
}
