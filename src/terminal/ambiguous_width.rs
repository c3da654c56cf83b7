//! What the terminal shows, as far as we drew it: needed where it may measure a character differently.
//!
//! A character of several code points (as in Indic scripts, Thai and joined emoji) or of two cells takes as many cells as
//! the terminal thinks, which is not always what we think. Rewriting only the changed cells would leave its other half
//! behind: letters of one client on another client's row. So a row that has such a character, or had one until now, is
//! rewritten from its first cell to its last, and the cursor is moved explicitly after each such character.

use std::collections::{BTreeMap, BTreeSet};

use ratatui::buffer::Cell;
use unicode_width::UnicodeWidthStr as _;

/// The rows, as far as they were drawn.
#[derive(Debug, Default)]
pub(super) struct DrawnCells {
    rows: BTreeMap<u16, Vec<Cell>>,
    /// The length of the longest row, in cells.
    width: usize,
}

/// Adjacent cells of one row whose width is certain.
pub(super) type Run = Vec<(u16, Cell)>;

impl DrawnCells {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Takes in what is about to be drawn; returns the rows that must be rewritten completely.
    pub(super) fn take_in(&mut self, content: &[(u16, u16, &Cell)]) -> BTreeSet<u16> {
        let mut whole = BTreeSet::new();
        for &(x, y, cell) in content {
            let row = self.rows.entry(y).or_default();
            // Before the first change of this row: its previous content counts as well.
            if !whole.contains(&y) && (is_ambiguous(cell) || row.iter().any(is_ambiguous)) {
                whole.insert(y);
            }
            let (at, covered) = (usize::from(x), cell.symbol().width().saturating_sub(1));
            if row.len() <= at + covered {
                row.resize(at + covered + 1, Cell::EMPTY);
            }
            for (place, there) in row.iter_mut().skip(at).take(covered + 1).enumerate() {
                // ratatui does not report the cells that a wide character covers.
                *there = if place == 0 { cell.clone() } else { blank(cell) };
            }
            self.width = self.width.max(at + 1);
        }
        whole
    }

    /// All cells of a row, in drawing order; the cursor is moved before each run.
    pub(super) fn row(&mut self, y: u16) -> Vec<Run> {
        let row = self.rows.entry(y).or_default();
        row.resize(self.width.max(row.len()), Cell::EMPTY);
        let mut runs = Vec::new();
        let mut run = Run::new();
        let mut rest = (0..=u16::MAX).zip(row.iter());
        while let Some((x, cell)) = rest.next() {
            if !is_ambiguous(cell) {
                run.push((x, cell.clone()));
                continue;
            }
            runs.push(std::mem::take(&mut run));
            // First the cells that it should cover: the terminal may draw it narrower.
            let behind = rest.by_ref().take(cell.symbol().width().saturating_sub(1));
            runs.push(behind.map(|(x, cell)| (x, blank(cell))).collect());
            runs.push(vec![(x, cell.clone())]);
        }
        runs.push(run);
        runs.retain(|run| !run.is_empty());
        runs
    }
}

/// Whether terminals may disagree about its width.
fn is_ambiguous(cell: &Cell) -> bool {
    let symbol = cell.symbol();
    !symbol.is_ascii() && (symbol.chars().nth(1).is_some() || symbol.width() != 1)
}

fn blank(cell: &Cell) -> Cell {
    let mut blank = cell.clone();
    blank.set_symbol(" ");
    blank
}

#[cfg(test)]
mod tests {
    use super::super::DedupBackend;
    use ratatui::backend::CrosstermBackend;
    use ratatui::layout::Rect;
    use ratatui::text::Text;
    use ratatui::{Terminal, TerminalOptions, Viewport};

    /// What an emulator shows after drawing each of these lines in place of the previous one.
    fn shown(lines: &[&str]) -> String {
        let viewport = Viewport::Fixed(Rect::new(0, 0, 40, 2));
        let mut bytes = Vec::new();
        let backend = DedupBackend::new(CrosstermBackend::new(&mut bytes));
        let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
        for line in lines {
            let text = format!("{line}\n{}", "-".repeat(40));
            terminal.draw(|frame| frame.render_widget(Text::raw(text.as_str()), frame.area())).unwrap();
        }
        drop(terminal);
        let mut parser = vt100::Parser::new(2.try_into().unwrap(), 40.try_into().unwrap(), 0);
        parser.process(&bytes);
        parser.screen().rows(0, 40).next().unwrap().trim_end().to_owned()
    }

    #[test]
    fn nothing_of_a_name_stays_on_the_row_of_the_next_in_any_script() {
        let names = [
            ("Devanagari", "श्रीनिवास कृष्णमूर्ति"),
            ("Bengali", "শ্রীনিবাস চৌধুরী"),
            ("Gujarati", "નિતીશ ગુજરાતી"),
            ("Telugu", "శ్రీనివాసులు రెడ్డి"),
            ("Tamil", "ஸ்ரீநிவாசன் கோபால்"),
            ("Thai", "กำธร น้ำใจดี"),
            ("Chinese", "王小明 李四"),
            ("Hangul in parts", "한국 사람"),
            ("emoji", "👩‍👩‍👧 👍🏽 ❤️"),
            ("combining marks", "e\u{301}a\u{308}o\u{302}"),
        ];
        for (script, name) in names {
            for next in ["", " Jo", "x", "Fairweather Wealth"] {
                let after = shown(&[name, next]);
                assert_eq!(after, next, "{script}: {after:?}");
            }
            // A change far to the right of it, and one next to it.
            let after = shown(&[&format!("{name}  1"), "  1", &format!("{name}  2"), "ab  2"]);
            assert_eq!(after, "ab  2", "{script}");
        }
    }
}
