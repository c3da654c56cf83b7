//! The failed rows of an import in every format that `errors` writes. Pure.

use serde_json::{Value, json};

use super::super::formats::{array, guarded};
use crate::domain::failure::FailedRow;
use crate::domain::redact::Veil;
use crate::report::reasons::{by_field, reasons, values as values_of};
use crate::report::source::Match;
use crate::report::values;
use crate::report::{Report, row_json};
use crate::ui::format::{self, Align};

/// What the rows are told with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Telling<'a> {
    /// The rows.
    pub(super) report: &'a Report,
    /// Where each row is in the client's own file, if that was given.
    pub(super) source: Option<&'a [Match]>,
    /// Whether values are masked.
    pub(super) veil: Veil,
    /// Whether cells that a spreadsheet would run are neutralised in the CSV.
    pub(super) spreadsheet_safe: bool,
}

impl Telling<'_> {
    fn rows(&self) -> impl Iterator<Item = (usize, FailedRow)> {
        (0..self.report.table.len()).map(|at| (at, self.veil.row(&self.report.failed_row(at))))
    }

    /// Reasons with their counts and shares, the most frequent first, and what their values have in common.
    pub(super) fn by_reason(&self) -> String {
        let groups = reasons(self.report);
        let total = self.report.table.len() as u64;
        let widest =
            groups.iter().map(|group| format::width(group.reason.field.as_str())).max().unwrap_or(0).max(5);
        let mut text = format!("{:>6}  {:>5}  {}  REASON\n", "ROWS", "SHARE", padded("FIELD", widest));
        for group in &groups {
            let (count, reason) = (group.reason.rows.len() as u64, &group.reason);
            let message = self.veil.message(&reason.message, None);
            text.push_str(&format!(
                "{:>6}  {:>5}  {}  {message}\n",
                format::count(count),
                format::share(count, total),
                padded(reason.field.as_str(), widest),
            ));
            if let Some(verdict) = values::of_group(self.report, group) {
                text.push_str(&format!("{}{}\n", " ".repeat(widest + 17), verdict.sentence));
            }
            let refused = values_of(self.report, group, 5);
            let told: Vec<String> =
                refused.listed.iter().map(|(value, _)| self.veil.value(value).to_string()).collect();
            let told = told.join(", ");
            if !told.trim_matches([',', ' ']).is_empty() {
                text.push_str(&format!("{}refused: {told}\n", " ".repeat(widest + 17)));
            }
        }
        let fields = by_field(&groups);
        if fields.len() > 1 {
            text.push_str(&format!("\n{:>6}  FIELD, all its reasons together\n", "ROWS"));
        }
        for field in fields.iter().filter(|_| fields.len() > 1) {
            let reasons = field.reasons.len();
            let noun = if reasons == 1 { "reason" } else { "reasons" };
            text.push_str(&format!(
                "{:>6}  {} ({reasons} {noun})\n",
                format::count(field.rows as u64),
                field.field
            ));
        }
        text
    }

    /// The same for programs: count, field and message by tabs, a reason a line.
    pub(super) fn by_reason_tabs(&self) -> String {
        let line = |group: &crate::report::reasons::Group| {
            let message = self.veil.message(&group.reason.message, None);
            format!("{}\t{}\t{message}\n", group.reason.rows.len(), group.reason.field)
        };
        reasons(self.report).iter().map(line).collect()
    }

    /// One row after the other, each with its values and what is wrong with it.
    pub(super) fn by_row(&self) -> String {
        let mut text = String::new();
        for (at, row) in self.rows() {
            let place = self.place(at).map(|place| format!(" ({place})")).unwrap_or_default();
            text.push_str(&format!("row {}{place}\n", at + 1));
            for problem in &row.problems {
                for message in &problem.messages {
                    text.push_str(&format!("  {}: {message}\n", problem.field));
                }
            }
            for cell in &row.cells {
                text.push_str(&format!("    {}: {}\n", cell.column, cell.value.shown()));
            }
        }
        text
    }

    /// A JSON array: `row` by column, `errors` by field, and `source_line` where the client's file was given.
    pub(super) fn json(&self) -> String {
        let rows: Vec<Value> = self.rows().map(|(at, row)| self.json_row(at, &row)).collect();
        array(&rows)
    }

    fn json_row(&self, at: usize, row: &FailedRow) -> Value {
        let mut value = row_json(row);
        if let (Some(source), Some(object)) = (self.source, value.as_object_mut()) {
            let line = match source.get(at) {
                Some(Match::Line(line)) => json!(line),
                _ => Value::Null,
            };
            object.insert("source_line".to_owned(), line);
        }
        value
    }

    /// One row a line: the client's own columns, then `error_field` and `error_message`, several by `; `.
    ///
    /// # Errors
    /// None but those of a writer to memory.
    pub(super) fn csv(&self) -> Result<String, csv::Error> {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let own = self.report.columns.own.iter().map(|column| self.report.table.header(*column));
        let line = self.source.map(|_| "source_line");
        let cell =
            |text: &str| if self.spreadsheet_safe { guarded(text.to_owned()) } else { text.to_owned() };
        writer.write_record(own.chain(line).chain(["error_field", "error_message"]).map(cell))?;
        for (at, row) in self.rows() {
            let fields: Vec<&str> = row.problems.iter().map(|problem| problem.field.as_str()).collect();
            let messages: Vec<&str> = row
                .problems
                .iter()
                .flat_map(|problem| &problem.messages)
                .map(|message| message.as_str())
                .collect();
            let line = self.source.map(|source| match source.get(at) {
                Some(Match::Line(line)) => line.to_string(),
                _ => String::new(),
            });
            let told = [fields.join("; "), messages.join("; ")];
            let cells = row.cells.iter().map(|cell| cell.value.raw());
            let told = told.iter().map(String::as_str);
            writer.write_record(cells.chain(line.as_deref()).chain(told).map(cell))?;
        }
        let bytes = writer.into_inner().map_err(|error| error.into_error())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Where a row is in the client's own file.
    fn place(&self, at: usize) -> Option<String> {
        Some(match self.source?.get(at)? {
            Match::Line(line) => format!("line {line} of the source"),
            Match::Several(count) => format!("{count} lines of the source look like it"),
            Match::NotFound => "not found in the source".to_owned(),
        })
    }
}

fn padded(text: &str, width: usize) -> String {
    format::fit(text, width, Align::Left, '…')
}
