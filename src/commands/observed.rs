//! What happens between the snapshots of the poller, as they come: for `events`, and for the monitor's hooks and journal.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::Now;
use crate::domain::snapshot::Snapshot;
use crate::events::{Happened, Observer};
use crate::output::stdout::eprint;

/// Until something comes.
pub(super) const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// How long hooks may still take when the program ends.
const AT_THE_END: Duration = Duration::from_secs(5);
/// How long the end may take unexplained.
const UNNOTICED: Duration = Duration::from_millis(300);

pub(super) struct Observed<C> {
    observer: Observer,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    clock: C,
    has_begun: bool,
}

impl<C: Fn() -> Now> Observed<C> {
    pub(super) fn new(observer: Observer, snapshots: watch::Receiver<Arc<Snapshot>>, clock: C) -> Self {
        Self { observer, snapshots, clock, has_begun: false }
    }

    /// The snapshot, at first at once and then whenever it changed, and what happened since the last. `None` when the poller has ended. Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<(Arc<Snapshot>, Vec<Happened>)> {
        if self.has_begun {
            let pause = self.observer.due().map_or(FOR_EVER, |due| due.saturating_sub(self.now().up));
            tokio::select! {
                changed = self.snapshots.changed() => changed.ok()?,
                () = tokio::time::sleep(pause) => {}
            }
        }
        self.has_begun = true;
        let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
        let happened = self.observer.observe(&snapshot, (self.clock)());
        Some((snapshot, happened))
    }

    pub(super) fn now(&self) -> Now {
        (self.clock)()
    }
}

/// As long as hooks may still take when the program ends. Says what is waited for where that takes a while.
pub(super) async fn last_moments() {
    tokio::time::sleep(UNNOTICED).await;
    eprint(&format!("waiting up to {AT_THE_END:?} for hooks; Ctrl-C ends now"));
    tokio::time::sleep(AT_THE_END.saturating_sub(UNNOTICED)).await;
}
