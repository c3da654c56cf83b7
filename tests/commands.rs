//! The commands that print and end, the built program against the simulated server: formats, exit codes, streams.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

#[path = "commands/events.rs"]
mod events;
#[path = "commands/several_accounts.rs"]
mod several_accounts;

#[path = "common/pty.rs"]
#[expect(dead_code, reason = "only as much of a terminal as a table needs")]
mod pty;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use plannr_tui::simulator::{Canned, Options, Response, Simulator, World};
use serde_json::Value;

use crate::pty::{ENVIRONMENT, Pty, hermetic};

const PROGRAM: &str = env!("CARGO_BIN_EXE_plannr-tui");
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";
const NAMES: [&str; 20] = [
    "uuid",
    "type",
    "mode",
    "status",
    "total_jobs",
    "jobs_remaining",
    "failed_jobs",
    "progress",
    "created_at",
    "updated_at",
    "account",
    "error_report",
    "succeeded",
    "failed",
    "pending",
    "verdict",
    "counting",
    "account_uuid",
    "firm",
    "profile",
];

fn options(imports: usize) -> Options {
    Options { imports, keep_starting: false, ..Options::default() }
}

fn simulator(imports: usize) -> Simulator {
    let simulator = Simulator::start(options(imports)).unwrap();
    simulator.set_time(Duration::from_secs(600));
    simulator
}

fn command(simulator: &Simulator, arguments: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().envs(ENVIRONMENT).stdin(Stdio::null());
    command.env("PLANNR_BASE_URL", simulator.base_url()).env("PLANNR_ACCESS_TOKEN", simulator.token());
    command.args(arguments.split_whitespace());
    command
}

fn run(simulator: &Simulator, arguments: &str) -> (i32, String, String) {
    outcome(command(simulator, arguments).output().unwrap())
}

fn outcome(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Standard output, with nothing on standard error.
#[track_caller]
fn data(simulator: &Simulator, arguments: &str) -> String {
    let (code, out, stderr) = run(simulator, arguments);
    assert_eq!((code, stderr.as_str()), (0, ""), "{arguments}");
    out
}

fn list(simulator: &Simulator) -> Vec<Value> {
    serde_json::from_str(&data(simulator, "list --since 10y --json")).unwrap()
}

/// The uuid of an import with this verdict.
fn with_verdict(simulator: &Simulator, verdict: &str) -> String {
    let found = list(simulator).into_iter().find(|import| import["verdict"] == verdict);
    found.unwrap_or_else(|| panic!("no import is {verdict}"))["uuid"].as_str().unwrap().to_owned()
}

#[test]
fn every_format_has_the_same_imports_by_the_names_of_the_contract() {
    let simulator = simulator(250);
    let imports = list(&simulator);
    assert_eq!(imports.len(), simulator.world().uuids(simulator.time()).len(), "all pages");
    for import in &imports {
        let names: Vec<_> = import.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, NAMES);
        let truth = simulator.world().truth(import["uuid"].as_str().unwrap(), simulator.time()).unwrap();
        assert_eq!(import["total_jobs"].as_u64().unwrap(), truth.total);
        assert_eq!(import["failed"].as_u64().unwrap(), truth.failed);
        let parts = ["succeeded", "failed", "pending"].map(|name| import[name].as_u64());
        if import["verdict"] == "cancelled" {
            assert!(parts[0].is_none() && parts[2].is_none(), "nobody looked before: {import}");
        } else {
            assert_eq!(truth.total, parts.into_iter().flatten().sum::<u64>());
        }
        assert!(import["created_at"].as_str().unwrap().ends_with('Z'));
    }
    let dates: Vec<_> = imports.iter().map(|import| import["created_at"].as_str().unwrap()).collect();
    assert!(dates.is_sorted_by(|a, b| a >= b), "newest first");

    let lines = data(&simulator, "list --since 10y --ndjson");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, imports);
    let tabs = data(&simulator, "list --since 10y");
    let csv = data(&simulator, "list --since 10y --csv");
    let mut records = csv::Reader::from_reader(csv.as_bytes());
    let header: Vec<_> = records.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(tabs.lines().next().unwrap().split('\t').collect::<Vec<_>>(), header);
    for ((record, line), import) in records.records().zip(tabs.lines().skip(1)).zip(&imports) {
        let record = record.unwrap();
        assert_eq!(record.iter().collect::<Vec<_>>(), line.split('\t').collect::<Vec<_>>());
        for (name, cell) in header.iter().zip(&record) {
            let member = name.split('.').fold(import, |value, part| &value[part]);
            let expected = if member.is_null() { String::new() } else { member.to_string().replace('"', "") };
            assert_eq!(cell, expected, "{name}");
        }
    }
    assert_eq!(tabs.lines().count(), imports.len() + 1);
}

#[test]
fn the_filter_the_order_and_the_mask_act() {
    let simulator = simulator(40);
    let of = |arguments: &str| -> Vec<Value> {
        serde_json::from_str(&data(&simulator, &format!("list --since 10y --json {arguments}"))).unwrap()
    };
    let failed = of("--filter failed:>0 --sort failed");
    let numbers: Vec<_> = failed.iter().map(|import| import["failed"].as_u64().unwrap()).collect();
    assert!(numbers.len() > 3 && numbers.is_sorted_by(|a, b| a >= b) && !numbers.contains(&0), "{numbers:?}");
    let reversed = of("--filter failed:>0 --sort failed --reverse");
    assert!(reversed[0]["failed"].as_u64() <= reversed[1]["failed"].as_u64());
    let (oldest_first, mut newest_first) = (of("--reverse"), of(""));
    newest_first.reverse();
    assert_eq!(oldest_first, newest_first);
    assert_eq!(of("--sort by"), of("--sort person"));
    assert!(of("--types clients").iter().all(|import| import["type"] == "clients"));
    assert!(of("--redact").iter().all(|import| import["account"]["name"].as_str().unwrap().contains("•••")));
}

#[test]
fn an_empty_result_names_what_restricted_it() {
    let simulator = simulator(40);
    for (arguments, out, message) in [
        ("--filter uuid:nothing --json", "[]\n", "none of the 40 imports created since "),
        ("--filter uuid:nothing --ndjson", "", " matches the filter uuid:nothing\n"),
        ("--until 2001-01-01 --ndjson", "", " until 2001-01-01\n"),
        ("--types nonsense --modes update --ndjson", "", " match --types, --modes\n"),
    ] {
        let since = if arguments.contains("2001") { "2000-01-01" } else { "10y" };
        let (code, found, stderr) = run(&simulator, &format!("list --since {since} {arguments}"));
        assert_eq!((code, found.as_str()), (0, out), "{arguments}: {stderr}");
        assert!(stderr.contains(message) && stderr.lines().count() == 1, "{arguments}: {stderr}");
    }
    let clean = with_verdict(&simulator, "done");
    for (arguments, out, message) in [
        (format!("errors {clean} --rows"), "", "plannr-tui: no failed rows\n"),
        (
            "wait --all-running --since 10y --types nonsense --filter is:running --json".to_owned(),
            "[]\n",
            "plannr-tui: no imports are running that match --types, --filter\n",
        ),
    ] {
        let (code, found, stderr) = run(&simulator, &arguments);
        assert_eq!((code, stderr.as_str()), (0, message), "{arguments}");
        assert_eq!(found, out, "{arguments}");
    }
}

#[test]
fn columns_and_limit_choose_what_list_prints() {
    let simulator = simulator(250);
    let all = list(&simulator);
    let newest = data(&simulator, "list --since 10y --limit 3 --json");
    assert_eq!(serde_json::from_str::<Vec<Value>>(&newest).unwrap(), all[..3]);
    let failed: Vec<_> = all.iter().filter(|import| import["failed"] != 0).take(150).collect();
    let lines = data(
        &simulator,
        "list --since 10y --filter failed:>0 --limit 150 --columns Failed,uuid,state,by,import,eta",
    );
    let mut lines = lines.lines();
    assert_eq!(lines.next(), Some("failed\tuuid\tstate\tby\timport\teta"));
    for (line, import) in lines.by_ref().zip(&failed) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let name = format!("{} {}", text(&import["type"]), text(&import["mode"]));
        let cells = [
            import["failed"].to_string(),
            text(&import["uuid"]),
            text(&import["verdict"]),
            text(&import["account"]["name"]),
            name,
            String::new(),
        ];
        assert_eq!(line.split('\t').collect::<Vec<_>>(), cells);
    }
    assert!(failed.len() > 20 && lines.next().is_none());
    for (arguments, message) in [
        ("--limit 0", "use a number from 1"),
        ("--columns uuid,progess", "did you mean progress?"),
        ("--columns uuid --json", "cannot be used with"),
    ] {
        let (code, out, stderr) = run(&simulator, &format!("list {arguments}"));
        assert_eq!((code, out.as_str()), (2, ""), "{arguments}");
        assert!(stderr.contains(message), "{arguments}: {stderr}");
    }
}

#[test]
fn wait_prints_the_same_objects_as_list() {
    let simulator = simulator(40);
    let listed = list(&simulator).into_iter().find(|import| import["verdict"] == "done").unwrap();
    assert!(listed["account"]["name"].is_string());
    let waited = data_of_wait(&simulator, listed["uuid"].as_str().unwrap());
    assert_eq!(waited, [listed]);
}

fn data_of_wait(simulator: &Simulator, uuid: &str) -> Vec<Value> {
    let (code, out, stderr) = run(simulator, &format!("wait {uuid} --json"));
    assert_eq!(code, 0, "{stderr}");
    serde_json::from_str(&out).unwrap()
}

/// A pipe that takes only what it has room for, and a reader that takes a byte at a time.
#[test]
fn a_pipe_that_does_not_block_gets_everything() {
    let simulator = simulator(250);
    let whole = data(&simulator, "list --since 10y --json");
    assert!(whole.len() > 100_000, "more than a pipe holds");
    let (mut reader, writer) = std::io::pipe().unwrap();
    let flags = rustix::fs::fcntl_getfl(&writer).unwrap();
    rustix::fs::fcntl_setfl(&writer, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
    let mut command = command(&simulator, "list --since 10y --json");
    let mut child = command.stdout(writer).spawn().unwrap();
    // Its copy of the pipe would keep the reader waiting.
    drop(command);
    let (mut read, mut byte) = (Vec::new(), [0]);
    while reader.read(&mut byte).unwrap() == 1 {
        read.push(byte[0]);
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(read == whole.as_bytes(), "{} of {} bytes", read.len(), whole.len());
}

#[test]
fn who_reads_no_further_ends_it_silently() {
    let simulator = simulator(250);
    for format in ["--ndjson", "--csv", "--json", ""] {
        let mut child = command(&simulator, &format!("list --since 10y {format}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (code, _, stderr) = outcome(child.wait_with_output().unwrap());
        assert_eq!((code, stderr.as_str()), (0, ""), "{format}");
    }
}

#[test]
fn faults_end_it_with_the_code_that_scripts_expect() {
    let simulator = simulator(40);
    let (uuid, failed) = (with_verdict(&simulator, "done"), with_verdict(&simulator, "done_with_failures"));
    let running = with_verdict(&simulator, "running");
    for (arguments, code, message) in [
        (format!("wait {uuid}"), 0, "1,"),
        (format!("wait {uuid} {failed} --csv"), 3, "failed"),
        (format!("wait {running} --timeout 1s --json"), 6, "timed out after 1s: 0 of 1 import settled"),
        (format!("wait {NOBODY} --interval 500ms"), 1, "the account in use has no import"),
        ("wait".to_owned(), 2, "--all-running"),
        (format!("wait {uuid} --all-running"), 2, "cannot be used with"),
        ("list --since nonsense".to_owned(), 2, "--since"),
        ("list --filter is:nonsense".to_owned(), 2, "--filter"),
        (format!("report {uuid} --since 7d"), 2, "--since: only narrows a list"),
        (String::new(), 2, "plannr-tui list"),
    ] {
        let (found, out, stderr) = run(&simulator, &arguments);
        assert_eq!(found, code, "{arguments}: {stderr}");
        assert!(code == 0 || stderr.contains(message), "{arguments}: {stderr}");
        assert_eq!(out.is_empty(), matches!(code, 1 | 2), "{arguments}: {out}");
    }
    for line in ["list", "accounts", &format!("wait {running} --timeout 1h")] {
        let refused = command(&simulator, line).env("PLANNR_ACCESS_TOKEN", "wrong").output().unwrap();
        let (code, out, stderr) = outcome(refused);
        assert_eq!((code, out.as_str()), (4, ""), "{line}");
        assert!(stderr.contains("does not accept the token (401)"), "{stderr}");
    }
    simulator.on_request(|_| Some(Canned::Answer(Response::error(503, "No."))));
    for line in ["list --retry-for 0s", "accounts --retry-for 0s"] {
        let (code, out, stderr) = run(&simulator, line);
        assert_eq!((code, out.as_str()), (5, ""), "{line}: {stderr}");
    }
    let (code, _, stderr) = run(&simulator, &format!("wait {running} --timeout 2s"));
    assert_eq!(code, 6, "retried until the timeout: {stderr}");
    assert!(stderr.contains("server error (503): retrying in "), "{stderr}");
}

/// Two connections in a row that close, a rate limit, and from then on hardly a request left.
#[test]
fn a_command_that_runs_once_rides_out_what_passes_and_holds_back_for_nothing_else() {
    let simulator = simulator(250);
    let (world, mut asked) = (World::new(&options(250)), 0);
    simulator.on_request(move |request| {
        asked += 1;
        Some(match asked {
            1 | 2 => Canned::Drop,
            3 => Canned::Answer(Response::error(429, "Too Many Attempts.").with("retry-after", "4")),
            _ => Canned::Answer(
                world.answer(request, Duration::from_secs(600)).with("x-ratelimit-remaining", "0"),
            ),
        })
    });
    let (code, out, stderr) = run(&simulator, "list --since 10y --json");
    assert_eq!((code, out.starts_with('[')), (0, true), "{stderr}");
    assert!(stderr.contains("too many requests (429): retrying in 4s"), "{stderr}");
}

#[test]
fn a_wait_ends_with_its_imports_and_prints_them() {
    let options = Options { imports: 20, keep_starting: false, speed: 600.0, ..Options::default() };
    let simulator = Simulator::start(options).unwrap();
    let (code, out, stderr) =
        run(&simulator, "wait --all-running --since 10y --interval 500ms --timeout 60s --ndjson");
    assert!(matches!(code, 0 | 3), "{code}: {stderr}");
    let imports: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let stopped = |import: &Value| import["verdict"] == "failed" || import["verdict"] == "cancelled";
    assert!(imports.iter().all(|import| import["pending"] == 0 || stopped(import)), "{out}");
    let spoilt = imports.iter().any(|import| import["failed"] != 0 || stopped(import));
    assert_eq!(spoilt, code == 3);
}

#[test]
fn accounts_marks_the_one_in_use() {
    let simulator = simulator(5);
    let accounts: Vec<Value> = serde_json::from_str(&data(&simulator, "accounts --json")).unwrap();
    let in_use: Vec<_> = accounts.iter().filter(|account| account["in_use"] == true).collect();
    assert_eq!(in_use.len(), 1);
    assert_eq!(in_use[0]["uuid"], simulator.account());
    let tabs = data(&simulator, "accounts");
    assert_eq!(tabs.lines().next(), Some("in_use\tuuid\tfirm\tname\trole\ttype\tprofile"));
    assert_eq!(tabs.lines().count(), accounts.len() + 1);
}

#[test]
fn completions_and_man_page_know_everything_and_need_nothing() {
    let stdout_of = |arguments: &[&str]| {
        let output = Command::new(PROGRAM).env_clear().env("PLANNR_INTERVAL", "x").args(arguments).output();
        let (code, out, stderr) = outcome(output.unwrap());
        assert_eq!((code, stderr.as_str()), (0, ""), "{arguments:?}");
        out
    };
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout_of(&["completions", shell]);
        for name in ["accounts", "all-running", "ndjson", "base-url"] {
            assert!(script.contains(name), "{shell}: {name}");
        }
    }
    let man = stdout_of(&["man"]).replace("\\-", "-");
    for text in [
        ".SH KEYS",
        "plannr-tui/config.toml",
        ".SH ENVIRONMENT",
        "PLANNR_ACCESS_TOKEN",
        ".SH \"EXIT STATUS\"",
        "is:stalled",
        "plannr-tui wait",
        "--all-running",
        "--all-accounts",
        "one step back",
        "wait: timed out",
    ] {
        assert!(man.contains(text), "{text}");
    }
}

/// What a shell suggests for the last of these words; `None` where it is not installed.
fn suggested(shell: &str, words: &[&str], wanted: [&str; 2]) -> Option<String> {
    const BASH: &str = r#"source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
function=$(complete -p plannr-tui); function=${function#*-F }; function=${function%% *}
"$function" plannr-tui "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}""#;
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("_plannr-tui");
    let generated = Command::new(PROGRAM).args(["completions", shell]).output().unwrap().stdout;
    std::fs::write(&script, generated).unwrap();
    if shell == "zsh" {
        return suggested_by_zsh(folder.path(), &words.join(" "), wanted);
    }
    let mut command = Command::new(shell);
    command.env_clear().envs(ENVIRONMENT).env("HOME", folder.path()).current_dir(folder.path());
    match shell {
        "bash" => command.args(["--norc", "--noprofile", "-c", BASH, shell]).arg(&script).args(words),
        _ => {
            let line = words.join(" ");
            command
                .args(["--no-config", "-c", "source $argv[1]; complete -C $argv[2]"])
                .arg(&script)
                .arg(line)
        }
    };
    let output = command.output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap())
}

/// zsh completes only on a terminal, so this waits until it shows what is wanted.
fn suggested_by_zsh(folder: &Path, line: &str, wanted: [&str; 2]) -> Option<String> {
    let zsh = ["/usr/bin/zsh", "/bin/zsh"].into_iter().find(|path| Path::new(path).exists())?;
    let mut command = hermetic(zsh);
    command.args(["-f", "-i"]);
    command.env("HOME", folder);
    let mut pty = Pty::start(command, 120, 50);
    let begin = format!(
        "PROMPT='ready> '; fpath=({} $fpath); autoload -Uz compinit; compinit -u -D; clear; echo be''gun\r",
        folder.display()
    );
    pty.keys(&begin).shows("begun").keys(line).shows(line.trim_end()).keys("\t");
    for word in wanted {
        pty.shows(word);
    }
    pty.keys("\x15exit\r").end();
    Some(wanted.join(" "))
}

#[test]
fn shells_complete_behind_the_command_and_know_closed_sets() {
    for shell in ["bash", "zsh", "fish"] {
        for (words, wanted) in [
            (&["plannr-tui", "list", "--sort", ""][..], ["started", "progress"]),
            (&["plannr-tui", "completions", ""], ["powershell", "elvish"]),
            (&["plannr-tui", "--theme", ""], ["dark", "light"]),
            (&["plannr-tui", "list", "--modes", ""], ["update", "validate"]),
            (&["plannr-tui", "list", "--columns", ""], ["uuid", "started"]),
            (&["plannr-tui", "config", ""], ["init", "show"]),
            (&["plannr-tui", "wait", "--all-r"], ["--all-running", "running"]),
        ] {
            let Some(suggested) = suggested(shell, words, wanted) else { continue };
            assert!(wanted.iter().all(|word| suggested.contains(word)), "{shell} {words:?}: {suggested}");
        }
    }
}

#[test]
fn a_terminal_gets_a_table_that_fits_with_colour_where_wanted() {
    let simulator = simulator(40);
    for (width, no_colour) in [(80, false), (120, true)] {
        let mut command = hermetic(PROGRAM);
        command.env("PLANNR_BASE_URL", simulator.base_url());
        command.env("PLANNR_ACCESS_TOKEN", simulator.token());
        if no_colour {
            command.env("NO_COLOR", "1");
        }
        command.args(["list", "--since", "10y", "--filter", "failed:>0"]);
        let left = Pty::start(command, width, 60).end();
        assert_eq!(left.code, Ok(0));
        let first = left.screen.lines().next().unwrap();
        assert!(first.starts_with("UUID") && first.contains("FAILED"), "{}", left.screen);
        assert_eq!(first.contains("STARTED"), width == 120, "{first}");
        let coloured = String::from_utf8_lossy(&left.bytes).contains("\u{1b}[38;5;");
        assert_eq!(coloured, !no_colour);
    }
}

#[test]
fn the_example_in_the_documentation_is_what_the_program_prints() {
    let simulator = simulator(40);
    let out = data(&simulator, "list --since 10y --filter is:failed --json");
    let imports: Vec<Value> = serde_json::from_str(&out).unwrap();
    let example = serde_json::to_string_pretty(&imports[..1]).unwrap();
    let example = example.replace(&simulator.base_url(), "https://api.plannrcrm.com");
    let page = include_str!("../docs/scripting.md");
    let there = page.split_once("<!-- example -->\n```json\n").unwrap().1.split_once("\n```").unwrap().0;
    assert_eq!(there, example, "today's:\n{example}");
}

#[test]
fn the_commands_in_the_documentation_are_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guides = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut commands = 0;
    for path in guides.chain([root.join("README.md")]) {
        let page = std::fs::read_to_string(&path).unwrap();
        let mut is_code = false;
        for line in page.lines().map(str::trim) {
            is_code ^= line.starts_with("```");
            if !is_code || !line.starts_with("plannr-tui ") {
                continue;
            }
            let line = line.replace("$IMPORT", NOBODY).replace("$account", NOBODY);
            let words = shlex::split(&line).unwrap().into_iter();
            let ends = |word: &str| word.starts_with(['|', '>', '&', ';']);
            let cli = plannr_tui::cli::Cli::read(words.take_while(|word| !ends(word)));
            assert!(cli.is_ok(), "{}: {line}: {}", path.display(), cli.unwrap_err());
            commands += 1;
        }
    }
    assert!(commands >= 12, "{commands}");
}
