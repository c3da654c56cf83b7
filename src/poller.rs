//! Asks the server again and again and publishes what it learns. The only writer of the shared snapshot.

#[cfg(test)]
mod fake;
mod plan;
mod sweep;
mod tempo;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use self::plan::{Job, Plan, Step};
use crate::domain::Now;
use crate::domain::fault::Fault;
use crate::domain::page::{Ask, Criteria, Page};
use crate::domain::snapshot::Snapshot;

/// What the user set.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Which imports.
    pub criteria: Criteria,
    /// Between two polls while something runs; 2 s where not set. Nothing makes it quicker than this.
    pub interval: Option<Duration>,
}

/// What the user wants of the poller while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A full pass at once; also while paused, and after it stopped for want of a good token.
    Refresh,
    /// Ask nothing until told otherwise.
    Pause(bool),
    /// Whether somebody looks at the terminal.
    Focus(bool),
}

/// Polls until `wishes` closes.
///
/// `fetch` makes one request; one at a time is in flight. A wish ends a wait at once; a request in flight is
/// awaited first. Whatever changes, and every contact with the server, goes to `publish`.
pub async fn run<F, Fut>(
    fetch: F,
    settings: Settings,
    wishes: mpsc::Receiver<Wish>,
    publish: watch::Sender<Arc<Snapshot>>,
    clock: impl Fn() -> Now,
) where
    F: Fn(Ask) -> Fut,
    Fut: Future<Output = Result<Page, Fault>>,
{
    let mut snapshot = Snapshot::default();
    snapshot.health.loading = Some((0, None));
    let plan = Plan::new(settings.criteria, settings.interval);
    let mut poller = Poller { plan, snapshot: Arc::new(snapshot), wishes, publish, clock };
    poller.publish.send_replace(Arc::clone(&poller.snapshot));
    let mut dice = fastrand::Rng::new();
    loop {
        let now = (poller.clock)();
        let open = match poller.plan.next(&poller.snapshot, now) {
            Step::Wait(until) => poller.wait(until.map(|until| until.saturating_sub(now.up))).await,
            Step::Ask(job) => {
                let ask = job.ask(poller.plan.criteria());
                poller.request(&job, fetch(ask), &mut dice).await
            }
        };
        if open.is_none() {
            return;
        }
    }
}

struct Poller<C> {
    plan: Plan,
    snapshot: Arc<Snapshot>,
    wishes: mpsc::Receiver<Wish>,
    publish: watch::Sender<Arc<Snapshot>>,
    clock: C,
}

/// `None`: nobody is there any more to have wishes.
type Open = Option<()>;

impl<C: Fn() -> Now> Poller<C> {
    /// Waits for so long, or for ever, or until the next wish.
    async fn wait(&mut self, pause: Option<Duration>) -> Open {
        let sleep = async {
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            wish = self.wishes.recv() => self.take(wish),
            () = sleep => Some(()),
        }
    }

    /// Awaits an answer, listening to wishes meanwhile.
    async fn request(
        &mut self,
        job: &Job,
        answer: impl Future<Output = Result<Page, Fault>>,
        dice: &mut fastrand::Rng,
    ) -> Open {
        let mut answer = std::pin::pin!(answer);
        let answer = loop {
            tokio::select! {
                biased;
                wish = self.wishes.recv() => self.take(wish)?,
                answer = &mut answer => break answer,
            }
        };
        let now = (self.clock)();
        let next = match answer {
            Ok(page) => self.plan.answered(job, page, &self.snapshot, now),
            Err(fault) => self.plan.failed(job, fault, &self.snapshot, now, dice.f64()),
        };
        self.show(next);
        Some(())
    }

    fn take(&mut self, wish: Option<Wish>) -> Open {
        if let Some(next) = self.plan.wished(wish?, &self.snapshot, (self.clock)()) {
            self.show(next);
        }
        Some(())
    }

    fn show(&mut self, snapshot: Snapshot) {
        self.snapshot = Arc::new(snapshot);
        self.publish.send_replace(Arc::clone(&self.snapshot));
    }
}
