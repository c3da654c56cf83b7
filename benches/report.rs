//! How long a report of 100,000 rows takes to open and to group, and how much memory, beside reading the same bytes
//! with the `csv` crate and keeping nothing.
//!
//! `cargo bench --bench report`. Each figure is the best of several runs in a process of its own, so that the peak
//! memory (`VmHWM`, Linux only) is its own. A file can be given instead: `cargo bench --bench report -- FILE`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]
#![expect(clippy::print_stdout, reason = "figures are the whole purpose")]

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use plannr_tui::report::fix::Proposals;
use plannr_tui::report::{ApiView, Cancel, FailedRows, Limits, compare, fixup, read, source};
use plannr_tui::simulator::{Life, Options, Shape, Trial, World};

const ROWS: u64 = 100_000;
const RUNS: usize = 7;
const TASKS: [(&str, &str); 10] = [
    ("nothing", "the bytes in memory alone"),
    ("csv", "csv crate, every record read and dropped"),
    ("csv-kept", "csv crate, every record kept"),
    ("open", "report opened as a table"),
    ("group", "opened, problems found, grouped by reason and field"),
    ("fixup", "all that, and every row written as a fix-up CSV"),
    ("values", "opened, grouped, each reason's values judged: all that a screen needs"),
    ("fix", "opened, grouped, and corrections proposed"),
    ("compare", "opened, and compared with itself as an earlier run"),
    ("join", "opened, and joined to itself as the source"),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--measure", task, path] => measure(task, path),
        [path] => print_figures(path),
        _ => {
            let mistakes = Trial::new(7, ROWS as usize).report();
            let files =
                [("simulated", simulated()), ("values quoted", quoting()), ("every mistake", mistakes)];
            for (name, bytes) in files {
                let path = std::env::temp_dir().join(format!("plannr-report-{}.csv", std::process::id()));
                std::fs::write(&path, &bytes).unwrap();
                println!("\n{name}: {} bytes", bytes.len());
                print_figures(path.to_str().unwrap());
                std::fs::remove_file(&path).unwrap();
            }
        }
    }
}

/// A report of the simulated server.
fn simulated() -> Vec<u8> {
    let life = Life::new(7, Shape::Steady, ROWS, 1.0, -1e6, 50.0);
    let world = World::with_lives(&Options::default(), vec![life]);
    let at = Duration::from_secs(60);
    let uuid = world.uuids(at).remove(0);
    let shown = world.answer(&world.get(&format!("/api/v1/import/{uuid}")), at).body;
    let shown: serde_json::Value = serde_json::from_slice(&shown).unwrap();
    let link = ["/error_report/download_url", "/data/error_report/download_url"];
    let link = link.iter().find_map(|at| shown.pointer(at)?.as_str()).unwrap();
    world.answer(&world.get(link.trim_start_matches("http://localhost")), at).body
}

/// The hard case for grouping: 15 columns, and every message different because it quotes its row's value.
fn quoting() -> Vec<u8> {
    let mut text = b"Title,First Name,Surname,Email,Mobile,Born,NI,Address,Town,Postcode,Ref,Salary,Note,Active,errors\n".to_vec();
    for row in 0..ROWS {
        writeln!(
            text,
            "Mrs,Ann{row},Fairweather,ann.{row}@example.com,\"07700 900123\",01/04/1970,QQ{:06}C,\"{} The Street\",Swindon,\"SN1 1AA\",CL-{row:06},{row}.50,\"Called about the transfer\",Yes,\"The email ann.{row}@example.com has already been taken., The born does not match the format Y-m-d.\"",
            row % 1_000_000,
            row % 200,
        )
        .unwrap();
    }
    text
}

/// Runs every task in a process of its own and prints the figures side by side.
fn print_figures(path: &str) {
    println!("{:<55} {:>9} {:>7} {:>9} {:>9}", "", "time", "x csv", "peak", "x bytes");
    let size = std::fs::metadata(path).unwrap().len() as f64;
    let mut plain = f64::NAN;
    for (task, what) in TASKS {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--measure", task, path])
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        let output = String::from_utf8(child.stdout).unwrap();
        let mut figures = output.split_whitespace().map(|figure| figure.parse::<f64>().unwrap());
        let (seconds, peak) = (figures.next().unwrap(), figures.next().unwrap());
        if task == "csv" {
            plain = seconds;
        }
        println!(
            "{what:<55} {:>6.0} ms {:>7.2} {:>6.1} MB {:>9.2}",
            seconds * 1e3,
            seconds / plain,
            peak / 1024.0,
            peak * 1024.0 / size
        );
    }
}

/// Does one task: the best time in seconds and the peak memory of the first run in kB.
fn measure(task: &str, path: &str) {
    let bytes = std::fs::read(path).unwrap();
    let mut best = f64::INFINITY;
    let mut peak = 0;
    for run in 0..RUNS {
        let started = Instant::now();
        perform(task, &bytes);
        best = best.min(started.elapsed().as_secs_f64());
        if run == 0 {
            peak = peak_memory();
        }
    }
    println!("{best} {peak}");
}

fn perform(task: &str, bytes: &[u8]) {
    let limits = Limits::default();
    let open = || FailedRows::read(bytes, &limits, &ApiView::default()).unwrap();
    match task {
        "csv" => {
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
            let mut record = csv::ByteRecord::new();
            while reader.read_byte_record(&mut record).unwrap() {
                black_box(&record);
            }
        }
        "csv-kept" => {
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
            black_box(reader.byte_records().map(Result::unwrap).collect::<Vec<_>>());
        }
        "open" => drop(black_box(read(bytes, &limits).unwrap())),
        "group" => {
            let report = open();
            black_box((report.fields(), report.reasons()));
        }
        "fixup" => {
            let report = open();
            black_box(report.reasons());
            black_box(
                fixup::write(&mut std::io::sink(), &report, 0..report.len(), fixup::Options::default())
                    .unwrap(),
            );
        }
        "values" => {
            let report = open();
            report.prepare().unwrap();
            black_box(&report);
        }
        "fix" => {
            let report = open();
            let proposals = Proposals::of(&report, Date::constant(2026, 11, 23), &Cancel::default());
            black_box(&proposals);
        }
        "compare" => {
            let report = open();
            black_box(compare::compare(&report, &report));
        }
        "join" => {
            let report = open();
            black_box(source::join(&report, report.table()));
        }
        _ => {
            black_box(bytes);
        }
    }
}

/// The most memory this process ever had, in kB; 0 where the system does not tell.
fn peak_memory() -> u64 {
    let Ok(status) = std::fs::File::open("/proc/self/status") else { return 0 };
    let lines = BufReader::new(status).lines().map_while(Result::ok);
    let line = lines.filter(|line| line.starts_with("VmHWM")).last().unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or_default()
}
