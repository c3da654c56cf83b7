//! The second line: views or breadcrumbs on the left, the filter on the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::write::Write as _;
use super::{Scene, ViewState, filter_line, format};
use crate::app::Screen;
use crate::app::event::Target;
use crate::app::keymap::{Action, Mode};
use crate::query::View;

pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let app = scene.app;
    // While it is typed it has a line of its own.
    let filter = app.kept_filter().filter(|filter| !filter.value().is_empty());
    let count = app.filter_count().map_or_else(String::new, |(passing, all)| {
        format!("{} of {}", format::count(passing as u64), format::count(all as u64))
    });
    let wanted = filter.map_or(0, |filter| format::width(filter.value()) + format::width(&count) + 6);
    let wanted = u16::try_from(wanted).unwrap_or(area.width).min(area.width);
    let left = Rect { width: area.width - wanted, ..area };
    if app.screens.trail.is_empty() {
        let end = views(left, buf, scene, view_state);
        period(Rect { x: end, width: left.right().saturating_sub(end), ..left }, buf, scene);
    } else {
        breadcrumbs(left, buf, scene, view_state)
    }
    if let Some(filter) = filter {
        let right = Rect { x: area.right() - wanted, width: wanted, ..area };
        filter_line::field(right, buf, (filter, &count), scene);
        view_state.clickable(right, Target::Filter);
    }
}

/// The start of the period, if it hides imports and there is room.
fn period(area: Rect, buf: &mut Buffer, scene: Scene<'_>) {
    let Some(since) = scene.app.list.since.filter(|_| scene.app.hidden() > 0) else { return };
    let text = format!("since {since} ");
    let width = u16::try_from(text.len()).unwrap_or(u16::MAX);
    if width <= area.width {
        buf.write(area.right() - width, area.y, text, scene.theme.dim);
    }
}

/// The views with their counts and the filters of the configuration, shortened where space is short. Returns the column after
/// the last one.
fn views(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) -> u16 {
    let (app, theme) = (scene.app, scene.theme);
    let (list, keymap) = (&app.list, &app.preferences.config.keymap);
    let named = app.named_filter();
    let mut x = area.x + 1;
    let tab = |chosen: bool, action, name: &str, count: Option<usize>| {
        let (style, quiet) = if chosen { (theme.heading, theme.text) } else { (theme.dim, theme.dim) };
        let key = keymap.key(Mode::Imports, action).map(|key| format!("{key} "));
        let key = key.map(|key| Span::styled(key, if chosen { theme.accent } else { theme.dim }));
        let style = if chosen { style.add_modifier(Modifier::UNDERLINED) } else { style };
        let name = Span::styled(name.to_owned(), style);
        let count = count.map(|count| Span::styled(format!(" {}", format::count(count as u64)), quiet));
        Line::from(key.into_iter().chain([name]).chain(count).collect::<Vec<_>>())
    };
    // Before the first answer nothing is known, not even that there is none.
    let unknown = app.snapshot.imports.is_empty() && app.snapshot.health.full_passes == 0;
    let tabs = |short: bool| -> Vec<(bool, Target, Line<'static>)> {
        let views = View::ALL.into_iter().map(|view| {
            let chosen = named.is_none() && view == list.view();
            let count = ((!short || chosen) && !unknown).then(|| list.count(view));
            (chosen, Target::View(view), tab(chosen, Action::View(view), view.label(), count))
        });
        let filters = app.named_filters().iter().enumerate().map(|(at, filter)| {
            let chosen = named == Some(at);
            (chosen, Target::NamedFilter(at), tab(chosen, Action::NamedFilter(at), &filter.name, None))
        });
        views.chain(filters).collect()
    };
    let fits = |tabs: &[(bool, Target, Line<'_>)]| {
        tabs.iter().map(|(.., line)| format::line_width(line) + 3).sum::<usize>() <= usize::from(area.width)
    };
    let mut shown = tabs(false);
    if !fits(&shown) {
        shown = tabs(true);
    }
    if !fits(&shown) {
        shown.retain(|(chosen, ..)| *chosen);
    }
    for (_, target, line) in shown {
        let width = buf.write_line(x, area.y, &line, area.right().saturating_sub(x));
        view_state.clickable(Rect { x, width, ..area }, target);
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
            x += buf.write_span(x, area.y, &sign, room(x));
        }
        let text = format::truncate(&text, usize::from(room(x)), theme.glyphs.ellipsis).into_owned();
        let width = u16::try_from(format::width(&text)).unwrap_or(0);
        buf.write_span(x, area.y, &Span::styled(text, style), room(x));
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
        let name = match app.firm_of(import) {
            "" => import.name(),
            firm => format!("{firm} {} {}", theme.glyphs.step, import.name()),
        };
        started.map_or_else(|| name.clone(), |started| format!("{name} {started}"))
    });
    steps.push((import.unwrap_or_else(|| theme.glyphs.none.to_owned()), theme.heading));
    for screen in &app.screens.trail {
        let name = match screen {
            Screen::Details(_) => "Details".to_owned(),
            Screen::Failures(_) => "Failed rows".to_owned(),
            Screen::Fix => "Fix".to_owned(),
            Screen::Row(_) => {
                let row = app.screens.failures().and_then(|failures| failures.listing().chosen());
                row.map_or_else(|| "Row".to_owned(), |row| format!("Row {}", row + 1))
            }
        };
        steps.push((name, theme.text));
    }
    steps
}
