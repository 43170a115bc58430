//! The rules of section member: are these the right two?
//!
//! Owns the judgement over the pair itself: swapped operands, one member twice, two primaries,
//! another mirror, no mirror member, FHIR SQL data on the member (design 6, H6.1). Takes the two
//! member objects and the attested facts.
//! Invariant: only what a source states raises a finding; unknown is neither equal nor different,
//! and an offline backup that reports neither primary nor backup is no fault (H6.1).

use super::rule::{
    self, DIFFERENCE, EXECUTE_ON_BACKUP, FHIR_SQL_DATA_EXISTS, NOT_A_MEMBER, OTHER_MIRROR,
    SAME_MEMBER, TWO_PRIMARIES,
};
use super::{Finding, Names, text};
use crate::compare::Side;
use crate::model::{
    Change, Configuration, Declared, Member, Owner, Rule as Compared, Section, Subject,
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
        let (clones, changes): (Vec<Change>, Vec<Change>) = Member::changes(a, b)
            .into_iter()
            .partition(|change| change.property.rule == Compared::MustDiffer);
        if !clones.is_empty() {
            let shared: Vec<String> = clones.iter().map(|change| change.property.name()).collect();
            let sentence =
                format!("'{}' is on both sides: {} is the same.", names.member, shared.join(", "));
            found.add(SAME_MEMBER, &names.member, &sentence, clones);
        }
        if let Some(sentence) = other_mirror(a, b, names) {
            found.add(OTHER_MIRROR, &names.member, &sentence, Vec::new());
        }
        for (side, known) in [(Side::Primary, a), (Side::Member, b)] {
            let listed = known.member_type.as_deref().is_some_and(|kind| !kind.is_empty());
            if known.in_mirror == Some(false) && !listed {
                let name = names.side(side);
                let sentence = format!("the {} '{name}' is not a mirror member.", side.word());
                found.add(NOT_A_MEMBER, name, &sentence, Vec::new());
            }
        }
        if !changes.is_empty() {
            let subject = Subject { name: names.member.clone(), ..Subject::default() };
            let sentence = text::sentence(Section::Member, DIFFERENCE, &subject, &changes, names);
            found.add(DIFFERENCE, &names.member, &sentence, changes);
        }
    }
    if member.facts.fhir_sql_data.as_ref().is_some_and(|fact| fact.value) {
        let sentence =
            format!("FHIR SQL data exists on '{}'; only the primary may hold it.", names.member);
        found.add(FHIR_SQL_DATA_EXISTS, &names.member, &sentence, Vec::new());
    }
}

struct Found<'a> {
    names: &'a Names,
    findings: &'a mut Vec<Finding>,
}

impl Found<'_> {
    fn add(&mut self, code: &str, name: &str, sentence: &str, changes: Vec<Change>) {
        let Some(rule) = rule::rule(Section::Member, code) else {
            return;
        };
        self.findings.push(Finding {
            rule,
            subject: Subject { name: name.to_owned(), ..Subject::default() },
            absent_from: None,
            changes,
            owner: Owner::Site,
            sentence: sentence.to_owned(),
        });
    }
}

/// Whether a member is the primary, as far as `iris qlist` tells (H7.1): `None` while it is neither.
fn is_primary(member: &Member) -> Option<bool> {
    let says = |text: &Option<crate::model::Text>, word: &str| {
        text.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(word))
    };
    if says(&member.mirror_state, "Primary") {
        return Some(true);
    }
    let other = says(&member.mirror_state, "Backup")
        || says(&member.mirror_state, "Connected")
        || member.member_type.as_deref().is_some_and(|kind| {
            ["Async", "Disaster Recovery", "Read-Only Reporting", "Read-Write Reporting"]
                .iter()
                .any(|known| kind.eq_ignore_ascii_case(known))
        });
    other.then_some(false)
}

fn roles(primary: &Member, member: &Member, found: &mut Found<'_>) {
    let Names { primary: first, member: second } = found.names.clone();
    match (is_primary(primary), is_primary(member)) {
        (Some(true), Some(true)) => {
            let sentence = format!("'{first}' and '{second}' both say they are the primary.");
            found.add(TWO_PRIMARIES, &second, &sentence, Vec::new());
        }
        (_, Some(true)) => {
            let sentence = format!(
                "run it on the backup member: '{second}', given as the member, is the primary."
            );
            found.add(EXECUTE_ON_BACKUP, &second, &sentence, Vec::new());
        }
        (Some(false), _) => {
            let sentence = format!(
                "run it with the primary's files first: '{first}', given as the primary, is not \
                 the primary."
            );
            found.add(EXECUTE_ON_BACKUP, &first, &sentence, Vec::new());
        }
        _ => {}
    }
}

/// Why the two cannot belong to one mirror, if so.
fn other_mirror(primary: &Member, member: &Member, names: &Names) -> Option<String> {
    let (ours, theirs) = (primary.mirrors.as_ref()?, member.mirrors.as_ref()?);
    if ours.iter().next().is_none() || theirs.iter().next().is_none() {
        return None;
    }
    let words = |mirrors: &crate::model::Set<crate::model::Mirror>| {
        let words: Vec<String> = mirrors.iter().map(|mirror| mirror.name.to_string()).collect();
        words.join(",")
    };
    let shared = ours.iter().find(|mirror| theirs.iter().any(|other| mirror.name.is(&other.name)));
    let Some(shared) = shared else {
        return Some(format!(
            "'{}' is in mirror {} and '{}' in mirror {}.",
            names.primary,
            words(ours),
            names.member,
            words(theirs)
        ));
    };
    let same = theirs.iter().any(|other| {
        other.name.is(&shared.name)
            && (other.guid.is_empty() || shared.guid.is_empty() || other.guid.is(&shared.guid))
    });
    if !same {
        return Some(format!(
            "both mirrors are called {}, but they are two: their GUIDs differ.",
            shared.name
        ));
    }
    let unlisted = |lists: &Member, other: &Member| {
        let name = other.system_name.as_ref().filter(|name| !name.is_empty())?;
        let peers = lists.mirror_members.as_ref()?;
        let known = peers.iter().next().is_none() || peers.iter().any(|peer| peer.name.is(name));
        (!known).then(|| name.to_string())
    };
    let (who, whom) = match (unlisted(primary, member), unlisted(member, primary)) {
        (Some(name), _) => (&names.primary, name),
        (None, Some(name)) => (&names.member, name),
        (None, None) => return None,
    };
    Some(format!("'{who}' does not list '{whom}' among the members of mirror {}.", shared.name))
}
