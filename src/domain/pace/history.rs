//! The whole run in a bounded number of points: older ones are thinned out as it continues.

use std::time::Duration;

use super::Mark;

/// Points kept; beyond that every second one is dropped.
const POINTS: usize = 120;
/// Slices over which the spread is taken: few enough to forgive bursts, enough to show an erratic pace.
const SLICES: usize = 8;

/// Rows over time since shortly before the first move.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct History {
    marks: Vec<Mark>,
    spacing: Duration,
}

impl History {
    pub(super) fn push(&mut self, mark: Mark) {
        // The last point is always the latest; it gives way while it is too near to the one before it.
        let anchor = self.marks.len().checked_sub(2).and_then(|at| self.marks.get(at));
        if anchor.is_some_and(|anchor| mark.up.saturating_sub(anchor.up) < self.spacing) {
            self.marks.pop();
        }
        self.marks.push(mark);
        if self.marks.len() > POINTS {
            let mut at = 0;
            self.marks.retain(|_| {
                at += 1;
                at % 2 == 1 || at > POINTS
            });
            self.spacing = self.span() * 2 / POINTS as u32;
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.marks.len()
    }

    pub(super) fn span(&self) -> Duration {
        match (self.marks.first(), self.marks.last()) {
            (Some(first), Some(last)) => last.up.saturating_sub(first.up),
            _ => Duration::ZERO,
        }
    }

    /// Rows per second in equal slices of the time, oldest first.
    pub(super) fn rates(&self, slices: usize) -> Vec<f64> {
        self.slices(slices).map(|slice| slice.rate).collect()
    }

    fn slices(&self, slices: usize) -> impl Iterator<Item = Slice> {
        let start = self.marks.first().copied().unwrap_or_default();
        let length = self.span().as_secs_f64() / slices.max(1) as f64;
        let mut segments = self.marks.iter().zip(self.marks.iter().skip(1)).peekable();
        let mut before = start.rows as f64;
        let count = if length > 0.0 { slices } else { 0 };
        (1..=count).map(move |nth| {
            let end = start.up.as_secs_f64() + length * nth as f64;
            let mut seen = false;
            while segments.len() > 1 && segments.peek().is_some_and(|(_, to)| to.up.as_secs_f64() < end) {
                segments.next();
                seen = true;
            }
            let rows = segments.peek().map_or(before, |(from, to)| between(from, to, end)).max(before);
            let rate = (rows - before) / length;
            before = rows;
            Slice { rate, seen: seen || nth == count }
        })
    }

    /// The coefficient of variation of the rate over the run's slices.
    ///
    /// Unobserved slices look steadier than they may have been, so the spread is at least that of the others; `None` if
    /// those are too few.
    pub(super) fn spread(&self) -> Option<f64> {
        let all: Vec<_> = self.slices(SLICES).collect();
        let seen: Vec<_> = all.iter().filter(|slice| slice.seen).map(|slice| slice.rate).collect();
        let all: Vec<_> = all.iter().map(|slice| slice.rate).collect();
        let enough = seen.len() * 2 >= SLICES;
        enough.then(|| variation(&all).max(variation(&seen))).filter(|spread| spread.is_finite())
    }
}

/// The coefficient of variation.
fn variation(rates: &[f64]) -> f64 {
    let count = rates.len() as f64;
    let mean = rates.iter().sum::<f64>() / count;
    let variance = rates.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / (count - 1.0);
    variance.sqrt() / mean
}

struct Slice {
    /// Rows per second.
    rate: f64,
    /// It was observed; otherwise the rate is that of a longer time.
    seen: bool,
}

/// Rows at a moment between two points (in seconds), on a straight line.
fn between(from: &Mark, to: &Mark, at: f64) -> f64 {
    let whole = to.up.saturating_sub(from.up).as_secs_f64();
    let part = if whole > 0.0 { ((at - from.up.as_secs_f64()) / whole).clamp(0.0, 1.0) } else { 1.0 };
    from.rows as f64 + to.rows.saturating_sub(from.rows) as f64 * part
}
