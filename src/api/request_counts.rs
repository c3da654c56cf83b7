//! How many requests were sent, by how they were answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The classes of answers; the last where none came.
const CLASSES: [&str; 5] = ["2xx", "3xx", "4xx", "5xx", "none"];

#[derive(Debug, Default)]
pub struct RequestCounts([AtomicU64; CLASSES.len()]);

impl RequestCounts {
    /// Counts a request by the status of its answer.
    pub(super) fn count(&self, status: Option<u16>) {
        let class = match status.map(|status| status / 100) {
            Some(class @ 2..=5) => usize::from(class - 2),
            _ => CLASSES.len() - 1,
        };
        if let Some(count) = self.0.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every class and its requests since the start, of several clients together.
    pub fn totals(clients: &[Arc<Self>]) -> [(&'static str, u64); CLASSES.len()] {
        std::array::from_fn(|class| {
            let of_one =
                |client: &Arc<Self>| client.0.get(class).map_or(0, |count| count.load(Ordering::Relaxed));
            (CLASSES.get(class).copied().unwrap_or_default(), clients.iter().map(of_one).sum())
        })
    }
}
