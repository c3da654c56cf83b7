//! An answer of the server merged into what is known: pure, the earlier snapshot stays as it is.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::imports::newness;
use super::{Health, LinkState, Snapshot, Watched};
use crate::domain::Now;
use crate::domain::import::{Import, ImportId, Meaning};
use crate::domain::pace::Pace;
use crate::domain::page::{Oddity, Page};
use crate::domain::tally::{Counting, Observed, Tally, Verdict};
use crate::domain::text::SafeText;

/// How long the status word is waited for once every row was tried.
const FINISHING: Duration = Duration::from_secs(60);
/// Kinds of oddity that are told apart.
const ODDITIES: usize = 200;
/// Words that imports share: more are not shared.
const WORDS: usize = 5_000;
/// Under this name the rest is counted.
const OTHER_ODDITIES: &str = "other oddities";

impl Snapshot {
    /// Takes in one good answer: its imports replace or join the known ones, everything else stays.
    ///
    /// What the answer does not tell of an import is kept from earlier ones. Imports that it does not hold are
    /// untouched: see [`Snapshot::without`].
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
        next.count_oddities(&page.oddities);
        next.merge(page.imports, now);
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

    fn count_oddities(&mut self, oddities: &[Oddity]) {
        if oddities.is_empty() {
            return;
        }
        let counts = Arc::make_mut(&mut self.oddities);
        for oddity in oddities {
            let known = counts.contains_key(&oddity.what) || counts.len() < ODDITIES;
            let what = if known { oddity.what.clone() } else { OTHER_ODDITIES.into() };
            let times = counts.entry(what).or_default();
            *times = times.saturating_add(oddity.times);
        }
    }

    fn merge(&mut self, mut imports: Vec<Import>, now: Now) {
        let mut seen = HashSet::with_capacity(imports.len());
        imports.retain(|import| seen.insert(import.id.clone()));
        self.learn_counting(&imports, now);
        let judge = self.judge(now);
        let count = self.imports.len();
        let sampled = self.imports.iter_from(Self::SAMPLED).next().cloned();
        for mut import in imports {
            import.share_words(&mut |word| self.keep_once(word));
            let known = self.imports.get(&import.id);
            let mut watched = judge.judge(import, known.map(AsRef::as_ref));
            if sampled.as_ref().is_some_and(|bound| newness(&watched) <= newness(bound)) {
                watched.import.drop_sample();
            }
            // What did not change stays the same allocation, so that readers can tell at a glance.
            if known.is_none_or(|known| **known != watched) {
                self.imports.put(Arc::new(watched));
            }
        }
        self.drop_samples(self.imports.len() - count);
    }

    /// Drops the samples of the imports before which so many new ones came.
    fn drop_samples(&mut self, new: usize) {
        let older = self.imports.iter_from(Self::SAMPLED).take(new);
        let sampled: Vec<_> =
            older.filter(|watched| !watched.import.failed_rows().is_empty()).cloned().collect();
        for mut watched in sampled {
            Arc::make_mut(&mut watched).import.drop_sample();
            self.imports.put(watched);
        }
    }

    /// Gives a word the allocation that other imports have of it.
    fn keep_once(&mut self, word: &mut SafeText) {
        if let Some(known) = self.words.get(word) {
            *word = known.clone();
        } else if self.words.len() < WORDS {
            Arc::make_mut(&mut self.words).insert(word.clone());
        }
    }

    /// Counts which way the imports show failures to be counted; when that settles it anew, every import is
    /// read again.
    fn learn_counting(&mut self, imports: &[Import], now: Now) {
        for import in imports {
            let before = self.get(&import.id).and_then(|known| shown_by(&known.import));
            let after = shown_by(import);
            if before != after {
                self.vote(before, usize::saturating_sub);
                self.vote(after, usize::saturating_add);
            }
        }
        let [batch, exclusive] = self.votes;
        let counting = match batch.cmp(&exclusive) {
            Ordering::Greater => Some(Counting::Batch),
            Ordering::Less => Some(Counting::Exclusive),
            Ordering::Equal => self.counting,
        };
        if counting.unwrap_or_default() != self.counting.unwrap_or_default() {
            let judge = Judge { counting, observed: false, ..self.judge(now) };
            for watched in &self.imports.clone() {
                let again = judge.judge(watched.import.clone(), Some(watched));
                if again != **watched {
                    self.imports.put(Arc::new(again));
                }
            }
        }
        self.counting = counting;
    }

    fn judge(&self, now: Now) -> Judge {
        Judge {
            counting: self.counting,
            observed: true,
            in_contact_since: self.in_contact_since,
            unmoved: Arc::clone(&self.unmoved),
            now,
        }
    }

    fn vote(&mut self, counting: Option<Counting>, cast: fn(usize, usize) -> usize) {
        let [batch, exclusive] = &mut self.votes;
        match counting {
            Some(Counting::Batch) => *batch = cast(*batch, 1),
            Some(Counting::Exclusive) => *exclusive = cast(*exclusive, 1),
            None => {}
        }
    }
}

fn shown_by(import: &Import) -> Option<Counting> {
    Counting::shown_by(&import.counts, import.status.meaning())
}

/// What the verdict on one import rests on besides its numbers.
struct Judge {
    /// How the server counts, where it has shown.
    counting: Option<Counting>,
    /// Whether the server was asked just now; otherwise only the reading of its numbers changed.
    observed: bool,
    in_contact_since: Duration,
    unmoved: Arc<Pace>,
    now: Now,
}

impl Judge {
    fn judge(&self, import: Import, known: Option<&Watched>) -> Watched {
        let import = match known {
            Some(known) => import.or_known(&known.import),
            None => import,
        };
        let meaning = import.status.meaning();
        let tally = Tally::new(&import.counts, shown_by(&import).or(self.counting).unwrap_or_default());
        let settled_at = tally.is_settled().then(|| known.and_then(|k| k.settled_at).unwrap_or(self.now.up));
        let long_settled = settled_at.is_some_and(|at| self.now.since(at) >= FINISHING)
            || match known {
                None => was_over_already(&import, self.now),
                Some(known) => known.tally.is_settled() && !known.verdict.is_unfinished(),
            };
        let verdict = |stalled| Verdict::new(meaning, &tally, Observed { stalled, long_settled });

        let has_begun = meaning == Meaning::Processing || tally.settled() > 0;
        let moving = verdict(false).is_unfinished() || known.is_some_and(|k| k.verdict.is_unfinished());
        let mut pace = Arc::clone(known.map_or(&self.unmoved, |known| &known.pace));
        if self.observed && has_begun && moving {
            self.observe(Arc::make_mut(&mut pace), tally.settled());
        } else if !self.observed && pace.last_observed().is_some() {
            Arc::make_mut(&mut pace).recount(tally.settled());
        }
        let verdict = match verdict(has_begun && pace.is_stalled()) {
            Verdict::Finishing if self.doubts(&import, known) => Verdict::Running,
            verdict => verdict,
        };
        Watched { import, tally, verdict, pace, settled_at }
    }

    /// Whether the rows may only look settled: as long as the counting is not known, numbers that say so under
    /// one counting and not under the other must stand still for once.
    fn doubts(&self, import: &Import, known: Option<&Watched>) -> bool {
        let ambiguous =
            self.counting.or_else(|| shown_by(import)).is_none() && import.counts.failed > Some(0);
        ambiguous && known.is_none_or(|known| known.import.counts != import.counts)
    }

    fn observe(&self, pace: &mut Pace, settled: u64) {
        if pace.last_observed().is_some_and(|at| at < self.in_contact_since) {
            pace.lost_contact();
        }
        pace.observe(self.now.up, settled);
    }
}

/// Whether an import whose rows are all settled when it is first seen has been so for long: nobody touched it.
fn was_over_already(import: &Import, now: Now) -> bool {
    let touched = import.updated_at.max(import.created_at);
    touched.is_some_and(|at| now.age_of(at) >= FINISHING)
}
