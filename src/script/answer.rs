//! What a script said.
//!
//! Owns [`Answers`]: the lines that a script of ours prints (`DONE id`, `FAILED id: reason`, `OK id`,
//! `NOT id: reason`), taken apart again by the ids that it was made of. Lines come from a session, in
//! which other things are printed too.
//! Invariant: an act counts as well only where its own line says so; what the script says is never taken
//! as proof, only as the words for what is seen otherwise.

use std::collections::HashMap;

use super::lines;

/// What a script said of one act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it was done, or is as wanted.
    pub well: bool,
    /// The word and the reason, as printed.
    pub words: String,
}

/// What a script said.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Why it did nothing at all: the instance is another one, or the primary.
    pub stopped: Option<String>,
    /// Whether it came to its end, well or not.
    pub complete: bool,
    of: HashMap<String, Answer>,
}

const WELL: &[&str] = &["DONE ", "OK "];
const NOT_WELL: &[&str] = &["FAILED ", "STOPPED ", "WAITS ", "NOT "];
const ENDS: &[&str] = &[" done", " as wanted"];
const ALL_STOPPED: &str = "STOPPED: ";

impl Answers {
    /// Takes apart what was printed by a script about the acts of these ids.
    pub fn read<'a>(printed: &[String], ids: impl Iterator<Item = &'a str>) -> Self {
        let ids: HashMap<String, &str> =
            ids.map(|id| (lines::shown(id).trim().to_owned(), id)).collect();
        let mut answers = Self::default();
        for line in printed {
            if let Some(reason) = line.strip_prefix(ALL_STOPPED) {
                answers.stopped.get_or_insert_with(|| reason.trim().to_owned());
                continue;
            }
            // The counts of the last line; an act begins with its word.
            let counts = line.starts_with(|letter: char| letter.is_ascii_digit());
            if counts && ENDS.iter().any(|end| line.ends_with(end)) {
                answers.complete = true;
                continue;
            }
            let word = |words: &[&'static str]| {
                words.iter().find_map(|word| Some((*word, line.strip_prefix(word)?)))
            };
            let (well, (word, rest)) = match (word(WELL), word(NOT_WELL)) {
                (Some(found), _) => (true, found),
                (None, Some(found)) => (false, found),
                (None, None) => continue,
            };
            // A name may hold what ends it.
            let ends = rest.match_indices(": ").map(|(at, _)| at).chain([rest.len()]);
            let mut parts = ends.filter_map(|at| Some((rest.get(..at)?, rest.get(at..)?)));
            let found = parts.find_map(|(id, reason)| Some((*ids.get(id.trim())?, reason)));
            if let Some((id, reason)) = found {
                let reason = reason.trim_start_matches(": ").trim();
                let words = format!("{word}{reason}").trim().to_owned();
                answers.of.insert(id.to_owned(), Answer { well, words });
            }
        }
        answers
    }

    /// What it said of an act, if anything.
    pub fn of(&self, id: &str) -> Option<&Answer> {
        self.of.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_of_the_act_that_it_names() {
        let ids = ["roles/A", "roles/A: B", "roles/ü", "tasks/T"];
        let printed = [
            "%SYS>",
            "DONE roles/A",
            "FAILED roles/A: B: ERROR #1: no",
            "WAITS roles/\\u{fc}: not done before it: 2",
            "DONE roles/C",
            "2 of 4 done",
        ];
        let printed = printed.map(str::to_owned);
        let answers = Answers::read(&printed, ids.into_iter());
        let of = |id: &str| answers.of(id).map(|one| (one.well, one.words.as_str()));
        assert_eq!(of("roles/A"), Some((true, "DONE")));
        assert_eq!(of("roles/A: B"), Some((false, "FAILED ERROR #1: no")));
        assert_eq!(of("roles/ü"), Some((false, "WAITS not done before it: 2")));
        assert_eq!(of("tasks/T"), None);
        assert!(answers.stopped.is_none() && answers.complete);
        let printed = ["STOPPED: this is the primary of the mirror".to_owned()];
        let answers = Answers::read(&printed, ids.into_iter());
        assert_eq!(answers.stopped.as_deref(), Some("this is the primary of the mirror"));
        assert!(answers.of("roles/A").is_none() && !answers.complete);
    }
}
