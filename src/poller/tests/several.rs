//! Several accounts on a paused clock.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use tokio::time::Instant;

use super::super::fake::Server;
use super::super::*;
use super::{account, secs};
use crate::domain::failure::FailedRow;
use crate::domain::import::Failures;
use crate::domain::snapshot::AccountState;
use crate::domain::snapshot::tests::{id, now};

type Servers = Rc<RefCell<BTreeMap<String, Server>>>;
/// When which account was asked, in milliseconds.
type Asked = Rc<RefCell<Vec<(u64, String)>>>;

struct Firms {
    servers: Servers,
    asked: Asked,
    commands: Option<mpsc::Sender<PollerCommand>>,
    seen: watch::Receiver<Arc<Snapshot>>,
}

fn name(nth: usize) -> String {
    format!("firm{nth:02}")
}

impl Firms {
    /// Polls these firms, all of them listed; answers take 200 ms, or as long as `slow` says.
    fn run<Fut: Future<Output = Firms>>(
        servers: Vec<Server>,
        slow: impl Fn(&str) -> Duration,
        script: impl FnOnce(Firms) -> Fut,
    ) {
        let accounts = (0..servers.len()).map(|nth| account(&name(nth))).collect();
        Firms::run_as(accounts, servers, slow, script);
    }

    fn run_as<Fut: Future<Output = Firms>>(
        accounts: Vec<Arc<Account>>,
        servers: Vec<Server>,
        slow: impl Fn(&str) -> Duration,
        script: impl FnOnce(Firms) -> Fut,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let (commands, received) = mpsc::channel(4);
            let (publish, seen) = watch::channel(Arc::default());
            let start = Instant::now();
            let servers = (0..).map(name).zip(servers).collect::<BTreeMap<_, _>>();
            let servers = Rc::new(RefCell::new(servers));
            let firms = Firms {
                servers: Rc::clone(&servers),
                asked: Asked::default(),
                commands: Some(commands),
                seen,
            };
            let asked = Rc::clone(&firms.asked);
            let fetch = move |account: Option<Arc<Account>>, request: ListRequest| {
                let firm = account.unwrap().id.to_string();
                asked.borrow_mut().push((start.elapsed().as_millis() as u64, firm.clone()));
                let (response, latency) = (servers.borrow()[&firm].respond(&request), slow(&firm));
                async move {
                    tokio::time::sleep(latency).await;
                    response
                }
            };
            let clock = move || Now { up: start.elapsed(), ..now(start.elapsed().as_secs()) };
            let settings = Settings { accounts, ..Settings::default() };
            let poller = run(fetch, settings, received, publish, clock);
            let script = async { script(firms).await.commands = None };
            tokio::join!(poller, script);
        });
    }

    async fn command(&self, command: PollerCommand) {
        self.commands.as_ref().unwrap().send(command).await.unwrap();
    }

    /// Advances the clock; returns who was asked how often meanwhile.
    async fn go(&self, time: Duration) -> BTreeMap<String, usize> {
        tokio::time::sleep(time).await;
        let mut counts = BTreeMap::new();
        for (_, firm) in self.asked.take() {
            *counts.entry(firm).or_default() += 1;
        }
        counts
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.seen.borrow())
    }

    fn state(&self, nth: usize) -> AccountState {
        self.snapshot().account_state(&account(&name(nth)).id).unwrap().clone()
    }
}

fn quick(_: &str) -> Duration {
    Duration::from_millis(200)
}

/// Imports of a firm that no other has.
fn firm(nth: usize, running: usize, over: usize) -> Server {
    let mut server = Server::with(running, 0, over);
    for import in &mut server.imports {
        import.id = id(&format!("{}-{}", name(nth), import.id));
    }
    server
}

#[test]
fn a_new_import_of_any_of_twenty_firms_is_seen_within_fifteen_seconds_and_within_the_budget() {
    for busy in [0, 5, 20] {
        let servers = (0..20).map(|nth| firm(nth, usize::from(nth < busy), 9)).collect();
        Firms::run(servers, quick, async |firms| {
            firms.go(secs(60)).await;
            let loaded = firms.snapshot();
            assert_eq!(loaded.imports.len(), 180 + busy);
            assert!(loaded.health.full_passes == 1 && loaded.health.loading.is_none());
            for nth in [0, 7, 19] {
                let new = format!("new{nth}");
                firms.servers.borrow_mut().get_mut(&name(nth)).unwrap().add(&new, -60);
                firms.go(secs(13)).await;
                let seen = firms.snapshot();
                let found = seen.get(&id(&new)).unwrap_or_else(|| panic!("{busy} busy: {new}"));
                assert_eq!(found.import.account_id().unwrap().as_str(), name(nth));
            }
            let counts = firms.go(secs(60)).await;
            let (total, least) = (counts.values().sum::<usize>(), counts.values().min().unwrap());
            assert!(total <= 300 && *least >= 4 && counts.len() == 20, "{busy} busy: {counts:?}");
            firms
        });
    }
}

#[test]
fn each_profile_has_a_rate_limit_of_its_own() {
    let asked = |profiles: usize| {
        let of_profile = |nth: usize| {
            let account = Account::clone(&account(&name(nth)));
            Arc::new(Account { id: account.id.of_profile(&format!("{}", nth % profiles).into()), ..account })
        };
        let (accounts, counts) = ((0..40).map(of_profile).collect(), RefCell::default());
        Firms::run_as(accounts, (0..40).map(|nth| firm(nth, 1, 3)).collect(), quick, async |firms| {
            firms.go(secs(60)).await;
            counts.replace(firms.go(secs(60)).await);
            firms
        });
        counts.into_inner()
    };
    let total = |counts: BTreeMap<String, usize>| counts.into_values().sum::<usize>();
    assert!(total(asked(1)) <= 300);
    let two = asked(2);
    assert!(
        (0..2).all(|profile| {
            let its = two.iter().zip(0..).filter(|(_, nth)| nth % 2 == profile).map(|((_, count), _)| count);
            (200..=300).contains(&its.sum::<usize>())
        }),
        "{two:?}"
    );
}

#[test]
fn one_firm_that_hangs_fails_or_is_refused_holds_up_no_other() {
    let slow = |firm: &str| if firm == name(1) { secs(600) } else { quick(firm) };
    let servers = (0..4).map(|nth| firm(nth, 1, 3)).collect();
    Firms::run(servers, slow, async |firms| {
        firms.go(secs(5)).await;
        assert_eq!(firms.snapshot().imports.len(), 12, "all but those of the one that hangs");
        firms.servers.borrow_mut().get_mut(&name(2)).unwrap().fault = Some(Fault::Forbidden("no".into()));
        firms.servers.borrow_mut().get_mut(&name(3)).unwrap().fault = Some(Fault::TimedOut);
        let counts = firms.go(secs(60)).await;
        assert!(counts[&name(0)] >= 25 && !counts.contains_key(&name(1)), "{counts:?}");
        assert!(counts[&name(2)] == 1 && (3..20).contains(&counts[&name(3)]), "{counts:?}");
        let snapshot = firms.snapshot();
        assert_eq!((snapshot.imports.len(), &snapshot.health.link), (12, &LinkState::Live));
        assert!(matches!(firms.state(2).link, LinkState::Stopped { .. }));
        assert!(matches!(firms.state(3).link, LinkState::Retrying { .. }));
        let age = |nth: usize| secs(65).saturating_sub(firms.state(nth).last_answer.unwrap());
        assert!(age(0) < secs(4) && age(3) > secs(50), "{:?} {:?}", age(0), age(3));
        firms
    });
}

#[test]
fn an_import_that_two_accounts_see_is_listed_once_until_neither_sees_it() {
    let same = || Server::with(2, 0, 3);
    Firms::run(vec![same(), same()], quick, async |firms| {
        firms.go(secs(5)).await;
        let owner = |of: &str| {
            let seen = firms.snapshot().get(&id(of)).map(|it| it.import.account_id().cloned().unwrap());
            seen.map(|account| account.to_string())
        };
        assert_eq!((firms.snapshot().imports.len(), owner("r0")), (5, Some(name(0))));
        firms.servers.borrow_mut().get_mut(&name(0)).unwrap().remove("r0");
        firms.go(secs(20)).await;
        assert_eq!((firms.snapshot().imports.len(), owner("r0")), (5, Some(name(1))));
        firms.servers.borrow_mut().get_mut(&name(1)).unwrap().remove("r0");
        firms.go(secs(20)).await;
        assert_eq!((firms.snapshot().imports.len(), owner("r0")), (4, None));
        firms
    });
}

#[test]
fn what_is_known_of_an_account_is_there_at_once_when_it_is_listed_again() {
    let servers = (0..2).map(|nth| firm(nth, 1, 3)).collect();
    Firms::run(servers, quick, async |firms| {
        firms.go(secs(5)).await;
        let both = [0, 1].map(|nth| account(&name(nth)));
        let [first, second] = both.clone();
        firms.command(PollerCommand::Accounts { listed: vec![first], others: vec![second] }).await;
        firms.go(secs(5)).await;
        assert_eq!(firms.snapshot().imports.len(), 4);
        firms.servers.borrow_mut().get_mut(&name(1)).unwrap().fault = Some(Fault::TimedOut);
        firms.command(PollerCommand::Accounts { listed: both.to_vec(), others: Vec::new() }).await;
        firms.go(secs(60)).await;
        let snapshot = firms.snapshot();
        assert_eq!((snapshot.imports.len(), snapshot.health.loading), (8, None));
        assert!(matches!(firms.state(1).link, LinkState::Retrying { .. }), "with its rows, as they were");
        firms
    });
}

#[test]
fn an_account_in_the_background_is_asked_once_a_minute_and_oftener_while_it_is_looked_at() {
    let servers = (0..3).map(|nth| firm(nth, 1, 3)).collect();
    Firms::run(servers, quick, async |firms| {
        firms.go(secs(5)).await;
        let [first, others @ ..] = &[0, 1, 2].map(|nth| account(&name(nth)));
        let listed = vec![Arc::clone(first)];
        firms.command(PollerCommand::Accounts { listed, others: others.to_vec() }).await;
        firms.go(secs(5)).await;
        let snapshot = firms.snapshot();
        assert_eq!((snapshot.imports.len(), snapshot.account.as_ref()), (4, Some(first)));
        assert_eq!((firms.state(1).running, firms.state(1).newly_failed), (1, 0));
        let counts = firms.go(secs(600)).await;
        assert!((18..=20).contains(&counts[&name(1)]), "two requests a round: {counts:?}");
        firms.command(PollerCommand::AccountsInSight(true)).await;
        let mut failed = firm(1, 0, 1);
        failed.imports[0].counts.failed = Some(2);
        failed.imports[0].id = id("failed");
        firms.servers.borrow_mut().get_mut(&name(1)).unwrap().imports.insert(0, failed.imports.remove(0));
        let counts = firms.go(secs(60)).await;
        assert!((10..=14).contains(&counts[&name(1)]), "{counts:?}");
        assert_eq!((firms.state(1).newly_failed, firms.snapshot().imports.len()), (1, 4));
        firms
    });
}

#[test]
fn however_many_firms_are_listed_as_many_imports_keep_their_sample() {
    let with_samples = |nth: usize| {
        let mut server = firm(nth, 0, 100);
        for import in &mut server.imports {
            import.failures = Some(Failures { rows: Arc::new(vec![FailedRow::default()]) });
        }
        server
    };
    Firms::run((0..20).map(with_samples).collect(), quick, async |firms| {
        firms.go(secs(60)).await;
        let sampled = |snapshot: &Snapshot| {
            snapshot.imports.iter().filter(|watched| !watched.import.failed_rows().is_empty()).count()
        };
        let snapshot = firms.snapshot();
        assert_eq!((snapshot.imports.len(), sampled(&snapshot)), (2_000, Snapshot::SAMPLED));
        firms
    });
}
