//! What roles come to, a block of resources at a time.
//!
//! Owns [`Blocks`]: for one block of resources after the other the permissions that every role gives
//! with all that comes with it, as bits, on both sides. All of it at once would take roles times
//! resources. Takes `nesting` and `resources`; `difference` asks it for what several roles come to
//! together.
//! Invariant: at most [`MEMORY`] words of bits, or three for each role where there are that many; a
//! row is added up after all rows that it takes from, so that each is looked at once.

use super::holders::Held;
use super::nearest::Nearest;
use super::nesting::Nesting;
use super::resources::{Resources, unpacked};
use super::roles::{DATABASE, Roles};

/// Words of bits that a block takes, both sides together: 32 MiB.
const MEMORY: usize = 4 << 20;

/// Bits R, W and U, a word of each for 64 resources.
pub(super) type Word = [u64; 3];

/// The block at hand.
#[derive(Debug)]
pub(super) struct Blocks<'r> {
    resources: &'r Resources<'r>,
    sides: [Rows<'r>; 2],
    /// The most words in a row: at most 64, so that one number has a bit for each.
    width: usize,
    /// The first word, counted from the first resource, and how many there are.
    first: usize,
    words: usize,
    /// What everybody has on neither side.
    free: Vec<Word>,
    marks: Vec<Marks>,
    /// The roles of which it is to be found out whether they differ, and whether one does.
    touched: Vec<usize>,
    differs: bool,
}

/// For a role, in which words it is worth looking, a bit for each.
#[derive(Clone, Copy, Debug, Default)]
struct Marks {
    /// There it gives on one side what it does not give on the other.
    differs: u64,
    /// There it gives anything.
    gives: [u64; 2],
}

/// The rows of one side.
#[derive(Debug)]
struct Rows<'r> {
    nesting: &'r Nesting,
    /// The row of each role; circles share one, and roles that give nothing here share the last one.
    row: Vec<u32>,
    words: Vec<Word>,
    gives: Vec<u64>,
    /// How many of its own grants each role has behind it.
    done: Vec<usize>,
}

impl<'r> Blocks<'r> {
    pub(super) fn of(
        roles: &Roles<'_>,
        nesting: &'r [Nesting; 2],
        nearest: &Nearest,
        resources: &'r Resources<'r>,
    ) -> Self {
        let sides = [0, 1].map(|side| Rows::of(&nesting[side], resources));
        let rows: usize = sides.iter().map(|side| side.gives.len()).sum();
        let width = (MEMORY / (3 * rows.max(1))).clamp(1, 64);
        let touched = (0..roles.count()).filter(|role| nearest.touches(*role as u32)).collect();
        let marks = vec![Marks::default(); roles.count() + resources.databases.len()];
        let (first, words, free, differs) = Default::default();
        Self { resources, sides, width, first, words, free, marks, touched, differs }
    }

    /// Goes on to the next block; false behind the last one.
    pub(super) fn next(&mut self) -> bool {
        self.first += self.words;
        let left = self.resources.columns.div_ceil(64).saturating_sub(self.first);
        self.words = left.min(self.width);
        if self.words == 0 {
            return false;
        }
        self.free.clear();
        self.free.resize(self.words, Word::default());
        for word in 0..self.words {
            let start = (self.first + word) * 64;
            let end = (start + 64).min(self.resources.columns);
            for (bit, free) in self.resources.free[start..end].iter().enumerate() {
                add(&mut self.free[word], bit, *free);
            }
        }
        for (side, granted) in self.sides.iter_mut().zip(&self.resources.granted) {
            side.add_up(granted, self.first, self.words, &self.resources.databases);
        }
        self.mark();
        true
    }

    fn mark(&mut self) {
        let [ours, theirs] = &self.sides;
        for (role, marks) in self.marks.iter_mut().enumerate() {
            let row = |side: &Rows<'_>| side.gives[side.row[role] as usize];
            *marks = Marks { differs: 0, gives: [row(ours), row(theirs)] };
        }
        self.differs = false;
        for role in &self.touched {
            let marks = &mut self.marks[*role];
            for word in bits(marks.gives[0] | marks.gives[1]) {
                let (a, b) =
                    (ours.word(*role, word, self.words), theirs.word(*role, word, self.words));
                let free = &self.free[word];
                if (0..3).any(|letter| (a[letter] ^ b[letter]) & free[letter] != 0) {
                    marks.differs |= 1 << word;
                }
            }
            self.differs |= marks.differs != 0;
        }
    }

    /// The words in which a combination of roles can differ, a bit for each.
    pub(super) fn marked(&self, held: Held<'_>) -> u64 {
        let [ours, theirs] = held.only;
        if !self.differs && ours.is_empty() && theirs.is_empty() {
            return 0;
        }
        let marks = |role: &u32| self.marks[*role as usize];
        let both = held.both.iter().fold(0, |all, role| all | marks(role).differs);
        let both = ours.iter().fold(both, |all, role| all | marks(role).gives[0]);
        theirs.iter().fold(both, |all, role| all | marks(role).gives[1])
    }

    /// What a combination gives in one word on each side and not on the other.
    pub(super) fn drifted(&self, held: Held<'_>, word: usize) -> [Word; 2] {
        let [ours, theirs] = [0, 1].map(|side: usize| {
            let mut all = Word::default();
            for role in held.both.iter().chain(held.only[side]) {
                let one = self.sides[side].word(*role as usize, word, self.words);
                all = [all[0] | one[0], all[1] | one[1], all[2] | one[2]];
            }
            all
        });
        let free = self.free[word];
        let less = |a: Word, b: Word| [0, 1, 2].map(|letter| a[letter] & !b[letter] & free[letter]);
        [less(ours, theirs), less(theirs, ours)]
    }

    /// The number of the first resource of a word.
    pub(super) fn resource(&self, word: usize) -> usize {
        (self.first + word) * 64
    }
}

impl<'r> Rows<'r> {
    fn of(nesting: &'r Nesting, resources: &Resources<'_>) -> Self {
        let circles = nesting.circles.count();
        let mut row = nesting.circle.clone();
        let databases = resources.databases.iter().filter(|at| (**at as usize) < resources.columns);
        let last = circles + databases.count();
        let mut next = circles;
        for resource in &resources.databases {
            let in_blocks = (*resource as usize) < resources.columns;
            row.push(super::lists::narrow(if in_blocks { next } else { last }));
            next += usize::from(in_blocks);
        }
        let done = vec![0; nesting.circle.len()];
        Self { nesting, row, words: Vec::new(), gives: vec![0; last + 1], done }
    }

    fn word(&self, role: usize, word: usize, words: usize) -> Word {
        self.words[self.row[role] as usize * words + word]
    }

    fn add_up(
        &mut self,
        granted: &super::lists::Lists,
        first: usize,
        words: usize,
        databases: &[u32],
    ) {
        self.words.clear();
        self.words.resize(self.gives.len() * words, Word::default());
        self.gives.fill(0);
        let circles = self.nesting.circles.count();
        for circle in 0..circles {
            let (before, rest) = self.words.split_at_mut(circle * words);
            let row = &mut rest[..words];
            for role in self.nesting.circles.list(circle) {
                let role = *role as usize;
                let own = &granted.list(role)[self.done[role]..];
                for grant in own {
                    let (resource, permission) = unpacked(*grant);
                    let word = resource / 64 - first;
                    if word >= words {
                        break;
                    }
                    add(&mut row[word], resource % 64, permission);
                    self.gives[circle] |= 1 << word;
                    self.done[role] += 1;
                }
                for other in self.nesting.granted.list(role) {
                    let other = self.nesting.circle[*other as usize] as usize;
                    if other == circle || self.gives[other] == 0 {
                        continue;
                    }
                    self.gives[circle] |= self.gives[other];
                    for (to, from) in row.iter_mut().zip(&before[other * words..][..words]) {
                        *to = [to[0] | from[0], to[1] | from[1], to[2] | from[2]];
                    }
                }
            }
        }
        for (at, resource) in databases.iter().enumerate() {
            let row = self.row[self.nesting.circle.len() + at] as usize;
            let word = (*resource as usize / 64).wrapping_sub(first);
            if row + 1 < self.gives.len() && word < words {
                add(&mut self.words[row * words + word], *resource as usize % 64, DATABASE);
                self.gives[row] |= 1 << word;
            }
        }
    }
}

fn add(word: &mut Word, bit: usize, permission: u8) {
    for (letter, all) in word.iter_mut().enumerate() {
        *all |= u64::from(permission >> letter & 1) << bit;
    }
}

/// The numbers of the bits that are set, from the lowest one.
pub(super) fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize);
        word &= word.wrapping_sub(1);
        bit
    })
}
