//! `plannr-tui`: the monitor against the configured server.

mod authed_client;
mod beside;
pub(super) mod reload;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::tz::TimeZone;
use tokio::runtime::Builder;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use self::authed_client::{AuthedClient, AuthedClients};
use self::beside::Journal;
use self::reload::ConfigFile;
use super::observed::Observed;
use super::recording::{self, Recording};
use crate::app::event::{Answer, WriteRows};
use crate::app::event_log::Severity;
use crate::app::save::Folders;
use crate::app::theme_state::ThemeState;
use crate::app::{App, Identity};
use crate::browser;
use crate::clipboard;
use crate::config::themes::themes;
use crate::domain::Now;
use crate::domain::account::{Account, AccountId, Logins, WantedAccounts};
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId, Link};
use crate::domain::import_event::FailingAt;
use crate::domain::page::{ListRequest, Page};
use crate::domain::redact::{Redactable, Redaction};
use crate::domain::snapshot::Snapshot;
use crate::domain::transfer::Transfer;
use crate::events::Observer;
use crate::exit::{Exit, Failure};
use crate::hooks::{Hooks, Limits};
use crate::query::Query;
use crate::run::effects::{Effects, Services};
use crate::run::{self, Feeds};
use crate::session::access::Access;
use crate::session::connections::{Connections, Tokens, host, tokens};
use crate::session::{source, transfer};

use crate::api::{Bounds, Client};
use crate::config::{Server, Settings};
use crate::poller::{self, PollerCommand};
use crate::report::{self, ApiView, FailedRows, ReadError, Table};
use crate::terminal::{self, Options, Signal};
use crate::ui::ViewState;
use crate::ui::theme::Themes;

/// Answers that may be queued for the loop.
const ANSWERS: usize = 64;
/// How long the loop may take to exit after a signal.
const EXIT_GRACE: Duration = Duration::from_secs(1);
/// How long the first server that answers waits for the others before its imports are listed without theirs.
const GRACE: Duration = Duration::from_secs(2);
/// Commands that may be queued for the poller.
const COMMANDS: usize = 16;

pub(super) struct SignIn {
    /// At least one; of several each is a profile's.
    pub(super) servers: Vec<Server>,
    pub(super) demo: bool,
}

impl SignIn {
    /// Of several profiles, which accounts are wanted is worked out for each.
    fn wanted(&self) -> WantedAccounts {
        match &self.servers[..] {
            [only] => only.wanted(),
            _ => WantedAccounts::Preferred,
        }
    }
}

pub(super) fn run(
    settings: &Settings,
    servers: &[Server],
    config_file: ConfigFile,
    clock: impl Fn() -> Now + Clone + Send + Sync + 'static,
) -> color_eyre::Result<ExitCode> {
    // First: without a terminal no token helps.
    terminal::check(settings.dumb)?;
    let sign_in = SignIn { servers: servers.to_vec(), demo: false };
    let access = async |server: &Server| Access::new(server.token.as_ref()).await;
    sign_in_and_watch(settings, sign_in, access, config_file, clock)
}

/// Takes over the terminal with the tokens that `access` reads, and runs the monitor until the user quits.
pub(super) fn sign_in_and_watch(
    settings: &Settings,
    sign_in: SignIn,
    access: impl AsyncFn(&Server) -> Result<Access, Failure>,
    config_file: ConfigFile,
    clock: impl Fn() -> Now + Clone + Send + Sync + 'static,
) -> color_eyre::Result<ExitCode> {
    // A mistake in a theme is reported before anything is requested.
    let themes = themes(settings)?;
    // Frames on this thread, because Ctrl-Z stops the thread it is handled on first; server traffic on the other.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let code = runtime.block_on(async {
        let tokens = tokens(&sign_in.servers, access).await?;
        watch_imports(settings, sign_in, themes, tokens, config_file, clock).await
    });
    let code = code.or_else(|report| match is_hang_up(&report) {
        true => Ok(Exit::from(Signal::HangUp).code()),
        false => Err(report),
    });
    terminal::restore();
    // Dropping the runtime would wait for a name lookup that may hang.
    runtime.shutdown_background();
    Ok(ExitCode::from(code?))
}

/// Takes over the terminal and runs poller and monitor; returns the exit code.
async fn watch_imports(
    settings: &Settings,
    sign_in: SignIn,
    (themes, theme_state): (Themes, ThemeState),
    tokens: Tokens,
    config_file: ConfigFile,
    now: impl Fn() -> Now + Clone + Send + Sync + 'static,
) -> color_eyre::Result<u8> {
    // Certificates, TLS and the first answers take a while: meanwhile the first frame is drawn.
    let (connected, connections) = oneshot::channel();
    let connecting = tokio::spawn(async move {
        let made = Connections::new(tokens, Server::wanted).await?;
        let _ = connected.send(made.clone());
        Ok::<_, Failure>(made)
    });
    let source = settings.source.as_deref().map(source::read).transpose()?.map(Arc::new);
    let (wanted, demo) = (sign_in.wanted(), sign_in.demo);
    let identity = identity(sign_in);
    let (command, commands) = mpsc::channel(COMMANDS);
    let (publish, snapshots) = watch::channel(Arc::default());
    let (answer, answers) = mpsc::channel(ANSWERS);
    // Before the terminal is taken over, so that a signal in between cannot leave it in raw mode.
    let signals = signals()?;
    let reader = recording::reader_name("monitor", settings, &());
    let say = |text: &str| tracing::warn!("{text}");
    let kept = if demo { Ok(None) } else { Recording::start(settings, &reader, say).await };
    let (kept, not_kept) = kept.map_or_else(|failure| (None, Some(failure)), |kept| (kept, None));
    let mut polling = polling(settings, identity.accounts.clone());
    let (left_unseen, unseen) = oneshot::channel();
    let journal = kept.map(|(recording, contents)| {
        polling.remembered = Arc::new(contents.paces());
        Journal::new(recording, contents, &reader, answer.clone(), unseen)
    });
    let beside = (!demo).then(|| beside(settings, journal, snapshots.clone(), now.clone())).flatten();
    let (errors, clock) = (answer.clone(), now.clone());
    let poller = tokio::spawn(async move {
        let Ok(connections) = connections.await else { return };
        let authed = AuthedClients { connections, errors };
        let fetch = |account, request| fetch(authed.clone(), account, request);
        poller::run(fetch, polling, commands, publish, clock).await;
    });
    let mut app = App::new(now(), time_zone(), identity, &settings.filter);
    app.accounts.sign_in(wanted, app.now);
    app.set_runtime_config(reload::live(settings, settings));
    app.list.since = settings.criteria.since;
    app.accounts.initiator_only = settings.criteria.initiated_by.is_some();
    app.preferences.spreadsheet_safe = settings.spreadsheet_safe;
    app.preferences.folders = folders();
    app.theme_state = theme_state;
    if let Some(failure) = not_kept {
        app.event_log.announce_until_key(now(), Severity::Warning, failure.message);
    }
    let feeds = Feeds { snapshots, answers, signals };
    let (mut screen, mut tty) = terminal::enter(options(settings))?;
    // Something to see before the server has answered.
    run::draw(&mut screen, &mut tty, (&app, &themes), &mut ViewState::default(), false)?;
    let up = now.clone();
    let input = terminal::input(move || up().up)?;
    let authed = AuthedClients { connections: connecting.await??, errors: answer.clone() };
    let started = Arc::new(settings.clone());
    let browser = settings.browser.clone();
    let reading = Arc::new(Semaphore::new(1));
    let services = LiveServices { command, authed, browser, source, config_file, started, reading };
    let effects = Effects::new(services, tty, answer);
    let code = run::run(&mut screen, input, feeds, effects, &mut app, &themes, now).await;
    if let Some(beside) = beside {
        terminal::restore();
        let _ = left_unseen.send(app.list.unseen.clone());
        // Without the poller it comes to its end.
        poller.abort();
        let _ = beside.await;
    }
    code
}

/// What the poller requests: an account's imports; without an account the logins, which go to the app.
async fn fetch(
    authed: AuthedClients,
    account: Option<Arc<Account>>,
    request: ListRequest,
) -> Result<Page, Fault> {
    let Some(account) = account else {
        let answered = authed.logins(Some(GRACE)).await?;
        let _ = authed.errors.send(Answer::Logins(Ok(answered))).await;
        // The app chooses accounts, and the poller drops this.
        return std::future::pending().await;
    };
    let (authed, request) = (authed.acting_for(Some(&account.id)), &request);
    authed.send(|client| async move { client.list(request).await }).await
}

/// Keeps the journal and runs the configuration's hooks beside the loop, until the poller has ended. What there is to say of
/// them goes to the log.
fn beside(
    settings: &Settings,
    journal: Option<Journal>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    now: impl Fn() -> Now + Send + Sync + 'static,
) -> Option<JoinHandle<()>> {
    if settings.hooks.is_empty() && journal.is_none() {
        return None;
    }
    let hooks = settings.hooks.iter().map(|hook| hook.value.clone()).collect();
    let variables = std::env::vars_os().map(|(name, _)| name);
    let hooks =
        Hooks::start(hooks, variables, Limits::default(), Arc::new(|text: &str| tracing::warn!("{text}")));
    let redaction = Redaction { enabled: settings.redact.value };
    let observer = Observer::new(Query::default(), FailingAt::default(), redaction);
    let observer = observer.remembering(journal.as_ref().map(Journal::memory).unwrap_or_default());
    Some(tokio::spawn(beside::run(Observed::new(observer, snapshots, now), hooks, journal)))
}

/// The system's time zone.
fn time_zone() -> TimeZone {
    // To find the zone's name, jiff lists the whole database of zones: half of the time until the first frame.
    let usual = std::env::var_os("TZ").is_none();
    let rules = usual.then(|| std::fs::read("/etc/localtime").ok()).flatten();
    rules.and_then(|rules| TimeZone::tzif("Local", &rules).ok()).unwrap_or_else(TimeZone::system)
}

fn options(settings: &Settings) -> Options {
    Options {
        mouse: settings.mouse.value,
        tmux: settings.tmux,
        ascii: settings.ascii.value,
        abilities: settings.abilities,
    }
}

/// Whether the terminal is gone: using it may fail before SIGHUP arrives, or without one.
#[cfg(unix)]
fn is_hang_up(report: &color_eyre::Report) -> bool {
    use rustix::io::Errno;
    matches!(report.downcast_ref().and_then(Errno::from_io_error), Some(Errno::IO | Errno::NXIO))
}

#[cfg(not(unix))]
fn is_hang_up(_: &color_eyre::Report) -> bool {
    false
}

/// The exit code of the first signal that ends the program. Exits the process if the loop does not in time.
///
/// Heard on a thread of its own: a terminal that accepts no output blocks the loop for ever, a disk that is gone the rest.
fn signals() -> std::io::Result<mpsc::Receiver<u8>> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let mut signals = {
        let _within = runtime.enter();
        terminal::signals()?
    };
    let (sender, codes) = mpsc::channel(1);
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let code = Exit::from(runtime.block_on(signals.next())).code();
        let _ = sender.blocking_send(code);
        std::thread::sleep(EXIT_GRACE);
        // On its own thread: it may be blocked as well.
        let (done, restored) = std::sync::mpsc::channel();
        let restoring = std::thread::Builder::new().spawn(move || done.send(terminal::restore()));
        let _ = restoring.map(|_| restored.recv_timeout(EXIT_GRACE));
        std::process::exit(code.into());
    })?;
    Ok(codes)
}

fn folders() -> Folders {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    Folders { current: std::env::current_dir().unwrap_or_default(), home }
}

/// What is known of it before the server has answered.
fn identity(sign_in: SignIn) -> Identity {
    let host = host(sign_in.servers.iter().map(|server| server.base_url.value.host()));
    let accounts = sign_in.wanted().known().iter().cloned().map(Account::unnamed).map(Arc::new).collect();
    Identity { host, accounts, demo: sign_in.demo }
}

fn polling(settings: &Settings, accounts: Vec<Arc<Account>>) -> poller::Settings {
    let interval = reload::interval(settings);
    poller::Settings { accounts, criteria: settings.criteria.clone(), interval, remembered: Arc::default() }
}

fn saved(result: Result<Redactable, Redactable>) -> Answer {
    result.map_or_else(Answer::NotSaved, Answer::Saved)
}

/// Sends download progress to the loop. Drops it if the queue is full: more will follow.
fn report_progress(progress: mpsc::Sender<Answer>) -> impl FnMut(Transfer) + Send {
    move |transfer| {
        let _ = progress.try_send(Answer::Progress(transfer));
    }
}

/// The real poller, server and browser.
#[derive(Debug)]
struct LiveServices {
    command: mpsc::Sender<PollerCommand>,
    authed: AuthedClients,
    browser: browser::BrowserEnv,
    source: Option<Arc<Table>>,
    config_file: ConfigFile,
    started: Arc<Settings>,
    /// One report is parsed at a time.
    reading: Arc<Semaphore>,
}

/// Requests an import whose report link was not in the list.
async fn request_link(
    authed: &AuthedClient,
    id: &ImportId,
    api: ApiView,
) -> Result<(Link, ApiView), Redactable> {
    let import = authed.send(|client| async move { client.import(id).await }).await;
    let (import, _) = import.map_err(|fault| Redactable::new(|redaction| fault.describe(redaction)))?;
    let Some(report) = import.report() else {
        return Err("the other run has no error report to compare with".into());
    };
    let link = report.link.clone().map_err(|refusal| refusal.to_string())?;
    let sample = import.failures.as_ref().map(|failures| failures.rows.clone()).unwrap_or(api.sample);
    Ok((link, ApiView { mapping: import.mapping.clone().or(api.mapping), sample, ..api }))
}

impl Services for LiveServices {
    fn command(&self, command: PollerCommand) {
        if let Err(error) = self.command.try_send(command) {
            tracing::warn!(command = ?error.into_inner(), "the poller's queue is full; the command was dropped");
        }
    }

    fn logins(&self) -> impl Future<Output = Result<Logins, Fault>> + Send + 'static {
        let authed = self.authed.clone();
        async move { authed.logins(None).await }
    }

    fn settings(&self) -> Option<impl Future<Output = Answer> + Send + 'static> {
        self.config_file.changed(&self.started)
    }

    fn import(
        &self,
        account: Option<&AccountId>,
        id: &ImportId,
    ) -> impl Future<Output = Result<Import, Fault>> + Send + 'static {
        let (authed, id) = (self.authed.acting_for(account), id.clone());
        async move {
            let of = &id;
            let (import, unexpected) = authed.send(|client| async move { client.import(of).await }).await?;
            if !unexpected.is_empty() {
                tracing::info!(%id, ?unexpected, "unexpected data");
            }
            Ok(import)
        }
    }

    fn report(
        &self,
        account: Option<&AccountId>,
        id: &ImportId,
        link: Option<Link>,
        api: ApiView,
        progress: mpsc::Sender<Answer>,
    ) -> impl Future<Output = Result<Arc<FailedRows>, Redactable>> + Send + 'static {
        let (authed, id, source) = (self.authed.acting_for(account), id.clone(), self.source.clone());
        let reading = self.reading.clone();
        async move {
            let (link, api) = match link {
                Some(link) => (link, api),
                None => request_link(&authed, &id, api).await?,
            };
            let (link, of, progress) = (&link, Some(&id), &progress);
            let fetch = |client: Client| async move {
                let mut bytes = Vec::new();
                let on_progress = report_progress(progress.clone());
                client.download(link, of, &mut bytes, Bounds::MEMORY, on_progress).await.map(|_| bytes)
            };
            let bytes = authed.send(fetch).await.map_err(|fault| transfer::describe(&fault))?;
            let limits = report::Limits::default();
            // If the caller goes away, parsing stops at the next row, and the next report waits for that.
            let _gone = limits.cancel.on_drop();
            let permit = reading.acquire_owned().await;
            let read = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                let mut rows = FailedRows::read(&bytes, &limits, &api)?;
                if let Some(source) = &source {
                    rows = rows.joined_to(source);
                }
                rows.prepare()?;
                Ok::<_, ReadError>(rows)
            });
            let read = read.await;
            let rows = read.map_err(|_| "the report could not be read".to_owned())?;
            rows.map(Arc::new).map_err(|refusal| transfer::not_readable(&refusal).into())
        }
    }

    fn download(
        &self,
        account: Option<&AccountId>,
        id: &ImportId,
        link: Link,
        to: String,
        progress: mpsc::Sender<Answer>,
    ) -> impl Future<Output = Answer> + Send + 'static {
        let (authed, id) = (self.authed.acting_for(account), id.clone());
        async move {
            let (id, link, to, progress) = (&id, &link, Path::new(&to), &progress);
            let download = |client: Client| async move {
                transfer::to_file(&client, id, link, to, report_progress(progress.clone())).await
            };
            saved(authed.send(download).await.map_err(|fault| transfer::describe(&fault)))
        }
    }

    fn write(&self, rows: WriteRows) -> impl Future<Output = Answer> + Send + 'static {
        transfer::rows_to_file(rows).map(saved)
    }

    fn copy(&self, text: &str) -> Option<impl Future<Output = Option<&'static str>> + Send + 'static> {
        let programs = clipboard::programs(self.started.clipboard);
        (!programs.is_empty()).then(|| clipboard::copy(programs, text.to_owned()))
    }

    fn open(&self, link: Link) -> impl Future<Output = Answer> + Send + 'static {
        let opening = browser::plan(&self.browser, &link);
        async move {
            match browser::open(&opening, &link).await {
                Ok(()) => Answer::Opened(link),
                Err(error) => Answer::NotOpened { link, why: error.to_string() },
            }
        }
    }
}
