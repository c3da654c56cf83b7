use super::*;
use clap::Parser as _;
use std::collections::HashMap;
use std::path::Path;

/// A sunny morning in November.
const NOW: &str = "2026-11-23T09:30:00Z";

fn resolve(line: &str, env: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    resolve_with("", line, env)
}

/// The same with this configuration file.
fn resolve_with(file: &str, line: &str, env: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let cli = Cli::try_parse_from(std::iter::once("plannr-tui").chain(line.split_whitespace())).unwrap();
    let env: HashMap<_, _> = env.iter().map(|&(name, value)| (name, OsString::from(value))).collect();
    let now = Now { up: Duration::ZERO, wall: NOW.parse().unwrap() };
    let reading = Reading { folder: Path::new("/etc"), home: None, now };
    let document = Document::new(Path::new("c.toml"), file.to_owned());
    let config = Config::read(document, file::Trust::Good, &reading).unwrap();
    Settings::resolve(&cli, &|name| env.get(name).cloned(), &config, now)
}

fn line_of_file(line: usize) -> Source {
    Source::File { path: Path::new("c.toml").into(), line }
}

fn server(settings: Settings) -> Server {
    match settings.target {
        Target::Servers(servers) => servers.into_iter().next().unwrap(),
        Target::Demo(_) => panic!("not a server"),
    }
}

#[test]
fn nothing_given_means_the_defaults() {
    let settings = resolve("", &[]).unwrap();
    assert_eq!(settings.interval, Sourced { value: Duration::from_secs(2), source: Source::Default });
    assert_eq!(settings.criteria.since, Some("2026-10-24".parse().unwrap()));
    assert_eq!(settings.criteria, Criteria { since: settings.criteria.since, ..Criteria::default() });
    assert_eq!(settings.log, None);
    let server = server(settings);
    assert_eq!(server.base_url.value.to_string(), "https://api.plannrcrm.com");
    assert_eq!((server.base_url.source, server.token, server.accounts), (Source::Default, None, None));
}

#[test]
fn a_flag_wins_over_the_environment_and_an_empty_variable_is_not_set() {
    let table = [
        ("--interval 5s", "3s", 5, Source::Flag("--interval")),
        ("", "1m30s", 90, Source::Environment("PLANNR_INTERVAL")),
        ("", "", 2, Source::Default),
    ];
    for (line, variable, seconds, source) in table {
        let settings = resolve(line, &[("PLANNR_INTERVAL", variable)]).unwrap();
        assert_eq!(settings.interval, Sourced { value: Duration::from_secs(seconds), source }, "{line}");
    }
    let env = [("PLANNR_BASE_URL", "https://a.example"), ("PLANNR_ACCOUNT_UUID", "one")];
    let both = server(resolve("--base-url https://b.example --account two", &env).unwrap());
    assert_eq!(both.base_url.value.to_string(), "https://b.example");
    assert_eq!(
        both.accounts,
        Some(Sourced { value: vec![AccountId::new("two").unwrap()], source: Source::Flag("--account") })
    );
}

#[test]
fn the_accounts_named_nearest_are_wanted_and_all_where_nothing_nearer_names_one() {
    use WantedAccounts::{All, Preferred};
    const FILE: &str = "account = \"a\"\nall_accounts = true\n[profiles.one]\naccount = \"p\"\n\
                        [profiles.none]\nall_accounts = false\n[profiles.plain]\ninterval = \"9s\"\n";
    let these =
        |ids: &str| WantedAccounts::These(ids.split(' ').map(|id| AccountId::new(id).unwrap()).collect());
    let table = [
        ("", "", "", Preferred, Preferred, "default"),
        ("", "--account x --account y", "e", these("x y"), these("x y"), "--account"),
        ("", "--all-accounts", "e", All, Preferred, "--all-accounts"),
        (FILE, "", "", All, these("a"), "c.toml:2"),
        (FILE, "--all-accounts", "e/e", All, Preferred, "--all-accounts"),
        (FILE, "", "e", these("e"), these("e"), "PLANNR_ACCOUNT_UUID"),
        (FILE, "--account x", "e", these("x"), these("x"), "--account"),
        (FILE, "--profile one", "", these("p"), these("p"), "c.toml:4"),
        (FILE, "--profile none", "", these("a"), these("a"), "c.toml:6"),
        (FILE, "--profile plain", "", All, these("a"), "c.toml:2"),
    ];
    for (file, line, variable, wanted, named, source) in table {
        let settings = resolve_with(file, line, &[("PLANNR_ACCOUNT_UUID", variable)]).unwrap();
        let row = show::rows(&settings).into_iter().find(|row| row.key == "all_accounts").unwrap();
        assert_eq!((row.value, row.source.to_string()), ((wanted == All).to_string(), source.to_owned()));
        let server = server(settings);
        assert_eq!((server.wanted(), server.named()), (wanted, named), "{file} {line} {variable}");
    }
    let rows = show::rows(&resolve("--account x --account y", &[]).unwrap());
    let accounts = rows.iter().find(|row| row.key == "account").unwrap();
    assert_eq!((accounts.value.as_str(), accounts.source.to_string().as_str()), ("x, y", "--account"));
}

#[test]
fn the_token_file_of_the_flag_wins_over_the_token_of_the_environment_and_that_over_its_file() {
    let env = [("PLANNR_ACCESS_TOKEN", "secret"), ("PLANNR_TOKEN_FILE", "/env")];
    let file = |path: &str| TokenLocation::File(path.into());
    let table = [
        ("--token-file /flag", &env[..], file("/flag"), Source::Flag("--token-file")),
        ("", &env[..], TokenLocation::Variable("secret".into()), Source::Environment("PLANNR_ACCESS_TOKEN")),
        ("", &env[1..], file("/env"), Source::Environment("PLANNR_TOKEN_FILE")),
    ];
    for (line, env, value, source) in table {
        assert_eq!(server(resolve(line, env).unwrap()).token, Some(Sourced { value, source }), "{line}");
    }
    assert!(!format!("{:?}", resolve("", &env).unwrap()).contains("secret"));
}

#[test]
fn an_invalid_value_is_reported_with_its_source_and_what_is_valid() {
    const INTERVAL: &str = "not a duration: use 500ms to 1h, for example 2s or 1m30s";
    const DATE: &str = "not a date: write it like 2026-11-30";
    let url = BaseUrl::new("nonsense").unwrap_err().to_string();
    let table = [
        ("--interval 100ms", "too short: use 500ms to 1h, for example 2s or 1m30s"),
        ("--interval 2h", "too long: use 500ms to 1h, for example 2s or 1m30s"),
        ("--interval 2", INTERVAL),
        ("PLANNR_INTERVAL=-2s", INTERVAL),
        ("PLANNR_BASE_URL=nonsense", &url),
        ("--base-url api.plannrcrm.com", &url),
        ("--base-url https://h/api/v1/", "leave out /api/v1: it should look like https://api.plannrcrm.com"),
        ("--account a/b", "not a UUID: write it like 2c8ea1ba-9b5d-4a5f-8b7e-3f1d2c4b5a69"),
        ("--until soon", DATE),
        (
            "--since ever",
            "not a date or a duration: write it like 2026-11-01, or like 7d or 6mo, back from today",
        ),
        ("--since 2027-01-01", "is in the future"),
        ("--types ,", "empty list: give at least one value, comma-separated"),
        ("--types a;b", "not a list of types: write it like clients,plans,provider_statement"),
        ("PLANNR_LOG=loud", "not a log level: use error, warn, info, debug or trace"),
    ];
    for (given, problem) in table {
        let result = match given.split_once('=') {
            Some(variable) => resolve("", &[variable]),
            None => resolve(given, &[]),
        };
        let failure = Failure::from(result.unwrap_err());
        assert_eq!((failure.message, failure.exit), (format!("{given}: {problem}"), Exit::Usage));
    }
}

#[test]
fn an_error_shows_no_secret_and_moves_no_cursor() {
    let table = [
        ("https://u:pw@host", "PLANNR_BASE_URL"),
        ("https://u:p/w@host", "PLANNR_BASE_URL"),
        ("\u{1b}[2J", "PLANNR_BASE_URL=␛[2J"),
    ];
    for (value, given) in table {
        let error = resolve("", &[("PLANNR_BASE_URL", value)]).unwrap_err();
        let refusal = BaseUrl::new(value).unwrap_err();
        assert_eq!(error.to_string(), format!("{given}: {refusal}"));
    }
}

#[test]
fn flags_that_contradict_each_other_are_refused() {
    let error = resolve("--since 2026-11-20 --until 2026-11-01", &[]).unwrap_err();
    assert_eq!(error.to_string(), "--since 2026-11-20: later than --until 2026-11-01, so nothing matches");
}

#[test]
fn the_period_counts_back_from_now_or_from_the_end_that_was_given() {
    let table = [
        ("--since 2026-11-01", "2026-11-01", None),
        ("--since 12h", "2026-11-22", None),
        ("--since 1w", "2026-11-16", None),
        ("--since 6mo", "2026-05-23", None),
        ("--since 2026-11-24", "2026-11-24", None),
        ("--until 2026-11-23", "2026-10-24", Some("2026-11-23")),
        ("--until 2026-03-31", "2026-03-01", Some("2026-03-31")),
        ("--since 2026-03-31 --until 2026-03-31", "2026-03-31", Some("2026-03-31")),
    ];
    for (line, since, until) in table {
        let criteria = resolve(line, &[]).unwrap().criteria;
        let date = |day: &str| day.parse().unwrap();
        assert_eq!((criteria.since, criteria.until), (Some(date(since)), until.map(date)), "{line}");
    }
}

#[test]
fn lists_are_spelt_as_the_api_spells_them() {
    let line = "--types Clients,,provider-statement --exclude-types notes --modes create,update \
                --statuses processing,Completed --initiated-by abc --filter is:running";
    let settings = resolve(line, &[]).unwrap();
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    assert_eq!(settings.criteria.types, words(&["clients", "provider_statement"]));
    assert_eq!(settings.criteria.exclude_types, words(&["notes"]));
    assert_eq!(settings.criteria.modes, words(&["store", "update"]));
    assert_eq!(settings.criteria.statuses, words(&["processing", "Completed"]));
    assert_eq!(settings.criteria.initiated_by.as_deref(), Some("abc"));
    assert_eq!(settings.filter, "is:running");
}

#[cfg(target_os = "linux")]
#[test]
fn ascii_where_asked_for_or_where_the_locale_is_not_utf8() {
    let table = [
        ("--ascii", &[("LANG", "en_GB.UTF-8")][..], true),
        ("", &[("LANG", "en_GB.UTF-8")], false),
        ("", &[("LANG", "en_GB.utf8")], false),
        ("", &[("LC_CTYPE", "UTF-8"), ("LANG", "C")], false),
        ("", &[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")], true),
        ("", &[("LC_ALL", ""), ("LANG", "en_GB.UTF-8")], false),
        ("", &[("LANG", "en_GB.ISO-8859-1")], true),
        ("", &[], true),
    ];
    for (line, env, ascii) in table {
        assert_eq!(resolve(line, env).unwrap().ascii.value, ascii, "{line} {env:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_environment_is_read() {
    let plain = resolve("", &[("NO_COLOR", "")]).unwrap();
    assert!(plain.colour.value && !plain.tmux && !plain.dumb);
    assert_eq!(plain.browser, browser::BrowserEnv::default());

    let env = [
        ("NO_COLOR", "0"),
        ("TMUX", "/tmp/tmux"),
        ("TERM", "dumb"),
        ("BROWSER", "w3m"),
        ("SSH_TTY", "/dev/pts/1"),
        ("WAYLAND_DISPLAY", "wayland-0"),
    ];
    let full = resolve("", &env).unwrap();
    assert!(!full.colour.value && full.tmux && full.dumb);
    let wanted = browser::BrowserEnv { browser: Some("w3m".to_owned()), remote: true, display: true };
    assert_eq!(full.browser, wanted);
}

#[test]
fn the_log_has_a_place_and_a_level() {
    let env = [("PLANNR_LOG_FILE", "/var/log/x"), ("PLANNR_LOG", "Debug")];
    let log = resolve("", &env).unwrap().log.unwrap().value;
    assert_eq!((log.path.as_path(), log.level), (Path::new("/var/log/x"), tracing::Level::DEBUG));
    assert_eq!(resolve("--log-file here", &env).unwrap().log.unwrap().source, Source::Flag("--log-file"));
}

#[test]
fn demo_ignores_the_server_of_the_environment() {
    let env = [("PLANNR_BASE_URL", "nonsense"), ("PLANNR_ACCESS_TOKEN", "secret")];
    let settings = resolve("demo --imports 7", &env).unwrap();
    assert!(matches!(settings.target, Target::Demo(DemoArgs { imports: 7, .. })));
}

#[cfg(unix)]
#[test]
fn a_path_need_not_be_utf8_but_a_word_must() {
    use std::os::unix::ffi::OsStringExt as _;
    let not_utf8 = || OsString::from_vec(vec![b'/', 0xff]);
    let cli = Cli::parse_from(["plannr-tui"]);
    let now = Now { up: Duration::ZERO, wall: NOW.parse().unwrap() };
    let with = |wanted: &'static str| {
        let config = Config::default();
        Settings::resolve(&cli, &|name| (name == wanted).then(not_utf8), &config, now)
            .map_err(|error| error.to_string())
    };
    assert_eq!(with("PLANNR_LOG_FILE").unwrap().log.unwrap().value.path, PathBuf::from(not_utf8()));
    let error = with("PLANNR_INTERVAL").unwrap_err();
    assert_eq!(error, "PLANNR_INTERVAL=/\u{fffd}: not valid UTF-8 text");
}

#[test]
fn the_file_wins_over_the_default_a_profile_over_the_file_and_everything_over_those() {
    let file = "interval = \"7s\"\nredact = true\n[profiles.slow]\ninterval = \"9s\"\n";
    let table = [
        ("", &[][..], 7, line_of_file(1)),
        ("--profile slow", &[], 9, line_of_file(4)),
        ("", &[("PLANNR_PROFILE", "slow")], 9, line_of_file(4)),
        ("--profile slow", &[("PLANNR_INTERVAL", "5s")], 5, Source::Environment("PLANNR_INTERVAL")),
        ("--profile slow --interval 3s", &[("PLANNR_INTERVAL", "5s")], 3, Source::Flag("--interval")),
    ];
    for (line, env, seconds, source) in table {
        let settings = resolve_with(file, line, env).unwrap();
        assert_eq!(settings.interval, Sourced { value: Duration::from_secs(seconds), source }, "{line}");
        assert_eq!(settings.redact, Sourced { value: true, source: line_of_file(2) });
    }
    let off = resolve_with(file, "", &[("PLANNR_REDACT", "0")]).unwrap();
    assert!(!off.redact.value);
    let latin = [("LANG", "en_GB.ISO-8859-1")];
    assert!(!resolve_with("ascii = false", "", &latin).unwrap().ascii.value);
    assert!(resolve_with("ascii = false", "--ascii", &latin).unwrap().ascii.value);
}

#[test]
fn the_period_of_the_file_is_as_good_as_the_default_one() {
    let table = [
        ("since = \"7d\"", "", "2026-11-16"),
        ("since = \"7d\"", "--until 2026-03-31", "2026-03-24"),
        ("since = \"7d\"", "--since 1d", "2026-11-22"),
        ("since = \"2026-02-01\"", "--until 2026-03-31", "2026-02-01"),
    ];
    for (file, line, day) in table {
        let settings = resolve_with(file, line, &[]).unwrap();
        assert_eq!(settings.criteria.since, Some(day.parse().unwrap()), "{file} {line}");
    }
    let error = resolve_with("since = \"2026-11-01\"", "--until 2026-03-31", &[]).unwrap_err();
    assert_eq!(error.to_string(), "c.toml:1 2026-11-01: later than --until 2026-03-31, so nothing matches");
}

#[test]
fn an_unknown_profile_is_reported_with_those_that_exist() {
    let table = [
        ("", "no configuration file, so no profiles; plannr-tui config init writes a template"),
        ("theme = \"x\"", "c.toml has no profiles; add a section [profiles.NAME]"),
        (
            "[profiles.prod]\n[profiles.staging]\n",
            "not a profile in c.toml, which has: prod, staging; did you mean staging?",
        ),
    ];
    for (file, problem) in table {
        let error = match file {
            "" => {
                let cli = Cli::parse_from(["plannr-tui", "--profile", "stagign"]);
                let now = Now { up: Duration::ZERO, wall: NOW.parse().unwrap() };
                Settings::resolve(&cli, &|_| None, &Config::default(), now)
            }
            file => resolve_with(file, "--profile stagign", &[]),
        };
        assert_eq!(error.unwrap_err().to_string(), format!("--profile stagign: {problem}"));
    }
}

/// Who gets which token: the heart of what keeps a token from a server that it was not given for.
#[test]
fn a_token_goes_to_the_server_that_it_was_given_for_and_to_no_other() {
    const PLAIN: &str = "token_file = \"/top\"";
    const NAMED: &str = "token_file = \"/top\"\nbase_url = \"https://top.example\"";
    const AWAY: &str = "token_file = \"/top\"\n[profiles.p]\nbase_url = \"https://p.example\"";
    const OWN: &str =
        "token_file = \"/top\"\n[profiles.p]\nbase_url = \"https://p.example\"\ntoken_file = \"/p\"";
    const ONLY_TOKEN: &str = "[profiles.p]\ntoken_file = \"/p\"";
    const SAME: &str = "token_file = \"/top\"\n[profiles.p]\nbase_url = \"https://api.plannrcrm.com/x\"";
    let secret = ("PLANNR_ACCESS_TOKEN", "secret");
    let elsewhere = ("PLANNR_BASE_URL", "https://env.example");
    let table = [
        // What the file says belongs together.
        (PLAIN, "", &[][..], Ok(("api.plannrcrm.com", "/top"))),
        (NAMED, "", &[], Ok(("top.example", "/top"))),
        (OWN, "--profile p", &[], Ok(("p.example", "/p"))),
        (ONLY_TOKEN, "--profile p", &[], Ok(("api.plannrcrm.com", "/p"))),
        (SAME, "--profile p", &[], Ok(("api.plannrcrm.com", "/top"))),
        (
            AWAY,
            "--profile p",
            &[],
            Err("c.toml:1: this token is for api.plannrcrm.com and is not sent to p.example"),
        ),
        // A server from outside gets no token of the file.
        (NAMED, "--base-url https://flag.example", &[], Err("c.toml:1: this token is for top.example")),
        (
            PLAIN,
            "",
            &[elsewhere],
            Err("c.toml:1: this token is for api.plannrcrm.com and is not sent to env.example"),
        ),
        (
            OWN,
            "--profile p --base-url https://flag.example",
            &[],
            Err("c.toml:4: this token is for p.example"),
        ),
        (NAMED, "--base-url https://top.example/", &[], Ok(("top.example", "/top"))),
        // A token of the environment goes where the environment, the flags or the file point, not the profile.
        (NAMED, "", &[secret], Ok(("top.example", "env"))),
        (NAMED, "", &[secret, elsewhere], Ok(("env.example", "env"))),
        (PLAIN, "--base-url https://flag.example", &[secret], Ok(("flag.example", "env"))),
        (AWAY, "--profile p", &[secret], Err("PLANNR_ACCESS_TOKEN: not sent to p.example")),
        (OWN, "--profile p", &[secret], Ok(("p.example", "/p"))),
        (SAME, "--profile p", &[secret], Ok(("api.plannrcrm.com", "env"))),
        (AWAY, "--profile p", &[secret, elsewhere], Ok(("env.example", "env"))),
        // What was typed for this very command goes where the command goes.
        (OWN, "--profile p --token-file /flag", &[secret], Ok(("p.example", "/flag"))),
        (AWAY, "--profile p --token-file /flag", &[], Ok(("p.example", "/flag"))),
    ];
    for (file, line, env, wanted) in table {
        let found = resolve_with(file, line, env).map(server).map_err(|error| error.to_string());
        match (found, wanted) {
            (Ok(found), Ok((host, token))) => {
                let place = match found.token.unwrap().value {
                    TokenLocation::File(path) => path.display().to_string(),
                    TokenLocation::Variable(_) => "env".to_owned(),
                    TokenLocation::Command(command) => command.to_string(),
                };
                assert_eq!(
                    (found.base_url.value.host(), place.as_str()),
                    (host, token),
                    "{file} {line} {env:?}"
                );
            }
            (Err(error), Err(start)) => assert!(error.starts_with(start), "{error}"),
            (found, wanted) => panic!("{file} {line} {env:?}: {found:?}, not {wanted:?}"),
        }
    }
}

#[test]
fn config_show_lists_every_key_and_its_source_and_no_secret() {
    let file = "token_command = \"curl -H s3cret\"\ntheme = \"night\"\ncolumns = [\"type\", \"eta\"]\n\
                [filters]\nmine = \"by:me\"\n";
    let rows = show::rows(&resolve_with(file, "--interval 1m30s", &[]).unwrap());
    let row = |key: &str| {
        let row = rows.iter().find(|row| row.key == key).unwrap();
        (row.value.clone(), row.source.to_string())
    };
    assert_eq!(row("token_command"), ("curl …".to_owned(), "c.toml:1".to_owned()));
    assert_eq!(row("interval"), ("90s".to_owned(), "--interval".to_owned()));
    assert_eq!(row("since"), ("30d".to_owned(), "default".to_owned()));
    assert_eq!(row("columns"), ("type, eta".to_owned(), "c.toml:3".to_owned()));
    assert_eq!(row("filters.mine"), ("by:me".to_owned(), "c.toml:5".to_owned()));
    for key in file::KEYS.iter().map(|key| key.name).filter(|name| *name != "token_file") {
        row(key);
    }
    assert!(!format!("{rows:?}").contains("s3cret"));
    let hidden = show::rows(&resolve("", &[("PLANNR_ACCESS_TOKEN", "s3cret")]).unwrap());
    assert_eq!((hidden[0].key.as_str(), hidden[0].value.as_str()), ("token", "(set, hidden)"));
    let sh = |line: &str| file::TokenCommand::Shell(line.to_owned()).to_string();
    assert_eq!((sh("T=s3cret get"), sh("pass")), ("…".to_owned(), "pass".to_owned()));
}

#[test]
fn the_defaults_of_the_commented_file_are_the_programs_own() {
    let examples = ["token_command", "token_file", "ca_file", "account", "theme", "log_file"];
    let text: String = file::commented()
        .split("# A custom theme")
        .next()
        .unwrap()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(set)
                if !set.starts_with(' ')
                    && !examples.iter().any(|key| set.starts_with(&format!("{key} "))) =>
            {
                format!("{set}\n")
            }
            _ => "\n".to_owned(),
        })
        .collect();
    let (set, default) =
        (resolve_with(&text, "", &[("LANG", "C.UTF-8")]).unwrap(), resolve("", &[]).unwrap());
    assert_eq!(set.keymap, default.keymap);
    assert_eq!(set.columns.value, default.columns.value);
    assert_eq!(
        (set.interval.value, set.criteria.clone()),
        (default.interval.value, default.criteria.clone())
    );
    assert_eq!(
        (set.redact.value, set.mouse.value, set.ascii.value),
        (default.redact.value, default.mouse.value, false)
    );
    assert_eq!(set.sections.keys.len(), crate::app::keymap::actions().count());
    assert_eq!(server(set).base_url.value, server(default).base_url.value);
}

/// Three servers, four profiles, two of which share server and token.
const PROFILES: &str = r#"
token_file = "/common"
theme = "light"
[profiles.live]
account = "l"
interval = "9s"
[profiles.staging]
base_url = "https://staging.example"
token_file = "/staging"
ca_file = "/staging.pem"
all_accounts = true
[profiles.audit]
token_command = "audit"
[profiles.other]
account = "o"
"#;

#[test]
fn each_of_several_profiles_has_its_own_server_token_and_accounts() {
    use WantedAccounts::{All, Each, Preferred};
    let these = |id: &str| WantedAccounts::These(vec![AccountId::new(id).unwrap()]);
    // None of these is any profile's.
    let env = [
        ("PLANNR_ACCESS_TOKEN", "secret"),
        ("PLANNR_TOKEN_FILE", "/env"),
        ("PLANNR_BASE_URL", "https://env.example"),
        ("PLANNR_ACCOUNT_UUID", "e"),
        ("PLANNR_PROFILE", "staging"),
    ];
    let servers = |line: &str| {
        let settings = resolve_with(PROFILES, line, &env).unwrap();
        assert_eq!((settings.profile, settings.interval.value), (None, Duration::from_secs(2)), "{line}");
        assert_eq!(settings.theme.unwrap().value, "light");
        let Target::Servers(servers) = settings.target else { panic!("{line}") };
        servers
    };
    let seen = |server: &Server| {
        let token = match &server.token.as_ref().unwrap().value {
            TokenLocation::File(path) => path.display().to_string(),
            TokenLocation::Command(command) => command.to_string(),
            TokenLocation::Variable(_) => panic!("of the environment"),
        };
        let profile = server.profile.as_ref().map(|name| name.to_string()).unwrap_or_default();
        (profile, server.base_url.value.host().to_owned(), token, server.wanted())
    };
    let own = |profile: &str, host: &str, token: &str, wanted| {
        (profile.to_owned(), host.to_owned(), token.to_owned(), wanted)
    };
    const LIVE: &str = "api.plannrcrm.com";
    let both = own("live, other", LIVE, "/common", Each(vec![these("l"), these("o")]));
    let staging = own("staging", "staging.example", "/staging", All);
    let audit = own("audit", LIVE, "audit", Preferred);
    let table = [
        ("--all-profiles", vec![both, staging.clone(), audit.clone()]),
        ("--profile staging --profile audit --profile staging", vec![staging, audit]),
        ("--profile live --profile audit --all-accounts", {
            vec![own("live", LIVE, "/common", All), own("audit", LIVE, "audit", All)]
        }),
    ];
    for (line, expected) in table {
        assert_eq!(servers(line).iter().map(seen).collect::<Vec<_>>(), expected, "{line}");
    }
    let again = resolve_with(PROFILES, "--profile live --profile live", &[]).unwrap();
    assert_eq!((again.profile.unwrap().value.as_str(), again.interval.value.as_secs()), ("live", 9), "one");
    let trusted = servers("--all-profiles").into_iter().map(|server| server.ca_file.map(|file| file.value));
    assert_eq!(trusted.collect::<Vec<_>>(), [None, Some("/staging.pem".into()), None]);
}

#[test]
fn several_profiles_need_a_file_and_a_token_each() {
    let table = [
        ("", "--all-profiles", "--all-profiles: c.toml has no profiles; add a section [profiles.NAME]"),
        (PROFILES, "--profile live --profile stagin", "--profile stagin: not a profile in c.toml"),
        (
            "[profiles.one]\ninterval = \"9s\"\n",
            "--all-profiles",
            "the profile one has no token of its own: set token_command or token_file in it (PLANNR_ACCESS_TOKEN is",
        ),
        (
            "token_file = \"/t\"\n[profiles.one]\nbase_url = \"https://one.example\"\n",
            "--all-profiles",
            "c.toml:1: this token is for api.plannrcrm.com and is not sent to one.example",
        ),
    ];
    for (file, line, expected) in table {
        let error = resolve_with(file, line, &[("PLANNR_ACCESS_TOKEN", "secret")]).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("secret"), "{error}");
    }
}

#[test]
fn the_servers_of_several_profiles_are_shown_by_profile() {
    let rows = show::rows(&resolve_with(PROFILES, "--all-profiles", &[]).unwrap());
    let of = |key: &str| rows.iter().find(|row| row.key == key).map(|row| row.value.as_str());
    assert_eq!(of("profiles.staging.base_url"), Some("https://staging.example"));
    assert_eq!((of("profiles.live, other.token_file"), of("base_url")), (Some("/common"), None));
}
