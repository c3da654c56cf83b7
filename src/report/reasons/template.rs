//! A validator's sentence with the client's values taken out.
//!
//! A message may quote a long cell many times, so each function here is linear in the message and the row.

mod bounds;
mod sql;

use std::cell::{LazyCell, OnceCell};
use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memmem;

use self::bounds::Bounds;
use super::super::FailedRows;
use super::super::errors::{Problem, attribute_end, quoted_spans};

/// What stands for a value.
const PLACE: &str = "‹…›";
/// The shortest value of another column than the failing one that is looked for in a message, in bytes.
const SHORTEST_OTHER: usize = 4;
/// How many such characters are looked behind.
const MOST_CLOSING: usize = 8;
/// How many times as long as a value a cell may be that says the same in other letters.
const MOST_FOLDED: usize = 8;
/// How much is compared for a message, in bytes for each byte of it. Only a message that is made for that takes more.
const MOST_COMPARED: usize = 256;
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
        if message.starts_with(sql::START) {
            return Self { message, slots: sql::slots(message) };
        }
        let start = attribute_end(message, problem.field.as_str());
        let cell = problem.column.map_or("", |column| report.table.cell(row, column).trim());
        let mut slots = Slots {
            message,
            start,
            quoted: quoted_spans(message),
            bounds: OnceCell::new(),
            found: BTreeMap::new(),
        };
        slots.add_quoted();
        if !cell.is_empty() && !is_vocabulary(cell) {
            slots.find_own(cell);
        }
        if slots.leaves_more() {
            let others = report.columns.own.iter().filter(|column| Some(**column) != problem.column);
            slots.find_others(others.map(|column| report.table.cell(row, *column).trim()));
            let compared: Vec<_> = slots.bounds().compared().collect();
            for bound in compared {
                if bounds::is_of_another_field(report, row, problem, bound.clone()) {
                    slots.add(Slot { value: bound.clone(), span: bound, own: false, plain: true });
                }
            }
            slots.add_shapes();
        }
        let folded = LazyCell::new(|| cell.to_lowercase());
        let says_the_same = |slot: &Slot| {
            let text = message.get(slot.value.clone()).unwrap_or_default().trim();
            // Folding changes the length by far less; a row may have many messages about one long cell.
            let is_alike = cell.len() <= MOST_FOLDED * text.len();
            is_alike && !slots.is_bound(&slot.span) && text.to_lowercase() == *folded
        };
        let is_own = |slot: &Slot| slot.own || (!cell.is_empty() && says_the_same(slot));
        let slots = slots.found.values().map(|slot| Slot { own: is_own(slot), ..slot.clone() });
        Self { message, slots: slots.collect() }
    }

    /// Adds the message with a mark for each value to a text: the same for messages of one reason.
    pub(super) fn push_without_values(&self, out: &mut String) {
        push_without(out, self.message, self.slots.iter().map(|slot| slot.span.clone()));
    }

    /// Whether a reason's final words may be this sentence's: they agree up to the first value.
    pub(super) fn is_like(&self, words: &str) -> bool {
        let first = self.slots.first().map_or(self.message.len(), |slot| slot.span.start);
        words.starts_with(self.message.get(..first).unwrap_or_default())
    }
}

/// Adds a text with a mark in place of each span; spans are in order and apart.
pub(super) fn push_without(out: &mut String, text: &str, spans: impl Iterator<Item = Range<usize>>) {
    let mut at = 0;
    for span in spans {
        out.push_str(text.get(at..span.start).unwrap_or_default());
        out.push_str(PLACE);
        at = span.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
}

/// Values while they are being found, by where they begin.
struct Slots<'a> {
    message: &'a str,
    /// Where the field's name ends.
    start: usize,
    quoted: Vec<Range<usize>>,
    /// Found when they are asked for: most messages have none.
    bounds: OnceCell<Bounds>,
    found: BTreeMap<usize, Slot>,
}

impl<'a> Slots<'a> {
    /// Takes a slot unless another lies there.
    fn add(&mut self, slot: Slot) {
        step(1);
        let before = self.found.range(..slot.span.end).next_back();
        let is_free = before.is_none_or(|(_, other)| other.span.end <= slot.span.start);
        if is_free && !slot.span.is_empty() && slot.span.end <= self.message.len() {
            self.found.insert(slot.span.start, slot);
        }
    }

    fn bounds(&self) -> &Bounds {
        self.bounds.get_or_init(|| Bounds::find(self.message, self.start, &self.quoted))
    }

    /// Whether a span is a rule's bound and nothing but that.
    fn is_bound(&self, span: &Range<usize>) -> bool {
        self.message.get(span.clone()).is_some_and(bounds::is_number) && self.bounds().holds(span)
    }

    fn add_quoted(&mut self) {
        let marks = |c: Option<char>| c.map_or(0, char::len_utf8);
        for span in self.quoted.clone() {
            let text = self.message.get(span.clone()).unwrap_or_default();
            let value = span.start + marks(text.chars().next())..span.end - marks(text.chars().next_back());
            self.add(Slot { span, value, own: false, plain: false });
        }
    }

    /// Whether anything but the validator's plain words is behind the field's name, outside of the values found: only
    /// then other cells, bounds and shapes are looked for.
    fn leaves_more(&self) -> bool {
        let mut from = self.start;
        let plain = self.found.values().all(|slot| {
            let before = self.message.get(from..slot.span.start).unwrap_or_default();
            from = from.max(slot.span.end);
            is_plain(before)
        });
        !plain || !is_plain(self.message.get(from..).unwrap_or_default())
    }

    /// Adds a cell that is quoted at a place, unless it is a rule's bound or a part of a word.
    fn add_cell(&mut self, span: Range<usize>) {
        let after = self.message.get(span.end..).unwrap_or_default();
        let mut behind = after.chars().take(MOST_CLOSING).skip_while(|c| is_closing(*c));
        let is_ended = behind.next().is_none_or(char::is_whitespace);
        if is_ended && opens(self.message, span.start) && !self.is_bound(&span) {
            self.add(Slot { value: span.clone(), span, own: true, plain: false });
        }
    }

    /// Every place behind the field's name where the failing cell is quoted word for word.
    fn find_own(&mut self, cell: &str) {
        let message = self.message;
        step(message.len());
        let mut from = self.start;
        let holds = |rest: &&[u8]| rest.len() >= cell.len();
        // Prepared anew for each: most messages are so short that `find` needs no preparation.
        while let Some(at) =
            message.as_bytes().get(from..).filter(holds).and_then(|rest| memmem::find(rest, cell.as_bytes()))
        {
            let span = from + at..from + at + cell.len();
            from = span.end;
            self.add_cell(span);
        }
    }

    /// Every place behind the field's name where another cell is quoted word for word.
    fn find_others<'b>(&mut self, cells: impl Iterator<Item = &'b str>) {
        let message = self.message;
        // By their first letters: they are compared where a word of the message begins so, and nowhere else. Few cells
        // begin as any word does, so the others are not looked at any further.
        let heads = beginnings(message, self.start).fold(0, |heads, (_, _, head)| heads | bit(head));
        let alike =
            cells.filter_map(|cell| Some((head(cell)?, cell))).filter(|(head, _)| heads & bit(*head) != 0);
        let mut cells: Vec<_> = alike.filter(|(_, cell)| tells_itself(cell)).collect();
        if cells.is_empty() {
            return;
        }
        // Of those that begin alike the longest first: a shorter one may be a part of it.
        cells.sort_unstable_by_key(|(head, cell)| (*head, std::cmp::Reverse(cell.len())));
        step(message.len());
        let mut left = MOST_COMPARED.saturating_mul(message.len());
        for (at, text, head) in beginnings(message, self.start) {
            let first = cells.partition_point(|(other, _)| *other < head);
            for (_, cell) in cells.iter().skip(first).take_while(|(other, _)| *other == head) {
                let compared = cell.len().min(text.len());
                step(compared);
                let Some(rest) = left.checked_sub(compared) else {
                    return self.take_all();
                };
                left = rest;
                if text.starts_with(cell) {
                    self.add_cell(at..at + cell.len());
                }
            }
        }
    }

    /// Takes everything behind the field's name for a value: too much of it may be one.
    fn take_all(&mut self) {
        self.found.retain(|_, slot| slot.span.end <= self.start);
        let behind = self.message.get(self.start..).unwrap_or_default();
        let span = self.message.len() - behind.trim_start().len()..self.message.len();
        self.add(Slot { value: span.clone(), span, own: true, plain: false });
    }

    /// Words that are values by their shape: an address with an `@`, and whatever holds a digit and is no bound of a
    /// rule.
    fn add_shapes(&mut self) {
        for (span, word) in words(self.message, self.start) {
            step(word.len());
            let digit = word.bytes().any(|b| b.is_ascii_digit());
            let email = word.contains('@') && word.len() > 2;
            if (digit || email) && !self.is_bound(&span) {
                let plain = !email && word.chars().all(|c| !c.is_alphabetic());
                self.add(Slot { value: span.clone(), span, own: false, plain });
            }
        }
    }
}

/// The words behind a place, without the marks around them.
fn words(message: &str, start: usize) -> impl Iterator<Item = (Range<usize>, &str)> {
    let tail = message.get(start..).unwrap_or_default();
    let mut at = start;
    tail.split_inclusive(char::is_whitespace).filter_map(move |raw| {
        let from = at;
        at += raw.len();
        let lead = raw.len() - raw.trim_start_matches(is_opening).len();
        let word = raw.get(lead..)?.trim_end_matches(|c: char| c.is_whitespace() || is_closing(c));
        let span = from + lead..from + lead + word.len();
        (!word.is_empty()).then_some((span, word))
    })
}

/// The places behind one where a value may begin, with the text from there on and its first letters.
fn beginnings(message: &str, start: usize) -> impl Iterator<Item = (usize, &str, [u8; SHORTEST_OTHER])> {
    let mut opens = opens(message, start);
    message.get(start..).unwrap_or_default().char_indices().filter_map(move |(at, c)| {
        let begins = std::mem::replace(&mut opens, c.is_whitespace() || is_opening(c));
        let text = message.get(start + at..).filter(|_| begins)?;
        Some((start + at, text, head(text)?))
    })
}

fn head(text: &str) -> Option<[u8; SHORTEST_OTHER]> {
    text.as_bytes().first_chunk().copied()
}

/// Whether a value may begin at a place.
fn opens(message: &str, at: usize) -> bool {
    let before = message.get(..at).and_then(|before| before.chars().next_back());
    before.is_none_or(|c| c.is_whitespace() || is_opening(c))
}

/// What may stand right before a value.
fn is_opening(c: char) -> bool {
    matches!(c, '(' | '[' | '{' | '<' | ',' | ';' | ':' | '=' | '\'' | '"' | '`' | '“' | '‘' | '«' | '‹')
}

/// What may stand right behind a value.
fn is_closing(c: char) -> bool {
    matches!(c, ')' | ']' | '}' | '>' | '.' | ',' | ';' | ':' | '!' | '?')
        || matches!(c, '\'' | '"' | '`' | '”' | '’' | '»' | '›')
}

/// One of 64 bits for the first letters of a word; others may share it.
fn bit(head: [u8; SHORTEST_OTHER]) -> u64 {
    1 << (u32::from_le_bytes(head).wrapping_mul(0x9e37_79b9) >> 26)
}

/// Whether nothing but plain words is in a part of a message.
fn is_plain(text: &str) -> bool {
    !text.bytes().any(is_distinctive)
}

/// What is in values and not in the validator's plain words.
fn is_distinctive(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase() || byte == b'@' || !byte.is_ascii()
}

/// Whether a cell of another column cannot be a word of the sentence by chance.
fn tells_itself(cell: &str) -> bool {
    cell.len() >= SHORTEST_OTHER && !is_plain(cell) && !is_vocabulary(cell)
}

fn is_vocabulary(cell: &str) -> bool {
    cell.len() <= 10 && VOCABULARY.iter().any(|word| word.eq_ignore_ascii_case(cell))
}

/// Counts what is compared, for tests: time says nothing about a shared machine.
fn step(count: usize) {
    #[cfg(test)]
    tests::STEPS.set(tests::STEPS.get() + count);
    #[cfg(not(test))]
    let _ = count;
}

#[cfg(test)]
mod tests;
