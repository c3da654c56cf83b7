//! How long to wait after a failed request. Pure: randomness is passed in.

use std::time::Duration;

use super::fault::Fault;

/// The longest wait between two attempts, unless the server asks for more.
const LONGEST: Duration = Duration::from_secs(60);
/// The longest wait accepted from the server.
const LONGEST_REQUESTED: Duration = Duration::from_secs(60 * 60);
/// The first wait after a fault that may pass by itself, and after one that probably will not.
const FIRST: Duration = Duration::from_secs(1);
const FIRST_REFUSED: Duration = Duration::from_secs(15);

/// Consecutive failures, and the delay that follows from them.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    attempts: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    pub wait: Duration,
    /// The server asked for it, so not even a refresh by the user shortens it.
    pub required: bool,
}

impl Backoff {
    /// Records one more failure; `None` means that a retry is useless until the user does something.
    ///
    /// `jitter` (0 to 1) spreads the clients of one server: 75 % to 125 % of the wait.
    pub fn after(&mut self, fault: &Fault, jitter: f64) -> Option<Delay> {
        self.attempts = self.attempts.saturating_add(1);
        if fault.is_authentication() {
            return None;
        }
        let first = if fault.retryable() { FIRST } else { FIRST_REFUSED };
        let doubled = first.saturating_mul(1 << (self.attempts - 1).min(16)).min(LONGEST);
        let own = doubled.mul_f64(0.75 + 0.5 * jitter.clamp(0.0, 1.0));
        let requested = match fault {
            Fault::RateLimited(after) => Some(after.unwrap_or(LONGEST)),
            _ => fault.retry_after(),
        };
        Some(match requested {
            Some(requested) => Delay { wait: requested.min(LONGEST_REQUESTED).max(own), required: true },
            None => Delay { wait: own, required: false },
        })
    }

    /// Consecutive failures.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}

/// Limits retries by the total time spent waiting.
#[derive(Debug)]
pub struct RetryBudget {
    backoff: Backoff,
    left: Duration,
}

impl RetryBudget {
    /// How long rate limits and server errors are retried unless the user says otherwise.
    pub const DEFAULT: Duration = Duration::from_secs(15);

    pub fn new(total: Duration) -> Self {
        Self { backoff: Backoff::default(), left: total }
    }

    /// How long to wait before the next attempt; `None` if a retry is useless or would exceed the budget. A wait that
    /// the server did not ask for is cut to what is left, so that the last attempt comes at the end.
    pub fn after(&mut self, fault: &Fault, jitter: f64) -> Option<Duration> {
        if !fault.retryable() || self.left.is_zero() {
            return None;
        }
        let wait = self.backoff.after(fault, jitter)?.wait;
        let wait = if fault.retry_after().is_some() { wait } else { wait.min(self.left) };
        self.left = self.left.checked_sub(wait)?;
        Some(wait)
    }

    /// Consecutive failures.
    pub fn attempts(&self) -> u32 {
        self.backoff.attempts()
    }

    pub fn left(&self) -> Duration {
        self.left
    }

    /// Data arrived: the next waits are short again, but the budget does not grow.
    pub fn progressed(&mut self) {
        self.backoff.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(fault: &Fault, jitter: f64) -> Vec<u64> {
        let mut backoff = Backoff::default();
        (0..9).map(|_| backoff.after(fault, jitter).unwrap().wait.as_secs()).collect()
    }

    #[test]
    fn waits_double_up_to_a_minute_with_jitter() {
        assert_eq!(waits(&Fault::TimedOut, 0.5), [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(waits(&Fault::TimedOut, 0.0), [0, 1, 3, 6, 12, 24, 45, 45, 45]);
        assert_eq!(waits(&Fault::TimedOut, 1.0), [1, 2, 5, 10, 20, 40, 75, 75, 75]);
        assert_eq!(waits(&Fault::Refused(422, "no".into()), 0.5), [15, 30, 60, 60, 60, 60, 60, 60, 60]);
        assert_eq!(waits(&Fault::NotFound, 0.5)[0], 15);
    }

    #[test]
    fn the_servers_wait_and_the_kind_of_fault_decide() {
        let secs = Duration::from_secs;
        let table = [
            (Fault::Unauthenticated, None),
            (Fault::Forbidden("no".into()), None),
            (Fault::RateLimited(Some(secs(7))), Some((secs(7), true))),
            (Fault::RateLimited(None), Some((secs(60), true))),
            (Fault::RateLimited(Some(secs(1_000_000))), Some((secs(3600), true))),
            (Fault::Server(503, Some(secs(20))), Some((secs(20), true))),
            (Fault::Server(500, None), Some((secs(1), false))),
            (Fault::Unreachable("dns".into()), Some((secs(1), false))),
        ];
        for (fault, expected) in table {
            let delay = Backoff::default().after(&fault, 0.5).map(|delay| (delay.wait, delay.required));
            assert_eq!(delay, expected, "{fault:?}");
        }
    }

    #[test]
    fn success_starts_over_and_many_failures_stay_within_bounds() {
        let mut backoff = Backoff { attempts: u32::MAX };
        assert_eq!(backoff.after(&Fault::TimedOut, 0.5).unwrap().wait, LONGEST);
        backoff.reset();
        assert_eq!(backoff.after(&Fault::TimedOut, 0.5).unwrap().wait, FIRST);
        assert_eq!(backoff.attempts(), 1);
    }

    #[test]
    fn a_retry_budget_ends_and_its_last_attempt_comes_at_the_end() {
        let secs = Duration::from_secs;
        let wait_until_none = |total, fault: Fault| {
            let mut budget = RetryBudget::new(secs(total));
            std::iter::from_fn(|| budget.after(&fault, 0.5)).map(|wait| wait.as_secs()).collect::<Vec<_>>()
        };
        let table = [
            (15, Fault::Server(500, None), vec![1, 2, 4, 8]),
            (10, Fault::Unreachable("x".into()), vec![1, 2, 4, 3]),
            (15, Fault::RateLimited(None), vec![15]),
            (15, Fault::RateLimited(Some(secs(6))), vec![6, 6]),
            (15, Fault::RateLimited(Some(secs(16))), vec![]),
            (15, Fault::Unauthenticated, vec![]),
            (15, Fault::NotFound, vec![]),
            (0, Fault::Server(500, None), vec![]),
        ];
        for (total, fault, waits) in table {
            assert_eq!(wait_until_none(total, fault.clone()), waits, "{total} s, {fault:?}");
        }
    }

    #[test]
    fn progress_shortens_waits_but_does_not_extend_the_budget() {
        let mut budget = RetryBudget::new(Duration::from_secs(15));
        let waits = std::iter::from_fn(|| {
            let wait = budget.after(&Fault::TimedOut, 0.5);
            budget.progressed();
            wait
        });
        assert_eq!(waits.count(), 15);
    }
}
