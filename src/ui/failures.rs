//! The failed rows of one import: reasons at left, the rows of the chosen one at right, one row in full below.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::format::{self, Align};
use super::memory::follow;
use super::scroll::{self, Shown};
use super::sections::{self, veiled};
use super::{Memory, Scene, row};
use crate::domain::failure::FailedRow;
use crate::domain::redact::Veil;
use crate::monitor::app::details::Told;
use crate::monitor::app::failures::{Failures, Grouping, Listing, Side};
use crate::monitor::event::{Pane, Target};
use crate::monitor::keymap::Action;
use crate::report::reasons::Values;
use crate::report::values::Verdict;

/// Below this width only one of reasons and rows is shown: the one that has the keys.
const BOTH: u16 = 70;
/// From this height on the chosen row is shown below.
const WITH_ROW: u16 = 12;
/// From this width on reasons show their share.
const WITH_SHARE: u16 = 44;
/// Widest cell of the rows table.
const CELL: usize = 24;

/// Draws the screen.
pub(super) fn render(area: Rect, buf: &mut Buffer, scene: Scene<'_>, memory: &mut Memory) {
    let app = scene.app;
    let (Some(told), Some(failures)) = (app.told(), app.failures()) else { return };
    let rows = told.rows();
    let listing = failures.listing();
    let refused = listing.values.as_ref().is_some_and(|values| refused_values(values, scene).is_some());
    let compared = compared(scene, area.width);
    let told_lines = 2 + u16::from(listing.verdict.is_some()) + u16::from(refused) + compared.len() as u16;
    let [top, body] = area.layout(&Layout::vertical([Constraint::Length(told_lines), Constraint::Fill(1)]));
    summary(top, buf, &told, listing, compared, scene);
    if listing.rows.is_empty() {
        empty(body, buf, &told, scene);
        return;
    }
    let chosen = listing.chosen().and_then(|at| rows.get(at));
    let below = chosen.as_deref().map_or(0, |row| row::height(&told, row, area.width, scene));
    // The lists take what they need; the row takes the rest, and at least a third.
    let wanted = u16::try_from(listing.reasons.len().max(listing.rows.len()) + 1).unwrap_or(u16::MAX);
    let preview = match area.height {
        ..WITH_ROW => 0,
        _ => below.min(body.height.saturating_sub(wanted).max(body.height / 3)),
    };
    let lists = Rect { height: body.height - preview, ..body };
    let below = Rect { y: lists.bottom(), height: preview, ..body };
    let both = failures.grouping == Grouping::Reason && lists.width >= BOTH;
    let show_reasons = failures.grouping == Grouping::Reason && (both || failures.side() == Side::Reasons);
    let share = if lists.width < 100 { 50 } else { 40 };
    let left = if both { lists.width * share / 100 } else { lists.width };
    if show_reasons {
        reasons(Rect { width: left, ..lists }, buf, failures, listing, scene, memory);
    }
    if both || !show_reasons {
        let x = if both { lists.x + left + 1 } else { lists.x };
        let area = Rect { x, width: lists.right() - x, ..lists };
        row_table(area, buf, &told, failures, listing, scene, memory);
    }
    if let Some(chosen) = chosen.as_deref() {
        row::preview(below, buf, &told, chosen, scene);
        memory.pane(below, Pane::Still);
    }
}

/// What changed since the run before, in as many lines as it takes, up to three; all of it is in the log.
fn compared(scene: Scene<'_>, width: u16) -> Vec<String> {
    let text = scene.app.comparison().unwrap_or_default();
    let mut lines = format::wrap(text, usize::from(width.saturating_sub(2)));
    lines.truncate(3);
    lines
}

/// What is listed, and what the API keeps back.
fn summary(
    area: Rect,
    buf: &mut Buffer,
    told: &Told<'_>,
    listing: &Listing,
    compared: Vec<String>,
    scene: Scene<'_>,
) {
    let theme = scene.theme;
    let (tally, rows) = (&told.watched.tally, told.rows());
    let failed = tally.failed().max(rows.len() as u64);
    let noun = if failed == 1 { "failed row" } else { "failed rows" };
    let mut spans = vec![Span::styled(format!(" {} {noun}", format::count(failed)), theme.bad)];
    let mut say = |text: String, style: Style| {
        spans.push(Span::styled(format!(" {} ", theme.glyphs.dot), theme.dim));
        spans.push(Span::styled(text, style));
    };
    let reasons = listing.reasons.len();
    if reasons > 0 {
        say(format!("{reasons} {}", if reasons == 1 { "reason" } else { "reasons" }), theme.text);
    }
    if listing.passing < rows.len() {
        say(format!("{} pass the filter", listing.passing), theme.text);
    }
    if told.lists_all() {
        say("all of them, from the report".to_owned(), theme.good);
    }
    if let Some(note) = sections::sample_note(told, scene) {
        say(format!("showing {note}"), theme.warning);
    }
    buf.set_line(area.x, area.y, &Line::from(spans), area.width);
    let compared = compared.into_iter().map(|text| Line::styled(text, theme.text));
    let listed = listing.values.as_ref().and_then(|values| refused_values(values, scene));
    let with_examples = listed.is_none();
    let common_line = listing.verdict.as_ref().map(|verdict| common(verdict, with_examples, scene));
    let lines = common_line.into_iter().chain(listed).chain(compared);
    for (y, line) in (area.y + 1..area.bottom()).zip(lines) {
        buf.set_line(area.x + 1, y, &line, area.width.saturating_sub(1));
    }
}

/// The values that the chosen reason refused, with how often; nothing where all are blank.
fn refused_values(values: &Values, scene: Scene<'_>) -> Option<Line<'static>> {
    let told = values.listed.iter().filter(|(value, _)| !value.is_blank()).map(|(value, times)| {
        let value = scene.app.veil.value(value);
        if *times > 1 { format!("{value} ({times}×)") } else { value.to_string() }
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return None;
    }
    let mut text = told.join(", ");
    if values.distinct > values.listed.len() {
        text.push_str(&format!(", … {} different", format::count(values.distinct as u64)));
    }
    Some(Line::from(vec![Span::styled("refused: ", scene.theme.dim), Span::styled(text, scene.theme.text)]))
}

/// What the refused values of the chosen reason have in common, with examples where they are not listed anyway.
fn common(verdict: &Verdict, with_examples: bool, scene: Scene<'_>) -> Line<'static> {
    let examples: Vec<String> = verdict
        .findings
        .iter()
        .flat_map(|finding| finding.examples.iter().take(2))
        .map(|example| scene.app.veil.value(&example.value).to_string())
        .filter(|value| !value.trim().is_empty())
        .take(3)
        .collect();
    let mut spans = vec![Span::styled(verdict.sentence.clone(), scene.theme.text)];
    if with_examples && !examples.is_empty() {
        spans.push(Span::styled(format!("  {}", examples.join(", ")), scene.theme.dim));
    }
    Line::from(spans)
}

fn empty(area: Rect, buf: &mut Buffer, told: &Told<'_>, scene: Scene<'_>) {
    let text = if !told.rows().is_empty() {
        format!("No row passes the filter. {} clears it.", scene.app.key_for(Action::Back))
    } else if let Some(fault) = told.fault {
        format!(
            "The failed rows could not be loaded: {fault}. {} tries again.",
            scene.app.key_for(Action::Refresh)
        )
    } else if !told.knows_rows() && !told.is_complete() {
        "Loading the failed rows…".to_owned()
    } else if told.watched.tally.failed() == 0 {
        format!("No row has failed. {} leads back.", scene.app.key_for(Action::Leave))
    } else if scene.app.refusal(Action::WholeReport).is_none() {
        let key = scene.app.key_for(Action::WholeReport);
        format!("Plannr names none of the failed rows here. {key} lists all of them from the error report.")
    } else {
        "Plannr names none of the failed rows yet. They appear by themselves.".to_owned()
    };
    for (y, part) in
        (area.y..area.bottom()).zip(format::wrap(&text, usize::from(area.width.saturating_sub(4))))
    {
        buf.set_line(area.x + 2, y, &Line::styled(part, scene.theme.dim), area.width.saturating_sub(4));
    }
}

fn reasons(
    area: Rect,
    buf: &mut Buffer,
    failures: &Failures,
    listing: &Listing,
    scene: Scene<'_>,
    memory: &mut Memory,
) {
    let focused = failures.side() == Side::Reasons;
    let lines = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    title(area, buf, "REASON", focused, scene);
    let with_share = area.width >= WITH_SHARE;
    let heads = if with_share { "  ROWS  SHARE" } else { "  ROWS" };
    let heads_width = u16::try_from(heads.len()).unwrap_or(0);
    let x = area.right().saturating_sub(heads_width + 1);
    buf.set_line(x, area.y, &Line::styled(heads, scene.theme.dim), heads_width);
    let chosen = listing.reason.unwrap_or(0);
    if focused {
        memory.report(lines.height, listing.reasons.len());
    }
    follow(&mut memory.reasons, chosen, usize::from(lines.height), listing.reasons.len());
    let shown = listing.reasons.iter().enumerate().skip(memory.reasons);
    for (y, (at, reason)) in (lines.y..lines.bottom()).zip(shown) {
        let line = Rect { y, height: 1, ..lines };
        let count = reason.rows.len();
        let mut numbers = format!("{count:>6}");
        if with_share {
            let share = format::share(count as u64, listing.passing as u64);
            numbers.push_str(&format!("{share:>7}"));
        }
        let label_width = usize::from(line.width.saturating_sub(4)).saturating_sub(numbers.len());
        let mut text = Line::from(sections::reason_label(reason, label_width, scene));
        text.push_span(Span::styled(numbers, scene.theme.text));
        buf.set_line(line.x + 3, y, &text, line.width.saturating_sub(3));
        cursor(line, buf, at == chosen, focused, scene);
        memory.hit(line, Target::Reason(at));
    }
    let shown = Shown { first: memory.reasons, length: listing.reasons.len() };
    scroll::bar(lines, shown, Pane::Reasons, buf, scene, memory);
}

/// A list's heading; the list that has the keys stands out.
fn title(area: Rect, buf: &mut Buffer, text: &str, focused: bool, scene: Scene<'_>) {
    let style = if focused { scene.theme.heading } else { scene.theme.dim };
    buf.set_line(area.x + 3, area.y, &Line::styled(text.to_owned(), style), area.width.saturating_sub(3));
}

/// Marks the chosen line, more strongly where the keys are.
fn cursor(line: Rect, buf: &mut Buffer, chosen: bool, focused: bool, scene: Scene<'_>) {
    if !chosen {
        return;
    }
    let theme = scene.theme;
    if focused {
        theme.select(line, buf);
    }
    buf.set_string(line.x + 1, line.y, theme.glyphs.cursor, theme.cursor(focused));
}

/// One column of the rows table.
struct Column {
    title: String,
    width: usize,
    /// The column whose refused values it shows.
    failing: bool,
    /// Which of the client's columns it is.
    at: Option<usize>,
}

fn row_table(
    area: Rect,
    buf: &mut Buffer,
    told: &Told<'_>,
    failures: &Failures,
    listing: &Listing,
    scene: Scene<'_>,
    memory: &mut Memory,
) {
    let (theme, veil) = (scene.theme, scene.app.veil);
    let focused = failures.side() == Side::Rows;
    let lines = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if focused {
        memory.report(lines.height, listing.rows.len());
    }
    follow(&mut memory.rows, listing.row, usize::from(lines.height), listing.rows.len());
    let all = told.rows();
    let window = listing.rows.iter().enumerate().skip(memory.rows).take(usize::from(lines.height));
    let shown: Vec<(usize, usize, Cow<'_, FailedRow>)> =
        window.filter_map(|(at, row)| all.get(*row).map(|failed| (at, *row, failed))).collect();
    let reason = listing.reason.and_then(|at| listing.reasons.get(at));
    let why = |row: &FailedRow| -> String {
        let told: Vec<_> = crate::domain::failure::reasons(std::slice::from_ref(row))
            .iter()
            .map(|reason| veiled(reason, Some(row), veil))
            .map(|reason| format!("{} {}", reason.field, reason.short()))
            .collect();
        told.join(", ")
    };
    let width = usize::from(area.width.saturating_sub(4));
    let failing = reason.and_then(|reason| {
        let (_, _, row) = shown.first()?;
        row.cell_of(reason.field.as_str(), told.mapping())
    });
    let columns =
        table_columns(&shown, failing, reason.is_none(), all.place(0).is_some(), width, failures, veil);
    let mut x = area.x + 3;
    for column in &columns {
        let style = if column.failing || focused { theme.heading } else { theme.dim };
        let order = failures.order().filter(|order| Some(order.column) == column.at);
        let [up, down] = theme.glyphs.order;
        let sign = order.map_or("", |order| if order.descending { down } else { up });
        let text =
            format::fit(&format!("{sign}{}", column.title), column.width, Align::Left, theme.glyphs.ellipsis);
        buf.set_stringn(x, area.y, text, column.width, style);
        if let Some(at) = column.at {
            let width = u16::try_from(column.width).unwrap_or(0);
            memory.hit(Rect { x, width, height: 1, ..area }, Target::RowColumn(at));
        }
        x += u16::try_from(column.width + 2).unwrap_or(0);
    }
    for (y, (at, number, row)) in (lines.y..lines.bottom()).zip(shown) {
        let line = Rect { y, height: 1, ..lines };
        let mut x = line.x + 3;
        for column in &columns {
            let (text, style) = match column.title.as_str() {
                NUMBER => ((number + 1).to_string(), theme.dim),
                LINE => (row::line_words(all.place(number)), theme.dim),
                WHY => (why(&row), theme.bad),
                title => {
                    let cell = row.cells.iter().find(|cell| cell.column.as_str() == title);
                    let text = cell.map_or_else(String::new, |cell| veil.value(&cell.value).to_string());
                    let blank =
                        if text.trim().is_empty() && column.failing { "(empty)".to_owned() } else { text };
                    (blank, if column.failing { theme.bad } else { theme.text })
                }
            };
            let text = format::fit(&text, column.width, Align::Left, theme.glyphs.ellipsis);
            buf.set_stringn(x, y, text, usize::from(line.right().saturating_sub(x)), style);
            x += u16::try_from(column.width + 2).unwrap_or(0);
        }
        cursor(line, buf, at == listing.row, focused, scene);
        memory.hit(line, Target::Row(at));
    }
    let shown = Shown { first: memory.rows, length: listing.rows.len() };
    scroll::bar(lines, shown, Pane::Rows, buf, scene, memory);
}

const NUMBER: &str = "#";
const WHY: &str = "WHY";
/// The line of the client's own file.
const LINE: &str = "LINE";

/// The row's number, why it failed (or the refused value), then the client's columns as far as they fit.
fn table_columns(
    rows: &[(usize, usize, Cow<'_, FailedRow>)],
    failing: Option<usize>,
    with_why: bool,
    with_line: bool,
    width: usize,
    failures: &Failures,
    veil: Veil,
) -> Vec<Column> {
    let Some((_, _, first)) = rows.first() else { return Vec::new() };
    let mut columns = vec![Column { title: NUMBER.to_owned(), width: 3, failing: false, at: None }];
    let mut left = width.saturating_sub(3);
    if with_line {
        columns.push(Column { title: LINE.to_owned(), width: 7, failing: false, at: None });
        left = left.saturating_sub(9);
    }
    if with_why {
        let share = (left * 2 / 5).max(12).min(left);
        columns.push(Column { title: WHY.to_owned(), width: share, failing: false, at: None });
        left = left.saturating_sub(share + 2);
    }
    let others = (failures.shift()..first.cells.len()).filter(|at| Some(*at) != failing);
    let order = failing.into_iter().chain(others);
    for at in order {
        let Some(cell) = first.cells.get(at) else { continue };
        let title = cell.column.to_string();
        let values = rows.iter().filter_map(|(_, _, row)| row.cells.get(at));
        let widest = values.map(|cell| format::width(veil.value(&cell.value).as_str())).max().unwrap_or(0);
        let least = if Some(at) == failing { 7 } else { 3 };
        let sign = usize::from(failures.order().is_some_and(|order| order.column == at));
        let wanted = widest.max(format::width(&title) + sign).clamp(least, CELL);
        if left < wanted.min(8) + 2 {
            break;
        }
        let width = wanted.min(left - 2);
        columns.push(Column { title, width, failing: Some(at) == failing, at: Some(at) });
        left -= width + 2;
    }
    columns
}
