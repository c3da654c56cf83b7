//! The way to the terminal: what belongs to one frame is written at once.

use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};

/// More than any frame has, in bytes; what is beyond is written early.
const MOST: usize = 4 * 1024 * 1024;

/// A writer that both the drawing backend and the console hold. Between [`Output::begin`] and [`Output::end`]
/// flushing waits, and what is written then is shown at once. A frame that writes nothing leaves no trace.
pub struct Output<W: Write>(Arc<Mutex<Pending<W>>>);

struct Pending<W> {
    sink: W,
    bytes: Vec<u8>,
    frame: Frame,
}

/// How far a frame has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// There is none: bytes go out as they come.
    None,
    /// Nothing was written so far.
    Silent,
    /// The terminal was told to show nothing until the frame's end.
    Marked,
    /// There will be none any more, and nothing else.
    Closed,
}

impl<W: Write> Output<W> {
    /// Writes to `sink`.
    pub fn new(sink: W) -> Self {
        Self(Arc::new(Mutex::new(Pending { sink, bytes: Vec::new(), frame: Frame::None })))
    }

    /// A frame begins.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    pub fn begin(&mut self) -> io::Result<()> {
        let mut pending = self.lock();
        if pending.frame == Frame::Closed {
            return Ok(());
        }
        pending.frame = Frame::Silent;
        // What came before is not of the frame.
        if pending.bytes.is_empty() { Ok(()) } else { pending.write_out() }
    }

    /// The frame ends: everything is written, and shown.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    pub fn end(&mut self) -> io::Result<()> {
        let mut pending = self.lock();
        match pending.frame {
            Frame::Marked => {
                pending.frame = Frame::None;
                queue!(pending.bytes, EndSynchronizedUpdate)?;
                pending.write_out()
            }
            Frame::Silent => {
                pending.frame = Frame::None;
                Ok(())
            }
            Frame::None | Frame::Closed => Ok(()),
        }
    }

    /// The terminal was given back: nothing reaches it any more, whoever writes.
    pub fn close(&mut self) {
        let mut pending = self.lock();
        pending.frame = Frame::Closed;
        pending.bytes.clear();
    }

    /// Whether a frame has begun and nothing was written in it so far.
    pub fn is_silent(&self) -> bool {
        self.lock().frame == Frame::Silent
    }

    /// Held for a memory copy, or for one write to the terminal, by the one thread that draws.
    fn lock(&self) -> MutexGuard<'_, Pending<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write> Pending<W> {
    fn write_out(&mut self) -> io::Result<()> {
        // Taken out first: what could not be written must not come twice.
        let mut bytes = mem::take(&mut self.bytes);
        let written = self.sink.write_all(&bytes).and_then(|()| self.sink.flush());
        bytes.clear();
        self.bytes = bytes;
        written
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pending = self.lock();
        match pending.frame {
            Frame::Closed => return Ok(bytes.len()),
            Frame::Silent if !bytes.is_empty() => {
                queue!(pending.bytes, BeginSynchronizedUpdate)?;
                pending.frame = Frame::Marked;
            }
            Frame::Silent | Frame::Marked | Frame::None => {}
        }
        pending.bytes.extend_from_slice(bytes);
        if pending.bytes.len() > MOST {
            pending.write_out()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut pending = self.lock();
        if pending.frame == Frame::None { pending.write_out() } else { Ok(()) }
    }
}

impl<W: Write> Clone for Output<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: Write> fmt::Debug for Output<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}
