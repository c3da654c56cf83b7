//! An import's own gaps between two moves, and how long the server was reachable.

use std::collections::VecDeque;
use std::time::Duration;

/// Gaps remembered, the longest first.
const REMEMBERED: usize = 8;
/// Usual gaps shorter than this count as this long: queues hiccup.
const SHORTEST: Duration = Duration::from_secs(10);
/// How long an import may stand still before its gaps are known.
const UNKNOWN: Duration = Duration::from_secs(90);
/// Moves and running time after which the observed gaps are taken as typical.
const KNOWN_MOVES: usize = 8;
const KNOWN_TIME: Duration = Duration::from_secs(15);

/// The longest waits between two moves.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Gaps {
    ordinary: Vec<Duration>,
    /// Gaps that counted as stalls. One is an outage; a second makes it usual.
    stalls: Vec<Duration>,
    /// Reachable time from the first move to the last.
    moving: Duration,
}

impl Gaps {
    /// As if nothing but the longest had been kept of an import that was moving for so long.
    pub(super) fn of(longest: Duration, moving: Duration) -> Self {
        Self { ordinary: vec![longest], stalls: Vec::new(), moving }
    }

    /// Records a gap of at least `certain` and at most `possible`: it began and ended between observations.
    pub(super) fn record(&mut self, certain: Duration, possible: Duration, stalled: bool) {
        self.moving += possible;
        let gaps = if stalled { &mut self.stalls } else { &mut self.ordinary };
        let at = gaps.partition_point(|longer| *longer >= certain);
        gaps.insert(at, certain);
        gaps.truncate(REMEMBERED);
    }

    /// The longest ordinary gap; zero before one was seen.
    pub(super) fn usual(&self) -> Duration {
        let ordinary = self.ordinary.first().copied().unwrap_or_default();
        let habit = self.stalls.get(1).copied().unwrap_or_default();
        ordinary.max(habit)
    }

    /// How long nothing may move before the import counts as stalled.
    pub(super) fn stalls_after(&self, moves: usize) -> Duration {
        let gap = self.usual().max(SHORTEST);
        if self.are_known(moves) { gap * 5 / 2 } else { UNKNOWN.max(gap * 5) }
    }

    /// Whether the observed gaps are taken as typical.
    pub(super) fn are_known(&self, moves: usize) -> bool {
        moves >= KNOWN_MOVES && self.moving >= KNOWN_TIME
    }
}

/// Recent observations that the usual interval is taken from.
const RECENT: usize = 5;
/// Intervals up to this long never count as lost contact unless a poll failed.
const PATIENT: Duration = Duration::from_secs(15);
/// Intervals up to this long count in full even after a failed poll.
const BRIEF: Duration = Duration::from_secs(5);

/// How often the import is observed.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Contact {
    recent: VecDeque<Duration>,
    lost: bool,
}

impl Contact {
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// How much of the time since the last observation counts: all of it, or the usual interval if the server was
    /// unreachable.
    pub(super) fn counted(&mut self, passed: Duration) -> Duration {
        let usual = self.usual();
        let least = if self.lost { BRIEF } else { PATIENT };
        let counted = if passed > least.max(usual * 2) { usual.max(BRIEF) } else { passed };
        if !self.lost {
            if self.recent.len() == RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back(passed);
        }
        self.lost = false;
        counted
    }

    /// The median interval.
    fn usual(&self) -> Duration {
        let mut sorted: Vec<_> = self.recent.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}
