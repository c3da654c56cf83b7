//! Failed rows as a CSV that only needs the fixes: the client's columns in their order under their headers, ready
//! to be imported again.
//!
//! An unchanged cell is written byte for byte as it was read, quoted where it was quoted, between the same
//! delimiters and line ends, after a byte order mark where there was one. Text is always written as UTF-8, whatever
//! the report was: [`Written::converted`] says when that is a change. Corrected rows keep the report's encoding as well
//! ([`corrected`]).

mod corrected;

use std::io::{self, Write};

use crate::domain::import::{Kind, Mode};

pub use self::corrected::{Corrected, corrected, corrected_source};
use super::FailedRows;
use super::table::{DELIMITERS, Dialect, Encoding, Quotes, Quoting};

/// The header of the column that says why.
const WHY: &str = "why it failed";

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Adds a last column with each row's messages. Remove it before the file is imported again.
    pub why: bool,
    /// Puts a `'` before cells that a spreadsheet would run as a formula. The `'` would be imported too, so
    /// the default leaves data as data.
    pub spreadsheet_safe: bool,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Rows below the headers.
    pub rows: usize,
    /// Cells that a spreadsheet would run as formulas, neutralised or not.
    pub formulas: usize,
    /// The report's encoding, where it was not UTF-8: the file is.
    pub converted: Option<Encoding>,
}

/// Writes the headers and the chosen rows, in the order given; a row that does not exist is left out.
///
/// # Errors
/// Those of the writer.
pub fn write(
    out: &mut impl Write,
    report: &FailedRows,
    rows: impl IntoIterator<Item = usize>,
    options: Options,
) -> io::Result<Written> {
    let dialect = report.table.dialect();
    let converted = (dialect.encoding != Encoding::Utf8).then_some(dialect.encoding);
    let mut written = Written { converted, ..Written::default() };
    let mut line = Line::new(out, dialect, options, report.columns.own.len());
    line.begin()?;
    let own = |record: usize| -> Vec<_> {
        let cells = report.table.record(record).enumerate();
        cells.filter(|(at, _)| report.columns.is_own(*at)).map(|(_, cell)| cell).collect()
    };
    line.record(&own(0), WHY, true)?;
    for row in rows.into_iter().filter(|row| *row < report.len()) {
        let why = if options.why { why(report, row) } else { String::new() };
        line.record(&own(row + 1), &why, false)?;
        written.rows += 1;
    }
    written.formulas = line.formulas;
    line.out.flush()?;
    Ok(written)
}

/// How many of the client's cells in these rows, headers included, a spreadsheet would run as formulas.
pub fn formulas(report: &FailedRows, rows: impl IntoIterator<Item = usize>) -> usize {
    let own = |record: usize| {
        let cells = report.table.record(record).enumerate();
        cells.filter(|(at, (cell, _))| report.columns.is_own(*at) && is_formula(cell)).count()
    };
    own(0) + rows.into_iter().filter(|row| *row < report.len()).map(|row| own(row + 1)).sum::<usize>()
}

/// Whether a spreadsheet would run a cell instead of showing it: it begins with `=`, `+`, `-`, `@`, a tab or a
/// carriage return. A plain negative number is a number.
pub fn is_formula(cell: &str) -> bool {
    match cell.as_bytes() {
        [b'-', rest @ ..] => {
            let number = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b',');
            !(rest.iter().any(u8::is_ascii_digit) && rest.iter().all(number))
        }
        [b'=' | b'+' | b'@' | b'\t' | b'\r', ..] => true,
        _ => false,
    }
}

/// A name for the file that says which rows it has and how many of how many: `clients-create-DOB-41-of-412.csv`; behind
/// the name of the firm, where it could be of another.
pub fn file_name(firm: &str, kind: &Kind, mode: &Mode, what: &str, count: &str) -> String {
    let plain = |word: &str| -> String {
        let kept = word.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
        let words = kept.take(40).collect::<String>();
        words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
    };
    let kind = Some(plain(kind.as_str())).filter(|kind| !kind.is_empty()).unwrap_or_else(|| "import".into());
    let parts =
        [plain(firm), kind.to_lowercase(), plain(mode.label()).to_lowercase(), plain(what), plain(count)];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{}.csv", parts.join("-"))
}

/// A row's messages in one cell.
fn why(report: &FailedRows, row: usize) -> String {
    report.problems.of(row).map(|problem| problem.message).collect::<Vec<_>>().join(" | ")
}

/// Writes a file line by line.
struct Line<'a, W> {
    out: &'a mut W,
    dialect: Dialect,
    options: Options,
    /// How many columns a full line has, the one that says why not counted.
    columns: usize,
    formulas: usize,
    /// Cells in the line so far.
    cells: usize,
    /// Whether nothing was written to the file yet.
    empty: bool,
    /// Whether no delimiter may show outside quotes: a reader who looks for it must find the right one.
    guarded: bool,
    /// Whether cells stay as they were even where a reader who looks for the delimiter, or takes quotation marks as
    /// the standard has them, may be misled.
    keeps: bool,
}

impl<'a, W: Write> Line<'a, W> {
    fn new(out: &'a mut W, dialect: Dialect, options: Options, columns: usize) -> Self {
        Self {
            out,
            dialect,
            options,
            columns,
            formulas: 0,
            cells: 0,
            empty: true,
            guarded: false,
            keeps: false,
        }
    }

    /// A line writer for which bytes count, not how easily a reader finds out what they mean.
    fn keeping(out: &'a mut W, dialect: Dialect, options: Options, columns: usize) -> Self {
        Self { keeps: true, ..Self::new(out, dialect, options, columns) }
    }

    fn begin(&mut self) -> io::Result<()> {
        if self.dialect.bom { self.out.write_all("\u{feff}".as_bytes()) } else { Ok(()) }
    }

    /// Writes a line of cells, each with whether it was quoted. A short row stays short unless something follows it.
    fn record(&mut self, cells: &[(&str, bool)], why: &str, is_header: bool) -> io::Result<()> {
        self.cells = 0;
        self.guarded = (is_header && !self.keeps) || (self.columns < 2 && !self.options.why);
        let width = cells.len();
        for &(cell, quoted) in cells {
            self.cell(cell, quoted || (width == 1 && cell.is_empty() && !self.options.why))?;
        }
        if width == 0 && !self.options.why {
            self.cell("", true)?;
        }
        if self.options.why {
            while self.cells < self.columns {
                self.cell("", self.dialect.quoting == Quoting::Always)?;
            }
            self.cell(why, self.dialect.quoting == Quoting::Always)?;
        }
        self.out.write_all(self.dialect.line_end.as_str().as_bytes())
    }

    fn cell(&mut self, cell: &str, quoted: bool) -> io::Result<()> {
        if self.cells > 0 {
            self.out.write_all(&[self.dialect.delimiter])?;
        }
        self.cells += 1;
        let formula = is_formula(cell);
        self.formulas += usize::from(formula);
        let guard = if formula && self.options.spreadsheet_safe { "'" } else { "" };
        let first = std::mem::take(&mut self.empty);
        let marked = self.cells == 1 && cell.starts_with('\u{feff}');
        if !quoted && !marked && !self.must_quote(cell, first) {
            self.out.write_all(guard.as_bytes())?;
            return self.out.write_all(cell.as_bytes());
        }
        self.out.write_all(b"\"")?;
        self.out.write_all(guard.as_bytes())?;
        let has_backslashes = self.keeps && self.dialect.quotes == Quotes::Backslash;
        let mut before = "";
        for (nth, part) in cell.split('"').enumerate() {
            if nth > 0 {
                let is_escaped = has_backslashes && before.ends_with('\\');
                self.out.write_all(if is_escaped { b"\"" } else { b"\"\"" })?;
            }
            self.out.write_all(part.as_bytes())?;
            before = part;
        }
        self.out.write_all(b"\"")
    }

    /// Whether a cell would be read differently without quotes.
    fn must_quote(&self, cell: &str, first: bool) -> bool {
        let parts = |b: u8| b == self.dialect.delimiter || (self.guarded && DELIMITERS.contains(&b));
        let breaks = |b: u8| parts(b) || b == b'\n' || b == b'\r';
        let named = |cell: &str| cell.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("sep="));
        let mistaken = first && named(cell);
        cell.starts_with('"') || cell.bytes().any(breaks) || mistaken
    }
}

#[cfg(test)]
mod tests;
