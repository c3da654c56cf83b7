//! Infers how a server counts failures from what it was seen to do, and reads each import's numbers accordingly.
//!
//! A Laravel batch leaves a failed row in `jobs_remaining` and never lowers `failed_jobs`, so after a retry
//! `failed_jobs` may well exceed `jobs_remaining`. A server with its own counters subtracts failed rows. Most numbers fit
//! both: what was seen of an import decides for that import, what was seen of all imports decides for the rest.

use std::time::Duration;

use super::import::{Counts, Meaning};
use super::tally::{Counting, Tally};

/// Polls that must contradict the other counting before it is ruled out for an import: one may be a glitch.
const ENOUGH_POLLS: u8 = 2;
/// Single rows seen to fail and to leave `remaining` before an import is believed to subtract failures; and how many
/// polls in which one row left there must be for each in which several did.
const SINGLES: u16 = 4;
const MOSTLY: u16 = 5;
/// Imports that must seem to subtract failures before the server is believed to: a few retried batches look the same.
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
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Assumed => "assumed",
        }
    }
}

/// What one import's numbers have shown over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// Polls, counted up to [`ENOUGH_POLLS`], in which more rows failed than left `remaining`.
    batch_polls: u8,
    /// Polls in which one row failed and one left `remaining`: the same one, or another that was imported.
    single_failures: u16,
    /// Polls in which nothing failed and one row left, or several did. If it is nearly always one, it was the failed one.
    singles: u16,
    several: u16,
    /// In some poll `failed` equalled `remaining`.
    was_level: bool,
    /// Failed rows were retried.
    retried: bool,
    /// While it ran, `remaining` fell below `failed`: in a batch this only happens when rows are retried.
    crossed: bool,
    /// When (`Now::up`) `total` was last seen to grow.
    grew_at: Option<Duration>,
    /// The last numbers before the import was cancelled.
    before_cancel: Option<Box<Numbers>>,
    /// The server has dropped the numbers: these are the last ones.
    pruned: bool,
}

/// How many imports support each counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Votes {
    batch: usize,
    exclusive: usize,
}

/// One import's numbers, interpreted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    pub tally: Tally,
    pub counting: Counting,
    pub basis: Basis,
}

/// `total`, `remaining` and `failed`.
type Numbers = (u64, u64, u64);

/// The counts, if they are complete and plausible.
fn numbers(counts: &Counts) -> Option<Numbers> {
    let (total, remaining, failed) = (counts.total?, counts.remaining?, counts.failed?);
    (total > 0 && remaining <= total).then_some((total, remaining, failed))
}

/// Whether these numbers can only be a batch's: failed rows were not subtracted.
fn overlap((total, remaining, failed): Numbers) -> bool {
    remaining > 0 && remaining.saturating_add(failed) > total
}

impl Evidence {
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

    /// Adds the poll at `up`. `rested`: the earlier numbers had not changed for long.
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

    /// Whether this import counts as a batch, whatever the others show.
    fn proves_batch(&self) -> bool {
        self.batch_polls >= ENOUGH_POLLS
    }

    /// Whether this import subtracts failed rows, whatever the others show.
    fn proves_exclusive(&self) -> bool {
        let alone = self.singles >= SINGLES && self.singles / MOSTLY >= self.several;
        self.single_failures >= SINGLES && alone && self.batch_polls == 0
    }

    /// Keeps the last numbers before the import was cancelled.
    pub(super) fn cancelled(&mut self, before: &Counts) {
        self.before_cancel = self.before_cancel.take().or_else(|| numbers(before).map(Box::new));
    }

    /// Marks whether the numbers are the last ones before the server dropped them.
    pub(super) fn set_pruned(&mut self, pruned: bool) {
        self.pruned = pruned;
    }

    /// Whether the server has dropped the numbers.
    pub fn is_pruned(&self) -> bool {
        self.pruned
    }

    /// Whether failed rows were seen to be retried.
    pub(super) fn is_retried(&self) -> bool {
        self.retried
    }

    /// Whether more have failed than remain for no known reason.
    pub(super) fn is_unclear(&self, counts: &Counts) -> bool {
        let certain = self.proves_batch() || self.proves_exclusive() || self.retried;
        numbers(counts).is_some_and(|(_, remaining, failed)| remaining > 0 && remaining < failed && !certain)
    }

    pub(super) fn grew_at(&self) -> Option<Duration> {
        self.grew_at
    }

    /// The counting that an import supports. `still`: its numbers do not change any more.
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

    /// Interprets the numbers; `server` is how the server counts, if that is known.
    pub fn read(&self, counts: &Counts, meaning: Meaning, server: Option<Counting>, still: bool) -> Reading {
        if meaning == Meaning::Cancelled {
            // Rows that are skipped leave `remaining` as those do that were imported.
            let before = self.before_cancel.as_deref().map(|&(total, remaining, failed)| Counts {
                total: Some(total),
                remaining: Some(remaining),
                failed: Some(failed),
                progress: None,
            });
            let reading = self.read_running(before.as_ref().unwrap_or(counts), meaning, server, false);
            let succeeded = before.and_then(|_| reading.tally.succeeded());
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
            // All failed rows may have been retried unseen, but hiding failed rows is the worse mistake.
            plainly(Exclusive, Assumed)
        } else if still || meaning == Meaning::Done {
            of_batch(Tally::retried(counts), Assumed)
        } else if server == Some(Batch) {
            of_batch(Tally::retrying(counts), Assumed)
        } else {
            plainly(Exclusive, Assumed)
        }
    }

    /// Whether the numbers can be read in two ways, only one of which says that all rows were tried.
    pub(super) fn is_doubtful(&self, counts: &Counts, server: Option<Counting>) -> bool {
        let certain = self.proves_batch() || self.proves_exclusive() || self.retried || server.is_some();
        numbers(counts).is_some_and(|(_, remaining, failed)| failed > 0 && remaining > 0 && !certain)
    }
}

impl Votes {
    /// Moves one import's vote.
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

    /// How the server counts, if enough imports show it.
    pub fn counting(&self) -> Option<Counting> {
        let Self { batch, exclusive } = *self;
        if exclusive >= MANY && exclusive > 2 * batch {
            Some(Counting::Exclusive)
        } else {
            (batch > exclusive).then_some(Counting::Batch)
        }
    }
}
