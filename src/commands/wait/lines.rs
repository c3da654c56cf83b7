//! Progress as lines for a log: at the start, at what changes, at the end of each import. Pure.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::wait_state::WaitState;
use crate::domain::Now;
use crate::domain::import::ImportId;
use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;
use crate::ui::format;

/// Up to this many imports are shown one by one; of more only their ends and the sum.
pub(super) const HANDFUL: usize = 5;
/// A line is printed after this time even if nothing changed.
const SILENCE: Duration = Duration::from_secs(60);
/// Per cent between two lines of one import.
const STEP: u8 = 10;

/// What was printed so far.
#[derive(Debug, Default)]
pub(super) struct Lines {
    printed: HashMap<ImportId, Printed>,
    /// Of the sum, if imports are not shown one by one.
    step: u8,
    began: Option<Duration>,
    last: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Printed {
    step: u8,
    verdict: Verdict,
}

impl Lines {
    /// The lines for what has changed.
    pub(super) fn changes(&mut self, wait_state: &WaitState, now: Now) -> Vec<String> {
        let mut lines = Vec::new();
        let (settled, wanted) = wait_state.settled();
        let first = self.began.is_none();
        if first && wait_state.imports().next().is_some() {
            self.began = Some(now.up);
            lines.push(format!("waiting for {}", imports(wanted)));
        }
        let one_by_one = wanted <= HANDFUL;
        for watched in wait_state.imports() {
            lines.extend(self.of_one(watched, one_by_one, now));
        }
        let step = sum(wait_state).1 / STEP;
        let silent = now.since(self.last) >= SILENCE;
        let of_all = (!one_by_one && step > self.step) || (silent && lines.is_empty() && !first);
        if of_all && settled < wanted {
            lines.push(summary(wait_state));
        }
        self.step = self.step.max(step);
        if !lines.is_empty() {
            self.last = now.up;
        }
        lines
    }

    /// The lines for the imports that have finished since.
    pub(super) fn finished(&mut self, wait_state: &WaitState, now: Now) -> Vec<String> {
        if wait_state.imports().next().is_some() {
            self.began.get_or_insert(now.up);
        }
        let finished = wait_state.imports().filter(|watched| !watched.verdict.is_unfinished());
        finished.filter_map(|watched| self.of_one(watched, false, now)).collect()
    }

    fn of_one(&mut self, watched: &Arc<Watched>, one_by_one: bool, now: Now) -> Option<String> {
        let id = &watched.import.id;
        let new = Printed { step: watched.tally.percent().unwrap_or(0) / STEP, verdict: watched.verdict };
        let old = self.printed.insert(id.clone(), new);
        if !watched.verdict.is_unfinished() {
            let after = now.since(self.began.unwrap_or(now.up));
            let was_finished = old.is_some_and(|old| !old.verdict.is_unfinished());
            return (!was_finished).then(|| format!("{} {}", name(watched), end(watched, after)));
        }
        let has_changed = match old {
            None => one_by_one,
            Some(old) => {
                let stalled = (old.verdict == Verdict::Stalled) != (new.verdict == Verdict::Stalled);
                stalled || (one_by_one && new.step > old.step)
            }
        };
        has_changed.then(|| format!("{} {}", name(watched), describe(watched)))
    }
}

/// `clients 065680d5-…:`, with the full UUID, so that it can be searched for.
fn name(watched: &Watched) -> String {
    format!("{} {}:", watched.import.kind.label(), watched.import.id)
}

/// `58%, 1m48s left, 12 failed, 1,216 of 2,104 rows, 8.2/s`: the most important first, because the end may be cut off.
pub(super) fn describe(watched: &Watched) -> String {
    let tally = &watched.tally;
    let mut text = match watched.verdict {
        Verdict::Stalled if watched.is_stall_guessed() => "probably stalled, ".to_owned(),
        Verdict::Stalled => format!("stalled for {}, ", format::duration_short(watched.pace.quiet_for())),
        Verdict::Running => String::new(),
        other => format!("{other}, "),
    };
    text.push_str(format::progress(tally).as_deref().unwrap_or("how far is not known"));
    let runs = watched.verdict == Verdict::Running;
    if let Some(eta) = tally.pending().and_then(|pending| watched.pace.eta(pending)).filter(|_| runs) {
        text.push_str(&format!(", {} left", format::eta(eta, '-')));
    }
    if tally.failed() > 0 {
        text.push_str(&format!(", {} failed", format::count(tally.failed())));
    }
    let (tried, total) = (format::count(tally.tried()), format::count(tally.total()));
    text.push_str(&format!(", {tried} of {total} rows"));
    if let Some(rate) = watched.pace.rate().filter(|_| runs) {
        text.push_str(&format!(", {}", format::rate(rate)));
    }
    text
}

/// `done after 3m12s: 1,000 succeeded`.
fn end(watched: &Watched, after: Duration) -> String {
    let tally = &watched.tally;
    let word = match watched.verdict {
        Verdict::Failed => "failed",
        Verdict::Cancelled => "cancelled",
        _ => "done",
    };
    let after = if after.is_zero() { String::new() } else { format!(" after {}", format::duration(after)) };
    let failed = match tally.failed() {
        0 => String::new(),
        failed => format!(", {} failed", format::count(failed)),
    };
    if watched.verdict == Verdict::Cancelled {
        let parts: Vec<String> = tally.describe().into_iter().flatten().collect();
        return format!("{word}{after}: {}", parts.join(", "));
    }
    let pending = match tally.pending() {
        None | Some(0) => String::new(),
        Some(pending) => format!(", {} never tried", format::count(pending)),
    };
    let succeeded = format::count(tally.succeeded().unwrap_or(0));
    format!("{word}{after}: {succeeded} succeeded{failed}{pending}")
}

/// The rows of all imports that are known to have been tried, and the percentage, rounded down.
pub(super) fn sum(wait_state: &WaitState) -> (u64, u8) {
    let add = |part: fn(&Watched) -> u64| wait_state.imports().map(|w| part(w)).fold(0, u64::saturating_add);
    let (tried, total) = (add(|w| w.tally.tried()), add(|w| w.tally.total()));
    let percent = (u128::from(tried) * 100).checked_div(u128::from(total)).unwrap_or(0);
    (tried, u8::try_from(percent).unwrap_or(100))
}

pub(super) fn summary(wait_state: &WaitState) -> String {
    let (settled, wanted) = wait_state.settled();
    let (rows, percent) = sum(wait_state);
    format!("{settled} of {} settled, {percent}%, {} rows done", imports(wanted), format::count(rows))
}

/// `1 import`, `3 imports`.
pub(super) fn imports(number: usize) -> String {
    format!("{} {}", format::count(number as u64), if number == 1 { "import" } else { "imports" })
}
