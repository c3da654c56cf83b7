//! x
pub mod simulator;
