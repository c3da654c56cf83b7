//! The configuration file and the command that prints the token, through the built program and over real HTTP.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "common/pty.rs"]
#[expect(dead_code, clippy::indexing_slicing, reason = "only as much of a terminal as these tests need")]
mod pty;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use plannr_tui::simulator::{Canned, Options, Response, Simulator, World};
use tempfile::TempDir;

use self::pty::{ENVIRONMENT, Pty, plannr_tui};

/// What a command left behind.
struct CommandOutput {
    code: Option<i32>,
    out: String,
    err: String,
}

/// A home folder with a configuration.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn config(&self) -> PathBuf {
        self.path(".config/plannr-tui/config.toml")
    }

    /// Writes the configuration, which others may read and not write.
    fn write(&self, text: &str) {
        fs::create_dir_all(self.config().parent().unwrap()).unwrap();
        fs::write(self.config(), text).unwrap();
        fs::set_permissions(self.config(), fs::Permissions::from_mode(0o644)).unwrap();
    }

    fn run(&self, line: &str) -> CommandOutput {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plannr-tui"));
        command.env_clear().envs(ENVIRONMENT).env("HOME", self.0.path()).stdin(Stdio::null());
        let done = command.args(line.split_whitespace()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        CommandOutput { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn simulator() -> Simulator {
    let options = Options { start: Timestamp::now(), keep_starting: false, ..Options::default() };
    Simulator::start(options).unwrap()
}

/// An import that does not exist: the answer to this shows that signing in worked.
const NOBODY: &str = "errors 00000000-0000-4000-8000-000000000000";
const SIGNED_IN: &str = "has no import 00000000";

#[test]
fn a_commented_file_is_written_once_for_its_owner_alone_and_changes_nothing() {
    let home = Home::new();
    let before = home.run("config show").out;
    let (path, made) = (home.run("config path"), home.run("config init"));
    assert_eq!((path.code, &path.out), (Some(0), &format!("{}\n", home.config().display())));
    assert_eq!((made.code, &made.out), (Some(0), &path.out));
    assert_eq!((mode(&home.config()), mode(home.config().parent().unwrap())), (0o600, 0o700));
    assert_eq!(home.run("config show").out, before);

    fs::write(home.config(), "interval = \"3s\"\n").unwrap();
    let again = home.run("config init");
    assert_eq!((again.code, again.out.as_str()), (Some(1), ""));
    assert!(again.err.ends_with("config.toml already exists; not overwritten\n"), "{}", again.err);
    assert_eq!(fs::read_to_string(home.config()).unwrap(), "interval = \"3s\"\n");
    let row = format!("interval\t3s\t{}:1\n", home.config().display());
    assert!(home.run("config show").out.contains(&row));
}

#[test]
fn a_wrong_file_ends_the_program_with_code_2_and_its_path_is_still_printed() {
    let home = Home::new();
    home.write("intervall = \"2s\"\n");
    for line in ["config show", "demo", NOBODY] {
        let output = home.run(line);
        assert_eq!((output.code, output.out.as_str()), (Some(2), ""), "{line}");
        let message = "config.toml:1:1: unknown key `intervall`; did you mean `interval`?\n    intervall = …\n    ^^^^^^^^^\n";
        assert!(output.err.ends_with(message), "{}", output.err);
    }
    assert_eq!(home.run("config path").code, Some(0));
    let missing = home.run("--config /nonexistent/x config show");
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("/nonexistent/x: does not exist, though --config names it"));
}

#[test]
fn the_token_of_a_command_signs_in_and_is_asked_for_again_once_when_it_is_refused() {
    let (home, simulator) = (Home::new(), simulator());
    let (runs, good) = (home.path("runs"), home.path("good"));
    fs::write(&good, simulator.token()).unwrap();
    let config = |line: &str| {
        let line =
            line.replace("RUNS", &runs.display().to_string()).replace("GOOD", &good.display().to_string());
        home.write(&format!("base_url = \"{}\"\ntoken_command = '''{line}'''\n", simulator.base_url()));
    };
    let counted = || fs::read_to_string(&runs).unwrap_or_default().lines().count();

    config("echo x >> RUNS; cat GOOD");
    let output = home.run(NOBODY);
    assert!(output.code == Some(1) && output.err.contains(SIGNED_IN), "{}", output.err);
    assert_eq!(counted(), 1);

    // An old token the first time, the new one the second.
    config("if [ $(wc -l < RUNS) = 1 ]; then echo old; else cat GOOD; fi; echo x >> RUNS");
    let output = home.run(NOBODY);
    assert!(output.code == Some(1) && output.err.contains(SIGNED_IN), "{}", output.err);
    assert_eq!(counted(), 3);

    // Never a good one: no loop.
    config("echo old$(wc -l < RUNS); echo x >> RUNS");
    let output = home.run(NOBODY);
    assert!(
        output.code == Some(4) && output.err.contains("does not accept the token (401)"),
        "{}",
        output.err
    );
    assert_eq!(counted(), 5);
}

#[test]
fn a_command_that_fails_is_reported_with_its_stderr_and_never_with_its_stdout() {
    let (home, simulator) = (Home::new(), simulator());
    let config = |command: &str| {
        home.write(&format!("base_url = \"{}\"\ntoken_command = {command}\n", simulator.base_url()));
    };
    let table = [
        ("'echo s3cret; echo the vault is locked >&2; exit 3'", "failed with exit status 3"),
        ("'echo s3cret word'", "printed something else: not a valid token"),
        ("['true', 's3cret']", "printed something else: the token is empty"),
        ("['/nonexistent/s3cret']", "could not be run: no such file or directory"),
    ];
    for (command, message) in table {
        config(command);
        let output = home.run(NOBODY);
        assert_eq!((output.code, output.out.as_str()), (Some(4), ""), "{command}");
        assert!(output.err.contains(message), "{command}: {}", output.err);
        assert!(command.contains("/s3cret") || !output.err.contains("s3cret"), "{}", output.err);
        assert_eq!(output.err.contains("the vault is locked\n"), command.contains("vault"));
    }
    config("'true'");
    fs::set_permissions(home.config(), fs::Permissions::from_mode(0o620)).unwrap();
    let output = home.run(NOBODY);
    assert_eq!(output.code, Some(2));
    assert!(output.err.contains("others can write this file (mode 620)"), "{}", output.err);
}

#[test]
fn the_monitor_goes_on_by_itself_with_the_token_that_the_command_prints_now() {
    // Enough imports for pages to be asked for three at a time.
    let (home, simulator) = (Home::new(), simulator());
    let runs = home.path("runs");
    let line = format!("echo x >> '{0}'; echo token$(wc -l < '{0}' | tr -d ' ')", runs.display());
    home.write(&format!(
        "base_url = \"{}\"\ninterval = \"500ms\"\ntoken_command = '''{line}'''\n",
        simulator.base_url()
    ));
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&seen);
    let over = Mutex::new(false);
    // The server takes one token only; with any other this test answers in its place.
    let world = World::new(&Options { imports: 600, keep_starting: false, ..Options::default() });
    simulator.on_request(move |request| {
        let token =
            request.header("authorization").unwrap_or_default().trim_start_matches("Bearer ").to_owned();
        let mut seen = noted.lock().unwrap();
        let asked = seen.iter().filter(|before| **before == token).count();
        seen.push(token.clone());
        // The first token runs out while pages are asked for, the second one when the report is.
        let report = request.path_and_query.starts_with("/file/");
        let mut over = over.lock().unwrap();
        *over |= token.ends_with('2') && report;
        if (token.ends_with('1') && asked > 2) || (token.ends_with('2') && *over) {
            return Some(Canned::Answer(Response::error(401, "Unauthenticated.")));
        }
        let request = request.clone().with("authorization", &format!("Bearer {}", world.token()));
        Some(Canned::Answer(world.answer(&request, Duration::from_secs(600))))
    });
    let mut command = plannr_tui();
    command.env("HOME", home.0.path());
    let mut pty = Pty::start(command, 120, 40);
    pty.shows("done").until("a second token in use", |_| {
        seen.lock().unwrap().iter().filter(|token| token.ends_with('2')).count() > 2
    });
    assert!(!pty.screen().contains("401"), "{}", pty.screen());
    let counted = || fs::read_to_string(&runs).unwrap().lines().count();
    assert_eq!(counted(), 2, "several questions were refused, the command ran once");
    pty.keys("/is:done failed:>0 has:report\re").shows("from the report");
    assert!(!pty.screen().contains("401"), "{}", pty.screen());
    pty.keys("q");
    assert_eq!((pty.end().code, counted()), (Ok(0), 3));
}

#[test]
fn a_changed_file_takes_effect_while_the_monitor_runs_and_a_wrong_one_does_not() {
    let home = Home::new();
    // The demo needs no token.
    let with = |rest: &str| format!("token_file = \"/nonexistent\"\naccount = \"x\"\n{rest}");
    home.write(&with("columns = [\"uuid\", \"state\"]\n[keys]\nlog = \"f6\"\n"));
    let mut command = plannr_tui();
    command.env("HOME", home.0.path());
    command.arg("demo");
    let mut pty = Pty::start(command, 160, 40);
    pty.shows("UUID").shows("done").keys("\x1b[17~").shows("connected").keys("\x1b").hides("connected");

    // As editors do that put a new file in the place of the old one.
    let replace = |text: &str| {
        let new = home.path("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, home.config()).unwrap();
    };
    let (focus, wrong) = ("\x1b[I", "config.toml:4:7: ");
    let f7 = "\x1b[18~";
    replace(&with("[keys]\nlog = \"f7\"\n"));
    pty.keys(focus).shows("configuration reloaded").shows("PROGRESS");
    pty.keys(f7).shows("connected").keys("\x1b").hides("connected");
    replace(&with("[[hooks]]\nrun = [\"true\"]\n[keys]\nlog = \"f7\"\n"));
    pty.keys(focus).shows("[[hooks]] changed in config.toml: restart to apply");
    replace(&with("[keys]\nlog = \"zz\"\n"));
    pty.keys(focus).shows("keeping the previous settings").shows(wrong);
    pty.keys(f7).shows(wrong).keys("\x1b").hides("connected");
    fs::remove_file(home.config()).unwrap();
    pty.keys(focus).shows("config.toml was deleted; keeping the previous settings");
    pty.keys("q");
    assert_eq!(pty.end().code, Ok(0));
}

#[test]
fn mistakes_of_keys_and_columns_end_every_command_but_the_man_page_which_follows_the_keys() {
    let home = Home::new();
    home.write("columns = [\"tipe\"]\n[keys]\nrefesh = \"f5\"\npause = \"r\"\n");
    let excerpt = "did you mean type?\n    columns = [\"tipe\"]\n               ^^^^^^\n";
    for line in ["config show", "demo", "list", NOBODY] {
        let output = home.run(line);
        assert_eq!((output.code, output.out.as_str()), (Some(2), ""), "{line}");
        for mistake in ["config.toml:1:12: ", excerpt, ":3:1: ", "did you mean refresh?", ":4:9: r is "] {
            assert!(output.err.contains(mistake), "{line}: {}", output.err);
        }
    }
    let man = home.run("man");
    assert!(man.code == Some(0) && man.err.contains("showing the default keys"), "{}", man.err);
    let key = |page: &str, action: &str| {
        let lines: Vec<_> = page.lines().collect();
        let at = lines.iter().position(|line| line.ends_with(&format!(": {action}"))).unwrap();
        lines[at - 1].to_owned()
    };
    assert_eq!(key(&man.out, "pause"), "\\fBp\\fR");

    home.write("columns = [\"eta\"]\n[keys]\npause = \"f9\"\nquit = \"q\"\n");
    let man = home.run("man");
    assert_eq!((man.code, man.err.as_str(), key(&man.out, "pause").as_str()), (Some(0), "", "\\fBf9\\fR"));
    let shown = home.run("config show").out;
    let place = home.config();
    assert!(shown.contains(&format!("columns\teta\t{}:1\n", place.display())), "{shown}");
    assert!(shown.contains(&format!("keys.pause\tf9\t{}:3\n", place.display())), "{shown}");
    assert!(!shown.contains("keys.quit"), "defaults are not listed: {shown}");

    let json: Vec<serde_json::Value> = serde_json::from_str(&home.run("config show --json").out).unwrap();
    assert_eq!(json.len(), shown.lines().count());
    for (setting, line) in json.iter().zip(shown.lines()) {
        let cells = ["key", "value", "source"].map(|name| setting[name].as_str().unwrap_or_default());
        assert_eq!(cells.join("\t"), line);
        assert_eq!(setting["value"].is_null(), cells[1].is_empty(), "{setting}");
    }
}

#[test]
fn a_theme_is_judged_to_the_column_and_an_unknown_one_names_those_that_exist() {
    let home = Home::new();
    home.write(
        "theme = \"mine\"\n[themes.mine]\nbase = \"drak\"\ngodo = 3\nbad = { fg = \"rde\", blod = true }\nkey = 256\n",
    );
    let output = home.run("config show");
    assert_eq!(output.code, Some(2), "{}", output.err);
    for message in [
        "config.toml:3:8: unknown built-in theme `drak`; did you mean `dark`?",
        "config.toml:4:1: unknown theme key `godo`; did you mean `good`?",
        "config.toml:5:14: ",
        "config.toml:5:21: unknown style key `blod`; did you mean `bold`?",
        "config.toml:6:7: ",
        "    key = 256\n          ^^^",
    ] {
        assert!(output.err.contains(message), "{message}\n{}", output.err);
    }
    home.write("theme = \"mine\"\n[themes.mine]\nbase = \"light\"\nbad = { fg = 9, bold = true }\n");
    assert_eq!(home.run("config show").code, Some(0));
    let output = home.run("config show --theme mien");
    assert_eq!(output.code, Some(2));
    assert!(output.err.contains("--theme mien: unknown theme (available: auto, dark,"));
    home.write("theme = \"mien\"\n");
    let output = home.run("config show");
    assert!(
        output.code == Some(2) && output.err.contains("config.toml:1:9: unknown theme"),
        "{}",
        output.err
    );
}

#[test]
fn the_configurations_in_the_documentation_are_right() {
    let home = Home::new();
    let mut count = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")).unwrap() {
        let path = entry.unwrap().path();
        let page = fs::read_to_string(&path).unwrap();
        for block in page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()) {
            home.write(block);
            let output = home.run("config show");
            assert_eq!((output.code, output.err.as_str()), (Some(0), ""), "{}", path.display());
            count += 1;
        }
    }
    assert!(count >= 4, "{count}");
}
