//! What can be copied, and its text on the clipboard.

mod markdown;

use std::fmt::Write as _;

use self::markdown::escaped;
use super::details::ImportView;
use crate::domain::import::ImportId;
use crate::domain::redact::Redaction;
use crate::domain::tally::grouped;
use crate::report::FailedRows;

const MARKED: &str = "marked uuids";
const CSV: &str = "row as CSV";
const REASONS: &str = "reasons (Markdown)";
const SUMMARY: &str = "summary (Markdown)";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyItem {
    pub label: &'static str,
    /// The text that goes to the clipboard, exactly.
    pub text: String,
    /// What it is, where the beginning of the text does not say.
    pub about: Option<String>,
    /// A warning about pasting it.
    pub caution: Option<&'static str>,
}

#[derive(Debug, Default)]
pub struct CopyMenu {
    /// Never empty while the menu is open.
    pub items: Vec<CopyItem>,
    /// The line under the cursor.
    pub chosen: usize,
}

impl CopyMenu {
    /// What can be copied of an import, its chosen failed row and the marked imports.
    ///
    /// Values go through `redaction`.
    pub fn new(
        view: &ImportView<'_>,
        redaction: Redaction,
        firm: &str,
        row: Option<(&FailedRows, usize)>,
        marks: impl ExactSizeIterator<Item = ImportId>,
    ) -> Self {
        let mut items = Vec::new();
        let mut item = |label, text: Option<String>| {
            items.extend(text.map(|text| CopyItem { label, text, about: None, caution: None }))
        };
        let count = marks.len();
        let marked = (count > 0).then(|| marks.map(|id| format!("{id}\n")).collect());
        item(MARKED, marked);
        item(CSV, row.and_then(|(rows, row)| csv(rows, row, redaction)));
        item("row as JSON", row.map(|(rows, row)| rows.json(row, redaction).to_string()));
        item("uuid", Some(view.watched.import.id.to_string()));
        let link = view.report().and_then(|report| report.link.as_ref().ok());
        // Its path may contain a client's name.
        let link = link.filter(|_| !redaction.enabled);
        item("report link", link.map(|link| link.as_str().to_owned()));
        item(REASONS, Some(reasons_table(view, redaction)).filter(|table| !table.is_empty()));
        item(SUMMARY, Some(summary(view, redaction, firm)));
        let reasons = view.rows().reasons().len();
        for item in &mut items {
            item.about = match item.label {
                MARKED => Some(format!("{count}, one a line")),
                CSV => Some("its headers and its values".to_owned()),
                REASONS if reasons == 1 => Some("a table of 1 reason".to_owned()),
                REASONS => Some(format!("a table of {reasons} reasons")),
                SUMMARY => Some("state, counts, times and reasons".to_owned()),
                _ => None,
            };
        }
        if row.is_some_and(|(rows, row)| has_controls(rows, row)) {
            let csv = items.iter_mut().filter(|item| item.label == CSV);
            csv.for_each(|item| {
                item.caution = Some("the row contains control characters: do not paste it into a terminal")
            });
        }
        Self { items, chosen: 0 }
    }

    /// The item under the cursor.
    pub fn item(&self) -> Option<&CopyItem> {
        self.items.get(self.chosen)
    }
}

/// The row with its headers, as a CSV of two records.
fn csv(rows: &FailedRows, row: usize, redaction: Redaction) -> Option<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    match redaction.enabled {
        true => writer.write_record(rows.names(redaction)).ok()?,
        false => writer.write_record(rows.own().iter().map(|column| rows.table().header(*column))).ok()?,
    }
    writer.write_record(rows.cells(row).map(|cell| redaction.copied(cell))).ok()?;
    String::from_utf8(writer.into_inner().ok()?).ok()
}

/// Whether a terminal would act on the pasted row: line ends, escape sequences.
fn has_controls(rows: &FailedRows, row: usize) -> bool {
    let headers = rows.own().iter().map(|column| rows.table().header(*column));
    headers.chain(rows.cells(row).map(|cell| cell.raw())).any(|text| text.contains(char::is_control))
}

/// An import for a ticket or a chat: what, where, who, when, how far, how fast, why rows fail. Contains no client value
/// but those that messages quote, and redacted not even those.
fn summary(view: &ImportView<'_>, redaction: Redaction, firm: &str) -> String {
    let watched = view.watched;
    let (import, tally) = (&watched.import, &watched.tally);
    let state = watched.verdict.to_string().replace('_', " ");
    let mut text =
        format!("**{} · {}**, {state}", escaped(&import.kind.label()), escaped(import.mode.label()));
    if !firm.is_empty() {
        let _ = write!(text, ", {}", escaped(firm));
    }
    let parts: Vec<String> = tally.describe().into_iter().flatten().collect();
    let total = grouped(tally.total());
    let rows = match tally.settled() {
        Some(settled) => format!("{} of {total} rows done", grouped(settled)),
        None => format!("{total} rows"),
    };
    let mut facts = vec![format!("{rows}: {}", parts.join(", "))];
    if let Some(person) = view.started_by() {
        facts.push(format!("started by {}", escaped(redaction.value(&person.name).as_str())));
    }
    if let Some(at) = import.created_at {
        facts.push(format!("started at {at:.0}"));
    }
    if let Some(rate) = watched.pace.rate() {
        facts.push(format!("{rate:.1} rows a second"));
    }
    facts.push(format!("uuid `{}`", import.id));
    for fact in facts {
        let _ = write!(text, "\n- {fact}");
    }
    let table = reasons_table(view, redaction);
    if !table.is_empty() {
        let _ = write!(text, "\n\n{table}");
    }
    text
}

/// Why rows fail, as a table; empty where no failed row is known.
fn reasons_table(view: &ImportView<'_>, redaction: Redaction) -> String {
    let rows = view.rows();
    if rows.is_empty() {
        return String::new();
    }
    let mut text = "| field | reason | rows |\n| --- | --- | ---: |\n".to_owned();
    for reason in rows.reasons().iter() {
        let [field, message] = [&reason.field, &reason.message]
            .map(|text| escaped(rows.text(text.as_str(), redaction).as_str()));
        let _ = writeln!(text, "| {field} | {message} | {} |", reason.rows.len());
    }
    let completeness = view.completeness();
    if !completeness.is_all() {
        let _ = writeln!(text, "\nFrom {} failed rows.", completeness.short());
    }
    text
}

#[cfg(test)]
mod tests;
