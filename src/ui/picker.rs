//! The box of a popup, and lists to choose from: the line under the cursor is marked and in view, a click chooses a line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

use super::scroll::{self, Extent};
use super::view_state::follow;
use super::write::Write as _;
use super::{Scene, ViewState};
use crate::app::event::{Pane, Target};
use crate::query::SortKey;

/// Cells before a line, for the cursor.
pub(super) const CURSOR: u16 = 2;

/// Draws an empty box in the middle of the body and returns its inside.
pub(super) fn open(
    body: Rect,
    buf: &mut Buffer,
    title: &str,
    (width, height): (u16, u16),
    scene: Scene<'_>,
    view_state: &mut ViewState,
) -> Rect {
    let width = width.saturating_add(4).min(body.width);
    let height = height.saturating_add(2).min(body.height);
    let area =
        Rect { x: body.x + (body.width - width) / 2, y: body.y + (body.height - height) / 2, width, height };
    Clear.render(area, buf);
    view_state.clickable(area, Target::InsidePopup);
    let block = Block::bordered()
        .border_set(scene.theme.glyphs.border)
        .border_style(scene.theme.line)
        .title(Line::styled(format!(" {title} "), scene.theme.heading));
    let inner = block.inner(area);
    block.render(area, buf);
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner }
}

/// The area, extended by the cell on its right for the scroll bar.
pub(super) fn outer(area: Rect) -> Rect {
    Rect { width: area.width + 1, ..area }
}

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
        let room = row.width.saturating_sub(CURSOR);
        buf.write_cut(row.x + CURSOR, y, line, room, theme.glyphs.ellipsis);
        view_state.clickable(row, target(at));
        if at == chosen {
            theme.select(row, buf);
            buf.write(row.x, y, theme.glyphs.cursor, theme.cursor(true));
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
