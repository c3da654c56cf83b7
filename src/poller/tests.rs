//! The loop on a paused clock: tokio's time stands still until everybody waits, then jumps.

mod several;

use std::cell::RefCell;
use std::rc::Rc;

use tokio::time::Instant;

use super::fake::Server;
use super::*;
use crate::domain::account::AccountId;
use crate::domain::fault::Fault;
use crate::domain::snapshot::LinkState;
use crate::domain::snapshot::tests::now;

/// When each request was made, in milliseconds.
type Asked = Rc<RefCell<Vec<u64>>>;

struct World {
    server: Rc<RefCell<Server>>,
    asked: Asked,
    commands: Option<mpsc::Sender<PollerCommand>>,
    seen: watch::Receiver<Arc<Snapshot>>,
    start: Instant,
}

impl World {
    /// Runs the poller beside `script`, against a server with that latency.
    fn run<Fut: Future<Output = World>>(
        server: Server,
        latency: Duration,
        script: impl FnOnce(World) -> Fut,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let (commands, received) = mpsc::channel(4);
            let (publish, seen) = watch::channel(Arc::default());
            let start = Instant::now();
            let asked = Asked::default();
            let server = Rc::new(RefCell::new(server));
            let world = World {
                server: Rc::clone(&server),
                asked: Rc::clone(&asked),
                commands: Some(commands),
                seen,
                start,
            };
            let fetch = move |_, request: ListRequest| {
                asked.borrow_mut().push(start.elapsed().as_millis() as u64);
                let response = server.borrow().respond(&request);
                async move {
                    tokio::time::sleep(latency).await;
                    response
                }
            };
            let clock = move || Now { up: start.elapsed(), ..now(start.elapsed().as_secs()) };
            let poller = run(fetch, Settings::default(), received, publish, clock);
            let script = async { script(world).await.commands = None };
            // The poller ends because the command channel is closed.
            tokio::join!(poller, script);
        });
    }

    async fn command(&self, command: PollerCommand) {
        self.commands.as_ref().unwrap().send(command).await.unwrap();
    }

    fn at(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    /// Advances the clock; returns when requests were made since the last call.
    async fn go(&self, time: Duration) -> Vec<u64> {
        tokio::time::sleep(time).await;
        self.asked.take()
    }
}

fn account(id: &str) -> Arc<Account> {
    Arc::new(Account::unnamed(AccountId::new(id).unwrap()))
}

fn only(account: &Arc<Account>) -> PollerCommand {
    PollerCommand::Accounts { listed: vec![Arc::clone(account)], others: Vec::new() }
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

#[test]
fn polls_at_its_interval_one_request_at_a_time_and_ends_with_the_channel() {
    World::run(Server::with(1, 0, 3), Duration::from_millis(100), async |world| {
        assert_eq!(world.seen.borrow().health.loading, Some((0, None)));
        assert_eq!(world.go(Duration::from_millis(4550)).await, [0, 2100, 2200, 4300, 4400]);
        let snapshot = Arc::clone(&world.seen.borrow());
        assert_eq!(snapshot.imports.len(), 4);
        assert_eq!(snapshot.health.last_answer, Some(Duration::from_millis(4500)));
        assert_eq!(snapshot.health.polls, 3);
        world
    });
}

#[test]
fn a_command_ends_a_wait_at_once_and_follows_a_request_in_flight() {
    World::run(Server::with(0, 0, 3), secs(1), async |world| {
        assert_eq!(world.go(secs(5)).await, [0]);
        world.command(PollerCommand::Refresh).await;
        assert_eq!(world.go(secs(2)).await, [5000]);
        // Refreshed while the newest page is being fetched.
        assert_eq!(world.go(Duration::from_millis(14_500)).await, [21_000]);
        world.command(PollerCommand::Refresh).await;
        assert_eq!(world.go(secs(2)).await, [22_000]);
        assert_eq!(world.seen.borrow().health.full_passes, 3);
        world
    });
}

#[test]
fn a_pause_accepts_the_response_in_flight_and_sends_no_more_requests() {
    World::run(Server::with(1, 0, 3), secs(1), async |world| {
        world.go(Duration::from_millis(3500)).await;
        world.command(PollerCommand::Pause(true)).await;
        assert_eq!(world.go(secs(600)).await, [0; 0]);
        let snapshot = Arc::clone(&world.seen.borrow());
        assert!(snapshot.health.paused);
        assert_eq!(snapshot.health.last_answer, Some(secs(4)));
        world.command(PollerCommand::Pause(false)).await;
        assert_eq!(world.go(Duration::from_millis(1500)).await, [603_500, 604_500], "one round, no burst");
        world
    });
}

#[test]
fn regaining_focus_polls_at_once() {
    World::run(Server::with(1, 0, 3), Duration::ZERO, async |world| {
        world.command(PollerCommand::Focus(false)).await;
        assert_eq!(world.go(secs(25)).await, [0, 10_000, 10_000, 20_000, 20_000]);
        world.command(PollerCommand::Focus(true)).await;
        assert_eq!(world.go(secs(1)).await, [25_000, 25_000]);
        world
    });
}

#[test]
fn a_new_interval_applies_to_the_current_wait() {
    World::run(Server::with(1, 0, 3), Duration::ZERO, async |world| {
        assert_eq!(world.go(secs(1)).await, [0]);
        world.command(PollerCommand::Interval(Some(secs(7)))).await;
        assert_eq!(world.go(secs(14)).await, [7000, 7000, 14_000, 14_000]);
        world.command(PollerCommand::Interval(None)).await;
        assert_eq!(world.go(secs(2)).await, [16_000, 16_000]);
        world
    });
}

#[test]
fn missed_polls_are_not_made_up_for_after_a_sleep() {
    World::run(Server::with(1, 0, 3), Duration::ZERO, async |world| {
        world.go(secs(3)).await;
        tokio::time::advance(secs(3600)).await;
        let woken = world.at();
        assert_eq!(world.go(secs(3)).await.iter().filter(|at| **at < woken + 2000).count(), 2);
        world
    });
}

#[test]
fn publishes_only_changes() {
    World::run(Server::with(0, 0, 3), Duration::ZERO, async |mut world| {
        world.go(secs(1)).await;
        world.seen.mark_unchanged();
        world.command(PollerCommand::Focus(false)).await;
        world.command(PollerCommand::Pause(false)).await;
        world.go(secs(10)).await;
        assert!(!world.seen.has_changed().unwrap());
        world.go(secs(60)).await;
        assert!(world.seen.has_changed().unwrap(), "a good answer is news: the list is that fresh");
        world
    });
}

#[test]
fn faults_keep_the_list_and_are_retried_with_jitter() {
    World::run(Server::with(1, 0, 3), Duration::ZERO, async |world| {
        world.go(secs(1)).await;
        world.server.borrow_mut().fault = Some(Fault::TimedOut);
        let asked = world.go(secs(3600)).await;
        let waits: Vec<_> = asked.windows(2).map(|pair| pair[1] - pair[0]).collect();
        for (wait, mean) in waits.iter().zip([1, 2, 4, 8, 16, 32, 60, 60, 60]) {
            assert!((mean * 750..=mean * 1250 + 1).contains(wait), "{waits:?}");
        }
        let snapshot = Arc::clone(&world.seen.borrow());
        assert_eq!(snapshot.imports.len(), 4);
        assert!(matches!(snapshot.health.link, LinkState::Retrying { .. }));
        world.server.borrow_mut().fault = None;
        world.go(secs(80)).await;
        assert_eq!(world.seen.borrow().health.link, LinkState::Live);
        world
    });
}

#[test]
fn another_account_starts_over_and_a_response_for_the_previous_one_is_dropped() {
    World::run(Server::with(1, 0, 3), secs(1), async |world| {
        world.go(Duration::from_millis(3500)).await;
        assert_eq!(world.seen.borrow().imports.len(), 4, "and they are being asked for again");
        *world.server.borrow_mut() = Server::with(0, 0, 1);
        let other = account("other");
        world.command(only(&other)).await;
        assert_eq!(world.go(Duration::from_millis(900)).await, [3500], "at once");
        let begun = Arc::clone(&world.seen.borrow());
        assert_eq!((begun.imports.len(), begun.account.as_ref()), (0, Some(&other)));
        assert_eq!((begun.health.loading, begun.health.full_passes), (Some((0, None)), 0));
        world.go(secs(1)).await;
        let loaded = Arc::clone(&world.seen.borrow());
        assert_eq!((loaded.imports.len(), loaded.account.as_ref()), (1, Some(&other)));
        assert_eq!(loaded.health.full_passes, 1);
        world
    });
}

#[test]
fn another_account_is_loaded_once_while_paused() {
    World::run(Server::with(1, 0, 3), Duration::ZERO, async |world| {
        world.go(secs(1)).await;
        world.command(PollerCommand::Pause(true)).await;
        world.command(only(&account("other"))).await;
        assert_eq!(world.go(secs(600)).await, [1000]);
        assert!(world.seen.borrow().health.paused && world.seen.borrow().imports.len() == 4);
        world
    });
}
