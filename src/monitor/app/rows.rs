//! The failed rows that a screen lists: the API's sample, or all of them from the error report.

use std::borrow::Cow;

use crate::domain::failure::{FailedRow, Reason, reasons};

/// Failed rows, wherever they come from.
#[derive(Debug, Clone, Copy)]
pub enum Rows<'a> {
    /// What the API tells: 25 at most.
    Sample(&'a [FailedRow]),
}

impl<'a> Rows<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        match self {
            Self::Sample(rows) => rows.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// One row.
    pub fn get(self, at: usize) -> Option<Cow<'a, FailedRow>> {
        match self {
            Self::Sample(rows) => rows.get(at).map(Cow::Borrowed),
        }
    }

    /// Why rows fail, the most frequent first.
    pub fn reasons(self) -> Cow<'a, [Reason]> {
        match self {
            Self::Sample(rows) => Cow::Owned(reasons(rows)),
        }
    }

    /// The rows that hold every word somewhere: in a value, a field or a message. Words are lower case.
    pub fn containing(self, words: &[String]) -> Vec<usize> {
        match self {
            Self::Sample(rows) => {
                rows.iter().enumerate().filter(|(_, row)| contains(row, words)).map(|(at, _)| at).collect()
            }
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
