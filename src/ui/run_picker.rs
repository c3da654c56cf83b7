//! The popup with the runs that failed rows can be compared with.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::failures_screen::run_name;
use super::format::{self, Align};
use super::popup::{open, outer};
use super::scroll::{self, Extent};
use super::view_state::follow;
use super::{Scene, ViewState};
use crate::app::event::{Pane, Target};
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
    let size = |wanted: usize| u16::try_from(wanted).unwrap_or(u16::MAX);
    let inner = open(
        body,
        buf,
        "Compare with",
        (size(names + counts + 4).max(40), size(lines.len())),
        scene,
        view_state,
    );
    view_state.set_viewport(inner.height, lines.len());
    let mut first = 0;
    follow(&mut first, chosen, usize::from(inner.height), lines.len());
    scroll::bar(outer(inner), Extent { first, length: lines.len() }, Pane::Main, buf, scene, view_state);
    for (y, (at, (name, count))) in (inner.y..inner.bottom()).zip(lines.iter().enumerate().skip(first)) {
        let line = Rect { y, height: 1, ..inner };
        let room = usize::from(line.width).saturating_sub(counts + 4);
        let name = format::fit(name, room.min(names), Align::Left, theme.glyphs.ellipsis);
        let text = Line::from(vec![
            Span::styled(name, theme.text),
            Span::styled(format!("  {count:>counts$}"), theme.dim),
        ]);
        buf.set_line(line.x + 2, y, &text, line.width.saturating_sub(2));
        view_state.clickable(line, Target::Run(at));
        if at == chosen {
            theme.select(line, buf);
            buf.set_string(line.x, y, theme.glyphs.cursor, theme.cursor(true));
        }
    }
}
