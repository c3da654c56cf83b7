//! Numbers in a message that are its rule's: "must be at least 18", "must be 8 digits". They stay in the reason even
//! where a cell of the row happens to hold the same.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::super::FailedRows;
use super::super::super::errors::Problem;
use super::{step, words};

/// What stands right before a rule's number.
const BEFORE: [&str; 19] = [
    " than",
    " or equal to",
    " at least",
    " at most",
    " between",
    " exceed",
    " exceeds",
    " multiple of",
    " minimum of",
    " maximum of",
    " minimum is",
    " maximum is",
    " up to",
    " size",
    " size of",
    " length of",
    " width of",
    " height of",
    " exactly",
];
/// What stands right behind it.
const BEHIND: [&str; 15] = [
    "digit",
    "digits",
    "decimal",
    "character",
    "characters",
    "letters",
    "kilobyte",
    "kilobytes",
    "megabytes",
    "bytes",
    "item",
    "items",
    "pixels",
    "words",
    "places",
];
/// What stands before a number that another field may have: Laravel's `gt`, `gte`, `lt` and `lte`. Its `max` says "must
/// not be greater than".
const COMPARED: [&str; 3] = [" be greater than", " be less than", " than or equal to"];
/// The longest bound, in bytes: what is longer is rather an account or a phone number.
const LONGEST: usize = 10;
/// How many rows before and behind one are looked at for the same message with another number.
const NEIGHBOURS: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// Where each ends, by where it begins, and whether another field may have set it.
    spans: BTreeMap<usize, (usize, bool)>,
}

impl Bounds {
    pub(super) fn find(message: &str, start: usize, quoted: &[Range<usize>]) -> Self {
        let mut bounds = Self::default();
        let mut quoted = quoted.iter().peekable();
        let mut words = words(message, start).peekable();
        // Whether "between 3" came right before.
        let (mut after_between, mut after_and) = (false, false);
        while let Some((span, word)) = words.next() {
            while quoted.next_if(|quote| quote.end <= span.start).is_some() {}
            let inside = quoted.peek().is_some_and(|quote| quote.contains(&span.start));
            let is_second = std::mem::take(&mut after_and);
            step(1);
            if inside || word.len() > LONGEST || !is_number(word) {
                after_and = after_between && word == "and";
                after_between = false;
                continue;
            }
            let before = message.get(..span.start).unwrap_or_default().trim_end();
            let behind = words.peek().is_some_and(|(_, next)| BEHIND.contains(next));
            let is_after = |words: &&str| before.ends_with(*words);
            if is_second || behind || BEFORE.iter().any(is_after) {
                after_between = before.ends_with(" between");
                let compared = COMPARED.iter().any(is_after) && !before.ends_with(" not be greater than");
                bounds.spans.insert(span.start, (span.end, compared));
            }
        }
        bounds
    }

    /// Whether a span is a bound and nothing but that.
    pub(super) fn holds(&self, span: &Range<usize>) -> bool {
        self.spans.get(&span.start).is_some_and(|(end, _)| *end == span.end)
    }

    /// Those that may be another field's value.
    pub(super) fn compared(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.spans.iter().filter(|(_, (_, compared))| *compared).map(|(start, (end, _))| *start..*end)
    }
}

/// Whether a bound is the value that another field has in the same row: another cell holds it, and rows nearby have
/// the same message with another number.
pub(super) fn is_of_another_field(
    report: &FailedRows,
    row: usize,
    problem: Problem<'_>,
    bound: Range<usize>,
) -> bool {
    let text = |span: Range<usize>| problem.message.get(span).unwrap_or_default();
    let (before, number, behind) =
        (text(0..bound.start), text(bound.clone()), text(bound.end..problem.message.len()));
    let value = plain(number);
    let others = report.columns.own.iter().filter(|column| Some(**column) != problem.column);
    if value.is_none() || !others.clone().any(|column| plain(report.table.cell(row, *column)) == value) {
        return false;
    }
    let rows = row.saturating_sub(NEIGHBOURS)..=row.saturating_add(NEIGHBOURS);
    let another = |message: &str| {
        let number = message.strip_prefix(before)?.strip_suffix(behind)?;
        plain(number).map(|other| Some(other) != value)
    };
    rows.flat_map(|row| report.problems.of(row)).any(|other| {
        step(1);
        other.field == problem.field && another(other.message) == Some(true)
    })
}

/// `18`, `1,000`, `-0.5`, `£500`.
pub(super) fn is_number(word: &str) -> bool {
    let number = word.strip_prefix(['-', '+', '£', '$', '€']).unwrap_or(word);
    number.starts_with(|c: char| c.is_ascii_digit())
        && number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
}

/// A number's value: `40`, `40.0` and `40,00` are one where they are written as numbers are.
fn plain(number: &str) -> Option<f64> {
    let number = number.trim();
    let is_short = number.len() <= 2 * LONGEST && is_number(number);
    is_short.then(|| number.trim_start_matches(['£', '$', '€']).replace(',', "").parse().ok())?
}
