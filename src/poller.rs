//! Asks the server again and again and publishes what it learns. The only writer of the shared snapshot.

#[cfg(test)]
mod fake;
mod job;
mod plan;
mod poll_interval;
mod sweep;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::civil::Date;
use tokio::sync::{mpsc, watch};

use self::job::Job;
use self::plan::{Plan, Step};
use crate::domain::Now;
use crate::domain::account::AccountId;
use crate::domain::fault::Fault;
use crate::domain::page::{Criteria, ListRequest, Page};
use crate::domain::snapshot::Snapshot;

/// What the user set.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whose imports; `None` where that never changes.
    pub account: Option<AccountId>,
    /// Which imports.
    pub criteria: Criteria,
    /// Between two polls while something runs; 2 s where not set. Nothing makes it quicker than this.
    pub interval: Option<Duration>,
}

/// What the user wants of the poller while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollerCommand {
    /// A full pass at once; also while paused, and after it stopped for want of a good token.
    Refresh,
    /// Request nothing until resumed.
    Pause(bool),
    /// Whether somebody looks at the terminal.
    Focus(bool),
    /// Between two polls while something runs, from now on; 2 s where not set.
    Interval(Option<Duration>),
    /// Look further back from now on: to imports created on this day or later, or to all.
    LookBack(Option<Date>),
    /// Another account's imports from now on, from the start; those of one person only until now: of everybody.
    Account(AccountId),
}

/// Polls until `wishes` closes.
///
/// `fetch` makes one request on behalf of an account; a few are in flight while the list is loaded, else one. A wish
/// ends a wait at once; a request in flight is awaited first, but for one of an account that is left: it is given up,
/// so that no late answer tells of another firm. Whatever changes, and every contact with the server, goes to `publish`.
pub async fn run<F, Fut>(
    fetch: F,
    settings: Settings,
    commands: mpsc::Receiver<PollerCommand>,
    publish: watch::Sender<Arc<Snapshot>>,
    clock: impl Fn() -> Now,
) where
    F: Fn(Option<AccountId>, ListRequest) -> Fut,
    Fut: Future<Output = Result<Page, Fault>>,
{
    let mut snapshot = Snapshot::default();
    snapshot.account = settings.account;
    snapshot.health.loading = Some((0, None));
    let plan = Plan::new(settings.criteria, settings.interval);
    let mut poller = Poller { plan, snapshot: Arc::new(snapshot), commands, publish, clock };
    poller.publish.send_replace(Arc::clone(&poller.snapshot));
    let mut dice = fastrand::Rng::new();
    let mut asked = FuturesUnordered::new();
    loop {
        let now = (poller.clock)();
        let until = match poller.plan.next(&poller.snapshot, now) {
            Step::ListRequest(job) => {
                let answer = fetch(poller.snapshot.account.clone(), job.ask(poller.plan.criteria()));
                asked.push(async move { (job, answer.await) });
                continue;
            }
            Step::Wait(until) => until.map(|until| until.saturating_sub(now.up)),
        };
        tokio::select! {
            biased;
            command = poller.commands.recv() => match command {
                Some(PollerCommand::Account(account)) => {
                    asked.clear();
                    poller.begin(account);
                }
                Some(command) => poller.take(&command),
                None => return,
            },
            Some((job, answer)) = asked.next() => poller.answered(&job, answer, &mut dice),
            () = pause(until) => {}
        }
    }
}

/// Waits for so long, or for ever.
async fn pause(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

struct Poller<C> {
    plan: Plan,
    snapshot: Arc<Snapshot>,
    commands: mpsc::Receiver<PollerCommand>,
    publish: watch::Sender<Arc<Snapshot>>,
    clock: C,
}

impl<C: Fn() -> Now> Poller<C> {
    fn answered(&mut self, job: &Job, answer: Result<Page, Fault>, dice: &mut fastrand::Rng) {
        let now = (self.clock)();
        let next = match answer {
            Ok(page) => self.plan.answered(job, page, &self.snapshot, now),
            Err(fault) => self.plan.failed(job, fault, &self.snapshot, now, dice.f64()),
        };
        self.show(next);
    }

    /// Begins anew with another account.
    fn begin(&mut self, account: AccountId) {
        self.plan = self.plan.of_another_account();
        self.show(self.snapshot.of_account(account, (self.clock)()));
    }

    fn take(&mut self, command: &PollerCommand) {
        if let Some(next) = self.plan.wished(command, &self.snapshot, (self.clock)()) {
            self.show(next);
        }
    }

    fn show(&mut self, snapshot: Snapshot) {
        self.snapshot = Arc::new(snapshot);
        self.publish.send_replace(Arc::clone(&self.snapshot));
    }
}
