//! Frames on their way to the terminal: what changed since the last one, in few bytes and one write.
//!
//! ratatui's own `Terminal` compares, measures and writes cell by cell through `fmt`; here a row is compared at once, and
//! [`paint`](super::paint) writes what differs.

use std::fmt;
use std::io::{self, Write};
use std::mem;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};

use super::Output;
use super::paint::Painter;
use crate::run::canvas::Canvas;

/// The largest screen that is drawn, in cells: more than the finest displays show in the smallest font. What a terminal
/// claims beyond that (a program may set any size) stays empty instead of taking gigabytes for cells.
const LARGEST: Size = Size { width: 2_000, height: 600 };

/// Clears the screen. Not with `ED 2`, which some terminals keep in the scrollback: the screen contains client data.
const CLEAR: &[u8] = b"\x1b[m\x1b[H\x1b[J";

type AskSize = Box<dyn Fn() -> io::Result<Size>>;

pub struct Screen<W: Write> {
    output: Output<W>,
    size: AskSize,
    /// What the terminal shows.
    shown: Buffer,
    /// Blank, for the next frame.
    next: Buffer,
    cursor: Cursor,
    /// A frame's bytes; empty between frames.
    bytes: Vec<u8>,
}

/// What is known of the terminal's cursor.
#[derive(Default)]
struct Cursor {
    visible: Option<bool>,
    at: Option<Position>,
}

impl<W: Write> Screen<W> {
    /// `size` asks the terminal for its size.
    pub fn new(output: Output<W>, size: impl Fn() -> io::Result<Size> + 'static) -> Self {
        let (shown, next) = (Buffer::default(), Buffer::default());
        Self { output, size: Box::new(size), shown, next, cursor: Cursor::default(), bytes: Vec::new() }
    }

    /// What the terminal shows.
    pub fn shown(&self) -> &Buffer {
        &self.shown
    }

    fn clear(&mut self, area: Rect) {
        self.bytes.extend_from_slice(CLEAR);
        self.cursor = Cursor::default();
        for buffer in [&mut self.shown, &mut self.next] {
            *buffer = Buffer::empty(area);
        }
    }

    /// Writes what the terminal does not show yet of `next`, which then is what it shows.
    fn paint(&mut self) {
        let width = usize::from(self.next.area.width).max(1);
        let rows = self.shown.content.chunks(width).zip(self.next.content.chunks(width));
        let mut painter = Painter::new(&mut self.bytes);
        for (y, (was, is)) in (0..).zip(rows) {
            painter.row(y, was, is);
        }
        if painter.end() {
            self.cursor.at = None;
        }
        mem::swap(&mut self.shown, &mut self.next);
        self.next.reset();
    }

    fn set_cursor(&mut self, wanted: Option<Position>) -> io::Result<()> {
        let visible = wanted.is_some();
        if self.cursor.visible != Some(visible) {
            self.bytes.extend_from_slice(if visible { b"\x1b[?25h" } else { b"\x1b[?25l" });
            self.cursor.visible = Some(visible);
        }
        if let Some(at) = wanted.filter(|at| self.cursor.at != Some(*at)) {
            write!(self.bytes, "\x1b[{};{}H", at.y.saturating_add(1), at.x.saturating_add(1))?;
            self.cursor.at = Some(at);
        }
        Ok(())
    }
}

impl<W: Write> Canvas for Screen<W> {
    fn draw(
        &mut self,
        redraw: bool,
        draw: impl FnOnce(&mut Buffer) -> Option<Position>,
    ) -> color_eyre::Result<()> {
        let Size { width, height } = (self.size)()?;
        let area = Rect::new(0, 0, width.min(LARGEST.width), height.min(LARGEST.height));
        self.bytes.clear();
        if redraw || area != self.shown.area {
            self.clear(area);
        }
        let cursor = draw(&mut self.next);
        self.paint();
        self.set_cursor(cursor)?;
        self.output.write_all(&self.bytes)?;
        Ok(self.output.flush()?)
    }
}

impl<W: Write> fmt::Debug for Screen<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("area", &self.shown.area).finish_non_exhaustive()
    }
}
