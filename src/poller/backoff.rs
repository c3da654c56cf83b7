//! How long to wait after a failed poll. Pure: the dice are passed in.

use std::time::Duration;

use crate::domain::fault::Fault;

/// No wait between two tries is longer, unless the server asks for it.
const LONGEST: Duration = Duration::from_secs(60);
/// Where the server asks for more than this, it is asked again all the same.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(60 * 60);
/// The first wait after a fault that may pass by itself, and after one that hardly will.
const FIRST: Duration = Duration::from_secs(1);
const FIRST_REFUSED: Duration = Duration::from_secs(15);

/// Failures in a row, and what follows from them.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hold {
    /// How long to wait from now.
    pub(super) wait: Duration,
    /// The server asked for the wait: not even the user's wish shortens it.
    pub(super) firm: bool,
}

impl Backoff {
    /// Takes in one more failure; `None` means that trying again is of no use until the user does something.
    ///
    /// `dice` is between 0 and 1 and spreads the clients of one server: 75 % to 125 % of the wait.
    pub(super) fn after(&mut self, fault: &Fault, dice: f64) -> Option<Hold> {
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
    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// A poll succeeded.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
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
}
