//! Keys, pastes and the mouse, read on a thread of their own.
//!
//! Crossterm's own stream is not used: its usual way of reading keeps a key that comes together with a change of size
//! until the next key, and the way that does not (`use-dev-tty`) is blind where it is not to wait.

use std::io;

use crossterm::event::{self, Event};
use futures_util::{Stream, stream};
use tokio::sync::mpsc;

/// Events that may wait for the loop; more wait in the terminal.
const WAITING: usize = 256;

/// What comes from the terminal, from now on until the program ends.
///
/// # Errors
/// No thread can be started.
pub fn input() -> io::Result<impl Stream<Item = io::Result<Event>>> {
    let (tell, mut heard) = mpsc::channel(WAITING);
    std::thread::Builder::new().name("input".to_owned()).spawn(move || {
        loop {
            let event = event::read();
            let failed = event.is_err();
            if tell.blocking_send(event).is_err() || failed {
                return;
            }
        }
    })?;
    Ok(stream::poll_fn(move |context| heard.poll_recv(context)))
}
