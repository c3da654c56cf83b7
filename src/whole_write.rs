//! Everything written, also where another program made standard output non-blocking.

use std::io::{self, ErrorKind, Write};

/// Writes everything. What is non-blocking takes only what it has room for, and more once the reader has read.
pub(crate) fn write_whole(
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
pub(crate) fn until_writable() -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};

    let stdout = io::stdout();
    match poll(&mut [PollFd::new(&stdout, PollFlags::OUT)], None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(unix))]
pub(crate) fn until_writable() -> io::Result<()> {
    Err(ErrorKind::WouldBlock.into())
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
