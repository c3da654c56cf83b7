//! What happened, as a stream: for `events` and the programs that it runs. Pure.

mod contact;
mod happened;
pub mod metrics;
mod observer;

pub use self::happened::{Happened, SCHEMA};
pub use self::observer::{Memory, Observer, account_key, stable_hash};
pub use crate::domain::event_kind::EventKind;
