//! The failed rows of one import: what screens, copies, comparison and commands read.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value, json};

use crate::domain::failure::FailedRow;
use crate::domain::import::{Failures, Mapping};
use crate::domain::redact::Redaction;
use crate::domain::text::{SafeText, UntrustedRef};
use crate::parallel::in_halves;

use super::cancel::Cancel;
use super::completeness::{Completeness, Origin};
use super::errors::{Columns, Problem, Problems};
use super::header::Headers;
use super::matching::{RowIndex, Sameness, common_columns};
use super::reasons::{self, FieldCount, Reason, Values};
use super::source::{self, Joined, Match};
use super::table::{Format, Quotes, Table};
use super::titles::Titles;
use super::values::{Diagnosis, Judge};
use super::{Limits, ReadError, read, sample};

/// How many values are listed for a reason.
const LISTED: usize = 12;

/// What the API says about an import's failed rows: a report is checked against it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ApiView {
    /// The import's headers and the fields that they are imported into, where they are known.
    pub mapping: Option<Arc<Mapping>>,
    /// The sample of failed rows.
    pub sample: Arc<Vec<FailedRow>>,
    /// How many rows failed.
    pub failed: u64,
}

/// An import's failed rows, from its error report or from the API's sample. Rows and columns are positions.
#[derive(Clone)]
pub struct FailedRows {
    pub(super) table: Table,
    pub(super) columns: Columns,
    pub(super) problems: Problems,
    origin: Origin,
    /// Whether it was known which columns became which fields.
    is_mapped: bool,
    /// Remarks about the report.
    notes: Vec<String>,
    /// Where each row is in the client's own file, where that was given.
    joined: Option<Joined>,
    reasons: OnceLock<Vec<Reason>>,
    fields: OnceLock<Vec<FieldCount>>,
    judged: OnceLock<Vec<Judged>>,
    texts: OnceLock<Vec<Box<str>>>,
    titles: Titles,
    /// Cancels what is being computed.
    pub(super) cancel: Cancel,
}

/// The diagnosis and values of a reason.
#[derive(Debug, Clone)]
struct Judged {
    diagnosis: Option<Diagnosis>,
    values: Values,
}

impl FailedRows {
    /// Parses an error report and checks it against what the API says.
    ///
    /// # Errors
    /// What the bytes are instead of a table, or which limit they exceed.
    pub fn read(bytes: &[u8], limits: &Limits, api: &ApiView) -> Result<Self, ReadError> {
        let headers = Headers::new(api.mapping.as_deref());
        let table = read::table(bytes, limits, &headers)?;
        let mut rows = Self::of_report(table, &headers, api, &limits.cancel);
        rows.cancel = limits.cancel.clone();
        rows.unless_cancelled()?;
        Ok(rows)
    }

    fn of_report(table: Table, headers: &Headers, api: &ApiView, cancel: &Cancel) -> Self {
        let mapping = api.mapping.as_deref();
        let columns = Columns::find(&table, headers);
        let problems = Problems::read(&table, &columns, mapping, cancel);
        let mut report = Self::new(table, columns, problems, mapping, Origin::Report);
        if api.sample.is_empty() {
            if report.problems.is_empty() && !report.is_empty() {
                report.notes.push("the report has no column with reasons".to_owned());
            }
            return report;
        }
        let sample = Self::of_sample(&api.sample, mapping);
        let own = sample.len();
        let is_other_file = !headers.is_empty() && !headers.are_mostly(report.table.headers());
        let rows = |rows: usize| if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        if is_other_file {
            sample.with_note(&format!("the report belongs to another file; showing Plannr's sample ({own})"))
        } else if report.is_empty() {
            sample.with_note(&format!("the report has no rows; showing Plannr's sample ({own})"))
        } else if report.len() < sample.len() {
            let found = rows(report.len());
            sample.with_note(&format!("the report has only {found}; showing Plannr's sample ({own})"))
        } else if !report.problems.is_empty() && report.found_in(&sample, &api.sample).1 == 0 {
            report.with_note(&format!(
                "none of Plannr's {own} sample rows is in the report; it may belong to another import"
            ))
        } else if report.problems.is_empty() {
            let (rows, count) = report.found_in(&sample, &api.sample);
            if count == 0 {
                return sample
                    .with_note(&format!("the report gives no reasons; showing Plannr's sample ({own})"));
            }
            report.problems = Problems::of_sample(&report.table, &report.columns, rows.into_iter(), mapping);
            report.with_note(&format!("the report gives no reasons; showing Plannr's ({count})"))
        } else {
            report
        }
    }

    /// The API's sample. Cells are empty in columns that a row lacks.
    pub fn of_sample(rows: &[FailedRow], mapping: Option<&Mapping>) -> Self {
        let kept = rows.get(..Failures::MOST).unwrap_or(rows);
        let table = sample::table(kept);
        let columns = Columns::all_own(&table);
        let problems = Problems::of_sample(&table, &columns, kept.iter().map(Some), mapping);
        let sample = Self::new(table, columns, problems, mapping, Origin::Sample);
        if rows.len() > kept.len() {
            sample.with_note(&format!("the first {} of the rows that Plannr sent", kept.len()))
        } else {
            sample
        }
    }

    fn new(
        table: Table,
        columns: Columns,
        problems: Problems,
        mapping: Option<&Mapping>,
        origin: Origin,
    ) -> Self {
        let notes = notes(&table);
        let titles = Titles::new(&table, &columns, mapping);
        Self {
            table,
            columns,
            problems,
            origin,
            is_mapped: mapping.is_some(),
            notes,
            joined: None,
            reasons: OnceLock::new(),
            fields: OnceLock::new(),
            judged: OnceLock::new(),
            texts: OnceLock::new(),
            titles,
            cancel: Cancel::default(),
        }
    }

    fn with_note(mut self, note: &str) -> Self {
        self.notes.insert(0, note.to_owned());
        self
    }

    /// For each row its counterpart in the API's sample, if there is exactly one, and how many have one.
    fn found_in<'a>(&self, sample: &Self, rows: &'a [FailedRow]) -> (Vec<Option<&'a FailedRow>>, usize) {
        let (own, theirs) = (&self.columns.own, &sample.columns.own);
        // A row that came as a bare list has numbers in place of headers.
        let is_bare =
            theirs.iter().zip(1..).all(|(column, nth)| sample.table.header(*column) == nth.to_string());
        let pairs = match is_bare && own.len() == theirs.len() {
            true => own.iter().copied().zip(theirs.iter().copied()).collect(),
            false => common_columns(&self.table, own, &sample.table, theirs.iter().copied()),
        };
        let (mine, theirs): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
        if mine.is_empty() {
            return (Vec::new(), 0);
        }
        let index = RowIndex::new(&sample.table, theirs, Sameness::Folded);
        let counterpart = |row: usize| {
            let cells: Vec<&str> = mine.iter().map(|column| self.table.cell(row, *column)).collect();
            let mut found = index.find(&cells);
            found.next().filter(|_| found.next().is_none()).and_then(|at| rows.get(at))
        };
        let found: Vec<_> = (0..self.len()).map(counterpart).collect();
        let count = found.iter().flatten().count();
        (found, count)
    }

    /// Looks up each row in the client's own file.
    pub fn joined_to(mut self, source: &Table) -> Self {
        self.joined = source::join(&self, source);
        self.notes.push(match &self.joined {
            None => "the source is a different file: it has none of these columns".to_owned(),
            Some(joined) => {
                let (found, several, missing) = joined.counts();
                let mut text = format!("{found} found in the source");
                if several + missing > 0 {
                    text.push_str(&format!(", {several} found more than once, {missing} not found"));
                }
                text
            }
        });
        self
    }

    /// Computes everything that a screen needs, so that the user does not wait for it later.
    ///
    /// # Errors
    /// If it was cancelled.
    pub fn prepare(&self) -> Result<(), ReadError> {
        self.judged();
        self.unless_cancelled()?;
        self.fields();
        self.texts();
        self.unless_cancelled()
    }

    fn unless_cancelled(&self) -> Result<(), ReadError> {
        if self.cancel.is_set() { Err(ReadError::Cancelled) } else { Ok(()) }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the rows are from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether it was known which columns became which fields when they were read: without, a reason may have no column.
    pub fn is_mapped(&self) -> bool {
        self.is_mapped
    }

    /// How many of the failed rows these are, where so many failed.
    pub fn completeness(&self, failed: u64) -> Completeness {
        Completeness::new(self.len() as u64, failed, self.origin)
    }

    /// Remarks about the report and how it was read.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The table that the rows are in, for what writes them as they came.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Which columns of the table are the client's own, in its order.
    pub fn own(&self) -> &[usize] {
        &self.columns.own
    }

    /// What each column of the table is.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// A column's header.
    pub fn header(&self, column: usize) -> SafeText {
        SafeText::new(self.table.header(column))
    }

    /// A row's value in a column of the table; empty where there is none.
    pub fn cell(&self, row: usize, column: usize) -> UntrustedRef<'_> {
        UntrustedRef::new(self.table.cell(row, column))
    }

    /// At most so many characters of a value: a cell on the screen does not need more.
    pub fn cell_begins(&self, row: usize, column: usize, most: usize) -> UntrustedRef<'_> {
        let value = self.table.cell(row, column);
        let end = value.char_indices().nth(most).map_or(value.len(), |(end, _)| end);
        UntrustedRef::new(value.get(..end).unwrap_or_default())
    }

    /// The client's values of a row, in the order of [`FailedRows::own`].
    pub fn cells(&self, row: usize) -> impl Iterator<Item = UntrustedRef<'_>> + Clone {
        self.columns.own.iter().map(move |column| self.cell(row, *column))
    }

    /// What is wrong with a row.
    pub fn problems(&self, row: usize) -> impl Iterator<Item = Problem<'_>> {
        self.problems.of(row)
    }

    /// What is wrong with one cell; `None` for what is about no column of the row.
    pub fn problems_of(&self, row: usize, column: Option<usize>) -> impl Iterator<Item = Problem<'_>> {
        self.problems.of_column(row, column)
    }

    /// The client's rejected columns of a row, in its order. Nothing is looked at before it is asked for.
    pub fn rejected(&self, row: usize) -> impl Iterator<Item = usize> {
        let all = std::iter::successors(self.problems.next_column(row, None), move |column| {
            self.problems.next_column(row, Some(*column))
        });
        all.filter(|column| self.columns.own.binary_search(column).is_ok())
    }

    /// Where a row is in the client's own file; `None` where that was not given or is another file.
    pub fn place(&self, row: usize) -> Option<&Match> {
        self.joined.as_ref()?.rows.get(row)
    }

    /// Why rows fail, the most frequent first, the values taken out.
    pub fn reasons(&self) -> &[Reason] {
        self.reasons.get_or_init(|| reasons::reasons(self))
    }

    /// The same by field, the one that was refused most often first.
    pub fn fields(&self) -> &[FieldCount] {
        self.fields.get_or_init(|| reasons::by_field(self.reasons()))
    }

    /// What the rejected values of a reason have in common, where there is something to say.
    pub fn diagnosis(&self, reason: usize) -> Option<&Diagnosis> {
        self.judged().get(reason)?.diagnosis.as_ref()
    }

    /// The values that a reason rejected, the most frequent first.
    pub fn values(&self, reason: usize) -> Option<&Values> {
        Some(&self.judged().get(reason)?.values)
    }

    fn judged(&self) -> &[Judged] {
        self.judged.get_or_init(|| {
            let mut judge = Judge::new(self);
            let judge = |reason| Judged {
                diagnosis: judge.judge(reason),
                values: reasons::values(self, reason, LISTED),
            };
            self.reasons().iter().take_while(|_| !self.cancel.is_set()).map(judge).collect()
        })
    }

    /// Each row's values in lower case, for the filter.
    pub(super) fn texts(&self) -> &[Box<str>] {
        self.texts.get_or_init(|| {
            let text = |row| {
                let cells = || self.columns.own.iter().map(|column| self.table.cell(row, *column));
                let mut text = String::with_capacity(cells().map(|cell| cell.len() + 1).sum());
                for cell in cells() {
                    text.push_str(cell);
                    text.push('\u{1f}');
                }
                // Most are ASCII, and are changed where they are.
                if text.is_ascii() {
                    text.make_ascii_lowercase();
                    text.into_boxed_str()
                } else {
                    text.to_lowercase().into_boxed_str()
                }
            };
            let texts = |rows: Range<usize>| rows.take_while(|_| !self.cancel.is_set()).map(text).collect();
            let (mut texts, second): (Vec<_>, _) = in_halves(self.len(), texts);
            texts.extend(second.into_iter().flatten());
            texts
        })
    }

    /// A row as JSON: `row`, the values by column, and `errors`, the messages by field.
    pub fn json(&self, row: usize, redaction: Redaction) -> Value {
        let names = self.names(redaction).iter().cloned();
        let cells: Map<_, _> = names.zip(self.cells(row).map(|cell| redaction.copied(cell).into())).collect();
        let mut errors = Map::new();
        for problem in self.problems(row) {
            let message = self.text(problem.message, redaction).as_str().into();
            let messages = errors
                .entry(self.text(problem.field.as_str(), redaction).to_string())
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(messages) = messages {
                messages.push(message);
            }
        }
        json!({ "row": cells, "errors": errors })
    }

    /// A message about these rows, or a field's name, ready to show.
    pub fn text(&self, message: &str, redaction: Redaction) -> SafeText {
        self.titles.text(message, redaction)
    }

    /// A name for each of the client's columns that no other has, for JSON; see `Titles::names`.
    pub fn names(&self, redaction: Redaction) -> &[String] {
        self.titles.names(redaction)
    }

    /// What the client's column at this place among [`FailedRows::own`] is called; see `Titles::title`.
    pub fn title(&self, at: usize, redaction: Redaction) -> SafeText {
        self.titles.title(at, redaction)
    }

    /// The Plannr field that a column of the table is imported into, where that is known.
    pub fn field(&self, column: usize) -> Option<&str> {
        self.titles.field(self.columns.own.binary_search(&column).ok()?)
    }

    /// The same for a column of the table.
    pub fn column_title(&self, column: usize, redaction: Redaction) -> SafeText {
        match self.columns.own.binary_search(&column) {
            Ok(at) => self.title(at, redaction),
            Err(_) => self.text(self.header(column).as_str(), redaction),
        }
    }
}

/// Prints sizes only, so that no client data reaches a log.
impl std::fmt::Debug for FailedRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FailedRows({:?}, {:?}, {:?})", self.origin, self.table, self.problems)
    }
}

/// Remarks about how a file is written.
fn notes(table: &Table) -> Vec<String> {
    let warnings = table.warnings();
    let rows = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 row {one}"),
        _ => format!("{count} rows {many}"),
    };
    let mut notes = Vec::new();
    if let Format::Csv(dialect) = table.format() {
        match dialect.quotes {
            Quotes::Doubled => {}
            Quotes::Backslash => notes.push("quotation marks escaped by backslashes (PHP)".to_owned()),
            Quotes::Plain => notes.push("unbalanced quotation marks: read as plain text".to_owned()),
        }
    }
    if warnings.above_headers > 0 {
        let lines = if warnings.above_headers == 1 { "line" } else { "lines" };
        notes.push(format!("{} {lines} above the headers left out", warnings.above_headers));
    }
    if warnings.unclosed_quote {
        notes.push("a quotation mark is never closed: the rest of the file is one cell".to_owned());
    }
    if table.broken_rows() > 0 {
        notes.push(rows(table.broken_rows(), "is broken (marked !)", "are broken (marked !)"));
    }
    if warnings.uneven_rows > 0 {
        notes.push(rows(warnings.uneven_rows, "has missing or extra cells", "have missing or extra cells"));
    }
    if warnings.undecodable {
        notes.push("some characters could not be read".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests;
