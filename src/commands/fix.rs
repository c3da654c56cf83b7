//! `plannr-tui fix`: the failed rows of an import, corrected where that is certain, as a CSV to import again.

mod summary;

use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::errors::{off_thread, rows, warn};
use super::report::{Destination, destination, import};
use crate::api::Bounds;
use crate::cli::FixArgs;
use crate::config::{Server, Settings};
use crate::domain::Now;
use crate::domain::failure::name_key;
use crate::domain::import::Import;
use crate::domain::redact::Redaction;
use crate::domain::snapshot::Watched;
use crate::domain::text::SafeText;
use crate::exit::{Exit, Failure};
use crate::files::{Existing, Target};
use crate::output::stdout::print;
use crate::report::fix::{Fixes, Proposals};
use crate::report::fixup::{self, Corrected, corrected, corrected_source};
use crate::report::{Cancel, FailedRows, Table};
use crate::session::once::signed_in;
use crate::session::retry::Retry;
use crate::session::source;
use summary::Summary;

pub(super) fn run(
    settings: &Settings,
    server: &Server,
    args: &FixArgs,
    clock: impl Fn() -> Now + Send,
) -> color_eyre::Result<ExitCode> {
    if args.whole && settings.source.is_none() {
        return Err(usage("--whole writes rows of the file that was imported: name it with --source").into());
    }
    let destination = match args.dry_run {
        true => None,
        false => Some(destination(args.output.as_deref(), args.force)?),
    };
    if args.json && matches!(destination, Some(Destination::Output)) {
        return Err(usage("--json prints to stdout too; give the rows a file with -o").into());
    }
    let source = settings.source.as_deref().map(source::read).transpose()?.map(Arc::new);
    let redaction = Redaction { enabled: settings.redact.value };
    let retry = Retry::briefly(args.retry.retry_for);
    signed_in(settings, std::slice::from_ref(server), Server::named, retry, async |connected, retry| {
        let import = import(&args.import, &connected, settings, retry).await?;
        let now = clock();
        let failed = Watched::at_first_sight(import.clone(), now).tally.failed();
        let bounds = Bounds { retry_for: retry.left(), ..Bounds::MEMORY };
        let (mut rows, why_sample) = rows(&connected.client, &import, failed, bounds).await?;
        if let Some(source) = source.clone() {
            rows = off_thread(move || rows.joined_to(&source)).await?;
        }
        let completeness = rows.completeness(failed);
        if !completeness.is_all() {
            warn(&format!("failed rows: {}", completeness.describe(rows.origin(), &why_sample)));
        }
        rows.notes().iter().for_each(|note| warn(note));
        if rows.is_empty() && failed > 0 {
            let message = format!("{failed} rows failed, but none of them is available");
            return Err(Failure { message, exit: Exit::Unexpected });
        }
        let column = args.column.as_deref().map(|name| column(&rows, name, redaction)).transpose()?;
        let rows = Arc::new(rows);
        let (today, kinds) = (TimeZone::UTC.to_datetime(now.wall).date(), args.only.clone());
        let proposals = {
            let rows = Arc::clone(&rows);
            let work = move || Proposals::of(&rows, today, &Cancel::default()).only(&kinds, column);
            off_thread(work).await?
        };
        let fixes = Arc::new(Fixes::new(Arc::new(proposals)));
        let fixed: Vec<usize> = fixes.fixed_rows(&rows).collect();
        let summary = Summary { rows: &rows, proposals: fixes.proposals(), redaction };
        if args.json {
            print(for_output(summary.json())).await?;
        } else if args.dry_run {
            print(for_output(summary.text())).await?;
        }
        let left = rows.len() - fixed.len();
        let what_becomes = match (left, args.all) {
            (0, _) => String::new(),
            (left, true) => format!("; {left} not fixed, with their messages"),
            (left, false) => format!("; {left} left out"),
        };
        match rows.is_empty() {
            true => warn("no failed rows"),
            false => warn(&format!("{} of {} rows fixed{what_becomes}", fixed.len(), rows.len())),
        }
        let mut unreadable = 0;
        if let Some(destination) = destination {
            let chosen = if args.all { (0..rows.len()).collect() } else { fixed.clone() };
            let options = fixup::Options { why: args.all, spreadsheet_safe: settings.spreadsheet_safe };
            let source = source.clone().filter(|_| args.whole);
            unreadable =
                write(&import, &rows, &fixes, chosen, source, options, destination, args.json).await?;
        }
        Ok(if left == 0 && unreadable == 0 && completeness.is_all() { Exit::Success } else { Exit::RowsLeft })
    })
}

/// Writes the rows, if there are any, and says where they are. Returns how many could not be written.
#[expect(clippy::too_many_arguments, reason = "one call, and each of them is what it says")]
async fn write(
    import: &Import,
    rows: &Arc<FailedRows>,
    fixes: &Arc<Fixes>,
    chosen: Vec<usize>,
    source: Option<Arc<Table>>,
    options: fixup::Options,
    destination: Destination,
    json: bool,
) -> Result<usize, Failure> {
    if chosen.is_empty() {
        warn("nothing to write");
        return Ok(0);
    }
    let count = format!("{} of {}", chosen.len(), rows.len());
    let made = {
        let (rows, fixes) = (Arc::clone(rows), Arc::clone(fixes));
        off_thread(move || match source {
            Some(source) => corrected_source(&rows, &source, &fixes, chosen, options),
            None => corrected(&rows, &fixes, chosen, options),
        })
    };
    let Corrected { bytes, written, missing, unreadable } =
        made.await?.map_err(|error| failed(&error.to_string()))?;
    if missing > 0 {
        warn(&format!("{missing} not written: not found in the source, or found more than once"));
    }
    if unreadable > 0 {
        warn(&format!("{unreadable} not written: some of their bytes are not text"));
    }
    if let Some(encoding) = written.converted {
        warn(&format!("written as UTF-8: {} lacks some of the characters", encoding.name()));
    }
    match (written.formulas, options.spreadsheet_safe) {
        (0, _) => {}
        (cells, false) => {
            warn(&format!("{cells} cells look like formulas (--spreadsheet-safe neutralises them)"))
        }
        (cells, true) => warn(&format!("{cells} formulas neutralised with '")),
    }
    match destination {
        Destination::Output => print(bytes).await?,
        Destination::File(target, existing) => {
            let name = fixup::file_name("", &import.kind, &import.mode, "fixed", &count);
            let line = save(target, existing, &name, &bytes).await?;
            // Only one of the two can be read by a program.
            if json { warn(&format!("wrote {line}")) } else { print(format!("{line}\n")).await? }
        }
    }
    Ok(unreadable)
}

/// Saves the bytes; returns the path.
async fn save(target: Target, existing: Existing, name: &str, bytes: &[u8]) -> Result<String, Failure> {
    let local = |error: crate::files::FileError| failed(&error.to_string());
    let mut file = target.create().await.map_err(local)?;
    if let Some(removed) = file.removed() {
        warn(&removed);
    }
    file.write(bytes).await.map_err(local)?;
    let path = file.finish(name, existing).await.map_err(local)?;
    Ok(path.display().to_string())
}

/// The client's column of this name: its header, else the field that it is imported into.
fn column(rows: &FailedRows, name: &str, redaction: Redaction) -> Result<usize, Failure> {
    let key = name_key(name);
    let by = |is: &dyn Fn(usize) -> bool| rows.own().iter().copied().find(|column| is(*column));
    let found = by(&|column| rows.header(column).as_str() == name)
        .or_else(|| by(&|column| name_key(rows.header(column).as_str()) == key))
        .or_else(|| by(&|column| rows.field(column).is_some_and(|field| name_key(field) == key)));
    found.filter(|_| !key.is_empty()).ok_or_else(|| {
        usage(&format!("--column {name}: no such column; use {}", rows.names(redaction).join(", ")))
    })
}

/// Exact in a file, sanitised on a terminal.
fn for_output(text: String) -> String {
    match io::stdout().is_terminal() {
        true => text.lines().map(|line| format!("{}\n", SafeText::new(line))).collect(),
        false => text,
    }
}

fn usage(message: &str) -> Failure {
    Failure { message: message.to_owned(), exit: Exit::Usage }
}

fn failed(message: &str) -> Failure {
    Failure { message: message.to_owned(), exit: Exit::Unexpected }
}
