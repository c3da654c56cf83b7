//! Sorted imports: finding a line and applying changes do not compare all of them.

use std::sync::Arc;

use crate::domain::snapshot::{Change, Watched};
use crate::query::Sort;

/// Imports, each once, in the order of `sort`. Clones share them until one changes.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct SortedImports {
    sort: Sort,
    rows: Arc<Vec<Arc<Watched>>>,
}

impl SortedImports {
    /// Of rows that are in this order.
    pub(super) fn new(sort: Sort, rows: Vec<Arc<Watched>>) -> Self {
        Self { sort, rows: Arc::new(rows) }
    }

    pub(super) fn sort(&self) -> Sort {
        self.sort
    }

    pub(super) fn rows(&self) -> &[Arc<Watched>] {
        &self.rows
    }

    /// The line of an import in exactly this version; otherwise the line where it would be inserted.
    pub(super) fn find(&self, watched: &Watched) -> Result<usize, usize> {
        self.sort.find(&self.rows, watched)
    }

    /// Removes and inserts what changed.
    pub(super) fn change(&mut self, changes: &[Change<'_>]) {
        if changes.is_empty() {
            return;
        }
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for Change { before, now } in changes {
            let line = before.and_then(|before| self.find(before).ok());
            match (line, before, now) {
                (Some(line), Some(before), Some(now)) if self.sort.compare(before, now).is_eq() => {
                    if let Some(row) = Arc::make_mut(&mut self.rows).get_mut(line) {
                        *row = Arc::clone(now);
                    }
                }
                _ => {
                    gone.extend(line);
                    new.extend(now.cloned());
                }
            }
        }
        self.take_out(gone);
        self.put_in(new);
    }

    fn take_out(&mut self, mut lines: Vec<usize>) {
        lines.sort_unstable();
        let Some(first) = lines.first().copied() else { return };
        let mut gone = lines.into_iter().peekable();
        let rows = Arc::make_mut(&mut self.rows);
        let tail = rows.split_off(first);
        let left = (first..).zip(tail).filter(|(line, _)| gone.next_if_eq(line).is_none());
        rows.extend(left.map(|(_, watched)| watched));
    }

    fn put_in(&mut self, new: Vec<Arc<Watched>>) {
        let new = self.sort.arranged(&new);
        let lines: Vec<_> =
            new.iter().map(|watched| self.find(watched).unwrap_or_else(|line| line)).collect();
        let Some(mut taken) = lines.first().copied() else { return };
        let rows = Arc::make_mut(&mut self.rows);
        let mut tail = rows.split_off(taken).into_iter();
        for (line, watched) in lines.into_iter().zip(new) {
            rows.extend(tail.by_ref().take(line - taken));
            rows.push(watched);
            taken = line;
        }
        rows.extend(tail);
    }
}
