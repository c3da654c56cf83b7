//! Waiting for imports to settle: what to ask, what the answers mean, how it ends. Pure: time and dice are passed in.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::Now;
use crate::domain::backoff::Backoff;
use crate::domain::fault::Fault;
use crate::domain::import::ImportId;
use crate::domain::page::{ListRequest, Page};
use crate::domain::snapshot::{LinkState, Snapshot, Watched};
use crate::domain::tally::Verdict;
use crate::exit::Exit;

/// Between two requests in one round at least, so that thousands of imports stay within the rate limit.
const APART: Duration = Duration::from_millis(250);

/// The imports that are waited for.
#[derive(Debug, Default)]
pub(super) struct WaitState {
    /// In the order in which they are told.
    wanted: Vec<ImportId>,
    snapshot: Snapshot,
    /// Asked for and not in the answer. Missing twice is gone.
    doubted: HashSet<ImportId>,
    gone: HashSet<ImportId>,
    backoff: Backoff,
}

/// The account in use has no such import.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) ImportId);

impl WaitState {
    /// Waits for these, each once; `snapshot` is what is known of them already.
    pub(super) fn new(wanted: impl IntoIterator<Item = ImportId>, snapshot: Snapshot) -> Self {
        let mut seen = HashSet::new();
        let wanted = wanted.into_iter().filter(|id| seen.insert(id.clone())).collect();
        Self { wanted, snapshot, ..Self::default() }
    }

    /// The imports that have not settled, in as few requests as it takes. What has settled is not asked for again.
    pub(super) fn asks(&self) -> Vec<Vec<ImportId>> {
        let left: Vec<_> = self.wanted.iter().filter(|id| self.is_left(id)).cloned().collect();
        left.chunks(ListRequest::MAX_IDS).map(<[ImportId]>::to_vec).collect()
    }

    fn is_left(&self, id: &ImportId) -> bool {
        !self.gone.contains(id) && self.snapshot.get(id).is_none_or(|watched| watched.verdict.is_unfinished())
    }

    /// Whether everything has settled.
    pub(super) fn is_over(&self) -> bool {
        !self.wanted.iter().any(|id| self.is_left(id))
    }

    /// Between the end of a round and the next one.
    pub(super) fn pause(&self, interval: Duration) -> Duration {
        let requests = u32::try_from(self.asks().len()).unwrap_or(u32::MAX);
        interval.max(APART.saturating_mul(requests))
    }

    /// Takes in an answer.
    ///
    /// # Errors
    /// One of them is not there, and never was.
    pub(super) fn answered(&mut self, asked: &[ImportId], mut page: Page, now: Now) -> Result<(), Unknown> {
        self.backoff.reset();
        let foreign = page.next.is_some() || page.imports.iter().any(|import| !asked.contains(&import.id));
        page.imports.retain(|import| asked.contains(&import.id));
        let found: HashSet<ImportId> = page.imports.iter().map(|import| import.id.clone()).collect();
        self.snapshot = self.snapshot.absorb(page, now);
        self.doubted.retain(|id| !found.contains(id));
        // An answer to another question tells nothing of what is missing.
        for id in asked.iter().filter(|id| !foreign && !found.contains(id)) {
            if self.doubted.insert(id.clone()) {
                continue;
            }
            if self.snapshot.get(id).is_none() {
                return Err(Unknown(id.clone()));
            }
            self.gone.insert(id.clone());
        }
        Ok(())
    }

    /// Takes in a failed request: how long to wait, `None` where the token is refused.
    pub(super) fn failed(&mut self, fault: &Fault, now: Now, dice: f64) -> Option<Duration> {
        let wait = self.backoff.after(fault, dice)?.wait;
        let (attempt, again_at) = (self.backoff.attempts(), now.up.saturating_add(wait));
        let mut health = self.snapshot.health.clone();
        health.link = LinkState::Retrying { fault: fault.clone(), attempt, again_at };
        self.snapshot = self.snapshot.with_health(health);
        Some(wait)
    }

    /// Every import that is known, in the order of the wish.
    pub(super) fn imports(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.wanted.iter().filter_map(|id| self.snapshot.get(id))
    }

    /// How many are waited for, and how many of them have settled or gone.
    pub(super) fn settled(&self) -> (usize, usize) {
        let settled = self.wanted.iter().filter(|id| !self.is_left(id)).count();
        (settled, self.wanted.len())
    }

    /// The imports that were deleted meanwhile.
    pub(super) fn gone(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.imports().filter(|watched| self.gone.contains(&watched.import.id))
    }

    /// Whether this import was deleted meanwhile.
    pub(super) fn is_gone(&self, id: &ImportId) -> bool {
        self.gone.contains(id)
    }

    /// How it ends, now that it is over.
    pub(super) fn exit(&self) -> Exit {
        let spoilt = |watched: &Arc<Watched>| {
            let stopped = matches!(watched.verdict, Verdict::Failed | Verdict::Cancelled);
            watched.tally.failed() > 0 || stopped
        };
        if !self.gone.is_empty() {
            Exit::Unexpected
        } else if self.imports().any(spoilt) {
            Exit::RowsFailed
        } else {
            Exit::Fine
        }
    }
}
