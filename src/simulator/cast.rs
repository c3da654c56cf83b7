//! Which imports there are: those done before the world begins, those running then, those that start later.

mod pairs;

use super::dice::{dice, mix, unit};
use super::import::Import;
use super::kinds::KINDS;
use super::life::{Ending, Life, Shape};

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// Documented first; `validate` seldom.
const MODES: [&str; 5] = ["store", "update", "store", "validate", "store"];

/// Finished imports of the last 30 days, `count` of them. `begins_at` is the second of the (UTC) day at world time 0.
pub(super) fn history(seed: u64, count: usize, begins_at: i64) -> Vec<Import> {
    let mut imports: Vec<Import> = (0..count as u64).map(|nth| past(seed, nth, begins_at)).collect();
    pairs::put_into(&mut imports, seed, begins_at);
    imports
}

/// `count` finished imports of the month before those of [`history`].
pub(super) fn older(seed: u64, count: usize, begins_at: i64) -> Vec<Import> {
    let imports = history(mix(seed, 0x01d), count, begins_at).into_iter();
    imports.map(|import| import.earlier(31.0 * DAY)).collect()
}

fn past(seed: u64, nth: u64, begins_at: i64) -> Import {
    let mut dice = dice(seed, 0x9a57 + nth);
    // Most files have hundreds or a few thousand rows, few have five or sixty thousand.
    let rows = (5.5 + 3.0 * (dice.f64() + dice.f64() + dice.f64())).exp2() as u64;
    let rows = match nth % 30 {
        11 => 60_000 - dice.u64(0..15_000),
        4 => 5 + dice.u64(0..9),
        _ => rows.clamp(5, 30_000),
    };
    let rate = (dice.f64() * 5.0 - 0.5).exp2().max(rows as f64 / (2.0 * HOUR));
    let shape = dice.choice(Shape::ALL).unwrap_or(Shape::Steady);
    let life = Life::new(mix(seed, nth), shape, rows, failure_share(rows, &mut dice), 0.0, rate.min(60.0));
    let life = match nth % 31 {
        5 | 19 => life.ending(Ending::Died(dice.f64() * 0.7)),
        13 => life.ending(Ending::Cancelled(dice.f64() * 0.7)),
        _ => life,
    };
    let span = life.ended_at() - life.created_at();
    let ended_before = match nth % 6 {
        // Today.
        0 => 3.0 * MINUTE + 5.0 * HOUR * dice.f64().powi(2),
        _ => in_office_hours(DAY * 29.5 * dice.f64().powf(1.3) + HOUR, begins_at),
    };
    let life = life.starting_at(-ended_before - span);
    let all = KINDS.len() as u64;
    // The first imports show every type and mode once.
    let import = Import::new(seed, nth, life).without_quirk();
    let import = if nth < all {
        let kind =
            KINDS.get(((nth * 5 + mix(seed, 1) % all) % all) as usize).map_or("clients", |kind| kind.name);
        import.of(kind, mode(nth))
    } else {
        import
    };
    if nth % 12 == 7 { import.with_quirk((nth / 12) as usize) } else { import }
}

fn mode(nth: u64) -> &'static str {
    MODES.get(nth as usize % MODES.len()).copied().unwrap_or("store")
}

/// Moves a time so many seconds before the world begins to eight to six, and mostly off the weekend.
fn in_office_hours(before: f64, begins_at: i64) -> f64 {
    let at = begins_at as f64 - before;
    let (day, time) = ((at / DAY).floor(), at.rem_euclid(DAY));
    // Day 0 of the epoch was a Thursday.
    let weekday = (day + 3.0).rem_euclid(7.0);
    let day = if weekday >= 5.0 && (day as i64) % 5 != 0 { day - (weekday - 4.0) } else { day };
    let moved = day * DAY + 8.0 * HOUR + time / DAY * 10.0 * HOUR;
    let before = begins_at as f64 - moved;
    if before < 2.0 * MINUTE { before + DAY } else { before }
}

/// Up to 0.4, mostly small, smaller for large files.
fn failure_share(rows: u64, dice: &mut fastrand::Rng) -> f64 {
    let share = match dice.u8(0..10) {
        0..4 => 0.0,
        4..8 => 0.04 * dice.f64(),
        8 => 0.12 * dice.f64(),
        _ => 0.4 * dice.f64(),
    };
    share.min(0.01 + 2_000.0 / rows.max(1) as f64)
}

/// The imports that are not finished when the world begins: exactly `count`, each with a part to play.
pub(super) fn opening(seed: u64, count: usize) -> Vec<Import> {
    (0..count as u64).map(|nth| scene(seed, nth)).collect()
}

fn scene(seed: u64, nth: u64) -> Import {
    let own = mix(seed, 0x0be1_0000 + nth);
    let sequence = (1 << 32) + nth;
    let new = |shape, rows, share, rate| Life::new(own, shape, rows, share, 0.0, rate);
    let import = |life, kind, mode| Import::new(seed, sequence, life).of(kind, mode).without_quirk();
    match nth {
        0 => {
            let life = new(Shape::Steady, 2_104, 0.006, 9.0);
            let length = life.settled_at().unwrap_or_default();
            import(life.starting_at(18.0 - length), "clients", "store")
        }
        1 => {
            let life = new(Shape::Stalling, 1_000, 0.01, 1.6).outage(0.41, 2.0 * HOUR);
            let since = life.outage_times().map_or(0.0, |(from, _)| from);
            import(life.starting_at(-since - 95.0 * MINUTE), "plans", "update")
        }
        2 => import(new(Shape::Bursty, 1_480, 0.02, 7.0).starting_at(-70.0), "notes", "store"),
        3 => import(new(Shape::Steady, 860, 0.34, 2.4).starting_at(-190.0), "clients", "store"),
        4 => {
            let waits = 75.0;
            let life = new(Shape::Steady, 640, 0.03, 6.0).waiting(waits).starting_at(38.0);
            import(life, "valuations", "validate")
        }
        5 => import(
            new(Shape::Growing, 48_000, 0.004, 42.0).starting_at(-260.0),
            "provider_statement",
            "store",
        ),
        _ => {
            let mut dice = dice(own, 1);
            let shape = dice.choice(Shape::ALL).unwrap_or(Shape::Steady);
            let rate = (dice.f64() * 5.0 - 1.0).exp2();
            let rows = (rate * (300.0 + 900.0 * dice.f64())) as u64;
            let life = new(shape, rows, failure_share(rows, &mut dice), rate);
            let length = life.settled_at().unwrap_or_default();
            Import::new(seed, sequence, life.starting_at(-length * 0.7 * dice.f64()))
        }
    }
}

/// The room in which imports start one after another, never two at once, for ever. Every one of them is known without
/// those before it: the `nth` has the `nth` window of time to itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    seed: u64,
    number: u64,
    opens_at: f64,
    window: f64,
}

/// Lanes and the seconds each of their imports has: one starts about every 20 s when all are open.
const WINDOWS: [f64; 6] = [75.0, 600.0, 110.0, 180.0, 60.0, 1_200.0];

/// One lane for each import that is unfinished when the world begins, open once that one has ended, and as many more as
/// keep the number of unfinished imports believable.
pub(super) fn lanes(seed: u64, opening: &[Import]) -> Vec<Lane> {
    WINDOWS
        .iter()
        .enumerate()
        .map(|(number, window)| {
            let free_at =
                opening.get(number).map_or(6.0 + 9.0 * number as f64, |first| first.life.ended_at() + 5.0);
            Lane { seed: mix(seed, 0x1a9e), number: number as u64, opens_at: free_at, window: *window }
        })
        .take(WINDOWS.len() - opening.len().saturating_sub(WINDOWS.len()).min(WINDOWS.len()))
        .collect()
}

impl Lane {
    /// How many imports of this lane could have appeared by then.
    pub(super) fn begun(&self, at: f64) -> u64 {
        if at < self.opens_at { 0 } else { ((at - self.opens_at) / self.window) as u64 + 1 }
    }

    /// Its `nth` import: created, run and ended within the `nth` window.
    pub(super) fn import(&self, world_seed: u64, nth: u64) -> Import {
        let own = mix(mix(self.seed, self.number), nth);
        let mut dice = dice(own, 2);
        let span = self.window * (0.55 + 0.2 * dice.f64());
        let waits = (self.window * 0.08).min(9.0) * (0.3 + 0.7 * dice.f64());
        let shape = match dice.u8(0..20) {
            0..9 => Shape::Steady,
            9..13 => Shape::Bursty,
            13..15 => Shape::Growing,
            15..17 => Shape::Erratic,
            17 => Shape::GoingBack,
            _ if self.window >= 500.0 => Shape::Stalling,
            _ => Shape::Steady,
        };
        // From 0.5 rows a second where there is time, 2 where there is not, to 60.
        let slowest = if self.window > 300.0 { -1.0 } else { 1.0 };
        let rate = (slowest + dice.f64() * (5.9 - slowest)).exp2();
        let made = |rate: f64, share: f64| {
            let run = if shape == Shape::Stalling { span * 0.5 } else { span };
            let rows = (rate * run).clamp(5.0, 60_000.0);
            let life = Life::new(own, shape, rows as u64, share, 0.0, rows / run);
            if shape == Shape::Stalling { life.outage(0.3 + 0.4 * unit(own, 3), span * 0.5) } else { life }
        };
        let share = failure_share((rate * span) as u64, &mut dice);
        let mut life = made(rate, share);
        // An erratic run takes as long as it takes: fewer rows, until it fits.
        let fits = self.window * 0.8;
        for _ in 0..4 {
            if life.ended_at() <= fits {
                break;
            }
            let share = fits / life.ended_at() * 0.95;
            life = life.squeezed(share);
        }
        if dice.u8(0..25) == 0 {
            life = life.ending(Ending::Died(0.1 + 0.8 * dice.f64()));
        }
        let starts_at = self.opens_at + nth as f64 * self.window + self.window * 0.1 * dice.f64() + waits;
        let sequence = (2 << 32) + nth * WINDOWS.len() as u64 + self.number;
        Import::new(
            world_seed,
            sequence,
            life.waiting(waits).finishing(2.0 + 2.0 * dice.f64()).starting_at(starts_at),
        )
    }
}
