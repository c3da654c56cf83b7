//! The imports table as printed lines, for `list` and `wait`.
//!
//! Unless others are chosen: the monitor's columns without rate and ETA, which take time to observe; the uuid first. It is
//! whole where there is room for everything else, and the last to go where there is little.

use jiff::tz::TimeZone;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr as _;

use super::column_layout::{CellContext, align, cell, fitting, full_width, title};
use super::theme::Theme;
use super::write::Write as _;
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
    /// A table for a terminal of `width` cells, of the usual columns unless others are chosen: with firms where the imports
    /// are `of_several` accounts.
    pub fn new(width: u16, theme: &'a Theme, chosen: Option<&[Column]>, of_several: bool) -> Self {
        let width = width.max(LEAST);
        let usual = || {
            let watching = [Column::Rate, Column::Eta];
            let mut columns = Column::shown(&Column::DEFAULT, of_several);
            columns.retain(|column| !watching.contains(column));
            columns.insert(0, Column::Uuid);
            columns
        };
        let wanted = chosen.map_or_else(usual, <[Column]>::to_vec);
        Self { columns: placed(&wanted, width), width, theme }
    }

    pub fn heading(&self) -> Vec<Piece> {
        self.line(|buf, x, column, width| {
            let title = title(column, width);
            let title = format::fit(title, usize::from(width), align(column), self.theme.glyphs.ellipsis);
            buf.write(x, 0, title, self.theme.heading);
        })
    }

    pub fn import(&self, watched: &Watched, now: Now) -> Vec<Piece> {
        let context = CellContext {
            theme: self.theme,
            now,
            times: TimeFormat::Relative,
            zone: &TimeZone::UTC,
            redaction: Redaction::default(),
            accounts: &[],
        };
        self.line(|buf, x, column, width| {
            buf.write_line(x, 0, &cell(column, watched, width, context), width);
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

/// The columns that fit, each with its width; room for the uuid is set aside before all others have theirs.
fn placed(wanted: &[Column], width: u16) -> Vec<(Column, u16)> {
    let place = |column| wanted.iter().position(|other| *other == column);
    let Some(place_of_uuid) = place(Column::Uuid) else { return fitting(wanted, width) };
    let others: Vec<Column> = wanted.iter().copied().filter(|column| *column != Column::Uuid).collect();
    let uuid = if width > UUID + full_width(&others) { UUID } else { SHORT_UUID };
    let mut columns = fitting(&others, width - uuid - 1);
    // The column that `ETA` and `STARTED` share stands where the latter was.
    let is_before =
        |(column, _): &(Column, u16)| place(*column).or(place(Column::Started)) < Some(place_of_uuid);
    columns.insert(columns.partition_point(is_before), (Column::Uuid, uuid));
    columns
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
    style
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::snapshot::Snapshot;
    use crate::domain::snapshot::tests::{import, now};

    fn lines(width: u16, ascii: bool) -> [String; 2] {
        lines_of(width, ascii, None)
    }

    fn lines_of(width: u16, ascii: bool, chosen: Option<&[Column]>) -> [String; 2] {
        let theme = Theme::new(false, ascii);
        let mut running = import("065680d5-6407-42c6-8544-da5fb975ebfe", 120, "processing", (1000, 400, 7));
        running.started_by =
            Some(crate::domain::import::Person { name: "Zoë 日本".into(), ..Default::default() }.into());
        let snapshot = Snapshot::of([running], now(0));
        let listing = PlainTable::new(width, &theme, chosen, false);
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

    #[test]
    fn chosen_columns_keep_their_order_and_the_uuid_goes_last() {
        let chosen = [Column::State, Column::Uuid, Column::Eta, Column::Started, Column::Failed, Column::By];
        let headings = |width, chosen| {
            let [heading, _] = lines_of(width, false, Some(chosen));
            heading.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(headings(120, &chosen), ["STATE", "UUID", "ETA", "STARTED", "FAILED", "BY"]);
        assert_eq!(headings(48, &chosen), ["STATE", "UUID", "WHEN", "FAILED"]);
        for width in 1..200 {
            assert!(headings(width, &chosen).contains(&"UUID".to_owned()), "{width}");
            assert!(headings(width, &Column::ALL).contains(&"UUID".to_owned()), "{width}");
        }
        assert_eq!(headings(80, &chosen[..1]), ["STATE"]);
        assert_eq!(lines_of(40, false, Some(&[Column::Uuid]))[1], "065680d5-6407-42c6-8544-da5fb975ebfe");
    }
}
