//! `plannr-tui`: see the library's documentation for how it is built.

use std::process::ExitCode;

use clap::Parser;
use plannr_tui::cli::Cli;
use plannr_tui::exit::{Exit, Failure};
use plannr_tui::{commands, terminal};

fn main() -> color_eyre::Result<ExitCode> {
    terminal::install_hooks()?;
    match commands::run(&Cli::parse()) {
        Ok(code) => Ok(code),
        Err(report) => Ok(match report.downcast_ref::<Failure>() {
            Some(failure) => {
                eprintln!("plannr-tui: {failure}");
                failure.exit.into()
            }
            None => {
                eprintln!("plannr-tui: {report:#}");
                Exit::Unexpected.into()
            }
        }),
    }
}
