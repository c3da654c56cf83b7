//! `plannr-tui events`: a line for each thing that happens.

mod lines;
mod metrics;
mod when;

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::sync::{mpsc, watch};

use self::lines::EventLines;
use super::gather::query;
use super::observed::{FOR_EVER, Observed, last_moments};
use super::recording::{self, Recording};
use super::wait::is_running;
use crate::cli::{CommandLine, EventsArgs};
use crate::config::token::Terminal;
use crate::config::{Hook, Server, Settings};
use crate::domain::Now;
use crate::domain::account::{Account, AccountId, WantedAccounts};
use crate::domain::fault::Fault;
use crate::domain::page::ListRequest;
use crate::domain::redact::Redaction;
use crate::domain::snapshot::{LinkState, Snapshot};
use crate::domain::text::SafeText;
use crate::events::{EventKind, Observer};
use crate::exit::{Exit, Failure};
use crate::hooks::{Hooks, Limits};
use crate::journal::Entry;
use crate::output::stdout::{Reader, eprint, reader, write};
use crate::poller::{self, PollerCommand};
use crate::session::connect::{Connected, connect};
use crate::session::connections::Connection;
use crate::session::retry::Retry;
use crate::terminal::{self, Signal};

/// How long until the servers of missing profiles are asked again.
const AGAIN: Duration = Duration::from_secs(15);

pub(super) fn run(
    settings: &Settings,
    servers: &[Server],
    args: &EventsArgs,
    clock: impl Fn() -> Now + Clone + Send + Sync + 'static,
) -> color_eyre::Result<ExitCode> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let exit = runtime.block_on(async {
        let mut signals = terminal::signals()?;
        let hooks = start_hooks(settings, args);
        let mut recording = None;
        let ended = tokio::select! {
            biased;
            signal = signals.next() => Ok(match signal {
                // As a service is stopped, which is no failure.
                Signal::Terminate => Exit::Success,
                other => other.into(),
            }),
            ended = watch(settings, servers, args, (&hooks, &mut recording), &clock) => ended,
        };
        if let Some(recording) = recording {
            recording.finish(clock());
        }
        let enough = async {
            tokio::select! {
                // Whoever sends another does not want to wait.
                _ = signals.next() => {}
                () = last_moments() => {}
            }
        };
        hooks.finish(enough).await;
        Ok::<_, color_eyre::Report>(ended?)
    });
    // Dropping the runtime would wait for a name lookup that may hang.
    runtime.shutdown_background();
    Ok(exit?.into())
}

/// The hooks of `--exec` and of the configuration.
fn start_hooks(settings: &Settings, args: &EventsArgs) -> Hooks {
    let on: BTreeSet<EventKind> = args.on.iter().copied().collect();
    let given = args.exec.iter().map(|CommandLine(run)| Hook { on: on.clone(), run: run.clone() });
    let hooks = given.chain(settings.hooks.iter().map(|hook| hook.value.clone())).collect();
    let say = |text: &str| {
        tracing::warn!("{text}");
        eprint(text);
    };
    Hooks::start(hooks, std::env::vars_os().map(|(name, _)| name), Limits::default(), Arc::new(say))
}

/// Prints what happens until there is no reason to go on.
async fn watch(
    settings: &Settings,
    servers: &[Server],
    args: &EventsArgs,
    (hooks, recording): (&Hooks, &mut Option<Recording>),
    clock: &(impl Fn() -> Now + Clone + Send + Sync + 'static),
) -> Result<Exit, Failure> {
    let lines = EventLines::new(settings, args)?;
    let query = query(&settings.filter)?;
    let mut printed = HashSet::new();
    if let Some(since) = &args.since {
        let kept = kept(settings, servers, args, since, clock())?;
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
    // What a person looks at for a while is not what a service has to miss.
    let profiles: Vec<_> = servers.iter().map(|server| (&server.profile, server.wanted())).collect();
    let is_watched = std::io::stdout().is_terminal();
    let of = (&settings.filter, is_watched, &args.exec, &args.on, profiles);
    let reader_name = recording::reader_name("events", settings, &of);
    let contents;
    (*recording, contents) = Recording::start(settings, &reader_name, eprint).await?.unzip();
    let contents = contents.unwrap_or_default();
    let until = args.duration.map(|duration| clock().up.saturating_add(duration));
    let metrics = match args.metrics {
        Some(address) => Some(metrics::listen(address).await?),
        None => None,
    };
    let signed_in = async {
        loop {
            match connect(servers, Server::wanted, settings, &mut Retry::ever()).await {
                // Of several profiles none answers.
                Err(failure) if failure.exit == Exit::Unavailable => eprint(&failure.message),
                connected => return connected,
            }
            tokio::time::sleep(AGAIN).await;
        }
    };
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
    let (command, commands) = mpsc::channel(1);
    let (publish, snapshots) = watch::channel(Arc::default());
    let polling = poller::Settings {
        accounts: connected.accounts.clone(),
        criteria: settings.criteria.clone(),
        interval: Some(settings.interval.value),
        remembered: Arc::new(contents.paces()),
    };
    let poller = poller::run(fetch, polling, commands, publish, clock);
    if let Some(listener) = metrics {
        let requests = connected.connections.clients().map(|client| Arc::clone(client.requests())).collect();
        tokio::spawn(metrics::serve(listener, snapshots.clone(), requests, clock.clone()));
    }
    let redaction = Redaction { enabled: settings.redact.value };
    let observer = Observer::new(query, args.failing_at, redaction);
    let observer = observer.remembering(contents.memory(&reader_name));
    drop(contents);
    let mut observed = Observed::new(observer, snapshots, clock);
    let missing = Cell::new(connected.missing.first().map(|failure| failure.exit));
    let mut refused = Refused { exit: &missing, accounts: HashSet::new() };
    let telling = async {
        let mut greeted = false;
        while let Some((snapshot, happened)) = observed.next().await {
            let new = happened.iter().filter(|happened| !printed.contains(&happened.id));
            let new: Vec<_> = new.map(|happened| (happened, lines.json(happened))).collect();
            // Whoever reads the lines may be slow.
            new.iter().for_each(|(happened, event)| hooks.send(happened.kind, event));
            for (happened, event) in new {
                if write(lines.line(happened, &event)).await? == Reader::Closed {
                    return Ok(Exit::Success);
                }
            }
            // Only now: what a killed program has not printed, it prints when it is started again.
            if let Some(recording) = recording {
                recording.record(&snapshot, &happened, clock());
            }
            if let Some(failure) = refused.observe(&snapshot, &host) {
                return Err(failure);
            }
            if !greeted && snapshot.health.full_passes > 0 {
                greeted = true;
                greet(&snapshot);
            }
            // Whatever the filter says: an import that does not match yet may when something happens to it.
            let is_idle = || snapshot.health.full_passes > 0 && !snapshot.imports.iter().any(is_running);
            if (args.until_idle && is_idle()) || reader() == Reader::Closed {
                return Ok(missing.get().unwrap_or(Exit::Success));
            }
        }
        Ok(Exit::Success)
    };
    let left = until.map_or(FOR_EVER, |until| until.saturating_sub(clock().up));
    tokio::select! {
        () = poller => Ok(Exit::Success),
        ended = telling => ended,
        () = complete(&connected, &command, &missing) => Ok(Exit::Success),
        // Though nobody reads the lines.
        () = tokio::time::sleep(left) => Ok(missing.get().unwrap_or(Exit::Success)),
    }
}

/// Asks again for the accounts of profiles that are missing, and has the poller list those that return. Never ends.
async fn complete(connected: &Connected, poller: &mpsc::Sender<PollerCommand>, missing: &Cell<Option<Exit>>) {
    let mut listed = connected.accounts.clone();
    let mut may_return = missing.get().is_some();
    while may_return {
        tokio::time::sleep(AGAIN).await;
        let (accounts, others_may) = connected.ask_again().await;
        let known: HashSet<_> = listed.iter().map(|account| account.id.clone()).collect();
        let new: Vec<_> = accounts.into_iter().filter(|account| !known.contains(&account.id)).collect();
        if !new.is_empty() {
            listed.extend(new);
            let _ = poller.send(PollerCommand::Accounts { listed: listed.clone(), others: Vec::new() }).await;
        }
        let profiles: HashSet<_> = listed.iter().filter_map(|account| account.id.profile()).collect();
        if profiles.len() == connected.connections.clients().count() {
            missing.set(None);
        }
        may_return = others_may && missing.get().is_some();
    }
    std::future::pending().await
}

/// What the journal has since then of the wanted accounts, types, modes and statuses.
fn kept(
    settings: &Settings,
    servers: &[Server],
    args: &EventsArgs,
    since: &str,
    now: Now,
) -> Result<Vec<Entry>, Failure> {
    let wrong = |message: String| Failure { message, exit: Exit::Usage };
    let Some(contents) = recording::read(settings)? else {
        let message =
            "--since: no journal is kept; set journal = true in the configuration, and later events are kept";
        return Err(wrong(message.to_owned()));
    };
    let criteria = &settings.criteria;
    let ends = !args.follow;
    let useless = [
        (!settings.filter.is_empty(), "--filter", "the journal does not have what a filter looks at"),
        (criteria.initiated_by.is_some(), "--initiated-by", "the journal has no name of a person"),
        (args.with_reasons, "--with-reasons", "the journal has no message of a failed row"),
        (ends && args.duration.is_some(), "--for", "--since ends at once without --follow"),
        (ends && args.until_idle, "--until-idle", "--since ends at once without --follow"),
        (ends && !args.exec.is_empty(), "--exec", "--since runs nothing without --follow"),
        (ends && args.metrics.is_some(), "--metrics", "--since ends at once without --follow"),
    ];
    if let Some((_, flag, why)) = useless.into_iter().find(|(given, ..)| *given) {
        return Err(wrong(format!("{flag} and --since: {why}")));
    }
    let from = when::parse(since, &TimeZone::system(), now.wall)
        .map_err(|problem| wrong(format!("--since {}: {problem}", SafeText::new(since))))?;
    let named: Option<Vec<_>> = servers
        .iter()
        .map(|server| match server.wanted() {
            WantedAccounts::These(ids) => Some(ids),
            _ => None,
        })
        .collect();
    let named: Option<Vec<_>> = named.map(|ids| ids.concat());
    let is_wanted = |entry: &&Entry| {
        let json = entry.json();
        let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default();
        let among = |list: &[String], name: &str| list.iter().any(|word| word == text(name));
        let is_any = |list: &[String], name: &str| list.is_empty() || among(list, name);
        entry.at >= from
            && (entry.import.is_none()
                || is_any(&criteria.types, "type")
                    && !among(&criteria.exclude_types, "type")
                    && is_any(&criteria.modes, "mode")
                    && is_any(&criteria.statuses, "status"))
            && named.as_ref().is_none_or(|ids| ids.iter().any(|id| id.as_str() == text("account_uuid")))
    };
    Ok(contents.events.iter().filter(is_wanted).cloned().collect())
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
#[derive(Debug)]
struct Refused<'a> {
    accounts: HashSet<AccountId>,
    /// What the program ends with because of them.
    exit: &'a Cell<Option<Exit>>,
}

impl Refused<'_> {
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
            self.exit.set(Some(fault.into()));
            last = Some(fault);
        }
        last.filter(|_| all).map(|fault| Failure::of(fault, host))
    }
}
