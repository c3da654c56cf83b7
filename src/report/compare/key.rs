//! Which columns tell a file's rows apart.

use std::collections::HashSet;

use crate::domain::failure::name_key;

use super::super::FailedRows;
use super::super::matching::{RowIndex, Sameness};

/// What share of the rows must have a key of their own.
const UNIQUE: f64 = 0.98;
/// A column that more of the rows failed in is likely to be fixed between the runs, and then tells nothing.
const MOST_FAILING: f64 = 0.1;
/// Columns that are put together at most, short of the whole row.
const MOST_COLUMNS: usize = 4;

/// The columns of the key as pairs of both reports' columns; all pairs for the whole row.
pub(super) fn choose(before: &FailedRows, now: &FailedRows, pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let steady = |pair: &&(usize, usize)| failing_share(before, pair.0) <= MOST_FAILING;
    let mut named: Vec<(usize, (usize, usize))> =
        pairs.iter().filter_map(|pair| Some((rank(before.table.header(pair.0))?, *pair))).collect();
    named.sort_by_key(|(rank, pair)| (!steady(&pair), *rank));
    let lone = named.iter().map(|(_, pair)| vec![*pair]).find(|key| unique(before, now, key) >= UNIQUE);
    if let Some(key) = lone {
        return key;
    }
    let mut varied: Vec<(usize, (usize, usize))> =
        pairs.iter().filter(steady).map(|pair| (distinct(before, pair.0), *pair)).collect();
    varied.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let mut key = Vec::new();
    for (_, pair) in varied.into_iter().take(MOST_COLUMNS) {
        key.push(pair);
        // One column that merely differs, a date for instance, names nobody.
        let names = key.len() > 1 || wordy_share(before, pair.0) >= UNIQUE;
        if names && unique(before, now, &key) >= UNIQUE {
            return key;
        }
    }
    pairs.to_vec()
}

/// How well a header names something that is one's own; the lower the better.
fn rank(header: &str) -> Option<usize> {
    let key = name_key(header);
    let is = |names: &[&str]| names.contains(&key.as_str());
    let has = |names: &[&str]| names.iter().any(|name| key.contains(name));
    if has(&["email"]) {
        Some(0)
    } else if is(&["ni", "nino", "ninumber"]) || has(&["nationalinsurance"]) {
        Some(1)
    } else if has(&["policyn", "plann", "accountnumber", "accountno"]) || is(&["policy"]) {
        Some(2)
    } else if key.ends_with("ref") || has(&["reference", "payrolln", "externalid", "legacyid", "clientid"]) {
        Some(3)
    } else if is(&["uuid", "guid", "id"]) || key.ends_with("uuid") {
        Some(4)
    } else {
        None
    }
}

/// The share of rows that these columns tell apart in both reports.
fn unique(before: &FailedRows, now: &FailedRows, key: &[(usize, usize)]) -> f64 {
    let (mine, theirs): (Vec<usize>, Vec<usize>) = key.iter().copied().unzip();
    let share =
        |report: &FailedRows, columns| RowIndex::new(&report.table, columns, Sameness::Folded).unique_share();
    share(before, mine).min(share(now, theirs))
}

/// The share of rows that failed in a column.
fn failing_share(report: &FailedRows, column: usize) -> f64 {
    let fails = |row: &usize| report.problems.of(*row).any(|problem| problem.column == Some(column));
    let rows = report.table.len();
    if rows == 0 { 0.0 } else { (0..rows).filter(fails).count() as f64 / rows as f64 }
}

/// The share of rows that have a letter in a column.
fn wordy_share(report: &FailedRows, column: usize) -> f64 {
    let wordy = |row: &usize| report.table.cell(*row, column).contains(char::is_alphabetic);
    let rows = report.len();
    if rows == 0 { 1.0 } else { (0..rows).filter(wordy).count() as f64 / rows as f64 }
}

fn distinct(report: &FailedRows, column: usize) -> usize {
    (0..report.table.len()).map(|row| report.table.cell(row, column)).collect::<HashSet<_>>().len()
}
