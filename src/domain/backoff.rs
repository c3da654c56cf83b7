//! How long to wait after a failed request. Pure: the dice are passed in.

use std::time::Duration;

use super::fault::Fault;

/// No wait between two tries is longer, unless the server asks for it.
const LONGEST: Duration = Duration::from_secs(60);
/// Where the server asks for more than this, it is asked again all the same.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(60 * 60);
/// The first wait after a fault that may pass by itself, and after one that hardly will.
const FIRST: Duration = Duration::from_secs(1);
const FIRST_REFUSED: Duration = Duration::from_secs(15);

/// Failures in a row, and what follows from them.
#[derive(Debug, Default)]
pub struct Backoff {
    attempts: u32,
}

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// How long to wait from now.
    pub wait: Duration,
    /// The server asked for the wait: not even the user's wish shortens it.
    pub firm: bool,
}

impl Backoff {
    /// Takes in one more failure; `None` means that trying again is of no use until the user does something.
    ///
    /// `dice` is between 0 and 1 and spreads the clients of one server: 75 % to 125 % of the wait.
    pub fn after(&mut self, fault: &Fault, dice: f64) -> Option<Hold> {
        self.attempts = self.attempts.saturating_add(1);
        if fault.is_authentication() {
            return None;
        }
        let first = if fault.retryable() { FIRST } else { FIRST_REFUSED };
        let doubled = first.saturating_mul(1 << (self.attempts - 1).min(16)).min(LONGEST);
        let own = doubled.mul_f64(0.75 + 0.5 * dice.clamp(0.0, 1.0));
        let asked = match fault {
            Fault::RateLimited(after) => Some(after.unwrap_or(LONGEST)),
            _ => fault.retry_after(),
        };
        Some(match asked {
            Some(asked) => Hold { wait: asked.min(LONGEST_ASKED_FOR).max(own), firm: true },
            None => Hold { wait: own, firm: false },
        })
    }

    /// Failures in a row.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// A request succeeded.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}

/// A bounded willingness to try again: so much waiting in all, then it gives up.
#[derive(Debug)]
pub struct Patience {
    backoff: Backoff,
    left: Duration,
}

impl Patience {
    /// How long a rate limit or a stumbling server is ridden out where nobody says otherwise.
    pub const USUAL: Duration = Duration::from_secs(15);

    /// Waits for so long in all.
    pub fn new(in_all: Duration) -> Self {
        Self { backoff: Backoff::default(), left: in_all }
    }

    /// How long to wait before the next try; `None` where trying again is of no use, or would be later than what is
    /// left allows. A wait that the server did not ask for is cut to what is left, so that the last try comes at the end.
    pub fn after(&mut self, fault: &Fault, dice: f64) -> Option<Duration> {
        if !fault.retryable() || self.left.is_zero() {
            return None;
        }
        let wait = self.backoff.after(fault, dice)?.wait;
        let wait = if fault.retry_after().is_some() { wait } else { wait.min(self.left) };
        self.left = self.left.checked_sub(wait)?;
        Some(wait)
    }

    /// Failures in a row.
    pub fn attempts(&self) -> u32 {
        self.backoff.attempts()
    }

    /// How long may still be waited, in all.
    pub fn left(&self) -> Duration {
        self.left
    }

    /// Something came: the next waits are short again, but no more of them are left.
    pub fn progressed(&mut self) {
        self.backoff.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(fault: &Fault, dice: f64) -> Vec<u64> {
        let mut backoff = Backoff::default();
        (0..9).map(|_| backoff.after(fault, dice).unwrap().wait.as_secs()).collect()
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
    fn the_servers_word_and_the_kind_of_fault_decide() {
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
            let hold = Backoff::default().after(&fault, 0.5).map(|hold| (hold.wait, hold.firm));
            assert_eq!(hold, expected, "{fault:?}");
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
    fn patience_ends_and_its_last_try_comes_at_the_end() {
        let secs = Duration::from_secs;
        let wait_until_none = |in_all, fault: Fault| {
            let mut patience = Patience::new(secs(in_all));
            std::iter::from_fn(|| patience.after(&fault, 0.5)).map(|wait| wait.as_secs()).collect::<Vec<_>>()
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
        for (in_all, fault, waits) in table {
            assert_eq!(wait_until_none(in_all, fault.clone()), waits, "{in_all} s, {fault:?}");
        }
    }

    #[test]
    fn progress_makes_waits_short_again_but_patience_no_longer() {
        let mut patience = Patience::new(Duration::from_secs(15));
        let waits = std::iter::from_fn(|| {
            let wait = patience.after(&Fault::TimedOut, 0.5);
            patience.progressed();
            wait
        });
        assert_eq!(waits.count(), 15);
    }
}
