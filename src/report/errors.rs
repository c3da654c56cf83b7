//! What a report says about each of its rows: which columns say it, which problem is about which column.

mod columns;
mod field;
mod sentence;
mod split;

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use crate::domain::failure::FailedRow;
use crate::domain::import::Mapping;
use crate::domain::text::SafeText;
use crate::parallel::in_halves;

pub use self::columns::Columns;
use self::field::Names;
pub(super) use self::field::attribute_end;
pub(super) use self::sentence::quoted_spans;
use self::split::ParsedMessage;
use super::cancel::Cancel;
use super::table::Table;

/// So many different cells are remembered before it is asked, once and for all, whether any come again.
const CELLS: usize = 4_096;

/// One thing that is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem<'a> {
    /// The Plannr field; empty if unknown.
    pub field: &'a SafeText,
    /// The column of the table that it is about.
    pub column: Option<usize>,
    /// The validator's words as they came; they may quote the client's values. Untrusted.
    pub message: &'a str,
}

/// The problems of every row. Each different message is kept once.
#[derive(Clone, Default)]
pub struct Problems {
    messages: Vec<Message>,
    /// The words of all of them, one after the other.
    text: String,
    /// For each row where its own begin in `of`, and one past the last.
    starts: Vec<u32>,
    of: Vec<u32>,
    /// The same ids, each row's in the order of its columns, so that a cell finds its own without a look at the others.
    by_column: Vec<u32>,
}

/// One message about one field, however many rows it hit.
#[derive(Clone)]
struct Message {
    field: SafeText,
    column: Option<usize>,
    /// Where its words are.
    text: Range<usize>,
}

impl Problems {
    /// Reads the columns that say why rows failed.
    pub(super) fn read(table: &Table, columns: &Columns, mapping: Option<&Mapping>, cancel: &Cancel) -> Self {
        let hasher = DefaultHashBuilder::default();
        let (mut first, second) = in_halves(table.len(), |rows| {
            let mut collector = Collector::new(hasher.clone());
            collector.read(rows.take_while(|_| !cancel.is_set()), table, columns, mapping);
            collector
        });
        second.into_iter().for_each(|second| first.append(second));
        first.finish()
    }

    /// Problems from the API's sample: for each row of the table its own, if any.
    pub(super) fn of_sample<'a>(
        table: &Table,
        columns: &Columns,
        rows: impl Iterator<Item = Option<&'a FailedRow>>,
        mapping: Option<&Mapping>,
    ) -> Self {
        let names = Names::new(table, columns, mapping);
        let mut collector = Collector::new(DefaultHashBuilder::default());
        for row in rows {
            for problem in row.iter().flat_map(|row| &row.problems) {
                for message in &problem.messages {
                    // One text may be several messages here as well.
                    for message in split::messages(message.as_str()) {
                        collector.add(&names, None, problem.field.as_str(), message);
                    }
                }
            }
            collector.end_row();
        }
        collector.finish()
    }

    /// What is wrong with a row, in the report's order.
    pub fn of(&self, row: usize) -> impl Iterator<Item = Problem<'_>> {
        self.ids(row).iter().filter_map(|id| self.problem(*id))
    }

    /// What is wrong with one cell of a row, in the report's order; `None` for what is about no column.
    pub fn of_column(&self, row: usize, column: Option<usize>) -> impl Iterator<Item = Problem<'_>> {
        let ids = self.span(row).and_then(|span| self.by_column.get(span)).unwrap_or_default();
        let from = ids.partition_point(|id| self.column(*id) < column);
        let own = ids.get(from..).unwrap_or_default().iter();
        own.map_while(move |id| self.problem(*id).filter(|problem| problem.column == column))
    }

    /// The first column after this one of which something is wrong in a row; the first at all after `None`.
    pub fn next_column(&self, row: usize, after: Option<usize>) -> Option<usize> {
        let ids = self.span(row).and_then(|span| self.by_column.get(span)).unwrap_or_default();
        let next = ids.get(ids.partition_point(|id| self.column(*id) <= after))?;
        self.column(*next)
    }

    fn column(&self, id: u32) -> Option<usize> {
        self.messages.get(id as usize)?.column
    }

    /// Whether no row has a problem.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Which messages hit a row, numbered as they first come: equal ids are equal messages.
    pub(super) fn ids(&self, row: usize) -> &[u32] {
        self.span(row).and_then(|span| self.of.get(span)).unwrap_or_default()
    }

    /// Keeps another message; its id.
    fn push(&mut self, field: SafeText, column: Option<usize>, message: &str) -> u32 {
        let id = u32::try_from(self.messages.len()).unwrap_or(u32::MAX);
        let from = self.text.len();
        self.text.push_str(message);
        self.messages.push(Message { field, column, text: from..self.text.len() });
        id
    }

    /// The words of a message.
    fn words(&self, id: u32) -> &str {
        let message = self.messages.get(id as usize);
        message.and_then(|message| self.text.get(message.text.clone())).unwrap_or_default()
    }

    fn span(&self, row: usize) -> Option<Range<usize>> {
        Some(*self.starts.get(row)? as usize..*self.starts.get(row + 1)? as usize)
    }

    /// One message by its id.
    pub(super) fn problem(&self, id: u32) -> Option<Problem<'_>> {
        let message = self.messages.get(id as usize)?;
        #[cfg(test)]
        super::steps::count();
        Some(Problem { field: &message.field, column: message.column, message: self.words(id) })
    }
}

/// Prints sizes only: messages quote client data.
impl std::fmt::Debug for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Problems({}, {} different)", self.of.len(), self.messages.len())
    }
}

/// Gathers problems row by row.
struct Collector {
    problems: Problems,
    /// Every message, by its field and words.
    known: HashTable<Known>,
    /// By their words those of which nothing else says what they are about.
    bare: HashTable<Known>,
    /// The same for both halves of a report.
    hasher: DefaultHashBuilder,
}

/// A message that was found.
struct Known {
    id: u32,
    hash: u64,
}

impl Collector {
    fn new(hasher: DefaultHashBuilder) -> Self {
        let problems = Problems { starts: vec![0], ..Problems::default() };
        Self { problems, known: HashTable::new(), bare: HashTable::new(), hasher }
    }

    /// Adds rows of a table.
    fn read(
        &mut self,
        rows: impl Iterator<Item = usize>,
        table: &Table,
        columns: &Columns,
        mapping: Option<&Mapping>,
    ) {
        let names = Names::new(table, columns, mapping);
        // Most rows repeat the messages of others: each distinct cell is split once, and has its ids where it came first.
        // Where each quotes its row's values, remembering them only costs.
        let mut hits = 0;
        let mut known: HashMap<(usize, &str, &str), Range<usize>> = HashMap::new();
        for row in rows {
            let named = columns.fields.first().map_or("", |column| table.cell(row, *column));
            for column in &columns.messages {
                let (cell, from) = (table.cell(row, *column), self.problems.of.len());
                let is_worth_it = known.len() < CELLS || hits > known.len();
                if is_worth_it && let Some(ids) = known.get(&(*column, named, cell)) {
                    self.problems.of.extend_from_within(ids.clone());
                    hits += 1;
                    continue;
                }
                let about = columns::field_in_header(table.header(*column));
                let messages = split::messages(cell);
                // A field named in its own column belongs to a single message.
                let field = if messages.len() == 1 { named } else { "" };
                for message in messages {
                    self.add(&names, about, field, message);
                }
                if is_worth_it {
                    known.insert((*column, named, cell), from..self.problems.of.len());
                }
            }
            self.end_row();
        }
    }

    /// Adds a message to the row. Its field is what the message's own JSON says, what stands beside it, what its
    /// column's header says, or what its words say, in this order.
    fn add(&mut self, names: &Names, header: Option<&str>, named: &str, parsed: ParsedMessage<'_>) {
        let named = parsed.field.as_deref().or((!named.trim().is_empty()).then_some(named)).or(header);
        let message = &*parsed.message;
        let words = self.hasher.hash_one(message);
        let id = match named {
            Some(named) => {
                let (field, column) = names.by_name(named);
                let column = column.or_else(|| names.in_message(message).1);
                self.id(field, column, message, words)
            }
            None => match self.bare.find(words, |known| self.problems.words(known.id) == message) {
                Some(known) => known.id,
                None => {
                    let (field, column) = names.in_message(message);
                    let id = self.id(field, column, message, words);
                    self.bare.insert_unique(words, Known { id, hash: words }, |known| known.hash);
                    id
                }
            },
        };
        self.problems.of.push(id);
    }

    /// The id of a message, which is kept if it is new; `words` is the hash of its words.
    fn id(&mut self, field: SafeText, column: Option<usize>, message: &str, words: u64) -> u32 {
        let hash = self.hasher.hash_one((words, &field));
        self.find(hash, &field, message).unwrap_or_else(|| {
            let id = self.problems.push(field, column, message);
            self.known.insert_unique(hash, Known { id, hash }, |known| known.hash);
            id
        })
    }

    /// The message of these words about this field.
    fn find(&self, hash: u64, field: &SafeText, message: &str) -> Option<u32> {
        let is_it =
            |id| self.problems.problem(id).is_some_and(|it| it.message == message && it.field == field);
        self.known.find(hash, |known| is_it(known.id)).map(|known| known.id)
    }

    fn end_row(&mut self) {
        let Problems { starts, of, .. } = &mut self.problems;
        starts.push(u32::try_from(of.len()).unwrap_or(u32::MAX));
    }

    /// Adds the rows that come behind these, and what they say for the first time; once, at the end.
    fn append(&mut self, later: Self) {
        let mut ids = vec![None; later.problems.messages.len()];
        for known in &later.known {
            let found =
                later.problems.problem(known.id).and_then(|it| self.find(known.hash, it.field, it.message));
            ids.get_mut(known.id as usize).into_iter().for_each(|id| *id = found);
        }
        for (id, known) in (0..).zip(&mut ids) {
            if known.is_none()
                && let Some(new) = later.problems.problem(id)
            {
                *known = Some(self.problems.push(new.field.clone(), new.column, new.message));
            }
        }
        let Problems { starts, of, .. } = &mut self.problems;
        let from = starts.last().copied().unwrap_or_default();
        starts.extend(later.problems.starts.iter().skip(1).map(|start| from.saturating_add(*start)));
        of.extend(later.problems.of.iter().filter_map(|id| *ids.get(*id as usize)?));
    }

    fn finish(mut self) -> Problems {
        let Problems { messages, starts, of, by_column, .. } = &mut self.problems;
        by_column.clone_from(of);
        for (from, to) in starts.iter().zip(starts.iter().skip(1)) {
            if let Some(ids) = by_column.get_mut(*from as usize..*to as usize) {
                ids.sort_by_key(|id| messages.get(*id as usize)?.column);
            }
        }
        self.problems
    }
}

#[cfg(test)]
mod tests;
