//! The imports table as printed lines, for `list` and `wait`.
//!
//! The monitor's columns without rate and ETA, which take time to observe; the uuid first, whole where there is room for
//! everything else.

use jiff::tz::TimeZone;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::column_layout::{CellContext, align, cell, fitting, full_width, title};
use super::theme::Theme;
use super::{ascii, format};
use crate::app::columns::Column;
use crate::app::preferences::TimeFormat;
use crate::domain::Now;
use crate::domain::redact::Redaction;
use crate::domain::snapshot::Watched;

/// The width of a whole uuid, and of the beginning that stands for it on narrow terminals.
const UUID: u16 = 36;
const SHORT_UUID: u16 = 8;
/// The minimum width; narrower terminals wrap.
const LEAST: u16 = 40;

/// A part of a line in one style.
pub type Piece = (String, Style);

/// The columns of a printed table.
#[derive(Debug)]
pub struct PlainTable<'a> {
    columns: Vec<(Column, u16)>,
    width: u16,
    theme: &'a Theme,
}

impl<'a> PlainTable<'a> {
    /// A table for a terminal of `width` cells.
    pub fn new(width: u16, theme: &'a Theme) -> Self {
        let width = width.max(LEAST);
        let watching = [Column::Rate, Column::Eta];
        let shown: Vec<Column> =
            Column::DEFAULT.into_iter().filter(|column| !watching.contains(column)).collect();
        let uuid = if width > UUID + full_width(&shown) { UUID } else { SHORT_UUID };
        let mut columns = vec![(Column::Uuid, uuid)];
        columns.extend(fitting(&shown, width - uuid - 1));
        Self { columns, width, theme }
    }

    pub fn heading(&self) -> Vec<Piece> {
        self.line(|buf, x, column, width| {
            let title = title(column, width);
            let title = format::fit(title, usize::from(width), align(column), self.theme.glyphs.ellipsis);
            buf.set_string(x, 0, title, self.theme.heading);
        })
    }

    pub fn import(&self, watched: &Watched, now: Now) -> Vec<Piece> {
        let context = CellContext {
            theme: self.theme,
            now,
            times: TimeFormat::Relative,
            zone: &TimeZone::UTC,
            redaction: Redaction::default(),
        };
        self.line(|buf, x, column, width| {
            buf.set_line(x, 0, &cell(column, watched, width, context), width);
        })
    }

    /// Writes every column and splits the line by style.
    fn line(&self, mut write: impl FnMut(&mut Buffer, u16, Column, u16)) -> Vec<Piece> {
        let mut buf = Buffer::empty(Rect::new(0, 0, self.width, 1));
        let mut x = 0;
        for (column, width) in &self.columns {
            write(&mut buf, x, *column, *width);
            x += width + 1;
        }
        ascii::only_where_wanted(&mut buf, self.theme);
        pieces(&buf)
    }
}

fn pieces(buf: &Buffer) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut covered = 0;
    for cell in &buf.content {
        if covered > 0 {
            covered -= 1;
            continue;
        }
        covered = cell.symbol().width().saturating_sub(1);
        let style = own_style(cell);
        match pieces.last_mut().filter(|(_, last)| *last == style) {
            Some((text, _)) => text.push_str(cell.symbol()),
            None => pieces.push((cell.symbol().to_owned(), style)),
        }
    }
    if let Some((text, _)) = pieces.last_mut() {
        text.truncate(text.trim_end().len());
    }
    pieces
}

/// The style without the defaults of every cell.
fn own_style(cell: &Cell) -> Style {
    let (mut style, plain) = (cell.style(), Cell::default().style());
    style.fg = style.fg.filter(|_| style.fg != plain.fg);
    style.bg = style.bg.filter(|_| style.bg != plain.bg);
    style.underline_color = style.underline_color.filter(|_| style.underline_color != plain.underline_color);
    style
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::snapshot::Snapshot;
    use crate::domain::snapshot::tests::{import, now};

    fn lines(width: u16, ascii: bool) -> [String; 2] {
        let theme = Theme::new(false, ascii);
        let mut running = import("065680d5-6407-42c6-8544-da5fb975ebfe", 120, "processing", (1000, 400, 7));
        running.started_by =
            Some(crate::domain::import::Person { name: "Zoë 日本".into(), ..Default::default() });
        let snapshot = Snapshot::of([running], now(0));
        let listing = PlainTable::new(width, &theme);
        let text = |pieces: Vec<Piece>| pieces.into_iter().map(|(text, _)| text).collect::<String>();
        [text(listing.heading()), text(listing.import(snapshot.imports.iter().next().unwrap(), now(0)))]
    }

    #[test]
    fn each_line_begins_with_the_uuid_which_is_whole_where_there_is_room() {
        const WHOLE: &str = "065680d5-6407-42c6-8544-da5fb975ebfe ";
        for width in [1, 40, 80, 120, 160, 161, 300] {
            let [heading, line] = lines(width, false);
            for text in [&heading, &line] {
                assert!(format::width(text) <= usize::from(width.max(LEAST)), "{width}: {text}");
            }
            assert!(!heading.contains("RATE") && !heading.contains("ETA"), "{heading}");
            assert!(line.starts_with(if width >= 160 { WHOLE } else { "065680d5 " }), "{width}: {line}");
        }
        let [heading, line] = lines(160, false);
        assert!(
            heading.contains("STATE") && line.contains("▸ running") && line.contains("Zoë 日本"),
            "{line}"
        );
        assert!(lines(160, true)[1].is_ascii());
    }
}
