//! Several profiles at once, the built program against two servers on which the same person has the same accounts: what
//! is sent where, and what happens where one of them fails.
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
#[expect(dead_code, reason = "only as much of a terminal as these tests need")]
mod pty;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use plannr_tui::simulator::{Canned, Options, Request, Response, Simulator};
use serde_json::Value;
use tempfile::TempDir;

use self::pty::{ENVIRONMENT, Pty, plannr_tui};

const LOGINS: &str = "/api/v1/logins";
const BOTH: [&str; 2] = ["live", "copy"];

/// What a server was asked: with which authorization, as which account, for what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    authorization: String,
    account: Option<String>,
    path: String,
}

/// Two servers, and a configuration with a profile for each.
struct Rig {
    home: TempDir,
    servers: [Simulator; 2],
    asked: [Arc<Mutex<Vec<Asked>>>; 2],
}

impl Rig {
    fn new(options: &Options) -> Self {
        let start = |seed| Simulator::start(Options { seed, ..options.clone() }).unwrap();
        let rig = Self {
            home: tempfile::tempdir().unwrap(),
            servers: [start(7), start(8)],
            asked: [Arc::default(), Arc::default()],
        };
        rig.write(&rig.servers[1].base_url());
        rig.answer(0, |_| None);
        rig.answer(1, |_| None);
        rig
    }

    /// The configuration, in which the copy is at this address.
    fn write(&self, copy: &str) {
        let private = |name: &str, text: &str| {
            let path = self.home.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            path.display().to_string()
        };
        let profile = |nth: usize, base: &str| {
            let token = private(BOTH[nth], self.servers[nth].token());
            format!("[profiles.{}]\nbase_url = \"{base}\"\ntoken_file = \"{token}\"\n", BOTH[nth])
        };
        let file = profile(0, &self.servers[0].base_url()) + &profile(1, copy);
        private("config.toml", &file);
    }

    /// Records what one of the servers is asked, and puts something in place of some answers.
    fn answer(&self, nth: usize, instead: impl Fn(&Request) -> Option<Canned> + Send + 'static) {
        let asked = Arc::clone(&self.asked[nth]);
        self.servers[nth].on_request(move |request| {
            asked.lock().unwrap().push(Asked {
                authorization: request.header("authorization").unwrap_or_default().to_owned(),
                account: request.account().map(str::to_owned),
                path: request.path().to_owned(),
            });
            instead(request)
        });
    }

    /// What each of the servers was asked since the last time.
    fn asked(&self) -> [Vec<Asked>; 2] {
        [0, 1].map(|nth| std::mem::take(&mut *self.asked[nth].lock().unwrap()))
    }

    /// Fails unless each server saw its own token and nothing else.
    #[track_caller]
    fn assert_own_tokens(&self, asked: &[Vec<Asked>; 2]) {
        for (server, asked) in self.servers.iter().zip(asked) {
            let tokens: BTreeSet<_> = asked.iter().map(|asked| asked.authorization.as_str()).collect();
            assert_eq!(tokens.into_iter().collect::<Vec<_>>(), [format!("Bearer {}", server.token())]);
        }
    }

    /// Runs a command in an environment that names yet another server, token and account.
    fn run(&self, line: &str) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plannr-tui"));
        command.env_clear().envs(ENVIRONMENT).stdin(Stdio::null()).envs(ELSEWHERE);
        command.env("PLANNR_CONFIG", self.home.path().join("config.toml"));
        let done = command.args(line.split_whitespace()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
    }

    fn monitor(&self) -> Pty {
        let mut command = plannr_tui();
        command.env("PLANNR_CONFIG", self.home.path().join("config.toml"));
        ELSEWHERE.iter().for_each(|(name, value)| command.env(name, value));
        command.args(["--all-profiles"]);
        Pty::start(command, 160, 50)
    }
}

const ELSEWHERE: [(&str, &str); 4] = [
    ("PLANNR_ACCESS_TOKEN", "of-the-environment"),
    ("PLANNR_TOKEN_FILE", "/nonexistent/token"),
    ("PLANNR_BASE_URL", "http://127.0.0.1:9"),
    ("PLANNR_ACCOUNT_UUID", "00000000-0000-4000-8000-000000000000"),
];

fn options(imports: usize) -> Options {
    Options { imports, start: Timestamp::now(), keep_starting: false, ..Options::default() }
}

fn records(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}

fn refused() -> Canned {
    Canned::Answer(Response::error(401, "No."))
}

#[test]
fn each_profile_is_asked_with_its_own_token_and_one_uuid_on_two_servers_is_two_firms() {
    let rig = Rig::new(&options(30));
    let (code, out, stderr) = rig.run("list --since 10y --json --all-profiles");
    assert_eq!((code, stderr.as_str()), (0, ""));
    let asked = rig.asked();
    rig.assert_own_tokens(&asked);
    assert!(asked.iter().flatten().any(|asked| asked.path == LOGINS), "{asked:?}");
    let all = records(&out);
    for (profile, server) in BOTH.iter().zip(&rig.servers) {
        let its: Vec<_> = all.iter().filter(|import| import["profile"] == *profile).collect();
        assert_eq!(its.len(), server.world().uuids(server.time()).len(), "{profile}");
        let uuids = server.world().uuids(server.time());
        assert!(its.iter().all(|import| {
            import["account_uuid"] == *server.account()
                && import["firm"] == format!("{profile}/{}", server.world().firm_name())
                && uuids.iter().any(|uuid| import["uuid"] == **uuid)
        }));
    }
    assert_eq!(rig.servers[0].account(), rig.servers[1].account(), "one uuid");
    assert!(all.is_sorted_by(|a, b| a["created_at"].as_str() >= b["created_at"].as_str()));

    let (_, named, _) = rig.run("list --since 10y --json --profile copy --profile live");
    assert_eq!(records(&named).len(), all.len());
    let (code, every, _) = rig.run("list --since 10y --json --all-profiles --all-accounts");
    let firms: BTreeSet<_> = records(&every).iter().map(|import| import["firm"].to_string()).collect();
    assert_eq!((code, firms.len()), (0, 4), "{firms:?}");
    let (code, accounts, _) = rig.run("accounts --json --all-profiles");
    let in_use = records(&accounts).into_iter().filter(|account| account["in_use"] == true);
    let in_use: Vec<_> = in_use.map(|account| account["profile"].as_str().unwrap().to_owned()).collect();
    assert_eq!((code, in_use), (0, BOTH.map(str::to_owned).to_vec()));
    rig.assert_own_tokens(&rig.asked());
}

#[test]
fn a_profile_that_fails_is_named_and_keeps_no_other_from_being_printed() {
    let rig = Rig::new(&options(20));
    let lines = ["list --since 10y --json", "accounts --json"];
    let check = |code: i32, why: &str| {
        for line in lines {
            let retry = "--all-profiles --retry-for 0s";
            let (found, out, stderr) = rig.run(&format!("{line} {retry}"));
            assert_eq!(found, code, "{line}: {stderr}");
            assert!(stderr.contains("profile copy: ") && stderr.contains(why), "{line}: {stderr}");
            assert_eq!(stderr.lines().count(), 1, "{stderr}");
            let profiles: BTreeSet<_> = records(&out).iter().map(|it| it["profile"].to_string()).collect();
            assert_eq!(profiles.into_iter().collect::<Vec<_>>(), ["\"live\""], "{line}");
        }
    };
    rig.answer(1, |_| Some(Canned::Answer(Response::error(503, "No."))));
    check(5, "server error (503)");
    rig.answer(1, |_| Some(refused()));
    check(4, "does not accept the token (401)");
    rig.write(&format!("http://{}", closed_port::reserve()));
    check(5, "cannot reach the server");
    fs::remove_file(rig.home.path().join("copy")).unwrap();
    check(4, "cannot");

    rig.answer(0, |_| Some(refused()));
    let (code, out, stderr) = rig.run("list --all-profiles --retry-for 0s");
    assert_eq!((code, out.as_str()), (4, ""));
    assert!(BOTH.iter().all(|profile| stderr.contains(&format!("profile {profile}: "))), "{stderr}");
}

#[test]
fn a_wait_for_all_profiles_goes_on_without_one_that_is_refused() {
    let rig = Rig::new(&Options { speed: 600.0, ..options(20) });
    let line = "wait --all-running --all-profiles --since 10y --interval 500ms --timeout 60s --json";
    let (code, out, stderr) = rig.run(line);
    assert!(matches!(code, 0 | 3), "{code}: {stderr}");
    let waited = records(&out);
    assert!(BOTH.iter().all(|profile| waited.iter().any(|import| import["profile"] == *profile)), "{out}");
    assert!(waited.iter().all(|import| import["verdict"] != "running"), "{out}");
    rig.assert_own_tokens(&rig.asked());

    // The list of the copy is given, and from then on its token is refused.
    let rig = Rig::new(&Options { speed: 600.0, ..options(20) });
    let listed = Mutex::new(false);
    rig.answer(1, move |request| {
        let is_list = request.path() == "/api/v1/import";
        let mut listed = listed.lock().unwrap();
        let refuses = is_list && *listed;
        *listed |= is_list;
        refuses.then(refused)
    });
    let (code, out, stderr) = rig.run(line);
    assert_eq!(code, 4, "{stderr}");
    let waited = records(&out);
    let mut live = waited.iter().filter(|import| import["profile"] == "live").peekable();
    assert!(live.peek().is_some() && live.all(|import| import["verdict"] != "running"), "{out}");
}

#[test]
fn what_is_of_one_server_is_wrong_usage_with_several_profiles() {
    let rig = Rig::new(&options(1));
    for (line, named) in [
        ("list --all-profiles --account x", ["--account", "--all-profiles"]),
        ("list --all-profiles --base-url https://x.example", ["--base-url", "--all-profiles"]),
        ("--token-file x --profile live --profile copy", ["--token-file", "--profile"]),
        ("list --all-profiles --profile live", ["--all-profiles", "--profile"]),
        ("errors latest --all-profiles", ["--all-profiles", "--profile NAME"]),
        ("list --all-profiles --config /dev/null", ["--all-profiles", "has no profiles"]),
    ] {
        let (code, out, stderr) = rig.run(line);
        assert_eq!((code, out.as_str()), (2, ""), "{line}: {stderr}");
        assert!(named.iter().all(|name| stderr.contains(name)), "{line}: {stderr}");
    }
    assert_eq!(rig.asked(), [vec![], vec![]], "nothing is sent");
}

#[test]
fn the_monitor_lists_all_profiles_and_asks_each_server_for_its_own_imports() {
    let rig = Rig::new(&options(20));
    let mut pty = rig.monitor();
    pty.shows("2 firms").shows("live").shows("1 All 40");
    // The details of an import of each come from its own server.
    for (nth, profile) in BOTH.iter().enumerate() {
        pty.keys(&format!("/firm:{profile} is:done\r")).keys("i");
        let is_detail = |asked: &Asked| asked.path.starts_with("/api/v1/import/");
        pty.until("details", |_| rig.asked[nth].lock().unwrap().iter().any(is_detail));
        pty.keys("h").shows("1 All").keys("\u{1b}").hides("firm:");
    }
    let left = pty.keys("q").end();
    assert_eq!(left.code, Ok(0));
    let asked = rig.asked();
    rig.assert_own_tokens(&asked);
    for (server, asked) in rig.servers.iter().zip(&asked) {
        let own: Vec<_> = server.world().firms().flat_map(|firm| firm.uuids(server.time())).collect();
        let foreign = asked.iter().filter_map(|it| it.path.strip_prefix("/api/v1/import/"));
        assert_eq!(foreign.filter(|uuid| !own.iter().any(|own| own == uuid)).count(), 0, "{asked:?}");
    }
}

#[test]
fn the_monitor_goes_on_without_a_profile_that_is_refused_and_ends_without_any() {
    let rig = Rig::new(&options(20));
    rig.answer(1, |_| Some(refused()));
    let mut pty = rig.monitor();
    pty.shows("1 All 20").shows("live, not copy").keys("L").shows("profile copy: 127.0.0.1");
    pty.shows("does not accept the token (401)");
    assert_eq!(pty.keys("qq").end().code, Ok(0));
    let [_, copy] = rig.asked();
    assert!(copy.iter().all(|asked| asked.path == LOGINS && asked.account.is_none()), "{copy:?}");

    rig.answer(0, |_| Some(refused()));
    let mut left = rig.monitor().end();
    let text = String::from_utf8_lossy(&std::mem::take(&mut left.bytes)).into_owned();
    assert_eq!(left.code, Ok(4), "{text}");
    assert!(BOTH.iter().all(|profile| text.contains(&format!("profile {profile}: "))), "{text}");
}
