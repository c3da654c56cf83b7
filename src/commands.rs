//! What the program does, one file for each command.

mod connect;
mod demo;
mod monitor;

use std::process::ExitCode;

use crate::cli::Cli;
use crate::exit::Failure;
use crate::settings::{Settings, Target};
use crate::{clock, logging};

/// Runs what the arguments ask for.
///
/// # Errors
/// Why it could not be done, with the exit code.
pub fn run(cli: &Cli) -> color_eyre::Result<ExitCode> {
    let clock = clock::clock();
    let settings = Settings::resolve(cli, &|name| std::env::var_os(name), clock()).map_err(Failure::from)?;
    if let Some(log) = &settings.log {
        logging::start(log)?;
    }
    match &settings.target {
        Target::Server(server) => monitor::run(&settings, server, clock),
        Target::Demo(demo) => demo::run(&settings, demo, clock),
    }
}
