//! What the rejected values of a column have in common, in a sentence: "184 of 212 rejected dates are DD/MM/YYYY."
//!
//! Pure; says nothing about values that look right.

pub(super) mod dates;
pub(super) mod expected;
mod numbers;
pub(super) mod pattern;
pub(super) mod people;

use std::collections::{HashMap, HashSet};

use crate::domain::text::Untrusted;

use self::dates::DateForm;
pub use self::expected::{DateFormat, Expected};
use self::pattern::{ColumnContext, Pattern};
use super::FailedRows;
use super::reasons::Reason;

/// How many examples a finding shows.
const EXAMPLES: usize = 3;
/// How many times all rows are gone through for reasons, besides once for each column.
const COLUMN_PASSES: usize = 50;
/// How many findings the sentence names.
const NAMED: usize = 3;

/// What is wrong with the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// One sentence without client values.
    pub sentence: String,
    /// How many values were refused.
    pub refused: usize,
    /// What was found, the most frequent first. A value counts under one finding at most.
    pub findings: Vec<Finding>,
}

/// Something that several rejected values have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Continues the count: "are DD/MM/YYYY", "has a £ sign".
    pub text: String,
    /// How many of the rejected values, 1 at least.
    pub count: usize,
    /// The first few that differ, in the order of their rows.
    pub examples: Vec<Example>,
}

/// A rejected value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Its row in the table, from 0.
    pub row: usize,
    /// The value.
    pub value: Untrusted,
    /// Another row with the same value, where that is what is wrong.
    pub twin: Option<usize>,
}

/// Judges the values of one reason after another. What is to be known of a column is worked out once, whatever the
/// number of reasons, and up to a bound: in all it is linear in the table and in the rows of the reasons.
pub(super) struct Judge<'a> {
    report: &'a FailedRows,
    known: HashMap<(Expected, usize), ColumnContext<'a>>,
    /// How many cells may still be gone through for what is to be known of columns.
    left: usize,
}

impl<'a> Judge<'a> {
    pub(super) fn new(report: &'a FailedRows) -> Self {
        let left = (report.table.width() + COLUMN_PASSES).saturating_mul(report.len());
        Self { report, known: HashMap::new(), left }
    }

    /// What is wrong with the values of a reason's column; `None` if the column is unknown or nothing was found.
    pub(super) fn judge(&mut self, reason: &Reason) -> Option<Diagnosis> {
        let (table, column) = (&self.report.table, reason.column?);
        let expected = Expected::of(reason.field.as_str(), reason.message.as_str());
        let failing: Vec<_> = reason.rows.iter().map(|row| (*row, table.cell(*row, column))).collect();
        let rows = self.report.len();
        if !self.known.contains_key(&(expected, column)) && self.left >= rows {
            self.left -= rows;
            self.known.insert((expected, column), self.context(expected, column));
        }
        match self.known.get(&(expected, column)) {
            Some(context) => judged(expected, &failing, context),
            None => judge(expected, &failing, &[]),
        }
    }

    fn context(&self, expected: Expected, column: usize) -> ColumnContext<'a> {
        let (report, rows) = (self.report, self.report.len());
        let mut fails = vec![false; rows];
        for reason in report.reasons().iter().filter(|reason| reason.column == Some(column)) {
            for row in &reason.rows {
                if let Some(fails) = fails.get_mut(*row) {
                    *fails = true;
                }
            }
        }
        let whole: Vec<_> = (0..rows).map(|row| (row, report.table.cell(row, column))).collect();
        let others = whole.iter().zip(&fails).filter(|(_, fails)| !**fails).map(|((_, value), _)| *value);
        ColumnContext::new(expected, &[], &whole, others)
    }
}

/// What is wrong with rejected values, given as row and value. `column` is the whole column, these among them, or empty
/// if unavailable: then nothing is reported that needs the others.
pub fn judge(expected: Expected, failing: &[(usize, &str)], column: &[(usize, &str)]) -> Option<Diagnosis> {
    let failing_rows: HashSet<usize> = failing.iter().map(|(row, _)| *row).collect();
    let others = column.iter().filter(|(row, _)| !failing_rows.contains(row)).map(|(_, value)| *value);
    judged(expected, failing, &ColumnContext::new(expected, failing, column, others))
}

fn judged(expected: Expected, failing: &[(usize, &str)], context: &ColumnContext<'_>) -> Option<Diagnosis> {
    let mut places: HashMap<Pattern, usize> = HashMap::new();
    let mut found: Vec<(Pattern, Finding)> = Vec::new();
    for (row, value) in failing {
        let Some((pattern, twin)) = context.pattern(*row, value) else { continue };
        let place = *places.entry(pattern).or_insert(found.len());
        if place == found.len() {
            found.push((pattern, Finding { text: String::new(), count: 0, examples: Vec::new() }));
        }
        let Some((_, finding)) = found.get_mut(place) else { continue };
        finding.count += 1;
        let new = finding.examples.iter().all(|example| example.value.raw() != *value);
        if finding.examples.len() < EXAMPLES && new {
            finding.examples.push(Example { row: *row, value: Untrusted::new(value), twin });
        }
    }
    found.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.count));
    let sentence = sentence(expected, failing.len(), &found)?;
    let described =
        |(pattern, finding): (Pattern, Finding)| Finding { text: pattern.describe(finding.count), ..finding };
    let findings = found.into_iter().map(described).collect();
    Some(Diagnosis { sentence, refused: failing.len(), findings })
}

fn sentence(expected: Expected, refused: usize, found: &[(Pattern, Finding)]) -> Option<String> {
    let (first, rest) = found.split_first()?;
    let (pattern, count) = (first.0, first.1.count);
    // What is not a date is no "rejected date".
    let is_other = matches!(
        pattern,
        Pattern::Date(DateForm::NoDate) | Pattern::Number(numbers::Flaw::NoNumber | numbers::Flaw::Letters)
    );
    let (one, many) = if is_other { ("value", "values") } else { expected.nouns() };
    let text = pattern.describe(1);
    let mut sentence = match (count, refused, text.strip_prefix("is not ")) {
        (1, 1, _) => format!("The rejected {one} {text}"),
        (2, 2, Some(what)) => format!("Neither rejected {one} is {what}"),
        (2, 2, None) => format!("Both rejected {many} {}", pattern.describe(2)),
        (_, _, Some(what)) if count == refused => format!("None of the {refused} rejected {many} is {what}"),
        _ if count == refused => format!("All {refused} rejected {many} {}", pattern.describe(refused)),
        _ => format!("{count} of {refused} rejected {many} {}", pattern.describe(count)),
    };
    for (pattern, finding) in rest.iter().take(NAMED - 1) {
        sentence.push_str(&format!("; {} {}", finding.count, pattern.describe(finding.count)));
    }
    sentence.push('.');
    Some(sentence)
}

#[cfg(test)]
mod tests;
