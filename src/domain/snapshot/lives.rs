//! Interprets the numbers that a real Laravel would send, poll after poll.

use super::tests::{import, now, page};
use super::*;
use crate::domain::evidence::Basis::{self, Assumed, Observed};
use Verdict::{Cancelled, Done, DoneWithFailures, Finishing, Running};

type Counts = (u64, u64, u64);
/// At a second, under a word: total, remaining, failed.
type Poll = (u64, &'static str, Counts);
/// The verdict, what succeeded and is pending (where known) and failed, and how certain that is.
type Judged = (Verdict, (Option<u64>, u64, Option<u64>), Basis);

fn judged(snapshot: &Snapshot, name: &str) -> Judged {
    let watched = snapshot.get(&tests::id(name)).unwrap();
    let tally = watched.tally;
    (watched.verdict, (tally.succeeded(), tally.failed(), tally.pending()), watched.basis)
}

/// Imports that finished long ago and show how the server counts.
fn others(counting: Option<Counting>) -> Vec<Import> {
    let counts = match counting {
        Some(Counting::Batch) => (50, 5, 5),
        Some(Counting::Exclusive) => (50, 0, 5),
        None => (50, 0, 0),
    };
    (0..4).map(|nth| import(&format!("other{nth}"), 9_000, "processing", counts)).collect()
}

/// The life of an import that was created just before the first poll, on a server that has shown how it counts.
fn live(server: Option<Counting>, polls: &[Poll]) -> Judged {
    let mut snapshot = Snapshot::of(others(server), now(0));
    assert_eq!(snapshot.counting, server);
    for (seconds, word, counts) in polls {
        snapshot = snapshot.absorb(page([import("a", 5, word, *counts)]), now(*seconds));
    }
    // One batch at rest shows the framework's counting where nothing else does.
    assert!(
        server.is_none() || snapshot.counting == server,
        "one import does not change the server's counting"
    );
    judged(&snapshot, "a")
}

const PROCESSING: &str = "processing";

/// Polls every two seconds: the numbers of each.
fn polls(counts: &[Counts]) -> Vec<Poll> {
    (0..).step_by(2).zip(counts).map(|(seconds, counts)| (seconds, PROCESSING, *counts)).collect()
}

#[test]
fn an_import_at_rest_is_over_whatever_its_word_and_one_that_passes_through_is_not() {
    let batch = Some(Counting::Batch);
    let exclusive = Some(Counting::Exclusive);
    let running: Vec<Counts> = (0..10).map(|nth| (100, 100 - 9 * nth, nth)).collect();
    let then = |counts: Counts, times: usize| [running.clone(), vec![counts; times]].concat();
    let table: [(Option<Counting>, Vec<Counts>, Judged); 12] = [
        (batch, then((100, 9, 9), 1), (Finishing, (Some(91), 9, Some(0)), Observed)),
        (batch, then((100, 9, 9), 2), (DoneWithFailures, (Some(91), 9, Some(0)), Observed)),
        (None, then((100, 0, 9), 2), (DoneWithFailures, (Some(91), 9, Some(0)), Assumed)),
        (exclusive, then((100, 0, 9), 2), (DoneWithFailures, (Some(91), 9, Some(0)), Observed)),
        (
            batch,
            [running.clone(), vec![(100, 0, 0)]].concat(),
            (Finishing, (Some(100), 0, Some(0)), Observed),
        ),
        // Equal in passing, where it is not known how the server counts.
        (None, vec![(100, 10, 9), (100, 9, 9)], (Running, (Some(91), 9, Some(0)), Assumed)),
        (None, vec![(100, 10, 9), (100, 9, 9), (100, 7, 9)], (Running, (Some(84), 9, Some(7)), Assumed)),
        (None, vec![(100, 30, 9), (100, 9, 9), (100, 0, 9)], (Finishing, (Some(91), 9, Some(0)), Assumed)),
        (exclusive, vec![(100, 10, 9), (100, 9, 9)], (Running, (Some(82), 9, Some(9)), Observed)),
        // More failed than left `remaining`, twice: it counts as a batch among others that do not.
        (
            exclusive,
            vec![(9, 9, 0), (9, 9, 1), (9, 8, 3), (9, 3, 3)],
            (Finishing, (Some(6), 3, Some(0)), Observed),
        ),
        (exclusive, vec![(9, 7, 4)], (Running, (Some(2), 4, Some(3)), Observed)),
        // Jobs are added: nothing is over before no more come.
        (
            batch,
            vec![(5, 4, 0), (9, 2, 0), (9, 0, 0), (9, 0, 0), (9, 0, 0)],
            (Finishing, (Some(9), 0, Some(0)), Observed),
        ),
    ];
    for (server, counts, expected) in table {
        assert_eq!(live(server, &polls(&counts)), expected, "{server:?} {counts:?}");
    }
}

#[test]
fn a_retry_is_known_where_it_is_seen_and_hides_no_failed_row_where_it_is_not() {
    let batch = Some(Counting::Batch);
    let rested = [(10, 3, 3); 8];
    let after = |counts: &[Counts]| polls(&[&rested[..], counts].concat());
    let table: [(Option<Counting>, Vec<Poll>, Judged); 8] = [
        (None, after(&[(10, 1, 3)]), (Running, (Some(9), 1, None), Observed)),
        (None, after(&[(10, 1, 3), (10, 0, 3)]), (Finishing, (Some(10), 0, Some(0)), Observed)),
        (None, after(&[(10, 1, 3), (10, 0, 3), (10, 0, 3)]), (Done, (Some(10), 0, Some(0)), Observed)),
        // Retried and failed again, so that more have failed than there are rows.
        (batch, after(&[(10, 3, 5), (10, 3, 6), (10, 3, 12)]), (Running, (Some(7), 3, None), Observed)),
        (
            batch,
            after(&[&[(10, 3, 5), (10, 1, 6)][..], &[(10, 1, 6); 7]].concat()),
            (DoneWithFailures, (Some(9), 1, Some(0)), Observed),
        ),
        // Retried while it ran: seen at a poll to be as many as remained.
        (batch, polls(&[(10, 6, 3), (10, 3, 3), (10, 0, 3)]), (Finishing, (Some(10), 0, Some(0)), Observed)),
        (batch, polls(&[(10, 6, 3), (10, 0, 3)]), (Finishing, (Some(7), 3, Some(0)), Assumed)),
        (None, polls(&[(10, 3, 3), (10, 0, 3)]), (Finishing, (Some(7), 3, Some(0)), Assumed)),
    ];
    for (server, polls, expected) in table {
        assert_eq!(live(server, &polls), expected, "{server:?} {polls:?}");
    }
}

#[test]
fn what_was_over_long_ago_is_over_at_first_sight_by_the_servers_clock() {
    let at_first_sight = |age: i64, word: &str, counts: Counts, fast: i64| {
        let server_time = now(0).wall.checked_add(jiff::SignedDuration::from_secs(fast)).ok();
        let first = Page { imports: vec![import("a", age, word, counts)], server_time, ..Page::default() };
        judged(&Snapshot::default().absorb(first, now(0)), "a")
    };
    let (hour, day) = (3_600, 24 * 3_600);
    let table: [(i64, &str, Counts, Judged); 13] = [
        (hour, PROCESSING, (10, 0, 0), (Done, (Some(10), 0, Some(0)), Observed)),
        (hour, PROCESSING, (30, 5, 5), (DoneWithFailures, (Some(25), 5, Some(0)), Observed)),
        (hour, PROCESSING, (10, 0, 2), (DoneWithFailures, (Some(8), 2, Some(0)), Assumed)),
        (hour, PROCESSING, (10, 1, 3), (DoneWithFailures, (Some(9), 1, Some(0)), Assumed)),
        (hour, PROCESSING, (10, 5, 1), (Running, (Some(5), 1, Some(4)), Assumed)),
        (hour, "completed", (30, 5, 5), (DoneWithFailures, (Some(25), 5, Some(0)), Observed)),
        (5, PROCESSING, (10, 0, 0), (Finishing, (Some(10), 0, Some(0)), Observed)),
        (5, PROCESSING, (30, 5, 5), (Running, (Some(25), 5, Some(0)), Assumed)),
        (5, PROCESSING, (10, 1, 3), (Running, (Some(6), 3, Some(1)), Assumed)),
        (hour, "cancelled", (20, 0, 0), (Cancelled, (None, 0, None), Observed)),
        (hour, "Canceled", (20, 0, 2), (Cancelled, (None, 2, None), Assumed)),
        (2 * day, PROCESSING, (0, 0, 0), (Verdict::Unknown, (Some(0), 0, Some(0)), Observed)),
        (2 * day, "mapped", (0, 0, 0), (Verdict::Queued, (Some(0), 0, Some(0)), Observed)),
    ];
    for (age, word, counts, expected) in table {
        for clock in [-hour, 0, hour] {
            // Our clock is wrong by an hour, the server's dates are of its own.
            assert_eq!(at_first_sight(age - clock, word, counts, clock), expected, "{age} {word} {counts:?}");
        }
    }
}

#[test]
fn cancelled_keeps_what_was_counted_before_and_pruned_keeps_the_last_numbers() {
    let cancel = |counts| {
        live(None, &[(0, PROCESSING, (100, 70, 0)), (2, "cancelled", (100, 60, 0)), (4, "cancelled", counts)])
    };
    // The batch skips what is left, or goes on as if nothing had happened.
    for counts in [(100, 0, 0), (100, 55, 0), (0, 0, 0)] {
        let (verdict, parts, _) = cancel(counts);
        assert_eq!((verdict, parts), (Cancelled, (Some(30), 0, None)), "{counts:?}");
    }
    let batch = Some(Counting::Batch);
    let gone = (0, 0, 0);
    let over = polls(&[(10, 3, 3), (10, 3, 3), gone, gone]);
    assert_eq!(live(batch, &over), (DoneWithFailures, (Some(7), 3, Some(0)), Assumed));
    let (verdict, parts, basis) = live(batch, &polls(&[(10, 6, 0), gone]));
    assert_eq!((verdict, parts, basis), (Verdict::Unknown, (Some(4), 0, Some(6)), Assumed));
    // It was not pruned after all.
    assert_eq!(
        live(batch, &polls(&[(10, 6, 0), gone, (10, 5, 0)])),
        (Running, (Some(5), 0, Some(5)), Observed)
    );
}

/// A list that mixes both ways to count is right for each import, in whatever order it comes.
#[test]
fn a_mixed_list_is_right_for_each() {
    let batch = |nth: u64| import(&format!("batch{nth}"), 9_000, "completed", (40, 4, 4));
    let exclusive = |nth: u64| import(&format!("exclusive{nth}"), 8_000, "completed", (40, 0, 4));
    for (batches, exclusives) in [(1, 9), (9, 1), (5, 5), (1, 1)] {
        let mut imports: Vec<_> = (0..batches).map(batch).chain((0..exclusives).map(exclusive)).collect();
        for _ in 0..2 {
            let all = Snapshot::of(imports.clone(), now(0));
            let by_one = imports.iter().fold(Snapshot::default(), |snapshot, import| {
                snapshot.absorb(page([import.clone()]), now(0))
            });
            for watched in &all.imports {
                let name = watched.import.id.as_str();
                let (verdict, parts, _) = judged(&all, name);
                assert_eq!((verdict, parts), (DoneWithFailures, (Some(36), 4, Some(0))), "{name}");
                assert_eq!(judged(&by_one, name), judged(&all, name), "{name}");
            }
            imports.reverse();
        }
    }
}

/// An import that settles under our eyes is over within three seconds or three of its gaps, by the word or without.
#[test]
fn settling_is_soon_over_unless_the_total_grows() {
    for (gap, batch) in [(1, true), (2, true), (4, true), (6, true), (6, false), (2, false)] {
        let mut snapshot = Snapshot::of(others(batch.then_some(Counting::Batch)), now(0));
        let (mut second, mut settled) = (0, None);
        let over = loop {
            let moves = (second / gap).min(60);
            let counts = (120, 120 - 2 * moves + moves / 20, moves / 20);
            snapshot = snapshot.absorb(page([import("a", 5, PROCESSING, counts)]), now(second));
            if moves == 60 {
                settled.get_or_insert(second);
            }
            if judged(&snapshot, "a").0 == DoneWithFailures {
                break second;
            }
            second += 2;
        };
        let took = over - settled.unwrap();
        assert!(took <= 3.max(3 * gap), "a gap of {gap} s: {took} s");
    }
}
