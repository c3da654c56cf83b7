//! `plannr-tui`: see the library's documentation for how it is built.

use std::io::{self, Write as _};
use std::process::ExitCode;

use plannr_tui::exit::{Exit, Failure};
use plannr_tui::{commands, secrets, terminal};

fn main() -> color_eyre::Result<ExitCode> {
    terminal::install_hooks()?;
    let report = match commands::run() {
        Ok(code) => return Ok(code),
        Err(report) => report,
    };
    let failure = report.downcast_ref::<Failure>();
    // If this cannot be written, as on a terminal that is gone, the exit code still shows it.
    let message = failure.map_or_else(|| format!("{report:#}"), ToString::to_string);
    let _ = writeln!(io::stderr(), "plannr-tui: {}", secrets::scrubbed(&message));
    Ok(failure.map_or(Exit::Unexpected, |failure| failure.exit).into())
}
