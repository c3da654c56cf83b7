//! What the loop draws on.

use color_eyre::Result;
use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

pub trait Canvas {
    /// Shows a frame: `draw` fills a blank buffer as large as the terminal, and says where the cursor is, if anywhere. With
    /// `redraw` everything is erased and drawn again, whatever the terminal is believed to show.
    ///
    /// # Errors
    /// The terminal cannot be read or written.
    fn draw(&mut self, redraw: bool, draw: impl FnOnce(&mut Buffer) -> Option<Position>) -> Result<()>;
}

/// ratatui's own terminal: tests read its cells.
impl<B> Canvas for Terminal<B>
where
    B: Backend,
    B::Error: Send + Sync + 'static,
{
    fn draw(&mut self, redraw: bool, draw: impl FnOnce(&mut Buffer) -> Option<Position>) -> Result<()> {
        if redraw {
            let size = self.size()?;
            self.resize(Rect::from((Position::ORIGIN, size)))?;
        }
        Terminal::draw(self, |frame| {
            if let Some(cursor) = draw(frame.buffer_mut()) {
                frame.set_cursor_position(cursor);
            }
        })?;
        Ok(())
    }
}
