//! What the program does, one file for each command.

mod accounts;
mod completions;
mod config;
mod demo;
mod errors;
mod events;
mod fix;
mod gather;
mod list;
mod man;
mod monitor;
mod observed;
mod recording;
mod report;
mod wait;

use std::process::ExitCode;

use jiff::tz::TimeZone;

use crate::cli::{Cli, Command, ConfigCommand};
use crate::config::{Server, Settings, SettingsError, Source, Target};
use crate::exit::{Exit, Failure};
use crate::query::Query;
use crate::{clock, logging};

/// Reads the arguments and runs what they ask for.
///
/// # Errors
/// Why it could not be done, with the exit code.
pub fn run() -> color_eyre::Result<ExitCode> {
    let cli = &Cli::of_this_program(std::env::args_os());
    let clock = clock::clock();
    let env = |name: &str| std::env::var_os(name);
    // These work without valid settings, and help if the file is missing or invalid.
    match &cli.command {
        Some(Command::Completions(args)) => return print_now(completions::script(*args)),
        Some(Command::Man) => {
            let path = crate::config::config_location(cli, &env)
                .map(|location| man::relative_to_home(location.path, env("HOME")));
            let file = crate::config::config(cli, &env, clock()).unwrap_or_else(|error| {
                crate::output::stdout::eprint(&format!("{error}\nshowing the default keys"));
                crate::config::file::Config::default()
            });
            return print_now(man::page(file.keymap(), path.as_deref())?);
        }
        Some(Command::Config(ConfigCommand::Path)) => {
            return config::path(crate::config::config_location(cli, &env));
        }
        Some(Command::Config(ConfigCommand::Init)) => {
            return config::init(crate::config::config_location(cli, &env));
        }
        _ => {}
    }
    let config_file = monitor::reload::ConfigFile::new(cli);
    let file = crate::config::config(cli, &env, clock()).map_err(Failure::from)?;
    let settings = Settings::resolve(cli, &env, &file, clock()).map_err(Failure::from)?;
    if let Some(Command::Config(ConfigCommand::Show { json })) = cli.command {
        return config::show(&settings, json);
    }
    check_filter(&settings.filter)?;
    if let Some(log) = &settings.log {
        logging::start(&log.value, &log.source)?;
    }
    match (&settings.target, &cli.command) {
        (Target::Demo(demo), _) => demo::run(&settings, demo, config_file, clock),
        (Target::Servers(servers), Some(Command::List(args))) => list::run(&settings, servers, args, clock),
        (Target::Servers(servers), Some(Command::Wait(args))) => wait::run(&settings, servers, args, clock),
        (Target::Servers(servers), Some(Command::Events(args))) => {
            events::run(&settings, servers, args, clock)
        }
        (Target::Servers(servers), Some(Command::Accounts(args))) => accounts::run(&settings, servers, args),
        (Target::Servers(servers), Some(Command::Errors(args))) => {
            errors::run(&settings, only(servers)?, args)
        }
        (Target::Servers(servers), Some(Command::Fix(args))) => {
            fix::run(&settings, only(servers)?, args, clock)
        }
        (Target::Servers(servers), Some(Command::Report(args))) => {
            report::run(&settings, only(servers)?, args, clock)
        }
        (Target::Servers(servers), _) => monitor::run(&settings, servers, config_file, clock),
    }
}

/// The server of a command that asks one; the arguments name no more.
fn only(servers: &[Server]) -> Result<&Server, Failure> {
    let several =
        || Failure { message: "choose one profile with --profile NAME".to_owned(), exit: Exit::Usage };
    servers.first().filter(|_| servers.len() == 1).ok_or_else(several)
}

fn print_now(text: Vec<u8>) -> color_eyre::Result<ExitCode> {
    crate::session::once::until_signal(async {
        crate::output::stdout::print(text).await.map(|()| Exit::Success)
    })
}

/// Refuses an invalid filter, whose mistake the monitor would otherwise show over an unfiltered list.
fn check_filter(text: &str) -> Result<(), Failure> {
    let source = Source::Flag("--filter");
    Query::parse(text, &TimeZone::UTC).map(drop).map_err(|mistake| {
        SettingsError { source, given: Some(text.into()), problem: mistake.message }.into()
    })
}
