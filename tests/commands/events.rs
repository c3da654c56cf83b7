//! `events`: its hooks, run for real, and its metrics, read as Prometheus reads them.

use std::io::Write as _;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::*;

/// Everything ends within a second or two.
fn fast() -> Simulator {
    let options = Options { imports: 20, keep_starting: false, speed: 600.0, ..Options::default() };
    Simulator::start(options).unwrap()
}

fn with_script(folder: &Path, script: &str) -> String {
    let path = folder.join("hook.sh");
    std::fs::write(&path, script).unwrap();
    format!("sh '{}' {}", path.display(), folder.display())
}

/// A configuration by which the simulated imports are in the period.
fn long_ago(folder: &Path) -> PathBuf {
    let path = folder.join("long-ago.toml");
    std::fs::write(&path, "since = \"10y\"\n").unwrap();
    path
}

/// The events in lines of JSON, by id.
fn events(lines: &str) -> Vec<Value> {
    let mut events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    events.sort_by_key(|event| event["id"].to_string());
    events
}

#[test]
fn a_hook_runs_for_each_chosen_event_and_never_sees_the_token() {
    let (simulator, folder) = (fast(), tempfile::tempdir().unwrap());
    let script = "cat >> $1/seen; echo \"$PLANNR_EVENT_ID\" >> $1/ids; env >> $1/env; exit 3";
    let exec = with_script(folder.path(), script);
    let line = "events --until-idle --json --interval 500ms --on settled";
    let mut command = command(&simulator, line);
    let config = folder.path().join("config.toml");
    let told = folder.path().join("told");
    let hook = format!(
        "since = \"10y\"\n[[hooks]]\non = [\"first_failure\"]\nrun = [\"sh\", \"-c\", \"cat >> '{}'\"]\n",
        told.display()
    );
    std::fs::write(&config, hook).unwrap();
    command.args(["--exec", &exec, "--config"]).arg(&config).env("PLANNR_EVENT_UUID", "of an outer hook");
    let (code, out, stderr) = outcome(command.output().unwrap());
    assert_eq!(code, 0, "{stderr}");
    let of = |kind| events(&out).into_iter().filter(|event| event["event"] == kind).collect::<Vec<_>>();
    let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    assert!(!of("settled").is_empty() && events(&out).len() > of("settled").len(), "{out}");
    assert_eq!(events(&read("seen")), of("settled"));
    assert_eq!(events(&read("told")), of("first_failure"), "the configuration's own");
    assert_eq!(read("ids").lines().count(), of("settled").len());
    let env = read("env");
    assert!(!env.contains(simulator.token()) && !env.contains("PLANNR_ACCESS_TOKEN"), "{env}");
    assert!(!env.contains("of an outer hook"), "{env}");
    let said = stderr.lines().filter(|line| line.ends_with(": failed with exit status 3")).count();
    assert_eq!(said, of("settled").len(), "{stderr}");
}

#[test]
fn a_program_that_was_killed_tells_the_rest_and_the_journal_has_each_event_once() {
    let options = Options { imports: 20, keep_starting: false, speed: 250.0, ..Options::default() };
    let (simulator, folder) = (Simulator::start(options).unwrap(), tempfile::tempdir().unwrap());
    let config = folder.path().join("config.toml");
    std::fs::write(&config, "since = \"10y\"\njournal = true\n").unwrap();
    let events_of = |line: &str| {
        let mut command = command(&simulator, line);
        command.env("PLANNR_CONFIG", &config).env("XDG_STATE_HOME", folder.path().join("state"));
        command
    };
    let mut killed = events_of("events --json --interval 500ms").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(killed.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut told: Vec<String> = lines.by_ref().take(1).collect();
    // What runs now was seen to run.
    let running = data(&simulator, "list --since 10y --json --filter is:running");
    let running: Vec<Value> = serde_json::from_str(&running).unwrap();
    told.extend(lines.by_ref().take(2));
    let mut killed = Ends(killed);
    killed.0.kill().unwrap();
    told.extend(lines);
    let (code, rest, stderr) =
        outcome(events_of("events --json --interval 500ms --until-idle").output().unwrap());
    assert_eq!(code, 0, "{stderr}");
    told.extend(rest.lines().map(str::to_owned));

    let (code, kept, stderr) = outcome(events_of("events --json --since 1h").output().unwrap());
    assert_eq!(code, 0, "{stderr}");
    let ids = |lines: &[String]| -> Vec<String> {
        let json = |line: &String| serde_json::from_str::<Value>(line).unwrap();
        lines.iter().map(|line| json(line)["id"].as_str().unwrap().to_owned()).collect()
    };
    let (mut told, mut kept_ids) = (ids(&told), ids(&kept.lines().map(str::to_owned).collect::<Vec<_>>()));
    told.sort();
    told.dedup();
    kept_ids.sort();
    assert_eq!(kept_ids, told, "each once, whatever was told twice");
    assert!(running.len() > 3);
    for import in &running {
        let uuid = import["uuid"].as_str().unwrap();
        let ends =
            |id: &&String| id.starts_with(&format!("{uuid}.settled.")) || **id == format!("{uuid}.cancelled");
        assert_eq!(told.iter().filter(ends).count(), 1, "{import}: {told:?}");
    }
    let journal = std::fs::read_to_string(folder.path().join("state/plannr-tui/journal.ndjson")).unwrap();
    assert!(!journal.contains("Fairweather") && !journal.contains("@") && !journal.contains("Okaforth"));

    let (code, out, stderr) = outcome(command(&simulator, "events --since 1h").output().unwrap());
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(stderr.contains("journal = true"), "{stderr}");
}

#[test]
fn mistakes_in_the_arguments_name_what_is_valid() {
    let simulator = simulator(5);
    for (line, why) in [
        ("events --exec x --on setled", "settled"),
        ("events --on settled", "--exec"),
        ("events --exec 'x", "not closed"),
        ("events --metrics 0.0.0.0:9184", "reachable by others"),
        ("events --metrics 9184", "write it like 127.0.0.1:9184"),
    ] {
        let (code, out, stderr) = run(&simulator, line);
        assert_eq!((code, out.as_str()), (2, ""), "{line}: {stderr}");
        assert!(stderr.contains(why), "{line}: {stderr}");
    }
}

/// Ends the program where a test fails.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn started(mut command: Command) -> (Ends, impl Iterator<Item = String>) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    (Ends(child), lines)
}

#[test]
fn a_second_signal_ends_hooks_that_still_run() {
    let (simulator, folder) = (fast(), tempfile::tempdir().unwrap());
    let exec = with_script(folder.path(), "echo $$ > $1/pid; mv $1/pid $1/running; exec sleep 600");
    let mut command = command(&simulator, "events --interval 500ms --on settled");
    command.args(["--exec", &exec]).env("PLANNR_CONFIG", long_ago(folder.path()));
    let (mut program, mut stderr) = started(command);
    let running = folder.path().join("running");
    while !running.exists() {
        std::thread::yield_now();
    }
    let program_id = Pid::from_child(&program.0);
    kill_process(program_id, Signal::TERM).unwrap();
    let waits = stderr.find(|line| line.contains("waiting up to 5s for hooks"));
    assert!(waits.is_some(), "it says so");
    kill_process(program_id, Signal::TERM).unwrap();
    assert_eq!(program.0.wait().unwrap().code(), Some(0), "as a service is stopped");
    let hook: i32 = std::fs::read_to_string(running).unwrap().trim().parse().unwrap();
    let gone = || test_kill_process(Pid::from_raw(hook).unwrap()).is_err() || is_zombie(hook);
    while !gone() {
        std::thread::yield_now();
    }
}

/// Killed, though nobody has asked how it ended.
fn is_zombie(process: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default().contains(") Z ")
}

fn get(address: &str, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

#[test]
fn metrics_are_what_list_prints_and_nothing_else_is_served() {
    let (simulator, folder) = (simulator(40), tempfile::tempdir().unwrap());
    let mut command = command(&simulator, "events --metrics 127.0.0.1:0 --all-accounts");
    command.env("PLANNR_CONFIG", long_ago(folder.path()));
    let (_program, mut stderr) = started(command);
    let said = stderr.next().unwrap();
    let address = said.split("http://").nth(1).unwrap().strip_suffix("/metrics").unwrap();
    let scrape = || {
        let (head, body) = get(address, "/metrics");
        assert!(head.starts_with("http/1.1 200") && head.contains("text/plain; version=0.0.4"), "{head}");
        let lines = body.lines().map(|line| Ok(line.to_owned()));
        (prometheus_parse::Scrape::parse(lines).unwrap().samples, body)
    };
    let imports =
        serde_json::from_str::<Vec<Value>>(&data(&simulator, "list --since 10y --json --all-accounts"));
    let imports = imports.unwrap();
    let value = |sample: &prometheus_parse::Sample| match sample.value {
        prometheus_parse::Value::Gauge(value) | prometheus_parse::Value::Counter(value) => value,
        _ => panic!("{sample:?}"),
    };
    // Until the lists have arrived.
    let (samples, body) = loop {
        let (samples, body) = scrape();
        let all = samples.iter().filter(|sample| sample.metric == "plannr_imports");
        if all.map(value).sum::<f64>() as usize == imports.len() {
            break (samples, body);
        }
    };
    let sum = |metric: &str, label: &str, wanted: &str| -> f64 {
        let of = samples.iter().filter(|sample| sample.metric == metric);
        of.filter(|sample| sample.labels.get(label) == Some(wanted)).map(value).sum()
    };
    let of_type = |kind: &str| imports.iter().filter(|import| import["type"] == kind).count() as f64;
    assert_eq!(sum("plannr_imports", "type", "clients"), of_type("clients"));
    let of_account =
        |account: &str| imports.iter().filter(|import| import["account_uuid"] == account).count();
    assert_eq!(sum("plannr_imports", "account", simulator.account()), of_account(simulator.account()) as f64);
    assert!(sum("plannr_requests_total", "code", "2xx") >= 3.0, "{body}");
    assert!(body.contains("plannr_data_age_seconds{") && !body.contains("@") && !body.contains("Okaforth"));
    assert!(get(address, "/").0.starts_with("http/1.1 404"));
}

#[test]
fn the_monitor_runs_the_hooks_of_the_configuration_and_shows_nothing_of_them() {
    let (simulator, folder) = (fast(), tempfile::tempdir().unwrap());
    let path = |name| folder.path().join(name);
    let (config, told, log) = (path("config.toml"), path("told"), path("log"));
    let script = format!("cat >> '{}'; echo noise; echo careful >&2", told.display());
    let hook = format!("[[hooks]]\non = [\"settled\"]\nrun = [\"sh\", \"-c\", \"{script}\"]\n");
    std::fs::write(&config, hook).unwrap();
    let mut command = hermetic(PROGRAM);
    command.env("PLANNR_BASE_URL", simulator.base_url());
    command.env("PLANNR_ACCESS_TOKEN", simulator.token());
    command.args(["--since", "10y", "--interval", "500ms", "--config"]);
    command.args([config.as_os_str(), "--log-file".as_ref(), log.as_os_str()]);
    let mut pty = Pty::start(command, 120, 30);
    pty.shows("PROGRESS");
    while !told.exists() {
        std::thread::yield_now();
    }
    pty.keys("q");
    let left = pty.end();
    assert_eq!(left.code, Ok(0), "{}", left.screen);
    assert!(!left.screen.contains("noise") && !left.screen.contains("careful"), "{}", left.screen);
    let events = events(&std::fs::read_to_string(&told).unwrap());
    assert!(!events.is_empty() && events.iter().all(|event| event["event"] == "settled"), "{events:?}");
    let log = std::fs::read_to_string(&log).unwrap();
    let said = log.lines().filter(|line| line.contains("hook sh") && line.contains(": careful")).count();
    assert_eq!(said, events.len(), "{log}");
}
