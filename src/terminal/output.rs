//! Output to the terminal: each frame is written at once.

use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};

use crate::whole_write::{until_writable, write_whole};

/// More than any frame needs, in bytes; anything beyond is written early.
const MOST: usize = 4 * 1024 * 1024;

/// A writer shared by the screen and the console. Between [`Output::begin`] and [`Output::end`] flushing waits,
/// and everything is then shown at once. A frame without changes writes only what was not flushed before.
pub struct Output<W: Write>(Arc<Mutex<Pending<W>>>);

struct Pending<W> {
    sink: W,
    bytes: Vec<u8>,
    frame: Frame,
}

/// The state of the current frame.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// No frame: bytes are written as they come.
    None,
    /// Nothing was written so far.
    Silent,
    /// The terminal was asked to wait for the end of the frame.
    Marked,
}

impl<W: Write> Output<W> {
    pub fn new(sink: W) -> Self {
        Self(Arc::new(Mutex::new(Pending { sink, bytes: Vec::new(), frame: Frame::None })))
    }

    /// Begins a frame. What is not flushed yet is written with it, before its mark.
    pub fn begin(&mut self) {
        self.lock().frame = Frame::Silent;
    }

    /// Ends the frame: everything is written, and shown.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    pub fn end(&mut self) -> io::Result<()> {
        let mut pending = self.lock();
        if mem::replace(&mut pending.frame, Frame::None) == Frame::Marked {
            queue!(pending.bytes, EndSynchronizedUpdate)?;
        }
        pending.write_out()
    }

    /// Whether a frame has begun and nothing was written in it so far.
    pub fn is_silent(&self) -> bool {
        self.lock().frame == Frame::Silent
    }

    /// Held for a memory copy or one write to the terminal, by the only thread that draws.
    fn lock(&self) -> MutexGuard<'_, Pending<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write> Pending<W> {
    fn write_out(&mut self) -> io::Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        // Taken out first: what could not be written must not be written twice.
        let mut bytes = mem::take(&mut self.bytes);
        let written = write_whole(&mut self.sink, &bytes, until_writable);
        bytes.clear();
        self.bytes = bytes;
        written
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pending = self.lock();
        if pending.frame == Frame::Silent && !bytes.is_empty() {
            queue!(pending.bytes, BeginSynchronizedUpdate)?;
            pending.frame = Frame::Marked;
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
