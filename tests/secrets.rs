//! The token and the clients' data stay where they belong: the built program in a pseudo-terminal, logging all that
//! it can, against a server that says the token back in every place it has.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

#[path = "common/pty.rs"]
#[expect(dead_code, reason = "tests/pty.rs uses the rest")]
mod pty;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use plannr_tui::api::{BaseUrl, Client, Token};
use plannr_tui::domain::account::AccountId;
use plannr_tui::domain::page::{Criteria, ListRequest};
use plannr_tui::simulator::{Canned, Options, Response, Simulator};

use self::pty::{ENVIRONMENT, Pty, hermetic};

const IMPORTS: &str = "/api/v1/import";
const LOGINS: &str = "/api/v1/logins";
const ESC: &str = "\x1b";

fn simulator() -> Simulator {
    let options = Options { start: Timestamp::now(), keep_starting: false, ..Options::default() };
    Simulator::start(options).unwrap()
}

/// The settings under which the program watches that server, with a log at this level in a folder.
fn settings(simulator: &Simulator, folder: &Path, level: &str) -> [(&'static str, String); 4] {
    [
        ("PLANNR_LOG_FILE", folder.join("log").to_str().unwrap().to_owned()),
        ("PLANNR_LOG", level.to_owned()),
        ("PLANNR_BASE_URL", simulator.base_url()),
        ("PLANNR_ACCESS_TOKEN", simulator.token().to_owned()),
    ]
}

/// The monitor, with standard error in a file.
fn monitor(simulator: &Simulator, folder: &Path, level: &str) -> Pty {
    let mut command = hermetic("/bin/sh");
    command.args(["-c", r#"exec "$0" 2>"$STDERR""#, env!("CARGO_BIN_EXE_plannr-tui")]);
    command.env("STDERR", folder.join("stderr"));
    for (name, value) in settings(simulator, folder, level) {
        command.env(name, value);
    }
    Pty::start(command, 160, 45)
}

/// What is in a file of the folder, if anything.
fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_default()
}

/// Every way to say the token back.
fn echoes(token: &str, home: &str) -> Vec<Response> {
    let secret = token.split_once('|').unwrap().1;
    let message = format!("No such token: {token}. Bearer {token}");
    let body = serde_json::json!({ "message": message, "errors": { token: [message], "token": [token] } })
        .to_string();
    let in_header =
        |status| Response::error(status, &message).with("retry-after", token).with("x-echo", token);
    let away = |to: String| Response::new(302, "text/html", message.clone()).with("location", &to);
    vec![
        Response::json(401, body.clone()),
        Response::json(403, body.clone()),
        Response::json(422, body.clone()),
        Response::json(400, body.clone()),
        Response::json(500, body.clone()),
        in_header(429),
        in_header(503),
        Response::new(200, "text/html", format!("<!doctype html><p>{message}")),
        Response::new(200, token, body.clone()),
        Response::json(200, format!("{{\"data\":[{{\"uuid\":\"a\",\"type\":{token}")),
        Response::json(
            200,
            format!("{{\"data\":[],\"links\":{{\"next\":\"https://example.com/{secret}\"}}}}"),
        ),
        away(format!("https://{secret}.example.com/{secret}")),
        away(format!("{home}/elsewhere?token={secret}")),
    ]
}

/// Puts this in place of the first answer of a route.
fn once(simulator: &Simulator, route: &'static str, answer: Response) {
    let mut answer = Some(Canned::Answer(answer));
    simulator.on_request(move |request| if request.path() == route { answer.take() } else { None });
}

#[test]
fn whatever_the_server_says_back_the_token_is_not_said() {
    let simulator = simulator();
    let secret = simulator.token().split_once('|').unwrap().1.to_lowercase();
    for echo in echoes(simulator.token(), &simulator.base_url()) {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();

        // While signing in, for a command that ends by itself.
        once(&simulator, LOGINS, echo.clone());
        let output = Command::new(env!("CARGO_BIN_EXE_plannr-tui"))
            .args(["errors", "00000000-0000-4000-8000-000000000000"])
            .env_clear()
            .envs(ENVIRONMENT)
            .envs(settings(&simulator, folder, "trace"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let output = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert_ne!(output[1], "", "{echo:?}");

        // While watching, where the log on the screen shows every message.
        once(&simulator, IMPORTS, echo.clone());
        let mut pty = monitor(&simulator, folder, "trace");
        let left = pty.shows("plannr").keys("L").shows("Log").keys(ESC).hides("Log").keys("q").end();
        let drawn = String::from_utf8_lossy(&left.bytes).into_owned();

        let log =
            [output.concat(), drawn, read(folder, "stderr"), read(folder, "log")].concat().to_lowercase();
        assert!(log.contains("response"), "it logs: {log}");
        assert!(!log.contains(&secret), "{echo:?}: {log}");
    }
}

#[test]
fn the_log_holds_nothing_of_a_client_at_any_level_and_is_its_owners_alone() {
    let simulator = simulator();
    let private = clients_data(&simulator);
    assert!(private.len() > 100, "{private:?}");
    for level in ["info", "trace"] {
        let folder = tempfile::tempdir().unwrap();
        let mut pty = monitor(&simulator, folder.path(), level);
        pty.shows("done").keys("/is:done failed:>0\r").shows("/ is:done failed:>0");
        pty.keys("\r").hides("1 All").keys("\r\r").shows(" 1 of ").keys("yy");
        assert_eq!(pty.keys(ESC).keys("\x03").end().code, Ok(130));
        let log = folder.path().join("log");
        assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
        let text = read(folder.path(), "log");
        assert!(level == "info" || text.contains("response"), "{text}");
        let found: Vec<_> = private.iter().filter(|value| text.contains(*value)).collect();
        assert!(found.is_empty(), "{level}: {found:?} in {text}");
    }
}

/// Names, addresses and values of the imports that the server returns.
fn clients_data(simulator: &Simulator) -> BTreeSet<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client =
        Client::new(BaseUrl::new(&simulator.base_url()).unwrap(), Token::new(simulator.token()).unwrap());
    let client = client.unwrap().with_account(AccountId::new(simulator.account()).unwrap());
    let ask = ListRequest::newest(Criteria::default(), 200);
    let page = runtime.block_on(client.list(&ask)).unwrap();
    let mut values = BTreeSet::new();
    for import in &page.imports {
        values.extend(import.started_by.iter().flat_map(|by| [by.name.to_string(), by.email.to_string()]));
        values.extend(import.report().map(|report| report.name.to_string()));
        let cells = import.failed_rows().iter().flat_map(|row| row.cells.values());
        values.extend(cells.map(|cell| cell.raw().to_owned()));
    }
    // Shorter ones are in ordinary words and times.
    values.retain(|value| value.len() > 8 && value.contains(char::is_alphabetic));
    values
}
