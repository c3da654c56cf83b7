//! A report's rows in memory: every cell as it came, and how the file wrote it.

/// Everything before this bit of an end is the offset, the bit itself says that the cell was quoted.
const QUOTED: u32 = 1 << 31;

/// What may part cells; the first wins where two fit equally.
pub(super) const DELIMITERS: [u8; 4] = *b",;\t|";

/// The most text a table can hold, in bytes: what an offset beside the quoting bit can reach.
pub(super) const MOST_TEXT: usize = (QUOTED - 1) as usize;

/// Headers and rows of a report or of a source file.
///
/// **Every cell and header is untrusted**: typed by strangers, exactly as it came. Draw it through
/// [`SafeText`](crate::domain::text::SafeText), never as it is.
///
/// All text lies in one buffer. Memory: the text once, 4 bytes a cell and 8 bytes a row.
#[derive(Clone, PartialEq, Eq)]
pub struct Table {
    text: String,
    /// Where each cell ends in `text`; it starts where the one before it ends.
    ends: Vec<u32>,
    /// The first cell of each row in `ends`, the headers being row 0, and one past the last.
    starts: Vec<u32>,
    /// The line of the file on which each row begins, from 1, the headers' first.
    lines: Vec<u32>,
    /// Rows in which a quoted value does not end with its cell, ascending, the headers being row 0.
    broken: Vec<u32>,
    width: usize,
    format: Format,
    warnings: ParseWarnings,
}

/// What a table was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Delimited text.
    Csv(Dialect),
    /// An Excel workbook.
    Xlsx {
        /// The name of the sheet that was read; untrusted.
        sheet: String,
    },
    /// The API's sample of failed rows.
    Sample,
}

/// How a CSV file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between cells: `,`, `;`, tab or `|`.
    pub delimiter: u8,
    /// What ends a line.
    pub line_end: LineEnd,
    /// Which cells are quoted.
    pub quoting: Quoting,
    /// How a quotation mark is written within a quoted cell.
    pub quotes: Quotes,
    /// How the bytes spell the text.
    pub encoding: Encoding,
    /// Whether a byte order mark came first.
    pub bom: bool,
}

/// How a quotation mark is written within a quoted cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quotes {
    /// Twice: the standard (RFC 4180).
    Doubled,
    /// Once behind a backslash, which is part of the value: PHP's `fputcsv`.
    Backslash,
    /// Quotation marks mean nothing in the whole file.
    Plain,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// `\n`, as Unix and PHP write it.
    Lf,
    /// `\r\n`, as Excel writes it.
    CrLf,
    /// `\r`, as old Macs did.
    Cr,
}

/// Which cells are quoted. Cells that were read keep their own way; this is for those that are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// Only where it is needed.
    AsNeeded,
    /// Every cell.
    Always,
}

/// How bytes spell text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
    /// Windows-1252: what Western European Excel saves as "CSV".
    Windows1252,
}

/// Irregularities of a file that are worth reporting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ParseWarnings {
    /// Rows with fewer or more cells than there are headers.
    pub uneven_rows: usize,
    /// Lines with nothing on them, left out.
    pub blank_lines: usize,
    /// Whether the last cell opens a quotation that nothing closes.
    pub unclosed_quote: bool,
    /// Whether some bytes could not be read as text and were replaced by `�`.
    pub undecodable: bool,
    /// Rows above the headers that are no part of the table, such as a title.
    pub above_headers: usize,
}

impl Table {
    /// How many rows there are, the headers not counted.
    pub fn len(&self) -> usize {
        self.lines.len().saturating_sub(1)
    }

    /// Whether there are headers at most.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many columns: as many as the headers or the widest row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// One header; empty past the last. Untrusted.
    pub fn header(&self, column: usize) -> &str {
        self.at(0, column).map_or("", |(text, _)| text)
    }

    /// Every header, one for each column. Untrusted.
    pub fn headers(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.width).map(|column| self.header(column))
    }

    /// One cell, rows and columns from 0; empty where a row is short or there is none. Untrusted.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.at(row + 1, column).map_or("", |(text, _)| text)
    }

    /// The cells a row really has, which may be fewer or more than there are headers. Untrusted.
    pub fn row(&self, row: usize) -> impl ExactSizeIterator<Item = &str> {
        (0..self.cells_of(row)).map(move |column| self.cell(row, column))
    }

    /// How many cells a row really has.
    pub fn cells_of(&self, row: usize) -> usize {
        self.span(row + 1).map_or(0, |(first, next)| next - first)
    }

    /// The line of the file on which a row begins, from 1 and the header's line counted; quoted line ends count.
    /// For a workbook the number of the sheet's row. 0 where there is no such row.
    pub fn line(&self, row: usize) -> u64 {
        self.lines.get(row + 1).copied().unwrap_or_default().into()
    }

    /// Whether a quoted value of the row does not end with its cell, or the row has more cells than headers: its cells may be
    /// wrong.
    pub fn is_broken(&self, row: usize) -> bool {
        let headers = self.span(0).map_or(0, |(first, next)| next - first);
        let broken = u32::try_from(row + 1).is_ok_and(|record| self.broken.binary_search(&record).is_ok());
        broken || self.cells_of(row) > headers
    }

    /// How many rows are [broken](Self::is_broken).
    pub fn broken_rows(&self) -> usize {
        (0..self.len()).filter(|row| self.is_broken(*row)).count()
    }

    /// Whether every row has as many cells as there are headers, and none is broken.
    pub(super) fn fits(&self) -> bool {
        self.warnings.uneven_rows == 0 && self.broken.is_empty()
    }

    /// Makes this record the headers, and leaves out those above.
    pub(super) fn begin_at(&mut self, record: usize) {
        let record = record.min(self.lines.len().saturating_sub(1));
        self.starts.drain(..record);
        self.lines.drain(..record);
        let first = u32::try_from(record).unwrap_or(u32::MAX);
        self.broken.retain(|record| *record >= first);
        self.broken.iter_mut().for_each(|record| *record -= first);
        self.warnings.above_headers = record;
        self.measure();
    }

    /// Finds the widest row, and those that differ from the headers.
    fn measure(&mut self) {
        let widths = || self.starts.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?));
        let headers = widths().next().unwrap_or_default();
        self.width = widths().max().unwrap_or_default() as usize;
        self.warnings.uneven_rows = widths().filter(|cells| *cells != headers).count();
    }

    /// What it was read from.
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// Irregularities of the file.
    pub fn warnings(&self) -> ParseWarnings {
        self.warnings
    }

    /// How a file like this one is written; what Excel and Plannr both take where it was no CSV.
    pub fn dialect(&self) -> Dialect {
        match &self.format {
            // What another line had to name (`sep=`) would not be found again without it.
            Format::Csv(dialect) if DELIMITERS.contains(&dialect.delimiter) => *dialect,
            Format::Csv(dialect) => Dialect { delimiter: b',', ..*dialect },
            Format::Xlsx { .. } | Format::Sample => Dialect::PLAIN,
        }
    }

    /// Bytes of memory that the table holds on to.
    pub fn memory(&self) -> usize {
        self.text.capacity() + 4 * (self.ends.capacity() + self.starts.capacity() + self.lines.capacity())
    }

    /// A line of the file, the headers being 0: each cell and whether it was quoted.
    pub(super) fn record(&self, at: usize) -> impl ExactSizeIterator<Item = (&str, bool)> {
        let cells = self.span(at).map_or(0, |(first, next)| next - first);
        (0..cells).map(move |column| self.at(at, column).unwrap_or_default())
    }

    fn at(&self, record: usize, column: usize) -> Option<(&str, bool)> {
        #[cfg(test)]
        super::steps::count();
        let (first, next) = self.span(record)?;
        let cell = first + column;
        if cell >= next {
            return None;
        }
        let start = match cell.checked_sub(1) {
            Some(before) => self.ends.get(before)? & !QUOTED,
            None => 0,
        };
        let end = self.ends.get(cell)?;
        Some((self.text.get(start as usize..(end & !QUOTED) as usize)?, end & QUOTED != 0))
    }

    fn span(&self, record: usize) -> Option<(usize, usize)> {
        Some((*self.starts.get(record)? as usize, *self.starts.get(record + 1)? as usize))
    }
}

/// Tells sizes only, so that no client data reaches a log.
impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Table({} rows, {} columns, {:?})", self.len(), self.width, self.format)
    }
}

impl Dialect {
    /// Commas, `\n`, quotes where needed, UTF-8 without a mark.
    pub const PLAIN: Self = Self {
        delimiter: b',',
        line_end: LineEnd::Lf,
        quoting: Quoting::AsNeeded,
        quotes: Quotes::Doubled,
        encoding: Encoding::Utf8,
        bom: false,
    };
}

impl LineEnd {
    /// The characters themselves.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }
}

impl Encoding {
    /// Its usual name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        }
    }
}

/// Fills a table cell by cell.
#[derive(Default)]
pub(super) struct Builder {
    text: String,
    ends: Vec<u32>,
    starts: Vec<u32>,
    lines: Vec<u32>,
    broken: Vec<u32>,
}

impl Builder {
    /// Adds a cell to the row that is being filled.
    pub(super) fn cell(&mut self, text: &str, quoted: bool) {
        self.text.push_str(text);
        self.end_cell(self.text.len(), quoted);
    }

    /// Notes that a cell ends at an offset of the text that [`Builder::finish_with`] brings.
    pub(super) fn end_cell(&mut self, end: usize, quoted: bool) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        let end = u32::try_from(end.min(MOST_TEXT)).unwrap_or(MOST_TEXT as u32);
        self.ends.push(if quoted { end | QUOTED } else { end });
    }

    /// Ends the row, which began on that line.
    pub(super) fn end_row(&mut self, line: u64) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.starts.push(u32::try_from(self.ends.len()).unwrap_or(u32::MAX));
        self.lines.push(u32::try_from(line).unwrap_or(u32::MAX));
    }

    /// Marks the current row because a quoted value does not end with its cell.
    pub(super) fn mark_broken(&mut self) {
        let record = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        if self.broken.last() != Some(&record) {
            self.broken.push(record);
        }
    }

    /// Rows ended so far, the headers being one.
    pub(super) fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Cells in the row that is being filled.
    pub(super) fn cells(&self) -> usize {
        self.ends.len() - self.starts.last().map_or(0, |start| *start as usize)
    }

    /// Bytes of text so far.
    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Whether every cell so far was quoted, and there is one.
    pub(super) fn all_quoted(&self) -> bool {
        !self.ends.is_empty() && self.ends.iter().all(|end| end & QUOTED != 0)
    }

    /// The table.
    pub(super) fn finish(mut self, format: Format, warnings: ParseWarnings) -> Table {
        let text = std::mem::take(&mut self.text);
        self.finish_with(text, format, warnings)
    }

    /// The table over text that was collected elsewhere.
    pub(super) fn finish_with(self, text: String, format: Format, warnings: ParseWarnings) -> Table {
        let Self { mut ends, mut starts, mut lines, broken, .. } = self;
        ends.shrink_to_fit();
        starts.shrink_to_fit();
        lines.shrink_to_fit();
        let mut table = Table { text, ends, starts, lines, broken, width: 0, format, warnings };
        table.measure();
        table
    }
}
