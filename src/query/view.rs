//! The four views of the imports table.

use crate::domain::tally::Verdict;

use super::Listed;

/// Which imports the table is about, before any filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum View {
    /// Every import of the period.
    #[default]
    All,
    /// Unfinished ones, started or not.
    Running,
    /// Those with failed rows, and those that failed as a whole.
    FailedRows,
    /// Finished ones, with or without failures.
    Done,
}

impl View {
    /// Every view, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::All, Self::Running, Self::FailedRows, Self::Done];

    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Running => "Running",
            Self::FailedRows => "Failed rows",
            Self::Done => "Done",
        }
    }

    /// Whether an import belongs here.
    pub fn admits(self, listed: &Listed) -> bool {
        match self {
            Self::All => true,
            Self::Running => listed.verdict.is_unfinished(),
            Self::FailedRows => listed.has_failed_rows || listed.verdict == Verdict::Failed,
            Self::Done => !listed.verdict.is_unfinished(),
        }
    }
}
