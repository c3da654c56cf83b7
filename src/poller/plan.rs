//! What to request next, and when. Pure: time and randomness are passed in.
//!
//! Polling goes in rounds of at most two requests while few imports run: unfinished imports by id, and the newest page for
//! new imports. Now and then a full pass finds what neither shows; it replaces the newest page, one page a round. At the
//! start, and when the user refreshes, a pass goes as fast as responses arrive, several pages at once.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use jiff::civil::Date;

use super::PollerCommand;
use super::job::Job;
use super::poll_interval::{Load, PollInterval};
use super::sweep::{Scope, Sweep};
use crate::domain::Now;
use crate::domain::backoff::Backoff;
use crate::domain::fault::Fault;
use crate::domain::import::{ImportId, Meaning};
use crate::domain::page::{Criteria, ListRequest, Page, Pagination, UnexpectedData};
use crate::domain::snapshot::{Health, LinkState, Snapshot};
use crate::domain::text::SafeText;

#[cfg(test)]
mod tests;

/// Concurrent requests of a fast pass.
const CONCURRENT: usize = 3;
/// Between the end of a full pass and the next one; and the minimum if the server's total hints at a difference.
const BETWEEN_PASSES: Duration = Duration::from_secs(5 * 60);
const BETWEEN_HINTED_PASSES: Duration = Duration::from_secs(60);
/// How long an import is still polled after it finished without a final status: it may have been cancelled or retried.
const LINGERING: Duration = Duration::from_secs(120);
/// Requests by id in one round; more unfinished imports take turns.
const MAX_CHUNKS: usize = 4;
/// Imports on the page that is checked for new ones, and on the only one of an account in the background.
const NEWEST: u16 = 5;
const NEWEST_IN_BACKGROUND: u16 = 50;

/// The poller's state besides the snapshot.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    criteria: Criteria,
    poll_interval: PollInterval,
    paused: bool,
    stopped: bool,
    /// The user wants a full pass, which begins when no request is in flight.
    refresh: bool,
    /// Whether there are imports before the period is still to be requested.
    older_unknown: bool,
    in_flight: usize,
    /// What is left to request in this round.
    round: VecDeque<Job>,
    round_ended: Option<Duration>,
    polled_unfinished: Option<Duration>,
    /// When the newest imports were last requested.
    asked_for_new: Option<Duration>,
    /// In the last round a page of the full pass replaced the newest page.
    swept_last: bool,
    sweep: Option<Sweep>,
    sweep_due: Duration,
    sweep_ended: Duration,
    /// The last full pass found fewer imports than the server's total.
    was_missing: bool,
    /// The server's total minus the known imports, after the last full pass.
    excess: Option<i128>,
    /// Requested by id and missing from the response. Missing twice means deleted.
    doubted: HashSet<ImportId>,
    /// Finished recently without a final status: polled until then, as their counts may still change.
    lingering: BTreeMap<ImportId, Duration>,
    /// Rotates through unfinished imports that do not fit into one round.
    next_turn: usize,
    backoff: Backoff,
    hold: Option<Hold>,
}

#[derive(Debug, Clone, Copy)]
struct Hold {
    until: Duration,
    /// The server asked for it: a refresh does not end it.
    required: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Request this, then call [`Plan::responded`] or [`Plan::failed`].
    Request(Job),
    /// Wait until this moment (`Now::up`) or for a command; `None` waits for a command or a response.
    Wait(Option<Duration>),
}

/// Imports on the first page of a pass: as many as a small screen shows, which arrive quickly even on a slow connection.
/// Several accounts share the rate limit: each asks for more at once.
fn page_size(scope: Scope, load: Load) -> u16 {
    match (load.is_shared(), scope) {
        (false, _) => 25,
        (true, Scope::Background) => 100,
        (true, _) => 200,
    }
}

impl Plan {
    /// A plan that begins by loading the whole list.
    pub(super) fn new(criteria: Criteria, interval: Option<Duration>, load: Load) -> Self {
        let per_page = page_size(Scope::Whole, load);
        let sweep = Sweep::new(Scope::Whole, criteria.clone(), per_page, std::iter::empty());
        Self {
            older_unknown: criteria.since.is_some(),
            in_flight: 0,
            criteria,
            poll_interval: PollInterval::new(interval, load),
            paused: false,
            stopped: false,
            refresh: false,
            round: VecDeque::new(),
            round_ended: None,
            polled_unfinished: None,
            asked_for_new: None,
            swept_last: false,
            sweep: Some(sweep),
            sweep_due: Duration::ZERO,
            sweep_ended: Duration::ZERO,
            was_missing: false,
            excess: None,
            doubted: HashSet::new(),
            lingering: BTreeMap::new(),
            next_turn: 0,
            backoff: Backoff::default(),
            hold: None,
        }
    }

    /// A fresh plan for another account. A person belongs to one firm, so `initiated_by` is cleared.
    pub(super) fn for_another_account(&self, load: Load) -> Self {
        self.anew(Criteria { initiated_by: None, ..self.criteria.clone() }, load)
    }

    /// A fresh plan for the account that the user signed in with.
    pub(super) fn for_first_account(&self, load: Load) -> Self {
        self.anew(self.criteria.clone(), load)
    }

    fn anew(&self, criteria: Criteria, load: Load) -> Self {
        let mut poll_interval = self.poll_interval.clone();
        (poll_interval.load, poll_interval.in_background) = (load, false);
        Self { poll_interval, paused: self.paused, ..Self::new(criteria, None, load) }
    }

    /// A plan for the same account that only looks at its newest imports now and then.
    pub(super) fn in_background(&self) -> Self {
        let mut fresh = self.anew(self.criteria.clone(), self.poll_interval.load);
        fresh.poll_interval.in_background = true;
        Self { sweep: None, older_unknown: false, ..fresh }
    }

    /// A plan that lists all imports of the same account, of which some are known.
    pub(super) fn in_foreground(&self, snapshot: &Snapshot, load: Load) -> Self {
        let mut fresh = self.for_another_account(load);
        fresh.sweep = Some(fresh.pass(Scope::Whole, snapshot));
        fresh
    }

    pub(super) fn set_load(&mut self, load: Load) {
        self.poll_interval.load = load;
    }

    pub(super) fn criteria(&self) -> &Criteria {
        &self.criteria
    }

    /// To be called again after each [`Step::Request`]: several requests may be in flight.
    pub(super) fn next(&mut self, snapshot: &Snapshot, now: Now) -> Step {
        self.begin_refresh(snapshot);
        let fast = self.is_fast();
        if self.stopped || (self.paused && !fast) {
            self.round.clear();
            return Step::Wait(None);
        }
        // A single request finds out whether the server responds at all.
        let alone = !self.poll_interval.load.is_shared();
        let concurrent =
            if fast && alone && snapshot.health.link == LinkState::Live { CONCURRENT } else { 1 };
        if self.in_flight >= concurrent {
            return Step::Wait(None);
        }
        let hold = self.hold.map(|hold| hold.until).into_iter();
        let immediate = fast || self.older_unknown || !self.round.is_empty();
        let interval = self.round_due(snapshot).filter(|_| !immediate);
        let due = hold.chain(interval).max().unwrap_or_default();
        if due > now.up {
            return Step::Wait(Some(due));
        }
        self.hold = None;
        if self.round.is_empty() {
            self.round = self.compose(snapshot, now);
        }
        let Some(job) = self.round.pop_front() else { return Step::Wait(None) };
        self.in_flight += 1;
        if let Some(sweep) = &mut self.sweep {
            sweep.requested(&job);
        }
        match job {
            Job::Unfinished(_) => self.polled_unfinished = Some(now.up),
            Job::Newest(_) => self.asked_for_new = Some(now.up),
            _ => {}
        }
        Step::Request(job)
    }

    /// Begins the pass that the user requested, when no request is in flight; a full pass in progress already serves.
    fn begin_refresh(&mut self, snapshot: &Snapshot) {
        match self.sweep.as_ref().map(|sweep| sweep.scope) {
            Some(Scope::Whole) => self.refresh = false,
            Some(Scope::Older) => {}
            Some(Scope::Background) | None => {
                if self.in_flight == 0 && std::mem::take(&mut self.refresh) {
                    self.round.clear();
                    self.sweep = Some(self.pass(Scope::Whole, snapshot));
                }
            }
        }
    }

    fn pass(&self, scope: Scope, snapshot: &Snapshot) -> Sweep {
        self.pass_over(scope, self.criteria.clone(), snapshot)
    }

    fn pass_over(&self, scope: Scope, criteria: Criteria, snapshot: &Snapshot) -> Sweep {
        let known = snapshot.imports.iter().map(|watched| watched.import.id.clone());
        Sweep::new(scope, criteria, page_size(scope, self.poll_interval.load), known)
    }

    fn is_fast(&self) -> bool {
        self.sweep.as_ref().is_some_and(Sweep::is_fast)
    }

    fn round_due(&self, snapshot: &Snapshot) -> Option<Duration> {
        let (ended, interval) = (self.round_ended?, self.poll_interval.interval(snapshot));
        let Some(for_new) = self.new_due() else { return Some(ended.saturating_add(interval)) };
        // Where several accounts have to be polled seldom, new imports are not kept waiting for what runs, nor that for them.
        let runs = snapshot.unfinished().next().is_some();
        let polled = self.polled_unfinished.filter(|_| runs).unwrap_or(ended);
        Some(polled.saturating_add(interval).min(for_new).max(ended))
    }

    /// When one of several accounts is to be asked for new imports.
    fn new_due(&self) -> Option<Duration> {
        let (load, at) = (self.poll_interval.load, self.asked_for_new?);
        let hurries = load.is_shared() && self.poll_interval.focused && !self.poll_interval.in_background;
        hurries.then(|| at.saturating_add(load.for_new()))
    }

    /// The requests of one round.
    fn compose(&mut self, snapshot: &Snapshot, now: Now) -> VecDeque<Job> {
        if self.poll_interval.in_background {
            let unfinished = self.unfinished(snapshot, now).into_iter();
            return unfinished.chain([Job::Newest(NEWEST_IN_BACKGROUND)]).collect();
        }
        if self.sweep.is_none() && now.up >= self.sweep_due {
            self.sweep = Some(self.pass(Scope::Background, snapshot));
        }
        let pass = self.sweep.as_ref().and_then(Sweep::job);
        if self.is_fast() {
            let stale = self
                .polled_unfinished
                .is_none_or(|at| now.since(at) >= self.poll_interval.interval(snapshot));
            let ids = if stale && !self.paused { self.unfinished(snapshot, now) } else { Vec::new() };
            return ids.into_iter().chain(pass).collect();
        }
        if self.older_unknown {
            return VecDeque::from([Job::Older]);
        }
        let interval = self.poll_interval.interval(snapshot);
        let only_new = self.new_due().is_some_and(|due| due <= now.up)
            && self.polled_unfinished.is_some_and(|at| now.since(at) < interval);
        if only_new {
            return VecDeque::from([Job::Newest(NEWEST)]);
        }
        let unfinished = self.unfinished(snapshot, now);
        let mut round: VecDeque<_> = unfinished.into();
        // Two requests a round: with nothing unfinished there is room for both kinds of page.
        let both = round.is_empty();
        let sweep_now = pass.filter(|_| both || !self.swept_last);
        self.swept_last = sweep_now.is_some();
        let for_new = self.poll_interval.load.for_new();
        let due = self.asked_for_new.is_none_or(|at| now.since(at) >= for_new);
        if both || (sweep_now.is_none() && due) {
            round.push_back(Job::Newest(NEWEST));
        }
        round.extend(sweep_now);
        round
    }

    /// Requests for the unfinished imports: active ones first, then queued ones, in turns if there are too many.
    fn unfinished(&mut self, snapshot: &Snapshot, now: Now) -> Vec<Job> {
        let (mut ids, mut waiting) = (Vec::new(), Vec::new());
        for watched in snapshot.unfinished() {
            let list = if watched.verdict.is_active() { &mut ids } else { &mut waiting };
            list.push(watched.import.id.clone());
        }
        self.lingering.retain(|id, until| {
            *until > now.up && snapshot.get(id).is_some_and(|watched| !watched.verdict.is_unfinished())
        });
        waiting.extend(self.lingering.keys().cloned());
        let wanted = ids.len() + usize::from(!waiting.is_empty());
        let room = wanted.div_ceil(ListRequest::MAX_IDS).min(MAX_CHUNKS) * ListRequest::MAX_IDS;
        self.in_turn(&mut ids, room);
        self.in_turn(&mut waiting, room - ids.len());
        ids.append(&mut waiting);
        ids.chunks(ListRequest::MAX_IDS).map(|ids| Job::Unfinished(ids.to_vec())).collect()
    }

    /// Cuts a list to `room`, to a different part each time.
    fn in_turn(&mut self, ids: &mut Vec<ImportId>, room: usize) {
        if ids.len() > room {
            let first = self.next_turn % ids.len();
            self.next_turn = self.next_turn.wrapping_add(room);
            ids.rotate_left(first);
            ids.truncate(room);
        }
    }

    /// Records a response.
    #[must_use]
    pub(super) fn responded(&mut self, job: &Job, mut page: Page, snapshot: &Snapshot, now: Now) -> Snapshot {
        self.in_flight = self.in_flight.saturating_sub(1);
        if *job == Job::Older {
            return self.older(page, snapshot, now);
        }
        let gone = self.gone(job, &page);
        if let Some(sweep) = &mut self.sweep {
            sweep.saw(&page);
            sweep.responded(job, &page);
            let ends_empty = std::mem::take(&mut sweep.ends_empty);
            page.unexpected.extend(
                ends_empty.then(|| UnexpectedData { what: SafeText::new(Pagination::ENDS_EMPTY), times: 1 }),
            );
        }
        if matches!(job, Job::Newest(_) | Job::CatchUp(_)) && !self.poll_interval.in_background {
            let all_new = page.imports.iter().all(|import| snapshot.get(&import.id).is_none());
            let behind = page.next.clone().filter(|_| all_new && !page.imports.is_empty());
            self.round.extend(behind.map(Job::CatchUp));
        }
        if matches!(job, Job::Unfinished(_)) {
            self.polled_unfinished = Some(now.up);
        }
        let total = page.total;
        let mut next = snapshot.absorb(page, now);
        if !gone.is_empty() {
            next = next.without(&gone);
        }
        if let Job::Unfinished(requested) = job {
            self.linger(requested, snapshot, &next, now);
        }
        if matches!(job, Job::Newest(_)) {
            self.check_total(total, &mut next, now);
        }
        if job.belongs_to_pass() {
            self.check_pass(total, &mut next, now);
        }
        self.end_round(snapshot, &mut next, now);
        next
    }

    /// Keeps polling imports that just finished without a final status, or whose counts still change.
    fn linger(&mut self, requested: &[ImportId], before: &Snapshot, next: &Snapshot, now: Now) {
        for id in requested {
            let (Some(before), Some(watched)) = (before.get(id), next.get(id)) else { continue };
            let is_final = matches!(watched.import.status.meaning(), Meaning::Done | Meaning::Failed);
            let moves = before.verdict.is_unfinished() || before.changed_at != watched.changed_at;
            if !watched.verdict.is_unfinished()
                && moves
                && !is_final
                && self.lingering.len() < ListRequest::MAX_IDS
            {
                self.lingering.insert(id.clone(), now.up.saturating_add(LINGERING));
            }
        }
    }

    /// Records whether there are imports before the period.
    fn older(&mut self, page: Page, snapshot: &Snapshot, now: Now) -> Snapshot {
        let older = page.total.unwrap_or(page.imports.len() as u64);
        let mut next = snapshot.absorb(Page { imports: Vec::new(), ..page }, now);
        self.older_unknown = false;
        next.health.older = Some(older);
        self.end_round(snapshot, &mut next, now);
        next
    }

    /// Ends the round if this was its last response.
    fn end_round(&mut self, before: &Snapshot, next: &mut Snapshot, now: Now) {
        if self.stopped || self.hold.is_some_and(|hold| hold.until > now.up) {
            // It was sent before another request failed, whose fault still counts.
            next.health.link = before.health.link.clone();
        } else if self.round.is_empty() {
            self.backoff.reset();
        }
        if self.round.is_empty() && self.in_flight == 0 {
            self.round_ended = Some(now.up);
            next.health.polls += 1;
        }
    }

    /// The imports that the server no longer has, according to this response.
    fn gone(&mut self, job: &Job, page: &Page) -> HashSet<ImportId> {
        let (Job::Unfinished(requested) | Job::Confirm(requested)) = job else { return HashSet::new() };
        let received: HashSet<_> = page.imports.iter().map(|import| &import.id).collect();
        self.doubted.retain(|id| !received.contains(id));
        // A response with more pages, or with other imports, proves nothing about what it lacks.
        if page.next.is_some() || received.iter().any(|id| !requested.contains(id)) {
            return HashSet::new();
        }
        let confirming = matches!(job, Job::Confirm(_));
        let missing = requested.iter().filter(|id| !received.contains(id)).cloned();
        let gone = missing.filter(|id| !self.doubted.insert(id.clone()) || confirming).collect();
        self.doubted.retain(|id| !HashSet::contains(&gone, id));
        gone
    }

    /// Schedules a full pass if the server's total has changed by more than the newest imports explain, and counts again
    /// what is missing.
    fn check_total(&mut self, total: Option<u64>, snapshot: &mut Snapshot, now: Now) {
        let Some(total) = total.filter(|_| self.round.is_empty()) else { return };
        let excess = i128::from(total) - snapshot.imports.len() as i128;
        let missing = u64::try_from(excess).ok().filter(|missing| *missing > 0);
        snapshot.health.missing = snapshot.health.missing.and(missing);
        if *self.excess.get_or_insert(excess) != excess {
            let soon = self.sweep_ended.saturating_add(BETWEEN_HINTED_PASSES).max(now.up);
            self.sweep_due = self.sweep_due.min(soon);
        }
    }

    fn check_pass(&mut self, total: Option<u64>, snapshot: &mut Snapshot, now: Now) {
        if let Some(sweep) = self.sweep.take_if(|sweep| sweep.is_over()) {
            self.excess = None;
            let missing = sweep.missing(snapshot.imports.len());
            // Imports may come and go while the list is read: repeat before reporting it.
            let first = missing.is_some() && !self.was_missing;
            self.was_missing = missing.is_some();
            if sweep.missed_something() || (first && sweep.is_fast()) {
                self.sweep = Some(self.pass(Scope::Whole, snapshot));
            } else if sweep.scope != Scope::Older {
                snapshot.health.missing = missing.filter(|_| !first);
                self.sweep_ended = now.up;
                let pause = if first { BETWEEN_HINTED_PASSES } else { BETWEEN_PASSES };
                self.sweep_due = now.up.saturating_add(pause);
                snapshot.health.full_passes += 1;
            }
        }
        let loads = |sweep: &&Sweep| sweep.scope == Scope::Older || snapshot.health.full_passes == 0;
        let known_total = snapshot.health.loading.and_then(|(_, total)| total);
        snapshot.health.loading = self.sweep.as_ref().filter(loads).map(|sweep| {
            let before = if sweep.scope == Scope::Older { sweep.known_before } else { 0 };
            (snapshot.imports.len().saturating_sub(before), total.or(known_total))
        });
    }

    /// Records a failed request and drops the rest of the round.
    #[must_use]
    pub(super) fn failed(
        &mut self,
        job: &Job,
        fault: Fault,
        snapshot: &Snapshot,
        now: Now,
        jitter: f64,
    ) -> Snapshot {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.round.clear();
        self.round_ended = None;
        if let Some(sweep) = &mut self.sweep {
            sweep.failed(job);
        }
        if job.belongs_to_pass() && !fault.retryable() {
            // The page itself may be rejected: start over.
            let sweep = self.sweep.take();
            self.sweep = sweep.map(|sweep| self.pass_over(sweep.scope, sweep.criteria().clone(), snapshot));
        }
        let on_hold = self.hold.is_some_and(|hold| hold.until > now.up);
        if self.stopped || (on_hold && fault.retry_after().is_none() && !fault.is_authentication()) {
            // It was in flight when another one failed.
            return snapshot.clone();
        }
        let link = match self.backoff.after(&fault, jitter) {
            None => {
                self.stopped = true;
                LinkState::Stopped { fault }
            }
            Some(delay) => {
                let again_at = now.up.saturating_add(delay.wait);
                self.hold = Some(Hold { until: again_at, required: delay.required });
                LinkState::Retrying { fault, attempt: self.backoff.attempts(), again_at }
            }
        };
        snapshot.with_health(Health { link, ..snapshot.health.clone() })
    }

    /// Applies a command; returns the snapshot if it changes.
    #[must_use]
    pub(super) fn handle(
        &mut self,
        command: &PollerCommand,
        snapshot: &Snapshot,
        now: Now,
    ) -> Option<Snapshot> {
        let mut health = snapshot.health.clone();
        match command {
            // The poller replaces the plans.
            PollerCommand::Accounts { .. } => {}
            PollerCommand::AccountsInSight(in_sight) => self.poll_interval.in_sight = *in_sight,
            PollerCommand::Focus(focused) => self.poll_interval.focused = *focused,
            PollerCommand::Pause(paused) => {
                self.paused = *paused;
                health.paused = *paused;
            }
            PollerCommand::Opened(id) => return snapshot.opened(id),
            PollerCommand::Interval(interval) => self.poll_interval.set(*interval),
            PollerCommand::LookBack(since) if self.poll_interval.in_background => {
                self.criteria.since = *since
            }
            PollerCommand::LookBack(since) => self.look_back(*since, snapshot, &mut health, now),
            PollerCommand::Refresh => {
                self.hold = self.hold.filter(|hold| hold.required);
                self.refresh = !self.poll_interval.in_background;
                if self.poll_interval.in_background {
                    self.round_ended = None;
                }
                if let LinkState::Stopped { fault } = &health.link {
                    let attempt = self.backoff.attempts();
                    health.link = LinkState::Retrying { fault: fault.clone(), attempt, again_at: now.up };
                }
                self.stopped = false;
            }
        }
        (health != snapshot.health).then(|| snapshot.with_health(health))
    }

    /// Widens the period and loads what that adds to it.
    fn look_back(&mut self, since: Option<Date>, snapshot: &Snapshot, health: &mut Health, now: Now) {
        let until = match &self.sweep {
            Some(sweep) if sweep.scope == Scope::Older => sweep.criteria().until,
            _ => self.criteria.since.and_then(|since| since.yesterday().ok()),
        };
        self.criteria.since = since;
        self.older_unknown = since.is_some();
        health.older = None;
        health.loading = Some((0, None));
        if health.full_passes == 0 {
            self.sweep = Some(self.pass(Scope::Whole, snapshot));
        } else {
            if self.sweep.as_ref().is_some_and(|sweep| sweep.scope == Scope::Whole) {
                self.refresh = true;
            }
            self.sweep_due = self.sweep_due.min(now.up.saturating_add(BETWEEN_HINTED_PASSES));
            let criteria = Criteria { since, until, ..self.criteria.clone() };
            self.sweep = Some(self.pass_over(Scope::Older, criteria, snapshot));
        }
        self.round.clear();
    }
}
