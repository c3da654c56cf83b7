//! Records in every output format for programs: JSON, NDJSON, CSV, tab-separated. Pure.
//!
//! A record is a JSON object; the flat formats have a fixed list of its members as columns, `account.name` for a nested
//! one, so a column means the same in each of them.

mod import;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::cli::FormatArgs;
use crate::domain::text::SafeText;
use crate::report::fixup::is_formula;

pub(crate) use self::import::{IMPORT, cells, import, masked};

/// A format for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    /// One object per line.
    Ndjson,
    /// With a header; quoted where needed.
    Csv {
        /// Neutralises cells that a spreadsheet would run as formulas.
        spreadsheet_safe: bool,
    },
    /// With a header; a value holds neither tab nor newline.
    Tabs,
}

impl Format {
    /// The requested format; `None` for a table, which only a terminal gets.
    pub(crate) fn new(args: FormatArgs, terminal: bool, spreadsheet_safe: bool) -> Option<Self> {
        match args {
            FormatArgs { json: true, .. } => Some(Self::Json),
            FormatArgs { ndjson: true, .. } => Some(Self::Ndjson),
            FormatArgs { csv: true, .. } => Some(Self::Csv { spreadsheet_safe }),
            _ => (!terminal).then_some(Self::Tabs),
        }
    }

    /// Whether records can be printed one by one, which a JSON array cannot.
    pub(crate) fn streams(self) -> bool {
        self != Self::Json
    }

    /// What comes before the records.
    pub(crate) fn header(self, columns: &[&str]) -> String {
        let names = columns.iter().map(|name| (*name).to_owned());
        match self {
            Self::Json | Self::Ndjson => String::new(),
            Self::Csv { .. } => csv_line(names),
            Self::Tabs => tabs(names),
        }
    }

    /// The records; for [`Format::Json`] all of them at once.
    pub(crate) fn records(self, columns: &[&str], records: &[Value]) -> String {
        let cells = |record| columns.iter().map(move |column| flat(record, column));
        match self {
            Self::Json => array(records),
            Self::Ndjson => records.iter().map(|record| format!("{record}\n")).collect(),
            Self::Csv { spreadsheet_safe } => {
                let guarded = |cell: String| if spreadsheet_safe { guarded(cell) } else { cell };
                records.iter().map(|record| csv_line(cells(record).map(guarded))).collect()
            }
            Self::Tabs => records.iter().map(|record| tabs(cells(record))).collect(),
        }
    }
}

/// A JSON array, indented, with a newline at its end.
pub(crate) fn array(records: &[Value]) -> String {
    let mut text = serde_json::to_string_pretty(records).unwrap_or_default();
    text.push('\n');
    text
}

/// A cell that no spreadsheet runs as a formula.
pub(crate) fn guarded(cell: String) -> String {
    if is_formula(&cell) { format!("'{cell}") } else { cell }
}

/// A member as a cell: empty for null.
fn flat(record: &Value, column: &str) -> String {
    let member = column.split('.').try_fold(record, |value, name| value.get(name));
    match member {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}

fn csv_line(cells: impl Iterator<Item = String>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(cells);
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

fn tabs(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| SafeText::new(&cell).to_string()).collect();
    cells.join("\t") + "\n"
}
