//! Objects of one section, collected from one or more files.
//!
//! Owns [`Collected`]: it takes objects as readers find them, merges what one file states twice,
//! and refuses what two files state differently. `gather` turns it into a section of the
//! configuration.
//! Invariant: after all files, each identity stands once (tasks as often as one file has them), and
//! no file's statement was silently preferred to another's.

use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::model::{Coverage, Extent, Gathered, Object};

/// Objects of one section with the place they come from.
#[derive(Debug)]
pub(super) struct Collected<T> {
    objects: Vec<Placed<T>>,
    /// How much of the section the files give, where they say or are known to.
    stated: Option<Extent>,
    reason: String,
    /// Whether any file gave the section at all.
    given: bool,
    /// Files that gave all of the section.
    whole: Vec<PathBuf>,
}

#[derive(Debug)]
struct Placed<T> {
    object: T,
    line: usize,
}

impl<T> Default for Collected<T> {
    fn default() -> Self {
        Self {
            objects: Vec::new(),
            stated: None,
            reason: String::new(),
            given: false,
            whole: Vec::new(),
        }
    }
}

impl<T: Object> Collected<T> {
    /// Marks the section as given, be it empty.
    pub(super) fn give(&mut self) {
        self.given = true;
    }

    /// Takes one object of the file that is being read.
    pub(super) fn take(&mut self, object: T, line: usize) {
        self.given = true;
        self.objects.push(Placed { object, line });
    }

    /// Changes every object taken so far.
    pub(super) fn each(&mut self, change: impl Fn(&mut T)) {
        self.objects.iter_mut().for_each(|placed| change(&mut placed.object));
    }

    /// Says how much of the section the file gives.
    pub(super) fn state(&mut self, extent: Extent, reason: &str) {
        self.given = true;
        self.stated = Some(extent);
        reason.clone_into(&mut self.reason);
    }

    /// Merges what one file states about the same object twice: the later statement wins, an
    /// omission takes nothing away (formats 3.2).
    pub(super) fn end_of_file(&mut self) {
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

    /// Adds what another file gives. The same object stated differently is refused, and so are two
    /// files that both give all of the section and not the same.
    pub(super) fn absorb(&mut self, file: &Path, other: Self, read: &[PathBuf]) -> Result<()> {
        if !other.given {
            return Ok(());
        }
        let whole = other.stated == Some(Extent::Complete)
            || other.objects.iter().any(|placed| placed.object.marks_complete());
        if self.given {
            self.agree(file, &other, whole, read)?;
        }
        self.given = true;
        if whole {
            self.whole.push(file.to_owned());
        }
        if other.stated.is_some() && self.stated != Some(Extent::Complete) {
            self.stated = other.stated;
            self.reason = other.reason;
        }
        let known = std::mem::take(&mut self.objects);
        self.objects = union(known, other.objects);
        Ok(())
    }

    fn agree(&self, file: &Path, other: &Self, whole: bool, read: &[PathBuf]) -> Result<()> {
        let mut here = self.objects.iter().peekable();
        let mut there = other.objects.iter().peekable();
        loop {
            let order = match (here.peek(), there.peek()) {
                (Some(a), Some(b)) => a.object.pair(&b.object),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return Ok(()),
            };
            let both_whole = whole && !self.whole.is_empty();
            match order {
                std::cmp::Ordering::Equal => {
                    if let (Some(a), Some(b)) = (here.next(), there.next())
                        && a.object != b.object
                    {
                        let what = format!("they say different things about '{}'", b.object.name());
                        return Err(disagree(read, file, b.line, T::SECTION.name(), &what));
                    }
                }
                std::cmp::Ordering::Less => {
                    if let Some(a) = here.next()
                        && both_whole
                    {
                        let what = format!("only one of them has '{}'", a.object.name());
                        return Err(disagree(read, file, 1, T::SECTION.name(), &what));
                    }
                }
                std::cmp::Ordering::Greater => {
                    if let Some(b) = there.next()
                        && both_whole
                    {
                        let what = format!("only one of them has '{}'", b.object.name());
                        return Err(disagree(read, file, b.line, T::SECTION.name(), &what));
                    }
                }
            }
        }
    }

    /// The section as the configuration holds it.
    pub(super) fn gathered(self) -> Gathered<T> {
        let mut gathered = Gathered::default();
        if !self.given {
            gathered.reason = format!("no file gives them; make {}", T::SECTION.made_by());
            return gathered;
        }
        gathered.objects = self.objects.into_iter().map(|placed| placed.object).collect();
        gathered.arrange();
        let marked = gathered.objects.iter().any(T::marks_complete);
        (gathered.extent, gathered.reason) = match self.stated {
            Some(extent) => (extent, self.reason),
            None if marked => (Extent::Complete, String::new()),
            None => (Extent::Partial, SELECTION.to_owned()),
        };
        gathered
    }

    /// How much the files give, as stated in a document.
    pub(super) fn cover(&mut self, stated: &Coverage) {
        if stated.extent == Extent::NotGathered {
            self.reason.clone_from(&stated.reason);
        } else {
            self.state(stated.extent, &stated.reason);
        }
    }
}

/// Why a section counts as a selection.
const SELECTION: &str =
    "the export holds none of the product's own objects, so it is a selection; export all of them";

/// Objects of both, in order: of the second list those that the first does not have.
fn union<T: Object>(mut known: Vec<Placed<T>>, more: Vec<Placed<T>>) -> Vec<Placed<T>> {
    if known.is_empty() {
        return more;
    }
    let is_new = |placed: &Placed<T>| {
        known.binary_search_by(|other| other.object.pair(&placed.object)).is_err()
    };
    let fresh: Vec<Placed<T>> = more.into_iter().filter(is_new).collect();
    known.extend(fresh);
    known.sort_by(|a, b| a.object.order(&b.object));
    known
}

/// The error for two files that cannot both be true; `read` are those read before `file`.
pub(super) fn disagree(
    read: &[PathBuf],
    file: &Path,
    line: usize,
    section: &str,
    what: &str,
) -> Error {
    let others: Vec<String> = read.iter().map(|file| file.display().to_string()).collect();
    Error::new(
        Kind::Malformed,
        format!(
            "{}, line {line}: what it and {} say in section {section} disagrees: {what}.",
            file.display(),
            others.join(" or "),
        ),
        "Keep one file for each section in the folder, all from the same day, and try again.",
    )
}
