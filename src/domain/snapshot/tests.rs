use super::*;
use crate::domain::failure::FailedRow;
use crate::domain::import::{Counts, Failures, Kind, Mode, Person, Status};
use crate::domain::page::{Samples, UnexpectedData};
use jiff::Timestamp;
use proptest::prelude::*;
use std::collections::HashSet;

const START: i64 = 1_800_000_000;

pub(crate) fn now(seconds: u64) -> Now {
    let wall = Timestamp::from_second(START + seconds as i64).unwrap();
    Now { up: Duration::from_secs(seconds), wall }
}

pub(crate) fn id(name: &str) -> ImportId {
    ImportId::new(name).unwrap()
}

/// An import created so many seconds before the start: total, remaining, failed.
pub(crate) fn import(
    name: &str,
    age: i64,
    word: &str,
    (total, remaining, failed): (u64, u64, u64),
) -> Import {
    let created = Timestamp::from_second(START - age).unwrap();
    Import {
        id: id(name),
        kind: Kind::new("clients"),
        mode: Mode::Store,
        status: Status::new(word),
        counts: Counts {
            total: Some(total),
            remaining: Some(remaining),
            failed: Some(failed),
            progress: None,
        },
        created_at: Some(created),
        updated_at: Some(created),
        started_by: None,
        failures: None,
        report: None,
        mapping: None,
        seen_by: None,
    }
}

pub(super) fn page(imports: impl IntoIterator<Item = Import>) -> Page {
    Page { imports: imports.into_iter().collect(), ..Page::default() }
}

fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.imports.iter().map(|watched| watched.import.id.as_str()).collect()
}

pub(super) fn verdict(snapshot: &Snapshot, name: &str) -> Verdict {
    snapshot.get(&id(name)).unwrap().verdict
}

#[test]
fn answers_merge_newest_first_and_each_import_once() {
    let first = Snapshot::of(
        [
            import("b", 20, "processing", (9, 9, 0)),
            import("d", 40, "completed", (9, 0, 0)),
            import("b", 20, "processing", (9, 9, 0)),
        ],
        now(0),
    );
    assert_eq!(names(&first), ["b", "d"]);
    let undated = Import { created_at: None, ..import("z", 0, "completed", (1, 0, 0)) };
    let second = first.absorb(
        page([import("c", 30, "completed", (9, 0, 0)), import("a", 10, "draft", (0, 0, 0)), undated]),
        now(2),
    );
    assert_eq!(names(&second), ["a", "b", "c", "d", "z"]);
    assert_eq!(names(&first), ["b", "d"], "the earlier snapshot stays");
    assert!(Arc::ptr_eq(first.get(&id("d")).unwrap(), second.get(&id("d")).unwrap()));
    let third = second.without(&HashSet::from([id("b"), id("z")]));
    assert_eq!(names(&third), ["a", "c", "d"]);
    assert!(third.get(&id("b")).is_none() && third.get(&id("d")).is_some());
    assert_eq!(third.unfinished().count(), 1);
}

#[test]
fn fields_that_a_response_lacks_are_kept() {
    let complete = Import {
        started_by: Some(Person { name: "Ann".into(), ..Person::default() }.into()),
        failures: Some(Failures { rows: Arc::new(vec![FailedRow::default()]) }),
        ..import("a", 10, "processing", (9, 5, 1))
    };
    let snapshot =
        Snapshot::of([complete], now(0)).absorb(page([import("a", 10, "processing", (9, 4, 1))]), now(2));
    let watched = snapshot.get(&id("a")).unwrap();
    assert_eq!(watched.import.failed_rows().len(), 1);
    assert!(watched.import.started_by.is_some());
    assert_eq!(watched.tally.pending(), Some(3));
}

#[test]
fn an_import_first_seen_settled_is_over_if_nobody_touched_it_lately() {
    let snapshot = Snapshot::of(
        [
            import("old", 3600, "processing", (10, 0, 0)),
            import("new", 5, "processing", (10, 0, 0)),
            Import { created_at: None, updated_at: None, ..import("undated", 0, "processing", (10, 0, 0)) },
        ],
        now(0),
    );
    assert_eq!(verdict(&snapshot, "old"), Verdict::Done);
    assert_eq!(verdict(&snapshot, "new"), Verdict::Finishing);
    assert_eq!(verdict(&snapshot, "undated"), Verdict::Finishing);
    // Seen again it is no less over.
    let again = snapshot.absorb(page([import("old", 3600, "processing", (10, 0, 0))]), now(2));
    assert_eq!(verdict(&again, "old"), Verdict::Done);
}

#[test]
fn stalled_needs_contact_and_a_beginning() {
    let mut snapshot = Snapshot::default();
    let seen = |snapshot: &Snapshot, seconds: u64, settled: u64| {
        snapshot.absorb(
            page([
                import("a", 10, "processing", (1000, 1000 - settled, 0)),
                import("waiting", 10, "pending", (1000, 1000, 0)),
                import("over", 99, "completed", (1000, 0, 0)),
            ]),
            now(seconds),
        )
    };
    for seconds in (0..=100).step_by(2) {
        snapshot = seen(&snapshot, seconds, seconds * 2);
    }
    assert!(snapshot.get(&id("a")).unwrap().pace.rate().is_some());
    assert_eq!(*snapshot.get(&id("over")).unwrap().pace, Pace::default());
    snapshot.health.link =
        LinkState::Retrying { fault: Fault::TimedOut, attempt: 3, again_at: Duration::from_secs(160) };
    snapshot = seen(&snapshot, 160, 200);
    assert_eq!(verdict(&snapshot, "a"), Verdict::Running, "contact was lost, that is no stall");
    assert_eq!(snapshot.health.link, LinkState::Live);
    for seconds in (162..1000).step_by(2) {
        snapshot = seen(&snapshot, seconds, 200);
    }
    assert_eq!(verdict(&snapshot, "a"), Verdict::Stalled);
    assert_eq!(verdict(&snapshot, "waiting"), Verdict::Queued);
}

#[test]
fn unexpected_data_adds_up_and_stays_bounded() {
    let data = |what: String| UnexpectedData { what: what.as_str().into(), times: 2 };
    let mut snapshot = Snapshot::default();
    for nth in 0..500 {
        let unexpected = vec![data("progress is a string".into()), data(format!("field {nth}"))];
        snapshot = snapshot.absorb(Page { unexpected, ..Page::default() }, now(nth));
    }
    assert_eq!(snapshot.unexpected.get(&"progress is a string".into()), Some(&1000));
    assert!(snapshot.unexpected.len() <= 201, "{}", snapshot.unexpected.len());
    assert_eq!(snapshot.unexpected.values().sum::<u64>(), 2000);
}

#[test]
fn that_no_row_failed_is_forgotten_once_one_did() {
    let none = Import {
        failures: Some(Failures { rows: Arc::default() }),
        ..import("a", 10, "processing", (9, 5, 0))
    };
    let later = |failed| page([import("a", 10, "processing", (9, 4, failed))]);
    let knows = |failed| {
        let snapshot = Snapshot::of([none.clone()], now(0)).absorb(later(failed), now(2));
        snapshot.get(&id("a")).unwrap().import.failures.is_some()
    };
    assert_eq!([0, 1].map(knows), [true, false]);
}

#[test]
fn only_the_newest_keep_their_sample_of_failed_rows() {
    let sample = |nth: usize, age: i64| Import {
        failures: Some(Failures { rows: Arc::new(vec![FailedRow::default()]) }),
        ..import(&format!("i{nth}"), age, "completed", (9, 1, 1))
    };
    let sampled = |snapshot: &Snapshot| {
        let first = snapshot.imports.iter().take_while(|w| !w.import.failed_rows().is_empty()).count();
        let all = snapshot.imports.iter().filter(|w| w.import.failures.is_some()).count();
        (first, all)
    };
    // Of which imports a page is to bring them.
    let of = |count: usize| Snapshot::of((0..count).map(|nth| sample(nth, nth as i64 / 2)), now(0));
    for count in [0, 1, Snapshot::SAMPLED - 1] {
        assert_eq!(of(count).samples(), Samples::All, "{count}");
    }
    for count in [Snapshot::SAMPLED, Snapshot::SAMPLED + 1, Snapshot::SAMPLED + 9] {
        let snapshot = of(count);
        let asked =
            snapshot.imports.iter().filter(|w| snapshot.samples().include(w.import.created_at)).count();
        assert_eq!(asked, Snapshot::SAMPLED, "{count}");
    }
    let mut none = of(3);
    none.keep_samples(0);
    assert_eq!((none.samples(), sampled(&none)), (Samples::None, (0, 0)));

    let many = Snapshot::SAMPLED + 100;
    let first = Snapshot::of((0..many).map(|nth| sample(nth, nth as i64 + 10)), now(0));
    assert_eq!(sampled(&first), (Snapshot::SAMPLED, Snapshot::SAMPLED));
    // New ones push others out; an old one that is sent again, or late, gets no sample back.
    let more =
        [sample(many, 0), sample(many + 1, 1), sample(many - 1, many as i64 + 9), sample(many + 2, 9999)];
    let second = first.absorb(page(more), now(2));
    assert_eq!(sampled(&second), (Snapshot::SAMPLED, Snapshot::SAMPLED));
    assert_eq!(second.imports.len(), many + 3);
}

proptest! {
    #[test]
    fn any_answers_leave_a_list_that_is_ordered_unique_and_found(
        pages in proptest::collection::vec(
            proptest::collection::vec((0..30u8, 0..9i64, 0..4usize, (0..20u64, 0..20u64, 0..20u64)), 0..12),
            0..12,
        )
    ) {
        let mut snapshot = Snapshot::default();
        for (nth, imports) in pages.into_iter().enumerate() {
            let word = |at: usize| ["processing", "completed", "queued", "sleeping"][at];
            let imports = imports.into_iter().map(|(name, age, at, counts)| import(&format!("i{name}"), age, word(at), counts));
            snapshot = snapshot.absorb(page(imports), now(nth as u64 * 30));
            let newness = |w: &Arc<Watched>| (w.import.created_at, std::cmp::Reverse(w.import.id.clone()));
            let all: Vec<_> = snapshot.imports.iter().collect();
            prop_assert!(all.windows(2).all(|pair| newness(pair[0]) > newness(pair[1])));
            for watched in &snapshot.imports {
                prop_assert!(Arc::ptr_eq(snapshot.get(&watched.import.id).unwrap(), watched));
                let tally = watched.tally;
                let known = tally.succeeded().zip(tally.pending());
                prop_assert!(known.is_none_or(|(ok, left)| ok + tally.failed() + left == tally.total()));
                prop_assert_eq!(tally.percent() == Some(100), tally.is_settled());
            }
        }
    }
}

#[test]
fn trouble_is_what_needs_somebody_now() {
    let touched = |seconds: i64, import: Import| Import {
        updated_at: Some(Timestamp::from_second(START - seconds).unwrap()),
        ..import
    };
    let is_in_trouble = |import: Import| Snapshot::of([import], now(0)).imports.in_trouble() == 1;
    const DAY: i64 = 24 * 60 * 60;
    let table = [
        // A tenth of the tried rows, once twenty were tried.
        (import("a", 60, "processing", (100, 82, 2)), true),
        (import("a", 60, "processing", (100, 82, 1)), false),
        (import("a", 60, "processing", (100, 91, 2)), false),
        (import("a", 60, "processing", (100, 3, 50)), true),
        // What is over is no trouble, however many failed; what failed as a whole is, for a day.
        (import("a", 60, "completed", (100, 50, 50)), false),
        (touched(DAY - 1, import("a", 2 * DAY, "failed", (100, 50, 0))), true),
        (touched(DAY, import("a", 2 * DAY, "failed", (100, 50, 0))), false),
        (import("a", 60, "cancelled", (100, 50, 50)), false),
        (import("a", 60, "queued", (100, 100, 0)), false),
    ];
    for (import, expected) in table {
        let counts = import.counts;
        assert_eq!(is_in_trouble(import.clone()), expected, "{} {counts:?}", import.status.as_str());
    }
}

#[test]
fn a_failure_is_no_trouble_once_it_was_opened_until_it_fails_again() {
    let failed = || page([import("a", 60, "failed", (100, 50, 0)), import("b", 60, "failed", (9, 5, 0))]);
    let snapshot = Snapshot::default().absorb(failed(), now(0));
    assert_eq!(snapshot.imports.in_trouble(), 2);
    let snapshot = snapshot.opened(&id("a")).unwrap();
    assert!(snapshot.opened(&id("a")).is_none() && snapshot.opened(&id("nobody")).is_none());
    let snapshot = snapshot.absorb(failed(), now(2));
    assert_eq!(snapshot.imports.in_trouble(), 1);
    let again = snapshot.absorb(page([import("a", 60, "processing", (100, 40, 0))]), now(4));
    assert_eq!(again.absorb(failed(), now(6)).imports.in_trouble(), 2);
}

#[test]
fn an_import_that_the_server_left_alone_for_an_hour_is_taken_to_have_stalled_until_it_moves() {
    let waiting = |age, left| Page {
        server_time: Some(Timestamp::from_second(START).unwrap()),
        ..page([import("a", age, "processing", (100, left, 0))])
    };
    let twice = |age| Snapshot::default().absorb(waiting(age, 40), now(0)).absorb(waiting(age, 40), now(2));
    let [young, old] = [3599, 3600].map(twice);
    assert_eq!(verdict(&young, "a"), Verdict::Running);
    assert_eq!(verdict(&Snapshot::default().absorb(waiting(3600, 40), now(0)), "a"), Verdict::Running);
    assert_eq!(verdict(&old, "a"), Verdict::Stalled);
    assert!(old.get(&id("a")).unwrap().is_stall_guessed() && old.imports.in_trouble() == 1);
    let moved = old.absorb(waiting(3600, 39), now(4));
    assert_eq!(verdict(&moved, "a"), Verdict::Running);
    assert_eq!(
        verdict(&moved.absorb(waiting(3600, 39), now(6)), "a"),
        Verdict::Running,
        "withdrawn for good"
    );
}
