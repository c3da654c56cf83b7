//! What was not as documented, counted while an answer is read.

use std::collections::BTreeMap;

use crate::domain::page::Oddity;
use crate::domain::text::SafeText;

/// Oddities by field and kind. Both are words of this program, never the server's, so their number is
/// bounded and no client data can get in.
#[derive(Debug, Default)]
pub(super) struct Oddities(BTreeMap<(&'static str, &'static str), u64>);

impl Oddities {
    /// Counts one.
    pub(super) fn note(&mut self, field: &'static str, what: &'static str) {
        let times = self.0.entry((field, what)).or_default();
        *times = times.saturating_add(1);
    }

    /// One entry for each kind, by field.
    pub(super) fn into_list(self) -> Vec<Oddity> {
        let told =
            |((field, what), times)| Oddity { what: SafeText::new(&format!("{field}: {what}")), times };
        self.0.into_iter().map(told).collect()
    }
}
