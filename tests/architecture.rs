//! The rules of the architecture (see the crate's documentation), checked against the sources themselves.
//!
//! Every path that a file names is looked at, in `use` lines and in code, macros included; comments, texts and
//! test modules are not.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// No file is longer, in lines.
const LONGEST: usize = 600;

/// What some files may not name.
struct Rule {
    says: &'static str,
    files: Files,
    may_not: Ban,
}

/// Files by module: `app` is `app.rs` and everything in `app/`.
enum Files {
    In(&'static [&'static str]),
    NotIn(&'static [&'static str]),
}

enum Ban {
    /// Any of our own modules but these.
    OursBut(&'static [&'static str]),
    /// Paths that hold these segments, one after another: `Color` bans `ratatui::style::Color` and `Color::Red`.
    Naming(&'static [&'static str]),
    /// Methods of these names, and whatever else is named so without a path before it.
    Calling(&'static [&'static str]),
}

use Ban::{Calling, Naming, OursBut};
use Files::{In, NotIn};

const RULES: &[Rule] = &[
    Rule {
        says: "domain imports nothing of ours but domain",
        files: In(&["domain"]),
        may_not: OursBut(&["domain"]),
    },
    Rule {
        says: "domain and query know no runtime, no HTTP and no terminal",
        files: In(&["domain", "query"]),
        may_not: Naming(&["tokio", "reqwest", "ratatui", "crossterm"]),
    },
    Rule {
        says: "query imports nothing of ours but domain, parallel and suggest",
        files: In(&["query"]),
        may_not: OursBut(&["query", "domain", "parallel", "suggest"]),
    },
    Rule { says: "only api speaks HTTP", files: NotIn(&["api"]), may_not: Naming(&["reqwest"]) },
    Rule {
        says: "api imports nothing of ours but domain",
        files: In(&["api"]),
        may_not: OursBut(&["api", "domain"]),
    },
    Rule {
        says: "poller imports nothing of ours but domain: it is given a fetch function, never the client",
        files: In(&["poller"]),
        may_not: OursBut(&["poller", "domain"]),
    },
    Rule {
        says: "app knows no runtime, no HTTP and no drawing",
        files: In(&["app"]),
        may_not: Naming(&["tokio", "reqwest", "ratatui"]),
    },
    Rule {
        says: "app imports nothing of ours but domain, parallel, query, report and suggest",
        files: In(&["app"]),
        may_not: OursBut(&["app", "domain", "parallel", "query", "report", "suggest"]),
    },
    Rule {
        says: "ui reads domain, query, report, app and suggest, and imports nothing else of ours",
        files: In(&["ui"]),
        may_not: OursBut(&["ui", "domain", "query", "report", "app", "suggest"]),
    },
    Rule {
        says: "ui knows no runtime, no HTTP, no terminal and no I/O",
        files: In(&["ui"]),
        may_not: Naming(&["tokio", "reqwest", "crossterm", "std::fs", "std::io", "std::net", "std::process"]),
    },
    Rule {
        says: "only config reads the environment, by a function that commands hands in",
        files: NotIn(&["config", "commands"]),
        may_not: Naming(&["std::env", "env::var", "env::var_os", "TimeZone::system"]),
    },
    Rule {
        says: "only clock reads the clock; the client's rate limit and the simulated server have one of their own",
        files: NotIn(&["clock", "api::rate_limiter", "simulator"]),
        may_not: Naming(&["Instant", "SystemTime", "Zoned::now"]),
    },
    Rule {
        says: "only clock reads the date; api as well, where a server says a date but not what time it has",
        files: NotIn(&["clock", "api"]),
        may_not: Naming(&["Timestamp::now"]),
    },
    Rule {
        says: "simulator imports nothing of ours: it shares no belief with the client",
        files: In(&["simulator"]),
        may_not: OursBut(&["simulator"]),
    },
    Rule {
        says: "nobody but the demo starts the simulator",
        files: NotIn(&["simulator", "commands::demo"]),
        may_not: Naming(&["crate::simulator"]),
    },
    Rule {
        says: "only ui::theme names a colour, and terminal::paint writes it",
        files: NotIn(&["ui::theme", "terminal::paint"]),
        may_not: Naming(&["Color", "Stylize"]),
    },
    Rule {
        says: "only app::keymap names a key",
        files: NotIn(&["app::keymap"]),
        may_not: Naming(&["KeyCode"]),
    },
    Rule {
        says: "ui draws a client's value as it may be shown, never as it came",
        files: In(&["ui"]),
        may_not: Calling(&["raw"]),
    },
    Rule {
        says: "nobody but main runs commands",
        files: NotIn(&["main", "commands"]),
        may_not: Naming(&["crate::commands"]),
    },
];

impl Files {
    fn include(&self, module: &str) -> bool {
        let within = |names: &[&str]| names.iter().any(|name| is_in(module, name));
        match self {
            In(names) => within(names),
            NotIn(names) => !within(names),
        }
    }
}

impl Ban {
    fn bans(&self, path: &str) -> bool {
        match self {
            OursBut(allowed) => {
                path.strip_prefix("crate::").is_some_and(|ours| !allowed.iter().any(|name| is_in(ours, name)))
            }
            Calling(names) => names.contains(&path),
            Naming(names) => names.iter().any(|name| format!("::{path}::").contains(&format!("::{name}::"))),
        }
    }
}

/// Whether a path is a module or lies in it.
fn is_in(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// A path as a file names it, made absolute where it is ours, and its line.
#[derive(Debug, Clone, PartialEq)]
struct Named {
    path: String,
    line: usize,
}

/// What a source says: the paths that it names outside tests, and its modules that are for tests only.
#[derive(Debug, Default)]
struct Source {
    named: Vec<Named>,
    test_modules: Vec<String>,
}

impl Source {
    fn read(module: &str, text: &str) -> Self {
        let tokens = text.parse().unwrap_or_else(|error| panic!("{module}: {error}"));
        let mut source = Self::default();
        source.walk(module, &flat(tokens));
        source
    }

    fn walk(&mut self, module: &str, tokens: &[TokenTree]) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Punct(sign) if sign.as_char() == '#' && is_for_tests(tokens.get(at + 1)) => {
                    let length = item_length(&tokens[at..]);
                    self.test_modules.extend(module_name(&tokens[at..at + length]));
                    at += length;
                }
                TokenTree::Group(group) => {
                    self.walk(module, &flat(group.stream()));
                    at += 1;
                }
                TokenTree::Ident(_) => at += self.path(module, "", &tokens[at..]),
                _ => at += 1,
            }
        }
    }

    /// Takes in the path that begins here, a tree of paths as well; returns how many tokens it has.
    fn path(&mut self, module: &str, before: &str, tokens: &[TokenTree]) -> usize {
        let mut path = before.to_owned();
        let mut at = 0;
        let line = tokens.first().map_or(0, |token| token.span().start().line);
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(segment)) => {
                    let segment = segment.to_string();
                    path = if path.is_empty() { segment } else { format!("{path}::{segment}") };
                    at += 1;
                }
                Some(TokenTree::Group(tree)) if tree.delimiter() == Delimiter::Brace && at > 0 => {
                    for branch in flat(tree.stream()).split(|token| is_sign(Some(token), ',')) {
                        if !branch.is_empty() {
                            self.path(module, &path, branch);
                        }
                    }
                    return at + 1;
                }
                // `*`, `<`: the path up to here is what counts.
                _ => break,
            }
            if !(is_sign(tokens.get(at), ':') && is_sign(tokens.get(at + 1), ':')) {
                break;
            }
            at += 2;
        }
        self.named.push(Named { path: absolute(module, &path), line });
        at.max(1)
    }
}

fn flat(tokens: TokenStream) -> Vec<TokenTree> {
    tokens.into_iter().collect()
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == sign)
}

/// Whether this is the bracket of `#[cfg(test)]`.
fn is_for_tests(bracket: Option<&TokenTree>) -> bool {
    matches!(bracket, Some(TokenTree::Group(group)) if group.stream().to_string().replace(' ', "") == "cfg(test)")
}

/// The tokens of the item at the beginning, its attributes included.
fn item_length(tokens: &[TokenTree]) -> usize {
    let is_use = |before: &[TokenTree]| before.iter().any(|t| matches!(t, TokenTree::Ident(i) if i == "use"));
    let end = tokens.iter().enumerate().position(|(at, token)| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !is_use(&tokens[..at]),
        sign => is_sign(Some(sign), ';'),
    });
    end.map_or(tokens.len(), |end| end + 1)
}

fn module_name(item: &[TokenTree]) -> Option<String> {
    let at = item.iter().position(|token| matches!(token, TokenTree::Ident(word) if word == "mod"))?;
    Some(item.get(at + 1)?.to_string())
}

/// A path of ours from the crate's root on; any other as it is.
fn absolute(module: &str, path: &str) -> String {
    let mut base: Vec<&str> = module.split("::").filter(|_| module != "main").collect();
    let mut rest = path.split("::").peekable();
    match rest.peek() {
        Some(&"crate" | &"plannr_tui") => base.clear(),
        Some(&"self" | &"super") => {
            while rest.next_if_eq(&"super").is_some() {
                base.pop();
            }
        }
        _ => return path.to_owned(),
    }
    let rest = rest.filter(|segment| !["crate", "plannr_tui", "self"].contains(segment));
    std::iter::once("crate").chain(base).chain(rest).collect::<Vec<_>>().join("::")
}

/// Every breach of a rule in one file, as a sentence.
fn breaches(module: &str, file: &str, source: &Source) -> Vec<String> {
    let rules = RULES.iter().filter(|rule| rule.files.include(module));
    let breach =
        |rule: &Rule, named: &Named| format!("{file}:{}: {}\n    but: {}", named.line, named.path, rule.says);
    rules
        .flat_map(|rule| {
            source.named.iter().filter(|n| rule.may_not.bans(&n.path)).map(move |n| breach(rule, n))
        })
        .collect()
}

/// Every source file: its path from `src` on, its module, its text.
fn files() -> Vec<(String, String, String)> {
    fn collect(folder: &Path, root: &Path, files: &mut Vec<(String, String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, root, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let file = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                let module = file.trim_end_matches(".rs").replace('/', "::");
                files.push((file, module, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort();
    files
}

/// The files that are part of the program, each with what it says.
fn sources() -> Vec<(String, String, Source)> {
    let all: Vec<_> = files()
        .into_iter()
        .map(|(file, module, text)| {
            let source = Source::read(&module, &text);
            (file, module, source)
        })
        .collect();
    let for_tests: Vec<String> = all
        .iter()
        .flat_map(|(_, module, source)| {
            source.test_modules.iter().map(move |name| format!("{module}::{name}"))
        })
        .collect();
    all.into_iter().filter(|(_, module, _)| !for_tests.iter().any(|tests| is_in(module, tests))).collect()
}

#[test]
fn no_file_breaks_a_rule() {
    let sources = sources();
    assert!(sources.len() > 80, "where are the sources?");
    let breaches: Vec<_> = sources
        .iter()
        .flat_map(|(file, module, source)| breaches(module, &format!("src/{file}"), source))
        .collect();
    assert!(
        breaches.is_empty(),
        "a rule of the architecture is broken (see src/lib.rs):\n{}",
        breaches.join("\n")
    );
}

/// A room is a module of the crate's root with all that is in it.
#[test]
fn no_room_leads_back_to_itself() {
    let mut doors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, module, source) in sources() {
        let room = |path: &str| path.split("::").next().unwrap_or_default().to_owned();
        let from = room(&module);
        let ours = source.named.iter().filter_map(|named| named.path.strip_prefix("crate::"));
        doors.entry(from.clone()).or_default().extend(ours.map(room).filter(|to| *to != from));
    }
    let rooms: BTreeSet<String> = doors.keys().cloned().collect();
    assert!(rooms.len() > 15, "where are the rooms?");
    // What leads nowhere else is taken away until nothing is left, or a circle.
    while let Some(outermost) = doors
        .iter()
        .find(|(_, to)| !to.iter().any(|room| doors.contains_key(room)))
        .map(|(room, _)| room.clone())
    {
        doors.remove(&outermost);
    }
    assert!(doors.is_empty(), "rooms that lead back to themselves, or to such: {:?}", doors.keys());
}

#[test]
fn a_file_holds_one_thing() {
    for (file, _, text) in files() {
        let lines = text.lines().count();
        assert!(
            lines <= LONGEST,
            "src/{file} has {lines} lines, more than {LONGEST}: what in it is a thing of its own?"
        );
        assert!(
            !file.ends_with("mod.rs"),
            "src/{file}: a module with parts is foo.rs beside foo/, never foo/mod.rs"
        );
    }
}

#[test]
fn the_map_in_the_crates_documentation_is_complete() {
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let map = docs.split("//! src/\n").nth(1).and_then(|map| map.split("//! ```").next()).unwrap_or_default();
    let mut folder = "";
    let mut mapped = BTreeSet::new();
    for line in map.lines().map(|line| line.trim_start_matches("//!")) {
        let Some((name, _)) = line.trim().split_once(".rs") else { continue };
        if line.starts_with("     ") {
            mapped.insert(format!("{folder}/{name}.rs"));
        } else {
            folder = name;
            mapped.insert(format!("{name}.rs"));
        }
    }
    // The simulator has a map of its own.
    let there: BTreeSet<_> = sources()
        .into_iter()
        .map(|(file, ..)| file)
        .filter(|file| !file.starts_with("simulator/") && file.split('/').count() <= 2)
        .collect();
    let missing: Vec<_> = there.difference(&mapped).collect();
    let gone: Vec<_> = mapped.difference(&there).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "the map in src/lib.rs: missing {missing:?}, no longer there {gone:?}"
    );
}

/// For every rule a text that breaks it, so that none is a rule that cannot fail.
#[test]
fn every_rule_can_be_broken() {
    let table = [
        ("domain::pace", "use super::super::clock::clock;"),
        ("query::scan", "async fn f() { tokio::task::yield_now().await }"),
        ("query", "use crate::{domain::Now, ui::theme};"),
        ("poller::plan", "fn f(error: &reqwest::Error) {}"),
        ("api::wire", "use super::super::config::Settings;"),
        ("poller", "use crate::{domain::{Now, page}, api::Client};"),
        ("app::import_list", "use ratatui::{layout::Rect};"),
        ("app", "use super::run::effects::Effects;"),
        ("ui::header", "fn f() { crate::poller::run() }"),
        ("ui", "use std::{fmt, io::Write};"),
        ("browser", "fn f() { let a = std::env::var(\"BROWSER\"); }"),
        ("terminal", "fn f() { select! { _ = tokio::time::Instant::now() => {} } }"),
        ("run", "fn f() -> jiff::Timestamp { jiff::Timestamp::now() }"),
        ("simulator::world", "use crate::domain::tally::Tally;"),
        ("commands::monitor", "use crate::simulator::{self, World};"),
        ("ui::gauge", "fn f() { vec![Color::Red] }"),
        ("app", "fn f(key: KeyEvent) -> bool { key.code == KeyCode::Enter }"),
        ("ui::row", "fn f(cell: &Cell) -> &str { cell.value.raw() }"),
        ("exit", "use crate::commands;"),
    ];
    assert_eq!(table.len(), RULES.len());
    for ((module, text), rule) in table.iter().zip(RULES) {
        let found = breaches(module, "made-up.rs", &Source::read(module, text));
        assert!(found.iter().any(|breach| breach.contains(rule.says)), "{text} in {module}: {found:?}");
        assert!(found.iter().all(|breach| breach.starts_with("made-up.rs:1: ")), "{found:?}");
    }
}

#[test]
fn only_what_counts_is_read() {
    let text = r##"
        //! crate::ui
        use super::plan::{self, Job as Task};
        /* use reqwest; */
        const WORDS: &str = "crate::ui::theme"; // crate::ui
        const MORE: &str = r#"use crate::"ui";"#;
        fn f<'a>(x: &'a str) -> char { '"' }
        #[cfg(test)]
        #[derive(Debug)]
        pub(crate) mod samples;
        #[cfg(test)]
        use crate::{ui::{Scene}, api};
        #[cfg(unix)]
        use crate::domain::*;
        #[cfg(test)]
        mod tests {
            use crate::ui;
        }
        #[cfg(test)]
        mod more;
    "##;
    let source = Source::read("poller::poll_interval", text);
    assert_eq!(source.test_modules, ["samples", "tests", "more"]);
    let ours: Vec<_> =
        source.named.iter().filter(|n| n.path.starts_with("crate")).map(|n| n.path.as_str()).collect();
    assert_eq!(ours, ["crate::poller::plan", "crate::poller::plan::Job", "crate::domain"]);
    assert!(breaches("poller::poll_interval", "made-up.rs", &source).is_empty());
}
