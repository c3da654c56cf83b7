//! One account: what is known of it, and its plan.

use std::collections::HashSet;
use std::sync::Arc;

use super::job::Job;
use super::plan::{Plan, Step};
use super::poll_interval::Load;
use super::{PollerCommand, Settings};
use crate::domain::Now;
use crate::domain::account::{Account, AccountId};
use crate::domain::fault::Fault;
use crate::domain::import::ImportId;
use crate::domain::page::{ListRequest, Page};
use crate::domain::snapshot::{AccountState, LinkState, Snapshot, Watched};
use crate::domain::tally::Verdict;

#[derive(Debug, Clone)]
pub(super) struct AccountPoller {
    /// Whether its imports are listed; of any other account only the newest are asked for now and then.
    pub(super) listed: bool,
    plan: Plan,
    snapshot: Snapshot,
    /// Its imports with failed rows when it was last listed, or first asked.
    failed_before: Option<HashSet<ImportId>>,
}

impl AccountPoller {
    /// Polls an account whose imports are listed; `None` where it is not known yet.
    pub(super) fn new(account: Option<Arc<Account>>, settings: &Settings, load: Load) -> Self {
        let mut snapshot = Snapshot::default().remembering(Arc::clone(&settings.remembered));
        snapshot.account = account;
        snapshot.health.loading = Some((0, None));
        snapshot.keep_samples(samples(load));
        let plan = Plan::new(settings.criteria.clone(), settings.interval, load);
        Self { listed: true, plan, snapshot, failed_before: None }
    }

    /// Begins with another account, under the same criteria and in the same state: paused, without focus.
    pub(super) fn for_account(&self, account: Arc<Account>, load: Load, now: Now) -> Self {
        let plan = match self.snapshot.account {
            Some(_) => self.plan.for_another_account(load),
            None => self.plan.for_first_account(load),
        };
        let mut snapshot = self.snapshot.of_accounts(&[account], now);
        snapshot.keep_samples(samples(load));
        Self { listed: true, plan, snapshot, failed_before: None }
    }

    /// The same account, whose imports are no longer listed: it keeps what is known of them.
    pub(super) fn in_background(mut self) -> Self {
        if self.listed {
            self.plan = self.plan.in_background();
            self.listed = false;
            self.snapshot.health.loading = None;
            // Nobody looks at its failed rows.
            self.snapshot.keep_samples(0);
            self.failed_before = (self.snapshot.health.polls > 0).then(|| failed(&self.snapshot));
        }
        self
    }

    /// The same account, whose imports are listed again or for the first time: what is known of them is there at once.
    pub(super) fn in_foreground(mut self, load: Load) -> Self {
        self.plan = self.plan.in_foreground(&self.snapshot, load);
        self.listed = true;
        self.snapshot.health.loading = Some((0, None));
        self.snapshot.keep_samples(samples(load));
        self
    }

    /// The same account, of which more is known now.
    pub(super) fn known_as(mut self, account: Arc<Account>) -> Self {
        self.snapshot = self.snapshot.seen_by(account);
        self
    }

    pub(super) fn id(&self) -> Option<&AccountId> {
        self.snapshot.account.as_ref().map(|account| &account.id)
    }

    pub(super) fn profile(&self) -> Option<Arc<str>> {
        self.id()?.profile().cloned()
    }

    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub(super) fn set_load(&mut self, load: Load) {
        self.plan.set_load(load);
        if self.listed {
            self.snapshot.keep_samples(samples(load));
        }
    }

    pub(super) fn next(&mut self, now: Now) -> Step {
        self.plan.next(&self.snapshot, now)
    }

    pub(super) fn request(&self, job: &Job) -> ListRequest {
        job.request(self.plan.criteria()).keeping(self.snapshot.samples())
    }

    pub(super) fn responded(&mut self, job: &Job, response: Result<Page, Fault>, now: Now, jitter: f64) {
        self.snapshot = match response {
            Ok(page) => self.plan.responded(job, page, &self.snapshot, now),
            Err(fault) => self.plan.failed(job, fault, &self.snapshot, now, jitter),
        };
        if !self.listed && self.failed_before.is_none() && self.snapshot.health.polls > 0 {
            self.failed_before = Some(failed(&self.snapshot));
        }
    }

    /// Applies a command; returns whether anything that is published changed.
    pub(super) fn handle(&mut self, command: &PollerCommand, now: Now) -> bool {
        let Some(next) = self.plan.handle(command, &self.snapshot, now) else { return false };
        self.snapshot = next;
        true
    }

    /// Whether something runs.
    pub(super) fn is_busy(&self) -> bool {
        self.snapshot.unfinished().any(|watched| watched.verdict.is_active())
    }

    pub(super) fn state(&self) -> Option<AccountState> {
        let Snapshot { imports, health, account, .. } = &self.snapshot;
        let active = [Verdict::Running, Verdict::Stalled, Verdict::Finishing];
        let newly_failed = match &self.failed_before {
            Some(before) if !self.listed => imports
                .iter()
                .filter(|watched| has_failed(watched) && !before.contains(&watched.import.id))
                .count(),
            _ => 0,
        };
        Some(AccountState {
            account: account.clone()?,
            listed: self.listed,
            // That the server answers says nothing of an account that was not asked yet.
            link: if health.polls == 0 && health.link == LinkState::Live {
                LinkState::Connecting
            } else {
                health.link.clone()
            },
            last_answer: health.last_answer,
            running: active.into_iter().map(|verdict| imports.count(verdict)).sum(),
            stalled: imports.count(Verdict::Stalled),
            newly_failed,
            full_passes: health.full_passes,
            newest: imports.iter().next().and_then(|watched| watched.import.created_at),
        })
    }
}

/// How many imports of each listed account of a profile keep their sample of failed rows.
fn samples(load: Load) -> usize {
    Snapshot::SAMPLED / load.accounts.max(1)
}

fn has_failed(watched: &Watched) -> bool {
    watched.tally.failed() > 0 || watched.verdict == Verdict::Failed
}

fn failed(snapshot: &Snapshot) -> HashSet<ImportId> {
    let failed = snapshot.imports.iter().filter(|watched| has_failed(watched));
    failed.map(|watched| watched.import.id.clone()).collect()
}
