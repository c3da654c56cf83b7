//! Turns the server's counts into succeeded, failed and pending rows, and judges an import's state.

use std::fmt;

use super::import::{Counts, Meaning};

/// How a server counts failures: whether a failed job stays in `jobs_remaining`.
///
/// Undocumented; inferred by [`Evidence`](super::evidence::Evidence).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counting {
    /// As a Laravel job batch does: failed jobs stay in `jobs_remaining`.
    #[default]
    Batch,
    /// Failures are subtracted: `jobs_remaining` only counts jobs that were not tried yet.
    Exclusive,
}

/// How much of a tally is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Known {
    #[default]
    All,
    /// Failed rows are being retried: how many still wait is not known. All of them count as failed.
    Retrying,
    /// Cancelled: as counted before. The rest may have been skipped, or not.
    BeforeCancel,
    /// Cancelled before it was first seen: the server's counts no longer say what was imported.
    FailedOnly,
}

/// Succeeded, failed and pending rows, which always add up to the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    total: u64,
    succeeded: u64,
    failed: u64,
    known: Known,
}

impl Tally {
    /// Never negative and never above the total, whatever the counts say.
    pub fn new(counts: &Counts, counting: Counting) -> Self {
        let known = counts.remaining.unwrap_or(0).max(counts.failed.unwrap_or(0));
        let total = counts.total.filter(|total| *total > 0).unwrap_or(known);
        let failed = counts.failed.unwrap_or(0).min(total);
        let remaining = counts.remaining.unwrap_or_else(|| remaining_by_progress(counts, total)).min(total);
        let pending = match counting {
            Counting::Batch if failed <= remaining => remaining - failed,
            _ => remaining.min(total - failed),
        };
        Self { total, succeeded: total - failed - pending, failed, known: Known::All }
    }

    /// For an import that has finished: the remaining rows are those that failed for good, however often rows failed before.
    pub(super) fn retried(counts: &Counts) -> Self {
        Self::new(&Counts { failed: counts.remaining, ..*counts }, Counting::Batch)
    }

    /// For an import whose failed rows are being retried.
    pub(super) fn retrying(counts: &Counts) -> Self {
        Self { known: Known::Retrying, ..Self::retried(counts) }
    }

    /// For a cancelled import; `succeeded` as counted before, if it was seen before.
    pub(super) fn cancelled(counts: &Counts, succeeded: Option<u64>) -> Self {
        let total = Self::new(counts, Counting::Batch).total;
        let known = if succeeded.is_some() { Known::BeforeCancel } else { Known::FailedOnly };
        let succeeded = succeeded.unwrap_or(0).min(total);
        Self { total, succeeded, failed: counts.failed.unwrap_or(0).min(total - succeeded), known }
    }

    pub fn total(&self) -> u64 {
        self.total
    }

    /// Rows that were imported, or would have been by a dry run; `None` for an import that was cancelled before it was first
    /// seen.
    pub fn succeeded(&self) -> Option<u64> {
        (self.known != Known::FailedOnly).then_some(self.succeeded)
    }

    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// Rows not tried yet; `None` while failed rows are being retried, and after cancelling.
    pub fn pending(&self) -> Option<u64> {
        (self.known == Known::All).then(|| self.rest())
    }

    /// Rows that neither succeeded nor failed, as far as is known.
    fn rest(&self) -> u64 {
        self.total.saturating_sub(self.succeeded.saturating_add(self.failed))
    }

    /// Whether failed rows are being retried: some of the failed rows may be pending.
    pub fn is_retrying(&self) -> bool {
        self.known == Known::Retrying
    }

    /// `60 ok`, `2 failed`, `38 left`. An unknown part is left out or says so.
    pub fn describe(&self) -> [Option<String>; 3] {
        let [ok, failed, rest] = [self.succeeded, self.failed, self.rest()].map(grouped);
        let ok = self.succeeded().map(|_| match self.known {
            Known::BeforeCancel => format!("{ok} ok before it was cancelled"),
            _ => format!("{ok} ok"),
        });
        let failed = match self.known {
            Known::Retrying => format!("{failed} failed or being retried"),
            _ => format!("{failed} failed"),
        };
        let rest = (self.rest() > 0).then(|| match self.known {
            Known::BeforeCancel | Known::FailedOnly => format!("{rest} may have been skipped"),
            Known::All | Known::Retrying => format!("{rest} left"),
        });
        [ok, Some(failed), rest]
    }

    /// Rows that are known to have been tried, with whatever outcome.
    pub fn tried(&self) -> u64 {
        let failed = if self.is_retrying() { 0 } else { self.failed };
        self.succeeded.saturating_add(failed)
    }

    /// Rows that were tried; `None` where [`Tally::succeeded`] is.
    pub fn settled(&self) -> Option<u64> {
        self.succeeded().map(|_| self.tried())
    }

    /// Whether every row was tried. An import without rows has not settled: its jobs may not be counted yet.
    pub fn is_settled(&self) -> bool {
        self.total > 0 && self.pending() == Some(0)
    }

    /// The share of rows that were tried, 0.0 to 1.0; 0.0 for an import without rows.
    pub fn ratio(&self) -> f64 {
        share(self.tried(), self.total)
    }

    /// The share of rows that were imported, 0.0 to 1.0.
    pub fn succeeded_ratio(&self) -> f64 {
        share(self.succeeded, self.total)
    }

    /// The share of rows that failed, 0.0 to 1.0.
    pub fn failed_ratio(&self) -> f64 {
        share(self.failed, self.total)
    }

    /// The share of the tried rows that failed, 0.0 to 1.0; 0.0 before a row was tried.
    pub fn failed_of_tried(&self) -> f64 {
        share(self.failed, self.succeeded.saturating_add(self.failed))
    }

    /// Whether a tenth or more of the tried rows failed, as far as is known.
    pub fn is_failing(&self) -> bool {
        let (failed, succeeded) = (u128::from(self.failed), self.succeeded().map(u128::from));
        succeeded.is_some_and(|succeeded| failed > 0 && failed * 10 >= succeeded + failed)
    }

    /// The percentage of rows that were tried: 100 only if all have settled, 0 only if none was tried; `None` where
    /// [`Tally::succeeded`] is.
    pub fn percent(&self) -> Option<u8> {
        let (settled, total) = (u128::from(self.settled()?), u128::from(self.total));
        let floor = (settled * 100).checked_div(total).unwrap_or(0);
        let started = u128::from(settled > 0);
        let most = if self.is_settled() { 100 } else { 99 };
        Some(u8::try_from(floor.max(started)).map_or(most, |percent| percent.min(most)))
    }
}

/// `1,234`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn remaining_by_progress(counts: &Counts, total: u64) -> u64 {
    let Some(progress) = counts.progress.filter(|p| p.is_finite()) else { return total };
    let left = (100.0 - progress.clamp(0.0, 100.0)) / 100.0 * total as f64;
    left.round() as u64
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64).clamp(0.0, 1.0) }
}

/// The state of an import as this program judges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Waiting for its first row.
    Queued,
    /// Rows are being processed.
    Running,
    /// Nothing has moved for far longer than this import's own usual gap, though the server answers.
    Stalled,
    /// Every row was tried; the server has not reported a final status yet.
    Finishing,
    /// Finished, and no row failed.
    Done,
    /// Finished, and some rows failed.
    DoneWithFailures,
    /// The import itself failed.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// Neither the status nor the counts determine it.
    Unknown,
}

/// What a verdict depends on besides the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Observed {
    /// No progress for longer than the pace explains.
    pub stalled: bool,
    /// The counts have not changed for so long that a final status is no longer expected.
    pub rested: bool,
    /// The counts can also be read in a way by which rows are still pending.
    pub doubtful: bool,
    /// The server has dropped the counts, or the import is so old that it may have.
    pub forgotten: bool,
}

impl Verdict {
    /// The status decides first, then the counts.
    pub fn new(meaning: Meaning, tally: &Tally, observed: Observed) -> Self {
        let over = if tally.failed() > 0 { Self::DoneWithFailures } else { Self::Done };
        match meaning {
            Meaning::Done => over,
            Meaning::Failed => Self::Failed,
            Meaning::Cancelled => Self::Cancelled,
            _ if tally.is_settled() && observed.rested => over,
            _ if tally.is_settled() && observed.doubtful => Self::Running,
            _ if tally.is_settled() => Self::Finishing,
            Meaning::Unknown if tally.total() == 0 => Self::Unknown,
            Meaning::Processing if observed.forgotten => Self::Unknown,
            _ if observed.stalled => Self::Stalled,
            Meaning::Processing if tally.total() > 0 => Self::Running,
            _ if tally.tried() > 0 => Self::Running,
            _ => Self::Queued,
        }
    }

    /// Whether the import may still change by itself.
    pub fn is_unfinished(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Stalled | Self::Finishing | Self::Unknown)
    }

    /// Whether rows are being tried, or should be.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Stalled | Self::Finishing)
    }

    const ALL: [Self; 9] = [
        Self::Queued,
        Self::Running,
        Self::Stalled,
        Self::Finishing,
        Self::Done,
        Self::DoneWithFailures,
        Self::Failed,
        Self::Cancelled,
        Self::Unknown,
    ];

    /// The verdict of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }

    /// The word in machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Stalled => "stalled",
            Self::Finishing => "finishing",
            Self::Done => "done",
            Self::DoneWithFailures => "done_with_failures",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(total: u64, remaining: u64, failed: u64) -> Counts {
        Counts { total: Some(total), remaining: Some(remaining), failed: Some(failed), progress: None }
    }

    fn parts(counts: &Counts, counting: Counting) -> (u64, u64, u64) {
        let tally = Tally::new(counts, counting);
        (tally.succeeded, tally.failed, tally.rest())
    }

    #[test]
    fn both_countings_give_the_same_rows() {
        use Counting::{Batch, Exclusive};
        // (total, remaining, failed), counting -> (succeeded, failed, pending)
        let table = [
            (counts(4, 1, 1), Batch, (3, 1, 0)),
            (counts(4, 0, 1), Exclusive, (3, 1, 0)),
            (counts(100, 60, 10), Batch, (40, 10, 50)),
            (counts(100, 50, 10), Exclusive, (40, 10, 50)),
            // More failures than remaining jobs: the counts themselves show which counting it is.
            (counts(100, 5, 10), Batch, (85, 10, 5)),
            (counts(100, 100, 0), Batch, (0, 0, 100)),
            (counts(0, 0, 0), Batch, (0, 0, 0)),
            // Impossible counts are clamped.
            (counts(10, 50, 3), Batch, (0, 3, 7)),
            (counts(10, 50, 3), Exclusive, (0, 3, 7)),
            (counts(10, 0, 50), Batch, (0, 10, 0)),
            (Counts { progress: Some(25.0), ..counts(8, 0, 0) }, Batch, (8, 0, 0)),
            (Counts { total: Some(8), progress: Some(25.0), ..Counts::default() }, Batch, (2, 0, 6)),
            (Counts { progress: Some(f64::NAN), total: Some(8), ..Counts::default() }, Batch, (0, 0, 8)),
            (Counts { remaining: Some(5), ..Counts::default() }, Batch, (0, 0, 5)),
        ];
        for (counts, counting, expected) in table {
            assert_eq!(parts(&counts, counting), expected, "{counts:?} {counting:?}");
        }
    }

    #[test]
    fn the_status_decides_then_the_counts() {
        use Meaning as M;
        use Verdict as V;
        let seen = Observed::default();
        let stalled = Observed { stalled: true, ..seen };
        let long = Observed { rested: true, ..seen };
        let doubtful = Observed { doubtful: true, ..seen };
        let forgotten = Observed { forgotten: true, ..seen };
        let table = [
            (M::Processing, counts(4, 4, 0), seen, V::Running),
            (M::Processing, counts(0, 0, 0), seen, V::Queued),
            (M::Processing, counts(4, 4, 0), stalled, V::Stalled),
            (M::Processing, counts(4, 1, 1), seen, V::Finishing),
            (M::Processing, counts(4, 1, 1), stalled, V::Finishing),
            (M::Processing, counts(4, 1, 1), long, V::DoneWithFailures),
            (M::Processing, counts(4, 0, 0), long, V::Done),
            (M::Processing, counts(4, 1, 1), doubtful, V::Running),
            (M::Processing, counts(0, 0, 0), forgotten, V::Unknown),
            (M::Waiting, counts(0, 0, 0), forgotten, V::Queued),
            (M::Cancelled, counts(4, 0, 0), long, V::Cancelled),
            (M::Waiting, counts(4, 4, 0), seen, V::Queued),
            (M::Waiting, counts(4, 3, 0), seen, V::Running),
            (M::Done, counts(4, 1, 1), seen, V::DoneWithFailures),
            (M::Done, counts(4, 2, 0), seen, V::Done),
            (M::Failed, counts(4, 2, 0), seen, V::Failed),
            (M::Unknown, counts(0, 0, 0), seen, V::Unknown),
            (M::Unknown, counts(4, 4, 0), seen, V::Queued),
            (M::Unknown, counts(4, 2, 0), seen, V::Running),
            (M::Unknown, counts(4, 0, 0), seen, V::Finishing),
        ];
        for (meaning, counts, observed, expected) in table {
            let tally = Tally::new(&counts, Counting::Batch);
            assert_eq!(
                Verdict::new(meaning, &tally, observed),
                expected,
                "{meaning:?} {counts:?} {observed:?}"
            );
        }
    }

    #[test]
    fn per_cent_never_claims_an_end_that_is_not_there() {
        for (total, remaining, percent) in
            [(1000, 1, 99), (1000, 999, 1), (1000, 1000, 0), (1000, 0, 100), (0, 0, 0)]
        {
            assert_eq!(Tally::new(&counts(total, remaining, 0), Counting::Batch).percent(), Some(percent));
        }
    }

    proptest! {
        #[test]
        fn any_numbers_make_a_tally_that_adds_up(
            total in proptest::option::of(prop_oneof![0..50u64, any::<u64>()]),
            remaining in proptest::option::of(prop_oneof![0..50u64, any::<u64>()]),
            failed in proptest::option::of(prop_oneof![0..50u64, any::<u64>()]),
            progress in proptest::option::of(any::<f64>()),
            exclusive in any::<bool>(),
        ) {
            let counting = if exclusive { Counting::Exclusive } else { Counting::Batch };
            let tally = Tally::new(&Counts { total, remaining, failed, progress }, counting);
            let sum = u128::from(tally.succeeded) + u128::from(tally.failed) + u128::from(tally.rest());
            prop_assert_eq!(sum, u128::from(tally.total()));
            prop_assert!((0.0..=1.0).contains(&tally.ratio()) && (0.0..=1.0).contains(&tally.failed_ratio()));
            prop_assert!(tally.percent().is_some_and(|percent| percent <= 100));
            prop_assert_eq!(tally.percent() == Some(100), tally.is_settled());
        }
    }
}
