//! Why rows fail, over all of them: messages that differ in nothing but the client's values are one reason.

mod template;

use std::collections::HashMap;

use crate::domain::failure::Reason;
use crate::domain::text::{SafeText, Untrusted};

use self::template::{Sentence, Slot};
use super::Report;
use super::errors::Problem;

/// The longest number or date that a single row's message may keep, in bytes: `2026-01-31` still may be the rule's,
/// a phone number is the client's.
const LONGEST_OF_RULE: usize = 10;

/// One reason, and the rows that it hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Field, message and rows. Where the message quotes values it has `‹…›` for them, so it tells no client's data.
    pub reason: Reason,
    /// The column of the table that it is about.
    pub column: Option<usize>,
    /// Whether values were taken out of the message.
    pub takes_out: bool,
}

/// One field with every reason for which it was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldCount {
    /// The Plannr field; empty for reasons that name none.
    pub field: SafeText,
    /// How many rows it was refused in, each counted once.
    pub rows: usize,
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
pub fn reasons(report: &Report) -> Vec<Group> {
    let mut gathering = Gathering::default();
    for row in 0..report.table.len() {
        for id in report.problems.ids(row) {
            gathering.add(report, row, *id);
        }
    }
    gathering.finish()
}

/// Counts reasons by field, the field that was refused most often first.
pub fn by_field(groups: &[Group]) -> Vec<FieldCount> {
    let mut places: HashMap<&SafeText, usize> = HashMap::new();
    let mut fields: Vec<(FieldCount, Vec<usize>)> = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        let field = &group.reason.field;
        let place = *places.entry(field).or_insert(fields.len());
        if place == fields.len() {
            fields.push((FieldCount { field: field.clone(), rows: 0, reasons: Vec::new() }, Vec::new()));
        }
        if let Some((count, rows)) = fields.get_mut(place) {
            count.reasons.push(at);
            rows.extend_from_slice(&group.reason.rows);
        }
    }
    let mut counts: Vec<FieldCount> = fields
        .into_iter()
        .map(|(count, mut rows)| {
            rows.sort_unstable();
            rows.dedup();
            FieldCount { rows: rows.len(), ..count }
        })
        .collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.rows));
    counts
}

/// The values that a reason refused, at most `most` of them listed: the cells of its column, or what its messages
/// quote where the column is not known.
pub fn values(report: &Report, group: &Group, most: usize) -> Values {
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    for (order, row) in group.reason.rows.iter().enumerate() {
        let value = match group.column {
            Some(column) => Some(report.table.cell(*row, column)),
            None => quoted_value(report, *row, group),
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

/// What is said of a row, values taken out: each field and sentence once, in a fixed order.
pub(super) fn sentences(report: &Report, row: usize) -> Vec<(SafeText, String)> {
    let said =
        |problem: Problem<'_>| (problem.field.clone(), Sentence::new(report, row, problem).without_values());
    let mut sentences: Vec<_> = report.problems.of(row).map(said).collect();
    sentences.sort_unstable();
    sentences.dedup();
    sentences
}

/// What the row's message of this reason quotes first.
fn quoted_value<'a>(report: &'a Report, row: usize, group: &Group) -> Option<&'a str> {
    report.problems.of(row).filter(|problem| *problem.field == group.reason.field).find_map(|problem| {
        let sentence = Sentence::new(report, row, problem);
        // Two reasons of one field in one row differ in their words.
        let same = sentence.is_like(group.reason.message.as_str());
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
    group: Group,
    /// The first of its messages, and where its values lie in it.
    message: String,
    slots: Vec<Slot>,
    /// Whether each slot held the same in every message so far.
    constant: Vec<bool>,
}

impl Gathering {
    fn add(&mut self, report: &Report, row: usize, id: u32) {
        let place = match self.known.get(&id) {
            Some(place) => *place,
            None => {
                let Some(place) = self.place(report, row, id) else { return };
                self.known.insert(id, place);
                place
            }
        };
        if let Some(open) = self.groups.get_mut(place) {
            let rows = &mut open.group.reason.rows;
            if rows.last() != Some(&row) {
                rows.push(row);
            }
        }
    }

    /// The group of a message that is seen for the first time.
    fn place(&mut self, report: &Report, row: usize, id: u32) -> Option<usize> {
        let problem = report.problems.problem(id)?;
        let sentence = Sentence::new(report, row, problem);
        let place = *self
            .places
            .entry((problem.field.clone(), sentence.without_values()))
            .or_insert(self.groups.len());
        match self.groups.get_mut(place) {
            Some(open) => open.compare(&sentence),
            None => self.groups.push(Open {
                group: Group {
                    reason: Reason {
                        field: problem.field.clone(),
                        message: SafeText::default(),
                        rows: Vec::new(),
                    },
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

    fn finish(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.groups.into_iter().map(Open::close).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.reason.rows.len()));
        groups
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
    fn close(self) -> Group {
        let several = self.group.reason.rows.len() > 1;
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
        let mut group = self.group;
        group.reason.message = SafeText::new(&message);
        group.takes_out = !taken.is_empty();
        group
    }
}

#[cfg(test)]
mod tests;
