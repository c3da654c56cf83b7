//! An XLSX workbook into a table: the sheet with the rows, each cell as the text that Excel shows.
//!
//! Every part is read once, as a stream, in time linear in its unpacked size, and never more than
//! [`Limits::unpacked`] in all. Nothing that a workbook claims about itself (`count`, `dimension`, `spans`, sizes in
//! the archive) is used for more than finding a part, so nothing but bytes that are there costs memory.

mod number_format;
mod package;
mod parts;
mod serial;
mod sheet;
mod strings;
mod styles;
mod xml;

use self::package::Package;
use self::parts::Sheet;
use self::strings::SharedStrings;
use self::styles::Styles;
use super::read_error::{Excess, Limits, ReadError};
use super::table::Table;

/// A part that the workbook refers to is not in the archive.
const MISSING: ReadError = ReadError::Damaged("a part of it is missing");

/// How many sheets are looked at, visible or hidden.
const MOST_SHEETS: usize = 50;
/// The highest rank of a sheet.
pub(super) const BEST: usize = 2;

/// Reads a workbook: of the visible sheets with data the first of the highest rank, else the same among the hidden
/// ones.
///
/// # Errors
/// What is wrong with it, or which bound it passes. [`ReadError::Zip`] where the archive is no workbook.
pub(super) fn read(
    bytes: &[u8],
    limits: &Limits,
    rank: &dyn Fn(&Table) -> usize,
) -> Result<Table, ReadError> {
    let mut package = Package::open(without_lead(bytes), limits)?;
    let parts = parts::find(&mut package)?;
    let context = sheet::Context {
        strings: match parts.strings {
            Some(part) => SharedStrings::read(&mut package, part)?,
            None => SharedStrings::default(),
        },
        styles: match parts.styles {
            Some(part) => Styles::read(&mut package, part)?,
            None => Styles::default(),
        },
        since_1904: parts.since_1904,
        limits: limits.clone(),
    };
    for hidden in [false, true] {
        let sheets = parts.sheets.iter().filter(|sheet| sheet.hidden == hidden);
        if let Some(table) = choose(&mut package, &context, sheets.take(MOST_SHEETS), rank)? {
            return Ok(table);
        }
    }
    Err(ReadError::NoSheet)
}

/// The first sheet that is wanted, else the first with data. A fault in one does not lose another that has data.
fn choose<'a>(
    package: &mut Package<'_>,
    context: &sheet::Context,
    sheets: impl Iterator<Item = &'a Sheet>,
    rank: &dyn Fn(&Table) -> usize,
) -> Result<Option<Table>, ReadError> {
    let mut best: Option<(usize, Table)> = None;
    let mut fault = None;
    for sheet in sheets {
        match sheet::read(package, context, sheet) {
            Ok(Some(table)) => {
                let rank = rank(&table);
                if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                    best = Some((rank, table));
                }
                if rank >= BEST {
                    break;
                }
            }
            Ok(None) => {}
            Err(refusal) => {
                let is_last =
                    matches!(refusal, ReadError::TooLarge(Excess::Unpacked(_)) | ReadError::Cancelled);
                fault = fault.or(Some(refusal));
                // That bound is for all sheets together.
                if is_last {
                    break;
                }
            }
        }
    }
    match (best.map(|(_, table)| table), fault) {
        (None, Some(refusal)) => Err(refusal),
        (best, _) => Ok(best),
    }
}

/// Whether bytes begin as a ZIP archive does, blanks and a byte order mark before it left out: scripts put them there.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    let bytes = without_lead(bytes);
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

fn without_lead(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.trim_ascii_start();
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start()
}

#[cfg(test)]
mod tests;
