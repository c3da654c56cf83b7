//! How fast an import moves: rows per second as really observed, when it will be over, whether it stalled.

use std::collections::VecDeque;
use std::time::Duration;

/// What was observed of one import's progress. Bounded, whatever its length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pace {
    samples: VecDeque<(Duration, u64)>,
}

/// When an import will be over, counted from the last observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eta {
    /// The early end of the range.
    pub soonest: Duration,
    /// The late end; equal to `soonest` where the pace is steady.
    pub latest: Duration,
}

impl Pace {
    /// Takes in one observation: at `up` (monotonic), so many rows were settled.
    pub fn observe(&mut self, up: Duration, settled: u64) {
        self.samples.push_back((up, settled));
    }

    /// Rows per second over the moving window; `None` before enough was seen.
    pub fn rate(&self) -> Option<f64> {
        None
    }

    /// The highest rate seen in [`Pace::throughput`]'s slices, rows per second.
    pub fn peak(&self) -> Option<f64> {
        None
    }

    /// When so many pending rows will be settled.
    pub fn eta(&self, _pending: u64) -> Option<Eta> {
        None
    }

    /// How long nothing has moved, counting only time in which the server was in contact.
    pub fn quiet_for(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether nothing has moved for far longer than the import's own usual gap.
    pub fn is_stalled(&self) -> bool {
        false
    }

    /// Rows per second in `slices` equal slices of the observed time, oldest first; empty before anything moved.
    pub fn throughput(&self, _slices: usize) -> Vec<f64> {
        Vec::new()
    }
}
