//! How often to poll: fast while something runs, slower otherwise, slower still without focus, and so that all accounts
//! of a profile together stay within its rate limit.

use std::time::Duration;

use crate::domain::snapshot::Snapshot;

/// Between two polls while something runs, unless configured.
const WHILE_RUNNING: Duration = Duration::from_secs(2);
/// While imports are only queued.
const WHILE_QUEUED: Duration = Duration::from_secs(5);
/// While everything is finished.
const IDLE: Duration = Duration::from_secs(15);
const IDLE_UNFOCUSED: Duration = Duration::from_secs(60);
/// An account whose imports are not listed, while the user looks at the accounts and otherwise.
const IN_SIGHT: Duration = Duration::from_secs(10);
const IN_BACKGROUND: Duration = Duration::from_secs(60);
/// How many times slower polling is without focus.
const UNFOCUSED: u32 = 5;
const MINUTE: Duration = Duration::from_secs(60);
/// Requests a minute for all listed accounts: fewer than the rate limiter lets through for long, so that none waits there.
const REQUESTS: u32 = 270;
/// How many of them look for new imports at most.
const FOR_NEW: u32 = 180;
/// How often each of several accounts is asked for new imports, if there are few enough: each is seen within 15 s.
const NEW: Duration = Duration::from_secs(12);

/// What the listed accounts of a profile ask of its rate limit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Load {
    /// Listed accounts.
    pub(super) accounts: usize,
    /// Those in which something runs.
    pub(super) busy: usize,
}

impl Load {
    pub(super) fn is_shared(self) -> bool {
        self.accounts > 1
    }

    /// How often an account is asked for new imports, at least; with one account each round asks.
    pub(super) fn for_new(self) -> Duration {
        if self.is_shared() { NEW.max(spread(self.accounts, FOR_NEW)) } else { Duration::ZERO }
    }

    /// The shortest time between two polls of an account in which something runs.
    fn while_running(self) -> Duration {
        if !self.is_shared() {
            return Duration::ZERO;
        }
        let for_new = self.accounts as f64 * MINUTE.div_duration_f64(self.for_new());
        let left = f64::from(REQUESTS) - for_new;
        MINUTE.mul_f64(self.busy as f64 / left.max(1.0))
    }
}

/// The time between two requests of each account if all of them make so many a minute.
fn spread(accounts: usize, a_minute: u32) -> Duration {
    (MINUTE / a_minute).saturating_mul(u32::try_from(accounts).unwrap_or(u32::MAX))
}

#[derive(Debug, Clone)]
pub(super) struct PollInterval {
    running: Duration,
    pub(super) focused: bool,
    pub(super) load: Load,
    /// The account's imports are not listed.
    pub(super) in_background: bool,
    /// The user looks at the accounts.
    pub(super) in_sight: bool,
}

impl PollInterval {
    pub(super) fn new(running: Option<Duration>, load: Load) -> Self {
        let running = running.unwrap_or(WHILE_RUNNING);
        Self { running, focused: true, load, in_background: false, in_sight: false }
    }

    pub(super) fn set(&mut self, running: Option<Duration>) {
        self.running = running.unwrap_or(WHILE_RUNNING);
    }

    /// Between the end of a round and the next one.
    pub(super) fn interval(&self, snapshot: &Snapshot) -> Duration {
        if self.in_background {
            return if self.in_sight { IN_SIGHT } else { self.slower(IN_BACKGROUND) };
        }
        let mut unfinished = snapshot.unfinished().peekable();
        if unfinished.peek().is_none() {
            let idle = if self.load.is_shared() { self.load.for_new() } else { IDLE };
            self.running.max(if self.focused { idle } else { IDLE_UNFOCUSED.max(idle) })
        } else if unfinished.any(|watched| watched.verdict.is_active()) {
            self.slower(self.running.max(self.load.while_running()))
        } else {
            self.slower(self.running.max(WHILE_QUEUED))
        }
    }

    fn slower(&self, interval: Duration) -> Duration {
        if self.focused { interval } else { interval.saturating_mul(UNFOCUSED) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_accounts_together_stay_within_the_rate_limit() {
        for accounts in 2..=100 {
            for busy in 0..=accounts {
                let load = Load { accounts, busy };
                let running = WHILE_RUNNING.max(load.while_running());
                let polls = busy as f64 * MINUTE.div_duration_f64(running);
                let for_new = accounts as f64 * MINUTE.div_duration_f64(load.for_new());
                assert!(polls + for_new <= 271.0, "{load:?}: {polls} + {for_new}");
                assert!(accounts > 36 || load.for_new() == NEW, "{load:?}");
            }
        }
        assert_eq!(Load { accounts: 20, busy: 5 }.while_running().as_millis(), 1764, "no slower than one");
    }
}
