//! Many findings in one row.
//!
//! Owns the folding for people: what follows from a finding is one row below it, runs of the product's
//! own objects are one row, and so is what exceeds a few rows of one rule. Takes the findings in order
//! and gives rows in blocks: what blocks, then by how bad it is, what is waived last.
//! Invariant: no finding is lost or doubled: the counts of all rows add up to the number of findings,
//! and with nothing folded every finding is a row of its own.

use std::collections::BTreeMap;

use crate::compare::Side;
use crate::finding::rule::Severity;
use crate::finding::{Finding, Judgement};
use crate::model::{Owner, Section};

/// From how many on the product's own of one kind become one row.
const RUN: usize = 3;
/// How many of them are named.
const NAMED: usize = 2;
/// How many rows of one rule a block shows.
const SCREEN: usize = 6;

/// Where rows stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Block {
    /// The mirroring must not go on.
    Blocking,
    /// As bad as that, together with what follows from it.
    Severity(Severity),
    /// Somebody means it.
    Waived,
}

impl Block {
    /// Its heading.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Blocking => "BLOCKING",
            Self::Severity(Severity::High) => "HIGH",
            Self::Severity(Severity::Medium) => "MEDIUM",
            Self::Severity(Severity::Low) => "LOW",
            Self::Waived => "WAIVED",
        }
    }
}

/// One row.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// Where it stands.
    pub(super) block: Block,
    /// The finding, the first of them, or the one that they follow from.
    pub(super) first: &'a Finding,
    /// How many findings explain this one, one above the other.
    pub(super) depth: usize,
    /// What it stands for.
    pub(super) of: Of,
}

/// What a row stands for.
#[derive(Debug)]
pub(super) enum Of {
    /// One finding by itself.
    One,
    /// Several of one rule: how many, with what follows from them, and what they are.
    Many(usize, String),
    /// What follows from the finding of the row before.
    Consequences(BTreeMap<Section, usize>),
}

impl Row<'_> {
    /// Number of findings in it.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        match &self.of {
            Of::One => 1,
            Of::Many(count, _) => *count,
            Of::Consequences(counts) => counts.values().sum(),
        }
    }
}

/// How many findings each explains, directly or through others; causes stand before what they explain.
pub(super) fn consequences(findings: &[Finding]) -> Vec<usize> {
    let mut counts = vec![0; findings.len()];
    for (at, finding) in findings.iter().enumerate().rev() {
        let own = counts.get(at).copied().unwrap_or_default();
        if let Some(count) = finding.cause.and_then(|cause| counts.get_mut(cause)) {
            *count += own + 1;
        }
    }
    counts
}

/// A finding that nothing explains, with what follows from it.
struct Root<'a> {
    finding: &'a Finding,
    block: Block,
    /// What follows, with how many findings lie between.
    follow: Vec<(&'a Finding, usize)>,
}

fn roots(findings: &[Finding]) -> Vec<Root<'_>> {
    let mut roots: Vec<Root<'_>> = Vec::new();
    // The place of each finding's root, and how deep it stands below it.
    let mut places: Vec<(usize, usize)> = Vec::with_capacity(findings.len());
    for finding in findings {
        let above = finding.cause.and_then(|cause| places.get(cause).copied());
        let own = match (finding.rule.blocking, &finding.waived) {
            (true, _) => Block::Blocking,
            (false, Some(_)) => Block::Waived,
            (false, None) => Block::Severity(finding.severity()),
        };
        match above.and_then(|(at, depth)| Some((at, depth, roots.get_mut(at)?))) {
            Some((at, depth, root)) => {
                root.follow.push((finding, depth + 1));
                if root.block != Block::Waived {
                    root.block = root.block.min(own);
                }
                places.push((at, depth + 1));
            }
            None => {
                places.push((roots.len(), 0));
                roots.push(Root { finding, block: own, follow: Vec::new() });
            }
        }
    }
    roots.sort_by_key(|root| root.block);
    roots
}

/// The rows of all findings, folded unless `unfold` is set.
pub(super) fn rows(judgement: &Judgement, unfold: bool) -> Vec<Row<'_>> {
    let roots = roots(&judgement.findings);
    let mut rows = Vec::new();
    if unfold {
        for Root { finding, block, follow } in roots {
            rows.push(Row { block, first: finding, depth: 0, of: Of::One });
            let deeper = follow.into_iter();
            rows.extend(deeper.map(|(first, depth)| Row { block, first, depth, of: Of::One }));
        }
        return rows;
    }
    let runs = Runs::of(&roots);
    for (at, Root { finding, block, follow }) in roots.iter().enumerate() {
        let (block, first) = (*block, *finding);
        match runs.of.get(at).copied().flatten().and_then(|run| runs.all.get(run)) {
            Some(run) if run.first == at => {
                let of = Of::Many(run.count, run.what());
                rows.push(Row { block, first, depth: 0, of });
            }
            Some(_) => {}
            None => {
                rows.push(Row { block, first, depth: 0, of: Of::One });
                if !follow.is_empty() {
                    let mut counts: BTreeMap<Section, usize> = BTreeMap::new();
                    for (finding, _) in follow {
                        *counts.entry(finding.section).or_default() += 1;
                    }
                    let of = Of::Consequences(counts);
                    rows.push(Row { block, first, depth: 1, of });
                }
            }
        }
    }
    rows
}

/// Roots that stand in one row.
#[derive(Debug)]
struct Run {
    /// The first root, in whose place the row stands.
    first: usize,
    /// How many findings, with what follows.
    count: usize,
    /// The names of the first ones.
    names: Vec<String>,
    /// How many there are.
    roots: usize,
    /// What they have in common; none where they are what exceeds a screen.
    common: Option<String>,
}

impl Run {
    fn what(&self) -> String {
        let Some(common) = &self.common else {
            let follow = self.count - self.roots;
            let with = if follow > 0 { format!(", {follow} follow") } else { String::new() };
            return format!("{} more{with}; -v shows all", self.roots);
        };
        let named: Vec<&str> = self.names.iter().take(NAMED).map(String::as_str).collect();
        let more = if self.names.len() > NAMED { ", …" } else { "" };
        format!("{} {common}: {}{more}", self.roots, named.join(", "))
    }
}

/// Which roots stand together.
struct Runs {
    all: Vec<Run>,
    /// By root: its run, if it has one.
    of: Vec<Option<usize>>,
}

impl Runs {
    fn of(roots: &[Root<'_>]) -> Self {
        // By block, rule, side and what they have in common.
        type Sides = (Option<Side>, Option<Side>);
        let mut groups: BTreeMap<(Block, &str, Sides, String), Vec<usize>> = BTreeMap::new();
        for (at, root) in roots.iter().enumerate() {
            let key = |common: Option<String>| {
                let sides = (root.finding.absent_from, root.finding.about);
                (root.block, root.finding.rule.id, sides, common.unwrap_or_default())
            };
            groups.entry(key(commonality(root.finding))).or_default().push(at);
        }
        let mut runs = Self { all: Vec::new(), of: vec![None; roots.len()] };
        let mut single: BTreeMap<(Block, &str, Sides), Vec<usize>> = BTreeMap::new();
        for ((block, id, sides, common), places) in groups {
            if !common.is_empty() && places.len() >= RUN {
                runs.add(roots, &places, Some(common));
            } else {
                single.entry((block, id, sides)).or_default().extend(places);
            }
        }
        for places in single.values_mut() {
            places.sort_unstable();
            if places.len() > SCREEN + 1 {
                runs.add(roots, places.get(SCREEN..).unwrap_or_default(), None);
            }
        }
        runs
    }

    fn add(&mut self, roots: &[Root<'_>], places: &[usize], common: Option<String>) {
        let Some(first) = places.first() else { return };
        let mut run =
            Run { first: *first, count: 0, names: Vec::new(), roots: places.len(), common };
        for at in places {
            let (Some(root), Some(of)) = (roots.get(*at), self.of.get_mut(*at)) else { continue };
            *of = Some(self.all.len());
            run.count += 1 + root.follow.len();
            // Of a global the subscripts would tell no more.
            let name = root.finding.subject.name.split('(').next().unwrap_or_default();
            if run.names.len() <= NAMED && !run.names.iter().any(|known| known == name) {
                run.names.push(name.to_owned());
            }
        }
        self.all.push(run);
    }
}

/// What a finding about the product's own has in common with others; who can log in and what they may
/// do is never folded away.
fn commonality(finding: &Finding) -> Option<String> {
    let Finding { section, subject, owner, .. } = finding;
    if *owner != Owner::Product || *section == Section::Users {
        return None;
    }
    match (section, &subject.namespace) {
        (Section::Mappings, Some(namespace)) => Some(format!("generated in {namespace}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Selection;
    use crate::finding;
    use crate::model::{Configuration, Extent, Gathered, Mapping, Namespace};

    fn side(namespaces: usize, mappings: usize) -> Configuration {
        fn gathered<T>(objects: Vec<T>) -> Gathered<T> {
            Gathered { objects, extent: Extent::Complete, reason: String::new() }
        }
        let namespace = |at| -> Namespace {
            serde_json::from_value(serde_json::json!({ "name": format!("N{at:03}") })).unwrap()
        };
        let mapping = |at| -> Mapping {
            let of = format!("N{:03}", at % 20);
            let json = serde_json::json!({
                "namespace": of, "kind": "Global", "name": format!("G{at}"), "routineType": ""
            });
            serde_json::from_value(json).unwrap()
        };
        let mut mappings = gathered((0..mappings).map(mapping).collect());
        mappings.arrange();
        let namespaces = gathered((0..namespaces).map(namespace).collect());
        Configuration { namespaces, mappings, ..Configuration::default() }
    }

    #[test]
    fn the_counts_of_all_rows_add_up_to_the_findings() {
        for (ours, theirs) in [((20, 200), (3, 11)), ((20, 200), (20, 0)), ((0, 5), (9, 90))] {
            let (primary, member) = (side(ours.0, ours.1), side(theirs.0, theirs.1));
            let judgement = finding::judge(primary, member, &Selection::default());
            let total = judgement.findings.len();
            assert!(total > SCREEN);
            for unfold in [false, true] {
                let rows = rows(&judgement, unfold);
                assert_eq!(rows.iter().map(Row::count).sum::<usize>(), total);
                assert!(!unfold || rows.len() == total);
                assert!(rows.is_sorted_by_key(|row| row.block));
            }
        }
    }
}
