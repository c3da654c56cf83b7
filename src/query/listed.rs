//! What filters, views and orders ask of every import, beside the import.

use std::sync::Arc;

use crate::domain::digest::Digest;
use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;

/// An import as a list holds it. Reading 100,000 imports where they lie in memory takes several times as long as all else
/// that a letter of a filter does, so what is asked of every one of them is here as well.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub watched: Arc<Watched>,
    pub(super) digest: Digest,
    pub(super) verdict: Verdict,
    pub(super) in_trouble: bool,
    pub(super) has_failed_rows: bool,
}

impl From<&Arc<Watched>> for Listed {
    fn from(watched: &Arc<Watched>) -> Self {
        Self {
            digest: watched.digest(),
            verdict: watched.verdict,
            in_trouble: watched.in_trouble,
            has_failed_rows: watched.tally.failed() > 0,
            watched: Arc::clone(watched),
        }
    }
}
