//! The monitor as a user has it: the real loop and poller, keys typed as a string, the screen read as text.
//!
//! Time moves only by waiting, so every run shows the same.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use futures_util::{Stream, stream};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plannr_tui::app::columns::Column;
use plannr_tui::app::event::{Answer, Notification, Taskbar, WriteRows};
use plannr_tui::app::keymap::Keymap;
use plannr_tui::app::named_filters::NamedFilter;
use plannr_tui::app::runtime_config::RuntimeConfig;
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::account::{Account, AccountId, Logins};
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::import::{Import, ImportId, Link};
use plannr_tui::domain::page::Criteria;
use plannr_tui::domain::redact::Redactable;
use plannr_tui::domain::transfer::Transfer;
use plannr_tui::poller::{self, PollerCommand};
use plannr_tui::report::{ApiView, FailedRows, Limits};
use plannr_tui::run::console::Console;
use plannr_tui::run::effects::{Effects, Services};
use plannr_tui::run::{self, Feeds};
use plannr_tui::simulator::{Options, World};
use plannr_tui::ui::theme::{Depth, Themes};
use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, TestBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::offline;
use crate::screen::Screen;

/// Between two keys: time for a frame.
const TYPING: Duration = Duration::from_millis(20);

/// After Esc: until it is known that no terminal's answer began with it.
const AFTER_ESC: Duration = Duration::from_millis(50);

/// What a configuration file says, or what is wrong with it.
type Reading = Result<RuntimeConfig, Vec<String>>;

/// How the session begins.
pub struct Setup {
    pub size: (u16, u16),
    pub options: Options,
    pub themes: Themes,
    /// The theme in force, by name.
    pub theme: &'static str,
    pub filter: &'static str,
    /// The first day that the list looks back to.
    pub since: Option<Date>,
    /// Whether links open; if not, this is why.
    pub no_browser: Option<&'static str>,
    /// How long a report is on its way.
    pub transfer: Duration,
    /// How long an answer to the poller is on its way.
    pub latency: Duration,
    /// Whether only one person's imports are listed.
    pub initiator_only: bool,
    pub spreadsheet_safe: bool,
    pub keymap: Keymap,
    pub columns: Vec<Column>,
    pub filters: Vec<NamedFilter>,
    /// The fault from `<lost>` to `<found>`.
    pub fault: Fault,
    /// Whether the fault spares the list: only details and reports have it.
    pub list_works: bool,
    /// The position of the only firm whose list has the fault, if not all have it.
    pub faulty_firm: Option<usize>,
    /// What the configuration file says after each `<settings>`.
    pub settings: Vec<Reading>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            size: (120, 40),
            options: Options { keep_starting: false, ..Options::default() },
            themes: Themes::new(Depth::All, true, false, &[]),
            theme: "auto",
            filter: "",
            since: None,
            no_browser: None,
            transfer: Duration::ZERO,
            latency: Duration::ZERO,
            initiator_only: false,
            spreadsheet_safe: false,
            keymap: Keymap::default(),
            columns: Column::DEFAULT.to_vec(),
            filters: Vec::new(),
            fault: Fault::Unreachable("connection refused".into()),
            faulty_firm: None,
            list_works: false,
            settings: Vec::new(),
        }
    }
}

/// What a session came to.
pub struct Played {
    /// The exit code.
    pub code: u8,
    /// The last frame.
    pub screen: Screen,
    /// The frames at each `<shot>`.
    pub shots: Vec<Screen>,
    /// What went to the clipboard, the browser and the terminal's links.
    pub outside: Recorded,
}

/// What reached the outside world.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    pub copied: Vec<String>,
    pub opened: Vec<String>,
    pub linked: Vec<String>,
    pub suspended: usize,
    pub notified: Vec<Notification>,
    pub titles: Vec<Option<String>>,
    pub progress: Vec<Taskbar>,
    pub written: Vec<WriteRows>,
    pub commands: Vec<PollerCommand>,
    pub requests: Requests,
}

/// Requests since the last `<lost>` or `<found>`, else since the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Requests {
    /// For the list, or parts of it.
    pub lists: usize,
    /// For one import.
    pub details: usize,
}

/// Plays keys on the usual setup. See [`Setup::play`].
pub fn play(size: (u16, u16), keys: &str) -> Played {
    Setup { size, ..Setup::default() }.play(keys)
}

impl Setup {
    /// Plays keys: letters as they are, others as `<enter>`, `<ctrl-d>`; and `<wait:5s>`, `<size:80x24>`,
    /// `<click:10,5>`, `<on:Running>` for a click on a text, `<drag:10,5>`, `<right:10,5>`, `<wheel:1>`,
    /// `<wheel:-1@10,5>`, `<shot>`, `<lost>` and `<found>` for the server's absence and return, `<clock:-2h>` for a wall
    /// clock that is so far off from then on, `<settings>` for a configuration file that changes,
    /// `<background:ffff/ffff/ffff>` for what the terminal answers, `<blur>` and `<focus>`.
    pub fn play(self, keys: &str) -> Played {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(self.run(keys))
    }

    async fn run(self, keys: &str) -> Played {
        // The poller's jitter.
        fastrand::seed(1);
        let world = Arc::new(World::new(&self.options));
        let begin = Instant::now();
        let start = self.options.start;
        // How far the wall clock was put forward or back, in seconds.
        let put = Arc::new(AtomicI64::new(0));
        let clock = {
            let put = Arc::clone(&put);
            move || {
                let up = begin.elapsed();
                let wall = start + SignedDuration::try_from(up).unwrap();
                Now { up, wall: wall + SignedDuration::from_secs(put.load(Ordering::SeqCst)) }
            }
        };
        let lost = Arc::new(AtomicBool::new(false));
        let requests = Requested::default();
        let fetch = {
            let (world, lost, requests) = (Arc::clone(&world), Arc::clone(&lost), Arc::clone(&requests));
            let (fault, latency) = ((!self.list_works).then(|| self.fault.clone()), self.latency);
            let faulty = self.faulty_firm.map(|nth| world.firms().nth(nth).unwrap().account().to_owned());
            move |account: Option<Arc<Account>>, ask| {
                requests.lock().unwrap().lists += 1;
                let is_faulty =
                    faulty.is_none() || faulty.as_deref() == account.as_ref().map(|it| it.id.as_str());
                let wrong = fault.clone().filter(|_| is_faulty && lost.load(Ordering::SeqCst));
                let list = || {
                    offline::list(&world, account.as_ref().map(|account| &account.id), &ask, begin.elapsed())
                };
                let answer = wrong.map_or_else(list, Err);
                async move {
                    if !latency.is_zero() {
                        tokio::time::sleep(latency).await;
                    }
                    answer
                }
            }
        };
        let (command, commands) = mpsc::channel(16);
        let (publish, snapshots) = watch::channel(Arc::default());
        let (answer, answers) = mpsc::channel(64);
        let (_alive, signals) = mpsc::channel(1);
        let recorded = Rc::new(RefCell::new(Recorded::default()));
        let backend = Shared(Rc::new(RefCell::new(TestBackend::new(self.size.0, self.size.1))));
        let shots = Rc::new(RefCell::new(Vec::new()));
        let script = Script {
            steps: steps(keys).into(),
            backend: backend.clone(),
            shots: Rc::clone(&shots),
            lost: Arc::clone(&lost),
            put,
            requests: Arc::clone(&requests),
            changed: Arc::default(),
        };
        let account = Arc::new(Account {
            firm: "Fairweather Wealth".into(),
            name: "Joan Okaforth".into(),
            ..Account::unnamed(AccountId::new(world.account()).unwrap())
        });
        let outside = Fake {
            settings: Arc::new(Mutex::new(self.settings.into())),
            changed: Arc::clone(&script.changed),
            commands_sent: Arc::default(),
            world,
            begin,
            command,
            lost,
            fault: self.fault.clone(),
            requests: Arc::clone(&requests),
            no_browser: self.no_browser,
            opened: Arc::default(),
            written: Arc::default(),
            transfer: self.transfer,
        };
        let written = Arc::clone(&outside.written);
        let opened = Arc::clone(&outside.opened);
        let commands_sent = Arc::clone(&outside.commands_sent);
        let effects = Effects::new(outside, Recorder(Rc::clone(&recorded)), answer);
        let identity =
            Identity { accounts: vec![Arc::clone(&account)], host: "api.plannrcrm.com".into(), demo: false };
        let mut app = App::new(clock(), TimeZone::UTC, identity, self.filter);
        app.list.since = self.since;
        let criteria = Criteria { since: self.since, ..Criteria::default() };
        app.accounts.initiator_only = self.initiator_only;
        app.preferences.spreadsheet_safe = self.spreadsheet_safe;
        let polling = poller::Settings { accounts: vec![account], criteria, ..poller::Settings::default() };
        app.theme_state.choices = self.themes.choices();
        app.theme_state.chosen = self.themes.find(self.theme).unwrap();
        app.set_runtime_config(RuntimeConfig {
            keymap: self.keymap,
            columns: self.columns,
            filters: self.filters,
            ..RuntimeConfig::default()
        });
        let mut terminal = Terminal::new(backend.clone()).unwrap();
        let feeds = Feeds { snapshots, answers, signals };
        let input = script.play();
        let code = tokio::select! {
            biased;
            code = run::run(&mut terminal, input, feeds, effects, &mut app, &self.themes, clock.clone()) => code.unwrap(),
            () = poller::run(fetch, polling, commands, publish, clock) => panic!("the poller ended"),
        };
        let mut outside = recorded.borrow().clone();
        outside.opened = opened.lock().unwrap().clone();
        outside.written = written.lock().unwrap().clone();
        outside.requests = *requests.lock().unwrap();
        outside.commands = commands_sent.lock().unwrap().clone();
        let shots = shots.borrow().clone();
        Played { code, screen: backend.screen(), shots, outside }
    }
}

enum Step {
    Input(Input),
    Wait(Duration),
    Size(u16, u16),
    ClickOn(String),
    Shot,
    Lost(bool),
    Clock(i64),
    Settings,
}

fn steps(keys: &str) -> Vec<Step> {
    let mut steps = vec![Step::Wait(Duration::from_secs(1))];
    let mut rest = keys;
    while let Some(c) = rest.chars().next() {
        let tag =
            rest.strip_prefix('<').and_then(|rest| rest.split_once('>')).filter(|(tag, _)| !tag.is_empty());
        if let Some((tag, after)) = tag {
            rest = after;
            if let Some(colour) = tag.strip_prefix("background:") {
                steps.extend(answer(colour));
                continue;
            }
            steps.push(step(tag));
        } else {
            rest = &rest[c.len_utf8()..];
            steps.push(Step::Input(key(KeyCode::Char(c), KeyModifiers::NONE)));
        }
        match steps.last() {
            Some(Step::Input(input)) if *input == named("esc") => steps.push(Step::Wait(AFTER_ESC)),
            Some(Step::Input(_) | Step::ClickOn(_)) => steps.push(Step::Wait(TYPING)),
            _ => {}
        }
    }
    // What was begun comes to its end.
    steps.push(Step::Wait(Duration::from_millis(500)));
    steps
}

/// What the input stream makes of a terminal's answer, which may come in pieces.
fn answer(colour: &str) -> impl Iterator<Item = Step> {
    let typed = format!("11;rgb:{colour}");
    let typed: Vec<_> = typed.chars().map(|c| key(KeyCode::Char(c), KeyModifiers::NONE)).collect();
    let keys = std::iter::once(named("alt-]")).chain(typed).chain([named("alt-\\")]);
    keys.flat_map(|key| [Step::Input(key), Step::Wait(Duration::from_millis(1))]).chain([Step::Wait(TYPING)])
}

fn step(tag: &str) -> Step {
    let pair = |text: &str, at: char| -> (u16, u16) {
        let (a, b) = text.split_once(at).unwrap();
        (a.parse().unwrap(), b.parse().unwrap())
    };
    let mouse = |kind, column, row| Step::Input(mouse(kind, column, row));
    match tag.split_once(':') {
        Some(("wait", time)) => {
            let time: SignedDuration = time.parse().unwrap();
            Step::Wait(time.unsigned_abs())
        }
        Some(("clock", time)) => Step::Clock(time.parse::<SignedDuration>().unwrap().as_secs()),
        Some(("size", size)) => {
            let (width, height) = pair(size, 'x');
            Step::Size(width, height)
        }
        Some(("click", at)) => {
            let (x, y) = pair(at, ',');
            mouse(MouseEventKind::Down(MouseButton::Left), x, y)
        }
        Some(("drag", at)) => {
            let (x, y) = pair(at, ',');
            mouse(MouseEventKind::Drag(MouseButton::Left), x, y)
        }
        Some(("right", at)) => {
            let (x, y) = pair(at, ',');
            mouse(MouseEventKind::Down(MouseButton::Right), x, y)
        }
        Some(("on", text)) => Step::ClickOn(text.to_owned()),
        Some(("wheel", way)) => {
            let (x, y) = way.split_once('@').map_or((0, 0), |(_, at)| pair(at, ','));
            let up = way.starts_with('-');
            mouse(if up { MouseEventKind::ScrollUp } else { MouseEventKind::ScrollDown }, x, y)
        }
        Some(other) => panic!("no step {other:?}"),
        None => match tag {
            "focus" => Step::Input(Input::FocusGained),
            "blur" => Step::Input(Input::FocusLost),
            "release" => mouse(MouseEventKind::Up(MouseButton::Left), 0, 0),
            "shot" => Step::Shot,
            "lost" => Step::Lost(true),
            "found" => Step::Lost(false),
            "settings" => Step::Settings,
            name => Step::Input(named(name)),
        },
    }
}

fn mouse(kind: MouseEventKind, column: u16, row: u16) -> Input {
    Input::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}

fn named(name: &str) -> Input {
    if let Some(letter) = name.strip_prefix("ctrl-") {
        return key(KeyCode::Char(letter.chars().next().unwrap()), KeyModifiers::CONTROL);
    }
    if let Some(number) = name.strip_prefix("alt-f").and_then(|number| number.parse().ok()) {
        return key(KeyCode::F(number), KeyModifiers::ALT);
    }
    if let Some(letter) = name.strip_prefix("alt-") {
        return key(KeyCode::Char(letter.chars().next().unwrap()), KeyModifiers::ALT);
    }
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "space" => KeyCode::Char(' '),
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "backspace" => KeyCode::Backspace,
        "lt" => KeyCode::Char('<'),
        "gt" => KeyCode::Char('>'),
        other => panic!("no key {other:?}"),
    };
    key(code, KeyModifiers::NONE)
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Key(KeyEvent::new(code, modifiers))
}

struct Script {
    steps: std::collections::VecDeque<Step>,
    backend: Shared,
    shots: Rc<RefCell<Vec<Screen>>>,
    lost: Arc<AtomicBool>,
    put: Arc<AtomicI64>,
    requests: Requested,
    changed: Arc<AtomicBool>,
}

impl Script {
    fn play(self) -> impl Stream<Item = io::Result<Input>> {
        stream::unfold(self, |mut script| async move {
            loop {
                match script.steps.pop_front()? {
                    Step::Input(input) => return Some((Ok(input), script)),
                    Step::ClickOn(text) => {
                        let Position { x, y } = script.backend.screen().position_of(&text);
                        script.steps.push_front(step("release"));
                        return Some((Ok(mouse(MouseEventKind::Down(MouseButton::Left), x, y)), script));
                    }
                    Step::Wait(time) => tokio::time::sleep(time).await,
                    Step::Shot => script.shots.borrow_mut().push(script.backend.screen()),
                    Step::Lost(lost) => {
                        script.lost.store(lost, Ordering::SeqCst);
                        *script.requests.lock().unwrap() = Default::default();
                    }
                    Step::Clock(seconds) => script.put.store(seconds, Ordering::SeqCst),
                    Step::Settings => script.changed.store(true, Ordering::SeqCst),
                    Step::Size(width, height) => {
                        script.backend.0.borrow_mut().resize(width, height);
                        script.steps.push_front(Step::Wait(TYPING));
                        return Some((Ok(Input::Resize(width, height)), script));
                    }
                }
            }
        })
    }
}

type Requested = Arc<Mutex<Requests>>;

/// The outside world, without network or browser.
#[derive(Clone)]
struct Fake {
    world: Arc<World>,
    begin: Instant,
    command: mpsc::Sender<PollerCommand>,
    lost: Arc<AtomicBool>,
    fault: Fault,
    requests: Requested,
    no_browser: Option<&'static str>,
    opened: Arc<Mutex<Vec<String>>>,
    written: Arc<Mutex<Vec<WriteRows>>>,
    /// How long a report is on its way.
    transfer: Duration,
    settings: Arc<Mutex<VecDeque<Reading>>>,
    changed: Arc<AtomicBool>,
    commands_sent: Arc<Mutex<Vec<PollerCommand>>>,
}

impl Fake {
    fn reachable(&self) -> Result<(), Fault> {
        if self.lost.load(Ordering::SeqCst) { Err(self.fault.clone()) } else { Ok(()) }
    }
}

impl Services for Fake {
    fn command(&self, command: PollerCommand) {
        self.commands_sent.lock().unwrap().push(command.clone());
        self.command.try_send(command).unwrap();
    }

    fn logins(&self) -> impl Future<Output = Result<Logins, Fault>> + Send + 'static {
        let fake = self.clone();
        async move { fake.reachable().and_then(|()| offline::logins(&fake.world, fake.begin.elapsed())) }
    }

    fn import(
        &self,
        account: Option<&AccountId>,
        id: &ImportId,
    ) -> impl Future<Output = Result<Import, Fault>> + Send + 'static {
        let (fake, id, account) = (self.clone(), id.clone(), account.cloned());
        async move {
            fake.requests.lock().unwrap().details += 1;
            let at = fake.begin.elapsed();
            fake.reachable().and_then(|()| offline::import(&fake.world, account.as_ref(), &id, at))
        }
    }

    fn settings(&self) -> Option<impl Future<Output = Answer> + Send + 'static> {
        let changed = self.changed.swap(false, Ordering::SeqCst);
        let read = changed.then(|| self.settings.lock().unwrap().pop_front().unwrap().map(Box::new));
        read.map(|read| std::future::ready(Answer::Config { file: "config.toml".to_owned(), read }))
    }

    fn report(
        &self,
        account: Option<&AccountId>,
        id: &ImportId,
        link: Option<Link>,
        api: ApiView,
        progress: mpsc::Sender<Answer>,
    ) -> impl Future<Output = Result<Arc<FailedRows>, Redactable>> + Send + 'static {
        let requested = self.import(account, id);
        let (world, begin, on_its_way) = (Arc::clone(&self.world), self.begin, self.transfer);
        async move {
            let link = match link {
                Some(link) => link,
                None => requested.await.unwrap().report().unwrap().link.clone().unwrap(),
            };
            let bytes = offline::download(&world, &link, begin.elapsed());
            let total = bytes.len() as u64;
            let _ = progress.try_send(Answer::Progress(Transfer {
                received: total / 2,
                total: Some(total),
                waiting: None,
            }));
            tokio::time::sleep(on_its_way).await;
            FailedRows::read(&bytes, &Limits::default(), &api)
                .map(Arc::new)
                .map_err(|refusal| refusal.to_string().into())
        }
    }

    fn download(
        &self,
        _: Option<&AccountId>,
        _: &ImportId,
        _: Link,
        to: String,
        _: mpsc::Sender<Answer>,
    ) -> impl Future<Output = Answer> + Send + 'static {
        std::future::ready(Answer::Saved(format!("saved {to}").into()))
    }

    fn write(&self, rows: WriteRows) -> impl Future<Output = Answer> + Send + 'static {
        self.written.lock().unwrap().push(rows);
        std::future::ready(Answer::Saved("saved".into()))
    }

    fn open(&self, link: Link) -> impl Future<Output = Answer> + Send + 'static {
        let answer = match self.no_browser {
            Some(why) => Answer::NotOpened { link, why: why.to_owned() },
            None => {
                self.opened.lock().unwrap().push(link.as_str().to_owned());
                Answer::Opened(link)
            }
        };
        std::future::ready(answer)
    }
}

struct Recorder(Rc<RefCell<Recorded>>);

impl Console for Recorder {
    fn frame_begins(&mut self) {}

    fn frame_ends(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn link(&mut self, _: Position, text: &str, link: &Link) -> io::Result<()> {
        assert!(link.as_str().starts_with(text.trim_end_matches('…')));
        self.0.borrow_mut().linked.push(link.as_str().to_owned());
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.0.borrow_mut().copied.push(text.to_owned());
        Ok(())
    }

    fn notify(&mut self, notification: &Notification) -> io::Result<()> {
        self.0.borrow_mut().notified.push(notification.clone());
        Ok(())
    }

    fn title(&mut self, title: Option<&str>) -> io::Result<()> {
        self.0.borrow_mut().titles.push(title.map(str::to_owned));
        Ok(())
    }

    fn taskbar(&mut self, progress: Taskbar) -> io::Result<()> {
        self.0.borrow_mut().progress.push(progress);
        Ok(())
    }

    fn mouse(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }

    fn query_background(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.0.borrow_mut().suspended += 1;
        Ok(())
    }
}

/// A test terminal that the script can look at and resize while the loop draws on it.
#[derive(Clone)]
struct Shared(Rc<RefCell<TestBackend>>);

impl Shared {
    fn screen(&self) -> Screen {
        Screen::new(self.0.borrow().buffer().clone())
    }
}

impl Backend for Shared {
    type Error = std::convert::Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Self::Error>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.0.borrow_mut().draw(content)
    }

    fn hide_cursor(&mut self) -> Result<(), Self::Error> {
        self.0.borrow_mut().hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), Self::Error> {
        self.0.borrow_mut().show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, Self::Error> {
        self.0.borrow_mut().get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Self::Error> {
        self.0.borrow_mut().set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<(), Self::Error> {
        self.0.borrow_mut().clear()
    }

    fn clear_region(&mut self, region: ClearType) -> Result<(), Self::Error> {
        self.0.borrow_mut().clear_region(region)
    }

    fn size(&self) -> Result<Size, Self::Error> {
        self.0.borrow().size()
    }

    fn window_size(&mut self) -> Result<WindowSize, Self::Error> {
        self.0.borrow_mut().window_size()
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.borrow_mut().flush()
    }
}
