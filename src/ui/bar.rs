//! The second line: views or the way here at left, the filter at right.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::{Memory, Scene, format};
use crate::monitor::app::Place;
use crate::monitor::event::Target;
use crate::monitor::keymap::Mode;
use crate::query::View;

/// The least cells the filter has while it is typed.
const TYPING: u16 = 30;

/// Draws the line.
pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, memory: &mut Memory) {
    let app = scene.app;
    let typing = app.mode() == Mode::Filter;
    let filter = match app.trail().last() {
        None => Some(&app.filter),
        Some(Place::Failures(failures)) => Some(&failures.filter),
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
    if app.trail().is_empty() {
        views(left, buf, scene, memory)
    } else {
        way(left, buf, scene)
    }
    if let Some(filter) = filter.filter(|_| wanted > 0) {
        let right = Rect { x: area.right() - wanted, width: wanted, ..area };
        field(right, buf, filter, typing, scene, memory);
    }
}

/// The views, each with how many imports it holds; short forms where space is short.
fn views(area: Rect, buf: &mut Buffer, scene: Scene<'_>, memory: &mut Memory) {
    let theme = scene.theme;
    let list = &scene.app.list;
    let mut x = area.x + 1;
    let lines = |short: bool| -> Vec<(View, Line<'static>)> {
        View::ALL
            .into_iter()
            .enumerate()
            .map(|(at, view)| {
                let (name, count) = (view.label(), format::count(list.count(view) as u64));
                let chosen = view == list.view();
                let (style, quiet) =
                    if chosen { (theme.heading, theme.text) } else { (theme.dim, theme.dim) };
                let mut spans = vec![
                    Span::styled(format!("{} ", at + 1), if chosen { theme.accent } else { theme.dim }),
                    Span::styled(name, if chosen { style.add_modifier(Modifier::UNDERLINED) } else { style }),
                ];
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
        memory.hit(Rect { x, width: width.min(area.right().saturating_sub(x)), ..area }, Target::View(view));
        x = x.saturating_add(width + 3).min(area.right());
    }
}

/// The way from the table to this screen.
fn way(area: Rect, buf: &mut Buffer, scene: Scene<'_>) {
    let theme = scene.theme;
    let mut spans = vec![Span::styled(" Imports", theme.dim)];
    let mut step = |text: String, style: Style| {
        spans.push(Span::styled(format!(" {} ", theme.glyphs.step), theme.dim));
        spans.push(Span::styled(text, style));
    };
    if let Some(watched) = scene.app.current() {
        let (kind, mode) = (watched.import.kind.label(), watched.import.mode.label());
        step(format!("{kind} {} {mode}", theme.glyphs.dot), theme.heading);
    }
    for place in scene.app.trail() {
        match place {
            Place::Details(_) => step("details".into(), theme.text),
            Place::Failures(_) => step("failed rows".into(), theme.text),
            Place::Row(_) => step("row".into(), theme.text),
        }
    }
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
}

/// A filter text behind a slash, scrolled so that the cursor shows, with a mistake underlined.
fn field(area: Rect, buf: &mut Buffer, input: &Input, typing: bool, scene: Scene<'_>, memory: &mut Memory) {
    let theme = scene.theme;
    buf.set_string(area.x, area.y, "/", if typing { theme.accent } else { theme.dim });
    let room = area.width.saturating_sub(4);
    let scroll = if typing { input.visual_scroll(usize::from(room)) } else { 0 };
    let wrong = scene
        .app
        .mistake
        .as_ref()
        .filter(|_| scene.app.trail().is_empty())
        .map(|mistake| mistake.span.clone());
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
        memory.place_cursor(Position { x: area.x + 2 + offset.min(room), y: area.y });
    }
}
