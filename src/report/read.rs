//! Bytes into a table, by what they hold.

use std::borrow::Cow;

use super::delimited::{self, Decoded};
use super::header::{Headers, is_error_header};
use super::read_error::{Excess, Limits, ReadError};
use super::recognise::{Content, recognise};
use super::table::{Encoding, Table};
use super::workbook;

/// Reads a CSV or XLSX file, recognised by its content.
///
/// # Errors
/// What the bytes are instead, or which bound they pass.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Table, ReadError> {
    table(bytes, limits, &Headers::default())
}

/// The same, with the headers that it should have.
///
/// # Errors
/// What the bytes are instead, or which bound they pass.
pub(super) fn table(bytes: &[u8], limits: &Limits, headers: &Headers) -> Result<Table, ReadError> {
    if bytes.len() > limits.bytes {
        return Err(ReadError::TooLarge(Excess::Bytes(limits.bytes)));
    }
    match recognise(bytes)? {
        Content::Archive => {
            let rank = |table: &Table| match headers.find(table) {
                // The first sheet with the headers may be a summary: the one that also says why is the report.
                Some(record) if says_why(table, record, headers) => workbook::BEST,
                Some(_) => 1,
                None => 0,
            };
            let mut table = workbook::read(bytes, limits, &rank)?;
            table.begin_at(headers.find(&table).unwrap_or(0));
            Ok(table)
        }
        Content::Text { encoding, mark } => {
            let (text, undecodable) = decode(bytes.get(mark..).unwrap_or_default(), encoding);
            delimited::read(&text, Decoded { encoding, bom: mark > 0, undecodable }, headers, limits)
        }
    }
}

/// Whether a column that the import does not have is known to say why rows failed.
fn says_why(table: &Table, record: usize, headers: &Headers) -> bool {
    let cells: Vec<&str> = table.record(record).map(|(cell, _)| cell).collect();
    let known = headers.have(cells.iter().copied());
    cells.iter().zip(known).any(|(cell, known)| !known && is_error_header(cell))
}

/// The text, and whether some of it could not be read.
fn decode(bytes: &[u8], encoding: Encoding) -> (Cow<'_, str>, bool) {
    let rules = match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Utf16Le => encoding_rs::UTF_16LE,
        Encoding::Utf16Be => encoding_rs::UTF_16BE,
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252,
    };
    rules.decode_without_bom_handling(bytes)
}
