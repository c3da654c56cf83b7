//! An XLSX workbook into a table: the first sheet with data, each cell as the text that its reader sees.

use std::io::{Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxError};

use super::refusal::{Excess, Limits, NotReadable};
use super::table::{Builder, Format, Oddities, Table};

/// Entries that an honest workbook stays far below.
const MOST_ENTRIES: usize = 10_000;

/// Reads a workbook.
///
/// # Errors
/// What is wrong with it, or which bound it passes.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Table, NotReadable> {
    check_unpacked(bytes, limits)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    for sheet in sheets {
        if let Some(builder) = read_sheet(&mut book, &sheet, limits)? {
            return Ok(builder.finish(Format::Xlsx { sheet }, Oddities::default()));
        }
    }
    Err(NotReadable::NoSheet)
}

/// Unpacks everything once and throws it away: sizes that an archive declares may lie, and the workbook reader
/// takes whole parts into memory.
fn check_unpacked(bytes: &[u8], limits: &Limits) -> Result<(), NotReadable> {
    const BROKEN: NotReadable = NotReadable::Damaged("its ZIP archive is broken");
    if bytes.windows(4).filter(|window| window == b"PK\x01\x02").count() > MOST_ENTRIES {
        return Err(NotReadable::Damaged("it has too many parts"));
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| BROKEN)?;
    let mut left = limits.unpacked as u64;
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| BROKEN)?;
        let unpacked = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| BROKEN)?;
        left = left.checked_sub(unpacked).ok_or(NotReadable::TooLarge(Excess::Unpacked(limits.unpacked)))?;
    }
    Ok(())
}

/// One sheet, or `None` where it has no cell with anything in it.
fn read_sheet(
    book: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    limits: &Limits,
) -> Result<Option<Builder>, NotReadable> {
    let mut cells = book.worksheet_cells_reader(sheet).map_err(|e| damaged(&e))?;
    let mut rows = Rows { builder: Builder::default(), row: None, text: String::new() };
    while let Some(cell) = cells.next_cell().map_err(|e| damaged(&e))? {
        let (row, column) = cell.get_position();
        rows.text.clear();
        write_shown(&mut rows.text, cell.get_value());
        rows.place(row, column as usize, limits)?;
    }
    rows.end();
    Ok((rows.builder.text_len() > 0).then_some(rows.builder))
}

/// Cells that come with their places, into rows; rows without text are left out.
struct Rows {
    builder: Builder,
    row: Option<u32>,
    text: String,
}

impl Rows {
    fn place(&mut self, row: u32, column: usize, limits: &Limits) -> Result<(), NotReadable> {
        if self.text.is_empty() {
            return Ok(());
        }
        let too_large = |excess| Err(NotReadable::TooLarge(excess));
        if self.text.len() > limits.cell {
            return too_large(Excess::Cell { most: limits.cell, line: u64::from(row) + 1 });
        }
        if column >= limits.columns {
            return too_large(Excess::Columns(limits.columns));
        }
        if self.builder.text_len() + self.text.len() > limits.unpacked {
            return too_large(Excess::Unpacked(limits.unpacked));
        }
        if self.row != Some(row) {
            self.end();
            if self.builder.rows() > limits.rows {
                return too_large(Excess::Rows(limits.rows));
            }
            self.row = Some(row);
        }
        while self.builder.cells() < column {
            self.builder.cell("", false);
        }
        // A place that is filled already stays as it is.
        if self.builder.cells() == column {
            self.builder.cell(&self.text, false);
        }
        Ok(())
    }

    fn end(&mut self) {
        if let Some(row) = self.row.take() {
            self.builder.end_row(u64::from(row) + 1);
        }
    }
}

/// What a reader sees in a cell; dates as ISO 8601, numbers with the 15 digits that Excel keeps.
fn write_shown(out: &mut String, value: &DataRef<'_>) {
    use std::fmt::Write as _;
    let written = match value {
        DataRef::Empty => Ok(()),
        DataRef::String(text) | DataRef::DurationIso(text) => out.write_str(text),
        DataRef::DateTimeIso(text) => out.write_str(text.strip_suffix("T00:00:00").unwrap_or(text)),
        DataRef::SharedString(text) => out.write_str(text),
        DataRef::Int(number) => write!(out, "{number}"),
        DataRef::Float(number) => write_number(out, *number),
        DataRef::Bool(yes) => out.write_str(if *yes { "TRUE" } else { "FALSE" }),
        DataRef::Error(error) => write!(out, "{error}"),
        DataRef::DateTime(date) => write_date(out, *date),
    };
    // Writing into a String cannot fail.
    let _ = written;
}

fn write_number(out: &mut String, number: f64) -> std::fmt::Result {
    use std::fmt::Write as _;
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return write!(out, "{}", number as i64);
    }
    let kept = format!("{number:.14e}").parse::<f64>().unwrap_or(number);
    write!(out, "{kept}")
}

fn write_date(out: &mut String, date: ExcelDateTime) -> std::fmt::Result {
    use std::fmt::Write as _;
    // Half a second up, so that the fraction of a day ends on the second that was meant.
    let whole = date.as_f64() + 0.5 / 86_400.0;
    if date.is_duration() {
        let seconds = (whole * 86_400.0) as i64;
        return write!(out, "{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    let time = (hour, minute, second);
    if (0.0..1.0).contains(&date.as_f64()) {
        write!(out, "{hour:02}:{minute:02}:{second:02}")
    } else if time == (0, 0, 0) {
        write!(out, "{year:04}-{month:02}-{day:02}")
    } else {
        write!(out, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

/// What went wrong, without the file's own words.
fn damaged(error: &XlsxError) -> NotReadable {
    match error {
        XlsxError::Password => NotReadable::OldExcel,
        XlsxError::Io(_) | XlsxError::Zip(_) => NotReadable::Damaged("its ZIP archive is broken"),
        XlsxError::Xml(_) | XlsxError::XmlAttr(_) | XlsxError::XmlEof(_) => {
            NotReadable::Damaged("its XML is broken")
        }
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => {
            NotReadable::Damaged("a part of it is missing")
        }
        _ => NotReadable::Damaged("its content is not as Excel writes it"),
    }
}
