//! Finding a row again in another table.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::domain::failure::name_key;

use super::table::Table;

/// A value without what people cannot see or do not mean: case, blanks around it and repeated ones, zero-width
/// characters, and the several ways in which Unicode spells the same letter (NFKC).
pub(super) fn folded(value: &str) -> Cow<'_, str> {
    let plain = |b: u8| b.is_ascii_graphic() && !b.is_ascii_uppercase();
    if value.bytes().all(plain) {
        return Cow::Borrowed(value);
    }
    let composed = match value.is_ascii() {
        true => Cow::Borrowed(value),
        false => ComposingNormalizerBorrowed::new_nfkc().normalize(value),
    };
    let mut out = String::with_capacity(value.len());
    for word in composed.split_whitespace() {
        let before = out.len();
        let visible = word.chars().filter(|c| !is_zero_width(*c)).flat_map(char::to_lowercase);
        if before > 0 {
            out.push(' ');
        }
        let start = out.len();
        out.extend(visible);
        if out.len() == start {
            out.truncate(before);
        }
    }
    Cow::Owned(out)
}

/// Zero-width characters, which are not typed on purpose.
pub(super) fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Columns that two tables have in common, by header: of several with one name the first belongs to the first.
pub(super) fn common_columns(
    a: &Table,
    of_a: &[usize],
    b: &Table,
    of_b: impl Iterator<Item = usize>,
) -> Vec<(usize, usize)> {
    let theirs: HashMap<(String, usize), usize> = numbered(b, of_b).collect();
    numbered(a, of_a.iter().copied())
        .filter(|((name, _), _)| !name.is_empty())
        .filter_map(|(key, column)| Some((column, *theirs.get(&key)?)))
        .collect()
}

/// Columns by the letters and digits of their header, and the position of each among those of that name.
fn numbered(
    table: &Table,
    columns: impl Iterator<Item = usize>,
) -> impl Iterator<Item = ((String, usize), usize)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    columns.map(move |column| {
        let name = name_key(table.header(column));
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        ((name, *count), column)
    })
}

/// When two cells are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sameness {
    /// Byte for byte.
    Exact,
    /// When [`folded`].
    Folded,
}

impl Sameness {
    fn hash(self, cells: impl Iterator<Item = impl AsRef<str>>) -> u64 {
        let mut hasher = DefaultHasher::new();
        for cell in cells {
            match self {
                Self::Exact => cell.as_ref().hash(&mut hasher),
                Self::Folded => folded(cell.as_ref()).hash(&mut hasher),
            }
        }
        hasher.finish()
    }

    fn same(self, a: &str, b: &str) -> bool {
        match self {
            Self::Exact => a == b,
            Self::Folded => folded(a) == folded(b),
        }
    }
}

/// What a [`RowIndex`] has of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// No row is like it.
    None,
    /// This one.
    One(usize),
    /// So many.
    Several(usize),
}

/// The rows of a table by what some of its columns hold. 16 bytes a row.
pub(super) struct RowIndex<'a> {
    table: &'a Table,
    columns: Vec<usize>,
    sameness: Sameness,
    rows: Vec<(u64, u32)>,
}

impl<'a> RowIndex<'a> {
    pub(super) fn new(table: &'a Table, columns: Vec<usize>, sameness: Sameness) -> Self {
        let row = |row| {
            let cells = columns.iter().map(|column| table.cell(row, *column));
            (sameness.hash(cells), u32::try_from(row).unwrap_or(u32::MAX))
        };
        let mut rows: Vec<_> = (0..table.len()).map(row).collect();
        rows.sort_unstable();
        Self { table, columns, sameness, rows }
    }

    /// The rows that hold these cells, one for each column of the index, ascending.
    pub(super) fn find<'b>(&'b self, cells: &'b [&str]) -> impl Iterator<Item = usize> + 'b {
        let hash = self.sameness.hash(cells.iter());
        let first = self.rows.partition_point(|(other, _)| *other < hash);
        let candidates = self.rows.iter().skip(first).take_while(move |(other, _)| *other == hash);
        candidates.map(|(_, row)| *row as usize).filter(move |row| {
            let same =
                |(column, cell): (&usize, &&str)| self.sameness.same(self.table.cell(*row, *column), cell);
            self.columns.iter().zip(cells).all(same)
        })
    }

    /// The row that holds these cells, or how many do: as many as look alike, where it is more than one.
    pub(super) fn lookup(&self, cells: &[&str]) -> Found {
        let mut found = self.find(cells);
        match (found.next(), found.next()) {
            (None, _) => Found::None,
            (Some(row), None) => Found::One(row),
            // Not counted one by one: with many equal rows, that would be done for each of them.
            (Some(_), Some(_)) => {
                let hash = self.sameness.hash(cells.iter());
                let first = self.rows.partition_point(|(other, _)| *other < hash);
                let end = self.rows.partition_point(|(other, _)| *other <= hash);
                Found::Several(end - first)
            }
        }
    }

    /// How many rows hold what no other holds, of those with anything in these columns; 0 to 1 of all.
    pub(super) fn unique_share(&self) -> f64 {
        let blank = |row: u32| {
            self.columns.iter().all(|column| self.table.cell(row as usize, *column).trim().is_empty())
        };
        let groups = self.rows.chunk_by(|a, b| a.0 == b.0);
        let lone = groups.filter(|group| matches!(group, [(_, row)] if !blank(*row))).count();
        if self.rows.is_empty() { 1.0 } else { lone as f64 / self.rows.len() as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
        for (a, b) in [
            ("Ann", " ann "),
            ("Ann  Fair", "ann\u{a0}fair"),
            ("Zoë", "Zoe\u{308}"),
            ("a\u{200b}b", "AB"),
            ("ＡＢ", "ab"),
            ("a \u{200b} b", "a b"),
            ("", " \u{feff}"),
        ] {
            assert_eq!(folded(a), folded(b), "{a:?} {b:?}");
        }
        assert_ne!(folded("a b"), folded("ab"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(value in "\\PC{0,12}|[a-zA-Z \u{a0}\u{200b}]{0,9}") {
            let once = folded(&value).into_owned();
            prop_assert_eq!(folded(&once).into_owned(), once);
        }
    }
}
