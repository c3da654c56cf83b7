//! Counts deviations from the documented format while a response is parsed.

use std::collections::BTreeMap;

use crate::domain::page::UnexpectedData;
use crate::domain::text::SafeText;

/// By field and kind. Both are literals of this program, so their number is bounded and no client data can get in.
#[derive(Debug, Default)]
pub(super) struct Unexpected(BTreeMap<(&'static str, &'static str), u64>);

impl Unexpected {
    pub(super) fn note(&mut self, field: &'static str, what: &'static str) {
        let times = self.0.entry((field, what)).or_default();
        *times = times.saturating_add(1);
    }

    /// One entry for each kind, ordered by field.
    pub(super) fn into_list(self) -> Vec<UnexpectedData> {
        let data = |((field, what), times)| UnexpectedData {
            what: SafeText::new(&format!("{field} {what}")),
            times,
        };
        self.0.into_iter().map(data).collect()
    }
}
