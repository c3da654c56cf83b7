//! The real clock. Everything else is passed the time.

use std::time::Instant;

use jiff::Timestamp;

use crate::domain::Now;

/// A clock that starts now: `up` counts from this call, `wall` is the system's date and time.
pub fn clock() -> impl Fn() -> Now + Clone + Send + Sync + 'static {
    let start = Instant::now();
    move || Now { up: start.elapsed(), wall: Timestamp::now() }
}
