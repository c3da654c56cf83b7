//! The popup with the runs that failed rows can be compared with.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::failures_screen::run_name;
use super::format::{self, Align};
use super::{Scene, ViewState, picker};
use crate::app::event::Target;
use crate::domain::import::ImportId;

/// Draws the runs, those likeliest to be of the same file first.
pub(super) fn render(
    body: Rect,
    buf: &mut Buffer,
    (runs, chosen): (&[ImportId], usize),
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let (app, theme) = (scene.app, scene.theme);
    let cells = |id: &ImportId| {
        let watched = app.snapshot.get(id)?;
        let (total, failed) = (format::count(watched.tally.total()), format::count(watched.tally.failed()));
        Some((run_name(watched, scene), format!("{failed} failed of {total}")))
    };
    let lines: Vec<(String, String)> = runs.iter().map(|id| cells(id).unwrap_or_default()).collect();
    let names = lines.iter().map(|(name, _)| format::width(name)).max().unwrap_or(0);
    let counts = lines.iter().map(|(_, count)| format::width(count)).max().unwrap_or(0);
    let room = usize::from(body.width).saturating_sub(counts + 8);
    let lines = lines.iter().map(|(name, count)| {
        let name = format::fit(name, room.min(names), Align::Left, theme.glyphs.ellipsis);
        Line::from(vec![
            Span::styled(name, theme.text),
            Span::styled(format!("  {count:>counts$}"), theme.dim),
        ])
    });
    picker::popup(body, buf, "Compare with", (lines.collect(), chosen), Target::Run, (scene, view_state));
}
