//! Watch Plannr imports from the terminal.
pub mod browser;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod domain;
pub mod exit;
pub mod logging;
pub mod monitor;
pub mod plannr;
pub mod poller;
pub mod query;
pub mod settings;
pub mod simulator;
pub mod terminal;
pub mod ui;
