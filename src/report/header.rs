//! Which row of a file is its headers: a title, a warning of the server's or blank cells may stand above them.

use std::collections::{HashMap, HashSet};

use crate::domain::failure::name_key;
use crate::domain::import::Mapping;

use super::table::Table;

/// How many rows may stand above the headers.
pub(super) const MOST_ABOVE: usize = 30;

/// The longest text that is taken for a header, in bytes.
const LONGEST: usize = 1_000;

/// Headers that mean errors, whatever the cells hold.
const ERRORS: [&str; 19] = [
    "error",
    "errors",
    "errormessage",
    "errormessages",
    "errordetail",
    "errordetails",
    "errorreason",
    "validationerror",
    "validationerrors",
    "validationmessage",
    "validationmessages",
    "importerror",
    "importerrors",
    "failurereason",
    "failurereasons",
    "failures",
    "rejectionreason",
    "reasonforfailure",
    "reasonsforfailure",
];
/// The headers of an import, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Headers {
    /// By letters and digits, and how often each is there.
    keys: HashMap<String, usize>,
}

impl Headers {
    /// Those that the API names.
    pub(super) fn new(mapping: Option<&Mapping>) -> Self {
        let columns = mapping.iter().flat_map(|mapping| &mapping.columns);
        let mut keys: HashMap<String, usize> = HashMap::new();
        for key in columns.map(|(header, _)| name_key(header.as_str())).filter(|key| !key.is_empty()) {
            *keys.entry(key).or_default() += 1;
        }
        Self { keys }
    }

    /// Whether none is known.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// For each of these headers whether the import has it: of several with one name as many as the import has.
    pub(super) fn have<'a>(&self, headers: impl Iterator<Item = &'a str>) -> Vec<bool> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let has = |header| {
            let key = name_key(header);
            let known = self.keys.get(&key).copied().unwrap_or(0);
            let nth = seen.entry(key).or_default();
            *nth += 1;
            *nth <= known
        };
        headers.map(has).collect()
    }

    /// How many of the import's headers these cells are.
    pub(super) fn shared<'a>(&self, cells: impl Iterator<Item = &'a str>) -> usize {
        let keys: HashSet<String> = cells
            .filter(|cell| cell.len() <= LONGEST)
            .map(name_key)
            .filter(|key| self.keys.contains_key(key))
            .collect();
        keys.len()
    }

    /// Whether half of the import's headers are among these cells.
    pub(super) fn are_mostly<'a>(&self, cells: impl Iterator<Item = &'a str>) -> bool {
        self.shared(cells) * 2 >= self.keys.len()
    }

    /// Whether these cells are headers: half of the import's own, or one that is known to say why rows failed.
    pub(super) fn are<'a>(&self, cells: impl Iterator<Item = &'a str> + Clone) -> bool {
        let own = !self.is_empty() && self.are_mostly(cells.clone());
        let filled = || cells.clone().filter(|cell| !cell.trim().is_empty()).count();
        own || (cells.clone().any(is_error_header) && filled() > 1)
    }

    /// The record of a table that is its headers: of the first ones the one with the most of the import's own, else the
    /// first with a header that is known to say why rows failed; `None` where none looks like it.
    pub(super) fn find(&self, table: &Table) -> Option<usize> {
        let records = (table.len() + 1).min(MOST_ABOVE + 1);
        let cells = |record: usize| table.record(record).map(|(cell, _)| cell);
        let own = |record: &usize| (self.shared(cells(*record)), std::cmp::Reverse(*record));
        let best =
            (0..records).max_by_key(own).filter(|record| !self.is_empty() && self.are_mostly(cells(*record)));
        best.or_else(|| (0..records).find(|record| self.are(cells(*record).collect::<Vec<_>>().into_iter())))
    }
}

/// Whether a header says for certain that its column says why rows failed.
pub(super) fn is_error_header(header: &str) -> bool {
    ERRORS.contains(&name_key(header).as_str())
}
