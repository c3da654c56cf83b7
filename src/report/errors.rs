//! What a report says about each of its rows: which columns say it, which problem is about which column.

mod columns;
mod field;
mod sentence;
mod split;

use std::collections::HashMap;
use std::ops::Range;

use crate::domain::failure::FailedRow;
use crate::domain::import::Mapping;
use crate::domain::text::SafeText;

pub use self::columns::Columns;
use self::field::Names;
pub(super) use self::field::attribute_end;
pub(super) use self::sentence::quoted_spans;
use self::split::ParsedMessage;
use super::cancel::Cancel;
use super::table::Table;

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
    text: Box<str>,
}

impl Problems {
    /// Reads the columns that say why rows failed.
    pub(super) fn read(table: &Table, columns: &Columns, mapping: Option<&Mapping>, cancel: &Cancel) -> Self {
        let names = Names::new(table, columns, mapping);
        let mut collector = Collector::default();
        // Most rows repeat the messages of others: each distinct cell is split once.
        let mut known: HashMap<(usize, &str, &str), Vec<u32>> = HashMap::new();
        for row in (0..table.len()).take_while(|_| !cancel.is_set()) {
            let named = columns.fields.first().map_or("", |column| table.cell(row, *column));
            for column in &columns.messages {
                let cell = table.cell(row, *column);
                let ids = known.entry((*column, named, cell)).or_insert_with(|| {
                    let about = columns::field_in_header(table.header(*column));
                    let messages = split::messages(cell);
                    // A field named in its own column belongs to a single message.
                    let named = if messages.len() == 1 { named } else { "" };
                    messages.into_iter().map(|message| collector.id(&names, about, named, message)).collect()
                });
                collector.problems.of.extend_from_slice(ids);
            }
            collector.end_row();
        }
        collector.problems
    }

    /// Problems from the API's sample: for each row of the table its own, if any.
    pub(super) fn of_sample<'a>(
        table: &Table,
        columns: &Columns,
        rows: impl Iterator<Item = Option<&'a FailedRow>>,
        mapping: Option<&Mapping>,
    ) -> Self {
        let names = Names::new(table, columns, mapping);
        let mut collector = Collector::default();
        for row in rows {
            for problem in row.iter().flat_map(|row| &row.problems) {
                for message in &problem.messages {
                    // One text may be several messages here as well.
                    for message in split::messages(message.as_str()) {
                        let id = collector.id(&names, None, problem.field.as_str(), message);
                        collector.problems.of.push(id);
                    }
                }
            }
            collector.end_row();
        }
        collector.problems
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

    /// Which messages hit a row: equal ids are equal messages.
    pub(super) fn ids(&self, row: usize) -> &[u32] {
        self.span(row).and_then(|span| self.of.get(span)).unwrap_or_default()
    }

    fn span(&self, row: usize) -> Option<Range<usize>> {
        Some(*self.starts.get(row)? as usize..*self.starts.get(row + 1)? as usize)
    }

    /// One message by its id.
    pub(super) fn problem(&self, id: u32) -> Option<Problem<'_>> {
        let message = self.messages.get(id as usize)?;
        #[cfg(test)]
        super::steps::count();
        Some(Problem { field: &message.field, column: message.column, message: &message.text })
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
    known: HashMap<(SafeText, Box<str>), u32>,
}

impl Default for Collector {
    fn default() -> Self {
        Self { problems: Problems { starts: vec![0], ..Problems::default() }, known: HashMap::new() }
    }
}

impl Collector {
    /// The id of a message. Its field is what the message's own JSON says, what stands beside it, what its
    /// column's header says, or what its words say, in this order.
    fn id(&mut self, names: &Names, header: Option<&str>, named: &str, parsed: ParsedMessage<'_>) -> u32 {
        let named = parsed.field.as_deref().or((!named.trim().is_empty()).then_some(named)).or(header);
        let (field, column) = match named {
            Some(field) => {
                let (field, column) = names.by_name(field);
                (field, column.or_else(|| names.in_message(&parsed.message).1))
            }
            None => names.in_message(&parsed.message),
        };
        let next = u32::try_from(self.problems.messages.len()).unwrap_or(u32::MAX);
        let text: Box<str> = parsed.message.into();
        *self.known.entry((field, text)).or_insert_with_key(|(field, text)| {
            self.problems.messages.push(Message { field: field.clone(), column, text: text.clone() });
            next
        })
    }

    fn end_row(&mut self) {
        let problems = &mut self.problems;
        let from = problems.starts.last().map_or(0, |start| *start as usize);
        let mut ids = problems.of.get(from..).unwrap_or_default().to_vec();
        ids.sort_by_key(|id| problems.column(*id));
        problems.by_column.append(&mut ids);
        self.problems.starts.push(u32::try_from(self.problems.of.len()).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests;
