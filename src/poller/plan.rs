//! What to ask the server next, and when. Pure: the clock and the dice are passed in.
//!
//! Time goes in rounds of at most two requests while few imports run: what may have changed by itself, by id,
//! and the newest page for imports that are new. A full pass now and then finds what neither shows; it takes the
//! newest page's place, one page a round. At the start, and when the user asks for everything, a pass goes as fast as
//! answers come, a few pages abreast.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use jiff::civil::Date;

use super::PollerCommand;
use super::job::Job;
use super::poll_interval::PollInterval;
use super::sweep::{Scope, Sweep};
use crate::domain::Now;
use crate::domain::backoff::Backoff;
use crate::domain::fault::Fault;
use crate::domain::import::{ImportId, Meaning};
use crate::domain::page::{Criteria, ListRequest, Oddity, Page, Walk};
use crate::domain::snapshot::{Health, LinkState, Snapshot};
use crate::domain::text::SafeText;

#[cfg(test)]
mod tests;

/// Requests in flight at once, while a pass is hurried.
const ABREAST: usize = 3;
/// Between the end of a full pass and the next one; and at least, where the server's total says that something
/// is amiss.
const BETWEEN_PASSES: Duration = Duration::from_secs(5 * 60);
const BETWEEN_HINTED_PASSES: Duration = Duration::from_secs(60);
/// How long an import is looked at after its end, where no final word was said: it may have been cancelled, or retried.
const LINGERING: Duration = Duration::from_secs(120);
/// Requests by id in one round; with more unfinished imports they take turns.
const MAX_CHUNKS: usize = 4;

/// The poller's memory beside the snapshot.
#[derive(Debug)]
pub(super) struct Plan {
    criteria: Criteria,
    poll_interval: PollInterval,
    paused: bool,
    stopped: bool,
    /// The user wants a full pass; it begins when no request is in flight.
    refresh: bool,
    /// Whether there are imports before the period is to be asked.
    older_unknown: bool,
    in_flight: usize,
    /// What is left to ask in the round under way.
    round: VecDeque<Job>,
    round_ended: Option<Duration>,
    looked_at_unfinished: Option<Duration>,
    /// In the last round a page of the full pass took the newest page's place.
    swept_last: bool,
    sweep: Option<Sweep>,
    sweep_due: Duration,
    sweep_ended: Duration,
    /// The last full pass found fewer imports than the server says there are.
    lacked: bool,
    /// The server's total minus the imports known, after the last full pass.
    excess: Option<i128>,
    /// Asked for by id and not in the answer. Missing twice is gone.
    doubted: HashSet<ImportId>,
    /// Ended just now, and not by a word that is final: looked at until then, as their numbers may still move.
    lingering: BTreeMap<ImportId, Duration>,
    rate_limiter: usize,
    backoff: Backoff,
    held: Option<ReservedIds>,
}

#[derive(Debug, Clone, Copy)]
struct ReservedIds {
    until: Duration,
    firm: bool,
}

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Request this, then tell [`Plan::answered`] or [`Plan::failed`].
    ListRequest(Job),
    /// Wait until this moment (`Now::up`), or for a wish.
    Wait(Option<Duration>),
}

impl Plan {
    /// A plan that begins by loading the whole list.
    pub(super) fn new(criteria: Criteria, interval: Option<Duration>) -> Self {
        let sweep = Sweep::new(Scope::Whole, criteria.clone(), std::iter::empty());
        Self {
            older_unknown: criteria.since.is_some(),
            in_flight: 0,
            criteria,
            poll_interval: PollInterval::new(interval),
            paused: false,
            stopped: false,
            refresh: false,
            round: VecDeque::new(),
            round_ended: None,
            looked_at_unfinished: None,
            swept_last: false,
            sweep: Some(sweep),
            sweep_due: Duration::ZERO,
            sweep_ended: Duration::ZERO,
            lacked: false,
            excess: None,
            doubted: HashSet::new(),
            lingering: BTreeMap::new(),
            rate_limiter: 0,
            backoff: Backoff::default(),
            held: None,
        }
    }

    /// The same for another account, from the start. A person belongs to one firm: everybody's imports count.
    pub(super) fn of_another_account(&self) -> Self {
        let criteria = Criteria { initiated_by: None, ..self.criteria.clone() };
        Self { poll_interval: self.poll_interval.clone(), paused: self.paused, ..Self::new(criteria, None) }
    }

    pub(super) fn criteria(&self) -> &Criteria {
        &self.criteria
    }

    /// What to do now. To be asked again after each [`Step::ListRequest`]: there may be more to ask at the same time.
    pub(super) fn next(&mut self, snapshot: &Snapshot, now: Now) -> Step {
        self.begin_refresh(snapshot);
        let hurried = self.is_hurried();
        if self.stopped || (self.paused && !hurried) {
            self.round.clear();
            return Step::Wait(None);
        }
        // One request finds out whether the server answers at all.
        let abreast = if hurried && snapshot.health.link == LinkState::Live { ABREAST } else { 1 };
        if self.in_flight >= abreast {
            return Step::Wait(None);
        }
        let held = self.held.map(|held| held.until).into_iter();
        let at_once = hurried || self.older_unknown || !self.round.is_empty();
        let interval = self.round_due(snapshot).filter(|_| !at_once);
        let due = held.chain(interval).max().unwrap_or_default();
        if due > now.up {
            return Step::Wait(Some(due));
        }
        self.held = None;
        if self.round.is_empty() {
            self.round = self.compose(snapshot, now);
        }
        let Some(job) = self.round.pop_front() else { return Step::Wait(None) };
        self.in_flight += 1;
        if let Some(sweep) = &mut self.sweep {
            sweep.asked(&job);
        }
        if matches!(job, Job::Unfinished(_)) {
            self.looked_at_unfinished = Some(now.up);
        }
        Step::ListRequest(job)
    }

    /// Begins the pass that the user asked for, when no request is in flight; one that sees everything already is
    /// that pass.
    fn begin_refresh(&mut self, snapshot: &Snapshot) {
        match self.sweep.as_ref().map(|sweep| sweep.scope) {
            Some(Scope::Whole) => self.refresh = false,
            Some(Scope::Older) => {}
            Some(Scope::Spread) | None => {
                if self.in_flight == 0 && std::mem::take(&mut self.refresh) {
                    self.round.clear();
                    self.sweep = Some(self.pass(Scope::Whole, snapshot));
                }
            }
        }
    }

    fn pass(&self, scope: Scope, snapshot: &Snapshot) -> Sweep {
        let known = snapshot.imports.iter().map(|watched| watched.import.id.clone());
        Sweep::new(scope, self.criteria.clone(), known)
    }

    fn is_hurried(&self) -> bool {
        self.sweep.as_ref().is_some_and(Sweep::hurried)
    }

    fn round_due(&self, snapshot: &Snapshot) -> Option<Duration> {
        self.round_ended.map(|ended| ended.saturating_add(self.poll_interval.interval(snapshot)))
    }

    /// The requests of one round.
    fn compose(&mut self, snapshot: &Snapshot, now: Now) -> VecDeque<Job> {
        if self.sweep.is_none() && now.up >= self.sweep_due {
            self.sweep = Some(self.pass(Scope::Spread, snapshot));
        }
        let pass = self.sweep.as_ref().and_then(Sweep::job);
        if self.is_hurried() {
            let stale = self
                .looked_at_unfinished
                .is_none_or(|at| now.since(at) >= self.poll_interval.interval(snapshot));
            let ids = if stale && !self.paused { self.unfinished(snapshot, now) } else { Vec::new() };
            return ids.into_iter().chain(pass).collect();
        }
        if self.older_unknown {
            return VecDeque::from([Job::Older]);
        }
        let unfinished = self.unfinished(snapshot, now);
        let mut round: VecDeque<_> = unfinished.into();
        // Two requests a round: with nothing unfinished there is room for both kinds of page.
        let both = round.is_empty();
        let sweep_now = pass.filter(|_| both || !self.swept_last);
        self.swept_last = sweep_now.is_some();
        if both || sweep_now.is_none() {
            round.push_back(Job::Newest);
        }
        round.extend(sweep_now);
        round
    }

    /// The unfinished imports in as few requests as it takes: those that move, then those that wait, in turns
    /// where they are too many.
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

    /// Cuts a list to `room`, another part of it every time.
    fn in_turn(&mut self, ids: &mut Vec<ImportId>, room: usize) {
        if ids.len() > room {
            let rate_limiter = self.rate_limiter % ids.len();
            self.rate_limiter = self.rate_limiter.wrapping_add(room);
            ids.rotate_left(rate_limiter);
            ids.truncate(room);
        }
    }

    /// Takes in a good answer.
    #[must_use]
    pub(super) fn answered(&mut self, job: &Job, mut page: Page, snapshot: &Snapshot, now: Now) -> Snapshot {
        self.in_flight = self.in_flight.saturating_sub(1);
        if *job == Job::Older {
            return self.older(page, snapshot, now);
        }
        let gone = self.gone(job, &page);
        if let Some(sweep) = &mut self.sweep {
            sweep.saw(&page);
            sweep.answered(job, &page);
            let ends_empty = std::mem::take(&mut sweep.ends_empty);
            page.oddities
                .extend(ends_empty.then(|| Oddity { what: SafeText::new(Walk::ENDS_EMPTY), times: 1 }));
        }
        if matches!(job, Job::Newest | Job::CatchUp(_)) {
            let all_new = page.imports.iter().all(|import| snapshot.get(&import.id).is_none());
            let behind = page.next.clone().filter(|_| all_new && !page.imports.is_empty());
            self.round.extend(behind.map(Job::CatchUp));
        }
        if matches!(job, Job::Unfinished(_)) {
            self.looked_at_unfinished = Some(now.up);
        }
        let total = page.total;
        let mut next = snapshot.absorb(page, now);
        if !gone.is_empty() {
            next = next.without(&gone);
        }
        if let Job::Unfinished(asked) = job {
            self.linger(asked, snapshot, &next, now);
        }
        if *job == Job::Newest {
            self.mind_total(total, &next, now);
        }
        if job.is_of_a_pass() {
            self.mind_pass(total, &mut next, now);
        }
        self.end_round(snapshot, &mut next, now);
        next
    }

    /// Goes on looking at what has just ended without a word that is final, and at what still moves.
    fn linger(&mut self, asked: &[ImportId], before: &Snapshot, next: &Snapshot, now: Now) {
        for id in asked {
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

    /// Takes in whether there are imports before the period.
    fn older(&mut self, page: Page, snapshot: &Snapshot, now: Now) -> Snapshot {
        let older = page.total.unwrap_or(page.imports.len() as u64);
        let mut next = snapshot.absorb(Page { imports: Vec::new(), ..page }, now);
        self.older_unknown = false;
        next.health.older = Some(older);
        self.end_round(snapshot, &mut next, now);
        next
    }

    /// Ends the round, where this was its last answer.
    fn end_round(&mut self, before: &Snapshot, next: &mut Snapshot, now: Now) {
        if self.stopped || self.held.is_some_and(|held| held.until > now.up) {
            // Asked before another request failed: that one still counts.
            next.health.link = before.health.link.clone();
        } else if self.round.is_empty() {
            self.backoff.reset();
        }
        if self.round.is_empty() && self.in_flight == 0 {
            self.round_ended = Some(now.up);
            next.health.polls += 1;
        }
    }

    /// The imports that the server no longer has, as far as this answer tells.
    fn gone(&mut self, job: &Job, page: &Page) -> HashSet<ImportId> {
        let (Job::Unfinished(asked) | Job::Confirm(asked)) = job else { return HashSet::new() };
        let answered: HashSet<_> = page.imports.iter().map(|import| &import.id).collect();
        self.doubted.retain(|id| !answered.contains(id));
        // An answer that goes on, or holds what was not asked for, proves nothing about what it does not hold.
        if page.next.is_some() || answered.iter().any(|id| !asked.contains(id)) {
            return HashSet::new();
        }
        let confirming = matches!(job, Job::Confirm(_));
        let missing = asked.iter().filter(|id| !answered.contains(id)).cloned();
        let gone = missing.filter(|id| !self.doubted.insert(id.clone()) || confirming).collect();
        self.doubted.retain(|id| !HashSet::contains(&gone, id));
        gone
    }

    /// Starts a full pass where the server's total has changed by more than the newest imports explain.
    fn mind_total(&mut self, total: Option<u64>, snapshot: &Snapshot, now: Now) {
        let Some(total) = total.filter(|_| self.round.is_empty()) else { return };
        let excess = i128::from(total) - snapshot.imports.len() as i128;
        if *self.excess.get_or_insert(excess) != excess {
            let soon = self.sweep_ended.saturating_add(BETWEEN_HINTED_PASSES).max(now.up);
            self.sweep_due = self.sweep_due.min(soon);
        }
    }

    fn mind_pass(&mut self, total: Option<u64>, snapshot: &mut Snapshot, now: Now) {
        if let Some(sweep) = self.sweep.take_if(|sweep| sweep.is_over()) {
            self.excess = None;
            let lacks = sweep.lacks(snapshot.imports.len());
            // Imports come and go while the list is read: one more pass tells.
            let first = lacks.is_some() && !self.lacked;
            self.lacked = lacks.is_some();
            if sweep.missed_something() || (first && sweep.hurried()) {
                self.sweep = Some(self.pass(Scope::Whole, snapshot));
            } else if sweep.scope != Scope::Older {
                snapshot.health.lacking = lacks.filter(|_| !first);
                self.sweep_ended = now.up;
                let pause = if first { BETWEEN_HINTED_PASSES } else { BETWEEN_PASSES };
                self.sweep_due = now.up.saturating_add(pause);
                snapshot.health.full_passes += 1;
            }
        }
        let loads = |sweep: &&Sweep| sweep.scope == Scope::Older || snapshot.health.full_passes == 0;
        let known_total = snapshot.health.loading.and_then(|(_, total)| total);
        snapshot.health.loading = self.sweep.as_ref().filter(loads).map(|sweep| {
            let before = if sweep.scope == Scope::Older { sweep.before } else { 0 };
            (snapshot.imports.len().saturating_sub(before), total.or(known_total))
        });
    }

    /// Takes in a failed request: the rest of the round is off.
    #[must_use]
    pub(super) fn failed(
        &mut self,
        job: &Job,
        fault: Fault,
        snapshot: &Snapshot,
        now: Now,
        dice: f64,
    ) -> Snapshot {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.round.clear();
        self.round_ended = None;
        if let Some(sweep) = &mut self.sweep {
            sweep.not_answered(job);
        }
        if job.is_of_a_pass() && !fault.retryable() {
            // The page may be what is refused: from the start.
            self.sweep = self.sweep.take().map(|sweep| {
                let known = snapshot.imports.iter().map(|watched| watched.import.id.clone());
                Sweep::new(sweep.scope, sweep.criteria().clone(), known)
            });
        }
        let is_held = self.held.is_some_and(|held| held.until > now.up);
        if self.stopped || (is_held && fault.retry_after().is_none() && !fault.is_authentication()) {
            // One of several that were under way when the first of them failed.
            return snapshot.clone();
        }
        let link = match self.backoff.after(&fault, dice) {
            None => {
                self.stopped = true;
                LinkState::Stopped { fault }
            }
            Some(hold) => {
                let again_at = now.up.saturating_add(hold.wait);
                self.held = Some(ReservedIds { until: again_at, firm: hold.firm });
                LinkState::Retrying { fault, attempt: self.backoff.attempts(), again_at }
            }
        };
        snapshot.with_health(Health { link, ..snapshot.health.clone() })
    }

    /// Takes in what the user wants; the snapshot where it changes.
    #[must_use]
    pub(super) fn wished(
        &mut self,
        command: &PollerCommand,
        snapshot: &Snapshot,
        now: Now,
    ) -> Option<Snapshot> {
        let mut health = snapshot.health.clone();
        match command {
            // Begins anew with another plan.
            PollerCommand::Account(_) => {}
            PollerCommand::Focus(focused) => self.poll_interval.focused = *focused,
            PollerCommand::Pause(paused) => {
                self.paused = *paused;
                health.paused = *paused;
            }
            PollerCommand::Interval(interval) => self.poll_interval.set(*interval),
            PollerCommand::LookBack(since) => self.look_back(*since, snapshot, &mut health, now),
            PollerCommand::Refresh => {
                self.held = self.held.filter(|held| held.firm);
                self.refresh = true;
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
            let known = snapshot.imports.iter().map(|watched| watched.import.id.clone());
            self.sweep = Some(Sweep::new(Scope::Older, criteria, known));
        }
        self.round.clear();
    }
}
