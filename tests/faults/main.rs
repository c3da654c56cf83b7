//! A hostile day: everything that can go wrong between us and the server does, over real sockets.
//!
//! [`matrix`] is the table: each fault, what the user reads, when the server is asked again. [`rig`] plays each of
//! them through the real client, poller and screen, from good data over the fault to good data again. What the server
//! sends that is unexpected but no fault is in [`unexpected`], how links are opened in [`links`], the built program in
//! [`command`].
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "helpers of tests fail as tests do"
)]

#[path = "../common/closed_port.rs"]
mod closed_port;
mod command;
mod links;
mod matrix;
mod proxies;
mod rig;
mod servers;
mod tls;
mod unexpected;
