//! `plannr-tui report`: downloads the error report of an import.

mod progress;

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use crate::api::Bounds;
use crate::cli::ReportArgs;
use crate::config::{Server, Settings};
use crate::domain::Now;
use crate::domain::fault::Fault;
use crate::domain::import::{Import, Link, Report};
use crate::domain::import_name::ImportName;
use crate::domain::redact::Redaction;
use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;
use crate::domain::transfer::DownloadFault;
use crate::exit::{Exit, Failure};
use crate::files::{Existing, Target};
use crate::output::stdout::print;
use crate::session::connect::Connected;
use crate::session::once::signed_in;
use crate::session::resolve::resolve;
use crate::session::retry::Retry;
use crate::session::transfer::{Saved, Source, save};
use crate::ui::format;
use progress::DownloadProgress;

#[derive(Debug)]
pub(super) enum Destination {
    Output,
    File(Target, Existing),
}

pub(super) fn run(
    settings: &Settings,
    server: &Server,
    args: &ReportArgs,
    clock: impl Fn() -> Now + Send,
) -> color_eyre::Result<ExitCode> {
    let destination = destination(args.output.as_deref(), args.force)?;
    let retry = Retry::briefly(args.retry.retry_for);
    signed_in(settings, std::slice::from_ref(server), Server::named, retry, async |connected, retry| {
        let import = import(&args.import, &connected, settings, retry).await?;
        let client = connected.client;
        let (report, link) = report(&import, clock())?;
        let redaction = Redaction { enabled: settings.redact.value };
        let mut progress = DownloadProgress::new(settings, clock);
        let on_progress = |transfer| progress.update(&transfer);
        let bounds = |bounds| Bounds { retry_for: retry.left(), ..bounds };
        match destination {
            Destination::Output => {
                let mut bytes = Vec::new();
                let arrived = client
                    .download(link, Some(&import.id), &mut bytes, bounds(Bounds::MEMORY), on_progress)
                    .await;
                drop(progress);
                arrived.map_err(|fault| match fault {
                    DownloadFault::TooLarge(_) => failed(&format!("{fault}: give it a file with -o")),
                    fault => fault.into(),
                })?;
                print(bytes).await?;
            }
            Destination::File(target, existing) => {
                let source = Source { import: &import.id, link, name: report.name.as_str(), redaction };
                let Saved { path, size, removed } =
                    save(&client, source, target, existing, bounds(Bounds::FILE), on_progress).await?;
                drop(progress);
                let not_masked = if settings.redact.value { ", not masked" } else { "" };
                // If this fails, nobody is reading.
                let _ = writeln!(io::stderr(), "plannr-tui: saved {}{not_masked}", format::bytes(size));
                if let Some(removed) = removed {
                    let _ = writeln!(io::stderr(), "plannr-tui: {removed}");
                }
                let mut line = path.into_os_string().into_encoded_bytes();
                line.push(b'\n');
                print(line).await?;
            }
        }
        Ok(Exit::Success)
    })
}

pub(super) fn destination(output: Option<&Path>, force: bool) -> Result<Destination, Failure> {
    let existing = if force { Existing::Replace } else { Existing::Keep };
    match output {
        Some(path) if path == Path::new("-") => match io::stdout().is_terminal() {
            // Untrusted rows could send anything to the terminal.
            true => Err(Failure {
                message:
                    "stdout is a terminal, which a client's values could garble; give a file with -o, or use a pipe"
                        .to_owned(),
                exit: Exit::Usage,
            }),
            false => Ok(Destination::Output),
        },
        Some(path) if force => Ok(Destination::File(Target::at(path), Existing::Replace)),
        Some(path) => {
            let target = Target::at(path)
                .unless_taken()
                .map_err(|error| failed(&format!("{error}; --force replaces it")))?;
            // A folder gets a free name, as without -o; a file that was named is somebody's.
            let existing = if target.names_a_file() { Existing::Refuse } else { Existing::Keep };
            Ok(Destination::File(target, existing))
        }
        None => Ok(Destination::File(Target::folder(""), existing)),
    }
}

/// The import that is named, with everything that only the show route has.
pub(super) async fn import(
    name: &ImportName,
    connected: &Connected,
    settings: &Settings,
    retry: &mut Retry,
) -> Result<Import, Failure> {
    let names = std::slice::from_ref(name);
    let id = &resolve(names, connected, settings, retry)
        .await?
        .pop()
        .ok_or_else(|| failed("no import is named"))?;
    let client = &connected.client;
    match retry.send(|| client.import(id)).await {
        Ok((import, _)) => Ok(import),
        Err(Fault::NotFound) => Err(failed(&format!("the account in use has no import {id}"))),
        Err(fault) => Err(Failure::of(&fault, client.base().host())),
    }
}

/// The report and its link, or why there is none.
fn report(import: &Import, now: Now) -> Result<(&Report, &Link), Failure> {
    let Some(report) = import.report() else {
        let why = why_none(&Watched::at_first_sight(import.clone(), now));
        return Err(failed(&format!("import {} has no error report{why}", import.id)));
    };
    match &report.link {
        Ok(link) => Ok((report, link)),
        Err(refusal) => Err(failed(&format!("import {}: {refusal}", import.id))),
    }
}

fn why_none(watched: &Watched) -> String {
    let tally = &watched.tally;
    let rows = |number| format!("{} {}", format::count(number), if number == 1 { "row" } else { "rows" });
    match (tally.pending(), tally.failed()) {
        (_, 0) if watched.verdict == Verdict::Cancelled => ": it was cancelled".to_owned(),
        (_, failed) if watched.verdict == Verdict::Cancelled => {
            format!(": it was cancelled, {} had failed", rows(failed))
        }
        (Some(pending @ 1..), _) => format!(" yet: {} still pending", rows(pending)),
        (_, 0) => ": no row failed".to_owned(),
        (_, failed) => format!(", though {} failed: Plannr provides none", rows(failed)),
    }
}

fn failed(message: &str) -> Failure {
    Failure { message: message.to_owned(), exit: Exit::Unexpected }
}
