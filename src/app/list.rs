//! The imports table's model: which imports are visible in which order, and which one is selected.

mod filter_job;
mod lines;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use self::filter_job::{FilterJob, FilterResult};
use self::filter_job::{Shown, Ticket, Wanted};
use crate::app::keymap::Motion;
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::snapshot::{Snapshot, Watched};
use crate::query::{Matching, Query, Sort, View};

/// So many imports are put in order and tried well within a frame (16 ms), on a slow machine as well.
const AT_ONCE: usize = 5_000;

/// Filter, view, order, selection and marks over the imports of a snapshot.
///
/// The selection is an import, not a line: it stays where it is while lines come and go around it, and moves
/// to the visible import that is next in the order when a filter hides it.
///
/// What [`List::refresh`] costs follows what changed since the last time, not how many imports there are. Another
/// filter, view or order, or a filter that depends on the time, is worked out at once where the imports are few. Where
/// they are many it is left to [`List::due`], and what was shown before stays until [`List::take`] or [`List::settle`].
#[derive(Debug)]
pub struct List {
    wanted: Wanted,
    shown: Shown,
    matching: Matching,
    /// What is shown is not what is wanted, or not as of now.
    behind: bool,
    /// What is being worked out elsewhere, and for which wish.
    report_download: Option<(Ticket, Wanted)>,
    selected: Option<Arc<Watched>>,
    marks: BTreeSet<ImportId>,
    at_once: usize,
}

impl Default for List {
    fn default() -> Self {
        Self {
            wanted: Wanted::default(),
            shown: Shown::default(),
            matching: Matching::default(),
            behind: false,
            report_download: None,
            selected: None,
            marks: BTreeSet::new(),
            at_once: AT_ONCE,
        }
    }
}

impl List {
    /// Takes in what changed. To be called whenever the snapshot, filter, view or order did, and as time goes by.
    pub fn refresh(&mut self, snapshot: &Snapshot, now: Now) {
        let coming = self.report_download.as_ref().map_or(&self.shown.wanted, |(_, wanted)| wanted);
        if *coming != self.wanted {
            self.behind = true;
            self.give_up();
        }
        self.behind |= self.wanted.query.depends_on_time() && self.shown.at != now;
        if snapshot.imports.len() <= self.at_once {
            self.settle(snapshot, now);
        }
        self.shown.take_in(&snapshot.imports, &mut self.matching);
        self.marks.retain(|id| snapshot.get(id).is_some());
        self.select_anew();
    }

    /// What is to be worked out elsewhere, one thing at a time: its end is to be told to [`List::take`].
    pub fn due(&mut self, now: Now) -> Option<FilterJob> {
        if !self.behind || self.report_download.is_some() {
            return None;
        }
        self.behind = false;
        let filter_job = self.shown.filter_job(self.wanted.clone(), &self.shown.imports, now);
        self.report_download = Some((filter_job.ticket.clone(), self.wanted.clone()));
        Some(filter_job)
    }

    /// Takes in what was worked out, unless it was given up meanwhile.
    pub fn take(&mut self, filter_result: FilterResult) {
        if self.report_download.take_if(|(ticket, _)| *ticket == filter_result.ticket).is_none() {
            return;
        }
        if let Some(shown) = filter_result.shown.filter(|shown| shown.wanted == self.wanted) {
            let before = std::mem::replace(&mut self.shown, shown);
            self.shown.take_in(&before.imports, &mut self.matching);
            self.select_anew();
        }
    }

    /// Works out now what is behind.
    pub fn settle(&mut self, snapshot: &Snapshot, now: Now) {
        self.give_up();
        let waited = self.report_download.take().is_some();
        if std::mem::take(&mut self.behind) || waited {
            let filter_job = self.shown.filter_job(self.wanted.clone(), &snapshot.imports, now);
            if let Some(shown) = filter_job.work(&mut self.matching) {
                self.shown = shown;
            }
            self.select_anew();
        }
    }

    /// Whether something else is wanted than what is shown.
    pub fn is_behind(&self) -> bool {
        self.shown.wanted != self.wanted
    }

    fn give_up(&self) {
        if let Some((ticket, _)) = &self.report_download {
            ticket.give_up();
        }
    }

    /// The selected import if it is still visible, else the one below it in the order, else the last; else the first.
    fn select_anew(&mut self) {
        let Some(selected) = &self.selected else {
            self.selected = self.visible().first().cloned();
            return;
        };
        let latest = self.shown.imports.get(&selected.import.id).unwrap_or(selected);
        let line = self.shown.visible.find(latest).unwrap_or_else(|line| line);
        self.selected = self.visible().get(line).or(self.visible().last()).cloned();
    }

    /// The visible imports, in order.
    pub fn visible(&self) -> &[Arc<Watched>] {
        self.shown.visible.rows()
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
        View::ALL
            .iter()
            .position(|v| *v == view)
            .and_then(|at| self.shown.counts.get(at))
            .copied()
            .unwrap_or(0)
    }

    /// The selected import.
    pub fn selected(&self) -> Option<&ImportId> {
        self.selected.as_ref().map(|watched| &watched.import.id)
    }

    /// The selected line, from 0.
    pub fn selected_line(&self) -> Option<usize> {
        self.shown.visible.find(self.selected.as_ref()?).ok()
    }

    /// Selects an import, if it is visible.
    pub fn select(&mut self, id: &ImportId) {
        if let Some(watched) =
            self.shown.imports.get(id).filter(|watched| self.shown.visible.find(watched).is_ok())
        {
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

    /// The view that is wanted.
    pub fn view(&self) -> View {
        self.wanted.view
    }

    /// Goes to a view.
    pub fn set_view(&mut self, view: View) {
        self.wanted.view = view;
    }

    /// The order that is wanted.
    pub fn sort(&self) -> Sort {
        self.wanted.sort
    }

    /// Sets the order.
    pub fn set_sort(&mut self, sort: Sort) {
        self.wanted.sort = sort;
    }

    /// Sets the filter.
    pub fn set_query(&mut self, query: Query) {
        if self.wanted.query != query {
            self.wanted.query = query;
        }
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
        self.give_up();
        let wanted = std::mem::take(&mut self.wanted);
        *self = Self { wanted, at_once: self.at_once, ..Self::default() };
    }

    /// Takes all marks away; `false` if there were none.
    pub fn unmark(&mut self) -> bool {
        !std::mem::take(&mut self.marks).is_empty()
    }
}
