//! How old what was compared is, and for whom it was made.
//!
//! Owns the judgement over the records of the files that a side was read from: made far apart, the two
//! sides far apart, a clock far ahead, a bundle for another member (design 4, 6). Takes both sides;
//! adds findings of section member.
//! Invariant: only files that were made in order to be compared have an age (a CPF is as old as the last
//! change of the configuration, which may be years), and no time enters a finding.

use super::pair::Found;
use crate::compare::Side;
use crate::model::{Configuration, DAY, Moment};

/// Seconds within which the files of one side are made in one sitting.
const ONE_SITTING: i64 = DAY;
/// Seconds within which the two sides speak of one state of the mirror.
const ONE_STATE: i64 = 7 * DAY;
/// Seconds by which a time stamp may be ahead; a stick that keeps local time is off by 14 hours.
const AHEAD: i64 = DAY;

/// Judges the age of both sides and adds what it finds.
pub(super) fn judge(primary: &Configuration, member: &Configuration, found: &mut Found<'_>) {
    let sides = [(Side::Primary, primary), (Side::Member, member)];
    for (which, side) in sides {
        let name = found.names.side(which).to_owned();
        if made(side).is_some_and(|(first, last)| last.since(first) > ONE_SITTING) {
            let sentence = format!("the files of '{name}' were made more than a day apart.");
            found.add_of(which, "sources-apart", &name, &sentence);
        }
        let newest = side.sources.iter().filter_map(|file| file.modified).max();
        if newest.zip(side.read_at).is_some_and(|(newest, now)| newest.since(now) > AHEAD) {
            let sentence = format!("files of '{name}' are dated more than a day in the future.");
            found.add_of(which, "clock-ahead", &name, &sentence);
        }
    }
    let name = found.names.member.clone();
    if let (Some(ours), Some(theirs)) = (made(primary), made(member)) {
        let apart = ours.0.since(theirs.1).max(theirs.0.since(ours.1));
        if apart > ONE_STATE {
            let primary = &found.names.primary;
            let sentence =
                format!("the files of '{primary}' and '{name}' were made more than a week apart.");
            found.add("sides-apart", &name, &sentence, Vec::new());
        }
    }
    let who = member.member.as_ref();
    let called = who.and_then(|who| who.system_name.as_ref()).filter(|called| !called.is_empty());
    if let (Some(intended), Some(called)) = (&primary.intended, called)
        && !called.is(intended)
    {
        let sentence = format!("what was exported for '{intended}' is compared with '{called}'.");
        found.add("not-intended-member", &name, &sentence, Vec::new());
    }
}

/// When the first and the last of the files were made that have an age.
fn made(side: &Configuration) -> Option<(Moment, Moment)> {
    let aged = || side.sources.iter().filter(|file| file.kind.is_made_for_it());
    let first = aged().filter_map(|file| file.modified).min()?;
    let last = aged().filter_map(|file| file.modified).max()?;
    Some((first, last))
}
