//! The failed rows of an import in every format that `errors` writes. Pure.

use serde_json::{Value, json};

use crate::domain::redact::Redaction;
use crate::output::formats::{array, guarded};
use crate::report::FailedRows;
use crate::report::reasons::Reason;
use crate::report::source::Match;
use crate::ui::format::{self, Align};

/// How many rejected values are printed for a reason.
const VALUES: usize = 5;

/// Prints failed rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowFormatter<'a> {
    pub(super) rows: &'a FailedRows,
    pub(super) redaction: Redaction,
    /// Whether cells that a spreadsheet would run are neutralised in the CSV.
    pub(super) spreadsheet_safe: bool,
    /// Whether these are all failed rows; shares of a sample are approximate.
    pub(super) complete: bool,
}

impl RowFormatter<'_> {
    /// Reasons with their counts and shares, the most frequent first, and what their values have in common.
    pub(super) fn by_reason(&self) -> String {
        let (reasons, total) = (self.rows.reasons(), self.rows.len() as u64);
        let widest = reasons
            .iter()
            .map(|reason| format::width(&self.text(reason.field.as_str())))
            .max()
            .unwrap_or(0)
            .max(5);
        let mut text = format!("{:>6}  {:>6}  {}  REASON\n", "ROWS", "SHARE", padded("FIELD", widest));
        let about = if self.complete { "" } else { "~" };
        for (at, reason) in reasons.iter().enumerate() {
            let count = reason.rows.len() as u64;
            text.push_str(&format!(
                "{:>6}  {:>6}  {}  {}\n",
                format::count(count),
                format!("{about}{}", format::share(count, total)),
                padded(&self.text(reason.field.as_str()), widest),
                self.message(reason),
            ));
            let indent = " ".repeat(widest + 18);
            if let Some(diagnosis) = self.rows.diagnosis(at) {
                text.push_str(&format!("{indent}{}\n", diagnosis.sentence));
            }
            let values =
                self.rows.values(at).into_iter().flat_map(|values| values.listed.iter().take(VALUES));
            let values: Vec<String> =
                values.map(|(value, _)| self.redaction.value(value).to_string()).collect();
            let values = values.join(", ");
            if !values.trim_matches([',', ' ']).is_empty() {
                text.push_str(&format!("{indent}rejected: {values}\n"));
            }
        }
        let fields = self.rows.fields();
        if fields.len() > 1 {
            text.push_str(&format!("\n{:>6}  FIELD, all reasons combined\n", "ROWS"));
        }
        for field in fields.iter().filter(|_| fields.len() > 1) {
            let reasons = field.reasons.len();
            let noun = if reasons == 1 { "reason" } else { "reasons" };
            text.push_str(&format!(
                "{:>6}  {} ({reasons} {noun})\n",
                format::count(field.rows.len() as u64),
                self.text(field.field.as_str())
            ));
        }
        text
    }

    /// For programs: count, field and message, tab-separated, one reason per line.
    pub(super) fn by_reason_tab_separated(&self) -> String {
        let line = |reason: &Reason| {
            let field = self.text(reason.field.as_str());
            format!("{}\t{field}\t{}\n", reason.rows.len(), self.message(reason))
        };
        self.rows.reasons().iter().map(line).collect()
    }

    /// A message or a field's name, redacted if necessary.
    fn text(&self, text: &str) -> String {
        self.rows.text(text, self.redaction).to_string()
    }

    fn message(&self, reason: &Reason) -> String {
        self.text(reason.message.as_str())
    }

    /// The field and the message of each problem of a row.
    fn problems(&self, row: usize) -> impl Iterator<Item = (String, String)> {
        self.rows.problems(row).map(|problem| (self.text(problem.field.as_str()), self.text(problem.message)))
    }

    /// One row after the other, each with its values and what is wrong with it.
    pub(super) fn by_row(&self) -> String {
        let mut text = String::new();
        let names = self.rows.names(self.redaction);
        for row in 0..self.rows.len() {
            let place = self.place(row).map(|place| format!(" ({place})")).unwrap_or_default();
            text.push_str(&format!("row {}{place}\n", row + 1));
            for (field, message) in self.problems(row) {
                text.push_str(&format!("  {field}: {message}\n"));
            }
            for (name, cell) in names.iter().zip(self.rows.cells(row)) {
                text.push_str(&format!("    {name}: {}\n", self.redaction.value(cell)));
            }
        }
        text
    }

    /// A JSON array: `row` by column, `errors` by field, and `source_line` where the client's file was given.
    pub(super) fn json(&self) -> String {
        let rows: Vec<Value> = (0..self.rows.len()).map(|row| self.json_row(row)).collect();
        array(&rows)
    }

    fn json_row(&self, row: usize) -> Value {
        let mut value = self.rows.json(row, self.redaction);
        if let (Some(place), Some(object)) = (self.rows.place(row), value.as_object_mut()) {
            object.insert("source_line".to_owned(), line_of(place).map_or(Value::Null, |line| json!(line)));
        }
        value
    }

    /// One row per line: the client's own columns, then `error_field` and `error_message`, several separated by `; `.
    ///
    /// # Errors
    /// None but those of a writer to memory.
    pub(super) fn csv(&self) -> Result<String, csv::Error> {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let own: Vec<String> = match self.redaction.enabled {
            true => self.rows.names(self.redaction).to_vec(),
            false => {
                self.rows.own().iter().map(|column| self.rows.table().header(*column).to_owned()).collect()
            }
        };
        let line = self.rows.place(0).map(|_| "source_line".to_owned());
        let cell = |text: String| if self.spreadsheet_safe { guarded(text) } else { text };
        let added = ["error_field", "error_message"].map(str::to_owned);
        writer.write_record(own.into_iter().chain(line).chain(added).map(cell))?;
        for row in 0..self.rows.len() {
            let (fields, messages): (Vec<String>, Vec<String>) = self.problems(row).unzip();
            let mut fields = fields;
            fields.dedup();
            let line =
                self.rows.place(row).map(|place| line_of(place).map_or(String::new(), |l| l.to_string()));
            let cells = self.rows.cells(row).map(|cell| self.redaction.copied(cell));
            let added = [fields.join("; "), messages.join("; ")];
            writer.write_record(cells.chain(line).chain(added).map(cell))?;
        }
        let bytes = writer.into_inner().map_err(|error| error.into_error())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Where a row is in the client's own file.
    fn place(&self, row: usize) -> Option<String> {
        Some(match self.rows.place(row)? {
            Match::Line(line) => format!("line {line} of the source"),
            Match::Several(count) => format!("matches {count} lines of the source"),
            Match::NotFound => "not found in the source".to_owned(),
        })
    }
}

fn line_of(place: &Match) -> Option<u64> {
    match place {
        Match::Line(line) => Some(*line),
        Match::Several(_) | Match::NotFound => None,
    }
}

fn padded(text: &str, width: usize) -> String {
    format::fit(text, width, Align::Left, '…')
}
