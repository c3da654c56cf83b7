//! What a person sees: the cells of a test terminal as text and styles.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;

/// One frame.
#[derive(Debug, Clone)]
pub struct Screen {
    buffer: Buffer,
}

impl Screen {
    pub fn new(buffer: Buffer) -> Self {
        Self { buffer }
    }

    /// The lines, without the blanks at their ends.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for y in 0..self.buffer.area.height {
            text.push_str(self.line(y).trim_end());
            text.push('\n');
        }
        text
    }

    /// One line, blanks and all. The second half of a wide character is no cell of its own.
    pub fn line(&self, y: u16) -> String {
        let mut line = String::new();
        let mut covered = 0;
        for x in 0..self.buffer.area.width {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            let symbol = self.buffer[(x, y)].symbol();
            covered = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        line
    }

    pub fn contains(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// The line that holds a text.
    #[track_caller]
    pub fn line_with(&self, text: &str) -> String {
        let lines = self.text();
        lines
            .lines()
            .find(|line| line.contains(text))
            .unwrap_or_else(|| panic!("no {text:?} in:\n{lines}"))
            .to_owned()
    }

    /// The first cell of the first appearance of a text.
    #[track_caller]
    pub fn cell_of(&self, text: &str) -> &Cell {
        &self.buffer[self.position_of(text)]
    }

    /// Where a text first appears.
    #[track_caller]
    pub fn position_of(&self, text: &str) -> Position {
        for y in 0..self.buffer.area.height {
            let line = self.line(y);
            if let Some(at) = line.find(text) {
                let x = unicode_width::UnicodeWidthStr::width(&line[..at]);
                return Position { x: x as u16, y };
            }
        }
        panic!("no {text:?} in:\n{}", self.text());
    }

    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }
}
