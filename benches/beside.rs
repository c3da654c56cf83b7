//! Beside the programs that people would use otherwise, for the work they share: csvlens, jless, less, fzf, and curl with
//! jq. Those that are not installed are left out.
//!
//! `cargo bench --bench beside`. Each works on the same imports of the simulated server, ours from the server, the others
//! from a file (which they need not wait for).
#![cfg_attr(
    unix,
    expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a measurement that cannot be made fails"
    )
)]
#![expect(clippy::print_stdout, reason = "figures are the whole purpose")]

#[cfg(unix)]
#[path = "common/figures.rs"]
#[expect(dead_code, reason = "other benches use the rest")]
mod figures;
#[cfg(unix)]
#[path = "../tests/common/pty.rs"]
#[expect(dead_code, clippy::panic, reason = "tests/pty.rs uses the rest")]
mod pty;

#[cfg(not(unix))]
fn main() {
    println!("not measured: it takes a Unix pseudo-terminal");
}

#[cfg(unix)]
fn main() {
    measured::screens();
    measured::records();
    measured::filters();
}

#[cfg(unix)]
mod measured {
    use std::fs::{self, File};
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};
    use std::sync::Arc;
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use plannr_tui::app::import_list::ImportList;
    use plannr_tui::domain::Now;
    use plannr_tui::domain::page::Samples;
    use plannr_tui::domain::snapshot::Snapshot;
    use plannr_tui::query::Query;
    use plannr_tui::simulator::{Options, Simulator, World};
    use portable_pty::CommandBuilder;
    use tempfile::TempDir;
    use url::Url;

    use crate::figures::{Times, head, ratio, row, time, timed};
    use crate::pty::{Pty, hermetic, plannr_tui};

    const SIZE: (u16, u16) = (200, 50);
    const IMPORTS: usize = 500;
    const MANY: usize = 100_000;
    const STARTS: usize = 9;
    const KEYS: usize = 60;
    const RUNS: usize = 7;
    /// Between two keys: whoever types fast.
    const TYPING: Duration = Duration::from_millis(30);
    /// Details are asked for, files are read to their ends.
    const SETTLING: Duration = Duration::from_secs(2);

    fn options(imports: usize) -> Options {
        Options {
            imports,
            running: Some(0),
            keep_starting: false,
            start: Timestamp::now(),
            ..Options::default()
        }
    }

    fn simulator() -> Simulator {
        let simulator = Simulator::start(options(IMPORTS)).unwrap();
        simulator.set_time(Duration::from_secs(1));
        simulator
    }

    /// A program of the search path, if it is installed.
    fn installed(name: &str) -> Option<PathBuf> {
        let paths = std::env::var_os("PATH")?;
        let found = std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.is_file());
        if found.is_none() {
            println!("{name} is not installed: left out");
        }
        found
    }

    /// Ours, with what it needs to know of the server.
    fn ours(simulator: &Simulator, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plannr-tui"));
        command.args(arguments).env("HOME", "/nonexistent").stdin(Stdio::null());
        command.env("PLANNR_BASE_URL", simulator.base_url()).env("PLANNR_ACCESS_TOKEN", simulator.token());
        command
    }

    /// The imports in a file, as ours prints them.
    fn file(simulator: &Simulator, folder: &TempDir, arguments: &[&str], name: &str) -> PathBuf {
        let path = folder.path().join(name);
        let status = ours(simulator, arguments).stdout(File::create(&path).unwrap()).status().unwrap();
        assert!(status.success());
        path
    }

    fn on(program: &Path, file: &Path) -> CommandBuilder {
        let mut command = hermetic(program);
        command.arg(file);
        command
    }

    pub(crate) fn screens() {
        let (simulator, folder) = (simulator(), TempDir::new().unwrap());
        let mut monitor = plannr_tui();
        monitor.env("PLANNR_BASE_URL", simulator.base_url());
        monitor.env("PLANNR_ACCESS_TOKEN", simulator.token());
        let csv = file(&simulator, &folder, &["list", "--csv"], "imports.csv");
        let json = file(&simulator, &folder, &["list", "--json"], "imports.json");
        let mut programs = vec![("plannr-tui", monitor, "done")];
        for (name, file, shows) in
            [("csvlens", &csv, "uuid"), ("jless", &json, "uuid"), ("less", &csv, "uuid")]
        {
            programs.extend(installed(name).map(|program| (name, on(&program, file), shows)));
        }
        println!("\n{IMPORTS} imports, {}×{}", SIZE.0, SIZE.1);
        head(["", "start to first rows", "key to paint (`j`, `k`)", "99 %", "bytes of `j`"]);
        let of = |(name, command, shows): &(&str, CommandBuilder, &str)| {
            let starts = (0..STARTS).map(|_| {
                let began = Instant::now();
                let mut pty = Pty::start(command.clone(), SIZE.0, SIZE.1);
                let shown = pty.shows(shows).arrived() - began;
                pty.keys("q");
                shown
            });
            let start = Times::of(starts.collect()).median();
            let (keys, bytes) = keys(command.clone(), shows);
            row([*name, &time(start), &time(keys.median()), &time(keys.p99()), &(bytes / KEYS).to_string()]);
        };
        programs.iter().for_each(of);
    }

    /// How long each key takes to change the screen, and how many bytes all of them make the program write.
    fn keys(command: CommandBuilder, shows: &str) -> (Times, usize) {
        let mut pty = Pty::start(command, SIZE.0, SIZE.1);
        pty.shows(shows);
        sleep(SETTLING);
        let written = pty.bytes().len();
        let times = (0..KEYS).map(|nth| {
            sleep(TYPING);
            pty.bytes();
            // Some move a highlight, and no text.
            let before = pty.picture().contents_formatted();
            let key = if nth / 20 % 2 == 0 { "j" } else { "k" };
            let pressed = Instant::now();
            pty.keys(key).until("another screen", |screen| screen.contents_formatted() != before);
            pty.arrived() - pressed
        });
        let times = Times::of(times.collect());
        sleep(TYPING);
        let bytes = pty.bytes().len() - written;
        pty.keys("q");
        (times, bytes)
    }

    /// All imports as a line of JSON each.
    pub(crate) fn records() {
        let simulator = simulator();
        println!("\n{IMPORTS} imports as lines of JSON");
        head(["", "time"]);
        let median = |command: &mut dyn FnMut() -> Command| {
            let printed = command().output().unwrap().stdout;
            assert_eq!(printed.split(|byte| *byte == b'\n').count(), IMPORTS + 1);
            let run = |_| {
                let mut command = command();
                command.stdout(Stdio::null());
                timed(|| assert!(command.status().unwrap().success()))
            };
            Times::of((0..RUNS).map(run).collect()).median()
        };
        let ours = median(&mut || ours(&simulator, &["list", "--ndjson"]));
        row(["`plannr-tui list --ndjson`", &time(ours)]);
        if installed("curl").is_some() && installed("jq").is_some() {
            let url =
                format!("{}/api/v1/import?include=initiatedBy&per_page={IMPORTS}", simulator.base_url());
            let script = format!(
                "curl --silent --fail --compressed -H 'accept: application/json' -H 'content-type: application/json' \
                 -H 'authorization: Bearer {}' -H 'x-plannr-account-uuid: {}' '{url}' | jq -c '.data[]'",
                simulator.token(),
                simulator.account(),
            );
            let theirs = median(&mut || {
                let mut command = Command::new("sh");
                command.args(["-c", &script]);
                command
            });
            row(["`curl … | jq -c '.data[]'`", &time(theirs)]);
        }
    }

    /// The imports whose names match a few letters.
    pub(crate) fn filters() {
        println!("\n{MANY} imports, those that match `clients`");
        head(["", "time", "ours ÷ this"]);
        let snapshot = Arc::new(snapshot());
        let filter = |_| {
            let mut list = ImportList::default();
            list.refresh(&snapshot, now());
            list.catch_up(&snapshot, now());
            list.set_query(Query::parse("clients", &TimeZone::UTC).unwrap());
            timed(|| {
                list.refresh(&snapshot, now());
                list.catch_up(&snapshot, now());
                assert!(!list.is_empty());
            })
        };
        let ours = Times::of((0..RUNS).map(filter).collect()).median();
        row(["plannr-tui, in the monitor", &time(ours), "1.00"]);
        if let Some(fzf) = installed("fzf") {
            let names: String = snapshot
                .imports
                .iter()
                .map(|watched| format!("{} {}\n", watched.import.kind.label(), watched.import.id.as_str()))
                .collect();
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("names");
            fs::write(&path, names).unwrap();
            let run = |_| {
                let mut command = Command::new(&fzf);
                command.args(["--filter", "clients"]).stdin(File::open(&path).unwrap()).stdout(Stdio::null());
                timed(|| assert!(command.status().unwrap().success()))
            };
            let theirs = Times::of((0..RUNS).map(run).collect()).median();
            row(["`fzf --filter`, start and reading included", &time(theirs), &ratio(ours, theirs)]);
        }
    }

    fn now() -> Now {
        let up = Duration::from_secs(3);
        Now { up, wall: Options::default().start + up }
    }

    fn snapshot() -> Snapshot {
        let world = World::new(&Options { start: Options::default().start, ..options(MANY) });
        let base = Url::parse("https://api.plannrcrm.com").unwrap();
        (1..=MANY.div_ceil(500)).fold(Snapshot::default(), |snapshot, nth| {
            let path = format!("/api/v1/import?include=initiatedBy&sort=-created_at&per_page=500&page={nth}");
            let answer = world.answer(&world.get(&path), Duration::from_secs(1));
            snapshot.absorb(plannr_tui::api::wire::page(&answer.body, &base, Samples::All).unwrap(), now())
        })
    }
}
