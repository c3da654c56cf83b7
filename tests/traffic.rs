//! What watching costs the server: the real poller, monitor and client over real HTTP, every byte counted by the
//! server.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use plannr_tui::api::{BaseUrl, Client, Token};
use plannr_tui::app::event::{Answer, Effect, Event, Notification, Taskbar, WriteRows};
use plannr_tui::app::{App, Identity};
use plannr_tui::domain::Now;
use plannr_tui::domain::account::{AccountId, Logins};
use plannr_tui::domain::fault::Fault;
use plannr_tui::domain::import::{Import, ImportId, Link};
use plannr_tui::domain::page::{Criteria, ListRequest};
use plannr_tui::domain::redact::Redactable;
use plannr_tui::domain::snapshot::{LinkState, Snapshot};
use plannr_tui::poller::{self, PollerCommand, Settings};
use plannr_tui::report::{ApiView, FailedRows};
use plannr_tui::run::console::Console;
use plannr_tui::run::effects::{Effects, Services};
use plannr_tui::simulator::{Canned, Options, Response, Simulator};
use tokio::sync::{mpsc, watch};

const MOST_REQUESTS: u64 = 2;
const MOST_BYTES: u64 = 64 * 1024;
/// Polls that are counted: ten minutes of them, three seconds apart. The server lets no more requests through.
const POLLS: u64 = 200;

fn simulator(imports: usize) -> Simulator {
    let options = Options { imports, running: Some(5), keep_starting: false, ..Options::default() };
    let simulator = Simulator::start(options).unwrap();
    simulator.set_time(Duration::from_secs(1));
    simulator
}

fn client(simulator: &Simulator) -> Client {
    let base = BaseUrl::new(&simulator.base_url()).unwrap();
    let client = Client::new(base, Token::new(simulator.token()).unwrap()).unwrap();
    client.with_account(AccountId::new(simulator.account()).unwrap())
}

fn newest(per_page: u16) -> ListRequest {
    ListRequest::newest(Criteria::default(), per_page)
}

/// What the server had counted when a poll began.
#[derive(Clone, Copy)]
struct Begun {
    requests: u64,
    bytes: u64,
}

#[tokio::test]
async fn a_poll_with_ten_thousand_imports_is_two_requests_and_64_kb_at_most() {
    let simulator = simulator(10_000);
    assert_eq!(simulator.world().unfinished(Duration::from_secs(1)).len(), 5);
    let begun = RefCell::new(Vec::new());
    // World time goes on by three seconds with every poll, and the clock by four whenever it is read: nothing waits.
    // It stands still while the list loads. The pass that looks at everything is due at once.
    let fetch = {
        let (begun, simulator) = (&begun, &simulator);
        move |_, ask: ListRequest| {
            // Every poll begins with the imports that may have changed.
            if matches!(&ask, ListRequest::These(ids) if ids.len() <= 5) {
                let traffic = simulator.traffic();
                begun.borrow_mut().push(Begun { requests: traffic.requests, bytes: traffic.bytes_sent });
                simulator.set_time(Duration::from_secs(1 + 3 * begun.borrow().len() as u64));
            }
            // A client each: their own pace is not what is counted.
            let client = client(simulator);
            async move { client.list(&ask).await }
        }
    };
    let read = Cell::new(0);
    let loaded = Cell::new(None);
    let clock = || {
        read.set(read.get() + if loaded.get().is_some() { 4 } else { 0 });
        let up = Duration::from_secs(read.get());
        Now { up, wall: Options::default().start + up }
    };
    let settings = Settings { interval: Some(Duration::from_secs(3)), ..Settings::default() };
    let (commands, received) = mpsc::channel::<PollerCommand>(1);
    let (publish, mut seen) = watch::channel(Arc::<Snapshot>::default());
    let requests_to_load = Cell::new(0);
    let watching = async {
        let all = seen.wait_for(|snapshot| snapshot.health.full_passes == 1).await.unwrap().imports.len();
        assert_eq!(all, 10_000);
        requests_to_load.set(simulator.traffic().requests);
        loaded.set(Some(begun.borrow().len()));
        read.set(400);
        let polls = seen.borrow().health.polls;
        seen.wait_for(|snapshot| snapshot.health.polls >= polls + POLLS).await.unwrap();
        drop(commands);
    };
    tokio::join!(poller::run(fetch, settings, received, publish, clock), watching);

    let polls = begun.into_inner().split_off(loaded.get().unwrap());
    let costs: Vec<_> = polls
        .windows(2)
        .map(|pair| (pair[1].requests - pair[0].requests, pair[1].bytes - pair[0].bytes))
        .collect();
    let requests = costs.iter().map(|(requests, _)| *requests).max().unwrap();
    let bytes = costs.iter().map(|(_, bytes)| *bytes).max().unwrap();
    let mean = costs.iter().map(|(_, bytes)| *bytes).sum::<u64>() / costs.len() as u64;
    println!(
        "{} polls: at most {requests} requests and {bytes} bytes, {mean} bytes on average; {} requests to load",
        costs.len(),
        requests_to_load.get()
    );
    assert!(costs.len() as u64 >= POLLS - 2);
    assert!(requests <= MOST_REQUESTS && bytes <= MOST_BYTES);
    assert!(requests_to_load.get() <= 45, "forty pages, and the first screen");
}

/// An outside that reaches the server for one import and nothing else.
struct OneImport(Client);

impl Services for OneImport {
    fn command(&self, _: PollerCommand) {}

    fn logins(&self) -> impl Future<Output = Result<Logins, Fault>> + Send + 'static {
        std::future::pending()
    }

    fn import(
        &self,
        _: Option<&AccountId>,
        id: &ImportId,
    ) -> impl Future<Output = Result<Import, Fault>> + Send + 'static {
        let (client, id) = (self.0.clone(), id.clone());
        async move { client.import(&id).await.map(|(import, _)| import) }
    }

    fn report(
        &self,
        _: Option<&AccountId>,
        _: &ImportId,
        _: Option<Link>,
        _: ApiView,
        _: mpsc::Sender<Answer>,
    ) -> impl Future<Output = Result<Arc<FailedRows>, Redactable>> + Send + 'static {
        std::future::pending()
    }

    fn download(
        &self,
        _: Option<&AccountId>,
        _: &ImportId,
        _: Link,
        _: String,
        _: mpsc::Sender<Answer>,
    ) -> impl Future<Output = Answer> + Send + 'static {
        std::future::pending()
    }

    fn write(&self, _: WriteRows) -> impl Future<Output = Answer> + Send + 'static {
        std::future::pending()
    }

    fn open(&self, _: Link) -> impl Future<Output = Answer> + Send + 'static {
        std::future::pending()
    }
}

struct NoConsole;

impl Console for NoConsole {
    fn frame_begins(&mut self) {}

    fn frame_ends(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    fn link(&mut self, _: ratatui::layout::Position, _: &str, _: &Link) -> std::io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, _: &str) -> std::io::Result<()> {
        Ok(())
    }

    fn mouse(&mut self, _: bool) -> std::io::Result<()> {
        Ok(())
    }

    fn suspend(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    fn query_background(&mut self) -> std::io::Result<()> {
        Ok(())
    }

    fn notify(&mut self, _: &Notification) -> std::io::Result<()> {
        Ok(())
    }

    fn title(&mut self, _: Option<&str>) -> std::io::Result<()> {
        Ok(())
    }

    fn taskbar(&mut self, _: Taskbar) -> std::io::Result<()> {
        Ok(())
    }
}

/// The monitor's decisions and effects, with the time that the test says.
struct Desk {
    app: App,
    effects: Effects<OneImport, NoConsole>,
    answers: mpsc::Receiver<Answer>,
    /// Seconds.
    at: u64,
}

impl Desk {
    async fn open(simulator: &Simulator) -> Self {
        let client = client(simulator);
        let (answer, answers) = mpsc::channel(8);
        let app = App::new(now(0), TimeZone::UTC, Identity::default(), "");
        let mut desk =
            Self { app, effects: Effects::new(OneImport(client.clone()), NoConsole, answer), answers, at: 0 };
        let page = client.list(&newest(20)).await.unwrap();
        desk.tell(Event::Snapshot(Arc::new(Snapshot::default().absorb(page, now(0)))));
        desk
    }

    /// What happens now; the imports that are asked for because of it.
    fn tell(&mut self, event: Event) -> usize {
        let effects = self.app.update(now(self.at), event);
        let asked = effects.iter().filter(|effect| matches!(effect, Effect::FetchImport { .. })).count();
        for effect in effects {
            assert_eq!(self.effects.perform(effect), None);
        }
        asked
    }

    fn select(&mut self, line: usize) -> usize {
        let id = self.app.list.line(line).unwrap().import.id.clone();
        self.tell(Event::Click(plannr_tui::app::event::Target::Import(id)))
    }

    async fn answered(&mut self) {
        let answer = self.answers.recv().await.unwrap();
        self.tell(Event::Answer(answer));
    }
}

fn now(at: u64) -> Now {
    let up = Duration::from_secs(at);
    Now { up, wall: Options::default().start + up }
}

/// The uuids that were shown, in the order in which they were asked for.
fn shown(simulator: &Simulator) -> Vec<String> {
    let uuid = |line: &String| Some(line.strip_prefix("GET /api/v1/import/")?.split('?').next()?.to_owned());
    simulator.traffic().last.iter().filter_map(uuid).collect()
}

#[tokio::test]
async fn a_detail_is_asked_for_once_when_the_selection_rests_and_not_while_it_moves_on() {
    let simulator = simulator(20);
    let mut desk = Desk::open(&simulator).await;
    let uuid = |desk: &Desk, line: usize| desk.app.list.line(line).unwrap().import.id.to_string();
    // Past nine imports without resting: only the last is asked for.
    for line in 1..10 {
        desk.select(line);
    }
    desk.answered().await;
    assert_eq!(shown(&simulator), [uuid(&desk, 9)]);
    // Back to what is known: what was begun meanwhile is dropped, and nothing is asked.
    desk.select(8);
    assert_eq!(desk.select(9), 0);
    desk.select(7);
    desk.answered().await;
    assert_eq!(shown(&simulator), [uuid(&desk, 9), uuid(&desk, 7)]);
    // Details, failed rows, hours: as long as nothing changes, it is the same answer.
    for key in [crossterm::event::KeyCode::Char('i'), crossterm::event::KeyCode::Enter] {
        assert_eq!(desk.tell(Event::Key(key.into())), 0);
    }
    for _ in 0..1000 {
        desk.at += 10;
        assert_eq!(desk.tell(Event::Tick), 0);
    }
    let distinct: BTreeSet<_> = shown(&simulator).into_iter().collect();
    assert_eq!(distinct.len(), simulator.traffic().requests as usize - 1);
}

#[tokio::test]
async fn after_a_429_nobody_asks_until_the_server_said() {
    let simulator = simulator(20);
    let client = client(&simulator);
    simulator.on_request(|_| {
        Some(Canned::Answer(Response::error(429, "Too Many Attempts.").with("retry-after", "2")))
    });
    let id = ImportId::new(&simulator.world().uuids(Duration::from_secs(1))[0]).unwrap();
    let limited =
        |fault: Fault| matches!(fault, Fault::RateLimited(Some(left)) if left <= Duration::from_secs(2));
    assert!(limited(client.list(&newest(5)).await.unwrap_err()));
    simulator.on_request(|_| None);
    assert!(limited(client.import(&id).await.unwrap_err()));
    assert!(limited(client.list(&newest(5)).await.unwrap_err()));
    assert!(limited(client.logins().await.unwrap_err()));
    assert_eq!(simulator.traffic().requests, 1);
    let Fault::RateLimited(Some(left)) = client.clone().import(&id).await.unwrap_err() else { return };
    tokio::time::sleep(left).await;
    client.import(&id).await.unwrap();
    assert_eq!(simulator.traffic().requests, 2);
}

/// A day of the real poller on a clock that stands still, against a list that answers at once: how often it asks.
#[tokio::test(start_paused = true)]
async fn a_day_is_a_bounded_number_of_requests_and_no_minute_bursts() {
    let began = tokio::time::Instant::now();
    let asked = RefCell::new(Vec::new());
    let world = plannr_tui::simulator::World::new(&Options {
        imports: 60,
        running: Some(5),
        keep_starting: false,
        ..Options::default()
    });
    let fetch = |_, ask: ListRequest| {
        asked.borrow_mut().push(began.elapsed().as_secs());
        let mut url = url::Url::parse("http://localhost/api/v1/import").unwrap();
        match &ask {
            ListRequest::Next { cursor, .. } => url = cursor.0.clone(),
            _ => {
                let pairs = plannr_tui::api::ListQuery::of(&ask).unwrap().pairs();
                url.query_pairs_mut().extend_pairs(pairs);
            }
        }
        let request = world.get(&format!("{}?{}", url.path(), url.query().unwrap()));
        let answer = world.answer(&request, began.elapsed());
        let page = plannr_tui::api::wire::page(&answer.body, &url, ask.samples());
        async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            page
        }
    };
    let clock = || Now { up: began.elapsed(), wall: Options::default().start + began.elapsed() };
    let (commands, received) = mpsc::channel::<PollerCommand>(1);
    let (publish, seen) = watch::channel(Arc::<Snapshot>::default());
    let day = async {
        tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
        drop(commands);
    };
    tokio::join!(poller::run(fetch, Settings::default(), received, publish, clock), day);
    assert_eq!(seen.borrow().health.link, LinkState::Live);
    let asked = asked.into_inner();
    let per_minute = asked.chunk_by(|a, b| a / 60 == b / 60).map(<[u64]>::len).max().unwrap();
    println!("{} requests in a day, {per_minute} in the busiest minute", asked.len());
    assert!(per_minute <= 66, "two every two seconds, and the first load");
    assert!(asked.len() <= 12_000, "four a minute at rest, and a pass every five minutes");
}
