//! The built program as a person meets it: keys in, screen out, in a pseudo-terminal.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

#[path = "common/closed_port.rs"]
mod closed_port;
#[path = "common/pty.rs"]
#[expect(dead_code, reason = "benches/terminal.rs uses the rest")]
mod pty;

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;
use std::{env, fs, thread};

use jiff::Timestamp;
use plannr_tui::simulator::{Canned, Options, Response, Simulator};
use portable_pty::CommandBuilder;
use rustix::process::Signal;

use self::pty::{ENVIRONMENT, PATIENCE, Pty, hermetic, plannr_tui};

const IMPORTS: &str = "/api/v1/import";
const LOGINS: &str = "/api/v1/logins";
const ESC: &str = "\x1b";

/// A word that only finished imports show: the list is there.
const LOADED: &str = "done";
/// The title of the help popup.
const HELP: &str = "Keys:";

fn demo() -> CommandBuilder {
    let mut command = plannr_tui();
    command.arg("demo");
    command
}

/// A server whose imports are of the last weeks, some of them running.
fn simulator() -> Simulator {
    let options = Options { start: Timestamp::now(), keep_starting: false, ..Options::default() };
    Simulator::start(options).unwrap()
}

/// The monitor of that server.
fn monitor(simulator: &Simulator) -> CommandBuilder {
    let mut command = plannr_tui();
    command.env("PLANNR_BASE_URL", simulator.base_url());
    command.env("PLANNR_ACCESS_TOKEN", simulator.token());
    command
}

/// Puts something in place of the answers of one route.
fn instead(simulator: &Simulator, path: &'static str, canned: Canned) {
    simulator.on_request(move |request| (request.path() == path).then(|| canned.clone()));
}

/// A `$BROWSER` that writes its arguments to a file. Run by `sh`: a file just written cannot be started while
/// another test's fork holds it open.
fn browser(folder: &Path) -> String {
    let (script, out) = (folder.join("browser"), folder.join("opened"));
    fs::write(&script, format!("printf '%s\\n' \"$@\" > '{}'\n", out.display())).unwrap();
    format!("sh {}", script.display())
}

#[test]
fn the_demo_from_start_to_quit() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = demo();
    command.env("BROWSER", browser(folder.path()));
    let mut pty = Pty::start(command, 120, 40);
    pty.shows("plannr demo").shows(LOADED).shows("valuatio");

    pty.keys("/type:clients").hides("valuatio").keys(ESC).shows("valuatio");

    // Failed rows by reason, the rows of a reason, one row, and all the way back.
    pty.keys("3\r").until("failed rows alone", |screen| {
        let text = screen.contents();
        text.contains("failed rows") && !text.contains("1 All")
    });
    pty.keys("\r\r").until("one row", |screen| screen.contents().contains(" 1 of "));
    pty.keys("?").shows(HELP).keys(ESC).hides(HELP);
    pty.keys("hhh").shows("1 All");

    pty.keys("1/is:done failed:>0\ro").shows("opened");
    let opened = fs::read_to_string(folder.path().join("opened")).unwrap();
    let link = opened.strip_suffix('\n').unwrap();
    assert!(link.starts_with("http://127.0.0.1:") && !link.contains(char::is_whitespace), "{opened:?}");

    pty.keys(ESC).hides("is:done").keys("/is:done failed:0\ro").shows("no error report");
    let left = pty.keys("q").end();
    assert_eq!(left.code, Ok(0));
    assert_eq!(left.screen.trim(), "", "nothing stays behind");
}

#[test]
fn from_the_table_to_a_csv_that_only_needs_the_fixes() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = demo();
    command.cwd(folder.path());
    let mut pty = Pty::start(command, 120, 40);
    pty.shows(LOADED).keys("/is:done failed:>26 has:report\r").keys("e").shows("from the report");
    pty.keys("w").shows("Write failed rows").keys("\r").shows("wrote ");
    pty.keys("d").shows("Download the error report").keys("\r").shows("saved ");
    assert_eq!(pty.keys("q").end().code, Ok(0));

    let mut files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort_by_key(|path| path.to_string_lossy().contains("failed"));
    let [report, fixup] = &files[..] else { panic!("{files:?}") };
    let read = |path: &Path| {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "for the owner only");
        let mut reader = csv::Reader::from_path(path).unwrap();
        let headers = reader.headers().unwrap().clone();
        (headers, reader.records().map(Result::unwrap).collect::<Vec<_>>())
    };
    let ((headers, rows), (fixed_headers, fixed)) = (read(report), read(fixup));
    assert!(rows.len() > 26, "more than the API tells: {}", rows.len());
    assert_eq!(headers.len(), fixed_headers.len() + 1, "all but the column that says why");
    let own =
        |row: &csv::StringRecord| row.iter().take(fixed_headers.len()).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows.iter().map(own).collect::<Vec<_>>(), fixed.iter().map(own).collect::<Vec<_>>());

    // With the client's own file each row has its line: the report itself serves as one.
    let mut command = demo();
    command.cwd(folder.path());
    command.args([OsStr::new("--source"), report.as_os_str()]);
    let mut pty = Pty::start(command, 120, 40);
    pty.shows(LOADED).keys("/is:done failed:>26 has:report\r").keys("e");
    pty.shows(&format!("{} found in the source", rows.len())).shows("LINE");
    assert_eq!(pty.keys("q").end().code, Ok(0));
}

#[test]
fn over_ssh_a_link_is_shown_and_copied_instead_of_opened() {
    let mut command = demo();
    command.env("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22");
    let mut pty = Pty::start(command, 120, 40);
    pty.shows(LOADED).keys("/is:done failed:>0\ro").shows("http://127.0.0.1:");
    pty.shows("sent to the terminal's clipboard");
    let written = String::from_utf8_lossy(pty.bytes()).into_owned();
    assert!(written.contains("\x1b]8;;http://127.0.0.1:"), "as a link (OSC 8)");
    assert!(written.contains("\x1b]52;c;aHR0cDovLzEyNy4wLjAu"), "copied (OSC 52)");
    assert_eq!(pty.keys("q").hides("Not opened").keys("q").end().code, Ok(0));
}

#[test]
fn a_browser_does_not_inherit_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let (script, out) = (folder.path().join("browser"), folder.path().join("environment"));
    fs::write(&script, format!("env > '{}'\n", out.display())).unwrap();
    let simulator = simulator();
    let mut command = monitor(&simulator);
    command.env("BROWSER", format!("sh {}", script.display()));
    let mut pty = Pty::start(command, 120, 40);
    pty.shows(LOADED).keys("/is:done failed:>0\ro").shows("opened");
    let environment = fs::read_to_string(out).unwrap();
    assert!(environment.contains("HOME=") && !environment.contains(simulator.token()), "{environment}");
    assert_eq!(pty.keys("q").end().code, Ok(0));
}

#[test]
fn ctrl_c_ends_it_while_certificates_come_from_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("certificates");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let simulator = simulator();
    for monitoring in [true, false] {
        let mut command = monitor(&simulator);
        if !monitoring {
            command.arg("list");
        }
        command.args([OsStr::new("--ca-file"), pipe.as_os_str()]);
        let mut pty = Pty::start(command, 80, 24);
        // Opened once the program reads it; nothing will come.
        let held = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
        let code = pty.kill(Signal::INT).end().code;
        assert!(code == Ok(130) || (monitoring && code.is_err()), "{code:?}");
        drop(held);
    }
}

#[test]
fn a_paste_without_end_is_taken_in_and_ctrl_c_ends_it_all_the_same() {
    let mut pty = Pty::start(demo(), 80, 24);
    pty.shows("plannr demo").keys("/\x1b[200~zebra").shows("/ zebra").keys("\x03");
    assert_eq!(pty.end().code, Ok(130));
    let mut pty = Pty::start(demo(), 80, 24);
    pty.shows("plannr demo").keys("\x1b[200~zebra\x03");
    assert_eq!(pty.end().code, Ok(130));
}

#[test]
fn ctrl_c_and_signals_end_it_with_their_codes() {
    let mut pty = Pty::start(demo(), 80, 24);
    pty.shows("plannr demo").keys("\x03");
    assert_eq!(pty.end().code, Ok(130));
    let signals = [
        Signal::HUP,
        Signal::TERM,
        Signal::QUIT,
        Signal::ABORT,
        Signal::TRAP,
        Signal::ALARM,
        Signal::XCPU,
        Signal::XFSZ,
        Signal::USR1,
        Signal::USR2,
    ];
    for signal in signals {
        let mut pty = Pty::start(demo(), 80, 24);
        pty.shows("plannr demo").kill(signal);
        let code = u32::try_from(128 + signal.as_raw()).unwrap();
        // `end` also looks whether the terminal is as it was.
        assert_eq!(pty.end().code, Ok(code), "{signal:?}");
    }
}

#[test]
fn the_windows_title_and_the_taskbar_are_given_back_however_it_ends() {
    let (title, title_back) = ("\x1b[22;2t\x1b]2;", "\x1b[23;2t");
    let (progress, progress_back) = ("\x1b]9;4;", "\x1b]9;4;0;0\x1b\\");
    for signal in [None, Some(Signal::TERM)] {
        let mut command = demo();
        command.env("TERM_PROGRAM", "ghostty");
        command.env("TERM_PROGRAM_VERSION", "1.2.0");
        let mut pty = Pty::start(command, 120, 40);
        pty.shows(LOADED);
        match signal {
            Some(signal) => pty.kill(signal),
            None => pty.keys("q"),
        };
        let written = String::from_utf8(pty.end().bytes).unwrap();
        let parts = [title, progress, progress_back, title_back];
        let mut rest = &*written;
        for part in parts {
            let (_, after) =
                rest.split_once(part).unwrap_or_else(|| panic!("{signal:?}: {part:?} {written:?}"));
            rest = after;
        }
        assert!(!rest.contains("\x1b]"), "{signal:?}: {rest:?}");
        assert_eq!(written.matches("\x1b[22;2t").count(), written.matches(title_back).count());
    }
    // Nothing of it where the file says so, nor progress where the terminal is not known to show it.
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    for (file, program, has_title, has_progress) in
        [("[notify]\ntitle = false\ntaskbar = false\n", "ghostty", false, false), ("", "", true, false)]
    {
        fs::write(&config, file).unwrap();
        let mut command = demo();
        command.env("PLANNR_CONFIG", &config);
        command.env("TERM_PROGRAM", program);
        let mut pty = Pty::start(command, 120, 40);
        let written = String::from_utf8(pty.shows(LOADED).keys("q").end().bytes).unwrap();
        assert_eq!(
            (written.contains(title), written.contains(progress)),
            (has_title, has_progress),
            "{file}"
        );
    }
}

#[test]
fn a_terminal_that_takes_nothing_keeps_no_signal_from_ending_it() {
    let mut pty = Pty::start(demo(), 200, 50);
    pty.shows(LOADED);
    let gate = pty.gate();
    let held = gate.lock().unwrap();
    // Until a frame no longer gets through: as much lies between a program and its terminal.
    let mut written = pty.written();
    for round in 0..500 {
        pty.resize(199 + round % 2, 50);
        let now = pty.grows_beyond(written);
        if now == written {
            break;
        }
        written = now;
    }
    assert_eq!(pty.kill(Signal::TERM).ends_unread(), Ok(143));
    drop(held);
}

#[test]
fn a_resize_storm_ends_with_the_screen_of_the_last_size() {
    let mut pty = Pty::start(demo(), 120, 40);
    pty.shows(LOADED);
    for step in 0..300_u16 {
        pty.resize(1 + step * 7 % 200, 1 + step * 3 % 60);
        if step % 50 == 0 {
            pty.keys("j");
        }
    }
    pty.resize(1, 1).resize(120, 40).shows("plannr demo").shows(LOADED).shows("quit");
    assert_eq!(pty.keys("q").end().code, Ok(0));
}

#[test]
fn everything_is_drawn_anew_when_mask_screen_or_account_changes() {
    let mut pty = Pty::start(demo(), 120, 40);
    pty.shows(LOADED);
    let cleared = |pty: &mut Pty| String::from_utf8_lossy(pty.bytes()).matches("\x1b[H\x1b[J").count();
    let mut before = cleared(&mut pty);
    pty.keys("j?").shows(HELP).keys(ESC).hides(HELP);
    assert_eq!(cleared(&mut pty), before, "what lies on top is no other screen");
    let changes = [("x", "masked"), ("3\r", "› Failed rows"), ("h", "1 All"), ("j\r", "switched")];
    for (keys, shows) in changes {
        if shows == "switched" {
            pty.keys("a").shows("adviser");
        }
        pty.keys(keys).shows(shows);
        let now = cleared(&mut pty);
        assert!(now > before, "{keys:?}");
        before = now;
    }
    assert_eq!(pty.keys("q").end().code, Ok(0));
}

#[test]
fn a_window_of_any_size_that_is_claimed_takes_bounded_memory() {
    let mut pty = Pty::start(demo(), 120, 40);
    pty.shows(LOADED);
    for (columns, rows) in [(5_000, 5_000), (65_535, 65_535)] {
        let before = pty.written();
        pty.claim(columns, rows);
        let _ = pty.grows_beyond(before);
        // What shows now was asked for after the claim: the program lives.
        pty.resize(120, 40).shows("plannr demo").shows(LOADED).keys("?").shows(HELP).keys(ESC).hides(HELP);
        let peak = pty.peak_memory();
        assert!(peak < 500_000_000, "{columns}x{rows}: {peak} bytes");
    }
    assert_eq!(pty.keys("q").end().code, Ok(0));
}

/// Where [`terminal_that_goes_away`] writes how the program ended.
const ENDED: &str = "PLANNR_TEST_ENDED";
/// With which arguments, and what the screen shows before.
const ARGUMENTS: &str = "PLANNR_TEST_ARGUMENTS";
const SHOWN: &str = "PLANNR_TEST_SHOWN";

#[test]
fn a_terminal_that_is_closed_ends_it_as_a_hang_up() {
    let folder = tempfile::tempdir().unwrap();
    let [ended, certificates] = ["ended", "certificates"].map(|name| folder.path().join(name));
    for path in [&ended, &certificates] {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }
    // Also while the connection is made, here with certificates that never come.
    for (arguments, shown) in
        [("demo".to_owned(), LOADED), (format!("--ca-file {}", certificates.display()), "connecting")]
    {
        let mut terminal = Command::new(env::current_exe().unwrap())
            .args(["terminal_that_goes_away", "--exact", "--ignored"])
            .env(ENDED, &ended)
            .env(ARGUMENTS, &arguments)
            .env(SHOWN, shown)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let (send, received) = channel();
        let ended = ended.clone();
        thread::spawn(move || send.send(fs::read_to_string(&ended)));
        assert_eq!(received.recv_timeout(PATIENCE).unwrap().unwrap(), "129\n", "{arguments}");
        assert!(terminal.wait().unwrap().success());
    }
}

#[test]
#[ignore = "a terminal that is closed with the program in it, for another test"]
fn terminal_that_goes_away() {
    let Some(ended) = env::var_os(ENDED) else { return };
    let mut shell = hermetic("/bin/sh");
    let script = r#"trap : HUP; "$0" $ARGUMENTS; echo $? > "$ENDED""#;
    shell.args(["-c", script, env!("CARGO_BIN_EXE_plannr-tui")]);
    shell.env("ENDED", ended);
    shell.env("ARGUMENTS", env::var(ARGUMENTS).unwrap());
    shell.env("PLANNR_ACCESS_TOKEN", "1|simulated");
    Pty::start(shell, 80, 24).shows(&env::var(SHOWN).unwrap());
    // Not a drop: the thread that reads holds the terminal as well.
    std::process::exit(0);
}

#[test]
fn ctrl_z_gives_the_shell_back_and_fg_draws_everything_again() {
    let script = r#"set -m; "$0" demo; code=$?
        while [ $code -gt 140 ]; do n=$((n+1)); echo "stopped $n."; read line; fg >/dev/null; code=$?; done
        echo "ended: $code""#;
    // For the file that is downloaded.
    let folder = tempfile::tempdir().unwrap();
    let mut shell = hermetic("/bin/sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_plannr-tui")]);
    shell.cwd(folder.path());
    let mut pty = Pty::start(shell, 120, 40);
    pty.shows(LOADED).keys("\x1a").shows("stopped 1.");
    pty.until("a plain terminal", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    pty.keys("\n").until("the table", |screen| {
        screen.alternate_screen() && screen.hide_cursor() && screen.contents().contains(LOADED)
    });
    // Its modes are back as well: a key arrives without Enter.
    pty.keys("?").shows(HELP).keys(ESC).hides(HELP);
    // And so it is wherever Ctrl-Z is typed: in a field, over any overlay, on any screen, while a report comes.
    let states = [
        ("/clients", ESC),
        ("?", ESC),
        ("?search", ESC),
        ("L", ESC),
        ("y", ESC),
        ("i", "h"),
        ("3\r", ""),
        ("e", ""),
        ("\r", ""),
        ("\r", ""),
        ("w", ESC),
        ("d", "\r"),
    ];
    for (at, (keys, back)) in states.into_iter().enumerate() {
        pty.keys(keys).keys("\x1a").shows(&format!("stopped {}.", at + 2));
        pty.until("a plain terminal", |screen| !screen.alternate_screen() && !screen.hide_cursor());
        let title = |pty: &mut Pty, what: &str| String::from_utf8_lossy(pty.bytes()).matches(what).count();
        assert_eq!(title(&mut pty, "\x1b[22;2t"), title(&mut pty, "\x1b[23;2t"), "the title is restored");
        pty.keys("\n").until("the screen", |screen| {
            screen.alternate_screen() && screen.contents().contains("plannr demo")
        });
        pty.keys(back);
    }
    let left = pty.keys("\x03").shows("ended: 130").keys("\n").end();
    assert_eq!(left.code, Ok(0));
}

#[test]
fn any_size_will_do_and_a_small_one_shows_what_runs() {
    let mut pty = Pty::start(demo(), 120, 40);
    pty.shows(LOADED);
    for (columns, rows) in [(80, 24), (40, 10)] {
        pty.resize(columns, rows).shows("plannr").shows("IMPORT").shows("help");
    }
    for (columns, rows) in [(30, 5), (1, 1), (39, 10), (40, 9), (30, 5)] {
        pty.resize(columns, rows).until("no table", |screen| !screen.contents().trim().is_empty());
    }
    pty.shows(" of ").hides("IMPORT").keys("?j").shows("work here: too small").keys("\x1b");
    pty.resize(120, 40).shows("plannr demo").hides("Keys: ").shows(LOADED);
    assert_eq!(pty.keys("q").end().code, Ok(0));
}

#[test]
fn no_key_waits_for_the_network() {
    let simulator = simulator();
    let (send, requested) = channel();
    simulator.on_request(move |request| {
        (request.path() == IMPORTS).then(|| {
            let _ = send.send(());
            Canned::Hang
        })
    });
    let mut pty = Pty::start(monitor(&simulator), 120, 40);
    requested.recv_timeout(PATIENCE).unwrap();
    pty.shows("connecting").keys("?").shows(HELP).keys(ESC).hides(HELP).keys("r/abc").shows("abc");
    // Still no answer, and none will come.
    pty.keys(ESC).hides("abc").shows("connecting");
    assert_eq!(pty.keys("q").end().code, Ok(0));
}

#[test]
fn no_colour_where_none_is_wanted_and_nothing_but_ascii_where_no_more_can_be_shown() {
    let tour = |mut pty: Pty| {
        pty.shows(LOADED).keys("?").shows(HELP).keys(ESC).hides(HELP).keys("3\r").hides("1 All");
        pty.keys("\r\r").shows(" 1 of ").keys("i").hides(" 1 of ").keys("q").end().bytes
    };
    let mut plain = demo();
    plain.env("NO_COLOR", "1");
    let bytes = tour(Pty::start(plain, 120, 40));
    assert_eq!(colours(&bytes), [""; 0]);

    let mut flag = demo();
    flag.arg("--ascii");
    let mut locale = demo();
    locale.env("LANG", "C");
    for command in [flag, locale] {
        let bytes = tour(Pty::start(command, 120, 40));
        let text = String::from_utf8_lossy(&bytes);
        if let Some(at) = text.find(|c: char| !c.is_ascii()) {
            panic!("{:?}", text[..text.len().min(at + 80)].chars().rev().take(160).collect::<Vec<_>>());
        }
        assert_ne!(colours(&bytes), [""; 0], "colours need no UTF-8");
    }
}

/// The sequences that choose a colour; going back to the terminal's own is none.
fn colours(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let sequences = text.split("\x1b[").skip(1).filter_map(|rest| rest.split_once('m'));
    let parameters = sequences.map(|(before, _)| before);
    let chooses = |number: &str| matches!(number.parse(), Ok(30..=38 | 40..=48 | 58 | 90..=97 | 100..=107));
    let are_numbers = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b';');
    parameters.filter(are_numbers).filter(|text| text.split(';').any(chooses)).map(str::to_owned).collect()
}

#[test]
fn the_server_goes_away_and_comes_back() {
    let simulator = simulator();
    let mut command = monitor(&simulator);
    command.args(["--interval", "500ms"]);
    let mut pty = Pty::start(command, 120, 40);
    let selected = |screen: &str| {
        let line = screen.lines().find(|line| line.contains('▌')).unwrap_or_else(|| panic!("{screen}"));
        line.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
    };
    pty.shows(LOADED);
    let first = selected(&pty.screen());
    pty.keys("G").until("the last selected", |screen| selected(&screen.contents()) != first);
    let before = selected(&pty.screen());

    simulator.on_request(|_| Some(Canned::Drop));
    pty.shows("offline").shows(LOADED);
    simulator.on_request(|_| None);
    pty.hides("offline").shows(LOADED);
    assert_eq!(selected(&pty.screen()), before);
    assert_eq!(pty.keys("q").end().code, Ok(0));
}

#[test]
fn a_server_that_does_not_answer_keeps_no_key_from_working() {
    let simulator = simulator();
    let (go_on, gate) = channel::<()>();
    simulator.on_request(move |_| {
        // Answers once the screen was shown, or the test has failed.
        let _ = gate.recv();
        None
    });
    let mut pty = Pty::start(monitor(&simulator), 120, 40);
    let host = simulator.base_url().trim_start_matches("http://").to_owned();
    pty.shows(&format!("Signing in to {host}…")).shows("connecting for 1 s");
    pty.keys("?").shows(HELP).keys(ESC).hides(HELP).keys("L").shows("Log").keys(ESC).hides("Log");
    pty.keys("/is:failed\r").shows("/ is:failed");
    drop(go_on);
    // What was typed meanwhile is kept.
    pty.shows("Fairweather").shows("/ is:failed").keys(ESC).shows(LOADED);
    assert_eq!(pty.keys("q").end().code, Ok(0));

    for (key, code) in [("q", 0), ("\x03", 130)] {
        instead(&simulator, LOGINS, Canned::Hang);
        let mut pty = Pty::start(monitor(&simulator), 120, 40);
        pty.shows("Signing in").keys(key);
        assert_eq!(pty.end().code, Ok(code));
    }
}

#[test]
fn signing_in_is_tried_until_it_works() {
    let simulator = simulator();
    instead(&simulator, LOGINS, Canned::Answer(Response::new(503, "text/html", "")));
    let mut pty = Pty::start(monitor(&simulator), 80, 24);
    pty.shows("Server error (503).").shows("Attempt 2 on 127.0.0.1").shows("? help");
    simulator.on_request(|_| None);
    pty.keys("r").shows("Fairweather").shows(LOADED);
    assert_eq!(pty.keys("q").end().code, Ok(0));

    let mut command = hermetic(env!("CARGO_BIN_EXE_plannr-tui"));
    command.env("PLANNR_BASE_URL", format!("http://{}", closed_port::reserve()));
    command.env("PLANNR_ACCESS_TOKEN", "12|s3cret");
    let mut pty = Pty::start(command, 80, 24);
    pty.shows("Cannot reach the server: connection refused.").shows("Attempt 3 on").keys("q");
    assert_eq!(pty.end().code, Ok(0));
}

#[test]
fn an_account_that_may_not_list_imports_stays_on_the_screen() {
    let simulator = simulator();
    instead(
        &simulator,
        IMPORTS,
        Canned::Answer(Response::new(403, "application/json", r#"{"message":"No"}"#)),
    );
    let mut pty = Pty::start(monitor(&simulator), 80, 24);
    pty.shows("Plannr does not allow this (403)").shows("a chooses another account");
    pty.keys("a").shows("Larkspur").keys("q").hides("Larkspur");
    assert_eq!(pty.keys("q").end().code, Ok(0));
}

#[test]
fn no_request_for_an_import_carries_the_account_of_another_firm() {
    let options = Options { firms: 3, start: Timestamp::now(), keep_starting: false, ..Options::default() };
    let simulator = Simulator::start(options).unwrap();
    let mut pty = Pty::start(monitor(&simulator), 160, 45);
    pty.shows(LOADED).keys("a").shows("All firms").keys("g\r").shows("3 firms");
    let names: Vec<String> = simulator.world().firms().map(|firm| firm.firm_name().to_owned()).collect();
    for name in &names {
        // In the filter and in the table: the firm's imports may still be on their way.
        let has_come = |screen: &vt100::Screen| screen.contents().matches(name).count() > 1;
        pty.keys(&format!("/firm:\"{name}\" is:failed has:report\r")).until(name, has_come).keys("\r");
        pty.shows(&format!("{name} ›")).shows("from the report").keys(ESC).shows("1 All");
        pty.keys(ESC).hides("/ firm:");
    }
    assert_eq!(pty.keys("q").end().code, Ok(0));
    for firm in simulator.world().firms() {
        let (own, requests) = (firm.uuids(Duration::from_secs(600)), simulator.requests_as(firm.account()));
        let named: Vec<String> = requests.iter().flat_map(|line| uuids_in(line)).collect();
        let details = requests.iter().filter(|line| line.contains("/api/v1/import/"));
        assert!(details.count() > 0, "{requests:?}");
        for uuid in named {
            assert!(own.contains(&uuid), "{uuid} asked for as {}", firm.firm_name());
        }
    }
}

/// The imports that a request names in its path or its filter.
fn uuids_in(line: &str) -> Vec<String> {
    let line = line.replace("%2C", ",");
    let parts = line.split(|c: char| !(c.is_ascii_hexdigit() || c == '-'));
    let uuids = parts.filter(|part| part.len() == 36 && part.matches('-').count() == 4);
    uuids.filter(|_| line.contains(IMPORTS)).map(str::to_owned).collect()
}

/// The end of a program that could not work.
struct Refused {
    code: Option<u32>,
    /// Whether it took the screen.
    drew: bool,
    /// What it left on the screen.
    left: String,
    stderr: String,
}

/// Runs the monitor in a terminal, with standard error in a file.
fn refused(args: &[&str], variables: &[(&str, &str)]) -> Refused {
    let folder = tempfile::tempdir().unwrap();
    let stderr = folder.path().join("stderr");
    let mut command = hermetic("/bin/sh");
    command.args(["-c", r#"exec "$0" "$@" 2>"$STDERR""#, env!("CARGO_BIN_EXE_plannr-tui")]);
    command.args(args);
    command.env("STDERR", &stderr);
    for (name, value) in variables {
        command.env(name, value);
    }
    let left = Pty::start(command, 80, 24).end();
    Refused {
        code: left.code.ok(),
        drew: !left.bytes.is_empty(),
        left: left.screen,
        stderr: fs::read_to_string(&stderr).unwrap(),
    }
}

#[test]
fn what_cannot_work_is_said_in_one_sentence() {
    const TOKEN: &str = "PLANNR_ACCESS_TOKEN";
    const URL: &str = "PLANNR_BASE_URL";
    let simulator = simulator();
    let url = simulator.base_url();
    let good = [(TOKEN, simulator.token()), (URL, &*url)];
    let stranger = "00000000-0000-4000-8000-000000000000";

    let folder = tempfile::tempdir().unwrap();
    let open_to_all = folder.path().join("token");
    fs::write(&open_to_all, "12|s3cret\n").unwrap();
    fs::set_permissions(&open_to_all, fs::Permissions::from_mode(0o644)).unwrap();
    let file = open_to_all.to_str().unwrap();

    let elsewhere = format!("{url}/elsewhere");
    let host = |words: &str| format!("{}: {words}", url.trim_start_matches("http://"));

    let s3cret = (TOKEN, "12|s3cret");
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], u32, &'a str);
    let before: [Case<'_>; 10] = [
        (&[], &[], 4, "no access token: create one in Plannr"),
        (&["--token-file", file], &[(URL, &url)], 4, "is accessible to others (mode 644)"),
        (&["--token-file", "/nonexistent"], &[], 4, "cannot be read: no such file"),
        (&[], &[(TOKEN, "12|s3cret 34")], 4, "PLANNR_ACCESS_TOKEN: not a valid token"),
        (&["--base-url", "localhost:80"], &[s3cret], 2, "--base-url localhost:80: "),
        (&["--base-url", "http://example.com"], &[s3cret], 2, "use https://"),
        (&["--since", "tomorrow week"], &[s3cret], 2, "--since tomorrow week: not a date or a duration"),
        (&["--filter", "type:clients age:soon"], &good, 2, "--filter type:clients age:soon: age: takes"),
        (&["demo"], &[("TERM", "dumb")], 2, "the monitor needs a terminal"),
        (&["--frobnicate"], &good, 2, "unexpected argument '--frobnicate'"),
    ];
    let signing_in: [Case<'_>; 4] = [
        (&[], &[s3cret, (URL, &url)], 4, &host("Plannr does not accept the token (401); create a new token")),
        (
            &["--account", stranger],
            &[s3cret, (URL, &url)],
            4,
            &host("Plannr does not accept the token (401)"),
        ),
        (&["--account", stranger], &good, 4, "the token has no account 00000000"),
        (&["--base-url", &elsewhere], &good[..1], 1, &host("not found (404); check the base URL")),
    ];
    let cases = before.map(|case| (case, false)).into_iter().chain(signing_in.map(|case| (case, true)));
    for ((args, variables, code, words), draws) in cases {
        let Refused { code: ended, drew, left, stderr } = refused(args, variables);
        assert_eq!(ended, Some(code), "{args:?} {variables:?}: {stderr}");
        assert_eq!((drew, left.trim()), (draws, ""), "{args:?} {variables:?}");
        assert!(stderr.contains(words), "{args:?} {variables:?}: {stderr}");
        assert!(!stderr.contains("s3cret"), "{stderr}");
        let usage = stderr.starts_with("error: ");
        assert!(usage || (stderr.starts_with("plannr-tui: ") && stderr.lines().count() == 1), "{stderr}");
    }
}

#[test]
fn without_a_terminal_the_monitor_says_so() {
    for args in [&[][..], &["demo"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_plannr-tui"))
            .args(args)
            .env_clear()
            .envs(ENVIRONMENT)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]), "{args:?}: {stderr}");
        assert!(stderr.starts_with("plannr-tui: the monitor needs a terminal"), "{args:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
    }
}
