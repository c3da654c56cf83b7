//! The second line: views or breadcrumbs on the left, the filter on the right.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::{Scene, ViewState, format};
use crate::app::Screen;
use crate::app::event::Target;
use crate::app::keymap::{Action, Mode};
use crate::query::View;

/// The filter's minimum width while it is typed, in cells.
const TYPING: u16 = 30;

pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let app = scene.app;
    let typing = app.screens.mode() == Mode::Filter;
    let filter = match app.screens.trail.last() {
        None => Some(&app.list.filter),
        Some(Screen::Failures(failures)) => Some(&failures.filter),
        Some(_) => None,
    };
    let wanted = filter.map_or(0, |filter| match (typing, filter.value()) {
        (false, "") => 0,
        (false, text) => u16::try_from(format::width(text)).unwrap_or(area.width).saturating_add(4),
        (true, text) => {
            u16::try_from(format::width(text)).unwrap_or(area.width).saturating_add(5).max(TYPING)
        }
    });
    let wanted = wanted.min(area.width);
    let left = Rect { width: area.width - wanted, ..area };
    if app.screens.trail.is_empty() {
        let end = views(left, buf, scene, view_state);
        period(Rect { x: end, width: left.right().saturating_sub(end), ..left }, buf, scene);
    } else {
        breadcrumbs(left, buf, scene, view_state)
    }
    if let Some(filter) = filter.filter(|_| wanted > 0) {
        let right = Rect { x: area.right() - wanted, width: wanted, ..area };
        field(right, buf, filter, typing, scene, view_state);
        view_state.clickable(right, Target::Filter);
    }
}

/// The start of the period, if it hides imports and there is room.
fn period(area: Rect, buf: &mut Buffer, scene: Scene<'_>) {
    let Some(since) = scene.app.list.since.filter(|_| scene.app.hidden() > 0) else { return };
    let text = format!("since {since} ");
    let width = u16::try_from(text.len()).unwrap_or(u16::MAX);
    if width <= area.width {
        buf.set_string(area.right() - width, area.y, text, scene.theme.dim);
    }
}

/// The views with their counts, shortened where space is short. Returns the column after the last one.
fn views(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) -> u16 {
    let theme = scene.theme;
    let (list, keymap) = (&scene.app.list, &scene.app.preferences.config.keymap);
    let mut x = area.x + 1;
    let lines = |short: bool| -> Vec<(View, Line<'static>)> {
        View::ALL
            .into_iter()
            .map(|view| {
                let (name, count) = (view.label(), format::count(list.count(view) as u64));
                let chosen = view == list.view();
                let (style, quiet) =
                    if chosen { (theme.heading, theme.text) } else { (theme.dim, theme.dim) };
                let key = keymap.key(Mode::Imports, Action::View(view)).map(|key| format!("{key} "));
                let name =
                    Span::styled(name, if chosen { style.add_modifier(Modifier::UNDERLINED) } else { style });
                let key = key.map(|key| Span::styled(key, if chosen { theme.accent } else { theme.dim }));
                let mut spans: Vec<_> = key.into_iter().chain([name]).collect();
                if !short {
                    spans.push(Span::styled(format!(" {count}"), quiet));
                }
                (view, Line::from(spans))
            })
            .collect()
    };
    let fits = |lines: &[(View, Line<'_>)]| {
        lines.iter().map(|(_, line)| line.width() + 3).sum::<usize>() <= usize::from(area.width)
    };
    let mut shown = lines(false);
    if !fits(&shown) {
        shown = lines(true);
    }
    if !fits(&shown) {
        shown.retain(|(view, _)| *view == list.view());
    }
    for (view, line) in shown {
        let width = u16::try_from(line.width()).unwrap_or(0);
        buf.set_line(x, area.y, &line, area.right().saturating_sub(x));
        view_state.clickable(
            Rect { x, width: width.min(area.right().saturating_sub(x)), ..area },
            Target::View(view),
        );
        x = x.saturating_add(width + 3).min(area.right());
    }
    x
}

/// The breadcrumbs from the table to this screen; each can be clicked.
fn breadcrumbs(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let (app, theme) = (scene.app, scene.theme);
    let mut x = area.x + 1;
    for (at, (text, style)) in steps(scene).into_iter().enumerate() {
        let room = |x: u16| area.right().saturating_sub(x);
        if at > 0 {
            let sign = Span::styled(format!(" {} ", theme.glyphs.step), theme.dim);
            buf.set_span(x, area.y, &sign, room(x));
            x += u16::try_from(sign.width()).unwrap_or(0);
        }
        let text = format::truncate(&text, usize::from(room(x)), theme.glyphs.ellipsis).into_owned();
        let width = u16::try_from(format::width(&text)).unwrap_or(0);
        buf.set_span(x, area.y, &Span::styled(text, style), room(x));
        let is_here = at == app.screens.trail.len() + 1;
        if !is_here {
            view_state.clickable(Rect { x, width, height: 1, ..area }, Target::Breadcrumb(at));
        }
        x += width;
        if room(x) < 4 {
            return;
        }
    }
}

/// The table, the import with its start time, and the screens on top of it.
fn steps(scene: Scene<'_>) -> Vec<(String, Style)> {
    let (app, theme) = (scene.app, scene.theme);
    let mut steps = vec![("Imports".to_owned(), theme.dim)];
    let import = app.current().map(|watched| {
        let import = &watched.import;
        let started = import.created_at.map(|at| format::clock(at, &app.zone, app.now.wall));
        let name = format!("{} {} {}", import.kind.label(), theme.glyphs.dot, import.mode.label());
        started.map_or_else(|| name.clone(), |started| format!("{name} {started}"))
    });
    steps.push((import.unwrap_or_else(|| theme.glyphs.none.to_owned()), theme.heading));
    for screen in &app.screens.trail {
        let name = match screen {
            Screen::Details(_) => "Details".to_owned(),
            Screen::Failures(_) => "Failed rows".to_owned(),
            Screen::Row(_) => {
                let row = app.screens.failures().and_then(|failures| failures.listing().chosen());
                row.map_or_else(|| "Row".to_owned(), |row| format!("Row {}", row + 1))
            }
        };
        steps.push((name, theme.text));
    }
    steps
}

/// The filter behind a slash, scrolled to show the cursor, with a mistake underlined.
fn field(
    area: Rect,
    buf: &mut Buffer,
    input: &Input,
    typing: bool,
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let theme = scene.theme;
    buf.set_string(area.x, area.y, "/", if typing { theme.accent } else { theme.dim });
    let room = area.width.saturating_sub(4);
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
            buf.set_string(area.x + 2 + offset, area.y, c.encode_utf8(&mut [0; 4]), style);
        }
        x += wide;
    }
    if typing {
        let offset = u16::try_from(input.visual_cursor().saturating_sub(scroll)).unwrap_or(room);
        view_state.place_cursor(Position { x: area.x + 2 + offset.min(room), y: area.y });
    }
}
