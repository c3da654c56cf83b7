//! Writes to standard output, and messages to standard error.

use std::io::{self, ErrorKind, Write};

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

/// Writes everything, also to a pipe that is non-blocking because another program made it so: such a pipe takes only what
/// it has room for, and more once the reader has read.
fn write_whole(
    out: &mut impl Write,
    mut bytes: &[u8],
    until_writable: impl Fn() -> io::Result<()>,
) -> io::Result<()> {
    loop {
        let written = if bytes.is_empty() { out.flush().map(|()| 0) } else { out.write(bytes) };
        match written {
            Ok(0) if bytes.is_empty() => return Ok(()),
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => until_writable()?,
            Err(error) => return Err(error),
        }
    }
}

/// Waits until standard output takes more, or its reader is gone.
#[cfg(unix)]
fn until_writable() -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};

    let stdout = io::stdout();
    match poll(&mut [PollFd::new(&stdout, PollFlags::OUT)], None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
fn until_writable() -> io::Result<()> {
    Err(ErrorKind::WouldBlock.into())
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Takes three bytes, then none until somebody has waited.
    struct Narrow<'a> {
        taken: Vec<u8>,
        room: &'a Cell<usize>,
    }

    impl Write for Narrow<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = bytes.len().min(self.room.replace(0));
            self.taken.extend_from_slice(&bytes[..count]);
            if count == 0 { Err(ErrorKind::WouldBlock.into()) } else { Ok(count) }
        }

        fn flush(&mut self) -> io::Result<()> {
            if self.room.get() == 0 { Err(ErrorKind::WouldBlock.into()) } else { Ok(()) }
        }
    }

    #[test]
    fn a_writer_without_room_is_waited_for() {
        let room = Cell::new(3);
        let mut narrow = Narrow { taken: Vec::new(), room: &room };
        let waits = Cell::new(0);
        let wait = || {
            waits.set(waits.get() + 1);
            room.set(3);
            Ok(())
        };
        write_whole(&mut narrow, b"seven b", wait).unwrap();
        assert_eq!(
            (narrow.taken.as_slice(), waits.get()),
            (&b"seven b"[..], 3),
            "twice for bytes, once to flush"
        );
        room.set(0);
        let gone = write_whole(&mut narrow, b"more", || Err(ErrorKind::BrokenPipe.into()));
        assert_eq!(gone.unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
