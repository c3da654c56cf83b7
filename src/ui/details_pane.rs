//! The details of the current import: a pane beside or below the table, or the whole screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format;
use super::scroll::{self, Extent};
use super::write::Write as _;
use super::{Scene, ViewState, sections};
use crate::app::Screen;
use crate::app::details::ImportView;
use crate::app::event::{Pane, Target};
use crate::app::keymap::Action;

/// Free cells on either side.
const MARGIN: u16 = 2;
const GUTTER: u16 = 3;
/// The width of the facts beside the reasons, and the least that the reasons then have.
const FACTS: u16 = 56;
const REASONS: u16 = 70;
/// The width from which the mapping is beside the facts on the whole screen.
const TWO: u16 = 80;

/// The pane beside or below the table: the most important first, cut off at the bottom.
pub(super) struct DetailsPane<'a> {
    /// `None` without an import.
    says: Option<(ImportView<'a>, Contents)>,
}

impl<'a> DetailsPane<'a> {
    /// A pane of this width and at most this height.
    pub(super) fn of(scene: Scene<'a>, (width, most): (u16, u16)) -> Self {
        let inner = (width.saturating_sub(2 * MARGIN), most.saturating_sub(1));
        let says = scene.app.view().map(|view| {
            let contents = Contents::of(&view, inner, scene);
            (view, contents)
        });
        Self { says }
    }

    /// The rows that it takes to show everything.
    pub(super) fn height(&self) -> u16 {
        let Some((_, Contents { top, reasons, findings, facts, beside })) = &self.says else { return LEAST };
        let main = reasons.len() + findings.len();
        let below = if *beside { main.max(facts.len()) } else { main + facts.len() };
        u16::try_from(1 + top.len() + below).unwrap_or(u16::MAX).max(LEAST)
    }

    /// A click opens the full details.
    pub(super) fn render(self, area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
        view_state.pane(area, Pane::Static);
        let Some((view, contents)) = self.says else {
            if scene.app.is_loading() {
                let rule = scene.theme.glyphs.rule.repeat(usize::from(area.width));
                buf.write_within(area.x, area.y, rule, area.width, scene.theme.line);
            }
            return;
        };
        view_state.clickable(area, Target::Key(Action::Details));
        buf.write_line(area.x, area.y, &sections::title(&view, usize::from(area.width), scene), area.width);
        let inner = Rect {
            x: area.x + MARGIN,
            y: area.y + 1,
            width: area.width.saturating_sub(2 * MARGIN),
            height: area.height.saturating_sub(1),
        };
        let Contents { top, reasons, findings, facts, beside } = contents;
        let used = put(inner, buf, &top);
        let rest = Rect { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner };
        let width = if beside { rest.width - FACTS - GUTTER } else { rest.width };
        let positions: Vec<_> = reasons.iter().map(|(_, reason)| *reason).collect();
        let lines: Vec<_> = reasons.into_iter().map(|(line, _)| line).chain(findings).collect();
        let main = put(Rect { width, ..rest }, buf, &lines);
        for (y, reason) in (rest.y..rest.bottom()).zip(positions) {
            if let Some(at) = reason {
                view_state.clickable(Rect { y, width, height: 1, ..rest }, Target::OpenReason(at));
            }
        }
        let facts_at = if beside {
            Rect { x: rest.right() - FACTS, width: FACTS, ..rest }
        } else {
            Rect { y: rest.y + main, height: rest.height - main, ..rest }
        };
        put(facts_at, buf, &facts);
    }
}

/// What the pane says, the most important first.
struct Contents {
    /// The gauge, and what to expect.
    top: Vec<Line<'static>>,
    /// Why rows fail; each reason with its position.
    reasons: Vec<(Line<'static>, Option<usize>)>,
    /// What the rejected values have in common.
    findings: Vec<Line<'static>>,
    facts: Vec<Line<'static>>,
    /// Whether the facts are beside the reasons, not below.
    beside: bool,
}

impl Contents {
    fn of(view: &ImportView<'_>, (width, height): (u16, u16), scene: Scene<'_>) -> Self {
        let top = wrapped(sections::progress(view, usize::from(width), scene), width.into(), scene);
        let beside = width >= REASONS + GUTTER + FACTS;
        let each = usize::from(if beside { width - FACTS - GUTTER } else { width });
        let left = usize::from(height).saturating_sub(top.len());
        let findings = sections::findings(view, (each, left.div_ceil(3)), scene);
        let most = left.saturating_sub(1 + findings.len()).max(1);
        let reasons = sections::reasons_for_failure(view, (each, most), scene);
        let room = if beside { FACTS.into() } else { each };
        let facts = wrapped(sections::facts_in_short(view, room, scene), room, scene);
        Self { top, reasons, findings, facts, beside }
    }
}

/// The minimum height of the pane, so that the table does not jump from import to import.
const LEAST: u16 = 10;

/// Wraps sentences that are too long for a line; of what has several parts, the end is cut.
fn wrapped(lines: Vec<Line<'static>>, width: usize, scene: Scene<'_>) -> Vec<Line<'static>> {
    let each = |line: Line<'static>| -> Vec<Line<'static>> {
        if format::line_width(&line) <= width {
            return vec![line];
        }
        if let [only] = line.spans.as_slice() {
            let parts = format::wrap(&only.content, width).into_iter();
            return parts.map(|part| Line::styled(part, line.style.patch(only.style))).collect();
        }
        let mut left = width;
        let cut = line.spans.into_iter().map(|span| {
            let text = format::truncate(&span.content, left, scene.theme.glyphs.ellipsis).into_owned();
            let is_cut = text.len() != span.content.len();
            left = if is_cut { 0 } else { left - format::width(&text) };
            Span::styled(text, span.style)
        });
        vec![Line::from(cut.collect::<Vec<_>>())]
    };
    lines.into_iter().flat_map(each).collect()
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
        buf.write_line(area.x, y, line, area.width);
    }
    u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height)
}

/// The least width of the mapping beside the facts.
const LEAST_OF_MAPPING: u16 = 20;

/// Everything that there is to say of an import, before it is scrolled.
struct FullDetails {
    /// Over the whole width.
    lines: Vec<Line<'static>>,
    /// Which of those are reasons, with the position of each.
    reasons_at: usize,
    reasons: Vec<Option<usize>>,
    /// Facts, timeline and report below them, and their width.
    left: Vec<Line<'static>>,
    each: u16,
    /// Whether the mapping is beside those, else below.
    is_beside: bool,
    /// The line at which the mapping begins.
    mapping_at: usize,
    length: usize,
}

impl FullDetails {
    fn of(view: &ImportView<'_>, inner_width: u16, scene: Scene<'_>) -> Self {
        let width = usize::from(inner_width);
        let mut lines = vec![sections::title(view, width, scene)];
        lines.extend(wrapped(sections::progress(view, width, scene), width, scene));
        lines.push(Line::default());
        let reasons_at = lines.len();
        let reasons = sections::reasons_for_failure(view, (width, sections::MOST_REASONS), scene);
        lines.extend(reasons.iter().map(|(line, _)| line.clone()));
        lines.extend(sections::findings(view, (width, usize::MAX), scene));
        let trend = sections::trend(view, (width, usize::MAX), scene);
        if !trend.is_empty() {
            lines.push(Line::default());
            lines.extend(trend);
        }
        let is_beside = inner_width >= TWO;
        let each = match is_beside {
            true => ((inner_width - GUTTER) / 2).max(FACTS).min(inner_width - GUTTER - LEAST_OF_MAPPING),
            false => inner_width,
        };
        let left = stack(
            [sections::facts, sections::timeline, sections::report]
                .map(|section| wrapped(section(view, usize::from(each), scene), usize::from(each), scene)),
        );
        let top = lines.len() + 1;
        let mapping_at = if is_beside { top } else { top + left.len() + 1 };
        let length = (top + left.len()).max(mapping_at + sections::mapping_length(view));
        let reasons = reasons.into_iter().map(|(_, reason)| reason).collect();
        Self { lines, reasons_at, reasons, left, each, is_beside, mapping_at, length }
    }
}

/// The rows that the full details of the current import take.
pub(super) fn full_height(scene: Scene<'_>, width: u16) -> u16 {
    let Some(view) = scene.app.view() else { return LEAST };
    let length = FullDetails::of(&view, width.saturating_sub(2 * MARGIN), scene).length;
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// Draws the full details below the table, as far as they fit.
pub(super) fn enlarged(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    view_state.pane(area, Pane::Static);
    view_state.clickable(area, Target::Key(Action::Details));
    let Some(view) = scene.app.view() else { return };
    let details = FullDetails::of(&view, area.width.saturating_sub(2 * MARGIN), scene);
    put_full(area, buf, (&view, &details, 0), scene, view_state);
}

/// Draws the full details, scrolled.
pub(super) fn full(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let Some(view) = scene.app.view() else { return };
    let details = FullDetails::of(&view, area.width.saturating_sub(2 * MARGIN), scene);
    let length = details.length;
    let scroll = match scene.app.screens.trail.last() {
        Some(Screen::Details(scroll)) => (*scroll).min(length.saturating_sub(usize::from(area.height))),
        _ => 0,
    };
    view_state.set_viewport(area.height, length);
    scroll::bar(area, Extent { first: scroll, length }, Pane::Main, buf, scene, view_state);
    put_full(area, buf, (&view, &details, scroll), scene, view_state);
}

fn put_full(
    area: Rect,
    buf: &mut Buffer,
    (view, details, scroll): (&ImportView<'_>, &FullDetails, usize),
    scene: Scene<'_>,
    view_state: &mut ViewState,
) {
    let inner = Rect { x: area.x + MARGIN, width: area.width.saturating_sub(2 * MARGIN), ..area };
    let FullDetails { lines, reasons_at, reasons, left, each, is_beside, mapping_at, .. } = details;
    let (each, top) = (*each, lines.len() + 1);
    let first = scroll.saturating_sub(*mapping_at);
    let beside = if *is_beside { inner.width - each - GUTTER } else { each };
    let shown = first..first + usize::from(inner.height);
    let mapping = sections::mapping(view, usize::from(beside), shown, scene);
    let mut put_at = |x: u16, width: u16, from: usize, lines: &[Line<'_>]| {
        for (at, line) in lines.iter().enumerate() {
            let Some(y) = (from + at).checked_sub(scroll).and_then(|y| u16::try_from(y).ok()) else {
                continue;
            };
            if y < inner.height {
                buf.write_line(x, inner.y + y, line, width);
            }
        }
    };
    put_at(inner.x, inner.width, 0, lines);
    put_at(inner.x, each, top, left);
    let x = if *is_beside { inner.x + each + GUTTER } else { inner.x };
    put_at(x, beside, mapping_at + first, &mapping);
    for (at, reason) in reasons.iter().enumerate() {
        let y = (reasons_at + at).checked_sub(scroll).and_then(|y| u16::try_from(y).ok());
        if let (Some(y), Some(reason)) = (y.filter(|y| *y < inner.height), reason) {
            let line = Rect { y: inner.y + y, height: 1, ..inner };
            view_state.clickable(line, Target::OpenReason(*reason));
        }
    }
}
