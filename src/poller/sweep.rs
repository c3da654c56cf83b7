//! A full pass: page after page of the list, then a closer look at the imports that were on none of them.

use std::collections::HashSet;

use crate::domain::import::ImportId;
use crate::domain::page::{Ask, Cursor, Page};

use super::plan::Job;

/// Pages after which a list that never ends is left alone.
const MAX_PAGES: usize = 2_000;

/// One full pass under way.
#[derive(Debug)]
pub(super) struct Sweep {
    /// As fast as answers come, not one page a round.
    pub(super) hurried: bool,
    stage: Stage,
    /// Known before the pass and on no page so far.
    unseen: HashSet<ImportId>,
    visited: HashSet<url::Url>,
}

#[derive(Debug)]
enum Stage {
    Pages(Option<Cursor>),
    /// The imports that were on no page: one may have slipped from one page to another in between.
    Confirming(Vec<ImportId>),
}

impl Sweep {
    pub(super) fn new(hurried: bool, known: impl Iterator<Item = ImportId>) -> Self {
        Self { hurried, stage: Stage::Pages(None), unseen: known.collect(), visited: HashSet::new() }
    }

    /// What to ask next; `None` when the pass is over.
    pub(super) fn job(&self) -> Option<Job> {
        match &self.stage {
            Stage::Pages(None) => Some(Job::FirstPage { hurried: self.hurried }),
            Stage::Pages(Some(cursor)) => Some(Job::NextPage(cursor.clone())),
            Stage::Confirming(left) if left.is_empty() => None,
            Stage::Confirming(left) => Some(Job::Confirm(left.iter().take(Ask::MAX_IDS).cloned().collect())),
        }
    }

    /// Takes in an answer, to whatever question: what is on it exists.
    pub(super) fn saw(&mut self, page: &Page) {
        for import in &page.imports {
            self.unseen.remove(&import.id);
        }
    }

    /// Takes in the page that it asked for.
    pub(super) fn turn(&mut self, next: Option<&Cursor>) {
        let new = next.filter(|next| self.visited.len() < MAX_PAGES && self.visited.insert(next.0.clone()));
        self.stage = match new {
            Some(cursor) => Stage::Pages(Some(cursor.clone())),
            None => Stage::Confirming(self.unseen.drain().collect()),
        };
    }

    /// Takes in that these were looked at.
    pub(super) fn confirmed(&mut self, asked: &[ImportId]) {
        if let Stage::Confirming(left) = &mut self.stage {
            left.retain(|id| !asked.contains(id));
        }
    }
}
