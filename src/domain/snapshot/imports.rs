//! All imports, newest first, with totals: cheap to clone, to change and to compare.

use std::cmp::{Ordering, Reverse};
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::Watched;
use super::sorted::{Sorted, differences};
use crate::domain::import::ImportId;
use crate::domain::tally::Verdict;

/// All imports, newest first. A clone shares everything; a change copies little.
#[derive(Clone, Default)]
pub struct Imports {
    newest_first: Sorted<Arc<Watched>>,
    by_id: Sorted<Arc<Watched>>,
    unfinished: Sorted<Arc<Watched>>,
    totals: Totals,
}

/// One import before and after; at least one is `Some`.
#[derive(Debug, Clone, Copy)]
pub struct Change<'s> {
    /// `None` if it is new.
    pub before: Option<&'s Arc<Watched>>,
    /// `None` if it is gone.
    pub now: Option<&'s Arc<Watched>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Totals {
    verdicts: [usize; 9],
    /// Failed rows of the active imports; wide enough for any sum of 64-bit numbers.
    failing: u128,
    in_trouble: usize,
}

impl Imports {
    pub fn len(&self) -> usize {
        self.newest_first.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every import, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.newest_first.iter()
    }

    /// From the `nth` newest on.
    pub(super) fn iter_from(&self, nth: usize) -> impl Iterator<Item = &Arc<Watched>> {
        self.newest_first.iter_from(nth)
    }

    pub fn get(&self, id: &ImportId) -> Option<&Arc<Watched>> {
        self.by_id.get(|other| other.import.id.cmp(id))
    }

    /// The imports that may still change by themselves, newest first.
    pub fn unfinished(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.unfinished.iter()
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        self.totals.verdicts.get(verdict as usize).copied().unwrap_or_default()
    }

    /// Failed rows of all active imports.
    pub fn failing(&self) -> u64 {
        u64::try_from(self.totals.failing).unwrap_or(u64::MAX)
    }

    /// How many are in trouble.
    pub fn in_trouble(&self) -> usize {
        self.totals.in_trouble
    }

    /// Differences from an earlier version, newest first. Takes time in proportion to the changes in between.
    ///
    /// An import whose creation date changed is removed in one place and added in another.
    pub fn changes_since<'s>(&'s self, earlier: &'s Self) -> Vec<Change<'s>> {
        let order = |a: &Arc<Watched>, b: &Arc<Watched>| newest_first(a, b);
        let found = differences(&earlier.newest_first, &self.newest_first, order, Arc::ptr_eq);
        found.into_iter().map(|(before, now)| Change { before, now }).collect()
    }

    /// Inserts or replaces an import.
    pub(super) fn put(&mut self, watched: Arc<Watched>) {
        let (created, id) = (watched.import.created_at, &watched.import.id);
        if let Some(known) = self.by_id.put(Arc::clone(&watched), |other| other.import.id.cmp(id)) {
            self.totals.remove(&known);
            let stands = |other: &Arc<Watched>| newest_first(other, &known);
            let moved = known.import.created_at != created;
            if moved {
                self.newest_first.remove(stands);
            }
            if known.verdict.is_unfinished() && (moved || !watched.verdict.is_unfinished()) {
                self.unfinished.remove(stands);
            }
        }
        self.totals.add(&watched);
        if watched.verdict.is_unfinished() {
            self.unfinished.put(Arc::clone(&watched), |other| newest_first(other, &watched));
        }
        self.newest_first.put(Arc::clone(&watched), |other| newest_first(other, &watched));
    }

    pub(super) fn remove(&mut self, id: &ImportId) {
        let Some(known) = self.by_id.remove(|other| other.import.id.cmp(id)) else { return };
        let stands = |other: &Arc<Watched>| newest_first(other, &known);
        self.unfinished.remove(stands);
        if let Some(known) = self.newest_first.remove(stands) {
            self.totals.remove(&known);
        }
    }
}

impl Totals {
    fn add(&mut self, watched: &Watched) {
        if let Some(count) = self.verdicts.get_mut(watched.verdict as usize) {
            *count += 1;
        }
        self.failing += failing(watched);
        self.in_trouble += usize::from(watched.in_trouble);
    }

    fn remove(&mut self, watched: &Watched) {
        if let Some(count) = self.verdicts.get_mut(watched.verdict as usize) {
            *count -= 1;
        }
        self.failing -= failing(watched);
        self.in_trouble -= usize::from(watched.in_trouble);
    }
}

fn failing(watched: &Watched) -> u128 {
    if watched.verdict.is_active() { watched.tally.failed().into() } else { 0 }
}

/// The sort key of imports: of several created at the same moment, the one with the lower id counts as newer.
pub(super) type Newness<'w> = (Option<Timestamp>, Reverse<&'w ImportId>);

pub(super) fn newness(watched: &Watched) -> Newness<'_> {
    (watched.import.created_at, Reverse(&watched.import.id))
}

/// The order in which imports are listed before any other is chosen.
pub fn newest_first(a: &Watched, b: &Watched) -> Ordering {
    newness(b).cmp(&newness(a))
}

impl<'s> IntoIterator for &'s Imports {
    type Item = &'s Arc<Watched>;
    type IntoIter = Box<dyn Iterator<Item = &'s Arc<Watched>> + 's>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl PartialEq for Imports {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.changes_since(other).iter().all(|change| change.before == change.now)
    }
}

impl fmt::Debug for Imports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::page::Page;
    use crate::domain::snapshot::Snapshot;
    use crate::domain::snapshot::tests::{import, now};

    /// However many imports there are, a poll copies about as many chunks as it moves imports.
    #[test]
    fn a_poll_copies_what_it_changes_and_shares_the_rest() {
        let imports = |moved: u64| {
            (0..20_000_u64).map(move |nth| {
                let moves = nth % 4_000 == 17;
                let (word, left) = if moves { ("processing", 500 - moved) } else { ("completed", 0) };
                import(&format!("i{nth:05}"), nth as i64, word, (500, left, 0))
            })
        };
        let before = Snapshot::of(imports(0), now(0));
        let running = imports(10).filter(|import| import.status.as_str() == "processing").collect();
        let after = before.absorb(Page { imports: running, ..Page::default() }, now(2));
        assert_eq!(after.unfinished().count(), 5);
        let (before, after) = (&before.imports, &after.imports);
        assert_eq!(after.newest_first.own_chunks(&before.newest_first), 5);
        assert_eq!(after.unfinished.own_chunks(&before.unfinished), 1);
        assert_eq!(after.by_id.own_chunks(&before.by_id), 5);
        assert_eq!(after.changes_since(before).len(), 5);
    }
}
