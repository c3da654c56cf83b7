//! The four views of the imports table.

use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;

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
    pub fn admits(self, watched: &Watched) -> bool {
        match self {
            Self::All => true,
            Self::Running => watched.verdict.is_unfinished(),
            Self::FailedRows => watched.tally.failed() > 0 || watched.verdict == Verdict::Failed,
            Self::Done => !watched.verdict.is_unfinished(),
        }
    }

    /// The tab to the right, the first one after the last.
    pub fn next(self) -> Self {
        match self {
            Self::All => Self::Running,
            Self::Running => Self::FailedRows,
            Self::FailedRows => Self::Done,
            Self::Done => Self::All,
        }
    }

    /// The tab to the left, the last one before the first.
    pub fn previous(self) -> Self {
        match self {
            Self::All => Self::Done,
            Self::Running => Self::All,
            Self::FailedRows => Self::Running,
            Self::Done => Self::FailedRows,
        }
    }
}
