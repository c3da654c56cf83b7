//! The API's sample of failed rows as a table.

use std::collections::HashMap;

use crate::domain::failure::FailedRow;

use super::table::{Builder, Format, ParseWarnings, Table};

/// The columns of all rows, in the order in which they first appear; a name that a row has twice is two columns.
pub(super) fn table(rows: &[FailedRow]) -> Table {
    let mut places: HashMap<(&str, usize), usize> = HashMap::new();
    let mut headers: Vec<&str> = Vec::new();
    let mut placed: Vec<Vec<(usize, &str)>> = Vec::new();
    for row in rows {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let cells = row.cells.iter().map(|cell| {
            let name = cell.column.as_str();
            let nth = seen.entry(name).or_insert(0);
            let place = *places.entry((name, *nth)).or_insert_with(|| {
                headers.push(name);
                headers.len() - 1
            });
            *nth += 1;
            (place, cell.value.raw())
        });
        placed.push(cells.collect());
    }
    let mut builder = Builder::default();
    headers.iter().for_each(|header| builder.cell(header, false));
    builder.end_row(0);
    for cells in placed {
        let mut row = vec![""; headers.len()];
        for (place, value) in cells {
            if let Some(cell) = row.get_mut(place) {
                *cell = value;
            }
        }
        row.iter().for_each(|cell| builder.cell(cell, false));
        builder.end_row(0);
    }
    builder.finish(Format::Sample, ParseWarnings::default())
}
