//! The imports table's model: which imports are visible in which order, and which one is selected.

mod lines;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::lines::Lines;
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::snapshot::{Change, Imports, Snapshot, Watched};
use crate::monitor::keymap::Motion;
use crate::query::{Matching, Query, Sort, View};

/// Filter, view, order, selection and marks over the imports of a snapshot.
///
/// The selection is an import, not a line: it stays where it is while lines come and go around it, and moves
/// to the visible import that is next in the order when a filter hides it.
///
/// What [`List::refresh`] costs follows what changed since the last time, not how many imports there are, unless
/// the filter, the view or the order is another one or the filter depends on the time.
#[derive(Debug, Default)]
pub struct List {
    query: Query,
    matching: Matching,
    view: View,
    sort: Sort,
    /// What was seen at the last refresh.
    seen: Imports,
    /// All imports in the order of the table.
    all: Lines,
    /// Those of them that pass filter and view.
    visible: Lines,
    /// How many pass the filter in each view.
    counts: [usize; View::ALL.len()],
    /// The filter or the view is another one than at the last refresh.
    narrowed_anew: bool,
    selected: Option<Arc<Watched>>,
    marks: BTreeSet<ImportId>,
}

impl List {
    /// Works out what is visible now. To be called whenever the snapshot, filter, view or order changed.
    pub fn refresh(&mut self, snapshot: &Snapshot, now: Now) {
        let seen = std::mem::replace(&mut self.seen, snapshot.imports.clone());
        let changes = snapshot.imports.changes_since(&seen);
        let sorted_anew = self.all.sort() != self.sort;
        if sorted_anew {
            self.all = Lines::arranged(self.sort, snapshot.imports.iter().cloned().collect());
        } else {
            self.all.change(&changes);
        }
        let narrowed_anew = std::mem::take(&mut self.narrowed_anew);
        if sorted_anew || narrowed_anew || self.query.depends_on_time() {
            self.narrow(now);
        } else {
            self.narrow_changes(&changes, now);
        }
        self.select_anew();
        if changes.iter().any(|change| change.now.is_none()) {
            self.marks.retain(|id| snapshot.get(id).is_some());
        }
    }

    /// Tries every import.
    fn narrow(&mut self, now: Now) {
        let Self { query, matching, view, counts, .. } = self;
        *counts = Default::default();
        self.visible = self.all.only(|watched| {
            let passes = query.matches(watched, now, matching);
            if passes {
                count(counts, watched, |count| *count += 1);
            }
            passes && view.admits(watched)
        });
    }

    /// Tries what changed.
    fn narrow_changes(&mut self, changes: &[Change<'_>], now: Now) {
        let Self { query, matching, view, counts, .. } = self;
        let mut passing = Vec::new();
        for Change { before, now: after } in changes {
            let before = before.filter(|before| query.matches(before, now, matching));
            let after = after.filter(|after| query.matches(after, now, matching));
            before.into_iter().for_each(|before| count(counts, before, |count| *count -= 1));
            after.into_iter().for_each(|after| count(counts, after, |count| *count += 1));
            let admitted = |watched: &&Arc<Watched>| view.admits(watched);
            passing.push(Change { before: before.filter(admitted), now: after.filter(admitted) });
        }
        self.visible.change(&passing);
    }

    /// The selected import if it is still visible, else the one below it in the order, else the last; else the first.
    fn select_anew(&mut self) {
        let Some(selected) = &self.selected else {
            self.selected = self.visible().first().cloned();
            return;
        };
        let latest = self.seen.get(&selected.import.id).unwrap_or(selected);
        let line = self.visible.find(latest).unwrap_or_else(|line| line);
        self.selected = self.visible().get(line).or(self.visible().last()).cloned();
    }

    /// The visible imports, in order.
    pub fn visible(&self) -> &[Arc<Watched>] {
        self.visible.rows()
    }

    /// How many imports are visible.
    pub fn len(&self) -> usize {
        self.visible().len()
    }

    /// Whether no import is visible.
    pub fn is_empty(&self) -> bool {
        self.visible().is_empty()
    }

    /// How many imports pass the filter in a view.
    pub fn count(&self, view: View) -> usize {
        View::ALL.iter().position(|v| *v == view).and_then(|at| self.counts.get(at)).copied().unwrap_or(0)
    }

    /// The selected import.
    pub fn selected(&self) -> Option<&ImportId> {
        self.selected.as_ref().map(|watched| &watched.import.id)
    }

    /// The selected line, from 0.
    pub fn selected_line(&self) -> Option<usize> {
        self.visible.find(self.selected.as_ref()?).ok()
    }

    /// Selects an import, if it is visible.
    pub fn select(&mut self, id: &ImportId) {
        if let Some(watched) = self.seen.get(id).filter(|watched| self.visible.find(watched).is_ok()) {
            self.selected = Some(Arc::clone(watched));
        }
    }

    /// Moves the selection; `false` at the end of the list.
    pub fn go(&mut self, motion: Motion, page: usize) -> bool {
        let from = self.selected_line().unwrap_or(0);
        let to = motion.apply(from, page, self.visible().len());
        self.selected = self.visible().get(to).cloned();
        to != from
    }

    /// The view.
    pub fn view(&self) -> View {
        self.view
    }

    /// Goes to a view.
    pub fn set_view(&mut self, view: View) {
        self.narrowed_anew |= self.view != view;
        self.view = view;
    }

    /// The order.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Sets the order.
    pub fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
    }

    /// Sets the filter.
    pub fn set_query(&mut self, query: Query) {
        self.narrowed_anew |= self.query != query;
        self.query = query;
    }

    /// The marked imports.
    pub fn marks(&self) -> &BTreeSet<ImportId> {
        &self.marks
    }

    /// Marks or unmarks the selected import and goes on to the next.
    pub fn mark(&mut self) {
        if let Some(id) = self.selected().cloned() {
            if !self.marks.remove(&id) {
                self.marks.insert(id);
            }
            self.go(Motion::Down, 1);
        }
    }

    /// Forgets selection and marks: other imports are shown from now on.
    pub fn forget(&mut self) {
        let kept = std::mem::take(self);
        let (query, matching, view, sort) = (kept.query, kept.matching, kept.view, kept.sort);
        *self = Self { query, matching, view, sort, ..Self::default() };
    }

    /// Takes all marks away; `false` if there were none.
    pub fn unmark(&mut self) -> bool {
        !std::mem::take(&mut self.marks).is_empty()
    }
}

/// Counts an import in every view that it belongs to.
fn count(counts: &mut [usize; View::ALL.len()], watched: &Watched, change: fn(&mut usize)) {
    let views = counts.iter_mut().zip(View::ALL);
    views.filter(|(_, view)| view.admits(watched)).for_each(|(count, _)| change(count));
}
