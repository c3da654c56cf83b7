//! Waiting on a paused clock, against a fetch function.

use std::cell::RefCell;
use std::collections::HashSet;

use tokio::time::Instant;

use super::super::gather::Collected;
use super::*;
use crate::domain::account::AccountId;
use crate::domain::import::Import;
use crate::domain::snapshot::tests::{id, import, now};

const INTERVAL: Duration = Duration::from_secs(2);

/// What the server has at a second since the start, or its fault.
type Server = fn(u64) -> Result<Vec<Import>, Fault>;

#[derive(Debug)]
struct Waited {
    ended: Option<Result<(), End>>,
    exit: Exit,
    seconds: u64,
    /// When each request was made and for which imports.
    requests: Vec<(u64, Vec<String>)>,
    lines: Vec<String>,
    /// Which requests ask who started the imports.
    with_initiator: Vec<bool>,
}

fn wait_for(wanted: &[&str], limit: u64, server: Server) -> Waited {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let began = Instant::now();
        let requests = RefCell::new(Vec::new());
        let with_initiator = RefCell::new(Vec::new());
        let fetch = |_: Option<&Arc<Account>>, query: ListQuery| {
            let ids = query.ids;
            let at = began.elapsed().as_secs();
            requests.borrow_mut().push((at, ids.iter().map(ToString::to_string).collect()));
            with_initiator.borrow_mut().push(query.with_initiator);
            let has = server(at).map(|imports| Page {
                imports: imports.into_iter().filter(|import| ids.contains(&import.id)).collect(),
                ..Page::default()
            });
            async move { has }
        };
        let clock = || Now { up: began.elapsed(), ..now(began.elapsed().as_secs()) };
        let mut wait_state = WaitState::new(wanted.iter().map(|name| id(name)), Snapshot::default());
        let (mut lines, mut printed) = (lines::Lines::default(), Vec::new());
        let on_event = |event: WaitEvent<'_>| match event {
            WaitEvent::Progress(wait_state, now) => printed.extend(lines.changes(wait_state, now)),
            WaitEvent::Fault(text) => printed.push(text),
        };
        let ended =
            timeout(Duration::from_secs(limit), watch(fetch, &mut wait_state, INTERVAL, clock, on_event))
                .await;
        Waited {
            ended: ended.ok(),
            exit: wait_state.exit(),
            seconds: began.elapsed().as_secs(),
            requests: requests.into_inner(),
            lines: printed,
            with_initiator: with_initiator.into_inner(),
        }
    })
}

/// Ten rows a second of a thousand, so many of which fail at the end.
fn moving(name: &str, at: u64, failed: u64) -> Import {
    let done = (at * 10).min(1000);
    if done == 1000 {
        import(name, 60, "completed", (1000, failed, failed))
    } else {
        import(name, 60, "processing", (1000, 1000 - done, 0))
    }
}

#[test]
fn it_ends_when_all_have_settled_and_requests_none_that_has() {
    let waited = wait_for(&["a", "b", "a"], 600, |at| Ok(vec![moving("a", at * 2, 0), moving("b", at, 0)]));
    assert_eq!((waited.ended, waited.exit, waited.seconds), (Some(Ok(())), Exit::Success, 100));
    let both = waited.requests.iter().filter(|(_, ids)| ids.len() == 2).count();
    assert_eq!((both, waited.requests.len()), (26, 51), "from second 50 on only for b");
    assert_eq!(waited.with_initiator.iter().position(|with| *with), Some(0));
    assert!(!waited.with_initiator[1..].contains(&true), "asked once who started them");
    let [first, ..] = &waited.lines[..] else { panic!() };
    assert_eq!(first, "waiting for 2 imports");
    assert!(waited.lines.iter().any(|line| line == "clients a: done after 50s: 1,000 succeeded"));
    assert!(waited.lines.len() < 30, "a line each ten per cent: {:#?}", waited.lines);
    assert!(waited.lines.iter().any(|line| line == "clients b: 50%, 50s left, 500 of 1,000 rows, 10/s"));
}

/// Finished long ago, with or without the status word and a report: one request. Finished while watched: soon.
#[test]
fn finished_imports_are_not_waited_for() {
    let finished: [(Server, Exit); 4] = [
        (|_| Ok(vec![import("a", 9_000, "processing", (30, 0, 0))]), Exit::Success),
        (|_| Ok(vec![import("a", 9_000, "processing", (30, 5, 5))]), Exit::RowsFailed),
        (|_| Ok(vec![import("a", 9_000, "processing", (10, 1, 3))]), Exit::RowsFailed),
        (|_| Ok(vec![import("a", 9_000, "cancelled", (10, 0, 0))]), Exit::RowsFailed),
    ];
    for (server, exit) in finished {
        let waited = wait_for(&["a"], 600, server);
        assert_eq!(
            (waited.ended, waited.exit, waited.requests.len()),
            (Some(Ok(())), exit, 1),
            "{:?}",
            waited.lines
        );
    }
    // The status never changes, the total does not grow: all rows are settled after 29 s.
    let at = 29;
    let waited = wait_for(&["a"], 600, |at| {
        let counts = (300, 300 - (at * 10).min(290), 10.min(at));
        Ok(vec![import("a", 5, "processing", counts), import("b", 9_000, "processing", (9, 1, 1))])
    });
    assert_eq!((waited.ended, waited.exit), (Some(Ok(())), Exit::RowsFailed));
    assert!(waited.seconds <= at + 4, "settled at {at} s, finished at {} s", waited.seconds);
    let last = waited.lines.last().unwrap();
    assert!(last.ends_with(": 290 succeeded, 10 failed"), "{last}");
}

/// The same responses give the same numbers and verdicts in every command.
#[test]
fn list_wait_and_the_monitor_agree() {
    type Counts = (&'static str, (u64, u64, u64));
    let polls: [(u64, [Counts; 4]); 5] = [
        (
            0,
            [
                ("processing", (100, 60, 0)),
                ("processing", (10, 3, 3)),
                ("processing", (0, 0, 0)),
                ("done", (9, 0, 2)),
            ],
        ),
        (
            2,
            [
                ("processing", (100, 50, 2)),
                ("processing", (10, 1, 3)),
                ("processing", (7, 7, 0)),
                ("done", (9, 0, 2)),
            ],
        ),
        (
            4,
            [
                ("cancelled", (100, 48, 2)),
                ("processing", (10, 0, 3)),
                ("processing", (7, 2, 2)),
                ("done", (9, 0, 2)),
            ],
        ),
        (
            20,
            [
                ("cancelled", (100, 0, 2)),
                ("processing", (10, 0, 3)),
                ("processing", (7, 2, 2)),
                ("done", (9, 0, 2)),
            ],
        ),
        (
            40,
            [
                ("cancelled", (0, 0, 0)),
                ("processing", (0, 0, 0)),
                ("processing", (7, 2, 2)),
                ("done", (0, 0, 0)),
            ],
        ),
    ];
    let names = ["a", "b", "c", "d"];
    let mut monitor = Snapshot::default();
    let mut wait_state = AccountWait::new(names.map(id), Snapshot::default());
    let mut collected = Collected::new(crate::query::Query::default(), None, Snapshot::default());
    for (at, counts) in polls {
        let imports = names.iter().zip(counts).map(|(name, (word, counts))| import(name, 30, word, counts));
        let page = Page { imports: imports.collect(), ..Page::default() };
        let at = now(at);
        monitor = monitor.absorb(page.clone(), at);
        collected.take(page.clone(), at);
        wait_state.answered(&names.map(id), page, at).unwrap();
        for name in names {
            let judged = |watched: &Watched| (watched.verdict, watched.tally, watched.basis);
            let monitor = judged(monitor.get(&id(name)).unwrap());
            let waited = wait_state.imports().find(|watched| watched.import.id == id(name)).unwrap();
            assert_eq!(judged(waited), monitor, "{name} at {at:?}");
        }
    }
    let collected = collected.into_snapshot();
    for name in names {
        let judged = |snapshot: &Snapshot| snapshot.get(&id(name)).map(|w| (w.verdict, w.tally, w.basis));
        assert_eq!(judged(&collected), judged(&monitor), "{name}");
    }
}

#[test]
fn failed_rows_a_failed_import_and_a_timeout_have_their_codes() {
    let rows = wait_for(&["a"], 600, |at| Ok(vec![moving("a", at, 7)]));
    assert_eq!((rows.ended, rows.exit), (Some(Ok(())), Exit::RowsFailed));
    let whole = wait_for(&["a"], 600, |_| Ok(vec![import("a", 60, "cancelled", (9, 9, 0))]));
    assert_eq!((whole.ended, whole.exit), (Some(Ok(())), Exit::RowsFailed));
    let late = wait_for(&["a"], 30, |at| Ok(vec![moving("a", at, 0)]));
    assert_eq!((late.ended, late.seconds), (None, 30));
}

#[test]
fn everything_but_a_refused_token_is_ridden_out() {
    let faults: [Server; 3] = [
        |at| if at < 70 { Err(Fault::Server(503, None)) } else { Ok(vec![moving("a", at, 0)]) },
        |at| if at < 70 { Err(Fault::Unreachable("no".into())) } else { Ok(vec![moving("a", at, 0)]) },
        |at| if at < 70 { Err(Fault::NotFound) } else { Ok(vec![moving("a", at, 0)]) },
    ];
    for server in faults {
        let waited = wait_for(&["a"], 600, server);
        assert_eq!((waited.ended, waited.exit), (Some(Ok(())), Exit::Success));
        assert!(waited.lines[0].contains(": retrying in "), "{:?}", waited.lines);
        assert!(waited.requests.len() < 40, "waits grow: {:?}", waited.requests);
    }
    let refused = wait_for(&["a"], 600, |_| Err(Fault::Unauthenticated));
    assert_eq!((refused.ended, refused.seconds), (Some(Err(End::Refused(Fault::Unauthenticated))), 0));
    let never = wait_for(&["a"], 300, |_| Err(Fault::TimedOut));
    assert_eq!((never.ended, never.seconds), (None, 300));
}

/// How it ended, and when each account was asked and each fault was shown.
type WaitedForTwo = (Option<Result<(), End>>, WaitState, Vec<(u64, String)>);

/// Waits for `a` and `b`, which two accounts see; `fault` is what the account of `a` gets at a second since the start.
fn wait_for_two(fault: fn(u64) -> Option<Fault>) -> WaitedForTwo {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let began = Instant::now();
        let lines = RefCell::new(Vec::new());
        let fetch = |account: Option<&Arc<Account>>, query: ListQuery| {
            let at = began.elapsed().as_secs();
            let account = account.unwrap().id.to_string();
            assert_eq!(query.ids, [id(&account)], "each import is asked for as its account");
            lines.borrow_mut().push((at, account.clone()));
            let page = || Page { imports: vec![moving(&account, at, 0)], ..Page::default() };
            let answer = match fault(at).filter(|_| account == "a") {
                Some(fault) => Err(fault),
                None => Ok(page()),
            };
            async move { answer }
        };
        let clock = || Now { up: began.elapsed(), ..now(began.elapsed().as_secs()) };
        let of = |name: &str| {
            let account = Account::unnamed(AccountId::new(name).unwrap());
            AccountWait::new([id(name)], Snapshot::default().seen_by(Arc::new(account)))
        };
        let mut wait_state = WaitState::from_iter([of("a"), of("b")]);
        let on_event = |event: WaitEvent<'_>| {
            if let WaitEvent::Fault(text) = event {
                lines.borrow_mut().push((began.elapsed().as_secs(), text));
            }
        };
        let watching = watch(fetch, &mut wait_state, INTERVAL, clock, on_event);
        let ended = timeout(Duration::from_secs(600), watching).await.ok();
        (ended, wait_state, lines.into_inner())
    })
}

#[test]
fn a_fault_of_one_account_holds_up_no_other() {
    let (ended, wait_state, lines) = wait_for_two(|at| (10..300).contains(&at).then_some(Fault::TimedOut));
    assert_eq!((ended, wait_state.exit(), wait_state.settled()), (Some(Ok(())), Exit::Success, (2, 2)));
    let polls_of_b: Vec<_> = lines.iter().filter(|(_, what)| what == "b").map(|(at, _)| *at).collect();
    assert_eq!(polls_of_b, (0..=50).map(|nth| nth * 2).collect::<Vec<_>>());
    let faults = lines.iter().filter(|(_, what)| what.starts_with("a: "));
    assert!((5..15).contains(&faults.count()), "waits grow: {lines:?}");

    let (ended, wait_state, lines) = wait_for_two(|at| (at >= 10).then(|| Fault::Forbidden("No.".into())));
    assert_eq!(
        (ended, wait_state.exit(), wait_state.settled()),
        (Some(Ok(())), Exit::Authentication, (1, 2))
    );
    assert_eq!(wait_state.imports().count(), 2, "also as it was last seen");
    let faults: Vec<_> = lines.iter().filter(|(_, what)| what.starts_with("a: ")).collect();
    assert!(matches!(faults[..], [(10, text)] if text.contains("(403)")), "{faults:?}");

    let (ended, ..) = wait_for_two(|at| (at >= 10).then_some(Fault::Unauthenticated));
    assert_eq!(ended, Some(Err(End::Refused(Fault::Unauthenticated))));
}

#[test]
fn what_is_not_there_ends_it_and_what_goes_meanwhile_is_left_out() {
    let unknown = wait_for(&["a", "typo"], 600, |at| Ok(vec![moving("a", at, 0)]));
    assert_eq!((unknown.ended, unknown.seconds), (Some(Err(End::Unknown(id("typo")))), 2));
    let deleted = wait_for(&["a", "b"], 600, |at| {
        Ok([moving("a", at, 0), moving("b", at, 0)].into_iter().skip(usize::from(at >= 20)).collect())
    });
    assert_eq!((deleted.ended, deleted.exit, deleted.seconds), (Some(Ok(())), Exit::Unexpected, 100));
}

#[test]
fn a_stall_and_its_end_are_shown() {
    let waited = wait_for(&["a"], 2_000, |at| {
        let at = if at < 50 { at } else { at.saturating_sub(550).max(50) };
        Ok(vec![moving("a", at, 0)])
    });
    assert_eq!(waited.ended, Some(Ok(())));
    let stalls = waited.lines.iter().filter(|line| line.starts_with("clients a: stalled for "));
    assert_eq!(stalls.count(), 1, "{:#?}", waited.lines);
    let silence = waited.lines.iter().filter(|line| line.starts_with("0 of 1 import settled, 50%"));
    assert!((7..=9).contains(&silence.count()), "{:#?}", waited.lines);
}

#[test]
fn thousands_take_few_requests_within_the_rate_limit() {
    let names: Vec<String> = (0..1050).map(|nth| format!("n{nth}")).collect();
    let wanted = || AccountWait::new(names.iter().map(|name| id(name)), Snapshot::default());
    let requests = wanted().requests();
    assert_eq!((requests.len(), requests.iter().flatten().collect::<HashSet<_>>().len()), (11, 1050));
    let pause_of = |accounts| WaitState::from_iter(accounts).pause(INTERVAL);
    assert_eq!(pause_of(vec![wanted()]), Duration::from_millis(2_750));
    assert_eq!(pause_of(vec![wanted(), wanted()]), Duration::from_millis(5_500), "accounts share the limit");
}
