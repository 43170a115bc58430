//! Objects of one section, collected from one or more files.
//!
//! Owns [`Collected`]: it takes objects as readers find them, merges what one file states twice,
//! and refuses what two files state differently. `gather` turns it into a section of the
//! configuration.
//! Invariant: after all files, each identity stands once (tasks as often as one file has them), and
//! no file's statement was silently preferred to another's.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::model::{Between, Coverage, Extent, Gathered, Name, Object, Pairing, Property};

/// Objects of one section with the place they come from.
#[derive(Debug)]
pub(super) struct Collected<T> {
    objects: Vec<Placed<T>>,
    /// Whether each object comes after the one before it, as in every document that the program wrote;
    /// then nothing has to be sorted, and nothing stands twice.
    ascending: bool,
    /// How much of the section the files give, where they say or are known to.
    stated: Option<Extent>,
    reason: String,
    /// Whether any file gave the section at all, be it empty.
    given: bool,
    /// The first file that gave all of the section, by its number.
    whole: Option<usize>,
}

/// An object with its file, by the number of the file, and its line; 0 where there is no telling.
#[derive(Debug)]
struct Placed<T> {
    object: T,
    line: usize,
    file: usize,
}

impl<T> Default for Collected<T> {
    fn default() -> Self {
        let (objects, reason) = (Vec::new(), String::new());
        Self { objects, ascending: true, stated: None, reason, given: false, whole: None }
    }
}

impl<T: Object> Collected<T> {
    /// Marks the section as given, be it empty.
    pub(super) fn give(&mut self) {
        self.given = true;
    }

    /// Takes one object of the file that is being read.
    pub(super) fn take(&mut self, mut object: T, line: usize) {
        self.given = true;
        object.normalise();
        if let Some(last) = self.objects.last().filter(|_| self.ascending) {
            self.ascending = last.object.pair(&object).is_lt();
        }
        self.objects.push(Placed { object, line, file: 0 });
    }

    /// Marks the section as given in full.
    pub(super) fn give_all(&mut self) {
        self.given = true;
        self.stated = Some(Extent::Complete);
    }

    /// Takes what a document says about how much of the section there is; it may be another file
    /// that gives it.
    pub(super) fn cover(&mut self, stated: &Coverage) {
        self.reason.clone_from(&stated.reason);
        if stated.extent != Extent::NotGathered {
            self.stated = Some(stated.extent);
        }
    }

    /// Changes every object taken so far.
    pub(super) fn each(&mut self, change: impl Fn(&mut T)) {
        self.objects.iter_mut().for_each(|placed| change(&mut placed.object));
    }

    /// The first object that is given twice, where that is no way of an export (documents).
    pub(super) fn repeated(&mut self) -> Option<&T> {
        if self.ascending {
            return None;
        }
        self.objects.sort_by(|a, b| a.object.order(&b.object));
        let twice = |pair: &[Placed<T>]| match pair {
            [a, b] => !T::REPEATS && a.object.pair(&b.object).is_eq(),
            _ => false,
        };
        let at = self.objects.windows(2).position(twice)?;
        self.objects.get(at).map(|placed| &placed.object)
    }

    /// Merges what one file states about the same object twice: the later statement wins, an
    /// omission takes nothing away (formats 3.2).
    pub(super) fn end_of_file(&mut self) {
        if self.ascending {
            return;
        }
        if T::REPEATS {
            self.objects.sort_by(|a, b| a.object.order(&b.object));
            return;
        }
        // Stable, so that of the same object the later statement stays the later one.
        if !self.objects.is_sorted_by(|a, b| a.object.pair(&b.object).is_le()) {
            self.objects.sort_by(|a, b| a.object.pair(&b.object));
        }
        self.objects.dedup_by(|later, first| {
            let same = later.object.pair(&first.object).is_eq();
            if same {
                first.object.overlay(&mut later.object);
                first.line = later.line;
            }
            same
        });
    }

    /// Adds what another file gives; `files` are those read so far, the other one last. The same
    /// object stated differently is refused, and so are two files that both give all of the
    /// section and not the same.
    pub(super) fn absorb(&mut self, mut other: Self, files: &[PathBuf]) -> Result<()> {
        let number = files.len().saturating_sub(1);
        other.objects.iter_mut().for_each(|placed| placed.file = number);
        let whole = other.stated == Some(Extent::Complete) && other.given || marked(&other.objects);
        if self.given && other.given {
            self.agree(&other, whole, files)?;
        }
        self.given |= other.given;
        if whole && self.whole.is_none() {
            self.whole = Some(number);
        }
        if other.stated.is_some() && self.stated != Some(Extent::Complete) {
            self.stated = other.stated;
        }
        if self.reason.is_empty() {
            self.reason = other.reason;
        }
        self.ascending &= other.ascending && (self.objects.is_empty() || other.objects.is_empty());
        let known = std::mem::take(&mut self.objects);
        self.objects = union(known, other.objects);
        Ok(())
    }

    fn agree(&self, other: &Self, whole: bool, files: &[PathBuf]) -> Result<()> {
        let number = files.len().saturating_sub(1);
        let mut here = self.objects.iter().peekable();
        let mut there = other.objects.iter().peekable();
        loop {
            let order = match (here.peek(), there.peek()) {
                (Some(a), Some(b)) => a.object.pair(&b.object),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return Ok(()),
            };
            let (a, b) = match order {
                Ordering::Equal => (here.next(), there.next()),
                Ordering::Less => (here.next(), None),
                Ordering::Greater => (None, there.next()),
            };
            // Where one file gives all of the section, what only the other has is not there (any
            // more): which of them is true nobody can tell.
            let (one, two, what) = match (a, b) {
                (Some(a), Some(b)) => match contradiction(&a.object, &b.object) {
                    Some(property) => {
                        let what = format!("another {} of '{}'", property.name(), b.object.name());
                        ((a.file, a.line), (number, b.line), what)
                    }
                    None => continue,
                },
                (Some(a), None) if whole && counts(&a.object) => {
                    let what = format!("no '{}', which the other has", a.object.name());
                    ((a.file, a.line), (number, 0), what)
                }
                (None, Some(b)) if self.whole.is_some() && counts(&b.object) => {
                    let what = format!("'{}', which the other has not", b.object.name());
                    ((self.whole.unwrap_or_default(), 0), (number, b.line), what)
                }
                _ => continue,
            };
            return Err(disagree(files, two, Some(one), T::SECTION.name(), &what));
        }
    }

    /// The section as the configuration holds it.
    pub(super) fn gathered(self) -> Gathered<T> {
        let mut gathered = Gathered::default();
        if !self.given {
            gathered.reason = if self.reason.is_empty() {
                format!("no file gives them; give {}", T::SECTION.made_by())
            } else {
                self.reason
            };
            return gathered;
        }
        let marked = marked(&self.objects);
        (gathered.extent, gathered.reason) = match self.stated {
            Some(extent) => (extent, self.reason),
            None if marked => (Extent::Complete, String::new()),
            None => (Extent::Partial, selection::<T>()),
        };
        gathered.objects = self.objects.into_iter().map(|placed| placed.object).collect();
        if gathered.extent == Extent::Complete {
            gathered.objects.iter_mut().for_each(T::settle);
        }
        if !self.ascending {
            gathered.arrange();
        }
        gathered
    }
}

/// Whether an object can be missing at all.
fn counts<T: Object>(object: &T) -> bool {
    object.pairing() == Pairing::Compared
}

/// The first property that two files do not state alike; what one leaves out has its default.
fn contradiction<T: Object>(one: &T, other: &T) -> Option<&'static Property> {
    one.conflict(other)
        .or_else(|| T::changes(one, other, Between::Members).first().map(|change| change.property))
}

/// Whether the product's own objects are all there, so that it is no selection (design 4).
fn marked<T: Object>(objects: &[Placed<T>]) -> bool {
    let there =
        |marker: &&str| objects.iter().any(|placed| Name::from(placed.object.marker()).is(marker));
    !T::MARKERS.is_empty() && T::MARKERS.iter().all(there)
}

/// Why a section counts as a selection.
fn selection<T: Object>() -> String {
    match T::MARKERS {
        [] => "the export may be a selection; give the security export of everything".to_owned(),
        markers => format!(
            "the export lacks the product's own {}, so it is a selection; export all of them",
            markers.join(", ")
        ),
    }
}

/// Objects of both, in order; of what both have, everything that either states.
fn union<T: Object>(mut known: Vec<Placed<T>>, more: Vec<Placed<T>>) -> Vec<Placed<T>> {
    if known.is_empty() {
        return more;
    }
    let mut fresh = Vec::new();
    let count = known.len();
    for mut placed in more {
        let old = known.get_mut(..count).unwrap_or_default();
        match old.binary_search_by(|other| other.object.pair(&placed.object)) {
            Ok(at) => {
                if let Some(other) = old.get_mut(at) {
                    other.object.overlay(&mut placed.object);
                }
            }
            Err(_) => fresh.push(placed),
        }
    }
    known.append(&mut fresh);
    known.sort_by(|a, b| a.object.order(&b.object));
    known
}

/// The error for two files that cannot both be true. The places are number of file and line; `place`
/// is complained about, against `other` or against all files before it. Line 0 is not told.
pub(super) fn disagree(
    files: &[PathBuf],
    place: (usize, usize),
    other: Option<(usize, usize)>,
    section: &str,
    what: &str,
) -> Error {
    let name = |(number, line): (usize, usize)| {
        let file = files.get(number).map(|file| Path::display(file).to_string());
        match (file.unwrap_or_default(), line) {
            (file, 0) => file,
            (file, line) => format!("{file}, line {line}"),
        }
    };
    Error::new(
        Kind::Malformed,
        format!(
            "{}: in section {section} it and {} disagree: it has {what}.",
            name(place),
            other.map_or_else(|| "the files before it".to_owned(), name),
        ),
        "Keep one file for each section in the folder, all from the same day, and try again.",
    )
}
