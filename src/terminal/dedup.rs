//! A backend that writes only changes: ratatui resets colours and hides the cursor in every frame, even in one that is the
//! same as the last.

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::ambiguous_width::DrawnCells;

/// The largest screen that is drawn, in cells: more than the finest displays show in the smallest font. What a terminal
/// claims beyond that (a program may set any size) stays empty instead of taking gigabytes for cells.
const LARGEST: Size = Size { width: 2_000, height: 600 };

/// Wraps a backend and leaves out what the terminal was sent already.
#[derive(Debug)]
pub struct DedupBackend<B> {
    inner: B,
    cells: DrawnCells,
    /// Whether the cursor is visible, and where it is, if known.
    shown: Option<bool>,
    at: Option<Position>,
}

impl<B> DedupBackend<B> {
    /// Wraps `inner`; nothing is known of its cursor yet.
    pub fn new(inner: B) -> Self {
        Self { inner, cells: DrawnCells::default(), shown: None, at: None }
    }

    fn forget(&mut self) {
        self.shown = None;
        self.at = None;
    }
}

impl<B: Backend> Backend for DedupBackend<B> {
    type Error = B::Error;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Self::Error>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let content: Vec<_> = content.collect();
        if content.is_empty() {
            return Ok(());
        }
        self.at = None;
        let whole = self.cells.take_in(&content);
        let mut others = content.into_iter().filter(|(_, y, _)| !whole.contains(y)).peekable();
        if others.peek().is_some() {
            self.inner.draw(others)?;
        }
        for &y in &whole {
            for run in self.cells.row(y) {
                self.inner.draw(run.iter().map(|(x, cell)| (*x, y, cell)))?;
            }
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Self::Error> {
        if self.shown == Some(false) {
            return Ok(());
        }
        self.inner.hide_cursor()?;
        self.shown = Some(false);
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Self::Error> {
        if self.shown == Some(true) {
            return Ok(());
        }
        self.inner.show_cursor()?;
        self.shown = Some(true);
        Ok(())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Self::Error> {
        let position = position.into();
        if self.at == Some(position) {
            return Ok(());
        }
        self.inner.set_cursor_position(position)?;
        self.at = Some(position);
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Self::Error> {
        self.inner.get_cursor_position()
    }

    fn append_lines(&mut self, lines: u16) -> Result<(), Self::Error> {
        self.at = None;
        self.inner.append_lines(lines)
    }

    fn clear(&mut self) -> Result<(), Self::Error> {
        self.clear_region(ClearType::All)
    }

    /// Also starts a complete redraw, as after Ctrl-Z, when the cursor may be anywhere.
    fn clear_region(&mut self, region: ClearType) -> Result<(), Self::Error> {
        self.forget();
        if region == ClearType::All {
            self.cells.clear();
        }
        self.inner.clear_region(region)
    }

    fn size(&self) -> Result<Size, Self::Error> {
        let Size { width, height } = self.inner.size()?;
        Ok(Size { width: width.min(LARGEST.width), height: height.min(LARGEST.height) })
    }

    fn window_size(&mut self) -> Result<WindowSize, Self::Error> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.inner.flush()
    }
}
