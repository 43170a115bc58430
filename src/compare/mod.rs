//! Two configurations, side by side.
//!
//! Owns the pairing of objects and the walk over all sections: what is missing on the member, what
//! is extra there, what differs, and how much of each section could be compared at all. Takes two
//! configurations of the model and gives a [`Comparison`] to `finding`.
//! Invariant: it cannot fail, it looks at every section in one pass, and where one side is partial
//! or was not gathered nothing is called missing (design 4).

mod coverage;

use std::cmp::Ordering;

use crate::model::{
    Between, Change, Configuration, Extent, Gathered, Object, Owner, Pairing, Section, Subject,
    Visitor,
};

pub use coverage::{SectionCoverage, State};

/// The two sides of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The mirror member that the configuration comes from.
    Primary,
    /// The backup or DR member it is compared with.
    Member,
}

impl Side {
    /// The word for it in JSON and messages.
    pub const fn word(self) -> &'static str {
        self.word_between(Between::Members)
    }

    /// The word for it, whatever is compared.
    pub const fn word_between(self, between: Between) -> &'static str {
        match (between, self) {
            (Between::Members, Side::Primary) => "primary",
            (Between::Members, Side::Member) => "member",
            (Between::Times, Side::Primary) => "old",
            (Between::Times, Side::Member) => "new",
        }
    }
}

/// How an object of the two sides is not the same.
#[derive(Clone, Debug)]
pub enum Kind {
    /// The member lacks it.
    Missing,
    /// Only the member has it.
    Extra,
    /// Both have it, and these properties are not as they should be.
    Changed(Vec<Change>),
}

/// One object that is not the same on the two sides.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The section it stands in.
    pub section: Section,
    /// The object.
    pub subject: Subject,
    /// How it is not the same.
    pub kind: Kind,
    /// Whether it is the product's own.
    pub owner: Owner,
}

/// Which sections to look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these, where any are named.
    pub only: Vec<Section>,
    /// All but these.
    pub skip: Vec<Section>,
}

impl Selection {
    /// Whether a section is looked at.
    pub fn includes(&self, section: Section) -> bool {
        (self.only.is_empty() || self.only.contains(&section)) && !self.skip.contains(&section)
    }

    /// Whether a comparison without it is incomplete: it is required, or was asked for by name.
    pub fn requires(&self, section: Section) -> bool {
        self.includes(section) && (section.required() || self.only.contains(&section))
    }
}

/// What two configurations come to, side by side.
#[derive(Debug)]
pub struct Comparison {
    /// Every difference, by section, then by identity.
    pub differences: Vec<Difference>,
    /// How much of each section was compared, in order.
    pub coverage: Vec<SectionCoverage>,
}

/// Compares two configurations section by section; section member is judged by `finding`.
pub fn compare(
    primary: &Configuration,
    member: &Configuration,
    selection: &Selection,
    between: Between,
) -> Comparison {
    let mut walk = Walk { selection, between, differences: Vec::new() };
    Configuration::visit_pairs(primary, member, &mut walk);
    let coverage = coverage::of(primary, member, selection, between);
    Comparison { differences: walk.differences, coverage }
}

struct Walk<'a> {
    selection: &'a Selection,
    between: Between,
    differences: Vec<Difference>,
}

impl Visitor for Walk<'_> {
    fn visit<T: Object>(&mut self, primary: &Gathered<T>, member: &Gathered<T>) {
        let gathered = |side: &Gathered<T>| side.extent != Extent::NotGathered;
        if !self.selection.includes(T::SECTION) || !gathered(primary) || !gathered(member) {
            return;
        }
        let whole = primary.extent == Extent::Complete && member.extent == Extent::Complete;
        let mut ours = primary.objects.as_slice();
        let mut theirs = member.objects.as_slice();
        loop {
            let order = match (ours.first(), theirs.first()) {
                (Some(a), Some(b)) => a.pair(b),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return,
            };
            let a = if order.is_le() { run(&mut ours) } else { &[] };
            let b = if order.is_ge() { run(&mut theirs) } else { &[] };
            if a.len() <= 1 && b.len() <= 1 {
                self.differences.extend(difference(a.first(), b.first(), whole, self.between));
                continue;
            }
            for (a, b) in namesakes(a, b, self.between) {
                self.differences.extend(difference(a, b, whole, self.between));
            }
        }
    }
}

/// Takes the objects of one identity off the front; it is more than one only where names carry no
/// uniqueness (tasks, H5.2).
fn run<'a, T: Object>(objects: &mut &'a [T]) -> &'a [T] {
    let Some(first) = objects.first() else { return &[] };
    let count = match T::REPEATS {
        true => objects.iter().take_while(|other| other.pair(first).is_eq()).count(),
        false => 1,
    };
    let (run, rest) = objects.split_at(count);
    *objects = rest;
    run
}

/// Up to this many objects of one identity each is tried against each; no site has as many.
const TRIED: usize = 64;

/// Pairs objects of one identity: first those that are the same, then the others in order.
fn namesakes<'a, T: Object>(
    ours: &'a [T],
    theirs: &'a [T],
    between: Between,
) -> Vec<(Option<&'a T>, Option<&'a T>)> {
    let mut left: Vec<&T> = theirs.iter().collect();
    let mut pairs = Vec::new();
    let mut others = Vec::new();
    let few = ours.len() <= TRIED && theirs.len() <= TRIED;
    for a in ours {
        let same = |b: &&T| if few { T::changes(a, b, between).is_empty() } else { a == *b };
        match left.iter().take(if few { TRIED } else { 1 }).position(same) {
            Some(at) => pairs.push((Some(a), Some(left.remove(at)))),
            None => others.push(a),
        }
    }
    let mut left = left.into_iter();
    for a in others {
        pairs.push((Some(a), left.next()));
    }
    pairs.extend(left.map(|b| (None, Some(b))));
    pairs
}

/// Whether an object that only one side has is a difference. On one member an account that a login made
/// is something that changed.
fn counts<T: Object>(object: &T, between: Between) -> bool {
    match object.pairing() {
        Pairing::Compared => true,
        Pairing::MadeAtLogin => between == Between::Times,
        Pairing::Ignored => false,
    }
}

/// The difference of one pair, if any. `whole` is false where one side is a selection.
fn difference<T: Object>(
    primary: Option<&T>,
    member: Option<&T>,
    whole: bool,
    between: Between,
) -> Option<Difference> {
    let of = |object: &T, kind| {
        let (section, subject, owner) = (T::SECTION, object.subject(), object.owner());
        Some(Difference { section, subject, kind, owner })
    };
    match (primary, member) {
        (Some(a), Some(b)) => {
            if a.pairing() == Pairing::Ignored {
                return None;
            }
            let changes = T::changes(a, b, between);
            if changes.is_empty() { None } else { of(a, Kind::Changed(changes)) }
        }
        (Some(a), None) if whole && counts(a, between) => of(a, Kind::Missing),
        (None, Some(b)) if whole && counts(b, between) => of(b, Kind::Extra),
        _ => None,
    }
}
