//! A pass over the pages of the list, then a check of the known imports that were on none of them.
//!
//! A fast pass has several pages in flight if the server numbers them; any other follows `links.next`, one page a round.

use std::collections::{HashSet, VecDeque};

use crate::domain::import::ImportId;
use crate::domain::page::{Criteria, Cursor, ListRequest, NextPage, Page, Pagination};

use super::job::Job;

/// A list of at most so many imports continues with pages like the first; a longer one starts again with larger pages, so
/// the first page is requested twice.
const FEW: u64 = 100;
/// The target number of larger pages, which the rate limit lets through without a pause.
const LARGE_PAGES: u64 = 40;

/// What a pass is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Check everything in the background, one page a round.
    Background,
    /// Load everything now.
    Whole,
    /// Load imports that were outside the period until now.
    Older,
}

/// A pass in progress.
#[derive(Debug, Clone)]
pub(super) struct Sweep {
    pub(super) scope: Scope,
    criteria: Criteria,
    stage: Stage,
    /// Known before the pass, and on no page yet.
    unseen: HashSet<ImportId>,
    /// How many imports were known before.
    pub(super) known_before: usize,
    pagination: Pagination,
    /// It ended with empty pages.
    pub(super) ends_empty: bool,
    /// The highest requested page, if pages are numbered.
    highest: Option<u32>,
    /// The largest total on any page.
    total: Option<u64>,
    /// The total on the last page.
    latest_total: Option<u64>,
    /// An import was deleted meanwhile, so another may have moved from a page not read yet to one already read.
    shifted: bool,
}

#[derive(Debug, Clone)]
enum Stage {
    First {
        per_page: u16,
        requested: bool,
    },
    Pages {
        left: VecDeque<Cursor>,
        in_flight: Vec<Cursor>,
    },
    /// The imports that were on no page: one may have moved between pages meanwhile.
    Confirming {
        left: Vec<ImportId>,
        requested: bool,
    },
}

impl Sweep {
    /// `per_page` imports are on the first page, `known` are those that the pass should find again.
    pub(super) fn new(
        scope: Scope,
        criteria: Criteria,
        per_page: u16,
        known: impl Iterator<Item = ImportId>,
    ) -> Self {
        let known: HashSet<_> = known.collect();
        let known_before = known.len();
        let unseen = if scope == Scope::Older { HashSet::new() } else { known };
        Self {
            scope,
            criteria,
            stage: Stage::First { per_page, requested: false },
            unseen,
            known_before,
            pagination: Pagination::default(),
            ends_empty: false,
            highest: None,
            total: None,
            latest_total: None,
            shifted: false,
        }
    }

    /// Whether it goes as fast as responses arrive.
    pub(super) fn is_fast(&self) -> bool {
        self.scope != Scope::Background
    }

    pub(super) fn criteria(&self) -> &Criteria {
        &self.criteria
    }

    /// The next request; `None` while responses are awaited and when the pass is finished.
    pub(super) fn job(&self) -> Option<Job> {
        match &self.stage {
            Stage::First { per_page, requested: false } => {
                Some(Job::FirstPage { criteria: Box::new(self.criteria.clone()), per_page: *per_page })
            }
            Stage::Pages { left, .. } => left.front().cloned().map(Job::NextPage),
            Stage::Confirming { left, requested: false } if !left.is_empty() => {
                Some(Job::Confirm(left.iter().take(ListRequest::MAX_IDS).cloned().collect()))
            }
            Stage::First { .. } | Stage::Confirming { .. } => None,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(&self.stage, Stage::Confirming { left, .. } if left.is_empty())
    }

    /// Whether to repeat it once, because an import not known before may have been missed.
    pub(super) fn missed_something(&self) -> bool {
        self.shifted && self.is_fast() && self.known_before == 0
    }

    /// How many fewer imports are known than the server's total says.
    pub(super) fn missing(&self, known: usize) -> Option<u64> {
        let total = self.latest_total.filter(|_| self.scope != Scope::Older)?;
        total.checked_sub(known as u64).filter(|missing| *missing > 0)
    }

    pub(super) fn requested(&mut self, job: &Job) {
        match (&mut self.stage, job) {
            (Stage::First { requested, .. }, Job::FirstPage { .. })
            | (Stage::Confirming { requested, .. }, Job::Confirm(_)) => *requested = true,
            (Stage::Pages { left, in_flight }, Job::NextPage(cursor)) => {
                left.retain(|other| other != cursor);
                in_flight.push(cursor.clone());
            }
            _ => {}
        }
    }

    /// The request failed and must be repeated.
    pub(super) fn failed(&mut self, job: &Job) {
        match (&mut self.stage, job) {
            (Stage::First { requested, .. }, Job::FirstPage { .. })
            | (Stage::Confirming { requested, .. }, Job::Confirm(_)) => *requested = false,
            (Stage::Pages { left, in_flight }, Job::NextPage(cursor)) if in_flight.contains(cursor) => {
                in_flight.retain(|other| other != cursor);
                left.push_front(cursor.clone());
            }
            _ => {}
        }
    }

    /// Records a response to any request: its imports exist.
    pub(super) fn saw(&mut self, page: &Page) {
        for import in &page.imports {
            self.unseen.remove(&import.id);
        }
    }

    /// Records a response to a request of this pass; ignores those of earlier passes.
    pub(super) fn responded(&mut self, job: &Job, page: &Page) {
        match (&mut self.stage, job) {
            (
                Stage::First { per_page, requested: true },
                Job::FirstPage { criteria, per_page: of_response },
            ) if **criteria == self.criteria && per_page == of_response => {
                match larger(page).filter(|larger| self.scope != Scope::Background && *larger > *per_page) {
                    Some(larger) => self.stage = Stage::First { per_page: larger, requested: false },
                    None => {
                        self.stage = Stage::Pages { left: VecDeque::new(), in_flight: Vec::new() };
                        self.advance(page);
                    }
                }
            }
            (Stage::Pages { in_flight, .. }, Job::NextPage(cursor)) if in_flight.contains(cursor) => {
                in_flight.retain(|other| other != cursor);
                self.advance(page);
            }
            (Stage::Confirming { left, requested }, Job::Confirm(ids)) => {
                *requested = false;
                left.retain(|id| !ids.contains(id));
            }
            _ => {}
        }
    }

    /// Continues after a page.
    fn advance(&mut self, page: &Page) {
        self.shifted |= page.total.is_some_and(|total| Some(total) < self.total);
        self.total = self.total.max(page.total);
        self.latest_total = page.total.or(self.latest_total);
        let Stage::Pages { left, in_flight } = &mut self.stage else { return };
        let numbered = page.numbered.as_ref().filter(|numbered| numbered.last as usize <= Pagination::MOST);
        match (self.pagination.after(page), numbered) {
            // The list has become shorter.
            (NextPage::End, _) => left.clear(),
            (NextPage::OnlyEmpty, _) => {
                self.ends_empty = true;
                left.clear();
            }
            (_, Some(numbered)) if self.scope != Scope::Background => {
                let from = numbered.next.max(self.highest.map_or(0, |highest| highest.saturating_add(1)));
                left.extend((from..=numbered.last).map(|number| numbered.page(number)));
                self.highest = self.highest.max(Some(numbered.last));
            }
            (NextPage::At(next), _) => left.push_back(next),
            (NextPage::Loop | NextPage::TooMany, _) => {}
        }
        if left.is_empty() && in_flight.is_empty() {
            self.stage = Stage::Confirming { left: self.unseen.drain().collect(), requested: false };
        }
    }
}

/// Page size for a long list, or one that goes on without a total.
fn larger(first: &Page) -> Option<u16> {
    let unknown = first.next.is_some().then_some(FEW + 1);
    let total = first.total.or(unknown).filter(|total| *total > FEW)?;
    u16::try_from(total.div_ceil(LARGE_PAGES).clamp(100, 500)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_about_forty_pages_of_100_to_500() {
        let table = [(None, None), (Some(100), None), (Some(101), Some(100)), (Some(10_000), Some(250))];
        for (total, expected) in
            table.into_iter().chain([(Some(12_001), Some(301)), (Some(100_000), Some(500))])
        {
            assert_eq!(larger(&Page { total, ..Page::default() }), expected, "{total:?}");
        }
    }
}
