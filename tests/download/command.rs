//! `plannr-tui report`, the built program: where the file goes, what is said, and with which code it ends.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use plannr_tui::domain::import::Import;
use plannr_tui::domain::tally::{Counting, Tally};
use plannr_tui::simulator::{Canned, Response, Simulator};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::pty::{ENVIRONMENT, Pty, hermetic};
use crate::{always, client, first, imports, is_file, nobody, reported, simulator};

/// A server, the import with its longest report, and a folder to work in.
pub(crate) struct Stage {
    pub(crate) simulator: Simulator,
    pub(crate) import: Import,
    report: Vec<u8>,
    pub(crate) folder: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let simulator = simulator();
        let (import, report) = block_on(reported(&simulator));
        Self { simulator, import, report, folder: tempfile::tempdir().unwrap() }
    }

    fn command(&self, arguments: &str) -> Command {
        self.program(&format!("report {arguments}"))
    }

    /// `plannr-tui` with these arguments against the server.
    pub(crate) fn program(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plannr-tui"));
        command.env_clear().envs(ENVIRONMENT).current_dir(&self.folder).stdin(Stdio::null());
        command.env("PLANNR_BASE_URL", self.simulator.base_url());
        command.env("PLANNR_ACCESS_TOKEN", self.simulator.token());
        command.args(arguments.split_whitespace());
        command
    }

    /// `plannr-tui report UUID` and more.
    fn run(&self, more: &str) -> Ended {
        self.command(&format!("{} {more}", self.import.id)).output().unwrap().into()
    }

    /// The files in the folder.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn holds_the_report(&self, file: &str) -> bool {
        fs::read(self.folder.path().join(file)).unwrap() == self.report
    }
}

#[derive(Debug, PartialEq)]
struct Ended {
    code: Option<i32>,
    out: Vec<u8>,
    words: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let words = String::from_utf8(output.stderr).unwrap();
        Self { code: output.status.code(), out: output.stdout, words }
    }
}

impl Ended {
    #[track_caller]
    fn with_path(&self, path: &str) {
        let out = String::from_utf8_lossy(&self.out);
        assert_eq!((self.code, out.as_ref()), (Some(0), format!("{path}\n").as_str()), "{}", self.words);
    }

    #[track_caller]
    fn refused(&self, code: i32, words: &str) {
        assert_eq!((self.code, self.out.len()), (Some(code), 0), "{}", self.words);
        assert!(self.words.contains(words), "{}", self.words);
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn the_report_becomes_a_file_and_its_path_is_printed() {
    let stage = Stage::new();
    let name = format!("{}-errors.csv", stage.import.kind.as_str().replace('_', "-"));
    let numbered = name.replace(".csv", " (2).csv");
    let ended = stage.run("");
    ended.with_path(&name);
    assert!(ended.words.ends_with(&format!("plannr-tui: saved {:.1} kB\n", stage.report.len() as f64 / 1e3)));
    let mode = stage.folder.path().join(&name).metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    stage.run("").with_path(&numbered);
    assert!(stage.holds_the_report(&name) && stage.holds_the_report(&numbered));

    // Replaced only where that is meant; a path, a folder.
    fs::write(stage.folder.path().join("mine.csv"), "mine").unwrap();
    let refused = stage.run("-o mine.csv");
    assert!(
        refused.words.contains("mine.csv") && refused.words.contains("--force replaces it"),
        "{}",
        refused.words
    );
    assert_eq!(refused.code, Some(1));
    assert_eq!(fs::read(stage.folder.path().join("mine.csv")).unwrap(), b"mine");
    stage.run("-o mine.csv --force").with_path("mine.csv");
    assert!(stage.holds_the_report("mine.csv"));
    fs::create_dir(stage.folder.path().join("reports")).unwrap();
    let masked = stage.run("-o reports --redact");
    // Redacted, a file is not called by what the server calls it.
    masked.with_path("reports/error-report.csv");
    assert!(masked.words.ends_with(", not masked\n") && stage.holds_the_report("reports/error-report.csv"));
    stage.run("--output=reports/ --force").with_path(&format!("reports/{name}"));
    let mut all = [&*numbered, &*name, "mine.csv", "reports"];
    all.sort_unstable();
    assert_eq!(stage.files(), all);
}

#[test]
fn to_standard_output_goes_the_report_and_nothing_else() {
    let stage = Stage::new();
    let ended = stage.run("-o -");
    assert!(ended.code == Some(0) && ended.out == stage.report, "{}", ended.words);
    // All or nothing: an interrupted report is not begun.
    always(&stage.simulator, Canned::DropMidBody);
    stage.run("-o - --retry-for 0s").refused(5, "connection closed unexpectedly");
    first(&stage.simulator, []);
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let ended = stage.command(&format!("{} -o -", stage.import.id)).stdout(full).output().unwrap();
    Ended::from(ended).refused(1, "cannot write to stdout: No space left on device");
    assert_eq!(stage.files(), [""; 0]);
}

#[test]
fn a_hostile_name_stays_in_the_folder() {
    let stage = Stage::new();
    let name = "attachment; filename=\"../../.evil.csv\"; filename*=UTF-8''%2Ftmp%2F..%2F%E2%80%AE.CON.csv";
    let answer = Response::new(200, "text/csv", stage.report.clone()).with("content-disposition", name);
    always(&stage.simulator, Canned::Answer(answer));
    stage.run("").with_path("_CON.csv");
    assert!(stage.holds_the_report("_CON.csv"));
}

#[test]
fn a_dropped_connection_is_reported_and_resumed() {
    let stage = Stage::new();
    first(&stage.simulator, [Canned::DropMidBody]);
    let ended = stage.run("-o out.csv");
    ended.with_path("out.csv");
    assert!(stage.holds_the_report("out.csv"));
    let notice = ": connection closed unexpectedly: retrying in ";
    assert!(ended.words.replace(';', ":").contains(notice), "{}", ended.words);
}

#[test]
fn failures_are_reported_with_the_code_that_scripts_expect() {
    let stage = Stage::new();
    stage
        .run("-o missing/out.csv")
        .refused(1, "the folder missing does not exist: create it or choose another");
    stage.run("-o /dev/null --force").refused(1, "/dev/null is not a regular file: choose another name");
    stage.run("--retry-for soon").refused(2, "not a duration");
    let other = stage.command(&nobody().to_string()).output().unwrap();
    Ended::from(other).refused(1, &format!("the account in use has no import {}", nobody()));
    let other = stage.command(stage.import.id.as_str()).env_remove("PLANNR_ACCESS_TOKEN").output().unwrap();
    Ended::from(other).refused(4, "PLANNR_ACCESS_TOKEN");
    let other = stage.command(stage.import.id.as_str()).env("PLANNR_ACCESS_TOKEN", "wrong").output().unwrap();
    Ended::from(other).refused(4, "Plannr does not accept the token (401)");
    let refused = |status: u16| Canned::Answer(Response::error(status, "No."));
    for (canned, code, words) in [
        (refused(503), 5, "server error (503)"),
        (refused(429), 5, "too many requests (429)"),
        (refused(403), 4, "Plannr does not allow this (403): No; "),
        (refused(410), 1, "127.0.0.1 no longer has the report (410)"),
        (Canned::Answer(Response::new(200, "text/html", "<html>")), 5, "a web page"),
    ] {
        always(&stage.simulator, canned);
        stage.run("--retry-for 0s").refused(code, words);
    }
    stage.simulator.on_request(move |request| (!is_file(request)).then(|| refused(500)));
    stage.run("--retry-for 0s").refused(5, "server error (500)");
    assert_eq!(stage.files(), [""; 0]);
}

#[test]
fn an_import_without_a_report_says_why() {
    let stage = Stage::new();
    let imports = block_on(async { imports(&client(&stage.simulator)).await });
    let without = |wanted: &dyn Fn(&Tally) -> bool| {
        let fits = |import: &&Import| {
            import.report().is_none() && wanted(&Tally::new(&import.counts, Counting::Batch))
        };
        let import = imports.iter().find(fits).unwrap();
        Ended::from(stage.command(import.id.as_str()).output().unwrap())
    };
    without(&|tally| tally.is_settled() && tally.failed() == 0)
        .refused(1, "has no error report: no row failed");
    without(&|tally| tally.pending() > Some(0)).refused(1, "still pending");
}

#[test]
fn a_signal_ends_it_and_leaves_nothing_behind() {
    let stage = Stage::new();
    always(&stage.simulator, Canned::SlowDrip { bytes_per_second: 100 });
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut child = stage
            .command(&format!("{} -o out.csv", stage.import.id))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The first word on progress: the file is begun.
        let mut words = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut words).unwrap();
        assert!(words.starts_with("plannr-tui: 0 B of "), "{words}");
        let [begun] = &stage.files()[..] else { panic!("{:?}", stage.files()) };
        assert!(begun.starts_with(".plannr-tui-") && begun.ends_with(".part"), "{begun}");
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(stage.files(), [""; 0]);
    }
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next_one_which_says_so() {
    let stage = Stage::new();
    always(&stage.simulator, Canned::SlowDrip { bytes_per_second: 100 });
    let mut child = stage
        .command(&format!("{} -o out.csv", stage.import.id))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut words = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut words).unwrap();
    let save = || {
        let limits = Canned::SlowDrip { bytes_per_second: 100_000_000 };
        always(&stage.simulator, limits);
        let output = stage.command(stage.import.id.as_str()).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let beside_it = save();
    assert!(!beside_it.contains("removed"), "{beside_it}");
    assert_eq!(stage.files().len(), 2, "the one under way is left alone: {:?}", stage.files());

    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    assert_eq!(stage.files().len(), 2, "{:?}", stage.files());
    let after_it = save();
    assert!(after_it.contains("plannr-tui: removed an unfinished file from an earlier run\n"), "{after_it}");
    assert!(stage.files().iter().all(|name| !name.ends_with(".part")), "{:?}", stage.files());
}

#[test]
fn a_terminal_sees_a_bar_that_goes_away_and_never_the_report() {
    let stage = Stage::new();
    let rate = u32::try_from(stage.report.len() / 2).unwrap();
    always(&stage.simulator, Canned::SlowDrip { bytes_per_second: rate });
    let command = |more: &[&str]| {
        let mut command = hermetic(Path::new(env!("CARGO_BIN_EXE_plannr-tui")));
        command.env("PLANNR_BASE_URL", stage.simulator.base_url());
        command.env("PLANNR_ACCESS_TOKEN", stage.simulator.token());
        command.cwd(stage.folder.path());
        command.args(["report", stage.import.id.as_str()]);
        command.args(more);
        command
    };
    let mut terminal = Pty::start(command(&["-o", "out.csv"]), 100, 10);
    terminal.shows("▁ ").shows("kB/s");
    let left = terminal.end();
    assert_eq!(left.code, Ok(0));
    let lines: Vec<_> = left.screen.lines().collect();
    assert!(
        matches!(lines.as_slice(), [saved, "out.csv"] if saved.starts_with("plannr-tui: saved ")),
        "{lines:?}"
    );
    assert!(stage.holds_the_report("out.csv"));

    let left = Pty::start(command(&["-o", "-"]), 100, 10).end();
    assert_eq!(left.code, Ok(2));
    assert!(left.screen.contains("give a file with -o, or use a pipe"), "{}", left.screen);
}
