//! The filtered and sorted imports: updated with each change, rebuilt for another filter, view or order. Rebuilding takes
//! long where there are many imports, so it can be done on another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::sorted_imports::SortedImports;
use crate::domain::Now;
use crate::domain::snapshot::{Change, Imports, Watched};
use crate::parallel::in_halves;
use crate::query::{Matching, Query, Sort, View, arrange};

/// What the table should show.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct ListSettings {
    pub(super) query: Query,
    pub(super) view: View,
    pub(super) sort: Sort,
}

/// What the table shows.
#[derive(Debug, Clone, Default)]
pub(super) struct FilteredList {
    /// The filter, view and order applied.
    pub(super) settings: ListSettings,
    /// As of when: for filters that depend on the time.
    pub(super) at: Now,
    /// The imports last seen.
    pub(super) imports: Imports,
    /// All of them, sorted.
    all: SortedImports,
    /// Those that pass filter and view.
    pub(super) visible: SortedImports,
    /// How many pass the filter in each view.
    pub(super) counts: [usize; View::ALL.len()],
}

impl FilteredList {
    /// Takes in changes, at a cost proportional to them.
    pub(super) fn take_in(&mut self, imports: &Imports, matching: &mut Matching) {
        let earlier = std::mem::replace(&mut self.imports, imports.clone());
        let changes = imports.changes_since(&earlier);
        self.all.change(&changes);
        let Self { settings: ListSettings { query, view, .. }, counts, at, .. } = self;
        let mut passing = Vec::new();
        for Change { before, now } in &changes {
            let before = before.filter(|before| query.matches(before, *at, matching));
            let now = now.filter(|now| query.matches(now, *at, matching));
            before.into_iter().for_each(|before| count(counts, before, |count| *count -= 1));
            now.into_iter().for_each(|now| count(counts, now, |count| *count += 1));
            let admitted = |watched: &&Arc<Watched>| view.admits(watched);
            passing.push(Change { before: before.filter(admitted), now: now.filter(admitted) });
        }
        self.visible.change(&passing);
    }

    /// The job that applies other settings, or the same as of another time.
    pub(super) fn filter_job(&self, settings: ListSettings, imports: &Imports, at: Now) -> FilterJob {
        let known = (self.all.sort() == settings.sort).then(|| (self.imports.clone(), self.all.clone()));
        FilterJob { imports: imports.clone(), known, settings, at, token: JobToken::default() }
    }
}

/// All imports, to be filtered and sorted.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterJob {
    imports: Imports,
    /// An earlier version, sorted in the same order.
    known: Option<(Imports, SortedImports)>,
    settings: ListSettings,
    at: Now,
    pub(super) token: JobToken,
}

#[derive(Debug, Clone)]
pub struct FilterResult {
    /// Of which job.
    pub(super) token: JobToken,
    /// `None` if it was cancelled.
    pub(super) shown: Option<FilteredList>,
}

/// Identifies a job and cancels it; held by the list and by the job.
#[derive(Debug, Clone, Default)]
pub(super) struct JobToken(Arc<AtomicBool>);

impl JobToken {
    pub(super) fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl PartialEq for JobToken {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl FilterJob {
    /// Does the work, on two cores where there are many imports.
    pub fn run(self) -> FilterResult {
        let token = self.token.clone();
        let shown = self.finish(|job, rows| {
            let (mut passing, second) = in_halves(rows.len(), |range| {
                job.passing(rows.get(range).unwrap_or_default(), &mut Matching::default())
            });
            if let Some((rows, counts)) = second {
                passing.0.extend(rows);
                passing.1.iter_mut().zip(counts).for_each(|(count, more)| *count += more);
            }
            passing
        });
        FilterResult { token, shown }
    }

    /// The same with a memory that is kept; `None` if it was cancelled.
    pub(super) fn work(self, matching: &mut Matching) -> Option<FilteredList> {
        self.finish(|job, rows| job.passing(rows, matching))
    }

    fn finish(mut self, pass: impl FnOnce(&Self, &[Arc<Watched>]) -> Passing) -> Option<FilteredList> {
        let sort = self.settings.sort;
        let (all, (visible, counts)) = match self.known.take() {
            Some((earlier, mut all)) => {
                all.change(&self.imports.changes_since(&earlier));
                let (passing, counts) = pass(&self, all.rows());
                (all, (passing.into_iter().flatten().collect(), counts))
            }
            // Imports are read newest first, which is about how they lie in memory, and then only pointers are moved.
            None => {
                let all: Vec<_> = self.imports.iter().cloned().collect();
                let order = sort.order(&all);
                let (passing, counts) = pass(&self, &all);
                let visible = arrange(passing.into_iter(), &order);
                (SortedImports::new(sort, arrange(all.into_iter().map(Some), &order)), (visible, counts))
            }
        };
        let visible = SortedImports::new(sort, visible);
        let Self { imports, settings, at, token, .. } = self;
        (!token.is_cancelled()).then_some(FilteredList { settings, at, imports, all, visible, counts })
    }

    /// Those of some imports that pass, each in its place.
    fn passing(&self, rows: &[Arc<Watched>], matching: &mut Matching) -> Passing {
        let Self { settings: ListSettings { query, view, .. }, at, token, .. } = self;
        let mut counts = Default::default();
        let mut passes = |watched: &Arc<Watched>| {
            let passes = !token.is_cancelled() && query.matches(watched, *at, matching);
            if passes {
                count(&mut counts, watched, |count| *count += 1);
            }
            passes && view.admits(watched)
        };
        (rows.iter().map(|watched| passes(watched).then(|| Arc::clone(watched))).collect(), counts)
    }
}

/// The imports that pass filter and view, each in its place, and how many pass the filter in each view.
type Passing = (Vec<Option<Arc<Watched>>>, [usize; View::ALL.len()]);

/// Counts an import in every view that it belongs to.
fn count(counts: &mut [usize; View::ALL.len()], watched: &Watched, change: fn(&mut usize)) {
    let views = counts.iter_mut().zip(View::ALL);
    views.filter(|(_, view)| view.admits(watched)).for_each(|(count, _)| change(count));
}
