//! The details of the current import: a pane beside or below the table, or the whole screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::scroll::{self, Extent};
use super::{Scene, ViewState, sections};
use crate::app::Screen;
use crate::app::details::ImportView;
use crate::app::event::{Pane, Target};
use crate::app::keymap::Action;

/// Free cells on either side.
const MARGIN: u16 = 2;
const GUTTER: u16 = 3;
/// The widths from which sections are in three columns, and in two.
const THREE: u16 = 110;
const TWO: u16 = 64;

/// Draws the pane, the most important first, cut off at the bottom. A click opens the full details.
pub(super) fn pane(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    view_state.pane(area, Pane::Static);
    let Some(view) = scene.app.view() else {
        if scene.app.is_loading() {
            let rule = scene.theme.glyphs.rule.repeat(usize::from(area.width));
            buf.set_stringn(area.x, area.y, rule, usize::from(area.width), scene.theme.line);
        }
        return;
    };
    view_state.clickable(area, Target::Key(Action::Details));
    buf.set_line(area.x, area.y, &sections::title(&view, usize::from(area.width), scene), area.width);
    let inner = Rect {
        x: area.x + MARGIN,
        y: area.y + 1,
        width: area.width.saturating_sub(2 * MARGIN),
        height: area.height.saturating_sub(1),
    };
    let top = sections::progress(&view, usize::from(inner.width), scene);
    let used = put(inner, buf, &top);
    let rest = Rect { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner };
    let columns = arrange(&view, (rest.width, rest.height), scene);
    let count = u16::try_from(columns.len()).unwrap_or(1).max(1);
    let width = rest.width.saturating_sub(GUTTER * (count - 1)) / count;
    for (column, lines) in (0..).zip(&columns) {
        put(Rect { x: rest.x + column * (width + GUTTER), width, ..rest }, buf, lines);
    }
}

/// The rows that a pane of this width needs to show everything, at most `most`.
pub(super) fn height(scene: Scene<'_>, (width, most): (u16, u16)) -> u16 {
    let Some(view) = scene.app.view() else { return LEAST };
    let width = width.saturating_sub(2 * MARGIN);
    let top = sections::progress(&view, usize::from(width), scene).len();
    let columns = arrange(&view, (width, most), scene);
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(0);
    u16::try_from(1 + top + tallest).unwrap_or(u16::MAX).max(LEAST)
}

/// The minimum height of the pane, so that the table does not jump from import to import.
const LEAST: u16 = 10;

/// The sections below the gauge in as many columns as fit; the last ones are cut off.
fn arrange(view: &ImportView<'_>, (width, most): (u16, u16), scene: Scene<'_>) -> Vec<Vec<Line<'static>>> {
    let count = if width >= THREE {
        3
    } else if width >= TWO {
        2
    } else {
        1
    };
    let each = usize::from(width.saturating_sub(GUTTER * (count - 1)) / count);
    let reasons = || sections::reasons_for_failure(view, each, scene);
    let mapping = || sections::mapping(view, each, 0..usize::from(most), scene);
    let report = || sections::report(view, each, scene);
    let facts = || sections::facts(view, each, scene);
    match count {
        3 => vec![reasons(), mapping(), stack([report(), facts()])],
        2 => vec![stack([reasons(), mapping()]), stack([report(), facts()])],
        _ => vec![stack([reasons(), report(), facts(), mapping()])],
    }
}

/// Sections one below the other, separated by an empty line.
fn stack<const N: usize>(sections: [Vec<Line<'static>>; N]) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for section in sections {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(section);
    }
    lines
}

/// Writes lines from the top; returns how many rows they took.
fn put(area: Rect, buf: &mut Buffer, lines: &[Line<'_>]) -> u16 {
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        buf.set_line(area.x, y, line, area.width);
    }
    u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height)
}

/// Draws the full details, scrolled.
pub(super) fn full(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let Some(view) = scene.app.view() else { return };
    let inner = Rect { x: area.x + MARGIN, width: area.width.saturating_sub(2 * MARGIN), ..area };
    let width = usize::from(inner.width);
    let mut lines = vec![sections::title(&view, width, scene)];
    lines.extend(sections::progress(&view, width, scene));
    let columns = if inner.width >= TWO { 2 } else { 1 };
    let each = inner.width.saturating_sub(GUTTER * (columns - 1)) / columns;
    let left = [sections::facts, sections::report, sections::reasons_for_failure]
        .map(|section| section(&view, usize::from(each), scene));
    let left = stack(left);
    let top = lines.len() + 1;
    // Beside the others, or below them.
    let mapping_at = if columns == 2 { top } else { top + left.len() + 1 };
    let length = (top + left.len()).max(mapping_at + sections::mapping_length(&view));
    let height = usize::from(inner.height);
    let scroll = match scene.app.screens.trail.last() {
        Some(Screen::Details(scroll)) => (*scroll).min(length.saturating_sub(height)),
        _ => 0,
    };
    let first = scroll.saturating_sub(mapping_at);
    let mapping = sections::mapping(&view, usize::from(each), first..first + height, scene);
    view_state.set_viewport(inner.height, length);
    scroll::bar(area, Extent { first: scroll, length }, Pane::Main, buf, scene, view_state);
    let mut put_at = |x: u16, width: u16, from: usize, lines: &[Line<'_>]| {
        for (at, line) in lines.iter().enumerate() {
            let Some(y) = (from + at).checked_sub(scroll).and_then(|y| u16::try_from(y).ok()) else {
                continue;
            };
            if y < inner.height {
                buf.set_line(x, inner.y + y, line, width);
            }
        }
    };
    put_at(inner.x, inner.width, 0, &lines);
    put_at(inner.x, each, top, &left);
    let x = if columns == 2 { inner.x + each + GUTTER } else { inner.x };
    put_at(x, each, mapping_at + first, &mapping);
}
