//! The state of the imports table: which imports are visible in which order, and which one is selected.

mod filter_job;
mod sorted_imports;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tui_input::Input;

pub use self::filter_job::{FilterJob, FilterResult};
use self::filter_job::{FilteredList, JobToken, ListSettings};
use crate::app::keymap::Motion;
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::snapshot::{Snapshot, Watched};
use crate::query::{FilterError, Matching, Query, Sort, View};

/// This many imports are filtered and sorted well within a frame (16 ms), even on a slow machine.
const SYNC_LIMIT: usize = 5_000;

/// Filter, view, order, selection and marks over the imports of a snapshot.
///
/// The selection is an import, not a line: it stays while lines come and go around it, and moves to the next visible
/// import when a filter hides it.
///
/// [`ImportList::refresh`] tests and compares what changed since the last time, however many imports there are. A new
/// filter, view or order, or a filter that depends on the time, is applied at once to few imports. For many it is left to
/// [`ImportList::next_job`], and the previous list stays until [`ImportList::take`] or [`ImportList::catch_up`].
#[derive(Debug)]
pub struct ImportList {
    /// The text of the filter.
    pub filter: Input,
    /// The first thing that is wrong with it; the invalid term restricts nothing.
    pub mistake: Option<FilterError>,
    /// The first day that the list looks back to; `None` if it holds all imports.
    pub since: Option<Date>,
    /// What was selected when the user started to filter; clearing the filter selects it again.
    before_filter: Option<ImportId>,
    settings: ListSettings,
    shown: FilteredList,
    matching: Matching,
    /// The list does not follow the current settings yet, or not as of now.
    stale: bool,
    /// The background job, and the settings that it applies.
    running: Option<(JobToken, ListSettings)>,
    selected: Option<Arc<Watched>>,
    /// A new order was chosen: its first line is to be selected once the list follows it.
    to_first: bool,
    marks: BTreeSet<ImportId>,
    /// Imports to which something happened while the program was not running, until they are selected.
    pub unseen: BTreeSet<ImportId>,
    sync_limit: usize,
}

impl Default for ImportList {
    fn default() -> Self {
        Self {
            filter: Input::default(),
            mistake: None,
            since: None,
            before_filter: None,
            settings: ListSettings::default(),
            shown: FilteredList::default(),
            matching: Matching::default(),
            stale: false,
            running: None,
            selected: None,
            to_first: false,
            marks: BTreeSet::new(),
            unseen: BTreeSet::new(),
            sync_limit: SYNC_LIMIT,
        }
    }
}

impl ImportList {
    /// Takes in changes. To be called whenever the snapshot, filter, view or order changed, and as time goes by.
    pub fn refresh(&mut self, snapshot: &Snapshot, now: Now) {
        let coming = self.running.as_ref().map_or(&self.shown.settings, |(_, settings)| settings);
        if *coming != self.settings {
            self.stale = true;
            self.cancel();
        }
        self.stale |= self.settings.query.depends_on_time() && self.shown.at != now;
        if snapshot.imports.len() <= self.sync_limit {
            self.catch_up(snapshot, now);
        }
        self.shown.take_in(&snapshot.imports, &mut self.matching);
        self.marks.retain(|id| snapshot.get(id).is_some());
        self.reselect();
    }

    /// The work to do in the background, one job at a time; its result goes to [`ImportList::take`].
    pub fn next_job(&mut self, now: Now) -> Option<FilterJob> {
        if !self.stale || self.running.is_some() {
            return None;
        }
        self.stale = false;
        let filter_job = self.shown.filter_job(self.settings.clone(), &self.shown.imports, now);
        self.running = Some((filter_job.token.clone(), self.settings.clone()));
        Some(filter_job)
    }

    /// Takes in the result of a job, unless it was cancelled.
    pub fn take(&mut self, filter_result: FilterResult) {
        if self.running.take_if(|(token, _)| *token == filter_result.token).is_none() {
            return;
        }
        if let Some(shown) = filter_result.shown.filter(|shown| shown.settings == self.settings) {
            let before = std::mem::replace(&mut self.shown, shown);
            self.shown.take_in(&before.imports, &mut self.matching);
            self.reselect();
        }
    }

    /// Does any outstanding work now.
    pub fn catch_up(&mut self, snapshot: &Snapshot, now: Now) {
        self.cancel();
        let waited = self.running.take().is_some();
        if std::mem::take(&mut self.stale) || waited {
            let filter_job = self.shown.filter_job(self.settings.clone(), &snapshot.imports, now);
            if let Some(shown) = filter_job.work(&mut self.matching) {
                self.shown = shown;
            }
            self.reselect();
        }
    }

    /// Whether the list follows other settings than the current ones.
    pub fn is_stale(&self) -> bool {
        self.shown.settings != self.settings
    }

    fn cancel(&self) {
        if let Some((token, _)) = &self.running {
            token.cancel();
        }
    }

    /// The selected import if it is still visible, else the one below it in the order, else the last; else the first.
    fn reselect(&mut self) {
        if self.to_first && !self.is_stale() {
            (self.to_first, self.selected) = (false, None);
        }
        let Some(selected) = &self.selected else {
            self.selected = self.line(0).cloned();
            return;
        };
        let latest = self.shown.imports.get(&selected.import.id).unwrap_or(selected);
        let line = self.shown.find(latest).unwrap_or_else(|line| line);
        self.selected = self.line(line.min(self.len().saturating_sub(1))).cloned();
    }

    /// The visible imports, in order.
    pub fn visible(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.visible_from(0)
    }

    /// The visible imports from a line on, in order.
    pub fn visible_from(&self, line: usize) -> impl Iterator<Item = &Arc<Watched>> {
        self.shown.visible_from(line)
    }

    pub fn line(&self, line: usize) -> Option<&Arc<Watched>> {
        self.visible_from(line).next()
    }

    pub fn len(&self) -> usize {
        self.shown.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
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

    pub fn selected(&self) -> Option<&ImportId> {
        self.selected.as_ref().map(|watched| &watched.import.id)
    }

    /// The selected line, from 0.
    pub fn selected_line(&self) -> Option<usize> {
        self.shown.find(self.selected.as_ref()?).ok()
    }

    /// Selects an import, if it is visible.
    pub fn select(&mut self, id: &ImportId) {
        if let Some(watched) = self.shown.imports.get(id).filter(|watched| self.shown.find(watched).is_ok()) {
            self.selected = Some(Arc::clone(watched));
        }
    }

    /// Moves the selection; `false` at the end of the list.
    pub fn go(&mut self, motion: Motion, page: usize) -> bool {
        let from = self.selected_line().unwrap_or(0);
        let to = motion.apply(from, page, self.len());
        self.selected = self.line(to).cloned();
        to != from
    }

    pub fn view(&self) -> View {
        self.settings.view
    }

    pub fn set_view(&mut self, view: View) {
        self.settings.view = view;
    }

    pub fn sort(&self) -> Sort {
        self.settings.sort
    }

    /// Changes the order and selects the first import in it.
    pub fn set_sort(&mut self, sort: Sort) {
        self.settings.sort = sort;
        self.to_first = true;
    }

    /// Selects the next import in trouble below the selected one, from the end on from the top; `false` if there is none.
    pub fn next_in_trouble(&mut self) -> bool {
        let from = self.selected_line().map_or(0, |line| line + 1);
        let next = self.visible_from(from).chain(self.visible()).find(|watched| watched.in_trouble).cloned();
        let found = next.is_some();
        self.selected = next.or(self.selected.take());
        found
    }

    /// Applies the filter text.
    pub fn apply_filter(&mut self, snapshot: &Snapshot, zone: &TimeZone, now: Now) {
        let (query, mistake) = Query::parse_leniently(self.filter.value(), zone);
        self.mistake = mistake;
        self.set_query(query.of_several(snapshot.is_of_several()));
        self.refresh(snapshot, now);
    }

    pub fn begin_filter(&mut self) {
        if self.filter.value().is_empty() {
            self.before_filter = self.selected().cloned();
        }
    }

    pub fn clear_filter(&mut self, snapshot: &Snapshot, zone: &TimeZone, now: Now) {
        self.filter.reset();
        self.apply_filter(snapshot, zone, now);
        self.catch_up(snapshot, now);
        if let Some(id) = self.before_filter.take() {
            self.select(&id);
        }
    }

    pub fn set_query(&mut self, query: Query) {
        if self.settings.query != query {
            self.settings.query = query;
        }
    }

    pub fn marks(&self) -> &BTreeSet<ImportId> {
        &self.marks
    }

    /// Marks or unmarks the selected import and moves on to the next.
    pub fn mark(&mut self) {
        if let Some(id) = self.selected().cloned() {
            if !self.marks.remove(&id) {
                self.marks.insert(id);
            }
            self.go(Motion::Down, 1);
        }
    }

    /// Clears selection and marks, for the imports of another account.
    pub fn reset(&mut self) {
        self.cancel();
        let Self { filter, mistake, since, settings, sync_limit, .. } = std::mem::take(self);
        *self = Self { filter, mistake, since, settings, sync_limit, ..Self::default() };
    }

    /// Clears all marks; `false` if there were none.
    pub fn clear_marks(&mut self) -> bool {
        !std::mem::take(&mut self.marks).is_empty()
    }
}
