//! What the table shows: kept up with what changes, and worked out from all imports where filter, view or order is
//! another one. That takes long where there are many, so it can be done on another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::lines::Lines;
use crate::domain::Now;
use crate::domain::snapshot::{Change, Imports, Watched};
use crate::query::{Matching, Query, Sort, View};

/// What the table is to show.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Wanted {
    pub(super) query: Query,
    pub(super) view: View,
    pub(super) sort: Sort,
}

/// What the table shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// Which filter, view and order that is.
    pub(super) wanted: Wanted,
    /// When it was worked out: filters that depend on the time hold as of then.
    pub(super) at: Now,
    /// What was seen last.
    pub(super) imports: Imports,
    /// All of them in the order of the table.
    all: Lines,
    /// Those of them that pass filter and view.
    pub(super) visible: Lines,
    /// How many pass the filter in each view.
    pub(super) counts: [usize; View::ALL.len()],
}

impl Shown {
    /// Takes in what changed, which costs as much as that is.
    pub(super) fn take_in(&mut self, imports: &Imports, matching: &mut Matching) {
        let earlier = std::mem::replace(&mut self.imports, imports.clone());
        let changes = imports.changes_since(&earlier);
        self.all.change(&changes);
        let Self { wanted: Wanted { query, view, .. }, counts, at, .. } = self;
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
    pub(super) fn filter_job(&self, wanted: Wanted, imports: &Imports, at: Now) -> FilterJob {
        let known = (self.all.sort() == wanted.sort).then(|| (self.imports.clone(), self.all.clone()));
        FilterJob { imports: imports.clone(), known, wanted, at, ticket: Ticket::default() }
    }
}

/// All imports, to be put in order and tried.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterJob {
    imports: Imports,
    /// An earlier version, and that in the wanted order.
    known: Option<(Imports, Lines)>,
    wanted: Wanted,
    at: Now,
    pub(super) ticket: Ticket,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct FilterResult {
    /// Of which work this is the end.
    pub(super) ticket: Ticket,
    /// `None` where it was given up.
    pub(super) shown: Option<Shown>,
}

/// Which work it is; kept by the list and by who does it.
#[derive(Debug, Clone, Default)]
pub(super) struct Ticket(Arc<AtomicBool>);

impl Ticket {
    /// Nobody waits for it any more.
    pub(super) fn give_up(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_given_up(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl PartialEq for Ticket {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl FilterJob {
    /// Does the work: about half a microsecond for each import, and another one where the order is new.
    pub fn run(self) -> FilterResult {
        let ticket = self.ticket.clone();
        FilterResult { ticket, shown: self.work(&mut Matching::default()) }
    }

    /// `None` where it was given up meanwhile.
    pub(super) fn work(self, matching: &mut Matching) -> Option<Shown> {
        let Self { imports, known, wanted, at, ticket } = self;
        let all = match known {
            Some((earlier, mut all)) => {
                all.change(&imports.changes_since(&earlier));
                all
            }
            None => Lines::arranged(wanted.sort, imports.iter().cloned().collect()),
        };
        let mut counts = Default::default();
        let visible = all.only(|watched| {
            let passes = !ticket.is_given_up() && wanted.query.matches(watched, at, matching);
            if passes {
                count(&mut counts, watched, |count| *count += 1);
            }
            passes && wanted.view.admits(watched)
        });
        (!ticket.is_given_up()).then_some(Shown { wanted, at, imports, all, visible, counts })
    }
}

/// Counts an import in every view that it belongs to.
fn count(counts: &mut [usize; View::ALL.len()], watched: &Watched, change: fn(&mut usize)) {
    let views = counts.iter_mut().zip(View::ALL);
    views.filter(|(_, view)| view.admits(watched)).for_each(|(count, _)| change(count));
}
