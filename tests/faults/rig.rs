//! The real client, poller and screen through one fault: good data, the fault, good data again.
//!
//! Requests run on a runtime with a real clock and real sockets. Poller and screen run on one whose clock stands still
//! until everybody waits, then jumps: an hour of back-off takes no time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use plannr_tui::api::{BaseUrl, Client, Network, Token};
use plannr_tui::app::event::Event;
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::account::{Account, AccountId};
use plannr_tui::domain::import::ImportId;
use plannr_tui::domain::page::ListRequest;
use plannr_tui::domain::snapshot::{LinkState, Snapshot};
use plannr_tui::poller::{self, PollerCommand, Settings};
use plannr_tui::run::canvas::Canvas;
use plannr_tui::simulator::{Canned, Options, Simulator};
use plannr_tui::ui::theme::Theme;
use plannr_tui::ui::{self, Scene, ViewState};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// Wide enough for every sentence.
const SIZE: (u16, u16) = (240, 30);

/// A server whose imports stand still, and a runtime for requests.
pub struct Rig {
    pub requests: Runtime,
    pub simulator: Simulator,
}

/// When the server is asked again by itself.
#[derive(Debug, PartialEq)]
pub enum Asked {
    /// After so long, at the earliest and at the latest.
    Within(Duration, Duration),
    /// Not until the user wants it.
    Never,
}

/// What a user saw of a fault.
pub struct Story {
    pub header: String,
    pub footer: String,
    pub again: Duration,
    pub stopped: bool,
}

impl Rig {
    pub fn new() -> Self {
        let options = Options { imports: 12, keep_starting: false, ..Options::default() };
        let simulator = Simulator::start(options).unwrap();
        simulator.set_time(Duration::from_secs(600));
        let requests = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { requests, simulator }
    }

    /// A client of any server, with the token and account of the good one.
    pub fn client(&self, base: &str, network: Network) -> Client {
        let token = Token::new(self.simulator.token()).unwrap();
        let client = Client::with_network(BaseUrl::new(base).unwrap(), token, network).unwrap();
        client.with_account(AccountId::new(self.simulator.account()).unwrap())
    }

    /// A client of the good server.
    pub fn good(&self) -> Client {
        self.client(&self.simulator.base_url(), Network::default())
    }

    /// Runs a poller that asks whatever client stands in `asked`, and `script` beside it.
    pub fn run<Fut: Future<Output = Watching>>(
        &self,
        asked: Arc<Mutex<Client>>,
        script: impl FnOnce(Watching) -> Fut,
    ) {
        // The poller's jitter.
        fastrand::seed(1);
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let start = Instant::now();
            let clock = move || Now { up: start.elapsed(), wall: Options::default().start + start.elapsed() };
            let handle = self.requests.handle().clone();
            let fetch = move |_, ask: ListRequest| {
                let client = asked.lock().unwrap().clone();
                let answer = handle.spawn(async move { client.list(&ask).await });
                async move { answer.await.unwrap() }
            };
            let (wish, wishes) = mpsc::channel(4);
            let (publish, seen) = watch::channel(Arc::default());
            let account = Account::unnamed(AccountId::new(self.simulator.account()).unwrap());
            let account = Arc::new(Account { firm: "Firm".into(), name: "Person".into(), ..account });
            let settings = Settings { accounts: vec![Arc::clone(&account)], ..Settings::default() };
            let identity = Identity { accounts: vec![account], host: "host".into(), ..Identity::default() };
            let app = App::new(clock(), TimeZone::UTC, identity, "");
            let watching = Watching { app, wish: Some(wish), seen, start };
            // The poller ends because nobody is left to wish.
            let script = async { script(watching).await.wish = None };
            tokio::join!(poller::run(fetch, settings, wishes, publish, clock), script);
        });
    }

    /// Good data and a selection, then `faulty` is asked while the good server answers with `canned`, then good data
    /// again: rows and selection are the same all along.
    pub fn play(&self, name: &str, faulty: Client, canned: Option<Canned>) -> Story {
        let asked = Arc::new(Mutex::new(self.good()));
        let story = Arc::new(Mutex::new(None));
        let recorded = Arc::clone(&story);
        self.run(Arc::clone(&asked), async |mut watching| {
            watching.until(|snapshot| snapshot.health.full_passes == 1).await;
            watching.press(KeyCode::Char('j'));
            watching.press(KeyCode::Char('j'));
            let (rows, selected) = (watching.rows(), watching.app.list.selected().cloned());
            assert!(rows.len() >= 12 && selected.is_some(), "{name}");

            self.simulator.on_request(move |_| canned.clone());
            *asked.lock().unwrap() = faulty;
            let failed = watching.until(|snapshot| snapshot.health.link != LinkState::Live).await;
            let seen = (watching.rows(), watching.app.list.selected().cloned());
            assert_eq!(seen, (rows.clone(), selected.clone()), "{name}: rows and selection stay");
            let lines = watching.screen();
            let (stopped, again) = match failed.health.link {
                LinkState::Retrying { again_at, .. } => {
                    (false, again_at.saturating_sub(watching.start.elapsed()))
                }
                _ => (true, Duration::MAX),
            };
            let (header, footer) = (lines[0].clone(), lines[lines.len() - 1].clone());
            *recorded.lock().unwrap() = Some(Story { header, footer, again, stopped });

            self.simulator.on_request(|_| None);
            *asked.lock().unwrap() = self.good();
            if stopped {
                watching.wish(PollerCommand::Refresh).await;
            }
            watching.until(|snapshot| snapshot.health.link == LinkState::Live).await;
            assert_eq!(
                (watching.rows(), watching.app.list.selected().cloned()),
                (rows, selected),
                "{name}: afterwards"
            );
            watching
        });
        story.lock().unwrap().take().unwrap()
    }
}

/// Somebody who watches the screen.
pub struct Watching {
    pub app: App,
    wish: Option<mpsc::Sender<PollerCommand>>,
    seen: watch::Receiver<Arc<Snapshot>>,
    start: Instant,
}

impl Watching {
    /// Waits for a snapshot that is so, and shows it.
    pub async fn until(&mut self, so: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let snapshot = Arc::clone(&*self.seen.wait_for(|snapshot| so(snapshot)).await.unwrap());
        self.app.update(self.now(), Event::Snapshot(Arc::clone(&snapshot)));
        snapshot
    }

    pub async fn wish(&self, wish: PollerCommand) {
        self.wish.as_ref().unwrap().send(wish).await.unwrap();
    }

    pub fn press(&mut self, code: KeyCode) {
        self.app.update(self.now(), Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    }

    /// The imports, in the server's order.
    pub fn rows(&self) -> Vec<ImportId> {
        self.app.snapshot.imports.iter().map(|watched| watched.import.id.clone()).collect()
    }

    /// The lines of the screen.
    pub fn screen(&self) -> Vec<String> {
        screen(&self.app, SIZE)
    }

    fn now(&self) -> Now {
        Now { up: self.start.elapsed(), wall: Options::default().start + self.start.elapsed() }
    }
}

/// The lines of a screen of this size.
pub fn screen(app: &App, (width, height): (u16, u16)) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let theme = Theme::new(true, false);
    Canvas::draw(&mut terminal, false, |buf| {
        ui::draw(buf, Scene { app, theme: &theme }, &mut ViewState::default())
    })
    .unwrap();
    let buffer = terminal.backend().buffer();
    (0..height).map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect()).collect()
}
