//! Which options act on which command. One that would be ignored is refused, and the command's help does not show it.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{ArgMatches, Command, CommandFactory as _, FromArgMatches as _, parser::ValueSource};

use super::Cli;
use crate::domain::import_name::ImportName;

const SERVER: &[&str] = &["token_file", "base_url", "account", "all_accounts", "ca_file"];
const NARROW: &[&str] =
    &["since", "until", "types", "exclude_types", "modes", "statuses", "initiated_by", "filter"];

/// The options that a command ignores.
fn ignored(command: &str) -> Vec<&'static str> {
    let groups: &[&[&'static str]] = match command {
        "list" => &[&["interval", "source"]],
        "wait" => &[&["source"]],
        "events" => &[&["source", "spreadsheet_safe"]],
        "accounts" => &[NARROW, &["interval", "source", "redact"]],
        "errors" | "fix" => &[&["all_accounts", "all_profiles", "interval", "filter"]],
        "report" => &[&["all_accounts", "all_profiles", "interval", "source", "spreadsheet_safe", "filter"]],
        "demo" => &[SERVER, &["all_profiles"]],
        "completions" | "man" => &[
            SERVER,
            &["all_profiles"],
            NARROW,
            &["interval", "ascii", "redact", "spreadsheet_safe", "source", "log_file", "profile", "theme"],
        ],
        // The monitor takes all; the rest check their own.
        _ => &[],
    };
    groups.concat()
}

/// The arguments; the help of each command shows only the options that act on it.
pub fn definition() -> Command {
    let whole = Cli::command();
    let globals: Vec<_> = whole.get_arguments().filter(|arg| arg.is_global_set()).cloned().collect();
    let names: Vec<_> = whole.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    names.into_iter().fold(whole, |whole, name| {
        let ignored = ignored(&name);
        let hidden = globals.iter().filter(|arg| ignored.contains(&arg.get_id().as_str()));
        let hidden: Vec<_> = hidden.map(|arg| arg.clone().hide(true)).collect();
        whole.mut_subcommand(name, |command| command.args(hidden))
    })
}

impl Cli {
    /// Reads a command line.
    ///
    /// # Errors
    /// What is wrong with it, or the help that was asked for; its `exit` prints it.
    pub fn read(line: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Self, clap::Error> {
        let matches = definition().try_get_matches_from(line)?;
        check(&matches)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut definition()))
    }

    /// Reads the command line that the program was started with, its own name first; ends the program where it is wrong, or
    /// asks for help.
    pub fn of_this_program(line: impl ExactSizeIterator<Item = OsString>) -> Self {
        // Most starts name none, and defining them takes a sixth of the time until the first frame.
        if line.len() <= 1 {
            return Self::default();
        }
        Self::read(line).unwrap_or_else(|error| error.exit())
    }
}

fn check(matches: &ArgMatches) -> Result<(), clap::Error> {
    let typed = |id: &str| {
        matches.try_contains_id(id).is_ok() && matches.value_source(id) == Some(ValueSource::CommandLine)
    };
    let refuse = |flag: &str, why: &str| {
        let flag = flag.replace('_', "-");
        // Made anew: it takes half a millisecond, which only a mistake is worth.
        Err(definition().error(ErrorKind::ArgumentConflict, format!("--{flag}: {why}")))
    };
    let count = |id| matches.get_many::<OsString>(id).map_or(0, Iterator::count);
    // clap sees no conflict of an option before the command with one behind it.
    if typed("account") && typed("all_accounts") {
        return refuse("all_accounts", "names every account already; leave out --account");
    }
    if typed("all_profiles") && typed("profile") {
        return refuse("all_profiles", "names every profile already; leave out --profile");
    }
    let several = match typed("all_profiles") {
        true => Some("--all-profiles"),
        false => (count("profile") > 1).then_some("--profile more than once"),
    };
    if let Some(several) = several
        && let Some(of_one) = ["account", "base_url", "token_file"].into_iter().find(|id| typed(id))
    {
        let why = format!("says it for one server, not for several profiles; leave it out beside {several}");
        return refuse(of_one, &why);
    }
    let Some((name, own)) = matches.subcommand() else { return Ok(()) };
    if name == "demo" && count("profile") > 1 {
        return refuse("profile", "given more than once; demo has a server of its own");
    }
    let mut ignored = ignored(name);
    let names: Option<Vec<&ImportName>> = match name {
        "wait" if !own.get_flag("all_running") => own.get_many("imports").map(Iterator::collect),
        "errors" | "fix" | "report" => own.get_many("import").map(Iterator::collect),
        _ => None,
    };
    // A whole UUID says exactly which; `latest` and a beginning are looked up in the list.
    let exact =
        names.as_ref().is_some_and(|names| names.iter().all(|name| matches!(name, ImportName::Id(_))));
    if exact {
        ignored.extend(NARROW);
    } else if names.is_some() {
        ignored.push("filter");
    }
    if names.is_some() {
        let one = "imports that are named are looked for in one account: choose it with --account UUID";
        let one_server = "imports that are named are looked for on one server: choose it with --profile NAME";
        let again = "given more than once; ";
        if typed("all_accounts") {
            return refuse("all_accounts", one);
        } else if count("account") > 1 {
            return refuse("account", &format!("{again}{one}"));
        } else if typed("all_profiles") {
            return refuse("all_profiles", one_server);
        } else if count("profile") > 1 {
            return refuse("profile", &format!("{again}{one_server}"));
        }
    }
    let Some(misplaced) = ignored.into_iter().find(|id| typed(id)) else { return Ok(()) };
    let why = if exact && NARROW.contains(&misplaced) {
        "only narrows a list; leave it out when whole UUIDs are given".to_owned()
    } else if name == "demo" {
        "not available with demo, which has a server of its own".to_owned()
    } else {
        format!("`{name}` would ignore it; leave it out")
    };
    refuse(misplaced, &why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Cli, clap::Error> {
        Cli::read(line.split_whitespace())
    }

    #[test]
    fn no_arguments_say_what_the_defaults_say() {
        assert_eq!(format!("{:?}", read("plannr-tui").unwrap()), format!("{:?}", Cli::default()));
    }

    #[test]
    fn what_a_command_would_ignore_is_refused_wherever_it_stands() {
        for (line, flag) in [
            ("plannr-tui report 1-2 --since 7d", "--since: only narrows a list"),
            ("plannr-tui report 0656 --filter x", "--filter: `report` would ignore it"),
            ("plannr-tui --interval 5s fix latest", "--interval: `fix` would ignore it"),
            ("plannr-tui --filter x errors latest", "--filter: `errors` would ignore it"),
            ("plannr-tui --interval 5s list", "--interval: `list` would ignore it"),
            ("plannr-tui wait 1-2 --types clients", "--types: only narrows a list"),
            ("plannr-tui man --ascii", "--ascii: `man` would ignore it"),
            ("plannr-tui completions bash --base-url https://x.example", "--base-url: `completions`"),
            ("plannr-tui --token-file x demo", "--token-file: not available with demo"),
            ("plannr-tui demo --base-url http://localhost", "--base-url: not available with demo"),
            ("plannr-tui demo --all-accounts", "--all-accounts: not available with demo"),
            ("plannr-tui --account x list --all-accounts", "--all-accounts: names every account already"),
            ("plannr-tui --all-accounts --account x", "--all-accounts: names every account already"),
            ("plannr-tui --all-accounts errors latest", "--all-accounts: imports that are named"),
            ("plannr-tui fix 1-2 --all-accounts", "--all-accounts: imports that are named"),
            ("plannr-tui report 0656 --account x --account y", "--account: given more than once"),
            ("plannr-tui wait 1-2 --all-accounts", "--all-accounts: imports that are named"),
            ("plannr-tui wait 1-2 --account x --account y", "--account: given more than once"),
            ("plannr-tui --all-profiles errors latest", "--all-profiles: imports that are named"),
            ("plannr-tui fix 1-2 --profile a --profile b", "--profile: given more than once"),
            ("plannr-tui wait 1-2 --all-profiles", "--all-profiles: imports that are named"),
            ("plannr-tui demo --all-profiles", "--all-profiles: not available with demo"),
            ("plannr-tui demo --profile a --profile b", "--profile: given more than once"),
            ("plannr-tui --all-profiles man", "--all-profiles: `man` would ignore it"),
            ("plannr-tui --profile a list --all-profiles", "--all-profiles: names every profile already"),
            ("plannr-tui --account x list --all-profiles", "--account: says it for one server"),
            ("plannr-tui --all-profiles --base-url https://x.example", "leave it out beside --all-profiles"),
            ("plannr-tui --token-file x --all-profiles accounts", "--token-file: says it for one server"),
            ("plannr-tui --profile a --profile b --account x", "beside --profile more than once"),
        ] {
            let error = read(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
            assert!(error.to_string().contains(flag), "{line}: {error}");
        }
    }

    #[test]
    fn what_acts_is_taken_before_and_after_the_command() {
        for line in [
            "plannr-tui --since 7d --filter x list --csv --spreadsheet-safe",
            "plannr-tui list --since 7d --csv --filter x --spreadsheet-safe",
            "plannr-tui --since 7d wait --all-running --filter x --interval 5s --spreadsheet-safe",
        ] {
            let cli = read(line).unwrap();
            assert_eq!(cli.narrow.since.as_deref(), Some("7d"), "{line}");
            assert_eq!(cli.narrow.filter.as_deref(), Some("x"), "{line}");
            assert!(cli.watch.spreadsheet_safe, "{line}");
        }
        assert!(read("plannr-tui --since 7d --redact --source x.csv").is_ok());
        let cli = read("plannr-tui list --filter -type:clients --json").unwrap();
        assert_eq!(cli.narrow.filter.as_deref(), Some("-type:clients"));
        let error = read("plannr-tui list --filter --json").unwrap_err();
        assert!(error.to_string().contains("give a filter, such as type:clients"), "{error}");
        assert!(read("plannr-tui errors latest --types clients --since 7d").is_ok());
        assert!(read("plannr-tui wait 0656 latest --modes create").is_ok());
        for line in ["list", "wait --all-running", "accounts", ""] {
            assert!(read(&format!("plannr-tui {line} --all-accounts")).is_ok(), "{line}");
            assert!(read(&format!("plannr-tui --all-accounts {line} --all-profiles")).is_ok(), "{line}");
            let cli = read(&format!("plannr-tui {line} --profile x --profile y")).unwrap();
            assert_eq!(cli.config.profile, ["x", "y"], "{line}");
            let cli = read(&format!("plannr-tui {line} --account x --account y")).unwrap();
            assert_eq!(cli.server.account, ["x", "y"], "{line}");
        }
    }

    #[test]
    fn help_shows_what_acts() {
        let mut definition = definition();
        definition.build();
        for (name, shown, hidden) in [
            ("list", "--since", "--interval"),
            ("wait", "--interval", "--source"),
            ("report", "--since", "--filter"),
            ("errors", "--account", "--all-accounts"),
            ("wait", "--all-accounts", "--source"),
            ("man", "--help", "--base-url"),
            ("completions", "--config", "--ca-file"),
            ("demo", "--since", "--token-file"),
            ("demo", "--theme", "--ca-file"),
        ] {
            let help = definition.find_subcommand_mut(name).unwrap().render_help().to_string();
            assert!(help.contains(shown) && !help.contains(hidden), "{help}");
        }
    }

    #[test]
    fn every_option_that_is_named_exists() {
        let whole = Cli::command();
        for command in whole.get_subcommands() {
            for id in ignored(command.get_name()) {
                assert!(whole.get_arguments().any(|arg| arg.get_id() == id), "{id}");
            }
        }
    }
}
