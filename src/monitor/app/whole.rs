//! All failed rows of an import, read from its error report and ready to be listed.

use crate::domain::failure::{FailedRow, Reason};
use crate::domain::import::Mapping;
use crate::report::reasons::{self, Values};
use crate::report::source::{self, Joined, Match};
use crate::report::values::{self, Verdict};
use crate::report::{Format, Limits, NotReadable, Report, Table};

/// A report with what listing, filtering and grouping its rows need; built once, off the event loop.
#[derive(Debug)]
pub struct Whole {
    report: Report,
    reasons: Vec<Reason>,
    /// What the refused values of each reason have in common; of the first [`Whole::JUDGED`].
    verdicts: Vec<Option<Verdict>>,
    /// The values that each reason refused, the most frequent first; of the same reasons.
    values: Vec<Values>,
    /// Each row's text in lower case, for the filter.
    texts: Vec<Box<str>>,
    /// Where each row is in the client's own file, where that was given.
    joined: Option<Joined>,
    /// Whether a file was given that shares no column with the report.
    is_other_file: bool,
}

impl Whole {
    /// How many reasons have their values looked at: each goes through a whole column.
    const JUDGED: usize = 40;
    /// How many values are listed for a reason.
    const LISTED: usize = 12;

    /// Reads a report. Takes about as long as reading a CSV of that size three times.
    ///
    /// # Errors
    /// What the bytes are instead of a table, or which bound they pass.
    pub fn read(bytes: &[u8], mapping: Option<&Mapping>) -> Result<Self, NotReadable> {
        let report = Report::read(bytes, &Limits::default(), mapping)?;
        let groups = reasons::reasons(&report);
        let verdicts =
            groups.iter().take(Self::JUDGED).map(|group| values::of_group(&report, group)).collect();
        let judged = groups.iter().take(Self::JUDGED);
        let values = judged.map(|group| reasons::values(&report, group, Self::LISTED)).collect();
        let reasons = groups.into_iter().map(|group| group.reason).collect();
        let text = |row| {
            let cells = report.table.row(row).collect::<Vec<_>>().join("\u{1f}");
            cells.to_lowercase().into_boxed_str()
        };
        let texts = (0..report.table.len()).map(text).collect();
        Ok(Self { report, reasons, verdicts, values, texts, joined: None, is_other_file: false })
    }

    /// The same with each row looked for in the client's own file.
    pub fn joined_to(mut self, source: &Table) -> Self {
        self.joined = source::join(&self.report, source);
        self.is_other_file = self.joined.is_none();
        self
    }

    /// Where a row is in the client's own file; `None` where that was not given or is another file.
    pub fn place(&self, row: usize) -> Option<&Match> {
        self.joined.as_ref()?.rows.get(row)
    }

    /// The report itself.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// What was read, in a sentence for the user.
    pub fn words(&self) -> String {
        let (rows, oddities) = (self.len(), self.report.table.oddities());
        let mut text = format!("{rows} rows from the report");
        if let Format::Xlsx { .. } = self.report.table.format() {
            text.push_str(" (a workbook)");
        }
        if oddities.ragged > 0 {
            text.push_str(&format!("; {} of them have missing or extra cells", oddities.ragged));
        }
        if oddities.undecodable {
            text.push_str("; some characters could not be read");
        }
        if self.report.columns.messages.is_empty() {
            text.push_str("; no column says why rows failed");
        }
        if self.is_other_file {
            text.push_str("; the source is another file: it has none of these columns");
        }
        if let Some(joined) = &self.joined {
            let (found, several, missing) = joined.counts();
            text.push_str(&format!("; {found} found in the source"));
            if several + missing > 0 {
                text.push_str(&format!(", {several} more than once, {missing} not at all"));
            }
        }
        text
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.report.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many columns the client's rows have.
    pub fn columns(&self) -> usize {
        self.report.columns.own.len()
    }

    /// One row; `None` past the last.
    pub fn row(&self, at: usize) -> Option<FailedRow> {
        (at < self.len()).then(|| self.report.failed_row(at))
    }

    /// A client's value by row and column of the client's own; empty where there is none. Untrusted.
    pub fn value(&self, row: usize, column: usize) -> &str {
        self.report.columns.own.get(column).map_or("", |column| self.report.table.cell(row, *column))
    }

    /// Why rows fail, the most frequent first, the values taken out.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// What the refused values of a reason have in common, where there is something to say.
    pub fn verdict(&self, reason: &Reason) -> Option<&Verdict> {
        self.verdicts.get(self.position(reason)?)?.as_ref()
    }

    /// The values that a reason refused.
    pub fn values(&self, reason: &Reason) -> Option<&Values> {
        self.values.get(self.position(reason)?)
    }

    fn position(&self, reason: &Reason) -> Option<usize> {
        let same = |other: &Reason| other.field == reason.field && other.message == reason.message;
        self.reasons.iter().position(same)
    }

    /// The rows whose text holds every word. Words are lower case.
    pub fn containing(&self, words: &[String]) -> Vec<usize> {
        let holds = |text: &str| words.iter().all(|word| text.contains(word.as_str()));
        self.texts.iter().enumerate().filter(|(_, text)| holds(text)).map(|(at, _)| at).collect()
    }
}
