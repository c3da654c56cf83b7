//! What happened, as a stream: for `events` and the programs that it runs. Pure.

mod contact;
mod happened;
mod observer;

pub use self::happened::{EventKind, Happened, SCHEMA};
pub use self::observer::{Memory, Observer};
