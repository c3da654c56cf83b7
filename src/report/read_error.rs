//! Why bytes cannot be read as a table, and the limits.

use std::fmt;

use super::cancel::Cancel;

/// Limits on what is read into memory. A file beyond them is rejected, never shown truncated.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Bytes that an XLSX may unpack to.
    pub unpacked: usize,
    /// Rows below the headers.
    pub rows: usize,
    /// Cells in a row.
    pub columns: usize,
    /// Bytes of one cell.
    pub cell: usize,
    /// Cancels reading.
    pub cancel: Cancel,
}

impl Default for Limits {
    /// Enough for a report of a million rows; at worst about four times its bytes in memory.
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            unpacked: 256 << 20,
            rows: 1_000_000,
            columns: 1_100,
            cell: 256 << 10,
            cancel: Cancel::default(),
        }
    }
}

/// Why bytes cannot be read as a table. `Display` says what they are, [`ReadError::advice`] what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// Nothing but whitespace.
    Empty,
    /// A PDF document.
    Pdf,
    /// A web page, perhaps a login page or a proxy's error.
    Html,
    Xml,
    /// JSON, perhaps an API error.
    Json,
    /// A ZIP archive that is not a workbook.
    Zip,
    /// Compressed with gzip.
    Gzip,
    /// A workbook as Excel wrote it before 2007, or one with a password.
    OldExcel,
    /// A picture, with its format's name.
    Image(&'static str),
    /// Neither text nor anything known.
    Binary,
    /// An XLSX that cannot be read to its end, with what is wrong.
    Damaged(&'static str),
    /// A workbook without a cell on any sheet.
    NoSheet,
    /// Beyond the limits.
    TooLarge(Excess),
    /// The user no longer waits for it.
    Cancelled,
}

/// The exceeded limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// [`Limits::bytes`].
    Bytes(usize),
    /// [`Limits::unpacked`].
    Unpacked(usize),
    /// [`Limits::rows`].
    Rows(usize),
    /// [`Limits::columns`].
    Columns(usize),
    /// [`Limits::cell`], and on which line the cell begins.
    Cell {
        most: usize,
        /// From 1.
        line: u64,
    },
}

impl ReadError {
    /// What the user can do instead.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Empty => "nothing to show yet; try again later",
            Self::Html | Self::Json => {
                "the link may have expired: refresh the import and try again, or open it in the browser"
            }
            Self::TooLarge(_) => "download it and open it in another program",
            Self::Damaged(_) => "download it again, or open it in the browser",
            _ => "open it in the browser or download it",
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Empty => "the file is empty",
            Self::Pdf => "the file is a PDF, not a table",
            Self::Html => "the file is a web page, not a table",
            Self::Xml => "the file is XML, not a table",
            Self::Json => "the file is JSON, not a table",
            Self::Zip => "the file is a ZIP archive, not a table",
            Self::Gzip => "the file is compressed with gzip",
            Self::OldExcel => "the file is an old Excel workbook (.xls) or has a password",
            Self::Image(format) => return write!(f, "the file is a picture ({format}), not a table"),
            Self::Binary => "the file is neither CSV nor XLSX",
            Self::Damaged(how) => return write!(f, "the workbook cannot be read: {how}"),
            Self::NoSheet => "the workbook has no sheet with data",
            Self::TooLarge(excess) => return excess.fmt(f),
            Self::Cancelled => "reading was cancelled",
        };
        f.write_str(what)
    }
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(most) => write!(f, "the file is larger than {}", size(*most)),
            Self::Unpacked(most) => write!(f, "the workbook unpacks to more than {}", size(*most)),
            Self::Rows(most) => write!(f, "the file has more than {most} rows"),
            Self::Columns(most) => write!(f, "the file has more than {most} columns"),
            Self::Cell { most, line } => {
                write!(f, "a cell of the row on line {line} is longer than {}", size(*most))
            }
        }
    }
}

impl std::error::Error for ReadError {}

fn size(bytes: usize) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} kB", bytes >> 10),
        _ => format!("{} MB", bytes >> 20),
    }
}
