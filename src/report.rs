//! An error report's bytes: read into a table, into the reasons why its rows failed, and back into a CSV that
//! only needs the fixes.
//!
//! Pure: bytes in, values out. Nothing here fetches, opens a file or draws, and every cell that it hands out is
//! untrusted text.
//!
//! ```text
//!   bytes -> recognise -> delimited | workbook -> Table -> errors (which columns say why; each row's problems)
//!                                                           |-> reasons   grouped, the values taken out
//!                                                           |-> values    what the refused values have in common
//!   FailedRow (the API's sample) -------------------------> |-> fixup     chosen rows as CSV
//!                                                           |-> compare   with an earlier run
//!                                                           '-> source    line numbers in the client's file
//! ```

pub mod compare;
pub mod errors;
pub mod fixup;
pub mod reasons;
pub mod source;
pub mod values;

mod delimited;
mod matching;
mod recognise;
mod refusal;
mod sample;
mod table;
mod workbook;

use std::borrow::Cow;

use crate::domain::failure::{Cell, FailedRow, Problem};
use crate::domain::import::Mapping;
use crate::domain::text::{SafeText, Untrusted};

use self::errors::{Columns, Problems};
use self::recognise::{Content, recognise};
pub use self::refusal::{Excess, Limits, NotReadable};
pub use self::table::{Dialect, Encoding, Format, LineEnd, Oddities, Quoting, Table};

/// An import's failed rows, from its error report or from the API's sample.
#[derive(Debug, Clone)]
pub struct Report {
    /// The rows as they came.
    pub table: Table,
    /// Which columns are the client's and which say why rows failed.
    pub columns: Columns,
    /// What is wrong with each row.
    pub problems: Problems,
}

impl Report {
    /// Reads an error report. The import's headers and mapping, where they are known, tell the client's columns
    /// from the report's own and lead from a field to its column.
    ///
    /// # Errors
    /// What the bytes are instead of a table, or which bound they pass.
    pub fn read(bytes: &[u8], limits: &Limits, mapping: Option<&Mapping>) -> Result<Self, NotReadable> {
        Ok(Self::new(read(bytes, limits)?, mapping))
    }

    /// Finds what a table that was read says about its rows.
    pub fn new(table: Table, mapping: Option<&Mapping>) -> Self {
        let columns = Columns::find(&table, mapping);
        let problems = Problems::read(&table, &columns, mapping);
        Self { table, columns, problems }
    }

    /// Takes the API's sample of failed rows, for an import without a report that can be read. A column that some
    /// rows lack is empty there.
    pub fn of_sample(rows: &[FailedRow], mapping: Option<&Mapping>) -> Self {
        let table = sample::table(rows);
        let columns = Columns::all_own(&table);
        let problems = Problems::of_sample(&table, &columns, rows, mapping);
        Self { table, columns, problems }
    }

    /// One row in the shape in which the API tells failed rows: the client's columns, and the messages by field.
    pub fn failed_row(&self, row: usize) -> FailedRow {
        let cells = self.columns.own.iter().map(|column| Cell {
            column: SafeText::new(self.table.header(*column)),
            value: Untrusted::new(self.table.cell(row, *column)),
        });
        let mut problems: Vec<Problem> = Vec::new();
        for problem in self.problems.of(row) {
            let message = SafeText::new(problem.message);
            match problems.iter_mut().find(|known| known.field == *problem.field) {
                Some(known) => known.messages.push(message),
                None => problems.push(Problem { field: problem.field.clone(), messages: vec![message] }),
            }
        }
        FailedRow { cells: cells.collect(), problems }
    }
}

/// A row as programs get it: `row`, the values by column, and `errors`, the messages by field.
pub fn row_json(row: &FailedRow) -> serde_json::Value {
    let cells: serde_json::Map<_, _> =
        row.cells.iter().map(|cell| (cell.column.to_string(), cell.value.raw().into())).collect();
    let errors: serde_json::Map<_, _> = row
        .problems
        .iter()
        .map(|problem| {
            let messages = problem.messages.iter().map(|message| message.as_str().into()).collect();
            (problem.field.to_string(), serde_json::Value::Array(messages))
        })
        .collect();
    serde_json::json!({ "row": cells, "errors": errors })
}

/// Reads a report or any other CSV or XLSX, told by its content; the first row is the headers.
///
/// # Errors
/// What the bytes are instead, or which bound they pass.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Table, NotReadable> {
    if bytes.len() > limits.bytes {
        return Err(NotReadable::TooLarge(Excess::Bytes(limits.bytes)));
    }
    match recognise(bytes)? {
        Content::Archive => workbook::read(bytes, limits, &|_| true),
        Content::Text { encoding, mark } => {
            let (text, undecodable) = decode(bytes.get(mark..).unwrap_or_default(), encoding);
            delimited::read(&text, encoding, mark > 0, undecodable, limits)
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
