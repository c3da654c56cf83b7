//! How much of the server's rate limit is left, and which request may go. Pure: time is passed in.
//!
//! Plannr allows a user 500 requests a minute over all programs. We use at most 400 in any minute, and reserve some of
//! them for what the user waits for: a loading list never holds up the details.

use std::time::Duration;

use crate::domain::fault::Fault;

const MINUTE: Duration = Duration::from_secs(60);
/// Requests that may follow one another immediately.
const BURST: f64 = 100.0;
/// Requests per second in the long run: with [`BURST`] at most 400 in any minute.
const RATE: f64 = 5.0;
/// If the server reports fewer requests left than this, they are spaced over the minute.
const LOW: u32 = 50;
/// How long to pause after a 429 without a wait.
const DEFAULT_PAUSE: Duration = Duration::from_secs(10);
/// The longest pause accepted from the server.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// The most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// The user waits for it: signing in, details, a download.
    Interactive,
    /// Running and new imports.
    Poll,
    /// Further pages of a list.
    Page,
}

impl Priority {
    /// How many of the remaining requests are reserved for more urgent ones.
    fn reserve(self) -> u32 {
        match self {
            Self::Interactive => 0,
            Self::Poll => 10,
            Self::Page => 50,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Admission {
    /// It may go, and has been counted.
    Granted,
    /// Ask again after so long, or after the next response.
    Wait(Duration),
    /// The server would reject it with this fault.
    Rejected(Fault),
}

/// What is known about the rate limit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Budget {
    /// Requests that may go immediately, as of `counted`.
    ready: f64,
    counted: Duration,
    /// When the last request was sent.
    sent: Option<Duration>,
    /// `X-Ratelimit-Remaining` minus the requests sent since, and when it arrived.
    left: Option<(u32, Duration)>,
    /// Requests are never spaced out, however few are left.
    unspaced: bool,
    /// The server's pause: until when, and the fault that asked for it.
    pause: Option<(Duration, Fault)>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { ready: BURST, counted: Duration::ZERO, sent: None, left: None, unspaced: false, pause: None }
    }
}

impl Budget {
    /// Whether a request may go now (`now` since any fixed moment).
    pub(super) fn admit(&mut self, now: Duration, priority: Priority) -> Admission {
        if let Some((until, fault)) = self.pause.take_if(|(until, _)| *until > now) {
            let rejected = Admission::Rejected(with_wait(&fault, until - now));
            self.pause = Some((until, fault));
            return rejected;
        }
        self.pause = None;
        self.left = self.left.filter(|(_, at)| now.saturating_sub(*at) < MINUTE);
        self.ready = (self.ready + now.saturating_sub(self.counted).as_secs_f64() * RATE).min(BURST);
        self.counted = self.counted.max(now);

        let wait = self.until_ready(priority).max(self.until_spaced(now, priority));
        if !wait.is_zero() {
            return Admission::Wait(wait);
        }
        self.ready -= 1.0;
        self.sent = Some(now);
        if let Some((left, _)) = &mut self.left {
            *left = left.saturating_sub(1);
        }
        Admission::Granted
    }

    /// Time until our own rate allows it.
    fn until_ready(&self, priority: Priority) -> Duration {
        let missing = f64::from(priority.reserve()) + 1.0 - self.ready;
        if missing > 0.0 { Duration::from_secs_f64(missing / RATE) } else { Duration::ZERO }
    }

    /// Time until the next request, if the few that are left are spaced over the minute.
    fn until_spaced(&self, now: Duration, priority: Priority) -> Duration {
        let (Some((left, _)), Some(sent), false) = (self.left, self.sent, self.unspaced) else {
            return Duration::ZERO;
        };
        let spare = left.saturating_sub(priority.reserve());
        let enough = if priority == Priority::Interactive { 1 } else { LOW };
        if spare >= enough {
            return Duration::ZERO;
        }
        sent.saturating_add(MINUTE / spare.max(1)).saturating_sub(now)
    }

    /// Sends requests without spacing until the server rejects one.
    pub(super) fn disable_spacing(&mut self) {
        self.unspaced = true;
    }

    /// Records how many requests the server says are left.
    pub(super) fn responded(&mut self, now: Duration, left: Option<u32>) {
        self.left = left.map(|left| (left, now)).or(self.left);
    }

    /// Records the pause that a fault asks for, which applies to all requests.
    pub(super) fn rejected(&mut self, now: Duration, fault: &Fault) {
        let pause = match fault {
            Fault::RateLimited(pause) => pause.unwrap_or(DEFAULT_PAUSE),
            Fault::Server(_, Some(pause)) => *pause,
            _ => return,
        };
        let until = now.saturating_add(pause.min(LONGEST_PAUSE));
        if self.pause.as_ref().is_none_or(|(end, _)| *end < until) {
            self.pause = Some((until, fault.clone()));
        }
    }
}

/// The fault with the rest of its pause.
fn with_wait(fault: &Fault, left: Duration) -> Fault {
    match fault {
        Fault::Server(status, _) => Fault::Server(*status, Some(left)),
        _ => Fault::RateLimited(Some(left)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    /// When requests are sent as fast as allowed; `left` is what the server reports.
    fn send(budget: &mut Budget, priority: Priority, from: u64, to: u64, left: Option<u32>) -> Vec<Duration> {
        let (mut now, mut sent) = (secs(from), Vec::new());
        while now < secs(to) {
            match budget.admit(now, priority) {
                Admission::Granted => {
                    sent.push(now);
                    budget.responded(now, left);
                }
                Admission::Wait(wait) => now += wait + Duration::from_nanos(1),
                Admission::Rejected(fault) => panic!("{fault}"),
            }
        }
        sent
    }

    #[test]
    fn no_minute_sees_more_than_400_requests_and_pages_leave_room_for_the_user() {
        for (priority, most) in [(Priority::Page, 350), (Priority::Poll, 390), (Priority::Interactive, 400)] {
            let mut budget = Budget::default();
            let sent = send(&mut budget, priority, 0, 300, None);
            let busiest = sent.iter().map(|from| {
                let end = *from + MINUTE;
                sent.iter().filter(|at| *at >= from && **at < end).count()
            });
            let busiest = busiest.max().unwrap();
            assert!((most - 2..=most).contains(&busiest), "{priority:?}: {busiest}");
            let interactive = (0..50)
                .filter(|_| budget.admit(secs(300), Priority::Interactive) == Admission::Granted)
                .count();
            assert!(interactive >= priority.reserve() as usize, "{priority:?} leaves {interactive}");
        }
    }

    #[test]
    fn few_remaining_requests_are_spaced_over_the_minute_and_none_means_waiting_a_minute() {
        // priority, left according to the server, requests in the next minute
        let table = [
            (Priority::Poll, 100, 300..=400),
            (Priority::Poll, 40, 28..=31),
            (Priority::Poll, 16, 5..=7),
            (Priority::Poll, 0, 1..=1),
            (Priority::Page, 80, 28..=31),
            (Priority::Page, 50, 1..=1),
            (Priority::Interactive, 5, 300..=400),
            (Priority::Interactive, 0, 1..=1),
        ];
        for (priority, left, expected) in table {
            let mut budget = Budget::default();
            assert_eq!(budget.admit(secs(0), priority), Admission::Granted);
            budget.responded(secs(0), Some(left));
            let sent = send(&mut budget, priority, 1, 61, Some(left)).len();
            assert!(expected.contains(&sent), "{priority:?} with {left} left: {sent}");
        }
        // A command that ends soon does not hold back: the server says when to stop.
        let mut unspaced = Budget::default();
        unspaced.disable_spacing();
        for second in 0..20 {
            assert_eq!(unspaced.admit(secs(second), Priority::Page), Admission::Granted);
            unspaced.responded(secs(second), Some(0));
        }
        // The server's number is valid for a minute.
        let mut budget = Budget::default();
        assert_eq!(budget.admit(secs(0), Priority::Page), Admission::Granted);
        budget.responded(secs(0), Some(0));
        assert!(matches!(budget.admit(secs(59), Priority::Page), Admission::Wait(_)));
        assert_eq!(budget.admit(secs(60), Priority::Page), Admission::Granted);
    }

    #[test]
    fn a_pause_that_the_server_asks_for_applies_to_all_requests() {
        let limited = |pause| Fault::RateLimited(pause);
        let table = [
            (limited(Some(secs(7))), 7, limited(Some(secs(1)))),
            (limited(None), 10, limited(Some(secs(1)))),
            (Fault::Server(503, Some(secs(20))), 20, Fault::Server(503, Some(secs(1)))),
            (limited(Some(secs(1_000_000))), 3600, limited(Some(secs(1)))),
        ];
        for (fault, pause, expected) in table {
            let mut budget = Budget::default();
            budget.rejected(secs(0), &fault);
            // A shorter one from a request in flight does not shorten it.
            budget.rejected(secs(0), &limited(Some(secs(1))));
            for priority in [Priority::Interactive, Priority::Poll, Priority::Page] {
                assert_eq!(budget.admit(secs(pause - 1), priority), Admission::Rejected(expected.clone()));
            }
            assert_eq!(budget.admit(secs(pause), Priority::Page), Admission::Granted);
        }
        let mut budget = Budget::default();
        for fault in [Fault::Server(500, None), Fault::TimedOut, Fault::Unauthenticated] {
            budget.rejected(secs(0), &fault);
            assert_eq!(budget.admit(secs(0), Priority::Page), Admission::Granted, "{fault}");
        }
    }
}
