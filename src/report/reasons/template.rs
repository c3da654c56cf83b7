//! A validator's sentence with the client's values taken out.

use std::ops::Range;

use super::super::FailedRows;
use super::super::errors::{Problem, attribute_end, quoted_spans};

/// What stands for a value.
const PLACE: &str = "‹…›";
/// The shortest value of another column than the failing one that is looked for in a message, in bytes.
const SHORTEST_OTHER: usize = 4;
/// What may stand right before a value.
const OPENING: &str = "([{<,;:='\"`“‘«‹";
/// What may stand right behind a value.
const CLOSING: &str = ")]}>.,;:!?'\"`”’»›";
/// The validator's own words: a cell that says no more than one of these is not taken for a quotation.
const VOCABULARY: [&str; 44] = [
    "a",
    "an",
    "and",
    "as",
    "be",
    "at",
    "by",
    "of",
    "or",
    "in",
    "is",
    "it",
    "to",
    "no",
    "not",
    "the",
    "one",
    "has",
    "must",
    "date",
    "true",
    "false",
    "field",
    "file",
    "valid",
    "invalid",
    "number",
    "integer",
    "string",
    "email",
    "address",
    "character",
    "characters",
    "format",
    "required",
    "taken",
    "least",
    "greater",
    "less",
    "than",
    "value",
    "list",
    "match",
    "unknown",
];

/// A message and where its values lie, in order.
pub(super) struct Sentence<'a> {
    pub(super) message: &'a str,
    pub(super) slots: Vec<Slot>,
}

/// One value in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    /// What is taken out: the value with its quotation marks.
    pub(super) span: Range<usize>,
    /// The value alone.
    pub(super) value: Range<usize>,
    /// Whether the row's own cell says the same: then it is the client's for certain.
    pub(super) own: bool,
    /// A number or a date, which may as well be the rule's.
    pub(super) plain: bool,
}

impl<'a> Sentence<'a> {
    /// Finds the values in one row's message.
    pub(super) fn new(report: &FailedRows, row: usize, problem: Problem<'a>) -> Self {
        let message = problem.message;
        let start = attribute_end(message, problem.field.as_str());
        let cell = problem.column.map_or("", |column| report.table.cell(row, column).trim());
        let mut slots = Vec::new();
        for span in quoted_spans(message) {
            let marks = |c: Option<char>| c.map_or(0, char::len_utf8);
            let text = message.get(span.clone()).unwrap_or_default();
            let value = span.start + marks(text.chars().next())..span.end - marks(text.chars().next_back());
            add(&mut slots, message, Slot { span, value, own: false, plain: false });
        }
        if !cell.is_empty() && !is_vocabulary(cell) {
            find_own(&mut slots, message, start, cell);
        }
        if may_quote(message, start) {
            for column in report.columns.own.iter().filter(|column| Some(**column) != problem.column) {
                let other = report.table.cell(row, *column).trim();
                if tells_itself(other) {
                    find_own(&mut slots, message, start, other);
                }
            }
        }
        for (span, plain) in shapes(message, start) {
            add(&mut slots, message, Slot { value: span.clone(), span, own: false, plain });
        }
        slots.sort_unstable_by_key(|slot| slot.span.start);
        for slot in &mut slots {
            let text = message.get(slot.value.clone()).unwrap_or_default().trim();
            slot.own |= text.to_lowercase() == cell.to_lowercase() && !cell.is_empty();
        }
        Self { message, slots }
    }

    /// The message with a mark for each value: the same for messages of one reason.
    pub(super) fn without_values(&self) -> String {
        without(self.message, self.slots.iter().map(|slot| slot.span.clone()))
    }

    /// Whether a reason's final words may be this sentence's: they agree up to the first value.
    pub(super) fn is_like(&self, words: &str) -> bool {
        let first = self.slots.first().map_or(self.message.len(), |slot| slot.span.start);
        words.starts_with(self.message.get(..first).unwrap_or_default())
    }
}

/// A text with a mark in place of each span; spans are in order and apart.
pub(super) fn without(text: &str, spans: impl Iterator<Item = Range<usize>>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for span in spans {
        out.push_str(text.get(at..span.start).unwrap_or_default());
        out.push_str(PLACE);
        at = span.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Takes a slot unless another lies there.
fn add(slots: &mut Vec<Slot>, message: &str, slot: Slot) {
    let apart = |other: &Slot| other.span.end <= slot.span.start || slot.span.end <= other.span.start;
    if slot.span.end <= message.len() && slots.iter().all(apart) {
        slots.push(slot);
    }
}

/// Every place behind `start` where a cell is quoted word for word.
fn find_own(slots: &mut Vec<Slot>, message: &str, start: usize, cell: &str) {
    let tail = message.get(start..).unwrap_or_default();
    for (at, found) in tail.match_indices(cell) {
        let span = start + at..start + at + found.len();
        let before = message.get(..span.start).unwrap_or_default();
        let after = message.get(span.end..).unwrap_or_default();
        if !before.ends_with(|c: char| !c.is_whitespace() && !OPENING.contains(c))
            && !after
                .trim_start_matches(|c: char| CLOSING.contains(c))
                .starts_with(|c: char| !c.is_whitespace())
        {
            add(slots, message, Slot { value: span.clone(), span, own: true, plain: false });
        }
    }
}

/// Whether anything but the validator's plain words is in a message: only then other columns are looked for.
fn may_quote(message: &str, start: usize) -> bool {
    let tail = message.get(start..).unwrap_or_default();
    tail.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'@' || !b.is_ascii())
}

/// Whether a cell of another column cannot be a word of the sentence by chance.
fn tells_itself(cell: &str) -> bool {
    let told = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'@' || !b.is_ascii();
    cell.len() >= SHORTEST_OTHER && cell.bytes().any(told) && !is_vocabulary(cell)
}

fn is_vocabulary(cell: &str) -> bool {
    cell.len() <= 10 && VOCABULARY.contains(&cell.to_lowercase().as_str())
}

/// Words that are values by their shape: an address with an `@`, and whatever holds a digit. Each with whether it
/// is no more than a number or a date.
fn shapes(message: &str, start: usize) -> impl Iterator<Item = (Range<usize>, bool)> {
    let tail = message.get(start..).unwrap_or_default();
    let mut at = start;
    tail.split_inclusive(char::is_whitespace).filter_map(move |raw| {
        let from = at;
        at += raw.len();
        let lead = raw.len() - raw.trim_start_matches(|c: char| OPENING.contains(c)).len();
        let word = raw.get(lead..)?.trim_end_matches(|c: char| c.is_whitespace() || CLOSING.contains(c));
        let digit = word.bytes().any(|b| b.is_ascii_digit());
        let email = word.contains('@') && word.len() > 2;
        if !digit && !email {
            return None;
        }
        let plain = !email && word.chars().all(|c| !c.is_alphabetic());
        let span = from + lead..from + lead + word.len();
        Some((span, plain))
    })
}
