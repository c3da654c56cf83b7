//! The three-part gauge: succeeded, failed, pending.

use ratatui::text::Span;

use super::theme::Theme;
use crate::domain::tally::{Tally, Verdict};

/// The cells of a gauge: full ones, eighths of the next one, failed, pending. They add up to its width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct GaugeCells {
    full: usize,
    eighths: usize,
    failed: usize,
    pending: usize,
}

/// Divides `width` cells by the tally. Every failed and every pending row counts: nothing looks finished that is not.
fn cells(tally: &Tally, width: usize) -> GaugeCells {
    let of_width = |share: f64| share * width as f64;
    let mut failed = of_width(tally.failed_ratio()).round() as usize;
    if tally.failed() > 0 {
        failed = failed.max(1);
    }
    let failed = failed.min(width);
    let room = width - failed;
    let good = of_width(tally.succeeded_ratio());
    let mut steps = if tally.is_settled() { room * 8 } else { ((good * 8.0).round() as usize).min(room * 8) };
    if !tally.is_settled() {
        steps = steps.min((room * 8).saturating_sub(8));
    }
    // A partly filled cell could be mistaken for the failed ones beside it.
    if failed > 0 {
        steps = (steps + 4) / 8 * 8;
    }
    let (full, eighths) = (steps / 8, steps % 8);
    GaugeCells { full, eighths, failed, pending: room - full - usize::from(eighths > 0) }
}

/// The gauge as spans of exactly `width` cells. A finished one is a thin line, so that the eye goes to what moves.
pub(super) fn spans(tally: &Tally, verdict: Verdict, width: usize, theme: &Theme) -> Vec<Span<'static>> {
    let glyphs = theme.glyphs;
    let cells = cells(tally, width);
    let pending = |glyph: &str| Span::styled(glyph.repeat(cells.pending), theme.dim);
    if !verdict.is_unfinished() {
        let [good, failed, left] = glyphs.over;
        let good = good.repeat(cells.full + usize::from(cells.eighths > 0));
        return vec![
            Span::styled(good, theme.dim),
            Span::styled(failed.repeat(cells.failed), theme.bad),
            pending(left),
        ];
    }
    let partial = cells.eighths.checked_sub(1).and_then(|at| glyphs.eighths.get(at)).copied().unwrap_or("");
    vec![
        Span::styled(glyphs.full.repeat(cells.full) + partial, theme.good),
        Span::styled(glyphs.failed.repeat(cells.failed), theme.bad),
        pending(glyphs.pending),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::Counts;
    use crate::domain::tally::Counting;
    use proptest::prelude::*;

    fn drawn(total: u64, remaining: u64, failed: u64, width: usize) -> String {
        let counts =
            Counts { total: Some(total), remaining: Some(remaining), failed: Some(failed), progress: None };
        let tally = Tally::new(&counts, Counting::Batch);
        spans(&tally, Verdict::Running, width, &Theme::new(true, false))
            .iter()
            .map(|s| s.content.as_ref())
            .collect()
    }

    #[test]
    fn parts_show_in_order_and_nothing_is_rounded_away() {
        for (total, remaining, failed, expected) in [
            (100, 100, 0, "▁▁▁▁▁▁▁▁▁▁"),
            (100, 50, 0, "▆▆▆▆▆▁▁▁▁▁"),
            (100, 46, 0, "▆▆▆▆▆▃▁▁▁▁"),
            (100, 60, 20, "▆▆▆▆▄▄▁▁▁▁"),
            (1000, 1, 0, "▆▆▆▆▆▆▆▆▆▁"),
            (1000, 1, 1, "▆▆▆▆▆▆▆▆▆▄"),
            (1000, 0, 0, "▆▆▆▆▆▆▆▆▆▆"),
            (100, 100, 100, "▄▄▄▄▄▄▄▄▄▄"),
            (0, 0, 0, "▁▁▁▁▁▁▁▁▁▁"),
        ] {
            assert_eq!(drawn(total, remaining, failed, 10), expected, "{total} {remaining} {failed}");
        }
    }

    /// Full blocks and shades would touch those of the line above. Parts must also differ without colour.
    #[test]
    fn gauges_of_neighbouring_lines_leave_a_gap_and_parts_differ_without_colours() {
        for ascii in [false, true] {
            let glyphs = Theme::new(true, ascii).glyphs;
            let [good, failed, left] = glyphs.over;
            let parts = [[glyphs.full, glyphs.failed, glyphs.pending], [good, failed, left]];
            for [good, failed, left] in parts {
                assert!(good != failed && failed != left && good != left);
            }
            let all = parts.as_flattened().iter().chain(&glyphs.eighths).chain(&glyphs.levels);
            assert!(all.clone().all(|glyph| glyph.chars().all(|c| !('█'..='▟').contains(&c))));
            assert!(glyphs.eighths.iter().all(|part| ![glyphs.failed, glyphs.pending].contains(part)));
        }
    }

    proptest! {
        #[test]
        fn a_gauge_is_as_wide_as_asked(total: u64, remaining: u64, failed: u64, width in 0usize..60) {
            prop_assert_eq!(drawn(total, remaining, failed, width).chars().count(), width);
        }
    }
}
