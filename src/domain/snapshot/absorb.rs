//! Merges a response into what is known. Pure: the earlier snapshot does not change.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::imports::newness;
use super::{Health, LinkState, Remembered, Snapshot, Watched};
use crate::domain::Now;
use crate::domain::digest::Digest;
use crate::domain::evidence::{Basis, Evidence, Reading};
use crate::domain::import::{Counts, Import, ImportId, Meaning};
use crate::domain::pace::Pace;
use crate::domain::page::{Page, Samples, UnexpectedData};
use crate::domain::tally::{Counting, Observed, Tally, Verdict};

/// How long the numbers must not change, once all rows were tried, before an import counts as finished: at least.
const SHORTEST_REST: Duration = Duration::from_secs(2);
/// The same if more rows may follow and the import's pace is not known.
const UNKNOWN_REST: Duration = Duration::from_secs(10);
/// The same if only the final status is missing: at most.
const WORD_REST: Duration = Duration::from_secs(5);
/// If `total` grew less than this ago, it may grow again.
const GROWING: Duration = Duration::from_secs(60);
/// An import that was not updated for so long had finished before it was first seen, if its numbers allow that.
const LONG: Duration = Duration::from_secs(60);
const LONG_UNCLEAR: Duration = Duration::from_secs(10 * 60);
const LONGEST_UNCLEAR: Duration = Duration::from_secs(60 * 60);
/// A row rarely takes longer.
const A_ROW: Duration = Duration::from_secs(30);
/// The batch of an import that was not updated for so long may have been deleted.
const ANCIENT: Duration = Duration::from_secs(24 * 60 * 60);
/// A failure that is older than this is trouble no more.
const RECENT: Duration = Duration::from_secs(24 * 60 * 60);
/// Rows that must have been tried before their share of failures says something.
const ENOUGH_TRIED: u64 = 20;
/// An import that runs and was not updated for so long, by the server's dates, is taken to have stalled.
const LONG_UNTOUCHED: Duration = Duration::from_secs(60 * 60);
/// Kinds that are counted separately.
const MOST_UNEXPECTED: usize = 200;
/// Texts and people that imports share: more are not shared.
const MOST_TEXTS: usize = 5_000;
const MOST_PEOPLE: usize = 2_000;
/// Counts the remaining kinds.
const OTHER_UNEXPECTED: &str = "other fields";

impl Snapshot {
    /// Merges a page: its imports replace or join the known ones.
    ///
    /// Fields that the page does not have are kept. Imports that it does not have stay: see [`Snapshot::without`].
    #[must_use]
    pub fn absorb(&self, page: Page, now: Now) -> Self {
        let mut next = self.clone();
        if self.health.link != LinkState::Live {
            next.in_contact_since = now.up;
        }
        next.health = Health {
            link: LinkState::Live,
            last_answer: Some(now.up),
            budget: page.budget.or(self.health.budget),
            ..self.health.clone()
        };
        next.count_unexpected(&page.unexpected);
        next.merge(page.imports, page.server_time, now);
        next
    }

    /// Drops imports that the server no longer has.
    #[must_use]
    pub fn without(&self, gone: &HashSet<ImportId>) -> Self {
        let mut next = self.clone();
        for id in gone {
            next.imports.remove(id);
        }
        next
    }

    /// The same list under another state of the link.
    #[must_use]
    pub fn with_health(&self, health: Health) -> Self {
        Self { health, ..self.clone() }
    }

    fn count_unexpected(&mut self, unexpected: &[UnexpectedData]) {
        if unexpected.is_empty() {
            return;
        }
        let counts = Arc::make_mut(&mut self.unexpected);
        for data in unexpected {
            let known = counts.contains_key(&data.what) || counts.len() < MOST_UNEXPECTED;
            let what = if known { data.what.clone() } else { OTHER_UNEXPECTED.into() };
            let times = counts.entry(what).or_default();
            *times = times.saturating_add(data.times);
        }
    }

    fn merge(&mut self, mut imports: Vec<Import>, server_time: Option<Timestamp>, now: Now) {
        let mut seen = HashSet::with_capacity(imports.len());
        imports.retain(|import| seen.insert(import.id.clone()));
        let judge = self.judge(server_time, now);
        let count = self.imports.len();
        let sampled = self.imports.iter_from(self.sampled()).next().cloned();
        for mut import in imports {
            import.share_texts(&mut |text| share(text, &mut self.texts, MOST_TEXTS));
            if let Some(person) = &mut import.started_by {
                share(person, &mut self.people, MOST_PEOPLE);
            }
            import.seen_by = self.account.clone();
            let known = self.imports.get(&import.id);
            let mut watched = judge.judge(import, known.map(AsRef::as_ref));
            if sampled.as_ref().is_some_and(|bound| newness(&watched) <= newness(bound)) {
                watched.import.drop_sample();
            }
            self.votes.change(known.and_then(|known| known.vote()), watched.vote());
            // What did not change keeps its allocation, so that readers compare pointers only.
            if known.is_none_or(|known| **known != watched) {
                self.imports.put(Arc::new(watched));
            }
        }
        self.drop_samples(self.imports.len() - count);
        self.learn_counting(now);
    }

    fn sampled(&self) -> usize {
        Self::SAMPLED.saturating_sub(self.fewer_samples)
    }

    /// Of which imports a page that is requested now should bring the sample. Where more may keep theirs by the time it comes,
    /// the next pass or the show route brings the others.
    pub fn samples(&self) -> Samples {
        match self.sampled().checked_sub(1) {
            None => Samples::None,
            Some(last) => {
                let oldest = self.imports.iter_from(last).next();
                oldest.and_then(|oldest| oldest.import.created_at).map_or(Samples::All, Samples::Since)
            }
        }
    }

    /// From now on at most so many imports keep their sample.
    pub fn keep_samples(&mut self, most: usize) {
        let before = self.sampled();
        self.fewer_samples = Self::SAMPLED.saturating_sub(most);
        self.drop_samples(before.saturating_sub(self.sampled()));
    }

    /// Drops the samples of imports that `new` ones pushed beyond the limit.
    fn drop_samples(&mut self, new: usize) {
        let older = self.imports.iter_from(self.sampled()).take(new);
        let sampled: Vec<_> =
            older.filter(|watched| !watched.import.failed_rows().is_empty()).cloned().collect();
        for mut watched in sampled {
            Arc::make_mut(&mut watched).import.drop_sample();
            self.imports.put(watched);
        }
    }

    /// If the imports show that the server counts differently than assumed, all are interpreted again.
    fn learn_counting(&mut self, now: Now) {
        let counting = self.votes.counting();
        if counting == self.counting {
            return;
        }
        self.counting = counting;
        let judge = self.judge(None, now);
        for watched in &self.imports.clone() {
            if watched.import.counts.failed != Some(0) {
                let again = judge.read_again(watched);
                if again != **watched {
                    self.imports.put(Arc::new(again));
                }
            }
        }
    }

    fn judge(&self, server_time: Option<Timestamp>, now: Now) -> Judge {
        Judge {
            counting: self.counting,
            in_contact_since: self.in_contact_since,
            unmoved: Arc::clone(&self.unmoved),
            remembered: Arc::clone(&self.remembered),
            server_time: server_time.unwrap_or(now.wall),
            now,
        }
    }
}

/// Replaces a value by the allocation that other imports have of it.
fn share<T: Clone + Eq + Hash>(value: &mut T, kept: &mut Arc<HashSet<T>>, most: usize) {
    if let Some(known) = kept.get(value) {
        *value = known.clone();
    } else if kept.len() < most {
        Arc::make_mut(kept).insert(value.clone());
    }
}

impl Watched {
    fn vote(&self) -> Option<Counting> {
        self.evidence.vote(&self.import.counts, self.import.status.meaning(), self.still)
    }
}

impl Watched {
    /// Whether other imports, by showing how the server counts, may change how this one is interpreted.
    pub fn depends_on_others(&self) -> bool {
        let (counts, meaning) = (&self.import.counts, self.import.status.meaning());
        let read = |server| self.evidence.read(counts, meaning, server, self.still);
        let [unknown, batch, exclusive] = [None, Some(Counting::Batch), Some(Counting::Exclusive)].map(read);
        unknown != batch || batch != exclusive
    }
}

/// Judges one import without any other.
pub(super) fn at_first_sight(import: Import, now: Now) -> Watched {
    let mut alone = Snapshot::default();
    let seen = alone.judge(None, now).judge(import, None);
    alone.votes.change(None, seen.vote());
    alone.counting = alone.votes.counting();
    alone.judge(None, now).read_again(&seen)
}

/// What a verdict depends on besides the import's numbers.
struct Judge {
    /// How the server counts, if known.
    counting: Option<Counting>,
    in_contact_since: Duration,
    unmoved: Arc<Pace>,
    remembered: Arc<HashMap<ImportId, Remembered>>,
    /// By the clock that sets the imports' dates.
    server_time: Timestamp,
    now: Now,
}

impl Judge {
    fn judge(&self, import: Import, known: Option<&Watched>) -> Watched {
        let mut import = match known {
            Some(known) => import.or_known(&known.import),
            None => import,
        };
        let mut evidence = known.map_or_else(|| Evidence::of(&import.counts), |known| known.evidence.clone());
        if let Some(known) = known {
            let pruned = is_forgotten(&import.counts) && !is_forgotten(&known.import.counts);
            evidence.set_pruned(pruned);
            if pruned {
                import.counts = known.import.counts;
            }
            let before = (&known.import.counts, known.still || !known.verdict.is_unfinished());
            evidence = evidence.after(before, &import.counts, self.counting, self.now.up);
            let [then, now] = [&known.import, &import].map(|import| import.status.meaning());
            if now == Meaning::Cancelled && then != Meaning::Cancelled {
                evidence.cancelled(&known.import.counts);
            }
        }
        let same = known.filter(|known| known.import.counts == import.counts);
        let changed_at = same.map_or(self.now.up, |known| known.changed_at);
        let still = match known {
            None => self.had_finished(&import),
            Some(_) => same.is_some_and(|known| {
                let rest = self.now.since(changed_at.max(self.in_contact_since));
                known.still || rest >= self.rest(known)
            }),
        };
        // Retried rows have a pace of their own.
        let same_run = known.filter(|known| known.evidence.is_retried() == evidence.is_retried());
        let pace = Arc::clone(same_run.map_or(&self.unmoved, |known| &known.pace));
        let verdict = known.map_or(Verdict::Unknown, |known| known.verdict);
        let counting = known.map_or(Counting::Batch, |known| known.counting);
        let basis = Basis::Observed;
        let tally = Tally::default();
        let mut watched = Watched {
            digest: Digest::of(&import),
            import,
            tally,
            verdict,
            pace,
            evidence,
            basis,
            changed_at,
            still,
            in_trouble: false,
            failure_seen: known.is_some_and(|known| known.failure_seen),
            counting,
        };
        self.read(&mut watched, known.map(|known| &known.import.counts));
        let moving = watched.verdict.is_unfinished() || known.is_some_and(|k| k.verdict.is_unfinished());
        if known.is_none() && moving {
            watched.pace = self.remembered_pace(&watched).map_or(watched.pace, Arc::new);
        }
        if has_begun(&watched) && moving {
            self.observe(Arc::make_mut(&mut watched.pace), &watched.tally);
        }
        self.conclude(&mut watched);
        watched
    }

    /// How it moved before the program started.
    fn remembered_pace(&self, watched: &Watched) -> Option<Pace> {
        let Remembered { seen_at, pace } = self.remembered.get(&watched.import.id)?;
        Pace::restored(pace, self.now.age_of(*seen_at), self.now.up, watched.tally.tried())
    }

    /// Interprets the same numbers again, now that more is known about the server.
    fn read_again(&self, watched: &Watched) -> Watched {
        let mut again = watched.clone();
        self.read(&mut again, Some(&watched.import.counts));
        again
    }

    /// Interprets the numbers. A different interpretation is no progress: `before` are the earlier counts, to be
    /// reinterpreted too.
    fn read(&self, watched: &mut Watched, before: Option<&Counts>) {
        let meaning = watched.import.status.meaning();
        let reading = |counts: &Counts| watched.evidence.read(counts, meaning, self.counting, watched.still);
        let Reading { tally, counting, basis } = reading(&watched.import.counts);
        let observed = counting != watched.counting && watched.pace.last_observed().is_some();
        if let Some(tried) = before.filter(|_| observed).map(|before| reading(before).tally.tried()) {
            Arc::make_mut(&mut watched.pace).recount(tried);
        }
        (watched.tally, watched.counting, watched.basis) = (tally, counting, basis);
        self.conclude(watched);
    }

    /// The verdict, and whether it is trouble.
    fn conclude(&self, watched: &mut Watched) {
        watched.verdict = self.verdict(watched);
        watched.failure_seen &= watched.verdict == Verdict::Failed;
        let tally = &watched.tally;
        let recent = || self.untouched_for(&watched.import).is_none_or(|age| age < RECENT);
        watched.in_trouble = match watched.verdict {
            Verdict::Stalled => true,
            Verdict::Failed => !watched.failure_seen && recent(),
            Verdict::Running if tally.is_retrying() => false,
            Verdict::Running => tally.tried() >= ENOUGH_TRIED && tally.is_failing(),
            _ => false,
        };
    }

    fn verdict(&self, watched: &Watched) -> Verdict {
        let counts = &watched.import.counts;
        let ancient = || {
            let untouched = self.untouched_for(&watched.import).is_some_and(|age| age >= ANCIENT);
            untouched && is_forgotten(counts)
        };
        // Two polls decide: rows may move while the server's dates stand still.
        let untouched = || {
            watched.pace.was_observed_twice()
                && !watched.pace.has_moved()
                && self.untouched_for(&watched.import).is_some_and(|age| age >= LONG_UNTOUCHED)
        };
        let observed = Observed {
            // Retried rows that fail once more do not show in the numbers.
            stalled: has_begun(watched)
                && (watched.pace.is_stalled() || untouched())
                && !watched.tally.is_retrying(),
            rested: watched.still,
            doubtful: watched.evidence.is_doubtful(counts, self.counting),
            forgotten: watched.evidence.is_pruned() || ancient(),
        };
        Verdict::new(watched.import.status.meaning(), &watched.tally, observed)
    }

    /// How long numbers that may be final must not change before they count as final.
    fn rest(&self, known: &Watched) -> Duration {
        let (evidence, counts) = (&known.evidence, &known.import.counts);
        let rest = if evidence.is_unclear(counts) && self.counting != Some(Counting::Batch) {
            // An import near its end on a server that subtracts failures has the same numbers.
            known.pace.stalls_after()
        } else if evidence.is_doubtful(counts, self.counting) || known.tally.is_retrying() {
            // More rows may follow.
            let rate = known.pace.rate().and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok());
            let gap = known.pace.longest_gap().max(rate.unwrap_or_default()) * 5 / 2;
            if known.pace.knows_its_gaps() { gap } else { gap.max(UNKNOWN_REST) }
        } else {
            // Only the final status is missing.
            known.pace.longest_gap().min(WORD_REST)
        };
        let grows = known.evidence.grew_at().is_some_and(|at| self.now.since(at) < GROWING);
        rest.max(if grows { GROWING } else { SHORTEST_REST })
    }

    /// Whether an import seen for the first time has not been updated for long, by the server's clock.
    fn had_finished(&self, import: &Import) -> bool {
        let counts = &import.counts;
        // Either a retried batch that has finished, or an import near its end on a server with the other counting:
        // `updated_at` may not change while it runs, for longer the more rows there are.
        let unclear = self.counting.is_none() && Evidence::of(counts).is_unclear(counts);
        let rows = u32::try_from(counts.total.unwrap_or(0)).unwrap_or(u32::MAX);
        let long =
            if unclear { A_ROW.saturating_mul(rows).clamp(LONG_UNCLEAR, LONGEST_UNCLEAR) } else { LONG };
        self.untouched_for(import).is_some_and(|age| age >= long)
    }

    fn untouched_for(&self, import: &Import) -> Option<Duration> {
        let touched = import.updated_at.max(import.created_at)?;
        Some(Duration::try_from(self.server_time.duration_since(touched)).unwrap_or_default())
    }

    fn observe(&self, pace: &mut Pace, tally: &Tally) {
        if pace.last_observed().is_some_and(|at| at < self.in_contact_since) {
            pace.lost_contact();
        }
        pace.observe(self.now.up, tally.tried());
        pace.observe_failed(tally.failed());
    }
}

fn has_begun(watched: &Watched) -> bool {
    watched.import.status.meaning() == Meaning::Processing || watched.tally.tried() > 0
}

/// The counts of an import whose batch was deleted, and of one that has not started.
fn is_forgotten(counts: &Counts) -> bool {
    counts.total == Some(0) && counts.remaining.unwrap_or(0) == 0 && counts.failed.unwrap_or(0) == 0
}
