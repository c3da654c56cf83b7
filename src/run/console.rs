//! What the loop does to the terminal besides drawing cells.

use std::io;

use ratatui::layout::Position;

use crate::app::event::{Notification, Taskbar};
use crate::domain::import::Link;

/// What the loop does to the terminal besides drawing cells.
pub trait Console {
    /// A frame is about to be drawn: nothing of it is shown before [`Console::frame_ends`].
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn frame_begins(&mut self) -> io::Result<()>;

    /// The frame is complete: the terminal shows it at once.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn frame_ends(&mut self) -> io::Result<()>;

    /// Writes `text` from `at` on as a link that the terminal itself can open. The cells there must already
    /// hold the same text; the cursor stays where it is.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn link(&mut self, at: Position, text: &str, link: &Link) -> io::Result<()>;

    /// Asks the terminal to copy `text`, exactly as it is. Whether it does cannot be known.
    ///
    /// # Errors
    /// The text is longer than terminals take, or the terminal cannot be written to.
    fn copy(&mut self, text: &str) -> io::Result<()>;

    /// Rings the bell, or has the desktop show a notification, where the terminal can. Whether it did cannot be known.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn notify(&mut self, notification: &Notification) -> io::Result<()>;

    /// Gives the window a title, or gives it back the one that it had before.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn title(&mut self, title: Option<&str>) -> io::Result<()>;

    /// Shows progress in the taskbar, where the terminal can.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn taskbar(&mut self, progress: Taskbar) -> io::Result<()>;

    /// Takes the mouse's clicks and wheel, or leaves them to the terminal's own selection.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn mouse(&mut self, on: bool) -> io::Result<()>;

    /// Asks the terminal for the colour of its ground. The answer, if there is one, comes among the keys.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn query_background(&mut self) -> io::Result<()>;

    /// Gives the terminal back and stops until the user brings the program to the front again. On the main
    /// thread only: another one would run on for a moment. Afterwards the screen is empty and perhaps of another
    /// size: everything must be drawn anew. `Terminal::resize` to the present size does that; `Terminal::clear`
    /// would ask the terminal where its cursor is, and the answer would be lost to the stream of keys.
    ///
    /// # Errors
    /// The terminal cannot be taken over again, or this system knows no stopping.
    fn suspend(&mut self) -> io::Result<()>;
}
