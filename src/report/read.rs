//! Bytes into a table, by what they hold.

use std::borrow::Cow;

use super::delimited::{self, Decoded};
use super::header::Headers;
use super::recognise::{Content, recognise};
use super::refusal::{Excess, Limits, NotReadable};
use super::table::{Encoding, Table};
use super::workbook;

/// Reads a CSV or XLSX file, recognised by its content.
///
/// # Errors
/// What the bytes are instead, or which bound they pass.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Table, NotReadable> {
    table(bytes, limits, &Headers::default())
}

/// The same, with the headers that it should have.
///
/// # Errors
/// What the bytes are instead, or which bound they pass.
pub(super) fn table(bytes: &[u8], limits: &Limits, headers: &Headers) -> Result<Table, NotReadable> {
    if bytes.len() > limits.bytes {
        return Err(NotReadable::TooLarge(Excess::Bytes(limits.bytes)));
    }
    match recognise(bytes)? {
        Content::Archive => {
            let mut table = workbook::read(bytes, limits, &|table| headers.find(table).is_some())?;
            table.begin_at(headers.find(&table).unwrap_or(0));
            Ok(table)
        }
        Content::Text { encoding, mark } => {
            let (text, undecodable) = decode(bytes.get(mark..).unwrap_or_default(), encoding);
            delimited::read(&text, Decoded { encoding, bom: mark > 0, undecodable }, headers, limits)
        }
    }
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
