//! `plannr-tui`: the monitor against the configured server.

use std::process::ExitCode;
use std::sync::Arc;

use crossterm::event::EventStream;
use jiff::tz::TimeZone;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};

use super::connect::{Connected, connect};
use crate::browser;
use crate::domain::Now;
use crate::domain::account::AccountId;
use crate::domain::fault::Fault;
use crate::domain::import::{Import, ImportId, Link};
use crate::exit::Exit;
use crate::monitor::app::{App, Identity};
use crate::monitor::effects::{Effects, Outside};
use crate::monitor::event::Answer;
use crate::monitor::{self, Feeds};
use crate::plannr::{BaseUrl, Client, Token};
use crate::poller::{self, Wish};
use crate::settings::{Server, Settings, Source, token};
use crate::terminal::{self, Options};
use crate::ui::theme::Theme;

/// Answers that may wait for the loop.
const ANSWERS: usize = 64;
/// Wishes that may wait for the poller.
const WISHES: usize = 16;

/// Whose imports are watched, and with what right.
pub(super) struct Watch {
    pub(super) base: BaseUrl,
    pub(super) token: Token,
    pub(super) account: Option<AccountId>,
    pub(super) demo: bool,
}

pub(super) fn run(
    settings: &Settings,
    server: &Server,
    clock: impl Fn() -> Now + Clone + Send + Sync + 'static,
) -> color_eyre::Result<ExitCode> {
    check(settings)?;
    let watch = Watch {
        base: server.base_url.value.clone(),
        token: token::read(server.token.as_ref())?,
        account: server.account.as_ref().map(|account| account.value.clone()),
        demo: false,
    };
    self::watch(settings, watch, clock)
}

/// Whether there is a terminal to draw on; said before anything else is done.
pub(super) fn check(settings: &Settings) -> color_eyre::Result<()> {
    Ok(terminal::check(settings.dumb)?)
}

/// Signs in, takes the terminal over, and runs the monitor.
pub(super) fn watch(
    settings: &Settings,
    watch: Watch,
    clock: impl Fn() -> Now + Clone + Send + Sync + 'static,
) -> color_eyre::Result<ExitCode> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let code = on(&runtime, settings, watch, clock);
    // Dropping the runtime would wait for a name lookup that may hang.
    runtime.shutdown_background();
    code
}

fn on(
    runtime: &Runtime,
    settings: &Settings,
    watch: Watch,
    clock: impl Fn() -> Now + Clone + Send + Sync + 'static,
) -> color_eyre::Result<ExitCode> {
    let demo = watch.demo;
    let connected = runtime.block_on(connect(watch.base, watch.token, watch.account.as_ref()))?;
    let mut app = App::new(clock(), TimeZone::system(), identity(&connected, demo), &settings.filter);
    app.veil.drawn = settings.redact.value;
    app.since = settings.criteria.since;
    let theme = Theme::new(settings.colour.value, settings.ascii.value);
    let (mut screen, tty) = terminal::enter(Options { mouse: true, tmux: settings.tmux })?;
    let code = runtime.block_on(async {
        let (wish, wishes) = mpsc::channel(WISHES);
        let (publish, snapshots) = watch::channel(Arc::default());
        let (answer, answers) = mpsc::channel(ANSWERS);
        let client = connected.client.clone();
        let fetch = move |ask| {
            let client = client.clone();
            async move { client.list(&ask).await }
        };
        tokio::spawn(poller::run(fetch, polling(settings), wishes, publish, clock.clone()));
        let outside = Reach { wish, client: connected.client, browser: settings.browser.clone() };
        let feeds = Feeds { snapshots, answers, signals: signals()? };
        let effects = Effects::new(outside, tty, answer);
        monitor::run(&mut screen, EventStream::new(), feeds, effects, &mut app, &theme, clock).await
    });
    terminal::restore();
    Ok(ExitCode::from(code?))
}

/// The exit code of the first signal that asks the program to end.
fn signals() -> std::io::Result<mpsc::Receiver<u8>> {
    let mut signals = terminal::signals()?;
    let (code, codes) = mpsc::channel(1);
    tokio::spawn(async move { code.send(Exit::from(signals.next().await).code()).await });
    Ok(codes)
}

fn identity(connected: &Connected, demo: bool) -> Identity {
    Identity {
        firm: connected.account.firm.to_string(),
        person: connected.account.name.to_string(),
        host: connected.client.base().host().to_owned(),
        demo,
    }
}

fn polling(settings: &Settings) -> poller::Settings {
    // A rhythm that nobody asked for is the poller's own.
    let interval = Some(&settings.interval).filter(|interval| interval.source != Source::Default);
    poller::Settings {
        criteria: settings.criteria.clone(),
        interval: interval.map(|interval| interval.value),
    }
}

/// The real outside: the poller, the server, the browser.
#[derive(Debug)]
struct Reach {
    wish: mpsc::Sender<Wish>,
    client: Client,
    browser: browser::Surroundings,
}

impl Outside for Reach {
    fn wish(&self, wish: Wish) {
        if self.wish.try_send(wish).is_err() {
            tracing::warn!(?wish, "the poller has too much to do; the wish was dropped");
        }
    }

    fn import(&self, id: &ImportId) -> impl Future<Output = Result<Import, Fault>> + Send + 'static {
        let (client, id) = (self.client.clone(), id.clone());
        async move {
            let (import, oddities) = client.import(&id).await?;
            if !oddities.is_empty() {
                tracing::info!(%id, ?oddities, "odd answer");
            }
            Ok(import)
        }
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
