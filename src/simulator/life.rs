//! One import's life as a function of time: how many of its rows are settled at any moment, without stepping there.
//!
//! Times are seconds of world time (`0.0` is when the world begins, so history is negative).

mod batch;
mod curve;

use std::time::Duration;

use self::batch::Batch;
use self::curve::Curve;
use super::dice::{mix, unit};

/// How the rows of an import settle over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One row after another at nearly the same rate.
    Steady,
    /// Many rows at once, then a pause, again and again.
    Bursty,
    /// Steady, with one outage mid-way many times as long as the usual gap between two rows.
    Stalling,
    /// Steady, while `total_jobs` still grows during the first half of the run.
    Growing,
    /// Steady, but once some settled rows are put back and done again.
    GoingBack,
    /// The rate changes wildly, with pauses of any length.
    Erratic,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Shape; 6] =
        [Shape::Steady, Shape::Bursty, Shape::Stalling, Shape::Growing, Shape::GoingBack, Shape::Erratic];
}

/// How an import ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    /// All rows settle; some may have failed.
    Completed,
    /// The import as a whole dies once this share of its rows is settled; the rest stays pending for ever.
    Died(f64),
    /// As `Died`, but somebody stopped it.
    Cancelled(f64),
}

/// Where an import is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Uploaded and mapped, not started.
    Waiting,
    /// Rows settle.
    Running,
    /// Started, not settled, and nothing moves for far longer than usual.
    Outage,
    /// All rows are settled; the status word has not caught up yet.
    Settled,
    /// The status word is final.
    Ended,
}

/// What is really true of an import at one moment, however its counts are encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// Rows imported.
    pub succeeded: u64,
    /// Rows that failed.
    pub failed: u64,
    /// Rows still to come.
    pub pending: u64,
    /// `succeeded + failed + pending`. May be 0 while waiting, and grows for [`Shape::Growing`].
    pub total: u64,
    /// Where the import is in its life.
    pub phase: Phase,
    /// How it ends (later, perhaps).
    pub ending: Ending,
    /// When it appeared in the list.
    pub created_at: f64,
    /// When its first row is taken up.
    pub starts_at: f64,
    /// When its last row settles (in the future, perhaps); `None` for one that dies or is cancelled.
    pub settled_at: Option<f64>,
    /// When its status word becomes final (in the future, perhaps).
    pub ended_at: f64,
    /// The last time a count changed, or `starts_at` when none has.
    pub moved_at: f64,
    /// From when to when nothing moves, for [`Shape::Stalling`].
    pub outage: Option<(f64, f64)>,
    /// The longest wait between two moves that is ordinary for this import, outages apart.
    pub usual_gap: Duration,
    /// When the first failed row had been tried again, if any was.
    pub retried_from: Option<f64>,
    /// When the last one had.
    pub retried_to: Option<f64>,
}

/// An import's life. Cheap: about a hundred bytes, and any moment of it is computed at once.
#[derive(Clone, Debug)]
pub struct Life {
    seed: u64,
    rows: u64,
    failure_share: f64,
    /// Exactly these rows fail, ascending; `None`: the share says how many.
    failing: Option<Box<[u64]>>,
    starts_at: f64,
    waits: f64,
    finishing: f64,
    ending: Ending,
    batch: Batch,
    curve: Curve,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) total: u64,
    pub(super) succeeded: u64,
    /// Rows that have failed and are not being tried again.
    pub(super) failed: u64,
    /// Every failure there was, never lowered.
    pub(super) failures: u64,
    /// Rows that were left out when the import was cancelled.
    pub(super) skipped: u64,
}

impl Life {
    /// A life of `rows` rows, of which about `failure_share` (0–1) fail, started at `starts_at` (seconds of world time,
    /// may be negative) and moving at `rows_per_second` on average while nothing is wrong.
    pub fn new(
        seed: u64,
        shape: Shape,
        rows: u64,
        failure_share: f64,
        starts_at: f64,
        rows_per_second: f64,
    ) -> Life {
        Life {
            seed,
            rows,
            failure_share: failure_share.clamp(0.0, 1.0),
            failing: None,
            starts_at,
            waits: 2.0 + 8.0 * unit(seed, 1),
            finishing: 2.0 + 3.0 * unit(seed, 2),
            ending: Ending::Completed,
            batch: Batch::default(),
            curve: Curve::new(mix(seed, 0xc0), shape, rows, rows_per_second),
        }
    }

    /// Waits so many seconds, visible in the list, before it starts (2–10 s by default).
    #[must_use]
    pub fn waiting(self, seconds: f64) -> Life {
        Life { waits: seconds, ..self }
    }

    /// Keeps the status word `processing` so many seconds after its last row (2–5 s by default).
    #[must_use]
    pub fn finishing(self, seconds: f64) -> Life {
        Life { finishing: seconds, ..self }
    }

    /// Ends otherwise than by completing.
    #[must_use]
    pub fn ending(self, ending: Ending) -> Life {
        Life { ending, ..self }
    }

    /// Makes no progress for so many seconds once this share (0–1) of its rows is settled.
    #[must_use]
    pub fn outage(mut self, share: f64, seconds: f64) -> Life {
        self.curve.set_outage(share, seconds);
        self
    }

    /// Starts at another time, everything else the same.
    #[must_use]
    pub fn starting_at(self, starts_at: f64) -> Life {
        Life { starts_at, ..self }
    }

    /// From when to when nothing moves, for [`Shape::Stalling`].
    pub fn outage_times(&self) -> Option<(f64, f64)> {
        self.curve.outage().map(|(from, to)| (self.starts_at + from, self.starts_at + to))
    }

    /// Fails in exactly these rows (from 0), whatever share was asked for.
    pub(super) fn failing_in(self, rows: impl IntoIterator<Item = u64>) -> Life {
        let mut rows: Vec<u64> = rows.into_iter().collect();
        rows.sort_unstable();
        rows.dedup();
        Life { failing: Some(rows.into()), ..self }
    }

    /// The same run in this share of the time.
    pub(super) fn squeezed(mut self, share: f64) -> Life {
        self.curve = self.curve.squeezed(share);
        self
    }

    /// How it moves.
    pub fn shape(&self) -> Shape {
        self.curve.shape()
    }

    /// All rows of its file.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// When it appears in the list.
    pub fn created_at(&self) -> f64 {
        self.starts_at - self.waits
    }

    /// When its first row is taken up.
    pub fn starts_at(&self) -> f64 {
        self.starts_at
    }

    /// When its last row settles; `None` for one that dies or is cancelled.
    pub fn settled_at(&self) -> Option<f64> {
        (self.ending == Ending::Completed).then_some(self.starts_at + self.curve.length())
    }

    /// When its status word becomes final.
    pub fn ended_at(&self) -> f64 {
        match self.ending {
            Ending::Completed => self.starts_at + self.curve.length() + self.finishing,
            Ending::Died(share) | Ending::Cancelled(share) => {
                self.starts_at + self.curve.time_of_share(share.clamp(0.0, 0.99))
            }
        }
    }

    /// The longest wait between two moves that is ordinary for it, outages apart.
    pub fn usual_gap(&self) -> Duration {
        Duration::try_from_secs_f64(self.curve.usual_gap()).unwrap_or(Duration::MAX)
    }

    /// What is true at this moment; `None` before it was created.
    pub fn truth(&self, at: f64) -> Option<Truth> {
        let phase = self.phase(at)?;
        let Counts { total, succeeded, failed, .. } = self.counts(at);
        Some(Truth {
            succeeded,
            failed,
            pending: total - succeeded - failed,
            total,
            phase,
            ending: self.ending,
            created_at: self.created_at(),
            starts_at: self.starts_at,
            settled_at: self.settled_at(),
            ended_at: self.ended_at(),
            moved_at: self.moved_at(at),
            outage: self.outage_times(),
            usual_gap: self.usual_gap(),
            retried_from: self.retry(at).map(|retry| retry.from),
            retried_to: self.retry(at).map(|retry| retry.to),
        })
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn how_it_ends(&self) -> Ending {
        self.ending
    }

    pub(super) fn phase(&self, at: f64) -> Option<Phase> {
        let running_for = at - self.starts_at;
        if at < self.created_at() {
            None
        } else if running_for < 0.0 {
            Some(Phase::Waiting)
        } else if self.retry(at).is_some_and(|retry| at < retry.to) {
            Some(Phase::Running)
        } else if at >= self.ended_at() {
            Some(Phase::Ended)
        } else if running_for >= self.curve.length() {
            Some(Phase::Settled)
        } else if self.curve.outage().is_some_and(|(from, to)| (from..to).contains(&running_for)) {
            Some(Phase::Outage)
        } else {
            Some(Phase::Running)
        }
    }

    pub(super) fn counts(&self, at: f64) -> Counts {
        let running_for = at.min(self.ended_at()) - self.starts_at;
        if running_for < 0.0 {
            // The batch is made when the import starts: some servers count its rows before, some do not.
            let early = unit(self.seed, 3) < 0.5;
            let total = if early { self.curve.total(0.0) } else { 0 };
            return Counts { total, ..Counts::default() };
        }
        let settled = self.curve.settled(running_for);
        let failed = self.failed_before(settled);
        let total = self.curve.total(running_for);
        let skipped = self.skipped(total - settled, at - self.ended_at());
        let counts = Counts { total, succeeded: settled - failed, failed, failures: failed, skipped };
        self.retry(at).map_or(counts, |retry| retry.applied(counts))
    }

    /// The last time a count changed.
    fn moved_at(&self, at: f64) -> f64 {
        if let Some(retry) = self.retry(at) {
            return retry.moved_at;
        }
        let running_for = (at.min(self.ended_at()) - self.starts_at).max(0.0);
        self.starts_at + self.curve.moved_at(running_for)
    }

    /// How many of the first `rows` rows fail.
    pub(super) fn failed_before(&self, rows: u64) -> u64 {
        if let Some(failing) = &self.failing {
            return failing.partition_point(|row| *row < rows) as u64;
        }
        if self.failure_share <= 0.0 {
            return 0;
        }
        let about = (rows as f64 * self.failure_share) as u64;
        (about.saturating_sub(2)..about.saturating_add(2))
            .take_while(|nth| self.failed_row(*nth) < rows)
            .last()
            .map_or_else(|| about.saturating_sub(2), |last| last + 1)
    }

    /// Which row (from 0) the `nth` failure (from 0) is: scattered, never two on one row, and found at once.
    pub(super) fn failed_row(&self, nth: u64) -> u64 {
        if let Some(failing) = &self.failing {
            return failing.get(nth as usize).copied().unwrap_or(self.rows);
        }
        let share = self.failure_share;
        let scatter = (1.0 - share) * 0.999 * unit(self.seed ^ 0xfa11, nth);
        ((nth as f64 + scatter) / share) as u64
    }
}
