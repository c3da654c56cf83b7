//! `plannr-tui wait`: blocks until imports have settled.

mod bars;
mod display;
mod lines;
#[cfg(test)]
mod tests;
mod wait_state;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::list::{Collected, query};
use crate::api::ListQuery;
use crate::cli::WaitArgs;
use crate::config::token::Terminal;
use crate::config::{Server, Settings};
use crate::domain::Now;
use crate::domain::fault::Fault;
use crate::domain::import::{ImportId, Meaning};
use crate::domain::import_name::ImportName;
use crate::domain::page::{ListRequest, Page};
use crate::domain::snapshot::{Snapshot, Watched};
use crate::domain::tally::Verdict;
use crate::exit::{Exit, Failure};
use crate::output::printer::Printer;
use crate::output::stdout::{Reader, eprint, print};
use crate::session::access::Access;
use crate::session::connect::{Connected, connect};
use crate::session::once::until_signal;
use crate::session::pages::pages;
use crate::session::resolve::resolve;
use crate::session::retry::{Retry, describe_retry};
use crate::ui::format;
use display::ProgressDisplay;
use wait_state::{Unknown, WaitState};

/// A wait without a limit.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

pub(super) fn run(
    settings: &Settings,
    server: &Server,
    args: &WaitArgs,
    clock: impl Fn() -> Now,
) -> color_eyre::Result<ExitCode> {
    let printer = Printer::new(settings, args.format, None)?;
    let base = server.base_url.value.clone();
    let wanted = server.wanted();
    until_signal(async {
        let mut wait_state = WaitState::new(exact(&args.imports), Snapshot::default());
        let mut display = ProgressDisplay::new(settings);
        let mut all_known = true;
        let work = async {
            let mut retry = Retry::ever();
            let access = Access::new(server.token.as_ref()).await?;
            let connected = connect(base, access, &wanted, settings, &mut retry).await?;
            if args.all_running {
                (wait_state, all_known) = running(&connected, settings, &mut retry, &clock).await?;
            } else {
                let wanted = resolve(&args.imports, &connected, settings, &mut retry).await?;
                wait_state = WaitState::new(wanted, Snapshot::default());
            }
            let Connected { client, access, .. } = connected;
            let host = client.base().host().to_owned();
            let fetch = |query: ListQuery| {
                let (client, access) = (&client, &access);
                async move {
                    // A wait may outlast a token.
                    let failed = |error| eprint(&format!("cannot read the token again: {error}"));
                    access.send(client, Terminal::Shared, failed, || client.list_by(&query)).await
                }
            };
            let interval = settings.interval.value;
            watch(fetch, &mut wait_state, interval, &clock, |event| display.show(event))
                .await
                .map_err(|end| end.into_failure(&host))
        };
        let limit = args.timeout.unwrap_or(FOR_EVER);
        let ended = timeout(limit, work).await;
        drop(display);
        let exit = match ended {
            // Whether the missing ones have settled is unknown.
            Ok(Ok(())) if !all_known && wait_state.exit() == Exit::Success => Exit::Unavailable,
            Ok(Ok(())) => wait_state.exit(),
            Ok(Err(failure)) => return Err(failure),
            Err(_) => {
                let (settled, wanted) = wait_state.settled();
                eprint(&format!(
                    "timed out after {}: {settled} of {} settled",
                    format::duration(limit),
                    lines::imports(wanted)
                ));
                Exit::TimedOut
            }
        };
        for gone in wait_state.gone() {
            eprint(&format!("import {} was deleted while waiting", gone.import.id));
        }
        let imports: Vec<_> =
            wait_state.imports().filter(|watched| !wait_state.is_gone(&watched.import.id)).cloned().collect();
        print(printer.header() + &printer.imports(&imports, clock())).await?;
        Ok(exit)
    })
}

/// Something to show while waiting.
#[derive(Debug)]
enum WaitEvent<'a> {
    /// After each round of requests.
    Progress(&'a WaitState, Now),
    /// Carries the fault and the delay as text.
    Retrying(String),
}

/// Why a wait ends early.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Refused(Fault),
    Unknown(ImportId),
}

impl End {
    fn into_failure(self, host: &str) -> Failure {
        match self {
            Self::Refused(fault) => Failure::of(&fault, host),
            Self::Unknown(id) => {
                Failure { message: format!("the account in use has no import {id}"), exit: Exit::Unexpected }
            }
        }
    }
}

/// Polls until everything has settled.
async fn watch<F: Future<Output = Result<Page, Fault>>>(
    fetch: impl Fn(ListQuery) -> F,
    wait_state: &mut WaitState,
    interval: Duration,
    clock: impl Fn() -> Now,
    mut on_event: impl FnMut(WaitEvent<'_>),
) -> Result<(), End> {
    let mut pause = Duration::ZERO;
    while !wait_state.is_over() {
        tokio::time::sleep(pause).await;
        pause = wait_state.pause(interval);
        for ids in wait_state.requests() {
            // Who started an import never changes, so it is asked for once, as it is part of what is printed.
            let with_initiator = ids.iter().any(|id| !wait_state.is_known(id));
            let query = ListQuery::of(&ListRequest::These(ids.clone())).unwrap_or_default();
            match fetch(ListQuery { with_initiator, ..query }).await {
                Ok(page) => {
                    wait_state.answered(&ids, page, clock()).map_err(|Unknown(id)| End::Unknown(id))?;
                }
                Err(fault) => {
                    let wait = wait_state.failed(&fault, clock(), fastrand::f64());
                    pause = wait.ok_or_else(|| End::Refused(fault.clone()))?;
                    tracing::info!(%fault, ?pause, "retrying");
                    on_event(WaitEvent::Retrying(describe_retry(&fault, pause)));
                    break;
                }
            }
        }
        on_event(WaitEvent::Progress(wait_state, clock()));
    }
    Ok(())
}

/// The imports that are named by a whole UUID.
fn exact(names: &[ImportName]) -> impl Iterator<Item = ImportId> {
    names.iter().filter_map(|name| match name {
        ImportName::Id(id) => Some(id.clone()),
        _ => None,
    })
}

/// The running imports that match the filter, and whether the list of them is complete.
async fn running(
    connected: &Connected,
    settings: &Settings,
    retry: &mut Retry,
    clock: impl Fn() -> Now,
) -> Result<(WaitState, bool), Failure> {
    let client = &connected.client;
    let mut collected = Collected::new(query(&settings.filter)?, None);
    collected.sign_in(connected.accounts.first());
    let fetch = |request: ListRequest| async move { client.list(&request).await };
    let short = pages(client.base().host(), fetch, &settings.criteria, retry, async |_, page| {
        collected.take(page, clock());
        Ok(Reader::Open)
    })
    .await?;
    let wanted: Vec<ImportId> = collected
        .rest(clock())
        .iter()
        .filter(|watched| is_running(watched))
        .map(|watched| watched.import.id.clone())
        .collect();
    if wanted.is_empty() {
        eprint("no imports are running");
    }
    if let Some(short) = &short {
        eprint(&format!("{}: {short}", client.base().host()));
    }
    Ok((WaitState::new(wanted, collected.into_snapshot()), short.is_none()))
}

/// Whether rows are being tried, or are about to be. An import that was uploaded and never started would never settle.
fn is_running(watched: &Arc<Watched>) -> bool {
    let about_to_start =
        watched.verdict == Verdict::Queued && watched.import.status.meaning() == Meaning::Processing;
    watched.verdict.is_active() || about_to_start
}
