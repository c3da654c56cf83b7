//! Standard output: data, and nothing else.

use std::io::{self, ErrorKind, Write as _};

use crate::exit::{Exit, Failure};

/// Whether somebody still reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Reader {
    /// He does.
    There,
    /// He has what he wanted, as `head` has: nothing is wrong, and nothing more is to be done.
    Gone,
}

/// Writes to standard output. Whoever reads there may take his time, or leave before the end.
///
/// # Errors
/// What else keeps it from being written.
pub(crate) async fn write(text: impl Into<Vec<u8>>) -> Result<Reader, Failure> {
    let bytes = text.into();
    let written = tokio::task::spawn_blocking(move || {
        let mut out = io::stdout().lock();
        out.write_all(&bytes).and_then(|()| out.flush())
    });
    match written.await.unwrap_or_else(|error| Err(io::Error::other(error))) {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(Failure {
            message: format!("standard output cannot be written: {error}"),
            exit: Exit::Unexpected,
        }),
    }
}

/// Writes the last of it: nobody minds who has left.
///
/// # Errors
/// As [`write`].
pub(crate) async fn print(text: impl Into<Vec<u8>>) -> Result<(), Failure> {
    write(text).await.map(|_| ())
}

/// Says something on standard error. Who cannot read it is not in need of words.
pub(crate) fn say(words: &str) {
    let _ = writeln!(io::stderr(), "plannr-tui: {words}");
}
