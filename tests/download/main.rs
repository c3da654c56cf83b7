//! Error reports on their way here: the client over real HTTP, and the built program that writes them to files.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![cfg_attr(unix, expect(clippy::panic, reason = "helpers of tests fail as tests do"))]

mod client;
#[cfg(unix)]
mod command;
#[cfg(unix)]
mod errors;
#[cfg(unix)]
mod fix;
#[cfg(unix)]
#[path = "../common/pty.rs"]
#[expect(dead_code, clippy::indexing_slicing, reason = "only as much of a terminal as a progress bar needs")]
mod pty;
mod storage;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use plannr_tui::api::{BaseUrl, Client, Network, Timeouts, Token};
use plannr_tui::domain::account::AccountId;
use plannr_tui::domain::import::Import;
#[cfg(unix)]
use plannr_tui::domain::import::ImportId;
use plannr_tui::domain::page::{Criteria, ListRequest};
use plannr_tui::simulator::{Canned, Options, Request, Response, Simulator};

/// A server whose imports stand still, some of them with reports.
fn simulator() -> Simulator {
    let options = Options { imports: 60, keep_starting: false, ..Options::default() };
    let simulator = Simulator::start(options).unwrap();
    simulator.set_time(Duration::from_secs(600));
    simulator
}

fn client(simulator: &Simulator) -> Client {
    client_with(simulator, Timeouts::default())
}

fn client_with(simulator: &Simulator, timeouts: Timeouts) -> Client {
    let base = BaseUrl::new(&simulator.base_url()).unwrap();
    let client = Client::with_network(
        base,
        Token::new(simulator.token()).unwrap(),
        Network { timeouts, ..Network::default() },
    )
    .unwrap();
    client.with_account(AccountId::new(simulator.account()).unwrap())
}

async fn imports(client: &Client) -> Vec<Import> {
    client.list(&ListRequest::newest(Criteria::default(), 500)).await.unwrap().imports
}

/// The import with the longest report, and that report byte for byte.
async fn reported(simulator: &Simulator) -> (Import, Vec<u8>) {
    let imports = imports(&client(simulator)).await;
    let size = |import: &Import| import.report().and_then(|report| report.size);
    let import = imports.into_iter().max_by_key(size).unwrap();
    let bytes = whole(simulator, &import).body;
    assert!(bytes.len() > 2_000, "too short to break off: {}", bytes.len());
    (import, bytes)
}

/// What the server answers to who asks for the report.
fn whole(simulator: &Simulator, import: &Import) -> Response {
    let link = import.report().unwrap().link.as_ref().unwrap();
    let path = link.as_str().strip_prefix(&simulator.base_url()).unwrap();
    let answer = simulator.world().answer(&simulator.world().get(path), simulator.time());
    assert_eq!(answer.status, 200);
    answer
}

fn is_file(request: &Request) -> bool {
    request.path().starts_with("/file/")
}

/// Requests as they came.
type Requests = Arc<Mutex<Vec<Request>>>;

/// Puts these in place of the first answers to who asks for a report, one after another; the rest are true. Notes who
/// asks for reports and imports.
fn first(simulator: &Simulator, canned: impl IntoIterator<Item = Canned>) -> Requests {
    let requests = Requests::default();
    let noted = Arc::clone(&requests);
    let mut canned = canned.into_iter().collect::<Vec<_>>().into_iter();
    simulator.on_request(move |request| {
        noted.lock().unwrap().push(request.clone());
        is_file(request).then(|| canned.next()).flatten()
    });
    requests
}

/// Puts this in place of every answer to who asks for a report.
fn always(simulator: &Simulator, canned: Canned) -> Requests {
    let requests = Requests::default();
    let noted = Arc::clone(&requests);
    simulator.on_request(move |request| {
        noted.lock().unwrap().push(request.clone());
        is_file(request).then(|| canned.clone())
    });
    requests
}

fn files(requests: &Requests) -> Vec<Request> {
    requests.lock().unwrap().iter().filter(|request| is_file(request)).cloned().collect()
}

/// An import that there is not.
#[cfg(unix)]
fn nobody() -> ImportId {
    ImportId::new("00000000-0000-4000-8000-000000000000").unwrap()
}
