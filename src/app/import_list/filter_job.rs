//! The filtered and sorted imports: updated with each change, rebuilt for another filter, view or order. Rebuilding takes
//! long where there are many imports, so it can be done on another thread.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::sorted_imports::{Shift, SortedImports, changes};
use crate::domain::Now;
use crate::domain::snapshot::{Imports, Watched};
use crate::parallel::in_halves;
use crate::query::{Listed, Matching, Query, Sort, View, arrange};

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
    /// Those of `all` that pass filter and view, ascending.
    visible: Vec<usize>,
    /// How many pass the filter in each view.
    pub(super) counts: [usize; View::ALL.len()],
}

impl FilteredList {
    pub(super) fn len(&self) -> usize {
        self.visible.len()
    }

    /// What is shown from a line on.
    pub(super) fn visible_from(&self, line: usize) -> impl Iterator<Item = &Arc<Watched>> {
        let visible = self.visible.get(line..).unwrap_or_default().iter();
        visible.filter_map(|at| self.all.rows().get(*at).map(|listed| &listed.watched))
    }

    /// The line of an import in exactly this version; otherwise the line where it would be.
    pub(super) fn find(&self, watched: &Arc<Watched>) -> Result<usize, usize> {
        match self.all.find(&watched.into()) {
            Ok(at) => self.visible.binary_search(&at),
            Err(at) => Err(self.visible.partition_point(|shown| *shown < at)),
        }
    }

    /// Takes in changes. Imports are tested and compared in proportion to them; only line numbers may all have to move.
    pub(super) fn take_in(&mut self, imports: &Imports, matching: &mut Matching) {
        let earlier = std::mem::replace(&mut self.imports, imports.clone());
        let changes = changes(imports, &earlier);
        let Self { settings: ListSettings { query, view, .. }, counts, at, all, visible, .. } = self;
        let (mut leaving, mut entering) = (Vec::new(), Vec::new());
        for change in &changes {
            let (before, now) = change;
            let mut passes = |listed: &&Listed| query.matches(listed, *at, matching);
            let before = before.as_ref().filter(&mut passes);
            let now = now.as_ref().filter(&mut passes);
            before.into_iter().for_each(|before| count(counts, before, |count| *count -= 1));
            now.into_iter().for_each(|now| count(counts, now, |count| *count += 1));
            let admitted = |listed: &&Listed| view.admits(listed);
            match (before.filter(admitted), now.filter(admitted)) {
                (Some(_), Some(_)) if all.is_in_place(change) => {}
                (before, now) => {
                    leaving.extend(before.and_then(|before| all.find(before).ok()));
                    entering.extend(now.cloned());
                }
            }
        }
        let shift = all.change(changes);
        if !leaving.is_empty() {
            leaving.sort_unstable();
            let mut leaving = leaving.into_iter().peekable();
            visible.retain(|line| {
                while leaving.next_if(|leaving| leaving < line).is_some() {}
                leaving.next_if_eq(line).is_none()
            });
        }
        renumber(visible, &shift);
        if !entering.is_empty() {
            visible.extend(entering.iter().filter_map(|entering| all.find(entering).ok()));
            // Finds that all but the end is sorted.
            visible.sort();
        }
    }

    /// The job that applies other settings, or the same as of another time.
    pub(super) fn filter_job(&self, settings: ListSettings, imports: &Imports, at: Now) -> FilterJob {
        let known = (self.all.sort() == settings.sort).then(|| (self.imports.clone(), self.all.clone()));
        FilterJob { imports: imports.clone(), known, settings, at, token: JobToken::default() }
    }
}

/// Gives lines that stayed the numbers that they have after a shift.
fn renumber(lines: &mut [usize], Shift { gone, new }: &Shift) {
    if gone.is_empty() && new.is_empty() {
        return;
    }
    let (mut gone, mut new) = (gone.iter().peekable(), new.iter().peekable());
    let (mut fewer, mut more) = (0, 0);
    for line in lines {
        while gone.next_if(|gone| **gone < *line).is_some() {
            fewer += 1;
        }
        let stayed = *line - fewer;
        while new.next_if(|new| **new <= stayed + more).is_some() {
            more += 1;
        }
        *line = stayed + more;
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
            let (mut passing, second) =
                in_halves(rows.len(), |range| job.passing(rows, range, &mut Matching::default()));
            if let Some((lines, counts)) = second {
                passing.0.extend(lines);
                passing.1.iter_mut().zip(counts).for_each(|(count, more)| *count += more);
            }
            passing
        });
        FilterResult { token, shown }
    }

    /// The same with a memory that is kept; `None` if it was cancelled.
    pub(super) fn work(self, matching: &mut Matching) -> Option<FilteredList> {
        self.finish(|job, rows| job.passing(rows, 0..rows.len(), matching))
    }

    fn finish(mut self, pass: impl FnOnce(&Self, &[Listed]) -> Passing) -> Option<FilteredList> {
        let sort = self.settings.sort;
        let (all, (visible, counts)) = match self.known.take() {
            Some((earlier, mut all)) => {
                all.change(changes(&self.imports, &earlier));
                let passing = pass(&self, all.rows());
                (all, passing)
            }
            // Imports are read newest first, which is about how they lie in memory, and then only moved.
            None => {
                let rows: Vec<_> = self.imports.iter().map(Listed::from).collect();
                let (passing, counts) = pass(&self, &rows);
                let order = sort.order(&rows);
                let mut passes = vec![false; rows.len()];
                for line in passing {
                    passes.get_mut(line).into_iter().for_each(|passes| *passes = true);
                }
                let places = (0..).zip(arrange(passes, &order));
                let visible = places.filter_map(|(line, passes)| passes.then_some(line)).collect();
                (SortedImports::new(sort, arrange(rows, &order)), (visible, counts))
            }
        };
        let Self { imports, settings, at, token, .. } = self;
        (!token.is_cancelled()).then_some(FilteredList { settings, at, imports, all, visible, counts })
    }

    /// The lines of a range that pass.
    fn passing(&self, rows: &[Listed], range: Range<usize>, matching: &mut Matching) -> Passing {
        let Self { settings: ListSettings { query, view, .. }, at, token, .. } = self;
        let mut counts = Default::default();
        let rows = range.clone().zip(rows.get(range).unwrap_or_default());
        let passing = rows.filter(|(_, listed)| {
            let passes = !token.is_cancelled() && query.matches(listed, *at, matching);
            if passes {
                count(&mut counts, listed, |count| *count += 1);
            }
            passes && view.admits(listed)
        });
        (passing.map(|(line, _)| line).collect(), counts)
    }
}

/// Lines that pass filter and view, ascending, and how many imports pass the filter in each view.
type Passing = (Vec<usize>, [usize; View::ALL.len()]);

/// Counts an import in every view that it belongs to.
fn count(counts: &mut [usize; View::ALL.len()], listed: &Listed, change: fn(&mut usize)) {
    let views = counts.iter_mut().zip(View::ALL);
    views.filter(|(_, view)| view.admits(listed)).for_each(|(count, _)| change(count));
}
