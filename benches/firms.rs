//! What fifty firms of 200 imports cost beside one of 10,000: requests and bytes a minute, and how long the monitor is busy
//! with what the poller publishes and with a frame. Twenty imports run in either.
//!
//! `cargo bench --bench firms`. Twenty minutes of polling pass on a clock that jumps; the simulated server answers without a
//! socket. It fails beyond the rate limit, and where many firms cost the loop more than one.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement that cannot be made has failed")]
#![expect(clippy::print_stdout, reason = "figures are the whole purpose")]

#[path = "../tests/simulated/offline.rs"]
#[expect(dead_code, unreachable_pub, reason = "the tests use the rest")]
mod offline;

use std::cell::{Cell, RefCell};
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use plannr_tui::app::event::{Answer, Effect, Event};
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::account::{Account, AccountId};
use plannr_tui::domain::page::ListRequest;
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::poller::{self, PollerCommand, Settings};
use plannr_tui::run::canvas::Canvas;
use plannr_tui::simulator::{Life, Options, Shape, World};
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Scene, ViewState};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

const RUNNING: usize = 20;
const MINUTES: u64 = 20;
/// How long the lists load before anything is counted.
const LOADING: Duration = Duration::from_secs(120);
/// What Plannr allows a user.
const RATE_LIMIT: f64 = 500.0;

fn main() -> ExitCode {
    let one = watch(1, 10_000);
    let many = watch(50, 200);
    println!("\n| | one firm, 10,000 imports | 50 firms, 200 each |\n| --- | --- | --- |");
    let row = |what: &str, of: fn(&Cost) -> String| println!("| {what} | {} | {} |", of(&one), of(&many));
    row("requests a minute, 20 imports running", |cost| format!("{:.0}", cost.requests));
    row("kB a minute, unpacked", |cost| format!("{:.0}", cost.kilobytes));
    row("requests to load", |cost| cost.to_load.to_string());
    row("a published list taken in, median", |cost| micros(cost.taken_in));
    row("frame of 120×40, median", |cost| micros(cost.frame));
    let in_budget = one.requests.max(many.requests) < RATE_LIMIT;
    if in_budget && many.frame < one.frame * 2 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn micros(time: Duration) -> String {
    format!("{:.0} µs", time.as_secs_f64() * 1e6)
}

struct Cost {
    to_load: usize,
    /// A minute.
    requests: f64,
    kilobytes: f64,
    taken_in: Duration,
    frame: Duration,
}

/// So many firms of so many imports.
fn world(firms: usize, imports: usize) -> World {
    let options = Options {
        imports,
        firms,
        imports_elsewhere: Some(imports),
        running: Some(0),
        running_elsewhere: Some(0),
        keep_starting: false,
        quirks: false,
        ..Options::default()
    };
    let mut world = World::new(&options);
    for nth in 0..RUNNING {
        let life = Life::new(nth as u64, Shape::Steady, 4_000, 0.02, -30.0, 1.5);
        world.add_import(nth % firms, life).unwrap();
    }
    world
}

fn watch(firms: usize, imports: usize) -> Cost {
    let world = world(firms, imports);
    let accounts: Vec<_> = world
        .firms()
        .map(|firm| {
            let id = AccountId::new(firm.account()).unwrap();
            Arc::new(Account { firm: firm.firm_name().into(), ..Account::unnamed(id) })
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(async {
        let start = Instant::now();
        let clock = move || {
            let up = start.elapsed();
            Now { up, wall: Options::default().start + up }
        };
        let counted = Rc::new((Cell::new(0), Cell::new(0)));
        let fetch = {
            let counted = Rc::clone(&counted);
            let world = Rc::new(world);
            move |account: Option<Arc<Account>>, ask: ListRequest| {
                let account = account.unwrap();
                let (page, bytes) = offline::list_and_size(&world, Some(&account.id), &ask, start.elapsed());
                counted.0.set(counted.0.get() + 1);
                counted.1.set(counted.1.get() + bytes);
                async move {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    page
                }
            }
        };
        let identity = Identity { accounts: accounts.clone(), ..Identity::default() };
        let mut app = App::new(clock(), TimeZone::UTC, identity, "");
        let settings = Settings { accounts, ..Settings::default() };
        let (commands, received) = mpsc::channel::<PollerCommand>(1);
        let (publish, mut seen) = watch::channel(Arc::<Snapshot>::default());
        let times = RefCell::new((Vec::new(), Vec::new()));
        let watching = async {
            let theme = Theme::new(true, false);
            let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
            let mut view_state = ViewState::default();
            let (mut to_load, mut before) = (0, (0, 0));
            let end = LOADING + Duration::from_secs(60 * MINUTES);
            while start.elapsed() < end {
                seen.changed().await.unwrap();
                let snapshot = Arc::clone(&seen.borrow_and_update());
                let loaded = snapshot.health.full_passes > 0;
                if to_load == 0 && loaded {
                    assert_eq!(snapshot.imports.len(), firms * imports + RUNNING);
                    to_load = counted.0.get();
                }
                let began = std::time::Instant::now();
                let effects = app.update(clock(), Event::Snapshot(snapshot));
                let taken_in = began.elapsed();
                // What a thread of its own works out for long lists.
                for effect in effects {
                    if let Effect::FilterJob(job) = effect {
                        let answer = Answer::FilterResult(Box::new(job.run()));
                        app.update(clock(), Event::Answer(answer));
                    }
                }
                if start.elapsed() < LOADING {
                    before = (counted.0.get(), counted.1.get());
                    continue;
                }
                let began = std::time::Instant::now();
                let scene = Scene { app: &app, theme: &theme };
                Canvas::draw(&mut terminal, false, |buf| ui::draw(buf, scene, &mut view_state)).unwrap();
                let mut times = times.borrow_mut();
                times.0.push(taken_in);
                times.1.push(began.elapsed());
            }
            drop(commands);
            (to_load, before)
        };
        let ((), (to_load, before)) =
            tokio::join!(poller::run(fetch, settings, received, publish, clock), watching);
        let (taken_in, frames) = times.into_inner();
        Cost {
            to_load,
            requests: (counted.0.get() - before.0) as f64 / MINUTES as f64,
            kilobytes: (counted.1.get() - before.1) as f64 / 1000.0 / MINUTES as f64,
            taken_in: median(taken_in),
            frame: median(frames),
        }
    })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_else(|| panic!("nothing was published"))
}
