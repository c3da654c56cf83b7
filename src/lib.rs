//! Watch Plannr imports from the terminal.
pub mod domain;
pub mod plannr;
pub mod poller;
pub mod query;
pub mod settings;
pub mod simulator;
pub mod ui;
