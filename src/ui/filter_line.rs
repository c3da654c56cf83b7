//! The filter: its text, and below it while it is typed what it can be completed with. A mistake stands there until it is gone.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::write::Write as _;
use super::{Scene, ViewState, format};
use crate::app::App;
use crate::app::event::Target;
use crate::app::keymap::{Action, Mode};
use crate::query::FIELDS;

/// How many lines the filter takes below the views.
pub(super) fn height(scene: Scene<'_>) -> u16 {
    match scene.app.screens.mode() {
        Mode::Filter => 2,
        _ => u16::from(scene.app.filter_mistake().is_some()),
    }
}

pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let (app, theme) = (scene.app, scene.theme);
    let mut rows = area.rows();
    if let Some(input) = app.filter_being_typed()
        && let Some(row) = rows.next()
    {
        let mut right = app.filter_count().map_or_else(String::new, |(passing, all)| {
            format!("{} of {}", format::count(passing as u64), format::count(all as u64))
        });
        if app.has_filter_history() && area.width > 60 {
            right.push_str(&format!("   {} history", app.key_for(Action::EarlierFilter)));
        }
        let row = Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row };
        let (scroll, room) = field(row, buf, (input, &right), scene);
        let offset = u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or(room);
        view_state.place_cursor(Position { x: row.x + 2 + offset.min(room), y: row.y });
        view_state.clickable(row, Target::Filter);
    }
    let Some(row) = rows.next() else { return };
    let row = Rect { x: row.x + 3, width: row.width.saturating_sub(4), ..row };
    let line = match app.filter_mistake() {
        Some(mistake) => {
            // It may contain a column header.
            let text = app.redaction().server_message(&mistake.message).to_string();
            let text = format!("ignored: {text}");
            let text = format::truncate(&text, usize::from(row.width), theme.glyphs.ellipsis).into_owned();
            Line::styled(text, theme.warning)
        }
        None => suggestions(usize::from(row.width), scene),
    };
    buf.write_line(row.x, row.y, &line, row.width);
}

/// Draws the filter behind a slash, a mistake in it underlined, and what stands on the right of it. Returns by how much it is
/// scrolled to show the cursor, and the cells it has.
pub(super) fn field(
    area: Rect,
    buf: &mut Buffer,
    (input, right): (&Input, &str),
    scene: Scene<'_>,
) -> (usize, u16) {
    let theme = scene.theme;
    let typing = scene.app.screens.mode() == Mode::Filter;
    buf.write(area.x, area.y, "/", if typing { theme.accent } else { theme.dim });
    // At most half, unless the filter leaves more.
    let left = u16::try_from(format::width(input.value()) + 6).unwrap_or(u16::MAX);
    let most = area.width.saturating_sub(left).max(area.width / 2);
    let right_width = u16::try_from(format::width(right)).unwrap_or(u16::MAX).min(most);
    let room = area.width.saturating_sub(right_width + 5);
    let x = area.right().saturating_sub(right_width + 1);
    buf.write_within(x, area.y, right, right_width, theme.dim);
    let scroll = if typing { input.visual_scroll(usize::from(room)) } else { 0 };
    let wrong = scene.app.filter_mistake().map(|mistake| mistake.span.clone());
    let mut x = 0;
    for (at, c) in input.value().char_indices() {
        let wide = format::width(c.encode_utf8(&mut [0; 4]));
        if x >= scroll && x + wide <= scroll + usize::from(room) {
            let style = match &wrong {
                Some(span) if span.contains(&at) => theme.bad.add_modifier(Modifier::UNDERLINED),
                _ => theme.text,
            };
            let offset = u16::try_from(x - scroll).unwrap_or(room);
            buf.write(area.x + 2 + offset, area.y, c.encode_utf8(&mut [0; 4]), style);
        }
        x += wide;
    }
    (scroll, room)
}

/// What the filter can be completed with, the one that was taken among them, and the key; or what the value may be.
fn suggestions(room: usize, scene: Scene<'_>) -> Line<'static> {
    let (app, theme) = (scene.app, scene.theme);
    let (completion, taken) = app.completion();
    let dim = |text: String| Span::styled(text, theme.dim);
    let mut line = Line::default();
    if let Some(field) = &completion.field {
        line.push_span(dim(format!("{field}: ")));
    }
    let mut candidates: Vec<(String, Style)> = completion
        .candidates
        .into_iter()
        .enumerate()
        .map(|(at, text)| (text, if taken == Some(at) { theme.heading } else { theme.text }))
        .collect();
    let completes = !candidates.is_empty();
    if let (false, Some(field)) = (completes, &completion.field) {
        line.push_span(dim(meaning(app, field)));
    } else if !completes {
        line.push_span(dim("words match any text shown  ".to_owned()));
        candidates.extend(app.filter_fields().iter().map(|field| (format!("{}:", field.name), theme.dim)));
    }
    let key = dim(format!(" {} completes", app.key_for(Action::CompleteNext)));
    let room = room.saturating_sub(if completes { key.width() + 2 } else { 2 });
    let widths: Vec<usize> = candidates.iter().map(|(text, _)| format::width(text) + 2).collect();
    let mut first = 0;
    // As few are left out on the left as let the taken one be seen.
    while taken.is_some_and(|taken| {
        first < taken
            && format::line_width(&line) + widths.iter().take(taken + 1).skip(first).sum::<usize>() > room
    }) {
        first += 1;
    }
    for ((text, style), width) in candidates.into_iter().zip(widths).skip(first) {
        if format::line_width(&line) + width > room {
            line.push_span(dim(theme.glyphs.ellipsis.to_string()));
            break;
        }
        line.push_span(Span::styled(text, style));
        line.push_span("  ");
    }
    if completes {
        line.push_span(key);
    }
    line
}

/// What the value of a field may be.
fn meaning(app: &App, name: &str) -> String {
    let field = FIELDS.iter().find(|field| field.name.eq_ignore_ascii_case(name));
    match field.filter(|_| app.screens.trail.is_empty()) {
        Some(field) => format!("{}, as in {}:{}", field.what, field.name, field.value),
        None => "any part of it".to_owned(),
    }
}
