//! The whole run in a bounded number of points: older ones are thinned out as it goes on.

use std::time::Duration;

use super::Mark;

/// Points kept. Past it every second one goes.
const POINTS: usize = 120;
/// Moves that a slice should hold before its rate says something.
const MOVES_A_SLICE: u64 = 3;

/// Rows over time since shortly before the first move.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct History {
    marks: Vec<Mark>,
    spacing: Duration,
}

impl History {
    /// Adds the latest point.
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

    fn span(&self) -> Duration {
        match (self.marks.first(), self.marks.last()) {
            (Some(first), Some(last)) => last.up.saturating_sub(first.up),
            _ => Duration::ZERO,
        }
    }

    /// Rows per second in equal slices of the time, oldest first.
    pub(super) fn rates(&self, slices: usize) -> Vec<f64> {
        let Some(start) = self.marks.first() else { return Vec::new() };
        let slice = self.span().as_secs_f64() / slices.max(1) as f64;
        if slice <= 0.0 {
            return Vec::new();
        }
        let mut ahead = self.marks.iter().zip(self.marks.iter().skip(1)).peekable();
        let mut before = start.rows as f64;
        (1..=slices)
            .map(|nth| {
                let end = start.up.as_secs_f64() + slice * nth as f64;
                while ahead.len() > 1 && ahead.peek().is_some_and(|(_, to)| to.up.as_secs_f64() < end) {
                    ahead.next();
                }
                let rows = ahead.peek().map_or(before, |(from, to)| between(from, to, end)).max(before);
                let rate = (rows - before) / slice;
                before = rows;
                rate
            })
            .collect()
    }

    /// How much the rate strays over the run: the coefficient of variation over at most so many slices.
    pub(super) fn spread(&self, slices: usize, moves: u64) -> Option<f64> {
        let telling = usize::try_from(moves / MOVES_A_SLICE).unwrap_or(slices).clamp(2, slices.max(2));
        let rates = self.rates(telling);
        let count = rates.len() as f64;
        let mean = rates.iter().sum::<f64>() / count;
        let variance = rates.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Some(variance.sqrt() / mean).filter(|spread| spread.is_finite())
    }
}

/// Rows at a moment between two points (in seconds), on a straight line.
fn between(from: &Mark, to: &Mark, at: f64) -> f64 {
    let whole = to.up.saturating_sub(from.up).as_secs_f64();
    let part = if whole > 0.0 { ((at - from.up.as_secs_f64()) / whole).clamp(0.0, 1.0) } else { 1.0 };
    from.rows as f64 + to.rows.saturating_sub(from.rows) as f64 * part
}
