//! The program against a simulated Plannr on a clock that stands still: the real poller, loop and screen,
//! without a socket, the same in every run.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "helpers of tests fail as tests do"
)]

mod accounts;
mod bounded;
mod fix_screen;
mod fixing;
mod flows;
mod frames;
mod hostile;
mod keys;
mod live;
mod mouse;
mod notify;
mod offline;
mod pages;
mod pictures;
mod readme;
mod redacted;
mod screen;
mod screens;
mod session;
mod svg;
mod themes;
