//! Waivers by what they name.
//!
//! Owns the way from a finding to the waivers that may cover it: by rule, then by name. A name without
//! a star is found in a map; a pattern by what it begins with or, where it begins with a star, by what
//! it ends with. `Waivers` makes it once the file is read and asks it for every finding.
//! Invariant: it finds neither more nor less than holding every waiver of the rule against the name
//! would. Names without a star cost nothing each; patterns that begin alike, or with a star at both ends,
//! are held against every name of their rule.

use std::collections::HashMap;

use super::Waiver;
use super::pattern::Shape;
use crate::model::folded;

/// Places of waivers, by rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    rules: HashMap<String, OfRule>,
}

/// Places of the waivers of one rule.
#[derive(Clone, Debug, Default)]
struct OfRule {
    /// All of them, in the order of the file.
    all: Vec<usize>,
    exact: HashMap<String, Vec<usize>>,
    starts: Ends,
    ends: Ends,
    /// Patterns that begin and end with a star.
    open: Vec<usize>,
}

/// Patterns by one of their ends; the lengths say how much of a name is worth looking up.
#[derive(Clone, Debug, Default)]
struct Ends {
    places: HashMap<Box<[u8]>, Vec<usize>>,
    lengths: Vec<usize>,
}

impl Index {
    pub(super) fn of(waivers: &[Waiver]) -> Self {
        let mut index = Self::default();
        for (place, waiver) in waivers.iter().enumerate() {
            if !index.rules.contains_key(&waiver.rule) {
                index.rules.insert(waiver.rule.clone(), OfRule::default());
            }
            let Some(of_rule) = index.rules.get_mut(&waiver.rule) else { continue };
            of_rule.all.push(place);
            match &waiver.name.shape {
                Shape::Exact(name) => of_rule.exact.entry(name.clone()).or_default().push(place),
                Shape::Open { start, .. } if !start.is_empty() => of_rule.starts.add(start, place),
                Shape::Open { end, .. } if !end.is_empty() => of_rule.ends.add(end, place),
                Shape::Open { .. } => of_rule.open.push(place),
            }
        }
        for of_rule in index.rules.values_mut() {
            of_rule.starts.finish();
            of_rule.ends.finish();
        }
        index
    }

    /// The waivers of a rule, in the order of the file.
    pub(super) fn of_rule(&self, rule: &str) -> &[usize] {
        self.rules.get(rule).map_or(&[], |of_rule| &of_rule.all)
    }

    /// The waivers of a rule whose names a name fits: first those that name it, then the patterns, each
    /// in the order of the file.
    pub(super) fn candidates(&self, waivers: &[Waiver], rule: &str, name: &str) -> Vec<usize> {
        let Some(of_rule) = self.rules.get(rule) else { return Vec::new() };
        let name = folded(name);
        let mut patterns = of_rule.open.clone();
        let bytes = name.as_bytes();
        of_rule.starts.find(|length| bytes.get(..length), &mut patterns);
        let from = |length| bytes.get(bytes.len().checked_sub(length)?..);
        of_rule.ends.find(from, &mut patterns);
        patterns.retain(|place| waivers.get(*place).is_some_and(|waiver| waiver.name.fits(&name)));
        patterns.sort_unstable();
        let mut found = of_rule.exact.get(&name).cloned().unwrap_or_default();
        found.append(&mut patterns);
        found
    }
}

impl Ends {
    fn add(&mut self, end: &str, place: usize) {
        self.places.entry(end.as_bytes().into()).or_default().push(place);
    }

    fn finish(&mut self) {
        self.lengths = self.places.keys().map(|end| end.len()).collect();
        self.lengths.sort_unstable();
        self.lengths.dedup();
    }

    /// Adds the patterns whose end `part` of a name is; it gives none once the name is too short.
    fn find<'n>(&self, part: impl Fn(usize) -> Option<&'n [u8]>, found: &mut Vec<usize>) {
        for part in self.lengths.iter().map_while(|length| part(*length)) {
            found.extend(self.places.get(part).into_iter().flatten());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Waivers;
    use super::super::tests::{GOOD, file};
    use std::path::Path;
    use std::time::Instant;

    #[test]
    fn ten_thousand_waivers_are_not_held_against_every_finding() {
        let entry = |at: usize| {
            let name = match at % 3 {
                0 => format!("role_{at}"),
                1 => format!("dept{at}_*"),
                _ => format!("*_unit{at}"),
            };
            GOOD.replace("LAB_*", &name)
        };
        let entries: Vec<String> = (0..10_000).map(entry).collect();
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        let waivers = Waivers::parse(Path::new("w.toml"), &file(&entries)).unwrap();
        let start = Instant::now();
        let found = (0..250_000).filter(|at| {
            let name = match at % 3 {
                0 => format!("ROLE_{at}"),
                1 => format!("Dept{at}_x"),
                _ => format!("x_Unit{at}"),
            };
            waivers.candidates("role-missing", &name).len() == 1
        });
        assert_eq!(found.count(), 10_000);
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }
}
