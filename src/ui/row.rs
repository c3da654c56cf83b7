//! One failed row: every column of the client's row, the refused ones marked, their messages beside them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format::{self, Align};
use super::scroll::{self, Shown};
use super::{Memory, Scene};
use crate::domain::failure::FailedRow;
use crate::domain::tally::Verdict;
use crate::domain::text::SafeText;
use crate::monitor::app::Place;
use crate::monitor::app::details::Told;
use crate::monitor::event::Pane;
use crate::report::source::Match;

/// Widest column name that is shown whole.
const NAME: usize = 24;

/// Draws a row below the lists: what was refused first.
pub(super) fn preview(area: Rect, buf: &mut Buffer, told: &Told<'_>, row: &FailedRow, scene: Scene<'_>) {
    if area.height < 2 {
        return;
    }
    let rule = scene.theme.glyphs.rule.repeat(usize::from(area.width));
    buf.set_line(area.x, area.y, &Line::styled(rule, scene.theme.line), area.width);
    let mut lines = lines(told, row, inner(area.width), scene);
    lines.sort_by_key(|(refused, _)| !refused);
    for (y, (_, line)) in (area.y + 1..area.bottom()).zip(&lines) {
        buf.set_line(area.x + 2, y, line, area.width.saturating_sub(4));
    }
}

/// How many rows a preview of this width needs to show everything.
pub(super) fn height(told: &Told<'_>, row: &FailedRow, width: u16, scene: Scene<'_>) -> u16 {
    u16::try_from(lines(told, row, inner(width), scene).len() + 1).unwrap_or(u16::MAX)
}

/// A line of the client's own file: its number, or why there is none.
pub(super) fn line_words(place: Option<&Match>) -> String {
    match place {
        Some(Match::Line(line)) => format::count(*line),
        Some(Match::Several(lines)) => format!("{lines} alike"),
        Some(Match::NotFound) => "none".to_owned(),
        None => String::new(),
    }
}

/// Cells between the margins.
fn inner(width: u16) -> usize {
    usize::from(width.saturating_sub(4))
}

/// Draws the row over the whole body, in the client's own order.
pub(super) fn full(area: Rect, buf: &mut Buffer, scene: Scene<'_>, memory: &mut Memory) {
    let app = scene.app;
    let (Some(told), Some(failures)) = (app.told(), app.failures()) else { return };
    let rows = told.rows();
    let listing = failures.listing();
    let Some((at, row)) = listing.chosen().and_then(|at| Some((at, rows.get(at)?))) else {
        buf.set_line(area.x + 2, area.y, &Line::styled("The row is gone.", scene.theme.dim), area.width);
        return;
    };
    let line = match rows.place(at) {
        Some(Match::Line(line)) => format!(", line {} of the source", format::count(*line)),
        Some(Match::Several(lines)) => format!(", {lines} lines of the source are the same"),
        Some(Match::NotFound) => ", not found in the source".to_owned(),
        None => String::new(),
    };
    let title = Line::from(vec![
        Span::styled(format!("Row {}{line}", at + 1), scene.theme.heading),
        Span::styled(format!("  {} of {} listed", listing.row + 1, listing.rows.len()), scene.theme.dim),
    ]);
    buf.set_line(area.x + 2, area.y, &title, area.width.saturating_sub(4));
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let lines = lines(&told, &row, inner(body.width), scene);
    memory.report(body.height, lines.len());
    let scroll = match app.trail().last() {
        Some(Place::Row(scroll)) => (*scroll).min(lines.len().saturating_sub(usize::from(body.height))),
        _ => 0,
    };
    scroll::bar(body, Shown { first: scroll, length: lines.len() }, Pane::Main, buf, scene, memory);
    for (y, (_, line)) in (body.y..body.bottom()).zip(lines.iter().skip(scroll)) {
        buf.set_line(body.x + 2, y, line, body.width.saturating_sub(4));
    }
}

/// The row's lines, each with whether it is about something refused.
///
/// Problems whose column the row does not have come first; a long value or message takes further lines.
fn lines(told: &Told<'_>, row: &FailedRow, width: usize, scene: Scene<'_>) -> Vec<(bool, Line<'static>)> {
    let (theme, veil) = (scene.theme, scene.app.veil);
    let message = |message: &SafeText| veil.message(message, Some(row)).to_string();
    let mapping = told.mapping();
    let homeless = row.problems.iter().filter(|p| row.cell_of(p.field.as_str(), mapping).is_none());
    let mut lines = Vec::new();
    let columns = row.cells.iter().map(|cell| format::width(cell.column.as_str()));
    let fields = homeless.clone().map(|problem| format::width(problem.field.as_str()));
    let name_width = columns.chain(fields).max().unwrap_or(0).clamp(1, NAME.min(width / 3).max(1));
    let mut add = |name: &str, value: &str, messages: &[String]| {
        let refused = !messages.is_empty();
        let sign = if refused { theme.glyphs.verdict(Verdict::Failed) } else { " " };
        let left = width.saturating_sub(name_width + 4);
        let value_width = if refused { (left / 2).min(format::width(value).max(8)) } else { left };
        let message = messages.join(" ");
        let mut values = format::wrap(value, value_width).into_iter();
        let mut told = format::wrap(&message, left.saturating_sub(value_width + 2)).into_iter();
        let mut name = format::fit(name, name_width, Align::Left, theme.glyphs.ellipsis);
        let mut sign = sign;
        loop {
            let (value, message) = (values.next(), told.next());
            if value.is_none() && message.is_none() && name.trim().is_empty() {
                break;
            }
            let (name_style, value_style) =
                if refused { (theme.bad, theme.heading) } else { (theme.dim, theme.text) };
            let value =
                format::fit(&value.unwrap_or_default(), value_width, Align::Left, theme.glyphs.ellipsis);
            let line = vec![
                Span::styled(format!("{sign} "), theme.bad),
                Span::styled(format!("{name}  "), name_style),
                Span::styled(value, value_style),
                Span::raw("  "),
                Span::styled(message.unwrap_or_default(), theme.bad),
            ];
            lines.push((refused, Line::from(line)));
            name = " ".repeat(name_width);
            sign = " ";
        }
    };
    for problem in homeless {
        let messages: Vec<String> = problem.messages.iter().map(message).collect();
        let field = if problem.field.is_empty() { "(row)" } else { problem.field.as_str() };
        add(field, "(not a column of the row)", &messages);
    }
    for (at, cell) in row.cells.iter().enumerate() {
        let messages: Vec<String> = row.messages_of(at, mapping).into_iter().map(message).collect();
        let value = veil.value(&cell.value);
        let shown =
            if value.as_str().trim().is_empty() && !messages.is_empty() { "(empty)" } else { value.as_str() };
        add(cell.column.as_str(), shown, &messages);
    }
    lines
}
