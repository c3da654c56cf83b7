//! The import's own gaps between two moves, and how long the server was really in contact.

use std::collections::VecDeque;
use std::time::Duration;

/// Gaps remembered, the longest first.
const REMEMBERED: usize = 8;
/// A shorter usual gap counts as this long: queues hiccup.
const SHORTEST: Duration = Duration::from_secs(10);
/// Patience with an import that has not shown yet how it moves.
const UNKNOWN: Duration = Duration::from_secs(90);
/// Moves and time moving after which the gaps seen are believed to be typical.
const KNOWN_MOVES: usize = 8;
const KNOWN_TIME: Duration = Duration::from_secs(15);

/// The longest waits between two moves.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Gaps {
    ordinary: Vec<Duration>,
    /// Gaps that were called a stall. One is an outage; when it happens again it is a habit.
    stalls: Vec<Duration>,
    /// Time in contact from the first move to the last.
    moving: Duration,
}

impl Gaps {
    /// Takes in a gap that was at least `certain` and at most `possible` long: it began and ended between two
    /// observations.
    pub(super) fn record(&mut self, certain: Duration, possible: Duration, stalled: bool) {
        self.moving += possible;
        let gaps = if stalled { &mut self.stalls } else { &mut self.ordinary };
        let at = gaps.partition_point(|longer| *longer >= certain);
        gaps.insert(at, certain);
        gaps.truncate(REMEMBERED);
    }

    /// The longest gap that is ordinary for this import, zero before one was seen.
    pub(super) fn usual(&self) -> Duration {
        let ordinary = self.ordinary.first().copied().unwrap_or_default();
        let habit = self.stalls.get(1).copied().unwrap_or_default();
        ordinary.max(habit)
    }

    /// How long nothing may move before the import counts as stalled.
    pub(super) fn patience(&self, moves: usize) -> Duration {
        let gap = self.usual().max(SHORTEST);
        if self.are_known(moves) { gap * 5 / 2 } else { UNKNOWN.max(gap * 5) }
    }

    /// Whether the gaps seen are believed to be typical.
    pub(super) fn are_known(&self, moves: usize) -> bool {
        moves >= KNOWN_MOVES && self.moving >= KNOWN_TIME
    }
}

/// Observations whose distance tells what the usual one is.
const RECENT: usize = 5;
/// A distance up to this long is never taken for lost contact without being told so.
const PATIENT: Duration = Duration::from_secs(15);
/// A distance up to this long counts in full even after a failed poll.
const BRIEF: Duration = Duration::from_secs(5);

/// How often the import is looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Contact {
    recent: VecDeque<Duration>,
    lost: bool,
}

impl Contact {
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// How much of the time since the last observation counts: all of it, or the usual distance where the
    /// server was out of reach.
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

    /// The median distance.
    fn usual(&self) -> Duration {
        let mut sorted: Vec<_> = self.recent.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}
