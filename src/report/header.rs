//! Which row of a file is its headers: a title, a warning of the server's or blank cells may stand above them.

use std::collections::HashSet;

use crate::domain::failure::name_key;
use crate::domain::import::Mapping;

use super::errors::is_error_header;
use super::table::Table;

/// How many rows may stand above the headers.
pub(super) const MOST_ABOVE: usize = 30;

/// The headers of an import, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Headers {
    keys: HashSet<String>,
}

impl Headers {
    /// Those that the API names.
    pub(super) fn new(mapping: Option<&Mapping>) -> Self {
        let columns = mapping.iter().flat_map(|mapping| &mapping.columns);
        let keys = columns.map(|(header, _)| name_key(header.as_str())).filter(|key| !key.is_empty());
        Self { keys: keys.collect() }
    }

    /// Whether none is known.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether the import has this header.
    pub(super) fn has(&self, header: &str) -> bool {
        self.keys.contains(&name_key(header))
    }

    /// How many of the import's headers these cells are.
    pub(super) fn shared<'a>(&self, cells: impl Iterator<Item = &'a str>) -> usize {
        let keys: HashSet<String> = cells.map(name_key).filter(|key| self.keys.contains(key)).collect();
        keys.len()
    }

    /// Whether these cells are headers: half of the import's own, or one that is known to say why rows failed.
    pub(super) fn are<'a>(&self, cells: impl Iterator<Item = &'a str> + Clone) -> bool {
        let own = !self.is_empty() && self.shared(cells.clone()) * 2 >= self.keys.len();
        let filled = || cells.clone().filter(|cell| !cell.trim().is_empty()).count();
        own || (cells.clone().any(is_error_header) && filled() > 1)
    }

    /// The record of a table that is its headers; `None` where none of the first looks like it.
    pub(super) fn find(&self, table: &Table) -> Option<usize> {
        let records = (table.len() + 1).min(MOST_ABOVE + 1);
        (0..records).find(|record| {
            let cells: Vec<&str> = table.record(*record).map(|(cell, _)| cell).collect();
            self.are(cells.iter().copied())
        })
    }
}
