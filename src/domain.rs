//! The domain: imports, their counts, pace and failures, as plain values and pure functions.
//!
//! Nothing here knows HTTP, a terminal or a clock: time is passed in as [`Now`], text from outside arrives as
//! [`text::SafeText`] or stays wrapped in [`text::Untrusted`].

pub mod account;
pub mod backoff;
pub mod digest;
pub mod event_kind;
pub mod evidence;
pub mod failure;
pub mod fault;
pub mod file_name;
pub mod import;
pub mod import_event;
pub mod import_name;
pub mod pace;
pub mod page;
pub mod redact;
pub mod snapshot;
pub mod tally;
pub mod text;
pub mod transfer;

use std::time::Duration;

use jiff::Timestamp;

/// One moment on both clocks.
///
/// Ages, rates and backoff use `up`, which never jumps; dates on the screen use `wall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Monotonic time; only differences mean something.
    pub up: Duration,
    pub wall: Timestamp,
}

impl Now {
    /// The time since `then`; 0 if it is in the future.
    pub fn since(&self, then: Duration) -> Duration {
        self.up.saturating_sub(then)
    }

    /// The age of a date; 0 if it is in the future (the server's clock may be fast).
    pub fn age_of(&self, date: Timestamp) -> Duration {
        Duration::try_from(self.wall.duration_since(date)).unwrap_or_default()
    }
}
