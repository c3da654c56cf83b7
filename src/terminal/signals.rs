//! Being asked to end from outside.

use std::io;

use crate::exit::Exit;

/// A request to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, or Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
}

impl From<Signal> for Exit {
    fn from(signal: Signal) -> Self {
        Self::Signal(match signal {
            Signal::HangUp => 1,
            Signal::Interrupt => 2,
            Signal::Terminate => 15,
        })
    }
}

/// The requests to end, as they come.
#[cfg(unix)]
#[derive(Debug)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

/// Begins to listen; from now on these signals no longer end the program by themselves. Within a runtime.
///
/// # Errors
/// The system refuses to let the program listen.
#[cfg(unix)]
pub fn signals() -> io::Result<Signals> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok(Signals {
        interrupt: signal(SignalKind::interrupt())?,
        terminate: signal(SignalKind::terminate())?,
        hang_up: signal(SignalKind::hangup())?,
    })
}

#[cfg(unix)]
impl Signals {
    /// Waits for the next one. Nothing is lost when the wait is given up.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hang_up.recv() => Signal::HangUp,
        }
    }
}

/// Waits until the terminal that keys come from is gone. Blocks; to be called on a thread of its own.
///
/// Its shell may keep the signal to itself, and reading the keys of a terminal that is gone never ends.
#[cfg(unix)]
pub fn until_gone() -> Signal {
    use rustix::event::{PollFd, PollFlags, poll};
    loop {
        let stdin = io::stdin();
        // Asks for nothing: a hang-up is told all the same.
        let mut waiting = [PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut waiting, None) {
            Ok(_) if waiting.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR)) => {
                return Signal::HangUp;
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            // It cannot be waited for: the other signals must do.
            Err(_) => loop {
                std::thread::park();
            },
        }
    }
}

/// The requests to end, as they come.
#[cfg(windows)]
#[derive(Debug)]
pub struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    close: tokio::signal::windows::CtrlClose,
}

/// Begins to listen. Within a runtime.
///
/// # Errors
/// The system refuses to let the program listen.
#[cfg(windows)]
pub fn signals() -> io::Result<Signals> {
    use tokio::signal::windows::{ctrl_c, ctrl_close};
    Ok(Signals { interrupt: ctrl_c()?, close: ctrl_close()? })
}

#[cfg(windows)]
impl Signals {
    /// Waits for the next one. Nothing is lost when the wait is given up.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.close.recv() => Signal::HangUp,
        }
    }
}
