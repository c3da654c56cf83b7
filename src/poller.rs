//! Polls the server and publishes snapshots. The only writer of the shared snapshot.

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
use crate::domain::import::ImportId;
use crate::domain::page::{Criteria, ListRequest, Page};
use crate::domain::snapshot::Snapshot;

#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `None` until it is known, or if it never changes.
    pub account: Option<AccountId>,
    pub criteria: Criteria,
    /// Between two polls while something runs; 2 s if not set. Polling is never faster than this.
    pub interval: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollerCommand {
    /// A full pass now, even while paused or stopped because of a rejected token.
    Refresh,
    /// `true` pauses, `false` resumes.
    Pause(bool),
    /// Whether the terminal has the focus.
    Focus(bool),
    /// The interval between polls while something runs; `None` means 2 s.
    Interval(Option<Duration>),
    /// Load imports created on this day or later; `None` means all.
    LookBack(Option<Date>),
    /// The user opened an import: a failure that was seen is trouble no more.
    Opened(ImportId),
    /// Switch to another account and load its imports, no longer limited to one person's.
    Account(AccountId),
}

/// Polls until `commands` closes.
///
/// `fetch` makes one request on behalf of an account; several are in flight while the list loads, otherwise one. A command
/// ends a wait immediately but lets requests in flight finish, unless it switches the account: then they are cancelled,
/// so that no late response shows another firm. Every change and every response goes to `publish`.
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
    let mut rng = fastrand::Rng::new();
    let mut in_flight = FuturesUnordered::new();
    loop {
        let now = (poller.clock)();
        let until = match poller.plan.next(&poller.snapshot, now) {
            Step::Request(job) => {
                let response = fetch(poller.snapshot.account.clone(), job.request(poller.plan.criteria()));
                in_flight.push(async move { (job, response.await) });
                continue;
            }
            Step::Wait(until) => until.map(|until| until.saturating_sub(now.up)),
        };
        tokio::select! {
            biased;
            command = poller.commands.recv() => match command {
                Some(PollerCommand::Account(account)) => {
                    in_flight.clear();
                    poller.switch_account(account);
                }
                Some(command) => poller.handle(&command),
                None => return,
            },
            Some((job, response)) = in_flight.next() => poller.responded(&job, response, &mut rng),
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
    fn responded(&mut self, job: &Job, response: Result<Page, Fault>, rng: &mut fastrand::Rng) {
        let now = (self.clock)();
        let next = match response {
            Ok(page) => self.plan.responded(job, page, &self.snapshot, now),
            Err(fault) => self.plan.failed(job, fault, &self.snapshot, now, rng.f64()),
        };
        self.publish(next);
    }

    fn switch_account(&mut self, account: AccountId) {
        self.plan = match self.snapshot.account {
            Some(_) => self.plan.for_another_account(),
            None => self.plan.for_first_account(),
        };
        self.publish(self.snapshot.of_account(account, (self.clock)()));
    }

    fn handle(&mut self, command: &PollerCommand) {
        if let Some(next) = self.plan.handle(command, &self.snapshot, (self.clock)()) {
            self.publish(next);
        }
    }

    fn publish(&mut self, snapshot: Snapshot) {
        self.snapshot = Arc::new(snapshot);
        self.publish.send_replace(Arc::clone(&self.snapshot));
    }
}
