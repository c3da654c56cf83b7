//! Polls the server and publishes snapshots. The only writer of the shared snapshot.
//!
//! Each account has a plan of its own, so that one that is slow or refused holds up no other; all accounts of a profile
//! share its rate limit.

mod account_poller;
#[cfg(test)]
mod fake;
mod job;
mod plan;
mod poll_interval;
mod sweep;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::civil::Date;
use tokio::sync::{mpsc, watch};

use self::account_poller::AccountPoller;
use self::job::Job;
use self::plan::Step;
use self::poll_interval::Load;
use crate::domain::Now;
use crate::domain::account::Account;
use crate::domain::fault::Fault;
use crate::domain::import::ImportId;
use crate::domain::page::{Criteria, ListRequest, Page};
use crate::domain::snapshot::{LinkState, Remembered, Snapshot};

#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whose imports are listed. Empty until it is known, or if it never changes.
    pub accounts: Vec<Arc<Account>>,
    pub criteria: Criteria,
    /// Between two polls while something runs; 2 s if not set. Polling is never faster than this.
    pub interval: Option<Duration>,
    /// How imports moved before the program started.
    pub remembered: Arc<HashMap<ImportId, Remembered>>,
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
    /// Whether the user looks at the accounts.
    AccountsInSight(bool),
    /// List the imports of these accounts, and look at the newest of others now and then. An account that was not listed
    /// before is loaded, no longer limited to one person's imports.
    Accounts {
        /// At least one.
        listed: Vec<Arc<Account>>,
        others: Vec<Arc<Account>>,
    },
}

/// Polls until `commands` closes.
///
/// `fetch` makes one request on behalf of an account; several are in flight while the list loads, otherwise one for each
/// account. A command ends a wait immediately but lets requests in flight finish; the response for an account that is no
/// longer polled is dropped, so that no late one shows another firm. Every change and every response goes to `publish`.
pub async fn run<F, Fut>(
    fetch: F,
    settings: Settings,
    mut commands: mpsc::Receiver<PollerCommand>,
    publish: watch::Sender<Arc<Snapshot>>,
    clock: impl Fn() -> Now,
) where
    F: Fn(Option<Arc<Account>>, ListRequest) -> Fut,
    Fut: Future<Output = Result<Page, Fault>>,
{
    let mut poller = Poller::new(&settings, publish);
    let mut rng = fastrand::Rng::new();
    let mut in_flight = FuturesUnordered::new();
    loop {
        let now = clock();
        let until = match poller.next(now) {
            Next::Request(number, job) => {
                if let Some((account, request)) = poller.request(number, &job) {
                    let response = fetch(account, request);
                    in_flight.push(async move { (number, job, response.await) });
                }
                continue;
            }
            Next::Wait(until) => until.map(|until| until.saturating_sub(now.up)),
        };
        tokio::select! {
            biased;
            command = commands.recv() => match command {
                Some(PollerCommand::Accounts { listed, others }) => poller.use_accounts(listed, others, clock()),
                Some(command) => poller.handle(&command, clock()),
                None => return,
            },
            Some((number, job, response)) = in_flight.next() => {
                poller.responded(number, &job, response, clock(), rng.f64());
            }
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

/// Which account's request is next, by its number, or until when none is.
enum Next {
    Request(u64, Job),
    Wait(Option<Duration>),
}

/// By profile: each has a rate limit of its own.
type Loads = BTreeMap<Option<Arc<str>>, Load>;

struct Poller {
    /// Each with a number that is never used again: a late response for another finds nobody.
    accounts: Vec<(u64, AccountPoller)>,
    numbers: u64,
    /// Whose turn it is, so that the first account is not always served first.
    turn: usize,
    loads: Loads,
    /// The listed accounts' snapshots as they were when the last list was made of them.
    merged: Vec<Snapshot>,
    snapshot: Arc<Snapshot>,
    publish: watch::Sender<Arc<Snapshot>>,
}

impl Poller {
    fn new(settings: &Settings, publish: watch::Sender<Arc<Snapshot>>) -> Self {
        let mut known: Vec<_> = settings.accounts.iter().cloned().map(Some).collect();
        if known.is_empty() {
            known.push(None);
        }
        let load = |account: &Option<Arc<Account>>| {
            account.as_ref().map(|account| load_of(account, &settings.accounts)).unwrap_or_default()
        };
        let begin = |account: Option<Arc<Account>>| {
            let load = load(&account);
            AccountPoller::new(account, settings, load)
        };
        let accounts: Vec<_> = (0..).zip(known).map(|(number, account)| (number, begin(account))).collect();
        let numbers = accounts.len() as u64;
        let (snapshot, merged, loads) = (Arc::default(), Vec::new(), Loads::new());
        let mut poller = Self { accounts, numbers, turn: 0, loads, merged, snapshot, publish };
        poller.publish();
        poller
    }

    fn next(&mut self, now: Now) -> Next {
        let count = self.accounts.len();
        // What the user waits for comes first.
        let connecting =
            |poller: &AccountPoller| poller.listed && poller.snapshot().health.link == LinkState::Connecting;
        let begins = self.accounts.iter().any(|(_, poller)| connecting(poller));
        let mut earliest: Option<Duration> = None;
        for at in (0..count).map(|nth| (self.turn + nth) % count) {
            let Some((number, poller)) = self.accounts.get_mut(at) else { continue };
            if begins && !poller.listed {
                continue;
            }
            match poller.next(now) {
                Step::Request(job) => {
                    self.turn = at + 1;
                    return Next::Request(*number, job);
                }
                Step::Wait(until) => earliest = earliest.into_iter().chain(until).min(),
            }
        }
        Next::Wait(earliest)
    }

    fn request(&self, number: u64, job: &Job) -> Option<(Option<Arc<Account>>, ListRequest)> {
        let (_, poller) = self.accounts.iter().find(|(other, _)| *other == number)?;
        Some((poller.snapshot().account.clone(), poller.request(job)))
    }

    fn responded(&mut self, number: u64, job: &Job, response: Result<Page, Fault>, now: Now, jitter: f64) {
        if let Some((_, poller)) = self.accounts.iter_mut().find(|(other, _)| *other == number) {
            poller.responded(job, response, now, jitter);
            self.publish();
        }
    }

    fn handle(&mut self, command: &PollerCommand, now: Now) {
        let mut changed = false;
        for (_, poller) in &mut self.accounts {
            changed |= poller.handle(command, now);
        }
        if changed {
            self.publish();
        }
    }

    fn use_accounts(&mut self, listed: Vec<Arc<Account>>, others: Vec<Arc<Account>>, now: Now) {
        let all = listed.clone();
        let mut before = std::mem::take(&mut self.accounts);
        let Some((_, like)) = before.first().cloned() else { return };
        let wanted = listed.into_iter().map(|account| (account, true));
        for (account, is_listed) in wanted.chain(others.into_iter().map(|account| (account, false))) {
            let load = load_of(&account, &all);
            let known = before.iter().position(|(_, poller)| poller.id() == Some(&account.id));
            let kept = match known.map(|at| before.remove(at)) {
                Some((number, poller)) if poller.listed == is_listed => (number, poller.known_as(account)),
                Some((_, poller)) if !is_listed => (self.number(), poller.known_as(account).in_background()),
                Some((_, poller)) => (self.number(), poller.known_as(account).in_foreground(load)),
                _ if is_listed => (self.number(), like.for_account(account, load, now)),
                _ => (self.number(), like.for_account(account, load, now).in_background()),
            };
            self.accounts.push(kept);
        }
        // Other accounts than before: their list is made anew.
        self.merged.clear();
        self.publish();
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers - 1
    }

    /// Publishes what is known of the listed accounts as one list, and how the others are.
    fn publish(&mut self) {
        let listed = || self.accounts.iter().map(|(_, poller)| poller).filter(|poller| poller.listed);
        let mut loads = Loads::new();
        for poller in listed() {
            let load = loads.entry(poller.profile()).or_default();
            load.accounts += 1;
            load.busy += usize::from(poller.is_busy());
        }
        let now: Vec<Snapshot> = listed().map(|poller| poller.snapshot().clone()).collect();
        let mut next = match &now[..] {
            [only] => only.clone(),
            _ if self.merged.len() == now.len() => {
                self.snapshot.merged(&self.merged.iter().zip(&now).collect::<Vec<_>>())
            }
            _ => {
                let nothing = Snapshot::default();
                nothing.merged(&now.iter().map(|now| (&nothing, now)).collect::<Vec<_>>())
            }
        };
        next.accounts = self.accounts.iter().filter_map(|(_, poller)| poller.state()).collect();
        self.merged = now;
        if self.loads != loads {
            for (_, poller) in &mut self.accounts {
                poller.set_load(loads.get(&poller.profile()).copied().unwrap_or_default());
            }
            self.loads = loads;
        }
        self.snapshot = Arc::new(next);
        self.publish.send_replace(Arc::clone(&self.snapshot));
    }
}

/// What is asked of the rate limit that the account has, before it is known where something runs.
fn load_of(account: &Account, listed: &[Arc<Account>]) -> Load {
    let accounts = listed.iter().filter(|other| other.id.profile() == account.id.profile()).count();
    Load { accounts, busy: 0 }
}
