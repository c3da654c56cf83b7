//! Sorted imports: finding a line and applying changes do not compare all of them.

use std::sync::Arc;

use crate::domain::snapshot::{Imports, Watched};
use crate::query::{Listed, Sort};

/// Imports, each once, in the order of `sort`. Clones share them until one changes.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct SortedImports {
    sort: Sort,
    rows: Arc<Vec<Listed>>,
}

/// An import before and after: `None` where it is new, or gone.
pub(super) type ListedChange = (Option<Listed>, Option<Listed>);

/// [`Imports::changes_since`].
pub(super) fn changes(now: &Imports, before: &Imports) -> Vec<ListedChange> {
    let listed = |watched: Option<&Arc<Watched>>| watched.map(Listed::from);
    let changes = now.changes_since(before).into_iter();
    changes.map(|change| (listed(change.before), listed(change.now))).collect()
}

/// Lines that changes took away and added, ascending: those taken away as they were before, those added as they are now.
#[derive(Debug, Default)]
pub(super) struct Shift {
    pub(super) gone: Vec<usize>,
    pub(super) new: Vec<usize>,
}

impl SortedImports {
    /// Of rows that are in this order.
    pub(super) fn new(sort: Sort, rows: Vec<Listed>) -> Self {
        Self { sort, rows: Arc::new(rows) }
    }

    pub(super) fn sort(&self) -> Sort {
        self.sort
    }

    pub(super) fn rows(&self) -> &[Listed] {
        &self.rows
    }

    /// The line of an import in exactly this version; otherwise the line where it would be inserted.
    pub(super) fn find(&self, listed: &Listed) -> Result<usize, usize> {
        self.sort.find(&self.rows, listed)
    }

    /// Whether an import keeps its line.
    pub(super) fn is_in_place(&self, (before, now): &ListedChange) -> bool {
        before.as_ref().zip(now.as_ref()).is_some_and(|(before, now)| self.sort.compare(before, now).is_eq())
    }

    /// Removes and inserts what changed.
    pub(super) fn change(&mut self, changes: Vec<ListedChange>) -> Shift {
        if changes.is_empty() {
            return Shift::default();
        }
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for change in changes {
            let line = change.0.as_ref().and_then(|before| self.find(before).ok());
            let in_place = line.filter(|_| self.is_in_place(&change));
            match (in_place, change.1) {
                (Some(line), Some(now)) => {
                    if let Some(row) = Arc::make_mut(&mut self.rows).get_mut(line) {
                        *row = now;
                    }
                }
                (_, now) => {
                    gone.extend(line);
                    new.extend(now);
                }
            }
        }
        gone.sort_unstable();
        let new = self.replace(&gone, new);
        Shift { gone, new }
    }

    /// Takes lines out and puts new imports in; only rows between the first and the last of them are moved one by one.
    /// Returns the lines of the new ones.
    fn replace(&mut self, gone: &[usize], new: Vec<Listed>) -> Vec<usize> {
        let new = self.sort.arranged_list(new);
        let before: Vec<_> = new.iter().map(|listed| self.find(listed).unwrap_or_else(|line| line)).collect();
        let firsts = gone.first().into_iter().chain(before.first());
        let ends = gone.last().map(|last| last + 1).into_iter().chain(before.last().copied());
        let (Some(first), Some(end)) = (firsts.min().copied(), ends.max()) else { return Vec::new() };
        let rows = Arc::make_mut(&mut self.rows);
        // Those that stay close up, and the new ones take the place of those that go, behind them.
        let (mut kept, mut left) = (first, gone.iter().peekable());
        for line in first..end {
            if left.next_if_eq(&&line).is_none() {
                rows.swap(kept, line);
                kept += 1;
            }
        }
        rows.splice(kept..end, new.iter().cloned());
        // From the last on, each new one goes where it belongs, and what comes after it makes way.
        let mut to = kept + new.len();
        let mut lines = Vec::with_capacity(new.len());
        for (before, listed) in before.into_iter().zip(new).rev() {
            let goes_behind = before - gone.partition_point(|gone| *gone < before);
            while kept > goes_behind {
                (kept, to) = (kept - 1, to - 1);
                rows.swap(kept, to);
            }
            to -= 1;
            rows.get_mut(to).into_iter().for_each(|row| *row = listed.clone());
            lines.push(to);
        }
        lines.reverse();
        lines
    }
}
