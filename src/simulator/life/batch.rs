//! What happens to an import besides its rows being worked off, as a Laravel batch has it.

use super::{Counts, Ending, Life};
use crate::simulator::dice::unit;

/// Seconds within which the jobs of a cancelled batch are skipped.
const SKIPPING: f64 = 5.0;

/// What happens besides.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Batch {
    /// Failed rows are tried again: so many seconds after the last row, and this share fails once more.
    retry: Option<(f64, f64)>,
    /// Jobs look whether the batch was cancelled, and do nothing then.
    skips: bool,
    /// The batch is deleted so many seconds after the end.
    pruned: Option<f64>,
    /// The status word stays `processing` when all rows have settled.
    wordless: bool,
    /// The report is written before the last failed row is known.
    early_report: bool,
}

/// Failed rows tried again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Retry {
    /// How many failed rows were tried again so far, and how many of these failed again.
    tried: u64,
    again: u64,
    /// When the first of them has been tried, when the latest, and when the last will have been.
    pub(super) from: f64,
    pub(super) moved_at: f64,
    pub(super) to: f64,
}

impl Life {
    /// Tries its failed rows again, so many seconds after the last row; this share of them fails once more.
    #[must_use]
    pub fn retried(mut self, after: f64, again: f64) -> Life {
        self.batch.retry = Some((after, again));
        self
    }

    /// Skips what is left when it is cancelled, instead of going on as if nothing had happened.
    #[must_use]
    pub fn skipping(mut self) -> Life {
        self.batch.skips = true;
        self
    }

    /// Is cancelled by the first row that fails, as failures are not allowed; the rest is skipped.
    #[must_use]
    pub fn not_allowing_failures(self) -> Life {
        if self.failed_before(self.rows) == 0 {
            return self;
        }
        let share = (self.failed_row(0) + 1) as f64 / self.rows as f64;
        self.ending(Ending::Cancelled(share)).skipping()
    }

    /// Has its numbers forgotten so many seconds after its end.
    #[must_use]
    pub fn pruned(mut self, after: f64) -> Life {
        self.batch.pruned = Some(after);
        self
    }

    /// Keeps the word `processing` for ever.
    #[must_use]
    pub fn wordless(mut self) -> Life {
        self.batch.wordless = true;
        self
    }

    /// Has its report written before its last failed row is known.
    #[cfg(test)]
    #[must_use]
    pub fn with_early_report(mut self) -> Life {
        self.batch.early_report = true;
        self
    }

    /// Whether the word `processing` stays for ever.
    pub fn is_wordless(&self) -> bool {
        self.batch.wordless && self.ending == Ending::Completed
    }

    /// From when on nothing happens to it any more.
    pub fn rests_from(&self) -> f64 {
        let (after, _) = self.batch.retry.unwrap_or_default();
        let retried = self
            .settled_at()
            .map_or(0.0, |at| at + after + self.failed_before(self.rows) as f64 * self.step());
        let pruned = self.batch.pruned.map_or(0.0, |after| self.ended_at() + after);
        let retried = if self.batch.retry.is_some() { retried } else { 0.0 };
        self.ended_at().max(retried).max(pruned)
    }

    /// Seconds from one row that is tried again to the next: about as fast as before.
    fn step(&self) -> f64 {
        (self.curve.length() / self.rows.max(1) as f64).clamp(0.2, 5.0)
    }

    /// Whether its numbers are forgotten by now.
    pub(in crate::simulator) fn is_pruned(&self, at: f64) -> bool {
        self.batch.pruned.is_some_and(|after| at >= self.ended_at() + after)
    }

    /// Failed rows that are in the report.
    pub(in crate::simulator) fn reported(&self) -> u64 {
        let failed = self.counts(self.ended_at()).failed;
        failed.saturating_sub(u64::from(self.batch.early_report))
    }

    /// The failed rows being tried again, once the first of them has been.
    pub(super) fn retry(&self, at: f64) -> Option<Retry> {
        let (after, share) = self.batch.retry?;
        let begins = self.settled_at()? + after;
        let failed = self.failed_before(self.rows);
        let step = self.step();
        let tried = (((at - begins) / step).max(0.0) as u64).min(failed);
        let again = (0..tried).filter(|nth| unit(self.seed ^ 0x4e7, *nth) < share).count() as u64;
        let [from, moved_at, to] = [1, tried, failed].map(|nth| begins + nth as f64 * step);
        (tried > 0).then_some(Retry { tried, again, from, moved_at, to })
    }

    /// How many of so many jobs that are left have been skipped, `since` seconds after it was cancelled.
    pub(super) fn skipped(&self, left: u64, since: f64) -> u64 {
        let cancelled = matches!(self.ending, Ending::Cancelled(_)) && self.batch.skips;
        let share = if cancelled { (since / SKIPPING).clamp(0.0, 1.0) } else { 0.0 };
        (left as f64 * share) as u64
    }
}

impl Retry {
    /// The counts, where all rows had settled before.
    pub(super) fn applied(&self, counts: Counts) -> Counts {
        Counts {
            succeeded: counts.succeeded + self.tried - self.again,
            failed: self.again,
            failures: counts.failures + self.again,
            ..counts
        }
    }
}
