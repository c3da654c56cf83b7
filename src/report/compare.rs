//! Compares two runs of the same file, for instance Validate and then Create: fixed, still failing and new rows.
//!
//! Both reports must hold all failed rows: a row that a sample left out would look as if it passed.

mod key;

use super::FailedRows;
use super::matching::{Found, RowIndex, Sameness, common_columns, folded};
use super::reasons::sentences;

/// How rows of two runs were matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// By what these columns of the later report's table hold; blanks around, case and Unicode spelling set aside.
    Columns(Vec<usize>),
    /// By all of the client's columns, because no fewer are unique: a row with any fix in it is another row.
    WholeRow,
}

/// A row that failed in both runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Still {
    /// Its place in the earlier report.
    pub before: usize,
    /// Its place in the later report.
    pub now: usize,
    /// Whether it fails for the very same reasons, quoted values aside.
    pub same_reason: bool,
}

/// What changed from one run to the next. Every row of both reports is in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// How rows were matched.
    pub key: Key,
    /// Rows of the earlier report that fail no longer: they pass now, or are not in the file any more.
    pub passes: Vec<usize>,
    /// Rows that fail still.
    pub still: Vec<Still>,
    /// Rows of the later report that did not fail before.
    pub newly: Vec<usize>,
    /// Rows of the earlier report that may be any of several, or have nothing to be known by.
    pub ambiguous_before: Vec<usize>,
    /// The same of the later report.
    pub ambiguous_now: Vec<usize>,
}

/// Of ten headers this many must be in both files for them to be runs of one.
const SHARED_OF_TEN: usize = 8;

/// Compares the failed rows of two runs. `None` where their files have different headers: they are not the same file.
pub fn compare(before: &FailedRows, now: &FailedRows) -> Option<Comparison> {
    let pairs =
        common_columns(&before.table, &before.columns.own, &now.table, now.columns.own.iter().copied());
    let widest = before.columns.own.len().max(now.columns.own.len());
    if pairs.is_empty() || pairs.len() * 10 < widest * SHARED_OF_TEN {
        return None;
    }
    let chosen = key::choose(before, now, &pairs);
    let whole = chosen.len() == pairs.len() && pairs.len() > 1;
    let key = match whole {
        true => Key::WholeRow,
        false => Key::Columns(chosen.iter().map(|(_, column)| *column).collect()),
    };
    let (mine, theirs): (Vec<usize>, Vec<usize>) = chosen.into_iter().unzip();
    let earlier = RowIndex::new(&before.table, mine.clone(), Sameness::Folded);
    let later = RowIndex::new(&now.table, theirs.clone(), Sameness::Folded);
    let mut comparison = Comparison {
        key,
        passes: Vec::new(),
        still: Vec::new(),
        newly: Vec::new(),
        ambiguous_before: Vec::new(),
        ambiguous_now: Vec::new(),
    };
    for row in 0..before.table.len() {
        let cells = cells(before, row, &mine);
        match counterpart(&cells, &earlier, &later) {
            Counterpart::None => comparison.passes.push(row),
            Counterpart::Ambiguous => comparison.ambiguous_before.push(row),
            Counterpart::Row(other) => {
                let same_reason = same_reason(before, row, now, other);
                comparison.still.push(Still { before: row, now: other, same_reason });
            }
        }
    }
    for row in 0..now.table.len() {
        match counterpart(&cells(now, row, &theirs), &later, &earlier) {
            Counterpart::None => comparison.newly.push(row),
            Counterpart::Ambiguous => comparison.ambiguous_now.push(row),
            Counterpart::Row(_) => {}
        }
    }
    Some(comparison)
}

impl Comparison {
    /// Whether no row failed in both runs, though rows failed in each: perhaps they are of different files.
    pub fn has_nothing_in_common(&self) -> bool {
        self.still.is_empty() && !self.passes.is_empty() && !self.newly.is_empty()
    }
}

/// Whether two rows fail for the same reasons: literally, or apart from quoted values.
fn same_reason(before: &FailedRows, row: usize, now: &FailedRows, other: usize) -> bool {
    let count = |report: &FailedRows, row: usize| report.problems.of(row).count();
    let pairs = before.problems.of(row).zip(now.problems.of(other));
    let literally = count(before, row) == count(now, other)
        && pairs.into_iter().all(|(a, b)| (a.field, a.message) == (b.field, b.message));
    literally || sentences(before, row) == sentences(now, other)
}

/// A row's counterpart in the other run.
enum Counterpart {
    None,
    Row(usize),
    Ambiguous,
}

fn counterpart(cells: &[&str], own: &RowIndex<'_>, other: &RowIndex<'_>) -> Counterpart {
    if cells.iter().all(|cell| folded(cell).is_empty()) {
        return Counterpart::Ambiguous;
    }
    match (other.lookup(cells), own.lookup(cells)) {
        // However many there are, none of them fails in the other run.
        (Found::None, _) => Counterpart::None,
        (Found::One(row), Found::One(_)) => Counterpart::Row(row),
        _ => Counterpart::Ambiguous,
    }
}

fn cells<'a>(report: &'a FailedRows, row: usize, columns: &[usize]) -> Vec<&'a str> {
    columns.iter().map(|column| report.table.cell(row, *column)).collect()
}

#[cfg(test)]
mod tests;
