//! The failed rows that a screen lists: the API's sample, or all of them from the error report.

use std::borrow::Cow;
use std::sync::Arc;

use super::failures::Order;
use super::whole::Whole;
use crate::domain::failure::{FailedRow, Reason, reasons};
use crate::domain::import::Mapping;
use crate::report::reasons::{Group, Values};
use crate::report::source::Match;
use crate::report::values::{self, Verdict};
use crate::report::{self, Report};

/// Failed rows, wherever they come from.
#[derive(Debug, Clone, Copy)]
pub enum Rows<'a> {
    /// What the API tells, 25 at most; and the import's mapping, which leads from a field to its column.
    Sample(&'a [FailedRow], Option<&'a Mapping>),
    /// All of them.
    Report(&'a Arc<Whole>),
}

impl<'a> Rows<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        match self {
            Self::Sample(rows, _) => rows.len(),
            Self::Report(whole) => whole.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// What tells this report from another; `None` for a sample, which may change at any time.
    pub fn identity(self) -> Option<usize> {
        match self {
            Self::Sample(..) => None,
            Self::Report(whole) => Some(Arc::as_ptr(whole).addr()),
        }
    }

    /// One row.
    pub fn get(self, at: usize) -> Option<Cow<'a, FailedRow>> {
        match self {
            Self::Sample(rows, _) => rows.get(at).map(Cow::Borrowed),
            Self::Report(whole) => whole.row(at).map(Cow::Owned),
        }
    }

    /// Where a row is in the client's own file, where that was given.
    pub fn place(self, at: usize) -> Option<&'a Match> {
        match self {
            Self::Sample(..) => None,
            Self::Report(whole) => whole.place(at),
        }
    }

    /// How many columns the client's rows have.
    pub fn columns(self) -> usize {
        match self {
            Self::Sample(rows, _) => rows.first().map_or(0, |row| row.cells.len()),
            Self::Report(whole) => whole.columns(),
        }
    }

    /// Why rows fail, the most frequent first.
    pub fn reasons(self) -> Cow<'a, [Reason]> {
        match self {
            Self::Sample(rows, _) => Cow::Owned(reasons(rows)),
            Self::Report(whole) => Cow::Borrowed(whole.reasons()),
        }
    }

    /// What the refused values of a reason have in common, where there is something to say.
    pub fn verdict(self, reason: &Reason) -> Option<Verdict> {
        match self {
            Self::Report(whole) => whole.verdict(reason).cloned(),
            Self::Sample(rows, mapping) => {
                let report = Report::of_sample(rows, mapping);
                let groups = report::reasons::reasons(&report);
                let same = |group: &&Group| {
                    group.reason.field == reason.field
                        && reason.rows.iter().all(|row| group.reason.rows.contains(row))
                };
                groups.iter().find(same).and_then(|group| values::of_group(&report, group))
            }
        }
    }

    /// The values that a reason refused, where all rows are known.
    pub fn values(self, reason: &Reason) -> Option<&'a Values> {
        match self {
            Self::Sample(..) => None,
            Self::Report(whole) => whole.values(reason),
        }
    }

    /// The rows that hold every word somewhere: in a value, a field or a message. Words are lower case.
    pub fn containing(self, words: &[String]) -> Vec<usize> {
        match self {
            Self::Sample(rows, _) => {
                rows.iter().enumerate().filter(|(_, row)| contains(row, words)).map(|(at, _)| at).collect()
            }
            Self::Report(whole) => whole.containing(words),
        }
    }

    /// Puts positions into the order of a column: numbers by size, else texts without regard to case.
    pub fn arrange(self, rows: &mut [usize], order: Order) {
        let key = |at: &usize| match self {
            Self::Sample(rows, _) => {
                let cell = rows.get(*at).and_then(|row| row.cells.get(order.column));
                SortKey::new(cell.map_or("", |cell| cell.value.raw()))
            }
            Self::Report(whole) => SortKey::new(whole.value(*at, order.column)),
        };
        rows.sort_by_cached_key(key);
        if order.descending {
            rows.reverse();
        }
    }
}

/// What a cell is sorted by: numbers before texts, blanks last.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(i128),
    Text(String),
    Blank,
}

impl SortKey {
    fn new(value: &str) -> Self {
        let value = value.trim();
        let plain: String = value.chars().filter(|c| !matches!(c, ',' | '£')).collect();
        match plain.parse::<f64>() {
            _ if value.is_empty() => Self::Blank,
            // To four places, which is what money and units have.
            Ok(number) if number.is_finite() => Self::Number((number * 10_000.0) as i128),
            _ => Self::Text(value.to_lowercase()),
        }
    }
}

fn contains(row: &FailedRow, words: &[String]) -> bool {
    words.iter().all(|word| {
        let within = |text: &str| text.to_lowercase().contains(word);
        row.cells.iter().any(|cell| within(cell.value.raw()))
            || row.problems.iter().any(|problem| {
                within(problem.field.as_str()) || problem.messages.iter().any(|m| within(m.as_str()))
            })
    })
}
