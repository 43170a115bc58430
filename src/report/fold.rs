//! Many findings of one kind in one row.
//!
//! Owns the folding for the table: the mappings of a namespace that is missing itself, runs of
//! generated mappings, the product's own objects where versions differ, and what exceeds a screen.
//! Takes the findings in order and gives rows.
//! Invariant: no finding is lost: the counts of all rows add up to the number of findings, and with
//! nothing folded every finding is a row of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Judgement, rule};
use crate::model::{Owner, Section, folded};

/// From how many on findings of one kind become one row.
const RUN: usize = 3;
/// How many of them are named.
const NAMED: usize = 2;
/// How many rows of one rule a section shows.
const SCREEN: usize = 20;

/// One row of the table.
#[derive(Debug)]
pub(super) enum Row<'a> {
    /// A finding by itself.
    One(&'a Finding),
    /// Several findings with what they have in common.
    Many(Many<'a>),
}

/// Several findings in one row.
#[derive(Debug)]
pub(super) struct Many<'a> {
    /// The first of them.
    pub(super) first: &'a Finding,
    /// How many.
    pub(super) count: usize,
    /// What they are, after the count: `of namespace X`.
    pub(super) what: String,
    /// Whether they go away with the namespace they belong to.
    pub(super) follows: bool,
}

impl<'a> Row<'a> {
    /// The first finding in it.
    pub(super) fn first(&self) -> &'a Finding {
        match self {
            Row::One(first) => first,
            Row::Many(many) => many.first,
        }
    }

    /// Number of findings in it.
    pub(super) fn count(&self) -> usize {
        match self {
            Row::One(_) => 1,
            Row::Many(many) => many.count,
        }
    }
}

/// What findings have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Common {
    section: Section,
    /// The rule, unless what they have in common is more than that.
    code: Option<&'static str>,
    what: String,
    follows: bool,
}

/// The rows of all findings, folded unless `unfold` is set.
pub(super) fn rows(judgement: &Judgement, unfold: bool) -> Vec<Row<'_>> {
    let findings = &judgement.findings;
    if unfold {
        return findings.iter().map(Row::One).collect();
    }
    let namespaces = one_sided(findings);
    let versions_differ = judgement.versions_differ();
    let common: Vec<Option<Common>> =
        findings.iter().map(|finding| commonality(finding, &namespaces, versions_differ)).collect();
    let mut runs: BTreeMap<&Common, (usize, Vec<&str>)> = BTreeMap::new();
    for (finding, common) in findings.iter().zip(&common) {
        if let Some(common) = common {
            let (count, names) = runs.entry(common).or_default();
            *count += 1;
            // Of a global the subscripts would tell no more.
            let name = finding.subject.name.split('(').next().unwrap_or_default();
            if !names.contains(&name) && names.len() <= NAMED {
                names.push(name);
            }
        }
    }
    let mut shown = BTreeSet::new();
    let mut rows = Vec::new();
    for (first, common) in findings.iter().zip(&common) {
        let run = common.as_ref().and_then(|common| Some((common, runs.get(common)?)));
        match run.filter(|(_, (count, _))| *count >= RUN) {
            Some((common, (count, names))) => {
                if shown.insert(common) {
                    let (count, follows) = (*count, common.follows);
                    let mut what = common.what.clone();
                    if !follows {
                        let more = if names.len() > NAMED { ", …" } else { "" };
                        let named: Vec<&str> = names.iter().take(NAMED).copied().collect();
                        what = format!("{what}: {}{more}", named.join(", "));
                    }
                    rows.push(Row::Many(Many { first, count, what, follows }));
                }
            }
            None => rows.push(Row::One(first)),
        }
    }
    screen(rows)
}

/// Namespaces that only one side has, folded.
fn one_sided(findings: &[Finding]) -> BTreeSet<String> {
    let of_namespace = |finding: &&Finding| {
        finding.rule.section == Section::Namespaces && finding.absent_from.is_some()
    };
    findings.iter().filter(of_namespace).map(|finding| folded(&finding.subject.name)).collect()
}

/// What a finding has in common with others like it; `None` where it stands alone.
fn commonality(
    finding: &Finding,
    namespaces: &BTreeSet<String>,
    versions_differ: bool,
) -> Option<Common> {
    let Finding { rule, subject, absent_from, owner, .. } = finding;
    let section = rule.section;
    let of = |what: String, follows: bool| {
        let code = (!follows).then_some(rule.code);
        Some(Common { section, code, what, follows })
    };
    if section == Section::Mappings {
        let namespace = subject.namespace.as_deref().unwrap_or_default();
        if absent_from.is_some() && namespaces.contains(&folded(namespace)) {
            return of(format!("of namespace {namespace}"), true);
        }
        if *owner == Owner::Product {
            return of(format!("generated in {namespace}"), false);
        }
        return None;
    }
    // Who can log in and what they may do is never folded away, whoever made the account.
    let harmless = section != Section::Users || rule.code != rule::DIFFERENCE;
    if *owner == Owner::Product && versions_differ && harmless && section != Section::Member {
        return of("of the product".to_owned(), false);
    }
    None
}

/// At most a screen of rows for each rule; the rest is counted.
fn screen(rows: Vec<Row<'_>>) -> Vec<Row<'_>> {
    let rule = |row: &Row<'_>| (row.first().rule.section, row.first().rule.code);
    let mut all: BTreeMap<(Section, &str), usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| matches!(row, Row::One(_))) {
        *all.entry(rule(row)).or_default() += 1;
    }
    let mut seen: BTreeMap<(Section, &str), usize> = BTreeMap::new();
    let mut kept = Vec::new();
    for row in rows {
        let key = rule(&row);
        let total = all.get(&key).copied().unwrap_or_default();
        if let Row::One(first) = row
            && total > SCREEN + 1
        {
            let at = seen.entry(key).or_default();
            *at += 1;
            if *at > SCREEN {
                if *at == SCREEN + 1 {
                    let (count, what) = (total - SCREEN, "more; -v shows all".to_owned());
                    let many = Many { first, count, what, follows: false };
                    kept.push(Row::Many(many));
                }
                continue;
            }
        }
        kept.push(row);
    }
    kept
}
