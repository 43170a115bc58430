//! Many lists of small numbers in one piece of memory.
//!
//! Owns [`Lists`]: for each number from 0 a list of numbers, such as the roles that a role grants. A
//! vector of vectors would cost an allocation for each of them and a jump for each look. `nesting`
//! and `resources` make them out of what roles state, the rest of this folder reads them.
//! Invariant: a number that has no list has an empty one, so that nothing here can fail.

/// Lists of numbers, each under a number.
#[derive(Debug)]
pub(super) struct Lists {
    /// Where each list begins, and the end of the last one.
    starts: Vec<usize>,
    items: Vec<u32>,
}

impl Lists {
    /// One list after the other.
    pub(super) fn of<I: IntoIterator<Item = u32>>(lists: impl Iterator<Item = I>) -> Self {
        let (mut starts, mut items) = (vec![0], Vec::new());
        for list in lists {
            items.extend(list);
            starts.push(items.len());
        }
        Self { starts, items }
    }

    /// `count` lists out of pairs of a list's number and an item. Items of one list stay in order.
    pub(super) fn grouped(count: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = vec![0; count + 1];
        for (list, _) in pairs.clone() {
            starts[list as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut items = vec![0; starts.last().copied().unwrap_or(0)];
        for (list, item) in pairs {
            let place = &mut next[list as usize];
            items[*place] = item;
            *place += 1;
        }
        Self { starts, items }
    }

    /// The lists turned round: under each number those in whose lists it stands.
    pub(super) fn turned(&self) -> Self {
        let pairs = (0..self.count())
            .flat_map(|at| self.list(at).iter().map(move |item| (*item, narrow(at))));
        Self::grouped(self.count(), pairs)
    }

    /// How many lists there are.
    pub(super) fn count(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The list under that number.
    pub(super) fn list(&self, at: usize) -> &[u32] {
        match self.starts.get(at..at + 2) {
            Some(&[start, end]) => &self.items[start..end],
            _ => &[],
        }
    }

    /// Puts another number in the place of each, and each list in order.
    pub(super) fn renumber(&mut self, number: impl Fn(u32) -> u32) {
        for item in &mut self.items {
            *item = number(*item);
        }
        for ends in self.starts.windows(2) {
            if let &[start, end] = ends {
                self.items[start..end].sort_unstable();
            }
        }
    }
}

/// A number in half the memory. What is numbered here stands in memory itself, so that there are
/// never as many as 2^32 of it.
pub(super) fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_can_be_turned_round() {
        let lists = Lists::of([vec![1, 2], vec![], vec![1, 2]].into_iter());
        let turned = lists.turned();
        assert_eq!(
            (turned.list(0), turned.list(1), turned.list(2)),
            (&[][..], &[0, 2][..], &[0, 2][..])
        );
        assert_eq!(turned.turned().list(0), [1, 2]);
        assert!(turned.list(7).is_empty());
        assert_eq!(Lists::of(std::iter::empty::<Vec<u32>>()).count(), 0);
    }
}
