//! `plannr-tui events`: a line for each thing that happens.

mod lines;
mod when;

use std::collections::HashSet;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};

use self::lines::EventLines;
use super::gather::query;
use super::recording::{self, Recording};
use super::wait::is_running;
use crate::cli::EventsArgs;
use crate::config::token::Terminal;
use crate::config::{Server, Settings};
use crate::domain::Now;
use crate::domain::account::{Account, AccountId};
use crate::domain::fault::Fault;
use crate::domain::page::ListRequest;
use crate::domain::redact::Redaction;
use crate::domain::snapshot::{LinkState, Snapshot};
use crate::domain::text::SafeText;
use crate::events::Observer;
use crate::exit::{Exit, Failure};
use crate::journal::Entry;
use crate::output::stdout::{Reader, eprint, reader, write};
use crate::poller;
use crate::session::connect::connect;
use crate::session::connections::Connection;
use crate::session::retry::Retry;
use crate::terminal::{self, Signal};

/// Until the next look at a connection that may have to be said to be lost, and at the end of what was asked for.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

pub(super) fn run(
    settings: &Settings,
    servers: &[Server],
    args: &EventsArgs,
    clock: impl Fn() -> Now,
) -> color_eyre::Result<ExitCode> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let exit = runtime.block_on(async {
        let mut signals = terminal::signals()?;
        let mut recording = None;
        let exit = tokio::select! {
            biased;
            signal = signals.next() => Ok::<_, color_eyre::Report>(match signal {
                // As a service is stopped, which is no failure.
                Signal::Terminate => Exit::Success,
                other => other.into(),
            }),
            ended = watch(settings, servers, args, &clock, &mut recording) => ended.map_err(Into::into),
        };
        if let Some(recording) = recording {
            recording.finish(clock());
        }
        exit
    });
    // Dropping the runtime would wait for a name lookup that may hang.
    runtime.shutdown_background();
    Ok(exit?.into())
}

/// Prints what happens until there is no reason to go on.
async fn watch(
    settings: &Settings,
    servers: &[Server],
    args: &EventsArgs,
    clock: &impl Fn() -> Now,
    recording: &mut Option<Recording>,
) -> Result<Exit, Failure> {
    let lines = EventLines::new(settings, args)?;
    let query = query(&settings.filter)?;
    let mut printed = HashSet::new();
    if let Some(since) = &args.since {
        let kept = kept(settings, since, clock())?;
        for entry in &kept {
            if write(lines.entry(entry)).await? == Reader::Closed {
                return Ok(Exit::Success);
            }
        }
        if !args.follow {
            return Ok(Exit::Success);
        }
        printed.extend(kept.into_iter().map(|entry| entry.id));
    }
    let reader_name = recording::reader_name("events", settings, &settings.filter);
    let contents;
    (*recording, contents) = Recording::start(settings, &reader_name)?.unzip();
    let contents = contents.unwrap_or_default();
    let until = args.duration.map(|duration| clock().up.saturating_add(duration));
    let mut retry = Retry::ever();
    let signed_in = connect(servers, Server::wanted, settings, &mut retry);
    let connected = tokio::select! {
        connected = signed_in => connected?,
        () = tokio::time::sleep(args.duration.unwrap_or(FOR_EVER)) => return Ok(Exit::Success),
    };
    connected.missing.iter().for_each(|failure| eprint(&failure.message));
    let host = connected.connections.host().to_string();
    let fetch = |account: Option<Arc<Account>>, request: ListRequest| {
        let connection = account.and_then(|account| connected.acting_for(&account.id));
        async move {
            let Some(Connection { client, access, .. }) = connection else {
                return Err(Fault::Unauthenticated);
            };
            let failed = |error| eprint(&format!("cannot read the token again: {error}"));
            access.send(&client, Terminal::Shared, failed, || client.list(&request)).await
        }
    };
    // Open until the end: the poller ends when it closes.
    let (_command, commands) = mpsc::channel(1);
    let (publish, mut snapshots) = watch::channel(Arc::default());
    let polling = poller::Settings {
        accounts: connected.accounts.clone(),
        criteria: settings.criteria.clone(),
        interval: Some(settings.interval.value),
        remembered: Arc::new(contents.paces()),
    };
    let poller = poller::run(fetch, polling, commands, publish, clock);
    let redaction = Redaction { enabled: settings.redact.value };
    let observer = Observer::new(query, args.failing_at, redaction);
    let mut observer = observer.remembering(contents.memory(&reader_name));
    // Needed no more.
    drop(contents);
    let missing = connected.missing.first().map(|failure| failure.exit);
    let mut refused = Refused { exit: missing, ..Refused::default() };
    let telling = async {
        let mut greeted = false;
        loop {
            let snapshot = Arc::clone(&snapshots.borrow_and_update());
            let now = clock();
            let happened = observer.observe(&snapshot, now);
            for event in happened.iter().filter(|event| !printed.contains(&event.id)) {
                if write(lines.line(event)).await? == Reader::Closed {
                    return Ok(Exit::Success);
                }
            }
            // Only now: what a killed program has not printed, it prints when it is started again.
            if let Some(recording) = recording {
                recording.record(&snapshot, &happened, now);
            }
            if let Some(failure) = refused.observe(&snapshot, &host) {
                return Err(failure);
            }
            if !greeted && snapshot.health.full_passes > 0 {
                greeted = true;
                greet(&snapshot);
            }
            let is_idle = || snapshot.health.full_passes > 0 && !snapshot.imports.iter().any(is_running);
            let is_over = until.is_some_and(|until| now.up >= until) || (args.until_idle && is_idle());
            if is_over || reader() == Reader::Closed {
                return Ok(refused.exit.unwrap_or(Exit::Success));
            }
            let due = [observer.due(), until].into_iter().flatten().min();
            let pause = due.map_or(FOR_EVER, |due| due.saturating_sub(now.up));
            tokio::select! {
                changed = snapshots.changed() => if changed.is_err() { return Ok(Exit::Success) },
                () = tokio::time::sleep(pause) => {}
            }
        }
    };
    tokio::select! {
        () = poller => Ok(Exit::Success),
        ended = telling => ended,
    }
}

/// What the journal has since then.
fn kept(settings: &Settings, since: &str, now: Now) -> Result<Vec<Entry>, Failure> {
    let wrong = |message: String| Failure { message, exit: Exit::Usage };
    let Some(journal) = recording::open(settings)? else {
        let message =
            "--since: no journal is kept; set journal = true in the configuration, and later events are kept";
        return Err(wrong(message.to_owned()));
    };
    let from = when::parse(since, &TimeZone::system(), now.wall).ok_or_else(|| {
        let since = SafeText::new(since);
        wrong(format!("--since {since}: not a time; write it like yesterday, 2026-11-27, 18:00 or 12h"))
    })?;
    let events = &journal.contents().events;
    Ok(events.iter().filter(|entry| entry.at >= from).cloned().collect())
}

/// Tells a person that the program is at work, as it prints nothing until something happens.
fn greet(snapshot: &Snapshot) {
    if std::io::stderr().is_terminal() {
        let count = |number: usize, what: &str| match number {
            1 => format!("1 {what}"),
            _ => format!("{number} {what}s"),
        };
        let running = snapshot.imports.iter().filter(|watched| is_running(watched)).count();
        let imports = count(snapshot.imports.len(), "import");
        eprint(&format!("watching {imports}, {running} running; Ctrl-C ends"));
    }
}

/// The accounts that may not list imports.
#[derive(Debug, Default)]
struct Refused {
    accounts: HashSet<AccountId>,
    /// What the program ends with because of them.
    exit: Option<Exit>,
}

impl Refused {
    /// Says which account is refused; the failure where none is left.
    fn observe(&mut self, snapshot: &Snapshot, host: &str) -> Option<Failure> {
        let mut all = snapshot.listed().next().is_some();
        let mut last = None;
        for state in snapshot.listed() {
            let LinkState::Stopped { fault } = &state.link else {
                all = false;
                continue;
            };
            if snapshot.is_of_several() && self.accounts.insert(state.account.id.clone()) {
                eprint(&format!(
                    "{}: {}",
                    state.account.firm_or_id(),
                    fault.with_advice(Redaction::default())
                ));
            }
            self.exit = Some(fault.into());
            last = Some(fault);
        }
        last.filter(|_| all).map(|fault| Failure::of(fault, host))
    }
}
