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
use formats::Telling;

pub(super) fn run(settings: &Settings, server: &Server, args: &ErrorsArgs) -> color_eyre::Result<ExitCode> {
    let source = settings.source.as_deref().map(source::read).transpose()?;
    let retry = Retry::briefly(args.retry.retry_for);
    signed_in(settings, server, retry, async |connected, retry| {
        let import = import(&args.import, &connected, settings, retry).await?;
        let client = connected.client;
        let failed = Watched::at_first_sight(import.clone(), clock::clock()()).tally.failed();
        let bounds = Bounds { retry_for: retry.left(), ..Bounds::MEMORY };
        let (mut rows, why_sample) = rows(&client, &import, failed, bounds).await?;
        if let Some(source) = source.clone() {
            rows = beside(move || rows.joined_to(&source)).await?;
        }
        let completeness = rows.completeness(failed);
        if !matches!(completeness, Completeness::All { .. }) {
            let count = completeness.describe(rows.origin(), &why_sample);
            say(&format!("failed rows: {count}"));
        } else if import.report().is_some() && !why_sample.is_empty() {
            say(&format!("{why_sample}; Plannr's own {} shown", rows.len()));
        }
        rows.notes().iter().for_each(|note| say(note));
        let telling = Telling {
            rows: &rows,
            redaction: Redaction { enabled: settings.redact.value },
            spreadsheet_safe: settings.spreadsheet_safe,
            complete: completeness.is_all(),
        };
        let nothing = rows.is_empty() && failed > 0;
        print(text(telling, args)?).await?;
        if nothing {
            let message = format!("{failed} rows failed, and none of them is to be had");
            return Err(Failure { message, exit: Exit::Unexpected });
        }
        Ok(Exit::Fine)
    })
}

/// All failed rows from the report, or the API's sample where no report can be had, and then why.
async fn rows(
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
                    match beside(move || FailedRows::read(&bytes, &Limits::default(), &api)).await? {
                        Ok(rows) => return Ok((rows, String::new())),
                        Err(refusal) => transfer::not_readable(&refusal),
                    }
                }
                // With nothing to print instead, that is all there is to say.
                Err(fault) if sample.is_empty() && failed > 0 => return Err(fault.into()),
                Err(fault) => {
                    let redaction = Redaction::default();
                    format!("the report cannot be fetched: {}", transfer::told(&fault).text(redaction))
                }
            }
        }
    };
    Ok((FailedRows::of_sample(import.failed_rows(), import.mapping.as_ref()), why_not))
}

/// Works something out where a signal is still heard.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Failure { message: "the report could not be read".to_owned(), exit: Exit::Unexpected })
}

/// A sentence on standard error. Who cannot read it is not in need of it.
fn say(words: &str) {
    let _ = writeln!(io::stderr(), "plannr-tui: {}", SafeText::new(words));
}

fn text(telling: Telling<'_>, args: &ErrorsArgs) -> Result<String, Failure> {
    let terminal = io::stdout().is_terminal();
    let text = match args {
        ErrorsArgs { json: true, .. } => telling.json(),
        ErrorsArgs { csv: true, .. } => {
            telling.csv().map_err(|error| Failure { message: error.to_string(), exit: Exit::Unexpected })?
        }
        ErrorsArgs { rows: true, .. } => telling.by_row(),
        _ if terminal => telling.by_reason(),
        _ => telling.by_reason_tabs(),
    };
    // Cells are exact in a file; a terminal gets what it can show.
    Ok(if terminal { text.lines().map(|line| format!("{}\n", SafeText::new(line))).collect() } else { text })
}
