//! CSV text into a table: which character parts the cells, and the cells.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder, Terminator};

use super::refusal::{Excess, Limits, NotReadable};
use super::table::{Builder, Dialect, Encoding, Format, LineEnd, MOST_TEXT, Oddities, Quoting, Table};

/// What may part cells; the first wins where two fit equally.
pub(super) const DELIMITERS: [u8; 4] = *b",;\t|";
/// How many bytes are looked at to find the delimiter.
const SAMPLE: usize = 64 << 10;
/// How many rows of them.
const SAMPLE_ROWS: usize = 200;

/// Reads text whose byte order mark is gone.
///
/// # Errors
/// Which bound it passes.
pub(super) fn read(
    text: &str,
    encoding: Encoding,
    bom: bool,
    undecodable: bool,
    limits: &Limits,
) -> Result<Table, NotReadable> {
    let (told, body, skipped) = told_delimiter(text);
    if body.len() > MOST_TEXT {
        return Err(NotReadable::TooLarge(Excess::Bytes(MOST_TEXT)));
    }
    let delimiter = told.unwrap_or_else(|| sniff(body));
    let mut fields = Fields::new(body, delimiter, skipped);
    let mut builder = Builder::default();
    while let Some(field) = fields.next() {
        builder.end_cell(field.end, field.quoted);
        let excess = if field.end - field.start > limits.cell {
            Excess::Cell { most: limits.cell, line: field.line }
        } else if builder.cells() > limits.columns {
            Excess::Columns(limits.columns)
        } else if builder.rows() > limits.rows {
            Excess::Rows(limits.rows)
        } else {
            if field.last {
                builder.end_row(field.line);
            }
            continue;
        };
        return Err(NotReadable::TooLarge(excess));
    }
    let quoting = if builder.all_quoted() { Quoting::Always } else { Quoting::AsNeeded };
    let line_end = fields.line_end.unwrap_or(LineEnd::Lf);
    let dialect = Dialect { delimiter, line_end, quoting, encoding, bom };
    let oddities = Oddities {
        ragged: 0,
        blank_lines: fields.blank_lines,
        unclosed_quote: fields.unclosed_quote,
        undecodable,
    };
    Ok(builder.finish_with(fields.into_text(), Format::Csv(dialect), oddities))
}

/// Excel's first line `sep=;` names the delimiter and is no row: the delimiter, the rest, the lines left out.
fn told_delimiter(text: &str) -> (Option<u8>, &str, u64) {
    let told = || {
        let rest = text.strip_prefix("sep=")?;
        let delimiter = *rest.as_bytes().first()?;
        let rest = rest.get(1..)?;
        let body = ["\r\n", "\n", "\r"].iter().find_map(|end| rest.strip_prefix(end))?;
        DELIMITERS.contains(&delimiter).then_some((Some(delimiter), body, 1))
    };
    told().unwrap_or((None, text, 0))
}

/// The delimiter that makes the most of the headers in rows of the same width.
fn sniff(text: &str) -> u8 {
    let mut best = (Fit::default(), b',');
    for delimiter in DELIMITERS {
        let fit = fit(text, delimiter);
        if fit.width > 1 && fit > best.0 {
            best = (fit, delimiter);
        }
    }
    best.1
}

/// How well a delimiter fits; what is compared first comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Fit {
    /// Whether every quotation of the headers ends where its cell does.
    whole: bool,
    /// How many of the rows have as many cells as the headers and whole quotations; in fifths, so that a few ragged
    /// rows do not hand the file to a delimiter within some cells.
    agreement: usize,
    /// How many headers there are.
    width: usize,
}

fn fit(text: &str, delimiter: u8) -> Fit {
    let end = (0..=text.len().min(SAMPLE)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let mut fields = Fields::new(text.get(..end).unwrap_or_default(), delimiter, 0);
    let (mut rows, mut width, mut whole) = (Vec::new(), 0, true);
    while let Some(field) = fields.next()
        && rows.len() <= SAMPLE_ROWS
    {
        width += 1;
        whole &= !field.torn;
        if field.last {
            rows.push((std::mem::take(&mut width), std::mem::replace(&mut whole, true)));
        }
    }
    // The sample may end within a row.
    if end < text.len() && rows.len() > 1 && rows.len() <= SAMPLE_ROWS {
        rows.pop();
    }
    let Some(((width, whole), rest)) = rows.split_first() else { return Fit::default() };
    let agreeing = rest.iter().filter(|row| **row == (*width, true)).count();
    Fit { whole: *whole, agreement: (5 * agreeing).checked_div(rest.len()).unwrap_or(5), width: *width }
}

/// The fields of CSV text, one after the other, their text collected in one buffer.
struct Fields<'a> {
    input: &'a [u8],
    at: usize,
    reader: Reader,
    text: Vec<u8>,
    filled: usize,
    /// The line that is being read, from 1.
    line: u64,
    /// The line on which the row began.
    row_line: u64,
    /// Whether the next field begins a row.
    fresh: bool,
    line_end: Option<LineEnd>,
    blank_lines: usize,
    unclosed_quote: bool,
}

/// One field: where its text lies in the buffer, and what was around it.
struct Field {
    start: usize,
    end: usize,
    quoted: bool,
    /// Whether its quotation ends before the field does.
    torn: bool,
    /// Whether it ends its row.
    last: bool,
    /// The line on which its row begins.
    line: u64,
}

impl<'a> Fields<'a> {
    fn new(text: &'a str, delimiter: u8, skipped_lines: u64) -> Self {
        Self {
            input: text.as_bytes(),
            at: 0,
            reader: ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::CRLF).build(),
            // Unquoting only ever shortens.
            text: vec![0; text.len()],
            filled: 0,
            line: 1 + skipped_lines,
            row_line: 1,
            fresh: true,
            line_end: None,
            blank_lines: 0,
            unclosed_quote: false,
        }
    }

    fn next(&mut self) -> Option<Field> {
        if self.fresh {
            self.skip_blank_lines();
            if self.at == self.input.len() {
                return None;
            }
            self.row_line = self.line;
        }
        let (from, start) = (self.at, self.filled);
        let quoted = self.input.get(from) == Some(&b'"');
        let last = self.parse();
        self.fresh = last;
        let raw = self.input.get(from..self.at).unwrap_or_default();
        let inner = raw.get(..raw.len().saturating_sub(1)).unwrap_or_default();
        let torn = quoted && !matches!((inner, raw), ([.., b'"'], _) | (_, [_, .., b'"']));
        if quoted {
            self.line += self.lines_in(raw.get(..raw.len().saturating_sub(last.into())).unwrap_or_default());
            self.unclosed_quote |=
                self.at == self.input.len() && raw.iter().filter(|b| **b == b'"').count() % 2 == 1;
        }
        if last {
            self.end_line();
        }
        Some(Field { start, end: self.filled, quoted, torn, last, line: self.row_line })
    }

    /// Takes one field from the input; whether it ends its row.
    fn parse(&mut self) -> bool {
        loop {
            let input = self.input.get(self.at..).unwrap_or_default();
            let output = self.text.get_mut(self.filled..).unwrap_or_default();
            let (result, read, written) = self.reader.read_field(input, output);
            self.at += read;
            self.filled += written;
            match result {
                ReadFieldResult::Field { record_end } => return record_end,
                // Called again with nothing left, the parser ends the field.
                ReadFieldResult::InputEmpty if !input.is_empty() => {}
                _ => return true,
            }
        }
    }

    /// Counts the line end that was just read, and reads the second half of a `\r\n`.
    fn end_line(&mut self) {
        let ended_with = self.at.checked_sub(1).and_then(|at| self.input.get(at));
        let found = match ended_with {
            Some(b'\r') if self.input.get(self.at) == Some(&b'\n') => {
                self.at += 1;
                LineEnd::CrLf
            }
            Some(b'\r') => LineEnd::Cr,
            _ => LineEnd::Lf,
        };
        self.line += 1;
        self.line_end.get_or_insert(found);
    }

    fn skip_blank_lines(&mut self) {
        loop {
            self.at += match self.input.get(self.at..) {
                Some([b'\r', b'\n', ..]) => 2,
                Some([b'\r' | b'\n', ..]) => 1,
                _ => return,
            };
            self.line += 1;
            self.blank_lines += 1;
        }
    }

    /// Line ends within a quoted field.
    fn lines_in(&self, raw: &[u8]) -> u64 {
        let count = |end| raw.iter().filter(|b| **b == end).count() as u64;
        match self.line_end {
            Some(LineEnd::Cr) => count(b'\r'),
            Some(_) => count(b'\n'),
            None => count(b'\n').max(count(b'\r')),
        }
    }

    fn into_text(mut self) -> String {
        self.text.truncate(self.filled);
        // Whole characters went in and only ASCII was taken out.
        String::from_utf8(self.text).unwrap_or_default()
    }
}
