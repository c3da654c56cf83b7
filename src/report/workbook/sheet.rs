//! One sheet's cells into rows.

use std::ops::Range;

use super::super::read_error::{Excess, Limits, ReadError};
use super::super::table::{Builder, Format, ParseWarnings, Table};
use super::MISSING;
use super::number_format::{NumberFormat, write_general};
use super::package::Package;
use super::parts::Sheet;
use super::strings::{RichText, SharedStrings, push_unescaped};
use super::styles::Styles;
use super::xml::{Event, Tag};

/// What a sheet's cells refer to, and the bounds.
pub(super) struct Context {
    pub(super) strings: SharedStrings,
    pub(super) styles: Styles,
    pub(super) since_1904: bool,
    pub(super) limits: Limits,
}

/// Reads a sheet; `None` where no cell has anything in it. Rows without text are left out.
pub(super) fn read(
    package: &mut Package<'_>,
    context: &Context,
    sheet: &Sheet,
) -> Result<Option<Table>, ReadError> {
    let mut rows = Rows::new(context);
    let mut cell = Cell::default();
    let mut in_data = false;
    let mut xml = package.part(sheet.part.ok_or(MISSING)?)?;
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) if in_data => match tag.name() {
                "row" => rows.begin(&tag)?,
                "c" => cell = rows.cell(&tag, cell)?,
                _ => cell.start(&tag),
            },
            Event::Start(tag) => in_data = tag.name() == "sheetData",
            Event::Text(text) if in_data => cell.text(&text),
            Event::End(tag) if in_data => match tag.name() {
                "sheetData" => break,
                "c" => rows.place(&cell)?,
                name => cell.end(name),
            },
            _ => {}
        }
    }
    rows.end_row()?;
    Ok(rows.finish(Format::Xlsx { sheet: sheet.name.clone() }))
}

/// What a cell's text means.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Number,
    /// The place of a shared text.
    Shared,
    Text,
    Bool,
    Error,
    IsoDate,
}

/// A cell as the file writes it.
#[derive(Default)]
struct Cell {
    column: usize,
    kind: Kind,
    style: usize,
    /// What `<v>` holds.
    value: String,
    in_value: bool,
    /// What `<is>` holds.
    inline: String,
    rich: RichText,
}

impl Cell {
    fn start(&mut self, tag: &Tag<'_>) {
        match tag.name() {
            "v" => self.in_value = true,
            _ => self.rich.start(tag),
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_value {
            self.value.push_str(text);
        } else {
            self.rich.text(text);
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "v" => self.in_value = false,
            name => self.rich.end(name, &mut self.inline),
        }
    }
}

/// Rows as they come. Each row's cells are gathered before they are placed: they may come in any order.
struct Rows<'a> {
    context: &'a Context,
    builder: Builder,
    /// Cells placed so far, empty ones between them too.
    placed: usize,
    /// The number of the row being read, from 1.
    row: u64,
    /// The column of the next cell that does not say its own.
    next_column: usize,
    /// The texts of the row's cells.
    text: String,
    cells: Vec<(usize, Range<usize>)>,
    /// The numbers of the rows that are complete.
    numbers: Vec<u64>,
    /// Whether the row leaves its number to its cells.
    is_unnumbered: bool,
}

impl<'a> Rows<'a> {
    fn new(context: &'a Context) -> Self {
        let (builder, text, cells, numbers) = Default::default();
        Self {
            context,
            builder,
            placed: 0,
            row: 0,
            next_column: 0,
            text,
            cells,
            numbers,
            is_unnumbered: true,
        }
    }

    fn begin(&mut self, tag: &Tag<'_>) -> Result<(), ReadError> {
        let number = tag.attribute("r")?.and_then(|r| r.trim().parse().ok()).filter(|row| *row > 0);
        let row = number.unwrap_or(self.row + 1);
        // A row may be split in two elements.
        if row != self.row {
            self.end_row()?;
            self.row = row;
        }
        self.next_column = 0;
        self.is_unnumbered = number.is_none();
        Ok(())
    }

    /// A cell that begins, with the buffers of the one before.
    fn cell(&mut self, tag: &Tag<'_>, mut cell: Cell) -> Result<Cell, ReadError> {
        cell.value.clear();
        cell.inline.clear();
        let place = tag.attribute("r")?.unwrap_or_default();
        let letters = place.trim_end_matches(|c: char| c.is_ascii_digit());
        cell.column = column(letters).unwrap_or(self.next_column);
        self.next_column = cell.column.saturating_add(1);
        let number = place.get(letters.len()..).and_then(|number| number.parse().ok());
        if let Some(row) = number.filter(|row| *row > 0 && self.is_unnumbered && self.cells.is_empty()) {
            self.row = row;
        }
        cell.kind = match tag.attribute("t")?.as_deref() {
            Some("s") => Kind::Shared,
            Some("str" | "inlineStr") => Kind::Text,
            Some("b") => Kind::Bool,
            Some("e") => Kind::Error,
            Some("d") => Kind::IsoDate,
            _ => Kind::Number,
        };
        cell.style = tag.attribute("s")?.and_then(|style| style.trim().parse().ok()).unwrap_or_default();
        Ok(cell)
    }

    /// Notes what a cell shows.
    fn place(&mut self, cell: &Cell) -> Result<(), ReadError> {
        let limits = &self.context.limits;
        let start = self.text.len();
        write_cell(&mut self.text, cell, self.context)?;
        let length = self.text.len() - start;
        if length == 0 {
            return Ok(());
        }
        let too_large = |excess| Err(ReadError::TooLarge(excess));
        if length > limits.cell {
            return too_large(Excess::Cell { most: limits.cell, line: self.row });
        }
        if cell.column >= limits.columns {
            return too_large(Excess::Columns(limits.columns));
        }
        // A text that many cells share is small in the file.
        if self.builder.text_len() + self.text.len() > limits.unpacked {
            return too_large(Excess::Unpacked(limits.unpacked));
        }
        self.cells.push((cell.column, start..self.text.len()));
        // A row that gives the same places again and again.
        if self.cells.len() > limits.columns.saturating_mul(2) {
            self.sort();
        }
        Ok(())
    }

    /// Puts the row's cells in order. Of several in one place, the first is kept.
    fn sort(&mut self) {
        self.cells.sort_by_key(|(column, _)| *column);
        self.cells.dedup_by_key(|(column, _)| *column);
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let limits = &self.context.limits;
        if limits.cancel.is_set() {
            return Err(ReadError::Cancelled);
        }
        if self.builder.rows() > limits.rows {
            return Err(ReadError::TooLarge(Excess::Rows(limits.rows)));
        }
        self.sort();
        let width = self.cells.last().map_or(0, |(column, _)| column + 1);
        self.placed += width;
        // A cell far to the right is a few bytes of the file and makes many empty ones before it.
        if self.placed * size_of::<u32>() > limits.unpacked {
            return Err(ReadError::TooLarge(Excess::Unpacked(limits.unpacked)));
        }
        for (column, span) in self.cells.drain(..) {
            while self.builder.cells() < column {
                self.builder.cell("", false);
            }
            self.builder.cell(self.text.get(span).unwrap_or_default(), false);
        }
        self.text.clear();
        self.builder.end_row(self.row);
        self.numbers.push(self.row);
        Ok(())
    }

    fn finish(self, format: Format) -> Option<Table> {
        if self.builder.text_len() == 0 {
            return None;
        }
        let table = self.builder.finish(format, ParseWarnings::default());
        Some(if self.numbers.is_sorted() { table } else { sorted(&table, &self.numbers) })
    }
}

/// The rows in the order of their numbers: the topmost is the headers.
fn sorted(table: &Table, numbers: &[u64]) -> Table {
    let mut rows: Vec<(u64, usize)> = numbers.iter().copied().zip(0..).collect();
    rows.sort_unstable();
    let mut builder = Builder::default();
    for (number, at) in rows {
        table.record(at).for_each(|(text, quoted)| builder.cell(text, quoted));
        builder.end_row(number);
    }
    builder.finish(table.format().clone(), ParseWarnings::default())
}

/// What Excel shows in a cell.
fn write_cell(out: &mut String, cell: &Cell, context: &Context) -> Result<(), ReadError> {
    let format = context.styles.format(cell.style);
    let value = cell.value.trim();
    match cell.kind {
        Kind::Shared if !value.is_empty() => {
            let text = value.parse().ok().and_then(|at| context.strings.get(at)).ok_or(MISSING)?;
            write_text(out, text, format);
        }
        Kind::Shared | Kind::Text => {
            let mut text = String::new();
            push_unescaped(&mut text, &cell.value);
            text.push_str(&cell.inline);
            write_text(out, &text, format);
        }
        Kind::Bool => out.push_str(match value {
            "1" | "true" => "TRUE",
            "" => "",
            _ => "FALSE",
        }),
        Kind::Error => out.push_str(value),
        Kind::IsoDate => out.push_str(value.strip_suffix("T00:00:00").unwrap_or(value)),
        Kind::Number => match (value.parse::<f64>(), format) {
            (Ok(number), Some(format)) if number.is_finite() => {
                format.write(out, number, context.since_1904);
            }
            (Ok(number), None) if number.is_finite() => write_general(out, number),
            _ => out.push_str(value),
        },
    }
    Ok(())
}

fn write_text(out: &mut String, text: &str, format: Option<&NumberFormat>) {
    match format {
        Some(format) => format.write_text(out, text),
        None => out.push_str(text),
    }
}

/// The column that letters such as `AB` name, from 0.
fn column(letters: &str) -> Option<usize> {
    let add = |column: usize, letter: u8| {
        let digit = letter.is_ascii_alphabetic().then(|| letter.to_ascii_uppercase() - b'A')?;
        Some(column.saturating_mul(26).saturating_add(usize::from(digit) + 1))
    };
    letters.bytes().try_fold(0, add)?.checked_sub(1)
}
