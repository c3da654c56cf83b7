//! The columns of the imports table, and which of them the user wants in which order.

use std::fmt;

use crate::query::SortKey;
use crate::suggest::nearest;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Type and mode.
    Import,
    Firm,
    Type,
    Mode,
    /// The verdict.
    State,
    /// The server's own word.
    Status,
    Progress,
    /// Rows tried, of all.
    Done,
    Total,
    Succeeded,
    Failed,
    /// Rows not tried yet.
    Pending,
    /// Rows per second.
    Rate,
    Eta,
    /// When it will be over if that is known, else when it started.
    When,
    Started,
    /// When the server last changed it.
    Updated,
    /// Who started it.
    By,
    Uuid,
}

impl Column {
    /// Every column, in the order in which they are listed.
    pub const ALL: [Self; 19] = [
        Self::Import,
        Self::Firm,
        Self::Type,
        Self::Mode,
        Self::State,
        Self::Status,
        Self::Progress,
        Self::Done,
        Self::Total,
        Self::Succeeded,
        Self::Failed,
        Self::Pending,
        Self::Rate,
        Self::Eta,
        Self::When,
        Self::Started,
        Self::Updated,
        Self::By,
        Self::Uuid,
    ];

    /// The columns unless others are configured, from left to right.
    pub const DEFAULT: [Self; 9] = [
        Self::Import,
        Self::State,
        Self::Progress,
        Self::Done,
        Self::Failed,
        Self::Rate,
        Self::Eta,
        Self::Started,
        Self::By,
    ];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Firm => "firm",
            Self::Type => "type",
            Self::Mode => "mode",
            Self::State => "state",
            Self::Status => "status",
            Self::Progress => "progress",
            Self::Done => "done",
            Self::Total => "total",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Pending => "pending",
            Self::Rate => "rate",
            Self::Eta => "eta",
            Self::When => "when",
            Self::Started => "started",
            Self::Updated => "updated",
            Self::By => "by",
            Self::Uuid => "uuid",
        }
    }

    /// What a click on its heading sorts by.
    pub fn sort(self) -> Option<SortKey> {
        match self {
            Self::Import | Self::Type => Some(SortKey::Type),
            Self::Mode => Some(SortKey::Mode),
            Self::State => Some(SortKey::State),
            Self::Progress => Some(SortKey::Progress),
            Self::Done => Some(SortKey::Done),
            Self::Failed => Some(SortKey::Failed),
            Self::Rate => Some(SortKey::Rate),
            Self::Eta => Some(SortKey::Eta),
            Self::When | Self::Started => Some(SortKey::Created),
            Self::By => Some(SortKey::By),
            Self::Firm => Some(SortKey::Firm),
            Self::Status | Self::Total | Self::Succeeded | Self::Pending | Self::Updated | Self::Uuid => None,
        }
    }

    /// The columns to show; where the imports of several firms are listed each says whose it is.
    pub fn shown(columns: &[Self], of_several: bool) -> Vec<Self> {
        let mut shown = columns.to_vec();
        if of_several && !shown.contains(&Self::Firm) {
            shown.insert(usize::from(shown.first() == Some(&Self::Import)), Self::Firm);
        }
        shown
    }

    /// The columns with these names, from left to right.
    ///
    /// # Errors
    /// The first name that is unknown or used twice; no name at all.
    pub fn chosen<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Vec<Self>, ColumnMistake> {
        let mut chosen = Vec::new();
        for (position, name) in names.into_iter().enumerate() {
            let wanted = name.trim().to_ascii_lowercase();
            let problem = match Self::ALL.into_iter().find(|column| column.name() == wanted) {
                Some(column) if chosen.contains(&column) => format!("the column {wanted} is listed twice"),
                Some(column) => {
                    chosen.push(column);
                    continue;
                }
                None => unknown(name, &wanted),
            };
            return Err(ColumnMistake { position, problem });
        }
        if chosen.is_empty() {
            let problem = "no columns: name at least one, or remove the setting".to_owned();
            return Err(ColumnMistake { position: 0, problem });
        }
        Ok(chosen)
    }
}

fn unknown(name: &str, wanted: &str) -> String {
    let names = || Column::ALL.into_iter().map(Column::name);
    let right = nearest(wanted, names()).map_or_else(
        || format!("there are {}", names().collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean {near}?"),
    );
    format!("no column is called {name}: {right}")
}

/// What is wrong with a list of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMistake {
    /// Which name, from 0.
    pub position: usize,
    /// The mistake and the fix, as a sentence.
    pub problem: String,
}

impl fmt::Display for ColumnMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for ColumnMistake {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_in_order_or_the_mistake_is_named() {
        assert_eq!(
            Column::chosen(["uuid", "Type", " eta"]),
            Ok(vec![Column::Uuid, Column::Type, Column::Eta])
        );
        assert_eq!(Column::chosen(Column::ALL.map(Column::name)), Ok(Column::ALL.to_vec()));
        let table: [(&[&str], usize, &str); 4] = [
            (&["type", "progess"], 1, "did you mean progress?"),
            (&["xyzzy"], 0, "there are import, firm, type"),
            (&["eta", "type", "eta"], 2, "twice"),
            (&[], 0, "no columns"),
        ];
        for (names, position, problem) in table {
            let mistake = Column::chosen(names.iter().copied()).unwrap_err();
            assert_eq!(mistake.position, position, "{mistake}");
            assert!(mistake.problem.contains(problem), "{mistake}");
        }
    }
}
