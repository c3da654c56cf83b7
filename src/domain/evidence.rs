//! How a server counts failures, inferred from what it was seen to do; and one import's numbers read accordingly.
//!
//! A Laravel batch leaves a failed row in `jobs_remaining` and never lowers `failed_jobs`, so after a retry
//! `failed_jobs` may well exceed `jobs_remaining`. A server that counts by hand takes failed rows off. Most numbers fit
//! both: what was seen of an import decides for it, what was seen of all of them for the rest.

use std::time::Duration;

use super::import::{Counts, Meaning};
use super::tally::{Counting, Tally};

/// Polls that contradict the other counting before an import's own is believed: one may be a slip.
const ENOUGH_POLLS: u8 = 2;
/// Single rows seen to fail and to leave `remaining` before an import is believed to take failures off, and in how many
/// polls for each in which several rows left one alone must have.
const SINGLES: u16 = 4;
const MOSTLY: u16 = 5;
/// Imports that seem to take failures off before the server is believed to: a few retried batches look the same.
const MANY: usize = 3;

/// Whether the reading of an import's numbers is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Basis {
    /// No other reading is possible, or what was seen of the server rules it out.
    #[default]
    Observed,
    /// Another reading is possible and differs.
    Assumed,
}

impl Basis {
    /// The word that scripts see.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Assumed => "assumed",
        }
    }
}

/// What one import's numbers have shown over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Polls, counted up to [`ENOUGH_POLLS`], in which more rows failed than left `remaining`.
    batch_polls: u8,
    /// Polls in which one row failed and one left `remaining`: the same one, or another that was imported.
    single_failures: u16,
    /// Polls in which nothing failed and one row left, and several did. Where it is nearly always one, it was the same.
    singles: u16,
    several: u16,
    /// At some poll as many had failed as remained.
    was_level: bool,
    /// Failed rows were tried again.
    retried: bool,
    /// While it ran, fewer rows came to remain than had failed: a batch does so only where rows are tried again.
    crossed: bool,
    /// When (`Now::up`) `total` was last seen to grow.
    grew_at: Option<Duration>,
    /// The last numbers before the import was cancelled.
    before_cancel: Option<Numbers>,
    /// The server has forgotten the numbers: these are the last ones.
    pruned: bool,
}

/// What the numbers of all imports show: how many of them speak for each counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Votes {
    batch: usize,
    exclusive: usize,
}

/// One import's numbers, read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// What became of its rows.
    pub tally: Tally,
    /// How its failures seem to be counted.
    pub counting: Counting,
    /// How certain that is.
    pub basis: Basis,
}

/// `total`, `remaining` and `failed`.
type Numbers = (u64, u64, u64);

/// The counts, where they are numbers that can be compared.
fn numbers(counts: &Counts) -> Option<Numbers> {
    let (total, remaining, failed) = (counts.total?, counts.remaining?, counts.failed?);
    (total > 0 && remaining <= total).then_some((total, remaining, failed))
}

/// Whether these numbers are those of a batch, for certain: no row that failed was taken off.
fn overlap((total, remaining, failed): Numbers) -> bool {
    remaining > 0 && remaining.saturating_add(failed) > total
}

impl Evidence {
    /// What the numbers show at first sight.
    pub(super) fn of(counts: &Counts) -> Self {
        let mut first = Self::default();
        first.look(counts);
        first
    }

    fn look(&mut self, counts: &Counts) {
        if let Some(numbers @ (_, remaining, failed)) = numbers(counts) {
            self.was_level |= failed == remaining && failed > 0;
            if overlap(numbers) {
                self.batch_polls = ENOUGH_POLLS;
            }
        }
    }

    /// What they show after another poll, at `up`. `rested`: the earlier numbers had stood still for long.
    #[must_use]
    pub(super) fn after(
        mut self,
        (before, rested): (&Counts, bool),
        after: &Counts,
        server: Option<Counting>,
        up: Duration,
    ) -> Self {
        let pair = numbers(before).zip(numbers(after));
        if let Some(((total, remaining, failed), (total_now, remaining_now, failed_now))) = pair {
            if total_now > total {
                self.grew_at = Some(up);
            }
            // Rows that are put back make `remaining` grow; between two answers some may have failed as well.
            let left = remaining.checked_sub(remaining_now).filter(|_| total_now == total);
            let more_failed = failed_now.saturating_sub(failed);
            match (left, more_failed) {
                (Some(left), failed) if failed > left => {
                    self.batch_polls = self.batch_polls.saturating_add(1).min(ENOUGH_POLLS);
                    self.single_failures = 0;
                }
                (Some(1), 1) => self.single_failures = self.single_failures.saturating_add(1),
                (Some(1), 0) => self.singles = self.singles.saturating_add(1),
                (Some(2..), 0) => self.several = self.several.saturating_add(1),
                _ => {}
            }
            // A batch in which more have failed than remain was retried. Under the other counting numbers only pass
            // through being equal.
            let level = failed == remaining && failed > 0;
            let tried_again = remaining_now < failed_now && remaining_now <= remaining && total_now == total;
            let exclusive = server == Some(Counting::Exclusive) || self.proves_exclusive();
            let from_rest = level && rested && !exclusive;
            let as_batch =
                self.was_level && server == Some(Counting::Batch) && !exclusive && remaining >= failed;
            self.retried |= tried_again && (from_rest || as_batch || self.proves_batch());
            self.crossed |= remaining >= failed && remaining_now < failed_now && !self.retried;
        }
        self.look(after);
        self
    }

    /// Whether this import counts as a batch, whatever others do.
    fn proves_batch(&self) -> bool {
        self.batch_polls >= ENOUGH_POLLS
    }

    /// Whether this import takes failed rows off, whatever others do.
    fn proves_exclusive(&self) -> bool {
        let alone = self.singles >= SINGLES && self.singles / MOSTLY >= self.several;
        self.single_failures >= SINGLES && alone && self.batch_polls == 0
    }

    /// Notes the last numbers before the import was cancelled.
    pub(super) fn cancelled(&mut self, before: &Counts) {
        self.before_cancel = self.before_cancel.or_else(|| numbers(before));
    }

    /// Notes that the numbers are the last ones that the server told.
    pub(super) fn prune(&mut self, pruned: bool) {
        self.pruned = pruned;
    }

    /// Whether the server has forgotten the numbers.
    pub fn is_pruned(&self) -> bool {
        self.pruned
    }

    /// Whether failed rows were seen to be tried again.
    pub(super) fn is_retried(&self) -> bool {
        self.retried
    }

    /// Whether more have failed than remain, and nothing that was seen tells why.
    pub(super) fn is_unclear(&self, counts: &Counts) -> bool {
        let certain = self.proves_batch() || self.proves_exclusive() || self.retried;
        numbers(counts).is_some_and(|(_, remaining, failed)| remaining > 0 && remaining < failed && !certain)
    }

    /// When (`Now::up`) `total` was last seen to grow.
    pub(super) fn grew_at(&self) -> Option<Duration> {
        self.grew_at
    }

    /// For which counting an import speaks. `still`: its numbers stand still.
    pub(super) fn vote(&self, counts: &Counts, meaning: Meaning, still: bool) -> Option<Counting> {
        let (_, remaining, failed) = numbers(counts)?;
        if failed == 0 {
            return None;
        }
        if self.proves_batch() || self.retried {
            return Some(Counting::Batch);
        }
        if self.proves_exclusive() {
            return Some(Counting::Exclusive);
        }
        let over = match meaning {
            Meaning::Failed | Meaning::Cancelled => false,
            Meaning::Done => true,
            _ => still,
        };
        match remaining {
            _ if !over => None,
            0 => Some(Counting::Exclusive),
            _ if failed == remaining => Some(Counting::Batch),
            _ => None,
        }
    }

    /// Reads the numbers; `server` is how the server counts, as far as it has shown.
    pub fn read(&self, counts: &Counts, meaning: Meaning, server: Option<Counting>, still: bool) -> Reading {
        if meaning == Meaning::Cancelled {
            // Rows that are skipped leave `remaining` as those do that were imported.
            let before = self.before_cancel.map(|(total, remaining, failed)| Counts {
                total: Some(total),
                remaining: Some(remaining),
                failed: Some(failed),
                progress: None,
            });
            let reading = self.read_running(before.as_ref().unwrap_or(counts), meaning, server, false);
            let succeeded = before.map(|_| reading.tally.succeeded());
            return Reading { tally: Tally::cancelled(counts, succeeded), ..reading };
        }
        let reading = self.read_running(counts, meaning, server, still);
        let basis = if self.pruned { Basis::Assumed } else { reading.basis };
        Reading { basis, ..reading }
    }

    fn read_running(
        &self,
        counts: &Counts,
        meaning: Meaning,
        server: Option<Counting>,
        still: bool,
    ) -> Reading {
        use Basis::{Assumed, Observed};
        use Counting::{Batch, Exclusive};
        let plainly = |counting, basis| Reading { tally: Tally::new(counts, counting), counting, basis };
        let of_batch = |tally, basis| Reading { tally, counting: Batch, basis };
        let Some((_, remaining, failed)) = numbers(counts) else {
            let basis = if counts.failed.unwrap_or(0) == 0 { Observed } else { Assumed };
            return plainly(server.unwrap_or_default(), basis);
        };
        let is_batch = self.proves_batch() || self.retried;
        let server = if self.proves_exclusive() { Some(Exclusive) } else { server };
        if failed == 0 {
            plainly(Batch, Observed)
        } else if remaining >= failed {
            let level_at_end = remaining == failed && meaning == Meaning::Done;
            match server {
                _ if is_batch || level_at_end => plainly(Batch, Observed),
                Some(counting) => plainly(counting, Observed),
                None => plainly(Batch, Assumed),
            }
        } else if is_batch {
            let tally =
                if still || remaining == 0 { Tally::retried(counts) } else { Tally::retrying(counts) };
            of_batch(tally, Observed)
        } else if server == Some(Exclusive) {
            plainly(Exclusive, Observed)
        } else if remaining == 0 || (self.crossed && server != Some(Batch)) {
            // All failed rows may have been retried, unseen. To hide rows that failed is the worse mistake.
            plainly(Exclusive, Assumed)
        } else if still || meaning == Meaning::Done {
            of_batch(Tally::retried(counts), Assumed)
        } else if server == Some(Batch) {
            of_batch(Tally::retrying(counts), Assumed)
        } else {
            plainly(Exclusive, Assumed)
        }
    }

    /// Whether the numbers can be read in two ways of which only one says that all rows were tried.
    pub(super) fn is_doubtful(&self, counts: &Counts, server: Option<Counting>) -> bool {
        let certain = self.proves_batch() || self.proves_exclusive() || self.retried || server.is_some();
        numbers(counts).is_some_and(|(_, remaining, failed)| failed > 0 && remaining > 0 && !certain)
    }
}

impl Votes {
    /// One import speaks for another counting than before.
    pub(super) fn change(&mut self, before: Option<Counting>, after: Option<Counting>) {
        if let Some(votes) = before.map(|counting| self.of(counting)) {
            *votes = votes.saturating_sub(1);
        }
        if let Some(votes) = after.map(|counting| self.of(counting)) {
            *votes = votes.saturating_add(1);
        }
    }

    fn of(&mut self, counting: Counting) -> &mut usize {
        match counting {
            Counting::Batch => &mut self.batch,
            Counting::Exclusive => &mut self.exclusive,
        }
    }

    /// How the server counts, where enough of its imports show it.
    pub fn counting(&self) -> Option<Counting> {
        let Self { batch, exclusive } = *self;
        if exclusive >= MANY && exclusive > 2 * batch {
            Some(Counting::Exclusive)
        } else {
            (batch > exclusive).then_some(Counting::Batch)
        }
    }
}
