//! The member's HSSYS and the mirror, before a restore.
//!
//! Owns the question whether it is in the mirror already, and what stands against a restore then: one that
//! follows needs none, and one that does not has a cure of its own by its status (H6.2). Takes the member's
//! configuration, as its instance or a person says it; gives a refusal with what to click or to type.
//! Invariant: being in the mirror is not following it; a status that is not known is told as before.

use super::afterwards::out_of_the_mirror;
use super::checks::{Circumstances, Findings};
use super::refusal::{
    ALREADY_MIRRORED, MIRRORED_BEHIND, MIRRORED_INACTIVE, MIRRORED_OBSOLETE, Refusal, Rule,
};
use crate::hssys;

/// How a database that is in the mirror does not follow, and what stands against a restore then (H6.2).
const STANDS: &[(&str, &Rule)] = &[
    ("Needs Activation", &MIRRORED_INACTIVE),
    ("Needs Catchup", &MIRRORED_BEHIND),
    ("Catchup Running", &MIRRORED_BEHIND),
    ("Dejournaling Stopped", &MIRRORED_BEHIND),
    ("Database Dismounted", &MIRRORED_BEHIND),
    ("Obsolete", &MIRRORED_OBSOLETE),
    ("Orphaned", &MIRRORED_OBSOLETE),
];

impl Circumstances<'_> {
    /// Whether the member's HSSYS is in the mirror already, and how it stands there.
    pub(super) fn in_the_mirror(&self, found: &mut Findings) {
        let answer = self.member.in_mirror(hssys::NAME);
        let database = self.member.databases.named(hssys::NAME);
        match answer.known() {
            Some(true) => {}
            Some(false) => return,
            None => {
                let note = "not checked: whether HSSYS of the member is in the mirror already";
                return found.notes.push(note.to_owned());
            }
        }
        let status = database.and_then(|database| database.mirror_status.as_deref());
        let status = status.filter(|_| answer.instance == Some(true)).map(str::trim);
        let known = status
            .and_then(|status| STANDS.iter().find(|(word, _)| status.eq_ignore_ascii_case(word)));
        let (rule, what) = match (known, answer.attested.filter(|_| answer.instance.is_none())) {
            (Some((word, rule)), _) => {
                let what = format!(
                    "HSSYS of the member is in the mirror and does not follow the primary: its status there is \
                     {word}."
                );
                (*rule, what)
            }
            (None, Some(fact)) => {
                let what = format!("HSSYS of the member was in the mirror on {}.", fact.at);
                (&ALREADY_MIRRORED, what)
            }
            (None, None) => {
                let what = "HSSYS of the member is in the mirror, as its instance says.";
                (&ALREADY_MIRRORED, what.to_owned())
            }
        };
        let folder = database.and_then(|database| database.directory.as_deref());
        let typed = folder.filter(|folder| !folder.is_empty() && *rule != MIRRORED_INACTIVE);
        let typed = typed.map(|folder| format!("In %SYS: `{}`.", out_of_the_mirror(folder)));
        found.refuse(Refusal { typed, ..Refusal::new(rule, what) });
    }
}
