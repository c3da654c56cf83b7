//! What benches share: work timed in turns, and figures as rows of a Markdown table.

use std::time::{Duration, Instant};

/// How long one thing took, run after run; in order of length.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// At least one.
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The middle one, in seconds.
    pub(crate) fn median(&self) -> f64 {
        self.at(0.5)
    }

    /// The one that 99 of 100 do not exceed, in seconds.
    pub(crate) fn p99(&self) -> f64 {
        self.at(0.99)
    }

    fn at(&self, share: f64) -> f64 {
        self.0[((self.0.len() - 1) as f64 * share).ceil() as usize].as_secs_f64()
    }
}

/// Times each piece of work `rounds` times, all of them in every round: what else the machine does meanwhile slows
/// all of them alike, and their ratios hold.
pub(crate) fn in_turns<const N: usize>(
    rounds: usize,
    mut works: [&mut dyn FnMut() -> Duration; N],
) -> [Times; N] {
    let mut times: [Vec<Duration>; N] = std::array::from_fn(|_| Vec::with_capacity(rounds));
    for _ in 0..rounds {
        for (work, times) in works.iter_mut().zip(&mut times) {
            times.push(work());
        }
    }
    times.map(Times::of)
}

/// How long work takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    std::hint::black_box(work());
    began.elapsed()
}

/// Begins a table.
pub(crate) fn head<T: AsRef<str>>(columns: impl AsRef<[T]>) {
    println!();
    row(columns.as_ref());
    println!("|{}", [" --- |"].repeat(columns.as_ref().len()).concat());
}

/// A row of it.
pub(crate) fn row<T: AsRef<str>>(cells: impl AsRef<[T]>) {
    let cells: Vec<&str> = cells.as_ref().iter().map(AsRef::as_ref).collect();
    println!("| {} |", cells.join(" | "));
}

/// Seconds as people read them.
pub(crate) fn time(seconds: f64) -> String {
    match seconds {
        _ if seconds < 1e-3 => format!("{:.0} µs", seconds * 1e6),
        _ if seconds < 1e-1 => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{:.0} ms", seconds * 1e3),
    }
}

/// So many times the floor.
pub(crate) fn ratio(figure: f64, floor: f64) -> String {
    format!("{:.2}", figure / floor)
}
