//! Signals that end the program.

use std::io;
#[cfg(unix)]
use std::task::Poll;

use crate::exit::Exit;

/// A request to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, or Ctrl-C.
    Interrupt,
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
    /// Any other signal that would end the program, by its number.
    Other(u8),
}

impl From<Signal> for Exit {
    fn from(signal: Signal) -> Self {
        Self::Signal(match signal {
            Signal::HangUp => 1,
            Signal::Interrupt => 2,
            Signal::Terminate => 15,
            Signal::Other(number) => number,
        })
    }
}

#[cfg(unix)]
#[derive(Debug)]
pub struct Signals(Vec<(Signal, tokio::signal::unix::Signal)>);

/// Starts listening; from now on these signals no longer end the program by themselves. Call it within a runtime.
///
/// The handler is tokio's: it sets a flag and writes a byte to a pipe, both safe at any time. Everything else happens on
/// the thread that waits.
///
/// # Errors
/// The system refuses.
#[cfg(unix)]
pub fn signals() -> io::Result<Signals> {
    use rustix::process::Signal as Number;
    use tokio::signal::unix::{SignalKind, signal};
    let listen =
        |which, number: Number| signal(SignalKind::from_raw(number.as_raw())).map(|signals| (which, signals));
    let mut listened = vec![
        listen(Signal::Interrupt, Number::INT)?,
        listen(Signal::Terminate, Number::TERM)?,
        listen(Signal::HangUp, Number::HUP)?,
    ];
    // Everything else that can be caught and would end the program with the terminal still raw: a user's `kill`, a shell's
    // limits, a supervisor's watchdog.
    let others = [
        Number::QUIT,
        Number::ABORT,
        Number::TRAP,
        Number::ALARM,
        Number::XCPU,
        Number::XFSZ,
        Number::VTALARM,
        Number::PROF,
        Number::USR1,
        Number::USR2,
    ];
    for number in others {
        let which = Signal::Other(u8::try_from(number.as_raw()).unwrap_or(u8::MAX));
        listened.push(listen(which, number)?);
    }
    Ok(Signals(listened))
}

#[cfg(unix)]
impl Signals {
    /// Waits for the next one. Cancel-safe.
    pub async fn next(&mut self) -> Signal {
        std::future::poll_fn(|context| {
            let came = |(which, signals): &mut (Signal, tokio::signal::unix::Signal)| {
                signals.poll_recv(context).is_ready().then_some(*which)
            };
            self.0.iter_mut().find_map(came).map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

#[cfg(windows)]
#[derive(Debug)]
pub struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    close: tokio::signal::windows::CtrlClose,
}

/// Starts listening. Call it within a runtime.
///
/// # Errors
/// The system refuses.
#[cfg(windows)]
pub fn signals() -> io::Result<Signals> {
    use tokio::signal::windows::{ctrl_c, ctrl_close};
    Ok(Signals { interrupt: ctrl_c()?, close: ctrl_close()? })
}

#[cfg(windows)]
impl Signals {
    /// Waits for the next one. Cancel-safe.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.close.recv() => Signal::HangUp,
        }
    }
}
