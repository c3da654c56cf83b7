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

use super::gather::{AccountList, Gathered, gather, query};
use super::list::{NEWEST_FIRST, narrowing};
use crate::api::ListQuery;
use crate::cli::WaitArgs;
use crate::config::token::Terminal;
use crate::config::{Server, Settings};
use crate::domain::Now;
use crate::domain::account::Account;
use crate::domain::fault::Fault;
use crate::domain::import::{ImportId, Meaning};
use crate::domain::import_name::ImportName;
use crate::domain::page::{ListRequest, Page};
use crate::domain::snapshot::{Snapshot, Watched};
use crate::domain::tally::Verdict;
use crate::exit::{Exit, Failure, with_advice};
use crate::output::printer::Printer;
use crate::output::stdout::{Reader, eprint, print};
use crate::session::connect::{Connected, connect};
use crate::session::connections::Connection;
use crate::session::once::until_signal;
use crate::session::resolve::resolve;
use crate::session::retry::{Retry, describe_retry};
use crate::ui::format;
use display::ProgressDisplay;
use wait_state::{AccountWait, Unknown, WaitState};

/// A wait without a limit.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

pub(super) fn run(
    settings: &Settings,
    servers: &[Server],
    args: &WaitArgs,
    clock: impl Fn() -> Now,
) -> color_eyre::Result<ExitCode> {
    let mut printer = Printer::new(settings, args.format, None)?;
    let wanted = if args.all_running { Server::wanted } else { Server::named };
    until_signal(async {
        let mut wait_state = WaitState::new(exact(&args.imports), Snapshot::default());
        let mut display = ProgressDisplay::new(settings);
        let mut missing = None;
        let work = async {
            let mut retry = Retry::ever();
            let connected = connect(servers, wanted, settings, &mut retry).await?;
            if args.all_running {
                (wait_state, missing) = running(&connected, settings, &mut retry, &clock).await?;
            } else {
                let wanted = resolve(&args.imports, &connected, settings, &mut retry).await?;
                let account = connected.accounts.first().cloned();
                let snapshot = account.map(|account| Snapshot::default().seen_by(account));
                wait_state = WaitState::new(wanted, snapshot.unwrap_or_default());
            }
            let host = connected.client.base().host().to_owned();
            let fetch = |account: Option<&Arc<Account>>, query: ListQuery| {
                let connection = account.and_then(|account| connected.acting_for(&account.id));
                async move {
                    let Some(Connection { client, access, .. }) = connection else {
                        return Err(Fault::Unauthenticated);
                    };
                    // A wait may outlast a token.
                    let failed = |error| eprint(&format!("cannot read the token again: {error}"));
                    access.send(&client, Terminal::Shared, failed, || client.list_by(&query)).await
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
            Ok(Ok(())) => missing.unwrap_or(wait_state.exit()),
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
        let left = wait_state.imports().filter(|watched| !wait_state.is_gone(&watched.import.id));
        let mut imports: Vec<_> = left.cloned().collect();
        if wait_state.is_of_several() {
            imports = NEWEST_FIRST.arranged(&imports);
            printer.show_firms(true);
        }
        print(printer.header() + &printer.imports(&imports, clock())).await?;
        Ok(exit)
    })
}

/// Something to show while waiting.
#[derive(Debug)]
enum WaitEvent<'a> {
    /// After each round of requests.
    Progress(&'a WaitState, Now),
    /// Carries the fault and what follows from it as text.
    Fault(String),
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
    fetch: impl Fn(Option<&Arc<Account>>, ListQuery) -> F,
    wait_state: &mut WaitState,
    interval: Duration,
    clock: impl Fn() -> Now,
    mut on_event: impl FnMut(WaitEvent<'_>),
) -> Result<(), End> {
    let (of_several, of_profiles) = (wait_state.is_of_several(), wait_state.is_of_several_profiles());
    while !wait_state.is_over() {
        tokio::time::sleep(wait_state.until_due(clock())).await;
        let pause = wait_state.pause(interval);
        for account in wait_state.due(clock()) {
            let Some(fault) = ask(&fetch, account, &clock).await? else {
                account.rest(pause, clock());
                continue;
            };
            let text = match account.failed(&fault, clock(), fastrand::f64()) {
                Some(wait) => {
                    tracing::info!(%fault, ?wait, "retrying");
                    describe_retry(&fault, wait)
                }
                // No other account of the profile has another token.
                None if !of_several || (fault == Fault::Unauthenticated && !of_profiles) => {
                    return Err(End::Refused(fault));
                }
                None => {
                    account.refuse();
                    with_advice(&fault, fault.advice())
                }
            };
            let firm = account.account().filter(|_| of_several).map(|account| account.firm_or_id());
            let firm = firm.map(|firm| format!("{firm}: ")).unwrap_or_default();
            on_event(WaitEvent::Fault(firm + &text));
        }
        on_event(WaitEvent::Progress(wait_state, clock()));
    }
    Ok(())
}

/// Requests what one account has left, until a request fails.
async fn ask<F: Future<Output = Result<Page, Fault>>>(
    fetch: &impl Fn(Option<&Arc<Account>>, ListQuery) -> F,
    wanted: &mut AccountWait,
    clock: impl Fn() -> Now,
) -> Result<Option<Fault>, End> {
    for ids in wanted.requests() {
        // Who started an import never changes, so it is asked for once, as it is part of what is printed.
        let with_initiator = ids.iter().any(|id| !wanted.is_known(id));
        let query = ListQuery::of(&ListRequest::These(ids.clone())).unwrap_or_default();
        match fetch(wanted.account(), ListQuery { with_initiator, ..query }).await {
            Ok(page) => wanted.answered(&ids, page, clock()).map_err(|Unknown(id)| End::Unknown(id))?,
            Err(fault) => return Ok(Some(fault)),
        }
    }
    Ok(None)
}

/// The imports that are named by a whole UUID.
fn exact(names: &[ImportName]) -> impl Iterator<Item = ImportId> {
    names.iter().filter_map(|name| match name {
        ImportName::Id(id) => Some(id.clone()),
        _ => None,
    })
}

/// The running imports that match the filter, and the exit code where the list of them is not complete.
async fn running(
    connected: &Connected,
    settings: &Settings,
    retry: &mut Retry,
    clock: impl Fn() -> Now,
) -> Result<(WaitState, Option<Exit>), Failure> {
    let query = query(&settings.filter)?;
    let Gathered { lists, missing } =
        gather(connected, settings, (query, None), retry, clock, async |_, _| Ok(Reader::Open)).await?;
    let missing: Vec<_> = connected.missing.iter().chain(&missing).collect();
    missing.iter().for_each(|failure| eprint(&failure.message));
    let wanted = lists.into_iter().map(|AccountList { snapshot, found }| {
        let running = found.iter().filter(|watched| is_running(watched));
        AccountWait::new(running.map(|watched| watched.import.id.clone()), snapshot)
    });
    let wait_state: WaitState = wanted.collect();
    let missing = missing.first().map(|failure| failure.exit);
    if wait_state.is_over() && missing.is_none() {
        eprint(&match narrowing(settings)[..] {
            [] => "no imports are running".to_owned(),
            ref flags => format!("no imports are running that match {}", flags.join(", ")),
        });
    }
    Ok((wait_state, missing))
}

/// Whether rows are being tried, or are about to be. An import that was uploaded and never started would never settle.
pub(super) fn is_running(watched: &Arc<Watched>) -> bool {
    let about_to_start =
        watched.verdict == Verdict::Queued && watched.import.status.meaning() == Meaning::Processing;
    watched.verdict.is_active() || about_to_start
}
