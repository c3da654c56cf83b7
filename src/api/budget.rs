//! How much of the server's rate limit is left, and whose turn it is. Pure: the time is passed in.
//!
//! Plannr allows a user 500 requests in a minute, whichever programs make them. We take at most 400 in any minute, and
//! of these some are kept for what the user asks by hand: a list that loads never holds up a detail.

use std::time::Duration;

use crate::domain::fault::Fault;

const MINUTE: Duration = Duration::from_secs(60);
/// Requests that may follow one another at once.
const BURST: f64 = 100.0;
/// Requests a second in the long run: with [`BURST`] at most 400 in any minute.
const RATE: f64 = 5.0;
/// With fewer requests left than this, by the server's word, they are spread over the minute.
const LOW: u32 = 50;
/// How long nobody asks after a 429 that does not say when to come back.
const REFUSED: Duration = Duration::from_secs(10);
/// Where the server asks for more than this, it is asked again all the same.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// What a request is for, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The user waits for it: signing in, a detail, a download.
    ByHand,
    /// What moves, and what is new.
    Poll,
    /// Further pages of a list.
    Page,
}

impl Kind {
    /// How many of the requests left it leaves to those that are more urgent.
    fn leaves(self) -> u32 {
        match self {
            Self::ByHand => 0,
            Self::Poll => 10,
            Self::Page => 50,
        }
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Admission {
    /// It may go, and is counted.
    Go,
    /// Request again after so long, or when an answer came.
    Wait(Duration),
    /// The server would refuse it: in its own words.
    Refused(Fault),
}

/// What is known of the rate limit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Budget {
    /// Requests that may go at once, as of `counted`.
    ready: f64,
    counted: Duration,
    /// When the last request went.
    sent: Option<Duration>,
    /// `X-Ratelimit-Remaining`, less what went since, and when it came.
    left: Option<(u32, Duration)>,
    /// Requests are not spread, however few are left.
    hurried: bool,
    /// Nobody asks until then.
    held: Option<(Duration, Fault)>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { ready: BURST, counted: Duration::ZERO, sent: None, left: None, hurried: false, held: None }
    }
}

impl Budget {
    /// Whether a request may go now (`now` since any fixed moment).
    pub(super) fn admit(&mut self, now: Duration, kind: Kind) -> Admission {
        if let Some((until, fault)) = self.held.take_if(|(until, _)| *until > now) {
            let refused = Admission::Refused(told(&fault, until - now));
            self.held = Some((until, fault));
            return refused;
        }
        self.held = None;
        self.left = self.left.filter(|(_, told)| now.saturating_sub(*told) < MINUTE);
        self.ready = (self.ready + now.saturating_sub(self.counted).as_secs_f64() * RATE).min(BURST);
        self.counted = self.counted.max(now);

        let wait = self.until_ready(kind).max(self.until_apart(now, kind));
        if !wait.is_zero() {
            return Admission::Wait(wait);
        }
        self.ready -= 1.0;
        self.sent = Some(now);
        if let Some((left, _)) = &mut self.left {
            *left = left.saturating_sub(1);
        }
        Admission::Go
    }

    /// Until our own pace allows it.
    fn until_ready(&self, kind: Kind) -> Duration {
        let missing = f64::from(kind.leaves()) + 1.0 - self.ready;
        if missing > 0.0 { Duration::from_secs_f64(missing / RATE) } else { Duration::ZERO }
    }

    /// Until the few requests that the server has left are spread over its minute.
    fn until_apart(&self, now: Duration, kind: Kind) -> Duration {
        let (Some((left, _)), Some(sent), false) = (self.left, self.sent, self.hurried) else {
            return Duration::ZERO;
        };
        let spare = left.saturating_sub(kind.leaves());
        let enough = if kind == Kind::ByHand { 1 } else { LOW };
        if spare >= enough {
            return Duration::ZERO;
        }
        sent.saturating_add(MINUTE / spare.max(1)).saturating_sub(now)
    }

    /// Never spreads requests over the minute: they go until the server refuses one.
    pub(super) fn never_spread(&mut self) {
        self.hurried = true;
    }

    /// Takes in an answer: how many requests the server says are left.
    pub(super) fn answered(&mut self, now: Duration, left: Option<u32>) {
        self.left = left.map(|left| (left, now)).or(self.left);
    }

    /// Takes in a refusal: where it asks for a pause, everybody keeps it.
    pub(super) fn refused(&mut self, now: Duration, fault: &Fault) {
        let pause = match fault {
            Fault::RateLimited(pause) => pause.unwrap_or(REFUSED),
            Fault::Server(_, Some(pause)) => *pause,
            _ => return,
        };
        let until = now.saturating_add(pause.min(LONGEST));
        if self.held.as_ref().is_none_or(|(held, _)| *held < until) {
            self.held = Some((until, fault.clone()));
        }
    }
}

/// The refusal again, with what is left of its pause.
fn told(fault: &Fault, left: Duration) -> Fault {
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

    /// When requests go that are wanted as fast as they may, over so many seconds; `left` is what the server says.
    fn go(budget: &mut Budget, kind: Kind, from: u64, to: u64, left: Option<u32>) -> Vec<Duration> {
        let (mut now, mut went) = (secs(from), Vec::new());
        while now < secs(to) {
            match budget.admit(now, kind) {
                Admission::Go => {
                    went.push(now);
                    budget.answered(now, left);
                }
                Admission::Wait(wait) => now += wait + Duration::from_nanos(1),
                Admission::Refused(fault) => panic!("{fault}"),
            }
        }
        went
    }

    #[test]
    fn no_minute_sees_more_than_400_requests_and_pages_leave_room_for_the_user() {
        for (kind, most) in [(Kind::Page, 350), (Kind::Poll, 390), (Kind::ByHand, 400)] {
            let mut budget = Budget::default();
            let went = go(&mut budget, kind, 0, 300, None);
            let busiest = went.iter().map(|from| {
                let end = *from + MINUTE;
                went.iter().filter(|at| *at >= from && **at < end).count()
            });
            let busiest = busiest.max().unwrap();
            assert!((most - 2..=most).contains(&busiest), "{kind:?}: {busiest}");
            let by_hand = (0..50).filter(|_| budget.admit(secs(300), Kind::ByHand) == Admission::Go).count();
            assert!(by_hand >= kind.leaves() as usize, "{kind:?} leaves {by_hand}");
        }
    }

    #[test]
    fn few_requests_left_are_spread_over_the_minute_and_a_full_minute_is_waited_for_at_none() {
        // kind, left by the server's word, requests in the next minute
        let table = [
            (Kind::Poll, 100, 300..=400),
            (Kind::Poll, 40, 28..=31),
            (Kind::Poll, 16, 5..=7),
            (Kind::Poll, 0, 1..=1),
            (Kind::Page, 80, 28..=31),
            (Kind::Page, 50, 1..=1),
            (Kind::ByHand, 5, 300..=400),
            (Kind::ByHand, 0, 1..=1),
        ];
        for (kind, left, expected) in table {
            let mut budget = Budget::default();
            assert_eq!(budget.admit(secs(0), kind), Admission::Go);
            budget.answered(secs(0), Some(left));
            let went = go(&mut budget, kind, 1, 61, Some(left)).len();
            assert!(expected.contains(&went), "{kind:?} with {left} left: {went}");
        }
        // A command that ends soon does not hold back: the server says when it has enough.
        let mut hurried = Budget::default();
        hurried.never_spread();
        for second in 0..20 {
            assert_eq!(hurried.admit(secs(second), Kind::Page), Admission::Go);
            hurried.answered(secs(second), Some(0));
        }
        // A word of the server is good for a minute.
        let mut budget = Budget::default();
        assert_eq!(budget.admit(secs(0), Kind::Page), Admission::Go);
        budget.answered(secs(0), Some(0));
        assert!(matches!(budget.admit(secs(59), Kind::Page), Admission::Wait(_)));
        assert_eq!(budget.admit(secs(60), Kind::Page), Admission::Go);
    }

    #[test]
    fn a_pause_that_the_server_asks_for_is_kept_by_everybody() {
        let limited = |pause| Fault::RateLimited(pause);
        let table = [
            (limited(Some(secs(7))), 7, limited(Some(secs(1)))),
            (limited(None), 10, limited(Some(secs(1)))),
            (Fault::Server(503, Some(secs(20))), 20, Fault::Server(503, Some(secs(1)))),
            (limited(Some(secs(1_000_000))), 3600, limited(Some(secs(1)))),
        ];
        for (fault, pause, told) in table {
            let mut budget = Budget::default();
            budget.refused(secs(0), &fault);
            // A shorter one that was under way does not cut it.
            budget.refused(secs(0), &limited(Some(secs(1))));
            for kind in [Kind::ByHand, Kind::Poll, Kind::Page] {
                assert_eq!(budget.admit(secs(pause - 1), kind), Admission::Refused(told.clone()));
            }
            assert_eq!(budget.admit(secs(pause), Kind::Page), Admission::Go);
        }
        let mut budget = Budget::default();
        for fault in [Fault::Server(500, None), Fault::TimedOut, Fault::Unauthenticated] {
            budget.refused(secs(0), &fault);
            assert_eq!(budget.admit(secs(0), Kind::Page), Admission::Go, "{fault}");
        }
    }
}
