//! `plannr-tui errors`: the failed rows of an import and why they failed, for people and programs.

mod formats;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use super::report::import;
use crate::api::{Bounds, Client};
use crate::cli::ErrorsArgs;
use crate::clock;
use crate::config::{Server, Settings};
use crate::domain::import::Import;
use crate::domain::redact::Redaction;
use crate::domain::snapshot::Watched;
use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::output::stdout::print;
use crate::report::{ApiView, Completeness, FailedRows, Limits};
use crate::session::once::signed_in;
use crate::session::retry::Retry;
use crate::session::{source, transfer};
use formats::RowFormatter;

pub(super) fn run(settings: &Settings, server: &Server, args: &ErrorsArgs) -> color_eyre::Result<ExitCode> {
    let source = settings.source.as_deref().map(source::read).transpose()?;
    let retry = Retry::briefly(args.retry.retry_for);
    signed_in(settings, std::slice::from_ref(server), Server::named, retry, async |connected, retry| {
        let import = import(&args.import, &connected, settings, retry).await?;
        let client = connected.client;
        let failed = Watched::at_first_sight(import.clone(), clock::clock()()).tally.failed();
        let bounds = Bounds { retry_for: retry.left(), ..Bounds::MEMORY };
        let (mut rows, why_sample) = rows(&client, &import, failed, bounds).await?;
        if let Some(source) = source.clone() {
            rows = off_thread(move || rows.joined_to(&source)).await?;
        }
        let completeness = rows.completeness(failed);
        if !matches!(completeness, Completeness::All { .. }) {
            let count = completeness.describe(rows.origin(), &why_sample);
            warn(&format!("failed rows: {count}"));
        } else if import.report().is_some() && !why_sample.is_empty() {
            warn(&format!("{why_sample}; showing the {} from Plannr's API", rows.len()));
        }
        rows.notes().iter().for_each(|note| warn(note));
        let formatter = RowFormatter {
            rows: &rows,
            redaction: Redaction { enabled: settings.redact.value },
            spreadsheet_safe: settings.spreadsheet_safe,
            complete: completeness.is_all(),
        };
        if rows.is_empty() && failed == 0 {
            warn("no failed rows");
        }
        let none_available = rows.is_empty() && failed > 0;
        print(text(formatter, args)?).await?;
        if none_available {
            let message = format!("{failed} rows failed, but none of them is available");
            return Err(Failure { message, exit: Exit::Unexpected });
        }
        Ok(Exit::Success)
    })
}

/// All failed rows from the report, else the API's sample and why there is no report.
pub(super) async fn rows(
    client: &Client,
    import: &Import,
    failed: u64,
    bounds: Bounds,
) -> Result<(FailedRows, String), Failure> {
    let mapping = import.mapping.clone();
    let sample = import.failures.as_ref().map(|failures| failures.rows.clone()).unwrap_or_default();
    let why_not = match import.report().map(|report| &report.link) {
        None => "there is no error report".to_owned(),
        Some(Err(refusal)) => refusal.to_string(),
        Some(Ok(link)) => {
            let mut bytes = Vec::new();
            match client.download(link, Some(&import.id), &mut bytes, bounds, |_| ()).await {
                Ok(_) => {
                    let api = ApiView { mapping, sample, failed };
                    match off_thread(move || FailedRows::read(&bytes, &Limits::default(), &api)).await? {
                        Ok(rows) => return Ok((rows, String::new())),
                        Err(refusal) => transfer::not_readable(&refusal),
                    }
                }
                // There is nothing to print instead.
                Err(fault) if sample.is_empty() && failed > 0 => return Err(fault.into()),
                Err(fault) => {
                    let redaction = Redaction::default();
                    format!("cannot fetch the report: {}", transfer::describe(&fault).text(redaction))
                }
            }
        }
    };
    Ok((FailedRows::of_sample(import.failed_rows(), import.mapping.as_deref()), why_not))
}

/// Works on another thread, so that signals are still handled here.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Failure { message: "the report could not be read".to_owned(), exit: Exit::Unexpected })
}

/// A message on standard error, sanitised.
pub(super) fn warn(message: &str) {
    let _ = writeln!(io::stderr(), "plannr-tui: {}", SafeText::new(message));
}

fn text(formatter: RowFormatter<'_>, args: &ErrorsArgs) -> Result<String, Failure> {
    let terminal = io::stdout().is_terminal();
    let text = match args {
        ErrorsArgs { json: true, .. } => formatter.json(),
        ErrorsArgs { csv: true, .. } => {
            formatter.csv().map_err(|error| Failure { message: error.to_string(), exit: Exit::Unexpected })?
        }
        ErrorsArgs { rows: true, .. } => formatter.by_row(),
        _ if terminal => formatter.by_reason(),
        _ => formatter.by_reason_tab_separated(),
    };
    // Exact in a file, sanitised on a terminal.
    Ok(if terminal { text.lines().map(|line| format!("{}\n", SafeText::new(line))).collect() } else { text })
}
