//! Findings that are meant.
//!
//! Owns what a file of waivers does to a judgement: which findings a waiver covers, which values it was
//! given for, which waivers are findings themselves, and the entries of a draft. Takes the waivers and
//! the day, since nothing here has a clock.
//! Invariant: what blocks is never waived; a waived finding stays in the list and keeps its place in the
//! JSON; a waiver that does not hold says so.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::{Finding, Judgement, Verdict, order, rule};
use crate::compare::State;
use crate::model::{
    Configuration, Day, Digest, Gathered, Object, Property, Rule as Compared, Section, Subject,
    Visitor, folded, properties_of,
};
use crate::waiver::{self, Draft, Values, Waiver, Waivers};

/// Who waived a finding, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// Who answers for it.
    pub owner: String,
    /// Why it is meant.
    pub reason: String,
    /// Last day on which the waiver holds, in UTC.
    pub expires: Day,
}

impl Judgement {
    /// Applies waivers as they hold on a day.
    pub fn waive(&mut self, waivers: &Waivers, today: &Day) {
        let objects = Objects::of(self, wanted(&self.findings, waivers));
        // By position of the entry: whether it was of use, or only its values are in the way.
        let mut used = HashSet::new();
        let mut stale = HashSet::new();
        let mut waived: Vec<Option<Arc<Waived>>> = Vec::with_capacity(self.findings.len());
        for finding in &self.findings {
            let mut of = None;
            for waiver in candidates(waivers, finding) {
                if finding.rule.blocking || waiver.has_expired(today) {
                    continue;
                }
                if !waiver.values.as_ref().is_none_or(|values| objects.are(finding, values)) {
                    stale.insert(waiver.position);
                    continue;
                }
                used.insert(waiver.position);
                of.get_or_insert_with(|| {
                    let Waiver { owner, reason, expires, .. } = waiver.clone();
                    Arc::new(Waived { owner, reason, expires })
                });
            }
            // What follows from something that is meant is meant too, unless it lets somebody in; of what
            // users may do see below.
            let cause = finding.cause.and_then(|cause| waived.get(cause).cloned().flatten());
            let along =
                cause.filter(|_| finding.access.is_none() && !finding.rule.id.ends_with("-open"));
            waived.push(of.or(along).filter(|_| !finding.rule.blocking));
        }
        let open: HashSet<(Section, String)> = self
            .findings
            .iter()
            .zip(&waived)
            .filter(|(finding, waived)| {
                waived.is_none() && finding.is_difference() && finding.access.is_none()
            })
            .map(|(finding, _)| (finding.section, finding.subject.key()))
            .collect();
        let reached = reached(&self.primary, &self.member, &open);
        for at in 0..self.findings.len() {
            let Some(finding) = self.findings.get(at) else { continue };
            let of = finding.cause.and_then(|cause| waived.get(cause).cloned().flatten());
            let Some(of) = of.filter(|_| finding.access.is_some()) else { continue };
            if !self.is_reached(finding, &open, &reached)
                && let Some(place) = waived.get_mut(at)
            {
                place.get_or_insert(of);
            }
        }
        let is_waived: Vec<bool> = waived.iter().map(Option::is_some).collect();
        for (finding, waived) in self.findings.iter_mut().zip(waived) {
            // What is not waived along stands by itself.
            let of = finding.cause.and_then(|cause| is_waived.get(cause).copied());
            if waived.is_none() && of == Some(true) {
                finding.cause = None;
            }
            finding.waived = waived;
        }
        let excluded = |section: Option<Section>| {
            self.coverage.iter().any(|row| {
                Some(row.section) == section
                    && matches!(row.state, State::Excluded | State::NotGathered)
            })
        };
        let mut told: Vec<Finding> = Vec::new();
        for broken in waivers.broken() {
            let of = if broken.about.is_empty() {
                String::new()
            } else {
                format!(" of {}", broken.about)
            };
            let what = format!("the waiver on line {}{of} {}", broken.line, broken.why);
            told.extend(about("waiver-broken", &broken.about, what));
        }
        for waiver in waivers.iter() {
            let Waiver { line, rule: id, name, owner, expires, position, .. } = waiver;
            let known = rule::named(id);
            let words = format!("the waiver on line {line} of {id} '{name}' by {owner}");
            let (rule, what) = match known {
                None => ("waiver-broken", format!("{words} names no rule that there is")),
                Some(rule) if rule.blocking => {
                    ("waiver-broken", format!("{words} is of what blocks, which cannot be waived"))
                }
                Some(rule) if rule.id.starts_with("waiver-") => {
                    ("waiver-broken", format!("{words} is of waivers, which cannot be waived"))
                }
                Some(_) if waiver.has_expired(today) => {
                    ("waiver-expired", format!("{words} expired on {expires}"))
                }
                Some(_) if used.contains(position) => continue,
                Some(_) if stale.contains(position) => {
                    ("waiver-changed", format!("{words} was given for other values"))
                }
                Some(rule) if excluded(rule.section) => continue,
                Some(_) => ("waiver-unused", format!("{words} covers nothing")),
            };
            told.extend(about(rule, &format!("{id} {name}"), what));
        }
        self.findings.append(&mut told);
        self.findings = order::arranged(std::mem::take(&mut self.findings));
        self.verdict = Verdict::of(&self.findings, &self.coverage, self.between);
    }

    /// Whether what a user may do changes for a reason that nobody waived, too.
    fn is_reached(
        &self,
        finding: &Finding,
        open: &HashSet<(Section, String)>,
        reached: &HashSet<String>,
    ) -> bool {
        let key = finding.subject.key();
        let sides = [&self.primary, &self.member];
        let name = &finding.subject.name;
        let users = sides.into_iter().filter_map(|side| side.users.named(name));
        let mut roles = users.flat_map(|user| user.roles.iter().flat_map(|roles| roles.iter()));
        open.contains(&(Section::Users, key)) || roles.any(|role| reached.contains(&folded(role)))
    }

    /// A file of waivers for what is found and not waived yet; who fills it in says who and why.
    pub fn drafted_waivers(&self, expires: &Day) -> String {
        let drafted = || {
            self.open().filter(|finding| {
                // What lets somebody in is taken on by itself.
                (finding.cause.is_none() || finding.rule.id.ends_with("-open"))
                    && !finding.rule.blocking
                    && !finding.rule.id.starts_with("waiver-")
            })
        };
        let wanted = drafted().filter(|finding| has_values(finding)).map(key_of).collect();
        let objects = Objects::of(self, wanted);
        let values: Vec<Option<Values>> =
            drafted().map(|finding| objects.values(finding)).collect();
        let entries = drafted().zip(&values).map(|(finding, values)| Draft {
            rule: finding.rule.id,
            about: &finding.sentence,
            name: &finding.subject.name,
            namespace: finding.subject.namespace.as_deref(),
            values: values.as_ref().map(|values| (values.of.as_slice(), &values.sha256)),
        });
        waiver::draft(entries, expires)
    }
}

/// The roles, folded, that differ for a reason nobody waived, and those that come to them.
fn reached(
    primary: &Configuration,
    member: &Configuration,
    open: &HashSet<(Section, String)>,
) -> HashSet<String> {
    let mut above: HashMap<String, Vec<String>> = HashMap::new();
    for role in primary.roles.objects.iter().chain(&member.roles.objects) {
        for granted in role.granted_roles.iter().flat_map(|roles| roles.iter()) {
            above.entry(folded(granted)).or_default().push(folded(&role.name));
        }
    }
    let of_roles = open.iter().filter(|(section, _)| *section == Section::Roles);
    let mut next: Vec<String> = of_roles.map(|(_, name)| name.clone()).collect();
    let mut reached = HashSet::new();
    while let Some(role) = next.pop() {
        if let Some(above) = above.get(&role) {
            next.extend(above.iter().filter(|role| !reached.contains(*role)).cloned());
        }
        reached.insert(role);
    }
    reached
}

fn about(id: &str, name: &str, what: String) -> Option<Finding> {
    let subject = Subject { name: name.to_owned(), ..Subject::default() };
    Some(Finding::new(rule::named(id)?, Section::Member, subject, format!("{what}.")))
}

fn candidates<'w>(waivers: &'w Waivers, finding: &Finding) -> impl Iterator<Item = &'w Waiver> {
    let namespace = finding.subject.namespace.clone();
    let named = waivers.candidates(finding.rule.id, &finding.subject.name).into_iter();
    named.filter(move |waiver| waiver.takes_in(namespace.as_deref()))
}

/// An object of a section.
type Key = (Section, String);

fn key_of(finding: &Finding) -> Key {
    (finding.section, finding.subject.key())
}

/// Whether there is something by which a waiver can tell that it is still the same matter.
fn has_values(finding: &Finding) -> bool {
    finding.is_difference() || finding.target.is_some() || finding.about.is_some()
}

/// What is no property of the object and yet belongs to the matter: what it names, the side, and what a
/// user may do.
const TARGET: &str = "target";
const SIDE: &str = "side";
const ACCESS: &str = "access";

/// The objects whose values some waiver asks about.
fn wanted(findings: &[Finding], waivers: &Waivers) -> HashSet<Key> {
    if waivers.iter().all(|waiver| waiver.values.is_none()) {
        return HashSet::new();
    }
    let asked = findings.iter().filter(|finding| {
        has_values(finding) && candidates(waivers, finding).any(|waiver| waiver.values.is_some())
    });
    asked.map(key_of).collect()
}

/// The JSON of some objects, as each side states them.
struct Objects {
    wanted: HashSet<Key>,
    found: HashMap<Key, [Option<Value>; 2]>,
}

impl Visitor for Objects {
    fn visit<T: Object>(&mut self, primary: &Gathered<T>, member: &Gathered<T>) {
        if !self.wanted.iter().any(|(section, _)| *section == T::SECTION) {
            return;
        }
        for (side, gathered) in [primary, member].into_iter().enumerate() {
            for object in &gathered.objects {
                let key = (T::SECTION, object.subject().key());
                if self.wanted.contains(&key)
                    && let Some(place) = self.found.entry(key).or_default().get_mut(side)
                    && place.is_none()
                {
                    *place = serde_json::to_value(object).ok();
                }
            }
        }
    }
}

impl Objects {
    fn of(judgement: &Judgement, wanted: HashSet<Key>) -> Self {
        let sides = [&judgement.primary, &judgement.member];
        let mut objects = Self { wanted, found: HashMap::new() };
        Configuration::visit_pairs(sides[0], sides[1], &mut objects);
        let of_member = objects.wanted.iter().filter(|(section, _)| *section == Section::Member);
        for key in of_member.cloned().collect::<Vec<_>>() {
            let json = sides.map(|side| {
                side.member.as_ref().and_then(|member| serde_json::to_value(member).ok())
            });
            objects.found.insert(key, json);
        }
        objects
    }

    /// What a waiver of a finding is given for, and the digest of the values.
    fn values(&self, finding: &Finding) -> Option<Values> {
        if !has_values(finding) {
            return None;
        }
        let of_rule = |wanted: &[Compared]| -> Vec<String> {
            let properties = properties_of(finding.section).iter();
            let of = properties.filter(|property| wanted.contains(&property.rule));
            of.map(Property::name).collect()
        };
        let mut of = if finding.access.is_some() {
            vec![ACCESS.to_owned(), SIDE.to_owned()]
        } else if !finding.changes.is_empty() {
            finding.changes.iter().map(|change| change.property.name()).collect()
        } else if finding.absent_from.is_some() {
            // What may differ from member to member would end the waiver for nothing; of what is not
            // stated today, that it is not counts as well.
            of_rule(&[Compared::MustEqual])
        } else {
            vec![SIDE.to_owned(), TARGET.to_owned()]
        };
        if finding.section == Section::Mappings {
            // A name alone does not tell a package from a global.
            of.extend(of_rule(&[Compared::Identity]));
        }
        of.sort();
        of.dedup();
        let sha256 = self.digest(finding, &of)?;
        Some(Values { of, sha256 })
    }

    /// Whether the values that a waiver was given for are still those of both sides, and nothing else
    /// differs.
    fn are(&self, finding: &Finding, values: &Values) -> bool {
        let within = |name: String| values.of.contains(&name);
        finding.changes.iter().all(|change| within(change.property.name()))
            && self.digest(finding, &values.of) == Some(values.sha256)
    }

    /// The digest of the values of some properties on both sides: SHA-256 over the canonical JSON (RFC
    /// 8785) of `[[NAME, PRIMARY, MEMBER], ...]`, sorted by name, `null` where a side does not state it.
    fn digest(&self, finding: &Finding, of: &[String]) -> Option<Digest> {
        let mut of: Vec<&String> = of.iter().collect();
        of.sort();
        let rows: Vec<Value> = of
            .into_iter()
            .map(|name| {
                let [primary, member] = self.both(finding, name);
                Value::Array(vec![Value::from(name.as_str()), primary, member])
            })
            .collect();
        serde_json_canonicalizer::to_vec(&rows).ok().map(Digest::of)
    }

    /// The value on the primary and on the member.
    fn both(&self, finding: &Finding, name: &str) -> [Value; 2] {
        let matter = match name {
            TARGET => finding.target.as_ref().map(|target| folded(&target.name).into()),
            SIDE => finding.about.map(|side| side.word().into()),
            ACCESS => finding.access.as_ref().map(|access| {
                serde_json::json!([access.everything, access.count, &access.permissions[..]])
            }),
            _ => {
                // Two tasks may have one identity, so what differs is asked of the finding.
                let mut changes = finding.changes.iter();
                let change = changes.find(|change| change.property.is_named(name));
                if let Some(change) = change.filter(|_| finding.section == Section::Tasks) {
                    return [&change.primary, &change.member].map(|shown| {
                        shown.as_ref().map(|shown| shown.json.clone()).unwrap_or_default()
                    });
                }
                let Some(sides) = self.found.get(&key_of(finding)) else {
                    return Default::default();
                };
                return sides.each_ref().map(|side| {
                    side.as_ref().and_then(|object| object.get(name)).cloned().unwrap_or_default()
                });
            }
        };
        let matter: Value = matter.unwrap_or_default();
        [matter.clone(), matter]
    }
}
