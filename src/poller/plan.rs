//! What to ask the server next, and when. Pure: the clock and the dice are passed in.
//!
//! Time goes in rounds of at most two requests while few imports run: what may have changed by itself, by id,
//! and the newest page for imports that are new. A full pass now and then finds what neither shows; it takes the
//! newest page's place, one page a round.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use super::Wish;
use super::sweep::Sweep;
use super::tempo::{Tempo, within_budget};
use crate::domain::Now;
use crate::domain::backoff::Backoff;
use crate::domain::fault::Fault;
use crate::domain::import::ImportId;
use crate::domain::page::{Ask, Criteria, Cursor, Page};
use crate::domain::snapshot::{Health, LinkState, Snapshot};

#[cfg(test)]
mod tests;

/// Imports on the page that is looked at for new ones.
const NEWEST: u16 = 5;
/// Imports on the pages of a full pass: one page a round, and one after another.
const SPREAD_PAGE: u16 = 25;
const HURRIED_PAGE: u16 = 50;
/// Between the end of a full pass and the next one; and at least, where the server's total says that something
/// is amiss.
const BETWEEN_PASSES: Duration = Duration::from_secs(5 * 60);
const BETWEEN_HINTED_PASSES: Duration = Duration::from_secs(60);
/// Requests by id in one round; with more unfinished imports they take turns.
const MAX_CHUNKS: usize = 4;

/// The poller's memory beside the snapshot.
#[derive(Debug)]
pub(super) struct Plan {
    criteria: Criteria,
    tempo: Tempo,
    paused: bool,
    stopped: bool,
    /// The user wants a full pass; it begins when no request is in flight.
    refresh: bool,
    /// What is left to ask in the round under way.
    round: VecDeque<Job>,
    round_ended: Option<Duration>,
    looked_at_unfinished: Option<Duration>,
    /// In the last round a page of the full pass took the newest page's place.
    swept_last: bool,
    sweep: Option<Sweep>,
    sweep_due: Duration,
    sweep_ended: Duration,
    /// The server's total minus the imports known, after the last full pass.
    excess: Option<i128>,
    /// Asked for by id and not in the answer. Missing twice is gone.
    doubted: HashSet<ImportId>,
    turns: usize,
    backoff: Backoff,
    held: Option<Held>,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    until: Duration,
    firm: bool,
}

/// One request, and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job {
    /// The imports that may have changed by themselves.
    Unfinished(Vec<ImportId>),
    /// Are there new ones?
    Newest,
    /// All of the newest page were new: the page behind it.
    CatchUp(Cursor),
    /// A full pass begins.
    FirstPage {
        /// One page after another.
        hurried: bool,
    },
    /// A full pass goes on.
    NextPage(Cursor),
    /// The imports that were on no page of a full pass.
    Confirm(Vec<ImportId>),
}

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask this, then tell [`Plan::answered`] or [`Plan::failed`].
    Ask(Job),
    /// Wait until this moment (`Now::up`), or for a wish.
    Wait(Option<Duration>),
}

impl Job {
    /// The request.
    pub(super) fn ask(&self, criteria: &Criteria) -> Ask {
        let newest = |per_page| Ask::Newest { criteria: criteria.clone(), per_page };
        match self {
            Self::Unfinished(ids) | Self::Confirm(ids) => Ask::These(ids.clone()),
            Self::Newest => newest(NEWEST),
            Self::FirstPage { hurried: true } => newest(HURRIED_PAGE),
            Self::FirstPage { hurried: false } => newest(SPREAD_PAGE),
            Self::CatchUp(cursor) | Self::NextPage(cursor) => Ask::Next(cursor.clone()),
        }
    }

    fn is_of_a_pass(&self) -> bool {
        matches!(self, Self::FirstPage { .. } | Self::NextPage(_) | Self::Confirm(_))
    }
}

impl Plan {
    /// A plan that begins by loading the whole list.
    pub(super) fn new(criteria: Criteria, interval: Option<Duration>) -> Self {
        Self {
            criteria,
            tempo: Tempo::new(interval),
            paused: false,
            stopped: false,
            refresh: false,
            round: VecDeque::new(),
            round_ended: None,
            looked_at_unfinished: None,
            swept_last: false,
            sweep: Some(Sweep::new(true, std::iter::empty())),
            sweep_due: Duration::ZERO,
            sweep_ended: Duration::ZERO,
            excess: None,
            doubted: HashSet::new(),
            turns: 0,
            backoff: Backoff::default(),
            held: None,
        }
    }

    pub(super) fn criteria(&self) -> &Criteria {
        &self.criteria
    }

    /// What to do now.
    pub(super) fn next(&mut self, snapshot: &Snapshot, now: Now) -> Step {
        if std::mem::take(&mut self.refresh) && !self.is_hurried() {
            self.round.clear();
            self.sweep = Some(Sweep::new(true, known(snapshot)));
        }
        let hurried = self.is_hurried();
        if self.stopped || (self.paused && !hurried) {
            self.round.clear();
            return Step::Wait(None);
        }
        let held = self.held.map(|held| held.until).into_iter();
        let interval = (self.round.is_empty() && !hurried).then(|| self.round_due(snapshot)).flatten();
        let due = held.chain(interval).chain(within_budget(snapshot)).max().unwrap_or_default();
        if due > now.up {
            return Step::Wait(Some(due));
        }
        self.held = None;
        if self.round.is_empty() {
            self.round = self.compose(snapshot, now);
        }
        self.round.pop_front().map_or(Step::Wait(None), Step::Ask)
    }

    fn is_hurried(&self) -> bool {
        self.sweep.as_ref().is_some_and(|sweep| sweep.hurried)
    }

    fn round_due(&self, snapshot: &Snapshot) -> Option<Duration> {
        self.round_ended.map(|ended| ended.saturating_add(self.tempo.interval(snapshot)))
    }

    /// The requests of one round.
    fn compose(&mut self, snapshot: &Snapshot, now: Now) -> VecDeque<Job> {
        if self.sweep.is_none() && now.up >= self.sweep_due {
            self.sweep = Some(Sweep::new(false, known(snapshot)));
        }
        let pass = self.sweep.as_ref().and_then(Sweep::job);
        if self.is_hurried() {
            let stale =
                self.looked_at_unfinished.is_none_or(|at| now.since(at) >= self.tempo.interval(snapshot));
            let ids = if stale && !self.paused { self.unfinished(snapshot) } else { Vec::new() };
            return ids.into_iter().chain(pass).collect();
        }
        let unfinished = self.unfinished(snapshot);
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
    fn unfinished(&mut self, snapshot: &Snapshot) -> Vec<Job> {
        let (mut ids, mut waiting) = (Vec::new(), Vec::new());
        for watched in snapshot.unfinished() {
            let list = if watched.verdict.is_active() { &mut ids } else { &mut waiting };
            list.push(watched.import.id.clone());
        }
        let wanted = ids.len() + usize::from(!waiting.is_empty());
        let room = wanted.div_ceil(Ask::MAX_IDS).min(MAX_CHUNKS) * Ask::MAX_IDS;
        self.in_turn(&mut ids, room);
        self.in_turn(&mut waiting, room - ids.len());
        ids.append(&mut waiting);
        ids.chunks(Ask::MAX_IDS).map(|ids| Job::Unfinished(ids.to_vec())).collect()
    }

    /// Cuts a list to `room`, another part of it every time.
    fn in_turn(&mut self, ids: &mut Vec<ImportId>, room: usize) {
        if ids.len() > room {
            let turns = self.turns % ids.len();
            self.turns = self.turns.wrapping_add(room);
            ids.rotate_left(turns);
            ids.truncate(room);
        }
    }

    /// Takes in a good answer.
    #[must_use]
    pub(super) fn answered(&mut self, job: &Job, page: Page, snapshot: &Snapshot, now: Now) -> Snapshot {
        let gone = self.gone(job, &page);
        if let Some(sweep) = &mut self.sweep {
            sweep.saw(&page);
            match job {
                Job::FirstPage { .. } | Job::NextPage(_) => sweep.turn(page.next.as_ref()),
                Job::Confirm(asked) => sweep.confirmed(asked),
                Job::Unfinished(_) | Job::Newest | Job::CatchUp(_) => {}
            }
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
        if *job == Job::Newest {
            self.mind_total(total, &next, now);
        }
        if job.is_of_a_pass() {
            self.mind_pass(total, &mut next, now);
        }
        if self.round.is_empty() {
            self.round_ended = Some(now.up);
            self.backoff.reset();
            next.health.polls += 1;
        }
        next
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
        let over = self.sweep.as_ref().is_some_and(|sweep| sweep.job().is_none());
        if over {
            self.sweep = None;
            self.sweep_ended = now.up;
            self.sweep_due = now.up.saturating_add(BETWEEN_PASSES);
            self.excess = None;
            snapshot.health.full_passes += 1;
        }
        let first = snapshot.health.full_passes == 0;
        let known_total = snapshot.health.loading.and_then(|(_, total)| total);
        snapshot.health.loading = first.then_some((snapshot.imports.len(), total.or(known_total)));
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
        self.round.clear();
        self.round_ended = None;
        if job.is_of_a_pass() && !fault.retryable() {
            // The page may be what is refused: from the start.
            self.sweep = self.sweep.take().map(|sweep| Sweep::new(sweep.hurried, known(snapshot)));
        }
        let link = match self.backoff.after(&fault, dice) {
            None => {
                self.stopped = true;
                LinkState::Stopped { fault }
            }
            Some(hold) => {
                let again_at = now.up.saturating_add(hold.wait);
                self.held = Some(Held { until: again_at, firm: hold.firm });
                LinkState::Retrying { fault, attempt: self.backoff.attempts(), again_at }
            }
        };
        snapshot.with_health(Health { link, ..snapshot.health.clone() })
    }

    /// Takes in what the user wants; the snapshot where it changes.
    #[must_use]
    pub(super) fn wished(&mut self, wish: Wish, snapshot: &Snapshot, now: Now) -> Option<Snapshot> {
        let mut health = snapshot.health.clone();
        match wish {
            Wish::Focus(focused) => self.tempo.focused = focused,
            Wish::Pause(paused) => {
                self.paused = paused;
                health.paused = paused;
            }
            Wish::Refresh => {
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
}

fn known(snapshot: &Snapshot) -> impl Iterator<Item = ImportId> {
    snapshot.imports.iter().map(|watched| watched.import.id.clone())
}
