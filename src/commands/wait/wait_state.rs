//! Waiting for imports to settle: what to request, what the responses mean, how it ends. Pure: time and randomness are
//! passed in.

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

/// Minimum between two requests of a round, to stay within the rate limit even for thousands of imports.
const APART: Duration = Duration::from_millis(250);

#[derive(Debug, Default)]
pub(super) struct WaitState {
    /// In the order of the output.
    wanted: Vec<ImportId>,
    snapshot: Snapshot,
    /// Missing from the last response. Missing twice means deleted.
    missing_once: HashSet<ImportId>,
    gone: HashSet<ImportId>,
    backoff: Backoff,
}

/// The account in use has no such import.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) ImportId);

impl WaitState {
    /// Ignores duplicates; `snapshot` is what is already known.
    pub(super) fn new(wanted: impl IntoIterator<Item = ImportId>, snapshot: Snapshot) -> Self {
        let mut seen = HashSet::new();
        let wanted = wanted.into_iter().filter(|id| seen.insert(id.clone())).collect();
        Self { wanted, snapshot, ..Self::default() }
    }

    /// The imports that have not settled, in as few requests as possible.
    pub(super) fn requests(&self) -> Vec<Vec<ImportId>> {
        let left: Vec<_> = self.wanted.iter().filter(|id| self.is_left(id)).cloned().collect();
        left.chunks(ListRequest::MAX_IDS).map(<[ImportId]>::to_vec).collect()
    }

    fn is_left(&self, id: &ImportId) -> bool {
        !self.gone.contains(id) && self.snapshot.get(id).is_none_or(|watched| watched.verdict.is_unfinished())
    }

    pub(super) fn is_known(&self, id: &ImportId) -> bool {
        self.snapshot.get(id).is_some()
    }

    pub(super) fn is_over(&self) -> bool {
        !self.wanted.iter().any(|id| self.is_left(id))
    }

    /// Between the end of a round and the next one.
    pub(super) fn pause(&self, interval: Duration) -> Duration {
        let requests = u32::try_from(self.requests().len()).unwrap_or(u32::MAX);
        interval.max(APART.saturating_mul(requests))
    }

    /// Adds a response.
    ///
    /// # Errors
    /// One of the imports never existed.
    pub(super) fn answered(&mut self, asked: &[ImportId], mut page: Page, now: Now) -> Result<(), Unknown> {
        self.backoff.reset();
        let foreign = page.next.is_some() || page.imports.iter().any(|import| !asked.contains(&import.id));
        page.imports.retain(|import| asked.contains(&import.id));
        let found: HashSet<ImportId> = page.imports.iter().map(|import| import.id.clone()).collect();
        self.snapshot = self.snapshot.absorb(page, now);
        self.missing_once.retain(|id| !found.contains(id));
        // A response to another request says nothing about what is missing.
        for id in asked.iter().filter(|id| !foreign && !found.contains(id)) {
            if self.missing_once.insert(id.clone()) {
                continue;
            }
            if self.snapshot.get(id).is_none() {
                return Err(Unknown(id.clone()));
            }
            self.gone.insert(id.clone());
        }
        Ok(())
    }

    /// Adds a failed request: how long to wait, `None` if the token is rejected.
    pub(super) fn failed(&mut self, fault: &Fault, now: Now, random: f64) -> Option<Duration> {
        let wait = self.backoff.after(fault, random)?.wait;
        let (attempt, again_at) = (self.backoff.attempts(), now.up.saturating_add(wait));
        let mut health = self.snapshot.health.clone();
        health.link = LinkState::Retrying { fault: fault.clone(), attempt, again_at };
        self.snapshot = self.snapshot.with_health(health);
        Some(wait)
    }

    /// Every known import, in the order requested.
    pub(super) fn imports(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.wanted.iter().filter_map(|id| self.snapshot.get(id))
    }

    /// How many have settled or are gone, and how many there are.
    pub(super) fn settled(&self) -> (usize, usize) {
        let settled = self.wanted.iter().filter(|id| !self.is_left(id)).count();
        (settled, self.wanted.len())
    }

    pub(super) fn gone(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.imports().filter(|watched| self.gone.contains(&watched.import.id))
    }

    pub(super) fn is_gone(&self, id: &ImportId) -> bool {
        self.gone.contains(id)
    }

    /// The exit code, once everything has settled.
    pub(super) fn exit(&self) -> Exit {
        let unsuccessful = |watched: &Arc<Watched>| {
            let stopped = matches!(watched.verdict, Verdict::Failed | Verdict::Cancelled);
            watched.tally.failed() > 0 || stopped
        };
        if !self.gone.is_empty() {
            Exit::Unexpected
        } else if self.imports().any(unsuccessful) {
            Exit::RowsFailed
        } else {
            Exit::Success
        }
    }
}
