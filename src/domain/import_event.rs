//! What happens to imports, by what changed from one snapshot to the next.

use super::snapshot::{Change, Snapshot, Watched};
use super::tally::Verdict;

/// Something that happens to an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImportEvent {
    /// Its first rows are tried.
    Started,
    /// Its first rows failed.
    FirstFailure,
    Stalled,
    /// It moves again after it had stalled or finished.
    Resumed,
    /// Its failed rows are tried again.
    Retried,
    /// It finished, successfully or not.
    Settled,
    Cancelled,
    /// It had not finished, and the server no longer has it.
    Deleted,
}

/// What happened from one snapshot to the next, newest import first; of one import in the order of [`ImportEvent`]. Carries
/// the import as it is now, or as it last was.
///
/// What is so at the first look is no event, nor is anything of an older import that is loaded later.
pub fn between<'s>(old: &'s Snapshot, new: &'s Snapshot) -> Vec<(ImportEvent, &'s Watched)> {
    let mut happened = Vec::new();
    for Change { before, now } in new.imports.changes_since(&old.imports) {
        // One whose creation date changed is gone in one place and new in another.
        let before = before.or_else(|| old.get(&now?.import.id));
        match (before, now) {
            (Some(before), None) if new.get(&before.import.id).is_none() => {
                if before.verdict.is_active() {
                    happened.push((ImportEvent::Deleted, before.as_ref()));
                }
            }
            (None, Some(now)) if is_first_look(old, now) => {}
            (before, Some(now)) => {
                let events = events(before.map(AsRef::as_ref), now);
                happened.extend(events.into_iter().map(|event| (event, now.as_ref())));
            }
            (_, None) => {}
        }
    }
    happened
}

/// Whether an import is new to us but not on the server: the list is still loading, or was loaded further back.
fn is_first_look(old: &Snapshot, now: &Watched) -> bool {
    let (full_passes, newest) = old.known_of(&now.import);
    full_passes == 0 || now.import.created_at < newest
}

/// What happened to one import. `before` is `None` if it is new.
fn events(before: Option<&Watched>, now: &Watched) -> Vec<ImportEvent> {
    let has_begun = |watched: &Watched| !matches!(watched.verdict, Verdict::Queued | Verdict::Unknown);
    let had = |verdict| before.is_some_and(|before| before.verdict == verdict);
    let had_begun = before.is_some_and(has_begun);
    let had_finished = before.is_some_and(|before| !before.verdict.is_unfinished());
    let retried = before.is_some_and(|before| now.evidence.is_retried() && !before.evidence.is_retried());
    let cancelled = now.verdict == Verdict::Cancelled;
    let table = [
        (ImportEvent::Started, !had_begun && has_begun(now) && !cancelled),
        (
            ImportEvent::FirstFailure,
            now.tally.failed() > 0 && before.is_none_or(|before| before.tally.failed() == 0) && !had_finished,
        ),
        (ImportEvent::Stalled, now.verdict == Verdict::Stalled && !had(Verdict::Stalled)),
        (
            ImportEvent::Resumed,
            matches!(now.verdict, Verdict::Running | Verdict::Finishing)
                && (had(Verdict::Stalled) || had_finished)
                && !retried,
        ),
        (ImportEvent::Retried, retried),
        (ImportEvent::Settled, !now.verdict.is_unfinished() && !cancelled && !had_finished),
        (ImportEvent::Cancelled, cancelled && !had(Verdict::Cancelled)),
    ];
    table.into_iter().filter(|(_, happened)| *happened).map(|(event, _)| event).collect()
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
            between(&old, &snapshot).into_iter().map(|(event, _)| event).collect()
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
    fn what_is_so_at_the_first_look_is_no_event_nor_what_is_older() {
        let first = Snapshot::of([import("a", 40, "processing", (100, 50, 3))], now(0));
        assert_eq!(between(&Snapshot::default(), &first), []);
        let mut loaded = first.clone();
        loaded.health.full_passes = 1;
        let older = vec![import("b", 80, "processing", (100, 50, 3))];
        let page = Page { imports: older, ..Page::default() };
        assert_eq!(between(&loaded, &loaded.absorb(page, now(60))), []);
    }
}
