//! Which columns of a report are the client's own and which say why rows failed.

use crate::domain::failure::name_key;

use super::super::header::{Headers, is_error_header};
use super::super::table::Table;
use super::sentence::{is_json, reads_like_laravel};

/// Rows that are looked at to tell what a column holds.
const SAMPLE: usize = 500;

/// Headers that mean errors if the cells read so; a client may have a "Reason" too.
const UNSURE: [&str; 12] = [
    "reason",
    "reasons",
    "message",
    "messages",
    "failure",
    "problem",
    "problems",
    "issue",
    "issues",
    "exception",
    "detail",
    "details",
];
/// Headers of a column that names the failing field.
const FIELD: [&str; 8] = [
    "errorfield",
    "errorfields",
    "failedfield",
    "invalidfield",
    "errorcolumn",
    "failedcolumn",
    "errorattribute",
    "failedattribute",
];
/// The same, if it stands beside the messages.
const FIELD_BESIDE: [&str; 4] = ["field", "fields", "attribute", "column"];
/// Headers that a report adds, unless the import's own headers have them.
const ADDED: [&str; 9] =
    ["row", "rownumber", "rowno", "line", "linenumber", "lineno", "importuuid", "importstatus", "failedat"];

/// What each column of a report is. Every column is in one of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    /// The client's own, in the file's order.
    pub own: Vec<usize>,
    /// Those that say why a row failed.
    pub messages: Vec<usize>,
    /// Those that name the field that failed.
    pub fields: Vec<usize>,
    /// Others that the report added, such as a row number. Only known with all of the import's own headers.
    pub added: Vec<usize>,
}

impl Columns {
    /// Whether a column is the client's own.
    pub fn is_own(&self, column: usize) -> bool {
        self.own.binary_search(&column).is_ok()
    }

    /// Every column is the client's.
    pub(in crate::report) fn all_own(table: &Table) -> Self {
        Self { own: (0..table.width()).collect(), ..Self::default() }
    }

    /// Finds the columns by header and by content. With the import's headers a column that the client's file
    /// had stays the client's, however it is called.
    pub(in crate::report) fn find(table: &Table, headers: &Headers) -> Self {
        let keys: Vec<String> = table.headers().map(name_key).collect();
        let known = headers.have(table.headers());
        let open = |column: &usize| known.get(*column) != Some(&true);
        let is =
            |column: usize, set: &[&str]| keys.get(column).is_some_and(|key| set.contains(&key.as_str()));

        let is_sure = |column: &usize| is_error_header(table.header(*column));

        // Beside a column that says so itself, one that only reads like it is the client's.
        let any_sure = (0..table.width()).any(|column| open(&column) && is_sure(&column));
        let says = |column: &usize| {
            let evidence = evidence(table, *column);
            let by_field = field_in_header(table.header(*column)).is_some();
            let called_so = by_field || is(*column, &UNSURE);
            is_sure(column)
                || (by_field && evidence >= 0.5)
                || (!any_sure && (evidence > 0.8 || (called_so && evidence >= 0.5)))
        };
        let mut messages: Vec<usize> = (0..table.width()).filter(open).filter(says).collect();
        if messages.is_empty() {
            // Its own words, not the validator's: then by its header and its place.
            messages.extend(table.width().checked_sub(1).filter(open).filter(|last| is(*last, &UNSURE)));
        }
        if messages.is_empty() && !headers.is_empty() {
            // The client's file did not have it: whatever it is called, sentences are the reasons.
            messages
                .extend((0..table.width()).rev().filter(open).find(|column| holds_sentences(table, *column)));
        }
        let beside = |column: usize| messages.iter().any(|at| at.abs_diff(column) == 1);
        let rest = |column: &usize| !messages.contains(column);
        let fields: Vec<usize> = (0..table.width())
            .filter(open)
            .filter(rest)
            .filter(|column| is(*column, &FIELD) || (is(*column, &FIELD_BESIDE) && beside(*column)))
            .collect();
        let extra = |column: &usize| open(column) && rest(column) && !fields.contains(column);
        let (added, strangers): (Vec<usize>, Vec<usize>) =
            (0..table.width()).filter(extra).partition(|column| is(*column, &ADDED));
        // Headers that lack more than these are not all of the file's: then the column may be the client's.
        let added = if headers.is_empty() || !strangers.is_empty() { Vec::new() } else { added };
        let own = (0..table.width())
            .filter(rest)
            .filter(|column| !fields.contains(column) && !added.contains(column))
            .collect();
        Self { own, messages, fields, added }
    }
}

/// The share of a column's cells that read like a validator's messages, of those with anything in them; 0 to 1.
fn evidence(table: &Table, column: usize) -> f64 {
    share(table, column, |cell| reads_like_laravel(cell) || (is_json(cell) && cell.contains("The ")))
}

/// Whether most cells are sentences: several words, with more letters than anything else.
fn holds_sentences(table: &Table, column: usize) -> bool {
    let is_sentence = |cell: &str| {
        let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
        cell.split_whitespace().nth(2).is_some() && letters * 2 > cell.chars().count()
    };
    share(table, column, is_sentence) > 0.8
}

/// The share of a column's cells for which this holds, of those with anything in them; 0 to 1.
fn share(table: &Table, column: usize, holds: impl Fn(&str) -> bool) -> f64 {
    let cells = (0..table.len()).map(|row| table.cell(row, column).trim()).filter(|cell| !cell.is_empty());
    let (mut like, mut all) = (0_u32, 0_u32);
    for cell in cells.take(SAMPLE) {
        all += 1;
        like += u32::from(holds(cell));
    }
    if all == 0 { 0.0 } else { f64::from(like) / f64::from(all) }
}

/// The field in a header such as `errors.email`, `email_error` or `Email errors`.
pub(super) fn field_in_header(header: &str) -> Option<&str> {
    let cut = |head: &str, tail: &str| {
        let rest = header.get(head.len()..)?;
        let starts = header.get(..head.len())?.eq_ignore_ascii_case(head);
        let kept = rest.get(..rest.len().checked_sub(tail.len())?)?;
        let ends = rest.get(kept.len()..)?.eq_ignore_ascii_case(tail);
        (starts && ends).then_some(kept)
    };
    let found = ["errors.", "error.", "errors_", "error_", "errors ", "error "]
        .iter()
        .find_map(|head| cut(head, ""))
        .or_else(|| {
            [".errors", ".error", "_errors", "_error", " errors", " error"]
                .iter()
                .find_map(|tail| cut("", tail))
        })?
        .trim();
    let generic = ["message", "messages", "detail", "details", "reason", "validation", "import", "field", ""];
    (!generic.contains(&name_key(found).as_str())).then_some(found)
}
