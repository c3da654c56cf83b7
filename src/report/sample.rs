//! The API's sample of failed rows as a table.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::failure::FailedRow;

use super::table::{Builder, Format, ParseWarnings, Table};

/// The columns of all rows, in the order in which they first appear; a name that a row has twice is two columns.
pub(super) fn table(rows: &[FailedRow]) -> Table {
    let mut places: HashMap<(&str, usize), usize> = HashMap::new();
    let mut headers: Vec<&str> = Vec::new();
    // Where each row's cells belong, at the first of several rows that share their columns.
    let mut placed: Vec<Option<Vec<usize>>> = Vec::new();
    for (nth, row) in rows.iter().enumerate() {
        let above = nth.checked_sub(1).and_then(|above| rows.get(above));
        if above.is_some_and(|above| Arc::ptr_eq(above.cells.columns(), row.cells.columns())) {
            placed.push(None);
            continue;
        }
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let columns = row.cells.columns().iter().map(|column| {
            let name = column.as_str();
            let nth = seen.entry(name).or_insert(0);
            let place = *places.entry((name, *nth)).or_insert_with(|| {
                headers.push(name);
                headers.len() - 1
            });
            *nth += 1;
            place
        });
        placed.push(Some(columns.collect()));
    }
    let mut builder = Builder::default();
    headers.iter().for_each(|header| builder.cell(header, false));
    builder.end_row(0);
    let mut columns = Vec::new();
    for (row, own) in rows.iter().zip(placed) {
        columns = own.unwrap_or(columns);
        let mut cells = vec![""; headers.len()];
        for (place, value) in columns.iter().zip(row.cells.values()) {
            if let Some(cell) = cells.get_mut(*place) {
                *cell = value.raw();
            }
        }
        cells.iter().for_each(|cell| builder.cell(cell, false));
        builder.end_row(0);
    }
    builder.finish(Format::Sample, ParseWarnings::default())
}
