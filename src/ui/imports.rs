use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format::{self, Align};
use super::scroll::{self, Extent};
use super::view_state::follow;
use super::write::Write as _;
use super::{Scene, ViewState, column_layout};
use crate::app::App;
use crate::app::columns::Column;
use crate::app::event::{Pane, Target};
use crate::app::keymap::{Action, Mode};
use crate::domain::fault::Fault;
use crate::domain::snapshot::{LinkState, Watched};
use crate::query::View;

/// Cells on the left: the mute sign or the one of what was not seen yet, the selection and the mark.
const GUTTER: u16 = 3;
/// Cells on the right: a blank one and the scroll bar.
const END: u16 = 2;

/// The width at which the table shows all that it has to say.
pub(super) fn full_width(scene: Scene<'_>) -> u16 {
    GUTTER + column_layout::full_width(&columns(scene)) + END
}

/// Draws headings and as many imports as fit.
pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let columns = column_layout::fitting(&columns(scene), area.width.saturating_sub(GUTTER + END));
    let list = &scene.app.list;
    let height = area.height.saturating_sub(1);
    if !matches!(scene.app.screens.mode(), Mode::Help | Mode::Log) {
        view_state.set_viewport(height, list.len());
    }
    headings(Rect { height: 1, ..area }, buf, &columns, scene, view_state);
    if list.is_empty() {
        empty(area, buf, scene);
        return;
    }
    let selected = list.selected_line();
    // After the last import: what the period hides.
    let note = hidden(scene);
    let lines = list.len() + usize::from(note.is_some());
    let chosen = selected.map_or(0, |line| if line + 1 == list.len() { lines - 1 } else { line });
    follow(&mut view_state.imports, chosen, usize::from(height).max(1), lines);
    let shown = (view_state.imports..).zip(list.visible_from(view_state.imports));
    for (y, (line, watched)) in (area.y + 1..area.bottom()).zip(shown) {
        let row = Rect { y, height: 1, ..area };
        import(row, buf, &columns, watched, selected == Some(line), scene);
        view_state.clickable(row, Target::Import(watched.import.id.clone()));
    }
    let end = usize::from(area.y) + 1 + list.len().saturating_sub(view_state.imports);
    if let (Some(note), Ok(y)) = (note, u16::try_from(end))
        && y < area.bottom()
    {
        let width = area.width.saturating_sub(GUTTER + 1);
        let note = format::truncate(&note, usize::from(width), scene.theme.glyphs.ellipsis);
        buf.write(area.x + GUTTER, y, note, scene.theme.dim);
        view_state.clickable(Rect { y, height: 1, ..area }, Target::Key(Action::LookBack));
    }
    let shown = Extent { first: view_state.imports, length: lines };
    scroll::bar(Rect { y: area.y + 1, height, ..area }, shown, Pane::Main, buf, scene, view_state);
}

/// What the period hides, and the key that shows it; `None` if it hides nothing.
fn hidden(scene: Scene<'_>) -> Option<String> {
    let app = scene.app;
    let hidden = app.hidden();
    let since = app.list.since.filter(|_| hidden > 0)?;
    let key = app.key_for(Action::LookBack);
    let (noun, them) = if hidden == 1 { ("import", "it") } else { ("imports", "them all") };
    let step = match app.next_look_back() {
        Some(day) => format!("{key} loads imports since {day}"),
        None => format!("{key} loads {them}"),
    };
    Some(format!("{} older {noun} (before {since}) not shown; {step}", format::count(hidden)))
}

fn headings(
    area: Rect,
    buf: &mut Buffer,
    columns: &[(Column, u16)],
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let sort = scene.app.list.sort();
    let mut x = area.x + GUTTER;
    for (column, width) in columns {
        let (title, align) = (column_layout::title(*column, *width), column_layout::align(*column));
        let sorted = column.sort() == Some(sort.key);
        let [up, down] = scene.theme.glyphs.order;
        let order = if sort.descends() { down } else { up };
        let title = match (sorted, align) {
            (false, _) => title.to_owned(),
            (true, Align::Left) => format!("{title} {order}"),
            (true, Align::Right) => format!("{order}{title}"),
        };
        let style = if sorted { scene.theme.heading } else { scene.theme.dim };
        let text = format::fit(&title, usize::from(*width), align, scene.theme.glyphs.ellipsis);
        buf.write_within(x, area.y, text, *width, style);
        if let Some(key) = column.sort() {
            view_state.clickable(Rect { x, width: *width, ..area }, Target::Column(key));
        }
        x += width + 1;
    }
}

fn import(
    area: Rect,
    buf: &mut Buffer,
    columns: &[(Column, u16)],
    watched: &Watched,
    selected: bool,
    scene: Scene<'_>,
) {
    let theme = scene.theme;
    if scene.app.list.marks().contains(&watched.import.id) {
        buf.write(area.x + 2, area.y, theme.glyphs.mark, theme.accent);
    }
    if scene.app.notifier.is_muted(&watched.import.id) {
        buf.write(area.x, area.y, theme.glyphs.muted, theme.dim);
    }
    if scene.app.list.unseen.contains(&watched.import.id) {
        buf.write(area.x, area.y, theme.glyphs.unseen, theme.accent);
    }
    let mut x = area.x + GUTTER;
    for (column, width) in columns {
        buf.write_line(x, area.y, &column_layout::cell(*column, watched, *width, scene.into()), *width);
        x += width + 1;
    }
    if selected {
        theme.select(area, buf);
        buf.write(area.x + 1, area.y, theme.glyphs.cursor, theme.cursor(true));
    }
}

fn columns(scene: Scene<'_>) -> Vec<Column> {
    Column::shown(&scene.app.preferences.config.columns, scene.app.identity.is_of_several())
}

/// The most types that are named.
const MOST_TYPES: usize = 12;

/// Why no import is visible, and what to do next.
fn empty(area: Rect, buf: &mut Buffer, scene: Scene<'_>) {
    let app = scene.app;
    let key = |action| app.key_for(action);
    let (what, next) = match &app.snapshot.health.link {
        _ if app.snapshot.health.paused && app.snapshot.health.full_passes == 0 => (
            "Paused before the list was loaded.".to_owned(),
            format!("{} resumes, {} refreshes once.", key(Action::Pause), key(Action::Refresh)),
        ),
        LinkState::Connecting | LinkState::Live if app.is_loading() => {
            let firm = app.identity.firm();
            let what = match app.accounts.signing_in(app.now) {
                Some(_) => format!("Signing in to {}…", app.identity.host),
                None if firm.is_empty() => "Loading the imports…".to_owned(),
                None => format!("Loading the imports of {firm}…"),
            };
            (what, String::new())
        }
        LinkState::Retrying { fault, attempt, again_at } if app.snapshot.imports.is_empty() => {
            let (host, retries) = (&app.identity.host, key(Action::Refresh));
            let next = match again_at.saturating_sub(app.now.up).as_secs() {
                0 => format!("Attempt {} on {host} is under way.", attempt + 1),
                left => format!("Attempt {} on {host} in {left} s; {retries} retries now.", attempt + 1),
            };
            (sentence(fault, app), advice(fault) + &next)
        }
        LinkState::Stopped { fault } if app.snapshot.imports.is_empty() => {
            let first = match fault {
                Fault::Forbidden(_) => format!("{} chooses another account, ", key(Action::Accounts)),
                fault => advice(fault),
            };
            (sentence(fault, app), format!("{first}{} retries.", key(Action::Refresh)))
        }
        _ if app.snapshot.imports.is_empty() => {
            let (what, further) = match (hidden(scene), app.list.since) {
                (Some(hidden), _) => ("No imports in this period.".to_owned(), format!("{hidden}. ")),
                (None, Some(day)) => ("No imports yet.".to_owned(), format!("Showing imports since {day}. ")),
                (None, None) => ("No imports yet.".to_owned(), String::new()),
            };
            (what, format!("{further}New imports appear automatically."))
        }
        // The table does not follow the bar yet.
        _ if app.list.is_stale() => return,
        _ if !app.list.filter.value().is_empty() => {
            let clear = format!("{} clears it", key(Action::Back));
            let types = types(app).map(|types| format!(" Types here: {types}.")).unwrap_or_default();
            let older = hidden(scene).map(|hidden| format!(" {hidden}.")).unwrap_or_default() + &types;
            if app.list.view() == View::All {
                ("No imports match the filter.".to_owned(), format!("{clear}.{older}"))
            } else {
                let view = app.list.view().label();
                let all = key(Action::View(View::All));
                (
                    format!("No imports match the filter in {view}."),
                    format!("{clear}, {all} searches all imports.{older}"),
                )
            }
        }
        _ => (
            format!("No imports in {}.", app.list.view().label()),
            format!("{} shows all imports.", key(Action::View(View::All))),
        ),
    };
    let x = area.x + GUTTER;
    let width = area.width.saturating_sub(GUTTER + 1);
    if area.height > 2 {
        buf.write_line(x, area.y + 2, &Line::from(Span::styled(what, scene.theme.text)), width);
    }
    for (y, part) in (area.y + 3..area.bottom()).zip(format::wrap(&next, usize::from(width))) {
        buf.write_line(x, y, &Line::from(Span::styled(part, scene.theme.dim)), width);
    }
}

/// The types of the loaded imports, as the filter takes them, if it asks for a type.
fn types(app: &App) -> Option<String> {
    let asks = app.list.filter.value().to_lowercase().contains("type:");
    let types: BTreeSet<&str> =
        app.snapshot.imports.iter().map(|watched| watched.import.kind.as_str()).filter(|_| asks).collect();
    (!types.is_empty()).then(|| types.into_iter().take(MOST_TYPES).collect::<Vec<_>>().join(", "))
}

fn sentence(fault: &Fault, app: &App) -> String {
    format!("{}.", capitalised(fault.describe(app.redaction()).trim_end_matches('.')))
}

fn advice(fault: &Fault) -> String {
    fault.advice().map(|advice| format!("{}. ", capitalised(advice))).unwrap_or_default()
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
