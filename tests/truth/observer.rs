//! Compares what is shown with what is true, poll after poll.

use std::collections::HashMap;
use std::time::Duration;

use plannr_tui::domain::evidence::Basis;
use plannr_tui::domain::import::ImportId;
use plannr_tui::domain::snapshot::{Snapshot, Watched};
use plannr_tui::domain::tally::Verdict;
use plannr_tui::simulator::{Ending, Life, Phase, Shape, Truth, World};

use crate::figures::{Figures, HalfWay, Wrong};

/// When each import was last in an answer, and the time before.
pub(crate) type Answered = HashMap<ImportId, (f64, f64)>;

/// An import's own gap counts as this long at least.
const SHORTEST_GAP: f64 = 10.0;
/// Polls further apart than this: contact was lost.
const LOST: f64 = 6.0;
/// Moves it takes to know an import's own gap. One that stalls sooner is given this long, in gaps and seconds.
const KNOWN_BY: u32 = 9;
const UNKNOWN: (f64, f64) = (6.0, 96.0);
/// Nothing changes any more so long after the end.
const SETTLING: f64 = 20.0;

/// An outage that ends later never does.
const HANGS: f64 = 1e6;

/// How long after its last row an import may be shown as unfinished: three seconds or three of its gaps, ten where it is
/// not known how the server counts; longer while its total grows; and two polls.
pub(crate) fn patience(life: &Life) -> f64 {
    let gap = life.usual_gap().as_secs_f64();
    let doubtful =
        if life.truth(life.rests_from()).is_some_and(|truth| truth.failed > 0) { 10.0 } else { 3.0 };
    let grows = if life.shape() == Shape::Growing { 60.0 } else { 0.0 };
    f64::max(3.0 * gap, doubtful).max(grows) + 4.0
}

/// Looks at every poll of one world.
pub(crate) struct Observer<'a> {
    lives: Vec<Seen<'a>>,
    polls: u64,
    polled: Polled,
}

/// When the last polls succeeded.
struct Polled {
    now: f64,
    before: f64,
    /// When contact was found again.
    found_again: f64,
}

/// One life and what was seen of it.
struct Seen<'a> {
    life: &'a Life,
    id: ImportId,
    ended_at: f64,
    /// What is true for ever, once it is.
    end: Option<Truth>,
    /// Time in contact since it last moved, and when that was.
    quiet: f64,
    moved_at: f64,
    /// Polls in contact at which it had moved.
    moves: u32,
    half_way: Option<HalfWay>,
    stall_shown: bool,
    misread: bool,
    found_again: f64,
}

impl<'a> Observer<'a> {
    pub(crate) fn new(world: &World, lives: &'a [Life]) -> Self {
        let lives = lives.iter().zip(world.uuids(Duration::MAX)).map(|(life, id)| Seen {
            life,
            id: ImportId::new(&id).unwrap(),
            ended_at: life.ended_at(),
            end: None,
            quiet: 0.0,
            moved_at: f64::NEG_INFINITY,
            moves: 0,
            half_way: None,
            stall_shown: false,
            misread: false,
            found_again: f64::NEG_INFINITY,
        });
        let polled = Polled { now: 0.0, before: 0.0, found_again: f64::NEG_INFINITY };
        Self { lives: lives.collect(), polls: 0, polled }
    }

    pub(crate) fn all_over(&self) -> bool {
        self.lives.iter().all(|seen| seen.end.is_some())
    }

    /// Looks at a snapshot, if it comes from a poll that succeeded.
    pub(crate) fn look(&mut self, snapshot: &Snapshot, answered: &Answered, now: f64, figures: &mut Figures) {
        if snapshot.health.polls == self.polls {
            return;
        }
        self.polls = snapshot.health.polls;
        let lost = now - self.polled.now > LOST;
        let found_again = if lost { now } else { self.polled.found_again };
        self.polled = Polled { now, before: self.polled.now, found_again };
        for seen in &mut self.lives {
            seen.look(snapshot, answered, &self.polled, figures);
        }
    }

    pub(crate) fn leave(self, figures: &mut Figures) {
        for seen in self.lives {
            let sum = figures.of(seen.life.shape());
            sum.lives += 1;
            sum.misread += u64::from(seen.misread);
            sum.half_way.extend(seen.half_way);
        }
    }
}

fn over(truth: &Truth) -> Verdict {
    if truth.failed > 0 { Verdict::DoneWithFailures } else { Verdict::Done }
}

impl Seen<'_> {
    fn look(&mut self, snapshot: &Snapshot, answered: &Answered, polled: &Polled, figures: &mut Figures) {
        let now = polled.now;
        let Some(truth) = self.end.take().or_else(|| self.life.truth(now)) else { return };
        self.note_quiet(&truth, polled);
        self.found_again = polled.found_again;
        match snapshot.get(&self.id) {
            Some(watched) => {
                figures.looks += 1;
                let (before, latest) = answered.get(&self.id).copied().unwrap_or_default();
                // What is over is not asked for any more, or later: what happens to it then nobody can see.
                let asked = Polled { before, now: latest, found_again: polled.found_again };
                // What happened while contact was lost looks like anything else that may happen, and is marked.
                let unseen = watched.basis == Basis::Assumed
                    && (truth.retried_to.is_some() && watched.verdict == Verdict::DoneWithFailures
                        || watched.evidence.is_pruned()
                            && matches!(watched.verdict, Verdict::Unknown | Verdict::Done));
                figures.assumed += u64::from(unseen);
                if latest > polled.before && !unseen && !self.fits_lately(watched.verdict, &truth, &asked) {
                    let wrong = match truth.phase {
                        Phase::Settled | Phase::Ended if watched.verdict.is_unfinished() => Wrong::Unfinished,
                        _ => Wrong::Verdict,
                    };
                    let counts = watched.import.counts;
                    let what = format!(
                        "{:?}, shown as {}: {:?}/{:?}/{:?} {}, {:?}, failed in truth {}, retried {:?}",
                        truth.phase,
                        watched.verdict,
                        counts.total.unwrap_or(0),
                        counts.remaining.unwrap_or(0),
                        counts.failed.unwrap_or(0),
                        watched.import.status.as_str(),
                        snapshot.counting,
                        truth.failed,
                        truth.retried_from,
                    );
                    figures.wrong(wrong, &self.describe(now), &what);
                }
                if let Some(truth) = self.life.truth(latest) {
                    self.check_numbers(watched, &truth, now, figures);
                }
                self.check_stall(watched, &truth, now, figures);
                self.note_half_way(watched, &truth, polled);
            }
            None if self.life.truth(polled.before).is_some() && polled.before > 0.0 => {
                figures.wrong(Wrong::Verdict, &self.describe(now), "not shown");
            }
            None => {}
        }
        let hangs = self.stall_shown && truth.outage.is_some_and(|(_, to)| to > HANGS);
        self.end = Some(truth).filter(|_| hangs || now > self.life.rests_from() + SETTLING);
    }

    fn describe(&self, now: f64) -> String {
        let (shape, start) = (self.life.shape(), self.life.starts_at());
        format!("{shape:?} {} begun at {start:.0} s, at {now:.0} s, quiet for {:.0} s", self.id, self.quiet)
    }

    fn note_quiet(&mut self, truth: &Truth, polled: &Polled) {
        let in_contact = if polled.found_again == polled.now { 0.0 } else { polled.now - polled.before };
        if truth.moved_at > self.moved_at {
            self.moved_at = truth.moved_at;
            self.quiet = (polled.now - truth.moved_at).min(in_contact);
            self.moves += u32::from(in_contact > 0.0);
        } else {
            self.quiet += in_contact;
        }
    }

    /// Whether a verdict is right of any moment since the poll before: two polls after the fact it must be.
    fn fits_lately(&self, verdict: Verdict, truth: &Truth, polled: &Polled) -> bool {
        let fits_at = |at: f64| self.life.truth(at).is_some_and(|truth| self.fits(verdict, at, &truth));
        let part = |nth: i32| polled.before + (polled.now - polled.before) * f64::from(nth) / 8.0;
        self.fits(verdict, polled.now, truth) || (0..8).map(part).any(fits_at)
    }

    fn fits(&self, verdict: Verdict, at: f64, truth: &Truth) -> bool {
        match truth.phase {
            Phase::Waiting => verdict == Verdict::Queued,
            // Rows are tried again; a word that is final is believed.
            Phase::Running if truth.retried_from.is_some() => {
                verdict == Verdict::Running
                    || verdict == Verdict::Finishing
                    || self.has_final_word(at, verdict)
            }
            Phase::Running => {
                // Nobody can know how long a pause of an erratic import will be.
                let pause = self.life.shape() == Shape::Erratic && self.quiet > 2.0 * SHORTEST_GAP;
                // After an outage nothing is to be seen before the next row.
                let after = |(from, to)| at >= to && truth.moved_at <= from + 0.1;
                verdict == Verdict::Running
                    || (verdict == Verdict::Stalled && (pause || truth.outage.is_some_and(after)))
            }
            Phase::Outage => matches!(verdict, Verdict::Running | Verdict::Stalled),
            // By the word, or by standing still.
            Phase::Settled => verdict == over(truth) || self.may_be_unfinished(verdict, at, truth),
            Phase::Ended => match truth.ending {
                Ending::Completed => {
                    let wordless = self.life.is_wordless() || truth.retried_to.is_some();
                    if self.has_final_word(at, verdict) && truth.retried_to.is_some() {
                        return true;
                    }
                    verdict == over(truth) || (wordless && self.may_be_unfinished(verdict, at, truth))
                }
                Ending::Died(_) => verdict == Verdict::Failed,
                Ending::Cancelled(_) => verdict == Verdict::Cancelled,
            },
        }
    }

    fn has_final_word(&self, at: f64, verdict: Verdict) -> bool {
        let over = matches!(verdict, Verdict::Done | Verdict::DoneWithFailures);
        over && !self.life.is_wordless() && at >= self.ended_at
    }

    /// Whether it has not been at rest for long: whether its numbers are the last ones nobody can know yet.
    fn may_be_unfinished(&self, verdict: Verdict, at: f64, truth: &Truth) -> bool {
        let since = truth.retried_to.or(truth.settled_at).unwrap_or(truth.ended_at).max(self.found_again);
        matches!(verdict, Verdict::Finishing | Verdict::Running) && at <= since + patience(self.life)
    }

    fn check_numbers(&mut self, watched: &Watched, truth: &Truth, now: f64, figures: &mut Figures) {
        let tally = &watched.tally;
        let parts = [tally.succeeded(), Some(tally.failed()), tally.pending()];
        let known: u64 = parts.iter().flatten().sum();
        let adds_up = known <= tally.total() && (parts.contains(&None) || known == tally.total());
        let adds_up = adds_up && tally.percent().is_none_or(|percent| percent <= 100);
        let exact = match watched.verdict {
            // What was counted before is what is said.
            Verdict::Cancelled => {
                tally.succeeded().is_none_or(|succeeded| succeeded <= truth.succeeded)
                    && tally.failed() <= truth.failed
            }
            _ if tally.is_retrying() => {
                let failed = truth.failed..=truth.failed + truth.pending;
                tally.succeeded() == Some(truth.succeeded) && failed.contains(&tally.failed())
            }
            _ => parts == [truth.succeeded, truth.failed, truth.pending].map(Some),
        };
        let certain = watched.basis == Basis::Observed;
        figures.assumed += u64::from(!certain && !exact);
        if !adds_up || tally.total() > truth.total || (certain && !exact) {
            figures.wrong(Wrong::Counts, &self.describe(now), &format!("{tally:?}, in truth {truth:?}"));
        }
        self.misread |= !exact;
    }

    /// Stalled is said within three times the import's own gap, if that can be known by then.
    fn check_stall(&mut self, watched: &Watched, truth: &Truth, now: f64, figures: &mut Figures) {
        if truth.phase != Phase::Outage || self.stall_shown {
            return;
        }
        let gap = truth.usual_gap.as_secs_f64().max(SHORTEST_GAP);
        let known = self.moves >= KNOWN_BY;
        let latest = if known { 3.0 * gap } else { (UNKNOWN.0 * gap).max(UNKNOWN.1) };
        self.stall_shown = watched.verdict == Verdict::Stalled;
        if self.stall_shown {
            let sum = figures.of(self.life.shape());
            let stalls = if known { &mut sum.stalls } else { &mut sum.early_stalls };
            stalls.push(self.quiet / gap);
        } else if self.quiet > latest {
            figures.wrong(Wrong::Verdict, &self.describe(now), "stalled, not said in time");
        }
    }

    /// The end predicted when half of the rows are done; not where contact was lost just then.
    fn note_half_way(&mut self, watched: &Watched, truth: &Truth, polled: &Polled) {
        let done = (truth.succeeded + truth.failed) as f64 / truth.total.max(1) as f64;
        let Some(end) = truth.settled_at else { return };
        if self.half_way.is_some() || !(0.5..0.6).contains(&done) || polled.now < polled.found_again + LOST {
            return;
        }
        let left = end - polled.now;
        let eta = watched.tally.pending().and_then(|pending| watched.pace.eta(pending));
        self.half_way = Some(eta.map_or(HalfWay::Nothing, |eta| {
            let middle = (eta.soonest + eta.latest).as_secs_f64() / 2.0;
            let error = (middle / left - 1.0).abs();
            if eta.soonest == eta.latest { HalfWay::Moment(error) } else { HalfWay::Range(error) }
        }));
    }
}
