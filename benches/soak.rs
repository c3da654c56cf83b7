//! A week of `events` with 2,000 imports that run, fail rows, stall, are cancelled and finish, with outages, rate limits,
//! restarts and kills: whether everything that happened was said, each change once.
//!
//! `cargo bench --bench soak`; `-- --quick` watches a day. The week passes on a clock that jumps; the simulated server answers
//! without a socket, and knows what is true. It fails where something was missed, or said twice without a kill in between,
//! beyond the rate limit, and where memory grows.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a measurement that cannot be made has failed"
)]
#![expect(clippy::print_stdout, reason = "figures are the whole purpose")]

#[path = "../tests/simulated/offline.rs"]
#[expect(dead_code, unreachable_pub, reason = "the tests use the rest")]
mod offline;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use jiff::ToSpan as _;
use jiff::tz::TimeZone;
use plannr_tui::domain::Now;
use plannr_tui::domain::account::{Account, AccountId};
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::import_event::FailingAt;
use plannr_tui::domain::page::{Criteria, ListRequest};
use plannr_tui::domain::redact::Redaction;
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::events::{EventKind, Happened, Observer};
use plannr_tui::journal::{Journal, Recorder};
use plannr_tui::poller::{self, PollerCommand, Settings};
use plannr_tui::query::Query;
use plannr_tui::simulator::{Ending, Life, Options, Shape, Truth, World};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;
const IMPORTS_A_DAY: u64 = 286;
/// Imports start for so long each day, so that the program is busy and idle in turn.
const OFFICE: u64 = 10 * HOUR;
/// One in so many runs of the program ends with a kill.
const KILLED: usize = 4;
/// What Plannr allows a user in a minute.
const RATE_LIMIT: u32 = 500;
/// What the end may take more than the first day, in megabytes: what the allocator keeps, and what this bench does.
const UNREST: f64 = 5.0;
/// What an import that was watched may take, in MB.
const AN_IMPORT: f64 = 0.008;
/// What `Now::up` is at the start, as by the program's own clock.
const BEFORE: Duration = Duration::from_secs(2 * DAY);
const READER: &str = "events";

fn main() -> ExitCode {
    let days = if std::env::args().any(|arg| arg == "--quick") { 1 } else { 7 };
    let began = std::time::Instant::now();
    let mut dice = Rng::with_seed(20);
    let (world, imports) = world(days, &mut dice);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.ndjson");
    let end = Duration::from_secs(days * DAY);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let server = Server { outages: outages(end, &mut dice), world, load: RefCell::new((Vec::new(), dice)) };
    let mut seen = Seen::default();
    runtime.unwrap().block_on(watch_events(&server, end, &path, &mut seen));
    let minutes = server.load.borrow().0.clone();
    let at_the_end = resident();

    println!("\n| {days} simulated days, in {:.0} s | |\n| --- | --- |", began.elapsed().as_secs_f64());
    println!("| imports | {} |", imports.len());
    println!("| outages | {} |", server.outages.len());
    println!("| starts, of which after a kill | {}, {} |", seen.starts, seen.kills);
    for kind in EventKind::ALL {
        println!("| `{}` | {} |", kind.name(), seen.said.values().filter(|said| said.kind == kind).count());
    }
    println!("| said again after a kill, with the same id | {} |", seen.again);
    let (all, most) = (minutes.iter().sum::<u32>(), minutes.iter().max().copied().unwrap_or_default());
    println!("| requests a minute | {:.1} |", f64::from(all) / minutes.len() as f64);
    println!("| in the busiest minute | {most} |");
    println!("| journal, at most | {:.1} MB |", seen.journal as f64 / 1e6);
    println!("| memory after a day, at the end | {:.1} MB, {at_the_end:.1} MB |", seen.after_a_day);

    let mut wrong = std::mem::take(&mut seen.wrong);
    wrong.extend(imports.iter().flat_map(|import| {
        let truth = server.world.truth(import, end).unwrap();
        seen.mistakes(import, &truth)
    }));
    if most > RATE_LIMIT {
        wrong.push(format!("{most} requests in a minute"));
    }
    // The list grows with the week: an import that was watched keeps how fast it went.
    let grown = imports.len() as f64 * (1.0 - 1.0 / days as f64) * AN_IMPORT;
    if at_the_end - seen.after_a_day > UNREST + grown {
        wrong.push("memory grows".to_owned());
    }
    println!("| missed or wrong | {} |", wrong.len());
    wrong.iter().for_each(|wrong| println!("{wrong}"));
    if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A firm in which imports start in office hours, and the uuids of these. All have ended at the end.
fn world(days: u64, dice: &mut Rng) -> (World, Vec<String>) {
    let options = Options {
        imports: 200,
        running: Some(0),
        firms: 1,
        keep_starting: false,
        list_errors: false,
        ..Options::default()
    };
    let mut world = World::new(&options);
    let start =
        |nth: u64, dice: &mut Rng| (nth / IMPORTS_A_DAY * DAY) as f64 + 120.0 + dice.f64() * OFFICE as f64;
    let add = |nth| world.add_import(0, life(nth, start(nth, dice), dice)).unwrap();
    let imports = (0..days * IMPORTS_A_DAY).map(add).collect();
    (world, imports)
}

/// Of seconds or of hours; one in ten is cancelled, one in twenty dies, one in ten makes a long pause.
fn life(seed: u64, starts_at: f64, dice: &mut Rng) -> Life {
    let shape = dice.choice(Shape::ALL).unwrap();
    let rows = dice.u64(5..3_000);
    let failing = [0.0, 0.0, 0.01, 0.05, 0.3][dice.usize(0..5)];
    let rate = (dice.f64() * 5.0 - 1.5).exp2();
    let life = Life::new(seed, shape, rows, failing, starts_at, rate).waiting(2.0 + dice.f64() * 90.0);
    let life = if shape == Shape::Stalling { life.outage(dice.f64(), 1_800.0) } else { life };
    match dice.u8(0..20) {
        0 => life.ending(Ending::Died(dice.f64())),
        // One that is cancelled before it was seen to run need not have run at all.
        1..4 if life.ended_at() - starts_at > 2_000.0 => life.ending(Ending::Cancelled(0.8)),
        _ => life,
    }
}

/// From when to when the server does not answer, and how: for 10 s to 10 min, every three hours.
fn outages(end: Duration, dice: &mut Rng) -> Vec<(Duration, Duration, Fault)> {
    let mut outages = Vec::new();
    let mut at = Duration::ZERO;
    while at < end {
        at += Duration::from_secs(dice.u64(HOUR..5 * HOUR));
        let length = Duration::from_secs(dice.u64(10..600));
        let faults = [
            Fault::Unreachable("no route".into()),
            Fault::Server(503, None),
            Fault::RateLimited(Some(length)),
        ];
        outages.push((at, at + length, dice.choice(faults).unwrap()));
    }
    outages
}

struct Server {
    world: World,
    outages: Vec<(Duration, Duration, Fault)>,
    /// Requests by the minute, and what decides which of them fail.
    load: RefCell<(Vec<u32>, Rng)>,
}

impl Server {
    async fn fetch(
        &self,
        account: Option<Arc<Account>>,
        request: ListRequest,
        at: Duration,
    ) -> Result<plannr_tui::domain::page::Page, Fault> {
        let fault = self.count(at);
        sleep(if fault == Some(Fault::TimedOut) {
            Duration::from_secs(30)
        } else {
            Duration::from_millis(50)
        })
        .await;
        let account = account.map(|account| account.id.clone());
        fault.map_or_else(|| offline::list(&self.world, account.as_ref(), &request, at), Err)
    }

    /// Counts a request; what it fails with, if it does.
    fn count(&self, at: Duration) -> Option<Fault> {
        let (minutes, dice) = &mut *self.load.borrow_mut();
        let minute = (at.as_secs() / 60) as usize;
        minutes.resize(minutes.len().max(minute + 1), 0);
        *minutes.last_mut()? += 1;
        let outage = self.outages.iter().find(|(from, to, _)| (*from..*to).contains(&at));
        outage.map(|(.., fault)| fault.clone()).or_else(|| match dice.u32(0..600) {
            0 => Some(Fault::Server(500, None)),
            1 => Some(Fault::RateLimited(Some(Duration::from_secs(dice.u64(1..30))))),
            2 => Some(Fault::TimedOut),
            _ => None,
        })
    }
}

/// The program, started again and again until the end.
async fn watch_events(server: &Server, end: Duration, path: &Path, seen: &mut Seen) {
    let start = Instant::now();
    let mut dice = Rng::with_seed(6);
    while start.elapsed() < end {
        seen.starts += 1;
        let stop = start.elapsed() + Duration::from_secs(dice.u64(5 * HOUR..7 * HOUR));
        let is_killed = seen.starts % KILLED == 1;
        run(server, start, (stop.min(end), is_killed, end), path, seen).await;
        sleep(Duration::from_secs(dice.u64(1..120))).await;
    }
    seen.look_at(path);
}

/// One run of the program, as `events` is put together.
async fn run(
    server: &Server,
    start: Instant,
    (stop, is_killed, end): (Duration, bool, Duration),
    path: &Path,
    seen: &mut Seen,
) {
    let began = Instant::now();
    let world_start = Options::default().start;
    let clock = move || Now { up: BEFORE + began.elapsed(), wall: world_start + start.elapsed() };
    seen.look_at(path);
    let mut journal = Journal::open(path).unwrap();
    let memory = journal.contents().memory(READER);
    let mut recorder = Recorder::new(READER, memory.failing.clone());
    let observer = Observer::new(Query::default(), FailingAt::default(), Redaction::default());
    let mut observer = observer.remembering(memory);
    let account = Arc::new(Account::unnamed(AccountId::new(server.world.account()).unwrap()));
    // As `--since 1d`: the list of a week would be no measure of what the program keeps.
    let yesterday = TimeZone::UTC.to_datetime(clock().wall).date().checked_sub(1.day()).unwrap();
    let settings = Settings {
        accounts: vec![account],
        criteria: Criteria { since: Some(yesterday), ..Criteria::default() },
        interval: None,
        remembered: Arc::new(journal.contents().paces()),
    };
    let (_commands, commands) = mpsc::channel::<PollerCommand>(1);
    let (publish, mut snapshots) = watch::channel(Arc::<Snapshot>::default());
    let fetch = |account, request| server.fetch(account, request, start.elapsed());
    let telling = async {
        loop {
            let snapshot = Arc::clone(&snapshots.borrow_and_update());
            let now = clock();
            let happened = observer.observe(&snapshot, now);
            // It dies between saying and keeping.
            let is_over = start.elapsed() >= stop;
            let dies = is_killed && is_over && happened.iter().any(|happened| happened.import.is_some());
            seen.say(&happened, dies);
            if dies {
                seen.kills += 1;
                return;
            }
            let ends = start.elapsed() >= if is_killed { end } else { stop };
            let mut lines = recorder.lines(&snapshot, &happened, now, false);
            if ends {
                lines.extend(recorder.lines(&snapshot, &[], now, true));
            }
            if !lines.is_empty() {
                journal.append(&lines, now.wall).unwrap();
            }
            if ends {
                return;
            }
            if seen.after_a_day == 0.0 && start.elapsed().as_secs() >= DAY - HOUR {
                seen.after_a_day = resident();
            }
            let until = start + if is_killed { end } else { stop };
            let until = observer.due().map_or(until, |due| until.min(began + due.saturating_sub(BEFORE)));
            tokio::select! {
                changed = snapshots.changed() => changed.unwrap(),
                () = sleep_until(until) => {}
            }
        }
    };
    tokio::select! {
        () = poller::run(fetch, settings, commands, publish, clock) => {}
        () = telling => {}
    }
}

struct Said {
    kind: EventKind,
    import: Option<String>,
    /// It was said by a program that was killed before it could keep that.
    was_lost: bool,
}

#[derive(Default)]
struct Seen {
    starts: usize,
    kills: usize,
    /// By id.
    said: HashMap<String, Said>,
    /// How often something was said again, as it had to be.
    again: usize,
    /// Bytes of the journal, at most.
    journal: u64,
    /// Megabytes.
    after_a_day: f64,
    wrong: Vec<String>,
}

impl Seen {
    fn say(&mut self, happened: &[Happened], is_lost: bool) {
        for happened in happened {
            let import = happened.import.as_ref().map(|watched| watched.import.id.to_string());
            let said = Said { kind: happened.kind, import, was_lost: is_lost };
            match self.said.insert(happened.id.clone(), said) {
                None => {}
                Some(before) if before.was_lost => self.again += 1,
                Some(_) => self.wrong.push(format!("{} was said twice", happened.id)),
            }
        }
    }

    /// Whether the journal has each id once, and how large it is.
    fn look_at(&mut self, path: &Path) {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        self.journal = self.journal.max(text.len() as u64);
        let mut ids = HashSet::new();
        for line in text.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            if let (Some(id), Some(_)) = (line["id"].as_str(), line.get("event"))
                && !ids.insert(id.to_owned())
            {
                self.wrong.push(format!("{id} is in the journal twice"));
            }
        }
    }

    /// What was not said of an import as it was.
    fn mistakes(&self, import: &str, truth: &Truth) -> Vec<String> {
        let mut counts: BTreeMap<EventKind, usize> = BTreeMap::new();
        for said in self.said.values().filter(|said| said.import.as_deref() == Some(import)) {
            *counts.entry(said.kind).or_default() += 1;
        }
        let is_cancelled = matches!(truth.ending, Ending::Cancelled(_));
        let expected = [
            (EventKind::Started, 1),
            (EventKind::FirstFailure, usize::from(truth.failed > 0)),
            (EventKind::Settled, usize::from(!is_cancelled)),
            (EventKind::Cancelled, usize::from(is_cancelled)),
            (EventKind::Deleted, 0),
        ];
        let said = |kind| counts.get(&kind).copied().unwrap_or_default();
        expected
            .into_iter()
            .filter(|(kind, times)| said(*kind) != *times)
            .map(|(kind, times)| {
                format!("{import}: {} was said {} times, not {times}: {truth:?}", kind.name(), said(kind))
            })
            .collect()
    }
}

/// The memory of this process in megabytes, where Linux says it.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).map_or(0.0, |kb| kb.parse::<f64>().unwrap() / 1024.0)
}
