//! Writes to standard output, and messages to standard error.

use std::io::{self, ErrorKind, Write as _};

use crate::exit::{Exit, Failure};

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
    let written = tokio::task::spawn_blocking(move || {
        let mut out = io::stdout().lock();
        out.write_all(&bytes).and_then(|()| out.flush())
    });
    match written.await.unwrap_or_else(|error| Err(io::Error::other(error))) {
        Ok(()) => Ok(Reader::Open),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Closed),
        Err(error) => {
            Err(Failure { message: format!("cannot write to stdout: {error}"), exit: Exit::Unexpected })
        }
    }
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
