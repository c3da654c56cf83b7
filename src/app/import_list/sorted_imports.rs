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
        self.take_out(&gone);
        Shift { gone, new: self.put_in(new) }
    }

    fn take_out(&mut self, gone: &[usize]) {
        let Some(first) = gone.first().copied() else { return };
        let mut gone = gone.iter().copied().peekable();
        let rows = Arc::make_mut(&mut self.rows);
        let tail = rows.split_off(first);
        let left = (first..).zip(tail).filter(|(line, _)| gone.next_if_eq(line).is_none());
        rows.extend(left.map(|(_, listed)| listed));
    }

    /// The lines on which the new ones are then.
    fn put_in(&mut self, new: Vec<Listed>) -> Vec<usize> {
        let new = self.sort.arranged_list(new);
        let lines: Vec<_> = new.iter().map(|listed| self.find(listed).unwrap_or_else(|line| line)).collect();
        let Some(mut taken) = lines.first().copied() else { return lines };
        let rows = Arc::make_mut(&mut self.rows);
        let mut tail = rows.split_off(taken).into_iter();
        for (line, listed) in lines.iter().zip(new) {
            rows.extend(tail.by_ref().take(line - taken));
            rows.push(listed);
            taken = *line;
        }
        rows.extend(tail);
        (0..).zip(lines).map(|(before, line)| line + before).collect()
    }
}
