//! CSV text into a table: which character parts the cells, and the cells.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use super::header::{Headers, MOST_ABOVE};
use super::read_error::{Excess, Limits, ReadError};
use super::table::{
    Builder, DELIMITERS, Dialect, Encoding, Format, LineEnd, MOST_TEXT, ParseWarnings, Quotes, Quoting, Table,
};

/// How many bytes are looked at to find the delimiter.
const SAMPLE: usize = 64 << 10;
/// How many rows of them.
const SAMPLE_ROWS: usize = 200;

/// How the bytes were turned into text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decoded {
    pub(super) encoding: Encoding,
    /// Whether a byte order mark came first; it is no part of the text.
    pub(super) bom: bool,
    /// Whether some bytes could not be read.
    pub(super) undecodable: bool,
}

/// Reads text without its byte order mark. If rows do not fit under standard quoting, tries the other ways of quoting and
/// keeps the first under which every row fits.
///
/// # Errors
/// Which bound it passes.
pub(super) fn read(
    text: &str,
    decoded: Decoded,
    headers: &Headers,
    limits: &Limits,
) -> Result<Table, ReadError> {
    let (named, body, skipped) = named_delimiter(text);
    if body.len() > MOST_TEXT {
        return Err(ReadError::TooLarge(Excess::Bytes(MOST_TEXT)));
    }
    // A line that names what the headers do not have is wrong.
    let first = body.lines().next().unwrap_or_default();
    let named = named.filter(|delimiter| first.contains(char::from(*delimiter)));
    let delimiter = named.unwrap_or_else(|| sniff(body, headers));
    let read = |quotes| {
        let mut table = parse(body, delimiter, quotes, skipped, decoded, limits)?;
        table.begin_at(headers.find(&table).unwrap_or(0));
        Ok(table)
    };
    let standard = read(Quotes::Doubled);
    if standard.as_ref().is_ok_and(Table::fits) || limits.cancel.is_set() {
        return standard;
    }
    let others = [(Quotes::Backslash, body.contains("\\\"")), (Quotes::Plain, body.contains('"'))];
    let others = others.into_iter().filter(|(_, differs)| *differs).map(|(quotes, _)| read(quotes));
    let fits = |table: &Table| table.fits() && !table.is_empty();
    others.filter_map(Result::ok).find(fits).map_or(standard, Ok)
}

/// Parses the whole text.
fn parse(
    body: &str,
    delimiter: u8,
    quotes: Quotes,
    skipped: u64,
    decoded: Decoded,
    limits: &Limits,
) -> Result<Table, ReadError> {
    let body = match quotes {
        // As the standard would have it: the mark behind a backslash twice.
        Quotes::Backslash => Cow::Owned(body.replace("\\\"", "\\\"\"")),
        Quotes::Doubled | Quotes::Plain => Cow::Borrowed(body),
    };
    let mut fields = Fields::new(&body, delimiter, quotes, skipped);
    let mut builder = Builder::default();
    while let Some(field) = fields.next() {
        builder.end_cell(field.end, field.quoted);
        if field.misquoted {
            builder.mark_broken();
        }
        let excess = if field.end - field.start > limits.cell {
            Excess::Cell { most: limits.cell, line: field.line }
        } else if builder.cells() > limits.columns {
            Excess::Columns(limits.columns)
        } else if builder.rows() > limits.rows {
            Excess::Rows(limits.rows)
        } else {
            if field.last {
                builder.end_row(field.line);
                if limits.cancel.is_set() {
                    return Err(ReadError::Cancelled);
                }
            }
            continue;
        };
        return Err(ReadError::TooLarge(excess));
    }
    let quoting = if builder.all_quoted() { Quoting::Always } else { Quoting::AsNeeded };
    let line_end = fields.line_end.unwrap_or(LineEnd::Lf);
    let Decoded { encoding, bom, undecodable } = decoded;
    let dialect = Dialect { delimiter, line_end, quoting, quotes, encoding, bom };
    let warnings = ParseWarnings {
        blank_lines: fields.blank_lines,
        unclosed_quote: fields.unclosed_quote,
        undecodable,
        ..ParseWarnings::default()
    };
    Ok(builder.finish_with(fields.text, Format::Csv(dialect), warnings))
}

/// Excel's first line `sep=;` names the delimiter and is no row: the delimiter, the rest, the lines left out.
fn named_delimiter(text: &str) -> (Option<u8>, &str, u64) {
    let named = || {
        let (line, body) = text.split_once(['\n', '\r'])?;
        let body = body
            .strip_prefix('\n')
            .filter(|_| text.as_bytes().get(line.len()) == Some(&b'\r'))
            .unwrap_or(body);
        // Saved by Excel once more, the line is a row: quoted, with empty cells behind it.
        let line = line.strip_prefix('"').unwrap_or(line);
        let (word, rest) = (line.get(..4)?, line.get(4..)?);
        let delimiter = *rest.as_bytes().first()?;
        let rest = rest.get(1..)?.trim_end_matches([char::from(delimiter), ' ', '"']);
        let may_part = delimiter.is_ascii_graphic() || delimiter == b'\t' || delimiter == b' ';
        let fits = word.eq_ignore_ascii_case("sep=")
            && rest.is_empty()
            && may_part
            && !delimiter.is_ascii_alphanumeric()
            && delimiter != b'"';
        fits.then_some((Some(delimiter), body, 1))
    };
    named().unwrap_or((None, text, 0))
}

/// The delimiter that shows the headers, and makes the most of them in rows of the same width.
fn sniff(text: &str, headers: &Headers) -> u8 {
    let mut best = (Fit::default(), b',');
    for delimiter in DELIMITERS {
        let fit = fit(text, delimiter, headers);
        if fit.width > 1 && fit > best.0 {
            best = (fit, delimiter);
        }
    }
    best.1
}

/// How well a delimiter fits; what is compared first comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Fit {
    /// Whether a row looks like the headers.
    found: bool,
    /// Whether every quotation of the headers ends where its cell does.
    whole: bool,
    /// How many of the rows have as many cells as the headers and whole quotations; in fifths, so that a few uneven_rows
    /// rows do not hand the file to a delimiter within some cells.
    agreement: usize,
    /// How many headers there are.
    width: usize,
}

fn fit(text: &str, delimiter: u8, headers: &Headers) -> Fit {
    let end = (0..=text.len().min(SAMPLE)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let mut fields = Fields::new(text.get(..end).unwrap_or_default(), delimiter, Quotes::Doubled, 0);
    let (mut rows, mut cells, mut whole, mut found) = (Vec::new(), Vec::new(), true, None);
    while let Some(field) = fields.next()
        && rows.len() <= SAMPLE_ROWS + MOST_ABOVE
    {
        cells.push(field.start..field.end);
        whole &= !field.misquoted;
        if field.last {
            let row = std::mem::take(&mut cells);
            let texts = row.iter().map(|cell| fields.text_at(cell.clone()));
            if found.is_none() && rows.len() <= MOST_ABOVE && headers.are(texts) {
                found = Some(rows.len());
            }
            rows.push((row.len(), std::mem::replace(&mut whole, true)));
        }
    }
    // The sample may end within a row.
    if end < text.len() && rows.len() > 1 && rows.len() <= SAMPLE_ROWS {
        rows.pop();
    }
    let rows = rows.get(found.unwrap_or(0)..).unwrap_or_default();
    let Some(((width, whole), rest)) = rows.split_first() else { return Fit::default() };
    let agreeing = rest.iter().filter(|row| **row == (*width, true)).count();
    let agreement = (5 * agreeing).checked_div(rest.len()).unwrap_or(5);
    Fit { found: found.is_some(), whole: *whole, agreement, width: *width }
}

/// The fields of CSV text, one after the other, their text collected in one buffer.
struct Fields<'a> {
    input: &'a str,
    at: usize,
    delimiter: u8,
    /// Whether quotation marks mean anything.
    quoting: bool,
    text: String,
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
    /// Whether its quoted value ends before the field does, or never.
    misquoted: bool,
    /// Whether it ends its row.
    last: bool,
    /// The line on which its row begins.
    line: u64,
}

impl<'a> Fields<'a> {
    fn new(text: &'a str, delimiter: u8, quotes: Quotes, skipped_lines: u64) -> Self {
        Self {
            input: text,
            at: 0,
            delimiter,
            quoting: quotes != Quotes::Plain,
            // Unquoting only ever shortens.
            text: String::with_capacity(text.len()),
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
        let start = self.text.len();
        let mut quoted = self.quoting && self.input.as_bytes().get(self.at) == Some(&b'"');
        let is_closed = !quoted || self.take_quotation();
        // Behind the closing mark comes the delimiter or line end, or nothing.
        let bare = self.take_bare();
        let mut misquoted = quoted && (!is_closed || bare > 0);
        if !self.quoting {
            // Without quotation marks, one that is properly quoted all the same would be changed.
            misquoted = self.holds_quotation(start);
            quoted = self.unquote(start);
        }
        let last = self.end_field();
        self.fresh = last;
        Some(Field { start, end: self.text.len(), quoted, misquoted, last, line: self.row_line })
    }

    fn rest(&self) -> &'a str {
        self.input.get(self.at..).unwrap_or_default()
    }

    /// Adds so much of the input to the text.
    fn take(&mut self, length: usize) {
        self.text.push_str(self.rest().get(..length).unwrap_or_default());
        self.at += length;
    }

    /// Takes a value with quotation marks around it; whether it has a closing one.
    fn take_quotation(&mut self) -> bool {
        let from = self.at;
        self.at += 1;
        let is_closed = loop {
            let rest = self.rest();
            let Some(end) = memchr(b'"', rest.as_bytes()) else {
                self.take(rest.len());
                break false;
            };
            // Of two marks one belongs to the value.
            let is_doubled = rest.as_bytes().get(end + 1) == Some(&b'"');
            self.take(end + usize::from(is_doubled));
            self.at += 1;
            if !is_doubled {
                break true;
            }
        };
        self.line += self.lines_in(self.input.as_bytes().get(from..self.at).unwrap_or_default());
        self.unclosed_quote |= !is_closed;
        is_closed
    }

    /// Takes what comes before the delimiter or line end; how many bytes.
    fn take_bare(&mut self) -> usize {
        let rest = self.rest().as_bytes();
        let ends = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\n' | b'\r');
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        self.take(length);
        length
    }

    /// Takes what ends a field; whether its row ends as well.
    fn end_field(&mut self) -> bool {
        let next = self.input.as_bytes().get(self.at);
        self.at += usize::from(next.is_some());
        let last = next != Some(&self.delimiter);
        if last {
            self.end_line();
        }
        last
    }

    /// Whether marks mean nothing and a field is quoted with marks inside: `"so ""said"" he"`.
    fn holds_quotation(&self, start: usize) -> bool {
        let text = self.text.as_bytes().get(start..).unwrap_or_default();
        matches!(text, [b'"', inner @ .., b'"'] if inner.contains(&b'"'))
    }

    /// Where marks mean nothing else, those around a whole field still do.
    fn unquote(&mut self, start: usize) -> bool {
        let text = self.text.as_bytes().get(start..).unwrap_or_default();
        let whole = matches!(text, [b'"', inner @ .., b'"'] if !inner.contains(&b'"'));
        if whole {
            self.text.pop();
            self.text.remove(start);
        }
        whole
    }

    /// Counts the line end that was just read, and reads the second half of a `\r\n`.
    fn end_line(&mut self) {
        let input = self.input.as_bytes();
        let ended_with = self.at.checked_sub(1).and_then(|at| input.get(at));
        let found = match ended_with {
            Some(b'\r') if input.get(self.at) == Some(&b'\n') => {
                self.at += 1;
                LineEnd::CrLf
            }
            Some(b'\r') => LineEnd::Cr,
            _ => LineEnd::Lf,
        };
        self.line += 1;
        self.line_end.get_or_insert(found);
    }

    /// Skips lines without anything on them, and byte order marks: files that were put together have one within.
    fn skip_blank_lines(&mut self) {
        loop {
            self.at += match self.input.as_bytes().get(self.at..) {
                Some([0xef, 0xbb, 0xbf, ..]) => {
                    self.at += 3;
                    continue;
                }
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

    /// The text of a field that was read.
    fn text_at(&self, span: Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The `csv` crate reads standard CSV likewise, and keeps nothing of how it was written.
        #[test]
        fn cells_are_those_of_the_csv_crate(text in "([ab;é]|\"|\"\"|,|\n|\r|\r\n){0,40}", delimiter in prop::sample::select(b",;".to_vec())) {
            let mut fields = Fields::new(&text, delimiter, Quotes::Doubled, 0);
            let (mut rows, mut row) = (Vec::new(), Vec::new());
            while let Some(field) = fields.next() {
                row.push(fields.text_at(field.start..field.end).to_owned());
                if field.last {
                    rows.push(std::mem::take(&mut row));
                }
            }
            prop_assert!(row.is_empty());
            let mut reader = csv::ReaderBuilder::new();
            reader.delimiter(delimiter).has_headers(false).flexible(true);
            let records = reader.from_reader(text.as_bytes()).into_deserialize::<Vec<String>>();
            prop_assert_eq!(rows, records.map(Result::unwrap).collect::<Vec<_>>());
        }
    }
}
