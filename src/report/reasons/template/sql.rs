//! The values in a database's refusal. Names of columns, keys and tables are the reason itself and stay.

use std::ops::Range;

use super::super::super::errors::quoted_spans;
use super::{Slot, step, words};

pub(super) const START: &str = "SQLSTATE[";

/// What stands on both sides of a value, which may hold quotation marks and brackets itself.
const AROUND: [(&str, &str); 8] = [
    ("Duplicate entry '", "' for key"),
    (" value: '", "' for column"),
    (" value: '", "'"),
    (")=(", ") already exists"),
    (")=(", ") is not present"),
    ("row contains (", ")"),
    ("key value is (", ")"),
    ("out of range: \"", "\""),
];
/// What stands before a name in quotation marks.
const BEFORE_NAME: [&str; 14] = [
    "column",
    "Column",
    "Field",
    "key",
    "KEY",
    "constraint",
    "CONSTRAINT",
    "relation",
    "table",
    "object",
    "type",
    "index",
    "REFERENCES",
    "function",
];

pub(super) fn slots(message: &str) -> Vec<Slot> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    step(message.len());
    let around = AROUND.iter().find_map(|(open, close)| {
        let from = message.find(open)?;
        let start = from + open.len();
        // The last of them: the value itself may hold the same.
        let end = start + message.get(start..)?.rfind(close)?;
        (start < end).then_some((from, start..end))
    });
    // What is quoted before that value and behind its closing mark.
    let (before, behind) = match &around {
        Some((from, value)) => (*from, value.end + 1),
        None => (message.len(), message.len()),
    };
    spans.extend(around.map(|(_, value)| value));
    let is_name = |span: &Range<usize>| {
        let before = message.get(..span.start).unwrap_or_default();
        let word = before.trim_end_matches([' ', '(', '.']);
        message.get(span.clone()).is_some_and(|text| text.starts_with('`'))
            || BEFORE_NAME.iter().any(|name| word.ends_with(name))
    };
    for (from, part) in [(0, message.get(..before)), (behind, message.get(behind..))] {
        let quoted = quoted_spans(part.unwrap_or_default());
        for quoted in quoted.into_iter().map(|span| from + span.start..from + span.end) {
            let inner = quoted.start + 1..quoted.end.saturating_sub(1);
            if !is_name(&quoted) && message.get(inner.clone()).is_some_and(|value| !value.is_empty()) {
                spans.push(inner);
            }
        }
    }
    let overlaps = |span: &Range<usize>, spans: &[Range<usize>]| {
        let at = spans.partition_point(|other| other.start < span.end);
        at.checked_sub(1).and_then(|at| spans.get(at)).is_some_and(|other| span.start < other.end)
    };
    spans.sort_unstable_by_key(|span| span.start);
    let mut shapes = Vec::new();
    for (span, word) in words(message, START.len()) {
        let row = word.bytes().all(|b| b.is_ascii_digit())
            && message.get(..span.start).is_some_and(|before| before.ends_with(" at row "));
        if (row || word.contains('@')) && !overlaps(&span, &spans) {
            shapes.push(span);
        }
    }
    spans.extend(shapes);
    spans.sort_unstable_by_key(|span| span.start);
    let mut done = 0;
    spans.retain(|span| {
        let apart = done <= span.start;
        done = done.max(span.end);
        apart
    });
    let slot = |span: Range<usize>| {
        let is_row = message.get(..span.start).is_some_and(|before| before.ends_with(" at row "));
        Slot { value: span.clone(), span, own: !is_row, plain: is_row }
    };
    spans.into_iter().map(slot).collect()
}
