//! Why rows fail, over all of them: messages that differ in nothing but the client's values are one reason.

mod template;

use std::collections::HashMap;

use crate::domain::text::{SafeText, Untrusted};

use self::template::{Sentence, Slot};
use super::FailedRows;
use super::errors::Problem;

/// The longest number or date that a single row's message may keep, in bytes: `2026-01-31` still may be the rule's,
/// a phone number is the client's.
const LONGEST_OF_RULE: usize = 10;

/// Why rows fail: one field with one message, and the rows that it hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The Plannr field; empty if unknown.
    pub field: SafeText,
    /// The validator's message. Where it quotes values it has `‹…›` for them, so it shows no client's data.
    pub message: SafeText,
    /// Positions of the rows, ascending, each once.
    pub rows: Vec<usize>,
    /// The column of the table that it is about.
    pub column: Option<usize>,
    /// Whether values were taken out of the message.
    pub takes_out: bool,
}

impl Reason {
    /// The message without what the field already says: "The email has already been taken." beside `email`
    /// is "has already been taken".
    pub fn short(&self) -> &str {
        short(self.field.as_str(), self.message.as_str())
    }
}

/// A message without what its field already says.
pub fn short<'a>(field: &str, message: &'a str) -> &'a str {
    let message = message.trim_end_matches('.');
    let spoken = field.replace('_', " ");
    let strip = |prefix: &str| {
        let head = message.get(..prefix.len())?;
        let rest = message.get(prefix.len()..)?;
        (head.eq_ignore_ascii_case(prefix) && rest.starts_with(' ')).then(|| rest.trim_start())
    };
    strip(&format!("The {spoken} field"))
        .or_else(|| strip(&format!("The selected {spoken}")))
        .or_else(|| strip(&format!("The {spoken}")))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(message)
}

/// One field with every reason for which it was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldCount {
    /// The Plannr field; empty for reasons that name none.
    pub field: SafeText,
    /// Positions of the rows in which it was refused, ascending, each once.
    pub rows: Vec<usize>,
    /// Places of its reasons in the list that was counted, the most frequent first.
    pub reasons: Vec<usize>,
}

/// The values that a reason refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values {
    /// The most frequent first, and in how many rows; as many as were asked for.
    pub listed: Vec<(Untrusted, usize)>,
    /// How many different values there are in all.
    pub distinct: usize,
}

/// Groups every row's problems by reason, the most frequent first; ties keep the order of first appearance.
pub fn reasons(report: &FailedRows) -> Vec<Reason> {
    let mut gathering = Gathering::default();
    for row in (0..report.len()).take_while(|_| !report.cancel.is_set()) {
        for id in report.problems.ids(row) {
            gathering.add(report, row, *id);
        }
    }
    gathering.finish()
}

/// Counts reasons by field, the field that was refused most often first.
pub fn by_field(reasons: &[Reason]) -> Vec<FieldCount> {
    let mut places: HashMap<&SafeText, usize> = HashMap::new();
    let mut fields: Vec<FieldCount> = Vec::new();
    for (at, reason) in reasons.iter().enumerate() {
        let field = &reason.field;
        let place = *places.entry(field).or_insert(fields.len());
        if place == fields.len() {
            fields.push(FieldCount { field: field.clone(), rows: Vec::new(), reasons: Vec::new() });
        }
        if let Some(count) = fields.get_mut(place) {
            count.reasons.push(at);
            count.rows.extend_from_slice(&reason.rows);
        }
    }
    for count in &mut fields {
        count.rows.sort_unstable();
        count.rows.dedup();
    }
    fields.sort_by_key(|count| std::cmp::Reverse(count.rows.len()));
    fields
}

/// The values that a reason refused, at most `most` of them listed: the cells of its column, or what its messages
/// quote where the column is not known.
pub fn values(report: &FailedRows, reason: &Reason, most: usize) -> Values {
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for (order, row) in reason.rows.iter().enumerate() {
        let value = match reason.column {
            Some(column) => Some(report.table.cell(*row, column)),
            None => quoted_value(report, *row, reason),
        };
        if let Some(value) = value {
            counts.entry(value).or_insert((0, order)).0 += 1;
        }
    }
    let distinct = counts.len();
    let mut all: Vec<_> = counts.into_iter().collect();
    all.sort_unstable_by_key(|(_, (count, order))| (std::cmp::Reverse(*count), *order));
    let listed = all.into_iter().take(most).map(|(value, (count, _))| (Untrusted::new(value), count));
    Values { listed: listed.collect(), distinct }
}

/// What is sentence of a row, values taken out: each field and sentence once, in a fixed order.
pub(super) fn sentences(report: &FailedRows, row: usize) -> Vec<(SafeText, String)> {
    let sentence =
        |problem: Problem<'_>| (problem.field.clone(), Sentence::new(report, row, problem).without_values());
    let mut sentences: Vec<_> = report.problems.of(row).map(sentence).collect();
    sentences.sort_unstable();
    sentences.dedup();
    sentences
}

/// What the row's message of this reason quotes first.
fn quoted_value<'a>(report: &'a FailedRows, row: usize, reason: &Reason) -> Option<&'a str> {
    report.problems.of(row).filter(|problem| *problem.field == reason.field).find_map(|problem| {
        let sentence = Sentence::new(report, row, problem);
        // Two reasons of one field in one row differ in their words.
        let same = sentence.is_like(reason.message.as_str());
        let slot = sentence.slots.first()?;
        if same { problem.message.get(slot.value.clone()) } else { None }
    })
}

/// Reasons while rows are still coming.
#[derive(Default)]
struct Gathering {
    groups: Vec<Open>,
    /// By field and sentence without values.
    places: HashMap<(SafeText, String), usize>,
    /// By message id: a message belongs to one group, whichever row has it.
    known: HashMap<u32, usize>,
}

/// A reason while rows are still coming.
struct Open {
    reason: Reason,
    /// The first of its messages, and where its values lie in it.
    message: String,
    slots: Vec<Slot>,
    /// Whether each slot held the same in every message so far.
    constant: Vec<bool>,
}

impl Gathering {
    fn add(&mut self, report: &FailedRows, row: usize, id: u32) {
        let place = match self.known.get(&id) {
            Some(place) => *place,
            None => {
                let Some(place) = self.place(report, row, id) else { return };
                self.known.insert(id, place);
                place
            }
        };
        if let Some(open) = self.groups.get_mut(place) {
            let rows = &mut open.reason.rows;
            if rows.last() != Some(&row) {
                rows.push(row);
            }
        }
    }

    /// The group of a message that is seen for the first time.
    fn place(&mut self, report: &FailedRows, row: usize, id: u32) -> Option<usize> {
        let problem = report.problems.problem(id)?;
        let sentence = Sentence::new(report, row, problem);
        let place = *self
            .places
            .entry((problem.field.clone(), sentence.without_values()))
            .or_insert(self.groups.len());
        match self.groups.get_mut(place) {
            Some(open) => open.compare(&sentence),
            None => self.groups.push(Open {
                reason: Reason {
                    field: problem.field.clone(),
                    message: SafeText::default(),
                    rows: Vec::new(),
                    column: problem.column,
                    takes_out: false,
                },
                message: problem.message.to_owned(),
                constant: vec![true; sentence.slots.len()],
                slots: sentence.slots,
            }),
        }
        Some(place)
    }

    fn finish(self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.groups.into_iter().map(Open::close).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.rows.len()));
        reasons
    }
}

impl Open {
    /// Notes which slots differ in another message, and which held the row's own value.
    fn compare(&mut self, other: &Sentence<'_>) {
        let slots = self.slots.iter_mut().zip(&other.slots).zip(&mut self.constant);
        for ((mine, theirs), constant) in slots {
            mine.own |= theirs.own;
            *constant &= self.message.get(mine.value.clone()) == other.message.get(theirs.value.clone());
        }
    }

    /// The reason in its final words: what is the same in every row is the rule's ("255 characters") and not
    /// the client's, unless a row's own cell says the same.
    fn close(self) -> Reason {
        let several = self.reason.rows.len() > 1;
        let keeps = |slot: &Slot, constant: bool| {
            !slot.own && constant && (several || (slot.plain && slot.value.len() <= LONGEST_OF_RULE))
        };
        let taken: Vec<&Slot> = self
            .slots
            .iter()
            .zip(&self.constant)
            .filter(|(slot, constant)| !keeps(slot, **constant))
            .map(|(slot, _)| slot)
            .collect();
        let message = template::without(&self.message, taken.iter().map(|slot| slot.span.clone()));
        Reason { message: SafeText::new(&message), takes_out: !taken.is_empty(), ..self.reason }
    }
}

#[cfg(test)]
mod tests;
