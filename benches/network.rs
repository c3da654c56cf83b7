//! How long the list is on its way: from asking to the first imports and to all of them, on lines of several kinds, with
//! the real poller and client over real HTTP. And how long a key may wait meanwhile: the longest that the monitor
//! took for an answer and the frame after it.
//!
//! `cargo bench --bench network`; `-- --quick` takes fewer imports and leaves the slow lines out. The floor is what the
//! line alone takes for as many bytes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be made has failed"
)]
#![expect(clippy::print_stdout, reason = "figures are the whole purpose")]

mod network {
    pub(super) mod line;
}

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use network::line::Line;
use plannr_tui::api::{BaseUrl, Client, Token};
use plannr_tui::app::event::Event;
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::account::AccountId;
use plannr_tui::domain::page::ListRequest;
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::poller::{self, Settings};
use plannr_tui::run::canvas::Canvas;
use plannr_tui::simulator::{Options, Simulator};
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Scene, ViewState};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};

/// Name, megabits per second, round trip in milliseconds, imports.
const CASES: [(&str, f64, u64, usize); 7] = [
    ("this machine", 10_000.0, 0, 1_000),
    ("this machine", 10_000.0, 0, 10_000),
    ("this machine", 10_000.0, 0, 100_000),
    ("DSL", 16.0, 30, 10_000),
    ("mobile", 4.0, 80, 10_000),
    ("poor", 1.0, 200, 1_000),
    ("poor", 1.0, 200, 10_000),
];
const QUICK: usize = 1;

fn main() {
    let quick = std::env::args().any(|arg| arg == "--quick");
    println!(
        "{:<14} {:>8} {:>6} {:>8} {:>12} {:>12} {:>9} {:>9} {:>10} {:>12}",
        "line",
        "Mbit/s",
        "ms",
        "imports",
        "first rows",
        "all rows",
        "requests",
        "MB",
        "all/floor",
        "busy at most"
    );
    for (name, megabits, milliseconds, imports) in
        CASES.into_iter().take(if quick { QUICK } else { CASES.len() })
    {
        let line = Line { bits: (megabits * 1e6) as u64, round_trip: Duration::from_millis(milliseconds) };
        let loaded = load(line, imports);
        let megabytes = loaded.bytes as f64 / 1e6;
        let floor = megabytes * 8.0 / megabits + line.round_trip.as_secs_f64();
        println!(
            "{name:<14} {megabits:>8} {milliseconds:>6} {imports:>8} {:>10.2} s {:>10.2} s {:>9} {megabytes:>9.2} {:>10.2} {:>9.1} ms",
            loaded.first.as_secs_f64(),
            loaded.all.as_secs_f64(),
            loaded.requests,
            loaded.all.as_secs_f64() / floor,
            loaded.longest.as_secs_f64() * 1e3,
        );
    }
}

struct Loaded {
    /// Until the first imports could be drawn.
    first: Duration,
    /// Until all were there.
    all: Duration,
    requests: u64,
    /// From the server.
    bytes: u64,
    /// The longest that it took the monitor to take in what the poller published, and to draw it.
    longest: Duration,
}

fn load(line: Line, imports: usize) -> Loaded {
    let options = Options { imports, running: Some(5), keep_starting: false, ..Options::default() };
    let simulator = Simulator::start(options).unwrap();
    simulator.set_time(Duration::from_secs(1));
    let server = simulator.base_url().trim_start_matches("http://").parse().unwrap();
    // The line has threads of its own: it is not kept waiting by what reads the answers.
    let lines = Runtime::new().unwrap();
    let (address, received) = lines.block_on(line.lead_to(server));
    let base = BaseUrl::new(&format!("http://{address}")).unwrap();
    let client = Client::new(base, Token::new(simulator.token()).unwrap()).unwrap();
    let client = client.with_account(AccountId::new(simulator.account()).unwrap());
    let begin = Instant::now();
    let clock = move || {
        let up = begin.elapsed();
        Now { up, wall: Options::default().start + up }
    };
    let fetch = move |_, ask: ListRequest| {
        let client = client.clone();
        async move { client.list(&ask).await }
    };
    let (wishes, received_wishes) = mpsc::channel(1);
    let (publish, mut seen) = watch::channel(Arc::<Snapshot>::default());
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        tokio::spawn(poller::run(fetch, Settings::default(), received_wishes, publish, clock));
        let mut longest = Duration::ZERO;
        let mut app = App::new(clock(), TimeZone::UTC, Identity::default(), "");
        let (mut terminal, mut view_state) =
            (Terminal::new(TestBackend::new(120, 40)).unwrap(), ViewState::default());
        let theme = Theme::new(true, false);
        let mut first = None;
        loop {
            seen.changed().await.unwrap();
            let snapshot = seen.borrow_and_update().clone();
            let all = snapshot.health.full_passes > 0;
            let started = Instant::now();
            app.update(clock(), Event::Snapshot(snapshot));
            let scene = Scene { app: &app, theme: &theme };
            Canvas::draw(&mut terminal, false, |buf| ui::draw(buf, scene, &mut view_state)).unwrap();
            longest = longest.max(started.elapsed());
            if !app.list.is_empty() {
                first.get_or_insert(begin.elapsed());
            }
            if all {
                assert_eq!(app.list.len(), imports);
                drop(wishes);
                return Loaded {
                    first: first.unwrap(),
                    all: begin.elapsed(),
                    requests: simulator.traffic().requests,
                    bytes: received.load(Ordering::Relaxed),
                    longest,
                };
            }
        }
    })
}
