//! Writes to standard output, and messages to standard error.

use std::io::{self, ErrorKind, Write};

use crate::exit::{Exit, Failure};
use crate::whole_write::{until_writable, write_whole};

/// The reading end of standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Reader {
    Open,
    /// It has read enough, as `head` does: no error, but writing can stop.
    Closed,
}

/// Writes to standard output, whose reader may be slow or close it early.
///
/// # Errors
/// Any error but a closed pipe.
pub(crate) async fn write(text: impl Into<Vec<u8>>) -> Result<Reader, Failure> {
    let bytes = text.into();
    let written =
        tokio::task::spawn_blocking(move || write_whole(&mut io::stdout().lock(), &bytes, until_writable));
    match written.await.unwrap_or_else(|error| Err(io::Error::other(error))) {
        Ok(()) => Ok(Reader::Open),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Closed),
        Err(error) => {
            Err(Failure { message: format!("cannot write to stdout: {error}"), exit: Exit::Unexpected })
        }
    }
}

/// Whether the reader of standard output has closed it, as far as that can be known without writing.
#[cfg(unix)]
pub(crate) fn reader() -> Reader {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let stdout = io::stdout();
    let mut stdout = [PollFd::new(&stdout, PollFlags::empty())];
    let polled = poll(&mut stdout, Some(&Timespec::default()));
    let gone = stdout.iter().any(|stdout| stdout.revents().intersects(PollFlags::ERR | PollFlags::HUP));
    if polled.is_ok() && gone { Reader::Closed } else { Reader::Open }
}

#[cfg(not(unix))]
pub(crate) fn reader() -> Reader {
    Reader::Open
}

/// Writes the last output: a closed pipe no longer matters.
///
/// # Errors
/// As [`write`].
pub(crate) async fn print(text: impl Into<Vec<u8>>) -> Result<(), Failure> {
    write(text).await.map(|_| ())
}

/// Prints a message to standard error. If that fails, nobody is reading.
pub(crate) fn eprint(message: &str) {
    let _ = writeln!(io::stderr(), "plannr-tui: {message}");
}
