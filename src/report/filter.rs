//! The filter of failed rows. Pure: text and rows in, positions out.
//!
//! Terms with spaces between; every one must match. A word matches what is on the screen: a value, a reason as it is
//! worded there, a field, or the header of the column that failed. `Email:gmail` looks in one column (`"Post code":ZE1`
//! where its header has blanks), `why:date` in reasons and fields, `is:new`, `is:still` and `is:gone` at the comparison
//! with another run, `is:fixed`, `is:partly` and `is:unfixed` at what was fixed here. `-` negates, `,` is or, quotes keep spaces.

use crate::domain::failure::name_key;
use crate::query::{FilterError, Name, Names, Part, Term, terms};
use crate::suggest::nearest;

use super::FailedRows;
use super::fix::RowState;

/// How a row changed between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// It did not fail in the earlier run and fails in the later one.
    New,
    /// It failed in both.
    Still,
    /// It failed in the earlier run and does not fail in the later one.
    Gone,
}

impl Change {
    /// Every one, with the word that `is:` takes.
    pub const WORDS: [(&'static str, Self); 3] =
        [("new", Self::New), ("still", Self::Still), ("gone", Self::Gone)];

    /// What it is called on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Still => "still failing",
            Self::Gone => "fixed",
        }
    }
}

/// How much of a row is fixed, with the word that `is:` takes.
const FIXED: [(&str, RowState); 3] =
    [("fixed", RowState::Fixed), ("partly", RowState::Partly), ("unfixed", RowState::Unfixed)];

/// A parsed filter. The default matches every row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    clauses: Vec<Clause>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Clause {
    negated: bool,
    /// At least one, of which any must match.
    tests: Vec<Test>,
}

/// Words are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Word(String),
    /// In a column of the table.
    Column(usize, String),
    Why(String),
    Is(Change),
    Fixed(RowState),
}

/// What stands before a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Column(usize),
    Why,
    Is,
}

impl Filter {
    /// Parses a filter of these rows. Ignores invalid terms and returns the first error. `known`: whether rows were compared
    /// with another run, and whether they are being fixed, for `is:`.
    pub fn parse(text: &str, rows: &FailedRows, known: (bool, bool)) -> (Self, Option<FilterError>) {
        let mut filter = Self::default();
        let mut error = None;
        for term in terms(text, Names::Columns) {
            match clause(&term, rows, known) {
                Ok(tests) if tests.is_empty() => {}
                Ok(tests) => filter.clauses.push(Clause { negated: term.negated, tests }),
                Err(found) => error = error.or(Some(found)),
            }
        }
        (filter, error)
    }

    /// Whether the filter asks for rows with this change.
    pub fn wants(&self, change: Change) -> bool {
        let wants = |clause: &Clause| !clause.negated && clause.tests.contains(&Test::Is(change));
        self.clauses.iter().any(wants)
    }

    /// The matching rows, ascending; `change` is each row's change, if runs were compared, `state` how much of it is fixed.
    pub fn rows(
        &self,
        rows: &FailedRows,
        change: impl Fn(usize) -> Option<Change>,
        state: impl Fn(usize) -> Option<RowState>,
    ) -> Vec<usize> {
        let mut passing = vec![true; rows.len()];
        for clause in &self.clauses {
            let mut matching = vec![false; rows.len()];
            clause.tests.iter().for_each(|test| test.mark(rows, &change, &state, &mut matching));
            for (passes, matches) in passing.iter_mut().zip(matching) {
                *passes &= matches != clause.negated;
            }
        }
        passing.iter().enumerate().filter(|(_, passes)| **passes).map(|(row, _)| row).collect()
    }
}

impl Test {
    fn mark(
        &self,
        rows: &FailedRows,
        change: &impl Fn(usize) -> Option<Change>,
        state: &impl Fn(usize) -> Option<RowState>,
        matching: &mut [bool],
    ) {
        let each = |matching: &mut [bool], holds: &dyn Fn(usize) -> bool| {
            matching.iter_mut().enumerate().for_each(|(row, matches)| *matches |= holds(row));
        };
        match self {
            Self::Word(word) => {
                let texts = rows.texts();
                each(matching, &|row| texts.get(row).is_some_and(|text| text.contains(word.as_str())));
                mark_reasons(rows, word, true, matching);
            }
            Self::Why(word) => mark_reasons(rows, word, false, matching),
            Self::Column(column, word) => {
                let holds = |row| rows.table.cell(row, *column).to_lowercase().contains(word.as_str());
                each(matching, &holds);
            }
            Self::Is(wanted) => each(matching, &|row| change(row) == Some(*wanted)),
            Self::Fixed(wanted) => each(matching, &|row| state(row) == Some(*wanted)),
        }
    }
}

/// Marks the rows of every reason with this word; `with_headers`, also if the failing column's header has it.
fn mark_reasons(rows: &FailedRows, word: &str, with_headers: bool, matching: &mut [bool]) {
    for reason in rows.reasons() {
        let has = |text: &str| text.to_lowercase().contains(word);
        let header = || reason.column.is_some_and(|column| has(rows.table.header(column)));
        if has(reason.field.as_str()) || has(reason.short()) || (with_headers && header()) {
            for row in &reason.rows {
                if let Some(matches) = matching.get_mut(*row) {
                    *matches = true;
                }
            }
        }
    }
}

fn clause(term: &Term, rows: &FailedRows, known_states: (bool, bool)) -> Result<Vec<Test>, FilterError> {
    let mut tests = Vec::new();
    let mut field = None;
    for part in &term.parts {
        if let Some(name) = &part.field {
            field = Some(known(name, rows)?);
        }
        if part.text.is_empty() {
            continue;
        }
        let word = part.text.to_lowercase();
        tests.push(match field {
            None => Test::Word(word),
            Some(Field::Column(column)) => Test::Column(column, word),
            Some(Field::Why) => Test::Why(word),
            Some(Field::Is) => is(part, &word, known_states)?,
        });
    }
    Ok(tests)
}

/// What a name means: a column is found by the letters and digits of its header or of the field that it is imported
/// into, also by the header's beginning alone.
fn known(name: &Name, rows: &FailedRows) -> Result<Field, FilterError> {
    match name.text.as_str() {
        "why" if !name.literal => return Ok(Field::Why),
        "is" if !name.literal => return Ok(Field::Is),
        _ => {}
    }
    let wanted = name_key(&name.text);
    let columns = || rows.columns.own.iter().copied();
    let key = |column: usize| name_key(rows.table.header(column));
    let exact = columns().find(|column| key(*column) == wanted && !wanted.is_empty());
    let begins = || {
        let mut found = columns().filter(|column| !wanted.is_empty() && key(*column).starts_with(&wanted));
        found.next().filter(|_| found.next().is_none())
    };
    let field =
        || columns().find(|column| rows.field(*column).is_some_and(|field| name_key(field) == wanted));
    exact.or_else(field).or_else(begins).map(Field::Column).ok_or_else(|| {
        let typed = &name.text;
        let headers: Vec<String> = columns().map(|column| rows.header(column).to_string()).collect();
        let lower: Vec<String> = headers.iter().map(|header| header.to_lowercase()).collect();
        let near = nearest(&typed.to_lowercase(), lower.iter().map(String::as_str).chain(["why", "is"]));
        let spelt = |near| lower.iter().position(|name| name == near).and_then(|at| headers.get(at));
        let near = near.map(|near| spelt(near).map_or(near, String::as_str));
        let message = match near {
            Some(near) if near.contains(char::is_whitespace) => {
                format!("unknown column {typed}: did you mean \"{near}\":?")
            }
            Some(near) => format!("unknown column {typed}: did you mean {near}:?"),
            None => format!("unknown column {typed}; put it in quotes to search for the text"),
        };
        FilterError { span: name.span.clone(), message }
    })
}

fn is(part: &Part, word: &str, (compared, fixing): (bool, bool)) -> Result<Test, FilterError> {
    let error = |message: &str| FilterError { span: part.span.clone(), message: message.to_owned() };
    let change = Change::WORDS.iter().find(|(name, _)| name.starts_with(word));
    let fixed = FIXED.iter().find(|(name, _)| name.starts_with(word));
    match (change, fixed) {
        (Some((_, change)), _) if compared => Ok(Test::Is(*change)),
        (_, Some((_, state))) if fixing => Ok(Test::Fixed(*state)),
        (Some(_), _) => Err(error("is: needs a comparison; compare with another run first")),
        (_, Some(_)) => Err(error("is: needs fixes; fix the rows first")),
        (None, None) => Err(error("is: takes new, still, gone, fixed, partly, unfixed")),
    }
}

#[cfg(test)]
mod tests;
