//! What the program is about: imports, their numbers, their pace, their failures.
//!
//! Plain values and pure functions. Nothing here knows HTTP, a terminal or a clock: time is passed in as
//! [`Now`], text from outside arrives as [`text::SafeText`] or stays wrapped in [`text::Untrusted`].

pub mod account;
pub mod backoff;
pub mod evidence;
pub mod failure;
pub mod fault;
pub mod file_name;
pub mod import;
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

/// One moment, on both clocks.
///
/// Ages, rates and back-off use `up`, which never jumps; dates shown to people use `wall`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Time since the program started, from a monotonic clock.
    pub up: Duration,
    /// The date and time of day.
    pub wall: Timestamp,
}

impl Now {
    /// How long before this moment `then` was, 0 if it lies ahead.
    pub fn since(&self, then: Duration) -> Duration {
        self.up.saturating_sub(then)
    }

    /// How long ago a date was, 0 if it lies ahead (the server's clock may be fast).
    pub fn age_of(&self, date: Timestamp) -> Duration {
        Duration::try_from(self.wall.duration_since(date)).unwrap_or_default()
    }
}
