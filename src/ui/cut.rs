//! Areas into parts. No part depends on another, so there are no equations to solve, as there are in ratatui's layouts.

use ratatui::layout::Rect;

pub(super) trait Cut: Sized {
    /// The first rows, at most as many as there are, and the rest.
    fn cut_below(self, rows: u16) -> (Self, Self);
    /// The first columns, likewise, and the rest.
    fn cut_beside(self, columns: u16) -> (Self, Self);
}

impl Cut for Rect {
    fn cut_below(self, rows: u16) -> (Self, Self) {
        let rows = rows.min(self.height);
        (Self { height: rows, ..self }, Self { y: self.y + rows, height: self.height - rows, ..self })
    }

    fn cut_beside(self, columns: u16) -> (Self, Self) {
        let columns = columns.min(self.width);
        (Self { width: columns, ..self }, Self { x: self.x + columns, width: self.width - columns, ..self })
    }
}
