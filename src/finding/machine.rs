//! Whether a database of one instance can live on the other.
//!
//! Owns what both instances must have alike for that: byte order, character set, the block sizes that
//! databases have (H2.4, H6.5, H10); and that what was gathered is not what the file on disk says. Takes
//! what the instances say of themselves and of their databases.
//! Invariant: only what both sides state makes a difference; a file alone tells none of it.

use super::pair::Found;
use crate::compare::Side;
use crate::model::{Configuration, HSSYS, Member};

/// Judges the two instances and adds what it finds.
pub(super) fn judge(primary: &Configuration, member: &Configuration, found: &mut Found<'_>) {
    let (Some(ours), Some(theirs)) = (&primary.member, &member.member) else { return };
    let (first, second) = (found.names.primary.clone(), found.names.member.clone());
    if let Some((a, b)) = ours.big_endian.zip(theirs.big_endian).filter(|(a, b)| a != b) {
        let order = |big| if big { "big-endian" } else { "little-endian" };
        let sentence = format!("'{first}' is {} and '{second}' is {}.", order(a), order(b));
        found.add("byte-order-differs", &second, &sentence, Vec::new());
    }
    if let Some(id) = character_set(ours, theirs) {
        let (a, b) = (spelled(ours), spelled(theirs));
        let sentence = format!("'{first}' has {a}, and '{second}' has {b}.");
        found.add(id, &second, &sentence, Vec::new());
    }
    if let Some(missing) = not_enabled(primary, theirs) {
        let sentence = format!("'{second}' does not enable {missing}.");
        found.add_of(Side::Member, "block-size-not-enabled", &second, &sentence);
    }
    for (side, known, name) in [(Side::Primary, ours, &first), (Side::Member, theirs, &second)] {
        if known.configuration_pending == Some(true) {
            let sentence = format!(
                "the configuration file of '{name}' was edited and is not active; what runs was compared."
            );
            found.add_of(side, "configuration-pending", name, &sentence);
        }
    }
}

/// Character width and locale, as far as they are known.
fn spelled(member: &Member) -> String {
    let width = member.unicode.map(|wide| if wide { "Unicode" } else { "8 bits" });
    let locale = member.locale.as_ref().filter(|locale| !locale.is_empty());
    let locale = locale.map(|locale| format!("locale {locale}"));
    let parts: Vec<String> = width.map(str::to_owned).into_iter().chain(locale).collect();
    if parts.is_empty() { "an unknown locale".to_owned() } else { parts.join(", ") }
}

/// Languages whose 8-bit locale is known to go with its Unicode twin, or known not to (H2.4).
const TWINS: &[(&str, bool)] = &[("enu", true), ("heb", false)];

/// The rule that the two character sets break. An 8-bit locale that is based on Latin-1 goes together
/// with its Unicode twin (enu8 with enuw); of which ones that holds, no public text lists.
fn character_set(ours: &Member, theirs: &Member) -> Option<&'static str> {
    let (differs, doubtful) = ("character-set-differs", "character-set-doubtful");
    let name = |member: &Member| {
        let locale = member.locale.as_ref().filter(|locale| !locale.is_empty());
        locale.map(|locale| locale.trim().to_ascii_lowercase())
    };
    let widths_differ = ours.unicode.zip(theirs.unicode).is_some_and(|(a, b)| a != b);
    let Some((a, b)) = name(ours).zip(name(theirs)) else {
        return widths_differ.then_some(doubtful);
    };
    if a == b {
        return widths_differ.then_some(differs);
    }
    let language = |narrow: &str, wide: &str| {
        let (narrow, wide) = (narrow.strip_suffix('8')?, wide.strip_suffix('w')?);
        (narrow == wide).then(|| narrow.to_owned())
    };
    let Some(language) = language(&a, &b).or_else(|| language(&b, &a)) else {
        return Some(differs);
    };
    match TWINS.iter().find(|(known, _)| *known == language) {
        Some((_, true)) => None,
        Some((_, false)) => Some(differs),
        None => Some(doubtful),
    }
}

/// How many databases a sentence names.
const NAMED: usize = 4;

/// The block sizes that the primary's mirrored databases and HSSYS have and the member does not enable,
/// with the databases.
fn not_enabled(primary: &Configuration, theirs: &Member) -> Option<String> {
    let enabled = theirs.block_sizes.as_ref().filter(|sizes| sizes.iter().next().is_some())?;
    let lacks = |size: u64| !enabled.iter().any(|one| one.trim() == size.to_string());
    let mut databases = Vec::new();
    for database in &primary.databases.objects {
        let counts = database.in_mirror == Some(true) || database.name.is(HSSYS);
        if let Some(size) = database.block_size.filter(|size| counts && lacks(*size)) {
            databases.push(format!("{size}, the block size of {}", database.name));
        }
    }
    let more = databases.len().saturating_sub(NAMED);
    databases.truncate(NAMED);
    let named = databases.join("; ");
    match (named.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(named),
        (_, more) => Some(format!("{named}; and {more} more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Declared as _, Name, Record};

    fn member(unicode: Option<bool>, locale: &str) -> Member {
        let mut member = Member::from_record(&Record::new(1))
            .unwrap_or_else(|_| unreachable!("a record of nothing is read"));
        (member.unicode, member.locale) = (unicode, Some(Name::from(locale)));
        member
    }

    #[test]
    fn locales_that_go_together_and_those_that_do_not() {
        let (differs, doubtful) = (Some("character-set-differs"), Some("character-set-doubtful"));
        let (narrow, wide) = (Some(false), Some(true));
        for (one, other, wanted) in [
            ((wide, "enuw"), (wide, "ENUW"), None),
            ((wide, "enuw"), (None, ""), None),
            ((wide, "enuw"), (wide, "deuw"), differs),
            ((narrow, "enu8"), (wide, "enuw"), None),
            ((narrow, "heb8"), (wide, "hebw"), differs),
            ((narrow, "deu8"), (wide, "deuw"), doubtful),
            ((narrow, "deu8"), (wide, "enuw"), differs),
            ((narrow, ""), (wide, ""), doubtful),
            ((narrow, "abcd"), (wide, "abcd"), differs),
            ((None, "enuw"), (wide, "enuw"), None),
        ] {
            let (a, b) = (member(one.0, one.1), member(other.0, other.1));
            assert_eq!(character_set(&a, &b), wanted, "{one:?} {other:?}");
            assert_eq!(character_set(&b, &a), wanted, "{other:?} {one:?}");
        }
    }
}
