//! The tables of the guides in `docs/` are what the program has today.

use std::path::{Path, PathBuf};

use clap::{Arg, Command, CommandFactory as _};
use plannr_tui::app::keymap::{BINDINGS, Mode};
use plannr_tui::cli::Cli;
use plannr_tui::query::{FIELDS, STATES};

/// Set, the tests write what they would otherwise compare.
const UPDATE: &str = "UPDATE_README";

#[test]
fn the_tables_of_the_guides_are_what_the_program_has() {
    let command = Cli::command();
    let tables = [
        ("docs/keys.md", "keys", keys()),
        ("docs/options.md", "options", options(&command)),
        ("docs/options.md", "demo options", options(command.find_subcommand("demo").unwrap())),
        ("docs/options.md", "variables", section(&command, "Environment", ["variable", "meaning"])),
        ("docs/scripting.md", "exit codes", section(&command, "Exit codes", ["code", "meaning"])),
        ("docs/filter.md", "fields", fields()),
        ("docs/filter.md", "states", states()),
    ];
    for (path, name, table) in tables {
        let page = std::fs::read_to_string(within(path)).unwrap();
        keep(path, &with_table(&page, name, &table));
    }
}

/// Compares a file with what it should hold, or writes it.
#[track_caller]
pub fn keep(path: &str, wanted: &str) {
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(within(path), wanted).unwrap();
        return;
    }
    let found = std::fs::read_to_string(within(path)).unwrap_or_default();
    if found != wanted {
        let same = found.lines().zip(wanted.lines()).take_while(|(a, b)| a == b).count();
        let line = |text: &str| text.lines().nth(same).unwrap_or("(the end)").to_owned();
        panic!(
            "{path} is not what the program shows today, from line {} on:\n  there: {}\n  today: {}\n\
             If today's is right: {UPDATE}=1 cargo test --test simulated readme",
            same + 1,
            line(&found),
            line(wanted),
        );
    }
}

/// A file of the repository.
pub fn within(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text with the table between its two comments renewed.
#[track_caller]
pub fn with_table(text: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let parts = text.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let Some((before, after)) = parts else { panic!("there is no {begin}{end}") };
    format!("{before}{begin}{table}{end}{after}")
}

pub fn table<const N: usize>(heads: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line =
        |cells: [String; N]| format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "));
    let mut table = line(heads.map(str::to_owned)) + &line(heads.map(|_| "---".to_owned()));
    table.extend(rows.into_iter().map(line));
    table
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn keys() -> String {
    let names = |keys: &[&str]| keys.iter().map(|key| code(key)).collect::<Vec<_>>().join(" ");
    table(
        ["key", "does", "where", "in `[keys]`"],
        BINDINGS.iter().map(|b| [names(b.keys), b.help.to_owned(), places(b.modes), code(b.action.name())]),
    )
}

/// Where a key holds, in as few words as it takes.
fn places(modes: &[Mode]) -> String {
    let everywhere = BINDINGS.iter().map(|binding| binding.modes).max_by_key(|modes| modes.len()).unwrap();
    let screens = [Mode::Imports, Mode::Details, Mode::Failures, Mode::Row];
    let titles = |modes: &mut dyn Iterator<Item = &Mode>| {
        modes.map(|mode| mode.title()).collect::<Vec<_>>().join(", ")
    };
    if modes.len() == everywhere.len() {
        "everywhere".to_owned()
    } else if modes == screens {
        "every screen".to_owned()
    } else if modes.len() > screens.len() {
        format!("everywhere but {}", titles(&mut everywhere.iter().filter(|mode| !modes.contains(mode))))
    } else {
        titles(&mut modes.iter())
    }
}

fn fields() -> String {
    let rows = FIELDS.iter().map(|f| [code(&format!("{}:{}", f.name, f.value)), f.what.to_owned()]);
    table(["field", "narrows to"], rows)
}

fn states() -> String {
    table(
        ["state", "imports that are there"],
        STATES.iter().map(|s| [code(&format!("is:{}", s.name)), s.what.to_owned()]),
    )
}

fn options(command: &Command) -> String {
    let own = |arg: &&Arg| arg.get_long().is_some_and(|long| !["help", "version"].contains(&long));
    table(
        ["option", "meaning", "variable", "default"],
        command.get_arguments().filter(own).map(|arg| {
            let value = arg.get_value_names().filter(|_| arg.get_action().takes_values());
            let value = value.map(|names| format!(" {}", names.concat())).unwrap_or_default();
            let help = arg.get_help().unwrap().to_string();
            let (help, variable) = noted(&help, "env");
            let (help, default) = noted(&help, "default");
            let of_clap =
                arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect::<String>();
            let option = code(&format!("--{}{value}", arg.get_long().unwrap()));
            let or_blank = |text: String| if text.is_empty() { text } else { code(&text) };
            [option, help, or_blank(variable), if default.is_empty() { of_clap } else { default }]
        }),
    )
}

/// Takes a note such as `[env: NAME]` out of an option's help.
fn noted(help: &str, what: &str) -> (String, String) {
    let note = help.split_once(&format!(" [{what}: ")).and_then(|(before, rest)| {
        let (note, after) = rest.split_once(']')?;
        Some((format!("{before}{after}"), note.to_owned()))
    });
    note.unwrap_or_else(|| (help.to_owned(), String::new()))
}

/// A section of what the long help says at its end: a name and its meaning a line.
fn section(command: &Command, title: &str, heads: [&str; 2]) -> String {
    let help = command.get_after_long_help().unwrap().to_string();
    let lines: Vec<_> = help.lines().skip_while(|line| !line.starts_with(title)).skip(1).collect();
    let rows = lines.iter().take_while(|line| !line.trim().is_empty()).map(|line| {
        let (name, meaning) = line.trim().split_once("  ").unwrap();
        [code(name), meaning.trim().to_owned()]
    });
    table(heads, rows)
}
