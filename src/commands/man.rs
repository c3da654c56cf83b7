//! `plannr-tui man`: the man page, generated from the program's own tables.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use crate::app::keymap::{BINDINGS, Keymap, Mode};
use crate::cli::definition;
use crate::domain::text::SafeText;
use crate::query::{FIELDS, STATES};

/// The page as roff, with the current keys and the path of the configuration file, if known.
///
/// # Errors
/// None but those of a writer to memory.
pub(super) fn page(keymap: &Keymap, config: Option<&Path>) -> io::Result<Vec<u8>> {
    let mut definition = definition();
    definition.build();
    let after_help = definition.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let man = Man::new(definition.clone()).manual("User Commands");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    synopsis(&definition).to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    commands(&definition).to_writer(&mut page)?;
    man.render_options_section(&mut page)?;
    for section in [
        keys(keymap),
        filter(),
        pairs("ENVIRONMENT", listed(&after_help, "Environment")),
        pairs("EXIT STATUS", listed(&after_help, "Exit codes")),
        pairs("FILES", files(config)),
        examples(&after_help),
    ] {
        section.to_writer(&mut page)?;
    }
    Ok(page)
}

/// A path with `~` for the home folder: the page may be read by other users.
pub(super) fn relative_to_home(path: PathBuf, home: Option<OsString>) -> PathBuf {
    let rest = home.filter(|home| !home.is_empty()).and_then(|home| path.strip_prefix(home).ok());
    rest.map_or_else(|| path.clone(), |rest| Path::new("~").join(rest))
}

/// The command line with every global option.
fn synopsis(definition: &Command) -> Roff {
    let mut line = vec![bold(definition.get_name())];
    for arg in definition.get_arguments().filter(|arg| arg.is_global_set()) {
        line.push(roman(" ["));
        line.extend(argument(arg));
        line.push(roman("]"));
    }
    line.extend([roman(" ["), italic("COMMAND"), roman("]")]);
    let mut section = Roff::new();
    section.control("SH", ["SYNOPSIS"]);
    section.text(line);
    section
}

/// Every command with its own options.
fn commands(definition: &Command) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["COMMANDS"]);
    for command in definition.get_subcommands().filter(|command| command.get_name() != "help") {
        section.control("SS", [format!("plannr-tui {}", command.get_name()).as_str()]);
        let about = command.get_long_about().or(command.get_about()).map(ToString::to_string);
        paragraphs(&mut section, &about.unwrap_or_default());
        let own = |arg: &&clap::Arg| !arg.is_global_set() && !arg.is_hide_set() && arg.get_id() != "help";
        for arg in command.get_arguments().filter(own) {
            section.control("TP", []);
            section.text(argument(arg));
            let mut help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let defaults: Vec<_> =
                arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
            if !defaults.is_empty() && arg.get_action().takes_values() {
                help.push_str(&format!(" [default: {}]", defaults.join(" ")));
            }
            section.text([roman(help)]);
        }
        let within = command.get_subcommands().filter(|command| command.get_name() != "help");
        entries(
            &mut section,
            within.map(|command| {
                let about = command.get_about().map(ToString::to_string).unwrap_or_default();
                (command.get_name().to_owned(), about)
            }),
        );
    }
    section
}

/// The current keys; if the configuration changed some, the section says so.
fn keys(keymap: &Keymap) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["KEYS"]);
    let note = if *keymap == Keymap::default() {
        "[keys] in the configuration gives any action other keys, using the name at the end of its line."
    } else {
        "These are the keys configured by whoever generated this page; [keys] uses the name at the end of each line."
    };
    paragraphs(&mut section, note);
    let bound = keymap.all().iter().filter(|bound| !bound.keys.is_empty());
    entries(
        &mut section,
        bound.map(|b| (b.keys.join(", "), format!("{}: {}", with_modes(&b.modes, b.help), b.action.name()))),
    );
    section
}

/// `-o, --output PATH`.
fn argument(arg: &clap::Arg) -> Vec<Inline> {
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let flags: Vec<String> = short.into_iter().chain(long).collect();
    let mut line = vec![bold(flags.join(", "))];
    let names = arg.get_value_names().filter(|_| arg.get_action().takes_values());
    for name in names.unwrap_or_default() {
        let gap = if line.len() > 1 || !flags.is_empty() { " " } else { "" };
        line.extend([roman(gap), italic(name.as_str())]);
    }
    line
}

fn filter() -> Roff {
    let fields =
        FIELDS.iter().map(|field| (format!("{}:{}", field.name, field.value), field.what.to_owned()));
    let states = STATES.iter().map(|state| (format!("is:{}", state.name), state.what.to_owned()));
    let mut section = Roff::new();
    section.control("SH", ["FILTER LANGUAGE"]);
    paragraphs(
        &mut section,
        "A filter is a list of terms separated by spaces; all terms must match. A plain word matches any text shown, \
         fuzzily, and case-sensitively if it has a capital; numbers and times take their field; - before a term \
         negates it, a comma means or, quotes keep spaces.",
    );
    entries(&mut section, fields.chain(states));
    section
}

fn files(config: Option<&Path>) -> [(String, String); 3] {
    let config = config.map_or_else(
        || "plannr-tui/config.toml".to_owned(),
        |path| SafeText::new(&path.to_string_lossy()).to_string(),
    );
    let files = [
        (
            config.as_str(),
            "The configuration. config init writes a commented template of every setting; config path prints the path; \
             --config names another file.",
        ),
        (
            "the file of --log-file, PLANNR_LOG_FILE or log_file",
            "The log, if requested. Only you can read it, and it never contains a token.",
        ),
        (
            "reports and CSVs",
            "They are saved where you choose, readable only by you. Nothing else is written: there is no cache.",
        ),
    ];
    files.map(|(name, meaning)| (name.to_owned(), meaning.to_owned()))
}

fn examples(help: &str) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["EXAMPLES"]);
    section.control("nf", []);
    let lines = help.lines().skip_while(|line| !line.starts_with("Examples")).skip(1);
    for line in lines.take_while(|line| !line.trim().is_empty()) {
        section.text([roman(line)]);
    }
    section.control("fi", []);
    section
}

/// A section of the end of the long help: a name and its meaning per line.
fn listed(help: &str, title: &str) -> Vec<(String, String)> {
    let lines = help.lines().skip_while(|line| !line.starts_with(title)).skip(1);
    lines
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.trim().split_once("  "))
        .map(|(name, meaning)| (name.to_owned(), meaning.trim().to_owned()))
        .collect()
}

fn pairs(title: &str, pairs: impl IntoIterator<Item = (String, String)>) -> Roff {
    let mut section = Roff::new();
    section.control("SH", [title]);
    entries(&mut section, pairs);
    section
}

fn entries(section: &mut Roff, pairs: impl IntoIterator<Item = (String, String)>) {
    for (name, meaning) in pairs {
        section.control("TP", []);
        section.text([bold(name)]);
        section.text([roman(meaning)]);
    }
}

fn paragraphs(section: &mut Roff, text: &str) {
    for paragraph in text.split("\n\n") {
        section.control("PP", []);
        section.text([roman(paragraph)]);
    }
}

fn with_modes(modes: &[Mode], help: &str) -> String {
    let everywhere = BINDINGS.iter().map(|binding| binding.modes.len()).max().unwrap_or_default();
    if modes.len() == everywhere {
        return format!("{help} (everywhere)");
    }
    let titles: Vec<_> = modes.iter().map(|mode| mode.title()).collect();
    format!("{help} ({})", titles.join(", "))
}
