//! How much memory the list takes: 10,000 and 100,000 imports as the simulated server tells them, their samples of
//! failed rows included, in the program itself until all are there, and by the list alone: read page by page, then
//! polled and drawn some hundred times. What `list` takes of pages that are full of tiny cells. And whether a day of polling takes more than its first hour.
//!
//! `cargo bench --bench memory`; `-- --quick` leaves out the largest and shortens the day. Each figure is the peak
//! (`VmHWM`, Linux only) of a process of its own; the list alone holds the answers one at a time. It fails where a
//! bound is missed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement that cannot be made has failed")]
#![cfg_attr(
    target_os = "linux",
    expect(clippy::indexing_slicing, reason = "a measurement that cannot be made has failed")
)]
#![expect(clippy::print_stdout, reason = "figures are the whole purpose")]

#[cfg(target_os = "linux")]
#[path = "../tests/common/pty.rs"]
#[expect(dead_code, reason = "tests/pty.rs uses the rest")]
mod pty;

use std::collections::HashSet;
use std::io::{Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use plannr_tui::app::event::{Answer, Effect, Event};
use plannr_tui::app::keymap::Motion;
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::import::{Import, ImportId, Status};
use plannr_tui::domain::page::{Page, Samples};
use plannr_tui::domain::snapshot::{LinkState, Snapshot};
use plannr_tui::run::canvas::Canvas;
#[cfg(target_os = "linux")]
use plannr_tui::simulator::Simulator;
use plannr_tui::simulator::{Options, World};
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Scene, ViewState};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use url::Url;

const POLLS: u64 = 300;
const SECONDS_APART: u64 = 2;
const HOUR: u64 = 3600;
/// Imports of the day's list: for each that comes the oldest goes.
const OF_THE_DAY: usize = 2000;
/// Imports looked at beforehand: more than are kept prepared.
const LOOKED_AT: usize = 100;
/// What hour 24 may take more than hour 1: the allocator's own unrest, in megabytes.
const UNREST: f64 = 1.0;
/// And for each import that came: how fast it ran and failed, which is kept for as long as it is listed.
const HISTORY: f64 = 0.006;
/// Imports that come in an hour.
const AN_HOUR: f64 = 12.0;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--child", "list"] => list(),
        ["--child", "day", hours] => day(hours.parse().unwrap()),
        _ if !cfg!(target_os = "linux") => println!("not measured: only Linux tells the peak (/proc)"),
        _ => return measure(args.iter().any(|arg| arg == "--quick")),
    }
    ExitCode::SUCCESS
}

fn measure(quick: bool) -> ExitCode {
    let mut met = true;
    for (imports, bound) in [(10_000, 60.0), (100_000, 250.0)].into_iter().take(if quick { 1 } else { 2 }) {
        #[cfg(target_os = "linux")]
        {
            let peak = program(imports, 1);
            println!("{imports:>7} imports in the program: peak {peak:.1} MB, bound {bound} MB");
            met &= peak < bound;
            if imports == 10_000 {
                let peak = program(imports, 50);
                println!(
                    "{imports:>7} imports of 50 firms in the program: peak {peak:.1} MB, bound {bound} MB"
                );
                met &= peak < bound;
            }
        }
        let figures = child(&["--child", "list"], imports);
        let [peak, pages] = figures.as_slice() else { panic!("{figures:?}") };
        println!("{imports:>7} imports, {pages:.0} MB of answers, the list alone: peak {peak:.1} MB");
        met &= *peak < bound;
    }
    #[cfg(target_os = "linux")]
    {
        let peak = tiny_cells::peak();
        println!("`list` of 138 MB of tiny cells: peak {peak:.1} MB, bound {} MB", tiny_cells::BOUND);
        met &= peak < tiny_cells::BOUND;
    }
    let hours: u32 = if quick { 3 } else { 24 };
    let figures = child(&["--child", "day", &hours.to_string()], OF_THE_DAY);
    let [first, last] = figures.as_slice() else { panic!("{figures:?}") };
    println!(
        "{OF_THE_DAY:>7} imports that come, run and go: {first:.1} MB at hour 1, {last:.1} MB at hour {hours}"
    );
    met &= last - first < UNREST + HISTORY * AN_HOUR * f64::from(hours - 1);
    if met { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The peak of the built program in a pseudo-terminal when it has loaded the whole list.
#[cfg(target_os = "linux")]
fn program(imports: usize, firms: usize) -> f64 {
    let options = Options {
        imports: imports / firms,
        firms,
        imports_elsewhere: Some(imports / firms),
        running: Some(5),
        running_elsewhere: Some(1),
        keep_starting: false,
        start: jiff::Timestamp::now(),
        ..Options::default()
    };
    let simulator = Simulator::start(options).unwrap();
    let mut command = pty::plannr_tui();
    command.env("PLANNR_BASE_URL", simulator.base_url());
    command.env("PLANNR_ACCESS_TOKEN", simulator.token());
    command.args(["--since", "2000-01-01"]);
    command.args((firms > 1).then_some("--all-accounts"));
    let mut pty = pty::Pty::start(command, 120, 40);
    let all = format!("{},000", imports / 1000);
    while !(pty.screen().contains(&format!("All {all} ")) && pty.screen().contains("● live")) {
        std::thread::sleep(Duration::from_millis(100));
        pty.bytes();
    }
    let peak = resident(&format!("/proc/{}/status", pty.id().as_raw_nonzero()), "VmHWM");
    assert_eq!(pty.keys("q").end().code, Ok(0));
    peak
}

/// Feeds the simulated server's pages to a process, each behind its length; the figures that it prints.
fn child(args: &[&str], imports: usize) -> Vec<f64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pages = child.stdin.take().unwrap();
    let options = Options { imports, running: Some(5), keep_starting: false, ..Options::default() };
    let world = World::new(&options);
    for nth in 1..=imports.div_ceil(500) {
        let path = format!("/api/v1/import?include=initiatedBy&sort=-created_at&per_page=500&page={nth}");
        let body = world.answer(&world.get(&path), Duration::from_secs(1)).body;
        pages.write_all(&u32::try_from(body.len()).unwrap().to_le_bytes()).unwrap();
        pages.write_all(&body).unwrap();
    }
    drop(pages);
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    output.split_whitespace().map(|figure| figure.parse().unwrap()).collect()
}

/// The monitor's core as a poller and a terminal would drive it.
struct Monitor {
    snapshot: Arc<Snapshot>,
    app: App,
    terminal: Terminal<TestBackend>,
    view_state: ViewState,
    theme: Theme,
    up: u64,
}

impl Monitor {
    fn new() -> Self {
        Self {
            snapshot: Arc::default(),
            app: App::new(at(0), TimeZone::UTC, Identity::default(), ""),
            terminal: Terminal::new(TestBackend::new(120, 40)).unwrap(),
            view_state: ViewState::default(),
            theme: Theme::new(true, false),
            up: 0,
        }
    }

    /// Takes in every page that comes, one at a time; their megabytes.
    fn load(&mut self) -> f64 {
        let base = Url::parse("https://api.plannrcrm.com").unwrap();
        let mut input = std::io::stdin().lock();
        let (mut length, mut body, mut bytes) = ([0; 4], Vec::new(), 0.0);
        while input.read_exact(&mut length).is_ok() {
            body.resize(u32::from_le_bytes(length) as usize, 0);
            input.read_exact(&mut body).unwrap();
            bytes += body.len() as f64;
            let page = plannr_tui::api::wire::page(&body, &base, Samples::All).unwrap();
            self.poll(page);
        }
        bytes / 1e6
    }

    fn poll(&mut self, page: Page) {
        self.up += SECONDS_APART;
        let snapshot = self.snapshot.absorb(page, at(self.up));
        self.publish(snapshot);
    }

    /// Shows a snapshot, and answers what is then asked.
    fn publish(&mut self, snapshot: Snapshot) {
        self.snapshot = Arc::new(snapshot);
        let effects = self.app.update(at(self.up), Event::Snapshot(Arc::clone(&self.snapshot)));
        for effect in effects {
            if let Effect::FetchImport { id, .. } = effect {
                let import = self.snapshot.get(&id).unwrap().import.clone();
                let answer = Answer::Import { id, result: Box::new(Ok(import)) };
                self.app.update(at(self.up), Event::Answer(answer));
            }
        }
        let scene = Scene { app: &self.app, theme: &self.theme };
        Canvas::draw(&mut self.terminal, false, |buf| ui::draw(buf, scene, &mut self.view_state)).unwrap();
    }

    /// The unfinished imports, each gone on by a few rows.
    fn moved(&self) -> Vec<Import> {
        self.snapshot.unfinished().map(|watched| gone_on(watched.import.clone())).collect()
    }
}

fn list() {
    let mut monitor = Monitor::new();
    let bytes = monitor.load();
    for _ in 0..POLLS {
        let imports = monitor.moved();
        monitor.poll(Page { imports, ..Page::default() });
    }
    println!("{} {bytes}", resident(OURS, "VmHWM"));
}

/// Every five minutes an import comes and the oldest goes; each runs for a quarter of an hour. Now and then the link is
/// lost, and the selection moves on.
fn day(hours: u64) {
    let mut monitor = Monitor::new();
    monitor.load();
    // Those that come have as many failed rows as the newest, which keep their samples: more would be no growth of time's.
    let newest = monitor.snapshot.imports.iter().take(Snapshot::SAMPLED);
    let newest: Vec<Import> = newest.map(|watched| watched.import.clone()).collect();
    let mut newest = newest.into_iter().cycle();
    // What is kept of the imports that were looked at last is there before the first hour ends.
    for _ in 0..LOOKED_AT {
        monitor.app.list.go(Motion::Down, 1);
        monitor.publish((*monitor.snapshot).clone());
    }
    let begun = monitor.up;
    let mut nth = 0_u64;
    let mut first = 0.0;
    while monitor.up < begun + hours * HOUR {
        let mut imports = monitor.moved();
        if monitor.up / 300 != (monitor.up + SECONDS_APART) / 300 {
            nth += 1;
            let mut import = newest.next().unwrap();
            import.id = ImportId::new(&format!("00000000-0000-4000-8000-{nth:012}")).unwrap();
            import.status = Status::new("processing");
            import.created_at = Some(at(monitor.up).wall);
            import.counts.total = Some(3000);
            import.counts.remaining = Some(3000);
            import.counts.failed = Some(0);
            imports.push(import);
            let oldest = monitor.snapshot.imports.iter().last().unwrap().import.id.clone();
            let without = monitor.snapshot.without(&HashSet::from([oldest]));
            monitor.publish(without);
            monitor.app.list.go(Motion::Down, 20);
        }
        if monitor.up.is_multiple_of(600) {
            let mut health = monitor.snapshot.health.clone();
            let again_at = Duration::from_secs(monitor.up + 2);
            health.link = LinkState::Retrying { fault: Fault::TimedOut, attempt: 1, again_at };
            let lost = monitor.snapshot.with_health(health);
            monitor.publish(lost);
        }
        monitor.poll(Page { imports, ..Page::default() });
        if monitor.up == begun + HOUR {
            first = resident(OURS, "VmRSS");
        }
    }
    println!("{first} {}", resident(OURS, "VmRSS"));
}

fn gone_on(mut import: Import) -> Import {
    let left = import.counts.remaining.unwrap_or(0).saturating_sub(7);
    import.counts.remaining = Some(left);
    if left == 0 {
        import.status = Status::new("completed");
    }
    import
}

/// One moment, so many seconds after the start.
fn at(seconds: u64) -> Now {
    let up = Duration::from_secs(seconds);
    Now { up, wall: Options::default().start + up }
}

/// What Linux tells of this process.
const OURS: &str = "/proc/self/status";

/// A line of what Linux tells of a process's memory, in megabytes.
fn resident(status: &str, name: &str) -> f64 {
    let status = std::fs::read_to_string(status).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).map_or(0.0, |kb| kb.parse::<f64>().unwrap() / 1024.0)
}

/// `list` against a server whose imports bring thousands of tiny cells each.
#[cfg(target_os = "linux")]
mod tiny_cells {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use serde_json::{Map, Value, json};

    use super::resident;

    /// In megabytes.
    pub(crate) const BOUND: f64 = 600.0;
    const IMPORTS: usize = 600;
    /// Of one import: as much as is read of a sample in the list.
    const BYTES: usize = 230_000;
    /// Between two looks at the memory of the program, which never shrinks.
    const PAUSE: Duration = Duration::from_millis(2);

    /// The peak of the built program while it lists all pages.
    pub(crate) fn peak() -> f64 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || listener.incoming().flatten().for_each(answer));
        let mut list = Command::new(env!("CARGO_BIN_EXE_plannr-tui"));
        list.args(["list", "--json", "--since", "2000-01-01"]).stdin(Stdio::null()).stdout(Stdio::piped());
        list.env("PLANNR_BASE_URL", base)
            .env("PLANNR_ACCESS_TOKEN", "token")
            .env("XDG_CONFIG_HOME", "/nowhere");
        let mut list = list.spawn().unwrap();
        let status = format!("/proc/{}/status", list.id());
        let output = list.stdout.take().unwrap();
        let read = std::thread::spawn(move || std::io::read_to_string(output).unwrap());
        let mut peak: f64 = 0.0;
        while list.try_wait().unwrap().is_none() {
            peak = peak.max(resident(&status, "VmHWM"));
            std::thread::sleep(PAUSE);
        }
        let listed: Vec<Value> = serde_json::from_str(&read.join().unwrap()).unwrap();
        assert_eq!(listed.len(), IMPORTS);
        peak
    }

    /// Answers one request, and closes the connection.
    fn answer(mut stream: TcpStream) {
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
        let first = lines.next().unwrap_or_default();
        lines.take_while(|line| !line.is_empty()).for_each(drop);
        let body = if first.contains("logins") {
            json!({ "data": [{ "account": { "uuid": "a-1", "name": "A", "type": "employee" }, "firm": { "name": "Firm" } }] })
                .to_string()
        } else {
            let of = |name: &str| {
                let after = first.split_once(name).map(|(_, rest)| rest);
                after.and_then(|rest| rest.split([' ', '&']).next()?.parse().ok())
            };
            page_of(of("&page=").unwrap_or(1), of("per_page=").unwrap_or(IMPORTS))
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
    }

    fn page_of(nth: usize, per_page: usize) -> String {
        let cells: Map<_, _> = (0..400).map(|column| (column.to_string(), json!(""))).collect();
        let row = json!({ "client": cells, "errors": { "0": ["Bad."] } });
        let rows = vec![&row; BYTES / row.to_string().len()];
        let import = |at: usize| {
            json!({
                "uuid": format!("00000000-0000-4000-8000-{:012}", at), "type": "clients",
                "mode": "store", "status": "completed", "total_jobs": 100, "jobs_remaining": 0, "failed_jobs": 100,
                "progress": 100, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
                "errors": rows,
            })
        };
        let (from, to) = ((nth - 1) * per_page, IMPORTS.min(nth * per_page));
        let imports: Vec<_> = (from..to).map(import).collect();
        let next = (to < IMPORTS).then(|| format!("/api/v1/import?per_page={per_page}&page={}", nth + 1));
        json!({ "data": imports, "links": { "next": next } }).to_string()
    }
}
