use std::sync::Arc;

use jiff::ToSpan as _;
use proptest::prelude::*;

use super::*;
use crate::domain::account::{Account, AccountId};
use crate::domain::import::Import;
use crate::domain::page::Page;
use crate::domain::snapshot::tests::{id, import, now};
use crate::domain::snapshot::{AccountState, Snapshot};
use crate::events::{EventKind, Happened, Observer};

/// A program that sees lists and keeps a journal.
struct Program {
    observer: Observer,
    recorder: Recorder,
    journal: Journal,
    snapshot: Arc<Snapshot>,
}

impl Program {
    fn start(folder: &tempfile::TempDir) -> Self {
        let journal = Journal::open(&folder.path().join("state/plannr-tui/journal.ndjson")).unwrap();
        let memory = journal.contents().memory("events");
        let recorder = Recorder::new("events", memory.failing.clone());
        let observer = Observer::default().remembering(memory);
        let paces = Arc::new(journal.contents().paces());
        let mut snapshot = Snapshot::default().remembering(paces);
        let account = Arc::new(Account::unnamed(AccountId::new("firm").unwrap()));
        snapshot.account = Some(account);
        Self { observer, recorder, journal, snapshot: Arc::new(snapshot) }
    }

    /// Sees these imports at that second; says the ids of what happened, and keeps that unless it is killed before.
    fn sees(&mut self, second: u64, imports: &[Import], is_killed: bool) -> Vec<String> {
        let now = now(second);
        let page = Page { imports: imports.to_vec(), ..Page::default() };
        let mut next = self.snapshot.absorb(page, now);
        next.health.full_passes += 1;
        let account = next.account.clone().unwrap();
        let newest = next.imports.iter().filter_map(|watched| watched.import.created_at).max();
        let full_passes = next.health.full_passes;
        next.accounts = [AccountState { newest, full_passes, ..AccountState::new(account, true) }].into();
        self.snapshot = Arc::new(next);
        let happened = self.observer.observe(&self.snapshot, now);
        if !is_killed {
            let lines = self.recorder.lines(&self.snapshot, &happened, now, false);
            self.journal.append(&lines, now.wall).unwrap();
        }
        happened.into_iter().map(|happened| happened.id).collect()
    }
}

fn runs(name: &str, age: i64, remaining: u64, failed: u64) -> Import {
    import(name, age, "processing", (100, remaining, failed))
}

#[test]
fn what_happened_while_nobody_looked_is_said_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Program::start(&folder);
    assert_eq!(
        first.sees(0, &[runs("a", 10, 60, 0), runs("b", 20, 90, 0)], false),
        [""; 0],
        "so at the first look"
    );
    assert_eq!(first.sees(2, &[runs("a", 10, 50, 2), runs("b", 20, 80, 0)], false), ["a.first_failure"]);
    drop(first);

    // `a` finished, `b` went on, `c` is new, `d` is older than everything and was not asked for before.
    let done = import("a", 10, "completed", (100, 0, 3));
    let list = [runs("c", 0, 50, 1), done, runs("b", 20, 40, 0), runs("d", 90, 40, 9)];
    let mut second = Program::start(&folder);
    assert_eq!(
        second.sees(600, &list, false),
        ["c.started", "c.first_failure", "a.settled.100-0-3"],
        "each once, nothing of what was known or is older"
    );
    drop(second);
    assert_eq!(Program::start(&folder).sees(700, &list, false), [""; 0]);
}

#[test]
fn a_program_that_is_killed_says_it_again_with_the_same_id_and_keeps_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Program::start(&folder);
    first.sees(0, &[runs("a", 10, 50, 0)], false);
    let done = [import("a", 10, "completed", (100, 0, 3))];
    let said = first.sees(2, &done, true);
    assert_eq!(said, ["a.first_failure", "a.settled.100-0-3"]);
    drop(first);
    let mut second = Program::start(&folder);
    assert_eq!(second.sees(60, &done, false), said);
    // Another program with the same journal sees the same.
    let mut other = Program::start(&folder);
    other.sees(61, &done, false);
    let kept = Journal::open(&folder.path().join("state/plannr-tui/journal.ndjson")).unwrap();
    assert_eq!(
        kept.contents().events.iter().map(|entry| &entry.id).collect::<Vec<_>>(),
        said.iter().collect::<Vec<_>>()
    );
}

#[test]
fn an_import_that_waited_when_the_program_was_killed_is_said_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Program::start(&folder);
    let waits = import("b", 0, "pending", (100, 100, 0));
    first.sees(0, &[runs("a", 10, 50, 0)], false);
    first.sees(2, &[waits.clone(), runs("a", 10, 50, 0)], false);
    // Of the one that waits nothing is said; what is written of the other says how new the newest is.
    assert_eq!(first.sees(4, &[waits, runs("a", 10, 40, 1)], false), ["a.first_failure"]);
    let both = [runs("b", 0, 90, 2), runs("a", 10, 30, 1)];
    let said = ["b.started", "b.first_failure"];
    assert_eq!(first.sees(6, &both, true), said);
    drop(first);
    assert_eq!(Program::start(&folder).sees(30, &both, false), said);
}

#[test]
fn rate_and_stall_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Program::start(&folder);
    // Two rows a second, then nothing.
    for second in 0..=40 {
        first.sees(second, &[runs("a", 10, 100 - 2 * second, 0)], false);
    }
    let rate = |program: &Program| program.snapshot.get(&id("a")).unwrap().pace.rate().unwrap_or(0.0);
    let before = rate(&first);
    for second in (41..=61).chain([101]) {
        first.sees(second, &[runs("a", 10, 20, 0)], false);
    }
    let quiet = |program: &Program| program.snapshot.get(&id("a")).unwrap().pace.quiet_for().as_secs();
    assert_eq!(quiet(&first), 26, "since the 40th second, as far as it was seen");
    drop(first);

    let mut second = Program::start(&folder);
    second.sees(1000, &[runs("a", 10, 20, 0)], false);
    assert_eq!(quiet(&second), 26 + 899, "nothing moved, though nobody looked");
    drop(second);
    let mut third = Program::start(&folder);
    third.sees(1010, &[runs("a", 10, 18, 0)], false);
    assert!(before > 1.9 && quiet(&third) == 0, "{before}");
}

#[test]
fn an_outage_that_two_programs_see_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.ndjson");
    let event = |kind: EventKind, at: u64| {
        let happened = Happened {
            kind,
            id: format!("all.{}.{at}", kind.name()),
            observed_at: now(at).wall,
            account: None,
            import: None,
            message: String::new(),
            without_firm: String::new(),
        };
        match happened.json_to_keep() {
            serde_json::Value::Object(json) => Line::Event(json),
            _ => unreachable!(),
        }
    };
    let (mut one, mut other) = (Journal::open(&path).unwrap(), Journal::open(&path).unwrap());
    use EventKind::{Offline, Online};
    for (journal, kind, at) in [
        (0, Offline, 3),
        (1, Offline, 4),
        (1, Online, 9),
        (0, Online, 11),
        (0, Offline, 20),
        (1, Offline, 90),
    ] {
        let journal = if journal == 0 { &mut one } else { &mut other };
        journal.append(&[event(kind, at)], now(at).wall).unwrap();
    }
    let kept = Journal::open(&path).unwrap();
    let kept: Vec<_> = kept.contents().events.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(kept, ["all.offline.3", "all.online.9", "all.offline.20", "all.offline.90"]);
}

#[test]
fn it_stays_small_private_and_readable_whatever_happens_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/plannr-tui/journal.ndjson");
    let mut program = Program::start(&folder);
    program.sees(0, &[runs("keeps", 10, 50, 0)], false);
    let mut other = Journal::open(&path).unwrap();
    let mut largest = 0;
    for day in 1..=90 {
        let at = now(0).wall.checked_add((day * 24).hours()).unwrap();
        let event = |nth: i64| {
            let json = serde_json::json!({"id": format!("x.settled.{day}-{nth}-0"), "event": "settled", "observed_at": at,
                                          "uuid": "x", "message": "m".repeat(200)});
            match json {
                serde_json::Value::Object(json) => Line::Event(json),
                _ => unreachable!(),
            }
        };
        // Half a line, as a full disk leaves it.
        use std::io::Write as _;
        std::fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"{\"seen\":\"a\",\"rea")
            .unwrap();
        let journal = if day % 2 == 0 { &mut program.journal } else { &mut other };
        journal.append(&(0..1000).map(event).collect::<Vec<_>>(), at).unwrap();
        largest = largest.max(std::fs::metadata(&path).unwrap().len());
    }
    let kept = Journal::open(&path).unwrap();
    let events = &kept.contents().events;
    assert!(largest < 5 * 1024 * 1024, "{largest}");
    assert!(events.len() >= 3000 && events.last().unwrap().id == "x.settled.90-999-0", "{}", events.len());
    assert_eq!(program.journal.contents().events.last(), events.last(), "both programs agree");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}

proptest! {
    #[test]
    fn a_line_reads_back_as_it_was_written_and_no_bytes_are_too_odd(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        counts in any::<[u64; 3]>(), failing: bool, marks in proptest::collection::vec((0_u64..1 << 40, any::<u64>()), 0..20),
    ) {
        let _ = Line::read(&bytes);
        let marks = marks.iter().map(|(ms, rows)| (std::time::Duration::from_millis(*ms), *rows)).collect();
        let pace = crate::domain::pace::PaceMemory { marks, moves: 7, ..Default::default() };
        let watched = crate::domain::snapshot::Watched::at_first_sight(runs("a", 10, 50, 0), now(0));
        let seen = crate::domain::import_event::LastSeen { jobs: counts, ..(&watched).into() };
        let line = Line::Seen(super::line::Seen {
            reader: "events".into(), at: now(0).wall, import: id("a"), seen, failing, pace: Some(pace.clone()),
        });
        prop_assert_eq!(Line::read(line.text().trim_end().as_bytes()), Some(line));
        // Whatever it says, it is no reason to fail.
        let _ = crate::domain::pace::Pace::restored(&pace, now(50).up, now(100).up, 9);
    }
}
