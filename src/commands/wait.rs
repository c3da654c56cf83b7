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

use super::list::{Listed, query};
use crate::api::Client;
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
use crate::output::stdout::{Reader, print, say};
use crate::session::access::Access;
use crate::session::connect::{Connected, connect, told};
use crate::session::once::until_signal;
use crate::session::pages::pages;
use crate::session::resolve::resolve;
use crate::session::retry::{Retry, trouble};
use crate::ui::format;
use display::Shown;
use wait_state::{Unknown, WaitState};

/// A wait without a limit.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

pub(super) fn run(
    settings: &Settings,
    server: &Server,
    args: &WaitArgs,
    clock: impl Fn() -> Now,
) -> color_eyre::Result<ExitCode> {
    let printer = Printer::new(settings, args.format)?;
    let base = server.base_url.value.clone();
    let account = server.account.as_ref().map(|account| &account.value);
    until_signal(async {
        let mut wait_state = WaitState::new(exact(&args.imports), Snapshot::default());
        let mut shown = Shown::new(settings);
        let mut all_known = true;
        let work = async {
            let mut retry = Retry::ever();
            let access = Access::new(server.token.as_ref()).await?;
            let connected = connect(base, access, account, settings, &mut retry).await?;
            if args.all_running {
                (wait_state, all_known) = running(&connected.client, settings, &mut retry, &clock).await?;
            } else {
                let wanted = resolve(&args.imports, &connected, settings, &mut retry).await?;
                wait_state = WaitState::new(wanted, Snapshot::default());
            }
            let Connected { client, access, .. } = connected;
            let host = client.base().host().to_owned();
            let fetch = |ask: ListRequest| {
                let (client, access) = (&client, &access);
                async move {
                    // A wait may outlast a token.
                    let failed = |error| say(&format!("the token cannot be read again: {error}"));
                    access.ask(client, Terminal::Shared, failed, || client.list(&ask)).await
                }
            };
            let interval = settings.interval.value;
            watch(fetch, &mut wait_state, interval, &clock, |news| shown.tell(news))
                .await
                .map_err(|end| end.told(&host))
        };
        let limit = args.timeout.unwrap_or(FOR_EVER);
        let ended = timeout(limit, work).await;
        drop(shown);
        let exit = match ended {
            // Whether those that did not come have settled nobody knows.
            Ok(Ok(())) if !all_known && wait_state.exit() == Exit::Fine => Exit::Unavailable,
            Ok(Ok(())) => wait_state.exit(),
            Ok(Err(failure)) => return Err(failure),
            Err(_) => {
                let (settled, wanted) = wait_state.settled();
                say(&format!(
                    "timed out after {}: {settled} of {} settled",
                    format::duration(limit),
                    lines::imports(wanted)
                ));
                Exit::TimedOut
            }
        };
        for gone in wait_state.gone() {
            say(&format!("import {} was deleted meanwhile", gone.import.id));
        }
        let imports: Vec<_> =
            wait_state.imports().filter(|watched| !wait_state.is_gone(&watched.import.id)).cloned().collect();
        print(printer.header() + &printer.imports(&imports, clock())).await?;
        Ok(exit)
    })
}

/// What the user is told of while waiting.
#[derive(Debug)]
enum News<'a> {
    /// A round of answers.
    Progress(&'a WaitState, Now),
    /// Trouble, in words.
    Trouble(String),
}

/// Why a wait ends early.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Refused(Fault),
    Unknown(ImportId),
}

impl End {
    fn told(self, host: &str) -> Failure {
        match self {
            Self::Refused(fault) => told(&fault, host),
            Self::Unknown(id) => {
                Failure { message: format!("the account in use has no import {id}"), exit: Exit::Unexpected }
            }
        }
    }
}

/// Asks until everything has settled.
async fn watch<F: Future<Output = Result<Page, Fault>>>(
    fetch: impl Fn(ListRequest) -> F,
    wait_state: &mut WaitState,
    interval: Duration,
    clock: impl Fn() -> Now,
    mut tell: impl FnMut(News<'_>),
) -> Result<(), End> {
    let mut pause = Duration::ZERO;
    while !wait_state.is_over() {
        tokio::time::sleep(pause).await;
        pause = wait_state.pause(interval);
        for asked in wait_state.asks() {
            match fetch(ListRequest::These(asked.clone())).await {
                Ok(page) => {
                    wait_state.answered(&asked, page, clock()).map_err(|Unknown(id)| End::Unknown(id))?;
                }
                Err(fault) => {
                    let wait = wait_state.failed(&fault, clock(), fastrand::f64());
                    pause = wait.ok_or_else(|| End::Refused(fault.clone()))?;
                    tracing::info!(%fault, ?pause, "trying again");
                    tell(News::Trouble(trouble(&fault, pause)));
                    break;
                }
            }
        }
        tell(News::Progress(wait_state, clock()));
    }
    Ok(())
}

/// The imports that are named by a whole uuid.
fn exact(names: &[ImportName]) -> impl Iterator<Item = ImportId> {
    names.iter().filter_map(|name| match name {
        ImportName::Id(id) => Some(id.clone()),
        _ => None,
    })
}

/// Everything that runs now and passes the filter, and whether that is all of it.
async fn running(
    client: &Client,
    settings: &Settings,
    retry: &mut Retry,
    clock: impl Fn() -> Now,
) -> Result<(WaitState, bool), Failure> {
    let mut listed = Listed::new(query(&settings.filter)?);
    let fetch = |ask: ListRequest| async move { client.list(&ask).await };
    let short = pages(client.base().host(), fetch, &settings.criteria, retry, async |_, page| {
        listed.take(page, clock());
        Ok(Reader::There)
    })
    .await?;
    let wanted: Vec<ImportId> = listed
        .rest(clock())
        .iter()
        .filter(|watched| runs(watched))
        .map(|watched| watched.import.id.clone())
        .collect();
    if wanted.is_empty() {
        say("nothing runs");
    }
    if let Some(short) = &short {
        say(&format!("{}: {short}", client.base().host()));
    }
    Ok((WaitState::new(wanted, listed.into_snapshot()), short.is_none()))
}

/// Whether rows are being tried, or are about to be. An import that was uploaded and never started would be waited
/// for in vain.
fn runs(watched: &Arc<Watched>) -> bool {
    let about_to =
        watched.verdict == Verdict::Queued && watched.import.status.meaning() == Meaning::Processing;
    watched.verdict.is_active() || about_to
}
