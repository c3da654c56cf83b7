use super::super::fake::Server;
use super::*;
use crate::domain::snapshot::tests::{id, now};

/// A plan, a server and a clock.
struct Drive {
    plan: Plan,
    snapshot: Snapshot,
    server: Server,
    /// Milliseconds.
    at: u64,
    /// Latency in milliseconds.
    latency: u64,
    /// Requests with their times.
    asked: Vec<(u64, Job)>,
}

impl Drive {
    fn new(server: Server) -> Self {
        let plan = Plan::new(Criteria::default(), None, Load::default());
        Self { plan, snapshot: Snapshot::default(), server, at: 0, latency: 0, asked: Vec::new() }
    }

    fn now(&self) -> Now {
        Now { up: Duration::from_millis(self.at), ..now(self.at / 1000) }
    }

    /// Advances the clock; returns the requests made meanwhile.
    fn go(&mut self, seconds: u64) -> Vec<(u64, Job)> {
        let end = self.at + seconds * 1000;
        self.asked.clear();
        loop {
            let now = self.now();
            if self.at >= end && self.latency > 0 {
                break;
            }
            match self.plan.next(&self.snapshot, now) {
                Step::Wait(until) => {
                    let until = until.map_or(u64::MAX, |until| until.as_millis() as u64);
                    if until > end {
                        break;
                    }
                    assert!(until > self.at, "a wait that does not wait");
                    self.at = until;
                }
                Step::Request(job) => {
                    assert!(self.asked.len() < 10_000, "endless requests");
                    self.at += self.latency;
                    let now = self.now();
                    self.snapshot = match self.server.respond(&job.request(self.plan.criteria())) {
                        Ok(page) => self.plan.responded(&job, page, &self.snapshot, now),
                        Err(fault) => self.plan.failed(&job, fault, &self.snapshot, now, 0.5),
                    };
                    self.asked.push((self.at, job));
                }
            }
        }
        self.at = end;
        std::mem::take(&mut self.asked)
    }

    /// All requests that may be in flight now, in order.
    fn request_concurrently(&mut self) -> Vec<Job> {
        let mut jobs = Vec::new();
        while let Step::Request(job) = self.plan.next(&self.snapshot, self.now()) {
            jobs.push(job);
        }
        jobs
    }

    fn respond(&mut self, job: &Job) {
        let page = self.server.respond(&job.request(self.plan.criteria())).unwrap();
        self.snapshot = self.plan.responded(job, page, &self.snapshot, self.now());
    }

    /// Responds to the latest request first until no more are due; `meanwhile` is called with the number of
    /// responses.
    fn load_backwards(&mut self, mut meanwhile: impl FnMut(&mut Server, usize)) -> Vec<Job> {
        let (mut open, mut asked) = (Vec::new(), Vec::new());
        loop {
            open.extend(self.request_concurrently());
            let Some(job) = open.pop() else { return asked };
            self.respond(&job);
            asked.push(job);
            meanwhile(&mut self.server, asked.len());
        }
    }

    fn command(&mut self, command: PollerCommand) {
        let changed = self.plan.handle(&command, &self.snapshot, self.now());
        self.snapshot = changed.unwrap_or_else(|| self.snapshot.clone());
    }

    fn loaded(server: Server) -> Self {
        let mut drive = Self::new(server);
        drive.go(1);
        assert_eq!(drive.snapshot.health.full_passes, 1);
        drive
    }
}

/// The requests of each round: those at one moment.
fn rounds(asked: &[(u64, Job)]) -> Vec<(u64, Vec<&Job>)> {
    let moments = asked.chunk_by(|a, b| a.0 == b.0);
    moments.map(|round| (round[0].0, round.iter().map(|(_, job)| job).collect())).collect()
}

fn kinds(asked: &[(u64, Job)]) -> String {
    let letter = |job: &Job| match job {
        Job::Unfinished(_) => 'u',
        Job::Newest(_) => 'n',
        Job::Older => 'o',
        Job::CatchUp(_) => 'c',
        Job::FirstPage { .. } => 'F',
        Job::NextPage(_) => 'P',
        Job::Confirm(_) => '?',
    };
    asked.iter().map(|(_, job)| letter(job)).collect()
}

#[test]
fn imports_missing_from_the_servers_list_are_looked_for_once_more_and_then_reported() {
    let mut drive = Drive::new(Server { withheld: 37, ..Server::with(3, 0, 60) });
    let kinds_asked = kinds(&drive.go(1));
    assert_eq!(kinds_asked.matches('F').count(), 2, "{kinds_asked}");
    let Health { missing, loading, full_passes, .. } = drive.snapshot.health;
    assert_eq!((missing, loading, full_passes), (Some(37), None, 1));
    // One more that comes is not one of them.
    let known = drive.snapshot.imports.len();
    drive.server.add("new", 0);
    drive.go(10);
    assert_eq!(drive.snapshot.imports.len(), known + 1);
    assert_eq!(drive.snapshot.health.claimed(known + 1), Some(101));
    // It does not ask for ever, and takes it back.
    let later = kinds(&drive.go(240));
    assert_eq!(later.matches('F').count(), 0, "{later}");
    for (withheld, missing) in [(5, Some(5)), (0, None)] {
        drive.server.withheld = withheld;
        drive.go(10);
        assert_eq!(drive.snapshot.health.missing, missing);
    }
}

#[test]
fn the_first_pass_loads_page_after_page_at_once() {
    let mut drive = Drive::new(Server::with(3, 0, 60));
    let Step::Request(first) = drive.plan.next(&drive.snapshot, now(0)) else { panic!("waits") };
    let page = drive.server.respond(&first.request(&Criteria::default())).unwrap();
    drive.snapshot = drive.plan.responded(&first, page, &drive.snapshot, now(0));
    assert_eq!(drive.snapshot.health.loading, Some((25, Some(63))));
    assert_eq!(kinds(&drive.go(1)), "uPP");
    assert_eq!(drive.snapshot.imports.len(), 63);
    assert_eq!((drive.snapshot.health.loading, drive.snapshot.health.full_passes), (None, 1));
    // With a slow server the running ones are not forgotten meanwhile.
    let mut slow = Drive { latency: 1000, ..Drive::new(Server::with(3, 0, 330)) };
    assert_eq!(kinds(&slow.go(9)), "FuFPuPP");
    let mut nobody = Drive::loaded(Server::default());
    assert_eq!(kinds(&nobody.go(31)), "nn");
}

#[test]
fn a_round_has_at_most_two_requests_even_during_a_full_pass() {
    let mut drive = Drive::loaded(Server::with(5, 0, 995));
    let asked = drive.go(250);
    for (_, round) in rounds(&asked) {
        assert!(matches!(&round[..], [Job::Unfinished(ids), Job::Newest(_)] if ids.len() == 5), "{round:?}");
    }
    assert_eq!(rounds(&asked).len(), 125, "every two seconds");
    let asked = drive.go(300);
    assert!(rounds(&asked).iter().all(|(_, round)| round.len() == 2));
    assert!(kinds(&asked).contains("uFunuPunuPun"), "{}", kinds(&asked));
    assert_eq!(drive.snapshot.health.full_passes, 2);
    // With nothing unfinished, both kinds of page fit into one round.
    let mut drive = Drive::loaded(Server::with(0, 0, 200));
    drive.go(300);
    assert_eq!(kinds(&drive.go(60)), "nPnPnPnP");
}

#[test]
fn new_imports_are_found_in_the_next_round_however_many() {
    let mut drive = Drive::loaded(Server::with(1, 0, 60));
    (0..12).for_each(|nth| drive.server.add(&format!("new{nth}"), 100 - nth));
    assert_eq!(kinds(&drive.go(2)), "uncc");
    assert_eq!(drive.snapshot.imports.len(), 73);
    assert_eq!(kinds(&drive.go(2)), "un");
}

#[test]
fn deleted_imports_are_dropped_once_that_is_certain() {
    let mut drive = Drive::loaded(Server::with(2, 0, 60));
    drive.server.remove("r1");
    drive.go(2);
    assert!(drive.snapshot.get(&id("r1")).is_some(), "once may be a slip");
    drive.go(2);
    assert!(drive.snapshot.get(&id("r1")).is_none());
    // A finished one is found missing by the server's total, long before the next pass would be due.
    drive.go(100);
    let passes = drive.snapshot.health.full_passes;
    drive.server.remove("d30");
    let asked = drive.go(60);
    assert_eq!(drive.snapshot.health.full_passes, passes + 1);
    assert!(kinds(&asked).contains('?'), "{}", kinds(&asked));
    assert!(drive.snapshot.get(&id("d30")).is_none());
    assert_eq!(drive.snapshot.imports.len(), 60);
}

#[test]
fn an_import_that_moves_between_two_pages_is_kept() {
    let mut drive = Drive::loaded(Server::with(0, 0, 70));
    drive.command(PollerCommand::Refresh);
    let Step::Request(first) = drive.plan.next(&drive.snapshot, drive.now()) else { panic!("waits") };
    let page = drive.server.respond(&first.request(&Criteria::default())).unwrap();
    drive.snapshot = drive.plan.responded(&first, page, &drive.snapshot, drive.now());
    // What was first on the second page is now last on the first one.
    drive.server.remove("d10");
    assert_eq!(kinds(&drive.go(1)), "PP?");
    assert!(drive.snapshot.get(&id("d25")).is_some());
    assert_eq!(drive.snapshot.health.full_passes, 2);
}

#[test]
fn a_response_that_ignores_the_request_drops_nothing() {
    let mut drive = Drive::loaded(Server::with(3, 0, 2));
    let asked = Job::Unfinished(vec![id("r0"), id("r1")]);
    for page in [
        Page { imports: drive.server.imports[2..].to_vec(), ..Page::default() },
        Page {
            next: drive.server.respond(&ListRequest::newest(Criteria::default(), 1)).unwrap().next,
            ..Page::default()
        },
    ] {
        for _ in 0..3 {
            drive.snapshot = drive.plan.responded(&asked, page.clone(), &drive.snapshot, now(9));
        }
        assert_eq!(drive.snapshot.imports.len(), 5);
    }
}

#[test]
fn too_many_unfinished_imports_take_turns() {
    let mut drive = Drive::loaded(Server::with(3, 450, 0));
    let mut seen = HashSet::new();
    for (_, round) in rounds(&drive.go(12)) {
        let [Job::Unfinished(ids), Job::Newest(_)] = &round[..] else { panic!("{round:?}") };
        assert!(ids.contains(&id("r0")) && ids.contains(&id("r2")));
        seen.extend(ids.iter().cloned());
    }
    assert_eq!(seen.len(), 453);
    let mut drive = Drive::loaded(Server::with(950, 0, 0));
    let asked = drive.go(6);
    assert!(rounds(&asked).iter().all(|(_, round)| round.len() == 5), "{}", kinds(&asked));
    let ids = |job: &Job| if let Job::Unfinished(ids) = job { ids.clone() } else { Vec::new() };
    assert_eq!(asked.iter().flat_map(|(_, job)| ids(job)).collect::<HashSet<_>>().len(), 950);
}

#[test]
fn an_endless_list_is_abandoned() {
    let server = Server { endless: true, ..Server::with(0, 0, 120) };
    let mut drive = Drive::loaded(server);
    assert_eq!(drive.snapshot.imports.len(), 120);
    assert!(drive.go(15).len() <= 2);
}

#[test]
fn a_list_that_goes_on_with_empty_pages_ends_and_that_is_said() {
    let reported = |drive: &Drive| {
        let ends_empty =
            |(what, times): (&SafeText, &u64)| (what.as_str() == Pagination::ENDS_EMPTY).then_some(*times);
        drive.snapshot.unexpected.iter().find_map(ends_empty)
    };
    let mut drive = Drive::new(Server { ends_empty: true, ..Server::with(0, 0, 70) });
    let asked = kinds(&drive.go(1));
    assert_eq!(asked.matches('P').count(), 2 + usize::from(Pagination::EMPTY), "{asked}");
    assert_eq!((drive.snapshot.imports.len(), drive.snapshot.health.full_passes), (70, 1));
    assert_eq!(reported(&drive), Some(1));
    assert_eq!(reported(&Drive::loaded(Server::with(0, 0, 70))), None);
}

#[test]
fn refresh_is_an_immediate_full_pass_even_while_paused() {
    let mut drive = Drive::loaded(Server::with(1, 0, 70));
    drive.command(PollerCommand::Pause(true));
    assert!(drive.snapshot.health.paused);
    assert_eq!(drive.go(1000), []);
    drive.server.add("new", 10);
    drive.command(PollerCommand::Refresh);
    drive.command(PollerCommand::Refresh);
    assert_eq!(kinds(&drive.go(1)), "FPP");
    assert_eq!((drive.snapshot.health.full_passes, drive.snapshot.imports.len()), (2, 72));
    drive.command(PollerCommand::Pause(false));
    assert!(kinds(&drive.go(3)).starts_with("un"), "and it goes on by itself");
}

#[test]
fn a_rejected_token_stops_polling_until_a_refresh() {
    let mut drive = Drive::loaded(Server::with(1, 0, 10));
    drive.server.fault = Some(Fault::Unauthenticated);
    assert_eq!(drive.go(1000).len(), 1);
    assert_eq!(drive.snapshot.health.link, LinkState::Stopped { fault: Fault::Unauthenticated });
    assert_eq!(drive.snapshot.imports.len(), 11, "the last good list stays");
    drive.command(PollerCommand::Refresh);
    assert!(matches!(drive.snapshot.health.link, LinkState::Retrying { .. }));
    assert_eq!(drive.go(1000).len(), 1);
    drive.server.fault = None;
    drive.command(PollerCommand::Refresh);
    assert_eq!(kinds(&drive.go(1)), "uF");
    assert_eq!(drive.snapshot.health.link, LinkState::Live);
}

#[test]
fn failures_back_off_and_recover_and_a_refresh_waits_only_if_the_server_requires_it() {
    let mut drive = Drive::loaded(Server::with(1, 0, 10));
    drive.server.fault = Some(Fault::TimedOut);
    let start = drive.at;
    let times: Vec<_> = drive.go(40).iter().map(|(at, _)| (at - start) / 1000).collect();
    assert_eq!(times, [1, 2, 4, 8, 16, 32]);
    assert!(matches!(drive.snapshot.health.link, LinkState::Retrying { attempt: 6, .. }));
    drive.command(PollerCommand::Refresh);
    assert_eq!(drive.go(0).len(), 1, "the user need not wait");
    drive.server.fault = Some(Fault::RateLimited(Some(Duration::from_secs(90))));
    drive.go(64);
    drive.command(PollerCommand::Refresh);
    assert_eq!(drive.go(60), [], "Retry-After is obeyed");
    drive.server.fault = None;
    assert!(kinds(&drive.go(40)).starts_with("uF"));
    assert_eq!(drive.snapshot.health.link, LinkState::Live);
    drive.server.fault = Some(Fault::TimedOut);
    drive.go(2);
    assert!(matches!(drive.snapshot.health.link, LinkState::Retrying { attempt: 1, .. }));
}

#[test]
fn the_first_pass_resumes_where_a_fault_interrupted_it() {
    let mut drive = Drive::new(Server::with(0, 0, 70));
    let Step::Request(first) = drive.plan.next(&drive.snapshot, now(0)) else { panic!("waits") };
    let page = drive.server.respond(&first.request(&Criteria::default())).unwrap();
    drive.snapshot = drive.plan.responded(&first, page, &drive.snapshot, now(0));
    drive.server.fault = Some(Fault::Server(500, None));
    drive.go(2);
    drive.server.fault = None;
    assert_eq!(kinds(&drive.go(3)), "PP");
    assert_eq!(drive.snapshot.imports.len(), 70);
    // A page that is refused for good: from the start.
    drive.command(PollerCommand::Refresh);
    drive.server.fault = Some(Fault::NotFound);
    drive.go(1);
    drive.server.fault = None;
    assert_eq!(kinds(&drive.go(20)).get(..3), Some("FPP"));
}

#[test]
fn the_interval_depends_on_what_is_running() {
    let secs = Duration::from_secs;
    // server, set by the user, focused, unfocused
    let table = [
        (Server::with(1, 1, 1), None, 2, 10),
        (Server::with(0, 1, 1), None, 5, 25),
        (Server::with(0, 0, 1), None, 15, 60),
        (Server::with(1, 0, 0), Some(20), 20, 100),
        (Server::with(0, 1, 0), Some(20), 20, 100),
        (Server::with(0, 0, 1), Some(20), 20, 60),
        (Server::with(0, 0, 1), Some(1), 15, 60),
        (Server::with(1, 0, 1), Some(1), 1, 5),
    ];
    for (server, set, focused, unfocused) in table {
        let snapshot = Snapshot::of(server.imports, now(0));
        let mut poll_interval = PollInterval::new(set.map(secs), Load::default());
        assert_eq!(poll_interval.interval(&snapshot), secs(focused));
        poll_interval.focused = false;
        assert_eq!(poll_interval.interval(&snapshot), secs(unfocused));
    }
}

fn ids(server: &Server) -> HashSet<ImportId> {
    server.imports.iter().map(|import| import.id.clone()).collect()
}

fn loaded_ids(snapshot: &Snapshot) -> HashSet<ImportId> {
    snapshot.imports.iter().map(|watched| watched.import.id.clone()).collect()
}

#[test]
fn a_long_list_loads_in_large_concurrent_pages_if_the_server_numbers_them() {
    let server = Server { numbered: true, ..Server::with(2, 0, 998) };
    let mut drive = Drive::new(server);
    let first = drive.request_concurrently();
    assert_eq!(first.len(), 1, "the first screen has the link for itself");
    drive.respond(&first[0]);
    assert_eq!(drive.snapshot.imports.len(), 25);
    assert_eq!(drive.snapshot.health.loading, Some((25, Some(1000))));
    let moving = drive.request_concurrently();
    assert_eq!(moving.len(), 2, "what moves, and the first large page");
    moving.iter().for_each(|job| drive.respond(job));
    let concurrent = drive.request_concurrently();
    assert_eq!(kinds(&concurrent.iter().map(|job| (0, job.clone())).collect::<Vec<_>>()), "PPP");
    concurrent.iter().rev().for_each(|job| drive.respond(job));
    drive.load_backwards(|_, _| ());
    assert_eq!(loaded_ids(&drive.snapshot), ids(&drive.server));
    assert_eq!((drive.snapshot.health.loading, drive.snapshot.health.full_passes), (None, 1));

    let table = [
        (25, true, false, 1),
        (100, true, false, 4),
        (101, true, false, 3),
        (1000, false, false, 11),
        // Without a total it may be long.
        (25, false, true, 1),
        (1000, false, true, 11),
    ];
    for (imports, numbered, uncounted, requests) in table {
        let mut drive = Drive::new(Server { numbered, uncounted, ..Server::with(0, 0, imports) });
        assert_eq!(drive.load_backwards(|_, _| ()).len(), requests, "{imports} imports");
        assert_eq!(drive.snapshot.imports.len(), imports);
    }
}

#[test]
fn imports_that_come_and_go_while_the_list_loads_are_not_lost() {
    for numbered in [true, false] {
        let mut drive = Drive::new(Server { numbered, ..Server::with(0, 0, 1000) });
        drive.load_backwards(|server, answers| match answers {
            // The rest moves forward, over the borders of pages.
            4 => server.imports.drain(20..25).for_each(drop),
            // The rest moves back: the last page gets one behind it.
            7 => (0..30).for_each(|nth| server.add(&format!("new{nth}"), 100 - nth)),
            _ => {}
        });
        assert_eq!(drive.snapshot.health.full_passes, 1);
        drive.go(40);
        assert_eq!(loaded_ids(&drive.snapshot), ids(&drive.server), "numbered: {numbered}");
    }
}

#[test]
fn a_failed_page_is_requested_again_and_responses_in_flight_count() {
    let mut drive = Drive::new(Server { numbered: true, ..Server::with(0, 0, 1000) });
    let mut first = drive.request_concurrently();
    drive.respond(&first.remove(0));
    let large = drive.request_concurrently();
    drive.respond(&large[0]);
    let pages = drive.request_concurrently();
    let now = drive.now();
    for job in &pages[..2] {
        drive.snapshot = drive.plan.failed(job, Fault::TimedOut, &drive.snapshot, now, 0.5);
    }
    drive.respond(&pages[2]);
    let LinkState::Retrying { attempt: 1, again_at, .. } = drive.snapshot.health.link else {
        panic!("{:?}", drive.snapshot.health.link)
    };
    assert_eq!(again_at, Duration::from_secs(1), "three in flight fail as one");
    assert_eq!(drive.request_concurrently(), []);
    drive.go(2);
    assert_eq!(drive.snapshot.imports.len(), 1000);
    assert_eq!(drive.snapshot.health.link, LinkState::Live);
}

#[test]
fn a_longer_period_loads_only_what_is_new_in_it() {
    let mut server = Server { numbered: true, ..Server::with(1, 0, 0) };
    let newest = server.imports[0].created_at.unwrap();
    // One an hour, from new to old.
    server.imports.extend((1..=1200).map(|hours: i64| {
        let mut import =
            crate::domain::snapshot::tests::import(&format!("h{hours}"), 0, "completed", (10, 0, 0));
        import.created_at = Some(newest - jiff::SignedDuration::from_hours(hours));
        import
    }));
    let since = jiff::tz::TimeZone::UTC.to_datetime(newest).date().yesterday().unwrap();
    let count = |server: &Server, since| {
        let criteria = Criteria { since, ..Criteria::default() };
        server.respond(&ListRequest::newest(criteria, 1)).unwrap().total.unwrap()
    };
    let (all, within) = (count(&server, None), count(&server, Some(since)));
    let mut drive = Drive::new(server);
    drive.plan = Plan::new(Criteria { since: Some(since), ..Criteria::default() }, None, Load::default());
    assert_eq!(kinds(&drive.go(1)), "FuPo");
    assert_eq!(drive.snapshot.health.older, Some(all - within));
    assert_eq!(drive.snapshot.imports.len() as u64, within);
    assert!(!kinds(&drive.go(600)).contains('o'), "asked once");

    let further = since.checked_sub(jiff::Span::new().days(10)).unwrap();
    let passes = drive.snapshot.health.full_passes;
    drive.command(PollerCommand::LookBack(Some(further)));
    assert_eq!(drive.snapshot.health.loading, Some((0, None)));
    let asked = drive.load_backwards(|_, _| ());
    let pages = asked.iter().filter(|job| matches!(job, Job::FirstPage { .. } | Job::NextPage(_))).count();
    assert_eq!(pages, 1 + 3, "240 imports: the first screen, then a hundred at a time");
    assert_eq!(drive.snapshot.imports.len() as u64, count(&drive.server, Some(further)));
    assert_eq!(drive.snapshot.health.older, Some(all - count(&drive.server, Some(further))));
    assert_eq!(drive.snapshot.health.full_passes, passes);

    drive.command(PollerCommand::LookBack(None));
    drive.go(3);
    assert_eq!((drive.snapshot.imports.len() as u64, drive.snapshot.health.older), (all, None));
    drive.command(PollerCommand::Refresh);
    drive.go(3);
    assert_eq!(drive.snapshot.imports.len() as u64, all, "the wider period stays");
}

#[test]
fn imports_finished_without_a_final_status_are_polled_for_a_while() {
    let mut drive = Drive::loaded(Server::with(1, 0, 3));
    let status = |drive: &mut Drive, word: &str, remaining: u64| {
        let first = &mut drive.server.imports[0];
        first.status = crate::domain::import::Status::new(word);
        first.counts.remaining = Some(remaining);
    };
    let counts = |drive: &Drive| drive.snapshot.get(&id("r0")).unwrap().import.counts.remaining;
    status(&mut drive, "cancelled", 400);
    drive.go(4);
    assert_eq!(drive.snapshot.unfinished().count(), 0);
    // The jobs that were under way leave, or are skipped.
    status(&mut drive, "cancelled", 0);
    drive.go(20);
    assert_eq!(counts(&drive), Some(0));
    assert!(kinds(&drive.go(60)).contains('u'));
    drive.go(120);
    assert!(!kinds(&drive.go(60)).contains('u'), "not for ever");
    // A word that is final is believed at once.
    let mut drive = Drive::loaded(Server::with(1, 0, 3));
    status(&mut drive, "completed", 0);
    drive.go(4);
    assert!(!kinds(&drive.go(60)).contains('u'));
}

#[test]
fn a_person_is_looked_for_in_the_first_account_and_in_no_other() {
    let criteria = Criteria { initiated_by: Some("0b1c".into()), ..Criteria::default() };
    let plan = Plan::new(criteria.clone(), None, Load::default());
    for (plan, asked) in [
        (plan.for_first_account(Load::default()), criteria),
        (plan.for_another_account(Load::default()), Criteria::default()),
    ] {
        let mut plan = plan;
        let Step::Request(job) = plan.next(&Snapshot::default(), now(0)) else { panic!("nothing to do") };
        let ListRequest::Newest { criteria, .. } = job.request(plan.criteria()) else { panic!("{job:?}") };
        assert_eq!(criteria, asked);
    }
}
