//! A sorted sequence whose clones share whatever neither has changed since.
//!
//! Chunks behind `Arc`s: a change copies one chunk and the list of chunks. Crates do the like (`imbl`, under the
//! MPL, and `rpds`); neither was measured against it.

use std::cmp::Ordering;
use std::sync::Arc;

/// The most entries in a chunk. 100,000 entries make a few times as many chunks, so a change costs little of either.
pub(super) const CHUNK: usize = 128;

/// Entries in an order that each method is given: as a function that compares an entry with the one that is meant.
#[derive(Debug, Clone)]
pub(super) struct Sorted<T> {
    /// No chunk is empty.
    chunks: Arc<Vec<Arc<Vec<T>>>>,
    len: usize,
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self { chunks: Arc::default(), len: 0 }
    }
}

impl<T: Clone> Sorted<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flat_map(|chunk| chunk.iter())
    }

    /// The entries from the `nth` on.
    pub(super) fn iter_from(&self, mut nth: usize) -> impl Iterator<Item = &T> {
        let mut first = 0;
        while let Some(chunk) = self.chunks.get(first)
            && chunk.len() <= nth
        {
            nth -= chunk.len();
            first += 1;
        }
        self.chunks.iter().skip(first).flat_map(|chunk| chunk.iter()).skip(nth)
    }

    pub(super) fn get(&self, stands: impl Fn(&T) -> Ordering) -> Option<&T> {
        let chunk = self.chunks.get(self.chunk_of(&stands))?;
        chunk.get(chunk.binary_search_by(stands).ok()?)
    }

    /// Inserts an entry and returns the one that it replaces.
    pub(super) fn put(&mut self, entry: T, stands: impl Fn(&T) -> Ordering) -> Option<T> {
        let at = self.chunk_of(&stands);
        let is_last = at + 1 == self.chunks.len();
        let chunks = Arc::make_mut(&mut self.chunks);
        let Some(chunk) = chunks.get_mut(at) else {
            chunks.push(Arc::new(vec![entry]));
            self.len += 1;
            return None;
        };
        match chunk.binary_search_by(stands) {
            Ok(place) => {
                return Arc::make_mut(chunk).get_mut(place).map(|known| std::mem::replace(known, entry));
            }
            // Appending leaves no chunk half empty.
            Err(CHUNK) if is_last => chunks.push(Arc::new(vec![entry])),
            Err(place) => {
                let chunk = Arc::make_mut(chunk);
                chunk.insert(place, entry);
                if chunk.len() > CHUNK {
                    let rest = chunk.split_off(CHUNK / 2);
                    chunks.insert(at + 1, Arc::new(rest));
                }
            }
        }
        self.len += 1;
        None
    }

    pub(super) fn remove(&mut self, stands: impl Fn(&T) -> Ordering) -> Option<T> {
        let at = self.chunk_of(&stands);
        let place = self.chunks.get(at)?.binary_search_by(stands).ok()?;
        let chunks = Arc::make_mut(&mut self.chunks);
        let chunk = Arc::make_mut(chunks.get_mut(at)?);
        let entry = chunk.remove(place);
        if chunk.is_empty() {
            chunks.remove(at);
        }
        self.len -= 1;
        Some(entry)
    }

    /// The chunk that holds an entry, or would.
    fn chunk_of(&self, stands: &impl Fn(&T) -> Ordering) -> usize {
        let begins_before = |chunk: &Arc<Vec<T>>| chunk.first().is_some_and(|first| stands(first).is_le());
        self.chunks.partition_point(begins_before).saturating_sub(1)
    }
}

/// The differences between two versions of a sequence, in its order: old entry, new entry.
pub(super) fn differences<'s, T: Clone>(
    before: &'s Sorted<T>,
    now: &'s Sorted<T>,
    order: impl Fn(&T, &T) -> Ordering,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<(Option<&'s T>, Option<&'s T>)> {
    let (mut before, mut now) = (Cursor::at_start(before), Cursor::at_start(now));
    let mut found = Vec::new();
    loop {
        if before.entries.is_empty() && now.entries.is_empty() {
            before.skip_shared(&mut now);
        }
        match (before.peek(), now.peek()) {
            (None, None) => return found,
            (Some(old), Some(new)) if same(old, new) => {
                before.next();
                now.next();
            }
            (old, new) => {
                let stands = match (old, new) {
                    (Some(old), Some(new)) => order(old, new),
                    (old, _) => {
                        if old.is_some() {
                            Ordering::Less
                        } else {
                            Ordering::Greater
                        }
                    }
                };
                let old = if stands.is_le() { before.next() } else { None };
                let new = if stands.is_ge() { now.next() } else { None };
                found.push((old, new));
            }
        }
    }
}

struct Cursor<'s, T> {
    /// The rest of the current chunk.
    entries: &'s [T],
    chunks: &'s [Arc<Vec<T>>],
}

impl<'s, T> Cursor<'s, T> {
    fn at_start(sequence: &'s Sorted<T>) -> Self {
        Self { entries: &[], chunks: &sequence.chunks }
    }

    fn skip_shared(&mut self, other: &mut Self) {
        while let ([mine, rest @ ..], [theirs, other_rest @ ..]) = (self.chunks, other.chunks)
            && Arc::ptr_eq(mine, theirs)
        {
            (self.chunks, other.chunks) = (rest, other_rest);
        }
    }

    fn peek(&mut self) -> Option<&'s T> {
        if self.entries.is_empty()
            && let [chunk, rest @ ..] = self.chunks
        {
            (self.entries, self.chunks) = (chunk, rest);
        }
        self.entries.first()
    }

    fn next(&mut self) -> Option<&'s T> {
        let first = self.peek()?;
        self.entries = self.entries.get(1..).unwrap_or_default();
        Some(first)
    }
}

#[cfg(test)]
impl<T> Sorted<T> {
    /// How many chunks another version does not share.
    pub(super) fn own_chunks(&self, other: &Self) -> usize {
        let shared = |chunk: &&Arc<Vec<T>>| other.chunks.iter().any(|other| Arc::ptr_eq(chunk, other));
        self.chunks.iter().filter(|chunk| !shared(chunk)).count()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_changes_leave_it_as_a_set_would_be_and_are_found_as_differences(
            filled in 0..1000_u32,
            steps in proptest::collection::vec((0..3000_u32, any::<bool>(), any::<bool>()), 0..600),
        ) {
            let mut set: BTreeSet<u32> = (0..filled).map(|n| n * 3).collect();
            let mut sorted = Sorted::default();
            for n in &set {
                sorted.put(*n, |other: &u32| other.cmp(n));
            }
            let (mut earlier, mut earlier_set) = (sorted.clone(), set.clone());
            for (n, put, keep) in steps {
                if put {
                    prop_assert_eq!(sorted.put(n, |other| other.cmp(&n)).is_none(), set.insert(n));
                } else {
                    prop_assert_eq!(sorted.remove(|other| other.cmp(&n)).is_some(), set.remove(&n));
                }
                prop_assert_eq!(sorted.get(|other| other.cmp(&n)).is_some(), put);
                if keep {
                    (earlier, earlier_set) = (sorted.clone(), set.clone());
                }
            }
            prop_assert!(sorted.iter().eq(&set) && sorted.len() == set.len());
            prop_assert!(earlier.iter().eq(&earlier_set));
            let from = filled as usize / 2;
            prop_assert!(sorted.iter_from(from).eq(set.iter().skip(from)));
            let found = differences(&earlier, &sorted, u32::cmp, u32::eq);
            let gone: Vec<_> = found.iter().filter_map(|(old, _)| *old).collect();
            let new: Vec<_> = found.iter().filter_map(|(_, new)| *new).collect();
            prop_assert!(gone.into_iter().eq(earlier_set.difference(&set)));
            prop_assert!(new.into_iter().eq(set.difference(&earlier_set)));
        }
    }
}
