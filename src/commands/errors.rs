//! `plannr-tui errors`: the failed rows of an import and why they failed, for people and programs.

mod formats;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use super::connect::Connected;
use super::once::signed_in;
use super::output::print;
use super::report::import;
use super::retry::Retry;
use super::{source, transfer};
use crate::cli::ErrorsArgs;
use crate::domain::import::Import;
use crate::domain::redact::Veil;
use crate::domain::tally::{Counting, Tally};
use crate::domain::text::SafeText;
use crate::domain::transfer::DownloadFault;
use crate::exit::{Exit, Failure};
use crate::plannr::{Bounds, Client};
use crate::report::{Limits, Report, source::join};
use crate::settings::{Server, Settings};
use formats::Telling;

pub(super) fn run(settings: &Settings, server: &Server, args: &ErrorsArgs) -> color_eyre::Result<ExitCode> {
    let source = settings.source.as_deref().map(source::read).transpose()?;
    let retry = Retry::briefly(args.retry.retry_for);
    signed_in(settings, server, retry, async |Connected { client, .. }, retry| {
        let import = import(&client, &args.import, retry).await?;
        let report = rows(&client, &import, Bounds { retry_for: retry.left(), ..Bounds::MEMORY }).await?;
        let joined = source.as_ref().and_then(|source| join(&report, source));
        if source.is_some() && joined.is_none() {
            let _ = writeln!(
                io::stderr(),
                "plannr-tui: the source is another file: it has none of these columns"
            );
        }
        let telling = Telling {
            report: &report,
            source: joined.as_ref().map(|joined| joined.rows.as_slice()),
            veil: Veil { drawn: settings.redact.value },
            spreadsheet_safe: settings.spreadsheet_safe,
        };
        print(text(telling, args)?).await?;
        Ok(Exit::Fine)
    })
}

/// All failed rows from the report, or the API's sample where there is no report that can be read; says so then.
async fn rows(client: &Client, import: &Import, bounds: Bounds) -> Result<Report, Failure> {
    let mapping = import.mapping.as_ref();
    let why_not = match import.report().map(|report| &report.link) {
        None => "there is no error report".to_owned(),
        Some(Err(refusal)) => refusal.to_string(),
        Some(Ok(link)) => {
            let mut bytes = Vec::new();
            match client.download(link, Some(&import.id), &mut bytes, bounds, |_| ()).await {
                Ok(_) => match Report::read(&bytes, &Limits::default(), mapping) {
                    Ok(report) => return Ok(report),
                    Err(refusal) => transfer::not_readable(&refusal),
                },
                Err(fault @ DownloadFault::TooLarge(_)) => transfer::told(&fault),
                Err(fault) => return Err(fault.into()),
            }
        }
    };
    let sample = import.failed_rows();
    let failed = Tally::new(&import.counts, Counting::Batch).failed();
    if failed > sample.len() as u64 {
        let words = format!("showing {} of {failed} failed rows: {why_not}", sample.len());
        // Who cannot read them is not in need of words.
        let _ = writeln!(io::stderr(), "plannr-tui: {}", SafeText::new(&words));
    }
    Ok(Report::of_sample(sample, mapping))
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
