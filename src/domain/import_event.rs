//! What happens to imports, by what changed from one snapshot to the next.

use std::sync::Arc;
use std::time::Duration;

use super::Now;
use super::import::Import;
use super::snapshot::{Change, Snapshot, Watched};
use super::tally::{Verdict, grouped};

/// Something that happens to an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImportEvent {
    /// Its first rows are tried.
    Started,
    /// Its first rows failed.
    FirstFailure,
    /// So many of its tried rows failed that somebody should look: a share that the user chooses.
    Failing,
    Stalled,
    /// It moves again after it had stalled or finished.
    Resumed,
    /// Its failed rows are tried again.
    Retried,
    /// It finished, successfully or not.
    Settled,
    Cancelled,
    /// Its error report can be downloaded.
    ReportReady,
    /// It had not finished, and the server no longer has it.
    Deleted,
}

/// What has to be known of an import to say later what happened since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastSeen {
    pub verdict: Verdict,
    /// Whether it is said to have stalled by the server's dates alone: so it was before it was first seen.
    pub stall_guessed: bool,
    /// Rows tried, and those of them that failed.
    pub tried: u64,
    pub failed: u64,
    pub retried: bool,
    pub has_report: bool,
    /// `total_jobs`, `jobs_remaining` and `failed_jobs` as the server said them; 0 where it did not.
    pub jobs: [u64; 3],
}

impl From<&Watched> for LastSeen {
    fn from(watched: &Watched) -> Self {
        let (report, counts) = (watched.import.report(), &watched.import.counts);
        Self {
            jobs: [counts.total, counts.remaining, counts.failed].map(Option::unwrap_or_default),
            verdict: watched.verdict,
            stall_guessed: watched.is_stall_guessed(),
            tried: watched.tally.succeeded().map_or(0, |ok| ok.saturating_add(watched.tally.failed())),
            failed: watched.tally.failed(),
            retried: watched.evidence.is_retried(),
            has_report: report.is_some_and(|report| report.link.is_ok()),
        }
    }
}

/// The share of the tried rows that must have failed before an import counts as failing, in thousandths of a per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailingAt(u32);

impl FailingAt {
    /// Rows that must have been tried before their share says something.
    pub const ENOUGH_TRIED: u64 = 20;

    /// Of a percentage; `None` outside 0 to 100.
    pub fn new(percent: f64) -> Option<Self> {
        (0.0..=100.0).contains(&percent).then(|| Self((percent * 1000.0).round() as u32))
    }

    fn is_reached(self, seen: LastSeen) -> bool {
        let (failed, tried) = (u128::from(seen.failed), u128::from(seen.tried));
        tried >= u128::from(Self::ENOUGH_TRIED)
            && failed > 0
            && failed * 100_000 >= u128::from(self.0) * tried
    }
}

impl Default for FailingAt {
    /// A tenth.
    fn default() -> Self {
        Self(10_000)
    }
}

/// How an import was the last time that this program ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// Nothing is known of it.
    Unknown,
    /// It was not there yet.
    NotThere,
    Seen(LastSeen),
}

/// What happened from one snapshot to the next, newest import first; of one import in the order of [`ImportEvent`]. Carries
/// what was seen of the import before, if anything, and the import as it is now, or as it last was.
///
/// What is so at the first look is no event, nor is anything of an older import that is loaded later; unless `earlier`
/// knows how the import was, which then counts instead of the old snapshot.
pub fn between<'s>(
    old: &'s Snapshot,
    new: &'s Snapshot,
    at: Now,
    failing_at: FailingAt,
    earlier: impl Fn(&Import) -> Earlier,
) -> Vec<(ImportEvent, Option<LastSeen>, &'s Arc<Watched>)> {
    let mut happened = Vec::new();
    for Change { before, now } in new.imports.changes_since(&old.imports) {
        // One whose creation date changed is gone in one place and new in another.
        let before = before.or_else(|| old.get(&now?.import.id));
        match (before, now) {
            (Some(before), None) if new.get(&before.import.id).is_none() => {
                if before.verdict.is_active() {
                    happened.push((ImportEvent::Deleted, Some(LastSeen::from(&**before)), before));
                }
            }
            (before, Some(now)) => {
                let (before, is_new) = match earlier(&now.import) {
                    Earlier::Seen(seen) => (Some(seen), false),
                    known => match before {
                        Some(before) => (Some(LastSeen::from(&**before)), false),
                        None => (None, known == Earlier::NotThere || !is_first_look(old, now, at)),
                    },
                };
                if before.is_some() || is_new {
                    let events = events(before, LastSeen::from(&**now), failing_at);
                    happened.extend(events.into_iter().map(|event| (event, before, now)));
                }
            }
            (_, None) => {}
        }
    }
    happened
}

/// How much older than the newest a new import may be, and a date in the future is not believed: imports appear late, in any
/// order, and a date without its offset may be an hour ahead.
const LATE: Duration = Duration::from_secs(2 * 60);

/// Whether an import is new to us but not on the server: the list is still loading, or was loaded further back.
fn is_first_look(old: &Snapshot, now: &Watched, at: Now) -> bool {
    let (full_passes, newest) = old.known_of(&now.import);
    let newest = newest.map(|newest| newest.min(at.wall));
    let bound = newest.map(|newest| newest.checked_sub(LATE).unwrap_or(newest));
    full_passes == 0 || now.import.created_at < bound
}

/// What happened to one import. `before` is `None` if it is new.
fn events(before: Option<LastSeen>, now: LastSeen, failing_at: FailingAt) -> Vec<ImportEvent> {
    let has_begun = |seen: LastSeen| !matches!(seen.verdict, Verdict::Queued | Verdict::Unknown);
    let had = |verdict| before.is_some_and(|before| before.verdict == verdict);
    let had_begun = before.is_some_and(has_begun);
    let had_finished = before.is_some_and(|before| !before.verdict.is_unfinished());
    let retried = before.is_some_and(|before| now.retried && !before.retried);
    let cancelled = now.verdict == Verdict::Cancelled;
    let settled = !now.verdict.is_unfinished() && !cancelled;
    let table = [
        (ImportEvent::Started, !had_begun && has_begun(now) && !cancelled),
        (
            ImportEvent::FirstFailure,
            now.failed > 0 && before.is_none_or(|before| before.failed == 0) && !had_finished,
        ),
        (
            ImportEvent::Failing,
            !had_finished
                && failing_at.is_reached(now)
                && !before.is_some_and(|before| failing_at.is_reached(before)),
        ),
        (
            ImportEvent::Stalled,
            now.verdict == Verdict::Stalled && !had(Verdict::Stalled) && !now.stall_guessed,
        ),
        (
            ImportEvent::Resumed,
            matches!(now.verdict, Verdict::Running | Verdict::Finishing)
                && (had_finished
                    || had(Verdict::Stalled) && before.is_some_and(|before| before.jobs != now.jobs))
                && !retried,
        ),
        (ImportEvent::Retried, retried),
        (ImportEvent::Settled, settled && !had_finished),
        (ImportEvent::Cancelled, cancelled && !had(Verdict::Cancelled)),
        (ImportEvent::ReportReady, now.has_report && !before.is_some_and(|before| before.has_report)),
    ];
    table.into_iter().filter(|(_, happened)| *happened).map(|(event, _)| event).collect()
}

/// The import: `clients · Create`, and of which of several firms.
pub fn name(import: &Import, of_several: bool) -> String {
    match &import.seen_by {
        Some(account) if of_several => format!("{} of {}", import.name(), account.firm_or_id()),
        _ => import.name(),
    }
}

impl ImportEvent {
    /// The sentence of what happened to that import.
    pub fn sentence(self, name: &str, what: &str) -> String {
        match self {
            Self::Started | Self::FirstFailure | Self::ReportReady => format!("{name}: {what}"),
            _ => format!("{name} {what}"),
        }
    }

    /// What happened, without a name of anybody: `finished: 1,204 ok, 12 failed`.
    pub fn describe(self, watched: &Watched) -> String {
        let tally = &watched.tally;
        let [ok, failed, _] = tally.describe();
        let counts: Vec<String> = ok.into_iter().chain(failed.filter(|_| tally.failed() > 0)).collect();
        let counts = counts.join(", ");
        let failed_of_tried = || {
            let rows = if tally.failed() == 1 { "row" } else { "rows" };
            let so_far = if watched.verdict.is_unfinished() { " so far" } else { "" };
            let of = tally.settled().map(|settled| format!(" of {}", grouped(settled))).unwrap_or_default();
            (rows, format!("{}{of}", grouped(tally.failed())), so_far)
        };
        let at = || tally.percent().map(|percent| format!(" at {percent}%")).unwrap_or_default();
        match self {
            Self::Started => "first rows tried".to_owned(),
            Self::Resumed => format!("resumed{}", at()),
            Self::Retried => "retries its failed rows".to_owned(),
            Self::Settled if watched.verdict == Verdict::Failed => {
                let left = tally.pending().filter(|left| *left > 0);
                let left = left.map(|left| format!(", {} not tried", grouped(left))).unwrap_or_default();
                format!("ended as {}: {counts}{left}", watched.import.status.as_str().to_lowercase())
            }
            Self::Settled => format!("finished: {counts}"),
            Self::Cancelled if counts.is_empty() => "cancelled".to_owned(),
            Self::Cancelled => format!("cancelled: {counts}"),
            Self::FirstFailure => {
                let (rows, of, so_far) = failed_of_tried();
                format!("first failed {rows}, {of}{so_far}")
            }
            Self::Failing => {
                let (rows, of, so_far) = failed_of_tried();
                format!("is failing: {of} {rows}{so_far}")
            }
            Self::Stalled => format!("stalled{}", at()),
            Self::ReportReady => "error report is ready".to_owned(),
            Self::Deleted => format!("was deleted{}", at()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::page::Page;
    use crate::domain::snapshot::tests::{import, now};

    /// Status and counts.
    type Seen = Option<(&'static str, (u64, u64, u64))>;

    /// What happened while an import had these statuses and counts, a minute apart; a snapshot without it
    /// where there are none. Another, older import is there from the beginning.
    fn told(seen: &[Seen]) -> Vec<Vec<ImportEvent>> {
        let mut snapshot = Snapshot::of([import("old", 90, "processing", (10, 5, 1))], now(0));
        snapshot.health.full_passes = 1;
        let poll = |(at, seen): (usize, &Seen)| {
            let old = std::mem::take(&mut snapshot);
            snapshot = match seen {
                Some((status, counts)) => {
                    let imports = vec![import("a", 40, status, *counts)];
                    old.absorb(Page { imports, ..Page::default() }, now(60 * (at as u64 + 1)))
                }
                None => old.without(&[crate::domain::snapshot::tests::id("a")].into()),
            };
            let happened = between(&old, &snapshot, now(60 * (at as u64 + 1)), FailingAt::default(), |_| {
                Earlier::Unknown
            });
            happened.into_iter().map(|(event, ..)| event).collect()
        };
        seen.iter().enumerate().map(poll).collect()
    }

    #[test]
    fn each_change_is_one_event_or_none() {
        use ImportEvent::*;
        let queued = Some(("pending", (0, 0, 0)));
        let runs = Some(("processing", (100, 60, 0)));
        let fails = Some(("processing", (100, 40, 2)));
        let table: [(&[_], &[&[ImportEvent]]); 6] = [
            (&[queued, runs, fails, fails], &[&[], &[Started], &[FirstFailure], &[]]),
            (&[fails, Some(("completed", (100, 0, 2)))], &[&[Started, FirstFailure], &[Settled]]),
            (&[Some(("completed", (100, 0, 2))), None], &[&[Started, FirstFailure, Settled], &[]]),
            (&[queued, Some(("cancelled", (100, 100, 0)))], &[&[], &[Cancelled]]),
            (&[runs, Some(("cancelled", (100, 60, 0)))], &[&[Started], &[Cancelled]]),
            (&[runs, None, queued, None], &[&[Started], &[Deleted], &[], &[]]),
        ];
        for (seen, expected) in table {
            assert_eq!(told(seen), expected, "{seen:?}");
        }
    }

    #[test]
    fn an_import_is_failing_once_a_tenth_of_enough_tried_rows_failed() {
        use ImportEvent::*;
        let runs = |remaining, failed| Some(("processing", (100, remaining, failed)));
        let seen = [runs(85, 0), runs(83, 2), runs(82, 2), runs(72, 2), runs(72, 4), runs(60, 9)];
        let expected: [&[ImportEvent]; 6] = [&[Started], &[FirstFailure], &[Failing], &[], &[Failing], &[]];
        assert_eq!(told(&seen), expected, "whoever tells it once remembers");
        assert_eq!(
            [10.0, 0.0, 12.5, 100.0, 100.1, -0.1, f64::NAN].map(|percent| FailingAt::new(percent).is_some()),
            [true, true, true, true, false, false, false]
        );
    }

    #[test]
    fn what_was_seen_at_another_time_is_what_happened_since() {
        let first = Snapshot::of([import("a", 40, "completed", (100, 0, 3))], now(0));
        let seen = |verdict, failed| LastSeen {
            verdict,
            stall_guessed: false,
            tried: 50,
            failed,
            retried: false,
            has_report: false,
            jobs: [100, 50, failed],
        };
        let since = |seen: LastSeen| {
            let nothing = Snapshot::default();
            let happened = between(&nothing, &first, now(0), FailingAt::default(), |_| Earlier::Seen(seen));
            happened.into_iter().map(|(event, ..)| event).collect::<Vec<_>>()
        };
        use ImportEvent::*;
        assert_eq!(since(seen(Verdict::Running, 0)), [FirstFailure, Settled]);
        assert_eq!(since(seen(Verdict::Running, 3)), [Settled]);
        assert_eq!(since(seen(Verdict::DoneWithFailures, 3)), []);
    }

    #[test]
    fn what_is_so_at_the_first_look_is_no_event_nor_what_is_older() {
        let first = Snapshot::of([import("a", 40, "processing", (100, 50, 3))], now(0));
        let since = |old: &Snapshot, new| {
            between(old, new, now(60), FailingAt::default(), |_| Earlier::Unknown).len()
        };
        assert_eq!(since(&Snapshot::default(), &first), 0);
        let mut loaded = first.clone();
        loaded.health.full_passes = 1;
        let older = vec![import("b", 800, "processing", (100, 50, 3))];
        let page = Page { imports: older, ..Page::default() };
        assert_eq!(since(&loaded, &loaded.absorb(page, now(60))), 0);
    }
}
