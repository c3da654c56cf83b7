//! An import's state as a word and a glyph.

use super::format;
use super::theme::Theme;
use crate::domain::import::Meaning;
use crate::domain::snapshot::Watched;
use crate::domain::tally::Verdict;

/// For the state column: `▸ running`, `‖ stalled 4m`.
pub(super) fn label(watched: &Watched, theme: &Theme) -> String {
    format!("{} {}", theme.glyphs.verdict(watched.verdict), word(watched))
}

/// The word alone. An unknown status is shown as the server sent it.
pub(super) fn word(watched: &Watched) -> String {
    let status = watched.import.status.as_str();
    match (watched.verdict, watched.import.status.meaning()) {
        (Verdict::Stalled, _) if watched.is_stall_guessed() => "stalled?".to_owned(),
        (Verdict::Stalled, _) => format!("stalled {}", format::duration_short(watched.pace.quiet_for())),
        (_, Meaning::Unknown) if !status.is_empty() => status.to_owned(),
        (Verdict::Failed, _) if !status.eq_ignore_ascii_case("failed") => status.to_owned(),
        (Verdict::DoneWithFailures, _) => "done".to_owned(),
        (verdict, _) => verdict.to_string(),
    }
}
