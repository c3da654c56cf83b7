//! Rows settled over time for each shape: monotone (but for the one step back), continuous pieces, any point at once.

use crate::simulator::dice::{dice, unit};

use super::Shape;

/// How far the rate strays from the mean, as a share of it.
const WOBBLE: f64 = 0.25;
/// How much the start of a burst moves within the free part of its period.
const BURST_SCATTER: f64 = 0.3;

/// Rows settled as a function of the seconds since the start.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    seed: u64,
    shape: Shape,
    rows: u64,
    rate: f64,
    /// Seconds over which the rate stays the same; a burst's period for `Bursty`.
    beat: f64,
    /// The share of a period in which a burst happens; 1 where there are none.
    duty: f64,
    /// Since when, and for how long, nothing moves.
    outage: Option<(f64, f64)>,
    /// When, and how many rows, are put back.
    back: Option<(f64, u64)>,
    /// The corners of an erratic run.
    knots: Box<[Knot]>,
    length: f64,
    usual_gap: f64,
}

#[derive(Clone, Copy, Debug)]
struct Knot {
    at: f64,
    rows: f64,
}

impl Curve {
    pub(super) fn new(seed: u64, shape: Shape, rows: u64, rows_per_second: f64) -> Curve {
        let rate = if rows_per_second.is_finite() { rows_per_second.max(1e-3) } else { 1.0 };
        let expected = rows as f64 / rate;
        let mut curve = Curve {
            seed,
            shape,
            rows,
            rate,
            beat: (expected / 12.0).clamp(1e-3, 12.0),
            duty: 1.0,
            outage: None,
            back: None,
            knots: Box::default(),
            length: 0.0,
            usual_gap: 0.0,
        };
        match shape {
            Shape::Steady | Shape::Growing => {}
            Shape::Bursty => {
                curve.beat =
                    (6.0 + 14.0 * unit(curve.seed, 1)).max(4.0 / rate).min((expected / 6.0).max(1e-3));
                curve.duty = 0.12 + 0.3 * unit(curve.seed, 2);
            }
            Shape::Stalling => {
                let seconds = (150.0_f64).max(60.0 / rate) * (1.0 + unit(curve.seed, 3));
                curve.set_outage(0.35 + 0.3 * unit(curve.seed, 4), seconds);
            }
            Shape::GoingBack => {
                let at = curve.reaches(rows as f64 * (0.4 + 0.4 * unit(curve.seed, 5)));
                let settled = curve.smooth(at);
                let put_back = (settled * (0.08 + 0.12 * unit(curve.seed, 6))).ceil().min(settled.floor());
                curve.back = Some((at, put_back as u64));
            }
            Shape::Erratic => curve.knots = curve.corners(expected),
        }
        curve.measure();
        curve
    }

    /// The same rows in this share of the time.
    pub(super) fn squeezed(self, share: f64) -> Curve {
        let rate = self.rate / share;
        let outage = self.outage.map(|(from, seconds)| (from * share, seconds * share));
        let mut curve = Curve::new(self.seed, self.shape, self.rows, rate);
        curve.outage = outage;
        curve.measure();
        curve
    }

    pub(super) fn set_outage(&mut self, share: f64, seconds: f64) {
        self.outage = Some((self.reaches(self.rows as f64 * share.clamp(0.0, 1.0)), seconds.max(0.0)));
        self.measure();
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// Seconds from the start to the last row.
    pub(super) fn length(&self) -> f64 {
        self.length
    }

    pub(super) fn usual_gap(&self) -> f64 {
        self.usual_gap
    }

    /// From when to when nothing moves, in seconds since the start.
    pub(super) fn outage(&self) -> Option<(f64, f64)> {
        self.outage.map(|(from, seconds)| (from, from + seconds))
    }

    /// The rows known of after `x` seconds.
    pub(super) fn total(&self, x: f64) -> u64 {
        if self.shape != Shape::Growing {
            return self.rows;
        }
        // The file is read in eighths, well ahead of the rows being settled.
        let chunk = self.rows.div_ceil(8).max(1);
        let read = self.rows as f64 * 0.25 + self.rate * 1.5 * x;
        (read as u64 / chunk * chunk).saturating_add(chunk).min(self.rows)
    }

    /// The rows settled after `x` seconds, successes and failures.
    pub(super) fn settled(&self, x: f64) -> u64 {
        if x >= self.length {
            return self.rows;
        }
        let moved = self.smooth(self.without_outage(x)) as u64;
        let put_back = self.back.filter(|(at, _)| x >= *at).map_or(0, |(_, rows)| rows);
        moved.saturating_sub(put_back).min(self.rows.saturating_sub(1)).min(self.total(x))
    }

    /// When, at or before `x`, the number of settled rows last changed.
    pub(super) fn moved_at(&self, x: f64) -> f64 {
        if x >= self.length {
            return self.length;
        }
        let put_back = self.back.filter(|(at, _)| x >= *at);
        let settled = self.settled(x) + put_back.map_or(0, |(_, rows)| rows);
        let reached = if settled == 0 { 0.0 } else { self.with_outage(self.reaches(settled as f64)) };
        reached.max(put_back.map_or(0.0, |(at, _)| at)).min(x)
    }

    /// When this share of the rows is settled.
    pub(super) fn time_of_share(&self, share: f64) -> f64 {
        self.with_outage(self.reaches(self.rows as f64 * share))
    }

    fn measure(&mut self) {
        let again = self.back.map_or(0, |(_, rows)| rows);
        self.length =
            if self.rows == 0 { 0.0 } else { self.with_outage(self.reaches((self.rows + again) as f64)) };
        self.usual_gap = self.longest_gap();
    }

    fn without_outage(&self, x: f64) -> f64 {
        match self.outage {
            Some((from, seconds)) if x > from => (x - seconds).max(from),
            _ => x,
        }
    }

    fn with_outage(&self, x: f64) -> f64 {
        match self.outage {
            Some((from, seconds)) if x > from => x + seconds,
            _ => x,
        }
    }

    /// Rows moved after `x` seconds, were there no outage and nothing put back.
    fn smooth(&self, x: f64) -> f64 {
        if x <= 0.0 {
            0.0
        } else if self.knots.is_empty() {
            self.rate * self.beat * self.beats(x / self.beat)
        } else {
            between(&self.knots, x, self.rate, |knot| (knot.at, knot.rows))
        }
    }

    /// Beats of equal time, with unequal numbers of rows that even out: the sum to any beat is known at once.
    fn beats(&self, y: f64) -> f64 {
        let beat = y.floor();
        let start = BURST_SCATTER * (1.0 - self.duty) * unit(self.seed ^ 0xb0, beat as u64);
        let share = ((y - beat - start) / self.duty).clamp(0.0, 1.0);
        let (from, to) = (self.level(beat), self.level(beat + 1.0));
        from + (to - from) * share
    }

    fn level(&self, beat: f64) -> f64 {
        if beat <= 0.0 { 0.0 } else { beat + WOBBLE * unit(self.seed, (beat as u64).wrapping_add(100)) }
    }

    /// The first moment at which `smooth` is at least `rows`.
    fn reaches(&self, rows: f64) -> f64 {
        if !self.knots.is_empty() {
            return between(&self.knots, rows, 1.0 / self.rate, |knot| (knot.rows, knot.at));
        }
        let (mut low, mut high) = (0.0, rows / self.rate + self.beat);
        while self.smooth(high) < rows {
            high *= 2.0;
        }
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.smooth(middle) < rows { low = middle } else { high = middle }
        }
        high
    }

    fn longest_gap(&self) -> f64 {
        let slowest = 1.0 / (self.rate * (1.0 - WOBBLE));
        if !self.knots.is_empty() {
            return self.longest_erratic_gap();
        }
        if self.duty < 1.0 {
            return self.beat * (1.0 - self.duty) * (1.0 + BURST_SCATTER) + slowest * self.duty;
        }
        slowest
    }

    /// Over all corners, the wait between the rows before and after; and the slowest stretch.
    fn longest_erratic_gap(&self) -> f64 {
        let all = self.rows as f64;
        let corners = self.knots.iter().map(|knot| {
            let before = knot.rows.floor().min(all - 1.0).max(0.0);
            let after = (knot.rows + 1.0).floor().min(all);
            self.reaches(after + 1e-9) - self.reaches(before)
        });
        let stretches = self.knots.windows(2).filter_map(|pair| match pair {
            [a, b] if b.rows - a.rows >= 1.0 => Some((b.at - a.at) / (b.rows - a.rows)),
            _ => None,
        });
        corners.chain(stretches).fold(1.0 / self.rate, f64::max)
    }

    /// Stretches of wildly different rates, and between them pauses of any length (a Pareto tail).
    fn corners(&self, expected: f64) -> Box<[Knot]> {
        let mut dice = dice(self.seed, 7);
        let all = self.rows as f64;
        let mut knot = Knot { at: 0.0, rows: 0.0 };
        let mut knots = vec![knot];
        while knot.rows < all && knots.len() < 96 {
            let rows = (all * (0.02 + 0.1 * dice.f64())).max(1.0).min(all - knot.rows);
            let rate = self.rate * (dice.f64() * 5.5 - 2.5).exp2();
            knot = Knot { at: knot.at + rows / rate, rows: knot.rows + rows };
            knots.push(knot);
            if dice.f64() < 0.6 {
                let pause = expected / 30.0 * ((1.0 - dice.f64()).powf(-1.0 / 1.2) - 1.0);
                knot.at += pause.min(expected);
                knots.push(knot);
            }
        }
        knots.into()
    }
}

/// Reads a line through corners at `x`, going on past the last one with `slope`. Where it is upright at `x`, its foot.
fn between(knots: &[Knot], x: f64, slope: f64, axes: impl Fn(&Knot) -> (f64, f64)) -> f64 {
    let after = knots.partition_point(|knot| axes(knot).0 < x);
    let Some((x0, y0)) = after.checked_sub(1).and_then(|before| knots.get(before)).map(&axes) else {
        return 0.0;
    };
    match knots.get(after).map(&axes) {
        Some((x1, y1)) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        None => y0 + (x - x0) * slope,
    }
}
