//! One failed row: every column of the client's row, the rejected ones marked, their messages beside them.

use std::collections::HashMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::format::{self, Align};
use super::scroll::{self, Shown};
use super::{Memory, Scene};
use crate::domain::tally::Verdict;
use crate::monitor::app::Place;
use crate::monitor::event::Pane;
use crate::report::FailedRows;
use crate::report::errors::Problem;
use crate::report::source::Match;

/// Widest column name that is shown whole.
const NAME: usize = 24;

/// Draws a row below the lists: what was rejected first.
pub(super) fn preview(area: Rect, buf: &mut Buffer, of: &FailedRows, row: usize, scene: Scene<'_>) {
    if area.height < 2 {
        return;
    }
    let rule = scene.theme.glyphs.rule.repeat(usize::from(area.width));
    buf.set_line(area.x, area.y, &Line::styled(rule, scene.theme.line), area.width);
    let lines = lines(of, row, inner(area.width), Order::RejectedFirst, usize::from(area.height), scene);
    for (y, line) in (area.y + 1..area.bottom()).zip(&lines) {
        buf.set_line(area.x + 2, y, line, area.width.saturating_sub(4));
    }
}

/// How many lines a preview would take to show everything, as far as the area has them.
pub(super) fn height(of: &FailedRows, row: usize, area: Rect, scene: Scene<'_>) -> u16 {
    let lines = lines(of, row, inner(area.width), Order::RejectedFirst, usize::from(area.height), scene);
    u16::try_from(lines.len() + 1).unwrap_or(u16::MAX).min(area.height)
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
    let Some(failures) = app.failures() else { return };
    let listing = failures.listing();
    let (Some(of), Some(at)) = (listing.of.as_deref(), listing.chosen()) else {
        buf.set_line(area.x + 2, area.y, &Line::styled("The row is gone.", scene.theme.dim), area.width);
        return;
    };
    let line = match of.place(at) {
        Some(Match::Line(line)) => format!(", line {} of the source", format::count(*line)),
        Some(Match::Several(lines)) => format!(", {lines} lines of the source are the same"),
        Some(Match::NotFound) => ", not found in the source".to_owned(),
        None => String::new(),
    };
    let title = Line::from(vec![
        Span::styled(format!("Failed row {} of {}{line}", at + 1, of.len()), scene.theme.heading),
        Span::styled(format!("  {} of {} listed", listing.row + 1, listing.rows.len()), scene.theme.dim),
    ]);
    buf.set_line(area.x + 2, area.y, &title, area.width.saturating_sub(4));
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let lines = lines(of, at, inner(body.width), Order::AsInFile, usize::MAX, scene);
    memory.report(body.height, lines.len());
    let scroll = match app.trail().last() {
        Some(Place::Row(scroll)) => (*scroll).min(lines.len().saturating_sub(usize::from(body.height))),
        _ => 0,
    };
    scroll::bar(body, Shown { first: scroll, length: lines.len() }, Pane::Main, buf, scene, memory);
    for (y, line) in (body.y..body.bottom()).zip(lines.iter().skip(scroll)) {
        buf.set_line(body.x + 2, y, line, body.width.saturating_sub(4));
    }
}

/// Which of a row's columns come first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// As the client's file has them.
    AsInFile,
    /// Those that were rejected.
    RejectedFirst,
}

/// The row's first lines, `most` at least where there are so many.
///
/// Problems whose column the row does not have come first; a long value or message takes further lines.
fn lines(
    of: &FailedRows,
    row: usize,
    width: usize,
    order: Order,
    most: usize,
    scene: Scene<'_>,
) -> Vec<Line<'static>> {
    let redaction = scene.app.redaction;
    let mut messages: HashMap<usize, Vec<String>> = HashMap::new();
    let mut homeless: Vec<(String, Vec<String>)> = Vec::new();
    let field_of = |problem: &Problem<'_>| of.text(problem.field.as_str(), redaction).to_string();
    for problem in of.problems(row) {
        let message = of.text(problem.message, redaction).to_string();
        match problem.column {
            Some(column) => messages.entry(column).or_default().push(message),
            None if homeless.last().is_some_and(|(field, _)| *field == field_of(&problem)) => {
                homeless.last_mut().into_iter().for_each(|(_, messages)| messages.push(message.clone()));
            }
            None => homeless.push((field_of(&problem), vec![message])),
        }
    }
    let mut columns: Vec<usize> = of.own().to_vec();
    if order == Order::RejectedFirst {
        columns.sort_by_key(|column| !messages.contains_key(column));
    }
    columns.truncate(most);
    let headers = columns.iter().map(|column| format::width(of.column_title(*column, redaction).as_str()));
    let fields = homeless.iter().map(|(field, _)| format::width(field));
    let name_width = headers.chain(fields).max().unwrap_or(0).clamp(1, NAME.min(width / 3).max(1));
    let mut lines = Vec::new();
    for (field, messages) in &homeless {
        let field = if field.is_empty() { "(row)" } else { field.as_str() };
        add(&mut lines, [name_width, width], field, "(not a column of the row)", messages, scene);
    }
    for column in columns {
        if lines.len() >= most {
            break;
        }
        let messages = messages.get(&column).map(Vec::as_slice).unwrap_or_default();
        let value = redaction.value(of.cell(row, column));
        let blank = value.as_str().trim().is_empty() && !messages.is_empty();
        let value = if blank { "(empty)" } else { value.as_str() };
        let name = of.column_title(column, redaction);
        add(&mut lines, [name_width, width], name.as_str(), value, messages, scene);
    }
    lines
}

/// One column: its name, its value, and what is wrong with that.
fn add(
    lines: &mut Vec<Line<'static>>,
    [name_width, width]: [usize; 2],
    name: &str,
    value: &str,
    messages: &[String],
    scene: Scene<'_>,
) {
    let theme = scene.theme;
    let rejected = !messages.is_empty();
    let mut sign = if rejected { theme.glyphs.verdict(Verdict::Failed) } else { " " };
    let left = width.saturating_sub(name_width + 4);
    let value_width = if rejected { (left / 2).min(format::width(value).max(8)) } else { left };
    let mut values = format::wrap(value, value_width).into_iter();
    let mut words = format::wrap(&messages.join(" "), left.saturating_sub(value_width + 2)).into_iter();
    let mut name = format::fit(name, name_width, Align::Left, theme.glyphs.ellipsis);
    loop {
        let (value, message) = (values.next(), words.next());
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
