//! What the loop does to the terminal besides drawing cells.

use std::io;

use ratatui::layout::Position;

use crate::app::event::{Notification, Taskbar};
use crate::domain::import::Link;

pub trait Console {
    /// A frame is about to be drawn: nothing of it is shown before [`Console::frame_ends`].
    fn frame_begins(&mut self);

    /// The frame is complete: the terminal shows it at once.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn frame_ends(&mut self) -> io::Result<()>;

    /// Writes `text` at `at` as a link that the terminal can open. The cells there must already contain the same text; the
    /// cursor stays where it is.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn link(&mut self, at: Position, text: &str, link: &Link) -> io::Result<()>;

    /// Asks the terminal to copy `text` unchanged. Whether it does is unknown.
    ///
    /// # Errors
    /// The text is longer than terminals accept, or the terminal cannot be written to.
    fn copy(&mut self, text: &str) -> io::Result<()>;

    /// Rings the bell or shows a desktop notification, where the terminal can. Whether it did is unknown.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn notify(&mut self, notification: &Notification) -> io::Result<()>;

    /// Sets the window title, or restores the previous one.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn title(&mut self, title: Option<&str>) -> io::Result<()>;

    /// Shows progress in the taskbar, where the terminal can.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn taskbar(&mut self, progress: Taskbar) -> io::Result<()>;

    /// Captures clicks and the wheel, or leaves them to the terminal's own selection.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn mouse(&mut self, on: bool) -> io::Result<()>;

    /// Queries the terminal's background colour with the next frame. The reply, if there is one, arrives among the keys.
    ///
    /// # Errors
    /// The terminal cannot be written to.
    fn query_background(&mut self) -> io::Result<()>;

    /// Restores the terminal and stops until the shell resumes the program. On the main thread only: another one would run on
    /// for a moment. Afterwards the screen may have another size, and everything must be redrawn.
    ///
    /// # Errors
    /// The terminal cannot be taken over again, or the system cannot suspend programs.
    fn suspend(&mut self) -> io::Result<()>;
}
