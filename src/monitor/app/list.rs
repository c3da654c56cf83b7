//! The imports table's model: which imports are visible in which order, and which one is selected.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::snapshot::{Snapshot, Watched};
use crate::monitor::keymap::Motion;
use crate::query::{Matching, Query, Sort, View};

/// Filter, view, order, selection and marks over the imports of a snapshot.
///
/// The selection is an import, not a line: it stays where it is while lines come and go around it, and moves
/// to the nearest visible neighbour when a filter hides it.
#[derive(Debug, Default)]
pub struct List {
    query: Query,
    matching: Matching,
    view: View,
    sort: Sort,
    visible: Vec<Arc<Watched>>,
    counts: [usize; View::ALL.len()],
    selected: Option<ImportId>,
    marks: BTreeSet<ImportId>,
}

impl List {
    /// Works out what is visible now. To be called whenever the snapshot, filter, view or order changed.
    pub fn refresh(&mut self, snapshot: &Snapshot, now: Now) {
        let (query, matching) = (&self.query, &mut self.matching);
        let mut rows: Vec<Arc<Watched>> = snapshot
            .imports
            .iter()
            .filter(|watched| query.matches(watched, now, matching))
            .cloned()
            .collect();
        for (count, view) in self.counts.iter_mut().zip(View::ALL) {
            *count = view.count(&rows);
        }
        rows.retain(|watched| self.view.admits(watched));
        self.sort.arrange(&mut rows);

        let before = std::mem::replace(&mut self.visible, rows);
        self.selected = self.neighbour(&before);
        self.marks.retain(|id| snapshot.get(id).is_some());
    }

    /// The selected import if it is still visible, else the nearest that was around it, else the first.
    fn neighbour(&self, before: &[Arc<Watched>]) -> Option<ImportId> {
        let visible: HashSet<&ImportId> = self.visible.iter().map(|watched| &watched.import.id).collect();
        let selected = self.selected.as_ref();
        if let Some(id) = selected.filter(|id| visible.contains(id)) {
            return Some(id.clone());
        }
        let at = selected.and_then(|id| before.iter().position(|other| other.import.id == *id)).unwrap_or(0);
        let (above, below) = before.split_at_checked(at).unwrap_or((before, &[]));
        let near =
            below.iter().chain(above.iter().rev()).find(|watched| visible.contains(&watched.import.id));
        near.or_else(|| self.visible.first()).map(|watched| watched.import.id.clone())
    }

    /// The visible imports, in order.
    pub fn visible(&self) -> &[Arc<Watched>] {
        &self.visible
    }

    /// How many imports are visible.
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// Whether no import is visible.
    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// How many imports pass the filter in a view.
    pub fn count(&self, view: View) -> usize {
        View::ALL.iter().position(|v| *v == view).and_then(|at| self.counts.get(at)).copied().unwrap_or(0)
    }

    /// The selected import.
    pub fn selected(&self) -> Option<&ImportId> {
        self.selected.as_ref()
    }

    /// The selected line, from 0.
    pub fn selected_line(&self) -> Option<usize> {
        let id = self.selected.as_ref()?;
        self.visible.iter().position(|other| other.import.id == *id)
    }

    /// Selects an import, if it is visible.
    pub fn select(&mut self, id: &ImportId) {
        if self.visible.iter().any(|watched| watched.import.id == *id) {
            self.selected = Some(id.clone());
        }
    }

    /// Moves the selection; `false` at the end of the list.
    pub fn go(&mut self, motion: Motion, page: usize) -> bool {
        let from = self.selected_line().unwrap_or(0);
        let to = motion.apply(from, page, self.visible.len());
        self.selected = self.visible.get(to).map(|watched| watched.import.id.clone());
        to != from
    }

    /// The view.
    pub fn view(&self) -> View {
        self.view
    }

    /// Goes to a view.
    pub fn set_view(&mut self, view: View) {
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
        self.query = query;
    }

    /// The marked imports.
    pub fn marks(&self) -> &BTreeSet<ImportId> {
        &self.marks
    }

    /// Marks or unmarks the selected import and goes on to the next.
    pub fn mark(&mut self) {
        if let Some(id) = self.selected.clone() {
            if !self.marks.remove(&id) {
                self.marks.insert(id);
            }
            self.go(Motion::Down, 1);
        }
    }

    /// Takes all marks away; `false` if there were none.
    pub fn unmark(&mut self) -> bool {
        !std::mem::take(&mut self.marks).is_empty()
    }
}
