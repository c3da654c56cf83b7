//! Lists to choose from: the line under the cursor is marked and in view, a click chooses a line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::popup::{open, outer};
use super::scroll::{self, Extent};
use super::view_state::follow;
use super::{Scene, ViewState};
use crate::app::event::{Pane, Target};
use crate::query::SortKey;

/// Cells before a line, for the cursor.
pub(super) const CURSOR: u16 = 2;

/// Opens a popup with these lines.
pub(super) fn popup(
    body: Rect,
    buf: &mut Buffer,
    title: &str,
    (lines, chosen): (Vec<Line<'_>>, usize),
    target: fn(usize) -> Target,
    (scene, view_state): (Scene<'_>, &mut ViewState),
) {
    let size = |wanted: usize| u16::try_from(wanted).unwrap_or(u16::MAX);
    let widest = lines.iter().map(Line::width).max().unwrap_or(0);
    let wanted = (size(widest).saturating_add(CURSOR).max(40), size(lines.len()));
    let inner = open(body, buf, title, wanted, scene, view_state);
    list(inner, buf, (lines, chosen), target, (scene, view_state));
}

/// Draws these lines, as many as fit.
pub(super) fn list(
    area: Rect,
    buf: &mut Buffer,
    (lines, chosen): (Vec<Line<'_>>, usize),
    target: fn(usize) -> Target,
    (scene, view_state): (Scene<'_>, &mut ViewState),
) {
    let theme = scene.theme;
    view_state.set_viewport(area.height, lines.len());
    let mut first = 0;
    follow(&mut first, chosen, usize::from(area.height), lines.len());
    scroll::bar(outer(area), Extent { first, length: lines.len() }, Pane::Main, buf, scene, view_state);
    for (y, (at, line)) in (area.y..area.bottom()).zip(lines.iter().enumerate().skip(first)) {
        let row = Rect { y, height: 1, ..area };
        buf.set_line(row.x + CURSOR, y, line, row.width.saturating_sub(CURSOR));
        view_state.clickable(row, target(at));
        if at == chosen {
            theme.select(row, buf);
            buf.set_string(row.x, y, theme.glyphs.cursor, theme.cursor(true));
        }
    }
}

/// The orders of the imports table, each with its letter; the one in use marked.
pub(super) fn orders(
    body: Rect,
    buf: &mut Buffer,
    chosen: usize,
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let (theme, sort) = (scene.theme, scene.app.list.sort());
    let lines = SortKey::ALL.into_iter().map(|key| {
        let in_use = key == sort.key;
        let state = match (in_use, sort.reversed) {
            (false, _) => "",
            (true, false) => theme.glyphs.live,
            (true, true) => "reversed",
        };
        Line::from(vec![
            Span::styled(format!("{}  ", key.letter()), theme.key),
            Span::styled(key.about(), theme.text),
            Span::styled(format!(" {state}"), theme.accent),
        ])
    });
    popup(body, buf, "Sort by", (lines.collect(), chosen), Target::Order, (scene, view_state));
}
