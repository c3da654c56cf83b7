//! The floor: the least that a ratatui program can do in the same terminal.

use std::io;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{self, Event, KeyCode};
use crossterm::execute;
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use portable_pty::CommandBuilder;
use ratatui::Terminal;
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::pty::hermetic;

/// Makes this program play the floor.
pub(crate) const PLAY: &str = "--floor";
/// What every line of it shows.
pub(crate) const TEXT: &str = "a line of text";

/// Starts the floor.
pub(crate) fn command() -> CommandBuilder {
    let mut command = hermetic(std::env::current_exe().unwrap());
    command.arg(PLAY);
    command
}

/// Fills every cell, and moves a highlighted line on `j` and `k` until `q`.
pub(crate) fn play() -> io::Result<()> {
    enable_raw_mode()?;
    let mut out = io::stdout();
    execute!(out, EnterAlternateScreen, Hide)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let mut at = 0_usize;
    loop {
        execute!(out, BeginSynchronizedUpdate)?;
        terminal.draw(|frame| {
            let area = frame.area();
            let text: String = TEXT.chars().cycle().take(usize::from(area.width)).collect();
            for (y, row) in area.rows().enumerate() {
                frame.render_widget(Line::raw(&text), row);
                if y == at % usize::from(area.height) {
                    frame.render_widget(Line::raw(">"), row);
                    frame.buffer_mut().set_style(row, Style::new().reversed());
                }
            }
        })?;
        execute!(out, EndSynchronizedUpdate)?;
        match event::read()? {
            Event::Key(key) if key.code == KeyCode::Char('j') => at += 1,
            Event::Key(key) if key.code == KeyCode::Char('k') => at = at.saturating_sub(1),
            Event::Key(_) => break,
            _ => {}
        }
    }
    execute!(out, LeaveAlternateScreen, Show)?;
    disable_raw_mode()
}

/// How many bytes ratatui writes to turn one screen into the other, without any style.
pub(crate) fn bytes(before: &vt100::Screen, after: &vt100::Screen) -> usize {
    let after = buffer(after);
    let before = buffer(before);
    let before = if before.area == after.area { before } else { Buffer::empty(after.area) };
    let mut written = Vec::new();
    CrosstermBackend::new(&mut written).draw(before.diff(&after).into_iter()).unwrap();
    written.len()
}

/// The text of a screen.
fn buffer(screen: &vt100::Screen) -> Buffer {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    for y in 0..rows {
        for x in 0..columns {
            let Some(cell) = screen.cell(y, x).filter(|cell| cell.has_contents()) else { continue };
            buffer[(x, y)].set_symbol(cell.contents());
        }
    }
    buffer
}
