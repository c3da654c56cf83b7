//! What polling costs the server: the real poller and client over real HTTP, every byte counted by the server.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use plannr_tui::domain::Now;
use plannr_tui::domain::account::AccountId;
use plannr_tui::domain::page::Ask;
use plannr_tui::domain::snapshot::Snapshot;
use plannr_tui::plannr::{BaseUrl, Client, Token};
use plannr_tui::poller::{self, Settings, Wish};
use plannr_tui::simulator::{Options, Simulator};
use tokio::sync::{mpsc, watch};

const MOST_REQUESTS: u64 = 2;
const MOST_BYTES: u64 = 64 * 1024;

/// What the server had counted when a poll began.
#[derive(Clone, Copy)]
struct Begun {
    requests: u64,
    bytes: u64,
}

#[tokio::test]
async fn a_poll_with_a_thousand_imports_is_two_requests_and_64_kb_at_most() {
    let options = Options { imports: 1000, running: Some(5), keep_starting: false, ..Options::default() };
    let simulator = Simulator::start(options).unwrap();
    let world_time = Duration::from_secs(1);
    simulator.set_time(world_time);
    assert_eq!(simulator.world().unfinished(world_time).len(), 5);
    let base = BaseUrl::new(&simulator.base_url()).unwrap();
    let client = Client::new(base, Token::new(simulator.token()).unwrap()).unwrap();
    let client = client.with_account(AccountId::new(simulator.account()).unwrap());

    let begun = RefCell::new(Vec::new());
    let fetch = |ask: Ask| {
        // Every poll begins with the imports that may have changed.
        if matches!(&ask, Ask::These(ids) if ids.len() == 5) {
            let traffic = simulator.traffic();
            begun.borrow_mut().push(Begun { requests: traffic.requests, bytes: traffic.bytes_sent });
        }
        let client = client.clone();
        async move { client.list(&ask).await }
    };
    // A clock that goes on by two seconds whenever it is read, and an interval of none: nothing waits.
    let read = Cell::new(0);
    let clock = || {
        read.set(read.get() + 2);
        let up = Duration::from_secs(read.get());
        Now { up, wall: Options::default().start + up }
    };
    let settings = Settings { interval: Some(Duration::ZERO), ..Settings::default() };
    let (wishes, received) = mpsc::channel::<Wish>(1);
    let (publish, mut seen) = watch::channel(Arc::<Snapshot>::default());
    // Until the list was loaded, and a full pass went on between the polls.
    let loaded = Cell::new(0);
    let watching = async {
        seen.wait_for(|snapshot| snapshot.health.full_passes == 1).await.unwrap();
        loaded.set(begun.borrow().len());
        seen.wait_for(|snapshot| snapshot.health.full_passes == 2).await.unwrap();
        drop(wishes);
    };
    tokio::join!(poller::run(fetch, settings, received, publish, clock), watching);

    assert_eq!(seen.borrow().imports.len(), 1000);
    let polls = begun.into_inner().split_off(loaded.get());
    let costs: Vec<_> = polls
        .windows(2)
        .map(|pair| (pair[1].requests - pair[0].requests, pair[1].bytes - pair[0].bytes))
        .collect();
    let requests = costs.iter().map(|(requests, _)| *requests).max().unwrap();
    let bytes = costs.iter().map(|(_, bytes)| *bytes).max().unwrap();
    let mean = costs.iter().map(|(_, bytes)| *bytes).sum::<u64>() / costs.len() as u64;
    println!("{} polls: at most {requests} requests and {bytes} bytes, {mean} bytes on average", costs.len());
    assert!(costs.len() > 80, "a pass over 1,000 imports, every other poll a page of it");
    assert!(requests <= MOST_REQUESTS && bytes <= MOST_BYTES);
}
