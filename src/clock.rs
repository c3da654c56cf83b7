//! The real clock. Everything else is passed the time.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::domain::Now;

/// What `up` is at the start: what is remembered from before it lies within so long a time.
const BEFORE: Duration = Duration::from_secs(2 * 24 * 60 * 60);

/// A clock that starts now; `wall` is the system's date and time.
pub fn clock() -> impl Fn() -> Now + Clone + Send + Sync + 'static {
    let start = Instant::now();
    move || Now { up: BEFORE + start.elapsed(), wall: Timestamp::now() }
}
