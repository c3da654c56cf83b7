//! One failed row: every column of the client's row, the rejected ones marked, with their messages beside them.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format::{self, Align};
use super::scroll::{self, Extent};
use super::write::Write as _;
use super::{Scene, ViewState};
use crate::app::Screen;
use crate::app::event::Pane;
use crate::domain::redact::Redaction;
use crate::domain::tally::Verdict;
use crate::domain::text::SafeText;
use crate::report::FailedRows;
use crate::report::source::Match;

/// The widest column name shown in full.
const NAME: usize = 24;

/// Draws a row's lines below the lists.
pub(super) fn preview(area: Rect, buf: &mut Buffer, lines: &[Line<'_>], scene: Scene<'_>) {
    if area.height < 2 {
        return;
    }
    let rule = scene.theme.glyphs.rule.repeat(usize::from(area.width));
    buf.write_line(area.x, area.y, &Line::styled(rule, scene.theme.line), area.width);
    for (y, line) in (area.y + 1..area.bottom()).zip(lines) {
        buf.write_line(area.x + 2, y, line, area.width.saturating_sub(4));
    }
}

/// A row's first lines, the rejected columns first, as many as fit into an area.
///
/// Looks at no more than it shows, however many columns the row has.
pub(super) fn preview_lines(of: &FailedRows, row: usize, area: Rect, scene: Scene<'_>) -> Vec<Line<'static>> {
    let most = usize::from(area.height);
    let accepted = |column: &usize| of.problems_of(row, Some(*column)).next().is_none();
    let columns = of.rejected(row).chain(of.own().iter().copied().filter(accepted));
    let parts: Vec<_> = apart(of, row).chain(of_columns(of, row, columns)).take(most).collect();
    let width = inner(area.width);
    let names = name_width(parts.iter().map(|part| part.name(of, scene.app.redaction())), width);
    let layout = RowLayout { name: names, width, most };
    let mut lines = Vec::new();
    for part in parts {
        if lines.len() >= most {
            break;
        }
        part.draw(of, row, layout, scene, &mut lines);
    }
    lines.truncate(most);
    lines
}

/// The line in the client's own file, or why there is none.
pub(super) fn line_number(place: Option<&Match>) -> String {
    match place {
        Some(Match::Line(line)) => format::count(*line),
        Some(Match::Several(lines)) => format!("{lines} alike"),
        Some(Match::NotFound) => "none".to_owned(),
        None => String::new(),
    }
}

/// The width between the margins.
fn inner(width: u16) -> usize {
    usize::from(width.saturating_sub(4))
}

/// Draws the row over the whole body, in the client's column order.
pub(super) fn full(area: Rect, buf: &mut Buffer, scene: Scene<'_>, view_state: &mut ViewState) {
    let app = scene.app;
    let Some(failures) = app.screens.failures() else { return };
    let listing = failures.listing();
    let (Some(of), Some(at)) = (listing.of.as_ref(), listing.chosen()) else {
        buf.write_line(
            area.x + 2,
            area.y,
            &Line::styled("This row no longer exists.", scene.theme.dim),
            area.width,
        );
        return;
    };
    let line = match of.place(at) {
        Some(Match::Line(line)) => format!(", line {} of the source", format::count(*line)),
        Some(Match::Several(lines)) => format!(", matches {lines} identical lines of the source"),
        Some(Match::NotFound) => ", not found in the source".to_owned(),
        None => String::new(),
    };
    let title = Line::from(vec![
        Span::styled(format!("Failed row {}{line}", at + 1), scene.theme.heading),
        Span::styled(format!("  {} of {} listed", listing.row + 1, listing.rows.len()), scene.theme.dim),
    ]);
    buf.write_line(area.x + 2, area.y, &title, area.width.saturating_sub(4));
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let width = inner(body.width);
    let measured = match view_state.measured.take() {
        Some(known) if known.is_of(of, at, width, app.redaction()) => known,
        _ => MeasuredRow::new(of, at, width, scene),
    };
    let length = measured.ends.last().copied().unwrap_or(0);
    view_state.set_viewport(body.height, length);
    let scroll = match app.screens.trail.last() {
        Some(Screen::Row(scroll)) => (*scroll).min(length.saturating_sub(usize::from(body.height))),
        _ => 0,
    };
    scroll::bar(body, Extent { first: scroll, length }, Pane::Main, buf, scene, view_state);
    for (y, line) in (body.y..body.bottom()).zip(measured.lines(scroll, usize::from(body.height), scene)) {
        buf.write_line(body.x + 2, y, &line, body.width.saturating_sub(4));
    }
    view_state.measured = Some(measured);
}

/// Which lines each part of a row takes: worked out once, so that a frame makes only the lines that it shows.
#[derive(Debug)]
pub(super) struct MeasuredRow {
    of: Arc<FailedRows>,
    row: usize,
    redaction: Redaction,
    layout: RowLayout,
    /// How many parts belong to no column.
    apart: usize,
    /// The line after each part.
    ends: Vec<usize>,
}

impl MeasuredRow {
    fn new(of: &Arc<FailedRows>, row: usize, width: usize, scene: Scene<'_>) -> Self {
        let apart: Vec<_> = apart(of, row).collect();
        let redaction = scene.app.redaction();
        let headers = of.own().iter().map(|column| of.column_title(*column, redaction));
        let name = name_width(apart.iter().map(|part| part.name(of, redaction)).chain(headers), width);
        let layout = RowLayout { name, width, most: usize::MAX };
        let (count, mut end, mut lines) = (apart.len(), 0, Vec::new());
        let parts = apart.into_iter().chain(of_columns(of, row, of.own().iter().copied()));
        let ends = parts.map(|part| {
            lines.clear();
            part.draw(of, row, layout, scene, &mut lines);
            end += lines.len();
            end
        });
        let ends = ends.collect();
        Self { of: of.clone(), row, redaction: scene.app.redaction(), layout, apart: count, ends }
    }

    fn is_of(&self, of: &Arc<FailedRows>, row: usize, width: usize, redaction: Redaction) -> bool {
        Arc::ptr_eq(&self.of, of) && (self.row, self.layout.width, self.redaction) == (row, width, redaction)
    }

    /// `count` lines, starting at `from`.
    fn lines(&self, from: usize, count: usize, scene: Scene<'_>) -> Vec<Line<'static>> {
        let Self { of, row, layout, .. } = self;
        let first = self.ends.partition_point(|end| *end <= from);
        let begin = first.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let skipped = from - begin;
        let columns = of.own().get(first.saturating_sub(self.apart)..).unwrap_or_default();
        let apart = apart(of, *row).skip(first).take(self.apart.saturating_sub(first));
        let mut lines = Vec::new();
        for part in apart.chain(of_columns(of, *row, columns.iter().copied())) {
            if lines.len() >= skipped + count {
                break;
            }
            part.draw(of, *row, *layout, scene, &mut lines);
        }
        lines.drain(..skipped.min(lines.len()));
        lines
    }
}

/// Widths of names and lines, and the most lines to make of a part.
#[derive(Debug, Clone, Copy)]
struct RowLayout {
    name: usize,
    width: usize,
    most: usize,
}

fn name_width(names: impl Iterator<Item = SafeText>, width: usize) -> usize {
    let widest = names.map(|name| format::width(name.as_str())).max().unwrap_or(0);
    widest.clamp(1, NAME.min(width / 3).max(1))
}

/// A column of the row, or a field without one, with its messages.
struct RowPart<'a> {
    column: Option<usize>,
    field: Option<&'a SafeText>,
    messages: Vec<&'a str>,
}

/// The problems that belong to no column, one part for each field.
fn apart(of: &FailedRows, row: usize) -> impl Iterator<Item = RowPart<'_>> {
    let mut problems = of.problems_of(row, None).peekable();
    std::iter::from_fn(move || {
        let first = problems.next()?;
        let mut messages = vec![first.message];
        while let Some(next) = problems.next_if(|next| next.field == first.field) {
            messages.push(next.message);
        }
        Some(RowPart { column: None, field: Some(first.field), messages })
    })
}

fn of_columns(
    of: &FailedRows,
    row: usize,
    columns: impl Iterator<Item = usize>,
) -> impl Iterator<Item = RowPart<'_>> {
    columns.map(move |column| {
        let messages = of.problems_of(row, Some(column)).map(|problem| problem.message).collect();
        RowPart { column: Some(column), field: None, messages }
    })
}

impl RowPart<'_> {
    fn name(&self, of: &FailedRows, redaction: Redaction) -> SafeText {
        let field = || self.field.map(|field| of.text(field.as_str(), redaction)).unwrap_or_default();
        self.column.map_or_else(field, |column| of.column_title(column, redaction))
    }

    /// Adds its lines: a long value or message takes several.
    fn draw(
        &self,
        of: &FailedRows,
        row: usize,
        layout: RowLayout,
        scene: Scene<'_>,
        lines: &mut Vec<Line<'static>>,
    ) {
        let redaction = scene.app.redaction();
        let mut name = self.name(of, redaction);
        let value = match self.column {
            None => {
                if name.is_empty() {
                    name = SafeText::new("(row)");
                }
                SafeText::new("(not a column of the row)")
            }
            Some(column) => {
                let value = redaction.value(of.cell(row, column));
                let blank = value.as_str().trim().is_empty() && !self.messages.is_empty();
                if blank { SafeText::new("(empty)") } else { value }
            }
        };
        // Text that will not be shown is not prepared either.
        let (mut text, mut room) = (String::new(), layout.most.saturating_mul(layout.width));
        for message in &self.messages {
            let message = of.text(message, redaction);
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(message.as_str());
            room = room.saturating_sub(format::width(message.as_str()) + 1);
            if room == 0 {
                break;
            }
        }
        add(lines, [layout.name, layout.width], name.as_str(), value.as_str(), &text, scene);
    }
}

/// One column: its name, its value and its messages.
fn add(
    lines: &mut Vec<Line<'static>>,
    [name_width, width]: [usize; 2],
    name: &str,
    value: &str,
    message: &str,
    scene: Scene<'_>,
) {
    let theme = scene.theme;
    let rejected = !message.is_empty();
    let mut sign = if rejected { theme.glyphs.verdict(Verdict::Failed) } else { " " };
    let left = width.saturating_sub(name_width + 4);
    let value_width = if rejected { (left / 2).min(format::width(value).max(8)) } else { left };
    let mut values = format::wrap(value, value_width).into_iter();
    let mut messages = format::wrap(message, left.saturating_sub(value_width + 2)).into_iter();
    let mut name = format::fit(name, name_width, Align::Left, theme.glyphs.ellipsis);
    loop {
        let (value, message) = (values.next(), messages.next());
        if value.is_none() && message.is_none() && name.trim().is_empty() {
            break;
        }
        let (name_style, value_style) =
            if rejected { (theme.bad, theme.heading) } else { (theme.dim, theme.text) };
        let value = format::fit(&value.unwrap_or_default(), value_width, Align::Left, theme.glyphs.ellipsis);
        lines.push(Line::from(vec![
            Span::styled(format!("{sign} "), theme.bad),
            Span::styled(format!("{name}  "), name_style),
            Span::styled(value, value_style),
            Span::raw("  "),
            Span::styled(message.unwrap_or_default(), theme.bad),
        ]));
        name = " ".repeat(name_width);
        sign = " ";
    }
}
