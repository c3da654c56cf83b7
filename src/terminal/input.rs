//! Keys, pastes and the mouse, read on a thread of their own.
//!
//! On Unix the bytes are read here: crossterm buffers a paste until its end mark, which may never come, and no key gets
//! through until then. crossterm's parser turns everything else into events; on other systems it reads by itself.

#[cfg(unix)]
mod bytes;

use std::io;
use std::time::Duration;

use crossterm::event::Event;
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

/// How many events may wait for the loop; more wait in the terminal.
const WAITING: usize = 256;

/// What comes from the terminal from now on; `up` is the program's clock. Call it within a runtime.
///
/// # Errors
/// The thread cannot be started, or size changes cannot be observed.
pub fn input(
    up: impl Fn() -> Duration + Send + 'static,
) -> io::Result<impl Stream<Item = io::Result<Event>>> {
    let (send, mut received) = mpsc::channel(WAITING);
    let mut sizes = sizes()?;
    std::thread::Builder::new().name("input".to_owned()).spawn(move || {
        let result = read(&up, &mut |event| send.blocking_send(Ok(event)).is_ok());
        if let Err(error) = result {
            let _ = send.blocking_send(Err(error));
        }
    })?;
    Ok(stream::poll_fn(move |context| match sizes.poll_recv(context) {
        std::task::Poll::Ready(Some(())) => {
            // Drawing asks for the size itself.
            std::task::Poll::Ready(Some(Ok(Event::Resize(0, 0))))
        }
        _ => received.poll_recv(context),
    }))
}

#[cfg(unix)]
fn sizes() -> io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::window_change())
}

/// Reads until nobody listens any more.
#[cfg(unix)]
fn read(up: &impl Fn() -> Duration, send: &mut impl FnMut(Event) -> bool) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;
    let stdin = io::stdin();
    let mut bytes = bytes::Bytes::default();
    let mut buffer = [0; 1024];
    loop {
        let wait = bytes.due().map(|due| due.saturating_sub(up()));
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
        let events = match poll(&mut ready, wait.as_ref()) {
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(0) => bytes.settle(up()),
            Ok(_) => match rustix::io::read(&stdin, &mut buffer) {
                Err(Errno::INTR | Errno::AGAIN) => continue,
                // The terminal is gone, and the shell may have kept the signal to itself.
                Ok(0) | Err(Errno::IO) => {
                    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::HUP)?;
                    return Err(Errno::IO.into());
                }
                Err(error) => return Err(error.into()),
                Ok(read) => bytes.feed(buffer.get(..read).unwrap_or_default(), read == buffer.len(), up()),
            },
        };
        for event in events {
            if !send(event) {
                return Ok(());
            }
        }
    }
}

/// crossterm reports size changes itself.
#[cfg(not(unix))]
fn sizes() -> io::Result<mpsc::Receiver<()>> {
    Ok(mpsc::channel(1).1)
}

#[cfg(not(unix))]
fn read(_: &impl Fn() -> Duration, send: &mut impl FnMut(Event) -> bool) -> io::Result<()> {
    while send(crossterm::event::read()?) {}
    Ok(())
}
