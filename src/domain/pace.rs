//! How fast an import progresses: observed rows per second, ETA, and whether it stalled.

mod gaps;
mod history;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::Duration;

use self::gaps::{Contact, Gaps};
use self::history::History;

/// Moves in the rate's sliding window.
const WINDOW: usize = 64;
/// Samples required before an ETA is shown.
const ENOUGH_MOVES: usize = 5;
/// Coefficient of variation of the rates up to which the ETA is one moment rather than a range.
const STEADY: f64 = 0.2;
/// Coefficient of variation beyond which there is no ETA.
const ERRATIC: f64 = 0.36;
/// Seconds; no rate is given for less, as two responses may come a moment apart.
const SHORTEST_SPAN: f64 = 5.0;
/// The longest ETA given.
const FARTHEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How long an import may wait for its first row: others may be ahead of it in the server's queue.
const NOT_BEGUN: Duration = Duration::from_secs(5 * 60);
/// Slices of the observed time that the peak is taken over.
const PEAK_SLICES: usize = 40;

/// One import's observed progress. Bounded, however long it runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pace {
    latest: Option<Mark>,
    /// Added to the server's number, so that rows put back into the queue do not undo work done.
    offset: i64,
    /// The last response had fewer rows than the one before. It may have come from a cache: the next one decides.
    doubted: bool,
    /// Time in contact since the last move.
    quiet: Duration,
    moves: usize,
    window: VecDeque<Mark>,
    contact: Contact,
    gaps: Gaps,
    history: History,
    /// Failed rows since the first move.
    failures: History,
}

/// How many rows were done at a moment (`Now::up`).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Mark {
    up: Duration,
    rows: u64,
}

/// What is kept of a pace when the program ends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PaceMemory {
    /// How long before the last observation so many rows were done; oldest first.
    pub marks: Vec<(Duration, u64)>,
    /// Time in contact since the last move, at the last observation.
    pub quiet: Duration,
    pub longest_gap: Duration,
    pub moves: usize,
}

impl PaceMemory {
    /// The marks that are kept.
    pub const MARKS: usize = 16;
}

/// Time until an import finishes, from the last observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eta {
    /// The early end of the range.
    pub soonest: Duration,
    /// The late end; equal to `soonest` where the pace is steady.
    pub latest: Duration,
}

impl Pace {
    /// What to keep of it; `None` before it moved.
    pub fn memory(&self) -> Option<PaceMemory> {
        let latest = self.latest.filter(|_| self.moves > 0)?;
        let apart = self.window.len().div_ceil(PaceMemory::MARKS - 1).max(1);
        let before = |mark: &Mark| (latest.up.saturating_sub(mark.up), mark.rows);
        // The last one always: it is the last move.
        let mut marks: Vec<_> = self.window.iter().rev().step_by(apart).map(before).collect();
        marks.extend(self.window.front().map(before).filter(|first| marks.last() != Some(first)));
        marks.reverse();
        let (quiet, longest_gap, moves) = (self.quiet, self.gaps.usual(), self.moves);
        Some(PaceMemory { marks, quiet, longest_gap, moves })
    }

    /// The pace that was kept so long before `up`, when now so many rows are settled. If none was settled meanwhile, nothing
    /// moved in that time, though nobody looked. `None` if fewer are settled than then, or it was too long ago.
    pub fn restored(memory: &PaceMemory, ago: Duration, up: Duration, settled: u64) -> Option<Self> {
        let then = up.checked_sub(ago).filter(|_| ago <= FARTHEST)?;
        let (_, rows) = memory.marks.last().filter(|(_, rows)| *rows <= settled)?;
        let mut pace = Self { moves: memory.moves, quiet: memory.quiet, ..Self::default() };
        for (before, rows) in memory.marks.iter().rev().take(PaceMemory::MARKS).rev() {
            let mark = Mark { up: then.checked_sub(*before)?, rows: *rows };
            pace.window.push_back(mark);
            pace.history.push(mark);
        }
        pace.gaps = Gaps::of(memory.longest_gap, pace.history.span());
        if *rows == settled {
            pace.quiet = pace.quiet.saturating_add(ago);
            pace.latest = Some(Mark { up, rows: *rows });
        } else {
            pace.latest = Some(Mark { up: then, rows: *rows });
            pace.observe(up, settled);
        }
        Some(pace)
    }

    /// Records that at `up` (monotonic) so many rows were settled.
    ///
    /// A gap between observations that is far longer than usual counts as one of the usual length, because nothing was
    /// observed meanwhile.
    pub fn observe(&mut self, up: Duration, settled: u64) {
        let rows = settled.saturating_add_signed(self.offset);
        let Some(latest) = self.latest else {
            self.latest = Some(Mark { up, rows });
            return;
        };
        let Some(passed) = up.checked_sub(latest.up).filter(|passed| !passed.is_zero()) else { return };
        let before = self.quiet;
        self.quiet += self.contact.counted(passed);
        let fell = rows < latest.rows;
        let rows = if fell && self.doubted {
            self.recount(settled);
            self.moved(before, up, latest.rows);
            latest.rows
        } else if rows > latest.rows {
            if self.moves == 0 {
                self.history.push(latest);
            }
            self.moved(before, up, rows);
            rows
        } else {
            latest.rows
        };
        self.doubted = fell && !self.doubted;
        self.latest = Some(Mark { up, rows });
        if self.moves > 0 {
            self.history.push(Mark { up, rows });
        }
    }

    /// Records how many rows had failed at the last observation.
    pub fn observe_failed(&mut self, failed: u64) {
        if let Some(latest) = self.latest.filter(|_| self.moves > 0) {
            self.failures.push(Mark { up: latest.up, rows: failed });
        }
    }

    /// Reinterprets the last numbers as so many settled rows: that is no progress.
    pub fn recount(&mut self, settled: u64) {
        if let Some(latest) = self.latest {
            let offset = i128::from(latest.rows) - i128::from(settled);
            self.offset = i64::try_from(offset).unwrap_or(0);
        }
    }

    /// Marks that the server was unreachable, or not polled, since the last observation.
    pub fn lost_contact(&mut self) {
        self.contact.lose();
    }

    /// `Now::up`.
    pub fn last_observed(&self) -> Option<Duration> {
        self.latest.map(|mark| mark.up)
    }

    fn moved(&mut self, quiet_before: Duration, up: Duration, rows: u64) {
        if self.moves > 0 {
            let stalled = quiet_before > self.stalls_after();
            self.gaps.record(quiet_before, self.quiet, stalled);
        }
        self.moves += 1;
        self.quiet = Duration::ZERO;
        if self.window.len() == WINDOW {
            self.window.pop_front();
        }
        self.window.push_back(Mark { up, rows });
    }

    /// Whether it was observed at two moments at least.
    pub fn was_observed_twice(&self) -> bool {
        self.moves > 0 || !self.quiet.is_zero()
    }

    pub fn has_moved(&self) -> bool {
        self.moves > 0
    }

    /// Rows per second over the sliding window; `None` before enough was seen, and when stalled.
    pub fn rate(&self) -> Option<f64> {
        let (first, last) = (self.window.front()?, self.window.back()?);
        let overdue = self.quiet.saturating_sub(self.gaps.usual());
        let seconds = (last.up.saturating_sub(first.up) + overdue).as_secs_f64();
        let rows = last.rows.saturating_sub(first.rows);
        (rows > 0 && seconds >= SHORTEST_SPAN && !self.is_stalled()).then(|| rows as f64 / seconds)
    }

    /// The highest rate seen in [`Pace::throughput`]'s slices, rows per second; `None` before enough was seen.
    pub fn peak(&self) -> Option<f64> {
        let slices = (self.history.span().as_secs_f64() / SHORTEST_SPAN) as usize;
        self.throughput(slices.min(PEAK_SLICES)).into_iter().reduce(f64::max)
    }

    /// When so many pending rows will be settled.
    ///
    /// `None` if none is pending, before enough moves were seen, if the pace is erratic or stalled, and beyond a day.
    pub fn eta(&self, pending: u64) -> Option<Eta> {
        if pending == 0 || self.moves < ENOUGH_MOVES {
            return None;
        }
        let spread = self.history.spread()?;
        let seconds = pending as f64 / self.rate()?;
        let (soonest, latest) = if spread <= STEADY {
            (seconds, seconds)
        } else if spread <= ERRATIC {
            (seconds / (1.0 + spread), seconds / (1.0 - spread))
        } else {
            return None;
        };
        let [soonest, latest] = [soonest, latest].map(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Some(Eta { soonest: soonest?, latest: latest.filter(|latest| *latest <= FARTHEST)? })
    }

    /// How long nothing has moved, counting only time in which the server was reachable.
    pub fn quiet_for(&self) -> Duration {
        self.quiet
    }

    /// Whether nothing has moved for far longer than the import's own usual gap.
    pub fn is_stalled(&self) -> bool {
        self.quiet > self.stalls_after()
    }

    /// The longest ordinary gap between two moves so far; zero before there was one.
    pub fn longest_gap(&self) -> Duration {
        self.gaps.usual()
    }

    /// Whether enough was seen to believe that no longer gap is ordinary.
    pub fn knows_its_gaps(&self) -> bool {
        self.gaps.are_known(self.moves)
    }

    /// How long nothing may move before it counts as stalled.
    pub fn stalls_after(&self) -> Duration {
        match self.latest {
            Some(latest) if latest.rows > 0 => self.gaps.stalls_after(self.moves),
            _ => NOT_BEGUN,
        }
    }

    /// Failed rows per second in `slices` equal slices of the time since the first move, oldest first.
    pub fn failure_rates(&self, slices: usize) -> Vec<f64> {
        self.failures.rates(slices)
    }

    /// Rows per second in `slices` equal slices of the observed time, oldest first; empty before anything moved.
    pub fn throughput(&self, slices: usize) -> Vec<f64> {
        self.history.rates(slices)
    }
}
