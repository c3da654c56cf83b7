//! How fast the rows of an import go and fail, over time.

use ratatui::text::Span;

use super::{Scene, format};
use crate::app::details::ImportView;

/// How many slices a sparkline has.
const SLICES: usize = 30;
/// The cells before it.
const TREND: usize = "failed/min ".len();

/// Rows per second over time; nothing for an import first seen when finished.
pub(super) fn speed(view: &ImportView<'_>, scene: Scene<'_>) -> Vec<Span<'static>> {
    let (theme, pace) = (scene.theme, &view.watched.pace);
    let slices = pace.throughput(SLICES);
    if slices.is_empty() {
        return Vec::new();
    }
    let peak = slices.iter().copied().fold(0.0, f64::max);
    let mut spans = vec![
        Span::styled(format!("{:<TREND$}", "rows/s"), theme.dim),
        Span::styled(sparkline(&slices, peak, &theme.glyphs.levels), theme.good),
    ];
    let latest = slices.last().copied().unwrap_or_default();
    let rate = pace.rate().filter(|_| view.watched.verdict.is_active()).unwrap_or(latest);
    spans.push(Span::styled(format!("  {}", format::rate(rate)), theme.text));
    let peak = pace.peak().unwrap_or(peak).max(rate);
    spans.push(Span::styled(format!("  peak {}", format::rate(peak)), theme.dim));
    spans
}

/// Failed rows per minute over time; nothing where none failed while it was watched.
pub(super) fn failures(view: &ImportView<'_>, scene: Scene<'_>) -> Vec<Span<'static>> {
    let theme = scene.theme;
    let slices = view.watched.pace.failure_rates(SLICES);
    let peak = slices.iter().copied().fold(0.0, f64::max);
    if peak <= 0.0 {
        return Vec::new();
    }
    let latest = slices.last().copied().unwrap_or_default();
    let per_minute = |rate: f64| match rate * 60.0 {
        few if few > 0.0 && few < 0.5 => "<1".to_owned(),
        many => format::count(many.round() as u64),
    };
    vec![
        Span::styled(format!("{:<TREND$}", "failed/min"), theme.dim),
        Span::styled(sparkline(&slices, peak, &theme.glyphs.levels), theme.bad),
        Span::styled(format!("  {}", per_minute(latest)), theme.text),
        Span::styled(format!("  peak {}", per_minute(peak)), theme.dim),
    ]
}

fn sparkline(slices: &[f64], peak: f64, levels: &[&'static str; 9]) -> String {
    let level = |rate: f64| {
        let share = if peak > 0.0 { (rate / peak).clamp(0.0, 1.0) } else { 0.0 };
        // Everything above zero is visible.
        let height = if rate > 0.0 { (share * 8.0).round().max(1.0) } else { 0.0 };
        levels.get(height as usize).copied().unwrap_or(" ")
    };
    slices.iter().map(|rate| level(*rate)).collect()
}
