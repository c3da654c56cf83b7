//! A terminal that is too small for the screens, such as a pane of a few lines: a line for each import that runs or is in
//! trouble, and below them how many of the view these are, and the state of the connection.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::view_state::follow;
use super::write::Write as _;
use super::{Scene, ViewState, column_layout, format, header};
use crate::app::columns::Column;
use crate::domain::snapshot::Watched;

/// The cell of the cursor, and a blank one.
const GUTTER: u16 = 2;

pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let app = scene.app;
    let wanted = |watched: &&Watched| watched.in_trouble || watched.verdict.is_unfinished();
    let imports: Vec<&Watched> = app.list.visible().map(AsRef::as_ref).filter(wanted).collect();
    let selected = imports.iter().position(|watched| app.list.selected() == Some(&watched.import.id));
    let height = area.height.saturating_sub(1);
    let mut first = 0;
    follow(&mut first, selected.unwrap_or(0), usize::from(height), imports.len());
    let columns = column_layout::fitting(
        &Column::shown(&Column::DEFAULT, scene.app.identity.is_of_several()),
        area.width.saturating_sub(GUTTER),
    );
    for (y, (at, watched)) in (area.y..area.y + height).zip(imports.iter().enumerate().skip(first)) {
        let mut x = area.x + GUTTER;
        for (column, width) in &columns {
            buf.write_line(x, y, &column_layout::cell(*column, watched, *width, scene.into()), *width);
            x += width + 1;
        }
        if selected == Some(at) {
            buf.write(area.x, y, scene.theme.glyphs.cursor, scene.theme.cursor(true));
        }
    }
    view_state.set_mini(height, imports.len());
    status(Rect { y: area.y + height, height: 1, ..area }, buf, imports.len(), scene);
}

/// The last notice, or how many imports of the view there are to watch; and the state of the connection.
fn status(area: Rect, buf: &mut Buffer, watched: usize, scene: Scene<'_>) {
    let theme = scene.theme;
    let link = header::link(scene);
    let imports = scene.app.list.len();
    let left = match scene.app.event_log.notice(scene.app.now, scene.app.redaction()) {
        Some((severity, text)) => Span::styled(text.to_string(), theme.severity(severity)),
        None if scene.app.snapshot.imports.is_empty() => Span::raw(""),
        None => {
            let [watched, imports] = [watched, imports].map(|number| format::count(number as u64));
            Span::styled(format!("{watched} to watch of {imports}"), theme.dim)
        }
    };
    let link_width = u16::try_from(format::line_width(&link)).unwrap_or(u16::MAX);
    let whole = format::width(&left.content) + 1 + usize::from(link_width) <= usize::from(area.width);
    if whole || left.content.is_empty() {
        buf.write_line(area.right().saturating_sub(link_width).max(area.x), area.y, &link, area.width);
    }
    let room = if whole { area.width - link_width } else { area.width };
    let text = format::truncate(&left.content, usize::from(room), theme.glyphs.ellipsis).into_owned();
    buf.write_line(area.x, area.y, &Line::styled(text, left.style), room);
}
