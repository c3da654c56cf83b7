//! The API's sample of failed rows, unprocessed; everything else reads it as `report::FailedRows`.

use std::fmt;
use std::sync::Arc;

use super::text::{SafeText, UntrustedRef};

/// A row that Plannr rejected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FailedRow {
    pub cells: Cells,
    pub problems: Vec<Problem>,
}

/// The client's row as it was imported, in the server's order. `Debug` prints only how many cells there are, so that no client
/// data reaches a log.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Cells {
    columns: Arc<[SafeText]>,
    /// All values, one behind the other: each on its own would take many times the memory.
    values: Box<str>,
    /// Where each value ends.
    ends: Box<[u32]>,
}

impl Cells {
    /// A value for each column.
    pub fn new<V: AsRef<str>>(columns: Arc<[SafeText]>, values: impl IntoIterator<Item = V>) -> Self {
        let (mut all, mut ends) = (String::new(), Vec::with_capacity(columns.len()));
        for value in values.into_iter().take(columns.len()) {
            all.push_str(value.as_ref());
            // No text from outside has 4 GiB: a response has 64 MiB at most.
            ends.push(u32::try_from(all.len()).unwrap_or(u32::MAX));
        }
        Self { columns, values: all.into(), ends: ends.into() }
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The columns' names; their positions from 1 if the server sent a bare list. Rows that have the same columns share them.
    pub fn columns(&self) -> &Arc<[SafeText]> {
        &self.columns
    }

    /// The client's values.
    pub fn values(&self) -> impl Iterator<Item = UntrustedRef<'_>> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let value = self.values.get(start..*end as usize);
            start = *end as usize;
            UntrustedRef::new(value.unwrap_or_default())
        })
    }

    /// Bytes of all values.
    pub fn bytes(&self) -> usize {
        self.values.len()
    }
}

impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cells({})", self.len())
    }
}

/// Column and value of each cell.
impl<C: Into<SafeText>, V: AsRef<str>> FromIterator<(C, V)> for Cells {
    fn from_iter<I: IntoIterator<Item = (C, V)>>(cells: I) -> Self {
        let (columns, values): (Vec<SafeText>, Vec<V>) =
            cells.into_iter().map(|(column, value)| (column.into(), value)).unzip();
        Self::new(columns.into(), values)
    }
}

/// One rejected field, with the validator's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The Plannr field, for instance `send_welcome_email`; empty where the server names none.
    pub field: SafeText,
    /// Laravel's messages, at least one.
    pub messages: Vec<SafeText>,
}

/// Normalises the name of a column or field to compare it: letters and digits in lower case, so that `First Name` equals
/// `first_name`. Empty for a name without any, which equals no other.
pub fn name_key(name: &str) -> String {
    let mut key = String::new();
    push_name_key(&mut key, name);
    key
}

/// Adds a name's [`name_key`] to another.
pub fn push_name_key(key: &mut String, name: &str) {
    // Every word of every message of a long report comes through here.
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let from = key.len();
        key.push_str(name);
        key.get_mut(from..).into_iter().for_each(str::make_ascii_lowercase);
    } else {
        key.extend(name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_has_its_own_value_and_a_log_has_none() {
        let cells: Cells = [("a", "x"), ("b", "é"), ("c", ""), ("a", "x")].into_iter().collect();
        assert_eq!(cells.values().map(UntrustedRef::raw).collect::<Vec<_>>(), ["x", "é", "", "x"]);
        assert_eq!(cells.columns().iter().map(SafeText::as_str).collect::<Vec<_>>(), ["a", "b", "c", "a"]);
        assert_eq!(format!("{cells:?}"), "Cells(4)");
        let short = Cells::new(Arc::clone(cells.columns()), ["x", "é", "", "x", "one too many"]);
        assert_eq!(short, cells);
    }
}
