//! What the table shows: kept up with what changes, and worked out from all imports where filter, view or order is
//! another one. That takes long where there are many, so it can be done on another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::sorted_imports::SortedImports;
use crate::domain::Now;
use crate::domain::snapshot::{Change, Imports, Watched};
use crate::query::{Matching, Query, Sort, View};

/// What the table is to show.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct ListSettings {
    pub(super) query: Query,
    pub(super) view: View,
    pub(super) sort: Sort,
}

/// What the table shows.
#[derive(Debug, Clone, Default)]
pub(super) struct FilteredList {
    /// Which filter, view and order that is.
    pub(super) settings: ListSettings,
    /// When it was worked out: filters that depend on the time hold as of then.
    pub(super) at: Now,
    /// What was seen last.
    pub(super) imports: Imports,
    /// All of them in the order of the table.
    all: SortedImports,
    /// Those of them that pass filter and view.
    pub(super) visible: SortedImports,
    /// How many pass the filter in each view.
    pub(super) counts: [usize; View::ALL.len()],
}

impl FilteredList {
    /// Takes in what changed, which costs as much as that is.
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

    /// What is to be worked out for another wish, or as of another time.
    pub(super) fn filter_job(&self, settings: ListSettings, imports: &Imports, at: Now) -> FilterJob {
        let known = (self.all.sort() == settings.sort).then(|| (self.imports.clone(), self.all.clone()));
        FilterJob { imports: imports.clone(), known, settings, at, token: JobToken::default() }
    }
}

/// All imports, to be put in order and tried.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterJob {
    imports: Imports,
    /// An earlier version, and that in the settings order.
    known: Option<(Imports, SortedImports)>,
    settings: ListSettings,
    at: Now,
    pub(super) token: JobToken,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct FilterResult {
    /// Of which work this is the end.
    pub(super) token: JobToken,
    /// `None` where it was given up.
    pub(super) shown: Option<FilteredList>,
}

/// Which work it is; kept by the list and by who does it.
#[derive(Debug, Clone, Default)]
pub(super) struct JobToken(Arc<AtomicBool>);

impl JobToken {
    /// Nobody waits for it any more.
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
    /// Does the work: about half a microsecond for each import, and another one where the order is new.
    pub fn run(self) -> FilterResult {
        let token = self.token.clone();
        FilterResult { token, shown: self.work(&mut Matching::default()) }
    }

    /// `None` where it was given up meanwhile.
    pub(super) fn work(self, matching: &mut Matching) -> Option<FilteredList> {
        let Self { imports, known, settings, at, token } = self;
        let all = match known {
            Some((earlier, mut all)) => {
                all.change(&imports.changes_since(&earlier));
                all
            }
            None => SortedImports::arranged(settings.sort, imports.iter().cloned().collect()),
        };
        let mut counts = Default::default();
        let visible = all.only(|watched| {
            let passes = !token.is_cancelled() && settings.query.matches(watched, at, matching);
            if passes {
                count(&mut counts, watched, |count| *count += 1);
            }
            passes && settings.view.admits(watched)
        });
        (!token.is_cancelled()).then_some(FilteredList { settings, at, imports, all, visible, counts })
    }
}

/// Counts an import in every view that it belongs to.
fn count(counts: &mut [usize; View::ALL.len()], watched: &Watched, change: fn(&mut usize)) {
    let views = counts.iter_mut().zip(View::ALL);
    views.filter(|(_, view)| view.admits(watched)).for_each(|(count, _)| change(count));
}
