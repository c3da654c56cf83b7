//! Failed rows joined to the client's own file: each row's line number in it.
//!
//! The file is read like a report ([`read`](super::read)) and stays on this computer. Ambiguous rows are
//! reported, never guessed.

use super::FailedRows;
use super::matching::{Found, RowIndex, Sameness, common_columns};
use super::table::Table;

/// Where a failed row stands in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// On this line, from 1, the headers' line and line ends within quotes counted: where an editor finds it. In a
    /// workbook the row's number.
    Line(u64),
    /// So many rows of the source are the same, 2 at least.
    Several(usize),
    /// No row of the source is like it.
    NotFound,
}

/// Every failed row with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// For each row of the report.
    pub rows: Vec<Match>,
    /// How many of the client's columns the source has too: only these were compared.
    pub shared: usize,
    /// How many columns of the client's the source lacks.
    pub lacking: usize,
    /// How many rows were found only after blanks, case and Unicode spelling were set aside.
    pub normalised: usize,
}

impl Joined {
    /// How many rows have a line, have several, have none.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&Match) -> bool| self.rows.iter().filter(|found| wanted(found)).count();
        (
            count(|found| matches!(found, Match::Line(_))),
            count(|found| matches!(found, Match::Several(_))),
            count(|found| matches!(found, Match::NotFound)),
        )
    }
}

/// Finds each row of a report in the source. `None` where they share no header: then it is another file.
pub fn join(report: &FailedRows, source: &Table) -> Option<Joined> {
    let pairs = common_columns(&report.table, &report.columns.own, source, 0..source.width());
    if pairs.is_empty() {
        return None;
    }
    let (mine, theirs): (Vec<usize>, Vec<usize>) = pairs.into_iter().unzip();
    let exact = RowIndex::new(source, theirs.clone(), Sameness::Exact);
    // Made only if a row needs it.
    let mut folded = None;
    let mut joined = Joined {
        rows: Vec::with_capacity(report.table.len()),
        shared: mine.len(),
        lacking: report.columns.own.len() - mine.len(),
        normalised: 0,
    };
    for row in 0..report.table.len() {
        let cells: Vec<&str> = mine.iter().map(|column| report.table.cell(row, *column)).collect();
        let mut found = place(&exact, &cells, source);
        if found == Match::NotFound {
            let folded =
                folded.get_or_insert_with(|| RowIndex::new(source, theirs.clone(), Sameness::Folded));
            found = place(folded, &cells, source);
            joined.normalised += usize::from(found != Match::NotFound);
        }
        joined.rows.push(found);
    }
    Some(joined)
}

fn place(index: &RowIndex<'_>, cells: &[&str], source: &Table) -> Match {
    match index.lookup(cells) {
        Found::None => Match::NotFound,
        Found::One(row) => Match::Line(source.line(row)),
        Found::Several(rows) => Match::Several(rows),
    }
}

#[cfg(test)]
mod tests;
