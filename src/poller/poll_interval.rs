//! How often to ask: quick while something runs, slower when nothing does, slower still when nobody looks.

use std::time::Duration;

use crate::domain::snapshot::Snapshot;

/// Between two polls while something runs, unless the user says otherwise.
const WHILE_RUNNING: Duration = Duration::from_secs(2);
/// While imports only wait to be started.
const WHILE_WAITING: Duration = Duration::from_secs(5);
/// While everything is over.
const AT_REST: Duration = Duration::from_secs(15);
const AT_REST_UNFOCUSED: Duration = Duration::from_secs(60);
/// So many times slower while nobody looks.
const UNFOCUSED: u32 = 5;

/// What the interval depends on besides the imports.
#[derive(Debug, Clone)]
pub(super) struct PollInterval {
    running: Duration,
    /// Whether somebody looks at the terminal.
    pub(super) focused: bool,
}

impl PollInterval {
    pub(super) fn new(running: Option<Duration>) -> Self {
        Self { running: running.unwrap_or(WHILE_RUNNING), focused: true }
    }

    /// Another interval while something runs, from now on.
    pub(super) fn set(&mut self, running: Option<Duration>) {
        self.running = running.unwrap_or(WHILE_RUNNING);
    }

    /// Between the end of a round and the next one.
    pub(super) fn interval(&self, snapshot: &Snapshot) -> Duration {
        let mut unfinished = snapshot.unfinished().peekable();
        if unfinished.peek().is_none() {
            self.running.max(if self.focused { AT_REST } else { AT_REST_UNFOCUSED })
        } else if unfinished.any(|watched| watched.verdict.is_active()) {
            self.slower(self.running)
        } else {
            self.slower(self.running.max(WHILE_WAITING))
        }
    }

    fn slower(&self, interval: Duration) -> Duration {
        if self.focused { interval } else { interval.saturating_mul(UNFOCUSED) }
    }
}
