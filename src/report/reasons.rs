//! Why rows fail, over all of them: messages that differ in nothing but the client's values are one reason.

mod template;

use std::ops::Range;

use hashbrown::HashMap;

use crate::domain::text::{SafeText, Untrusted};
use crate::parallel::in_halves;

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
    let rows = || (0..report.len()).take_while(|_| !report.cancel.is_set());
    // The first row of each message: they are numbered as they come.
    let mut firsts: Vec<(u32, usize)> = Vec::new();
    for row in rows() {
        for id in report.problems.ids(row) {
            if *id as usize == firsts.len() {
                firsts.push((*id, row));
            }
        }
    }
    let gather = |messages: Range<usize>| {
        let mut gathering = Gathering::default();
        let rows = firsts.get(messages).unwrap_or_default();
        for (id, row) in rows.iter().take_while(|_| !report.cancel.is_set()) {
            gathering.add(report, *row, *id);
        }
        gathering
    };
    let (mut gathering, later) = in_halves(firsts.len(), gather);
    later.into_iter().for_each(|later| gathering.append(later));
    for row in rows() {
        report.problems.ids(row).iter().for_each(|id| gathering.hit(row, *id));
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
    let place = |(_, (count, order)): &(&str, (usize, usize))| (std::cmp::Reverse(*count), *order);
    if most < distinct {
        all.select_nth_unstable_by_key(most, place);
        all.truncate(most);
    }
    all.sort_unstable_by_key(place);
    let listed = all.into_iter().map(|(value, (count, _))| (Untrusted::new(value), count));
    Values { listed: listed.collect(), distinct }
}

/// What is sentence of a row, values taken out: each field and sentence once, in a fixed order.
pub(super) fn sentences(report: &FailedRows, row: usize) -> Vec<(SafeText, String)> {
    let sentence = |problem: Problem<'_>| {
        let mut text = String::new();
        Sentence::new(report, row, problem).push_without_values(&mut text);
        (problem.field.clone(), text)
    };
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

/// Reasons while messages are still coming.
#[derive(Default)]
struct Gathering<'a> {
    groups: Vec<Open<'a>>,
    /// By field and sentence without values.
    places: HashMap<String, usize>,
    /// For each message its place: it belongs to one group, whichever row has it.
    of: Vec<usize>,
    /// Room for a key of `places`.
    key: String,
}

/// A reason while messages are still coming.
struct Open<'a> {
    field: &'a SafeText,
    column: Option<usize>,
    rows: Vec<usize>,
    /// The first of its messages, and where its values lie in it.
    message: &'a str,
    slots: Vec<Slot>,
    /// Whether each slot held the same in every message so far.
    constant: Vec<bool>,
}

impl<'a> Gathering<'a> {
    /// Adds the next message, which that row is the first to have.
    fn add(&mut self, report: &'a FailedRows, row: usize, id: u32) {
        let Some(problem) = report.problems.problem(id) else { return };
        let sentence = Sentence::new(report, row, problem);
        let Self { groups, places, of, key } = self;
        key.clear();
        key.push_str(problem.field.as_str());
        // In no field: it is safe text.
        key.push('\n');
        sentence.push_without_values(key);
        let place = places.get(key.as_str()).copied().unwrap_or(groups.len());
        match groups.get_mut(place) {
            Some(open) => open.compare(problem.message, &sentence.slots),
            None => {
                places.insert(key.clone(), place);
                groups.push(Open {
                    field: problem.field,
                    column: problem.column,
                    rows: Vec::new(),
                    message: problem.message,
                    constant: vec![true; sentence.slots.len()],
                    slots: sentence.slots,
                });
            }
        }
        of.push(place);
    }

    /// Adds what was gathered of the messages that come behind these.
    fn append(&mut self, later: Self) {
        let mut keys: Vec<_> = later.places.into_iter().collect();
        keys.sort_unstable_by_key(|(_, place)| *place);
        let mut places = Vec::with_capacity(keys.len());
        for ((key, _), open) in keys.into_iter().zip(later.groups) {
            let place = *self.places.entry(key).or_insert(self.groups.len());
            match self.groups.get_mut(place) {
                Some(known) => known.append(&open),
                None => self.groups.push(open),
            }
            places.push(place);
        }
        self.of.extend(later.of.iter().filter_map(|place| places.get(*place)));
    }

    /// Notes that a row has a message.
    fn hit(&mut self, row: usize, id: u32) {
        let place = self.of.get(id as usize).and_then(|place| self.groups.get_mut(*place));
        if let Some(Open { rows, .. }) = place.filter(|open| open.rows.last() != Some(&row)) {
            rows.push(row);
        }
    }

    fn finish(self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.groups.into_iter().map(Open::close).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.rows.len()));
        reasons
    }
}

impl Open<'_> {
    /// Notes which slots differ in another message, and which held the row's own value.
    fn compare(&mut self, message: &str, slots: &[Slot]) {
        for ((mine, theirs), constant) in self.slots.iter_mut().zip(slots).zip(&mut self.constant) {
            mine.own |= theirs.own;
            *constant &= self.message.get(mine.value.clone()) == message.get(theirs.value.clone());
        }
    }

    /// The same for all messages of a group.
    fn append(&mut self, other: &Self) {
        self.compare(other.message, &other.slots);
        for (nth, constant) in self.constant.iter_mut().enumerate() {
            *constant &= other.constant.get(nth) == Some(&true);
        }
    }

    /// The reason in its final words: what is the same in every row is the rule's ("255 characters") and not
    /// the client's, unless a row's own cell says the same.
    fn close(self) -> Reason {
        let several = self.rows.len() > 1;
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
        let mut message = String::new();
        template::push_without(&mut message, self.message, taken.iter().map(|slot| slot.span.clone()));
        Reason {
            field: self.field.clone(),
            message: SafeText::new(&message),
            rows: self.rows,
            column: self.column,
            takes_out: !taken.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests;
