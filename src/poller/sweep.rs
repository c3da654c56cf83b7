//! A pass over the pages of the list, then a closer look at the imports that were on none of them.
//!
//! A hurried pass has several pages under way at once, where the server numbers them; any other follows
//! `links.next`, one page a round.

use std::collections::{HashSet, VecDeque};

use crate::domain::import::ImportId;
use crate::domain::page::{Criteria, Cursor, ListRequest, Onward, Page, Walk};

use super::job::Job;

/// Imports on a page of a pass that goes one page a round.
const SPREAD_PAGE: u16 = 25;
/// Imports on the first page of a hurried pass: a screen full, here soon on a slow link as well.
const FIRST_PAGE: u16 = 50;
/// A list of so many of these goes on with them; a longer one begins again with larger pages, for which the first
/// page comes twice.
const SMALL_PAGES: u64 = 4;
/// The larger pages: about forty of them, which the rate limit lets through without a pause, where they need not be
/// larger still.
const LARGE_PAGES: u64 = 40;

/// What a pass is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// To see everything again, in no hurry.
    Spread,
    /// To see everything, now.
    Whole,
    /// To load what was outside the period until now.
    Older,
}

/// One pass under way.
#[derive(Debug)]
pub(super) struct Sweep {
    pub(super) scope: Scope,
    criteria: Criteria,
    stage: Stage,
    /// Known before the pass and on no page so far.
    unseen: HashSet<ImportId>,
    /// How many imports were known before it.
    pub(super) before: usize,
    walk: Walk,
    /// It ended with pages that hold no import.
    pub(super) ends_empty: bool,
    /// The highest page asked for, where pages are numbered.
    highest: Option<u32>,
    /// The largest total that any page told.
    total: Option<u64>,
    /// The total that the last page told.
    told: Option<u64>,
    /// An import was deleted meanwhile: another one may have slipped from a page not yet read to one that was.
    slipped: bool,
}

#[derive(Debug)]
enum Stage {
    First {
        per_page: u16,
        asked: bool,
    },
    Pages {
        left: VecDeque<Cursor>,
        asked: Vec<Cursor>,
    },
    /// The imports that were on no page: one may have slipped from one page to another in between.
    Confirming {
        left: Vec<ImportId>,
        asked: bool,
    },
}

impl Sweep {
    /// A pass over what meets the criteria; `known` are the imports that it should find again.
    pub(super) fn new(scope: Scope, criteria: Criteria, known: impl Iterator<Item = ImportId>) -> Self {
        let per_page = if scope == Scope::Spread { SPREAD_PAGE } else { FIRST_PAGE };
        let known: HashSet<_> = known.collect();
        let before = known.len();
        let unseen = if scope == Scope::Older { HashSet::new() } else { known };
        Self {
            scope,
            criteria,
            stage: Stage::First { per_page, asked: false },
            unseen,
            before,
            walk: Walk::default(),
            ends_empty: false,
            highest: None,
            total: None,
            told: None,
            slipped: false,
        }
    }

    /// Whether it goes as fast as answers come.
    pub(super) fn hurried(&self) -> bool {
        self.scope != Scope::Spread
    }

    /// What it is narrowed to.
    pub(super) fn criteria(&self) -> &Criteria {
        &self.criteria
    }

    /// What to ask next; `None` while answers are awaited, and when the pass is over.
    pub(super) fn job(&self) -> Option<Job> {
        match &self.stage {
            Stage::First { per_page, asked: false } => {
                Some(Job::FirstPage { criteria: Box::new(self.criteria.clone()), per_page: *per_page })
            }
            Stage::Pages { left, .. } => left.front().cloned().map(Job::NextPage),
            Stage::Confirming { left, asked: false } if !left.is_empty() => {
                Some(Job::Confirm(left.iter().take(ListRequest::MAX_IDS).cloned().collect()))
            }
            Stage::First { .. } | Stage::Confirming { .. } => None,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(&self.stage, Stage::Confirming { left, .. } if left.is_empty())
    }

    /// Whether it should be done over, once: something that was not known before may have been missed.
    pub(super) fn missed_something(&self) -> bool {
        self.slipped && self.hurried() && self.before == 0
    }

    /// How many imports there are by the server's word, where fewer than that are known.
    pub(super) fn lacks(&self, known: usize) -> Option<u64> {
        self.told.filter(|told| self.scope != Scope::Older && *told > known as u64)
    }

    /// This is being asked now.
    pub(super) fn asked(&mut self, job: &Job) {
        match (&mut self.stage, job) {
            (Stage::First { asked, .. }, Job::FirstPage { .. })
            | (Stage::Confirming { asked, .. }, Job::Confirm(_)) => *asked = true,
            (Stage::Pages { left, asked }, Job::NextPage(cursor)) => {
                left.retain(|other| other != cursor);
                asked.push(cursor.clone());
            }
            _ => {}
        }
    }

    /// There was no answer: it is to be asked again.
    pub(super) fn not_answered(&mut self, job: &Job) {
        match (&mut self.stage, job) {
            (Stage::First { asked, .. }, Job::FirstPage { .. })
            | (Stage::Confirming { asked, .. }, Job::Confirm(_)) => *asked = false,
            (Stage::Pages { left, asked }, Job::NextPage(cursor)) if asked.contains(cursor) => {
                asked.retain(|other| other != cursor);
                left.push_front(cursor.clone());
            }
            _ => {}
        }
    }

    /// Takes in an answer, to whatever question: what is on it exists.
    pub(super) fn saw(&mut self, page: &Page) {
        for import in &page.imports {
            self.unseen.remove(&import.id);
        }
    }

    /// Takes in the answer to a question of a pass; to one of an earlier pass it does nothing.
    pub(super) fn answered(&mut self, job: &Job, page: &Page) {
        match (&mut self.stage, job) {
            (Stage::First { per_page, asked: true }, Job::FirstPage { criteria, per_page: answered })
                if **criteria == self.criteria && per_page == answered =>
            {
                match larger(page.total).filter(|larger| self.scope != Scope::Spread && *larger > *per_page) {
                    Some(larger) => self.stage = Stage::First { per_page: larger, asked: false },
                    None => {
                        self.stage = Stage::Pages { left: VecDeque::new(), asked: Vec::new() };
                        self.turn(page);
                    }
                }
            }
            (Stage::Pages { asked, .. }, Job::NextPage(cursor)) if asked.contains(cursor) => {
                asked.retain(|other| other != cursor);
                self.turn(page);
            }
            (Stage::Confirming { left, asked }, Job::Confirm(ids)) => {
                *asked = false;
                left.retain(|id| !ids.contains(id));
            }
            _ => {}
        }
    }

    /// Goes on behind a page.
    fn turn(&mut self, page: &Page) {
        self.slipped |= page.total.is_some_and(|total| Some(total) < self.total);
        self.total = self.total.max(page.total);
        self.told = page.total.or(self.told);
        let Stage::Pages { left, asked } = &mut self.stage else { return };
        let numbered = page.numbered.as_ref().filter(|numbered| numbered.last as usize <= Walk::MOST);
        match (self.walk.onward(page), numbered) {
            // The list is shorter than it was.
            (Onward::End, _) => left.clear(),
            (Onward::Empty, _) => {
                self.ends_empty = true;
                left.clear();
            }
            (_, Some(numbered)) if self.scope != Scope::Spread => {
                let from = numbered.next.max(self.highest.map_or(0, |highest| highest.saturating_add(1)));
                left.extend((from..=numbered.last).map(|number| numbered.page(number)));
                self.highest = self.highest.max(Some(numbered.last));
            }
            (Onward::To(next), _) => left.push_back(next),
            (Onward::Back | Onward::Endless, _) => {}
        }
        if left.is_empty() && asked.is_empty() {
            self.stage = Stage::Confirming { left: self.unseen.drain().collect(), asked: false };
        }
    }
}

/// Imports on the pages of a long list.
fn larger(total: Option<u64>) -> Option<u16> {
    let total = total.filter(|total| *total > SMALL_PAGES * u64::from(FIRST_PAGE))?;
    u16::try_from(total.div_ceil(LARGE_PAGES).clamp(100, 500)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_about_forty_pages_of_100_to_500() {
        let table = [(None, None), (Some(200), None), (Some(201), Some(100)), (Some(10_000), Some(250))];
        for (total, expected) in
            table.into_iter().chain([(Some(12_001), Some(301)), (Some(100_000), Some(500))])
        {
            assert_eq!(larger(total), expected, "{total:?}");
        }
    }
}
