//! The help: the keys of the screen below by group, the one under the cursor marked, and the search.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::format::{self, Align};
use super::picker::{open, outer};
use super::scroll::{self, Extent};
use super::view_state::follow;
use super::write::Write as _;
use super::{Scene, ViewState, picker};
use crate::app::event::{Pane, Target};
use crate::app::keymap::Bound;

/// The width of the keys.
const KEYS: usize = 16;

/// A line of the list.
enum HelpLine<'a> {
    Heading(&'static str),
    /// A key, by its position among the keys.
    Key(usize, &'a Bound),
}

pub(super) fn render(
    body: Rect,
    buf: &mut Buffer,
    (search, chosen): (&Input, usize),
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let (app, theme) = (scene.app, scene.theme);
    let screen = app.screens.top();
    let bound = app.help_lines(search.value());
    let mut lines = Vec::new();
    let mut group = None;
    for (at, bound) in bound.iter().enumerate() {
        if group.replace(bound.action.group()) != Some(bound.action.group()) {
            lines.push(HelpLine::Heading(bound.action.group().title()));
        }
        lines.push(HelpLine::Key(at, bound));
    }
    let height = u16::try_from(lines.len().max(1) + 2).unwrap_or(u16::MAX);
    let keymap = &app.preferences.config.keymap;
    let widest = keymap.bindings(screen).map(|bound| format::width(bound.help) + KEYS + 4).max().unwrap_or(0);
    let width = u16::try_from(widest).unwrap_or(u16::MAX).max(60);
    let inner =
        open(body, buf, &format!("Keys: {}", screen.title()), (width, height.max(6)), scene, view_state);
    let prompt = Line::from(vec![
        Span::styled("search ", theme.dim),
        Span::styled(search.value().to_owned(), theme.text),
    ]);
    buf.write_line(inner.x, inner.y, &prompt, inner.width);
    let cursor = u16::try_from(search.visual_cursor()).unwrap_or(0) + 7;
    view_state.place_cursor(Position { x: (inner.x + cursor).min(inner.right()), y: inner.y });
    if !bound.is_empty() {
        let place = format!("{} of {}", chosen + 1, bound.len());
        let width = u16::try_from(place.len()).unwrap_or(0).min(inner.width);
        buf.write_line(inner.right() - width, inner.y, &Line::styled(place, theme.dim), width);
    }
    let list = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    view_state.set_viewport(list.height, bound.len());
    if lines.is_empty() {
        buf.write_line(list.x, list.y, &Line::styled("no matching keys", theme.dim), list.width);
    }
    let under =
        lines.iter().position(|line| matches!(line, HelpLine::Key(at, _) if *at == chosen)).unwrap_or(0);
    let mut first = 0;
    follow(&mut first, under, usize::from(list.height), lines.len());
    let extent = Extent { first, length: lines.len() };
    scroll::bar(outer(list), extent, Pane::Main, buf, scene, view_state);
    for (y, line) in (list.y..list.bottom()).zip(lines.iter().skip(first)) {
        match line {
            HelpLine::Heading(title) => {
                buf.write_line(list.x, y, &Line::styled(*title, theme.heading), list.width);
            }
            HelpLine::Key(at, bound) => {
                let row = Rect { y, height: 1, ..list };
                key(row, buf, bound, scene);
                view_state.clickable(row, Target::Help(bound.action));
                if *at == chosen {
                    theme.select(row, buf);
                    buf.write(row.x, y, theme.glyphs.cursor, theme.cursor(true));
                }
            }
        }
    }
}

/// A key with what it does; dim where it cannot act now.
fn key(row: Rect, buf: &mut Buffer, bound: &Bound, scene: Scene<'_>) {
    let theme = scene.theme;
    let can_act = scene.app.refusal(bound.action).is_none();
    let room = usize::from(row.width.saturating_sub(picker::CURSOR));
    let keys = format::fit(&bound.keys.join(" "), KEYS, Align::Left, theme.glyphs.ellipsis);
    let text = format::truncate(bound.help, room.saturating_sub(KEYS + 2), theme.glyphs.ellipsis);
    let (key_style, style) = if can_act { (theme.key, theme.text) } else { (theme.dim, theme.dim) };
    let line = Line::from(vec![Span::styled(keys, key_style), Span::raw("  "), Span::styled(text, style)]);
    buf.write_line(row.x + picker::CURSOR, row.y, &line, row.width.saturating_sub(picker::CURSOR));
}
