use super::*;
use std::time::Duration;

use crate::app::keymap::actions;
use crate::domain::Now;
use crate::domain::event_kind::EventKind;
use proptest::prelude::*;

fn now() -> Now {
    Now { up: Duration::ZERO, wall: "2026-11-23T09:30:00Z".parse().unwrap() }
}

fn read_as(bytes: &[u8], trust: Trust) -> Result<Config, ConfigError> {
    let reading = Reading { folder: Path::new("/etc/x"), home: Some(Path::new("/home/me")), now: now() };
    Config::read(text(Path::new("c.toml"), bytes.to_vec())?, trust, &reading)
}

fn read(text: &str) -> Result<Config, ConfigError> {
    read_as(text.as_bytes(), Trust::Good)
}

fn mistakes(text: &str) -> Vec<String> {
    read(text).unwrap_err().0.iter().map(Mistake::brief).collect()
}

#[test]
fn every_mistake_is_reported_with_its_position_and_what_is_valid() {
    let table = [
        ("intervall = \"2s\"", "1:1: unknown key `intervall`; did you mean `interval`?"),
        ("\nacount = 1", "2:1: unknown key `acount`; did you mean `account`?"),
        ("zzz = 1", "1:1: unknown key `zzz`; plannr-tui config init writes a template of every setting"),
        (
            "token = \"x\"",
            "1:1: unknown key `token`; a token is never kept in this file: set token_command or token_file",
        ),
        ("interval = 2", "1:12: a number is not valid here: write it like `interval = \"2s\"`"),
        ("interval = \"100ms\"", "1:12: too short: use 500ms to 1h, for example 2s or 1m30s"),
        ("ascii = \"yes\"", "1:9: a string is not valid here: write it like `ascii = false`"),
        ("account = \"\"", "1:11: empty: give a value, or leave out the line"),
        ("since = \"2027-01-01\"", "1:9: is in the future"),
        ("columns = [\"type\", 2]", "1:20: a number in a list of strings: put it in quotes"),
        ("columns = [\"type\", \"progess\"]", "1:20: no column is called progess: did you mean progress?"),
        ("columns = []", "1:11: no columns: name at least one, or remove the setting"),
        ("[profiles.a]\ncolumns = [\"x\"]", "2:12: no column is called x: there are import, firm, type"),
        ("[filters]\nmine = \"tpye:x\"", "2:8: unknown field tpye: did you mean type:?"),
        ("[filters]\nmine = \"\"", "2:8: filters nothing"),
        ("[filters]\nmine = 3", "2:8: not a number: give a filter in quotes"),
        ("[keys]\nrefesh = \"f5\"", "2:1: no action is called refesh: did you mean refresh?"),
        ("[keys]\npause = [\"f5\", \"r\"]", "2:16: r is already refresh in: Imports, Details"),
        ("token_command = []", "1:17: empty: give a command"),
        (
            "token_file = \"a\"\ntoken_command = \"b\"",
            "1:14: token_command is set too; keep only one of the two",
        ),
        ("[profiles.a]\ninterva = 1", "2:1: unknown key `interva`; did you mean `interval`?"),
        (
            "[profiles.a]\n[profiles.b]\nredact = 1",
            "3:10: a number is not valid here: write it like `redact = false`",
        ),
        ("[profiles]\ninterval = \"2s\"", "2:1: must be in a named section: write [profiles.NAME] above it"),
        ("profiles = 1", "1:1: not a section; write [profiles] on a line of its own"),
        (
            "[keys]\nquit = 3",
            "2:8: a number is not valid here: use a key or a list of keys, like \"q\" or [\"q\", \"ctrl-q\"]",
        ),
        ("[keys]\nquit = [\"q\", true]", "2:14: a boolean in a list of strings: put it in quotes"),
        ("[[hooks]]\non = [\"settled\"]", "1:1: no program to run: add a line like run = [\"/usr"),
        (
            "[[hooks]]\nrun = \"notify-send Plannr\"",
            "2:7: a string is not valid here: write program and arguments as a list, like run = [\"/usr",
        ),
        ("[[hooks]]\nrun = []", "2:7: empty: give a program"),
        ("[[hooks]]\nrun = [\"a\", 1]", "2:13: a number in a list of strings: put it in quotes"),
        (
            "[[hooks]]\nrun = [\"./a\"]",
            "2:8: a relative path: give an absolute one, or the name of a program",
        ),
        (
            "[[hooks]]\nrun = [\"a\"]\n[[hooks]]\nrunn = [\"b\"]",
            "4:1: unknown key `runn`; did you mean `run`?",
        ),
        (
            "[[hooks]]\nrun = [\"a\"]\non = [\"setled\"]",
            "3:7: unknown event `setled`; did you mean `settled`?",
        ),
        (
            "[[hooks]]\nrun = [\"a\"]\non = []",
            "3:6: no event: name at least one, or leave out the line for all",
        ),
        (
            "[[hooks]]\nrun = [\"a\"]\non = \"settled\"",
            "3:6: a string is not valid here: write a list, like on = [\"settled\", \"stalled\"]",
        ),
        ("[hooks]\nrun = [\"a\"]", "1:2: not a list of sections; write [[hooks]] on a line of its own"),
        ("hooks = [1]", "1:1: not a list of sections; write [[hooks]] on a line of its own"),
        ("'å' = \"ä\" interval", "1:11: not valid TOML: unexpected key or value, expected newline, `#`"),
    ];
    for (text, problem) in table {
        let mistakes = mistakes(text);
        assert_eq!(mistakes.len(), 1, "{text}: {mistakes:?}");
        assert!(mistakes[0].starts_with(&format!("c.toml:{problem}")), "{mistakes:?}");
    }
}

#[test]
fn all_mistakes_are_reported_at_once_in_order_and_pointed_at() {
    let error = read("ascii = 1\n[profiles.a]\nmous = true\n[keys]\nquit = 3 # é\n").unwrap_err();
    let wanted = "\
c.toml:1:9: a number is not valid here: write it like `ascii = false`
    ascii = 1
            ^
c.toml:3:1: unknown key `mous`; did you mean `mouse`?
    mous = …
    ^^^^
c.toml:5:8: a number is not valid here: use a key or a list of keys, like \"q\" or [\"q\", \"ctrl-q\"]
    quit = 3 # é
           ^";
    assert_eq!(error.to_string(), wanted);
}

#[test]
fn no_mistake_shows_what_may_be_a_secret_or_moves_the_cursor() {
    let table = [
        "token = \"s3cret\"",
        "acces_token = \"s3cret\"",
        "token_command = [\"curl\", \"s3cret\", 3]",
        "token_command = [\n  \"s3cret\", 3,\n]",
        "token_command = curl s3cret",
        "token_command = \"s3cret",
        "token_command = [\n  \"s3cret\" \"x\"\n]",
        "tokn = s3cret",
        "base_url = \"https://u:s3cret@host\"",
        "base_url = https://u:s3cret@host",
        "base_url = \"https://u:s3cret/x@host\"",
        "[profiles.a]\ntoken_command = { x = \"s3cret\" }",
        "[[hooks]]\nrun = \"curl https://s3cret\"",
        "[[hooks]]\nrun = [\"curl\", \"https://s3cret\", 1]",
        "[[hooks]]\nrun = [\"./curl\", \"https://s3cret\"]",
    ];
    for text in table {
        let error = read(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{text}: {error}");
    }
    let moving = read("interval = \"\\u001b[2J\" # \u{1b}[2J").unwrap_err();
    assert!(!moving.to_string().contains('\u{1b}'), "{moving}");
    let config = read_as(b"token_command = \"s3cret --now\"", Trust::Good).unwrap();
    assert!(!format!("{config:?}").contains("--now"), "{config:?}");
}

#[test]
fn what_is_run_and_where_a_token_goes_is_refused_where_others_may_choose_it() {
    for key in ["token_command", "base_url", "ca_file", "log_file"] {
        let file = format!("\n{key} = \"https://x\"");
        let refused = |trust| read_as(file.as_bytes(), trust).unwrap_err().0[0].brief();
        let problem = refused(Trust::Writable(0o664));
        assert!(
            problem.starts_with("c.toml:2:1: not used: others can write this file (mode 664)"),
            "{problem}"
        );
        assert!(problem.ends_with("chmod 600 c.toml"), "{problem}");
        assert!(refused(Trust::Foreign).ends_with("sudo chown \"$(id -u)\" c.toml"));
    }
    read_as(b"interval = \"3s\"", Trust::Writable(0o666)).unwrap();
    let hooks = b"[[hooks]]\nrun = [\"a\"]\n[[hooks]]\nrun = [\"b\"]";
    let refused = read_as(hooks, Trust::Foreign).unwrap_err();
    assert!(refused.0[0].brief().contains("who could decide what is run"), "{refused}");
}

#[test]
fn hooks_keep_their_order_and_show_no_argument() {
    let config = read(
        "[[hooks]]\non = [\"stalled\", \"settled\"]\nrun = [\"~/bin/told\", \"s3cret\"]\n[[hooks]]\nrun = [\"notify-send\"]",
    );
    let config = config.unwrap();
    let hooks: Vec<_> = config.hooks.iter().map(|hook| hook.value.clone()).collect();
    let first = Hook {
        on: [EventKind::Stalled, EventKind::Settled].into(),
        run: ["/home/me/bin/told", "s3cret"].map(str::to_owned).to_vec(),
    };
    assert_eq!(hooks, [first, Hook { on: [].into(), run: vec!["notify-send".to_owned()] }]);
    let shown = hooks.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(shown, ["stalled, settled: /home/me/bin/told …", "all events: notify-send"]);
    assert!(!format!("{config:?}").contains("s3cret"), "{config:?}");
    let lines = config.hooks.iter().map(|hook| config.document.as_ref().unwrap().at(&hook.span).line);
    assert_eq!(lines.collect::<Vec<_>>(), [1, 4]);
}

#[test]
fn sections_keep_their_order_and_places_for_others_to_judge() {
    let config = read(
        "[keys]\nsort = [\"s\", \"f6\"]\nquit = \"q\"\n[themes.mine]\nfg = \"red\"\n[filters]\nz = \"by:me\"\na = \"is:done\"",
    );
    let config = config.unwrap();
    let keys: Vec<_> = config
        .sections
        .keys
        .iter()
        .map(|line| {
            (line.action.value.as_str(), line.keys.iter().map(|k| k.value.as_str()).collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(keys, [("sort", vec!["s", "f6"]), ("quit", vec!["q"])]);
    let document = config.document.unwrap();
    let second = &config.sections.keys[0].keys[1];
    assert_eq!(document.at(&second.span), Position { line: 2, column: 14 });
    let mistake = document.mistake(&second.span, "taken", Showing::Line);
    assert_eq!(mistake.to_string(), "c.toml:2:14: taken\n    sort = [\"s\", \"f6\"]\n                 ^^^^");
    assert_eq!(config.sections.themes[0].0.value, "mine");
    let filters = config.sections.filters.iter().map(|named| (&*named.value.name, &*named.value.filter));
    assert_eq!(filters.collect::<Vec<_>>(), [("z", "by:me"), ("a", "is:done")]);
    assert_eq!(config.sections.themes[0].1[0].value.value, Value::Text("red".to_owned()));
}

#[test]
fn the_default_file_sets_nothing_and_every_line_of_it_may_be_set() {
    let text = commented();
    let config = read(&text).unwrap();
    assert_eq!(config, Config { document: config.document.clone(), ..Config::default() });
    let (above, _) = text.split_once("#[keys]").unwrap();
    for key in KEYS {
        let line = format!("#{} = ", key.name);
        assert_eq!(above.lines().filter(|found| found.starts_with(&line)).count(), 1, "{}", key.name);
        let set = text.replacen(&line, &line[1..], 1);
        let config = read(&set).unwrap_or_else(|error| panic!("{error}"));
        assert_ne!(config.values, Values::default(), "{}", key.name);
    }
    // All of them at once, but for one of the two places of the token.
    let all: String = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(set)
                if !set.is_empty() && !set.starts_with([' ', '#']) && !set.starts_with("token_file") =>
            {
                set
            }
            _ => line,
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let config = read(&all).unwrap_or_else(|error| panic!("{error}"));
    assert!(config.profile("test").is_ok() && config.sections.keys.len() == actions().count(), "{all}");
}

#[test]
fn paths_count_from_the_file_or_from_home() {
    for (written, path) in [("~/t", "/home/me/t"), ("t", "/etc/x/t"), ("/t", "/t"), ("~t", "/etc/x/~t")] {
        let config = read(&format!("token_file = \"{written}\"")).unwrap();
        assert_eq!(config.values.token_file.unwrap().value, Path::new(path));
    }
}

#[test]
fn a_file_that_cannot_be_a_configuration_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let source = crate::config::Source::Flag("--config");
    let at = |name: &str| ConfigLocation { path: folder.path().join(name), source: source.clone() };
    let refusal = |name: &str| load(&at(name)).unwrap_err().to_string();
    assert!(refusal("none").contains("does not exist, though --config names it"), "{}", refusal("none"));
    let usual = ConfigLocation { source: crate::config::Source::Default, ..at("none") };
    assert_eq!(load(&usual).unwrap().map(|(document, _)| document), None);
    assert!(refusal("").ends_with("is a folder, not a file"), "{}", refusal(""));
    std::fs::write(folder.path().join("big"), vec![b'#'; LARGEST + 1]).unwrap();
    assert!(refusal("big").contains("larger than 1 MiB"));
    std::fs::write(folder.path().join("latin"), b"# x\ntheme = \"caf\xe9\"\n").unwrap();
    assert!(refusal("latin").contains("latin:2:13: not valid UTF-8 text"), "{}", refusal("latin"));
    std::fs::write(folder.path().join("bom"), "\u{feff}interval = \"3s\"").unwrap();
    let (document, _) = load(&at("bom")).unwrap().unwrap();
    assert!(tree::read(&document, keys::is_public).is_ok());
}

/// Values, or mistakes that each have a place in the file.
fn values_or_places(bytes: &[u8]) {
    match read_as(bytes, Trust::Good) {
        Ok(_) => {}
        Err(ConfigError(mistakes)) => {
            assert!(!mistakes.is_empty());
            let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() + 1;
            for mistake in mistakes {
                let Position { line, column } = mistake.position.unwrap();
                assert!((1..=lines).contains(&line) && column >= 1, "{mistake}");
                assert!(!mistake.to_string().replace('\n', "").contains(char::is_control), "{mistake:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_give_values_or_mistakes_with_places(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        values_or_places(&bytes);
    }

    #[test]
    fn any_text_of_toml_signs_gives_values_or_mistakes_with_places(
        text in "([\\[\\]{}=\",.#'\n\\\\ é]|interval|token_command|profiles|keys|true|12|2s|\"a\"){0,40}"
    ) {
        values_or_places(text.as_bytes());
    }

    #[test]
    fn any_edit_of_the_default_file_gives_values_or_mistakes_with_places(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..8, "[\\[\\]{}=\",#\n1a]{0,3}"), 1..8)
    ) {
        let mut text = commented().replace("\n#", "\n");
        for (at, length, put) in edits {
            let at = at.index(text.len());
            let end = (at + length).min(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(end) {
                text.replace_range(at..end, &put);
            }
        }
        values_or_places(text.as_bytes());
    }
}
