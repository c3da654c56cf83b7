//! Waiting for imports to settle: what to request, what the responses mean, how it ends. Pure: time and randomness are
//! passed in.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::Now;
use crate::domain::account::Account;
use crate::domain::backoff::Backoff;
use crate::domain::fault::Fault;
use crate::domain::import::ImportId;
use crate::domain::page::{ListRequest, Page};
use crate::domain::snapshot::{LinkState, Snapshot, Watched};
use crate::domain::tally::Verdict;
use crate::exit::Exit;

/// Minimum between two requests of a round, to stay within the rate limit even for thousands of imports.
const APART: Duration = Duration::from_millis(250);

/// The imports of every account.
#[derive(Debug, Default)]
pub(super) struct WaitState {
    accounts: Vec<AccountWait>,
}

/// The imports of one account: a fault of its requests is not one of another's.
#[derive(Debug, Default)]
pub(super) struct AccountWait {
    /// In the order of the output.
    wanted: Vec<ImportId>,
    snapshot: Snapshot,
    /// Missing from the last response. Missing twice means deleted.
    missing_once: HashSet<ImportId>,
    gone: HashSet<ImportId>,
    backoff: Backoff,
    /// When (`Now::up`) it may be asked again.
    again_at: Duration,
    /// Whether it may see its imports no longer.
    refused: bool,
}

/// The account in use has no such import.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) ImportId);

impl WaitState {
    /// The imports of one account.
    pub(super) fn new(wanted: impl IntoIterator<Item = ImportId>, snapshot: Snapshot) -> Self {
        [AccountWait::new(wanted, snapshot)].into_iter().collect()
    }

    pub(super) fn is_of_several(&self) -> bool {
        self.accounts.len() > 1
    }

    /// Whether they have more than one token.
    pub(super) fn is_of_several_profiles(&self) -> bool {
        let mut profiles = self.accounts.iter().filter_map(|it| it.account()?.id.profile());
        let first = profiles.next();
        profiles.any(|other| Some(other) != first)
    }

    /// The accounts that may be asked now.
    pub(super) fn due(&mut self, now: Now) -> impl Iterator<Item = &mut AccountWait> {
        self.accounts.iter_mut().filter(move |account| !account.is_over() && account.again_at <= now.up)
    }

    /// How long until an account is due.
    pub(super) fn until_due(&self, now: Now) -> Duration {
        let left = self.accounts.iter().filter(|account| !account.is_over());
        left.map(|account| account.again_at.saturating_sub(now.up)).min().unwrap_or_default()
    }

    pub(super) fn is_over(&self) -> bool {
        self.accounts.iter().all(AccountWait::is_over)
    }

    /// Between the end of an account's round and its next one.
    pub(super) fn pause(&self, interval: Duration) -> Duration {
        let requests = self.accounts.iter().map(|account| account.requests().len()).sum::<usize>();
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        interval.max(APART.saturating_mul(requests))
    }

    /// Every known import, in the order of the accounts and, within each, as requested.
    pub(super) fn imports(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.accounts.iter().flat_map(AccountWait::imports)
    }

    /// How many have settled or are gone, and how many there are.
    pub(super) fn settled(&self) -> (usize, usize) {
        let ids =
            || self.accounts.iter().flat_map(|account| account.wanted.iter().map(move |id| (account, id)));
        (ids().filter(|(account, id)| account.has_settled(id)).count(), ids().count())
    }

    pub(super) fn gone(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.imports().filter(|watched| self.is_gone(&watched.import.id))
    }

    pub(super) fn is_gone(&self, id: &ImportId) -> bool {
        self.accounts.iter().any(|account| account.gone.contains(id))
    }

    /// The exit code, once everything has settled.
    pub(super) fn exit(&self) -> Exit {
        let unsuccessful = |watched: &Arc<Watched>| {
            let stopped = matches!(watched.verdict, Verdict::Failed | Verdict::Cancelled);
            watched.tally.failed() > 0 || stopped
        };
        if self.accounts.iter().any(|account| account.refused) {
            Exit::Authentication
        } else if self.gone().next().is_some() {
            Exit::Unexpected
        } else if self.imports().any(unsuccessful) {
            Exit::RowsFailed
        } else {
            Exit::Success
        }
    }
}

impl FromIterator<AccountWait> for WaitState {
    fn from_iter<I: IntoIterator<Item = AccountWait>>(accounts: I) -> Self {
        Self { accounts: accounts.into_iter().collect() }
    }
}

impl AccountWait {
    /// Ignores duplicates; `snapshot` is what is already known.
    pub(super) fn new(wanted: impl IntoIterator<Item = ImportId>, snapshot: Snapshot) -> Self {
        let mut seen = HashSet::new();
        let wanted = wanted.into_iter().filter(|id| seen.insert(id.clone())).collect();
        Self { wanted, snapshot, ..Self::default() }
    }

    pub(super) fn account(&self) -> Option<&Arc<Account>> {
        self.snapshot.account.as_ref()
    }

    /// The imports that have not settled, in as few requests as possible.
    pub(super) fn requests(&self) -> Vec<Vec<ImportId>> {
        let left: Vec<_> = self.wanted.iter().filter(|id| self.is_left(id)).cloned().collect();
        left.chunks(ListRequest::MAX_IDS).map(<[ImportId]>::to_vec).collect()
    }

    fn is_left(&self, id: &ImportId) -> bool {
        !self.refused && !self.has_settled(id)
    }

    fn has_settled(&self, id: &ImportId) -> bool {
        let settled = |watched: &Arc<Watched>| !watched.verdict.is_unfinished();
        self.gone.contains(id) || self.snapshot.get(id).is_some_and(settled)
    }

    pub(super) fn is_known(&self, id: &ImportId) -> bool {
        self.snapshot.get(id).is_some()
    }

    fn is_over(&self) -> bool {
        !self.wanted.iter().any(|id| self.is_left(id))
    }

    /// Ends a round of requests that succeeded.
    pub(super) fn rest(&mut self, pause: Duration, now: Now) {
        self.again_at = now.up.saturating_add(pause);
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

    /// Adds a failed request: how long to wait, `None` if the token or the account is rejected.
    pub(super) fn failed(&mut self, fault: &Fault, now: Now, random: f64) -> Option<Duration> {
        let wait = self.backoff.after(fault, random)?.wait;
        let (attempt, again_at) = (self.backoff.attempts(), now.up.saturating_add(wait));
        let mut health = self.snapshot.health.clone();
        health.link = LinkState::Retrying { fault: fault.clone(), attempt, again_at };
        self.snapshot = self.snapshot.with_health(health);
        self.again_at = again_at;
        Some(wait)
    }

    /// Leaves its imports as they were last seen.
    pub(super) fn refuse(&mut self) {
        self.refused = true;
    }

    /// Every known import, in the order requested.
    pub(super) fn imports(&self) -> impl Iterator<Item = &Arc<Watched>> {
        self.wanted.iter().filter_map(|id| self.snapshot.get(id))
    }
}
