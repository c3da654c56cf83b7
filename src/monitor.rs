//! The monitor.
pub mod console;
