//! Keys, pastes and the mouse, read on a thread of their own.
//!
//! On Unix the bytes are read here: crossterm keeps a paste until its end mark comes, which may be never, and no key
//! comes through until then. Its own parser turns what is no paste into events; elsewhere it reads by itself.

#[cfg(unix)]
mod bytes;

use std::io;
use std::time::Duration;

use crossterm::event::Event;
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

/// Events that may wait for the loop; more wait in the terminal.
const WAITING: usize = 256;

/// What comes from the terminal, from now on until the program ends; `up` is the program's clock. Within a runtime.
///
/// # Errors
/// No thread can be started, or changes of size cannot be received of.
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
            // It says only that the size has changed: drawing asks for the size as well.
            let (width, height) = crossterm::terminal::size().unwrap_or_default();
            std::task::Poll::Ready(Some(Ok(Event::Resize(width, height))))
        }
        _ => received.poll_recv(context),
    }))
}

#[cfg(unix)]
fn sizes() -> io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::window_change())
}

/// Reads for ever, as long as somebody listens.
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
                Err(error) => return Err(error.into()),
                // The terminal is gone: whoever watches for that ends the program with the code for it.
                Ok(0) => loop {
                    std::thread::park();
                },
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

/// Crossterm tells of changes of size itself.
#[cfg(not(unix))]
fn sizes() -> io::Result<mpsc::Receiver<()>> {
    Ok(mpsc::channel(1).1)
}

#[cfg(not(unix))]
fn read(_: &impl Fn() -> Duration, send: &mut impl FnMut(Event) -> bool) -> io::Result<()> {
    while send(crossterm::event::read()?) {}
    Ok(())
}
