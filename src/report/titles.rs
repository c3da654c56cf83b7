//! What the client's columns are called: in full, or redacted.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::domain::failure::name_key;
use crate::domain::import::Mapping;
use crate::domain::redact::{FieldNames, Redaction};
use crate::domain::text::SafeText;

use super::errors::Columns;
use super::table::Table;

/// The titles of the client's columns, by their place among them.
#[derive(Clone)]
pub(super) struct Titles {
    headers: Vec<SafeText>,
    /// The field that each column is imported into.
    mapped: Vec<Option<SafeText>>,
    /// Plannr's fields that the import is mapped to, word by word.
    fields_shown: FieldNames,
    names: OnceLock<Vec<String>>,
    masked_names: OnceLock<Vec<String>>,
}

impl Titles {
    pub(super) fn new(table: &Table, columns: &Columns, mapping: Option<&Mapping>) -> Self {
        Self {
            headers: columns.own.iter().map(|column| SafeText::new(table.header(*column))).collect(),
            mapped: mapped(table, columns, mapping),
            fields_shown: FieldNames::new(mapping),
            names: OnceLock::new(),
            masked_names: OnceLock::new(),
        }
    }

    /// A message about the rows, or a field's name, ready to show.
    pub(super) fn text(&self, message: &str, redaction: Redaction) -> SafeText {
        redaction.message(message, &self.fields_shown)
    }

    /// A name for each column that no other has: its title; `name (2)` for another of the same; `column 3` for the third
    /// where it has none.
    pub(super) fn names(&self, redaction: Redaction) -> &[String] {
        let names = if redaction.enabled { &self.masked_names } else { &self.names };
        names.get_or_init(|| {
            let title = |at| self.title(at, redaction).to_string();
            unique(&(0..self.headers.len()).map(title).collect::<Vec<_>>())
        })
    }

    /// A column's header, or its number where it has none. Redacted it is the Plannr field that it is imported into, since a
    /// file without a header line has values for headers; else the header where it has no word but those of the vocabulary;
    /// else its number.
    pub(super) fn title(&self, at: usize, redaction: Redaction) -> SafeText {
        let header = self.headers.get(at).cloned().unwrap_or_default();
        let name = if redaction.enabled {
            let field = self.mapped.get(at).cloned().flatten();
            field.or_else(|| (self.text(header.as_str(), redaction) == header).then_some(header))
        } else {
            Some(header)
        };
        let name = name.filter(|name| !name.as_str().trim().is_empty());
        name.unwrap_or_else(|| SafeText::new(&format!("column {}", at + 1)))
    }

    /// The Plannr field that a column is imported into, where that is known.
    pub(super) fn field(&self, at: usize) -> Option<&str> {
        self.mapped.get(at)?.as_ref().map(SafeText::as_str)
    }
}

/// The field that each of the client's columns is imported into.
fn mapped(table: &Table, columns: &Columns, mapping: Option<&Mapping>) -> Vec<Option<SafeText>> {
    let fields: HashMap<String, &SafeText> = mapping
        .iter()
        .flat_map(|mapping| &mapping.columns)
        .filter_map(|(header, field)| Some((name_key(header.as_str()), field.as_ref()?)))
        .collect();
    let field = |column: &usize| fields.get(&name_key(table.header(*column))).copied().cloned();
    columns.own.iter().map(field).collect()
}

/// Makes each name unique. Linear: remembers the next free number of each name.
fn unique(headers: &[String]) -> Vec<String> {
    let mut taken: HashSet<String> = headers.iter().cloned().collect();
    let (mut seen, mut numbers) = (HashSet::new(), HashMap::<String, usize>::new());
    let mut name = |(at, header): (usize, &String)| {
        let blank = header.trim().is_empty();
        if !blank && seen.insert(header.clone()) {
            return header.clone();
        }
        let base = if blank { format!("column {}", at + 1) } else { header.clone() };
        if blank && taken.insert(base.clone()) {
            return base;
        }
        let next = numbers.entry(base.clone()).or_insert(2);
        loop {
            let name = format!("{base} ({next})");
            *next += 1;
            if taken.insert(name.clone()) {
                return name;
            }
        }
    };
    headers.iter().enumerate().map(&mut name).collect()
}
