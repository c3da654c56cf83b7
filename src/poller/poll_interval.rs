//! How often to poll: fast while something runs, slower otherwise, and slower still without focus.

use std::time::Duration;

use crate::domain::snapshot::Snapshot;

/// Between two polls while something runs, unless configured.
const WHILE_RUNNING: Duration = Duration::from_secs(2);
/// While imports are only queued.
const WHILE_QUEUED: Duration = Duration::from_secs(5);
/// While everything is finished.
const IDLE: Duration = Duration::from_secs(15);
const IDLE_UNFOCUSED: Duration = Duration::from_secs(60);
/// How many times slower polling is without focus.
const UNFOCUSED: u32 = 5;

#[derive(Debug, Clone)]
pub(super) struct PollInterval {
    running: Duration,
    pub(super) focused: bool,
}

impl PollInterval {
    pub(super) fn new(running: Option<Duration>) -> Self {
        Self { running: running.unwrap_or(WHILE_RUNNING), focused: true }
    }

    pub(super) fn set(&mut self, running: Option<Duration>) {
        self.running = running.unwrap_or(WHILE_RUNNING);
    }

    /// Between the end of a round and the next one.
    pub(super) fn interval(&self, snapshot: &Snapshot) -> Duration {
        let mut unfinished = snapshot.unfinished().peekable();
        if unfinished.peek().is_none() {
            self.running.max(if self.focused { IDLE } else { IDLE_UNFOCUSED })
        } else if unfinished.any(|watched| watched.verdict.is_active()) {
            self.slower(self.running)
        } else {
            self.slower(self.running.max(WHILE_QUEUED))
        }
    }

    fn slower(&self, interval: Duration) -> Duration {
        if self.focused { interval } else { interval.saturating_mul(UNFOCUSED) }
    }
}
