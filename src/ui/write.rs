//! Text into cells.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::format;

/// What ratatui's `set_string` and its kin do, several times faster for text that needs no look at Unicode's tables.
pub(super) trait Write {
    /// Up to the right edge.
    fn write(&mut self, x: u16, y: u16, text: impl AsRef<str>, style: impl Into<Style>);
    /// In at most `width` cells. Returns how many it took.
    fn write_within(
        &mut self,
        x: u16,
        y: u16,
        text: impl AsRef<str>,
        width: impl Into<usize>,
        style: impl Into<Style>,
    ) -> u16;
    /// The same.
    fn write_span(&mut self, x: u16, y: u16, span: &Span<'_>, width: u16) -> u16;
    /// The same.
    fn write_line(&mut self, x: u16, y: u16, line: &Line<'_>, width: u16) -> u16;
    /// The same, with `mark` in the last cell if there is more.
    fn write_cut(&mut self, x: u16, y: u16, line: &Line<'_>, width: u16, mark: char);
}

impl Write for Buffer {
    fn write(&mut self, x: u16, y: u16, text: impl AsRef<str>, style: impl Into<Style>) {
        self.write_within(x, y, text, usize::MAX, style);
    }

    fn write_within(
        &mut self,
        x: u16,
        y: u16,
        text: impl AsRef<str>,
        width: impl Into<usize>,
        style: impl Into<Style>,
    ) -> u16 {
        let (text, width, style) = (text.as_ref(), width.into(), style.into());
        if !(self.area.top()..self.area.bottom()).contains(&y) {
            return 0;
        }
        if !format::is_plain(text) {
            return self.set_stringn(x, y, text, width, style).0.saturating_sub(x);
        }
        let room = usize::from(self.area.right().saturating_sub(x)).min(width);
        let first = usize::from(y.saturating_sub(self.area.y)) * usize::from(self.area.width)
            + usize::from(x.saturating_sub(self.area.x));
        let cells = self.content.iter_mut().skip(first).take(room);
        (0..)
            .zip(cells.zip(text.chars()))
            .map(|(at, (cell, c))| {
                cell.set_char(c).set_style(style);
                at + 1
            })
            .last()
            .unwrap_or(0)
    }

    fn write_span(&mut self, x: u16, y: u16, span: &Span<'_>, width: u16) -> u16 {
        self.write_within(x, y, &span.content, width, span.style)
    }

    fn write_line(&mut self, x: u16, y: u16, line: &Line<'_>, width: u16) -> u16 {
        let mut used = 0;
        for span in line {
            let style = line.style.patch(span.style);
            used += self.write_within(
                x.saturating_add(used),
                y,
                &span.content,
                width.saturating_sub(used),
                style,
            );
        }
        used
    }

    fn write_cut(&mut self, x: u16, y: u16, line: &Line<'_>, width: u16, mark: char) {
        self.write_line(x, y, line, width);
        if format::width(line.to_string().trim_end()) > usize::from(width)
            && let Some(last) =
                width.checked_sub(1).and_then(|last| self.cell_mut((x.saturating_add(last), y)))
        {
            last.set_char(mark);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::layout::Rect;
    use ratatui::style::Color;

    use super::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~]{0,12}",
            "[a▆▁│é·\u{2010}-\u{2027}←-↓▸●○■◦✓✗]{0,12}",
            "[a日e\u{301}\u{ad}\u{200d}👍\t]{0,8}",
            "\\PC{0,6}"
        ]
    }

    proptest! {
        #[test]
        fn the_cells_are_those_that_ratatui_fills(
            texts in prop::collection::vec(text(), 1..4), x in 0u16..14, y in 0u16..2, width in 0u16..14,
        ) {
            let blank = Buffer::with_lines(["behind it all", "another 日本 y"]);
            let spans: Vec<_> = texts.iter().map(|text| Span::styled(text, Color::Red)).collect();
            let line = Line::from(spans).style(Color::Blue);
            let (mut ours, mut ratatuis) = (blank.clone(), blank);
            ours.write_line(x, y, &line, width);
            ratatuis.set_line(x, y, &line, width);
            prop_assert_eq!(&ours, &ratatuis);
            ours.write(x, 0, &texts[0], Color::Green);
            ratatuis.set_string(x, 0, &texts[0], Color::Green);
            prop_assert_eq!(ours, ratatuis);
        }

        #[test]
        fn a_text_is_as_wide_as_the_cells_that_it_takes(text in text()) {
            let mut buf = Buffer::empty(Rect::new(0, 0, 60, 1));
            let taken = buf.write_within(0, 0, &text, 60u16, Style::new());
            prop_assert_eq!(usize::from(taken), format::width(&text));
        }
    }
}
